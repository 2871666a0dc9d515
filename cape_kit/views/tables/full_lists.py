"""Whole lists, for sheets and files: every entry; what is declared, protested, in doubt or in dispute, row by row."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING

import pandas as pd

from cape_kit.entries import identifiers, kept
from cape_kit.errors import InvalidDeclaration
from cape_kit.filing import declaration, protests
from cape_kit.views import words
from cape_kit.views.tables.file_quality import SEVERITIES, masked_sides, spelt_day
from cape_kit.views.tables.money import labels
from cape_kit.views.tables.table import Field, Table, duty, told_apart, total

if TYPE_CHECKING:
    from cape_kit.assessment.assess import Assessment


_ISO_DAY = re.compile(r"\d{4}-\d{2}-\d{2}")
_DECLARED = [
    "entry_number", "importer_number", "principal_cents", "interest_cents", "cape_last_day", "reason",
]  # fmt: skip


def declared_entries(assessment: Assessment) -> Table:
    """Every entry of every declaration file, in its order; row 1 of a file is its head. [cents]"""
    refused = ""
    try:
        parts = declaration.build(assessment)
    except InvalidDeclaration as fault:
        parts, refused = [], str(fault)
    table = assessment.table.set_index("entry_number", drop=False)[_DECLARED]
    chosen = [
        table.loc[list(part.entry_numbers)].assign(
            entry_number=list(part.entry_numbers),
            file=part.name,
            row=range(2, len(part.entry_numbers) + 2),
        )
        for part in parts
    ]
    frame = (
        pd.concat(chosen, ignore_index=True)
        if chosen
        else table.head(0).assign(file="", row=0).reset_index(drop=True)
    )
    return Table(
        frame.assign(importer_number=_masked(frame["importer_number"])),
        (
            Field("entry_number", "Entry", "number_of_entry"),
            Field("file", "File in the folder “declarations”"),
            Field("row", "Row", "count"),
            Field("importer_number", "Importer number"),
            Field("principal_cents", "IEEPA duty", "dollars"),
            Field("interest_cents", "Interest", "dollars"),
            Field("cape_last_day", "CAPE until", "day"),
            Field("reason", "Why"),
        ),
        caption="Declarations",
        as_of=assessment.filing_date,
        note="Every entry of every declaration file. The files to upload are in the folder “declarations”.",
        empty=refused or "No entry can be filed today, so there is no file.",
    )


def protest_list(assessment: Assessment) -> Table:
    """Every entry to protest, by importer, filer and port, the most urgent first. [cents]"""
    frame = protests.listing(assessment)
    return Table(
        frame.assign(
            importer_number=_masked(frame["importer_number"]),
            action=frame["action"].map(words.sentence),
            liquidation=frame["liquidation"].str.replace(_ISO_DAY, _spelt, regex=True).map(words.sentence),
        ),
        (
            Field("entry_number", "Entry", "number_of_entry"),
            Field("action", "What to do"),
            Field("plan_day", "File by", "day"),
            Field("protest_last_day", "Window ends", "day"),
            Field("days_left", "Days left", "count"),
            Field("principal_cents", "IEEPA duty", "dollars"),
            Field("interest_cents", "Interest", "dollars"),
            Field("importer_number", "Importer number"),
            Field("filer_code", "Filer"),
            Field("port_of_entry", "Port"),
            Field("protest_number", "Protest on file"),
            Field("liquidation", "Decision protested"),
            Field("programmes", "Programs"),
            Field("grounds", "Ground"),
            Field("why", "Why"),
        ),
        caption="Protests",
        as_of=assessment.filing_date,
        note="Entries to protest. A list for whoever files; nothing here has been filed with CBP.",
        empty="No entry is to be protested today.",
    )


def protest_groups(assessment: Assessment) -> Table:
    """Protests still to be filed, summed by importer, filer and port, the soonest first. [cents]"""
    frame = told_apart(protests.groups(protests.listing(assessment)))
    return Table(
        frame.assign(importer_number=_masked(frame["importer_number"])),
        (
            Field("importer_number", "Importer number"),
            Field("filer_code", "Filer"),
            Field("port_of_entry", "Port"),
            Field("entries", "Entries", "count"),
            duty(frame),
            Field("plan_day", "File by", "day"),
            Field("protest_last_day", "Window ends", "day"),
        ),
        caption="Protests to file",
        as_of=assessment.filing_date,
        note="Filed per port and importer, by whoever may file. Nothing here has been filed with CBP.",
        total={
            "importer_number": "All protests",
            "entries": int(frame["entries"].sum()),
            **total(frame),
        },
        empty="No entry is to be protested today.",
    )


def problem_rows(assessment: Assessment) -> Table:
    """Every row of the files that was not clean, as found, with what to do."""
    fields = (
        Field("severity", "Kind"),
        Field("file", "File"),
        Field("sheet", "Sheet"),
        Field("row", "Row", "count"),
        Field("column", "Column"),
        Field("value", "Value in the file"),
        Field("message", "What is wrong"),
        Field("what_to_do", "What to do"),
        Field("code", "Code"),
    )
    frame = assessment.problems
    if "column" in frame:
        number = frame["column"].fillna("").str.contains("importer", case=False)
        frame = frame.assign(value=frame["value"].where(~number, _masked(frame["value"])))
    kinds = pd.Categorical(frame["severity"], categories=list(SEVERITIES), ordered=True)
    order = pd.Series(kinds.codes, index=frame.index).sort_values(kind="stable").index
    spelt = {
        name: frame[name].map(words.sentence, na_action="ignore")
        for name in ("severity", "message", "what_to_do")
    }
    return Table(
        frame.assign(**spelt).loc[order].reset_index(drop=True),
        fields,
        caption="Problems",
        as_of=assessment.filing_date,
        note="Every row, column and file that was not used, was used with a doubt, or was corrected; errors first.",
        empty="No problem was found in any row of any file.",
    )


def conflict_rows(assessment: Assessment) -> Table:
    """Every value on which two files disagree, and which was taken."""
    frame = masked_sides(assessment.conflicts)
    return Table(
        frame.assign(
            column=frame["column"].str.replace("_", " ").map(words.sentence),
            taken=frame["taken"].map(spelt_day),
            other=frame["other"].map(spelt_day),
            why=frame["why"].map(words.sentence),
        ),
        (
            Field("entry_number", "Entry", "number_of_entry"),
            Field("column", "Column"),
            Field("taken", "Value used"),
            Field("taken_from", "Its place"),
            Field("other", "Value not used"),
            Field("other_from", "The other’s place"),
            Field("why", "Why"),
        ),
        caption="Conflicts",
        as_of=assessment.filing_date,
        note="Every value on which two files disagree, the one used, and the rule by which it was chosen.",
        empty="No two files disagree about an entry.",
    )


def _spelt(found: re.Match[str]) -> str:
    return spelt_day(found[0])


def _masked(numbers: pd.Series) -> pd.Series:
    return numbers.map(identifiers.mask_importer, na_action="ignore").astype("str")


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
    return Table(
        _entries(assessment),
        FIELDS,
        caption="Entries",
        as_of=assessment.filing_date,
        note="One row per entry. Amounts are in dollars, empty where not known; interest is an estimate.",
        empty="The files hold no entry that could be read.",
        labels=labels(assessment),
    )


@kept
def _entries(assessment: Assessment) -> pd.DataFrame:
    """The rows; see `every_entry`."""
    frame = assessment.table[[one.name for one in FIELDS]]
    ahead = frame["next_deadline"].ge(pd.Timestamp(assessment.filing_date)).fillna(False)
    states = {name: frame[name].replace(_STATES) for name in ("cape_state", "protest_state")}
    return frame.assign(
        next_deadline=frame["next_deadline"].where(ahead),
        next_deadline_what=frame["next_deadline_what"].where(ahead),
        importer_number=frame["importer_number"]
        .map(identifiers.mask_importer, na_action="ignore")
        .astype("str"),
        **states,
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
