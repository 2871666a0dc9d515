"""What a scenario takes for granted about CBP's answer itself: cures that succeed, rejections.

Here alone an outcome or a decision is replaced; each replaced decision says that it is assumed.
"""

from __future__ import annotations

from dataclasses import replace
from functools import partial

import numpy as np
import pandas as pd

from cape_kit.assessment import rules
from cape_kit.assessment.decisions import Places, Questions, deadlines
from cape_kit.assessment.rules import FAIL, PASS, Facts
from cape_kit.assessment.scenarios.scenario import Scenario
from cape_kit.assessment.wording.reasons import ASSUMED
from cape_kit.law.book import Check

ON_CAPE = ("file", "file_deferred")
#: A hash's key is so many characters; a hash is one of so many numbers.
_KEY_LENGTH, _KEYS, _HASHES = 16, 10**16, 2**64


def questions(facts: Facts, scenario: Scenario) -> Questions:
    """The facts with every question about them, as the scenario has it."""
    asked = Questions(facts, rules.run(facts))
    if scenario.cures_succeed:
        facts = facts.unrefused(asked.refused_unmended)
        asked = Questions(facts, _cured(Questions(facts, asked.outcomes)))
    return (
        replace(asked, assumed=partial(_rejected, share=scenario.rejected_share, seed=scenario.seed))
        if scenario.rejected_share
        else asked
    )


def _cured(asked: Questions) -> pd.DataFrame:
    """The outcomes with every failure the client can mend as passed. Source: `client_can` in the law book."""
    outcomes = asked.outcomes
    codes = [code for code in asked.mendable_rules if code in outcomes]
    if Check.PROTEST in codes:
        # A protest about more than IEEPA duty is not withdrawn for CAPE's sake.
        codes.remove(Check.PROTEST)
        withdrawn = (
            asked.failed(Check.PROTEST) & ~asked.other_protest & ~asked.failed(Check.FINAL_LIQUIDATION)
        )
        passed = outcomes[Check.PROTEST].mask(withdrawn, PASS).astype("int8")
        outcomes = outcomes.assign(**{Check.PROTEST.value: passed})
    mended = {code: outcomes[code].mask(outcomes[code] == FAIL, PASS).astype("int8") for code in codes}
    return outcomes.assign(**mended)


def _rejected(asked: Questions, *, share: float, seed: int) -> Places:
    """Entries CBP rejects by chance: those whose protest window runs are protested, the others wait."""
    hit = draws(asked.facts, seed) < share
    hit &= asked.by_policy.isin(ON_CAPE).to_numpy(dtype=bool)
    protested = hit & asked.liquidated & ~asked.admitted
    told = {
        "reason": f"{ASSUMED}CBP rejects it for a reason no export can show (seed {seed}).",
        "source": "the scenario",
        "blocking_rules": "",
        "facts_missing": "",
    }
    by_protest = {
        "disposition": "protest",
        "what_to_do": "Protest before the last day.",
        "next_deadline": asked.facts.clocks["protest_last_day"],
        "next_deadline_what": deadlines.PROTEST,
        "act_by": deadlines.protest_plan(asked),
        "act_by_what": deadlines.SENSIBLE[4],
    }
    waiting = {
        "disposition": "held",
        "what_to_do": "Ask CBP why; refile it.",
        "next_deadline": pd.NaT,
        "next_deadline_what": "",
        "act_by": pd.NaT,
        "act_by_what": "",
    }
    places = ((protested, told | by_protest), (hit & ~protested, told | waiting))
    return tuple((where, columns) for where, columns in places if where.any())


def draws(facts: Facts, seed: int) -> np.ndarray:
    """One number from 0 to 1 for each entry: the same on every day, under every share, in any company."""
    hashed = pd.util.hash_pandas_object(
        facts.entries["entry_number"], index=False, hash_key=f"{seed % _KEYS:0{_KEY_LENGTH}d}"
    )
    return hashed.to_numpy(dtype="uint64") / _HASHES
