"""CAPE declaration files: chosen, split, checked as CBP would, written whole or not at all, read back.

The file holds one column and nothing else. Newlines are CRLF, as a spreadsheet's CSV export writes them.
"""

from __future__ import annotations

import csv
import io
import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from cape_kit.assessment.assess import Assessment
from cape_kit.entries import identifiers
from cape_kit.errors import InvalidDeclaration, Usage
from cape_kit.law.book import Law

#: Dispositions that go on a declaration by default.
TO_FILE = ("file", "file_deferred")
#: Who uploads: one importer number over all filers, or one filer code over all importers.
SUBMITTERS = {"importer": "importer_number", "filer": "filer_code"}
NEWLINE = "\r\n"


@dataclass(frozen=True)
class Part:
    """One file to upload: whose it is, which part, and the entry numbers in it, in order."""

    submitter: str
    submitter_id: str
    number: int
    of: int
    entry_numbers: tuple[str, ...]
    content: bytes
    name: str


def build(assessment: Assessment, *, submitter: str = "importer") -> list[Part]:
    """The files to upload, one series per importer number or filer code; entries most urgent first.

    Raises Usage for an unknown submitter and InvalidDeclaration when a file would not pass CBP's checks.
    Source: keys ``file.*`` of the law book.
    """
    if submitter not in SUBMITTERS:
        raise Usage(f"'{submitter}' can't submit a declaration; choose one of: {', '.join(SUBMITTERS)}")
    chosen = _chosen(assessment)
    chosen = chosen[chosen[SUBMITTERS[submitter]].notna()]
    chosen = chosen.sort_values(["next_deadline", "entry_number"], na_position="last", kind="stable")
    column = SUBMITTERS[submitter]
    parts: list[Part] = []
    for place, (owner, entries) in enumerate(chosen.groupby(column, sort=True), start=1):
        label = _label(str(owner), submitter, place)
        parts.extend(
            _parts(str(owner), label, entries["entry_number"].tolist(), assessment, submitter=submitter)
        )
    numbers = [number for part in parts for number in part.entry_numbers]
    if len(numbers) != len(set(numbers)):
        raise InvalidDeclaration("An entry number stands in two declaration files; nothing was written.")
    return parts


def left_out(assessment: Assessment, *, submitter: str = "importer") -> pd.DataFrame:
    """The entries on no declaration, each with why: entry_number, disposition, why."""
    table, column = assessment.table, SUBMITTERS[submitter]
    others = table[~table["disposition"].isin(TO_FILE)]
    unowned = _chosen(assessment)
    unowned = unowned[unowned[column].isna()]
    why = f"the {column.replace('_', ' ')} is not in the files, so no account can be told to upload it"
    frame = pd.concat(
        [others[["entry_number", "disposition", "reason"]], unowned[["entry_number", "disposition"]]]
    )
    return (
        frame.rename(columns={"reason": "why"})
        .fillna({"why": why})
        .sort_values("entry_number", ignore_index=True)
    )


def write_all(assessment: Assessment, out: Path, *, submitter: str = "importer") -> list[Path]:
    """Build, check, write and read back every declaration file; the folder holds just these afterwards."""
    parts = build(assessment, submitter=submitter)
    out.mkdir(parents=True, exist_ok=True)
    written = [write(part, out, assessment.law, assessment) for part in parts]
    for stale in out.glob("CAPE_*.csv"):
        if stale not in written:
            stale.unlink()
    return written


def write(part: Part, out: Path, law: Law, assessment: Assessment) -> Path:
    """One file, atomically: a temporary name first, read back and compared, then put in place."""
    _refuse(check(part.content, law, assessment, part=part), part.name)
    path, temporary = out / part.name, out / f".{part.name}.part"
    try:
        temporary.write_bytes(part.content)
        if read_back(temporary) != list(part.entry_numbers):
            raise InvalidDeclaration(
                f"{part.name}: what was written reads back differently; nothing was kept."
            )
        temporary.replace(path)
    finally:
        temporary.unlink(missing_ok=True)
    return path


def read_back(path: Path) -> list[str]:
    """The entry numbers of a declaration file as a plain CSV reader sees them."""
    with path.open(newline="", encoding="utf-8") as handle:
        rows = list(csv.reader(handle))
    return [row[0] for row in rows[1:]]


