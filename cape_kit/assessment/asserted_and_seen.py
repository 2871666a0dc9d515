"""What is known beside the reports' columns: what the client asserts for all, and where each was seen."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date
from typing import Any

import numpy as np
import pandas as pd

from cape_kit.assessment import cbp_answers, timeline
from cape_kit.entries import identifiers, schema
from cape_kit.entries.client import Client
from cape_kit.entries.portfolio import Portfolio
from cape_kit.entries.readers import done_words, layouts
from cape_kit.law.book import Law


@dataclass(frozen=True)
class Assertion:
    """What one name in [assertions] of client.toml settles: a column, its value, in a person's words."""

    column: str
    value: Any
    says: str
    only_without: str | None = None
    only_with: str | None = None


#: name in client.toml -> what it settles where the files say nothing. What the files do say goes first.
ASSERTIONS = {
    "no_drawback_claims": Assertion("drawback_flag", False, "no entry is on a drawback claim"),
    "no_protests": Assertion(
        "protest_status", "None", "no entry is protested", only_without="protest_number"
    ),
    "protests_ieepa_only": Assertion("protest_ieepa_only", True, "every protest covers IEEPA duty only"),
    "no_further_review": Assertion("protest_afr", False, "no protest asked for further review"),
    "no_reconciliation": Assertion("recon_flag", False, "no entry is flagged for reconciliation"),
    "no_suspensions": Assertion("suspension_flag", False, "no entry has a suspension record"),
    "no_court_injunctions": Assertion("injunction_flag", False, "no entry is under a court injunction"),
    "no_surety_payments": Assertion("surety_paid_flag", False, "no surety paid any duty"),
    "statements_paid": Assertion("statement_status", "PD", "every duty statement is paid"),
    "cbp_control": Assertion("control_status", "CBP", "every summary is under CBP control"),
    "dates_are_liquidations": Assertion(
        "liquidation_status",
        "Liquidated",
        "the liquidation dates in the files are liquidations that took place",
        only_with="liquidation_date",
    ),
    "summaries_accepted": Assertion("summary_status", "Accepted", "every summary has the status Accepted"),
}

#: The reader's mark for an entry that has lost its IEEPA rows between two extracts.
ROWS_GONE = "C06"
#: The suspension word of the law book for a court's injunction, and what a cell with it is about.
ENJOINED = "injunction"
#: And for one whose files differ so, with nothing that says which is later.
ROWS_DOUBTED = "C09"
#: What only stands in a report by entry (ES-022, REV-615) where CBP refunded something.
_OF_REFUNDS = ("refund_cents", "refund_number", "refund_date", "refund_status", "refund_secondary_status")
COLUMNS = ("assertion", "says", "value", "column", "settled", "contradicted", "known", "by", "on")


@dataclass(frozen=True)
class Settled:
    """The entries with what the client asserts put where the files are silent, and an account of it.

    The account has a row for each assertion, in the order of the table: how many entries it settled, how many
    contradict it in the files (they keep what the files say), and whether the kit knows the name at all.
    `silent` says by column which entries an assertion settled.
    """

    entries: pd.DataFrame
    account: pd.DataFrame
    silent: dict[str, pd.Series]


def settle(client: Client, entries: pd.DataFrame, law: Law) -> Settled:
    """Settle what the client asserts. An assertion of ``false`` settles nothing: it names no entry."""
    entries = _with_reason(entries)
    silent: dict[str, pd.Series] = {}
    values: dict[str, pd.Series] = {}
    rows = []
    for name in (*ASSERTIONS, *sorted(set(client.assertions) - set(ASSERTIONS))):
        if name not in client.assertions:
            continue
        known, value = ASSERTIONS.get(name), client.assertions[name]
        row = {"assertion": name, "value": value, "known": known is not None, "settled": 0, "contradicted": 0}
        if known is not None:
            row |= {"says": known.says, "column": known.column}
        if known is not None and value:
            silent[known.column] = _silent(entries, known)
            values[known.column] = entries[known.column].mask(silent[known.column], known.value)
            row |= {
                "settled": int(silent[known.column].sum()),
                "contradicted": _against(entries, known, law),
            }
        rows.append(row | {"by": client.asserted_by, "on": client.asserted_on})
    account = pd.DataFrame(rows, columns=list(COLUMNS))
    settled = schema.conform(entries.assign(**values), "entries") if values else entries
    return Settled(settled, account, silent)


