"""What goes with the page, from a sample client with two importers."""

import csv
import json
from datetime import date

import icalendar
import nbformat
import openpyxl
import pandas as pd
import pytest

from cape_kit.errors import InvalidDeclaration
from cape_kit.filing import declaration
from cape_kit.rendering import attachments, book
from cape_kit.views import deadlines, tables
from tests import samples
from tests.test_house import ROOT

CEDAR = ROOT / "data" / "sample" / "cedar-and-flint"
DAY = date(2026, 5, 5)
TRUTH = json.loads((CEDAR / "truth" / "truth.json").read_text("utf-8"))


@pytest.fixture(scope="module")
def assessment():
    return samples.assessed("cedar-and-flint", DAY)


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("attached")


@pytest.fixture(scope="module", autouse=True)
def written(assessment, folder):
    return attachments.write(assessment, str(folder))


def test_nothing_is_written_where_no_folder_is_given(assessment, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert "cape-kit report" in attachments.write(assessment, None).line.words
    assert not list(tmp_path.iterdir())


def test_a_run_says_its_figures_among_the_outputs_of_its_notebook(written, assessment):
    shown = nbformat.v4.new_output("display_data", data=written._repr_mimebundle_())
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell("…", outputs=[shown])])
    nbformat.validate(notebook)
    told = attachments.of(nbformat.reads(nbformat.writes(notebook), as_version=4))
    plain = json.loads(json.dumps(tables.figures(assessment) | {"book": book.figures(assessment)}))
    assert told == {"figures": plain, "told": ""}
    assert attachments.of(nbformat.v4.new_notebook()) == {"figures": {}, "told": ""}


def test_no_file_passes_between_the_run_and_who_ran_it(folder):
    assert {path.name for path in folder.iterdir()} == {
        "declarations", "protests.csv", "deadlines.ics", "workbook.xlsx", "memo.html", "questions", "brokers",
        "entries.json",
    }  # fmt: skip


def test_declaration_files_of_before_stay_where_none_can_be_written(assessment, tmp_path, monkeypatch):
    before = tmp_path / "declarations" / "uploaded.csv"
    before.parent.mkdir()
    before.write_text("B7600000000\n", encoding="utf-8")

    def refuses(*_):
        raise InvalidDeclaration("too long")

    monkeypatch.setattr(declaration, "write_all", refuses)
    written = attachments.write(assessment, tmp_path)
    assert written.told == "No declaration files: too long"
    assert before.is_file()


def test_the_workbook_holds_every_entry_and_every_list(folder, assessment):
    book = openpyxl.load_workbook(folder / attachments.WORKBOOK, read_only=True)
    told = {name: list(book[name].iter_rows(min_row=4, values_only=True)) for name in book.sheetnames}
    assert len(told["Entries"]) == len(assessment.table)
    totals = assessment.totals.set_index("disposition")["entries"]
    assert len(told["Declarations"]) == totals["file"] + totals["file_deferred"]
    # Beside those to protest stand others that counsel has to look at; the sheet and the file name the same.
    with (folder / attachments.PROTESTS).open(encoding="utf-8-sig", newline="") as file:
        listed = [row["entry_number"] for row in csv.DictReader(file)]
    assert sorted(row[0] for row in told["Protests"]) == sorted(listed)
    to_protest = assessment.table.loc[assessment.table["disposition"] == "protest", "entry_number"]
    assert len(to_protest) == totals["protest"] and set(to_protest) <= set(listed)
    # One row at least is sure: the entry whose IEEPA headings bear no duty.
    unpaid = [one["entry_number"] for one in TRUTH["entries"] if one["kind"] == "heading without duty"]
    assert set(unpaid) <= {row[0] for row in told["Line audit"]}
    assert len(told["Problems"]) == len(assessment.problems)
    assert len(told["Conflicts"]) == len(assessment.conflicts)


def test_the_workbook_names_the_entries_of_the_declaration_files(folder):
    book = openpyxl.load_workbook(folder / attachments.WORKBOOK, read_only=True)
    rows = list(book["Declarations"].iter_rows(min_row=3, values_only=True))
    place, name = rows[0].index("Row"), rows[0].index("File in the folder “declarations”")
    for path in (folder / attachments.DECLARATIONS).glob("CAPE_*.csv"):
        lines = path.read_text("ascii").splitlines()
        mine = {row[place]: row[0] for row in rows[1:] if row[name] == path.name}
        assert mine == dict(enumerate(lines[1:], start=2))


def test_every_deadline_still_to_come_is_in_the_calendar(folder, assessment):
    events = icalendar.Calendar.from_ical((folder / attachments.CALENDAR).read_bytes()).walk("VEVENT")
    table = assessment.table
    ahead = table[(table["next_deadline"] >= str(DAY)) & table["principal_cents"].notna()]
    owed = table[~table["disposition"].isin(deadlines.SETTLED) & (table["suit_last_day"] >= str(DAY))]
    suits = owed["suit_last_day"].groupby(owed["suit_last_day"].dt.to_period("M")).min()
    # A claimed entry's protest: day 180 less 30 is day 150, by which counsel should have decided.
    decided = ahead.loc[ahead["disposition"].eq("claimed"), "next_deadline"] - pd.Timedelta(days=30)
    decided = decided[decided >= str(DAY)]
    expected = {day.date() for days in (ahead["next_deadline"], suits, decided) for day in days}
    assert {event["dtstart"].dt for event in events} == expected
    assert len({str(event["uid"]) for event in events}) == len(events)
