"""One sheet as tables: its tariff lines, what it says of each entry, its claims or refunds, its trouble.

Several tables below one another on one sheet are each a sheet of their own, told apart by their headers: a row
of headers other than the first, with nothing of an entry in it, begins another table. Only sheets that cost
nothing to be looked through are; of a large workbook the first two columns.

A wide layout has one row per entry line with a duty column per programme; it is unfolded into tariff lines.

What it proves that a file shows no IEEPA number for an entry is whether its lines are all there are. Each
layout declares it (`silence` of its profile). ES-003 lists every number of a line, so an entry without an
IEEPA number there bears none, if no row of it is missing. A broker's sheet may list one base number a line:
it proves something only where it shows chapter 99 numbers at all. A column named for IEEPA duty says "none"
with a zero, and nothing with an empty cell.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

import duckdb
import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from cape_kit import few_values
from cape_kit.entries import identifiers, schema
from cape_kit.entries.readers import around_lists, cells, column_evidence, counted_once, file_problems, rows
from cape_kit.entries.readers.layouts import Part, Profile, collapse
from cape_kit.entries.readers.recognise import DEPTH, Recognised, names_an_entry
from cape_kit.entries.readers.rows import TypedRows
from cape_kit.entries.readers.sheets import Sheet, TableSheet
from cape_kit.entries.readers.tally import ANSWERS

# --- several tables on one sheet --------------------------------------------------------------------------


#: So many headers the kit knows make a row one of headers, if most of what stands in it is.
_FEWEST, _MOST = 2, 0.6

Row = Sequence[str | None]


def tables_apart(con: duckdb.DuckDBPyConnection, sheet: Sheet) -> list[Sheet]:
    """The tables of a sheet, in order; the sheet itself where it holds one."""
    first = next((at for at, row in enumerate(sheet.head) if _is_header(row)), None)
    if first is None:
        return [sheet]
    if isinstance(sheet, TableSheet):
        table = sheet.table
    elif sheet.small:
        table = _whole(con, sheet)
    else:
        return [sheet]
    starts = _starts(table, first)
    if not starts:
        return [sheet]
    ends = [*starts[1:], table.num_rows]
    parts = [TableSheet(sheet.name, sheet.visible, _head(table, 0, starts[0]), table.slice(0, starts[0]))]
    for start, end in zip(starts, ends, strict=True):
        name = f"{sheet.name or ''} from row {start + 1}".strip()
        part = table.slice(start, end - start)
        parts.append(TableSheet(name, sheet.visible, _head(table, start, end), part, skip=start))
    return list(parts)


def _whole(con: duckdb.DuckDBPyConnection, sheet: Sheet) -> pa.Table:
    """Every row of a small text, as a table of text as wide as its widest row."""
    below = rows.every_cell(con, sheet, 1)
    first = [*sheet.head[0], *[None] * (below.num_columns - len(sheet.head[0]))]
    top = pa.table({f"c{i}": pa.array([cell], pa.string()) for i, cell in enumerate(first)})
    return pa.concat_tables([top, below])


def _starts(table: pa.Table, first: int) -> list[int]:
    """The rows, from 0, at which another table begins."""
    known = {collapse(cell) for cell in _row(table, first) if cell}
    found = []
    for at in _perhaps(table):
        row = _row(table, at)
        if at <= first or not _is_header(row) or {collapse(cell) for cell in row if cell} <= known:
            continue
        known = {collapse(cell) for cell in row if cell}
        found.append(at)
    return found


def _perhaps(table: pa.Table) -> list[int]:
    """Rows whose first filled cells are headers the kit knows, by the different texts of each column."""
    seen = None
    for column in table.columns[:_LOOKED]:
        held = column.combine_chunks().dictionary_encode()
        texts = held.dictionary.to_pylist()
        known = pa.array([bool(text) and column_evidence.is_known(text) for text in texts], pa.bool_())
        here = (
            pc.fill_null(known.take(held.indices), False) if len(texts) else pa.array([False] * len(column))
        )
        seen = here if seen is None else pc.or_(seen, here)
    return [] if seen is None else pc.indices_nonzero(seen).to_pylist()


#: Columns in which a header is looked for.
_LOOKED = 2


def _row(table: pa.Table, at: int) -> list[str | None]:
    return [column[at].as_py() for column in table.columns]


def _head(table: pa.Table, start: int, end: int) -> list[list[str | None]]:
    return [_row(table, at) for at in range(start, min(end, start + DEPTH))]


def _is_header(row: Row) -> bool:
    """Whether a row is one of headers: most of its cells are known ones, and none is an entry's number."""
    filled = [cell for cell in row if cell and cell.strip()]
    known = sum(column_evidence.is_known(cell) for cell in filled)
    return known >= _FEWEST and known >= _MOST * len(filled) and not names_an_entry(row)


