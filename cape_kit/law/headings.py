"""The registry of IEEPA headings: what an HTS number is on an entry date, and what to know about it.

Matches whole numbers only, never a prefix; a number it does not know is said to be unknown, not guessed at.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date

from cape_kit.errors import UnsoundLawbook, Usage
from cape_kit.law.book import Heading, Law
from cape_kit.law.book.rows import Gap, OtherFamily

#: What is wrapped round a number on its way through spreadsheets.
_WRAPPED = re.compile(r"^=\s*\"(.*)\"$")
_NUMERIC_TAIL = re.compile(r"\.0$")
_SEPARATORS = re.compile(r"[.\s\u00a0-]")
#: Full lengths of a tariff number, and those of a number that lost the zero of chapters 01 to 09.
_LENGTHS, _ZERO_LOST = (8, 10), (7, 9)


@dataclass(frozen=True)
class HeadingAnswer:
    """What a number is on a day. ``kind`` and ``rate_pct`` are None unless it is an IEEPA heading in force.

    ``status``: in_force | gap (superseded, but rows of that day may show it) | not_yet | ended |
    unknown (shaped like an IEEPA number, not in the registry) | not_ieepa.
    """

    hts: str
    heading: str
    on: date
    status: str
    is_ieepa: bool
    kind: str | None
    programme: str | None
    measure: str | None
    authority: str | None
    country: str | None
    rate_pct: str | None
    all_in: bool
    source: str
    confidence: str | None
    note: str
    warning: str | None


def normalise(hts: str | float) -> str:
    """Eight or ten digits of a tariff number however it was written or stored.

    The 00 that pads a chapter 99 number to ten goes. Raises Usage when it is no tariff number.
    """
    text = f"{hts:.0f}" if isinstance(hts, float) and hts == hts // 1 else str(hts)
    bare = text.strip()
    wrapped = _WRAPPED.match(bare)
    bare = (wrapped.group(1) if wrapped else bare).strip().removeprefix("'")
    # A dotted number never ends in a lone 0; a numeric cell written out does.
    digits = _SEPARATORS.sub("", _NUMERIC_TAIL.sub("", bare))
    if digits.isascii() and digits.isdigit():
        # Chapter 99 has no zero to lose at the front: a short 99… number lost digits that nobody can restore.
        if len(digits) in _ZERO_LOST and not digits.startswith(("0", "99")):
            digits = f"0{digits}"
        if len(digits) in _LENGTHS:
            padded = len(digits) == _LENGTHS[1] and digits.startswith("99") and digits.endswith("00")
            return digits[:8] if padded else digits
    raise Usage(
        f"'{hts}' is not a tariff number; write eight digits as in 9903.xx.xx, "
        "or ten for goods, with or without dots."
    )


def dotted(digits: str) -> str:
    """Digits as people read them: four, two, two and two with dots."""
    parts = [digits[:4], digits[4:6], digits[6:8], digits[8:]]
    return ".".join(part for part in parts if part)


def look_up(law: Law, hts: str | float, on: date) -> HeadingAnswer:
    """What a tariff number is on an entry date.

    Sources: headings.csv, gaps.csv and not_ieepa.csv of the law book, each row with its own.
    """
    digits = normalise(hts)
    registered = law.headings_by_number.get(digits, ())
    if registered:
        return _registered(law, registered, on)
    if _family(law, digits):
        return _unknown(digits, on)
    for other in law.contents.others:
        if len(digits) == len(other.first_hts8) and other.first_hts8 <= digits <= other.last_hts8:
            return _other(law, other, digits, on)
    return _elsewhere(law, digits, on)


def gap_note(law: Law, heading: str, on: date) -> str | None:
    """A warning when a change reached back over an entry date on which this heading was filed, else None."""
    for gap in law.contents.gaps:
        if heading.startswith(gap.old) and gap.first_day <= on <= gap.last_day:
            return _gap_sentence(gap, heading)
    return None


def origins(law: Law, country: str) -> frozenset[str] | None:
    """The two-letter codes of the origins a registry row names in its `country`; None is any origin.

    Raises UnsoundLawbook for a name countries.csv lacks. Sources: keys "iso-3166-1" and "teu-52".
    """
    known = law.contents.countries
    names = [country] if country in known else [name.strip() for name in country.split(";")]
    for name in names:
        if name not in known:
            raise UnsoundLawbook(
                f"headings.csv names the country '{name}', which countries.csv does not have."
            )
    codes = frozenset(code for name in names for code in known[name].codes)
    return None if "*" in codes else codes


def _registered(law: Law, registered: tuple[Heading, ...], on: date) -> HeadingAnswer:
    row = next((one for one in registered if _in_force(one, on)), None)
    if row is not None:
        warning = gap_note(law, row.heading, on) if row.kind == "duty" else None
        return _answer(law, row, on, status="in_force", warning=warning)
    if on < registered[0].first_day:
        first = registered[0]
        warning = f"Heading {first.heading} was not in force before {first.first_day}."
        return _answer(law, first, on, status="not_yet", warning=warning)
    last = registered[-1]
    if last.gap_last_day and on <= last.gap_last_day:
        return _answer(law, last, on, status="gap", warning=gap_note(law, last.heading, on))
    warning = f"Heading {last.heading} ended with entries of {last.last_day}: it bore no IEEPA duty on {on}."
    return _answer(law, last, on, status="ended", warning=warning)


def _answer(law: Law, row: Heading, on: date, *, status: str, warning: str | None) -> HeadingAnswer:
    live = status in ("in_force", "gap")
    return HeadingAnswer(
        hts=row.hts8,
        heading=row.heading,
        on=on,
        status=status,
        is_ieepa=True,
        kind=row.kind if live else None,
        programme=row.programme,
        measure=row.measure,
        authority=row.authority,
        country=row.country,
        rate_pct=row.rate_pct if live else None,
        all_in=row.all_in,
        source=law.cite(row.source),
        confidence=row.confidence,
        note=f"{row.note} Entered in your own folder of law.".strip() if law.is_own(row) else row.note,
        warning=warning,
    )


def _in_force(row: Heading, on: date) -> bool:
    return row.first_day <= on and (row.last_day is None or on <= row.last_day)


def _gap_sentence(gap: Gap, heading: str) -> str:
    return (
        f"For {gap.goods} {gap.new} took the place of {heading} with effect back to {gap.first_day}: entries "
        f"up to {gap.last_day} may show the old heading, or its duty may have been corrected already."
    )


def _family(law: Law, digits: str) -> bool:
    """Whether a chapter 99 number stands in a block of the tariff that the registry has duty headings in."""
    blocks = {row.hts8[:6] for row in law.contents.headings if row.kind == "duty"}
    return digits[:6] in blocks


def _unknown(digits: str, on: date) -> HeadingAnswer:
    warning = (
        f"{dotted(digits)} is numbered like an IEEPA heading, but the registry has no such heading: "
        "check the number in ACE before counting its duty as refundable."
    )
    return _plain(
        digits, on, status="unknown", source="IEEPA heading registry (no such row)", warning=warning
    )


def _other(law: Law, other: OtherFamily, digits: str, on: date) -> HeadingAnswer:
    days = f" In force {_days(other)}." if other.first_day else ""
    note = f"Not IEEPA: {other.programme}.{days} {other.note}".strip()
    return _plain(
        digits, on, status="not_ieepa", source=law.cite(other.source), note=note, programme=other.programme
    )


def _days(other: OtherFamily) -> str:
    return f"from {other.first_day}" + (f" to {other.last_day}" if other.last_day else "")


def _elsewhere(law: Law, digits: str, on: date) -> HeadingAnswer:
    chapter = digits[:2]
    note = (
        f"Not IEEPA: a chapter {chapter} number that the law book does not list."
        if chapter in ("98", "99")
        else f"Not IEEPA: a chapter {chapter} number classifies the goods; IEEPA duties stand in chapter 99."
    )
    return _plain(digits, on, status="not_ieepa", source=law.cite("hts-2026-rev6"), note=note)


def _plain(digits: str, on: date, *, status: str, source: str, **told: str | None) -> HeadingAnswer:
    """An answer on a number that is no IEEPA heading of the registry."""
    return HeadingAnswer(
        hts=digits,
        heading=dotted(digits),
        on=on,
        status=status,
        is_ieepa=False,
        kind=None,
        programme=told.get("programme"),
        measure=None,
        authority=None,
        country=None,
        rate_pct=None,
        all_in=False,
        source=source,
        confidence=None,
        note=told.get("note") or "",
        warning=told.get("warning"),
    )
