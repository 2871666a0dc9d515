"""Sums over runs of sorted rows: what stands on each IEEPA heading of an entry, and on the whole entry.

From an all-in heading the normal duty it holds is taken off, line by line; where it can't be told, it is said why.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from decimal import Decimal

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa

from cape_kit.assessment.refund import coded_lines
from cape_kit.assessment.refund.coded_lines import CodedLines, Flags, Ints, indices, lengths, starts
from cape_kit.entries import kept
from cape_kit.law.book import Law

# --- the normal duty that an all-in heading holds ---------------------------------------------------------


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
        "ES-003 with Line Tariff Goods Value Amount included",
    ),
    (
        "a preference is claimed, so the normal rate may not be what was due",
        "the rate under the preference, from the entry summary (CBP Form 7501)",
    ),
    (
        "the duty on the goods row could not be read, so it may already include the normal duty",
        "the duty column of the goods rows",
    ),
    (
        "the line has several goods rows and one rate repeated on all its rows",
        "the normal rate of each goods row, from the entry summary (CBP Form 7501)",
    ),
    (
        "the line has no goods row",
        "ES-003 with Entry Summary Line Number and the rows of chapters 1 to 97",
    ),
    (
        "the rows of a heading sum to less than zero, so they take back what is not in the files",
        "the whole entry as it stands now: ES-003, or the entry summary (CBP Form 7501)",
    ),
)
NO_RATE, NOT_PERCENT, NO_VALUE, PREFERENCE, UNREAD, REPEATED, NO_GOODS, TAKEN_BACK = range(1, len(REASONS))
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


def normal_duty(lines: CodedLines) -> Held:
    """The normal duty of every line with an all-in heading. Source: key "csms-66319804"."""
    all_in = lines.of_number("all_in", default=False)
    if not all_in.any():
        none = np.zeros(0, dtype="int64")
        return Held(none, none, none, none)
    begins = starts(lines.entry, lines.line)
    of_line = np.repeat(np.logical_or.reduceat(all_in, begins), lengths(begins, len(all_in)))
    return _of_line(lines, np.flatnonzero(of_line))


def _of_line(lines: CodedLines, rows: Ints) -> Held:
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


def _rates(lines: CodedLines, rows: Ints) -> tuple[Ints, Ints]:
    """Each row's printed rate as a code, -1 for none; and in millionths of a percent, -1 where not known."""
    printed = lines.texts("mfn_rate", rows)
    texts = printed.dictionary.to_pylist()
    told = [percent(text) for text in texts]
    millionths = [-1 if pct is None else int((pct * _MICRO).to_integral_value()) for pct in told]
    blank = [not text.strip() for text in texts]
    code = indices(printed)
    empty = np.append(np.array(blank, dtype=bool), True)[code]
    return np.where(empty, -1, code), np.append(np.array(millionths, dtype="int64"), -1)[code]


def _preference(lines: CodedLines, rows: Ints) -> Flags:
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


# --- sums by heading and by entry -------------------------------------------------------------------------


@dataclass(frozen=True)
class HeadingSums:
    """IEEPA headings by entry, sorted, all as numbers: `place` is the heading's in the registry. [cents]"""

    entry: Ints
    place: Ints
    paid: Ints
    positive: Ints
    unread: Ints
    origin: Ints
    normal: Ints
    reason: Ints
    principal: Ints
    duty: Flags
    outside_dates: Flags
    in_gap: Flags
    ended_since: Flags
    off_rate: Flags


