"""Checks of IEEPA headings: rate, origin, day, what is missing, and what can't be what it seems."""

from __future__ import annotations

import numpy as np
import pandas as pd

from cape_kit.assessment.audit.filed_lines import (
    CHECK,
    OVER,
    UNDER,
    Filed,
    direction_of,
    found,
    owed,
    plain,
    tolerance,
)
from cape_kit.assessment.refund import heading_of


def rate(filed: Filed) -> pd.DataFrame:
    """Duty on a stacked IEEPA heading against the registry's rate of that day, beyond rounding."""
    rows = filed.dutiable
    rows = rows[~rows["all_in"].astype(bool) & (rows["value"] > 0) & ~rows["unread"]]
    expected = owed(rows["value"], rows["rate"])
    difference = expected - rows["paid"]
    off = difference.abs() > tolerance(rows, rows["rate"])
    why = "the duty is not the registry's rate of that day times the value of the goods rows"
    return found(
        rows[off], direction_of(difference[off]), expected[off], confidence=plain(rows[off]), why=why
    )


def all_in_rate(filed: Filed) -> pd.DataFrame:
    """An all-in heading with the normal duty of its goods rows against the all-in rate, beyond rounding."""
    rows = filed.dutiable
    rows = rows[rows["all_in"].astype(bool) & (rows["value"] > 0) & ~rows["unread"]]
    expected = owed(rows["value"], rows["rate"]) - rows["goods_duty"]
    difference = expected - rows["paid"]
    off = (difference.abs() > tolerance(rows, rows["rate"])) & (expected >= 0)
    confidence = plain(rows[off]).replace("high", "medium")
    why = "the heading and the normal duty together are not the all-in rate times the value"
    return found(rows[off], direction_of(difference[off]), expected[off], confidence=confidence, why=why)


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
    why = "origin and day call for the heading and no exception is claimed; goods may still be exempt"
    return found(rows, UNDER, expected, confidence=np.where(special, "low", "medium"), why=why)


def wrong_country(filed: Filed) -> pd.DataFrame:
    """A heading of the registry that is for other origins than the line's."""
    rows = filed.of_lines
    rows = rows[~rows["names_origin"].astype(bool) & (rows["status"] != "elsewhere")]
    rows = rows.merge(
        filed.called.rename(columns={"rate": "right"}), on=["country", "day", "levy"], how="left"
    )
    expected = owed(rows["value"].clip(lower=0), rows["right"].fillna(0))
    direction = direction_of(expected - rows["paid"]).mask(expected == rows["paid"], CHECK)
    instead = rows["called"].fillna("no heading of that levy")
    why = "the heading is for another origin; this one calls for " + instead.astype("str")
    return found(rows, direction, expected, confidence="medium", why=why)


def outside(filed: Filed) -> pd.DataFrame:
    """Duty on an IEEPA heading on a day on which it was not in force."""
    rows = filed.of_lines
    rows = rows[(rows["status"] == "outside") & (rows["kind"] == "duty") & (rows["paid"] != 0)]
    return found(rows, OVER, 0, confidence="high", why="the heading was not in force on the entry date")


def gap(filed: Filed) -> pd.DataFrame:
    """A superseded heading on a day its successor reaches back over: the duty may be corrected since."""
    rows = filed.of_lines
    rows = rows[(rows["status"] == "gap") & (rows["paid"] != 0)]
    why = "a successor of the heading reaches back over the entry date; the duty may be corrected already"
    return found(rows, CHECK, rows["paid"], confidence="medium", why=why)


def exception_duty(filed: Filed) -> pd.DataFrame:
    """Positive duty on an exception heading: flagged, not counted as refundable."""
    rows = filed.of_lines
    rows = rows[(rows["kind"] == "exception") & (rows["paid"] > 0)]
    return found(
        rows, OVER, 0, confidence="high", why="an exception heading bears no duty; not in the refund"
    )


def unknown_number(filed: Filed) -> pd.DataFrame:
    """Duty on a number shaped like an IEEPA heading that the registry does not have: not counted."""
    rows = filed.of_lines
    rows = rows[(rows["family"] == heading_of.UNKNOWN) & (rows["paid"] != 0)]
    why = "the registry has no such heading; not in the refund until the number is looked up in ACE"
    return found(rows, CHECK, 0, confidence="low", why=why)


def negative(filed: Filed) -> pd.DataFrame:
    """A negative duty on an IEEPA heading: taken as money already given back, so it lowers what was paid."""
    rows = filed.of_lines
    rows = rows[(rows["negative"] < 0) & (rows["status"] != "elsewhere")]
    why = "a negative duty is counted against what was paid on the heading; never as more to come back"
    return found(rows, CHECK, rows["paid"] - rows["negative"], confidence="medium", why=why)


def no_value(filed: Filed) -> pd.DataFrame:
    """Duty on a dutiable heading of a line without value: it counts as paid, its rate can't be judged."""
    rows = filed.dutiable
    rows = rows[(rows["value"] <= 0) & (rows["paid"] > 0)]
    return found(
        rows, CHECK, rows["paid"], confidence="low", why="no value stands on the line to check against"
    )


def twice(filed: Filed) -> pd.DataFrame:
    """Two dutiable headings of one levy on a line, both paid: all but the first is over."""
    rows = filed.dutiable
    rows = rows[rows["paid"] > 0].sort_values(["at", "levy", "paid"], ascending=[True, True, False])
    again = rows[rows.duplicated(["at", "levy"])]
    return found(
        again, OVER, 0, confidence="medium", why="another heading of the same levy is paid on the line"
    )


def both_232(filed: Filed) -> pd.DataFrame:
    """A levy that excepts section 232 goods, paid on a line that also pays under section 232."""
    rows = filed.dutiable
    excepting = filed.book[filed.book["for_232"]]
    within = rows.merge(
        excepting[["levy", "first_day", "last_day"]].rename(
            columns={"first_day": "since", "last_day": "until"}
        ),
        on="levy",
    )
    within = within[within["day"].between(within["since"], within["until"])]
    within = within[(within["paid_232"] > 0) & (within["paid"] > 0)].drop_duplicates(["at", "heading"])
    why = "goods under a section 232 duty are excepted from this levy; a part without the metal is not"
    return found(within, OVER, 0, confidence="medium", why=why)
