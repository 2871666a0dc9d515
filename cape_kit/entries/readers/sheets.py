"""Rectangles of text: what every file becomes before anybody asks what it is; the days said above their headers."""

from __future__ import annotations

import os
import re
import tempfile
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Protocol

import duckdb
import numpy as np
import numpy.typing as npt
import pyarrow as pa

from cape_kit.entries.readers.layouts import collapse
from cape_kit.leftovers import PREFIX

#: A sheet up to so many bytes of text, or rows of a workbook, is small.
SMALL_BYTES, SMALL_ROWS = 1 << 21, 1 << 13
RowNumbers = npt.NDArray[np.int64]
#: Position of a needed column -> how its text is best held.
Needed = Mapping[int, pa.DataType]


def engine(*, threads: int | None = None) -> duckdb.DuckDBPyConnection:
    """A private engine in memory: it spills to the system's scratch folder, and draws nothing on the terminal."""
    con = duckdb.connect(":memory:", config={} if threads is None else {"threads": threads})
    spill_here(con)
    # In a kernel without ipywidgets the engine refuses even to have none drawn, and draws none.
    with suppress(duckdb.InvalidInputException):
        con.execute("SET enable_progress_bar = false")
    return con


def spill_here(con: duckdb.DuckDBPyConnection) -> None:
    """Have an engine spill to a folder of this very process."""
    # A name of its own: a folder that another user of the machine left there could not be written to. Killed while
    # it spills, the process leaves it to the next sweep.
    spill = f"{tempfile.gettempdir()}/{PREFIX}{os.getpid()}-spill".replace("\\", "/").replace("'", "''")
    con.execute(f"SET temp_directory = '{spill}'")


@dataclass(frozen=True)
class Rectangle:
    """The rows below the header: text columns c0, c1 …, in the order of the file.

    A column `beyond`, where there is one, marks rows with cells beyond the header's.
    """

    text: pa.Table
    numbering: RowNumbers | int  # row of each record as a person counts, or the number of the first record
    sound: Callable[[int], bool] | None = None  # whether that many records can be all there are


class Sheet(Protocol):
    """One sheet of a workbook, or one text file."""

    @property
    def name(self) -> str | None:
        """Name of a workbook's sheet."""
        ...

    @property
    def visible(self) -> bool:
        """Whether a person sees it."""
        ...

    @property
    def head(self) -> Sequence[Sequence[str | None]]:
        """The first rows of the file, from row 1."""
        ...

    @property
    def small(self) -> bool:
        """Whether it costs nothing to read every column of it."""
        ...

    def attempts(self, con: Any, header_row: int, needed: Needed) -> Iterator[Rectangle]:
        """Ways to read the rows below the header, the fastest first; a later one is tried when one fails."""
        ...


@dataclass(frozen=True)
class TableSheet:
    """A sheet that is in memory already: one text column per position. `skip`: rows of the file above it."""

    name: str | None
    visible: bool
    head: Sequence[Sequence[str | None]]
    table: pa.Table
    skip: int = 0

    @property
    def small(self) -> bool:
        """Whether it costs nothing to read every column of it."""
        return self.table.num_rows <= SMALL_ROWS

    def attempts(self, con: Any, header_row: int, needed: Needed) -> Iterator[Rectangle]:
        """The one way: the table itself, cut below the header."""
        below = self.table.slice(header_row).select([f"c{i}" for i in needed])
        yield Rectangle(below, self.skip + header_row + 1)


# --- the days said above a header -------------------------------------------------------------------------


_RUN = (
    "rundate",
    "reportdate",
    "reportrundate",
    "extracted",
    "extractedon",
    "extractdate",
    "asof",
    "asofdate",
    "generated",
    "generatedon",
    "dategenerated",
    "printed",
    "printdate",
    "refreshdate",
    "lastrefreshdate",
    "executiondate",
)
_END = ("entrydateto", "todate", "enddate", "dateto", "entrydateend", "entrydatethrough", "through")
_FORMATS = ("%Y-%m-%d", "%d-%b-%Y", "%b %d, %Y", "%B %d, %Y", "%d %b %Y", "%d %B %Y")
_SLASHED = {"MDY": "%m/%d/%Y", "DMY": "%d/%m/%Y"}
_DAY = re.compile(
    r"\d{4}-\d{2}-\d{2}|\d{1,2}/\d{1,2}/\d{4}|\d{1,2}[- ][A-Za-z]{3,9}[- ]\d{4}|[A-Za-z]{3,9} \d{1,2}, \d{4}"
)


def days_said(
    rows: Iterable[Sequence[str | None]], order: str | None = None
) -> tuple[date | None, date | None]:
    """The run date and the end of the range asked for, where labelled cells say them.

    A label is a cell of its own with the day in the next filled one ("Run Date" | 05/05/2026), or the
    start of the cell ("Run Date: 05/05/2026"). Days are read as ISO, with the month's name, or
    slashed in the client's order, which without a word of theirs is ACE's: month first.
    """
    run: date | None = None
    end: date | None = None
    for row in rows:
        filled = [cell.strip() for cell in row if cell and cell.strip()]
        for index, cell in enumerate(filled):
            label = collapse(_DAY.split(cell)[0])
            if label not in _RUN + _END:
                continue
            following = filled[index + 1] if index + 1 < len(filled) else ""
            found = _day(cell, order) or _day(following, order)
            if found and label in _RUN:
                run = run or found
            if found and label in _END:
                end = end or found
    return run, end


def _day(text: str, order: str | None) -> date | None:
    match = _DAY.search(text)
    if not match:
        return None
    for form in (*_FORMATS, _SLASHED[order or "MDY"]):
        try:
            return datetime.strptime(match.group(), form).date()  # noqa: DTZ007 - calendar days have no zone
        except ValueError:
            continue
    return None
