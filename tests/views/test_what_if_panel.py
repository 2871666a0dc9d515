"""The what-if panel without a browser: controls in, plain values, figures and pictures out, errors inside."""

import asyncio
import re
import threading
from dataclasses import replace
from datetime import date

import nbformat
import pytest

import cape_kit
from cape_kit.assessment import scenarios
from cape_kit.errors import CapeError, Usage
from cape_kit.rendering import report
from cape_kit.views import whatif
from tests import effort, samples
from tests.test_house import ROOT

pytest.importorskip("ipywidgets")
from cape_kit.views.whatif import panel as room

CLIENT = ROOT / "data" / "sample" / "cedar-and-flint"
DAY, LATER = date(2026, 5, 5), date(2026, 5, 19)


def assessment():
    return samples.assessed("cedar-and-flint", DAY)


@pytest.fixture
def panel(monkeypatch):
    """The panel without its pictures, which take most of the time."""
    monkeypatch.setattr(room.Panel, "_pictures", lambda _: None)
    return whatif.what_if(assessment(), days=90)


def move(panel, **values):
    for name, value in values.items():
        panel.controls.widgets[name].value = value


def cents(panel, name):
    return int(re.search(rf'data-figure="{name}" data-cents="(-?\d+)"', panel.figures.value)[1])


def test_at_rest_the_panel_shows_the_baseline():
    panel = whatif.what_if(assessment(), days=90)
    totals = assessment().totals.set_index("disposition")
    assert panel.scenario.changes == {}
    assert cents(panel, "principal_cents") == totals.loc[["file", "file_deferred"], "principal_cents"].sum()
    assert panel.errors.outputs == ()
    assert "".join(one.value for one in panel.pictures.values()).count("<figure>") == 3


def test_moving_the_filing_day_shows_what_an_assessment_on_it_says(panel):
    move(panel, filing=LATER)
    fresh = cape_kit.assess(samples.opened("cedar-and-flint"), as_of=DAY, filing_date=LATER)
    totals = fresh.totals.set_index("disposition")
    assert cents(panel, "principal_cents") == totals.loc[["file", "file_deferred"], "principal_cents"].sum()
    assert cents(panel, "lost_cents") == totals.at["final", "principal_cents"]
    assert panel.values["filing"] == LATER
    assert "May 19, 2026" in panel.figures.value


def test_a_picked_scenario_sets_the_controls_and_is_itself(panel):
    for name, one in panel.controls.known.items():
        if not one.changes:
            continue
        move(panel, scenario=name)
        told = scenarios.run(assessment(), one)
        assert panel.scenario.name == name
        assert panel.result.figures["disposition"].equals(told.figures["disposition"]), name
        assert panel.result.figures["interest_cents"].equals(told.figures["interest_cents"]), name
        assert panel.errors.outputs == ()
    move(panel, scenario="baseline")
    assert panel.scenario.changes == {}


def test_a_picked_scenario_may_be_changed_further_and_then_is_another(panel):
    move(panel, scenario="slow_cbp")
    move(panel, cures=True)
    assert panel.scenario.changes == {
        "liquidation_after_acceptance_days": 75, "payment_later_days": 14, "cures_succeed": True,
    }  # fmt: skip
    assert panel.scenario.reason == ""


def test_what_the_panel_says_is_kept_as_a_scenario(panel, tmp_path):
    move(panel, filing=LATER, phase_3="all", warehouse=True, importer_class="non_corporate", name="mine")
    move(panel, rejected=0.1, cycle=-14, payment=7)
    assert scenarios.parse(panel.toml()) == {"mine": panel.scenario}
    path = panel.save(tmp_path)
    assert scenarios.read(path) == {"mine": panel.scenario}
    with pytest.raises(Usage, match="another name"):
        panel.save(tmp_path)
    move(panel, name="other one")
    panel.save(tmp_path)
    assert list(scenarios.read(path)) == ["mine", "other one"]


