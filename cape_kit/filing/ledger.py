"""What was uploaded to CBP, line by line, in the client's own folder: lines are added, never changed.

Writing a declaration file is not filing it: a person says so afterwards. Two runs at once lose no line, and a
stop at any moment leaves the ledger as it was or with all the new lines.
"""

from __future__ import annotations

import contextlib
import csv
import hashlib
import io
import os
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import pandas as pd

from cape_kit import owners
from cape_kit.assessment import cbp_answers
from cape_kit.entries.uploads import (
    COLUMNS,
    FILED,
    NAME,
    NUMBERED,
    REFUSED,
    UNDONE,
    header,
    live,
    mark,
    of,
    read,
)
from cape_kit.errors import Usage
from cape_kit.filing import csv_out

__all__ = [
    "COLUMNS", "FILED", "NAME", "NUMBERED", "REFUSED", "UNDONE", "Upload", "live", "mark", "of", "read", "record",
    "refuse",
    "undo", "upload",
]  # fmt: skip

_WAIT_SECONDS, _STEP_SECONDS = 60.0, 0.02


@dataclass(frozen=True)
class Upload:
    """One declaration file as it was uploaded: its name, its hash, its entries in order."""

    file: str
    sha256: str
    entry_numbers: tuple[str, ...]


def upload(path: Path, entry_numbers: Sequence[str]) -> Upload:
    """The upload a file on disk stands for."""
    return Upload(path.name, hashlib.sha256(path.read_bytes()).hexdigest(), tuple(entry_numbers))


def record(
    folder: Path,
    sent: Upload,
    *,
    filed_on: date,
    submitter: str = "",
    claim_number: str | None = None,
    answers: pd.DataFrame | None = None,
) -> int:
    """Add the lines of one upload; returns how many. The same upload recorded again adds nothing.

    Recorded again with a claim number, the lines added give it that number and leave its day as it was. A file
    counts as uploaded anew once CBP has refused every entry of the upload before. `answers`: see
    `cbp_answers.history`. A refusal first seen after the upload's day frees its entry.
    """
    told = answers if answers is not None else cbp_answers.none()
    known = cbp_answers.refusals(told, until=filed_on)
    fresh = _rows(FILED, filed_on, sent, submitter, claim_number or "", known)
    number = _rows(NUMBERED, filed_on, sent, submitter, claim_number or "", None)

    def wanted(held: pd.DataFrame) -> list[list[object]]:
        counting = live(held)
        mine = counting[counting["sha256"] == sent.sha256]
        today = mine["filed_on"].eq(pd.Timestamp(filed_on)).any()
        waiting = cbp_answers.awaiting(held, told)["sha256"].eq(sent.sha256).any()
        if mine.empty or not (today or waiting):
            return fresh
        same = mine.drop_duplicates("entry_number", keep="last")["claim_number"].eq(claim_number or "").all()
        return number if claim_number and not same else []

    return _add(folder, wanted)


def refuse(folder: Path, sent: Upload, *, refused_on: date) -> int:
    """Write down that CBP turned a whole file away: nothing in it counts as filed. Returns the lines added.

    Raises Usage when the ledger holds no such upload.
    """
    return _end(folder, sent, REFUSED, refused_on)


def undo(folder: Path, sent: Upload, *, undone_on: date) -> int:
    """Take back the recording of a file that was not uploaded after all. Returns the lines added.

    The ledger keeps the recording and that it was taken back. Raises Usage when it holds no such upload.
    """
    return _end(folder, sent, UNDONE, undone_on)


def _end(folder: Path, sent: Upload, event: str, day: date) -> int:
    """Lines that end an upload."""
    rows = _rows(event, day, sent, "", "", None)

    def wanted(held: pd.DataFrame) -> list[list[object]]:
        if live(held)["sha256"].ne(sent.sha256).all():
            raise Usage(
                f"{sent.file}: the ledger holds no upload of this file, so there is nothing to take back"
            )
        return rows

    return _add(folder, wanted)


def _rows(
    event: str, day: date, sent: Upload, submitter: str, claim_number: str, refusals: pd.Series | None
) -> list[list[object]]:
    """One line for each entry of a file. `refusals`: how many claims failed on an entry, by its number."""
    before = refusals if refusals is not None else pd.Series(dtype="int64")
    return [
        [
            event,
            day.isoformat(),
            sent.file,
            sent.sha256,
            submitter,
            number,
            claim_number,
            int(before.get(number, 0)),
        ]
        for number in sent.entry_numbers
    ]


def _add(folder: Path, wanted: Callable[[pd.DataFrame], list[list[object]]]) -> int:
    """Under the lock: look at what is there, and put the ledger back with the lines wanted then."""
    path = folder / NAME
    with _locked(folder):
        rows = wanted(read(folder))
        if not rows:
            return 0
        text = io.StringIO(newline="")
        writer = csv.writer(text, lineterminator="\r\n")
        content = path.read_bytes() if path.is_file() else b""
        if not content:
            writer.writerow(COLUMNS)
        elif not content.endswith(b"\n"):
            text.write("\r\n")  # somebody's editor took the last line end away
        writer.writerows(_under(content, rows))
        csv_out.put(path, content + text.getvalue().encode("utf-8"))
    return len(rows)


def _under(content: bytes, rows: list[list[object]]) -> list[list[object]]:
    """Rows in the order of a ledger's own columns, which somebody may have moved; other columns stay empty."""
    first = content.decode("utf-8-sig").splitlines()[:1]
    names = header(next(csv.reader(first), [])) or list(COLUMNS)
    return [[dict(zip(COLUMNS, row, strict=True)).get(name, "") for name in names] for row in rows]


@contextlib.contextmanager
def _locked(folder: Path) -> Iterator[None]:
    """One writer at a time; the lock goes with its process, however that ends."""
    handle = os.open(folder / f"{NAME}.lock", os.O_RDWR | os.O_CREAT, 0o600)
    try:
        _lock(handle, folder)
        yield
    finally:
        os.close(handle)


def _lock(handle: int, folder: Path) -> None:
    waited = 0.0
    while not owners.take(handle):
        if waited > _WAIT_SECONDS:
            raise Usage(f"{folder / NAME}: another run has been using the ledger for a minute; try again")
        time.sleep(_STEP_SECONDS)
        waited += _STEP_SECONDS
