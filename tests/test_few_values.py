"""Text that says the same on every row is held for one stretch of rows: less memory, and not another word.

Expected columns are made by pandas, a text for each row; bytes are counted by Arrow, each buffer once.
"""

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest

import cape_kit
from cape_kit import few_values
from tests.samples import DAY, SAMPLES

#: As short as this a stretch has every shipped client's tables repeat it, whole and in part.
SHORT = 7
STORAGES = ("pyarrow", "python")


@pytest.fixture(params=STORAGES)
def storage(request):
    with pd.option_context("mode.string_storage", request.param):
        yield request.param


@pytest.fixture
def short(monkeypatch):
    monkeypatch.setattr(few_values, "STRETCH", SHORT)


def size(text):
    """Bytes a text column of Arrow takes."""
    return pa.table({"text": text.array.__arrow_array__()}).get_total_buffer_size()


@pytest.mark.parametrize("text", ["open", "", "Straße 东", None])
@pytest.mark.parametrize("rows", [0, 1, SHORT - 1, SHORT, SHORT + 1, 3 * SHORT, 3 * SHORT + 2])
def test_a_text_on_every_row_is_that_text_on_every_row(storage, short, text, rows):
    index = pd.Index(np.arange(rows) * 10 + 5)
    wanted = pd.Series([text] * rows, index=index, dtype="str")
    pd.testing.assert_series_equal(few_values.alike(text, index), wanted)
    places = np.zeros(rows, dtype="int64") - (text is None)
    pd.testing.assert_series_equal(
        few_values.spelt(places, ["open" if text is None else text], index), wanted
    )


def test_places_beyond_a_stretch_are_spelt_each_by_its_own_name(storage, short):
    places = np.array([0] * 9 + [1, -1, 2] + [0] * 9)
    wanted = ["a"] * 9 + ["b", None, None] + ["a"] * 9
    index = pd.RangeIndex(len(places))
    told = few_values.spelt(places, ("a", "b", None), index)
    pd.testing.assert_series_equal(told, pd.Series(wanted, index=index, dtype="str"))


def test_a_frame_held_once_is_the_same_frame(storage, short):
    rows = 3 * SHORT + 1
    frame = pd.DataFrame(
        {
            "same": pd.Series(["one"] * rows, dtype="str"),
            "null": pd.Series([None] * rows, dtype="str"),
            "first null": pd.Series([None] + ["one"] * (rows - 1), dtype="str"),
            "last null": pd.Series(["one"] * (rows - 1) + [None], dtype="str"),
            "one between": pd.Series(["one"] * SHORT + ["two"] + ["one"] * (rows - SHORT - 1), dtype="str"),
            "null between": pd.Series(["one"] * SHORT + [None] + ["one"] * (rows - SHORT - 1), dtype="str"),
            "amount": pd.Series([5] * rows, dtype="Int64"),
            "sort": pd.Series(["one"] * rows, dtype="category"),
        },
        index=np.arange(rows) + 3,
    )
    pd.testing.assert_frame_equal(few_values.held_once(frame.copy()), frame)


def test_of_millions_of_rows_one_stretch_is_held():
    with pd.option_context("mode.string_storage", "pyarrow"):
        index = pd.RangeIndex(2_000_000)
        reason = "liquidation expected 90 days after acceptance"
        assert size(few_values.alike(reason, index)) < 5_000_000
        assert size(few_values.alike(None, index)) < 1_000_000
        held = few_values.held_once(pd.DataFrame({"why": pd.Series(reason, index=index, dtype="str")}))
        assert size(held["why"]) < 5_000_000


@pytest.mark.parametrize("count", [1, 126, 127, 128, 129, 32_766, 32_767, 32_768, 70_000])
def test_small_places_are_the_same_places(count):
    places = np.array([-1, 0, count - 1, count])
    assert few_values.small(places, count).tolist() == places.tolist()


def told(client):
    """Every frame of a client that is made of text held once."""
    portfolio = cape_kit.open(SAMPLES / client)
    made = cape_kit.assess(portfolio, as_of=DAY)
    return {
        "entries": portfolio.entries,
        "appearances": portfolio.appearances,
        "lines": portfolio.tariff_lines.to_pandas(),
        "seen": made.facts.seen,
        "reduced": made.facts.lines,
        "refunds": made.refund_lines,
        "table": made.table,
        "findings": cape_kit.audit(made),
    }


@pytest.mark.parametrize("client", ["cedar-and-flint", "northgate-tools"])
def test_a_client_is_told_the_same_whatever_the_stretch(storage, client, monkeypatch):
    usual = told(client)
    monkeypatch.setattr(few_values, "STRETCH", SHORT)
    for name, frame in told(client).items():
        pd.testing.assert_frame_equal(frame, usual[name])


def test_a_column_of_the_lines_that_says_the_same_is_held_once(tmp_path):
    header = (
        "Entry Summary Number,Entry Date,Entry Summary Line Number,Tariff Ordinal Number,HTS Number - Full"
    )
    header += ",Line SPI Code,Line Tariff Goods Value Amount,Line Tariff Duty Amount"
    row = "B76-0324527-8,03/06/2025,{},1,3923900080,,100.00,5.00"
    lines = [row.format(number) for number in range(1, 300_001)]
    (tmp_path / "lines.csv").write_text("\n".join([header, *lines]) + "\n", "utf-8")
    (tmp_path / "client.toml").write_text('name = "Long"\nextracted_on = 2026-05-05\n', "utf-8")
    found = cape_kit.open(tmp_path).tariff_lines
    assert found.num_rows == 300_000
    assert found["source_file"].unique().to_pylist() == ["lines.csv"]
    for name in ("source_file", "source_sheet", "mfn_rate", "spi", "hts_stood", "named_for"):
        assert found.select([name]).get_total_buffer_size() < found.num_rows
