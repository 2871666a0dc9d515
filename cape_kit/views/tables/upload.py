"""What goes up to ACE: the declaration files with the entries and dollars in each."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

from cape_kit.errors import InvalidDeclaration
from cape_kit.filing import declaration
from cape_kit.views import words
from cape_kit.views.tables.money import ON_CAPE
from cape_kit.views.tables.table import Field, Table

if TYPE_CHECKING:
    from cape_kit.assessment.assess import Assessment


def declarations(assessment: Assessment) -> Table:
    """The files to upload, one row each; or why CBP would refuse them. [cents]"""
    refused = ""
    try:
        parts = declaration.build(assessment)
    except InvalidDeclaration as fault:
        parts, refused = [], str(fault)
    principal = assessment.table.set_index("entry_number")["principal_cents"]
    frame = pd.DataFrame(
        {
            "file": [part.name for part in parts],
            "entries": [len(part.entry_numbers) for part in parts],
            "principal_cents": [principal.reindex(list(part.entry_numbers)).sum() for part in parts],
        }
    )
    return Table(
        frame,
        (
            Field("file", "File in the folder “declarations”"),
            Field("entries", "Entries", "count"),
            Field("principal_cents", "IEEPA duty", "dollars"),
        ),
        caption="Declaration files to upload",
        as_of=assessment.filing_date,
        note="Upload each in the ACE Portal under the account of the importer it names. The most urgent "
        "entries stand first. An accepted declaration can be neither amended nor withdrawn."
        + _kept_out(assessment),
        empty=refused or "Nothing can go on a declaration today, so there is no file.",
    )


def _kept_out(assessment: Assessment) -> str:
    """Entries that could go up but stand in no file, and why, in one sentence for each reason."""
    out = declaration.left_out(assessment)
    out = out[out["disposition"].isin(ON_CAPE)]
    told = ""
    for kind, here in out.groupby("kind", sort=True):
        stake = f"{words.entries(len(here))}, {words.dollars(here['principal_cents'].sum())}"
        told += f" In no file: {stake} ({declaration.REASONS[str(kind)]}; see exceptions.csv)."
    return told