@kept
def registered(law: Law) -> pd.DataFrame:
    """One row per heading of the registry, in its order: first and last day, last day tolerated in a gap.

    `reached_from` and `reached_to`: the entry days over which a heading that has ended gave way, back in time, to
    another. Source: gaps.csv of the law book.
    """
    rows = law.headings
    by_number = rows.assign(tolerated=rows["gap_last_day"].fillna(rows["last_day"])).groupby(
        "hts8", sort=True
    )
    return (
        by_number.agg(
            heading=("heading", "first"),
            programme=("programme", "first"),
            kind=("kind", "first"),
            first_day=("first_day", "min"),
            last_day=("last_day", "max"),
            tolerated=("tolerated", "max"),
            least_pct=("rate_pct", "min"),
            most_pct=("rate_pct", "max"),
            all_in=("all_in", "any"),
        )
        .reset_index()
        .merge(_reached_back(law), on="heading", how="left")
    )


def _reached_back(law: Law) -> pd.DataFrame:
    """The gaps of whole headings that have ended: one that lives on for other goods is right as it stands."""
    rows = law.headings.groupby("heading")["last_day"].max()
    ends = rows.dropna().to_dict()
    of_all = max(ends.values(), default=None)
    gaps = [one for one in law.contents.gaps if one.old in ends and ends[one.old] < of_all]
    frame = pd.DataFrame(
        {
            "heading": [one.old for one in gaps],
            "reached_from": [one.first_day for one in gaps],
            "reached_to": [one.last_day for one in gaps],
        }
    )
    return frame.astype({"heading": "str", "reached_from": "datetime64[s]", "reached_to": "datetime64[s]"})


def by_heading(lines: CodedLines, held: Held, known: pd.DataFrame, days: pd.Series) -> HeadingSums:
    """What stands on each IEEPA heading of each entry: paid, normal duty held, principal, dates. [cents]"""
    by_code = _places(lines, known)
    place = by_code[lines.code]
    rows = np.flatnonzero(place >= 0)
    # Sorting small numbers is linear and stable: within a heading the rows stay in entry order.
    rows = rows[np.argsort(place[rows], kind="stable")]
    place, entry = place[rows], lines.entry[rows]
    begins = starts(place, entry)
    order = np.lexsort((place[begins], entry[begins]))
    duty = lines.duty.take(rows)

    def sums(amounts: Ints) -> Ints:
        return total(amounts, begins)[order]

    place, entry = place[begins][order], entry[begins][order]
    paid = sums(duty.amount)
    normal, reason = _normal(lines, held, by_code, entry=entry, place=place)
    dutiable = (known["kind"] == "duty").to_numpy()[place]
    outside, gap, since = _dated(entry, place, known, days)
    worth, rates = _worth(lines), known[["least_pct", "most_pct", "all_in"]].iloc[place]
    whole = worth.of_entry[np.searchsorted(lines.entry[starts(lines.entry)], entry)]
    off = _off_rate(rates, paid, of_entry=whole, of_lines=sums(worth.of_row[rows]))
    return HeadingSums(
        entry=entry,
        place=place,
        paid=paid,
        positive=sums(np.maximum(duty.amount, 0)),
        unread=sums((~duty.known).astype("int64")),
        origin=lines.origin[rows[begins]][order],
        normal=normal,
        reason=np.where(dutiable & (paid < 0), TAKEN_BACK, reason),
        # Never negative by heading: where more is owed than was paid, nothing comes back.
        principal=np.where(dutiable, np.maximum(paid - normal, 0), 0),
        duty=dutiable,
        outside_dates=outside,
        in_gap=gap,
        ended_since=since & dutiable & (paid > 0),
        off_rate=dutiable & (off | _no_sums(rates, duty.amount, (begins, order), of_entry=whole)),
    )


