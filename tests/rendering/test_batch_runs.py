"""Whole batches as a person runs them: stopped and gone on with, one client's trouble, on a cluster; the same bytes."""

import contextlib
import csv
import json
import os
import shutil
import signal
import subprocess
import sys
from functools import partial
from pathlib import Path

import pytest

from cape_kit.errors import Usage
from cape_kit.rendering import batch, manifest
from cape_kit.rendering.processes import can_fork
from tests.rendering import small
from tests.rendering.test_processes import gone, wait_for
from tests.test_house import ROOT

pytestmark = pytest.mark.skipif(not can_fork(), reason="processes are forked on Linux only")

NAMES = ("amber", "birch")
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


def with_clients(folder):
    """Two clients, and one whose client.toml is spoilt."""
    small.write(folder / "clients", NAMES, entries=18)
    (folder / "clients" / "spoilt").mkdir()
    (folder / "clients" / "spoilt" / "client.toml").write_text("name = ")
    return folder


@pytest.fixture(scope="module")
def undisturbed(tmp_path_factory):
    """Two clients, and one whose client.toml is spoilt, by two processes at a time."""
    folder = with_clients(tmp_path_factory.mktemp("undisturbed"))
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
        "at": "", "event": "finished", "done": 2, "unchanged": 0, "failed": 1,
    }  # fmt: skip


def test_journal_and_logs_hold_nothing_of_what_stands_in_the_clients_files(undisturbed):
    folder, _ = undisturbed
    told = [folder / "out" / JOURNAL, *(folder / "out").rglob(batch.LOG)]
    assert len(told) == 2
    text = "".join(path.read_text("utf-8") for path in told)
    # A text of three signs stands in a journal by chance: "01", "CN".
    cells = {cell.strip(' "=\r\n') for path in folder.glob("clients/*/*.csv") for cell in _cells(path)}
    secrets = {cell for cell in cells if len(cell) > 3} | {"Gateway", *map(str.title, NAMES)}
    assert len(secrets) > 100
    assert [one for one in secrets if one in text] == []


def _cells(path):
    return (cell for row in csv.reader(path.read_text("utf-8").splitlines()) for cell in row)


def test_killed_and_started_again_it_ends_as_if_undisturbed(undisturbed, tmp_path):
    before, _ = undisturbed
    with_clients(tmp_path)
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
        **command(tmp_path, "--workers", "1"),
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        # Where the tests run in the background of a shell, Ctrl-C is to be ignored by all that is started there.
        preexec_fn=partial(signal.signal, signal.SIGINT, signal.SIG_DFL),  # noqa: PLW1509
    ) as first:
        wait_for(lambda: any(one["event"] == "started" for one in events(tmp_path)), 120)
        family = below(first.pid)
        first.send_signal(signal.SIGINT)
        _, told = first.communicate(timeout=60)
    assert first.returncode == 130
    assert "Stopped: 0 of 2 reports are there, 0 failed. Run the same command again to continue" in told
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


def test_where_an_open_file_cannot_be_taken_away_the_next_batch_takes_it_over(tmp_path, monkeypatch):
    # As on Windows, where the lock's own file is open while it is held.
    def refused(*_, **__):
        raise PermissionError(
            13, "The process cannot access the file because it is being used by another process"
        )

    monkeypatch.setattr(Path, "unlink", refused)
    for _ in range(2):
        with batch.held(tmp_path / "out"), pytest.raises(Usage), batch.held(tmp_path / "out"):
            pass
    assert len(list((tmp_path / "out").iterdir())) == 1


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


SCHEDULER = ("scheduler", "--host", "127.0.0.1", "--port", "0", "--no-dashboard", "--no-show")
WORKER = ("worker", "--nthreads", "1", "--no-dashboard", "--host", "127.0.0.1", "--memory-limit", "0")


