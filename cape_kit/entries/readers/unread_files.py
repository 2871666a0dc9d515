"""What is not read: files of the kit's own, left alone; sheets nobody could read.

Its own files are known by what they hold. Of a file or sheet that was not read: its
rows and dollars, whose entries it holds, what to do about it.
"""

from __future__ import annotations

import json
import re
import zipfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import duckdb
import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from cape_kit import money
from cape_kit.entries import identifiers, schema
from cape_kit.entries.readers import (
    cells,
    column_evidence,
    letters,
    matching,
    openers,
    other_columns,
    recognise,
    rows,
)
from cape_kit.entries.readers.amounts import READ, UNREAD, amounts_in
from cape_kit.entries.readers.cells import Flags
from cape_kit.entries.readers.layouts import toml, words
from cape_kit.entries.readers.recognise import Nearest
from cape_kit.entries.readers.sheets import Sheet
from cape_kit.errors import in_short

# --- files of the kit -------------------------------------------------------------------------------------


#: How much of a file is looked at for its title.
_START = 1 << 16
_PDF = 64 << 20
_MACHINE = re.compile(r"[a-z][a-z0-9_]*")


@cache
def _marks() -> dict[str, Any]:
    return toml("_own.toml")


def made_by_kit(path: Path) -> bool:
    """Whether the kit wrote a file: its report, workbook, calendar, manifest or one of its tables.

    A declaration file is CBP's form and carries no mark; it is a layout of its own, read as a mere list.
    """
    if openers.is_archive(path):
        return _titled(path)
    with path.open("rb") as file:
        start = file.read(_START)
        rest = file.read(_PDF) if start.startswith(b"%PDF") else b""
    if start.startswith(b"%PDF"):
        return any(form in start + rest for form in _forms(_marks()["title"]))
    text = start.decode("utf-8-sig", errors="replace").lstrip()
    if text.startswith("BEGIN:VCALENDAR"):
        return f"//{_marks()['maker']}//" in text
    if text.startswith("{"):
        return _notebook_or_manifest(path, text)
    if text[:15].lower().startswith(("<!doctype", "<html")):
        title = re.search(r"<title>(.*?)</title>", text, re.DOTALL)
        return title is not None and _marks()["title"] in title.group(1)
    return _table(text.splitlines()[0] if text else "", marked=start.startswith(b"\xef\xbb\xbf"))


def _titled(path: Path) -> bool:
    """Whether a workbook's own properties name the kit."""
    try:
        with zipfile.ZipFile(path) as archive:
            core = archive.read("docProps/core.xml")[:_START].decode("utf-8", errors="replace")
    except openers.ARCHIVE_TROUBLE:
        return False
    marks = _marks()
    return f"<dc:title>{marks['title']}" in core or f"{marks['maker']}<" in core


def _notebook_or_manifest(path: Path, start: str) -> bool:
    if '"cells"' in start and "cape_kit" in start:
        return True
    if start.replace(" ", "").startswith('{"cape_kit_entries"'):
        return True
    if not ('"fingerprint"' in start[:200] and '"parameters"' in start[:400]):
        return False
    try:
        found = json.loads(path.read_text("utf-8"))
    except (ValueError, OSError):
        return False
    return isinstance(found, dict) and {"fingerprint", "kit", "outputs"} <= set(found)


def _table(header: str, *, marked: bool) -> bool:
    """Whether a line of headers is of a table of the kit; without Excel's mark in front it takes one more."""
    names = header.rstrip("\r\n").split(",")
    if not all(_MACHINE.fullmatch(name) for name in names):
        return False
    return len(set(names) & set(_marks()["columns"])) >= (2 if marked else 3)


def _forms(text: str) -> Iterator[bytes]:
    """How a printed document may hold a title."""
    wide = text.encode("utf-16-be")
    yield from (text.encode(), wide, wide.hex().upper().encode(), wide.hex().encode())


# --- sheets nobody could read -----------------------------------------------------------------------------


#: How alike a header must be to be named as perhaps the missing column; nothing is ever taken by it.
_ALIKE = 0.6
#: What may be one within a text; Python looks closer at those cells alone.
_WITHIN = r"[0-9A-Za-z]{3}[- ]?[0-9]{7}[- ]?[0-9]"
_NUMBER = r"""^[\s'="]*[0-9A-Za-z]{3}[- ]?[0-9]{7}[- ]?[0-9]["\s]*$"""
#: What may be an HTS number, or an entry's in whatever form: seven digits and more, or four and two with a dot.
_OF_CUSTOMS = (
    r"""^[\s'="]*([0-9A-Za-z]{0,3}[- ]?[0-9]{7,8}[- ]?[0-9]?"""
    r"""|[0-9]{4}\.[0-9]{2}(\.[0-9.]+)|99[0-9]{6,8})(\.0+)?["\s]*$"""
)
_NAMED, _FILERS = 3, 12


