"""Cells that answer a question and hold no answer: kept, shown, and settled only by an answer."""

import pytest

import cape_kit
from cape_kit.assessment import asserted_and_seen
from cape_kit.law import book
from tests.entries import folders

HEAD = (
    "Entry Summary Number,Entry Type Code,Importer Number,Entry Date,Liquidation Status,"
    "Entry Summary Line Number,Tariff Ordinal Number,HTS Number - Full,"
    "Line Tariff Goods Value Amount,Line Tariff Duty Amount,{flag}\n"
)
ROW = "K1233000013,01,12-345678900,06/14/2025,Unliquidated,1,{place},{hts},{duty},{said}\n"


def export(flag, first, second=None):
    rows = (("1", "99030125", "0,1000", first), ("2", "8708998180", "10000,250", second or first))
    return HEAD.format(flag=flag) + "".join(
        ROW.format(place=place, hts=hts, duty=duty, said=said) for place, hts, duty, said in rows
    )


def opened(tmp_path, files, toml='name = "X"\n'):
    return cape_kit.open(folders.folder(tmp_path, files, toml=toml)).entries.iloc[0]


@pytest.mark.parametrize(
    ("flag", "column", "said", "unread"),
    [
        ("Drawback Indicator", "drawback_flag", "Designated", "drawback_flag: Designated"),
        ("Recon Flag", "recon_flag", "Pending", "recon_flag: Pending"),
        ("Reconciliation Entry Number", "recon_entry_number", "Filed", "recon_entry_number: Filed"),
        ("AFR", "protest_afr", "See file; ask", "protest_afr: See file, ask"),
        ("Drawback Indicator", "drawback_flag", "--", None),
        ("Drawback Indicator", "drawback_flag", "N/A", None),
        ("Drawback Indicator", "drawback_flag", "No", None),
    ],
)
def test_what_is_no_answer_is_kept(tmp_path, flag, column, said, unread):
    entry = opened(tmp_path, {"a.csv": export(flag, said)})
    assert (entry["unread"] == unread) if unread else entry.isna()["unread"]
    assert said == "No" or entry.isna()[column]


def test_an_answer_on_another_row_or_in_another_file_clears_it(tmp_path):
    said, answered = export("Drawback Indicator", "Designated", "Y"), export("Drawback Indicator", "N")
    one = opened(tmp_path / "a", {"a.csv": said})
    assert one["drawback_flag"] and one.isna()["unread"]
    unread = export("Drawback Indicator", "Designated")
    both = opened(tmp_path / "b", {"a.csv": unread, "b.csv": answered})
    assert not both["drawback_flag"] and both.isna()["unread"]
    other = opened(tmp_path / "c", {"a.csv": unread, "b.csv": export("Recon Flag", "N")})
    assert other["unread"] == "drawback_flag: Designated"


def test_a_fact_settles_it_and_an_assertion_does_not(tmp_path):
    unread, toml = (
        export("Drawback Indicator", "Designated"),
        'name = "X"\n[assertions]\nno_drawback_claims = true\n',
    )
    portfolio = cape_kit.open(folders.folder(tmp_path / "a", {"a.csv": unread}, toml=toml))
    settled = asserted_and_seen.settle(portfolio.client, portfolio.entries, book.load()).entries
    assert settled["drawback_flag"].isna().all() and settled["unread"].notna().all()
    stated = {"facts.csv": "entry_number,fact,value,note\nK1233000013,drawback_flag,no,asked\n"}
    entry = opened(tmp_path / "b", {"a.csv": unread, **stated})
    assert not entry["drawback_flag"] and entry.isna()["unread"]


@pytest.mark.parametrize(
    ("number", "status"),
    [
        ("CAPE CLAIM NUMBER", "FILING STATUS"),
        ("Claim ID", "CAPE Filing Status"),
        ("CAPE Claim #", "CAPE Status"),
        ("Declaration Number", "Submission Status"),
        ("CAPE Declaration", "Claim Result"),
    ],
)
def test_near_misses_of_a_claim_are_read(tmp_path, number, status):
    head = f"Entry Number,Importer Number,{number},{status},CAPE ERROR DETAIL"
    tracker = f"{head}\nK1233000013,12-345678900,C1,Accepted,\n"
    entry = opened(tmp_path, {"tracker.csv": tracker})
    assert (entry["claim_number"], entry["claim_status"]) == ("C1", "Accepted")


def test_the_type_of_a_liquidation_notice_is_its_status(tmp_path):
    head = "Entry Summary Number,Port Code,Liquidation Date,Liquidation Type"
    notice = f"{head}\nK1233000013,2704,02/20/2026,No Change\n"
    assert opened(tmp_path, {"notice.csv": notice})["liquidation_status"] == "No Change"
