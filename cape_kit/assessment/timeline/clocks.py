"""The three windows that run from a liquidation: CAPE's, CBP's own power, and the protest's."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

import numpy as np
import pandas as pd

from cape_kit.assessment.timeline import liquidation
from cape_kit.assessment.timeline.words import once, spelt
from cape_kit.law import workdays
from cape_kit.law.book import Law


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
    facts = liquidation.of(entries, law, as_of)
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
    moved = once(last_day, workdays.business_days_on_or_after)
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
                    "basis": spelt(np.where(actual, 0, 1), ("actual", "estimated"), clocks.index),
                    "opens_on": opened,
                    "last_day": last_day,
                    "days_left": clocks[f"{name}_days_left"],
                    "state": clocks[f"{name}_state"],
                    "plan_day": once(planned, workdays.business_days_on_or_before),
                    "business_day": once(last_day, workdays.business_days_on_or_before),
                    "ends_on": day_off(last_day),
                }
            )
        )
    return pd.concat(parts, ignore_index=True).sort_values(["entry_number", "clock"], ignore_index=True)


def day_off(days_: pd.Series) -> pd.Series:
    """Why a day is no working day: ``Saturday``, ``Sunday`` or the holiday's name; empty on a working day."""
    codes, distinct = pd.factorize(days_)
    names = [_why_off(pd.Timestamp(day).date()) for day in distinct]
    return spelt(codes, names, days_.index).fillna("")


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
        f"{clock}_state": spelt(np.append(state, -1)[codes], STATES, opened.index),
    }
