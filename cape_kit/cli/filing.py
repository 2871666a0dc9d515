"""`declare`: the files to upload."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import click

from cape_kit.cli.clients import AS_OF, CLIENT, FILING, assessed


@click.command()
@CLIENT
@AS_OF
@FILING
@click.option("--out", type=click.Path(path_type=Path), required=True, help="Folder for the files.")
@click.option(
    "--submitter",
    type=click.Choice(["importer", "filer"]),
    default="importer",
    show_default=True,
    help="Who uploads: one importer number over all filers, or one filer code over all importers.",
)
def declare(client: Path, as_of: date | None, filing_date: date | None, out: Path, submitter: str) -> None:
    """Write the CAPE declaration files for CLIENT, checked as CBP would check them.

    \b
    Example:
      cape-kit declare data/sample/harbor-lane --as-of 2026-05-05 --out declarations
    """
    from cape_kit.filing import declaration

    assessment = assessed(client, as_of, filing_date=filing_date)
    written = declaration.write_all(assessment, out / assessment.client.key, submitter=submitter)
    for path in written:
        count = len(declaration.read_back(path))
        click.echo(str(path))
        click.echo(f"  {count:,} entries, {path.stat().st_size:,} bytes, read back and checked", err=True)
    if not written:
        click.echo("No entry can be filed on that day, so no file was written.", err=True)
