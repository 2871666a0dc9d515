"""The prepared process: everything a report needs is loaded, and each report is made in a fork of it.

It has seen nothing of any client: libraries, typefaces, one throw-away drawing, the law book. A fork makes one
report and ends; nothing is used again. Whoever asked may die at any moment: the pipe between them closes, and
the forks and what they were writing are taken away before this process goes too.

The memory of a fork is watched, not limited by the system: duckdb and pyarrow reserve several times the
addresses they ever fill, so that a limit of addresses (RLIMIT_AS) would end clients that fit easily.
"""

from __future__ import annotations

import gc
import os
import pickle
import shutil
import signal
import sys
import time
import traceback
from collections import deque
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from multiprocessing.connection import Connection, wait
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from cape_kit import leftovers

if TYPE_CHECKING:
    from cape_kit.law.book import Law

RESULT, LOG = "result", "log"
#: How often running forks are looked at: where the system says by itself that one has ended, and where not. [seconds]
_LOOK, _TICK = 0.25, 0.02
#: So many new objects before a fork looks for those nobody holds any more.
_LITTER = 500_000
_PAGE = os.sysconf("SC_PAGE_SIZE") if hasattr(os, "sysconf") else 4096


class Limits(NamedTuple):
    """How many forks at a time, for how long each [seconds], and in how much memory each [bytes]; None: no limit."""

    workers: int = 1
    seconds: float | None = None
    memory: int | None = None


class Ended(NamedTuple):
    """How a fork ended: `how` is "" for well, else a word; what it cost, and where its log is."""

    number: int
    how: str
    result: bytes = b""
    log: bytes = b""
    seconds: float = 0.0
    cpu_seconds: float = 0.0
    peak: int = 0


@dataclass
class _Fork:
    number: int
    pid: int
    folder: Path
    began: float
    arguments: tuple[Any, ...]
    #: A descriptor that can be read from once it has ended; None where the system has none.
    end: int | None
    how: str = ""


#: Called with a call's arguments when its process was ended or died, to take away what it was writing.
Tidy = Callable[..., None]


def serve(descriptor: int) -> None:
    """Answer the process at the other end of a pipe until it closes it, or dies."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the one who asked, who then says what to do
    talk = Connection(descriptor)
    limits, scratch, ready, tidy = talk.recv()
    ready()
    _Server(talk, limits, Path(scratch), tidy).run()


def prepare(law: Path | None) -> None:
    """Load what every report needs. pandas looks at its import whether a notebook or a terminal is there."""
    sys.modules.setdefault("rfc3987_syntax", None)  # type: ignore[arg-type]
    # All that is made here stays: looking through it for litter again and again finds none.
    gc.disable()
    from cape_kit.rendering import kernels

    with leftovers.temporary() as home:
        kernels.load_as_notebooks_do(str(home))
    import nbformat
    import pandas as pd

    from cape_kit.law import book
    from cape_kit.rendering import pages, report
    from cape_kit.views import whatif, workbook

    _ = report, whatif, workbook
    with pd.option_context(*kernels.TEXT):
        _learn(book.load(folder=law))
    prose = nbformat.v4.new_markdown_cell("# One\n\n*One* [ ] `one`\n\n- one\n\n| one |\n|---|\n| 1 |\n")
    pages.page(nbformat.v4.new_notebook(cells=[prose]), title="", colophon="")
    _draw_once()
    gc.freeze()
    gc.enable()
    # A fork makes one report and ends: what it leaves lying is seldom worth looking for.
    gc.set_threshold(_LITTER, *gc.get_threshold()[1:])


def _learn(law: Law) -> None:
    """What every report looks up, looked up once: the kit's layouts and words, the law's tables, the engine's cells."""
    import fastexcel
    import pandas as pd
    import pyarrow.dataset

    from cape_kit.assessment import interest
    from cape_kit.assessment.audit import registry_rates
    from cape_kit.assessment.refund import reducing
    from cape_kit.entries import schema
    from cape_kit.entries.readers import column_evidence, file_problems, layouts, rows
    from cape_kit.rendering import manifest

    manifest.identity(law)
    _ = law.headings, law.headings_by_number, law.rates, pyarrow.dataset, fastexcel
    for table in schema.TABLES:
        schema.empty(table)
    reducing.registered(law), registry_rates.calls(law)
    layouts.profiles(), column_evidence.letters(), file_problems.kinds()
    column_evidence.candidates_for("entry number")
    nothing = pd.Series([], dtype="datetime64[s]")
    for name in interest.CLASSES:
        interest.accrue_many(nothing.astype("int64"), nothing, nothing, law, importer_class=name)
    rows.teach_for_forks()


def _draw_once() -> None:
    """A drawing nobody sees: the first one finds the typefaces, in every size and weight, and the style."""
    from cape_kit.views.charts import picture

    with picture.styled():
        drawing = picture.Picture(width="wide", height=1, alt="")
        axes = drawing.add_subplot()
        axes.barh(["one"], [1], hatch="///")
        axes.set_xlabel("one")
        for size in picture.LETTERS:
            for weight in ("normal", "bold"):
                drawing.text(0, 0, "one", fontsize=size, fontweight=weight)
        drawing.svg()


