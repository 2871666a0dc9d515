"""When and to whom: days counted by hand on the calendar, groups, the cash curve, and what is blocked."""

from datetime import date

import pandas as pd
import pytest

from cape_kit.assessment import payments
from cape_kit.entries.client import Importer
from tests.assessment.portfolios import assessed, with_client
from tests.test_samples import CLIENTS, assessment

LINES = [[1, "99030125", 0, 1000.00], [1, "8481809015", 10000, 0]]
UNLIQUIDATED = {"liquidation_status": "Unliquidated", "entry_date": date(2025, 8, 1)}
LIQUIDATED = {"liquidation_status": "Liquidated", "liquidation_date": date(2026, 4, 10)}
EXTENDED = {"liquidation_status": "Extended", "liquidation_date": None}


def days(found, row):
    """The six days of an entry as dates."""
    names = [f"{what}_{end}" for what in ("liquidation", "payment") for end in payments.RANGE]
    return [None if pd.isna(found[name].iloc[row]) else found[name].iloc[row].date() for name in names]


def test_days_from_filing_on_5_may_2026():
    found = payments.expected(assessed([UNLIQUIDATED, LIQUIDATED, EXTENDED], [LINES] * 3, origin="VN"))
    # 45 days after acceptance; 60 to 90 days after acceptance; 3 to 5 weeks after liquidation.
    assert days(found, 0) == [
        date(2026, 6, 19), date(2026, 6, 19), date(2026, 7, 13),
        date(2026, 7, 4), date(2026, 7, 17), date(2026, 8, 3),
    ]  # fmt: skip
    # The next business day; three weeks after it at the earliest, the range after acceptance otherwise.
    assert days(found, 1) == [
        date(2026, 5, 6), date(2026, 5, 6), date(2026, 7, 13),
        date(2026, 5, 27), date(2026, 7, 4), date(2026, 8, 3),
    ]  # fmt: skip
    assert days(found, 2) == [None] * 6
    assert found["basis"].tolist() == [payments.LIQUIDATED, payments.RELIQUIDATED, payments.UNKNOWN]


def test_the_next_business_day_skips_the_weekend_and_the_holiday():
    on = date(2026, 5, 22)  # the Friday before Memorial Day
    found = payments.expected(assessed([LIQUIDATED], [LINES], origin="VN", on=on))
    assert days(found, 0)[0] == date(2026, 5, 26)


def test_payments_are_pooled_by_payee_and_liquidation_day():
    facts = [LIQUIDATED, {**LIQUIDATED, "importer_number": "12-345678901"}, LIQUIDATED, UNLIQUIDATED]
    found = payments.groups(assessed(facts, [LINES] * 4, origin="VN"))
    assert found[["payee", "entries", "principal_cents"]].to_numpy().tolist() == [
        ["12-345678900", 2, 200000],
        ["12-345678900", 1, 100000],
        ["12-345678901", 1, 100000],
    ]
    assert found["liquidation_day"].dt.date.tolist() == [
        date(2026, 5, 6),
        date(2026, 6, 19),
        date(2026, 5, 6),
    ]


def importer(**stated):
    return with_client(importers=(Importer(number="12-345678900", **stated),))


def kinds(found):
    return dict(zip(found["code"], found["certainty"], strict=True))


def test_no_enrolment_blocks_and_interest_stops_at_liquidation():
    client = importer(ace_subaccount=True, ach_refund_enrolled=False)
    found = assessed([LIQUIDATED, UNLIQUIDATED], [LINES] * 2, origin="VN", client=client)
    told = payments.blocked(found)
    assert kinds(told) == {"no-ach": "known"}
    row = told.iloc[0]
    assert (row["entries"], row["principal_cents"]) == (2, 200000)
    assert row["amount_cents"] == row["principal_cents"] + row["interest_cents"]
    assert row["interest_stops"].date() == date(2026, 5, 6)
    # 30 days at 6% a year on a little over 2,000 dollars
    assert abs(row["lost_per_30_days_cents"] - row["amount_cents"] * 0.06 * 30 / 365) < 5
    assert payments.weekly(found).empty
    assert payments.undated(found)[["why", "entries"]].to_numpy().tolist() == [["blocked", 2]]


