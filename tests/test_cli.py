"""Bad input at the command line: one clear sentence on stderr, the right exit code, nothing half-written."""

import io
import os
import shutil
import subprocess
import sys
from contextlib import redirect_stderr, redirect_stdout
from pathlib import Path

import pytest

from cape_kit.cli import run

SAMPLES = Path(__file__).parents[1] / "data" / "sample"


def cape(*arguments):
    """The program's own way in, run in this process: what it says and how it ends."""
    said, complained = io.StringIO(), io.StringIO()
    with redirect_stdout(said), redirect_stderr(complained), pytest.raises(SystemExit) as end:
        run([str(one) for one in arguments])
    return subprocess.CompletedProcess(arguments, end.value.code, said.getvalue(), complained.getvalue())


def test_as_a_process_it_ends_and_says_the_same():
    words = ["assess", "no/such/folder", "--as-of", "2026-05-05"]
    command = [sys.executable, "-m", "cape_kit", *words]
    done, here = subprocess.run(command, capture_output=True, text=True, check=False), cape(*words)
    assert (done.returncode, done.stdout, done.stderr) == (here.returncode, here.stdout, here.stderr)


@pytest.fixture
def folder(tmp_path):
    (tmp_path / "acme").mkdir()
    return tmp_path / "acme"


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        (["assess", SAMPLES / "harbor-lane", "--as-of", "tomorrow"], 2, "'tomorrow' is not a date"),
        (["assess", SAMPLES / "harbor-lane", "--as-of", "2026-02-30"], 2, "February 2026 has 28 days"),
        (["assess", "no/such/folder", "--as-of", "2026-05-05"], 1, "no/such/folder"),
        (["assess"], 2, "Missing argument"),
        (["frobnicate"], 2, "No such command"),
        (["assess", SAMPLES / "harbor-lane", "--as-of", "2019-01-01"], 1, "2019-01-01"),
        (
            ["assess", SAMPLES / "harbor-lane", "--as-of", "2026-05-05", "--known-on", "2020-01-01"],
            1,
            "No IEEPA heading was public on 2020-01-01",
        ),
        (["assess", SAMPLES / "harbor-lane", "--as-of", "9999-12-31"], 2, "9999-12-31 is too far ahead"),
        (
            ["assess", SAMPLES / "harbor-lane", "--as-of", "2026-05-05", "--entry", "B7603245278"],
            2,
            "B7603245278",
        ),
    ],
)
def test_one_sentence(arguments, code, said):
    done = cape(*arguments)
    assert (done.returncode, done.stdout) == (code, "")
    assert said in done.stderr and "Traceback" not in done.stderr
    assert len(done.stderr.strip().splitlines()) == 1


def test_debug_shows_the_traceback_wherever_it_stands():
    done = cape("assess", "no/such/folder", "--as-of", "2026-05-05", "--debug")
    assert done.returncode == 1 and "Traceback" in done.stderr


def test_a_folder_without_client_toml(folder):
    done = cape("assess", folder, "--as-of", "2026-05-05")
    assert done.returncode == 1 and "client.toml" in done.stderr


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("holiday.csv", b"dear all,\nsee you,\nMonday,\n"),
        ("empty.csv", b""),
        (
            "headless.csv",
            b"B7603245278,01,2025-06-10,99030124,100.00\nB7603245286,01,2025-06-11,99030124,90.00\n",
        ),
        ("broken.xlsx", b"PK\x03\x04 not a workbook at all"),
    ],
)
def test_files_that_are_no_report(folder, name, content):
    (folder / name).write_bytes(content)
    alone = cape("inspect", folder / name)
    # a letter among the exports is named, and is no trouble; what should be a report and can't be read is
    assert alone.returncode == (0 if name == "holiday.csv" else 1) and "Traceback" not in alone.stderr
    (folder / "client.toml").write_text('name = "Acme"\n', "utf-8")
    done = cape("assess", folder, "--as-of", "2026-05-05")
    assert done.returncode == 1 and "Traceback" not in done.stderr
    assert len(done.stderr.strip().splitlines()) == 1


