"""`declare` and `reconcile`: the files to upload, and what came back."""

from __future__ import annotations

import json
from datetime import date
from itertools import combinations
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from cape_kit.cli.arguments import (
    AS_OF,
    CLIENT,
    FILING,
    LAW,
    LAYOUTS,
    OUT,
    DayOrExtract,
    OutFolder,
    assessed,
    nothing_beside,
    say_unread,
)

if TYPE_CHECKING:
    from cape_kit.assessment.assess import Assessment
    from cape_kit.filing.declaration import Choice, Recorded
    from cape_kit.filing.monitoring import Reconciliation

#: What is written into the ledger, in any order and all at once.
_RECORDS = ("filed", "refused", "undo")
JSON = click.option("--json", "as_json", is_flag=True, help="For programs; amounts are decimal strings.")
FILE = click.Path(exists=True, dir_okay=False, path_type=Path)


@click.command()
@CLIENT
@AS_OF
@FILING
@LAW
@LAYOUTS
@click.option("--out", type=OutFolder(), help="Folder for the files.")
@click.option(
    "--submitter",
    type=click.Choice(["importer", "filer"]),
    default="importer",
    show_default=True,
    help="Who uploads: one file per importer number (all filers), or per filer code (all importers).",
)
@click.option(
    "--order",
    type=click.Choice(["urgency", "amount"]),
    default="urgency",
    show_default=True,
    help="Which entries come first: those whose deadline is next, or those with the most duty.",
)
@click.option(
    "--hold-back",
    multiple=True,
    metavar="CODE",
    help="Leave out entries for which this check is not verified, such as E13; 'any' for every check.",
)
@click.option(
    "--first-batch", type=click.IntRange(1), help="Number of entries in a small first file, as a test."
)
@click.option(
    "--refused-too", is_flag=True, help="Include entries refused before that are not shown as corrected."
)
@click.option("--filed", type=FILE, multiple=True, help="Instead: record that this file was uploaded.")
@click.option("--refused", type=FILE, multiple=True, help="Instead: record that CBP rejected this file.")
@click.option(
    "--undo",
    type=FILE,
    multiple=True,
    help="Instead: reverse a --filed or --claim-number recorded by mistake.",
)
@click.option(
    "--claim-number", help="With --filed: the claim number CBP gave; may be given later, with --filed again."
)
@JSON
def declare(
    client: Path,
    as_of: DayOrExtract | None,
    filing_date: date | None,
    own_law: Path | None,
    out: Path | None,
    submitter: str,
    order: str,
    hold_back: tuple[str, ...],
    first_batch: int | None,
    refused_too: bool,
    filed: tuple[Path, ...],
    refused: tuple[Path, ...],
    undo: tuple[Path, ...],
    claim_number: str | None,
    as_json: bool,
) -> None:
    """Write the CAPE declaration files for CLIENT, with CBP's own file checks applied.

    With each file comes a sheet listing its entries; exceptions.csv lists every other entry and why.
    Writing a file is not filing it: after the upload, record it with --filed, and the entries are "Filed,
    awaiting CBP" until CBP's response is among the files. --undo reverses an upload recorded by mistake;
    the ledger, .cape-filed.csv in the client's folder, keeps both.

    \b
    Examples:
      cape-kit declare data/sample/harbor-lane --as-of 2026-05-05 --out declarations
      cape-kit declare data/clients/acme --as-of 2026-05-05 --filed declarations/acme/CAPE_….csv
    """
    from cape_kit.filing import csv_out
    from cape_kit.filing.declaration import Choice

    choice = Choice(order, hold_back, first_batch, refused_too)
    _one_thing(out, filed, refused, undo, claim_number)
    if out is not None:
        csv_out.place(out, client)  # refused before anything is read
    assessment = assessed(client, as_of, filing_date=filing_date, own_law=own_law)
    if filed or refused or undo:
        _record(assessment, filed, submitter=submitter, claim_number=claim_number)
        _take_back(assessment, refused, undo)
    elif out is not None:
        _write(assessment, out, submitter=submitter, choice=choice, as_json=as_json)
        if say_unread(_not_read(assessment), client):
            click.get_current_context().exit(1)


def _not_read(assessment: Assessment) -> list[str]:
    from cape_kit.entries.portfolio import files

    return [f"{name}: {holds}" for name, holds in files.told_not_read(assessment.portfolio)]


