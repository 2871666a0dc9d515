"""A real report of a sample client, from files to page; made once, looked at from all sides."""

import errno
import json
import re

import nbformat
import pytest

from cape_kit.errors import BadClient, CapeError, ReportFailed, Usage
from cape_kit.rendering import batch, manifest, pages, report
from cape_kit.views import words
from tests.rendering.conftest import DAY, SAMPLE
from tests.rendering.reading import Page, accessibility_faults, outside_references


@pytest.fixture(scope="module")
def text(made):
    return made.page.read_text("utf-8")


def test_the_report_stands_under_client_and_day(made):
    assert made.state == "done"
    assert made.message == ""
    assert made.folder.parts[-2:] == (SAMPLE.name, DAY.isoformat())
    assert {path.name for path in made.folder.iterdir()} == {
        "report.html",
        "report.ipynb",
        "entries.json",
        "manifest.json",
        "declarations",
        "protests.csv",
        "deadlines.ics",
        "workbook.xlsx",
        "memo.html",
        "questions",
        "brokers",
    }
    assert not list(made.folder.parent.glob(".*"))


def test_the_page_is_small_whole_and_accessible(made, text):
    page = Page(text)
    assert made.page.stat().st_size < 3_000_000
    assert accessibility_faults(page) == []
    assert outside_references(page) == []
    assert page.tags["table"] >= 8
    # Cash, clocks, dollars at risk, programmes, origins; what the interest depends on is told in words.
    assert len(page.images) == 5


def test_the_page_shows_no_code(text):
    words = "".join(Page(text).words)
    for code in ("cape_kit.", "tables.", "assessment", "In [", "Traceback"):
        assert code not in words


def test_the_answers_come_first(text):
    headings = [title for level, title in Page(text).headings if level == 2]
    first = ["What we need from you: three decisions", "Where the $2,377,445 of IEEPA duty found stands"]
    assert headings[:4] == [*first, "Contents", "Where the money stands"]
    for title in (
        "Every entry against its deadlines",
        "Where the duty was paid",
        "Data problems",
        "Law and sources",
    ):
        assert title in headings


def test_the_totals_are_those_of_the_truth(made, text):
    truth = json.loads((SAMPLE / "truth" / "truth.json").read_text("utf-8"))["totals"][DAY.isoformat()]
    told = {key: part for key, part in made.summary["dispositions"].items() if part["entries"]}
    names = {"entries": "entries", "principal": "principal_cents", "interest": "interest_cents"}
    # On what is claimed already no interest is reckoned, and null is no zero.
    assert told["claimed"]["interest_cents"] is None and truth["claimed"]["interest"] == 0
    truth["claimed"]["interest"] = None
    assert {key: {name: part[name] for name in names.values()} for key, part in told.items()} == {
        key: {names[name]: value for name, value in part.items()}
        for key, part in truth.items()
        if part["entries"]
    }
    for part in truth.values():
        assert f">{words.dollars(part['principal'])}</td>" in text


def test_no_personal_number_is_in_any_output(made):
    for path in made.folder.rglob("*"):
        if path.is_file():
            assert not re.search(rb"(?<![\w-])\d{3}-\d{2}-\d{4}(?!\d)", path.read_bytes()), path.name


def test_the_notebook_holds_the_same_outputs_and_no_traces(made):
    notebook = nbformat.read(made.folder / "report.ipynb", as_version=4)
    nbformat.validate(notebook)
    assert "papermill" not in notebook.metadata
    assert not any({"papermill", "execution"} & set(cell.metadata) for cell in notebook.cells)


def test_the_manifest_names_every_input_and_output(made):
    told = manifest.read(made.folder)
    assert told["inputs"] == manifest.tree(SAMPLE)
    assert set(told["outputs"]) == set(manifest.tree(made.folder)) - {manifest.NAME}
    assert told["parameters"]["as_of"] == "2026-05-05"
    assert told["summary"] == made.summary


def test_the_same_inputs_give_the_same_bytes(made, tmp_path):
    """The second time in a fork of a prepared process, where the first was made in an ordinary kernel."""
    (again,) = batch.run([batch.Job(SAMPLE, "extract", tmp_path)])
    assert again.state == "done", again.message
    assert manifest.tree(again.folder) == manifest.tree(made.folder)


def test_an_unchanged_report_is_not_made_again(made):
    before = made.page.stat().st_mtime_ns
    again = report.render(SAMPLE, DAY, made.folder.parents[1], options=report.Options(force=False))
    assert again.state == "unchanged"
    assert again.summary == made.summary
    assert made.page.stat().st_mtime_ns == before