def test_no_sub_account_for_that_suffix():
    told = payments.blocked(
        assessed(
            [LIQUIDATED],
            [LINES],
            origin="VN",
            client=importer(ace_subaccount=False, ach_refund_enrolled=True),
        )
    )
    assert kinds(told) == {"no-sub-account": "known"}


def test_a_number_client_toml_does_not_speak_of_is_not_blocked_but_said():
    found = assessed([LIQUIDATED], [LINES], origin="VN")
    assert kinds(payments.blocked(found)) == {"ach-not-stated": "not verified"}
    assert payments.expected(found)["blocked"].tolist() == [""]


def test_a_4811_party_is_paid_only_when_it_stands_on_both():
    client = importer(ace_subaccount=True, ach_refund_enrolled=True, notify_party="98-765432100")
    facts = [
        {**LIQUIDATED, "notify_party": "98-7654321 00"},
        {**LIQUIDATED, "notify_party": None},
        LIQUIDATED,
    ]
    facts[2] = {**LIQUIDATED, "notify_party": "11-111111100"}
    found = assessed(facts, [LINES] * 3, origin="VN", client=client)
    told = payments.expected(found)
    assert told["payee_kind"].tolist() == ["4811 party", "importer of record", "importer of record"]
    assert told["payee"].tolist() == ["98-7654321 00", "12-345678900", "12-345678900"]
    assert told["blocked"].ne("").tolist() == [False, True, True]
    blocked = payments.blocked(found)
    assert kinds(blocked) == {"party-not-on-entry": "known"}
    assert blocked["entries"].tolist() == [2]


def test_where_no_file_has_the_notify_party_nothing_is_claimed():
    client = importer(ace_subaccount=True, ach_refund_enrolled=True, notify_party="98-765432100")
    found = assessed([LIQUIDATED], [LINES], origin="VN", client=client)
    assert kinds(payments.blocked(found)) == {"party-not-verified": "not verified"}
    assert payments.expected(found)["blocked"].tolist() == [""]


def test_nothing_to_pay():
    found = assessed([{}], [[[1, "8481809015", 10000, 0]]], origin="VN")
    assert payments.expected(found).empty
    assert payments.groups(found).empty
    assert payments.weekly(found).empty
    assert payments.blocked(found).empty


@pytest.mark.parametrize("day", ["2026-05-05", "2026-07-10", "2026-11-22"])
@pytest.mark.parametrize("client", CLIENTS)
def test_on_the_samples_entries_groups_and_weeks_add_up(client, day):
    a = assessment(client, day)
    rows, pooled, weeks, left = (
        payments.expected(a), payments.groups(a), payments.weekly(a), payments.undated(a),
    )  # fmt: skip
    filed = a.table[a.table["disposition"].isin(("file", "file_deferred"))]
    for name in ("principal_cents", "interest_cents"):
        assert rows[name].sum() == filed[name].sum() == pooled[name].sum()
    for end in payments.RANGE:
        assert weeks[f"{end}_cents"].sum() + left["amount_cents"].sum() == rows["amount_cents"].sum()
    known = rows[rows["payment_high"].notna()]
    assert (known["liquidation_low"] <= known["liquidation_high"]).all()
    assert (known["payment_low"] <= known["payment_base"]).all()
    assert (known["payment_base"] <= known["payment_high"]).all()
    assert (known["liquidation_base"] < known["payment_low"]).all()
    totals = weeks[["low_total_cents", "base_total_cents", "high_total_cents"]]
    assert (totals["low_total_cents"] >= totals["base_total_cents"]).all()
    assert (totals["base_total_cents"] >= totals["high_total_cents"]).all()
