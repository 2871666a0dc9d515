"""What the words of refund reports say of the money: a closed list, and nothing else is ever paid."""

import pandas as pd
import pytest

import cape_kit
from cape_kit.entries import schema
from cape_kit.filing import claims, monitoring, receipts, refund_status
from cape_kit.law import book
from tests.entries import folders
from tests.numbers import numbered

LAW = book.load()
ES = """\
Entry Summary Number,Entry Type Code,Importer Number,Port of Entry Code,Entry Date,Entry Summary Date,\
Liquidation Status,Liquidation Date,Entry Summary Line Number,Country of Origin Code,Tariff Ordinal Number,\
HTS Number - Full,Line Tariff Goods Value Amount,Line Tariff Duty Amount
K1233000013,01,12-345678900,2704,06/14/2025,06/14/2025,Liquidated,04/24/2026,1,CN,1,99030125,0.00,1000.00
K1233000013,01,12-345678900,2704,06/14/2025,06/14/2025,Liquidated,04/24/2026,1,CN,2,8708998180,10000.00,250.00
"""
CLAIMS = "ENTRY_NUMBER,CLAIM_NUMBER,STATUS,ERROR_DESCRIPTION\nK1233000013,C9,Accepted,\n"
HEAD = (
    "Entry Number,Refund Amount,Interest Amount,Refund Number,Refund Date,ACH Trace Number,Refund Status,"
    "Refund Secondary Status"
)

#: (Refund Status, Refund Secondary Status) -> the outcome, "received" where the money came.
SAID = [
    ("", "Treasury Issued", "received"),
    ("Complete", "Treasury Issued", "received"),
    ("", "TREASURY  ISSUED", "received"),
    ("", "Treasury Issued 07/02/2026", "received"),
    ("", "Check/ACH Reissued", "received"),
    ("Sent to Treasury", "Treasury Issued", "received"),
    ("Funds Diverted - applied to outstanding debt", "", "diverted"),
    ("", "Funds Diverted", "diverted"),
    ("", "Offset", "diverted"),
    ("Treasury Issued", "Funds Diverted", "diverted"),
    ("ACH Rejected", "", "rejected"),
    ("No refund issued", "", "cancelled"),
    ("Cancelled", "", "cancelled"),
    ("Payment not issued", "", "cancelled"),
    ("Pending", "", "held"),
    ("Refund on hold", "", "held"),
    ("Check returned undeliverable", "", "returned"),
    ("Quarantined", "", "unknown"),
    ("Quarantined", "Treasury Issued", "unknown"),
    ("Quarantined", "Funds Diverted", "diverted"),
    ("Cancelled", "Treasury Issued", "unknown"),
    ("Check/ACH Returned", "Treasury Issued", "unknown"),
    ("Treasury Issued - stopped by CBP", "", "unknown"),
    ("Treasury Issued then lost", "", "unknown"),
    ("Not diverted", "", "unknown"),
    ("Complete", "", "unknown"),
]


def reconciled(tmp_path, row, claims=CLAIMS, es=ES, head=HEAD):
    folder = folders.folder(tmp_path, {"es.csv": es, "claims.csv": claims, "rev615.csv": f"{head}\n{row}\n"})
    portfolio = cape_kit.open(folder)
    return monitoring.reconcile(cape_kit.assess(portfolio, as_of="2026-09-01"))


@pytest.mark.parametrize(("first", "second", "state"), SAID, ids=[f"{a} | {b}" for a, b, _ in SAID])
def test_a_word_says_what_the_list_says_and_nothing_else_is_paid(first, second, state):
    row = {"entry_number": "K1233000013", "refund_cents": 100_000, "interest_cents": 5_100}
    row |= {"refund_status": first or None, "refund_secondary_status": second or None, "report": "rev615"}
    claims = schema.conform(pd.DataFrame([row | {"source_file": "a.csv", "source_row": 2}]), "claims")
    found = receipts.shares(claims, pd.Series({"a.csv": pd.Timestamp("2026-08-01")}), LAW).iloc[0]
    assert (found["state"] if found["state"] in receipts.NOT_RECEIVED else "received") == state
    if state == "unknown":
        assert first in found["doubt"]


