"""The rows of a recognised sheet: sorted into data, refused and empty, none lost; those of data typed.

How each column writes its amounts and its days is proved by its own cells, never guessed: `1.000,00` can only be
read one way, `2.000` in two: a column (where it is silent, its file) decides for all of its cells, or the
doubtful ones stay unknown. So with `03/04/2026` and the days above 12 in its column.
"""

from __future__ import annotations

import os
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any, NamedTuple

import duckdb
import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from cape_kit.entries import identifiers, schema
from cape_kit.entries.readers import cells, file_problems, other_columns, sorting, tally, units
from cape_kit.entries.readers.cells import CODED, PLAIN, Coded, Columns, Numbers, Typed
from cape_kit.entries.readers.layouts import ColumnKind
from cape_kit.entries.readers.recognise import Recognised
from cape_kit.entries.readers.sheets import Needed, Rectangle, Sheet, engine, spill_here
from cape_kit.entries.readers.text_files import TextSheet
from cape_kit.errors import UnreadableReport

# --- how each column writes its amounts and its days ------------------------------------------------------


#: A slashed day: two numbers, the sign between them, a year of four digits or two.
_DAY = re.compile(r"(?:[A-Za-z]{3,9}\.?,?\s+)?(\d{1,2})([/.-])(\d{1,2})\2(\d{4}|\d{2})(?!\d)")
#: What no amount with a decimal comma is without.
_COMMA = r",|\..*\."


@dataclass(frozen=True)
class Learned:
    """The columns that are not read as their layout says, each with its way; and what is to be said of it."""

    columns: Columns
    notes: list[dict[str, Any]]


class _Proof(NamedTuple):
    """Of one column of amounts: cells that prove a decimal comma, a point; that fit both; an example."""

    comma: int
    point: int
    either: int
    example: str | None
    cents: int | None


def learn_conventions(
    con: duckdb.DuckDBPyConnection,
    report: Recognised,
    columns: Columns,
    text: pa.Table,
    held: Mapping[int, Coded],
    typed: Mapping[str, Typed],
) -> Learned:
    """The ways of all columns. `typed`: those read already, the layout's way."""
    amounts, notes = _ways_of_amounts(con, report, columns, (text, held), typed)
    seen = {name: _orders(held[at]) for name, (column, at) in columns.items() if column.kind == "day"}
    foreign = _all_against([(columns[name][0], orders) for name, orders in seen.items()])
    days = {
        name: (way, columns[name][1])
        for name, orders in seen.items()
        if (way := _dated(columns[name][0], orders, foreign=foreign)) != columns[name][0]
    }
    return Learned({**amounts, **days}, notes)


def _ways_of_amounts(
    con: duckdb.DuckDBPyConnection,
    report: Recognised,
    columns: Columns,
    source: tuple[pa.Table, Mapping[int, Coded]],
    typed: Mapping[str, Typed],
) -> tuple[Columns, list[dict[str, Any]]]:
    """Only a cell that can't be read with a point proves a comma: without one there is nothing to learn."""
    text, held = source
    money = {name: one for name, one in columns.items() if one[0].kind == "cents"}
    cells = {name: text[f"c{at}"] for name, (_, at) in money.items()}
    unread = [
        pa.chunked_array([typed[name].stood], pa.string()) if name in typed else held[at].values
        for name, (_, at) in money.items()
    ]
    maybe = [part for part in unread if len(part) and pc.any(pc.match_substring_regex(part, _COMMA)).as_py()]
    if not any(_proof(con, part).comma for part in maybe):
        return {}, []
    proofs = {name: _proof(con, part) for name, part in cells.items()}
    file_says = _of_file(proofs)
    ways: Columns = {}
    notes = []
    for name, (column, at) in money.items():
        proof = proofs[name]
        way = "unclear" if proof.comma and proof.point else "comma" if proof.comma else "point"
        if not proof.comma and not proof.point and proof.either:
            way = file_says
        if way == "point":
            continue
        ways[name] = (replace(column, decimals=way), at)
        if way == "comma":
            notes.append(
                file_problems.problem(
                    "R20", column=report.headers[at], value=proof.example, detail=_said(proof)
                )
            )
    return ways, notes


def _of_file(proofs: Mapping[str, _Proof]) -> str:
    """How amounts that fit both ways are read where their own column is silent."""
    points = any(proof.point for proof in proofs.values())
    mixed = any(proof.comma and proof.point for proof in proofs.values())
    return "unclear" if points or mixed else "comma"


def _said(proof: _Proof) -> str:
    if not proof.comma:
        return f"as in the other columns of the file; {proof.either} cells"
    shown = f"{proof.cents // 100}.{proof.cents % 100:02d}" if proof.cents is not None else "unknown"
    return f"{proof.comma + proof.either} cells, such as {proof.example}, which is read as {shown}"


