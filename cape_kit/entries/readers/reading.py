"""One sheet as tables: its tariff lines, what it says of each entry, its claims or refunds, its trouble."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import duckdb
import numpy as np
import pandas as pd
import pyarrow as pa

from cape_kit.entries import schema
from cape_kit.entries.readers import by_entry, problem_kinds, repeats, silence, wide
from cape_kit.entries.readers import rows as rows_of
from cape_kit.entries.readers.layouts import Profile
from cape_kit.entries.readers.recognise import Recognised
from cape_kit.entries.readers.sheets import Sheet

#: The day a report was run, and the end of the range it was asked for.
Days = tuple[date | None, date | None]
LINE_GRAINS = ("tariff_line", "wide_line")
LINE_TYPES = {"text": pa.string(), "count": pa.int64(), "cents": pa.int64()}
#: Columns of tariff lines that are the same on very many rows are held once.
FEW_VALUES = pa.dictionary(pa.int32(), pa.string())


@dataclass(frozen=True)
class Reading:
    """What one sheet says. `entries` has one row per entry number, with `first_row`, `rows` besides."""

    file: str
    sheet: str | None
    profile: Profile
    found: Recognised
    lines: pa.Table | None
    entries: pd.DataFrame
    answers: pd.DataFrame  # claims or refunds, row by row
    problems: pd.DataFrame
    conflicts: pd.DataFrame
    variants: pd.DataFrame  # entries whose rows say several things, once for each
    rows: int
    rows_used: int
    rows_refused: int
    rows_blank: int
    money: pd.DataFrame  # the account of its dollars, column by column
    unexplained: pd.DataFrame  # what columns nobody took say of IEEPA, entry by entry
    rows_repeated: int = 0
    extracted_on: date | None = None
    period_end: date | None = None

    @property
    def name(self) -> str:
        """File and sheet, as people call it."""
        return f"{self.file} [{self.sheet}]" if self.sheet else self.file


def line_schema() -> pa.Schema:
    """The declared tariff-line table in the columnar engine."""
    shared = {"source_file", "source_sheet"}
    return pa.schema(
        [
            (column.name, FEW_VALUES if column.name in shared else LINE_TYPES[column.kind])
            for column in schema.TARIFF_LINES
        ]
    )


def take(
    con: duckdb.DuckDBPyConnection,
    sheet: Sheet,
    found: Recognised,
    *,
    file: str,
    days: Days,
) -> Reading:
    """Read a recognised sheet into tables. `days`: when it was run, where its range ends, if it says so."""
    typed = rows_of.read(con, sheet, found, file=file)
    grain = found.profile.grain
    place = f"{file} [{sheet.name}]" if sheet.name else file
    said = by_entry.none() if typed.entries is None else by_entry.take(con, typed, found, place=place)
    trouble = problem_kinds.cells(said.problems, file=file, sheet=sheet.name)
    sheet_name = pd.Series(sheet.name, index=said.entries.index, dtype="str")
    where = (file, sheet.name)
    of_lines = grain in LINE_GRAINS
    once = repeats.set_aside(con, typed.table, where=where) if of_lines else repeats.all_of(typed.table)
    lines = _lines(con, once.rows, found, where) if of_lines else None
    complete = silence.complete(con, once.rows, lines, found)
    problems = [p for p in (typed.problems, trouble, once.problems) if len(p)] or [trouble]
    entries = said.entries.assign(source_file=file, source_sheet=sheet_name)
    if lines is not None:
        whole = _flags(complete, entries["entry_number"])
        entries["lines_complete"] = whole & ~entries["entry_number"].isin(once.disputed)
    return Reading(
        file=file,
        sheet=sheet.name,
        profile=found.profile,
        found=found,
        lines=lines,
        entries=entries,
        answers=_answers(typed.table, file, sheet.name) if grain in ("claim", "refund") else pd.DataFrame(),
        problems=pd.concat(problems, ignore_index=True),
        conflicts=pd.concat([said.conflicts, once.conflicts], ignore_index=True),
        variants=said.variants,
        rows=typed.rows,
        rows_used=once.rows.num_rows,
        rows_repeated=len(once.aside),
        rows_refused=typed.refused,
        rows_blank=typed.blank,
        money=repeats.in_account(typed.tally.money, typed.table, once.aside),
        unexplained=typed.tally.unexplained,
        extracted_on=days[0],
        period_end=days[1],
    )


def _flags(told: pd.Series | bool, numbers: pd.Series) -> pd.Series:
    """One flag per entry: the same for all, or by entry number, where one that is not named is true."""
    if isinstance(told, bool):
        return pd.Series(told, index=numbers.index, dtype="boolean")
    return numbers.map(told).astype("boolean").fillna(True)


def _lines(
    con: duckdb.DuckDBPyConnection, used: pa.Table, found: Recognised, where: tuple[str, str | None]
) -> pa.Table:
    """The tariff lines with every declared column, the absent ones null."""
    if found.profile.grain == "wide_line":
        used = wide.unfold(con, used, found)
    columns = []
    for column in line_schema():
        if column.name == "source_file":
            columns.append(_constant(where[0], used.num_rows))
        elif column.name == "source_sheet":
            columns.append(_constant(where[1], used.num_rows))
        elif column.name in used.column_names:
            columns.append(used[column.name].cast(column.type))
        else:
            columns.append(pa.nulls(used.num_rows, column.type))
    return pa.table(columns, schema=line_schema())


def _constant(value: str | None, length: int) -> pa.Array:
    """A column of one value, held once."""
    if value is None:
        return pa.nulls(length, FEW_VALUES)
    return pa.DictionaryArray.from_arrays(pa.array(np.zeros(length, dtype=np.int32)), pa.array([value]))


def _answers(used: pa.Table, file: str, sheet: str | None) -> pd.DataFrame:
    """Claims or refunds, one row per row of the file, with where they stand."""
    return used.to_pandas(date_as_object=False).assign(source_file=file, source_sheet=sheet)
