"""`inspect`: what each file is, and what is wrong with it, before anything is decided."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from cape_kit.cli.arguments import LAW, LAYOUTS, ClientFolder

if TYPE_CHECKING:
    from cape_kit.entries.readers import FileRead
    from cape_kit.law.book import Law


@click.command()
@click.argument("paths", metavar="PATH...", nargs=-1, required=True, type=ClientFolder())
@click.option(
    "--json", "as_json", is_flag=True, help="For programs: a list with one object per sheet or file."
)
@click.option(
    "--propose",
    is_flag=True,
    help="Write CLIENT/layouts/NAME.toml for each sheet not read: which column is which, to be checked by "
    "you.",
)
@LAYOUTS
@LAW
@click.pass_context
def inspect(
    ctx: click.Context, paths: tuple[Path, ...], as_json: bool, propose: bool, own_law: Path | None
) -> None:
    """Identify each PATH (a file, or a client's folder): report, period, rows, columns, problems.

    Every dollar in a file is accounted for: used, refused, not understood. Names the objects to add in ACE
    so that more checks can be made. Exit 1 when a file can't be read or rows had to be refused.

    \b
    Example:
      cape-kit inspect data/sample/harbor-lane
    """
    from cape_kit.entries import file_report
    from cape_kit.errors import UnreadableReport
    from cape_kit.law import book

    told: list[dict[str, Any]] = []
    bad, law = False, book.load(folder=own_law)
    for path in paths:
        try:
            if propose:
                _propose(path, law)
            for file in file_report.files(path, law):
                readings = [file_report.of_reading(reading) for reading in file.readings]
                told += readings
                bad |= any(reading["rows_refused"] for reading in readings)
                if not as_json:
                    for reading in readings:
                        click.echo(file_report.as_text(reading) + "\n")
                bad |= _not_read(file, told, as_json=as_json)
        except UnreadableReport as error:
            bad |= _complain([error.message], told, str(path))
    if as_json:
        click.echo(json.dumps(told, indent=2, ensure_ascii=False))
    if bad:
        ctx.exit(1)


def _propose(client: Path, law: Law) -> None:
    """Write a layout for each sheet of a client that is not read; one that is there stays as it is."""
    from cape_kit import leftovers
    from cape_kit.entries import file_report

    for target, text in file_report.proposals(client, law):
        if target.exists():
            click.echo(
                f"{target} already exists and was left as it is; delete it for a new proposal", err=True
            )
            continue
        leftovers.put(target, text.encode("utf-8"))
        click.echo(f"{target}: written; check every line of it, then run again", err=True)


def _not_read(file: FileRead, reports: list[dict[str, Any]], *, as_json: bool) -> bool:
    """What of a file was not read, with what it holds; whether that is an error."""
    from cape_kit.entries import file_report

    unread = [file_report.of_unread(one) for one in file.unread]
    reports += unread
    if not as_json:
        for one in unread:
            click.echo(file_report.unread_as_text(one) + "\n")
        for name in file.own:
            click.echo(f"{name}: made by CAPE Kit; not read\n")
    problems = file.problems
    notes = problems[problems["severity"] != "error"]
    for note in notes.to_dict("records"):
        click.echo(f"note: {note['file']}: {note['message']}", err=True)
        reports.append({"file": note["file"], "report": None, "note": note["message"]})
    reports += [{"file": name, "report": None, "note": "made by CAPE Kit; not read"} for name in file.own]
    errors = problems[problems["severity"] == "error"]
    for message, what in zip(errors["message"], errors["what_to_do"], strict=True):
        click.echo(
            f"error: {message}. To do: {what}" if what not in message else f"error: {message}", err=True
        )
    return len(errors) > 0 or len(unread) > 0


def _complain(messages: Any, reports: list[dict[str, Any]], file: str) -> bool:
    """One sentence on stderr for each file that is no report; whether there was any."""
    for message in messages:
        click.echo(f"error: {message}", err=True)
        reports.append({"file": file, "report": None, "error": message})
    return len(messages) > 0
