"""Rectangles of text: what every file becomes before anybody asks what it is."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import duckdb
import numpy as np
import numpy.typing as npt
import pyarrow as pa

#: A sheet up to so many bytes of text, or rows of a workbook, is small.
SMALL_BYTES, SMALL_ROWS = 1 << 21, 1 << 13
RowNumbers = npt.NDArray[np.int64]
#: Position of a needed column -> how its text is best held.
Needed = Mapping[int, pa.DataType]


def engine() -> duckdb.DuckDBPyConnection:
    """A private engine in memory: it spills to the system's scratch folder, and draws nothing on the terminal."""
    con = duckdb.connect(":memory:")
    spill = f"{tempfile.gettempdir()}/cape_kit_spill".replace("\\", "/").replace("'", "''")
    con.execute(f"SET temp_directory = '{spill}'; SET enable_progress_bar = false")
    return con


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
