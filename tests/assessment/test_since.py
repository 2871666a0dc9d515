"""What changed between two days, and whether time or the law did it."""

from datetime import date
from functools import cache
from pathlib import Path

import pytest

import cape_kit
from cape_kit.assessment import since
from cape_kit.errors import Usage
from cape_kit.law import book
from tests import samples

SAMPLES = Path(__file__).parents[2] / "data" / "sample"
LAW = book.load()


@cache
def found(client="harbor-lane", first=date(2026, 5, 5), until="2026-07-10"):
    portfolio = samples.opened(client)
    return since.changes(cape_kit.assess(portfolio, as_of=until), first)


def test_the_table_is_the_difference_of_the_two_assessments():
    told = found()
    was, now = told.before.questions.days, told.after.questions.days
    moved = was["disposition"] != now["disposition"]
    assert told.table["entry_number"].tolist() == was.loc[moved, "entry_number"].tolist()
    assert told.summary["entries"].sum() == len(told.table) > 0


def test_every_change_has_its_cause():
    table = found().table
    # of two entries refused by a check that ended, one could no longer have been corrected without that end
    refused = table.set_index("entry_number").loc[["HK712296514", "HK726867474"]]
    assert refused["why"].tolist() == [since.LAW, since.BOTH]
    assert set(refused["what"]) == {"Entry validations changed, from Jun 25, 2026."}
    table = table[~table["entry_number"].isin(refused.index)]
    assert set(table["why"]) == {since.TIME, since.LAW}
    assert (table["what"] != "").all()
    # windows close by time; the phase and the warehouse types are law
    shut = table[table["before"].isin(["file", "cure"]) & (table["after"] == "protest")]
    assert set(shut["why"]) == {since.TIME}
    assert shut["what"].str.startswith("The CAPE window closed on ").all()
    warehouse = table[table["before"] == "file_deferred"]
    assert set(warehouse["why"]) == {since.LAW}
    assert warehouse["what"].str.fullmatch("Warehouse types 21 and 22 held back, from Jul 7, 2026.").all()
    phase = table[(table["before"] == "held") & (table["after"] == "file")]
    assert phase["what"].str.fullmatch("Phase 2: flagged for reconciliation, from Jun 29, 2026.").all()


def test_the_end_of_the_time_for_a_correction_is_told():
    """Entered on 27 August 2025, due to liquidate on 10 July 2026: a correction was possible until 25 June.

    314 days later is 7 July, the Friday after it the 10th; 15 days before that is 25 June, 300 days after
    entry 23 June, which comes first.
    """
    told = found(first=date(2026, 6, 23), until="2026-06-24").table.set_index("entry_number")
    row = told.loc["HK724491772"]
    assert (row["before"], row["after"], row["why"]) == ("cure", "held", since.TIME)
    assert row["what"] == "The time for a post summary correction has passed."


def test_nothing_of_the_law_changes_between_two_days_of_one_phase():
    assert set(found(first=date(2026, 4, 20), until="2026-05-05").table["why"]) <= {since.TIME}


def test_the_days_must_be_in_order():
    with pytest.raises(Usage, match="is not before"):
        found(first=date(2026, 7, 10))


def test_the_law_as_it_stood_goes_on_for_good():
    stood = since.as_it_stood(LAW, date(2026, 5, 5))
    on = date(2026, 11, 22)
    assert stood.value("types.excluded", on).value == LAW.value("types.excluded", date(2026, 5, 5)).value
    assert {rule.code for rule in stood.validations(on)} == {
        rule.code for rule in LAW.validations(date(2026, 5, 5))
    }
    assert stood.version != LAW.version
