"""Refunds against expectations: everything seeded is found, nothing is invented, nothing is netted."""

import json
import shutil
from dataclasses import replace
from datetime import date
from pathlib import Path

import openpyxl
import pandas as pd
import pytest

import cape_kit
from cape_kit.filing import claims, monitoring, refund_status
from cape_kit.sample.after import story
from cape_kit.views import tables
from tests import effort, samples
from tests.filing import stories

AFTER = Path(__file__).parents[2] / "data" / "sample-after" / "quarry-and-pine"
#: What the cause of a seeded fate must name.
CAUSES = {
    "short: a heading": "not refunded: ",
    "short: class": "importer class",
    "over: class": "importer class",
    "short: day count": "day count 'end'",
    "over: day count": "day count 'end'",
    "over: deposit": "deposit day: entry date",
    "short: no interest": "no interest was paid at all",
    "stranger": "only the refund reports name it",
    "unexpected": "on no accepted claim",
}
CLIENTS_AT_ONCE = 50


def assert_true(found, happened):
    """Every entry as seeded and none besides; every reported cent under one outcome."""
    told = found.entries.set_index("entry_number")["outcome"].to_dict()
    assert {n: (told.get(n), want) for n, want in happened.outcomes.items() if told.get(n) != want} == {}
    assert set(told) == set(happened.outcomes)
    causes = found.entries.set_index("entry_number")["cause"]
    for number, fate in happened.fates.items():
        assert CAUSES.get(fate, "") in causes[number], (fate, causes[number])
    assert_adds_up(found, sum(payment.total for payment in happened.payments))


def assert_adds_up(found, reported):
    assert found.totals["reported_total_cents"].sum() == reported
    assert found.payments["total_cents"].sum() == reported
    lines = found.lines[["principal_cents", "interest_cents", "unsplit_cents"]].sum().sum()
    assert lines == reported
    assert found.totals["entries"].sum() == len(found.entries)
    assert list(found.totals["outcome"]) == list(refund_status.LABELS)


@pytest.mark.parametrize("batch", range(effort.examples(20)))
def test_a_thousand_clients(batch):
    """Fifty clients at once, whose payees have nothing in common: each is matched by itself.

    A deep run asks a thousand, the usual one 250.
    """
    own = ("corporate", "non_corporate")[batch % 2]
    seeds = range(batch * CLIENTS_AT_ONCE, (batch + 1) * CLIENTS_AT_ONCE)
    made, happened = stories.together(seeds, own)
    found = stories.reconciled(made, happened, own)
    assert_true(found, happened)
    assert sorted(found.payments.loc[found.payments["matched"] == "unmatched", "refund_number"]) == sorted(
        happened.unmatched
    )
    pooled = found.lines[found.lines["how"].str.startswith("by sum")]
    matched = pooled.groupby("refund_number")["entry_number"].agg(sorted).to_dict()
    assert matched == {number: sorted(told) for number, told in happened.pooled.items()}


@pytest.mark.parametrize("seed", range(1000, 1000 + effort.examples(12)))
def test_one_client_alone(seed):
    made, happened = stories.told(seed)
    assert_true(stories.reconciled(made, happened), happened)


def two_alike(amount=100_000):
    """Two entries of one payee and day that are owed the very same."""
    made, _ = stories.told(7, count=2, pools=0)
    first = replace(made[0], headings=(("9903.01.24", amount),), liquidated=date(2026, 6, 22), accepted=True)
    second = replace(first, entry_number=made[1].entry_number)
    interest = stories.GROWN["corporate"].until(amount, first.deposited, first.liquidated)
    return [first, second], amount + interest


def paid(total, on=date(2026, 7, 20), **more):
    made, _ = two_alike()
    return story.Payment("R1", made[0].payee, on, story.ISSUED, total, **more)


def outcome_of(payments, made=None, shares=()):
    made = made or two_alike()[0]
    happened = story.Story(payments=list(payments), shares=list(shares))
    found = stories.reconciled(made, happened)
    assert_adds_up(found, found.payments["total_cents"].sum())
    return found


def test_a_sum_that_fits_two_ways_is_said_to_be_ambiguous():
    _, each = two_alike()
    found = outcome_of([paid(each)])
    assert found.entries["outcome"].tolist() == ["ambiguous", "ambiguous"]
    assert (
        found.payments["matched"].tolist() == ["ambiguous"]
        and "2 different sets" in found.payments["note"][0]
    )
    assert found.totals.set_index("outcome").loc["unmatched", "reported_total_cents"] == each


def test_both_together_fit_one_way():
    _, each = two_alike()
    found = outcome_of([paid(2 * each)])
    assert found.entries["outcome"].tolist() == ["paid", "paid"]
    assert found.payments["matched"].tolist() == ["all entries of the day"]


