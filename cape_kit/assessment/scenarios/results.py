"""What a scenario gives: money by week and how sure that is; scenarios side by side.

The days of payment are those of `payments`, moved by what the scenario assumes; an entry that nobody can date, or whose
payee can't be paid, has none, and its dollars stand apart.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

import numpy as np
import pandas as pd

from cape_kit.assessment import payments
from cape_kit.assessment.assess import Assessment
from cape_kit.assessment.decisions import DISPOSITIONS
from cape_kit.assessment.scenarios.applying import ON_CAPE, run
from cape_kit.assessment.scenarios.scenario import BASELINE, Scenario, assumptions
from cape_kit.money import known_sum, plain

# --- when the money comes ---------------------------------------------------------------------------------


#: Shares of the runs in which at most so much has come in by a week.
QUANTILES = {"p10": 0.1, "p50": 0.5, "p90": 0.9}
#: How far CBP's pace may stray where nobody says otherwise: sooner and later. [weeks]
STRAY = (2, 6)
_DAYS = tuple(f"payment_{name}" for name in payments.RANGE)
_WEEK = 7


def pay_days(assessment: Assessment) -> pd.DataFrame:
    """One row per entry on CAPE: entry_number, payee, liquidation_base, payment_low, _base, _high, cents.

    `cents` is principal with interest, null where it is not known; `left_out` says why an entry has no day, and is
    empty where it has.
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
        [blocked, rows["payment_base"].isna()], [rows["blocked"], "its own liquidation has no date yet"], ""
    )
    return rows[["entry_number", "payee", "liquidation_base"]].assign(
        **days, cents=rows["amount_cents"].astype("Int64"), left_out=why
    )


def weeks(assessment: Assessment, paid: pd.DataFrame | None = None) -> pd.DataFrame:
    """Money in hand by the end of each week from the filing day: day, early_, base_, late_cents. [cents]"""
    rows = (pay_days(assessment) if paid is None else paid).dropna(subset=[*_DAYS, "cents"])
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
    undated_cents: int | None
    assumptions: tuple[str, ...]


def chances(
    assessment: Assessment, *, runs: int = 1000, seed: int = 1, stray: tuple[int, int] = STRAY
) -> Chances:
    """Money in hand by week when CBP's pace is uncertain: the same seed gives the same figures. [cents]

    In each run CBP as a whole is so many weeks sooner or later (`stray`, triangular about its usual pace),
    and each payment (one payee, one liquidation day) comes on a day of its own within CBP's range.
    """
    rows = pay_days(assessment)
    dated = rows.dropna(subset=[*_DAYS, "cents"])
    keys = ["payee", "liquidation_base", *_DAYS]
    groups = dated.groupby(keys, as_index=False, dropna=False)["cents"].sum(min_count=1)
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
    undated = plain(known_sum(rows.loc[rows["left_out"] != "", "cents"]))
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


# --- side by side: what each changes in entries, dollars and days, and why --------------------------------


#: Figures of a row that a difference is made of.
FIGURES = (
    "entries",
    "principal_cents",
    "interest_cents",
    "protest_cents",
    "held_cents",
    "lost_cents",
    "filed_cents",
    "undated_cents",
)


def compare(baseline: Assessment, scenarios: Iterable[Scenario]) -> pd.DataFrame:
    """One row per scenario, the baseline first, under the baseline's facts, law and day. [cents]

    Columns: scenario, filing_date, entries, principal_cents and interest_cents on CAPE, protest_cents,
    held_cents (what waits), lost_cents (out of CAPE and protest), filed_cents (filed, no answer yet: no scenario
    moves it), latest_cash, undated_cents (on CAPE with
    its interest, but no day known for it or no payee that can be paid), unknown (entries whose duty is not known: they
    are in no amount, and where they are all there is the amount is null),
    ``*_change`` against the baseline for each figure, latest_cash_change [days], moved (entries that stand
    elsewhere), assumes (sentences) and reason.
    """
    wanted = [one for one in scenarios if one.name != BASELINE.name]
    return table(baseline, [run(baseline, one) for one in wanted])


