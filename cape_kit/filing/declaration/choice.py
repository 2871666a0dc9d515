"""Which entries go on a declaration, in which order, and why each of the others does not."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import numpy as np
import pandas as pd

from cape_kit.assessment import wording
from cape_kit.assessment.assess import Assessment
from cape_kit.assessment.cbp_answers import WAITING
from cape_kit.assessment.decisions import TO_FILE, kept_by_refusal
from cape_kit.assessment.rules import UNKNOWN
from cape_kit.entries import identifiers, kept
from cape_kit.errors import Usage
from cape_kit.filing import claims, ledger

#: Who uploads: one file per importer number (all filers), or per filer code (all importers).
SUBMITTERS = {"importer": "importer_number", "filer": "filer_code"}
_NO_NUMBER = "” is not an importer number, and CBP knows an importer by number alone."
ORDERS = ("urgency", "amount")
#: Holds back every entry with any check unverified.
ANY = "any"
#: What an entry not on a declaration is told by.
REASONS = {
    "disposition": "decided otherwise",
    "no owner": "no account to upload it",
    "no number": "its importer number is none",
    "filed": "already uploaded",
    "not cured": "refused before, not corrected",
    "held back": "a check is unverified",
}


@dataclass(frozen=True)
class Choice:
    """What to put on the declarations: order, checks to hold back for, and the size of a first small batch.

    `hold_back` names validation codes: an entry on which one of them is unverified stays out; ``("any",)``
    means all of them; several codes may stand in one text with commas between them, in either case.
    `refused_too` takes entries CBP refused before although nothing shows them cured.
    """

    order: str = "urgency"
    hold_back: tuple[str, ...] = ()
    first_batch: int | None = None
    refused_too: bool = False

    def __post_init__(self) -> None:
        codes = (word.strip().upper() for text in self.hold_back for word in text.split(","))
        told = tuple(ANY if code == ANY.upper() else code for code in codes)
        object.__setattr__(self, "hold_back", told)
        if self.order not in ORDERS:
            raise Usage(f"'{self.order}' is not an order; choose one of: {', '.join(ORDERS)}")
        if self.first_batch is not None and self.first_batch < 1:
            raise Usage("a first batch needs at least 1 entry")


def not_before(filing_date: date | None, as_of: date) -> None:
    """Raises Usage for a filing day that has gone by on the day of the facts."""
    if filing_date is not None and filing_date < as_of:
        raise Usage(
            f"--filing-date {filing_date} is before the as-of date, {as_of}; give a later date, or an "
            f"earlier --as-of"
        )


def column(submitter: str) -> str:
    """The column that says whose account uploads an entry. Raises Usage for an unknown submitter."""
    if submitter not in SUBMITTERS:
        raise Usage(f"'{submitter}' can't submit a declaration; choose one of: {', '.join(SUBMITTERS)}")
    return SUBMITTERS[submitter]


def owners(table: pd.DataFrame, submitter: str) -> pd.Series:
    """Whose account uploads each entry, written one way only; null where the files do not say."""
    said = table[column(submitter)]
    known = {number: identifiers.importer_key(str(number)) for number in said.dropna().unique()}
    return said.map({number: key or None for number, key in known.items()}).astype("str")


def chosen(
    assessment: Assessment, *, submitter: str = "importer", choice: Choice | None = None
) -> pd.DataFrame:
    """The rows of the assessment's table that go on a declaration, in filing order, with `owner`."""
    choice = choice or Choice()
    table = assessment.table.assign(owner=owners(assessment.table, submitter))
    found = table[_why_not(assessment, submitter, choice)["kind"].eq("").to_numpy()]
    by = ["next_deadline", "principal_cents", "entry_number"]
    ascending = [True, False, True]
    if choice.order == "amount":
        by, ascending = ["principal_cents", "next_deadline", "entry_number"], [False, True, True]
    return found.sort_values(by, ascending=ascending, na_position="last", kind="stable")


def left_out(
    assessment: Assessment, *, submitter: str = "importer", choice: Choice | None = None
) -> pd.DataFrame:
    """The entries on no declaration, each with why and what to do. [cents]

    Columns: entry_number, disposition, kind, why, what_to_do, importer_number, filer_code, principal_cents,
    interest_cents, next_deadline, next_deadline_what.
    """
    table = assessment.table
    why = _why_not(assessment, submitter, choice or Choice())
    out = why["kind"].ne("").to_numpy()
    columns = ["entry_number", "disposition"]
    rest = ["importer_number", "filer_code", "principal_cents", "interest_cents"]
    rest += ["next_deadline", "next_deadline_what"]
    frame = pd.concat([table[columns], why, table[rest]], axis=1)
    return frame[out].sort_values("entry_number", ignore_index=True)


