"""Status words of reports in the law book's spelling; few words and few days spread over many rows.

A portfolio has a million entries, but a few hundred different days and words.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

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
#: Rows for which a text that is the same on every row is held: of millions of rows it takes no more.
STRETCH = 1 << 16
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
    return Words(small(places, len(names)), tuple(names))


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
    return spelt(found.places, found.names, words.index)


def spelt(places: np.ndarray, names: Sequence[str | None], index: pd.Index[Any]) -> pd.Series[Any]:
    """A text column from places in a list of names; a negative place is null."""
    if len(places) > STRETCH and (places == places[0]).all():
        return alike(names[places[0]] if places[0] >= 0 else None, index)
    named = pd.array([*names, None], dtype="str")
    return pd.Series(named.take(np.where(places < 0, len(names), places)), index=index)


def alike(text: str | None, index: pd.Index[Any], dtype: Any = "str") -> pd.Series[Any]:
    """A text column that says the same on every row, held for one stretch of them; null for no text."""
    stretch = pd.Series(pd.array([text], dtype=dtype)).repeat(min(len(index), STRETCH))
    whole, rest = divmod(len(index), STRETCH)
    if not whole:
        return stretch.set_axis(index)
    return pd.concat([*[stretch] * whole, stretch.iloc[:rest]], ignore_index=True).set_axis(index)


def held_once(frame: pd.DataFrame) -> pd.DataFrame:
    """A long frame whose text columns that say the same on every row are held for one stretch of them.

    As a rule a text is held anew on each of its rows, and takes the more memory the longer it is.
    """
    if len(frame) <= STRETCH:
        return frame
    texts = {name: frame[name] for name in frame.columns if isinstance(frame[name].dtype, pd.StringDtype)}
    same = {str(name): text for name, text in texts.items() if _same(text)}
    return frame.assign(**{name: alike(text.iloc[0], frame.index, text.dtype) for name, text in same.items()})


def _same(text: pd.Series[Any]) -> bool:
    first, last = text.iloc[0], text.iloc[-1]
    return bool(text.isna().all() if pd.isna(first) else first == last and text.eq(first).all())


def small(places: np.ndarray, count: int) -> np.ndarray:
    """Places in a list of so many names, or -1, in as few bytes as they take."""
    return places.astype(np.min_scalar_type(-count - 1))


def once(days: pd.Series[Any], work: Callable[[pd.Series[Any]], pd.Series[Any]]) -> pd.Series[Any]:
    """What `work` makes of each day, reckoned on the different days only; null stays null."""
    codes, distinct = pd.factorize(days)
    made = work(pd.Series(distinct.astype("datetime64[s]"))).to_numpy()
    filled = np.append(made, np.array([np.datetime64("NaT")], dtype=made.dtype))
    return pd.Series(filled[codes], index=days.index)
