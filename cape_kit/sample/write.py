"""Files of the exports, written so that the same rows always give the same bytes."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterable
from datetime import date
from pathlib import Path
from typing import Any

from cape_kit.sample import workbook as xlsx
from cape_kit.sample.columns import Cell

Table = Iterable[Iterable[Cell]]


def workbook(path: Path, sheets: dict[str, Table], *, made_on: date) -> None:
    """An .xlsx with the given sheets; its own dates are the day of the export."""
    path.write_bytes(xlsx.workbook(sheets, made_on=made_on))


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
