"""What several rows of one file say of the same thing counts once, with every disagreement listed.

Rows that are the same row have one key: entry, line and ordinal, and no key counts twice. What the rows say of
an entry is taken once, never summed.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import duckdb
import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from cape_kit import money
from cape_kit.entries import identifiers, schema
from cape_kit.entries.readers import file_problems, rows
from cape_kit.entries.readers.cells import Typed, by_value
from cape_kit.entries.readers.file_problems import misread, no_importer
from cape_kit.entries.readers.recognise import Recognised
from cape_kit.entries.readers.rows import TypedRows
from cape_kit.entries.readers.sorting import Stray

# --- rows that are the same row ---------------------------------------------------------------------------


_AMOUNT = "_duty"
ALIKE = "rows alike in all that was read, in a file without line numbers: counted once"
REPEATED = "one amount on rows of different value: it may be the duty of the whole entry, repeated; added up"
LOST = "a line without an entry number may be one of the entry above: not counted"
TWICE = "two rows of one line and ordinal: the first row counts, never both"
#: Amounts of a refund, and how many payments that stand twice are named.
_REFUNDED = ("refund_cents", "interest_cents", "total_refund_cents")
_LISTED = 5
Flags = npt.NDArray[np.bool_]
Where = tuple[str, str | None]


@dataclass(frozen=True)
class Once:
    """The typed rows of a file, each key once; the rows set aside, told as problems and conflicts."""

    rows: pa.Table
    aside: npt.NDArray[np.int64]  # rows of the file that repeat another, or are of an earlier version
    problems: pd.DataFrame
    conflicts: pd.DataFrame
    disputed: frozenset[str] = frozenset()  # entries of which two rows with one key disagree


def all_of(used: pa.Table) -> Once:
    """All rows: none repeats another."""
    return Once(used, np.zeros(0, dtype="int64"), schema.empty("problems"), schema.empty("conflicts"))


def set_aside(con: duckdb.DuckDBPyConnection, used: pa.Table, *, where: Where) -> Once:
    """The rows without those that repeat another.

    `used`: typed rows with entry_number, source_row and the columns of tariff lines the file has.
    """
    nothing = all_of(used)
    doubtful = _doubtful(used)
    if not doubtful.any():
        return nothing
    key = _key(used)
    apart = ("source_row", "version", rows.DUTIES_UNREAD)
    names = [name for name in used.column_names if name not in apart]
    con.register("some_rows", used.filter(pa.array(doubtful)))
    found = _marked(con, key, names, has=set(used.column_names))
    if found.empty:
        return nothing
    kept = pc.invert(pc.is_in(used["source_row"], value_set=pa.array(found["source_row"])))
    # Without line numbers two rows that are alike may be two lines: one is counted, and its duty is in doubt.
    # In a sheet with IEEPA duty beside the goods' own number, that number says nothing of what the duty is.
    beside = any(name.endswith(_AMOUNT) or name == "beside_hts" for name in names)
    special = found["hts"].astype("str").str.startswith("99") | beside
    alike = found["kind"].eq("repeats") & found["amount"].ne(0) & special
    doubts = [_disputed_rows(found[found["kind"] == "differs"], where, TWICE)]
    doubts += [] if key else [_disputed_rows(found[alike.fillna(False)], where, ALIKE)]
    return Once(
        used.filter(kept),
        found["source_row"].to_numpy(),
        _problems(found, where, keyed=bool(key)),
        pd.concat(doubts, ignore_index=True),
        frozenset(found.loc[found["kind"] == "differs", "entry_number"]),
    )


def paid_once(used: pa.Table, where: Where) -> pd.DataFrame:
    """A problem where rows of refunds repeat an earlier one in all that was read; the reports count them once."""
    amounts = [name for name in _REFUNDED if name in used.column_names]
    names = [name for name in used.column_names if name != "source_row"]
    if not amounts or used.num_rows < 2:
        return schema.empty("problems")
    rows = used.to_pandas(date_as_object=False)
    again = rows.duplicated(names) & rows[amounts].fillna(0).ne(0).any(axis=1)
    if not again.any():
        return schema.empty("problems")
    first = rows.drop_duplicates(names).rename(columns={"source_row": "first"})
    twice = rows[again].merge(first, on=names, how="left")
    told = [_of_payment(row, amounts) for row in twice.head(_LISTED).to_dict("records")]
    more = f" and {len(twice) - _LISTED:,} more" if len(twice) > _LISTED else ""
    row = int(twice["source_row"].iloc[0])
    many = f"{len(twice):,} row{'' if len(twice) == 1 else 's'}: {'; '.join(told)}{more}"
    return schema.problem_rows(
        [file_problems.problem("R35", file=where[0], sheet=where[1], row=row, detail=many)]
    )


def _of_payment(row: Mapping[Any, Any], amounts: Sequence[str]) -> str:
    """A payment as a person finds it: entry or number, day, amount, and the two rows."""
    said = [row.get("entry_number"), row.get("refund_number")]
    day = row.get("refund_date")
    said += [day.strftime("%Y-%m-%d")] if day is not None and not pd.isna(day) else []
    said += [money.show(int(row[name])) for name in amounts if not pd.isna(row[name])]
    whole = " ".join(str(one) for one in said if one is not None and not pd.isna(one))
    return f"{whole} on row {row['source_row']} as on row {row['first']}"


def with_totals_doubted(
    con: duckdb.DuckDBPyConnection, once: Once, amounts: Collection[str], where: Where
) -> Once:
    """The rows, with a conflict for each entry of which every row bears one and the same duty, whatever its value.

    It may be the entry's whole duty, repeated. `amounts`: columns of duty, each of which is looked at.
    """
    used, value = once.rows, "goods_value_cents"
    names = [name for name in amounts if name in used.column_names]
    if value not in used.column_names or not names or used.num_rows < 2:
        return once
    con.register("some_rows", used)
    found = [
        con.sql(
            f"""SELECT entry_number, CAST(sum({name}) AS BIGINT) AS kept_amount, min({name}) AS amount,
                       min(source_row) AS kept, max(source_row) AS source_row,
                       true AS known, true AS kept_known, 0 AS unread, 0 AS kept_unread
                FROM some_rows WHERE {value} > 0 OR coalesce({name}, 0) <> 0 GROUP BY entry_number
                HAVING count(*) > 1 AND min(coalesce({name}, 0)) = max(coalesce({name}, 0)) AND min({name}) > 0
                   AND min(coalesce({value}, 0)) <> max(coalesce({value}, 0)) AND min(coalesce({value}, 0)) > 0
                ORDER BY entry_number"""
        ).df()
        for name in names
    ]
    con.unregister("some_rows")
    doubts = [_disputed_rows(one, where, REPEATED) for one in found if len(one)]
    return (
        replace(once, conflicts=pd.concat([once.conflicts, *doubts], ignore_index=True)) if doubts else once
    )


def with_lines_lost(once: Once, strays: Mapping[int, Stray], where: Where) -> Once:
    """The rows, with a conflict for each line without an entry number that may be of the entry above it."""
    if not strays:
        return once
    place = f"{where[0]} [{where[1]}]" if where[1] else where[0]
    frame = pd.DataFrame(
        {
            "entry_number": [one.entry for one in strays.values()],
            "column": "tariff_lines",
            "taken": "not counted",
            "taken_from": place,
            "other": [one.said for one in strays.values()],
            "other_from": [f"{place} row {row}" for row in strays],
            "why": LOST,
        }
    )
    lost = frozenset(one.entry for one in strays.values() if one.entry)
    listed = pd.concat([once.conflicts, schema.conform(frame, "conflicts")], ignore_index=True)
    return replace(once, conflicts=listed, disputed=once.disputed | lost)


def in_account(account: pd.DataFrame, used: pa.Table, aside: npt.NDArray[np.int64]) -> pd.DataFrame:
    """The account of a file's dollars with what stands on rows set aside moved from used to repeated. [cents]"""
    if not len(aside):
        return account
    rows = used.filter(pc.is_in(used["source_row"], value_set=pa.array(aside)))
    amounts = [name for name in rows.column_names if pa.types.is_integer(rows[name].type)]
    cents = {name: int(pc.sum(rows[name]).as_py() or 0) for name in amounts}
    moved = account["taken_as"].map(cents).fillna(0).astype("Int64")
    return account.assign(
        used_cents=account["used_cents"] - moved, repeated_cents=account["repeated_cents"] + moved
    )


