"""What became different between two days with the same files, and whether time or the law did it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from cape_kit.assessment import assess, wording
from cape_kit.assessment.decisions import DISPOSITIONS
from cape_kit.entries.portfolio import Portfolio
from cape_kit.errors import Usage
from cape_kit.law.book import Law
from cape_kit.money import known_sum, unknown_count

if TYPE_CHECKING:
    from cape_kit.assessment.assess import Assessment

TIME, LAW, BOTH = "time passed", "the law changed", "time passed and the law changed"


@dataclass(frozen=True)
class Changes:
    """The entries whose disposition changed, with both assessments.

    `table`: entry_number, before, after, why (time or law; with one set of files the data never changed),
    what (what happened, in words), principal_cents (null where it is not known).
    """

    before: Assessment
    after: Assessment
    table: pd.DataFrame

    @property
    def summary(self) -> pd.DataFrame:
        """Entries and principal by what they were, what they are and why. [cents]

        The sums are of what is known, null where nothing is; `principal_unknown` says of how many entries it is not.
        """
        grouped = self.table.groupby(["before", "after", "why"], sort=False, as_index=False)
        found = grouped.agg(
            entries=("entry_number", "size"),
            principal_cents=("principal_cents", known_sum),
            principal_unknown=("principal_cents", unknown_count),
        )
        rank = {key: place for place, key in enumerate(DISPOSITIONS)}
        order = found.assign(was=found["before"].map(rank), now=found["after"].map(rank))
        return order.sort_values(["was", "now", "why"], ignore_index=True).drop(columns=["was", "now"])


def between(portfolio: Portfolio, law: Law, first: date, until: date) -> Changes:
    """What changed from one day to a later one, the files being the same."""
    return changes(assess.assess(portfolio, law, until), first)


def changes(assessment: Assessment, day: date) -> Changes:
    """What changed from an earlier day to the assessment's filing date, the files being the same.

    To tell time from law, the later day is decided again under the law as it stood on the earlier one, and
    after each step the programme took since: an entry that comes out as it finally did under the first was
    moved by time alone; else the steps that moved it are named. Raises Usage when the days are the wrong way
    round, NoLawInForce where the law book does not reach.
    """
    until, law, portfolio = assessment.filing_date, assessment.law, assessment.portfolio
    if day >= until:
        raise Usage(f"{day} is not before {until}; give the earlier day with --since")
    before = assess.assess(portfolio, law, day)
    was, now = before.questions.days["disposition"], assessment.questions.days["disposition"]
    otherwise, steps = _by_law(assessment, day)
    why = wording.choose([otherwise == now, otherwise == was], [TIME, LAW], BOTH, was.index)
    what = _by_time(before, assessment).mask(why == LAW, "") + steps
    table = pd.DataFrame(
        {
            "entry_number": assessment.questions.days["entry_number"],
            "before": was,
            "after": now,
            "why": why,
            "what": what.str.strip(),
            "principal_cents": assessment.money["principal_cents"].astype("Int64"),
        }
    )
    moved = (was != now).to_numpy(dtype=bool)
    return Changes(before, assessment, table[moved].reset_index(drop=True))


def as_it_stood(law: Law, day: date) -> Law:
    """The law of one day, held for good: what came later is left out, what ended later goes on."""

    def held(rows: tuple[Any, ...]) -> tuple[Any, ...]:
        return tuple(
            replace(row, last_day=None)
            if row.first_day <= day and (row.last_day is None or day <= row.last_day)
            else row
            for row in rows
            if row.first_day <= day
        )

    contents = law.contents
    series = {key: replace(one, values=held(one.values)) for key, one in contents.series.items()}
    kept = replace(
        contents, series=series, validations=held(contents.validations), phases=held(contents.phases)
    )
    return replace(law, version=f"{law.version}+as of {day}", contents=kept)


def _by_time(before: Assessment, after: Assessment) -> pd.Series:
    """What the passing days did to an entry: it liquidated, or a window closed."""
    index = after.clocks.index
    liquidated = ~_yes(before.clocks["liquidated"]) & _yes(after.clocks["liquidated"])
    said = wording.choose(
        [liquidated], ["Liquidated on " + wording.day(after.clocks["liquidated_on"]) + ". "], "", index
    )
    names = {"cape": "The CAPE window closed on ", "protest": "The protest window closed on "}
    for clock, words in names.items():
        shut = (before.clocks[f"{clock}_state"] != "closed") & (after.clocks[f"{clock}_state"] == "closed")
        closed = words + wording.day(after.clocks[f"{clock}_last_day"]) + ". "
        shown = _yes(shut) & _yes(after.clocks["liquidated"])
        said = said + wording.choose([shown], [closed], "", index)
    lapsed = ~before.questions.beyond_correction & after.questions.beyond_correction
    ended = "The time for a post summary correction has passed. "
    said = said + wording.choose(
        [lapsed & (after.questions.days["disposition"] != "final")], [ended], "", index
    )
    doubt = after.clocks["maybe_on"].notna() & (after.questions.days["disposition"] == "undetermined")
    aged = (
        "The files are older than its expected liquidation on " + wording.day(after.clocks["maybe_on"]) + ". "
    )
    return said + wording.choose([doubt], [aged], "", index)


def _by_law(assessment: Assessment, day: date) -> tuple[pd.Series, pd.Series]:
    """What each entry would be under the law of the earlier day, and the steps of the law that moved it."""
    law, until, portfolio = assessment.law, assessment.filing_date, assessment.portfolio
    steps = [one for one in law.contents.phases if day < one.first_day <= until]

    def under(held: date) -> pd.Series:
        return assess.assess(portfolio, as_it_stood(law, held), until).questions.days["disposition"]

    first = last = under(day)
    told = wording.all_of("", first.index)
    for step in steps:
        then = under(step.first_day)
        named = f"{step.title}, from {wording.on(step.first_day)}. "
        told = told + wording.choose([then != last], [named], "", first.index)
        last = then
    rest = last != assessment.questions.days["disposition"]
    return first, told + wording.choose([rest], ["A rule in the law book changed. "], "", first.index)


def _yes(flags: pd.Series) -> np.ndarray:
    return flags.fillna(False).to_numpy(dtype=bool)
