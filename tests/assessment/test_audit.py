"""The audit of the lines: worked cases, tolerance, set-off, and silence where the samples are sound."""

from datetime import date
from functools import cache

import pandas as pd
import pytest

from cape_kit.assessment import audit, recalculated_summary
from cape_kit.assessment.refund import coded_lines
from tests.assessment.portfolios import LAW, assessed, cases, cents
from tests.numbers import numbered
from tests.test_samples import CLIENTS, assessment, truth

CASES = cases("findings.toml")
#: What the truth calls an entry whose IEEPA headings bear no duty.
UNPAID = "heading without duty"


@cache
def together():
    """All worked cases assessed at once, an entry for each, and what is found."""
    entered = [{"entry_date": case.get("entered", date(2025, 10, 15))} for case in CASES]
    origins = [case.get("origin", "DE") for case in CASES]
    made = assessed(entered, [case["rows"] for case in CASES], origin=origins)
    before = made.table["principal_cents"].tolist()
    return made, audit.findings(made), before


@pytest.mark.parametrize("place", range(len(CASES)), ids=[case["name"] for case in CASES])
def test_worked_case(place):
    case, (_, findings, _) = CASES[place], together()
    found = findings[findings["entry_number"] == numbered("B76", place)]
    told = [
        [code, direction, None if pd.isna(amount) else int(amount), confidence]
        for code, direction, amount, confidence in zip(
            found["code"], found["direction"], found["amount_cents"], found["confidence"], strict=True
        )
    ]
    expected = [[code, direction, cents(dollars), sure] for code, direction, dollars, sure in case["finds"]]
    assert told == expected
    if "set_off" in case:
        assert found["set_off_cents"].sum() == cents(case["set_off"])


def test_findings_never_touch_the_refund():
    found, findings, before = together()
    assert found.table["principal_cents"].tolist() == before
    told = findings.dropna(subset=["amount_cents"])
    assert (told["amount_cents"] >= 0).all()
    assert (told["set_off_cents"] <= told["amount_cents"]).all()
    assert findings["why"].str.len().gt(0).all() and findings["source"].str.len().gt(0).all()


def test_underpaid_normal_duty_can_turn_a_refund_into_a_bill():
    rows = [[1, "99030125", 0, 100.00], [1, "99038803", 0, 0], [1, "8481809015", 1000, 20.00, "30%"]]
    found = assessed([{}], [rows], origin="VN")
    row = audit.netting(found).iloc[0]
    assert row["net_cents"] == 10000
    assert row["set_off_cents"] == 28000
    assert row["net_if_set_off_cents"] == -18000
    assert row["outcome"] == "bill"
    assert recalculated_summary.by_entry(found)["outcome"].tolist() == ["refund"]


def test_a_preference_or_a_second_goods_row_lowers_the_confidence():
    plain = [[1, "99030125", 0, 900.00], [1, "8481809015", 10000, 0]]
    claimed = [[1, "99030125", 0, 900.00], [1, "8481809015", 10000, 0, None, "JO"]]
    several = [[1, "99030125", 0, 900.00], [1, "8481809015", 6000, 0], [1, "8205595560", 4000, 0]]
    found = audit.findings(assessed([{}] * 3, [plain, claimed, several], origin="VN"))
    assert found["code"].tolist() == ["rate"] * 3
    assert found["confidence"].tolist() == ["high", "low", "low"]
    assert found["amount_cents"].tolist() == [10000] * 3


def test_netting_and_offset_are_explained_with_their_authority():
    told = audit.explained(LAW).set_index("key")["source"]
    assert "19 CFR 159.1" in told["net-amount"]
    assert "19 CFR 24.72" in told["set-off"]


def test_nothing_to_audit():
    found = assessed([{}], [[]])
    assert audit.findings(found).empty
    assert list(audit.findings(found).columns) == list(audit.COLUMNS)
    assert audit.netting(found).empty


@pytest.mark.parametrize("client", CLIENTS)
def test_on_the_samples_only_what_was_put_in_is_found(client):
    found = audit.findings(assessment(client, "2026-05-05"))
    kinds = {entry["entry_number"]: entry["kind"] for entry in truth(client)["entries"]}
    told = {(kinds[number], code) for number, code in zip(found["entry_number"], found["code"], strict=True)}
    # Any entry may have been made on a day a later heading reaches back over; the rest was put in on purpose.
    assert {pair for pair in told if pair[1] != "gap"} <= {(UNPAID, "rate"), (UNPAID, "all-in-rate")}
    assert "gap" in set(found["code"])
    assert found["set_off_cents"].sum() == 0


@pytest.mark.parametrize("client", CLIENTS)
def test_revised_summary_of_the_samples_adds_up(client):
    a = assessment(client, "2026-05-05")
    programmes, entries, totals = (
        recalculated_summary.by_programme(a),
        recalculated_summary.by_entry(a),
        recalculated_summary.totals(a),
    )
    assert programmes["before_cents"].sum() == a.table["duty_paid_cents"].sum()
    for name in recalculated_summary.CENTS:
        assert (
            programmes[name].sum()
            == entries[name].sum()
            == totals[name].iloc[-1]
            == totals[name].iloc[:-1].sum()
        )
    ieepa = programmes[programmes["family"] == coded_lines.IEEPA]
    assert ieepa["before_cents"].sum() == a.table["ieepa_paid_cents"].sum()
    assert (ieepa["after_cents"] == 0).all()
    same = entries[entries["outcome"] != recalculated_summary.BILL]
    assert (same["net_cents"] == same["principal_cents"]).all()
    bills = entries[entries["outcome"] == recalculated_summary.BILL]["entry_number"]
    kinds = {entry["entry_number"]: entry["kind"] for entry in truth(client)["entries"]}
    assert {kinds[number] for number in bills} <= {UNPAID}
