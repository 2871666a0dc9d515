"""Which entries hang on a disputed reading, recounted from the sample's own facts."""

from datetime import date

import pytest

from cape_kit.assessment import disagreements
from cape_kit.errors import UnsoundLawbook
from cape_kit.law import book
from cape_kit.law.book import rows, soundness
from tests import samples

DAY = date(2026, 5, 5)


@pytest.fixture(scope="module")
def northgate():
    return samples.assessed("northgate-tools", DAY)


def touched(assessment):
    return disagreements.depending_on_law(assessment).set_index("key")


def test_every_conflict_of_the_book_says_what_it_touches():
    law = book.load()
    assert {one.touches for one in law.conflicts} <= set(rows.TOUCHES)
    assert len(disagreements.LAW_COLUMNS) == 7
    assert set(rows.TOUCHES) == set(disagreements._MEANINGS)


def test_a_word_the_kit_does_not_know_is_no_law():
    law = book.load()
    bad = rows.Conflict("x", "?", (), "a", "b", (), DAY, touches="everything")
    with pytest.raises(UnsoundLawbook, match="x: touches is 'everything'"):
        soundness._touching([*law.conflicts, bad])


def test_what_moves_no_figure_touches_nothing(northgate):
    found = touched(northgate)
    for key in ("dashes", "leading-zero", "guide-number", "interface", "notify-party-box", "file-limit"):
        assert found.at[key, "entries"] == 0 == found.at[key, "principal_cents"]


def test_entries_near_a_disputed_day_are_counted_by_hand(northgate):
    entered = northgate.table["entry_date"].dt.date
    first, last = date(2025, 2, 4), date(2026, 2, 23)
    found = touched(northgate)
    assert found.at["first-day", "entries"] == sum(abs((day - first).days) <= 3 for day in entered.dropna())
    assert found.at["last-day", "entries"] == sum(abs((day - last).days) <= 3 for day in entered.dropna())


def test_the_edge_of_the_cape_window_is_its_last_day_and_the_day_after(northgate):
    liquidated = northgate.table["liquidated_on"].dt.date.dropna()
    edge = [day for day in liquidated if (DAY - day).days in (80, 81)]
    assert touched(northgate).at["day-80", "entries"] == len(edge)


def test_the_most_dollars_stand_first(northgate):
    cents = disagreements.depending_on_law(northgate)["principal_cents"].tolist()
    assert cents == sorted(cents, reverse=True)
