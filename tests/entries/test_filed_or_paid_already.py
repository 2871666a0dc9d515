"""Columns of brokers' own sheets whose cells may mean that an entry was filed, or its duty refunded, already.

Asked: a consultant would not file before knowing. Told: it may be another thing as well, so a caveat. Quiet: nothing
to know. The answers were written down before any was run; days are read against CAPE's first, 2026-04-20.
"""

import io

import openpyxl
import pytest
from openpyxl.comments import Comment

from tests.entries.folders import workbook
from tests.entries.test_sent_and_paid import ASKED, QUIET, TOLD, becomes
from tests.entries.test_unsaid import ENTRY, HEADERS, ROW, assessed, changed, entry
from tests.numbers import numbered

#: A column that answers in words on one row and with an amount on another.
WORDS_AND_AMOUNTS = [
    ("Refund", {"Refunded": ASKED, "$1,234.00": ASKED, "pending": ASKED, "N/A": QUIET, "": QUIET, "$0.00": QUIET}),
    ("Refund Amount", {"1,234.00": ASKED, "Issued 5/12": ASKED, "TBD": QUIET}),
    ("CBP Refund", {"$980.00": ASKED, "in process": ASKED, "none": QUIET}),
    ("IEEPA Refund", {"Refunded": ASKED, "500.00": ASKED, "0.00": QUIET}),
    # Words that say nothing was done make no status of a column of amounts; an estimate is none in any case.
    ("Refund ", {"$1,234.00": TOLD, "TBD": QUIET, "not yet": QUIET}),
    ("Refund amt", {"$1,234.00": TOLD, "see note": TOLD}),
    ("Estimated Refund", {"$1,234.00": QUIET, "pending": QUIET}),
    ("Projected refund amount", {"1,234.00": QUIET, "processing": QUIET}),
]  # fmt: skip
BATCHES = [
    # One of a few batches may be CAPE's; a long number is the accounting's or the statement's.
    ("Batch", {"2": TOLD, "": QUIET}), ("batch ", {"Batch: 2": TOLD, "Batch: 3 of 4": TOLD, "B-01": TOLD, "A": TOLD}),
    ("Batch #", {"02": TOLD, "n/a": QUIET}), ("Batch ID", {"1": TOLD, "4711": QUIET, "20260512-77": QUIET}),
    ("Batch Date", {"5/12/2026": TOLD, "6/14/2025": QUIET}),
    ("Upload Batch", {"2": TOLD}), ("Upload File", {"cape_2.csv": TOLD}), ("CAPE Batch", {"2": TOLD}),
    ("GL Batch", {"2": QUIET}), ("Batch Total", {"2,000.00": QUIET}),
]  # fmt: skip
CONFIRMATIONS = [
    ("Confirmation Number", {"7023456": TOLD, "": QUIET}), ("Confirmation #", {"A12345678": TOLD, "pending": TOLD}),
    ("Conf No", {"7023456": TOLD}), ("ACE Confirmation", {"7023456": TOLD}),
    ("Upload Confirmation", {"7023456": TOLD}),
    ("Transmission Date", {"5/12/2026": TOLD, "6/14/2025": QUIET}), ("Acknowledgment", {"7023456": TOLD}),
    ("CAPE Confirmation #", {"100000241223": ASKED}), ("Refund confirmation", {"7023456": ASKED}),
    ("Protest Confirmation Number", {"270426100123": ASKED}),
    ("Booking Confirmation", {"7023456": QUIET}), ("Order Confirmation Number", {"7023456": QUIET}),
    ("ISF Confirmation", {"7023456": QUIET}), ("Delivery Confirmation", {"Y": QUIET}),
    ("Payment Confirmation", {"7023456": QUIET}), ("Confirmed By", {"mary": QUIET}),
]  # fmt: skip
CREDITS = [
    # Money that came back: customs' own is a refund, anyone's may be.
    ("Credit Issued", {"5/12/2026": TOLD, "1,000.00": TOLD, "": QUIET, "N": QUIET, "6/14/2025": QUIET}),
    ("Credited", {"Y": TOLD, "N": QUIET}), ("Date Credited", {"5/12/2026": TOLD}), ("Credit Amt", {"1,000.00": TOLD}),
    ("Reimbursed", {"Y": TOLD, "5/12/2026": TOLD, "No": QUIET}), ("Reimbursement Date", {"5/12/2026": TOLD}),
    ("Duty Credit Issued", {"5/12/2026": TOLD}), ("Recovered", {"1,000.00": TOLD, "0.00": QUIET}),
    ("CBP Credit Issued", {"5/12/2026": ASKED}), ("IEEPA Credit Received", {"1,000.00": ASKED, "0.00": QUIET}),
    ("Customs Credit Date", {"5/12/2026": ASKED}), ("Reimbursed by CBP", {"Y": ASKED}),
    ("Paid Back", {"Y": ASKED}), ("Money back", {"5/12/2026": ASKED}),
    ("Freight Credit Issued", {"5/12/2026": QUIET}), ("Vendor Credit", {"1,000.00": QUIET}),
    ("Credit Limit", {"1,000.00": QUIET}),
    ("Credit Card", {"1234": QUIET}), ("Letter of Credit", {"LC-1": QUIET}), ("Credit Terms", {"Net 30": QUIET}),
    ("Expected credit", {"1,000.00": QUIET}), ("Customer Credit Issued", {"5/12/2026": QUIET}),
]  # fmt: skip
REMARKS = [
    ("Remarks", {
        "CBP credit rec'd 5/12": ASKED, "Credit issued by customs": ASKED, "IEEPA reimbursed 5/12/26": ASKED,
        "credit issued 5/12/26": TOLD, "reimbursed": TOLD, "duty credited 5/12": TOLD,
        "credit expected": QUIET, "no credit issued": QUIET, "vendor credit issued": QUIET,
        "client reimbursed freight": QUIET, "credit hold released": QUIET,
        "Confirmation # 100000241223": TOLD, "confirmation pending": QUIET, "order confirmation received": QUIET,
        "RFND rec'd 5/12": ASKED, "confirmation rec'd 5/12": TOLD, "batch 2 of CAPE": TOLD,
        "nothing left to claim": TOLD, "no refund due": TOLD, "no IEEPA on this one": TOLD, "no balance due": QUIET,
    }),
]  # fmt: skip
#: A claim or refund noted without an act, by its number, its day or its amount; and money from customs.
NOTED = [
    ("Notes", {
        "CAPE claim# 100000241223": TOLD, "claim no 100000241223": TOLD, "CAPE 5/3": TOLD, "CAPE: Y": TOLD,
        "refund ck 1123": TOLD, "CBP refund 1,000.00": TOLD, "CAPE upload 4/25": TOLD, "Treasury ACH 5/6": TOLD,
        "CAPE ACK": TOLD, "tariff refund deposited": ASKED, "CBP refund wired 5/4": ASKED,
        "client got check from CBP": TOLD, "money from Treasury landed 5/4": TOLD, "paid by CBP 5/4": TOLD,
        "duty returned by CBP": TOLD, "devuelto por CBP 5/5": TOLD,
        "CAPE ack'd": TOLD, "sold refund rights": TOLD, "prior counsel filed": TOLD, "refund 0.00": QUIET,
        "CAPE phase 1": QUIET, "CAPE wave 2": QUIET, "check CAPE 5/30": QUIET, "refund expected": QUIET,
        "ready for CAPE": QUIET, "not CAPE 1": QUIET, "CF28 received from CBP": QUIET, "freight claim 4711": QUIET,
        "will be paid by CBP": QUIET, "no check from CBP": QUIET, "duty paid by broker": QUIET,
        "payment received by CBP": QUIET, "check from customs broker": QUIET, "CAPE 6/14/2025": QUIET,
    }),
]  # fmt: skip
#: The account refunds are paid into is set up for all of a client, and nothing of an entry's.
SET_UP = [
    ("ACH Refund Setup", {"Y": QUIET, "Done": QUIET, "5/5/2026": QUIET}), ("ACH Refund Enrolled", {"Y": QUIET}),
    ("ACH Refund", {"5/5/2026": ASKED}),
    ("Notes", {
        "ACH refund enrollment complete": QUIET, "ACH refund setup submitted 4/1": QUIET,
        "enrolled for ACH refunds, done": QUIET, "CAPE submitted, ACH refund setup pending": ASKED,
        "refunded to bank on file": ASKED, "CAPE filed ACH setup pending": ASKED, "refund paid to bank": ASKED,
        "refunded to client 5/4": ASKED, "refund issued to importer": ASKED, "to be refunded": QUIET,
        "refund to be paid to client": QUIET, "refund paid to be confirmed": QUIET,
        "refund received after ACH setup": ASKED, "refund pending ACH enrollment": ASKED,
        "refund approved ACH set up pending": ASKED, "set up for ACH refunds complete": QUIET,
    }),
]  # fmt: skip
#: Whether anything is left of IEEPA duty, or can still come back: none left was refunded, or never paid.
LEFT = [
    ("Net IEEPA Due", {"0.00": TOLD, "1,000.00": QUIET}),
    ("IEEPA Remaining", {"0.00": TOLD, "$0": TOLD, "1,000.00": QUIET}), ("IEEPA Balance", {"0.00": TOLD}),
    ("Remaining IEEPA Duty", {"0": TOLD, "1000": QUIET}), ("Unrefunded IEEPA", {"0.00": TOLD}),
    ("IEEPA Refundable", {"0.00": TOLD, "N": TOLD, "Y": QUIET}),
    ("Refund Remaining", {"0.00": TOLD, "500.00": QUIET}),
    ("Refund Due", {"0.00": TOLD, "1,000.00": QUIET}), ("Refundable", {"N": TOLD, "0.00": TOLD, "Y": QUIET}),
    ("Claimable amount", {"0.00": TOLD, "950.00": QUIET}),
    ("Balance of refund", {"-": QUIET, "": QUIET, "0.00": TOLD}),
    ("IEEPA lines", {"0": TOLD}), ("Current IEEPA duty", {"0.00": TOLD, "1,000.00": QUIET}),
    ("IEEPA duty now", {"0.00": TOLD}),
    ("IEEPA Outstanding", {"1,000.00": TOLD, "0.00": TOLD}),
    ("Balance", {"0.00": QUIET}), ("Balance due", {"0.00": QUIET}), ("Days remaining", {"0": QUIET}),
    ("Net weight", {"0.00": QUIET}), ("Refund Due Date", {"5/12/2026": QUIET}),
    ("IEEPA window days left", {"0": QUIET}),
]  # fmt: skip

