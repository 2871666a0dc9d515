"""The sheets of the workbook, in the order a reader needs them, and its first page with live totals."""

from __future__ import annotations

from datetime import datetime, time
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from cape_kit.money import known_sum
from cape_kit.views import palette, tables, words
from cape_kit.views.tables.file_quality import BASIS
from cape_kit.views.tables.full_lists import FIELDS, FILER_PRINTED, PRINTED
from cape_kit.views.tables.money import labels
from cape_kit.views.tables.table import Table
from cape_kit.views.workbook import basis
from cape_kit.views.workbook import sheet as sheets
from cape_kit.views.workbook.sheet import Formats

if TYPE_CHECKING:
    from cape_kit.assessment.assess import Assessment

#: Sheets after the summary and the entries: each one table, and what it is for.
_LISTS = {
    tables.actions: "Every step to take, for how many entries and dollars, by when, and what stands in "
    "the way.",
    tables.declared_entries: "The entries of each declaration file, in its order.",
    tables.protest_list: "Entries to protest, or whose protest to keep, with the last day of each.",
    tables.programmes: "IEEPA duty by program: to file now, recoverable another way, out of reach.",
    tables.suits: "When the time to sue may end, by each reading of when it began: a question for counsel.",
    tables.audit_rows: "Lines whose duty is not the rate of their day: what CBP may look at when it "
    "liquidates.",
    tables.problem_rows: "Every row, column and file that could not be used as it stands, and what to do.",
    tables.conflict_rows: "Where two of the client’s files disagree, and which one was taken.",
}
#: A longer list is not wrapped: it would take long to open.
_WRAPPED = 2000
_ENTRIES, _BASIS_SHEET = "Entries", BASIS
_FRONT = {
    _ENTRIES: "Every entry: what to do by when, amounts, last days (these print); then why, and its facts.",
    _BASIS_SHEET: "What the figures rest on: points not verified, facts by hand, files read, law and "
    "readings.",
}


def write(assessment: Assessment, path: Path) -> Path:
    """The workbook of an assessment. The same assessment gives the same bytes."""
    with sheets.opened(path, constant_memory=True) as book:
        made = datetime.combine(assessment.as_of, time())
        book.set_properties({"title": f"IEEPA duty refunds: {assessment.client.name}", "created": made})
        book.set_calc_mode("auto")
        formats = Formats(book)
        entries = tables.every_entry(assessment)
        lists = [(made_from(assessment), purpose) for made_from, purpose in _LISTS.items()]
        rows = {_ENTRIES: len(entries.frame)} | {one.caption: len(one.frame) for one, _ in lists}
        purposes = {_ENTRIES: _FRONT[_ENTRIES]} | {one.caption: purpose for one, purpose in lists}
        purposes |= {_BASIS_SHEET: _FRONT[_BASIS_SHEET]}
        front = book.add_worksheet("Summary")
        last = _summary(front, assessment, formats)
        _contents(front, purposes, rows, formats, first=last + 2)
        _entries(book.add_worksheet(_ENTRIES), entries, formats, running=_running(assessment))
        for table, _ in lists:
            wrap = len(table.frame) < _WRAPPED
            sheets.fill(
                book.add_worksheet(table.caption), table, formats, wrap=wrap, running=_running(assessment)
            )
        basis.write(book.add_worksheet(_BASIS_SHEET), assessment, formats, running=_running(assessment))
    return path


def write_filer(assessment: Assessment, filer_code: str, path: Path) -> Path:
    """A workbook of the entries one filer filed, and of nobody else's. The same assessment gives the same bytes."""
    table = tables.entries_of_filer(assessment, filer_code)
    with sheets.opened(path, constant_memory=True) as book:
        made = datetime.combine(assessment.as_of, time())
        book.set_properties({"title": f"IEEPA duty refunds: {table.caption}", "created": made})
        wrap = len(table.frame) < _WRAPPED
        sheets.fill(
            book.add_worksheet("Entries"),
            table,
            Formats(book),
            wrap=wrap,
            printed=FILER_PRINTED,
            running=_running(assessment),
        )
    return path


