"""The story of an entry as plain values: whatever is told of it can be read here by a program.

With CBP's checks, and what it refused the entry for: the words, the answer, what settles or cures it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import pyarrow.compute as pc

from cape_kit import money
from cape_kit.assessment import caveats, cbp_answers, strategy, timeline
from cape_kit.assessment.decisions import DISPOSITIONS, Questions
from cape_kit.assessment.rules import OUTCOMES, unforeseeable
from cape_kit.entries import identifiers, schema
from cape_kit.entries.readers import file_problems
from cape_kit.errors import Usage
from cape_kit.law import official
from cape_kit.law.book import Validation

if TYPE_CHECKING:
    from cape_kit.assessment.assess import Assessment
    from cape_kit.law.book import Law

# --- CBP's checks and refusals ----------------------------------------------------------------------------


def checks_of(assessment: Assessment, asked: Questions) -> dict[str, Any]:
    """Every rule in force with its outcome, and those nobody can foresee."""
    law = assessment.law
    told = [
        {
            "code": rule.code,
            "title": rule.title,
            "outcome": OUTCOMES[int(asked.outcomes[rule.code].iloc[0])],
            "official_text": rule.official_text,
            "meaning": rule.meaning,
            "headings": _headings(asked, rule),
            "settles": rule.settles,
            "cure": rule.cure,
            "source": law.cite(rule.source),
        }
        for rule in asked.rules.values()
        if rule.code in asked.outcomes
    ]
    names = ("code", "title", "official_text", "meaning", "cure")
    unforeseen = [
        {name: getattr(rule, name) for name in names} for rule in unforeseeable(tuple(asked.rules.values()))
    ]
    return {"rules": told, "unforeseen": unforeseen}


def _headings(asked: Questions, rule: Validation) -> str | None:
    column = rule.names_headings
    if not column or column not in asked.facts.lines:
        return None
    value = asked.facts.lines[column].iloc[0]
    return value if isinstance(value, str) else None


def refusals(assessment: Assessment, number: str, place: int) -> list[dict[str, Any]]:
    """Every different refusal of the entry, as CBP worded it; one told by hand may have no words."""
    claims = assessment.portfolio.claims
    mine = claims[(claims["entry_number"] == number).to_numpy(dtype=bool)]
    failed = timeline.canonical(mine["claim_status"], assessment.law, "claim_status").eq("failed")
    rows = mine[failed.fillna(False).to_numpy(dtype=bool)].drop_duplicates(
        ["claim_number", "error_description"]
    )
    told = [
        _refusal(row, assessment, place, f"{row['source_file']} row {row['source_row']}")
        for row in rows.to_dict("records")
    ]
    if not told and bool(assessment.questions.refused[place]):
        told = [_refusal(assessment.portfolio.entries.iloc[place].to_dict(), assessment, place, None)]
    return told


def _refusal(row: dict[Any, Any], assessment: Assessment, place: int, where: str | None) -> dict[str, Any]:
    error, claim = _text(row.get("error_description")), _text(row.get("claim_number"))
    checks = official.understand(error, assessment.law).checks if error else ()
    ended = [check.last_day for check in checks if check.last_day and check.last_day < assessment.filing_date]
    told = assessment.facts.refused
    told = told[(told.index == place) & (told["state"] == cbp_answers.FAILED)]
    words = told[["claim", "error"]].to_numpy().tolist()
    stands = where is not None and [[_text(cell) for cell in row] for row in words] == [[claim, error]]
    return {
        "claim_number": claim,
        "error": error,
        "code": ", ".join(check.code for check in checks) or None,
        "meaning": " ".join(dict.fromkeys(check.meaning for check in checks)) or None,
        "cure": " ".join(dict.fromkeys(check.cure for check in checks)) or None,
        "ended_on": max(ended).isoformat() if ended and len(ended) == len(checks) else None,
        "stands": stands,
        "over": _over(assessment, place) if stands else None,
        "from": where,
    }


def _over(assessment: Assessment, place: int) -> str | None:
    """Why all that the standing refusal names is over; None while anything of it is open."""
    asked = assessment.questions
    if not asked.refused_cured[place]:
        return None
    return "; ".join(dict.fromkeys(asked.refusals.loc[asked.refusals["place"] == place, "evidence"]))


def _text(value: Any) -> str | None:
    return None if value is None or pd.isna(value) or not str(value).strip() else str(value).strip()


# --- the story --------------------------------------------------------------------------------------------


#: Columns told elsewhere in the story, or of no interest to a reader.
_WORDS = (
    "liquidation_status", "summary_status", "control_status", "protest_status", "statement_status",
    "claim_status",
)  # fmt: skip
_MASKED = ("importer_number", "notify_party")
_NOT_FACTS = ("entry_number", "source_file", "source_sheet", "source_row", "total_duty_cents")
_VERDICT = (
    "reason", "source", "what_to_do", "facts_missing", "next_deadline", "next_deadline_what", "act_by",
    "act_by_what",
)  # fmt: skip
_CLOCKS = (
    "clock",
    "basis",
    "opens_on",
    "last_day",
    "days_left",
    "state",
    "plan_day",
    "business_day",
    "ends_on",
)
_AMOUNTS = (
    "duty_paid_cents", "ieepa_paid_cents", "principal_cents", "interest_cents", "interest_corporate_cents",
    "interest_noncorporate_cents",
)  # fmt: skip


#: What the law gives a protest that is open: years to decide it, days to force an answer, days to sue.
_TERMS = {
    "decision_years": "protest.decision_years",
    "accelerated_days": "protest.accelerated_days",
    "suit_days": "court.days_after_denial",
}


def story(assessment: Assessment, entry_number: str) -> dict[str, Any]:
    """Everything known of an entry: days as ISO text, amounts as decimal text in dollars, unknown as None.

    Raises Usage for an entry that is in none of the files.
    """
    number, place = _found(assessment, entry_number)
    asked = assessment.questions.take(np.array([place]))
    decided = assessment.decisions.iloc[place]
    return {
        "entry_number": number,
        "client": assessment.client.name,
        "as_of": assessment.as_of.isoformat(),
        "filing_date": assessment.filing_date.isoformat(),
        "law_version": assessment.law.version,
        "law_stale": assessment.law.stale(assessment.as_of),
        "disposition": decided["disposition"],
        "label": DISPOSITIONS[decided["disposition"]],
        **{name: plain(decided[name]) for name in _VERDICT},
        "refusals": refusals(assessment, number, place),
        "found_in": _found_in(assessment, number),
        "facts": _facts(assessment, number, place),
        "lines": _lines(assessment, number),
        **checks_of(assessment, asked),
        "filing": _plain_rows(asked.filings)[0],
        "liquidation": _liquidation(assessment, place),
        "clocks": _clocks(asked),
        "money": _money(assessment, place),
        "by_heading": _by_heading(assessment, number),
        "suit_years": assessment.law.value("suit.years", assessment.filing_date).value,
        "protest_terms": {
            name: assessment.law.value(key, assessment.filing_date).value for name, key in _TERMS.items()
        },
        "strategy": _plain_rows(strategy.plan(asked).drop(columns=["entry_number", "disposition"]))[0],
        "order_of_work": _plain_rows(strategy.order(asked).drop(columns="entry_number")),
        "caveats": _caveats(asked),
        "problems": _problems(assessment, number),
        "conflicts": _plain_rows(_of(assessment.conflicts, number)),
    }


def plain(value: Any) -> Any:
    """A cell as a program reads it: days as ISO text, unknown as None."""
    if value is None or value is pd.NaT or value is pd.NA or (isinstance(value, float) and np.isnan(value)):
        return None
    if isinstance(value, pd.Timestamp):
        return value.date().isoformat()
    return value.item() if isinstance(value, np.generic) else value


def _found(assessment: Assessment, entry_number: str) -> tuple[str, int]:
    number = identifiers.entry_key(entry_number) or entry_number
    places = np.flatnonzero((assessment.portfolio.entries["entry_number"] == number).to_numpy())
    if not len(places):
        raise Usage(f"{entry_number} is not in {assessment.client.name}'s files")
    return number, int(places[0])


def _found_in(assessment: Assessment, number: str) -> list[dict[str, Any]]:
    seen = _of(assessment.portfolio.appearances, number)
    titles = assessment.portfolio.files[["file", "sheet", "title"]]
    return _plain_rows(seen.merge(titles, on=["file", "sheet"], how="left").drop(columns="entry_number"))


def _facts(assessment: Assessment, number: str, place: int) -> list[dict[str, Any]]:
    """Each declared column of the entry: its meaning, what it says, and who says so where that is certain."""
    entry, said = assessment.portfolio.entries.iloc[place], _who_says(assessment, number, place)
    told = []
    for column in schema.ENTRIES:
        if column.name in _NOT_FACTS:
            continue
        value = plain(entry[column.name])
        if column.name in _MASKED and value is not None:
            value = identifiers.mask_importer(value)
        where = said.get(column.name, said.get("")) if value is not None else None
        told.append(
            {
                "fact": column.name,
                "meaning": column.meaning,
                "value": value,
                "explained": _explained(assessment.law, column.name, value),
                "from": where,
            }
        )
    return told


def _explained(law: Law, column: str, value: Any) -> str | None:
    """What a code or a status word stands for, where the law book knows it."""
    if value is None:
        return None
    if column == "entry_type":
        return law.entry_types[value].name if value in law.entry_types else None
    if column not in _WORDS:
        return None
    canon = timeline.canonical(pd.Series([str(value)]), law, column).iloc[0]
    known = {entry.canon: entry.meaning for entry in reversed(law.words(column).values())}
    return known.get(canon)


def _who_says(assessment: Assessment, number: str, place: int) -> dict[str, str]:
    """Column -> where its value stands; the empty name for all others, where one file alone has the entry."""
    said = {}
    seen = _of(assessment.portfolio.appearances, number)
    if len(seen) == 1:
        said[""] = _place(assessment.portfolio.entries.iloc[place].to_dict())
    taken = _of(assessment.conflicts, number)
    said |= dict(zip(taken["column"], taken["taken_from"], strict=True))
    for row in assessment.asserted[assessment.asserted["settled"] > 0].to_dict("records"):
        if assessment.settled.silent[row["column"]].iloc[place]:
            by = f" by {row['by']}" if row["by"] else ""
            said[row["column"]] = f"client.toml: asserted for all entries{by}"
    stated = assessment.client.facts.dropna(subset="entry_number")
    mine = [identifiers.entry_key(text) == number for text in stated["entry_number"]]
    by_hand = stated[np.array(mine, dtype=bool)]
    return said | {row["fact"]: f"facts.csv row {row['row']}" for row in by_hand.to_dict("records")}


def _lines(assessment: Assessment, number: str) -> list[dict[str, Any]]:
    """The tariff lines as the file has them, each with the heading's meaning where it is an IEEPA number."""
    table = assessment.portfolio.tariff_lines
    rows = table.filter(pc.equal(table["entry_number"], number)).to_pandas()
    registry = assessment.law.headings.drop_duplicates("hts8").set_index("hts8")
    key = rows["hts"].astype("str")
    key = key.where(~(key.str.startswith("99") & key.str.len().eq(10)), key.str[:8])
    told = []
    for row, hts8 in zip(rows.to_dict("records"), key, strict=True):
        known = registry.loc[hts8] if hts8 in registry.index else None
        told.append(
            {
                "line": plain(row["line_number"]),
                "ordinal": plain(row["ordinal"]),
                "hts": plain(row["hts"]),
                "heading": None if known is None else known["heading"],
                "programme": None if known is None else known["programme"],
                "kind": None if known is None else known["kind"],
                "value": dollars(row["goods_value_cents"]),
                "duty": dollars(row["duty_cents"]),
                "from": _place(row),
            }
        )
    return sorted(told, key=lambda one: (one["line"] or 0, one["ordinal"] or 0))


