"""What two rows, two files or a person's own word leave open is said; no figure and no day is taken for sure.

The days and amounts are counted by hand: 80 days after 2026-03-20 is 2026-06-08, after 2026-04-24 it is 2026-07-13.
"""

from datetime import date

import pytest

import cape_kit
from cape_kit.entries.readers import layouts
from tests.entries import folders
from tests.entries.folders import folder
from tests.numbers import numbered

CLIENT = 'name = "X"\n'
ENTRY = numbered("K12", 400)
HEADERS = [
    "Entry Number",
    "Entry Type",
    "Entry Date",
    "HTS",
    "Duty",
    "Liquidation Status",
    "Liquidation Date",
]
ROW = [ENTRY, "01", "06/14/2025", "9903.01.24", "1000.00", "Liquidated", "04/24/2026"]
DAY = date(2026, 5, 25)


def assessed(tmp_path, files):
    return cape_kit.assess(cape_kit.open(folder(tmp_path / "client", files, CLIENT)), as_of=DAY)


def changed(**cells):
    return [cells.get(name.replace(" ", "_").lower(), cell) for name, cell in zip(HEADERS, ROW, strict=True)]


def entry(assessment):
    return assessment.table.set_index("entry_number").loc[ENTRY]


def with_column(header, word):
    return {"a.csv": [[*HEADERS, header], [*ROW, word]]}


def one_by_one(tmp_path, header, words):
    """An assessment of one entry for each word of a column, and its rows in the order of the words."""
    rows = [[numbered("K12", 400 + place), *ROW[1:], word] for place, word in enumerate(words)]
    found = assessed(tmp_path, {"a.csv": [[*HEADERS, header], *rows]})
    return found, found.table.set_index("entry_number").loc[[row[0] for row in rows]].reset_index()


def becomes(tmp_path, header, words):
    """What becomes of an entry by what a column says of it: one entry for each word, all in one sheet."""
    _, rows = one_by_one(tmp_path, header, words)
    return dict(zip(words, rows["disposition"], strict=True))


# ---- two days, two amounts -------------------------------------------------------------------------------------


def test_a_brokers_two_liquidation_days_are_no_reliquidation_for_sure(tmp_path):
    rows = [ROW, changed(hts="8708.99.8180", duty="250.00", liquidation_date="03/20/2026")]
    found = assessed(tmp_path, {"a.csv": [HEADERS, *rows]})
    assert "liquidation_date" in set(found.conflicts["column"])
    assert "files-disagree" in set(found.caveats["code"])
    row = entry(found)
    assert "2026-03-20" in row["reason"] and "Jun 8, 2026" in row["reason"]
    assert row["act_by"].date() <= date(2026, 6, 8)


def test_two_files_with_one_number_and_two_amounts_are_never_added_up(tmp_path):
    found = assessed(tmp_path, {"a.csv": [HEADERS, ROW], "b.csv": [HEADERS, changed(duty="1200.00")]})
    assert entry(found)["principal_cents"] in (100000, 120000)
    assert entry(found)["confidence"] == "in doubt"
    assert "C12" in set(found.problems["code"])
    assert "disputed-duty" in set(found.caveats["code"])


def test_two_files_of_other_layouts_with_two_amounts_are_in_doubt(tmp_path):
    other = [["Entry No", "Tariff No", "Duty Paid"], [ENTRY, "9903.01.24", "1200.00"]]
    found = assessed(tmp_path, {"a.csv": [HEADERS, ROW], "b.csv": other})
    assert entry(found)["principal_cents"] in (100000, 120000)
    assert entry(found)["confidence"] == "in doubt"


def test_two_parts_of_one_sheet_with_other_numbers_are_added_up_and_sure(tmp_path):
    second = changed(hts="9903.01.25", duty="500.00")
    found = assessed(tmp_path, {"a.csv": [HEADERS, ROW], "b.csv": [HEADERS, second]})
    assert entry(found)["principal_cents"] == 150000
    assert entry(found)["confidence"] == "exact"


