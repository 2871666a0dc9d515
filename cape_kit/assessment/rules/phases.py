"""Phases of CAPE: whom one takes on the day, and which was announced by then."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pandas as pd

from cape_kit.assessment.rules.facts import Facts
from cape_kit.assessment.rules.on_entries import phase_takes
from cape_kit.law.book import Law, Value

#: The status of a value of the law that a scenario takes for granted.
ASSUMED = "assumed"


def admission(law: Law, day: date) -> Value:
    """Whose finally liquidated entries CAPE takes on a day. Source: key ``phase.admits_final``."""
    return law.value("phase.admits_final", day)


def announced_admission(law: Law, day: date) -> Value | None:
    """The next phase for finally liquidated entries, if CBP had announced it by the day, or if assumed."""
    opening = law.next_first_day("phase.admits_final", day)
    upcoming = law.value("phase.admits_final", opening) if opening else None
    return upcoming if upcoming and (upcoming.known_from <= day or upcoming.status == ASSUMED) else None


def announced_for_flagged(law: Law, day: date) -> Value | None:
    """The next opening for flagged types, if CBP had announced it by the day. Source: key ``types.recon_allowed``."""
    opening = law.next_first_day("types.recon_allowed", day)
    upcoming = law.value("types.recon_allowed", opening) if opening else None
    return upcoming if upcoming and upcoming.known_from <= day else None


def with_phase(facts: Facts) -> Facts:
    """The facts with the CAPE window set aside for entries a phase takes though it is over: its own day binds.

    Source: key ``phase.admits_final``.
    """
    value = admission(facts.law, facts.day)
    if value.value == "none":
        return facts
    takes = phase_takes(facts).fillna(False).to_numpy(dtype=bool)
    aside = {"cape_last_day": pd.NaT, "cape_days_left": pd.NA, "cape_state": None}
    if value.last_day:
        ends, left = pd.Timestamp(value.last_day), (value.last_day - facts.day).days
        aside = {"cape_last_day": ends, "cape_days_left": left, "cape_state": "open"}
    clocks = facts.clocks.assign(**{name: facts.clocks[name].mask(takes, one) for name, one in aside.items()})
    return replace(facts, clocks=clocks)