def _liquidation(assessment: Assessment, place: int) -> dict[str, Any]:
    names = (
        "status", "liquidated", "liquidated_on", "original_on", "maybe_on", "stated_on", "liquidation_basis",
        "due_on", "expected_liquidation", "deemed_on", "extension_limit",
    )  # fmt: skip
    told = {name: plain(assessment.clocks.iloc[place][name]) for name in names}
    mine = _of(assessment.forecasts, assessment.portfolio.entries["entry_number"].iloc[place])
    spread = ("history_early", "history_middle", "history_late")
    told |= {name: plain(mine.iloc[0][name]) if len(mine) else None for name in spread}
    entry = assessment.portfolio.entries.iloc[place]
    law, day = assessment.law, assessment.filing_date
    told |= {
        "exported_on": plain(entry["extracted_on"]),
        "never": bool(assessment.questions.never_liquidates[place]),
        "after_withdrawals": entry["entry_type"] in law.value("types.warehouse", day).value,
    }
    return told | {"history_entries": assessment.history.entries if assessment.history else None}


def _clocks(asked: Questions) -> list[dict[str, Any]]:
    windows = timeline.long(asked.facts.clocks, asked.facts.law, asked.facts.day)
    return _plain_rows(windows[list(_CLOCKS)])


def _money(assessment: Assessment, place: int) -> dict[str, Any]:
    row = assessment.money.iloc[place]
    told: dict[str, Any] = {name.removesuffix("_cents"): dollars(row[name]) for name in _AMOUNTS}
    names = ("programme", "country", "deposit_day", "deposit_basis", "interest_until", "interest_until_basis")
    return told | {
        name: plain(row[name])
        for name in (*names, "importer_class", "class_from", "deposit_from", "confidence")
    }


