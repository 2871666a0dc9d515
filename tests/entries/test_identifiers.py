"""Entry numbers against published examples and a recount; importer and HTS numbers by shape."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cape_kit.entries import identifiers
from tests.numbers import numbered

#: The CATAIR's own example and two of a public broker system's tests.
PUBLISHED = ["B76-0324527-8", "316-2509314-6", "316-0000504-0"]
FILERS = st.from_regex(r"[0-9A-Z]{3}", fullmatch=True)


@pytest.mark.parametrize("number", PUBLISHED)
def test_published_examples(number):
    bare = number.replace("-", "")
    assert identifiers.check_digit(bare[:-1]) == bare[-1]
    assert identifiers.normalise_entry_number(number) == identifiers.EntryNumber(number, bare, True, None)


@pytest.mark.parametrize("number", PUBLISHED)
def test_any_digit_changed_is_found_out(number):
    bare = number.replace("-", "")
    for place in range(3, 11):
        changed = bare[:place] + str((int(bare[place]) + 1) % 10) + bare[place + 1 :]
        assert not identifiers.normalise_entry_number(changed).valid


def test_the_common_placeholder_is_wrong():
    found = identifiers.normalise_entry_number("ABC-1234567-8")
    assert not found.valid
    assert found.normalised == "ABC12345678"
    assert "should be 6" in found.problem


@given(FILERS, st.integers(0, 9_999_999))
def test_recount(filer, serial):
    number = numbered(filer, serial)
    assert identifiers.check_digit(number[:-1]) == number[-1]
    assert identifiers.check_digits_agree([number]).all()


@given(st.lists(st.tuples(FILERS, st.integers(0, 99_999_999)), max_size=30))
def test_the_column_agrees_with_the_single(numbers):
    numbers = [f"{filer}{tail:08d}" for filer, tail in numbers]
    single = [identifiers.normalise_entry_number(number).valid for number in numbers]
    assert identifiers.check_digits_agree(numbers).tolist() == single


@pytest.mark.parametrize(
    ("written", "normalised", "valid", "says"),
    [
        ('="31625093146"', "31625093146", True, None),
        ("'31625093146", "31625093146", True, None),
        (" b76 0324527 8 ", "B7603245278", True, None),
        ("B76–0324527–8", "B7603245278", True, None),
        ("31625093146.0", "31625093146", True, None),
        ("1600005043", "01600005043", True, "restored"),
        ("1600005044", None, False, "does not agree"),
        ("3.16E+10", None, False, "digits are lost"),
        ("3.1625093146E10", None, False, "digits are lost"),
        ("316250931460", None, False, "12 characters"),
        ("316-25093-X46", None, False, "filer code"),
        ("", None, False, "empty"),
        ("３1625093146", None, False, "filer code"),
    ],
)
def test_as_people_write_them(written, normalised, valid, says):
    found = identifiers.normalise_entry_number(written)
    assert (found.normalised, found.valid) == (normalised, valid)
    assert says in found.problem if says else found.problem is None


def test_two_lost_zeros():
    number = numbered("001", 234567)
    assert identifiers.normalise_entry_number(number.lstrip("0")).normalised == number


@pytest.mark.parametrize(
    ("number", "shape", "masked"),
    [
        ("12-345678900", "ein", "12-345678900"),
        ("12-3456789AB", "ein", "12-3456789AB"),
        ("12-3456789IO", None, "12-3456789IO"),
        ("123-45-6789", "ssn", "***-**-6789"),
        ("123456789", "ssn", "***-**-6789"),
        ("123 45 6789", "ssn", "***-**-6789"),
        ("12-3456789", None, "12-3456789"),
        ("252704-12345", "cbp", "252704-12345"),
    ],
)
def test_importer_numbers(number, shape, masked):
    assert identifiers.importer_shape(number) == shape
    assert identifiers.mask_importer(number) == masked


@pytest.mark.parametrize(
    "number",
    [
        *("123–45–6789", "123.45.6789", "123456789.0", "123 - 45 - 6789", "123-45-6789-00", "123-45-678900"),
        *("SSN 123-45-6789", "ssn: 123456789", "SS# 123 45 6789", "Social Security No. 123-45-6789"),
        *("123456789-00", "１２３-45-6789", "1.23456789E+8", "123,456,789", "123-45-6789 (J. Doe)"),
        "123-45 6789",
    ],
)
def test_a_social_security_number_is_masked_however_it_is_spelt(number):
    assert identifiers.mask_importer(number).split(" (")[0] == "***-**-6789"


@pytest.mark.parametrize(("number", "masked"), [("12345678", "***-**-5678"), ("1234567", "***-**-4567")])
def test_a_number_that_lost_its_zeros_is_masked_and_no_zero_is_guessed(number, masked):
    assert identifiers.mask_importer(number) == masked
    assert identifiers.importer_key(number) == number


@pytest.mark.parametrize(
    "number",
    [
        *("12-345678900", "12–345678900", "12 345678900", "12-3456789-00", "12-3456789 00", "12345678900"),
        *("12-3456789AB", "12-3456789", "252704-12345", "252704–12345", "25270412345", "12345678900.0"),
    ],
)
def test_firms_and_assigned_numbers_are_never_masked(number):
    assert identifiers.mask_importer(number) == number


@pytest.mark.parametrize(
    ("number", "key"),
    [
        *((one, "123456789") for one in ("123–45–6789", "123.45.6789", "123456789.0", "SSN 123-45-6789")),
        *((one, "123456789") for one in ("123 - 45 - 6789", "123-45-6789-00", "123456789")),
        # Nine digits unparted and a suffix may as well be an EIN's.
        *((one, "12345678900") for one in ("123456789-00", "12-345678900", "12–3456789–00", "12345678900.0")),
        ("252704-12345", "25270412345"),
        ("1.23E+08", "1.23E+08"),
    ],
)
def test_one_number_has_one_key_however_it_is_spelt(number, key):
    assert identifiers.importer_key(number) == key


@pytest.mark.parametrize(
    ("text", "masked"),
    [
        ("importer is 987-65-4321 (SSN 123-45-6789)", "importer is ***-**-4321 (SSN ***-**-6789)"),
        ("'123456789' is not", "'***-**-6789' is not"),
        ("ssn:123.45.6789, x", "ssn:***-**-6789, x"),
        ("at 123–45–6789.", "at ***-**-6789."),
        *((one, one) for one in ("9903.01.24 301.11.0000", "$123456789", "316-2509314-6", "212-555-1234")),
        *((one, one) for one in ("12-345678900 or 252704-12345", "1600005043", "2025-06-01", "lesson 12")),
    ],
)
def test_personal_numbers_in_any_text(text, masked):
    assert identifiers.mask_text(text) == masked


def test_nine_digits_alone_can_be_left():
    assert identifiers.mask_text("claim 123456789, 123-45-6789", bare=False) == "claim 123456789, ***-**-6789"


@pytest.mark.parametrize(
    ("written", "digits"),
    [
        ("9903.01.24", "99030124"),
        ("9903012400", "99030124"),
        ("99030124.0", "99030124"),
        ("3923.90.0080", "3923900080"),
        ("301110000", "0301110000"),
        ("0301.11.0000", "0301110000"),
        ("9903.01", ""),
        ("9903012", ""),
        ("990301240", ""),
        ("abc", ""),
        ('="99030124"', "99030124"),
    ],
)
def test_hts_numbers(written, digits):
    assert identifiers.hts_digits(written) == digits
