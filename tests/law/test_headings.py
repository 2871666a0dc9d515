"""The registry of IEEPA headings: programmes, rates and days typed by hand; errors of public lists."""

import ast
from datetime import date
from pathlib import Path

import pytest

from cape_kit.errors import UnsoundLawbook, Usage
from cape_kit.law import book, headings

LAW = book.load()
LAST = date(2026, 2, 23)

# heading, day, rate: first and last day of each programme's duty, and the days on which a rate changed.
DUTIES = [
    ("9903.01.01", date(2025, 3, 4), "25", "Mexico border"),
    ("9903.01.05", date(2025, 3, 7), "10", "Mexico border"),
    ("9903.01.10", date(2025, 3, 4), "25", "Canada border"),
    ("9903.01.10", date(2025, 7, 31), "25", "Canada border"),
    ("9903.01.10", date(2025, 8, 1), "35", "Canada border"),
    ("9903.01.13", date(2025, 3, 4), "10", "Canada border"),
    ("9903.01.15", date(2025, 3, 7), "10", "Canada border"),
    ("9903.01.16", date(2025, 8, 1), "40", "Canada border"),
    ("9903.01.20", date(2025, 2, 4), "10", "China/HK fentanyl"),
    ("9903.01.20", date(2025, 3, 3), "10", "China/HK fentanyl"),
    ("9903.01.24", date(2025, 3, 4), "20", "China/HK fentanyl"),
    ("9903.01.24", date(2025, 11, 9), "20", "China/HK fentanyl"),
    ("9903.01.24", date(2025, 11, 10), "10", "China/HK fentanyl"),
    ("9903.01.24", LAST, "10", "China/HK fentanyl"),
    ("9903.01.25", date(2025, 4, 5), "10", "Reciprocal baseline"),
    ("9903.01.43", date(2025, 4, 9), "11", "Reciprocal April 2025 list"),
    ("9903.01.76", date(2025, 4, 9), "50", "Reciprocal April 2025 list"),
    ("9903.01.63", date(2025, 4, 9), "84", "Reciprocal China"),
    ("9903.01.63", date(2025, 4, 10), "125", "Reciprocal China"),
    ("9903.01.63", date(2025, 5, 13), "125", "Reciprocal China"),
    ("9903.01.77", date(2025, 8, 6), "40", "Brazil"),
    ("9903.01.84", date(2025, 8, 27), "25", "India (Russian oil)"),
    ("9903.01.84", date(2026, 2, 6), "25", "India (Russian oil)"),
    ("9903.02.01", date(2025, 8, 7), "40", "Reciprocal country rates"),
    ("9903.02.10", date(2025, 8, 7), "25", "Reciprocal country rates"),  # Brunei, not a generic 10%
    ("9903.02.20", date(2025, 8, 7), "15", "Reciprocal country rates"),
    ("9903.02.26", LAST, "25", "Reciprocal country rates"),  # the announced 18% never came
    ("9903.02.30", date(2025, 9, 15), "15", "Reciprocal country rates"),
    ("9903.02.36", date(2025, 11, 13), "15", "Reciprocal country rates"),
    ("9903.02.56", date(2025, 11, 13), "15", "Reciprocal country rates"),
    ("9903.02.58", date(2025, 11, 13), "39", "Reciprocal country rates"),
    ("9903.02.59", LAST, "41", "Reciprocal country rates"),
    ("9903.02.66", LAST, "10", "Reciprocal country rates"),
    ("9903.02.73", date(2025, 8, 7), "15", "Reciprocal country rates"),
    ("9903.02.80", date(2025, 11, 14), "15", "Reciprocal country rates"),
    ("9903.02.83", date(2025, 11, 14), "15", "Reciprocal country rates"),
    ("9903.02.88", date(2025, 11, 14), "15", "Reciprocal country rates"),
]


@pytest.mark.parametrize(("number", "day", "rate", "programme"), DUTIES)
def test_duty_headings(number, day, rate, programme):
    answer = headings.look_up(LAW, number, day)
    assert (answer.is_ieepa, answer.kind, answer.rate_pct) == (True, "duty", rate)
    assert (answer.programme, answer.status) == (programme, "in_force")
    assert answer.source and answer.authority and answer.country


EXCEPTIONS = [
    *(f"9903.01.{n:02d}" for n in (2, 3, 4, 11, 12, 14, 21, 22, 23)),
    *(f"9903.01.{n}" for n in (*range(26, 35), *range(78, 84), *range(85, 91))),
    *(f"9903.02.{n}" for n in (19, 72, *range(74, 80), 81, 82, *range(84, 88), 89, 90, 91)),
    "9903.96.01",
    "9903.96.02",
]


