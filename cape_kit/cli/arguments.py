"""The arguments commands share, folders and law; and the client opened and assessed."""

from __future__ import annotations

import os
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from cape_kit.cli.days import CLIENT_DAY, DAY, DayOrExtract, of_client

if TYPE_CHECKING:
    from collections.abc import Iterable

    from cape_kit.assessment.assess import Assessment


class OutFolder(click.Path):
    """A folder to write to, there already or not yet."""

    def __init__(self) -> None:
        super().__init__(file_okay=False, path_type=Path)

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        """The folder, or one sentence and exit 2 where none can be."""
        if not str(value).strip():
            self.fail("the folder to write to has no name; give one", param, ctx)
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

        return sample.found(Path(str(super().convert(value, param, ctx))))


CLIENT = click.argument("client", type=ClientFolder())
OUT = click.option("--out", type=OutFolder(), help="Folder for the tables as CSV.")
AS_OF = click.option(
    "--as-of", type=CLIENT_DAY, help="Day the facts are looked at. Default: today, and it says so."
)
FILING = click.option(
    "--filing-date", type=DAY, help="Day the declaration would be filed. Default: the as-of day."
)
SCENARIO = click.option(
    "--scenario", metavar="NAME", help="What if: a shipped scenario, or one of the client's scenarios.toml."
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
KNOWN = click.option("--known-on", type=DAY, help="Replay: the law as it was known on that day.")


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
            f"A day or a number of days of {where} leads beyond the calendar's last day; give a smaller one"
        ) from trouble
    return asked
