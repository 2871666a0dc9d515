"""Every client of a folder, each on its own: a failed one is a row in the index, never the end of the run.

One loop for any executor: by default a pool of single-use processes, else a cluster's. What is there already
and unchanged is found out here, in milliseconds, and never handed on.
"""

from __future__ import annotations

import contextlib
import functools
import hashlib
import json
import os
import platform
import threading
import traceback
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import CancelledError, Executor, Future
from dataclasses import replace
from functools import partial
from importlib import import_module
from pathlib import Path
from queue import Empty, SimpleQueue
from typing import TYPE_CHECKING

from cape_kit import leftovers, owners
from cape_kit.entries import client
from cape_kit.entries.client import safe_key
from cape_kit.errors import CapeError, ReportFailed, Usage, for_log, no_room, of_system
from cape_kit.law import book
from cape_kit.rendering import jobs as room
from cape_kit.rendering import manifest, redacted
from cape_kit.rendering.jobs import INDEX, SUMMARY, Job, Outcome
from cape_kit.rendering.prepared import Limits, prepare
from cape_kit.rendering.processes import Processes, Stopped, can_fork
from cape_kit.rendering.watching import NAME as JOURNAL
from cape_kit.rendering.watching import Watch

if TYPE_CHECKING:
    from cape_kit.rendering.kernels import Kernel

__all__ = [
    "JOURNAL",
    "Job",
    "Limits",
    "Watch",
    "attempt",
    "can_fork",
    "clients",
    "default_workers",
    "held",
    "run",
    "run_on",
]

#: What went wrong with a client, beside its reports; gone when a report is made.
LOG = "failed.log"
NO_FORKS = (
    "This system does not fork processes: each report starts a kernel of its own, which takes longer, and "
    "--timeout "
    "and --memory are not kept."
)
GONE = (
    "The cluster stopped answering before it was done. Run the same command again to continue; finished reports "
    "that have not changed are not made again."
)
_LOCK = ".cape-batch.lock"
#: How far into the index its stamp is looked for. [signs]
_HEAD = 4000
#: How files are named that may be exports.
_EXPORTS = {".csv", ".pdf", ".tsv", ".xls", ".xlsb", ".xlsm", ".xlsx", ".zip"}
_TICK = 0.5
#: So often a job is given out again that a worker of another kit has refused.
_TRIES = 20
_WHY = {
    "timeout": "It exceeded its time limit and was stopped; give it more with --timeout",
    "memory": "It exceeded its memory limit and was stopped; give it more with --memory, or run fewer at a time "
    "with --workers",
    "SIGKILL": "The system stopped it, most likely for lack of memory; run fewer at a time with --workers",
    "stopped": "Its process ended before the report was made",
    "no process": "No process could be kept running for it",
}


class WrongKit(CapeError):
    """A worker has another kit, law or library than who asked; its report would not be the same."""

    #: The worker's address, as the cluster knows it.
    worker = ""


#: The defaults of a run.
ONE_AT_A_TIME, NOBODY = Limits(), Watch()


def clients(folder: Path, out: Path | None = None) -> list[Path]:
    """The folders of the clients under a folder, by name; what starts with a dot is left alone, and `out`.

    Raises Usage where they lie one folder further down.
    """
    if not folder.is_dir():
        raise Usage(f"{folder}: no such folder; give the folder that holds the clients' folders")
    if (folder / "client.toml").is_file():
        raise Usage(f"{folder} is one client; use cape-kit report, or give the folder above it")
    found = sorted(path for path in folder.iterdir() if not path.name.startswith(".") and _a_folder(path))
    if out is not None:  # reports made here before are no client: a batch that was stopped could not go on
        found = [path for path in found if path.resolve() != out.resolve() or _named_a_client(path)]
    if not found:
        raise Usage(f"{folder}: no client found; each client is a folder with a client.toml")
    if not any(map(_named_a_client, found)):
        lower = next((one for path in found for one in _below(path) if _named_a_client(one)), None)
        if lower is not None:
            raise Usage(
                f"{folder}: {lower} is a client, one folder further down; give {lower.parent} instead"
            )
    return found


