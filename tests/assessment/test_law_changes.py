"""What follows when the law book changes: a check is ended, a line check is added, a word of a fact differs."""

from dataclasses import replace
from datetime import date, timedelta
from functools import cache

import numpy as np
import pandas as pd
import pytest

from cape_kit.assessment import caveats, decisions, rules, strategy
from cape_kit.assessment.decisions import sentences
from cape_kit.errors import UnsoundLawbook
from cape_kit.law.book import Check, soundness
from tests.assessment import situations
from tests.assessment.test_decisions import CASES

LAW = situations.LAW
CODES = [check.code for check in LAW.contents.validations if check.code.startswith("E")]
BEFORE_JUNE = ("E20", "E25", "E26")


def ended(code, before, law=LAW):
    """The law with a check that ended on the day before the one asked about."""
    last = before - timedelta(days=1)
    checks = tuple(
        replace(check, first_day=min(check.first_day, last), last_day=last, end_known_from=last)
        if check.code == code
        else check
        for check in law.contents.validations
    )
    return replace(law, contents=replace(law.contents, validations=checks))


@cache
def groups():
    """The cases of the file by day, each day's as one bundle of facts with their outcomes."""
    found = {}
    for case in CASES:
        found.setdefault((case["on"], case.get("ordinals", True)), []).append(case)
    bundles = [(on, situations.bundle(cases, on)) for (on, _), cases in found.items()]
    return [(on, facts, rules.run(facts)) for on, facts in bundles]


@cache
def all_cases(on):
    """All cases of the file on one day: what a check's end cannot change, made once for all checks."""
    return situations.bundle(CASES, on)


def touched(code):
    """Of each day the entries the check says something of: of the others nothing can change."""
    for on, facts, outcomes in groups():
        if code in outcomes:
            rows = np.flatnonzero(outcomes[code].isin((rules.FAIL, rules.UNKNOWN)))
            if len(rows):
                yield on, replace(facts.take(rows), law=ended(code, on))


@pytest.mark.parametrize("code", CODES)
def test_a_check_that_ended_leaves_every_entry_a_reason_and_a_day_ahead(code):
    for on, facts in touched(code):
        outcomes = rules.run(facts)
        assert code not in outcomes
        told = decisions.decide(facts, outcomes).decisions
        assert told["disposition"].isin(list(decisions.DISPOSITIONS)).all()
        for name in ("reason", "source", "what_to_do"):
            assert told[name].notna().all()
            assert (told[name] != "").all(), told[name]
        assert not told["reason"].str.contains(r"<NA>|\bnan\b|NaT", regex=True).any()
        for name in ("next_deadline", "act_by"):
            late = told[told[name] < str(on)]
            assert late.empty, late[["disposition", "reason", name]]


@pytest.mark.parametrize("code", CODES)
def test_a_check_that_ended_stops_nothing_else_that_is_told(code):
    on = date(2026, 4, 20) if code in BEFORE_JUNE else date(2026, 7, 10)
    asked = decisions.decide(replace(all_cases(on), law=ended(code, on)))
    assert asked.decisions["reason"].notna().all()
    assert caveats.collect(asked, caveats.touched(asked))["title"].notna().all()
    assert strategy.plan(asked)["disposition"].notna().all()
    assert strategy.order(asked)["source"].ne("").all()


def test_a_code_nobody_knows_is_an_error():
    facts = situations.bundle(CASES[:2], date(2026, 7, 10))
    asked = decisions.decide(facts)
    assert not asked.failed(Check.FLAGGED_FOR_RECONCILIATION).any()
    with pytest.raises(UnsoundLawbook, match="No check has the code 'E4'"):
        asked.failed("E4")


def test_the_end_of_the_check_of_final_liquidation_opens_nothing():
    """ACE may stop asking; that CAPE accepts finally liquidated entries is for a phase to say."""
    on = date(2026, 10, 20)
    late = {"liquidation_status": "Liquidated", "liquidation_date": date(2026, 7, 1)}
    over = {"liquidation_status": "Liquidated", "liquidation_date": date(2026, 3, 1)}
    inside = {"liquidation_status": "Liquidated", "liquidation_date": date(2026, 9, 1)}
    law = ended("E04", date(2026, 10, 6))
    found = [situations.decide(facts, on, law=law)[0] for facts in (late, over, inside)]
    assert [one["disposition"] for one in found] == ["protest", "final", "file"]
    assert "Sep 19, 2026" in found[0]["reason"]


