"""One client's report: run the notebook, make the page, write what goes with it, put it in place whole."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import date
from importlib import resources
from pathlib import Path
from typing import Any, Literal

import nbformat
import papermill
from nbclient.exceptions import DeadKernelError
from papermill.exceptions import PapermillExecutionError
from papermill.translators import translate_parameters

import cape_kit
from cape_kit import errors
from cape_kit.entries import client
from cape_kit.errors import CapeError, ReportFailed, Usage
from cape_kit.filing import csv_out, last_report
from cape_kit.filing.declaration import choice
from cape_kit.law import book
from cape_kit.law.book import Law
from cape_kit.rendering import attachments, kernels, manifest, pages, pdf, redacted
from cape_kit.views import words
from cape_kit.views.redaction import CLIENT

NOTEBOOK = "client_report.ipynb"
State = Literal["done", "unchanged", "failed"]
AsOf = date | Literal["extract"]


@dataclass(frozen=True)
class Options:
    """How a report is made: `pdf` also prints it, `redact` masks it, `law` is a folder of own rows.

    `redact_ports` masks the ports of entry too.
    With `force` off, a report whose inputs, law, kit and bytes are unchanged is not made again.
    """

    pdf: bool = False
    redact: bool = False
    force: bool = True
    law: Path | None = None
    redact_ports: bool = False


@dataclass(frozen=True)
class Outcome:
    """What became of one client: `done`, `unchanged` or `failed`, with a sentence where one is due.

    `key` is the file that says who is who in a redacted report: it stays with whoever made it.
    """

    source: Path
    state: State
    message: str = ""
    folder: Path | None = None
    summary: dict[str, Any] = field(default_factory=dict)
    key: Path | None = None

    @property
    def unread(self) -> list[str]:
        """The files of the client that were not read, each with its rows and dollars."""
        return list(self.summary.get("unread", ()))

    @property
    def page(self) -> Path | None:
        """The report to open."""
        return self.folder / "report.html" if self.folder else None


def render(
    client_folder: Path,
    as_of: AsOf,
    out: Path,
    *,
    filing_date: date | None = None,
    options: Options = Options(),
) -> Outcome:
    """One client's report under ``out/<client>/<as_of>/``, replaced whole or left as it was.

    A redacted one stands apart, see `redacted`.
    Raises CapeError, in one sentence, when no report can be made.
    """
    place = csv_out.place(out, client_folder)
    who, law = client.load(client_folder), book.load(folder=options.law)
    day = day_for(who, as_of)
    choice.not_before(filing_date, day)
    parameters = {
        "client": Path(client_folder).as_posix(),
        "as_of": day.isoformat(),
        "filing_date": filing_date.isoformat() if filing_date else "",
        "redact": options.redact,
        "redact_ports": options.redact_ports,
        "law": options.law.as_posix() if options.law else "",
    }
    notebook = template()
    asked = {**parameters, "pdf": options.pdf}
    # A redacted report gives its entries other names, so there is nothing to hold it against.
    earlier = None if options.redact else last_report.before(place, day)
    parts = manifest.ingredients(client_folder, notebook, law=law, parameters=asked, earlier=earlier)
    target, key = place / day.isoformat(), None
    if options.redact:
        target = redacted.target(out, client_folder, day.isoformat())
        key = redacted.key(out, client_folder, day.isoformat())
    if not options.force and manifest.holds(target, parts) and (key is None or key.is_file()):
        return Outcome(client_folder, "unchanged", "", target, (manifest.read(target) or {})["summary"], key)
    with _put_in_place(target) as work:
        # Where it was told to write is true of this run only, and stays out of the notebook.
        here = {
            "into": str(work.resolve()),
            "since": str(earlier.resolve()) if earlier else "",
            "key": str(key.resolve()) if key else "",
        }
        done = execute(notebook, parameters | here, shown=parameters | dict.fromkeys(here, ""))
        run = attachments.of(done)
        title = (
            f"{CLIENT if options.redact else who.name}: IEEPA duty refunds as of {words.day(day, long=True)}"
        )
        (work / "report.html").write_text(
            pages.page(done, title=title, colophon=_colophon(law, options.redact)), "utf-8"
        )
        if not options.redact:
            (work / "report.ipynb").write_text(_notebook_text(done), "utf-8")
        told = [run["told"]]
        if options.pdf:
            told.append(pdf.write(work / "report.html", work / "report.pdf"))
        summary = run["figures"]
        manifest.write(work, parts, summary, withhold=options.redact)
    return Outcome(client_folder, "done", " ".join(filter(None, told)), target, summary, key)


def day_for(who: client.Client, as_of: AsOf) -> date:
    """The day asked for; ``extract`` means the day the client's files were exported."""
    return who.exported() if as_of == "extract" else as_of


