"""What an archive or workbook would become if unpacked: refused when beyond measure, before it is opened."""

from __future__ import annotations

import lzma
import re
import struct
import zipfile
import zlib
from collections.abc import Sequence
from pathlib import Path

from cape_kit.errors import UnreadableReport

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
_COLUMN = re.compile(rb'<c r="([A-Z]+)[0-9]')
_ROW = re.compile(rb'<row [^>]*?r="([0-9]+)"')
_ERROR = b't="e"'


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
                    cells, wrong = _sheet(archive, member)
                    errors += wrong
                    if cells > MAX_CELLS:
                        raise UnreadableReport(
                            f"{where}: a sheet spans {cells:,} cells, nearly all empty; delete the far ones"
                        )
    except ARCHIVE_TROUBLE as error:
        raise UnreadableReport(f"{where}: the workbook is damaged or cut off; export it again") from error
    return errors


def _sheet(archive: zipfile.ZipFile, member: zipfile.ZipInfo) -> tuple[int, int]:
    """Cells of the rectangle a sheet spans, and how many show an error."""
    small = member.file_size <= LOOKED_THROUGH
    with archive.open(member) as part:
        content = part.read() if small else part.read(4096)
    stated = _DIMENSION.search(content)
    width = _number(stated.group(1)) if stated else 1
    height = int(stated.group(2)) if stated else 1
    if small:
        width = max((_number(column) for column in set(_COLUMN.findall(content))), default=width)
        height = max((int(row) for row in _ROW.findall(content)), default=height)
    return width * height, content.count(_ERROR) if small else 0


def _number(letters: bytes) -> int:
    """A column's number from its letters."""
    number = 0
    for letter in letters:
        number = number * 26 + letter - 64
    return number
