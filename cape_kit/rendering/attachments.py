"""What goes with the page: the memo, declarations, protests, workbook and calendar, from the page's own run.

What the run has to say for itself, its figures and what went wrong, it shows like any other output of a
notebook, under a type of its own; who ran the notebook reads it there. No file passes between the two.
"""

from __future__ import annotations

import shutil
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from cape_kit import owners
from cape_kit.errors import InvalidDeclaration
from cape_kit.filing import csv_out, declaration, last_report, protests
from cape_kit.rendering import book, correspondence, memo
from cape_kit.views import deadlines, markup, tables, workbook

if TYPE_CHECKING:
    from nbformat import NotebookNode

    from cape_kit.assessment.assess import Assessment

WORKBOOK, CALENDAR, PROTESTS, DECLARATIONS = "workbook.xlsx", "deadlines.ics", "protests.csv", "declarations"
#: The type under which a notebook shows what programs read of its run.
MEDIA_TYPE = "application/vnd.cape-kit.run+json"


@dataclass(frozen=True)
class Written:
    """What was written, as the notebook's last cell shows it: a line for a person, the figures for a program.

    `figures` are those of `tables.figures`; `told` says what was not written and why, and is empty otherwise.
    """

    line: markup.Html
    figures: dict[str, Any] = field(default_factory=dict)
    told: str = ""

    def _repr_html_(self) -> str:
        return self.line.text

    def _repr_mimebundle_(self, include: Any = None, exclude: Any = None) -> dict[str, Any]:
        shown: dict[str, Any] = {"text/html": self.line.text, "text/plain": repr(self.line)}
        return shown | ({MEDIA_TYPE: {"figures": self.figures, "told": self.told}} if self.figures else {})


@owners.alone()
def write(assessment: Assessment, into: str | Path | None, *, redact: bool = False) -> Written:
    """Everything that goes with a report, into a folder; nothing where `into` names none.

    The entries' figures go along, so that the next report can say what changed since. A redacted report has no
    declaration files, questions, brokers' sheets or such figures: they name whom they are for, or its entries.
    """
    if not into:
        return Written(markup.paragraph("The files that go with the report are written by cape-kit report."))
    folder = Path(into)
    told = "" if redact else _declarations(assessment, folder / DECLARATIONS)
    listed = protests.listing(assessment)
    if len(listed):
        csv_out.write(listed, folder / PROTESTS)
    if len(deadlines.days(assessment)):
        deadlines.write(assessment, folder / CALENDAR)
    workbook.write(assessment, folder / WORKBOOK)
    memo.write(assessment, folder)
    if not redact:
        correspondence.write(assessment, folder)
        last_report.write(assessment, folder)
    line = markup.paragraph(
        "Written beside the report: a memo of one page, declarations, protests, workbook, calendar, questions and a "
        "sheet for each broker."
    )
    return Written(line, tables.figures(assessment) | {"book": book.figures(assessment)}, told)


def of(notebook: NotebookNode) -> dict[str, Any]:
    """What an executed notebook's run says for itself: `figures` and `told`; empty where it says nothing."""
    for cell in notebook.cells:
        for output in cell.get("outputs", ()):
            if MEDIA_TYPE in output.get("data", {}):
                return dict(output["data"][MEDIA_TYPE])
    return {"figures": {}, "told": ""}


def _declarations(assessment: Assessment, folder: Path) -> str:
    """Write the declaration files; a file CBP would refuse is not written, and that is said."""
    try:
        declaration.write_all(assessment, folder)
    except InvalidDeclaration as fault:
        shutil.rmtree(folder, ignore_errors=True)
        return f"No declaration files: {fault}"
    return ""
