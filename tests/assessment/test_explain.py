"""One entry's whole story, as text and as data."""

import json
import re
from datetime import date
from functools import cache
from pathlib import Path

import pandas as pd
import pytest

from cape_kit.assessment import assess, explain, rules
from cape_kit.assessment.decisions import DISPOSITIONS
from cape_kit.errors import Usage
from tests import samples

SAMPLES = Path(__file__).parents[2] / "data" / "sample"
DAY = date(2026, 5, 5)
CLIENTS = ("cedar-and-flint", "harbor-lane", "northgate-tools")


@cache
def assessment(client, day="2026-05-05"):
    return samples.assessed(client, date.fromisoformat(day))


def chosen():
    """Two entries of each disposition of each client."""
    for client in CLIENTS:
        table = assessment(client).table
        for _, group in table.groupby("disposition"):
            yield from ((client, number) for number in group["entry_number"].iloc[[0, -1]].unique())


@cache
def stories():
    told = [explain.story(assessment(client), number) for client, number in chosen()]
    return [(story, explain.text.page(story)) for story in told]


def test_the_samples_show_every_disposition():
    """But what is filed: a sample comes without a ledger."""
    assert {story["disposition"] for story, _ in stories()} == set(DISPOSITIONS) - {"filed"}


def test_a_story_holds_the_whole_story():
    for story, page in stories():
        text = " ".join(page.split())
        assert text.startswith(f"Entry {story['entry_number'][:3]}-")
        for wanted in ("label", "reason", "what_to_do", "source", "client"):
            assert " ".join(story[wanted].split()) in text, wanted
        for rule in story["rules"]:
            assert rule["code"] in text and rule["source"] in text
            assert rule["outcome"] in rules.OUTCOMES
        for line in story["lines"]:
            assert line["from"] in text
        doubts = [one for one in story["caveats"] if one["code"] != "refused"]  # told beside the next step
        for one in (*story["problems"], *story["conflicts"], *doubts):
            shown = one.get("title") or one.get("message") or one.get("why")
            assert shown.startswith("Not verified") or " ".join(shown.split()) in text


def test_no_trace_of_the_machine():
    for _, page in stories():
        assert not re.search(r"<NA>|\bNaN\b|\bnan\b|NaT|None\b(?! for)|_cents|Timestamp|\[\]|  \.", page)
        assert all(len(line) <= 160 for line in page.splitlines())


def test_a_story_is_plain_data():
    for story, _ in stories():
        assert json.loads(json.dumps(story)) == story


def test_amounts_and_days_agree_with_the_assessment():
    for story, page in stories():
        row = assessment(next(c for c in CLIENTS if assessment(c).client.name == story["client"]))
        entry = row.table.set_index("entry_number").loc[story["entry_number"]]
        if pd.isna(entry["principal_cents"]):
            assert story["money"]["principal"] is None and story["lines"] == []
        else:
            assert story["money"]["principal"] == f"{entry['principal_cents'] / 100:.2f}"
            assert f"${entry['principal_cents'] / 100:,.2f}" in page
            total = sum(float(one["principal"]) for one in story["by_heading"])
            assert total == pytest.approx(entry["principal_cents"] / 100)
        days = {one["clock"]: one["last_day"] for one in story["clocks"]}
        expected = entry["cape_last_day"]
        assert days["cape"] == (None if pd.isna(expected) else f"{expected:%Y-%m-%d}")


def test_facts_stated_by_hand_and_asserted_say_so():
    story = explain.story(assessment("harbor-lane"), "HK715780878")
    facts = {one["fact"]: one for one in story["facts"]}
    assert facts["protest_ieepa_only"]["value"] is True
    assert re.fullmatch(r"facts\.csv row \d+", facts["protest_ieepa_only"]["from"])
    assert facts["entry_date"]["from"].startswith(
        "ES-003 Entry Summary Line Tariff Details.xlsx [Main Report] row "
    )
    number = assessment("northgate-tools").table["entry_number"].iloc[0]
    facts = {one["fact"]: one for one in explain.story(assessment("northgate-tools"), number)["facts"]}
    assert facts["drawback_flag"]["value"] is False
    assert facts["drawback_flag"]["from"].startswith("client.toml: asserted")


