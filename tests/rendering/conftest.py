"""One real report of a sample client, made once for all who look at it."""

from __future__ import annotations

import re
import subprocess
from datetime import date

import pytest

from cape_kit.rendering import report
from tests.test_house import ROOT

SAMPLE = ROOT / "data" / "sample" / "harbor-lane"
DAY = date(2026, 5, 5)


@pytest.fixture(scope="session")
def made(tmp_path_factory):
    return report.render(SAMPLE, "extract", tmp_path_factory.mktemp("reports"))


@pytest.fixture(scope="session")
def pages_of():
    """How many pages a PDF has."""

    def count(path):
        told = subprocess.run(["pdfinfo", path], capture_output=True, text=True, check=True).stdout
        return int(re.search(r"Pages:\s+(\d+)", told)[1])

    return count
