"""The questions asked of the facts of a day, each in one place: what fails, what follows, what it is worth.

Every answer is one flag, day or amount per entry, made when it is first asked for.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import pandas as pd

from cape_kit import few_values
from cape_kit.assessment import money, wording
from cape_kit.assessment.decisions import deadlines, policy, sentences
from cape_kit.assessment.decisions.remedies import Remedies
from cape_kit.assessment.rules import FAIL
from cape_kit.few_values import small
from cape_kit.law.book import Check

#: Dispositions that send an entry to CBP: only there does an unverified check matter now.
ACTIONABLE = ("file", "file_deferred", "cure")
#: Entries whose decision a scenario replaces, and what then stands in which column for them.
Places = tuple[tuple[np.ndarray, dict[str, Any]], ...]


@dataclass(frozen=True)
class Questions(Remedies):
    """The facts of a day with the outcome of every check, and everything that follows from both.

    `assumed` is what a scenario takes for granted about CBP's answer: it replaces decisions, and says so.
    """

    assumed: Callable[[Questions], Places] | None = None

    # ---- the decision ------------------------------------------------------------------------------------------

    @cached_property
    def line(self) -> np.ndarray:
        """The line of the policy that decides each entry, by its place."""
        lines = policy.PRECEDENCE
        return small(np.select([line.when(self) for line in lines], range(len(lines))), len(lines))

    @cached_property
    def by_policy(self) -> pd.Series:
        """What becomes of each entry, whatever a scenario assumes."""
        names = [line.disposition for line in policy.PRECEDENCE]
        return few_values.spelt(self.line, names, self.outcomes.index)

    @cached_property
    def replaced(self) -> Places:
        """Decisions replaced by what a scenario assumes."""
        return self.assumed(self) if self.assumed else ()

    @cached_property
    def disposition(self) -> pd.Series:
        """What becomes of each entry."""
        return self._put(pd.DataFrame({"disposition": self.by_policy}))["disposition"]

    @cached_property
    def last(self) -> deadlines.Deadline:
        """The last day the law leaves, by the policy."""
        return deadlines.last(self, self.by_policy)

    @cached_property
    def sensible(self) -> deadlines.Deadline:
        """The day a careful person plans for, by the policy."""
        return deadlines.sensible(self, self.by_policy)

    @cached_property
    def days(self) -> pd.DataFrame:
        """One row per entry: entry_number, disposition, next_deadline (the last day), act_by (to plan for)."""
        columns = {
            "entry_number": self.facts.entries["entry_number"],
            "disposition": self.by_policy,
            "next_deadline": self.last.day,
            "act_by": self.sensible.day,
        }
        return self._put(pd.DataFrame(columns))

    @cached_property
    def ends(self) -> pd.Series:
        """What ends on the last day of each entry."""
        return self._put(pd.DataFrame({"next_deadline_what": self.last.what}))["next_deadline_what"]

    @cached_property
    def alike(self) -> sentences.Alike:
        """Which entries are alike in all that is said of them."""
        return sentences.grouped(self, [line.reads for line in policy.PRECEDENCE])

    @cached_property
    def sentences(self) -> pd.DataFrame:
        """One row per group of entries alike: reason, source, blocking_rules, facts_missing, what_to_do."""
        return sentences.written(self, self.alike.example)

    @cached_property
    def decisions(self) -> pd.DataFrame:
        """One row per entry: disposition, reason, source, what blocks or is missing, next step, deadlines."""
        said = {name: pd.Series(self.sentences[name].array.take(self.alike.group)) for name in self.sentences}
        columns = {"entry_number": self.facts.entries["entry_number"], "disposition": self.by_policy} | said
        columns |= {"next_deadline": self.last.day, "next_deadline_what": self.last.what}
        columns |= {"act_by": self.sensible.day, "act_by_what": self.sensible.what}
        return self._put(pd.DataFrame(columns, index=self.outcomes.index))

    def reasons(self, rows: np.ndarray) -> pd.Series:
        """Why some entries stand where they do, by their places, with what stands beside; others are not written."""
        said = self._put(sentences.written(self, rows)[["reason"]], rows)["reason"]
        return said + self._besides(rows)

    @cached_property
    def besides(self) -> pd.Series:
        """What stands on each entry beside the duty that is counted, in a sentence; empty for nothing."""
        return self._besides(np.arange(len(self.outcomes))).set_axis(self.outcomes.index)

    def _besides(self, rows: np.ndarray) -> pd.Series:
        beside = self.facts.lines[["exceptions_paid", "stated_cents"]].iloc[rows].notna().any(axis=1)
        places = np.flatnonzero(beside)
        said = wording.all_of("", pd.RangeIndex(len(rows)))
        said.iloc[places] = sentences.beside(self, rows[places]).array
        return said

    def _put(self, frame: pd.DataFrame, rows: np.ndarray | None = None) -> pd.DataFrame:
        """The frame with the replaced decisions in the columns it has; `rows`: where its entries are, if not all."""
        for everywhere, columns in self.replaced:
            where = everywhere if rows is None else everywhere[rows]
            now = {name: frame[name].mask(where, value) for name, value in columns.items() if name in frame}
            frame = frame.assign(**now)
        return frame

    @cached_property
    def amounts(self) -> pd.DataFrame:
        """One row per entry: duty, principal, interest and how sure they are; see `money.price`. [cents]"""
        return money.price(self.facts, self.disposition, self.filed_deferred)

    @cached_property
    def filings(self) -> pd.DataFrame:
        """One row per entry: since when an upload of it waits for CBP, its claim, and when to look it up."""
        columns = {
            name: getattr(self, name) for name in ("filed_on", "filed_claim", "filed_days", "answer_by")
        }
        return pd.DataFrame(columns | {"filed_deferred": self.filed_deferred}, index=self.outcomes.index)

    def column(self, name: str) -> pd.Series | np.ndarray:
        """A question, or a column of the facts, by its name. Raises LookupError for one that is neither."""
        if isinstance(getattr(type(self), name, None), cached_property):
            answer: pd.Series | np.ndarray = getattr(self, name)
            return answer
        for frame in (self.facts.clocks, self.facts.entries, self.facts.lines):
            if name in frame:
                return frame[name]
        raise LookupError(f"No column of the facts and no question about them is called '{name}'.")

    def take(self, rows: np.ndarray) -> Questions:
        """The same questions of some entries only, numbered anew, as they are decided by themselves."""
        outcomes = self.outcomes.iloc[rows].reset_index(drop=True)
        return Questions(self.facts.take(rows), outcomes, self.assumed)

    # ---- entries by what becomes of them -----------------------------------------------------------------------

    def decided_as(self, *dispositions: str) -> np.ndarray:
        """Entries of some dispositions."""
        return self.disposition.isin(dispositions).to_numpy(dtype=bool)

    @cached_property
    def acting(self) -> np.ndarray:
        """Entries that go to CBP now."""
        return self.decided_as(*ACTIONABLE)

    @cached_property
    def counted(self) -> np.ndarray:
        """Entries whose amount counts."""
        return ~self.decided_as("claimed", "not_refundable")

    @cached_property
    def waiting(self) -> np.ndarray:
        """Not liquidated, for certain as far as the files go."""
        return (~self.facts.clocks["liquidated"].fillna(True)).to_numpy(dtype=bool)

    def past(self, clock_column: str) -> np.ndarray:
        """Entries for which a day of the clocks lies before the day of the assessment."""
        return (self.facts.clocks[clock_column] < pd.Timestamp(self.facts.day)).to_numpy(dtype=bool)

    def sure(self, level: str) -> np.ndarray:
        """Entries whose amount has that confidence."""
        return (self.amounts["confidence"].fillna("") == level).to_numpy()

    def marked(self, column: str) -> np.ndarray:
        """Entries with a mark from their lines."""
        return self.facts.line(column).fillna(False).to_numpy(dtype=bool)

    # ---- what sentences are made of ----------------------------------------------------------------------------

    @cached_property
    def fails(self) -> pd.DataFrame:
        """Which checks in force fail, one column each."""
        return self.outcomes == FAIL

    @cached_property
    def missing(self) -> pd.DataFrame:
        """What is named as a missing fact: the checks that are open for want of one, and the suit of a phase."""
        deciding = [c for c in map(str, self.outcomes) if self.rules[c].missing == "undetermined"]
        marks = {code: self.unknown(code) for code in deciding}
        marks |= {str(code): self.unread_by_check[code].to_numpy() for code in self.unread_by_check}
        if self.called_final.any() and Check.FINAL_LIQUIDATION.value in marks:
            marks[Check.FINAL_LIQUIDATION.value] = marks[Check.FINAL_LIQUIDATION.value] | self.called_final
        for code in (Check.CLAIMED.value, *self.settled_unasked):
            if self.unknown(code).any():
                marks[code] = self.unknown(code)
        if self.admission_open.any():
            if Check.FINAL_LIQUIDATION.value in marks:
                marks[Check.FINAL_LIQUIDATION.value] = (
                    marks[Check.FINAL_LIQUIDATION.value] & ~self.admission_open
                )
            marks[policy.SUIT] = self.admission_open
        if self.grant_open.any():
            marks[policy.GRANT] = self.grant_open
        if self.done_unread.any():
            marks[policy.DONE] = self.done_unread
        if self.protest_number_alone.any():
            before = marks.get(Check.PROTEST.value, ~self.everything)
            marks[Check.PROTEST.value] = before | self.protest_number_alone
        return pd.DataFrame(marks, index=self.outcomes.index)
