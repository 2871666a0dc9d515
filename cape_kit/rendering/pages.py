"""An executed notebook -> one page: its words and outputs, no code; same notebook, same bytes."""

from __future__ import annotations

import copy
import functools
import re
from importlib import resources
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup
from nbconvert.exporters.templateexporter import TemplateExporter
from nbconvert.filters.markdown_mistune import IPythonRenderer, MarkdownWithMath
from nbformat import NotebookNode

from cape_kit.views import markup, typefaces

#: A cell with this tag speaks to someone who has the notebook open, not to the reader of the report.
NOTEBOOK_ONLY = "notebook-only"
#: A section whose first cell has this tag is folded on a phone; desk and print show it open.
SECONDARY = "secondary"
TEMPLATES = Path(str(resources.files("cape_kit.rendering") / "templates"))
#: Where the style sheet has its typefaces put.
_FACES = "/* typefaces */"
#: Where it has the rules for tables put, which notebooks share.
_TABLES = "/* tables */"
#: How a cell of words that opens a section of the report begins.
_SECTION = "## "


def page(notebook: NotebookNode, *, title: str, colophon: str, memo: str = "") -> str:
    """The report as one HTML page that needs nothing beside it; `memo` is the page of one sheet it leads to."""
    marked, sections = _sections(notebook)
    told = {"title": title, "colophon": colophon, "sections": sections, "style": style(), "memo": memo}
    html, _ = _exporter().from_notebook_node(marked, resources=told)
    return with_faces(str(html).replace(markup.notebook_style(), ""))


def style() -> str:
    """The look of every page, for embedding; `with_faces` puts the typefaces in."""
    return (TEMPLATES / "style.css").read_text("utf-8").replace(_TABLES, markup.table_rules())


def with_faces(html: str) -> str:
    """A finished page with the typefaces its text needs inside it."""
    return html.replace(_FACES, typefaces.css(html), 1)


def environment() -> Environment:
    """What pages other than the report are made with: everything that comes from files passes through `told`."""
    made = Environment(
        loader=FileSystemLoader(TEMPLATES), autoescape=True, undefined=StrictUndefined, trim_blocks=True
    )
    made.filters |= {"told": lambda value: Markup(markup.safe(value))}
    return made


def _sections(notebook: NotebookNode) -> tuple[NotebookNode, list[dict[str, Any]]]:
    """A copy of the notebook with its section headings marked, without cells for the notebook only."""
    sections: list[dict[str, Any]] = []
    marked = copy.copy(notebook)
    marked.cells = []
    for cell in notebook.cells:
        if NOTEBOOK_ONLY in cell.metadata.get("tags", []):
            continue
        shown = copy.copy(cell)
        if cell.cell_type == "markdown" and cell.source.startswith(_SECTION):
            head, _, shown.source = cell.source.removeprefix(_SECTION).partition("\n")
            title = head.strip()
            name, folds = _identifier(title), SECONDARY in cell.metadata.get("tags", [])
            # What leads to a folded section leads inside it: a browser then opens it.
            target = f"{name}-inside" if folds else name
            section = {"id": name, "title": title, "folds": folds, "target": target}
            section["before"] = sections[-1] if sections else None
            sections.append(section)
            shown.metadata = copy.copy(cell.metadata)
            shown.metadata["section"] = section
        marked.cells.append(shown)
    return marked, sections


def _identifier(title: str) -> str:
    return re.sub(r"[^a-z0-9]+", "-", title.lower()).strip("-")


def _prose(source: str) -> str:
    """Markdown of the notebook's own words; markup inside it is shown, not obeyed."""
    renderer = IPythonRenderer(escape=True, exclude_anchor_links=True)
    return str(MarkdownWithMath(renderer=renderer).render(source))


@functools.cache
def _exporter() -> Any:
    class Report(TemplateExporter):
        file_extension = ".html"
        template_name = "report"
        exclude_input = True

    return Report(extra_template_basedirs=[str(TEMPLATES)], filters={"prose": _prose})  # type: ignore[no-untyped-call]
