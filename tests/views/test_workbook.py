"""The workbook read back by another library, and recounted by a real spreadsheet where one is installed."""

import re
import shutil
import subprocess
import tempfile
import zipfile
from pathlib import Path

import openpyxl
import pandas as pd
import pytest

from cape_kit import leftovers
from cape_kit.views import tables, workbook
from cape_kit.views.tables import Field, Table
from cape_kit.views.workbook import book, sheet
from tests.views import made_up

OFFICE = shutil.which("soffice") or shutil.which("libreoffice")
#: LibreOffice may be there without its spreadsheet.
CALC = OFFICE and any(Path(OFFICE).resolve().parent.glob("libsclo.*"))
SHEETS = ["Summary", "Entries", "Line audit", "Problems", "Conflicts", "Sources & assumptions"]
#: Texts a spreadsheet would run, link or turn into something else.
NASTY = [
    "=1+1",
    "+1",
    "-1",
    "@SUM(A1)",
    '=HYPERLINK("x")',
    "=cmd|' /C calc'!A0",
    "00123",
    "1E5",
    "http://x.y",
    "\tx",
]


@pytest.fixture
def few_lists(monkeypatch):
    """The declaration and protest sheets need real facts; the report's own test has them."""
    kept = (tables.audit_rows, tables.problem_rows, tables.conflict_rows)
    monkeypatch.setattr(book, "_LISTS", {one: book._LISTS[one] for one in kept})


@pytest.fixture
def made(six, tmp_path, few_lists):
    six.portfolio.files = six.portfolio.files.assign(file="=es003.xlsx")
    return workbook.write(six, tmp_path / "workbook.xlsx")


def opened(path, **more):
    return openpyxl.load_workbook(path, **more)


def test_sheets_in_order(made):
    assert opened(made).sheetnames == SHEETS


def test_one_row_per_entry_with_real_days_and_dollars(made, six):
    entries = opened(made)["Entries"]
    heads = [cell.value for cell in entries[3]]
    rows = {row[0].value: dict(zip(heads, row, strict=True)) for row in entries.iter_rows(min_row=4)}
    assert sorted(rows) == list("ABCDEF")
    first = rows["A"]
    assert first["IEEPA duty"].value == 1000
    assert "$" in first["IEEPA duty"].number_format
    assert first["CAPE until"].value == pd.Timestamp("2026-05-25")
    assert first["By"].value == pd.Timestamp("2026-05-25")
    assert first["Disposition"].value == "File on CAPE"
    assert rows["E"]["By"].value is None
    assert rows["E"]["Importer number"].value == "***-**-6789"


def test_sheets_are_easy_to_work_with(made):
    entries = opened(made)["Entries"]
    assert entries.freeze_panes == "B4"
    assert entries.auto_filter.ref.startswith("A3:")
    assert entries.auto_filter.ref.endswith("9")
    assert entries.column_dimensions["A"].width >= 12
    rules = [rule for group in entries.conditional_formatting for rule in group.rules]
    assert any("due soon" in "".join(rule.formula) for rule in rules)


def test_entries_print_on_one_pages_width_and_stay_readable(made):
    """The printed columns fit a landscape page at seven tenths of their size; nothing else is on paper."""
    entries = opened(made)["Entries"]
    heads = [cell.value for cell in entries[3]]
    assert entries.print_area == "'Entries'!$A$1:$I$9"
    assert (entries.page_setup.fitToHeight, entries.page_setup.orientation) == (0, "landscape")
    assert entries.sheet_properties.pageSetUpPr.fitToPage and entries.page_setup.fitToWidth in (None, 1)
    assert heads[:4] == ["Entry", "Disposition", "Next step", "By"]
    assert {"IEEPA duty", "Interest", "CAPE until", "Protest until"} <= set(heads[:9])
    wide = sum(entries.column_dimensions[sheet.letters(place)].width for place in range(9))
    # Ten inches of ten points hold about 125 characters.
    assert 125 / wide >= 0.7


def test_every_sheet_has_a_title_and_prints_one_page_wide_and_readable(made, six, tmp_path):
    """Ten inches of a letter page are 960 pixels; seven points of ten need 0.7 of a sheet's own width."""
    filer = workbook.write_filer(six, "ABC", tmp_path / "filer.xlsx")
    for page in [*opened(made).worksheets, *opened(filer).worksheets]:
        last = page.max_column
        if page.print_area:
            last = openpyxl.utils.range_boundaries(page.print_area.split("!")[1].replace("$", ""))[2]
        wide = [
            next((one.width for one in page.column_dimensions.values() if one.min <= place <= one.max), 8.43)
            for place in range(1, last + 1)
        ]
        assert 960 / sum(7 * one + 5 for one in wide) >= 0.68, page.title
        assert page["A1"].value
        assert (page.page_setup.orientation, page.page_setup.fitToHeight) == ("landscape", 0)
        assert "Page &P of &N" in page.oddFooter.right.text
        if page.print_title_rows:
            assert (page.print_title_rows, page.print_title_cols) == ("$3:$3", "$A:$A")
    assert opened(made)["Entries"]["A1"].value.startswith("Entries   One row per entry.")


