"""Tables as CSV for people: amounts in dollars, days as ISO, importer numbers masked, formulas defused.

A cell that a spreadsheet would run as a formula gets an apostrophe in front; a file is put in place whole or
not at all. Declaration files are not made here: their bytes are CBP's, not a spreadsheet's.
"""

from __future__ import annotations

import csv
import io
import re
from pathlib import Path
from typing import Any

import pandas as pd

from cape_kit import leftovers, money
from cape_kit.entries import client as clients
from cape_kit.entries import identifiers
from cape_kit.errors import Usage

#: The bytes at a path, whole or not at all.
put = leftovers.put
#: Columns that hold an importer's number, whatever it looks like.
NUMBERS = ("importer_number", "payee_number", "payee", "submitter_id")
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "|", "%")
_PLAIN_NUMBER = re.compile(r"-?[0-9]+(\.[0-9]+)?")


def place(out: Path, client: Path) -> Path:
    """The folder for what is made of a client: ``out/<client>``, never where the client's files are read.

    Raises Usage where that is the client's own folder or a folder in it, as when `out` is the one above it.
    """
    folder = out / clients.safe_key(client)
    own = client.resolve()
    if out.resolve().is_relative_to(own) or folder.resolve().is_relative_to(own):
        raise Usage(
            f"{folder} is inside the client's folder, where it would be read as data; give another --out"
        )
    return folder


def write(frame: pd.DataFrame, path: Path, *, private: bool = False) -> Path:
    """A table as CSV (UTF-8 with the mark Excel wants, CRLF), atomically; `private` as `put` has it."""
    return put(path, text(frame).encode("utf-8-sig"), private=private)


def text(frame: pd.DataFrame) -> str:
    """A table as the text of a CSV file; a column ``x_cents`` becomes ``x`` in dollars."""
    told = _spelt(frame)
    out = io.StringIO(newline="")
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow(told)
    writer.writerows(zip(*told.values(), strict=True))
    return out.getvalue()


def shown(frame: pd.DataFrame) -> pd.DataFrame:
    """A table with every cell as the text that goes into the file; unknown is empty."""
    return pd.DataFrame(_spelt(frame), index=frame.index)


def _spelt(frame: pd.DataFrame) -> dict[str, list[str]]:
    columns: dict[str, list[str]] = {}
    for name in frame.columns:
        values = frame[name]
        if pd.api.types.is_datetime64_any_dtype(values):
            columns[name] = values.dt.strftime("%Y-%m-%d").fillna("").tolist()
        elif str(name).endswith("_cents"):
            columns[str(name).removesuffix("_cents")] = [_dollars(value) for value in values]
        else:
            mask = identifiers.mask_importer if name in NUMBERS else str
            columns[name] = [
                "" if type(value) is not str and pd.isna(value) else defused(mask(str(value)))
                for value in values.tolist()
            ]
    return columns


def records(frame: pd.DataFrame) -> list[dict[str, Any]]:
    """A table for programs: amounts as decimal strings, days ISO, unknown None, importer numbers masked."""
    told: dict[str, list[Any]] = {}
    for name in frame.columns:
        values = frame[name]
        if pd.api.types.is_datetime64_any_dtype(values):
            told[name] = [None if pd.isna(day) else f"{day:%Y-%m-%d}" for day in values]
        elif str(name).endswith("_cents"):
            told[str(name).removesuffix("_cents")] = [_dollars(value) or None for value in values]
        elif name in NUMBERS:
            told[name] = [None if pd.isna(one) else identifiers.mask_importer(str(one)) for one in values]
        else:
            told[name] = [None if pd.isna(one) else _plain(one) for one in values]
    return [dict(zip(told, row, strict=True)) for row in zip(*told.values(), strict=True)]


def defused(cell: str) -> str:
    """A cell no spreadsheet takes for a formula; a plain number, negative ones too, stays as it is."""
    runs = cell.startswith(_FORMULA) or cell.lstrip().startswith(_FORMULA)
    return "'" + cell if runs and not _PLAIN_NUMBER.fullmatch(cell) else cell


def _dollars(value: Any) -> str:
    return "" if pd.isna(value) else str(money.to_dollars(int(value)))


def _plain(value: Any) -> Any:
    return value.item() if hasattr(value, "item") else value
