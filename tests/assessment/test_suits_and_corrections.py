"""Days a lawyer asks for: until when to sue, by each reading, and until when an entry can be corrected."""

import tomllib
from datetime import date
from pathlib import Path

import pandas as pd
import pytest

from cape_kit.assessment import corrections, suits
from tests.assessment import situations

FOLDER = Path(__file__).parents[1] / "cases"
SUITS = tomllib.loads((FOLDER / "suits.toml").read_text("utf-8"))["case"]
CORRECTIONS = tomllib.loads((FOLDER / "corrections.toml").read_text("utf-8"))["case"]


def day(told):
    return None if pd.isna(told) else told.date()


@pytest.mark.parametrize("case", SUITS, ids=[case["name"] for case in SUITS])
def test_the_two_years_to_sue(case):
    row = suits.of(situations.bundle([case], case["on"])).iloc[0]
    told = {name: day(row[f"suit_by_{name}"]) for name in ("deposit", "liquidation", "decision")}
    assert told == {name: case.get(name) for name in told}
    assert (day(row["suit_last_day"]), row["suit_reading"]) == (case["earliest"], case["reading"])


@pytest.mark.parametrize("case", CORRECTIONS, ids=[case["name"] for case in CORRECTIONS])
def test_the_last_day_for_a_correction(case):
    facts = {"entry_date": date(2026, 1, 20), **case["facts"]}
    bundle = situations.bundle([{**case, "facts": facts}], case["on"])
    assert day(corrections.last_day(bundle).iloc[0]) == case.get("last")
    assert corrections.over(bundle)[0] == case["over"]
    assert corrections.headings_locked(bundle)[0] == case.get("locked", False)


def test_dollars_of_the_earliest_reading_by_month():
    cases = [
        {"facts": {"entry_date": one}} for one in (date(2025, 2, 4), date(2025, 2, 28), date(2025, 3, 4))
    ]
    told = suits.of(situations.bundle(cases, date(2026, 11, 22)))
    by_month = suits.by_month(told, pd.Series([100, 50, 7]), pd.Series([True, True, True]).to_numpy())
    assert by_month["month"].dt.date.tolist() == [date(2027, 2, 1), date(2027, 3, 1)]
    assert by_month["first_day"].dt.date.tolist() == [date(2027, 2, 4), date(2027, 3, 4)]
    assert by_month["entries"].tolist() == [2, 1] and by_month["principal_cents"].tolist() == [150, 7]


def test_a_heading_that_gave_way_back_in_time_is_marked_with_its_dollars():
    """Japan's 9903.02.30 of 7 August to 15 September 2025; a heading that lives on for other goods is not marked."""
    made = [
        ("99030230", date(2025, 9, 15)),
        ("99030256", date(2025, 11, 14)),
        ("99030256", date(2025, 11, 13)),
    ]
    made += [("99030125", date(2025, 11, 14))]
    cases = [
        {"facts": {"entry_date": entered}, "lines": [[hts, 0.00, 150.00], ["8481809015", 1000.00, 0.00]]}
        for hts, entered in made
    ]
    lines = situations.bundle(cases, date(2026, 11, 22)).lines
    assert lines["ended_since_cents"].fillna(0).tolist() == [15000, 15000, 0, 0]
    assert lines["ended_since"].fillna("").tolist() == ["9903.02.30", "9903.02.56", "", ""]


@pytest.mark.parametrize(
    ("liquidated", "opens"),
    [
        (date(2026, 5, 25), date(2026, 11, 23)),  # day 180 is Saturday 21 November: Monday
        (date(2026, 5, 15), date(2026, 11, 12)),  # Veterans Day, a Wednesday: Thursday
        (date(2026, 5, 26), date(2026, 11, 23)),  # Sunday 22 November: Monday
        (date(2026, 5, 27), None),  # Monday: the day itself
    ],
)
def test_the_open_day_after_day_180(liquidated, opens):
    case = {"facts": {"liquidation_status": "Liquidated", "liquidation_date": liquidated}}
    clocks = situations.bundle([case], date(2026, 11, 22)).clocks
    assert day(clocks["protest_next_open"].iloc[0]) == opens
    assert clocks["protest_last_day"].iloc[0].date() == liquidated + (date(2026, 11, 21) - date(2026, 5, 25))
