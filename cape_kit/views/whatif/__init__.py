"""What if: the answers as a notebook shows them, live controls where there are widgets, a part of the report."""

from __future__ import annotations

import importlib.util
from collections.abc import Iterable
from typing import TYPE_CHECKING

from cape_kit.views import markup
from cape_kit.views.markup import Html
from cape_kit.views.tables import Table
from cape_kit.views.whatif import notebook_style, tables
from cape_kit.views.whatif.charts import chances_fan, filing_day_curve
from cape_kit.views.whatif.tables import answer, cash_weeks, filing_answer, own, section

if TYPE_CHECKING:
    from cape_kit.assessment.assess import Assessment
    from cape_kit.assessment.scenarios import Chances, Scenario, Sweep
    from cape_kit.views.whatif.panel import Panel

__all__ = [
    "answer", "assumed", "cash_chances", "cash_weeks", "chances_fan", "comparison", "filing_answer",
    "filing_day_curve", "filing_days", "moves", "own", "section", "what_if",
]  # fmt: skip


def comparison(baseline: Assessment, others: Iterable[Scenario | Assessment]) -> Table:
    """`tables.comparison` as a notebook shows it. [cents]"""
    return notebook_style.table(tables.comparison(baseline, others))


def moves(baseline: Assessment, other: Assessment, *, rows: int = 20) -> Table:
    """`tables.moves` as a notebook shows it. [cents]"""
    return notebook_style.table(tables.moves(baseline, other, rows=rows))


def assumed(assessment: Assessment) -> Html:
    """`tables.assumed` as a notebook shows it."""
    return notebook_style.words(tables.assumed(assessment))


def filing_days(found: Sweep, *, rows: int = 10) -> Table:
    """`tables.filing_days` as a notebook shows it. [cents]"""
    return notebook_style.table(tables.filing_days(found, rows=rows))


def cash_chances(found: Chances) -> Table:
    """`tables.cash_chances` as a notebook shows it. [cents]"""
    return notebook_style.table(tables.cash_chances(found))


def what_if(assessment: Assessment, *, days: int = 183) -> Panel | Html:
    """The live panel on an assessment; `days` is how far ahead the filing day can be moved. [days]

    Where ipywidgets is not installed, one sentence that says so: the tables give the same answers.
    """
    if importlib.util.find_spec("ipywidgets") is None:
        return markup.notice("No live controls here", ["Install cape-kit[lab] to have them."], kind="hint")
    from cape_kit.views.whatif.panel import Panel

    return Panel(assessment, days=days)
