"""Each situation of the case file becomes what a customs lawyer says it must."""

import tomllib
from functools import cache
from pathlib import Path

import pytest

from cape_kit.assessment import decisions, rules
from tests.assessment import situations

CASES = tomllib.loads((Path(__file__).parents[1] / "cases" / "dispositions.toml").read_text("utf-8"))["case"]


BY_NAME = {case["name"]: case for case in CASES}


@cache
def decided():
    return situations.decide_all(CASES)


@pytest.mark.parametrize("case", CASES, ids=list(BY_NAME))
def test_disposition(case):
    decision, outcomes = decided()[case["name"]]

    failed = [code for code, outcome in outcomes.items() if outcome == rules.FAIL]
    assert (decision["disposition"], failed) == (case["disposition"], case.get("rules", []))
    for code in case.get("unknown", []):
        assert outcomes[code] == rules.UNKNOWN
    assert case.get("says", "") in decision["reason"]
    assert case.get("missing", "") in decision["facts_missing"]
    if "last_day" in case:
        assert decision["next_deadline"].date() == case["last_day"]


@pytest.mark.parametrize("case", CASES, ids=[case["name"] for case in CASES])
def test_every_decision_has_a_reason_and_an_authority(case):
    decision, _ = decided()[case["name"]]

    assert decision["reason"].endswith((".", "”")) and "<NA>" not in decision["reason"]
    assert "nan" not in decision["reason"].lower().split()
    assert decision["source"]
    assert decision["what_to_do"]


def test_the_case_file_covers_every_disposition():
    assert {case["disposition"] for case in CASES} == set(decisions.DISPOSITIONS)


def test_a_known_phase_opens_for_an_entry_only_if_already_announced():
    """Replayed with the law as known before the announcement, nobody waits for a phase nobody knew of."""
    from datetime import date

    from cape_kit.law import book

    facts = {"recon_flag": True, "liquidation_status": "Liquidated", "liquidation_date": date(2026, 6, 5)}
    before = book.load(known_on=date(2026, 6, 20))
    decision, _ = situations.decide(facts, date(2026, 6, 24), law=before)
    assert decision["disposition"] == "protest"