def by_entry(lines: CodedLines) -> dict[str, np.ndarray]:
    """One row per entry that has lines, in order: rows, duty, value, main origin, doubtful duty. [cents]"""
    begins = starts(lines.entry)
    chapter_99 = lines.of_number("chapter_99", default=True)
    unknown = (lines.numbers["family"] == coded_lines.UNKNOWN).to_numpy()
    unknown_cents = np.zeros(len(begins), dtype="int64")
    if unknown.any():
        marked = np.append(unknown, False)[lines.code]
        unknown_cents = total(np.where(marked, lines.duty.amount, 0), begins)
    value, duty = lines.value.amount, lines.duty
    # Duty on a row without a number, or with one nobody could read: it may be IEEPA duty, or any other.
    nameless = (lines.code < 0) & ~lines.named & (duty.amount != 0)
    goods_value = np.where(chapter_99, 0, value)
    # A row without a number is no chapter 99 row for sure.
    on_chapter_99 = lines.of_number("chapter_99", default=False) & (value > 0)
    return {
        "entry": lines.entry[begins],
        "line_rows": lengths(begins, len(lines.entry)),
        "duty_paid_cents": total(duty.amount, begins),
        "duty_known": _any(duty.known, begins),
        "goods_value_cents": total(goods_value, begins),
        "value_known": _any(lines.value.known, begins),
        "value_on_chapter_99": _any(on_chapter_99, begins),
        "value_unread": _any(
            lines.of_number("chapter_99", default=True) & lines.stands("value_stood"), begins
        ),
        "value_copied": _copied(lines, begins, on_chapter_99),
        "origin": _main_origin(lines, begins),
        "unknown_duty_cents": unknown_cents,
        "nameless_cents": total(np.where(nameless, np.abs(duty.amount), 0), begins),
        "negative_rows": total((duty.amount < 0).astype("int64"), begins),
        **_without_numbers(lines, begins),
    }


def _without_numbers(lines: CodedLines, begins: Ints) -> dict[str, Flags]:
    """Entries of which no row has a number, and those with a line of which no row has one, nor an amount of duty.

    Such rows say nothing of what was paid on them, and so nothing of IEEPA duty either.
    """
    numbered = (lines.code >= 0) | lines.named
    of_line = starts(lines.entry, lines.line)
    silent = ~_any(numbered | lines.duty.known, of_line) & (lines.line[of_line] >= 0)
    of_entry = np.repeat(silent, lengths(of_line, len(numbered)))
    return {"no_numbers": ~_any(numbered, begins), "silent_lines": _any(of_entry, begins)}


def marks(sums: HeadingSums) -> dict[str, np.ndarray]:
    """Sums and marks over each entry's IEEPA headings; `doubt` and `place` are -1 without a dutiable one."""
    begins, duty = starts(sums.entry), sums.duty
    main = first_of_greatest(np.where(duty, sums.paid, np.iinfo("int64").min), begins)
    excepted = ~duty & (sums.positive > 0)
    return {
        "entry": sums.entry[begins],
        "ieepa_paid_cents": total(np.where(duty, sums.paid, 0), begins),
        "principal_cents": total(sums.principal, begins),
        "unread_duty": total(np.where(duty, sums.unread, 0), begins),
        "ended_since_cents": total(np.where(sums.ended_since, sums.principal, 0), begins),
        "exception_duty_cents": total(np.where(excepted, sums.positive, 0), begins),
        "has_ieepa_heading": np.ones(len(begins), dtype=bool),
        "outside_dates": _any(sums.outside_dates, begins),
        "in_gap": _any(sums.in_gap, begins),
        "off_rate": _any(sums.off_rate, begins),
        "duty_on_exception": _any(excepted, begins),
        "place": np.where(duty[main], sums.place[main], -1),
        "doubt": greatest(np.where(duty, sums.reason, -1), begins),
    }


def first_of_greatest(amounts: Ints, begins: Ints) -> Ints:
    """The row of each run that holds its greatest amount, the first of several."""
    most = np.repeat(greatest(amounts, begins), lengths(begins, len(amounts)))
    rows = np.flatnonzero(amounts == most)
    return rows[np.searchsorted(rows, begins)]


def greatest(amounts: Ints, begins: Ints) -> Ints:
    """The greatest amount of each run."""
    return np.maximum.reduceat(amounts, begins) if len(begins) else np.zeros(0, dtype="int64")


