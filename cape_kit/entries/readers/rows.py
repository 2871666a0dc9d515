"""The rows of a recognised sheet: sorted into data, refused and empty, none lost; those of data typed."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache

import duckdb
import numpy as np
import pandas as pd
import pyarrow as pa

from cape_kit.entries import identifiers, schema
from cape_kit.entries.readers import (
    cells,
    columns,
    conventions,
    lines_without_entry,
    problem_kinds,
    row_problems,
    sorting,
    tally,
)
from cape_kit.entries.readers.columns import CODED, PLAIN, Coded, Columns, Numbers, Typed
from cape_kit.entries.readers.layouts import ColumnKind
from cape_kit.entries.readers.recognise import Recognised
from cape_kit.entries.readers.sheets import Needed, Rectangle, Sheet, engine
from cape_kit.errors import UnreadableReport

_PART_KIND = {"hts": "hts", "duty": "cents"}
_BY_ROW = ("claim", "refund", "list")


@dataclass(frozen=True)
class TypedRows:
    """The data rows of one sheet, typed, with `source_row`; their trouble; how many rows were what.

    `late` are the columns that speak of the whole entry, not typed yet; `marks` is the same on rows that say
    the same of it; `ways` are the columns that are not read as their layout says.
    """

    table: pa.Table
    entries: Coded | None
    late: dict[str, Coded]
    ways: Columns
    marks: Numbers
    problems: pd.DataFrame
    tally: tally.Tally
    rows: int
    refused: int
    blank: int


def connect() -> duckdb.DuckDBPyConnection:
    """A connection of its own to an engine that knows the kinds of cells.

    Teaching an engine takes longer than reading a small file, so one is kept for each process, and each connection
    sees only its own views. An engine that a file has brought down is let go, and the next one taught.
    """
    try:
        con = _taught(os.getpid()).cursor()
        con.execute("SELECT 1")
    except duckdb.Error:
        _taught.cache_clear()
        con = _taught(os.getpid()).cursor()
    return con


@lru_cache(maxsize=1)
def _taught(process: int) -> duckdb.DuckDBPyConnection:
    con = engine()
    cells.define(con)
    return con


def wanted(found: Recognised) -> Columns:
    """Every column to be read: the layout's, and those of the parts of a wide layout."""
    named = {name: (found.profile.columns[name], at) for name, at in found.positions.items()}
    for part, hts, duty in found.parts:
        for role, position in (("hts", hts), ("duty", duty)):
            if position is not None:
                name = f"{part.name}_{role}"
                named[name] = (ColumnKind(name, _PART_KIND[role], ()), position)
    return named


def typed_late(found: Recognised) -> Columns:
    """The columns that speak of the whole entry and repeat on its rows: typed once per entry, not here."""
    if found.profile.grain in _BY_ROW:
        return {}
    return {name: column for name, column in wanted(found).items() if name in _of_entry()}


def _of_entry() -> set[str]:
    return set(schema.names("entries")) - {"entry_number"}


def read(con: duckdb.DuckDBPyConnection, sheet: Sheet, found: Recognised, *, file: str) -> TypedRows:
    """Type the rows below the header. Rows in = rows in `table` + refused + blank."""
    extra = {at: held for at, held in tally.needed(found, sheet).items() if at not in _needed(found)}
    rectangle, key, joined = _with_key(con, sheet, found, extra)
    whole = rectangle.text.drop_columns([f"c{at}" for at in extra])
    kinds = sorting.sort(con, whole, found, key)
    data = kinds.are(sorting.DATA)
    kept = None if data.all() else data
    text = whole if kept is None else whole.filter(pa.array(kept))
    numbers = _numbers(rectangle)
    rows = numbers if kept is None else numbers[kept]
    entries = kinds.entry_of(kept)
    held = _held(text, found)
    typed, learned = _typed(con, text, found, held)
    table = _table(typed, entries, rows)
    if "hts" in typed and len(typed["hts"].bad):
        table = table.append_column("hts_stood", _stood(typed["hts"], table.num_rows))
    where = (file, sheet.name)
    problems = [
        *row_problems.of_rows(
            kinds, numbers, found, lines_without_entry.lines(con, whole, kinds, found), where=where
        ),
        *row_problems.of_cells(table, typed, entries, found, where=where),
        *([_joined(found, joined, where)] if joined else []),
        *[schema.problem_rows([{**note, "file": file, "sheet": sheet.name}]) for note in learned.notes],
    ]
    late = {name: held[at] for name, (_, at) in typed_late(found).items()}
    account = tally.take(
        rectangle.text,
        found,
        tally.Sorting(kinds, numbers, entries),
        typed=tally.typed_money(con, wanted(found) | learned.columns, table, late),
        read=wanted(found),
        where=where,
    )
    problems += [account.problems] if len(account.problems) else []
    same = late.values() or [held[at] for name, (_, at) in wanted(found).items() if name in _of_entry()]
    return TypedRows(
        table=table,
        entries=entries,
        late=late,
        ways=learned.columns,
        marks=columns.marks(list(same), table.num_rows),
        problems=pd.concat(problems, ignore_index=True) if problems else schema.empty("problems"),
        tally=account,
        rows=len(numbers),
        refused=int(kinds.are(*sorting.REFUSED).sum()),
        blank=int(kinds.are(*sorting.EMPTY).sum()),
    )


