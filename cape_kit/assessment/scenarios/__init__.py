"""What if: a named small change of facts, law or timing, what follows from it, and how it compares.

Nothing a scenario assumes is law: every result carries its assumptions as sentences.
"""

from __future__ import annotations

from cape_kit.assessment.scenarios.applying import Applied, apply, moved, narrowed, refiled, run
from cape_kit.assessment.scenarios.results import (
    Chances,
    chances,
    compare,
    elsewhere,
    figures,
    latest,
    moves,
    pay_days,
    table,
    weeks,
)
from cape_kit.assessment.scenarios.scenario import (
    BASELINE,
    FILE,
    Scenario,
    assumptions,
    known,
    named,
    parse,
    phase_3_day,
    read,
    shipped,
    usual_pace,
    written,
)
from cape_kit.assessment.scenarios.sweeping import Sweep, sweep

__all__ = [
    "BASELINE", "FILE", "Applied", "Chances", "Scenario", "Sweep", "apply", "assumptions", "chances",
    "compare", "elsewhere", "figures", "known", "latest", "moved", "moves", "named", "narrowed", "parse", "pay_days",
    "phase_3_day", "read", "refiled", "run", "shipped", "sweep", "table", "usual_pace", "weeks", "written",
]  # fmt: skip
