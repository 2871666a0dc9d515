"""Which route first, what the other protects, and in which order to work where an entry is in several hands.

A calendar of choices, not advice: whether to sue or to protest is for counsel.
"""

from __future__ import annotations

from cape_kit.assessment.strategy.order_of_work import Work, every_step, order
from cape_kit.assessment.strategy.routes import ENDANGERED, NO_PROTEST_YET, SAFE, plan

__all__ = ["ENDANGERED", "NO_PROTEST_YET", "SAFE", "Work", "every_step", "order", "plan"]
