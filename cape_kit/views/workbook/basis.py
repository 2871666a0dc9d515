"""The last sheet of the workbook: what the figures rest on, its tables one below the other on a common grid.

The tables have few or many columns and share those of the sheet: a column of words spans as many of them as are
free, so that the widest table prints on one page and the words of the others have room.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from cape_kit.views import tables
from cape_kit.views.tables.file_quality import BASIS
from cape_kit.views.tables.table import Field, Table
from cape_kit.views.workbook import sheet as sheets
from cape_kit.views.workbook.sheet import Formats

if TYPE_CHECKING:
    from cape_kit.assessment.assess import Assessment

#: Tables stacked on the sheet.
_TABLES = (
    tables.checks,
    tables.settled_by_hand,
    tables.files,
    tables.money_columns,
    tables.sources,
    tables.conflicting_readings,
)
#: The sheet's columns: the first holds what a row is about. [characters]
_FIRST, _OTHER = 30, 14

Span = tuple[Field, int, int]


def write(sheet: Any, assessment: Assessment, formats: Formats, *, running: str) -> None:
    """Unverified checks, facts by hand, files, authorities, readings taken."""
    made = [one(assessment) for one in _TABLES]
    across = max(len(sheets.all_fields(table)) for table in made) + 1  # the widest has words that need two
    sheet.hide_gridlines(2)
    sheet.set_column(0, 0, _FIRST)
    sheet.set_column(1, across - 1, _OTHER)
    row = 0
    for table in made:
        row = _put(sheet, table, _spans(table, across), formats, first=row) + 1
    sheets.for_print(sheet, BASIS, running)


def _spans(table: Table, across: int) -> list[Span]:
    """Each field with its first and last column of the grid: free columns go to the longest words."""
    fields = sheets.all_fields(table)
    wide = [1] * len(fields)
    texts = [place for place, one in enumerate(fields) if one.kind == "text" and place]
    longest = {place: _longest(table, fields[place]) for place in texts}
    # Figures stay beside what they belong to: a table without other words ends where it ends.
    while texts and sum(wide) < across:
        wide[max(texts, key=lambda place: longest[place] / wide[place])] += 1
    spans, column = [], 0
    for one, width in zip(fields, wide, strict=True):
        spans.append((one, column, column + width - 1))
        column += width
    return spans


def _longest(table: Table, one: Field) -> int:
    lengths = table.frame[one.name].astype("object").fillna("").astype("str").str.len()
    return max(len(one.heading), 0 if table.frame.empty else int(lengths.max()))


def _put(sheet: Any, table: Table, spans: list[Span], formats: Formats, *, first: int) -> int:
    """One table from a row on: its title and note, its head, its rows; the row after the last."""
    sheet.write_string(first, 0, table.caption, formats.section)
    head = first + 1
    if table.note:
        last = max(span[2] for span in spans)
        sheet.merge_range(head, 0, head, last, "", formats.note)
        sheet.write_string(head, 0, sheets.clean(table.note), formats.note)
        sheet.set_row(head, sheets.LINE * -(-len(table.note) // _width(0, last)))
        head += 1
    for one, start, end in spans:
        look = formats.head_of(one.kind, first=not start)
        if end > start:
            sheet.merge_range(head, start, head, end, "", look)
        sheet.write_string(head, start, one.heading, look)
    deep = max(-(-len(one.heading) // (_width(start, end) - 2)) for one, start, end in spans)
    sheet.set_row(head, sheets.LINE * deep + 2)
    fields, places = [span[0] for span in spans], [span[1:] for span in spans]
    sheets.set_heights(sheet, table, fields, [_width(*place) for place in places], first=head + 1)
    return sheets.put_rows(sheet, table, formats, first=head + 1, spans=places)


def _width(start: int, end: int) -> int:
    return (_FIRST if start == 0 else _OTHER) + (end - start) * _OTHER
