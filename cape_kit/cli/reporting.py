"""``cape-kit report``, ``batch`` and ``verify``: the reports, where they are, what went wrong, are they whole."""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence
from contextlib import contextmanager
from datetime import date
from functools import partial
from operator import attrgetter
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from cape_kit.cli import PROGRAM
from cape_kit.cli.arguments import (
    CLIENT,
    CLIENT_DAY,
    DAY,
    EXTRACT,
    LAW,
    LAYOUTS,
    OutFolder,
    or_today,
    say_later,
    say_unread,
)
from cape_kit.errors import Usage, of_system

if TYPE_CHECKING:
    from collections.abc import Iterator

    from cape_kit.law.book import Law
    from cape_kit.rendering.jobs import Job, Outcome
    from cape_kit.rendering.manifest import Verdict
    from cape_kit.rendering.prepared import Limits
    from cape_kit.rendering.watching import Watch

AS_OF = click.option("--as-of", type=CLIENT_DAY, help="Date of the report. Default: today.")
OUT = click.option(
    "--out", type=OutFolder(), default=Path("reports"), show_default=True, help="Where reports go."
)
PDF = click.option(
    "--pdf", is_flag=True, help="Also make PDFs, using Chrome, Chromium or Edge on this machine."
)
REDACT = click.option(
    "--redact",
    is_flag=True,
    help="For sharing: mask everything that identifies the client; the key stays with you.",
)
REDACT_PORTS = click.option(
    "--redact-ports", is_flag=True, help="With --redact: mask the ports of entry too."
)


