"""`law`: the law in force on a day as a readable page with its sources, and what in it to re-check."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from cape_kit.cli.arguments import DAY, LAW, OutFolder, nothing_beside, or_today

if TYPE_CHECKING:
    from cape_kit.law.book import Law


@click.command()
@click.option("--on", type=DAY, help="Date. Default: today, and the output says so.")
@click.option("--known-on", type=DAY, help="Replay: the law as it was known on that date.")
@click.option(
    "--check", is_flag=True, help="List what is stale, pending or conflicting; exit 1 if anything is."
)
@click.option("--find", metavar="WORD", help="Only what mentions a word, such as 'broker' or 'postal'.")
@LAW
@click.option("--new", type=OutFolder(), metavar="DIR", help="Instead: write a law folder to fill in.")
@click.option("--json", "as_json", is_flag=True, help="For programs.")
def law(
    on: date | None,
    known_on: date | None,
    check: bool,
    find: str | None,
    own_law: Path | None,
    new: Path | None,
    as_json: bool,
) -> None:
    """Show the law in force on a day, every line with its source; rows of your own are marked.

    \b
    Examples:
      cape-kit law --on 2026-06-29
      cape-kit law --find "notify party"
      cape-kit law --check
      cape-kit law --new my-law
      cape-kit law --law my-law --on 2027-01-15
    """
    from cape_kit.law import book, page
    from cape_kit.law.book import own

    if new is not None:
        nothing_beside("new")
        for path in own.new(new):
            click.echo(path)
        return
    if check:
        nothing_beside("check", "on", "known_on", "own_law", "as_json")
    elif find is not None:
        nothing_beside("find", "on", "known_on", "own_law")
    day = or_today(on, "--on")
    known = book.load(known_on, own_law)
    if check:
        found = page.checkup(known, day)
        told = checkup_as_dict(known, day) if as_json else page.checkup_text(found, known, day)
        click.echo(json.dumps(told, indent=1) if as_json else told)
        if not found.clean:
            raise click.exceptions.Exit(1)
    elif find is not None:
        _tell_found(page.found_text(known, day, find), find)
    else:
        click.echo(json.dumps(as_dict(known, day), indent=1) if as_json else page.text(known, day))


def _tell_found(text: str, word: str) -> None:
    if not text:
        click.echo(f"The law book has nothing on '{word}'.", err=True)
        raise click.exceptions.Exit(1)
    click.echo(text)


def as_dict(known: Law, on: date) -> dict[str, Any]:
    """The law in force on a day for programs: what is not in force that day is left out."""
    from dataclasses import asdict

    from cape_kit.errors import NoLawInForce

    values, checks = {}, []
    for key in known.contents.series:
        try:
            values[key] = _plain(asdict(known.value(key, on)))
        except NoLawInForce:
            continue
    try:
        checks = [_plain(asdict(one)) for one in (*known.file_checks(on), *known.validations(on))]
    except NoLawInForce:
        checks = []
    return {
        **_opening(known, on),
        "phases": [_plain(asdict(phase)) for phase in known.phases(on)],
        "values": values,
        "validations": checks,
        "interest": [_plain(asdict(r)) for r in known.contents.rates if r.first_day <= on <= r.last_day],
        "headings": [
            _plain(asdict(row))
            for row in known.contents.headings
            if row.first_day <= on <= (row.last_day or on)
        ],
        "sources": {key: _plain(asdict(one)) for key, one in known.contents.sources.items()},
    }


def checkup_as_dict(known: Law, as_of: date) -> dict[str, Any]:
    """What is stale, pending or conflicting, for programs."""
    from dataclasses import asdict

    return {
        **_opening(known, as_of),
        "pending": [_plain(asdict(one)) for one in known.pending],
        "conflicts": [_plain(asdict(one)) for one in known.conflicts],
    }


def _opening(known: Law, on: date) -> dict[str, Any]:
    return {
        "on": on.isoformat(),
        "known_on": known.known_on.isoformat() if known.known_on else None,
        "version": known.version,
        "own": known.own_rows,
        "checked_on": known.checked_on.isoformat(),
        "stale": known.stale(on),
    }


def _plain(row: dict[str, Any]) -> dict[str, Any]:
    """A row with its days and decimals as text."""
    kept = (str, int, float, bool, list, tuple, dict, type(None))
    return {name: value if isinstance(value, kept) else str(value) for name, value in row.items()}
