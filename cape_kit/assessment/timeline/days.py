"""Work on days done once per different day: a portfolio has a million entries but a few hundred days."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd


def once(days: pd.Series[Any], work: Callable[[pd.Series[Any]], pd.Series[Any]]) -> pd.Series[Any]:
    """What `work` makes of each day, reckoned on the different days only; null stays null."""
    codes, distinct = pd.factorize(days)
    made = work(pd.Series(distinct.astype("datetime64[s]"))).to_numpy()
    filled = np.append(made, np.array([np.datetime64("NaT")], dtype=made.dtype))
    return pd.Series(filled[codes], index=days.index)