# ---- what a correction cures ----------------------------------------------------------------------------------

#: Corrections of the ordinary entry, entered on June 10, 2025, ended 300 days after: on April 6, 2026.
OVER = date(2026, 7, 10)
LIQUIDATED = {"liquidation_status": "Liquidated", "liquidation_date": date(2026, 6, 20)}
LINE_CHECKS = [
    check.code
    for check in LAW.contents.validations
    if check.code.startswith("E") and check.needs == ("tariff_lines",) and check.client_can
]
NEW = replace(
    LAW.check("E16", OVER).check,
    code="E91",
    title="A new one",
    official_text="HTS Country Mismatch",
    cure="Post summary correction of the country, then a new declaration.",
)


def with_new_check(row=NEW):
    """The law with one more check of tariff lines, as CONTRIBUTING says to write it."""
    return replace(LAW, contents=replace(LAW.contents, validations=(*LAW.contents.validations, row)))


def always(facts):
    return pd.Series(True, index=facts.entries.index, dtype="boolean")


def failing(code, on, law, monkeypatch):
    """The dispositions of an unliquidated and of a liquidated entry that fail one check."""
    monkeypatch.setitem(rules.TESTS, code, rules.Rule(always))
    facts = situations.bundle([{}, {"facts": LIQUIDATED}], on, law)
    return list(decisions.decide(facts).decisions["disposition"])


@pytest.mark.parametrize("code", [*LINE_CHECKS, "E91"])
def test_each_line_check_waits_or_is_protested_once_corrections_are_over(code, monkeypatch):
    law = with_new_check()
    check = law.check(code, OVER).check
    if check.last_day:
        law = with_new_check(replace(check, code="E92", last_day=None, end_known_from=None))
    assert failing("E92" if check.last_day else code, OVER, law, monkeypatch) == ["held", "protest"]


@pytest.mark.parametrize("code", [*LINE_CHECKS, "E91"])
def test_so_does_an_entry_cbp_refused_for_one(code):
    law = with_new_check()
    error = law.check(code, OVER).check.official_text
    if not error or not law.check(code, OVER).in_force:
        return
    refused = {"error": error, "seen_on": date(2026, 5, 20)}
    cases = [{"refused": refused}, {"facts": LIQUIDATED, "refused": refused}]
    facts = situations.bundle(cases, OVER, law)
    found = decisions.decide(facts).decisions
    assert list(found["disposition"]) == ["held", "protest"]


def test_a_new_line_check_is_cured_while_corrections_are_possible(monkeypatch):
    """The ordinary entry of June 10, 2025 can be corrected until April 6, 2026: 300 days."""
    entered_late = {"entry_date": date(2025, 12, 1)}
    monkeypatch.setitem(rules.TESTS, "E91", rules.Rule(always))
    facts = situations.bundle([{"facts": entered_late}], OVER, with_new_check())
    found = decisions.decide(facts).decisions.iloc[0]
    assert found["disposition"] == "cure"
    assert "post summary correction cures that" in found["reason"]
    assert NEW.cure in found["what_to_do"]


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"cured_by": ""}, "say by what"),
        ({"cured_by": "luck"}, "must be correction"),
        ({"settles_first": True}, "a line of the policy"),
    ],
)
def test_a_check_of_which_nobody_could_say_what_follows_is_refused(changes, told):
    with pytest.raises(UnsoundLawbook, match=told):
        soundness.sound(with_new_check(replace(NEW, **changes)).contents)


def test_every_mark_a_check_names_is_there():
    facts = situations.bundle(CASES[:1], OVER)
    named = {check.names_headings for check in LAW.contents.validations} - {""}
    assert named <= set(facts.lines)


# ---- a phase that takes finally liquidated entries ---------------------------------------------------------------

PHASE = date(2026, 12, 10)
#: Liquidated 81 to 180 days before, and longer ago than a protest may be.
LATE = {"liquidation_status": "Liquidated", "liquidation_date": date(2026, 8, 1)}
GONE = {"liquidation_status": "Liquidated", "liquidation_date": date(2026, 3, 1)}
PROTESTED = {"protest_status": "Open", "protest_ieepa_only": True}