def test_a_pool_paid_at_the_other_class_is_short_by_the_interest():
    made, _ = two_alike()
    other = sum(
        100_000 + stories.GROWN["non_corporate"].until(100_000, d.deposited, d.liquidated) for d in made
    )
    found = outcome_of([paid(other)])
    assert found.entries["outcome"].tolist() == ["over", "over"]
    assert found.payments["reading"].tolist() == ["importer class non-corporate"]
    assert "importer class non-corporate" in found.entries["cause"][0]


def test_a_payment_of_another_payee_or_before_liquidation_is_not_theirs():
    _, each = two_alike()
    for one in (replace(paid(2 * each), payee="99-999999900"), paid(2 * each, on=date(2026, 6, 1))):
        assert outcome_of([one]).payments["matched"].tolist() == ["unmatched"]


def test_an_unmatched_payment_says_how_far_it_is_from_the_nearest_day():
    _, each = two_alike()
    found = outcome_of([paid(2 * each - 5_000)])
    assert "50.00 less" in found.payments["note"][0]
    assert set(found.entries["outcome"]) == {"overdue"}


def test_what_a_payment_has_beyond_its_entries_stands_alone():
    made, each = two_alike()
    interest = each - 100_000
    share = story.Share(
        *(made[0].entry_number, made[0].payee, made[0].liquidated, 100_000, interest, "R1"),
        *(date(2026, 7, 20), story.ISSUED),
    )
    found = outcome_of([paid(each + 777)], shares=[share])
    told = found.totals.set_index("outcome")["reported_total_cents"]
    assert (told["paid"], told["unmatched"]) == (each, 777)


def test_a_rejected_payment_sent_again_is_paid():
    made, each = two_alike()
    share = story.Share(
        *(made[0].entry_number, made[0].payee, made[0].liquidated, 100_000, each - 100_000, "R1"),
        *(date(2026, 7, 20), story.SENT),
    )
    rejected = replace(paid(each), status=story.SENT, reject_reason=story.NO_ACH)
    first = outcome_of([rejected], shares=[share])
    assert first.entries.set_index("entry_number")["outcome"][made[0].entry_number] == "rejected"
    assert first.payments["reject_reason"].tolist() == [story.NO_ACH]
    again = replace(paid(each, on=date(2026, 8, 20)), refund_number="R2")
    later = replace(share, refund_number="R2", refund_date=date(2026, 8, 20), status=story.ISSUED)
    second = outcome_of([rejected, again], shares=[share, later])
    assert second.entries.set_index("entry_number")["outcome"][made[0].entry_number] == "paid"
    told = second.totals.set_index("outcome")["reported_total_cents"]
    assert (told["paid"], told["rejected"]) == (each, each)


def test_liquidated_five_weeks_ago_is_within_its_time_a_day_later_overdue():
    # Five weeks before 1 October 2026 is 27 August.
    for day, outcome in ((date(2026, 8, 27), "within"), (date(2026, 8, 26), "overdue")):
        made, _ = two_alike()
        found = outcome_of([], made=[replace(one, liquidated=day) for one in made])
        assert set(found.entries["outcome"]) == {outcome}


def test_interest_that_nobody_could_check_is_not_done_with():
    """The duty came; of an entry whose liquidation no file dates, nobody knows what its interest should have been."""
    made, each = two_alike()
    dated, undated = made[0], replace(made[1], liquidated=None)
    shares = [
        story.Share(
            *(due.entry_number, due.payee, made[0].liquidated, 100_000, each - 100_000, number),
            *(date(2026, 7, 20), story.ISSUED),
        )
        for due, number in ((dated, "R1"), (undated, "R2"))
    ]
    found = outcome_of([], made=[dated, undated], shares=shares)
    told = found.entries.set_index("entry_number")
    assert told.loc[dated.entry_number, "what_to_do"] == "Nothing."
    assert told.loc[undated.entry_number, "cause"].startswith("interest not checked")
    assert "export the entry again with its liquidation date" in told.loc[undated.entry_number, "what_to_do"]
    assert found.without_interest == 1


def test_interest_no_report_shows_is_not_interest_that_was_not_paid():
    """A REV-615 without a column of interest: CBP's own list of its columns is not published."""
    made, _ = two_alike()
    share = story.Share(
        *(made[0].entry_number, made[0].payee, made[0].liquidated, 100_000, None, "R1"),
        *(date(2026, 7, 20), story.ISSUED),
    )
    short = replace(share, entry_number=made[1].entry_number, principal=90_000, refund_number="R2")
    told = outcome_of([], made=made, shares=[share, short]).entries.set_index("entry_number")
    paid_up, lacking = (told.loc[one.entry_number] for one in made)
    assert paid_up["outcome"] == "paid" and pd.isna(paid_up["paid_interest_cents"])
    assert paid_up["cause"] == "interest not checked: the refund reports do not show it"
    assert paid_up["what_to_do"].endswith("export ES-022 or REV-615 with the interest amount.")
    assert lacking["outcome"] == "short" and "no interest was paid" not in lacking["cause"]
    assert lacking["cause"].startswith("principal -$100.00: ") and lacking["at_stake_cents"] == 10_000


