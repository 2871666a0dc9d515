"""What CBP answered: what cures it, and only what is cured filed again."""

from datetime import date

import pytest

from cape_kit.assessment import cbp_answers
from cape_kit.filing import claims, declaration, monitoring
from tests.filing.world import answers, assessed
from tests.numbers import numbered

N = [numbered("B76", i) for i in range(8)]
CLAIM = "100000241223"
TAKEN = "Entry Summary Updated"


def results(rows, *changes, on=date(2026, 7, 10), **more):
    found = assessed(*(changes or [{}] * 4), on=on, claims=rows, **more)
    return claims.results(found).set_index("entry_number"), found


def test_states():
    told, _ = results(
        [
            (N[0], CLAIM, TAKEN, None),
            (N[1], CLAIM, "Failed", "PROTEST ON ENTRY"),
            (N[2], None, "Failed initial validation", None),
            (N[3], CLAIM, "Something new", None),
        ]
    )
    assert told["state"].tolist() == ["accepted", "failed", "file failed", "not understood"]
    assert told.loc[N[1], "client_can"] and "withdrawn" in told.loc[N[1], "what_cures"]


def test_a_claim_taken_in_part_is_no_acceptance_of_every_entry_on_it():
    rows = [
        (N[0], CLAIM, "Accepted with Error(s)", None),
        (N[1], CLAIM, "Accepted with Error(s)", "INVALID HTS"),
    ]
    told, found = results(rows)
    assert told["state"].tolist() == ["not understood", "failed"]
    assert "only part of its claim" in told.loc[N[0], "next_step"]
    assert monitoring.reconcile(found).entries.empty


def test_an_entry_once_taken_stays_taken():
    told, _ = results([(N[0], CLAIM, TAKEN, None), (N[0], "100000241999", "Failed", "Protest on Entry")])
    assert told.loc[N[0], "state"] == "accepted"


def test_reading_the_same_answers_again_changes_nothing():
    rows = [(N[0], CLAIM, "Failed", "INVALID HTS"), (N[1], CLAIM, TAKEN, None)]
    once, _ = results(rows)
    twice, found = results([*rows, *rows, *reversed(rows)])
    assert once.equals(twice)
    assert cbp_answers.refusals(claims.history(found)).to_dict() == {N[0]: 1}
    assert len(claims.history(found)) == 2


def test_each_declaration_an_entry_was_refused_on_counts():
    rows = [(N[0], CLAIM, "Failed", "Invalid HTS"), (N[0], "100000241999", "Failed", "Invalid HTS")]
    told, found = results(rows)
    assert told.loc[N[0], "attempts"] == 2 and cbp_answers.refusals(claims.history(found))[N[0]] == 2
    assert told.loc[N[0], "claim_number"] == "100000241999"


OLD = "HTS RELATIONSHIP/SEQUENCE MISMATCH"


def test_a_refusal_by_a_check_since_dropped_may_pass_now_and_not_before():
    rows = [(N[0], CLAIM, "Failed", OLD)]
    before, _ = results(rows, on=date(2026, 6, 24))
    after, found = results(rows, on=date(2026, 6, 25))
    assert (before.loc[N[0], "may_pass_now"], before.loc[N[0], "corrected"]) == (False, False)
    assert (after.loc[N[0], "may_pass_now"], after.loc[N[0], "corrected"]) == (True, True)
    assert "Jun 24, 2026" in after.loc[N[0], "evidence"]
    assert claims.resubmit(claims.results(found))["entry_number"].tolist() == [N[0]]


def test_an_unexplained_refusal_from_before_the_change_is_named_but_not_filed_by_itself():
    told, found = results([(N[0], CLAIM, "Failed", "Value must be on ch. 1-97 line")])
    assert told.loc[N[0], "may_pass_now"] and not told.loc[N[0], "corrected"]
    assert claims.resubmit(claims.results(found)).empty


