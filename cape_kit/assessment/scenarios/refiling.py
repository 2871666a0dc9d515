"""An assessment moved to another filing day, law or set of facts, without reading or reducing a line again.

What it returns is what `assess` would have returned, which a test holds it to; only a scenario that changes
the outcome of a check, such as Phase 3, goes further, and says so entry by entry.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import numpy as np
import pandas as pd

from cape_kit.assessment import asserted_and_seen, line_order, rules, timeline
from cape_kit.assessment.assess import Assessment
from cape_kit.assessment.scenarios import assumed_outcomes
from cape_kit.assessment.scenarios.applying import Applied, apply
from cape_kit.assessment.scenarios.scenario import BASELINE, Scenario
from cape_kit.entries.portfolio import Portfolio
from cape_kit.law.book import Law


def run(baseline: Assessment, scenario: Scenario) -> Assessment:
    """The baseline under a scenario; `scenario` of the answer is the scenario itself."""
    if not scenario.changes:
        return replace(baseline, scenario=scenario)
    given = apply(
        scenario, baseline.portfolio, baseline.law, baseline.as_of, filing_date=baseline.filing_date
    )
    return moved(baseline, given, scenario)


def refiled(baseline: Assessment, filing_date: date) -> Assessment:
    """The same facts and law, filed on another day; the baseline's scenario goes along."""
    given = Applied(baseline.portfolio, baseline.law, filing_date)
    return moved(baseline, given, baseline.scenario or BASELINE)


def narrowed(baseline: Assessment, rows: np.ndarray) -> Assessment:
    """The baseline with some of its entries only, by their places; nothing of the others is left in it."""
    entries = baseline.portfolio.entries.iloc[rows].reset_index(drop=True)
    settled = baseline.settled
    silent = {name: mask.iloc[rows].reset_index(drop=True) for name, mask in settled.silent.items()}
    lines = baseline.refund_lines
    part = replace(
        baseline,
        portfolio=replace(baseline.portfolio, entries=entries),
        settled=replace(settled, entries=entries, silent=silent),
        questions=baseline.questions.take(rows),
        refund_lines=lines[lines["entry_number"].isin(entries["entry_number"])].reset_index(drop=True),
    )
    return refiled(part, baseline.filing_date)


def moved(baseline: Assessment, given: Applied, scenario: Scenario) -> Assessment:
    """Everything that depends on the day, the law or the client, reckoned again from the baseline's lines."""
    settled = settle(baseline, given.portfolio)
    portfolio = given.portfolio
    if portfolio is not baseline.portfolio:
        portfolio = replace(portfolio, entries=settled.entries)
    facts = bundle(baseline, portfolio, given.law, given.filing_date)
    return replace(
        baseline,
        portfolio=portfolio,
        questions=assumed_outcomes.questions(facts, scenario),
        settled=settled,
        scenario=scenario,
    )


def settle(baseline: Assessment, portfolio: Portfolio) -> asserted_and_seen.Settled:
    """What the client asserts, put where the files are silent; the baseline's where nothing differs."""
    if portfolio is baseline.portfolio:
        return baseline.settled
    fresh = asserted_and_seen.settle(portfolio.client, portfolio.entries, baseline.law)
    # What the baseline settled is in its entries already: its account stands, new assertions come after it.
    before = baseline.settled.account
    added = fresh.account[~fresh.account["assertion"].isin(before["assertion"])]
    account = pd.concat([before, added], ignore_index=True) if len(before) and len(added) else fresh.account
    return replace(fresh, account=account if len(added) else before)


def bundle(baseline: Assessment, portfolio: Portfolio, law: Law, day: date) -> rules.Facts:
    """What the rules look at on a day; the reduced lines are the baseline's."""
    old = baseline.facts
    entries = old.entries if portfolio is baseline.portfolio else portfolio.entries
    facts = rules.Facts(
        entries=entries,
        clocks=timeline.build(entries, law, as_of=day),
        lines=_lines(old, portfolio, law, day),
        law=law,
        day=day,
        client=portfolio.client,
        seen=old.seen,
    )
    return rules.with_phase(facts)


def _lines(old: rules.Facts, portfolio: Portfolio, law: Law, day: date) -> pd.DataFrame:
    """The reduced lines; the marks of headings that need a partner anew where that list is another one.

    Source: key ``headings.partners``.
    """
    before, now = line_order.partners(old.law, old.day), line_order.partners(law, day)
    if before.equals(now):
        return old.lines
    marks = line_order.per_entry(portfolio.tariff_lines, portfolio.entries, law, on=day)
    return old.lines.assign(**{str(name): marks[name] for name in marks if name != "entry_number"})
