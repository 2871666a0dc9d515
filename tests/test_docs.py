"""What the documents promise is there: names, settings, links, commands that run as they are written."""

import dataclasses
import json
import re
import shlex
import shutil
from datetime import date
from pathlib import Path

import pytest
from click.testing import CliRunner

from cape_kit.assessment import asserted_and_seen, scenarios
from cape_kit.assessment.assess import Assessment
from cape_kit.assessment.scenarios import scenario
from cape_kit.cli import main
from cape_kit.entries import client, schema
from cape_kit.entries.readers import mapping
from cape_kit.law import book
from tests.test_house import ROOT

pytestmark = pytest.mark.usefixtures("samples_at_hand")


DOCUMENTS = [ROOT / name for name in ("README.md", "CONTRIBUTING.md", "CHANGELOG.md", "data/README.md")]
DOCUMENTS += sorted((ROOT / "docs").glob("*.md"))
DATA = (ROOT / "data" / "README.md").read_text("utf-8")


@pytest.fixture(params=DOCUMENTS, ids=lambda path: path.name)
def document(request):
    return request.param


def test_every_link_within_the_project_leads_somewhere(document):
    text = document.read_text("utf-8")
    for target in re.findall(r"\]\(([^)#]+)\)", text):
        assert target.startswith("https://") or (document.parent / target).exists(), target


def test_every_room_the_architecture_names_is_there():
    told = re.findall(
        r"`((?:[a-z_]+/)+[a-z_]*(?:\.py)?)`", (ROOT / "docs" / "architecture.md").read_text("utf-8")
    )
    assert len(told) > 10
    own = {"layouts/"}  # in a client's folder
    assert [one for one in told if not (ROOT / "cape_kit" / one).exists() and not (ROOT / one).exists()
            and one not in own] == []  # fmt: skip


def test_no_machine_and_no_host_is_named(document):
    assert not re.search(r"/(?:work|root|tmp)/|pypi\.|localhost", document.read_text("utf-8"))


def test_every_column_of_every_table_is_told_and_none_besides():
    told = (ROOT / "docs" / "data-model.md").read_text("utf-8")
    files = told[: told.index("## What follows on a day")]
    for name, columns in schema.TABLES.items():
        part = files[files.index(f"### `{name}`") :]
        part = part[: part.find("\n### ")] if "\n### " in part else part
        rows = re.findall(r"^\| `(.+?)` \| (\w+) \| (.*) \|$", part, re.MULTILINE)
        assert rows == [(one.name, one.kind, one.meaning) for one in columns]


def test_every_frame_told_is_one_of_the_assessment():
    told = (ROOT / "docs" / "data-model.md").read_text("utf-8")
    frames = re.findall(r"^\| `(\w+)` \| an?", told[told.index("## What follows on a day") :], re.MULTILINE)
    fields = {one.name for one in dataclasses.fields(Assessment)}
    assert len(frames) > 5
    assert [name for name in frames if not hasattr(Assessment, name) and name not in fields] == []


def test_the_days_told_are_those_of_the_law_book():
    told = (ROOT / "docs" / "law.md").read_text("utf-8")
    rows = re.findall(r"^\| .* \| (\d+) \| .* \| `([a-z_.]+)` \|", told, re.MULTILINE)
    law = book.load()
    assert len(rows) > 5
    assert [(key, int(days)) for days, key in rows] == [
        (key, law.value(key, law.checked_on).value) for _, key in rows
    ]


def test_every_scenario_that_ships_is_told():
    told = (ROOT / "docs" / "scenarios.md").read_text("utf-8")
    part = told[told.index("## Those that ship") : told.index("## Your own")]
    assert set(re.findall(r"`([a-z_0-9]+)`", part)) == set(scenarios.shipped())


@pytest.mark.parametrize("name", ["README.md", "docs/scenarios.md", "docs/notebooks.md"])
def test_the_python_shown_runs(name):
    shown = re.findall(r"```python\n(.*?)```", (ROOT / name).read_text("utf-8"), re.DOTALL)
    assert shown
    for block in shown:
        exec(compile(block, name, "exec"), {})


def test_the_layout_shown_can_be_read(tmp_path):
    (shown,) = re.findall(r"```toml\n(.*?)```", (ROOT / "docs" / "layouts.md").read_text("utf-8"), re.DOTALL)
    (tmp_path / "layouts").mkdir()
    (tmp_path / "layouts" / "brightline.toml").write_text(shown, "utf-8")
    (layout,) = mapping.load(tmp_path)
    assert layout.title == "Brightline duty sheet"