def test_nothing_came_and_nothing_was_claimed():
    made, _ = two_alike()
    found = outcome_of([], made=[replace(one, accepted=False) for one in made])
    assert found.entries.empty and found.lines.empty and found.payments.empty and found.groups.empty


# --- the client that has been through it all, from its files ---------------------------------------------


@pytest.fixture(scope="module")
def after():
    return samples.assessed("quarry-and-pine", date(2026, 10, 1))


@pytest.fixture(scope="module")
def truth():
    return json.loads((AFTER / "truth" / "truth.json").read_text("utf-8"))


def test_the_committed_client(after, truth):
    found = monitoring.reconcile(after)
    told = found.entries.set_index("entry_number")
    wanted = {entry["entry_number"]: entry for entry in truth["entries"]}
    assert told["outcome"].to_dict() == {number: entry["outcome"] for number, entry in wanted.items()}
    for number, entry in wanted.items():
        assert CAUSES.get(entry["fate"], "") in told.loc[number, "cause"]
    assert_adds_up(found, truth["reported"])
    assert len(found.payments) == truth["payments"]
    assert {wanted[n]["outcome"] for n in found.to_raise["entry_number"]} <= set(refund_status.TO_RAISE)


def test_what_was_received_is_what_reconcile_finds_paid(after):
    got = monitoring.received(after)
    entries = monitoring.reconcile(after).entries.set_index("entry_number")
    paid = entries[["paid_principal_cents", "paid_interest_cents"]]
    paid = paid[paid.ne(0).any(axis=1)].set_axis(["principal_cents", "interest_cents"], axis=1)
    assert len(got) == len(paid) > 10
    pd.testing.assert_frame_equal(got.sort_index(), paid.sort_index(), check_dtype=False)


def test_where_no_report_shows_a_refund_nothing_was_received(tmp_path):
    folder = tmp_path / AFTER.name
    shutil.copytree(AFTER, folder)
    for pattern in ("REV-*", "ES-022*", "CAPE claim details*"):
        for path in folder.glob(pattern):
            path.unlink()
    bare = cape_kit.assess(cape_kit.open(folder), as_of="2026-10-01")
    assert monitoring.received(bare)[["principal_cents", "interest_cents"]].sum().tolist() == [0, 0]


def test_groups_are_payee_and_day_and_add_up(after, truth):
    found = monitoring.reconcile(after)
    expected = found.entries[found.entries["outcome"] != "unexpected"]
    assert found.groups["entries"].sum() == len(expected)
    for column in ("expected_principal_cents", "paid_interest_cents", "returned_cents"):
        assert found.groups[column].sum() == expected[column].sum()
    assert not found.groups.duplicated(["payee", "liquidated_on"]).any()


def test_its_refusals(after, truth):
    told = claims.results(after).set_index("entry_number")
    assert told.index[told["state"] == "failed"].tolist() == sorted(truth["refused"])
    assert all(told.loc[number, "state"] == "accepted" for number in truth["cured"])
    assert told.loc[sorted(truth["refused"]), "error"].to_dict() == truth["refused"]
    again = claims.resubmit(claims.results(after))["entry_number"].tolist()
    passing = ("HTS RELATIONSHIP/SEQUENCE MISMATCH", "Unexpected Error-try Again")
    assert again == sorted(number for number, text in truth["refused"].items() if text in passing)


def test_the_same_reports_twice_change_nothing(after, tmp_path):
    folder = tmp_path / AFTER.name
    shutil.copytree(AFTER, folder)
    for name in (
        "ES-022 CAPE Entry Summary.xlsx",
        "REV-603 Trade Refund Report.xlsx",
        "REV-615 CAPE Details Refunds.xlsx",
    ):
        shutil.copy(folder / name, folder / f"copy of {name}")
    twice = monitoring.reconcile(cape_kit.assess(cape_kit.open(folder), as_of="2026-10-01"))
    once = monitoring.reconcile(after)
    assert twice.totals.equals(once.totals)
    assert twice.entries.equals(once.entries)


def test_the_payments_shown_are_those_of_the_report_to_the_cent(after):
    rows = list(
        openpyxl.load_workbook(AFTER / "REV-603 Trade Refund Report.xlsx").active.iter_rows(
            min_row=7, values_only=True
        )
    )
    stood = {
        row[0]: (row[5].date(), round(row[10] * 100)) for row in rows if row[0] and row[0].startswith("R26")
    }
    table = tables.payments_received(monitoring.reconcile(after), rows=100)
    told = {
        row["refund_number"]: (row["refund_date"].date(), row["total_cents"])
        for row in table.frame.to_dict("records")
    }
    assert told == stood
    assert table.total["total_cents"] == sum(cents for _, cents in stood.values())
    days = [day for day, _ in told.values()]
    assert days == sorted(days, reverse=True)
    assert tables.payments_received(monitoring.reconcile(after), rows=5).left_out == len(stood) - 5
