"""Entries whose lines several files tell differently: which rows the files share, and which only one has.

Rows are compared by line and ordinal where both files have ordinals, by line where both have lines; without
lines only two parts of one sheet can be told apart, by their rows themselves.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import duckdb
import pandas as pd
import pyarrow as pa

from cape_kit.entries.readers.reading import Reading


@dataclass
class Joined:
    """By entry: the reading that leads, where it is not the first of the order; readings whose rows are added.

    `left_out`: by reading, rows that another reading has already.
    """

    leading: pd.Series = field(default_factory=lambda: pd.Series(dtype="int64"))
    added: set[tuple[str, int]] = field(default_factory=set)
    left_out: dict[int, set[int]] = field(default_factory=dict)


def settle(con: duckdb.DuckDBPyConnection, ranked: Sequence[Reading], said: pd.DataFrame) -> Joined:
    """Which readings of each entry lead, and which add rows to it.

    `said`: entry_number, rank and day of the readings that differ, the first of the order first.
    """
    joined = Joined()
    if said.empty:
        return joined
    rows = _rows(con, ranked, said)
    leading: dict[str, int] = {}
    for number, readings in said.groupby("entry_number", sort=False):
        mine = {rank: rows.get((str(number), rank), pd.DataFrame()) for rank in readings["rank"]}
        days = dict(zip(readings["rank"], readings["day"], strict=True))
        first = _settle_one(str(number), ranked, mine, days, joined)
        if first != readings["rank"].iloc[0]:
            leading[str(number)] = first
    joined.leading = pd.Series(leading, dtype="int64")
    return joined


def _rows(
    con: duckdb.DuckDBPyConnection, ranked: Sequence[Reading], said: pd.DataFrame
) -> dict[tuple[str, int], pd.DataFrame]:
    """The rows of each entry and reading."""
    found: dict[tuple[str, int], pd.DataFrame] = {}
    for rank, group in said.groupby("rank"):
        con.register("some_lines", ranked[int(str(rank))].lines)
        con.register("wanted", pa.table({"entry_number": group["entry_number"].to_list()}))
        frame = con.sql(
            """SELECT entry_number, line_number, ordinal, hts, goods_value_cents, duty_cents, source_row
               FROM some_lines SEMI JOIN wanted USING (entry_number)"""
        ).df()
        found |= {(str(number), int(str(rank))): rows for number, rows in frame.groupby("entry_number")}
    return found


def _settle_one(
    number: str,
    ranked: Sequence[Reading],
    mine: dict[int, pd.DataFrame],
    days: dict[int, pd.Timestamp],
    joined: Joined,
) -> int:
    """Lead and additions of one entry; returns the reading that leads."""
    order = list(mine)
    lead = order[0]
    for rank in order[1:]:
        keys, others = _keys(ranked, lead, rank, mine[lead]), _keys(ranked, rank, lead, mine[rank])
        fuller = others > keys if keys is not None and others is not None else False
        if fuller and not days[lead] > days[rank]:
            lead = rank
    held = None
    for rank in order:
        if rank == lead:
            continue
        keys, others = _keys(ranked, lead, rank, mine[lead]), _keys(ranked, rank, lead, mine[rank])
        if keys is None or others is None:
            continue
        held = keys if held is None else held
        apart = not (others & held)
        if not others - held or not (apart or not days[lead] > days[rank]):
            continue
        if apart and _told_already(
            mine[rank], [mine[lead], *(mine[r] for n, r in joined.added if n == number)]
        ):
            continue
        joined.added.add((number, rank))
        known = _row_keys(ranked, rank, lead, mine[rank]).isin(held)
        if known.any():
            joined.left_out.setdefault(rank, set()).update(mine[rank].loc[known.to_numpy(), "source_row"])
        held = held | others
    return lead


def _told_already(rows: pd.DataFrame, others: list[pd.DataFrame]) -> bool:
    """Whether the duty of these rows stands on other rows already: the same lines under other numbers."""
    content = ["hts", "duty_cents"]
    held = set(pd.concat(others)[content].astype("str").itertuples(index=False, name=None))
    return set(rows[content].astype("str").itertuples(index=False, name=None)) <= held


def _keys(ranked: Sequence[Reading], mine: int, other: int, rows: pd.DataFrame) -> set[object] | None:
    """The keys of a reading's rows, as far as two readings can be compared; None where they can't."""
    kind = None if rows.empty else _kind(ranked[mine], ranked[other])
    # a row that lacks a part of its key can't be told from any other
    if kind is None or (kind[0] == "line_number" and rows[list(kind)].isna().any(axis=None)):
        return None
    return set(_row_keys(ranked, mine, other, rows))


def _row_keys(ranked: Sequence[Reading], mine: int, other: int, rows: pd.DataFrame) -> pd.Series:
    kind = _kind(ranked[mine], ranked[other])
    assert kind is not None
    return pd.Series(
        list(rows[list(kind)].astype("str").itertuples(index=False, name=None)), index=rows.index
    )


def _kind(one: Reading, other: Reading) -> tuple[str, ...] | None:
    """The columns that tell rows of both readings apart."""

    def both(name: str) -> bool:
        return name in one.found.positions and name in other.found.positions

    if both("line_number"):
        return ("line_number", "ordinal") if both("ordinal") else ("line_number",)
    if one.found.headers == other.found.headers:
        return ("hts", "goods_value_cents", "duty_cents")
    return None
