"""The pictures of a report: one function, one chart; a finished table in, a figure out, nothing reckoned."""

from __future__ import annotations

from cape_kit.views.charts.amounts import disposition_bars, split_bars
from cape_kit.views.charts.dollars_at_risk import dollars_at_risk
from cape_kit.views.charts.money_flow import (
    before_after,
    cash_curve,
    interest_sensitivity,
    reconciliation,
    waterfall,
)
from cape_kit.views.charts.picture import Picture
from cape_kit.views.charts.portfolio import coverage_map, month_columns
from cape_kit.views.charts.timeline import liquidation_timeline

__all__ = [
    "Picture",
    "before_after",
    "cash_curve",
    "coverage_map",
    "disposition_bars",
    "dollars_at_risk",
    "interest_sensitivity",
    "liquidation_timeline",
    "month_columns",
    "reconciliation",
    "split_bars",
    "waterfall",
]
