"""Every official error text is understood however it is written, and nothing else is guessed at."""

from datetime import date

import pytest

from cape_kit.law import book, official
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
