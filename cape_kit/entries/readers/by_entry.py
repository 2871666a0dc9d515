"""What the rows of one file say of each entry: taken once, never summed, with every disagreement listed.

Columns that speak of the whole entry repeat on each of its rows. They are compared row by row as they stand,
but typed only once for each different set of values, which is what makes millions of rows cheap.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import duckdb
import numpy as np
import pandas as pd
import pyarrow as pa

from cape_kit.entries import identifiers, schema
from cape_kit.entries.readers import rows
from cape_kit.entries.readers.columns import Typed, by_value
from cape_kit.entries.readers.recognise import Recognised
from cape_kit.entries.readers.row_problems import misread, no_importer
from cape_kit.entries.readers.rows import TypedRows

#: What rows say of these is a history, settled over all files: see `portfolio.liquidations`.
LIQUIDATION = (
    "liquidation_status", "liquidation_date", "original_liquidation_date", "reliquidation_date",
)  # fmt: skip
FIRST = "rows of one file differ: the first row counts"
LAST = "rows of one file differ: the last claim counts"
#: Kinds of cell that answer a question: text that is no answer ("Designated") is not silence either.
ANSWERS = ("flag", "other_entry_number")
#: What people write for nothing, and how much of what they write is quoted.
_NOTHING = ("", "na", "none", "nil", "null", "blank", "tbd", "unknown", "notavailable", "notapplicable")
_QUOTED = 60


@dataclass(frozen=True)
class ByEntry:
    """One row per entry (with `first_row` and `rows`), the conflicts among its rows, the cells in trouble.

    `variants`: every different thing the rows of one entry say of it, where they say several.
    """

    entries: pd.DataFrame
    conflicts: pd.DataFrame
    problems: pd.DataFrame
    variants: pd.DataFrame


def none() -> ByEntry:
    """For a report without entry numbers."""
    frame = schema.conform(pd.DataFrame(columns=["first_row", "rows"]), "entries", keep=("first_row", "rows"))
    return ByEntry(frame, schema.empty("conflicts"), schema.empty("problems"), schema.empty("entries"))


def take(con: duckdb.DuckDBPyConnection, typed: TypedRows, found: Recognised, *, place: str) -> ByEntry:
    """One row per entry of the used rows. `place` names file and sheet in the conflicts."""
    sets = _sets(con, typed)
    said, trouble = _typed(con, typed, found, sets)
    columns = [
        c for c in schema.names("entries") if c in said.columns and c not in ("entry_number", "source_row")
    ]
    several = (sets["entry"].diff() == 0) | (sets["entry"].diff(-1) == 0)
    alike = said.assign(first_row=sets["source_row"])[~several]
    if not several.any():
        return ByEntry(_declared(alike), schema.empty("conflicts"), trouble, schema.empty("entries"))
    # Few entries differ from row to row: only they are worth comparing.
    newest = found.profile.grain == "claim"
    differing = said[several]
    conflicts = _conflicts(differing, [c for c in columns if c not in LIQUIDATION], place, newest=newest)
    ordered = differing.sort_values(["entry_number", "source_row"], ascending=[True, not newest])
    groups = ordered.groupby("entry_number", sort=True)
    settled = groups[columns].first()  # the first value that is one, column by column
    settled["rows"], settled["first_row"] = groups["rows"].sum(), groups["source_row"].min()
    settled["unread"] = schema.still_unread(differing, settled.reset_index()).to_numpy()
    settled = settled.reset_index().set_index(differing.drop_duplicates("entry_number").index)
    frame = pd.concat([alike[settled.columns], settled]).sort_index(ignore_index=True)
    return ByEntry(_declared(frame), conflicts, trouble, schema.conform(differing, "entries"))


def _sets(con: duckdb.DuckDBPyConnection, typed: TypedRows) -> pd.DataFrame:
    """The different sets of values each entry has: where it starts (row, from 0), and how many rows.

    Rows of an entry stand together in nearly every file, so runs of alike rows are what is grouped.
    """
    assert typed.entries is not None
    codes, marks = typed.entries.codes, typed.marks
    new = np.ones(len(codes), dtype=bool)
    new[1:] = (codes[1:] != codes[:-1]) | (marks[1:] != marks[:-1])
    at = np.flatnonzero(new)
    numbers = typed.entries.values.take(pa.array(codes[at]))
    lengths = np.diff(at, append=len(codes))
    runs = pa.table(
        {"entry_number": numbers, "entry": codes[at], "mark": marks[at], "start": at, "rows": lengths}
    )
    once = np.bincount(codes[at], minlength=1)[codes[at]] <= 1
    sets = runs.filter(pa.array(once)).drop_columns(["mark"])
    if not once.all():
        con.register("runs", runs.filter(pa.array(~once)))
        others = con.sql(
            """SELECT entry_number, entry, min(start) AS start, CAST(sum("rows") AS BIGINT) AS rows
               FROM runs GROUP BY entry_number, entry, mark"""
        ).to_arrow_table()
        con.unregister("runs")
        sets = pa.concat_tables([sets, others])
    sets = sets.sort_by([("entry_number", "ascending"), ("start", "ascending")]).to_pandas()
    return sets.assign(source_row=typed.table["source_row"].to_numpy()[sets["start"]])


def _typed(
    con: duckdb.DuckDBPyConnection, typed: TypedRows, found: Recognised, sets: pd.DataFrame
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """The different sets of values, typed; and the cells among them nobody understands."""
    at = sets["start"].to_numpy()
    kinds = rows.typed_late(found) | typed.ways
    late = {name: (kinds[name], held.at(at)) for name, held in typed.late.items()}
    read = {name: by_value(con, column, position, held) for name, ((column, position), held) in late.items()}
    trouble = misread(list(read.values()), sets["source_row"].to_numpy(), found)
    of_entry = [n for n in typed.table.column_names if n in schema.kinds("entries") and n != "entry_number"]
    table = typed.table.select(of_entry).take(pa.array(at))
    for name, one in read.items():
        table = table.append_column(name, one.cells)
    said = _frame(table).assign(entry_number=sets["entry_number"], rows=sets["rows"])
    said = said.assign(unread=_unread(read, len(said)))
    frames = [frame for frame in (trouble, no_importer(said, found)) if len(frame)]
    return said, pd.concat(frames, ignore_index=True) if frames else trouble


def _unread(read: Mapping[str, Typed], count: int) -> pd.Series[Any]:
    """What stands in cells that answer a question and is no answer: "drawback_flag: Designated; …"."""
    told = pd.Series(None, index=range(count), dtype="str")
    for name, one in read.items():
        if one.column.kind not in ANSWERS or not len(one.bad):
            continue
        quoted = {text: _quote(identifiers.unwrap(text)) for text in set(one.stood)}
        here = pd.Series([quoted[text] for text in one.stood], index=one.bad, dtype="str").dropna()
        here = f"{name}: " + here
        before = told.loc[here.index]
        told.loc[here.index] = (before + "; " + here).where(before.notna(), here)
    return told


def _quote(text: str) -> str | None:
    """A cell's text in short, without what separates one from the next; None where it says nothing."""
    letters = "".join(sign for sign in text.lower() if sign.isalnum())
    return None if letters in _NOTHING else text.replace(";", ",")[:_QUOTED]


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
    for column in (name for name in columns if name != "unread"):
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
