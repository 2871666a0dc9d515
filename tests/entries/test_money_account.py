"""Dollars are conserved: every column's sum is recounted here by other means, and its parts add up to it."""

import csv
import io
import re
from decimal import Decimal, InvalidOperation
from pathlib import Path

import openpyxl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import cape_kit
from cape_kit.entries import readers
from cape_kit.entries.readers import amounts, tally
from tests import effort
from tests.entries.folders import HEADERS, as_csv, clean_rows, folder
from tests.numbers import numbered

ROOT = Path(__file__).parents[2]
SAMPLES = sorted(path.parent for path in (ROOT / "data").glob("sample*/*/client.toml"))
PARTS = ["used", "refused", "repeated", "not_understood", "not_needed", "passed_over"]
DUTY = HEADERS.index("Line Tariff Duty Amount")


def adds_up(money):
    parts = money[[f"{part}_cents" for part in PARTS]].sum(axis=1)
    return (money["sum_cents"] == parts).all()


def read(tmp_path, rows, name="x.csv"):
    text = rows if isinstance(rows, str) else as_csv(rows)
    (tmp_path / name).write_bytes(text.encode())
    (reading,) = readers.read(tmp_path / name)
    assert (
        reading.rows == reading.rows_used + reading.rows_repeated + reading.rows_refused + reading.rows_blank
    )
    assert adds_up(reading.money)
    return reading


def line(reading, column):
    (found,) = reading.money[reading.money["column"] == column].to_dict("records")
    return found


def with_columns(headers, cells):
    """The clean export with further columns, the same cells on every row."""
    return [[*HEADERS, *headers], *([*row, *cells] for row in clean_rows())]


# --- recounted ----------------------------------------------------------------------------------------------


def plain_dollars(cell):
    """A cell's dollars as a person with a pocket calculator reads it; None where there are none."""
    try:
        return Decimal(re.sub(r"[$,\s]", "", str(cell)))
    except InvalidOperation:
        return None


def rows_of_file(path):
    if path.suffix == ".csv":
        with path.open(encoding="utf-8-sig", newline="") as file:
            yield None, list(csv.reader(file))
        return
    for sheet in openpyxl.load_workbook(path, data_only=True):
        yield sheet.title, [[("" if c is None else c) for c in row] for row in sheet.values]


@pytest.mark.parametrize("sample", SAMPLES, ids=lambda path: path.name)
def test_sums_of_the_samples_recounted(sample):
    """Every column of the account against a recount of the raw file by csv or openpyxl and Decimal."""
    counted = 0
    for path in sorted(path for path in sample.iterdir() if path.suffix in (".csv", ".xlsx")):
        if path.name == "facts.csv":
            continue
        sheets = dict(rows_of_file(path))
        for reading in readers.read(path):
            assert adds_up(reading.money)
            rows = sheets[reading.sheet]
            header = [str(cell).strip() for cell in rows[reading.report.header_row - 1]]
            for one in reading.money.to_dict("records"):
                at = header.index(one["column"])
                cells = [row[at] for row in rows[reading.report.header_row :] if len(row) > at]
                dollars = [found for cell in cells if (found := plain_dollars(cell)) is not None]
                assert Decimal(int(one["sum_cents"])) / 100 == sum(dollars, Decimal(0))
                counted += 1
    assert counted


def test_a_clean_export_is_used_to_the_cent(tmp_path):
    reading = read(tmp_path, [HEADERS, *clean_rows()])
    assert line(reading, HEADERS[DUTY])["used_cents"] == sum(
        int(Decimal(row[DUTY]) * 100) for row in clean_rows()
    )
    assert line(reading, HEADERS[DUTY])["taken_as"] == "duty_cents"
    assert reading.money["not_understood_cents"].sum() == 0
    assert not set(reading.problems["code"]) & {"R40", "R41", "R42", "R46"}


def test_refused_rows_totals_and_cells_not_understood(tmp_path):
    bad = ["3.16E+10", "01", "", "", "", "1", "CN", "1", "99030124", "0.00", "70.00", "", ""]
    unread = [*clean_rows()[3][:10], "see 7501", "", ""]
    total = ["Total", *[""] * 9, "70.00", "", ""]
    reading = read(tmp_path, [HEADERS, *clean_rows()[:3], bad, unread, total])
    duty = line(reading, HEADERS[DUTY])
    assert (duty["used_cents"], duty["refused_cents"], duty["passed_over_cents"]) == (300_050, 7_000, 7_000)
    assert duty["sum_cents"] == 314_050
    assert duty["cells_unread"] == 1


