"""From a path to rectangles of text: what the bytes are, whatever the ending says; archives opened safely."""

from __future__ import annotations

import zipfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from cape_kit.entries.readers import markup, safety, texts, workbooks
from cape_kit.entries.readers.sheets import Sheet
from cape_kit.errors import UnreadableReport

_WORKBOOK_PARTS = ("xl/workbook.xml", "xl/workbook.bin", "content.xml", "[Content_Types].xml")
_WORKBOOK = (b"PK", b"\xd0\xcf\x11\xe0")
_WEB_PAGE = (b"<html", b"<!doct", b"<table", b"<head", b"<body", b"<meta")
_NOT_TABLES = {
    b"%PDF": "a PDF",
    b"\x89PNG": "a picture",
    b"\xff\xd8\xff": "a picture",
    b"{\\rtf": "a text document",
}


@dataclass(frozen=True)
class Opened:
    """The sheets of one file, and how many of its cells show an error."""

    sheets: Sequence[Sheet]
    error_cells: int = 0


def members(path: Path, scratch: Path, name: str) -> Iterator[tuple[Path, str]]:
    """The file itself; or, when it is an archive and no workbook, the files inside it, one level deep."""
    if not zipfile.is_zipfile(path):
        yield path, name
        return
    try:
        with zipfile.ZipFile(path) as archive:
            inside = [member for member in archive.infolist() if not member.is_dir()]
            if any(member.filename in _WORKBOOK_PARTS for member in inside):
                yield path, name
                return
            if len(inside) > safety.MAX_MEMBERS:
                raise UnreadableReport(f"{name}: {len(inside)} files in one archive; unpack it by hand")
            safety.refuse_bombs(inside, path, name)
            for index, member in enumerate(inside):
                base = member.filename.rsplit("/", 1)[-1]
                if base.startswith((".", "~$")) or "__MACOSX" in member.filename:
                    continue
                target = scratch / f"{index}{Path(base).suffix}"
                with archive.open(member) as source, target.open("wb") as out:
                    while chunk := source.read(1 << 20):
                        out.write(chunk)
                yield target, f"{name}/{member.filename}"
    except (zipfile.BadZipFile, RuntimeError, NotImplementedError, EOFError, OSError) as error:
        raise UnreadableReport(f"{name}: the archive can't be opened ({error}); unpack it by hand") from error


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
