"""Why an entry is protested, or its protest kept: what CAPE will not take, and what the law leaves."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pandas as pd

from cape_kit.assessment.wording import choose, day, reasons
from cape_kit.assessment.wording.telling import against, corrected, in_the_way, since, speaks_of

if TYPE_CHECKING:
    from cape_kit.assessment.decisions.view import View

    Texts = pd.Series[Any]

#: What the sentence about an entry that can only be protested speaks of, and its next step with it.
PROTESTED = (
    "liquidated_on", "status", "live_protest", "safe_protest", "protest_over", "protested_before",
    "protest_status",
)  # fmt: skip


@speaks_of("liquidated_on", "status", "safe_protest", "protest_over")
def keep(view: View) -> Texts:
    """Too late for CAPE, and a protest is pending."""
    return since(view) + ", outside the CAPE window, and a protest is open: keep it, do not withdraw it."


@speaks_of("liquidated_on", "status", "protested_before", "protest_status")
def too_late_for_cape(view: View) -> Texts:
    """Outside CAPE, inside the protest window."""
    closed = since(view) + ": the CAPE window closed on " + day(view.facts.clocks["cape_last_day"])
    return closed + choose(
        [view.protested_before], [". " + _decided(view)], "; " + _until(view), closed.index
    )


@speaks_of(*PROTESTED)
def class_protest(view: View) -> Texts:
    """Liquidated, of a class CAPE does not take."""
    return against(view) + " " + _only_protest(view)


@speaks_of(*PROTESTED, "recon_due_date")
def recon_first(view: View) -> Texts:
    """Liquidated, and its reconciliation goes before CAPE, which then refuses the entry."""
    return reasons.recon_first(view) + " " + _only_protest(view)


@speaks_of(*PROTESTED, "refused_open", "refused_error", "refused_claim")
def uncorrected_protest(view: View) -> Texts:
    """Liquidated with something on it that only a correction before liquidation would have mended."""
    told = corrected(view) + ", and after liquidation there is none. "
    return in_the_way(view) + told + _only_protest(view)


@speaks_of("safe_protest", "protest_over")
def other_protest(view: View) -> Texts:
    """The open protest has other grounds too."""
    return (
        against(view) + " The protest has other grounds than IEEPA duty: withdrawing it would give them up."
    )


@speaks_of("liquidated_on", "status", "protest_number")
def unclear(view: View) -> Texts:
    """Every window is closed, but a protest was filed, and nobody says what became of it."""
    number = view.facts.entries["protest_number"]
    told = since(view) + "; the protest window closed on " + day(view.facts.clocks["protest_last_day"])
    return told + ", but protest " + number + " stands in the files with no word of what became of it."


@speaks_of("liquidated_on", "status", "admitted")
def final(view: View) -> Texts:
    """Every ordinary way is closed."""
    against_it = choose(
        [view.admitted], [" A phase takes such entries. " + against(view)], "", view.outcomes.index
    )
    return (
        since(view)
        + "; the protest window closed on "
        + day(view.facts.clocks["protest_last_day"])
        + "."
        + against_it
        + " What is left is a later phase of CAPE, if it comes, or the court."
    )


def _only_protest(view: View) -> Texts:
    """Liquidated, and CAPE does not take it: a protest, unless there is or was one."""
    return choose(
        [view.live_protest, view.protested_before],
        [since(view) + ", and a protest is open: keep it.", since(view) + ". " + _decided(view)],
        since(view) + ": " + _until(view),
        view.outcomes.index,
    )


def _until(view: View) -> Texts:
    return "a protest is possible until " + day(view.facts.clocks["protest_last_day"]) + "."


def _decided(view: View) -> Texts:
    """There was a protest. Source: key ``usc-19-1514``."""
    said = ("There was a protest already (“" + view.facts.entries["protest_status"] + "”)").fillna(
        "A protest is in the files, with no word of what became of it"
    )
    told = ", and the law allows one for each entry and category of goods: whether another is possible until "
    return said + told + day(view.facts.clocks["protest_last_day"]) + ", or a suit, is for counsel."