@click.command()
@CLIENT
@AS_OF
@LAW
@LAYOUTS
@OUT
@JSON
def reconcile(
    client: Path, as_of: DayOrExtract | None, own_law: Path | None, out: Path | None, as_json: bool
) -> None:
    """Compare CBP's responses and refunds with what was expected for CLIENT, to the cent.

    Exit 1 when a file was not read: refunds may stand in it.

    \b
    Example:
      cape-kit reconcile data/sample-after/quarry-and-pine --as-of 2026-10-01 --out reconciliation
    """
    from cape_kit.filing import claims, csv_out, monitoring

    folder = csv_out.place(out, client) if out is not None else None
    assessment = assessed(client, as_of, own_law=own_law)
    found, answers = monitoring.reconcile(assessment), claims.results(assessment)
    tables = _tables(found, answers)
    if folder is not None:
        _save(tables, folder)
    if len(found.later):
        click.echo(_later(found), err=True)
    if as_json:
        click.echo(json.dumps(_as_dict(assessment, tables), indent=1))
    elif out is None:
        click.echo(_page(assessment, found, tables))
    if say_unread(_not_read(assessment), client):  # refunds may stand in it
        click.get_current_context().exit(1)


def _one_thing(
    out: Path | None,
    filed: tuple[Path, ...],
    refused: tuple[Path, ...],
    undo: tuple[Path, ...],
    claim_number: str | None,
) -> None:
    """Refuses options that contradict each other, and those that only writing the files would hear of."""
    if out is None and not filed and not refused and not undo:
        raise click.UsageError("Give --out (where to write) or --filed (the file that was uploaded).")
    if claim_number is not None and not filed:
        raise click.UsageError("--claim-number goes with an upload; give the file with --filed.")
    given = {"--filed": filed, "--refused": refused, "--undo": undo}
    places = {name: {path.resolve() for path in paths} for name, paths in given.items()}
    for one, other in combinations(places, 2):
        if both := places[one] & places[other]:
            raise click.UsageError(f"{min(both).name} is given with both {one} and {other}; give only one.")
    for name, paths in given.items():
        if paths:
            with_upload = ("submitter", "claim_number") if filed else ()
            nothing_beside(
                name.removeprefix("--"), "as_of", "filing_date", "own_law", "layouts", *_RECORDS, *with_upload
            )


def _record(
    assessment: Assessment,
    filed: tuple[Path, ...],
    *,
    submitter: str,
    claim_number: str | None,
) -> None:
    """Write uploads, or the claim numbers of earlier ones, into the client's ledger."""
    from cape_kit import sample
    from cape_kit.filing import declaration

    sample.unchanged(assessment.client.folder)
    for path in filed:
        done = declaration.record(assessment, path, submitter=submitter, claim_number=claim_number)
        if done.strange:
            click.echo(f"! {path.name}: not in the client's exports: {_some(done.strange)}", err=True)
        if done.twice:
            click.echo(
                f"! {path.name}: recorded, though an earlier upload that CBP has not answered holds "
                f"{_some(done.twice)}; CBP accepts an entry once. If this file was not uploaded, use --undo.",
                err=True,
            )
        click.echo(f"{path.name}: {_recorded(done, claim_number)}")


def _some(numbers: tuple[str, ...]) -> str:
    """The first few of some entry numbers."""
    more = f" and {len(numbers) - 5:,} more" if len(numbers) > 5 else ""
    return f"{', '.join(numbers[:5])}{more}"


def _recorded(done: Recorded, claim_number: str | None) -> str:
    """What writing an upload down did, in words."""
    if not done.lines:
        return "recorded before"
    if done.numbered:
        return f"recorded before; claim number {claim_number} added to {_entries(done.lines)}"
    return f"{done.lines:,} lines added"


def _take_back(assessment: Assessment, refused: tuple[Path, ...], undo: tuple[Path, ...]) -> None:
    """Write down which whole files CBP turned away, and which were recorded by mistake."""
    from cape_kit import sample
    from cape_kit.filing import declaration, ledger

    sample.unchanged(assessment.client.folder)
    folder, day = assessment.client.folder, assessment.filing_date
    for path in refused:
        lines = ledger.refuse(folder, ledger.upload(path, declaration.read_back(path)), refused_on=day)
        click.echo(f"{path.name}: refused by CBP, {lines:,} lines added")
    for path in undo:
        lines = ledger.undo(folder, ledger.upload(path, declaration.read_back(path)), undone_on=day)
        click.echo(f"{path.name}: the recording is reversed, {lines:,} lines added")
    click.echo(f"Ledger: {folder / ledger.NAME}", err=True)


