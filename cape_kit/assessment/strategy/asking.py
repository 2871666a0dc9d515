"""Small questions of a scene that both the plan and the order of work ask."""

from __future__ import annotations

import numpy as np
import pandas as pd

from cape_kit.assessment.scene import Scene


def decided_as(scene: Scene, disposition: str) -> np.ndarray:
    """Entries of a disposition."""
    return (scene.decided["disposition"] == disposition).to_numpy(dtype=bool)


def days(scene: Scene, key: str) -> pd.Timedelta:
    """A number of days of the law book."""
    return pd.Timedelta(days=int(scene.facts.law.value(key, scene.facts.day).value))


def cite(scene: Scene, key: str) -> str:
    """On whose word a value of the law book stands."""
    law = scene.facts.law
    return law.cite(law.value(key, scene.facts.day).source)
