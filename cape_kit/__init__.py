"""CAPE Kit: which IEEPA duties come back through CAPE, by when, how much, and why.

A notebook needs this door and no other. The way of a client through it: `inspect` what the files are, `open` the
folder, `assess` it on a day, `explain` one entry, ask what changed `since`, `audit` the lines, `declare` what to
upload and say when it is `filed`, `reconcile` what came back, write the `report`, or those of a `batch`, `verify`
what was delivered, and open the `book` over all clients. For the phone call: `interest`, `windows`, `heading`,
`entry_number`. Beside the verbs stand rooms: `charts`, `tables`, `start`, `whatif`, `scenarios` and `law`, the
book of the law. Importing this package loads nothing heavy.

Before all that, `look` says what lies in a folder, readable or not, and `desk` is the live page of notebook 00.
Wherever a client's folder is asked for, "sample:harbor-lane" is one of the clients that come with the kit.

>>> portfolio = cape_kit.open("sample:harbor-lane")
>>> assessment = cape_kit.assess(portfolio, as_of="2026-05-05")
>>> int(assessment.totals["entries"].sum())
236
"""

from __future__ import annotations

from datetime import date
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator
    from decimal import Decimal

    import pandas as pd

    from cape_kit import law as law
    from cape_kit.assessment import scenarios as scenarios
    from cape_kit.assessment.assess import Assessment
    from cape_kit.assessment.interest import Accrual
    from cape_kit.assessment.scenarios import Scenario
    from cape_kit.assessment.since import Changes
    from cape_kit.entries.identifiers import EntryNumber
    from cape_kit.entries.portfolio import Portfolio
    from cape_kit.filing.last_report import Changes as ReportChanges
    from cape_kit.filing.monitoring import Reconciliation
    from cape_kit.law.book import Law
    from cape_kit.law.headings import HeadingAnswer
    from cape_kit.rendering.attachments import Written
    from cape_kit.rendering.book import Book
    from cape_kit.rendering.jobs import Outcome
    from cape_kit.rendering.manifest import Verdict
    from cape_kit.views import charts as charts
    from cape_kit.views import start as start
    from cape_kit.views import tables as tables
    from cape_kit.views import whatif as whatif
    from cape_kit.views.markup import Html
    from cape_kit.views.start import Look
    from cape_kit.views.start.live_desk import Desk

__version__ = "0.1.0"
__all__ = [
    "__version__", "assess", "attach", "audit", "batch", "book", "declare", "desk", "entry_number", "explain", "filed",
    "heading", "inspect", "interest", "look", "open", "reconcile", "report", "since", "verify",
    "windows",
]  # fmt: skip

#: Rooms that stand at the door under their own name, imported when they are first asked for.
_ROOMS = {
    "charts": "cape_kit.views.charts",
    "law": "cape_kit.law",
    "scenarios": "cape_kit.assessment.scenarios",
    "start": "cape_kit.views.start",
    "tables": "cape_kit.views.tables",
    "whatif": "cape_kit.views.whatif",
}


def __getattr__(name: str) -> Any:
    if name in _ROOMS:
        return import_module(_ROOMS[name])
    raise AttributeError(f"module 'cape_kit' has no attribute '{name}'")


def __dir__() -> list[str]:
    return sorted({*__all__, *_ROOMS})


def inspect(path: str | Path, *, law: Law | str | Path | None = None) -> Iterator[str]:
    """What each file of a folder, or one file, is: report, rows, columns, dollars, problems; a text per sheet.

    Raises UnreadableReport where there is no such file or no data in the folder.

    >>> print(next(cape_kit.inspect("sample:harbor-lane")).splitlines()[0])
    CAPE claim details.csv
    """
    from cape_kit.entries import file_report

    for file in file_report.files(_folder(path), _law(law)):
        yield from (file_report.as_text(file_report.of_reading(reading)) for reading in file.readings)
        yield from (file_report.unread_as_text(file_report.of_unread(one)) for one in file.unread)


def look(folder: str | Path, *, as_of: date | str = "extract", law: str | Path | None = None) -> Look:
    """A client's folder as it lies, readable or not: what each file was taken for, what waits, what is left.

    `start.taken`, `start.waiting` and `start.to_do` show it. `as_of` is a day, or "extract" for the day the
    client's files were exported; `law` a folder of your own rows. Raises BadClient where there is no such folder.

    >>> found = cape_kit.look("sample:harbor-lane")
    >>> len(found.files), len(found.waiting)
    (2, 0)
    """
    from cape_kit.views import start as room

    return room.look(_folder(folder), as_of, law)


