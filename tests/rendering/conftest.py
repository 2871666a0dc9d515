"""One real report of a sample client, made once for all who look at it."""

from __future__ import annotations

import copy
import re
import subprocess
from datetime import date

import nbformat
import pytest

from cape_kit.rendering import pages, report
from tests import chromium, notebook_cells
from tests.test_house import ROOT

SAMPLE = ROOT / "data" / "sample" / "harbor-lane"
DAY = date(2026, 5, 5)


@pytest.fixture(scope="session")
def made(tmp_path_factory):
    return report.render(SAMPLE, "extract", tmp_path_factory.mktemp("reports"))


def page_of(name):
    """The report's page of a sample, made from the cells of its notebook as they run here."""
    notebook = nbformat.read(report.template(), as_version=4)
    notebook.cells = []
    for cell, shown, told in notebook_cells.of_sample(name):
        own = copy.deepcopy(cell)
        if hasattr(shown, "_repr_html_"):
            own.outputs = [nbformat.v4.new_output("display_data", data={"text/html": told})]
        notebook.cells.append(own)
    return pages.page(notebook, title=name, colophon="An estimate; CBP decides.", memo="memo.html")


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
