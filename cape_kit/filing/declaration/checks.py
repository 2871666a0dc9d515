"""CBP's file-level checks, made on the bytes of a declaration file; a fault carries CBP's own words."""

from __future__ import annotations

import csv
import io
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

from cape_kit.assessment.assess import Assessment
from cape_kit.entries import identifiers
from cape_kit.errors import InvalidDeclaration, in_short
from cape_kit.filing.declaration import choice
from cape_kit.law.book import Law

NEWLINE = "\r\n"
_MARK = b"\xef\xbb\xbf"
#: What workbooks and archives begin with.
_NO_TEXT = (b"PK\x03\x04", b"\xd0\xcf\x11\xe0", b"%PDF")


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


@dataclass(frozen=True)
class Fault:
    """One of CBP's checks a file fails: its code, CBP's text, and what was found."""

    code: str
    official_text: str
    found: str

    def __str__(self) -> str:
        return f"{self.official_text}: {self.found}"


@dataclass(frozen=True)
class _File:
    """A file's bytes with all that the checks need to know."""

    content: bytes
    assessment: Assessment
    part: Part | None

    @property
    def lines(self) -> list[str]:
        return self.content.removeprefix(_MARK).decode("utf-8", errors="replace").split(NEWLINE)

    @property
    def numbers(self) -> list[str]:
        """The cells below the header, blank rows apart."""
        text = self.content.decode("utf-8", errors="replace")
        return [row[0] for row in csv.reader(io.StringIO(text, newline="")) if row][1:]

    def value(self, key: str) -> str:
        return str(self.assessment.law.value(key, self.assessment.filing_date).value)


def check(content: bytes, law: Law, assessment: Assessment, *, part: Part | None = None) -> list[Fault]:
    """Every file-level check of CBP's table on the bytes; an empty list means the file passes.

    Sources: keys ``file.max_entries``, ``file.max_bytes``, ``file.header``, ``file.entry_number_length``.
    """
    file = _File(content, assessment, part)
    texts = {one.code: one.official_text for one in law.file_checks(assessment.filing_date)}
    faults: list[Fault] = []
    for code, test in TESTS.items():
        if code in texts:
            faults += [Fault(code, texts[code], found) for found in test(file)]
    return faults


def read_back(path: Path) -> list[str]:
    """The entry numbers of a declaration file as a plain CSV reader sees them.

    Raises InvalidDeclaration for a file that is no text of one column: a workbook, a sheet of several columns.
    """
    try:
        with path.open(newline="", encoding="utf-8") as handle:
            rows = [row for row in csv.reader(handle) if row]
    except (UnicodeDecodeError, csv.Error) as trouble:
        raise InvalidDeclaration(
            f"{path} is no declaration file: it can't be read as plain text"
        ) from trouble
    if any(len(row) > 1 for row in rows):
        raise InvalidDeclaration(f"{path} is no declaration file: it holds more than one column")
    return [row[0] for row in rows[1:]]


def _header(file: _File) -> Iterable[str]:
    header = file.value("file.header")
    if file.content.startswith(_MARK):
        yield "the file starts with a byte order mark, which would hide the header"
    if file.lines[0] != header:
        yield f"the header is '{file.lines[0][:40]}', not '{header}'"
    elif not file.numbers:
        yield "the file is empty but for its header"


def _text(file: _File) -> Iterable[str]:
    if file.content.startswith(_NO_TEXT) or b"\x00" in file.content:
        yield "this is a workbook or another kind of file, not text"
    lines = file.lines
    if lines[-1] != "" or "" in lines[:-1]:
        yield "the file holds a blank row or does not end with one newline"
    if any(sign in line for line in lines for sign in ',;"\t\n\r'):
        yield "the file holds more than its one column, or lines that end otherwise"


def _size(file: _File) -> Iterable[str]:
    if len(file.content) > int(file.value("file.max_bytes")):
        yield f"{len(file.content):,} bytes"


def _safe(file: _File) -> Iterable[str]:
    if wrong := _some(line for line in file.lines[1:] if line and not (line.isascii() and line.isalnum())):
        yield f"characters not allowed in an entry number: {wrong}"


def _count(file: _File) -> Iterable[str]:
    most = int(file.value("file.max_entries"))
    if len(file.numbers) > most:
        yield f"{len(file.numbers):,} entry numbers; a declaration takes at most {most:,}"


def _filer(file: _File) -> Iterable[str]:
    if file.part is not None and file.part.submitter == "filer":
        codes = (number for number in file.numbers if number[:3] != file.part.submitter_id)
        if wrong := _some(codes):
            yield wrong


def _twice(file: _File) -> Iterable[str]:
    if wrong := _some(number for number, times in Counter(file.numbers).items() if times > 1):
        yield wrong


def _length(file: _File) -> Iterable[str]:
    length = int(file.value("file.entry_number_length"))
    shaped = (number for number in file.numbers if len(number) != length or not number.isalnum())
    if wrong := _some(shaped):
        yield wrong
    elif lower := _some(number for number in file.numbers if number != number.upper()):
        yield f"lower case: {lower}"


def _importer(file: _File) -> Iterable[str]:
    if file.part is None or file.part.submitter != "importer":
        return
    table = file.assessment.table
    owners = choice.owners(table, "importer").set_axis(table["entry_number"].to_numpy()).reindex(file.numbers)
    strange = (owners != identifiers.importer_key(file.part.submitter_id)).fillna(True).to_numpy(dtype=bool)
    if wrong := _some(owners.index[strange]):
        yield wrong


def _in_ace(file: _File) -> Iterable[str]:
    length = int(file.value("file.entry_number_length"))
    whole = np.array([number for number in file.numbers if len(number) == length and number.isascii()])
    if len(whole) and (wrong := _some(whole[~identifiers.check_digits_agree(whole)])):
        yield f"the check digit does not fit: {wrong}"
    if file.part is not None:
        known = pd.Index(file.assessment.table["entry_number"])
        if strangers := _some(number for number in file.numbers if number not in known):
            yield f"not in the client's exports: {strangers}"


#: CBP's code -> what is looked for, in the order of CBP's table.
TESTS: dict[str, Callable[[_File], Iterable[str]]] = {
    "F01": _header,
    "F02": _text,
    "F03": _size,
    "F04": _safe,
    "F05": _count,
    "F06": _filer,
    "F07": _twice,
    "F08": _length,
    "F09": _importer,
    "F10": _in_ace,
}


def _some(values: Iterable[str], most: int = 5) -> str:
    shown = [in_short(value) for value in values]
    more = f" and {len(shown) - most:,} more" if len(shown) > most else ""
    return ", ".join(shown[:most]) + more
