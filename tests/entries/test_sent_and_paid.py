"""What a column nobody took says of a declaration, of what was sent to CBP, and of duty that was not paid.

A declaration is CAPE's own word, and an entry that was on one is asked about; what was uploaded, filed or sent in a
batch may be the entry summary or the claim, and is a caveat. Duty that was not paid can't be refunded: asked about.
"""

import pytest

from tests.entries.folders import as_csv
from tests.entries.test_unsaid import HEADERS, ROW, assessed, one_by_one
from tests.numbers import numbered

ASKED, TOLD, QUIET = "asked", "told", "quiet"
#: A cell of remarks, and what becomes of its entry: asked about, told as a caveat, or left alone.
REMARKS = {
    "Included in declaration 3": ASKED, "Declared: Y": ASKED, "On declaration 100000241223": ASKED,
    "decl. 3 accepted": ASKED, "Declared": ASKED, "Entry Summary Updated": ASKED,
    "Batch accepted": TOLD, "sent w/ batch 2": TOLD, "Uploaded to ACE": TOLD, "Submitted to CBP": TOLD,
    "uploaded 5/1": TOLD, "Filed with CBP 5/1": TOLD, "in batch 3": TOLD,
    # CAPE opened on 2026-04-20: what was sent before was the entry summary.
    "filed 6/14/2025": QUIET, "filed 4/19/2026": QUIET, "filed 4/20/2026": TOLD,
    # A mark at the end, or a part without a word, is no word.
    "Uploaded to ACE.": TOLD, "; sent w/ batch 2;": TOLD, "No protest filed.": QUIET, "ready to upload ...": QUIET,
    "not uploaded.": QUIET, "in batch; -- ; .": TOLD,
    "not uploaded": QUIET, "to be included in batch 3": QUIET, "will be uploaded": QUIET, "ready to upload": QUIET,
    "Lacey declaration filed": QUIET, "Declared value adjusted": QUIET, "docs sent to broker": QUIET,
    "ISF filed": QUIET,
    "sent to client for approval": QUIET, "USMCA certificate on file": QUIET,
    "Refunded 5/1/26; no protest": ASKED, "No protest, drawback or recon": QUIET,
    "duty not paid": ASKED, "unpaid": ASKED, "statement unpaid": ASKED, "NSF": ASKED, "ACH payment returned": ASKED,
    "paid in full": QUIET, "no balance due": QUIET, "invoice unpaid": QUIET, "refund not paid": QUIET,
    "docs outstanding": QUIET,
    "duty drawback program n/a": QUIET, "Drawback: n/a": QUIET, "Protest filed? N": QUIET, "Protest: N/A": QUIET,
}  # fmt: skip


#: What stands beside the entries in brokers' and importers' own sheets, and says nothing of CAPE.
HARMLESS = [
    (header, {cell: QUIET})
    for header, cell in (
        ("Description", "Plastic cape, used"), ("SKU", "CAPE-22"), ("Vendor", "Declared Foods LLC"),
        ("Vessel", "CAPE HENRY"), ("PO Status", "Closed"), ("ISF Status", "Accepted"), ("ISF Filed", "Y"),
        ("FDA Status", "May proceed"), ("Exam Status", "Released"), ("Release Status", "Released"),
        ("Export Date", "05/20/2025"), ("Statement Number", "2526100123"), ("Statement Date", "07/22/2025"),
        ("Payment Method", "ACH"), ("Payment Type", "7"), ("Payment Due Date", "06/24/2025"), ("Batch Number", "1234"),
        ("Filer Name", "ABC Brokers"), ("Bond Number", "123456789"), ("Surety Code", "036"), ("Surety Name", "Avalon"),
        ("Last Updated", "05/20/2026"), ("Approved By", "mary"), ("Notes", "docs sent to client"),
        ("Remarks", "duty paid by ACH"), ("Remarks", "POA on file"), ("Comments", "Confirmed with client 5/1"),
        ("Comments", "Entry filed late, no penalty"), ("Remarks", "Paid 6/24/25"),
        ("Remarks", "filed and released 6/14/2025"), ("Entry Filed Date", "06/14/2025"), ("Filed Date", "06/14/2025"),
        ("Entry Filed By", "ABC Brokers"), ("Date Sent to Client", "05/01/2026"), ("Invoice Paid", "Y"),
        ("Freight Paid", "Y"), ("Broker Invoice Status", "Paid"), ("Duty Paid By", "Importer"),
        ("Paid By", "Broker ACH"), ("Payment Terms", "Net 30"), ("Days to Liquidation", "0"),
        ("Liquidation Month", "April"), ("CAPE Deadline", "07/13/2026"), ("Protest Deadline", "10/21/2026"),
        ("Priority", "High"), ("Claim Value Tier", "A"), ("GL Account", "5010"), ("Reference Number", "R-17"),
        ("Customer Ref", "C-9"), ("Total Entered Value", "5000.00"), ("Bond Status", "Accepted"),
        ("AMS", "Filed"), ("Cargo Release", "submitted"), ("Submitted By", "jdoe"), ("Balance", "0.00"),
        ("MPF", "34.64"), ("Currency", "USD"),
    )
]  # fmt: skip