def desk(
    folder: str | Path,
    *,
    as_of: date | str = "extract",
    into: str | Path = "reports",
    law: str | Path | None = None,
    opens: bool = True,
) -> Desk | Html:
    """The live desk of notebook 00: files into a folder, columns named, client.toml filled in, the report made.

    `into` is where the report goes, `opens` whether the browser shows it then. Without ipywidgets, a sentence.

    >>> cape_kit.desk("sample:harbor-lane", opens=False)
    Start: 2 sheets read; 0 sheets not read; dollars in $14,324,117.18, used $14,324,117.18, not understood $0.00.
    """
    from cape_kit.views import start as room

    return room.desk(_folder(folder), as_of=as_of, into=Path(into), law=law, opens=opens)


def open(
    folder: str | Path, *, law: Law | str | Path | None = None, known_on: date | str | None = None
) -> Portfolio:
    """A client's folder -> its Portfolio: everything the files say, and every problem in them.

    `law` is the law book by default, else the book with your own rows from a folder (``cape-kit law --new``);
    `known_on` the day as of which it was known. Raises BadClient where the folder can't be used at all.

    >>> len(cape_kit.open("sample:harbor-lane").entries)
    236
    """
    from cape_kit.entries import portfolio

    return portfolio.open_client(_folder(folder), _law(law, known_on))


def assess(
    portfolio: Portfolio,
    *,
    as_of: date | str,
    filing_date: date | str | None = None,
    known_on: date | str | None = None,
    scenario: Scenario | str | None = None,
    redact: bool = False,
    redact_ports: bool = False,
    key: str | Path = "",
) -> Assessment:
    """A Portfolio on a day -> its Assessment, by the law it was opened with, or as known on `known_on`.

    `scenario` is one of `cape_kit.scenarios`, or its name: shipped, or in the client's own scenarios.toml. What
    it assumes is in ``scenarios.assumptions(assessment.scenario, assessment.law)``. `redact`: all that identifies
    is masked before anything is made of it, for sharing, ports of entry too with `redact_ports`; which entry is
    "Entry 017" is then written to the file `key`, which is nobody else's, or nowhere.
    Raises Usage for a name nobody knows, NoLawInForce for a day the law book does not cover.

    >>> portfolio = cape_kit.open("sample:harbor-lane")
    >>> later = cape_kit.assess(portfolio, as_of="2026-05-05", scenario="file_in_two_weeks")
    >>> str(later.filing_date)
    '2026-05-19'
    """
    from cape_kit.assessment import assess as room

    if known_on:
        portfolio = portfolio.under(portfolio.law.known(_day(known_on)))
    filed_on = _day(filing_date) if filing_date else None
    found = room.assess(portfolio, portfolio.law, _day(as_of), filing_date=filed_on)
    if scenario:
        from cape_kit.assessment import scenarios

        chosen = scenarios.named(scenario, portfolio.client.folder) if isinstance(scenario, str) else scenario
        found = scenarios.run(found, chosen)
    if not redact:
        return found
    from cape_kit.views import redaction

    found, told = redaction.with_key(found, ports=redact_ports)
    if key:
        redaction.write_key(told, Path(key))
    return found


def explain(assessment: Assessment, entry_number: str) -> str:
    """One entry's whole story for a person to read: what the files say, every check, its clocks, its worth.

    Raises Usage for an entry that is in none of the files.

    >>> print(cape_kit.explain(assessment, "HK7-1015838-5").splitlines()[0])
    Entry HK7-1015838-5: File on CAPE
    """
    from cape_kit.assessment import explain as room

    return room.explain(assessment, entry_number)


def since(assessment: Assessment, day: date | str | Path) -> Changes | ReportChanges:
    """What changed from an earlier day to the assessment's, the files being the same; time or law, and how.

    With the folder of an earlier report in place of the day, what changed since that report: new, moved, lost, paid.
    `table` of the answer has a row per entry, `summary` one per kind of change. [cents] Raises Usage where the
    day is not earlier, or the folder keeps no figures to compare.

    >>> later = cape_kit.assess(assessment.portfolio, as_of="2026-06-29")
    >>> sorted(set(cape_kit.since(later, "2026-05-05").table["why"]))
    ['the law changed', 'time passed', 'time passed and the law changed']
    """
    if isinstance(day, Path) or (isinstance(day, str) and Path(day).is_dir()):
        from cape_kit.filing import last_report

        return last_report.changes(assessment, Path(day))
    from cape_kit.assessment import since as room

    return room.changes(assessment, _day(day))


