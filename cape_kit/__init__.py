"""CAPE Kit: which IEEPA duties come back through CAPE, by when, how much, and why.

A notebook needs two verbs: ``portfolio = cape_kit.open(folder)`` and
``assessment = cape_kit.assess(portfolio, as_of="2026-05-05")``. Importing this package loads nothing heavy.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import date
    from pathlib import Path

    from cape_kit.assessment.assess import Assessment
    from cape_kit.assessment.scenarios import Scenario
    from cape_kit.entries.portfolio import Portfolio
    from cape_kit.law.book import Law

__version__ = "0.1.0"
__all__ = ["__version__", "assess", "open"]


def open(
    folder: str | Path, *, law: Law | str | Path | None = None, known_on: date | str | None = None
) -> Portfolio:
    """A client's folder -> its Portfolio: everything the files say, and every problem in them.

    `law` is the law book by default, else the book with your own rows from a folder (``cape-kit law --new``);
    `known_on` the day as of which it was known.
    """
    from pathlib import Path as _Path

    from cape_kit.entries import portfolio
    from cape_kit.law import book

    day = _day(known_on) if known_on else None
    if law is None or isinstance(law, str | _Path):
        return portfolio.open_client(_Path(folder), book.load(day, law))
    return portfolio.open_client(_Path(folder), law.known(day) if day else law)


def assess(
    portfolio: Portfolio,
    *,
    as_of: date | str,
    filing_date: date | str | None = None,
    known_on: date | str | None = None,
    scenario: Scenario | str | None = None,
) -> Assessment:
    """A Portfolio on a day -> its Assessment, by the law it was opened with, or as known on `known_on`.

    `scenario` is one of `cape_kit.assessment.scenarios`, or its name: shipped, or in the client's own
    scenarios.toml. What it assumes is in ``scenarios.assumptions(assessment.scenario, assessment.law)``.
    Raises Usage for a name nobody knows, NoLawInForce for a day the law book does not cover.
    """
    from cape_kit.assessment import assess as room

    if known_on:
        portfolio = portfolio.under(portfolio.law.known(_day(known_on)))
    filed = _day(filing_date) if filing_date else None
    found = room.assess(portfolio, portfolio.law, _day(as_of), filing_date=filed)
    if scenario is None:
        return found
    from cape_kit.assessment import scenarios

    chosen = scenarios.named(scenario, portfolio.client.folder) if isinstance(scenario, str) else scenario
    return scenarios.run(found, chosen)


def _day(value: date | str) -> date:
    from datetime import date as _date

    from cape_kit.errors import Usage

    if not isinstance(value, str):
        return value
    try:
        return _date.fromisoformat(value.strip())
    except ValueError:
        raise Usage(f"'{value}' is no date; write it as YYYY-MM-DD") from None
