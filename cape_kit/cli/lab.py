"""`lab` and `sample`: JupyterLab on the notebooks with a client loaded, and synthetic clients to try it on."""

from __future__ import annotations

import ast
from pathlib import Path
from typing import Any

import click

from cape_kit.cli.arguments import (
    CLIENT_DAY,
    EXTRACT,
    LAW,
    LAYOUTS,
    ClientFolder,
    DayOrExtract,
    OutFolder,
    nothing_beside,
    or_today,
)

#: JupyterLab asks the web for news, updates and extensions unless told not to.
QUIET = (
    "--LabApp.news_url=None",
    "--LabApp.check_for_updates_class=jupyterlab.NeverCheckForUpdate",
    "--LabApp.extension_manager=readonly",
)


#: Of all clients, and not of the one the laboratory is opened with.
BOOK = "07_book_of_clients.ipynb"


class _ClientOrWord(ClientFolder):
    """A client's folder; what begins with a dash is the first of the words for JupyterLab, and no client is given."""

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        """The folder, or the word as it is."""
        return value if str(value).startswith("-") else super().convert(value, param, ctx)


@click.command(context_settings={"ignore_unknown_options": True})
@click.argument("client", type=_ClientOrWord(), required=False)
@click.option(
    "--as-of", type=CLIENT_DAY, help="Date of the assessment. Default: the date of the client's exports."
)
@click.option(
    "--into",
    type=OutFolder(),
    default=Path("reports"),
    show_default=True,
    help="Where the client's own copies of the notebooks go: INTO/<client>/notebooks.",
)
@LAW
@LAYOUTS
@click.option(
    "--no-browser", is_flag=True, help="Start JupyterLab and print its address without opening a browser."
)
@click.argument("jupyter", nargs=-1, type=click.UNPROCESSED)
def lab(
    client: Path | str | None,
    as_of: DayOrExtract | None,
    into: Path,
    own_law: Path | None,
    no_browser: bool,
    jupyter: tuple[str, ...],
) -> None:
    """Open JupyterLab on the notebooks, with CLIENT loaded; further arguments go to JupyterLab.

    A client's notebooks are copies: your changes stay, only the client and the date are reset.

    \b
    Example:
      cape-kit lab data/sample/cedar-and-flint --as-of 2026-05-05
    """
    import importlib.util
    import os
    import subprocess
    import sys

    from cape_kit import leftovers
    from cape_kit.errors import Usage

    if importlib.util.find_spec("jupyterlab") is None:
        raise Usage("JupyterLab is not installed; install it with: pip install 'cape-kit[lab]'")
    if not isinstance(client, Path) and (as_of is not None or own_law is not None):
        option = "--as-of" if as_of is not None else "--law"
        raise click.UsageError(f"{option} goes with a client; give the client's folder first.")
    if isinstance(client, str):
        # No folder of a client, so a word for JupyterLab.
        jupyter = (client, *jupyter)
    folder = (
        prepared(client, as_of, into, own_law) if isinstance(client, Path) else at_hand(_notebooks(), into)
    )
    words = [*QUIET, *(["--no-browser"] if no_browser else []), *jupyter]
    click.echo(f"JupyterLab on {folder}; end it with Ctrl+C", err=True)
    command = [sys.executable, "-m", "jupyterlab", *words, str(folder)]
    if os.name == "posix":
        # Where it notes itself and its kernels; it takes that away at its end, but not where it is killed.
        leftovers.sweep_temporary()
        if "JUPYTER_RUNTIME_DIR" not in os.environ:
            os.environ["JUPYTER_RUNTIME_DIR"] = str(leftovers.watched(pass_on=True))
        # JupyterLab takes this process over: whoever stops the one stops the other.
        sys.stderr.flush()
        os.execv(sys.executable, command)
    done = subprocess.run(command, check=False)
    click.get_current_context().exit(done.returncode)


def at_hand(notebooks: Path, into: Path) -> Path:
    """The notebooks of a checkout as they are; of an installed kit copies under INTO, those already there kept.

    What is installed belongs to the installation: it may be read-only, and the next version writes over it.
    """
    import cape_kit
    from cape_kit.filing import csv_out

    if not notebooks.is_relative_to(Path(cape_kit.__file__).parent):
        return notebooks
    folder = into / "notebooks"
    folder.mkdir(parents=True, exist_ok=True)
    for path in sorted(notebooks.glob("*.ipynb")):
        if not (folder / path.name).exists():
            csv_out.put(folder / path.name, path.read_bytes())
    return folder


