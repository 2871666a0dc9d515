"""Every entry against its deadlines, in the order the timeline draws them; long lists are thinned, never cut."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from cape_kit.assessment import sensitivity
from cape_kit.entries import kept, schema
from cape_kit.views import words
from cape_kit.views.tables.table import Field, Table, duty, sheet, told_apart

if TYPE_CHECKING:
    from cape_kit.assessment.assess import Assessment
    from cape_kit.assessment.timeline import History

#: Where an entry stands on its clocks, in the order in which an entry passes through them backwards.
GROUPS = {
    "closed": "Both windows closed",
    "protest": "CAPE closed, protest open",
    "cape": "Inside the CAPE window",
    "waiting": "Not liquidated in the files",
    "undated": "Liquidation date not known",
}
#: The clocks of these entries no longer matter to anyone.
SETTLED = ("claimed", "not_refundable")
#: Rows a page can show apart; a longer list is drawn with each row standing for several entries.
ROWS = 320


def clocks(assessment: Assessment, *, rows: int = ROWS) -> Table:
    """One row per drawn entry: entered, window opening and last days, whether that is a forecast.

    With more than `rows` entries every row stands for several; its `weight` says how many.
    """
    ordered = _grouped(assessment).sort_values(
        ["group", "opens", "entered", "entry_number"], kind="stable", ignore_index=True
    )
    parts = [_thin(part, len(ordered), rows) for _, part in ordered.groupby("group", observed=True)]
    thin = pd.concat(parts) if parts else ordered.assign(weight=1.0)
    step = words.count(round(len(ordered) / len(thin))) if len(thin) < len(ordered) else ""
    told = f"Each line is about {step} entries. " if step else "Each line is one entry. "
    return Table(
        thin.reset_index(drop=True),
        (
            Field("entry_number", "Entry", "number_of_entry"),
            Field("entered", "Entered", "day"),
            Field("opens", "Liquidated or expected", "day"),
            Field("cape_last_day", "CAPE until", "day"),
            Field("protest_last_day", "Protest until", "day"),
        ),
        caption="Every entry against its deadlines",
        as_of=assessment.filing_date,
        note=told + _not_drawn(assessment),
    )


def clock_groups(assessment: Assessment) -> Table:
    """How many entries and dollars stand where on their clocks. [cents]"""
    grouped = _grouped(assessment)
    sums = schema.gathered(
        grouped.groupby("group", observed=False),
        entries=("entry_number", "size"),
        principal_cents=("principal_cents", "known"),
        principal_unknown=("principal_cents", "unknown"),
        next_close=("closes", "min"),
    )
    frame = told_apart(sums[sums["entries"] > 0].reset_index())
    frame["label"] = frame["group"].astype("str").map(GROUPS)
    return Table(
        frame,
        (
            Field("label", "Window status"),
            Field("entries", "Entries", "count"),
            duty(frame),
            Field("next_close", "First deadline", "day"),
        ),
        caption="Entries by window status",
        as_of=assessment.filing_date,
        note=_not_drawn(assessment),
    )


def cost_of_waiting(assessment: Assessment, *, rows: int = 12) -> Table:
    """The days on which dollars leave a window if nothing is filed by then, the soonest first. [cents]"""
    frame = sensitivity.cost_of_waiting(assessment)
    for name in ("cape", "protest"):
        frame = frame.assign(**_both(frame, name))
    frame = frame[(frame["cape_entries"] > 0) | (frame["protest_entries"] > 0)]
    more = len(frame) - rows
    note = [f"{words.count(more, 'more day')} not shown." if more > 0 else "", _never_closing(assessment)]
    return Table(
        frame.head(rows),
        (
            Field("day", "If nothing is filed by", "day"),
            Field("cape_cents", "CAPE window closes", "dollars", under=_if_any(frame, "cape_told")),
            Field("cape_forecast_cents", "Of which expected only", "dollars"),
            Field("protest_cents", "Protest window closes", "dollars", under=_if_any(frame, "protest_told")),
            Field(
                "cape_lost_cents",
                "CAPE window closed so far",
                "dollars",
                under=_if_any(frame, "cape_lost_told"),
            ),
            Field(
                "protest_lost_cents",
                "Both windows closed so far",
                "dollars",
                under=_if_any(frame, "protest_lost_told"),
            ),
        ),
        caption="What waiting costs",
        as_of=assessment.as_of,
        note=" ".join(filter(None, note)),
        empty=f"No window closes in this period. {_never_closing(assessment)}".strip(),
    )


def _both(frame: pd.DataFrame, window: str) -> dict[str, pd.Series]:
    """What closes on each day, recorded and forecast together, and for how many its duty is not known. [cents]"""
    parts = [f"{window}_{sureness}" for sureness in sensitivity.SURENESS]
    entries, unknown, cents = (
        frame[[f"{part}_{what}" for part in parts]].fillna(0).sum(axis=1).astype("Int64")
        for what in ("entries", "unknown", "cents")
    )
    return {
        f"{window}_entries": entries,
        f"{window}_cents": cents.mask(entries.gt(0) & entries.eq(unknown)),
        f"{window}_told": unknown.map(words.not_known).astype("str"),
        f"{window}_lost_told": frame[f"{window}_lost_unknown"].map(words.not_known).astype("str"),
    }


def _if_any(frame: pd.DataFrame, column: str) -> str:
    """A column of words to show beneath another, where it says anything at all."""
    return column if frame[column].ne("").any() else ""


def _never_closing(assessment: Assessment) -> str:
    """What the days above leave out: entries of which no last day is known."""
    left = sensitivity.undated(assessment)
    return f"Not above: {words.entries(left)} whose last day for CAPE is not known." if left else ""


#: How many of the entries have liquidated by each of the days that a history holds.
_SHARES = {"early": "One in ten", "middle": "Half", "late": "Nine in ten"}


def liquidation_history(assessment: Assessment) -> Table:
    """How long the client's own entries took from entry to liquidation, beside the usual cycle. [days]"""
    own, day = assessment.history, assessment.filing_date
    cycle, weekday, least = (
        assessment.law.value(key, day).value
        for key in ("cycle.auto_liquidation", "cycle.posting_weekday", "history.min_entries")
    )
    rows = [(label, getattr(own, name), int(cycle)) for name, label in _SHARES.items()] if own else []
    frame = pd.DataFrame(rows, columns=["share", "own_days", "cycle_days"])
    usual = f"The usual cycle is {cycle} days, then the next {weekday}: practice, not statute."
    return Table(
        frame.astype({"own_days": "Int64", "cycle_days": "Int64"}),
        (
            Field("share", "Liquidated by then"),
            Field("own_days", "This client’s entries", "count"),
            Field("cycle_days", "Usual cycle", "count"),
        ),
        caption="Days from entry to liquidation",
        as_of=day,
        note=f"{_rests_on(own)} {usual}" if own else "",
        empty=f"Fewer than {least} of this client’s entries are old enough to show their own cycle. {usual}",
    )


