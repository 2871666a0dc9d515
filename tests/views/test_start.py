"""The desk: files into a folder, columns by dropdown, client.toml by a form; nothing lost, nothing written over."""

import warnings
import webbrowser
from datetime import date
from pathlib import Path

import pytest

import cape_kit
from cape_kit.errors import BadClient, Incomplete, ReportFailed, Usage
from cape_kit.views.start import folder as start
from cape_kit.views.start.live_desk import DRAFT, Desk
from tests.numbers import numbered

pytest.importorskip("ipywidgets")
FIRST, SECOND = numbered("K12", 5100001), numbered("K12", 5100003)
GOOD = f"Entry No,Entry Date,IOR Number,HTS,Duty\n{FIRST},06/14/2025,12-345678900,9903.01.25,300.00\n"
ODD = f'Entry No.,HTSUS No,Amount we paid as duty,Our ref\n{SECOND},9903.01.25,"1,000.00",A1\n'


@pytest.fixture
def folder(tmp_path):
    client = tmp_path / "acme"
    client.mkdir()
    (client / "good.csv").write_text(GOOD, encoding="utf-8")
    (client / "odd.csv").write_text(ODD, encoding="utf-8")
    (client / "note.txt").write_text("Call Ann.\n", encoding="utf-8")
    (client / "client.toml").write_text('name = "Acme"  # ours\n', encoding="utf-8")
    return client


def desk(folder, **more):
    return Desk(folder, as_of="2026-05-05", into=folder.parent / "out", opens=False, **more)


def test_what_each_file_was_taken_for_and_dollars_that_add_up(folder):
    found = start.look(folder, "2026-05-05")
    frame = start.taken(found).frame.set_index("name")
    assert frame.loc["good.csv", ["sum_cents", "used_cents"]].tolist() == [30_000, 30_000]
    assert frame.loc["odd.csv", ["sum_cents", "used_cents", "not_understood_cents"]].tolist() == [
        100_000,
        0,
        100_000,
    ]
    assert "Left alone" in frame.loc["note.txt", "what"]
    parts = frame[["used_cents", "not_understood_cents", "other_cents"]].dropna().sum(axis=1)
    assert parts.tolist() == frame["sum_cents"].dropna().tolist()
    waits = start.columns(found).frame.set_index("header")
    assert waits.loc["Amount we paid as duty", "holds"] == "1,000.00"
    assert "$1,000.00" in start.to_do(found).words


def test_a_folder_without_client_toml_or_without_files_says_so(tmp_path):
    (tmp_path / "odd.csv").write_text(ODD, encoding="utf-8")
    found = start.look(tmp_path)
    assert found.assessment is None
    assert len(found.waiting) == 1
    assert "client.toml" in start.to_do(found).words
    with pytest.raises(BadClient, match="no such folder"):
        start.look(tmp_path / "nobody")
    with pytest.raises(Usage, match="'5/5/2026' is not a date"):
        start.look(tmp_path, "5/5/2026")


def test_what_stands_in_the_way_is_whole_whatever_the_folder_is_called(tmp_path):
    client = tmp_path / "acme (2025)"
    client.mkdir()
    (client / "client.toml").write_text('name = "Acme"\n', encoding="utf-8")
    (client / "odd.csv").write_text(ODD, encoding="utf-8")
    (told,) = start.look(client).why
    assert told == f"{client}: its one file is not a report the kit can read."


def test_columns_are_named_by_dropdown_and_the_file_is_read(folder):
    one = desk(folder)
    ((target, _, drawn, _),) = one.choices
    assert target == folder / "layouts" / "odd.toml"
    assert drawn["Amount we paid as duty"].value == ""  # duty is never guessed
    one.map(target)
    assert "No column is named" in one.told.value
    drawn["Amount we paid as duty"].value = "duty_cents"
    drawn["Our ref"].value = "-"
    one.map(target)
    assert one.choices == []
    assert one.found.money["used_cents"].sum() == 130_000
    assert cape_kit.open(folder).files["rows_used"].sum() == 2


