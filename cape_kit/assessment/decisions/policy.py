"""The policy: which entries go where, why, on whose word, and what to do next.

The first line of PRECEDENCE that fits an entry decides it. Read the table top to bottom.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING

import numpy as np

from cape_kit.assessment.wording import reasons, remedies, steps
from cape_kit.assessment.wording.templates import Sentence
from cape_kit.law.book import Check

if TYPE_CHECKING:
    from cape_kit.assessment.decisions.questions import Questions

#: Disposition -> how it is shown, in display order.
DISPOSITIONS = {
    "file": "File on CAPE",
    "file_deferred": "File now, paid later",
    "cure": "Cure, then file",
    "protest": "Protest",
    "held": "Held: not in CAPE today",
    "undetermined": "Data needed",
    "final": "Final: later phase or court",
    "filed": "Filed, awaiting CBP",
    "claimed": "Already claimed",
    "not_refundable": "No IEEPA duty",
}

#: The fact a phase for importers that sued hangs on, as it is asked for.
SUIT = "client.toml: whether the importer sued (plaintiff)"
#: The fact an approved protest hangs on.
GRANT = "the decision on the approved protest (facts.csv: protest_ieepa_only)"
#: What an entry hangs on of which a column that was not read says that something was done.
DONE = "what the column that was not read says of it (facts.csv)"
#: Dispositions that may go on a declaration.
TO_FILE = ("file", "file_deferred")
#: Dispositions that nothing stands in the way of, whatever rules fail.
UNBLOCKED = (*TO_FILE, "filed", "not_refundable")


@dataclass(frozen=True)
class Key:
    """A number of the law book decides a line of the policy."""

    key: str
    announced: bool = False  # its next value, where that was public by the day


class Which(Enum):
    """What decides a line of the policy is another check from entry to entry: the first in one of these columns."""

    FAILURE = "fails"
    REFUSAL = "refused_open"
    UNREAD = "unread_checks"


@dataclass(frozen=True)
class Step:
    """One line of the policy: which entries it takes, what becomes of them, why, on whose word, what next."""

    disposition: str
    when: Callable[[Questions], np.ndarray]
    reason: Sentence
    because: Check | Key | Which
    next: Sentence

    @property
    def tells_refusal(self) -> bool:
        """Whether it says what CBP refused the entry for, which then counts among what blocks it."""
        return "refused_error" in self.reason.reads

    @property
    def reads(self) -> frozenset[str]:
        """Every column that is read for what it says: entries alike in all of them are told alike."""
        more = {self.because.value} if isinstance(self.because, Which) else set()
        more |= {Which.REFUSAL.value} if self.tells_refusal else set()
        return (self.reason.reads | self.next.reads | more) - {Which.FAILURE.value}


ADMITS = Key("phase.admits_final")
ANNOUNCED = Key("phase.admits_final", announced=True)

PRECEDENCE = (
    Step("claimed", lambda v: v.failed(Check.CLAIMED), reasons.claimed, Check.CLAIMED, steps.follow),
    Step("filed", lambda v: v.uploaded, reasons.uploaded, Check.CLAIMED, steps.await_answer),
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
    Step("claimed", lambda v: v.grant_covers, reasons.granted, Key("window.protest"), steps.follow_grant),
    Step("undetermined", lambda v: v.rows_gone, reasons.rows_gone, Check.CLAIMED, steps.get_answer),
    Step("undetermined", lambda v: v.claim_open, reasons.claim_open, Check.CLAIMED, steps.get_answer),
    Step("undetermined", lambda v: v.done_unread, remedies.done_unread, Check.CLAIMED, steps.ask_column),
    Step("undetermined", lambda v: v.admission_open, reasons.admission_open, ADMITS, steps.say_of_suit),
    Step(
        "undetermined",
        lambda v: v.called_final,
        reasons.called_final,
        Check.FINAL_LIQUIDATION,
        steps.get_final_day,
    ),
    Step(
        "undetermined",
        lambda v: v.unknown(Check.FINAL_LIQUIDATION, Check.OUTSIDE_COLLECTION),
        reasons.liquidation_unknown,
        Check.FINAL_LIQUIDATION,
        steps.get_liquidation,
    ),
    Step(
        "protest",
        lambda v: v.failed(Check.FINAL_LIQUIDATION) & v.live_protest,
        reasons.keep_protest,
        Check.PROTEST,
        steps.keep,
    ),
    Step(
        "undetermined",
        lambda v: v.protest_over & v.protest_unclear,
        remedies.unclear_protest,
        Check.PROTEST,
        steps.get_protest,
    ),
    Step(
        "undetermined", lambda v: v.grant_open, remedies.grant_open, Key("window.protest"), steps.get_decision
    ),
    Step("held", lambda v: v.admitted_soon, reasons.admitted_soon, ANNOUNCED, steps.wait_for_final_phase),
    Step("final", lambda v: v.finally_closed, reasons.final, Key("window.protest"), steps.watch),
    Step(
        "protest",
        lambda v: v.failed(Check.FINAL_LIQUIDATION),
        reasons.too_late_for_cape,
        Check.FINAL_LIQUIDATION,
        steps.protest,
    ),
    Step(
        "undetermined",
        lambda v: v.unknown(Check.ENTRY_TYPE),
        reasons.type_unknown,
        Check.ENTRY_TYPE,
        steps.get_type,
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
        reasons.class_protest,
        Which.FAILURE,
        steps.protest,
    ),
    Step("held", lambda v: v.class_failed, reasons.class_held, Which.FAILURE, steps.wait),
    Step(
        "protest",
        lambda v: v.recon_first & v.liquidated,
        reasons.recon_first_protest,
        Key("recon.file_first_days"),
        steps.protest,
    ),
    Step("held", lambda v: v.recon_first, reasons.recon_first, Key("recon.file_first_days"), steps.reconcile),
    Step(
        "protest",
        lambda v: v.beyond_correction & v.liquidated,
        reasons.uncorrected_protest,
        Key("psc.days_after_entry"),
        steps.protest,
    ),
    Step(
        "held",
        lambda v: v.type_uncorrectable,
        reasons.type_uncorrectable,
        Key("psc.refused_types"),
        steps.ask_in_writing,
    ),
    Step(
        "held",
        lambda v: v.heading_uncorrectable,
        reasons.heading_uncorrectable,
        Key("psc.ieepa_locked_types"),
        steps.ask_in_writing,
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
        reasons.other_protest,
        Check.PROTEST,
        steps.keep,
    ),
    Step(
        "undetermined",
        lambda v: v.protest_number_alone,
        remedies.protest_number_alone,
        Check.PROTEST,
        steps.get_protest_status,
    ),
    Step("undetermined", lambda v: v.unread_word, reasons.unread_word, Which.UNREAD, steps.ask_word),
    Step("cure", lambda v: v.failed(*v.curable_rules), reasons.cure, Which.FAILURE, steps.cure),
    Step("cure", lambda v: v.refused_uncured, reasons.refused, Which.REFUSAL, steps.cure_refusal),
    Step("file", lambda v: v.admitted, reasons.admitted, ADMITS, steps.admitted),
    Step(
        "file_deferred",
        lambda v: v.deferred,
        reasons.file_deferred,
        Key("window.cape"),
        steps.file_paid_later,
    ),
    Step("file", lambda v: v.everything, reasons.file, Key("window.cape"), steps.file),
)
