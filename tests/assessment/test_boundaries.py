"""The day before and the day after, for every clock and phase: tests/cases/boundaries.toml."""

import tomllib
from datetime import timedelta
from functools import cache
from pathlib import Path

import pandas as pd
import pytest

from cape_kit.assessment import rules
from tests.assessment import situations

PAIRS = tomllib.loads((Path(__file__).parents[1] / "cases" / "boundaries.toml").read_text("utf-8"))["pair"]


@cache
def on_day(on):
    """Every pair that asks about a day, and that day's answers, an entry for each."""
    pairs = [pair for pair in PAIRS if on in (pair["last"], pair["last"] + timedelta(days=1))]
    return pairs, situations.asked(pairs, on)


def seen(pair, on):
    if pair["see"] == "doubts":  # told of all entries together
        return pair["caveat"] in set(situations.doubts([pair], on))
    pairs, asked = on_day(on)
    place = pairs.index(pair)
    if pair["see"] == "fails":
        outcomes = asked.outcomes.iloc[place]
        return ", ".join(code for code, outcome in outcomes.items() if outcome == rules.FAIL)
    told = {**asked.facts.clocks.iloc[place], **asked.decisions.iloc[place]}[pair["see"]]
    if told is pd.NaT:
        return "none"
    return told.date() if isinstance(told, pd.Timestamp) else told


@pytest.mark.parametrize("pair", PAIRS, ids=[pair["name"] for pair in PAIRS])
def test_the_last_day_and_the_day_after(pair):
    told = [seen(pair, pair["last"]), seen(pair, pair["last"] + timedelta(days=1))]
    assert told == [pair["until"], pair["then"]]
