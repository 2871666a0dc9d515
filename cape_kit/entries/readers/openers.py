"""From a path to rectangles of text: what the bytes are, whatever the ending says; archives opened safely.

A workbook is every sheet once, every cell as text, rows counted from row 1. What an archive or workbook would
become if unpacked is refused when beyond measure, before it is opened.
"""

from __future__ import annotations

import contextlib
import logging
import lzma
import os
import re
import shutil
import struct
import tempfile
import threading
import zipfile
import zlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyarrow as pa

from cape_kit.entries.readers import text_files
from cape_kit.entries.readers.recognise import DEPTH
from cape_kit.entries.readers.sheets import Sheet, TableSheet
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
_STDERR = 2
_ONE_AT_A_TIME = threading.Lock()

#: Refused: bytes unpacked, files in an archive, times larger unpacked (of what is large), cells of a sheet.
MAX_BYTES = 6 << 30
MAX_MEMBERS = 500
MAX_RATIO = 400
LARGE = 64 << 20
#: A full Excel sheet of 60 columns has fewer cells.
MAX_CELLS = 64 << 20
#: Sheets up to this size are looked through; larger ones can't hide an empty rectangle behind few bytes.
LOOKED_THROUGH = 8 << 20

#: What a damaged, protected or odd archive may raise when it is opened, listed or unpacked. A member's name that
#: is no text is a ValueError; a method nobody knows a NotImplementedError, which is a RuntimeError.
ARCHIVE_TROUBLE = (
    *(zipfile.BadZipFile, zlib.error, lzma.LZMAError, struct.error, EOFError, OSError),
    *(RuntimeError, ValueError, KeyError, IndexError, OverflowError, MemoryError),
)

_DIMENSION = re.compile(rb'<dimension ref="(?:[A-Z]+[0-9]+:)?([A-Z]+)([0-9]+)"')
_CELL = re.compile(rb'<c r="([A-Z]+)([0-9]+)"')
#: A cell beyond every sheet, as a damaged file may name one: the reader would make room for all before it.
_BEYOND = re.compile(rb'<c r="(?:[A-Z]{4,}[0-9]+|[A-Z]+[0-9]{8,})"')
_CHUNK = 4 << 20
_ROW = re.compile(rb'<row [^>]*?r="([0-9]+)"')
_ERROR = b't="e"'


@dataclass(frozen=True)
class Opened:
    """The sheets of one file, and how many of its cells show an error."""

    sheets: Sequence[Sheet]
    error_cells: int = 0


def members(path: Path, scratch: Path, name: str) -> Iterator[tuple[Path | UnreadableReport, str]]:
    """The file itself; or, when it is an archive and no workbook, the files inside it, one level deep.

    One of them that can't be unpacked stands as the trouble with it: the others are read.
    """
    if not is_archive(path):
        yield path, name
        return
    try:
        with zipfile.ZipFile(path) as archive:
            inside = [member for member in archive.infolist() if not member.filename.endswith("/")]
            if any(member.filename in _WORKBOOK_PARTS for member in inside):
                yield path, name
                return
            if len(inside) > MAX_MEMBERS:
                raise UnreadableReport(f"{name}: {len(inside)} files in one archive; unpack it by hand")
            refuse_bombs(inside, path, name)
            for index, member in enumerate(inside):
                base = member.filename.rsplit("/", 1)[-1]
                if not base.startswith((".", "~$")) and "__MACOSX" not in member.filename:
                    shown = f"{name}/{_shown(member.filename)}"
                    yield _unpacked(archive, member, scratch / f"{index}", shown), shown
    except ARCHIVE_TROUBLE as error:
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
    except ARCHIVE_TROUBLE as error:
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
        return _some(text_files.open_page(path, where=name), f"{name}: a web page without a table")
    if text_files.is_spreadsheet_xml(start):
        return _some(text_files.open_spreadsheet_xml(path, where=name), f"{name}: the workbook is empty")
    if text_files.is_json(start):
        return _some(text_files.open_records(path, where=name), f"{name}: nothing in it")
    if not start.startswith(_WORKBOOK):
        return Opened([text_files.open_text(path, scratch, where=name)])
    sheets, errors = open_workbook(path, where=name)
    if not sheets:
        raise UnreadableReport(f"{name}: the workbook is empty")
    return Opened(sheets, errors)


def _some(sheets: Sequence[Sheet], nothing: str) -> Opened:
    """The sheets, where there are any; else what is wrong."""
    if not sheets:
        raise UnreadableReport(f"{nothing}; ask for .xlsx or .csv")
    return Opened(sheets)


def open_workbook(path: Path, *, where: str) -> tuple[list[TableSheet], int]:
    """The sheets of a workbook that hold anything, in order, and how many cells of it show an error."""
    import fastexcel

    for said in ("calamine", "fastexcel"):  # what the reader thinks of blank cells is for no terminal
        logging.getLogger(said).addHandler(logging.NullHandler())
    errors = look_through(path, where) if is_archive(path) else 0
    try:
        with _quiet():
            book = fastexcel.read_excel(path)
            return [sheet for name in book.sheet_names if (sheet := _sheet(book, name)) is not None], errors
    except BaseException as error:
        # the reader's panics are no Exceptions; anything else that is none goes on its way
        if not isinstance(error, Exception) and type(error).__name__ != "PanicException":
            raise
        raise UnreadableReport(f"{where}: {_why(path, error)}") from error


