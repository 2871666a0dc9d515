"""The samples' own calendar against published statement days and pandas' federal holidays."""

from __future__ import annotations

from datetime import date

import pytest
from pandas.tseries.holiday import USFederalHolidayCalendar

from cape_kit.sample import days

#: 15th working day of each month of 2025, from CBP's statement calendar (CSMS 63430997).
STATEMENTS_2025 = {1: 23, 2: 24, 3: 21, 4: 21, 5: 21, 6: 23, 7: 22, 8: 21, 9: 22, 10: 22, 11: 24, 12: 19}


@pytest.mark.parametrize(("month", "day"), STATEMENTS_2025.items())
def test_monthly_statement_days_of_2025(month: int, day: int) -> None:
    before = date(2025, month - 1, 7) if month > 1 else date(2024, 12, 7)
    assert days.working_day_of_next_month(before, 15) == date(2025, month, day)


@pytest.mark.parametrize("year", range(2021, 2031))
def test_federal_holidays(year: int) -> None:
    kept = {day.date() for day in USFederalHolidayCalendar().holidays(f"{year}-01-01", f"{year}-12-31")}
    assert {day for day in days.holidays(year) if day.year == year} == kept


def test_fridays() -> None:
    assert days.on_or_after(date(2025, 12, 15), 4) == date(2025, 12, 19)
    assert days.on_or_after(date(2025, 12, 19), 4) == date(2025, 12, 19)