def loose(folder: Path) -> list[str]:
    """Files that lie beside the clients' folders and look like exports: of no client, and read by nobody."""
    return sorted(
        path.name
        for path in folder.iterdir()
        if path.suffix.lower() in _EXPORTS and not path.name.startswith((".", "~$")) and path.is_file()
    )


def _named_a_client(path: Path) -> bool:
    try:
        return (path / "client.toml").is_file()
    except OSError:
        return False


def _below(path: Path) -> list[Path]:
    try:
        return sorted(path.iterdir())
    except OSError:
        return []


def _a_folder(path: Path) -> bool:
    """Whether it is a folder, or should be one: a link to a place that is away today, and what can't be looked at.

    Their rows say so; left out they would be missed by nobody.
    """
    try:
        return path.is_dir() or (path.is_symlink() and not path.exists())
    except OSError:
        return True


def refuse_inside(folders: Iterable[Path], out: Path) -> None:
    """Raises Usage when the index or a report would land where a client's files are read, today or the next time."""
    folders, whole = list(folders), out.resolve()
    for source in folders:
        own = source.resolve()
        if whole.is_relative_to(own) or (whole / safe_key(source)).is_relative_to(own):
            raise Usage(
                f"{out} is inside the client's folder {own.name}, where reports would be read as data; "
                f"give another --out"
            )
    if {one.parent.resolve() for one in folders} & set(whole.parent.parents):
        raise Usage(
            f"{out} is inside a folder among the clients', which would be taken for a client; give another --out"
        )


@contextlib.contextmanager
def held(out: Path) -> Iterator[None]:
    """The output folder for one batch alone. Raises Usage where another one is writing to it.

    The system lets go of the lock when its process ends, however it ends.
    """
    path = out / _LOCK
    with owners.alone():
        out.mkdir(parents=True, exist_ok=True)
        opened = path.open("a+", encoding="utf-8")
    with opened as file:
        if not owners.take(file.fileno()) or not _still(path, file.fileno()):
            file.seek(0)
            who = file.read().strip() or "another process"
            raise Usage(f"{out}: another batch is writing to it ({who}); wait for it, or give another --out")
        file.truncate(0)
        file.write(f"process {os.getpid()} on {platform.node()}")
        file.flush()
        leftovers.sweep_temporary()
        leftovers.sweep(out)
        for place in (*out.iterdir(), *redacted.sent(out).glob("*")):
            if place.is_dir():
                leftovers.sweep(place)
        try:
            yield
        finally:
            with contextlib.suppress(
                PermissionError
            ):  # Windows keeps an open file; the next batch takes it over
                path.unlink(missing_ok=True)


def _still(path: Path, descriptor: int) -> bool:
    """Whether a lock file is still the one that was opened: its holder takes it away in the end."""
    try:
        return path.stat().st_ino == os.fstat(descriptor).st_ino
    except OSError:
        return False


def run(
    jobs: Iterable[Job],
    *,
    limits: Limits = ONE_AT_A_TIME,
    executor: Executor | None = None,
    call: Callable[[Job], Outcome] | None = None,
    watch: Watch = NOBODY,
) -> Iterator[Outcome]:
    """The outcomes as they come: what is unchanged at once, the rest from a pool, or from the executor given.

    `call` is what that executor is asked to do with a job.
    """
    todo, clashing = _apart(jobs)
    yield from map(partial(_told, watch), clashing)
    if executor is not None:
        yield from run_on(executor, todo, watch=watch, call=call)
    elif can_fork():
        ready = partial(prepare, todo[0].options.law if todo else None)
        with Processes(limits, ready, tidy=tidy, started=watch.started, ended=watch.cost) as pool:
            yield from run_on(pool, todo, watch=watch)
    else:
        yield from _without_forks(todo, limits, watch)


def _without_forks(todo: list[Job], limits: Limits, watch: Watch) -> Iterator[Outcome]:
    """The same where processes cannot be forked: each report in an ordinary kernel, with no limit kept."""
    import multiprocessing
    from concurrent.futures import ProcessPoolExecutor

    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(limits.workers, mp_context=context) as pool:
        yield from run_on(pool, todo, watch=watch, call=attempt_in_kernel)


