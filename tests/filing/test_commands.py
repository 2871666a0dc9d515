"""`declare` and `reconcile` as a consultant types them."""

import csv
import json
import shutil
from pathlib import Path

import pytest
from click.testing import CliRunner

from cape_kit.cli.assessing import assess
from cape_kit.cli.filing import declare, reconcile
from cape_kit.cli.reporting import batch, report
from cape_kit.errors import Usage
from cape_kit.filing import REPORT_ENTRIES, declaration

pytestmark = pytest.mark.usefixtures("samples_at_hand")


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
    assert "Short" in done.stdout and "To follow up:" in done.stdout and "not refunded: 9903" in done.stdout
    followed = done.stdout.split("To follow up:")[1].splitlines()
    assert any(line.endswith("Not paid, overdue") for line in followed)  # in words, not by their keys
    assert not any(line.split()[2:3] in (["overdue"], ["within"], ["short:"]) for line in followed)


def test_a_file_that_is_not_read_may_hold_refunds_and_is_said(tmp_path):
    folder = tmp_path / "quarry"
    shutil.copytree(SAMPLES / "sample-after" / "quarry-and-pine", folder)
    entry = json.loads((folder / "truth" / "truth.json").read_text("utf-8"))["entries"][0]["entry_number"]
    (folder / "treasury.csv").write_text(f"Our ref,What came,Sum\nA1,{entry},100.00\n", encoding="utf-8")
    done = run(reconcile, folder, "--as-of", "2026-10-01")
    assert done.exit_code == 1 and "quarry: not read: treasury.csv" in done.stderr
    assert "To follow up:" in done.stdout


def test_what_is_expected_without_its_interest_says_so():
    """No file of the sample shows when its accepted claims liquidated."""
    done = run(reconcile, SAMPLES / "sample" / "harbor-lane", "--as-of", "2026-10-01")
    assert "! Expected interest is not known for 6 entries and not counted." in done.stdout


DAY = ("--as-of", "2026-05-05")


def refused(command, *arguments):
    """What wrong usage is told; it ends with exit 2."""
    done = CliRunner().invoke(command, [str(one) for one in arguments])
    if isinstance(done.exception, Usage):
        return str(done.exception)
    assert done.exit_code == 2, done.output
    return done.stderr


def listing(folder):
    return sorted(path.name for path in folder.iterdir())


@pytest.mark.parametrize("command", [assess, declare, reconcile])
def test_nothing_goes_into_the_clients_folder_from_the_one_above(command, client):
    before = listing(client)
    assert "inside the client's folder" in refused(command, client, *DAY, "--out", client.parent)
    assert listing(client) == before


@pytest.mark.parametrize("command", [assess, declare, reconcile, report, batch])
def test_a_folder_to_write_to_that_can_be_none(command, client, tmp_path):
    assert "give a folder to write to" in refused(command, client, *DAY, "--out", "")
    (tmp_path / "afile").write_text("mine")
    for out in ("afile", "afile/below"):
        assert "is a file" in refused(command, client, *DAY, "--out", tmp_path / out)
    assert (tmp_path / "afile").read_text() == "mine"


@pytest.mark.parametrize("command", [assess, declare, report])
def test_a_filing_day_that_has_gone_by(command, client, tmp_path):
    told = refused(command, client, *DAY, "--filing-date", "2026-05-04", "--out", tmp_path / "out")
    assert "2026-05-04 is before the as-of date, 2026-05-05" in told
    assert not (tmp_path / "out").exists()


def test_a_check_to_hold_back_for_that_nobody_knows_writes_nothing(client, tmp_path):
    told = refused(declare, client, *DAY, "--out", tmp_path / "out", "--hold-back", "E99")
    assert "'E99' is not a check" in told and "the checks are any, E01" in told
    assert not (tmp_path / "out").exists()


def declared(path, *numbers):
    path.write_bytes("".join(f"{line}\r\n" for line in ("Entry Number", *numbers)).encode())
    return path


def test_another_clients_file_is_not_recorded(client, tmp_path):
    """B76-0324527-8 is CBP's own example of a number: no sample has it."""
    file = declared(tmp_path / "other.csv", "B7603245278")
    assert "1 entry in it, none in the exports" in refused(declare, client, *DAY, "--filed", file)
    assert not (client / ".cape-filed.csv").exists()


