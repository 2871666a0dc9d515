"""The day before and the day after, for every clock and phase: tests/cases/boundaries.toml."""

import tomllib
from datetime import timedelta
from pathlib import Path

import pandas as pd
import pytest

from cape_kit.assessment import caveats, rules
from tests.assessment import situations

PAIRS = tomllib.loads((Path(__file__).parents[1] / "cases" / "boundaries.toml").read_text("utf-8"))["pair"]


def seen(pair, on):
    asked = situations.asked([pair], on)
    if pair["see"] == "doubts":
        return pair["caveat"] in set(caveats.collect(asked)["code"])
    if pair["see"] == "fails":
        outcomes = asked.outcomes.iloc[0]
        return ", ".join(code for code, outcome in outcomes.items() if outcome == rules.FAIL)
    told = {**asked.facts.clocks.iloc[0], **asked.decisions.iloc[0]}[pair["see"]]
    if told is pd.NaT:
        return "none"
    return told.date() if isinstance(told, pd.Timestamp) else told


@pytest.mark.parametrize("pair", PAIRS, ids=[pair["name"] for pair in PAIRS])
def test_the_last_day_and_the_day_after(pair):
    told = [seen(pair, pair["last"]), seen(pair, pair["last"] + timedelta(days=1))]
    assert told == [pair["until"], pair["then"]]
