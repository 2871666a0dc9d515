from datetime import date

import pandas as pd
import pytest

from cape_kit.views import words


@pytest.mark.parametrize(
    ("cents", "text"),
    [
        (0, "$0"),
        (123_45, "$123"),
        (9_499_99, "$9,500"),
        (10_000_00, "$10K"),
        (12_340_00, "$12.3K"),
        (412_300_00, "$412K"),
        (999_400_00, "$999K"),
        (999_950_00, "$1M"),
        (1_234_567_00, "$1.23M"),
        (12_345_678_00, "$12.3M"),
        (166_000_000_000_00, "$166B"),
        (-12_340_00, "-$12.3K"),
        (pd.NA, "–"),
    ],
)
def test_short_amounts_read_as_people_write_them(cents, text):
    assert words.short_dollars(cents) == text


def test_long_amounts_are_whole_dollars():
    assert words.dollars(1_234_567_50) == "$1,234,568"
    assert words.dollars(pd.NA) == "–"


def test_days():
    assert words.day(date(2026, 5, 5)) == "May 5, 2026"
    assert words.day(pd.Timestamp("2026-09-02"), long=True) == "September 2, 2026"
    assert words.day(pd.NaT) == "–"
    assert words.short_day(date(2026, 12, 31)) == "Dec 31"


@pytest.mark.parametrize(
    ("days", "text"), [(0, "today"), (1, "in 1 day"), (12, "in 12 days"), (-3, "3 days ago")]
)
def test_days_left(days, text):
    assert words.days_left(days) == text


def test_counts_agree_with_their_noun():
    assert words.entries(1) == "1 entry"
    assert words.entries(1204) == "1,204 entries"
    assert words.count(2, "row") == "2 rows"
    assert words.count(7) == "7"


def test_days_until_a_day():
    assert words.until(pd.Timestamp("2026-05-25"), date(2026, 5, 5)) == 20
    assert words.until(pd.NaT, date(2026, 5, 5)) is pd.NA


@pytest.mark.parametrize(
    ("told", "shown"),
    [
        ("last day", "Last day"),
        ("facts.csv says", "facts.csv says"),
        ("a_column of", "a_column of"),
        (None, ""),
    ],
)
def test_a_sentence_begins_with_a_capital_but_a_name_stays(told, shown):
    assert words.sentence(told) == shown
