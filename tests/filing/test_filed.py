"""What was filed and is not answered: a consultant files, records it, waits, is refused in part, undoes a mistake.

The days follow the law's text: 80 days for CAPE and 180 for a protest from the liquidation, CBP's 60 to 90 days from
acceptance to refund, 45 to the liquidation of an entry not yet liquidated.
"""

from dataclasses import replace
from datetime import date

import pandas as pd
import pytest

import cape_kit
from cape_kit.assessment import cbp_answers, payments
from cape_kit.assessment.scenarios import sweep
from cape_kit.errors import BadClient, Usage
from cape_kit.filing import claims, declaration, ledger, protests
from cape_kit.filing.ledger import Upload
from tests.filing.world import DAY, assessed
from tests.numbers import numbered

N = [numbered("B76", place) for place in range(3)]
#: Liquidated on March 6, 2026: CAPE takes it until May 25, 2026, a protest is possible until September 2, 2026.
LIQUIDATED = {"liquidation_status": "Liquidated", "liquidation_date": date(2026, 3, 6)}
REFUSED = "Entry Summary is Under Review"


def upload(folder, *numbers, on=DAY, claim=None, answers=None, name="a.csv"):
    sent = Upload(name, f"hash of {name}", tuple(numbers))
    ledger.record(folder, sent, filed_on=on, claim_number=claim, answers=answers)
    return sent


def row(assessment, number=N[0]):
    return assessment.table.set_index("entry_number").loc[number]


def test_what_is_recorded_as_uploaded_waits_for_cbp_with_its_days(tmp_path):
    upload(tmp_path, N[0], claim="100000000001")
    found = assessed(LIQUIDATED, {}, folder=tmp_path, on=date(2026, 5, 15))
    one = row(found)
    assert one["disposition"] == "filed" and found.totals.set_index("disposition").at["filed", "entries"] == 1
    assert one["filed_on"] == pd.Timestamp("2026-05-05") and one["filed_days"] == 10
    assert "on May 5, 2026 (claim 100000000001), 10 days ago" in one["reason"]
    assert "between Jul 4, 2026 and Aug 3, 2026" in one["reason"]  # 60 and 90 days after May 5
    assert one["act_by"] == pd.Timestamp("2026-05-19")  # two weeks, a choice of the kit
    assert row(found, N[1])["disposition"] == "file"


def test_its_protest_clock_is_still_shown_and_listed(tmp_path):
    upload(tmp_path, N[0], N[1])
    found = assessed(LIQUIDATED, {}, folder=tmp_path, on=date(2026, 5, 15))
    one = row(found)
    assert one["next_deadline"] == pd.Timestamp("2026-09-02")
    assert "filed again until May 25, 2026, and protested until Sep 2, 2026" in one["reason"]
    listed = protests.listing(found).set_index("entry_number")
    assert listed.index.tolist() == [N[0]] and listed.at[N[0], "action"] == protests.UNLESS
    assert pd.isna(row(found, N[1])["next_deadline"])  # not liquidated: no clock runs


@pytest.mark.parametrize(
    ("on", "said"),
    [
        (date(2026, 5, 26), "it could not be declared again after a refusal"),
        (date(2026, 9, 3), "only a later phase or a suit is left"),
        (date(2026, 8, 4), "the refund should have come by Aug 3, 2026"),
    ],
)
def test_as_the_windows_close_it_says_what_a_refusal_would_mean(tmp_path, on, said):
    upload(tmp_path, N[0])
    one = row(assessed(LIQUIDATED, folder=tmp_path, on=on))
    assert one["disposition"] == "filed" and said in one["reason"]
    assert one["act_by"] == pd.Timestamp(on) and one["act_by_what"].startswith("today")


def test_on_a_day_before_the_upload_it_was_not_filed(tmp_path):
    upload(tmp_path, N[0])
    assert row(assessed({}, folder=tmp_path, on=date(2026, 5, 4)))["disposition"] == "file"
    assert (
        declaration.build(assessed({}, folder=tmp_path, on=date(2026, 5, 4))) == []
    )  # never twice, all the same