def _rests_on(own: History) -> str:
    still = "" if own.late is not None else " Too many are still open for the days not shown."
    return (
        f"From {words.entries(own.entries)} of this client, older than the usual cycle when exported; those "
        f"still open count as longer than any recorded.{still}"
    )


#: What the groups are made from.
_READ = ["entry_number", "disposition", "entry_date", "liquidated_on", "expected_liquidation", "cape_state",
         "protest_state", "cape_last_day", "protest_last_day", "principal_cents"]  # fmt: skip


@kept
def _grouped(assessment: Assessment) -> pd.DataFrame:
    table = assessment.figures[_READ]
    table = table[~table["disposition"].isin(SETTLED)]
    liquidated = table["liquidated_on"].notna()
    cape_open = table["cape_state"].isin(("open", "due_soon"))
    protest_open = table["protest_state"].isin(("open", "due_soon"))
    group = np.select(
        [
            liquidated & cape_open,
            liquidated & protest_open,
            liquidated,
            table["expected_liquidation"].notna(),
        ],
        ["cape", "protest", "closed", "waiting"],
        default="undated",
    )
    opens = table["liquidated_on"].fillna(table["expected_liquidation"])
    closes = table["cape_last_day"].where(group != "protest", table["protest_last_day"])
    return pd.DataFrame(
        {
            "entry_number": table["entry_number"],
            "group": pd.Categorical(group, categories=list(GROUPS), ordered=True),
            "entered": table["entry_date"],
            "opens": opens,
            "cape_last_day": table["cape_last_day"],
            "protest_last_day": table["protest_last_day"],
            "closes": closes.where(closes.ge(pd.Timestamp(assessment.filing_date)).fillna(False)),
            "forecast": ~liquidated,
            "principal_cents": table["principal_cents"],
        }
    )


def _thin(part: pd.DataFrame, entries: int, rows: int) -> pd.DataFrame:
    """Evenly spaced rows of one group, its first and last always among them."""
    if entries <= rows:
        return part.assign(weight=1.0)
    wanted = max(min(len(part), 3), round(len(part) / entries * rows))
    chosen = np.unique(np.linspace(0, len(part) - 1, wanted).round().astype(int))
    return part.iloc[chosen].assign(weight=len(part) / len(chosen))


def _not_drawn(assessment: Assessment) -> str:
    counts = assessment.totals.set_index("disposition")["entries"]
    left = [
        f"{words.entries(counts[key])} {what}"
        for key, what in (("not_refundable", "without IEEPA duty"), ("claimed", "already claimed"))
        if counts.get(key, 0)
    ]
    return f"Left out: {' and '.join(left)}." if left else ""


def suits(assessment: Assessment, *, months: int | None = None) -> Table:
    """What is owed by the month in which the two years to sue end, by the earliest reading. [cents]"""
    whole = told_apart(assessment.suits)
    frame = whole if months is None else whole.head(months)
    return Table(
        frame,
        (
            Field("first_day", "First end in the month", "day"),
            Field("entries", "Entries", "count"),
            duty(frame),
        ),
        caption="Two years to sue",
        as_of=assessment.filing_date,
        note="By month, on the earliest reading argued of when the two years of "
        f"{assessment.law.cite('usc-28-2636')} began: deposit, liquidation or decision. A question for counsel; "
        "the workbook and JSON show each entry’s dates.",
        empty="Nothing is owed that the files show.",
        left_out=len(whole) - len(frame),
        whole=sheet("Two years to sue"),
    )


def first_suit(assessment: Assessment) -> str:
    """When the two years to sue first end by the earliest reading, and for how much by then; empty for nothing."""
    frame = assessment.suits
    ahead = frame[frame["first_day"] >= pd.Timestamp(assessment.filing_date)]
    if ahead.empty:
        return ""
    first = ahead.iloc[0]
    return (
        f"On the earliest reading argued, the two years to sue start to run out on "
        f"{words.day(first['first_day'])}: "
        f"{words.entries(int(first['entries']))} and {_known(first)} in "
        f"that month. A question for counsel; by month in the workbook."
    )


def _known(row: pd.Series) -> str:
    """The duty of some entries, and of how many of them it is not known."""
    if row["principal_unknown"] == row["entries"]:
        return "an amount that is not known"
    left = words.not_known(row["principal_unknown"])
    return words.dollars(row["principal_cents"]) + (f" ({left})" if left else "")
