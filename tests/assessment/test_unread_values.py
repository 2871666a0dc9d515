"""A value cell nobody could read, on a row of chapter 99: whether one stands there is not known, never $0.00."""

import pytest

import cape_kit
from tests.entries.folders import HEADERS, NUMBERS, folder

UNKNOWN, FAILS, PASSES = 2, 1, 0
WIDE = [
    "Entry Number", "Entry Type", "Entry Date", "Line Number", "HTS", "Entered Value", "Duty", "IEEPA Duty",
    "Liquidation Status",
]  # fmt: skip
VALUE = HEADERS.index("Line Tariff Goods Value Amount")


def wide(value, goods="10000.00", own="9903.01.25"):
    row = [NUMBERS[0], "01", "06/14/2025", "1"]
    return [
        WIDE,
        [*row, own, value, "0.00", "1000.00", "Unliquidated"],
        [*row, "3923900080", goods, "300.00", "0.00", "Unliquidated"],
    ]


def listed(value, goods="10000.00"):
    line = [NUMBERS[0], "01", "12-345678900", "2704", "06/14/2025", "1", "CN"]
    end = ["Unliquidated", ""]
    return [
        HEADERS,
        [*line, "1", "9903.01.25", value, "1000.00", *end],
        [*line, "2", "3923900080", goods, "300.00", *end],
    ]


def outcome(tmp_path, rows):
    found = cape_kit.assess(cape_kit.open(folder(tmp_path / "c", {"a.csv": rows})), as_of="2026-05-05")
    lines = found.portfolio.tariff_lines.to_pylist()
    return int(found.outcomes["E11"].iloc[0]), lines


@pytest.mark.parametrize("made", [wide, listed])
@pytest.mark.parametrize(
    "value, told", [("see invoice", UNKNOWN), ("1000.00", FAILS), ("0.00", PASSES), ("", PASSES)]
)
def test_a_value_on_a_chapter_99_row(tmp_path, made, value, told):
    found, _ = outcome(tmp_path, made(value))
    assert found == told


@pytest.mark.parametrize("made", [wide, listed])
def test_a_value_nobody_could_read_is_null_and_what_stood_is_kept(tmp_path, made):
    _, lines = outcome(tmp_path, made("see invoice"))
    (heading,) = (line for line in lines if line["hts"] == "99030125")
    assert (heading["goods_value_cents"], heading["value_stood"]) == (None, "see invoice")
    assert {line["value_stood"] for line in lines if line["hts"] != "99030125"} == {None}


def test_a_wide_sheet_without_values_says_nothing_of_them(tmp_path):
    """The amount's own line had $0.00 of value, which nobody had written: it stood for an answer."""
    found, lines = outcome(tmp_path, wide("", goods=""))
    assert {line["goods_value_cents"] for line in lines} == {None}
    assert found == UNKNOWN


def test_a_value_the_goods_carry_is_no_value_of_the_heading(tmp_path):
    """One row, one fact: the amount's number is told nowhere, the value is the goods' own."""
    rows = wide("", own="8708998180")
    rows[1][WIDE.index("Entered Value")] = "500.00"
    _, lines = outcome(tmp_path, rows)
    values = {(line["hts"], line["named_for"]): line["goods_value_cents"] for line in lines}
    assert values[(None, "ieepa")] == 0
    assert values[("8708998180", None)] == 50000
