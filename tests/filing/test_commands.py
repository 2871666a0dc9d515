"""`declare` and `reconcile` as a consultant types them."""

import csv
import json
import shutil
from pathlib import Path

import pytest
from click.testing import CliRunner

from cape_kit.cli.filing import declare, reconcile
from cape_kit.filing import declaration

SAMPLES = Path(__file__).parents[2] / "data"


@pytest.fixture
def client(tmp_path):
    folder = tmp_path / "northgate-tools"
    shutil.copytree(SAMPLES / "sample" / "northgate-tools", folder)
    return folder


def run(command, *arguments):
    return CliRunner().invoke(command, [str(one) for one in arguments], catch_exceptions=False)


def test_declare_then_filed_then_declare_again(client, tmp_path):
    day = ("--as-of", "2026-05-05")
    first = run(declare, client, *day, "--out", tmp_path / "out", "--first-batch", 5)
    assert first.exit_code == 0
    small, _ = (Path(line) for line in first.stdout.splitlines())
    assert len(declaration.read_back(small)) == 5
    assert "--filed" in first.stderr
    told = run(declare, client, *day, "--filed", small, "--claim-number", "100000000007")
    assert "5 lines added" in told.stdout
    assert "recorded before" in run(declare, client, *day, "--filed", small).stdout
    again = run(declare, client, *day, "--out", tmp_path / "out")
    (path,) = (Path(line) for line in again.stdout.splitlines())
    assert declaration.read_back(path) != [] and "already uploaded: 5" in again.stderr
    with (path.parent / "exceptions.csv").open(encoding="utf-8-sig", newline="") as handle:
        filed = [row for row in csv.DictReader(handle) if row["kind"] == "filed"]
    assert len(filed) == 5
    assert not {row["entry_number"] for row in filed} & set(declaration.read_back(path))


def test_declare_as_json(client, tmp_path):
    done = run(declare, client, "--as-of", "2026-05-05", "--out", tmp_path / "out", "--json")
    told = json.loads(done.stdout)
    assert set(told) == {"folder", "files", "exceptions"}
    assert told["files"][0]["principal"].count(".") == 1
    assert told["files"][0]["entries"] + len(told["exceptions"]) == 184


def test_declare_without_out_is_wrong_usage(client):
    assert run(declare, client, "--as-of", "2026-05-05").exit_code == 2


def test_reconcile_writes_its_tables_and_tells_programs(tmp_path):
    folder = SAMPLES / "sample-after" / "quarry-and-pine"
    done = run(reconcile, folder, "--as-of", "2026-10-01", "--out", tmp_path, "--json")
    assert done.exit_code == 0
    truth = json.loads((folder / "truth" / "truth.json").read_text("utf-8"))
    told = json.loads(done.stdout[done.stdout.index("{") :])
    assert sum(round(float(row["reported_total"]) * 100) for row in told["totals"]) == truth["reported"]
    assert {path.stem for path in (tmp_path / "quarry-and-pine").glob("*.csv")} == set(told) - {
        "client",
        "as_of",
    }


def test_reconcile_for_people():
    done = run(reconcile, SAMPLES / "sample-after" / "quarry-and-pine", "--as-of", "2026-10-01")
    assert "Short" in done.stdout and "To take up:" in done.stdout and "not refunded: 9903" in done.stdout