class _Server:
    """The forks that run, and those that wait for a place."""

    def __init__(self, talk: Connection, limits: Limits, scratch: Path, tidy: Tidy | None) -> None:
        self.talk, self.limits, self.scratch, self.tidy = talk, limits, scratch, tidy
        self.waiting: deque[tuple[int, bytes]] = deque()
        self.running: dict[int, _Fork] = {}
        self.seen: set[int] = set()
        self.looked = 0.0

    def run(self) -> None:
        """Take what comes, start what fits, tell what ended; at the end of the pipe, end everything."""
        try:
            while True:
                if self._spoken_to():
                    asked = self.talk.recv()
                    if asked is None:
                        break
                    if asked[0] not in self.seen:
                        self.seen.add(asked[0])
                        self.waiting.append(asked)
                    continue
                self._look()
                while self.waiting and len(self.running) < self.limits.workers:
                    self._start(*self.waiting.popleft())
        except (EOFError, OSError):
            pass
        finally:
            for fork in self.running.values():
                _kill(fork.pid)
            for fork in self.running.values():
                with suppress(ChildProcessError):
                    os.waitpid(fork.pid, 0)
                self._tidied(fork)
            shutil.rmtree(self.scratch, ignore_errors=True)

    def _spoken_to(self) -> bool:
        """Whether something was said; waits for it, for a fork to end, or for the time to look at them.

        With a place free and somebody waiting for it there is no waiting here.
        """
        ends = [fork.end for fork in self.running.values()]
        told = [end for end in ends if end is not None]
        patience = None if not ends else _LOOK if len(told) == len(ends) else _TICK
        if self.waiting and len(ends) < self.limits.workers:
            patience = 0
        return self.talk in wait([self.talk, *told], patience)

    def _tidied(self, fork: _Fork) -> None:
        if self.tidy is not None:
            with suppress(OSError):
                self.tidy(*fork.arguments)

    def _start(self, number: int, call: bytes) -> None:
        folder = self.scratch / str(number)
        folder.mkdir(parents=True, exist_ok=True)
        mine, (function, arguments) = os.getpid(), pickle.loads(call)
        sys.stdout.flush()
        sys.stderr.flush()
        pid = os.fork()
        if pid == 0:
            self.talk.close()
            _be_a_fork(folder, mine, function, arguments)
        self.running[number] = _Fork(number, pid, folder, time.monotonic(), arguments, _end_of(pid))
        self.talk.send(("started", (number, pid)))

    def _look(self) -> None:
        """Which forks have ended; those past their time or their memory are ended."""
        now = time.monotonic()
        for fork in list(self.running.values()):
            if os.waitid(os.P_PID, fork.pid, os.WEXITED | os.WNOHANG | os.WNOWAIT) is not None:
                _kill(fork.pid)  # what it started and left, while its number is still its own
                _, status, used = os.wait4(fork.pid, 0)
                del self.running[fork.number]
                if fork.end is not None:
                    os.close(fork.end)
                self.talk.send(("ended", self._told(fork, status, used, now)))
            elif self.limits.seconds is not None and now - fork.began > self.limits.seconds:
                self._end(fork, "timeout")
        if self.limits.memory is not None and now - self.looked > _LOOK:
            self.looked = now
            for fork in self.running.values():
                if _memory(fork.pid) > self.limits.memory:
                    self._end(fork, "memory")

    def _end(self, fork: _Fork, how: str) -> None:
        fork.how = fork.how or how
        _kill(fork.pid)

    def _told(self, fork: _Fork, status: int, used: Any, now: float) -> Ended:
        result, log = _read(fork.folder / RESULT), _read(fork.folder / LOG)
        how = fork.how
        if not how and os.WIFSIGNALED(status):
            how = signal.Signals(os.WTERMSIG(status)).name
        elif not how and not result:
            how = "stopped"
        if how:
            self._tidied(fork)
        shutil.rmtree(fork.folder, ignore_errors=True)
        return Ended(
            fork.number,
            how,
            b"" if how else result,
            log,
            now - fork.began,
            used.ru_utime + used.ru_stime,
            used.ru_maxrss * 1024,
        )


def _be_a_fork(folder: Path, parent: int, function: Callable[..., Any], arguments: tuple[Any, ...]) -> None:
    """Do what was asked, leave the answer in the folder, and end without going back. Never returns."""
    code = 1
    try:
        os.setsid()
        leftovers.die_with_parent(parent)
        signal.signal(signal.SIGINT, signal.SIG_DFL)
        log = os.open(folder / LOG, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        nothing = os.open(os.devnull, os.O_RDONLY)
        for source, target in ((nothing, 0), (log, 1), (log, 2)):
            os.dup2(source, target)
        leftovers.lie_in(folder)
        answer = pickle.dumps(function(*arguments))
        part = folder / f"{RESULT}.part"
        part.write_bytes(answer)
        part.replace(folder / RESULT)
        code = 0
    except BaseException:
        traceback.print_exc()
    finally:
        with suppress(Exception):
            sys.stdout.flush()
            sys.stderr.flush()
        os._exit(code)


def _kill(pid: int) -> None:
    """End a fork and everything it started; it leads a group of its own, but for its first moment."""
    for end in (os.killpg, os.kill):  # the first misses it where it has no group yet
        with suppress(ProcessLookupError, PermissionError):
            end(pid, signal.SIGKILL)


def _end_of(pid: int) -> int | None:
    """A descriptor that can be read from once a process has ended: Linux has it since 5.3."""
    try:
        return os.pidfd_open(pid)
    except OSError:
        return None


def _memory(pid: int) -> int:
    """The memory a process holds, what it shares with the prepared one counted in. [bytes]"""
    try:
        return int(Path(f"/proc/{pid}/statm").read_text("ascii").split()[1]) * _PAGE
    except (OSError, IndexError, ValueError):
        return 0


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError:
        return b""