def test_its_money_is_expected_from_the_day_of_the_upload(tmp_path):
    upload(tmp_path, N[0], N[1])
    found = assessed(LIQUIDATED, {}, folder=tmp_path, on=date(2026, 5, 15))
    days = payments.expected(found).set_index("entry_number")
    assert days.loc[N[0], ["payment_low", "payment_high"]].tolist() == [
        pd.Timestamp(
            "2026-05-27"
        ),  # reliquidated on the next business day, May 6, and paid three weeks later
        pd.Timestamp("2026-08-03"),
    ]
    assert days.at[N[1], "liquidation_base"] == pd.Timestamp("2026-06-19")  # 45 days after May 5
    late = assessed(LIQUIDATED, folder=tmp_path, on=date(2026, 8, 4))
    (overdue,) = payments.expected(late).to_dict("records")
    assert pd.isna(overdue["payment_high"]) and overdue["basis"] == payments.OVERDUE


def test_cbp_refuses_two_accepts_one_and_each_goes_its_way(tmp_path):
    upload(tmp_path, *N, claim="100000000001")
    told = [
        (N[0], "100000000001", "Failed", REFUSED),
        (N[1], "100000000001", "Failed", REFUSED),
        (N[2], "100000000001", "Entry Summary Updated", None),
    ]
    taken = {"claim_status": "Entry Summary Updated"}  # as the reader puts the answer on the entry
    found = assessed({}, {}, taken, folder=tmp_path, claims=told, on=date(2026, 6, 4))
    states = claims.results(found).set_index("entry_number")["state"]
    assert states[N].tolist() == [claims.FAILED, claims.FAILED, claims.ACCEPTED]
    told_of = found.table.set_index("entry_number")["disposition"]
    assert told_of[N[2]] == "claimed" and "filed" not in told_of.tolist()
    (part,) = declaration.build(found, choice=declaration.Choice(refused_too=True))
    assert set(part.entry_numbers) == {N[0], N[1]}


def test_a_refusal_known_before_the_upload_does_not_answer_it_a_later_one_does(tmp_path):
    before = [(N[0], "100000000001", "Failed", REFUSED)]  # in a file of May 4
    answers = claims.history(assessed({}, folder=tmp_path, claims=before))
    upload(tmp_path, N[0], answers=answers)
    assert row(assessed({}, folder=tmp_path, claims=before))["disposition"] == "filed"
    after = [*before, (N[0], "100000000002", "Failed", REFUSED)]
    assert row(assessed({}, folder=tmp_path, claims=after))["disposition"] != "filed"


def test_an_upload_recorded_late_is_answered_by_a_refusal_seen_since(tmp_path):
    told = [(N[0], "100000000001", "Failed", REFUSED)]  # in a file of May 4
    answers = claims.history(assessed({}, folder=tmp_path, claims=told))
    upload(tmp_path, N[0], on=date(2026, 4, 28), answers=answers)
    assert row(assessed({}, folder=tmp_path, claims=told))["disposition"] != "filed"


def test_where_the_claims_own_number_is_recorded_only_its_own_answer_counts(tmp_path):
    upload(tmp_path, N[0], claim="100000000002")
    told = [
        (N[0], "100000000001", "Failed", REFUSED),  # an older claim, exported late
        (N[0], "100000000002", "Not Started", None),
    ]
    assert row(assessed({}, folder=tmp_path, claims=told))["disposition"] == "filed"


def test_a_claim_number_given_later_is_added_and_the_day_of_the_upload_stays(tmp_path):
    upload(tmp_path, N[0])
    sent = upload(tmp_path, N[0], on=date(2026, 5, 7), claim="100000000001")
    assert upload(tmp_path, N[0], on=date(2026, 5, 8), claim="100000000001") == sent
    held = ledger.read(tmp_path)
    assert held["event"].tolist() == ["filed", "numbered"]
    one = row(assessed({}, folder=tmp_path, on=date(2026, 5, 15)))
    assert (one["filed_on"], one["filed_claim"]) == (pd.Timestamp("2026-05-05"), "100000000001")
    before = row(assessed({}, folder=tmp_path, on=date(2026, 5, 6)))
    assert pd.isna(before["filed_claim"])


def test_a_recording_taken_back_never_was_and_the_ledger_keeps_both(tmp_path):
    sent = upload(tmp_path, N[0])
    assert ledger.undo(tmp_path, sent, undone_on=date(2026, 5, 20)) == 1
    assert ledger.read(tmp_path)["event"].tolist() == ["filed", "undone"]
    assert row(assessed({}, folder=tmp_path, on=date(2026, 5, 10)))["disposition"] == "file"
    with pytest.raises(Usage, match="no upload of this file"):
        ledger.undo(tmp_path, sent, undone_on=date(2026, 5, 20))
    upload(tmp_path, N[0], on=date(2026, 5, 21))
    assert row(assessed({}, folder=tmp_path, on=date(2026, 5, 22)))["filed_on"] == pd.Timestamp("2026-05-21")


