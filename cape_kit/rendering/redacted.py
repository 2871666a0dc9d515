"""Where a redacted report goes, and where its key stays: two folders that are never sent together.

``out/redacted/client-3/<as_of>/`` may be sent; nothing in its path or in it names the client. The key goes into
``out/redaction-keys/<client>/<as_of>.csv``, stays with the sender, and only its owner can read it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path

from cape_kit.entries.client import safe_key

SENT, KEYS = "redacted", "redaction-keys"
_NUMBER = re.compile(r"client-([0-9]+)")
#: In a client's folder of keys: which folder of the redacted reports is its own.
_ALLOTTED = "folder.txt"
_MOST = 1_000_000


def sent(out: Path) -> Path:
    """The folder that may be sent: every redacted report under `out`, and the index over them."""
    return out / SENT


def key(out: Path, client: Path, day: str) -> Path:
    """The file that says which entry, filer and importer is which, for whoever made the report."""
    return out / KEYS / safe_key(client) / f"{day}.csv"


def target(out: Path, client: Path, day: str) -> Path:
    """The folder of a client's redacted report of a day. The first time, a number is allotted to the client."""
    return sent(out) / _allotted(out, client) / day


def allot(out: Path, clients: Iterable[Path]) -> None:
    """Numbers for all these clients, in the order of their folders: before they are made side by side."""
    for client in sorted(clients, key=lambda one: one.name):
        _allotted(out, client)


def spoken(out: Path, client: Path) -> str:
    """What a redacted run calls a client, by the number of its folder: "Client 3"."""
    return _allotted(out, client).replace("client-", "Client ")


def number(report: Path | None) -> int | None:
    """The number of the client whose redacted report lies in a folder; None where it is none of those."""
    found = _NUMBER.fullmatch(report.parent.name) if report else None
    return int(found[1]) if found else None


def _allotted(out: Path, client: Path) -> str:
    note = out / KEYS / safe_key(client) / _ALLOTTED
    with suppress(OSError, UnicodeDecodeError):
        known = note.read_text("utf-8").strip()
        if _NUMBER.fullmatch(known):
            return known
    note.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    (out / KEYS).chmod(0o700)
    sent(out).mkdir(mode=0o700, parents=True, exist_ok=True)
    for place in range(1, _MOST):
        name = f"client-{place}"
        with suppress(FileExistsError):
            (sent(out) / name).mkdir()  # whoever makes it has the number: two runs never share one
            note.write_text(name + "\n", "utf-8")
            note.chmod(0o600)
            return name
    raise OSError(f"{sent(out)}: no number is left for another client")
