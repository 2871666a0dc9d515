"""A scenario applied: the facts, the law and the filing day as they would be, and the assessment moved there.

Nothing is read or reduced again. What it returns is what `assess` would have returned, which a test holds it to; only
a scenario that changes the outcome of a check, such as Phase 3, goes further, and says so entry by entry.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, timedelta
from functools import partial

import numpy as np
import pandas as pd

from cape_kit.assessment import asserted_and_seen, line_order, refund, rules, timeline
from cape_kit.assessment.assess import Assessment
from cape_kit.assessment.decisions import Places, Questions, deadlines
from cape_kit.assessment.rules import FAIL, PASS, Facts
from cape_kit.assessment.scenarios.scenario import BASELINE, Scenario, pending, phase_3_day
from cape_kit.assessment.wording.reasons import ASSUMED
from cape_kit.entries import identifiers, schema
from cape_kit.entries.client import Client, Importer
from cape_kit.entries.portfolio import Portfolio
from cape_kit.errors import Usage
from cape_kit.law.book import Check, Law

ON_CAPE = ("file", "file_deferred")
#: A hash's key is so many characters; a hash is one of so many numbers.
_KEY_LENGTH, _KEYS, _HASHES = 16, 10**16, 2**64


def questions(facts: Facts, scenario: Scenario) -> Questions:
    """The facts with every question about them, as the scenario has it."""
    asked = Questions(facts, rules.run(facts))
    if scenario.cures_succeed:
        facts = facts.unrefused(asked.refused_uncured)
        asked = Questions(facts, _cured(Questions(facts, asked.outcomes)))
    return (
        replace(asked, assumed=partial(_rejected, share=scenario.rejected_share, seed=scenario.seed))
        if scenario.rejected_share
        else asked
    )


def _cured(asked: Questions) -> pd.DataFrame:
    """The outcomes with every failure the client can cure as passed. Source: `client_can` in the law book."""
    outcomes = asked.outcomes
    codes = [code for code in asked.curable_rules if code in outcomes]
    if Check.PROTEST in codes:
        # A protest about more than IEEPA duty is not withdrawn for CAPE's sake.
        codes.remove(Check.PROTEST)
        withdrawn = (
            asked.failed(Check.PROTEST) & ~asked.other_protest & ~asked.failed(Check.FINAL_LIQUIDATION)
        )
        passed = outcomes[Check.PROTEST].mask(withdrawn, PASS).astype("int8")
        outcomes = outcomes.assign(**{Check.PROTEST.value: passed})
    cured = {code: outcomes[code].mask(outcomes[code] == FAIL, PASS).astype("int8") for code in codes}
    return outcomes.assign(**cured)


def _rejected(asked: Questions, *, share: float, seed: int) -> Places:
    """Entries CBP rejects by chance: those whose protest window runs are protested, the others wait."""
    hit = draws(asked.facts, seed) < share
    hit &= asked.by_policy.isin(ON_CAPE).to_numpy(dtype=bool)
    protested = hit & asked.liquidated & ~asked.admitted
    told = {
        "reason": f"{ASSUMED}CBP rejects it for a reason no export can show (seed {seed}).",
        "source": "the scenario",
        "blocking_rules": "",
        "facts_missing": "",
    }
    by_protest = {
        "disposition": "protest",
        "what_to_do": "Protest before the last day.",
        "next_deadline": asked.facts.clocks["protest_last_day"],
        "next_deadline_what": deadlines.PROTEST,
        "act_by": deadlines.protest_plan(asked),
        "act_by_what": deadlines.SENSIBLE[4],
    }
    waiting = {
        "disposition": "held",
        "what_to_do": "Ask CBP why; refile it.",
        "next_deadline": pd.NaT,
        "next_deadline_what": "",
        "act_by": pd.NaT,
        "act_by_what": "",
    }
    places = ((protested, told | by_protest), (hit & ~protested, told | waiting))
    return tuple((where, columns) for where, columns in places if where.any())


def draws(facts: Facts, seed: int) -> np.ndarray:
    """One number from 0 to 1 for each entry: the same on every day, under every share, in any company."""
    hashed = pd.util.hash_pandas_object(
        facts.entries["entry_number"], index=False, hash_key=f"{seed % _KEYS:0{_KEY_LENGTH}d}"
    )
    return hashed.to_numpy(dtype="uint64") / _HASHES


# --- the portfolio, the law and the day as they would be; nothing is decided here -------------------------


#: The type most entries are of: consumption, formal.
_CONSUMPTION = "01"


@dataclass(frozen=True)
class Applied:
    """What an assessment under the scenario starts from."""

    portfolio: Portfolio
    law: Law
    filing_date: date


def apply(
    scenario: Scenario, portfolio: Portfolio, law: Law, as_of: date, *, filing_date: date | None = None
) -> Applied:
    """The facts, the law and the filing day under a scenario; what it does not name stays the same object.

    Raises Usage for a filing day that has gone by.
    """
    if scenario.gone_by(as_of):
        raise Usage(
            f"Scenario '{scenario.name}' files on {scenario.filing_on}, before the as-of date, {as_of}; "
            f"give a later date, or an earlier --as-of."
        )
    changed = _law(scenario, law, as_of)
    filed = scenario.filing_on or (filing_date or as_of) + timedelta(days=scenario.filing_after_days)
    return Applied(_portfolio(scenario, portfolio, changed, as_of), changed, filed)


def _law(scenario: Scenario, law: Law, as_of: date) -> Law:
    """The law as the scenario has it.

    Sources: keys ``processing.*``, ``cycle.auto_liquidation``, ``types.excluded``, ``interest.day_count``,
    ``phase.admits_final``.
    """
    if scenario.liquidation_after_acceptance_days is not None:
        key = "processing.liquidation_after_acceptance"
        law = law.assume(key, scenario.liquidation_after_acceptance_days, _since(law, key))
    if scenario.cycle_shift_days:
        key = "cycle.auto_liquidation"
        usual = int(law.value(key, as_of).value)
        law = law.assume(key, usual + scenario.cycle_shift_days, _since(law, key))
    if scenario.readmitted_types:
        key, first_day = "types.excluded", scenario.readmitted_from or as_of
        kept = [code for code in law.value(key, first_day).value if code not in scenario.readmitted_types]
        law = law.assume(key, kept, first_day)
    opens = phase_3_day(scenario, law)
    if opens is not None:
        row = pending(law)
        whose = "all" if scenario.phase_3 == "all" else "plaintiffs"
        law = law.assume("phase.admits_final", whose, opens, row.source if row else "cape-kit")
    if scenario.day_count:
        law = law.assume("interest.day_count", scenario.day_count, _since(law, "interest.day_count"))
    return law


def _since(law: Law, key: str) -> date:
    """The first day the book covers: the assumption holds on every day one may ask about."""
    return law.series(key).values[0].first_day


def _portfolio(scenario: Scenario, portfolio: Portfolio, law: Law, as_of: date) -> Portfolio:
    client = _client(scenario, portfolio.client)
    entries = portfolio.entries
    if scenario.broker_data_arrives:
        entries = _arrived(entries, scenario.broker_data_arrives, law, as_of)
    if client is portfolio.client and entries is portfolio.entries:
        return portfolio
    return replace(portfolio, client=client, entries=entries)


def _client(scenario: Scenario, client: Client) -> Client:
    if scenario.importer_class:
        own = tuple(replace(one, importer_class=None) for one in client.importers)
        client = replace(client, importer_class=scenario.importer_class, importers=own)
    if scenario.assertions:
        stated = {**client.assertions, **dict.fromkeys(scenario.assertions, True)}
        told = f"the scenario {scenario.name}"
        client = replace(client, assertions=stated, asserted_by=client.asserted_by or told)
    if scenario.phase_3 == "litigants":
        client = _suing(client, scenario.litigants)
    if scenario.broker_data_arrives:
        brokers = tuple(
            replace(one, data_received=True) if one.filer_code in scenario.broker_data_arrives else one
            for one in client.brokers
        )
        client = replace(client, brokers=brokers)
    return client


def _suing(client: Client, litigants: tuple[str, ...]) -> Client:
    """The client with the importers that sued as the scenario names them; with none named, all of them."""
    keys = {identifiers.importer_key(number) for number in litigants}
    known = {identifiers.importer_key(one.number) for one in client.importers}
    stated = [
        replace(one, plaintiff=not keys or identifiers.importer_key(one.number) in keys)
        for one in client.importers
    ]
    more = [Importer(one, plaintiff=True) for one in litigants if identifiers.importer_key(one) not in known]
    return replace(client, importers=(*stated, *more), plaintiff=not keys)


def _arrived(entries: pd.DataFrame, filers: tuple[str, ...], law: Law, as_of: date) -> pd.DataFrame:
    """A broker's entries with the status and type their data would most likely show.

    An entry past its usual cycle counts as liquidated on it. Source: key ``cycle.auto_liquidation``.
    """
    theirs = entries["filer_code"].isin(filers)
    silent = theirs & entries["liquidation_status"].isna() & entries["liquidation_date"].isna()
    expected = timeline.forecast(entries["entry_date"], law, as_of).where(silent)
    past = (expected <= pd.Timestamp(as_of)) & silent
    status = entries["liquidation_status"].mask(silent & expected.notna(), "Unliquidated")
    types = entries["entry_type"].mask(theirs & entries["entry_type"].isna(), _CONSUMPTION)
    changed = entries.assign(
        entry_type=types,
        liquidation_status=status.mask(past, "Liquidated"),
        liquidation_date=entries["liquidation_date"].mask(past, expected),
        extracted_on=entries["extracted_on"].mask(silent, pd.Timestamp(as_of)),
    )
    return schema.conform(changed, "entries")


# --- the assessment moved there ---------------------------------------------------------------------------


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
        refund_lines=lines[identifiers.among(lines["entry_number"], entries["entry_number"])].reset_index(
            drop=True
        ),
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
        questions=questions(facts, scenario),
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
    lines = refund.coded(portfolio.tariff_lines, portfolio.entries, law)
    marks = line_order.per_entry(lines, portfolio.entries, law, on=day)
    return old.lines.assign(**{str(name): marks[name] for name in marks if name != "entry_number"})
