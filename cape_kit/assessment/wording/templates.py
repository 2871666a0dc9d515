"""Sentences are templates with named fields; which columns one reads follows from what it names.

Nothing here sees an entry whole. A field or a condition is a function whose parameters *are* the columns it
reads, and a sentence names fields and conditions, so no list of columns is kept by hand that could be wrong.
Entries alike in the columns of a sentence are told it alike, so it is written once for all of them.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from dataclasses import field as member
from datetime import date
from functools import cache
from itertools import repeat
from string import Formatter
from typing import Any

import numpy as np
import pandas as pd

from cape_kit.law.book import Law

Texts = pd.Series  # one text per entry; null where a field has none

#: What a field or a condition may ask for beside columns; all of it is the same for entries told alike.
BESIDE_COLUMNS = ("law", "day", "fails")
_NOT, _GIVEN = "not ", "given "


@dataclass(frozen=True)
class Named:
    """Some entries as a sentence sees them: the columns it names, the checks that fail, and the law of the day."""

    columns: Mapping[str, pd.Series]
    fails: pd.DataFrame
    law: Law
    day: date
    #: What fields and conditions have made of these entries: several sentences ask for the same.
    made: dict[Part | Sentence, Any] = member(default_factory=dict, compare=False)

    def given(self, name: str) -> Any:
        """A column, or what stands beside them. Raises LookupError for a column the sentence does not name."""
        if name in BESIDE_COLUMNS:
            return getattr(self, name)
        if name not in self.columns:
            raise LookupError(f"A sentence asks for the column '{name}', which it does not name.")
        return self.columns[name]

    def every(self, text: str) -> Texts:
        """The same text for all of them."""
        return pd.Series(text, index=self.fails.index, dtype="str")


@dataclass(frozen=True)
class Part:
    """A function of columns, by the names of its parameters."""

    work: Callable[..., Any]
    needs: tuple[str, ...]

    @property
    def reads(self) -> frozenset[str]:
        """The columns it reads."""
        return frozenset(self.needs) - frozenset(BESIDE_COLUMNS)

    def __call__(self, told: Named) -> Any:
        """What it makes of some entries."""
        if self not in told.made:
            told.made[self] = self.work(*(told.given(name) for name in self.needs))
        return told.made[self]


@dataclass(frozen=True)
class Sentence:
    """Variants of a template by condition, in order; the first whose condition holds is said."""

    variants: tuple[tuple[str, str], ...]
    otherwise: str
    reads: frozenset[str]

    def __call__(self, told: Named) -> Texts:
        """The sentence for each of some entries. A template that is said of none is not filled in."""
        if self not in told.made:
            told.made[self] = self._said(told)
        return told.made[self]

    def _said(self, told: Named) -> Texts:
        said: list[tuple[np.ndarray, str]] = []
        left = np.ones(len(told.fails), dtype=bool)
        for condition, template in self.variants:
            here = left & _holds(condition, told)
            if here.any():
                said.append((here, template))
                left = left & ~here
            if not left.any():
                break
        if left.any() or not said:
            said.append((left, self.otherwise))
        (_, first), *others = said
        chosen = _filled(first, told)
        for here, template in others:
            chosen = chosen.mask(here, _filled(template, told))
        return chosen

    def only(self, told: Named) -> Texts:
        """The sentence, whatever more may be known of the entries: it is given what it names, and no more."""
        mine = {name: told.given(name) for name in sorted(self.reads)}
        return self(Named(mine, told.fails, told.law, told.day, told.made)).str.strip()


#: Name in a template -> what stands there; name of a condition -> which entries it holds for.
FIELDS: dict[str, Part | Sentence] = {}
CONDITIONS: dict[str, Part] = {}


def field(work: Callable[..., Any]) -> Callable[..., Any]:
    """Make a function of columns a field under its own name."""
    return _enter(FIELDS, work.__name__, work)


def condition(work: Callable[..., Any]) -> Callable[..., Any]:
    """Make a function of columns a condition under its own name; unknown counts as not."""
    return _enter(CONDITIONS, work.__name__, work)


def column_fields(names: Iterable[str], written: Callable[[pd.Series], Texts]) -> None:
    """Columns that stand in sentences under their own names, all written the same way."""
    for name in names:
        FIELDS[_new(FIELDS, name)] = Part(written, (name,))


def flags(*names: str) -> None:
    """Columns that are conditions by themselves."""
    for name in names:
        CONDITIONS[_new(CONDITIONS, name)] = Part(lambda flag: flag, (name,))


def among(name: str, column: str, *values: str) -> None:
    """A condition that a column holds one of some values."""
    CONDITIONS[_new(CONDITIONS, name)] = Part(lambda column: column.isin(values), (column,))


def phrase(name: str, said: Sentence | str) -> None:
    """Make a sentence a field of others."""
    FIELDS[_new(FIELDS, name)] = said if isinstance(said, Sentence) else sentence(said)


def sentence(otherwise: str, variants: Mapping[str, str] | None = None) -> Sentence:
    """A sentence, with its variants by condition in their order, and what is said where none holds.

    A condition is the name of one, or ``given COLUMN`` (something stands there); ``not`` turns it round. Raises
    LookupError for a field or a condition nobody has declared.
    """
    given = tuple((variants or {}).items())
    reads: frozenset[str] = frozenset()
    for told, template in (*given, ("", otherwise)):
        reads |= _condition(told).reads if told else frozenset()
        for name in _named(template):
            if name not in FIELDS:
                raise LookupError(
                    f"The template “{template}” names the field '{name}', which nobody declares."
                )
            reads |= FIELDS[name].reads
    return Sentence(given, otherwise, reads)


def _enter(registry: dict[str, Any], name: str, work: Callable[..., Any]) -> Callable[..., Any]:
    registry[_new(registry, name)] = Part(work, tuple(inspect.signature(work).parameters))
    return work


def _new(registry: Mapping[str, Any], name: str) -> str:
    if name in registry:
        raise LookupError(
            f"Two fields or conditions of sentences are called '{name}'; give one another name."
        )
    return name


def _named(template: str) -> list[str]:
    return [name for _, name, _, _ in Formatter().parse(template) if name is not None]


def _condition(said: str) -> Part:
    plain = said.removeprefix(_NOT)
    if plain.startswith(_GIVEN):
        return Part(lambda column: column.notna(), (plain.removeprefix(_GIVEN),))
    if plain not in CONDITIONS:
        raise LookupError(f"A sentence has a variant for '{plain}', a condition nobody declares.")
    return CONDITIONS[plain]


def _holds(said: str, told: Named) -> np.ndarray:
    """Which entries a condition holds for; where it is not known it does not."""
    answer = _condition(said)(told)
    if isinstance(answer, pd.Series):
        answer = answer if answer.dtype == bool else answer.astype("boolean").fillna(False)
    holds = np.broadcast_to(np.asarray(answer, dtype=bool), len(told.fails))
    return ~holds if said.startswith(_NOT) else holds


def _filled(template: str, told: Named) -> Texts:
    """A template with its fields filled in; null where one has nothing."""
    pieces: list[Any] = []
    for literal, name in _parsed(template):
        value = "" if name is None else FIELDS[name](told)
        pieces += [literal, value.tolist() if isinstance(value, pd.Series) else str(value)]
    if all(isinstance(piece, str) for piece in pieces):
        return told.every("".join(pieces))
    # A few sentences at a time: joined as they are, and made a column once.
    rows = zip(*(repeat(piece) if isinstance(piece, str) else piece for piece in pieces), strict=False)
    texts = ["".join(row) if all(isinstance(one, str) for one in row) else None for row in rows]
    return pd.Series(texts, index=told.fails.index, dtype="str")


@cache
def _parsed(template: str) -> tuple[tuple[str, str | None], ...]:
    return tuple((literal, name) for literal, name, _, _ in Formatter().parse(template))
