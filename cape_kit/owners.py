"""Whose the files are that the kit writes: their owner's alone, unless a setting says otherwise; and one writer's.

Reports, ledgers and temporary files hold a client's figures. On a machine with several users the usual mode of a
new file lets all of them read it; here it does not, from the first byte on, whoever writes it: the kit, a library,
a kernel or a browser it starts. What lay there before keeps its mode until it is written anew.
"""

from __future__ import annotations

import os
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager

#: The setting: an environment variable that, set to "1", leaves the modes of new files to the system.
SHARED = "CAPE_KIT_SHARED"
_OTHERS = 0o077
_lock = threading.RLock()
#: Where Windows locks a file: far beyond what is in it, since nobody else may read what is locked there.
_FAR = 1 << 30


def shared() -> bool:
    """Whether files may be read by others, as the system's own mask has it."""
    return os.environ.get(SHARED, "") == "1"


@contextmanager
def alone() -> Iterator[None]:
    """While it lasts, new files and folders are the owner's alone; the mask is put back after it.

    Threads share the mask: what another thread of the program writes meanwhile is the owner's alone, too.
    """
    if shared():
        yield
        return
    with _lock:
        before = os.umask(_OTHERS)
        try:
            yield
        finally:
            os.umask(before)


def take(handle: int) -> bool:
    """Lock an open file for this process; False where another has it. However the process ends, the lock goes."""
    try:
        if sys.platform == "win32":
            import msvcrt

            here = os.lseek(handle, 0, os.SEEK_CUR)
            os.lseek(handle, _FAR, os.SEEK_SET)
            try:
                msvcrt.locking(handle, msvcrt.LK_NBLCK, 1)
            finally:
                os.lseek(handle, here, os.SEEK_SET)
        else:
            import fcntl

            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return False
    return True
