"""Whole batches as a person runs them: stopped and gone on with, one client's trouble, the same bytes by any way."""

import json
import os
import signal
import subprocess
import sys

import pytest

from cape_kit.errors import Usage
from cape_kit.rendering import batch, manifest, report
from cape_kit.rendering.processes import can_fork
from tests.rendering import small
from tests.rendering.test_processes import gone, wait_for
from tests.test_house import ROOT

pytestmark = pytest.mark.skipif(not can_fork(), reason="processes are forked on Linux only")

NAMES = ("amber", "birch", "cedar")
#: Differs from run to run, and says so by being a journal.
JOURNAL = batch.JOURNAL


def command(folder, *more):
    words = [
        sys.executable,
        "-m",
        "cape_kit",
        "batch",
        "clients",
        "--as-of",
        "extract",
        "--out",
        "out",
        *more,
    ]
    return {"args": words, "cwd": folder, "env": {**os.environ, "PYTHONPATH": _path()}, "text": True}


def _path():
    return os.pathsep.join([str(ROOT), *filter(None, [os.environ.get("PYTHONPATH")])])


def run(folder, *more):
    return subprocess.run(**command(folder, *more), capture_output=True, check=False)


def tree(folder):
    return {name: hash_ for name, hash_ in manifest.tree(folder / "out").items() if name != JOURNAL}


def events(folder):
    path = folder / "out" / JOURNAL
    lines = path.read_text("utf-8").splitlines() if path.is_file() else []
    return [json.loads(line) for line in lines]


@pytest.fixture(scope="module")
def undisturbed(tmp_path_factory):
    """Three clients, and one whose client.toml is spoilt, by two processes at a time."""
    folder = tmp_path_factory.mktemp("undisturbed")
    small.write(folder / "clients", NAMES)
    (folder / "clients" / "spoilt").mkdir()
    (folder / "clients" / "spoilt" / "client.toml").write_text("name = ")
    done = run(folder, "--workers", "2")
    return folder, done


def test_one_spoilt_client_is_a_row_with_its_reason_and_log(undisturbed):
    folder, done = undisturbed
    assert done.returncode == 1, done.stderr
    pages = [f"out/{name}/2026-05-05/report.html" for name in NAMES]
    assert done.stdout.split() == [*pages, "out/index.html"]
    assert "spoilt: clients/spoilt/client.toml: not readable as TOML" in done.stderr
    assert "not readable as TOML" in (folder / "out" / "spoilt" / batch.LOG).read_text("utf-8")
    assert "not readable as TOML" in (folder / "out" / "index.html").read_text("utf-8")
    assert events(folder)[-1] | {"at": ""} == {
        "at": "", "event": "finished", "done": 3, "unchanged": 0, "failed": 1,
    }  # fmt: skip


def test_a_fork_of_a_prepared_process_makes_the_bytes_of_an_ordinary_kernel(
    undisturbed, monkeypatch, tmp_path
):
    folder, _ = undisturbed
    monkeypatch.chdir(folder)
    made = report.render(small_path(folder, "amber").relative_to(folder), "extract", tmp_path / "kernel")
    assert manifest.tree(made.folder) == manifest.tree(folder / "out" / "amber" / "2026-05-05")


def test_killed_and_started_again_it_ends_as_if_undisturbed(undisturbed, tmp_path):
    before, _ = undisturbed
    small.write(tmp_path / "clients", NAMES)
    (tmp_path / "clients" / "spoilt").mkdir()
    (tmp_path / "clients" / "spoilt" / "client.toml").write_text("name = ")
    quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    with subprocess.Popen(**command(tmp_path, "--workers", "1"), **quiet) as first:
        wait_for(lambda: any(one["event"] == "done" for one in events(tmp_path)), 120)
        wait_for(lambda: sum(one["event"] == "started" for one in events(tmp_path)) == 2, 120)
        family = below(first.pid)
        first.kill()
    wait_for(lambda: all(gone(pid) for pid in family))
    assert len(family) >= 2
    wait_for(lambda: not list((tmp_path / "out").glob("*/.*")))
    made = [path.parent.name for path in (tmp_path / "out").glob("*/2026-05-05")]
    assert made == ["amber"]
    assert run(tmp_path, "--workers", "2").returncode == 1
    assert [one["client"] for one in events(tmp_path) if one["event"] == "unchanged"] == ["amber"]
    assert tree(tmp_path) == tree(before)
    assert not list((tmp_path / "out").rglob(".*"))
    index = (tmp_path / "out" / "index.html").stat().st_mtime_ns
    # A third time nothing is made, nothing heavy is loaded, and the index is left as it is.
    again = subprocess.run(
        **{**command(tmp_path), "args": [sys.executable, "-c", LIGHT]}, capture_output=True, check=False
    )
    assert again.returncode == 0, again.stderr
    assert (tmp_path / "out" / "index.html").stat().st_mtime_ns == index


LIGHT = """
import sys
from cape_kit.cli import run
try: run(["batch", "clients", "--as-of", "extract", "--out", "out"])
except SystemExit as end: assert end.code == 1
heavy = {"pandas", "numpy", "matplotlib", "duckdb", "pyarrow", "papermill", "nbconvert", "IPython"}
sys.exit(", ".join(sorted(heavy & set(sys.modules))) or 0)
"""


def test_ctrl_c_says_what_is_done_and_how_to_go_on(undisturbed, tmp_path):
    small.write(tmp_path / "clients", NAMES)
    with subprocess.Popen(
        **command(tmp_path, "--workers", "1"), stdout=subprocess.DEVNULL, stderr=subprocess.PIPE
    ) as first:
        wait_for(lambda: any(one["event"] == "started" for one in events(tmp_path)), 120)
        family = below(first.pid)
        first.send_signal(signal.SIGINT)
        _, told = first.communicate(timeout=60)
    assert first.returncode == 130
    assert "Stopped: 0 of 3 reports are there, 0 failed. Run the same command again to go on" in told
    assert all(gone(pid) for pid in family)
    assert events(tmp_path)[-1]["event"] == "interrupted"
    assert not list((tmp_path / "out").glob("*/.*"))


def test_two_batches_never_write_to_one_folder(tmp_path):
    with (
        batch.held(tmp_path / "out"),
        pytest.raises(Usage, match=f"another batch is writing to it \\(process {os.getpid()} on "),
        batch.held(tmp_path / "out"),
    ):
        pass
    with batch.held(tmp_path / "out"):
        pass
    assert not list((tmp_path / "out").iterdir())


@pytest.mark.parametrize(
    "wrong",
    [["--workers", "0"], ["--timeout", "0"], ["--memory", "-1"], ["--law", "nowhere"], ["--out", "clients"]],
)
def test_what_is_wrong_is_said_before_anything_starts(tmp_path, wrong):
    (tmp_path / "clients" / "a").mkdir(parents=True)
    done = run(tmp_path, *wrong)
    assert done.returncode in (1, 2)
    assert len(done.stderr.strip().splitlines()[-1]) > 20
    assert not (tmp_path / "out").exists()


def small_path(folder, name):
    return folder / "clients" / name


def below(pid):
    """The processes a process has started, and those they have."""
    found = []
    for path in (ROOT / "/proc").glob("[0-9]*/stat"):
        try:
            number, rest = path.parent.name, path.read_text().rpartition(")")[2].split()
        except OSError:
            continue
        if int(rest[1]) == pid:
            found += [int(number), *below(int(number))]
    return found
