"""Why an entry is where it is, in a sentence or two: the day, the window, and CBP's own words if any.

First what stands in the way, then the pieces that several sentences share, then the sentences themselves.
"""

from __future__ import annotations

from cape_kit.assessment.wording.remedies import phrase, sentence

# ---- pieces that several sentences share -------------------------------------------------------------------------

ASSUMED = "Assumed, not law: "
PASSES = " Passes every check the files can answer."

phrase(
    "against",
    sentence(
        "",
        {
            "both_kinds_fail": "CAPE would return {official_texts}. Also blocking it: {titles}.",
            "official_fails": "CAPE would return {official_texts}.",
            "other_fails": "Blocking it: {titles}.",
        },
    ),
)
phrase("refused_on", sentence("an earlier claim", {"given refused_claim": "claim {refused_claim}"}))
phrase("refused_words", sentence("", {"given refused_error": " (“{refused_error}”)"}))
phrase(
    "refusal",
    "CBP refused it on {refused_on}{refused_words}, and the files do not show that corrected since.",
)
phrase("in_the_way", sentence("{refusal}", {"something_fails": "{against}"}))
phrase(
    "corrected",
    sentence(
        " A post summary correction would have cured that",
        {"correctable_fails": " Only a post summary correction cures that"},
    ),
)
phrase("claim_in_brackets", sentence("", {"given claim_number": " ({claim_number})"}))
phrase(
    "passes",
    sentence(
        PASSES,
        {
            "refused_cured": PASSES
            + " CBP refused it on an earlier claim{claim_in_brackets}; as far as the files show, that no "
            "longer applies.",
            "refused": " It passes every check the files can answer, but CBP refused it on an earlier claim"
            "{claim_in_brackets} and may refuse it again until that is corrected.",
        },
    ),
)
phrase(
    "perhaps_liquidated_said",
    " Not liquidated in the files, but due on {maybe_on}: if it has liquidated, its protest window is "
    "already running.",
)
phrase("until", "it can be protested until {protest_last_day}.")
phrase(
    "protest_decided",
    sentence(
        "A protest is in the files, with no outcome shown",
        {"given protest_status": "It has already been protested (“{protest_status}”)"},
    ),
)
_ONE = ", and the law allows one for each entry and category of goods: whether another can be filed until "
phrase(
    "one_protest_only",
    sentence(
        "{protest_decided}" + _ONE + "{protest_last_day}, or a suit, is a question for counsel.",
        {
            "protest_granted": "A protest was approved: if it covered the IEEPA duty, the refund follows "
            "from it, and nothing is left to protest or sue over; if not, it is a question for counsel.",
            "protest_denied": "{denied_said}" + _ONE + "{protest_last_day} is a question for counsel.",
        },
    ),
)
phrase(
    "only_protest",
    sentence(
        "{since}: {until}",
        {
            "live_protest": "{since}, and a protest is open: keep it.",
            "protested_before": "{since}. {one_protest_only}",
        },
    ),
)


# ---- is there IEEPA duty, and was it claimed ---------------------------------------------------------------------

phrase(
    "on_claim",
    sentence(
        "On an accepted CAPE declaration (its number is not in the files); an entry can be claimed only "
        "once.",
        {
            "given claim_number": "On an accepted CAPE declaration (claim {claim_number}); an entry can "
            "be claimed "
            "only once."
        },
    ),
)
_STANDS = (
    "{on_claim} Accepted is not paid: the files show no reliquidation, so the liquidation of "
    "{liquidated_on} stands, "
)
_RUNS = _STANDS + "and its protest window runs until {protest_last_day}."
claimed = sentence(
    "{on_claim}",
    {
        "late_unprotected": _RUNS
        + " CBP's own power to reliquidate, {power_days} days, ended on {reliquidation_last_day}: the "
        "refund is "
        "in doubt.",
        "protective_spent": _STANDS + "and a protest against it is over. {one_protest_only}",
        "protective": _RUNS,
        "protective_over": _STANDS
        + "and its protest window closed on {protest_last_day} with no protest open: if CBP does not pay, "
        "only a suit is left.",
        "claim_perhaps_liquidated": "{on_claim} The files do not show whether it had been liquidated, "
        "with its protest window running.",
    },
)

