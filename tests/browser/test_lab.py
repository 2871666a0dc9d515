"""What `cape-kit lab CLIENT` prepares: the client's own copies of the notebooks, with the client in them."""

import os
from datetime import date

import nbformat
import papermill
import pytest
from click.testing import CliRunner

from cape_kit.cli import lab
from cape_kit.errors import Usage
from tests.law.test_user_law import COLUMNS, Q1, write
from tests.test_house import ROOT

CLIENT = ROOT / "data" / "sample" / "northgate-tools"
DAY = date(2026, 5, 6)


def test_the_copies_name_the_client_and_the_day_and_show_no_one_elses_figures(tmp_path):
    folder = lab.prepared(CLIENT, DAY, tmp_path)
    assert folder == tmp_path / "northgate-tools" / "notebooks"
    copies = sorted(folder.glob("*.ipynb"))
    of_clients = [p.name for p in (ROOT / "notebooks").glob("*.ipynb") if p.name != lab.BOOK]
    assert [one.name for one in copies] == sorted(of_clients)
    for copy in copies:
        known = papermill.inspect_notebook(str(copy))
        assert known["client"]["default"] == repr(CLIENT.as_posix())
        assert known["as_of"]["default"] == repr(DAY.isoformat())
        assert not any(cell.get("outputs") for cell in nbformat.read(copy, as_version=4).cells)


def test_what_a_person_changed_in_a_copy_stays(tmp_path):
    copy = lab.prepared(CLIENT, DAY, tmp_path) / "05_what_if.ipynb"
    mine = nbformat.read(copy, as_version=4)
    mine.cells.append(nbformat.v4.new_markdown_cell("Mine."))
    nbformat.write(mine, copy)
    lab.prepared(CLIENT, None, tmp_path)
    again = nbformat.read(copy, as_version=4)
    assert again.cells[-1].source == "Mine."
    assert papermill.inspect_notebook(str(copy))["as_of"]["default"] == "'2026-05-05'"


def test_a_remark_behind_a_parameter_stays(tmp_path):
    copy = lab.prepared(CLIENT, DAY, tmp_path) / "05_what_if.ipynb"
    told = [cell.source for cell in nbformat.read(copy, as_version=4).cells if cell.id == "parameters"]
    assert "as_of: str = '2026-05-06'  # the day the facts are looked at" in told[0]


def test_the_copies_read_the_users_own_law(tmp_path):
    mine = write(tmp_path / "law", interest__csv=COLUMNS + Q1)
    copy = lab.prepared(CLIENT, DAY, tmp_path / "out", mine) / "03_refund_estimate.ipynb"
    assert papermill.inspect_notebook(str(copy))["law"]["default"] == repr(mine.as_posix())
    lab.prepared(CLIENT, DAY, tmp_path / "out")
    assert papermill.inspect_notebook(str(copy))["law"]["default"] == "''"


def test_a_copy_older_than_the_parameter_is_not_passed_over(tmp_path):
    copy = lab.prepared(CLIENT, DAY, tmp_path / "out") / "03_refund_estimate.ipynb"
    copy.write_text(copy.read_text("utf-8").replace("law: str", "flaw: str"), "utf-8")
    with pytest.raises(Usage, match="no parameter law"):
        lab.prepared(CLIENT, DAY, tmp_path / "out", write(tmp_path / "law"))


def test_an_installed_kit_opens_copies_and_keeps_what_was_changed_in_them(tmp_path, monkeypatch):
    assert lab.at_hand(ROOT / "notebooks", tmp_path) == ROOT / "notebooks"
    installed = tmp_path / "site" / "cape_kit"
    (installed / "notebooks").mkdir(parents=True)
    (installed / "notebooks" / "01.ipynb").write_text("{}", "utf-8")
    monkeypatch.setattr("cape_kit.__file__", str(installed / "__init__.py"))
    copies = lab.at_hand(installed / "notebooks", tmp_path / "out")
    (copies / "01.ipynb").write_text("mine", "utf-8")
    lab.at_hand(installed / "notebooks", tmp_path / "out")
    assert [(one.name, one.read_text("utf-8")) for one in copies.iterdir()] == [("01.ipynb", "mine")]


def test_help_has_an_example():
    told = CliRunner().invoke(lab.lab, ["--help"]).output
    assert "cape-kit lab data/sample/cedar-and-flint" in told


@pytest.mark.parametrize("words", [["--allow-root"], ["--port=8899", "--allow-root"], []])
def test_without_a_client_the_words_behind_are_jupyters(tmp_path, monkeypatch, words):
    asked = []

    def taken_over(_, command):
        asked.extend(command)
        raise SystemExit(0)

    monkeypatch.setattr(os, "execv", taken_over)
    monkeypatch.setenv("JUPYTER_RUNTIME_DIR", str(tmp_path))
    monkeypatch.setattr(lab, "at_hand", lambda *_: tmp_path)
    done = CliRunner().invoke(lab.lab, ["--no-browser", *words])
    assert done.exit_code == 0, done.output
    assert asked[-len(words) - 2 :] == ["--no-browser", *words, str(tmp_path)]