def test_the_same_amounts_in_two_files_are_sure(tmp_path):
    found = assessed(tmp_path, {"a.csv": [HEADERS, ROW], "b.csv": [HEADERS, ROW]})
    assert (entry(found)["principal_cents"], entry(found)["confidence"]) == (100000, "exact")


def test_liquidated_on_a_day_to_come_is_doubted(tmp_path):
    found = assessed(tmp_path, {"a.csv": [HEADERS, changed(liquidation_date="08/24/2026")]})
    assert "liquidated-later" in set(found.caveats["code"])


# ---- words of state beside tariff lines --------------------------------------------------------------------------

STATE = (
    "recon_flag", "recon_due_date", "recon_entry_number", "psc_flag", "protest_number", "protest_status",
    "protest_ieepa_only", "protest_afr", "protest_denied_on", "drawback_flag", "adcvd_status", "suspension_flag",
    "injunction_flag", "surety_paid_flag", "statement_status", "notify_party", "claim_status",
)  # fmt: skip


@pytest.mark.parametrize("key", ["generic_lines", "wide", "ieepa_by_entry", "broker_entries", "liquidation"])
def test_whatever_the_shape_of_a_sheet_every_column_of_state_is_read(key):
    (layout,) = (one for one in layouts.profiles() if one.key == key)
    assert set(STATE) <= set(layout.columns)


OF_THE_CLAIM = {
    "Accepted": "claimed", "Refunded 5/20/26": "claimed", "Paid": "claimed",
    "Submitted": "undetermined", "Filed 5/1/26": "undetermined", "Pending CBP": "undetermined",
    "Approved": "undetermined", "Do not file": "undetermined",
    # CBP's refusal with a reason the law book knows: the entry was finally liquidated by then, and its day is needed.
    "Rejected - Final Liquidation": "undetermined", "REJECTED: Entry on Drawback": "file",
    "Rejected (Protest on Entry)": "cure", "Failed validation \u2013 open protest 5/20/26": "cure",
    # Liquidated, so no correction is left that would cure it.
    "Rejected-HTS RELATIONSHIP MISMATCH": "protest", "rejected due to: Invalid HTS": "protest",
    # With a reason nobody knows, or one that says the entry was taken before, or taken and refused at once: open.
    "Rejected - see notes": "undetermined", "Rejected - duplicate": "undetermined",
    "Rejected - resubmitted and accepted": "undetermined", "Rejected / Accepted": "undetermined",
    "Accepted / Pending": "undetermined", "Accepted - Protest on Entry": "undetermined",
    "Validated w/ errors": "undetermined", "Partially accepted": "undetermined",
    # A day behind the word, in whatever dress, says when.
    "Accepted (5/20/2026)": "claimed", "ACCEPTED - 05/20/26": "claimed", "Accepted May 20, 2026": "claimed",
    "Accepted on 20-May-2026": "claimed", "accepted [2026-05-20 10:31]": "claimed",
    "Accepted 5/20": "undetermined", "Accepted? 5/20/26?": "undetermined",
    "Not filed": "file", "To file": "file", "N/A": "file", "-": "file", "": "file",
}  # fmt: skip


def test_what_a_line_sheet_says_of_the_claim_decides(tmp_path):
    assert becomes(tmp_path, "CAPE Status", OF_THE_CLAIM) == OF_THE_CLAIM


def test_not_filed_beside_a_claim_number_contradicts_itself(tmp_path):
    files = {"a.csv": [[*HEADERS, "CAPE Status", "CAPE Claim Number"], [*ROW, "Not filed", "100000241223"]]}
    assert entry(assessed(tmp_path, files))["disposition"] == "undetermined"


def test_the_filing_status_of_an_entry_summary_is_no_claim(tmp_path):
    """A broker's "Filing Status: Accepted" is the entry summary's; taken for CAPE's it would lose the refund."""
    assert entry(assessed(tmp_path, with_column("Filing Status", "Accepted")))["disposition"] != "claimed"


