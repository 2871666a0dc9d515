"""The two years to sue: what is owed by the month in which they end, by the earliest of the readings argued."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

from cape_kit.views import words
from cape_kit.views.tables.table import Field, Table

if TYPE_CHECKING:
    from cape_kit.assessment.assess import Assessment


def suits(assessment: Assessment) -> Table:
    """What is owed by the month in which the two years to sue end, by the earliest reading. [cents]"""
    frame = assessment.suits
    return Table(
        frame,
        (
            Field("first_day", "From", "day"),
            Field("entries", "Entries", "count"),
            Field("principal_cents", "IEEPA duty", "dollars"),
        ),
        caption="Two years to sue",
        as_of=assessment.filing_date,
        note="By month, and by the earliest of the readings argued of when the two years of 28 USC 2636(i) began: the "
        "deposit, the liquidation, or the decision. Each entry’s days by every reading are in JSON. Counsel decides.",
        empty="Nothing is owed that the files show.",
    )


def first_suit(assessment: Assessment) -> str:
    """When the two years to sue first end by the earliest reading, and for how much by then; empty for nothing."""
    frame = assessment.suits
    ahead = frame[frame["first_day"] >= pd.Timestamp(assessment.filing_date)]
    if ahead.empty:
        return ""
    first = ahead.iloc[0]
    return (
        f"The two years to sue end, by the earliest reading argued, from {words.day(first['first_day'])} on: for "
        f"{words.entries(int(first['entries']))} and {words.dollars(int(first['principal_cents']))} in that month. A "
        "question for counsel, by month in the workbook."
    )
