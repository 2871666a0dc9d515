"""Every rule three times over, as tests/cases/rules.toml has it: passed, failed, not known."""

import tomllib
from datetime import date
from functools import cache
from pathlib import Path

import pytest

from cape_kit.assessment import rules
from tests.assessment import situations

TOLD = tomllib.loads((Path(__file__).parents[1] / "cases" / "rules.toml").read_text("utf-8"))
USUAL = date(2026, 5, 5)
CASES = [
    {"on": told.get("on", USUAL), **case, "code": code, "name": f"{code} {case['name']}"}
    for code, told in TOLD.items()
    for case in told["cases"]
]
#: Nothing in a client's files can prove that the client has no authority to file.
NEVER_FAILS = {"E23"}


@cache
def decided():
    return situations.decide_all(CASES)


def test_names_are_unique():
    assert len({case["name"] for case in CASES}) == len(CASES)


@pytest.mark.parametrize("case", CASES, ids=[case["name"] for case in CASES])
def test_outcome(case):
    _, outcomes = decided()[case["name"]]
    assert rules.OUTCOMES[outcomes[case["code"]]] == case["outcome"]


@pytest.mark.parametrize("code", rules.TESTS)
def test_every_rule_has_its_three_cases(code):
    wanted = {"pass", "fail", "unknown"} - ({"fail"} if code in NEVER_FAILS else set())
    outcomes = {case["outcome"] for case in CASES if case["code"] == code}
    # A rule that can only pass by not arising (E02) is seen doing that.
    assert wanted <= outcomes | ({"pass"} if "not_applicable" in outcomes else set())
    assert sum(case["code"] == code for case in CASES) >= 3


def test_every_validation_of_the_law_book_is_a_rule_or_said_to_be_unforeseeable():
    for day in (date(2026, 4, 20), date(2026, 6, 25), date(2026, 11, 22)):
        validations = situations.LAW.validations(day)
        tested, untold = rules.foreseeable(validations), rules.unforeseeable(validations)
        assert {rule.code for rule in untold} == {"E17", "E18", "E19"}
        assert {*tested, *untold} == set(validations)


def test_a_rule_not_in_force_has_no_outcome():
    _, before = situations.decide({}, date(2026, 6, 24))
    _, after = situations.decide({}, date(2026, 6, 25))
    assert {"E25", "E26"} <= set(before.index) and not {"E15", "E16"} & set(before.index)
    assert {"E15", "E16"} <= set(after.index) and not {"E25", "E26"} & set(after.index)


def test_all_failing_rules_are_kept_not_the_first():
    facts = {"drawback_flag": True, "injunction_flag": True, "entry_type": "08", "control_status": "Trade"}
    decision, _ = situations.decide(facts, USUAL)
    assert decision["blocking_rules"] == "E01, E05, E06, E10"


def test_partner_headings_are_data_of_the_law_book():
    from cape_kit.assessment import line_order

    found = line_order.partners(situations.LAW, USUAL)
    registry = set(situations.LAW.headings["hts8"])
    assert set(found["hts8"]) == {"99030177", "99030184"}
    assert set(found["partner8"]) <= registry
    assert {("99030177", "99030209"), ("99030184", "99030226")} <= set(
        found.itertuples(index=False, name=None)
    )
