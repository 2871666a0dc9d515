"""The account of a sheet's dollars: every column that can hold money, its sum, and where the sum went.

The sum is taken from the text itself, not as the rows are typed, and the used part from the typed rows: a check that
can fail. That both agree is checked, and a column for which they don't is an error. With it: the columns nobody took
that speak of duty, of IEEPA or of the state of an entry, and what they say of each entry.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import duckdb
import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from cape_kit import money
from cape_kit.entries import schema
from cape_kit.entries.readers import cells, column_evidence, done_words, file_problems
from cape_kit.entries.readers.amounts import READ, UNREAD, Amounts, amounts_in
from cape_kit.entries.readers.cells import CODED, PLAIN, Coded, Columns, Flags
from cape_kit.entries.readers.layouts import collapse
from cape_kit.entries.readers.other_columns import (
    HEADING_WITHIN,
    Other,
    Sorting,
    header_of,
    problems_of,
    remarks_within,
    told_of,
)
from cape_kit.entries.readers.recognise import Recognised
from cape_kit.entries.readers.sheets import Needed, Sheet
from cape_kit.errors import in_short

# --- the account of a sheet -------------------------------------------------------------------------------


#: Reports of what CBP answered or paid: their columns say so themselves.
ANSWERS = ("claim", "refund")
#: What stands in `taken_as` for a column of the layout the kit has no use for.
NOT_NEEDED = "not needed"
#: Headers without a word are looked at in sheets up to this width.
_WIDEST = 512


@dataclass(frozen=True)
class Tally:
    """The account of one sheet: frames `money`, `unexplained` and `problems` as declared."""

    money: pd.DataFrame = field(default_factory=lambda: schema.empty("money"))
    unexplained: pd.DataFrame = field(default_factory=lambda: schema.empty("unexplained"))
    problems: pd.DataFrame = field(default_factory=lambda: schema.empty("problems"))


# --- which columns are worth reading ------------------------------------------------------------------------


def needed(report: Recognised, sheet: Sheet) -> Needed:
    """Columns to be read only for the account: those the layout does not know, and what else may hold money.

    A column the layout knows and has no use for is read where its name or the head of the sheet speaks of
    money or of chapter 99; in a small sheet every column is.
    """
    below = sheet.head[report.header_row :]
    return {
        at: PLAIN if column_evidence.names_money(header) else CODED
        for at, header in enumerate(report.headers)
        if at not in report.taken and _worth(report, at, header, below, small=sheet.small)
    }


def _worth(
    report: Recognised, at: int, header: str, below: Sequence[Sequence[str | None]], *, small: bool
) -> bool:
    seen = [row[at] for row in below if at < len(row) and (row[at] or "").strip()]
    if not header:
        return bool(seen) or (small and at < _WIDEST)
    if small or collapse(header) not in report.profile.known:
        return True
    speaks = any(HEADING_WITHIN.search(cell) for cell in seen if cell)
    if done_words.says_eligible(header):
        return True
    return column_evidence.names_money(header) or speaks or ("$" in "".join(cell or "" for cell in seen))


# --- the account --------------------------------------------------------------------------------------------


def take(
    text: pa.Table,
    report: Recognised,
    rows: Sorting,
    *,
    typed: Mapping[str, pa.ChunkedArray],
    read: Columns,
    where: tuple[str, str | None],
) -> Tally:
    """The account of a sheet. `typed`: the declared columns of money as the rows used were typed.

    `read`: every column the layout takes, by its declared name. `text`: money and what nobody took, all rows; `where`:
    file and sheet.
    """
    lines = [
        _declared(text[f"c{at}"], typed[name], rows, named=(header_of(report.headers, at), name))
        for name, (kind, at) in read.items()
        if kind.kind == "cents" and name in typed
    ]
    others = [Other.of(report, at, text[f"c{at}"], rows) for at in _others(text, report)]
    lines += [_not_taken(other, rows) for other in others if other.holds_money]
    frame = schema.conform(pd.DataFrame(lines).assign(file=where[0], sheet=where[1]), "money")
    problems = [*_sums(frame, where), *problems_of(others, where)]
    told = [said for other in others if (said := told_of(other, rows)) is not None]
    if report.profile.grain not in ANSWERS:
        within = [
            remarks_within(kind, header_of(report.headers, at), rows.held[at], rows)
            for kind, at in read.values()
            if at in rows.held
        ]
        told += [said for said in within if said is not None]
    return Tally(
        frame if lines else schema.empty("money"),
        schema.conform(
            pd.concat(told, ignore_index=True).assign(file=where[0], sheet=where[1]), "unexplained"
        )
        if told
        else schema.empty("unexplained"),
        schema.problem_rows(problems),
    )


def _others(text: pa.Table, report: Recognised) -> list[int]:
    return [int(c[1:]) for c in text.column_names if c != "beyond" and int(c[1:]) not in report.taken]


def _declared(
    text: pa.ChunkedArray, typed: pa.ChunkedArray, rows: Sorting, *, named: tuple[str, str]
) -> dict[str, Any]:
    """One declared column: what was used as it was typed, all else as the text says.

    Where the two ways of reading differ, the other sign for decimals is tried: a column may be typed by it.
    """
    missed = np.zeros(len(text), dtype=bool)
    missed[rows.used] = pc.is_null(typed).to_numpy()
    used = int(pc.sum(typed).as_py() or 0)
    for comma in (None, True, False):
        said = amounts_in(text, comma=comma)
        line = _line(said, rows, named=named, used=used, missed=missed)
        if comma is None:
            first = line
        if _adds_up(line):
            return line
    return first


def _line(
    said: Amounts, rows: Sorting, *, named: tuple[str, str | None], used: int, missed: Flags | None
) -> dict[str, Any]:
    """`missed`: of a declared column, the rows used on which nothing was typed; None where nobody took it."""
    data = rows.used | rows.refused
    lost = np.ones(len(said.said), dtype=bool) if missed is None else missed
    known = named[1] == NOT_NEEDED
    apart = said.sum(lost & (rows.used if missed is not None else data))
    return {
        "column": in_short(named[0]),
        "taken_as": named[1],
        "cells": int((data & (said.said > 0)).sum()),
        "sum_cents": said.sum(),
        "used_cents": used,
        "refused_cents": 0 if missed is None else said.sum(rows.refused),
        "repeated_cents": 0,
        "not_understood_cents": 0 if known else apart,
        "not_needed_cents": apart if known else 0,
        "passed_over_cents": said.sum(~data),
        "cells_unread": int((data & (said.said == UNREAD) & (lost | rows.refused)).sum())
        + (0 if missed is None else int((missed & (said.said == READ)).sum())),
    }


def _not_taken(other: Other, rows: Sorting) -> dict[str, Any]:
    """The line of a column nobody took."""
    taken = NOT_NEEDED if other.known else None
    return _line(other.said, rows, named=(other.header, taken), used=0, missed=None)


_PARTS = (
    *("used_cents", "refused_cents", "repeated_cents", "not_understood_cents", "not_needed_cents"),
    "passed_over_cents",
)


def _adds_up(line: Mapping[Any, Any]) -> bool:
    return bool(line["sum_cents"] == sum(line[part] for part in _PARTS))


def _sums(frame: pd.DataFrame, where: tuple[str, str | None]) -> list[dict[str, Any]]:
    """An error for each column whose parts are not its sum."""
    return [
        file_problems.problem(
            "R46",
            file=where[0],
            sheet=where[1],
            column=line["column"],
            detail=f"{money.show(line['sum_cents'])} stands in it, "
            f"{money.show(sum(line[part] for part in _PARTS))} is accounted for",
        )
        for line in frame.to_dict("records")
        if not _adds_up(line)
    ]


def typed_money(
    con: duckdb.DuckDBPyConnection, read: Columns, table: pa.Table, late: Mapping[str, Coded]
) -> dict[str, pa.ChunkedArray]:
    """The declared columns of money on the rows used: those of the line, and those of the whole entry."""
    of_line = {
        n: table[n] for n, (kind, _) in read.items() if kind.kind == "cents" and n in table.column_names
    }
    of_entry = {
        name: cells.by_value(con, *read[name], held).cells
        for name, held in late.items()
        if read[name][0].kind == "cents"
    }
    return of_line | of_entry
