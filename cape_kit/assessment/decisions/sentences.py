"""What is said of entries: why, on whose authority, what blocks or is missing, and what to do next.

Each sentence is written once for all the entries it can't tell apart, not once per entry.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from cape_kit.assessment import wording
from cape_kit.assessment.decisions.policy import PRECEDENCE, UNBLOCKED, Key, Step, Which
from cape_kit.assessment.rules import checks
from cape_kit.assessment.wording import reasons
from cape_kit.assessment.wording.templates import Named
from cape_kit.law import official
from cape_kit.law.book import Check

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
        codes, distinct = pd.factorize(column.array.take(rows))
        return codes.astype("int64") + 1, len(distinct) + 1
    return column[rows].astype("int64"), 2


def _compact(key: np.ndarray) -> tuple[np.ndarray, int]:
    codes, distinct = pd.factorize(key)
    return codes.astype("int64"), len(distinct)


def _first(group: np.ndarray) -> np.ndarray:
    found = np.empty(int(group.max(initial=-1)) + 1, dtype="int64")
    found[group[::-1]] = np.arange(len(group))[::-1]
    return found


NAMES = ("reason", "source", "blocking_rules", "facts_missing", "what_to_do")


def written(asked: Questions, rows: np.ndarray) -> pd.DataFrame:
    """Everything that is said in words of some entries, one row each."""
    line = asked.line[rows]
    fails = asked.fails.iloc[rows].reset_index(drop=True)
    said = {name: wording.all_of("", fails.index) for name in NAMES}
    said["facts_missing"] = _missing(asked, rows)
    said["blocking_rules"] = wording.join_codes(fails)
    for number in np.unique(line):
        step, here = PRECEDENCE[number], np.flatnonzero(line == number)
        told = named(asked, step.reads, rows[here])
        said["reason"].iloc[here] = step.reason.only(told).array
        said["what_to_do"].iloc[here] = step.next.only(told).array
        said["source"].iloc[here] = _source(asked, step, told).array
        if step.tells_refusal:
            both = said["blocking_rules"].iloc[here].array + ", " + told.given(Which.REFUSAL.value).array
            said["blocking_rules"].iloc[here] = pd.Series(both).str.strip(", ").array
    disposition = np.array([step.disposition for step in PRECEDENCE])[line]
    said["blocking_rules"] = said["blocking_rules"].where(~np.isin(disposition, UNBLOCKED), "")
    said["facts_missing"] = said["facts_missing"].where(disposition == "undetermined", "")
    return pd.DataFrame(said)


def beside(asked: Questions, rows: np.ndarray) -> pd.Series:
    """What stands on some entries beside the duty that is counted; the blank before it stays."""
    return reasons.besides(named(asked, reasons.besides.reads, rows))


def named(asked: Questions, reads: frozenset[str], rows: np.ndarray) -> Named:
    """Some entries as sentences may see them: the columns they read, and no more."""
    columns = {name: _part(asked.column(name), rows) for name in sorted(reads)}
    fails = asked.fails.iloc[rows].reset_index(drop=True)
    return Named(columns, fails, asked.facts.law, asked.facts.day)


def _part(column: pd.Series | np.ndarray, rows: np.ndarray) -> pd.Series:
    if isinstance(column, pd.Series):
        return pd.Series(column.array.take(rows), name=column.name)
    return pd.Series(column[rows])


def _source(asked: Questions, step: Step, told: Named) -> pd.Series:
    law, because = told.law, step.because
    if isinstance(because, Check):
        return told.every(asked.cite(because))
    if isinstance(because, Key):
        value = law.value(because.key, told.day)
        if because.announced:
            value = checks.announced_admission(law, told.day) or value
        return told.every(law.cite(value.source))
    codes = wording.join_codes(told.fails) if because is Which.FAILURE else told.given(because.value)
    cited = {code: law.cite(rule.source) for code, rule in official.by_code(law).items()}
    return codes.str.split(", ").str[0].map(cited)


def _missing(asked: Questions, rows: np.ndarray) -> pd.Series:
    """The columns whose absence leaves a deciding rule open, with where to get them."""
    missing = asked.missing.iloc[rows].reset_index(drop=True)
    settles = {code: check.settles for code, check in official.by_code(asked.facts.law).items()}
    return wording.join_codes(missing, {c: settles.get(c, c) for c in map(str, missing)}, between="; ")
