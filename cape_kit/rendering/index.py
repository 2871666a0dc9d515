"""The page over all clients of a batch: where each stands, its next day, and whether its report was made."""

from __future__ import annotations

import os
from collections.abc import Iterable
from datetime import date
from pathlib import Path
from typing import Any
from urllib.parse import quote

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from cape_kit import owners
from cape_kit.rendering import pages, summary
from cape_kit.rendering.jobs import INDEX, Outcome
from cape_kit.views import markup, palette, words
from cape_kit.views.tables.money import ON_CAPE


@owners.alone()
def write(outcomes: Iterable[Outcome], out: Path, *, redact: bool | None = None, made_of: str = "") -> Path:
    """The index of these outcomes in the output folder, and the workbook beside it with the same figures.

    Links are relative, so the folder can be moved. `redact`: no client is named, nor what went wrong told;
    where it is not said, the reports say it.
    """
    outcomes = list(outcomes)
    rows = [_row(outcome, out) for outcome in summary.told(outcomes, redact)]
    environment = Environment(
        loader=FileSystemLoader(pages.TEMPLATES), autoescape=True, undefined=StrictUndefined, trim_blocks=True
    )
    environment.filters |= {"told": lambda value: Markup(markup.safe(value)), "dollars": words.dollars}
    made = [row for row in rows if row["figures"]]
    page = environment.get_template("index.html.j2").render(
        rows=rows,
        made_of=made_of,
        style=Markup(pages.style()),
        colours=palette.DISPOSITIONS,
        total={key: sum(row["figures"][key] for row in made) for key in _FIGURES},
        workbook=summary.write(outcomes, out, redact=redact).name,
        failed=sum(row["state"] == "failed" for row in rows),
        unread=sum(row["unread"] for row in rows),
    )
    out.mkdir(parents=True, exist_ok=True)
    path, fresh = out / INDEX, out / f".{INDEX}.{os.getpid()}"
    fresh.write_text(pages.with_faces(page), "utf-8")
    fresh.replace(path)
    return path


_FIGURES = ("entries", "all", "now", "cure", "protest")


def _row(outcome: Outcome, out: Path) -> dict[str, Any]:
    told = outcome.summary
    parts = told.get("dispositions", {})
    next_deadline = told.get("next_deadline")
    return {
        "name": told.get("name", outcome.source.name),
        "link": _link(outcome.page, out) if outcome.page else "",
        "as_of": _day(told.get("as_of")),
        "state": outcome.state,
        "told": summary.STATES[outcome.state],
        "message": summary.trouble(outcome),
        "unread": bool(outcome.unread),
        "figures": _figures(parts) if parts else None,
        "shares": [
            (key, value["principal_cents"]) for key, value in parts.items() if value["principal_cents"] > 0
        ],
        "next": _day(next_deadline["day"]) if next_deadline else words.NOTHING,
        "next_what": _stake(next_deadline) if next_deadline else "",
        "problems": words.count(summary.rows_not_used(told)) if parts else words.NOTHING,
    }


def _figures(parts: dict[str, dict[str, int]]) -> dict[str, int]:
    return {
        "entries": sum(part["entries"] for part in parts.values()),
        "all": sum(part["principal_cents"] for part in parts.values()),
        "now": sum(parts[key]["principal_cents"] for key in ON_CAPE),
        "cure": parts["cure"]["principal_cents"],
        "protest": parts["protest"]["principal_cents"],
    }


def _stake(deadline: dict[str, Any]) -> str:
    return f"{words.entries(deadline['entries'])}, {words.dollars(deadline['principal_cents'])}"


def _link(page: Path, out: Path) -> str:
    return quote(Path(os.path.relpath(page, out)).as_posix())


def _day(iso: str | None) -> str:
    return words.day(date.fromisoformat(iso)) if iso else words.NOTHING
