"""From a path to rectangles of text: what the bytes are, whatever the ending says; archives opened safely."""

from __future__ import annotations

import re
import shutil
import zipfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from cape_kit.entries.readers import markup, safety, texts, workbooks
from cape_kit.entries.readers.sheets import Sheet
from cape_kit.errors import UnreadableReport, in_words

_WORKBOOK_PARTS = ("xl/workbook.xml", "xl/workbook.bin", "content.xml", "[Content_Types].xml")
_WORKBOOK = (b"PK", b"\xd0\xcf\x11\xe0")
_WEB_PAGE = (b"<html", b"<!doct", b"<table", b"<head", b"<body", b"<meta")
_NOT_TABLES = {
    b"\x89PNG": "a picture",
    b"\xff\xd8\xff": "a picture",
    b"{\\rtf": "a text document",
}


#: Characters of a member's name that are shown.
_LONGEST = 200


@dataclass(frozen=True)
class Opened:
    """The sheets of one file, and how many of its cells show an error."""

    sheets: Sequence[Sheet]
    error_cells: int = 0


def members(path: Path, scratch: Path, name: str) -> Iterator[tuple[Path | UnreadableReport, str]]:
    """The file itself; or, when it is an archive and no workbook, the files inside it, one level deep.

    One of them that can't be unpacked stands as the trouble with it: the others are read.
    """
    if not safety.is_archive(path):
        yield path, name
        return
    try:
        with zipfile.ZipFile(path) as archive:
            inside = [member for member in archive.infolist() if not member.filename.endswith("/")]
            if any(member.filename in _WORKBOOK_PARTS for member in inside):
                yield path, name
                return
            if len(inside) > safety.MAX_MEMBERS:
                raise UnreadableReport(f"{name}: {len(inside)} files in one archive; unpack it by hand")
            safety.refuse_bombs(inside, path, name)
            for index, member in enumerate(inside):
                base = member.filename.rsplit("/", 1)[-1]
                if not base.startswith((".", "~$")) and "__MACOSX" not in member.filename:
                    shown = f"{name}/{_shown(member.filename)}"
                    yield _unpacked(archive, member, scratch / f"{index}", shown), shown
    except safety.ARCHIVE_TROUBLE as error:
        raise UnreadableReport(
            f"{name}: the archive can't be opened ({in_words(error)}); unpack it by hand"
        ) from error


def _unpacked(
    archive: zipfile.ZipFile, member: zipfile.ZipInfo, target: Path, shown: str
) -> Path | UnreadableReport:
    """A member as a file of its own, its ending kept; or why it can't be one."""
    ending = Path(member.filename).suffix
    target = target.with_suffix(ending) if re.fullmatch(r"\.[A-Za-z0-9]{1,8}", ending) else target
    try:
        with archive.open(member) as source, target.open("wb") as out:
            shutil.copyfileobj(source, out, 1 << 20)
    except safety.ARCHIVE_TROUBLE as error:
        why = in_words(error)
        return UnreadableReport(
            f"{shown}: this file of the archive can't be unpacked ({why}); export it again"
        )
    return target


def _shown(name: str) -> str:
    """The name of a member in text that can be written anywhere."""
    kept = "".join(sign if sign.isprintable() else "�" for sign in name)
    return kept[:_LONGEST] or "(a file without a name)"


def open_file(path: Path, scratch: Path, *, name: str) -> Opened:
    """The rectangles of text in a file. Raises UnreadableReport, in one sentence, when there are none."""
    with path.open("rb") as file:
        start = file.read(512)
    if not start.strip():
        raise UnreadableReport(f"{name}: the file is empty")
    for magic, what in _NOT_TABLES.items():
        if start.startswith(magic):
            raise UnreadableReport(f"{name}: {what}, not a report; ask for .xlsx or .csv")
    if start.lstrip(b"\xef\xbb\xbf \t\r\n")[:9].lower().startswith(_WEB_PAGE):
        return _some(markup.open_page(path, where=name), f"{name}: a web page without a table")
    if markup.is_spreadsheet_xml(start):
        return _some(markup.open_spreadsheet_xml(path, where=name), f"{name}: the workbook is empty")
    if markup.is_json(start):
        return _some(markup.open_records(path, where=name), f"{name}: nothing in it")
    if not start.startswith(_WORKBOOK):
        return Opened([texts.open_text(path, scratch, where=name)])
    sheets, errors = workbooks.open_workbook(path, where=name)
    if not sheets:
        raise UnreadableReport(f"{name}: the workbook is empty")
    return Opened(sheets, errors)


def _some(sheets: Sequence[Sheet], nothing: str) -> Opened:
    """The sheets, where there are any; else what is wrong."""
    if not sheets:
        raise UnreadableReport(f"{nothing}; ask for .xlsx or .csv")
    return Opened(sheets)
