"""The account of a sheet's dollars: every column that can hold money, its sum, and where the sum went.

The sum is taken from the text itself, not as the rows are typed, and the used part from the typed rows: a check that
can fail. That both agree is checked, and a column for which they don't is an error. With it: the columns nobody took
that speak of duty, of IEEPA or of the state of an entry, and what they say of each entry.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import duckdb
import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from cape_kit import money
from cape_kit.entries import schema
from cape_kit.entries.readers import cells, column_evidence, done_words, file_problems, sorting
from cape_kit.entries.readers.amounts import READ, UNREAD, Amounts, amounts_in, marked
from cape_kit.entries.readers.cells import CODED, PLAIN, Coded, Columns, Flags, Numbers
from cape_kit.entries.readers.layouts import collapse, words
from cape_kit.entries.readers.recognise import Recognised
from cape_kit.entries.readers.sheets import Needed, Sheet
from cape_kit.entries.readers.sorting import Sorted
from cape_kit.errors import in_short

# --- the account of a sheet -------------------------------------------------------------------------------


#: What stands in `taken_as` for a column of the layout the kit has no use for.
NOT_NEEDED = "not needed"
#: Headers without a word are looked at in sheets up to this width.
_WIDEST = 512
#: A number of chapter 99 under which IEEPA duties stand, as a file may write it, not within a longer number.
HEADING = r"(^|[^0-9A-Za-z])9903[.\s-]?[0-9]{2}[.\s-]?[0-9]{2}([^0-9]|$)"
_HEADING = re.compile(HEADING)


@dataclass(frozen=True)
class Tally:
    """The account of one sheet: frames `money`, `unexplained` and `problems` as declared."""

    money: pd.DataFrame = field(default_factory=lambda: schema.empty("money"))
    unexplained: pd.DataFrame = field(default_factory=lambda: schema.empty("unexplained"))
    problems: pd.DataFrame = field(default_factory=lambda: schema.empty("problems"))


@dataclass(frozen=True)
class Sorting:
    """The rows of a sheet: what each is, the entry number of those used, and where each stands."""

    kinds: Sorted
    numbers: Numbers
    entries: Coded | None

    @property
    def used(self) -> Flags:
        """The rows of data."""
        return self.kinds.are(sorting.DATA)

    @property
    def refused(self) -> Flags:
        """The rows in the problem list as errors."""
        return self.kinds.are(*sorting.REFUSED)


def holds_money(header: str, text: pa.ChunkedArray, *, read: int, filled: int) -> bool:
    """Whether a column holds money: by its name where an amount is read; else where half its cells say so.

    A cell says so by a currency's mark or two decimals.
    """
    if not read or column_evidence.names_no_money(header):
        return False
    return column_evidence.names_money(header) or 2 * min(read, marked(text)) >= filled


def header_of(headers: Sequence[str], at: int) -> str:
    """A column as a person finds it: its header, or its letter where it has none; whole, and in short where told."""
    if at < len(headers) and headers[at]:
        return headers[at]
    letters, left = "", at + 1
    while left:
        left, place = divmod(left - 1, 26)
        letters = chr(65 + place) + letters
    return f"(column {letters} without a header)"


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
    speaks = any(_HEADING.search(cell) for cell in seen if cell)
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

    `read`: every column the layout takes, by its declared name. `text`: all rows, `where`: file and sheet.
    """
    lines = [
        _declared(text[f"c{at}"], typed[name], rows, named=(header_of(report.headers, at), name))
        for name, (kind, at) in read.items()
        if kind.kind == "cents" and name in typed
    ]
    others = [_Other.of(report, at, text[f"c{at}"], rows) for at in _others(text, report)]
    lines += [other.line() for other in others if other.holds_money]
    frame = schema.conform(pd.DataFrame(lines).assign(file=where[0], sheet=where[1]), "money")
    problems = [*_sums(frame, where), *_of_columns(others, where)]
    told = [said for other in others if (said := _unexplained(other, rows)) is not None]
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


# --- columns nobody took ------------------------------------------------------------------------------------