def unverified(assessment: Assessment, codes: tuple[str, ...] = (ANY,)) -> pd.Series:
    """The checks each entry passes only because nothing is known, by code and title.

    Raises Usage for a code that no check of the filing day has.
    """
    known = list(assessment.outcomes.columns)
    if strange := [code for code in codes if code != ANY and code not in known]:
        raise Usage(
            f"'{strange[0]}' is not a check in force on {assessment.filing_date}; the checks are {ANY}, "
            f"{', '.join(known)}"
        )
    rules = {rule.code: rule for rule in assessment.law.validations(assessment.filing_date)}
    told = [
        code
        for code in assessment.outcomes.columns
        if rules[code].missing == "caveat" and (ANY in codes or code in codes)
    ]
    mask = assessment.outcomes[told] == UNKNOWN
    return wording.join_codes(mask, {code: f"{code} {rules[code].title}" for code in told}, between="; ")


def _why_not(assessment: Assessment, submitter: str, choice: Choice) -> pd.DataFrame:
    """kind, why, what_to_do per entry, in the table's order; an empty kind means it goes on a declaration."""
    return _judged(assessment, submitter, choice, ledger.mark(assessment.client))


@kept
def _judged(assessment: Assessment, submitter: str, choice: Choice, mark: str) -> pd.DataFrame:
    """The same, judged anew when the ledger is another: `mark` is its state."""
    table = assessment.table
    answers = claims.results(assessment).set_index("entry_number")
    uploaded = answers[answers["filed_on"].notna() & (answers["state"] == WAITING)]
    refused = claims.uncured(answers.reset_index()).set_index("entry_number")
    held = unverified(assessment, choice.hold_back)
    numbers = table["entry_number"]
    # What only CBP's own refusal keeps back is told by the answers, and can be insisted on.
    otherwise = ~(table["disposition"].isin(TO_FILE) | kept_by_refusal(assessment.questions))
    steps: list[tuple[str, pd.Series, pd.Series | str, pd.Series | str]] = [
        ("filed", numbers.isin(uploaded.index), _uploaded(numbers, uploaded), "Wait for CBP's answer."),
        ("disposition", otherwise, table["reason"], table["what_to_do"]),
        (
            "no owner",
            owners(table, submitter).isna(),
            _no_owner(submitter),
            "Enter it in facts.csv.",
        ),
        (
            "no number",
            _no_number(table, submitter),
            "“" + _masked(table["importer_number"]) + _NO_NUMBER,
            "Enter the importer of record number in the file, or in facts.csv.",
        ),
        ("not cured", numbers.isin(refused.index) & (not choice.refused_too), *_refused(numbers, refused)),
        ("held back", held.ne(""), "Not verified: " + held, "Verify the point, or file without this option."),
    ]
    hits = [np.asarray(hit, dtype=bool) for _, hit, _, _ in steps]
    texts = [[_column(text, table) for text in (why, todo)] for _, _, why, todo in steps]
    return pd.DataFrame(
        {
            "kind": np.select(hits, [kind for kind, *_ in steps], default=""),
            "why": np.select(hits, [why for why, _ in texts], default=""),
            "what_to_do": np.select(hits, [todo for _, todo in texts], default=""),
        },
        index=table.index,
    )


def _column(text: pd.Series | str, table: pd.DataFrame) -> np.ndarray:
    whole = text if isinstance(text, pd.Series) else pd.Series(text, index=table.index)
    return whole.astype("object").fillna("").to_numpy()


def _no_owner(submitter: str) -> str:
    said = column(submitter).replace("_", " ")
    return f"the {said} is not in the files, so it is not known whose account would upload it"


def _masked(numbers: pd.Series) -> pd.Series:
    """Importer numbers fit to be shown; a column without any stays text."""
    return numbers.map(identifiers.mask_importer, na_action="ignore").astype("str")


def _no_number(table: pd.DataFrame, submitter: str) -> pd.Series:
    """Entries whose importer number is a name or the like, where the importer's account would upload them."""
    said = table["importer_number"]
    if SUBMITTERS[submitter] != "importer_number":
        return pd.Series(False, index=table.index)
    odd = [number for number in said.dropna().unique() if not identifiers.names_an_importer(str(number))]
    return said.isin(odd)


def _uploaded(numbers: pd.Series, uploaded: pd.DataFrame) -> pd.Series:
    days = uploaded["filed_on"].reindex(numbers).dt.strftime("%Y-%m-%d")
    text = "The client's ledger shows it was uploaded on " + days + ", and CBP has not responded yet."
    return text.set_axis(numbers.index)


def _refused(numbers: pd.Series, refused: pd.DataFrame) -> tuple[pd.Series, pd.Series]:
    error = refused["error"].reindex(numbers).fillna("no reason given")
    why = "CBP refused it before (“" + error + "”), and nothing shows that it was corrected."
    todo = refused["next_step"].reindex(numbers)
    return why.set_axis(numbers.index), todo.set_axis(numbers.index)
