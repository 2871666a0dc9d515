"""Entry numbers, importer numbers and HTS numbers: their shapes, their check digit, how people mangle them.

Restores only what the check digit confirms, and says so; never guesses a digit that is gone.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache, lru_cache
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt
    import pandas as pd
    import pyarrow as pa

#: An entry number: filer code (3), number (7), check digit (1). Source: key "catair-app-e".
LENGTH = 11
_SHAPE = re.compile(r"[0-9A-Z]{3}[0-9]{8}")
_SCIENTIFIC = re.compile(r"[0-9](\.[0-9]+)?E\+?[0-9]+")
_WRAPPER = re.compile(r"^=\s*\"(.*)\"$")
#: What stands for an entry number in an assessment that is masked, and what is added where it was no sound one.
MASKED_ENTRY, MISTYPED = "Entry", " (mistyped)"
_MASKED = re.compile(rf"{MASKED_ENTRY} [0-9]+(?:{re.escape(MISTYPED)})?")
#: What people write before a Social Security number to say that it is one.
_SAYS_SSN = r"(?:SSN|SS ?#|SOC(?:IAL)?\.? ?SEC(?:URITY)?\.?|ITIN)(?: ?(?:NUMBER|NUM|NO|NR)\b\.?)?[\s:#=.\-]*"
_SSN_PREFIX = re.compile(rf"{_SAYS_SSN}(?=[0-9])")
#: Nine digits in scientific notation, all of them still there.
_ALL_DIGITS_KEPT = re.compile(r"([0-9])\.([0-9]{8})E\+?0?8")
_GAPS = re.compile(r"[\s.,/_\-]+")
#: A Social Security number with a suffix, which only EINs have; its digits are then 3-2-4 or unparted.
_SSN_AND_SUFFIX = re.compile(
    r"([0-9]{3}[\s.,/_\-]+[0-9]{2}[\s.,/_\-]+[0-9]{4}|[0-9]{9}(?=[\s.,/_\-]))[\s.,/_\-]*[0-9A-Z]{2}"
)
_EIN_GROUPS = re.compile(r"[0-9]{2}[\s.,/_\-]+[0-9]{7}")
#: Nine digits, or as many as are left of them when a spreadsheet took the number for a figure.
_SSN_DIGITS = range(7, 10)
_DASH = "\\-\u00ad\u2010-\u2015\u2043\u2212\ufe58\ufe63\uff0d"
_DASHES = re.compile(f"[{_DASH}]")
_GAP = f"[ \u00a0]?[{_DASH}_ \u00a0][ \u00a0]?"
#: Within other text: said to be one, or parted 3-2-4, or nine digits by themselves. Dots part HTS numbers.
_SSN_IN_TEXT = (
    re.compile(rf"(?i)(?<![A-Z])({_SAYS_SSN})([0-9](?:(?:{_GAP}|\.)?[0-9]){{6,8}})(?![0-9])"),
    re.compile(rf"(?<![0-9A-Za-z])(?<![0-9]-)()([0-9]{{3}}{_GAP}[0-9]{{2}}{_GAP}[0-9]{{4}})(?![0-9])"),
    re.compile(
        rf"(?<![0-9A-Za-z$€£.,{_DASH}])(?<![0-9] )()([0-9]{{9}})(?:\.0+)?(?![0-9A-Za-z{_DASH}]|[.,][0-9])"
    ),
)
_IMPORTER_SHAPES = (
    ("ein", re.compile(r"[0-9]{2}-?[0-9]{7}[0-9A-HJ-NP-Y]{2}")),
    ("cbp", re.compile(r"[0-9]{6}-?[0-9]{5}")),
)
_LETTERS = {chr(65 + i): (i % 9) + 1 if i < 18 else i - 16 for i in range(26)}
_DIGIT_OF = {**{str(d): d for d in range(10)}, **_LETTERS}


@dataclass(frozen=True)
class EntryNumber:
    """What became of one entry number as somebody wrote it."""

    input: str
    normalised: str | None
    valid: bool
    problem: str | None


def check_digit(first_ten: str) -> str:
    """The eleventh character of an entry number, from the first ten.

    Letters become digits (A-I 1-9, J-R 1-9, S-Z 2-9); every other digit from the right is doubled, less 9
    above 9; the sum is filled up to a multiple of ten.  Source: key "catair-app-e".
    """
    total = 0
    for position, character in enumerate(reversed(first_ten.upper())):
        digit = _DIGIT_OF[character]
        if position % 2 == 0:
            digit = digit * 2 - (9 if digit * 2 >= 10 else 0)
        total += digit
    return str((10 - total % 10) % 10)


def unwrap(text: str) -> str:
    """The text without what spreadsheets put round it: ``="…"``, a leading apostrophe, stray spaces."""
    bare = text.replace("\u00a0", " ").strip()
    wrapped = _WRAPPER.match(bare)
    bare = wrapped.group(1) if wrapped else bare
    return bare.removeprefix("'").strip()


def normalise_entry_number(text: str) -> EntryNumber:
    """An entry number as typed, brought to 11 characters, with what was wrong or was corrected.

    ``problem`` is None when the number is sound as it stands (dashes, spaces and case apart); it is also set
    when lost zeros were restored (then ``valid`` is True).  Source: keys "cfr-19-142-3a", "catair-app-e".
    """
    bare = re.sub(r"[\s\-\u2010-\u2015]", "", unwrap(text)).upper()
    if _SCIENTIFIC.fullmatch(bare) and ("+" in bare or "." in bare):
        return EntryNumber(
            text, None, False, "scientific notation: digits are lost; export the column as text"
        )
    bare = re.sub(r"\.0+$", "", bare)
    if bare.isascii() and bare.isdigit() and LENGTH - 3 < len(bare) < LENGTH:
        return _restore_zeros(text, bare)
    problem = None
    if len(bare) != LENGTH:
        problem = f"{len(bare)} characters; an entry number has {LENGTH}" if bare else "empty"
    elif not _SHAPE.fullmatch(bare):
        problem = "not a filer code of 3 letters or digits followed by 8 digits"
    if problem:
        return EntryNumber(text, None, False, problem)
    right = check_digit(bare[:-1])
    if right != bare[-1]:
        return EntryNumber(text, bare, False, f"check digit is {bare[-1]}, should be {right}")
    return EntryNumber(text, bare, True, None)


def _restore_zeros(text: str, digits: str) -> EntryNumber:
    """Digits that are too few: leading zeros put back, if the check digit then agrees."""
    full = digits.zfill(LENGTH)
    lost = LENGTH - len(digits)
    if check_digit(full[:-1]) != full[-1]:
        problem = (
            f"{len(digits)} digits, and with {lost} leading zero(s) restored the check digit does not agree"
        )
        return EntryNumber(text, None, False, problem)
    return EntryNumber(text, full, True, f"{lost} lost leading zero(s) restored; the check digit agrees")


def entry_key(text: str) -> str | None:
    """An entry number for comparing: normalised, or as it stands where it is masked; None where it is neither."""
    return text if _MASKED.fullmatch(text) else normalise_entry_number(text).normalised


def sound(numbers: Iterable[str]) -> npt.NDArray[np.bool_]:
    """Whether each entry number carries the right check digit; a masked one says whether its own did."""
    import numpy as np
    import pyarrow.compute as pc

    column = _column(numbers)
    if not pc.any(pc.starts_with(column, MASKED_ENTRY)).as_py():
        return check_digits_agree(column)
    told = np.asarray(column.to_pylist(), dtype=object)
    hidden = np.array([bool(_MASKED.fullmatch(one)) for one in told], dtype=bool)
    found = np.array([not one.endswith(MISTYPED) for one in told], dtype=bool)
    found[~hidden] = check_digits_agree(told[~hidden])
    return found


def check_digits_agree(numbers: Iterable[str]) -> npt.NDArray[np.bool_]:
    """Whether each 11-character entry number carries the right check digit. Shape: one flag per number."""
    import numpy as np

    column = _column(numbers)
    if not len(column):
        return np.zeros(0, dtype=bool)
    letters = _letters(column)
    digits = _by_byte()[letters]
    numeric_tail = (letters[:, 3:] <= ord("9")).all(axis=1)
    known = (digits != 255).all(axis=1) & numeric_tail
    first = digits[:, :-1].astype(np.int16)
    doubled = first[:, ::-1][:, ::2] * 2
    total = np.where(doubled >= 10, doubled - 9, doubled).sum(axis=1) + first[:, ::-1][:, 1::2].sum(axis=1)
    agree: npt.NDArray[np.bool_] = known & ((10 - total % 10) % 10 == digits[:, -1])
    return agree


def _column(texts: Iterable[str | None]) -> pa.Array:
    """Texts as one column of the columnar engine, without a Python object for each where they are one already."""
    import pyarrow as pa

    if isinstance(texts, pa.Array):
        return texts
    held: Any = texts if hasattr(texts, "dtype") else list(texts)
    column = pa.array(held if len(held) else [], type=pa.large_string(), from_pandas=True)
    return column.combine_chunks() if isinstance(column, pa.ChunkedArray) else column


def _letters(column: pa.Array) -> npt.NDArray[np.uint8]:
    """The first LENGTH bytes of each text, one text a row; a shorter one ends in zeros."""
    import numpy as np
    import pyarrow.compute as pc

    if column.null_count == 0 and pc.all(pc.equal(pc.binary_length(column), LENGTH)).as_py():
        _, places, data = column.buffers()
        first = np.frombuffer(places, np.int64)[column.offset]
        return np.frombuffer(data, np.uint8)[first : first + LENGTH * len(column)].reshape(-1, LENGTH)
    cut = np.asarray(column.to_pylist(), dtype=f"S{LENGTH}")
    return cut.view(np.uint8).reshape(-1, LENGTH)


def among(numbers: pd.Series | pd.Index, others: Iterable[str | None]) -> npt.NDArray[np.bool_]:
    """Whether each number is one of the others, for very many of both: pandas' `isin` on Arrow text makes a
    Python object of each of the others, which costs over ten times as much. A null is among nulls.
    """
    import numpy as np
    import pyarrow.compute as pc

    known = _column(others)
    if not len(known):
        return np.zeros(len(numbers), dtype=bool)
    found = pc.is_in(_column(numbers), value_set=known)
    return np.asarray(found.to_numpy(zero_copy_only=False), dtype=bool)


@cache
def _by_byte() -> npt.NDArray[np.uint8]:
    """The digit of each character by byte value, for whole columns; 255: it may not stand there."""
    import numpy as np

    digits = np.full(256, 255, dtype=np.uint8)
    for character, digit in _DIGIT_OF.items():
        digits[ord(character)] = digit
    return digits


def importer_shape(number: str) -> str | None:
    """What kind of importer number it is: 'ein' (with suffix), 'ssn', 'cbp' (assigned), or None.

    Eleven digits without dashes fit both an EIN with suffix and a CBP-assigned number; they count as an EIN.
    """
    bare = _spelt_plainly(number)
    if _social(bare):
        return "ssn"
    for name, shape in _IMPORTER_SHAPES:
        if shape.fullmatch(bare):
            return name
    return None


def names_an_importer(number: str) -> bool:
    """Whether it is an importer number at all, be it without its suffix; a name is none."""
    return importer_shape(number) is not None or bool(_EIN_GROUPS.fullmatch(_spelt_plainly(number)))


@lru_cache(maxsize=4096)
def mask_importer(number: str) -> str:
    """An importer number fit to be shown: Social Security shaped ones keep their last four digits only.

    However it is spelt: other dashes, dots, spaces, "SSN" before it, a suffix after it, a spreadsheet's ".0".
    Seven and eight digits are nine whose leading zeros a spreadsheet took: no importer number is so short.
    """
    shape = importer_shape(number)
    if shape == "ssn":
        return f"***-**-{_social(_spelt_plainly(number))[-4:]}"
    return unwrap(number) if shape else mask_text(unwrap(number))


@lru_cache(maxsize=4096)
def mask_text(text: str, *, bare: bool = True) -> str:
    """Any text with the Social Security shaped numbers in it masked; EINs and entry numbers stay.

    With `bare` off, nine digits that stand alone are left: claims and payments have such numbers too.
    """
    for shape in _SSN_IN_TEXT if bare else _SSN_IN_TEXT[:-1]:
        text = shape.sub(lambda found: f"{found[1]}***-**-{re.sub('[^0-9]', '', found[2])[-4:]}", text)
    return text


def importer_key(number: str) -> str:
    """An importer number for comparing: upper case, without dashes and spaces, however it is spelt.

    A number said to be a Social Security number, parted like one or bare is one number. Digits that are gone
    are not guessed: eight digits stay apart from nine.
    """
    bare = _spelt_plainly(number)
    joined = re.sub(r"[\s\-]", "", bare)
    digits = "" if re.fullmatch(r"[0-9]{9}[0-9A-Z]{2}", joined) and bare[:9].isdigit() else _social(bare)
    return digits or joined


def _spelt_plainly(number: str) -> str:
    """An importer number as most people write it: plain dashes and digits, upper case, nothing round it."""
    bare = _DASHES.sub("-", unicodedata.normalize("NFKC", unwrap(number))).upper().strip()
    bare = _DASHES.sub("-", bare)
    said = _SSN_PREFIX.match(bare)
    bare = bare[said.end() :] if said else bare
    bare = re.sub(r"^([0-9]{7,11})\.0+$", r"\1", bare)
    whole = _ALL_DIGITS_KEPT.fullmatch(bare)
    return whole[1] + whole[2] if whole else bare


def _social(bare: str) -> str:
    """The digits of a number shaped like a Social Security number, spelt plainly; empty for any other."""
    suffixed = _SSN_AND_SUFFIX.fullmatch(bare)
    digits = _GAPS.sub("", suffixed[1] if suffixed else bare)
    if not (digits.isascii() and digits.isdigit()) or _EIN_GROUPS.fullmatch(bare):
        return ""
    parted = digits != bare
    return digits if len(digits) == 9 or (not parted and len(digits) in _SSN_DIGITS) else ""


def hts_digits(text: str) -> str:
    """An HTS number as digits: dots off, chapter 99 cut to its 8 digits, a lost zero of chapters 01-09 back.

    Returns "" when the text holds no complete HTS number (8 or 10 digits).
    """
    bare = re.sub(r"^([0-9]{7,10})\.0+$", r"\1", unwrap(text))
    digits = re.sub(r"[.\s\-]", "", bare)
    if not (digits.isascii() and digits.isdigit()):
        return ""
    # Chapter 99 has no zero to lose at the front: a short 99… number lost digits that nobody can restore.
    if len(digits) in (7, 9) and "." not in bare and not digits.startswith("99"):
        digits = "0" + digits
    if len(digits) == 10 and digits.startswith("99") and digits.endswith("00"):
        digits = digits[:8]
    return digits if len(digits) in (8, 10) else ""