def _joined(found: Recognised, joined: int, where: row_problems.Where) -> pd.DataFrame:
    """The note that entry numbers were put together."""
    column = found.headers[found.positions["entry_number"]]
    note = problem_kinds.row("R24", file=where[0], sheet=where[1], column=column, detail=f"{joined:,} rows")
    return schema.problem_rows([note])


def _with_key(
    con: duckdb.DuckDBPyConnection, sheet: Sheet, found: Recognised, extra: Needed
) -> tuple[Rectangle, Coded, int]:
    """The rows, the column they are told apart by, and how many entry numbers had to be joined for it.

    `extra`: columns that are read for the account of their dollars alone.
    """
    at = f"c{found.positions[found.profile.row_key]}"
    needed = {**_needed(found), **extra}
    rectangle = first_that_works(con, sheet, found.header_row, needed)
    key = columns.coded(rectangle.text[at])
    if not sorting.in_parts(key, found):
        return rectangle, key, 0
    more = {**dict.fromkeys(sorting.other_parts(found), CODED), **needed}
    rectangle, joined = sorting.join_parts(first_that_works(con, sheet, found.header_row, more), found)
    return rectangle, columns.coded(rectangle.text[at]), joined


def first_that_works(
    con: duckdb.DuckDBPyConnection, sheet: Sheet, header_row: int, needed: Needed
) -> Rectangle:
    """The rows below a header by the fastest way the file allows."""
    for rectangle in sheet.attempts(con, header_row, dict(sorted(needed.items()))):
        if rectangle.sound is None or rectangle.sound(rectangle.text.num_rows):
            return rectangle
    raise UnreadableReport("the rows can't be read")


def _needed(found: Recognised) -> Needed:
    """The positions to be read. Amounts of single lines are hardly ever alike, all else repeats a lot."""
    needed = {at: CODED for _, at in wanted(found).values()}
    return dict(sorted((needed | {at: PLAIN for _, at in _amounts(found).values()}).items()))


def _amounts(found: Recognised) -> Columns:
    return {n: c for n, c in wanted(found).items() if c[0].kind == "cents" and n not in _of_entry()}


def _numbers(rectangle: Rectangle) -> Numbers:
    """The row of the file each row stands on."""
    first = rectangle.numbering
    if isinstance(first, int):
        return np.arange(first, first + rectangle.text.num_rows, dtype=np.int64)
    return first


def _held(text: pa.Table, found: Recognised) -> dict[int, Coded]:
    """The columns of text by position, by their different values; not the amounts, nor the entry numbers."""
    skipped = {"entry_number", *_amounts(found)}
    positions = sorted({at for name, (_, at) in wanted(found).items() if name not in skipped})
    held = columns.side_by_side(lambda at: columns.coded(text[f"c{at}"]), positions)
    return dict(zip(positions, held, strict=True))


def _typed(
    con: duckdb.DuckDBPyConnection, text: pa.Table, found: Recognised, held: Mapping[int, Coded]
) -> tuple[dict[str, Typed], conventions.Learned]:
    """The columns that speak of the line, typed: the layout's way, then those that differ in their own."""
    early = {n: c for n, c in wanted(found).items() if n not in typed_late(found) and n != "entry_number"}
    amounts = set(_amounts(found))

    def read(some: Columns) -> dict[str, Typed]:
        plain = {name: one for name, one in some.items() if name in amounts}
        cell_by_cell = columns.by_cell(con, plain, {n: text[f"c{at}"] for n, (_, at) in plain.items()})
        return {
            name: cell_by_cell.get(name) or columns.by_value(con, column, at, held[at])
            for name, (column, at) in some.items()
        }

    typed = read(early)
    learned = conventions.learn(con, found, wanted(found), text, held, typed)
    return typed | read({name: one for name, one in learned.columns.items() if name in early}), learned


def _stood(typed: Typed, rows: int) -> pa.Array:
    """What stood in the cells nobody understands; null elsewhere, and where nothing but spaces stood."""
    said = np.full(rows, None, dtype=object)
    said[typed.bad] = [identifiers.unwrap(text) or None for text in typed.stood]
    return pa.array(said, type=pa.string())


def _table(typed: Mapping[str, Typed], entries: Coded | None, rows: Numbers) -> pa.Table:
    """Entry numbers, typed columns, rows of the file."""
    named: dict[str, pa.ChunkedArray | pa.Array] = {}
    if entries is not None:
        named["entry_number"] = entries.spread(entries.values)
    named |= {name: column.cells for name, column in typed.items()}
    return pa.table({**named, "source_row": pa.array(rows)})