def check(content: bytes, law: Law, assessment: Assessment, *, part: Part | None = None) -> list[str]:
    """CBP's file-level checks on the bytes themselves; an empty list means the file passes."""
    on = assessment.filing_date
    header = str(law.value("file.header", on).value)
    length = int(law.value("file.entry_number_length", on).value)
    most, heaviest = int(law.value("file.max_entries", on).value), int(law.value("file.max_bytes", on).value)
    faults = _shape_faults(content, header, heaviest)
    if faults:
        return faults
    numbers = [row[0] for row in csv.reader(io.StringIO(content.decode("utf-8"), newline="")) if row][1:]
    if not numbers:
        faults.append("CSV content is empty or missing the header")
    if len(numbers) > most:
        faults.append(f"{len(numbers):,} entry numbers; a declaration takes at most {most:,}")
    if wrong := _some(number for number in numbers if len(number) != length or not number.isalnum()):
        faults.append(f"Not {length} characters long: {wrong}")
    if wrong := _some(number for number in numbers if not identifiers.normalise_entry_number(number).valid):
        faults.append(f"check digit does not fit: {wrong}")
    if twice := _some(number for number, times in Counter(numbers).items() if times > 1):
        faults.append(f"Duplicate Entry: {twice}")
    if part is not None:
        faults.extend(_ownership_faults(numbers, assessment.table, part))
    return faults


def _shape_faults(content: bytes, header: str, heaviest: int) -> list[str]:
    faults = []
    if content.startswith(b"\xef\xbb\xbf"):
        faults.append("the file starts with a byte order mark, which would hide the header")
    if len(content) > heaviest:
        faults.append(f"The file size exceeds 1mb: {len(content):,} bytes")
    text = content.decode("utf-8", errors="replace")
    lines = text.split(NEWLINE)
    if lines[0] != header:
        faults.append(f"the header is '{lines[0][:40]}', not '{header}'")
    if lines[-1] != "" or "" in lines[:-1]:
        faults.append("the file holds a blank row or does not end with one newline")
    if any("," in line or "\n" in line or "\r" in line or '"' in line for line in lines):
        faults.append("the file holds more than its one column")
    return faults


def _ownership_faults(numbers: list[str], table: pd.DataFrame, part: Part) -> list[str]:
    owners = table.set_index("entry_number")[SUBMITTERS[part.submitter]].reindex(numbers)
    strangers = owners.index[(owners != part.submitter_id).fillna(True).to_numpy(dtype=bool)]
    name = "Account Mismatch" if part.submitter == "importer" else "Filer Code not matching"
    return [f"{name}: {_some(strangers)}"] if len(strangers) else []


def _chosen(assessment: Assessment) -> pd.DataFrame:
    return assessment.table[assessment.table["disposition"].isin(TO_FILE)]


def _parts(
    owner: str, label: str, numbers: list[str], assessment: Assessment, *, submitter: str
) -> list[Part]:
    law, on = assessment.law, assessment.filing_date
    most = int(law.value("file.max_entries", on).value)
    header = str(law.value("file.header", on).value)
    chunks = [numbers[start : start + most] for start in range(0, len(numbers), most)]
    parts = []
    for index, chunk in enumerate(chunks, start=1):
        content = (NEWLINE.join([header, *chunk]) + NEWLINE).encode("utf-8")
        name = f"CAPE_{assessment.client.key}_{label}_{on.isoformat()}_part-{index}-of-{len(chunks)}.csv"
        part = Part(submitter, owner, index, len(chunks), tuple(chunk), content, name)
        _refuse(check(content, law, assessment, part=part), name)
        parts.append(part)
    return parts


def _label(owner: str, submitter: str, place: int) -> str:
    """The submitter as a file name says it. Of a masked number not even a digest shows."""
    if submitter == "importer" and identifiers.mask_importer(owner) != owner:
        return f"{submitter}-individual-{place}"
    return f"{submitter}-" + re.sub(r"[^A-Za-z0-9]+", "-", owner).strip("-")


def _refuse(faults: list[str], name: str) -> None:
    if faults:
        raise InvalidDeclaration(
            f"{name} would not pass CBP's file checks, so nothing was written: {'; '.join(faults)}"
        )


def _some(values: Iterable[str], most: int = 5) -> str:
    shown = list(values)
    more = f" and {len(shown) - most:,} more" if len(shown) > most else ""
    return ", ".join(shown[:most]) + more
