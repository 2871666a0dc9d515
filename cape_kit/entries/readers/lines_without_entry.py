"""Tariff lines on rows without an entry number, as merged cells leave them: told, never given to an entry."""

from __future__ import annotations

from typing import Any

import duckdb
import numpy as np
import pyarrow as pa

from cape_kit import money
from cape_kit.entries.readers import columns, sorting
from cape_kit.entries.readers.layouts import ColumnKind
from cape_kit.entries.readers.recognise import Recognised
from cape_kit.entries.readers.sorting import KINDS, Sorted

_HTS, _CENTS = ColumnKind("hts", "hts", ()), ColumnKind("duty_cents", "cents", ())


def lines(con: duckdb.DuckDBPyConnection, text: pa.Table, kinds: Sorted, found: Recognised) -> dict[int, str]:
    """Rows (from 0) without entry number -> the tariff line each holds, and the entry above, in words."""
    rows = np.flatnonzero(kinds.are("nokey"))
    hts, duty = _positions(found)
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
        told[row] = _sentence(str(number), sum(known) if known else None, _entry(kinds, above[row]))
    return told


def _positions(found: Recognised) -> tuple[list[int], list[int]]:
    """Where HTS numbers stand, and where duties; of a wide layout the duties of all its parts."""
    at = found.positions
    hts = {at[name] for name in ("hts",) if name in at} | {h for _, h, _ in found.parts if h is not None}
    duty = {at[name] for name in ("duty_cents",) if name in at} | {place for _, _, place in found.parts}
    return sorted(hts), sorted(duty)


def _typed(con: duckdb.DuckDBPyConnection, text: pa.ChunkedArray, kind: ColumnKind) -> list[Any]:
    held = columns.coded(text)
    return held.spread(columns.understood(con, kind, held.values)).to_pylist()


def _above(kinds: Sorted) -> np.ndarray:
    """For each row the nearest row above, or itself, that names an entry, soundly or not; -1 for none."""
    named = kinds.are(sorting.DATA, "badkey", "ragged")
    return np.maximum.accumulate(np.where(named, np.arange(len(named)), -1))


def _entry(kinds: Sorted, row: int) -> str | None:
    """The entry number a row names, if it is sound."""
    if row < 0 or KINDS[kinds.kinds[row]] != sorting.DATA or kinds.entries is None:
        return None
    number: str | None = kinds.entries[int(kinds.key.codes[row])].as_py()
    return number


def _sentence(hts: str, cents: int | None, entry: str | None) -> str:
    duty = "a duty that can't be read" if cents is None else f"duty {money.show(cents)}"
    line = f"perhaps a further line of entry {entry} above" if entry else "of which entry is not known"
    return f"HTS {hts}, {duty}, {line}"
