"""What-if: scenarios as written, what they change and say, and the sweep against a fresh assessment a day."""

from dataclasses import replace
from datetime import date, timedelta

import numpy as np
import pandas as pd
import pytest

import cape_kit
from cape_kit.assessment import scenarios
from cape_kit.assessment.scenarios import Scenario
from cape_kit.entries.client import Importer
from cape_kit.errors import Usage
from tests import effort, samples
from tests.samples import CLIENTS, DAY

ON_CAPE = ["file", "file_deferred"]


def baseline(client="cedar-and-flint"):
    return samples.assessed(client, DAY)


def totals(assessment):
    return assessment.totals.set_index("disposition")


def under(client="cedar-and-flint", **changes):
    return scenarios.run(baseline(client), Scenario("try", **changes))


def sums(table, dispositions, column="principal_cents"):
    """A recount from the entries, one by one."""
    return sum(
        int(cents)
        for kind, cents in zip(table["disposition"], table[column], strict=True)
        if kind in dispositions and not pd.isna(cents)
    )


# ---- as written --------------------------------------------------------------------------------------------


def test_every_shipped_scenario_has_a_reason_and_says_what_it_assumes():
    known = scenarios.shipped()
    assert next(iter(known)) == "baseline"
    for one in list(known.values())[1:]:
        told = scenarios.assumptions(one, baseline().law)
        assert one.reason.endswith(".") and one.changes, one.name
        assert told and all(sentence.endswith(".") for sentence in told), one.name


def test_a_scenario_written_is_the_scenario_read():
    for one in [*list(scenarios.shipped().values())[1:], Scenario("Ä b", 'say "so"', filing_on=DAY)]:
        assert scenarios.parse(scenarios.written(one)) == {one.name: one}


def test_a_consultant_writes_one_line():
    text = "[scenario.slow_cbp]\nliquidation_after_acceptance_days = 75\n"
    assert scenarios.parse(text)["slow_cbp"].changes == {"liquidation_after_acceptance_days": 75}


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("[scenario.a]\nfilling_on = 3\n", "'filling_on' is no setting; allowed are reason, filing_on"),
        ("[scenario.a]\nrejected_share = 5\n", "rejected_share is '5'; it must be a fraction from 0 to 1"),
        ("[scenario.a]\nfiling_on = '2026-05-19'\n", "without quotes"),
        ("[scenario.a]\nassertions = ['all_is_well']\n", "no_drawback_claims"),
        ("[scenario.a]\ncures_succeed = 1\n", "true or false"),
        ("[scenario.a]\nfiling_on = 2026-05-19\nfiling_after_days = 3\n", "the same thing twice"),
        ("[scenario.baseline]\nseed = 2\n", "choose another"),
        ("scenario = 3\n", "write [scenario.NAME] tables"),
        ("[other]\na = 1\n", "'other' is out of place"),
        ("[scenario.a\n", "not readable as TOML"),
    ],
)
def test_what_is_no_scenario_is_refused_in_one_sentence(text, says):
    with pytest.raises(Usage) as refused:
        scenarios.parse(text, "scenarios.toml")
    assert says in str(refused.value)
    assert str(refused.value).startswith("scenarios.toml: ")


def test_a_clients_own_scenario_goes_before_the_shipped_one(tmp_path):
    (tmp_path / scenarios.FILE).write_text("[scenario.slow_cbp]\npayment_later_days = 5\n", "utf-8")
    assert scenarios.named("slow_cbp", tmp_path).changes == {"payment_later_days": 5}
    with pytest.raises(Usage, match="no scenario 'fastest'; available: baseline, file_in_two_weeks"):
        scenarios.named("fastest", tmp_path)


# ---- moved is assessed anew --------------------------------------------------------------------------------


@pytest.mark.parametrize("day", ["2026-05-06", "2026-06-29", "2026-07-10", "2026-11-22"])
@pytest.mark.parametrize("client", CLIENTS)
def test_a_moved_assessment_is_the_one_made_anew(client, day):
    moved = scenarios.refiled(baseline(client), date.fromisoformat(day))
    fresh = cape_kit.assess(samples.opened(client), as_of=DAY, filing_date=day)
    pd.testing.assert_frame_equal(moved.table, fresh.table)
    pd.testing.assert_frame_equal(moved.caveats, fresh.caveats)
    pd.testing.assert_frame_equal(moved.findings, fresh.findings)


def test_a_changed_law_gives_what_assessing_under_it_gives():
    slow = Scenario("slow", liquidation_after_acceptance_days=75, cycle_shift_days=-28, day_count="end")
    given = scenarios.apply(slow, samples.opened("cedar-and-flint"), baseline().law, DAY)
    from cape_kit.assessment import assess

    fresh = assess.assess(given.portfolio, given.law, DAY, filing_date=given.filing_date)
    pd.testing.assert_frame_equal(scenarios.run(baseline(), slow).table, fresh.table)