def test_words_give_way_before_figures_and_what_does_not_fit_stays_on_the_screen():
    words, dollars = Field("a", "Words"), Field("b", "Dollars", "dollars")
    widths, printed = sheet.fitted([words, dollars], [30, 12])
    assert (widths, printed) == ([30, 12], 2)
    widths, printed = sheet.fitted([words] * 6, [48] * 6)
    assert printed == 6 and len(set(widths)) == 1 and sheet.pixels(widths) <= sheet.PAPER
    widths, printed = sheet.fitted([dollars] * 20, [15] * 20)
    assert widths == [15] * 20 and sheet.pixels(widths[:printed]) <= sheet.PAPER < sheet.pixels(
        [15] * (printed + 1)
    )


def test_totals_are_formulas_with_the_right_values(made):
    formulas, values = opened(made)["Summary"], opened(made, data_only=True)["Summary"]
    found = {row[0].value: row for row in values.iter_rows(min_row=6, max_row=16)}
    assert [cell.value for cell in found["File on CAPE"][1:4]] == [2, 3000, 300]
    assert [cell.value for cell in found["All entries"][1:4]] == [6, 3750, 375]
    for row in formulas.iter_rows(min_row=6, max_row=16, min_col=2, max_col=4):
        assert all(str(cell.value).startswith("=") for cell in row)


def test_texts_are_never_formulas_numbers_or_links(tmp_path):
    frame = pd.DataFrame({"text": NASTY, "cents": range(len(NASTY))})
    table = Table(frame, (Field("text", "=Text"), Field("cents", "Cents", "dollars")), "T", made_up.AS_OF)
    with sheet.opened(tmp_path / "x.xlsx", constant_memory=True) as made:
        sheet.fill(made.add_worksheet("T"), table, sheet.Formats(made))
    page = opened(tmp_path / "x.xlsx")["T"]
    cells = [page.cell(row, 1) for row in range(3, 4 + len(NASTY))]
    assert [cell.data_type for cell in cells] == ["s"] * len(cells)
    assert [cell.value for cell in cells[1:]] == NASTY
    assert not any(cell.hyperlink for cell in cells)


def test_no_personal_number_and_no_formula_from_a_file(made):
    with zipfile.ZipFile(made) as parts:
        whole = b"".join(parts.read(name) for name in parts.namelist())
    assert not re.search(rb"(?<![\w-])\d{3}-\d{2}-\d{4}(?!\d)", whole)
    formulas = {found[:9] for found in re.findall(rb"<f>(.*?)</f>", whole)}
    ours = (b"COUNTIF(E", b"IF(AND($B", b"IF(SUBTOT", b"SUM(", b"$B")
    assert {f for f in formulas if not f.startswith(ours)} == set()


def test_the_same_assessment_gives_the_same_bytes(six, made, tmp_path, few_lists):
    again = workbook.write(six, tmp_path / "again.xlsx")
    assert again.read_bytes() == made.read_bytes()


@pytest.mark.parametrize("entries", [0, 1])
def test_few_entries(entries, tmp_path, few_lists):
    path = workbook.write(made_up.assessment(entries), tmp_path / "w.xlsx")
    assert opened(path).sheetnames == SHEETS


def test_a_sheet_without_rows_says_so(made):
    cells = [row[0] for row in opened(made)["Line audit"].iter_rows(values_only=True)]
    assert cells[2] == "Entry"
    assert cells[3].startswith("The files hold no tariff line that could be checked")


@pytest.mark.parametrize(
    ("column", "name"), [(0, "A"), (25, "Z"), (26, "AA"), (51, "AZ"), (52, "BA"), (701, "ZZ")]
)
def test_column_names(column, name):
    assert sheet.letters(column) == name


def recounted(made, tmp_path):
    """The first sheet as a spreadsheet reckons it. Values are wiped first: what is read back is its own."""
    wiped = opened(made)
    wiped.save(tmp_path / "wiped.xlsx")
    command = [OFFICE, f"-env:UserInstallation={(tmp_path / 'profile').as_uri()}", "--headless"]
    command += ["--convert-to", "csv", "--outdir", str(tmp_path), str(tmp_path / "wiped.xlsx")]
    subprocess.run(command, check=True, capture_output=True, timeout=120)
    return (tmp_path / "wiped.csv").read_text("cp1252").splitlines()


