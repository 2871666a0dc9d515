"""The facts of one synthetic entry, as they are and as the files tell them; how its number and its lines are made.

A line is the stack of HTS numbers an article of an origin carries on an entry day.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from random import Random

from cape_kit.sample.recipe import Goods, Origin, Recipe, Span, span
from cape_kit.sample.registry import Registry

#: Letters of a filer code as digits: A-I and J-R count from one, S-Z from two.
LETTERS = {letter: str(1 + index % 9) for index, letter in enumerate("ABCDEFGHIJKLMNOPQR")} | {
    letter: str(2 + index) for index, letter in enumerate("STUVWXYZ")
}


def check_digit(first_ten: str) -> str:
    """The eleventh character of an entry number, from the first ten."""
    total = 0
    for place, character in enumerate(reversed(first_ten)):
        digit = int(LETTERS.get(character, character))
        if place % 2 == 0:
            digit = digit * 2 - 9 if digit * 2 > 9 else digit * 2
        total += digit
    return str(-total % 10)


def entry_number(filer: str, serial: int) -> str:
    """A valid entry number: filer code, seven digits, check digit."""
    first_ten = f"{filer}{serial:07d}"
    return first_ten + check_digit(first_ten)


def cents(amount: Decimal) -> int:
    """Dollars as whole cents, half up. [cents]"""
    return int((amount * 100).quantize(Decimal(1), rounding=ROUND_HALF_UP))


def percent_of(value_cents: int, rate_pct: Decimal) -> int:
    """A duty: the value times a percentage, rounded to the cent. [cents]"""
    return cents(Decimal(value_cents) / 100 * rate_pct / 100)


@dataclass
class Ordinal:
    """One HTS number of a line: what ACE prints as one row."""

    hts: str
    role: str  # ieepa | all_in | exception | other | goods
    duty_cents: int
    value_cents: int = 0
    heading: str | None = None


@dataclass
class Line:
    """One line of an entry summary."""

    number: int
    origin: str
    export: str
    maker: str
    mfn: str
    spi: str
    unit: str
    quantity: int
    value_cents: int
    mfn_cents: int  # the normal duty, whichever row shows it
    mfn_kept_apart: bool
    ordinals: list[Ordinal] = field(default_factory=list)


@dataclass(eq=False)
class Entry:
    """One entry: what it is (kind, lines, days) and what the exports say of it."""

    number: str
    kind: str
    verdict: str
    filer: str
    importer: str
    importer_name: str
    entry_type: str
    port: str
    entry_date: date
    summary_date: date
    create_date: date
    lines: list[Line] = field(default_factory=list)
    status: str | None = "Unliquidated"
    liquidated: date | None = None  # recorded or scheduled day, as status says
    later_status: str | None = None  # the same two in the second extract, where the entry is in it
    later_liquidated: date | None = None
    in_later: bool = False
    payment_date: date | None = None
    summary_status: str = "Accepted"
    control: str = "CBP"
    recon_flag: bool = False
    recon_entry: str | None = None
    recon_due: date | None = None
    psc: bool = False
    protest_number: str | None = None
    protest_status: str | None = None
    protest_ieepa_only: bool | None = None
    drawback: bool = False
    adcvd_case: str | None = None
    suspension_record: bool = False
    injunction: bool = False
    statement_status: str | None = None
    claim_number: str | None = None
    claim_result: str | None = None
    claim_error: str | None = None
    # What the client's files, taken together, leave a reader with.
    extracted_on: date | None = None
    seen_status: str | None = None
    seen_liquidated: date | None = None
    mfn_seen: bool = True
    type_seen: bool = True
    lines_seen: bool = True
    unread: set[tuple[int, int]] = field(default_factory=set)  # line, ordinal whose duty cell can't be read

    @property
    def is_liquidated(self) -> bool:
        """Whether the files say the entry is liquidated."""
        return self.seen_status in ("Liquidated", "Deemed Liquidated")


# --- one line of an entry summary -------------------------------------------------------------------------


#: From this normal rate on, a partner with an all-in heading pays nothing on top. [percent]
HIGH_MFN = Decimal(15)
#: Entered values of a line: of an ordinary entry, and of an informal one. [dollars]
USUAL, SMALL = (900, 60_000), (150, 800)
MAKERS = ("ABLE", "CREST", "DELFIN", "ORBIT", "PRIMA", "SOLID", "UNITA", "VERTEX")


@dataclass(frozen=True)
class Wish:
    """What a kind of entry asks of its lines."""

    usmca: bool = False
    annex: bool = False
    metal_only: bool = False
    in_transit: bool = False
    keep_mfn_apart: bool = False
    nothing_paid: bool = False
    value_on_99: bool = False
    section_122: bool = False
    small: bool = False
    twin: bool = False  # the second line equals the first in all but its number


@dataclass(frozen=True)
class Maker:
    """The means of making lines: what there is, and the dice."""

    recipe: Recipe
    registry: Registry
    rng: Random

    def line(self, number: int, origin: Origin, goods: Goods, day: date, wish: Wish) -> Line:
        """A whole line with its ordinals in ACE's order: additional duties first, the article last."""
        value = self.rng.randrange(*(SMALL if wish.small else USUAL)) * 100
        spi = "S" if wish.usmca else ""
        line = Line(
            number=number,
            origin=origin.code,
            export=origin.export[self.rng.randrange(len(origin.export))],
            maker=self._maker_id(origin),
            mfn=goods.mfn,
            spi=spi,
            unit=goods.unit,
            quantity=self.rng.randrange(10, 4000),
            value_cents=value,
            mfn_cents=0 if spi else percent_of(value, goods.mfn_pct),
            mfn_kept_apart=wish.keep_mfn_apart,
        )
        line.ordinals = [
            *self._section_301(origin, goods, line),
            *self._emergency(origin, goods, day, line, wish=wish),
        ]
        line.ordinals += self._section_232(goods, day, line, wish) + self._section_122(line, wish)
        all_in = any(ordinal.role == "all_in" for ordinal in line.ordinals) and not wish.keep_mfn_apart
        line.ordinals.append(Ordinal(goods.hts, "goods", 0 if all_in else line.mfn_cents, value))
        if wish.value_on_99:
            next(o for o in line.ordinals if o.role in ("ieepa", "all_in")).value_cents = value
        return line

    def _maker_id(self, origin: Origin) -> str:
        name = MAKERS[self.rng.randrange(len(MAKERS))]
        return f"{origin.code}{name}{self.rng.randrange(10, 999)}{origin.code}"

    def _section_301(self, origin: Origin, goods: Goods, line: Line) -> list[Ordinal]:
        if not origin.section_301 or goods.s301 is None:
            return []
        heading, rate = goods.s301
        return [_other(heading, percent_of(line.value_cents, rate))]

    def _section_232(self, goods: Goods, day: date, line: Line, wish: Wish) -> list[Ordinal]:
        rate = self.metal_rate(goods, day)
        if rate is None or wish.section_122:
            return []
        return [_other(self.recipe.section_232[goods.metal or ""][0], percent_of(line.value_cents, rate))]

    def _section_122(self, line: Line, wish: Wish) -> list[Ordinal]:
        if not wish.section_122:
            return []
        duty = self.recipe.not_ieepa["section_122"]
        return [_other(duty["heading"], percent_of(line.value_cents, Decimal(duty["rate_pct"])))]

    def metal_rate(self, goods: Goods, day: date) -> Decimal | None:
        """The Section 232 rate on the article that day, if any. [percent]"""
        if goods.metal is None:
            return None
        rates = [rate for first, rate in self.recipe.section_232[goods.metal][1] if first <= day]
        return rates[-1] if rates else None

    def _emergency(self, origin: Origin, goods: Goods, day: date, line: Line, *, wish: Wish) -> list[Ordinal]:
        if wish.section_122:
            return []
        metal = self.metal_rate(goods, day) is not None
        made: list[Ordinal] = []
        for used in self._spans(origin, goods, day, wish, metal):
            row = self.registry.heading(used.heading, day)
            role = "exception" if row.kind == "exception" else "all_in" if row.all_in else "ieepa"
            rate = row.rate_pct
            if role == "all_in" and wish.keep_mfn_apart:
                rate -= goods.mfn_pct
            duty = 0 if wish.nothing_paid else percent_of(line.value_cents, rate)
            made.append(Ordinal(used.heading.replace(".", ""), role, duty, heading=used.heading))
        return made

    def _spans(self, origin: Origin, goods: Goods, day: date, wish: Wish, metal: bool) -> list[Span]:
        reciprocal = span(self.recipe.not_ieepa["exempt_232"])
        annex = span(self.recipe.not_ieepa["exempt_annex"])
        if wish.usmca:
            return [item for item in origin.usmca if item.covers(day)]
        if wish.annex:
            return [annex] if annex.covers(day) else []
        if wish.in_transit and origin.in_transit and origin.in_transit.covers(day):
            return [origin.in_transit]
        if metal:
            chosen = [*(duty for duty in origin.duty if duty.with_metal), *origin.exempt_232, reciprocal]
        elif origin.high_mfn and origin.high_mfn.covers(day) and goods.mfn_pct >= HIGH_MFN:
            chosen = [origin.high_mfn]
        else:
            chosen = [*origin.duty, *origin.other_exempt]
        return [item for item in chosen if item.covers(day)]


def _other(heading: str, duty_cents: int) -> Ordinal:
    return Ordinal(heading.replace(".", ""), "other", duty_cents)
