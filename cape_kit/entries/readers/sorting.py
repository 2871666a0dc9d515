"""Which rows are data, which are refused and which hold nothing; the entry number each row speaks of.

Entry numbers split over columns, as ABI and the 7501 keep them, are joined where the check digit proves it.
Filer code (3), number (7) and check digit (1) stand apart in many sheets. Nothing is joined that the check
digit does not prove, and no check digit is worked out: a number without one proves nothing. Tariff lines on
rows without an entry number, as merged cells leave them, are listed and never given to an entry.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import Any, NamedTuple

import duckdb
import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from cape_kit import money
from cape_kit.entries import identifiers
from cape_kit.entries.readers import cells
from cape_kit.entries.readers.cells import Coded, Flags
from cape_kit.entries.readers.layouts import ColumnKind, collapse
from cape_kit.entries.readers.recognise import Recognised
from cape_kit.entries.readers.sheets import Rectangle

DATA = ""
EMPTY = ("blank", "header", "total", "note")
REFUSED = ("nokey", "badkey", "ragged")
#: What a row can be; rows are marked by position in this list.
KINDS = (DATA, *EMPTY, *REFUSED)
_NUMBER = re.compile(r"([0-9]{1,8})(?:\.0+)?")
_DIGIT = re.compile(r"([0-9])(?:\.0+)?")
_FILER = re.compile(r"[0-9A-Z]{3}")


@dataclass(frozen=True)
class Sorted:
    """The kind of each row (position in KINDS), and the column the rows are told apart by.

    `entries`: the different texts of that column as entry numbers; None when it holds something else.
    `said`: of some of them, by position, what was corrected or what is wrong.
    """

    kinds: npt.NDArray[np.int8]
    key: Coded
    entries: pa.Array | None
    said: dict[int, str]

    def are(self, *names: str) -> Flags:
        """The rows that are one of these."""
        wanted = np.array([name in names for name in KINDS])
        return wanted[self.kinds]

    def valid(self, code: int) -> bool:
        """Whether a text of the key is an entry number, perhaps after correction."""
        return self.entries is not None and self.entries[code].is_valid

    def entry_of(self, rows: Flags | None) -> Coded | None:
        """The entry number of each row (of those flagged), however differently it was written."""
        if self.entries is None:
            return None
        once = self.entries.dictionary_encode()
        place = np.append(pc.fill_null(once.indices, -1).to_numpy(zero_copy_only=False), -1)
        codes = place[self.key.codes].astype(np.int32)
        found = Coded(once.dictionary, codes)
        return found if rows is None else found.at(rows)


def sort(con: duckdb.DuckDBPyConnection, text: pa.Table, report: Recognised, key: Coded) -> Sorted:
    """Sort the rows below a header: one with a sound entry number is data, only the others are looked at."""
    name = report.profile.row_key
    entries = None
    doubtful = np.ones(text.num_rows, dtype=bool)
    if name == "entry_number":
        entries = cells.understood(con, report.profile.columns[name], key.values)
        doubtful = np.append(pc.is_null(entries).to_numpy(zero_copy_only=False), True)[key.codes]
    kinds = np.zeros(text.num_rows, dtype=np.int8)
    if doubtful.any():
        kinds[doubtful] = _looked_at(con, text.filter(pa.array(doubtful)), report)
    if "beyond" in text.column_names:
        kinds[text["beyond"].to_numpy()] = KINDS.index("ragged")
    if entries is None:
        return Sorted(kinds, key, None, {})
    entries, said = _zeros_restored(entries, key, np.unique(key.codes[doubtful & (kinds == 0)]))
    hopeless = np.append(pc.is_null(entries).to_numpy(zero_copy_only=False), False)[key.codes]
    kinds[hopeless & (kinds == 0)] = KINDS.index("badkey")
    return Sorted(kinds, key, entries, said)


def _looked_at(con: duckdb.DuckDBPyConnection, text: pa.Table, report: Recognised) -> npt.NDArray[np.int8]:
    """The kinds of rows that nothing vouches for."""
    at = report.positions[report.profile.row_key]
    held = [int(name[1:]) for name in text.column_names if name != "beyond"]
    kind = cells.row_kind_sql(f"c{at}", held, collapse(report.headers[at]))
    names = ", ".join(f"'{name}'" for name in KINDS)
    con.register("some_rows", text)
    table = con.sql(
        f"""SELECT CAST(list_position([{names}], coalesce({kind}, '{DATA}')) - 1 AS TINYINT) AS kind
            FROM some_rows"""
    ).to_arrow_table()
    con.unregister("some_rows")
    kinds: npt.NDArray[np.int8] = table["kind"].to_numpy()
    return kinds


def _zeros_restored(
    entries: pa.Array, key: Coded, open_ones: npt.NDArray[np.int32]
) -> tuple[pa.Array, dict[int, str]]:
    """Entry numbers the quick look did not accept: lost zeros restored where the check digit agrees."""
    if not len(open_ones):
        return entries, {}
    texts = key.values.take(pa.array(open_ones)).to_pylist()
    verdicts = [identifiers.normalise_entry_number(text) for text in texts]
    mask = np.zeros(len(entries), dtype=bool)
    mask[open_ones] = True
    fixed = pa.array([verdict.normalised for verdict in verdicts], type=pa.string())
    said = {
        int(code): verdict.problem
        for code, verdict in zip(open_ones, verdicts, strict=True)
        if verdict.problem is not None
    }
    return pc.replace_with_mask(entries, pa.array(mask), fixed), said


def in_parts(key: Coded, report: Recognised) -> bool:
    """Whether a column of entry numbers holds parts of them, with the filer code in a column beside it."""
    if report.filer_code is None or report.profile.row_key != "entry_number":
        return False
    shape = r"^\s*'?[0-9]{1,8}(\.0+)?\s*$"
    return bool(pc.any(pc.match_substring_regex(key.values, shape)).as_py())


def other_parts(report: Recognised) -> list[int]:
    """Where the other parts stand."""
    return [at for at in (report.filer_code, report.check_digit) if at is not None]


def join_parts(rectangle: Rectangle, report: Recognised) -> tuple[Rectangle, int]:
    """The rows with whole entry numbers where the parts prove one another, and how many were joined."""
    text = rectangle.text
    at = text.column_names.index(f"c{report.positions['entry_number']}")
    numbers = text.column(at).cast(pa.string()).to_pylist()
    parts = [text[f"c{place}"].cast(pa.string()).to_pylist() for place in other_parts(report)]
    filers = parts[0]
    digits = parts[1] if report.check_digit is not None else [None] * len(numbers)
    whole = [_whole(*row) for row in zip(filers, numbers, digits, strict=True)]
    joined = [one or number for one, number in zip(whole, numbers, strict=True)]
    table = text.set_column(at, text.column_names[at], pa.chunked_array([pa.array(joined, pa.string())]))
    return replace(rectangle, text=table), sum(one is not None for one in whole)


def part_of_one(text: str | None) -> bool:
    """Whether a cell holds as many digits as the number has without filer code or check digit."""
    bare = re.sub(r"[\s-]", "", identifiers.unwrap(text or ""))
    found = _NUMBER.fullmatch(bare)
    return found is not None and len(found[1]) >= 6


def _whole(filer: str | None, number: str | None, digit: str | None) -> str | None:
    """The entry number of three cells; None where they are no parts of one, or do not prove it."""
    middle = _NUMBER.fullmatch(re.sub(r"[\s-]", "", identifiers.unwrap(number or "")))
    code = identifiers.unwrap(filer or "").upper()
    code = code.zfill(3) if code.isdigit() else code
    if middle is None or not _FILER.fullmatch(code):
        return None
    last = _DIGIT.fullmatch(identifiers.unwrap(digit or ""))
    if len(middle[1]) == 8:
        if last is not None and last[1] != middle[1][-1]:
            return None
        found = code + middle[1]
    elif last is None:
        return None
    else:
        found = code + middle[1].zfill(7) + last[1]
    return found if identifiers.check_digit(found[:-1]) == found[-1] else None


# --- tariff lines on rows without an entry number ---------------------------------------------------------


_HTS, _CENTS = ColumnKind("hts", "hts", ()), ColumnKind("duty_cents", "cents", ())


class Stray(NamedTuple):
    """A tariff line on a row without an entry number: in words, and the entry above, of which it may be."""

    said: str
    entry: str | None


def lines_without_entry(
    con: duckdb.DuckDBPyConnection, text: pa.Table, kinds: Sorted, report: Recognised
) -> dict[int, Stray]:
    """Rows (from 0) without entry number -> the tariff line each holds."""
    rows = np.flatnonzero(kinds.are("nokey"))
    hts, duty = _positions(report)
    if kinds.entries is None or not len(rows) or not hts or not duty:
        return {}
    part = text.select([f"c{at}" for at in (*hts, *duty)]).take(pa.array(rows))
    numbers = [_typed(con, part[f"c{at}"], _HTS) for at in hts]
    amounts = [_typed(con, part[f"c{at}"], _CENTS) for at in duty]
    filled = [part[f"c{at}"].to_pylist() for at in duty]
    above = _above(kinds)
    told = {}
    for place, row in enumerate(rows.tolist()):
        number = next((column[place] for column in numbers if column[place]), None)
        if number is None or not any((column[place] or "").strip() for column in filled):
            continue
        known = [column[place] for column in amounts if column[place] is not None]
        entry = _entry(kinds, above[row])
        told[row] = Stray(_sentence(str(number), sum(known) if known else None, entry), entry)
    return told


def _positions(report: Recognised) -> tuple[list[int], list[int]]:
    """Where HTS numbers stand, and where duties; of a wide layout the duties of all its parts."""
    at = report.positions
    hts = {at[name] for name in ("hts",) if name in at} | {h for _, h, _ in report.parts if h is not None}
    duty = {at[name] for name in ("duty_cents",) if name in at} | {place for _, _, place in report.parts}
    return sorted(hts), sorted(duty)


def _typed(con: duckdb.DuckDBPyConnection, text: pa.ChunkedArray, kind: ColumnKind) -> list[Any]:
    held = cells.coded(text)
    return held.spread(cells.understood(con, kind, held.values)).to_pylist()


def _above(kinds: Sorted) -> np.ndarray:
    """For each row the nearest row above, or itself, that names an entry, soundly or not; -1 for none."""
    named = kinds.are(DATA, "badkey", "ragged")
    return np.maximum.accumulate(np.where(named, np.arange(len(named)), -1))


def _entry(kinds: Sorted, row: int) -> str | None:
    """The entry number a row names, if it is sound."""
    if row < 0 or KINDS[kinds.kinds[row]] != DATA or kinds.entries is None:
        return None
    number: str | None = kinds.entries[int(kinds.key.codes[row])].as_py()
    return number


def _sentence(hts: str, cents: int | None, entry: str | None) -> str:
    duty = "a duty that can't be read" if cents is None else f"duty {money.show(cents)}"
    line = f"perhaps a further line of entry {entry} above" if entry else "of which entry is not known"
    return f"HTS {hts}, {duty}, {line}"