def test_exceptions_are_exactly_these_and_bear_nothing():
    frame = LAW.headings
    assert sorted(frame.loc[frame["kind"] == "exception", "heading"]) == sorted(EXCEPTIONS)
    assert set(frame.loc[frame["kind"] == "exception", "rate_pct"]) == {"0"}
    assert not set(frame.loc[frame["kind"] == "duty", "heading"]) & set(EXCEPTIONS)


def test_the_whole_registry():
    frame = LAW.headings
    assert len(frame) == 171
    assert frame["heading"].nunique() == 168
    assert (frame["first_day"] <= frame["last_day"]).all()
    assert frame["last_day"].max().date() == LAST
    assert (frame["hts8"] == frame["heading"].str.replace(".", "")).all()
    assert sorted(frame.loc[frame["all_in"], "heading"]) == [
        "9903.02.20",
        "9903.02.73",
        "9903.02.80",
        "9903.02.83",
        "9903.02.88",
    ]
    assert set(frame["confidence"]) <= {"high", "medium"}
    assert frame["note"].ne("").sum() >= 107


def test_the_last_day_is_the_23rd_of_february_not_the_judgment():
    assert headings.look_up(LAW, "9903.01.25", date(2026, 2, 20)).kind == "duty"
    assert headings.look_up(LAW, "9903.01.25", LAST).kind == "duty"
    after = headings.look_up(LAW, "9903.01.25", date(2026, 2, 24))
    assert (after.is_ieepa, after.kind, after.rate_pct, after.status) == (True, None, None, "ended")
    assert "2026-02-23" in after.warning


def test_before_its_first_day():
    early = headings.look_up(LAW, "9903.01.24", date(2025, 3, 3))
    assert (early.kind, early.status) == (None, "not_yet")


GAPS = [
    ("9903.02.30", date(2025, 9, 15), "in_force"),  # superseded with effect back, so doubtful from the start
    ("9903.02.56", date(2025, 11, 14), "gap"),
    ("9903.02.58", date(2025, 12, 17), "gap"),
    ("9903.02.36", date(2025, 12, 17), "gap"),
    ("9903.01.77", date(2025, 11, 13), "in_force"),
    ("9903.01.25", date(2025, 11, 20), "in_force"),
    ("9903.02.09", date(2025, 11, 20), "in_force"),
]


@pytest.mark.parametrize(("number", "day", "status"), GAPS)
def test_changes_that_reached_back_are_a_warning_and_no_rejection(number, day, status):
    answer = headings.look_up(LAW, number, day)
    assert (answer.kind, answer.status) == ("duty", status)
    assert "with effect back to" in answer.warning


@pytest.mark.parametrize("number", ["9903.02.58", "9903.02.36"])
def test_after_the_gap_an_old_heading_has_ended(number):
    assert headings.look_up(LAW, number, date(2025, 12, 18)).status == "ended"


def test_gaps_and_registry_agree():
    for gap in LAW.contents.gaps:
        for row in LAW.headings_by_number.get(gap.old.replace(".", ""), ()):
            if row.gap_last_day:
                assert row.gap_last_day == gap.last_day


OTHER_LAWS = {
    "9903.03.01": "Section 122",
    "9903.03.11": "Section 122",
    "9903.05.01": "Section 301 Brazil",
    "9903.05.20": "Section 301 forced labor",
    "9903.88.03": "Section 301 China",
    "9903.91.01": "Section 301",
    "9903.89.05": "Section 301",
    "9903.92.10": "Section 301",
    "9903.80.01": "Section 232 steel",
    "9903.81.87": "Section 232 steel",
    "9903.82.02": "Section 232",
    "9903.85.02": "Section 232 aluminum",
    "9903.94.01": "Section 232 automobiles",
    "9903.74.01": "Section 232",
    "9903.76.01": "Section 232 timber",
    "9903.78.01": "Section 232 copper",
    "9903.79.01": "Section 232 semiconductors",
    "9903.45.25": "Section 201",
}


@pytest.mark.parametrize("number", OTHER_LAWS)
def test_other_laws_are_named_as_not_ieepa(number):
    answer = headings.look_up(LAW, number, date(2026, 3, 1))
    assert (answer.is_ieepa, answer.kind, answer.status) == (False, None, "not_ieepa")
    assert answer.note.startswith("Not IEEPA")
    assert OTHER_LAWS[number] in answer.programme


@pytest.mark.parametrize("number", ["3923900080", "0203.12.9010", "9802.00.80", "9903.96.03", "9904.01.01"])
def test_goods_and_numbers_the_book_does_not_list(number):
    answer = headings.look_up(LAW, number, date(2025, 6, 1))
    assert (answer.is_ieepa, answer.status) == (False, "not_ieepa")


@pytest.mark.parametrize(
    "number", ["9903.01.35", "9903.01.39", "9903.01.42", "9903.01.06", "9903.02.92", "9903.01.2510"]
)
def test_unknown_numbers_of_the_family_are_flagged_never_guessed(number):
    answer = headings.look_up(LAW, number, date(2025, 6, 1))
    assert (answer.is_ieepa, answer.kind, answer.status) == (False, None, "unknown")
    assert "no such heading" in answer.warning


