"""The words of headers: abbreviations, other words and languages, misspellings, and the known headers they say.

"Liq Dt", "Fecha de liquidación" and "Liqidation Date" are all "Liquidation Date". What is likely only by its letters
is a guess, and no more than that.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache, lru_cache

from cape_kit.entries.readers.layouts import ColumnKind, Part, collapse, profiles, vocabulary, words

#: How sure a match is: the same words; one of them misspelt; the same but for words that say little.
SAME, MISSPELT, NEARLY = 100, 96, 92
#: Likeness by letters alone never gets higher: it is a proposal.
_ALIKE, _LEAST = 0.85, 60
#: Headers whose words are kept between files.
_KEPT = 1 << 14
_PART = {"hts": "hts", "duty": "cents"}


@dataclass(frozen=True)
class Known:
    """One known header, its words, and every declared column that goes by it in one layout or another."""

    header: str
    words: tuple[str, ...]
    columns: tuple[ColumnKind, ...]

    @property
    def names(self) -> frozenset[str]:
        """The declared columns by name."""
        return frozenset(column.name for column in self.columns)

    @property
    def money(self) -> bool:
        """Whether one of them holds amounts."""
        return any(column.kind == "cents" for column in self.columns)


# --- the words of a header ----------------------------------------------------------------------------------


@lru_cache(maxsize=_KEPT)
def in_words(header: str) -> tuple[str, ...]:
    """The words of a header written out, without those that only join, in the order of the alphabet."""
    known = words()
    for sign, meant in known.chinese.items() if not header.isascii() else ():
        header = header.replace(sign, f" {meant} ")
    bare = unicodedata.normalize("NFKD", header).encode("ascii", "ignore").decode()
    spaced = re.sub(r"(?<=[a-z])(?=[A-Z])", " ", bare).lower()
    said = [known.short.get(word, word) for word in re.findall(r"[a-z]+|[0-9]+|[#%]", spaced)]
    text = f" {' '.join(said)} "
    for phrase, meant in known.phrases.items():
        text = text.replace(f" {phrase} ", f" {meant} ")
    return tuple(sorted(set(text.split()) - known.idle["joining"]))


def _bare(said: Iterable[str], *, money: bool) -> tuple[str, ...]:
    """Words without those that say little; of money only "amount" says nothing."""
    idle = {"amount"} if money else words().idle["formal"]
    return tuple(word for word in said if word not in idle)


def of_part(part: Part) -> tuple[ColumnKind, ...]:
    """The columns of one programme of a wide layout."""
    return tuple(
        ColumnKind(f"{part.name}_{role}", _PART[role], names)
        for role, names in (("hts", part.hts), ("duty", part.duty))
    )


def columns_of(header: str) -> tuple[ColumnKind, ...]:
    """The declared columns that go by a header as it stands; none where no layout knows it."""
    found = _known().get(collapse(header))
    return found.columns if found else ()


def is_known(header: str) -> bool:
    """Whether a layout knows a header as it stands."""
    return collapse(header) in letters()


@cache
def _known() -> dict[str, Known]:
    """Every header of the layouts by its letters."""
    columns: dict[str, dict[str, ColumnKind]] = {}
    headers: dict[str, str] = {}

    def add(names: Iterable[str], column: ColumnKind) -> None:
        for name in names:
            headers.setdefault(collapse(name), name)
            columns.setdefault(collapse(name), {}).setdefault(column.name, column)

    for column in vocabulary().values():
        add(column.names, column)
    for profile in profiles():
        for column in profile.columns.values():
            add(column.names, column)
        for column in (one for part in profile.parts for one in of_part(part)):
            add(column.names, column)
    return {
        key: Known(headers[key], in_words(headers[key]), tuple(found.values()))
        for key, found in columns.items()
    }


@cache
def letters() -> frozenset[str]:
    """Every header the layouts know, those they have no use for too, unless another layout may need them."""
    unused = [header for profile in profiles() for header in profile.unused]
    return frozenset(_known()) | {collapse(one) for one in unused if in_words(one) not in _by_words()}


@cache
def _by_words() -> dict[tuple[str, ...], list[Known]]:
    found: dict[tuple[str, ...], list[Known]] = {}
    for known in _known().values():
        found.setdefault(known.words, []).append(known)
    return found


@cache
def _by_bare_words() -> dict[tuple[str, ...], list[Known]]:
    found: dict[tuple[str, ...], list[Known]] = {}
    for known in _known().values():
        bare = _bare(known.words, money=known.money)
        if bare:
            found.setdefault(bare, []).append(known)
    return found


@cache
def _all_words() -> tuple[str, ...]:
    single = {word for known in _known().values() for word in known.words}
    return tuple(sorted(word for word in single if len(word) >= 5 and word.isalpha()))


def _spelt(said: tuple[str, ...]) -> tuple[str, ...]:
    """The words with those nobody knows put right, where one known word alone is a letter or two away."""
    from rapidfuzz import process
    from rapidfuzz.distance import OSA

    right: set[str] = set()
    for word in said:
        most = 1 if len(word) < 8 else 2
        if word in _all_words() or len(word) < 5 or not word.isalpha():
            right.add(word)
            continue
        near = process.extract(word, _all_words(), scorer=OSA.distance, score_cutoff=most, limit=2)
        alone = near and (len(near) == 1 or near[0][1] < near[1][1])
        right.add(near[0][0] if alone else word)
    return tuple(sorted(right))


# --- what a header may be -----------------------------------------------------------------------------------


@lru_cache(maxsize=_KEPT)
def candidates_for(header: str) -> tuple[int, list[Known]]:
    """The known headers that say the same, in the surest of the ways that finds any."""
    said = in_words(header)
    if not said:
        return 0, []
    if said in _by_words():
        return SAME, _by_words()[said]
    spelt = _spelt(said)
    if spelt != said and spelt in _by_words():
        return MISSPELT, _by_words()[spelt]
    found = [k for k in _by_bare_words().get(_bare(spelt, money=False), []) if not k.money]
    found += [k for k in _by_bare_words().get(_bare(spelt, money=True), []) if k.money]
    return NEARLY, found


def alike(header: str, limit: int = 4) -> list[tuple[Known, int]]:
    """The known headers most like one by their letters, each declared column once: guesses, never taken."""
    from rapidfuzz import fuzz, process

    said = " ".join(_spelt(in_words(header)))
    listed = list(_known().values())
    texts = [" ".join(known.words) for known in listed]
    found: list[tuple[Known, int]] = []
    if not said:
        return found
    for _, score, at in process.extract(said, texts, scorer=fuzz.token_sort_ratio, limit=40):
        known = listed[at]
        seen = any(known.names & other.names for other, _ in found)
        if not seen and score * _ALIKE >= _LEAST * _ALIKE:
            found.append((known, int(score * _ALIKE)))
    return found[:limit]


def likeness(header: str, name: str) -> float:
    """How alike two headers are: by their letters, and by the words they share."""
    from rapidfuzz import fuzz

    left, right = in_words(header), in_words(name)
    if not left:
        return 0.0
    shared = set(left) & set(right)
    alike = fuzz.token_sort_ratio(" ".join(left), " ".join(right)) / 100
    return max(alike, len(shared) / max(min(len(left), len(right)), 1))