@pytest.mark.parametrize(("word", "state"), [("Quarantined", "unknown"), ("Offset", "diverted")])
def test_money_that_is_not_known_to_be_paid_is_taken_up_with_its_word(tmp_path, word, state):
    found = reconciled(tmp_path, f"K12-3300001-3,1000,51.00,R1,07/01/2026,,{word},")
    entry = found.entries.iloc[0]
    assert entry["outcome"] == state and len(found.to_raise) == 1
    assert entry["paid_principal_cents"] == 0 and entry["at_stake_cents"] == 105_100
    assert found.totals.set_index("outcome").loc[state, "reported_total_cents"] == 105_100
    assert state != "unknown" or "“Quarantined”" in entry["cause"]


def test_without_a_word_only_a_day_with_a_trace_number_says_that_it_was_paid(tmp_path):
    """Four entries in one folder, each with what its refund's row says besides."""
    said = ("R1,07/01/2026,T-77", "R2,07/01/2026,", "R3,,T-78", "R4,,")
    numbers = [numbered("K12", 3300001 + place) for place in range(len(said))]
    head, *lines = ES.splitlines()
    es = [head, *(line.replace("K1233000013", number) for number in numbers for line in lines)]
    claims = [CLAIMS.splitlines()[0], *(f"{number},C9,Accepted," for number in numbers)]
    rows = [f"{number},1000,51.00,{cells},," for number, cells in zip(numbers, said, strict=True)]
    found = reconciled(tmp_path, "\n".join(rows), "\n".join(claims) + "\n", "\n".join(es) + "\n").entries
    paid, *unknown = found.set_index("entry_number").loc[numbers].to_dict("records")
    assert paid["paid_principal_cents"] == 100_000
    for one in unknown:
        assert (one["outcome"], one["paid_principal_cents"]) == ("unknown", 0)
        assert "no report shows the outcome" in one["cause"]


def test_a_refund_without_its_amount_is_a_refund_of_unknown_amount(tmp_path):
    found = reconciled(tmp_path, "K12-3300001-3,,,R1,07/01/2026,T-77,,Treasury Issued").entries.iloc[0]
    assert (found["outcome"], found["paid_principal_cents"]) == ("unknown", 0)
    assert "the files do not show its amount" in found["cause"] and found["at_stake_cents"] >= 100_000


def test_a_payment_without_its_amount_is_no_crash(tmp_path):
    head = "Refund ID,Payee ID,Refund Date,Refund Status,Refund Secondary Status,Total Refund Amount"
    found = reconciled(tmp_path, "R1,12-345678900,07/01/2026,Complete,Treasury Issued,", head=head)
    assert found.payments["note"].tolist() == ["the files do not show its amount"]
    assert found.entries["paid_principal_cents"].sum() == 0


def test_shares_of_one_payment_that_fared_differently_are_not_levelled(tmp_path):
    first = "K12-3300001-3,600,0,R1,07/01/2026,,,Treasury Issued"
    second = "K12-3300001-3,400,51,R1,07/01/2026,,,Offset"
    rows = f"{first}\n{second}"
    entry = reconciled(tmp_path, rows).entries.iloc[0]
    assert entry["outcome"] == "diverted" and entry["diverted_cents"] > 0


def test_the_clients_own_entry_is_none_of_a_stranger_because_its_duty_is_empty(tmp_path):
    es = ES.replace("1000.00\n", "\n").replace("250.00\n", "\n")
    row = "K12-3300001-3,1000,51.00,,,ACH-1,,Treasury Issued"
    found = reconciled(tmp_path, row, es=es, claims="Entry Number\nB7600000000\n").entries
    entry = found[found["entry_number"] == "K1233000013"].iloc[0]
    assert entry["cause"].startswith("one of the client's entries, on no accepted claim in the files")


