"""The package's door: its verbs are typed, told with an example, and every example does what it says."""

import doctest
import inspect
import os
import shutil
import subprocess
import sys
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path

import pytest

import cape_kit

ROOT = Path(__file__).parents[1]
VERBS = ("assess", "declare", "interest", "open", "reconcile", "report")


@pytest.fixture(scope="module")
def home(tmp_path_factory):
    """A folder with the sample at the path the examples name, so that what they write lands nowhere else."""
    folder = tmp_path_factory.mktemp("door")
    shutil.copytree(ROOT / "data" / "sample" / "harbor-lane", folder / "data" / "sample" / "harbor-lane")
    return folder


def test_the_door_has_every_verb():
    assert sorted(name for name in cape_kit.__all__ if name != "__version__") == sorted(VERBS)
    for name in VERBS:
        assert all(one.annotation is not inspect.Parameter.empty
                   for one in inspect.signature(getattr(cape_kit, name)).parameters.values())  # fmt: skip


def test_every_example_does_what_it_says(home, monkeypatch):
    monkeypatch.chdir(home)
    known = {"cape_kit": cape_kit}
    finder = doctest.DocTestFinder(exclude_empty=True)
    told = {name: getattr(cape_kit, name).__doc__ for name in ("declare", "reconcile", "report", "interest")}
    examples = [doctest.DocTestParser().get_doctest(cape_kit.__doc__, known, "cape_kit", None, 0)]
    examples += [
        doctest.DocTestParser().get_doctest(text, known, name, None, 0) for name, text in told.items()
    ]
    assert finder is not None and all(one.examples for one in examples)
    runner = doctest.DocTestRunner()
    for one in examples:
        one.globs = known
        runner.run(one, clear_globs=False)
    assert runner.failures == 0


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
