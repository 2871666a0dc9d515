"""What goes out by mail: questions to the client and to each broker, and each broker's own entries.

A page of questions fits one printed page, and its entries lie beside it as CSV. A broker's sheet holds the
entries it filed, and nothing of another's.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from markupsafe import Markup

from cape_kit.filing import csv_out
from cape_kit.rendering import pages
from cape_kit.views import letters, words, workbook
from cape_kit.views.letters import Letter

if TYPE_CHECKING:
    from cape_kit.assessment.assess import Assessment

QUESTIONS, BROKERS = "questions", "brokers"
_TO_CLIENT = (
    "CBP refunds IEEPA duties only on entries that are claimed in time. For the points below, the files "
    "we hold do not show a fact we need; each says what would resolve it."
)
_TO_BROKER = (
    "We are preparing CAPE declarations for entries you filed. For the points below, the files we hold do "
    "not show a fact we need; each says what would resolve it. Only your entries are listed."
)


def write(assessment: Assessment, folder: Path) -> None:
    """The questions under ``questions/`` and a workbook per filer under ``brokers/``; nothing where none is due."""
    for letter in letters.letters(assessment):
        csv_out.put(folder / QUESTIONS / f"{letter.name}.html", page(assessment, letter).encode("utf-8"))
        if len(letter.entries):
            csv_out.write(letter.entries, folder / QUESTIONS / f"{letter.name} entries.csv")
    for code in sorted(assessment.table["filer_code"].dropna().unique()):
        (folder / BROKERS).mkdir(parents=True, exist_ok=True)
        workbook.write_filer(assessment, str(code), folder / BROKERS / f"filer {code}.xlsx")


def page(assessment: Assessment, letter: Letter) -> str:
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
            about="" if to_client else f"Regarding entries of {assessment.client.name}. ",
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
