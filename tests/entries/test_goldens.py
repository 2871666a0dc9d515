"""One golden per report layout: a small file, and beside it, written by hand, what must be read from it."""

import datetime
import tomllib
from functools import cache
from pathlib import Path

import pandas as pd
import pytest

from cape_kit.entries import readers
from cape_kit.entries.readers import layouts

GOLDEN = Path(__file__).parent.parent / "golden"
CASES = sorted(path.parent.name for path in GOLDEN.glob("*/expected.toml"))
LINE = [
    "entry_number",
    "line_number",
    "ordinal",
    "hts",
    "country_of_origin",
    "goods_value_cents",
    "duty_cents",
    "source_row",
]


@cache
def load(case):
    expected = tomllib.loads((GOLDEN / case / "expected.toml").read_text("utf-8"))
    (path,) = (GOLDEN / case).glob("input.*")
    (reading,) = readers.read(path)
    return reading, expected


def plain(value):
    """A cell as the golden writes it: a day, an empty text for unknown."""
    if pd.isna(value):
        return ""
    return value.date() if isinstance(value, datetime.datetime) else value


def test_every_layout_has_a_golden():
    assert sorted(profile.key for profile in layouts.profiles()) == CASES


@pytest.mark.parametrize("case", CASES)
def test_recognised_and_accounted_for(case):
    reading, expected = load(case)
    assert reading.profile.key == expected["profile"]
    assert reading.report.header_row == expected["header_row"]
    assert reading.sheet == expected.get("sheet", reading.sheet)
    assert [reading.rows, reading.rows_used, reading.rows_refused, reading.rows_blank] == expected["rows"]
    assert reading.extracted_on == expected.get("extracted_on")
    assert set(expected.get("add", [])) <= set(reading.report.missing)
    assert list(reading.report.unknown) == expected.get("unknown", [])


@pytest.mark.parametrize("case", CASES)
def test_entries(case):
    reading, expected = load(case)
    found = reading.entries.set_index("entry_number")
    wanted = expected.get("entries", [])
    assert sorted(found.index) == sorted(entry["entry_number"] for entry in wanted)
    for entry in wanted:
        row = found.loc[entry["entry_number"]]
        assert {c: plain(row[c]) for c in entry if c != "entry_number"} == {
            c: v for c, v in entry.items() if c != "entry_number"
        }


@pytest.mark.parametrize("case", CASES)
def test_lines_with_their_rows(case):
    reading, expected = load(case)
    if "lines" not in expected:
        assert reading.lines is None
        return
    found = reading.lines.to_pandas()
    assert found["source_file"].astype(str).unique().tolist() == [reading.file]
    assert [[plain(v) for v in row] for row in found[LINE].to_numpy(dtype=object).tolist()] == expected[
        "lines"
    ]


@pytest.mark.parametrize("case", CASES)
def test_problems_and_conflicts(case):
    reading, expected = load(case)
    found = [
        [plain(v) for v in row] for row in reading.problems[["code", "row", "column"]].to_numpy(dtype=object)
    ]
    assert sorted(found, key=str) == sorted(expected.get("problems", []), key=str)
    assert reading.problems["what_to_do"].notna().all()
    listed = (
        reading.conflicts[["column", "taken", "taken_from", "other", "other_from"]]
        .to_numpy(dtype=object)
        .tolist()
    )
    rows = [[c, t, int(tf.rsplit(" ", 1)[1]), o, int(of.rsplit(" ", 1)[1])] for c, t, tf, o, of in listed]
    assert rows == expected.get("conflicts", [])


@pytest.mark.parametrize(
    "case", [c for c in CASES if "answers" in (GOLDEN / c / "expected.toml").read_text("utf-8")]
)
def test_answers(case):
    reading, expected = load(case)
    rows = reading.answers.to_dict("records")
    assert len(rows) == len(expected["answers"])
    for row, wanted in zip(rows, expected["answers"], strict=True):
        assert {c: plain(row[c]) for c in wanted} == wanted
