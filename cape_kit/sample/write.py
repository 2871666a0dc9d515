"""Files of the exports, written so that the same rows always give the same bytes."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterable
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import xlsxwriter

from cape_kit.sample.columns import Cell

Table = Iterable[Iterable[Cell]]


def workbook(path: Path, sheets: dict[str, Table], *, made_on: date) -> None:
    """An .xlsx with the given sheets; its own dates are the day of the export."""
    path.write_bytes(workbook_bytes(sheets, made_on=made_on))


def text_csv(path: Path, table: Table, *, bom: bool = False) -> None:
    """A comma-separated file with CRLF line ends, as portals hand them out."""
    out = io.StringIO(newline="")
    writer = csv.writer(out)
    for row in table:
        writer.writerow(["" if value is None else value for value in row])
    path.write_bytes(out.getvalue().encode("utf-8-sig" if bom else "utf-8"))


def text(path: Path, content: str) -> None:
    """A text file with plain line ends."""
    path.write_bytes(content.encode("utf-8"))


def compact_json(path: Path, content: dict[str, Any]) -> None:
    """JSON, one entry of the main list a line, so that a change shows as a change of lines."""
    lines = []
    for key, value in content.items():
        if key == "entries":
            body = ",\n".join(json.dumps(item, separators=(",", ":")) for item in value)
            lines.append(f'"entries":[\n{body}\n]')
        else:
            lines.append(f"{json.dumps(key)}:{json.dumps(value, separators=(',', ':'))}")
    text(path, "{\n" + ",\n".join(lines) + "\n}\n")


def workbook_bytes(sheets: dict[str, Iterable[Iterable[Cell]]], *, made_on: date) -> bytes:
    """The bytes of an .xlsx with these sheets; its own date is the day of the export.

    Texts stay texts, whatever they look like: an export's ``="…"`` must reach the file as it stands.
    """
    out = io.BytesIO()
    with xlsxwriter.Workbook(out, {"in_memory": True}) as book:
        book.set_properties({"author": "synthetic sample", "created": datetime(*made_on.timetuple()[:3])})  # noqa: DTZ001
        formats = {
            date: book.add_format({"num_format": "mm/dd/yyyy"}),
            Decimal: book.add_format({"num_format": "#,##0.00"}),
        }
        for title, table in sheets.items():
            sheet = book.add_worksheet(title)
            for row, cells in enumerate(table):
                for column, value in enumerate(cells):
                    if isinstance(value, str):
                        sheet.write_string(row, column, value)
                    elif isinstance(value, date):
                        sheet.write_datetime(row, column, value, formats[date])
                    elif value is not None:
                        sheet.write_number(
                            row, column, value, formats[Decimal] if isinstance(value, Decimal) else None
                        )
    return out.getvalue()