@click.command()
@CLIENT
@AS_OF
@click.option(
    "--filing-date", type=DAY, help="Date the declaration would be filed. Default: the date of the report."
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
    """Make one client's report: a page to send, a workbook, a calendar, and the files to upload.

    \b
    Example:
      cape-kit report data/sample/harbor-lane --as-of 2026-05-05 --out reports
    """
    _needs_redact(redact_ports, redact)
    day = _day(as_of)
    _load_lightly()
    from cape_kit.rendering import kernels
    from cape_kit.rendering import report as room

    if day != EXTRACT:
        say_later(client, day)
    # Where this process is the report's own and ends with it, the cells run in it.
    own = click.get_current_context().find_root().obj == PROGRAM and not kernels.Within.ran
    outcome = room.render(
        client,
        day,
        out,
        filing_date=filing_date,
        options=room.Options(pdf, redact, law=own_law, redact_ports=redact_ports),
        kernel=kernels.within if own else kernels.private_kernel,
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
@click.option(
    "--workers",
    type=click.IntRange(1, 256),
    help="Reports made at the same time. Default: by number of processors.",
)
@click.option(
    "--timeout",
    type=click.FloatRange(0, min_open=True),
    default=3600.0,
    show_default=True,
    metavar="SECONDS",
    help="A client that takes longer is stopped and fails.",
)
@click.option(
    "--memory",
    type=click.IntRange(1),
    metavar="MB",
    help="A client that uses more is stopped and fails. Default: its share of four fifths of the "
    "machine's memory.",
)
@click.option("--dask", metavar="ADDRESS", help="Run on a Dask cluster (cape-kit[cluster]): docs/cluster.md.")
@click.option(
    "--log", type=click.Path(path_type=Path), help="Log file, in JSON lines. Default: OUT/batch.jsonl."
)
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
    timeout: float,
    memory: int | None,
    dask: str | None,
    log: Path | None,
    force: bool,
    pdf: bool,
    redact: bool,
    redact_ports: bool,
) -> None:
    """Make the report of every client in a folder, with an index page covering all of them.

    Each is made in its own process; one that fails or hangs gets a row in the index, with a log, and the
    others finish. If stopped and started again, it continues where it left off.

    \b
    Example:
      cape-kit batch data/clients --as-of 2026-05-05 --out reports --workers 2
    """
    _needs_redact(redact_ports, redact)
    day = _day(as_of)
    _load_lightly()
    from cape_kit.law import book
    from cape_kit.rendering import batch as room
    from cape_kit.rendering import jobs as light
    from cape_kit.rendering import redacted

    law = book.load(folder=own_law)  # what is wrong with it is said once, not of every client
    light.template()
    options = light.Options(pdf, redact, force, own_law, redact_ports)
    folders = room.clients(clients, out)
    room.refuse_inside(folders, out)
    for name in room.loose(clients):
        click.echo(f"! {clients / name} lies in no client's folder: it is not read", err=True)
    limits = room.limits(workers, timeout, memory)
    if not room.can_fork() and not dask:
        click.echo(room.NO_FORKS, err=True)
    with room.held(out):
        if redact:
            redacted.allot(out, folders)
        jobs = [room.Job(folder, day, out, options) for folder in folders]
        outcomes = _watched(jobs, limits, law, log or out / room.JOURNAL, dask)
        for outcome in sorted(outcomes, key=lambda outcome: outcome.source.name):
            _say(outcome)
        _say_same_names([] if redact else outcomes)
        if not redact:
            _say_others(out, {job.place.name for job in jobs})
        click.echo(room.conclude(outcomes, redacted.sent(out) if redact else out, redact=redact))
    if any(outcome.message or outcome.unread for outcome in outcomes):
        click.get_current_context().exit(1)


def _say_same_names(outcomes: Sequence[Outcome]) -> None:
    """One line for each name that several clients bear: only their folders tell them apart."""
    by_name: dict[str, list[str]] = {}
    for outcome in outcomes:
        if name := str(outcome.summary.get("name", "")):
            by_name.setdefault(name, []).append(outcome.source.name)
    for name, folders in sorted(by_name.items()):
        if len(folders) > 1:
            where = ", ".join(sorted(folders))
            told = f"! Several clients are named “{name}” ({where}): give each its own name in client.toml"
            click.echo(told, err=True)


def _say_others(out: Path, mine: set[str]) -> None:
    """The clients whose reports lie there from another run, over other folders: the index is of this one."""
    from cape_kit.rendering import manifest

    found = {path.parents[1].name for path in out.glob(f"[!.]*/[!.]*/{manifest.NAME}")}
    if others := sorted(found - mine):
        few = ", ".join(others[:3]) + (" …" if len(others) > 3 else "")
        told = f"! {out} has reports of {len(others)} more clients ({few}), which this index does not show: "
        click.echo(told + "give each folder of clients its own --out, or see all in notebook 07", err=True)


@click.command()
@click.argument("folder", type=click.Path(path_type=Path))
@click.option("--json", "as_json", is_flag=True, help="For programs: one object per report.")
def verify(folder: Path, as_json: bool) -> None:
    """Check that a report's folder holds what its manifest says: nothing missing, changed or added.

    FOLDER is a report's own, or one that holds several. A manifest is not a signature: it shows what was
    lost or changed in transit, not who made it.

    \b
    Example:
      cape-kit verify reports/harbor-lane/2026-05-05
    """
    from cape_kit.rendering import manifest

    found = manifest.verify(folder)
    if as_json:
        click.echo(json.dumps([_record(one) for one in found], indent=2, ensure_ascii=False))
    else:
        for one in found:
            _say_verdict(one)
    if not all(one.whole for one in found):
        click.get_current_context().exit(1)


def _say_verdict(one: Verdict) -> None:
    noun = "file" if one.files == 1 else "files"
    told = [f"as it was made, {one.files} {noun}."] if one.whole else one.sentences
    for sentence in told:
        click.echo(f"{one.folder}: {sentence}")


def _record(one: Verdict) -> dict[str, Any]:
    return {
        "folder": one.folder.as_posix(),
        "whole": one.whole,
        "files": one.files,
        "missing": list(one.missing),
        "changed": list(one.changed),
        "extra": list(one.extra),
        "trouble": one.trouble or None,
    }


def _watched(jobs: list[Job], limits: Limits, law: Law, log: Path, dask: str | None) -> list[Outcome]:
    """The outcomes of all jobs, watched: a bar where a terminal is, and the journal. Ctrl-C says how to go on."""
    from cape_kit.rendering import batch as room
    from cape_kit.rendering import manifest, redacted
    from cape_kit.rendering.watching import Bar, Journal, Together

    outcomes: list[Outcome] = []
    called = partial(redacted.spoken, jobs[0].out) if jobs[0].options.redact else attrgetter("name")
    with Journal(log, name=called) as journal, Bar(len(jobs)) as bar:
        journal.begin(len(jobs), limits.workers, manifest.identity(law))
        try:
            with _executor(dask, limits, jobs[0].options.law) as (way, others):
                watch = Together(journal, bar, *others)
                outcomes.extend(room.run(jobs, limits=limits, watch=watch, **way))
        except KeyboardInterrupt:
            bar.close()
            made = journal.counts["done"] + journal.counts["unchanged"]
            click.echo(
                f"Stopped: {made} of {len(jobs)} reports are there, {journal.counts['failed']} failed. "
                f"Run the same command again to continue; finished reports that have not changed are not "
                f"made again.",
                err=True,
            )
            raise
    if journal.trouble is not None:
        click.echo(f"! {log} is not complete: {of_system(journal.trouble, log)}", err=True)
    return outcomes


@contextmanager
def _executor(
    dask: str | None, limits: Limits, law: Path | None
) -> Iterator[tuple[dict[str, Any], list[Watch]]]:
    """Who makes the reports, as arguments of a run, and who looks on besides: this machine's pool, or a cluster."""
    if not dask:
        yield {}, []
        return
    from cape_kit.rendering import cluster

    with cluster.workers(dask, law) as executor:
        way = {"executor": executor, "call": cluster.call(limits, law)}
        yield way, [executor.watch(partial(click.echo, err=True))]


def _needs_redact(redact_ports: bool, redact: bool) -> None:
    if redact_ports and not redact:
        raise Usage("--redact-ports works with --redact; give --redact too")


def _day(as_of: date | str | None) -> Any:
    return as_of if as_of == EXTRACT else or_today(as_of)  # type: ignore[arg-type]


def _say(outcome: Outcome) -> None:
    """Where the report is, to stdout; what went wrong, to stderr."""
    if outcome.page is not None:
        click.echo(outcome.page)
    if outcome.key is not None:
        click.echo(f"The key to who is who is {outcome.key}: keep it, and do not send it.", err=True)
    if outcome.message:
        click.echo(f"{outcome.source.name}: {outcome.message}", err=True)
    say_unread(outcome.unread, outcome.source)


def _load_lightly() -> None:
    """Keep out an optional grammar of the notebook checker that takes most of a second to build.

    Done here, at the program's own door, and not in the library: it changes what others may import.
    """
    sys.modules.setdefault("rfc3987_syntax", None)  # type: ignore[arg-type]
