"""A finished table as a sheet: real days and dollars, filters, a frozen head, and no formula from a file.

There is one format per kind of value, and a few of headings and notes.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import xlsxwriter
from xlsxwriter.exceptions import FileCreateError

from cape_kit import leftovers, money
from cape_kit.money import known_sum, plain
from cape_kit.views import markup, palette, words
from cape_kit.views.tables.table import FIGURES, Field, Kind, Table

#: A narrow gap after figures keeps them off the words of the next column.
MONEY = "$#,##0.00_);[Red]-$#,##0.00_)"
COUNT = "#,##0_)"
DAY = "mmm d, yyyy"
FONT = "Calibri"
#: Never let a text become a formula, a link or a number.
_OPTIONS = {"strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
_BY_ROWS = {"constant_memory": True, "default_date_format": "yyyy-mm-dd"}


@contextmanager
def opened(path: Path, *, constant_memory: bool = False) -> Iterator[Any]:
    """A workbook to be written at a path; its parts lie meanwhile in a folder that goes with this process.

    `constant_memory`: each sheet row by row, from above, for sheets of hundreds of thousands of rows.
    """
    own = _BY_ROWS if constant_memory else {}
    try:
        with (
            leftovers.temporary() as parts,
            xlsxwriter.Workbook(path, {**_OPTIONS, **own, "tmpdir": str(parts)}) as book,
        ):
            yield book
    except FileCreateError as trouble:  # the writer's own word for what the system said: no room, no right
        said = trouble.args[0] if trouble.args else None
        raise (said if isinstance(said, OSError) else OSError(str(trouble))) from trouble


class Formats:
    """The formats of one workbook, made once each."""

    def __init__(self, book: Any) -> None:
        plain = {"font_name": FONT, "font_size": 10, "valign": "top"}
        self._book, self._plain = book, plain
        self.first = self._made(text_wrap=True)
        self.text = self._made(align="left", indent=1)
        self.wrapped = self._made(text_wrap=True, align="left", indent=1)
        self.code = self._made(num_format="@")
        # To the right, for the dash that stands where a sum is not known.
        self.money = self._made(num_format=MONEY, align="right")
        self.day = self._made(num_format=DAY, align="left", indent=1)
        self.count = self._made(num_format=COUNT)
        head = {"bold": True, "text_wrap": True, "valign": "bottom", "bottom": 1, "font_color": palette.MUTED}
        self.head = self._made(**head)
        self.head_words = self._made(**head, align="left", indent=1)
        self.head_right = self._made(**head, align="right")
        self.total = self._made(bold=True, top=1)
        self.total_money = self._made(bold=True, top=1, num_format=MONEY, align="right")
        self.total_count = self._made(bold=True, top=1, num_format=COUNT)
        self.total_rest = self._made(top=1)
        self.sum_words = self._made(italic=True, font_color=palette.MUTED)
        self.sum_money = self._made(bold=True, num_format=MONEY, align="right")
        self.link = self._made(align="left", indent=1, font_color=palette.ACCENT, underline=1)
        self.title = self._made(bold=True, font_size=16)
        self.lead = self._made(font_size=12, text_wrap=True)
        self.section = self._made(bold=True, font_size=12)
        self.note = self._made(font_color=palette.MUTED, text_wrap=True)
        # A faint line under each row leads the eye across a wide sheet.
        line = {"bottom": 1, "bottom_color": "#DDE1E4"}
        self.rule = book.add_format(line)
        self.soon = book.add_format({**line, "bg_color": "#FBE3C0", "font_color": palette.INK})
        self.gone = book.add_format({**line, "font_color": "#7A838B"})
        self._tints = {
            key: book.add_format({**line, "bg_color": palette.tint(colour, 0.22)})
            for key, colour in palette.DISPOSITIONS.items()
        }

    def of(self, kind: Kind, *, wrap: bool = False, first: bool = False) -> Any:
        """The format of a cell of this kind; words of the first column stand flush left."""
        if kind in ("dollars", "day", "count"):
            return {"dollars": self.money, "day": self.day, "count": self.count}[kind]
        if kind == "days_left":
            return self.count
        if kind == "number_of_entry":
            return self.code
        if first:
            return self.first if wrap else self.code
        return self.wrapped if wrap else self.text

    def head_of(self, kind: Kind, *, first: bool = False) -> Any:
        """The format of the heading of a column of this kind."""
        if kind in FIGURES:
            return self.head_right
        return self.head if first and kind in ("text", "number_of_entry") else self.head_words

    def swatch(self, colour: str) -> Any:
        """A cell whose left edge carries a disposition's colour."""
        return self._made(left=5, left_color=colour, align="left", indent=1)

    def tinted(self, disposition: str) -> Any:
        """What a cell of this disposition turns into: a pale ground of its colour."""
        return self._tints[disposition]

    def _made(self, **look: Any) -> Any:
        return self._book.add_format({**self._plain, **look})