def test_some_entries_alone_stand_as_they_do_among_all():
    table = baseline().table
    rows = np.flatnonzero(table["filer_code"] == "060")
    part = scenarios.narrowed(baseline(), rows)
    pd.testing.assert_frame_equal(part.table, table.iloc[rows].reset_index(drop=True))


# ---- what each change does ---------------------------------------------------------------------------------


def test_filing_later_moves_only_entries_whose_window_closed():
    later = under(filing_after_days=14)
    moved = scenarios.moves(baseline(), later)
    last = baseline().table.set_index("entry_number")["cape_last_day"]
    gone = moved[moved["was"].isin(["file", "file_deferred", "cure"])]
    assert len(gone) and (last[gone["entry_number"]] < pd.Timestamp(later.filing_date)).all()
    assert (gone["why"].str.len() > 20).all()


def test_a_slow_cbp_earns_thirty_more_days_on_unliquidated_entries_only():
    slow = under(liquidation_after_acceptance_days=75)
    before, after = baseline().table, slow.table
    waiting = (before["disposition"].isin(ON_CAPE) & ~before["liquidated"].fillna(False)).to_numpy(dtype=bool)
    longer = (after["interest_until"] - before["interest_until"]).dt.days
    assert set(longer[waiting]) == {30}
    assert set(longer[~waiting]) == {0}


def test_phase_3_is_off_unless_a_scenario_opens_it_and_then_says_so():
    final = baseline().table["disposition"] == "final"
    assert final.any()
    waiting = under(phase_3="all").table
    assert not (waiting["disposition"] == "final").any()
    assert set(waiting.loc[final, "disposition"]) <= {"held", "cure"}
    opened = under(phase_3="all", phase_3_from=DAY).table
    taken = (opened["disposition"].isin(ON_CAPE) & ~baseline().table["disposition"].isin(ON_CAPE)).to_numpy()
    assert taken.any()
    assert opened.loc[taken, "reason"].str.startswith("Assumed, not law: Phase 3").all()
    # No day of Phase 3 is known; while a protest is possible, its last day is the one that binds.
    over = opened.loc[taken, "protest_last_day"] < pd.Timestamp(DAY)
    assert opened.loc[taken, "next_deadline"].equals(opened.loc[taken, "protest_last_day"].mask(over))
    told = scenarios.assumptions(Scenario("x", phase_3="all"), baseline().law)
    assert told[0].startswith("Not law: ")


def test_phase_3_for_litigants_takes_no_one_elses_entries():
    numbers = sorted(baseline().table["importer_number"].dropna().unique())
    opened = under(phase_3="litigants", phase_3_from=DAY, litigants=(numbers[0],))
    moved = scenarios.moves(baseline(), opened)
    owner = baseline().table.set_index("entry_number")["importer_number"]
    assert set(owner[moved["entry_number"]]) <= {numbers[0]}


def test_warehouse_types_readmitted_are_taken_again_after_july():
    july = date(2026, 7, 10)
    out = under(client="harbor-lane", filing_on=july)
    back = under(client="harbor-lane", filing_on=july, readmitted_types=("21", "22"))
    moved = scenarios.moves(out, back)
    kind = out.table.set_index("entry_number")["entry_type"]
    assert len(moved) and set(kind[moved["entry_number"]]) <= {"21", "22"}


def test_the_higher_class_earns_more_and_nothing_else_changes():
    other = under(importer_class="non_corporate")
    assert other.table["interest_cents"].equals(
        baseline().table["interest_noncorporate_cents"].rename("interest_cents")
    )
    assert scenarios.moves(baseline(), other).empty


def test_rejections_are_seeded_and_grow_with_their_share():
    some, more = under(rejected_share=0.1), under(rejected_share=0.3)
    again, other = under(rejected_share=0.1), under(rejected_share=0.1, seed=2)
    hit = {name: set(scenarios.moves(baseline(), one)["entry_number"]) for name, one in
           {"some": some, "more": more, "again": again, "other": other}.items()}  # fmt: skip
    assert hit["some"] == hit["again"] != hit["other"]
    assert hit["some"] < hit["more"]
    count = totals(baseline()).loc[ON_CAPE, "entries"].sum()
    assert 0.15 < len(hit["more"]) / count < 0.45
    protests = some.table[
        some.table["reason"].str.startswith("Assumed") & (some.table["disposition"] == "protest")
    ]
    assert (protests["next_deadline"] == protests["protest_last_day"]).all()


