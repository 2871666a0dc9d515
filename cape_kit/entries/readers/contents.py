"""What the cells of a column say of what it is: check digits, HTS numbers, days, countries, known words."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Mapping, Sequence
from enum import IntEnum
from functools import cache

from cape_kit.entries import identifiers
from cape_kit.entries.readers.layouts import ColumnKind, words

#: Share of the filled cells that must have a shape to prove something; with fewer than half it is another.
_MOST, _HALF = 0.8, 0.5
_DAY = re.compile(
    r"\d{4}-\d{2}-\d{2}([ T][\d:.]+)?|\d{1,2}[/.-]\d{1,2}[/.-](\d{4}|\d{2})( [\d:]+)?|(19|20)\d{6}"
    r"|\d{1,2}[- ][A-Za-z]{3,9}[- ,]+(\d{4}|\d{2})|[A-Za-z]{3,9}\.? \d{1,2},? \d{4}"
)
_HTS = re.compile(r"\d{4}[. ]?\d{2}([. ]?\d{2}([. ]?\d{2})?)?")
_CHAPTER_99 = re.compile(r"99\d{2}[. ]?\d{2}([. ]?\d{2})?([. ]?0{2})?")
_MONEY = re.compile(r"\(?-?\s*(USD|US\$|\$|€)?\s*-?\d[\d,. ]*\)?\s*(USD)?-?")
_COUNT = re.compile(r"0*\d{1,4}(\.0+)?")
_TYPE = re.compile(r"\d{1,2}(\s*-.*)?")
_PORT = re.compile(r"\d{3,4}(\s*-.*)?|[A-Z][A-Za-z ,]+\(?\d{4}\)?")
_IMPORTER = re.compile(r"\d{2}-?\d{7}([0-9A-Z]{2})?|\d{6}-?\d{5}|\d{3}-\d{2}-\d{4}")
_CODE = re.compile(r"[A-Z]{2}")
_REFERENCE = re.compile(r"(?=.*\d)[A-Za-z0-9][\w ./-]{1,}")
_NUMBER = re.compile(r"[$(-]*[\d,.]+[)%]?")


class Says(IntEnum):
    """What a column's cells say of a column it may be."""

    AGAINST = -1
    NOTHING = 0
    FITS = 1
    PROVES = 2


#: The status words of each declared column, as the law book knows them.
StatusWords = Mapping[str, Collection[str]]


def judge(column: ColumnKind, cells: Sequence[str], known: StatusWords | None) -> Says:
    """What the first cells of a column say to its being one of the declared columns.

    `known`: the status words of the law book; None where it is not at hand.
    """
    filled = [text for cell in cells if (text := identifiers.unwrap(cell)) and text.lower() not in _blank()]
    if not filled:
        return Says.NOTHING
    if column.kind == "text":
        return _text(column.name, filled, None if known is None else known.get(column.name))
    if column.kind == "hts" and column.name != "hts" and not column.name.startswith("pair_"):
        return Says.PROVES if _share(filled, _is_chapter_99) >= _MOST else Says.AGAINST
    proves, test = _TESTS[column.kind]
    share = _share(filled, test)
    if share < _HALF:
        return Says.AGAINST
    if column.kind == "cents" and _share(filled, _plain_hts) >= _MOST:
        return Says.AGAINST
    return proves if share >= _MOST else Says.FITS


def why(column: ColumnKind, says: Says) -> str:
    """What the cells say, in words."""
    if says is Says.NOTHING:
        return "its first cells are empty"
    if says is Says.AGAINST:
        return "what it holds is something else"
    return _HOLDS[column.kind]


def are_entry_numbers(cells: Sequence[str]) -> bool:
    """Whether the check digits of a column prove it to hold entry numbers."""
    filled = [text for cell in cells if (text := identifiers.unwrap(cell))]
    return bool(filled) and _share(filled, _entry_number) >= _MOST


@cache
def _blank() -> frozenset[str]:
    return frozenset(words().blank)


def _share(cells: Sequence[str], test: Callable[[str], bool]) -> float:
    return sum(map(test, cells)) / len(cells)


def _matches(pattern: re.Pattern[str]) -> Callable[[str], bool]:
    return lambda text: pattern.fullmatch(text) is not None


def _entry_number(text: str) -> bool:
    return identifiers.normalise_entry_number(text).valid


def _is_chapter_99(text: str) -> bool:
    return _CHAPTER_99.fullmatch(text) is not None


def _plain_hts(text: str) -> bool:
    """An HTS number without dots looks like an amount; one with two dots never does."""
    return re.fullmatch(r"\d{8}|\d{10}|\d{4}\.\d{2}\.\d{2,4}(\.\d{2})?", text) is not None


def _hts(text: str) -> bool:
    return _HTS.fullmatch(text) is not None and not _DAY.fullmatch(text)


def _country(text: str) -> bool:
    code = text.partition(" - ")[0].strip()
    return _CODE.fullmatch(code) is not None or text.lower() in words().countries


def _flag(text: str) -> bool:
    return text.lower() in words().yes or text.lower() in words().no


def _text(name: str, filled: Sequence[str], known: Collection[str] | None) -> Says:
    """Of a status: whether its words are known. Of other text: that it is none of the things with a shape.

    Words nobody knows say nothing; in a status column they are told as such, row by row.
    """
    if known is not None and _share([_words(one) for one in filled], _one_of(known)) >= _MOST:
        return Says.PROVES
    shapes = (_DAY, _HTS, _IMPORTER)
    if any(_share(filled, _matches(shape)) >= _MOST for shape in shapes):
        return Says.AGAINST
    if _share(filled, _entry_number) >= _MOST:
        return Says.AGAINST
    numbers = _share(filled, _matches(_NUMBER))
    if numbers >= _MOST and not name.endswith(("rate", "code", "digit")):
        return Says.AGAINST
    return Says.FITS if known is None else Says.NOTHING


def _words(text: str) -> str:
    return " ".join(re.findall(r"[a-z0-9]+", text.lower()))


def _one_of(known: Collection[str]) -> Callable[[str], bool]:
    """Whether a cell is a known word, by itself or behind its code ("01 liquidated")."""

    def test(text: str) -> bool:
        first, _, rest = text.partition(" ")
        return text in known or (len(first) <= 2 and rest in known)

    return test


_TESTS: dict[str, tuple[Says, Callable[[str], bool]]] = {
    "entry_number": (Says.PROVES, _entry_number),
    "other_entry_number": (Says.FITS, _entry_number),
    "hts": (Says.PROVES, _hts),
    "day": (Says.PROVES, _matches(_DAY)),
    "country": (Says.PROVES, _country),
    "cents": (Says.FITS, _matches(_MONEY)),
    "count": (Says.FITS, _matches(_COUNT)),
    "entry_type": (Says.FITS, _matches(_TYPE)),
    "port": (Says.FITS, _matches(_PORT)),
    "flag": (Says.FITS, _flag),
    "importer": (Says.PROVES, _matches(_IMPORTER)),
    "reference": (Says.FITS, _matches(_REFERENCE)),
}
_HOLDS = {
    "entry_number": "its check digits are right",
    "other_entry_number": "its check digits are right",
    "hts": "it holds HTS numbers",
    "day": "it holds days",
    "country": "it holds countries",
    "cents": "it holds amounts",
    "count": "it holds small numbers",
    "entry_type": "it holds entry types",
    "port": "it holds ports",
    "flag": "it holds yes and no",
    "importer": "it holds importer numbers",
    "reference": "it holds numbers of documents",
    "text": "its words fit",
}
