"""How well headers are matched: shares over the goldens with their headers rewritten, and what it costs.

    python tests/benchmarks/bench_matching.py [--variants 200] [--rows 100000]

Each golden's headers are rewritten as people write them (shortened, other case and punctuation, a letter wrong,
another word), with a seed. A column is *right* when it leads to the column it led to, *wrong* when it leads to
another and is taken without a word from a person (goal: 0), else it waits.
"""

from __future__ import annotations

import argparse
import random
import re
import sys
import time
from pathlib import Path

ROOT = Path(__file__).parents[2]
sys.path.insert(0, str(ROOT))

SHORT = {
    "Number": ("No.", "Nbr", "Num", "#"), "Amount": ("Amt", "Amt."), "Date": ("Dt", "DATE"), "Code": ("Cd",),
    "Status": ("Sts", "Stat"), "Entry": ("Ent", "ENTRY"), "Summary": ("Summ", "Smry"), "Country": ("Ctry",),
    "Importer": ("Imp",), "Liquidation": ("Liq", "Liq."), "Indicator": ("Ind",), "Value": ("Val",), "Line": ("Ln",),
    "Duty": ("Dty", "Duty (USD)"), "Reciprocal": ("Recip",), "Section": ("Sec", "Sec."), "Type": ("Typ",),
    "Reconciliation": ("Recon",), "Refund": ("Rfnd",), "Claim": ("Clm",), "Origin": ("Orig",),
}  # fmt: skip


def variant(header, rng):
    """A header as somebody else would write it."""
    said = re.sub(r"_", " ", header)
    for word, short in SHORT.items():
        if rng.random() < 0.6:
            said = re.sub(rf"\b{word}\b", rng.choice(short), said, count=1, flags=re.IGNORECASE)
    if rng.random() < 0.15:
        long = list(re.finditer(r"[A-Za-z]{7,}", said))
        if long:
            at = rng.choice(long).start() + 3
            said = said[:at] + said[at + 1 :]
    return rng.choice((said, said.upper(), said.lower(), said.replace(" ", "_"), f" {said} "))


def goldens():
    """The first rows of every golden sheet that is read, with what was found in it."""
    import tempfile

    from cape_kit.entries.readers import matching, openers
    from cape_kit.errors import CapeError

    for path in sorted((ROOT / "tests/golden").glob("*/input.*")):
        with tempfile.TemporaryDirectory() as scratch:
            for sheet in openers.open_file(path, Path(scratch), name=path.name).sheets:
                try:
                    yield path.parent.name, sheet.head, matching.recognised(sheet.head, where=path.name)
                except CapeError:
                    continue


def judged(head, found, rng, status):
    """Of one variant of a sheet: columns right, waiting, and taken wrongly."""
    from cape_kit.entries.readers import header_words, matching

    at = found.header_row - 1
    rows = [list(row) for row in head]
    wanted = {}
    for place in sorted(found.taken):
        rows[at][place] = variant(found.headers[place], rng)
        wanted[place] = {column.name for column in header_words.columns_of(found.headers[place])}
    taken = {m.position: set(m.columns) for m in matching.columns(rows, at, status) if m.taken}
    right = waits = 0
    wrong = []
    for place, names in wanted.items():
        exact = {column.name for column in header_words.columns_of(rows[at][place])}
        got = exact or taken.get(place, set())
        if got & names:
            right += 1
        elif got and place in taken:
            wrong.append((found.headers[place], rows[at][place], got))
        else:
            waits += 1
    return right, waits, wrong


def shares(variants, seed=1):
    """Columns right, waiting and wrong over all goldens and variants."""
    from cape_kit.law import book

    status = {kind: frozenset(said) for kind, said in book.load().contents.words.items()}
    rng = random.Random(seed)
    total = [0, 0]
    wrong = []
    for _, head, found in list(goldens()):
        for _ in range(variants):
            one = judged(head, found, rng, status)
            total[0] += one[0]
            total[1] += one[1]
            wrong += one[2]
    return total[0], total[1], wrong


def cost(rows):
    """Seconds of processor for matching and for reading a workbook of that many rows."""
    import tempfile

    from cape_kit.entries import readers
    from cape_kit.entries.readers import matching, workbooks
    from tests.benchmarks.bench_reading import write_workbook

    with tempfile.TemporaryDirectory() as scratch:
        path = Path(scratch) / "x.xlsx"
        write_workbook(path, rows)
        start = time.process_time()
        readers.read(path)
        reading = time.process_time() - start
        (sheet,), _ = workbooks.open_workbook(path, where="x")
    head = [list(row) for row in sheet.head]
    head[0] = [variant(cell, random.Random(1)) for cell in head[0]]
    matching.columns(head, 0, None)
    start = time.process_time()
    matching.columns(head, 0, None)
    return time.process_time() - start, reading


if __name__ == "__main__":
    asked = argparse.ArgumentParser()
    asked.add_argument("--variants", type=int, default=200)
    asked.add_argument("--rows", type=int, default=100_000)
    options = asked.parse_args()
    right, waits, wrong = shares(options.variants)
    print(f"right {right / (right + waits + len(wrong)):.2%}, waiting {waits:,}, wrong {len(wrong):,}")
    for line in wrong[:20]:
        print("  wrong:", *line)
    matching_s, reading_s = cost(options.rows)
    print(f"matching {matching_s:.4f} s of {reading_s:.2f} s reading: {matching_s / reading_s:.2%}")
