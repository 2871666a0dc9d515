"""A workbook in Excel's binary form (.xlsb) by hand, as no free program writes one: text cells only."""

import struct
import zipfile

_NAMES = "http://schemas.openxmlformats.org/package/2006/relationships"
_OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_TYPES = (
    '<?xml version="1.0"?><Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">'
    '<Default Extension="bin" ContentType="application/vnd.ms-excel.sheet.binary.macroEnabled.main"/>'
    '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
    "</Types>"
)
# Records of [MS-XLSB]: row, text cell, and the brackets round them.
_ROW, _TEXT, _BOOK, _END_BOOK, _SHEET, _END_SHEET = 0, 6, 131, 132, 129, 130
_DATA, _END_DATA, _SHEETS, _END_SHEETS, _DIMENSION, _ONE_SHEET = 145, 146, 143, 144, 148, 156


def _record(kind, content=b""):
    head = bytes([kind]) if kind < 128 else bytes([kind & 0x7F | 0x80, kind >> 7])
    size = len(content)
    while size >= 128:
        head, size = head + bytes([size & 0x7F | 0x80]), size >> 7
    return head + bytes([size]) + content


def _text(text):
    return struct.pack("<I", len(text)) + text.encode("utf-16-le")


def _relations(name, target):
    return (
        f'<?xml version="1.0"?><Relationships xmlns="{_NAMES}"><Relationship Id="rId1" '
        f'Type="{_OFFICE}/{name}" Target="{target}"/></Relationships>'
    )


def write(path, rows, sheet="Main Report"):
    """A workbook of one sheet; empty cells are left out."""
    one = struct.pack("<II", 0, 1) + _text("rId1") + _text(sheet)
    book = [
        _record(_BOOK),
        _record(_SHEETS),
        _record(_ONE_SHEET, one),
        _record(_END_SHEETS),
        _record(_END_BOOK),
    ]
    size = struct.pack("<IIII", 0, len(rows) - 1, 0, max(map(len, rows)) - 1)
    cells = [_record(_SHEET), _record(_DIMENSION, size), _record(_DATA)]
    for number, row in enumerate(rows):
        cells.append(_record(_ROW, struct.pack("<IIHHBI", number, 0, 300, 0, 0, 0)))
        cells += [
            _record(_TEXT, struct.pack("<II", at, 0) + _text(cell)) for at, cell in enumerate(row) if cell
        ]
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as out:
        out.writestr("[Content_Types].xml", _TYPES)
        out.writestr("_rels/.rels", _relations("officeDocument", "xl/workbook.bin"))
        out.writestr("xl/workbook.bin", b"".join(book))
        out.writestr("xl/_rels/workbook.bin.rels", _relations("worksheet", "worksheets/sheet1.bin"))
        out.writestr("xl/worksheets/sheet1.bin", b"".join([*cells, _record(_END_DATA), _record(_END_SHEET)]))
