"""What the kit itself wrote, and files for another purpose: known by what they hold, and left alone."""

from __future__ import annotations

import json
import re
import zipfile
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

from cape_kit.entries import identifiers
from cape_kit.entries.readers import markup, openers
from cape_kit.entries.readers.layouts import toml
from cape_kit.errors import CapeError

#: How much of a file is looked at for its title.
_START = 1 << 16
_PDF = 64 << 20
_MACHINE = re.compile(r"[a-z][a-z0-9_]*")
#: Kinds of table the kit reads; anything else with a report's ending was meant as one.
TABLES = {
    ".csv",
    ".txt",
    ".tsv",
    ".xlsx",
    ".xlsm",
    ".xls",
    ".xlsb",
    ".ods",
    ".htm",
    ".html",
    ".json",
    ".jsonl",
    ".xml",
    "",
}
_WORD = "word/document.xml"
_NUMBER = re.compile(r"(?<![0-9A-Z])[0-9A-Z]{3}[- ]?[0-9]{7}[- ]?[0-9](?![0-9A-Z])")
#: Characters of a text in which numbers are looked for.
_MOST = 8 << 20


@cache
def _marks() -> dict[str, Any]:
    return toml("_own.toml")


def made_by_kit(path: Path) -> bool:
    """Whether the kit wrote a file: its report, workbook, calendar, manifest or one of its tables.

    A declaration file is CBP's form and carries no mark; it is a layout of its own, read as a mere list.
    """
    if openers.is_archive(path):
        return _titled(path)
    with path.open("rb") as file:
        start = file.read(_START)
        rest = file.read(_PDF) if start.startswith(b"%PDF") else b""
    if start.startswith(b"%PDF"):
        return any(form in start + rest for form in _forms(_marks()["title"]))
    text = start.decode("utf-8-sig", errors="replace").lstrip()
    if text.startswith("BEGIN:VCALENDAR"):
        return f"//{_marks()['maker']}//" in text
    if text.startswith("{"):
        return _notebook_or_manifest(path, text)
    if text[:15].lower().startswith(("<!doctype", "<html")):
        title = re.search(r"<title>(.*?)</title>", text, re.DOTALL)
        return title is not None and _marks()["title"] in title.group(1)
    return _table(text.splitlines()[0] if text else "", marked=start.startswith(b"\xef\xbb\xbf"))


def _titled(path: Path) -> bool:
    """Whether a workbook's own properties name the kit."""
    try:
        with zipfile.ZipFile(path) as archive:
            core = archive.read("docProps/core.xml")[:_START].decode("utf-8", errors="replace")
    except openers.ARCHIVE_TROUBLE:
        return False
    marks = _marks()
    return f"<dc:title>{marks['title']}" in core or f"{marks['maker']}<" in core


def _notebook_or_manifest(path: Path, start: str) -> bool:
    if '"cells"' in start and "cape_kit" in start:
        return True
    if start.replace(" ", "").startswith('{"cape_kit_entries"'):
        return True
    if not ('"fingerprint"' in start[:200] and '"parameters"' in start[:400]):
        return False
    try:
        found = json.loads(path.read_text("utf-8"))
    except (ValueError, OSError):
        return False
    return isinstance(found, dict) and {"fingerprint", "kit", "outputs"} <= set(found)


def _table(header: str, *, marked: bool) -> bool:
    """Whether a line of headers is of a table of the kit; without Excel's mark in front it takes one more."""
    names = header.rstrip("\r\n").split(",")
    if not all(_MACHINE.fullmatch(name) for name in names):
        return False
    return len(set(names) & set(_marks()["columns"])) >= (2 if marked else 3)


def _forms(text: str) -> Iterator[bytes]:
    """How a printed document may hold a title."""
    wide = text.encode("utf-16-be")
    yield from (text.encode(), wide, wide.hex().upper().encode(), wide.hex().encode())


def for_another_purpose(path: Path, name: str) -> str | None:
    """What a file is that can't be a report and shows no entry number, such as a picture; None otherwise."""
    with path.open("rb") as file:
        start = file.read(512)
    if start.startswith((b"\x89PNG", b"\xff\xd8\xff", b"GIF8", b"BM", b"II*\x00", b"MM\x00*")):
        return "a picture"
    what, text = _letter(path, start)
    if what is None and markup.is_json(start):
        what, text = _json(path)
    elif what is None and Path(name).suffix.lower() not in TABLES and not markup.is_spreadsheet_xml(start):
        what, text = "no table", start.decode("latin-1")
    return None if what is None or any(entry_numbers(text)) else what


def _letter(path: Path, start: bytes) -> tuple[str | None, str]:
    """What a document for reading is called, and its text as far as it shows."""
    if start.startswith(b"%PDF"):
        return "a PDF", path.read_bytes()[:_MOST].decode("latin-1")
    if start.startswith(b"{\\rtf"):
        return "a text document", path.read_bytes()[:_MOST].decode("latin-1")
    if start.startswith(b"BEGIN:VCALENDAR"):
        return "a calendar", path.read_text("utf-8", errors="replace")[:_MOST]
    text = _word(path) if start.startswith(b"PK") and openers.is_archive(path) else None
    return (None, "") if text is None else ("a Word document", text)


def _json(path: Path) -> tuple[str | None, str]:
    """JSON that holds no list of records, and its text; records are a table."""
    try:
        records = bool(markup.open_records(path, where=path.name))
    except CapeError:
        records = False
    return (None, "") if records else ("no table", path.read_text("utf-8", errors="replace")[:_MOST])


def _word(path: Path) -> str | None:
    """The text of a Word document; None where it is none, or can't be looked into."""
    try:
        with zipfile.ZipFile(path) as archive:
            if _WORD not in archive.namelist():
                return None
            with archive.open(_WORD) as part:
                text = part.read(_MOST).decode("utf-8", errors="replace")
    except openers.ARCHIVE_TROUBLE:
        return None
    return re.sub(r"<[^>]*>", "", text)


def entry_numbers(text: str) -> Iterator[str]:
    """The entry numbers in a running text, those with the right check digit."""
    for found in _NUMBER.findall(text):
        verdict = identifiers.normalise_entry_number(found)
        if verdict.valid and verdict.normalised:
            yield verdict.normalised
