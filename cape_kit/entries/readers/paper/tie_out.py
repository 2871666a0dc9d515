"""Whether an entry summary ties out: exactly, or it is not used at all.

Duties add up to box 37 and values to box 35 (41 and 39 in the edition of 2024), the totals to the grand
total, lines run without gaps, the check digit agrees, each duty fits its rate and value. What does not is
named with its dollars.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from itertools import pairwise

from cape_kit import money
from cape_kit.entries import identifiers
from cape_kit.entries.readers.paper.form import EntrySummary, PaperLine, TariffNumber

#: Values are entered in whole dollars, duties reckoned to the cent: a duty may be off by the rate on half a
#: dollar, and by this. [cents]
ROUNDING = 2
_PERCENT = re.compile(r"([0-9]*\.?[0-9]+)%")


@dataclass(frozen=True)
class Verdict:
    """What is off, in sentences; nothing when the entry ties out. And how sure that is."""

    entry: EntrySummary
    off: tuple[str, ...]
    unconfirmed: int = 0  # duties whose rate is not a plain percentage: in the sum, not reckoned again
    values_of_goods: bool = True  # whether box 35 is reached without what stands beside chapter 99 numbers

    @property
    def ties(self) -> bool:
        """Whether every amount is accounted for."""
        return not self.off

    @property
    def cents(self) -> int | None:
        """The duty that stands or falls with the entry; None where nothing says it."""
        return self.entry.duty


def verdict(entry: EntrySummary) -> Verdict:
    """Hold an entry against itself."""
    of_goods, values = _values(entry)
    fits, unconfirmed = _rates(entry, of_goods=of_goods)
    off = [
        *_number(entry),
        *(trouble.off for trouble in entry.trouble),
        *_lines(entry),
        *_pages(entry),
        *values,
        *_duty(entry),
        *_total(entry),
        *fits,
    ]
    return Verdict(entry, tuple(off), unconfirmed, of_goods)


def _number(entry: EntrySummary) -> Iterator[str]:
    right = identifiers.check_digit(entry.number[:-1])
    if right != entry.number[-1]:
        yield f"the check digit of {entry.number} is {entry.number[-1]}, should be {right}"


def _lines(entry: EntrySummary) -> Iterator[str]:
    numbers = [line.number for line in entry.lines]
    if not numbers:
        yield "no line was found"
    elif numbers != list(range(1, len(numbers) + 1)):
        listed = ", ".join(map(str, numbers[:12])) + (" …" if len(numbers) > 12 else "")
        yield f"the lines do not run from 1 without gaps: {listed}"
    for line in entry.lines:
        kinds = [_additional(number) for number in line.numbers]
        if all(kinds):
            yield f"line {line.number} (page {line.page}) has no HTS number of its goods"
        if sum(one != next_one for one, next_one in pairwise(kinds)) > 1:
            yield f"line {line.number} (page {line.page}) holds the HTS numbers of more than one line"
    if not entry.said:
        yield "its first page is missing"


def _pages(entry: EntrySummary) -> Iterator[str]:
    """Pages that count themselves do so without gaps, whether by entry or by file."""
    counted = entry.counted
    if len(counted) == len(entry.pages) and counted != list(range(counted[0], counted[0] + len(counted))):
        yield f"its pages count themselves {', '.join(map(str, counted[:12]))}"


def _values(entry: EntrySummary) -> tuple[bool, list[str]]:
    """Whether the values tie, and whether they do so without those beside chapter 99 numbers."""
    printed = entry.totals.get("total_value")
    goods = sum(number.value or 0 for number in entry.numbers if not _additional(number))
    every = sum(number.value or 0 for number in entry.numbers)
    if printed is None:
        return True, ["the total entered value (box 35) was not found"]
    if goods == printed:
        return True, []
    if every == printed:
        return False, []
    return True, [f"values add up to {money.show(goods)}, box 35 says {money.show(printed)}"]


def _duty(entry: EntrySummary) -> Iterator[str]:
    """Duties of HTS numbers against box 37; deposits of antidumping duty are in it on some prints."""
    printed = entry.totals.get("duty")
    read = _duties(entry)
    if printed is None:
        yield "the total duty (box 37) was not found"
    elif printed not in (read, read + sum(cents for _, cents in entry.deposits)):
        yield (
            f"duties add up to {money.show(read)}, box 37 says {money.show(printed)}: "
            f"{money.show(printed - read)} apart"
        )


def _duties(entry: EntrySummary) -> int:
    return sum(number.duty or 0 for number in entry.numbers)


def _total(entry: EntrySummary) -> Iterator[str]:
    """Boxes 37, 38 and 39 against box 40, where they are printed; taxes of the lines against box 38."""
    totals = entry.totals
    total, duty = totals.get("total"), totals.get("duty")
    if total is not None and duty is not None:
        parts = duty + (totals.get("tax") or 0) + (totals.get("other") or 0)
        if parts != total:
            yield (
                f"duty, tax and other add up to {money.show(parts)}, "
                f"the total (box 40) says {money.show(total)}"
            )
    if entry.taxes and totals.get("tax") is not None and entry.taxes != totals["tax"]:
        yield f"taxes add up to {money.show(entry.taxes)}, box 38 says {money.show(totals['tax'] or 0)}"


def _rates(entry: EntrySummary, *, of_goods: bool) -> tuple[list[str], int]:
    """Duties that do not fit their rate and value; how many could not be reckoned again."""
    off: list[str] = []
    unconfirmed = 0
    for line in entry.lines:
        for number in (number for number in line.numbers if number.duty):
            plain = _PERCENT.fullmatch(number.rate or "")
            if plain is None and not _additional(number) and (number.rate or "").upper() != "FREE":
                unconfirmed += 1
                continue
            rate = Decimal(plain[1]) if plain else Decimal(0)
            bases = _bases(line, number, of_goods=of_goods)
            if not any(_near(number.duty or 0, rate, base) for base in bases):
                off.append(
                    f"line {line.number}: {money.show(number.duty or 0)} beside {number.hts} does not fit "
                    f"{number.rate or 'no rate'} of {money.show(bases[0])}"
                )
    return off, unconfirmed


def _bases(line: PaperLine, number: TariffNumber, *, of_goods: bool) -> list[int]:
    """The values a duty may be reckoned on. [cents]

    The goods' own duty on their value. An additional one on all goods of the line, or on all but what chapter
    98 frees; on its own value only where that counts towards box 35.
    """
    if number.value and not (_additional(number) and of_goods):
        return [number.value]
    goods = [n for n in line.numbers if not _additional(n)]
    return [
        sum(n.value or 0 for n in goods),
        sum(n.value or 0 for n in goods if not n.hts.startswith("98")),
    ]


def _near(duty: int, rate: Decimal, base: int) -> bool:
    return abs(Decimal(duty) - Decimal(base) * rate / 100) <= ROUNDING + rate / 2


def _additional(number: TariffNumber) -> bool:
    """Whether it is a number of chapter 99, which stands beside the goods' own."""
    return number.hts.startswith("99")
