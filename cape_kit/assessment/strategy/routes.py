"""Which route first and what the other protects, with every clock of both."""

from __future__ import annotations

import numpy as np
import pandas as pd

from cape_kit.assessment import timeline, wording
from cape_kit.assessment.decisions import deadlines
from cape_kit.assessment.scene import Scene
from cape_kit.assessment.strategy.asking import days, decided_as
from cape_kit.law.book import Check

SAFE, ENDANGERED, NO_PROTEST_YET = "safe", "endangered", "no protest yet"


def of_scene(scene: Scene) -> pd.DataFrame:
    """The plan of some entries."""
    facts, clocks = scene.facts, scene.facts.clocks
    day, index = pd.Timestamp(facts.day), scene.decided.index
    protest_by = deadlines.protest_plan(scene.view).where(_can_protest(scene))
    answered = _answered(scene)
    denied = day + days(scene, "protest.accelerated_days")
    years = int(facts.law.value("suit.years", facts.day).value)
    waiting = wording.choose(
        [protest_by.isna(), (answered > protest_by) | answered.isna()],
        [NO_PROTEST_YET, ENDANGERED],
        SAFE,
        index,
    )
    first, protects = _routes(scene)
    unprotested = protest_by.notna() & ~scene.view.live_protest & ~scene.view.protested_before
    return pd.DataFrame(
        {
            "entry_number": facts.entries["entry_number"],
            "disposition": scene.decided["disposition"],
            "first": first,
            "protects": protects,
            "waiting": waiting,
            "cape_plan_day": deadlines.cape_plan(scene.view).where(scene.acting),
            "cape_last_day": clocks["cape_last_day"].where(scene.acting),
            "protest_plan_day": protest_by,
            "protest_last_day": clocks["protest_last_day"].where(protest_by.notna()),
            "protest_ends_on": timeline.day_off(clocks["protest_last_day"].where(protest_by.notna())),
            "answer_by": answered,
            "denied_by": _for(unprotested, denied),
            "sue_by": _for(unprotested, denied + days(scene, "court.days_after_denial")),
            "suit_last_day": timeline.anniversary(facts.entries["entry_date"], years).where(scene.counted),
        }
    )


def _routes(scene: Scene) -> tuple[pd.Series, pd.Series]:
    """The route to take first, and what is kept safe by the other."""
    index, view = scene.decided.index, scene.view
    protested, acts = view.failed(Check.PROTEST), scene.acting
    live, before = view.live_protest, view.protested_before
    conditions = [
        acts & view.liquidated & protested,
        acts & view.liquidated,
        acts,
        decided_as(scene, "protest") & live,
        decided_as(scene, "protest") & before,
        decided_as(scene, "protest"),
        decided_as(scene, "held") & view.never_liquidates,
        decided_as(scene, "held") & view.liquidated,
        decided_as(scene, "held"),
        decided_as(scene, "final"),
        decided_as(scene, "claimed"),
    ]
    first = ["CAPE, after withdrawing the protest", "CAPE", "CAPE", "the protest that is open"]
    first += ["a suit over the protest CBP has decided, if counsel advises one", "a protest"]
    first += [
        "nothing for now",
        "CAPE, once the phase opens",
        "nothing for now",
        "a later phase, or the court",
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
        "a protest against the liquidation that follows",
    ]
    return wording.choose(conditions, first, "", index), wording.choose(conditions, protects, "", index)


def _answered(scene: Scene) -> pd.Series:
    """By when CAPE has answered: the late end of CBP's range; unknown where it will not take the entry."""
    index, late = scene.decided.index, days(scene, "payment.days_high")
    files = pd.Series(pd.Timestamp(scene.facts.day), index=index).where(scene.acting)
    phase = scene.view.announced_phase
    if phase is not None:
        files = files.mask(
            decided_as(scene, "held") & scene.view.opens_in_time, pd.Timestamp(phase.first_day)
        )
    return (files + late).astype("datetime64[s]")


def _can_protest(scene: Scene) -> np.ndarray:
    return scene.view.liquidated & ~scene.view.protest_over & scene.counted


def _for(entries: pd.Series, day: pd.Timestamp) -> pd.Series:
    """One day for some entries; null for the others."""
    return pd.Series(day, index=entries.index).where(entries).astype("datetime64[s]")