def test_a_file_with_a_number_not_in_the_exports_is_recorded_and_said(client, tmp_path):
    written = run(declare, client, *DAY, "--out", tmp_path / "out").stdout.splitlines()[0]
    own = declaration.read_back(Path(written))[0]
    done = run(declare, client, *DAY, "--filed", declared(tmp_path / "f.csv", own, "B7603245278"))
    assert done.exit_code == 0 and "f.csv: 2 lines added" in done.stdout
    assert "not in the client's exports: B7603245278" in done.stderr


def test_an_entry_on_two_uploads_at_once_is_said(client, tmp_path):
    """A part of the file cut out by hand was uploaded, and the whole file is recorded after it."""
    written = Path(run(declare, client, *DAY, "--out", tmp_path / "out").stdout.splitlines()[0])
    first, *_ = declaration.read_back(written)
    cut = run(declare, client, *DAY, "--filed", declared(tmp_path / "cut.csv", first))
    assert cut.exit_code == 0 and "earlier upload" not in cut.stderr
    whole = run(declare, client, *DAY, "--filed", written)
    assert f"an earlier upload that CBP has not answered holds {first};" in whole.stderr
    assert "earlier upload" not in run(declare, client, *DAY, "--filed", written).stderr


def test_options_that_contradict_each_other(client, tmp_path):
    file = declared(tmp_path / "f.csv", "B7603245278")
    both = refused(declare, client, *DAY, "--filed", file, "--refused", file)
    assert "given with both --filed and --refused" in both
    alone = refused(declare, client, *DAY, "--out", tmp_path / "out", "--claim-number", "1")
    assert "--claim-number goes with an upload" in alone
    assert not (tmp_path / "out").exists()


def test_a_file_uploaded_and_not_yet_written_down_is_kept_and_said(client, tmp_path):
    first = run(declare, client, *DAY, "--out", tmp_path / "out", "--first-batch", 5)
    small, rest = (Path(line) for line in first.stdout.splitlines())
    content = rest.read_bytes()
    run(declare, client, *DAY, "--filed", small)
    again = run(declare, client, *DAY, "--out", tmp_path / "out")
    kept = rest.parent / "replaced" / rest.name
    assert kept.read_bytes() == content
    assert f"replaced an earlier file; if it was uploaded, record it with --filed {kept}" in again.stderr
    told = run(declare, client, *DAY, "--filed", kept)
    assert f"{len(declaration.read_back(kept)):,} lines added" in told.stdout
    assert "replaced an earlier" not in run(declare, client, *DAY, "--out", tmp_path / "new").stderr


def test_refunds_of_later_days_are_counted_and_said():
    """The payments in the committed client are dated as its reports say; before the first, all are later."""
    folder = SAMPLES / "sample-after" / "quarry-and-pine"
    late = run(reconcile, folder, "--as-of", "2026-10-01", "--json")
    assert json.loads(late.stdout)["later"] == [] and "are dated after" not in late.stderr
    days = sorted(row["refund_date"] for row in json.loads(late.stdout)["payments"])
    early = run(reconcile, folder, "--as-of", days[0], "--json")
    later = [row["refund_date"] for row in json.loads(early.stdout)["later"]]
    assert later == [day for day in days if day > days[0]] != []
    said = f"{len(later)} of {len(days)} refunds are dated after {days[0]}, up to {days[-1]}"
    assert said in early.stderr


def test_an_amount_not_known_of_the_last_report_is_null_for_programs(client, tmp_path):
    """What a program reads is JSON: it knows no NaN."""
    assert run(report, client, "--as-of", "2026-05-05", "--out", tmp_path / "out").exit_code == 0
    before = tmp_path / "out" / "northgate-tools" / "2026-05-05"
    told = json.loads((before / REPORT_ENTRIES).read_text("utf-8"))
    number = next(iter(told["entries"]))
    told["entries"][number][1] = None
    (before / REPORT_ENTRIES).write_text(json.dumps(told), "utf-8")
    done = run(assess, client, "--as-of", "2026-05-06", "--since-report", before, "--json")
    changes = json.loads(done.stdout, parse_constant=pytest.fail)["changes"]
    assert [one["before_dollars"] for one in changes if one["entry_number"] == number] == [None]


def test_what_is_stated_without_a_day_has_none_for_programs(client):
    toml = client / "client.toml"
    stated = [line for line in toml.read_text("utf-8").splitlines() if not line.startswith("asserted_on")]
    toml.write_text("\n".join(stated), "utf-8")
    done = run(assess, client, "--as-of", "2026-05-05", "--json")
    assert [one["on"] for one in json.loads(done.stdout, parse_constant=pytest.fail)["asserted"]] == [None]
