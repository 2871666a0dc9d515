"""How well headers are matched: shares over the goldens with their headers rewritten, and what it costs.

    python tests/benchmarks/bench_matching.py [--variants 200] [--rows 100000]

Each golden's headers are rewritten as people write them (shortened, other case and punctuation, a letter wrong,
another word), with a seed. A column is *right* when it leads to the column it led to, *wrong* when it leads to
another and is taken without a word from a person (goal: 0), else it waits.
"""

from __future__ import annotations

import argparse
import contextlib
import random
import re
import sys
import time
from pathlib import Path

ROOT = Path(__file__).parents[2]
sys.path.insert(0, str(ROOT))

SHORT = {
    "Number": ("No.", "Nbr", "Num", "#", "NO"), "Amount": ("Amt", "Amt.", "Amnt"), "Date": ("Dt", "DATE", "Dte"),
    "Code": ("Cd",), "Status": ("Sts", "Stat"), "Entry": ("Ent", "ENTRY"), "Summary": ("Summ", "Smry"),
    "Country": ("Ctry", "Cntry"), "Importer": ("Imp",), "Liquidation": ("Liq", "Liq.", "Liquid."),
    "Indicator": ("Ind",), "Value": ("Val",), "Line": ("Ln", "LINE"),
    "Duty": ("Dty", "Duty (USD)", "Duty ($)", "Duties"),
    "Reciprocal": ("Recip", "Recip."), "Section": ("Sec", "Sec."), "Type": ("Typ",), "Reconciliation": ("Recon",),
    "Refund": ("Rfnd",), "Claim": ("Clm",), "Origin": ("Orig", "Orig."), "Payment": ("Pmt",), "Tariff": ("Tarif",),
    "Entered": ("Entd",), "Supplemental": ("Supp", "Suppl"), "Digit": ("Dgt",), "HTS": ("HTSUS", "H.T.S."),
}  # fmt: skip
#: Other words for the same, as people have them.
SYNONYMS = {
    "Number": "ID", "Importer Number": "IOR #", "Country of Origin": "Origin Country", "HTS Number": "Tariff Number",
    "Entry Number": "Customs Entry No", "Liquidation Date": "Date of Liquidation", "Entry Date": "Date of Entry",
    "Duty Amount": "Duty Paid", "Entered Value": "Customs Value",
}  # fmt: skip


def variant(header, rng):
    """A header as somebody else would write it: shortened, in other words or order, misspelt, dressed up."""
    said = re.sub(r"_", " ", header)
    if rng.random() < 0.1:
        for name, other in SYNONYMS.items():
            if said.lower() == name.lower():
                said = other
    for word, short in SHORT.items():
        if rng.random() < 0.6:
            said = re.sub(rf"\b{word}\b", rng.choice(short), said, count=1, flags=re.IGNORECASE)
    words = said.split()
    if len(words) == 2 and rng.random() < 0.08 and not any(c.isdigit() for c in said):
        said = " ".join(reversed(words))
    if rng.random() < 0.15:
        said = misspelt(said, rng)
    said = rng.choice((said, said, said.replace(" ", "."), said.replace(" ", " / "), f"{said}:", f"[{said}]"))
    return rng.choice((said, said.upper(), said.lower(), said.replace(" ", "_"), f" {said} "))


def misspelt(said, rng):
    """One long word with a letter lost, doubled, or changed for its neighbour."""
    long = list(re.finditer(r"[A-Za-z]{7,}", said))
    if not long:
        return said
    at = rng.choice(long).start() + 3
    return rng.choice(
        (
            said[:at] + said[at + 1 :],
            said[:at] + said[at] + said[at:],
            said[:at] + said[at + 1] + said[at] + said[at + 2 :],
        )
    )


def goldens():
    """The first rows of every golden sheet that is read, with what was found in it."""
    import tempfile

    from cape_kit.entries.readers import matching, openers
    from cape_kit.errors import CapeError

    folder = ROOT / "tests" / "golden"
    listed = [*folder.glob("*/input.*"), *folder.glob("any_file/*/*.*")]
    for path in sorted(one for one in listed if one.suffix not in (".toml", ".py", ".rtf", ".docx")):
        with tempfile.TemporaryDirectory() as scratch:
            for sheet in openers.open_file(path, Path(scratch), name=path.name).sheets:
                try:
                    yield path.parent.name, sheet.head, matching.recognised(sheet.head, where=path.name)
                except CapeError:
                    continue


def meant(header):
    """What a header says as it stands: the declared columns, or the heading it is called by."""
    from cape_kit.entries.readers import column_evidence, recognise

    named = {column.name for column in column_evidence.columns_of(header)}
    # A heading with its rate, "9903.01.24 (20%)", means the heading.
    number = recognise.heading_of(header.partition("(")[0] if "%" in header else header)
    return named or ({f"heading_{number}_duty"} if number else set())


def judged(head, found, rng, status):
    """Of one variant of a sheet: columns right, waiting, and taken wrongly."""
    from cape_kit.entries.readers import matching

    at = found.header_row - 1
    rows = [list(row) for row in head]
    rows[at] = [*found.headers, *[None] * (len(rows[at]) - len(found.headers))]
    wanted = {}
    known = {m.position: m.known_as for m in found.matched}
    for place in sorted(found.taken):
        stands = known.get(place, found.headers[place])
        wanted[place] = meant(stands)
        rows[at][place] = variant(found.headers[place] if found.headers[place].isascii() else stands, rng)
    taken = {m.position: set(m.columns) for m in matching.columns(rows, at, status) if m.taken}
    right = waits = 0
    wrong = []
    for place, names in wanted.items():
        exact = meant(rows[at][place])
        got = exact or taken.get(place, set())
        if got & names:
            right += 1
        elif got:
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
    """Seconds of processor for all that finds out what a workbook of that many rows is, and for reading it."""
    import tempfile

    from cape_kit.entries import readers
    from cape_kit.entries.readers import matching, openers
    from cape_kit.entries.readers import reading as reading_of
    from cape_kit.entries.readers import rows as rows_of
    from cape_kit.errors import CapeError
    from tests.benchmarks.bench_reading import write_workbook

    with tempfile.TemporaryDirectory() as scratch, rows_of.connect() as con:
        path = Path(scratch) / "x.xlsx"
        write_workbook(path, rows)
        start = time.process_time()
        readers.read(path)
        reading = time.process_time() - start
        (sheet,), _ = openers.open_workbook(path, where="x")
        head = [list(row) for row in sheet.head]
        head[0] = [variant(cell, random.Random(1)) for cell in head[0]]
        took = []
        for _ in range(2):  # the first fills what is kept between files
            start = time.process_time()
            reading_of.tables_apart(con, sheet)
            with contextlib.suppress(CapeError):
                matching.recognised(head, where="x")
            took.append(time.process_time() - start)
    return took[1], reading


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
