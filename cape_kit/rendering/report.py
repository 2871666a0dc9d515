"""One client's report: run the notebook, make the page, write what goes with it, put it in place whole."""

from __future__ import annotations

import builtins
import json
import re
import warnings
from datetime import date
from pathlib import Path
from typing import Any

import nbformat
import papermill
from nbclient.exceptions import DeadKernelError
from papermill.engines import papermill_engines
from papermill.exceptions import PapermillExecutionError
from papermill.execute import raise_for_execution_errors
from papermill.iorw import load_notebook_node
from papermill.parameterize import parameterize_notebook
from papermill.translators import translate_parameters

import cape_kit
from cape_kit import errors, leftovers, owners
from cape_kit.entries import client
from cape_kit.errors import CapeError, Incomplete, ReportFailed, Usage
from cape_kit.filing import csv_out
from cape_kit.filing.declaration import choice
from cape_kit.law import book
from cape_kit.law.book import Law
from cape_kit.rendering import attachments, jobs, kernels, manifest, pages
from cape_kit.rendering.jobs import AsOf, Options, Outcome, State, template
from cape_kit.rendering.kernels import Kernel
from cape_kit.views import words
from cape_kit.views.redaction import CLIENT

#: How Python writes what the system said, with the file it was about where there was one.
_SYSTEM = re.compile(r"\[Errno (?P<number>\d+)\] (?P<what>.*?)(?:: '(?P<file>.*)')?", re.DOTALL)

__all__ = ["AsOf", "Options", "Outcome", "State", "day_for", "execute", "render", "template", "to_open"]


@owners.alone()
def render(
    client_folder: Path,
    as_of: AsOf,
    out: Path,
    *,
    filing_date: date | None = None,
    options: Options = Options(),
    kernel: Kernel = kernels.private_kernel,
) -> Outcome:
    """One client's report under ``out/<client>/<as_of>/``, replaced whole or left as it was.

    A redacted one stands apart, see `redacted`. `kernel` is where the notebook's cells run.
    Raises CapeError, in one sentence, when no report can be made.
    """
    csv_out.place(out, client_folder)
    who, law = client.load(client_folder), book.load(folder=options.law)
    day = day_for(who, as_of)
    choice.not_before(filing_date, day)
    made = jobs.recipe(client_folder, day, out, law, options, filing_date=filing_date)
    if not options.force and (same := jobs.unchanged(client_folder, made)):
        return same
    key = str(made.key.resolve()) if made.key else ""
    with leftovers.whole(made.target) as work:
        # Where it was told to write is true of this run only, and stays out of the notebook.
        here = {
            "into": str(work.resolve()),
            "since": str(made.earlier.resolve()) if made.earlier else "",
            "key": key,
        }
        done = execute(
            made.notebook,
            made.parameters | here,
            shown=made.parameters | dict.fromkeys(here, ""),
            kernel=kernel,
        )
        _still_the_same(client_folder, made.parts["inputs"])
        run = attachments.of(done)
        title = (
            f"{CLIENT if options.redact else who.name}: IEEPA duty refunds as of {words.day(day, long=True)}"
        )
        leads_to = attachments.NAME if (work / attachments.NAME).is_file() else ""
        page = pages.page(done, title=title, colophon=_colophon(law, options.redact), memo=leads_to)
        (work / "report.html").write_text(page, "utf-8")
        if not options.redact:
            (work / "report.ipynb").write_text(_notebook_text(done), "utf-8")
        told = [run["told"]]
        if options.pdf:
            told.append(_printed(work, day))
        # Plain values: who reads the outcome in another process need not know what a notebook is.
        summary, said = json.loads(json.dumps(run["figures"])), " ".join(filter(None, told))
        manifest.write(
            work, made.parts, summary, said="" if options.redact else said, withhold=options.redact
        )
    return Outcome(client_folder, "done", said, made.target, summary, key=made.key)


def to_open(outcome: Outcome) -> Path:
    """The page of a report that is made; warns, as of its caller's caller, of what is missing in it."""
    said = [one for one in (outcome.message, *(f"Not read: {one}." for one in outcome.unread)) if one]
    if said:
        warnings.warn(" ".join(said), Incomplete, stacklevel=3)
    assert outcome.page is not None  # or an error would have been raised
    return outcome.page