def total(amounts: Ints, begins: Ints) -> Ints:
    """The sum of each run."""
    return np.add.reduceat(amounts, begins) if len(begins) else np.zeros(0, dtype="int64")


def _copied(lines: CodedLines, begins: Ints, on_chapter_99: Flags) -> Flags:
    """Entries whose chapter 99 rows only repeat the value of their line's goods row, or bear it for want of one.

    A broker's sheet writes the line's value on each of its rows, whatever ACE holds; ACE's own have tariff ordinals.
    """
    found = np.zeros(len(begins), dtype=bool)
    rows = np.flatnonzero(on_chapter_99)
    if not len(rows):
        return found
    at = rows if lines.order is None else lines.order[rows]
    of_goods = ~lines.of_number("chapter_99", default=True) & (lines.value.amount > 0)
    columns = (lines.entry, lines.line, lines.value.amount)
    goods, mine = (pd.MultiIndex.from_arrays([one[on] for one in columns]) for on in (of_goods, rows))
    entry = np.searchsorted(lines.entry[begins], lines.entry[rows])
    again = mine.isin(goods) | ~_any(of_goods, begins)[entry]
    copied = again & lines.table["ordinal"].take(pa.array(at)).is_null().to_numpy()
    found[entry], found[entry[~copied]] = True, False
    return found


#: How many times too much, or too little, an amount must be for its heading's rate to be no duty at all: a value, a
#: rate or cents stand there then. What is due on a part of the goods, or paid twice, is within.
_TOO_MUCH, _TOO_LITTLE = 2, 20
#: How near an amount is to a rate of a value: cents for rounding, and a share of it.
_ROUNDED, _NEAR = 2, 0.001


@dataclass(frozen=True)
class _Worth:
    """The value of each entry, 0 where a goods row has none; of each row its line's, 0 where no line is told."""

    of_entry: Ints
    of_row: Ints


def _worth(lines: CodedLines) -> _Worth:
    goods = ~lines.of_number("chapter_99", default=True)
    begins, of_line = starts(lines.entry), starts(lines.entry, lines.line)
    valued = ~_any(goods & ~lines.value.known, begins)
    alone = total(goods.astype("int64"), begins) == 1
    value = total(np.where(goods, lines.value.amount, 0), of_line)
    value = np.repeat(value, lengths(of_line, len(goods)))
    told = (lines.line >= 0) | np.repeat(alone, lengths(begins, len(goods)))
    told &= np.repeat(valued, lengths(begins, len(goods)))
    return _Worth(np.where(valued, total(lines.value.amount, begins), 0), np.where(told, value, 0))


def _off_rate(rates: pd.DataFrame, paid: Ints, *, of_entry: Ints, of_lines: Ints) -> Flags:
    """Whether what stands on a heading can't be its rate of the value of the entry, or, too little, of its lines.

    An all-in heading may hold next to nothing beside the normal duty. `rates`: of each amount's heading.
    """
    least, most = (rates[name].to_numpy(dtype="float64") / _PERCENT for name in ("least_pct", "most_pct"))
    too_much = (of_entry > 0) & (paid > _TOO_MUCH * most * of_entry)
    too_little = (paid > 0) & (_TOO_LITTLE * paid < least * of_lines) & ~rates["all_in"].to_numpy(dtype=bool)
    return np.asarray(too_much | too_little, dtype=bool)


def _no_sums(rates: pd.DataFrame, amounts: Ints, runs: tuple[Ints, Ints], *, of_entry: Ints) -> Flags:
    """Whether the rows of a heading can be no amounts to add up: the entry's whole duty on each, or the rate.

    A rate reads as 0.20 where the form of its cell alone shows 20%; beside no value the amount does not show it.
    `runs`: where each heading's rows begin, and its place.
    """
    begins, order = runs
    most = greatest(amounts, begins)[order]
    alike = (-greatest(-amounts, begins)[order] == most) & (most > 0)
    several = lengths(begins, len(amounts))[order] > 1
    found = np.zeros(len(order), dtype=bool)
    for name in ("least_pct", "most_pct"):
        pct = rates[name].to_numpy(dtype="float64")
        whole = pct / _PERCENT * of_entry
        found |= several & alike & (of_entry > 0) & (np.abs(most - whole) <= _ROUNDED + whole * _NEAR)
        found |= alike & (of_entry == 0) & ((most == pct) | (most == pct * _PERCENT))
    return found


