"""Entries whose answer depends on which source is right: which of two files, or which reading of the law.

They are decided once more by the other file. Each conflict of the law book names, by a word, the entries it
touches; here is what the word means. A reading that touches none of a client's entries moves no figure of its report.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from cape_kit.assessment import asserted_and_seen, decisions, rules, timeline, wording
from cape_kit.assessment.decisions import TO_FILE
from cape_kit.assessment.rules import Facts
from cape_kit.entries import identifiers, kept, schema
from cape_kit.entries.portfolio.joining import DECIDING
from cape_kit.law.book import Conflict
from cape_kit.money import known_sum, unknown_count

if TYPE_CHECKING:
    from cape_kit.assessment.assess import Assessment


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


LAW_COLUMNS = ("key", "question", "taken", "why", "entries", "principal_cents", "principal_unknown")
#: Days around a disputed day within which an entry hangs on it. [days]
_NEAR = 3


@kept
def depending_on_law(assessment: Assessment) -> pd.DataFrame:
    """One row per conflict of the law book: the reading taken, the entries it touches and their duty. [cents]

    Columns as in LAW_COLUMNS, the most dollars first, and before them those of which no amount is known.
    Source: conflicts.toml, ``touches``.
    """
    table = assessment.table
    rows: list[dict[str, Any]] = []
    for one in assessment.law.conflicts:
        here = _MEANINGS[one.touches](table, assessment, one)
        told = {"key": one.key, "question": one.question, "taken": one.taken, "why": one.why}
        cents = table.loc[here, "principal_cents"]
        sums = {"principal_cents": known_sum(cents), "principal_unknown": unknown_count(cents)}
        rows.append(told | {"entries": int(here.sum()), **sums})
    frame = pd.DataFrame(rows, columns=list(LAW_COLUMNS))
    frame = frame.astype({"entries": "int64", "principal_cents": "Int64", "principal_unknown": "int64"})
    order = ["principal_cents", "entries"]
    return frame.sort_values(order, ascending=False, kind="stable", na_position="first", ignore_index=True)


def _is(column: str, *values: str) -> Callable[..., np.ndarray]:
    return lambda table, *_: table[column].isin(values).to_numpy()


def _known(column: str) -> Callable[..., np.ndarray]:
    return lambda table, *_: table[column].notna().to_numpy()


def _above_zero(column: str) -> Callable[..., np.ndarray]:
    return lambda table, *_: table[column].fillna(0).gt(0).to_numpy()


def _beyond_one_file(table: pd.DataFrame, assessment: Assessment, one: Conflict) -> np.ndarray:
    """Entries to declare, where there are more of them than one declaration holds."""
    here = table["disposition"].isin(TO_FILE).to_numpy()
    most = min(int(assessment.law.value(key, assessment.filing_date).value) for key in one.values)
    return here if here.sum() > most else np.zeros(len(table), dtype=bool)


def _cape_edge(table: pd.DataFrame, *_: Any) -> np.ndarray:
    """The last day of the CAPE window is the day of filing, or the day before it."""
    left = table["cape_days_left"].astype("Float64")
    return left.between(-1, 0).fillna(False).to_numpy(dtype=bool)


def _reliquidated(table: pd.DataFrame, *_: Any) -> np.ndarray:
    apart = table["original_on"].ne(table["liquidated_on"]) & table["liquidated_on"].notna()
    return (apart & table["original_on"].notna()).to_numpy(dtype=bool)


def _refused_types(table: pd.DataFrame, assessment: Assessment, one: Conflict) -> np.ndarray:
    """Entries of a type on CBP's list of the day, or of the list announced."""
    types: set[str] = set()
    for key in one.values:
        for value in assessment.law.series(key).values:
            types |= {str(kind) for kind in value.value} if isinstance(value.value, tuple | list) else set()
    return table["entry_type"].isin(types).to_numpy()


def _near_day(table: pd.DataFrame, assessment: Assessment, one: Conflict) -> np.ndarray:
    """Entered within a few days of a disputed day."""
    near = np.zeros(len(table), dtype=bool)
    for key in one.values:
        for value in assessment.law.series(key).values:
            apart = (table["entry_date"] - pd.Timestamp(value.value)).abs()
            near |= apart.le(pd.Timedelta(days=_NEAR)).fillna(False).to_numpy(dtype=bool)
    return near


def _closed_day(table: pd.DataFrame, *_: Any) -> np.ndarray:
    """The last day to protest is no day on which CBP is open, and it has not gone by."""
    moved = table["protest_next_open"].ne(table["protest_last_day"]) & table["protest_next_open"].notna()
    return (moved & table["protest_state"].ne("closed").fillna(False)).to_numpy(dtype=bool)


_MEANINGS: dict[str, Callable[..., np.ndarray]] = {
    "none": lambda table, *_: np.zeros(len(table), dtype=bool),
    "declared": _is("disposition", *TO_FILE),
    "beyond-one-file": _beyond_one_file,
    "notify-party": lambda table, *_: (
        table["disposition"].isin(TO_FILE) & table["notify_party"].notna()
    ).to_numpy(dtype=bool),
    "cape-edge": _cape_edge,
    "reliquidated": _reliquidated,
    "refused-types": _refused_types,
    "interest": _above_zero("interest_cents"),
    "class-assumed": _is("class_from", "assumed"),
    "deposit-assumed": _is("deposit_from", "assumed"),
    "near-day": _near_day,
    "protest": _is("disposition", "protest"),
    "protest-closed-day": _closed_day,
    "protested-or-claimed": _is("disposition", "protest", "claimed"),
    "forecast": _known("expected_liquidation"),
    "suit": _known("suit_last_day"),
    "final": _is("disposition", "final"),
    "ended-heading": _above_zero("ended_since_cents"),
}
