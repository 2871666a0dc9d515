"""The account of the files read: what each is, and where every one of its rows went."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pandas as pd

from cape_kit.entries import schema
from cape_kit.entries.client import FACTS, SCENARIOS
from cape_kit.entries.readers import Reading, findings


def table(readings: Sequence[Reading]) -> pd.DataFrame:
    """One row per sheet read. Rows = used + refused + repeated + blank, or the kit has lost a row and stops."""
    rows = [_row(reading) for reading in readings]
    for row, reading in zip(rows, readings, strict=True):
        if row["rows"] != sum(row[f"rows_{kind}"] for kind in ("used", "refused", "repeated", "blank")):
            raise AssertionError(f"{reading.name}: {row['rows']} rows read, but the account does not add up")
    return schema.conform(pd.DataFrame(rows), "files") if rows else schema.empty("files")


def misnamed(folder: Path) -> pd.DataFrame:
    """Files meant as facts.csv or scenarios.toml that are not read: other letters, or a sub-folder."""
    rows = []
    for path in sorted(folder.rglob("*")):
        name = next((own for own in (FACTS, SCENARIOS) if path.name.lower() == own), None)
        hidden = any(part.startswith(".") for part in path.relative_to(folder).parts)
        if name is None or hidden or not path.is_file() or _same(path, folder / name):
            continue
        shown = path.relative_to(folder).as_posix()
        detail = f"{shown}; the kit reads {name} beside client.toml"
        rows.append(findings.row("K04", file=shown, detail=detail))
    return schema.problem_rows(rows)


def _same(path: Path, right: Path) -> bool:
    """Whether both are one file: some systems don't tell capital letters from small ones."""
    return right.is_file() and path.samefile(right)


def _row(reading: Reading) -> dict[str, Any]:
    dates = reading.entries["entry_date"]
    return {
        "file": reading.file,
        "sheet": reading.sheet,
        "profile": reading.profile.key,
        "title": reading.profile.title,
        "rows": reading.rows,
        "rows_used": reading.rows_used,
        "rows_refused": reading.rows_refused,
        "rows_repeated": reading.rows_repeated,
        "rows_blank": reading.rows_blank,
        "entries": len(reading.entries),
        "first_day": dates.min(),
        "last_day": dates.max(),
        "extracted_on": pd.Timestamp(reading.extracted_on) if reading.extracted_on else pd.NaT,
        "columns_unknown": ", ".join(reading.found.unknown) or None,
        "columns_missing": ", ".join(reading.found.missing) or None,
    }
