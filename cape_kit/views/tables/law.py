"""The authorities an assessment rests on, as its results cite them; no rule is read here."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from cape_kit.assessment import disagreements
from cape_kit.views import markup, words
from cape_kit.views.tables.file_quality import BASIS
from cape_kit.views.tables.table import Field, Table, duty, first, sheet, told_apart

if TYPE_CHECKING:
    from cape_kit.assessment.assess import Assessment


def law_in_force(assessment: Assessment) -> markup.Html:
    """Which law book was used, when it was last checked, and whether that is too long ago."""
    law = assessment.law
    told = (
        f"Rules in force on {words.day(assessment.filing_date, long=True)}, from the kit’s law book "
        f"(version {law.version}), last checked on {words.day(law.checked_on, long=True)}."
    )
    stale = law.stale(assessment.as_of)
    own = [f"{one['what'].capitalize()} {one['told']}: {one['source']}." for one in law.own_rows]
    return markup.together(
        markup.paragraph(told),
        markup.notice("Law entered by the author of this report, not by CAPE Kit", own),
        markup.notice("The law book may be out of date", [stale] if stale else []),
    )


def sources(assessment: Assessment, *, rows: int | None = None) -> Table:
    """The authorities behind the decisions, with how many entries each decides."""
    cited = assessment.table["source"].fillna("")
    counts = cited[cited.ne("")].value_counts().rename_axis("source").reset_index(name="entries")
    frame = counts.sort_values(
        ["entries", "source"], ascending=[False, True], kind="stable", ignore_index=True
    )
    told = Table(
        frame,
        (Field("source", "Authority"), Field("entries", "Entries decided", "count")),
        caption="Authorities behind the decisions",
        as_of=assessment.filing_date,
        empty="No entry was decided.",
    )
    return first(told, rows, sheet(BASIS))


def conflicting_readings(assessment: Assessment) -> Table:
    """Questions on which the sources disagree, the reading taken, and what of the client hangs on it. [cents]"""
    frame = told_apart(disagreements.depending_on_law(assessment))
    return Table(
        frame,
        (
            Field("question", "Question"),
            Field("taken", "Position taken"),
            Field("why", "Why"),
            Field("entries", "Entries", "count"),
            duty(frame),
        ),
        caption="Where the sources disagree",
        as_of=assessment.filing_date,
        empty="The sources used agree.",
    )


def readings_that_matter(assessment: Assessment, *, rows: int = 7) -> Table:
    """The same, of those on which a day or a dollar of this client hangs; the others are in the workbook."""
    whole = conflicting_readings(assessment)
    touching = whole.frame[whole.frame["entries"].gt(0)].reset_index(drop=True)
    mine, others = touching.head(rows), len(whole.frame) - len(touching)
    return replace(
        whole,
        frame=mine,
        caption="Where the sources disagree and it affects these entries",
        note=f"{words.count(others, 'other')} do not affect these entries; they are in the workbook."
        if others
        else "",
        left_out=len(touching) - len(mine),
        whole=sheet(BASIS),
        empty="No entry depends on a point on which the sources disagree.",
    )
