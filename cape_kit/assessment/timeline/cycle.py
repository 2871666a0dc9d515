"""When an entry that nothing happened to liquidates: by practice, and at the latest by statute."""

from __future__ import annotations

from datetime import date

import numpy as np
import pandas as pd

from cape_kit.assessment.timeline import words
from cape_kit.law.book import Law

_WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
_MONTHS = 12
_ONE = pd.Timedelta(days=1)


def forecast(entry_date: pd.Series, law: Law, on: date) -> pd.Series:
    """The day an entry on the ordinary cycle would liquidate: entry date + cycle, then the posting weekday.

    Source: keys ``cycle.auto_liquidation`` and ``cycle.posting_weekday``; practice, not statute.
    """
    length = pd.Timedelta(days=int(law.value("cycle.auto_liquidation", on).value))
    return words.once(entry_date, lambda entered: _posted(entered + length, law, on))


def next_posting(seen: pd.Series, law: Law, on: date) -> pd.Series:
    """The first posting weekday after a day on which the entry was seen unliquidated.

    Source: key ``cycle.posting_weekday``; practice, not statute.
    """
    return words.once(seen, lambda last: _posted(last + _ONE, law, on))


def _posted(earliest: pd.Series, law: Law, on: date) -> pd.Series:
    posting = _WEEKDAYS.index(str(law.value("cycle.posting_weekday", on).value))
    wait = (posting - earliest.dt.day_of_week) % len(_WEEKDAYS)
    return earliest + pd.to_timedelta(wait, unit="D").astype("timedelta64[s]")


def due(entries: pd.DataFrame, law: Law, on: date) -> pd.Series:
    """The day each entry is due to liquidate: by the cycle, an informal one when its duty is paid.

    Null for types that are not liquidated at all, and for an informal entry without any day.
    Sources: keys ``types.informal``, ``types.not_liquidated`` and those of `forecast`.
    """
    kinds = entries["entry_type"]
    informal, never = (
        kinds.isin([str(code) for code in law.value(key, on).value])
        for key in ("types.informal", "types.not_liquidated")
    )
    paid = entries["payment_date"].fillna(entries["entry_date"])
    return forecast(entries["entry_date"], law, on).mask(informal, paid).mask(never)


def anniversary(since: pd.Series, years: int) -> pd.Series:
    """The same day of the month so many years later; null stays null, 29 February becomes 1 March."""

    def later(distinct: pd.Series) -> pd.Series:
        day = distinct.to_numpy().astype("datetime64[D]")
        month = day.astype("datetime64[M]")
        reached = (month + np.timedelta64(years * _MONTHS, "M")).astype("datetime64[D]")
        return pd.Series((reached + (day - month.astype("datetime64[D]"))).astype("datetime64[s]"))

    return words.once(since, later)


def statutory(entries: pd.DataFrame, law: Law, on: date) -> tuple[pd.Series, pd.Series]:
    """The days an entry is deemed liquidated if nobody acts, and after which no extension can reach.

    Only for types whose period runs from the date of entry: a warehouse entry's runs from its last
    withdrawal, and some types are never liquidated.
    Source: keys ``deemed.years``, ``extension.limit_years``, ``types.warehouse``, ``types.not_liquidated``.
    """
    kinds = entries["entry_type"]
    others = [
        str(code)
        for key in ("types.warehouse", "types.warehouse_withdrawal", "types.not_liquidated")
        for code in law.value(key, on).value
    ]
    runs = kinds.notna() & ~kinds.isin(others)
    base = entries["entry_date"].where(runs)
    years = (int(law.value(key, on).value) for key in ("deemed.years", "extension.limit_years"))
    deemed, limit = (anniversary(base, count) for count in years)
    return deemed, limit