@contextlib.contextmanager
def _quiet() -> Iterator[None]:
    """Keep a panic of the reader off the terminal: it writes there by itself, before Python hears of it.

    What others wrote to the same place meanwhile is put there afterwards.
    """
    with _ONE_AT_A_TIME, tempfile.TemporaryFile() as heard:
        try:
            kept = os.dup(_STDERR)
        except OSError:  # no terminal at all
            yield
            return
        os.dup2(heard.fileno(), _STDERR)
        try:
            yield
        finally:
            os.dup2(kept, _STDERR)
            os.close(kept)
            heard.seek(0)
            said = heard.read()
            if said and b"panicked" not in said:
                os.write(_STDERR, said)


def _sheet(book: Any, name: str) -> TableSheet | None:
    sheet = book.load_sheet(name, header_row=None, skip_rows=0, dtypes="string")
    if not sheet.height or not sheet.width:
        return None
    batch = sheet.to_arrow()
    columns = [column if column.type == pa.string() else column.cast(pa.string()) for column in batch.columns]
    table = pa.table(columns, [f"c{i}" for i in range(len(columns))])
    head = [list(row.values()) for row in table.slice(0, DEPTH).to_pylist()]
    return TableSheet(name, sheet.visible == "visible", head, table)


def _why(path: Path, error: BaseException) -> str:
    text = str(error).splitlines()[0] if str(error) else type(error).__name__
    with path.open("rb") as file:
        ole = file.read(4) == b"\xd0\xcf\x11\xe0"
    if "password" in text.lower() or (ole and path.suffix.lower() in (".xlsx", ".xlsm", ".xlsb")):
        return "the workbook is protected by a password; save it without one"
    return f"the workbook can't be opened, it is damaged or cut off ({text[:120]}); export it again"


def refuse_bombs(members: Sequence[zipfile.ZipInfo], path: Path, where: str) -> None:
    """Raise UnreadableReport for an archive that unpacks beyond all measure."""
    total, size = sum(member.file_size for member in members), path.stat().st_size
    if total > MAX_BYTES or (total > LARGE and total > MAX_RATIO * size):
        raise UnreadableReport(
            f"{where}: {size >> 10:,} KB would unpack to {total >> 20:,} MB; refused as unsafe"
        )


def is_archive(path: Path) -> bool:
    """Whether a file ends like an archive; one too damaged to tell is none."""
    try:
        return zipfile.is_zipfile(path)
    except ARCHIVE_TROUBLE:
        return False


def look_through(path: Path, where: str) -> int:
    """Raise for a workbook that is unsafe to open; otherwise the number of its cells that show an error.

    The errors are counted in sheets up to LOOKED_THROUGH bytes only; they read as empty in every engine.
    """
    errors = 0
    try:
        with zipfile.ZipFile(path) as archive:
            refuse_bombs(archive.infolist(), path, where)
            for member in archive.infolist():
                if re.fullmatch(r"xl/worksheets/[^/]+\.xml", member.filename):
                    if _beyond(archive, member):
                        raise UnreadableReport(
                            f"{where}: a cell stands outside its sheet, the workbook is damaged; export it again"
                        )
                    cells, wrong = _spanned(archive, member)
                    errors += wrong
                    if cells > MAX_CELLS:
                        raise UnreadableReport(
                            f"{where}: a sheet spans {cells:,} cells, nearly all empty; delete the far ones"
                        )
    except ARCHIVE_TROUBLE as error:
        raise UnreadableReport(f"{where}: the workbook is damaged or cut off; export it again") from error
    return errors


def _spanned(archive: zipfile.ZipFile, member: zipfile.ZipInfo) -> tuple[int, int]:
    """Cells of the rectangle a sheet spans, and how many show an error."""
    small = member.file_size <= LOOKED_THROUGH
    with archive.open(member) as part:
        content = part.read() if small else part.read(4096)
    stated = _DIMENSION.search(content)
    width = _column_number(stated.group(1)) if stated else 1
    height = int(stated.group(2)) if stated else 1
    if small:
        cells = _CELL.findall(content)
        width = max((_column_number(column) for column in {column for column, _ in cells}), default=width)
        rows = {row for _, row in cells} | set(_ROW.findall(content))
        height = max(map(int, rows), default=height)
    return width * height, content.count(_ERROR) if small else 0


def _beyond(archive: zipfile.ZipFile, member: zipfile.ZipInfo) -> bool:
    """Whether a cell of a sheet stands where no sheet reaches."""
    rest = b""
    with archive.open(member) as part:
        while chunk := part.read(_CHUNK):
            if _BEYOND.search(rest + chunk):
                return True
            rest = chunk[-64:]
    return False


def _column_number(letters: bytes) -> int:
    """A column's number from its letters."""
    number = 0
    for letter in letters:
        number = number * 26 + letter - 64
    return number
