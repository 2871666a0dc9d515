"""What the client asserts for all its entries, and where the kit saw each entry."""

from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

import cape_kit
from cape_kit.assessment import asserted_and_seen, caveats
from cape_kit.entries import schema
from cape_kit.law import book
from tests import samples
from tests.assessment import situations

LAW = book.load()
SAMPLES = Path(__file__).parents[2] / "data" / "sample"


def client(**assertions):
    return replace(
        situations.CLIENT, assertions=assertions, asserted_by="J. Doe", asserted_on=date(2026, 5, 5)
    )


@pytest.mark.parametrize("name", asserted_and_seen.ASSERTIONS)
def test_every_assertion_settles_its_column_where_the_files_are_silent(name):
    column = asserted_and_seen.ASSERTIONS[name].column
    given = (
        {asserted_and_seen.ASSERTIONS[name].only_with: date(2026, 3, 6)}
        if asserted_and_seen.ASSERTIONS[name].only_with
        else {}
    )
    frame = situations.entries({column: "", **given}, {column: "", **given})
    settled = asserted_and_seen.settle(client(**{name: True}), frame, LAW)
    assert settled.entries[column].notna().all()
    assert settled.account.iloc[0][["assertion", "settled", "contradicted", "by"]].tolist() == [
        name,
        2,
        0,
        "J. Doe",
    ]
    assert settled.silent[column].all()
    assert list(settled.entries.columns) == schema.names("entries")


@pytest.mark.parametrize("name", asserted_and_seen.ASSERTIONS)
def test_every_asserted_word_is_one_the_law_book_knows(name):
    known = asserted_and_seen.ASSERTIONS[name]
    if isinstance(known.value, str):
        assert known.value.lower() in LAW.words(known.column)


def test_what_the_files_say_goes_first_and_the_contradiction_is_told():
    frame = situations.entries({"drawback_flag": True}, {"drawback_flag": ""}, {"drawback_flag": False})
    settled = asserted_and_seen.settle(client(no_drawback_claims=True), frame, LAW)
    assert settled.entries["drawback_flag"].tolist() == [True, False, False]
    assert settled.account.iloc[0][["settled", "contradicted"]].tolist() == [1, 1]


def test_a_protest_number_is_not_asserted_away():
    frame = situations.entries({"protest_status": "", "protest_number": "2704"}, {"protest_status": ""})
    settled = asserted_and_seen.settle(client(no_protests=True), frame, LAW)
    assert settled.entries["protest_status"].isna().tolist() == [True, False]
    assert settled.account.iloc[0][["settled", "contradicted"]].tolist() == [1, 1]


def test_a_paid_statement_in_other_words_contradicts_nothing():
    frame = situations.entries({"statement_status": "Paid"}, {"statement_status": "AU"})
    settled = asserted_and_seen.settle(client(statements_paid=True), frame, LAW)
    assert settled.account["contradicted"].tolist() == [1]


def test_an_assertion_of_false_settles_nothing():
    frame = situations.entries({"drawback_flag": ""})
    settled = asserted_and_seen.settle(client(no_drawback_claims=False), frame, LAW)
    assert settled.entries is frame
    assert settled.account["settled"].tolist() == [0]


def test_an_unknown_name_settles_nothing_and_is_told():
    frame = situations.entries({})
    settled = asserted_and_seen.settle(client(no_drwaback=True), frame, LAW)
    assert settled.account["known"].tolist() == [False]
    asked = situations.asked([{}], date(2026, 5, 5))
    told = caveats.collect(asked, caveats.touched(asked, settled.account))
    assert "no_drwaback" in told.set_index("code").loc["assertion-unknown", "title"]


def test_the_sample_clients_assertion_takes_the_caveat_away():
    portfolio = samples.opened("northgate-tools")
    found = cape_kit.assess(portfolio, as_of="2026-05-05")
    assert "E01" not in set(found.caveats["code"])
    assert found.asserted[["assertion", "settled"]].to_numpy().tolist() == [["no_drawback_claims", 184]]
    bare = replace(portfolio, client=replace(portfolio.client, assertions={}))
    assert "E01" in set(cape_kit.assess(bare, as_of="2026-05-05").caveats["code"])


def test_an_entry_only_a_broker_names_is_not_seen_in_ace():
    portfolio = samples.opened("cedar-and-flint")
    seen = asserted_and_seen.seen(portfolio, LAW, date(2026, 5, 5))
    files = portfolio.appearances
    ace = files[files["file"].str.startswith(("ACE", "ES-022"))]["entry_number"]
    assert seen["in_ace"].tolist() == portfolio.entries["entry_number"].isin(ace).tolist()
    assert 0 < (~seen["in_ace"]).sum() < len(seen)
    assert not seen["on_list"].any()