#: Rows a sheet can hold, less its head; further rows are counted in the last one.
ROWS = 1_048_576 - 8
#: Characters a cell can hold.
LONGEST = 32_767
#: Column widths by kind; text is measured. [characters]
WIDTHS = {"dollars": 12, "day": 13, "count": 10, "days_left": 10, "number_of_entry": 14}
NARROWEST, WIDEST = 9, 48
_MEASURED = 400
#: Letters that stand on the width of one digit, on average and with ragged ends of lines.
_DENSE = 1.12
#: Height of one line of text. [points]
LINE = 13.5
#: Where the title, the sums and the head stand on a sheet of its own; the rows follow.
TITLE, SUMS, HEAD = 0, 1, 2
#: What fits on the width of a letter page held sideways in print of seven points. [pixels]
PAPER = 1300
#: What a column takes beside its characters, and each of them. [pixels]
_GAP, _CHARACTER = 5, 7
#: Words are not set narrower than this to fit a page: the columns after them stay on the screen. [characters]
_TIGHT = 16
#: A title's note is set on lines at least this long. [characters]
_TITLE_LINE = 100

#: What is shown beneath a value on a page, and its heading here where its name is no heading.
_BENEATH = {"title": "Recognized as", "place": "File and sheet", "until": "To"}

Cells = tuple[Callable[..., Any], list[Any], Any]


def clean(value: Any) -> str:
    """Any value as text for a cell: no control signs, no personal number, never longer than a cell."""
    return markup.told(value)[:LONGEST]


