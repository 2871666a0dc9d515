"""The pictures of a report: one function, one chart; a finished table in, a figure out, nothing reckoned."""

from __future__ import annotations

from cape_kit.views.charts.amounts import (
    before_after,
    cash_curve,
    disposition_bars,
    interest_sensitivity,
    reconciliation,
    split_bars,
    waterfall,
)
from cape_kit.views.charts.picture import Picture
from cape_kit.views.charts.portfolio import coverage_map, month_columns
from cape_kit.views.charts.timeline import dollars_at_risk, liquidation_timeline

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
