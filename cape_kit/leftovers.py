"""Nothing is left of a process that is gone, and nothing half-made is ever taken for whole.

A kill that can't be caught leaves nobody to tidy up. Temporary folders are therefore watched by a tiny process that
waits for the end of the one they belong to. What is being made lies beside its place under the name of its process:
it is put in place in one step, and what dead processes left there is swept by the next run.
"""

from __future__ import annotations

import atexit
import ctypes
import os
import platform
import re
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from functools import cache
from itertools import count
from pathlib import Path
from uuid import uuid4

from cape_kit import owners

#: Every temporary folder begins so: then the number of its process, then chance.
PREFIX = "cape-"
_TEMPORARY = re.compile(PREFIX + r"(?P<pid>[0-9]+)-.+")
_TO_DIE_WITH_PARENT = 1  # PR_SET_PDEATHSIG of Linux' prctl
_LEFT = re.compile(r"\.(?P<name>.+)\.(?P<pid>[0-9]+)\.(?P<kind>part|old)")
#: Waits for the end of its input, which is the end of the process that holds the other side.
_WATCH = 'while read -r _; do :; done; rm -rf -- "$1"'
#: A kernel that was just starting writes where it noted itself once more before it sees that its parent is gone.
_WATCH_ON = _WATCH + '; for _ in 1 2 3 4; do sleep 1; rm -rf -- "$1"; done'
_numbers = count()
_watchers: dict[int, list[subprocess.Popen[bytes]]] = {}
#: Process -> the folder it was given for its temporary files.
_given: dict[int, Path] = {}
#: Folders that are being made by `whole`.
_making: set[Path] = set()


# --- temporary folders ------------------------------------------------------------------------------------


@contextmanager
def temporary() -> Iterator[Path]:
    """A folder for as long as it is needed; gone with its process, however that ends."""
    folder = _home(os.getpid(), tempfile.gettempdir()) / str(next(_numbers))
    folder.mkdir(mode=0o700, parents=True)  # who tidies up temporary files may have taken its parent
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def watched(pass_on: bool = False) -> Path:
    """A folder of this process that a watcher takes away when the process has ended.

    `pass_on`: whether it stays for the program that takes this process over.
    """
    folder = Path(tempfile.gettempdir(), f"{PREFIX}{os.getpid()}-{uuid4().hex[:12]}")
    if os.name == "posix":
        watcher = subprocess.Popen(
            ["/bin/sh", "-c", _WATCH_ON if pass_on else _WATCH, "sh", str(folder)],
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            cwd="/",
            start_new_session=True,
        )
        assert watcher.stdin is not None
        if pass_on:
            os.set_inheritable(watcher.stdin.fileno(), True)
        _watchers.setdefault(os.getpid(), []).append(watcher)
    folder.mkdir(mode=0o700)  # once it is watched: killed between the two, a process would leave it
    return folder


def lie_in(folder: Path) -> None:
    """Temporary files of this process go into a folder that whoever started it takes away again."""
    os.environ["TMPDIR"] = tempfile.tempdir = str(folder)
    _given[os.getpid()] = folder


@cache
def _home(process: int, place: str) -> Path:
    """The folder of this process in a place for temporary files; a fork has one of its own."""
    if process in _given:
        return _given[process]
    home = watched()
    atexit.register(_leave, process, home)
    return home


def _leave(process: int, home: Path) -> None:
    """At its end a process takes its folder away itself, and lets the watchers go."""
    if process != os.getpid():
        return
    shutil.rmtree(home, ignore_errors=True)
    for watcher in _watchers.pop(process, []):
        if watcher.stdin is not None:
            watcher.stdin.close()
        with suppress(subprocess.TimeoutExpired):
            watcher.wait(1)


def sweep_temporary() -> None:
    """Take away temporary folders of this user's dead processes: the watcher was killed as well."""
    if not Path("/proc/self").exists():
        return
    for left in Path(tempfile.gettempdir()).glob(f"{PREFIX}*-*"):
        named = _TEMPORARY.fullmatch(left.name)
        if named is None or Path("/proc", named["pid"]).exists():
            continue
        with suppress(FileNotFoundError):  # another command sweeps at the same time
            if left.stat().st_uid == os.getuid():
                shutil.rmtree(left, ignore_errors=True)


# --- what is being made beside its place ------------------------------------------------------------------


def put(path: Path, content: bytes, *, private: bool = False) -> Path:
    """The bytes at a path: first under another name, on the disk, then in place in one step.

    A stop at any moment leaves what was there before, or the new file whole. The file is its owner's alone,
    unless `owners.SHARED` says otherwise; a `private` one always is. In a folder that is put in place whole, which
    is checked by its manifest, nobody waits for the disk.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    hurried = not _making.isdisjoint(path.parents)
    if not hurried:
        _sweep_once(path.parent)
    # One of several threads may be writing the same file.
    temporary = beside(path.with_name(f"{path.name[:40]}.{uuid4().hex[:8]}"))
    handle = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(content)
            if not hurried:
                file.flush()
                os.fsync(file.fileno())
        if not private and owners.shared():
            temporary.chmod(0o644)
        temporary.replace(path)
    finally:
        with suppress(FileNotFoundError):
            temporary.unlink()
    return path


@cache
def _sweep_once(folder: Path) -> None:
    """Take away what dead processes left where files are put; a listing of the folder costs, so once is enough."""
    sweep(folder)


@contextmanager
def whole(target: Path) -> Iterator[Path]:
    """A fresh folder that takes the target's place when all went well, and vanishes when not."""
    fresh = not target.parent.exists()
    sweep(target.parent)
    work = beside(target)
    shutil.rmtree(work, ignore_errors=True)
    work.mkdir(parents=True)
    made = work.resolve()
    _making.add(made)
    try:
        yield work
        _swap(work, target)
    finally:
        _making.discard(made)
        shutil.rmtree(work, ignore_errors=True)
        if fresh:
            with suppress(OSError):
                target.parent.rmdir()


def _swap(work: Path, target: Path) -> None:
    old = beside(target, "old")
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


def beside(target: Path, kind: str = "part") -> Path:
    """Where something is made, or where the one before it waits: named for the process that does it."""
    return target.with_name(f".{target.name}.{platform.node()}.{os.getpid()}.{kind}")


def sweep(place: Path) -> None:
    """Take away what dead processes of this machine left in a folder, and put back what they took away.

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
        with suppress(OSError):
            shutil.rmtree(left) if left.is_dir() else left.unlink()


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


# --- processes --------------------------------------------------------------------------------------------


def die_with_parent(parent: int) -> None:
    """Have Linux end this process when the one that started it ends, however that ends."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_TO_DIE_WITH_PARENT, signal.SIGKILL)
        if os.getppid() != parent:
            os._exit(1)
