"""The clocks of an entry: when it was or will be liquidated, and when each window closes.

A recorded liquidation date is never moved; only a missing one is forecast, and says that it is.
"""

from __future__ import annotations

from cape_kit.assessment.timeline.clocks import CLOCKS, build, clocks_on, day_off, long, opens
from cape_kit.assessment.timeline.cycle import anniversary, forecast
from cape_kit.assessment.timeline.history import History, forecasts, history
from cape_kit.assessment.timeline.words import (
    LIQUIDATED,
    OFF_CYCLE,
    Words,
    canonical,
    once,
    plain,
    read,
    spellings,
    spelt,
    understood,
)

__all__ = [
    "CLOCKS",
    "LIQUIDATED",
    "OFF_CYCLE",
    "History",
    "Words",
    "anniversary",
    "build",
    "canonical",
    "clocks_on",
    "day_off",
    "forecast",
    "forecasts",
    "history",
    "long",
    "once",
    "opens",
    "plain",
    "read",
    "spellings",
    "spelt",
    "understood",
]
