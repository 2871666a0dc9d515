"""The rows of a recognised sheet: typed in one pass, sorted into data, refused and empty, none lost."""

from __future__ import annotations

import tempfile
from dataclasses import dataclass

import duckdb
import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from cape_kit.entries import identifiers, schema
from cape_kit.entries.readers import cells, trouble
from cape_kit.entries.readers.layouts import ColumnKind, collapse
from cape_kit.entries.readers.recognise import Recognised
from cape_kit.entries.readers.sheets import Rectangle, Sheet
from cape_kit.errors import UnreadableReport

_PART_KIND = {"hts": "hts", "duty": "cents"}
_BY_ROW = ("claim", "refund", "list")
EMPTY = ("blank", "header", "total")
REFUSED = ("nokey", "badkey", "ragged")

Columns = dict[str, tuple[ColumnKind, int]]


@dataclass(frozen=True)
class TypedRows:
    """The data rows of one sheet with `source_row` and `mark`; their trouble; how many rows were what.

    Columns that speak of the line are typed; those that speak of the whole entry are still text (c0, c1 …),
    and `mark` is the same on rows that say the same of it.
    """

    table: pa.Table
    problems: pd.DataFrame
    rows: int
    refused: int
    blank: int


def connect() -> duckdb.DuckDBPyConnection:
    """A private engine in memory that knows the kinds of cells and spills to the system's scratch folder."""
    con = duckdb.connect(":memory:")
    spill = f"{tempfile.gettempdir()}/cape_kit_spill".replace("\\", "/").replace("'", "''")
    con.execute(f"SET temp_directory = '{spill}'")
    cells.define(con)
    return con


def wanted(found: Recognised) -> Columns:
    """Every column to be read: the layout's, and those of the parts of a wide layout."""
    columns = {name: (found.profile.columns[name], at) for name, at in found.positions.items()}
    for part, hts, duty in found.parts:
        for role, position in (("hts", hts), ("duty", duty)):
            if position is not None:
                name = f"{part.name}_{role}"
                columns[name] = (ColumnKind(name, _PART_KIND[role], ()), position)
    return columns


def typed_late(found: Recognised) -> Columns:
    """The columns that speak of the whole entry and repeat on its rows: typed once per entry, not here."""
    if found.profile.grain in _BY_ROW:
        return {}
    of_entry = set(schema.names("entries")) - {"entry_number"}
    return {name: column for name, column in wanted(found).items() if name in of_entry}


def read(con: duckdb.DuckDBPyConnection, sheet: Sheet, found: Recognised, *, file: str) -> TypedRows:
    """Type the rows below the header. Rows in = rows in `table` + refused + blank."""
    table = _first_that_works(con, sheet, found)
    if "entry_number" in table.column_names:
        table = _mend_entry_numbers(table)
    blank = pc.is_in(table["row_kind"], value_set=pa.array(EMPTY))
    refused = pc.is_in(table["row_kind"], value_set=pa.array(REFUSED))
    counts = (int(pc.sum(refused).as_py() or 0), int(pc.sum(blank).as_py() or 0))
    used = table.filter(pc.invert(pc.or_(blank, refused))) if any(counts) else table
    listed = trouble.of_rows(table, used, found, where=(file, sheet.name))
    dropped = [name for name in ("trouble", "row_kind", "raw_key", "mended") if name in used.column_names]
    return TypedRows(used.drop_columns(dropped), listed, table.num_rows, *counts)


def _first_that_works(con: duckdb.DuckDBPyConnection, sheet: Sheet, found: Recognised) -> pa.Table:
    """The typed rows by the fastest way the file allows."""
    columns = wanted(found)
    needed = sorted({position for _, position in columns.values()})
    failure = "no way to read them"
    for rectangle in sheet.attempts(con, found.header_row, needed):
        try:
            table = con.sql(_query(rectangle, found, needed)).to_arrow_table()
            con.unregister("sheet_rows")  # the text is not needed any more
        except duckdb.Error as error:
            failure = str(error).splitlines()[0][:160]
            continue
        if rectangle.sound is None or rectangle.sound(table.num_rows):
            return _complete(table, rectangle, found)
    raise UnreadableReport(f"the rows can't be read ({failure})")


def _query(rectangle: Rectangle, found: Recognised, needed: list[int]) -> str:
    """The one pass over a sheet: typed columns, raw ones of the entry, trouble, the kind of row."""
    columns, late = wanted(found), typed_late(found)
    early = {name: column for name, column in columns.items() if name not in late}
    kept = sorted({at for _, at in late.values()})
    key_name = found.profile.row_key
    key = f"c{found.positions[key_name]}"
    kind = cells.row_kind(key, needed, collapse(found.headers[found.positions[key_name]]))
    # a row with a sound entry number is data; only the others are looked at twice
    doubtful = f"{key_name} IS NULL" if key_name == "entry_number" else "true"
    ragged = "beyond" if not isinstance(rectangle.numbering, int) else "false"
    same = [f"c{at}" for at in kept] or [name for name in early if name in schema.kinds("entries")]
    outer = [
        *early,
        *(f"c{at}" for at in kept if rectangle.text is None),
        f"{cells.trouble(early)} AS trouble",
        f"CASE WHEN {ragged} THEN 'ragged' WHEN {doubtful} THEN {kind} END AS row_kind",
        f"CASE WHEN {key_name} IS NULL THEN {key} END AS raw_key",
        f"hash({', '.join(same) or '0'}) AS mark",
    ]
    inner = ", ".join(f"{cells.typed(column, at)} AS {name}" for name, (column, at) in early.items())
    return f"SELECT {', '.join(outer)} FROM (SELECT *, {inner} FROM {rectangle.relation})"


def _complete(table: pa.Table, rectangle: Rectangle, found: Recognised) -> pa.Table:
    """The typed rows with the columns left as text, and with their numbers in the file."""
    if rectangle.text is not None:
        for at in sorted({at for _, at in typed_late(found).values()}):
            table = table.append_column(f"c{at}", rectangle.text[f"c{at}"])
    numbers = rectangle.numbering
    if isinstance(numbers, int):
        numbers = np.arange(numbers, numbers + table.num_rows, dtype=np.int64)
    return table.append_column("source_row", pa.array(numbers, type=pa.int64()))


def _mend_entry_numbers(table: pa.Table) -> pa.Table:
    """Entry numbers the quick look did not accept: lost zeros restored where the check digit agrees.

    Adds `mended` (what was mended, or what is wrong) and marks the hopeless rows 'badkey'.
    """
    doubtful = pc.and_(pc.is_null(table["entry_number"]), pc.is_null(table["row_kind"]))
    if not pc.any(doubtful).as_py():
        return table
    raw = table["raw_key"].filter(doubtful).combine_chunks().dictionary_encode()
    verdicts = [identifiers.normalise_entry_number(text) for text in raw.dictionary.to_pylist()]
    fixed = pa.array([v.normalised for v in verdicts], type=pa.string()).take(raw.indices)
    said = pa.array([v.problem for v in verdicts], type=pa.string()).take(raw.indices)
    bad = pc.if_else(pc.is_null(fixed), "badkey", pa.scalar(None, pa.string()))
    mask = doubtful.combine_chunks()
    for name, values in (("entry_number", fixed), ("row_kind", bad)):
        column = pc.replace_with_mask(table[name].combine_chunks(), mask, values)
        table = table.set_column(table.column_names.index(name), name, column)
    nothing = pa.nulls(table.num_rows, pa.string())
    return table.append_column("mended", pc.replace_with_mask(nothing, mask, said))
