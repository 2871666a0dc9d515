"""Cells in their common form are understood as the engine understands them, whatever stands beside them."""

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cape_kit.entries.readers import cells, rows
from cape_kit.entries.readers.layouts import ColumnKind, words
from tests import effort

DAYS = [
    *(
        "2026-05-05",
        "2026-05-05 00:00:00",
        "05/06/2026",
        "5/13/2026",
        "13/5/2026",
        "02/29/2024",
        "02/30/2026",
    ),
    *("31/04/2025", "12/31/1979", "01/01/2100", "00/05/2026", "2026-13-01", "1/1/26", "05-MAY-2026", "46000"),
    *(
        "2026-05-05 07:30:00",
        "20260505",
        "12/12/2025",
        "2099-12-31",
        "05-May-2026",
        "5-Sep-2025",
        "31-Nov-2025",
        "05-Sept-2025",
    ),
]
SAID = [
    *(
        "",
        " ",
        "-",
        "N/A",
        "none",
        "Y",
        "yes",
        "No",
        "X",
        "0",
        "1",
        "01",
        "7",
        "007",
        "21.0",
        "2704",
        "027",
        "CN",
    ),
    *("cn", "China", "B7603245278", "B76-0324527-8", "HK710158385", "99030124", "9903.01.24", "8471300100"),
    *(
        "9903012400",
        "12-3456789XX",
        '="00123"',
        "'0012",
        "Acme Ltd.",
        "Acme ",
        "Café",
        "~",
        "~x",
        "e'",
        "#N/A",
    ),
    *(
        "1175.72",
        "1,175.72",
        "-3.5",
        "0",
        "-0",
        "5.125",
        "1E+3",
        "$5",
        "(5)",
        "12.",
        ".5",
        "999999999.99",
        "1.000",
    ),
]
KINDS = [
    *(
        "entry_number",
        "other_entry_number",
        "count",
        "hts",
        "country",
        "entry_type",
        "port",
        "flag",
        "importer",
    ),
    *("reference", "text"),
]
COLUMNS = [
    *(ColumnKind("x", kind, ()) for kind in KINDS),
    ColumnKind("x", "text", (), blank="said"),
    ColumnKind("x", "text", (), status=True),
    *(ColumnKind("x", "cents", (), decimals=way) for way in ("point", "comma", "unclear")),
    *(ColumnKind("x", "day", (), order=order) for order in ("MDY", "DMY", "ISO", "ANY")),
]


def by_engine(column, values):
    con = rows.connect()
    con.register("few", pa.table({"c0": values}))
    found = con.sql(f"SELECT {cells.typing_sql(column, 0)} AS typed FROM few").to_arrow_table()["typed"]
    con.unregister("few")
    return found.combine_chunks()


@pytest.mark.parametrize(
    "column", COLUMNS, ids=lambda one: f"{one.kind} {one.order} {one.decimals} {one.blank} {one.status}"
)
def test_each_cell_is_what_the_engine_makes_of_it(column):
    several = [*DAYS, *SAID, *words().yes, *words().no, *words().blank]
    taken = 0
    engine = by_engine(column, pa.array(several, pa.string())).to_pylist()
    for text, told in zip(several, engine, strict=True):
        found = cells.plainly_understood(column, pa.array([text, None], pa.string()))
        if found is not None:
            taken += 1
            assert found.to_pylist()[0] == told, text
    assert taken or column.decimals != "point", "no cell at all is in the common form"


@pytest.mark.parametrize(
    "column", COLUMNS, ids=lambda one: f"{one.kind} {one.order} {one.decimals} {one.blank} {one.status}"
)
def test_types_and_empty_cells_are_the_engines(column):
    nothing = pa.array([None, None], pa.string())
    found = cells.plainly_understood(column, nothing)
    if found is not None:
        assert found.equals(by_engine(column, nothing))


AMOUNTS = st.from_regex(r"-?[0-9]{0,10}[.,]?[0-9]{0,3}", fullmatch=True)
DOLLARS = st.from_regex(r"-?[$]?[0-9]{1,3}(,[0-9]{3}){0,2}([.][0-9]{0,2})?", fullmatch=True)
NUMBERS = st.from_regex(
    r"[0-9A-Z]{3}-?[0-9]{7}-?[0-9]|[0-9]{4}[.]?[0-9]{2}[.]?[0-9]{2}[.]?[0-9]{0,2}", fullmatch=True
)
DAY_TEXTS = st.from_regex(r"[0-9]{1,4}[-/][0-9]{1,2}[-/][0-9]{1,4}( 00:00:00)?", fullmatch=True)
WORDS = st.text(st.characters(codec="ascii"), max_size=6)


@settings(max_examples=effort.examples(80), deadline=None)
@given(
    texts=st.lists(AMOUNTS | DOLLARS | NUMBERS | DAY_TEXTS | WORDS, min_size=20, max_size=40),
    column=st.sampled_from(COLUMNS),
)
def test_whatever_is_written(texts, column):
    engine = by_engine(column, pa.array(texts, pa.string())).to_pylist()
    for text, told in zip(texts, engine, strict=True):
        found = cells.plainly_understood(column, pa.array([text], pa.string()))
        assert found is None or found.to_pylist() == [told], text


def test_one_other_form_leaves_the_column_to_the_engine():
    column = ColumnKind("x", "cents", ())
    assert cells.plainly_understood(column, pa.array(["1.00", "(1.00)"])) is None
    assert cells.plainly_understood(column, pa.array(["1.00", "2"])).to_pylist() == [100, 200]
