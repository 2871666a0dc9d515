"""Columns nobody took: what they are called, what they hold, and what they say of each entry.

A column that speaks of duty, of IEEPA or of the state of an entry is a problem of its file; what its cells say of an
entry goes with the entry. What may mean either is never taken for the harmless one.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from cape_kit import money
from cape_kit.entries import schema
from cape_kit.entries.readers import column_evidence, done_words, file_problems, sorting
from cape_kit.entries.readers.amounts import READ, UNREAD, Amounts, amounts_in, marked
from cape_kit.entries.readers.cells import Coded, Flags, Numbers
from cape_kit.entries.readers.layouts import ColumnKind, collapse, words
from cape_kit.entries.readers.recognise import Recognised
from cape_kit.entries.readers.sorting import Sorted
from cape_kit.errors import in_short

# --- a column and its rows ------------------------------------------------------------------------------------


#: Different cells of a column up to which it may be one of states.
_FEW_STATES = 20
#: A number of chapter 99 under which IEEPA duties stand, as a file may write it, not within a longer number.
HEADING = r"(^|[^0-9A-Za-z])9903[.\s-]?[0-9]{2}[.\s-]?[0-9]{2}([^0-9]|$)"
HEADING_WITHIN = re.compile(HEADING)
#: Each such number of a cell.
HEADING_NAMED = re.compile(r"(?<![0-9A-Za-z])9903[.\s-]?[0-9]{2}[.\s-]?[0-9]{2}(?![0-9])")


@dataclass(frozen=True)
class Sorting:
    """The rows of a sheet: what each is, and where it stands; of those used the entry number, and what was taken.

    `held`: the columns taken that are neither money nor entry numbers, by position and by their different values.
    """

    kinds: Sorted
    numbers: Numbers
    entries: Coded | None
    held: Mapping[int, Coded]

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


# --- columns nobody took ------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Other:
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
    def of(cls, report: Recognised, at: int, text: pa.ChunkedArray, rows: Sorting) -> Other:
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

    @cached_property
    def filled(self) -> Flags:
        """Rows whose cell says something: not nothing, not zero, not no."""
        no = pa.array([*words().no, "", "-"])
        cells = pc.fill_null(pc.utf8_lower(pc.utf8_trim_whitespace(self.text)), "")
        ticked = pc.is_in(cells, value_set=pa.array([*words().yes, *words().done["crossed"]])).to_numpy()
        none = pc.ends_with(cells, "%").to_numpy()
        if none.any():
            none &= pc.match_substring_regex(cells, r"^0+([.,]0+)? ?%$").to_numpy()
        says = ~none & ~pc.is_in(cells, value_set=no).to_numpy() & ((self.said.said > 0) | ticked)
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

    @cached_property
    def says(self) -> tuple[Flags, str | pd.Series]:
        """Rows that speak of IEEPA duty or of something done, and of what: for all alike, or row by row."""
        if not self.headings.any() and done_words.says_eligible(self.header):
            return self._denied, schema.STATE
        if self.known or self.headings.any():
            return self.headings, schema.DUTY
        if self.holds_money and self.answers_in_words:
            return self.said_done(), "claim"
        if done_words.says_left(self.header):
            return self._left()
        return (
            self._by_name() or (self._amounts() if self.holds_money else self._answers()) or self._by_cell()
        )

    @cached_property
    def answers_in_words(self) -> bool:
        """Whether a column of amounts of a claim says in words on some row that it was made: "Refunded", "pending".

        Then it is a status, and an amount in it an answer too.
        """
        if done_words.names_claim(self.header) is None:
            return False
        in_words = self.text.filter(pa.array(self.filled & (self.said.said == UNREAD))).unique().to_pylist()
        asks = done_words.asks_done(self.header) is not None
        return any(
            done_words.tells_done(f"{self.header} {cell}") == "claim"
            or done_words.has_day(cell)
            or (asks and cell.strip().lower() in words().yes)
            for cell in in_words
            if cell
        )

    def _left(self) -> tuple[Flags, pd.Series]:
        """What a column says of what is left to claim: none left, an amount of the duty, or, in words, that none is."""
        amounts = self.said.said == READ
        about = pd.Series(None, index=range(len(self.text)), dtype="str")
        if self.of_ieepa and not done_words.left_of_duty(self.header):
            about[self.filled] = schema.DUTY
        if done_words.left_of_duty(self.header):
            about[self.filled & amounts] = schema.AGAIN
        if done_words.owes(self.header):
            about[self.filled & amounts] = schema.STATE
        about[self.nothing_left] = schema.STATE
        return about.notna().to_numpy(), about

    @cached_property
    def nothing_left(self) -> Flags:
        """Rows that say that nothing is left to claim, in figures or in words; of entries without an amount."""
        nothing = (self.said.said == READ) & (self.said.cents == 0)
        if not done_words.says_left(self.header) or self.rows.entries is None:
            return np.zeros(len(self.text), dtype=bool)
        nothing, some = (nothing | self._denied)[self.rows.used], self.filled[self.rows.used]
        codes = self.rows.entries.codes
        has = np.bincount(codes[some], minlength=len(self.rows.entries.values)) > 0
        found = np.zeros(len(self.text), dtype=bool)
        found[np.flatnonzero(self.rows.used)[nothing & ~has[codes]]] = True
        return found

    def _by_name(self) -> tuple[Flags, str | pd.Series] | None:
        """What the column's name alone says of all its cells; None where it says nothing."""
        if about := done_words.says_done(self.header) or done_words.says_returned(self.header):
            return self.said_done(about), about
        if done_words.ieepa_done(self.header, money=self.holds_money):
            return self.said_done(), "claim"
        if self.of_ieepa and not self.says_state:
            return self.filled, schema.DUTY if self.holds_money else self._told_else(schema.DUTY)
        return (self.said_done(), schema.STATE) if done_words.forbids(self.header) else None

    def _told_else(self, about: str) -> pd.Series:
        """What each cell tells was done, and that it is about something else where it tells nothing, row by row."""
        return self.told.reindex(range(len(self.text))).fillna(about)

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
        if done_words.names_batch(self.header):
            return self._which(done_words.one_of_few), schema.SENT
        if done_words.says_sent(self.header):
            return self.said_done(), schema.SENT
        if act := done_words.names_act(self.header):
            return self.said_done() & (self._which(done_words.has_day) | (act == "sure")), schema.SENT
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
        told = self.told_as(done_words.tells_plainly)
        if told.empty or len(self.text.unique()) > _FEW_STATES:
            return told
        # Where one of few different cells tells of a claim, the column is one of state, whatever it is called.
        rows = np.flatnonzero(self._which(done_words.tells_act) & self.filled)
        return told.reindex(told.index.union(pd.Index(rows))).fillna(schema.STATE)

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