def table(baseline: Assessment, others: Iterable[Assessment]) -> pd.DataFrame:
    """The same of assessments already made."""
    first = figures(baseline) | {"scenario": BASELINE.name, "moved": 0}
    rows = [first]
    for other in others:
        moved = (other.questions.days["disposition"] != baseline.questions.days["disposition"]).sum()
        rows.append(figures(other) | {"moved": int(moved)})
    frame = pd.DataFrame(rows).astype(dict.fromkeys(FIGURES, "Int64"))
    for name in FIGURES:
        frame[f"{name}_change"] = frame[name] - frame[name].iloc[0]
    frame["latest_cash_change"] = (frame["latest_cash"] - frame["latest_cash"].iloc[0]).dt.days.astype(
        "Int64"
    )
    return frame


def figures(assessment: Assessment) -> dict[str, Any]:
    """One row of the comparison."""
    totals = assessment.totals.set_index("disposition")
    paid = pay_days(assessment)
    scenario: Scenario = assessment.scenario or BASELINE
    here = totals.loc[list(ON_CAPE)]
    return {
        "scenario": scenario.name,
        "filing_date": pd.Timestamp(assessment.filing_date),
        "entries": int(here["entries"].sum()),
        "principal_cents": _known(here, "principal_cents"),
        "interest_cents": _known(here, "interest_cents"),
        "protest_cents": totals["principal_cents"]["protest"],
        "held_cents": totals["principal_cents"]["held"],
        "lost_cents": totals["principal_cents"]["final"],
        "filed_cents": totals["principal_cents"]["filed"],
        "latest_cash": paid["payment_high"].max(),
        "undated_cents": known_sum(paid.loc[paid["left_out"] != "", "cents"]),
        "unknown": int(totals["principal_unknown"].sum()),
        "assumes": assumptions(scenario, assessment.law, assessment.filing_date),
        "reason": scenario.reason,
    }


def _known(rows: pd.DataFrame, name: str) -> Any:
    """What is known of an amount over some dispositions; null where they have entries and nothing is. [cents]"""
    return known_sum(rows.loc[rows["entries"].gt(0), name])


def elsewhere(baseline: Assessment, other: Assessment) -> np.ndarray:
    """The places of the entries that stand elsewhere under the other assessment, those of unknown dollars first,
    then the most dollars.
    """
    before, after = baseline.questions.days, other.questions.days
    changed = np.flatnonzero((before["disposition"] != after["disposition"]).to_numpy())
    numbers = after["entry_number"].iloc[changed]
    frame = pd.DataFrame({"entry_number": numbers, "cents": other.money["principal_cents"].iloc[changed]})
    # What is not known may be the most.
    ordered = frame.set_axis(changed).sort_values(
        ["cents", "entry_number"], ascending=[False, True], na_position="first"
    )
    return ordered.index.to_numpy()


def moves(baseline: Assessment, other: Assessment, places: np.ndarray | None = None) -> pd.DataFrame:
    """Entries that stand elsewhere under the other assessment, and why, the most dollars first.

    `places`: those of `elsewhere` that are wanted; the sentences of the others are not written.
    Columns: entry_number, was, now (dispositions), was_label, now_label, why, principal_cents (null: not known).
    """
    before, after = baseline.questions.days, other.questions.days
    changed = elsewhere(baseline, other) if places is None else places
    old, new = (one.iloc[changed].reset_index(drop=True) for one in (before, after))
    principal = other.money["principal_cents"].iloc[changed].reset_index(drop=True)
    return pd.DataFrame(
        {
            "entry_number": new["entry_number"],
            "was": old["disposition"],
            "now": new["disposition"],
            "was_label": old["disposition"].map(DISPOSITIONS),
            "now_label": new["disposition"].map(DISPOSITIONS),
            "why": other.reasons(changed),
            "principal_cents": principal.astype("Int64"),
        }
    )