def test_cures_that_succeed_leave_nothing_to_cure_for_the_client():
    cured = under(cures_succeed=True)
    assert totals(cured).at["file", "entries"] > totals(baseline()).at["file", "entries"]
    assert totals(cured).at["cure", "entries"] == 0


def test_what_cbp_refused_counts_as_cured_too():
    """CBP refused two entries of Harbor Lane for their numbers; nothing else stands against them."""
    refused = ["HK712296514", "HK726867474"]
    cured = under(client="harbor-lane", cures_succeed=True).table.set_index("entry_number")
    before = baseline("harbor-lane").table.set_index("entry_number")
    assert before.loc[refused, "disposition"].tolist() == ["cure", "cure"]
    assert cured.loc[refused, "disposition"].tolist() == ["file", "file"]
    assert not (cured["disposition"] == "cure").any()


def test_money_of_an_importer_not_enrolled_waits_for_the_day_it_is():
    fixed = date(2026, 12, 1)
    importers = tuple(
        replace(one, ach_refund_enrolled=False) for one in baseline("harbor-lane").client.importers
    )
    client = replace(baseline("harbor-lane").client, importers=importers)
    assert importers and isinstance(importers[0], Importer)
    start = replace(
        baseline("harbor-lane"), portfolio=replace(baseline("harbor-lane").portfolio, client=client)
    )
    stuck = scenarios.pay_days(start)
    assert stuck["payment_high"].isna().all()
    freed = scenarios.pay_days(scenarios.run(start, Scenario("fixed", ach_fixed_on=fixed)))
    assert (freed["payment_low"].dropna() >= pd.Timestamp(fixed)).all()
    assert freed["payment_low"].notna().any()


def test_what_a_client_asserts_in_a_scenario_is_in_the_account():
    told = under(assertions=("no_drawback_claims",))
    assert "no_drawback_claims" in set(told.asserted["assertion"])
    assert len(told.caveats) <= len(baseline().caveats)


def test_a_brokers_data_settles_what_was_unknown_for_its_entries_only():
    open_now = baseline("northgate-tools").table.query("disposition == 'undetermined'")
    filers = set(open_now["filer_code"])
    arrived = under(client="northgate-tools", broker_data_arrives=tuple(filers))
    moved = scenarios.moves(baseline("northgate-tools"), arrived)
    owner = baseline("northgate-tools").table.set_index("entry_number")["filer_code"]
    assert set(owner[moved["entry_number"]]) <= filers


# ---- compared ----------------------------------------------------------------------------------------------


def test_the_comparison_has_the_baseline_first_and_adds_up():
    frame = scenarios.compare(baseline(), scenarios.shipped().values())
    assert frame["scenario"].tolist() == list(scenarios.shipped())
    table = baseline().table
    first = frame.iloc[0]
    assert first["principal_cents"] == sums(table, ON_CAPE)
    assert first["interest_cents"] == sums(table, ON_CAPE, "interest_cents")
    assert first["lost_cents"] == sums(table, ["final"])
    assert (frame["principal_cents"] - frame["principal_cents_change"] == first["principal_cents"]).all()
    assert (frame["assumes"].map(len) > 0).all()
    assert frame.set_index("scenario").at["slow_cbp", "latest_cash_change"] == 30 + 14 - gap(baseline())


def gap(assessment):
    """Days CBP's own range reaches past liquidation and payment weeks at its usual pace."""
    paid = scenarios.pay_days(assessment).dropna(subset=["payment_high"])
    late = paid["payment_high"] - paid["liquidation_base"]
    usual = int(assessment.law.value("payment.weeks_after_liquidation_high", DAY).value) * 7
    slowest = paid["payment_high"].idxmax()
    return max(late[slowest].days - usual, 0) if not pd.isna(late[slowest]) else 0


# ---- swept -------------------------------------------------------------------------------------------------


@pytest.mark.slow
@pytest.mark.parametrize("client", CLIENTS if effort.DEEP else CLIENTS[:1])
def test_every_day_of_the_sweep_is_a_fresh_assessment(client):
    """A deep run assesses all clients on every day; the usual one the first, around changes of law."""
    first, last = date(2026, 6, 24), date(2026, 7, 12)
    changes = (date(2026, 6, 25), date(2026, 6, 29), date(2026, 7, 7))
    found = scenarios.sweep(baseline(client), first, last).days.set_index("filing_date")
    days = [first + timedelta(days=n) for n in range((last - first).days + 1)]
    near = {side for day in changes for side in (day - timedelta(days=1), day)}
    for day in days if effort.DEEP else sorted(near | {first, last}):
        fresh = cape_kit.assess(samples.opened(client), as_of=DAY, filing_date=day)
        row, table = found.loc[pd.Timestamp(day)], fresh.table
        assert row["cape_cents"] == sums(table, ON_CAPE)
        assert row["cape_entries"] == table["disposition"].isin(ON_CAPE).sum()
        assert row["cape_interest_cents"] == sums(table, ON_CAPE, "interest_cents")
        for name in ("protest", "cure", "held", "undetermined"):
            assert row[f"{name}_cents"] == sums(table, [name]), (day, name)
        assert row["lost_cents"] == sums(table, ["final"])