def audit(assessment: Assessment) -> pd.DataFrame:
    """Every line held against the registry of rates: a row per finding, underpaid, overpaid or to check. [cents]

    `tables.line_findings` and `tables.set_off` show it. Source: the headings of the law book.

    >>> set(cape_kit.audit(assessment)["direction"]) <= {"underpaid", "overpaid", "to check"}
    True
    """
    from cape_kit.assessment import audit as room

    return room.findings(assessment)


def declare(assessment: Assessment, out: str | Path | None, *, submitter: str = "importer") -> list[Path]:
    """The CAPE files to upload, checked on their bytes and written under `out`; returns their paths.

    `submitter`: "importer" (a file per importer number) or "filer" (per filer code). Beside the files lie the
    list of entries left out, with why, and a sheet for each file. With no folder nothing is written; what would
    be is in `tables.declarations`. Raises InvalidDeclaration, Usage.

    >>> files = cape_kit.declare(assessment, "declarations")
    >>> [path.suffix for path in files]
    ['.csv']
    """
    from cape_kit.filing import declaration

    return declaration.write_all(assessment, Path(out), submitter=submitter) if out else []


def filed(
    assessment: Assessment,
    file: str | Path,
    *,
    submitter: str = "importer",
    claim_number: str | None = None,
    undo: bool = False,
) -> int:
    """Write an uploaded declaration file into the client's ledger; returns how many lines that added.

    Opened anew, its entries are "Filed, awaiting CBP" and in no next file. Recorded again with a claim number, it
    gets that; `undo` takes a recording back, and the ledger keeps both. Raises InvalidDeclaration for what CBP
    would not take, Usage for a file of another client, or a client that comes with the kit.

    >>> own = cape_kit.assess(cape_kit.open("data/sample/harbor-lane"), as_of="2026-05-05")
    >>> cape_kit.filed(own, files[0]) > 0
    True
    >>> cape_kit.filed(own, files[0])
    0
    """
    from cape_kit import sample
    from cape_kit.filing import declaration, ledger

    sample.unchanged(assessment.client.folder)
    if undo:
        sent = ledger.upload(Path(file), declaration.read_back(Path(file)))
        return ledger.undo(assessment.client.folder, sent, undone_on=assessment.filing_date)
    return declaration.record(assessment, Path(file), submitter=submitter, claim_number=claim_number).lines


def reconcile(assessment: Assessment) -> Reconciliation:
    """CBP's refund reports in the client's folder against what was expected, to the cent; nothing is netted.

    `totals` of the answer has a row per outcome, `entries` one per entry, `to_raise` those to take up. [cents]

    >>> int(cape_kit.reconcile(assessment).totals["entries"].sum())
    6
    """
    from cape_kit.filing import monitoring

    return monitoring.reconcile(assessment)


def attach(assessment: Assessment, into: str | Path | None, *, redact: bool = False) -> Written:
    """What goes with a report, into a folder: declarations, protests, workbook, calendar; with none, nothing.

    `redact` as it was for `assess`: then there are no declaration files, whose names hold importer numbers.

    >>> cape_kit.attach(assessment, "attached").figures["as_of"]
    '2026-05-05'
    """
    from cape_kit.rendering import attachments

    return attachments.write(assessment, into, redact=redact)


def report(
    folder: str | Path,
    *,
    as_of: date | str,
    out: str | Path,
    filing_date: date | str | None = None,
    law: str | Path | None = None,
    pdf: bool = False,
    redact: bool = False,
    redact_ports: bool = False,
) -> Path:
    """A client's whole report under ``out/<client>/<as_of>/``; returns the page to open.

    `as_of` is a day, or "extract" for the day the client's files were exported; `law` a folder of your own rows.
    Raises CapeError, in one sentence, when no report can be made; an earlier report is then left as it was. Warns
    (`errors.Incomplete`) of a file that was not read and of a PDF that could not be printed.

    >>> cape_kit.report("data/sample/harbor-lane", as_of="extract", out="reports").name
    'report.html'
    """
    from cape_kit.rendering import report as room

    options = room.Options(pdf, redact, law=Path(law) if law else None, redact_ports=redact_ports)
    filed_on = _day(filing_date) if filing_date else None
    done = room.render(_folder(folder), _as_of(as_of), Path(out), filing_date=filed_on, options=options)
    return room.to_open(done)


