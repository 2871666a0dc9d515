"""How fast files are read, as ratios within one run, and how much memory it takes.

    python tests/benchmarks/bench_reading.py            small: 20,000-row workbook, 200,000-row CSV
    python tests/benchmarks/bench_reading.py --full     100,000 × 30 workbook, 5 million rows, to 10 million
    python tests/benchmarks/bench_reading.py --limits   fail (exit 1) when a ratio misses its mark

Every measurement runs in a process of its own, so that peak memory is its own too; ways that are compared
take turns, and the best turn of each counts. Ratios are what counts: the machine does not. Processor seconds
(of all threads) stand beside the clock's, for a machine that others use as well.

A text file: `kit` is `readers.read`, from the path to typed tariff lines with their rows, entries, conflicts
and problems; `scan` is the engine reading the same columns as text and counting them, nothing kept;
`pandas.read_csv` is every cell as text.
"""

from __future__ import annotations

import argparse
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).parents[2]
sys.path.insert(0, str(ROOT))

HEADERS = [
    "Entry Summary Number", "Entry Type Code", "Importer Number", "Port of Entry Code", "Entry Date",
    "Entry Summary Date", "Initial Entry Summary Create Date", "Entry Summary Line Number",
    "Review Team Number", "Country of Origin Code", "Country of Export Code", "Manufacturer ID",
    "Foreign Exporter ID", "Line SPI Code", "Standard Visa Number", "Textile Category Code",
    "Textile Category", "Tariff Ordinal Number", "HTS Number - Full", "Line Tariff Quantity (1)",
    "Line Tariff UOM (1) Code", "Line Tariff Quantity (2)", "Line Tariff UOM (2) Code",
    "Line Tariff Quantity (3)", "Line Tariff UOM (3) Code", "Line Tariff Goods Value Amount",
    "Line Tariff Duty Amount", "Liquidation Status", "Liquidation Date", "Importer Name",
]  # fmt: skip
LINES_PER_ENTRY = 6


