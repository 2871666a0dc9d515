"""Every entry with everything known of it, for sheets and files that may be long."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pandas as pd

from cape_kit.entries import identifiers
from cape_kit.views.tables.money import labels
from cape_kit.views.tables.table import Field, Table

if TYPE_CHECKING:
    from cape_kit.assessment.assess import Assessment

FIELDS = (
    Field("entry_number", "Entry", "number_of_entry"),
    Field("disposition", "Disposition", "disposition"),
    Field("what_to_do", "Next step"),
    Field("next_deadline", "By", "day"),
    Field("principal_cents", "IEEPA duty", "dollars"),
    Field("interest_cents", "Interest", "dollars"),
    Field("liquidated_on", "Liquidated", "day"),
    Field("cape_last_day", "CAPE until", "day"),
    Field("protest_last_day", "Protest until", "day"),
    Field("reason", "Why"),
    Field("next_deadline_what", "Deadline then"),
    Field("duty_paid_cents", "All duty paid", "dollars"),
    Field("confidence", "IEEPA duty figure is"),
    Field("cape_days_left", "CAPE days left", "count"),
    Field("cape_state", "CAPE window"),
    Field("protest_days_left", "Protest days left", "count"),
    Field("protest_state", "Protest window"),
    Field("liquidation_status", "Liquidation status"),
    Field("expected_liquidation", "Liquidation expected", "day"),
    Field("liquidation_basis", "Liquidation date is"),
    Field("entry_date", "Entry date", "day"),
    Field("entry_type", "Entry type"),
    Field("importer_number", "Importer number"),
    Field("filer_code", "Filer"),
    Field("port_of_entry", "Port of entry"),
    Field("country", "Main origin"),
    Field("programme", "Main program"),
    Field("deposit_day", "Deposit date", "day"),
    Field("deposit_basis", "Deposit date taken from"),
    Field("deposit_from", "Deposit date is"),
    Field("importer_class", "Importer class"),
    Field("class_from", "Importer class is"),
    Field("interest_until", "Interest runs until", "day"),
    Field("blocking_rules", "CAPE checks failed"),
    Field("facts_missing", "Facts missing"),
    Field("protest_number", "Protest number"),
    Field("protest_status", "Protest status"),
    Field("protest_denied_on", "Protest denial mailed", "day"),
    Field("summons_last_day", "Summons due by", "day"),
    Field("suit_last_day", "Two years to sue end", "day"),
    Field("suit_reading", "Two years counted"),
    Field("claim_number", "CAPE claim"),
    Field("filed_on", "Filed on CAPE on", "day"),
    Field("filed_days", "Days since filed", "count"),
    Field("filed_claim", "Claim number recorded"),
    Field("answer_by", "Look for CBP's answer", "day"),
    Field("source", "Authority"),
)

#: The first columns, those that print on one page's width; the others are for the screen.
PRINTED = 9
#: What a broker is shown of the entries it filed: what to do and by when, not what the client earns by it. The
#: first of them print.
_OF_FILER = (
    "entry_number", "disposition", "what_to_do", "next_deadline", "reason", "principal_cents", "liquidated_on",
    "importer_number", "liquidation_status", "entry_date", "entry_type", "blocking_rules", "protest_number",
    "claim_number",
)  # fmt: skip
FILER_FIELDS = tuple(one for name in _OF_FILER for one in FIELDS if one.name == name)
FILER_PRINTED = 7

_STATES = {"not_open": "not open", "due_soon": "due soon"}


def every_entry(assessment: Assessment) -> Table:
    """One row per entry: decision, reason, clocks, money and facts, in entry-number order. [cents, days]

    A deadline gone by is left out: nobody can work towards it.
    """
    frame = assessment.table[[one.name for one in FIELDS]]
    ahead = frame["next_deadline"].ge(pd.Timestamp(assessment.filing_date)).fillna(False)
    states = {name: frame[name].replace(_STATES) for name in ("cape_state", "protest_state")}
    return Table(
        frame.assign(
            next_deadline=frame["next_deadline"].where(ahead),
            next_deadline_what=frame["next_deadline_what"].where(ahead),
            importer_number=frame["importer_number"]
            .map(identifiers.mask_importer, na_action="ignore")
            .astype("str"),
            **states,
        ),
        FIELDS,
        caption="Entries",
        as_of=assessment.filing_date,
        note="One row per entry. Amounts are in dollars; interest is an estimate.",
        empty="The files hold no entry that could be read.",
        labels=labels(assessment),
    )


def entries_of_filer(assessment: Assessment, filer_code: str) -> Table:
    """The entries one filer filed, the soonest day first, with what a broker needs of each. [cents, days]"""
    table = every_entry(assessment)
    mine = table.frame[table.frame["filer_code"].eq(filer_code)]
    mine = mine.sort_values(["next_deadline", "entry_number"], kind="stable").reset_index(drop=True)
    note = (
        "What may be done with each entry on CAPE, the next step and its last day. An estimate; CBP decides."
    )
    return replace(
        table, frame=mine, fields=FILER_FIELDS, caption=f"Entries filed by {filer_code}", note=note
    )
