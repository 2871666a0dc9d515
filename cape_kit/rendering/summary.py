"""The workbook over all clients of a batch: one row each, live sums, and the way to each report.

It is the consultant's own: it names every client, and no client's report holds any of it. Where the reports
are made to be shared it names none.
"""

from __future__ import annotations

import itertools
import os
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, date, datetime, time
from pathlib import Path
from typing import Any

import pandas as pd

from cape_kit import leftovers
from cape_kit.assessment.decisions import DISPOSITIONS
from cape_kit.entries import client
from cape_kit.errors import BadClient
from cape_kit.money import known_sum
from cape_kit.rendering import redacted
from cape_kit.rendering.book import added, told_by_folder
from cape_kit.rendering.book import of as book_of
from cape_kit.rendering.jobs import SUMMARY, Outcome
from cape_kit.views import words
from cape_kit.views.redaction import CLIENT
from cape_kit.views.tables import Field, Table
from cape_kit.views.tables.money import ON_CAPE
from cape_kit.views.workbook import sheet as sheets
from cape_kit.views.workbook.sheet import Formats

#: Whether it was made now or was there says nothing about the client: started again, a batch says the same.
STATES = {"done": "Report", "unchanged": "Report", "failed": "No report"}
#: What stands for a message that may quote a client's files, where the reports are for sharing.
WITHHELD = "What went wrong was shown when the reports were made; it is withheld here."
_FIELDS = (
    Field("name", "Client"),
    Field("report", "Report"),
    Field("as_of", "As of", "day"),
    Field("entries", "Entries", "count"),
    Field("all", "IEEPA duty", "dollars"),
    Field("unknown", "Entries, duty not known", "count"),
    Field("expected", "Expected, with interest", "dollars"),
    Field("next_day", "Next deadline", "day"),
    Field("next_cents", "IEEPA duty then", "dollars"),
    *(Field(key, label, "dollars") for key, label in DISPOSITIONS.items() if key != "not_refundable"),
    Field("interest", "Interest", "dollars"),
    Field("next_what", "Deadline then"),
    Field("next_entries", "Entries then", "count"),
    Field("errors", "Rows not used", "count"),
    Field("unverified", "Points not verified", "count"),
    Field("message", "What went wrong"),
)
_CLIENTS, _FRONT = "Clients", "Overview"
#: Columns summed on the first sheet, and their names there.
_SUMS = {"entries": "Entries", "all": "IEEPA duty found", "expected": "Expected, with interest"}
#: A longer list is not wrapped: it would take long to open.
_WRAPPED = 2000
_PURPOSES = {
    _CLIENTS: "One row per client: its report, its money, its next window. Filters and sums are live.",
    "Deadlines": "The days on which windows close, over all clients, the soonest first.",
    "Filed and paid": "What has been filed and what has come, client by client.",
    "Who owes data": "Whose files or answers are missing, and the dollars that wait for them.",
}
#: The consultant's own: what client.toml says of the engagement, on what can be filed today. Only where one says it.
_FEE = Field("fee", "Your fee on CAPE now", "dollars")


def write(outcomes: Iterable[Outcome], out: Path, *, redact: bool | None = None) -> Path:
    """The summary of these outcomes in the output folder; its links are relative, so it can be moved.

    A fee stands here and in no client's report; where no client is named, there is none.
    """
    outcomes = list(outcomes)
    rows = told(outcomes, redact)
    table = _table(rows)
    firm = book_of((one.source.name, one.summary) for one in rows)
    beside = (
        {}
        if firm is None
        else {"Deadlines": firm.closing(), "Filed and paid": firm.filed_and_paid, "Who owes data": firm.owed}
    )
    out.mkdir(parents=True, exist_ok=True)
    path = out / SUMMARY
    fresh = leftovers.beside(path)
    with _or_nothing(fresh), sheets.opened(fresh) as book:
        book.set_properties({"title": "IEEPA duty refunds: all clients", "created": _made(table)})
        formats, front = Formats(book), book.add_worksheet(_FRONT)
        _front(
            front,
            table,
            formats,
            {_CLIENTS: len(table.frame)} | {name: len(more.frame) for name, more in beside.items()},
        )
        sheet = book.add_worksheet(_CLIENTS)
        running = f"IEEPA duty refunds: all clients, as of {words.day(table.as_of, long=True)}"
        sheets.fill(sheet, table, formats, wrap=len(table.frame) < _WRAPPED, running=running)
        column = [one.name for one in table.fields].index("report")
        for row, outcome in enumerate(rows, start=sheets.HEAD + 1):
            if outcome.page:
                sheet.write_formula(row, column, *_link(outcome, out, formats))
        for name, more in beside.items():
            wrap = len(more.frame) < _WRAPPED
            sheets.fill(book.add_worksheet(name), more, formats, wrap=wrap, running=running)
    fresh.replace(path)
    return path