def _amounts_taken(report: Recognised) -> set[str]:
    """The columns of duty that were taken."""
    of_parts = {f"{part.name}_duty" for part, _, _ in report.parts}
    return of_parts | ({"duty_cents"} & set(report.positions))


def problems_of(others: Sequence[Other], where: tuple[str, str | None]) -> list[dict[str, Any]]:
    """A problem for each column that was not understood and says something that may matter."""
    listed = []
    for other in others:
        data = other.rows.used | other.rows.refused
        filled = (other.filled | other.nothing_left) & data
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
                **_what_to_do(other, code),
            )
        )
    return listed


#: What to do about an amount of a refund under a name no layout has.
_OF_REFUND = (
    "if it is what CBP refunded, call the principal 'Refund Amount' and the interest 'Interest Amount' in a copy and "
    "run again; one amount for both can't be split: export REV-615 or ES-022, which have them apart; an estimate, take "
    "out of the copy"
)


def _what_to_do(other: Other, code: str) -> dict[str, str]:
    """Advice of its own for a column of refunds; none for others, of which the kind of problem says it."""
    of_refund = (
        code == "R40" and not other.headings.any() and column_evidence.speaks_of(other.header, "refunds")
    )
    return {"what_to_do": _OF_REFUND} if of_refund else {}


