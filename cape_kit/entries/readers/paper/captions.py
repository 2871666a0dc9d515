"""Where the boxes of a printed form are, by their captions; what is typed into them; columns of its table."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

from cape_kit.entries.readers.layouts import Profile, toml, vocabulary
from cape_kit.entries.readers.paper.words import Page, Word

#: What is typed into a box stands at most so far below its caption, and begins hardly left of it. [points]
BELOW, LEFT = 62.0, 5.0
#: Captions of the table of lines stand within this of the HTS number's, above and below. [points]
HEAD_ABOVE, HEAD_BELOW = 34.0, 30.0
#: A caption's words follow each other no farther apart than this share of their height.
CAPTION_GAP = 2.4

_NUMBER = re.compile(r"^[0-9]{1,2}(?=[a-z])")
_DOLLAR = "$"
_CELL = re.compile(r"\$?([0-9]{1,3}(?:,[0-9]{3})+|[0-9]+)(\.[0-9]{2})?")


@dataclass(frozen=True)
class Caption:
    """A caption found on a page: the field it names, and its place."""

    name: str
    left: float
    right: float
    base: float
    words: tuple[Word, ...]

    @property
    def text(self) -> str:
        """As it is printed."""
        return " ".join(word.text for word in self.words)


@dataclass(frozen=True)
class Found:
    """The captions of one page and the words that belong to none."""

    captions: tuple[Caption, ...]
    free: tuple[Word, ...]

    def named(self, name: str) -> Caption | None:
        """The first caption of a field."""
        return next((caption for caption in self.captions if caption.name == name), None)

    def typed(self, name: str) -> list[Word]:
        """The words in the box of a field: beside its caption in a list, below it in a form."""
        caption = self.named(name)
        if caption is None:
            return []
        beside = sorted(self._beside(caption), key=lambda word: word.left)
        return beside or self._below(caption)

    def _beside(self, caption: Caption) -> Iterator[Word]:
        ends = min((c.left for c in self._same_row(caption) if c.left > caption.right), default=1e9)
        for word in self.free:
            if abs(word.base - caption.base) <= 2.2 and caption.right <= word.left and word.right <= ends + 1:
                yield word

    def _below(self, caption: Caption) -> list[Word]:
        ends = min((c.left for c in self._same_row(caption) if c.left > caption.left + 1), default=1e9)
        floor = min(
            (
                other.base
                for other in self.captions
                if other.base > caption.base + 4 and other.right > caption.left and other.left < ends
            ),
            default=1e9,
        )
        lowest = min(floor - 1.5, caption.base + BELOW)
        inside = [
            word
            for word in self.free
            if caption.base + 2.2 < word.base < lowest
            and word.left >= caption.left - LEFT
            and word.left < ends - 1
        ]
        return sorted(inside, key=lambda word: (round(word.base / 2), word.left))

    def _same_row(self, caption: Caption) -> Iterator[Caption]:
        return (c for c in self.captions if c is not caption and abs(c.base - caption.base) <= 3.0)


@dataclass(frozen=True)
class Head:
    """The head of a table of lines: its columns, left to right, where they end."""

    columns: tuple[Caption, ...]
    base: float  # of its lowest caption

    def named(self, name: str) -> Caption:
        """The caption of a column."""
        return next(caption for caption in self.columns if caption.name == name)


@cache
def form() -> dict[str, Any]:
    """The profile of the form, as its file declares it."""
    return toml("_form_7501.toml")


@cache
def profile() -> Profile:
    """The form as a layout like any other, so that its lines and entries go the way of an export's."""
    raw = form()
    return Profile(
        key=raw["key"],
        title=raw["title"],
        issuer=raw["issuer"],
        grain=raw["grain"],
        columns={name: vocabulary()[name] for name in raw["columns"]},
        must_have=(),
        add=tuple(raw["add"]),
    )


def collapse(text: str) -> str:
    """A caption for comparing: small letters and digits only."""
    return re.sub(r"[^a-z0-9]", "", text.lower())


def _listed(groups: dict[str, Sequence[str]]) -> dict[str, str]:
    return {collapse(caption): name for name, captions in groups.items() for caption in captions}


@cache
def _boxes() -> dict[str, dict[str, str]]:
    """Every caption of a box or an edge, by its first two signs: collapsed caption -> field."""
    edges = {collapse(caption): "" for caption in form()["edges"]["names"]}
    return _by_start(edges | _listed(form()["boxes"]))


@cache
def _columns() -> dict[str, dict[str, str]]:
    return _by_start(_listed(form()["table"]))


def _by_start(captions: dict[str, str]) -> dict[str, dict[str, str]]:
    starts: dict[str, dict[str, str]] = {}
    for caption, name in captions.items():
        starts.setdefault(caption[:2], {})[caption] = name
    return starts


