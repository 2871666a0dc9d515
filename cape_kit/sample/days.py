"""Days as the samples' truth counts them: Fridays, federal holidays, working days, and no law."""

from __future__ import annotations

from datetime import date, timedelta
from functools import cache

from cape_kit.sample import recipe

ONE_DAY = timedelta(days=1)
SATURDAY, SUNDAY = 5, 6
FIRST = 1


def on_or_after(day: date, weekday: int) -> date:
    """The first such weekday that is not before the day (Monday is 0)."""
    return day + timedelta(days=(weekday - day.weekday()) % 7)


def _nth(year: int, month: int, weekday: int, count: int) -> date:
    """The n-th such weekday of a month; with -1 its last."""
    if count < 0:
        return on_or_after(first_of_next_month(date(year, month, FIRST)), weekday) - timedelta(weeks=1)
    return on_or_after(date(year, month, FIRST), weekday) + timedelta(weeks=count - 1)


def _observed(day: date) -> date:
    if day.weekday() == SATURDAY:
        return day - ONE_DAY
    return day + ONE_DAY if day.weekday() == SUNDAY else day


@cache
def holidays(year: int) -> frozenset[date]:
    """The federal holidays of a year on the days they are kept; New Year may fall back into December."""
    told = recipe.load().holidays
    fixed = {_observed(date(kept, month, day)) for kept in (year, year + 1) for month, day in told["fixed"]}
    return frozenset(fixed | {_nth(year, *moving) for moving in told["moving"]})


def is_working(day: date) -> bool:
    """Whether federal offices are open that day."""
    return day.weekday() < SATURDAY and day not in holidays(day.year)


def next_working(day: date) -> date:
    """The first working day after the day."""
    return add_working(day, 1)


def add_working(day: date, count: int) -> date:
    """The day so many working days later; the day itself is not counted."""
    for _ in range(count):
        day += ONE_DAY
        while not is_working(day):
            day += ONE_DAY
    return day


def first_of_next_month(day: date) -> date:
    """The first day of the month after the day's month."""
    return date(day.year + day.month // 12, day.month % 12 + 1, FIRST)


def working_day_of_next_month(day: date, count: int) -> date:
    """The n-th working day of the month after the day's month."""
    return add_working(first_of_next_month(day) - ONE_DAY, count)