def becomes(tmp_path, columns):
    """What becomes of one entry for each cell of each column, each column in a file of its own."""
    asked = [(header, cell) for header, cells in columns for cell in cells]
    number = {one: numbered("K12", 400 + place) for place, one in enumerate(asked)}
    files = {
        f"{place:02d}.csv": [[*HEADERS, header], *[[number[header, cell], *ROW[1:], cell] for cell in cells]]
        for place, (header, cells) in enumerate(columns)
    }
    found = assessed(tmp_path, files)
    doubted = found.questions.facts.seen["state_unread"].notna()
    told = found.table["disposition"].where(~doubted | found.table["disposition"].eq("undetermined"), TOLD)
    told = told.replace({"undetermined": ASKED, "file": QUIET}).set_axis(found.table["entry_number"])
    return [(header, {cell: told[number[header, cell]] for cell in cells}) for header, cells in columns]


def test_what_remarks_say_of_declarations_and_of_payment(tmp_path):
    assert becomes(tmp_path, [("Remarks", REMARKS)]) == [("Remarks", REMARKS)]


HEADERS_AND_CELLS = [
    ("Declared", {"Y": TOLD, "N": QUIET}), ("Declaration", {"3": TOLD}), ("Declaration #", {"3": TOLD}),
    ("Uploaded", {"Y": TOLD, "N": QUIET, "": QUIET}), ("Upload Date", {"5/1/2026": TOLD}),
    ("Date Submitted", {"5/1/2026": TOLD, "6/14/2025": QUIET}), ("Filed?", {"Y": TOLD, "No": QUIET}),
    ("Filing Date", {"5/1/2026": TOLD, "6/14/2025": QUIET}), ("Entry Filing Date", {"6/14/2025": QUIET}),
    ("CAPE Filed", {"✓": ASKED, "☑": ASKED, "●": ASKED, "☐": QUIET, "–": QUIET}), ("Refunded", {"✔": ASKED}),
    ("Paid?", {"N": ASKED, "Y": QUIET, "✓": QUIET, "☐": ASKED, "-": QUIET}), ("Paid", {"No": ASKED, "Yes": QUIET}),
    ("Duty Paid?", {"N": ASKED, "Y": QUIET}),
    ("Duty Paid Y/N", {"N": ASKED}), ("Statement", {"Unpaid": ASKED, "Paid": QUIET, "4711": QUIET}),
    ("Payment", {"Outstanding": ASKED, "ACH": QUIET, "Daily": QUIET}), ("PMS Status", {"Not paid": ASKED}),
    ("Balance due", {"1000.00": TOLD, "0.00": QUIET}), ("Outstanding", {"$500.00": TOLD}),
    ("PSC Refund", {"1000.00": TOLD, "0.00": QUIET}), ("Estimated refund", {"1000.00": QUIET}),
    ("Invoice balance due", {"1000.00": QUIET}), ("Outstanding refund", {"1000.00": QUIET}),
    ("Was protest filed?", {"N": QUIET, "No - n/a": QUIET, "none filed": QUIET, "Y": ASKED}),
    ("Duty drawback program", {"n/a": QUIET, "No": QUIET}),
    ("Protest Ref", {"No. 270426100123": ASKED}),
    ("CIT Case", {"26-01234": TOLD}), ("Litigation", {"Y": TOLD, "N": QUIET}), ("In ACE", {"N": TOLD, "Y": QUIET}),
    ("Reject reason", {"PROTEST ON ENTRY": ASKED}), ("CAPE Error", {"Invalid HTS": TOLD, "none": QUIET}),
    # 66 is the law book's suspension code of an injunction; 44 is antidumping.
    ("Suspension Code", {"66": ASKED, "66 - Injunction": ASKED, "44": TOLD}),
]  # fmt: skip


