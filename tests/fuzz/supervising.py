"""Many cases in processes of their own: one that hangs, eats the memory or dies is ended, said, and replaced."""

import multiprocessing
import os
import sys
import tempfile
import threading
from dataclasses import dataclass
from pathlib import Path
from queue import Empty, Queue

from tests.fuzz.cases import Case

#: Limits of one case: seconds of processor time, of the clock where nothing is worked at all, and memory.
SECONDS, IDLE, MEGABYTES = 60, 600, 3000
_LOOK = 0.5
_MEMORY = "/dev/shm"


@dataclass(frozen=True)
class Outcome:
    """A case and its faults, none when it went well."""

    case: str
    faults: tuple[str, ...]


def work(pipe):
    """In a worker: case after case, until the other end closes."""
    from tests.fuzz import checking

    # Files that live for a moment need no disk.
    if os.access(_MEMORY, os.W_OK):
        tempfile.tempdir = _MEMORY
    while True:
        try:
            case = pipe.recv()
        except EOFError:
            return
        with checking.listening() as heard:
            faults = checking.run(Case.from_id(case))
        pipe.send([*faults, *heard])


class Worker:
    """One process and the line to it."""

    def __init__(self):
        context = multiprocessing.get_context("spawn")
        self.line, theirs = context.Pipe()
        self.process = context.Process(target=work, args=(theirs,), daemon=True)
        self.process.start()
        theirs.close()

    def run(self, case):
        """The faults of a case; the worker is dead after one that broke a limit."""
        self.line.send(case.id)
        begun, waited = self._used(), 0.0
        while not self.line.poll(_LOOK):
            waited += _LOOK
            if not self.process.is_alive():
                return [f"death: the process ended with {self.process.exitcode}"]
            if self._used() - begun > SECONDS or waited > IDLE:
                return self._ended(f"hang: more than {SECONDS} seconds")
            if self._megabytes() > MEGABYTES:
                return self._ended(f"memory: more than {MEGABYTES} MB")
        try:
            return self.line.recv()
        except EOFError:
            self.process.join(5)
            return [f"death: the process ended with {self.process.exitcode}"]

    def _ended(self, why):
        self.process.kill()
        self.process.join()
        return [why]

    def close(self):
        """Let it go."""
        self.line.close()
        self.process.join(20)
        if self.process.is_alive():
            self.process.kill()

    @property
    def alive(self):
        """Whether it can take another case."""
        return self.process.is_alive()

    def _used(self):
        """Seconds of processor time so far; 0 where the system does not say."""
        try:
            fields = Path(f"/proc/{self.process.pid}/stat").read_text().rsplit(")", 1)[1].split()
            return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")
        except (OSError, ValueError, IndexError):
            return 0.0

    def _megabytes(self):
        try:
            pages = int(Path(f"/proc/{self.process.pid}/statm").read_text().split()[1])
            return pages * os.sysconf("SC_PAGE_SIZE") >> 20
        except (OSError, ValueError, IndexError):
            return 0


def run(cases, jobs=1, stop=None):
    """The outcomes of all cases as they come. `stop`: an event that ends the run early."""
    waiting, done = iter(cases), Queue()
    lock, stop = threading.Lock(), stop or threading.Event()

    def lane():
        worker = Worker()
        try:
            while not stop.is_set():
                with lock:
                    case = next(waiting, None)
                if case is None:
                    return
                if not worker.alive:
                    worker = Worker()
                done.put(Outcome(case.id, tuple(worker.run(case))))
        finally:
            worker.close()

    lanes = [threading.Thread(target=lane, daemon=True) for _ in range(jobs)]
    for one in lanes:
        one.start()
    while any(one.is_alive() for one in lanes) or not done.empty():
        try:
            yield done.get(timeout=_LOOK)
        except Empty:
            continue


def say(text):
    """A line of progress."""
    print(text, file=sys.stderr, flush=True)
