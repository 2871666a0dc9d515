"""What a scenario takes for granted about CBP's answer itself: cures that succeed, rejections.

Here alone an outcome or a decision is replaced; each replaced decision says that it is assumed.
"""

from __future__ import annotations

from dataclasses import dataclass, fields
from functools import cached_property
from typing import Any

import numpy as np
import pandas as pd

from cape_kit.assessment import decisions
from cape_kit.assessment.decisions import Decided, View, deadlines
from cape_kit.assessment.rules import FAIL, PASS, Facts
from cape_kit.assessment.scenarios.scenario import Scenario
from cape_kit.assessment.wording.reasons import ASSUMED
from cape_kit.law.book import Check

ON_CAPE = ("file", "file_deferred")
#: A hash's key is so many characters; a hash is one of so many numbers.
_KEY_LENGTH, _KEYS, _HASHES = 16, 10**16, 2**64


@dataclass(frozen=True)
class Judged:
    """Facts and outcomes as the scenario has them."""

    facts: Facts
    outcomes: pd.DataFrame


def before(facts: Facts, outcomes: pd.DataFrame, scenario: Scenario) -> Judged:
    """The outcomes as the scenario has them, before anything is decided."""
    if scenario.cures_succeed:
        facts = facts.unrefused(View(facts, outcomes).refused_unmended)
        outcomes = _mended(facts, outcomes)
    return Judged(facts, outcomes)


def after(judged: Judged, decided: Decided, scenario: Scenario) -> Decided:
    """The decisions with what the scenario replaces, in words that say so."""
    disposition = decided.days["disposition"].to_numpy(dtype=object)
    found = [told for told in changes(judged, disposition, scenario) if told.where.any()]
    if not found:
        return decided
    places = tuple((told.where, _columns(judged, told)) for told in found)
    plain = {one.name: getattr(decided, one.name) for one in fields(decided)}
    return Redecided(**{**plain, "days": _put(decided.days, places)}, places=places)


#: Entries, and what stands in which column for them.
Places = tuple[tuple[np.ndarray, dict[str, Any]], ...]


@dataclass(frozen=True, kw_only=True)
class Redecided(Decided):
    """Decisions of which some are replaced by what a scenario assumes."""

    places: Places = ()

    @cached_property
    def frame(self) -> pd.DataFrame:
        """One row per entry, as in `Decided`, with the replaced decisions in place."""
        return _put(super().frame, self.places)


@dataclass(frozen=True)
class Change:
    """Entries whose decision the scenario replaces, and what is said of them."""

    where: np.ndarray
    disposition: str | None
    reason: str
    source: str
    what_to_do: str


def changes(judged: Judged, disposition: np.ndarray, scenario: Scenario) -> list[Change]:
    """What the scenario replaces after the decision, in the order it is done."""
    return _rejected(judged, disposition, scenario)


def dispositions(judged: Judged, scenario: Scenario) -> np.ndarray:
    """The dispositions alone, as `decide` and `after` would give them."""
    named = _by_policy(judged.facts, judged.outcomes)
    for told in changes(judged, named, scenario):
        if told.disposition:
            named = np.where(told.where, told.disposition, named)
    return named


def _by_policy(facts: Facts, outcomes: pd.DataFrame) -> np.ndarray:
    view = View(facts, outcomes)
    lines = decisions.PRECEDENCE
    step = np.select([line.when(view) for line in lines], range(len(lines)))
    return np.array([line.disposition for line in lines], dtype=object)[step]


def _mended(facts: Facts, outcomes: pd.DataFrame) -> pd.DataFrame:
    """Every failure the client can mend, mended. Source: `client_can` in the law book."""
    view = View(facts, outcomes)
    codes = [code for code in view.mendable_rules if code in outcomes]
    if Check.PROTEST in codes:
        # A protest about more than IEEPA duty is not withdrawn for CAPE's sake.
        codes.remove(Check.PROTEST)
        withdrawn = view.failed(Check.PROTEST) & ~view.other_protest & ~view.failed(Check.FINAL_LIQUIDATION)
        passed = outcomes[Check.PROTEST].mask(withdrawn, PASS).astype("int8")
        outcomes = outcomes.assign(**{Check.PROTEST.value: passed})
    mended = {code: outcomes[code].mask(outcomes[code] == FAIL, PASS).astype("int8") for code in codes}
    return outcomes.assign(**mended)


def _rejected(judged: Judged, disposition: np.ndarray, scenario: Scenario) -> list[Change]:
    if not scenario.rejected_share:
        return []
    drawn = draws(judged.facts, scenario.seed) < scenario.rejected_share
    hit = drawn & np.isin(disposition, ON_CAPE)
    was = judged.facts.clocks["liquidated"].fillna(False).to_numpy(dtype=bool)
    taken = View(judged.facts, judged.outcomes).admitted
    why = f"{ASSUMED}CBP rejects it for a reason no export foretells (seed {scenario.seed})."
    return [
        Change(hit & was & ~taken, "protest", why, "the scenario", "Protest before the last day."),
        Change(hit & ~(was & ~taken), "held", why, "the scenario", "Ask CBP why; file it again."),
    ]


def draws(facts: Facts, seed: int) -> np.ndarray:
    """One number from 0 to 1 for each entry: the same on every day, under every share, in any company."""
    hashed = pd.util.hash_pandas_object(
        facts.entries["entry_number"], index=False, hash_key=f"{seed % _KEYS:0{_KEY_LENGTH}d}"
    )
    return hashed.to_numpy(dtype="uint64") / _HASHES


def _columns(judged: Judged, told: Change) -> dict[str, Any]:
    """What stands in the columns of a replaced decision; its days are those of a protest, or none."""
    protest = told.disposition == "protest"
    view = View(judged.facts, judged.outcomes)
    columns = {
        "reason": told.reason,
        "source": told.source,
        "blocking_rules": "",
        "facts_missing": "",
        "what_to_do": told.what_to_do,
        "next_deadline": judged.facts.clocks["protest_last_day"] if protest else pd.NaT,
        "next_deadline_what": deadlines.PROTEST if protest else "",
        "act_by": deadlines.protest_plan(view) if protest else pd.NaT,
        "act_by_what": "last working day before the protest window ends" if protest else "",
    }
    return columns | ({"disposition": told.disposition} if told.disposition else {})


def _put(frame: pd.DataFrame, places: Places) -> pd.DataFrame:
    """The frame with the replaced decisions in the columns it has."""
    for where, columns in places:
        now = {name: frame[name].mask(where, value) for name, value in columns.items() if name in frame}
        frame = frame.assign(**now)
    return frame
