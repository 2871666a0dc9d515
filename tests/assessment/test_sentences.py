"""Sentences are templates: what one reads follows from what it names, and it is shown nothing else."""

from datetime import date
from functools import cache
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest

from cape_kit.assessment import decisions, rules
from cape_kit.assessment.decisions import PRECEDENCE, sentences
from cape_kit.assessment.wording import fields, templates
from cape_kit.assessment.wording.templates import Named, Part, sentence
from cape_kit.law.book import Check
from tests.assessment import situations
from tests.assessment.test_decisions import CASES

DAY = date(2026, 7, 10)
PLAIN = [case for case in CASES if case.get("ordinals", True)]


def asked():
    return decisions.decide(rules.with_phase(situations.bundle(PLAIN, DAY)))


@cache
def once():
    """The same for all tests that only look."""
    return asked()


def told(**columns):
    """One entry, as a sentence that names those columns sees it."""
    made = {name: pd.Series([value]) for name, value in columns.items()}
    return Named(made, pd.DataFrame({"E13": [True]}), situations.LAW, DAY)


def test_a_template_with_a_field_nobody_declared_cannot_be_written():
    with pytest.raises(LookupError, match="names the field 'cape_last_dya'"):
        sentence("Inside the CAPE window until {cape_last_dya}.")


def test_nor_can_a_variant_for_a_condition_nobody_declared():
    with pytest.raises(LookupError, match="a variant for 'liquidatd'"):
        sentence("…", {"liquidatd": "Liquidated."})


def test_two_fields_of_one_name_are_refused():
    with pytest.raises(LookupError, match="called 'ago'"):
        templates.field(fields.ago)


def test_what_a_sentence_reads_follows_from_its_fields_and_conditions():
    said = sentence("{since}.", {"not given claim_number": "{ago}, until {cape_last_day}"})
    assert said.reads == {"status", "liquidated_on", "claim_number", "cape_last_day"}


def test_a_field_gets_the_columns_of_its_parameters_and_no_others(monkeypatch):
    monkeypatch.setitem(templates.FIELDS, "sly", Part(lambda columns: columns, ("liquidated_on",)))
    said = sentence("{sly}")
    assert said.reads == {"liquidated_on"}
    with pytest.raises(LookupError, match="asks for the column 'liquidated_on', which it does not name"):
        said(told(status="liquidated"))


def test_a_sentence_that_reads_a_column_nobody_knows_stops_the_decision(monkeypatch):
    """The entries alike can't be found without it, so nothing is told of any."""
    monkeypatch.setitem(templates.FIELDS, "invented", Part(lambda invented: invented, ("invented_on",)))
    line = decisions.Step(
        "file", lambda v: v.everything, sentence("{invented}"), Check.CLAIMED, sentence("…")
    )
    monkeypatch.setattr("cape_kit.assessment.decisions.policy.PRECEDENCE", (line,))
    with pytest.raises(LookupError, match="is called 'invented_on'"):
        assert len(asked().sentences)


@pytest.mark.parametrize("place", range(len(PRECEDENCE)))
def test_every_column_a_line_reads_is_one_of_the_facts_or_a_question(place):
    found = once()
    for name in PRECEDENCE[place].reads:
        assert len(found.column(name)) == len(PLAIN), name


def test_a_question_and_a_column_do_not_share_a_name():
    """But for `liquidated`, which is false where it is not known: sentences read the question."""
    found = once()
    columns = {*found.facts.clocks, *found.facts.entries, *found.facts.lines}
    shared = {name for name in columns if hasattr(type(found), name)}
    assert shared == {"liquidated"}
    assert found.column("liquidated") is found.liquidated


def test_sentences_are_written_from_the_columns_they_name_alone():
    """Whoever writes them sees the checks that fail, what is missing, and the columns of the line: nothing more."""
    found = once()
    for place, step in enumerate(PRECEDENCE):
        rows = np.flatnonzero(found.line == place)
        if not len(rows):
            continue

        def column(name, reads=step.reads):
            assert name in reads
            return found.column(name)

        narrow = SimpleNamespace(
            line=found.line,
            fails=found.fails,
            missing=found.missing,
            column=column,
            cite=found.cite,
            facts=SimpleNamespace(law=found.facts.law, day=found.facts.day),
        )
        pd.testing.assert_frame_equal(sentences.written(narrow, rows), sentences.written(found, rows))


def test_the_first_variant_that_holds_is_said_and_unknown_does_not():
    said = sentence("neither", {"protest_too_early": "early", "protest_perhaps_wider": "perhaps wider"})
    early = told(liquidated=False, protest_ieepa_only=pd.NA)
    late = told(liquidated=True, protest_ieepa_only=pd.NA)
    narrow = told(liquidated=True, protest_ieepa_only=True)
    for one, expected in ((early, "early"), (late, "perhaps wider"), (narrow, "neither")):
        one.columns["protest_ieepa_only"] = one.columns["protest_ieepa_only"].astype("boolean")
        assert said(one).iloc[0] == expected
