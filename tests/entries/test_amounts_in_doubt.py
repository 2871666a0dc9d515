"""Amounts that may be another thing than the duty of their row: told twice, repeated for the entry, a rate, liquidated.

The right amounts are counted by hand; where the file leaves two open, neither is called exact.
"""

import openpyxl
import pytest

from tests.entries.test_unsaid import assessed, entry
from tests.numbers import numbered

ENTRY = numbered("K12", 400)
LEFT, RIGHT = ["Entry Number", "Entry Type", "Entry Date"], ["Liquidation Status", "Liquidation Date"]
BEFORE, AFTER = [ENTRY, "01", "06/14/2025"], ["Liquidated", "04/24/2026"]
DOUBT, SURE = "in doubt", "exact"


def of_sheet(tmp_path, headers, *rows):
    """The assessment of one entry of rows under those headers."""
    made = [[*LEFT, *headers, *RIGHT], *[[*BEFORE, *row, *AFTER] for row in rows]]
    return assessed(tmp_path, {"a.csv": made})


# ---- two columns of duty ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(("header", "amount", "sure"), [
    ("IEEPA Duty Amount", "1200.00", DOUBT), ("IEEPA Duty Amount", "1000.00", SURE),
    ("IEEPA duty per broker", "1200.00", DOUBT), ("IEEPA duty per broker", "1,000.00", SURE),
    # no duty that was paid
    ("IEEPA Refund Estimate", "1050.00", SURE), ("IEEPA Value", "5000.00", SURE), ("IEEPA Duty (est)", "1010.00", SURE),
])  # fmt: skip
def test_a_second_column_of_ieepa_duty(tmp_path, header, amount, sure):
    found = of_sheet(
        tmp_path,
        ["HTS", "IEEPA HTS", "IEEPA Duty", header],
        ["3923.90.0080", "9903.01.24", "1000.00", amount],
    )
    assert entry(found)["confidence"] == sure
    assert entry(found)["principal_cents"] == 100_000
    assert ("disputed-duty" in set(found.caveats["code"])) == (sure == DOUBT)


@pytest.mark.parametrize(("name", "other", "sure"), [
    ("Duty Paid", "1000.00", DOUBT), ("Duty Paid", "1200.00", SURE), ("ACE Duty", "1000.00", DOUBT),
    ("Duty per 7501", "1,200.00", SURE), ("Revised Duty", "0.00", DOUBT), ("Base Duty", "300.00", SURE),
    ("Total Duty", "1500.00", SURE), ("ADD Duty", "500.00", SURE), ("301 Duty", "300.00", SURE),
    ("Estimated Duty", "1100.00", SURE), ("PSC Duty", "0.00", SURE),
])  # fmt: skip
def test_a_second_column_of_plain_duty(tmp_path, name, other, sure):
    found = of_sheet(tmp_path, ["HTS", "Duty", name], ["9903.01.24", "1200.00", other])
    assert entry(found)["confidence"] == sure


def test_duty_in_the_column_not_taken_alone_is_asked_about(tmp_path):
    found = of_sheet(tmp_path, ["HTS", "Duty", "Duty Paid"], ["9903.01.24", "1000.00", "0.00"])
    assert entry(found)["disposition"] == "undetermined"
    assert "Duty: 1000.00" in entry(found)["reason"]


# ---- the duty of the entry on each of its rows --------------------------------------------------------------------

#: 20% of 15,000 is 3,000; so is neither 20% of 5,000 nor of 10,000.
VALUES = ("5000.00", "10000.00")


@pytest.mark.parametrize("name", ["Total IEEPA", "IEEPA Duty"])
@pytest.mark.parametrize("numbered_lines", [True, False])
@pytest.mark.parametrize("values", [VALUES, ("7500.00", "7500.00")])
def test_one_amount_on_each_row_of_an_entry_is_not_added_up_for_sure(tmp_path, name, numbered_lines, values):
    headers = ["Line"] * numbered_lines + ["HTS", "Entered Value", "IEEPA HTS", name]
    rows = [
        [str(line)] * numbered_lines + [hts, value, "9903.01.24", "3000.00"]
        for line, hts, value in zip((1, 2), ("3923.90.0080", "8708.99.8180"), values, strict=True)
    ]
    assert entry(of_sheet(tmp_path, headers, *rows))["confidence"] == DOUBT


def test_one_amount_on_rows_of_one_value_is_their_duty(tmp_path):
    """20% of 5,000 is 1,000 on each."""
    headers = ["Line", "HTS", "Entered Value", "IEEPA HTS", "IEEPA Duty"]
    rows = [[line, "3923.90.0080", "5000.00", "9903.01.24", "1000.00"] for line in ("1", "2", "3")]
    row = entry(of_sheet(tmp_path, headers, *rows))
    assert (row["confidence"], row["principal_cents"]) == (SURE, 300_000)


def test_rows_alike_beside_the_goods_number_are_one_line_or_two(tmp_path):
    rows = [["3923.90.0080", "9903.01.24", "3000.00"]] * 2
    row = entry(of_sheet(tmp_path, ["HTS", "IEEPA HTS", "Total IEEPA"], *rows))
    assert row["confidence"] == DOUBT and row["principal_cents"] in (300_000, 600_000)


