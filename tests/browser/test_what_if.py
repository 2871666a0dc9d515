"""The what-if notebook in a real JupyterLab and browser: move the slider, read the figures, compare."""

import json
import os
import secrets
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from contextlib import contextmanager
from datetime import datetime
from urllib.parse import urlsplit

import pytest

from cape_kit.assessment import scenarios
from tests import chromium, samples
from tests.test_house import ROOT

CLIENT = ROOT / "data" / "sample" / "cedar-and-flint"
DAY = "2026-05-05"
NOTEBOOK = "05_what_if.ipynb"
#: The slider is moved over the first day on which entries leave CAPE.
STEPS = 8
WAIT = 90
#: Every cell stays on the page, whether it is in view or not; nobody asks about news.
SETTINGS = {
    "notebook-extension/tracker": {"windowingMode": "none"},
    "apputils-extension/notification": {"fetchNews": "false", "checkForUpdates": False},
}

pytestmark = [
    pytest.mark.browser,
    pytest.mark.slow,
    pytest.mark.skipif(chromium.PATH is None, reason="no Chromium on this machine"),
    pytest.mark.filterwarnings("ignore::ResourceWarning"),
]


def free_port():
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return one.getsockname()[1]


@pytest.fixture(scope="module")
def lab(tmp_path_factory):
    """JupyterLab started by the command itself, on the notebook."""
    with lab_on(CLIENT, DAY, tmp_path_factory.mktemp("lab"), NOTEBOOK) as address:
        yield address


@contextmanager
def lab_on(client, day, folder, notebook):
    """JupyterLab started by the command itself, settings and notebooks in a folder of its own."""
    pytest.importorskip("jupyterlab")
    port, token = free_port(), secrets.token_hex(16)
    for place, setting in SETTINGS.items():
        path = folder / "settings" / "@jupyterlab" / f"{place}.jupyterlab-settings"
        path.parent.mkdir(parents=True)
        path.write_text(json.dumps(setting), "utf-8")
    own = {f"JUPYTER_{name}_DIR": str(folder / name.lower()) for name in ("CONFIG", "DATA", "RUNTIME")}
    own["JUPYTERLAB_SETTINGS_DIR"] = str(folder / "settings")
    own["JUPYTERLAB_WORKSPACES_DIR"] = str(folder / "workspaces")
    words = [
        *("-c", "from cape_kit.cli.lab import lab; lab()", str(client), "--as-of", day),
        *("--into", str(folder / "out"), "--no-browser", "--allow-root", "--ServerApp.ip=127.0.0.1"),
        *(f"--ServerApp.port={port}", "--ServerApp.port_retries=0", f"--IdentityProvider.token={token}"),
    ]
    with (folder / "log.txt").open("wb") as log:
        running = subprocess.Popen(
            [sys.executable, *words], stdout=log, stderr=log, env={**os.environ, **own}
        )
        try:
            wait_for(f"http://127.0.0.1:{port}/api?token={token}", running, folder / "log.txt")
            yield f"http://127.0.0.1:{port}/lab/tree/{notebook}?token={token}"
        finally:
            request = urllib.request.Request(
                f"http://127.0.0.1:{port}/api/shutdown?token={token}", method="POST"
            )
            try:
                urllib.request.urlopen(request, timeout=10).close()
                running.wait(20)
            except (OSError, subprocess.TimeoutExpired):
                running.terminate()
                running.wait(20)


def wait_for(address, running, log):
    until = time.monotonic() + WAIT
    while time.monotonic() < until:
        assert running.poll() is None, log.read_text("utf-8", "replace")
        try:
            urllib.request.urlopen(address, timeout=5).close()
            return
        except (urllib.error.URLError, OSError):
            time.sleep(0.3)
    pytest.fail(f"JupyterLab did not start: {log.read_text('utf-8', 'replace')}")


@pytest.fixture
def page(lab):
    with opened(lab) as found:
        yield found


@contextmanager
def opened(address):
    """A page on an address, which keeps what it asked for in `asked`."""
    api = pytest.importorskip("playwright.sync_api")
    with api.sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=chromium.PATH, args=chromium.QUIET)
        found = browser.new_page(viewport={"width": 1400, "height": 1000})
        found.set_default_timeout(WAIT * 1000)
        found.asked = []
        found.on("request", lambda request: found.asked.append(request.url))
        found.goto(address)
        yield found
        browser.close()


@pytest.fixture(scope="module")
def assessment():
    return samples.assessed("cedar-and-flint")


def kept_on_failure(page, folder, look):
    """Run the look at the page; where it fails, leave a picture and say where it is."""
    try:
        return look()
    except BaseException as wrong:
        place = folder / "at-the-failure.png"
        page.screenshot(path=place)
        wrong.add_note(f"The page as it was: {place}")
        raise


def cents(page, name):
    return int(page.locator(f".whatif-figures [data-figure={name}]").get_attribute("data-cents"))


def told(assessment, day):
    row = scenarios.figures(scenarios.refiled(assessment, day))
    return {name: row[name] for name in ("principal_cents", "interest_cents", "protest_cents", "lost_cents")}


def shown(page):
    return {
        name: cents(page, name)
        for name in ("principal_cents", "interest_cents", "protest_cents", "lost_cents")
    }


def test_moving_the_filing_day_changes_the_figures_to_those_of_the_kit(page, assessment, tmp_path):
    kept_on_failure(page, tmp_path, lambda: move_and_compare(page, assessment))


def move_and_compare(page, assessment):
    page.locator(".jp-Notebook .jp-CodeCell").first.wait_for()
    page.get_by_title("Python 3 (ipykernel) is idle").or_(
        page.get_by_text("(ipykernel) | Idle")
    ).first.wait_for()
    page.get_by_role("menuitem", name="Run", exact=True).click()
    page.get_by_role("menuitem", name="Run All Cells", exact=True).click()
    page.locator(".whatif-figures [data-figure=principal_cents]").wait_for()
    first = datetime.fromisoformat(DAY).date()
    assert shown(page) == told(assessment, first)

    before = page.locator(".whatif-figures").inner_text()
    handle = page.locator(".whatif-filing .noUi-handle").first
    handle.focus()
    for _ in range(STEPS):
        page.keyboard.press("ArrowRight")
    readout = page.locator(".whatif-filing .widget-readout").inner_text()
    day = datetime.strptime(f"{readout} +0000", "%b %d, %Y %z").date()
    assert (day - first).days == STEPS
    page.wait_for_function(
        "text => [...document.querySelectorAll('.whatif-figures [data-figure=filing_date]')]"
        ".some(one => one.innerText.includes(text))",
        arg=f"{day:%b} {day.day}, {day.year}",
    )
    assert page.locator(".whatif-figures").inner_text() != before
    assert shown(page) == told(assessment, day)
    assert shown(page)["principal_cents"] < told(assessment, first)["principal_cents"]

    hosts = {urlsplit(url).hostname for url in page.asked if not url.startswith(("data:", "blob:"))}
    assert hosts == {"127.0.0.1"}
