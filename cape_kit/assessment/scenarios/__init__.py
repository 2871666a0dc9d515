"""What if: a named small change of facts, law or timing, what follows from it, and how it compares.

Nothing a scenario assumes is law: every result carries its assumptions as sentences.
"""

from __future__ import annotations

from cape_kit.assessment.scenarios.applying import Applied, apply
from cape_kit.assessment.scenarios.cash import Chances, chances, latest, pay_days, weeks
from cape_kit.assessment.scenarios.comparing import compare, figures, moves, table
from cape_kit.assessment.scenarios.reading import FILE, known, named, parse, read, shipped, written
from cape_kit.assessment.scenarios.refiling import moved, narrowed, refiled, run
from cape_kit.assessment.scenarios.scenario import BASELINE, Scenario, assumptions, phase_3_day, usual_pace
from cape_kit.assessment.scenarios.sweeping import Sweep, sweep

__all__ = [
    "BASELINE", "FILE", "Applied", "Chances", "Scenario", "Sweep", "apply", "assumptions", "chances",
    "compare", "figures", "known", "latest", "moved", "moves", "named", "narrowed", "parse", "pay_days",
    "phase_3_day", "read", "refiled", "run", "shipped", "sweep", "table", "usual_pace", "weeks", "written",
]  # fmt: skip
