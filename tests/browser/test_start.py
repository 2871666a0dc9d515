"""The first notebook in a real JupyterLab and browser: a messy folder, a column named, a client, a report."""

import os
import shutil

import pytest

from cape_kit.entries import client
from tests import chromium
from tests.browser.test_what_if import WAIT, kept_on_failure, lab_on, opened
from tests.numbers import numbered
from tests.test_house import ROOT

NOTEBOOK = "00_start_here.ipynb"
MESSY = ROOT / "tests" / "golden" / "any_file"
DAY = "2026-05-05"

pytestmark = [
    pytest.mark.browser,
    pytest.mark.slow,
    pytest.mark.skipif(chromium.PATH is None, reason="no Chromium on this machine"),
    pytest.mark.filterwarnings("ignore::ResourceWarning"),
]


@pytest.fixture
def messy(tmp_path):
    """A folder as it lies at six in the evening: two brokers' sheets, an invoice, a letter."""
    folder = tmp_path / "acme"
    shutil.copytree(MESSY / "cargowise_duty_report", folder, ignore=shutil.ignore_patterns("expected.toml"))
    for name in ("invoice 2026-017.csv", "letter.rtf"):
        shutil.copy(MESSY / "for_another_purpose" / name, folder / name)
    header = "Entry No.,Entry Date,HTSUS No,Amount we paid as duty\n"
    line = f'{numbered("K12", 5100003)},06/14/2025,9903.01.25,"1,000.00"\n'
    (folder / "other broker.csv").write_text(header + line, encoding="utf-8")
    (folder / "client.toml").write_text('name = "Acme Inc"  # ours\n', encoding="utf-8")
    return folder


def test_from_a_messy_folder_to_a_rendered_report(messy, tmp_path, monkeypatch):
    monkeypatch.setenv(
        "BROWSER", "true"
    )  # the report opens in the browser of whoever sits there: here nobody does
    with lab_on(messy, DAY, tmp_path / "lab", NOTEBOOK) as address, opened(address) as page:
        kept_on_failure(page, tmp_path, lambda: drive(page, messy, tmp_path))


def drive(page, messy, tmp_path):
    page.locator(".jp-Notebook .jp-CodeCell").first.wait_for()
    page.get_by_title("Python 3 (ipykernel) is idle").or_(
        page.get_by_text("(ipykernel) | Idle")
    ).first.wait_for()
    page.get_by_role("menuitem", name="Run", exact=True).click()
    page.get_by_role("menuitem", name="Run All Cells", exact=True).click()
    page.get_by_role("button", name="Keep these columns").wait_for()
    shown = page.locator(".jp-Notebook").inner_text()
    assert "other broker.csv" in shown
    assert "Left alone" in shown

    picks = page.locator(".start-column select")
    picks.last.select_option("duty (dollars)")
    page.get_by_role("button", name="Keep these columns").click()
    page.locator(".start-told", has_text="Kept in layouts/other_broker.toml").wait_for()

    page.get_by_role("button", name="Write client.toml").click()
    page.locator(".start-told", has_text="client.toml is written").wait_for()
    assert "# ours" in (messy / "client.toml").read_text("utf-8")
    assert [one.number for one in client.load(messy).importers] == ["12-345678900"]

    page.screenshot(path=tmp_path / "desk.png", full_page=True)
    page.get_by_role("button", name="Make the report").click()
    page.locator(".start-made", has_text="The report is made").wait_for(timeout=WAIT * 3000)
    (report,) = tmp_path.rglob("report.html")
    text = report.read_text("utf-8")
    assert "Acme Inc" in text
    assert "Amount we paid as duty" in text  # which columns a person named stands in the report
    if keep := os.environ.get("CAPE_KIT_PICTURES"):
        page.keyboard.press("Control+b")
        page.set_viewport_size({"width": 480, "height": 2600})
        page.wait_for_timeout(1000)
        page.screenshot(path=f"{keep}/phone.png")
        shutil.copy(tmp_path / "desk.png", keep)
