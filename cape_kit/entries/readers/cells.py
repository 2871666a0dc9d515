"""What a cell says: text to number, day, code or flag, once, by whole columns, in SQL the engine runs.

Every kind has a quick way for the common form and a slow way for what people make of it. What neither
understands is null in the typed column and becomes a problem row; nothing is guessed. Columns are held by their
different values: a text that stands on a million rows is understood once.

First comes the common form: for each kind of cell the form nearly every export writes, understood without the engine,
since planning a query takes longer than a small file. A column with one cell in any other form is left to the macros
of ``cells.sql`` whole; a test holds the two to the same answers.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import date
from importlib import resources
from typing import Any, TypeVar

import duckdb
import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from cape_kit.entries import identifiers
from cape_kit.entries.readers.layouts import ColumnKind, words

#: Beyond so many cells the engine, which works on all processors, is the quicker one.
MOST_PLAINLY = 50_000
_NUMBER = ("^[0-9A-Z]{3}(-[0-9]{7}-[0-9]|[0-9]{8})$", "-", "")
#: Kind of cell -> the form, and what of it is written otherwise: dashes and dots go, a lost zero comes back.
_CODES = {
    "entry_number": _NUMBER,
    "other_entry_number": _NUMBER,
    "hts": (r"^([0-9]{8}|([0-8][0-9]|9[0-8])[0-9]{8}|[0-9]{4}\.[0-9]{2}\.[0-9]{2}|([0-8][0-9]|9[0-8])[0-9]{2}\."
            r"[0-9]{2}\.[0-9]{2}\.?[0-9]{2})$", r"\.", ""),
    "country": ("^[A-Z]{2}$", "", ""),
    "entry_type": ("^[0-9]{1,2}$", "^([0-9])$", r"0\1"),
    "port": ("^[0-9]{3,4}$", "^([0-9]{3})$", r"0\1"),
}  # fmt: skip
_PLAIN = "^[0-9A-Za-z]([ -~]*[!-~])?$"
_WORD, _COUNT = "^[0-9A-Za-z]+$", "^[0-9]{1,9}$"
_AMOUNT = r"^-?\$?([0-9]{1,9}|[1-9][0-9]{0,2}(,[0-9]{3}){1,2})(\.[0-9]{1,2})?$"
_ISO = re.compile(r"([0-9]{4})-([0-9]{2})-([0-9]{2})(?: 00:00:00)?")
_US_DAY = re.compile(r"([0-9]{1,2})/([0-9]{1,2})/([0-9]{4})")
_NAMED = re.compile(r"([0-9]{1,2})-([A-Z][a-z]{2})-([0-9]{4})")
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
#: Years in which a day is taken for one, as in the macro `sane`.
_FIRST_YEAR, _LAST_YEAR = 1980, 2099


def plainly_understood(
    column: ColumnKind, values: pa.Array | pa.ChunkedArray
) -> pa.Array | pa.ChunkedArray | None:
    """Each of the values, typed as the engine would; None where one of them is not in the common form."""
    if len(values) > MOST_PLAINLY:
        return None
    kind = column.kind
    typed = None
    if kind in _CODES:
        typed = _code(values, *_CODES[kind])
    elif kind == "day":
        typed = _days(values, column.order)
    elif column.status:
        typed = _unless(values, words().dashes)
    elif kind != "cents" or column.decimals == "point":
        typed = _OTHERS[kind](values)
    if typed is not None and column.blank is not None:
        typed = pc.fill_null(typed, column.blank)
    return typed


def _all(values: pa.Array, form: str) -> bool:
    """Whether every cell that holds anything has the form."""
    found = pc.all(pc.match_substring_regex(values, form), skip_nulls=True, min_count=0).as_py()
    return bool(found)


def _code(values: pa.Array, form: str, was: str, now: str) -> pa.Array | None:
    if not _all(values, form):
        return None
    return pc.replace_substring_regex(values, was, now) if was else values


def _text(values: pa.Array) -> pa.Array | None:
    """Plain text without anything round it."""
    return values if _all(values, _PLAIN) else None


def _unless(values: pa.Array, nothing: tuple[str, ...]) -> pa.Array | None:
    """The same, where words that say nothing are null."""
    if not _all(values, _PLAIN):
        return None
    blank = pc.is_in(pc.utf8_lower(values), value_set=pa.array(nothing, pa.string()))
    return pc.if_else(blank, pa.scalar(None, pa.string()), values)


def _reference(values: pa.Array) -> pa.Array | None:
    return _unless(values, words().blank)


def _importer(values: pa.Array) -> pa.Array | None:
    found = _reference(values)
    return None if found is None else pc.utf8_upper(found)


def _flag(values: pa.Array) -> pa.Array | None:
    if not _all(values, _WORD):
        return None
    said = pc.utf8_lower(values)
    yes, no = (pc.is_in(said, value_set=pa.array(one, pa.string())) for one in (words().yes, words().no))
    return pc.if_else(yes, True, pc.if_else(no, False, pa.scalar(None, pa.bool_())))


def _count(values: pa.Array) -> pa.Array | None:
    return pc.cast(values, pa.int32()) if _all(values, _COUNT) else None


def _cents(values: pa.Array) -> pa.Array | None:
    """Amounts with a point, a dollar sign before them or not, and commas between thousands or not. [cents]"""
    if not _all(values, _AMOUNT):
        return None
    dollars = pc.cast(pc.replace_substring_regex(values, "[$,]", ""), pa.decimal128(14, 2))
    return pc.cast(pc.multiply(dollars, pa.scalar(100, pa.decimal128(3, 0))), pa.int64())


def _days(values: pa.Array | pa.ChunkedArray, order: str) -> pa.Array | None:
    read: list[date | None] = []
    for text in values.to_pylist():
        day = None if text is None else _day(text, order)
        if day is not None and not (isinstance(day, date) and _FIRST_YEAR <= day.year <= _LAST_YEAR):
            return None
        read.append(day)
    return pa.array(read, pa.date32())


def _day(text: str, order: str) -> date | bool | None:
    """The day; null for one that may be read two ways in a column of both; false for another form."""
    if found := _ISO.fullmatch(text):
        year, month, day = map(int, found.groups())
    elif order != "ISO" and (found := _US_DAY.fullmatch(text)):
        first, second, year = map(int, found.groups())
        if order == "ANY" and 1 <= first <= 12 and 1 <= second <= 12:
            return None
        month, day = (second, first) if order == "DMY" or (order == "ANY" and first > 12) else (first, second)
    elif (found := _NAMED.fullmatch(text)) and found.group(2) in _MONTHS:
        day, month, year = int(found.group(1)), _MONTHS.index(found.group(2)) + 1, int(found.group(3))
    else:
        return False
    try:
        return date(year, month, day)
    except ValueError:
        return False


_OTHERS: dict[str, Callable[[pa.Array], pa.Array | None]] = {
    "count": _count,
    "flag": _flag,
    "importer": _importer,
    "reference": _reference,
    "text": _text,
    "cents": _cents,
}

#: Kind of cell -> the macro that types it.
_TYPED = {
    "entry_number": "as_entry",
    "other_entry_number": "as_entry",
    "count": "as_count",
    "hts": "as_hts",
    "country": "as_country",
    "entry_type": "as_entry_type",
    "port": "as_port",
    "flag": "as_flag",
    "importer": "as_importer",
    "reference": "as_reference",
    "text": "wash",
}
#: How a column writes its decimals -> the macro that types its amounts.
_AMOUNTS = {"point": "as_cents", "comma": "as_cents_comma", "unclear": "as_cents_unclear"}

#: Kind of cell -> code of the problem when it can't be understood.
CODES = {
    "day": "R08",
    "cents": "R09",
    "hts": "R10",
    "count": "R12",
    "country": "R12",
    "entry_type": "R12",
    "port": "R12",
    "flag": "R12",
    "other_entry_number": "R12",
}


#: What a formula leaves in a cell when it fails: in a column of money it is no blank.
_FAILED = re.compile(r"#(N/A|REF!|VALUE!|DIV/0!|NAME\?|NUM!|NULL!)", re.IGNORECASE)
_DECIMAL_COMMA = re.compile(r"[^\d.,]*\d+(\.\d{3})*,\d{1,2}[^\d.,]*")
_EITHER_FORM = re.compile(r"\d[.,]\d")
_SLASHED = re.compile(r"(?<!\d)\d{1,2}[/.-]\d{1,2}[/.-]\d{2}")
_EITHER_WAY = re.compile(r"[^\d.,]*[1-9]\d{0,2}[.,]\d{3}[^\d.,]*")


def hint(kind: str, text: str) -> str | None:
    """Why a cell of this kind may not have been understood, where its form tells."""
    if kind != "cents":
        return None
    if _FAILED.fullmatch(text):
        return "a formula failed here"
    if _DECIMAL_COMMA.fullmatch(text):
        return "it looks like a decimal comma; write 3400.00, not 3400,00"
    if _EITHER_WAY.fullmatch(text):
        sign = "point" if "." in text else "comma"
        return f"its {sign} may separate thousands or cents; write 1234.00 or 1.23"
    return None


def problem_code(column: ColumnKind, text: str) -> str:
    """The kind of trouble a cell that was not understood is: its own, or its column's."""
    if column.kind == "cents" and column.decimals == "unclear" and _EITHER_FORM.search(text):
        return "R21"
    if column.kind == "day" and column.order in ("ISO", "ANY") and _SLASHED.search(text):
        return "R22" if column.stated else "R16"
    return CODES[column.kind]