#: An act without its subject, and a person's word against filing as a header.
ACTS = [
    ("Accepted", {"Y": TOLD, "N": QUIET, "6/14/2025": QUIET}),
    ("Accepted Date", {"5/12/2026": TOLD, "6/14/2025": QUIET}),
    ("Processed Date", {"5/12/2026": TOLD, "6/14/2025": QUIET}), ("Completed", {"5/12/2026": TOLD, "Y": QUIET}),
    ("Approved", {"5/12/2026": TOLD}), ("Date Received", {"5/12/2026": TOLD, "6/20/2025": QUIET, "Y": QUIET}),
    ("Settled", {"5/12/2026": TOLD}), ("Closed", {"5/12/2026": TOLD, "Y": QUIET}), ("Decl Date", {"5/12/2026": TOLD}),
    ("Docs Received", {"5/12/2026": QUIET}), ("Goods Received Date", {"5/12/2026": QUIET}),
    ("Approved By", {"mary": QUIET}), ("POA Received", {"5/12/2026": QUIET}), ("Last Updated", {"5/20/2026": QUIET}),
    ("CAPE Filed By", {"KPMG": ASKED}),
    ("Do Not File", {"Y": TOLD, "N": QUIET, "": QUIET}), ("Hold", {"Y": TOLD, "N": QUIET}), ("On Hold", {"x": TOLD}),
    ("Skip", {"Y": TOLD}), ("Eligible", {"N": TOLD, "Y": QUIET}), ("Include?", {"N": TOLD, "Y": QUIET}),
    ("Exam Hold", {"Y": QUIET}), ("FDA Hold", {"Y": QUIET}), ("USMCA Eligible", {"N": QUIET}),
    ("GSP Eligible?", {"N": QUIET}),
    ("IEEPA Claim", {"Y": ASKED, "N": QUIET}), ("IEEPA Protest", {"Y": ASKED}), ("Claim Amount", {"1,234.00": TOLD}),
    ("IEEPA note", {"Refunded": ASKED, "see broker": QUIET}),
]  # fmt: skip

