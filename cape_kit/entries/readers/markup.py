"""Tables that are no workbook though they are called one: web pages and SpreadsheetML behind ".xls", JSON records.

Web pages are read with Python's own parser: it bears any tag soup and knows no entities that grow. SpreadsheetML
is XML and read with defusedxml, which refuses documents that declare entities.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pyarrow as pa

from cape_kit.entries.readers.recognise import DEPTH
from cape_kit.entries.readers.sheets import TableSheet
from cape_kit.errors import UnreadableReport

#: No file of this kind that people hold is larger; beyond it, it is asked for as .csv.
_MOST = 64 << 20
#: Columns of a cell that is spread over several.
_WIDEST = 512
_SPREADSHEET = "{urn:schemas-microsoft-com:office:spreadsheet}"

Row = list[str | None]


def is_spreadsheet_xml(start: bytes) -> bool:
    """Whether a file is a workbook of 2003 written as XML."""
    return b"urn:schemas-microsoft-com:office:spreadsheet" in start and start.lstrip(
        b"\xef\xbb\xbf \t\r\n"
    ).startswith(b"<?xml")


def is_json(start: bytes) -> bool:
    """Whether a file begins as JSON records do."""
    bare = b"".join(start.lstrip(b"\xef\xbb\xbf \t\r\n").split())
    return bare.startswith((b"[{", b'{"'))


def _text(path: Path, where: str) -> str:
    if path.stat().st_size > _MOST:
        raise UnreadableReport(f"{where}: too large to be read in this form; save it as .csv or .xlsx")
    data = path.read_bytes()
    for encoding in ("utf-8-sig", "utf-16") if data[:2] in (b"\xff\xfe", b"\xfe\xff") else ("utf-8-sig",):
        try:
            return data.decode(encoding)
        except UnicodeDecodeError:
            continue
    return data.decode("cp1252", errors="replace")


def _sheet(rows: Sequence[Row], name: str | None, *, visible: bool = True) -> TableSheet | None:
    """Rows as a sheet; None where nothing stands in them."""
    width = max((len(row) for row in rows), default=0)
    if not width or not any(cell for row in rows for cell in row):
        return None
    full = [[*row, *[None] * (width - len(row))] for row in rows]
    columns = [pa.array([row[i] for row in full], pa.string()) for i in range(width)]
    table = pa.table(columns, [f"c{i}" for i in range(width)])
    return TableSheet(name, visible, full[:DEPTH], table)


# --- web pages ----------------------------------------------------------------------------------------------


class _Tables(HTMLParser):
    """The tables of a page as rows of text; a table within another is one of its own."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.done: list[list[Row]] = []
        self.open: list[list[Row]] = []
        self.cell: list[str] | None = None
        self.span = 1

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """A table, row or cell begins; what was left open before it ends."""
        if tag == "table":
            self._end_cell()
            self.open.append([])
        elif tag == "tr" and self.open:
            self._end_cell()
            self.open[-1].append([])
        elif tag in ("td", "th") and self.open:
            self._end_cell()
            if not self.open[-1]:
                self.open[-1].append([])
            said = dict(attrs).get("colspan") or "1"
            self.cell, self.span = [], min(int(said), _WIDEST) if said.isdigit() else 1
        elif tag == "br" and self.cell is not None:
            self.cell.append(" ")

    def handle_endtag(self, tag: str) -> None:
        """A cell or table ends."""
        if tag in ("td", "th", "tr"):
            self._end_cell()
        elif tag == "table" and self.open:
            self._end_cell()
            self.done.append(self.open.pop())

    def handle_data(self, data: str) -> None:
        """Text of the open cell."""
        if self.cell is not None:
            self.cell.append(data)

    def _end_cell(self) -> None:
        if self.cell is not None and self.open and self.open[-1]:
            said = " ".join("".join(self.cell).split())
            self.open[-1][-1] += [said or None, *[None] * (max(self.span, 1) - 1)]
        self.cell = None


def open_page(path: Path, *, where: str) -> list[TableSheet]:
    """The tables of a web page, those in which something stands."""
    page = _Tables()
    page.feed(_text(path, where))
    page.close()
    tables = [*page.done, *reversed(page.open)]
    named = [f"table {i}" if len(tables) > 1 else None for i in range(1, len(tables) + 1)]
    return [s for rows, name in zip(tables, named, strict=True) if (s := _sheet(rows, name)) is not None]