@pytest.mark.parametrize(("total", "sure"), [("3000.00", SURE), ("3500.00", "incomplete")])
def test_a_total_beside_the_columns_of_its_headings_counts_once(tmp_path, total, sure):
    headers = ["HTS", "9903.01.24", "9903.01.25", "Total IEEPA"]
    row = entry(of_sheet(tmp_path, headers, ["3923.90.0080", "2000.00", "1000.00", total]))
    assert (row["confidence"], row["principal_cents"]) == (sure, 300_000)


def test_a_total_beside_its_programs_is_stated_once(tmp_path):
    headers = ["HTS", "Fentanyl Duty", "Reciprocal Duty", "IEEPA Total"]
    row = entry(of_sheet(tmp_path, headers, ["3923.90.0080", "2000.00", "1000.00", "3000.00"]))
    assert row["disposition"] == "undetermined" and "$3,000.00" in row["reason"]


# ---- lines that may be missing ------------------------------------------------------------------------------------


def test_a_line_without_a_number_is_missing_from_the_entry_above(tmp_path):
    """The number stands in a merged cell, on the first of three rows."""
    rows = [[ENTRY, "9903.01.24", "2000.00"], ["", "9903.01.25", "1000.00"], ["", "3923.90.0080", "300.00"]]
    found = assessed(tmp_path, {"a.csv": [["Entry Number", "HTS", "Duty"], *rows]})
    assert (entry(found)["principal_cents"], entry(found)["confidence"]) == (200_000, DOUBT)
    assert (found.conflicts["other"].str.contains("HTS 99030125")).any()


def test_ieepa_duty_on_lines_without_a_number_leaves_no_entry_without_duty(tmp_path):
    other = [numbered("K12", 401), "9903.01.24", "50.00"]
    rows = [[ENTRY, "3923.90.0080", "300.00"], ["", "9903.01.25", "1000.00"], other]
    found = assessed(tmp_path, {"a.csv": [["Entry Number", "HTS", "Duty"], *rows]})
    assert entry(found)["disposition"] == "undetermined"


def test_the_value_of_a_line_beside_its_heading_alone_is_no_error_of_the_summary(tmp_path):
    """A sheet of the heading's rows alone has nowhere else to show the value of the line."""
    row = entry(
        of_sheet(tmp_path, ["Line", "HTS", "Entered Value", "Duty"], ["1", "9903.01.24", "5000", "1000"])
    )
    assert row["disposition"] == "file"


# ---- rates, and what was liquidated -----------------------------------------------------------------------------


def test_a_rate_that_only_the_form_of_its_cell_shows_is_no_amount(tmp_path):
    book = openpyxl.Workbook()
    book.active.append([*LEFT, "HTS", "Duty", *RIGHT])
    book.active.append([*BEFORE, "9903.01.24", 0.2, *AFTER])
    book.active["E2"].number_format = "0%"
    (tmp_path / "made").mkdir()
    book.save(tmp_path / "made" / "a.xlsx")
    found = assessed(tmp_path, {"a.xlsx": (tmp_path / "made" / "a.xlsx").read_bytes()})
    assert entry(found)["confidence"] == DOUBT
    assert "off-rate" in set(found.caveats["code"])


@pytest.mark.parametrize(
    ("duty", "sure"), [("0.20", DOUBT), ("20", DOUBT), ("21.00", SURE), ("1000.00", SURE)]
)
def test_a_rate_typed_for_the_duty_is_in_doubt_where_no_value_tells(tmp_path, duty, sure):
    assert entry(of_sheet(tmp_path, ["HTS", "Duty"], ["9903.01.24", duty]))["confidence"] == sure


@pytest.mark.parametrize(("word", "told"), [
    ("Liquidated-Refund", True), ("Change - Refund", True), ("Liquidated", False), ("Liquidated - No Change", False),
])  # fmt: skip
def test_a_liquidation_that_gave_a_refund_is_told(tmp_path, word, told):
    rows = [[*LEFT, "HTS", "Duty", *RIGHT], [*BEFORE, "9903.01.24", "1000.00", word, "04/24/2026"]]
    found = assessed(tmp_path, {"a.csv": rows})
    assert entry(found)["disposition"] == "file"
    assert ("liquidated-lower" in set(found.caveats["code"])) == told


@pytest.mark.parametrize(("amounts", "told"), [
    (("0.00", "0.00"), True), (("0.00", "300.00"), True), (("300.00", "300.00"), True),
    (("1000.00", "300.00"), False), (("1300.00", "1300.00"), False), (("", ""), False),
])  # fmt: skip
@pytest.mark.parametrize("name", ["Liquidated Duty", "Liquidated Amount"])
def test_duty_as_liquidated_beside_the_duty_paid(tmp_path, name, amounts, told):
    """1,300 was paid: 300 left by the liquidation, or nothing, say that the IEEPA duty is gone already."""
    rows = [["1", "9903.01.24", "1000.00", amounts[0]], ["1", "3923.90.0080", "300.00", amounts[1]]]
    found = of_sheet(tmp_path, ["Line", "HTS", "Duty", name], *rows)
    assert ("liquidated-lower" in set(found.caveats["code"])) == told
