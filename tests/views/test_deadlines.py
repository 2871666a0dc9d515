"""The calendar parsed back by its own library; expected figures by hand from the six entries."""

from dataclasses import replace
from datetime import date, timedelta

import icalendar
import pandas as pd
import pytest

from cape_kit.views import deadlines
from tests.views import made_up


@pytest.fixture
def events(six, tmp_path):
    path = deadlines.write(six, tmp_path / "deadlines.ics")
    return icalendar.Calendar.from_ical(path.read_bytes()).walk("VEVENT")


def test_days_by_window_and_importer(events):
    told = {
        (event["dtstart"].dt, str(event["categories"].cats[0])): str(event["summary"]) for event in events
    }
    assert sorted(told) == [
        (date(2026, 5, 25), "CAPE"),
        (date(2026, 7, 1), "Protest"),
        (date(2026, 8, 24), "CAPE"),
    ]
    assert told[date(2026, 5, 25), "CAPE"].endswith("2 entries, $1,400")
    assert "if liquidated as expected" in told[date(2026, 8, 24), "CAPE"]
    assert "Harbor Lane Trading (12-345678900)" in told[date(2026, 7, 1), "Protest"]


def test_days_are_whole_days_with_reminders_before(events):
    for event in events:
        assert event["dtend"].dt - event["dtstart"].dt == timedelta(days=1)
        triggers = [alarm["trigger"].dt for alarm in event.walk("VALARM")]
        assert len(triggers) == len(deadlines.REMINDERS)
        assert all(trigger < timedelta(0) for trigger in triggers)


def test_a_later_file_updates_and_does_not_double(six):
    """Entry B liquidates as expected and one more entry joins its day: the events keep their names."""
    before = {str(e["uid"]): e for e in deadlines.calendar(six).walk("VEVENT")}
    six.as_of = six.filing_date = date(2026, 6, 10)
    del six._answers  # a real assessment is frozen, and another day's is another one
    six.table.loc[six.table["entry_number"] == "B", "next_deadline_what"] = "last day for CAPE"
    names = ["next_deadline", "next_deadline_what", "disposition"]
    joined = [pd.Timestamp("2026-08-24"), "last day for CAPE", "cure"]
    six.table.loc[six.table["entry_number"] == "D", names] = joined
    after = {str(e["uid"]): e for e in deadlines.calendar(six).walk("VEVENT")}
    assert set(after) < set(before)
    (uid,) = after
    assert after[uid]["sequence"] > before[uid]["sequence"]
    assert str(after[uid]["summary"]).endswith("2 entries, $2,300")


def test_names_are_unique_where_a_recorded_and_a_forecast_day_meet(six):
    six.table["next_deadline"] = six.table["next_deadline"].where(
        six.table["entry_number"] != "B", pd.Timestamp("2026-05-25")
    )
    events = deadlines.calendar(six).walk("VEVENT")
    assert len({str(event["uid"]) for event in events}) == len(events) == 2
    assert any("For 1 entry the liquidation is a forecast" in str(event["description"]) for event in events)


def test_a_personal_number_is_masked(six):
    six.table["importer_number"] = "123-45-6789"
    six.client = replace(six.client, name="Tax 123-45-6789 Inc.")
    text = deadlines.calendar(six).to_ical().decode().replace("\r\n ", "")
    assert "123-45" not in text
    assert "***-**-6789" in text


def test_duty_that_is_not_known_is_no_zero(six):
    six.table["principal_cents"] = six.table["principal_cents"].mask(six.table["entry_number"].eq("D"))
    told = {str(e["summary"]): str(e["description"]) for e in deadlines.calendar(six).walk("VEVENT")}
    (unknown,) = [summary for summary in told if summary.endswith("1 entry, IEEPA duty not known")]
    assert told[unknown].split("\n")[0].endswith("; IEEPA duty not known.")
    assert not any("$0" in text for text in told.values())


def test_a_weekend_is_said(six):
    six.table.loc[six.table["entry_number"] == "D", "next_deadline"] = pd.Timestamp("2026-07-04")
    texts = [str(event["description"]) for event in deadlines.calendar(six).walk("VEVENT")]
    assert sum("This is a Saturday" in text for text in texts) == 1


def test_same_bytes_and_no_time_but_the_day(six, tmp_path):
    one, two = deadlines.write(six, tmp_path / "1.ics"), deadlines.write(six, tmp_path / "2.ics")
    assert one.read_bytes() == two.read_bytes()
    assert {e["dtstamp"].dt.date() for e in deadlines.calendar(six).walk("VEVENT")} == {made_up.AS_OF}


def test_nothing_left_to_do_is_an_empty_calendar(six):
    six.filing_date = date(2027, 12, 1)
    assert deadlines.calendar(six).walk("VEVENT") == []
