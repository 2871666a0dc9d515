"""Clocks, forecasts and the client's own history, against published days and a count by hand."""

from datetime import date, timedelta

import pandas as pd
import pytest

from cape_kit.assessment import timeline
from cape_kit.law import book
from tests.assessment import situations

LAW = book.load()
DAY = date(2026, 5, 5)


def clocks(facts, on=DAY):
    return timeline.build(situations.entries(facts), LAW, as_of=on).iloc[0]


@pytest.mark.parametrize(
    ("entered", "expected"),
    [
        # GDLSK's published day for the first China entries, then the Friday that posts it
        (date(2025, 2, 4), date(2025, 12, 19)),
        # day 314 is itself a Friday
        (date(2025, 2, 8), date(2025, 12, 19)),
        (date(2025, 2, 9), date(2025, 12, 26)),
    ],
)
def test_the_ordinary_cycle(entered, expected):
    told = timeline.forecast(pd.Series([pd.Timestamp(entered)]).astype("datetime64[s]"), LAW, DAY)
    assert told[0].date() == expected


def test_a_recorded_date_is_never_moved():
    told = clocks({"liquidation_status": "Liquidated", "liquidation_date": date(2026, 4, 1)})
    assert told["liquidated_on"].date() == date(2026, 4, 1)
    assert told["liquidation_basis"] == "recorded"
    # a Wednesday: no posting day, and kept
    assert told["cape_last_day"].date() == date(2026, 6, 20)


def test_a_scheduled_date_goes_before_the_forecast():
    told = clocks(
        {
            "liquidation_status": "Pending",
            "liquidation_date": date(2026, 6, 3),
            "entry_date": date(2025, 8, 1),
        }
    )
    assert (told["expected_liquidation"].date(), told["liquidation_basis"]) == (date(2026, 6, 3), "scheduled")


def test_an_entry_overdue_when_exported_liquidates_after_the_export_at_the_earliest():
    told = clocks({"entry_date": date(2025, 6, 2), "extracted_on": date(2026, 5, 1)})
    assert told["due_on"].date() == date(2026, 4, 17)
    assert told["expected_liquidation"].date() == date(2026, 5, 8)
    assert pd.isna(told["maybe_on"])
    later = clocks({"entry_date": date(2025, 6, 2), "extracted_on": date(2026, 5, 1)}, date(2026, 5, 8))
    assert later["maybe_on"].date() == date(2026, 5, 8)


def test_types_that_are_not_liquidated_have_no_window():
    told = clocks({"entry_type": "23", "entry_date": date(2026, 1, 5)})
    names = ["expected_liquidation", "maybe_on", "deemed_on", "cape_last_day", "protest_last_day"]
    assert told[names].isna().all()


@pytest.mark.parametrize("kind", ["21", "31", "61"])
def test_a_period_that_does_not_run_from_entry_has_no_statutory_day(kind):
    told = clocks({"entry_type": kind, "entry_date": date(2025, 9, 10)})
    assert told[["deemed_on", "extension_limit"]].isna().all()


def test_a_first_liquidation_on_the_recorded_day_is_no_other_one():
    day = date(2026, 4, 10)
    told = clocks(
        {"liquidation_status": "Liquidated", "liquidation_date": day, "original_liquidation_date": day}
    )
    assert pd.isna(told["original_on"])


def test_statutory_days_of_an_entry_nobody_liquidates():
    told = clocks({"entry_date": date(2025, 9, 10)})
    assert (told["deemed_on"].date(), told["extension_limit"].date()) == (
        date(2026, 9, 10),
        date(2029, 9, 10),
    )


@pytest.mark.parametrize(
    ("facts", "deemed", "limit"),
    [
        ({"liquidation_status": "Extended"}, False, True),
        ({"liquidation_status": "Suspended"}, False, False),
        ({"entry_type": "21"}, False, False),
        ({"entry_type": "23"}, False, False),
        ({"entry_type": ""}, False, False),
        ({"liquidation_status": "Liquidated", "liquidation_date": date(2026, 4, 1)}, False, False),
    ],
)
def test_where_the_statute_has_no_such_day(facts, deemed, limit):
    told = clocks(facts)
    assert (pd.notna(told["deemed_on"]), pd.notna(told["extension_limit"])) == (deemed, limit)


