"""What charts of days draw with: many blocks as one element, and the calendar along the foot."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
from matplotlib.patches import PathPatch
from matplotlib.path import Path

from cape_kit.views import palette, words
from cape_kit.views.charts.picture import Width

#: The left, right, lower and upper sides of many rectangles.
Sides = tuple[np.ndarray, ...]


def draw(axes: Any, sides: Sides, **look: Any) -> None:
    """Rectangles by their four sides, in the order of `Sides`; empty and unknown ones are left out.

    The limits of the axes are the caller's to set.
    """
    left, right, lower, upper = (np.asarray(side, dtype=float) for side in sides)
    drawn = (right > left) & (upper > lower)
    if not drawn.any():
        return
    left, right, lower, upper = left[drawn], right[drawn], lower[drawn], upper[drawn]
    across, up = np.stack([left, right, right, left], 1), np.stack([lower, lower, upper, upper], 1)
    shape = Path.make_compound_path_from_polys(np.stack([across, up], 2))
    patch = PathPatch(shape, **{"linewidth": 0, **look})
    patch.set_in_layout(False)
    axes.add_artist(patch)


#: Seconds in a day.
_DAY = 24 * 60 * 60


def place(day: Any) -> float:
    """Where a day lies across a chart: days since the epoch. [days]"""
    return float(places(np.array([pd.Timestamp(day).to_datetime64()]))[0])


def places(days: pd.Series | np.ndarray) -> np.ndarray:
    """Where many days lie; an unknown day lies nowhere. [days]"""
    seconds = np.asarray(days, dtype="datetime64[s]")
    return np.where(np.isnat(seconds), np.nan, seconds.astype("int64") / _DAY)


def months(axes: Any, first: pd.Timestamp, last: pd.Timestamp, width: Width) -> None:
    """Limits from first to last, and a tick every one, three or six months, as many as fit."""
    margin = (last - first) / 60 + pd.Timedelta(days=1)
    first, last = first - margin, last + margin
    axes.set_xlim(place(first), place(last))
    room = 11 if width == "wide" else 6
    starts = pd.date_range(first, last, freq="MS")
    step = next((step for step in (1, 2, 3, 6, 12) if len(starts) / step <= room), 12)
    ticks = [start for start in starts if (start.month - 1) % step == 0]
    axes.set_xticks([place(tick) for tick in ticks], labels(ticks), fontsize=8)
    axes.spines["bottom"].set_color(palette.HAIRLINE)


def labels(ticks: list[pd.Timestamp]) -> list[str]:
    """The year stands under the first month shown of it."""
    told = []
    for number, tick in enumerate(ticks):
        new_year = number == 0 or tick.year != ticks[number - 1].year
        told.append(words.month(tick.month) + (f"\n{tick.year}" if new_year else ""))
    return told