@pytest.mark.slow
@pytest.mark.skipif(not CALC, reason="no LibreOffice Calc on this machine")
def test_a_spreadsheet_recounts_a_dash_where_no_amount_is_known(few_lists, tmp_path):
    """Three entries to file: of one nothing is known; one to protest, of which nothing is known; one without duty."""
    table = made_up.assessment(6).table.assign(
        disposition=["file", "file", "file", "protest", "not_refundable", "claimed"],
        principal_cents=pd.array([100_00, 200_00, None, None, 0, 50_00], dtype="Int64"),
        interest_cents=pd.array([10_00, None, None, None, None, None], dtype="Int64"),
    )
    made = workbook.write(made_up.of(table, table.head(0), "Six"), tmp_path / "six.xlsx")
    lines = {line.split(",")[0]: line.split(",")[1:5] for line in recounted(made, tmp_path)}
    assert lines["File on CAPE"] == ["3", "300", "10", "1"]
    assert lines["Protest"] == ["1", "–", "–", "1"]
    assert lines["Data needed"] == ["0", "0", "0", "0"]
    assert lines["No IEEPA duty"] == ["1", "0", "0", "0"]
    assert lines["Already claimed"] == ["1", "50", "–", "0"]
    assert lines["All entries"] == ["6", "350", "10", "2"]


@pytest.mark.slow
@pytest.mark.skipif(not CALC, reason="no LibreOffice Calc on this machine")
def test_a_spreadsheet_recounts_a_dash_where_nothing_at_all_is_known(few_lists, tmp_path):
    table = made_up.assessment(1).table.assign(
        disposition="file",
        principal_cents=pd.array([None], dtype="Int64"),
        interest_cents=pd.array([None], dtype="Int64"),
    )
    made = workbook.write(made_up.of(table, table.head(0), "One"), tmp_path / "one.xlsx")
    lines = {line.split(",")[0]: line.split(",")[1:5] for line in recounted(made, tmp_path)}
    assert lines["File on CAPE"] == lines["All entries"] == ["1", "–", "–", "1"]


@pytest.mark.slow
@pytest.mark.skipif(not CALC, reason="no LibreOffice Calc on this machine")
def test_a_spreadsheet_recounts_the_same_totals(made, tmp_path):
    lines = recounted(made, tmp_path)
    assert lines[5] == "File on CAPE,2,3000,300,0,05/25/2026"
    assert lines[15] == "All entries,6,3750,375,0,"


def test_the_front_sheet_says_what_each_sheet_is_for(made):
    cells = [[cell.value for cell in row] for row in opened(made, data_only=True)["Summary"].iter_rows()]
    first = next(place for place, row in enumerate(cells) if row[0] == "Sheet")
    told = {row[0]: row[1:3] for row in cells[first + 1 :]}
    assert list(told) == SHEETS[1:]
    assert told["Entries"][0] == 6
    assert all(purpose.endswith(".") for _, purpose in told.values())
    links = [row[0].hyperlink.location for row in opened(made)["Summary"].iter_rows(min_row=first + 2)]
    assert links == [f"'{name}'!A1" for name in SHEETS[1:]]


def test_a_table_that_asks_for_a_column_no_frame_has_is_no_table(six):
    """A misspelt column used to be an empty one: nothing on a sheet looks like "no window runs"."""
    frame = pd.DataFrame({"cape_last_day": [pd.NaT]})
    with pytest.raises(LookupError, match="asks for cape_last_dya"):
        Table(frame, (Field("cape_last_dya", "CAPE until", "day"),), caption="Entries", as_of=made_up.AS_OF)
    with pytest.raises(LookupError, match="asks for whence"):
        field = Field("cape_last_day", "CAPE until", "day", under="whence")
        Table(frame, (field,), caption="Entries", as_of=made_up.AS_OF)
    six.table = six.table.drop(columns="cape_last_day")
    with pytest.raises(KeyError, match="cape_last_day"):
        tables.every_entry(six)


@pytest.mark.parametrize("by_rows", [True, False])
def test_its_parts_lie_where_they_go_with_their_process(tmp_path, monkeypatch, by_rows):
    """A killed report left a sheet's rows under a name of XlsxWriter's, which nobody sweeps."""
    places, made = [], tempfile.mkstemp
    monkeypatch.setattr(
        tempfile, "mkstemp", lambda *words, **more: (places.append(more.get("dir")), made(*words, **more))[1]
    )
    table = Table(pd.DataFrame({"text": NASTY}), (Field("text", "Text"),), "T", made_up.AS_OF)
    with sheet.opened(tmp_path / "w.xlsx", constant_memory=by_rows) as book_made:
        sheet.fill(book_made.add_worksheet("T"), table, sheet.Formats(book_made))
    assert places and all(Path(place).parent.name.startswith(leftovers.PREFIX) for place in places)
