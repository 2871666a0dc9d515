"""What the rows of one file say of each entry: taken once, never summed, with every disagreement listed.

Columns that speak of the whole entry repeat on each of its rows. They are compared row by row as they stand,
but typed only once for each different set of values, which is what makes millions of rows cheap.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import duckdb
import numpy as np
import pandas as pd
import pyarrow as pa

from cape_kit.entries import schema
from cape_kit.entries.readers import cells, rows
from cape_kit.entries.readers.recognise import Recognised
from cape_kit.entries.readers.trouble import troubled

FIRST = "rows of one file differ: the first row counts"
LAST = "rows of one file differ: the last claim counts"


@dataclass(frozen=True)
class ByEntry:
    """One row per entry (with `first_row` and `rows`), the conflicts among its rows, the cells in trouble."""

    entries: pd.DataFrame
    conflicts: pd.DataFrame
    problems: pd.DataFrame


def none() -> ByEntry:
    """For a report without entry numbers."""
    frame = schema.conform(pd.DataFrame(columns=["first_row", "rows"]), "entries", keep=("first_row", "rows"))
    return ByEntry(frame, schema.empty("conflicts"), schema.empty("problems"))


def take(con: duckdb.DuckDBPyConnection, used: pa.Table, found: Recognised, *, place: str) -> ByEntry:
    """One row per entry of the used rows. `place` names file and sheet in the conflicts."""
    con.register("used_rows", used)
    sets = con.sql(
        """SELECT entry_number, min(source_row) AS source_row, count(*) AS rows
           FROM used_rows GROUP BY entry_number, mark ORDER BY entry_number, source_row"""
    ).df()
    said, trouble = _typed(con, used, found, sets)
    columns = [
        c for c in schema.names("entries") if c in said.columns and c not in ("entry_number", "source_row")
    ]
    several = sets["entry_number"].duplicated(keep=False)
    if not several.any():
        frame = said.assign(first_row=sets["source_row"])
        return ByEntry(_declared(frame), schema.empty("conflicts"), trouble)
    newest = found.profile.grain == "claim"
    conflicts = _conflicts(said[several], columns, place, newest=newest)
    ordered = said.sort_values(["entry_number", "source_row"], ascending=[True, not newest])
    groups = ordered.groupby("entry_number", sort=True)
    frame = groups[columns].first()  # the first value that is one, column by column
    frame["rows"], frame["first_row"] = groups["rows"].sum(), groups["source_row"].min()
    return ByEntry(_declared(frame.reset_index()), conflicts, trouble)


def _typed(
    con: duckdb.DuckDBPyConnection, used: pa.Table, found: Recognised, sets: pd.DataFrame
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """The different sets of values, typed; and the cells among them nobody understands."""
    late = rows.typed_late(found)
    at = np.searchsorted(used["source_row"].to_numpy(), sets["source_row"].to_numpy())
    sample = used.select([c for c in used.column_names if c not in ("mark", "entry_number")]).take(
        pa.array(at)
    )
    trouble = pd.DataFrame()
    if late:
        con.register("some_rows", sample)
        sample = con.sql(_query(late)).to_arrow_table()
        trouble = troubled(sample, found)
        if len(trouble) and (unclear := _unclear_days(con, late)):
            sample = con.sql(_query(late | unclear)).to_arrow_table()
            trouble = troubled(sample, found)
            headers = {found.headers[position] for _, position in unclear.values()}
            trouble.loc[trouble["column"].isin(headers), "code"] = "R16"
    return _frame(sample).assign(entry_number=sets["entry_number"], rows=sets["rows"]), trouble


def _query(late: rows.Columns) -> str:
    expressions = ", ".join(f"{cells.typed(column, at)} AS {name}" for name, (column, at) in late.items())
    raw = ", ".join(sorted({f"c{at}" for _, at in late.values()}))
    return f"""SELECT * EXCLUDE ({raw}), {cells.trouble(late)} AS trouble
               FROM (SELECT *, {expressions} FROM some_rows)"""


def _unclear_days(con: duckdb.DuckDBPyConnection, late: rows.Columns) -> rows.Columns:
    """Day columns with days that fit only the other order and none only the declared one: read as ISO alone.

    What remains (01/02/2025) fits both orders, and the column gives no ground to choose: nothing is guessed.
    """
    unclear: rows.Columns = {}
    for name, (column, at) in late.items():
        if column.kind != "day":
            continue
        month_first, day_first = con.execute(
            f"""SELECT count(*) FILTER (regexp_full_match(unwrap(c{at}), ?)),
                       count(*) FILTER (regexp_full_match(unwrap(c{at}), ?)) FROM some_rows""",
            [cells.MONTH_FIRST, cells.DAY_FIRST],
        ).fetchall()[0]
        against, for_it = (month_first, day_first) if column.order == "DMY" else (day_first, month_first)
        if against and not for_it:
            unclear[name] = (replace(column, order="ISO"), at)
    return unclear


def _frame(table: pa.Table) -> pd.DataFrame:
    """Declared entry columns as pandas holds them."""
    kinds = schema.kinds("entries")
    columns: dict[str, Any] = {"source_row": table["source_row"].to_pandas()}
    for name in (n for n in table.column_names if n in kinds and not n.startswith("source_")):
        column = table[name]
        if kinds[name] == "day":
            columns[name] = column.cast(pa.timestamp("s")).to_pandas().astype("datetime64[s]")
        elif kinds[name] == "text":
            columns[name] = column.to_pandas().astype("str")
        else:
            columns[name] = pd.array(column.to_pylist(), dtype=schema.DTYPES[kinds[name]])
    return pd.DataFrame(columns)


def _declared(frame: pd.DataFrame) -> pd.DataFrame:
    full = schema.conform(frame, "entries", keep=("first_row", "rows"))
    return full.assign(filer_code=full["entry_number"].str[:3], source_row=full["first_row"].astype("Int64"))


def _conflicts(said: pd.DataFrame, columns: list[str], place: str, *, newest: bool) -> pd.DataFrame:
    """Each further value of a column within one entry, beside the one taken."""
    frames = [schema.empty("conflicts")]
    for column in columns:
        values = said.loc[said[column].notna(), ["entry_number", "source_row", column]]
        values = values.assign(shown=schema.shown(values[column]))
        values = values.sort_values(["entry_number", "source_row"], ascending=[True, not newest])
        values = values.drop_duplicates(["entry_number", "shown"])
        taken = values.drop_duplicates("entry_number")
        others = values.drop(taken.index).merge(taken, on="entry_number", suffixes=("", "_taken"))
        listed = pd.DataFrame(
            {
                "entry_number": others["entry_number"],
                "column": column,
                "taken": others["shown_taken"],
                "taken_from": place + " row " + others["source_row_taken"].astype("str"),
                "other": others["shown"],
                "other_from": place + " row " + others["source_row"].astype("str"),
                "why": LAST if newest else FIRST,
            }
        )
        frames.append(schema.conform(listed, "conflicts"))
    return pd.concat(frames, ignore_index=True)
