"""Refunds with interest from tariff lines, against the engine merely scanning and summing the same columns.

Run: python tests/benchmarks/bench_refund.py [--rows 10000000] [--rows-per-entry 20]
Both work on one Arrow table in one process, round by round; medians are compared; exits 1 above the limit. All
that an assessment does with the lines counts: amounts by entry and heading, interest for both classes, and how the
numbers of a line stand to one another (the line-order step). Left out: reading the lines, the marks' use by the
checks. Seconds are of the processor, of all threads together.
"""

import argparse
import resource
import statistics
import sys
import time
from datetime import date

import duckdb
import numpy as np
import pandas as pd
import pyarrow as pa

from cape_kit.assessment import interest, line_order, refund
from cape_kit.entries import schema
from cape_kit.entries.readers.reading import line_schema
from cape_kit.law import book, workdays

#: With the line-order step and in processor seconds; 4 by the clock was the limit without that step.
LIMIT = 7
DAY = date(2026, 5, 5)
#: Lines of four rows: Section 301, two IEEPA headings and the goods; every fifth line is of the EU, all-in.
STACK = ["99038803", "99030124", "99030125", "3923900080"]
ALL_IN_STACK = ["9903022000", "8481809015"]
#: Every column the reduction reads, read and summed, texts by their greatest: no grouping, no joining.
SCAN = """
select max(entry_number), sum(line_number), sum(ordinal), max(hts), max(country_of_origin),
       sum(goods_value_cents), sum(duty_cents), max(mfn_rate), max(spi) from lines
"""
#: The same sums by entry, for comparison only.
BY_ENTRY = """
select count(*) from (select entry_number, sum(goods_value_cents), sum(duty_cents) from lines group by 1)
"""


def portfolio(rows, per_entry):
    """Tariff lines and entries as readers leave them: texts as Arrow strings, amounts in cents."""
    rng = np.random.default_rng(20260505)
    count = max(rows // per_entry, 1)
    numbers = np.char.add("B76", np.char.zfill(np.arange(count).astype("U8"), 8))
    place = np.repeat(np.arange(count), per_entry)
    row = np.tile(np.arange(per_entry), count)
    line = row // 4
    union = (place + line) % 5 == 0
    step = row % 4
    code = np.where(union, 4 + step % 2, step)
    goods = np.isin(code, (3, 5))
    value = np.where(goods, rng.integers(100, 60_000, len(row)) * 100, 0)
    duty = np.where(code == 5, 0, rng.integers(0, 500_000, len(row)))
    rate = np.where(goods, rng.integers(0, 3, len(row)), 3)
    lines = pa.table(
        {
            "entry_number": pa.array(numbers).take(pa.array(place)),
            "line_number": pa.array(line + 1),
            "ordinal": pa.array(step + 1),
            "hts": pa.array([*STACK, *ALL_IN_STACK]).take(pa.array(code)),
            "country_of_origin": pa.array(["CN", "DE"]).take(pa.array(union.astype("int8"))),
            "goods_value_cents": pa.array(value),
            "duty_cents": pa.array(duty),
            "mfn_rate": pa.array(["Free", "5.3%", "2.3¢/kg + 5%", None]).take(pa.array(rate)),
        }
    )
    declared = line_schema()
    missing = [one for one in declared if one.name not in lines.column_names]
    for one in missing:
        lines = lines.append_column(one, pa.nulls(len(row), one.type))
    lines = lines.select(declared.names)
    days = np.datetime64("2025-08-08", "s") + rng.integers(0, 150, count) * np.timedelta64(86_400, "s")
    entries = pd.DataFrame({"entry_number": pd.Series(numbers, dtype="str"), "entry_date": days})
    return lines, schema.conform(entries.assign(lines_complete=True), "entries")


def refunds(lines, entries, law):
    """What an assessment does with the lines: principal by entry and heading, interest for both classes."""
    coded = refund.coded(lines, entries, law)
    reduced = refund.reduce_lines(coded, entries, law)
    found = refund.per_entry(reduced, entries)
    headings = refund.refund_lines(reduced)
    marks = line_order.per_entry(coded, entries, law, on=DAY)
    deposited = workdays.add_working_days(entries["entry_date"], 10)
    until = pd.Series(np.datetime64("2026-06-19", "s"), index=entries.index)
    totals = [
        interest.accrue_many(found["principal_cents"], deposited, until, law, importer_class=name).sum()
        for name in interest.CLASSES
    ]
    return found["principal_cents"].sum(), headings["principal_cents"].sum(), totals, len(marks)


def seconds(work):
    """What a call takes of the processor."""
    begun = time.process_time()
    work()
    return time.process_time() - begun


def main(arguments=None):
    """Print the table; the exit code says whether the limit holds."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=10_000_000)
    parser.add_argument("--rows-per-entry", type=int, default=20)
    parser.add_argument("--rounds", type=int, default=5)
    asked = parser.parse_args(arguments)
    law = book.load()
    lines, entries = portfolio(asked.rows, asked.rows_per_entry)
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    times = {"scan": [], "by entry": [], "refunds": []}
    with duckdb.connect() as engine:
        engine.register("lines", lines)
        for _ in range(asked.rounds):
            times["scan"].append(seconds(lambda: engine.execute(SCAN).fetchall()))
            times["by entry"].append(seconds(lambda: engine.execute(BY_ENTRY).fetchall()))
            times["refunds"].append(seconds(lambda: refunds(lines, entries, law)))
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    middle = {name: statistics.median(taken) for name, taken in times.items()}
    ratio = middle["refunds"] / middle["scan"]
    print(f"{lines.num_rows:,} rows, {len(entries):,} entries, median of {asked.rounds} rounds")
    for name, taken in middle.items():
        print(f"  {name:<10} {taken:>8.3f} s")
    print(f"  refunds / scan and sum: {ratio:.2f}x (limit {LIMIT}x)")
    print(f"  peak memory {peak / 1024:,.0f} MB, of which the lines and their making {before / 1024:,.0f} MB")
    return 0 if ratio <= LIMIT else 1


if __name__ == "__main__":
    sys.exit(main())