def says_nothing(kind: str, text: str) -> bool:
    """Whether a cell of this kind that was not understood is a blank: nothing but spaces, a dash, "N/A"."""
    bare = identifiers.unwrap(text).lower()
    if kind == "cents" and _FAILED.fullmatch(bare):
        return False
    return not bare or bare in words().blank


def define(con: Any) -> None:
    """Teach a connection the kinds of cells."""
    known = words()
    macros = (resources.files("cape_kit.entries.readers") / "cells.sql").read_text(encoding="utf-8")
    pairs = ", ".join(f"'{_quote(name)}': '{code}'" for name, code in known.countries.items())
    script = macros.replace("COUNTRIES", f"MAP {{{pairs}}}")
    script = (
        script.replace("(YES)", _in(known.yes))
        .replace("(NO)", _in(known.no))
        .replace("(BLANK)", _in(known.blank))
        .replace("(DASHES)", _in(known.dashes))
    )
    con.execute(script)


def typing_sql(column: ColumnKind, position: int) -> str:
    """The SQL that types one column."""
    if column.kind == "day":
        return f"day_{column.order.lower()}(c{position})"
    macro = _AMOUNTS[column.decimals] if column.kind == "cents" else _TYPED[column.kind]
    macro = "as_status" if column.status else macro
    value = f"{macro}(c{position})"
    if column.blank is not None:
        return f"CASE WHEN {value} IS NULL THEN '{_quote(column.blank)}' ELSE {value} END"
    return value


