"""The normal duty that an all-in heading holds, line by line, and why it can't be told where it can't.

An all-in row bears the normal duty too, while the goods row shows its value and no duty; filings before late
September 2025 often kept the normal duty on the goods row. Sources: keys "csms-66319804", "csms-67045953".
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from decimal import Decimal

import numpy as np

from cape_kit.assessment.refund.coded_lines import Coded, Flags, Ints, indices, lengths, starts

#: "5.3%", "5.3 % ad val.", with the footnote mark some exports keep ("5.3% 1/").
_AD_VALOREM = re.compile(r"(\d{1,3}(?:\.\d+)?) ?%(?: ?ad val(?:orem|\.)?)?(?: ?\d/)?")
_FREE = re.compile(r"free(?: ?\d/)?|0+(?:\.0+)?")
_MOST_PERCENT = Decimal(1000)

#: Why the normal duty of a line can't be reckoned, and what would settle it; the place is the code.
REASONS = (
    ("", ""),
    (
        "the normal rate is not in the export",
        "ES-003 with the object Column 1 Current Primary Duty Rate",
    ),
    (
        "the normal rate is not a percentage of value, so it needs the quantity",
        "the normal duty of the line, from the entry summary (CBP Form 7501)",
    ),
    (
        "the goods row has no value to calculate the normal duty on",
        "ES-003 with Line Tariff Goods Value Amount filled",
    ),
    (
        "a preference is claimed, so the normal rate may not be what was due",
        "the rate under the preference, from the entry summary (CBP Form 7501)",
    ),
    (
        "the duty on the goods row could not be read, so it may hold the normal duty already",
        "the duty column of the goods rows",
    ),
    (
        "the line has several goods rows and one rate repeated on all its rows",
        "the normal rate of each goods row, from the entry summary (CBP Form 7501)",
    ),
    (
        "no goods row stands on the same line",
        "ES-003 with Entry Summary Line Number and the rows of chapters 1 to 97",
    ),
)
NO_RATE, NOT_PERCENT, NO_VALUE, PREFERENCE, UNREAD, REPEATED, NO_GOODS = range(1, len(REASONS))
_MICRO = 1_000_000  # millionths of a percent
_PERCENT = 100
_SAFE = 2**62


@dataclass(frozen=True)
class Held:
    """Lines with an all-in heading: entry, line, whether the normal duty is known, and how much. [cents]"""

    entry: Ints
    line: Ints
    reason: Ints
    normal_cents: Ints


def held(lines: Coded) -> Held:
    """The normal duty of every line with an all-in heading. Source: key "csms-66319804"."""
    all_in = lines.of_number("all_in", default=False)
    if not all_in.any():
        none = np.zeros(0, dtype="int64")
        return Held(none, none, none, none)
    begins = starts(lines.entry, lines.line)
    of_line = np.repeat(np.logical_or.reduceat(all_in, begins), lengths(begins, len(all_in)))
    return _held(lines, np.flatnonzero(of_line))


def _held(lines: Coded, rows: Ints) -> Held:
    """The same for the rows of those lines alone."""
    entry, line = lines.entry[rows], lines.line[rows]
    value, duty = lines.value.take(rows), lines.duty.take(rows)
    goods = ~np.append(lines.numbers["chapter_99"].to_numpy(dtype=bool), True)[lines.code[rows]]
    begins = starts(entry, line)
    size = lengths(begins, len(rows))
    goods_rows = np.repeat(np.add.reduceat(goods.astype("int64"), begins), size)
    elsewhere = np.repeat(np.maximum.reduceat(np.where(goods, 0, value.amount), begins), size)
    # Value on a chapter 99 row is an error of form: with one goods row on the line it is that row's value.
    worth = np.where((value.amount <= 0) & (goods_rows == 1), elsewhere, value.amount)
    rate, pct = _rates(lines, rows)
    # A rate printed alike on chapter 99 rows too is the line's, that is of its first goods row only.
    repeated = np.repeat(np.maximum.reduceat(np.where(goods, -1, rate), begins), size)
    settled = (duty.amount > 0) | (pct == 0)
    reason = np.select(
        [
            settled | ~goods,
            ~duty.known,
            rate < 0,
            pct < 0,
            _preference(lines, rows),
            (goods_rows > 1) & (rate == repeated),
            worth <= 0,
        ],
        [0, UNREAD, NO_RATE, NOT_PERCENT, PREFERENCE, REPEATED, NO_VALUE],
        default=0,
    )
    owed = np.where(goods & ~settled & (reason == 0), _share(worth, pct), 0)
    of_line = np.maximum.reduceat(reason, begins)
    of_line[(goods_rows[begins] == 0) | (line[begins] < 0)] = NO_GOODS
    normal = np.where(of_line > 0, 0, np.add.reduceat(owed, begins))
    return Held(entry[begins].astype("int64"), line[begins], of_line, normal)


def _rates(lines: Coded, rows: Ints) -> tuple[Ints, Ints]:
    """Each row's printed rate as a code, -1 for none; and in millionths of a percent, -1 where not known."""
    printed = lines.texts("mfn_rate", rows)
    texts = printed.dictionary.to_pylist()
    told = [percent(text) for text in texts]
    millionths = [-1 if pct is None else int((pct * _MICRO).to_integral_value()) for pct in told]
    blank = [not text.strip() for text in texts]
    code = indices(printed)
    empty = np.append(np.array(blank, dtype=bool), True)[code]
    return np.where(empty, -1, code), np.append(np.array(millionths, dtype="int64"), -1)[code]


def _preference(lines: Coded, rows: Ints) -> Flags:
    claimed = lines.texts("spi", rows)
    said = [bool(text.strip()) for text in claimed.dictionary.to_pylist()]
    return np.append(np.array(said, dtype=bool), False)[indices(claimed)]


def _share(cents: Ints, millionths: Ints) -> Ints:
    """Value times rate in whole cents, half up; exact at any size. [cents]"""
    whole = _MICRO * _PERCENT
    if len(cents) and int(cents.max()) * int(millionths.max()) > _SAFE:
        exact = [
            int(Decimal(int(c)) * int(m) + whole // 2) // whole
            for c, m in zip(cents, millionths, strict=True)
        ]
        return np.array(exact, dtype="int64")
    return (cents * millionths + whole // 2) // whole


def percent(text: str | None) -> Decimal | None:
    """The rate in percent of value; 0 for free; None when it can't be told from the text. [percent]

    A rate by weight or piece ("2.3¢/kg", alone or with a percentage) needs a quantity and gives None; so does
    a bare number, which may be a fraction or a percentage.
    """
    if not isinstance(text, str):
        return None
    bare = " ".join(text.lower().replace("\u00a0", " ").split())
    if _FREE.fullmatch(bare):
        return Decimal(0)
    found = _AD_VALOREM.fullmatch(bare)
    return Decimal(found.group(1)) if found and Decimal(found.group(1)) < _MOST_PERCENT else None
