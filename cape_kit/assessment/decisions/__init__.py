"""Rules and clocks -> exactly one disposition per entry, with its reason, authority and next deadline.

The first line of PRECEDENCE that fits an entry decides it. Read the table top to bottom: it is the policy.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import pandas as pd

from cape_kit.assessment import timeline, wording
from cape_kit.assessment.rules import FAIL, UNKNOWN, Facts
from cape_kit.law.book import Value

#: Disposition -> how it is shown, in display order.
DISPOSITIONS = {
    "file": "File on CAPE",
    "file_deferred": "File now, paid later",
    "cure": "Cure, then file",
    "protest": "Protest",
    "held": "Held: not in CAPE today",
    "undetermined": "Data needed",
    "final": "Final: later phase or court",
    "claimed": "Already claimed",
    "not_refundable": "No IEEPA duty",
}

#: Rules the first lines of the precedence table settle by themselves: claimed, too late, nothing to refund.
SETTLED_FIRST = ("E04", "E12", "E21")


@dataclass(frozen=True)
class View:
    """The facts with the outcome matrix, and the questions the precedence table asks of them."""

    facts: Facts
    outcomes: pd.DataFrame

    def failed(self, *codes: str) -> np.ndarray:
        """Entries that fail at least one of the rules."""
        return self._any(codes, FAIL)

    def unknown(self, *codes: str) -> np.ndarray:
        """Entries for which at least one of the rules can't be answered."""
        return self._any(codes, UNKNOWN)

    def _any(self, codes: tuple[str, ...], outcome: int) -> np.ndarray:
        present = [code for code in codes if code in self.outcomes]
        if not present:
            return np.zeros(len(self.outcomes), dtype=bool)
        return np.asarray((self.outcomes[present] == outcome).any(axis=1))

    @property
    def mendable_rules(self) -> tuple[str, ...]:
        """Rules whose failure the client can mend, and then file. Source: `client_can` in the law book."""
        rules = self.facts.law.validations(self.facts.day)
        return tuple(rule.code for rule in rules if rule.client_can and rule.code not in SETTLED_FIRST)

    @property
    def class_rules(self) -> tuple[str, ...]:
        """Rules whose failure puts the entry out while the day stands: the class itself is not taken."""
        rules = self.facts.law.validations(self.facts.day)
        return tuple(rule.code for rule in rules if not rule.client_can and rule.code not in SETTLED_FIRST)

    @property
    def liquidated(self) -> np.ndarray:
        """Liquidated on the day, for certain."""
        return self.facts.clocks["liquidated"].fillna(False).to_numpy(dtype=bool)

    @property
    def protest_over(self) -> np.ndarray:
        """Liquidated, and the protest window closed."""
        return (self.facts.clocks["protest_state"] == "closed").fillna(False).to_numpy(
            dtype=bool
        ) & self.liquidated

    @property
    def nothing_paid(self) -> np.ndarray:
        """No duty stands on a dutiable IEEPA heading; an unreadable amount does not count as none."""
        lines = self.facts.lines
        paid = (lines["ieepa_paid_cents"] != 0).fillna(False) | (lines["unread_duty"] > 0).fillna(False)
        return (lines["line_rows"].notna() & ~paid).to_numpy(dtype=bool)

    @property
    def announced_phase(self) -> Value | None:
        """The next opening for flagged types, if CBP had announced it by the day asked about."""
        law, day = self.facts.law, self.facts.day
        opening = law.next_first_day("types.recon_allowed", day)
        upcoming = law.value("types.recon_allowed", opening) if opening else None
        return upcoming if upcoming and upcoming.known_from <= day else None

    @property
    def opens_in_time(self) -> np.ndarray:
        """Flagged for reconciliation, and a phase already announced takes it before its window closes."""
        upcoming = self.announced_phase
        if upcoming is None:
            return np.zeros(len(self.outcomes), dtype=bool)
        in_time = (self.facts.clocks["cape_last_day"] >= pd.Timestamp(upcoming.first_day)).fillna(False)
        taken = self.facts.entries["entry_type"].isin([str(code) for code in upcoming.value])
        others = [code for code in self.class_rules if code != "E20"]
        return in_time.to_numpy(dtype=bool) & taken.to_numpy() & self.failed("E20") & ~self.failed(*others)

    @property
    def other_protest(self) -> np.ndarray:
        """A live protest stated to concern more than IEEPA duty."""
        only = self.facts.entries["protest_ieepa_only"]
        return self.failed("E13") & (only == False).fillna(False).to_numpy(dtype=bool)  # noqa: E712

    @property
    def deferred(self) -> np.ndarray:
        """Accepted by CAPE, but refunded only when the entry liquidates in its own time."""
        types = self.facts.entries["entry_type"]
        later = types.isin(
            self.facts.types("types.warehouse") + self.facts.types("types.warehouse_withdrawal")
        )
        waiting = self.facts.clocks["status"].isin(timeline.OFF_CYCLE)
        return (later | waiting).to_numpy(dtype=bool) & ~self.liquidated


