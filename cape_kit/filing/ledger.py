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
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import pandas as pd

from cape_kit.entries import client as clients
from cape_kit.errors import BadClient, Usage
from cape_kit.filing import csv_out

#: The ledger in a client's folder.
NAME = clients.LEDGER
COLUMNS = (
    "event",  # filed, or refused: CBP turned the whole file away
    "filed_on",
    "file",
    "sha256",
    "submitter",
    "entry_number",
    "claim_number",
    "refusals_before",  # claims known to have failed on the entry when the line was written
)
FILED, REFUSED = "filed", "refused"
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


def read(folder: Path) -> pd.DataFrame:
    """Every line of a client's ledger, oldest first; no ledger gives no lines.

    Raises BadClient when somebody saved it in a form it can't be read in: what was filed is never guessed.
    """
    path = folder / NAME
    try:
        return _lines(path)
    except (UnicodeDecodeError, csv.Error, ValueError) as trouble:
        why = str(trouble).partition(". ")[0]
        raise BadClient(
            f"{path}: not readable as the account of what was filed ({why}); it is CSV in UTF-8 with "
            "days as YYYY-MM-DD: save it so again, or put back an earlier copy"
        ) from trouble


def mark(client: clients.Client) -> str:
    """What tells one state of a client's ledger from another; of no ledger, nothing."""
    path = client.folder / NAME
    here = client.filed is None and path.is_file()
    return hashlib.sha256(path.read_bytes()).hexdigest() if here else ""


def of(client: clients.Client) -> pd.DataFrame:
    """Every line of a client's ledger, wherever it is kept: with a masked client, or in its folder."""
    return read(client.folder) if client.filed is None else client.filed


def _lines(path: Path) -> pd.DataFrame:
    rows: list[dict[str, str]] = []
    if path.is_file():
        with path.open(encoding="utf-8-sig", newline="") as file:
            rows = list(csv.DictReader(file))
    frame = pd.DataFrame(rows, columns=list(COLUMNS)).astype("str")
    return frame.assign(
        filed_on=pd.to_datetime(frame["filed_on"], format="%Y-%m-%d").astype("datetime64[s]"),
        claim_number=frame["claim_number"].replace("", None),
        refusals_before=pd.to_numeric(frame["refusals_before"]).astype("Int64"),
    )


def record(
    folder: Path,
    sent: Upload,
    *,
    filed_on: date,
    submitter: str = "",
    claim_number: str | None = None,
    refusals: pd.Series | None = None,
) -> int:
    """Add the lines of one upload; returns how many. The same file on the same day adds nothing again.

    `refusals` counts, by entry number, the claims known to have failed on it: a later failure then frees it.
    """
    known = refusals if refusals is not None else pd.Series(dtype="int64")
    before = {number: int(known.get(number, 0)) for number in sent.entry_numbers}
    rows = [
        [FILED, filed_on.isoformat(), sent.file, sent.sha256, submitter, number, claim_number or "", count]
        for number, count in before.items()
    ]

    def fresh(held: pd.DataFrame) -> bool:
        live = _live(held)
        same = (live["sha256"] == sent.sha256) & (live["filed_on"] == pd.Timestamp(filed_on))
        return not same.any()

    return _add(folder, rows, fresh)


def refuse(folder: Path, sent: Upload, *, refused_on: date) -> int:
    """Write down that CBP turned a whole file away: nothing in it counts as filed. Returns the lines added.

    Raises Usage when the ledger holds no such upload.
    """
    live = _live(read(folder))
    if not (live["sha256"] == sent.sha256).any():
        raise Usage(f"{sent.file}: the ledger holds no upload of this file, so there is nothing to take back")
    rows: list[list[object]] = [
        [REFUSED, refused_on.isoformat(), sent.file, sent.sha256, "", number, "", 0]
        for number in sent.entry_numbers
    ]
    return _add(folder, rows, lambda held: bool((_live(held)["sha256"] == sent.sha256).any()))


def awaiting(held: pd.DataFrame, refusals: pd.Series) -> pd.DataFrame:
    """The last upload of each entry that CBP has not answered with a failure since: one line per entry."""
    last = _live(held).drop_duplicates("entry_number", keep="last")
    since = last["entry_number"].map(refusals).fillna(0).astype("int64")
    return last[(since <= last["refusals_before"]).fillna(True)].reset_index(drop=True)


def _live(held: pd.DataFrame) -> pd.DataFrame:
    """Uploads that still count: those after the last refusal of the same file."""
    place = pd.Series(range(len(held)), index=held.index)
    refused = place[held["event"] == REFUSED].groupby(held["sha256"]).max()
    over = held["sha256"].map(refused).fillna(-1)
    return held[(held["event"] == FILED) & (place > over)]


def _add(folder: Path, rows: list[list[object]], wanted: Callable[[pd.DataFrame], bool]) -> int:
    """Under the lock: look at what is there, and put the ledger back with the new lines."""
    path = folder / NAME
    with _locked(folder):
        if not wanted(read(folder)):
            return 0
        text = io.StringIO(newline="")
        writer = csv.writer(text, lineterminator="\r\n")
        content = path.read_bytes() if path.is_file() else b""
        if not content:
            writer.writerow(COLUMNS)
        elif not content.endswith(b"\n"):
            text.write("\r\n")  # somebody's editor took the last line end away
        writer.writerows(rows)
        csv_out.put(path, content + text.getvalue().encode("utf-8"))
    return len(rows)


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
    while not _try_lock(handle):
        if waited > _WAIT_SECONDS:
            raise Usage(f"{folder / NAME}: another run has held the ledger for a minute; try again")
        time.sleep(_STEP_SECONDS)
        waited += _STEP_SECONDS


def _try_lock(handle: int) -> bool:
    try:
        if sys.platform == "win32":
            import msvcrt

            msvcrt.locking(handle, msvcrt.LK_NBLCK, 1)
        else:
            import fcntl

            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return False
    return True
