"""CBP's entry validations as tests over whole columns: one rule, one code.

A test answers, per entry, whether the entry *fails*: true, false, or null where a fact is missing. What the
rule says officially, since when, what mends it and what a missing fact does is in the law book.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date

import numpy as np
import pandas as pd

from cape_kit.assessment import timeline
from cape_kit.entries import identifiers
from cape_kit.law.book import Law, Validation

#: Outcomes as they are held in the outcome matrix.
PASS, FAIL, UNKNOWN, NOT_APPLICABLE = 0, 1, 2, 3
OUTCOMES = ("pass", "fail", "unknown", "not_applicable")


@dataclass(frozen=True)
class Facts:
    """What the tests look at: entries, their clocks and their reduced lines, all row by row alike."""

    entries: pd.DataFrame
    clocks: pd.DataFrame
    lines: pd.DataFrame
    law: Law
    day: date

    def words(self, column: str, kind: str) -> pd.Series:
        """A status column in canonical words; null where empty or unknown."""
        return timeline.canonical(self.entries[column], self.law, kind)

    def types(self, key: str) -> list[str]:
        """A list of entry types in force on the day."""
        return [str(code) for code in self.law.value(key, self.day).value]


Test = Callable[[Facts], pd.Series]


def _flag(column: str) -> Test:
    def test(facts: Facts) -> pd.Series:
        return facts.entries[column].astype("boolean")

    return test


def _line(column: str) -> Test:
    def test(facts: Facts) -> pd.Series:
        return facts.lines[column].astype("boolean")

    return test


def _word(column: str, kind: str, *bad: str) -> Test:
    def test(facts: Facts) -> pd.Series:
        words = facts.words(column, kind)
        return words.isin(bad).astype("boolean").mask(words.isna())

    return test


def _recon_filed(facts: Facts) -> pd.Series:
    filed = facts.entries["recon_entry_number"].notna().astype("boolean")
    not_flagged = facts.entries["recon_flag"] == False  # noqa: E712 - three-valued
    # An empty cell proves nothing by itself; an entry that is not flagged has no reconciliation to file.
    return filed.mask(~filed & ~not_flagged.fillna(False))


def _final_liquidation(facts: Facts) -> pd.Series:
    day = pd.Timestamp(facts.day)
    length = pd.Timedelta(days=int(facts.law.value("window.cape", facts.day).value))
    clocks = facts.clocks
    late = ((day - clocks["liquidated_on"]) > length).astype("boolean").mask(clocks["liquidated"].isna())
    # Perhaps liquidated since the export: that changes the answer only where 80 days would be over too.
    could_be_late = (day - clocks["maybe_on"]) > length
    within_anyway = clocks["maybe_on"].notna() & ~could_be_late & clocks["liquidated"].isna()
    return late.mask(could_be_late & ~late.fillna(False)).mask(within_anyway, False)


def _suspension_record(facts: Facts) -> pd.Series:
    waiting = facts.clocks["status"].isin(("pending", "unliquidated")).astype("boolean")
    waiting = waiting.mask(facts.clocks["status"].isna())
    return waiting & facts.entries["suspension_flag"].astype("boolean")


def _type_not_allowed(facts: Facts) -> pd.Series:
    types = facts.entries["entry_type"]
    return types.isin(facts.types("types.excluded")).astype("boolean").mask(types.isna())


def _flagged_outside_phase(facts: Facts) -> pd.Series:
    flagged = facts.entries["recon_flag"].astype("boolean")
    return flagged & ~facts.entries["entry_type"].isin(facts.types("types.recon_allowed"))


def _protest(facts: Facts) -> pd.Series:
    words = facts.words("protest_status", "protest_status")
    has_number = facts.entries["protest_number"].notna()
    live = words.isin(("open", "suspended")).astype("boolean").mask(words.isna())
    denied = (words == "denied").fillna(False)
    after_review = facts.entries["protest_afr"].astype("boolean")
    live = live.mask(denied, after_review)
    # A code nobody has explained, or a number with no status: there is a protest, its state is not known.
    return live.mask((words == "unexpanded").fillna(False) | (words.isna() & has_number))


def _claimed(facts: Facts) -> pd.Series:
    words = facts.words("claim_status", "claim_status")
    claimed = words.isin(("accepted", "refunded")).astype("boolean")
    # Claims are known from CBP's answers; an entry in none of them has not been claimed as far as is known.
    return claimed.mask(words.isna() & facts.entries["claim_status"].notna())


def _outside_collection(facts: Facts) -> pd.Series:
    law, entered = facts.law, facts.entries["entry_date"]
    first = pd.Timestamp(law.value("collection.first_day", facts.day).value)
    last = pd.Timestamp(law.value("collection.last_day", facts.day).value)
    outside = ((entered < first) | (entered > last)).astype("boolean").mask(entered.isna())
    return outside & facts.lines["has_ieepa_heading"].astype("boolean")


def _no_heading(facts: Facts) -> pd.Series:
    return ~facts.lines["has_ieepa_heading"].astype("boolean")


def _number_unsound(facts: Facts) -> pd.Series:
    """CBP can't find a summary under a number whose check digit does not fit."""
    sound = identifiers.check_digits_agree(facts.entries["entry_number"])
    return pd.Series(~sound, index=facts.entries.index, dtype="boolean")


#: Code -> test, in the order of CBP's table. A code without a test (E17, E18, E19, E26) can't be foreseen
#: from an export and is told as such, not guessed.
TESTS: dict[str, Test] = {
    "E01": _flag("drawback_flag"),
    "E02": _recon_filed,
    "E03": _word("summary_status", "summary_status", "cancelled", "rejected", "inactive"),
    "E04": _final_liquidation,
    "E05": _word("control_status", "control_status", "trade"),
    "E06": _flag("injunction_flag"),
    "E07": _number_unsound,
    "E08": _suspension_record,
    "E09": _word("summary_status", "summary_status", "adjusted"),
    "E10": _type_not_allowed,
    "E11": _line("value_on_chapter_99"),
    "E12": _no_heading,
    "E13": _protest,
    "E14": _word("statement_status", "statement_status", "authorised", "not paid"),
    "E15": _line("outside_dates"),
    "E20": _flag("recon_flag"),
    "E21": _claimed,
    "E22": _flag("surety_paid_flag"),
    "E24": _outside_collection,
    "E26": _line("outside_dates"),
    "E27": _flagged_outside_phase,
}


def run(facts: Facts) -> pd.DataFrame:
    """Every validation in force on the day over every entry: one small-integer column per rule code."""
    columns = {}
    for validation in facts.law.validations(facts.day):
        if validation.code in TESTS:
            columns[validation.code] = _outcome(TESTS[validation.code](facts))
    return pd.DataFrame(columns, index=facts.entries.index)


def foreseeable(validations: tuple[Validation, ...]) -> tuple[Validation, ...]:
    """The validations the kit can test before filing."""
    return tuple(validation for validation in validations if validation.code in TESTS)


def _outcome(fails: pd.Series) -> np.ndarray:
    unknown = fails.isna().to_numpy()
    failed = fails.fillna(False).to_numpy(dtype=bool)
    return np.select([unknown, failed], [UNKNOWN, FAIL], default=PASS).astype("int8")