def _proof(con: duckdb.DuckDBPyConnection, cells: pa.ChunkedArray) -> _Proof:
    con.register("some_cells", pa.table({"c0": cells}))
    row = con.execute(
        """WITH bare AS (SELECT c0, figure(CAST(c0 AS VARCHAR)) AS b FROM some_cells WHERE c0 IS NOT NULL)
           SELECT count(*) FILTER (proves_comma(b)), count(*) FILTER (proves_point(b)),
                  count(*) FILTER (either_way(b)),
                  arg_max(CAST(c0 AS VARCHAR), length(b)) FILTER (proves_comma(b) OR either_way(b)),
                  arg_max(cents_comma(b), length(b)) FILTER (proves_comma(b) OR either_way(b)) FROM bare"""
    ).fetchall()[0]
    con.unregister("some_cells")
    return _Proof(*row)


def _orders(held: Coded) -> set[str | None]:
    """What the cells of a column of days prove of its order."""
    used = np.unique(held.codes[held.codes >= 0])
    return {_order(text) for text in held.values.take(pa.array(used)).to_pylist()}


def _other(column: ColumnKind) -> str:
    return "DMY" if column.order == "MDY" else "MDY"


def _all_against(columns: Sequence[tuple[ColumnKind, set[str | None]]]) -> bool:
    """Whether all columns of a sheet that prove an order prove another than the layout's: one hand wrote them all."""
    return any(_other(column) in seen for column, seen in columns) and not any(
        column.order in seen for column, seen in columns
    )


def _dated(column: ColumnKind, seen: set[str | None], *, foreign: bool) -> ColumnKind:
    """A column of days with the order its cells allow; 'ISO' where nothing slashed can be read soundly.

    `foreign`: the other columns of the sheet run the other way.
    """
    against, for_it = _other(column) in seen, column.order in seen
    if against and for_it and not column.stated:
        return replace(column, order="ANY")
    silent = not for_it and not column.stated
    if (against and not for_it) or (silent and (foreign or _SHORT in seen)):
        return replace(column, order="ISO")
    return column


#: A day with a two-digit year that fits both orders.
_SHORT = "short"


def _order(text: str) -> str | None:
    """The only order a slashed day can have; `_SHORT`; None where it says nothing of the order.

    Behind dashes a two-digit figure may be a year in front as well, so nothing day first is proved by it.
    """
    found = _DAY.match(identifiers.unwrap(text))
    if found is None:
        return None
    first, second, short = int(found[1]), int(found[3]), len(found[4]) == 2
    if 1 <= first <= 12 and 12 < second <= 31:
        return "MDY"
    if 12 < first <= 31 and 1 <= second <= 12:
        return None if short and found[2] == "-" else "DMY"
    return _SHORT if short and first <= 12 and second <= 12 else None


# --- the rows, sorted and typed ---------------------------------------------------------------------------


_PART_KIND = {"hts": "hts", "duty": "cents"}
#: Columns of the line of which nothing read is not the same as nothing written, and where what stood is kept.
_UNREAD = {"hts": "hts_stood", "goods_value_cents": "value_stood"}
#: How many amounts of duty nobody could read stand on a row.
DUTIES_UNREAD = "duties_unread"
_BY_ROW = ("claim", "refund", "list")
#: Beyond so many columns no wider row is looked for.
_WIDEST = 512


@dataclass(frozen=True)
class TypedRows:
    """The data rows of one sheet, typed, with `source_row`; their trouble; how many rows were what.

    `late` are the columns that speak of the whole entry, not typed yet; `marks` is the same on rows that say
    the same of it; `ways` are the columns that are not read as their layout says. By the number of their row,
    `strays` are lines without an entry number below one, and `notes` what stands in rows that hold words alone.
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
    strays: Mapping[int, sorting.Stray]
    notes: Mapping[int, str]


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


#: An engine taught before this process was forked, for the first who asks.
_handed_on: list[duckdb.DuckDBPyConnection] = []


def teach_for_forks() -> None:
    """Teach an engine that each fork of this process takes over. It has no thread a fork could miss."""
    con = engine(threads=1)
    cells.define(con)
    _handed_on[:] = [con]


@lru_cache(maxsize=1)
def _taught(process: int) -> duckdb.DuckDBPyConnection:
    if _handed_on:
        con = _handed_on.pop()
        con.execute("RESET threads")
        spill_here(con)
        return con
    con = engine()
    cells.define(con)
    return con


def give_back(count: int) -> None:
    """Have the allocator give the machine back what was freed, after so many rows that it is worth the time."""
    if count > cells.PORTION:
        pa.default_memory_pool().release_unused()


def wanted(report: Recognised) -> Columns:
    """Every column to be read: the layout's, and those of the parts of a wide layout."""
    named = {name: (report.profile.columns[name], at) for name, at in report.positions.items()}
    for part, hts, duty in report.parts:
        for role, position in (("hts", hts), ("duty", duty)):
            if position is not None:
                name = f"{part.name}_{role}"
                named[name] = (ColumnKind(name, _PART_KIND[role], ()), position)
    return named