def row_kind_sql(key: str, positions: list[int], header: str) -> str:
    """The SQL that says what a doubtful row is: 'blank', 'header', 'total', 'note', 'nokey'; null for a data row.

    `key` is the raw key column; a row that repeats the header, or starts like a total, is no data; nor is a
    sentence that stands alone, without any number as long as an entry's, nor a row of words without any digit.
    """
    content = "coalesce(" + ", ".join(f"unwrap(c{i})" for i in positions) + ")"
    totals = "|".join(_quote(word).replace(" ", r"\s*") for word in words().totals)
    is_total = rf"regexp_matches(lower({content}), '^({totals})s?\b|\btotals?:?$')"
    blank = ", ".join(f"'{_quote(word)}'" for word in words().blank)
    filled = " + ".join(f"CAST(unwrap(c{i}) IS NOT NULL AS INTEGER)" for i in positions)
    everything = "concat_ws(' ', " + ", ".join(f"unwrap(c{i})" for i in positions) + ")"
    no_digit = f"unwrap({key}) IS NULL AND NOT regexp_matches({everything}, '[0-9]')"
    is_note = (
        f"{no_digit} OR ({filled}) = 1 AND regexp_matches({content}, '^\\S+(\\s+\\S+){{3,}}') "
        f"AND NOT regexp_matches({content}, '[0-9]{{6,}}')"
    )
    is_header = f"regexp_replace(lower(unwrap({key})), '[^a-z0-9#]', '', 'g') = '{_quote(header)}'"
    return (
        f"CASE WHEN {content} IS NULL THEN 'blank' WHEN {is_header} THEN 'header' "
        f"WHEN {is_total} THEN 'total' WHEN {is_note} THEN 'note' "
        f"WHEN coalesce(lower(unwrap({key})), '') IN ('', {blank}) THEN 'nokey' END"
    )