phrase("filed_as", sentence("", {"given filed_claim": " (claim {filed_claim})"}))
phrase(
    "filed_paid",
    sentence(
        " If CBP accepted it that day, expect the refund between {paid_from} and {paid_until}.",
        {
            "filed_deferred": " If CBP accepted it, the refund follows liquidation.",
            "payment_late": " If CBP accepted it that day, the refund should have come by {paid_until}.",
        },
    ),
)
_UPLOADED = (
    "Filed on CAPE on {filed_on}{filed_as}, {filed_ago}, per the client's ledger; the files hold no CBP "
    "response yet.{filed_paid}"
)
_REFUSED_THEN = " If CBP refuses it, it can be filed again until {filed_refile_day}"
uploaded = sentence(
    _UPLOADED,
    {
        "filed_rows_gone": _UPLOADED
        + " It appears accepted: later files show its IEEPA rows removed, or a refund.",
        "filed_refilable_protest": _UPLOADED + _REFUSED_THEN + ", and protested until {protest_last_day}.",
        "filed_refilable": _UPLOADED + _REFUSED_THEN + ".",
        "filed_protest": _UPLOADED
        + " Its CAPE window is closed, so it could not be declared again after a refusal; its protest "
        "window runs until {protest_last_day}.",
        "filed_protest_over": _UPLOADED
        + " Its protest window closed on {protest_last_day}: if CBP refuses it, only a "
        "later phase or a suit is left.",
        "filed_perhaps_liquidated": _UPLOADED
        + " It may have liquidated since the export, so its protest window may "
        "be running.",
    },
)

granted = sentence(
    "Its protest of the IEEPA duty was approved: CBP reliquidates and refunds under it, so there is nothing to protest "
    "or sue over."
)

phrase("stood_there", sentence("", {"given stated_as": " ({stated_as})"}))
phrase(
    "burden",
    sentence("", {"some_share_paid": " Duty of {duty_paid_cents} was paid, {share_of_value}% of the value."}),
)
bearing_open = sentence(
    "No file holds this entry's tariff lines, so its IEEPA headings are not known.",
    {
        "mistyped_number": "Its number has a wrong check digit and differs in one place from entry "
        "{twin_of}, "
        "which has the same lines: the same entry under a mistyped number, not counted twice.",
        "unregistered_number": "Duty was paid on a number of the IEEPA series that is not in the registry of "
        "headings, and on no registered one: whether it is refundable is not known.",
        "amount_without_number": "The files state duty of {stated_cents} without an HTS number that could be "
        "read: it may be IEEPA duty, and under which heading is not known.",
        "column_not_understood": "A column of the file refers to IEEPA duty but was not "
        "understood{stood_there}: the amount paid and its heading are not known.",
        "headings_not_listed": "No IEEPA heading in the files, but that is not conclusive: the file its "
        "lines come from does not list every tariff number of a line.{burden}",
    },
)

nothing_paid = sentence(
    "Only IEEPA exception headings, under which no duty was due.",
    {
        "not has_ieepa_heading": "No IEEPA heading on the entry.",
        "exception_paid": "{exception_duty_cents} stands on IEEPA exception heading {exceptions_paid}, under "
        "which none was due, so it is not counted: check the entry summary (CBP Form 7501).",
        "given unpaid_headings": "No duty was paid under its IEEPA headings ({unpaid_headings} at $0.00).",
    },
)

rows_gone = sentence(
    "Its IEEPA rows are missing from the later extract, and no claim in the files explains it: CBP "
    "removes them when it accepts a declaration, so the entry may already be claimed. The duty shown is "
    "from the earlier extract."
)

