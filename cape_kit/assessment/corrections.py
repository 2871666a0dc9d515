"""Until when an entry can be corrected, and of which types ACE takes no post summary correction at all.

The one place that knows: whether something on an entry can still be cured is asked here.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from cape_kit.assessment.rules import CORRECTION, Facts
from cape_kit.law import official
from cape_kit.law.book import Law


def last_day(facts: Facts) -> pd.Series:
    """The last day for a post summary correction; null once liquidated, where none is taken, or no day is known.

    Sources: keys ``psc.days_after_entry``, ``psc.days_before_liquidation``, ``psc.refused_types``.
    """
    law, day = facts.law, facts.day
    after, before = (
        pd.Timedelta(days=int(law.value(key, day).value))
        for key in ("psc.days_after_entry", "psc.days_before_liquidation")
    )
    by_entry = facts.entries["entry_date"] + after
    by_liquidation = facts.clocks["expected_liquidation"] - before
    first = by_entry.where(~(by_liquidation < by_entry), by_liquidation)
    return first.where(~liquidated(facts) & ~type_refused(facts)).astype("datetime64[s]")


def over(facts: Facts) -> np.ndarray:
    """Entries of which no correction is possible any more, or never was."""
    late = (last_day(facts) < pd.Timestamp(facts.day)).to_numpy(dtype=bool)
    return late | liquidated(facts) | type_refused(facts)


def type_refused(facts: Facts) -> np.ndarray:
    """Entries of a type of which ACE takes no correction. Source: key ``psc.refused_types``."""
    return _of_type(facts, "psc.refused_types")


def headings_locked(facts: Facts) -> np.ndarray:
    """Entries of which ACE takes no correction that changes an IEEPA heading.

    Source: key ``psc.ieepa_locked_types``.
    """
    return _of_type(facts, "psc.ieepa_locked_types")


def curable(law: Law) -> list[str]:
    """The checks a post summary correction cures, ended ones too. Source: `cured_by` in the law book."""
    return [code for code, check in official.by_code(law).items() if check.cured_by == CORRECTION]


def changes_headings(law: Law) -> list[str]:
    """Those of them whose correction changes an IEEPA heading. Source: `names_headings` in the law book."""
    return [code for code in curable(law) if official.by_code(law)[code].names_headings]


def liquidated(facts: Facts) -> np.ndarray:
    """Liquidated on the day, for certain: after that nothing corrects an entry."""
    return facts.clocks["liquidated"].fillna(False).to_numpy(dtype=bool)


def _of_type(facts: Facts, key: str) -> np.ndarray:
    return facts.entries["entry_type"].isin(facts.types(key)).to_numpy(dtype=bool)
