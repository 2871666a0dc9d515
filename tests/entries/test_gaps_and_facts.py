"""Facts stated by hand, files beside the exports, months without entries: what is used, and what is told."""

from pathlib import Path

import pytest

import cape_kit
from cape_kit.entries import portfolio
from cape_kit.errors import BadClient
from tests.entries.folders import CLIENT, HEADERS, NUMBERS, clean_rows, folder
from tests.entries.test_portfolio import codes, opened, with_value

GOOD = {"a.csv": [HEADERS, *clean_rows()]}
HEAD = "entry_number,fact,value,note\n"
FIRST = NUMBERS[0]


def stated(tmp_path, *rows):
    return opened(tmp_path, {**GOOD, "facts.csv": HEAD + "".join(f"{row}\n" for row in rows)})


@pytest.mark.parametrize("day", ["04/06/2025", "2025/06/04", "20250604", "45752", "4-Jun-2025", "2025-02-30"])
def test_a_day_in_any_other_form_is_refused(tmp_path, day):
    found = stated(tmp_path, f"{FIRST},payment_date,{day},")
    (message,) = codes(found, "K01")["message"]
    assert f"'{day}'" in message
    assert found.entries["payment_date"].isna().all()
    assert codes(found, "K02").empty


def test_a_day_as_told_is_used(tmp_path):
    found = stated(tmp_path, f"{FIRST},payment_date,2025-06-04,")
    day = found.entries.set_index("entry_number").loc[FIRST, "payment_date"]
    assert (day.year, day.month, day.day) == (2025, 6, 4)


def test_a_row_without_entry_number(tmp_path):
    found = stated(tmp_path, f"{FIRST},recon_flag,Y,", ",recon_flag,Y,")
    (message,) = codes(found, "K01")["message"]
    assert message.endswith("row 3 has no entry number")


@pytest.mark.parametrize(
    ("row", "said"),
    [
        (f"{FIRST},,Y,", "row 2 names no fact"),
        (f"{FIRST},deposited_later,,", "the value is empty"),
        (f"{FIRST},recon_flag,,", "the value is empty"),
    ],
)
def test_an_empty_cell_is_told_as_one(tmp_path, row, said):
    (message,) = codes(stated(tmp_path, row), "K01")["message"]
    assert message.endswith(said)


def test_an_empty_row_of_facts_counts_as_a_row(tmp_path):
    found = stated(tmp_path, "", f"{FIRST},recon_flag,perhaps,", ",,,", f"{FIRST},entry_type,02,")
    assert codes(found, "K01")["row"].tolist() == [3]
    assert codes(found, "K02")["row"].tolist() == [5]


def test_a_row_of_facts_with_more_cells_than_the_header_is_not_used(tmp_path):
    """A comma without quotes moves the cells behind it: the value was taken short, and the rest was dropped."""
    found = stated(tmp_path, f"{FIRST},deposited_later,2025-09-12 1,250.00,by bill", f"{FIRST},recon_flag,Y,")
    (problem,) = codes(found, "K01").to_dict("records")
    assert problem["row"] == 2 and problem["value"] == "by bill"
    assert "more cells than the header, beyond it 'by bill'" in problem["message"]
    assert found.client.later_deposits.empty
    assert codes(found, "K02")["column"].tolist() == ["recon_flag"]


@pytest.mark.parametrize("end", [",", ",,,", ", , "])
def test_empty_cells_beyond_the_header_of_facts_say_nothing(tmp_path, end):
    found = stated(tmp_path, f"{FIRST},recon_flag,Y,{end}")
    assert codes(found, "K01").empty and len(codes(found, "K02")) == 1


def test_a_column_of_facts_nobody_reads_is_told(tmp_path):
    text = f"entry_number,fact,value,Remark,,Empty\n{FIRST},recon_flag,Y,see file,x,\n{NUMBERS[1]},psc_flag,N,,,\n"
    found = opened(tmp_path, {**GOOD, "facts.csv": text})
    told = codes(found, "K05")[["row", "column", "value"]].to_numpy().tolist()
    assert told == [[2, "Remark", "see file"], [2, "5, without a header", "x"]]
    assert len(codes(found, "K02")) == 2


def test_facts_without_a_fact_are_told_too(tmp_path):
    found = opened(tmp_path, {**GOOD, "facts.csv": f"{HEAD}{FIRST},recon_flag,Y,a,b\n"})
    assert codes(found, "K01")["value"].tolist() == ["b"]
    assert not found.entries["recon_flag"].fillna(False).any()


def test_two_columns_of_facts_of_one_name_are_refused(tmp_path):
    with pytest.raises(BadClient, match="two columns are called value"):
        opened(tmp_path, {**GOOD, "facts.csv": f"entry_number,fact,value,Value\n{FIRST},recon_flag,N,Y\n"})


def test_two_values_of_one_fact_and_neither_counts(tmp_path):
    dashed = f"{FIRST[:3]}-{FIRST[3:10]}-{FIRST[10]}"
    rows = [f"{FIRST},entry_type,02,", f"{dashed},entry_type,03,", f"{FIRST},recon_flag,Y,"]
    found = stated(tmp_path, *rows)
    refused = codes(found, "K01")
    assert refused["row"].tolist() == [2, 3]
    assert all("rows 2 and 3" in message and FIRST in message for message in refused["message"])
    assert codes(found, "K02")["row"].tolist() == [4]
    assert found.entries.set_index("entry_number").loc[FIRST, "entry_type"] == "01"


