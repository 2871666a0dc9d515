"""Who looks on at a batch: a bar for a person, and for programs a journal, one JSON object a line.

A line of it names a client by its folder and says nothing else of it: no amount, no entry, no sentence.

    {"at": "…", "event": "begun", "clients": 12, "workers": 2, "kit": "…", "law": "…"}
    {"at": "…", "event": "started", "client": "harbor-lane"}
    {"at": "…", "event": "done", "client": "harbor-lane", "seconds": 1.2, "cpu_seconds": 1.1, "peak_mb": 240}
    {"at": "…", "event": "failed", "client": "quarry", "kind": "timeout", "seconds": 60.0}
    {"at": "…", "event": "finished", "done": 11, "unchanged": 0, "failed": 1}
"""

from __future__ import annotations

import json
import sys
from collections import Counter
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from types import TracebackType
from typing import Any

from cape_kit import owners
from cape_kit.rendering.jobs import Job, Outcome
from cape_kit.rendering.prepared import Ended

NAME = "batch.jsonl"


class Watch:
    """Who looks on at a batch; this one looks away. `waiting` is called every half second while nothing ends."""

    def started(self, job: Job) -> None:
        """A client's process has started. Called by the thread that listens to the pool."""

    def cost(self, job: Job, ended: Ended) -> None:
        """What a client's process cost; before its outcome is told."""

    def ended(self, outcome: Outcome) -> None:
        """What became of a client."""

    def waiting(self) -> None:
        """Time passes."""


class Together(Watch):
    """Several who look on."""

    def __init__(self, *each: Watch) -> None:
        self.each = each

    def started(self, job: Job) -> None:
        """Tell each."""
        for one in self.each:
            one.started(job)

    def cost(self, job: Job, ended: Ended) -> None:
        """Tell each."""
        for one in self.each:
            one.cost(job, ended)

    def ended(self, outcome: Outcome) -> None:
        """Tell each."""
        for one in self.each:
            one.ended(outcome)

    def waiting(self) -> None:
        """Tell each."""
        for one in self.each:
            one.waiting()


class Journal(Watch):
    """The journal of one run, added to what is in the file.

    `name` is what a client is called: its folder, or something that does not identify it, where reports are shared.
    """

    def __init__(self, path: Path, *, name: Callable[[Path], str] = lambda source: source.name) -> None:
        with owners.alone():
            path.parent.mkdir(parents=True, exist_ok=True)
            self._file = path.open("a", encoding="utf-8", newline="\n")
        self._name = name
        self._costs: dict[str, Ended] = {}
        #: What the system said where a line could not be written: the reports go on, and whoever reads it is told.
        self.trouble: OSError | None = None
        self.counts: Counter[str] = Counter()

    def __enter__(self) -> Journal:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None
    ) -> None:
        states = {state: self.counts[state] for state in ("done", "unchanged", "failed")}
        self._write("finished" if kind is None else "interrupted", **states)
        try:
            self._file.close()
        except OSError as trouble:  # what is still to be written is tried once more
            self.trouble = self.trouble or trouble

    def begin(self, clients: int, workers: int, identity: dict[str, str]) -> None:
        """The run and what it is made by. Raises OSError where nothing can be written: nothing has begun yet."""
        self._write("begun", clients=clients, workers=workers, kit=identity["kit"], law=identity["law"])
        if self.trouble is not None:
            raise self.trouble

    def started(self, job: Job) -> None:
        """A client's process has started."""
        self._write("started", client=self._name(job.source))

    def cost(self, job: Job, ended: Ended) -> None:
        """What a client's process cost; written with its outcome."""
        self._costs[str(job.source)] = ended

    def ended(self, outcome: Outcome) -> None:
        """What became of a client."""
        self.counts[outcome.state] += 1
        line: dict[str, Any] = {"client": self._name(outcome.source)}
        if outcome.kind:
            line["kind"] = outcome.kind
        cost = self._costs.pop(str(outcome.source), None)
        if cost is not None:
            line |= {"seconds": round(cost.seconds, 2), "cpu_seconds": round(cost.cpu_seconds, 2)}
            line["peak_mb"] = cost.peak >> 20
        self._write(outcome.state, **line)

    def _write(self, event: str, **more: Any) -> None:
        at = datetime.now(UTC).isoformat(timespec="milliseconds")
        try:
            self._file.write(json.dumps({"at": at, "event": event, **more}, ensure_ascii=False) + "\n")
            self._file.flush()
        except OSError as trouble:
            self.trouble = self.trouble or trouble


class Bar(Watch):
    """How far a batch is, on stderr where that is a terminal: done, failed, rate, time left, and who runs."""

    def __init__(self, total: int) -> None:
        from tqdm import tqdm

        self.running: list[str] = []
        self.failed = 0
        quiet = not sys.stderr.isatty()
        # The mean of the whole run: what clients take differs too much for the last few to tell what is left.
        self.bar = tqdm(
            total=total, unit="report", file=sys.stderr, disable=quiet, dynamic_ncols=True, smoothing=0
        )

    def __enter__(self) -> Bar:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Leave the line as it is."""
        self.bar.close()

    def started(self, job: Job) -> None:
        """One more runs. Told by the thread that listens to the pool."""
        self.running.append(job.source.name)

    def ended(self, outcome: Outcome) -> None:
        """One is done with, well or not."""
        if outcome.source.name in self.running:
            self.running.remove(outcome.source.name)
        self.failed += outcome.state == "failed"
        if outcome.state == "unchanged" and not self.bar.disable:
            self.bar.initial += 1  # it took no time, and says nothing of the time the others will take
        self.bar.update()
        self.waiting()

    def waiting(self) -> None:
        """The line as it is now: time passes also where nothing ends."""
        named = ", ".join(self.running[:3]) + (" …" if len(self.running) > 3 else "")
        parts = [f"{self.failed} failed"] if self.failed else []
        parts += [f"{len(self.running)} running: {named}"] if named else []
        self.bar.set_postfix_str("; ".join(parts))
