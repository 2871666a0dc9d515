"""Which rows are data, which are refused and which hold nothing; the entry number each row speaks of."""

from __future__ import annotations

from dataclasses import dataclass

import duckdb
import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from cape_kit.entries import identifiers
from cape_kit.entries.readers import cells, columns
from cape_kit.entries.readers.columns import Coded, Flags
from cape_kit.entries.readers.layouts import collapse
from cape_kit.entries.readers.recognise import Recognised

DATA = ""
EMPTY = ("blank", "header", "total", "note")
REFUSED = ("nokey", "badkey", "ragged")
#: What a row can be; rows are marked by position in this list.
KINDS = (DATA, *EMPTY, *REFUSED)


@dataclass(frozen=True)
class Sorted:
    """The kind of each row (position in KINDS), and the column the rows are told apart by.

    `entries`: the different texts of that column as entry numbers; None when it holds something else.
    `said`: of some of them, by position, what was mended or what is wrong.
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
        """Whether a text of the key is an entry number, perhaps after mending."""
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


def sort(con: duckdb.DuckDBPyConnection, text: pa.Table, found: Recognised, key: Coded) -> Sorted:
    """Sort the rows below a header: one with a sound entry number is data, only the others are looked at."""
    name = found.profile.row_key
    entries = None
    doubtful = np.ones(text.num_rows, dtype=bool)
    if name == "entry_number":
        entries = columns.understood(con, found.profile.columns[name], key.values)
        doubtful = np.append(pc.is_null(entries).to_numpy(zero_copy_only=False), True)[key.codes]
    kinds = np.zeros(text.num_rows, dtype=np.int8)
    if doubtful.any():
        kinds[doubtful] = _looked_at(con, text.filter(pa.array(doubtful)), found)
    if "beyond" in text.column_names:
        kinds[text["beyond"].to_numpy()] = KINDS.index("ragged")
    if entries is None:
        return Sorted(kinds, key, None, {})
    entries, said = _mended(entries, key, np.unique(key.codes[doubtful & (kinds == 0)]))
    hopeless = np.append(pc.is_null(entries).to_numpy(zero_copy_only=False), False)[key.codes]
    kinds[hopeless & (kinds == 0)] = KINDS.index("badkey")
    return Sorted(kinds, key, entries, said)


def _looked_at(con: duckdb.DuckDBPyConnection, text: pa.Table, found: Recognised) -> npt.NDArray[np.int8]:
    """The kinds of rows that nothing vouches for."""
    at = found.positions[found.profile.row_key]
    held = [int(name[1:]) for name in text.column_names if name != "beyond"]
    kind = cells.row_kind(f"c{at}", held, collapse(found.headers[at]))
    names = ", ".join(f"'{name}'" for name in KINDS)
    con.register("some_rows", text)
    table = con.sql(
        f"""SELECT CAST(list_position([{names}], coalesce({kind}, '{DATA}')) - 1 AS TINYINT) AS kind
            FROM some_rows"""
    ).to_arrow_table()
    con.unregister("some_rows")
    kinds: npt.NDArray[np.int8] = table["kind"].to_numpy()
    return kinds


def _mended(
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