def test_what_a_column_is_asked(tmp_path):
    assert becomes(tmp_path, HEADERS_AND_CELLS) == HEADERS_AND_CELLS


#: Columns of any name whose cells tell plainly, with a subject and an act.
ANY_NAME = [
    ("Next Step", {"await refund - claim accepted 5/4": ASKED, "review": QUIET}),
    ("", {"CAPE filed 5/2/26": ASKED}), ("Broker feedback", {"CAPE claim submitted on 5/2, accepted": ASKED}),
    ("Wave", {"Wave 1 (filed 5/2/26)": TOLD, "Wave 2": QUIET}),
    ("CAPE Phase", {"Phase 1 - submitted": TOLD, "1": QUIET}),
    ("Product Name", {"CAPE, filed edges": QUIET}), ("ACH Trace Number", {"091000019": TOLD}),
]  # fmt: skip


def test_what_a_column_of_any_name_tells_plainly(tmp_path):
    assert becomes(tmp_path, ANY_NAME) == ANY_NAME


#: A person's words in remarks that may keep an entry out.
KEPT_OUT = (
    "HOLD - do not submit until protest resolved", "Client opted out", "filed by other broker",
    "duplicate of other broker's filing", "Claim sold to fund", "PSC filed 5/1/2026, awaiting CBP",
)  # fmt: skip


def test_a_persons_word_that_may_keep_an_entry_out_is_a_caveat(tmp_path):
    told = [("Remarks", dict.fromkeys(KEPT_OUT, TOLD))]
    assert becomes(tmp_path, told) == told


def test_a_claim_number_to_be_determined_is_none(tmp_path):
    told = [("Claim #", {"TBD": QUIET, "100000241223": ASKED})]
    assert becomes(tmp_path, told) == told


# ---- a tracker that holds the entry number and what was done, and nothing the kit knows ---------------------------

TRACKERS = {
    ("CAPE Filed Date", "05/05/2026"): ASKED, ("Stage", "Filed w/ CAPE 5/5"): ASKED, ("Stage", "review"): TOLD,
    ("Refund Received", "3,050.00"): ASKED, ("Notes", "CAPE claim accepted 5/5"): ASKED,
    ("Notes", "call broker"): QUIET,
}  # fmt: skip


def test_a_tracker_of_what_was_done_alone_is_read(tmp_path):
    numbers = {one: numbered("K12", 800 + place) for place, one in enumerate(TRACKERS)}
    files = {"lines.csv": [HEADERS, *[[number, *ROW[1:]] for number in numbers.values()]]}
    files |= {
        f"{place}.xlsx": [["Entry #", "Client", one[0]], [numbers[one], "ACME", one[1]]]
        for place, one in enumerate(TRACKERS)
    }
    found = assessed(tmp_path, files)
    assert "file-unread" not in set(found.caveats["code"])
    doubted = found.questions.facts.seen["state_unread"].notna()
    told = found.table["disposition"].where(~doubted | found.table["disposition"].eq("undetermined"), TOLD)
    told = told.replace({"undetermined": ASKED, "file": QUIET}).set_axis(found.table["entry_number"])
    assert {one: told[number] for one, number in numbers.items()} == TRACKERS