def run_on(
    executor: Executor,
    jobs: Iterable[Job],
    *,
    watch: Watch = NOBODY,
    call: Callable[[Job], Outcome] | None = None,
) -> Iterator[Outcome]:
    """The outcomes as they come, from any executor; a worker that died is a failed client."""
    done: SimpleQueue[Future[Outcome]] = SimpleQueue()
    pending: dict[Future[Outcome], Job] = {}
    given: Counter[Path] = Counter()

    def give(job: Job) -> None:
        future = executor.submit(call or attempt, job)
        pending[future] = job
        given[job.source] += 1
        future.add_done_callback(done.put)

    def taken(future: Future[Outcome]) -> Iterator[Outcome]:
        if _refused(future) and given[pending[future].source] < _TRIES:
            give(pending.pop(future))
        else:
            yield _told(watch, _settled(pending, future))

    try:
        for job in jobs:
            if (there := _there(job)) is not None:
                yield _told(watch, there)
                continue
            give(job)
            while not done.empty():
                yield from taken(done.get())
        while pending:
            with contextlib.suppress(Empty):
                yield from taken(done.get(timeout=_TICK))
            watch.waiting()
    finally:
        for future in pending:
            future.cancel()
        if pending:
            executor.shutdown(wait=False)


def tidy(job: Job) -> None:
    """Take away what a dead process was writing of a client's report; an earlier report stays or comes back."""
    for place in (job.place, *redacted.sent(job.out).glob("*")):
        leftovers.sweep(place)


def attempt(job: Job) -> Outcome:
    """One report made in this process, which is its own and ends with it."""
    from cape_kit.rendering import kernels

    return _attempted(job, kernels.within)


def attempt_in_kernel(job: Job) -> Outcome:
    """One report made in a kernel of its own, by a process that lives on."""
    from cape_kit.rendering import kernels

    return _attempted(job, kernels.private_kernel)


def _attempted(job: Job, kernel: Kernel) -> Outcome:
    """One report; whatever goes wrong comes back as an outcome with one sentence, and a log beside it."""
    from cape_kit.rendering.report import render

    try:
        os.chdir(job.home)
        os.environ.update(job.settings)
        made = render(job.source, job.as_of, job.out, options=job.options, kernel=kernel)
        (job.place / LOG).unlink(missing_ok=True)
        return made
    except CapeError as trouble:
        return _failed(job, str(trouble), "refused", traceback.format_exc())
    except OSError as trouble:
        place = job.place if no_room(trouble) else job.source
        return _failed(job, of_system(trouble, place), "file", traceback.format_exc())
    except MemoryError:
        return _failed(job, f"{_WHY['memory']}.", "memory", traceback.format_exc())
    except Exception as trouble:
        return _failed(
            job, f"Unexpected {type(trouble).__name__}: {trouble}", "error", traceback.format_exc()
        )


