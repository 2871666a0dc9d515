"""The memo: one page for whoever decides, from the same run as the report; printed, it is one sheet.

How much, when, what is needed, how sure; the same tables as the report's first page, and the bridge from the duty
paid to what is expected. Whatever could grow long is cut to its first lines, and says so.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from markupsafe import Markup

from cape_kit.filing import csv_out
from cape_kit.rendering import pages
from cape_kit.views import tables, words

if TYPE_CHECKING:
    from cape_kit.assessment.assess import Assessment

NAME, PRINTED = "memo.html", "memo.pdf"
#: Lines of what was not read or not understood that fit beside the rest on one sheet.
_ALERTS = 2
_COLOPHON = (
    "An estimate from the client’s own files; CBP decides. The report and its workbook show how every "
    "figure was reached."
)


def write(assessment: Assessment, folder: Path) -> Path:
    """The memo as a page in a folder. The same assessment gives the same bytes."""
    path = folder / NAME
    csv_out.put(path, page(assessment).encode("utf-8"))
    return path


def page(assessment: Assessment) -> str:
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