def _doubtful(used: pa.Table) -> Flags:
    """The rows of entries that are not plainly in order: each key once is proof where keys only rise."""
    codes = used["entry_number"].combine_chunks().dictionary_encode().indices.to_numpy(zero_copy_only=False)
    if len(codes) < 2:
        return np.zeros(len(codes), dtype=bool)
    same = codes[1:] == codes[:-1]
    rising = np.zeros(len(codes) - 1, dtype=bool)
    tied = np.ones(len(codes) - 1, dtype=bool)
    for name in ("line_number", "ordinal"):
        if name in used.column_names:
            place = pc.fill_null(used[name].cast(pa.int64()), -1).to_numpy()
            rising |= tied & (place[1:] > place[:-1])
            tied &= place[1:] == place[:-1]
    suspect = np.zeros(int(codes.max()) + 1, dtype=bool)
    suspect[codes[1:][same & ~rising]] = True
    starts = codes[np.append(True, ~same)]
    suspect |= np.bincount(starts, minlength=len(suspect)) > 1
    if "version" in used.column_names:
        suspect[:] = True
    return suspect[codes]


def _key(used: pa.Table) -> list[str]:
    """The columns that tell rows of one entry apart; empty where the file has none that do."""

    def distinguishes(name: str) -> bool:
        return name in used.column_names and pc.count_distinct(used[name], mode="only_valid").as_py() > 1

    if distinguishes("ordinal"):
        return ["line_number", "ordinal"] if "line_number" in used.column_names else ["ordinal"]
    if distinguishes("line_number"):
        return [name for name in ("line_number", "hts", "beside_hts") if name in used.column_names]
    return []


