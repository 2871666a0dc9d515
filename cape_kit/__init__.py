"""CAPE Kit: which IEEPA duties come back through CAPE, by when, how much, and why.

A notebook needs this door and no other: `open` a client's folder, `assess` it on a day, ask `scenarios` what if,
`declare` what to upload, `reconcile` what came back, write the `report`; `interest` for one deposit, and beside
the verbs `charts`, `tables`, `widgets` and `law`, the book. Importing this package loads nothing heavy.

>>> portfolio = cape_kit.open("data/sample/harbor-lane")
>>> assessment = cape_kit.assess(portfolio, as_of="2026-05-05")
>>> int(assessment.totals["entries"].sum())
236
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from datetime import date
    from decimal import Decimal
    from pathlib import Path

    from cape_kit.assessment.assess import Assessment
    from cape_kit.assessment.interest import Accrual
    from cape_kit.assessment.scenarios import Scenario
    from cape_kit.entries.portfolio import Portfolio
    from cape_kit.filing.monitoring import Reconciliation
    from cape_kit.law.book import Law

__version__ = "0.1.0"
__all__ = ["__version__", "assess", "declare", "interest", "open", "reconcile", "report"]

#: Rooms that stand at the door under their own name, imported when they are first asked for.
_ROOMS = {
    "charts": "cape_kit.views.charts",
    "law": "cape_kit.law",
    "scenarios": "cape_kit.assessment.scenarios",
    "tables": "cape_kit.views.tables",
    "widgets": "cape_kit.views.widgets",
}


def __getattr__(name: str) -> Any:
    if name in _ROOMS:
        return import_module(_ROOMS[name])
    raise AttributeError(f"module 'cape_kit' has no attribute '{name}'")


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


def declare(assessment: Assessment, out: str | Path, *, submitter: str = "importer") -> list[Path]:
    """The CAPE files to upload, checked on their bytes and written under `out`; returns their paths.

    `submitter`: "importer" (a file per importer number) or "filer" (per filer code). Beside the files lie the
    list of entries left out, with why, and a sheet for each file. Raises InvalidDeclaration, Usage.

    >>> files = cape_kit.declare(assessment, "declarations")
    >>> [path.suffix for path in files]
    ['.csv']
    """
    from pathlib import Path as _Path

    from cape_kit.filing import declaration

    return declaration.write_all(assessment, _Path(out), submitter=submitter)


def reconcile(assessment: Assessment) -> Reconciliation:
    """CBP's refund reports in the client's folder against what was expected, to the cent; nothing is netted.

    `totals` of the answer has a row per outcome, `entries` one per entry, `to_raise` those to take up. [cents]

    >>> int(cape_kit.reconcile(assessment).totals["entries"].sum())
    6
    """
    from cape_kit.filing import monitoring

    return monitoring.reconcile(assessment)


def report(
    folder: str | Path, *, as_of: date | str, out: str | Path, pdf: bool = False, redact: bool = False
) -> Path:
    """A client's whole report under ``out/<client>/<as_of>/``; returns the page to open.

    `as_of` is a day, or "extract" for the day the client's files were exported. Raises CapeError, in one
    sentence, when no report can be made; an earlier report is then left as it was.

    >>> cape_kit.report("data/sample/harbor-lane", as_of="extract", out="reports").name
    'report.html'
    """
    from pathlib import Path as _Path

    from cape_kit.errors import Usage
    from cape_kit.rendering import report as room

    day: Any = as_of if as_of == "extract" else _day(as_of)
    done = room.render(_Path(folder), day, _Path(out), options=room.Options(pdf, redact))
    if done.page is None:
        raise Usage(done.message)
    return done.page


def interest(
    principal: Decimal | str | int,
    *,
    deposited: date | str,
    until: date | str,
    importer_class: str | None = None,
    day_count: str | None = None,
    law: Law | None = None,
) -> Accrual:
    """Statutory interest on one deposit from its day to the day of (re)liquidation. [dollars in, cents out]

    `importer_class`: "corporate" or "non_corporate"; `day_count`: "start" or "end"; both by default as the law
    book has them. Raises NoLawInForce beyond the last published rate, Usage for what is no amount or day.
    Source: 19 USC 1505(c), keys ``interest.*`` of the law book.

    A published figure, $1,175.72:

    >>> days = {"deposited": "2015-04-15", "until": "2017-10-26"}
    >>> cape_kit.interest("12250", **days, importer_class="non_corporate", day_count="end").interest_cents
    117572
    """
    from cape_kit import money
    from cape_kit.assessment import interest as room
    from cape_kit.law import book

    return room.accrue(
        money.to_cents(money.parse(str(principal))),
        _day(deposited),
        _day(until),
        law or book.load(),
        importer_class=importer_class,
        day_count=day_count,
    )


def _day(value: date | str) -> date:
    from datetime import date as _date

    from cape_kit.errors import Usage

    if not isinstance(value, str):
        return value
    try:
        return _date.fromisoformat(value.strip())
    except ValueError:
        raise Usage(f"'{value}' is no date; write it as YYYY-MM-DD") from None
