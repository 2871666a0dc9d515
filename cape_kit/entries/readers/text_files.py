"""Files that are text: delimited ones, and tables behind other names: web pages, SpreadsheetML, JSON records.

Of delimited text, encoding and separator are found out, and rows numbered as a person counts them.
"""

from __future__ import annotations

import codecs
import contextlib
import csv
import io
import json
import mmap
import re
from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from html.parser import HTMLParser
from itertools import islice
from pathlib import Path
from typing import Any

import duckdb
import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.csv as csv_of_arrow

from cape_kit.entries.readers.recognise import DEPTH
from cape_kit.entries.readers.sheets import SMALL_BYTES, Needed, Rectangle, TableSheet, engine
from cape_kit.errors import UnreadableReport, in_words

SAMPLE = 1 << 18
PORTION = 1 << 16
BLOCK = 1 << 24
PARSED = 1 << 22
_LINE_END = re.compile(rb"\r\n?|\n")
SEPARATORS = (",", "\t", ";", "|")
#: How many columns there are, and which are needed.
Shape = tuple[int, Needed]
_BOMS = ((codecs.BOM_UTF8, "utf-8"), (codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"))


@dataclass(frozen=True)
class TextSheet:
    """One delimited text file in UTF-8."""

    path: Path
    separator: str
    head: Sequence[Sequence[str | None]]
    line_ends: Sequence[int]  # physical line on which each record of the head ends
    name: str | None = None
    visible: bool = True

    @property
    def small(self) -> bool:
        """Whether it costs nothing to read every column of it."""
        return self.path.stat().st_size <= SMALL_BYTES

    def attempts(self, con: Any, header_row: int, needed: Needed) -> Iterator[Rectangle]:
        """All columns at once; the engine's own scan, which bears short rows; record by record."""
        width = len(self.head[header_row - 1])
        lines = self.line_ends[header_row - 1]
        with contextlib.suppress(pa.ArrowInvalid):
            yield Rectangle(_columnar(self.path, self.separator, lines, (width, needed)), header_row + 1)
        # An engine of its own: bytes that are no text can end it, and with it every later question put to it. What it
        # says of a line with such bytes may be no text either.
        with contextlib.suppress(duckdb.Error, UnicodeDecodeError), engine() as apart:
            text = apart.sql(self._scan(header_row, (width, needed))).to_arrow_table()
            yield Rectangle(text, header_row + 1, partial(_all_there, self.path, lines))
            del text
        yield Rectangle(*_careful(self.path, self.separator, header_row, (width, needed)))

    def _scan(self, header_row: int, shape: Shape) -> str:
        width, needed = shape
        columns = ", ".join(f"'c{i}': 'VARCHAR'" for i in range(width))
        path = str(self.path).replace("'", "''")
        return (
            f"SELECT {', '.join(f'c{i}' for i in needed)} FROM "
            f"read_csv('{path}', auto_detect = false, header = false, columns = {{{columns}}}, "
            f"delim = '{self.separator}', quote = '\"', escape = '\"', null_padding = true, "
            f"skip = {self.line_ends[header_row - 1]})"
        )


def open_text(path: Path, scratch: Path, *, where: str) -> TextSheet:
    """A text file as a sheet; anything but UTF-8 is first written anew in the scratch folder."""
    start = _start(path)
    encoding = _encoding(start)
    if encoding is None:
        raise UnreadableReport(f"{where}: not a report: neither a workbook nor text")
    if encoding != "utf-8":
        path = _transcode(path, encoding, scratch)
        start = _start(path)
    text = start.removeprefix(codecs.BOM_UTF8).decode("utf-8", errors="replace")
    separator = _separator(text)
    head, ends = _head(text, separator)
    return TextSheet(path, separator, head, ends)


def _start(path: Path) -> bytes:
    with path.open("rb") as file:
        return file.read(SAMPLE)


def _encoding(start: bytes) -> str | None:
    """The encoding a file's first bytes speak for; None when they are no text."""
    for bom, name in _BOMS:
        if start.startswith(bom):
            return name
    if b"\x00" in start:
        odd, even = start[1::2].count(0), start[::2].count(0)
        if max(odd, even) < len(start) // 4:
            return None
        return "utf-16-le" if odd > even else "utf-16-be"
    try:
        codecs.getincrementaldecoder("utf-8")().decode(start)
    except UnicodeDecodeError:
        return "cp1252"
    control = sum(start.count(bytes([c])) for c in range(32) if c not in (9, 10, 12, 13))
    return None if control > len(start) // 100 else "utf-8"


def _transcode(path: Path, encoding: str, scratch: Path) -> Path:
    target = scratch / f"{path.stem}.utf8.csv"
    with (
        path.open(encoding=encoding, errors="replace", newline="") as source,
        target.open("w", encoding="utf-8", newline="") as out,
    ):
        while chunk := source.read(1 << 20):
            out.write(chunk)
    return target


def _separator(text: str) -> str:
    """The separator that cuts the first rows into most cells."""
    best = (0, 0, ",")
    for rank, separator in enumerate(SEPARATORS):
        widths = [len(row) for row in _head(text, separator)[0] if len(row) > 1]
        common = max(widths, key=widths.count, default=0) if widths else 0
        score = (widths.count(common) * common, -rank, separator)
        best = max(best, score)
    return best[2]


def _head(text: str, separator: str) -> tuple[list[list[str | None]], list[int]]:
    """The first records, with the physical line each ends on."""
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=separator)
    rows: list[list[str | None]] = []
    ends: list[int] = []
    try:
        for row in reader:
            rows.append([cell or None for cell in row])
            ends.append(reader.line_num)
            if len(rows) > DEPTH:
                break
    except csv.Error:
        pass  # the sample was cut within a cell, or is no CSV: what was read so far decides
    return rows, ends


def _columnar(path: Path, separator: str, lines: int, shape: Shape) -> pa.Table:
    """The needed columns as text, below that many lines.

    Raises ArrowInvalid when rows differ in width; an empty line is such a row.
    """
    width, needed = shape
    names = [f"c{i}" for i in range(width)]
    return csv_of_arrow.read_csv(
        path,
        csv_of_arrow.ReadOptions(column_names=names, skip_rows=lines, block_size=PARSED),
        csv_of_arrow.ParseOptions(delimiter=separator, ignore_empty_lines=False),
        csv_of_arrow.ConvertOptions(
            include_columns=[f"c{i}" for i in needed],
            column_types={f"c{i}": held for i, held in needed.items()},
            null_values=[""],
            strings_can_be_null=True,
        ),
    )


def _all_there(path: Path, after_line: int, records: int) -> bool:
    """Whether the engine's records are all there are: it skips empty lines, and loses its way where line ends differ.

    As many line ends as records is proof, those inside quotes not counted; anything else is none.
    """
    with path.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as data:
        above = deque(islice(_LINE_END.finditer(data), after_line), maxlen=1)
        start, end = above[0].end() if above else 0, len(data)
        while end > start and data[end - 1] in b"\r\n":
            end -= 1
        if end == start:
            return records == 0
        blocks = [(at, min(at + BLOCK, end)) for at in range(start, end, BLOCK)]
        if any(data[at:to].count(b"\r") != data[at : min(to + 1, end)].count(b"\r\n") for at, to in blocks):
            return False  # lone carriage returns: to some they end a line, to others they do not
        if sum(data[at:to].count(b"\n") for at, to in blocks) + 1 == records:
            return True
        return _ends_outside_quotes(data[at:to] for at, to in blocks) + 1 == records


def _ends_outside_quotes(blocks: Iterable[bytes]) -> int:
    """Line ends behind an even number of quotes: those that end a record."""
    ends, inside = 0, 0
    for block in blocks:
        signs = np.frombuffer(block, np.uint8)
        signs = signs[(signs == ord('"')) | (signs == ord("\n"))]
        before = np.cumsum(signs == ord('"')) + inside
        ends += int(((signs == ord("\n")) & (before & 1 == 0)).sum())
        inside = int(before[-1]) if len(before) else inside
    return ends


def _careful(
    path: Path, separator: str, header_row: int, shape: Shape
) -> tuple[pa.Table, npt.NDArray[np.int64]]:
    """Record by record: needed columns, whether cells stand beyond the header's, and the row numbers."""
    for encoding in ("utf-8-sig", "cp1252"):
        try:
            with path.open(
                encoding=encoding, errors="replace" if encoding == "cp1252" else "strict", newline=""
            ) as file:
                batches = list(
                    _batches(islice(csv.reader(file, delimiter=separator), header_row, None), shape)
                )
        except UnicodeDecodeError:
            continue
        except csv.Error as error:
            raise UnreadableReport(f"{path.name}: broken as a CSV file ({in_words(error)})") from error
        break
    table = pa.Table.from_batches(batches)
    return table, np.arange(header_row + 1, header_row + 1 + table.num_rows, dtype=np.int64)


def _batches(records: Iterator[list[str]], shape: Shape) -> Iterator[pa.RecordBatch]:
    """Records in portions, as columns c0, c1 … and `beyond`; at least one portion, even when empty."""
    width, needed = shape
    while True:
        portion = list(islice(records, PORTION))
        columns = {
            f"c{i}": pa.array([(r[i] or None) if i < len(r) else None for r in portion], type=pa.string())
            for i in needed
        }
        beyond = [any(cell.strip() for cell in r[width:]) for r in portion]
        yield pa.RecordBatch.from_pydict({**columns, "beyond": pa.array(beyond, type=pa.bool_())})
        if len(portion) < PORTION:
            return


# --- tables behind other names ----------------------------------------------------------------------------


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


def _in_memory(rows: Sequence[Row], name: str | None, *, visible: bool = True) -> TableSheet | None:
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
    return [s for rows, name in zip(tables, named, strict=True) if (s := _in_memory(rows, name)) is not None]


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
        one = _in_memory(_rows(sheet), sheet.get(f"{_SPREADSHEET}Name"), visible=not hidden)
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
            raise UnreadableReport(f"{where}: broken as JSON ({in_words(error)}); export it again") from error
    except RecursionError as error:
        raise UnreadableReport(f"{where}: JSON nested too deep; export it as .csv") from error
    records = _records(said)
    if not records:
        raise UnreadableReport(f"{where}: JSON without a list of records; export it as .csv or .xlsx")
    headers = list(dict.fromkeys(key for record in records for key in record))
    rows = [[_cell(record.get(key)) for key in headers] for record in records]
    sheet = _in_memory([list(headers), *rows], None)
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
