"""The client's ledger as it is read: what was uploaded to CBP, what was taken back, which uploads count on a day.

Lines are only ever added (`filing.ledger` does that). A ledger an earlier version of the kit wrote is read too.
"""

from __future__ import annotations

import csv
import hashlib
import re
from collections.abc import Sequence
from datetime import date
from pathlib import Path

import pandas as pd

from cape_kit.entries import client as clients
from cape_kit.entries import identifiers, schema
from cape_kit.errors import BadClient, in_short

#: The ledger in a client's folder.
NAME = clients.LEDGER
COLUMNS = tuple(schema.names("uploads"))
#: Uploaded; CBP turned the whole file away; the claim number CBP gave; recorded by mistake, so never uploaded.
FILED, REFUSED, NUMBERED, UNDONE = "filed", "refused", "numbered", "undone"
EVENTS = (FILED, REFUSED, NUMBERED, UNDONE)
_WITHOUT_WHICH = ("filed_on", "sha256", "entry_number")
_DAY = r"\d{4}-\d{2}-\d{2}"
#: What a spreadsheet may part columns by, and how it is called.
_SIGNS = {";": "semicolons", "\t": "tabs"}
_ROUNDED = re.compile(r"[0-9.,]+E[+-]?[0-9]+", re.IGNORECASE)


def read(folder: Path) -> pd.DataFrame:
    """Every line of a client's ledger, oldest first; no ledger gives no lines.

    Raises BadClient when somebody saved it in a form it can't be read in: what was filed is never guessed.
    """
    path = folder / NAME
    try:
        return lines(path)
    except (UnicodeDecodeError, csv.Error, ValueError) as trouble:
        why = in_short(str(trouble).partition(". ")[0])
        raise BadClient(
            f"{path}: not readable as the account of what was filed ({why}). Nothing is filed or listed until it is: "
            "put back an earlier copy, or correct it in a text editor (a spreadsheet rewrites days and numbers) as CSV "
            "in UTF-8, with commas and days as YYYY-MM-DD"
        ) from trouble


def mark(client: clients.Client) -> str:
    """What tells one state of a client's ledger from another; of no ledger, nothing."""
    path = client.folder / NAME
    here = client.filed is None and path.is_file()
    return hashlib.sha256(path.read_bytes()).hexdigest() if here else ""


def of(client: clients.Client) -> pd.DataFrame:
    """Every line of a client's ledger, wherever it is kept: with a masked client, or in its folder."""
    return read(client.folder) if client.filed is None else client.filed


def lines(path: Path) -> pd.DataFrame:
    """The lines of a ledger file, typed; none where there is no file. Raises ValueError for what is no ledger.

    A line about an entry nobody can name would leave it to be filed again, so entry numbers a spreadsheet changed are
    restored where that is certain, and refused elsewhere.
    """
    rows: list[dict[str, str]] = []
    if path.is_file():
        with path.open(encoding="utf-8-sig", newline="") as file:
            reader = csv.DictReader(file)
            reader.fieldnames = header(reader.fieldnames or ())
            rows = [row for row in reader if any(cell for cell in row.values())]
    rows = [{name: (row.get(name) or "").strip() for name in COLUMNS} for row in rows]
    frame = pd.DataFrame(rows, columns=list(COLUMNS)).astype("str")
    frame["event"] = frame["event"].str.lower()
    if strange := sorted(set(frame["event"]) - set(EVENTS)):
        raise ValueError(f"“{in_short(strange[0])}” is no event of it: {', '.join(EVENTS)} are")
    for name in _WITHOUT_WHICH:  # without its day an upload would count as never made
        if frame[name].eq("").any():
            raise ValueError(f"a line has no {name}")
    days = frame["filed_on"].str.fullmatch(_DAY)
    if not days.all():
        at = int(days.to_numpy(dtype=bool).argmin())
        raise ValueError(f"line {at + 2} has the day “{in_short(frame['filed_on'].iloc[at])}”")
    return frame.assign(
        filed_on=pd.to_datetime(frame["filed_on"], format="%Y-%m-%d").astype("datetime64[s]"),
        entry_number=frame["entry_number"].map(_entry_numbers(frame["entry_number"])).astype("str"),
        claim_number=_claim_numbers(frame["claim_number"]),
        refusals_before=pd.to_numeric(frame["refusals_before"].replace("", None)).astype("Int64"),
    )


def header(names: Sequence[str]) -> list[str]:
    """A ledger's column names as it spells them. Raises ValueError where one that decides is missing."""
    told = [name.strip().lower() for name in names]
    by = next((called for sign, called in _SIGNS.items() if len(told) == 1 and sign in told[0]), None)
    if by:
        raise ValueError(f"{by} separate its columns, as a spreadsheet saves them")
    if told and (missing := [name for name in ("event", *_WITHOUT_WHICH) if name not in told]):
        raise ValueError(f"its first line names no column {', '.join(missing)}, and commas part them")
    return told


def _entry_numbers(numbers: pd.Series) -> dict[str, str]:
    """Each entry number of a ledger, and what it is without what a spreadsheet made of it."""
    told = {number: identifiers.entry_key(number) for number in numbers.unique()}
    if strange := [number for number, key in told.items() if key is None]:
        raise ValueError(f"“{in_short(strange[0])}” is no entry number of 11 characters")
    return {number: str(key) for number, key in told.items()}


def _claim_numbers(numbers: pd.Series) -> pd.Series:
    """The claim numbers; one a spreadsheet rounded belongs to no claim."""
    plain = numbers.map({number: identifiers.unwrap(number) for number in numbers.unique()}).astype("str")
    if rounded := [number for number in plain.unique() if _ROUNDED.fullmatch(number)]:
        raise ValueError(f"claim number “{in_short(rounded[0])}” was rounded by a spreadsheet")
    return plain.replace("", None)


def live(held: pd.DataFrame, on: date | None = None) -> pd.DataFrame:
    """Uploads that count: recorded by the day, and neither refused as a whole nor taken back since.

    `claim_number` is the last one recorded for the upload. A recording taken back never was an upload, whatever
    day one asks about. With no day, every line counts.
    """
    if held.empty:
        return held
    if on is not None:
        known = (held["filed_on"] <= pd.Timestamp(on)) | held["event"].eq(UNDONE)
        held = held[known].reset_index(drop=True)
    place = pd.Series(range(len(held)), index=held.index)
    ended = place[held["event"].isin((REFUSED, UNDONE))].groupby(held["sha256"]).max()
    after = place > held["sha256"].map(ended).fillna(-1)
    found = held[held["event"].eq(FILED) & after]
    keys = ["sha256", "entry_number"]
    numbers = held[held["event"].eq(NUMBERED) & after].drop_duplicates(keys, keep="last")
    if numbers.empty:
        return found
    given = found[keys].merge(numbers[[*keys, "claim_number"]], on=keys, how="left")["claim_number"]
    return found.assign(claim_number=given.set_axis(found.index).fillna(found["claim_number"]))
