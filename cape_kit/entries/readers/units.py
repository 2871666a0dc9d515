"""In what unit a sheet's amounts stand: US dollars, unless its own words say otherwise.

A title that says "in thousands", a row of units under the header, or a column that names another currency, makes
each amount below it another one than its figure. Nothing is converted: the word is written before the figure, so
that the cell is no amount of dollars, is listed as that and is unknown.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from functools import cache

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from cape_kit.entries.readers import cells
from cape_kit.entries.readers.layouts import collapse, words
from cape_kit.entries.readers.recognise import Recognised, names_an_entry
from cape_kit.entries.readers.sheets import Rectangle, Sheet

#: Rows under the header that are looked at for units.
_ROWS_OF_UNITS = 2


@cache
def _words(name: str) -> frozenset[str]:
    """The words of one kind, for comparing: of headers, of dollars, of units that stand alone."""
    if name == "bare":
        return _words("alone") | _words("currencies")
    return frozenset(collapse(word) for word in words().units[name])


@cache
def _said() -> re.Pattern[str]:
    """A scale, or another currency, as a title says it."""
    raw = words().units
    scales = "|".join(raw["scales"])
    currencies = "|".join(map(re.escape, raw["currencies"]))
    return re.compile(rf"(?<![a-z0-9])(?:{scales}|in (?:{currencies})|\((?:{currencies})\))(?![a-z0-9])")


def in_dollars(rectangle: Rectangle, sheet: Sheet, report: Recognised, amounts: Sequence[int]) -> Rectangle:
    """The rows with the unit written before every amount that is not in dollars; the same where all are.

    `amounts` are the positions of the columns of money.
    """
    of_sheet = _of_title(sheet.head[: report.header_row - 1])
    of_sheet = of_sheet or _of_units(sheet.head[report.header_row :], amounts)
    columns = [name for name in _named(report) if name in rectangle.text.column_names]
    if of_sheet is None and not columns:
        return rectangle
    rows = rectangle.text.num_rows
    unit = np.full(rows, of_sheet, dtype=object)
    for name in columns:
        here = _foreign(rectangle.text[name])
        unit[here.astype(bool)] = here[here.astype(bool)]
    marked = np.array([one is not None for one in unit])
    if not marked.any():
        return rectangle
    return replace(rectangle, text=_written(rectangle.text, unit, marked, [f"c{at}" for at in amounts]))


def _of_title(above: Sequence[Sequence[str | None]]) -> str | None:
    """What the rows above the header say of all amounts; nothing where they do not."""
    for row in above:
        for cell in row:
            found = _said().search(" ".join((cell or "").lower().split()))
            if found:
                return found.group().strip("()")
    return None


def _of_units(below: Sequence[Sequence[str | None]], amounts: Sequence[int]) -> str | None:
    """What a row of units between the header and the first entry says of the amounts; nothing where there is none."""
    for row in below[:_ROWS_OF_UNITS]:
        if names_an_entry(row):
            return None
        for at in (at for at in amounts if at < len(row)):
            text = " ".join((row[at] or "").lower().split())
            if collapse(text) in _words("bare") or text == "%":
                return text
            if found := _said().search(text):
                return found.group().strip("()")
    return None


def _named(report: Recognised) -> list[str]:
    """The columns that name a currency."""
    return [f"c{at}" for at, header in enumerate(report.headers) if collapse(header) in _words("headers")]


def _foreign(column: pa.ChunkedArray) -> npt.NDArray[np.object_]:
    """Per row, a currency that is not the dollar; null for dollars and for an empty cell."""
    held = cells.coded(column)
    told = [text.strip() for text in held.values.to_pylist()]
    other = [
        text if text and collapse(text) not in _words("dollars") and text != "$" else None for text in told
    ]
    return np.array([*other, None], dtype=object)[held.codes]


def _written(
    text: pa.Table, unit: npt.NDArray[np.object_], marked: npt.NDArray[np.bool_], names: Sequence[str]
) -> pa.Table:
    """The amounts of the marked rows with their unit before them; an empty cell stays empty."""
    before = pa.array(
        [f"{one} " if here else "" for one, here in zip(unit, marked, strict=True)], pa.string()
    )
    for name in names:
        if name not in text.column_names:
            continue
        plain = pc.cast(text[name], pa.string())
        plain = plain.combine_chunks() if isinstance(plain, pa.ChunkedArray) else plain
        filled = pc.fill_null(pc.greater(pc.utf8_length(pc.utf8_trim_whitespace(plain)), 0), False)
        both = pc.binary_join_element_wise(before, plain, "")
        column = pc.if_else(filled, both, plain)
        text = text.set_column(text.column_names.index(name), name, pa.chunked_array([column]))
    return text
