"""The memo: one sheet, whatever the paper, with the figures of the report's own JSON."""

import html
import re
import shutil
from dataclasses import replace

import pandas as pd
import pytest

from cape_kit.rendering import attachments, pages
from cape_kit.views import tables, words
from tests import chromium, effort, samples
from tests.rendering.reading import Page, accessibility_faults, outside_references


@pytest.fixture(params=samples.CLIENTS)
def assessment(request):
    return samples.assessed(request.param)


def told(text):
    return " ".join("".join(Page(text).words).split())


def test_it_says_the_figures_of_the_report(assessment):
    figures, page = tables.figures(assessment)["expected"], told(attachments.memo_page(assessment))
    parts = assessment.totals.set_index("disposition")
    on_cape = parts.loc[["file", "file_deferred"]].sum()
    assert figures["amount_cents"] == on_cape["principal_cents"] + on_cape["interest_cents"]
    assert figures["low_cents"] <= figures["amount_cents"] <= figures["high_cents"]
    kinds = ("dated", "undated", "blocked")
    assert sum(figures[f"{kind}_cents"] for kind in kinds) == figures["amount_cents"]
    assert sum(figures["quarters"].values()) == figures["dated_cents"]
    for name in ("principal_cents", "interest_cents", "amount_cents", "low_cents", "high_cents"):
        assert words.dollars(figures[name]) in page
    assert f"{words.dollars(figures['amount_cents'])} is the expected refund, with interest" in page


def test_the_bridge_leads_from_all_duty_to_what_is_expected(assessment):
    """Every step added up by hand ends on the report's total; the IEEPA duty is that of all dispositions."""
    bridge = tables.bridge(assessment)
    steps = bridge.frame.set_index("step")
    found = assessment.totals["principal_cents"].sum()
    assert steps.at["ieepa", "cents"] == found == steps.at["paid", "cents"] + steps.at["other", "cents"]
    off = steps.loc["ieepa":"file"].iloc[1:-1]["cents"]
    assert off.lt(0).all()
    assert found + off.sum() == steps.at["file", "cents"]
    assert steps.at["file", "cents"] + steps.at["interest", "cents"] == bridge.total["cents"]
    assert bridge.total["cents"] == tables.expected_figures(assessment)["amount_cents"]


def test_three_decisions_each_with_its_day(assessment):
    items = re.findall(r"<li><strong>(.*?)</strong>", tables.decisions(assessment).text)
    assert len(items) == 3
    dated = [item for item in items if re.search(r" by [A-Z][a-z]{2} \d{1,2}, \d{4}\.$", html.unescape(item))]
    # What is missing has no day: until it is there nobody knows one.
    assert all(item in dated or "Send the missing data" in item for item in items)


def test_it_needs_nothing_beside_it_and_reads_well(assessment):
    page = Page(attachments.memo_page(assessment))
    assert accessibility_faults(page) == []
    assert outside_references(page) == []
    assert "report.html" in page.links


@pytest.mark.browser
@pytest.mark.skipif(
    chromium.PATH is None or not shutil.which("pdfinfo"), reason="no Chromium or no PDF tools here"
)
def test_it_is_one_sheet_on_letter_and_on_a4(tmp_path, pages_of):
    """For one with a long name and old exports, and for each sample: a deep run prints each on both."""
    worst = samples.assessed("cedar-and-flint")
    files = worst.portfolio.files
    portfolio = replace(
        worst.portfolio,
        client=replace(worst.client, name="Importers of Everything and More " * 4),
        files=files.assign(extracted_on=pd.Timestamp(samples.DAY) - pd.Timedelta(days=60)),
    )
    texts = {name: attachments.memo_page(samples.assessed(name)) for name in samples.CLIENTS}
    texts["worst"] = attachments.memo_page(replace(worst, portfolio=portfolio))
    assert "The exports are out of date" in texts["worst"]
    papers = ("letter", "A4")
    for place, (name, text) in enumerate(texts.items()):
        for paper in papers if effort.DEEP or name == "worst" else papers[place % 2 :][:1]:
            path = tmp_path / f"{name} {paper}.html"
            path.write_text(text.replace("size: letter", f"size: {paper}"), "utf-8")
            assert pages.print_pdf(path, path.with_suffix(".pdf")) == ""
            assert pages_of(path.with_suffix(".pdf")) == 1, path.name