def _with_reason(entries: pd.DataFrame) -> pd.DataFrame:
    """The entries, CAPE as the reason of a liquidation whose status names it: "Reliquidated by CAPE"."""
    named = entries["liquidation_status"].str.contains(r"\bcape\b", case=False).fillna(False).astype(bool)
    named &= entries["liquidation_reason"].isna()
    return (
        entries.assign(liquidation_reason=entries["liquidation_reason"].mask(named, "CAPE"))
        if named.any()
        else entries
    )


def seen(portfolio: Portfolio, law: Law, on: date) -> pd.DataFrame:
    """Of each entry: whether a report of ACE shows it, and whether an earlier declaration list names it.

    `accepted_by` is the day of the first file that shows CBP's acceptance, null where none does, and
    `claim_liquidated_on` the last liquidation the reports of claims (ES-022) show.
    `refund_seen` marks those a report of CAPE refunds names, `refund_made` those it gives an amount for, `listed`
    those CBP's answers name without a claim and without an outcome, `paid_unclaimed` those whose importer or 4811
    party got a refund since CAPE opened that no accepted claim in the files explains,
    `rows_gone` those whose IEEPA rows a later extract has lost (`rows_doubted`: one not known to be later), with no
    claim in the files that explains it. Where CBP's standing answer refuses the
    entry, or the whole file it was in (`refused_state`), `refused_codes` are the checks its text names (empty
    where it names none; null where nothing was refused), `refused_understood` says whether they are all it
    says, and `refused_error`, `refused_claim` and `refused_seen_on` its words, its claim and the day of the
    file it stands in. `said_done` is what a column nobody took says was done of it, and
    `state_unread` what one says of its state that nobody can place; `in_unread` a file it stands in that nobody
    could read. `filed_on`
    and `filed_claim` are the day and the claim number of the upload that the client's ledger has recorded by the
    day, and that CBP has not refused since; null where there is none.
    """
    issuers = {profile.key: profile.issuer for profile in layouts.profiles()}
    files, found = portfolio.files, portfolio.appearances
    places, numbers = _places(found), portfolio.entries["entry_number"]
    marks = {}
    for name, wanted in (("in_ace", "ace"), ("on_list", "client")):
        of_kind = _places(files[files["profile"].map(issuers) == wanted])
        marks[name] = identifiers.among(numbers, found.loc[places.isin(of_kind), "entry_number"])
    troubles = portfolio.problems
    for name, code in (("rows_gone", ROWS_GONE), ("rows_doubted", ROWS_DOUBTED)):
        marks[name] = identifiers.among(numbers, troubles.loc[troubles["code"] == code, "value"])
    paid = portfolio.claims.dropna(subset=list(_OF_REFUNDS), how="all")
    marks["refund_seen"] = identifiers.among(numbers, paid["entry_number"])
    money = (portfolio.claims["refund_cents"].fillna(0) > 0) & ~_not_made(portfolio.claims, law)
    marks["listed"] = identifiers.among(numbers, _without_outcome(portfolio.claims))
    marks["refund_made"] = identifiers.among(numbers, portfolio.claims.loc[money, "entry_number"])
    told = cbp_answers.history(portfolio, law)
    marks["paid_unclaimed"] = _paid_unclaimed(portfolio, told, law)
    days = {"accepted_by": _accepted_by(told, numbers), "claim_liquidated_on": _by_claims(portfolio, numbers)}
    cells = _enjoined(portfolio.unexplained, law)
    days |= _filed(portfolio, told, on) | {"said_done": _said_done(cells, portfolio.entries, law)}
    # "IEEPA Refund" is an amount of IEEPA duty, and may be one that came back.
    refunds = cells["about"].eq(schema.DUTY) & cells["column"].map(done_words.states_refund).astype(bool)
    doubts = cells[cells["about"].eq(schema.STATE) | refunds | _sent_to_cape(cells, law)]
    unplaced = _cells(doubts, portfolio.entries, "%s")
    days["in_unread"] = _cells(cells[cells["about"] == schema.FILE], portfolio.entries, "%s")
    # What a second column says was done, beside one that was read and may say otherwise.
    second = _cells(cells[cells["about"].isin(list(_OF_STATE))], portfolio.entries, "%s")
    days["state_unread"] = unplaced.fillna(second.mask(days["said_done"].notna()))
    return (
        pd.DataFrame(marks)
        .assign(**days)
        .join(_refused(cbp_answers.with_sheets(told, portfolio.entries, law), portfolio))
    )