def test_a_leap_day_has_its_anniversary_on_the_first_of_march():
    told = timeline.anniversary(pd.Series(pd.to_datetime(["2024-02-29", None])).astype("datetime64[s]"), 1)
    assert told[0].date() == date(2025, 3, 1) and pd.isna(told[1])


def test_windows_show_days_off_and_the_working_day_before():
    # 80 days after 2 January 2026 is Monday 23 March; after 31 December, Saturday 21 March.
    frame = situations.entries(
        {"liquidation_status": "Liquidated", "liquidation_date": date(2025, 12, 31)},
        {"liquidation_status": "Liquidated", "liquidation_date": date(2026, 1, 2)},
        # 180 days after 4 January 2026 is Friday 3 July, on which Independence Day is kept
        {"liquidation_status": "Liquidated", "liquidation_date": date(2026, 1, 4)},
    )
    built = timeline.build(frame, LAW, as_of=DAY)
    windows = timeline.long(built, LAW, DAY).set_index(["entry_number", "clock"])
    first, second, third = (windows.loc[number] for number in frame["entry_number"])
    assert first.loc["cape", "last_day"].date() == date(2026, 3, 21)
    assert (first.loc["cape", "ends_on"], first.loc["cape", "business_day"].date()) == (
        "Saturday",
        date(2026, 3, 20),
    )
    assert (second.loc["cape", "ends_on"], second.loc["cape", "business_day"].date()) == (
        "",
        date(2026, 3, 23),
    )
    assert third.loc["protest", "last_day"].date() == date(2026, 7, 3)
    assert third.loc["protest", "ends_on"] == "Independence Day"
    assert third.loc["protest", "business_day"].date() == date(2026, 7, 2)
    # the planning day is day 75, on or before a working day: 16 March 2026 is a Monday
    assert first.loc["cape", "plan_day"].date() == date(2026, 3, 16)


def test_cbps_own_power_opens_with_the_first_liquidation():
    facts = {
        "liquidation_status": "Reliquidated",
        "liquidation_date": date(2026, 4, 10),
        "original_liquidation_date": date(2026, 2, 1),
    }
    built = timeline.build(situations.entries(facts), LAW, as_of=DAY)
    windows = timeline.long(built, LAW, DAY).set_index("clock")
    assert windows.loc["reliquidation", "opens_on"].date() == date(2026, 2, 1)
    assert windows.loc["reliquidation", "last_day"].date() == date(2026, 5, 2)
    assert windows.loc["cape", "opens_on"].date() == date(2026, 4, 10)


def history_of(took, still_open):
    """Entries made on one old day that took so many days each, and some that never liquidated."""
    entered = date(2025, 3, 3)
    rows = [
        {
            "entry_date": entered,
            "liquidation_status": "Liquidated",
            "liquidation_date": entered + timedelta(days=days),
            "extracted_on": DAY,
        }
        for days in took
    ]
    rows += [{"entry_date": entered, "extracted_on": DAY}] * still_open
    frame = situations.entries(*rows, {"entry_date": date(2025, 12, 1), "extracted_on": DAY})
    return frame, timeline.build(frame, LAW, as_of=DAY)


def test_own_history_with_its_spread():
    frame, built = history_of(took=[*range(301, 331), *range(331, 341)], still_open=0)
    told = timeline.history(frame, built, LAW, DAY)
    assert (told.entries, told.early, told.middle, told.late) == (40, 304, 320, 336)
    mine = timeline.forecasts(frame, built, LAW, as_of=DAY).iloc[-1]
    assert mine["history_middle"].date() == date(2025, 12, 1) + timedelta(days=320)
    assert mine["cycle_on"] == mine["expected_liquidation"]


def test_entries_still_open_count_as_slower_than_any_recorded_one():
    frame, built = history_of(took=range(301, 321), still_open=20)
    told = timeline.history(frame, built, LAW, DAY)
    assert (told.entries, told.early, told.middle, told.late) == (40, 304, 320, None)
    assert timeline.forecasts(frame, built, LAW, as_of=DAY)["history_late"].isna().all()


def test_too_few_entries_are_no_history():
    frame, built = history_of(took=range(301, 330), still_open=0)
    assert timeline.history(frame, built, LAW, DAY) is None
    assert timeline.forecasts(frame, built, LAW, as_of=DAY)["history_middle"].isna().all()