_MAY_BE = ", so the entry may already be claimed."
phrase("of_claim", sentence("", {"given claim_number": ", {claim_number}"}))
claim_open = sentence(
    "A refund of it is reported, and no accepted claim in the files explains it" + _MAY_BE,
    {
        "liquidated_by_cape": "Its liquidation has CAPE's reason code ({liquidation_reason}), and no accepted claim in "
        "the files explains it" + _MAY_BE,
        "claimed_elsewhere": "CBP refused it as a duplicate (“{refused_error}”): another claim of it may have been "
        "accepted" + _MAY_BE,
        "claim_partly_taken": "CBP accepted only part of its claim{of_claim}: the files do not show "
        "whether this entry was accepted" + _MAY_BE,
        "claim_not_answered": "It is on a declaration{of_claim}, and the files hold no CBP response"
        + _MAY_BE,
        "given claim_status": "The claim status in the files, “{claim_status}”, is not recognized" + _MAY_BE,
        "given claim_number": "It has a claim number, {claim_number}, and the outcome is not known" + _MAY_BE,
        "listed": "A report of CAPE claims lists it without a claim number and without an outcome" + _MAY_BE,
    },
)

unread_word = sentence(
    "The {unread_said}, are not recognized, so whether CAPE accepts the entry is not known.",
    {
        "one_word_unread": "The {unread_said}, is not recognized, so whether CAPE accepts the entry is "
        "not known."
    },
)

_BY_NOW = ": by now it may be outside the CAPE window."
phrase(
    "if_that_day",
    sentence(
        "",
        {
            "windows_if_dated_over": " If on {liquidation_date}, the CAPE window closed on "
            "{cape_last_day} and the "
            "protest window on {protest_last_day}.",
            "windows_if_dated_cape_over": " If on {liquidation_date}, the CAPE window closed on "
            "{cape_last_day}; the "
            "protest window closes on {protest_last_day}.",
            "windows_if_dated": " If on {liquidation_date}, the CAPE window closes on {cape_last_day} and "
            "the "
            "protest window on {protest_last_day}.",
        },
    ),
)
liquidation_unknown = sentence(
    "The files show neither liquidation status nor liquidation date.",
    {
        "not given entry_date": "The files show no entry date, so neither the collection period nor its "
        "windows can be determined.",
        "liquidated_before_entry": "The files show a liquidation date, {liquidation_date}, before the entry date, "
        "{entry_date}: one of the two is wrong, so which windows are open is not known.",
        "status_foreign": "The liquidation status “{liquidation_status}” is not recognized, so whether "
        "and when the entry was liquidated is not known.{if_that_day}",
        "dated_protest_over": "The files show a liquidation date, {liquidation_date}, without a status: "
        "whether the entry liquidated that day is not known. If it did, the CAPE window closed on "
        "{cape_last_day} and the protest "
        "window on {protest_last_day}.",
        "date_without_status": "The files show a liquidation date, {liquidation_date}, without a status: "
        "whether the entry liquidated that day is not known. If it did, the CAPE window closed on "
        "{cape_last_day}, and "
        "it can be protested until {protest_last_day}.",
        "due_export_undated": "Not liquidated in the files, but due to liquidate on {maybe_on}, and the "
        "export date is not known" + _BY_NOW,
        "open_past_due": "Still not liquidated in the export of {extracted_on}, though due on {maybe_on}"
        + _BY_NOW,
        "overdue_when_exported": "Overdue when exported on {extracted_on}; it may have liquidated on or "
        "after {maybe_on}" + _BY_NOW,
        "given maybe_on": "Not liquidated when exported on {extracted_on}, but due to liquidate on {maybe_on}"
        + _BY_NOW,
        "given status": "Shown as liquidated, but without a date, so which windows are open is not known.",
    },
)

called_final = sentence(
    "CBP refused it on {refused_on}{refused_words}{answer_seen}: it was finally liquidated by then, "
    "whatever the older export says, and the files do not show the date. Its protest window may be "
    "running out.",
    {
        "given final_before": "CBP refused it on {refused_on}{refused_words}{answer_seen}: it was "
        "liquidated before "
        "{final_before}, whatever the older export says, and the files do not show the date. Its protest "
        "window may "
        "be running out."
    },
)

type_unknown = sentence(
    "The entry type in the files, {entry_type} ({type_name}), is not an entry summary type: no duty is "
    "paid under it, so it can't be right.",
    {
        "not given entry_type": "The files show no entry type, and CAPE refuses some types.",
        "type_foreign": "The entry type in the files, {entry_type}, is not recognized, and CAPE refuses "
        "some types.",
    },
)


