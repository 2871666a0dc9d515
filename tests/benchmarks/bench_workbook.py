"""A workbook of a million cells against bare XlsxWriter that writes the same values: at most LIMIT times its cost.

    python tests/benchmarks/bench_workbook.py                  50,000 rows of 20 columns
    python tests/benchmarks/bench_workbook.py --rows 5000 --rounds 1

Both write the same frame with the same options (constant memory, text never a formula), turn about in one process;
medians of processor seconds are compared; exit 1 above the limit. Bare XlsxWriter is what one writes by hand: a head,
then a loop over the rows with one format for days and one for dollars. The kit's sheet has more: widths, a frozen
head, filters, live sums, control signs and personal numbers taken out of texts, rules for printing. Left out on
both sides: reckoning what is written. The two sheets are read back and hold the same values.
"""

import argparse
import statistics
import sys
import tempfile
import time
from datetime import date
from pathlib import Path

import numpy as np
import openpyxl
import pandas as pd

ROOT = Path(__file__).parents[2]
sys.path.insert(0, str(ROOT))

from cape_kit.views.tables.table import Field, Table  # noqa: E402
from cape_kit.views.workbook import sheet as sheets  # noqa: E402
from cape_kit.views.workbook.sheet import DAY, MONEY, Formats  # noqa: E402

LIMIT = 1.2
#: What the columns hold, over and over; one cell in ten is empty.
KINDS = ("number_of_entry", "text", "day", "dollars", "count")
REASONS = ("Not liquidated; every check passes.", "A protest is open.", "Liquidated on a day in the window.")


def table(rows, columns):
    """A table as the kit hands it to a sheet."""
    rng = np.random.default_rng(20260505)
    held, fields = {}, []
    for at in range(columns):
        kind = KINDS[at % len(KINDS)]
        empty = rng.random(rows) < 0.1
        if kind == "number_of_entry":
            column = pd.Series(
                np.char.add("B76", np.char.zfill(np.arange(rows).astype("U8"), 8)), dtype="str"
            )
        elif kind == "text":
            column = pd.Series(np.array(REASONS)[rng.integers(0, len(REASONS), rows)], dtype="str").mask(
                empty
            )
        elif kind == "day":
            days = np.datetime64("2026-01-01", "s") + rng.integers(0, 300, rows) * np.timedelta64(86_400, "s")
            column = pd.Series(days).mask(empty)
        else:
            column = pd.Series(rng.integers(0, 10**7, rows), dtype="Int64").mask(empty)
        held[f"c{at}"] = column
        fields.append(Field(f"c{at}", f"Column {at}", kind))
    return Table(pd.DataFrame(held), tuple(fields), "Entries", date(2026, 5, 5))


def kit(made, path):
    """The kit's sheet."""
    with sheets.opened(path, constant_memory=True) as book:
        sheets.fill(book.add_worksheet("Entries"), made, Formats(book), wrap=False)


def bare(made, path):
    """The same values by hand."""
    with sheets.opened(path, constant_memory=True) as book:
        sheet = book.add_worksheet("Entries")
        day, dollars = book.add_format({"num_format": DAY}), book.add_format({"num_format": MONEY})
        for at, one in enumerate(made.fields):
            sheet.write_string(sheets.HEAD, at, one.heading)
        columns = [made.frame[one.name].astype(object).where(made.frame[one.name].notna(), None).tolist()
                   for one in made.fields]  # fmt: skip
        for row, values in enumerate(zip(*columns, strict=True), start=sheets.HEAD + 1):
            for at, (value, one) in enumerate(zip(values, made.fields, strict=True)):
                if value is None:
                    continue
                if one.kind == "day":
                    sheet.write_datetime(row, at, value, day)
                elif one.kind == "dollars":
                    sheet.write_number(row, at, value / 100, dollars)
                elif one.kind == "count":
                    sheet.write_number(row, at, value)
                else:
                    sheet.write_string(row, at, value)


def same(one, other):
    """Whether two workbooks hold the same values below their heads."""
    rows = []
    for path in (one, other):
        book = openpyxl.load_workbook(path, read_only=True)
        rows.append(
            [list(row) for row in book["Entries"].iter_rows(min_row=sheets.HEAD + 2, values_only=True)]
        )
    return rows[0] == rows[1]


def main(arguments=None):
    """Print both and their ratio; the exit code says whether the limit holds."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--rows", type=int, default=50_000)
    parser.add_argument("--columns", type=int, default=20)
    parser.add_argument("--rounds", type=int, default=3)
    asked = parser.parse_args(arguments)
    made = table(asked.rows, asked.columns)
    taken = {"bare": [], "kit": []}
    with tempfile.TemporaryDirectory() as place:
        paths = {name: Path(place, f"{name}.xlsx") for name in taken}
        for _ in range(asked.rounds):
            for name, work in (("bare", bare), ("kit", kit)):
                begun = time.process_time()
                work(made, paths[name])
                taken[name].append(time.process_time() - begun)
        few = table(min(asked.rows, 2_000), asked.columns)
        kit(few, paths["kit"])
        bare(few, paths["bare"])
        assert same(paths["kit"], paths["bare"])
    middle = {name: statistics.median(column) for name, column in taken.items()}
    ratio = middle["kit"] / middle["bare"]
    print(
        f"{asked.rows * asked.columns:,} cells: bare XlsxWriter {middle['bare']:.2f} s, kit {middle['kit']:.2f} s"
    )
    print(f"  → {ratio:.2f} times bare XlsxWriter (at most {LIMIT})")
    return 0 if ratio <= LIMIT else 1


if __name__ == "__main__":
    sys.exit(main())