def batch(
    folder: str | Path,
    *,
    as_of: date | str,
    out: str | Path,
    law: str | Path | None = None,
    redact: bool = False,
    redact_ports: bool = False,
    force: bool = False,
    workers: int | None = None,
) -> list[Outcome]:
    """The report of every client in a folder, each in a process of its own, with ``index.html`` and ``summary.xlsx``.

    Returns what became of each; a failed client is an outcome with a sentence, never the end of the run. A
    report whose inputs are unchanged is not made again without `force`. Raises Usage where there is no client.

    >>> [one.state for one in cape_kit.batch("data/sample", as_of="extract", out="reports")]
    ['unchanged']
    """
    from cape_kit.rendering import batch as room
    from cape_kit.rendering import redacted
    from cape_kit.rendering.jobs import Options

    options = Options(redact=redact, force=force, law=Path(law) if law else None, redact_ports=redact_ports)
    folders = room.clients(Path(folder))
    room.refuse_inside(folders, Path(out))
    jobs = [room.Job(one, _as_of(as_of), Path(out), options) for one in folders]
    with room.held(Path(out)):
        if redact:
            redacted.allot(Path(out), folders)
        outcomes = list(room.run(jobs, limits=room.limits(workers, None, None)))
        room.conclude(outcomes, redacted.sent(Path(out)) if redact else Path(out), redact=redact)
    return outcomes


def book(folder: str | Path, *, as_of: date | str | None = None) -> Book:
    """All clients of a firm by their reports under a folder: money, deadlines, who owes data, filed and paid.

    Reads the reports' manifests and computes nothing again: of each client the newest report, or the newest
    until `as_of`. Raises Usage where there is no report.

    >>> firm = cape_kit.book("reports")
    >>> len(firm.clients.frame)
    1
    """
    from cape_kit.rendering import book as room

    return room.read(Path(folder), _day(as_of) if as_of else None)


def verify(folder: str | Path) -> list[Verdict]:
    """Whether a delivered report, or each of those below a folder, still is what its manifest says.

    A verdict each: `whole`, and what is missing, changed or not of it. Raises Usage where there is no manifest.

    >>> [one.whole for one in cape_kit.verify("reports")]
    [True]
    """
    from cape_kit.rendering import manifest

    return manifest.verify(Path(folder))


def interest(
    principal: Decimal | str | int,
    *,
    deposited: date | str,
    until: date | str,
    importer_class: str | None = None,
    day_count: str | None = None,
    law: Law | str | Path | None = None,
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

    cents, days = money.to_cents(money.parse(str(principal))), (_day(deposited), _day(until))
    return room.accrue(cents, *days, _law(law), importer_class=importer_class, day_count=day_count)


def windows(
    liquidated: date | str, *, as_of: date | str, law: Law | str | Path | None = None
) -> dict[str, dict[str, date | int | str]]:
    """The CAPE, reliquidation and protest windows of a liquidation day: last day, days left, state.

    Sources: keys ``window.cape``, ``window.reliquidation``, ``window.protest`` of the law book.

    >>> str(cape_kit.windows("2026-09-03", as_of="2026-11-22")["cape"]["last_day"])
    '2026-11-22'
    """
    from cape_kit.assessment import timeline

    return timeline.clocks_on(_law(law), _day(liquidated), _day(as_of))


def heading(hts: str, *, on: date | str, law: Law | str | Path | None = None) -> HeadingAnswer:
    """What an HTS number is on a day of entry: programme, rate in per cent, duty or exception, its source.

    >>> answer = cape_kit.heading("9903.01.24", on="2025-11-10")
    >>> answer.programme, str(answer.rate_pct)
    ('China/HK fentanyl', '10')
    """
    from cape_kit.law import headings

    headings.normalise(hts)
    return headings.look_up(_law(law), hts, _day(on))


def entry_number(text: str) -> EntryNumber:
    """An entry number as it is spelt, normalised, with whether its check digit is right and what is not.

    >>> cape_kit.entry_number("B76-0324527-8").valid
    True
    """
    from cape_kit.entries import identifiers

    return identifiers.normalise_entry_number(text)


def _folder(given: str | Path) -> Path:
    from cape_kit import sample

    return sample.folder_of(given)


def _law(given: Law | str | Path | None, known_on: date | str | None = None) -> Law:
    from cape_kit.law import book

    day = _day(known_on) if known_on else None
    if isinstance(given, book.Law):
        return given.known(day) if day else given
    return book.load(day, Path(given) if given else None)


def _as_of(given: date | str) -> Any:
    return given if given == "extract" else _day(given)


def _day(value: date | str) -> date:
    from cape_kit.errors import Usage

    if not isinstance(value, str):
        return value
    try:
        return date.fromisoformat(value.strip())
    except ValueError:
        raise Usage(f"'{value}' is not a date; write it as YYYY-MM-DD") from None