def _running(assessment: Assessment) -> str:
    """What stands above every printed page."""
    return f"{assessment.client.name}: IEEPA duty refunds, as of {words.day(assessment.as_of, long=True)}"


def _contents(
    sheet: Any, purposes: dict[str, str], rows: dict[str, int], formats: Formats, *, first: int
) -> None:
    """What each of the other sheets is for, how many rows it has, and the way to it."""
    sheet.write_string(first, 0, "Sheet", formats.head_words)
    sheet.write_string(first, 1, "Rows", formats.head_right)
    sheet.merge_range(first, 2, first, _LAST, "", formats.head_words)
    sheet.write_string(first, 2, "What it is for", formats.head_words)
    for row, (name, purpose) in enumerate(purposes.items(), start=first + 1):
        sheet.write_url(row, 0, f"internal:'{name}'!A1", formats.link, name)
        if name in rows:
            sheet.write_number(row, 1, rows[name], formats.count)
        sheet.merge_range(row, 2, row, _LAST, "", formats.wrapped)
        sheet.write_string(row, 2, purpose, formats.wrapped)


def _summary(sheet: Any, assessment: Assessment, formats: Formats) -> int:
    """Whose it is and as of when; then every disposition with its figures, counted live from the entries.

    Returns the last row written.
    """
    sheet.hide_gridlines(2)
    sheet.set_column(0, 0, 34)
    sheet.set_column(1, 3, 18)
    sheet.set_column(4, 5, 26)
    sheet.set_row(0, 24)
    sheet.write_string(0, 0, sheets.clean(assessment.client.name), formats.title)
    sheet.write_string(
        1, 0, f"IEEPA duty refunds through CAPE, as of {words.day(assessment.as_of, long=True)}"
    )
    sheet.set_row(2, 36)
    sheet.merge_range(2, 0, 2, _LAST, "", formats.lead)
    sheet.write_string(2, 0, sheets.clean(tables.answer(assessment)), formats.lead)
    sheet.write_string(4, 0, "Disposition", formats.head_words)
    for column, head in enumerate(("Entries", "IEEPA duty", "Interest", _LEFT_OUT), start=1):
        sheet.write_string(4, column, head, formats.head_right)
    sheet.write_string(4, _LAST, "First deadline", formats.head_words)
    last = _totals(sheet, assessment, formats, first=5)
    sheets.for_print(sheet, "Summary", _running(assessment))
    return _notes(sheet, assessment, formats, first=last + 2)


#: Columns of the first sheet with amounts, and the last of its columns.
_AMOUNTS = {2: "principal_cents", 3: "interest_cents"}
_LAST = 5
_LEFT_OUT = "Entries, duty not known"


def _over(assessment: Assessment, name: str) -> str:
    """The cells of a column of the sheet of entries."""
    column = sheets.letters([one.name for one in FIELDS].index(name))
    rows = max(len(assessment.table), 1)
    return f"Entries!${column}${sheets.HEAD + 2}:${column}${sheets.HEAD + 1 + rows}"


def _known(total: str, unknown: str) -> str:
    """A live sum, and a dash in its place where it would be one of amounts of which none is known."""
    return f'=IF({unknown},"{words.NOTHING}",{total})'


def _totals(sheet: Any, assessment: Assessment, formats: Formats, *, first: int) -> int:
    over = partial(_over, assessment)
    shown, first_days = labels(assessment), _first_days(assessment)
    row = first
    for row, told in enumerate(assessment.totals.to_dict("records"), start=first):
        sheet.write_string(row, 0, shown[told["disposition"]], formats.swatch(_colour(told)))
        here = f"{over('disposition')},$A{row + 1}"
        sheet.write_formula(row, 1, f"=COUNTIF({here})", formats.count, told["entries"])
        for column, name in _AMOUNTS.items():
            value, filled = sheets.dollars(told[name]), f'COUNTIFS({here},{over(name)},"<>")'
            # No duty bears no interest, though no entry has any: that is a zero.
            some = f",OR($C{row + 1}<>0,$E{row + 1}>0)" if name == "interest_cents" else ""
            formula = _known(f"SUMIF({here},{over(name)})", f"AND($B{row + 1}>0,{filled}=0{some})")
            sheet.write_formula(row, column, formula, formats.money, value)
        left = f'=$B{row + 1}-COUNTIFS({here},{over("principal_cents")},"<>")'
        sheet.write_formula(row, 4, left, formats.count, told["principal_unknown"])
        if told["disposition"] in first_days:
            sheet.write_number(row, _LAST, first_days[told["disposition"]], formats.day)
    _grand_total(sheet, assessment, formats, first=first, row=row + 1)
    return row + 1


