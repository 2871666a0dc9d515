"""Files and sheets that were not read: by name, with rows and dollars; what the kit wrote; other files."""

import csv
import io
import json
import os
import shutil
import zipfile
from pathlib import Path

import openpyxl
import pytest
import xlsxwriter
from click.testing import CliRunner

import cape_kit
from cape_kit.cli.filing import declare
from cape_kit.cli.inspecting import inspect
from cape_kit.entries import file_report, readers
from cape_kit.entries.portfolio import files
from cape_kit.entries.readers import recognise, unread_files
from cape_kit.errors import BadClient
from cape_kit.rendering import manifest
from cape_kit.views import tables
from tests.entries.folders import HEADERS, as_csv, clean_rows, folder
from tests.numbers import numbered

GOOD = [HEADERS, *clean_rows()]
FIRST, SECOND = numbered("K12", 3300001), numbered("K12", 3300002)
STRANGE = [
    ["Entry Number", "HTS Number", "Est. Duty (USD)"],
    [FIRST, "9903.01.25", "$1,000.00"],
    [SECOND, "9903.01.25", "245.50"],
    ["Total", "", "1,245.50"],
]
TOML = 'name = "Test"\n[[broker]]\nfiler_code = "K12"\ndata_received = true\n'


def opened(tmp_path, extra, toml=TOML):
    return cape_kit.open(folder(tmp_path / "c", {"good.csv": GOOD, **extra}, toml))


def letter(text):
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as target:
        target.writestr("[Content_Types].xml", "<Types/>")
        target.writestr("word/document.xml", f"<w:document><w:t>{text}</w:t></w:document>")
    return out.getvalue()


def test_an_unread_file_stands_among_the_files_with_rows_and_dollars(tmp_path):
    found = opened(tmp_path, {"strange.csv": STRANGE})
    (row,) = files.not_read(found.files).to_dict("records")
    assert (row["file"], row["title"], row["rows"], row["rows_used"], row["entries"]) == (
        *("strange.csv", "Not read", 2, 0, 2),
    )
    assert row["filers"] == "K12"
    (line,) = found.money[found.money["file"] == "strange.csv"].to_dict("records")
    assert (line["column"], line["not_understood_cents"], line["passed_over_cents"]) == (
        *("Est. Duty (USD)", 124_550, 124_550),
    )
    (problem,) = found.problems[found.problems["file"].eq("strange.csv")].to_dict("records")
    assert (problem["severity"], problem["code"]) == ("error", "R02")
    assert "its header is there (row 1) and has Entry Number, HTS Number" in problem["message"]
    assert "2 rows, $1,245.50 in column 'Est. Duty (USD)', 2 entries of filer K12" in problem["message"]
    assert "rename 'Est. Duty (USD)' to 'Line Tariff Duty Amount'" in problem["what_to_do"]
    assert "with its header row" not in problem["what_to_do"]


def test_page_one_and_readiness_say_so(tmp_path):
    found = cape_kit.assess(opened(tmp_path, {"strange.csv": STRANGE}), as_of="2026-05-05")
    told = "strange.csv: 2 rows, $1,245.50 in column 'Est. Duty (USD)', 2 entries of filer K12."
    assert told in tables.alerts(found).words
    assert tables.figures(found)["unread"] == [told]
    assert tables.figures(found)["rows_not_used"] == 2
    json.dumps(tables.figures(found))
    assert "Get strange.csv in a readable form" in tables.first_steps(found).words
    frame = tables.readiness(found).frame
    (state,) = frame.loc[frame["item"] == "Broker’s data", "state"]
    assert state == "OPEN"
    shown = tables.files(found).frame.set_index("file")
    assert shown.loc["strange.csv", "dollars_unused"] == 124_550
    assert tables.money_columns(found).frame["sum_cents"].sum() == found.portfolio.money["sum_cents"].sum()


def test_declare_writes_and_exits_1(tmp_path):
    client = folder(tmp_path / "c", {"good.csv": GOOD, "strange.csv": STRANGE}, TOML)
    asked = [str(client), "--as-of", "2026-05-05", "--out", str(tmp_path / "out")]
    result = CliRunner().invoke(declare, asked)
    assert result.exit_code == 1
    assert "c: not read: strange.csv: 2 rows, $1,245.50" in result.stderr
    assert list((tmp_path / "out").rglob("exceptions.csv"))
    (client / "strange.csv").unlink()
    assert CliRunner().invoke(declare, asked).exit_code == 0


