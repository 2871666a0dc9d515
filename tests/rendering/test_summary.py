"""The workbook over all clients, read back by another library."""

import errno
import re

import openpyxl
import pandas as pd
import pytest

from cape_kit.errors import ReportFailed
from cape_kit.rendering import batch, summary
from cape_kit.rendering.report import Outcome
from cape_kit.views import tables
from tests.views import made_up

NAME = '=HYPERLINK("http://x") <i>Ünder & Co</i>'


def outcome(root, folder, entries, name):
    made = made_up.assessment(entries, name=name)
    return Outcome(root / folder, "done", "", root / "out" / folder / "2026-05-05", tables.figures(made))


@pytest.fixture
def outcomes(tmp_path):
    failed = Outcome(tmp_path / "c bad", "failed", "=No client.toml; importer 123-45-6789.")
    return [failed, outcome(tmp_path, "b two", 50, "Second"), outcome(tmp_path, "a", 40, NAME)]


@pytest.fixture
def path(outcomes, tmp_path):
    return summary.write(outcomes, tmp_path / "out")


def rows(path, **more):
    sheet = openpyxl.load_workbook(path, **more)["Clients"]
    heads = [cell.value for cell in sheet[3]]
    return [dict(zip(heads, row, strict=True)) for row in sheet.iter_rows(min_row=4)]


def test_one_row_for_each_client_by_folder(path):
    assert [row["Client"].value for row in rows(path)] == [NAME, "Second", "c bad"]
    assert [row["Entries"].value for row in rows(path)] == [40, 50, None]


def test_dollars_by_disposition_add_up(path, outcomes):
    labels = [label for key, label in made_up.LABELS.items() if key != "not_refundable"]
    for row, made in zip(rows(path), (outcomes[2], outcomes[1]), strict=False):
        parts = made.summary["dispositions"]
        cents = {made_up.LABELS[key]: part["principal_cents"] for key, part in parts.items()}
        assert {label: row[label].value for label in labels} == {
            label: cents[label] / 100 for label in labels
        }
        assert row["IEEPA duty"].value == pytest.approx(sum(row[label].value for label in labels))
        assert row["As of"].value == pd.Timestamp(made_up.AS_OF)


def test_the_first_sheet_says_what_is_in_it_and_adds_up(path):
    made = openpyxl.load_workbook(path)
    assert made.sheetnames == ["Overview", "Clients", "Deadlines", "Filed and paid", "Who owes data"]
    links = {cell.value for cell in made["Overview"]["A"] if cell.hyperlink}
    assert links == set(made.sheetnames[1:])
    told = {row[0].value: row[1].value for row in openpyxl.load_workbook(path, data_only=True)["Overview"]}
    assert told["Entries"] == 90
    for name in ("IEEPA duty", "Expected, with interest"):
        mine = [row[name].value for row in rows(path) if row[name].value is not None]
        assert told.get(name, told.get(f"{name} found")) == pytest.approx(sum(mine))
    clients = made["Clients"]
    # Whole columns print, from the client to what may be done with its dollars, on one page's width.
    assert re.fullmatch(r"'Clients'!\$A\$1:\$[L-P]\$6", clients.print_area)
    assert clients.sheet_properties.pageSetUpPr.fitToPage and clients.page_setup.fitToHeight == 0


def test_sums_are_live_and_right(path):
    formulas = openpyxl.load_workbook(path)["Clients"][2]
    values = openpyxl.load_workbook(path, data_only=True)["Clients"]
    place = [cell.value for cell in values[3]].index("IEEPA duty")
    assert "SUBTOTAL(109," in formulas[place].value
    assert values[2][place].value == pytest.approx(sum(r["IEEPA duty"].value or 0 for r in rows(path)))


def test_each_report_is_one_click_away_wherever_the_folder_is_moved(path):
    assert [row["Report"].value for row in rows(path)] == [
        '=HYPERLINK("a/2026-05-05/report.html","Report")',
        '=HYPERLINK("b two/2026-05-05/report.html","Report")',
        "No report",
    ]
    assert rows(path, data_only=True)[0]["Report"].value == "Report"


def test_what_went_wrong_is_text_and_names_no_person(path):
    cell = rows(path)[2]["What went wrong"]
    assert (cell.data_type, cell.value) == ("s", "=No client.toml; importer ***-**-6789.")
    assert all(row["Client"].data_type == "s" for row in rows(path))


def test_the_same_clients_give_the_same_bytes(path, outcomes, tmp_path):
    before = path.read_bytes()
    assert summary.write(outcomes[::-1], tmp_path / "out").read_bytes() == before


def test_what_cannot_be_written_is_the_systems_own_word(outcomes, tmp_path, monkeypatch):
    monkeypatch.setattr(summary.leftovers, "beside", lambda path: tmp_path / "gone" / path.name)
    with pytest.raises(FileNotFoundError):
        summary.write(outcomes, tmp_path / "out")
    with pytest.raises(
        ReportFailed, match=r"^The index is not written\. No such file or directory: .*summary"
    ):
        batch.conclude(outcomes, tmp_path / "out")


def test_what_was_not_written_whole_is_taken_away(path, outcomes, tmp_path, monkeypatch):
    before = path.read_bytes()

    def full(*_, **__):
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(summary.sheets, "fill", full)
    with pytest.raises(OSError, match="No space left on device"):
        summary.write(outcomes, tmp_path / "out")
    assert [one.name for one in (tmp_path / "out").iterdir()] == [path.name]
    assert path.read_bytes() == before


def test_no_client_is_still_a_workbook(tmp_path):
    sheet = openpyxl.load_workbook(summary.write([], tmp_path))["Clients"]
    assert sheet["A4"].value == "No client."


def test_a_fee_stands_in_the_summary_where_the_client_file_names_one(outcomes, tmp_path):
    folder = tmp_path / "b two"
    folder.mkdir()
    (folder / "client.toml").write_text(
        'name = "Second"\n[engagement]\npercent = 10\nper_entry = 2\n', "utf-8"
    )
    parts = [outcomes[1].summary["dispositions"][key] for key in ("file", "file_deferred")]
    refund = sum(part["principal_cents"] + part["interest_cents"] for part in parts)
    count = sum(part["entries"] for part in parts)
    fees = {
        row["Client"].value: row["Your fee on CAPE now"].value
        for row in rows(summary.write(outcomes, tmp_path / "out"))
    }
    assert fees["Second"] == pytest.approx(refund / 1000 + 2 * count, abs=0.0051)
    assert fees[NAME] is None


def test_no_fee_stands_where_no_client_is_named(outcomes, tmp_path):
    folder = tmp_path / "b two"
    folder.mkdir()
    (folder / "client.toml").write_text('name = "Second"\n[engagement]\nfloor = 10\n', "utf-8")
    path = summary.write(outcomes, tmp_path / "out", redact=True)
    assert "Your fee on CAPE now" not in [cell.value for cell in openpyxl.load_workbook(path)["Clients"][3]]
