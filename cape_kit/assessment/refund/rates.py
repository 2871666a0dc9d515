"""The normal (column 1) rate of duty as an export prints it: a percentage, free, or beyond reckoning."""

from __future__ import annotations

import re
from collections.abc import Iterable
from decimal import Decimal

#: "5.3%", "5.3 % ad val.", with the footnote mark some exports keep ("5.3% 1/").
_AD_VALOREM = re.compile(r"(\d{1,3}(?:\.\d+)?) ?%(?: ?ad val(?:orem|\.)?)?(?: ?\d/)?")
_FREE = re.compile(r"free(?: ?\d/)?|0+(?:\.0+)?")
_MOST = Decimal(1000)


def percent(text: str | None) -> Decimal | None:
    """The rate in percent of value; 0 for free; None when it can't be told from the text. [percent]

    A rate by weight or piece ("2.3¢/kg", alone or with a percentage) needs a quantity and gives None; so does
    a bare number, which may be a fraction or a percentage.
    """
    if not isinstance(text, str):
        return None
    bare = " ".join(text.lower().replace("\u00a0", " ").split())
    if _FREE.fullmatch(bare):
        return Decimal(0)
    found = _AD_VALOREM.fullmatch(bare)
    return Decimal(found.group(1)) if found and Decimal(found.group(1)) < _MOST else None


def table(texts: Iterable[str | None]) -> dict[str, Decimal | None]:
    """Each printed rate with its percentage; None where it can't be told."""
    return {text: percent(text) for text in texts if isinstance(text, str) and text.strip()}