OF_THE_PAYMENT = {
    "Paid": "file", "Unpaid": "cure", "Due": "cure", "Void": "undetermined", "Y": "undetermined",
    "N/A": "file",
}  # fmt: skip


def test_what_a_line_sheet_says_of_the_payment_decides(tmp_path):
    assert becomes(tmp_path, "Payment Status", OF_THE_PAYMENT) == OF_THE_PAYMENT


OF_THE_PROTEST = {
    "None": "file", "N/A": "file", "-": "file", "nan": "file", "?": "undetermined",
    "Unknown": "undetermined",
    "Open": "cure", "Filed": "cure", "Protest filed 3/1/26": "cure", "Granted in part": "undetermined",
}  # fmt: skip


def test_a_dash_is_a_blank_and_a_question_mark_is_not(tmp_path):
    assert becomes(tmp_path, "Protest Status", OF_THE_PROTEST) == OF_THE_PROTEST


# ---- what a column is called ---------------------------------------------------------------------------------------


def called(tmp_path, name, headers):
    """The entry of each of some sheets, one for each header a column goes by."""
    files = {}
    for place, header in enumerate(headers):
        names = [header if one == name else one for one in HEADERS]
        files[f"{place}.csv"] = [names, [numbered("K12", 400 + place), *ROW[1:]]]
    table = assessed(tmp_path, files).table.set_index("entry_number")
    return {header: table.loc[numbered("K12", 400 + place)] for place, header in enumerate(headers)}


def test_days_under_a_word_for_liquidation_are_its_day(tmp_path):
    headers = ["Liquidated On", "Liq'd", "Liquidated", "Liquidation", "Date Liquidated"]
    rows = called(tmp_path, "Liquidation Date", headers)
    told = {header: (row["disposition"], row["liquidation_date"].date()) for header, row in rows.items()}
    assert told == dict.fromkeys(headers, ("file", date(2026, 4, 24)))


NO_DAY = (
    "Est Liq Date", "Projected Liquidation", "Target Liq", "LIQ+80", "Protest Deadline", "Posted Date",
)  # fmt: skip


def test_an_estimate_or_a_deadline_is_no_day_of_liquidation(tmp_path):
    rows = called(tmp_path, "Liquidation Date", NO_DAY)
    told = {header: row["disposition"] for header, row in rows.items()}
    assert told == dict.fromkeys(NO_DAY, "undetermined")


def test_another_day_is_no_entry_date(tmp_path):
    headers = ["Import Date", "Release Date", "Arrival Date", "Invoice Date", "Date"]
    told = {header: row["disposition"] for header, row in called(tmp_path, "Entry Date", headers).items()}
    assert told == dict.fromkeys(headers, "undetermined")


# ---- words of state under a header that says little, and in remarks ---------------------------------------------


DONE = (
    "Refunded", "Refunded 5/1/26", "Refund rec'd ck 123", "Filed on CAPE", "CAPE accepted", "Refund requested",
    "Protested", "Protest filed 3/1/26", "Under protest", "Drawback claimed", "Recon flagged",
    "Cancelled", "Cancelled - replaced by another entry", "VOID", "Rejected",
)  # fmt: skip
NOT_DONE = (
    "No protest", "Not refunded", "CAPE eligible", "to be refunded", "Refund expected", "protest by 7/13", "", "-",
    "client wants CAPE", "rush",
)  # fmt: skip
#: May be the entry summary's state as well as the claim's.
UNPLACED = ("Filed", "Accepted", "Paid", "Complete", "On hold", "Submitted")


@pytest.mark.parametrize("header", ["Status", "Current State", "Stage", "Remarks", "Notes", "Comments"])
def test_what_any_column_says_was_done_is_asked_about(tmp_path, header):
    found, rows = one_by_one(tmp_path, header, DONE)
    assert set(rows["disposition"]) == {"undetermined"}
    assert "R42" in set(found.problems["code"])
    assert all(word in said and header in said for word, said in zip(DONE, rows["reason"], strict=True))