def prepared(client: Path, as_of: DayOrExtract | None, into: Path, own_law: Path | None = None) -> Path:
    """The client's own copies of the notebooks, with client, day and law in their parameters."""
    from cape_kit.entries import client as clients
    from cape_kit.filing import csv_out
    from cape_kit.law import book

    book.load(folder=own_law)  # what is wrong with it is said here, not in a notebook
    who = clients.load(client)
    day = who.exported() if as_of == EXTRACT else as_of or who.extracted_on or or_today(None)
    folder = csv_out.place(into, client) / "notebooks"
    folder.mkdir(parents=True, exist_ok=True)
    for path in sorted(_notebooks().glob("*.ipynb")):
        if path.name == BOOK:
            continue
        copy = folder / path.name
        values = {"client": Path(client).resolve().as_posix(), "as_of": day.isoformat()}
        law = own_law.resolve().as_posix() if own_law else ""
        text = _with_parameters(copy if copy.is_file() else path, {**values, "law": law})
        csv_out.put(copy, text.encode("utf-8"))
    return folder


def _notebooks() -> Path:
    from cape_kit.rendering import report

    return report.template().parent


def _with_parameters(path: Path, values: dict[str, str]) -> str:
    """The notebook's text with its parameters set, remarks kept; figures of others are taken out."""
    import nbformat

    notebook = nbformat.read(path, as_version=4)
    before = [cell.source for cell in notebook.cells]
    for cell in notebook.cells:
        if "parameters" in cell.metadata.get("tags", []):
            for name, value in values.items():
                cell.source = _put(path, cell.source, name, value)
    if [cell.source for cell in notebook.cells] != before:
        for cell in notebook.cells:
            if cell.cell_type == "code":
                cell.outputs, cell.execution_count = [], None
    return str(nbformat.writes(notebook)) + "\n"


def _put(path: Path, source: str, name: str, value: str) -> str:
    """The cell with another value of a parameter; its type and a remark behind it stay.

    Raises Usage for a cell that would not hear of what was asked for: a copy older than the parameter.
    """
    from cape_kit.errors import Usage

    for node in ast.parse(source).body:
        targets = [node.target] if isinstance(node, ast.AnnAssign) else getattr(node, "targets", [])
        if isinstance(node, ast.Assign | ast.AnnAssign) and [getattr(one, "id", "") for one in targets] == [
            name
        ]:
            lines = source.encode().splitlines(keepends=True)  # an ast counts in bytes
            held = node.value
            assert held is not None and held.end_lineno is not None and held.end_col_offset is not None
            head = b"".join(lines[: held.lineno - 1]) + lines[held.lineno - 1][: held.col_offset]
            tail = lines[held.end_lineno - 1][held.end_col_offset :] + b"".join(lines[held.end_lineno :])
            return (head + repr(value).encode() + tail).decode()
    if value:
        raise Usage(f"{path} has no parameter {name}; move the copy away, and a fresh one is made")
    return source


@click.command()
@click.argument("out", type=click.Path(file_okay=False, path_type=Path))
@click.option(
    "--clients", type=click.IntRange(1), default=3, show_default=True, help="How many clients to make."
)
@click.option(
    "--entries", type=click.IntRange(60), default=200, show_default=True, help="Entries of each client."
)
@click.option("--seed", type=int, default=1, show_default=True, help="Same seed, same files.")
@click.option(
    "--committed",
    is_flag=True,
    help="Instead: the three clients kept in data/sample.",
)
@click.option(
    "--after-filing",
    is_flag=True,
    help="Instead: the client kept in data/sample-after, with CBP's answers and refunds.",
)
@click.option(
    "--paper",
    metavar="LAYOUT",
    help="Also print the entries as CBP Form 7501 in PDF: official, gateway, lakehead or tidewater.",
)
def sample(
    out: Path, clients: int, entries: int, seed: int, committed: bool, after_filing: bool, paper: str | None
) -> None:
    """Make synthetic clients in OUT, each with the results a correct kit must reach.

    \b
    Example: cape-kit sample clients-for-a-try --clients 10 --entries 200 --seed 7
    """
    from cape_kit import sample as room

    for instead in ("after_filing", "committed"):
        if click.get_current_context().params[instead]:
            nothing_beside(instead)
    if after_filing:
        made = [room.write_after(out)]
    elif committed:
        made = room.write_samples(out)
    else:
        made = room.generate(out, clients=clients, entries=entries, seed=seed)
        if paper:
            made += room.print_paper(out, clients=clients, entries=entries, seed=seed, layout=paper)
    for folder in made:
        click.echo(folder)
    click.echo(f"{len(made)} synthetic clients in {out}; their truth/truth.json is for tests", err=True)