def _by_heading(assessment: Assessment, number: str) -> list[dict[str, Any]]:
    mine = _of(assessment.refund_lines, number)
    return [
        {
            "heading": row["heading"],
            "programme": row["programme"],
            "paid": dollars(row["paid_cents"]),
            "principal": dollars(row["principal_cents"]),
            "confidence": row["confidence"],
        }
        for row in mine.to_dict("records")
    ]


def _caveats(asked: Questions) -> list[dict[str, Any]]:
    touching = [one for one in caveats.caveats_of(asked) if one.touches(asked)[0]]
    names = ("code", "title", "settles", "source")
    return [{name: getattr(one, name) for name in names} for one in touching if one.code != "unforeseen"]


def _problems(assessment: Assessment, number: str) -> list[dict[str, Any]]:
    """Problems of the entry: those that name it, and those on the rows it was read from."""
    found, table = assessment.problems, assessment.portfolio.tariff_lines
    spelt = {text for text in found["value"].dropna().unique() if _same_number(text, number)}
    named = found["value"].isin(spelt) | found["message"].str.contains(number, regex=False)
    of_lines = table.filter(pc.equal(table["entry_number"], number)).to_pandas()
    own = _of(assessment.portfolio.entries, number)
    places = {_place(row) for part in (of_lines, own) for row in part.to_dict("records")}
    keys = {"file": "source_file", "sheet": "source_sheet", "row": "source_row"}
    listed = found.rename(columns=keys).to_dict("records")
    here = [_place(row) in places or _among(row, places) for row in listed]
    return _plain_rows(found[named.fillna(False) | np.array(here, dtype=bool)])