def test_without_a_header_the_first_row_counts_too(tmp_path):
    found = readers.read_file(
        folder(tmp_path, {"x.csv": [[FIRST, "x", "12.50"], [SECOND, "y", "$7.50"]]}) / "x.csv", name="x.csv"
    )
    (one,) = found.unread
    assert (one.rows, one.entries, one.filers) == (2, 2, ("K12",))
    assert one.money["not_understood_cents"].sum() == 2000
    assert found.problems["code"].tolist() == ["R02"]


@pytest.mark.parametrize("visible", [True, False])
def test_a_sheet_beside_with_data_is_an_error(tmp_path, visible):
    book = openpyxl.Workbook()
    for row in GOOD:
        book.active.append(row)
    other = book.create_sheet("Other broker")
    for row in STRANGE if visible else GOOD:
        other.append(row)
    other.sheet_state = "visible" if visible else "hidden"
    book.create_sheet("Notes").append(["Dear all"])
    book.save(tmp_path / "x.xlsx")
    found = readers.read_file(tmp_path / "x.xlsx", name="x.xlsx")
    listed = found.readings[0].problems
    assert listed.loc[listed["code"] == "R45", "sheet"].tolist() == ["Other broker"]
    assert listed.loc[listed["code"] == "R14", "sheet"].tolist() == ["Notes"]
    (one,) = found.unread
    assert (one.sheet, one.entries) == ("Other broker", 2 if visible else 4)


@pytest.mark.parametrize("between", [1, 80])
def test_a_second_table_of_a_text_that_is_wider_than_the_first_is_read_whole(tmp_path, between):
    rows = [["Entry Number", "Entry Date", "Entry Type"], *[[FIRST, "2025-05-01", "01"]] * between, []]
    rows += [["Entry Number", "Line Number", "HTS Number", "Country of Origin", "Goods Value", "Duty Amount"]]
    rows += [[SECOND, "1", "99030124", "CN", "0.00", "345.00"]]
    found = opened(tmp_path, {"two.csv": rows})
    lines = found.tariff_lines.to_pandas().set_index("entry_number")
    assert lines.loc[SECOND, "duty_cents"] == 34_500
    assert lines.loc[SECOND, "source_row"] == between + 4


PROMPTS = [
    ["Prompt", "Value"],
    ["Entry Date From", "01/01/2025"],
    ["Entry Date To", "12/31/2025"],
    ["Importer Number", "12-345678900"],
    ["Line Tariff Duty Amount >=", "0.00"],
    ["Entry Summary Number", GOOD[1][0]],
]


@pytest.mark.parametrize(
    ("sheet", "rows", "codes"),
    [
        ("Paramount imports", STRANGE, ["R45"]),
        ("Report Parameters", PROMPTS, []),
        ("PARAMS 1", PROMPTS, []),
        ("Parameters", STRANGE, ["R45"]),  # passed over by its name, duty and all
        ("Parameters", [*PROMPTS[:-1], ["Entry Summary Number", FIRST]], ["R45"]),
        ("Params", [["HTS Number", "Duty Amount"], ["9903.01.25", "777.00"]], ["R45"]),
    ],
)
def test_only_a_sheet_of_prompts_is_passed_over(tmp_path, sheet, rows, codes):
    path = folder(tmp_path / "c", {"good.xlsx": GOOD}, TOML)
    book = openpyxl.load_workbook(path / "good.xlsx")
    beside = book.create_sheet(sheet)
    for row in rows:
        beside.append(row)
    book.save(path / "good.xlsx")
    found = cape_kit.open(path).problems
    assert found.loc[found["sheet"].eq(sheet), "code"].tolist() == codes


@pytest.mark.parametrize("name", ["two.csv", "two.xlsx"])
@pytest.mark.parametrize("between", [1, 30])
def test_the_header_of_a_second_table_is_told_by_its_row_of_the_file(tmp_path, name, between):
    """It was counted within the second table, where it is always the first."""
    rows = [["Entry Number", "Entry Date", "Entry Type"], *[[FIRST, "2025-05-01", "01"]] * between, []]
    rows += [["HTS Number", "Duty Amount", "Country of Origin"], ["99030124", "777.00", "CN"]]
    found = opened(tmp_path, {name: rows})
    (problem,) = found.problems[found.problems["code"] == "R45"].to_dict("records")
    assert f"(row {between + 3})" in problem["message"]