# --- one table of a sheet ---------------------------------------------------------------------------------


#: The day a report was run, and the end of the range it was asked for.
Days = tuple[date | None, date | None]
LINE_GRAINS = ("tariff_line", "wide_line")
LINE_TYPES = {"text": pa.string(), "count": pa.int64(), "cents": pa.int64()}
#: Columns of tariff lines that are the same on very many rows are held once.
FEW_VALUES = pa.dictionary(pa.int32(), pa.string())
_CARRIED = ("entry_number", "line_number", "country_of_origin", "mfn_rate", "spi", "source_row", "hts_stood")
#: Parts of a wide layout that together cover every IEEPA programme; the first that a file has counts.
_COVERING = (("ieepa",), ("ieepa_fentanyl", "ieepa_reciprocal"))


@dataclass(frozen=True)
class Reading:
    """What one sheet says. `entries` has one row per entry number, with `first_row`, `rows` besides."""

    file: str
    sheet: str | None
    profile: Profile
    report: Recognised
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
    report: Recognised,
    *,
    file: str,
    days: Days,
) -> Reading:
    """Read a recognised sheet into tables. `days`: when it was run, where its range ends, if it says so."""
    typed = rows.read(con, sheet, report, file=file)
    grain = report.profile.grain
    place = f"{file} [{sheet.name}]" if sheet.name else file
    said = (
        counted_once.nothing_said()
        if typed.entries is None
        else counted_once.said_by_entry(con, typed, report, place=place)
    )
    trouble = file_problems.of_single_cells(said.problems, file=file, sheet=sheet.name)
    sheet_name = pd.Series(sheet.name, index=said.entries.index, dtype="str")
    where = (file, sheet.name)
    of_lines = grain in LINE_GRAINS
    once = (
        counted_once.set_aside(con, typed.table, where=where)
        if of_lines
        else counted_once.all_of(typed.table)
    )
    amounts = [f"{part.name}_duty" for part, _, _ in report.parts if part.ieepa] or ["duty_cents"]
    if of_lines and "ordinal" not in report.positions:  # ACE's own rows bear the duty of their number
        once = counted_once.with_totals_doubted(con, once, amounts, where)
    once = counted_once.with_lines_lost(once, typed.strays, where) if of_lines else once
    lines = _lines(con, once.rows, report, where) if of_lines else None
    complete = _complete(con, once.rows, lines, report)
    twice = counted_once.paid_once(typed.table, where) if grain in ANSWERS else schema.empty("problems")
    problems = [p for p in (typed.problems, trouble, once.problems, twice) if len(p)] or [trouble]
    entries = said.entries.assign(source_file=file, source_sheet=sheet_name)
    if lines is not None:
        whole = _flags(complete, entries["entry_number"])
        entries["lines_complete"] = whole & ~identifiers.among(entries["entry_number"], once.disputed)
    return Reading(
        file=file,
        sheet=sheet.name,
        profile=report.profile,
        report=report,
        lines=lines,
        entries=entries,
        answers=_answers(typed.table, file, sheet.name) if grain in ANSWERS else pd.DataFrame(),
        problems=pd.concat(problems, ignore_index=True),
        conflicts=pd.concat([said.conflicts, once.conflicts], ignore_index=True),
        variants=said.variants,
        rows=typed.rows,
        rows_used=once.rows.num_rows,
        rows_repeated=len(once.aside),
        rows_refused=typed.refused,
        rows_blank=typed.blank,
        money=counted_once.in_account(typed.tally.money, typed.table, once.aside),
        unexplained=_unexplained(typed, entries["entry_number"], sheet, report, where),
        extracted_on=days[0],
        period_end=days[1],
    )


def _unexplained(
    typed: TypedRows, numbers: pd.Series, sheet: Sheet, report: Recognised, where: tuple[str, str | None]
) -> pd.DataFrame:
    """What columns nobody took say, and what is said around the list of all its entries."""
    of_cells = typed.tally.unexplained
    if report.profile.grain not in (*LINE_GRAINS, "entry"):
        return of_cells
    above = around_lists.of_head(sheet.head, report.header_row)
    around = around_lists.said(where, above, typed.notes)
    told = [around_lists.of_each(numbers, one, where) for one in around]
    return pd.concat([of_cells, *told], ignore_index=True) if told else of_cells


def _flags(whole: pd.Series | bool, numbers: pd.Series) -> pd.Series:
    """One flag per entry: the same for all, or by entry number, where one that is not named is true."""
    if isinstance(whole, bool):
        return pd.Series(whole, index=numbers.index, dtype="boolean")
    return numbers.map(whole).astype("boolean").fillna(True)


