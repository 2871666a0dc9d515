"""A portfolio's lines as the audit's checks see them, and how a check states what it found."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import pandas as pd

UNDER, OVER, CHECK = "underpaid", "overpaid", "to check"


@dataclass(frozen=True)
class Filed:
    """Lines, their chapter 99 numbers with the registry's row of the day, and what was called for."""

    lines: pd.DataFrame
    headings: pd.DataFrame
    called: pd.DataFrame
    book: pd.DataFrame
    others: pd.DataFrame
    countries: dict[str, tuple[str, ...]]

    @cached_property
    def of_lines(self) -> pd.DataFrame:
        """The heading rows, each with the facts of its line."""
        return self.headings.drop(columns="day").merge(self.lines, on="at")

    @cached_property
    def dutiable(self) -> pd.DataFrame:
        """Dutiable IEEPA headings in force, for the line's origin; `excepted`: an exception stands too."""
        rows = self.of_lines
        exceptions = rows.loc[rows["kind"] == "exception", ["at", "levy"]]
        right = rows["names_origin"].astype(bool) & (rows["kind"] == "duty") & (rows["status"] == "in force")
        rows = rows[right & (rows["line_number"] >= 0)]
        there = pd.MultiIndex.from_frame(exceptions)
        return rows.assign(excepted=pd.MultiIndex.from_frame(rows[["at", "levy"]]).isin(there))


def found(rows: pd.DataFrame, direction: Any, expected: Any, *, confidence: Any, why: Any) -> pd.DataFrame:
    """Rows as findings: what was expected against what was paid, and how sure that is. [cents]"""
    told = rows.assign(direction=direction, expected=expected, confidence=confidence, why=why)
    return told.assign(amount=(told["expected"] - told["paid"]).abs())


def owed(value: pd.Series, rate: pd.Series) -> pd.Series:
    """Value times rate, half up. [cents]"""
    return np.floor(value * rate / 100 + 0.5).astype("int64")


def tolerance(rows: pd.DataFrame, rate: pd.Series) -> pd.Series:
    """What rounding alone can do: values stand in whole dollars, so half a dollar per goods row. [cents]"""
    return np.ceil(rows["goods_rows"].clip(lower=1) * 50 * rate / 100) + 1


def direction_of(difference: pd.Series) -> pd.Series:
    """What a difference of expected and paid is called."""
    return pd.Series(np.where(difference > 0, UNDER, OVER), index=difference.index)


def plain(rows: pd.DataFrame) -> pd.Series:
    """How sure a judgement of the rate is: high on a line of one goods row and no special provision."""
    special = rows["chapter_98"] | rows["preference"] | (rows["goods_rows"] != 1) | rows["excepted"]
    return pd.Series(np.where(special, "low", "high"), index=rows.index)