@pytest.mark.parametrize("name", ["Line Duty Amount", "Total Paid MPF Amount"])
def test_what_the_layout_knows_and_does_not_need(tmp_path, name):
    reading = read(tmp_path, with_columns([name], ["12.50"]))
    assert line(reading, name)["not_needed_cents"] == 1250 * len(clean_rows())
    assert line(reading, name)["taken_as"] == tally.NOT_NEEDED
    assert name not in set(reading.problems["column"].dropna())


def test_a_wrong_reading_of_the_rows_is_an_error(tmp_path, monkeypatch):
    """The check can fail: here the typed path loses a factor of ten."""
    from cape_kit.entries.readers import cells

    right = cells.typing_sql

    def wrong(column, position):
        told = right(column, position)
        return f"CAST({told} / 10 AS BIGINT)" if column.name == "duty_cents" else told

    monkeypatch.setattr(cells, "typing_sql", wrong)
    monkeypatch.setattr(cells, "plainly_understood", lambda column, values: None)
    (tmp_path / "x.csv").write_text(as_csv([HEADERS, *clean_rows()]))
    (reading,) = readers.read(tmp_path / "x.csv")
    (found,) = reading.problems[reading.problems["code"] == "R46"].to_dict("records")
    assert (found["severity"], found["column"]) == ("error", HEADERS[DUTY])
    assert "$18,003.00 stands in it, $1,800.30 is accounted for" in found["message"]


# --- amounts ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "cents"),
    [
        ("1234.5", 123450),
        ("1,234.50", 123450),
        ("$ 1,234.50", 123450),
        ("USD 12", 1200),
        ("(12.00)", -1200),
        ("12.00-", -1200),
        ("-$12.00", -1200),
        ("0.125", 13),
        ('="5.00"', 500),
        ("5,00", None),
        ("see 7501", None),
        ("nan", None),
        ("1e400", None),
        ("9903.01.25", None),
    ],
)
def test_what_a_cell_says(text, cents):
    assert amounts.amount(text) == (cents, amounts.UNREAD if cents is None else amounts.READ)


@pytest.mark.parametrize("text", ["", " ", "-", "—", "N/A", "n/a", "none"])
def test_a_cell_that_says_nothing(text):
    assert amounts.amount(text) == (None, amounts.BLANK)


DOLLARS = st.integers(-(10**10), 10**10).map(lambda cents: Decimal(cents) / 100)
CELLS = st.one_of(
    DOLLARS.map(str),
    DOLLARS.map("{:,.2f}".format),
    DOLLARS.map("${:,.2f}".format),
    st.just(""),
    st.just("see 7501"),
)


@given(st.lists(CELLS, min_size=1, max_size=30))
@settings(max_examples=effort.examples(60), deadline=None)
def test_a_column_read_whole_is_the_sum_of_its_cells(cells):
    import pyarrow as pa

    column = pa.chunked_array([pa.array([cell or None for cell in cells], pa.string())])
    said = [amounts.amount(cell) for cell in cells]
    found = amounts.amounts_in(column)
    assert found.sum() == sum(cents or 0 for cents, _ in said)
    assert found.said.tolist() == [what for _, what in said]
    assert found.sum() == sum(int(d * 100) for cell in cells if (d := plain_dollars(cell)) is not None)


KEYS = st.sampled_from([numbered("B76", 32452), numbered("016", 50), "", "3.16E+10", "Total"])
EXTRA = st.sampled_from(["Other Duty", "IEEPA Paid", "Brokerage", "Line MPF Amount", "Remarks", ""])


@given(st.lists(st.tuples(KEYS, CELLS, CELLS), min_size=1, max_size=12), EXTRA)
@settings(max_examples=effort.examples(25), deadline=None)
def test_dollars_are_conserved(tmp_path_factory, rows, extra):
    """Whatever the rows are, each column's sum is what stands in it, and every part of it has its place."""
    path = tmp_path_factory.mktemp("money") / "x.csv"
    out = io.StringIO(newline="")
    writer = csv.writer(out)
    writer.writerow([*HEADERS, extra])
    for key, duty, other in rows:
        row = clean_rows()[0]
        writer.writerow([key, *row[1:DUTY], duty, *row[DUTY + 1 :], other])
    path.write_text(out.getvalue(), "utf-8")
    (reading,) = readers.read(path)
    assert (
        reading.rows
        == reading.rows_used + reading.rows_repeated + reading.rows_refused + reading.rows_blank
        == len(rows)
    )
    assert adds_up(reading.money)
    assert "R46" not in set(reading.problems["code"])
    duties = sum(int(d * 100) for _, cell, _ in rows if (d := plain_dollars(cell)) is not None)
    assert line(reading, HEADERS[DUTY])["sum_cents"] == duties
    others = sum(int(d * 100) for _, _, cell in rows if (d := plain_dollars(cell)) is not None)
    found = reading.money[~reading.money["column"].isin(HEADERS)]
    assert found["sum_cents"].tolist() == ([others] if len(found) else [])
    if extra in ("Other Duty", "IEEPA Paid", "Brokerage", "Line MPF Amount") and others:
        assert len(found) or extra == "Brokerage"