def default_workers() -> int:
    """As many reports at a time as there are processors."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def limits(workers: int | None, seconds: float | None, megabytes: int | None) -> Limits:
    """The limits of a run; where none is given, each worker may hold its share of four fifths of the memory."""
    many = workers or default_workers()
    if megabytes is not None:
        return Limits(many, seconds, megabytes << 20)
    try:
        whole = os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    except (AttributeError, OSError, ValueError):
        return Limits(many, seconds, None)
    return Limits(many, seconds, whole * 4 // 5 // many)


@functools.cache
def _load_index() -> None:
    """Load what the index is written with as soon as a report is made: others still run, and it will be written."""

    def load() -> None:
        with contextlib.suppress(Exception):  # who asks for it in the end is told
            import_module("cape_kit.rendering.index")

    threading.Thread(target=load).start()


def conclude(outcomes: list[Outcome], out: Path, *, redact: bool | None = None) -> Path:
    """The index and the workbook over these outcomes; left as they are where they say just this already."""
    made_of = stamp(outcomes, redact, out)
    page = out / INDEX
    with contextlib.suppress(OSError), page.open(encoding="utf-8") as file:
        if made_of in file.read(_HEAD) and (out / SUMMARY).is_file():
            return page
    from cape_kit.rendering import index

    try:
        return index.write(outcomes, out, redact=redact, made_of=made_of)
    except OSError as trouble:
        raise ReportFailed(f"The index is not written. {of_system(trouble, out)}") from trouble


def stamp(outcomes: Iterable[Outcome], redact: bool | None, out: Path) -> str:
    """One hash over all that an index says: whether a report was made now or was there makes no difference.

    Nor does it where the folder lies: its links are relative.
    """
    told = [
        (
            one.source.name,
            one.state == "failed",
            one.message,
            os.path.relpath(one.folder, out) if one.folder else "",
            one.summary,
            _hash(one.source / "client.toml"),
        )
        for one in sorted(outcomes, key=lambda one: one.source.name)
    ]
    kit = manifest.identity(book.load())
    return hashlib.sha256(json.dumps([told, redact, kit], sort_keys=True).encode("utf-8")).hexdigest()


def _hash(path: Path) -> str:
    try:
        return manifest.digest(path)
    except OSError:
        return ""


def _there(job: Job) -> Outcome | None:
    """What can be said of a job without making anything: it is unchanged, or its client cannot be read at all."""
    try:
        if not (job.source / "client.toml").is_file():
            client.load(job.source)
    except CapeError as trouble:
        return _failed(job, str(trouble), "refused", "")
    except OSError as trouble:  # a folder without the right to look into it, a disk that went away
        return _failed(job, of_system(trouble, job.source), "file", "")
    try:
        found = room.there(job)
    except (CapeError, OSError):
        return None
    if found is not None:
        (job.place / LOG).unlink(missing_ok=True)
    return found


def _apart(jobs: Iterable[Job]) -> tuple[list[Job], list[Outcome]]:
    """The jobs with a folder of their own to write to, and a failure for each that would overwrite one.

    Two names that differ in nothing but capitals are one folder on many disks.
    """
    first: dict[str, Job] = {}
    clashing = []
    for job in jobs:
        other = first.setdefault(str(job.place).casefold(), job)
        if other is not job:
            told = f"Its report would overwrite that of {other.source.name}: both go to {other.place}"
            said = " ".join(f"{told}; rename one of the two folders.".split())
            clashing.append(Outcome(job.source, "failed", said, kind="name"))
    return list(first.values()), clashing


def _settled(pending: dict[Future[Outcome], Job], future: Future[Outcome]) -> Outcome:
    job = pending.pop(future)
    try:
        trouble = future.exception()
    except (
        CancelledError
    ):  # nobody here took it back: its scheduler is gone, and with it all that waited there
        return _failed(job, GONE, "worker", "")
    if trouble is None:
        outcome = future.result()
        if outcome.state == "done":
            _load_index()
        return outcome
    if isinstance(trouble, Stopped):
        why = _WHY.get(trouble.how, f"Its process stopped ({trouble.how})")
        return _failed(job, f"{why}.", trouble.how, trouble.log)
    if isinstance(trouble, CapeError):
        return _failed(job, str(trouble), "refused", "")
    return _failed(job, f"The worker stopped before it was done ({type(trouble).__name__}).", "worker", "")


def _refused(future: Future[Outcome]) -> bool:
    """Whether the worker that had a job can't make it though another may."""
    return not future.cancelled() and isinstance(future.exception(), WrongKit)


def _told(watch: Watch, outcome: Outcome) -> Outcome:
    watch.ended(outcome)
    return outcome


@owners.alone()
def _failed(job: Job, message: str, kind: str, log: str) -> Outcome:
    """A failed client, with what is known of it in a log where its reports go; an earlier report stays."""
    out = Outcome(job.source, "failed", " ".join(message.split()), kind=kind)
    path = job.place / LOG
    if path.resolve().is_relative_to(job.source.resolve()):
        return out
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(for_log(f"{out.message}\n\n{log}"), "utf-8")
    except OSError:
        return out
    return replace(out, log=path)
