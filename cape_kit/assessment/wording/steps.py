"""What to do next, in one sentence a client can read; the same for every entry in the same situation."""

from __future__ import annotations

from cape_kit.assessment.wording.remedies import phrase, sentence

#: The step of an entry that needs none.
NOTHING = "Nothing."

_FOLLOW = "Follow the claim and its refund; make no second declaration."
_DECIDE = "have counsel decide{} on a protective protest before the last day."
#: No step names a day, which stands beside it: entries that need the same are one line of the list of steps.
follow = sentence(
    _FOLLOW,
    {
        "protective_protested": "Keep the protest alongside the claim, and confirm before the last day "
        "that it covers the IEEPA duty too.",
        "protective_spent": _FOLLOW + " Ask counsel how to protect it if CBP does not reliquidate.",
        "late_unprotected": "Ask CBP today why it is not reliquidated, and " + _DECIDE.format(" now"),
        "fall_back_gone": "It is not reliquidated yet: " + _DECIDE.format(" now"),
        "protective": _FOLLOW + " If it is not reliquidated by the planned day, " + _DECIDE.format(""),
        "protective_over": _FOLLOW + " Ask counsel about a suit.",
        "claim_perhaps_liquidated": _FOLLOW
        + " Export the entry again: if it had been liquidated, its protest window is running.",
    },
)
_LOOK_UP = "Check the claim in ACE (CAPE, Claim Status) and add CBP's response to the files"
await_answer = sentence(
    _LOOK_UP + ".",
    {
        "filed_rows_gone": _LOOK_UP + "; if it was accepted, follow its refund.",
        "answer_late_protest": _LOOK_UP
        + " today; if CBP has not taken it, file it again or protest before the last day.",
        "answer_late": _LOOK_UP + " today; if there is none, ask CBP.",
        "filed_perhaps_liquidated": _LOOK_UP + ", with a new export of the entry.",
    },
)
follow_grant = sentence("Follow the refund of the approved protest; no protest or suit is needed.")
get_decision = sentence(
    "Get the decision on the protest. If it covers the IEEPA duty, enter protest_ieepa_only = true in facts.csv and "
    "follow its refund; if not, ask counsel today."
)
get_final_day = sentence(
    "Export the entry again from ACE today: CBP has refused it for CAPE, and its liquidation date sets "
    "how long it can be protested."
)
get_type = sentence("Get the entry type.")
get_liquidation = sentence("Export the entry again from ACE soon: a window may be about to close.")
get_answer = sentence("Check ACE for a claim on the entry and add CBP's response to the files.")
get_protest = sentence(
    "Check the protest in ACE: if open, keep it; if approved, check that the decision covers the IEEPA duty; if "
    "denied, ask counsel today about a suit."
)
ask_column = sentence(
    "Look what the column says of the entry: write it in facts.csv (claim_status, protest_status, …), or name the "
    "column as the report does, and run again."
)
get_protest_status = sentence(
    "Look the protest up in ACE, write its state in facts.csv (protest_status) and run again."
)
ask_word = sentence(
    "Check the entry in ACE or ask the broker what the word means, and enter it in facts.csv."
)
reconcile = sentence(
    "File the reconciliation (type 09) by its due date; then watch for a later phase of CAPE."
)
watch = sentence(
    "Watch for a later phase; ask counsel about a suit.",
    {
        "closed_day": "Have counsel review today: CBP may still accept a protest until the next business "
        "day. After that, a later phase or a suit.",
        "summons_open": "Ask counsel about a summons over the denied protest before its last day.",
        "denied_undated": "Find out today when the denial was mailed, and ask counsel about a summons.",
    },
)
wait_for_final_phase = sentence("Nothing today; declare it when the phase opens.")

#: Whether the importer sued decides; while its protest window runs, that is the safe way.
_SAY = "State in client.toml whether the importer sued over the duties (plaintiff = true or false)"
_SAY_SAFELY = "; protest before the last day if it did not."
say_of_suit = sentence(_SAY + _SAY_SAFELY, {"protest_over": _SAY + "."})

_TELL = "Tell us whether you sued over the duties"
#: The same steps as a letter asks for them: whoever reads it has the fact, and no file of the kit to put it in.
ASKED = {
    get_decision.otherwise: "The decision on the protest, and whether it covers the IEEPA duty. If it does not, ask "
    "counsel today.",
    ask_column.otherwise: "What that column says of the entry, in plain words.",
    get_protest_status.otherwise: "The state of the protest, as ACE shows it.",
    ask_word.otherwise: "What the word means.",
    _SAY + _SAY_SAFELY: _TELL + _SAY_SAFELY.replace("it did", "you did"),
    _SAY + ".": _TELL + ".",
}

