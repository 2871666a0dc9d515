"""A short run of hostile inputs with every test run; `make fuzz` goes on for as long as one likes."""

import time

from tests.fuzz import mutations, starts, supervising
from tests.fuzz.cases import TARGETS, Case, cases
from tests.fuzz.checking import sentence

#: Enough of each to see that the way from bytes to a sentence is whole; the long runs find what is rare.
SEED, COUNT = 20, 60


def test_a_case_is_its_id():
    for case in cases(12, 5):
        assert Case.from_id(case.id).files() == case.files()
    assert {case.target for case in cases(200, 5)} == set(TARGETS)


def test_a_case_is_its_id_at_another_moment():
    """Workbooks and archives bear the moment they were made, and an archive's clock moves by two seconds."""
    rows = [["Entry Number"], ["B7603245278"]]
    first = starts.as_workbook(rows), mutations.archive_of(None, b"x")
    time.sleep(2.1)
    assert (starts.as_workbook(rows), mutations.archive_of(None, b"x")) == first


def test_what_is_no_sentence_for_a_person():
    assert list(sentence("a.csv: the file is empty")) == []
    for bad in (
        "",
        "a\nb",
        "x" * 4000,
        "Traceback (most recent call last)",
        "<Thing object at 0x7f00aa00bb00>",
    ):
        assert list(sentence(bad))


def test_a_short_run_has_no_fault():
    chosen = [case for case in cases(COUNT, SEED) if case.target in ("reader", "settings")]
    outcomes = list(supervising.run(chosen))
    assert len(outcomes) == len(chosen)
    assert not [f"{one.case}: {fault}" for one in outcomes for fault in one.faults]
