"""Why an entry is where it is, in a sentence or two: the day, the window, and CBP's own words if any."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pandas as pd

from cape_kit.assessment.refund import bearing
from cape_kit.assessment.wording import choose, day, dollars, on
from cape_kit.assessment.wording.telling import (
    against,
    corrected,
    everyone,
    in_the_way,
    refusal,
    since,
    speaks_of,
)
from cape_kit.law.book import Check, Value

if TYPE_CHECKING:
    from cape_kit.assessment.decisions.view import View

    Texts = pd.Series[Any]

#: How a sentence begins that rests on a scenario.
ASSUMED = "Assumed, not law: "
PASSES = " Passes every check the files can answer."
#: What a sentence with CBP's own refusal in it speaks of.
REFUSED = ("refused_open", "refused_error", "refused_claim")


@speaks_of("claim_number")
def claimed(view: View) -> Texts:
    """Already on a declaration CBP accepted."""
    number = ("claim " + view.facts.entries["claim_number"]).fillna("its number is not in the files")
    return "On an accepted CAPE declaration (" + number + "); an entry can be claimed only once."


@speaks_of("bears_open", "stated_cents", "stated_as", "duty_paid_cents", "goods_value_cents", "twin_of")
def bearing_open(view: View) -> Texts:
    """Whether the entry bears IEEPA duty is not known, and what leaves it open."""
    lines = view.facts.lines
    open_, stated = lines["bears_open"], dollars(lines["stated_cents"])
    stood = (" (" + lines["stated_as"] + ")").fillna("")
    share = (
        lines["duty_paid_cents"].astype("Float64") / lines["goods_value_cents"].astype("Float64") * 100
    ).round(1)
    burden = (" Duty of " + dollars(lines["duty_paid_cents"]) + " was paid, " + share.astype("str")
              + "% of the value.").where(share > 0).fillna("")  # fmt: skip
    return choose(
        [
            open_ == bearing.TWIN,
            open_ == bearing.UNREGISTERED,
            open_ == bearing.NAMELESS,
            open_ == bearing.UNEXPLAINED,
            open_ == bearing.NOT_LISTED,
        ],
        [
            "Its number has a wrong check digit and differs in one place from entry "
            + view.facts.entries["twin_of"]
            + ", which has the same lines: one entry under a mistyped number, not counted twice.",
            "Duty was paid on a number of the IEEPA series that is not in the registry of headings, and on none "
            "that is: whether it comes back is not known.",
            "The files state duty of "
            + stated
            + " without an HTS number that could be read: it may be IEEPA "
            "duty, and under which heading is not known.",
            "A column of the file that was not understood speaks of IEEPA duty"
            + stood
            + ": what was paid, and "
            "under which heading, is not known.",
            "No IEEPA heading in the files, which proves nothing: the file its lines come from does not list "
            "every tariff number of a line." + burden,
        ],
        "No file holds this entry's tariff lines, so which IEEPA headings it bears is not known.",
        lines.index,
    )


@speaks_of("has_ieepa_heading", "unpaid_headings", "exception_duty_cents", "exceptions_paid")
def nothing_paid(view: View) -> Texts:
    """Nothing on the entry to be refunded."""
    lines = view.facts.lines
    has_heading = view.facts.line("has_ieepa_heading").fillna(False)
    unpaid = (
        lines["unpaid_headings"] if "unpaid_headings" in lines else pd.Series(None, lines.index, dtype="str")
    )
    excepted = (
        dollars(lines["exception_duty_cents"])
        + " stands on IEEPA exception heading "
        + lines["exceptions_paid"]
    )
    return choose(
        [~has_heading, view.exception_paid, unpaid.notna()],
        [
            "No IEEPA heading on the entry.",
            excepted
            + ", under which none was due, so it is not counted: check the entry summary (CBP Form 7501).",
            "No duty was paid under its IEEPA headings (" + unpaid + " at $0.00).",
        ],
        "Only IEEPA exception headings, under which no duty was due.",
        lines.index,
    )


@speaks_of("rows_gone")
def rows_gone(view: View) -> Texts:
    """Its IEEPA rows went from ACE, and nobody knows why."""
    return everyone(
        view,
        "Its IEEPA rows are gone from the later extract, and no claim in the files explains it: CBP deletes "
        "them when it accepts a declaration, so the entry may be claimed already. The duty shown is the "
        "earlier extract's.",
    )


@speaks_of("claim_number", "claim_status")
def claim_open(view: View) -> Texts:
    """There is a claim, or a refund, and what CBP answered is not in the files."""
    entries, words = view.facts.entries, view.facts.words("claim_status")
    number, status = entries["claim_number"], entries["claim_status"]
    of = (", " + number).fillna("")
    may_be = ", so the entry may be claimed already."
    part = "Of the claim it is on" + of + ", CBP took only a part: whether this entry is in it is not in the "
    waits = "It is on a declaration" + of + " that CBP has not answered in the files" + may_be
    foreign = "The claim status in the files, “" + status + "”, is not one the kit knows" + may_be
    bare = "A claim number, " + number + ", stands there, and its outcome is not known" + may_be
    return choose(
        [words.among("accepted with errors"), words.among("not started"), status.notna(), number.notna()],
        [part + "files" + may_be, waits, foreign, bare],
        "A refund of it is reported, and no accepted claim in the files explains it" + may_be,
        number.index,
    )


@speaks_of("unread_said", "unread_checks")
def unread_word(view: View) -> Texts:
    """A word nobody knows, where a known bad one would put the entry out."""
    said = view.unread_said
    told = (
        "The " + said + choose([said.str.contains(", and the ")], [", are none"], ", is not one", said.index)
    )
    return told + " the kit knows, so whether CAPE takes the entry is open."


@speaks_of("undated", "liquidation_status", "liquidation_date", "extracted_on", "maybe_on", "due_on")
def liquidation_unknown(view: View) -> Texts:
    """Liquidation is not known, or may have happened since the export."""
    clocks, entries = view.facts.clocks, view.facts.entries
    exported, due = day(entries["extracted_on"]), day(clocks["maybe_on"])
    after = ": by now it may be outside the CAPE window."
    fresh = "Not liquidated when exported on " + exported + ", but due to liquidate on " + due + after
    overdue = (
        "Overdue when exported on " + exported + ", and it may have liquidated from " + due + " on" + after
    )
    undated = "Not liquidated in the files, but due to liquidate on " + due
    undated += ", and the day of the export is not known" + after
    stands = "Still not liquidated in the export of " + exported + ", though due on " + due + after
    no_status = (
        "A liquidation date, " + day(entries["liquidation_date"]) + ", stands there without a status: "
    )
    no_status += "whether the entry liquidated that day is not known. If it did, the CAPE window closed on "
    no_status += day(clocks["cape_last_day"]) + ", and a protest is possible until "
    no_status += day(clocks["protest_last_day"]) + "."
    foreign = "The kit does not know the liquidation status “" + entries["liquidation_status"] + "”, "
    foreign += "so whether and when the entry was liquidated is open."
    would = " If on " + day(entries["liquidation_date"]) + ", the CAPE window closes on "
    would += (
        day(clocks["cape_last_day"]) + " and the protest window on " + day(clocks["protest_last_day"]) + "."
    )
    foreign += would.fillna("")
    may_be, unsaid = clocks["maybe_on"].notna(), clocks["status"].isna()
    return choose(
        [
            entries["entry_date"].isna(),
            unsaid & entries["liquidation_status"].notna(),
            unsaid & entries["liquidation_date"].notna(),
            may_be & entries["extracted_on"].isna(),
            may_be & (entries["extracted_on"] >= clocks["maybe_on"]),
            may_be & (entries["extracted_on"] >= clocks["due_on"]),
            may_be,
            ~unsaid,
        ],
        [
            "The entry date is not in the files, so neither collection period nor clocks can be told.",
            foreign,
            no_status,
            undated,
            stands,
            overdue,
            fresh,
            "Shown as liquidated, but without the day, so which windows are open is not known.",
        ],
        "Neither the status nor the day of liquidation is in the files.",
        clocks.index,
    )


@speaks_of("entry_type")
def type_unknown(view: View) -> Texts:
    """No entry type in the files, or one that can't be right."""
    kind, known = view.facts.entries["entry_type"], view.facts.law.entry_types
    here = "The entry type in the files, " + kind
    foreign = here + ", is none the kit knows, and CAPE refuses some types."
    named = kind.map({code: one.name for code, one in known.items()})
    other = here + " (" + named + "), is no entry summary: no duty is paid under it, so it can't be right."
    return choose(
        [kind.isna(), named.isna()],
        ["The entry type is not in the files, and CAPE refuses some types.", foreign],
        other,
        kind.index,
    )


