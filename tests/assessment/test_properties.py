"""What holds of every entry whatever its facts: one answer, the same in any company, no luck in waiting."""

from datetime import date, timedelta

import numpy as np
import pandas as pd
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from cape_kit import few_values
from cape_kit.assessment import decisions, rules
from cape_kit.assessment.decisions import DISPOSITIONS
from tests import effort
from tests.assessment import situations

DAYS = st.dates(date(2026, 4, 20), date(2026, 11, 22))
#: Days from which the law, or what is known of it, is another: no pair of days may straddle one.
TURNS = [date(2026, 6, 23), date(2026, 6, 25), date(2026, 6, 29), date(2026, 7, 7)]
FILEABLE = ["file", "file_deferred", "cure"]
LINES = [
    situations.LINES,
    [["99030124", 1000, 200], ["3923900080", 1000, 30]],
    [["99030177", 0, 400], ["3923900080", 1000, 30]],
    [["99030132", 0, 0], ["3923900080", 1000, 30]],
    [["99038803", 0, 250], ["3923900080", 1000, 30]],
    [],
]
FLAG = st.sampled_from([True, False, ""])
VALUES = {
    "entry_type": st.sampled_from(["01", "03", "06", "08", "11", "21", "23", "31", ""]),
    "entry_date": st.one_of(st.dates(date(2025, 1, 20), date(2026, 3, 5)), st.just("")),
    "liquidation_status": st.sampled_from(
        ["Unliquidated", "Liquidated", "Reliquidated", "Deemed Liquidated", "Pending", "Extended",
         "Suspended", "Under Review", "Frobnicated", ""]
    ),
    "liquidation_date": st.one_of(st.just(""), st.dates(date(2025, 8, 1), date(2026, 12, 31))),
    "original_liquidation_date": st.one_of(st.just(""), st.dates(date(2025, 8, 1), date(2026, 6, 30))),
    "summary_status": st.sampled_from(["Accepted", "Cancelled", "Adjusted", ""]),
    "control_status": st.sampled_from(["CBP", "Trade", ""]),
    "recon_flag": FLAG,
    "recon_entry_number": st.sampled_from(["", "31625093146"]),
    "protest_status": st.sampled_from(
        ["None", "Open", "Suspended", "Denied", "Approved", "Withdrawn", "WD", ""]
    ),
    "protest_number": st.sampled_from(["", "2704"]),
    "psc_flag": FLAG,
    "protest_ieepa_only": FLAG,
    "protest_afr": FLAG,
    "drawback_flag": FLAG,
    "suspension_flag": FLAG,
    "injunction_flag": FLAG,
    "surety_paid_flag": FLAG,
    "statement_status": st.sampled_from(["PD", "AU", ""]),
    "claim_number": st.sampled_from(["", "100000241001", "100000241002"]),
    "claim_status": st.sampled_from(["", "", "", "Accepted", "Failed", "In Flight"]),
    "extracted_on": st.one_of(st.just(""), st.dates(date(2026, 4, 1), date(2026, 11, 22))),
}  # fmt: skip
REFUSALS = st.fixed_dictionaries(
    {
        "error": st.sampled_from(
            ["PROTEST ON ENTRY", "Invalid HTS", "HTS RELATIONSHIP/SEQUENCE MISMATCH", "Entry on Drawback",
             "Unexpected Error-try Again", "Protest on Entry; HTS Relationship Mismatch", "Whatever else", ""]
        ),
        "claim": st.sampled_from(["100000241001", "100000241002"]),
        "seen_on": st.one_of(st.none(), st.dates(date(2026, 4, 21), date(2026, 11, 22))),
    }
)  # fmt: skip
#: Mostly ordinary entries with a few departures, so that every line of the policy is reached.
CASE = st.fixed_dictionaries(
    {
        "facts": st.fixed_dictionaries({}, optional=VALUES),
        "lines": st.sampled_from(LINES),
        "in_ace": st.booleans(),
        "refused": st.one_of(st.none(), st.none(), REFUSALS),
    }
)
MANY = st.lists(CASE, min_size=8, max_size=30)
FURTHER = st.one_of(
    *(st.tuples(st.just(name), values.filter(lambda value: value != "")) for name, values in VALUES.items())
)
SLOW = settings(
    max_examples=effort.examples(12), deadline=None, derandomize=True, suppress_health_check=list(HealthCheck)
)


