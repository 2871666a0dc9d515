"""What the documents promise is there: names, settings, links, commands that run as they are written."""

import json
import re
import shlex

import pytest
from click.testing import CliRunner

from cape_kit.assessment import evidence, scenarios
from cape_kit.assessment.scenarios import reading
from cape_kit.cli import main
from cape_kit.entries import client
from tests.test_house import ROOT

DOCUMENTS = [ROOT / name for name in ("README.md", "CONTRIBUTING.md", "CHANGELOG.md", "data/README.md")]
DATA = (ROOT / "data" / "README.md").read_text("utf-8")


@pytest.fixture(params=DOCUMENTS, ids=lambda path: path.name)
def document(request):
    return request.param


def test_every_link_within_the_project_leads_somewhere(document):
    text = document.read_text("utf-8")
    for target in re.findall(r"\]\(([^)#]+)\)", text):
        assert target.startswith("https://") or (document.parent / target).exists(), target


def test_no_machine_and_no_host_is_named(document):
    assert not re.search(r"/(?:work|root|tmp)/|pypi\.|localhost", document.read_text("utf-8"))


def test_every_assertion_is_told_and_none_besides():
    block = DATA[DATA.index("| `[assertions]`") : DATA.index("A name that is not in this table")]
    assert re.findall(r"^\| `([a-z_]+)` \|", block, re.MULTILINE) == list(evidence.ASSERTIONS)


def test_every_setting_of_a_scenario_is_told():
    block = DATA[DATA.index("Settings: `filing_on`") : DATA.index("Notebook 05")]
    assert set(re.findall(r"`([a-z_0-9]+)`", block)) - {"all"} == set(reading.SETTINGS) - {"reason"}


def test_the_scenarios_shown_can_be_read():
    shown = [block for block in re.findall(r"```toml\n(.*?)```", DATA, re.DOTALL) if "[scenario." in block]
    assert [one.name for one in scenarios.parse(shown[0]).values()] == ["slow_cbp", "second_broker"]


def test_the_client_shown_can_be_read(tmp_path):
    shown = next(
        block for block in re.findall(r"```toml\n(.*?)```", DATA, re.DOTALL) if "[[importer]]" in block
    )
    (tmp_path / "client.toml").write_text(shown, "utf-8")
    found = client.load(tmp_path)
    assert found.date_order == "MDY"
    assert found.brokers[0].filer_code == "060"
    assert set(found.assertions) <= set(evidence.ASSERTIONS)


def commands():
    for document in DOCUMENTS:
        for block in re.findall(r"```\n(.*?)```", document.read_text("utf-8"), re.DOTALL):
            yield from (line.split("#")[0] for line in block.splitlines() if line.startswith("cape-kit "))


@pytest.mark.parametrize("line", sorted(set(commands())))
def test_every_command_shown_takes_these_words(line):
    words = shlex.split(line)[1:]
    known = main.get_command(None, words[0])
    options = {option for one in known.params for option in one.opts}
    assert {word for word in words if word.startswith("--")} <= options
    assert CliRunner().invoke(main, [words[0], "--help"]).exit_code == 0


SAMPLE = str(ROOT / "data" / "sample" / "harbor-lane")
ASKED = {
    "interest": ["--principal", "12250", "--deposited", "2025-04-15", "--until", "2026-06-30"],
    "windows": ["--liquidated", "2026-02-14", "--as-of", "2026-05-05"],
    "heading": ["9903.01.24", "--on", "2025-06-01"],
    "heading postal": [],
    "entry-number": ["B76-0324527-8"],
    "assess": [SAMPLE, "--as-of", "2026-05-05"],
    "declare": [SAMPLE, "--as-of", "2026-05-05", "--out", "OUT"],
    "reconcile": [str(ROOT / "data" / "sample-after" / "quarry-and-pine"), "--as-of", "2026-10-01"],
}
#: Words of the shapes that are values and no keys.
VALUES = {"not_open", "open", "due_soon", "closed"}


def keys(value):
    """Every key of a JSON answer, at any depth."""
    if isinstance(value, dict):
        yield from value
        value = value.values()
    elif not isinstance(value, list):
        return
    for inner in value:
        yield from keys(inner)


@pytest.mark.parametrize("command", ASKED)
def test_the_shape_told_is_the_shape_given(command, tmp_path):
    readme = (ROOT / "README.md").read_text("utf-8")
    told = re.search(rf"^\| `{command}` \| (.*) \|$", readme, re.MULTILINE)[1]
    words = [str(tmp_path) if word == "OUT" else word for word in ASKED[command]]
    given = json.loads(CliRunner().invoke(main, [*command.split(), *words, "--json"]).stdout)
    assert set(re.findall(r'"([a-z_]+)"', told)) - VALUES <= set(keys(given))
