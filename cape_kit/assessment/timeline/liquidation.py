"""Is an entry liquidated on the day, since when, and if not, when to expect it; the unknown stays so."""

from __future__ import annotations

from datetime import date

import numpy as np
import pandas as pd

from cape_kit.assessment.timeline import cycle
from cape_kit.assessment.timeline.words import LIQUIDATED, OFF_CYCLE, read, spelt
from cape_kit.law.book import Law

#: How sure the day of liquidation is; the last is a date that stands there without a status the book knows.
BASES = ("recorded", "unknown", "scheduled", "forecast", "date without a status")


def of(entries: pd.DataFrame, law: Law, as_of: date) -> pd.DataFrame:
    """One row per entry: what is known of its liquidation on the day."""
    day = pd.Timestamp(as_of)
    status = read(entries["liquidation_status"], law, "liquidation_status")
    unsaid, says_liquidated = status.unknown, status.among(*LIQUIDATED)
    recorded = entries["liquidation_date"]
    past, undated = (recorded <= day).to_numpy(), recorded.isna().to_numpy()

    # A liquidation dated after the day asked about had not happened yet on that day.
    certain = says_liquidated & past
    # With no status word a date alone may be a schedule or a liquidation; the future is safe either way.
    open_question = (says_liquidated & undated) | (unsaid & (past | undated))
    denied = ~certain & ~open_question
    may_come = ~status.among(*LIQUIDATED, *OFF_CYCLE)
    on_cycle = may_come & ~unsaid
    due = recorded.where(recorded.notna(), cycle.due(entries, law, as_of).where(on_cycle))
    expected = recorded.where(recorded.notna(), _not_before_export(due, entries["extracted_on"], law, as_of))
    maybe_on = _maybe_liquidated(entries, expected, may_come=may_come, as_of=day)
    # A date without a status may be the liquidation: the windows it would give are shown, marked as such.
    stated = recorded.where(unsaid)
    basis = np.select(
        [certain, unsaid & ~undated, open_question, ~undated, expected.notna()], [0, 4, 1, 2, 3], default=1
    )
    original = entries["original_liquidation_date"]
    deemed, limit = cycle.statutory(entries, law, as_of)
    return pd.DataFrame(
        {
            "entry_number": entries["entry_number"],
            "status": spelt(status.places, status.names, entries.index),
            "liquidated": pd.arrays.BooleanArray(certain, open_question),
            "liquidated_on": recorded.where(certain),
            "original_on": original.where(certain & (original < recorded)),
            "maybe_on": maybe_on.where(~certain),
            "stated_on": stated,
            "liquidation_basis": spelt(basis, BASES, entries.index),
            "due_on": due.where(denied),
            "expected_liquidation": expected.where(denied),
            "deemed_on": deemed.where(denied & on_cycle),
            "extension_limit": limit.where(denied & ~status.among("suspended")),
        }
    )


def _not_before_export(due: pd.Series, extracted: pd.Series, law: Law, as_of: date) -> pd.Series:
    """An entry overdue when it was exported was still open that day: it can only have liquidated after it."""
    overdue = (due <= extracted).fillna(False)
    return due.mask(overdue, cycle.next_posting(extracted, law, as_of)) if overdue.any() else due


def _maybe_liquidated(
    entries: pd.DataFrame, expected: pd.Series, *, may_come: np.ndarray, as_of: pd.Timestamp
) -> pd.Series:
    """A day on which the entry may have been liquidated without the export knowing it; null when it can't.

    Three ways: the export is older than the expected day, or nobody knows how old it is; a status word stands
    against a past recorded date; or a date stands there with no status word at all.
    """
    extracted, recorded = entries["extracted_on"], entries["liquidation_date"]
    since_export = (expected <= as_of) & ((expected > extracted) | extracted.isna())
    contradicted = recorded <= as_of
    return expected.where(may_come & (since_export | contradicted))