#: Columns of brokers' and importers' sheets as they are kept, one after another.
AS_KEPT = [
    ("Claim stage", {"Draft": TOLD, "Transmitted": TOLD, "Complete": TOLD}),
    ("Refund Ck Amt", {"1,020.33": ASKED, "0.00": QUIET}),
    ("Refund Payee", {"ACME INC": TOLD}), ("Treasury Check No", {"4711-22": ASKED, "n/a": QUIET}),
    ("ACH Credit Date", {"05/12/2026": TOLD, "06/24/2025": QUIET}),
    ("IEEPA Removed", {"Y": ASKED, "05/11/2026": ASKED, "N": QUIET}),
    ("IEEPA Zeroed Out", {"Y": ASKED}), ("Bemerkung", {"Erstattet 12.05.2026": ASKED}),
    ("Notas", {"reembolsado 12/5": ASKED}),
    ("Refund  Rcvd", {" yes ": ASKED, "no": QUIET}), ("% Refunded", {"100%": ASKED, "0%": QUIET, "0.0 %": QUIET}),
    ("Offset against bill", {"Y": TOLD}), ("CBP Response", {"ACCEPTED": TOLD, "FAILED - B49": TOLD, "": QUIET}),
    ("Response", {"Accepted 5/12/2026": TOLD}), ("Received from Customs", {"1,050.00": ASKED, "0.00": QUIET}),
    ("Amount received from CBP", {"1,050.00": ASKED}), ("Paid by Treasury", {"5/12/2026": ASKED}),
    ("Treasury Amount", {"1,050.00": TOLD}), ("Duty Returned", {"1,000.00": TOLD}),
    ("Returned Duty", {"Y": TOLD, "N": QUIET}),
    ("Duty Refunded To Date", {"400.00": ASKED}), ("IEEPA Partial Refund", {"400.00": TOLD}),
    ("Previously filed", {"Y": TOLD, "N": QUIET}), ("Dup?", {"Y": TOLD, "N": QUIET}), ("Duplicate", {"Y": TOLD}),
    ("To be filed", {"N": TOLD, "Y": QUIET}), ("File on CAPE?", {"N": TOLD, "Y": QUIET}),
    ("CAPE File", {"cape_1.csv": TOLD}),
    ("Opt out", {"Y": TOLD, "N": QUIET}), ("Refund pending", {"Yes": ASKED, "No": QUIET}),
    ("Refund deposited", {"05/14/2026": ASKED}),
    ("Reversal", {"Y": TOLD}), ("Paid out", {"05/12/2026": TOLD}), ("Payout", {"1,050.00": TOLD}),
    ("Upload row", {"17": TOLD}),
    ("Dty Rfnd", {"1,000.00": TOLD}), ("Refund", {"05/12/2026": ASKED, "$0": QUIET}),
    # One cell that tells of a claim makes a column of states of it, whatever its name.
    ("Pipeline", {"5 - Paid": TOLD, "4 - CAPE filed": ASKED, "1 - New": QUIET}),
]  # fmt: skip
#: And those that say nothing.
HARMLESS_AS_KEPT = [
    (header, {cell: QUIET})
    for header, cell in (
        ("Batch No.", "20250614-01"), ("Stmt Print Date", "06/20/2025"), ("Release Status", "Released"),
        ("PO Confirmation", "PO-77"), ("Delivery Complete", "Y"), ("Net Weight Remaining", "0.00"),
        ("Audit Complete", "Y"), ("Audit Status", "Complete"), ("Billing Status", "Paid"), ("Docs Status", "Received"),
        ("Reconciled", "Y"), ("Reviewed", "Y"), ("Invoice Total", "9,000.00"), ("Sent to counsel", "Y"),
        ("Net Duty", "1,000.00"), ("Returned Goods", "Y"),
        ("Left Port", "06/01/2025"), ("Due Date", "06/24/2025"), ("Recovery Rate", "100%"), ("Held At", "LA"),
        ("Settlement Terms", "Net 30"), ("Tax Credit", "45X"), ("Deposit", "Y"), ("Country Batch", "CN"),
        ("Liq Due", "05/01/2026"), ("Est. Liquidation", "05/01/2026"), ("Liquidation Cycle", "314"),
        ("Refund Priority", "High"),
        ("Response Due", "06/01/2026"), ("Closed Date", "07/30/2025"), ("Entry Filed", "06/13/2025"),
        ("Export Batch ID", "98231"),
        ("Billing confirmation", "7023456"), ("Importer Name", "CAPE CLAIM CO"), ("Importer Name", "PAID TOOLS INC"),
        ("Port of Entry", "2704 - Los Angeles"), ("Country of Origin", "CN - China"),
    )
]  # fmt: skip
#: A remark behind a code or a name in a column the layout takes.
WITHIN = [
    ("Importer Name", {"ACME (CAPE filed 5/5)": ASKED, "ACME - claim sold": TOLD, "ACME (opted out of CAPE)": TOLD}),
    ("Country of Origin", {"CN refunded": ASKED}), ("Port of Entry", {"2704 CAPE filed": ASKED}),
    ("PSC", {"refunded via PSC": ASKED}),
    ("SPI", {"refunded": ASKED}), ("Line", {"1 refunded": ASKED}),
]  # fmt: skip