def _quote(text: str) -> str:
    return text.replace("'", "''")


def _in(values: tuple[str, ...]) -> str:
    return "(" + ", ".join(f"'{_quote(value)}'" for value in values) + ")"


# --- whole columns, by their different values -------------------------------------------------------------


#: How text is held: by its different values, or cell by cell (amounts, of which hardly two are alike).
CODED, PLAIN = pa.dictionary(pa.int32(), pa.string()), pa.string()
PORTION = 1 << 20

#: Declared name -> its kind, and its position from 0.
Columns = dict[str, tuple[ColumnKind, int]]
Codes = npt.NDArray[np.int32]
Flags = npt.NDArray[np.bool_]
Numbers = npt.NDArray[np.int64]
Item = TypeVar("Item")
Made = TypeVar("Made")


@dataclass(frozen=True)
class Coded:
    """One column: its different values, and for each row which of them stands there (-1: an empty cell)."""

    values: pa.Array
    codes: Codes

    def at(self, rows: Flags | Numbers) -> Coded:
        """Only those rows, and only the values that stand on them."""
        codes = self.codes[rows]
        used = np.zeros(len(self.values), dtype=bool)
        used[codes[codes >= 0]] = True
        if used.all():
            return Coded(self.values, codes)
        place = np.append(np.cumsum(used, dtype=np.int32) - 1, np.int32(-1))
        return Coded(self.values.filter(pa.array(used)), place[codes].astype(np.int32))

    def spread(self, values: pa.Array) -> pa.ChunkedArray:
        """One of `values` (of the same order as the column's own) for each row."""

        def part(at: int) -> pa.Array:
            codes = self.codes[at : at + PORTION]
            return values.take(pa.array(codes, mask=codes < 0))

        return pa.chunked_array(side_by_side(part, range(0, len(self.codes), PORTION)), type=values.type)

    def first_rows(self) -> Numbers:
        """The first row each value stands on; rows are counted from 0."""
        first = np.zeros(len(self.values) + 1, dtype=np.int64)
        first[self.codes[::-1]] = np.arange(len(self.codes) - 1, -1, -1)
        return first[:-1]


@dataclass(frozen=True)
class Typed:
    """A typed column, and the rows (counted from 0) whose cell says something nobody understands."""

    column: ColumnKind
    position: int
    cells: pa.ChunkedArray
    bad: Numbers
    stood: list[str]  # on the bad rows, what stood there


def side_by_side(work: Callable[[Item], Made], over: Sequence[Item]) -> list[Made]:
    """The work on each, on all processors: what is done here is done by the engine, outside Python's lock."""
    if len(over) < 2:
        return [work(one) for one in over]
    with ThreadPoolExecutor() as pool:
        return list(pool.map(work, over))


