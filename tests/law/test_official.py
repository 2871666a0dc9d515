"""Every official error text is understood however it is written, and nothing else is guessed at."""

from datetime import date

import pytest

from cape_kit.errors import UnsoundLawbook
from cape_kit.law import book, official
from cape_kit.law.book import Check
from tests.law.test_official_texts import ENTRY

LAW = book.load()
#: CBP's table of 7 July 2026, the April text it dropped, and the text it split.
OFFICIAL = ENTRY | {
    "E20": "Entry Summary Flagged for Recon",
    "E26": "HTS RELATIONSHIP/SEQUENCE MISMATCH",
}


@pytest.mark.parametrize("shape", [str, str.upper, str.lower, lambda t: f"  {t.replace(' ', '  ')}. "])
@pytest.mark.parametrize("code", OFFICIAL)
def test_every_official_text_is_understood_however_it_is_written(code, shape):
    found = official.understand(shape(OFFICIAL[code]), LAW)
    assert (found.codes, found.known) == (code, True)


@pytest.mark.parametrize(
    ("text", "codes"),
    [
        ("UNABLE TO CALCULATE DUTY", "E17"),
        ("Unable to Calculate Duty-'7' Duty Comp Code", "E17"),
        ("PROTEST ON ENTRY; INVALID HTS", "E13, E15"),
        ("Protest on Entry|HTS Relationship Mismatch", "E13, E16"),
        ("HTS RELATIONSHIP/SEQUENCE MISMATCH, PROTEST ON ENTRY", "E13, E26"),
    ],
)
def test_texts_as_they_come(text, codes):
    found = official.understand(text, LAW)
    assert found.codes == codes and found.known


@pytest.mark.parametrize("text", ["JMS Processing Exception", "Goods value must be on chapters 1-97", ""])
def test_a_text_not_in_the_tables_is_not_guessed_at(text):
    found = official.understand(text, LAW)
    assert found.codes == "" and not found.known


def test_a_known_text_with_something_more_is_not_wholly_known():
    found = official.understand("PROTEST ON ENTRY, JMS PROCESSING EXCEPTION", LAW)
    assert found.codes == "E13" and found.rest == "jms processing exception"


def test_a_text_nobody_knew_yet_is_unknown_in_a_replay():
    assert official.understand("Invalid HTS", book.load(known_on=date(2026, 6, 1))).codes == ""


def test_the_checks_with_a_name_are_those_of_the_book():
    assert sorted(Check) == sorted(check.code for check in LAW.contents.validations)
    assert len({check.name for check in Check}) == 37


#: A check's first and last day as CBP's texts have them, and whether it is in force on a day.
STANDS = [
    (Check.HEADING_OUT_OF_DATES, date(2026, 6, 24), False),
    (Check.HEADING_OUT_OF_DATES, date(2026, 6, 25), True),
    (Check.FLAGGED_FOR_RECONCILIATION, date(2026, 6, 28), True),
    (Check.FLAGGED_FOR_RECONCILIATION, date(2026, 6, 29), False),
    (Check.FINAL_LIQUIDATION, date(2026, 4, 19), False),
    (Check.FINAL_LIQUIDATION, date(2026, 4, 20), True),
]


@pytest.mark.parametrize(("check", "day", "stands"), STANDS)
def test_how_a_check_stands_is_said(check, day, stands):
    found = LAW.check(check, day)
    assert (found.in_force, found.code, found.check.code) == (stands, check, check)


def test_a_check_not_public_yet_is_not_in_force():
    found = book.load(known_on=date(2026, 5, 5)).check(Check.PARTNER_MISSING, date(2026, 7, 10))
    assert (found.in_force, found.check) == (False, None)


def test_a_code_nobody_knows_is_an_error():
    with pytest.raises(UnsoundLawbook, match="E99"):
        LAW.check("E99", date(2026, 7, 10))
