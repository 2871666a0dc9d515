"""The facts of one synthetic entry, as they are and as the files tell them; and how its number is made."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from decimal import ROUND_HALF_UP, Decimal

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
    sources: set[str] = field(default_factory=set)
    seen_status: str | None = None
    seen_liquidated: date | None = None
    mfn_seen: bool = True
    type_seen: bool = True
    lines_seen: bool = True
    liquidation_seen: bool = True
    unread: set[tuple[int, int]] = field(default_factory=set)  # line, ordinal whose duty cell can't be read

    @property
    def is_liquidated(self) -> bool:
        """Whether the files say the entry is liquidated."""
        return self.seen_status in ("Liquidated", "Deemed Liquidated")
