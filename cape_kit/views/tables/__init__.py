"""Frames made ready to read: one function, one table; each takes an assessment and returns a finished Table.

Nothing is decided here: what an entry may do, by when and why stands in the assessment already.
"""

from __future__ import annotations

from cape_kit.views.markup import beside
from cape_kit.views.tables.actions import actions, deadlines, declarations, priorities, weeks
from cape_kit.views.tables.audit import audit_rows, line_findings, set_off, set_off_explained
from cape_kit.views.tables.clocks import clock_groups, clocks, cost_of_waiting, liquidation_history, suits
from cape_kit.views.tables.expected import bridge, expected, expected_figures
from cape_kit.views.tables.file_quality import (
    checks,
    conflicts,
    files,
    money_columns,
    problems,
    settled_by_hand,
)
from cape_kit.views.tables.full_lists import (
    conflict_rows,
    declared_entries,
    entries_of_filer,
    every_entry,
    problem_rows,
    protest_groups,
    protest_list,
)
from cape_kit.views.tables.last_report import since_last
from cape_kit.views.tables.law import conflicting_readings, law_in_force, readings_that_matter, sources
from cape_kit.views.tables.money import (
    basis,
    before_after,
    cash_curve,
    cash_steps,
    dispositions,
    importers,
    interest_sensitivity,
    payments_received,
    programmes,
    reconciliation,
    to_raise,
    waterfall,
)
from cape_kit.views.tables.portfolio import by_filer, by_month, by_origin, by_programme, coverage
from cape_kit.views.tables.readiness import readiness
from cape_kit.views.tables.steps import decisions, first_steps
from cape_kit.views.tables.summary import alerts, answer, cover, figures, headline, notices
from cape_kit.views.tables.table import Field, Table

__all__ = [
    "Field",
    "Table",
    "actions",
    "alerts",
    "answer",
    "audit_rows",
    "basis",
    "before_after",
    "beside",
    "bridge",
    "by_filer",
    "by_month",
    "by_origin",
    "by_programme",
    "cash_curve",
    "cash_steps",
    "checks",
    "clock_groups",
    "clocks",
    "conflict_rows",
    "conflicting_readings",
    "conflicts",
    "cost_of_waiting",
    "cover",
    "coverage",
    "deadlines",
    "decisions",
    "declarations",
    "declared_entries",
    "dispositions",
    "entries_of_filer",
    "every_entry",
    "expected",
    "expected_figures",
    "figures",
    "files",
    "first_steps",
    "headline",
    "importers",
    "interest_sensitivity",
    "law_in_force",
    "line_findings",
    "liquidation_history",
    "money_columns",
    "notices",
    "payments_received",
    "priorities",
    "problem_rows",
    "problems",
    "programmes",
    "protest_groups",
    "protest_list",
    "readiness",
    "readings_that_matter",
    "reconciliation",
    "set_off",
    "set_off_explained",
    "settled_by_hand",
    "since_last",
    "sources",
    "suits",
    "to_raise",
    "waterfall",
    "weeks",
]
