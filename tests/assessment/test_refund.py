"""Principal: worked cases, rates as people print them, and what holds for every portfolio whatsoever."""

from datetime import date
from decimal import Decimal
from functools import cache

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cape_kit.assessment import recalculated_summary, refund
from cape_kit.assessment.refund import coded_lines, reducing
from cape_kit.entries import schema
from tests import effort
from tests.assessment.portfolios import LAW, assessed, cases, cents, tariff_lines
from tests.numbers import numbered

CASES = cases("refunds.toml")


def reduced_lines(lines, entries):
    """Tariff lines as an assessment reduces them."""
    return refund.reduce_lines(refund.coded(lines, entries, LAW), entries, LAW)


@cache
def together():
    """All worked cases assessed at once, an entry for each, and their revised entry summaries."""
    entered = [{"entry_date": case.get("entered", date(2025, 10, 15))} for case in CASES]
    origins = [case.get("origin", "DE") for case in CASES]
    found = assessed(entered, [case["rows"] for case in CASES], origin=origins)
    return found.table.set_index("entry_number"), found.refund_lines, recalculated_summary.by_entry(found)


PLACES = pytest.mark.parametrize("place", range(len(CASES)), ids=[case["name"] for case in CASES])


@PLACES
def test_worked_case(place):
    case, (table, refund_lines, _) = CASES[place], together()
    row = table.loc[numbered("B76", place)]
    lines = refund_lines[refund_lines["entry_number"] == numbered("B76", place)]
    assert row["principal_cents"] == cents(case["principal"])
    if "confidence" in case:
        assert row["confidence"] == case["confidence"]
    if "why" in case:
        assert case["why"] in row["confidence_why"]
        assert lines["why"].str.contains(case["why"]).any()
    if "settles" in case:
        assert lines["settles"].str.contains(case["settles"]).any()
    assert row["exception_duty_cents"] == cents(case.get("flagged", 0))
    assert row["unknown_duty_cents"] == cents(case.get("unknown", 0))


@PLACES
def test_worked_case_as_the_revised_entry_summary(place):
    case, (_, _, summaries) = CASES[place], together()
    row = summaries.set_index("entry_number").loc[numbered("B76", place)]
    assert row["net_cents"] == cents(case["net"])
    assert row["outcome"] == ("refund" if case["net"] > 0 else "bill" if case["net"] < 0 else "nothing")
    assert row["before_cents"] - row["removed_cents"] + row["returned_cents"] == row["after_cents"]


PRINTED = [
    ("Free", 0), ("FREE", 0), (" free ", 0), ("Free 1/", 0), ("0", 0), ("0.0", 0), ("0%", 0),
    ("5%", 5), ("5.3%", "5.3"), ("5.3 %", "5.3"), ("2.5% ad val.", "2.5"), ("6.4% 1/", "6.4"), ("100%", 100),
    ("2.3¢/kg", None), ("2.3¢/kg + 5%", None), ("$1.035/kg", None), ("5", None), ("0.053", None),
    ("5,3%", None),
    ("See note 2", None), ("", None), (None, None), ("-5%", None), ("9999%", None),
    ("The duty provided in the applicable subheading + 15%", None),
]  # fmt: skip


@pytest.mark.parametrize(("text", "pct"), PRINTED)
def test_rates_as_printed(text, pct):
    assert reducing.percent(text) == (None if pct is None else Decimal(pct))


FAMILIES = [
    ("99030124", coded_lines.IEEPA, "China/HK fentanyl"), ("9903022000", coded_lines.IEEPA, "Reciprocal country rates"),
    ("99030132", coded_lines.EXCEPTION, "Reciprocal baseline"),
    ("99039601", coded_lines.EXCEPTION, "Reciprocal country rates"),
    ("99030135", coded_lines.UNKNOWN, coded_lines.UNKNOWN), ("99038803", "Section 301", None),
    ("99030501", "Section 301", None),
    ("99038187", "Section 232", None), ("99037601", "Section 232", None), ("99034525", "Section 201", None),
    ("99030301", "Section 122", None), ("99021001", coded_lines.OTHER_99, None),
    ("9802008068", coded_lines.NORMAL, None),
    ("3923900080", coded_lines.NORMAL, coded_lines.NORMAL),
]  # fmt: skip


@pytest.mark.parametrize(("hts", "family", "programme"), FAMILIES)
def test_what_a_number_is(hts, family, programme):
    row = coded_lines.headings_of([hts], LAW).iloc[0]
    assert row["family"] == family
    assert programme is None or row["programme"] == programme
    assert row["chapter_99"] == hts.startswith("99")


def test_duty_of_entries_the_lines_lack_is_unknown_not_zero():
    found = assessed([{}, {}], [[[1, "99030125", 0, 10], [1, "8481809015", 100, 0]], []])
    table = found.table
    assert table["principal_cents"].tolist()[0] == 1000
    assert table["principal_cents"].isna().tolist() == [False, True]
    assert table["duty_paid_cents"].isna().tolist() == [False, True]


def test_no_lines_at_all():
    found = assessed([{}], [[]])
    assert found.refund_lines.empty
    assert found.table["principal_cents"].isna().all()
    assert recalculated_summary.by_programme(found).empty
    assert recalculated_summary.by_entry(found).empty
    assert recalculated_summary.totals(found)["after_cents"].tolist() == [0]