_FIND_NUMBER = "Get the chapter 99 number of that duty from the entry summary (CBP Form 7501) or an ES-003."
get_lines = sentence(
    "Get the entry's tariff lines (ES-003, HTS Number - Full).",
    {
        "mistyped_number": "Compare both numbers with the entry summary (CBP Form 7501) and correct the "
        "wrong one "
        "in its file.",
        "unregistered_number": "Check the number on the entry summary and in the HTS in force on its "
        "date; correct it or ask CBP.",
        "amount_without_number": _FIND_NUMBER,
        "column_not_understood": _FIND_NUMBER,
    },
)
nothing_due = sentence(
    NOTHING,
    {
        "exception_paid": "Check the entry summary (CBP Form 7501): if IEEPA duty was paid under another "
        "heading, add that heading."
    },
)

# ---- protests ----------------------------------------------------------------------------------------------------

_KEEP = "Keep the protest; do not withdraw it for CAPE."
_WIDEN = "Keep the protest, and confirm before the last day that it covers the IEEPA duty too."
#: A live protest stays; one not known to be about IEEPA duty must come to cover it in time.
keep = sentence(_KEEP, {"protest_uncovered": _WIDEN})
#: The law allows one protest for each entry. Source: ``usc-19-1514``.
protest = sentence(
    "File a protest with CBP before the last day.",
    {
        "live_uncovered": _WIDEN,
        "live_protest": _KEEP,
        "protest_granted": "Check that the approved protest covers the IEEPA duty; if not, ask counsel "
        "today.",
        "summons_open": "Ask counsel about a summons over the denied protest before its last day.",
        "denied_undated": "Find out when the denial was mailed, and ask counsel: a summons must be filed "
        "within {suit_days} days of it.",
        "summons_over": "Ask counsel: the time for a summons over the denied protest has passed.",
        "protested_before": "Check the protest and its decision, and ask counsel: a suit over a denial "
        "must be filed within {suit_days} days of its mailing.",
        "protest_withdrawn": "File a protest with CBP before the last day; an earlier one was withdrawn, "
        "so have counsel confirm that a new one is allowed.",
    },
)

# ---- filing ------------------------------------------------------------------------------------------------------

_NEXT = "Put it on the next CAPE declaration"
_REFUSED = "Find out why CBP refused it and cure that, then put it on a new CAPE declaration"
#: A second line of defence where CBP's own power may be over.
_IN_DOUBT = ", and protest before the last day if it has not been refunded."
_FILE = {
    "refused_yet_in_doubt": _REFUSED + _IN_DOUBT,
    "refused_yet": _REFUSED + ".",
    "deemed_past_protest": "Put it on a CAPE declaration today, check its liquidation in ACE, and ask "
    "counsel: it may be final.",
    "perhaps_deemed": "Put it on a CAPE declaration today and check its liquidation in ACE; protest "
    "before the last day if it is deemed liquidated and CAPE has not accepted it.",
    "power_over": _NEXT + _IN_DOUBT,
}
file = sentence(_NEXT + ".", _FILE)
admitted = sentence(_NEXT + ".", {"admission_assumed": "Declare it in Phase 3."} | _FILE)
_LATER = "; expect the refund only at liquidation."
file_paid_later = sentence(_NEXT + _LATER, {"refused_yet": _REFUSED + _LATER})

# ---- curing -----------------------------------------------------------------------------------------------------

#: A wrong check digit is mostly a slip of the sheet, and all else is seen afresh under the right number.
phrase(
    "compare_number",
    sentence(
        "",
        {
            "number_fails": "Compare the number with the entry summary (7501) first; if the spreadsheet "
            "is wrong, correct it there. If the summary shows the same number: "
        },
    ),
)
phrase(
    "cure_failures",
    sentence(
        "{cures}",
        {
            "protest_unread": "Check the protest: if it covers IEEPA duty only, withdraw it in time and "
            "file when ACE shows it closed; if not, keep it.{cures_but_protest}"
        },
    ),
)
cure = sentence("{compare_number}{cure_failures}{cures_refusal}")
cure_refusal = sentence("{cures_refusal}")

# ---- waiting -----------------------------------------------------------------------------------------------------

phrase(
    "today",
    sentence(
        "Nothing to file today. ",
        {
            "perhaps_liquidated_since": "Nothing to file today. Export the entry again: if it is "
            "liquidated, protest before the last day. "
        },
    ),
)
phrase(
    "stored_goods",
    sentence(
        "",
        {
            "stored_type_fails": " A later phase is announced for warehouse entries; meanwhile their "
            "withdrawals can be claimed."
        },
    ),
)
wait = sentence("{today}{cures}{stored_goods}")
wait_to_protest = sentence(
    "{today}Ask CBP through the broker whether it can still be corrected; protest once it is liquidated."
)
_OPENS = "File on the day the phase opens; protest before the last day if CAPE has not accepted the entry."
wait_for_phase = sentence(_OPENS, {"curable_fails": _OPENS + " Before that: {cures_before_phase}"})
ask_in_writing = sentence(
    "{today}If CBP advised a written request, make it through the broker; protest once it is liquidated."
)
