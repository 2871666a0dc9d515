"""Changes that people make, made: each takes what the guide says and no more, and what is forgotten is said.

A check that ends on a day, a new check of lines and rows that open a phase are in assessment/test_law_changes.py;
a broker's layout in the client's folder is in entries/test_matching.py.
"""

from dataclasses import replace

import nbformat.v4 as nb
import openpyxl
import pandas as pd
import pytest
import xlsxwriter

from cape_kit.rendering import pages
from cape_kit.views import palette, tables
from cape_kit.views.charts.picture import Picture, two_widths
from cape_kit.views.tables import Field, Table
from cape_kit.views.workbook import sheet
from cape_kit.views.workbook.sheet import Formats
from tests import samples
from tests.rendering.reading import Page, accessibility_faults, outside_references


@two_widths
def dollars_by_importer(table: Table, *, width="wide") -> Picture:
    """The new chart of the guide: a finished table in, a figure with its words out."""
    picture = Picture(
        width=width, height=1.5, alt=f"{len(table.frame)} importers by dollars", note=table.note
    )
    picture.subplots().barh(table.frame["name"], table.frame["principal_cents"] / 100, color=palette.CAPE)
    return picture


def test_a_new_chart_in_a_notebook_and_in_the_report():
    """The function, a line in the room's door, a cell in the notebook; the drill took five minutes."""
    found = samples.assessed("cedar-and-flint")
    picture = dollars_by_importer(tables.importers(found))
    assert picture.alt == "2 importers by dollars"
    bundle = picture._repr_mimebundle_()
    assert {"text/plain", "image/png"} <= set(bundle)
    shown = nb.new_output("execute_result", data={"text/html": picture.on_page.text})
    title = nb.new_output("display_data", data={"text/html": "<h1>A client</h1>"})
    cells = [
        nb.new_code_cell("cover", outputs=[title]),
        nb.new_markdown_cell("## By importer"),
        nb.new_code_cell("chart", outputs=[shown]),
    ]
    page = Page(text := pages.page(nb.new_notebook(cells=cells), title="t", colophon="c"))
    assert accessibility_faults(page) == [] and outside_references(page) == []
    assert "2 importers by dollars" in text


def with_columns(*fields):
    table = tables.every_entry(samples.assessed("cedar-and-flint"))
    days = table.frame["entry_date"]
    frame = table.frame.assign(quarter=days.dt.year.astype("str") + " Q" + days.dt.quarter.astype("str"))
    return replace(table, frame=frame, fields=(*table.fields, *fields))


def test_a_new_column_of_the_workbook(tmp_path):
    """A column of the frame and a `Field` that names it; the drill took three minutes."""
    table = with_columns(Field("quarter", "Quarter of entry"))
    with xlsxwriter.Workbook(tmp_path / "w.xlsx") as book:
        sheet.fill(book.add_worksheet("Entries"), table, Formats(book))
    rows = list(openpyxl.load_workbook(tmp_path / "w.xlsx")["Entries"].iter_rows(values_only=True))
    head = next(row for row in rows if "Quarter of entry" in row)
    place, entry = head.index("Quarter of entry"), head.index("Entry")
    told = {row[entry]: row[place] for row in rows[rows.index(head) + 1 :]}
    first = table.frame.iloc[0]
    day = pd.Timestamp(first["entry_date"])
    assert told[first["entry_number"]] == f"{day.year} Q{(day.month + 2) // 3}"
    assert len(told) == len(table.frame)


def test_a_misspelt_column_is_no_empty_column():
    with pytest.raises(LookupError, match="quater"):
        with_columns(Field("quater", "Quarter of entry"))