@speaks_of("cape_last_day", "liquidated")
def phase_opens(view: View) -> Texts:
    """A phase already announced will take the entry in time."""
    opening = view.announced_phase.first_day  # type: ignore[union-attr]  # only asked where there is one
    told = f"Flagged for reconciliation: CAPE refuses it today and takes its kind from {on(opening)}"
    return told + ", inside its window, which ends " + day(view.facts.clocks["cape_last_day"]) + "."


@speaks_of("never_liquidates", "maybe_on", "entry_type")
def class_held(view: View) -> Texts:
    """Unliquidated, of a class CAPE does not take."""
    waits = choose(
        [view.never_liquidates, view.facts.clocks["maybe_on"].notna()],
        [" An entry of this type is not liquidated, so no window runs on it.", _perhaps(view)],
        " Not liquidated yet, so no window closes while it waits.",
        view.outcomes.index,
    )
    return against(view) + waits


@speaks_of("recon_due_date")
def recon_first(view: View) -> Texts:
    """Its reconciliation is due so soon that it goes first, and CAPE then refuses the entry."""
    due = day(view.facts.entries["recon_due_date"])
    return (
        "Flagged, and its reconciliation is due on "
        + due
        + ": CBP says to file it first, and "
        + ("with a type 09 on file CAPE leaves the entry to a later phase.")
    )


