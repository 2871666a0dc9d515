"""Entries whose disposition hangs on which of the client's files is right: decided once more by the other reading.

A disagreement that changes nothing is listed with the conflicts; one that does is said on the entry itself.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from cape_kit.assessment import asserted_and_seen, decisions, rules, timeline, wording
from cape_kit.assessment.rules import Facts
from cape_kit.entries import schema
from cape_kit.entries.portfolio.joining import DECIDING

COLUMNS = ("entry_number", "disposition", "otherwise", "says", "told")


def depending_on_file(facts: Facts, days: pd.DataFrame, alternatives: pd.DataFrame) -> pd.DataFrame:
    """One row per entry and other reading under which it would be decided otherwise.

    Columns: entry_number, disposition, otherwise (the disposition by the other reading), says (what that
    reading has), told (the sentence). `days`: the decisions as taken.
    """
    others = alternatives[alternatives["entry_number"].isin(facts.entries["entry_number"])]
    if others.empty:
        return pd.DataFrame({name: pd.Series(dtype="str") for name in COLUMNS})
    others = asserted_and_seen.settle(facts.client, others.reset_index(drop=True), facts.law).entries
    place = pd.Index(facts.entries["entry_number"]).get_indexer(others["entry_number"])
    part = facts.take(place)
    by_other = rules.with_phase(
        Facts(
            entries=others,
            clocks=timeline.build(others, facts.law, as_of=facts.day),
            lines=part.lines,
            law=facts.law,
            day=facts.day,
            client=facts.client,
            seen=part.seen,
        )
    )
    decided = decisions.decide(by_other).days
    taken = days.iloc[place].reset_index(drop=True)
    differs = (decided["disposition"] != taken["disposition"]).to_numpy()
    rows = np.flatnonzero(differs)
    found = pd.DataFrame(
        {
            "entry_number": others["entry_number"].iloc[rows],
            "disposition": taken["disposition"].iloc[rows],
            "otherwise": decided["disposition"].iloc[rows],
            "says": _says(others.iloc[rows], part.entries.iloc[rows]),
        }
    )
    return found.assign(told=_sentence(found, decided["next_deadline"].iloc[rows])).reset_index(drop=True)


def _says(other: pd.DataFrame, mine: pd.DataFrame) -> pd.Series:
    """What the other reading has, column by column where it differs, and where it stands."""
    sheet = " [" + other["source_sheet"].astype("str") + "]"
    place = other["source_file"] + sheet.fillna("") + " row " + other["source_row"].astype("str")
    said = pd.Series("", index=other.index, dtype="object")
    for column in DECIDING:
        theirs, ours = (
            schema.shown(other[column]).fillna("nothing"),
            schema.shown(mine[column]).fillna("nothing"),
        )
        differs = (theirs != ours).to_numpy()
        piece = column.replace("_", " ") + " " + theirs + " (taken: " + ours + ")"
        said = said.where(~differs, said.where(said == "", said + ", ") + piece.astype("object"))
    return place + " has " + said


def _sentence(rows: pd.DataFrame, last_day: pd.Series) -> pd.Series:
    label = rows["otherwise"].map(decisions.DISPOSITIONS)
    until = (", last day " + wording.day(last_day)).fillna("")
    return " The files disagree: " + rows["says"] + "; by that it would be “" + label + "”" + until + "."
