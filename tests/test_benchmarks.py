"""The benchmarks run: each at its smallest, or is imported where even that takes long. No figure is asserted."""

import importlib
import re

import pytest

from tests.test_house import ROOT

FOLDER = ROOT / "tests" / "benchmarks"
NAMES = sorted(path.stem for path in FOLDER.glob("bench_*.py"))
#: What is run here as it is typed; the others start many processes or take minutes.
SMALL = {
    "bench_refund": ["--rows", "400", "--rounds", "1"],
    "bench_workbook": ["--rows", "50", "--rounds", "1"],
    "bench_whatif": ["--entries", "40", "--rounds", "1", "--days", "2"],
    "bench_client": ["--lines", "60", "--rounds", "1", "--facts", "0"],
    "bench_commands": ["--turns", "1", "--only", "help"],
}


def _of(name):
    return importlib.import_module(f"tests.benchmarks.{name}")


@pytest.mark.parametrize("name", sorted(SMALL))
def test_a_benchmark_runs_at_its_smallest(name, capsys):
    assert _of(name).main(SMALL[name]) in (0, 1)  # a limit missed on a busy machine is no error
    assert capsys.readouterr().out.strip()


def test_those_that_decide_and_accrue_work_on_what_the_kit_takes():
    from cape_kit.law import book

    law = book.load()
    deciding, interest = _of("bench_deciding"), _of("bench_interest")
    entries, marks = deciding.portfolio(200)
    assert len(deciding.whole(entries, marks, law).decisions) == len(deciding.bare(entries, marks)) == 200
    assert len(interest.interest.accrue_many(*interest.columns(law, 200), law)) == 200


@pytest.mark.parametrize("name", NAMES)
def test_a_benchmark_says_how_it_is_run_what_it_leaves_out_and_finds_what_it_imports(name):
    path = FOLDER / f"{name}.py"
    text = path.read_text("utf-8")
    assert f"{name}.py" in text or f"-m tests.benchmarks.{name}" in text
    assert hasattr(_of(name), "main") or '__name__ == "__main__"' in text
    for module, names in re.findall(
        r"^\s*from ((?:cape_kit|tests)[\w.]*) import ([\w, ]+)$", text, re.MULTILINE
    ):
        found = importlib.import_module(module)
        for one in (said.split(" as ")[0].strip() for said in names.split(",")):
            assert hasattr(found, one) or importlib.import_module(f"{module}.{one}"), (
                f"{name}: {module}.{one}"
            )
