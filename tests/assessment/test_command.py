"""`cape-kit assess`: one entry's story, and what changed since a day, as text and as data."""

import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from cape_kit.assessment.decisions import DISPOSITIONS
from cape_kit.cli.assessing import assess
from cape_kit.errors import Usage

pytestmark = pytest.mark.usefixtures("samples_at_hand")


CLIENT = str(Path(__file__).parents[2] / "data" / "sample" / "northgate-tools")


def run(*arguments):
    done = CliRunner().invoke(assess, [CLIENT, *arguments])
    if done.exception and not isinstance(done.exception, SystemExit):
        raise done.exception
    assert done.exit_code == 0
    return done.stdout


@pytest.fixture(scope="module")
def told():
    return json.loads(run("--as-of", "2026-05-05", "--json"))


def test_the_whole_client(told):
    assert list(told["totals"]) == list(DISPOSITIONS)
    assert sum(one["entries"] for one in told["totals"].values()) == len(told["entries"])
    assert {"act_by", "act_by_what", "next_deadline"} <= set(told["entries"][0])
    assert [one["assertion"] for one in told["asserted"]] == ["no_drawback_claims"]


def test_one_entry_as_text_and_as_data(told):
    number = told["entries"][0]["entry_number"]
    story = json.loads(run("--as-of", "2026-05-05", "--entry", number, "--json"))
    assert (story["entry_number"], story["reason"]) == (number, told["entries"][0]["reason"])
    page = run("--as-of", "2026-05-05", "--entry", number)
    assert page.startswith(f"Entry {number[:3]}-") and "CBP's checks" in page


def test_an_entry_nobody_knows_is_wrong_usage():
    with pytest.raises(Usage, match="is not in"):
        run("--as-of", "2026-05-05", "--entry", "ABC12345676")


def test_what_changed_since_a_day():
    page = run("--as-of", "2026-07-10", "--since", "2026-05-05")
    assert "because time passed" in page and "because the law changed" in page and "the same files" in page
    data = json.loads(run("--as-of", "2026-07-10", "--since", "2026-05-05", "--json"))
    assert {one["why"] for one in data["changes"]} == {"time passed", "the law changed"}
    assert all(one["entry_number"] in page and one["what"] in page for one in data["changes"])
