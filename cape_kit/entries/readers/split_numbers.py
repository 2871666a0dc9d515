"""Entry numbers split over columns, as ABI and the 7501 keep them: joined where the check digit proves it.

Filer code (3), number (7) and check digit (1) stand apart in many sheets. Nothing is joined that the check
digit does not prove, and no check digit is worked out: a number without one proves nothing.
"""

from __future__ import annotations

import re
from dataclasses import replace

import pyarrow as pa
import pyarrow.compute as pc

from cape_kit.entries import identifiers
from cape_kit.entries.readers.columns import Coded
from cape_kit.entries.readers.recognise import Recognised
from cape_kit.entries.readers.sheets import Rectangle

_NUMBER = re.compile(r"([0-9]{1,8})(?:\.0+)?")
_DIGIT = re.compile(r"([0-9])(?:\.0+)?")
_FILER = re.compile(r"[0-9A-Z]{3}")


def apart(key: Coded, found: Recognised) -> bool:
    """Whether a column of entry numbers holds parts of them, with the filer code in a column beside it."""
    if found.filer_code is None or found.profile.row_key != "entry_number":
        return False
    shape = r"^\s*'?[0-9]{1,8}(\.0+)?\s*$"
    return bool(pc.any(pc.match_substring_regex(key.values, shape)).as_py())


def positions(found: Recognised) -> list[int]:
    """Where the other parts stand."""
    return [at for at in (found.filer_code, found.check_digit) if at is not None]


def join(rectangle: Rectangle, found: Recognised) -> tuple[Rectangle, int]:
    """The rows with whole entry numbers where the parts prove one another, and how many were joined."""
    text = rectangle.text
    at = text.column_names.index(f"c{found.positions['entry_number']}")
    numbers = text.column(at).cast(pa.string()).to_pylist()
    parts = [text[f"c{place}"].cast(pa.string()).to_pylist() for place in positions(found)]
    filers = parts[0]
    digits = parts[1] if found.check_digit is not None else [None] * len(numbers)
    whole = [_whole(*row) for row in zip(filers, numbers, digits, strict=True)]
    joined = [one or number for one, number in zip(whole, numbers, strict=True)]
    table = text.set_column(at, text.column_names[at], pa.chunked_array([pa.array(joined, pa.string())]))
    return replace(rectangle, text=table), sum(one is not None for one in whole)


def part_of_one(text: str | None) -> bool:
    """Whether a cell holds as many digits as the number has without filer code or check digit."""
    bare = re.sub(r"[\s-]", "", identifiers.unwrap(text or ""))
    found = _NUMBER.fullmatch(bare)
    return found is not None and len(found[1]) >= 6


def _whole(filer: str | None, number: str | None, digit: str | None) -> str | None:
    """The entry number of three cells; None where they are no parts of one, or do not prove it."""
    middle = _NUMBER.fullmatch(re.sub(r"[\s-]", "", identifiers.unwrap(number or "")))
    code = identifiers.unwrap(filer or "").upper()
    code = code.zfill(3) if code.isdigit() else code
    if middle is None or not _FILER.fullmatch(code):
        return None
    last = _DIGIT.fullmatch(identifiers.unwrap(digit or ""))
    if len(middle[1]) == 8:
        if last is not None and last[1] != middle[1][-1]:
            return None
        found = code + middle[1]
    elif last is None:
        return None
    else:
        found = code + middle[1].zfill(7) + last[1]
    return found if identifiers.check_digit(found[:-1]) == found[-1] else None
