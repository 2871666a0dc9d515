"""The audit's checks of lines as filed: of IEEPA headings, and of duty under other laws.

Of IEEPA headings: rate, origin, day, what is missing, and what can't be what it seems. Of other duty only what the
law book allows a judgement of: only this can be set off.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import pandas as pd

from cape_kit.assessment.refund import coded_lines

# --- lines as the checks see them, and how a check states what it finds -----------------------------------


UNDER, OVER, CHECK = "underpaid", "overpaid", "to check"


@dataclass(frozen=True)
class Filed:
    """Lines, their chapter 99 numbers with the registry's row of the day, and what was called for."""

    lines: pd.DataFrame
    headings: pd.DataFrame
    called: pd.DataFrame
    book: pd.DataFrame
    others: pd.DataFrame
    countries: dict[str, tuple[str, ...]]

    @cached_property
    def of_lines(self) -> pd.DataFrame:
        """The heading rows, each with the facts of its line."""
        return self.headings.drop(columns="day").merge(self.lines, on="at")

    @cached_property
    def dutiable(self) -> pd.DataFrame:
        """Dutiable IEEPA headings in force, for the line's origin; `excepted`: an exception stands too."""
        rows = self.of_lines
        exceptions = rows.loc[rows["kind"] == "exception", ["at", "levy"]]
        right = rows["names_origin"].astype(bool) & (rows["kind"] == "duty") & (rows["status"] == "in force")
        rows = rows[right & (rows["line_number"] >= 0)]
        there = pd.MultiIndex.from_frame(exceptions)
        return rows.assign(excepted=pd.MultiIndex.from_frame(rows[["at", "levy"]]).isin(there))


def as_findings(
    rows: pd.DataFrame, direction: Any, expected: Any, *, confidence: Any, why: Any
) -> pd.DataFrame:
    """Rows as findings: what was expected against what was paid, and how sure that is. [cents]"""
    if rows.empty:
        return rows
    told = {"direction": direction, "expected": expected, "confidence": confidence, "why": why}
    return rows.assign(**told, amount=(expected - rows["paid"]).abs())


def owed(value: pd.Series, rate: pd.Series) -> pd.Series:
    """Value times rate, half up. [cents]"""
    return np.floor(value * rate / 100 + 0.5).astype("int64")


def tolerance(rows: pd.DataFrame, rate: pd.Series) -> pd.Series:
    """What rounding alone can do: values stand in whole dollars, so half a dollar per goods row. [cents]"""
    return np.ceil(rows["goods_rows"].clip(lower=1) * 50 * rate / 100) + 1


def direction_of(difference: pd.Series) -> pd.Series:
    """What a difference of expected and paid is called."""
    return pd.Series(np.where(difference > 0, UNDER, OVER), index=difference.index)


def plain(rows: pd.DataFrame) -> pd.Series:
    """How sure a judgement of the rate is: high on a line of one goods row and no special provision."""
    special = rows["chapter_98"] | rows["preference"] | (rows["goods_rows"] != 1) | rows["excepted"]
    return pd.Series(np.where(special, "low", "high"), index=rows.index)


# --- IEEPA headings ---------------------------------------------------------------------------------------


def rate(filed: Filed) -> pd.DataFrame:
    """Duty on a stacked IEEPA heading against the registry's rate of that day, beyond rounding."""
    rows = filed.dutiable
    rows = rows[~rows["all_in"].astype(bool) & (rows["value"] > 0) & ~rows["unread"]]
    if rows.empty:
        return rows
    expected = owed(rows["value"], rows["rate"])
    difference = expected - rows["paid"]
    off = difference.abs() > tolerance(rows, rows["rate"])
    why = "the duty does not equal the registry rate for that date times the value on the goods rows"
    return as_findings(
        rows[off], direction_of(difference[off]), expected[off], confidence=plain(rows[off]), why=why
    )


def all_in_rate(filed: Filed) -> pd.DataFrame:
    """An all-in heading with the normal duty of its goods rows against the all-in rate, beyond rounding."""
    rows = filed.dutiable
    rows = rows[rows["all_in"].astype(bool) & (rows["value"] > 0) & ~rows["unread"]]
    if rows.empty:
        return rows
    expected = owed(rows["value"], rows["rate"]) - rows["goods_duty"]
    difference = expected - rows["paid"]
    off = (difference.abs() > tolerance(rows, rows["rate"])) & (expected >= 0)
    confidence = plain(rows[off]).replace("high", "medium")
    why = "heading and normal duty together do not equal the all-in rate times the value"
    return as_findings(
        rows[off], direction_of(difference[off]), expected[off], confidence=confidence, why=why
    )


