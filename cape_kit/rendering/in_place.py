"""A folder put in place whole or not at all, and what dead processes left of such attempts taken away."""

from __future__ import annotations

import os
import platform
import re
import shutil
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

_LEFT = re.compile(r"\.(?P<name>.+)\.(?P<pid>[0-9]+)\.(?P<kind>part|old)")


@contextmanager
def whole(target: Path) -> Iterator[Path]:
    """A fresh folder that takes the target's place when all went well, and vanishes when not."""
    fresh = not target.parent.exists()
    sweep(target.parent)
    work = _beside(target, "part")
    shutil.rmtree(work, ignore_errors=True)
    work.mkdir(parents=True)
    try:
        yield work
        _swap(work, target)
    finally:
        shutil.rmtree(work, ignore_errors=True)
        if fresh:
            with suppress(OSError):
                target.parent.rmdir()


def _swap(work: Path, target: Path) -> None:
    old = _beside(target, "old")
    shutil.rmtree(old, ignore_errors=True)
    if target.exists():
        target.replace(old)
    try:
        work.replace(target)
    except OSError:
        if old.exists():
            old.replace(target)
        raise
    shutil.rmtree(old, ignore_errors=True)


def _beside(target: Path, kind: str) -> Path:
    """Where a report is made, and where the one before it waits: named for the process that does it."""
    return target.with_name(f".{target.name}.{platform.node()}.{os.getpid()}.{kind}")


def sweep(place: Path) -> None:
    """Take away what dead processes of this machine left of a client's reports, and put back what they took away.

    Killed between taking the old report away and putting the new one in its place, a process leaves neither
    there: then the old one is put back.
    """
    for left in place.glob(f".*.{platform.node()}.*"):
        named = _LEFT.fullmatch(left.name)
        if named is None or _alive(int(named["pid"])):
            continue
        target = place / named["name"].removesuffix(f".{platform.node()}")
        if named["kind"] == "old" and not target.exists():
            with suppress(OSError):
                left.replace(target)
        shutil.rmtree(left, ignore_errors=True)


def _alive(pid: int) -> bool:
    if os.name != "posix":
        return True  # asking after a process ends it there
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True
