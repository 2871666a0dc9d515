"""Which of CBP's validations an error text names: case, blanks and punctuation apart, old wording and new.

A text the law book does not hold stays as it is printed and gets no code: it is never guessed at.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from cape_kit.law.book import Law, Validation

#: Stands in the printed table for a code that differs from case to case; what goes before it identifies.
_PLACEHOLDER = "'X'"
_WORDS = re.compile(r"[a-z0-9]+")


@dataclass(frozen=True)
class Understood:
    """An error text as far as the law book knows it: the validations, and what is left unexplained."""

    text: str
    checks: tuple[Validation, ...]
    rest: str

    @property
    def codes(self) -> str:
        """The codes in one text, such as ``E13, E16``."""
        return ", ".join(check.code for check in self.checks)

    @property
    def known(self) -> bool:
        """Whether the whole text is understood."""
        return bool(self.checks) and not self.rest


def understand(text: str, law: Law) -> Understood:
    """The validations an error text of a claim names, in the order of CBP's table, ended ones included.

    Source: the official texts of the law book's entry validations, as known to this law; of a short form, which must
    be the whole text, the words of ``refusal_reason``.
    """
    short = {key(word): one.canon for word, one in law.contents.words.get("refusal_reason", {}).items()}
    if key(text) in short:
        return Understood(text, (by_code(law)[short[key(text)]],), "")
    rest = f" {key(text)} "
    found: list[Validation] = []
    for phrase, check in _phrases(law):
        if f" {phrase} " in rest:
            found.append(check)
            rest = rest.replace(f" {phrase} ", " ")
    # Where the text is printed in full, what follows the placeholder belongs to it.
    tails = [
        key(c.official_text.partition(_PLACEHOLDER)[2]) for c in found if _PLACEHOLDER in c.official_text
    ]
    for tail in tails:
        rest = re.sub(rf" (\w+ )?{re.escape(tail)} ", " ", rest)
    return Understood(text, tuple(sorted(found, key=lambda check: check.code)), rest.strip())


def by_code(law: Law) -> dict[str, Validation]:
    """Every entry validation this law knows of, ended ones too."""
    return {check.code: check for check in law.contents.validations if check.code.startswith("E")}


def key(text: str) -> str:
    """A text for comparing: lower case, words only."""
    return " ".join(_WORDS.findall(text.casefold()))


def _phrases(law: Law) -> list[tuple[str, Validation]]:
    """What to look for, the longest first, so that no text is taken for a part of another."""
    known = [
        (key(check.official_text.partition(_PLACEHOLDER)[0]), check)
        for check in by_code(law).values()
        if check.official_text
    ]
    return sorted(known, key=lambda pair: (-len(pair[0]), pair[1].code))