def missing(filed: Filed) -> pd.DataFrame:
    """No heading, dutiable or excepted, of a levy that origin and day call for."""
    lines = filed.lines[(filed.lines["line_number"] >= 0) & (filed.lines["goods_rows"] > 0)]
    called = lines.merge(filed.called, on=["country", "day"])
    ieepa = filed.headings[filed.headings["status"] != "elsewhere"]
    there = pd.MultiIndex.from_frame(ieepa[["at", "levy"]])
    rows = called[~pd.MultiIndex.from_frame(called[["at", "levy"]]).isin(there)]
    rows = rows.rename(columns={"called": "heading"}).assign(paid=0, programme=rows["levy"])
    special = rows["chapter_98"] | rows["preference"] | rows["has_232"] | (rows["value"] <= 0)
    expected = owed(rows["value"].clip(lower=0), rows["rate"])
    why = "origin and date call for the heading and no exception is claimed; the goods may still be exempt"
    return as_findings(rows, UNDER, expected, confidence=np.where(special, "low", "medium"), why=why)


def wrong_country(filed: Filed) -> pd.DataFrame:
    """A heading of the registry that is for other origins than the line's."""
    rows = filed.of_lines
    rows = rows[~rows["names_origin"].astype(bool) & (rows["status"] != "elsewhere")]
    if rows.empty:
        return rows
    rows = rows.merge(
        filed.called.rename(columns={"rate": "right"}), on=["country", "day", "levy"], how="left"
    )
    expected = owed(rows["value"].clip(lower=0), rows["right"].fillna(0))
    direction = direction_of(expected - rows["paid"]).mask(expected == rows["paid"], CHECK)
    instead = rows["called"].fillna("no heading for that duty")
    why = "the heading is for another origin; this one calls for " + instead.astype("str")
    return as_findings(rows, direction, expected, confidence="medium", why=why)


def outside(filed: Filed) -> pd.DataFrame:
    """Duty on an IEEPA heading on a day on which it was not in force."""
    rows = filed.of_lines
    rows = rows[(rows["status"] == "outside") & (rows["kind"] == "duty") & (rows["paid"] != 0)]
    return as_findings(rows, OVER, 0, confidence="high", why="the heading was not in force on the entry date")


def gap(filed: Filed) -> pd.DataFrame:
    """A superseded heading on a day its successor reaches back over: the duty may be corrected since."""
    rows = filed.of_lines
    rows = rows[(rows["status"] == "gap") & (rows["paid"] != 0)]
    why = "a later heading applies retroactively to the entry date; the duty may already have been corrected"
    return as_findings(rows, CHECK, rows["paid"], confidence="medium", why=why)


def exception_duty(filed: Filed) -> pd.DataFrame:
    """Positive duty on an exception heading: flagged, not counted as refundable."""
    rows = filed.of_lines
    rows = rows[(rows["kind"] == "exception") & (rows["paid"] > 0)]
    return as_findings(
        rows, OVER, 0, confidence="high", why="an exception heading bears no duty; not in the refund"
    )


def unknown_number(filed: Filed) -> pd.DataFrame:
    """Duty on a number shaped like an IEEPA heading that the registry does not have: not counted."""
    rows = filed.of_lines
    rows = rows[(rows["family"] == coded_lines.UNKNOWN) & (rows["paid"] != 0)]
    why = "the registry has no such heading; not in the refund until the number is looked up in ACE"
    return as_findings(rows, CHECK, 0, confidence="low", why=why)


def negative(filed: Filed) -> pd.DataFrame:
    """A negative duty on an IEEPA heading: taken as money already given back, so it lowers what was paid."""
    rows = filed.of_lines
    rows = rows[(rows["negative"] < 0) & (rows["status"] != "elsewhere")]
    why = "a negative duty is counted against what was paid on the heading; it never increases the refund"
    return as_findings(rows, CHECK, rows["paid"] - rows["negative"], confidence="medium", why=why)


def no_value(filed: Filed) -> pd.DataFrame:
    """Duty on a dutiable heading of a line without value: it counts as paid, its rate can't be judged."""
    rows = filed.dutiable
    rows = rows[(rows["value"] <= 0) & (rows["paid"] > 0)]
    return as_findings(
        rows, CHECK, rows["paid"], confidence="low", why="the line shows no value to check against"
    )


def twice(filed: Filed) -> pd.DataFrame:
    """Two dutiable headings of one levy on a line, both paid: all but the first is over."""
    rows = filed.dutiable
    rows = rows[rows["paid"] > 0]
    rows = rows[rows.duplicated(["at", "levy"], keep=False)]
    rows = rows.sort_values(["at", "levy", "paid"], ascending=[True, True, False])
    again = rows[rows.duplicated(["at", "levy"])]
    return as_findings(
        again, OVER, 0, confidence="medium", why="another heading for the same duty is paid on the line"
    )


