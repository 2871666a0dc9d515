"""The page made from a notebook: words and outputs only, in order, with nothing fetched."""

import nbformat.v4 as nb
import pytest

from cape_kit.rendering import pages
from tests.rendering.reading import Page, accessibility_faults, outside_references


def output(html):
    return nb.new_output("execute_result", data={"text/html": html, "text/plain": "plain"}, execution_count=1)


def notebook(*more):
    return nb.new_notebook(
        cells=[
            nb.new_markdown_cell("# For the analyst", metadata={"tags": [pages.NOTEBOOK_ONLY]}),
            nb.new_code_cell("secret_code = 1", outputs=[output("<h1>Client</h1>")]),
            nb.new_markdown_cell("## First *part*\n\nAbout <b>it</b> and $5."),
            nb.new_code_cell(
                "more_code()", outputs=[nb.new_output("stream", name="stderr", text="a warning")]
            ),
            nb.new_markdown_cell("## Second part"),
            *more,
        ]
    )


@pytest.fixture
def text():
    return pages.page(notebook(), title="Tom & <Jerry>", colophon="made & done")


def test_no_code_no_prompt_no_stream(text):
    for word in ("secret_code", "more_code", "In [", "Out[", "a warning", "For the analyst", "plain", "jp-"):
        assert word not in text


def test_a_page_is_well_formed_and_accessible(text):
    page = Page(text)
    assert accessibility_faults(page) == []
    assert outside_references(page) == []
    assert page.title == "Tom & <Jerry>"
    assert [level for level, _ in page.headings] == [1, 2, 2, 2]


def test_contents_lead_to_the_sections(text):
    page = Page(text)
    assert page.links.count("#second-part") == 1
    assert page.ids["second-part"] == 1


def test_markup_in_words_is_shown_not_obeyed(text):
    assert "&lt;b&gt;it&lt;/b&gt;" in text


def test_the_page_forbids_itself_to_fetch_or_run_anything(text):
    assert "default-src 'none'; img-src data:; font-src data:; style-src 'unsafe-inline'" in text


def test_the_notebook_itself_is_left_as_it_was():
    before = notebook()
    sources = [cell.source for cell in before.cells]
    pages.page(before, title="t", colophon="c")
    assert [cell.source for cell in before.cells] == sources


def test_same_notebook_same_bytes(text):
    assert pages.page(notebook(), title="Tom & <Jerry>", colophon="made & done") == text


def test_a_notebook_without_sections_is_a_page_too():
    bare = nb.new_notebook(cells=[nb.new_code_cell("x", outputs=[output("<h1>Only</h1>")])])
    assert accessibility_faults(Page(pages.page(bare, title="t", colophon="c"))) == []
