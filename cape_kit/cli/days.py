"""How the command line reads a day: the only place where today is asked for, and there it is said."""

from __future__ import annotations

import calendar
import re
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any, Literal

import click

EXTRACT: Literal["extract"] = "extract"
TODAY = "today"
#: A day as asked for: the second is the day a client's files were exported.
DayOrExtract = date | Literal["extract"]

#: How far ahead a day may be asked about.
_CENTURY = timedelta(days=36_525)


class Day(click.ParamType[date]):
    """A calendar day written YYYY-MM-DD, or the word ``today``, which is then said on stderr."""

    name = "YYYY-MM-DD|today"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> date:
        """The day, or one sentence and exit 2."""
        if isinstance(value, date):
            return value
        text = str(value).strip()
        if text.lower() == TODAY:
            return _today(f"{param.opts[-1] if param else 'day'} {TODAY}:")
        try:
            day = date.fromisoformat(text)
        except ValueError:
            self.fail(_no_day(text), param, ctx)
        if day > (last := _last_day()):
            self.fail(f"{day} is out of reach; the law book is not asked about days after {last}", param, ctx)
        return day


class ClientDay(Day):
    """A calendar day, ``today``, or ``extract`` for the day the client's files were exported."""

    name = "YYYY-MM-DD|today|extract"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        """The day, the word ``extract``, or one sentence and exit 2."""
        if isinstance(value, str) and value.strip().lower() == EXTRACT:
            return EXTRACT
        return super().convert(value, param, ctx)


def _no_day(text: str) -> str:
    """What is wrong with a day: how it is written, or that its month has no such day."""
    written = re.fullmatch(r"(\d{4})-(\d{2})-(\d{2})", text)
    if written:
        year, month, _ = (int(part) for part in written.groups())
        if 1 <= month <= 12 and year:
            days, name = calendar.monthrange(year, month)[1], calendar.month_name[month]
            return f"'{text}' is no date; {name} {year} has {days} days"
    return f"'{text}' is no date; write it as YYYY-MM-DD, such as 2026-05-05"


def _last_day() -> date:
    """The last day a command takes: a century after the law was last checked, by which nothing said holds."""
    from cape_kit.law import book

    return book.load().checked_on + _CENTURY


DAY, CLIENT_DAY = Day(), ClientDay()


def or_today(day: date | None, option: str = "--as-of") -> date:
    """The day given, or today, said on stderr."""
    return day if day is not None else _today(f"{option} not given:")


def of_client(day: DayOrExtract | None, folder: Path) -> date:
    """The day given, the day the client's files were exported, or today, said on stderr. Raises Usage."""
    from cape_kit.entries import client

    return client.load(folder).exported() if day == EXTRACT else or_today(day)


def _today(why: str) -> date:
    today = datetime.now().astimezone().date()
    click.echo(f"{why} using today, {today.isoformat()}", err=True)
    return today
