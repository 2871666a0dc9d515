"""Money is integer cents; this room holds the way in, the way out, the one rounding and the one sum."""

from __future__ import annotations

import re
from decimal import ROUND_HALF_UP, Decimal, InvalidOperation
from typing import TYPE_CHECKING, Any

from cape_kit.errors import Usage, in_short

if TYPE_CHECKING:
    import pandas as pd

CENT = Decimal("0.01")
_EXAMPLE = "dollars such as 12250 or 12,250.00"
#: So many digits before the point, and no more: whole cents of it are a number every column holds.
_DIGITS = 15
#: A comma that separates thousands has three digits behind it.
_THOUSANDS = re.compile(r"[^,.]*?\d{1,3}(,\d{3})+(\.\d*)?")


def round_half_up(amount: Decimal) -> Decimal:
    """An amount rounded to the cent, half up. [dollars]  The only rounding of money in the kit."""
    return amount.quantize(CENT, rounding=ROUND_HALF_UP)


def to_cents(amount: Decimal) -> int:
    """Dollars to whole cents, half up. [cents]"""
    return int(round_half_up(amount) * 100)


def to_dollars(cents: int) -> Decimal:
    """Whole cents to dollars with two decimals. [dollars]"""
    return Decimal(int(cents)).scaleb(-2).quantize(CENT)


def parse(text: str) -> Decimal:
    """The amount a person typed: ``12250``, ``12,250.00``, ``$12,250``. [dollars]

    Raises Usage when it is no amount, has a decimal comma, is finer than a cent or beyond counting.
    """
    if "," in text and not _THOUSANDS.fullmatch(text.strip()):
        raise Usage(
            f"'{text}': a comma separates thousands here, and this one does not; write cents with a point"
        )
    cleaned = text.strip().replace("$", "").replace(",", "").replace("_", "")
    try:
        amount = Decimal(cleaned)
    except InvalidOperation:
        amount = Decimal("NaN")
    if not amount.is_finite():
        raise Usage(f"'{text}' is no amount of money; write it as {_EXAMPLE}")
    if amount.adjusted() >= _DIGITS:
        raise Usage(
            f"'{in_short(text)}' has more than {_DIGITS} digits before the point; write it as {_EXAMPLE}"
        )
    if int(amount.normalize().as_tuple().exponent) < -2:
        raise Usage(f"'{text}' has more than two decimals; money is in whole cents, write it as {_EXAMPLE}")
    return amount


def show(cents: int, *, whole: bool = False) -> str:
    """An amount as people write it: ``$1,234.50``, or ``$1,235`` with ``whole``."""
    sign = "-" if cents < 0 else ""
    dollars = abs(to_dollars(cents))
    if whole:
        return f"{sign}${int(dollars.quantize(Decimal(1), rounding=ROUND_HALF_UP)):,}"
    return f"{sign}${dollars:,}"


def known_sum(cents: pd.Series) -> Any:
    """The sum of what is known; null where there are amounts and none of them is known, for that is no zero. [cents]

    What is not known is in no sum: whoever shows one that leaves something out says of how many.
    """
    return cents.sum(min_count=1) if len(cents) else 0


def unknown_count(cents: pd.Series) -> int:
    """Of how many amounts nothing is known."""
    return int(cents.isna().sum())


def plain(cents: Any) -> int | None:
    """An amount of a frame as plain data hold it: None where it is not known. [cents]"""
    from pandas import isna

    return None if isna(cents) else int(cents)


def told(cents: Any) -> str:
    """An amount as a terminal shows it: ``$1,234.50``, or that it is not known."""
    known = plain(cents)
    return "not known" if known is None else show(known)
