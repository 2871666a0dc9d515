"""Entries that no sentence can tell apart: each sentence is written once for all of them, not once per entry."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

if TYPE_CHECKING:
    from cape_kit.assessment.decisions.questions import Questions

#: Combinations are packed into one integer each; beyond this many they are numbered anew.
_ROOM = 2**62


@dataclass(frozen=True)
class Alike:
    """Which group each entry is of, and one entry of each group."""

    group: np.ndarray
    example: np.ndarray


def grouped(asked: Questions, reads: list[frozenset[str]]) -> Alike:
    """The groups of all entries.

    Alike in the line of the policy that decides, in the checks that fail, in the facts that are missing, and in
    every column the sentences of that line read. `reads`: those columns, line by line. Raises LookupError for a
    column that neither the facts nor the questions have.
    """
    line = asked.line
    checks, count = _packed(asked.fails, asked.missing)
    group = np.zeros(len(line), dtype="int64")
    example: list[np.ndarray] = []
    for number in np.unique(line):
        rows = np.flatnonzero(line == number)
        key, size = checks[rows], count
        for name in sorted(reads[number]):
            codes, different = _numbered(asked.column(name), rows)
            if size * different >= _ROOM:
                key, size = _compact(key)
            key, size = key * different + codes, size * different
        mine, _ = pd.factorize(key)
        group[rows] = mine + sum(len(rows_of) for rows_of in example)
        example.append(rows[_first(mine)])
    return Alike(group, np.concatenate([np.zeros(0, dtype="int64"), *example]))


def _packed(*marks: pd.DataFrame) -> tuple[np.ndarray, int]:
    """All marks of each entry as one number."""
    key = np.zeros(len(marks[0]), dtype="int64")
    size = 1
    for frame in marks:
        for name in frame:
            mark = frame[name].to_numpy(dtype=bool)
            if not mark.any():
                continue
            if size * 2 >= _ROOM:
                key, size = _compact(key)
            key += mark.astype("int64") * size
            size *= 2
    return key, size


def _numbered(column: pd.Series | np.ndarray, rows: np.ndarray) -> tuple[np.ndarray, int]:
    """A column as small numbers for some rows; null is 0."""
    if isinstance(column, pd.Series):
        codes, distinct = pd.factorize(column.take(rows))
        return codes.astype("int64") + 1, len(distinct) + 1
    return column[rows].astype("int64"), 2


def _compact(key: np.ndarray) -> tuple[np.ndarray, int]:
    codes, distinct = pd.factorize(key)
    return codes.astype("int64"), len(distinct)


def _first(group: np.ndarray) -> np.ndarray:
    found = np.empty(int(group.max(initial=-1)) + 1, dtype="int64")
    found[group[::-1]] = np.arange(len(group))[::-1]
    return found