def test_columns_as_they_are_kept(tmp_path):
    assert becomes(tmp_path, AS_KEPT) == AS_KEPT


def test_harmless_columns_as_they_are_kept(tmp_path):
    assert becomes(tmp_path, HARMLESS_AS_KEPT) == HARMLESS_AS_KEPT


def test_a_remark_within_a_cell_that_was_read_is_no_part_of_its_code(tmp_path):
    assert becomes(tmp_path, WITHIN) == WITHIN


@pytest.mark.parametrize("cells", [{"hts": "9903.01.24 (CAPE filed 5/5)"}, {"entry_type": "01 - refunded"}])
def test_so_is_one_behind_a_tariff_number_or_a_type(tmp_path, cells):
    found = assessed(tmp_path, {"a.csv": [HEADERS, changed(**cells)]})
    assert entry(found)["disposition"] == "undetermined"


@pytest.mark.parametrize("status", ["Reliquidated by CAPE", "CAPE reliquidation", "Reliquidated - CAPE"])
def test_a_liquidation_by_cape_was_claimed(tmp_path, status):
    """Its day and its status alone make an entry to be filed; that CAPE reliquidated it says that it was on a claim."""
    found = assessed(tmp_path, {"a.csv": [HEADERS, changed(liquidation_status=status)]})
    assert entry(found)["disposition"] == "undetermined"
    assert "CAPE" in entry(found)["reason"]