def _any(flags: Flags, begins: Ints) -> Flags:
    return np.logical_or.reduceat(flags, begins) if len(begins) else np.zeros(0, dtype=bool)


def _places(lines: CodedLines, known: pd.DataFrame) -> Ints:
    """Each HTS number's place in the registry, -1 for none and, at the end, for an empty cell."""
    place_of = pd.Series(np.arange(len(known)), index=known["hts8"]).reindex(lines.numbers["hts8"])
    return np.append(place_of.fillna(-1).to_numpy(dtype="int16"), np.int16(-1))


def _main_origin(lines: CodedLines, begins: Ints) -> Ints:
    """The origin of the row with the greatest value, the first of several."""
    value = lines.value.amount
    if (lines.origin < 0).any():
        value = np.where(lines.origin >= 0, value, -1)
    return lines.origin[first_of_greatest(value, begins)]


def _dated(entry: Ints, place: Ints, known: pd.DataFrame, days: pd.Series) -> tuple[Flags, Flags, Flags]:
    """Whether the entry date lies outside a heading's days, in a gap that tolerates it, where another reached."""
    written = np.append(days.notna().to_numpy(), False)
    by_entry = np.append(_numbered(days), np.int32(0))
    at = np.minimum(entry, len(days))  # an entry that only the lines have gets no date
    on, dated = by_entry[at], written[at]
    first, last, tolerated = (
        _numbered(known[name])[place] for name in ("first_day", "last_day", "tolerated")
    )
    reached = known["reached_from"].notna().to_numpy()[place]
    begin, end = (_numbered(known[name])[place] for name in ("reached_from", "reached_to"))
    since = dated & reached & (on >= begin) & (on <= end)
    return dated & ((on < first) | (on > tolerated)), dated & (on > last) & (on <= tolerated), since


def _numbered(days: pd.Series) -> npt.NDArray[np.int32]:
    """Days as small numbers; what stands for an empty one is not to be read."""
    return days.to_numpy(dtype="datetime64[D]").astype("int64").astype("int32")


def _normal(lines: CodedLines, held: Held, by_code: Ints, *, entry: Ints, place: Ints) -> tuple[Ints, Ints]:
    """Normal duty held on each entry's all-in headings, and why not known; a row without duty holds none."""
    rows = np.flatnonzero(lines.of_number("all_in", default=False))
    line_entry, line, here = lines.entry[rows], lines.line[rows], by_code[lines.code[rows]]
    begins = starts(line_entry, line, here)
    duty = total(lines.duty.amount[rows], begins)
    of_line = starts(line_entry[begins], line[begins])
    at = np.repeat(np.arange(len(of_line)), lengths(of_line, len(begins)))
    # Should a line bear two all-in headings, its normal duty is held by the first that was paid.
    bears = duty > 0
    bears[bears] = ~pd.Series(at[bears]).duplicated().to_numpy()
    width = len(lines.numbers) + int(place.max(initial=0)) + 1
    keys = entry.astype("int64") * width + place
    wanted = np.searchsorted(keys, line_entry[begins].astype("int64") * width + here[begins])
    normal, reason = np.zeros(len(entry), dtype="int64"), np.zeros(len(entry), dtype="int64")
    np.add.at(normal, wanted[bears], held.normal_cents[at[bears]])
    np.maximum.at(reason, wanted[duty != 0], held.reason[at[duty != 0]])
    return normal, reason
