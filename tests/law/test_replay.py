"""The law as it was known on an earlier day: news not yet public is not there, ends not yet told are open."""

from datetime import date, timedelta

import pytest

from cape_kit.errors import NoLawInForce
from cape_kit.law import book

#: The day of the committed samples, between go-live and Phase 2.
MAY = book.load(known_on=date(2026, 5, 5))
ALL = book.load()


def test_the_same_day_is_the_same_law():
    assert book.load(known_on=date(2026, 5, 5)) is book.load(known_on=date(2026, 5, 5))
    assert MAY.version == ALL.version
    assert MAY.known_on == date(2026, 5, 5)


def test_in_may_nobody_knew_of_the_warehouse_change():
    july = date(2026, 7, 10)
    assert "21" not in MAY.value("types.excluded", july).value
    assert MAY.value("types.excluded", july).last_day is None
    assert "21" in ALL.value("types.excluded", july).value


def test_phase_2_is_known_from_its_announcement():
    day = date(2026, 6, 29)
    assert book.load(known_on=date(2026, 6, 22)).value("types.recon_allowed", day).value == ()
    assert book.load(known_on=date(2026, 6, 23)).value("types.recon_allowed", day).value == ("01", "02", "06")


def test_checks_as_known_in_may():
    july = {one.code for one in MAY.validations(date(2026, 7, 10))}
    assert {"E20", "E25", "E26"} <= july
    assert not {"E15", "E16", "E27"} & july


def test_headings_as_known_before_a_change_that_reached_back():
    before = book.load(known_on=date(2025, 9, 15))
    numbers = set(before.headings["heading"])
    assert "9903.02.73" not in numbers
    old = before.headings.query("heading == '9903.02.30'").iloc[0]
    assert str(old["last_day"]) == "NaT"
    assert ALL.headings.query("heading == '9903.02.30'")["last_day"].iloc[0].date() == date(2025, 9, 15)


def test_rates_as_known_in_may():
    published = MAY.rates[MAY.rates["status"] == "published"]
    assert published["last_day"].max().date() == date(2026, 6, 30)
    pending = MAY.contents.rates[-1]
    assert (pending.first_day, pending.last_day) == (date(2026, 7, 1), date(2026, 9, 30))


@pytest.mark.parametrize(
    ("key", "first_public"),
    [
        ("window.cape", date(2026, 4, 13)),
        ("programme.first_day", date(2026, 4, 10)),
        ("collection.last_day", date(2026, 2, 20)),
    ],
)
def test_before_it_was_public_there_is_no_value(key, first_public):
    on = date(2026, 5, 5)
    assert book.load(known_on=first_public).value(key, on)
    with pytest.raises(NoLawInForce, match="none of it was public"):
        book.load(known_on=first_public - timedelta(days=1)).value(key, on)


def test_no_replay_overlaps_or_gaps():
    days = {value.known_from for series in ALL.contents.series.values() for value in series.values}
    days |= {row.known_from for row in ALL.contents.headings}
    for known_on in sorted(days):
        law = book.load(known_on)
        for series in law.contents.series.values():
            for before, after in zip(series.values, series.values[1:], strict=False):
                assert before.last_day + timedelta(days=1) == after.first_day, (series.key, known_on)


def test_phase_3_was_not_even_pending_in_may():
    assert "phase.3" not in {one.key for one in MAY.pending}
    assert "phase.3" in {one.key for one in ALL.pending}
