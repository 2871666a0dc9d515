"""One entry's whole story, as text and as data."""

import json
import re
from functools import cache
from pathlib import Path

import pandas as pd
import pytest

import cape_kit
from cape_kit.assessment import explain, rules
from cape_kit.assessment.decisions import DISPOSITIONS
from cape_kit.errors import Usage

SAMPLES = Path(__file__).parents[2] / "data" / "sample"
CLIENTS = ("cedar-and-flint", "harbor-lane", "northgate-tools")


@cache
def assessment(client, day="2026-05-05"):
    return cape_kit.assess(cape_kit.open(SAMPLES / client), as_of=day)


def chosen():
    """Two entries of each disposition of each client."""
    for client in CLIENTS:
        table = assessment(client).table
        for _, group in table.groupby("disposition"):
            yield from ((client, number) for number in group["entry_number"].iloc[[0, -1]].unique())


@cache
def stories():
    told = [explain.story(assessment(client), number) for client, number in chosen()]
    return [(story, explain.page.text(story)) for story in told]


def test_the_samples_show_every_disposition():
    assert {story["disposition"] for story, _ in stories()} == set(DISPOSITIONS)


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
        for one in (*story["problems"], *story["conflicts"], *story["caveats"]):
            shown = one.get("title") or one.get("message") or one.get("taken")
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
    with pytest.raises(Usage, match="in none of"):
        explain.explain(found, "ABC-1234567-6")


def test_social_security_shaped_importer_numbers_are_masked():
    for story, page in stories():
        facts = {one["fact"]: one["value"] for one in story["facts"]}
        assert not re.fullmatch(r"\d{3}-\d{2}-\d{4}", facts["importer_number"] or "")
        assert not re.search(r"\b\d{3}-\d{2}-\d{4}\b", page)
