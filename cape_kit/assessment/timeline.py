"""The clocks of an entry: when it was or will be liquidated, and when each window closes.

A recorded liquidation date is never moved; only a missing one is forecast, and says that it is. Is an entry
liquidated on the day, since when, and if not, when to expect it: the unknown stays so. The client's own times to
liquidation are another forecast, and it says how wide it is: entries still open count as longer than any recorded
one, so that a young portfolio does not look quick.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

import numpy as np
import pandas as pd

from cape_kit import few_values
from cape_kit.law import workdays
from cape_kit.law.book import Law
from cape_kit.law.status_words import (
    LIQUIDATED,
    OFF_CYCLE,
    Words,
    canonical,
    plain,
    read,
    spellings,
    understood,
)

__all__ = [
    "CLOCKS", "LIQUIDATED", "OFF_CYCLE", "History", "Words", "anniversary", "build", "canonical", "clocks_on",
    "day_off", "forecast", "forecasts", "history", "long", "opens", "plain", "read", "spellings", "understood",
]  # fmt: skip

# --- when an entry that nothing happened to liquidates: by practice, and at the latest by statute ---------


_WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
_MONTHS = 12
_ONE = pd.Timedelta(days=1)


def forecast(entry_date: pd.Series, law: Law, on: date) -> pd.Series:
    """The day an entry on the ordinary cycle would liquidate: entry date + cycle, then the posting weekday.

    Source: keys ``cycle.auto_liquidation`` and ``cycle.posting_weekday``; practice, not statute.
    """
    length = pd.Timedelta(days=int(law.value("cycle.auto_liquidation", on).value))
    return few_values.once(entry_date, lambda entered: _posted(entered + length, law, on))


def next_posting(seen: pd.Series, law: Law, on: date) -> pd.Series:
    """The first posting weekday after a day on which the entry was seen unliquidated.

    Source: key ``cycle.posting_weekday``; practice, not statute.
    """
    return few_values.once(seen, lambda last: _posted(last + _ONE, law, on))


def _posted(earliest: pd.Series, law: Law, on: date) -> pd.Series:
    posting = _WEEKDAYS.index(str(law.value("cycle.posting_weekday", on).value))
    wait = (posting - earliest.dt.day_of_week) % len(_WEEKDAYS)
    return earliest + pd.to_timedelta(wait, unit="D").astype("timedelta64[s]")


def due_by_cycle(entries: pd.DataFrame, law: Law, on: date) -> pd.Series:
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

    return few_values.once(since, later)


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


# --- whether it is liquidated, since when, or when to expect it -------------------------------------------


#: How sure the day of liquidation is; the last is a date that stands there without a status the book knows.
BASES = ("recorded", "unknown", "scheduled", "forecast", "date without a status")


def liquidations(entries: pd.DataFrame, law: Law, as_of: date) -> pd.DataFrame:
    """One row per entry: what is known of its liquidation on the day."""
    day = pd.Timestamp(as_of)
    status = read(entries["liquidation_status"], law, "liquidation_status")
    unsaid, says_liquidated = status.unknown, status.among(*LIQUIDATED)
    # Nothing is liquidated before it is entered: one of the two days is wrong, and nobody knows which.
    recorded = entries["liquidation_date"].mask(entries["liquidation_date"] < entries["entry_date"])
    entries = entries.assign(liquidation_date=recorded)
    past, undated = (recorded <= day).to_numpy(), recorded.isna().to_numpy()

    # A liquidation dated after the day asked about had not happened yet on that day.
    certain = says_liquidated & past
    # With no status word a date alone may be a schedule or a liquidation; the future is safe either way.
    open_question = (says_liquidated & undated) | (unsaid & (past | undated))
    denied = ~certain & ~open_question
    may_come = ~status.among(*LIQUIDATED, *OFF_CYCLE)
    on_cycle = may_come & ~unsaid
    due = recorded.where(recorded.notna(), due_by_cycle(entries, law, as_of).where(on_cycle))
    expected = recorded.where(recorded.notna(), _not_before_export(due, entries["extracted_on"], law, as_of))
    maybe_on = _maybe_liquidated(entries, expected, may_come=may_come, as_of=day)
    # A date without a status may be the liquidation: the windows it would give are shown, marked as such.
    stated = recorded.where(unsaid)
    basis = np.select(
        [certain, unsaid & ~undated, open_question, ~undated, expected.notna()], [0, 4, 1, 2, 3], default=1
    )
    original = entries["original_liquidation_date"]
    deemed, limit = statutory(entries, law, as_of)
    return pd.DataFrame(
        {
            "entry_number": entries["entry_number"],
            "status": few_values.spelt(status.places, status.names, entries.index),
            "liquidated": pd.arrays.BooleanArray(certain, open_question),
            "liquidated_on": recorded.where(certain),
            "original_on": original.where(certain & (original < recorded)),
            "maybe_on": maybe_on.where(~certain),
            "stated_on": stated,
            "liquidation_basis": few_values.spelt(basis, BASES, entries.index),
            "due_on": due.where(denied),
            "expected_liquidation": expected.where(denied),
            "deemed_on": deemed.where(denied & on_cycle),
            "extension_limit": limit.where(denied & ~status.among("suspended")),
        }
    )


def _not_before_export(due: pd.Series, extracted: pd.Series, law: Law, as_of: date) -> pd.Series:
    """An entry overdue when it was exported was still open that day: it can only have liquidated after it."""
    overdue = (due <= extracted).fillna(False)
    return due.mask(overdue, next_posting(extracted, law, as_of)) if overdue.any() else due


def _maybe_liquidated(
    entries: pd.DataFrame, expected: pd.Series, *, may_come: np.ndarray, as_of: pd.Timestamp
) -> pd.Series:
    """A day on which the entry may have been liquidated without the export knowing it; null when it can't.

    Three ways: the export is older than the expected day, or nobody knows how old it is; a status word stands
    against a past recorded date; or a date stands there with no status word at all.
    """
    extracted, recorded = entries["extracted_on"], entries["liquidation_date"]
    since_export = (expected <= as_of) & ((expected > extracted) | extracted.isna())
    contradicted = recorded <= as_of
    return expected.where(may_come & (since_export | contradicted))


# --- the three windows that run from a liquidation: CAPE's, CBP's own power, the protest's ----------------


@dataclass(frozen=True)
class Clock:
    """The lawbook keys of a window: its length, the day it is due soon, and the day to plan for. [days]"""

    length: str
    soon: str
    plan: str


CLOCKS = {
    "cape": Clock("window.cape", "alert.amber_day", "alert.plan_day"),
    "reliquidation": Clock("window.reliquidation", "alert.reliquidation_day", "alert.reliquidation_day"),
    "protest": Clock("window.protest", "alert.protest_day", "alert.protest_day"),
}

#: States of a window, and those that are over or not begun.
STATES = ("not_open", "closed", "due_soon", "open")


def clocks_on(law: Law, liquidated: date, as_of: date) -> dict[str, dict[str, date | int | str]]:
    """The three windows of a liquidation day, for the calculator: ``{"cape": {"last_day", …}, …}``.

    Sources: keys ``window.cape``, ``window.reliquidation``, ``window.protest`` of the law book.
    """
    answer: dict[str, dict[str, date | int | str]] = {}
    for name, clock in CLOCKS.items():
        last_day = liquidated + timedelta(days=days(law, clock.length, as_of))
        elapsed = (as_of - liquidated).days
        state = (
            "not_open"
            if elapsed < 0
            else "closed"
            if as_of > last_day
            else "due_soon"
            if elapsed >= days(law, clock.soon, as_of)
            else "open"
        )
        answer[name] = {"last_day": last_day, "days_left": (last_day - as_of).days, "state": state}
    return answer


def build(entries: pd.DataFrame, law: Law, *, as_of: date) -> pd.DataFrame:
    """One row per entry: is it liquidated on the day, since when, and each window's last day and state.

    Columns: status (canonical word or null), liquidated (true/false/null = not known), liquidated_on,
    original_on (the first liquidation of an entry reliquidated since), maybe_on (a liquidation that may have
    happened since the export), stated_on (a date that stands there without a status), liquidation_basis, due_on
    (by the files or the cycle), expected_liquidation (the same, but never before the export that shows it open),
    deemed_on and extension_limit (the statute's own days), and for each clock ``<clock>_last_day``,
    ``<clock>_days_left``, ``<clock>_state``. Beside them: protest_next_open (the open day after a last day to
    protest that is a weekend or holiday, where CBP has taken that), and deemed_cape_last_day and
    deemed_protest_last_day (the windows of an entry still open in the files, if it was deemed liquidated).
    """
    facts = liquidations(entries, law, as_of)
    windows = {}
    for name, clock in CLOCKS.items():
        length, soon = days(law, clock.length, as_of), days(law, clock.soon, as_of)
        windows.update(_window(name, opens(facts, name), as_of, length=length, soon=soon))
    found = pd.concat([facts, pd.DataFrame(windows, index=facts.index)], axis=1)
    cape, protest = (
        pd.Timedelta(days=days(law, CLOCKS[name].length, as_of)).as_unit("s") for name in ("cape", "protest")
    )
    return found.assign(
        protest_next_open=_next_open(found["protest_last_day"], law, as_of),
        deemed_cape_last_day=found["deemed_on"] + cape,
        deemed_protest_last_day=found["deemed_on"] + protest,
    )


def _next_open(last_day: pd.Series, law: Law, as_of: date) -> pd.Series:
    """The open day after a last day that is none, where CBP has taken such a day; null elsewhere.

    Source: key ``protest.closed_day``: CBP's practice of old, nothing to plan by.
    """
    if law.value("protest.closed_day", as_of).value != "next":
        return pd.Series(pd.NaT, index=last_day.index, dtype="datetime64[s]")
    moved = few_values.once(last_day, workdays.business_days_on_or_after)
    return moved.where(moved > last_day)


def opens(clocks: pd.DataFrame, clock: str) -> pd.Series:
    """The day a window runs from: liquidation, recorded, stated or expected; CBP's own power from the *original* one.

    Source: key ``usc-19-1501``: the 90 days are counted from the first liquidation, whatever came after it.
    """
    start = clocks["liquidated_on"].fillna(clocks["stated_on"]).fillna(clocks["expected_liquidation"])
    return clocks["original_on"].fillna(start) if clock == "reliquidation" else start


def long(clocks: pd.DataFrame, law: Law, as_of: date) -> pd.DataFrame:
    """The windows as one row per entry and clock: basis, opens_on, last_day, days_left, state.

    Beside them: plan_day (a working day to plan for), business_day (the last working day inside the window)
    and ends_on (why a last day is none: Saturday, Sunday or the holiday). No last day is ever moved.
    """
    actual = clocks["liquidated"].fillna(False).to_numpy(dtype=bool)
    parts = []
    for name, clock in CLOCKS.items():
        opened, last_day = opens(clocks, name), clocks[f"{name}_last_day"]
        planned = opened + pd.Timedelta(days=days(law, clock.plan, as_of))
        parts.append(
            pd.DataFrame(
                {
                    "entry_number": clocks["entry_number"],
                    "clock": name,
                    "basis": few_values.spelt(np.where(actual, 0, 1), ("actual", "estimated"), clocks.index),
                    "opens_on": opened,
                    "last_day": last_day,
                    "days_left": clocks[f"{name}_days_left"],
                    "state": clocks[f"{name}_state"],
                    "plan_day": few_values.once(planned, workdays.business_days_on_or_before),
                    "business_day": few_values.once(last_day, workdays.business_days_on_or_before),
                    "ends_on": day_off(last_day),
                }
            )
        )
    return pd.concat(parts, ignore_index=True).sort_values(["entry_number", "clock"], ignore_index=True)


def day_off(days_: pd.Series) -> pd.Series:
    """Why a day is no working day: ``Saturday``, ``Sunday`` or the holiday's name; empty on a working day."""
    codes, distinct = pd.factorize(days_)
    names = [_why_off(pd.Timestamp(day).date()) for day in distinct]
    return few_values.spelt(codes, names, days_.index).fillna("")


def days(law: Law, key: str, on: date) -> int:
    """A number of days of the law book on a day."""
    return int(law.value(key, on).value)


def _why_off(day: date) -> str:
    if workdays.is_working_day(day):
        return ""
    return workdays.holidays(day.year).get(day) or f"{day:%A}"


def _window(clock: str, opened: pd.Series, as_of: date, *, length: int, soon: int) -> dict[str, Any]:
    codes, distinct = pd.factorize(opened)
    day = distinct.to_numpy().astype("datetime64[D]")
    elapsed = (np.datetime64(as_of, "D") - day).astype("int64")
    state = np.select([elapsed < 0, elapsed > length, elapsed >= soon], [0, 1, 2], default=3)
    none = codes < 0
    left = np.append(length - elapsed, 0)[codes]
    return {
        f"{clock}_last_day": opened + pd.Timedelta(days=length).as_unit("s"),
        f"{clock}_days_left": pd.arrays.IntegerArray(left, none),
        f"{clock}_state": few_values.spelt(np.append(state, -1)[codes], STATES, opened.index),
    }


# --- how long the client's own entries took ---------------------------------------------------------------


#: Shares of the entries that are liquidated by the early, middle and late day.
QUANTILES = {"early": 0.10, "middle": 0.50, "late": 0.90}


@dataclass(frozen=True)
class History:
    """Days from entry to liquidation among a client's own entries; None where too few have got there."""

    entries: int
    early: int | None
    middle: int | None
    late: int | None


def history(entries: pd.DataFrame, clocks: pd.DataFrame, law: Law, as_of: date) -> History | None:
    """The client's own times to liquidation; None with fewer than enough entries old enough. [days]

    Counted are ordinary entries that were older than the usual cycle when exported; informal ones liquidate
    on payment and stay out.
    Source: keys ``history.min_entries``, ``cycle.auto_liquidation``, ``types.informal``.
    """
    informal = [str(code) for code in law.value("types.informal", as_of).value]
    ordinary = ~entries["entry_type"].isin(informal) & ~clocks["status"].isin(OFF_CYCLE)
    seen = entries["extracted_on"].fillna(pd.Timestamp(as_of))
    due = forecast(entries["entry_date"], law, as_of)
    first = clocks["original_on"].fillna(clocks["liquidated_on"])
    took = (first - entries["entry_date"]).dt.days
    old_enough = (due <= seen) & clocks["liquidated"].notna() & ~(took < 0)
    counted = took[(ordinary & old_enough).fillna(False).to_numpy(dtype=bool)].to_numpy(dtype="float64")
    if len(counted) < days(law, "history.min_entries", as_of):
        return None
    reached = np.sort(np.where(np.isnan(counted), np.inf, counted))
    found = {name: reached[int(np.ceil(share * len(reached))) - 1] for name, share in QUANTILES.items()}
    told = {name: int(value) if np.isfinite(value) else None for name, value in found.items()}
    return History(len(counted), **told)


def forecasts(entries: pd.DataFrame, clocks: pd.DataFrame, law: Law, *, as_of: date) -> pd.DataFrame:
    """Entries not yet liquidated with every day one might expect: by cycle, by own history, by statute.

    Columns: entry_number, expected_liquidation (the one the clocks use), basis, cycle_on, history_early,
    history_middle, history_late, deemed_on, extension_limit.
    """
    found = history(entries, clocks, law, as_of)
    waiting = (~clocks["liquidated"].fillna(True)).to_numpy(dtype=bool)
    entered, mine = entries.loc[waiting, "entry_date"], clocks[waiting]
    on_cycle = ~mine["status"].isin(OFF_CYCLE) & mine["status"].notna()
    columns = {
        "entry_number": mine["entry_number"],
        "expected_liquidation": mine["expected_liquidation"],
        "basis": mine["liquidation_basis"],
        "cycle_on": forecast(entered, law, as_of).where(on_cycle),
    }
    for name in QUANTILES:
        took = getattr(found, name) if found else None
        none = pd.Series(pd.NaT, index=mine.index, dtype="datetime64[s]")
        columns[f"history_{name}"] = (
            none if took is None else (entered + pd.Timedelta(days=took)).where(on_cycle)
        )
    columns |= {"deemed_on": mine["deemed_on"], "extension_limit": mine["extension_limit"]}
    return pd.DataFrame(columns).reset_index(drop=True)
