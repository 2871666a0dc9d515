"""Delimited text files: encoding and separator found out, rows numbered as a person counts them.

The quick way reads the needed columns whole; a file it refuses (ragged rows, blank lines in
the middle, an odd encoding deep inside) is read again with care, record by record.
"""

from __future__ import annotations

import codecs
import contextlib
import csv
import io
import mmap
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import islice
from pathlib import Path
from typing import Any

import duckdb
import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.csv as csv_of_arrow

from cape_kit.entries.readers.recognise import DEPTH
from cape_kit.entries.readers.sheets import SMALL_BYTES, Needed, Rectangle, engine
from cape_kit.errors import UnreadableReport

SAMPLE = 1 << 18
PORTION = 1 << 16
BLOCK = 1 << 24
PARSED = 1 << 22
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
        # An engine of its own: bytes that are no text can end it, and with it every later question put to it.
        with contextlib.suppress(duckdb.Error), engine() as apart:
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
    """Whether the engine's records are all there are: it skips empty lines, and rows would be miscounted.

    As many line ends as records is proof; otherwise there are empty lines, or line ends inside quotes.
    """
    with path.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as data:
        start = 0
        for _ in range(after_line):
            start = data.find(b"\n", start) + 1
            if start == 0:
                return records == 0 and b"\r" not in data[:]  # lone carriage returns end the lines
        end = len(data)
        while end > start and data[end - 1] in b"\r\n":
            end -= 1
        if end == start:
            return records == 0
        ends = sum(data[at : min(at + BLOCK, end)].count(b"\n") for at in range(start, end, BLOCK))
        if ends + 1 == records:
            return True
        start = max(start - 1, 0)
        return data.find(b"\n\n", start, end) < 0 and data.find(b"\n\r\n", start, end) < 0


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
            raise UnreadableReport(f"{path.name}: broken as a CSV file ({error})") from error
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