def admitting(whose, first_day=date(2026, 12, 7), last_day=None):
    """The law with one more value of the number that says whose finally liquidated entries CAPE takes."""
    key = "phase.admits_final"
    series = LAW.series(key)
    old = replace(series.values[-1], last_day=first_day - timedelta(days=1))
    new = replace(
        series.values[-1], value=whose, first_day=first_day, last_day=last_day, known_from=date(2026, 12, 1)
    )
    one = replace(series, values=(*series.values[:-1], old, new))
    return replace(LAW, contents=replace(LAW.contents, series={**LAW.contents.series, key: one}))


INFORMAL = {
    "facts": {"entry_type": "11", "entry_date": date(2026, 1, 20), "liquidation_status": "Extended"},
    "lines": [["99030124", 1000.00, 200.00], ["3923900080", 1000.00, 30.00]],
}
ZONE = {
    "facts": {"entry_type": "06", "entry_date": date(2026, 1, 20), "liquidation_status": "Extended"},
    "lines": [["99030177", 0.00, 400.00], ["3923900080", 1000.00, 30.00]],
}


@pytest.mark.parametrize(
    ("key", "case", "told"),
    [("psc.refused_error", INFORMAL, "error B49"), ("psc.ieepa_locked_error", ZONE, "(error F883)")],
)
def test_with_which_error_ace_refuses_a_correction_is_the_law_books(key, case, told):
    """The codes are CBP's, of its notices of 2026: a new one is a row of the book, and no line of code."""
    series = LAW.series(key)
    other = replace(series, values=(*series.values[:-1], replace(series.values[-1], value="Z99")))
    law = replace(LAW, contents=replace(LAW.contents, series={**LAW.contents.series, key: other}))
    for book, said in ((LAW, told), (law, told.replace(series.values[-1].value, "Z99"))):
        facts = rules.with_phase(situations.bundle([case], date(2026, 10, 1), book))
        assert said in decisions.decide(facts).decisions["reason"].iloc[0]


def decide(cases, law, on=PHASE, client=situations.CLIENT):
    """The decisions of some entries, told by their facts."""
    facts = rules.with_phase(
        replace(situations.bundle([{"facts": one} for one in cases], on, law), client=client)
    )
    return decisions.decide(facts).decisions


def test_nobodys_final_entries_are_taken_today():
    found = decide([LATE, GONE], LAW)
    assert list(found["disposition"]) == ["protest", "final"]


def test_a_phase_for_all_takes_them_by_a_row_alone():
    found = decide([LATE, GONE], admitting("all"))
    assert list(found["disposition"]) == ["file", "file"]
    assert found["reason"].str.contains("from Dec 7, 2026 CAPE accepts finally liquidated entries").all()
    assert (found["source"] == LAW.cite(LAW.value("phase.admits_final", PHASE).source)).all()
    # The protest window is the only one left: 180 days after August 1, 2026.
    assert str(found["next_deadline"].iloc[0].date()) == "2027-01-28"
    assert found["next_deadline_what"].iloc[0] == "last day to protest"
    assert found["next_deadline"].isna().iloc[1]


def test_a_last_day_of_the_phase_is_the_last_day():
    found = decide([LATE, GONE], admitting("all", last_day=date(2027, 1, 15)))
    assert {str(day.date()) for day in found["next_deadline"]} == {"2027-01-15"}
    assert set(found["next_deadline_what"]) == {"last day for CAPE"}


def test_the_day_before_it_opens_they_wait_or_are_protested():
    found = decide([LATE, GONE], admitting("all"), on=date(2026, 12, 6))
    assert list(found["disposition"]) == ["protest", "held"]
    assert "from Dec 7, 2026 CAPE accepts" in found["reason"].iloc[1]
    unannounced = decide([GONE], admitting("all"), on=date(2026, 11, 30))
    assert list(unannounced["disposition"]) == ["final"]


