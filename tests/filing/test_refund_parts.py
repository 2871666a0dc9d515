"""Reports of refunds by entry whose rows are parts of one payment, or the same payment twice, and what is said of it.

One entry with $1,000.00 of IEEPA duty on an accepted claim; the amounts paid are read off the rows by hand.
"""

from datetime import date

import pytest

import cape_kit
from tests.entries.folders import folder
from tests.entries.test_unsaid import ENTRY, HEADERS, ROW

CLAIM = [
    ["Entry Number", "Claim Number", "STATUS", "Error Description"],
    [ENTRY, "100000241223", "Accepted", ""],
]
REPORT = [
    "Entry Summary Number",
    "Liquidation Date",
    "Refund Number",
    "Refund Date",
    "Refund Status",
    "Refund Amount",
]
ISSUED = [ENTRY, "05/15/2026", "R1", "05/20/2026", "Treasury Issued"]


def portfolio(tmp_path, rows):
    files = {"lines.csv": [HEADERS, ROW], "claims.csv": CLAIM, "rev615.csv": rows}
    return cape_kit.open(folder(tmp_path / "client", files, 'name = "X"\n'))


def paid(opened):
    found = cape_kit.reconcile(cape_kit.assess(opened, as_of=date(2026, 7, 1)))
    (row,) = found.entries.to_dict("records")
    return row["paid_principal_cents"], row["paid_interest_cents"], row["principal_difference_cents"]


@pytest.mark.parametrize("header", ["Refund Type", "Type of Refund"])
@pytest.mark.parametrize(
    ("first", "second"), [("Principal", "Interest"), ("PRINCIPAL", "INT"), ("Duty", "Interest Refund")]
)
def test_a_row_of_interest_is_interest(tmp_path, header, first, second):
    rows = [[*REPORT, header], [*ISSUED, "1000.00", first], [*ISSUED, "55.00", second]]
    opened = portfolio(tmp_path, rows)
    assert paid(opened) == (100_000, 5_500, 0)
    assert "R42" not in set(opened.problems.loc[opened.problems["file"].eq("rev615.csv"), "code"])


def test_the_order_of_the_rows_and_a_missing_number_change_nothing(tmp_path):
    lacking = [*ISSUED[:2], "", *ISSUED[3:]]
    rows = [[*REPORT, "Refund Type"], [*lacking, "55.00", "Interest"], [*lacking, "1000.00", "Principal"]]
    assert paid(portfolio(tmp_path, rows)) == (100_000, 5_500, 0)


def test_a_total_beside_its_parts_counts_once(tmp_path):
    rows = [
        [*REPORT, "Refund Type"], [*ISSUED, "1000.00", "Principal"], [*ISSUED, "55.00", "Interest"],
        [*ISSUED, "1055.00", "Total"],
    ]  # fmt: skip
    assert paid(portfolio(tmp_path, rows)) == (100_000, 5_500, 0)


def test_interest_in_a_column_of_its_own_stays_there(tmp_path):
    rows = [[*REPORT, "Interest Amount", "Refund Type"], [*ISSUED, "1000.00", "55.00", "Principal"]]
    assert paid(portfolio(tmp_path, rows)) == (100_000, 5_500, 0)


def test_interest_alone_is_no_principal(tmp_path):
    rows = [[*REPORT, "Refund Type"], [*ISSUED, "55.00", "Interest"]]
    principal, *_ = paid(portfolio(tmp_path, rows))
    assert principal in (0, None)


@pytest.mark.parametrize("number", ["R1", ""])
def test_one_payment_on_two_rows_is_counted_once_and_said(tmp_path, number):
    row = [*ISSUED[:2], number, *ISSUED[3:], "500.00"]
    opened = portfolio(tmp_path, [REPORT, row, row])
    assert paid(opened)[0] == 50_000
    (told,) = opened.problems[opened.problems["code"].eq("R35")].to_dict("records")
    assert (told["severity"], told["file"], told["row"]) == ("warning", "rev615.csv", 3)
    assert ENTRY in told["message"] and "$500.00" in told["message"] and "row 2" in told["message"]


def test_a_payment_twice_in_the_report_of_payments_is_said(tmp_path):
    head = ["Refund Number", "Payee ID", "Refund Date", "Refund Secondary Status", "Total Refund Amount"]
    row = ["R1", "12-345678900", "05/20/2026", "Treasury Issued", "1055.00"]
    opened = portfolio(tmp_path, [head, row, row])
    assert opened.problems["code"].tolist().count("R35") == 1


def test_two_payments_of_one_day_and_two_states_of_one_payment_are_no_repetition(tmp_path):
    sent = [*ISSUED[:4], "Sent to Treasury", "500.00"]
    other = [*ISSUED[:2], "R2", *ISSUED[3:], "500.00"]
    opened = portfolio(tmp_path, [REPORT, [*ISSUED, "500.00"], sent, other])
    assert "R35" not in set(opened.problems["code"])


def test_an_amount_with_interest_in_it_is_refused_with_what_to_do(tmp_path):
    rows = [[*REPORT[:-1], "Refund Amount (incl. interest)"], [*ISSUED, "1055.00"]]
    told = portfolio(tmp_path, rows).problems
    (row,) = told[told["code"].eq("R40")].to_dict("records")
    for words in ("'Refund Amount'", "'Interest Amount'", "REV-615", "estimate"):
        assert words in row["what_to_do"]