def test_disagreements_and_problems_of_the_entry_are_in_its_story():
    found = assessment("cedar-and-flint")
    number = found.conflicts["entry_number"].iloc[0]
    story = explain.story(found, number)
    assert len(story["conflicts"]) == (found.conflicts["entry_number"] == number).sum()
    lost = found.problems[found.problems["code"] == "R07"].iloc[0]
    restored = explain.story(found, str(lost["value"]).zfill(11))
    assert lost["message"] in [one["message"] for one in restored["problems"]]


def test_dashes_do_not_matter_and_a_stranger_is_refused():
    found = assessment("harbor-lane")
    number = found.table["entry_number"].iloc[0]
    dashed = f"{number[:3]}-{number[3:10]}-{number[10:]}"
    assert explain.explain(found, dashed) == explain.explain(found, number)
    with pytest.raises(Usage, match="not in"):
        explain.explain(found, "ABC-1234567-6")


def test_social_security_shaped_importer_numbers_are_masked():
    for story, page in stories():
        facts = {one["fact"]: one["value"] for one in story["facts"]}
        assert not re.fullmatch(r"\d{3}-\d{2}-\d{4}", facts["importer_number"] or "")
        assert not re.search(r"\b\d{3}-\d{2}-\d{4}\b", page)


def page(client, number, day):
    return " ".join(explain.explain(assessment(client, day), number).split())


def test_an_entry_refused_before_says_so_and_why_and_what_declare_does():
    """CBP refused it for the relationship of its numbers: a check that ran until 24 June 2026."""
    told = page("harbor-lane", "HK712296514", "2026-05-05")
    said = "CBP refused it on claim 100000241002 (“HTS RELATIONSHIP/SEQUENCE MISMATCH”), and"
    assert f"{said} the files do not show that corrected since." in told
    assert "“HTS RELATIONSHIP/SEQUENCE MISMATCH” on claim 100000241002 (CAPE claim details.csv row 3)" in told
    assert told.count("Post summary correction of the sequence or of the missing number") == 1
    assert "`cape-kit declare` leaves the entry out until the files show that corrected" in told
    assert "Passes every check" not in told
    later = page("harbor-lane", "HK712296514", "2026-07-10")
    assert "CBP dropped that check after Wed, Jun 24, 2026" in later and "leaves the entry out" not in later
    assert "as far as the files show, that no longer applies" in later and "may refuse it again" not in later
    story = explain.story(assessment("harbor-lane"), "HK712296514")
    assert [(one["claim_number"], one["code"]) for one in story["refusals"]] == [("100000241002", "E26")]


def test_an_accepted_entry_has_no_refusals():
    assert explain.story(assessment("harbor-lane"), "HK710791904")["refusals"] == []


def test_a_liquidation_that_may_have_come_since_the_export_is_told_as_that():
    told = page("harbor-lane", "HK710475144", "2026-11-22")
    assert "Not liquidated in the export of Tue, May 5, 2026. Due on Fri, Jul 3, 2026" in told
    assert "Export the entry again from ACE" in told


def test_a_type_that_is_not_liquidated_has_no_windows():
    """A temporary importation under bond, type 23: 19 CFR 159.2."""
    told = page("harbor-lane", "HK716493588", "2026-05-05")
    assert "Entries of this type are not liquidated" in told and "Protest window" not in told


def test_a_warehouse_entry_waits_for_its_last_withdrawal():
    told = page("harbor-lane", "HK719502807", "2026-05-05")
    assert "not liquidated before the last goods are withdrawn" in told


def test_without_lines_the_duty_is_unknown_not_nothing():
    told = page("northgate-tools", "N4T23383114", "2026-05-05")
    assert "not known; the reason above says what is missing" in told and "nothing to refund" not in told


def test_an_open_protest_tells_what_may_be_done_with_it_and_a_denied_one_is_not_filed_again():
    """19 USC 1515: two years to decide, 30 days if accelerated; 28 USC 2636: 180 days to sue."""
    told = page("harbor-lane", "HK715780878", "2026-05-05")
    assert "CBP has 2 years from its filing" in told and "180 days to sue" in told
    assert "Filed today with a request" not in told
    denied = page("northgate-tools", "N4T13167600", "2026-05-05")
    assert "The protest was denied" in denied and "File a protest" not in denied
    assert "the files do not show when the denial was mailed" in denied


def test_a_replay_before_a_rule_was_public_has_a_story_too():
    """That a reconciliation soon due goes first was told on 26 May 2026."""
    from cape_kit.law import book

    found = assess.assess(samples.opened("harbor-lane"), book.load(known_on=date(2026, 5, 1)), DAY)
    assert "harbor" in explain.explain(found, "HK710316769").lower()
