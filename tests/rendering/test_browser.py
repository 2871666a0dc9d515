"""The report in a real browser without a network, at desk and at phone width."""

import pytest

from tests import chromium

pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(chromium.PATH is None, reason="no Chromium on this machine"),
]


@pytest.fixture(params=[(1280, 900), (390, 844)], ids=["desk", "phone"])
def page(request, browser, made):
    width, height = request.param
    found = browser.new_page(viewport={"width": width, "height": height}, offline=True)
    found.told, found.asked = [], []
    found.on("console", lambda message: found.told.append(message.text))
    found.on("request", lambda request: found.asked.append(request.url))
    found.goto(made.page.as_uri())
    yield found
    found.close()


def test_nothing_is_wider_than_the_window(page):
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")


def test_every_picture_is_shown_at_a_readable_size(page):
    sizes = page.evaluate(
        "[...document.querySelectorAll('figure svg')].map(one => [one.viewBox.baseVal.width / 0.75, "
        "one.getBoundingClientRect().width]).filter(one => one[1])"
    )
    assert len(sizes) == 5
    # Lettering of 8 points and up stays readable while a picture is not shrunk by more than a tenth.
    assert all(shown >= 0.9 * natural > 0 for natural, shown in sizes)


def test_the_browser_asks_for_nothing_and_complains_of_nothing(page, made):
    assert page.told == []
    assert [url for url in page.asked if not url.startswith("data:")] == [made.page.as_uri()]


def test_contents_work(page):
    page.click("nav.contents a >> nth=2")
    assert page.evaluate("document.querySelector(location.hash).tagName") == "H2"


def test_wide_tables_stack_on_a_phone(page):
    shown = page.evaluate("getComputedStyle(document.querySelector('table.wide td')).display")
    assert (shown == "table-cell") == (page.viewport_size["width"] > 560)