@pytest.mark.parametrize("title", ["Our report,May", "Our report,"])
def test_cells_beyond_the_first_row_of_what_was_not_read_are_looked_at(tmp_path, title):
    text = f"{title}\nx,y,{FIRST},$777.00\nx,y,{SECOND},$778.00\n"
    (one,) = files.not_read(opened(tmp_path, {"strange.csv": text}).files).to_dict("records")
    assert (one["file"], one["entries"], one["filers"]) == ("strange.csv", 2, "K12")


def test_the_first_of_two_tables_of_a_text_is_an_error_too(tmp_path):
    rows = [["HTS Number", "Duty Amount", "Country of Origin"], ["99030124", "777.00", "CN"], []]
    rows += [["Entry Number", "Entry Date", "Entry Type"], [FIRST, "2025-05-01", "01"]]
    found = opened(tmp_path, {"two.csv": rows})
    (problem,) = found.problems[found.problems["code"] == "R45"].to_dict("records")
    assert problem["file"] == "two.csv" and "$777.00 in column 'Duty Amount'" in problem["message"]


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("letter.docx", letter("Dear client, the refund is under way")),
        ("scan.png", b"\x89PNG\r\n\x1a\n..."),
        ("letter.rtf", b"{\\rtf1 invoice 4711}"),
        ("note.txt", b"Dear Sir,\nplease call me\n"),
        ("mail.msg", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600)),
    ],
)
def test_a_file_for_another_purpose_is_one_calm_line(tmp_path, name, content):
    found = opened(tmp_path, {name: content})
    (problem,) = found.problems[found.problems["file"].eq(name)].to_dict("records")
    assert (problem["severity"], problem["code"]) == ("note", "R43")
    assert files.not_read(found.files).empty


@pytest.mark.parametrize("name", ["letter.docx", "note.txt"])
def test_unless_it_holds_entry_numbers(tmp_path, name):
    text = f"entry {FIRST[:3]}-{FIRST[3:10]}-{FIRST[10]}"
    content = letter(text) if name.endswith("docx") else f"{FIRST}\n{SECOND},a\n".encode()
    found = opened(tmp_path, {name: content})
    assert found.problems.loc[found.problems["file"].eq(name), "severity"].tolist() == ["error"]
    assert files.not_read(found.files)["file"].tolist() == [name]


@pytest.mark.parametrize(
    ("header", "perhaps"),
    [
        ("Est. Duty", True),
        ("Duty Amt", True),
        ("Tariff Duty", True),
        ("Weight", False),
        ("Consignee", False),
    ],
)
def test_a_missing_column_is_named_by_likeness_and_never_taken(header, perhaps):
    found = recognise.nearest([["Entry Number", "HTS Number", header]])
    assert found.lacking == ("Line Tariff Duty Amount",)
    assert unread_files.perhaps_called(found) == ({"Line Tariff Duty Amount": header} if perhaps else {})


# --- what the kit wrote -------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def written(tmp_path_factory):
    """Every kind of file the commands write, but the page itself."""
    from cape_kit.cli.json_shape import save
    from cape_kit.filing import declaration
    from cape_kit.rendering import attachments

    out = tmp_path_factory.mktemp("written")
    sample = Path(__file__).parents[2] / "data" / "sample" / "harbor-lane"
    found = cape_kit.assess(cape_kit.open(sample), as_of="2026-05-05")
    attachments.write(found, str(out))
    save(found, out / "assess")
    declaration.write_all(found, out / "declare")
    (out / "report.html").write_text(
        "<!DOCTYPE html>\n<html><head><title>A: IEEPA duty refunds as of</title>"
    )
    (out / "manifest.json").write_text(
        json.dumps({"fingerprint": "0", "parameters": {}, "kit": {}, "outputs": {}}, indent=2)
    )
    return out


def test_everything_written_is_known_again(written):
    """Whatever it is called; but for the declaration itself, CBP's form, which is read as a mere list."""
    unknown = [p.name for p in written.rglob("*") if p.is_file() and not unread_files.made_by_kit(p)]
    assert unknown
    assert all(name.startswith("CAPE_") for name in unknown)


