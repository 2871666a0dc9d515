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
    bare = [[1, "8481809015", 10000, 250.00, "2.5%"]]
    frame = sensitivity.cost_of_waiting(assessed([{}], [bare]))
    assert len(frame) == 1
    assert frame.drop(columns="day").to_numpy().sum() == 0


def test_an_unknown_amount_is_lost_by_waiting_too_and_is_counted():
    """Two entries leave CAPE on one day; the duty cell of one of them cannot be read."""
    facts = {"liquidation_status": "Liquidated", "liquidation_date": date(2026, 4, 10)}
    unread = [[1, "99030125", 0, ""], [1, "8481809015", 10000, 0]]
    a = assessed([facts, facts], [LINES, unread], origin="VN")
    last = on(sensitivity.cost_of_waiting(a), 2026, 6, 29)
    assert (last["cape_recorded_cents"], last["cape_recorded_entries"]) == (100000, 2)
    assert (last["cape_recorded_unknown"], last["cape_lost_unknown"]) == (1, 1)
    shown = tables.cost_of_waiting(a)
    assert "not known for 1 entry" in shown._repr_html_()
    alone = assessed([facts], [unread], origin="VN")
    last = on(sensitivity.cost_of_waiting(alone), 2026, 6, 29)
    assert pd.isna(last["cape_recorded_cents"]) and pd.isna(last["cape_lost_cents"])
    page = tables.cost_of_waiting(alone)._repr_html_()
    for name in ("CAPE window closes", "CAPE window closed so far"):
        assert f'data-label="{name}">–' in page


def test_an_entry_without_a_last_day_is_said_to_stand_nowhere():
    a = assessed([{"liquidation_status": None, "liquidation_date": None, "entry_date": None}], [LINES])
    assert a.table["cape_last_day"].isna().all() and sensitivity.undated(a) == 1
    assert "1 entry whose last day for CAPE is not known" in tables.cost_of_waiting(a)._repr_html_()


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
