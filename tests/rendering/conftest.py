"""One real report of a sample client, made once for all who look at it."""

from __future__ import annotations

import ast
import re
import subprocess
from datetime import date

import nbformat
import pytest

from cape_kit.rendering import pages, report
from tests import chromium
from tests.test_house import ROOT

SAMPLE = ROOT / "data" / "sample" / "harbor-lane"
DAY = date(2026, 5, 5)


@pytest.fixture(scope="session")
def made(tmp_path_factory):
    return report.render(SAMPLE, "extract", tmp_path_factory.mktemp("reports"))


def cells_shown(folder, into=None):
    """The cells of the report's notebook with what each shows, run here and now: no kernel, so that it is quick."""
    known = {}
    given = {"client": str(folder), "as_of": DAY.isoformat(), "into": str(into or "")}
    for cell in nbformat.read(report.template(), as_version=4).cells:
        if cell.cell_type != "code":
            yield cell, None
            continue
        tree = ast.parse(cell.source)
        last = tree.body.pop() if isinstance(tree.body[-1], ast.Expr) else None
        exec(compile(tree, cell.id, "exec"), known)
        if "parameters" in cell.metadata.get("tags", []):
            known |= given
        shown = None if last is None else eval(compile(ast.Expression(last.value), cell.id, "eval"), known)
        yield cell, shown


def page_of(folder):
    """The report's page of a client, made from the cells as `cells_shown` runs them."""
    notebook = nbformat.read(report.template(), as_version=4)
    notebook.cells = []
    for cell, shown in cells_shown(folder):
        if hasattr(shown, "_repr_html_"):
            cell.outputs = [nbformat.v4.new_output("display_data", data={"text/html": shown._repr_html_()})]
        notebook.cells.append(cell)
    return pages.page(notebook, title=folder.name, colophon="An estimate; CBP decides.", memo="memo.html")


@pytest.fixture(scope="session")
def text_of():
    """The words of a PDF."""

    def read(path):
        return subprocess.run(["pdftotext", path, "-"], capture_output=True, text=True, check=True).stdout

    return read


@pytest.fixture(scope="session")
def pages_of():
    """How many pages a PDF has."""

    def count(path):
        told = subprocess.run(["pdfinfo", path], capture_output=True, text=True, check=True).stdout
        return int(re.search(r"Pages:\s+(\d+)", told)[1])

    return count


@pytest.fixture(scope="module")
def browser():
    """A real browser, one for the tests of a file."""
    api = pytest.importorskip("playwright.sync_api")
    with api.sync_playwright() as driver:
        found = driver.chromium.launch(executable_path=chromium.PATH, args=chromium.QUIET)
        yield found
        found.close()
