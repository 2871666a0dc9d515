"""`cape-kit inspect`: what a person is told of each file."""

import json

from click.testing import CliRunner

from cape_kit.cli.inspecting import inspect
from tests.entries.folders import HEADERS, clean_rows, folder


def test_a_folder(tmp_path):
    bare = [row[:11] for row in [HEADERS, *clean_rows()]]
    path = folder(tmp_path / "c", {"a.csv": bare})
    result = CliRunner().invoke(inspect, [str(path)])
    assert result.exit_code == 0
    assert "ES-003 Entry Summary Line Tariff Details (es003), header on row 1" in result.stdout
    assert "2025-03-15 to 2025-06-15" in result.stdout
    assert "18 = 18 used + 0 refused + 0 without data" in result.stdout
    assert "add (ACE) Liquidation Status, Liquidation Date" in result.stdout


def test_rows_that_repeat_are_told_so_that_the_rows_add_up(tmp_path):
    path = folder(tmp_path / "c", {"a.csv": [HEADERS, *clean_rows(), *clean_rows()]})
    result = CliRunner().invoke(inspect, [str(path)])
    assert "36 = 18 used + 0 refused + 18 repeated + 0 without data" in result.stdout


def test_trouble_is_exit_1_and_one_sentence(tmp_path):
    path = folder(
        tmp_path / "c", {"a.csv": [HEADERS, *clean_rows(), ["3.16E+10", "01"]], "note.txt": "hello\n"}
    )
    result = CliRunner().invoke(inspect, [str(path), str(tmp_path / "nowhere")])
    assert result.exit_code == 1
    assert "row 20, column Entry Summary Number, '3.16E+10'" in result.stdout
    assert [line.split(":")[0] for line in result.stderr.splitlines()] == ["note", "error"]


def test_for_programs(tmp_path):
    path = folder(tmp_path / "c", {"a.csv": [HEADERS, *clean_rows()]})
    result = CliRunner().invoke(inspect, ["--json", str(path / "a.csv")])
    (told,) = json.loads(result.stdout)
    assert told["profile"] == "es003_extended"
    assert told["columns_found"]["hts"] == "HTS Number - Full"
    assert (told["rows"], told["entries"]) == (18, 4)
