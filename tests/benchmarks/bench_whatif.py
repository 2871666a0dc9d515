"""A new filing day on a loaded portfolio, against loading and assessing it.

Run: python tests/benchmarks/bench_whatif.py [--entries 35000] [--client FOLDER]
Round by round in one process; medians are compared; exits 1 above the limit. The sweep is told beside it.
"""

import argparse
import statistics
import sys
import tempfile
import time
from datetime import date, timedelta
from pathlib import Path

import cape_kit
from cape_kit.assessment import scenarios

LIMIT = 0.05
DAY = date(2026, 5, 5)


def seconds(work):
    """What a call gives, and how long it takes."""
    begun = time.perf_counter()
    made = work()
    return made, time.perf_counter() - begun


def main(arguments=None):
    """Print the table; the exit code says whether the limit holds."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--entries", type=int, default=35_000)
    parser.add_argument("--client", type=Path, help="a folder made before; else one is made and thrown away")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--days", type=int, default=30, help="length of the sweep")
    asked = parser.parse_args(arguments)
    with tempfile.TemporaryDirectory() as folder:
        client = asked.client or made(Path(folder), asked.entries)
        return measured(client, asked.rounds, asked.days)


def made(folder, entries):
    """One synthetic client."""
    from cape_kit.sample import generate

    return Path(generate(folder, clients=1, entries=entries, seed=5)[0])


def with_figures(assessment):
    """An assessment whose figures have been reckoned, as the panel shows them."""
    scenarios.figures(assessment)
    return assessment


def measured(client, rounds, days):
    """Load and assess, then move the filing day, round by round."""
    loading, moving, telling = [], [], []
    for n in range(rounds):
        base, took = seconds(lambda: cape_kit.assess(cape_kit.open(client), as_of=DAY))
        loading.append(took)
        day = DAY + timedelta(days=10 + n)
        now, took = seconds(lambda base=base, day=day: with_figures(scenarios.refiled(base, day)))
        moving.append(took)
        _, took = seconds(lambda now=now: now.table)
        telling.append(took)
    _, took = seconds(lambda: scenarios.sweep(base, DAY, DAY + timedelta(days=days - 1)))
    whole, once = statistics.median(loading), statistics.median(moving)
    print(f"{len(base.table):,} entries, median of {rounds} rounds")
    print(f"  load and assess        {whole:>8.3f} s")
    print(f"  another filing day     {once:>8.3f} s   {once / whole:.1%} (limit {LIMIT:.0%})")
    print(f"  its table, in words    {statistics.median(telling):>8.3f} s   more, once somebody looks")
    print(f"  sweep of {days:>3} days      {took:>8.3f} s   {took / days / whole:.2%} a day")
    return 0 if once / whole <= LIMIT else 1


if __name__ == "__main__":
    sys.exit(main())