def _same_number(text: str, number: str) -> bool:
    """Whether a cell is the entry number in another spelling: dashes, or a zero lost."""
    return identifiers.entry_key(text) == number


def _place(row: dict[Any, Any]) -> str:
    """File, sheet and row as people call them."""
    sheet = plain(row.get("source_sheet"))
    number = plain(row.get("source_row"))
    return f"{row.get('source_file')}{f' [{sheet}]' if sheet else ''} row {number}"


def _among(problem: dict[Any, Any], places: set[str]) -> bool:
    """Whether a problem of several rows stands on one of these places."""
    rows = plain(problem.get("rows"))
    if not rows:
        return False
    start = _place({**problem, "source_row": ""})
    mine = (place.removeprefix(start) for place in places if place.startswith(start))
    return any(file_problems.on_row(rows, int(row)) for row in mine if row.isdigit())


def _of(frame: pd.DataFrame, number: Any) -> pd.DataFrame:
    return frame[(frame["entry_number"] == number).to_numpy(dtype=bool)]


def _plain_rows(frame: pd.DataFrame) -> list[dict[str, Any]]:
    return [{str(name): plain(value) for name, value in row.items()} for row in frame.to_dict("records")]


def dollars(cents: Any) -> str | None:
    """Cents as decimal text in dollars; unknown is None."""
    return None if plain(cents) is None else str(money.to_dollars(int(cents)))
