"""Tariff lines as plain number arrays in the order entry, line: so that sums are runs, not look-ups.

Texts are coded once: entry numbers as positions in the portfolio, HTS numbers and origins as places in lists. What
each HTS number is: an IEEPA heading, another chapter 99 duty, or the goods themselves. Numbers match the registry
whole, with or without the padding ``00`` some exports add; never by prefix.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from cape_kit.errors import NoLawInForce
from cape_kit.law import headings
from cape_kit.law.book import Law

# --- what each HTS number is ------------------------------------------------------------------------------


#: Families of duty, in the order a revised entry summary shows them.
IEEPA, EXCEPTION, UNKNOWN = "IEEPA", "IEEPA exception heading", "IEEPA number not in the registry"
OTHER_99, NORMAL = "Other chapter 99", "Normal duty"
FAMILIES = (
    IEEPA,
    EXCEPTION,
    UNKNOWN,
    "Section 301",
    "Section 232",
    "Section 201",
    "Section 122",
    OTHER_99,
    NORMAL,
)
_SPECIAL = ("98", "99")
_FULL, _PADDED = 8, 10
COLUMNS = ("hts", "hts8", "heading", "family", "programme", "kind", "all_in", "chapter_99", "chapter_98")


def headings_of(numbers: Iterable[str], law: Law) -> pd.DataFrame:
    """One row per distinct number of the lines: heading, family, programme, and what the reducers ask of it.

    Sources: ``headings.csv`` and ``not_ieepa.csv`` of the law book, each row with its own.
    Raises NoLawInForce when the law is replayed on a day by which no heading was public.
    """
    if not law.contents.headings:
        raise NoLawInForce(
            f"No IEEPA heading was public on {law.known_on}, so no entry can be decided as of then; "
            f"replay the law as known on a later day"
        )
    on = max(row.last_day or row.first_day for row in law.contents.headings)
    rows = [_heading_of(hts, law, on) for hts in numbers]
    frame = pd.DataFrame(rows, columns=list(COLUMNS))
    texts = dict.fromkeys(("hts", "hts8", "heading", "family", "programme", "kind"), "str")
    return frame.astype({**texts, "all_in": "bool", "chapter_99": "bool", "chapter_98": "bool"})


def _heading_of(hts: str, law: Law, on: date) -> tuple[Any, ...]:
    if not isinstance(hts, str) or not hts.startswith(_SPECIAL):
        return (hts, hts, None, NORMAL, NORMAL, "", False, False, False)
    if hts.startswith(_SPECIAL[0]):
        return (hts, hts, None, NORMAL, NORMAL, "", False, False, True)
    number = hts[:_FULL] if len(hts) == _PADDED and hts.endswith("00") else hts
    registered = law.headings_by_number.get(number)
    if registered:
        row = registered[-1]
        family = IEEPA if row.kind == "duty" else EXCEPTION
        return (hts, number, row.heading, family, row.programme, row.kind, row.all_in, True, False)
    family, programme = _elsewhere(number, law, on)
    return (hts, number, headings.dotted(number), family, programme, "", False, True, False)


def _elsewhere(number: str, law: Law, on: date) -> tuple[str, str]:
    """Family and programme of a chapter 99 number that the registry does not have."""
    if not (number.isascii() and number.isdigit()) or len(number) not in (_FULL, _PADDED):
        return OTHER_99, OTHER_99
    told = headings.look_up(law, number, on)
    if told.status == "unknown":
        return UNKNOWN, UNKNOWN
    programme = told.programme or OTHER_99
    family = " ".join(programme.split()[:2])
    return (family if family in FAMILIES else OTHER_99), programme


# --- the lines as arrays ----------------------------------------------------------------------------------


#: How amounts are named that stand in a column for IEEPA duty, of one programme or any.
_IEEPA = "ieepa"
Ints = npt.NDArray[np.int64]
Flags = npt.NDArray[np.bool_]


@dataclass(frozen=True)
class Cents:
    """An amount column: whole cents, 0 where unknown, and where it is known."""

    amount: Ints
    known: Flags

    def take(self, rows: Ints | Flags) -> Cents:
        """The column on some of the rows."""
        return Cents(self.amount[rows], self.known[rows])


@dataclass(frozen=True)
class CodedLines:
    """The rows of all lines, sorted by entry and line; a negative code is an empty cell.

    `entries` holds the portfolio's entry numbers in their order, then any that only the lines have. `named`
    marks rows whose amount stands in a column named for a duty other than IEEPA's.
    """

    entries: pd.Series
    numbers: pd.DataFrame
    origins: npt.NDArray[np.object_]
    entry: Ints
    line: Ints
    code: Ints
    origin: Ints
    value: Cents
    duty: Cents
    named: Flags
    table: pa.Table
    order: Ints | None

    def of_number(self, column: str, *, default: bool) -> Flags:
        """A flag of the HTS numbers on every row; the default where the number is an empty cell."""
        return np.append(self.numbers[column].to_numpy(dtype=bool), default)[self.code]

    def stands(self, column: str) -> Flags:
        """Whether a column of the table holds anything on every row of this order."""
        held = self.table[column]
        if held.null_count == len(held):
            return np.zeros(len(held), dtype=bool)
        here = np.asarray(pc.is_valid(held).to_numpy())
        return here if self.order is None else here[self.order]

    def texts(self, column: str, rows: Ints) -> pa.Array:
        """A text column of the table on some rows of this order, coded as a dictionary."""
        at = rows if self.order is None else self.order[rows]
        return flat(self.table[column].take(pa.array(at))).dictionary_encode()


def coded(tariff_lines: pa.Table, entries: pd.DataFrame, law: Law) -> CodedLines:
    """The lines of a portfolio as arrays. [cents]"""
    everyone, entry = _entries(tariff_lines["entry_number"], entries["entry_number"])
    numbers, code = _places(tariff_lines["hts"])
    origins, origin = _places(tariff_lines["country_of_origin"])
    line = integers(tariff_lines["line_number"], empty=-1)
    order = _order(entry, line)
    value, duty = _cents(tariff_lines["goods_value_cents"]), _cents(tariff_lines["duty_cents"])
    named = _named_for_others(tariff_lines["named_for"])
    if order is not None:
        entry, line, code, origin = (column[order] for column in (entry, line, code, origin))
        named = named[order]
        value, duty = value.take(order), duty.take(order)
    return CodedLines(
        entries=everyone,
        numbers=headings_of(numbers, law),
        origins=origins,
        entry=entry,
        line=line,
        code=code,
        origin=origin,
        value=value,
        duty=duty,
        named=named,
        table=tariff_lines,
        order=order,
    )


def starts(*sorted_columns: np.ndarray) -> Ints:
    """Where a new run begins: the first row, and each on which any of the columns changes."""
    changed = np.zeros(max(len(sorted_columns[0]) - 1, 0), dtype=bool)
    for column in sorted_columns:
        changed |= column[1:] != column[:-1]
    first = [0] if len(sorted_columns[0]) else []
    return np.concatenate([first, np.flatnonzero(changed) + 1]).astype("int64")


def lengths(begins: Ints, rows: int) -> Ints:
    """How many rows each run has."""
    return np.diff(np.append(begins, rows)) if len(begins) else begins


def flat(column: pa.ChunkedArray) -> pa.Array:
    """A text column in one piece, whatever its chunks and however it is coded."""
    whole = column.cast(pa.string()) if column.type != pa.string() else column
    return whole.combine_chunks() if isinstance(whole, pa.ChunkedArray) else whole


def _entries(column: pa.ChunkedArray, entries: pd.Series) -> tuple[pd.Series, Ints]:
    """Each row's entry as its position in the portfolio, looked up once per run of equal numbers."""
    whole = flat(column)
    known = entries.astype("str").reset_index(drop=True)
    if not len(whole):
        return known, np.zeros(0, dtype="int64")
    changed = pc.fill_null(pc.not_equal(whole.slice(1), whole.slice(0, len(whole) - 1)), True)
    begins = np.concatenate([[0], np.flatnonzero(changed.to_numpy(zero_copy_only=False)) + 1])
    texts = whole.take(pa.array(begins)).to_pandas().astype("str")
    size = lengths(begins, len(whole))
    if len(texts) == len(known) and (texts.array == known.array).all():
        return known, np.repeat(np.arange(len(known), dtype="int32"), size)
    place, unique = pd.factorize(pd.concat([known, texts], ignore_index=True))
    return pd.Series(unique), np.repeat(place[len(known) :].astype("int32"), size)