# ---- what waits --------------------------------------------------------------------------------------------------

phase_opens = sentence(
    "Flagged for reconciliation: CAPE refuses it today but accepts such entries from {flagged_from}, "
    "within its window, which ends {cape_last_day}."
)

class_held = sentence(
    "{against} Not liquidated yet, so no window closes meanwhile.",
    {
        "never_liquidates": "{against} An entry of this type is not liquidated, so no window runs on it.",
        "given maybe_on": "{against}{perhaps_liquidated_said}",
    },
)

_RECON_FIRST = (
    "Flagged, and its reconciliation is due on {recon_due_date}: CBP says to file it first, and with a "
    "type 09 on file the entry is left to a later CAPE phase."
)
recon_first = sentence(_RECON_FIRST)

_OVER = "{in_the_way}{corrected}, and the time for one ended on {correction_last_day}."
uncorrected_held = sentence(
    _OVER + " Once liquidated, it can be protested.", {"given maybe_on": _OVER + "{perhaps_liquidated_said}"}
)
type_uncorrectable = sentence(
    "{in_the_way} Only a post summary correction would cure that, and ACE accepts none on an informal "
    "entry (type {entry_type}, error {uncorrectable_error}). Once liquidated, it can be protested."
)
heading_uncorrectable = sentence(
    "{in_the_way} Only a correction of an IEEPA heading would cure that, and ACE accepts none on an entry "
    "of type {entry_type} (error {uncorrectable_heading_error}). Once liquidated, it can be protested."
)


# ---- what is cured, and filed -----------------------------------------------------------------------------------

phrase(
    "how_cured",
    sentence(
        " That can be cured; then it can be filed.",
        {
            "number_fails": " Compare the number with the entry summary (7501) first: a typing error in "
            "the spreadsheet is corrected there, not by a correction filed with CBP.",
            "correctable_fails": " A post summary correction cures that; then it can be filed.",
            "protest_too_early": " A protest filed before liquidation is premature: confirm that the "
            "entry is not liquidated and withdraw the protest; then it can be filed.",
            "protest_perhaps_wider": " The files do not show whether the protest covers IEEPA duty only: "
            "check before withdrawing it.",
            "protest_fails": " The protest covers IEEPA duty only: once it is withdrawn in time, the "
            "entry can be filed.",
        },
    ),
)
cure = sentence("{against}{how_cured}", {"refused_by_more": "{against}{how_cured} {refusal}"})
refused = sentence("{refusal} Once that is cured, it can be filed.")

_LATER = (
    ": CAPE accepts it now and refunds it when it liquidates, after all goods have left the "
    "warehouse.{passes}"
)
file_deferred = sentence(
    "Warehouse entry (type {entry_type})" + _LATER,
    {
        "off_cycle": "Liquidation is {status}: CAPE accepts the entry now and refunds it when it "
        "liquidates.{passes}",
        "withdrawn_type": "Withdrawal from a warehouse (type {entry_type})" + _LATER,
    },
)

