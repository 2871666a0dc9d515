"""Which route first and what the other protects, with every clock of both."""

from __future__ import annotations

import numpy as np
import pandas as pd

from cape_kit.assessment import timeline, wording
from cape_kit.assessment.decisions import Questions, deadlines
from cape_kit.assessment.rules import checks
from cape_kit.law.book import Check

SAFE, ENDANGERED, NO_PROTEST_YET = "safe", "endangered", "no protest yet"


def plan(asked: Questions) -> pd.DataFrame:
    """One row per entry: the route to take first, what the other one protects, and every clock of both.

    waiting says whether waiting for CAPE's answer (filing day + the late end of CBP's range) would reach past
    the last working day to protest: safe, endangered, or no protest yet. denied_by and sue_by are for a
    first protest, filed on the filing day with a request for accelerated disposition; suit_last_day counts
    from the date of entry, the earliest of the starts argued for.
    Sources: keys ``payment.days_high``, ``protest.accelerated_days``, ``court.days_after_denial``,
    ``suit.years``.
    """
    facts, clocks = asked.facts, asked.facts.clocks
    day, index = pd.Timestamp(facts.day), asked.facts.entries.index
    protest_by = deadlines.protest_plan(asked).where(_can_protest(asked))
    answered = _answered(asked)
    denied = day + asked.facts.days("protest.accelerated_days")
    waiting = wording.choose(
        [protest_by.isna(), (answered > protest_by) | answered.isna()],
        [NO_PROTEST_YET, ENDANGERED],
        SAFE,
        index,
    )
    first, protects = _routes(asked)
    unprotested = protest_by.notna() & ~asked.live_protest & ~asked.protested_before
    return pd.DataFrame(
        {
            "entry_number": facts.entries["entry_number"],
            "disposition": asked.disposition,
            "first": first,
            "protects": protects,
            "waiting": waiting,
            "cape_plan_day": deadlines.cape_plan(asked).where(asked.acting),
            "cape_last_day": clocks["cape_last_day"].where(asked.acting),
            "protest_plan_day": protest_by,
            "protest_last_day": clocks["protest_last_day"].where(protest_by.notna()),
            "protest_ends_on": timeline.day_off(clocks["protest_last_day"].where(protest_by.notna())),
            "answer_by": answered,
            "denied_by": _for(unprotested, denied),
            "sue_by": _for(unprotested, denied + asked.facts.days("court.days_after_denial")),
            "suit_last_day": asked.suit_last_day.where(asked.counted | asked.unpaid_claim),
            "suit_reading": asked.suit_reading.where(asked.counted | asked.unpaid_claim),
        }
    )


def _routes(asked: Questions) -> tuple[pd.Series, pd.Series]:
    """The route to take first, and what is kept safe by the other."""
    index = asked.facts.entries.index
    protested, acts = asked.failed(Check.PROTEST), asked.acting
    live, before = asked.live_protest, asked.protested_before
    conditions = [
        acts & asked.liquidated & protested,
        acts & asked.liquidated,
        acts,
        asked.decided_as("protest") & live,
        asked.decided_as("protest") & before,
        asked.decided_as("protest"),
        asked.decided_as("held") & asked.never_liquidates,
        asked.decided_as("held") & asked.liquidated,
        asked.decided_as("held"),
        asked.decided_as("final"),
        asked.protective,
        asked.settled_by_protest,
        asked.decided_as("claimed"),
    ]
    first = ["CAPE, after withdrawing the protest", "CAPE", "CAPE", "the protest that is open"]
    first += ["a suit over the protest CBP has decided, if counsel advises one", "a protest"]
    first += [
        "nothing for now",
        "CAPE, once the phase opens",
        "nothing for now",
        "a later phase, or the court",
        "the claim that stands",
        "the refund of the approved protest",
        "the claim that stands",
    ]
    protects = [
        "a new protest, while its window is open, if CAPE refuses the entry",
        "a protest after CAPE's refusal, or by the fall-back day; one filed now would keep the entry out",
        "a protest, once the entry is liquidated",
        "nothing is needed: an open protest keeps the claim alive until CBP decides it",
        "a later phase of CAPE",
        "a suit, after a denial",
        "a suit, if counsel advises one: such an entry is not liquidated, so there is nothing to protest",
        "a protest, if the phase has not taken the entry by the last working day",
        "a protest, once the entry is liquidated",
        "nothing: the protest window is over",
        "a protective protest, while the window of its liquidation is open",
        "nothing is needed, where the decision covers the IEEPA duty",
        "a protest against the liquidation that follows",
    ]
    return wording.choose(conditions, first, "", index), wording.choose(conditions, protects, "", index)


def _answered(asked: Questions) -> pd.Series:
    """By when CAPE has answered: the late end of CBP's range; unknown where it will not take the entry."""
    index, late = asked.facts.entries.index, asked.facts.days("payment.days_high")
    files = pd.Series(pd.Timestamp(asked.facts.day), index=index).where(asked.acting)
    phase = checks.announced_for_flagged(asked.facts.law, asked.facts.day)
    if phase is not None:
        files = files.mask(asked.decided_as("held") & asked.opens_in_time, pd.Timestamp(phase.first_day))
    return (files + late).astype("datetime64[s]")


def _can_protest(asked: Questions) -> np.ndarray:
    return asked.liquidated & ~asked.protest_over & asked.counted


def _for(entries: pd.Series, day: pd.Timestamp) -> pd.Series:
    """One day for some entries; null for the others."""
    return pd.Series(day, index=entries.index).where(entries).astype("datetime64[s]")
