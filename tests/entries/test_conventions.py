"""How columns write amounts and days: what their own cells prove is read, what they leave open is unknown."""

from datetime import date
from decimal import Decimal

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import cape_kit
from cape_kit.entries import file_report
from cape_kit.law import book
from tests import effort
from tests.entries.folders import CLIENT
from tests.numbers import numbered

NAME = "Line Tariff Duty Amount"
HEADERS = [
    "Entry Summary Number", "Importer Number", "Entry Date", "Entry Summary Line Number",
    "Tariff Ordinal Number",
    "HTS Number - Full", "Line Tariff Goods Value Amount", NAME,
]  # fmt: skip


def opened(tmp_path, rows, toml=CLIENT, headers=None):
    """A client with one file, its columns parted by semicolons."""
    (tmp_path / "client.toml").write_text(toml, encoding="utf-8")
    text = "\n".join(";".join(row) for row in [headers or HEADERS, *rows])
    (tmp_path / "a.csv").write_text(text + "\n", encoding="utf-8")
    return cape_kit.open(tmp_path)


def amounts(tmp_path, duties, values=None):
    """The duties of a file, in cents, and its problems."""
    values = values or ["100"] * len(duties)
    rows = [
        [numbered("B76", i), "12-345678900", "2025-06-14", "1", "1", "99030125", value, duty]
        for i, (duty, value) in enumerate(zip(duties, values, strict=True))
    ]
    found = opened(tmp_path, rows)
    return found.tariff_lines["duty_cents"].to_pylist(), found.problems


def days(tmp_path, texts, toml=CLIENT):
    """The entry dates of a file, and its problems."""
    rows = [
        [numbered("B76", i), "12-345678900", text, "1", "1", "99030125", "1.00", "1.00"]
        for i, text in enumerate(texts)
    ]
    found = opened(tmp_path, rows, toml)
    read = found.entries.set_index("entry_number")["entry_date"]
    return [
        read[numbered("B76", i)].date() if pd.notna(read[numbered("B76", i)]) else None
        for i in range(len(texts))
    ], found.problems


@pytest.mark.parametrize(
    ("duties", "cents"),
    [
        # proved European: 2.000 is two thousand, and 2,000 has two readings
        (["1.000,00", "250,00", "2.000", "12.345", "2,000"], [100000, 25000, 200000, 1234500, None]),
        # a US-looking neighbour settles nothing about 2.000, but 2,000 is thousands
        (["2.000", "250.00", "2,000"], [None, 25000, 200000]),
        (["2.000", "12.345"], [None, None]),
        (["2,000"], [200000]),
        # contradiction: what can be read one way only with a point is read, the rest is unknown
        (["1.000,00", "1,000.00", "2,000", "2.000", "300"], [None, 100000, None, None, 30000]),
        (["0.000", "0,000", "5"], [0, 0, 500]),
        (["1 234,50", "$ 1.234,50", "(1.234,50)", "1.234,50-"], [123450, 123450, -123450, -123450]),
        (["1'234.50", "1 234.50", "USD 1,234.50", "1234.50 USD"], [123450] * 4),
        (["EUR 5,00", "€ 5,00", "1,2345"], [None, None, None]),
    ],
)  # fmt: skip
def test_a_column_decides(tmp_path, duties, cents):
    assert amounts(tmp_path, duties)[0] == cents


def test_a_silent_column_follows_its_file(tmp_path):
    read, problems = amounts(tmp_path, ["2.000", "12"], ["10.000,00", "1,50"])
    assert read == [200000, 1200]
    told = problems[problems["code"] == "R20"].set_index("column")["message"]
    assert set(told.index) == {NAME, "Line Tariff Goods Value Amount"}
    assert (
        "10.000,00" in told["Line Tariff Goods Value Amount"]
        and "10000.00" in told["Line Tariff Goods Value Amount"]
    )