def _marked(
    con: duckdb.DuckDBPyConnection, key: list[str], names: list[str], *, has: set[str]
) -> pd.DataFrame:
    """The rows not to be counted: kind (repeats, differs, version), the row that is, and its duty. [cents]

    With each amount, whether any is known, and how many could not be read. `has`: all columns of the rows.
    """
    duties = [name for name in names if name.endswith(_AMOUNT) or name == "duty_cents"]
    duty = " + ".join(f"coalesce({name}, 0)" for name in duties) or "0"
    known = " OR ".join(f"{name} IS NOT NULL" for name in duties) or "false"
    unread = rows.DUTIES_UNREAD if rows.DUTIES_UNREAD in has else "0"
    # a row that lacks a part of its key is told apart by its number instead
    own = "hts" if "hts" in names else "NULL"
    parts = [f"coalesce(CAST({name} AS VARCHAR), 'without ' || {own})" for name in key]
    of_key = ", ".join(["entry_number", *parts])
    of_row = ", ".join(names)
    latest = "version < max(version) OVER (PARTITION BY entry_number)" if "version" in has else "false"
    partition = f"PARTITION BY {of_row}" if not key else f"PARTITION BY {of_key}"
    return con.sql(
        f"""WITH versioned AS (
                SELECT *, {duty} AS amount, {known} AS known, CAST({unread} AS BIGINT) AS unread,
                       coalesce({latest}, false) AS earlier FROM some_rows),
            counted AS (
                SELECT *, min(source_row) OVER (PARTITION BY {of_row}) AS alike,
                       min(source_row) OVER ({partition}) AS kept,
                       first_value(amount) OVER ({partition} ORDER BY source_row) AS kept_amount,
                       first_value(known) OVER ({partition} ORDER BY source_row) AS kept_known,
                       first_value(unread) OVER ({partition} ORDER BY source_row) AS kept_unread
                FROM versioned WHERE NOT earlier)
            SELECT source_row, entry_number, {own} AS hts, amount, known, unread,
                   kept, kept_amount, kept_known, kept_unread,
                   CASE WHEN alike < source_row THEN 'repeats' ELSE 'differs' END AS kind
            FROM counted WHERE kept < source_row
            UNION ALL
            SELECT source_row, entry_number, {own}, amount, known, unread, NULL, NULL, NULL, NULL, 'version'
            FROM versioned WHERE earlier
            ORDER BY source_row"""
    ).df()