def test_every_assertion_is_told_and_none_besides():
    block = DATA[DATA.index("| `[assertions]`") : DATA.index("A name that is not in this table")]
    assert re.findall(r"^\| `([a-z_]+)` \|", block, re.MULTILINE) == list(asserted_and_seen.ASSERTIONS)


def test_every_setting_of_a_scenario_is_told():
    block = DATA[DATA.index("Settings: `filing_on`") : DATA.index("Notebook 05")]
    assert set(re.findall(r"`([a-z_0-9]+)`", block)) - {"all"} == set(scenario.SETTINGS) - {"reason"}


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
    assert set(found.assertions) <= set(asserted_and_seen.ASSERTIONS)


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


def shown_law(section, folder):
    """The files of law that a section of the README shows, written down as they stand."""
    readme = (ROOT / "README.md").read_text("utf-8")
    text = readme[readme.index(f"**{section}") :]
    text = text[: re.search(r"\n\*\*|\n## ", text).start()]
    folder.mkdir()
    for name, body in re.findall(r"```(?:toml|csv)\n# my-law/(\S+)\n(.*?)```", text, re.DOTALL):
        (folder / name).write_text(body, "utf-8")
    return [
        shlex.split(line.replace("my-law", str(folder)).replace("CLIENT", SAMPLE))[1:]
        for line in re.findall(r"^(cape-kit .*)$", text, re.MULTILINE)
    ]


def asked(words):
    """What a command prints, in one line."""
    done = CliRunner().invoke(main, [str(word) for word in words])
    assert done.exception is None or isinstance(done.exception, SystemExit), done.exception
    return " ".join(done.output.split())


def test_the_rate_of_a_new_quarter_from_the_readme_to_the_report(tmp_path):
    """Ten days of January 2027 at the 6% for corporations: 100,000 × ((1 + 0.06/365)^10 − 1) = 164.51."""
    calculate, render = shown_law("Enter the rate of 2027 Q1", tmp_path / "law")
    assert "164.51" in asked(calculate)
    stops = "Interest stops at the last published rate"
    words = ["assess", SAMPLE, "--as-of", "2027-01-15"]
    assert stops in asked(words)
    assert stops not in asked([*words, "--law", tmp_path / "law"])
    assert stops in asked([*words, "--law", tmp_path / "law", "--known-on", "2026-11-30"])
    page = asked([*render[:-1], tmp_path / "out"]).split()[-1]
    text, told = manifest_of(page)
    assert "Law entered by the author of this report, not by CAPE Kit" in text
    assert "interest of 2027-01-01 to 2027-03-31: overpayment 7%, corporations 6%" in text
    assert told["own_law"]["rows"][0]["source"] == "Rev. Rul. 2026-99"
    assert "+own." in told["law"]


def test_phase_3_from_the_readme_to_the_report(tmp_path):
    find, look, render = shown_law("Phase 3 opens", tmp_path / "law")
    found = asked(find)
    before, unsaid = counted(look[:-2]), counted(look)
    assert before["final"] > 0
    assert (unsaid["final"], unsaid["file"]) == (0, before["file"])
    sued = shutil.copytree(SAMPLE, tmp_path / "sued")
    toml = (sued / "client.toml").read_text("utf-8")
    (sued / "client.toml").write_text("plaintiff = true\n" + toml, "utf-8")
    filed = counted([look[0], sued, *look[2:]])
    assert filed["file"] + filed["final"] == before["file"] + before["final"]
    assert filed["file"] > before["file"]
    assert "YOUR OWN. [CSMS 70000000]" in found
    assert "importers that sued (announced)" not in found
    page = asked([*render[:-1], tmp_path / "out"]).split()[-1]
    text, told = manifest_of(page)
    assert "“Phase 3: finally liquidated entries of importers that sued” is pending no more" in text
    assert [row["key"] for row in told["own_law"]["rows"]] == ["phase.admits_final", "phase-3", "phase.3"]
    law = book.load(folder=tmp_path / "law")
    assert law.value("phase.admits_final", date(2026, 12, 10)).value == "plaintiffs"


def counted(words):
    """Entries by disposition, as `assess --json` tells them."""
    told = json.loads(CliRunner().invoke(main, [*map(str, words), "--json"]).stdout)
    return {name: one["entries"] for name, one in told["totals"].items()}


def manifest_of(page):
    """A report's page as text, and its manifest."""
    page = Path(page)
    return page.read_text("utf-8"), json.loads((page.parent / "manifest.json").read_text("utf-8"))