def coded(column: pa.ChunkedArray) -> Coded:
    """A column of text by its different values."""
    if not pa.types.is_dictionary(column.type):
        column = column.dictionary_encode()
    column = column.unify_dictionaries()
    if not column.num_chunks:
        return Coded(pa.array([], pa.string()), np.zeros(0, dtype=np.int32))
    codes = [pc.fill_null(chunk.indices, -1).to_numpy(zero_copy_only=False) for chunk in column.chunks]
    return Coded(column.chunk(0).dictionary, np.concatenate(codes).astype(np.int32, copy=False))


def understood(con: duckdb.DuckDBPyConnection, column: ColumnKind, values: pa.Array) -> pa.Array:
    """Each of the values, typed; null where it can't be."""
    plainly = plainly_understood(column, values)
    if plainly is not None:
        return plainly
    con.register("some_cells", pa.table({"c0": values}))
    typed = con.sql(f"SELECT {typing_sql(column, 0)} AS typed FROM some_cells").to_arrow_table()["typed"]
    con.unregister("some_cells")
    return typed.combine_chunks()


def by_value(con: duckdb.DuckDBPyConnection, column: ColumnKind, position: int, held: Coded) -> Typed:
    """A column typed value by value."""
    typed = understood(con, column, held.values)
    bad = np.zeros(0, dtype=np.int64)
    if column.kind in CODES and typed.null_count:
        empty = pc.is_null(typed).to_numpy(zero_copy_only=False)
        unread = held.values.filter(pa.array(empty))
        said = [value is not None and not says_nothing(column.kind, value) for value in unread.to_pylist()]
        wrong = np.zeros(len(typed) + 1, dtype=bool)
        wrong[:-1][empty] = said
        bad = np.flatnonzero(wrong[held.codes])
    stood = held.values.take(pa.array(held.codes[bad])).to_pylist() if len(bad) else []
    spread = held.spread(typed)
    if column.blank is not None:
        spread = pc.fill_null(spread, column.blank)
    return Typed(column, position, spread, bad, stood)


def by_cell(
    con: duckdb.DuckDBPyConnection, columns: Columns, text: Mapping[str, pa.ChunkedArray]
) -> dict[str, Typed]:
    """Columns typed cell by cell, all at once. `text`: one column of text for each."""
    typed = {name: plainly_understood(column, text[name]) for name, (column, _) in columns.items()}
    others = [name for name, plainly in typed.items() if plainly is None]
    if others:
        con.register("some_cells", pa.table({f"c{i}": text[name] for i, name in enumerate(others)}))
        wanted = ", ".join(f"{typing_sql(columns[name][0], i)} AS {name}" for i, name in enumerate(others))
        table = con.sql(f"SELECT {wanted} FROM some_cells").to_arrow_table()
        con.unregister("some_cells")
        typed |= {name: table[name] for name in others}
    return {
        name: Typed(column, position, typed[name], *_misread(column, text[name], typed[name]))
        for name, (column, position) in columns.items()
    }


def _misread(column: ColumnKind, text: pa.ChunkedArray, typed: pa.ChunkedArray) -> tuple[Numbers, list[str]]:
    """The rows where something stood and nothing was understood, and what it was."""
    if column.kind not in CODES or typed.null_count == text.null_count:
        return np.zeros(0, dtype=np.int64), []
    empty = pc.is_null(typed).to_numpy(zero_copy_only=False)
    bad = np.flatnonzero(empty & pc.is_valid(text).to_numpy(zero_copy_only=False))
    stood = text.take(pa.array(bad)).to_pylist()
    blank = {value for value in set(stood) if says_nothing(column.kind, value)}
    said = [value not in blank for value in stood]
    return bad[np.array(said, dtype=bool)], [value for value in stood if value not in blank]


def marks(columns: list[Coded], rows: int) -> Numbers:
    """A number for each row that is the same on rows which hold the same in all these columns."""
    mark, sizes = np.zeros(rows, dtype=np.int64), 1
    for column in columns:
        size = len(column.values) + 1
        if size == 1:
            continue
        if sizes * size >= 1 << 62:
            different, mark = np.unique(mark, return_inverse=True)
            sizes = len(different)
        mark, sizes = mark * size + (column.codes + 1), sizes * size
    return mark