@dataclass(frozen=True)
class Unread:
    """What was not read: why, how many rows and entries it holds, by which filers, its dollars by column.

    `rows` is None where the file can't be opened at all, and `entries` where it shows none.
    """

    file: str
    sheet: str | None
    why: str
    money: pd.DataFrame
    rows: int | None = None
    entries: int | None = None
    filers: tuple[str, ...] = ()
    nearest: Nearest | None = None
    numbers: frozenset[str] = frozenset()  # the entries found in it
    of_customs: bool = True  # whether anything in it may be of entries: an invoice's dollars are of none

    @property
    def has_dollars(self) -> bool:
        """Whether dollars that may be duty were found in it."""
        return self.of_customs and bool(self.money["not_understood_cents"].fillna(0).any())

    @property
    def has_data(self) -> bool:
        """Whether entry numbers, or dollars that may be duty, were found in it."""
        return bool(self.entries) or self.has_dollars

    @property
    def matters(self) -> bool:
        """Whether it holds data, was meant as a report, or can't be looked into."""
        return self.rows is None or self.has_data or self.nearest is not None

    @property
    def holds(self) -> str:
        """Its rows, dollars and entries in words: "12 rows, $345.00 in column 'Duty (USD)', 11 entries …"."""
        return holds(self.rows, self.entries, self.filers, self.money)


def holds(rows: int | None, entries: int | None, filers: Sequence[str], listed: pd.DataFrame) -> str:
    """What stands in a sheet that was not read, in words. `listed`: its lines of the account of money."""
    if rows is None and not entries:
        return "what it holds is not known"
    told = [] if rows is None else [_many(rows, "row")]
    filled = listed[listed["not_understood_cents"] != 0]
    if len(filled):
        each = [
            f"{money.show(int(one['not_understood_cents']))} in column '{in_short(one['column'])}'"
            for one in filled.head(_NAMED).to_dict("records")
        ]
        more = f" and money in {len(filled) - _NAMED} more" if len(filled) > _NAMED else ""
        told.append(", ".join(each) + more)
    if entries:
        many = f"{entries:,} {'entry' if entries == 1 else 'entries'}"
        more = f" and {len(filers) - _FILERS} more" if len(filers) > _FILERS else ""
        told.append(f"{many} of filer {', '.join(filers[:_FILERS])}{more}")
    if rows is None:
        told.append(f"what is said of {'it' if entries == 1 else 'them'} is not known")
    return ", ".join(told)


def closed(file: str, why: str, named: frozenset[str] = frozenset(), sheet: str | None = None) -> Unread:
    """A file that can't be opened, or pages of one, with the entry numbers seen there all the same."""
    filers = tuple(sorted({number[:3] for number in named}))
    count = len(named) if named else None
    return Unread(file, sheet, why, schema.empty("money"), entries=count, filers=filers, numbers=named)


def look_into(con: duckdb.DuckDBPyConnection, sheet: Sheet, *, file: str, why: str) -> Unread:
    """What stands in a sheet nobody could read as a report."""
    if not any(any((cell or "").strip() for cell in row) for row in sheet.head):
        return Unread(file, sheet.name, why, schema.empty("money"), 0, 0)
    headers, text = _cells(con, sheet)
    filled = _filled(text)
    data = filled & ~_totals(text)
    text = text.filter(pa.array(filled))
    data = data[filled]
    lines, numbers = [], set()
    for at, name in enumerate(text.column_names):
        header = other_columns.header_of(headers, at)
        found = _numbers_of_column(text[name])
        numbers |= found
        line = None if found else _line(text[name], header, data)
        lines += [line] if line else []
    frame = schema.conform(pd.DataFrame(lines).assign(file=file, sheet=sheet.name), "money")
    filers = tuple(sorted({number[:3] for number in numbers}))
    told = frame if lines else schema.empty("money")
    nearest = matching.nearest(sheet.head)
    customs = _of_customs(headers, text.filter(pa.array(data)))
    held, within = int(data.sum()), frozenset(numbers)
    return Unread(file, sheet.name, why, told, held, len(within), filers, nearest, within, customs)


def _of_customs(headers: Sequence[str], text: pa.Table) -> bool:
    """Whether a header speaks of entries, duty or their state, or a column's numbers may be theirs.

    Without headers nobody can say it is not.
    """
    subjects = ("ieepa", "duty", "entry", "state")
    if not headers or any(
        column_evidence.speaks_of(header, subject) for header in headers for subject in subjects
    ):
        return True
    shaped = (pc.match_substring_regex(column, _OF_CUSTOMS) for column in text.columns)
    return any(pc.any(pc.fill_null(one, False)).as_py() for one in shaped)


