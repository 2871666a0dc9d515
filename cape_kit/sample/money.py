"""What comes back for an entry, recounted the slow way: row by row, and interest day by day in Decimal."""

from __future__ import annotations

from calendar import isleap
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal, localcontext

from cape_kit.sample import days
from cape_kit.sample.facts import Entry, Line, Ordinal, cents
from cape_kit.sample.recipe import ClientSpec, Recipe
from cape_kit.sample.registry import Registry

PRECISION = 40
NO_INTEREST = ("claimed", "not_refundable")
FILEABLE = ("file", "file_deferred")


@dataclass(frozen=True)
class Principal:
    """Duty that comes back: by heading as the files let a reader total it, and as it truly is. [cents]"""

    by_heading: dict[str, int]
    true_refund: int
    confidence: str | None  # exact | upper bound; None where nothing was paid or an amount can't be read

    @property
    def from_files(self) -> int:
        """The total a correct reader of the files arrives at. [cents]"""
        return sum(self.by_heading.values())


def principal(entry: Entry) -> Principal:
    """Duty on dutiable IEEPA headings, row by row; all-in rows less the normal duty."""
    by_heading: dict[str, int] = {}
    true_refund, confidence = 0, "exact"
    for line in entry.lines:
        for place, row in enumerate(line.ordinals, start=1):
            if row.role not in ("ieepa", "all_in") or row.heading is None:
                continue
            true_refund += _true(line, row)
            if not entry.lines_seen or (line.number, place) in entry.unread or row.duty_cents == 0:
                continue
            seen, sure = _from_files(entry, line, row)
            by_heading[row.heading] = by_heading.get(row.heading, 0) + seen
            confidence = confidence if sure else "upper bound"
    return Principal(by_heading, true_refund, None if entry.unread or not by_heading else confidence)


def _true(line: Line, row: Ordinal) -> int:
    if row.role == "all_in" and not line.mfn_kept_apart and row.duty_cents:
        return row.duty_cents - line.mfn_cents
    return row.duty_cents


def _from_files(entry: Entry, line: Line, row: Ordinal) -> tuple[int, bool]:
    """The amount a reader gets for a row, and whether it is more than an upper bound. [cents]"""
    if row.role != "all_in" or line.mfn_kept_apart:
        return row.duty_cents, True
    return (row.duty_cents - line.mfn_cents, True) if entry.mfn_seen else (row.duty_cents, False)


def deposit_day(entry: Entry, spec: ClientSpec, recipe: Recipe, *, payment_seen: bool) -> date:
    """When the duty was deposited, as far as the files and the client's statement tell."""
    if payment_seen and entry.payment_date is not None:
        return entry.payment_date
    if spec.statement == "monthly":
        return days.working_day_of_next_month(
            entry.entry_date, recipe.windows["monthly_statement_working_day"]
        )
    return days.add_working(entry.entry_date, recipe.windows["single_statement_working_days"])


def interest_until(entry: Entry, disposition: str, as_of: date, recipe: Recipe, *, last_rated: date) -> date:
    """The day interest stops: (re)liquidation if filed that day, else the day itself."""
    if disposition not in FILEABLE:
        return as_of
    recorded = entry.seen_liquidated if entry.is_liquidated else None
    if recorded is not None and recorded <= as_of:
        return days.next_working(as_of)
    return min(as_of + timedelta(days=recipe.windows["acceptance_to_liquidation_days"]), last_rated)


@dataclass(frozen=True)
class Interest:
    """Interest compounded daily, one multiplication a day; deposit days met before are not recounted."""

    importer_class: str
    registry: Registry
    grown: dict[date, list[Decimal]] = field(default_factory=dict)

    def until(self, amount_cents: int, first: date, end: date) -> int:
        """Interest from the first day, which counts, to the last, which does not; rounded once. [cents]"""
        factors = self.grown.setdefault(first, [Decimal(1)])
        with localcontext() as context:
            context.prec = PRECISION
            while len(factors) <= (end - first).days:
                day = first + timedelta(days=len(factors) - 1)
                year = 366 if isleap(day.year) else 365
                factors.append(
                    factors[-1] * (1 + self.registry.rate_pct(day, self.importer_class) / 100 / year)
                )
            return cents(Decimal(amount_cents) / 100 * (factors[max(0, (end - first).days)] - 1))
