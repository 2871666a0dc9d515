"""CBP's two error tables, word for word, typed here again from the tables of 7 July 2026."""

from datetime import date

import pytest

from cape_kit.entries import schema
from cape_kit.law import book

LAW = book.load()

FILE = {
    "F01": "CSV content is empty or missing the header",
    "F02": "Not a CSV file",
    "F03": "The file size exceeds 1mb. Please split the data into smaller files before reuploading",
    "F04": "The file is deemed unsafe. Please correct the file data before reuploading",
    "F05": "The file exceeds the maximum 10,000 allowed entry numbers per file",
    "F06": "Filer Code not matching",
    "F07": "Duplicate Entry",
    "F08": "Not 11 characters long",
    "F09": "Account Mismatch",
    "F10": "Entry Summary Not Found or Archived in ACE",
}
ENTRY = {
    "E01": "Entry on Drawback",
    "E02": "Recon Already Filed for Entry Summary",
    "E03": "Entry Summary is Cancelled/Rejected",
    "E04": "Entry Summary is in Final Liquidation Status",
    "E05": "Entry Summary is in Trade Control",
    "E06": "Entry Summary is Subject to Court Injunction",
    "E07": "Entry Summary Not Found or Archived in Ace",
    "E08": "Entry Summary Pending Liquidation or Not Liquidated and Has Suspension Record",
    "E09": "Entry Summary Under Review",
    "E10": "Entry Type Not Allowed",
    "E11": "Value Not Allowed on HTS",
    "E12": "No IEEPA HTS on Entry",
    "E13": "Protest on Entry",
    "E14": "Statement Processing Not Complete",
    "E15": "Invalid HTS",
    "E16": "HTS Relationship Mismatch",
    "E17": "Unable to Calculate Duty-'X' Duty Comp Code",
    "E18": "Unexpected Error-try Again",
    "E19": "SPI or Additional HTS Required",
}
ELSEWHERE = {f"E{number}" for number in range(20, 28)}
#: The facts without which there is no answer; every other fact missing is a caveat.
DECIDING = {"E04", "E10", "E12", "E24"}
ALL = LAW.contents.validations


def test_both_tables_verbatim_and_in_order():
    on = date(2026, 7, 7)
    assert [(one.code, one.official_text) for one in LAW.file_checks(on)] == list(FILE.items())
    entry = [(one.code, one.official_text) for one in LAW.validations(on) if one.code not in ELSEWHERE]
    assert entry == list(ENTRY.items())


def test_codes_are_unique_and_known():
    codes = [one.code for one in ALL]
    assert len(codes) == len(set(codes))
    assert set(codes) == set(FILE) | set(ENTRY) | ELSEWHERE


@pytest.mark.parametrize(
    ("day", "present", "absent"),
    [
        (date(2026, 4, 20), {"E20", "E25", "E26"}, {"E15", "E16", "E27"}),
        (date(2026, 6, 24), {"E20", "E25", "E26"}, {"E15", "E16", "E27"}),
        (date(2026, 6, 25), {"E15", "E16", "E20"}, {"E25", "E26", "E27"}),
        (date(2026, 6, 28), {"E15", "E16", "E20"}, {"E25", "E26", "E27"}),
        (date(2026, 6, 29), {"E15", "E16", "E27"}, {"E20", "E25", "E26"}),
    ],
)
def test_checks_by_day(day, present, absent):
    codes = {one.code for one in LAW.validations(day)}
    assert present <= codes
    assert not absent & codes


def test_what_a_missing_fact_does():
    assert {one.code for one in ALL if one.missing == "undetermined"} == DECIDING
    assert all(one.missing in {"undetermined", "caveat"} for one in ALL)


def test_needs_are_declared_columns():
    known = {*schema.names("entries"), "tariff_lines"}
    for one in ALL:
        assert set(one.needs) <= known, one.code


@pytest.mark.parametrize("check", ALL, ids=[one.code for one in ALL])
def test_every_check_tells_what_a_person_needs(check):
    assert check.title and check.meaning and check.cure and check.settles
    assert check.known_from <= check.first_day or check.code in {"E17", "E18", "E19", "E25", "E26"}
    assert LAW.cite(check.source)


def test_the_texts_do_not_lean_on_an_official_line_where_there_is_none():
    silent = {one.code for one in ALL if not one.official_text}
    assert silent == {"E21", "E22", "E23", "E24", "E25", "E27"}
