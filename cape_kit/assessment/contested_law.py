"""Which entries depend on a reading of the law about which the sources disagree.

Each conflict of the law book names, by a word, the entries it touches; here stands what the word means. A
reading that touches none of a client's entries moves no figure of its report.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from cape_kit.assessment.decisions import TO_FILE
from cape_kit.law.book import Conflict

if TYPE_CHECKING:
    from cape_kit.assessment.assess import Assessment


COLUMNS = ("key", "question", "taken", "why", "entries", "principal_cents")
#: Days around a disputed day within which an entry hangs on it. [days]
_NEAR = 3


def touched(assessment: Assessment) -> pd.DataFrame:
    """One row per conflict of the law book: the reading taken, the entries it touches and their duty. [cents]

    Columns as in COLUMNS, the most dollars first. Source: conflicts.toml, ``touches``.
    """
    table = assessment.table
    rows: list[dict[str, Any]] = []
    for one in assessment.law.conflicts:
        here = _MEANINGS[one.touches](table, assessment, one)
        told = {"key": one.key, "question": one.question, "taken": one.taken, "why": one.why}
        cents = int(table.loc[here, "principal_cents"].fillna(0).sum())
        rows.append(told | {"entries": int(here.sum()), "principal_cents": cents})
    frame = pd.DataFrame(rows, columns=list(COLUMNS))
    frame = frame.sort_values(["principal_cents", "entries"], ascending=False, kind="stable")
    return frame.astype({"entries": "int64", "principal_cents": "int64"}).reset_index(drop=True)


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