# --- columns nobody took ------------------------------------------------------------------------------------


def of(reading, code):
    return reading.problems[reading.problems["code"] == code].to_dict("records")


@pytest.mark.parametrize(
    "name", ["Other Duty Charges", "Additional Tariff Amt", "Refund Amount USD", "IEEPA_TOTAL"]
)
def test_a_column_that_speaks_of_duty_is_an_error_with_its_dollars(tmp_path, name):
    reading = read(tmp_path, with_columns([name], ["10.25"]))
    rows = len(clean_rows())
    (found,) = of(reading, "R40")
    assert (found["severity"], found["column"]) == ("error", name)
    assert f"'{name}' holds ${Decimal('10.25') * rows:,} on {rows} rows" in found["message"]
    assert line(reading, name)["not_understood_cents"] == 1025 * rows


@pytest.mark.parametrize("cell", ["9903.01.25", "99030125", "9903-01-25 reciprocal", "see 9903 01 24; x"])
@pytest.mark.parametrize("name", ["Remarks", "Chapter 99", "Manufacturer Name"])
def test_chapter_99_numbers_in_any_column(tmp_path, name, cell):
    """Also in a column the layout knows and has no use for."""
    reading = read(tmp_path, with_columns([name], [cell]))
    assert [one["column"] for one in of(reading, "R40")] == [name]
    told = reading.unexplained
    assert set(told["value"]) == {cell}
    assert sorted(told["entry_number"]) == sorted({row[0] for row in clean_rows()})
    assert told["rows"].sum() == len(clean_rows())


@pytest.mark.parametrize("cell", ["", "0", "0.00", "N", "no", "-"])
def test_a_cell_that_denies_says_nothing_of_the_entry(tmp_path, cell):
    reading = read(tmp_path, with_columns(["IEEPA Duty Paid Flag"], [cell]))
    assert reading.unexplained.empty
    assert not of(reading, "R40")


def test_money_beside_a_name_that_speaks_of_ieepa(tmp_path):
    reading = read(tmp_path, with_columns(["Reciprocal Amount"], ["1,000.00"]))
    told = reading.unexplained.set_index("entry_number")
    counts = {}
    for row in clean_rows():
        counts[row[0]] = counts.get(row[0], 0) + 1
    assert {number: int(told.loc[number, "cents"]) for number in counts} == {
        number: 100_000 * count for number, count in counts.items()
    }


@pytest.mark.parametrize(
    "name",
    [
        "CAPE Filing Status",
        "Claim Outcome",
        "Protest Decision",
        "Recon Type",
        "Drawback Claimed",
        "Liq Extension",
        "Suspension Reason",
        "Filing Status",
        "Refund Reference",
    ],
)
def test_a_column_about_the_state_of_the_entry_is_named(tmp_path, name):
    reading = read(tmp_path, with_columns([name], ["04/24/2026"]))
    (found,) = of(reading, "R42")
    assert (found["severity"], found["column"]) == ("warning", name)


def test_other_money_is_a_note_and_a_number_is_no_money(tmp_path):
    reading = read(
        tmp_path, with_columns(["Brokerage", "Duty Rate", "Invoice No"], ["35.00", "25.00", "4711"])
    )
    assert [one["column"] for one in of(reading, "R41")] == ["Brokerage"]
    assert not of(reading, "R40")


def test_money_without_a_header_is_found(tmp_path):
    reading = read(tmp_path, with_columns([""], ["$20.00"]))
    assert line(reading, "(column N without a header)")["not_understood_cents"] == 2000 * len(clean_rows())


def test_the_portfolio_has_it_all(tmp_path):
    client = folder(
        tmp_path / "c", {"a.csv": [HEADERS, *clean_rows()], "b.csv": with_columns(["IEEPA Sum"], ["5.00"])}
    )
    found = cape_kit.open(client)
    assert set(found.money["file"]) == {"a.csv", "b.csv"}
    assert adds_up(found.money)
    assert set(found.unexplained["file"]) == {"b.csv"}
