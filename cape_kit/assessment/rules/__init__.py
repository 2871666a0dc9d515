"""CBP's entry validations as tests over whole columns: one rule, one code.

A test answers, per entry, whether the entry *fails*: true, false, or null where a fact is missing. What the
rule says officially, since when, what cures it and what a missing fact does is in the law book.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from cape_kit.assessment.rules import checks
from cape_kit.assessment.rules.checks import (
    CORRECTION,
    Test,
    correctable,
    curable,
    flag,
    of_class,
    phase_takes,
    word,
)
from cape_kit.assessment.rules.facts import Facts
from cape_kit.law.book import Check, Validation

__all__ = [
    "CORRECTION",
    "FAIL",
    "NOT_APPLICABLE",
    "OUTCOMES",
    "PASS",
    "TESTS",
    "UNKNOWN",
    "Facts",
    "Rule",
    "correctable",
    "curable",
    "foreseeable",
    "of_class",
    "outcome",
    "phase_takes",
    "run",
    "unforeseeable",
    "with_phase",
]  # fmt: skip

#: Outcomes as they are held in the outcome matrix.
PASS, FAIL, UNKNOWN, NOT_APPLICABLE = 0, 1, 2, 3
OUTCOMES = ("pass", "fail", "unknown", "not_applicable")


@dataclass(frozen=True)
class Rule:
    """How one code is tested, the prerequisite that makes the question moot, and the words it is read from.

    A word in one of the columns it `reads` that nobody understands leaves it open as a missing fact does,
    but blocks what a known bad word would block.
    """

    fails: Test
    moot: Test | None = None
    reads: tuple[str, ...] = ()


def _flag(column: str) -> Rule:
    return Rule(flag(column), reads=(column,))


def _word(column: str, *bad: str) -> Rule:
    return Rule(word(column, *bad), reads=(column,))


#: Code -> rule, in the order of CBP's table. A code without one (E17, E18, E19) can't be foreseen from an
#: export and is told as such, not guessed.
TESTS: dict[str, Rule] = {
    Check.DRAWBACK: _flag("drawback_flag"),
    Check.RECONCILIATION_FILED: Rule(
        checks.recon_filed, checks.not_flagged, ("recon_entry_number", "recon_flag")
    ),
    Check.CANCELLED_OR_REJECTED: _word("summary_status", "cancelled", "rejected", "inactive"),
    Check.FINAL_LIQUIDATION: Rule(checks.final_liquidation),
    Check.TRADE_CONTROL: _word("control_status", "trade"),
    Check.COURT_INJUNCTION: _flag("injunction_flag"),
    Check.NOT_IN_ACE: Rule(checks.not_in_ace),
    Check.SUSPENSION_RECORD: Rule(
        checks.suspension_record, checks.no_instructions, ("suspension_flag", "liquidation_status")
    ),
    Check.UNDER_REVIEW: _word("summary_status", "adjusted"),
    Check.ENTRY_TYPE: Rule(checks.type_not_allowed),
    Check.VALUE_ON_CHAPTER_99: Rule(checks.value_on_chapter_99),
    Check.NO_IEEPA_HEADING: Rule(checks.no_heading),
    Check.PROTEST: Rule(checks.protest, checks.nothing_to_protest, ("protest_status", "protest_afr")),
    Check.STATEMENT_UNPAID: _word("statement_status", "authorised", "not paid"),
    Check.HEADING_OUT_OF_DATES: Rule(checks.outside_dates, moot=checks.without_ieepa),
    Check.PARTNER_MISSING: Rule(checks.partner_missing, moot=checks.no_partner_needed),
    Check.FLAGGED_FOR_RECONCILIATION: _flag("recon_flag"),
    Check.CLAIMED: Rule(checks.claimed),
    Check.SURETY_PAID: _flag("surety_paid_flag"),
    Check.NO_AUTHORITY: Rule(checks.authority),
    Check.OUTSIDE_COLLECTION: Rule(checks.outside_collection, moot=checks.without_ieepa),
    Check.VALUE_OFF_GOODS: Rule(checks.value_off_goods, moot=checks.without_ieepa),
    Check.RELATIONSHIP_OR_SEQUENCE: Rule(checks.relationship_or_sequence, moot=checks.without_ieepa),
    Check.FLAGGED_TYPE_LEFT_OUT: Rule(checks.flagged_outside_phase, checks.flag_not_set, ("recon_flag",)),
}


def run(facts: Facts) -> pd.DataFrame:
    """Every validation in force on the day over every entry: one small-integer column per rule code."""
    rules = foreseeable(facts.law.validations(facts.day))
    return pd.DataFrame({rule.code: outcome(rule.code, facts) for rule in rules}, index=facts.entries.index)


def foreseeable(validations: tuple[Validation, ...]) -> tuple[Validation, ...]:
    """The validations the kit can test before filing."""
    return tuple(validation for validation in validations if validation.code in TESTS)


def unforeseeable(validations: tuple[Validation, ...]) -> tuple[Validation, ...]:
    """The validations only CBP's own computation can tell."""
    return tuple(validation for validation in validations if validation.code not in TESTS)


def with_phase(facts: Facts) -> Facts:
    """The facts with the CAPE window set aside for entries a phase takes though it is over: its own day binds.

    Source: key ``phase.admits_final``.
    """
    value = checks.admission(facts.law, facts.day)
    if value.value == "none":
        return facts
    takes = phase_takes(facts).fillna(False).to_numpy(dtype=bool)
    aside = {"cape_last_day": pd.NaT, "cape_days_left": pd.NA, "cape_state": None}
    if value.last_day:
        ends, left = pd.Timestamp(value.last_day), (value.last_day - facts.day).days
        aside = {"cape_last_day": ends, "cape_days_left": left, "cape_state": "open"}
    clocks = facts.clocks.assign(**{name: facts.clocks[name].mask(takes, one) for name, one in aside.items()})
    return replace(facts, clocks=clocks)


def outcome(code: str, facts: Facts) -> np.ndarray:
    """The outcome of one test per entry, whether or not CBP makes the check on the day."""
    rule = TESTS[code]
    fails = rule.fails(facts).astype("boolean")
    told = np.where(fails.fillna(False).to_numpy(dtype=bool), FAIL, PASS).astype("int8")
    told[fails.isna().to_numpy()] = UNKNOWN
    if rule.moot is not None:
        moot = rule.moot(facts).to_numpy(dtype=bool)
        told[moot & (told != FAIL)] = NOT_APPLICABLE
    return told
