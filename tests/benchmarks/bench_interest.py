"""Exact interest on a million entries against one float look-up pass; prints the ratio, exits 1 above 10.

Run: python tests/benchmarks/bench_interest.py
Both work on the same columns in one process; the figure is the median of several rounds.
"""

import statistics
import sys
import time

import numpy as np
import pandas as pd

from cape_kit.assessment import interest
from cape_kit.law import book

ENTRIES, ROUNDS, LIMIT = 1_000_000, 7, 10


def columns(law, entries):
    """Principals, deposit days and liquidation days as an assessment hands them over."""
    rng = np.random.default_rng(20260505)
    last = np.datetime64(interest.covered_until(law), "s")
    deposited = np.datetime64("2025-02-14", "s") + rng.integers(0, 380, entries) * np.timedelta64(86_400, "s")
    until = np.minimum(deposited + rng.integers(30, 600, entries) * np.timedelta64(86_400, "s"), last)
    principal = pd.Series(rng.integers(1, 5_000_000, entries), dtype="Int64")
    return principal, pd.Series(deposited), pd.Series(until)


def float_table(law):
    """Cumulative factors in floats by day, as somebody in a hurry would tabulate them."""
    rates = law.rates[law.rates["status"] != "pending"]
    days = pd.date_range(rates["first_day"].iloc[0], rates["last_day"].iloc[-1], unit="s")
    quarter = np.searchsorted(rates["first_day"].to_numpy(), days.to_numpy(), side="right") - 1
    pct = rates["corporate_pct"].fillna(rates["noncorporate_pct"]).astype(float).to_numpy()[quarter]
    growth = 1 + pct / 100 / np.where(days.is_leap_year, 366, 365)
    return days[0], np.concatenate([[1.0], np.cumprod(growth)])


def float_pass(principal, deposited, until, first_day, factors):
    """One look-up pass: right to the float, no nulls, no coverage check, no exact rounding."""
    start = (deposited.to_numpy() - first_day.to_datetime64()).astype("timedelta64[D]").astype("int64")
    end = (until.to_numpy() - first_day.to_datetime64()).astype("timedelta64[D]").astype("int64")
    cents = principal.to_numpy(dtype="float64")
    return np.rint(cents * (factors[end] / factors[start] - 1))


def median_seconds(work):
    """Median time of a call."""
    seconds = []
    for _ in range(ROUNDS):
        begun = time.perf_counter()
        work()
        seconds.append(time.perf_counter() - begun)
    return statistics.median(seconds)


def main():
    """Print the table; the exit code says whether the limit holds."""
    law = book.load()
    first_day, factors = float_table(law)
    print(f"{'entries':>10} {'float pass':>12} {'exact':>10} {'ratio':>7}")
    for entries in (10_000, 100_000, ENTRIES):
        frame = columns(law, entries)
        quick = median_seconds(lambda frame=frame: float_pass(*frame, first_day, factors))
        exact = median_seconds(lambda frame=frame: interest.accrue_many(*frame, law))
        print(f"{entries:>10,} {quick:>11.4f}s {exact:>9.4f}s {exact / quick:>6.1f}x")
    return 0 if exact / quick <= LIMIT else 1


if __name__ == "__main__":
    sys.exit(main())
