"""The filing day moved over a range: what is in CAPE, in protest and lost on each day, and what falls off.

Between two days only entries whose windows open or close are decided again, or all of them on a day on which
the law changes; a test holds every day to a fresh assessment.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, timedelta
from functools import cached_property
from typing import Any

import numpy as np
import pandas as pd

from cape_kit.assessment import corrections, interest, money, rules, timeline
from cape_kit.assessment.assess import Assessment
from cape_kit.assessment.decisions import DISPOSITIONS
from cape_kit.assessment.scenarios import applying
from cape_kit.assessment.scenarios.scenario import BASELINE, Scenario
from cape_kit.errors import Usage
from cape_kit.law import workdays
from cape_kit.law.book import Law

#: Column of the sweep -> the dispositions it sums.
GROUPS = {
    "cape": applying.ON_CAPE,
    "cure": ("cure",),
    "protest": ("protest",),
    "held": ("held",),
    "filed": ("filed",),
    "lost": ("final",),
    "undetermined": ("undetermined",),
}
_NAMES = list(DISPOSITIONS)
_CAPE = [_NAMES.index(name) for name in applying.ON_CAPE]
_ONE = timedelta(days=1)


@dataclass(frozen=True)
class Sweep:
    """Where entries and dollars stand on each filing day. [cents]

    `days` has a row per day: filing_date; for each of cape (File on CAPE, now or paid later), cure, protest,
    held, filed, lost (out of CAPE and protest) and undetermined ``*_entries``, ``*_cents`` and ``*_unknown`` (entries
    whose duty is not known and in no sum; where it is known of none the sum is null); cape_interest_cents;
    left_entries, left_cents and left_unknown, what was in CAPE the day before and is no more; left_for, where most
    of it is.
    """

    days: pd.DataFrame

    @cached_property
    def _best(self) -> int:
        known = self.days["cape_cents"].to_numpy(dtype="int64", na_value=0)
        # Of days alike in known dollars, one on which entries of unknown dollars can be declared too.
        unknown = self.days["cape_unknown"].to_numpy(dtype="int64")
        return int(np.where(known == known.max(), unknown, -1).argmax())

    @property
    def best_day(self) -> date:
        """The first day on which the most duty can be declared."""
        return self.days["filing_date"].iloc[self._best].date()

    @property
    def last_sensible_day(self) -> date:
        """The last working day from the best day on before any dollar leaves CAPE, known or not."""
        left = self._leaves.to_numpy(dtype=bool)[self._best + 1 :]
        falls = np.flatnonzero(left)
        final = self._best + (int(falls[0]) if len(falls) else len(left))
        return max(workdays.on_or_before(self.days["filing_date"].iloc[final].date()), self.best_day)

    @property
    def _leaves(self) -> pd.Series:
        """The days by which dollars have left CAPE that were in it the day before, known or not."""
        return self.days["left_cents"].ne(0).fillna(True)

    @cached_property
    def cliffs(self) -> pd.DataFrame:
        """The last days before dollars leave CAPE, the most first: last_day, entries, cents, unknown, left_for.

        Before them those of which no amount is known: it may be the most.
        """
        after = self.days[self._leaves]
        frame = pd.DataFrame(
            {
                "last_day": after["filing_date"] - pd.Timedelta(days=1),
                "entries": after["left_entries"],
                "principal_cents": after["left_cents"],
                "principal_unknown": after["left_unknown"],
                "left_for": after["left_for"],
            }
        )
        order = ["principal_cents", "last_day"]
        return frame.sort_values(order, ascending=[False, True], na_position="first", ignore_index=True)


def sweep(assessment: Assessment, first: date | None = None, last: date | None = None) -> Sweep:
    """Every filing day from `first` (default: the assessment's) to `last`, inclusive, under its scenario.

    By default it looks one CAPE window ahead, source key ``window.cape``. Raises NoLawInForce for a day that
    the law book does not cover.
    """
    begin = first or assessment.filing_date
    end = last or begin + timedelta(days=int(assessment.law.value("window.cape", begin).value))
    if end < begin:
        raise Usage(f"The last filing day, {end}, is before the first, {begin}.")
    days = [begin + timedelta(days=n) for n in range((end - begin).days + 1)]
    place, was = states(assessment, days)
    duty = assessment.facts.lines["principal_cents"]
    unknown = duty.isna().to_numpy(dtype="int64")
    principal = duty.to_numpy(dtype="int64", na_value=0)
    columns: dict[str, Any] = {"filing_date": pd.Series(pd.to_datetime(days)).astype("datetime64[s]")}
    for name, members in GROUPS.items():
        inside = np.isin(place, [_NAMES.index(one) for one in members])
        columns[f"{name}_entries"] = inside.sum(axis=1)
        columns[f"{name}_unknown"] = inside @ unknown
        columns[f"{name}_cents"] = _known(
            inside @ principal, columns[f"{name}_entries"], columns[f"{name}_unknown"]
        )
    columns["cape_interest_cents"] = [
        _interest(assessment, day, np.isin(here, _CAPE), liquidated=before)
        for day, here, before in zip(days, place, was, strict=True)
    ]
    return Sweep(pd.DataFrame(columns | _left(place, principal, unknown)))


def _known(cents: np.ndarray, entries: np.ndarray, unknown: np.ndarray) -> Any:
    """Sums of what is known; null where there are entries and of none of them it is. [cents]"""
    return pd.Series(cents, dtype="Int64").mask((entries > 0) & (entries == unknown))


def states(assessment: Assessment, days: list[date]) -> tuple[np.ndarray, np.ndarray]:
    """Per day and entry: the disposition as a place in DISPOSITIONS, and whether it is liquidated by then."""
    scenario = assessment.scenario or BASELINE
    limits = _limits(assessment.law)
    count = len(assessment.facts.entries)
    place, was = np.empty((len(days), count), dtype="int8"), np.empty((len(days), count), dtype=bool)
    for n, day in enumerate(days):
        if n == 0 or day in limits:
            facts = applying.bundle(assessment, assessment.portfolio, assessment.law, day)
            place[n], was[n] = _decided(facts, scenario)
            turns = _turns(facts)
            continue
        place[n], was[n] = place[n - 1], was[n - 1]
        rows = turns.get(np.datetime64(day, "D"))
        if rows is not None:
            place[n, rows], was[n, rows] = _decided(_part(facts, rows, day), scenario)
    return place, was


def _decided(facts: rules.Facts, scenario: Scenario) -> tuple[np.ndarray, np.ndarray]:
    asked = applying.questions(facts, scenario)
    return pd.Categorical(asked.disposition, categories=_NAMES).codes, asked.liquidated


def _part(facts: rules.Facts, rows: np.ndarray, day: date) -> rules.Facts:
    """Some entries as they stand on another day."""
    part = facts.take(rows)
    moved = replace(part, clocks=timeline.build(part.entries, facts.law, as_of=day), day=day)
    return rules.with_phase(moved)


def _turns(facts: rules.Facts) -> dict[np.datetime64, np.ndarray]:
    """Day -> entries for which something may change on it, while the law stays as it is.

    Every comparison of an entry with the day is made against a liquidation (recorded, original or forecast),
    with or without the length of a window, or against the last day for a correction. Sources: keys
    ``window.*``, ``psc.*``.
    """
    entries, law = facts.entries, facts.law
    starts = [entries["liquidation_date"], entries["original_liquidation_date"]]
    starts.append(timeline.forecast(entries["entry_date"], law, facts.day))
    lengths = [int(law.value(clock.length, facts.day).value) for clock in timeline.CLOCKS.values()]
    corrected = corrections.last_day(facts)
    known = np.flatnonzero(corrected.notna().to_numpy())
    found = [(corrected.to_numpy()[known].astype("datetime64[D]") + 1, known)]
    for start in starts:
        known = np.flatnonzero(start.notna().to_numpy())
        day = start.to_numpy()[known].astype("datetime64[D]")
        found += [(day + length + more, known) for length in (0, *lengths) for more in (0, 1)]
    frame = pd.DataFrame(
        {"day": np.concatenate([day for day, _ in found]), "row": np.concatenate([row for _, row in found])}
    ).drop_duplicates()
    return {key.to_datetime64().astype("datetime64[D]"): np.sort(rows) for key, rows in _grouped(frame)}


def _grouped(frame: pd.DataFrame) -> list[tuple[pd.Timestamp, np.ndarray]]:
    return [(pd.Timestamp(str(day)), rows.to_numpy()) for day, rows in frame.groupby("day")["row"]]


def _limits(law: Law) -> set[date]:
    """The days on which some value or check of the law begins, ends or becomes known."""
    contents = law.contents
    rows: list[Any] = [value for series in contents.series.values() for value in series.values]
    found: set[date | None] = set()
    for row in [*rows, *contents.validations, *contents.phases]:
        found |= {row.first_day, row.known_from}
        if row.last_day:
            found.add(row.last_day + _ONE)
    return {day for day in found if day is not None}


def _interest(assessment: Assessment, day: date, filed: np.ndarray, *, liquidated: np.ndarray) -> int:
    """Interest on what is filed that day, to the liquidation expected after it. [cents]

    Sources: keys ``processing.liquidation_after_acceptance``, ``processing.reliquidation_business_days``.
    """
    law, rows = assessment.law, np.flatnonzero(filed)
    after = timedelta(days=int(law.value("processing.liquidation_after_acceptance", day).value))
    business = int(law.value("processing.reliquidation_business_days", day).value)
    limit = interest.covered_until(law)
    soon, later = (min(one, limit) for one in (workdays.add_business_days(day, business), day + after))
    until = np.where(liquidated[rows], np.datetime64(soon, "s"), np.datetime64(later, "s"))
    part = assessment.money.iloc[rows].assign(until=until)
    found = 0
    for name, mine in part.groupby("importer_class"):
        told = money.grown(
            mine["entry_number"],
            mine["principal_cents"],
            (mine["deposit_day"], mine["until"]),
            law,
            later=assessment.client.later_deposits,
            reading=(str(name), None),
        )
        found += int(told.sum())
    return found


def _left(place: np.ndarray, principal: np.ndarray, unknown: np.ndarray) -> dict[str, object]:
    """What was in CAPE the day before and is no more, and where most of its dollars are now."""
    entries, cents, left, where = [0], [0], [0], [""]
    inside = np.isin(place, _CAPE)
    for n in range(1, len(place)):
        gone = inside[n - 1] & ~inside[n]
        entries.append(int(gone.sum()))
        cents.append(int(principal[gone].sum()))
        left.append(int(unknown[gone].sum()))
        # Of what has no known dollars, where most of the entries are.
        weights = principal[gone] if principal[gone].any() else unknown[gone]
        sums = np.bincount(place[n][gone], weights=weights, minlength=len(_NAMES))
        where.append(DISPOSITIONS[_NAMES[int(sums.argmax())]] if sums.any() else "")
    known = _known(np.array(cents), np.array(entries), np.array(left))
    return {"left_entries": entries, "left_cents": known, "left_unknown": left, "left_for": where}
