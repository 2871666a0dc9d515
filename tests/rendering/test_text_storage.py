"""A forked report holds text as Python's own, everybody else as Arrow's: what is said of a client is the same.

Two ways to hold text could differ in what a blank, a letter or its other case is. So every file of the samples and
of the goldens, letters of other scripts among them, is read and decided both ways: all in a deep run, in the usual
one the sample with two brokers' sheets, and a few.
"""

import pandas as pd
import pytest

import cape_kit
from cape_kit import tables
from cape_kit.rendering import kernels
from tests import effort
from tests.entries import test_any_file as goldens

SAMPLES = ("cedar-and-flint", "harbor-lane", "northgate-tools")
#: Tried with every run: other scripts, blanks and dashes. A deep run takes all.
FEW = ("chinese_and_english_headers", "french_headers", "amounts_in_many_forms", "entry_numbers_mangled")
ROOT = goldens.FOLDER.parents[2]


def said(folder):
    """All that is said of a client: every frame as text, the types beside it."""
    portfolio = cape_kit.open(folder)
    made = cape_kit.assess(portfolio, as_of="2026-05-05")
    frames = {
        "entries": portfolio.entries,
        "lines": portfolio.tariff_lines.to_pandas(),
        "problems": portfolio.problems,
        "conflicts": portfolio.conflicts,
        "files": portfolio.files,
        "table": made.table,
        "caveats": made.caveats,
        "disagreements": made.disagreements,
        "findings": cape_kit.audit(made),
        "actions": tables.actions(made).frame,
        "readiness": tables.readiness(made).frame,
        "basis": tables.settled_by_hand(made).frame,
    }
    told = {name: (frame.dtypes.astype(str).to_dict(), frame.to_csv()) for name, frame in frames.items()}
    return told, portfolio.entries["entry_number"].dtype.storage


def both(folder):
    """The same folder held as Arrow's text and as a forked report holds it."""
    with pd.option_context("mode.string_storage", "pyarrow"):
        arrow, one = said(folder)
    with pd.option_context(*kernels.TEXT):
        own, other = said(folder)
    assert [one, other] == ["pyarrow", "python"]
    return arrow, own


@pytest.mark.parametrize("name", SAMPLES if effort.DEEP else SAMPLES[:1])
def test_a_sample_client_is_told_the_same_either_way(name):
    arrow, own = both(ROOT / "data" / "sample" / name)
    for frame, told in arrow.items():
        assert own[frame] == told, frame


@pytest.mark.parametrize("name", sorted(goldens.CASES) if effort.DEEP else FEW)
def test_a_file_of_any_shape_is_told_the_same_either_way(name, tmp_path):
    arrow, own = both(goldens.client(name, tmp_path / name))
    for frame, told in arrow.items():
        assert own[frame] == told, frame