@speaks_of("correction_last_day", "maybe_on", *REFUSED)
def uncorrected_held(view: View) -> Texts:
    """Unliquidated, and the time for the correction it needs is over."""
    ended = day(view.correction_last_day)
    told = corrected(view) + ", and the time for one ended on " + ended + "."
    perhaps = view.facts.clocks["maybe_on"].notna()
    waits = choose([perhaps], [_perhaps(view)], " Once liquidated, it can be protested.", ended.index)
    return in_the_way(view) + told + waits


@speaks_of("liquidated", "protest_ieepa_only", *REFUSED)
def cure(view: View) -> Texts:
    """Fails only on what the client can mend."""
    only_ieepa = view.facts.flag("protest_ieepa_only").fillna(False)
    how = choose(
        [
            view.failed(Check.NOT_IN_ACE),
            view.failed(*view.corrected_rules),
            view.failed(Check.PROTEST) & ~view.liquidated,
            view.failed(Check.PROTEST) & ~only_ieepa,
            view.failed(Check.PROTEST),
        ],
        [
            " Compare the number with the entry summary (7501) first: a typing mistake of the sheet is put "
            "right in the sheet, and no correction by the filer mends it.",
            " A post summary correction mends that; then it can be filed.",
            " A protest before liquidation comes too early: make sure that the entry is not liquidated, "
            "withdraw the protest, and it can be filed.",
            " Whether the protest is about IEEPA duty alone is not in the files: look before withdrawing it.",
            " The protest is about IEEPA duty alone: withdrawn in time, the entry can be filed.",
        ],
        " That can be mended; then it can be filed.",
        view.outcomes.index,
    )
    besides = choose([view.refused_open != ""], [" " + refusal(view)], "", how.index)
    return against(view) + how + besides


@speaks_of(*REFUSED)
def refused(view: View) -> Texts:
    """CBP refused it, and the files do not show what CBP saw."""
    return refusal(view) + " Once that is mended, it can be filed."


@speaks_of("off_cycle", "status", "entry_type", "refused", "refused_mended", "claim_number")
def file_deferred(view: View) -> Texts:
    """Can be filed; paid when it liquidates."""
    status, kind = view.facts.clocks["status"], view.facts.entries["entry_type"]
    withdrawn = kind.isin(view.facts.types("types.warehouse_withdrawal"))
    stored = ("Withdrawal from a warehouse" + _typed(kind)).where(withdrawn, "Warehouse entry" + _typed(kind))
    stored += (
        ": CAPE takes it now and refunds it when it liquidates, after all goods have left the warehouse."
    )
    off = "Liquidation is " + status + ": CAPE takes the entry now and refunds it when it liquidates."
    return off.where(view.off_cycle, stored) + _passes(view)