def test_every_command_has_help_with_an_example_and_stands_in_the_readme():
    from cape_kit.cli import COMMANDS, main

    readme = (Path(__file__).parents[1] / "README.md").read_text("utf-8")
    for name in COMMANDS:
        command = main.get_command(None, name)
        assert "Example" in command.help, name
        assert f"`{name}" in readme, name


def test_a_scenario_that_leads_beyond_the_calendar(tmp_path):
    shutil.copytree(SAMPLES / "harbor-lane", tmp_path / "client")
    told = '[scenario.far]\nreason = "Too far."\nliquidation_after_acceptance_days = 99999999999\n'
    (tmp_path / "client" / "scenarios.toml").write_text(told, "utf-8")
    done = cape("assess", tmp_path / "client", "--as-of", "2026-05-05", "--scenario", "far")
    assert (done.returncode, done.stdout) == (2, "")
    assert "beyond the last calendar date" in done.stderr and "'far'" in done.stderr
    assert len(done.stderr.strip().splitlines()) == 1


@pytest.mark.parametrize(
    ("typed", "place", "offered"),
    [
        ("cape-kit re", 1, {"plain,reconcile", "plain,report"}),
        ("cape-kit report --red", 2, {"plain,--redact", "plain,--redact-ports"}),
        ("cape-kit report data", 2, {"file,data"}),
    ],
)
def test_a_shell_completes_commands_options_and_paths(typed, place, offered):
    asked = {"_CAPE_KIT_COMPLETE": "bash_complete", "COMP_WORDS": typed, "COMP_CWORD": str(place)}
    command = [sys.executable, "-m", "cape_kit"]
    done = subprocess.run(command, env=os.environ | asked, capture_output=True, text=True, check=True)
    assert set(done.stdout.split()) == offered


NOTHING = [
    (["assess", "{client}", "--entry", "HK7-1015838-5", "--out", "here"], "--out does nothing with --entry"),
    (
        ["assess", "{client}", "--entry", "HK7-1015838-5", "--since", "2026-04-30"],
        "--since does nothing with --entry",
    ),
    (["declare", "{client}", "--filed", "{file}", "--out", "here"], "--out does nothing with --filed"),
    (
        ["declare", "{client}", "--filed", "{file}", "--order", "amount", "--hold-back", "E13"],
        "--order and --hold-back do nothing with --filed",
    ),
    (
        ["declare", "{client}", "--refused", "{file}", "--submitter", "filer"],
        "--submitter does nothing with --refused",
    ),
    (["declare", "{client}", "--undo", "{file}", "--json"], "--json does nothing with --undo"),
    (["law", "--new", "here", "--on", "2026-05-05"], "--on does nothing with --new"),
    (["law", "--check", "--find", "broker"], "--find does nothing with --check"),
    (["law", "--find", "broker", "--json"], "--json does nothing with --find"),
    (["sample", "here", "--committed", "--seed", "7"], "--seed does nothing with --committed"),
    (["sample", "here", "--after-filing", "--committed"], "--committed does nothing with --after-filing"),
    (["lab", "--as-of", "2026-05-05"], "--as-of goes with a client"),
]


def test_an_option_that_would_be_passed_over_is_refused_and_nothing_is_written(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "CAPE_1.csv").write_text("HK7-1015838-5\n")
    here = {"client": str(SAMPLES / "harbor-lane"), "file": "CAPE_1.csv"}
    for words, said in NOTHING:
        done = cape(*[word.format(**here) for word in words])
        assert (done.returncode, done.stdout) == (2, ""), words
        assert said in done.stderr, words
        assert [path.name for path in tmp_path.iterdir()] == ["CAPE_1.csv"], words


def test_a_setting_of_the_shell_is_no_option_that_was_typed(tmp_path, monkeypatch):
    # CAPE_KIT_LAW stands in a shell for every command; the one that cannot use it goes on without.
    monkeypatch.setenv("CAPE_KIT_LAW", str(tmp_path / "law"))
    assert cape("law", "--new", tmp_path / "law").returncode == 0
