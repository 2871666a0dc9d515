"""The calendar along the foot of a chart: months by name, the year once."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from cape_kit.views import palette, words
from cape_kit.views.charts.picture import Width

#: Seconds in a day.
_DAY = 24 * 60 * 60


def place(day: Any) -> float:
    """Where a day lies across a chart: days since the epoch. [days]"""
    return float(places(pd.Series([pd.Timestamp(day)]))[0])


def places(days: pd.Series) -> np.ndarray:
    """Where many days lie; an unknown day lies nowhere. [days]"""
    seconds = days.to_numpy(dtype="datetime64[s]")
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
