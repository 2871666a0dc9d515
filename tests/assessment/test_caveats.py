"""Every doubt is made where it should be, and nowhere else."""

from datetime import date

import pandas as pd
import pytest

from cape_kit.assessment import caveats, decisions, rules
from tests.assessment import situations

DAY = date(2026, 5, 5)
LIQUIDATED = {"liquidation_status": "Liquidated", "liquidation_date": date(2026, 4, 1)}
ORDINARY = {"entry_date": date(2025, 12, 10)}
TOUCHED = {
    "unforeseen": {},
    "zero-duty": {"lines": [["99030124", 0, 200], ["99030125", 0, 0], ["3923900080", 1000, 30]]},
    "unknown-number": {"lines": [["99030139", 0, 500], ["99030124", 0, 200], ["3923900080", 1000, 30]]},
    # Korea's 25% heading in the days its 15% successor later reached back over
    "gap": {
        "facts": {"entry_date": date(2025, 11, 20)},
        "lines": [["99030256", 0, 250], ["3923900080", 1000, 30]],
    },
    # 20% of $1,000 is $200; $1,000 is the value itself, $0.20 the rate. Half of it may be duty on a part of the goods.
    "off-rate": {"lines": [["99030124", 0, 1000], ["3923900080", 1000, 30]]},
    "outside-dates": {"facts": {"entry_date": date(2015, 12, 10)}},
    "incomplete": {"lines": [["99030124", 0, ""], ["99030125", 0, 100], ["3923900080", 1000, 30]]},
    "exception-duty": {"lines": [["99030132", 0, 50], ["99030124", 0, 200], ["3923900080", 1000, 30]]},
    "overdue": {"facts": {"entry_date": date(2025, 6, 10)}},
    "deemed": {"facts": {"entry_date": date(2025, 4, 20), "extracted_on": DAY}},
    # 80 days before 5 May are 14 February
    "old-hold": {"facts": {"liquidation_status": "Suspended", "extracted_on": date(2026, 2, 13)}},
    "original-liquidation": {
        "facts": {
            "liquidation_status": "Reliquidated",
            "liquidation_date": date(2026, 4, 10),
            "original_liquidation_date": date(2026, 1, 5),
        }
    },
    "refused": {"facts": {"claim_number": "100000241002", "claim_status": "Failed"}},
    "unknown-status": {"facts": {"liquidation_status": "Frobnicated"}},
    "protest-grounds": {"facts": {**LIQUIDATED, "protest_status": "Open"}},
    "on-list": {"on_list": True},
    "E01": {"facts": {"drawback_flag": ""}},
    "E07": {"in_ace": False},
    "E23": {"facts": {"importer_number": "98-765432100"}},
}


def case(told):
    return {**told, "facts": {**ORDINARY, **told.get("facts", {})}}


@pytest.mark.parametrize("code", TOUCHED)
def test_made_for_the_entry_it_is_about(code):
    assert situations.doubts([case(TOUCHED[code]), case({})], DAY)[code] == (2 if code == "unforeseen" else 1)


def test_an_ordinary_entry_has_no_doubt_but_the_unforeseeable():
    assert set(situations.doubts([case({})], DAY)) == {"unforeseen"}


@pytest.mark.parametrize(
    ("duty", "off"), [(0.20, True), (20, False), (100, False), (200, False), (1000, True)]
)
def test_duty_far_from_its_rate_of_the_value_is_doubted(duty, off):
    told = {"lines": [["99030124", 0, duty], ["3923900080", 1000, 30]]}
    assert ("off-rate" in situations.doubts([case(told)], DAY)) is off


def test_without_a_value_no_duty_is_far_from_its_rate():
    told = {"lines": [["99030124", "", 1000], ["3923900080", "", 30]]}
    assert "off-rate" not in situations.doubts([case(told)], DAY)


def test_an_answered_list_is_no_doubt():
    told = {"on_list": True, "facts": {"claim_status": "Failed"}}
    assert "on-list" not in situations.doubts([case(told)], DAY)


def test_an_entry_that_does_not_go_to_cbp_has_no_unverified_check():
    held = case({"facts": {"entry_type": "23", "drawback_flag": ""}})
    assert "E01" not in situations.doubts([held], DAY)


def test_money_that_is_not_known_is_no_zero():
    asked = decisions.decide(rules.with_phase(situations.bundle([case(TOUCHED["refused"])], DAY)))
    known = caveats.collect(asked, caveats.touched(asked)).set_index("code")["principal_cents"]
    assert known["refused"] > 0
    vars(asked)["amounts"] = asked.amounts.assign(principal_cents=pd.array([pd.NA], dtype="Int64"))
    assert pd.isna(
        caveats.collect(asked, caveats.touched(asked)).set_index("code")["principal_cents"]["refused"]
    )