def test_a_file_is_filed_anew_once_cbp_refused_what_was_in_it(tmp_path):
    upload(tmp_path, N[0], claim="100000000001")
    told = claims.history(assessed({}, folder=tmp_path, claims=[(N[0], "100000000001", "Failed", REFUSED)]))
    upload(tmp_path, N[0], on=date(2026, 5, 20), answers=told)
    held = ledger.read(tmp_path)
    assert held["event"].tolist() == ["filed", "filed"]
    assert cbp_answers.awaiting(held, told)["filed_on"].tolist() == [pd.Timestamp("2026-05-20")]


def test_what_was_filed_is_declared_no_more_and_told_as_filed(tmp_path):
    upload(tmp_path, N[0])
    left = declaration.left_out(assessed({}, {}, folder=tmp_path, on=date(2026, 5, 15)))
    assert left["entry_number"].tolist() == [N[0]] and left["kind"].tolist() == ["filed"]


def test_another_filing_day_moves_nothing_that_is_filed(tmp_path):
    upload(tmp_path, N[0])
    found = assessed(LIQUIDATED, {}, folder=tmp_path, on=date(2026, 5, 15))
    days = sweep(found, last=date(2026, 6, 15)).days
    assert days["filed_cents"].unique().tolist() == [20_000]
    later = cape_kit.scenarios.run(found, cape_kit.scenarios.named("file_in_two_weeks"))
    assert row(later)["disposition"] == "filed" and row(later)["filed_on"] == row(found)["filed_on"]


def test_scenarios_side_by_side_show_what_is_filed_and_move_none_of_it(tmp_path):
    upload(tmp_path, N[0])
    found = assessed(LIQUIDATED, {}, folder=tmp_path, on=date(2026, 5, 15))
    later = cape_kit.scenarios.named("file_in_two_weeks")
    frame = cape_kit.scenarios.compare(found, [later])
    assert frame["filed_cents"].tolist() == [20_000, 20_000] and frame["filed_cents_change"].eq(0).all()
    html = cape_kit.whatif.comparison(found, [later])._repr_html_()
    assert html.count('data-label="Filed already">$200') == 2 and "no scenario moves it" in html
    assert (
        'data-figure="filed_cents" data-cents="20000"' in cape_kit.whatif.answer(found, later_of(found)).text
    )
    nothing = assessed(LIQUIDATED, {}, folder=tmp_path / "none", on=date(2026, 5, 15))
    assert "Filed already" not in cape_kit.whatif.comparison(nothing, [later])._repr_html_()


def later_of(found):
    return cape_kit.scenarios.run(found, cape_kit.scenarios.named("file_in_two_weeks"))


def test_a_ledger_of_an_earlier_version_is_read(tmp_path):
    """A ledger without the last two columns: an upload, with no claim number and no refusal known."""
    lines = [
        "event,filed_on,file,sha256,submitter,entry_number",
        f"filed,2026-05-05,a.csv,ab12,importer,{N[0]}",
    ]
    (tmp_path / ledger.NAME).write_text("\r\n".join(lines) + "\r\n", "utf-8")
    assert row(assessed({}, folder=tmp_path))["disposition"] == "filed"


def test_an_event_nobody_knows_is_one_sentence_and_no_guess(tmp_path):
    lines = [",".join(ledger.COLUMNS), f"sold,2026-05-05,a.csv,ab12,importer,{N[0]},,0"]
    (tmp_path / ledger.NAME).write_text("\r\n".join(lines) + "\r\n", "utf-8")
    with pytest.raises(BadClient, match="“sold” is no event of it"):
        ledger.read(tmp_path)


def test_an_approved_protest_goes_before_what_was_filed(tmp_path):
    upload(tmp_path, N[0])
    approved = LIQUIDATED | {
        "protest_number": "2704261234567",
        "protest_status": "Approved",
        "protest_ieepa_only": True,
    }
    assert row(assessed(approved, folder=tmp_path))["disposition"] == "claimed"


def test_an_entry_whose_ieepa_rows_are_gone_since_looks_accepted(tmp_path):
    upload(tmp_path, N[0])
    found = assessed({}, folder=tmp_path, on=date(2026, 5, 15))
    seen = found.facts.seen.assign(rows_gone=True)
    asked = replace(found.questions, facts=replace(found.facts, seen=seen))
    assert "It appears accepted" in asked.decisions["reason"].iloc[0]