def test_a_scenario_beyond_the_ends_of_the_controls_is_shown_as_it_is(tmp_path, monkeypatch):
    far = "filing_on = 2027-12-01\nliquidation_after_acceptance_days = 300\npayment_later_days = 400\n"
    told = f"[scenario.far]\n{far}rejected_share = 0.9\n[scenario.past]\nfiling_on = 2026-04-20\n"
    (tmp_path / scenarios.FILE).write_text(told, "utf-8")
    panel = with_scenarios(tmp_path, monkeypatch)
    move(panel, scenario="far")
    assert panel.scenario.changes == scenarios.read(tmp_path / scenarios.FILE)["far"].changes
    assert panel.result.filing_date == date(2027, 12, 1)
    assert "past" not in dict(panel.controls.widgets["scenario"].options).values()
    assert panel.errors.outputs == ()
    move(panel, scenario="baseline")
    assert panel.scenario.changes == {}


def test_a_scenario_is_kept_by_a_press_under_the_name_given_to_it(tmp_path, monkeypatch):
    panel = with_scenarios(tmp_path, monkeypatch)
    panel.keep.click()
    assert "nothing to keep" in panel.errors.outputs[0]["text"]
    move(panel, scenario="phase_3_all")
    move(panel, name="for the meeting")
    panel.keep.click()
    assert panel.errors.outputs == ()
    assert scenarios.read(tmp_path / scenarios.FILE)["for the meeting"].changes == {"phase_3": "all"}
    assert panel.controls.widgets["scenario"].value == "for the meeting"
    panel.keep.click()
    assert "another name" in panel.errors.outputs[0]["text"]


def test_starting_again_takes_back_every_move_and_filter(panel):
    move(panel, filing=LATER, cures=True, filer="060")
    panel.again.click()
    assert panel.scenario.changes == {}
    assert len(panel.result.table) == len(assessment().table)


def with_scenarios(folder, monkeypatch):
    """A panel without pictures on the client as if its folder were another."""
    monkeypatch.setattr(room.Panel, "_pictures", lambda _: None)
    whole = assessment()
    client = replace(whole.client, folder=folder)
    return whatif.what_if(replace(whole, portfolio=replace(whole.portfolio, client=client)), days=90)


def test_the_panel_as_a_section_of_a_report_says_what_is_assumed(panel):
    move(panel, phase_3="all", name="third")
    text = panel.section().text
    assert text.startswith("<h2>What if: Third</h2>")
    assert "Not law: Phase 3" in text
    assert "Entries that move" in text


def test_filters_leave_only_the_entries_asked_for(panel):
    move(panel, filer="060")
    assert panel.section().text.count("Only these entries: Filer 060 Gateway Brokerage Co.") == 1
    assert "Only these entries" in panel.figures.value
    mine = assessment().table.query("filer_code == '060' and disposition in ['file', 'file_deferred']")
    assert cents(panel, "principal_cents") == mine["principal_cents"].sum()
    move(panel, filing=LATER)
    assert set(panel.result.table["filer_code"]) == {"060"}
    move(panel, filer="")
    assert len(panel.result.table) == len(assessment().table)


def test_what_goes_wrong_is_said_in_the_panel_and_goes_away(panel, monkeypatch):
    def fail(*_):
        raise CapeError("No law for that day.")

    monkeypatch.setattr(room.scenarios, "run", fail)
    move(panel, filing=LATER)
    assert panel.errors.outputs[0]["text"] == "No law for that day.\n"
    monkeypatch.undo()
    move(panel, filing=DAY)
    assert panel.errors.outputs == ()


def test_quick_moves_are_drawn_once(panel, monkeypatch):
    made = []
    run = scenarios.run
    monkeypatch.setattr(room.scenarios, "run", lambda *a: made.append(1) or run(*a))

    async def drag():
        days = [one for _, one in panel.controls.widgets["filing"].options[1:15]]
        for day in days:
            move(panel, filing=day)
            await asyncio.sleep(0)
        assert made == []
        await asyncio.sleep(room.PICTURES_REST + 0.3)

    asyncio.run(drag())
    assert made == [1]
    assert panel.result.filing_date == LATER
    assert panel.errors.outputs == ()


