"""Claimed is not paid: an accepted entry that is not reliquidated, wherever a person looks for what to do."""

import json
from dataclasses import replace
from datetime import date

import pandas as pd
import pytest

import cape_kit
from cape_kit.cli import json_shape
from cape_kit.entries import schema
from cape_kit.filing import monitoring, protests
from cape_kit.views import deadlines
from tests.assessment.portfolios import assessed
from tests.entries import folders
from tests.filing.test_refund_words import ES

ES022 = "Claim Number,Claim Status,Entry Summary Number,Refund Amount,Refund Status\n"
LINES = [[1, "99030125", 0, 1000.00], [1, "8481809015", 10000, 0]]
#: Liquidated 2 March 2026: CBP's own power ends 31 May, day 150 is Thursday 30 July, day 180 Saturday 29 August.
CLAIMED = {
    "claim_status": "Accepted", "claim_number": "100000310501", "liquidation_status": "Liquidated",
    "liquidation_date": date(2026, 3, 2),
}  # fmt: skip
LIQUIDATED = {"liquidation_status": "Liquidated", "liquidation_date": date(2026, 3, 2)}
PROTEST = {"protest_number": "280126100001", "protest_afr": False}
#: Beside it: approved; denied, the denial mailed on 1 June; open, on grounds the files do not say; withdrawn.
OTHERS = [
    {
        "liquidation_status": "Liquidated",
        "liquidation_date": date(2026, 3, 2),
        "protest_status": status,
        **PROTEST,
        **more,
    }
    for status, more in (
        ("Approved", {"protest_ieepa_only": True}),
        ("Denied", {"protest_denied_on": date(2026, 6, 1)}),
        ("Open", {}),
        ("Withdrawn", {}),
    )
]


@pytest.fixture(scope="module")
def found():
    facts = [CLAIMED, *OTHERS]
    return assessed(facts, [LINES] * len(facts), origin="VN", on=date(2026, 7, 10))


def of(frame, found, place):
    number = found.table["entry_number"].iloc[place]
    return frame[frame["entry_number"] == number].to_dict("records")


def test_protests_csv_knows_the_claim_and_the_history(found):
    listed = protests.listing(found)
    (claimed,) = of(listed, found, 0)
    assert claimed["action"] == protests.PROTECT
    assert (claimed["plan_day"].date(), claimed["protest_last_day"].date()) == (
        date(2026, 7, 30),
        date(2026, 8, 29),
    )
    assert of(listed, found, 1) == []  # approved: nothing to protest
    (denied,) = of(listed, found, 2)
    assert (denied["action"], denied["summons_last_day"].date()) == (protests.SUMMONS, date(2026, 11, 28))
    assert [of(listed, found, place)[0]["action"] for place in (3, 4)] == [protests.KEEP, protests.FILE]
    assert protests.groups(listed)["entries"].sum() == 2  # the protective one and the withdrawn


def test_a_claim_past_cbps_own_days_is_louder(found):
    row = found.table.iloc[0]
    assert "CBP's own power to reliquidate, 90 days, ended on May 31, 2026" in row["reason"]
    assert row["what_to_do"].startswith("Ask CBP today why it is not reliquidated")
    assert (row["next_deadline_what"], row["act_by_what"]) == (
        "last day for a protective protest",
        "day to have decided on a protective protest",
    )
    assert found.caveats.set_index("code").loc[
        "claimed-in-doubt", ["entries", "principal_cents"]
    ].tolist() == [1, 100000]


def test_the_calendar_has_its_day_and_the_summons(found):
    told = {
        (event["dtstart"].dt, str(event["summary"]).split(":")[0])
        for event in deadlines.calendar(found).walk("VEVENT")
    }
    assert (date(2026, 8, 29), "Last day for a protective protest") in told
    assert (date(2026, 7, 30), "Day to have decided on a protective protest") in told
    assert (date(2026, 11, 28), "Last day for a summons over a denied protest") in told
    assert (date(2027, 6, 10), "Two years to sue end, by the earliest reading") in told


def test_reconcile_says_it_beside_the_money_that_did_not_come(found):
    number = found.table["entry_number"].iloc[0]
    answer = {
        "report": "claim_details",
        "entry_number": number,
        "claim_status": "Accepted",
        "source_file": "claims.csv",
    }
    claims = schema.conform(pd.DataFrame([answer | {"claim_number": "100000310501"}]), "claims")
    with_answer = replace(found, portfolio=replace(found.portfolio, claims=claims))
    told = monitoring.reconcile(with_answer)
    assert told.to_raise["entry_number"].tolist() == [number]
    rows = told.entries
    (claimed,) = of(rows, found, 0)
    assert claimed["what_to_do"].endswith(
        "counsel decides on a protective protest by 2026-07-30, last day 2026-08-29."
    )


@pytest.mark.parametrize(
    ("status", "said"),
    [
        ("Denied", "its one protest is used: ask counsel by 2026-07-30"),
        ("Open", "keep the open protest; by 2026-07-30"),
        ("Withdrawn", "counsel decides on a protective protest by 2026-07-30"),
    ],
)
def test_beside_a_protest_reconcile_asks_for_no_second_one(status, said):
    facts = CLAIMED | PROTEST | {"protest_status": status}
    found = assessed([facts], [LINES], origin="VN", on=date(2026, 7, 10))
    answer = {"report": "claim_details", "claim_status": "Accepted", "claim_number": "100000310501"}
    answer |= {"entry_number": found.table["entry_number"].iloc[0], "source_file": "claims.csv"}
    claims = schema.conform(pd.DataFrame([answer]), "claims")
    told = monitoring.reconcile(replace(found, portfolio=replace(found.portfolio, claims=claims)))
    assert said in told.entries["what_to_do"].iloc[0]


@pytest.mark.parametrize(
    ("word", "runs"), [("Pending", True), ("No refund issued", True), ("Treasury Issued", False), ("", False)]
)
def test_a_refund_said_to_be_pending_ends_no_protest_clock(tmp_path, word, runs):
    """Liquidated April 24, 2026: an ES-022 with an amount and the word that nothing was issued shows none."""
    row = f"Run Date: 07/30/2026\n{ES022}C9,Accepted,K1233000013,1000.00,{word}\n"
    folder = folders.folder(tmp_path, {"es.csv": ES, "es022.csv": row})
    entry = cape_kit.assess(cape_kit.open(folder), as_of="2026-08-01").table.iloc[0]
    assert entry["disposition"] == "claimed"
    assert (entry["next_deadline_what"] == "last day for a protective protest") is runs
    assert not runs or entry["next_deadline"] == pd.Timestamp("2026-10-21")


def test_json_holds_every_reading_of_the_two_years(found):
    told = json.loads(json.dumps(json_shape.as_dict(found), default=str))
    entry = told["entries"][2]
    assert (entry["suit_by_deposit"], entry["suit_by_liquidation"], entry["suit_by_decision"]) == (
        "2027-06-10", "2028-03-02", "2028-02-20",
    )  # fmt: skip
    assert (entry["suit_last_day"], entry["suit_reading"]) == ("2027-06-10", "from the deposit")
    assert told["suits"] == [
        {
            "month": "2027-06",
            "first_day": "2027-06-10",
            "entries": 4,
            "principal": "4000.00",
            "principal_unknown": 0,
        }
    ]
