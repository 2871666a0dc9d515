"""How long the report is, in print and on a phone, for every sample client; nothing is folded away in print."""

import shutil

import pytest

from cape_kit.rendering import pages
from tests import chromium, samples
from tests.rendering.conftest import SAMPLE, page_of

pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(chromium.PATH is None, reason="no Chromium on this machine"),
]
#: The most printed pages, and the most height at 390 pixels' width.
PAGES, HEIGHT = 8, 15_000


@pytest.fixture(scope="module", params=samples.CLIENTS)
def path(request, tmp_path_factory):
    """One sample's report as a page: as it was made, or from the same cells run here."""
    if request.param == SAMPLE.name:
        return request.getfixturevalue("made").page
    path = tmp_path_factory.mktemp(request.param) / "report.html"
    path.write_text(page_of(request.param), "utf-8")
    return path


@pytest.mark.skipif(not shutil.which("pdfinfo") or not shutil.which("pdftotext"), reason="no PDF tools here")
def test_it_prints_on_few_pages_and_shows_what_a_phone_folds(path, pages_of, text_of, tmp_path):
    printed = tmp_path / "report.pdf"
    assert pages.print_pdf(path, printed) == ""
    assert pages_of(printed) <= PAGES
    text = " ".join(text_of(printed).split())
    for inside in (
        "Entries by window status",
        "Problems in the files",
        "Authorities behind",
    ):
        assert inside in text


def test_a_phone_shows_it_in_few_screens_and_opens_what_is_asked_for(path, browser):
    page = browser.new_page(viewport={"width": 390, "height": 844})
    page.goto(path.as_uri())
    height = "document.documentElement.scrollHeight"
    folded = page.evaluate(height)
    assert folded <= HEIGHT
    page.click("nav.contents a[href$='-inside'] >> nth=0")
    assert page.evaluate("document.querySelectorAll('details[open]').length") == 1
    assert page.evaluate(height) > folded
    page.close()


def test_a_desk_shows_all_of_it_and_gives_wide_tables_its_width(path, browser):
    page = browser.new_page(viewport={"width": 1280, "height": 900})
    page.goto(path.as_uri())
    shown = "[...document.querySelectorAll('details')].map(one => one.lastElementChild.offsetHeight)"
    assert min(page.evaluate(shown)) > 50
    widest = "Math.max(...[...document.querySelectorAll('table.wide')].map(one => one.offsetWidth))"
    assert page.evaluate(widest) > 1000
    page.close()