@pytest.mark.parametrize(("cells", "told"), [
    ({"liquidation_status": "Reliquidated", "liquidation_date": "05/15/2026"}, True),
    ({"liquidation_status": "Reliquidated", "liquidation_date": "04/10/2026"}, False),
    ({"liquidation_status": "Liquidated", "liquidation_date": "05/15/2026"}, False),
])  # fmt: skip
def test_a_reliquidation_since_cape_opened_may_be_capes(tmp_path, cells, told):
    found = assessed(tmp_path, {"a.csv": [HEADERS, changed(**cells)]})
    assert ("reliquidated-since" in set(found.caveats["code"])) == told


@pytest.mark.parametrize(("name", "told"), [
    ("Batch 1 uploaded.csv", True), ("sent to CBP/a.csv", True), ("sent to client/a.csv", False),
    ("Batch 1.csv", False),
    ("batch 2 to upload.csv", False),
])  # fmt: skip
def test_what_the_name_of_a_file_says_was_sent(tmp_path, name, told):
    found = assessed(tmp_path, {name: [HEADERS, ROW]})
    assert ("state-unread" in set(found.caveats["code"])) == told


@pytest.mark.parametrize(("text", "told"), [("CAPE claim filed 5/5", True), ("ask Ann", False)])
def test_a_comment_in_a_workbook_that_tells_of_a_claim_is_a_warning(tmp_path, text, told):
    workbook(tmp_path / "plain.xlsx", [HEADERS, ROW])
    book = openpyxl.load_workbook(tmp_path / "plain.xlsx")
    book.active["A2"].comment = Comment(text, "Ann")
    out = io.BytesIO()
    book.save(out)
    found = assessed(tmp_path, {"a.xlsx": out.getvalue()})
    assert ("R49" in set(found.problems["code"])) == told
    assert len(found.table) == 1