#: Errors printed in public lists, each with what is right: heading, day, kind, rate.
PUBLIC_ERRORS = [
    ("9903.01.04", date(2025, 6, 1), "exception", "0"),  # listed as a 10% duty
    ("9903.01.05", date(2025, 6, 1), "duty", "10"),  # listed as an exception
    ("9903.01.23", date(2025, 2, 20), "exception", "0"),  # listed as a duty
    ("9903.01.34", date(2025, 6, 1), "exception", "0"),  # listed as a duty
    ("9903.01.33", date(2025, 6, 1), "exception", "0"),  # listed as a 50% duty
    ("9903.01.30", date(2025, 6, 1), "exception", "0"),  # taken as a duty in a test file
    ("9903.01.10", date(2025, 7, 1), "duty", "25"),  # 35% listed from 1 July
    ("9903.01.63", date(2025, 4, 9), "duty", "84"),  # 34% listed as collected
    ("9903.01.84", date(2025, 8, 20), None, None),  # listed from 20 August
    ("9903.01.24", date(2025, 2, 4), None, None),  # listed from 4 February
    ("9903.01.25", date(2025, 2, 4), None, None),  # listed from 4 February
]


@pytest.mark.parametrize(("number", "day", "kind", "rate"), PUBLIC_ERRORS)
def test_errors_of_public_lists_are_not_ours(number, day, kind, rate):
    answer = headings.look_up(LAW, number, day)
    assert (answer.kind, answer.rate_pct) == (kind, rate)


def test_april_countries():
    expected = {"9903.01.50": "European Union; Jordan", "9903.01.54": "South Korea", "9903.01.72": "Vietnam"}
    for number, country in expected.items():
        assert headings.look_up(LAW, number, date(2025, 4, 9)).country == country
        assert headings.look_up(LAW, number, date(2025, 4, 10)).kind is None


@pytest.mark.parametrize(
    "written",
    ["9903.01.24", "99030124", "9903012400", "9903.01.24.00", 99030124, 99030124.0, "99030124.0",
     " 9903 01 24 ", '="99030124"', "'99030124", "9903-01-24"],
)  # fmt: skip
def test_however_it_is_written(written):
    assert headings.normalise(written) == "99030124"
    assert headings.look_up(LAW, written, date(2025, 4, 1)).kind == "duty"


def test_goods_of_the_first_chapters_get_their_zero_back():
    assert headings.normalise(203129010) == "0203129010"
    assert headings.normalise("2031290") == "02031290"


@pytest.mark.parametrize(
    "written",
    ["9903", "", "abc", "9903.01", "99030124001", "9.9030124E7", 9903.012, float("nan"), "٩٩٠٣٠١٢٤"],
)
def test_malformed_numbers(written):
    with pytest.raises(Usage, match="is not a tariff number; write eight digits"):
        headings.normalise(written)


def test_nothing_matches_by_prefix():
    tree = ast.parse(Path(headings.__file__).read_text("utf-8"))
    told = [node.value for node in ast.walk(tree) if isinstance(node, ast.Constant)]
    assert not [text for text in told if isinstance(text, str) and text.startswith("9903")]


def test_every_country_of_the_registry_has_its_codes():
    for row in LAW.contents.headings:
        codes = headings.origins(LAW, row.country)
        assert codes is None or all(len(code) == 2 and code.isupper() for code in codes), row.heading


# Pairs written by hand: what the registry calls an origin, a code it covers, a code it does not.
ORIGINS = [
    ("China; Hong Kong", {"CN", "HK"}, "MO"),
    ("China; Hong Kong; Macau", {"CN", "HK", "MO"}, "TW"),
    ("European Union", {"DE", "FR", "IE", "HR", "GR", "CY"}, "GB"),
    ("European Union; Jordan", {"DE", "JO"}, "CH"),
    ("Canada", {"CA", "XC"}, "MX"),
    ("Myanmar (Burma); Sri Lanka", {"MM", "LK"}, "LA"),
    ("South Korea", {"KR"}, "KP"),
]


@pytest.mark.parametrize(("country", "covered", "not_covered"), ORIGINS)
def test_origins_of_a_heading(country, covered, not_covered):
    codes = headings.origins(LAW, country)
    assert covered <= codes
    assert not_covered not in codes


def test_the_union_has_27_members_and_the_baseline_any_origin():
    assert len(headings.origins(LAW, "European Union")) == 27
    assert headings.origins(LAW, "All") is None
    assert headings.origins(LAW, LAW.headings_by_number["99030125"][0].country) is None
    with pytest.raises(UnsoundLawbook, match="Atlantis"):
        headings.origins(LAW, "China; Atlantis")