def _paid_unclaimed(portfolio: Portfolio, told: pd.DataFrame, law: Law) -> np.ndarray:
    """Entries whose payee got money since CAPE opened, of a payee without a claim CBP accepted in the files.

    A payment whose shares a report by entry shows says of itself which entries it is for, and a refund of another
    kind, or one not made, says nothing. Whose payee nobody knows may be its.
    """
    entries, paid = portfolio.entries, portfolio.refunds
    opened = law.cape_opened
    if paid.empty or opened is None:
        return np.zeros(len(entries), dtype=bool)
    other = timeline.canonical(paid["refund_type"], law, "refund_type").eq("other").fillna(False)
    shown = paid["refund_number"].isin(set(portfolio.claims["refund_number"].dropna()))
    before = (paid["refund_date"] < pd.Timestamp(opened)).fillna(False)
    open_ = (
        ~(paid["total_refund_cents"] <= 0).fillna(False) & ~other & ~shown & ~before & ~_not_made(paid, law)
    )
    parties = pd.DataFrame({name: _party_keys(entries[name]) for name in ("importer_number", "notify_party")})
    accepted = told.loc[told["state"] == cbp_answers.ACCEPTED, "entry_number"]
    claimed = parties[identifiers.among(entries["entry_number"], accepted)]
    explained = {key for name in claimed for key in claimed[name].dropna()}
    payees = set(_party_keys(paid.loc[open_, "payee_number"]).dropna()) - explained
    nobody = parties.isna().all(axis=1) & bool(payees)
    return np.asarray(parties.isin(payees).any(axis=1) | nobody, dtype=bool)


def _party_keys(numbers: pd.Series) -> pd.Series:
    """Numbers of parties for comparing, each spelling looked at once."""
    known = {number: identifiers.importer_key(str(number)) for number in numbers.dropna().unique()}
    return numbers.map(known).astype("str")


def _without_outcome(claims: pd.DataFrame) -> pd.Series:
    """The entries CBP's answers name without saying on which claim, or what became of it."""
    says = claims[["claim_number", "claim_status", "error_description"]].notna().any(axis=1)
    return claims.loc[~says, "entry_number"]


#: What a column nobody took says was done, or not paid -> the column of the entry that would say it, and does not.
_OF_STATE = {
    "claim": "claim_status",
    "protest": "protest_status",
    "recon": "recon_entry_number",
    "drawback": "drawback_flag",
    "summary": "summary_status",
    "payment": "statement_status",
    "injunction": "injunction_flag",
}
#: A day as people write it in a cell of several words.
_DAY = re.compile(r"\d{1,2}[/.-]\d{1,2}[/.-](?:\d{4}|\d{2})|\d{4}-\d{2}-\d{2}")


def _sent_to_cape(cells: pd.DataFrame, law: Law) -> pd.Series:
    """Cells that tell of something sent, but for those with a day before CAPE was there: that was the summary.

    Source: the phases of the law book.
    """
    sent = cells["about"].eq(schema.SENT)
    if not sent.any():
        return sent
    texts = cells.loc[sent, "value"].astype("str")
    day_in = {text: found.group() for text in texts.unique() if (found := _DAY.search(text))}
    days = pd.to_datetime(texts.map(day_in).dropna().astype("str"), errors="coerce", format="mixed")
    opened = law.cape_opened
    before = days.index[days < pd.Timestamp(opened)] if opened else days.index[:0]
    return sent & ~cells.index.isin(before)


def _enjoined(told: pd.DataFrame, law: Law) -> pd.DataFrame:
    """The cells, those of a suspension's code or ground that mean an injunction marked as that.

    Source: the suspension codes of the law book.
    """
    open_ = told["about"].eq(schema.STATE) & told["column"].str.contains("susp", case=False)
    if not open_.any():
        return told
    code = told["value"].where(open_).str.partition(" ")[0]
    by_code = timeline.canonical(code, law, "suspension_code").eq(ENJOINED).fillna(False)
    in_words = told["value"].where(open_).str.contains(ENJOINED, case=False).fillna(False)
    return told.assign(about=told["about"].mask(open_ & (by_code | in_words), ENJOINED))


