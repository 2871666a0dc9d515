"""The client's own scenarios as a part of the report."""

from dataclasses import replace

import pytest

from cape_kit.assessment import scenarios
from cape_kit.errors import Usage
from cape_kit.views import whatif
from tests import samples


@pytest.fixture(scope="module")
def assessment():
    return samples.assessed("harbor-lane")


def own(assessment, folder):
    """The part of the report, as if the client's folder were another."""
    portfolio = assessment.portfolio
    moved = replace(portfolio, client=replace(portfolio.client, folder=folder))
    return whatif.own(replace(assessment, portfolio=moved))


def test_nothing_without_a_file_of_scenarios(assessment, tmp_path):
    assert own(assessment, tmp_path).text == ""


def test_each_scenario_stands_beside_the_baseline_with_what_it_assumes(assessment, tmp_path):
    text = '[scenario.late_june]\nfiling_on = 2026-06-26\n[scenario."<b>bold</b>"]\nfiling_after_days = 3\n'
    (tmp_path / "scenarios.toml").write_text(text, "utf-8")
    told = own(assessment, tmp_path).text
    assert told.startswith("<h3>What if</h3>")
    assert "Late june" in told
    assert "The declaration is filed on Jun 26, 2026." in told
    assert "<b>bold" not in told


def test_a_scenario_whose_day_has_gone_by_is_named_and_not_reckoned(assessment, tmp_path):
    (tmp_path / "scenarios.toml").write_text("[scenario.old]\nfiling_on = 2026-04-30\n", "utf-8")
    told = own(assessment, tmp_path).text
    assert "gone by: Old (Apr 30, 2026)." in told
    assert told.count("<tr>") == 2


def test_the_days_to_file_stand_as_cards(assessment):
    swept = scenarios.sweep(assessment)
    told = whatif.filing_answer(swept).text
    left = swept.days["left_cents"].sum()
    assert f'data-figure="left_cents" data-cents="{left}"' in told
    assert f"{swept.last_sensible_day:%b} {swept.last_sensible_day.day}, 2026" in told


def test_a_broken_file_is_one_sentence(assessment, tmp_path):
    (tmp_path / "scenarios.toml").write_text("[scenario.x]\nspeed = 3\n", "utf-8")
    with pytest.raises(Usage, match="'speed' is no setting"):
        own(assessment, tmp_path)
