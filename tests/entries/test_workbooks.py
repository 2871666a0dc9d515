"""Workbooks of every kind say the same; the fullest sheet Excel can hold is read in bounded memory."""

import subprocess
import sys
import zipfile
from datetime import date
from itertools import islice
from pathlib import Path

import pandas as pd
import pytest

import cape_kit
from cape_kit.entries import readers
from tests.entries import binary_workbook
from tests.entries.folders import CLIENT, HEADERS, clean_rows, folder, workbook
from tests.numbers import numbered

#: The clean export of `folders`, saved by LibreOffice in the two forms openpyxl can't write.
FILES = Path(__file__).parent / "files"
ROOT = Path(__file__).parents[2]
FULL_SHEET = 1_048_576


@pytest.mark.parametrize("ending", ["xls", "ods", "xlsb"])
def test_every_kind_of_workbook_says_the_same(tmp_path, ending):
    rows = [HEADERS, *clean_rows()]
    workbook(tmp_path / "x.xlsx", rows)
    other = FILES / f"es003.{ending}"
    if ending == "xlsb":
        other = tmp_path / "x.xlsb"
        binary_workbook.write(other, rows)
    (clean,) = readers.read(tmp_path / "x.xlsx", name="x")
    (found,) = readers.read(other, name="x")
    assert (found.rows, found.rows_used, len(found.problems)) == (len(rows) - 1, len(rows) - 1, 0)
    assert found.lines.equals(clean.lines)
    assert found.entries.equals(clean.entries)


def _full_sheet():
    """The XML of a sheet with as many rows as there can be, all cells text."""
    yield b'<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>'
    tails = ["".join(map(_cell, row[1:])) for row in clean_rows()[3:9]]
    yield f'<row r="1">{"".join(map(_cell, HEADERS))}</row>'.encode()
    for entry, first in enumerate(range(0, FULL_SHEET, 6)):
        number = _cell(numbered("B76", entry))
        rows = range(max(first, 1), min(first + 6, FULL_SHEET))
        yield "".join(f'<row r="{row + 1}">{number}{tails[row % 6]}</row>' for row in rows).encode()
    yield b"</sheetData></worksheet>"


def batched(pieces, many):
    """The pieces in runs of so many."""
    pieces = iter(pieces)
    return iter(lambda: list(islice(pieces, many)), [])


def _cell(text):
    return f'<c t="inlineStr"><is><t>{text}</t></is></c>'


CHILD = """
import sys
from pathlib import Path
from cape_kit.entries import readers
(found,) = readers.read(Path(sys.argv[1]))
peak = [line for line in open("/proc/self/status") if line.startswith("VmHWM")]
print(found.rows, found.rows_used, len(found.entries), int(peak[0].split()[1]) // 1024)
"""


@pytest.mark.slow
@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="no peak memory to be read here")
def test_the_fullest_sheet(tmp_path):
    """1,048,576 rows, the header among them: no row lost, under 3 GB."""
    path = tmp_path / "full.xlsx"
    workbook(tmp_path / "one.xlsx", [HEADERS])
    with (
        zipfile.ZipFile(tmp_path / "one.xlsx") as one,
        zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as full,
    ):
        for name in one.namelist():
            if name != "xl/worksheets/sheet1.xml":
                full.writestr(name, one.read(name))
        with full.open("xl/worksheets/sheet1.xml", "w", force_zip64=True) as part:
            for some in batched(_full_sheet(), 5_000):
                part.write(b"".join(some))
    out = subprocess.run(
        [sys.executable, "-c", CHILD, str(path)], cwd=ROOT, check=True, capture_output=True, text=True
    ).stdout.split()
    rows, used, entries, megabytes = map(int, out)
    assert (rows, used, entries) == (FULL_SHEET - 1, FULL_SHEET - 1, (FULL_SHEET - 1) // 6 + 1)
    assert megabytes < 3 * 1024


BROKER = "Entry No,Entry Type,Entry Date\nB76-0032452-2,01,04/05/2025\n016-0000050-7,01,25/12/2025\n"


def test_the_client_says_how_dates_run(tmp_path):
    """In ACE's own reports too, which people save again; never against what a column shows."""
    files = {"broker.csv": BROKER, "ace.csv": [HEADERS, *clean_rows()[-3:]]}
    toml = CLIENT + 'date_order = "DMY"\n'
    client = cape_kit.open(folder(tmp_path / "c", files, toml))
    found = client.entries.set_index("entry_number")
    ace = clean_rows()[-1]
    assert int(ace[4].split("/")[1]) > 12  # month first, beyond doubt
    assert found.loc[numbered("B76", 32452), "entry_date"].date() == date(2025, 5, 4)
    assert found.loc[ace[0], "entry_date"] is pd.NaT
    told = client.problems[client.problems["code"] == "R22"]
    assert set(told["file"]) == {"ace.csv"} and told["what_to_do"].str.contains("date_order").all()


def test_without_its_word_nothing_is_guessed(tmp_path):
    found = cape_kit.open(folder(tmp_path / "c", {"broker.csv": BROKER}))
    assert found.entries["entry_date"].isna().all()
    told = found.problems[found.problems["code"] == "R16"]
    assert told[["row", "times", "rows"]].to_numpy().tolist() == [[2, 2, "2-3"]]
    assert told["what_to_do"].str.contains("date_order").all()