def _lines(
    con: duckdb.DuckDBPyConnection, used: pa.Table, report: Recognised, where: tuple[str, str | None]
) -> pa.Table:
    """The tariff lines with every declared column, the absent ones null."""
    if report.profile.grain == "wide_line":
        used = _unfold(con, used, report)
    columns = []
    for column in line_schema():
        if column.name == "source_file":
            columns.append(_constant(where[0], used.num_rows))
        elif column.name == "source_sheet":
            columns.append(_constant(where[1], used.num_rows))
        elif column.name in used.column_names and used[column.name].null_count < used.num_rows:
            columns.append(used[column.name].cast(column.type))
        else:
            columns.append(
                _repeated(pa.nulls(min(used.num_rows, few_values.STRETCH), column.type), used.num_rows)
            )
    return pa.table(columns, schema=line_schema())


def _constant(value: str | None, length: int) -> pa.ChunkedArray:
    """A column of one value, held once."""
    rows = min(length, few_values.STRETCH)
    if value is None:
        return _repeated(pa.nulls(rows, FEW_VALUES), length)
    places = pa.array(np.zeros(rows, dtype=np.int32))
    return _repeated(pa.DictionaryArray.from_arrays(places, pa.array([value])), length)


def _repeated(stretch: pa.Array, length: int) -> pa.ChunkedArray:
    """A column of so many rows that all say the same: one stretch of it, named again and again."""
    whole, rest = divmod(length, max(len(stretch), 1))
    return pa.chunked_array([*[stretch] * whole, stretch.slice(0, rest)], stretch.type)


def _answers(used: pa.Table, file: str, sheet: str | None) -> pd.DataFrame:
    """Claims or refunds, one row per row of the file, with where they stand."""
    return used.to_pandas(date_as_object=False).assign(source_file=file, source_sheet=sheet)


def _unfold(con: duckdb.DuckDBPyConnection, used: pa.Table, report: Recognised) -> pa.Table:
    """One tariff line for each duty column that holds an amount, in the order the layout declares its parts.

    The goods themselves become a line with the row's HTS number and value. An amount in a column that is called
    by a heading has that number. One without an HTS number beside it belongs to a chapter 99 number in the row's
    own HTS cell, where that is the only one there and no other amount claims it: one row, one fact. Else it
    becomes a line whose number is unknown, named for what its column speaks of. Ordinals are counted within the
    row.
    """
    named = [(rank, *part) for rank, part in enumerate(report.parts)]
    programmes = [(rank, part, hts) for rank, part, hts, _ in named if not part.commodity]
    goods = next((part for _, part, _, _ in named if part.commodity), None)
    bare = [part for _, part, hts in programmes if hts is None and part.number is None]
    of_total = [part for _, part, _ in programmes if part.ieepa and part.name != "ieepa"]
    con.register("used_rows", used)
    con.execute(f"CREATE OR REPLACE TEMP VIEW wide_rows AS {_wide_rows(used, bare, goods)}")
    selects = [_of_part(used, rank, part, hts, of_total) for rank, part, hts in programmes]
    duty = f"{goods.name}_duty" if goods else "CAST(NULL AS BIGINT)"
    selects += (
        []
        if "hts" not in used.column_names
        else [
            f"SELECT {_carried(used)}, {len(report.parts)} AS rank, CASE WHEN own IS NULL THEN hts ELSE goods_hts END "
            f"AS hts, value AS goods_value_cents, value_unread AS value_stood, {duty} AS duty_cents, "
            f"NULL AS named_for FROM wide_rows "
            f"WHERE own IS NULL OR goods_hts IS NOT NULL"
        ]
    )
    return con.sql(
        f"""SELECT * EXCLUDE (rank), row_number() OVER (PARTITION BY source_row ORDER BY rank) AS ordinal
            FROM ({" UNION ALL ".join(selects)}) ORDER BY source_row, ordinal"""
    ).to_arrow_table()


