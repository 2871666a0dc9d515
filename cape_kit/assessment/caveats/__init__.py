"""The loud part of an assessment: checks the files could not answer, and figures that are less than exact."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from cape_kit.assessment.caveats.kinds import Caveat, doubts
from cape_kit.assessment.caveats.remedies import doubts_of_remedies
from cape_kit.assessment.decisions import Questions
from cape_kit.assessment.rules import UNKNOWN, unforeseeable
from cape_kit.money import known_sum, unknown_count

__all__ = ["COLUMNS", "Caveat", "caveats_of", "collect", "touched", "unproved"]


#: Caveats that no report of the client's could settle.
_NO_POINT = ("unforeseen", "assertion-unknown", "assertion-contradicted")
COLUMNS = ("code", "title", "entries", "principal_cents", "principal_unknown", "settles", "source")


#: Every caveat that might be made, with one flag per entry: whether it touches it.
Touched = tuple[tuple[Caveat, np.ndarray], ...]


def collect(asked: Questions, found: Touched) -> pd.DataFrame:
    """One row per caveat that touches any entry: how many, how much money, what settles it. [cents]

    The money is of those entries of which it is known, null where it is of none; `principal_unknown` counts the others.
    """
    rows = []
    for caveat, here in found:
        if not here.any():
            continue
        told = {
            "code": caveat.code,
            "title": caveat.title,
            "settles": caveat.settles,
            "source": caveat.source,
        }
        at_stake = asked.amounts.loc[here, caveat.amount]
        sums = {"principal_cents": known_sum(at_stake), "principal_unknown": unknown_count(at_stake)}
        rows.append(told | {"entries": int(here.sum()), **sums})
    frame = pd.DataFrame(rows, columns=list(COLUMNS))
    return frame.astype({"entries": "int64", "principal_cents": "Int64", "principal_unknown": "int64"})


def unproved(asked: Questions, found: Touched) -> np.ndarray:
    """One flag per entry: whether it rests on a point that a report or a fact would settle and none does.

    What only CBP's own computation can tell, and what is wrong with an assertion, is no such point.
    """
    marks = [here for one, here in found if one.code not in _NO_POINT]
    return np.logical_or.reduce(marks) if marks else np.zeros(len(asked.outcomes), dtype=bool)


def touched(
    asked: Questions, asserted: pd.DataFrame | None = None, by_file: pd.DataFrame | None = None
) -> Touched:
    """Every caveat that might be made on the day, and one flag per entry: whether it touches it."""
    return tuple((caveat, caveat.touches(asked)) for caveat in caveats_of(asked, asserted, by_file))


def caveats_of(
    asked: Questions, asserted: pd.DataFrame | None = None, by_file: pd.DataFrame | None = None
) -> tuple[Caveat, ...]:
    """Every caveat that might be made on the day: unverified checks first, then doubts, then assertions."""
    return (
        *_disagreeing(by_file),
        *_unverified(asked),
        *_unforeseen(asked),
        *doubts_of_remedies(asked),
        *doubts(asked),
        *_assertions(asserted),
    )


def _disagreeing(by_file: pd.DataFrame | None) -> list[Caveat]:
    """Entries that would be decided otherwise by another of the client's files."""
    if by_file is None or by_file.empty:
        return []
    numbers = by_file["entry_number"].unique()
    return [
        Caveat(
            "files-disagree",
            "The files disagree on a fact that decides the disposition: each entry shows which",
            "a new export of the entry; keep only the correct file",
            lambda s: s.facts.entries["entry_number"].isin(numbers).to_numpy(),
        )
    ]


def _unverified(asked: Questions) -> list[Caveat]:
    def open_on(code: str) -> Any:
        return lambda s: s.acting & (s.outcomes[code] == UNKNOWN).to_numpy()

    return [
        Caveat(
            rule.code,
            f"Not verified: {rule.title}",
            rule.settles,
            open_on(rule.code),
            asked.facts.law.cite(rule.source),
        )
        for rule in asked.rules.values()
        if rule.code in asked.outcomes and rule.missing == "caveat"
    ]


def _unforeseen(asked: Questions) -> list[Caveat]:
    """One caveat for all the checks that only CBP's own computation can make."""
    rules = unforeseeable(tuple(asked.rules.values()))
    if not rules:
        return []
    texts = ", ".join(f"“{rule.official_text}”" for rule in rules)
    return [
        Caveat(
            "unforeseen",
            f"No export can predict {len(rules)} of CBP's checks: {texts}",
            rules[0].settles,
            lambda s: s.acting,
            asked.facts.law.cite(rules[0].source),
        )
    ]


def _assertions(asserted: pd.DataFrame | None) -> list[Caveat]:
    """What is wrong with an assertion of client.toml: a name nobody knows, or files that say otherwise."""
    made = []
    for row in [] if asserted is None else asserted.to_dict("records"):
        name = row["assertion"]
        if not row["known"]:
            title = f"Assertion {name} of client.toml is not recognized: it has no effect"
            made.append(Caveat("assertion-unknown", title, "client.toml", lambda s: s.everything))
        elif row["contradicted"]:
            title = (
                f"The client asserts that {row['says']}; the files say otherwise for {row['contradicted']:,}"
            )
            title += " entries, which keep what the files say"
            made.append(Caveat("assertion-contradicted", title, "client.toml", lambda s: s.everything))
    return made
