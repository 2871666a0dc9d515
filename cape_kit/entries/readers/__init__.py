"""Any workbook, delimited text or PDF form -> recognised report -> typed rows with provenance, none lost."""

from __future__ import annotations

import contextlib
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import duckdb
import pandas as pd

from cape_kit.entries import schema
from cape_kit.entries.readers import findings, openers, paper, preamble, reading, recognise, rows
from cape_kit.entries.readers.reading import Days, Reading
from cape_kit.entries.readers.recognise import Recognised
from cape_kit.entries.readers.sheets import Sheet
from cape_kit.errors import AmbiguousReport, CapeError, UnreadablePaper, UnreadableReport

__all__ = ["FileRead", "Reading", "read", "read_file"]


@dataclass(frozen=True)
class FileRead:
    """What one file of a folder gave: readings of its sheets, and problems of the file as a whole."""

    file: str
    readings: tuple[Reading, ...]
    problems: pd.DataFrame


def read(path: Path, *, name: str | None = None, date_order: str | None = None) -> tuple[Reading, ...]:
    """Every report in a file.

    Raises UnreadableReport or AmbiguousReport, in one sentence, when there is none; an archive is not opened.
    `date_order`: how slashed dates run ('MDY', 'DMY') where the layout leaves it to the client.
    """
    with rows.connect() as con, tempfile.TemporaryDirectory(prefix="cape_kit_") as scratch:
        return tuple(_readings(con, path, (Path(scratch), date_order), name=name or path.name))


def read_file(path: Path, *, name: str, date_order: str | None = None) -> FileRead:
    """Every report in a file (of an archive: in each file inside); trouble with it becomes a problem row."""
    found: list[Reading] = []
    problems: list[dict[str, Any]] = []
    with contextlib.ExitStack() as stack:
        con = stack.enter_context(rows.connect())
        scratch = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="cape_kit_")))
        try:
            for member, inner in openers.members(path, scratch, name):
                try:
                    found += _readings(con, member, (scratch, date_order), name=inner)
                except CapeError as error:
                    problems.append(_file_problem(error, inner))
        except CapeError as error:
            problems.append(_file_problem(error, name))
        except OSError as error:
            problems.append(findings.row("R01", file=name, detail=error.strerror or str(error)))
    return FileRead(name, tuple(found), schema.problem_rows(problems))


def _file_problem(error: CapeError, name: str) -> dict[str, Any]:
    code = "R02"
    if isinstance(error, AmbiguousReport | UnreadablePaper):
        code = "R03" if isinstance(error, AmbiguousReport) else "P08"
    return {**findings.row(code, file=name), "message": error.message}


def _readings(
    con: duckdb.DuckDBPyConnection, path: Path, how: tuple[Path, str | None], *, name: str
) -> list[Reading]:
    """The recognised sheets of a file, typed; those passed over beside them are noted.

    `how`: a scratch folder, and the client's order of dates.
    """
    scratch, order = how
    if paper.is_pdf(path):
        return paper.read(path, name=name)
    opened = openers.open_file(path, scratch, name=name)
    days = _days(opened.sheets)
    taken: list[Reading] = []
    notes: list[dict[str, Any]] = []
    trouble: list[CapeError] = []
    for sheet in opened.sheets:
        found = _recognised(sheet, name, trouble)
        if found is not None:
            dated = replace(found, profile=found.profile.dated(order))
            taken.append(_take(con, sheet, dated, name, days))
        elif sheet.name is not None and "param" not in sheet.name.lower():  # prompt sheets are no loss
            why = trouble[-1].message.split(": ", 1)[-1].split(";")[0]
            notes.append(findings.row("R14", file=name, sheet=sheet.name, detail=why[:160]))
    if not taken:
        raise max(trouble, key=lambda error: "nearest" in error.message)
    if opened.error_cells:
        notes.append(findings.row("R18", file=name, detail=f"{opened.error_cells} cells"))
    listed = pd.concat([taken[0].problems, schema.problem_rows(notes)]) if notes else taken[0].problems
    return [replace(taken[0], problems=listed.reset_index(drop=True)), *taken[1:]]


def _days(sheets: Sequence[Sheet]) -> Days:
    """The run date and the end of the range, from whichever sheet says them."""
    said = [preamble.days(sheet.head) for sheet in sheets]
    return next((run for run, _ in said if run), None), next((end for _, end in said if end), None)


def _recognised(sheet: Sheet, name: str, trouble: list[CapeError]) -> Recognised | None:
    """What a visible sheet is; None, with the trouble added, when it is to be passed over."""
    where = f"{name} [{sheet.name}]" if sheet.name else name
    try:
        found = recognise.recognise(sheet.head, where=where)
    except UnreadableReport as error:
        trouble.append(error)
        return None
    if not sheet.visible:
        trouble.append(UnreadableReport(f"{where}: hidden; unhide the sheet if its entries are to count"))
        return None
    return found


def _take(con: duckdb.DuckDBPyConnection, sheet: Sheet, found: Recognised, name: str, days: Days) -> Reading:
    try:
        return reading.take(con, sheet, found, file=name, days=days)
    except UnreadableReport as error:
        raise UnreadableReport(f"{name}: {error.message.removeprefix(name + ': ')}") from error
