"""What follows when the law book changes: a check is ended, a line check is added, a word of a fact differs."""

from dataclasses import replace
from datetime import date, timedelta
from functools import cache

import numpy as np
import pytest

from cape_kit.assessment import caveats, decisions, rules, strategy
from cape_kit.errors import UnsoundLawbook
from cape_kit.law.book import Check
from tests.assessment import situations
from tests.assessment.test_decisions import CASES

LAW = situations.LAW
CODES = [check.code for check in LAW.contents.validations if check.code.startswith("E")]
BEFORE_JUNE = ("E20", "E25", "E26")


def ended(code, before, law=LAW):
    """The law with a check that ended on the day before the one asked about."""
    last = before - timedelta(days=1)
    checks = tuple(
        replace(check, first_day=min(check.first_day, last), last_day=last, end_known_from=last)
        if check.code == code
        else check
        for check in law.contents.validations
    )
    return replace(law, contents=replace(law.contents, validations=checks))


@cache
def groups():
    """The cases of the file by day, each day's as one bundle of facts with their outcomes."""
    found = {}
    for case in CASES:
        found.setdefault((case["on"], case.get("ordinals", True)), []).append(case)
    bundles = [(on, situations.bundle(cases, on)) for (on, _), cases in found.items()]
    return [(on, facts, rules.run(facts)) for on, facts in bundles]


def touched(code):
    """Of each day the entries the check says something of: of the others nothing can change."""
    for on, facts, outcomes in groups():
        if code in outcomes:
            rows = np.flatnonzero(outcomes[code].isin((rules.FAIL, rules.UNKNOWN)))
            if len(rows):
                yield on, replace(facts.take(rows), law=ended(code, on))


@pytest.mark.parametrize("code", CODES)
def test_a_check_that_ended_leaves_every_entry_a_reason_and_a_day_ahead(code):
    for on, facts in touched(code):
        outcomes = rules.run(facts)
        assert code not in outcomes
        told = decisions.decide(facts, outcomes).frame
        assert told["disposition"].isin(list(decisions.DISPOSITIONS)).all()
        for name in ("reason", "source", "what_to_do"):
            assert told[name].notna().all()
            assert (told[name] != "").all(), told[name]
        assert not told["reason"].str.contains(r"<NA>|\bnan\b|NaT", regex=True).any()
        for name in ("next_deadline", "act_by"):
            late = told[told[name] < str(on)]
            assert late.empty, late[["disposition", "reason", name]]


@pytest.mark.parametrize("code", CODES)
def test_a_check_that_ended_stops_nothing_else_that_is_told(code):
    on = date(2026, 4, 20) if code in BEFORE_JUNE else date(2026, 7, 10)
    scene, decided = situations.scene(CASES, on, ended(code, on))
    assert decided.frame["reason"].notna().all()
    assert caveats.collect(scene)["title"].notna().all()
    assert strategy.of_scene(scene)["disposition"].notna().all()
    assert strategy.order_of_scene(scene)["source"].ne("").all()


def test_a_code_nobody_knows_is_an_error():
    facts = situations.bundle(CASES[:2], date(2026, 7, 10))
    view = decisions.View(facts, rules.run(facts))
    assert not view.failed(Check.FLAGGED_FOR_RECONCILIATION).any()
    with pytest.raises(UnsoundLawbook, match="No check has the code 'E4'"):
        view.failed("E4")


def test_the_end_of_the_check_of_final_liquidation_opens_nothing():
    """ACE may stop asking; that CAPE takes finally liquidated entries is for a phase to say."""
    on = date(2026, 10, 20)
    late = {"liquidation_status": "Liquidated", "liquidation_date": date(2026, 7, 1)}
    over = {"liquidation_status": "Liquidated", "liquidation_date": date(2026, 3, 1)}
    inside = {"liquidation_status": "Liquidated", "liquidation_date": date(2026, 9, 1)}
    law = ended("E04", date(2026, 10, 6))
    found = [situations.decide(facts, on, law=law)[0] for facts in (late, over, inside)]
    assert [one["disposition"] for one in found] == ["protest", "final", "file"]
    assert "Sep 19, 2026" in found[0]["reason"]
