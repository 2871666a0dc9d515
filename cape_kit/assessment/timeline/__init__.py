"""The clocks of an entry: when it was or will be liquidated, and when each window closes.

A recorded liquidation date is never moved; only a missing one is forecast, and says that it is.
"""

from __future__ import annotations

from datetime import date, timedelta

import numpy as np
import pandas as pd

from cape_kit.law.book import Law

#: Clock -> the lawbook keys of its length and of the day from which it counts as due soon. [days]
CLOCKS = {
    "cape": ("window.cape", "alert.amber_day"),
    "reliquidation": ("window.reliquidation", "alert.reliquidation_day"),
    "protest": ("window.protest", "alert.protest_day"),
}

#: Liquidation words, in their canonical spelling, that say the entry has been liquidated.
LIQUIDATED = ("liquidated", "reliquidated", "deemed liquidated")
#: Words that stop the ordinary cycle: no forecast is made for such an entry.
OFF_CYCLE = ("extended", "suspended", "under review")

_WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")


def clocks_on(law: Law, liquidated: date, as_of: date) -> dict[str, dict[str, date | int | str]]:
    """The three windows of a liquidation day, for the calculator: ``{"cape": {"last_day", …}, …}``.

    Sources: keys ``window.cape``, ``window.reliquidation``, ``window.protest`` of the law book.
    """
    answer: dict[str, dict[str, date | int | str]] = {}
    for clock, (length_key, soon_key) in CLOCKS.items():
        last_day = liquidated + timedelta(days=_days(law, length_key, as_of))
        elapsed = (as_of - liquidated).days
        state = (
            "not_open"
            if elapsed < 0
            else "closed"
            if as_of > last_day
            else "due_soon"
            if elapsed >= _days(law, soon_key, as_of)
            else "open"
        )
        answer[clock] = {"last_day": last_day, "days_left": (last_day - as_of).days, "state": state}
    return answer


def build(entries: pd.DataFrame, law: Law, *, as_of: date) -> pd.DataFrame:
    """One row per entry: is it liquidated on the day, since when, and each window's last day and state.

    Columns: status (canonical word or null), liquidated (true/false/null = not known), liquidated_on,
    maybe_on (a liquidation that may have happened since the export), liquidation_basis,
    expected_liquidation, and for each clock ``<clock>_last_day``, ``<clock>_days_left``, ``<clock>_state``.
    """
    facts = _liquidation(entries, law, as_of)
    start = facts["liquidated_on"].fillna(facts["expected_liquidation"])
    original = entries["original_liquidation_date"].where(facts["liquidated"].fillna(False), pd.NaT)
    for clock, (length_key, soon_key) in CLOCKS.items():
        # 19 USC 1501 gives CBP its 90 days from the *original* liquidation, whatever came after it.
        opened = original.fillna(start) if clock == "reliquidation" else start
        length, soon = _days(law, length_key, as_of), _days(law, soon_key, as_of)
        facts = facts.join(_clock(clock, opened, as_of, length=length, soon=soon))
    return facts


def long(clocks: pd.DataFrame) -> pd.DataFrame:
    """The windows as one row per entry and clock: basis, opens_on, last_day, days_left, state."""
    opens = clocks["liquidated_on"].fillna(clocks["expected_liquidation"])
    actual = clocks["liquidated"].fillna(False).to_numpy(dtype=bool)
    parts = [
        pd.DataFrame(
            {
                "entry_number": clocks["entry_number"],
                "clock": clock,
                "basis": np.where(actual, "actual", "estimated"),
                "opens_on": opens,
                "last_day": clocks[f"{clock}_last_day"],
                "days_left": clocks[f"{clock}_days_left"],
                "state": clocks[f"{clock}_state"],
            }
        )
        for clock in CLOCKS
    ]
    return pd.concat(parts, ignore_index=True).sort_values(["entry_number", "clock"], ignore_index=True)


def forecast(entry_date: pd.Series, law: Law, on: date) -> pd.Series:
    """The day an entry on the ordinary cycle would liquidate: entry date + cycle, then the posting weekday.

    Source: keys ``cycle.auto_liquidation`` and ``cycle.posting_weekday``; practice, not statute.
    """
    cycle = entry_date + pd.Timedelta(days=_days(law, "cycle.auto_liquidation", on))
    posting = _WEEKDAYS.index(str(law.value("cycle.posting_weekday", on).value))
    wait = (posting - cycle.dt.day_of_week) % 7
    return cycle + pd.to_timedelta(wait, unit="D").astype("timedelta64[s]")