def _first_days(assessment: Assessment) -> dict[str, float]:
    """Disposition -> the first of its days that is still to come. [days since a spreadsheet's epoch]"""
    steps = tables.actions(assessment).frame.dropna(subset=["by"])
    days = steps.groupby("disposition")["by"].min()
    numbers = sheets.serials(days.astype("datetime64[s]"))
    return {str(key): day for key, day in zip(days.index, numbers, strict=True) if day is not None}


def _grand_total(sheet: Any, assessment: Assessment, formats: Formats, *, first: int, row: int) -> None:
    sheet.write_string(row, 0, "All entries", formats.total)
    sheet.write_blank(row, _LAST, None, formats.total_rest)
    totals = assessment.totals
    for column, name in ((1, "entries"), (4, "principal_unknown")):
        letter = sheets.letters(column)
        count = f"=SUM({letter}{first + 1}:{letter}{row})"
        sheet.write_formula(row, column, count, formats.total_count, int(totals[name].sum()))
    for column, name in _AMOUNTS.items():
        letter, value = (
            sheets.letters(column),
            sheets.dollars(known_sum(totals.loc[totals["entries"].gt(0), name])),
        )
        cells = f"{letter}{first + 1}:{letter}{row}"
        known = f"SUMPRODUCT((B{first + 1}:B{row}>0)*ISNUMBER({cells}))"
        formula = _known(f"SUM({cells})", f"AND($B{row + 1}>0,{known}=0)")
        sheet.write_formula(row, column, formula, formats.total_money, value)


def _notes(sheet: Any, assessment: Assessment, formats: Formats, *, first: int) -> int:
    """What a reader must know of the figures, line by line; the last row written."""
    law, row = assessment.law, first
    told = [
        law.stale(assessment.as_of) or "",
        tables.basis(assessment),
        f"Rules in force on {words.day(assessment.filing_date, long=True)}, from a law book last "
        f"checked on {words.day(law.checked_on, long=True)} (version {law.version}).",
        "; ".join(
            f"Entered by the author, not CAPE Kit: {one['told']} ({one['source']})" for one in law.own_rows
        ),
        "The figures above are live: they count the sheet “Entries”. An estimate; CBP decides.",
    ]
    for row, line in enumerate(filter(None, told), start=first):
        sheet.set_row(row, 30)
        sheet.merge_range(row, 0, row, _LAST, "", formats.note)
        sheet.write_string(row, 0, sheets.clean(line), formats.note)
    return row


def _entries(sheet: Any, table: Table, formats: Formats, *, running: str) -> None:
    """Every entry, its windows that close soon marked and those that are closed pale."""
    names = [one.name for one in FIELDS]
    first, last = sheets.HEAD + 1, sheets.HEAD + len(table.frame)
    for clock in ("cape", "protest") if len(table.frame) else ():
        left, state = names.index(f"{clock}_days_left"), names.index(f"{clock}_state")
        last_day = names.index(f"{clock}_last_day")
        cell = f"${sheets.letters(state)}{first + 1}"
        for word, look in (("due soon", formats.soon), ("closed", formats.gone)):
            rule = {"type": "formula", "criteria": f'={cell}="{word}"', "format": look}
            sheet.conditional_format(first, left, last, state, rule)
            sheet.conditional_format(first, last_day, last, last_day, rule)
    wrap = len(table.frame) < _WRAPPED
    sheets.fill(sheet, table, formats, wrap=wrap, printed=PRINTED, running=running)


def _colour(told: dict[Any, Any]) -> str:
    return palette.DISPOSITIONS[str(told["disposition"])]
