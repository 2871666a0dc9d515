"""What gives a client away, in whatever spelling it stands in a text, and what is put in its place."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property

from cape_kit.entries import identifiers
from cape_kit.entries.client import Client

CLIENT = "Client (name withheld)"
PARTY, SOMEBODY = "another party", "an importer"
#: What stands after a firm's name to say what kind of firm it is; people write it or leave it away.
_SUFFIX = (
    r"(?:inc(?:orporated)?|corp(?:oration)?|co(?:mpany)?|l\.?l\.?c|l\.?l\.?p|l\.?p|ltd|limited|plc|pty|gmbh"
    r"|s\.?a|a\.?g|b\.?v|n\.?v|s\.?r\.?l|s\.?p\.?a)"
)
_ENDING = re.compile(rf"(?i)(?:[\W_]+{_SUFFIX}\b\.?)+\W*$")
#: Words of the trade that are no name by themselves.
_COMMON = {"cape", "client", "customs", "duty", "entries", "entry", "file", "global", "import", "importer",
           "imports", "international", "trade", "trading", "unknown"}  # fmt: skip
_SHORT = 4
_MASKED = re.compile(r"\*\*\*-\*\*-[0-9]{4}")
_BETWEEN = r"[\s.,/_\-\u2010-\u2015\u2212]{0,3}"


@dataclass(frozen=True)
class Words:
    """Everything that is withheld: importer numbers by key -> alias, other numbers, names, and set texts."""

    aliases: Mapping[str, str]
    parties: frozenset[str] = frozenset()
    names: frozenset[str] = frozenset()
    texts: Mapping[str, str] = field(default_factory=dict)

    def number(self, value: str) -> str:
        """What stands for an importer's or another party's number; masked ones go by their last four."""
        if _MASKED.fullmatch(value):
            return self._tails.get(value, SOMEBODY)
        return self.aliases.get(identifiers.importer_key(value), PARTY)

    def text(self, value: str) -> str:
        """A text with everything that gives the client away replaced, the longest first."""
        told = self._pattern.sub(lambda found: self._places[(found.lastindex or 1) - 1], value)
        return _MASKED.sub(lambda found: self._tails.get(found[0], SOMEBODY), told)

    @cached_property
    def _tails(self) -> dict[str, str]:
        """Masked numbers -> alias, where only one importer's number is masked so."""
        tails: dict[str, list[str]] = {}
        for key, alias in self.aliases.items():
            tails.setdefault(identifiers.mask_importer(key), []).append(alias)
        return {tail: found[0] for tail, found in tails.items() if len(found) == 1}

    @cached_property
    def _forms(self) -> list[tuple[str, str]]:
        """A pattern and what takes its place, for each thing withheld, the longest first."""
        parties = {identifiers.importer_key(one): PARTY for one in self.parties}
        numbers = {**parties, **self.aliases}
        found = [
            *((len(text), exactly(text), place) for text, place in self.texts.items() if text),
            *((len(name), of_name(name), CLIENT) for name in self.names if any(map(str.isalnum, name))),
            *((len(key), of_number(key), place) for key, place in numbers.items() if key),
        ]
        return [(form, place) for _, form, place in sorted(found, key=lambda one: (-one[0], one[1]))]

    @cached_property
    def _pattern(self) -> re.Pattern[str]:
        return re.compile("|".join(f"({form})" for form, _ in self._forms) or r"((?!))", re.IGNORECASE)

    @cached_property
    def _places(self) -> list[str]:
        return [place for _, place in self._forms]


@dataclass(frozen=True)
class Withheld(Client):
    """A client whose names and numbers are withheld, with what stands for each importer number.

    The numbers themselves are not in it: `aliases` goes by what only somebody who has a number can make of it.
    """

    aliases: Mapping[str, str] = field(default_factory=dict, repr=False)

    def alias(self, number: str) -> str:
        """What stands for an importer's number, given by somebody who has it."""
        if _MASKED.fullmatch(number):
            return SOMEBODY
        return self.aliases.get(sealed(identifiers.importer_key(number)), PARTY)


def sealed(text: str) -> str:
    """A text nobody can read any more, but everybody who has it can recognise."""
    return hashlib.sha256(text.encode()).hexdigest()


def exactly(text: str) -> str:
    """A pattern for the very text, not within a longer word."""
    return rf"(?<!\w){re.escape(text)}(?!\w)" if text[0].isalnum() else re.escape(text)


def of_number(key: str) -> str:
    """A pattern for a number by its key, with dashes, dots or spaces anywhere in it."""
    return rf"(?<![0-9A-Za-z]){_BETWEEN.join(map(re.escape, key))}(?![0-9A-Za-z])"


def of_name(name: str) -> str:
    """A pattern for a firm's or a person's name: any case and punctuation, with or without Inc., LLC or Ltd.

    A name of one short or common word is looked for as it is written, since texts are full of such words.
    """
    core = _ENDING.sub("", name)
    told = [word for word in _tokens(core) if word.lower() != "and"] or _tokens(core)
    if len(told) == 1 and (len(told[0]) < _SHORT or told[0].lower() in _COMMON):
        return f"(?-i:{exactly(name.strip())})"
    joined = r"[\W_]*(?:and\b[\W_]*)?".join(map(re.escape, told))
    return rf"(?<![^\W_]){joined}(?![^\W_])(?:[\W_]+{_SUFFIX}(?![^\W_])\.?)*"


def _tokens(text: str) -> list[str]:
    return re.findall(r"[^\W_]+", text)


def numbered(found: Iterable[str], word: str, *, after: int = 0) -> dict[str, str]:
    """Each different text, in order -> the word with its place."""
    return {text: f"{word} {place}" for place, text in enumerate(sorted(set(found)), start=after + 1)}