def decided(cases, on):
    bundle = situations.bundle(cases, on)
    return decisions.decide(bundle).decisions


@SLOW
@given(MANY, DAYS)
def test_exactly_one_disposition_with_reason_authority_and_step(cases, on):
    told = decided(cases, on)
    assert len(told) == len(cases)
    assert told["disposition"].isin(list(DISPOSITIONS)).all()
    for column in ("reason", "source", "what_to_do"):
        assert told[column].notna().all() and (told[column].str.len() > 3).all()
    assert not told["reason"].str.contains(r"<NA>|\bnan\b|NaT").any()
    assert ((told["facts_missing"] != "") == (told["disposition"] == "undetermined")).all()


@SLOW
@given(MANY, DAYS, st.randoms(use_true_random=False))
def test_row_order_company_and_unrelated_columns_change_nothing(cases, on, chance):
    bundle = situations.bundle(cases, on)
    together = decisions.decide(bundle).decisions
    order = np.array(chance.sample(range(len(cases)), len(cases)))
    other = bundle.take(order)
    unrelated = other.entries.assign(port_of_entry="2704", importer_name="Somebody", total_duty_cents=1)
    other = rules.Facts(unrelated, other.clocks, other.lines, other.law, other.day, other.client, other.seen)
    shuffled = decisions.decide(other).decisions
    pd.testing.assert_frame_equal(shuffled, together.iloc[order].reset_index(drop=True))
    alone = bundle.take(order[:1])
    one = decisions.decide(alone).decisions
    pd.testing.assert_frame_equal(one, together.iloc[order[:1]].reset_index(drop=True))


@SLOW
@given(st.lists(st.tuples(CASE, FURTHER), min_size=8, max_size=30), DAYS)
def test_a_further_fact_never_turns_file_into_data_needed(told, on):
    cases = [case for case, _ in told]
    before = decided(cases, on)
    more = []
    for case, (name, value) in told:
        facts = {**dict.fromkeys(VALUES, ""), **situations.ORDINARY, **case["facts"]}
        more.append({**case, "facts": {**case["facts"], name: value}} if facts[name] == "" else case)
    after = decided(more, on)
    turned = (before["disposition"] == "file") & (after["disposition"] == "undetermined")
    # Two facts that contradict each other are not a further fact: not liquidated, on a day long past.
    contradicted = after["reason"].str.contains("though due on|by now it may be outside")
    assert not (turned & ~contradicted).any(), after.loc[turned & ~contradicted, "reason"].tolist()


@SLOW
@given(MANY, DAYS, st.integers(1, 120))
def test_filing_later_never_helps_unless_a_phase_opens_between(cases, first, wait):
    second = first + timedelta(days=wait)
    if any(first < turn <= second for turn in TURNS):
        second = min(turn for turn in TURNS if first < turn) - timedelta(days=1)
    early, late = decided(cases, first), decided(cases, second)
    helped = ~early["disposition"].isin(FILEABLE) & late["disposition"].isin(FILEABLE)
    assert not helped.any(), (early.loc[helped, "reason"].tolist(), late.loc[helped, "reason"].tolist())


def test_work_on_different_days_is_work_on_all_of_them():
    days = pd.Series(pd.to_datetime(["2026-03-01", None, "2026-03-01", "2026-02-27"])).astype("datetime64[s]")
    later = few_values.once(days, lambda distinct: distinct + pd.Timedelta(days=1))
    pd.testing.assert_series_equal(later, days + pd.Timedelta(days=1))
    assert few_values.once(days.iloc[:0], lambda distinct: distinct).empty