@contextlib.contextmanager
def started(folder, words, kit=ROOT):
    """A part of a cluster in a process group of its own, ended with all that belongs to it."""
    paths = os.pathsep.join([str(kit), *filter(None, [os.environ.get("PYTHONPATH")])])
    with (folder / f"{words[0]}.log").open("ab") as log:
        part = subprocess.Popen(
            [sys.executable, "-m", "dask", *words, "--scheduler-file", str(folder / "scheduler.json")],
            cwd=folder,
            env={**os.environ, "PYTHONPATH": paths, "DASK_TEMPORARY_DIRECTORY": str(folder / "dask")},
            stdout=log,
            stderr=log,
            start_new_session=True,
        )
    try:
        yield part
    finally:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(part.pid, signal.SIGKILL)
        part.wait()


@pytest.fixture(scope="module")
def scheduler(tmp_path_factory):
    pytest.importorskip("distributed", reason="the extra cape-kit[cluster] is not installed")
    folder = tmp_path_factory.mktemp("cluster")
    with started(folder, SCHEDULER):
        wait_for(lambda: addressed(folder))
        yield folder, addressed(folder)


def addressed(folder):
    """The scheduler's address, once its file is written whole."""
    try:
        return json.loads((folder / "scheduler.json").read_text("utf-8"))["address"]
    except (OSError, ValueError):
        return ""


def test_a_cluster_makes_the_same_and_loses_nothing_with_a_worker(scheduler, undisturbed, tmp_path):
    folder, address = scheduler
    pool, cluster = undisturbed[0], with_clients(tmp_path)
    with started(folder, WORKER) as one, started(folder, WORKER) as two:
        words = [sys.executable, "-m", "cape_kit", "batch", "clients", "--as-of", "extract", "--out", "out"]
        with subprocess.Popen(
            [*words, "--dask", address],
            cwd=cluster,
            env={**os.environ, "PYTHONPATH": _path()},
            stderr=subprocess.PIPE,
            text=True,
        ) as made:
            wait_for(lambda: writing(cluster, one, two) or made.poll() is not None, 120)
            (busy,) = writing(cluster, one, two)[:1] or [one]
            family = [busy.pid, *below(busy.pid)]
            os.killpg(busy.pid, signal.SIGKILL)
            _, told = made.communicate(timeout=240)
    assert made.returncode == 1, told
    assert tree(cluster) == tree(pool)
    assert all(gone(pid) for pid in family)
    wait_for(lambda: not list((cluster / "out").rglob(".*")))


def test_a_worker_with_another_kit_is_refused_before_anything_starts(scheduler, tmp_path):
    folder, address = scheduler
    other = tmp_path / "other"
    for name in ("cape_kit", "notebooks"):
        shutil.copytree(ROOT / name, other / name, ignore=shutil.ignore_patterns("__pycache__"))
    with (other / "cape_kit" / "law" / "lawbook" / "sources.toml").open("a") as file:
        file.write("\n# another book\n")
    small.write(tmp_path / "clients", NAMES[:1])
    with started(folder, WORKER, kit=other):
        told = [run(tmp_path, "--dask", address)]
    assert told[-1].returncode == 2
    assert "has another kit" in told[-1].stderr
    assert not list((tmp_path / "out").glob("*/2026-05-05"))


def test_where_no_scheduler_answers_it_is_one_sentence(tmp_path):
    pytest.importorskip("distributed", reason="the extra cape-kit[cluster] is not installed")
    small.write(tmp_path / "clients", NAMES[:1])
    done = run(tmp_path, "--dask", "nonsense://here")
    assert done.returncode == 2
    assert done.stderr.startswith("cape-kit: nonsense://here: no Dask scheduler answers there")


def writing(folder, *workers):
    """The workers under which a process is writing a client's report."""
    parts = [path.name.split(".") for path in (folder / "out").glob("*/.*.part")]
    forks = {int(one[-2]) for one in parts}
    return [one for one in workers if forks & set(below(one.pid))]
