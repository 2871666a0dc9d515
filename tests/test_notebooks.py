"""Notebooks stay thin: they call the kit and show, decide nothing, and run on a client by one parameter."""

import ast
import html
import re
import subprocess
import sys
from itertools import pairwise

import nbconvert
import nbformat
import papermill
import pytest

import cape_kit
from cape_kit import sample
from cape_kit.errors import ReportFailed
from cape_kit.rendering import pages, report
from tests.test_house import ROOT

NOTEBOOKS = sorted((ROOT / "notebooks").glob("*.ipynb"))
#: Committed without outputs: its outputs are the reports.
TEMPLATES = {"client_report.ipynb"}
#: About a folder of reports, and not about one client.
BOOKS = {"07_book_of_clients.ipynb"}
#: The rooms at the door.
ROOMS = {"charts", "law", "scenarios", "start", "tables", "whatif"}
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
    for cell in code_cells(path):  # a list of parameters is no logic, however long
        assert len(cell.source.splitlines()) <= (10 if "parameters" in cell.metadata.get("tags", ()) else 6)


def test_one_cell_holds_the_parameters(path):
    tagged = [cell for cell in code_cells(path) if "parameters" in cell.metadata.get("tags", [])]
    assert len(tagged) == 1
    known = papermill.inspect_notebook(str(path))
    assert {"folder" if path.name in BOOKS else "client", "as_of"} <= set(known)


def test_each_parameter_has_a_type_and_a_word_of_help(path):
    known = papermill.inspect_notebook(str(path)).values()
    assert {one["inferred_type_name"] for one in known} <= {"str", "bool"}
    assert all(one["help"] for one in known)


def test_nothing_deeper_than_the_door_is_imported(path):
    """A notebook is written against `cape_kit` and the rooms that stand at its door, and nothing else."""
    for cell in code_cells(path):
        for node in ast.walk(ast.parse(cell.source)):
            if isinstance(node, ast.Import):
                assert [one.name for one in node.names] == ["cape_kit"]
            if isinstance(node, ast.ImportFrom):
                assert node.module == "cape_kit"
                assert {one.name for one in node.names} <= ROOMS


@pytest.mark.parametrize("place", ["", "notebooks", "elsewhere"])
def test_a_shipped_client_is_found_wherever_a_notebook_runs(path, place, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path if place == "elsewhere" else ROOT / place)
    known = papermill.inspect_notebook(str(path))
    if path.name in BOOKS:
        assert cape_kit.book(ast.literal_eval(known["folder"]["default"])).reports
        return
    client = ast.literal_eval(known["client"]["default"])
    assert (sample.folder_of(client) / "client.toml").is_file()


def test_papermill_runs_a_notebook_as_its_own_page_says(tmp_path, monkeypatch):
    """From a folder that has nothing to do with the project, with one parameter of two given."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("PYTHONPATH", str(ROOT))
    source = ROOT / "notebooks" / "02_liquidation_timelines.ipynb"
    words = [sys.executable, "-m", "papermill", str(source), "out.ipynb", "-p", "as_of", "2026-06-29"]
    done = subprocess.run(words, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    shown = nbformat.read(tmp_path / "out.ipynb", as_version=4)
    found = cape_kit.assess(cape_kit.open("sample:harbor-lane"), as_of="2026-06-29")
    htmls = [
        one["data"].get("text/html")
        for cell in shown.cells
        for one in cell.get("outputs", ())
        if "data" in one
    ]
    told = cape_kit.tables.priorities(found)._repr_html_()
    assert any(told in html for html in htmls if html)


def test_a_template_is_committed_without_outputs(path):
    if path.name not in TEMPLATES:
        pytest.skip("committed with outputs")
    for cell in code_cells(path):
        assert not cell.outputs
        assert cell.execution_count is None


def test_other_notebooks_are_committed_with_outputs_and_without_traces(path):
    if path.name in TEMPLATES:
        pytest.skip("a template")
    cells = code_cells(path)
    kinds = {kind for cell in cells for output in cell.outputs for kind in output.get("data", {})}
    assert "text/html" in kinds
    assert [cell.execution_count for cell in cells] == list(range(1, len(cells) + 1))
    for cell in cells:
        assert not any(output.output_type == "error" for output in cell.outputs)
        assert "execution" not in cell.metadata
    assert str(ROOT) not in path.read_text("utf-8")


def test_every_picture_reaches_a_page_with_its_words(path):
    """As the alternative of the picture where a viewer hands it on, and as words below it everywhere."""
    if path.name in TEMPLATES:
        pytest.skip("a template")
    notebook = nbformat.read(path, as_version=4)
    shown = [output for cell in notebook.cells for output in cell.get("outputs", ())]
    pictures = [output for output in shown if "image/png" in output.get("data", {})]
    alts = [html.escape(output.metadata["image/png"]["alt"], quote=False) for output in pictures]
    assert all(len(alt) > 20 for alt in alts)
    lab = nbconvert.HTMLExporter().from_notebook_node(notebook)[0]
    assert lab.count(", in words</summary>") == len(pictures)
    assert all(f"<p>{alt}</p>" in lab.replace("&#34;", '"').replace("&#39;", "'") for alt in alts)
    classic = nbconvert.HTMLExporter(template_name="classic").from_notebook_node(notebook)[0]
    images = re.findall(r"<img[^>]*>", classic)
    assert len(images) >= len(pictures) and not [one for one in images if "alt=" not in one]
    assert "No description" not in classic


def test_no_personal_number_in_a_notebook(path):
    assert not re.search(r"(?<![\w-])\d{3}-\d{2}-\d{4}(?!\d)", path.read_text("utf-8"))


def test_a_missing_client_is_one_kind_sentence(tmp_path):
    path = next(path for path in NOTEBOOKS if path.name not in TEMPLATES)
    with pytest.raises(ReportFailed, match="no such folder") as stop:
        report.execute(path, {"client": str(tmp_path / "nobody")})
    assert "Traceback" not in str(stop.value)


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
