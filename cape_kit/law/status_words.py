"""Status words of reports in the law book's spelling."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from cape_kit import few_values
from cape_kit.law import official
from cape_kit.law.book import Law

#: Liquidation words, in their canonical spelling, that say the entry has been liquidated.
LIQUIDATED = ("liquidated", "reliquidated", "deemed liquidated")
#: Words that stop the ordinary cycle: no forecast is made for such an entry.
OFF_CYCLE = ("extended", "suspended", "under review")
#: Claim words of a claim that was not taken: the entry's own, or the whole file's.
REFUSED = ("failed", "file failed")
#: Claim words of an entry that CBP took: it is taken once and for all.
TAKEN = ("accepted", "refunded")
#: The claim word of a claim CBP has not answered.
WAITING = "not started"
#: What separates words, and what separates the parts of one cell ("PD - Paid", "Liquidated (No Change)").
_MARKS = re.compile(r"[^0-9a-z]+")
_PARTS = re.compile(r"\s[-\u2010-\u2015]+\s|[:;,()/]|--")
#: A day somebody wrote behind the word ("Filed 5/1/26", "Accepted (May 20, 2026)"): it says when, and takes
#: nothing back.
_MONTH = r"(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]*\.?"
_DAY = (
    r"(?:\d{1,2}[/.-]\d{1,2}[/.-](?:\d{4}|\d{2})|\d{4}-\d{2}-\d{2}"
    rf"|\d{{1,2}}[ -]{_MONTH}[ -](?:\d{{4}}|\d{{2}})|{_MONTH} \d{{1,2}},? \d{{4}})"
)
_DATED = re.compile(
    r"\s*(?:\s|[\[(,;:-])\s*(?:(?:on|as of) )?"
    + _DAY
    + r"(?:[ T]\d{1,2}:\d{2}(?::\d{2})?(?: ?[ap]m)?)?[\s)\]]*$",
    re.IGNORECASE,
)
#: What may lead from a refusal to its reason ("Rejected due to Protest on Entry").
_BECAUSE = re.compile(r"^(?:due to|because of|because|reason|for|as)\b\W*", re.IGNORECASE)


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
    known = spellings(law, kind)
    places, distinct = pd.factorize(words)
    names = [understood(str(word), known) for word in distinct]
    if kind == "claim_status":
        names = [name or refusal(str(word), law)[0] for name, word in zip(names, distinct, strict=True)]
    return Words(few_values.small(places, len(names)), tuple(names))


def refusal(word: str, law: Law) -> tuple[str | None, str]:
    """A claim status that begins with CBP's refusal, and the reason it goes on with; null where it is none.

    Only a reason the law book knows whole is read ("Rejected - Final Liquidation"): any other word may take the
    refusal back. Source: the official texts, and the words of ``refusal_reason``.
    """
    known = spellings(law, "claim_status")
    for gap in re.finditer(r"[^0-9A-Za-z]+", word):
        reason = _BECAUSE.sub("", _DATED.sub("", word[gap.end() :])).strip(" )].;")
        canon = known.get(plain(word[: gap.start()]))
        if canon == REFUSED[0] and official.understand(reason, law).known:
            return canon, reason
    return None, ""


def reasons_behind(words: pd.Series[Any], law: Law) -> pd.Series[Any]:
    """CBP's reason where a claim status is its refusal with one behind it; null elsewhere."""
    found = {word: refusal(str(word), law)[1] or None for word in words.dropna().unique()}
    return words.map(found).astype("str")


def plain(word: str) -> str:
    """A word for comparing: lower case, with every run of blanks and punctuation as one blank."""
    return " ".join(_MARKS.sub(" ", word.lower().replace("(s)", "s")).split())


def spellings(law: Law, kind: str) -> dict[str, str]:
    """Every word of a kind, plain, and its canonical spelling."""
    return {plain(word): entry.canon for word, entry in law.words(kind).items()}


def understood(word: str, known: Mapping[str, str]) -> str | None:
    """The canonical spelling of a word; of one in parts ("1 - Accepted"), where all parts mean the same.

    A day behind the word ("Refunded 5/20/26") is left aside.
    """
    word = _DATED.sub("", word)
    whole = known.get(plain(word))
    if whole is not None:
        return whole
    parts = [plain(part) for part in _PARTS.split(word)]
    meant = {known.get(part) for part in parts if part}
    return meant.pop() if len(meant) == 1 else None


def canonical(words: pd.Series[Any], law: Law, kind: str) -> pd.Series[Any]:
    """Status words in the law book's canonical spelling; a word the book does not know becomes null.

    The raw word stays on the entry: it is shown, never guessed at.
    """
    found = read(words, law, kind)
    return few_values.spelt(found.places, found.names, words.index)
