"""The authorities an assessment rests on, as its results cite them; no rule is read here."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

from cape_kit.views import markup, words
from cape_kit.views.tables.table import Field, Table

if TYPE_CHECKING:
    from cape_kit.assessment.assess import Assessment


def law_in_force(assessment: Assessment) -> markup.Html:
    """Which law book was used, when it was last checked, and whether that is too long ago."""
    law = assessment.law
    told = (
        f"Rules as in force on {words.day(assessment.filing_date, long=True)}, from the kit’s law book "
        f"(version {law.version}), last checked on {words.day(law.checked_on, long=True)}."
    )
    stale = law.stale(assessment.as_of)
    own = [f"{one['what'].capitalize()} {one['told']}: {one['source']}." for one in law.own_rows]
    return markup.together(
        markup.paragraph(told),
        markup.notice("Rows of the law that the author of this report has entered, not CAPE Kit", own),
        markup.notice("The law book may be out of date", [stale] if stale else []),
    )


def sources(assessment: Assessment) -> Table:
    """The authorities behind the decisions, with how many entries each decides."""
    cited = assessment.table["source"].fillna("")
    counts = cited[cited.ne("")].value_counts().rename_axis("source").reset_index(name="entries")
    frame = counts.sort_values(
        ["entries", "source"], ascending=[False, True], kind="stable", ignore_index=True
    )
    return Table(
        frame,
        (Field("source", "Authority"), Field("entries", "Entries it decides", "count")),
        caption="Authorities behind the decisions",
        as_of=assessment.filing_date,
        empty="No entry was decided.",
    )


def conflicting_readings(assessment: Assessment) -> Table:
    """Questions on which the sources disagree, and the reading this report takes."""
    frame = pd.DataFrame(
        [{"question": one.question, "taken": one.taken, "why": one.why} for one in assessment.law.conflicts],
        columns=["question", "taken", "why"],
    )
    return Table(
        frame,
        (Field("question", "Question"), Field("taken", "Reading taken"), Field("why", "Why")),
        caption="Where the sources disagree",
        as_of=assessment.filing_date,
        empty="The sources used agree.",
    )
