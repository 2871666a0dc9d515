"""Workbooks as text: every sheet once, every cell as text, rows counted from row 1."""

from __future__ import annotations

import contextlib
import os
import tempfile
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pyarrow as pa

from cape_kit.entries.readers import safety
from cape_kit.entries.readers.recognise import DEPTH
from cape_kit.entries.readers.sheets import TableSheet
from cape_kit.errors import UnreadableReport

_STDERR = 2
_ONE_AT_A_TIME = threading.Lock()


def open_workbook(path: Path, *, where: str) -> tuple[list[TableSheet], int]:
    """The sheets of a workbook that hold anything, in order, and how many cells of it show an error."""
    import fastexcel

    errors = safety.look_through(path, where) if safety.is_archive(path) else 0
    try:
        with _quiet():
            book = fastexcel.read_excel(path)
            return [sheet for name in book.sheet_names if (sheet := _sheet(book, name)) is not None], errors
    except BaseException as error:
        # the reader's panics are no Exceptions; anything else that is none goes on its way
        if not isinstance(error, Exception) and type(error).__name__ != "PanicException":
            raise
        raise UnreadableReport(f"{where}: {_why(path, error)}") from error


@contextlib.contextmanager
def _quiet() -> Iterator[None]:
    """Keep a panic of the reader off the terminal: it writes there by itself, before Python hears of it.

    What others wrote to the same place meanwhile is put there afterwards.
    """
    with _ONE_AT_A_TIME, tempfile.TemporaryFile() as heard:
        try:
            kept = os.dup(_STDERR)
        except OSError:  # no terminal at all
            yield
            return
        os.dup2(heard.fileno(), _STDERR)
        try:
            yield
        finally:
            os.dup2(kept, _STDERR)
            os.close(kept)
            heard.seek(0)
            said = heard.read()
            if said and b"panicked" not in said:
                os.write(_STDERR, said)


def _sheet(book: Any, name: str) -> TableSheet | None:
    sheet = book.load_sheet(name, header_row=None, skip_rows=0, dtypes="string")
    if not sheet.height or not sheet.width:
        return None
    batch = sheet.to_arrow()
    columns = [column if column.type == pa.string() else column.cast(pa.string()) for column in batch.columns]
    table = pa.table(columns, [f"c{i}" for i in range(len(columns))])
    head = [list(row.values()) for row in table.slice(0, DEPTH).to_pylist()]
    return TableSheet(name, sheet.visible == "visible", head, table)


def _why(path: Path, error: BaseException) -> str:
    text = str(error).splitlines()[0] if str(error) else type(error).__name__
    with path.open("rb") as file:
        ole = file.read(4) == b"\xd0\xcf\x11\xe0"
    if "password" in text.lower() or (ole and path.suffix.lower() in (".xlsx", ".xlsm", ".xlsb")):
        return "the workbook is protected by a password; save it without one"
    return f"the workbook can't be opened, it is damaged or cut off ({text[:120]}); export it again"