def test_the_same_fact_twice_contradicts_nothing(tmp_path):
    found = stated(tmp_path, f"{FIRST},recon_flag,Y,", f"{FIRST},recon_flag,yes,")
    assert codes(found, "K01").empty
    assert codes(found, "K02")["row"].tolist() == [2, 3]


def test_later_deposits_may_be_several_and_each_is_checked(tmp_path):
    rows = [
        "2025-09-12 1250.00",
        "2026-01-05 $1",
        "12 Sep 2025 5",
        "2025-09-12",
        "2025-09-12 -3",
        "2025-09-12 1.234",
    ]
    found = stated(tmp_path, *(f'{FIRST},deposited_later,"{value}",' for value in rows))
    assert codes(found, "K02")["row"].tolist() == [2, 3]
    assert codes(found, "K01")["row"].tolist() == [4, 5, 6, 7]
    assert (
        "is not a day and an amount, written as YYYY-MM-DD 1250.00" in codes(found, "K01")["message"].iloc[0]
    )
    later = found.client.later_deposits
    assert later["entry_number"].tolist() == [FIRST] * 2 and later["cents"].tolist() == [125_000, 100]
    assert later["day"].dt.strftime("%Y-%m-%d").tolist() == ["2025-09-12", "2026-01-05"]


PNG = b"\x89PNG\r\n\x1a\n" + bytes(40)
BRANDED = CLIENT + '[brand]\nlogo = "Logo.png"\n'


def test_the_logo_is_no_export(tmp_path):
    found = opened(tmp_path, {**GOOD, "Logo.png": PNG, "other.png": PNG}, BRANDED)
    assert codes(found, "R43")["file"].tolist() == ["other.png"]
    assert [path.name for path in portfolio.data_files(tmp_path / "client")] == ["a.csv", "other.png"]


def test_a_new_logo_is_a_change(tmp_path):
    path = folder(tmp_path / "c", {**GOOD, "Logo.png": PNG}, BRANDED)
    before = portfolio.fingerprint(path)
    (path / "Logo.png").write_bytes(PNG + b"x")
    assert portfolio.fingerprint(path) != before


def test_an_export_named_as_the_logo_is_still_read(tmp_path):
    found = opened(tmp_path, GOOD, CLIENT + '[brand]\nlogo = "a.csv"\n')
    assert len(found.entries) == 4


def test_files_of_the_client_under_another_name_are_told(tmp_path):
    if (Path(__file__).parent / "TEST_CLIENT.PY").exists():
        pytest.skip("this system does not tell capital letters from small ones")
    fact = f"{HEAD}{FIRST},recon_flag,Y,\n"
    found = opened(tmp_path, {**GOOD, "Facts.CSV": fact, "Scenarios.toml": "", "old/facts.csv": fact})
    told = codes(found, "K04")
    assert told["file"].tolist() == ["Facts.CSV", "Scenarios.toml", "old/facts.csv"]
    assert "the kit reads facts.csv" in told["message"].iloc[0]
    assert "the kit reads scenarios.toml" in told["message"].iloc[1]
    assert codes(stated(tmp_path / "b", f"{FIRST},recon_flag,Y,"), "K04").empty


@pytest.mark.parametrize("year", ["1994", "2031"])
def test_one_wrong_date_gives_no_note_for_each_month_on_the_way(tmp_path, year):
    """Entries of March to June 2025; one of them moved far outside the period of collection."""
    rows = with_value(clean_rows(), NUMBERS[1], "Entry Date", f"04/15/{year}")
    noted = codes(opened(tmp_path, {"a.csv": [HEADERS, *rows]}), "C03")["value"].tolist()
    after = ["2025-07", "2025-08", "2025-09", "2025-10", "2025-11", "2025-12", "2026-01", "2026-02"]
    assert noted == (["2025-04", *after] if year == "2031" else ["2025-02", "2025-04"])


def test_where_an_entry_stands_is_one_place(tmp_path):
    """The newer file is text and has no sheets; the older is a workbook."""
    newer = [["Run Date", "06/20/2026"], HEADERS, *clean_rows()]
    older = [["Run Date", "05/05/2026"], HEADERS, *clean_rows()]
    found = opened(tmp_path, {"new.csv": newer, "old.xlsx": older})
    assert found.entries["source_file"].unique().tolist() == ["new.csv"]
    assert found.entries["source_sheet"].isna().all()


@pytest.mark.parametrize(
    "name", ["client (1).toml", "client - Copy.toml", "Client_copy.toml", "facts (2).csv"]
)
def test_a_copy_of_a_file_of_ones_own_is_one_line(tmp_path, name):
    found = stated(tmp_path / "a", f"{FIRST},recon_flag,Y,")
    assert codes(found, "K04").empty
    (found.client.folder / name).write_text("name = 'x'\n", "utf-8")
    (told,) = codes(cape_kit.open(found.client.folder), "K04").to_dict("records")
    assert told["file"] == name and "not read" in told["message"]
