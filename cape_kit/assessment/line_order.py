"""How the tariff numbers of a line stand to one another: partners, order, where the value is, unpaid rows.

Amounts are not its business; it makes marks per entry for the rules that foresee CBP's own computation. Only
lines with an IEEPA number are looked at: where a file has chapter 99 rows alone, the goods are not known.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date

import numpy as np
import pandas as pd

from cape_kit.assessment.refund import frames
from cape_kit.assessment.refund.coded_lines import CodedLines, Flags, Ints, integers, lengths, starts
from cape_kit.law.book import Law

#: What stands for a number that is not known, where the greatest is looked for.
_NONE = np.iinfo(np.int64).min


@dataclass(frozen=True)
class _Rows:
    """The rows of all lines with an IEEPA number, by entry and line; `begins`: the first row of each line.

    `kind` and `heading` are those of the registry for each different HTS number, null where it has none; the
    other columns are row by row, `code` the place of the row's number, negative for an empty cell.
    """

    numbers: pd.DataFrame
    begins: Ints
    entry: Ints
    code: Ints
    ordinal: Ints
    goods: Flags
    value: Ints
    value_known: Flags
    unpaid: Flags

    @property
    def entries(self) -> Ints:
        """The entry of each line."""
        return self.entry[self.begins]

    def of_number(self, flags: pd.Series) -> Flags:
        """A flag of the numbers on every row; false for an empty cell."""
        return np.append(flags.to_numpy(dtype=bool), False)[self.code]

    def any(self, flags: Flags) -> Flags:
        """Whether it holds for any row of each line."""
        return np.logical_or.reduceat(flags, self.begins) if len(self.begins) else np.zeros(0, dtype=bool)

    def greatest(self, amounts: Ints, where: Flags) -> Ints:
        """The greatest of each line where it holds; `_NONE` where it holds nowhere."""
        held = np.where(where, amounts, _NONE)
        return np.maximum.reduceat(held, self.begins) if len(self.begins) else held


def per_entry(lines: CodedLines, entries: pd.DataFrame, law: Law, *, on: date) -> pd.DataFrame:
    """Marks of each entry, in the portfolio's order; an entry without lines has nulls. `lines`: as `coded` makes them.

    partner_needed, partner_missing (with the headings in lone_headings), value_off_goods (null where no goods
    row shows a value), order_wrong (null without ordinals), unpaid_headings (dutiable ones at $0.00).
    Source: key ``headings.partners`` and the registry of the law book.
    """
    rows = _with_ieepa(lines, law)
    needed, alone = _partners(rows, partners(law, on))
    goods_value = rows.greatest(rows.value, rows.goods)
    on_goods = rows.greatest(rows.ordinal, rows.goods)
    on_heading = rows.greatest(rows.ordinal, rows.of_number(rows.numbers["kind"].notna()))
    value_unknown = rows.any(rows.goods & ~rows.value_known) | (goods_value == _NONE)
    order_unknown = (on_heading == _NONE) | (on_goods == _NONE)
    count, none = len(entries), np.zeros(len(rows.begins), dtype=bool)
    has_lines = np.zeros(len(lines.entries), dtype=bool)
    has_lines[lines.entry] = True
    without = ~has_lines[:count]
    flags = {
        "partner_needed": (rows.any(needed), none),
        "partner_missing": (rows.any(alone), none),
        "value_off_goods": ((goods_value <= 0) & ~value_unknown, value_unknown),
        "order_wrong": ((on_heading > on_goods) & ~order_unknown, order_unknown),
    }
    marks = {name: _of_entry(rows.entries, *flag, without) for name, flag in flags.items()}
    told = {"lone_headings": alone, "unpaid_headings": rows.unpaid}
    named = {name: _named(rows, which, count) for name, which in told.items()}
    return pd.DataFrame({"entry_number": entries["entry_number"].array, **marks, **named})


def _with_ieepa(lines: CodedLines, law: Law) -> _Rows:
    """The rows of the lines with a number of the registry."""
    registry = law.headings[["heading", "hts8", "kind"]].drop_duplicates("hts8").set_index("hts8")
    numbers = registry.reindex(lines.numbers["hts8"]).reset_index()
    registered = np.append(numbers["hts8"].isin(registry.index).to_numpy(dtype=bool), False)
    begins = starts(lines.entry, lines.line)
    size = lengths(begins, len(lines.entry))
    here = np.logical_or.reduceat(registered[lines.code], begins) if len(begins) else np.zeros(0, dtype=bool)
    row = np.flatnonzero(np.repeat(here, size))
    entry, code, value, duty = lines.entry[row], lines.code[row], lines.value.take(row), lines.duty.take(row)
    ordinal = integers(lines.table["ordinal"], empty=_NONE)
    of_duty = np.append(numbers["kind"].eq("duty").fillna(False).to_numpy(dtype=bool), False)
    return _Rows(
        numbers=numbers,
        begins=starts(entry, lines.line[row]),
        entry=entry,
        code=code,
        ordinal=ordinal[row if lines.order is None else lines.order[row]],
        goods=~lines.of_number("chapter_99", default=True)[row],
        value=np.where(value.known, value.amount, _NONE),
        value_known=value.known,
        unpaid=of_duty[code] & duty.known & (duty.amount == 0),
    )


def _partners(rows: _Rows, pairs: pd.DataFrame) -> tuple[Flags, Flags]:
    """The rows whose heading comes on top of another, and those without any such in their line."""
    needed, alone = np.zeros(len(rows.entry), dtype=bool), np.zeros(len(rows.entry), dtype=bool)
    size = lengths(rows.begins, len(rows.entry))
    for number, others in pairs.groupby("hts8")["partner8"]:
        mine = rows.of_number(rows.numbers["hts8"].eq(number).fillna(False))
        if mine.any():
            beside = rows.any(rows.of_number(rows.numbers["hts8"].isin(others)))
            needed |= mine
            alone |= mine & ~np.repeat(beside, size)
    return needed, alone


def _of_entry(entry: Ints, true: Flags, unknown: Flags, without: Flags) -> pd.arrays.BooleanArray:
    """True where it is for any line of the entry, else unknown where it is so for any, or it has no lines."""
    size = len(without)
    yes, open_ = np.zeros(size, dtype=bool), np.zeros(size, dtype=bool)
    yes[entry[true & (entry < size)]] = True
    open_[entry[unknown & (entry < size)]] = True
    return pd.arrays.BooleanArray(yes, without | (open_ & ~yes))


def _named(rows: _Rows, which: Flags, count: int) -> pd.Series:
    """The headings of the marked rows of each entry, each once, in order; null where there are none."""
    headings = sorted(rows.numbers["heading"].dropna().unique())
    place = rows.numbers["heading"].map({heading: at for at, heading in enumerate(headings)})
    at = np.flatnonzero(which & (rows.entry < count) & rows.of_number(place.notna()))
    rank = place.fillna(-1).to_numpy(dtype=np.int64)[rows.code[at]]
    pairs = np.unique(rows.entry[at].astype(np.int64) * max(len(headings), 1) + rank)
    entry, rank = np.divmod(pairs, max(len(headings), 1))
    return frames.listed(entry, rank, headings, count)


def partners(law: Law, on: date) -> pd.DataFrame:
    """Each heading that comes on top of another, with each one that may stand beside it. (hts8, partner8)

    Source: key ``headings.partners``.
    """
    rows = []
    for told in law.value("headings.partners", on).value:
        first, *others = (re.sub(r"\D", "", heading) for heading in re.split(r" with | or ", str(told)))
        rows += [(first, other) for other in others]
    return pd.DataFrame(rows, columns=["hts8", "partner8"], dtype="str")