def table(rows):
    """Rows of an ES-003 with the liquidation columns, as 30 text columns."""
    import numpy as np
    import pyarrow as pa

    from tests.numbers import numbered

    rng = np.random.default_rng(1)
    entries = max(rows // LINES_PER_ENTRY, 1)
    numbers = np.array([numbered("B76", i) for i in range(entries)])
    at = np.minimum(np.arange(rows) // LINES_PER_ENTRY, entries - 1)
    days = np.array([f"{m:02d}/{d:02d}/2025" for m in range(2, 13) for d in range(1, 29)])
    entered = days[np.minimum(np.arange(entries) * len(days) // entries, len(days) - 1)]
    hts = np.array(["99038803", "99030124", "99030125", "3923900080"])
    text = {header: np.full(rows, "") for header in HEADERS}
    text |= {
        "Entry Summary Number": numbers[at],
        "Entry Type Code": np.full(rows, "01"),
        "Importer Number": np.full(rows, "12-345678900"),
        "Port of Entry Code": np.full(rows, "2704"),
        **dict.fromkeys(HEADERS[4:7], entered[at]),
        "Entry Summary Line Number": (np.arange(rows) // 4 % 20 + 1).astype(str),
        "Country of Origin Code": np.full(rows, "CN"),
        "Country of Export Code": np.full(rows, "HK"),
        "Manufacturer ID": np.full(rows, "CNSHZACM1SHE"),
        "Tariff Ordinal Number": (np.arange(rows) % 4 + 1).astype(str),
        "HTS Number - Full": hts[np.arange(rows) % 4],
        "Line Tariff Quantity (1)": rng.integers(1, 500, rows).astype(str),
        "Line Tariff UOM (1) Code": np.full(rows, "NO"),
        "Line Tariff Goods Value Amount": np.char.mod("%.2f", rng.integers(0, 10**7, rows) / 100),
        "Line Tariff Duty Amount": np.char.mod("%.2f", rng.integers(0, 10**6, rows) / 100),
        "Liquidation Status": np.full(rows, "Pending"),
        "Importer Name": np.full(rows, "ACME INC"),
    }
    return pa.table({header: pa.array(values, type=pa.string()) for header, values in text.items()})


def write_csv(path, rows):
    """A CSV of that many rows, written in portions."""
    from pyarrow import csv

    portion = table(min(rows, 500_000))
    with csv.CSVWriter(path, portion.schema, write_options=csv.WriteOptions(quoting_style="none")) as out:
        done = 0
        while done < rows:
            out.write_table(
                table(min(500_000, rows - done)) if done == 0 else _shifted(portion, done, rows - done)
            )
            done += portion.num_rows


def _shifted(portion, done, left):
    """The portion with other entry numbers."""
    import pyarrow as pa

    from tests.numbers import numbered

    entries = portion.num_rows // LINES_PER_ENTRY
    start = done // LINES_PER_ENTRY
    numbers = [numbered("B76", start + i) for i in range(entries + 1)]
    column = pa.array([numbers[min(i // LINES_PER_ENTRY, entries)] for i in range(portion.num_rows)])
    return portion.set_column(0, HEADERS[0], column).slice(0, left)


def write_workbook(path, rows):
    """A workbook of that many rows, written row by row."""
    from openpyxl import Workbook

    book = Workbook(write_only=True)
    sheet = book.create_sheet("Main Report")
    sheet.append(HEADERS)
    columns = [column.to_pylist() for column in table(rows).columns]
    for row in zip(*columns, strict=True):
        sheet.append([value or None for value in row])
    book.save(path)


def needed_columns():
    """The positions the kit reads."""
    from cape_kit.entries.readers.recognise import recognise

    return sorted(recognise([HEADERS], where="bench").positions.values())


def scan(path):
    """The engine merely scanning the needed columns as text."""
    import duckdb

    columns = ", ".join(f"'c{i}': 'VARCHAR'" for i in range(len(HEADERS)))
    source = f"read_csv('{path}', auto_detect = false, header = false, skip = 1, columns = {{{columns}}})"
    wanted = ", ".join(f"count(c{i})" for i in needed_columns())
    return duckdb.sql(f"SELECT {wanted} FROM {source}").fetchall()[0][0]


def kit(path):
    """The kit: typed tariff lines with provenance, entries, problems."""
    from cape_kit.entries import readers

    (reading,) = readers.read(Path(path))
    assert reading.rows == reading.rows_used
    return reading.lines.num_rows


def client(path):
    """The whole way: a folder to a portfolio."""
    import cape_kit

    return cape_kit.open(Path(path).parent).tariff_lines.num_rows


def pandas_csv(path):
    """pandas reading every cell as text."""
    import pandas as pd

    return len(pd.read_csv(path, dtype=str))


def pandas_excel(path):
    """pandas with its default engine."""
    import pandas as pd

    return len(pd.read_excel(path, dtype=str))


WAYS = {
    "scan": scan,
    "kit": kit,
    "client": client,
    "pandas.read_csv": pandas_csv,
    "pandas.read_excel": pandas_excel,
}
IMPORTS = {"scan": "duckdb", "kit": "cape_kit.entries.readers", "client": "cape_kit.entries.portfolio"}


def child(way, path):
    """One measurement: seconds (imports apart) and peak megabytes, printed for the parent."""
    __import__(IMPORTS.get(way, "pandas"))
    if way in ("kit", "scan"):
        needed_columns()
    began, used = time.perf_counter(), time.process_time()
    rows = WAYS[way](path)
    seconds, busy = time.perf_counter() - began, time.process_time() - used
    print(f"{rows} {seconds:.4f} {busy:.4f} {_peak():.0f}")


def _peak():
    """Peak memory of this process. [MB]  (`ru_maxrss` would count the parent's from before exec.)"""
    status = Path("/proc/self/status")
    if status.exists():
        return int(status.read_text().split("VmHWM:")[1].split()[0]) / 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


class Run(NamedTuple):
    """The best turn of one way. [s, s of all processors, MB]"""

    seconds: float
    busy: float
    peak: float


def measure(path, turns):
    """Ways with their numbers of turns, taken alternately in processes of their own: the best of each."""
    runs = {way: [] for way in turns}
    for turn in range(max(turns.values())):
        for way in (way for way, wanted in turns.items() if turn < wanted):
            command = [sys.executable, __file__, "--child", way, str(path)]
            out = subprocess.run(command, check=True, capture_output=True, text=True).stdout.split()
            runs[way].append(tuple(map(float, out[1:])))
    best = {way: Run(*(min(column) for column in zip(*found, strict=True))) for way, found in runs.items()}
    for way, run in best.items():
        print(f"  {way:<20} {run.seconds:8.2f} s {run.busy:8.2f} s busy {run.peak:8.0f} MB")
    return best


def main():
    """Write the files, measure, print the ratios."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--full", action="store_true")
    parser.add_argument("--limits", action="store_true")
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument("--child", nargs=2)
    given = parser.parse_args()
    if given.child:
        child(*given.child)
        return 0
    missed = []
    with tempfile.TemporaryDirectory() as scratch:
        missed += workbooks(Path(scratch), given)
        missed += texts(Path(scratch), given)
        missed += growth(Path(scratch), given)
    for sentence in missed:
        print("MISSED:", sentence)
    return 1 if missed and given.limits else 0


def _ratio(name, above, below, limit, *, at_least):
    """A ratio of two runs by the clock, which has a mark, and by processor seconds."""
    print(f"    (processor seconds: {above.busy / below.busy:.1f}×)")
    return _mark(name, above.seconds / below.seconds, limit, at_least=at_least)


def _mark(name, ratio, limit, *, at_least):
    good = ratio >= limit if at_least else ratio <= limit
    print(f"  → {name}: {ratio:.1f}× ({'at least' if at_least else 'at most'} {limit})")
    return [] if good else [f"{name}: {ratio:.1f}×, limit {limit}"]


def workbooks(scratch, given):
    """A workbook against pandas' default engine."""
    rows = 100_000 if given.full else 20_000
    print(f"workbook, {rows:,} × {len(HEADERS)}")
    path = scratch / "book.xlsx"
    write_workbook(path, rows)
    best = measure(path, {"kit": given.repeats, "pandas.read_excel": 1})
    theirs, mine = best["pandas.read_excel"], best["kit"]
    return _ratio("faster than pandas.read_excel", theirs, mine, 10, at_least=True)


def texts(scratch, given):
    """A CSV against the engine's bare scan and against pandas."""
    rows = 5_000_000 if given.full else 200_000
    print(f"CSV, {rows:,} × {len(HEADERS)}")
    path = scratch / "book.csv"
    write_csv(path, rows)
    best = measure(path, dict.fromkeys(("scan", "kit", "pandas.read_csv"), given.repeats))
    path.unlink()
    return [
        *_ratio("of a bare scan", best["kit"], best["scan"], 3, at_least=False),
        *_ratio("faster than pandas.read_csv", best["pandas.read_csv"], best["kit"], 8, at_least=True),
    ]


def growth(scratch, given):
    """Cost per row and peak memory of the whole way, as the rows grow."""
    sizes = [100_000, 1_000_000, 10_000_000] if given.full else [20_000, 200_000]
    print("folder → portfolio")
    costs = []
    for rows in sizes:
        folder = scratch / f"c{rows}"
        folder.mkdir()
        (folder / "client.toml").write_text('name = "Bench"\n', encoding="utf-8")
        write_csv(folder / "lines.csv", rows)
        run = measure(folder / "lines.csv", {"client": 1})["client"]
        (folder / "lines.csv").unlink()
        costs.append((rows, run.seconds, run.peak))
    for rows, seconds, peak in costs:
        print(f"  {rows:>12,} rows {seconds:8.2f} s {1e6 * seconds / rows:8.2f} µs a row {peak:8.0f} MB")
    return _mark("GB at the largest", costs[-1][2] / 1024, 6, at_least=False)


if __name__ == "__main__":
    sys.exit(main())
