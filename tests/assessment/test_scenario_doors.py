"""A scenario asked for by name: through the package's front door, and on the command line."""

import csv
import json
from datetime import date

import pytest
from click.testing import CliRunner

import cape_kit
from cape_kit.assessment import scenarios
from cape_kit.cli import main
from cape_kit.errors import Usage
from tests import samples
from tests.test_house import ROOT

pytestmark = pytest.mark.usefixtures("samples_at_hand")


CLIENT = ROOT / "data" / "sample" / "cedar-and-flint"
DAY = "2026-05-05"


def asked(*words):
    return CliRunner().invoke(main, ["assess", str(CLIENT), "--as-of", DAY, *words])


@pytest.fixture(scope="module")
def portfolio():
    return samples.opened(CLIENT.name)


def test_a_name_and_the_scenario_itself_give_the_same(portfolio):
    by_name = cape_kit.assess(portfolio, as_of=DAY, scenario="file_in_30_days")
    itself = cape_kit.assess(portfolio, as_of=DAY, scenario=scenarios.named("file_in_30_days"))
    filed = cape_kit.assess(portfolio, as_of=DAY, filing_date="2026-06-04")
    assert by_name.filing_date.isoformat() == "2026-06-04"
    assert by_name.totals.equals(itself.totals)
    assert by_name.totals.equals(filed.totals)
    assert by_name.scenario.name == "file_in_30_days"
    assert filed.scenario is None


def test_a_name_nobody_knows_is_one_sentence_with_those_there_are(portfolio):
    with pytest.raises(Usage, match=r"no scenario 'slow'; available: baseline, .*slow_cbp"):
        cape_kit.assess(portfolio, as_of=DAY, scenario="slow")


def test_a_filing_day_before_the_day_of_the_facts_is_one_sentence(portfolio):
    old = scenarios.Scenario("old", filing_on=date(2026, 4, 20))
    with pytest.raises(Usage, match="'old' files on 2026-04-20, before the as-of date, 2026-05-05"):
        cape_kit.assess(portfolio, as_of=DAY, scenario=old)


def test_the_page_says_first_what_is_assumed():
    page = asked("--scenario", "file_in_30_days").output.splitlines()
    assert page[1] == "What if file_in_30_days, filed on 2026-06-04. It assumes:"
    assert page[2] == "~ The declaration is filed 30 days later."
    assert "What if" not in asked().output


def test_json_names_the_scenario_and_what_it_assumes():
    told = json.loads(asked("--scenario", "slow_cbp", "--json").stdout)
    assert told["scenario"]["name"] == "slow_cbp"
    assert all(isinstance(one, str) and one.endswith(".") for one in told["scenario"]["assumes"])
    assert json.loads(asked("--json").stdout)["scenario"] is None


def test_the_story_of_one_entry_says_it_too(portfolio):
    number = portfolio.entries["entry_number"].iloc[0]
    assert asked("--scenario", "slow_cbp", "--entry", number).output.startswith("What if slow_cbp")
    assert json.loads(asked("--scenario", "slow_cbp", "--entry", number, "--json").stdout)


def test_the_tables_as_files(tmp_path):
    done = asked("--out", str(tmp_path))
    assert done.stdout == ""
    folder = tmp_path / "cedar-and-flint"
    with (folder / "entries.csv").open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(file))
    told = json.loads(asked("--json").stdout)
    assert [row["entry_number"] for row in rows] == [row["entry_number"] for row in told["entries"]]
    assert [row["disposition"] for row in rows] == [row["disposition"] for row in told["entries"]]
    assert [row["principal"] for row in rows] == [row["principal"] or "" for row in told["entries"]]
    assert {path.stem for path in folder.iterdir()} >= {
        "findings",
        "windows",
        "refunds",
        "problems",
        "conflicts",
    }


def test_no_tables_into_the_clients_own_folder():
    done = CliRunner().invoke(
        main, ["assess", str(CLIENT), "--as-of", DAY, "--out", str(CLIENT / "out")], standalone_mode=False
    )
    assert "inside the client's folder" in str(done.exception)
    assert not (CLIENT / "out").exists()
