"""The first page's to-do list, recounted from the entries of a client with two importers."""

import pandas as pd
import pytest

from cape_kit.views import tables, words
from tests import samples
from tests.views.made_up import AS_OF


@pytest.fixture(scope="module")
def found():
    return samples.assessed("cedar-and-flint", AS_OF)


def told(entries):
    return f"{words.entries(len(entries))}, {words.dollars(entries['principal_cents'].sum())}"


def test_every_order_has_its_entries_its_dollars_and_its_first_day(found):
    table, steps = found.table, tables.first_steps(found).words
    ahead = table["next_deadline"].ge(pd.Timestamp(AS_OF)).fillna(False)
    orders = {
        "File on CAPE": ("file", "file_deferred"),
        "Protest": ("protest",),
        "Cure, then file": ("cure",),
    }
    for order, keys in orders.items():
        mine = table[table["disposition"].isin(keys)]
        mine = mine[ahead[mine.index]] if order == "Protest" else mine
        day = mine.loc[ahead, "next_deadline"].min()
        last = mine[mine["next_deadline"].eq(day).fillna(False)]
        assert f"{order} by {words.day(day)}: {told(mine)}" in steps
        assert (
            f"; for {len(last)} of them, {words.dollars(last['principal_cents'].sum())}, that is the last day"
            in steps
        )


def test_what_is_unknown_stands_first_then_the_soonest_day_and_last_what_has_none(found):
    steps = tables.first_steps(found).words
    places = [steps.index(head) for head in ("Find the missing data now:", "File on CAPE by", "Protest by")]
    assert places == sorted(places)
    assert steps.index("Complete for") > places[-1]


def test_what_is_not_in_place_is_told_once_for_each_importer(found):
    steps = tables.first_steps(found).words
    assert steps.count("Cedar & Flint Contract Division") == 1
    open_items = tables.readiness(found).frame
    mine = open_items[open_items["who"].str.contains("79-330518801") & open_items["state"].eq("OPEN")]
    assert all(item in steps for item in mine["item"])
    assert f"{words.dollars(mine['cents'].max())} depends on it." in steps


def test_a_declaration_is_planned_five_days_before_its_window_ends(found):
    # Day 75 of the 80: what CBP refuses on the last day can't be sent again.
    assert "File on CAPE by May 11, 2026" in tables.first_steps(found).words
    assert "Plan to file on May 6, 2026, so that" in tables.first_steps(found).words
