"""Status words of reports in the law book's spelling, and few words spread over many rows."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from cape_kit.law.book import Law

#: Liquidation words, in their canonical spelling, that say the entry has been liquidated.
LIQUIDATED = ("liquidated", "reliquidated", "deemed liquidated")
#: Words that stop the ordinary cycle: no forecast is made for such an entry.
OFF_CYCLE = ("extended", "suspended", "under review")


@dataclass(frozen=True)
class Words:
    """A column of status words by their place in a short list of canonical spellings; null has no place."""

    places: np.ndarray
    names: tuple[str | None, ...]

    @property
    def unknown(self) -> np.ndarray:
        """Empty, or a word the law book does not know."""
        return ~self.among(*(name for name in self.names if name is not None))

    def among(self, *wanted: str) -> np.ndarray:
        """Entries whose word is one of those."""
        return np.array([*(name in wanted for name in self.names), False])[self.places]


def read(words: pd.Series[Any], law: Law, kind: str) -> Words:
    """Status words in the law book's spelling, each different one looked up once."""
    known = {word: entry.canon for word, entry in law.words(kind).items()}
    places, distinct = pd.factorize(words)
    return Words(places, tuple(known.get(" ".join(str(word).lower().split())) for word in distinct))


def canonical(words: pd.Series[Any], law: Law, kind: str) -> pd.Series[Any]:
    """Status words in the law book's canonical spelling; a word the book does not know becomes null.

    The raw word stays on the entry: it is shown, never guessed at.
    """
    found = read(words, law, kind)
    return spelt(found.places, found.names, words.index)


def spelt(places: np.ndarray, names: Sequence[str | None], index: pd.Index[Any]) -> pd.Series[Any]:
    """A text column from places in a list of names; a negative place is null."""
    named = pd.array([*names, None], dtype="str")
    return pd.Series(named.take(np.where(places < 0, len(names), places)), index=index)