def _problems(repeated: pd.DataFrame, where: Where, *, keyed: bool) -> pd.DataFrame:
    """One row for each kind: how many rows, of how many entries, how much duty stands on them."""
    codes = {"repeats": "R31" if keyed else "R32", "differs": "R33", "version": "R34"}
    rows = []
    for kind, group in repeated.groupby("kind", sort=False):
        known, not_known = (
            group["known"].any(),
            int((~group["known"]).sum() + group["unread"].where(group["known"], 0).sum()),
        )
        amount = money.show(int(group["amount"].sum())) if known else None
        listed = ", ".join(map(str, group["source_row"].head(10))) + (" …" if len(group) > 10 else "")
        entries = group["entry_number"].unique()
        named = ", ".join(entries[:5]) + (" …" if len(entries) > 5 else "")
        many = f"{len(group):,} row{'' if len(group) == 1 else 's'} ({listed})"
        whose = f"{len(entries):,} {'entry' if len(entries) == 1 else 'entries'} ({named})"
        left = f" and {not_known:,} not known" if amount and not_known else ""
        detail = f"{many} of {whose}, duty {amount or 'not known'}{left}"
        rows.append(
            file_problems.problem(
                codes[str(kind)],
                file=where[0],
                sheet=where[1],
                row=int(group["source_row"].iloc[0]),
                column="duty",
                value=amount,
                detail=detail,
            )
        )
    return schema.problem_rows(rows)


def _disputed_rows(differing: pd.DataFrame, where: Where, why: str) -> pd.DataFrame:
    """The rows that share a key with an earlier one and say something else, or may be lines of their own."""
    place = f"{where[0]} [{where[1]}]" if where[1] else where[0]
    frame = pd.DataFrame(
        {
            "entry_number": differing["entry_number"],
            "column": "tariff_lines",
            "taken": _duty_told(differing, "kept_"),
            "taken_from": place + " row " + differing["kept"].astype("Int64").astype("str"),
            "other": _duty_told(differing, ""),
            "other_from": place + " row " + differing["source_row"].astype("str"),
            "why": why,
        }
    )
    return schema.conform(frame, "conflicts")


def _duty_told(found: pd.DataFrame, of: str) -> pd.Series[Any]:
    """The duty of rows in words: what was read of it, and how many amounts were not. `of`: which of the two rows."""
    known, unread = (found[f"{of}{name}"] for name in ("known", "unread"))
    read = schema.shown(found[f"{of}amount"].rename("amount_cents"))
    also = (" and " + unread.astype("Int64").astype("str") + " not read").where(unread.gt(0), "")
    return ("duty " + read + also).where(known.astype("boolean").fillna(False), "duty not known")


# --- what the rows say of an entry ------------------------------------------------------------------------


#: What rows say of these is a history, settled over all files: see `portfolio.joining`.
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


def nothing_said() -> ByEntry:
    """For a report without entry numbers."""
    frame = schema.conform(pd.DataFrame(columns=["first_row", "rows"]), "entries", keep=("first_row", "rows"))
    return ByEntry(frame, schema.empty("conflicts"), schema.empty("problems"), schema.empty("entries"))


def said_by_entry(
    con: duckdb.DuckDBPyConnection, typed: TypedRows, report: Recognised, *, place: str
) -> ByEntry:
    """One row per entry of the used rows. `place` names file and sheet in the conflicts."""
    sets = _sets(con, typed)
    said, trouble = _typed(con, typed, report, sets)
    columns = [
        c for c in schema.names("entries") if c in said.columns and c not in ("entry_number", "source_row")
    ]
    several = (sets["entry"].diff() == 0) | (sets["entry"].diff(-1) == 0)
    alike = said.assign(first_row=sets["source_row"])[~several]
    if not several.any():
        return ByEntry(_declared(alike), schema.empty("conflicts"), trouble, schema.empty("entries"))
    # Few entries differ from row to row: only they are worth comparing.
    newest = report.profile.grain == "claim"
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
    con: duckdb.DuckDBPyConnection, typed: TypedRows, report: Recognised, sets: pd.DataFrame
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """The different sets of values, typed; and the cells among them nobody understands."""
    at = sets["start"].to_numpy()
    kinds = rows.typed_late(report) | typed.ways
    late = {name: (kinds[name], held.at(at)) for name, held in typed.late.items()}
    read = {name: by_value(con, column, position, held) for name, ((column, position), held) in late.items()}
    trouble = misread(list(read.values()), sets["source_row"].to_numpy(), report)
    of_entry = [n for n in typed.table.column_names if n in schema.kinds("entries") and n != "entry_number"]
    table = typed.table.select(of_entry).take(pa.array(at))
    for name, one in read.items():
        table = table.append_column(name, one.cells)
    said = _frame(table).assign(entry_number=sets["entry_number"], rows=sets["rows"])
    said = said.assign(unread=_unread(read, len(said)))
    frames = [frame for frame in (trouble, no_importer(said, report)) if len(frame)]
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
