"""assess(portfolio, law, as_of) -> Assessment: the one object every later room takes."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date
from functools import cached_property
from typing import Any

import numpy as np
import pandas as pd

from cape_kit.assessment import (
    asserted_and_seen,
    caveats,
    decisions,
    disagreements,
    line_order,
    money,
    refund,
    rules,
    suits,
    timeline,
)
from cape_kit.assessment.caveats import Touched
from cape_kit.assessment.decisions import DISPOSITIONS, Questions
from cape_kit.assessment.money import Span
from cape_kit.entries.client import Client
from cape_kit.entries.portfolio import Portfolio
from cape_kit.few_values import held_once
from cape_kit.law.book import Law
from cape_kit.money import known_sum, plain

#: What the totals sum, and the column that counts the entries of which it is not known.
_AMOUNTS = {"principal_cents": "principal_unknown", "interest_cents": "interest_unknown"}


@dataclass(frozen=True)
class Assessment:
    """What follows from a portfolio under the law on a day; frames in entry-number order."""

    portfolio: Portfolio
    as_of: date
    questions: Questions
    refund_lines: pd.DataFrame
    settled: asserted_and_seen.Settled
    scenario: Any = None

    @property
    def facts(self) -> rules.Facts:
        """The facts of the day."""
        return self.questions.facts

    @property
    def law(self) -> Law:
        """The law the facts are held against."""
        return self.facts.law

    @property
    def filing_date(self) -> date:
        """The day the declaration would be filed: what the windows and phases are measured against."""
        return self.facts.day

    @property
    def clocks(self) -> pd.DataFrame:
        """One row per entry: is it liquidated, since when, and each window's last day and state."""
        return self.facts.clocks

    @property
    def outcomes(self) -> pd.DataFrame:
        """The outcome of every check in force, one column each; see `rules.OUTCOMES`."""
        return self.questions.outcomes

    @property
    def money(self) -> pd.DataFrame:
        """One row per entry: duty, principal, interest and how sure they are. [cents]"""
        return self.questions.amounts

    @cached_property
    def decisions(self) -> pd.DataFrame:
        """One row per entry: disposition, reason, source, what blocks or is missing, next step, deadlines."""
        told = self.questions.decisions
        reasons = told["reason"] + self.questions.besides + self._disagreed(told["entry_number"])
        return disagreements.with_earlier_days(told, self.disagreements).assign(reason=reasons)

    def reasons(self, rows: np.ndarray) -> pd.Series:
        """Why some entries stand where they do, by their places; the sentences of the others are not written."""
        if "decisions" in vars(self):
            return self.decisions["reason"].iloc[rows].reset_index(drop=True)
        numbers = self.questions.days["entry_number"].iloc[rows].reset_index(drop=True)
        return self.questions.reasons(rows) + self._disagreed(numbers)

    def _disagreed(self, numbers: pd.Series) -> pd.Series:
        """What other files say that would decide an entry otherwise; empty for nothing."""
        more = self.disagreements.groupby("entry_number")["told"].agg("".join)
        return numbers.map(more.astype("str")).astype("str").fillna("")

    @cached_property
    def disagreements(self) -> pd.DataFrame:
        """Entries that another of the client's files would have decided otherwise, and how."""
        return disagreements.depending_on_file(self.facts, self.questions.days, self.portfolio.alternatives)

    @cached_property
    def caveats(self) -> pd.DataFrame:
        """What is not verified, with the entries and dollars that hang on it and what would settle it."""
        return caveats.collect(self.questions, self.doubted)

    @cached_property
    def doubted(self) -> Touched:
        """Every caveat that might be made, and which entries it touches."""
        return caveats.touched(self.questions, self.settled.account, self.disagreements)

    @cached_property
    def unproved_cents(self) -> int | None:
        """The duty of the entries that rest on a point nobody has proved, each once; None: not known. [cents]"""
        here = caveats.unproved(self.questions, self.doubted)
        return plain(known_sum(self.money.loc[here, "principal_cents"]))

    @property
    def asserted(self) -> pd.DataFrame:
        """What the client asserts for all entries, and what that settled."""
        return self.settled.account

    @property
    def client(self) -> Client:
        """The client the portfolio belongs to."""
        return self.portfolio.client

    @property
    def problems(self) -> pd.DataFrame:
        """Trouble in the client's files, as rows."""
        return self.portfolio.problems

    @property
    def conflicts(self) -> pd.DataFrame:
        """Where the files disagree, and which side was taken."""
        return self.portfolio.conflicts

    @cached_property
    def table(self) -> pd.DataFrame:
        """One row per entry with everything: facts, disposition, sentences, clocks, money."""
        return self._beside(self.decisions)

    @cached_property
    def figures(self) -> pd.DataFrame:
        """The same without sentences, which take longer to write than all the rest to reckon."""
        days = self.questions.days.assign(next_deadline_what=self.questions.ends)
        return self._beside(disagreements.with_earlier_days(days, self.disagreements))

    def _beside(self, decided: pd.DataFrame) -> pd.DataFrame:
        rest = [frame.drop(columns="entry_number") for frame in (decided, self.clocks, self.money)]
        rest.append(self.questions.filings)
        rest.append(self.questions.suits.assign(summons_last_day=self.questions.summons_last_day))
        return pd.concat([self.portfolio.entries, *rest], axis=1)

    @cached_property
    def interest_spans(self) -> pd.DataFrame:
        """The least and the most each entry's interest can be, by day count: see `money.spans`. [cents]"""
        return money.spans(
            self.money, self.portfolio.entries, self.law, self.filing_date, later=self.client.later_deposits
        )

    def interest_span(self, dispositions: tuple[str, ...] | None = None) -> Span:
        """Interest as reckoned, and its least and most under all readings nobody has settled. [cents]"""
        here = self.questions.disposition.isin(dispositions or tuple(DISPOSITIONS))
        return money.span(self.interest_spans, self.money, here.to_numpy())

    @cached_property
    def suits(self) -> pd.DataFrame:
        """What is still owed by the month in which the two years to sue end, by the earliest reading. [cents]

        See `suits.by_month`; from when the two years run is argued, and whether to sue is for counsel.
        """
        asked = self.questions
        owed = asked.counted | asked.unpaid_claim
        return suits.by_month(asked.suits, self.money["principal_cents"], owed)

    @cached_property
    def windows(self) -> pd.DataFrame:
        """One row per entry and clock: last day, days left, state, a working day to plan for."""
        return timeline.long(self.clocks, self.law, self.filing_date)

    @cached_property
    def forecasts(self) -> pd.DataFrame:
        """Entries not yet liquidated, with every day one might expect: cycle, own history, statute."""
        return timeline.forecasts(self.facts.entries, self.clocks, self.law, as_of=self.filing_date)

    @cached_property
    def history(self) -> timeline.History | None:
        """How long the client's own entries took to liquidate; None with too few of them. [days]"""
        return timeline.history(self.facts.entries, self.clocks, self.law, self.filing_date)

    @cached_property
    def findings(self) -> pd.DataFrame:
        """One row per entry and rule: outcome, official text, reason, source."""
        by_code = {rule.code: rule for rule in self.law.validations(self.filing_date)}
        count = len(self.outcomes)
        codes = list(self.outcomes.columns)
        numbers = self.questions.days["entry_number"].to_numpy()
        values = self.outcomes.to_numpy(dtype="int8").T.ravel()
        return pd.DataFrame(
            {
                "entry_number": np.tile(numbers, len(codes)),
                "rule": np.repeat(codes, count),
                "outcome": pd.Categorical.from_codes(values, dtype=pd.CategoricalDtype(list(rules.OUTCOMES))),
                "official_text": np.repeat([by_code[code].official_text for code in codes], count),
                "reason": np.repeat([by_code[code].meaning for code in codes], count),
                "source": np.repeat([self.law.cite(by_code[code].source) for code in codes], count),
            }
        )

    @cached_property
    def totals(self) -> pd.DataFrame:
        """Entries, principal and interest by disposition, all of them, in display order. [cents]

        The sums are of what is known, null where nothing is; `principal_unknown` and `interest_unknown` say of how
        many entries an amount is in no sum. On what is paid elsewhere no interest is reckoned: null, and not counted.
        """
        disposition = self.questions.days["disposition"]
        amounts = self.money[list(_AMOUNTS)].astype("Int64")
        # No duty bears no interest.
        amounts["interest_cents"] = amounts["interest_cents"].mask(
            amounts["principal_cents"].eq(0).fillna(False), 0
        )
        order = list(DISPOSITIONS)
        entries = disposition.value_counts().reindex(order, fill_value=0).astype("int64")
        sums = amounts.groupby(disposition).sum(min_count=1).reindex(order)
        unknown = amounts.isna()
        unknown["interest_cents"] &= ~disposition.isin(money.NONE)
        missing = unknown.groupby(disposition).sum().reindex(order, fill_value=0).astype("int64")
        told: dict[str, Any] = {"disposition": order, "label": list(DISPOSITIONS.values())}
        told["entries"] = entries.to_numpy()
        told |= {name: sums[name].mask(entries.eq(0), 0).array for name in _AMOUNTS}
        told |= {_AMOUNTS[name]: missing[name].to_numpy() for name in _AMOUNTS}
        return pd.DataFrame(told)