def test_the_sweep_sees_the_time_for_a_correction_end():
    """Entered on 27 August 2025: 300 days later is 23 June 2026."""
    found = scenarios.sweep(baseline("harbor-lane"), date(2026, 6, 22), date(2026, 6, 24)).days
    fresh = [
        cape_kit.assess(samples.opened("harbor-lane"), as_of=DAY, filing_date=date(2026, 6, day)).table
        for day in (22, 23, 24)
    ]
    told = [(table["disposition"] == "cure").sum() for table in fresh]
    assert found["cure_entries"].tolist() == told and told[1] > told[2]


def test_the_sweep_names_the_days_before_dollars_leave():
    found = scenarios.sweep(baseline(), DAY, date(2026, 7, 24))
    fall = found.cliffs.iloc[0]
    day = fall["last_day"].date()
    before = cape_kit.assess(samples.opened("cedar-and-flint"), as_of=DAY, filing_date=day).table
    after = cape_kit.assess(
        samples.opened("cedar-and-flint"), as_of=DAY, filing_date=day + timedelta(days=1)
    ).table
    left = before["disposition"].isin(ON_CAPE) & ~after["disposition"].isin(ON_CAPE)
    assert fall["entries"] == left.sum()
    assert fall["principal_cents"] == before.loc[left, "principal_cents"].sum()
    assert DAY <= found.best_day <= found.last_sensible_day
    on_last = found.days.set_index("filing_date").loc[pd.Timestamp(found.last_sensible_day)]
    on_best = found.days.set_index("filing_date").loc[pd.Timestamp(found.best_day)]
    assert on_last["cape_cents"] == on_best["cape_cents"]
    assert found.last_sensible_day.weekday() < 5


def test_the_sweep_goes_by_the_scenario():
    opened = under(phase_3="all", phase_3_from=date(2026, 5, 8), rejected_share=0.2)
    found = scenarios.sweep(opened, DAY, date(2026, 5, 20)).days
    for row in found.to_dict("records")[::5]:
        fresh = scenarios.refiled(opened, row["filing_date"].date()).table
        assert row["cape_cents"] == sums(fresh, ON_CAPE)
        assert row["cape_interest_cents"] == sums(fresh, ON_CAPE, "interest_cents")
        assert row["lost_cents"] == sums(fresh, ["final"])


def test_a_sweep_backwards_is_refused():
    with pytest.raises(Usage, match="is before the first"):
        scenarios.sweep(baseline(), DAY, date(2026, 5, 4))


# ---- chances -----------------------------------------------------------------------------------------------


def test_the_same_seed_gives_the_same_cash():
    one, two = scenarios.chances(baseline(), runs=200), scenarios.chances(baseline(), runs=200)
    pd.testing.assert_frame_equal(one.weeks, two.weeks)
    other = scenarios.chances(baseline(), runs=200, seed=2)
    assert not one.weeks.equals(other.weeks)


def test_chances_are_in_order_never_fall_and_end_with_all_the_money():
    found = scenarios.chances(baseline(), runs=300)
    frame, paid = found.weeks, scenarios.pay_days(baseline())
    assert (frame["p10"] <= frame["p50"]).all() and (frame["p50"] <= frame["p90"]).all()
    assert (frame[["p10", "p50", "p90"]].diff().dropna() >= 0).all().all()
    dated = int(paid.loc[paid["left_out"] == "", "cents"].sum())
    assert frame["p10"].iloc[-1] == frame["p90"].iloc[-1] == dated
    assert found.undated_cents + dated == paid["cents"].sum()
    assert (
        sums(baseline().table, ON_CAPE) + sums(baseline().table, ON_CAPE, "interest_cents")
        == paid["cents"].sum()
    )


def test_without_any_doubt_the_chances_are_the_weeks():
    sure = scenarios.chances(baseline(), runs=1, stray=(0, 0)).weeks
    plain = scenarios.weeks(baseline()).set_index("day")
    joined = sure.set_index("day").join(plain, how="inner")
    assert (joined["late_cents"] <= joined["p50"]).all() and (joined["p50"] <= joined["early_cents"]).all()
