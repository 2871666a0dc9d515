"""An assessment as other programs read it: one JSON object, or a folder of CSV tables."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import pandas as pd

    from cape_kit.assessment.assess import Assessment

#: What --json tells of each entry, beside its amounts.
TEXTS = (
    *("entry_number", "disposition", "reason", "source", "what_to_do", "blocking_rules", "facts_missing"),
    *(
        "next_deadline_what",
        "act_by_what",
        "entry_type",
        "liquidation_status",
        "liquidation_basis",
        "protest_status",
        "suit_reading",
        "confidence",
        "filed_claim",
    ),
)
DAYS = (
    "cape_last_day",
    "protest_last_day",
    "next_deadline",
    "act_by",
    "entry_date",
    "liquidation_date",
    "interest_until",
    "deposit_day",
    "protest_denied_on",
    "summons_last_day",
    "suit_by_deposit",
    "suit_by_liquidation",
    "suit_by_decision",
    "suit_last_day",
    "filed_on",
    "answer_by",
)
#: Where the terms of the interest come from: the files, the client, or nobody.
TERMS = ("importer_class", "class_from", "statement_from", "deposit_from", "deposit_basis")


def as_dict(assessment: Assessment) -> dict[str, Any]:
    """The assessment as other programs read it; amounts are decimal strings in dollars."""
    totals = assessment.totals.to_dict("records")
    table = assessment.table
    frame = table[[*TEXTS, *DAYS, *TERMS]].copy()
    frame["importer_number"] = _masked(table["importer_number"])
    for column in DAYS:
        frame[column] = frame[column].dt.strftime("%Y-%m-%d")
    for name in ("principal", "interest", "stated"):
        frame[name] = dollars(table[f"{name}_cents"])
    spans = assessment.interest_spans
    for end in ("low", "high"):
        by_count = spans.filter(regex=f"^{end}_")
        frame[f"interest_{end}"] = dollars(by_count.min(axis=1) if end == "low" else by_count.max(axis=1))
    frame["days_left"] = table["cape_days_left"].astype("object")
    entries = records(frame)
    doubts = assessment.caveats.assign(principal=dollars(assessment.caveats["principal_cents"]))
    caveats, conflicts, problems = map(records, (doubts, assessment.conflicts, assessment.problems))
    return {
        "client": assessment.client.name,
        "as_of": assessment.as_of.isoformat(),
        "filing_date": assessment.filing_date.isoformat(),
        "law_known_on": (assessment.law.known_on or assessment.law.checked_on).isoformat(),
        "law_version": assessment.law.version,
        "law_own": assessment.law.own_rows,
        "law_stale": assessment.law.stale(assessment.as_of),
        "scenario": _scenario(assessment),
        "totals": {
            row["disposition"]: {
                "entries": row["entries"],
                "principal": amount(row["principal_cents"]),
                "principal_unknown": row["principal_unknown"],
                "interest": amount(row["interest_cents"]),
                "interest_unknown": row["interest_unknown"],
            }
            for row in totals
        },
        "interest": _interest(assessment),
        "suits": _suits(assessment),
        "asserted": records(assessment.asserted.astype({"on": "str"})),
        "entries": entries,
        "caveats": caveats,
        "conflicts": conflicts,
        "problems": problems,
    }


def _interest(assessment: Assessment) -> dict[str, Any]:
    """The interest still owed as reckoned, and its range over every reading nobody has settled."""
    from cape_kit.assessment import terms

    span, left = assessment.interest_span(), int(assessment.totals["interest_unknown"].sum())
    # Where no interest could be reckoned of entries that bear some, there is no figure, and no zero.
    none = bool(left) and not assessment.money["interest_cents"].notna().any()
    ends = {"reckoned": span.taken_cents, "low": span.low_cents, "high": span.high_cents}
    return {
        **{name: amount(None if none else cents) for name, cents in ends.items()},
        "unknown": left,
        "unsettled": terms.said(assessment.money),
    }


def _suits(assessment: Assessment) -> list[dict[str, Any]]:
    """By month, what the two years to sue end for by the earliest of the readings argued: for counsel."""
    found = assessment.suits
    days = found.assign(
        month=found["month"].dt.strftime("%Y-%m"), first_day=found["first_day"].dt.strftime("%Y-%m-%d")
    )
    return [
        {
            "month": row["month"],
            "first_day": row["first_day"],
            "entries": row["entries"],
            "principal": amount(row["principal_cents"]),
            "principal_unknown": row["principal_unknown"],
        }
        for row in records(days)
    ]


def save(assessment: Assessment, folder: Path) -> list[Path]:
    """Every table of the assessment as CSV, amounts in dollars; returns the files written."""
    from cape_kit.filing import csv_out

    tables = {
        "entries": assessment.table,
        "findings": assessment.findings,
        "windows": assessment.windows,
        "refunds": assessment.refund_lines,
        "totals": assessment.totals,
        "caveats": assessment.caveats,
        "problems": assessment.problems,
        "conflicts": assessment.conflicts,
    }
    return [csv_out.write(table, folder / f"{name}.csv") for name, table in tables.items()]


def _scenario(assessment: Assessment) -> dict[str, Any] | None:
    from cape_kit.assessment import scenarios

    if assessment.scenario is None:
        return None
    assumed = scenarios.assumptions(assessment.scenario, assessment.law, assessment.filing_date)
    return {"name": assessment.scenario.name, "assumes": list(assumed)}


def records(frame: pd.DataFrame) -> list[dict[str, Any]]:
    """The rows of a table as JSON takes them: what is unknown is null."""
    rows: list[Any] = frame.astype("object").where(frame.notna(), None).to_dict("records")
    return rows


def amount(cents: Any) -> str | None:
    """Cents as a decimal string in dollars; unknown stays unknown."""
    from cape_kit import money

    known = money.plain(cents)
    return None if known is None else str(money.to_dollars(known))


def dollars(cents: Any) -> Any:
    """A column of cents as decimal strings; unknown stays unknown."""
    known = cents.dropna()
    texts = {value: amount(int(value)) for value in known.unique()}
    return cents.astype("object").map(texts)


def _masked(numbers: Any) -> Any:
    from cape_kit.entries import identifiers

    return numbers.map({number: identifiers.mask_importer(number) for number in numbers.dropna().unique()})