def _liquidation(entries: pd.DataFrame, law: Law, as_of: date) -> pd.DataFrame:
    day = pd.Timestamp(as_of)
    status = canonical(entries["liquidation_status"], law, "liquidation_status")
    recorded = entries["liquidation_date"]
    says_liquidated = status.isin(LIQUIDATED).astype("boolean").mask(status.isna())
    past = (recorded <= day).astype("boolean").mask(recorded.isna())

    # A liquidation dated after the day asked about had not happened yet on that day.
    liquidated = says_liquidated & past
    # With no status word a date alone may be a schedule or a liquidation; the future is safe either way.
    liquidated = liquidated.mask(status.isna() & ~past.fillna(True), False)

    on_cycle = status.notna() & ~status.isin((*LIQUIDATED, *OFF_CYCLE))
    expected = recorded.where(recorded.notna(), forecast(entries["entry_date"], law, as_of).where(on_cycle))
    maybe_on = _maybe_liquidated(entries, status, expected, as_of=day).where(
        ~liquidated.fillna(False), pd.NaT
    )
    basis = np.select(
        [
            liquidated.fillna(False).to_numpy(dtype=bool),
            liquidated.isna().to_numpy(dtype=bool),
            recorded.notna().to_numpy(),
            expected.notna().to_numpy(),
        ],
        ["recorded", "unknown", "scheduled", "forecast"],
        default="unknown",
    )
    return pd.DataFrame(
        {
            "entry_number": entries["entry_number"],
            "status": status,
            "liquidated": liquidated,
            "liquidated_on": recorded.where(liquidated.fillna(False)),
            "maybe_on": maybe_on,
            "liquidation_basis": basis,
            "expected_liquidation": expected.where(~liquidated.fillna(True), pd.NaT),
        }
    )


def _maybe_liquidated(
    entries: pd.DataFrame, status: pd.Series, expected: pd.Series, *, as_of: pd.Timestamp
) -> pd.Series:
    """A day on which the entry may have been liquidated without the export knowing it; null when it can't.

    Three ways: the export is older than the expected day; a status word stands against a past recorded
    date; or a date stands there with no status word at all.
    """
    extracted, recorded = entries["extracted_on"], entries["liquidation_date"]
    on_cycle = ~status.isin((*LIQUIDATED, *OFF_CYCLE))
    since_export = on_cycle & (expected > extracted) & (expected <= as_of)
    contradicted = on_cycle & recorded.notna() & (recorded <= as_of)
    return expected.where(since_export | contradicted, pd.NaT)


def canonical(words: pd.Series, law: Law, kind: str) -> pd.Series:
    """Status words in the law book's canonical spelling; a word the book does not know becomes null.

    The raw word stays on the entry: it is shown, never guessed at.
    """
    known = {word: entry.canon for word, entry in law.words(kind).items()}
    distinct = {word: known.get(" ".join(str(word).lower().split())) for word in words.dropna().unique()}
    return words.map(distinct).astype("str")


def _clock(clock: str, opened: pd.Series, as_of: date, *, length: int, soon: int) -> pd.DataFrame:
    day = pd.Timestamp(as_of)
    last_day = opened + pd.Timedelta(days=length)
    elapsed = (day - opened).dt.days.astype("Int64")
    state = np.select(
        [
            opened.isna().to_numpy(),
            (elapsed < 0).fillna(False).to_numpy(dtype=bool),
            (elapsed > length).fillna(False).to_numpy(dtype=bool),
            (elapsed >= soon).fillna(False).to_numpy(dtype=bool),
        ],
        ["unknown", "not_open", "closed", "due_soon"],
        default="open",
    )
    return pd.DataFrame(
        {
            f"{clock}_last_day": last_day,
            f"{clock}_days_left": (length - elapsed).astype("Int64"),
            f"{clock}_state": pd.Series(state, index=opened.index, dtype="str").mask(opened.isna()),
        }
    )


def _days(law: Law, key: str, on: date) -> int:
    return int(law.value(key, on).value)
