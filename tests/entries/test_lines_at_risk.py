"""Tariff lines that could be lost: unreadable duty, files of one day, rows without number, odd amounts."""

import pytest

from cape_kit.entries import readers
from tests.entries.folders import HEADERS, NUMBERS, as_csv, clean_rows
from tests.entries.test_portfolio import AT, EARLIER, LATER, codes, opened, vanished, with_value

DUTY, HTS, ENTRY = AT["Line Tariff Duty Amount"], AT["HTS Number - Full"], 0
UNREADABLE = [[*r[:DUTY], "n.a.", *r[DUTY + 1 :]] if r[HTS].startswith("99030") else r for r in clean_rows()]


@pytest.mark.parametrize("heads", [([HEADERS], [HEADERS]), (EARLIER, EARLIER), (LATER, EARLIER)])
def test_rows_whose_duty_cannot_be_read_are_not_gone(tmp_path, heads):
    """The first file is taken, by its later day or its name, with the duty unknown; none of its rows went."""
    found = opened(tmp_path, {"a.csv": [*heads[0], *UNREADABLE], "b.csv": [*heads[1], *clean_rows()]})
    assert codes(found, "C06", "C09").empty
    assert set(found.tariff_lines["source_file"].to_pylist()) == {"a.csv"}
    assert (found.conflicts["column"] == "tariff_lines").sum() == 4


@pytest.mark.parametrize("heads", [([HEADERS], [HEADERS]), (EARLIER, EARLIER), (LATER, [HEADERS])])
def test_nothing_is_gone_where_the_days_do_not_say_which_is_later(tmp_path, heads):
    found = opened(
        tmp_path, {"a.csv": [*heads[0], *vanished(clean_rows())], "b.csv": [*heads[1], *clean_rows()]}
    )
    assert codes(found, "C06").empty
    assert sorted(codes(found, "C09")["value"]) == sorted(NUMBERS)
    assert set(found.tariff_lines["source_file"].to_pylist()) == {"b.csv"}


def test_rows_in_the_later_extract_alone_are_no_loss(tmp_path):
    found = opened(tmp_path, {"a.csv": [*EARLIER, *vanished(clean_rows())], "b.csv": [*LATER, *clean_rows()]})
    assert codes(found, "C06", "C09").empty
    assert set(found.tariff_lines["source_file"].to_pylist()) == {"b.csv"}


def problems(tmp_path, rows):
    (tmp_path / "x.csv").write_text(as_csv([HEADERS, *rows]), "utf-8")
    (reading,) = readers.read(tmp_path / "x.csv")
    assert (
        reading.rows == reading.rows_used + reading.rows_repeated + reading.rows_refused + reading.rows_blank
    )
    return reading.problems


def test_a_tariff_line_without_entry_number_is_told_with_its_duty(tmp_path):
    """Merged cells: the entry has its number on the first of three rows; 1000.50 and 0.00 do not count."""
    rows = clean_rows()[:3]
    rows[1][ENTRY] = rows[2][ENTRY] = ""
    found = problems(tmp_path, rows)
    told = found[found["code"] == "R19"]
    assert told["severity"].tolist() == ["error", "error"]
    assert told["row"].tolist() == [3, 4]
    first, second = told["message"]
    assert "HTS 99030125, duty $1,000.50" in first
    assert "HTS 3923900080, duty $0.00" in second
    assert all(f"entry {NUMBERS[0]} above" in message for message in told["message"])
    assert all("do not delete" in what for what in told["what_to_do"])
    assert "R04" not in found["code"].tolist()


def test_of_which_entry_is_not_said_where_the_number_above_is_unsound(tmp_path):
    rows = clean_rows()[:3]
    rows[1][ENTRY], rows[2][ENTRY] = "nonsense", ""
    rows[2][DUTY] = "n.a."
    (message,) = problems(tmp_path, rows).query("code == 'R19'")["message"]
    assert "a duty that can't be read, of which entry is not known" in message


def test_a_note_without_entry_number_stays_a_note(tmp_path):
    rows = [*clean_rows()[:1], ["", "see the broker's letter", *[""] * (len(HEADERS) - 2)]]
    found = problems(tmp_path, rows)
    assert found.query("severity == 'error'").empty
    (note,) = found.query("code == 'R13'").to_dict("records")
    assert "rows without data were skipped: 1" in note["message"]
    assert "3" in note["message"].rpartition("rows")[2]


@pytest.mark.parametrize(("amount", "says"), [("1.234", "may separate thousands"), ("1,2345", "unknown")])
def test_an_odd_amount_is_unknown_and_says_why(tmp_path, amount, says):
    rows = with_value(clean_rows()[:1], NUMBERS[0], "Line Tariff Duty Amount", amount)
    (row,) = problems(tmp_path, rows).query("code == 'R09'").to_dict("records")
    assert row["value"] == amount
    assert says in row["message"]
