"""When the money comes under a scenario: a day range for each entry, by week, and how sure that is.

The days are those of `payments`, moved by what the scenario assumes; an entry that nobody can date, or whose
payee can't be paid, has none, and its dollars are told apart.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date

import numpy as np
import pandas as pd

from cape_kit.assessment import payments
from cape_kit.assessment.assess import Assessment
from cape_kit.assessment.scenarios.scenario import BASELINE, Scenario

#: Shares of the runs in which at most so much has come in by a week.
QUANTILES = {"p10": 0.1, "p50": 0.5, "p90": 0.9}
#: How far CBP's pace may stray where nobody says otherwise: sooner and later. [weeks]
STRAY = (2, 6)
_DAYS = tuple(f"payment_{name}" for name in payments.RANGE)
_WEEK = 7


def pay_days(assessment: Assessment) -> pd.DataFrame:
    """One row per entry on CAPE: entry_number, payee, liquidation_base, payment_low, _base, _high, cents.

    `cents` is principal with interest; `left_out` says why an entry has no day, and is empty where it has.
    """
    scenario: Scenario = assessment.scenario or BASELINE
    rows = payments.expected(assessment)
    blocked = rows["blocked"].ne("")
    if scenario.ach_fixed_on:
        cured = payments.expected(_enrolled(assessment))["blocked"].eq("")
        floor, freed = pd.Timestamp(scenario.ach_fixed_on), blocked & cured
        rows = rows.assign(**{name: rows[name].mask(freed, _not_before(rows[name], floor)) for name in _DAYS})
        blocked &= ~cured
    filed = pd.Timestamp(assessment.filing_date)
    shift = pd.Timedelta(days=scenario.payment_later_days)
    days = {name: _not_before(rows[name] + shift, filed).mask(blocked) for name in _DAYS}
    why = np.select(
        [blocked, rows["payment_base"].isna()], [rows["blocked"], "its own liquidation has no day yet"], ""
    )
    return rows[["entry_number", "payee", "liquidation_base"]].assign(
        **days, cents=rows["amount_cents"].astype("int64"), left_out=why
    )


def weeks(assessment: Assessment, paid: pd.DataFrame | None = None) -> pd.DataFrame:
    """Money in hand by the end of each week from the filing day: day, early_, base_, late_cents. [cents]"""
    rows = (pay_days(assessment) if paid is None else paid).dropna(subset=list(_DAYS))
    start = pd.Timestamp(assessment.filing_date)
    place = [_week(rows[name], start) for name in _DAYS]
    count = int(place[-1].max()) + 1 if len(rows) else 0
    cents = rows["cents"].to_numpy(dtype="int64")
    names = ("early_cents", "base_cents", "late_cents")
    sums = {name: np.cumsum(_by_week(one, cents, count)) for name, one in zip(names, place, strict=True)}
    return pd.DataFrame({"day": _ends(start, count), **sums})


@dataclass(frozen=True)
class Chances:
    """Money in hand by week over many runs. `weeks`: day (the week's last), p10, p50, p90. [cents]"""

    weeks: pd.DataFrame
    runs: int
    seed: int
    undated_cents: int
    assumptions: tuple[str, ...]


def chances(
    assessment: Assessment, *, runs: int = 1000, seed: int = 1, stray: tuple[int, int] = STRAY
) -> Chances:
    """Money in hand by week when CBP's pace is uncertain: the same seed gives the same figures. [cents]

    In each run CBP as a whole is so many weeks sooner or later (`stray`, triangular about its usual pace),
    and each payment (one payee, one liquidation day) comes on a day of its own within CBP's range.
    """
    rows = pay_days(assessment)
    dated = rows.dropna(subset=list(_DAYS))
    keys = ["payee", "liquidation_base", *_DAYS]
    groups = dated.groupby(keys, as_index=False, dropna=False)["cents"].sum()
    start = pd.Timestamp(assessment.filing_date)
    first, usual, last = ((groups[name] - start).dt.days.to_numpy(dtype="float64") for name in _DAYS)
    rng = np.random.default_rng(seed)
    pace = _triangular(rng.random((runs, 1)), -stray[0] * _WEEK, 0, stray[1] * _WEEK)
    drawn = pace + _triangular(rng.random((runs, len(groups))), first, usual, last)
    week = np.clip(drawn, 0, None).astype("int64") // _WEEK
    count = int(week.max()) + 1 if week.size else 0
    cents = groups["cents"].to_numpy(dtype="int64")
    in_hand = np.cumsum([_by_week(one, cents, count) for one in week], axis=1)
    shares = (
        np.quantile(in_hand, list(QUANTILES.values()), axis=0) if count else np.zeros((len(QUANTILES), 0))
    )
    figures = dict(zip(QUANTILES, np.rint(shares).astype("int64"), strict=True))
    told = (
        f"{runs:,} runs with seed {seed}.",
        f"CBP as a whole is up to {stray[0]} weeks sooner or {stray[1]} weeks later than its usual pace, "
        "most often near it.",
        "Each payment, one payee and one liquidation day, comes on a day of its own within CBP's range.",
    )
    undated = int(rows.loc[rows["left_out"] != "", "cents"].sum())
    return Chances(pd.DataFrame({"day": _ends(start, count), **figures}), runs, seed, undated, told)


def latest(assessment: Assessment) -> date | None:
    """The day by which all money that can be dated should have come; None where none can be."""
    last = pay_days(assessment)["payment_high"].max()
    return None if pd.isna(last) else last.date()


def _not_before(days: pd.Series, first: pd.Timestamp) -> pd.Series:
    """Days, none earlier than the first; null stays null."""
    return days.mask(days < first, first)


def _enrolled(assessment: Assessment) -> Assessment:
    """The same with every importer enrolled for electronic refunds."""
    client = assessment.client
    importers = tuple(replace(one, ach_refund_enrolled=True) for one in client.importers)
    portfolio = replace(assessment.portfolio, client=replace(client, importers=importers))
    return replace(assessment, portfolio=portfolio)


def _triangular(uniform: np.ndarray, low: object, mode: object, high: object) -> np.ndarray:
    """Triangular draws from uniform ones; where low equals high, that day."""
    least, likely, most = (np.asarray(one, dtype="float64") for one in (low, mode, high))
    width = np.where(most > least, most - least, 1)
    turn = (likely - least) / width
    up = least + np.sqrt(uniform * width * (likely - least))
    down = most - np.sqrt((1 - uniform) * width * (most - likely))
    return np.asarray(np.where(most > least, np.where(uniform < turn, up, down), likely))


def _week(days: pd.Series, start: pd.Timestamp) -> np.ndarray:
    place: np.ndarray = ((days - start).dt.days.clip(lower=0) // _WEEK).to_numpy(dtype="int64")
    return place


def _by_week(week: np.ndarray, cents: np.ndarray, count: int) -> np.ndarray:
    """Cents summed by week, exactly."""
    sums = np.zeros(count, dtype="int64")
    np.add.at(sums, week, cents)
    return sums


def _ends(start: pd.Timestamp, count: int) -> pd.Series:
    days = pd.Series(np.arange(count, dtype="int64") * _WEEK + _WEEK - 1)
    return (start + pd.to_timedelta(days, unit="D")).astype("datetime64[s]")