def both_232(filed: Filed) -> pd.DataFrame:
    """A levy that excepts section 232 goods, paid on a line that also pays under section 232."""
    rows = filed.dutiable
    rows = rows[(rows["paid_232"] > 0) & (rows["paid"] > 0)]
    if rows.empty:
        return rows
    excepting = filed.book[filed.book["for_232"]]
    within = rows.merge(
        excepting[["levy", "first_day", "last_day"]].rename(
            columns={"first_day": "since", "last_day": "until"}
        ),
        on="levy",
    )
    within = within[within["day"].between(within["since"], within["until"])]
    within = within.drop_duplicates(["at", "heading"])
    why = "goods under a section 232 duty are exempt from this duty; the non-metal content is not"
    return as_findings(within, OVER, 0, confidence="medium", why=why)


# --- duty under other laws --------------------------------------------------------------------------------


def other_country(filed: Filed) -> pd.DataFrame:
    """A section 301 duty whose programme names another country than the line's origin."""
    rows = filed.of_lines
    rows = rows[(rows["family"] == "Section 301") & (rows["paid"] > 0) & rows["country"].notna()]
    if rows.empty:
        return rows
    meant = rows["programme"].map(
        {
            programme: [
                code
                for name, codes in filed.countries.items()
                if f" {name} " in f" {programme} "
                for code in codes
            ]
            for programme in rows["programme"].unique()
        }
    )
    off = [
        bool(codes) and country not in codes for codes, country in zip(meant, rows["country"], strict=True)
    ]
    why = "the section 301 duty is for goods of another country"
    return as_findings(rows[np.array(off, dtype=bool)], OVER, 0, confidence="medium", why=why)


def no_232(filed: Filed) -> pd.DataFrame:
    """The exception for section 232 goods claimed on a line that bears no section 232 heading."""
    rows = filed.of_lines
    rows = rows[rows["for_232"].fillna(False).astype(bool) & ~rows["has_232"]]
    if rows.empty:
        return rows
    rows = rows.merge(
        filed.called.rename(columns={"rate": "right"}), on=["country", "day", "levy"], how="left"
    )
    told = as_findings(
        rows,
        CHECK,
        0,
        confidence="low",
        why="the line has no section 232 heading; its rate is not in the law book",
    )
    return told.assign(expected=np.nan, amount=np.nan)


def normal_duty(filed: Filed) -> pd.DataFrame:
    """Normal duty on the goods rows against the printed rates, where no all-in heading holds it."""
    bears = filed.headings.loc[filed.headings["all_in"].fillna(False).astype(bool), "at"]
    rows = filed.lines[filed.lines["normal_rated"] & ~filed.lines["at"].isin(bears)]
    rows = rows[~rows["preference"] & ~rows["chapter_98"] & (rows["goods_rows"] == 1) & (rows["value"] > 0)]
    if rows.empty:
        return rows
    rows = rows.assign(
        paid=rows["goods_duty"], heading="", programme=coded_lines.NORMAL, family=coded_lines.NORMAL
    )
    rows["rate"] = rows["normal_owed"] / rows["value"] * 100
    difference = rows["normal_owed"] - rows["paid"]
    off = difference.abs() > tolerance(rows, rows["rate"])
    free = rows.loc[off, "paid"] == 0
    why = "the duty on the goods row does not equal its printed rate times its value"
    told = np.where(free, "low", "medium")
    return as_findings(
        rows[off], direction_of(difference[off]), rows.loc[off, "normal_owed"], confidence=told, why=why
    )


def other_rate(filed: Filed) -> pd.DataFrame:
    """Duty of another law whose one rate the law book has (section 122), against that rate."""
    rows = filed.of_lines
    rows = rows[rows["hts8"].isin(filed.others["hts8"])]
    rows = rows[(rows["value"] > 0) & ~rows["unread"] & (rows["goods_rows"] == 1)]
    if rows.empty:
        return rows
    rows = rows.drop(columns="rate").merge(filed.others, on="hts8")
    rows = rows[rows["day"].between(rows["since"], rows["until"])]
    expected = owed(rows["value"], rows["rate"])
    difference = expected - rows["paid"]
    off = difference.abs() > tolerance(rows, rows["rate"])
    why = "the duty does not equal the law book's rate times the value"
    return as_findings(rows[off], direction_of(difference[off]), expected[off], confidence="medium", why=why)
