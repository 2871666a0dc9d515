"""What each HTS number of a portfolio is: an IEEPA heading, another chapter 99 duty, or the goods themselves.

Numbers match the registry whole, with or without the padding ``00`` some exports add; never by prefix.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import Any

import pandas as pd

from cape_kit.errors import NoLawInForce
from cape_kit.law import headings
from cape_kit.law.book import Law

#: Families of duty, in the order a revised entry summary shows them.
IEEPA, EXCEPTION, UNKNOWN = "IEEPA", "IEEPA exception heading", "IEEPA number not in the registry"
OTHER_99, NORMAL = "Other chapter 99", "Normal duty"
FAMILIES = (
    IEEPA,
    EXCEPTION,
    UNKNOWN,
    "Section 301",
    "Section 232",
    "Section 201",
    "Section 122",
    OTHER_99,
    NORMAL,
)
_SPECIAL = ("98", "99")
_FULL, _PADDED = 8, 10
COLUMNS = ("hts", "hts8", "heading", "family", "programme", "kind", "all_in", "chapter_99", "chapter_98")


def named(numbers: Iterable[str], law: Law) -> pd.DataFrame:
    """One row per distinct number of the lines: heading, family, programme, and what the reducers ask of it.

    Sources: ``headings.csv`` and ``not_ieepa.csv`` of the law book, each row with its own.
    Raises NoLawInForce when the law is replayed on a day by which no heading was public.
    """
    if not law.contents.headings:
        raise NoLawInForce(
            f"No IEEPA heading was public on {law.known_on}, so no entry can be decided as known then; "
            "replay the law on a later day"
        )
    on = max(row.last_day or row.first_day for row in law.contents.headings)
    rows = [_named(hts, law, on) for hts in numbers]
    frame = pd.DataFrame(rows, columns=list(COLUMNS))
    texts = dict.fromkeys(("hts", "hts8", "heading", "family", "programme", "kind"), "str")
    return frame.astype({**texts, "all_in": "bool", "chapter_99": "bool", "chapter_98": "bool"})


def _named(hts: str, law: Law, on: date) -> tuple[Any, ...]:
    if not isinstance(hts, str) or not hts.startswith(_SPECIAL):
        return (hts, hts, None, NORMAL, NORMAL, "", False, False, False)
    if hts.startswith(_SPECIAL[0]):
        return (hts, hts, None, NORMAL, NORMAL, "", False, False, True)
    number = hts[:_FULL] if len(hts) == _PADDED and hts.endswith("00") else hts
    registered = law.headings_by_number.get(number)
    if registered:
        row = registered[-1]
        family = IEEPA if row.kind == "duty" else EXCEPTION
        return (hts, number, row.heading, family, row.programme, row.kind, row.all_in, True, False)
    family, programme = _elsewhere(number, law, on)
    return (hts, number, headings.dotted(number), family, programme, "", False, True, False)


def _elsewhere(number: str, law: Law, on: date) -> tuple[str, str]:
    """Family and programme of a chapter 99 number that the registry does not have."""
    if not (number.isascii() and number.isdigit()) or len(number) not in (_FULL, _PADDED):
        return OTHER_99, OTHER_99
    told = headings.look_up(law, number, on)
    if told.status == "unknown":
        return UNKNOWN, UNKNOWN
    programme = told.programme or OTHER_99
    family = " ".join(programme.split()[:2])
    return (family if family in FAMILIES else OTHER_99), programme