def test_a_silent_column_beside_two_that_differ_stays_unknown(tmp_path):
    row = [numbered("B76", 1), "12-345678900", "2025-06-14", "1", "1", "99030125", "1.50", "2,000", "1,50"]
    found = opened(tmp_path, [row], headers=[*HEADERS, "Total Duty"])
    assert found.tariff_lines["duty_cents"].to_pylist() == [None]
    assert found.tariff_lines["goods_value_cents"].to_pylist() == [150]
    assert found.entries["total_duty_cents"].tolist() == [150]


def test_a_contradiction_is_one_problem(tmp_path):
    _, problems = amounts(tmp_path, ["1.000,00", "1,000.00", "2.000,00", "3.000,00"])
    (told,) = problems[problems["code"] == "R21"].to_dict("records")
    assert (told["times"], told["rows"], told["value"]) == (3, "2, 4-5", "1.000,00")


def test_one_mistake_is_one_problem(tmp_path):
    _, problems = amounts(tmp_path, ["tbc"] * 255 + ["-", "N/A", "see 7501"])
    told = problems[problems["code"] == "R09"].set_index("value")
    assert told["times"].fillna(1).to_dict() == {"tbc": 255, "see 7501": 1}
    assert "255 times, on rows 2, 3, 4, 5, 6 and 250 more" in told.loc["tbc", "message"]


def test_a_blank_duty_is_unknown_and_a_failed_formula_is_said(tmp_path):
    read, problems = amounts(tmp_path, ["-", "#N/A", "N/A", "5.00"])
    assert read == [None, None, None, 500]
    assert problems[problems["code"] == "R09"]["value"].tolist() == ["#N/A"]
    assert problems[problems["code"] == "R11"]["times"].tolist() == [2]


@pytest.mark.parametrize(
    ("texts", "read"),
    [
        (["06/14/25", "03/04/26"], [date(2025, 6, 14), date(2026, 3, 4)]),
        (["03/04/26", "05/06/25"], [None, None]),
        (["03/04/2026"], [date(2026, 3, 4)]),
        (["14/06/25", "03/04/26"], [None, None]),
        (["14/06/2025", "06/14/2025", "03/04/2026"], [date(2025, 6, 14), date(2025, 6, 14), None]),
        (["14-Jun-25", "24-Apr-26", "14JUN2025"], [date(2025, 6, 14), date(2026, 4, 24), date(2025, 6, 14)]),
        (["2025-06-14T00:00:00.000Z", "2026-04-24 00:00:00.000", "2025-06-14T00:00:00+00:00"],
         [date(2025, 6, 14), date(2026, 4, 24), date(2025, 6, 14)]),
        (["Jun 14, 2025 12:00 AM", "20250614", "Sat 14 Jun 2025"], [date(2025, 6, 14)] * 3),
        # an instant of another zone may be the next day here, and 14 June 2025 was no Sunday
        (["2025-06-13T22:00:00Z", "Sun 14 Jun 2025"], [None, None]),
    ],
)  # fmt: skip
def test_days(tmp_path, texts, read):
    assert days(tmp_path, texts)[0] == read


DMY = CLIENT + 'date_order = "DMY"\n'


@pytest.mark.parametrize(
    ("texts", "read"),
    [
        (["03.04.2026", "05.06.2025"], [date(2026, 4, 3), date(2025, 6, 5)]),
        (["03/04/26", "05/06/25"], [date(2026, 4, 3), date(2025, 6, 5)]),
        (["14/06/25", "03/04/26"], [date(2025, 6, 14), date(2026, 4, 3)]),
    ],
)
def test_the_setting_holds_for_ace_too(tmp_path, texts, read):
    found, problems = days(tmp_path, texts, DMY)
    assert found == read and not problems["code"].isin(["R08", "R16", "R22"]).any()


def test_a_setting_against_the_column_guesses_nothing(tmp_path):
    read, problems = days(tmp_path, ["06/14/2025", "03/04/2026"], DMY)
    assert read == [None, None]
    (told,) = problems[problems["code"] == "R22"].to_dict("records")
    assert told["times"] == 2 and "date_order" in told["message"]


