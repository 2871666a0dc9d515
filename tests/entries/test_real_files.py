"""Sheets as brokers and importers keep them, one file each in one folder, with the right answers by hand.

What decided the choice: each was once answered without a word of doubt, and wrongly. All entries were liquidated on
April 24, 2026: 80 days from it end on July 13, 2026.
"""

import csv
import io
from datetime import date

import pytest

import cape_kit
from tests.numbers import numbered

DAY, CAPE_LAST_DAY = date(2026, 5, 25), date(2026, 7, 13)
HEADERS = [
    "Entry Number",
    "Entry Type",
    "Entry Date",
    "HTS",
    "Entered Value",
    "Duty",
    "Liquidation Status",
    "Liquidation Date",
]
CHINA, GOODS = ("9903.01.24", "0.00", "2000.00"), ("3923.90.0080", "10000.00", "300.00")
RECIPROCAL = ("9903.01.25", "0.00", "1000.00")


def sheet(*lines, above=(), extra=None):
    """Rows of a broker's sheet, its entry number still open; `extra` is one more column, its header and its cell."""
    header = [[*HEADERS, extra[0]] if extra else HEADERS]
    return [*above, *header, *[line(*one, extra=extra) for one in lines or (CHINA, GOODS)]]


def line(hts, value, duty, extra=None):
    row = [None, "01", "06/14/2025", hts, value, duty, "Liquidated", "04/24/2026"]
    return [*row, extra[1]] if extra else row


def taken_back(cents):
    return sheet(("9903.01.24", "0.00", cents), RECIPROCAL, GOODS)


#: What the sheet holds -> its rows, what becomes of the entry, its IEEPA duty in dollars (null: not known).
FILES = {
    "a sum of the entry without a word and without a number": (
        sheet(CHINA, GOODS, ("", "10000.00", "2300.00")),
        "file",
        2000,
    ),
    "the value of the line written on each of its rows": (
        sheet(("9903.01.24", "10000.00", "2000.00"), GOODS),
        "file",
        2000,
    ),
    "headings that take back what another bears": (taken_back("-1000.00"), "file", 1000),
    "a title that says in thousands": (sheet(above=[["IEEPA duties (USD in thousands)"]]), "file", None),
    "a title that says $000": (sheet(above=[["Duty by entry, $000"]]), "file", None),
    "a title that says another currency": (sheet(above=[["Duty statement (CAD)"]]), "file", None),
    "a title of other thousands": (
        sheet(above=[["Importers in Canada, suffix 000"], ["Amounts in USD"]]),
        "file",
        2000,
    ),
    "a column of another currency": (sheet(extra=("Currency", "CAD")), "file", None),
    "a column of dollars": (sheet(extra=("Currency", "US Dollars")), "file", 2000),
    "a column of currency left empty": (sheet(extra=("Currency", "")), "file", 2000),
    "a protest number and no state": (sheet(extra=("Protest #", "2801-26-100001")), "undetermined", 2000),
}
#: Columns no layout takes that say something was done: it is not known then whether the entry may be filed.
DONE = [
    ("CAPE Filed Date", "05/01/2026"), ("CAPE Submitted", "Y"), ("CAPE Filed?", "Yes"), ("Filed on CAPE", "5/1/2026"),
    ("CAPE Accepted Date", "5/1/2026"), ("IEEPA Refund Received", "2,000.00"), ("Refund Received", "Y"),
    ("Refund Date", "05/12/2026"), ("Refund Status", "Treasury Issued"), ("Refunded", "Yes"), ("Protest Filed?", "Y"),
    ("Protest Filed Date", "05/01/2026"), ("Recon Filed", "Y"), ("Drawback Claim Number", "JWB12345678"),
]  # fmt: skip
#: Columns of a plan, of an estimate or of a deadline, and cells that say that nothing was done.
NOT_DONE = [
    ("Cape Phase 1 Eligible", "Y"), ("Expected Refund Date", "07/01/2026"), ("Protest Deadline", "10/21/2026"),
    ("Estimated Refund", "2,100"), ("Claim Ready", "Y"), ("CAPE Filed Date", "TBD"), ("Refunded", "Not yet"),
    ("CAPE Submitted", "N"), ("Protest Filed?", "No"), ("CAPE Batch", "3"), ("Filed By", "DHL"), ("Refunded", ""),
]  # fmt: skip
FILES |= {f"{name}: {cell}": (sheet(extra=(name, cell)), "undetermined", 2000) for name, cell in DONE}
FILES |= {f"{name}: {cell or 'empty'}": (sheet(extra=(name, cell)), "file", 2000) for name, cell in NOT_DONE}
NUMBERS = {name: numbered("K12", 7_100_000 + at) for at, name in enumerate(FILES)}


@pytest.fixture(scope="module")
def assessed(tmp_path_factory):
    """All of the sheets in one folder, assessed once."""
    folder = tmp_path_factory.mktemp("held") / "client"
    folder.mkdir()
    (folder / "client.toml").write_text('name = "X"\n', encoding="utf-8")
    for at, (name, (rows, _, _)) in enumerate(FILES.items()):
        out = io.StringIO(newline="")
        csv.writer(out).writerows([NUMBERS[name] if cell is None else cell for cell in row] for row in rows)
        (folder / f"sheet {at:02d}.csv").write_text(out.getvalue(), encoding="utf-8")
    return cape_kit.assess(cape_kit.open(folder), as_of=DAY)


def entry(assessed, name):
    return assessed.table.set_index("entry_number").loc[NUMBERS[name]]


@pytest.mark.parametrize("name", FILES)
def test_the_right_answer(assessed, name):
    _, disposition, dollars = FILES[name]
    row = entry(assessed, name)
    cents = None if row.isna()["principal_cents"] else row["principal_cents"]
    assert (row["disposition"], cents) == (disposition, None if dollars is None else dollars * 100)
    assert row["next_deadline"].date() == CAPE_LAST_DAY  # whatever is missing, the CAPE window closes first


@pytest.mark.parametrize(("column", "cell"), DONE)
def test_what_was_done_is_said_with_its_column(assessed, column, cell):
    row = entry(assessed, f"{column}: {cell}")
    assert f"“{column}”" in row["reason"] and "not read" in row["facts_missing"]


def test_amounts_that_are_not_in_dollars_are_listed(assessed):
    unread = assessed.portfolio.problems.query("code == 'R09'")
    assert {"CAD 2000.00", "in thousands 2000.00", "$000 2000.00"} <= set(unread["value"])


def test_what_is_taken_back_is_never_exact(assessed):
    assert entry(assessed, "headings that take back what another bears")["confidence"] == "upper bound"