def find(page: Page) -> Found:
    """The captions of a page's boxes, and the words that are no part of one."""
    captions: list[Caption] = []
    free: list[Word] = []
    for row in page.rows:
        found, left = _in_row(row, _boxes())
        captions += found
        free += left
    return Found(tuple(captions), tuple(free))


def _in_row(row: Sequence[Word], starts: dict[str, dict[str, str]]) -> tuple[list[Caption], list[Word]]:
    """Captions of one row, the longest that fits at each place, and the words left over."""
    captions: list[Caption] = []
    free: list[Word] = []
    at = 0
    while at < len(row):
        length, name = _longest(row, at, starts)
        if length:
            words = tuple(row[at : at + length])
            if free and _numbers(free[-1], words[0]):
                words = (free.pop(), *words)
            captions.append(Caption(name, words[0].left, words[-1].right, words[0].base, words))
            at += length
        else:
            free.append(row[at])
            at += 1
    return captions, free


def _numbers(word: Word, caption: Word) -> bool:
    """Whether a word is the number of the box whose caption begins right after it."""
    near = 0 <= caption.left - word.right <= 0.8 * caption.height and word.base == caption.base
    return near and re.fullmatch(r"([0-9]{1,2}|[A-E])\.?", word.text) is not None


def _longest(row: Sequence[Word], at: int, starts: dict[str, dict[str, str]]) -> tuple[int, str]:
    """How many words from a place on make a caption, and of what; nought when they make none."""
    best = (0, "")
    first = collapse(row[at].text)
    for so_far in {first, _NUMBER.sub("", first)}:
        captions = starts.get(so_far[:2], {}) if len(so_far) > 1 else {}
        for caption, name in captions.items():
            length = _reaches(row, at, so_far, caption)
            if length > best[0]:
                best = (length, name)
    return best


def _reaches(row: Sequence[Word], at: int, so_far: str, caption: str) -> int:
    """The number of words from a place on that spell a caption."""
    last = at
    while caption.startswith(so_far):
        if so_far == caption:
            return last - at + 1
        last += 1
        if last == len(row) or row[last].left - row[last - 1].right > CAPTION_GAP * row[last].height:
            return 0
        so_far += collapse(row[last].text)
    return 0


def head(page: Page) -> Head | None:
    """The head of the page's table of lines: an HTS number's caption with value, rate and duty beside it."""
    found: list[Caption] = []
    for row in page.rows:
        found += _in_row(row, _columns())[0]
    for anchor in (caption for caption in found if caption.name == "hts"):
        near = [c for c in found if -HEAD_ABOVE <= c.base - anchor.base <= HEAD_BELOW]
        columns = [anchor]
        for name in form()["table"]:
            same = [c for c in near if c.name == name and (c.right < anchor.left) == (name == "line")]
            if name != "hts" and same:
                columns.append(_likeliest(same, anchor))
        if {"line", "value", "rate", "duty"} <= {c.name for c in columns}:
            return Head(
                tuple(sorted(columns, key=lambda c: c.left)), max(c.base for c in columns if c.name != "line")
            )
    return None


def _likeliest(same: Sequence[Caption], anchor: Caption) -> Caption:
    """Of several captions for one column the longest, then the nearest in height to the HTS number's."""
    return max(same, key=lambda c: (len(collapse(c.text)), -abs(c.base - anchor.base)))


#: How typed columns may stand to their captions: which column a word belongs to.
Place = Callable[[Head, Word], Caption]


def by_left(head: Head, word: Word) -> Caption:
    """Captions at the left edge of their columns: the last one that begins before the word ends."""
    return next((c for c in reversed(head.columns) if c.left <= word.right - 1), head.columns[0])


def by_right(head: Head, word: Word) -> Caption:
    """Captions at the right edge: the first one that ends after the word does."""
    return next((c for c in head.columns if c.right >= word.right - 3), head.columns[-1])


def by_centre(head: Head, word: Word) -> Caption:
    """Captions in the middle: the nearest."""
    middle = (word.left + word.right) / 2
    return min(head.columns, key=lambda c: abs((c.left + c.right) / 2 - middle))


PLACES: tuple[Place, ...] = (by_left, by_right, by_centre)


def money(words: Sequence[Word]) -> int | None:
    """An amount as it is typed: one word, or dollars and cents in two; None for anything else. [cents]"""
    texts = [word.text for word in words if word.text != _DOLLAR]
    if len(texts) == 2 and re.fullmatch(r"[0-9]{2}", texts[1]) and "." not in texts[0]:
        texts = [".".join(texts)]
    if len(texts) != 1:
        return None
    shape = _CELL.fullmatch(texts[0])
    if shape is None:
        return None
    dollars, cents = shape.groups()
    return int(dollars.replace(",", "")) * 100 + int((cents or ".0")[1:])


def is_money(text: str) -> bool:
    """Whether a word is an amount to the cent."""
    shape = _CELL.fullmatch(text)
    return shape is not None and shape[2] is not None