def test_a_file_inside_a_client_folder_is_inspected_by_its_setting(tmp_path):
    days(tmp_path, ["03.04.2026"], DMY)
    (file,) = file_report.files(tmp_path / "a.csv", book.load())
    assert file.readings[0].entries["entry_date"].iloc[0].date() == date(2026, 4, 3)


# --- entry numbers in parts, and importers that are names --------------------------------------------------
SPLIT = ["Filer Code", "Entry Number", "Check Digit", "Importer Number", "HTS Number", "Duty Paid"]


def parts(tmp_path, *rows, headers=SPLIT):
    return opened(tmp_path, [[*row, "12-345678900", "99030125", "10.00"] for row in rows], headers=headers)


def test_parts_are_joined_where_the_check_digit_proves_them(tmp_path):
    whole = numbered("B76", 42)  # its number has leading zeros
    found = parts(tmp_path, ["K12", "3300001", "3"], ["B76", "42", whole[-1]], ["K12", "33000013", ""])
    assert sorted(found.entries["entry_number"]) == sorted(["K1233000013", whole])
    assert found.problems["code"].isin(["R24"]).sum() == 1


def test_a_wrong_proof_is_a_problem_and_no_entry(tmp_path):
    found = parts(tmp_path, ["K12", "3300001", "4"], ["K12", "3300001", "3"])
    assert found.entries["entry_number"].tolist() == ["K1233000013"]
    (told,) = found.problems[found.problems["code"] == "R23"].to_dict("records")
    assert told["row"] == 2 and "together" in told["what_to_do"]


def test_without_its_check_digit_nothing_is_joined(tmp_path):
    heads = [name for name in SPLIT if name != "Check Digit"]
    found = parts(tmp_path, ["K12", "3300001"], ["", numbered("B76", 1)], headers=heads)
    assert found.entries["entry_number"].tolist() == [numbered("B76", 1)]
    assert found.problems[found.problems["code"] == "R23"]["value"].tolist() == ["3300001"]


def test_an_importer_that_is_a_name_is_said_once(tmp_path):
    names = ["Acme Ltd", "Acme Ltd", "12-345678900", "N/A"]
    rows = [
        [numbered("B76", i), name, "2025-06-14", "1", "1", "99030125", "1", "1"]
        for i, name in enumerate(names)
    ]
    found = opened(tmp_path, rows)
    (told,) = found.problems[found.problems["code"] == "R25"].to_dict("records")
    assert (told["value"], told["times"], told["severity"]) == ("ACME LTD", 2, "warning")


# --- an amount in any style reads back to the cent, or is unknown ------------------------------------------
def _grouped(whole, sign):
    return f"{whole:,}".replace(",", sign)


STYLES = {
    "plain": lambda w, c: f"{w}.{c:02d}",
    "us": lambda w, c: f"{w:,}.{c:02d}",
    "european": lambda w, c: f"{_grouped(w, '.')},{c:02d}",
    "space": lambda w, c: f"{_grouped(w, ' ')},{c:02d}",
    "swiss": lambda w, c: f"{_grouped(w, chr(39))}.{c:02d}",
    "whole": lambda w, c: f"{w}",
    "us whole": lambda w, c: f"{w:,}",
    "dollars": lambda w, c: f"$ {w:,}.{c:02d}",
    "after": lambda w, c: f"{w}.{c:02d} USD",
}


@settings(max_examples=effort.examples(8), deadline=None)
@given(
    st.lists(st.tuples(st.integers(0, 10**7), st.integers(0, 99), st.booleans()), min_size=1, max_size=8),
    st.sampled_from(sorted(STYLES)),
)
def test_an_amount_reads_back_or_is_unknown(tmp_path_factory, sums, style):
    sums = [(w, 0 if "whole" in style else c, minus) for w, c, minus in sums]
    written = [("-" if minus else "") + STYLES[style](w, c) for w, c, minus in sums]
    read, _ = amounts(tmp_path_factory.mktemp("c"), written)
    meant = [int(Decimal(w) * 100 + c) * (-1 if minus else 1) for w, c, minus in sums]
    assert all(got is None or got == want for got, want in zip(read, meant, strict=True)), written
    assert style == "us whole" or None not in read