def assess(
    portfolio: Portfolio,
    law: Law,
    as_of: date,
    *,
    filing_date: date | None = None,
) -> Assessment:
    """Every entry of the portfolio decided and priced on a day.

    `as_of` is the day the facts are looked at; `filing_date` (default: the same day) the day the
    declaration would be filed, which is what the windows and phases are measured against.
    Raises NoLawInForce when the law book does not cover the day.
    """
    day = filing_date or as_of
    settled = asserted_and_seen.settle(portfolio.client, portfolio.entries, law)
    entries = settled.entries
    lines, refund_lines = _of_lines(replace(portfolio, entries=entries), law, day)
    facts = rules.Facts(
        entries=entries,
        clocks=timeline.build(entries, law, as_of=day),
        lines=lines,
        law=law,
        day=day,
        client=portfolio.client,
        seen=held_once(asserted_and_seen.seen(portfolio, law, as_of)),
    )
    facts = rules.with_phase(facts)
    return Assessment(
        portfolio=replace(portfolio, entries=entries),
        as_of=as_of,
        questions=decisions.decide(facts),
        refund_lines=refund_lines,
        settled=settled,
    )


def _of_lines(portfolio: Portfolio, law: Law, day: date) -> tuple[pd.DataFrame, pd.DataFrame]:
    """The lines reduced to a row per entry: amounts, and how their numbers stand to one another; a row per refund."""
    entries = portfolio.entries
    lines = refund.coded(portfolio.tariff_lines, entries, law)
    marks = line_order.per_entry(lines, entries, law, on=day).drop(columns="entry_number")
    reduced = refund.reduce_lines(lines, entries, law)
    amounts = refund.per_entry(reduced, entries, portfolio.unexplained, law)
    return held_once(pd.concat([amounts, marks], axis=1)), held_once(refund.refund_lines(reduced))
