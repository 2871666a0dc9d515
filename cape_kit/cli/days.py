"""How the command line reads a day: the only place where today is asked for, and there it is said."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any

import click

#: How far ahead a day may be asked about.
_CENTURY = timedelta(days=36_525)


class Day(click.ParamType[date]):
    """A calendar day written YYYY-MM-DD."""

    name = "YYYY-MM-DD"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> date:
        """The day, or one sentence and exit 2."""
        if isinstance(value, date):
            return value
        try:
            day = date.fromisoformat(str(value).strip())
        except ValueError:
            self.fail(f"'{value}' is no date; write it as YYYY-MM-DD, such as 2026-05-05", param, ctx)
        if day > (last := _last_day()):
            self.fail(f"{day} is out of reach; the law book is not asked about days after {last}", param, ctx)
        return day


def _last_day() -> date:
    """The last day a command takes: a century after the law was last checked, by which nothing said holds."""
    from cape_kit.law import book

    return book.load().checked_on + _CENTURY


DAY = Day()


def or_today(day: date | None, option: str = "--as-of") -> date:
    """The day given, or today, said on stderr."""
    if day is not None:
        return day
    today = datetime.now().astimezone().date()
    click.echo(f"{option} not given: using today, {today.isoformat()}", err=True)
    return today