def test_every_refund_word_of_the_book_is_a_state_of_the_kit():
    states = {word.canon for word in LAW.words("refund_status").values()}
    assert states <= {*receipts.NOT_RECEIVED, "sent", "issued", "reissued", "processed"}
    assert set(receipts.NOT_RECEIVED) < set(refund_status.LABELS) and set(receipts.NOT_RECEIVED) < set(
        refund_status.TO_RAISE
    )


# --- rows of one payment, and what other reports say of it ------------------------------------------------

#: 15 June 2026: principal $1,000.00; by hand no figure of interest is needed, only whose it is.
ISSUED_ON = "R1,07/01/2026,T-1,,Treasury Issued"


@pytest.mark.parametrize(
    ("rows", "principal", "interest"),
    [
        ("1000,51.00", 100_000, 5_100),
        ("1000,0;0,51.00", 100_000, 5_100),
        ("1000,;,51.00", 100_000, 5_100),
        (",51.00;1000,", 100_000, 5_100),
        ("600,20.00;400,31.00", 100_000, 5_100),
        ("1000,51.00;-200,-10.20", 80_000, 4_080),
        ("1000,51.00;1000,51.00", 100_000, 5_100),
        ("1000,;1000,51.00", 100_000, 5_100),
    ],
)
@pytest.mark.parametrize("number", ["R1", ""])
def test_rows_of_one_file_with_different_amounts_of_a_payment_are_its_parts(
    tmp_path, rows, principal, interest, number
):
    told = "\n".join(f"K12-3300001-3,{one},{ISSUED_ON.replace('R1', number, 1)}" for one in rows.split(";"))
    found = reconciled(tmp_path, told)
    entry = found.entries.iloc[0]
    assert (entry["paid_principal_cents"], entry["paid_interest_cents"]) == (principal, interest)
    assert found.totals["reported_total_cents"].sum() == principal + interest


def test_a_part_that_was_diverted_takes_nothing_from_the_part_that_came(tmp_path):
    rows = "K12-3300001-3,600,0,R1,07/01/2026,T-1,,Treasury Issued\nK12-3300001-3,400,51,R1,07/01/2026,T-1,,Offset"
    found = reconciled(tmp_path, rows)
    entry = found.entries.iloc[0]
    assert (entry["paid_principal_cents"], entry["diverted_cents"]) == (60_000, 45_100)
    assert found.totals["reported_total_cents"].sum() == 105_100


def test_a_refund_number_that_lost_its_zeros_is_the_same_refund(tmp_path):
    row = "K12-3300001-3,1000,51.00,%s,07/01/2026,T-1,,Treasury Issued\n"
    august, september = (f"Run Date: {day}\n{HEAD}\n{row}" for day in ("08/01/2026", "09/01/2026"))
    files = {"es.csv": ES, "claims.csv": CLAIMS, "a.csv": august % "0012345", "b.csv": september % "12345.0"}
    folder = folders.folder(tmp_path, files)
    found = monitoring.reconcile(cape_kit.assess(cape_kit.open(folder), as_of="2026-09-01"))
    assert found.payments["refund_number"].tolist() == ["0012345"]
    assert found.entries["paid_principal_cents"].tolist() == [100_000]


def test_a_refund_of_nothing_is_told_with_its_word(tmp_path):
    entry = reconciled(tmp_path, "K12-3300001-3,0,0,R9,07/01/2026,,No refund due,").entries.iloc[0]
    assert entry["outcome"] == "cancelled" and "“No refund due”" in entry["cause"]