# --- SpreadsheetML ------------------------------------------------------------------------------------------


def open_spreadsheet_xml(path: Path, *, where: str) -> list[TableSheet]:
    """The sheets of a workbook of 2003 written as XML."""
    from xml.etree.ElementTree import ParseError

    from defusedxml import DefusedXmlException
    from defusedxml.ElementTree import parse

    if path.stat().st_size > _MOST:
        raise UnreadableReport(f"{where}: too large to be read in this form; save it as .csv or .xlsx")
    try:
        root = parse(path, forbid_dtd=True).getroot()
    except (ParseError, DefusedXmlException, ValueError) as error:
        raise UnreadableReport(
            f"{where}: the workbook can't be opened, it is damaged or unsafe ({type(error).__name__}); "
            f"open it in Excel and save it as .xlsx"
        ) from error
    found = []
    for sheet in root.iter(f"{_SPREADSHEET}Worksheet"):
        hidden = any(
            v.text in ("SheetHidden", "SheetVeryHidden") for v in sheet.iter() if v.tag.endswith("}Visible")
        )
        one = _sheet(_rows(sheet), sheet.get(f"{_SPREADSHEET}Name"), visible=not hidden)
        found += [one] if one else []
    return found


def _rows(sheet: Any) -> list[Row]:
    """Its rows, empty ones put in where an index leaves them out, so that they are counted as Excel does."""
    rows: list[Row] = []
    for row in sheet.iter(f"{_SPREADSHEET}Row"):
        _fill(rows, row.get(f"{_SPREADSHEET}Index"), [], 1 << 20)
        cells: Row = []
        for cell in row.iter(f"{_SPREADSHEET}Cell"):
            _fill(cells, cell.get(f"{_SPREADSHEET}Index"), None, 1 << 14)
            data = cell.find(f"{_SPREADSHEET}Data")
            said = "".join(data.itertext()).strip() if data is not None else ""
            if data is not None and data.get(f"{_SPREADSHEET}Type") == "DateTime":
                said = said.removesuffix("T00:00:00.000")
            across = cell.get(f"{_SPREADSHEET}MergeAcross", "0")
            cells += [said or None, *[None] * (min(int(across), _WIDEST) if across.isdigit() else 0)]
        rows.append(cells)
    return rows


def _fill(listed: list[Any], index: str | None, nothing: Any, most: int) -> None:
    """Up to the place an index names, counted from 1; no further than a sheet of Excel is long."""
    if index and index.isdigit():
        listed += [nothing] * (min(int(index), most) - 1 - len(listed))


# --- JSON ---------------------------------------------------------------------------------------------------


def open_records(path: Path, *, where: str) -> list[TableSheet]:
    """Records in JSON, as a list, one a line, or under one key: a row each, numbers as they are written."""
    text = _text(path, where)
    try:
        said = _loads(text)
    except ValueError:
        try:
            said = [_loads(line) for line in text.splitlines() if line.strip()]
        except ValueError as error:
            raise UnreadableReport(f"{where}: broken as JSON ({error}); export it again") from error
    except RecursionError as error:
        raise UnreadableReport(f"{where}: JSON nested too deep; export it as .csv") from error
    records = _records(said)
    if not records:
        raise UnreadableReport(f"{where}: JSON without a list of records; export it as .csv or .xlsx")
    headers = list(dict.fromkeys(key for record in records for key in record))
    rows = [[_cell(record.get(key)) for key in headers] for record in records]
    sheet = _sheet([list(headers), *rows], None)
    return [sheet] if sheet else []


def _loads(text: str) -> Any:
    return json.loads(text, parse_float=str, parse_int=str)


def _records(said: Any) -> list[dict[str, Any]]:
    """The list of records; one that is the only list in an object counts."""
    if isinstance(said, dict):
        lists = [one for one in said.values() if isinstance(one, list)]
        said = lists[0] if len(lists) == 1 else []
    good = isinstance(said, list) and said and all(isinstance(one, dict) for one in said)
    return said if good else []


def _cell(value: Any) -> str | None:
    if value is None or isinstance(value, str):
        return value or None
    if isinstance(value, bool):
        return "Y" if value else "N"
    return json.dumps(value, ensure_ascii=False)