@contextmanager
def _or_nothing(fresh: Path) -> Iterator[None]:
    """What could not be written whole is taken away."""
    try:
        yield
    except BaseException:
        fresh.unlink(missing_ok=True)
        raise


def _front(sheet: Any, table: Table, formats: Formats, rows: dict[str, int]) -> None:
    """The first sheet: how many entries and dollars, and what each other sheet is for, with its rows."""
    frame = table.frame
    sheet.hide_gridlines(2)
    sheet.set_column(0, 0, 34)
    sheet.set_column(1, 1, 18)
    sheet.set_column(2, 2, 84)
    sheet.set_row(0, 24)
    sheet.write_string(0, 0, "IEEPA duty refunds: all clients", formats.title)
    sheet.write_string(1, 0, f"As of {words.day(table.as_of, long=True)}" if len(frame) else table.empty)
    columns = [one.name for one in table.fields]
    last = sheets.HEAD + 1 + max(len(frame), 1)
    for row, (name, label) in enumerate(_SUMS.items(), start=3):
        letter = sheets.letters(columns.index(name))
        cells = f"{_CLIENTS}!{letter}{sheets.HEAD + 2}:{letter}{last}"
        sheet.write_string(row, 0, label)
        if name == "entries":
            count = int(frame[name].sum())
            sheet.write_formula(row, 1, f"=SUM({cells})", formats.count, count)
            continue
        formula = f'=IF(COUNT({cells})=0,"{words.NOTHING}",SUM({cells}))'
        sheet.write_formula(row, 1, formula, formats.money, sheets.dollars(known_sum(frame[name])))
    top = 4 + len(_SUMS)
    for column, head in enumerate(("Sheet", "Rows", "What it is for")):
        sheet.write_string(top, column, head, formats.head_right if column == 1 else formats.head_words)
    for row, (name, count) in enumerate(rows.items(), start=top + 1):
        sheet.write_url(row, 0, f"internal:'{name}'!A1", formats.link, name)
        sheet.write_number(row, 1, count, formats.count)
        sheet.write_string(row, 2, _PURPOSES[name], formats.wrapped)
    sheet.write_string(top + len(rows) + 2, 0, "Amounts are estimates; CBP decides.", formats.sum_words)
    sheets.for_print(sheet, _FRONT)


def told(outcomes: Iterable[Outcome], redact: bool | None = None) -> list[Outcome]:
    """The outcomes by name of folder; redacted, without the names of folders and what was said of them.

    What went wrong quotes paths and files, so it is told where the reports are made and not here. Where
    `redact` is not said, one report that withholds its client's name says it.
    """
    rows = sorted(outcomes, key=lambda outcome: outcome.source.name)
    if redact is None:
        redact = any(one.summary.get("name") == CLIENT for one in rows)
    if redact:
        return _all_withheld(rows)
    named = told_by_folder((one.source.name, one.summary) for one in rows)
    return [replace(one, summary=summary) for one, (_, summary) in zip(rows, named, strict=True)]


def trouble(outcome: Outcome) -> str:
    """What went wrong with a client: with its report, and with the files that were not read."""
    not_read = " ".join(f"Not read: {told}" for told in outcome.unread)
    return " ".join(filter(None, (outcome.message, not_read)))


def rows_not_used(told: dict[str, Any]) -> int:
    """The rows of a client's files that were refused or stand in files that were not read."""
    return int(told.get("rows_not_used", told.get("problems", {}).get("error", 0)))


