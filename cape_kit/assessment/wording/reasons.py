"""Why an entry is where it is, in a sentence or two: the day, the window, and CBP's own words if any."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pandas as pd

from cape_kit.assessment.rules import FAIL
from cape_kit.assessment.wording import all_of, choose, day, join_codes, on

if TYPE_CHECKING:
    from cape_kit.assessment.decisions.view import View

    Texts = pd.Series[Any]

PASSES = " Passes every check the files can answer."


@dataclass(frozen=True)
class Reason:
    """A sentence about entries, and the columns it speaks of beside the rules that fail.

    Entries alike in these columns get the same sentence, so it is written once for all of them.
    """

    write: Callable[[View], Texts]
    columns: tuple[str, ...]

    def __call__(self, view: View) -> Texts:
        """The sentence for each entry of the view."""
        return self.write(view)


def speaks_of(*columns: str) -> Callable[[Callable[[View], Texts]], Reason]:
    """Name the columns a sentence speaks of."""

    def mark(write: Callable[[View], Texts]) -> Reason:
        return Reason(write, columns)

    return mark


@speaks_of("claim_number")
def claimed(view: View) -> Texts:
    """Already on a declaration CBP accepted."""
    number = view.facts.entries["claim_number"].fillna("its number is not in the files")
    return "On an accepted CAPE declaration (claim " + number + "); an entry can be claimed only once."


@speaks_of()
def no_lines(view: View) -> Texts:
    """No file holds the tariff lines."""
    return _all(
        view, "No file holds this entry's tariff lines, so which IEEPA headings it bears is not known."
    )


@speaks_of("has_ieepa_heading", "unpaid_headings")
def nothing_paid(view: View) -> Texts:
    """Nothing on the entry to be refunded."""
    lines = view.facts.lines
    has_heading = view.facts.line("has_ieepa_heading").fillna(False)
    unpaid = (
        lines["unpaid_headings"] if "unpaid_headings" in lines else pd.Series(None, lines.index, dtype="str")
    )
    return choose(
        [~has_heading, unpaid.notna()],
        [
            "No IEEPA heading on the entry.",
            "No duty was paid under its IEEPA headings (" + unpaid + " at $0.00).",
        ],
        "Only IEEPA exception headings, under which no duty was due.",
        lines.index,
    )


@speaks_of("rows_gone")
def rows_gone(view: View) -> Texts:
    """Its IEEPA rows went from ACE, and nobody knows why."""
    return _all(
        view,
        "Its IEEPA rows are gone from the later extract, and no claim in the files explains it: CBP deletes "
        "them when it accepts a declaration, so the entry may be claimed already. The duty shown is the "
        "earlier extract's.",
    )


@speaks_of("undated", "liquidation_status", "liquidation_date", "extracted_on", "maybe_on")
def liquidation_unknown(view: View) -> Texts:
    """Liquidation is not known, or may have happened since the export."""
    clocks, entries = view.facts.clocks, view.facts.entries
    exported, due = day(entries["extracted_on"]), day(clocks["maybe_on"])
    after = ": by now it may be outside the CAPE window."
    fresh = "Not liquidated when exported on " + exported + ", but due to liquidate on " + due + after
    undated = "Not liquidated in the files, but due to liquidate on " + due
    undated += ", and the day of the export is not known" + after
    stands = "Still not liquidated in the export of " + exported + ", though due on " + due + after
    no_status = (
        "A liquidation date, " + day(entries["liquidation_date"]) + ", stands there without a status: "
    )
    no_status += "whether the entry liquidated that day is not known."
    foreign = "The kit does not know the liquidation status “" + entries["liquidation_status"] + "”, "
    foreign += "so whether and when the entry was liquidated is open."
    may_be, unsaid = clocks["maybe_on"].notna(), clocks["status"].isna()
    return choose(
        [
            entries["entry_date"].isna(),
            unsaid & entries["liquidation_status"].notna(),
            unsaid & entries["liquidation_date"].notna(),
            may_be & entries["extracted_on"].isna(),
            may_be & (entries["extracted_on"] >= clocks["maybe_on"]),
            may_be,
            ~unsaid,
        ],
        [
            "The entry date is not in the files, so neither collection period nor clocks can be told.",
            foreign,
            no_status,
            undated,
            stands,
            fresh,
            "Shown as liquidated, but without the day, so which windows are open is not known.",
        ],
        "Neither the status nor the day of liquidation is in the files.",
        clocks.index,
    )


@speaks_of("liquidated_on", "status")
def keep_protest(view: View) -> Texts:
    """Too late for CAPE, and a protest is pending."""
    return _since(view) + ", outside the CAPE window, and a protest is open: keep it, do not withdraw."


@speaks_of("liquidated_on", "status")
def final(view: View) -> Texts:
    """Every ordinary way is closed."""
    return (
        _since(view)
        + "; the protest window closed on "
        + day(view.facts.clocks["protest_last_day"])
        + ". What is left is a later phase of CAPE, if it comes, or the court."
    )


@speaks_of("liquidated_on", "status")
def too_late_for_cape(view: View) -> Texts:
    """Outside CAPE, inside the protest window."""
    clocks = view.facts.clocks
    return (
        _since(view)
        + ": the CAPE window closed on "
        + day(clocks["cape_last_day"])
        + "; a protest is possible until "
        + day(clocks["protest_last_day"])
        + "."
    )


@speaks_of()
def type_unknown(view: View) -> Texts:
    """No entry type in the files."""
    return _all(view, "The entry type is not in the files, and CAPE refuses some types.")


@speaks_of("cape_last_day")
def phase_opens(view: View) -> Texts:
    """A phase already announced will take the entry in time."""
    opening = view.announced_phase.first_day  # type: ignore[union-attr]  # only asked where there is one
    told = f"Flagged for reconciliation: CAPE refuses it today and takes its kind from {on(opening)}"
    return told + ", inside its window, which ends " + day(view.facts.clocks["cape_last_day"]) + "."


@speaks_of("liquidated_on", "status")
def class_protest(view: View) -> Texts:
    """Liquidated, of a class CAPE does not take."""
    until = day(view.facts.clocks["protest_last_day"])
    return against(view) + " " + _since(view) + ": a protest is possible until " + until + "."


@speaks_of()
def class_held(view: View) -> Texts:
    """Unliquidated, of a class CAPE does not take."""
    return against(view) + " Not liquidated yet, so no window closes while it waits."


@speaks_of()
def other_protest(view: View) -> Texts:
    """The open protest has other grounds too."""
    return (
        against(view) + " The protest has other grounds than IEEPA duty: withdrawing it would give them up."
    )


@speaks_of("liquidated", "protest_last_day", "correction_over", "protest_ieepa_only")
def cure(view: View) -> Texts:
    """Fails only on what the client can mend."""
    only_ieepa = view.facts.flag("protest_ieepa_only").fillna(False)
    until = day(view.facts.clocks["protest_last_day"])
    how = choose(
        [
            view.needs_correction & view.liquidated,
            view.needs_correction & view.correction_over,
            view.needs_correction,
            view.failed("E13") & ~only_ieepa,
            view.failed("E13"),
        ],
        [
            " It is liquidated, when no post summary correction is possible any more; a protest is until "
            + until
            + ".",
            " The time for a post summary correction is over; once liquidated, it can be protested.",
            " A post summary correction mends that; then it can be filed.",
            " Whether the protest is about IEEPA duty alone is not in the files: look before withdrawing it.",
            " The protest is about IEEPA duty alone: withdrawn in time, the entry can be filed.",
        ],
        " That can be mended; then it can be filed.",
        view.outcomes.index,
    )
    return against(view) + how


@speaks_of("off_cycle", "status", "entry_type")
def file_deferred(view: View) -> Texts:
    """Can be filed; paid when it liquidates."""
    status, kind = view.facts.clocks["status"], view.facts.entries["entry_type"]
    why = ("Liquidation is " + status).where(view.off_cycle, "Warehouse type " + kind)
    return why + ": CAPE takes the entry now and refunds it when it liquidates." + PASSES


@speaks_of("liquidated_on", "status", "original_on", "expected_liquidation", "maybe_on")
def file(view: View) -> Texts:
    """Can be filed now."""
    clocks = view.facts.clocks
    liquidated = (
        _since(view) + ", inside the CAPE window until " + day(clocks["cape_last_day"]) + "." + PASSES
    )
    first = day(clocks["original_on"])
    ended = day(clocks["reliquidation_last_day"])
    doubt = (
        " But it was first liquidated on " + first + ", and CBP's own power to reliquidate ended on " + ended
    )
    doubt += ": the refund is in doubt, so keep the protest day."
    expected = day(clocks["expected_liquidation"])
    waiting = ("Not liquidated; expected on " + expected + "." + PASSES).fillna("Not liquidated." + PASSES)
    since = (
        "Not liquidated in the files, though expected on " + expected + "; liquidated since or not, it is "
    )
    since += "inside the CAPE window." + PASSES
    return choose(
        [view.power_over, view.liquidated, clocks["maybe_on"].notna() & expected.notna()],
        [liquidated + doubt, liquidated, since],
        waiting,
        clocks.index,
    )


def against(view: View) -> Texts:
    """What stands in the way: CBP's own messages, and what no table of CBP has words for."""
    fails = view.outcomes == FAIL
    texts = {code: f"“{rule.official_text}”" for code, rule in view.rules.items() if rule.official_text}
    titles = {code: _lower(rule.title) for code, rule in view.rules.items() if not rule.official_text}
    official = join_codes(fails[[code for code in fails if code in texts]], texts)
    unofficial = join_codes(fails[[code for code in fails if code in titles]], titles)
    answer = ("CAPE would answer " + official + ".").where(official != "", "")
    other = ("Stands against it: " + unofficial + ".").where(unofficial != "", "")
    return (answer + " " + other).str.strip()


def _since(view: View) -> Texts:
    clocks = view.facts.clocks
    on_day = clocks["liquidated_on"]
    elapsed = (pd.Timestamp(view.facts.day) - on_day).dt.days.astype("Int64")
    ago = choose([elapsed.eq(0).fillna(False), elapsed.eq(1).fillna(False)], ["today", "1 day ago"],
                 elapsed.astype("str") + " days ago", clocks.index)  # fmt: skip
    return clocks["status"].str.capitalize() + " " + day(on_day) + ", " + ago


def _all(view: View, text: str) -> Texts:
    return all_of(text, view.outcomes.index)


def _lower(title: str) -> str:
    return title[:1].lower() + title[1:]