@pytest.mark.parametrize("header", ["Status", "Remarks"])
def test_what_was_not_done_is_no_reason_to_ask(tmp_path, header):
    _, rows = one_by_one(tmp_path, header, NOT_DONE)
    assert set(rows["disposition"]) == {"file"}


def test_a_state_of_nobody_knows_what_is_a_caveat_on_its_entry(tmp_path):
    """A bare "Status: Filed" may be the entry summary's or the claim's."""
    found, rows = one_by_one(tmp_path, "Status", UNPLACED)
    told = found.caveats.set_index("code").loc["state-unread"]
    assert set(rows["disposition"]) == {"file"}
    assert (told["entries"], told["principal_cents"]) == (6, 600000)
    assert "“Status: Filed” (1)" in told["title"]


ASKED = (
    ("CAPE", {"Y": "undetermined", "x": "undetermined", "N": "file", "Eligible": "file", "Phase 1": "file"}),
    ("CAPE?", {"x": "undetermined", "": "file"}),
    ("CAPE Y/N", {"Yes": "undetermined", "No": "file"}),
    ("Refund", {"5/1/26": "undetermined", "No": "file"}),
    ("Protest", {"Y": "undetermined"}),
    # Money: what was received was refunded; an amount of a refund may be an estimate, and is a caveat.
    ("Refund Recd", {"123.45": "undetermined", "0.00": "file"}),
    ("Refund Rec'd", {"123.45": "undetermined"}),
    ("Est Refund", {"123.45": "file"}),
    ("Refund Amount", {"123.45": "file"}),
)


@pytest.mark.parametrize(("header", "cells"), ASKED)
def test_a_header_that_names_a_claim_and_nothing_else_asks_whether_there_is_one(tmp_path, header, cells):
    found, rows = one_by_one(tmp_path, header, cells)
    assert list(rows["disposition"]) == list(cells.values())
    assert ("state-unread" in set(found.caveats["code"])) == (header == "Refund Amount")


@pytest.mark.parametrize(("status", "asked"), [("Accepted", True), ("Canceled", False)])
def test_that_a_summary_was_accepted_takes_back_no_cancellation(tmp_path, status, asked):
    files = {"a.csv": [[*HEADERS, "Entry Summary Status", "Remarks"], [*ROW, status, "Cancelled 5/2"]]}
    assert (entry(assessed(tmp_path, files))["disposition"] == "undetermined") == asked


#: Columns that say in other words that something was done, and a cell of each.
IN_OTHER_WORDS = [
    ("Replaced By Entry", "K12-3300001-3"), ("Cancelled", "Y"), ("Void", "X"), ("Cancel Date", "05/02/2026"),
    ("CBP Form 19", "Filed 3/1/26"), ("Form 19 filed", "3/1/2026"), ("Protest Outcome", "Pending"),
    ("Protest Ref", "270426100123"), ("Protest Suspended", "Y"), ("Used for Drawback", "Y"),
    ("DBK Claim #", "JWB12345678"),
    ("Drawback Entry", "K12-9999999-0"), ("In CAPE", "Y"), ("CAPE Submission", "5/1/2026"),
    ("Refund Check #", "4711"),
    ("Treasury Issued", "5/12/2026"),
]  # fmt: skip
#: Columns of the state of the entry in other words: a caveat at least.
STATES = [("09 Entry", "Y"), ("Under Trade Control", "Y"), ("Ext/Susp Code", "44"), ("IEEPA Status", "Filed")]
#: What consultants write of other things.
OF_OTHER_THINGS = [
    ("Remarks", "Warranty claim 4711 closed"), ("Remarks", "Claim against carrier filed"),
    ("Notes", "Insurance claim paid"),
    ("Action", "Rejected by QA"), ("Comments", "GL reconciliation done"),
    ("Comments", "Refund of freight overcharge received"),
    ("Notes", "Replaced ISF, fine"), ("Notes", "Inactive SKU"), ("Notes", "Rejected goods destroyed"),
    ("Notes", "void label replaced on carton"), ("Notes", "RMA cancelled"), ("Notes", "PO cancelled, reissued"),
    ("Notes", "Check recon flag"), ("Notes", "Client declined drawback"), ("Vessel", "CAPE HENRY"),
    ("Ship To", "Cape Town"),
]  # fmt: skip
#: Columns that are another thing's altogether.
OTHER_COLUMNS = [
    ("QA Status", "Rejected"), ("Invoice Status", "Void"), ("PO Status", "Cancelled"),
    ("Order Status", "Cancelled"),
    ("FDA Status", "Rejected"), ("ISF Status", "Accepted"), ("Insurance Claim Number", "4711"),
    ("Freight Claim Paid", "Y"),
    ("Warranty Claim", "Y"), ("PO Cancelled", "Y"),
]  # fmt: skip


