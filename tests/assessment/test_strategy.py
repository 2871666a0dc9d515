"""Which route first, what the other protects, by when, and in which order to work."""

from datetime import date

import pandas as pd
import pytest

from cape_kit.assessment import strategy
from tests.assessment import situations

DAY = date(2026, 5, 5)
#: 40 days before the day: CAPE until 14 June, protest until 22 September 2026.
RECENT = {"liquidation_status": "Liquidated", "liquidation_date": date(2026, 3, 26)}
#: 109 days before the day: the protest window ends on 15 July 2026.
LATE = {"liquidation_status": "Liquidated", "liquidation_date": date(2026, 1, 16)}
PROTESTED = {"protest_number": "2704", "protest_status": "Open", "protest_ieepa_only": True}
BAD_VALUE = [["99030124", 1000, 200], ["3923900080", 1000, 30]]
WAITING = {"entry_date": date(2025, 12, 10)}


def plan(facts, on=DAY, **more):
    asked = situations.asked([{"facts": facts, **more}], on)
    return strategy.plan(asked).iloc[0]


def steps(facts, on=DAY, **more):
    asked = situations.asked([{"facts": facts, **more}], on)
    found = strategy.order(asked)
    assert found["step"].tolist() == list(range(1, len(found) + 1))
    return [
        (row["action"].split(",")[0], None if pd.isna(row["by"]) else row["by"].date())
        for row in found.to_dict("records")
    ]


@pytest.mark.parametrize(
    ("facts", "first", "waiting"),
    [
        (RECENT, "CAPE", "safe"),
        ({**RECENT, **PROTESTED}, "CAPE, after withdrawing the protest", "safe"),
        (WAITING, "CAPE", "no protest yet"),
        (LATE, "a protest", "endangered"),
        ({**LATE, **PROTESTED}, "the open protest", "endangered"),
        ({**WAITING, "entry_type": "23"}, "nothing for now", "no protest yet"),
        (
            {"liquidation_status": "Liquidated", "liquidation_date": date(2025, 10, 1)},
            "a later phase, or the court",
            "no protest yet",
        ),
        ({**RECENT, "claim_status": "Accepted"}, "the accepted claim", "no protest yet"),
        ({"entry_type": ""}, "", "no protest yet"),
    ],
)
def test_routes(facts, first, waiting):
    told = plan(facts)
    assert (told["first"], told["waiting"]) == (first, waiting)
    assert bool(told["protects"]) == bool(first)


def test_waiting_endangers_when_the_late_end_of_cbps_range_passes_the_last_working_day():
    """Filed on 25 June, CBP's 90 days end on 23 September. Liquidated on 5 April, the last working day but
    one to protest is 1 October: safe. Liquidated on 27 March it is 22 September: endangered, though CAPE
    itself, in that case, is over.
    """
    on = date(2026, 6, 14)
    safe = plan(RECENT, on)
    assert (safe["answer_by"].date(), safe["protest_plan_day"].date()) == (
        date(2026, 9, 12),
        date(2026, 9, 21),
    )
    assert safe["waiting"] == "safe"
    held = {**RECENT, "liquidation_date": date(2026, 6, 5), "recon_flag": True}
    phase = plan(held, date(2026, 6, 24))
    # Phase 2 opens on 29 June; 90 days later is 27 September, and the protest window ends on 2 December
    assert (phase["first"], phase["answer_by"].date()) == ("CAPE, once the phase opens", date(2026, 9, 27))
    assert phase["waiting"] == "safe"


def test_every_clock_of_a_protest():
    told = plan(LATE)
    assert told["protest_last_day"].date() == date(2026, 7, 15)
    assert told["protest_plan_day"].date() == date(2026, 7, 14)
    # accelerated disposition: 30 days from the day; then 180 days to sue
    assert told["denied_by"].date() == date(2026, 6, 4)
    assert told["sue_by"].date() == date(2026, 12, 1)
    assert told["suit_last_day"].date() == date(2027, 6, 10)


def test_a_protest_window_ending_on_a_monday_is_planned_for_the_friday_before():
    told = plan({**LATE, "liquidation_date": date(2026, 1, 14)})
    assert told["protest_last_day"].date() == date(2026, 7, 13)
    assert told["protest_plan_day"].date() == date(2026, 7, 10)


