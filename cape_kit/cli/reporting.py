"""``cape-kit report`` and ``cape-kit batch``: the reports, where they are, and what went wrong with which."""

from __future__ import annotations

import sys
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from cape_kit.cli.arguments import CLIENT, LAW, LAYOUTS, OutFolder, say_unread
from cape_kit.cli.days import CLIENT_DAY, DAY, EXTRACT, or_today
from cape_kit.errors import Usage

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from cape_kit.rendering.report import Outcome

AS_OF = click.option("--as-of", type=CLIENT_DAY, help="Day of the report; default today.")
OUT = click.option(
    "--out", type=OutFolder(), default=Path("reports"), show_default=True, help="Where reports go."
)
PDF = click.option(
    "--pdf", is_flag=True, help="Also print a PDF, with the Chrome, Chromium or Edge on this machine."
)
REDACT = click.option(
    "--redact", is_flag=True, help="For sharing: mask all that identifies; the key stays with you."
)
REDACT_PORTS = click.option(
    "--redact-ports", is_flag=True, help="With --redact: mask the ports of entry too."
)


@click.command()
@CLIENT
@AS_OF
@click.option(
    "--filing-date", type=DAY, help="Day the declaration would be filed; default the day of the report."
)
@LAW
@LAYOUTS
@OUT
@PDF
@REDACT
@REDACT_PORTS
def report(
    client: Path,
    as_of: date | str | None,
    filing_date: date | None,
    own_law: Path | None,
    out: Path,
    pdf: bool,
    redact: bool,
    redact_ports: bool,
) -> None:
    """Render one client's report: a page to send, a workbook, a calendar, and the files to upload.

    \b
    Example:
      cape-kit report data/sample/harbor-lane --as-of 2026-05-05 --out reports
    """
    _needs_redact(redact_ports, redact)
    day = _day(as_of)
    _load_lightly()
    from cape_kit.rendering import report as room

    outcome = room.render(
        client,
        day,
        out,
        filing_date=filing_date,
        options=room.Options(pdf, redact, law=own_law, redact_ports=redact_ports),
    )
    _say(outcome)
    if outcome.message or outcome.unread:
        click.get_current_context().exit(1)


@click.command()
@click.argument("clients", type=click.Path(path_type=Path))
@AS_OF
@LAW
@LAYOUTS
@OUT
@click.option("--workers", type=click.IntRange(1, 64), help="Reports made at a time; default by processors.")
@click.option("--force", is_flag=True, help="Make every report again, even where nothing has changed.")
@PDF
@REDACT
@REDACT_PORTS
def batch(
    clients: Path,
    as_of: date | str | None,
    own_law: Path | None,
    out: Path,
    workers: int | None,
    force: bool,
    pdf: bool,
    redact: bool,
    redact_ports: bool,
) -> None:
    """Render the report of every client in a folder, with an index page over all of them.

    \b
    Example:
      cape-kit batch data/clients --as-of 2026-05-05 --out reports --workers 2
    """
    _needs_redact(redact_ports, redact)
    day = _day(as_of)
    _load_lightly()
    from cape_kit.law import book
    from cape_kit.rendering import batch as room
    from cape_kit.rendering import index, redacted
    from cape_kit.rendering.report import Options

    book.load(folder=own_law)  # what is wrong with it is said once, not of every client
    options = Options(pdf, redact, force, own_law, redact_ports)
    folders = room.clients(clients)
    room.refuse_inside(folders, out)
    if redact:
        redacted.allot(out, folders)
    jobs = [room.Job(folder, day, out, options) for folder in folders]
    outcomes = list(_with_progress(room.run(jobs, workers=workers or room.default_workers()), len(jobs)))
    for outcome in sorted(outcomes, key=lambda outcome: outcome.source.name):
        _say(outcome)
    click.echo(index.write(outcomes, redacted.sent(out) if redact else out, redact=redact))
    if any(outcome.message or outcome.unread for outcome in outcomes):
        click.get_current_context().exit(1)


def _needs_redact(redact_ports: bool, redact: bool) -> None:
    if redact_ports and not redact:
        raise Usage("--redact-ports masks the ports of a redacted report; give --redact too")


def _day(as_of: date | str | None) -> Any:
    return as_of if as_of == EXTRACT else or_today(as_of)  # type: ignore[arg-type]


def _say(outcome: Outcome) -> None:
    """Where the report is, to stdout; what went wrong, to stderr."""
    if outcome.page is not None:
        click.echo(outcome.page)
    if outcome.key is not None:
        click.echo(f"Who is who stands in {outcome.key}: keep it, and do not send it.", err=True)
    if outcome.message:
        click.echo(f"{outcome.source.name}: {outcome.message}", err=True)
    say_unread(outcome.unread, outcome.source)


def _with_progress(outcomes: Iterable[Outcome], count: int) -> Iterator[Outcome]:
    from tqdm import tqdm

    yield from tqdm(outcomes, total=count, unit="report", file=sys.stderr)


def _load_lightly() -> None:
    """Keep out an optional grammar of the notebook checker that takes most of a second to build.

    Done here, at the program's own door, and not in the library: it changes what others may import.
    """
    sys.modules.setdefault("rfc3987_syntax", None)  # type: ignore[arg-type]