def _still_the_same(client_folder: Path, before: dict[str, str]) -> None:
    """Raises ReportFailed where a file came, went or changed since the report was begun: of which, nobody knows."""
    now = manifest.inputs(client_folder)
    other = sorted(name for name in {*before, *now} if before.get(name) != now.get(name))
    if other:
        more = f" and {len(other) - 1} more" if len(other) > 1 else ""
        raise ReportFailed(
            f"{client_folder}: {other[0]}{more} changed while the report was being made; make it again"
        )


def day_for(who: client.Client, as_of: AsOf) -> date:
    """The day asked for; ``extract`` means the day the client's files were exported."""
    return who.exported() if as_of == "extract" else as_of


def execute(
    notebook: Path,
    parameters: dict[str, Any],
    *,
    shown: dict[str, Any] | None = None,
    kernel: Kernel = kernels.private_kernel,
) -> nbformat.NotebookNode:
    """The notebook run from top to bottom, without traces of when and where it ran.

    `kernel` is where its cells run, a kernel of its own if not told otherwise; `shown` are the parameters as the
    executed notebook tells them, where not as they were.
    Raises Usage for a parameter the notebook does not have, ReportFailed when a cell fails.
    """
    known = papermill.inspect_notebook(str(notebook))
    if unknown := sorted(set(parameters) - set(known)):
        raise Usage(f"{notebook.name} has no parameter {', '.join(unknown)}; it has {', '.join(known)}")
    try:
        with kernel() as engine:
            done = _run(load_notebook_node(str(notebook)), parameters, **engine)
    except PapermillExecutionError as stop:
        raise _of_system(stop) or ReportFailed(_why(stop)) from stop
    except (DeadKernelError, RuntimeError, TimeoutError) as stop:
        raise ReportFailed(f"The report's Python stopped before it was done: {stop}") from stop
    return _without_traces(done, parameters if shown is None else shown)


def _run(
    notebook: nbformat.NotebookNode,
    parameters: dict[str, Any],
    *,
    engine_name: str | None = None,
    **engine: Any,
) -> nbformat.NotebookNode:
    """What papermill's `execute_notebook` does, but for spelling the notebook out: it is kept nowhere as it is yet."""
    asked = parameterize_notebook(notebook, parameters, engine_name=engine_name)
    name = papermill_engines.nb_kernel_name(engine_name=engine_name, nb=asked)
    done = papermill_engines.execute_notebook_with_engine(
        engine_name, asked, kernel_name=name, progress_bar=False, **engine
    )
    raise_for_execution_errors(done, None)
    return done


def _printed(work: Path, day: date) -> str:
    """Report and memo as PDF; an empty answer is success. What one could not print, the other can't."""
    trouble = pages.print_pdf(work / "report.html", work / "report.pdf", on=day)
    page = work / attachments.NAME
    return trouble or (pages.print_pdf(page, work / attachments.PRINTED, on=day) if page.is_file() else "")


def _colophon(law: Law, redact: bool) -> str:
    version = law.version.partition("+own")[0] if redact else law.version
    own = ", with rows of the author’s own" if law.own else ""
    return (
        f"Made with CAPE Kit {cape_kit.__version__} from the client’s own files, on the law book of "
        f"{words.day(law.checked_on, long=True)}{own} (version {version}). An estimate; CBP decides."
    )


def _notebook_text(notebook: nbformat.NotebookNode) -> str:
    return str(nbformat.writes(notebook)) + "\n"


def _why(stop: PapermillExecutionError) -> str:
    kind = getattr(errors, stop.ename, None)
    if isinstance(kind, type) and issubclass(kind, CapeError):
        return str(stop.evalue)
    return f"The report's notebook stopped in its cell {stop.cell_index} with {stop.ename}: {stop.evalue}"


def _of_system(stop: PapermillExecutionError) -> OSError | None:
    """What the system refused a cell, as if it had been refused here: no room, no right; None for any other trouble."""
    kind = getattr(builtins, stop.ename, None)
    said = _SYSTEM.fullmatch(str(stop.evalue))
    if said is None or not (isinstance(kind, type) and issubclass(kind, OSError)):
        return None
    return OSError(int(said["number"]), said["what"], said["file"])


def _without_traces(notebook: nbformat.NotebookNode, shown: dict[str, Any]) -> nbformat.NotebookNode:
    """No times, paths or chance in the notebook: the same inputs give the same bytes."""
    notebook.metadata.pop("papermill", None)
    for cell in notebook.cells:
        cell.metadata.pop("papermill", None)
        if "injected-parameters" in cell.metadata.get("tags", []):
            cell.id = "injected-parameters"
            cell.source = translate_parameters(None, "python", shown)
    return notebook