def test_what_the_kit_wrote_is_left_alone(written, tmp_path):
    client = folder(tmp_path / "c", {"good.csv": GOOD})
    before = cape_kit.open(client)
    for place, path in enumerate(
        sorted(p for p in written.rglob("*") if p.is_file() and unread_files.made_by_kit(p))
    ):
        shutil.copy(path, client / f"renamed {place}{path.suffix}")
    after = cape_kit.open(client)
    assert after.entries.equals(before.entries)
    assert after.files.equals(before.files)
    new = after.problems[~after.problems["message"].isin(before.problems["message"])]
    assert new["code"].tolist() == ["R44"]
    assert "renamed 0" in new["message"].iloc[0]
    result = CliRunner().invoke(inspect, [str(client)])
    assert result.exit_code == 0
    assert "renamed 0" in result.stdout


def test_a_clients_own_file_is_not_taken_for_one(tmp_path):
    for name, rows in {"a.csv": GOOD, "b.csv": STRANGE}.items():
        (tmp_path / name).write_text(as_csv(rows))
        assert not unread_files.made_by_kit(tmp_path / name)
    snake = [
        ["entry_number", "entry_type", "entry_date", "liquidation_status", "confidence"],
        [FIRST, "01", "", "", ""],
    ]
    with (tmp_path / "c.csv").open("w", encoding="utf-8-sig", newline="") as file:
        csv.writer(file).writerows(snake)
    assert not unread_files.made_by_kit(tmp_path / "c.csv")
    with xlsxwriter.Workbook(tmp_path / "d.xlsx") as book:
        book.add_worksheet().write(0, 0, "IEEPA duty refunds")
    assert not unread_files.made_by_kit(tmp_path / "d.xlsx")


def test_what_is_out_of_reach_is_a_file_that_was_not_read(tmp_path):
    own, elsewhere = folder(tmp_path / "c", {"good.csv": GOOD}, TOML), tmp_path / "share"
    before = cape_kit.open(own).fingerprint
    elsewhere.mkdir()
    (elsewhere / "more.csv").write_text("Entry Number\n", "utf-8")
    (own / "of the share").symlink_to(elsewhere)
    (own / "gone.csv").symlink_to(tmp_path / "nowhere.csv")
    found = cape_kit.open(own)
    assert sorted(files.not_read(found.files)["file"]) == ["gone.csv", "of the share"]
    said = found.problems.set_index("file")["message"]
    assert "a link that leads nowhere" in said["gone.csv"]
    assert "a link to another folder" in said["of the share"]
    assert found.fingerprint != before
    assert set(manifest.inputs(own)) == {"client.toml", "good.csv", "gone.csv", "of the share"}
    # What is shown of the folder and proposed for it passes over neither, and stops at neither.
    assert [path.name for path, _ in file_report.proposals(own, found.law)] == []
    told = CliRunner().invoke(inspect, [str(own)])
    assert "a link to another folder: put the files themselves here" in told.output


def test_a_folder_without_the_right_to_look_into_it_is_not_passed_over(tmp_path, monkeypatch):
    # Whoever runs the tests may have every right: the system is asked in its place.
    own = folder(tmp_path / "c", {"good.csv": GOOD}, TOML)
    (own / "closed").mkdir()
    real = os.scandir

    def scandir(path="."):
        if str(path).endswith("closed"):
            raise PermissionError(13, "Permission denied", str(path))
        return real(path)

    monkeypatch.setattr(os, "scandir", scandir)
    found = cape_kit.open(own)
    assert list(files.not_read(found.files)["file"]) == ["closed"]
    assert "can't be looked into" in found.problems.set_index("file")["message"]["closed"]


@pytest.mark.parametrize("name", ["client.toml", "facts.csv", "scenarios.toml", ".cape-filed.csv"])
def test_a_file_of_the_clients_own_that_leads_nowhere_is_no_empty_one(tmp_path, name):
    own = folder(tmp_path / "c", {"good.csv": GOOD}, TOML)
    (own / name).unlink(missing_ok=True)
    (own / name).symlink_to(tmp_path / "nowhere")
    with pytest.raises(BadClient, match="is a link that leads nowhere"):
        cape_kit.open(own)
