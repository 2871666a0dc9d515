"""Entries whose disposition or last day depends on which file is right: decided once more by the other reading.

A disagreement that changes nothing is listed with the conflicts; one that does is said on the entry itself, and
of two days to act by the earlier one stands: the other file may be right.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from cape_kit.assessment import asserted_and_seen, decisions, rules, timeline, wording
from cape_kit.assessment.rules import Facts
from cape_kit.entries import identifiers, schema
from cape_kit.entries.portfolio.joining import DECIDING

COLUMNS = ("entry_number", "disposition", "otherwise", "says", "told", "act_by", "act_by_what")


def depending_on_file(facts: Facts, days: pd.DataFrame, alternatives: pd.DataFrame) -> pd.DataFrame:
    """One row per entry and other reading under which it would be decided otherwise, or have to be acted on earlier.

    Columns: entry_number, disposition, otherwise (the disposition by the other reading), says (what that
    reading has), told (the sentence), act_by and act_by_what by it. `days`: the decisions as taken.
    """
    others = alternatives
    if len(others):
        others = others[identifiers.among(others["entry_number"], facts.entries["entry_number"])]
    if others.empty:
        none = pd.DataFrame({name: pd.Series(dtype="str") for name in COLUMNS})
        return none.astype({"act_by": "datetime64[s]"})
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
    asked = decisions.decide(by_other)
    decided, taken = asked.days, days.iloc[place].reset_index(drop=True)
    differs = (decided["disposition"] != taken["disposition"]).to_numpy()
    # A comparison with a day that is not known is false.
    earlier = (decided["next_deadline"] < taken["next_deadline"]).to_numpy(dtype=bool)
    rows = np.flatnonzero(differs | earlier)
    found = pd.DataFrame(
        {
            "entry_number": others["entry_number"].iloc[rows],
            "disposition": taken["disposition"].iloc[rows],
            "otherwise": decided["disposition"].iloc[rows],
            "says": _says(others.iloc[rows], part.entries.iloc[rows]),
            "act_by": decided["act_by"].iloc[rows],
            "act_by_what": asked.sensible.what.iloc[rows],
        }
    )
    return found.assign(told=_sentence(found, decided["next_deadline"].iloc[rows])).reset_index(drop=True)


def with_earlier_days(days: pd.DataFrame, others: pd.DataFrame) -> pd.DataFrame:
    """The decisions with the earlier of the days to act by, where another reading has one, as `others` lists them."""
    if others.empty:
        return days
    first = (
        others.dropna(subset=["act_by"]).sort_values("act_by", kind="stable").drop_duplicates("entry_number")
    )
    theirs = first.set_index("entry_number").reindex(days["entry_number"]).set_axis(days.index)
    earlier = (theirs["act_by"] < days["act_by"]).fillna(False) | (
        days["act_by"].isna() & theirs["act_by"].notna()
    )
    moved = {"act_by": days["act_by"].mask(earlier, theirs["act_by"])}
    if "act_by_what" in days:
        moved["act_by_what"] = days["act_by_what"].mask(earlier, theirs["act_by_what"])
    return days.assign(**moved)


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
    label = "“" + rows["otherwise"].map(decisions.DISPOSITIONS) + "”"
    same = (rows["disposition"] == rows["otherwise"]).to_numpy()
    label = label.mask(same, label + " as well")
    until = (", last day " + wording.day(last_day)).fillna("")
    return " The files disagree: " + rows["says"] + "; on that reading it would be " + label + until + "."
