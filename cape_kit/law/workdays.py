"""Federal holidays and working days: when a statement is collected, which business day precedes a last day.

The law counts its windows in calendar days; nothing here moves one. Closings ordered once are not counted, as
in CBP's own statement calendar. Source: key "usc-5-6103" (holidays.toml of the law book).
"""

from __future__ import annotations

from calendar import monthrange
from datetime import date, timedelta
from functools import cache
from typing import TYPE_CHECKING, Any, Literal

from cape_kit.errors import Usage
from cape_kit.law.book import files

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd

Roll = Literal["backward", "forward"]
_WEEK = 7
_FIRST = 1
_SATURDAY, _SUNDAY = 5, 6


@cache
def holidays(year: int) -> dict[date, str]:
    """The days of a calendar year on which federal offices are shut for a holiday, with its name.

    A holiday on a Saturday is kept on the Friday before, on a Sunday on the Monday after; the New Year of the
    next year may so fall into this one.
    """
    found = {}
    for name, day in (*_named(year), *_named(year + 1)):
        kept = day - timedelta(days=1) if day.weekday() == _SATURDAY else day
        kept = day + timedelta(days=1) if day.weekday() == _SUNDAY else kept
        if kept.year == year:
            found[kept] = name
    return dict(sorted(found.items()))


def is_working_day(day: date) -> bool:
    """Monday to Friday and no federal holiday."""
    return day.weekday() < _SATURDAY and day not in holidays(day.year)


def on_or_before(day: date) -> date:
    """The day itself when it is a working day, else the last one before it."""
    return day if is_working_day(day) else previous_business_day(day)


def on_or_after(day: date) -> date:
    """The day itself when it is a working day, else the first one after it."""
    return day if is_working_day(day) else next_business_day(day)


def previous_business_day(day: date) -> date:
    """The last working day strictly before a day."""
    return _step(day, -1)


def next_business_day(day: date) -> date:
    """The first working day strictly after a day."""
    return _step(day, 1)


def add_business_days(day: date, count: int) -> date:
    """The ``count``-th working day after a day; the day itself is not counted."""
    for _ in range(count):
        day = next_business_day(day)
    return day


def working_day_of_month(year: int, month: int, nth: int) -> date:
    """The ``nth`` working day of a month, the first being 1. Raises Usage when the month has fewer."""
    first = date(year, month, _FIRST)
    day = add_business_days(first - timedelta(days=1), nth)
    if nth < 1 or (day.year, day.month) != (year, month):
        raise Usage(f"{year}-{month:02d} has no working day number {nth}.")
    return day


def add_working_days(days: pd.Series, count: int) -> pd.Series:
    """The ``count``-th working day after each day; null stays null. [days]

    Source: key ``deposit.single_working_days`` where a statement is paid daily.
    """
    return _shift(days, count, from_next_month=False)


def statement_day_of_next_month(days: pd.Series, nth: int) -> pd.Series:
    """The ``nth`` working day of the month after each day: a monthly statement's collection. [days]

    Source: keys ``deposit.statement_working_day`` and ``deposit.preliminary_working_day``.
    """
    return _shift(days, nth, from_next_month=True)


def business_days_on_or_before(days: pd.Series) -> pd.Series:
    """Each day when it is a working day, else the last one before it; null stays null. [days]"""
    return _shift(days, 0, from_next_month=False)


def business_days_on_or_after(days: pd.Series) -> pd.Series:
    """Each day when it is a working day, else the first one after it; null stays null. [days]"""
    return _shift(days, 0, from_next_month=False, roll="forward")


def _named(year: int) -> list[tuple[str, date]]:
    """A year's holidays by their rule, before any shift from a weekend."""
    told = _rules()
    fixed = [(one, date(year, one["month"], one["day"])) for one in told["fixed"]]
    floating = [(one, _nth_weekday(year, one)) for one in told["floating"]]
    return [(one["name"], day) for one, day in (*fixed, *floating) if year >= one.get("first_year", year)]


def _nth_weekday(year: int, rule: dict[str, Any]) -> date:
    month, nth = rule["month"], rule["nth"]
    if nth > 0:
        first = date(year, month, _FIRST)
        return first + timedelta(days=(rule["weekday"] - first.weekday()) % _WEEK + (nth - 1) * _WEEK)
    last = date(year, month, monthrange(year, month)[1])
    return last - timedelta(days=(last.weekday() - rule["weekday"]) % _WEEK)


@cache
def _rules() -> dict[str, Any]:
    return files.toml(files.texts(), "holidays.toml")


def _step(day: date, by: int) -> date:
    day += timedelta(days=by)
    while not is_working_day(day):
        day += timedelta(days=by)
    return day


def _shift(days: pd.Series, count: int, *, from_next_month: bool, roll: Roll = "backward") -> pd.Series:
    """Whole columns at once; a day off counts from the working day before it, or after it."""
    import numpy as np
    import pandas as pd

    known = days.notna().to_numpy()
    start = days.to_numpy()[known].astype("datetime64[D]")
    if from_next_month:
        start = (start.astype("datetime64[M]") + 1).astype("datetime64[D]") - np.timedelta64(1, "D")
    shifted = np.full(len(days), np.datetime64("NaT"), dtype="datetime64[s]")
    if len(start):
        off = _between(int(str(start.min())[:4]), int(str(start.max())[:4]))
        shifted[known] = np.busday_offset(start, count, roll=roll, holidays=off).astype("datetime64[s]")
    return pd.Series(shifted, index=days.index, name=days.name)


def _between(first_year: int, last_year: int) -> np.ndarray:
    """Every holiday from the year before to the year after: a shift crosses at most one New Year each way."""
    import numpy as np

    found = [day for year in range(first_year - 1, last_year + 2) for day in holidays(year)]
    return np.array(found, dtype="datetime64[D]")