@dataclass(frozen=True)
class _Other:
    """A column that was not taken: its name, whether the layout knows it, its cells and amounts.

    `again`: what it names was taken from elsewhere ("Duty" beside "Duty Paid").
    """

    header: str
    known: bool
    again: bool
    text: pa.ChunkedArray
    said: Amounts
    headings: Flags
    holds_money: bool
    rows: Sorting

    @classmethod
    def of(cls, report: Recognised, at: int, text: pa.ChunkedArray, rows: Sorting) -> _Other:
        """What stands in a column by its position."""
        header = header_of(report.headers, at)
        held = text.cast(pa.string())
        said = amounts_in(held)
        data = rows.used | rows.refused
        filled, read = int((said.said > 0).sum()), int((said.said == READ).sum())
        is_money = holds_money(header, held, read=read, filled=filled)
        numbers = pc.fill_null(pc.match_substring_regex(held, HEADING), False).to_numpy()
        known = bool(collapse(header)) and collapse(header) in report.profile.known
        taken, named = _amounts_taken(report), {one.name for one in column_evidence.columns_of(header)}
        again = bool(taken & named) or ("duty_cents" in taken and column_evidence.duty_again(header))
        return cls(header, known, again, held, said, numbers & data, is_money, rows)

    @property
    def filled(self) -> Flags:
        """Rows whose cell says something: not nothing, not zero, not no."""
        no = pa.array([*words().no, "", "-"])
        cells = pc.fill_null(pc.utf8_lower(pc.utf8_trim_whitespace(self.text)), "")
        ticked = pc.is_in(cells, value_set=pa.array([*words().yes, *words().done["crossed"]])).to_numpy()
        says = ~pc.is_in(cells, value_set=no).to_numpy() & ((self.said.said > 0) | ticked)
        return says & ~((self.said.said == READ) & (self.said.cents == 0))

    @property
    def of_ieepa(self) -> bool:
        """Whether its name speaks of IEEPA or of chapter 99."""
        return not self.known and column_evidence.speaks_of(self.header, "ieepa")

    @property
    def says_state(self) -> bool:
        """Whether its name speaks of a state and its cells hold no money: "IEEPA Status"."""
        return not self.holds_money and column_evidence.speaks_of(self.header, "state")

    def said_done(self, about: str = schema.STATE) -> Flags:
        """Rows whose cell says that something was done, and not that it was not yet; an open protest was filed."""
        cells = pc.fill_null(pc.utf8_lower(pc.utf8_trim_whitespace(self.text)), "")
        not_yet = set(words().done["not_yet"]) - (set(words().done["live"]) if about == "protest" else set())
        may = cells.filter(pc.match_substring_regex(cells, r"^n(o|one|ot|ever|a)?\b"))
        not_yet |= {cell for cell in may.unique().to_pylist() if done_words.says_not(cell)}
        return self.filled & ~pc.is_in(cells, value_set=pa.array(sorted(not_yet))).to_numpy()

    @property
    def of_state(self) -> bool:
        """Whether its cells may tell what became of an entry: its name speaks of a state, or of remarks."""
        speaks = column_evidence.speaks_of
        return not self.known and (speaks(self.header, "state") or speaks(self.header, "remarks"))

    @cached_property
    def told(self) -> pd.Series:
        """What each cell of a column of state or of remarks tells was done, by row; only rows that tell something."""
        return self.told_as(done_words.tells_done)

    def told_as(self, tells: Callable[[str], str | None]) -> pd.Series:
        """What each cell tells, by row; only rows that tell something."""
        different = self.text.unique()
        different = different.filter(
            pc.fill_null(pc.match_substring_regex(different, done_words.may_tell()), False)
        )
        said = {cell: about for cell in different.to_pylist() if (about := tells(cell))}
        rows = np.flatnonzero(
            pc.is_in(self.text, value_set=pa.array(list(said), pa.string())).to_numpy() & self.filled
        )
        return self.text.take(pa.array(rows)).to_pandas().map(said).set_axis(rows)

    @property
    def stated(self) -> pd.Series:
        """What its cells tell, by row; of a column of state also the words that tell nothing for sure."""
        if self.holds_money and not done_words.states_refund(self.header):
            return self.told
        if not column_evidence.speaks_of(self.header, "state"):
            return self.told
        rows = np.flatnonzero(self.said_done())
        return self.told.reindex(self.told.index.union(pd.Index(rows))).fillna(schema.STATE)

    def says(self) -> tuple[Flags, str | pd.Series]:
        """Rows that speak of IEEPA duty or of something done, and of what: for all alike, or row by row."""
        if not self.headings.any() and done_words.says_eligible(self.header):
            return self._denied, schema.STATE
        if self.known or self.headings.any():
            return self.headings, schema.DUTY
        return (
            self._by_name() or (self._amounts() if self.holds_money else self._answers()) or self._by_cell()
        )

    def _by_name(self) -> tuple[Flags, str] | None:
        """What the column's name alone says of all its cells; None where it says nothing."""
        if about := done_words.says_done(self.header):
            return self.said_done(about), about
        if self.of_ieepa and not self.says_state:
            return self.filled, schema.DUTY
        return None

    def _amounts(self) -> tuple[Flags, str] | None:
        """The same of a column of money: of duty as liquidated, of duty again, of what is owed."""
        if column_evidence.liquidated_duty(self.header):
            return self.said.said == READ, schema.LIQUIDATED
        if self.again:
            return self.said.said == READ, schema.AGAIN
        return (self.filled, schema.STATE) if done_words.owes(self.header) else None

    def _answers(self) -> tuple[Flags, str] | None:
        """The same of a column that asks: whether the duty was paid, something sent, the entry claimed."""
        if done_words.asks_paid(self.header):
            return self._which(done_words.says_unpaid), "payment"
        if done_words.says_sent(self.header):
            return self.said_done(), schema.SENT
        asked = done_words.asks_done(self.header)
        return (self.said_done(asked) & ~self._in_words("never"), asked) if asked else None

    def _by_cell(self) -> tuple[Flags, pd.Series]:
        """What the cells say, row by row, of a column of state or of remarks."""
        here = np.zeros(len(self.text), dtype=bool)
        stated = self.stated if self.of_state else self.told_plainly
        here[stated.index] = True
        return here, stated

    @property
    def told_plainly(self) -> pd.Series:
        """What each cell of a column of another name tells plainly: "Wave: CAPE claim filed 5/2"; of goods nothing."""
        if self.holds_money or column_evidence.of_goods(self.header):
            return self.told.head(0)
        return self.told_as(done_words.tells_plainly)

    @property
    def _denied(self) -> Flags:
        """Rows whose cell says no."""
        pattern = r"(?i)^\s*(no|n|not .*|ineligible.*|false|f)\s*$"
        return pc.fill_null(pc.match_substring_regex(self.text, pattern), False).to_numpy()

    def _which(self, says: Callable[[str], bool]) -> Flags:
        """Rows whose cell says that."""
        told = [cell for cell in self.text.unique().to_pylist() if cell and says(cell)]
        return pc.is_in(self.text, value_set=pa.array(told, self.text.type)).to_numpy()

    def _in_words(self, kind: str) -> Flags:
        """Rows whose cell holds a word of a kind."""
        pattern = r"(?i)(^|[^a-z])(" + "|".join(words().done[kind]) + r")([^a-z]|$)"
        return pc.fill_null(pc.match_substring_regex(self.text, pattern), False).to_numpy()

    def line(self) -> dict[str, Any]:
        """Its line of the account."""
        taken = NOT_NEEDED if self.known else None
        return _line(self.said, self.rows, named=(self.header, taken), used=0, missed=None)


