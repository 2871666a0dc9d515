"""Notebooks stay thin: they call the kit and show, decide nothing, and run on a client by one parameter."""

import ast
from itertools import pairwise

import nbformat
import papermill
import pytest

from cape_kit.rendering import pages, report
from tests.test_house import ROOT

NOTEBOOKS = sorted((ROOT / "notebooks").glob("*.ipynb"))
#: Committed without outputs: its outputs are the reports.
TEMPLATES = {"client_report.ipynb"}
LOGIC = (
    ast.FunctionDef,
    ast.AsyncFunctionDef,
    ast.ClassDef,
    ast.Lambda,
    ast.For,
    ast.While,
    ast.If,
    ast.IfExp,
    ast.Try,
    ast.With,
    ast.BinOp,
    ast.BoolOp,
    ast.Compare,
    ast.ListComp,
    ast.SetComp,
    ast.DictComp,
    ast.GeneratorExp,
    ast.AugAssign,
)


def names(paths):
    return [path.name for path in paths]


@pytest.fixture(params=NOTEBOOKS, ids=names(NOTEBOOKS))
def path(request):
    return request.param


def code_cells(path):
    return [cell for cell in nbformat.read(path, as_version=4).cells if cell.cell_type == "code"]


def test_there_is_a_report_notebook():
    assert report.template().name in names(NOTEBOOKS)


def test_a_notebook_opens_with_what_it_answers(path):
    first = nbformat.read(path, as_version=4).cells[0]
    assert first.cell_type == "markdown"
    assert first.source.startswith("# ")


def test_no_logic_lives_in_a_notebook(path):
    for cell in code_cells(path):
        for node in ast.walk(ast.parse(cell.source)):
            assert not isinstance(node, LOGIC), f"{path.name}, cell {cell.id}: {type(node).__name__}"


def test_cells_are_a_few_lines(path):
    assert all(len(cell.source.splitlines()) <= 6 for cell in code_cells(path))


def test_one_cell_holds_the_parameters(path):
    tagged = [cell for cell in code_cells(path) if "parameters" in cell.metadata.get("tags", [])]
    assert len(tagged) == 1
    known = papermill.inspect_notebook(str(path))
    assert {"client", "as_of"} <= set(known)


def test_a_template_is_committed_without_outputs(path):
    if path.name not in TEMPLATES:
        pytest.skip("committed with outputs")
    for cell in code_cells(path):
        assert not cell.outputs
        assert cell.execution_count is None


def test_headings_go_down_one_step_at_a_time(path):
    levels = [1]
    for cell in nbformat.read(path, as_version=4).cells:
        if cell.cell_type == "markdown":
            levels += [len(line.split()[0]) for line in cell.source.splitlines() if line.startswith("#")]
    assert all(after - before <= 1 for before, after in pairwise(levels))


def test_notebooks_are_valid_and_their_cells_have_names(path):
    notebook = nbformat.read(path, as_version=4)
    nbformat.validate(notebook)
    assert len({cell.id for cell in notebook.cells}) == len(notebook.cells)


def test_the_reader_of_the_report_never_sees_the_notebooks_own_words():
    first = nbformat.read(report.template(), as_version=4).cells[0]
    assert pages.NOTEBOOK_ONLY in first.metadata["tags"]