def test_a_journal_with_entries_of_its_own_is_no_list_of_ours(tmp_path):
    journal = [["Entry #", "Account", "Debit", "Memo"], ["1001", "5010", "100", "refund booked"]]
    found = assessed(tmp_path, {"lines.csv": [HEADERS, ROW], "gl.csv": journal})
    assert found.problems.loc[found.problems["file"].eq("gl.csv"), "code"].tolist() == ["R02"]


# ---- what stands around a list ------------------------------------------------------------------------------------

AROUND = {
    "plain.csv": False, "to file.csv": False, "filed.csv": True, "CAPE submitted 5-1.csv": True, "not filed.csv": False,
    "entries released 2025.csv": False, "filed/a.csv": True, "Recon entries.csv": True, "open protests.csv": True,
    "excluded.csv": True, "protest deadlines.csv": False, "drawback eligible.csv": False, "refunded.csv": True,
    "IEEPA duty paid - refund estimate.csv": False,
}  # fmt: skip


def doubted_files(tmp_path, files):
    """By file, whether its one entry is told as a doubt."""
    found = assessed(tmp_path, files)
    told = found.questions.facts.seen["state_unread"].notna()
    return dict(zip(found.portfolio.entries["source_file"], told.tolist(), strict=True))


def test_the_name_of_a_file_that_says_what_was_done_is_a_doubt_of_its_entries(tmp_path):
    files = {name: [HEADERS, [numbered("K12", 600 + place), *ROW[1:]]] for place, name in enumerate(AROUND)}
    assert doubted_files(tmp_path, files) == AROUND


@pytest.mark.parametrize(("text", "told"), [
    ("* CAPE claims for these entries were filed on 5/1/2026", True), ("All of these were refunded", True),
    ("IEEPA Refund Report", False), ("To be filed on CAPE", False),
    ("Not yet filed on CAPE", False), ("Prepared by ABC Brokers - confidential", False),
    ("IEEPA refund candidates: duty paid in 2025", False), ("CAPE claims filed on 4/1/2026", False),
])  # fmt: skip
@pytest.mark.parametrize("above", [True, False])
def test_a_note_above_or_below_a_list_is_a_doubt_of_its_entries(tmp_path, text, told, above):
    rows = [[text], [], HEADERS, ROW] if above else [HEADERS, ROW, [], [text]]
    assert doubted_files(tmp_path, {"a.csv": rows}) == {"a.csv": told}


@pytest.mark.parametrize("title", ["FILED", "Rejected by CBP"])
def test_a_short_title_is_a_doubt_above_a_list_and_an_error_within(tmp_path, title):
    assert doubted_files(tmp_path / "a", {"a.csv": [[title], [], HEADERS, ROW]}) == {"a.csv": True}
    found = assessed(tmp_path / "b", {"a.csv": [HEADERS, [title], ROW]})
    assert "R05" in set(found.problems["code"])


def test_harmless_columns_are_left_alone(tmp_path):
    assert becomes(tmp_path, HARMLESS) == HARMLESS


def test_a_header_with_a_question_mark_is_no_amount_of_duty(tmp_path):
    """ "Duty Paid?" asks; the amount is in the other column."""
    found = assessed(tmp_path, {"a.csv": [[*HEADERS, "Duty Paid?"], [*ROW, "Y"]]})
    assert found.table["principal_cents"].tolist() == [100_000]
    assert found.table["confidence"].tolist() == ["exact"]


def test_a_known_status_goes_before_a_column_that_asks(tmp_path):
    rows = [[*HEADERS, "Statement Status", "Paid?"], [*ROW, "PD", "N"]]
    found = assessed(tmp_path, {"a.csv": as_csv(rows)})
    assert found.table["disposition"].tolist() == ["file"]
    assert "state-unread" in set(found.caveats["code"])


def test_the_reason_quotes_what_stands_there(tmp_path):
    found, rows = one_by_one(tmp_path, "Paid?", ["N"])
    assert "“Paid?”: “N”" in rows["reason"][0] and "duty may not be paid" in rows["reason"][0]
    assert found.table["entry_number"].tolist() == [numbered("K12", 400)]
