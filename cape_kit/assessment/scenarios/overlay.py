"""What a scenario takes for granted about CBP's answer itself: Phase 3, cures that succeed, rejections.

Here alone an outcome or a decision is replaced; each replaced decision says that it is assumed.
"""

from __future__ import annotations

from dataclasses import dataclass, fields, replace
from functools import cached_property
from typing import Any

import numpy as np
import pandas as pd

from cape_kit.assessment import decisions, wording
from cape_kit.assessment.decisions import Decided, View, deadlines
from cape_kit.assessment.rules import FAIL, PASS, Facts
from cape_kit.assessment.scenarios.scenario import Scenario, pending, phase_3_day
from cape_kit.entries import identifiers
from cape_kit.law.book import Check

ON_CAPE = ("file", "file_deferred")
ASSUMED = "Assumed, not law: "
#: A hash's key is so many characters; a hash is one of so many numbers.
_KEY_LENGTH, _KEYS, _HASHES = 16, 10**16, 2**64
#: The clocks Phase 3 sets aside: it takes an entry whatever they say.
_SET_ASIDE = ("cape_last_day", "cape_days_left", "cape_state", "protest_state")


@dataclass(frozen=True)
class Judged:
    """Facts and outcomes as the scenario has them, and the entries Phase 3 would take."""

    facts: Facts
    outcomes: pd.DataFrame
    taken: np.ndarray
    open: bool = False


def before(facts: Facts, outcomes: pd.DataFrame, scenario: Scenario) -> Judged:
    """The outcomes as the scenario has them, before anything is decided."""
    if scenario.cures_succeed:
        facts = facts.unrefused(View(facts, outcomes).refused_unmended)
        outcomes = _mended(facts, outcomes)
    taken = _phase_3(facts, outcomes, scenario)
    opens = phase_3_day(scenario, facts.law)
    if opens is None or facts.day < opens or not taken.any():
        return Judged(facts, outcomes, taken)
    return Judged(*_opened(facts, outcomes, taken), taken, open=True)


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
    found = _waiting_for_phase(judged, disposition, scenario)
    return [*found, *_rejected(judged, disposition, scenario)]


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
        outcomes = _passing(outcomes, Check.PROTEST, withdrawn)
    mended = {code: outcomes[code].mask(outcomes[code] == FAIL, PASS).astype("int8") for code in codes}
    return outcomes.assign(**mended)


def _passing(outcomes: pd.DataFrame, check: Check, where: np.ndarray) -> pd.DataFrame:
    """The outcomes with one check passed by some entries; a check CBP does not make is passed anyway."""
    old = pd.Series(PASS, index=outcomes.index) if check not in outcomes else outcomes[check]
    return outcomes.assign(**{check.value: old.mask(where, PASS).astype("int8")})


def _phase_3(facts: Facts, outcomes: pd.DataFrame, scenario: Scenario) -> np.ndarray:
    if scenario.phase_3 == "off":
        return np.zeros(len(outcomes), dtype=bool)
    view = View(facts, outcomes)
    taken = view.failed(Check.FINAL_LIQUIDATION) & ~view.failed(Check.PROTEST)
    if scenario.phase_3 == "litigants" and scenario.litigants:
        keys = {identifiers.importer_key(number) for number in scenario.litigants}
        numbers = facts.entries["importer_number"]
        theirs = {one: identifiers.importer_key(str(one)) in keys for one in numbers.dropna().unique()}
        taken &= numbers.map(theirs).fillna(False).to_numpy(dtype=bool)
    return taken


def _opened(facts: Facts, outcomes: pd.DataFrame, taken: np.ndarray) -> tuple[Facts, pd.DataFrame]:
    """Facts and outcomes as if the windows did not bind the entries Phase 3 takes."""
    aside = {name: facts.clocks[name].mask(taken) for name in _SET_ASIDE}
    opened = _passing(outcomes, Check.FINAL_LIQUIDATION, taken)
    return replace(facts, clocks=facts.clocks.assign(**aside)), opened


def _waiting_for_phase(judged: Judged, disposition: np.ndarray, scenario: Scenario) -> list[Change]:
    opens, row = phase_3_day(scenario, judged.facts.law), pending(judged.facts.law)
    if opens is None or not judged.taken.any():
        return []
    source = judged.facts.law.cite(row.source) if row else "the scenario"
    says = f"{ASSUMED}Phase 3 takes finally liquidated entries from {wording.on(opens)}."
    if judged.open:
        now = judged.taken & np.isin(disposition, ON_CAPE)
        return [
            Change(now, None, f"{says} Nothing else stands against it.", source, "Declare it in Phase 3.")
        ]
    facts, outcomes = _opened(judged.facts, judged.outcomes, judged.taken)
    later = _by_policy(facts, outcomes)
    waits = judged.taken & (disposition == "final") & np.isin(later, (*ON_CAPE, "cure"))
    return [Change(waits, "held", says, source, "Nothing today; declare it when the phase opens.")]


def _rejected(judged: Judged, disposition: np.ndarray, scenario: Scenario) -> list[Change]:
    if not scenario.rejected_share:
        return []
    drawn = draws(judged.facts, scenario.seed) < scenario.rejected_share
    hit = drawn & np.isin(disposition, ON_CAPE)
    was = judged.facts.clocks["liquidated"].fillna(False).to_numpy(dtype=bool)
    why = f"{ASSUMED}CBP rejects it for a reason no export foretells (seed {scenario.seed})."
    return [
        Change(hit & was & ~judged.taken, "protest", why, "the scenario", "Protest before the last day."),
        Change(hit & ~(was & ~judged.taken), "held", why, "the scenario", "Ask CBP why; file it again."),
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
