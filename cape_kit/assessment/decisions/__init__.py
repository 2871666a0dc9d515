"""Rules and clocks -> exactly one disposition per entry, with its reason, authority and next deadline.

The first line of PRECEDENCE that fits an entry decides it. Read the table top to bottom: it is the policy.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum
from functools import cached_property

import numpy as np
import pandas as pd

from cape_kit.assessment import timeline, wording
from cape_kit.assessment.decisions import deadlines, kinds
from cape_kit.assessment.decisions.deadlines import Deadline
from cape_kit.assessment.decisions.view import View
from cape_kit.assessment.rules import FAIL, UNKNOWN, Facts
from cape_kit.assessment.wording import protesting, reasons, steps
from cape_kit.assessment.wording.telling import Reason
from cape_kit.law import official
from cape_kit.law.book import Check

__all__ = [
    "DISPOSITIONS", "PRECEDENCE", "SUIT", "TO_FILE", "Decided", "Key", "Step", "View", "Which", "decide",
    "kept_by_refusal",
]  # fmt: skip

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

#: The fact a phase for importers that sued hangs on, as it is asked for.
SUIT = "client.toml: whether the importer sued (plaintiff)"
#: Dispositions that may go on a declaration.
TO_FILE = ("file", "file_deferred")
#: Dispositions that nothing stands in the way of, whatever rules fail.
UNBLOCKED = (*TO_FILE, "not_refundable")


@dataclass(frozen=True)
class Key:
    """A number of the law book decides a line of the policy."""

    key: str


class Which(Enum):
    """What decides a line of the policy is another check from entry to entry: the first of these."""

    FAILURE = "the first check that fails"
    REFUSAL = "the first check CBP refused the entry by"
    UNREAD = "the first check a word nobody knows leaves open"


@dataclass(frozen=True)
class Step:
    """One line of the policy: which entries it takes, what becomes of them, why, on whose word, what next."""

    disposition: str
    when: Callable[[View], np.ndarray]
    reason: Reason
    because: Check | Key | Which
    next: Callable[[View], pd.Series]


def _everything(view: View) -> np.ndarray:
    return np.ones(len(view.outcomes), dtype=bool)


ADMITS = Key("phase.admits_final")

PRECEDENCE = (
    Step("claimed", lambda v: v.failed(Check.CLAIMED), reasons.claimed, Check.CLAIMED, steps.FOLLOW),
    Step(
        "undetermined",
        lambda v: v.bearing_open,
        reasons.bearing_open,
        Check.NO_IEEPA_HEADING,
        steps.get_lines,
    ),
    Step(
        "not_refundable",
        lambda v: v.nothing_paid,
        reasons.nothing_paid,
        Check.NO_IEEPA_HEADING,
        steps.nothing_due,
    ),
    Step("undetermined", lambda v: v.rows_gone, reasons.rows_gone, Check.CLAIMED, steps.GET_ANSWER),
    Step("undetermined", lambda v: v.claim_open, reasons.claim_open, Check.CLAIMED, steps.GET_ANSWER),
    Step("undetermined", lambda v: v.admission_open, reasons.admission_open, ADMITS, steps.say_of_suit),
    Step(
        "undetermined",
        lambda v: v.unknown(Check.FINAL_LIQUIDATION, Check.OUTSIDE_COLLECTION),
        reasons.liquidation_unknown,
        Check.FINAL_LIQUIDATION,
        steps.GET_LIQUIDATION,
    ),
    Step(
        "protest",
        lambda v: v.failed(Check.FINAL_LIQUIDATION) & v.live_protest,
        protesting.keep,
        Check.PROTEST,
        steps.keep,
    ),
    Step(
        "undetermined",
        lambda v: v.protest_over & v.protest_unclear,
        protesting.unclear,
        Check.PROTEST,
        steps.GET_PROTEST,
    ),
    Step("held", lambda v: v.admitted_soon, reasons.admitted_soon, ADMITS, steps.WAIT_FOR_FINAL_PHASE),
    Step("final", lambda v: v.finally_closed, protesting.final, Key("window.protest"), steps.WATCH),
    Step(
        "protest",
        lambda v: v.failed(Check.FINAL_LIQUIDATION),
        protesting.too_late_for_cape,
        Check.FINAL_LIQUIDATION,
        steps.protest,
    ),
    Step(
        "undetermined",
        lambda v: v.unknown(Check.ENTRY_TYPE),
        reasons.type_unknown,
        Check.ENTRY_TYPE,
        steps.GET_TYPE,
    ),
    Step(
        "held",
        lambda v: v.opens_in_time,
        reasons.phase_opens,
        Check.FLAGGED_FOR_RECONCILIATION,
        steps.wait_for_phase,
    ),
    Step(
        "protest",
        lambda v: v.class_failed & v.liquidated,
        protesting.class_protest,
        Which.FAILURE,
        steps.protest,
    ),
    Step("held", lambda v: v.class_failed, reasons.class_held, Which.FAILURE, steps.wait),
    Step(
        "protest",
        lambda v: v.recon_first & v.liquidated,
        protesting.recon_first,
        Key("recon.file_first_days"),
        steps.protest,
    ),
    Step("held", lambda v: v.recon_first, reasons.recon_first, Key("recon.file_first_days"), steps.RECONCILE),
    Step(
        "protest",
        lambda v: v.beyond_correction & v.liquidated,
        protesting.uncorrected_protest,
        Key("psc.days_after_entry"),
        steps.protest,
    ),
    Step(
        "held",
        lambda v: v.beyond_correction,
        reasons.uncorrected_held,
        Key("psc.days_after_entry"),
        steps.wait_to_protest,
    ),
    Step(
        "protest",
        lambda v: v.other_protest & v.liquidated,
        protesting.other_protest,
        Check.PROTEST,
        steps.keep,
    ),
    Step("undetermined", lambda v: v.unread_word, reasons.unread_word, Which.UNREAD, steps.ASK_WORD),
    Step("cure", lambda v: v.failed(*v.mendable_rules), reasons.cure, Which.FAILURE, steps.mend),
    Step("cure", lambda v: v.refused_unmended, reasons.refused, Which.REFUSAL, steps.mend_refusal),
    Step("file", lambda v: v.admitted, reasons.admitted, ADMITS, steps.admitted),
    Step(
        "file_deferred",
        lambda v: v.deferred,
        reasons.file_deferred,
        Key("window.cape"),
        steps.file_paid_later,
    ),
    Step("file", _everything, reasons.file, Key("window.cape"), steps.file),
)


@dataclass(frozen=True)
class Decided:
    """Every entry decided and its days reckoned; its sentences are written when somebody asks for them.

    `days` has a row per entry: entry_number, disposition, next_deadline (the last day the law leaves) and
    act_by (the day a careful person plans for). `step` is the line of PRECEDENCE that decides it.
    """

    days: pd.DataFrame
    view: View
    step: np.ndarray
    last: Deadline
    sensible: Deadline

    @cached_property
    def kinds(self) -> kinds.Kinds:
        """Which entries are alike in all that is said of them."""
        return kinds.of(self.view, self.step, [line.reason.columns for line in PRECEDENCE])

    @cached_property
    def sentences(self) -> pd.DataFrame:
        """One row per kind of entry: reason, source, blocking_rules, facts_missing, what_to_do."""
        example = self.kinds.example
        return _sentences(self.view.take(example), self.step[example])

    @cached_property
    def frame(self) -> pd.DataFrame:
        """One row per entry: disposition, reason, source, what blocks or is missing, next step, deadlines."""
        said = {name: pd.Series(self.sentences[name].array.take(self.kinds.kind)) for name in self.sentences}
        columns = {name: self.days[name] for name in ("entry_number", "disposition")} | said
        columns |= {"next_deadline": self.last.day, "next_deadline_what": self.last.what}
        columns |= {"act_by": self.sensible.day, "act_by_what": self.sensible.what}
        return pd.DataFrame(columns, index=self.days.index)


def decide(facts: Facts, outcomes: pd.DataFrame) -> Decided:
    """Exactly one disposition per entry and its days; why, on whose authority and what next, when asked."""
    view = View(facts, outcomes)
    step = _steps(view)
    disposition = timeline.spelt(step, [line.disposition for line in PRECEDENCE], outcomes.index)
    last, sensible = deadlines.last(view, disposition), deadlines.sensible(view, disposition)
    days = {
        "entry_number": facts.entries["entry_number"],
        "disposition": disposition,
        "next_deadline": last.day,
        "act_by": sensible.day,
    }
    return Decided(pd.DataFrame(days), view, step, last, sensible)


def kept_by_refusal(view: View) -> np.ndarray:
    """Entries that would be filed, were it not for what CBP refused them for and the client must mend."""
    found = view.refused_unmended.copy()
    rows = np.flatnonzero(found)
    part = view.take(rows)
    otherwise = _steps(View(part.facts.unrefused(part.refused_unmended), part.outcomes))
    found[rows] = np.isin([PRECEDENCE[number].disposition for number in otherwise], TO_FILE)
    return found


def _steps(view: View) -> np.ndarray:
    """The line of the policy that decides each entry, by its place."""
    return np.select([line.when(view) for line in PRECEDENCE], range(len(PRECEDENCE)))


def _sentences(view: View, step: np.ndarray) -> pd.DataFrame:
    """Everything that is said in words, of one entry of each kind."""
    index = view.outcomes.index
    codes = wording.join_codes(view.outcomes == FAIL)
    refused = view.refused_open
    said = {name: wording.all_of("", index) for name in ("reason", "source", "what_to_do")}
    for number in np.unique(step):
        line, here = PRECEDENCE[number], np.flatnonzero(step == number)
        part = view.take(here)
        said["reason"].iloc[here] = line.reason(part).array
        said["source"].iloc[here] = _source(line, part, codes.iloc[here].reset_index(drop=True)).array
        said["what_to_do"].iloc[here] = line.next(part).array
    disposition = np.array([line.disposition for line in PRECEDENCE])[step]
    blocking = codes.where(~np.isin(disposition, UNBLOCKED), "")
    told = np.array(["refused_open" in line.reason.columns for line in PRECEDENCE])[step]
    named = told & (refused != "").to_numpy()
    blocking = blocking.mask(named, (blocking + ", " + refused).str.removeprefix(", "))
    missing = _missing(view).where(disposition == "undetermined", "")
    return pd.DataFrame(
        {
            "reason": said["reason"],
            "source": said["source"],
            "blocking_rules": blocking,
            "facts_missing": missing,
            "what_to_do": said["what_to_do"],
        }
    )


def _source(line: Step, view: View, codes: pd.Series) -> pd.Series:
    law = view.facts.law
    if isinstance(line.because, Check):
        return wording.all_of(view.cite(line.because), codes.index)
    if isinstance(line.because, Key):
        value = law.value(line.because.key, view.facts.day)
        if line.reason is reasons.admitted_soon and view.announced_admission:
            value = view.announced_admission
        return wording.all_of(law.cite(value.source), codes.index)
    asked = {Which.FAILURE: codes, Which.REFUSAL: view.refused_open, Which.UNREAD: view.unread_checks}
    first = asked[line.because].str.split(", ").str[0]
    return first.map({code: law.cite(rule.source) for code, rule in official.by_code(law).items()})


def _missing(view: View) -> pd.Series:
    """The columns whose absence leaves a deciding rule open, with where to get them."""
    settles = {code: rule.settles for code, rule in view.rules.items() if rule.missing == "undetermined"}
    deciding = view.outcomes[[code for code in view.outcomes if code in settles]] == UNKNOWN
    deciding = deciding.assign(**view.unread)
    for code in (Check.CLAIMED.value, *view.settled_unasked):
        if view.unknown(code).any():
            deciding = deciding.assign(**{code: view.unknown(code)})
    if view.admission_open.any():
        hangs = ~view.admission_open
        deciding = deciding.assign(
            **{code: deciding[code] & hangs for code in deciding if code == Check.FINAL_LIQUIDATION}
        )
        deciding = deciding.assign(**{SUIT: view.admission_open})
    checks = official.by_code(view.facts.law)
    settles |= {code: checks[code].settles for code in map(str, deciding) if code in checks}
    return wording.join_codes(deciding, settles, between="; ")