def each_alone(tmp_path, columns):
    """An assessment of one entry for each column, each in a file of its own, and its rows in their order."""
    numbers = [numbered("K12", 700 + place) for place in range(len(columns))]
    files = {
        f"{place:02d}.csv": [[*HEADERS, header], [number, *ROW[1:], cell]]
        for place, ((header, cell), number) in enumerate(zip(columns, numbers, strict=True))
    }
    found = assessed(tmp_path, files)
    return found, found.table.set_index("entry_number").loc[numbers].reset_index()


def test_a_column_that_says_in_other_words_what_was_done_is_asked_about(tmp_path):
    _, rows = each_alone(tmp_path, IN_OTHER_WORDS)
    wrong = [
        column for column, word in zip(IN_OTHER_WORDS, rows["disposition"], strict=True) if word == "file"
    ]
    assert not wrong


def test_a_state_in_other_words_is_a_caveat(tmp_path):
    found, _ = each_alone(tmp_path, STATES)
    assert found.caveats.set_index("code").loc["state-unread", "entries"] == len(STATES)


def test_what_was_done_with_another_thing_keeps_no_entry_from_cape(tmp_path):
    _, rows = each_alone(tmp_path, OF_OTHER_THINGS)
    wrong = [c for c, word in zip(OF_OTHER_THINGS, rows["disposition"], strict=True) if word != "file"]
    assert not wrong


def test_the_column_of_another_thing_is_no_state_of_the_entry(tmp_path):
    found, rows = each_alone(tmp_path, OTHER_COLUMNS)
    assert set(rows["disposition"]) == {"file"}
    assert "state-unread" not in set(found.caveats["code"]) and "R42" not in set(found.problems["code"])


def test_a_persons_word_against_filing_is_a_caveat(tmp_path):
    cells = (
        "DO NOT FILE - drawback client",
        "Don't file yet",
        "Duty paid by surety",
        "CIT suit filed",
        "Exclude per client",
    )
    found, rows = one_by_one(tmp_path, "Remarks", [*cells, "No surety", "not in litigation"])
    assert set(rows["disposition"]) == {"file"}
    assert found.caveats.set_index("code").loc["state-unread", "entries"] == len(cells)


def test_that_cape_does_not_take_the_entry_is_a_caveat_and_that_it_does_is_none(tmp_path):
    found, _ = one_by_one(tmp_path, "Cape Phase 1 Eligible", ("Y", "N", "Not eligible"))
    told = found.caveats.set_index("code").loc["state-unread"]
    assert told["entries"] == 2 and "“Cape Phase 1 Eligible: N” (1)" in told["title"]


def test_two_rows_alike_without_line_numbers_are_one_line_or_two(tmp_path):
    found = assessed(tmp_path, {"a.csv": [[*HEADERS, "SKU"], [*ROW, "S1"], [*ROW, "S2"]]})
    assert entry(found)["principal_cents"] in (100000, 200000)
    assert entry(found)["confidence"] == "in doubt"


def test_a_word_of_another_thing_hides_nothing_beside_it(tmp_path):
    cells = (
        "PO cancelled; CAPE refund received",
        "Duty on PO 4711 refunded",
        "Invoice settled. Refunded 5/1/26",
    )
    _, rows = one_by_one(tmp_path, "Remarks", cells)
    assert set(rows["disposition"]) == {"undetermined"}


