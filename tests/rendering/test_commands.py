"""``report`` and ``batch`` at the command line: where it says what, and how it exits."""

import io
import json
from datetime import date
from pathlib import Path

import pytest
from click.testing import CliRunner

from cape_kit.cli.reporting import batch, report
from cape_kit.errors import CapeError
from cape_kit.rendering.jobs import Job
from cape_kit.rendering.report import Outcome
from cape_kit.rendering.watching import Bar
from cape_kit.views import tables
from tests.views import made_up

DAY = date(2026, 5, 5)


def run(command, *arguments):
    return CliRunner().invoke(command, [str(one) for one in arguments])


@pytest.mark.parametrize("command", [report, batch])
def test_a_day_that_is_none_is_one_sentence_and_exit_2(command, tmp_path):
    done = run(command, tmp_path, "--as-of", "May the fifth", "--out", tmp_path / "out")
    assert done.exit_code == 2
    assert "'May the fifth' is not a date" in done.stderr
    assert not (tmp_path / "out").exists()


def test_today_is_said(tmp_path):
    done = run(report, tmp_path, "--out", tmp_path / "out")
    assert "--as-of not given: using today" in done.stderr


def test_a_folder_without_client_toml(tmp_path):
    (tmp_path / "client").mkdir()
    done = run(report, tmp_path / "client", "--as-of", "2026-05-05", "--out", tmp_path / "out")
    assert isinstance(done.exception, CapeError)
    assert done.exception.exit_code == 1
    assert not (tmp_path / "out").exists()


def test_a_batch_tells_each_client_and_exits_1_when_one_failed(tmp_path, monkeypatch):
    from cape_kit.rendering import batch as line

    for name in ("good", "bad"):
        (tmp_path / "clients" / name).mkdir(parents=True)

    def there(job):
        if job.source.name == "bad":
            return Outcome(job.source, "failed", "It has no client.toml.")
        folder = job.out / "good" / "2026-05-05"
        return Outcome(job.source, "done", "", folder, tables.figures(made_up.assessment(3)))

    monkeypatch.setattr(line, "_there", there)
    out = tmp_path / "out"
    done = run(batch, tmp_path / "clients", "--as-of", "2026-05-05", "--out", out, "--workers", "1")
    assert done.exit_code == 1
    assert done.stdout.splitlines() == [str(out / "good/2026-05-05/report.html"), str(out / "index.html")]
    assert "bad: It has no client.toml." in done.stderr
    assert "report/s" not in done.stderr, "no bar where there is no terminal"
    told = [json.loads(line) for line in (out / "batch.jsonl").read_text("utf-8").splitlines()]
    assert [one["event"] for one in told] == ["begun", "failed", "done", "finished"]
    assert {one.get("client") for one in told} == {None, "good", "bad"}
    assert "client.toml" not in (out / "batch.jsonl").read_text("utf-8")
    assert (out / "index.html").is_file()


def test_an_export_beside_the_folders_is_not_passed_over_in_silence(tmp_path):
    (tmp_path / "clients" / "good").mkdir(parents=True)
    for name in ("ES-003 of acme.XLSX", "notes.txt", ".hidden.csv"):
        (tmp_path / "clients" / name).write_text("x")
    done = run(batch, tmp_path / "clients", "--as-of", "2026-05-05", "--out", tmp_path / "out")
    said = [line for line in done.stderr.splitlines() if "not read" in line]
    assert said == [
        f"! {tmp_path / 'clients' / 'ES-003 of acme.XLSX'} lies in no client's folder: it is not read"
    ]


def test_reports_of_another_run_that_the_index_does_not_show_are_told(tmp_path, monkeypatch):
    from cape_kit.rendering import batch as line

    (tmp_path / "clients" / "good").mkdir(parents=True)
    out = tmp_path / "out"
    for folder in ("good/2026-05-05", "zinc/2026-05-05", "zinc/2026-04-01", "birch/2026-05-05", ".half/x"):
        (out / folder).mkdir(parents=True)
        (out / folder / "manifest.json").write_text("{}")

    def there(job):
        return Outcome(job.source, "done", "", out / "good" / "d", tables.figures(made_up.assessment(3)))

    monkeypatch.setattr(line, "_there", there)
    done = run(batch, tmp_path / "clients", "--as-of", "2026-05-05", "--out", out)
    told = [line for line in done.stderr.splitlines() if "more clients" in line]
    assert len(told) == 1 and "2 more clients (birch, zinc), which this index does not show" in told[0]
    assert done.exit_code == 0


class Terminal(io.StringIO):
    """Where a person looks on."""

    def isatty(self):
        return True


def test_the_time_left_is_reckoned_from_the_reports_that_were_made(tmp_path, monkeypatch):
    monkeypatch.setattr("sys.stderr", Terminal())
    with Bar(6) as bar:
        for name in "abc":
            bar.ended(Outcome(tmp_path / name, "unchanged"))
        bar.started(Job(tmp_path / "d", DAY, tmp_path))
        bar.ended(Outcome(tmp_path / "d", "done"))
        bar.bar.start_t = bar.bar._time() - 10  # one report in ten seconds, and two are left
        told = str(bar.bar)
    assert "4/6 [00:10<00:20, 10.0" in told


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="only Linux has a disk that is always full")
def test_a_log_that_cannot_be_written_is_told_and_stops_no_report(tmp_path, monkeypatch):
    from cape_kit.rendering import batch as line
    from cape_kit.rendering import watching

    (tmp_path / "clients" / "good").mkdir(parents=True)
    real, out = watching.Journal.begin, tmp_path / "out"

    def begin(journal, *words):
        real(journal, *words)
        journal._file.close()
        journal._file = full.open("w", encoding="utf-8")  # no room from here on

    def there(job):
        return Outcome(job.source, "done", "", out / "good" / "d", tables.figures(made_up.assessment(3)))

    full = Path("/dev/full")
    monkeypatch.setattr(watching.Journal, "begin", begin)
    monkeypatch.setattr(line, "_there", there)
    done = run(batch, tmp_path / "clients", "--as-of", "2026-05-05", "--out", out)
    assert done.exit_code == 0, done.exception
    assert "! " in done.stderr and "batch.jsonl is not complete: No space left on device" in done.stderr
    assert (out / "index.html").is_file()
    refused = run(batch, tmp_path / "clients", "--as-of", "2026-05-05", "--out", out, "--log", "/dev/full")
    assert refused.exit_code == 1
    assert isinstance(refused.exception, OSError), "before anything starts it is refused"


def test_help_shows_an_example():
    for command in (report, batch):
        assert "Example:" in run(command, "--help").stdout
