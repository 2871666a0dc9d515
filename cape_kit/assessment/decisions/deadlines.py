"""The day that matters next for an entry: the last one the law leaves, and the one to plan for."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import pandas as pd

from cape_kit.assessment import timeline
from cape_kit.law import workdays
from cape_kit.law.book import Check

if TYPE_CHECKING:
    from cape_kit.assessment.decisions.questions import Questions

#: What ends on the next deadline.
CAPE, CAPE_EXPECTED, PROTEST = (
    "last day for CAPE",
    "last day for CAPE if liquidated as expected",
    "last day to protest",
)
#: The same where the only date in the files has no status.
CAPE_STATED, PROTEST_STATED = (
    "last day for CAPE if the date in the files is its liquidation",
    "last day to protest if the date in the files is its liquidation",
)
#: What the sensible day is for.
SENSIBLE = (
    "last working day for a post summary correction",
    "day to have withdrawn the protest, so that ACE shows it closed in time to file",
    "day to have mended it and filed",
    "day to plan the declaration for",
    "last working day before the protest window ends",
)
TO_CAPE = ("file", "file_deferred", "cure")


class Deadline(NamedTuple):
    """A day per entry and what it is, as a place in `names`; null and -1 where none matters."""

    day: pd.Series
    place: np.ndarray
    names: tuple[str, ...]

    @property
    def what(self) -> pd.Series:
        """What each day is, in words; empty where none matters."""
        return timeline.spelt(
            np.where(self.place < 0, len(self.names), self.place), (*self.names, ""), self.day.index
        )


def last(asked: Questions, disposition: pd.Series) -> Deadline:
    """The next day on which a window closes for good. Sources: keys ``window.cape``, ``window.protest``."""
    clocks = asked.facts.clocks
    by_protest = _by_protest(asked, disposition)
    to_cape = disposition.isin(TO_CAPE).to_numpy() & ~by_protest
    deadline = clocks["cape_last_day"].where(to_cape, clocks["protest_last_day"].where(by_protest))
    stated = clocks["stated_on"].notna().to_numpy()
    place = np.select(
        [
            deadline.isna(),
            to_cape & asked.liquidated,
            to_cape & stated,
            to_cape,
            by_protest & stated,
            by_protest,
        ],
        [-1, 0, 3, 1, 4, 2],
        default=-1,
    )
    return Deadline(deadline, place, (CAPE, CAPE_EXPECTED, PROTEST, CAPE_STATED, PROTEST_STATED))


def sensible(asked: Questions, disposition: pd.Series) -> Deadline:
    """The day to plan for: a working day that leaves time for a failed file to be mended and sent again.

    A correction has a last day of its own; a protest must show as closed before its entry is filed.
    Source: key ``alert.plan_day``.
    """
    by_protest = _by_protest(asked, disposition)
    to_cape = disposition.isin(TO_CAPE).to_numpy() & ~by_protest
    mends = (disposition == "cure").to_numpy() & to_cape
    corrects, withdraws = mends & asked.needs_correction, mends & asked.failed(Check.PROTEST)
    planned = cape_plan(asked)
    day = planned.where(to_cape, protest_plan(asked).where(by_protest))
    day = day.where(~corrects, correction_plan(asked))
    place = np.select(
        [day.isna(), corrects, withdraws, mends, to_cape, by_protest], [-1, 0, 1, 2, 3, 4], default=-1
    )
    return Deadline(day, place, SENSIBLE)


def cape_plan(asked: Questions) -> pd.Series:
    """A working day to plan the declaration for; once that is past, the last working day in the window.

    Only where the window runs: before liquidation nothing hurries, and nothing is won by waiting either.
    """
    facts = asked.facts
    start = timeline.opens(facts.clocks, "cape")
    length = int(facts.law.value("alert.plan_day", facts.day).value)
    planned = working(start + pd.Timedelta(days=length))
    final = facts.clocks["cape_last_day"]
    late = planned < pd.Timestamp(facts.day)
    inside = working(final)
    soonest = planned.where(~late, inside.where(inside >= pd.Timestamp(facts.day), final))
    return soonest.where(asked.liquidated | asked.perhaps_liquidated)


def correction_plan(asked: Questions) -> pd.Series:
    """The last working day for a post summary correction; the very last day once only that is left."""
    final = asked.correction_last_day
    inside = working(final)
    return inside.where(inside >= pd.Timestamp(asked.facts.day), final)


def protest_plan(asked: Questions) -> pd.Series:
    """The last working day before the protest window's last day; that day itself once only it is left."""
    final = asked.facts.clocks["protest_last_day"]
    before = working(final - pd.Timedelta(days=1))
    return before.where(before >= pd.Timestamp(asked.facts.day), final)


def _by_protest(asked: Questions, disposition: pd.Series) -> np.ndarray:
    """Entries whose protest window still runs and matters; one protested for IEEPA duty alone needs none.

    Where a phase without a last day of its own takes a finally liquidated entry, no other day is left.
    """
    runs = asked.liquidated | asked.perhaps_liquidated
    waiting = disposition.isin(("protest", "held", "undetermined")).to_numpy() & runs
    waiting |= (
        asked.admitted & disposition.isin(TO_CAPE).to_numpy() & asked.facts.clocks["cape_last_day"].isna()
    )
    return waiting & ~asked.safe_protest & ~asked.protest_over


def working(days: pd.Series) -> pd.Series:
    """Each day, or the last working day before it."""
    return timeline.once(days, workdays.business_days_on_or_before)
