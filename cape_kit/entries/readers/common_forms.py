"""Cells in their common form, understood without the engine: planning a query takes longer than a small file.

For each kind of cell the form nearly every export writes, and what the macros of ``cells.sql`` make of it. A
column with one cell in any other form is left to them whole; a test holds the two to the same answers.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date

import pyarrow as pa
import pyarrow.compute as pc

from cape_kit.entries.readers.layouts import ColumnKind, words

#: Beyond so many cells the engine, which works on all processors, is the quicker one.
MOST = 50_000
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
_SLASHED = re.compile(r"([0-9]{1,2})/([0-9]{1,2})/([0-9]{4})")
_NAMED = re.compile(r"([0-9]{1,2})-([A-Z][a-z]{2})-([0-9]{4})")
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
#: Years in which a day is taken for one, as in the macro `sane`.
_FIRST_YEAR, _LAST_YEAR = 1980, 2099


def understood(column: ColumnKind, values: pa.Array | pa.ChunkedArray) -> pa.Array | pa.ChunkedArray | None:
    """Each of the values, typed as the engine would; None where one of them is not in the common form."""
    if len(values) > MOST:
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
    elif order != "ISO" and (found := _SLASHED.fullmatch(text)):
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
