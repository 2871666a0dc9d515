"""The same batch on a Dask cluster: the jobs and the loop are the pool's, the executor is the cluster's.

A worker keeps a prepared process of its own, and each report is made in a fork of it: a worker lives on, what
a client left in it may not. What makes the reports is compared first: a worker with another kit, law or
library is refused, since its reports would differ. The client's folders and the output folder have the same
names everywhere.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import Executor, Future
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any

from cape_kit.errors import Usage
from cape_kit.law import book
from cape_kit.rendering import batch, manifest
from cape_kit.rendering.batch import WrongKit
from cape_kit.rendering.jobs import Job, Outcome
from cape_kit.rendering.prepared import Limits, prepare
from cape_kit.rendering.processes import Processes, can_fork
from cape_kit.rendering.watching import Watch

#: How long a scheduler may take to answer. [seconds]
_PATIENCE = 15
#: How often the workers are looked at. [seconds]
_LOOK = 2
_MOST = 256
#: How long a worker of another kit keeps a job before it gives it back: one that refuses at once is always free, and
#: would be handed every job there is. [seconds]
_HELD = 15
_POOLS: dict[tuple[Any, ...], Processes] = {}
_LOCK = threading.Lock()


@contextmanager
def workers(address: str, law: Path | None) -> Iterator[Any]:
    """The cluster as an executor, all of its workers looked at first.

    Raises Usage where there is none, where it has no worker, and where a worker would make other reports.
    """
    try:
        from distributed import Client
        from distributed.comm.addressing import resolve_address
    except ImportError:
        raise Usage("--dask needs Dask: pip install 'cape-kit[cluster]'") from None
    try:
        resolve_address(address)  # a way of speaking nobody knows would be tried again until the time is over
        client = Client(address, timeout=_PATIENCE, set_as_default=False)
    except (OSError, ValueError, TimeoutError) as trouble:
        raise Usage(f"{address}: no Dask scheduler answers there ({type(trouble).__name__})") from trouble
    # What it says of a scheduler that is gone is a trace of its own inside; the rows of the index say it in words.
    logging.getLogger("distributed.client").setLevel(logging.CRITICAL)
    with client:
        _same_everywhere(client, law)  # one that joins later is asked again with each job
        with client.get_executor(pure=False) as executor:
            yield _Sifted(executor, client)


class _Sifted(Executor):
    """The cluster, but for workers that have refused a job: another is asked first, as long as there is one."""

    def __init__(self, executor: Executor, client: Any) -> None:
        self._executor, self._client = executor, client
        self._wrong: set[str] = set()

    def submit(self, fn: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Future[Any]:
        """As the cluster's own."""
        if self._wrong:
            others = sorted(set(self._client.nthreads()) - self._wrong)
            kwargs |= {"workers": others, "allow_other_workers": True} if others else {}
        future = self._executor.submit(fn, *args, **kwargs)
        future.add_done_callback(self._learn)  # before who gives the job out again is told
        return future

    def shutdown(self, wait: bool = True, *, cancel_futures: bool = False) -> None:
        """As the cluster's own."""
        self._executor.shutdown(wait=wait)

    def watch(self, tell: Callable[[str], object]) -> Watch:
        """Who looks whether there is still a worker, and tells where there is none."""
        return _Workers(self._client.nthreads, tell)

    def _learn(self, future: Future[Any]) -> None:
        if not future.cancelled() and isinstance(refusal := future.exception(), WrongKit):
            self._wrong.add(refusal.worker)


class _Workers(Watch):
    """Looks at who is left to do the work: without a worker a batch waits, and nothing else would say so."""

    def __init__(self, present: Callable[[], Any], tell: Callable[[str], object]) -> None:
        self._present, self._tell = present, tell
        self._looked = self._seen = time.monotonic()
        self._told = False

    def waiting(self) -> None:
        """Tell once each time the last worker has been gone for a while, and when there is one again."""
        now = time.monotonic()
        if now - self._looked < _LOOK:
            return
        self._looked = now
        if self._present():
            if self._told:
                self._tell("A worker is there again: the batch goes on.")
            self._seen, self._told = now, False
        elif not self._told and now - self._seen > _PATIENCE:
            self._told = True
            self._tell(
                "The cluster has no worker left: the batch waits for one. Start a worker, or stop with Ctrl-C and "
                "run the same command again later; what is finished is not made again."
            )


def call(limits: Limits, law: Path | None) -> partial[Outcome]:
    """What a worker is asked to do with a job."""
    return partial(attempt_on_worker, wanted=identity(str(Path.cwd()), law), limits=limits)


def identity(home: str, law: Path | None) -> dict[str, str]:
    """What makes reports here; asked of this process and of every worker."""
    return manifest.identity(book.load(folder=Path(home, law) if law else None))


def attempt_on_worker(job: Job, *, wanted: dict[str, str], limits: Limits) -> Outcome:
    """One report made in a fork of this worker's prepared process. Raises WrongKit, Stopped."""
    found = identity(job.home, job.options.law)
    if found != wanted:
        time.sleep(_HELD)
        refusal = WrongKit(
            f"This worker has {_difference(found, wanted)}; it joined after the batch had begun."
        )
        refusal.worker = _own_address()
        raise refusal
    law = Path(job.home, job.options.law) if job.options.law else None
    return _pool(limits, law).submit(batch.attempt, job).result()


def _own_address() -> str:
    from distributed import get_worker

    try:
        return str(get_worker().address)
    except ValueError:  # called by no worker
        return ""


def _pool(limits: Limits, law: Path | None) -> Processes:
    """The pool of this worker: as many forks at a time as Dask gives it tasks. It ends with the worker."""
    asked = (limits.seconds, limits.memory, law)
    with _LOCK:
        if asked not in _POOLS:
            for old in _POOLS.values():
                old.shutdown()
            _POOLS.clear()
            many = Limits(_MOST, limits.seconds, limits.memory)
            _POOLS[asked] = Processes(many, partial(prepare, law), tidy=batch.tidy)
        return _POOLS[asked]


def _same_everywhere(client: Any, law: Path | None) -> None:
    wanted, home = identity(str(Path.cwd()), law), str(Path.cwd())
    try:
        client.wait_for_workers(1, timeout=_PATIENCE)
    except TimeoutError:
        raise Usage(f"{client.scheduler.address}: the cluster has no worker") from None
    found = client.run(_introduce, home, law, on_error="return")
    for address, told in sorted(found.items()):
        if isinstance(told, BaseException):
            raise Usage(f"The worker {address} cannot say what it has ({told}); is this kit installed there?")
        if told != {**wanted, "forks": "yes"}:
            raise Usage(
                f"The worker {address} has {_difference(told, wanted)}; give it the same, or take it out of the cluster"
            )


def _introduce(home: str, law: Path | None) -> dict[str, str]:
    return {**identity(home, law), "forks": "yes" if can_fork() else "no"}


def _difference(found: dict[str, str], wanted: dict[str, str]) -> str:
    for key, title in (("kit", "kit"), ("law", "law"), ("libraries", "libraries")):
        if found.get(key) != wanted[key]:
            return f"another {title} ({found.get(key)}, here {wanted[key]})"
    return "no way to fork processes"
