"""Rows of one file that are the same row: entry, line and ordinal are their key, and no key counts twice.

Two exports pasted under one another, a filter run twice, a corrected summary beside the first: equal rows count
once and are named; of versions of an entry the last counts; other rows with one key disagree, and the first is
kept, never a sum of both. A layout without ordinals has entry, line and HTS number for a key. Without lines
there is none: there rows alike in everything may be one row twice or two lines alike, which is said.
"""

from __future__ import annotations

from dataclasses import dataclass

import duckdb
import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from cape_kit import money
from cape_kit.entries import schema
from cape_kit.entries.readers import problem_kinds

_AMOUNT = "_duty"
WHY = "two rows of one line and ordinal: the first row counts, never both"
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
    names = [name for name in used.column_names if name not in ("source_row", "version")]
    con.register("some_rows", used.filter(pa.array(doubtful)))
    found = _marked(con, key, names, versions="version" in used.column_names)
    if found.empty:
        return nothing
    kept = pc.invert(pc.is_in(used["source_row"], value_set=pa.array(found["source_row"])))
    return Once(
        used.filter(kept),
        found["source_row"].to_numpy(),
        _problems(found, where, keyed=bool(key)),
        _conflicts(found[found["kind"] == "differs"], where),
        frozenset(found.loc[found["kind"] == "differs", "entry_number"]),
    )


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

    def tells(name: str) -> bool:
        return name in used.column_names and pc.count_distinct(used[name], mode="only_valid").as_py() > 1

    if tells("ordinal"):
        return ["line_number", "ordinal"] if "line_number" in used.column_names else ["ordinal"]
    if tells("line_number"):
        return [name for name in ("line_number", "hts", "beside_hts") if name in used.column_names]
    return []


def _marked(
    con: duckdb.DuckDBPyConnection, key: list[str], names: list[str], *, versions: bool
) -> pd.DataFrame:
    """The rows not to be counted: kind (repeats, differs, version), the row that is, and its duty. [cents]"""
    duties = [name for name in names if name.endswith(_AMOUNT) or name == "duty_cents"]
    duty = " + ".join(f"coalesce({name}, 0)" for name in duties) or "0"
    # a row that lacks a part of its key is told apart by its number instead
    own = "hts" if "hts" in names else "NULL"
    parts = [f"coalesce(CAST({name} AS VARCHAR), 'without ' || {own})" for name in key]
    of_key = ", ".join(["entry_number", *parts])
    of_row = ", ".join(names)
    latest = "version < max(version) OVER (PARTITION BY entry_number)" if versions else "false"
    partition = f"PARTITION BY {of_row}" if not key else f"PARTITION BY {of_key}"
    return con.sql(
        f"""WITH versioned AS (SELECT *, {duty} AS amount, coalesce({latest}, false) AS earlier FROM some_rows),
            counted AS (
                SELECT *, min(source_row) OVER (PARTITION BY {of_row}) AS alike,
                       min(source_row) OVER ({partition}) AS kept,
                       first_value(amount) OVER ({partition} ORDER BY source_row) AS kept_amount
                FROM versioned WHERE NOT earlier)
            SELECT source_row, entry_number, amount, kept, kept_amount,
                   CASE WHEN alike < source_row THEN 'repeats' ELSE 'differs' END AS kind
            FROM counted WHERE kept < source_row
            UNION ALL
            SELECT source_row, entry_number, amount, NULL, NULL, 'version' FROM versioned WHERE earlier
            ORDER BY source_row"""
    ).df()


def _problems(found: pd.DataFrame, where: Where, *, keyed: bool) -> pd.DataFrame:
    """One row for each kind: how many rows, of how many entries, how much duty stands on them."""
    codes = {"repeats": "R31" if keyed else "R32", "differs": "R33", "version": "R34"}
    rows = []
    for kind, group in found.groupby("kind", sort=False):
        amount = money.show(int(group["amount"].sum()))
        listed = ", ".join(map(str, group["source_row"].head(10))) + (" …" if len(group) > 10 else "")
        entries = group["entry_number"].unique()
        named = ", ".join(entries[:5]) + (" …" if len(entries) > 5 else "")
        detail = f"{len(group)} rows ({listed}) of {len(entries)} entries ({named}), duty {amount}"
        rows.append(
            problem_kinds.row(
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


def _conflicts(differing: pd.DataFrame, where: Where) -> pd.DataFrame:
    """The rows that share a key with an earlier one and say something else."""
    place = f"{where[0]} [{where[1]}]" if where[1] else where[0]
    frame = pd.DataFrame(
        {
            "entry_number": differing["entry_number"],
            "column": "tariff_lines",
            "taken": "duty " + schema.shown(differing["kept_amount"].rename("kept_cents")),
            "taken_from": place + " row " + differing["kept"].astype("Int64").astype("str"),
            "other": "duty " + schema.shown(differing["amount"].rename("amount_cents")),
            "other_from": place + " row " + differing["source_row"].astype("str"),
            "why": WHY,
        }
    )
    return schema.conform(frame, "conflicts")
