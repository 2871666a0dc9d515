"""The reduced lines as frames people and rules read: codes become names, doubts become sentences."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
import pandas as pd

from cape_kit.assessment.refund import reducing
from cape_kit.assessment.refund.coded_lines import CodedLines, Flags, Ints, lengths, starts
from cape_kit.assessment.refund.reducing import HeadingSums
from cape_kit.few_values import small

#: How sure an amount is, from best to worst.
CONFIDENCE = ("exact", "upper bound", "incomplete")
_UNREAD = ("a duty amount on the heading could not be read", "the rows named in the problem list")
_NAMELESS = (
    "rows without a readable HTS number may also hold IEEPA duty",
    "the HTS number of those rows, from the entry summary (CBP Form 7501)",
)
_REASONS = (*reducing.REASONS, _NAMELESS, _UNREAD)
_CENTS = ("paid_cents", "normal_cents", "principal_cents")
_COUNTS = (
    "line_rows", "duty_paid_cents", "goods_value_cents", "unknown_duty_cents", "negative_rows",
    "nameless_cents", "ieepa_paid_cents", "principal_cents", "unread_duty", "exception_duty_cents",
    "ended_since_cents",
)  # fmt: skip
_FLAGS = (
    "has_ieepa_heading", "outside_dates", "in_gap", "off_rate", "duty_on_exception", "value_on_chapter_99",
    "no_numbers", "silent_lines",
)  # fmt: skip


def headings(lines: CodedLines, sums: HeadingSums, known: pd.DataFrame) -> pd.DataFrame:
    """One row per entry and dutiable heading on which duty was paid or could not be read. [cents]"""
    shown = np.flatnonzero(sums.duty & ((sums.paid != 0) | (sums.unread > 0)))
    place, unread, reason = sums.place[shown], sums.unread[shown] > 0, sums.reason[shown]
    # An unreadable amount goes before any doubt about the normal duty.
    doubt = np.where(unread, len(_REASONS) - 1, reason)
    frame = pd.DataFrame(
        {
            "entry_number": texts(lines.entries, sums.entry[shown]),
            "heading": texts(known["heading"], place),
            "programme": texts(known["programme"], place),
            "country": texts(lines.origins, sums.origin[shown]),
            "paid_cents": sums.paid[shown],
            "normal_cents": sums.normal[shown],
            "principal_cents": sums.principal[shown],
            "confidence": sentences(CONFIDENCE, np.select([unread, reason > 0], [2, 1], default=0)),
            "why": sentences([why for why, _ in _REASONS], doubt),
            "settles": sentences([settles for _, settles in _REASONS], doubt),
        },
        copy=False,
    )
    frame = frame.astype(dict.fromkeys(_CENTS, "Int64"))
    # An amount nobody could read is not zero.
    nothing_read = unread & (sums.paid[shown] == 0)
    return frame.assign(
        **{name: frame[name].mask(nothing_read) for name in ("paid_cents", "principal_cents")}
    )


def entries(lines: CodedLines, sums: HeadingSums, known: pd.DataFrame) -> pd.DataFrame:
    """One row per entry that has lines: its facts, and the sums and marks of its headings. [cents]"""
    facts = reducing.by_entry(lines)
    marks = reducing.marks(sums)
    at = np.searchsorted(facts["entry"], marks.pop("entry"))
    for name, column in marks.items():
        facts[name] = np.full(len(facts["entry"]), -1 if name in ("place", "doubt") else 0).astype(
            column.dtype
        )
        facts[name][at] = column
    doubt, place, origin = (facts.pop(name) for name in ("doubt", "place", "origin"))
    unread, nameless = facts["unread_duty"] > 0, (facts["nameless_cents"] > 0) | facts["silent_lines"]
    rank = np.select([doubt < 0, unread | nameless, doubt > 0], [-1, 2, 1], default=0)
    last = len(_REASONS) - 1
    why = np.select([rank < 2, unread], [doubt, last], default=last - 1)
    told = {
        "country": sentences(lines.origins, origin),
        "programme": texts(known["programme"], place),
        "ended_headings": _named(sums, known, facts["entry"], sums.outside_dates),
        "ended_since": _named(sums, known, facts["entry"], sums.ended_since),
        "exceptions_paid": _named(sums, known, facts["entry"], ~sums.duty & (sums.positive > 0)),
        "confidence": sentences(CONFIDENCE, rank),
        "why": sentences([why for why, _ in _REASONS], why),
    }
    # An amount nobody could read is not zero: where nothing else was paid, nothing is known.
    number = texts(lines.entries, facts.pop("entry"))
    frame = pd.DataFrame({"entry_number": number, **facts, **told}, copy=False)
    nothing_read = (frame["unread_duty"] > 0) & (frame["ieepa_paid_cents"] == 0)
    paid = frame["duty_paid_cents"].astype("Int64").mask(~frame.pop("duty_known"))
    types = dict.fromkeys(_COUNTS, "Int64") | dict.fromkeys(_FLAGS, "boolean")
    value_known = frame.pop("value_known") & ~frame.pop("value_copied")
    frame = frame.assign(duty_paid_cents=paid).astype(types)
    # Without any value in the files, with copies of the goods' own, or where a cell could not be read, whether ACE has
    # one on a chapter 99 row is not known.
    unread_value = frame.pop("value_unread") & ~frame["value_on_chapter_99"]
    frame["value_on_chapter_99"] = frame["value_on_chapter_99"].mask(~value_known | unread_value)
    unknown = ["ieepa_paid_cents", "principal_cents"]
    return frame.assign(**{name: frame[name].mask(nothing_read) for name in unknown})


def texts(known: Sequence[str | None] | pd.Series | npt.NDArray[np.object_], codes: Ints) -> pd.Series:
    """Texts by their codes; a negative code is a null."""
    coded = known.array if isinstance(known, pd.Series) else pd.array(list(known), dtype="str")
    return pd.Series(coded.take(codes, allow_fill=bool((codes < 0).any())))


def sentences(known: Sequence[str] | npt.NDArray[np.object_], codes: Ints) -> pd.Series:
    """The same for few texts that repeat: each is held once."""
    return pd.Series(pd.Categorical.from_codes(small(codes, len(known)), pd.Index(known)))


def _named(sums: HeadingSums, known: pd.DataFrame, entry: Ints, which: Flags) -> pd.Series:
    """The marked headings of each entry, named; null where it has none."""
    rows = np.flatnonzero(which)
    row = np.searchsorted(entry, sums.entry[rows])
    return listed(row, sums.place[rows], known["heading"].to_list(), len(entry))


def listed(row: Ints, place: Ints, names: Sequence[str], count: int) -> pd.Series:
    """The names at each row's places as one text, null where it has none. `row` ascends; `count`: of the rows."""
    begins, places = starts(row), place.tolist()
    ends = begins + lengths(begins, len(row))
    told: dict[tuple[int, ...], int] = {}
    codes = np.full(count, -1)
    codes[row[begins]] = [
        told.setdefault(tuple(places[first:last]), len(told))
        for first, last in zip(begins.tolist(), ends.tolist(), strict=True)
    ]
    return texts([", ".join(names[at] for at in of) for of in told], codes)