def fill(
    sheet: Any,
    table: Table,
    formats: Formats,
    *,
    wrap: bool = True,
    printed: int | None = None,
    running: str = "",
) -> None:
    """The table on a sheet of its own: title, sums of the rows shown, head, rows.

    It prints on one page's width in letters that can be read: words are set narrower first, and what still
    does not fit, like all after the first `printed` columns, is for the screen. `running` heads each page.
    """
    fields = all_fields(table)
    rows = min(len(table.frame), ROWS)
    widths, printed = fitted(fields, [_width(table, one) for one in fields], printed)
    for column, width in enumerate(widths):
        sheet.set_column(column, column, width)
    reach = _put_title(sheet, table, fields, widths, printed, formats)
    put_sums(sheet, table, fields, formats)
    deep = max(-(-len(one.heading) // (width - 2)) for one, width in zip(fields, widths, strict=True))
    sheet.set_row(HEAD, LINE * deep + 2)
    put_head(sheet, fields, formats, row=HEAD)
    # What does not print is not wrapped either: its words would make tall rows of short ones.
    if wrap:
        set_heights(sheet, table, fields[:printed], widths[:printed], first=HEAD + 1)
    after = put_rows(sheet, table, formats, first=HEAD + 1, wrapped=printed if wrap else 0)
    sheet.freeze_panes(HEAD + 1, 1)
    _mark(sheet, table, fields, formats, last=HEAD + max(rows, 1))
    sheet.autofilter(HEAD, 0, HEAD + max(rows, 1), len(fields) - 1)
    sheet.repeat_rows(HEAD)
    sheet.repeat_columns(0)
    sheet.print_area(0, 0, after - 1, reach)
    for_print(sheet, table.caption, running)


def _mark(sheet: Any, table: Table, fields: list[Field], formats: Formats, *, last: int) -> None:
    """A pale ground of its colour under each disposition, and a faint line under each row.

    Some programs show only the first rule that fits a cell, so the line comes last and the grounds have it too.
    """
    for column, one in enumerate(fields):
        for key, label in table.labels.items() if one.kind == "disposition" else ():
            rule = {
                "type": "cell",
                "criteria": "==",
                "value": f'"{label}"',
                "format": formats.tinted(key),
            }
            sheet.conditional_format(HEAD + 1, column, last, column, rule)
    line = {"type": "formula", "criteria": "=TRUE", "format": formats.rule}
    sheet.conditional_format(HEAD + 1, 0, last, len(fields) - 1, line)


def fitted(fields: list[Field], widths: list[int], printed: int | None = None) -> tuple[list[int], int]:
    """The widths with words of the printed columns narrowed to the page, and how many columns print."""
    shown = min(printed or len(fields), len(fields))
    while shown > 1:
        for most in range(WIDEST, _TIGHT - 1, -1):
            tried = [
                min(width, most) if one.kind == "text" else width
                for one, width in zip(fields[:shown], widths, strict=False)
            ]
            if pixels(tried) <= PAPER:
                return tried + widths[shown:], shown
        shown -= 1
    return widths, shown


def pixels(widths: Iterable[int]) -> int:
    """How wide columns of so many characters are."""
    return sum(_CHARACTER * width + _GAP for width in widths)


def _put_title(
    sheet: Any, table: Table, fields: list[Field], widths: list[int], printed: int, formats: Formats
) -> int:
    """The sheet's title and what must be known of it, over the printed columns or more; the last column of it."""
    note = table.note
    if printed < len(fields):
        note += f" Columns A to {letters(printed - 1)} print; the others are for the screen."
    line = sum(widths[:printed])
    reach = printed - 1
    while line < _TITLE_LINE:
        reach += 1
        line += NARROWEST
    told = len(table.caption) * 1.3 + len(note) + 2
    sheet.set_row(TITLE, LINE * -(-told // line) + 8)
    sheet.merge_range(TITLE, 0, TITLE, reach, "", formats.note)
    if note:
        parts = (formats.section, clean(table.caption), formats.note, f"   {clean(note.strip())}")
        sheet.write_rich_string(TITLE, 0, *parts, formats.note)
    else:
        sheet.write_string(TITLE, 0, clean(table.caption), formats.section)
    return reach


def all_fields(table: Table) -> list[Field]:
    """The columns of a sheet: what a page shows small beneath a value stands beside it here."""
    fields: list[Field] = []
    for one in table.fields:
        fields.append(one)
        if one.under:
            fields.append(Field(one.under, _BENEATH.get(one.under, one.under.replace("_", " ").capitalize())))
    return fields


def put_head(sheet: Any, fields: Iterable[Field], formats: Formats, *, row: int) -> None:
    """The headings of the columns."""
    for column, one in enumerate(fields):
        sheet.write_string(row, column, one.heading, formats.head_of(one.kind, first=not column))


def put_rows(
    sheet: Any,
    table: Table,
    formats: Formats,
    *,
    first: int,
    wrapped: int = 99,
    spans: list[tuple[int, int]] | None = None,
) -> int:
    """The rows of a table from a row on, words of the first `wrapped` columns wrapped; the row after the last.

    `spans`: the first and last column of each field, where it is not one column after the other. Unknown
    values stay empty.
    """
    frame, fields = table.frame[:ROWS] if len(table.frame) > ROWS else table.frame, all_fields(table)
    looks = [formats.of(one.kind, wrap=place < wrapped, first=not place) for place, one in enumerate(fields)]
    columns = [
        (*span, *_cells(sheet, frame[one.name], one, table, look))
        for span, one, look in zip(spans or [(n, n) for n in range(len(fields))], fields, looks, strict=True)
    ]
    for row in range(len(frame)):
        for column, end, write, values, look in columns:
            value = values[row]
            if end > column:
                sheet.merge_range(first + row, column, first + row, end, "", look)
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
            lines = np.maximum(lines, np.ceil(lengths / (width * _DENSE)).astype("int64"))
    for row in np.flatnonzero(lines > 1):
        sheet.set_row(first + int(row), LINE * min(int(lines[row]), 20))


def put_sums(sheet: Any, table: Table, fields: list[Field], formats: Formats) -> None:
    """Above each column of dollars its sum over the rows a filter leaves, as a live formula."""
    if table.frame.empty or not any(one.kind == "dollars" for one in fields[1:]):
        return
    first, last = HEAD + 2, HEAD + 1 + max(min(len(table.frame), ROWS), 1)
    sheet.write_string(SUMS, 0, "Sum of the rows shown", formats.sum_words)
    for column, one in enumerate(fields):
        if one.kind == "dollars" and column:
            name = letters(column)
            value = dollars(known_sum(table.frame[one.name].head(ROWS)))
            cells = f"{name}{first}:{name}{last}"
            # A sum of nothing but empty cells would be a zero, which nobody knows it to be.
            formula = f'=IF(SUBTOTAL(103,{cells})=0,"{words.NOTHING}",SUBTOTAL(109,{cells}))'
            sheet.write_formula(SUMS, column, formula, formats.sum_money, value)


def dollars(cents: Any) -> float | str:
    """Cents as what a cell of a formula holds: the number of dollars, or a dash where they are not known."""
    known = plain(cents)
    return words.NOTHING if known is None else known / 100


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
    if one.kind == "dollars":
        # No amount is wider than their sum, which stands above them in bold.
        widest = money.show(int(table.frame[one.name].dropna().abs().sum()))
        return max(WIDTHS[one.kind], len(widest) + 3)
    if one.kind in WIDTHS:
        return WIDTHS[one.kind]
    sample = _spelt(table.frame[one.name].head(_MEASURED))
    told = max((len(table.labels.get(text, text)) for text in sample if text is not None), default=0)
    longest = max(told, max(map(len, one.heading.split())) + 2)
    return max(NARROWEST, min(longest + 1, WIDEST))


def for_print(sheet: Any, caption: str, running: str = "") -> None:
    """A letter page held sideways, one page wide, with whose sheet it is above and which below."""
    sheet.set_landscape()
    sheet.set_paper(1)
    sheet.set_margins(left=0.5, right=0.5, top=0.7, bottom=0.7)
    sheet.fit_to_pages(1, 0)
    if running:
        sheet.set_header(f"&L&8{_in_margin(running)}")
    sheet.set_footer(f"&L&8{_in_margin(caption)}&R&8Page &P of &N")


def _in_margin(text: str) -> str:
    """Text for a header or footer, where an ampersand begins an instruction; of 255 characters at most."""
    return clean(text)[:100].replace("&", "&&")