def test_a_description_of_goods_says_nothing_of_a_claim(tmp_path):
    found = assessed(tmp_path, with_column("Description", "Cape, protest signs, void fill"))
    assert entry(found)["disposition"] == "file"


# ---- rows without a number -----------------------------------------------------------------------------------------


def lines_of(tmp_path, *rows):
    """The entry's row of an assessment of rows of (line, HTS number, duty)."""
    headers = [*HEADERS[:3], "Line", *HEADERS[3:]]
    made = [[*ROW[:3], line, hts, duty, *ROW[5:]] for line, hts, duty in rows]
    return entry(assessed(tmp_path, {"a.csv": [headers, *made]}))


@pytest.mark.parametrize(("rows", "disposition"), [
    # An entry of whose numbers none is known: whether IEEPA duty was paid is not known, whatever duty is stated.
    ([("", "", "")], "undetermined"), ([("1", "", "")], "undetermined"), ([("1", "", "0.00")], "undetermined"),
    ([("1", "", "25.00")], "undetermined"),
    # A line of which nothing is known beside one that is.
    ([("1", "8708.99.8180", "25.00"), ("1", "9903.88.03", "250.00"), ("2", "", "")], "undetermined"),
    # Every line has its numbers: a row of the entry as a whole, and a note under a line, say nothing.
    ([("", "", ""), ("1", "8708.99.8180", "25.00"), ("1", "9903.88.03", "250.00")], "not_refundable"),
    ([("1", "8708.99.8180", "25.00"), ("1", "9903.88.03", "250.00"), ("1", "", "")], "not_refundable"),
    ([("1", "9903.01.24", "1000.00"), ("2", "", "")], "file"),
])  # fmt: skip
def test_a_row_without_a_number_is_no_proof_of_no_duty(tmp_path, rows, disposition):
    assert lines_of(tmp_path, *rows)["disposition"] == disposition


def test_a_line_nobody_knows_makes_the_refund_incomplete(tmp_path):
    row = lines_of(tmp_path, ("1", "9903.01.24", "1000.00"), ("2", "", ""))
    assert (row["principal_cents"], row["confidence"]) == (100000, "incomplete")


# ---- a heading in one file, and not in the other --------------------------------------------------------------------


def es003(day, *amounts):
    """A sheet of ES-003, run on a day: one line of the entry with its tariff ordinals."""
    line = [folders.NUMBERS[1], "01", "12-345678900", "2704", "04/15/2025", "1", "CN"]
    rows = [[*line, str(at), *one, "Liquidated", "03/13/2026"] for at, one in enumerate(amounts, 1)]
    return [[f"Run Date: {day}"], folders.HEADERS, *rows]


GOODS = ("3923900080", "10000.00", "300.00")


@pytest.mark.parametrize("duty", ["", "??"])
def test_a_heading_that_is_gone_is_missed_though_nobody_could_read_its_duty(tmp_path, duty):
    """The earlier export has the heading, the later one only the goods: the entry was "No IEEPA duty" at $0."""
    earlier = es003("04/01/2026", ("99030124", "0.00", duty), GOODS)
    found = assessed(tmp_path, {"a.csv": es003("05/01/2026", GOODS), "b.csv": earlier})
    assert found.table["disposition"].tolist() == ["undetermined"]
    assert "C06" in set(found.problems["code"])


@pytest.mark.parametrize("names", [("a.csv", "b.csv"), ("b.csv", "a.csv")])
def test_of_two_files_of_one_day_a_duty_nobody_could_read_is_not_settled_by_its_absence(tmp_path, names):
    unread = es003("05/01/2026", ("99030124", "0.00", "??"), GOODS)
    found = assessed(tmp_path, {names[0]: es003("05/01/2026", GOODS), names[1]: unread})
    assert found.table["confidence"].tolist() == ["incomplete"]
    assert "C09" in set(found.problems["code"])
    (conflict,) = found.portfolio.conflicts.to_dict("records")
    assert "of it IEEPA unknown" in conflict["taken"] and "of it IEEPA 0.00" in conflict["other"]
