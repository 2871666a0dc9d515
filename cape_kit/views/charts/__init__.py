"""The pictures of a report: one function, one chart; a finished table in, a figure out, nothing reckoned."""

from __future__ import annotations

from cape_kit.views.charts.amounts import disposition_bars, programme_bars
from cape_kit.views.charts.picture import Picture
from cape_kit.views.charts.timeline import liquidation_timeline
from cape_kit.views.charts.weekly import dollars_at_risk

__all__ = ["Picture", "disposition_bars", "dollars_at_risk", "liquidation_timeline", "programme_bars"]