def _amounts_taken(report: Recognised) -> set[str]:
    """The columns of duty that were taken."""
    of_parts = {f"{part.name}_duty" for part, _, _ in report.parts}
    return of_parts | ({"duty_cents"} & set(report.positions))


def _of_columns(others: Sequence[_Other], where: tuple[str, str | None]) -> list[dict[str, Any]]:
    """A problem for each column that was not understood and says something that may matter."""
    listed = []
    for other in others:
        data = other.rows.used | other.rows.refused
        filled = other.filled & data
        code = _code(other, filled)
        if code is None:
            continue
        at = np.flatnonzero(other.headings if other.headings.any() and code == "R40" else filled)
        first = int(at[0])
        listed.append(
            file_problems.problem(
                code,
                file=where[0],
                sheet=where[1],
                row=int(other.rows.numbers[first]),
                column=other.header,
                value=(other.text[first].as_py() or "").strip(),
                detail=_what_stands(other, at),
            )
        )
    return listed


def _code(other: _Other, filled: Flags) -> str | None:
    if other.headings.any():
        return "R40"
    if other.known or not filled.any():
        return None
    if (other.of_ieepa and not other.says_state) or (
        other.holds_money and column_evidence.speaks_of(other.header, "duty")
    ):
        return "R40"
    if column_evidence.speaks_of(other.header, "state") or (other.of_state and len(other.told)):
        return "R42"
    return "R41" if other.holds_money else None


def _what_stands(other: _Other, at: Numbers) -> str:
    """What stands in a column, and why it may matter."""
    many = f"{len(at):,} row{'' if len(at) == 1 else 's'}"
    if other.headings.any():
        return f"column '{in_short(other.header)}' holds chapter 99 numbers on {many}"
    shown = money.show(other.said.sum(other.rows.used | other.rows.refused))
    dollars = f"{shown} " if other.holds_money else ""
    why = "IEEPA" if other.of_ieepa else "duty"
    said = f"column '{in_short(other.header)}' holds {dollars or 'something '}on {many}"
    speaks = other.of_ieepa or (other.holds_money and column_evidence.speaks_of(other.header, "duty"))
    return f"{said}: its name speaks of {why}" if speaks else said


def _unexplained(other: _Other, rows: Sorting) -> pd.DataFrame | None:
    """What a column that speaks of IEEPA, or of something done, says of each entry: a row for each different cell."""
    says, about = other.says()
    wanted = says & rows.used
    if rows.entries is None or not wanted.any():
        return None
    place = np.cumsum(rows.used) - 1
    codes = rows.entries.codes[place[wanted]]
    cents = pd.Series(other.said.cents[wanted], dtype="Int64")
    frame = pd.DataFrame(
        {
            "entry_number": rows.entries.values.take(pa.array(codes)).to_pandas().astype("str"),
            "value": other.text.filter(pa.array(wanted)).to_pandas().astype("str").str.strip(),
            "cents": cents.where((other.said.said[wanted] == READ) & other.holds_money),
            "source_row": rows.numbers[wanted],
            "about": about if isinstance(about, str) else about[np.flatnonzero(wanted)].to_numpy(),
        }
    )
    told = schema.gathered(
        frame.groupby(["entry_number", "about", "value"], sort=False),
        cents=("cents", "known"),
        rows=("value", "size"),
        source_row=("source_row", "min"),
    ).reset_index()
    value = told["value"].map(file_problems.shown)
    return told.assign(column=in_short(other.header), value=value)


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