def typed_late(report: Recognised) -> Columns:
    """The columns that speak of the whole entry and repeat on its rows: typed once per entry, not here."""
    if report.profile.grain in _BY_ROW:
        return {}
    return {name: column for name, column in wanted(report).items() if name in _OF_ENTRY}


#: What a row says of its whole entry.
_OF_ENTRY = frozenset(schema.names("entries")) - {"entry_number"}


def read(con: duckdb.DuckDBPyConnection, sheet: Sheet, report: Recognised, *, file: str) -> TypedRows:
    """Type the rows below the header. Rows in = rows in `table` + refused + blank."""
    extra = {at: held for at, held in tally.needed(report, sheet).items() if at not in _needed(report)}
    rectangle, key, joined = _with_key(con, sheet, report, extra)
    money = [at for column, at in wanted(report).values() if column.kind == "cents"]
    rectangle = units.in_dollars(rectangle, sheet, report, money)
    whole = rectangle.text.drop_columns([f"c{at}" for at in extra])
    kinds = sorting.sort(con, whole, report, key)
    data = kinds.are(sorting.DATA)
    kept = None if data.all() else data
    text = whole if kept is None else whole.filter(pa.array(kept))
    numbers = _numbers(rectangle)
    rows = numbers if kept is None else numbers[kept]
    entries = kinds.entry_of(kept)
    held = _held(text, report)
    strays = sorting.lines_without_entry(con, whole, kinds, report)
    notes = _notes(rectangle.text, numbers, kinds)
    # What is held by its different values is not held as text beside them: half the memory of a large file.
    spare = [f"c{at}" for at in held if at not in money]
    text, asked = text.drop_columns(spare), rectangle.text.drop_columns(spare)
    del whole, rectangle
    give_back(len(numbers))
    typed, learned = _typed(con, text, report, held)
    table = _with_unread(_table(typed, entries, rows), typed)
    where = (file, sheet.name)
    problems = [
        *file_problems.of_rows(kinds, numbers, report, strays, where=where),
        *file_problems.of_cells(table, typed, entries, report, where=where),
        *([_joined(report, joined, where)] if joined else []),
        *[schema.problem_rows([{**note, "file": file, "sheet": sheet.name}]) for note in learned.notes],
    ]
    late = {name: held[at] for name, (_, at) in typed_late(report).items()}
    account = tally.take(
        asked,
        report,
        other_columns.Sorting(kinds, numbers, entries, held),
        typed=tally.typed_money(con, wanted(report) | learned.columns, table, late),
        read=wanted(report),
        where=where,
    )
    problems += [account.problems] if len(account.problems) else []
    same = late.values() or [held[at] for name, (_, at) in wanted(report).items() if name in _OF_ENTRY]
    return TypedRows(
        table=table,
        entries=entries,
        late=late,
        ways=learned.columns,
        marks=cells.marks(list(same), table.num_rows),
        problems=pd.concat(problems, ignore_index=True) if problems else schema.empty("problems"),
        tally=account,
        rows=len(numbers),
        refused=int(kinds.are(*sorting.REFUSED).sum()),
        blank=int(kinds.are(*sorting.EMPTY).sum()),
        strays={int(numbers[row]): one for row, one in strays.items() if one.entry},
        notes=notes,
    )


#: Rows of notes that are looked at.
_NOTES = 100


def _notes(text: pa.Table, numbers: Numbers, kinds: sorting.Sorted) -> dict[int, str]:
    """What stands in the rows that hold no data but words, by their number: a footer, a remark below the list."""
    at = np.flatnonzero(kinds.are("note", "total"))[:_NOTES]
    if not len(at):
        return {}
    some = text.drop_columns([name for name in text.column_names if name == "beyond"]).take(pa.array(at))
    held = zip(*(column.cast(pa.string()).to_pylist() for column in some.columns), strict=True)
    said = [" | ".join(cell.strip() for cell in row if cell and cell.strip()) for row in held]
    return dict(zip(numbers[at].tolist(), said, strict=True))


def _joined(report: Recognised, joined: int, where: file_problems.Where) -> pd.DataFrame:
    """The note that entry numbers were put together."""
    column = report.headers[report.positions["entry_number"]]
    note = file_problems.problem(
        "R24", file=where[0], sheet=where[1], column=column, detail=f"{joined:,} rows"
    )
    return schema.problem_rows([note])