def _cells(con: duckdb.DuckDBPyConnection, sheet: Sheet) -> tuple[Sequence[str], pa.Table]:
    """The headers, none where there is no header row, and every row below as text.

    Without a header the first filled row is data like the others.
    """
    nearest = matching.nearest(sheet.head)
    at = nearest.header_row - 1 if nearest else recognise.likely_header(sheet.head)
    first = next(i for i, row in enumerate(sheet.head) if any((cell or "").strip() for cell in row))
    start = first if at is None else at
    text = rows.every_cell(con, sheet, start + 1)
    if at is not None:
        return [(cell or "").strip() for cell in sheet.head[at]], text
    row = [*sheet.head[first], *[None] * (text.num_columns - len(sheet.head[first]))]
    above = pa.table({f"c{i}": pa.array([cell], pa.string()) for i, cell in enumerate(row)})
    return [], pa.concat_tables([above, text])


def _filled(text: pa.Table) -> Flags:
    """Rows in which something stands."""
    says = np.zeros(text.num_rows, dtype=bool)
    for column in text.columns:
        cells = pc.utf8_trim_whitespace(column)
        says |= pc.fill_null(pc.not_equal(cells, ""), False).to_numpy()
    return says


def _totals(text: pa.Table) -> Flags:
    """Rows whose first filled cell says that they add up others."""
    first = pc.coalesce(
        *(pc.if_else(pc.equal(pc.utf8_trim_whitespace(c), ""), None, c) for c in text.columns)
    )
    said = "|".join(word.replace(" ", r"\s*") for word in words().totals)
    pattern = rf"(?i)^\s*(({said})s?\b.*|.*\btotals?:?)\s*$"
    return pc.fill_null(pc.match_substring_regex(first, pattern), False).to_numpy()


def _numbers_of_column(text: pa.ChunkedArray) -> set[str]:
    """The entry numbers of a column, where most of what has their shape has the right check digit.

    They fill its cells; where no cell is one, those in its running text.
    """
    held = cells.coded(text).values
    shaped = held.filter(pc.fill_null(pc.match_substring_regex(held, _NUMBER), False)).to_pylist()
    if not shaped:
        said = held.filter(pc.fill_null(pc.match_substring_regex(held, _WITHIN), False)).to_pylist()
        shaped = [one for text in said for one in letters.IN_TEXT.findall(text.upper())]
    numbers = [identifiers.normalise_entry_number(one) for one in dict.fromkeys(shaped)]
    valid = {one.normalised for one in numbers if one.valid and one.normalised}
    return valid if 2 * len(valid) >= len(numbers) else set()


def _line(text: pa.ChunkedArray, header: str, data: Flags) -> dict[str, object] | None:
    """A column's line of the account, if it holds money."""
    said = amounts_in(text)
    read, filled = int((said.said == READ).sum()), int((said.said > 0).sum())
    if not other_columns.holds_money(header, text, read=read, filled=filled):
        return None
    apart = said.sum(data)
    return {
        "column": in_short(header),
        "taken_as": None,
        "cells": int((data & (said.said > 0)).sum()),
        "sum_cents": said.sum(),
        **dict.fromkeys(("used_cents", "refused_cents", "repeated_cents", "not_needed_cents"), 0),
        "not_understood_cents": apart,
        "passed_over_cents": said.sum(~data),
        "cells_unread": int((data & (said.said == UNREAD)).sum()),
    }


def advice(nearest: Nearest | None) -> str | None:
    """What to do about a sheet whose header is there and lacks a column: which header is perhaps that one."""
    if nearest is None:
        return None
    perhaps = perhaps_called(nearest)
    if not perhaps:
        lacking = ", ".join(nearest.lacking)
        return f"export it again with {lacking}, or take it out of the folder if another file has its entries"
    each = " and ".join(f"'{in_short(header)}' to '{name}'" for name, header in perhaps.items())
    return (
        f"if that is right, rename {each} in a copy and run again, or say it in the file that cape-kit inspect "
        f"--propose writes; the kit takes no column by likeness alone"
    )


def perhaps_called(nearest: Nearest) -> dict[str, str]:
    """Missing column, as the layout calls it -> the header of the sheet that is most like it, if one is."""
    told: dict[str, str] = {}
    free = [header for header in nearest.free if header]
    for lacking, names in zip(nearest.lacking, nearest.names, strict=True):
        scores = {
            header: max(column_evidence.likeness(header, name) for name in names) for header in free if names
        }
        best = max(scores, key=lambda header: scores[header], default=None)
        if best is not None and scores[best] >= _ALIKE:
            told[lacking] = best
            free.remove(best)
    return told


def _many(count: int, what: str) -> str:
    return f"{count:,} {what}{'' if count == 1 else 's'}"
