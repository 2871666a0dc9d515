"""What-if for a notebook: live controls where there are widgets, and the same answers without them."""

from __future__ import annotations

import importlib.util
from typing import TYPE_CHECKING

from cape_kit.views import markup
from cape_kit.views.markup import Html
from cape_kit.views.whatif import (
    answer,
    assumed,
    cash_chances,
    cash_weeks,
    comparison,
    filing_days,
    moves,
    section,
)
from cape_kit.views.widgets.pictures import chances_fan, filing_day_curve

if TYPE_CHECKING:
    from cape_kit.assessment.assess import Assessment
    from cape_kit.views.widgets.panel import Panel

__all__ = [
    "answer", "assumed", "cash_chances", "cash_weeks", "chances_fan", "comparison", "filing_day_curve",
    "filing_days", "moves", "section", "what_if",
]  # fmt: skip


def what_if(assessment: Assessment, *, days: int = 120) -> Panel | Html:
    """The live panel on an assessment; `days` is how far ahead the filing day can be moved. [days]

    Where ipywidgets is not installed, one sentence that says so: the tables give the same answers.
    """
    if importlib.util.find_spec("ipywidgets") is None:
        return markup.notice("No live controls here", ["Install cape-kit[lab] to have them."], kind="hint")
    from cape_kit.views.widgets.panel import Panel

    return Panel(assessment, days=days)