def test_on_the_last_day_itself_the_plan_day_is_that_day():
    told = plan({**LATE, "liquidation_date": date(2026, 1, 14)}, date(2026, 7, 13))
    assert told["protest_plan_day"].date() == date(2026, 7, 13)


def test_the_cape_plan_day_is_day_75_or_the_working_day_before_it():
    # day 75 after 26 March is Tuesday 9 June
    assert plan(RECENT)["cape_plan_day"].date() == date(2026, 6, 9)
    # past it, the last working day of the window: 14 June is a Sunday
    assert plan(RECENT, date(2026, 6, 10))["cape_plan_day"].date() == date(2026, 6, 12)
    assert plan(RECENT, date(2026, 6, 13))["cape_plan_day"].date() == date(2026, 6, 14)


def test_correction_before_cape():
    told = steps({**WAITING, "entry_date": date(2025, 9, 1)}, lines=BAD_VALUE)
    # 300 days after 1 September 2025 is Sunday 28 June 2026; the Friday before is a working day
    assert told[0] == ("Post summary correction", date(2026, 6, 26))
    assert told[1][0] == "Put the entry on a CAPE declaration"


def test_withdrawal_before_cape_and_a_protest_in_reserve():
    told = [action for action, _ in steps({**RECENT, **PROTESTED})]
    assert told == ["Withdraw the protest", "Put the entry on a CAPE declaration"]
    told = steps(RECENT)
    assert told[-1] == ("Protest if CAPE has not taken the entry", date(2026, 8, 21))


def test_the_days_between_withdrawal_and_filing_are_for_ace():
    """Withdrawn by day 75, 9 June; filed by the Friday before the window ends on Sunday 14 June."""
    told = steps({**RECENT, **PROTESTED})
    assert [by for _, by in told] == [date(2026, 6, 9), date(2026, 6, 12)]


def test_no_second_protest_where_one_was_decided_and_no_withdrawal_of_one_that_was_denied():
    denied = {**PROTESTED, "protest_status": "Denied", "protest_afr": True}
    for facts in (LATE, RECENT):
        assert steps({**facts, **denied}) == []
        assert plan({**facts, **denied})["first"].startswith("a suit over the protest CBP has decided")
        assert pd.isna(plan({**facts, **denied})["denied_by"])
    assert steps({**LATE, **PROTESTED}) == []


def test_a_flagged_entry_cape_leaves_out_still_has_its_reconciliation_to_file():
    facts = {**WAITING, "recon_flag": True, "entry_type": "03", "recon_due_date": date(2027, 9, 9)}
    assert steps(facts, date(2026, 7, 10)) == [
        ("File the reconciliation (type 09) on time", date(2027, 9, 9))
    ]


def test_cape_before_drawback():
    told = [action for action, _ in steps({**WAITING, "drawback_flag": ""})]
    assert told == ["Put the entry on a CAPE declaration", "Drawback"]


@pytest.mark.parametrize(
    ("due", "order"),
    [
        # With a type 09 on file CAPE refuses the entry: it is not told to file both.
        (date(2026, 8, 8), ["File the reconciliation (type 09) first"]),
        (date(2026, 8, 9), ["Put the entry on a CAPE declaration", "File the reconciliation (type 09)"]),
    ],
)
def test_a_reconciliation_due_in_less_than_30_days_goes_first(due, order):
    facts = {**WAITING, "recon_flag": True, "recon_due_date": due}
    told = [action for action, _ in steps(facts, date(2026, 7, 10))]
    assert len(told) == len(order)
    assert all(action.startswith(first) for action, first in zip(told, order, strict=True))


def test_a_protest_is_the_only_step_where_cape_is_over():
    assert steps(LATE) == [("Protest", date(2026, 7, 14))]


def test_an_open_protest_past_its_window_has_no_day_left():
    facts = {
        "liquidation_status": "Liquidated",
        "liquidation_date": date(2026, 3, 1),
        "protest_status": "Open",
    }
    asked = situations.asked([{"facts": facts}], date(2026, 11, 1))
    told = asked.decisions.iloc[0]
    assert told["disposition"] == "protest"
    assert told[["next_deadline", "act_by"]].isna().all()
