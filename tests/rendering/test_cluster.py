"""The batch on a real Dask scheduler with two workers, each a process of its own on loopback."""

import contextlib
import json
import os
import shutil
import signal
import subprocess
import sys

import pytest

from cape_kit.rendering.processes import can_fork
from tests.rendering import small
from tests.rendering.test_batch_runs import NAMES, _path, below, run, tree
from tests.rendering.test_processes import gone, wait_for
from tests.test_house import ROOT

pytest.importorskip("distributed", reason="the extra cape-kit[cluster] is not installed")
pytestmark = pytest.mark.skipif(not can_fork(), reason="processes are forked on Linux only")

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
    folder = tmp_path_factory.mktemp("cluster")
    with started(folder, SCHEDULER):
        wait_for((folder / "scheduler.json").is_file)
        yield folder, json.loads((folder / "scheduler.json").read_text())["address"]


def test_a_cluster_makes_the_same_and_loses_nothing_with_a_worker(scheduler, tmp_path):
    folder, address = scheduler
    pool, cluster = tmp_path / "pool", tmp_path / "cluster"
    for place in (pool, cluster):
        small.write(place / "clients", NAMES)
    assert run(pool, "--workers", "2").returncode == 0
    with started(folder, WORKER) as one, started(folder, WORKER) as two:
        words = [sys.executable, "-m", "cape_kit", "batch", "clients", "--as-of", "extract", "--out", "out"]
        with subprocess.Popen(
            [*words, "--dask", address],
            cwd=cluster,
            env={**os.environ, "PYTHONPATH": _path()},
            stderr=subprocess.PIPE,
            text=True,
        ) as batch:
            wait_for(lambda: writing(cluster, one, two) or batch.poll() is not None, 120)
            (busy,) = writing(cluster, one, two)[:1] or [one]
            family = [busy.pid, *below(busy.pid)]
            os.killpg(busy.pid, signal.SIGKILL)
            _, told = batch.communicate(timeout=240)
    assert batch.returncode == 0, told
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
    small.write(tmp_path / "clients", NAMES[:1])
    done = run(tmp_path, "--dask", "here")
    assert done.returncode == 2
    assert done.stderr.startswith("cape-kit: here: no Dask scheduler answers there")


def writing(folder, *workers):
    """The workers under which a process is writing a client's report."""
    parts = [path.name.split(".") for path in (folder / "out").glob("*/.*.part")]
    forks = {int(one[-2]) for one in parts}
    return [one for one in workers if forks & set(below(one.pid))]