@pytest.mark.parametrize("word", ["Refunded", "Paid"])
def test_a_claim_said_to_be_refunded_is_not_called_awaiting_or_overdue(tmp_path, word):
    claims = CLAIMS.replace("Accepted", word)
    none = "B76-0324527-8,5,0,R7,07/01/2026,T-9,,Treasury Issued"
    entry = reconciled(tmp_path, none, claims=claims).entries.set_index("entry_number").loc["K1233000013"]
    assert entry["outcome"] == "unknown" and entry["paid_principal_cents"] == 0
    paid = "K12-3300001-3,1000,51.00,R1,07/01/2026,T-1,,Treasury Issued"
    entry = reconciled(tmp_path / "with", paid, claims=claims).entries.iloc[0]
    assert entry["paid_principal_cents"] == 100_000 and entry["refund_numbers"] == "R1"


@pytest.mark.parametrize("principal", ["1000.00", ""])
@pytest.mark.parametrize("day", ["06/30/2026", "08/30/2026"])
def test_interest_stands_where_any_report_shows_it(tmp_path, principal, day):
    """A REV-615 without the interest, beside an ES-022 of the same refund that has it, older or newer."""
    row = "K12-3300001-3,1000,,R1,07/01/2026,T-1,,Treasury Issued"
    es022 = (
        f"Run Date: {day}\n"
        "Claim Number,Claim Status,Entry Summary Number,Refund Amount,Interest Amount,Refund Number\n"
        f"C9,Accepted,K1233000013,{principal},51.00,R1\n"
    )
    head = f"Run Date: 07/31/2026\n{HEAD}"
    entry = reconciled(tmp_path, row, claims=es022, head=head).entries.iloc[0]
    assert (entry["paid_principal_cents"], entry["paid_interest_cents"]) == (100_000, 5_100)


# --- what is not known is not called late, due or nothing -------------------------------------------------


def test_a_claim_of_which_nothing_says_when_it_is_due_is_not_within_its_time(tmp_path):
    """Its claim details bear no day, no ledger has the upload, and no file its reliquidation."""
    stranger = "B76-0324527-8,5,0,R7,07/01/2026,T-9,,Treasury Issued"
    found = reconciled(tmp_path, stranger)
    entry = found.entries.set_index("entry_number").loc["K1233000013"]
    assert entry["outcome"] == "undated" and "K1233000013" in found.to_raise["entry_number"].tolist()
    assert entry["what_to_do"].startswith("Export ES-022") and "Wait" not in entry["what_to_do"]


def test_a_claimed_entry_without_its_duty_is_owed_nobody_knows_what(tmp_path):
    claims = "Run Date: 05/20/2026\n" + CLAIMS + "B7603245278,C9,Accepted,\n"
    found = reconciled(tmp_path, "", claims=claims)
    entry = found.entries.set_index("entry_number").loc["B7603245278"]
    assert pd.isna(entry["expected_principal_cents"]) and pd.isna(entry["at_stake_cents"])
    assert "what to expect is not known" in entry["cause"] and found.without_principal == 1


def test_the_protest_of_a_short_refund_has_its_day(tmp_path):
    """Reliquidated 15 June 2026: 180 days end on 12 December."""
    row = "K12-3300001-3,06/15/2026,900,51.00,R1,07/01/2026,T-1,,Treasury Issued"
    head = HEAD.replace("Entry Number,", "Entry Number,Liquidation Date,")
    found = reconciled(tmp_path, row, head=head)
    entry = found.entries.iloc[0]
    assert entry["outcome"] == "short" and entry["protest_last_day"] == pd.Timestamp("2026-12-12")
    assert entry["what_to_do"].endswith("Last day to protest its liquidation of 2026-06-15: 2026-12-12.")


def test_more_principal_than_expected_and_a_cent_less_of_interest_is_over(tmp_path):
    head = HEAD.replace("Entry Number,", "Entry Number,Liquidation Date,")
    row = "K12-3300001-3,06/15/2026,1500,1.00,R1,07/01/2026,T-1,,Treasury Issued"
    assert reconciled(tmp_path, row, head=head).entries["outcome"].tolist() == ["over"]


