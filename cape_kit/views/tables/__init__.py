"""Frames made ready to read: one function, one table; each takes an assessment and returns a finished Table.

Nothing is decided here: what an entry may do, by when and why stands in the assessment already.
"""

from __future__ import annotations

from cape_kit.views.tables.actions import actions, deadlines, priorities, weeks
from cape_kit.views.tables.clocks import clock_groups, clocks
from cape_kit.views.tables.data import checks, conflicts, files, problems, settled_by_hand
from cape_kit.views.tables.law import conflicting_readings, law_in_force, sources
from cape_kit.views.tables.money import dispositions, importers, programme_split, programmes
from cape_kit.views.tables.summary import cover, figures, headline, notices
from cape_kit.views.tables.table import Field, Table
from cape_kit.views.tables.upload import declarations

__all__ = [
    "Field",
    "Table",
    "actions",
    "checks",
    "clock_groups",
    "clocks",
    "conflicting_readings",
    "conflicts",
    "cover",
    "deadlines",
    "declarations",
    "dispositions",
    "figures",
    "files",
    "headline",
    "importers",
    "law_in_force",
    "notices",
    "priorities",
    "problems",
    "programme_split",
    "programmes",
    "settled_by_hand",
    "sources",
    "weeks",
]
