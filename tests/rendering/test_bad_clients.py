"""Clients nobody wishes for: every cell of the report's notebook still says something sensible about them."""

import csv
import html
import re
from pathlib import Path

import openpyxl
import pytest

from tests.notebook_cells import cells_shown, html_of
from tests.test_house import ROOT

SAMPLE = ROOT / "data" / "sample" / "harbor-lane"
#: Turns the reading direction: it could hide what a name says.
TURNED = "\u202e"
NASTY = "<script>alert(1)</script><img src=x onerror=alert(1)>&\"'"
SCRIPTS = f"شركة الميناء 港湾小径家居 ホームグッズ 👩‍👩‍👧‍👦🏠 Zoe\u0308 A\u030angstrom Группа {TURNED}evil "
NUMBER, HTS, ORDINAL, STATUS, DAY = (
    "Entry Summary Number",
    "HTS Number - Full",
    "Tariff Ordinal Number",
    "Liquidation Status",
    "Liquidation Date",
)


@pytest.fixture(scope="module")
def rows():
    book = openpyxl.load_workbook(SAMPLE / "ES-003 Entry Summary Line Tariff Details.xlsx", read_only=True)
    head, *rest = book.worksheets[0].iter_rows(values_only=True)
    return [dict(zip(head, map(str_or_nothing, row), strict=True)) for row in rest]


def str_or_nothing(value):
    return "" if value is None else str(value)


def client(folder: Path, rows: list[dict], told: str = 'name = "A Client"') -> Path:
    folder.mkdir(parents=True)
    (folder / "client.toml").write_text(f"{told}\n", "utf-8")
    with (folder / "export.csv").open("w", newline="", encoding="utf-8") as handle:
        writer = csv.DictWriter(handle, list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)
    return folder


def pieces(folder: Path, into: Path | None = None) -> str:
    """What the cells of the notebook show, run here and now: no kernel, so that it is quick."""
    return "\n".join(html_of(one) for _, one in cells_shown(folder, into) if one is not None)


def test_one_entry(tmp_path, rows):
    one = [row for row in rows if row[NUMBER] == rows[0][NUMBER]]
    page = pieces(client(tmp_path / "c", one))
    assert "in IEEPA duties found on 1 entry" in page
    assert "nan" not in re.sub(r"base64,[^\"]*", "", page).lower().replace("financ", "")


def test_nothing_but_final_entries(tmp_path, rows):
    old = [{**row, STATUS: "Liquidated", DAY: "2025-06-06", "Protest Number": ""} for row in rows[:60]]
    page = pieces(client(tmp_path / "c", old))
    assert "Nothing can be filed on a CAPE declaration today" in page
    assert "no deadline ahead" in page
    assert "so there is no file" in page


def test_no_duty_to_come_back(tmp_path, rows):
    plain = [{**row, ORDINAL: "1"} for row in rows[:60] if not row[HTS].startswith("99")]
    page = pieces(client(tmp_path / "c", plain))
    assert "No IEEPA duty was found on the" in page
    assert "There is no interest to calculate." in page


def test_nothing_but_refused_rows(tmp_path, rows):
    bad = [{**row, NUMBER: "n/a"} for row in rows[:40]]
    page = pieces(client(tmp_path / "c", bad), tmp_path)
    assert "The files hold no entry that could be read." in page
    assert "Get files that can be read" in page
    assert "40 rows of the files could not be used" in page
    assert "There is no entry to check." in page


def test_names_in_any_script_with_markup_and_formulas_are_shown_not_obeyed(tmp_path, rows):
    name = f'=HYPERLINK("x") {NASTY[:-1]} {SCRIPTS * 2}'[:120]
    told = f"""name = '''{name}'''
    [[importer]]
    number = "89-417260300"
    name = '''={NASTY}'''
    ach_refund_enrolled = false
    [[broker]]
    filer_code = "HK7"
    name = '''@SUM(A1) {NASTY}'''
    [brand]
    firm = '''+{NASTY}'''
    logo = "logo.svg"
    [assertions]
    no_drawback_claims = true
    asserted_by = '''={NASTY}'''"""
    folder = client(tmp_path / f"=<b>&{SCRIPTS[:40]}".strip(), rows[:60], told)
    (folder / "logo.svg").write_text("<svg xmlns='http://www.w3.org/2000/svg'><script>x</script></svg>")
    page = pieces(folder, tmp_path)
    assert "<script" not in page
    assert "<img src=x" not in page
    assert "&lt;script&gt;" in page
    assert "The logo logo.svg is no PNG, JPEG or GIF picture." in page
    assert f"<bdi>{html.escape(name.replace(TURNED, ''))}</bdi>" in page
    cell = openpyxl.load_workbook(tmp_path / "workbook.xlsx")["Summary"]["A1"]
    assert (cell.data_type, cell.value) == ("s", name.replace(TURNED, ""))