@dataclass(frozen=True)
class Step:
    """One line of the policy: which entries it takes, what becomes of them, and who says why."""

    disposition: str
    when: Callable[[View], np.ndarray]
    reason: Callable[[View], pd.Series]
    because: str  # a rule code, or the lawbook key of the window that decides


PRECEDENCE = (
    Step("claimed", lambda v: v.failed("E21"), wording.claimed, "E21"),
    Step("undetermined", lambda v: v.unknown("E12"), wording.no_lines, "E12"),
    Step("not_refundable", lambda v: v.nothing_paid, wording.nothing_paid, "E12"),
    Step("undetermined", lambda v: v.unknown("E04", "E24"), wording.liquidation_unknown, "E04"),
    Step("protest", lambda v: v.failed("E04") & v.failed("E13"), wording.keep_protest, "E13"),
    Step("final", lambda v: v.protest_over, wording.final, "window.protest"),
    Step("protest", lambda v: v.failed("E04"), wording.too_late_for_cape, "E04"),
    Step("undetermined", lambda v: v.unknown("E10"), wording.type_unknown, "E10"),
    Step("held", lambda v: v.opens_in_time, wording.phase_opens, "E20"),
    Step("protest", lambda v: v.failed(*v.class_rules) & v.liquidated, wording.class_protest, "fails"),
    Step("held", lambda v: v.failed(*v.class_rules), wording.class_held, "fails"),
    Step("protest", lambda v: v.other_protest, wording.other_protest, "E13"),
    Step("cure", lambda v: v.failed(*v.mendable_rules), wording.cure, "fails"),
    Step("file_deferred", lambda v: v.deferred, wording.file_deferred, "window.cape"),
    Step("file", lambda v: np.ones(len(v.outcomes), dtype=bool), wording.file, "window.cape"),
)


def decide(facts: Facts, outcomes: pd.DataFrame) -> pd.DataFrame:
    """One row per entry: disposition, reason, source, what blocks or is missing, next step, deadline."""
    view = View(facts, outcomes)
    step = np.select(
        [line.when(view) for line in PRECEDENCE], range(len(PRECEDENCE)), default=len(PRECEDENCE) - 1
    )
    codes = wording.join_codes(outcomes == FAIL)
    reason = pd.Series("", index=outcomes.index, dtype="str")
    source = pd.Series("", index=outcomes.index, dtype="str")
    for number in np.unique(step):
        line, here = PRECEDENCE[number], step == number
        reason[here] = line.reason(view)[here]
        source[here] = _source(line, facts, codes[here])
    disposition = pd.Series(
        np.array([line.disposition for line in PRECEDENCE])[step], index=outcomes.index, dtype="str"
    )
    deadline, what = _next_deadline(view, disposition)
    return pd.DataFrame(
        {
            "entry_number": facts.entries["entry_number"],
            "disposition": disposition,
            "reason": reason,
            "source": source,
            "blocking_rules": codes.where(~disposition.isin(("file", "file_deferred", "not_refundable")), ""),
            "facts_missing": _missing(facts, outcomes, disposition),
            "what_to_do": wording.what_to_do(view, disposition),
            "next_deadline": deadline,
            "next_deadline_what": what,
        }
    )


def _source(line: Step, facts: Facts, codes: pd.Series) -> pd.Series | str:
    law, by_code = facts.law, {rule.code: rule for rule in facts.law.validations(facts.day)}
    if line.because in by_code:
        return law.cite(by_code[line.because].source)
    if line.because != "fails":
        return law.cite(law.value(line.because, facts.day).source)
    first = codes.str.split(", ").str[0]
    return first.map({code: law.cite(rule.source) for code, rule in by_code.items()})


def _missing(facts: Facts, outcomes: pd.DataFrame, disposition: pd.Series) -> pd.Series:
    """The columns whose absence leaves a deciding rule open, with where to get them."""
    settles = {
        rule.code: rule.settles for rule in facts.law.validations(facts.day) if rule.missing == "undetermined"
    }
    deciding = outcomes[[code for code in outcomes if code in settles]] == UNKNOWN
    return wording.join_codes(deciding, settles).where(disposition == "undetermined", "")


def _next_deadline(view: View, disposition: pd.Series) -> tuple[pd.Series, pd.Series]:
    """The next day that matters for the entry, and what ends on it."""
    clocks = view.facts.clocks
    to_cape = disposition.isin(("file", "file_deferred", "cure")).to_numpy()
    by_protest = (
        disposition.isin(("protest", "held", "undetermined")) & clocks["liquidated_on"].notna()
    ).to_numpy()
    open_protest = view.failed("E04") & view.failed("E13")
    by_protest = by_protest & ~open_protest & ~view.protest_over
    deadline = clocks["cape_last_day"].where(to_cape, clocks["protest_last_day"].where(by_protest, pd.NaT))
    recorded = view.liquidated
    what = np.select(
        [deadline.isna(), to_cape & recorded, to_cape, by_protest],
        ["", "last day for CAPE", "last day for CAPE if liquidated as expected", "last day to protest"],
        default="",
    )
    return deadline, pd.Series(what, index=disposition.index, dtype="str")
