"""What a cell says, kind by kind: the common forms, what people make of them, and what is never guessed."""

from datetime import date

import pytest

from cape_kit import money
from cape_kit.entries.readers import cells, rows
from cape_kit.entries.readers.layouts import ColumnKind
from cape_kit.errors import Usage


@pytest.fixture(scope="module")
def con():
    with rows.connect() as connection:
        yield connection


def read(con, kind, text, order="MDY"):
    column = ColumnKind("x", kind, (), order=order)
    query = f"SELECT {cells.typing_sql(column, 0)} FROM (SELECT CAST(? AS VARCHAR) AS c0)"
    return con.execute(query, [text]).fetchall()[0][0]


@pytest.mark.parametrize(
    ("text", "cents"),
    [
        ("12.5", 1250), ("$1,234.50", 123450), ("($1,234.50)", -123450), ("-$5", -500), ("5-", -500),
        (" 12 ", 1200), ('="12.00"', 1200), ("USD 5", 500), ("$ 5.00", 500), (".5", 50),
        ("0", 0), ("0.00", 0), ("1234567890.12", 123456789012),
        ("1,23", None), ("1.234,50", None), ("1,2345", None), ("-", None), ("$", None), ("abc", None),
        ("", None), (None, None), ("nan", None), ("inf", None), ("12 34", None),
        ("12.500", None), ("2.000", None), ("0.000", 0), ("0.500", 50), ("12.3", 1230), ("12.3400", 1234),
        # binary fractions as spreadsheets write them
        ("12.340000000001", 1234), ("0.30000000000000004", 30), ("9.999999999999998", 1000),
        # what formulas leave beyond the cents
        ("12.3456", 1235), ("0.005", 1), ("$1,234.567", 123457), ("1234.567", 123457),
        # a point that may separate thousands, or a decimal comma: never guessed
        ("1.234", None), ("12.505", None), ("-1.234", None), ("$1.234", None),
        ("3400,00", None), ("12.250,00", None),
    ],
)  # fmt: skip
def test_money(con, text, cents):
    assert read(con, "cents", text) == cents


@pytest.mark.parametrize(
    "text",
    [
        "04/05/2025", "4/5/2025", "2025-04-05", "2025-04-05 00:00:00", "2025-04-05T00:00:00", "05-Apr-2025",
        "5-APR-2025", "45752", "45752.5", "Apr 5, 2025", "04/05/2025 12:00:00 AM", '="04/05/2025"',
        "'04/05/2025", "04-05-2025", "20250405",
    ],
)  # fmt: skip
def test_days(con, text):
    assert read(con, "day", text) == date(2025, 4, 5)


def test_the_declared_order_decides(con):
    assert read(con, "day", "04/05/2025", "DMY") == date(2025, 5, 4)
    assert read(con, "day", "25/12/2025", "DMY") == date(2025, 12, 25)
    assert read(con, "day", "25/12/2025") is None
    assert read(con, "day", "04/05/2025", "ISO") is None


@pytest.mark.parametrize(
    "text", ["25-06-26", "00/00/0000", "12", "2025", "1/1/1900", "02/30/2025", "soon", "99999"]
)
def test_no_day_is_guessed(con, text):
    assert read(con, "day", text) is None


@pytest.mark.parametrize(
    ("kind", "text", "value"),
    [
        ("entry_type", "1", "01"), ("entry_type", "01 - Consumption", "01"), ("entry_type", "103", None),
        ("port", "401", "0401"), ("port", "0401 - Boston", "0401"), ("port", "27041", None),
        ("country", "cn", "CN"), ("country", "China", "CN"), ("country", "CN - China", "CN"),
        ("country", "Ruritania", None),
        ("flag", "Y", True), ("flag", " no ", False), ("flag", "maybe", None),
        ("count", "001", 1), ("count", "1.0", 1), ("count", "1.5", None), ("count", "x", None),
        ("hts", "9903.01.24", "99030124"), ("hts", "9903012400", "99030124"),
        ("hts", "301110000", "0301110000"),
        ("hts", "9401.61.0000", "9401610000"), ("hts", "9401610000", "9401610000"),
        ("hts", "9903", None), ("hts", "9903012", None), ("hts", "990301240", None),
        ("entry_number", "b76-0324527-8", "B7603245278"), ("entry_number", "3.16E+10", None),
        ("text", "\u00a0ACME, INC ", "ACME, INC"), ("text", '="x"', "x"),
        ("text", "  ", None), ("text", "Éclair", "Éclair"),
    ],
)  # fmt: skip
def test_codes(con, kind, text, value):
    assert read(con, kind, text) == value


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("3400,00", "decimal comma"), ("12.250,00", "decimal comma"), ("$ 1,23", "decimal comma"),
        ("1.234", "may separate thousands"), ("$ -12.505", "may separate thousands"),
    ],
)  # fmt: skip
def test_why_an_amount_may_not_have_been_understood(text, says):
    assert says in cells.hint("cents", text)


@pytest.mark.parametrize(("kind", "text"), [("cents", "abc"), ("cents", "1,2345"), ("hts", "1.234")])
def test_no_hint_where_the_form_tells_nothing(kind, text):
    assert cells.hint(kind, text) is None


@pytest.mark.parametrize(
    ("text", "cents"),
    [
        ("12250", 1225000),
        ("12,250.00", 1225000),
        ("$1,234,567.5", 123456750),
        ("12.3400", 1234),
        ("-$5", -500),
    ],
)
def test_an_amount_a_person_types(text, cents):
    assert money.to_cents(money.parse(text)) == cents


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("3400,00", "a comma separates thousands"), ("12.250,00", "a comma separates thousands"),
        ("1.234", "more than two decimals"), ("0.005", "more than two decimals"), ("ten", "no amount"),
        ("1e30", "more than 15 digits"), ("9" * 40, "more than 15 digits"),
    ],
)  # fmt: skip
def test_an_amount_a_person_types_is_never_guessed(text, says):
    with pytest.raises(Usage, match=says):
        money.parse(text)
