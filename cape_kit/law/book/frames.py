"""The two tables of the law book that whole columns are joined with: headings and interest rates."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict, fields
from typing import TYPE_CHECKING, Any

from cape_kit.law.book import rows

if TYPE_CHECKING:
    import pandas as pd


def headings(found: Iterable[rows.Heading]) -> pd.DataFrame:
    """One row per heading and period; days as datetime64[s], ``all_in`` boolean, the rest text."""
    return _frame(rows.Heading, [asdict(row) for row in found], ("all_in",))


def rates(found: Iterable[rows.Rate]) -> pd.DataFrame:
    """One row per quarter; rates are decimals in text, null while pending. [percent a year]"""
    told = [
        {
            name: None if value is None else str(value) if name.endswith("_pct") else value
            for name, value in row.items()
        }
        for row in map(asdict, found)
    ]
    return _frame(rows.Rate, told, ())


def _frame(kind: type, told: list[dict[str, Any]], flags: tuple[str, ...]) -> pd.DataFrame:
    import pandas as pd

    names = [field.name for field in fields(kind)]
    made = pd.DataFrame(told, columns=names)
    for name in names:
        if name.endswith(("_day", "_from", "_on")):
            made[name] = pd.to_datetime(made[name]).astype("datetime64[s]")
        else:
            made[name] = made[name].astype("bool" if name in flags else "str")
    return made