def _code(other: Other, filled: Flags) -> str | None:
    if other.headings.any():
        return "R40"
    if other.known or not filled.any():
        return None
    if not (filled & other.filled).any():
        return "R42"  # it says that nothing is left
    if (other.of_ieepa and not other.says_state) or (
        other.holds_money and column_evidence.speaks_of(other.header, "duty")
    ):
        return "R40"
    of_state = column_evidence.speaks_of(other.header, "state") or (other.of_state and len(other.told))
    if of_state or (done_words.may_be_the_claims(other.header) and (other.says[0] & other.rows.used).any()):
        return "R42"
    return "R41" if other.holds_money else None


def _what_stands(other: Other, at: Numbers) -> str:
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


def told_of(other: Other, rows: Sorting) -> pd.DataFrame | None:
    """What a column that speaks of IEEPA, or of something done, says of each entry: a row for each different cell."""
    says, about = other.says
    wanted = says & rows.used
    if rows.entries is None or not wanted.any():
        return None
    cents = pd.Series(other.said.cents[wanted], dtype="Int64")
    cents = cents.where((other.said.said[wanted] == READ) & other.holds_money)
    told = about if isinstance(about, str) else about[np.flatnonzero(wanted)].to_numpy()
    return _by_entry(other.text.filter(pa.array(wanted)), rows, wanted, (other.header, told, cents))


#: Kinds of cell that hold a code or a name, and where a remark behind it is cut off: "9903.01.24 (CAPE filed 5/5)".
_CODES = ("hts", "entry_type", "importer", "text", "port", "country", "count", "flag", "reference")


def remarks_within(kind: ColumnKind, header: str, held: Coded, rows: Sorting) -> pd.DataFrame | None:
    """What remarks in the cells of a column that was taken tell plainly was done, by entry; of a status nothing.

    `held`: the cells of the rows used, by their different values.
    """
    if kind.kind not in _CODES or kind.status or rows.entries is None:
        return None
    different = held.values.cast(pa.string())
    may = pc.fill_null(pc.match_substring_regex(different, done_words.may_tell()), False).to_numpy(False)
    if not may.any():
        return None
    about = np.full(len(different) + 1, None, dtype=object)  # the last stands for an empty cell
    for place in np.flatnonzero(may):
        about[place] = done_words.tells_within(different[int(place)].as_py())
    here = np.flatnonzero(np.array([one is not None for one in about])[held.codes])
    if not len(here):
        return None
    wanted = np.zeros(len(rows.numbers), dtype=bool)
    wanted[np.flatnonzero(rows.used)[here]] = True
    cents = pd.Series(pd.NA, index=range(len(here)), dtype="Int64")
    codes = held.codes[here]
    return _by_entry(different.take(pa.array(codes)), rows, wanted, (header, about[codes], cents))


def _by_entry(
    text: pa.Array | pa.ChunkedArray, rows: Sorting, wanted: Flags, told: tuple[str, object, pd.Series]
) -> pd.DataFrame:
    """A row for each different cell of each entry; `text` is of the rows wanted. `told`: header, about, cents."""
    assert rows.entries is not None
    header, about, cents = told
    codes = rows.entries.codes[(np.cumsum(rows.used) - 1)[wanted]]
    frame = pd.DataFrame(
        {
            "entry_number": rows.entries.values.take(pa.array(codes)).to_pandas().astype("str"),
            "value": text.to_pandas().astype("str").str.strip(),
            "cents": cents,
            "source_row": rows.numbers[wanted],
            "about": about,
        }
    )
    found = schema.gathered(
        frame.groupby(["entry_number", "about", "value"], sort=False),
        cents=("cents", "known"),
        rows=("value", "size"),
        source_row=("source_row", "min"),
    ).reset_index()
    return found.assign(column=in_short(header), value=found["value"].map(file_problems.shown))
