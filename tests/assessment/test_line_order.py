"""How the numbers of a line stand to one another, held against a recount line by line in plain Python."""

import random
from datetime import date
from itertools import groupby

import pandas as pd
import pyarrow as pa
import pytest

from cape_kit.assessment import line_order, refund
from cape_kit.entries import identifiers
from cape_kit.entries.readers.reading import line_schema
from cape_kit.law import book

DAY = date(2026, 5, 5)
LAW = book.load()
REGISTRY = LAW.headings.drop_duplicates("hts8").set_index("hts8")
PARTNERS = line_order.partners(LAW, DAY).groupby("hts8")["partner8"].agg(list).to_dict()
FLAGS = ("partner_needed", "partner_missing", "value_off_goods", "order_wrong")


def drawn(seed):
    """Rows as files have them: some cells empty, headings with their partners or without, goods or none."""
    pick = random.Random(seed)
    headings = [
        *list(PARTNERS) * 3,
        *[one for some in PARTNERS.values() for one in some],
        *REGISTRY.index[:20],
    ]
    numbers = [*headings, "3923900080", "8481809015", "99038803", "9802004000", f"{headings[0]}00", None]
    rows = [
        {
            "entry_number": f"B76{pick.randrange(12):08d}",
            "line_number": pick.choice((1, 2, None)),
            "ordinal": pick.choice((1, 2, 3, None)),
            "hts": pick.choice(numbers),
            "goods_value_cents": pick.choice((0, 100, 5_000, None)),
            "duty_cents": pick.choice((0, 0, 250, None)),
            "source_row": at,
        }
        for at in range(pick.choice((0, 3, 80)))
    ]
    return (
        rows
        if pick.random() < 0.5
        else sorted(rows, key=lambda row: (row["entry_number"], row["line_number"] or -1))
    )


def key(hts):
    """The number as the registry has it: padding of chapter 99 taken off."""
    return hts[:8] if hts and len(hts) == 10 and hts.startswith("99") and hts.endswith("00") else hts


def recounted(rows):
    """The marks of one entry's rows."""
    flags = dict.fromkeys(FLAGS, False)
    lone, unpaid, off, wrong = set(), set(), [], []
    by_line = sorted(rows, key=lambda row: row["line_number"] or -1)
    for _, group in groupby(by_line, key=lambda row: row["line_number"] or -1):
        line = list(group)
        held = {key(row["hts"]) for row in line}
        if not held & set(REGISTRY.index):
            continue
        for number in held & set(PARTNERS):
            flags["partner_needed"] = True
            if not held & set(PARTNERS[number]):
                flags["partner_missing"] = True
                lone |= {REGISTRY.heading[number]} if number in REGISTRY.index else set()
        goods = [row for row in line if row["hts"] and not row["hts"].startswith("99")]
        values = [row["goods_value_cents"] for row in goods]
        off.append(None if not goods or None in values else max(values) <= 0)
        of_heading = [row["ordinal"] for row in line if key(row["hts"]) in REGISTRY.index]
        places = [
            [one for one in some if one is not None]
            for some in (of_heading, [row["ordinal"] for row in goods])
        ]
        wrong.append(max(places[0]) > max(places[1]) if all(places) else None)
        dutiable = [row for row in line if key(row["hts"]) in REGISTRY.index and row["duty_cents"] == 0]
        unpaid |= {
            REGISTRY.heading[key(row["hts"])] for row in dutiable if REGISTRY.kind[key(row["hts"])] == "duty"
        }
    for name, said in (("value_off_goods", off), ("order_wrong", wrong)):
        flags[name] = True if True in said else None if None in said else False
    return [*flags.values(), ", ".join(sorted(lone)) or None, ", ".join(sorted(unpaid)) or None]


@pytest.mark.parametrize("seed", range(12))
def test_marks_equal_a_recount_line_by_line(seed):
    rows = drawn(seed)
    numbers = [*sorted({row["entry_number"] for row in rows}), "B7699999999"]
    random.Random(seed).shuffle(numbers)
    lines = pa.Table.from_pylist(rows, schema=line_schema())
    entries = pd.DataFrame({"entry_number": pd.Series(numbers, dtype="str")})
    found = line_order.per_entry(refund.coded(lines, entries, LAW), entries, LAW, on=DAY)
    assert list(found["entry_number"]) == numbers
    columns = [*FLAGS, "lone_headings", "unpaid_headings"]
    for row in found.itertuples():
        mine = [one for one in rows if one["entry_number"] == row.entry_number]
        told = [None if pd.isna(getattr(row, name)) else getattr(row, name) for name in columns]
        assert told == (recounted(mine) if mine else [None] * len(columns))


@pytest.mark.parametrize(
    "others", ([], set(), ["b"], {"b", "x"}, pd.Index(["c", "a"]), pd.Series(["a", None], dtype="str"))
)
def test_membership_of_very_many_is_that_of_pandas(others):
    numbers = pd.Series(["a", "b", None, "a"], dtype="str")
    assert identifiers.among(numbers, others).tolist() == numbers.isin(list(others)).tolist()
    assert (
        identifiers.among(pd.Index(["a", "b"]), others).tolist()
        == pd.Index(["a", "b"]).isin(list(others)).tolist()
    )