def _with_key(
    con: duckdb.DuckDBPyConnection, sheet: Sheet, report: Recognised, extra: Needed
) -> tuple[Rectangle, Coded, int]:
    """The rows, the column they are told apart by, and how many entry numbers had to be joined for it.

    `extra`: columns that are read for the account of their dollars alone.
    """
    at = f"c{report.positions[report.profile.row_key]}"
    needed = {**_needed(report), **extra}
    rectangle = first_that_works(con, sheet, report.header_row, needed)
    key = cells.coded(rectangle.text[at])
    if not sorting.in_parts(key, report):
        return rectangle, key, 0
    more = {**dict.fromkeys(sorting.other_parts(report), CODED), **needed}
    rectangle, joined = sorting.join_parts(first_that_works(con, sheet, report.header_row, more), report)
    return rectangle, cells.coded(rectangle.text[at]), joined


def first_that_works(
    con: duckdb.DuckDBPyConnection, sheet: Sheet, header_row: int, needed: Needed
) -> Rectangle:
    """The rows below a header by the fastest way the file allows."""
    for rectangle in sheet.attempts(con, header_row, dict(sorted(needed.items()))):
        if rectangle.sound is None or rectangle.sound(rectangle.text.num_rows):
            return rectangle
    raise UnreadableReport("the rows can't be read")


def every_cell(con: duckdb.DuckDBPyConnection, sheet: Sheet, header_row: int) -> pa.Table:
    """All that stands below a row as text, as wide as the widest row: of a text that may be any row of it."""
    width = max(len(row) for row in sheet.head)
    while True:
        wide = sheet
        if isinstance(sheet, TextSheet):
            row = list(sheet.head[header_row - 1])
            head = [*sheet.head]
            head[header_row - 1] = [*row, *[None] * (width - len(row))]
            wide = replace(sheet, head=head)
        text = first_that_works(con, wide, header_row, dict.fromkeys(range(width), PLAIN)).text
        wider = "beyond" in text.column_names and pc.any(text["beyond"]).as_py()
        if not wider or width > _WIDEST:
            return pa.table({f"c{i}": text[f"c{i}"].cast(pa.string()) for i in range(width)})
        width *= 2


def _needed(report: Recognised) -> Needed:
    """The positions to be read. Amounts of single lines are hardly ever alike, all else repeats a lot."""
    needed = {at: CODED for _, at in wanted(report).values()}
    return dict(sorted((needed | {at: PLAIN for _, at in _amounts(report).values()}).items()))


def _amounts(report: Recognised) -> Columns:
    return {n: c for n, c in wanted(report).items() if c[0].kind == "cents" and n not in _OF_ENTRY}


def _numbers(rectangle: Rectangle) -> Numbers:
    """The row of the file each row stands on."""
    first = rectangle.numbering
    if isinstance(first, int):
        return np.arange(first, first + rectangle.text.num_rows, dtype=np.int64)
    return first


def _held(text: pa.Table, report: Recognised) -> dict[int, Coded]:
    """The columns of text by position, by their different values; not the amounts, nor the entry numbers."""
    skipped = {"entry_number", *_amounts(report)}
    positions = sorted({at for name, (_, at) in wanted(report).items() if name not in skipped})
    held = cells.side_by_side(lambda at: cells.coded(text[f"c{at}"]), positions)
    return dict(zip(positions, held, strict=True))


def _typed(
    con: duckdb.DuckDBPyConnection, text: pa.Table, report: Recognised, held: Mapping[int, Coded]
) -> tuple[dict[str, Typed], Learned]:
    """The columns that speak of the line, typed: the layout's way, then those that differ in their own."""
    late = typed_late(report)
    early = {n: c for n, c in wanted(report).items() if n not in late and n != "entry_number"}
    amounts = set(_amounts(report))

    def read(some: Columns) -> dict[str, Typed]:
        plain = {name: one for name, one in some.items() if name in amounts}
        cell_by_cell = cells.by_cell(con, plain, {n: text[f"c{at}"] for n, (_, at) in plain.items()})
        return {
            name: cell_by_cell.get(name) or cells.by_value(con, column, at, held[at])
            for name, (column, at) in some.items()
        }

    typed = read(early)
    learned = learn_conventions(con, report, wanted(report), text, held, typed)
    return typed | read({name: one for name, one in learned.columns.items() if name in early}), learned


def _with_unread(table: pa.Table, typed: Mapping[str, Typed]) -> pa.Table:
    """The rows with what stood in the cells nobody understands, and how many amounts of duty nobody could read."""
    for name, stood in _UNREAD.items():
        if name in typed and len(typed[name].bad):
            table = table.append_column(stood, _stood(typed[name], table.num_rows))
    if unread := [typed[name].bad for name in typed if name == "duty_cents" or name.endswith("_duty")]:
        count = np.bincount(np.concatenate(unread), minlength=table.num_rows)
        table = table.append_column(DUTIES_UNREAD, pa.array(count)) if count.any() else table
    return table


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
