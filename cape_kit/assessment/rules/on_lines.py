"""Tests of an entry's tariff lines, to foresee what CBP's computation would trip over; null without lines."""

from __future__ import annotations

import pandas as pd

from cape_kit.assessment.rules.facts import Facts


def value_on_chapter_99(facts: Facts) -> pd.Series:
    """A chapter 99 row carries a goods value."""
    return facts.line("value_on_chapter_99")


def no_heading(facts: Facts) -> pd.Series:
    """No row bears an IEEPA number; unknown where the files leave open whether the entry bears such duty."""
    none = ~facts.line("has_ieepa_heading")
    return none.mask(none & facts.line("bears_ieepa").isna())


def unregistered(facts: Facts) -> pd.Series:
    """Duty stands on a number of the IEEPA series that the registry does not have."""
    return (facts.lines["unknown_duty_cents"] != 0).astype("boolean").fillna(False)


def without_ieepa(facts: Facts) -> pd.Series:
    """Known to bear no IEEPA number, so that nothing about one can be wrong."""
    return ~facts.line("has_ieepa_heading").fillna(True)


def outside_dates(facts: Facts) -> pd.Series:
    """An IEEPA number stands on an entry date outside its days; rows filed in a gap are let pass."""
    dated = facts.entries["entry_date"].notna() | without_ieepa(facts)
    return facts.line("outside_dates").mask(~dated)


def partner_missing(facts: Facts) -> pd.Series:
    """A number that comes on top of another stands alone. Source: key ``headings.partners``."""
    return facts.line("partner_missing")


def no_partner_needed(facts: Facts) -> pd.Series:
    """No number on the entry that needs another beside it."""
    return ~facts.line("partner_needed").fillna(True)


def value_off_goods(facts: Facts) -> pd.Series:
    """A line with an IEEPA number has no value on its chapter 1 to 97 row."""
    return facts.line("value_off_goods")


def relationship_or_sequence(facts: Facts) -> pd.Series:
    """What one error covered until it was split: dates, partners, and the order of numbers on a line."""
    return outside_dates(facts) | partner_missing(facts) | facts.line("order_wrong")


def outside_collection(facts: Facts) -> pd.Series:
    """An IEEPA number on an entry date on which none was collected. Source: keys ``collection.*``."""
    law, entered = facts.law, facts.entries["entry_date"]
    first = pd.Timestamp(law.value("collection.first_day", facts.day).value)
    last = pd.Timestamp(law.value("collection.last_day", facts.day).value)
    outside = ((entered < first) | (entered > last)).astype("boolean").mask(entered.isna())
    return outside & facts.line("has_ieepa_heading")
