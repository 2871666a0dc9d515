"""Scenarios side by side: the baseline first, what each changes in entries, dollars and days, and why."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import pandas as pd

from cape_kit.assessment.assess import Assessment
from cape_kit.assessment.decisions import DISPOSITIONS
from cape_kit.assessment.scenarios import cash
from cape_kit.assessment.scenarios.assumed_outcomes import ON_CAPE
from cape_kit.assessment.scenarios.refiling import run
from cape_kit.assessment.scenarios.scenario import BASELINE, Scenario, assumptions

#: Figures of a row that a difference is made of.
FIGURES = (
    "entries",
    "principal_cents",
    "interest_cents",
    "protest_cents",
    "held_cents",
    "lost_cents",
    "undated_cents",
)


def compare(baseline: Assessment, scenarios: Iterable[Scenario]) -> pd.DataFrame:
    """One row per scenario, the baseline first, under the baseline's facts, law and day. [cents]

    Columns: scenario, filing_date, entries, principal_cents and interest_cents on CAPE, protest_cents,
    held_cents (what waits), lost_cents (out of CAPE and protest), latest_cash, undated_cents (on CAPE with
    its interest, but no day known for it or no payee that can be paid),
    ``*_change`` against the baseline for each figure, latest_cash_change [days], moved (entries that stand
    elsewhere), assumes (sentences) and reason.
    """
    wanted = [one for one in scenarios if one.name != BASELINE.name]
    return table(baseline, [run(baseline, one) for one in wanted])


def table(baseline: Assessment, others: Iterable[Assessment]) -> pd.DataFrame:
    """The same of assessments already made."""
    first = figures(baseline) | {"scenario": BASELINE.name, "moved": 0}
    rows = [first]
    for other in others:
        moved = (other.questions.days["disposition"] != baseline.questions.days["disposition"]).sum()
        rows.append(figures(other) | {"moved": int(moved)})
    frame = pd.DataFrame(rows)
    for name in FIGURES:
        frame[f"{name}_change"] = frame[name] - first[name]
    frame["latest_cash_change"] = (frame["latest_cash"] - frame["latest_cash"].iloc[0]).dt.days.astype(
        "Int64"
    )
    return frame


def figures(assessment: Assessment) -> dict[str, Any]:
    """One row of the comparison."""
    totals = assessment.totals.set_index("disposition")
    paid = cash.pay_days(assessment)
    scenario: Scenario = assessment.scenario or BASELINE
    here = totals.loc[list(ON_CAPE)]
    return {
        "scenario": scenario.name,
        "filing_date": pd.Timestamp(assessment.filing_date),
        "entries": int(here["entries"].sum()),
        "principal_cents": int(here["principal_cents"].sum()),
        "interest_cents": int(here["interest_cents"].sum()),
        "protest_cents": int(totals["principal_cents"]["protest"]),
        "held_cents": int(totals["principal_cents"]["held"]),
        "lost_cents": int(totals["principal_cents"]["final"]),
        "latest_cash": paid["payment_high"].max(),
        "undated_cents": int(paid.loc[paid["left_out"] != "", "cents"].sum()),
        "assumes": assumptions(scenario, assessment.law),
        "reason": scenario.reason,
    }


def moves(baseline: Assessment, other: Assessment) -> pd.DataFrame:
    """Entries that stand elsewhere under the other assessment, and why, the most dollars first.

    Columns: entry_number, was, now (dispositions), was_label, now_label, why, principal_cents.
    """
    before, after = baseline.table, other.table
    changed = (before["disposition"] != after["disposition"]).to_numpy()
    old, new = before[changed], after[changed]
    frame = pd.DataFrame(
        {
            "entry_number": new["entry_number"],
            "was": old["disposition"],
            "now": new["disposition"],
            "was_label": old["disposition"].map(DISPOSITIONS),
            "now_label": new["disposition"].map(DISPOSITIONS),
            "why": new["reason"],
            "principal_cents": new["principal_cents"].fillna(0).astype("int64"),
        }
    )
    order = ["principal_cents", "entry_number"]
    return frame.sort_values(order, ascending=[False, True], ignore_index=True)