def _places(column: pa.ChunkedArray) -> tuple[npt.NDArray[np.object_], Ints]:
    """The distinct texts of a column, and each row's place among them; -1 for an empty cell."""
    found = flat(column).dictionary_encode()
    return found.dictionary.to_numpy(zero_copy_only=False), indices(found)


def indices(column: pa.DictionaryArray) -> Ints:
    """The codes of a dictionary column; -1 for an empty cell."""
    return np.asarray(pc.fill_null(column.indices, -1).to_numpy(zero_copy_only=False))


def _named_for_others(column: pa.ChunkedArray) -> Flags:
    """Rows whose amount stands in a column named for another duty than IEEPA's, such as Section 301."""
    if column.null_count == len(column):
        return np.zeros(len(column), dtype=bool)
    names, place = _places(column)
    others = [not str(name).startswith(_IEEPA) for name in names]
    return np.array([*others, False], dtype=bool)[place]


def integers(column: pa.ChunkedArray, *, empty: int) -> Ints:
    """A column of whole numbers; a given one for an empty cell."""
    whole = column.cast(pa.int64())
    return np.asarray((pc.fill_null(whole, empty) if whole.null_count else whole).to_numpy())


def _cents(column: pa.ChunkedArray) -> Cents:
    known = np.broadcast_to(np.True_, len(column))
    if column.null_count:
        known = pc.is_valid(column).to_numpy()
    return Cents(integers(column, empty=0), known)


def _order(entry: Ints, line: Ints) -> Ints | None:
    """The rows in the order entry, line, file; None when they stand so already."""
    if len(entry) < 2:
        return None
    same = entry[1:] == entry[:-1]
    if ((entry[1:] > entry[:-1]) | (same & (line[1:] >= line[:-1]))).all():
        return None
    return np.lexsort((line, entry))
