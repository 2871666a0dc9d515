"""Which route first, what the other protects, and in which order to work where an entry is in several hands.

A calendar of choices, not advice: whether to sue or to protest is for counsel.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from cape_kit.assessment.scene import Scene
from cape_kit.assessment.strategy.errands import Errand, errands
from cape_kit.assessment.strategy.routes import ENDANGERED, NO_PROTEST_YET, SAFE, of_scene

if TYPE_CHECKING:
    from cape_kit.assessment.assess import Assessment

__all__ = [
    "ENDANGERED", "NO_PROTEST_YET", "SAFE", "Errand", "errands", "of_scene", "order", "order_of_scene",
    "plan",
]  # fmt: skip


def plan(assessment: Assessment) -> pd.DataFrame:
    """One row per entry: the route to take first, what the other one protects, and every clock of both.

    waiting says whether waiting for CAPE's answer (filing day + the late end of CBP's range) would reach past
    the last working day to protest: safe, endangered, or no protest yet. denied_by and sue_by are for a
    first protest, filed on the filing day with a request for accelerated disposition; suit_last_day counts
    from the date of entry, the earliest of the starts argued for.
    Sources: keys ``payment.days_high``, ``protest.accelerated_days``, ``court.days_after_denial``,
    ``suit.years``.
    """
    return of_scene(assessment.scene)


def order(assessment: Assessment) -> pd.DataFrame:
    """The steps of each entry in the order to take them: entry_number, step, action, by, why, source."""
    return order_of_scene(assessment.scene)


def order_of_scene(scene: Scene) -> pd.DataFrame:
    """The steps of some entries."""
    numbers, parts = scene.facts.entries["entry_number"], []
    for place, errand in enumerate(errands(scene)):
        here = np.flatnonzero(errand.when(scene))
        due = errand.by(scene).iloc[here].reset_index(drop=True)
        told = {
            "place": place,
            "action": errand.action,
            "by": due,
            "why": errand.why,
            "source": errand.source,
        }
        parts.append(pd.DataFrame({"entry_number": numbers.iloc[here].array, **told}))
    frame = pd.concat(parts, ignore_index=True).sort_values(["entry_number", "place"], ignore_index=True)
    frame.insert(1, "step", frame.groupby("entry_number").cumcount() + 1)
    return frame.drop(columns="place")