@speaks_of(
    "liquidated_on", "status", "original_on", "expected_liquidation", "due_on", "maybe_on", "power_over",
    "stated_on", "liquidation_status", "refused", "refused_mended", "claim_number",
)  # fmt: skip
def file(view: View) -> Texts:
    """Can be filed now."""
    clocks, passes = view.facts.clocks, _passes(view)
    liquidated = since(view) + ", inside the CAPE window until " + day(clocks["cape_last_day"]) + "."
    liquidated += passes
    first = day(clocks["original_on"])
    ended = day(clocks["reliquidation_last_day"])
    doubt = (
        " But it was first liquidated on " + first + ", and CBP's own power to reliquidate ended on " + ended
    )
    doubt += ": the refund is in doubt, so keep the protest day."
    foreign = " the kit knows (“" + view.facts.entries["liquidation_status"] + "”)"
    stated = "A liquidation date, " + day(clocks["stated_on"]) + ", stands in the files without a status"
    stated += foreign.fillna("") + ": if that is the day of its liquidation, CAPE takes it until "
    stated += day(clocks["cape_last_day"]) + "." + passes
    expected = day(clocks["expected_liquidation"])
    due = day(clocks["due_on"])
    late = ", though due on " + due + "; expected from " + expected + " on."
    late = late.where(clocks["due_on"] < clocks["expected_liquidation"])
    waiting = "Not liquidated" + late.fillna("; expected on " + expected + ".").fillna(".") + passes
    stale = (
        "Not liquidated in the files, though expected on " + expected + "; liquidated since or not, it is "
    )
    stale += "inside the CAPE window." + passes
    return choose(
        [
            view.power_over,
            view.liquidated,
            clocks["stated_on"].notna(),
            clocks["maybe_on"].notna() & expected.notna(),
        ],
        [liquidated + doubt, liquidated, stated, stale],
        waiting,
        clocks.index,
    )


def _passes(view: View) -> Texts:
    """Passes as far as the files go; what CBP once refused is not told as if nothing had been."""
    number = (" (" + view.facts.entries["claim_number"] + ")").fillna("")
    before = " CBP refused it on an earlier claim" + number
    over = PASSES + before + "; what it named then is over, as far as the files show."
    open_ = " It passes every check the files can answer, but" + before
    open_ += " and may refuse it again until what it named is mended."
    return choose([view.refused_mended, view.refused], [over, open_], PASSES, view.outcomes.index)


def _perhaps(view: View) -> Texts:
    """Due to liquidate since the files were made."""
    due = day(view.facts.clocks["maybe_on"])
    return " Not liquidated in the files, but due on " + due + ": if it was, its protest window runs already."


def _typed(kind: Texts) -> Texts:
    return " (type " + kind + ")"


def besides(lines: pd.DataFrame) -> Texts:
    """What stands on an entry beside the duty that is counted, in a sentence of its own; empty for nothing.

    Of entries that bear IEEPA duty: the others say it as their reason.
    """
    bears = lines["bears_ieepa"].eq(True).fillna(False)
    excepted = lines["exceptions_paid"].notna() & bears
    on_exception = " " + dollars(lines["exception_duty_cents"]) + " stands on IEEPA exception heading "
    on_exception += lines["exceptions_paid"] + " and is not counted: check the entry summary (CBP Form 7501)."
    stated = lines["stated_cents"].notna() & bears
    nameless = (
        " The files state " + dollars(lines["stated_cents"]) + " more that may be IEEPA duty, on no heading "
    )
    nameless += "that could be read: not counted."
    return on_exception.where(excepted, "") + nameless.where(stated, "")


def _whose(value: Value) -> str:
    return "finally liquidated entries" + (" of importers that sued" if value.value == "plaintiffs" else "")


def _assumed(value: Value) -> str:
    return f"{ASSUMED}Phase 3 takes finally liquidated entries from {on(value.first_day)}."


@speaks_of("liquidated_on", "status", "refused", "refused_mended", "claim_number")
def admitted(view: View) -> Texts:
    """Finally liquidated, and a phase takes it."""
    value = view.admission
    if value.status == "assumed":
        return everyone(view, _assumed(value) + " Nothing else stands against it.")
    until = f", until {on(value.last_day)}" if value.last_day else ""
    told = f": outside the CAPE window, but from {on(value.first_day)}{until} CAPE takes {_whose(value)}."
    return since(view) + told + _passes(view)


@speaks_of("liquidated_on", "status")
def admitted_soon(view: View) -> Texts:
    """Finally liquidated, and a phase already announced takes it."""
    value = view.announced_admission
    if value is None:
        return everyone(view, "")
    if value.status == "assumed":
        return everyone(view, _assumed(value))
    told = f"; the protest window is closed, and from {on(value.first_day)} CAPE takes {_whose(value)}."
    return since(view) + told


@speaks_of("liquidated_on", "status")
def admission_open(view: View) -> Texts:
    """Finally liquidated, and taken only if its importer sued."""
    told = f": outside the CAPE window, and CAPE takes {_whose(view.admission)} from "
    told += f"{on(view.admission.first_day)}: whether this importer did is not in client.toml."
    return since(view) + told