def test_only_what_is_cured_is_filed_again():
    rows = [
        (N[0], CLAIM, "Failed", "Unable to Calculate Duty"),
        (N[1], CLAIM, "Failed", "Unable to Calculate Duty"),
        (N[2], CLAIM, "Failed", "Protest on Entry"),
        (N[3], CLAIM, "Failed", "Protest on Entry"),
        (N[4], CLAIM, "Failed", "Unexpected Error-try Again"),
        (N[5], CLAIM, "Failed", "Protest on Entry; Unable to Calculate Duty"),
        (N[6], CLAIM, "Failed", "Entry on Drawback"),
    ]
    gone = {"protest_status": "withdrawn"}
    changes = [{}, {"psc_flag": True}, gone, {"protest_status": "OP"}, {}, gone, {}]
    told, found = results(rows, *changes)
    # The protest of entry 2 is gone in an export as new as the answer; that of entry 3 is still open. Of the
    # drawback claim of entry 6 CBP knows better than an export of the same day.
    assert claims.resubmit(claims.results(found))["entry_number"].tolist() == [N[1], N[2], N[4]]
    assert told.loc[N[3], "disposition"] == "cure"
    assert told.loc[N[0], "evidence"] == "" and "correction" in told.loc[N[1], "evidence"]


def test_an_export_older_than_the_answer_proves_nothing():
    told, _ = results([(N[0], CLAIM, "Failed", "Protest on Entry")], {"extracted_on": date(2026, 5, 1)})
    assert not told.loc[N[0], "corrected"]


def test_every_reason_of_a_refusal_must_be_over_not_only_the_last_row():
    """CAPE gives one row per error: an error of ACE's own beside an open protest cures no protest."""
    refused = ("Protest on Entry", "Unexpected Error-try Again")
    rows = [(N[0], CLAIM, "Failed", one) for one in refused]
    rows += [(N[1], CLAIM, "Failed", one) for one in (*reversed(refused), None)]
    told, found = results(rows, {"protest_status": "OP"}, {"protest_status": "OP"})
    for number in (N[0], N[1]):
        assert told.loc[number, "codes"] == "E13, E18" and "Protest on Entry" in told.loc[number, "error"]
        assert not told.loc[number, "corrected"] and told.loc[number, "disposition"] == "cure"
    assert claims.resubmit(claims.results(found)).empty and declaration.build(found) == []
    assert cbp_answers.refusals(claims.history(found)).to_dict() == {N[0]: 1, N[1]: 1}


def test_an_error_of_an_earlier_claim_is_not_of_the_last_one():
    rows = [(N[0], CLAIM, "Failed", "Protest on Entry"), (N[0], "100000241999", "Failed", "Invalid HTS")]
    assert results(rows)[0].loc[N[0], "codes"] == "E15"


@pytest.mark.parametrize("export", [None, date(2026, 5, 3)])
def test_an_export_that_may_be_older_than_the_answer_proves_nothing(export):
    """CAPE's claim details bear no day, and the ES-003 of before the upload shows no protest either."""
    told, found = results(
        [(N[0], CLAIM, "Failed", "Protest on Entry"), (N[1], CLAIM, "Failed", "Invalid HTS")],
        {"extracted_on": export},
        {"extracted_on": export, "psc_flag": True},
    )
    assert not told["corrected"].any() and claims.resubmit(claims.results(found)).empty
    assert declaration.build(found) == []


def test_a_correction_of_lines_must_come_before_corrections_close():
    day = {"entry_date": date(2025, 10, 20)}
    told, _ = results([(N[0], CLAIM, "Failed", "Invalid HTS")], day, on=date(2026, 6, 29))
    # 300 days after entry is 16 August 2026; 15 days before the expected Friday, 4 September, is 20 August.
    assert told.loc[N[0], "cure_by"].date() == date(2026, 8, 16)


def test_nobody_but_the_client_is_asked_to_cure_what_the_client_can_not():
    told, _ = results(
        [(N[0], CLAIM, "Failed", "Entry Summary is Subject to Court Injunction")], {"injunction_flag": True}
    )
    assert not told.loc[N[0], "client_can"]


def test_no_answers_no_rows():
    told, found = results([])
    assert told.empty and claims.resubmit(claims.results(found)).empty
    assert answers([]).empty