def _wide_rows(used: pa.Table, bare: list[Part], goods: Part | None) -> str:
    """The rows with the number of chapter 99 their own cell holds and a lone amount belongs to (`own`).

    `bare`: the parts without an HTS column of their own. `goods_hts` is the goods' number in the same cell.
    """
    value = "goods_value_cents" if "goods_value_cents" in used.column_names else "CAST(NULL AS BIGINT)"
    stood, unread = (
        name if name in used.column_names else "CAST(NULL AS VARCHAR)"
        for name in ("hts_stood", "value_stood")
    )
    hts = "hts" if "hts" in used.column_names else "CAST(NULL AS VARCHAR) AS hts"
    star = "*" if "hts" in used.column_names else f"*, {hts}"
    amounts = [f"coalesce({part.name}_duty, 0)" for part in bare]
    lone = " + ".join(f"CAST({amount} <> 0 AS INTEGER)" for amount in amounts) or "0"
    total = " + ".join(amounts) or "0"
    # A plain duty beside it is the same amount told twice, or a second fact that must not be lost.
    alone = f"coalesce({goods.name}_duty, 0) IN (0, {total})" if goods else "true"
    return f"""WITH listed AS (SELECT {star} FROM used_rows) SELECT *, {value} AS value, {unread} AS value_unread,
        CASE WHEN ({lone}) <> 1 THEN NULL
             WHEN starts_with(hts, '99') AND {alone} THEN hts
             WHEN len(chapter_99_of({stood})) = 1 THEN chapter_99_of({stood})[1] END AS own,
        CASE WHEN len(goods_numbers_of({stood})) = 1 THEN goods_numbers_of({stood})[1] END AS goods_hts
        FROM listed"""


def _of_part(used: pa.Table, rank: int, part: Part, hts: int | None, of_total: Sequence[Part]) -> str:
    """The lines of one part. IEEPA duty that is the sum of its programmes beside it is told twice, and counts once."""
    total = " + ".join(f"coalesce({one.name}_duty, 0)" for one in of_total)
    again = f" AND {part.name}_duty <> {total}" if part.name == "ieepa" and hts is None and of_total else ""
    number = f"{part.name}_hts" if hts is not None else f"'{part.number}'" if part.number else "own"
    # The row's value is the amount's own only where the row is its heading's; else the goods carry it, if it is known.
    carries = "false" if hts is not None or part.number else "own = hts"
    named = "CAST(NULL AS VARCHAR)" if part.nameless or part.number else f"'{part.name}'"
    return (
        f"SELECT {_carried(used)}, {rank} AS rank, CAST({number} AS VARCHAR) AS hts, "
        f"CASE WHEN {carries} THEN value WHEN value IS NOT NULL THEN 0 END AS goods_value_cents, "
        f"CASE WHEN {carries} THEN value_unread END AS value_stood, {part.name}_duty AS duty_cents, "
        f"{named} AS named_for FROM wide_rows WHERE {part.name}_duty <> 0{again}"
        + (f" OR {number} IS NOT NULL" if hts is not None else "")
    )


def _carried(used: pa.Table) -> str:
    return ", ".join(name for name in _CARRIED if name in used.column_names)


def _complete(
    con: duckdb.DuckDBPyConnection, used: pa.Table, lines: pa.Table | None, report: Recognised
) -> pd.Series | bool:
    """Whether an entry's lines are all there are: the same for all, or one flag by entry number.

    `used`: the typed rows of the file; `lines`: the tariff lines made of them.
    """
    silence = report.profile.silence
    if lines is None or silence == "nothing":
        return False
    if silence == "proof_by_columns":
        return _by_columns(con, used, report)
    special = pc.fill_null(pc.starts_with(lines["hts"], pattern="9903"), False)
    if silence == "proof_if_shown" and not pc.any(special).as_py():
        return False
    return ~_with_gaps(con, lines, special) if "ordinal" in report.positions else True


def _with_gaps(con: duckdb.DuckDBPyConnection, lines: pa.Table, special: pa.ChunkedArray) -> pd.Series:
    """By entry number, those without a chapter 99 number whose ordinals leave gaps: a row of them is missing."""
    numbers = cells.coded(lines["entry_number"])
    shown = np.bincount(numbers.codes, weights=special.to_numpy(), minlength=len(numbers.values)) > 0
    if shown.all():
        return pd.Series(dtype="bool")
    con.register("bare_lines", lines.filter(pa.array(~shown[numbers.codes])))
    found = con.sql(
        """SELECT entry_number, bool_or(gap) AS gap FROM (
               SELECT entry_number, max(ordinal) > count(DISTINCT ordinal) AS gap
               FROM bare_lines GROUP BY entry_number, line_number)
           GROUP BY entry_number"""
    ).df()
    return found.set_index("entry_number")["gap"].astype("boolean").fillna(False).astype(bool)


def _by_columns(con: duckdb.DuckDBPyConnection, used: pa.Table, report: Recognised) -> pd.Series | bool:
    """Whether the IEEPA columns of all rows of an entry hold an amount, be it zero, for every programme."""
    present = {part.name for part, _, _ in report.parts}
    covering = next((names for names in _COVERING if present.issuperset(names)), None)
    if covering is None:
        return False
    con.register("used_rows", used)
    said = " AND ".join(f"{name}_duty IS NOT NULL" for name in covering)
    told = con.sql(f"SELECT entry_number, bool_and({said}) AS said FROM used_rows GROUP BY entry_number").df()
    return told.set_index("entry_number")["said"].astype(bool)