def _said_done(told: pd.DataFrame, entries: pd.DataFrame, law: Law) -> pd.Series:
    """What such columns say of each entry of which the files say nothing else; null where there is none.

    That an entry summary was accepted takes back no word that it was canceled or rejected.
    """
    accepted = (
        timeline.canonical(entries["summary_status"], law, "summary_status").eq("accepted").fillna(False)
    )
    said = pd.Series(None, index=entries.index, dtype="str")
    for about, column in _OF_STATE.items():
        here = told["about"] == about
        if not here.any():
            continue
        cell = _cells(told[here], entries)
        silent = entries[column].isna() | (accepted if about == "summary" else False)
        said = said.mask(said.isna() & silent, cell)
    return said


def _cells(told: pd.DataFrame, entries: pd.DataFrame, quote: str = "“%s”") -> pd.Series:
    """The first such cell of each entry with its column's name, each in quotes; null where there is none."""
    if told.empty:
        return pd.Series(None, index=entries.index, dtype="str")
    here = told.drop_duplicates("entry_number").set_index("entry_number")
    cells = here["column"].map(quote.__mod__) + ": " + here["value"].map(quote.__mod__)
    return cells.reindex(entries["entry_number"]).set_axis(entries.index).astype("str")


def _filed(portfolio: Portfolio, told: pd.DataFrame, on: date) -> dict[str, pd.Series]:
    """The upload of each entry that waits for CBP's answer, as the client's ledger has it on a day."""
    numbers = portfolio.entries["entry_number"]
    waiting = cbp_answers.awaiting(portfolio.uploads, told, on).set_index("entry_number").reindex(numbers)
    here = waiting.set_axis(numbers.index)
    return {
        "filed_on": here["filed_on"].astype("datetime64[s]"),
        "filed_claim": here["claim_number"].astype("str"),
    }


def _by_claims(portfolio: Portfolio, numbers: pd.Series) -> pd.Series:
    """The last liquidation the reports of claims show of each entry; null where they show none."""
    days = portfolio.claims.groupby("entry_number")["liquidation_date"].max().reindex(numbers)
    return days.set_axis(numbers.index).astype("datetime64[s]")


def _accepted_by(answers: pd.DataFrame, numbers: pd.Series) -> pd.Series:
    """The day of the first file in which CBP's acceptance stands: it can only have been earlier; null for none."""
    accepted = answers[answers["state"] == cbp_answers.ACCEPTED]
    days = accepted.groupby("entry_number")["seen_on"].min().reindex(numbers)
    return days.set_axis(numbers.index).astype("datetime64[s]")


def _refused(history: pd.DataFrame, portfolio: Portfolio) -> pd.DataFrame:
    """What the refusals that stand say, one row per entry of the portfolio."""
    told = cbp_answers.standing(history)
    failed = told[told["state"].isin(cbp_answers.REFUSED)].set_index("entry_number")
    failed = failed.assign(codes=failed["codes"].fillna(""), claim=failed["claim_number"])
    here = failed[["state", "codes", "understood", "error", "claim", "seen_on"]].add_prefix("refused_")
    here = here.reindex(portfolio.entries["entry_number"]).reset_index(drop=True)
    here.index = portfolio.entries.index
    return here.assign(refused_understood=here["refused_understood"].eq(True))


def _not_made(claims: pd.DataFrame, law: Law) -> np.ndarray:
    """Refunds said to be pending, on hold or not issued: an amount beside that word is no reliquidation."""
    words = [
        timeline.read(claims[name], law, "refund_status")
        for name in ("refund_status", "refund_secondary_status")
    ]
    return np.any([word.among("held", "cancelled") for word in words], axis=0)


def _places(frame: pd.DataFrame) -> pd.Series:
    return frame["file"] + "/" + frame["sheet"].fillna("")


def _silent(entries: pd.DataFrame, known: Assertion) -> pd.Series:
    silent = entries[known.column].isna() & ~schema.unread_in(entries, known.column)
    if known.only_with:
        silent &= entries[known.only_with].notna()
    return silent & entries[known.only_without].isna() if known.only_without else silent


def _against(entries: pd.DataFrame, known: Assertion, law: Law) -> int:
    """Entries whose own files say otherwise; a word the law book does not know says nothing."""
    if isinstance(known.value, bool):
        return int((entries[known.column] != known.value).fillna(False).sum())
    words = timeline.canonical(entries[known.column], law, known.column)
    asserted = timeline.canonical(pd.Series([known.value]), law, known.column).iloc[0]
    against = words.notna() & (words != asserted)
    if known.only_without:
        against |= entries[known.only_without].notna()
    return int(against.sum())
