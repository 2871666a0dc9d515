"""What goes with the page: declarations, protests, the workbook and the calendar, from the page's own run."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import TYPE_CHECKING, Any

from cape_kit.errors import InvalidDeclaration
from cape_kit.filing import declaration, protests, sheets
from cape_kit.views import deadlines, markup, tables, workbook

if TYPE_CHECKING:
    from cape_kit.assessment.assess import Assessment

WORKBOOK, CALENDAR, PROTESTS, DECLARATIONS = "workbook.xlsx", "deadlines.ics", "protests.csv", "declarations"
#: How the figures and what went wrong come back from the run; taken away before the report is put in place.
RECEIPT = ".receipt.json"


def write(assessment: Assessment, into: str | None, *, redact: bool = False) -> markup.Html:
    """Everything that goes with a report, into a folder; nothing where `into` is None.

    A redacted package has no declaration files: their names hold importer numbers, and only CBP needs them.
    """
    if into is None:
        return markup.paragraph("The files that go with the report are written by cape-kit report.")
    folder = Path(into)
    told = []
    if not redact:
        told.append(_declarations(assessment, folder / DECLARATIONS))
    listed = protests.listing(assessment)
    if len(listed):
        sheets.write(listed, folder / PROTESTS)
    if len(deadlines.days(assessment)):
        deadlines.write(assessment, folder / CALENDAR)
    workbook.write(assessment, folder / WORKBOOK)
    receipt = {"figures": tables.figures(assessment), "told": " ".join(filter(None, told))}
    (folder / RECEIPT).write_text(json.dumps(receipt), "utf-8")
    return markup.paragraph("Written beside the report: declarations, protests, workbook, calendar.")


def declare(assessment: Assessment, out: str | None) -> tables.Table:
    """Write the declaration files into a folder and list them; with no folder, only list them.

    Raises InvalidDeclaration when CBP would refuse a file; then nothing is written.
    """
    if out is not None:
        declaration.write_all(assessment, Path(out))
    return tables.declarations(assessment)


def receipt(folder: Path) -> dict[str, Any]:
    """What `write` reported, once; empty where it was not run."""
    path = folder / RECEIPT
    if not path.is_file():
        return {"figures": {}, "told": ""}
    told: dict[str, Any] = json.loads(path.read_text("utf-8"))
    path.unlink()
    return told


def _declarations(assessment: Assessment, folder: Path) -> str:
    """Write the declaration files; a file CBP would refuse is not written, and that is said."""
    try:
        declaration.write_all(assessment, folder)
    except InvalidDeclaration as fault:
        shutil.rmtree(folder, ignore_errors=True)
        return f"No declaration files: {fault}"
    return ""
