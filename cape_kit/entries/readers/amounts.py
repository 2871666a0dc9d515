"""The amounts a column of text states, read from the text itself, apart from how its rows are typed.

Whole columns go through the engine's own reading of numbers; only cells it refuses, and those with more than
two decimals, are looked at one by one, each different text once.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from cape_kit import money
from cape_kit.entries import identifiers

#: What a cell says: nothing, an amount, something else.
BLANK, READ, UNREAD = 0, 1, 2
_PLAIN = r"^-?\d{1,12}(\.\d{1,2})?$"
_NOTHING = re.compile(r"[\W_]*|n/?a|none|nil|null", re.IGNORECASE)
_CURRENCY = re.compile(r"USD|US\$|\$")
#: What parts thousands in some countries.
_GAPS = re.compile(r"(?<=\d)[\s'’](?=\d{3}(\D|$))")
_POINT = re.compile(r"(\d+|\d{1,3}(,\d{3})+)?(\.\d*)?")
_COMMA = re.compile(r"(\d+|\d{1,3}(\.\d{3})+)?(,\d*)?")
_MARKED = r"(?i)\$|\busd\b|^[^0-9]*[0-9][0-9.,]*[.,][0-9]{2}\)?-?\s*$"
_ENDS = {False: r"\.\d{1,2}\D*$", True: r"\d,\d{1,2}\D*$"}
#: Amounts beyond this many dollars are no amounts.
_MOST = Decimal(10) ** 13


@dataclass(frozen=True)
class Amounts:
    """The cells of one column: cents where an amount stands, and what each says (BLANK, READ, UNREAD)."""

    cents: npt.NDArray[np.int64]
    said: npt.NDArray[np.int8]

    def sum(self, rows: npt.NDArray[np.bool_] | None = None) -> int:
        """The sum in cents, of all rows or those flagged."""
        return int(self.cents.sum() if rows is None else self.cents[rows].sum())


def amounts_in(text: pa.ChunkedArray, *, comma: bool | None = None) -> Amounts:
    """The amounts of a column of text. `comma`: whether a comma parts the cents; by default the column says.

    A comma does where some cell ends in a comma and one or two digits, and none in a point and such.
    """
    held = text if pa.types.is_string(text.type) else text.cast(pa.string())
    comma = _comma(held) if comma is None else comma
    if not comma:
        quick = _quick(held)
        if quick is not None:
            return quick
    plain = np.zeros(len(held), dtype=bool)
    cents, said = np.zeros(len(held), dtype=np.int64), np.zeros(len(held), dtype=np.int8)
    if not comma:
        fits = pc.fill_null(pc.match_substring_regex(held, _PLAIN), False)
        plain = fits.to_numpy()
        numbers = pc.cast(held.filter(fits), pa.float64()).to_numpy()
        cents[plain], said[plain] = np.rint(numbers * 100).astype(np.int64), READ
    rest = held.filter(pa.array(~plain)).dictionary_encode().unify_dictionaries()
    if not rest.num_chunks or not len(rest):
        return Amounts(cents, said)
    texts = rest.chunk(0).dictionary.to_pylist()
    read = [amount(one, comma=comma) for one in texts]
    of_text = np.array([one or 0 for one, _ in read] + [0], dtype=np.int64)
    says = np.array([what for _, what in read] + [BLANK], dtype=np.int8)
    codes = np.concatenate([pc.fill_null(part.indices, -1).to_numpy() for part in rest.chunks])
    cents[~plain], said[~plain] = of_text[codes], says[codes]
    return Amounts(cents, said)


def amount(text: str, *, comma: bool = False) -> tuple[int | None, int]:
    """The cents one cell states, and what it says (BLANK, READ, UNREAD)."""
    bare = identifiers.unwrap(text)
    if _NOTHING.fullmatch(bare):
        return None, BLANK
    plain = _CURRENCY.sub("", bare.upper()).strip()
    negative = plain.startswith("-") or plain.endswith("-") or (plain[:1] == "(" and plain[-1:] == ")")
    plain = _GAPS.sub("", plain.strip("()- "))
    try:
        if (_COMMA if comma else _POINT).fullmatch(plain) and any(c.isdigit() for c in plain):
            plain = plain.replace(".", "").replace(",", ".") if comma else plain.replace(",", "")
        dollars = Decimal(plain)
    except InvalidOperation:
        return None, UNREAD
    if not dollars.is_finite() or abs(dollars) >= _MOST:
        return None, UNREAD
    cents = money.to_cents(dollars)
    return (-cents if negative else cents), READ


def marked(text: pa.ChunkedArray) -> int:
    """How many cells look like money by themselves: a currency's mark, or two decimals."""
    held = text if pa.types.is_string(text.type) else text.cast(pa.string())
    return int(pc.sum(pc.match_substring_regex(held, _MARKED)).as_py() or 0)


def _comma(text: pa.ChunkedArray) -> bool:
    """Whether the cells agree that a comma parts dollars from cents."""
    if not pc.any(pc.match_substring(text, ",")).as_py():
        return False
    point, comma = (
        bool(pc.any(pc.match_substring_regex(text, _ENDS[kind])).as_py()) for kind in (False, True)
    )
    return comma and not point


def _quick(text: pa.ChunkedArray) -> Amounts | None:
    """The amounts where every cell is a plain number of dollars with at most two decimals, or empty."""
    try:
        numbers = pc.cast(text, pa.float64())
    except pa.ArrowInvalid:
        return None
    dollars = pc.fill_null(numbers, 0.0).to_numpy()
    if not np.all(np.abs(dollars) < 1e12):
        return None
    cents = np.rint(dollars * 100)
    if np.any(np.abs(dollars * 100 - cents) > 1e-4):
        return None
    said = np.where(pc.is_valid(numbers).to_numpy(), READ, BLANK).astype(np.int8)
    return Amounts(cents.astype(np.int64), said)