def test_a_drawback_refund_of_the_same_sum_is_not_the_refund_of_the_claim(tmp_path):
    claims = (
        "Claim Number,Claim Status,Entry Summary Number,Liquidation Date,Refund Amount,Refund Number\n"
        "C9,Accepted,K1233000013,06/15/2026,,\n"
    )
    head = "Refund ID,Payee ID,Refund Date,Refund Secondary Status,Refund Type,Total Refund Amount"
    row = "R%d,12-345678900,07/01/2026,Treasury Issued,%s,%.2f"
    wanted = reconciled(tmp_path, row % (0, "CAPE", 1.0), claims=claims, head=head).entries.iloc[0]
    whole = (wanted["expected_principal_cents"] + wanted["expected_interest_cents"]) / 100
    rows = "\n".join(row % (number, kind, whole) for number, kind in ((1, "Drawback"), (2, "CAPE")))
    found = reconciled(tmp_path / "two", rows, claims=claims, head=head)
    assert found.entries["refund_numbers"].tolist() == ["R2"]
    other = found.payments.set_index("refund_number").loc["R1"]
    assert other["matched"] == "unmatched" and "“Drawback”" in other["note"]


def test_a_payment_is_told_that_the_days_of_its_entries_are_missing(tmp_path):
    head = "Refund ID,Payee ID,Refund Date,Refund Secondary Status,Total Refund Amount"
    found = reconciled(tmp_path, "R1,12-345678900,07/01/2026,Treasury Issued,1051.00", head=head)
    assert found.payments["note"].str.contains("export ES-022").all()


@pytest.mark.parametrize("names", [("a.csv", "b.csv"), ("b.csv", "a.csv")])
def test_a_claim_cbp_answered_is_not_waiting_whatever_the_files_are_called(tmp_path, names):
    """The same claim exported twice, on days no file bears: first not started, then refused."""
    refused = CLAIMS.replace("Accepted,", "Failed,Protest on Entry")
    files = dict(zip(names, (CLAIMS.replace("Accepted", "Not Started"), refused), strict=True))
    assessment = cape_kit.assess(
        cape_kit.open(folders.folder(tmp_path, {"es.csv": ES, **files})), as_of="2026-05-25"
    )
    answer, entry = claims.results(assessment).iloc[0], assessment.table.iloc[0]
    assert (answer["state"], answer["error"]) == ("failed", "Protest on Entry")
    assert entry["disposition"] == "cure" and "Protest on Entry" in entry["reason"]


def test_interest_paid_later_under_a_number_of_its_own_is_the_interest(tmp_path):
    rows = "K12-3300001-3,1000,,R1,07/01/2026,T-1,,Treasury Issued\n"
    rows += "K12-3300001-3,,51.00,R2,08/01/2026,T-2,,Treasury Issued"
    entry = reconciled(tmp_path, rows).entries.iloc[0]
    assert (entry["paid_principal_cents"], entry["paid_interest_cents"]) == (100_000, 5_100)
    assert entry["outcome"] != "unknown"


def test_a_payment_of_less_than_its_entries_is_said_with_them(tmp_path):
    """An offset no status word tells of: REV-603 pays $500.00 less than REV-615 shows."""
    head = "Refund ID,Payee ID,Refund Date,Refund Secondary Status,Total Refund Amount"
    es022 = (
        "Claim Number,Claim Status,Entry Summary Number,Refund Amount,Interest Amount,Refund Number\n"
        "C9,Accepted,K1233000013,1000.00,51.00,R1\n"
    )
    found = reconciled(tmp_path, "R1,12-345678900,07/01/2026,Treasury Issued,551.00", claims=es022, head=head)
    entry = found.entries.iloc[0]
    assert found.apart["note"].tolist() == ["$500.00 less than the refunds by entry in it"]
    assert "its payment R1 is less" in entry["cause"] and entry["what_to_do"].startswith(
        "Ask CBP what was taken off"
    )
    assert found.totals["reported_total_cents"].sum() == 55_100