def test_a_column_of_words_and_amounts_is_a_status(tmp_path):
    assert becomes(tmp_path, WORDS_AND_AMOUNTS) == WORDS_AND_AMOUNTS


def test_a_batch_may_be_capes(tmp_path):
    assert becomes(tmp_path, BATCHES) == BATCHES


def test_a_confirmation_may_be_of_the_claim(tmp_path):
    assert becomes(tmp_path, CONFIRMATIONS) == CONFIRMATIONS


def test_an_act_without_its_subject_may_be_of_the_claim(tmp_path):
    assert becomes(tmp_path, ACTS) == ACTS


def test_money_that_came_back_may_be_the_refund(tmp_path):
    assert becomes(tmp_path, CREDITS) == CREDITS


def test_remarks_of_the_same(tmp_path):
    assert becomes(tmp_path, REMARKS) == REMARKS


def test_a_claim_or_refund_that_is_only_noted_may_be_made(tmp_path):
    assert becomes(tmp_path, NOTED) == NOTED


def test_an_account_for_refunds_is_no_refund(tmp_path):
    assert becomes(tmp_path, SET_UP) == SET_UP


def test_nothing_left_was_refunded_or_never_paid(tmp_path):
    assert becomes(tmp_path, LEFT) == LEFT


def test_a_part_that_is_left_puts_the_amount_in_doubt(tmp_path):
    """Of $1,000.00 paid $400.00 is left: the rest came back already, or one of the two is wrong."""
    found = assessed(tmp_path, {"a.csv": [[*HEADERS, "IEEPA Remaining"], [*ROW, "400.00"]]})
    assert entry(found)["confidence"] == "in doubt"
    assert "disputed-duty" in set(found.caveats["code"])


def test_what_is_left_is_told_by_the_entry_and_not_by_its_lines(tmp_path):
    """The goods' own row has nothing left of IEEPA duty; the entry has."""
    goods = [*ROW[:3], "3923.90.0080", "30.00", *ROW[5:]]
    rows = [[*HEADERS, "IEEPA Remaining"], [*ROW, "1000.00"], [*goods, "0.00"]]
    found = assessed(tmp_path, {"a.csv": rows})
    assert "state-unread" not in set(found.caveats["code"])
    assert (entry(found)["principal_cents"], entry(found)["confidence"]) == (100_000, "exact")


def test_none_left_is_told_in_the_problem_list_too(tmp_path):
    found = assessed(tmp_path, {"a.csv": [[*HEADERS, "IEEPA Remaining"], [*ROW, "0.00"]]})
    told = found.problems[found.problems["column"].eq("IEEPA Remaining")]
    assert told["code"].tolist() == ["R42"]


def test_the_caveat_says_what_stands_there(tmp_path):
    other = [numbered("K12", 401), *ROW[1:]]
    found = assessed(tmp_path, {"a.csv": [[*HEADERS, "Batch"], [*ROW, "2"], [*other, ""]]})
    told = found.caveats.set_index("code").loc["state-unread"]
    assert (told["entries"], told["principal_cents"]) == (1, 100_000)
    assert "“Batch: 2” (1)" in told["title"]
    assert set(found.table["entry_number"]) == {ENTRY, other[0]}
