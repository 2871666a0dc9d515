"""The arguments every command about a client shares, and the client opened and assessed."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

import click

from cape_kit.cli.days import DAY, or_today

if TYPE_CHECKING:
    from cape_kit.assessment.assess import Assessment

CLIENT = click.argument("client", type=click.Path(path_type=Path))
AS_OF = click.option("--as-of", type=DAY, help="Day the facts are looked at. Default: today, and it says so.")
FILING = click.option(
    "--filing-date", type=DAY, help="Day the declaration would be filed. Default: the as-of day."
)
SCENARIO = click.option(
    "--scenario", metavar="NAME", help="What if: a shipped scenario, or one of the client's scenarios.toml."
)
KNOWN = click.option("--known-on", type=DAY, help="Replay: the law as it was known on that day.")


def assessed(
    client: Path,
    as_of: date | None,
    *,
    filing_date: date | None = None,
    known_on: date | None = None,
    scenario: str | None = None,
) -> Assessment:
    """The client's folder read and decided on the day, or on today, which is then said on stderr."""
    import cape_kit

    day = or_today(as_of)
    return cape_kit.assess(
        cape_kit.open(client), as_of=day, filing_date=filing_date, known_on=known_on, scenario=scenario
    )
