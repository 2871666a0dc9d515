"""Every client of a folder, each on its own: a failed one is a row in the index, never the end of the run."""

from __future__ import annotations

import multiprocessing
import os
from collections.abc import Iterable, Iterator
from concurrent.futures import Executor, ProcessPoolExecutor, as_completed
from dataclasses import dataclass, field
from pathlib import Path

from cape_kit.entries.client import safe_key
from cape_kit.errors import CapeError, Usage
from cape_kit.rendering.report import AsOf, Options, Outcome, render


@dataclass(frozen=True)
class Job:
    """One report to make."""

    source: Path
    as_of: AsOf
    out: Path
    options: Options = field(default_factory=lambda: Options(force=False))


def clients(folder: Path) -> list[Path]:
    """The folders of the clients under a folder, by name; what starts with a dot is left alone."""
    if not folder.is_dir():
        raise Usage(f"{folder}: no such folder; give the folder that holds the clients' folders")
    if (folder / "client.toml").is_file():
        raise Usage(f"{folder} is one client; use cape-kit report, or give the folder above it")
    found = sorted(path for path in folder.iterdir() if path.is_dir() and not path.name.startswith("."))
    if not found:
        raise Usage(f"{folder}: no client in it; each client is a folder with a client.toml")
    return found


def refuse_inside(folders: Iterable[Path], out: Path) -> None:
    """Raises Usage when the index or a report would land where a client's files are read."""
    sources = list(folders)
    targets = {out.resolve(), *(out.resolve() / safe_key(source) for source in sources)}
    for own in (source.resolve() for source in sources):
        if any(target.is_relative_to(own) for target in targets):
            raise Usage(
                f"{out} would put reports inside the client's folder {own.name}, where they would be read as "
                "data; give another --out"
            )


def run(jobs: Iterable[Job], *, workers: int = 1) -> Iterator[Outcome]:
    """The outcomes as they come. With one worker the reports are made here, one after the other."""
    todo, clashing = _apart(jobs)
    yield from clashing
    if workers <= 1 or len(todo) <= 1:
        yield from map(attempt, todo)
        return
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(min(workers, len(todo)), mp_context=context) as executor:
        yield from run_on(executor, todo)


def _apart(jobs: Iterable[Job]) -> tuple[list[Job], list[Outcome]]:
    """The jobs with a folder of their own to write to, and a failure for each that would overwrite one."""
    first: dict[Path, Job] = {}
    clashing = []
    for job in jobs:
        folder = job.out / safe_key(job.source)
        other = first.setdefault(folder, job)
        if other is not job:
            told = f"Its report would take the place of that of {other.source.name}: both go to {folder}"
            clashing.append(_failed(job, f"{told}; rename one of the two folders."))
    return list(first.values()), clashing


def run_on(executor: Executor, jobs: Iterable[Job]) -> Iterator[Outcome]:
    """The outcomes as they come, from any executor; a worker that died is a failed client."""
    pending = {executor.submit(attempt, job): job for job in jobs}
    for future in as_completed(pending):
        trouble = future.exception()
        if trouble is None:
            yield future.result()
        else:
            yield _failed(
                pending[future], f"The worker stopped before it was done ({type(trouble).__name__})."
            )


def attempt(job: Job) -> Outcome:
    """One report; whatever goes wrong comes back as an outcome with one sentence."""
    try:
        return render(job.source, job.as_of, job.out, options=job.options)
    except CapeError as trouble:
        return _failed(job, str(trouble))
    except OSError as trouble:
        return _failed(job, f"{trouble.strerror or trouble}: {trouble.filename or job.source}")
    except Exception as trouble:
        return _failed(job, f"Unexpected {type(trouble).__name__}: {trouble}")


def default_workers() -> int:
    """As many reports at a time as there are processors, four at most: each takes a process and a kernel."""
    return min(4, os.cpu_count() or 1)


def _failed(job: Job, message: str) -> Outcome:
    return Outcome(job.source, "failed", " ".join(message.split()))
