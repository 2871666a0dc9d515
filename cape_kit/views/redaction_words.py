"""What gives a client away, in whatever spelling it stands in a text, and what is put in its place."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property

from cape_kit.entries import identifiers

CLIENT = "Client (name withheld)"
PARTY, SOMEBODY = "another party", "an importer"
#: What stands for a number that identifies somebody or something nobody gave a name to.
ENTRY, NUMBER = "an entry", "(number withheld)"
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
_DASH = r"\-\u2010-\u2015\u2212"
#: A number as one word, with the dashes people put into it.
_TOKEN = re.compile(rf"(?<![0-9A-Za-z])[0-9A-Za-z]+(?:[{_DASH}][0-9A-Za-z]+)*(?![0-9A-Za-z])")
_ENTRY = re.compile(
    rf"(?<![0-9A-Za-z{_DASH}])[0-9A-Za-z]{{3}}[ {_DASH}]?[0-9]{{7}}[ {_DASH}]?[0-9](?![0-9A-Za-z])"
)
#: What is left of a number when its zeros or its filer code are gone: seven digits or more in a row.
_NO_KEY = re.compile(r"[^0-9A-Za-z]+")
_LONG = re.compile(
    rf"(?<![0-9A-Za-z.,$])[0-9A-Za-z]{{0,3}}(?:[{_DASH}]?[0-9]){{7,}}(?![0-9A-Za-z]|[.,][0-9])"
)
#: What so many digits may be besides: a day, a range of rows, a heading of chapter 99.
_HARMLESS = re.compile(
    rf"(?:19|20)[0-9]{{2}}([{_DASH}]?)(?:0[1-9]|1[0-2])\1(?:0[1-9]|[12][0-9]|3[01])|[0-9]{{1,6}}-[0-9]{{1,6}}|99[0-9]{{6}}"
)


@dataclass(frozen=True)
class Words:
    """Everything that is withheld, with what stands in its place.

    `aliases` are importers' and other parties' numbers by their key, `names` the client's and its importers'
    names, `others` other people's, `texts` what is replaced as it stands, and `tokens` the numbers of entries,
    protests, claims and payments, in upper case without dashes.
    """

    aliases: Mapping[str, str]
    names: frozenset[str] = frozenset()
    others: Mapping[str, str] = field(default_factory=dict)
    texts: Mapping[str, str] = field(default_factory=dict)
    tokens: Mapping[str, str] = field(default_factory=dict)
    client: str = CLIENT

    def of_author(self) -> Words:
        """The same for what the author wrote: there a client also goes by the first word of its name."""
        firsts = (_tokens(_ENDING.sub("", name))[:1] for name in self.names)
        short = {
            one for found in firsts for one in found if len(one) >= _SHORT and one.lower() not in _COMMON
        }
        return replace(self, names=self.names | short)

    def for_keys(self) -> Words:
        """The same with letters, digits and dashes only in their places, for texts that programs read."""

        def plain(places: Mapping[str, str]) -> dict[str, str]:
            return {text: _NO_KEY.sub("-", place).strip("-") for text, place in places.items()}

        return replace(
            self,
            aliases=plain(self.aliases),
            others=plain(self.others),
            texts=plain(self.texts),
            tokens=plain(self.tokens),
            client="Client",
        )

    def number(self, value: str) -> str:
        """What stands for an importer's or another party's number; masked ones go by their last four."""
        if _MASKED.fullmatch(value):
            return self._tails.get(value, SOMEBODY)
        return self.aliases.get(identifiers.importer_key(value), PARTY)

    def text(self, value: str) -> str:
        """A text with everything that gives the client away replaced, the longest first."""
        told = self._pattern.sub(lambda found: self._places[(found.lastindex or 1) - 1], value)
        told = _MASKED.sub(lambda found: self._tails.get(found[0], SOMEBODY), told)
        told = _ENTRY.sub(lambda found: self.tokens.get(bare(found[0]), ENTRY), told)
        return _TOKEN.sub(lambda found: self.tokens.get(bare(found[0]), found[0]), told)

    def quote(self, value: str) -> str:
        """A text that quotes a file: also without numbers that are known from nowhere else, whole or in part."""
        return _LONG.sub(
            lambda found: found[0] if _HARMLESS.fullmatch(found[0]) else NUMBER, self.text(value)
        )

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
        found = [
            *((len(text), exactly(text), place) for text, place in self.texts.items() if text),
            *((len(name), of_name(name), self.client) for name in self.names if any(map(str.isalnum, name))),
            *((len(name), of_name(name), place) for name, place in self.others.items() if name.strip()),
            *((len(key), of_number(key), place) for key, place in self.aliases.items() if key),
        ]
        return [(form, place) for _, form, place in sorted(found, key=lambda one: (-one[0], one[1]))]

    @cached_property
    def _pattern(self) -> re.Pattern[str]:
        return re.compile("|".join(f"({form})" for form, _ in self._forms) or r"((?!))", re.IGNORECASE)

    @cached_property
    def _places(self) -> list[str]:
        return [place for _, place in self._forms]


def bare(number: str) -> str:
    """A number for comparing: upper case, without dashes and spaces."""
    return re.sub(rf"[\s{_DASH}]", "", number).upper()


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


def numbered(found: Iterable[str], word: str, *, after: int = 0, digits: int = 1) -> dict[str, str]:
    """Each different text, in order -> the word with its place, padded so that the order stays."""
    texts = sorted(set(found))
    width = max(digits, len(str(after + len(texts))) if digits > 1 else 1)
    return {text: f"{word} {place:0{width}d}" for place, text in enumerate(texts, start=after + 1)}


def lettered(found: Iterable[str], word: str) -> dict[str, str]:
    """Each different text, in order -> the word with its letter: A to Z, then AA, AB and so on."""
    return {text: f"{word} {_letters(place)}" for place, text in enumerate(sorted(set(found)))}


def _letters(place: int) -> str:
    ahead, here = divmod(place, 26)
    return (_letters(ahead - 1) if ahead else "") + chr(ord("A") + here)