def _write(assessment: Assessment, out: Path, *, submitter: str, choice: Choice, as_json: bool) -> None:
    from cape_kit.filing import csv_out, declaration

    folder = csv_out.place(out, assessment.client.folder)
    before = declaration.replaced(folder)
    written = declaration.write_all(assessment, folder, submitter=submitter, choice=choice)
    for path in declaration.replaced(folder):
        if path not in before:
            click.echo(
                f"! replaced an earlier file; if it was uploaded, record it with --filed {path}", err=True
            )
    left = declaration.left_out(assessment, submitter=submitter, choice=choice)
    if as_json:
        parts = declaration.build(assessment, submitter=submitter, choice=choice)
        files = csv_out.records(declaration.overview(assessment, parts))
        told = {"folder": str(folder), "files": files, "exceptions": csv_out.records(left)}
        click.echo(json.dumps(told, indent=1))
        return
    for path in written:
        count = len(declaration.read_back(path))
        click.echo(str(path))
        click.echo(f"  {_entries(count)}, {path.stat().st_size:,} bytes, read back and checked", err=True)
    if not written:
        click.echo("No entry can be filed on that day, so no file was written.", err=True)
    for kind, count in left["kind"].value_counts().items():
        click.echo(f"  left out, {declaration.REASONS[str(kind)]}: {count:,}", err=True)
    if written:
        click.echo(f"  after the upload: cape-kit declare {assessment.client.folder} --filed FILE", err=True)


def _entries(count: int) -> str:
    from cape_kit.views import words

    return words.entries(count)


def _tables(found: Reconciliation, answers: Any) -> dict[str, Any]:
    """The tables of a reconciliation by the name of their file."""
    from cape_kit.filing import claims

    return {
        "totals": found.totals,
        "to_raise": found.to_raise,
        "entries": found.entries,
        "payments": found.payments,
        "groups": found.groups,
        "later": found.later,
        "lines": found.lines,
        "claims": answers,
        "resubmit": claims.resubmit(answers),
    }


def _later(found: Reconciliation) -> str:
    """That the files show refunds of days after the one asked about, which are counted like the others."""
    days = found.later["refund_date"]
    return (
        f"! {len(found.later):,} of {len(found.payments):,} refunds are dated after {found.as_of:%Y-%m-%d}, "
        f"up to {days.max():%Y-%m-%d}. They are counted all the same, so this is not the position on that "
        f"date; the table 'later' lists them."
    )


def _save(tables: dict[str, Any], folder: Path) -> None:
    from cape_kit.filing import csv_out

    for name, table in tables.items():
        click.echo(str(csv_out.write(table, folder / f"{name}.csv")))


def _as_dict(assessment: Assessment, tables: dict[str, Any]) -> dict[str, Any]:
    from cape_kit.filing import csv_out

    head = {"client": assessment.client.name, "as_of": assessment.as_of.isoformat()}
    return head | {name: csv_out.records(table) for name, table in tables.items()}


def _page(assessment: Assessment, found: Reconciliation, tables: dict[str, Any]) -> str:

    from cape_kit import money
    from cape_kit.filing import monitoring

    labels = found.totals.set_index("outcome")["label"]
    wide = int(labels.str.len().max())
    lines = [
        f"{assessment.client.name}: refunds as of {assessment.as_of}",
        "",
        f"{'':{wide}}{'entries':>9}{'expected':>18}{'reported':>18}",
    ]
    totals = found.totals.assign(expected_cents=monitoring.expected_cents(found.totals))
    for row in totals.to_dict("records"):
        amounts = f"{money.told(row['expected_cents']):>18}{money.told(row['reported_total_cents']):>18}"
        lines.append(f"{row['label']:{wide}}{row['entries']:>9,}{amounts}")
    for what, unknown in (("refunds are", found.without_principal), ("interest is", found.without_interest)):
        if unknown:
            lines.append(f"! Expected {what} not known for {_entries(unknown)} and not counted.")
    lines += ["", f"To follow up: {_entries(len(found.to_raise))}."]
    for row in found.to_raise.head(10).to_dict("records"):
        stake = money.told(row["at_stake_cents"])
        what = ": ".join(filter(None, (labels[row["outcome"]], row["cause"])))
        lines.append(f"  {row['entry_number']} {stake:>14}  {what}")
    states = tables["claims"]["state"].value_counts()
    told = ", ".join(f"{state}: {count:,}" for state, count in states.items()) or "none"
    lines += ["", f"Claims: {told}. To put on a new declaration: {len(tables['resubmit']):,}."]
    return "\n".join(lines)
