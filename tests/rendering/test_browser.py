"""The report in a real browser without a network, at desk and at phone width."""

import copy
import random
from datetime import date, timedelta

import pytest

from cape_kit.rendering import index
from cape_kit.rendering.jobs import Outcome
from cape_kit.views import tables
from tests import chromium
from tests.views import made_up

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


CLIENTS = 450  # more than are shown at once, twice


@pytest.fixture(scope="module")
def clients(tmp_path_factory):
    """Many clients of figures known here: each with its duty and its next deadline, every tenth without a report."""
    out, chance = tmp_path_factory.mktemp("index"), random.Random(450)
    base, made = tables.figures(made_up.assessment(40, name="A Client")), []
    for place in range(CLIENTS):
        folder = f"folder-{place:03d}"
        if place % 10 == 0:
            made.append(Outcome(out / folder, "failed", "Its disk went away."))
            continue
        told = copy.deepcopy(base) | {"name": f"Größe{place:03d} & Co"}
        for part in told["dispositions"].values():
            part["principal_cents"] = chance.randrange(10**8) if part["entries"] else 0
        told["next_deadline"]["day"] = (date(2026, 5, 5) + timedelta(chance.randrange(90))).isoformat()
        made.append(Outcome(out / folder, "done", "", out / folder / "2026-05-05", told))
    return made, index.write(made, out)


@pytest.fixture
def over_all(browser, clients):
    found = browser.new_page(viewport={"width": 1280, "height": 900}, offline=True)
    found.told, found.asked = [], []
    found.on("console", lambda message: found.told.append(message.text))
    found.on("pageerror", lambda error: found.told.append(str(error)))
    found.on("request", lambda request: found.asked.append(request.url))
    found.goto(clients[1].as_uri())
    yield found
    assert found.told == []
    assert [url for url in found.asked if not url.startswith("data:")] == [clients[1].as_uri()]
    found.close()


def shown(page):
    return page.eval_on_selector_all(
        "tbody.clients tr", "rows => rows.map(row => row.cells[0].innerText.trim())"
    )


def names(outcomes):
    return [one.summary["name"] for one in outcomes]


def test_of_many_clients_a_part_is_shown_and_more_on_demand(over_all):
    assert (len(shown(over_all)), over_all.inner_text("#told")) == (200, "450 of 450 clients")
    over_all.click("#more button")
    over_all.click("#more button")
    assert len(shown(over_all)) == CLIENTS and over_all.is_hidden("#more")


@pytest.mark.parametrize("asked", ["größe123 co", "folder-123"])
def test_a_client_is_found_by_its_name_and_by_its_folder(over_all, asked):
    over_all.fill("#find", asked)
    assert shown(over_all) == ["Größe123 & Co"]


def test_clients_are_sifted_by_what_they_need(over_all, clients):
    over_all.select_option("#kind", "failed")
    assert shown(over_all) == [one.source.name for one in clients[0] if not one.summary]
    over_all.select_option("#kind", "soon")
    days = (one.summary["next_deadline"]["day"] for one in clients[0] if one.summary)
    assert over_all.inner_text("#told") == f"{sum(day <= '2026-06-04' for day in days)} of 450 clients"


def test_the_first_click_has_the_most_dollars_the_soonest_day_and_the_first_name_above(over_all, clients):
    made = [one for one in clients[0] if one.summary]
    over_all.click("thead button:text-is('IEEPA duty')")
    duty = [sum(part["principal_cents"] for part in one.summary["dispositions"].values()) for one in made]
    most = sorted(range(len(made)), key=duty.__getitem__, reverse=True)
    assert shown(over_all)[:9] == names(made[place] for place in most[:9])
    over_all.click("thead button:text-is('IEEPA duty')")
    assert shown(over_all)[:9] == names(made[place] for place in most[:-10:-1])
    over_all.click("thead button:text-is('Next deadline')")
    soonest = sorted(one.summary["next_deadline"]["day"] for one in made)
    by_name = {one.summary["name"]: one.summary["next_deadline"]["day"] for one in made}
    assert [by_name[name] for name in shown(over_all)] == soonest[:200]
    over_all.click("thead button:text-is('State')")
    assert all(name.startswith("folder-") for name in shown(over_all)[:45]), "those without a report"
    over_all.click("thead button:text-is('As of')")
    assert not any(name.startswith("folder-") for name in shown(over_all)), "they have no day"
