"""The arguments commands share: days, folders and law; and the client opened and assessed.

The only place where today is asked for, and there it is said.
"""

from __future__ import annotations

import calendar
import os
import re
from contextlib import suppress
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import click
from click.core import ParameterSource

if TYPE_CHECKING:
    from collections.abc import Iterable

    from cape_kit.assessment.assess import Assessment

    _DayType = click.ParamType[date]
else:
    _DayType = click.ParamType  # which only a later click lets say of what

# --- days -------------------------------------------------------------------------------------------------


EXTRACT: Literal["extract"] = "extract"
TODAY = "today"
#: A day as asked for: the second is the day a client's files were exported.
DayOrExtract = date | Literal["extract"]

#: How far ahead a day may be asked about.
_CENTURY = timedelta(days=36_525)


class Day(_DayType):
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
            self.fail(f"{day} is too far ahead; the law book does not go beyond {last}", param, ctx)
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
            return f"'{text}' is not a date; {name} {year} has {days} days"
    return f"'{text}' is not a date; write it as YYYY-MM-DD, such as 2026-05-05"


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

    if day == EXTRACT:
        return client.load(folder).exported()
    return or_today(day)


def say_later(folder: Path, day: date) -> None:
    """On stderr: the files were exported after the day looked at, be it a replay or a clock that is wrong."""
    from cape_kit.entries import client
    from cape_kit.errors import CapeError

    with suppress(CapeError):  # what is wrong with client.toml is said where it is read
        exported = client.load(folder).extracted_on
        if exported and exported > day:
            told = (
                f"{folder.name}: exported on {exported}, after {day}: the files may include later information"
            )
            click.echo(told, err=True)


def _today(why: str) -> date:
    today = datetime.now().astimezone().date()
    click.echo(f"{why} using today, {today.isoformat()}", err=True)
    return today


# --- folders, law, and the client -------------------------------------------------------------------------


class OutFolder(click.Path):
    """A folder to write to, there already or not yet."""

    def __init__(self) -> None:
        super().__init__(file_okay=False, path_type=Path)

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        """The folder, or one sentence and exit 2 where none can be."""
        if not str(value).strip():
            self.fail("give a folder to write to", param, ctx)
        folder = Path(str(super().convert(value, param, ctx)))
        there = next((path for path in (folder, *folder.parents) if path.exists()), folder)
        if there.exists() and not there.is_dir():
            self.fail(f"'{there}' is a file; give a folder to write to", param, ctx)
        return folder


class ClientFolder(click.Path):
    """A client's folder, or one that comes with the kit, such as ``sample:harbor-lane``."""

    def __init__(self) -> None:
        super().__init__(path_type=Path)

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        """The folder, or one sentence and exit 2 for a sample nobody knows."""
        from cape_kit import sample

        return sample.folder_of(Path(str(super().convert(value, param, ctx))))


CLIENT = click.argument("client", type=ClientFolder())
OUT = click.option("--out", type=OutFolder(), help="Folder for the tables as CSV.")
AS_OF = click.option(
    "--as-of", type=CLIENT_DAY, help="Date of the assessment. Default: today, and the output says so."
)
FILING = click.option(
    "--filing-date", type=DAY, help="Date the declaration would be filed. Default: the as-of date."
)
SCENARIO = click.option(
    "--scenario",
    metavar="NAME",
    help="What if: a built-in scenario, or one from the client's scenarios.toml.",
)
LAW = click.option(
    "--law",
    "own_law",
    type=click.Path(path_type=Path),
    envvar="CAPE_KIT_LAW",
    show_envvar=True,
    metavar="DIR",
    help="Folder with rows of your own for the law book; 'cape-kit law --new DIR' writes one to fill in.",
)


def _set_layouts(_: click.Context, __: click.Parameter, folder: Path | None) -> None:
    """The firm's folder of layouts, for this command and the kernels it starts."""
    from cape_kit.entries import LAYOUTS_SETTING

    if folder is not None:
        os.environ[LAYOUTS_SETTING] = str(folder.resolve())


LAYOUTS = click.option(
    "--layouts",
    type=click.Path(path_type=Path, file_okay=False, exists=True),
    metavar="DIR",
    expose_value=False,
    callback=_set_layouts,
    help="A firm's folder of layouts for all clients, beside CLIENT/layouts. Setting: CAPE_KIT_LAYOUTS.",
)
KNOWN = click.option("--known-on", type=DAY, help="Replay: the law as it was known on that date.")


def nothing_beside(taken: str, *but: str) -> None:
    """Refuse every option typed that does nothing where `taken` is given; `but` are those it works with.

    Names are those of the command's parameters. Raises UsageError: what was asked for and not done is never passed
    over in silence.
    """
    context = click.get_current_context()
    options = [one for one in context.command.params if isinstance(one, click.Option) and one.name]
    typed = [
        one.opts[-1]
        for one in options
        if one.name not in (taken, *but)
        and context.get_parameter_source(one.name or "") is ParameterSource.COMMANDLINE
    ]
    if typed:
        beside = next(one.opts[-1] for one in options if one.name == taken)
        verb = "does" if len(typed) == 1 else "do"
        raise click.UsageError(
            f"{' and '.join(typed)} {verb} nothing with {beside}; leave out the one or the other."
        )


def say_unread(names: Iterable[str], client: Path) -> bool:
    """One line on stderr for each file of a client that was not read; whether there is any: then exit 1."""
    told = [f"{client.name}: not read: {name}" for name in names]
    for line in told:
        click.echo(line, err=True)
    return bool(told)


def assessed(
    client: Path,
    as_of: DayOrExtract | None,
    *,
    filing_date: date | None = None,
    known_on: date | None = None,
    scenario: str | None = None,
    own_law: Path | None = None,
) -> Assessment:
    """The client's folder read and decided on the day, or on today, which is then said on stderr."""
    import cape_kit
    from cape_kit.errors import Usage
    from cape_kit.filing.declaration import choice

    day = of_client(as_of, client)
    choice.not_before(filing_date, day)
    found = cape_kit.open(client, law=own_law, known_on=known_on)
    try:
        asked = cape_kit.assess(found, as_of=day, filing_date=filing_date, scenario=scenario)
        _ = (
            asked.figures
        )  # answers are made when asked for: days beyond the calendar are met here, not in a table
    except OverflowError as trouble:
        where = f"scenario '{scenario}'" if scenario else f"{client}"
        raise Usage(
            f"A date or number of days in {where} goes beyond the last calendar date; give a smaller one"
        ) from trouble
    if as_of != EXTRACT:
        say_later(client, day)
    return asked
