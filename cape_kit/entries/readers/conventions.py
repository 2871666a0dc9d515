"""How each column of a file writes its amounts and its days: proved by its own cells, never guessed.

`1.000,00` can only be read one way, `2.000` in two: a column (where it is silent, its file) decides for all
of its cells, or the doubtful ones stay unknown. So with `03/04/2026` and the days above 12 in its column.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, NamedTuple

import duckdb
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from cape_kit.entries import identifiers
from cape_kit.entries.readers import problem_kinds
from cape_kit.entries.readers.columns import Coded, Columns, Typed
from cape_kit.entries.readers.layouts import ColumnKind
from cape_kit.entries.readers.recognise import Recognised

#: A slashed day: two numbers, the sign between them, a year of four digits or two.
_DAY = re.compile(r"(?:[A-Za-z]{3,9}\.?,?\s+)?(\d{1,2})([/.-])(\d{1,2})\2(\d{4}|\d{2})(?!\d)")
#: What no amount with a decimal comma is without.
_COMMA = r",|\..*\."


@dataclass(frozen=True)
class Learned:
    """The columns that are not read as their layout says, each with its way; and what is to be said of it."""

    columns: Columns
    notes: list[dict[str, Any]]


class _Proof(NamedTuple):
    """Of one column of amounts: cells that prove a decimal comma, a point; that fit both; an example."""

    comma: int
    point: int
    either: int
    example: str | None
    cents: int | None


def learn(
    con: duckdb.DuckDBPyConnection,
    found: Recognised,
    columns: Columns,
    text: pa.Table,
    held: Mapping[int, Coded],
    typed: Mapping[str, Typed],
) -> Learned:
    """The ways of all columns. `typed`: those read already, the layout's way."""
    amounts, notes = _amounts(con, found, columns, (text, held), typed)
    days = {
        name: (way, at)
        for name, (column, at) in columns.items()
        if column.kind == "day" and (way := _dated(column, held[at])) != column
    }
    return Learned({**amounts, **days}, notes)


def _amounts(
    con: duckdb.DuckDBPyConnection,
    found: Recognised,
    columns: Columns,
    source: tuple[pa.Table, Mapping[int, Coded]],
    typed: Mapping[str, Typed],
) -> tuple[Columns, list[dict[str, Any]]]:
    """Only a cell that can't be read with a point proves a comma: without one there is nothing to learn."""
    text, held = source
    money = {name: one for name, one in columns.items() if one[0].kind == "cents"}
    cells = {name: text[f"c{at}"] for name, (_, at) in money.items()}
    unread = [
        pa.chunked_array([typed[name].stood], pa.string()) if name in typed else held[at].values
        for name, (_, at) in money.items()
    ]
    maybe = [part for part in unread if len(part) and pc.any(pc.match_substring_regex(part, _COMMA)).as_py()]
    if not any(_proof(con, part).comma for part in maybe):
        return {}, []
    proofs = {name: _proof(con, part) for name, part in cells.items()}
    file_says = _of_file(proofs)
    ways: Columns = {}
    notes = []
    for name, (column, at) in money.items():
        proof = proofs[name]
        way = "unclear" if proof.comma and proof.point else "comma" if proof.comma else "point"
        if not proof.comma and not proof.point and proof.either:
            way = file_says
        if way == "point":
            continue
        ways[name] = (replace(column, decimals=way), at)
        if way == "comma":
            notes.append(
                problem_kinds.row("R20", column=found.headers[at], value=proof.example, detail=_said(proof))
            )
    return ways, notes


def _of_file(proofs: Mapping[str, _Proof]) -> str:
    """How amounts that fit both ways are read where their own column is silent."""
    points = any(proof.point for proof in proofs.values())
    mixed = any(proof.comma and proof.point for proof in proofs.values())
    return "unclear" if points or mixed else "comma"


def _said(proof: _Proof) -> str:
    if not proof.comma:
        return f"as in the other columns of the file; {proof.either} cells"
    shown = f"{proof.cents // 100}.{proof.cents % 100:02d}" if proof.cents is not None else "unknown"
    return f"{proof.comma + proof.either} cells, such as {proof.example}, which is read as {shown}"


def _proof(con: duckdb.DuckDBPyConnection, cells: pa.ChunkedArray) -> _Proof:
    con.register("some_cells", pa.table({"c0": cells}))
    row = con.execute(
        """WITH bare AS (SELECT c0, figure(CAST(c0 AS VARCHAR)) AS b FROM some_cells WHERE c0 IS NOT NULL)
           SELECT count(*) FILTER (proves_comma(b)), count(*) FILTER (proves_point(b)),
                  count(*) FILTER (either_way(b)),
                  arg_max(CAST(c0 AS VARCHAR), length(b)) FILTER (proves_comma(b) OR either_way(b)),
                  arg_max(cents_comma(b), length(b)) FILTER (proves_comma(b) OR either_way(b)) FROM bare"""
    ).fetchall()[0]
    con.unregister("some_cells")
    return _Proof(*row)


def _dated(column: ColumnKind, held: Coded) -> ColumnKind:
    """A column of days with the order its cells allow; 'ISO' where nothing slashed can be read soundly."""
    used = np.unique(held.codes[held.codes >= 0])
    seen = {_order(text) for text in held.values.take(pa.array(used)).to_pylist()}
    against, for_it = ("DMY" if column.order == "MDY" else "MDY") in seen, column.order in seen
    if against and for_it and not column.stated:
        return replace(column, order="ANY")
    if (against and not for_it) or (_SHORT in seen and not for_it and not column.stated):
        return replace(column, order="ISO")
    return column


#: A day with a two-digit year that fits both orders.
_SHORT = "short"


def _order(text: str) -> str | None:
    """The only order a slashed day can have; `_SHORT`; None where it says nothing of the order.

    Behind dashes a two-digit figure may be a year in front as well, so nothing day first is proved by it.
    """
    found = _DAY.match(identifiers.unwrap(text))
    if found is None:
        return None
    first, second, short = int(found[1]), int(found[3]), len(found[4]) == 2
    if 1 <= first <= 12 and 12 < second <= 31:
        return "MDY"
    if 12 < first <= 31 and 1 <= second <= 12:
        return None if short and found[2] == "-" else "DMY"
    return _SHORT if short and first <= 12 and second <= 12 else None
