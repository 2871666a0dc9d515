"""The day that matters next for an entry: the last one the law leaves, and the one to plan for."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import pandas as pd

from cape_kit import few_values
from cape_kit.assessment import timeline
from cape_kit.entries import kept
from cape_kit.few_values import small
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
#: The same of what counsel watches beside CAPE.
FILED_PROTEST = "last day to protest if CAPE has not accepted it"
PROTECTIVE, SUMMONS, OPEN_DAY = (
    "last day for a protective protest",
    "last day for a summons over the denied protest",
    "business day after the last day to protest, if CBP accepts it",
)
CAPE_DEEMED, PROTEST_DEEMED = (
    "last day for CAPE if deemed liquidated a year after entry",
    "last day to protest if deemed liquidated a year after entry",
)
#: The same of an entry of which a fact is missing, while its window runs.
CAPE_OPEN = "last day for CAPE if the missing facts allow it"
NAMES = (
    CAPE, CAPE_OPEN, CAPE_EXPECTED, PROTEST, CAPE_STATED, PROTEST_STATED, PROTECTIVE, SUMMONS, OPEN_DAY, CAPE_DEEMED,
    PROTEST_DEEMED, FILED_PROTEST,
)  # fmt: skip
#: What the sensible day is for.
SENSIBLE = (
    "last working day for a post summary correction",
    "day to have withdrawn the protest, so that ACE shows it closed in time to file",
    "day to have cured it and filed",
    "day to plan the declaration for",
    "last working day before the protest window ends",
    "day to have decided on a protective protest",
    "today: it may be deemed liquidated",
    "today: counsel must review",
    "last working day before the time for a summons ends",
    "day to have checked CBP's response",
    "today: check CBP's response",
    "day to have the missing facts and filed",
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
        return few_values.spelt(
            np.where(self.place < 0, len(self.names), self.place), (*self.names, ""), self.day.index
        )


def last(asked: Questions, disposition: pd.Series) -> Deadline:
    """The next day on which a window closes for good. Sources: keys ``window.cape``, ``window.protest``."""
    clocks, day = asked.facts.clocks, pd.Timestamp(asked.facts.day)
    by_protest, stated = _by_protest(asked, disposition), clocks["stated_on"].notna().to_numpy()
    to_cape = disposition.isin(TO_CAPE).to_numpy() & ~by_protest
    deemed = _deemed(asked, disposition) & ~by_protest
    to_cape_yet = to_cape | (disposition == "undetermined").to_numpy()
    deemed_cape = deemed & to_cape_yet & (clocks["deemed_cape_last_day"] >= day).to_numpy()
    open_ = _perhaps_to_cape(asked, disposition)
    deemed_protest = deemed & ~deemed_cape & (clocks["deemed_protest_last_day"] >= day).to_numpy()
    # In the order in which they go: the first that holds is the entry's.
    table = (
        (deemed_cape, clocks["deemed_cape_last_day"], CAPE_DEEMED),
        (deemed_protest, clocks["deemed_protest_last_day"], PROTEST_DEEMED),
        (asked.protective, clocks["protest_last_day"], PROTECTIVE),
        (asked.filed_protest, clocks["protest_last_day"], FILED_PROTEST),
        (_summons(asked, disposition), asked.summons_last_day, SUMMONS),
        (_open_day(asked, disposition), clocks["protest_next_open"], OPEN_DAY),
        (open_ & stated, clocks["cape_last_day"], CAPE_STATED),
        (open_, clocks["cape_last_day"], CAPE_OPEN),
        (to_cape & asked.liquidated, clocks["cape_last_day"], CAPE),
        (to_cape & stated, clocks["cape_last_day"], CAPE_STATED),
        (to_cape, clocks["cape_last_day"], CAPE_EXPECTED),
        (by_protest & stated, clocks["protest_last_day"], PROTEST_STATED),
        (by_protest, clocks["protest_last_day"], PROTEST),
    )
    return _first(table, NAMES)


def _first(table: tuple[tuple[np.ndarray, pd.Series, str], ...], names: tuple[str, ...]) -> Deadline:
    """The day and the name of the first row of a table that holds for each entry."""
    entries = table[0][1].index
    day, place = np.full(len(entries), np.datetime64("NaT", "s")), np.full(len(entries), -1)
    for where, days, name in reversed(table):
        day = np.where(where, days.to_numpy("datetime64[s]"), day)
        place = np.where(where, names.index(name), place)
    return Deadline(
        pd.Series(day, index=entries), small(np.where(np.isnat(day), -1, place), len(names)), names
    )


def sensible(asked: Questions, disposition: pd.Series) -> Deadline:
    """The day to plan for: a working day that leaves time for a failed file to be corrected and sent again.

    A correction has a last day of its own; a protest must show as closed before its entry is filed.
    Source: key ``alert.plan_day``.
    """
    by_protest = _by_protest(asked, disposition)
    to_cape = disposition.isin(TO_CAPE).to_numpy() & ~by_protest
    cures = (disposition == "cure").to_numpy() & to_cape
    today = pd.Series(pd.Timestamp(asked.facts.day), index=disposition.index, dtype="datetime64[s]")
    protest, decided = protest_plan(asked), asked.fall_back_day
    table = (
        (_deemed(asked, disposition) & ~by_protest, today, SENSIBLE[6]),
        (asked.protective & decided.notna().to_numpy(), decided, SENSIBLE[5]),
        (asked.protective, protest, SENSIBLE[4]),
        (asked.answer_late, today, SENSIBLE[10]),
        (asked.uploaded, asked.answer_by, SENSIBLE[9]),
        (_summons(asked, disposition), _before(asked.summons_last_day, asked), SENSIBLE[8]),
        (_open_day(asked, disposition), today, SENSIBLE[7]),
        (_perhaps_to_cape(asked, disposition), cape_plan(asked), SENSIBLE[11]),
        (cures & asked.needs_correction, correction_plan(asked), SENSIBLE[0]),
        (cures & asked.failed(Check.PROTEST), cape_plan(asked), SENSIBLE[1]),
        (cures, cape_plan(asked), SENSIBLE[2]),
        (to_cape, cape_plan(asked), SENSIBLE[3]),
        (by_protest, protest, SENSIBLE[4]),
    )
    return _first(table, SENSIBLE)


@kept
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
    return _before(asked.facts.clocks["protest_last_day"], asked)


def _before(final: pd.Series, asked: Questions) -> pd.Series:
    """The last working day before a last day; that day itself once only it is left."""
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


def _perhaps_to_cape(asked: Questions, disposition: pd.Series) -> np.ndarray:
    """Entries of which a fact is missing while their CAPE window runs: it closes long before the protest's does."""
    runs = (asked.liquidated | asked.perhaps_liquidated) & ~asked.called_final & ~asked.admitted
    still = (asked.facts.clocks["cape_last_day"] >= pd.Timestamp(asked.facts.day)).fillna(False)
    return disposition.eq("undetermined").to_numpy() & runs & still.to_numpy(dtype=bool)


def _deemed(asked: Questions, disposition: pd.Series) -> np.ndarray:
    """Entries to act on today, as they may be deemed liquidated: the worse reading decides."""
    return asked.perhaps_deemed & disposition.isin((*TO_CAPE, "held", "undetermined")).to_numpy()


def _summons(asked: Questions, disposition: pd.Series) -> np.ndarray:
    """Entries out of CAPE whose denied protest can still be contested."""
    return asked.summons_open & disposition.isin(("protest", "final", "held", "undetermined")).to_numpy()


def _open_day(asked: Questions, disposition: pd.Series) -> np.ndarray:
    """Finally closed on a day that is none, with the open day CBP has taken still ahead."""
    return asked.closed_day & disposition.eq("final").to_numpy()


def working(days: pd.Series) -> pd.Series:
    """Each day, or the last working day before it."""
    return few_values.once(days, workdays.business_days_on_or_before)
