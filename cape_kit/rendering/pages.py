"""An executed notebook as one page, words and outputs and no code; and a page as PDF, by a browser the machine has.

The same notebook gives the same bytes. Nothing is downloaded, and nothing asked of a network.
"""

from __future__ import annotations

import copy
import functools
import os
import re
import shutil
import subprocess
from datetime import date
from functools import partial
from importlib import resources
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup
from nbconvert.exporters.templateexporter import TemplateExporter
from nbconvert.filters.markdown_mistune import IPythonRenderer, MarkdownWithMath
from nbformat import NotebookNode

from cape_kit import leftovers
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
        # Once, after all that prepares it: what comes from us was checked when it was run.
        optimistic_validation = True

    return Report(extra_template_basedirs=[str(TEMPLATES)], filters={"prose": _prose})  # type: ignore[no-untyped-call]


#: Browsers that print a page from the command line, by the names they are installed under.
BROWSERS = (
    "chromium",
    "chromium-browser",
    "google-chrome",
    "google-chrome-stable",
    "microsoft-edge",
    "msedge",
    "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
    "/Applications/Microsoft Edge.app/Contents/MacOS/Microsoft Edge",
)
_QUIET = (
    "--headless",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--host-resolver-rules=MAP * ~NOTFOUND",  # no page and no service of the browser finds a host
    "--no-pdf-header-footer",
)
_SECONDS = 120
#: The browser's socket in its temporary folder, and how long the path of one may be where it may be least.
_SOCKET, _LONGEST_SOCKET = ".org.chromium.Chromium.XXXXXX/SingletonSocket", 103
_STAMP = re.compile(rb"(/(?:CreationDate|ModDate) \()(D:[0-9]{14}[+-][0-9]{2}'[0-9]{2}')\)")
#: A part of the page that another one names, as a cell names its column's head; and the list of all such parts.
_PART = re.compile(rb"\(node[0-9]{8}\)")
_OWN_NAME = re.compile(rb"/ID (\(node[0-9]{8}\))")
_LIST = re.compile(rb"/Limits \[[^]]*\]\n/Names \[((?:\(node[0-9]{8}\) [0-9]+ [0-9]+ R ?)+)\]")


def browser() -> str | None:
    """The first browser found, or None."""
    return next((found for name in BROWSERS if (found := shutil.which(name))), None)


def print_pdf(page: Path, pdf: Path, *, on: date | None = None) -> str:
    """Print the page; an empty answer is success, otherwise a sentence saying why there is no PDF.

    With `on` the file says it was made at the beginning of that day: the same page gives the same bytes from the
    same browser.
    """
    page, pdf = page.resolve(), pdf.resolve()
    found = browser()
    if found is None:
        return "No PDF: no Chrome, Chromium or Edge on this machine; open report.html and print it instead."
    with leftovers.temporary() as profile:
        # Chromium refuses its own sandbox for root, as in a container.
        root = ["--no-sandbox"] if hasattr(os, "geteuid") and os.geteuid() == 0 else []
        command = [
            found,
            *_QUIET,
            *root,
            f"--user-data-dir={profile}",
            f"--print-to-pdf={pdf}",
            page.as_uri(),
        ]
        try:
            subprocess.run(
                command,
                capture_output=True,
                check=True,
                timeout=_SECONDS,
                env=_surroundings(profile),
                preexec_fn=partial(leftovers.die_with_parent, os.getpid()) if os.name == "posix" else None,
            )
        except (subprocess.SubprocessError, OSError) as trouble:
            return f"No PDF: {Path(found).name} did not print the page ({type(trouble).__name__})."
    if not pdf.is_file():
        return f"No PDF: {Path(found).name} wrote none."
    if on:
        pdf.write_bytes(_numbered(_dated(pdf.read_bytes(), on)))
    return ""


def _surroundings(profile: Path) -> dict[str, str] | None:
    """The browser's environment: what it keeps for itself goes with its profile, also where it is killed.

    It opens a socket there, and no system takes the path of one that is longer; then it keeps to the usual place.
    """
    fits = len(os.fsencode(profile / _SOCKET)) <= _LONGEST_SOCKET
    return {**os.environ, "TMPDIR": str(profile)} if fits else None


def _dated(content: bytes, on: date) -> bytes:
    """A printed file with another day of making, in as many bytes: places in it are counted in bytes."""
    stamp = f"D:{on:%Y%m%d}000000+00'00'".encode()
    return _STAMP.sub(
        lambda found: found[0] if len(found[2]) != len(stamp) else found[1] + stamp + b")", content
    )


def _numbered(content: bytes) -> bytes:
    """A printed file with the named parts of its page numbered as they come, in as many bytes.

    The browser numbers them as its own threads get to them: on a busy machine the next printing has other numbers.
    """
    numbers: dict[bytes, bytes] = {}
    for name in _OWN_NAME.findall(content):
        numbers.setdefault(name, b"(node%08d)" % (len(numbers) + 1))
    return _LIST.sub(_in_order, _PART.sub(lambda found: numbers.get(found[0], found[0]), content))


def _in_order(found: re.Match[bytes]) -> bytes:
    """The list of named parts, which a reader of the file searches by halves, in the order of its names."""
    rows = sorted(re.findall(rb"\S+ \S+ \S+ R", found[1]))
    first, last = rows[0].split()[0], rows[-1].split()[0]
    return b"/Limits [%s %s]\n/Names [%s]" % (first, last, b" ".join(rows))
