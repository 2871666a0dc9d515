"""What goes with the page, from the page's own run: memo, letters, declarations, protests, workbook, calendar.

The memo is one page for whoever decides: how much, when, what is needed, how sure; the same tables as the report's
first page, and the bridge from the duty paid to what is expected. A page of questions fits one printed page, with
its entries beside it as CSV; a broker's sheet has the entries that broker filed, and nothing of another's.

What the run has to say for itself, its figures and what went wrong, it shows like any other output of a
notebook, under a type of its own; who ran the notebook reads it there. No file passes between the two.
"""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from markupsafe import Markup

from cape_kit import owners
from cape_kit.errors import InvalidDeclaration
from cape_kit.filing import csv_out, declaration, last_report, protests
from cape_kit.rendering import book, pages
from cape_kit.views import deadlines, letters, markup, tables, words, workbook
from cape_kit.views.letters import Letter

if TYPE_CHECKING:
    from nbformat import NotebookNode

    from cape_kit.assessment.assess import Assessment


NAME, PRINTED = "memo.html", "memo.pdf"
#: Lines of what was not read or not understood that fit beside the rest on one sheet.
_ALERTS = 2
_COLOPHON = (
    "An estimate from the client’s own files; CBP decides. The report and its workbook show how every "
    "figure was reached."
)


def write_memo(assessment: Assessment, folder: Path) -> Path:
    """The memo as a page in a folder. The same assessment gives the same bytes."""
    path = folder / NAME
    csv_out.put(path, memo_page(assessment).encode("utf-8"))
    return path


def memo_page(assessment: Assessment) -> str:
    """The memo as a page that needs nothing beside it.

    Every piece of it is escaped where it is made, and shows no number of a person.
    """
    told: dict[str, Any] = {
        "cover": tables.cover(assessment),
        "alerts": tables.alerts(assessment, most=_ALERTS),
        "expected": tables.expected(assessment),
        "decisions": tables.decisions(assessment),
        "bridge": tables.bridge(assessment),
        "notices": tables.notices(assessment),
    }
    parts = {name: Markup(one._repr_html_()) for name, one in told.items()}
    day = words.day(assessment.as_of, long=True)
    made = (
        pages.environment()
        .get_template("memo.html.j2")
        .render(
            title=f"IEEPA duty refunds: memo as of {day}",
            style=Markup(pages.style()),
            colophon=_COLOPHON,
            **parts,
        )
    )
    return pages.with_faces(made)


QUESTIONS, BROKERS = "questions", "brokers"
_TO_CLIENT = (
    "CBP refunds IEEPA duties only on entries that are claimed in time. For the points below, the files "
    "we hold do not show a fact we need; each says what would resolve it."
)
_TO_BROKER = (
    "We are preparing CAPE declarations for entries you filed. For the points below, the files we hold do "
    "not show a fact we need; each says what would resolve it. Only your entries are listed."
)


def write_letters(assessment: Assessment, folder: Path) -> None:
    """The questions under ``questions/`` and a workbook per filer under ``brokers/``; nothing where none is due."""
    for letter in letters.letters(assessment):
        csv_out.put(
            folder / QUESTIONS / f"{letter.name}.html", letter_page(assessment, letter).encode("utf-8")
        )
        if len(letter.entries):
            csv_out.write(letter.entries, folder / QUESTIONS / f"{letter.name} entries.csv")
    for code in sorted(assessment.table["filer_code"].dropna().unique()):
        (folder / BROKERS).mkdir(parents=True, exist_ok=True)
        workbook.write_filer(assessment, str(code), folder / BROKERS / f"filer {code}.xlsx")


def letter_page(assessment: Assessment, letter: Letter) -> str:
    """One letter as a page that needs nothing beside it."""
    to_client = letter.filer_code is None
    shown = letter.in_place is not None and len(letter.in_place.frame) > 0
    made = (
        pages.environment()
        .get_template("letter.html.j2")
        .render(
            title="IEEPA duty refunds: questions",
            style=Markup(pages.style()),
            firm=assessment.client.brand.firm,
            to=letter.to,
            about="" if to_client else f"Regarding entries of {assessment.client.name.removesuffix('.')}. ",
            day=words.day(assessment.as_of, long=True),
            opening=_TO_CLIENT if to_client else _TO_BROKER,
            points=Markup(letter.points._repr_html_()),
            unread=letter.unread,
            in_place=Markup(letter.in_place._repr_html_() if shown and letter.in_place else ""),
            closing=_closing(letter),
            colophon="Amounts are IEEPA duty paid, without interest. An estimate; CBP decides.",
        )
    )
    return pages.with_faces(made)


def _closing(letter: Letter) -> str:
    if not len(letter.entries):
        return "A one-line answer to each point is enough."
    return (
        f"The entries for each point are listed in “{letter.name} entries.csv”. A new export showing the "
        f"missing field is best; where no report has it, a written statement is enough."
    )


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
    write_memo(assessment, folder)
    if not redact:
        write_letters(assessment, folder)
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
    """Write the declaration files; where CBP would refuse one, none is written, and that is said."""
    try:
        declaration.write_all(assessment, folder)
    except InvalidDeclaration as fault:
        with suppress(OSError):  # what an earlier run left there may have been uploaded
            folder.rmdir()
        return f"No declaration files: {fault}"
    return ""
