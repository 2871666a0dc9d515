"""The checklist of two importer numbers, one in order and one not; dollars recounted from the entries."""

import pytest

from cape_kit.views import tables
from tests import samples
from tests.test_house import ROOT


@pytest.fixture(scope="module")
def found():
    sample = ROOT / "data" / "sample" / "cedar-and-flint"
    return samples.assessed(sample.name)


def rows(frame, who):
    return frame[frame["who"].str.contains(who, regex=False)]


def test_open_items_come_first_with_the_money_behind_them(found):
    table = found.table
    mine = table[table["importer_number"].eq("79-330518801")]
    mine = mine[mine["disposition"].isin(("file", "file_deferred"))]
    stake = int(mine["principal_cents"].sum() + mine["interest_cents"].fillna(0).sum())
    here = rows(tables.readiness(found).frame, "(79-330518801)")
    assert here["state"].tolist() == ["OPEN", "OPEN", "to confirm", "done"]
    assert here["cents"].tolist()[:3] == [stake] * 3
    assert here["how"].iloc[0]
    assert here["source"].iloc[0].startswith("Source: ")


def test_a_number_in_order_has_one_thing_to_confirm(found):
    here = rows(tables.readiness(found).frame, "(79-330518800)")
    assert here["state"].tolist() == ["to confirm", "done"]
    assert "ACH refund authorization" in here["item"].iloc[1]
    assert here["cents"].isna().tolist() == [False, True]


def test_a_broker_whose_data_are_missing_is_open(found):
    here = rows(tables.readiness(found).frame, "(9QX)")
    assert here["state"].tolist() == ["OPEN"]
    assert "the files hold 34 entries" in here["how"].iloc[0]


def test_the_checklist_reads_well(found):
    html = tables.readiness(found)._repr_html_()
    assert "nan" not in html.lower().replace("financ", "")
    assert "&lt;NA&gt;" not in html
