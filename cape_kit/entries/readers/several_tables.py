"""Several tables on one sheet, below one another: each is a sheet of its own, told apart by its header.

A row of headers other than the first, with nothing of an entry in it, begins another table. Only sheets that
cost nothing to be looked through are; of a large workbook the first two columns.
"""

from __future__ import annotations

from collections.abc import Sequence

import duckdb
import pyarrow as pa
import pyarrow.compute as pc

from cape_kit.entries.readers import header_words, rows
from cape_kit.entries.readers.columns import PLAIN
from cape_kit.entries.readers.layouts import collapse
from cape_kit.entries.readers.recognise import DEPTH, names_an_entry
from cape_kit.entries.readers.sheets import Sheet, TableSheet

#: So many headers the kit knows make a row one of headers, if most of what stands in it is.
_FEWEST, _MOST = 2, 0.6

Row = Sequence[str | None]


def apart(con: duckdb.DuckDBPyConnection, sheet: Sheet) -> list[Sheet]:
    """The tables of a sheet, in order; the sheet itself where it holds one."""
    first = next((at for at, row in enumerate(sheet.head) if _is_header(row)), None)
    if first is None:
        return [sheet]
    if isinstance(sheet, TableSheet):
        table = sheet.table
    elif sheet.small:
        table = _whole(con, sheet)
    else:
        return [sheet]
    starts = _starts(table, first)
    if not starts:
        return [sheet]
    ends = [*starts[1:], table.num_rows]
    parts = [TableSheet(sheet.name, sheet.visible, _head(table, 0, starts[0]), table.slice(0, starts[0]))]
    for start, end in zip(starts, ends, strict=True):
        name = f"{sheet.name or ''} from row {start + 1}".strip()
        part = table.slice(start, end - start)
        parts.append(TableSheet(name, sheet.visible, _head(table, start, end), part, skip=start))
    return list(parts)


def _whole(con: duckdb.DuckDBPyConnection, sheet: Sheet) -> pa.Table:
    """Every row of a small text, as a table of text."""
    width = max(len(row) for row in sheet.head)
    names = [f"c{i}" for i in range(width)]
    top = pa.table(
        {n: pa.array([sheet.head[0][i] if i < len(sheet.head[0]) else None]) for i, n in enumerate(names)}
    )
    below = rows.first_that_works(con, sheet, 1, dict.fromkeys(range(len(sheet.head[0])), PLAIN)).text
    columns = {
        n: below[n].cast(pa.string()) if n in below.column_names else pa.nulls(below.num_rows, pa.string())
        for n in names
    }
    top = pa.table({n: top[n].cast(pa.string()) for n in names})
    return pa.concat_tables([top, pa.table(columns)])


def _starts(table: pa.Table, first: int) -> list[int]:
    """The rows, from 0, at which another table begins."""
    known = {collapse(cell) for cell in _row(table, first) if cell}
    found = []
    for at in _perhaps(table):
        row = _row(table, at)
        if at <= first or not _is_header(row) or {collapse(cell) for cell in row if cell} <= known:
            continue
        known = {collapse(cell) for cell in row if cell}
        found.append(at)
    return found


def _perhaps(table: pa.Table) -> list[int]:
    """Rows whose first filled cells are headers the kit knows, by the different texts of each column."""
    seen = None
    for column in table.columns[:_LOOKED]:
        held = column.combine_chunks().dictionary_encode()
        texts = held.dictionary.to_pylist()
        known = pa.array([bool(text) and header_words.is_known(text) for text in texts], pa.bool_())
        here = (
            pc.fill_null(known.take(held.indices), False) if len(texts) else pa.array([False] * len(column))
        )
        seen = here if seen is None else pc.or_(seen, here)
    return [] if seen is None else pc.indices_nonzero(seen).to_pylist()


#: Columns in which a header is looked for.
_LOOKED = 2


def _row(table: pa.Table, at: int) -> list[str | None]:
    return [column[at].as_py() for column in table.columns]


def _head(table: pa.Table, start: int, end: int) -> list[list[str | None]]:
    return [_row(table, at) for at in range(start, min(end, start + DEPTH))]


def _is_header(row: Row) -> bool:
    """Whether a row is one of headers: most of its cells are known ones, and none is an entry's number."""
    filled = [cell for cell in row if cell and cell.strip()]
    known = sum(header_words.is_known(cell) for cell in filled)
    return known >= _FEWEST and known >= _MOST * len(filled) and not names_an_entry(row)
