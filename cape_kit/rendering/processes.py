"""A pool of single-use processes: each call is made in a process of its own, forked from a prepared one.

An executor like those of the standard library, which break whole when one child is killed and cannot end a
call that hangs. Here each call has a time and a memory it may use; one that ends badly is that call's error.
"""

from __future__ import annotations

import os
import pickle
import shutil
import signal
import subprocess
import sys
import threading
from collections.abc import Callable
from concurrent.futures import Executor, Future
from contextlib import suppress
from itertools import count
from multiprocessing.connection import Connection, Pipe
from pathlib import Path
from typing import Any

import cape_kit
from cape_kit import leftovers
from cape_kit.rendering.prepared import Ended, Limits, Tidy

#: How often the prepared process may die before the calls it had are given up.
_LIVES = 3
#: How long the prepared process has to put things away when it is sent away. [seconds]
_PATIENCE = 1.5


class Stopped(Exception):
    """A call's process ended before it had answered; `how` in a word, `log` what it wrote until then."""

    def __init__(self, how: str, log: str = "") -> None:
        super().__init__(how)
        self.how, self.log = how, log

    def __reduce__(self) -> tuple[type[Stopped], tuple[str, str]]:
        return Stopped, (self.how, self.log)


def can_fork() -> bool:
    """Whether this system makes processes by forking safely; elsewhere each would load everything anew."""
    return sys.platform == "linux" and hasattr(os, "fork")


class Processes(Executor):
    """The pool. The prepared process starts with the first call, and ends with this one however that ends.

    `ready` is called once in the prepared process, before anything is forked from it. `tidy` takes away what a
    call was writing when its process died; `started` is told the arguments of a call when its process starts,
    `ended` the same and what it cost.
    """

    def __init__(
        self,
        limits: Limits,
        ready: Callable[[], object],
        *,
        tidy: Tidy | None = None,
        started: Callable[..., None] | None = None,
        ended: Callable[..., None] | None = None,
    ) -> None:
        self.limits, self.ready, self.tidy = limits, ready, tidy
        self.started, self.ended = started, ended
        self._numbers, self._lives = count(), _LIVES
        self._calls: dict[int, tuple[bytes, tuple[Any, ...], Future[Any]]] = {}
        # Two locks: who listens must never wait for who sends, or a full pipe would stop both ends.
        self._lock, self._sending = threading.RLock(), threading.Lock()
        self._groups: dict[int, int] = {}
        self._closing = False
        self._server: subprocess.Popen[bytes] | None = None
        self._talk: Connection | None = None
        self._scratch = ""

    def submit(self, fn: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Future[Any]:
        """The call's future answer. Everything in it must be picklable; no keywords."""
        if kwargs:
            raise TypeError("give the arguments by place")
        future: Future[Any] = Future()
        with self._lock:
            if self._closing:
                raise RuntimeError("the pool is closed")
            number, call = next(self._numbers), pickle.dumps((fn, args))
            self._calls[number] = (call, args, future)
            fresh = self._talk is None
            if fresh:
                self._start()
        if not fresh:
            self._send(number, call)
        return future

    def shutdown(self, wait: bool = True, *, cancel_futures: bool = False) -> None:
        """End the prepared process, and with it every call that still runs."""
        with self._lock:
            self._closing = True
            talk, server = self._talk, self._server
            self._talk = None
            for _, _, future in self._calls.values():
                if not future.cancel():  # it runs: who waits for it would wait for ever
                    future.set_exception(Stopped("no process"))
            self._calls.clear()
        if talk is not None and server is not None:
            with suppress(OSError):
                talk.send(None)  # closing it would not be seen while another thread reads it
            with suppress(subprocess.TimeoutExpired):
                server.wait(_PATIENCE)
            server.kill()
            server.wait()
            talk.close()
            self._end_groups()
        if self._scratch:
            shutil.rmtree(self._scratch, ignore_errors=True)

    def _start(self) -> None:
        """The prepared process: this Python and this kit, one thread where the number of threads can be said."""
        self._scratch = self._scratch or str(leftovers.watched())
        mine, theirs = Pipe()
        here = str(Path(cape_kit.__file__).parents[1])
        paths = os.pathsep.join([here, *filter(None, [os.environ.get("PYTHONPATH")])])
        single = dict.fromkeys(("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS"), "1")
        code = f"from cape_kit.rendering import prepared; prepared.serve({theirs.fileno()})"
        self._server = subprocess.Popen(
            [sys.executable, "-P", "-c", code],
            env={**os.environ, "PYTHONPATH": paths, **single},
            pass_fds=[theirs.fileno()],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            start_new_session=True,
        )
        theirs.close()
        self._talk = mine
        with suppress(OSError):
            mine.send((self.limits, self._scratch, self.ready, self.tidy))
        threading.Thread(target=self._listen, args=[mine], daemon=True).start()
        for number, (call, _, _) in list(self._calls.items()):
            self._send(number, call)

    def _end_groups(self) -> None:
        """End what the calls' processes had started: they died with the prepared process, it did not."""
        for pid in self._groups.values():
            with suppress(ProcessLookupError, PermissionError):
                os.killpg(pid, signal.SIGKILL)
        self._groups.clear()

    def _send(self, number: int, call: bytes) -> None:
        # A prepared process that has died is noticed by who listens, and the next is sent all anew.
        with self._sending, suppress(OSError):
            if self._talk is not None:
                self._talk.send((number, call))

    def _listen(self, talk: Connection) -> None:
        while True:
            try:
                what, told = talk.recv()
            except (EOFError, OSError, TypeError):
                self._again(talk)
                return
            if what == "started":
                number, pid = told
                with self._lock:
                    self._groups[number] = pid
                    _, args, future = self._calls.get(number, (b"", (), None))
                if future is not None and not future.running():
                    future.set_running_or_notify_cancel()
                    self._tell_started(number, args, future)
            else:
                self._settle(told)

    def _tell_started(self, number: int, args: tuple[Any, ...], future: Future[Any]) -> None:
        try:
            if self.started:
                self.started(*args)
        except Exception as trouble:  # as below: were nobody listening any more, all would wait for ever
            with self._lock:
                self._calls.pop(number, None)
            future.set_exception(trouble)

    def _settle(self, told: Ended) -> None:
        with self._lock:
            self._groups.pop(told.number, None)
            _, args, future = self._calls.pop(told.number, (b"", (), None))
        if future is None:
            return
        try:
            if self.ended:
                self.ended(*args, told)
            if told.how:
                raise Stopped(told.how, told.log.decode("utf-8", "replace"))
            result = pickle.loads(told.result)
        except Exception as trouble:  # whoever waits is told; who listens goes on for the other calls
            future.set_exception(trouble)
        else:
            future.set_result(result)

    def _again(self, talk: Connection) -> None:
        """The prepared process is gone. Unless it was sent away, another takes over what it had."""
        with self._lock:
            if self._closing or self._talk is not talk:
                return
            self._lives -= 1
            if self._server is not None:
                self._server.wait()
            self._end_groups()
            if self._lives > 0:
                self._start()
                return
            lost, self._talk = list(self._calls.values()), None
            self._calls.clear()
        for _, _, future in lost:
            future.set_exception(Stopped("no process"))