def _all_withheld(outcomes: list[Outcome]) -> list[Outcome]:
    """Each client by the number of its folder; those without a report have the numbers after."""
    taken = [redacted.number(one.folder) for one in outcomes]
    free = itertools.count(max((one for one in taken if one), default=0) + 1)
    return [_withheld(one, place or next(free)) for one, place in zip(outcomes, taken, strict=True)]


def _withheld(outcome: Outcome, place: int) -> Outcome:
    named = f"Client {place} (name withheld)"
    return replace(
        outcome,
        source=Path(named),
        key=None,
        message=WITHHELD if outcome.message or outcome.unread else "",
        summary=outcome.summary | {"name": named, "unread": []} if outcome.summary else outcome.summary,
    )


def _table(outcomes: list[Outcome]) -> Table:
    made = [_row(one) | {"fee": _fee(one)} for one in outcomes]
    fields = (*_FIELDS, _FEE) if any(row["fee"] is not None for row in made) else _FIELDS
    frame = pd.DataFrame(made, columns=[one.name for one in fields])
    figures = {one.name: "Int64" for one in fields if one.kind in ("dollars", "count")}
    days = {one.name: "datetime64[s]" for one in fields if one.kind == "day"}
    return Table(
        frame.astype({**figures, **days}),
        fields,
        caption="All clients",
        as_of=max(
            (date.fromisoformat(one.summary["as_of"]) for one in outcomes if one.summary), default=_NEVER
        ),
        note="One row per client. Amounts are in dollars, estimates; CBP decides.",
        empty="No client.",
    )


#: Stands for a day where no report has one; the earliest a spreadsheet's own properties can hold.
_NEVER = datetime.fromtimestamp(0, UTC).date()


def _made(table: Table) -> datetime:
    return datetime.combine(table.as_of, time())


def _row(outcome: Outcome) -> dict[str, Any]:
    """One client as plain values, everything unknown left out. [cents]"""
    summary = outcome.summary
    row: dict[str, Any] = {
        "name": summary.get("name", outcome.source.name),
        "report": STATES[outcome.state],
        "message": trouble(outcome),
    }
    if not summary:
        return row
    parts, coming = summary["dispositions"], summary["next_deadline"]
    whole = added(list(parts.values()))
    row |= {key: part["principal_cents"] for key, part in parts.items()}
    row |= {
        "as_of": pd.Timestamp(summary["as_of"]),
        "entries": whole["entries"],
        "all": whole["principal_cents"],
        "unknown": whole["principal_unknown"],
        "interest": whole["interest_cents"],
        "expected": summary.get("expected", {}).get("amount_cents"),
        "errors": rows_not_used(summary),
        "unverified": summary["unverified"],
    }
    if coming:
        row |= {
            "next_day": pd.Timestamp(coming["day"]),
            "next_what": words.sentence(coming["what"]),
            "next_entries": coming["entries"],
            "next_cents": coming["principal_cents"],
        }
    return row


def _fee(outcome: Outcome) -> int | None:
    """What the consultant asks for the entries that can be filed today; None where client.toml says nothing.

    Read anew from the client's folder, so that it stands in nothing that goes to the client. [cents]
    """
    try:
        if not outcome.summary or not outcome.source.is_dir():
            return None
        agreed = client.load(outcome.source).engagement
    except (BadClient, OSError):  # the folder may have gone away while the others were made
        return None
    if agreed is None:
        return None
    whole = added([outcome.summary["dispositions"][key] for key in ON_CAPE])
    if whole["principal_unknown"] or whole["interest_unknown"]:
        return None  # of a refund that is not known nobody can say a share
    return agreed.fee_cents(whole["principal_cents"] + whole["interest_cents"], whole["entries"])


def _link(outcome: Outcome, out: Path, formats: Formats) -> tuple[str, Any, str]:
    """The one formula made here of a path: a link with forward slashes, which every spreadsheet follows."""
    path = Path(os.path.relpath(str(outcome.page), out)).as_posix().replace('"', '""')
    told = STATES[outcome.state]
    return f'=HYPERLINK("{path}","{told}")', formats.link, told
