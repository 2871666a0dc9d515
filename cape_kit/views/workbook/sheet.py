"""A finished table as a sheet: real days and dollars, filters, a frozen head, and no formula from a file."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

import numpy as np
import pandas as pd

from cape_kit.views import markup
from cape_kit.views.tables.table import FIGURES, Field, Table
from cape_kit.views.workbook.formats import Formats

#: Rows a sheet can hold, less its head; further rows are counted in the last one.
ROWS = 1_048_576 - 8
#: Characters a cell can hold.
LONGEST = 32_767
#: Column widths by kind; text is measured. [characters]
WIDTHS = {"dollars": 15, "day": 13, "count": 10, "days_left": 10, "number_of_entry": 14}
NARROWEST, WIDEST = 9, 48
_MEASURED = 400
#: Height of one line of text. [points]
LINE = 13.5
#: Where the sums, the head and the first row stand on a sheet of its own.
SUMS, HEAD = 0, 1

Cells = tuple[Callable[..., Any], list[Any], Any]


def clean(value: Any) -> str:
    """Any value as text for a cell: no control signs, no personal number, never longer than a cell."""
    return markup.told(value)[:LONGEST]


def fill(
    sheet: Any, table: Table, formats: Formats, *, wrap: bool = True, printed: int | None = None
) -> None:
    """The table on a sheet of its own: sums of the rows shown on top, then the head, then the rows.

    Of a wide table the first `printed` columns print, on one page's width; the others are for the screen.
    """
    fields = all_fields(table)
    rows = min(len(table.frame), ROWS)
    widths = [_width(table, one) for one in fields]
    for column, width in enumerate(widths):
        sheet.set_column(column, column, width)
    put_sums(sheet, table, fields, formats)
    put_head(sheet, fields, formats, row=HEAD)
    deep = max(-(-len(one.heading) // (width - 2)) for one, width in zip(fields, widths, strict=True))
    sheet.set_row(HEAD, LINE * deep + 2)
    # What does not print is not wrapped either: its words would make tall rows of short ones.
    wrapped = len(fields) if printed is None else printed
    if wrap:
        set_heights(sheet, table, fields[:wrapped], widths[:wrapped], first=HEAD + 1)
    put_rows(sheet, table, fields, formats, first=HEAD + 1, wrapped=wrapped if wrap else 0)
    sheet.freeze_panes(HEAD + 1, 1)
    sheet.autofilter(HEAD, 0, HEAD + max(rows, 1), len(fields) - 1)
    _for_print(sheet, table)
    if printed is not None:
        sheet.print_area(0, 0, HEAD + max(rows, 1), min(printed, len(fields)) - 1)


def all_fields(table: Table) -> list[Field]:
    """The columns of a sheet: what a page shows small beneath a value stands beside it here."""
    fields: list[Field] = []
    for one in table.fields:
        fields.append(one)
        if one.under:
            fields.append(Field(one.under, one.under.replace("_", " ").capitalize()))
    return fields


def put_head(sheet: Any, fields: Iterable[Field], formats: Formats, *, row: int) -> None:
    """The headings of the columns."""
    for column, one in enumerate(fields):
        look = formats.head_words if column else formats.head
        look = formats.head_right if one.kind in FIGURES else look
        sheet.write_string(row, column, one.heading, look)


def put_rows(
    sheet: Any, table: Table, fields: list[Field], formats: Formats, *, first: int, wrapped: int = 99
) -> int:
    """The rows of a table from a row on, words of the first `wrapped` columns wrapped; the row after the last.

    Unknown values stay empty.
    """
    frame = table.frame.head(ROWS)
    looks = [formats.of(one.kind, wrap=place < wrapped, first=not place) for place, one in enumerate(fields)]
    columns = [
        _cells(sheet, frame[one.name], one, table, look) for one, look in zip(fields, looks, strict=True)
    ]
    for row in range(len(frame)):
        for column, (write, values, look) in enumerate(columns):
            value = values[row]
            if value is not None and value != "":
                write(first + row, column, value, look)
    after = first + len(frame)
    told = len(table.frame) - len(frame) + table.left_out
    if told or frame.empty:
        words = f"{told:,} more rows do not fit." if told else table.empty
        sheet.write_string(after, 0, clean(words), formats.sum_words)
        after += 1
    return after


def set_heights(sheet: Any, table: Table, fields: list[Field], widths: list[int], *, first: int) -> None:
    """Rows as tall as their longest wrapped text: not every program measures them on opening."""
    lines = np.ones(len(table.frame), dtype="int64")
    for one, width in zip(fields, widths, strict=True):
        if one.kind == "text":
            lengths = np.array([len(text or "") for text in _spelt(table.frame[one.name])], dtype="int64")
            lines = np.maximum(lines, -(-lengths // max(width - 1, 1)))
    for row in np.flatnonzero(lines > 1):
        sheet.set_row(first + int(row), LINE * min(int(lines[row]), 20))


def put_sums(sheet: Any, table: Table, fields: list[Field], formats: Formats) -> None:
    """Above each column of dollars its sum over the rows a filter leaves, as a live formula.

    A table without dollars or rows has nothing to add up: its note stands there.
    """
    if table.frame.empty or not any(one.kind == "dollars" for one in fields[1:]):
        sheet.write_string(SUMS, 0, clean(table.note), formats.sum_words)
        return
    first, last = HEAD + 2, HEAD + 1 + max(min(len(table.frame), ROWS), 1)
    sheet.write_string(SUMS, 0, "Sum of the rows shown", formats.sum_words)
    for column, one in enumerate(fields):
        if one.kind == "dollars" and column:
            name = letters(column)
            value = dollars(table.frame[one.name].head(ROWS).sum())
            formula = f"=SUBTOTAL(109,{name}{first}:{name}{last})"
            sheet.write_formula(SUMS, column, formula, formats.sum_money, value)


def dollars(cents: Any) -> float:
    """Cents as the number of dollars a cell holds."""
    return 0.0 if pd.isna(cents) else int(cents) / 100


def letters(column: int) -> str:
    """The name of a column, 0 being A."""
    name = ""
    column += 1
    while column:
        column, rest = divmod(column - 1, 26)
        name = chr(65 + rest) + name
    return name


def serials(days: pd.Series) -> list[float | None]:
    """Days as a spreadsheet counts them. [days since its epoch]"""
    seconds = days.to_numpy(dtype="datetime64[s]")
    numbers = seconds.astype("datetime64[D]").astype("int64") + _EPOCH
    return [None if unknown else int(n) for n, unknown in zip(numbers, np.isnat(seconds), strict=True)]


#: Days from a spreadsheet's epoch to that of the computer.
_EPOCH = 25_569


def _cells(sheet: Any, values: pd.Series, one: Field, table: Table, look: Any) -> Cells:
    if one.kind == "day":
        return sheet.write_number, serials(values), look
    if one.kind in ("dollars", "count", "days_left"):
        scale = 100 if one.kind == "dollars" else 1
        numbers: list[Any] = values.astype("Int64").tolist()
        return sheet.write_number, [None if pd.isna(n) else n / scale for n in numbers], look
    if one.kind == "disposition":
        values = values.map(lambda key: table.labels.get(str(key), str(key)))
    if isinstance(values.dtype, pd.StringDtype):
        texts = _spelt(values)
        spelt: dict[Any, str] = {text: clean(text) for text in dict.fromkeys(texts) if text is not None}
        return sheet.write_string, [spelt.get(text) for text in texts], look
    spelt = {value: clean(value) for value in values.dropna().unique()}
    return sheet.write_string, [spelt.get(value) for value in values.tolist()], look


def _spelt(values: pd.Series) -> list[str | None]:
    """Each value as text, None where it is unknown. What is text already needs no pandas."""
    told: list[Any] = values.tolist()
    if isinstance(values.dtype, pd.StringDtype):
        return [text if type(text) is str else None for text in told]
    return [None if unknown else str(value) for value, unknown in zip(told, values.isna(), strict=True)]


def _width(table: Table, one: Field) -> int:
    if one.kind in WIDTHS:
        return WIDTHS[one.kind]
    sample = _spelt(table.frame[one.name].head(_MEASURED))
    told = max((len(table.labels.get(text, text)) for text in sample if text is not None), default=0)
    longest = max(told, max(map(len, one.heading.split())) + 2)
    return max(NARROWEST, min(longest + 1, WIDEST))


def _for_print(sheet: Any, table: Table) -> None:
    sheet.set_landscape()
    sheet.set_paper(1)
    sheet.set_margins(left=0.5, right=0.5, top=0.6, bottom=0.7)
    sheet.fit_to_pages(1, 0)
    sheet.repeat_rows(HEAD)
    sheet.repeat_columns(0)
    sheet.set_footer(f"&L&8{table.caption.replace('&', '&&')}&R&8&P / &N")
