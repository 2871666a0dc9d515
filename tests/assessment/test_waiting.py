"""The cost of waiting: closing days counted by hand, recorded and forecast apart."""

from datetime import date

import pandas as pd
import pytest

from cape_kit.assessment import sensitivity
from cape_kit.views import tables
from tests.assessment.portfolios import assessed
from tests.test_samples import CLIENTS, assessment

LINES = [[1, "99030125", 0, 1000.00], [1, "8481809015", 10000, 0]]


def on(frame, *day):
    """The row of a day."""
    return frame[frame["day"].dt.date == date(*day)].iloc[0]


def test_a_recorded_liquidation_leaves_cape_after_day_80_and_the_protest_window_after_day_180():
    facts = {"liquidation_status": "Liquidated", "liquidation_date": date(2026, 4, 10)}
    frame = sensitivity.cost_of_waiting(assessed([facts], [LINES], origin="VN"))
    assert frame["day"].iloc[0].date() == date(2026, 5, 5)
    assert frame["day"].iloc[-1].date() == date(2026, 10, 7)  # 10 April + 180 days
    assert on(frame, 2026, 6, 29)["cape_recorded_cents"] == 100000  # 10 April + 80 days
    assert on(frame, 2026, 6, 28)["cape_lost_cents"] == 0
    assert on(frame, 2026, 6, 29)["cape_lost_cents"] == 100000
    assert on(frame, 2026, 10, 6)["protest_lost_cents"] == 0
    assert on(frame, 2026, 10, 7)["protest_lost_cents"] == 100000
    assert frame[["cape_forecast_cents", "protest_forecast_cents"]].to_numpy().sum() == 0


def test_an_expected_liquidation_is_kept_apart():
    facts = {"liquidation_status": "Unliquidated", "entry_date": date(2025, 8, 1)}
    frame = sensitivity.cost_of_waiting(assessed([facts], [LINES], origin="VN"))
    # 1 August 2025 + 314 days is Thursday 11 June 2026; posted on Friday the 12th; + 80 days is 31 August.
    assert on(frame, 2026, 8, 31)["cape_forecast_cents"] == 100000
    assert frame[["cape_recorded_cents", "protest_recorded_cents"]].to_numpy().sum() == 0


def test_what_is_past_or_out_of_reach_is_not_lost_by_waiting():
    facts = [
        {"liquidation_status": "Liquidated", "liquidation_date": date(2025, 9, 1)},
        {"liquidation_status": "Liquidated", "liquidation_date": date(2026, 2, 1)},
    ]
    frame = sensitivity.cost_of_waiting(assessed(facts, [LINES] * 2, origin="VN"))
    assert frame["cape_lost_cents"].iloc[-1] == 0
    assert frame["protest_lost_cents"].iloc[-1] == 100000
    assert frame["day"].iloc[-1].date() == date(2026, 7, 31)  # 1 February + 180 days


def test_nothing_to_lose_is_one_day_of_zeros():
    frame = sensitivity.cost_of_waiting(assessed([{}], [[]]))
    assert len(frame) == 1
    assert frame.drop(columns="day").to_numpy().sum() == 0


@pytest.mark.parametrize("client", CLIENTS)
def test_on_the_samples_all_money_in_a_window_leaves_it_on_some_day(client):
    a = assessment(client, "2026-05-05")
    frame = sensitivity.cost_of_waiting(a)
    assert (frame["day"].diff().dropna().dt.days == 1).all()
    for window, dispositions in sensitivity.WINDOWS.items():
        expected = 0
        for row in a.table.to_dict("records"):
            last = row[f"{window}_last_day"]
            running = (
                row["disposition"] in dispositions and pd.notna(last) and last.date() >= date(2026, 5, 5)
            )
            if running and pd.notna(row["principal_cents"]):
                expected += int(row["principal_cents"])
        assert frame[f"{window}_lost_cents"].iloc[-1] == expected


def test_as_a_table_only_days_that_cost_something_are_told():
    facts = {"liquidation_status": "Liquidated", "liquidation_date": date(2026, 4, 10)}
    table = tables.cost_of_waiting(assessed([facts], [LINES], origin="VN"))
    names = ["cape_cents", "cape_forecast_cents", "protest_cents", "cape_lost_cents", "protest_lost_cents"]
    assert table.frame["day"].dt.date.tolist() == [date(2026, 6, 29), date(2026, 10, 7)]
    assert table.frame[names].to_numpy().tolist() == [
        [100000, 0, 0, 100000, 0],
        [0, 0, 100000, 100000, 100000],
    ]
