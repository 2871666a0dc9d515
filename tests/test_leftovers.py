"""Nothing is left of a process that is gone, and what it was making is never taken for whole."""

import errno
import os
import platform
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from cape_kit import leftovers
from cape_kit.filing import csv_out
from tests.test_house import ROOT

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="looks into /proc")

#: A number no process has: the system hands out no larger ones.
DEAD = (1 << 22) + 1
HOLDS = """
import sys, time
from pathlib import Path
from cape_kit import leftovers
with leftovers.temporary() as folder:
    (folder / "secret.csv").write_text("B7603245278")
    print(folder, flush=True)
    time.sleep(float(sys.argv[1]))
"""
#: As the laboratory and a kernel of it that is just starting: killed, the kernel notes itself once more.
LABORATORY = """
import subprocess, sys, time
from cape_kit import leftovers
folder = leftovers.watched(pass_on=True)
late = f"until ! test -e {folder}; do sleep 0.02; done; mkdir -p {folder}; echo x > {folder}/kernel.json"
subprocess.Popen(["/bin/sh", "-c", late])
print(folder, flush=True)
time.sleep(600)
"""
TURNS = """
import sys
from pathlib import Path
from cape_kit import leftovers
turn = 0
while True:
    turn += 1
    leftovers.put(Path(sys.argv[1]) / "file", b"x" * 200_000 + b"%d." % turn)
    with leftovers.whole(Path(sys.argv[1]) / "folder") as work:
        for name in "abc":
            (work / name).write_bytes(b"%d" % turn)
    if turn == 1:
        print("ready", flush=True)
"""


def begun(code, *words, tmp):
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "TMPDIR": str(tmp)}
    return subprocess.Popen(
        [sys.executable, "-c", code, *map(str, words)], env=environment, stdout=subprocess.PIPE, text=True
    )


def empty(folder):
    for _ in range(200):
        if not list(folder.iterdir()):
            return True
        time.sleep(0.05)
    return False


@pytest.mark.parametrize("how", [signal.SIGKILL, signal.SIGTERM, None])
def test_a_temporary_folder_goes_with_its_process_however_that_ends(tmp_path, how):
    with begun(HOLDS, 0 if how is None else 600, tmp=tmp_path) as process:
        folder = process.stdout.readline().strip()
        assert folder.startswith(f"{tmp_path}/cape-{process.pid}-")
        if how is not None:
            process.send_signal(how)
        process.wait(60)
    assert empty(tmp_path)


def test_what_a_starting_kernel_writes_when_the_laboratory_is_gone_goes_too(tmp_path):
    with begun(LABORATORY, tmp=tmp_path) as process:
        folder = Path(process.stdout.readline().strip())
        process.kill()
        process.wait(60)
    until = time.monotonic() + 10
    while not (folder / "kernel.json").exists() and time.monotonic() < until:
        time.sleep(0.01)
    assert (folder / "kernel.json").exists()
    assert empty(tmp_path)


def test_where_the_watcher_was_killed_too_the_next_run_sweeps(tmp_path, monkeypatch):
    monkeypatch.setattr(leftovers.tempfile, "tempdir", str(tmp_path))
    for name in (f"cape-{DEAD}-abc", f"cape-{os.getpid()}-abc", "cape-cod-1"):
        (tmp_path / name).mkdir()
    leftovers.sweep_temporary()
    assert {path.name for path in tmp_path.iterdir()} == {f"cape-{os.getpid()}-abc", "cape-cod-1"}


def test_killed_at_any_moment_a_file_and_a_folder_are_whole_and_swept(tmp_path):
    out = tmp_path / "out"
    out.mkdir()
    for turn in range(6):
        with begun(TURNS, out, tmp=tmp_path) as process:
            assert process.stdout.readline() == "ready\n"
            time.sleep(0.05 + 0.023 * turn)
            process.kill()
        leftovers.sweep(out)
        assert {path.name for path in out.iterdir()} == {"file", "folder"}
        content = (out / "file").read_bytes()
        assert content.startswith(b"x" * 200_000) and content.endswith(b".")
        assert len({path.read_bytes() for path in (out / "folder").iterdir()}) == 1
        assert {path.name for path in (out / "folder").iterdir()} == {"a", "b", "c"}


def test_what_a_dead_process_was_making_is_swept_and_what_it_took_away_comes_back(tmp_path):
    mine, dead = f"{platform.node()}.{os.getpid()}", f"{platform.node()}.{DEAD}"
    (tmp_path / f".report.{dead}.old").mkdir()
    (tmp_path / f".report.{dead}.part").mkdir()
    (tmp_path / f".a.csv.1234abcd.{dead}.part").write_text("half")
    (tmp_path / f".b.csv.1234abcd.{mine}.part").write_text("still being written")
    csv_out.put(tmp_path / "c.csv", b"whole")
    assert {path.name for path in tmp_path.iterdir()} == {"report", "c.csv", f".b.csv.1234abcd.{mine}.part"}


def test_a_folder_that_cannot_be_finished_leaves_the_one_before(tmp_path):
    """As where the disk is full, or Ctrl-C comes, half-way through a report."""
    for ends in (OSError(errno.ENOSPC, "No space left on device"), KeyboardInterrupt()):
        with leftovers.whole(tmp_path / "report") as work:
            (work / "page").write_text("earlier")
        with pytest.raises(type(ends)), leftovers.whole(tmp_path / "report") as work:
            (work / "page").write_text("half")
            raise ends
        assert [path.name for path in tmp_path.iterdir()] == ["report"]
        assert (tmp_path / "report" / "page").read_text() == "earlier"