def test_a_failed_report_leaves_the_earlier_one(made, monkeypatch):
    before = manifest.tree(made.folder)

    def breaks(*_, **__):
        raise ReportFailed("no page today")

    monkeypatch.setattr(report.pages, "page", breaks)
    monkeypatch.setattr(report, "execute", lambda *_, **__: nbformat.v4.new_notebook())
    with pytest.raises(ReportFailed):
        report.render(SAMPLE, DAY, made.folder.parents[1])
    assert manifest.tree(made.folder) == before
    assert [path.name for path in made.folder.parent.iterdir()] == [DAY.isoformat()]


def test_a_failed_first_report_leaves_nothing(tmp_path, monkeypatch):
    def breaks(*_, **__):
        raise ReportFailed("the kernel stopped")

    monkeypatch.setattr(report, "execute", breaks)
    with pytest.raises(ReportFailed):
        report.render(SAMPLE, DAY, tmp_path / "reports")
    assert not list((tmp_path / "reports").iterdir())


def test_a_client_without_its_file_is_one_sentence(tmp_path):
    (tmp_path / "client").mkdir()
    with pytest.raises(BadClient, match=r"client\.toml"):
        report.render(tmp_path / "client", DAY, tmp_path / "out")
    assert not (tmp_path / "out").exists()


def test_reports_do_not_go_where_the_files_are_read(tmp_path):
    (tmp_path / "client.toml").write_text('name = "x"\n')
    for out in (tmp_path / "reports", tmp_path.parent):
        with pytest.raises(Usage, match="inside the client's folder"):
            report.render(tmp_path, DAY, out)


def test_extract_needs_a_day_in_client_toml(tmp_path):
    (tmp_path / "client").mkdir()
    (tmp_path / "client" / "client.toml").write_text('name = "No Day"\n')
    with pytest.raises(Usage, match="extracted_on"):
        report.render(tmp_path / "client", "extract", tmp_path / "out")


def notebook_with(tmp_path, *sources):
    cells = [nbformat.v4.new_code_cell('client = ""', metadata={"tags": ["parameters"]})]
    cells += [nbformat.v4.new_code_cell(source) for source in sources]
    path = tmp_path / "small.ipynb"
    kernel = {"kernelspec": {"name": "python3", "display_name": "Python", "language": "python"}}
    nbformat.write(nbformat.v4.new_notebook(cells=cells, metadata=kernel), path)
    return path


def test_a_misspelt_parameter_is_refused(tmp_path):
    with pytest.raises(Usage, match="clinet"):
        report.execute(notebook_with(tmp_path), {"clinet": "x"})


def test_an_error_of_the_kit_in_a_cell_keeps_its_sentence(tmp_path):
    path = notebook_with(
        tmp_path, "from cape_kit.errors import BadClient\nraise BadClient('It has no name.')"
    )
    with pytest.raises(CapeError) as stop:
        report.execute(path, {"client": "x"})
    assert str(stop.value) == "It has no name."


def test_what_the_system_refuses_a_cell_is_said_in_its_own_words(tmp_path):
    path = notebook_with(tmp_path, f"open({str(tmp_path / 'no' / 'file')!r}, 'w')")
    with pytest.raises(FileNotFoundError) as stop:
        report.execute(path, {"client": "x"})
    assert stop.value.filename == str(tmp_path / "no" / "file")
    path = notebook_with(tmp_path, "import errno; raise OSError(errno.ENOSPC, 'No space left on device')")
    with pytest.raises(OSError, match="No space left on device") as stop:
        report.execute(path, {"client": "x"})
    assert stop.value.errno == errno.ENOSPC


def test_the_kernel_is_this_python_and_sees_no_start_up_files(tmp_path):
    source = "import sys, os; print(sys.executable); print(os.environ['IPYTHONDIR'])"
    done = report.execute(notebook_with(tmp_path, source), {"client": "x"})
    import sys

    told = done.cells[-1].outputs[0].text.splitlines()
    assert told[0] == sys.executable
    assert "cape-" in told[1]


def test_the_template_is_found():
    assert report.template().is_file()
    assert (pages.TEMPLATES / "report" / "index.html.j2").is_file()


def test_colours_of_text_stand_out_from_what_is_behind_them():
    """Every colour the style sheet sets letters in, on paper and on the two grounds of notices."""
    from cape_kit.views import palette

    css = pages.style()
    named = dict(re.findall(r"--(\w+): (#[0-9a-f]{6})", css))
    inks = [named[name] for name in ("ink", "muted", "accent")]
    grounds = ["#ffffff", *re.findall(r"background: (#[0-9a-f]{6})", css)]
    assert len(grounds) >= 3
    assert all(palette.contrast(ink, ground) >= 4.5 for ink in inks for ground in grounds)