_DEEMED = (
    "A year after entry, on {deemed_on}, it was still not liquidated in the files, neither extended nor "
    "suspended. By {deemed_cited} it may be deemed liquidated that day: "
)
phrase(
    "deemed_windows",
    sentence(
        "CAPE would accept it until {deemed_cape_last_day}, and it could be protested until "
        "{deemed_protest_last_day}.",
        {
            "deemed_past_protest": "its CAPE window would have closed on {deemed_cape_last_day}, its "
            "protest window on "
            "{deemed_protest_last_day}.",
            "deemed_past_cape": "its CAPE window would have closed on {deemed_cape_last_day}, and it "
            "could be protested until {deemed_protest_last_day}.",
        },
    ),
)
_INSIDE = "{since}, inside the CAPE window until {cape_last_day}.{passes}"
phrase(
    "foreign_status",
    sentence("", {"given liquidation_status": " that is recognized (“{liquidation_status}”)"}),
)
phrase(
    "expected",
    sentence(
        ".",
        {
            "late_and_expected": ", though due on {due_on}; expected on or after {expected_liquidation}.",
            "given expected_liquidation": "; expected on {expected_liquidation}.",
        },
    ),
)
file = sentence(
    "Not liquidated{expected}{passes}",
    {
        "perhaps_deemed": _DEEMED + "{deemed_windows} Or it is still unliquidated.{passes}",
        "power_over": _INSIDE + " But it was first liquidated on {original_on}, and CBP's own power to "
        "reliquidate ended on {reliquidation_last_day}: the refund is in doubt, so keep to the protest "
        "deadline.",
        "liquidated": _INSIDE,
        "given stated_on": "A liquidation date, {stated_on}, stands in the files without a "
        "status{foreign_status}: if that is its liquidation date, CAPE accepts it until "
        "{cape_last_day}.{passes}",
        "expected_since": "Not liquidated in the files, though expected on {expected_liquidation}; "
        "whether or not it has liquidated since, it is inside the CAPE window.{passes}",
    },
)


# ---- phases that take finally liquidated entries -----------------------------------------------------------------

admitted = sentence(
    "{since}: outside the CAPE window, but from {admitted_from}{admitted_until} CAPE accepts "
    "{admitted_whose}.{passes}",
    {
        "admission_assumed": ASSUMED
        + "Phase 3 accepts finally liquidated entries from {admitted_from}. Nothing else blocks it."
    },
)
admitted_soon = sentence(
    "{since}; the protest window is closed, and from {announced_from} CAPE accepts {announced_whose}.",
    {"announced_assumed": ASSUMED + "Phase 3 accepts finally liquidated entries from {announced_from}."},
)
admission_open = sentence(
    "{since}: outside the CAPE window, and CAPE accepts {admitted_whose} from {admitted_from}: "
    "whether this importer sued over the duties is not stated."
)


# ---- protests ----------------------------------------------------------------------------------------------------

keep_protest = sentence(
    "{since}, outside the CAPE window, and a protest is open: keep it, do not withdraw it."
)
_CLOSED = "{since}: the CAPE window closed on {cape_last_day}"
too_late_for_cape = sentence(_CLOSED + "; {until}", {"protested_before": _CLOSED + ". {one_protest_only}"})
class_protest = sentence("{against} {only_protest}")
recon_first_protest = sentence(_RECON_FIRST + " {only_protest}")
uncorrected_protest = sentence("{in_the_way}{corrected}, and after liquidation there is none. {only_protest}")
other_protest = sentence(
    "{against} The protest has grounds other than IEEPA duty: withdrawing it would give them up."
)
phrase("against_admitted", sentence("", {"admitted": " A phase accepts such entries. {against}"}))
_ENDED = "{since}; the protest window closed on {protest_last_day}.{against_admitted}"
final = sentence(
    _ENDED + " What is left is a later phase of CAPE, if there is one, or the court.",
    {
        "closed_day": "{since}; the last day to protest, {protest_last_day}, was {weekday}. CBP has "
        "accepted a protest on the next business day, {protest_next_open}, under a practice of its own "
        "({closed_day_cited}): not to be relied on, but have counsel review before treating it as closed.",
        "protest_denied": _ENDED + " {denied_said}.",
        "protest_granted": _ENDED
        + " A protest was approved, on other grounds or more than IEEPA duty alone: if it did "
        "not cover that duty, a later phase of CAPE or the court is left.",
    },
)


# ---- beside the reason -------------------------------------------------------------------------------------------

phrase(
    "on_exception",
    sentence(
        "",
        {
            "paid_on_exception": " {exception_duty_cents} stands on IEEPA exception heading {exceptions_paid} and "
            "is not counted: check the entry summary (CBP Form 7501)."
        },
    ),
)
phrase(
    "on_no_heading",
    sentence(
        "",
        {
            "stated_beside": " The files state {stated_cents} more that may be IEEPA duty, on no heading that "
            "could be read: not counted."
        },
    ),
)
#: What stands on an entry beside the duty that is counted; the others say it as their reason.
besides = sentence("{on_exception}{on_no_heading}")
