"""What-if for a notebook: live controls where there are widgets, and the same answers without them."""

from __future__ import annotations

import importlib.util
from collections.abc import Iterable
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

from cape_kit.views import markup, whatif
from cape_kit.views import start as start_of
from cape_kit.views.markup import Html
from cape_kit.views.tables import Table
from cape_kit.views.whatif import answer, cash_weeks, filing_answer, section
from cape_kit.views.widgets import look
from cape_kit.views.widgets.pictures import chances_fan, filing_day_curve

if TYPE_CHECKING:
    from cape_kit.assessment.assess import Assessment
    from cape_kit.assessment.scenarios import Chances, Scenario, Sweep
    from cape_kit.views.start import Look
    from cape_kit.views.widgets.desk import Desk
    from cape_kit.views.widgets.panel import Panel

__all__ = [
    "answer", "assumed", "cash_chances", "cash_weeks", "chances_fan", "comparison", "filing_answer",
    "filing_day_curve", "filing_days", "look_at", "moves", "section", "start", "taken", "to_do", "waiting", "what_if",
]  # fmt: skip


def comparison(baseline: Assessment, others: Iterable[Scenario | Assessment]) -> Table:
    """`whatif.comparison` as a notebook shows it. [cents]"""
    return look.table(whatif.comparison(baseline, others))


def moves(baseline: Assessment, other: Assessment, *, rows: int = 20) -> Table:
    """`whatif.moves` as a notebook shows it. [cents]"""
    return look.table(whatif.moves(baseline, other, rows=rows))


def assumed(assessment: Assessment) -> Html:
    """`whatif.assumed` as a notebook shows it."""
    return look.words(whatif.assumed(assessment))


def filing_days(found: Sweep, *, rows: int = 10) -> Table:
    """`whatif.filing_days` as a notebook shows it. [cents]"""
    return look.table(whatif.filing_days(found, rows=rows))


def cash_chances(found: Chances) -> Table:
    """`whatif.cash_chances` as a notebook shows it. [cents]"""
    return look.table(whatif.cash_chances(found))


def what_if(assessment: Assessment, *, days: int = 183) -> Panel | Html:
    """The live panel on an assessment; `days` is how far ahead the filing day can be moved. [days]

    Where ipywidgets is not installed, one sentence that says so: the tables give the same answers.
    """
    if importlib.util.find_spec("ipywidgets") is None:
        return markup.notice("No live controls here", ["Install cape-kit[lab] to have them."], kind="hint")
    from cape_kit.views.widgets.panel import Panel

    return Panel(assessment, days=days)


def look_at(folder: Path | str, as_of: date | str = start_of.EXTRACT) -> Look:
    """Everything in a client's folder as it lies, readable or not; `taken`, `waiting` and `to_do` show it."""
    return start_of.look(folder, as_of)


def taken(found: Look) -> Table:
    """`start.taken` as a notebook shows it. [cents]"""
    return look.table(start_of.taken(found))


def waiting(found: Look) -> Table:
    """`start.columns` as a notebook shows it."""
    return look.table(start_of.columns(found))


def to_do(found: Look) -> Html:
    """`start.to_do` as a notebook shows it."""
    return look.words(start_of.to_do(found))


def start(
    folder: Path | str,
    *,
    as_of: date | str = start_of.EXTRACT,
    into: Path | str = "reports",
    opens: bool = True,
) -> Desk | Html:
    """The live door on a client's folder: files, columns, client.toml, what is left, the report under `into`.

    `opens`: whether the report is shown in the browser once it is made. Where ipywidgets is not installed, one
    sentence that says so: the tables give the same answers.
    """
    if importlib.util.find_spec("ipywidgets") is None:
        return markup.notice("No live controls here", ["Install cape-kit[lab] to have them."], kind="hint")
    from cape_kit.views.widgets.desk import Desk

    return Desk(Path(folder), as_of=as_of, into=Path(into), opens=opens)