def test_text_columns_may_come_coded_chunked_or_large():
    entries = schema.conform(
        pd.DataFrame({"entry_number": ["A", "B"], "entry_date": pd.to_datetime(["2025-10-15"] * 2)}),
        "entries",
    )
    rows = [[1, "99030220", 0, 1500.00], [1, "8481809015", 10000, 0, "5%"]]
    plain = tariff_lines({"A": rows, "B": rows})
    coded = plain.set_column(3, "hts", plain["hts"].dictionary_encode())
    large = plain.set_column(0, "entry_number", plain["entry_number"].cast(pa.large_string()))
    chunked = pa.concat_tables([plain.slice(0, 1), plain.slice(1, 2), plain.slice(3)])
    told = [refund.per_entry(reduced_lines(one, entries), entries) for one in (plain, coded, large, chunked)]
    assert all(one.equals(told[0]) for one in told)
    assert told[0]["principal_cents"].tolist() == [100000, 100000]


ROWS = st.lists(
    st.tuples(
        st.integers(0, 4),
        st.integers(1, 3),
        st.sampled_from(
            [
                "99030124",
                "99030125",
                "99030220",
                "99030273",
                "99030132",
                "99038803",
                "99030301",
                "8481809015",
                "3923900080",
            ]
        ),
        st.one_of(st.none(), st.integers(0, 10**9)),
        st.one_of(st.none(), st.integers(0, 10**9)),
        st.sampled_from([None, "Free", "5%", "2.3¢/kg", "6.4%"]),
    ),
    max_size=40,
)


def made(rows):
    entries = schema.conform(
        pd.DataFrame({"entry_number": list("ABCDE"), "entry_date": pd.to_datetime(["2025-10-15"] * 5)}),
        "entries",
    )
    frame = pd.DataFrame(
        [
            {"entry_number": "ABCDE"[entry], "line_number": line, "ordinal": place, "hts": hts,
             "country_of_origin": "DE", "goods_value_cents": value, "duty_cents": duty, "mfn_rate": rate}
            for place, (entry, line, hts, value, duty, rate) in enumerate(rows)
        ]
    )  # fmt: skip
    lines = schema.conform(frame, "tariff_lines") if rows else schema.empty("tariff_lines")
    return entries, pa.Table.from_pandas(lines, preserve_index=False)


@settings(max_examples=effort.examples(60), deadline=None)
@given(ROWS)
def test_headings_sum_to_entries_and_no_refund_exceeds_what_was_paid(rows):
    entries, lines = made(rows)
    reduced = reduced_lines(lines, entries)
    found = refund.per_entry(reduced, entries).set_index("entry_number")
    headings = refund.refund_lines(reduced)
    sums = headings.groupby("entry_number")["principal_cents"].sum().reindex(found.index).fillna(0)
    assert (sums == found["principal_cents"].fillna(0)).all()
    assert headings["principal_cents"].sum() == found["principal_cents"].fillna(0).sum()
    assert (found["principal_cents"] <= found["ieepa_paid_cents"]).fillna(True).all()
    assert (found["ieepa_paid_cents"] <= found["duty_paid_cents"]).fillna(True).all()
    assert (headings["principal_cents"] <= headings["paid_cents"]).all()
    duty = {}
    for entry, _, hts, _, paid, _ in rows:
        if hts in ("99030124", "99030125", "99030220", "99030273"):
            duty["ABCDE"[entry]] = duty.get("ABCDE"[entry], 0) + (paid or 0)
    assert found["ieepa_paid_cents"].dropna().to_dict() == {
        entry: duty.get(entry, 0) for entry in found["ieepa_paid_cents"].dropna().index
    }


@settings(max_examples=effort.examples(30), deadline=None)
@given(ROWS, st.randoms(use_true_random=False))
def test_the_order_of_rows_changes_nothing(rows, dice):
    shuffled = list(rows)
    dice.shuffle(shuffled)
    columns = ["entry_number", "principal_cents", "ieepa_paid_cents", "duty_paid_cents", "confidence"]
    told = []
    for one in (rows, shuffled):
        entries, lines = made(one)
        told.append(refund.per_entry(reduced_lines(lines, entries), entries)[columns])
    pd.testing.assert_frame_equal(*told)


def test_amounts_beyond_64_bits_of_product_stay_exact():
    value = 9 * 10**14  # nine trillion dollars in cents
    entries, lines = made([(0, 1, "99030220", 0, value, None), (0, 1, "8481809015", value, 0, "6.4%")])
    found = refund.per_entry(reduced_lines(lines, entries), entries)
    assert found["principal_cents"].iloc[0] == value - value * 64 // 1000
    assert np.isclose(float(found["principal_cents"].iloc[0]), 0.936 * value)


def test_without_any_value_nobody_knows_whether_one_stands_on_a_chapter_99_row():
    rows = [[1, "99030125", "", "100.00"], [1, "3923900080", "", "30.00"]]
    found = assessed(
        [{}, {}], [rows, [[1, "99030125", "0.00", "100.00"], [1, "3923900080", "1000.00", "30.00"]]]
    )
    assert found.facts.lines["value_on_chapter_99"].isna().tolist() == [True, False]
    assert found.outcomes["E11"].tolist() == [2, 0]  # unknown, passes
