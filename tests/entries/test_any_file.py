"""Files of every shape people hold, each through the whole kit, against what a person reads in it.

`tests/golden/any_file/NAME/` holds the files of a client's folder and `expected.toml`, written by hand from what
the files say: which report each sheet is, the header each column goes by, its dollars in parts, the entries with
their principal, and the problems. In it `principal = "unknown"` says that nobody can know it from these files.
"""

import shutil
import tomllib
from collections import Counter
from pathlib import Path

import pandas as pd
import pytest

import cape_kit
from cape_kit import money
from cape_kit.entries import portfolio as portfolios
from cape_kit.entries import readers
from cape_kit.law import book

FOLDER = Path(__file__).parent.parent / "golden" / "any_file"
CASES = {path.parent.name: tomllib.loads(path.read_text("utf-8")) for path in FOLDER.glob("*/expected.toml")}
AS_OF = "2026-05-05"
ROWS = {"used": "used", "refused": "refused", "repeated": "repeated", "without_data": "blank"}
PARTS = {
    "used": "used",
    "refused": "refused",
    "repeated": "repeated",
    "not_understood": "not understood",
    "not_needed": "not needed",
    "passed_over": "passed over",
}


def client(name, folder):
    """A case's files as a client's folder."""
    shutil.copytree(FOLDER / name, folder, ignore=shutil.ignore_patterns("expected.toml"))
    (folder / "client.toml").write_text('name = "Test Importer"\n', encoding="utf-8")
    return folder


@pytest.fixture(scope="module", params=sorted(CASES))
def whole(request, tmp_path_factory):
    """A case, its portfolio, what the whole kit answers for each entry, and each file as it was read for that."""
    folder = client(request.param, tmp_path_factory.mktemp("client") / request.param)
    files, read_file = {}, readers.read_file

    def kept(path, *, name, **more):
        files[name] = read_file(path, name=name, **more)
        return files[name]

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(readers, "read_file", kept)
        portfolio = cape_kit.open(folder)
    answer = cape_kit.assess(portfolio, as_of=AS_OF).table
    return CASES[request.param], portfolio, answer.set_index("entry_number"), files


@pytest.fixture(scope="module")
def read(whole):
    """A case, its portfolio and what the whole kit answers for each entry."""
    return whole[:3]


def test_there_are_enough_of_them_and_each_says_what_it_is():
    assert len(CASES) >= 30
    assert all(case["says"] and case["sheet"] and case["problems"] for case in CASES.values())


def test_each_sheet_is_what_a_person_takes_it_for(read):
    case, portfolio, _ = read
    files = portfolio.files.assign(sheet=portfolio.files["sheet"].fillna(""))
    found = {(row["file"], row["sheet"]): row for row in files.to_dict("records")}
    wanted = {(sheet["file"], sheet.get("sheet", "")): sheet for sheet in case["sheet"]}
    assert set(found) == set(wanted)
    for place, sheet in wanted.items():
        row = found[place]
        report = row["profile"] if isinstance(row["profile"], str) else row["title"].lower()
        assert report == sheet["report"], place
        rows = {kind: row[f"rows_{name}"] for kind, name in ROWS.items()}
        assert {kind: int(many) for kind, many in rows.items() if many is not None and many > 0} == sheet[
            "rows"
        ], place


def columns(found):
    """The header every column of a reading goes by, by its declared name."""
    told = {name: found.headers[at] for name, at in found.positions.items()}
    for part, hts, duty in found.parts:
        told |= {
            f"{part.name}_{role}": found.headers[at]
            for role, at in (("hts", hts), ("duty", duty))
            if at is not None
        }
    pieces = {"filer_code": found.filer_code, "check_digit": found.check_digit}
    return told | {name: found.headers[at] for name, at in pieces.items() if at is not None}


@pytest.fixture(scope="module")
def manner():
    """How files are read of a client who says nothing of them."""
    return portfolios.manner_of(None, book.load())


def test_each_column_goes_by_its_header(whole):
    case, _, _, files = whole
    for sheet in (one for one in case["sheet"] if "columns" in one):
        (reading,) = (one for one in files[sheet["file"]].readings if one.sheet == sheet.get("sheet"))
        assert columns(reading.report) == sheet["columns"]
        assert reading.report.header_row == sheet.get("header_row", reading.report.header_row)


def told(row):
    """A column's dollars in words: used 300.00; passed over 300.00. Nothing where it sums to nothing."""
    parts = {label: int(row[f"{name}_cents"]) for name, label in PARTS.items()}
    return "; ".join(f"{label} {money.to_dollars(cents):,}" for label, cents in parts.items() if cents)


def test_every_dollar_is_where_a_person_finds_it(read):
    case, portfolio, _ = read
    for sheet in case["sheet"]:
        mine = portfolio.money[portfolio.money["file"].eq(sheet["file"])]
        mine = mine[mine["sheet"].fillna("").eq(sheet.get("sheet", ""))]
        found = Counter((row["column"], told(row)) for row in mine.to_dict("records"))
        wanted = Counter()
        for column, said in sheet["dollars"].items():
            each = [said] if isinstance(said, str) else said
            wanted.update((column, "" if one.endswith(" 0.00") else one) for one in each)
        assert found == wanted, sheet["file"]


def dollars(cents):
    """An amount as the expectations write it."""
    return "unknown" if pd.isna(cents) else str(money.to_dollars(int(cents)))


def test_the_entries_and_their_principal(read):
    case, portfolio, answer = read
    entries = portfolio.entries.set_index("entry_number")
    assert sorted(entries.index) == sorted(entry["number"] for entry in case["entry"])
    for entry in case["entry"]:
        row, judged = entries.loc[entry["number"]], answer.loc[entry["number"]]
        assert dollars(judged["principal_cents"]) == entry["principal"], entry["number"]
        assert "stated" not in entry or dollars(judged["stated_cents"]) == entry["stated"]
        assert judged["disposition"] == entry.get("disposition", judged["disposition"]), judged["reason"]
        for name, column in (("liquidated", "liquidation_date"), ("entered", "entry_date")):
            assert name not in entry or row[column].date() == entry[name]
        assert "claim" not in entry or row["claim_number"] == entry["claim"]


def test_the_problems(read):
    """Errors and warnings by their codes; what the client as a whole lacks (codes C) is no matter of a file."""
    case, portfolio, _ = read
    mine = portfolio.problems[~portfolio.problems["code"].str.startswith("C")]
    listed = mine[["severity", "code", "file", "column", "message"]].to_string()
    for severity in ("error", "warning"):
        found = sorted(mine.loc[mine["severity"].eq(severity), "code"])
        assert found == sorted(case["problems"][severity]), listed
    if "note" in case["problems"]:
        notes = mine[mine["severity"].eq("note") & mine["code"].isin(["R43", "R44", "R14"])]
        assert sorted(notes["code"] + " " + notes["file"]) == sorted(case["problems"]["note"])


def test_rows_of_a_second_table_are_counted_as_the_file_counts_them(manner):
    name = "two_tables_below_one_another"
    first, second = readers.read_file(FOLDER / name / "both.csv", name="both.csv", manner=manner).readings
    assert first.lines["source_row"].to_pylist() == [2, 3]
    assert second.entries["source_row"].tolist() == [6]
    assert second.report.header_row == 5