@pytest.mark.parametrize(
    ("sued", "becomes"),
    [(True, ["file", "file"]), (False, ["protest", "final"]), (None, ["undetermined", "undetermined"])],
)
def test_a_phase_for_plaintiffs_asks_whether_the_importer_sued(sued, becomes):
    of_all = replace(situations.CLIENT, plaintiff=sued)
    own = tuple(replace(one, plaintiff=sued) for one in situations.CLIENT.importers)
    by_importer = replace(situations.CLIENT, importers=own, plaintiff=None if sued is None else not sued)
    for client in (of_all, by_importer):
        found = decide([LATE, GONE], admitting("plaintiffs"), client=client)
        assert list(found["disposition"]) == becomes
    if sued is None:
        assert found["reason"].str.contains("whether this importer sued over the duties is not stated").all()
        assert set(found["facts_missing"]) == {decisions.SUIT}
        assert str(found["next_deadline"].iloc[0].date()) == "2027-01-28"


def test_a_live_protest_is_kept_whoever_is_taken():
    found = decide([LATE | PROTESTED, GONE | PROTESTED], admitting("all"))
    assert list(found["disposition"]) == ["protest", "protest"]
    assert found["what_to_do"].str.startswith("Keep the protest").all()


def test_what_else_stands_against_it_still_does():
    drawback = {"drawback_flag": True}
    found = decide([LATE | drawback, GONE | drawback, GONE | {"entry_type": ""}], admitting("all"))
    assert list(found["disposition"]) == ["protest", "final", "undetermined"]
    assert "Entry on Drawback" in found["reason"].iloc[1]
    days = found["next_deadline"].dropna()
    assert (days >= str(PHASE)).all()


def test_an_entry_inside_the_window_is_filed_as_ever():
    inside = {"liquidation_status": "Liquidated", "liquidation_date": date(2026, 11, 1)}
    for law in (LAW, admitting("all"), admitting("plaintiffs")):
        found = decide([inside], law)
        assert list(found["disposition"]) == ["file"]
        assert str(found["next_deadline"].iloc[0].date()) == "2027-01-20"


def test_every_line_of_the_policy_says_what_decides_it():
    for line in decisions.PRECEDENCE:
        if isinstance(line.because, decisions.Key):
            assert LAW.series(line.because.key)
        else:
            assert isinstance(line.because, Check | decisions.Which)
    first = {line.because.value for line in decisions.PRECEDENCE if isinstance(line.because, Check)}
    assert {check.code for check in LAW.contents.validations if check.settles_first} <= first


# ---- sentences are written once for entries alike in what they name --------------------------------------------

#: Another value for each column of an entry that a sentence may read.
OTHERWISE = {
    "entry_date": [date(2025, 3, 3), ""],
    "entry_type": ["03", "06", "21", "31", "02"],
    "liquidation_status": ["Extended", "Reliquidated", "Zzyzx", ""],
    "liquidation_date": [date(2026, 6, 1), date(2026, 5, 2), date(2026, 1, 20), date(2025, 12, 1)],
    "original_liquidation_date": [date(2026, 2, 2), date(2026, 1, 3)],
    "extracted_on": [date(2026, 6, 2), date(2026, 3, 1)],
    "protest_status": ["Open", "Denied", "Closed"],
    "protest_ieepa_only": [True, False],
    "claim_number": ["100000241009"],
    "claim_status": ["Zzyzx", "Failed"],
    "recon_due_date": [date(2026, 7, 20), date(2026, 7, 25)],
}


def _unnumbered(facts):
    """The facts without an entry number of their own: it would stand there many times, which no portfolio has."""
    return {name: value for name, value in facts.items() if name != "entry_number"}


@pytest.mark.parametrize("law", [LAW, admitting("all", first_day=date(2026, 7, 1))], ids=["today", "phase"])
def test_a_sentence_written_once_is_the_one_of_every_entry_it_is_told_to(law):
    """A column missing in the list a sentence speaks of would tell an entry another entry's date."""
    plain = [case for case in CASES if case.get("ordinals", True)]
    varied = [
        case | {"facts": _unnumbered(case.get("facts", {})) | {name: value}}
        for case in plain
        for name, values in OTHERWISE.items()
        for value in values
    ]
    facts = rules.with_phase(situations.bundle([*plain, *varied], OVER, law))
    asked = decisions.decide(facts)
    alone = sentences.written(asked, np.arange(len(facts.entries)))
    for name in alone:
        differs = (asked.decisions[name] != alone[name]).to_numpy()
        assert not differs.any(), decisions.PRECEDENCE[asked.line[differs][0]].reason
