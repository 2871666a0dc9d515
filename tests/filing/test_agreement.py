"""What the assessment says of a refused entry, and what becomes of it on a declaration, are one judgement."""

from datetime import date
from itertools import product
from pathlib import Path

import pytest

from cape_kit.assessment import decisions
from cape_kit.filing import claims, declaration
from cape_kit.filing.declaration import Choice
from tests import samples
from tests.filing.world import assessed
from tests.numbers import numbered

DATA = Path(__file__).parents[2] / "data"
FOLDERS = sorted(path.parent for path in DATA.glob("sample*/*/client.toml"))
DAYS = ["2026-04-20", "2026-05-05", "2026-06-29", "2026-07-10", "2026-11-22"]
ERRORS = [
    *("PROTEST ON ENTRY", "INVALID HTS", "HTS RELATIONSHIP/SEQUENCE MISMATCH", "Entry on Drawback"),
    *("Unable to Calculate Duty", "Unexpected Error-try Again", "Protest on Entry; Invalid HTS", None),
    *("Protest on Entry; Entry on Drawback", "JMS Processing Exception", "Protest on Entry, JMS Exception"),
]
CHANGES = [
    {},
    {"extracted_on": date(2026, 5, 1)},
    {"extracted_on": date(2026, 5, 20), "psc_flag": True},
    {"extracted_on": date(2026, 5, 20), "protest_status": "OP"},
    {"liquidation_status": "Liquidated", "liquidation_date": date(2026, 4, 24)},
    {"liquidation_status": "Extended"},
]


def agree(found):
    """Everything the two rooms say of the refused entries of an assessment fits together."""
    answers = claims.results(found).set_index("entry_number")
    table = found.table.set_index("entry_number")["disposition"]
    view = found.questions
    numbers = found.table["entry_number"]
    uncured, cured = set(numbers[view.refused_uncured]), set(numbers[view.refused_cured])
    failed = answers[answers["state"] == "failed"]
    assert cured == set(failed.index[failed["corrected"]]) & set(numbers)
    assert uncured <= set(failed.index[~failed["corrected"]])
    assert not table[list(uncured)].isin(decisions.TO_FILE).any()
    left = declaration.left_out(found).set_index("entry_number")
    assert uncured <= set(left.index)
    but_refused = set(numbers[decisions.kept_by_refusal(view)])
    told = left.index[(left["kind"] == "not cured") & ~left["disposition"].isin(decisions.TO_FILE)]
    assert set(told) == but_refused <= uncured
    insisted = declaration.chosen(found, choice=Choice(refused_too=True))["entry_number"]
    assert but_refused <= set(insisted)
    # What stays `file` and is left out is nothing the client could cure, or nobody knows what it is.
    rest = failed.loc[left.index[(left["kind"] == "not cured") & left["disposition"].isin(decisions.TO_FILE)]]
    assert not (rest["client_can"].eq(True) & rest["codes"].ne("") & rest["evidence"].eq("")).any()
    return but_refused


@pytest.mark.parametrize("day", DAYS)
@pytest.mark.parametrize("folder", FOLDERS, ids=[folder.name for folder in FOLDERS])
def test_sample_clients(folder, day):
    agree(samples.assessed(folder.name, date.fromisoformat(day)))


def test_the_refused_entries_of_the_samples():
    """One check ended on 24 June 2026; a protest and an uncomputable duty are the client's to cure."""
    assert agree(samples.assessed("harbor-lane")) == {"HK712296514", "HK726867474"}
    assert agree(samples.assessed("harbor-lane", date(2026, 7, 10))) == set()
    told = agree(samples.assessed("quarry-and-pine", date(2026, 7, 10)))
    assert told == {"QP413721934", "QP413880318", "QP414355450", "QP414909785"}


@pytest.mark.parametrize("on", [date(2026, 5, 20), date(2026, 7, 10)])
def test_every_refusal_in_every_situation(on):
    pairs = list(product(ERRORS, CHANGES))
    rows = [(numbered("B76", n), "100000241223", "Failed", error) for n, (error, _) in enumerate(pairs)]
    but_refused = agree(assessed(*(changed for _, changed in pairs), on=on, claims=rows))
    assert 0 < len(but_refused) < len(pairs)


def test_an_entry_taken_on_a_later_claim_is_not_refused():
    number = numbered("B76", 0)
    rows = [(number, "100000241223", "Failed", "Invalid HTS")]
    rows += [(number, "100000241999", "Entry Summary Updated", None)]
    found = assessed({}, claims=rows, on=date(2026, 7, 10))
    assert not found.questions.refused_uncured.any() and not found.questions.refused.any()