def test_what_is_typed_survives_a_re_run_until_it_is_saved(folder):
    one = desk(folder)
    row = one.typed["importer"][0]
    assert row["number"].value == "12-345678900"  # seen in the files, not in client.toml
    row["ach_refund_enrolled"].value = True
    one.typed["extracted_on"].value = date(2026, 5, 5)
    one.typed["by"].value = "A. Example"
    one.typed["assertions"]["no_protests"].value = True
    again = desk(folder)
    assert again.typed["importer"][0]["ach_refund_enrolled"].value is True
    assert again.typed["extracted_on"].value == date(2026, 5, 5)
    before = (folder / "client.toml").read_text("utf-8")
    again._guarded(again._show)
    assert "+ach_refund_enrolled = true" in again.changes.value
    assert (folder / "client.toml").read_text("utf-8") == before
    again.save()
    text = (folder / "client.toml").read_text("utf-8")
    assert "# ours" in text
    assert "no_protests = true" in text
    assert not (folder / DRAFT).exists()
    assert cape_kit.open(folder).client.importers[0].ach_refund_enrolled is True


def test_a_file_of_the_same_name_is_written_over_only_when_asked(folder):
    one = desk(folder)
    given = [{"name": "../good.csv", "content": b"other"}, {"name": "new.csv", "content": GOOD.encode()}]
    one.upload = Picked(given)
    one.put()
    assert (folder / "good.csv").read_text("utf-8") == GOOD
    assert (folder / "new.csv").read_text("utf-8") == GOOD
    assert "good.csv" in one.told.value
    one.upload, one.replace.value = Picked(given[:1]), True
    one.put()
    assert (folder / "good.csv").read_bytes() == b"other"


class Picked:
    """Files as a person picked them."""

    def __init__(self, files):
        self.value = tuple(files)


def test_a_mistake_is_one_sentence_in_the_panel_and_nothing_is_written(folder):
    one = desk(folder)
    before = (folder / "client.toml").read_text("utf-8")
    one.typed["broker"][-1]["filer_code"].value = "K"
    one.save()
    assert "filer_code" in one.told.value
    assert (folder / "client.toml").read_text("utf-8") == before


def test_the_report_is_made_beside_the_page_and_said(folder, monkeypatch):
    made = []

    def report(source, *, as_of, out, law):
        made.append((source, as_of, out))
        return Path(out) / "acme" / "report.html"

    monkeypatch.setattr(cape_kit, "report", report)
    one = desk(folder)
    one.report().join(30)
    assert made == [(folder, date(2026, 5, 5), folder.parent / "out")]
    assert "report.html" in one.made.value
    assert (one.bar.bar_style, one.bar.value) == ("success", one.bar.max)


def test_what_is_missing_in_the_report_is_said_with_it(folder, monkeypatch):
    def report(*_, out, **__):
        warnings.warn("No PDF: no browser. Not read: <odd>.csv.", Incomplete, stacklevel=2)
        return Path(out) / "report.html"

    monkeypatch.setattr(cape_kit, "report", report)
    one = desk(folder)
    one.report().join(30)
    assert "report.html" in one.made.value and "Not read: &lt;odd&gt;.csv." in one.made.value
    assert one.bar.bar_style == "warning"


def test_where_no_report_is_made_no_earlier_one_is_shown_for_it(folder, monkeypatch):
    shown, ends = [], [folder / "report.html", ReportFailed("a cell failed")]

    def report(*_, **__):
        end = ends.pop(0)
        if isinstance(end, Exception):
            raise end
        return end

    monkeypatch.setattr(cape_kit, "report", report)
    monkeypatch.setattr(webbrowser, "open", shown.append)
    one = Desk(folder, as_of="2026-05-05", into=folder.parent / "out")
    one.report().join(30)
    one.report().join(30)
    assert shown == [(folder / "report.html").as_uri()]
    assert "a cell failed" in one.made.value and one.page is None


def test_without_widgets_the_same_answers_stand_there(folder):
    shown = desk(folder)._repr_mimebundle_()
    assert "$1,000.00" in shown["text/html"]
    assert "1 sheet read; 1 sheet not read" in shown["text/plain"]
