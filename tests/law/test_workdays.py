"""Federal working days against CBP's published statement dates, and against pandas' own calendar."""

from datetime import date, timedelta

import pandas as pd
import pytest
from pandas.tseries.holiday import USFederalHolidayCalendar

from cape_kit.errors import Usage
from cape_kit.law import workdays

#: Published for 2025: day of the month of the 11th and the 15th working day, January to December.
STATEMENTS_2025 = [
    (16, 23), (18, 24), (17, 21), (15, 21), (15, 21), (16, 23),
    (16, 22), (15, 21), (16, 22), (16, 22), (18, 24), (15, 19),
]  # fmt: skip


@pytest.mark.parametrize("month", range(1, 13))
def test_published_statement_days(month):
    preliminary, collected = STATEMENTS_2025[month - 1]
    assert workdays.working_day_of_month(2025, month, 11) == date(2025, month, preliminary)
    assert workdays.working_day_of_month(2025, month, 15) == date(2025, month, collected)


def test_published_statement_days_as_a_column():
    entered = pd.Series(pd.date_range("2024-12-17", periods=12, freq="31D", unit="s"))
    found = workdays.statement_day_of_next_month(entered, 15)
    for day, paid in zip(entered, found, strict=True):
        month = day.month % 12 + 1
        if paid.year == 2025:
            assert paid.day == STATEMENTS_2025[month - 1][1]
            assert paid.month == month


def test_every_entry_day_of_a_month_is_collected_on_one_day():
    january = pd.Series(pd.date_range("2025-01-01", "2025-01-31", unit="s"))
    assert set(workdays.statement_day_of_next_month(january, 15).dt.date) == {date(2025, 2, 24)}


@pytest.mark.parametrize("year", range(2018, 2031))
def test_holidays_are_pandas_own(year):
    expected = USFederalHolidayCalendar().holidays(f"{year}-01-01", f"{year}-12-31")
    found = workdays.holidays(year)
    if year < 2021:
        assert "Juneteenth" not in found.values()
    assert [pd.Timestamp(day) for day in found] == list(expected)


def test_a_new_year_kept_in_the_old_year():
    assert workdays.holidays(2021)[date(2021, 12, 31)] == "New Year's Day"
    assert not workdays.is_working_day(date(2021, 12, 31))


def test_neighbouring_business_days():
    thanksgiving, friday = date(2026, 11, 26), date(2026, 11, 27)
    assert workdays.previous_business_day(friday) == date(2026, 11, 25)
    assert workdays.next_business_day(date(2026, 11, 25)) == friday
    assert workdays.on_or_before(thanksgiving) == date(2026, 11, 25)
    assert workdays.on_or_before(friday) == friday
    assert workdays.on_or_after(date(2026, 11, 22)) == date(2026, 11, 23)
    assert workdays.on_or_after(friday) == friday


def test_columns_agree_with_single_days():
    days = pd.Series(pd.date_range("2024-12-20", "2026-03-10", unit="s"))
    for count in (1, 10):
        shifted = workdays.add_working_days(days, count)
        assert [workdays.add_business_days(day.date(), count) for day in days] == list(shifted.dt.date)
    before = workdays.business_days_on_or_before(days)
    assert [workdays.on_or_before(day.date()) for day in days] == list(before.dt.date)


def test_ten_working_days_counted_on_a_wall_calendar():
    # Entered Monday 2025-12-15: 16 17 18 19 | 22 23 24 (25 Christmas) 26 | 29 30.
    assert workdays.add_business_days(date(2025, 12, 15), 10) == date(2025, 12, 30)


def test_null_and_empty_columns():
    some = pd.Series([pd.Timestamp("2025-03-03"), pd.NaT]).astype("datetime64[s]")
    assert workdays.add_working_days(some, 10).isna().tolist() == [False, True]
    none = pd.Series([], dtype="datetime64[s]")
    assert workdays.statement_day_of_next_month(none, 15).dtype == "datetime64[s]"
    assert workdays.statement_day_of_next_month(pd.Series([pd.NaT]).astype("datetime64[s]"), 15).isna().all()


def test_a_month_has_no_thirtieth_working_day():
    with pytest.raises(Usage, match="no working day number 30"):
        workdays.working_day_of_month(2025, 2, 30)


def test_long_stretches_count_every_working_day_once():
    start = date(2025, 1, 1)
    working = [day for day in (start + timedelta(days=n) for n in range(365)) if workdays.is_working_day(day)]
    assert len(working) == 261 - 11  # weekdays of 2025 less eleven federal holidays
