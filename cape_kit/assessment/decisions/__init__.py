"""Rules and clocks -> exactly one disposition per entry, with its reason, authority and next deadline.

Read `policy.PRECEDENCE` top to bottom: it is the policy. `Questions` asks it of the facts of a day.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from cape_kit.assessment import rules
from cape_kit.assessment.decisions.policy import (
    DISPOSITIONS,
    PRECEDENCE,
    SUIT,
    TO_FILE,
    Key,
    Step,
    Which,
)
from cape_kit.assessment.decisions.questions import ACTIONABLE, Places, Questions
from cape_kit.assessment.rules import Facts
from cape_kit.entries import kept

__all__ = [
    "ACTIONABLE", "DISPOSITIONS", "PRECEDENCE", "SUIT", "TO_FILE", "Key", "Places", "Questions", "Step", "Which",
    "decide", "kept_by_refusal",
]  # fmt: skip


def decide(facts: Facts, outcomes: pd.DataFrame | None = None) -> Questions:
    """The facts with every question about them; each is answered when it is asked."""
    return Questions(facts, rules.run(facts) if outcomes is None else outcomes)


@kept
def kept_by_refusal(asked: Questions) -> np.ndarray:
    """Entries that would be filed, were it not for what CBP refused them for and the client must cure."""
    found = asked.refused_uncured.copy()
    rows = np.flatnonzero(found)
    if not len(rows):
        return found
    part = asked.take(rows)
    otherwise = Questions(part.facts.unrefused(part.refused_uncured), part.outcomes)
    found[rows] = otherwise.decided_as(*TO_FILE)
    return found