def template() -> Path:
    """The report's notebook: inside the installed kit, or beside it in a checkout."""
    root = Path(str(resources.files(cape_kit)))
    for folder in (root / "notebooks", root.parent / "notebooks"):
        if (folder / NOTEBOOK).is_file():
            return folder / NOTEBOOK
    raise ReportFailed(
        f"The notebook {NOTEBOOK} is neither in the installed kit nor beside it; reinstall the kit."
    )


def execute(
    notebook: Path, parameters: dict[str, Any], *, shown: dict[str, Any] | None = None
) -> nbformat.NotebookNode:
    """The notebook run from top to bottom in a kernel of its own, without traces of when and where it ran.

    `shown` are the parameters as the executed notebook tells them, where not as they were.
    Raises Usage for a parameter the notebook does not have, ReportFailed when a cell fails.
    """
    known = papermill.inspect_notebook(str(notebook))
    if unknown := sorted(set(parameters) - set(known)):
        raise Usage(f"{notebook.name} has no parameter {', '.join(unknown)}; it has {', '.join(known)}")
    try:
        with kernels.private_kernel() as engine:
            done = papermill.execute_notebook(
                str(notebook),
                None,
                parameters,
                progress_bar=False,
                request_save_on_cell_execute=False,
                **engine,
            )
    except PapermillExecutionError as stop:
        raise ReportFailed(_why(stop)) from stop
    except (DeadKernelError, RuntimeError, TimeoutError) as stop:
        raise ReportFailed(f"The report's Python stopped before it was done: {stop}") from stop
    return _without_traces(done, parameters if shown is None else shown)


def _colophon(law: Law, redact: bool) -> str:
    version = law.version.partition("+own")[0] if redact else law.version
    own = ", with rows of the author’s own" if law.own else ""
    return (
        f"Made with CAPE Kit {cape_kit.__version__} from the client’s own files, on the law book of "
        f"{words.day(law.checked_on, long=True)}{own} (version {version}). An estimate; CBP decides."
    )


def _notebook_text(notebook: nbformat.NotebookNode) -> str:
    return str(nbformat.writes(notebook)) + "\n"  # type: ignore[no-untyped-call]


def _why(stop: PapermillExecutionError) -> str:
    kind = getattr(errors, stop.ename, None)
    if isinstance(kind, type) and issubclass(kind, CapeError):
        return str(stop.evalue)
    return f"The report's notebook stopped in its cell {stop.cell_index} with {stop.ename}: {stop.evalue}"


def _without_traces(notebook: nbformat.NotebookNode, shown: dict[str, Any]) -> nbformat.NotebookNode:
    """No times, paths or chance in the notebook: the same inputs give the same bytes."""
    notebook.metadata.pop("papermill", None)
    for cell in notebook.cells:
        cell.metadata.pop("papermill", None)
        if "injected-parameters" in cell.metadata.get("tags", []):
            cell.id = "injected-parameters"
            cell.source = translate_parameters(None, "python", shown)
    return notebook


@contextmanager
def _put_in_place(target: Path) -> Iterator[Path]:
    """A fresh folder that takes the target's place when all went well, and vanishes when not."""
    fresh = not target.parent.exists()
    work = target.with_name(f".{target.name}.{os.getpid()}.part")
    shutil.rmtree(work, ignore_errors=True)
    work.mkdir(parents=True)
    try:
        yield work
        _swap(work, target)
    finally:
        shutil.rmtree(work, ignore_errors=True)
        if fresh:
            with suppress(OSError):
                target.parent.rmdir()


def _swap(work: Path, target: Path) -> None:
    old = target.with_name(f".{target.name}.{os.getpid()}.old")
    shutil.rmtree(old, ignore_errors=True)
    if target.exists():
        target.replace(old)
    try:
        work.replace(target)
    except OSError:
        if old.exists():
            old.replace(target)
        raise
    shutil.rmtree(old, ignore_errors=True)
