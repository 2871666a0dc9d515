"""The package's door: its verbs are typed, told with an example, and every example does what it says."""

import doctest
import inspect
import os
import re
import shutil
import subprocess
import sys
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path

import pytest

import cape_kit
from cape_kit import cli, sample
from cape_kit.errors import Incomplete, Usage
from tests import samples

ROOT = Path(__file__).parents[1]
VERBS = sorted(name for name in cape_kit.__all__ if name != "__version__")
#: What the README's tasks take: each command about a client or the law, or the room where it stands.
COMMANDS = {
    "assess": ("assess", "explain", "since"), "batch": ("batch",), "declare": ("declare", "filed"),
    "entry-number": ("entry_number",), "heading": ("heading",), "inspect": ("inspect",),
    "interest": ("interest",), "lab": ("whatif",), "law": ("law",), "reconcile": ("reconcile",),
    "report": ("report", "attach"), "sample": ("sample",), "verify": ("verify",),
    "windows": ("windows",),
}  # fmt: skip


@pytest.fixture(scope="module")
def home(tmp_path_factory):
    """A folder with the sample at the path the examples name, so that what they write lands nowhere else."""
    folder = tmp_path_factory.mktemp("door")
    shutil.copytree(ROOT / "data" / "sample" / "harbor-lane", folder / "data" / "sample" / "harbor-lane")
    return folder


@pytest.mark.parametrize("name", VERBS)
def test_each_verb_is_typed_and_told_with_an_example(name):
    verb = getattr(cape_kit, name)
    signature = inspect.signature(verb)
    assert all(one.annotation is not inspect.Parameter.empty for one in signature.parameters.values())
    assert signature.return_annotation is not inspect.Signature.empty
    assert ">>> " in verb.__doc__


def test_every_command_can_be_done_from_a_notebook():
    import cape_kit.sample

    assert set(COMMANDS) == set(cli.COMMANDS)
    assert [name for names in COMMANDS.values() for name in names if not hasattr(cape_kit, name)] == []


def test_every_example_does_what_it_says(home, monkeypatch):
    """In the order in which a client goes through the door: a later example uses what an earlier one made."""
    monkeypatch.chdir(home)
    known = {"cape_kit": cape_kit}
    order = [*re.findall(r"`(\w+)`", cape_kit.__doc__.split(">>>")[0]), "attach"]
    told = [cape_kit.__doc__, *(getattr(cape_kit, name).__doc__ for name in order if name in VERBS)]
    assert set(VERBS) <= set(order)
    runner = doctest.DocTestRunner()
    for text in told:
        one = doctest.DocTestParser().get_doctest(text, known, "cape_kit", None, 0)
        assert one.examples
        one.globs = known
        runner.run(one, clear_globs=False)
    assert runner.failures == 0


def test_a_shipped_client_is_found_by_name_from_anywhere(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert set(sample.shipped()) == {"harbor-lane", "cedar-and-flint", "northgate-tools", "quarry-and-pine"}
    assert sample.folder_of("sample:harbor-lane") == ROOT / "data" / "sample" / "harbor-lane"
    assert sample.folder_of("sample") == Path("sample")
    with pytest.raises(Usage, match="there are sample:cedar-and-flint, sample:harbor-lane"):
        cape_kit.open("sample:../harbor-lane")


def test_no_upload_is_written_into_a_client_that_comes_with_the_kit(tmp_path):
    found = samples.assessed("harbor-lane")
    with pytest.raises(Usage, match="comes with the kit and stays as it is"):
        cape_kit.filed(found, tmp_path / "any.csv")


def test_interest_by_hand():
    """7 % to 2025-12 and 6 % after are not asked here: one quarter at one rate, recounted day by day."""
    told = cape_kit.interest("1000", deposited="2025-07-01", until="2025-09-01")
    amount, day = Decimal(1000), date(2025, 7, 1)
    while day < date(2025, 9, 1):
        amount *= 1 + Decimal("0.06") / 365
        day += timedelta(days=1)
    assert told.interest_cents == int(((amount - 1000) * 100).to_integral_value())


def test_rooms_stand_at_the_door_and_load_nothing_before():
    code = "import sys, cape_kit; assert 'pandas' not in sys.modules; print(cape_kit.scenarios.__name__)"
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, cwd=ROOT, env=os.environ, check=True
    )
    assert done.stdout.strip() == "cape_kit.assessment.scenarios"
    with pytest.raises(AttributeError, match="no attribute 'nothing'"):
        cape_kit.nothing  # noqa: B018  it is the asking that is tested


def test_the_desk_opens_again_when_its_cell_is_run_again():
    """A submodule of the function's name took its place after the first call."""
    for _ in range(2):
        assert cape_kit.desk("sample:harbor-lane", opens=False) is not None


def test_a_report_that_lacks_a_file_or_its_pdf_says_so_to_whoever_called(tmp_path, monkeypatch):
    from cape_kit.rendering import report
    from cape_kit.rendering.jobs import Outcome

    summary = {"unread": ["b.pdf (3 rows)"]}
    made = Outcome(tmp_path, "done", "No PDF: no browser.", tmp_path, summary)
    monkeypatch.setattr(report, "render", lambda *_, **__: made)
    with pytest.warns(Incomplete, match=r"No PDF: no browser\. Not read: b\.pdf \(3 rows\)\.") as caught:
        page = cape_kit.report(tmp_path, as_of="2026-05-05", out=tmp_path, pdf=True)
    assert page == tmp_path / "report.html"
    assert caught[0].filename == __file__
