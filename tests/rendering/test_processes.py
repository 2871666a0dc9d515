"""The pool of single-use processes: one call's end is never another's, and nothing is left behind."""

import errno
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from cape_kit.rendering.prepared import Limits
from cape_kit.rendering.processes import Processes, Stopped, can_fork
from tests.test_house import ROOT

pytestmark = pytest.mark.skipif(not can_fork(), reason="processes are forked on Linux only")

GIVEN = []


def ready():
    """Nothing to prepare."""


def tidy(path, *_):
    path.with_suffix(".tidied").touch()


def call(path, what):
    """One call of the pool: leaves its process number, then does what it is asked."""
    GIVEN.append(what)
    path.write_text(str(os.getpid()))
    if what == "die":
        os.kill(os.getpid(), signal.SIGKILL)
    if what == "leave":
        os._exit(0)
    if what == "hang":
        with subprocess.Popen(["sleep", "600"]) as child:
            path.with_suffix(".child").write_text(str(child.pid))
    if what == "grow":
        held = [bytearray(os.urandom(1)) * (400 << 20)]
        time.sleep(600)
        del held
    if what == "raise":
        raise ValueError("said on stderr")
    return Unreadable() if what == "unreadable" else (what, len(GIVEN), Path.cwd())


@pytest.fixture
def python_path(monkeypatch):
    monkeypatch.setenv("PYTHONPATH", str(ROOT))


def test_each_call_has_a_process_of_its_own_and_its_end_is_its_own(tmp_path, python_path):
    limits = Limits(workers=3, seconds=6)
    wanted = ["hang", "good", "die", "leave", "raise", "good"]
    started, costs = [], []
    with Processes(
        limits, ready, tidy=tidy, started=lambda *a: started.append(a), ended=lambda *a: costs.append(a)
    ) as pool:
        paths = [tmp_path / str(place) for place in range(len(wanted))]
        calls = [pool.submit(call, path, what) for path, what in zip(paths, wanted, strict=True)]
        ends = [one.exception(60) for one in calls]
        scratch = Path(pool._scratch)
        server = pool._server.pid
        assert scratch.is_dir()
    told = [end.how if isinstance(end, Stopped) else end for end in ends]
    assert told == ["timeout", None, "SIGKILL", "stopped", "stopped", None]
    assert "ValueError: said on stderr" in ends[4].log
    # What one call leaves in its process is not there for the next: each counted one call.
    assert [calls[place].result()[1] for place in (1, 5)] == [1, 1]
    assert len({path.read_text() for path in paths}) == len(paths)
    assert {path.stem for path in tmp_path.glob("*.tidied")} == {"0", "2", "3", "4"}
    assert len(started) == len(costs) == len(wanted)
    assert not scratch.exists()
    assert all(gone(number) for number in [server, *(int(path.read_text()) for path in paths)])


def test_a_call_that_holds_more_than_it_may_is_ended(tmp_path, python_path):
    with Processes(Limits(1, memory=300 << 20), ready) as pool:
        end = pool.submit(call, tmp_path / "a", "grow").exception(60)
        assert (type(end), end.how) == (Stopped, "memory")
        assert pool.submit(call, tmp_path / "b", "good").result(60)[0] == "good"


def test_a_dead_prepared_process_is_replaced(tmp_path, python_path):
    with Processes(Limits(1), ready) as pool:
        hanging = pool.submit(call, tmp_path / "a", "hang")
        wait_for(lambda: (tmp_path / "a.child").is_file() and (tmp_path / "a.child").read_text())
        first, child = int((tmp_path / "a").read_text()), int((tmp_path / "a.child").read_text())
        os.kill(pool._server.pid, signal.SIGKILL)
        good = pool.submit(call, tmp_path / "b", "good")
        wait_for(lambda: gone(first) and gone(child))
        wait_for(lambda: int((tmp_path / "a").read_text() or first) != first)
        os.kill(int((tmp_path / "a").read_text()), signal.SIGKILL)
        assert good.result(60)[0] == "good"
        assert isinstance(hanging.exception(60), Stopped)


class Unreadable:
    """What a call gives back and who asked cannot read."""

    def __reduce__(self):
        return int, ("no number",)


def test_trouble_of_who_asked_ends_one_call_and_no_other(tmp_path, python_path):
    full = [OSError(errno.ENOSPC, "No space left on device")]

    def ended(*_):
        if full:
            raise full.pop()

    with Processes(Limits(1), ready, ended=ended) as pool:
        assert isinstance(pool.submit(call, tmp_path / "a", "good").exception(60), OSError)
        assert isinstance(pool.submit(call, tmp_path / "b", "unreadable").exception(60), ValueError)
        assert pool.submit(call, tmp_path / "c", "good").result(60)[0] == "good"


def test_trouble_of_who_is_told_of_a_start_ends_that_call_and_no_other(tmp_path, python_path):
    full = [OSError(errno.ENOSPC, "No space left on device")]

    def started(*_):
        if full:
            raise full.pop()

    with Processes(Limits(1), ready, started=started) as pool:
        assert isinstance(pool.submit(call, tmp_path / "a", "good").exception(60), OSError)
        assert pool.submit(call, tmp_path / "b", "good").result(60)[0] == "good"


def test_who_waits_for_a_call_is_told_when_the_pool_is_shut_down(tmp_path, python_path):
    pool = Processes(Limits(1), ready)
    running, waiting = (pool.submit(call, tmp_path / name, "hang") for name in "ab")
    wait_for(running.running)
    pool.shutdown()
    assert isinstance(running.exception(60), Stopped)
    assert waiting.cancelled()


def test_nothing_outlives_who_asked_however_it_ends(tmp_path):
    code = (
        "import sys; from pathlib import Path; from tests.rendering import test_processes as t\n"
        "pool = t.Processes(t.Limits(2), t.ready, tidy=t.tidy)\n"
        "for name in 'ab': pool.submit(t.call, Path(sys.argv[1], name), 'hang')\n"
        "print(pool._server.pid, pool._scratch, flush=True)\n"
        "import time; time.sleep(600)\n"
    )
    words = [sys.executable, "-c", code, str(tmp_path)]
    with subprocess.Popen(
        words, stdout=subprocess.PIPE, text=True, cwd=ROOT, env={**os.environ, "PYTHONPATH": str(ROOT)}
    ) as asking:
        server, scratch = asking.stdout.readline().split()
        names = ("a", "a.child", "b", "b.child")
        wait_for(lambda: all((tmp_path / name).is_file() and (tmp_path / name).read_text() for name in names))
        asking.kill()
    numbers = [int(server), *(int((tmp_path / name).read_text()) for name in names)]
    wait_for(lambda: all(gone(number) for number in numbers))
    wait_for(lambda: not Path(scratch).exists())
    assert {path.stem for path in tmp_path.glob("*.tidied")} == {"a", "b"}


def gone(number):
    """Whether a process has ended; one that nobody has asked after yet counts."""
    try:
        return Path(f"/proc/{number}/stat").read_text().rpartition(")")[2].split()[0] == "Z"
    except OSError:
        return True


def wait_for(true, seconds=60):
    end = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < end, "waited in vain"
        time.sleep(0.02)