def test_a_slow_figure_never_covers_a_later_one(panel, monkeypatch):
    """JupyterLab hands moves to two threads of the kernel; the earlier one may still be at work."""
    begun, overtaken, run = threading.Event(), threading.Event(), scenarios.run
    earlier = date(2026, 5, 6)

    def slow(baseline, scenario):
        if scenario.filing_on == earlier:
            begun.set()
            overtaken.wait(0.5)
        return run(baseline, scenario)

    monkeypatch.setattr(room.scenarios, "run", slow)
    other = threading.Thread(target=move, args=(panel,), kwargs={"filing": earlier})
    other.start()
    assert begun.wait(10)
    move(panel, filing=LATER)
    overtaken.set()
    other.join()
    assert panel.result.filing_date == LATER
    assert "May 19, 2026" in panel.figures.value


def test_without_widgets_the_page_shows_the_same_figures(panel):
    bundle = panel._repr_mimebundle_()
    assert panel.figures.value in bundle["text/html"]
    assert "application/vnd.jupyter.widget-view+json" in bundle


NOTEBOOK = ROOT / "notebooks" / "05_what_if.ipynb"
GIVEN = {"client": str(CLIENT), "as_of": DAY.isoformat()}


def in_a_kernel():
    done = report.execute(NOTEBOOK, GIVEN)
    nbformat.validate(done)
    return {cell.id: cell.outputs[-1]["data"]["text/html"] for cell in done.cells if cell.get("outputs")}


def as_committed():
    """What nbval finds a kernel to show with every run; the panel, which it passes over, as a cell here shows it."""
    cells = nbformat.read(NOTEBOOK, as_version=4).cells
    (given,) = (cell.source for cell in cells if "parameters" in cell.metadata.get("tags", ()))
    assert f'"sample:{CLIENT.name}"' in given and f'"{DAY.isoformat()}"' in given
    shown = {cell.id: cell.outputs[-1]["data"].get("text/html") for cell in cells if cell.get("outputs")}
    return shown | {"live": whatif.what_if(assessment())._repr_mimebundle_()["text/html"]}


@pytest.mark.slow
def test_the_notebook_says_the_same_when_run_without_a_browser():
    """As committed, and nbval runs it in a kernel with every run of the tests; a deep run does so here."""
    shown = in_a_kernel() if effort.DEEP else as_committed()
    chosen = scenarios.run(assessment(), scenarios.named("file_in_two_weeks"))
    assert shown["chosen"] == whatif.answer(assessment(), chosen)._repr_html_()
    everything = whatif.comparison(assessment(), scenarios.known(CLIENT).values())
    assert shown["comparison"] == everything._repr_html_()
    assert shown["cliffs"] == whatif.filing_days(scenarios.sweep(assessment()))._repr_html_()
    assert whatif.answer(assessment(), assessment()).text in shown["live"]


def test_no_choice_is_offered_twice(panel):
    """The client is corporate: neither the class nor the scenario that sets it is a choice of its own."""
    own = assessment().client.importer_class
    assert own == "corporate"
    assert [value for _, value in panel.controls.widgets["importer_class"].options] == ["", "non_corporate"]
    assert "corporate" not in panel.controls.known and "non_corporate" in panel.controls.known
    for name in ("scenario", "importer_class", "importer", "filer", "programme"):
        labels = [label for label, _ in panel.controls.widgets[name].options]
        assert len(labels) == len(set(labels)), name


def test_a_filing_day_that_is_no_working_day_says_so(panel):
    labels = {day: label for label, day in panel.controls.widgets["filing"].options}
    assert labels[date(2026, 5, 9)] == "May 9, 2026, Saturday"
    assert labels[date(2026, 5, 25)] == "May 25, 2026, Memorial Day"
    assert labels[date(2026, 5, 26)] == "May 26, 2026"
    sunday = replace(scenarios.BASELINE, name="sunday", filing_on=date(2026, 5, 10))
    assert scenarios.assumptions(sunday, assessment().law)[1] == (
        "May 10, 2026 is a Sunday, not a working day: the last one before it is May 8, 2026."
    )
