"""What a file is, told to a person: rows, period, columns, what to add in ACE, what is wrong with it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pandas as pd

from cape_kit.entries import client, portfolio, readers
from cape_kit.entries.readers import FileRead, Reading
from cape_kit.errors import UnreadableReport

#: Examples shown of each kind of problem.
EXAMPLES = 3


def files(path: Path) -> Iterator[FileRead]:
    """The files of a path, read one by one: a file itself, or all data files of a folder."""
    if path.is_file():
        yield readers.read_file(path, name=path.name)
        return
    if not path.is_dir():
        raise UnreadableReport(f"{path}: no such file or folder")
    found = portfolio.data_files(path)
    if not found:
        raise UnreadableReport(f"{path}: no data files in it")
    order = client.load(path).date_order if (path / "client.toml").is_file() else None
    for file in found:
        yield readers.read_file(file, name=portfolio.file_name(file, path), date_order=order)


def of_reading(reading: Reading) -> dict[str, Any]:
    """Everything worth knowing of one sheet, in plain values."""
    dates = reading.entries["entry_date"].dropna()
    headers = reading.found.headers
    columns = {name: headers[at] for name, at in reading.found.positions.items()}
    columns |= {f"{part.name} duty": headers[at] for part, _, at in reading.found.parts}
    return {
        "file": reading.file,
        "sheet": reading.sheet,
        "report": reading.profile.title,
        "profile": reading.profile.key,
        "header_row": reading.found.header_row,
        "first_day": f"{dates.min():%Y-%m-%d}" if len(dates) else None,
        "last_day": f"{dates.max():%Y-%m-%d}" if len(dates) else None,
        "extracted_on": reading.extracted_on.isoformat() if reading.extracted_on else None,
        "rows": reading.rows,
        "rows_used": reading.rows_used,
        "rows_refused": reading.rows_refused,
        "rows_blank": reading.rows_blank,
        "entries": len(reading.entries),
        "filers": sorted(reading.entries["filer_code"].dropna().unique()),
        "columns_found": columns,
        "columns_unknown": list(reading.found.unknown),
        "add_in_ace": list(reading.found.missing),
        "problems": problems(reading.problems),
    }


def problems(listed: pd.DataFrame) -> list[dict[str, Any]]:
    """Problems by kind, with how many and a few examples."""
    kinds = []
    for (code, severity), group in listed.groupby(["code", "severity"], sort=True):
        examples = group.head(EXAMPLES)
        kinds.append(
            {
                "code": code,
                "severity": severity,
                "count": len(group),
                "what_to_do": group["what_to_do"].iloc[0],
                "examples": [_example(row) for row in examples.to_dict("records")],
            }
        )
    return kinds


def _example(row: dict[Any, Any]) -> str:
    place = f"row {row['row']}" if pd.notna(row["row"]) else ""
    column = f"column {row['column']}" if isinstance(row["column"], str) else ""
    value = f"'{row['value']}'" if isinstance(row["value"], str) else ""
    where = ", ".join(filter(None, (place, column, value)))
    return f"{where}: {row['message']}" if where else str(row["message"])


def as_text(told: dict[str, Any]) -> str:
    """The account of one sheet as lines for a terminal."""
    sheet = f" [{told['sheet']}]" if told["sheet"] else ""
    period = f"{told['first_day']} to {told['last_day']}" if told["first_day"] else "no entry dates"
    lines = [
        f"{told['file']}{sheet}",
        f"  report    {told['report']} ({told['profile']}), "
        + (f"header on row {told['header_row']}" if told["header_row"] else "read by its captions"),
        f"  period    {period}" + (f", extracted {told['extracted_on']}" if told["extracted_on"] else ""),
        f"  rows      {told['rows']:,} = {told['rows_used']:,} used + {told['rows_refused']:,} refused"
        f" + {told['rows_blank']:,} without data",
        f"  entries   {told['entries']:,}"
        + (f", filers {', '.join(told['filers'])}" if told["filers"] else ""),
        f"  columns   {len(told['columns_found'])} read: " + ", ".join(told["columns_found"].values()),
    ]
    if told["columns_unknown"]:
        lines.append("  unknown   " + ", ".join(told["columns_unknown"]))
    if told["add_in_ace"]:
        lines.append("  add (ACE) " + ", ".join(told["add_in_ace"]))
    return "\n".join([*lines, *problems_as_text(told["problems"])])


def problems_as_text(kinds: list[dict[str, Any]]) -> list[str]:
    """Problems by kind as indented lines."""
    lines = []
    for kind in kinds:
        lines.append(f"  {kind['severity']:<9} {kind['code']} ×{kind['count']:,}; {kind['what_to_do']}")
        lines += [f"              {example}" for example in kind["examples"]]
    return lines
