"""Entries that no sentence can tell apart: each sentence is written once per kind, not once per entry."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from cape_kit.assessment.decisions.view import View
from cape_kit.assessment.rules import FAIL, UNKNOWN
from cape_kit.law.book import Check

#: Combinations are packed into one integer each; beyond this many they are numbered anew.
_ROOM = 2**62


@dataclass(frozen=True)
class Kinds:
    """Which kind each entry is of, and one entry of each kind."""

    kind: np.ndarray
    example: np.ndarray


def of(view: View, step: np.ndarray, columns: list[tuple[str, ...]]) -> Kinds:
    """The kinds of all entries.

    Alike in the step that decides, in the rules that fail or are open, and in the columns its sentence names.
    """
    outcomes, count = _outcomes(view)
    kind = np.zeros(len(step), dtype="int64")
    example: list[np.ndarray] = []
    for number in np.unique(step):
        rows = np.flatnonzero(step == number)
        key, size = outcomes[rows], count
        for name in columns[number]:
            codes, different = _numbered(view, name, rows)
            if size * different >= _ROOM:
                key, size = _compact(key)
            key, size = key * different + codes, size * different
        mine, _ = pd.factorize(key)
        kind[rows] = mine + sum(len(rows_of) for rows_of in example)
        example.append(rows[_first(mine)])
    return Kinds(kind, np.concatenate([np.zeros(0, dtype="int64"), *example]))


def _outcomes(view: View) -> tuple[np.ndarray, int]:
    """Which checks fail, and all that is named as a missing fact, as one number per entry."""
    marks = [view.admission_open, *(view.unread[code].to_numpy() for code in view.unread)]
    for code in (*map(str, view.outcomes), *view.settled_unasked):
        column = view.outcome(code)
        marks.append(column == FAIL)
        decides = code not in view.rules or view.rules[code].missing == "undetermined"
        if decides or code == Check.CLAIMED:
            marks.append(column == UNKNOWN)
    told = np.zeros(len(view.outcomes), dtype="int64")
    size = 1
    for mark in marks:
        if not mark.any():
            continue
        if size * 2 >= _ROOM:
            told, size = _compact(told)
        told += mark.astype("int64") * size
        size *= 2
    return told, size


def _numbered(view: View, name: str, rows: np.ndarray) -> tuple[np.ndarray, int]:
    """A column of the facts, or a flag or a day of the view, as small numbers for some rows; null is 0."""
    for frame in (view.facts.clocks, view.facts.entries, view.facts.lines):
        if name in frame:
            codes, distinct = pd.factorize(frame[name].take(rows))
            return codes.astype("int64") + 1, len(distinct) + 1
    told = getattr(view, name)
    if isinstance(told, pd.Series):
        codes, distinct = pd.factorize(told.take(rows))
        return codes.astype("int64") + 1, len(distinct) + 1
    return np.asarray(told)[rows].astype("int64"), 2


def _compact(key: np.ndarray) -> tuple[np.ndarray, int]:
    codes, distinct = pd.factorize(key)
    return codes.astype("int64"), len(distinct)


def _first(kind: np.ndarray) -> np.ndarray:
    found = np.empty(int(kind.max(initial=-1)) + 1, dtype="int64")
    found[kind[::-1]] = np.arange(len(kind))[::-1]
    return found
