"""Rates the samples take from the law book as plain data: IEEPA headings by day, interest by quarter."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import cache
from typing import Any

from cape_kit.errors import NoLawInForce
from cape_kit.law import book


@dataclass(frozen=True)
class Heading:
    """One dated row of the heading registry."""

    heading: str
    kind: str
    rate_pct: Decimal
    first_day: date
    last_day: date
    gap_last_day: date
    all_in: bool
    programme: str


@dataclass(frozen=True)
class Quarter:
    """One published row of the interest table; rates in percent a year."""

    first_day: date
    last_day: date
    corporate: Decimal
    non_corporate: Decimal


@dataclass(frozen=True)
class Registry:
    """What the samples need to know of the law, and no more."""

    headings: dict[str, tuple[Heading, ...]]
    quarters: tuple[Quarter, ...]
    version: str

    def heading(self, number: str, day: date) -> Heading:
        """The registry's row for a heading on an entry day, gap days included."""
        rows = self.headings.get(number, ())
        for row in rows:
            if row.first_day <= day <= row.last_day:
                return row
        for row in rows:
            if row.last_day < day <= row.gap_last_day:
                return row
        raise NoLawInForce(
            f"sample recipe uses heading {number} on {day}, which the heading registry does not cover"
        )

    @property
    def last_rated_day(self) -> date:
        """The last day with a published interest rate."""
        return max(quarter.last_day for quarter in self.quarters)

    def rate_pct(self, day: date, importer_class: str) -> Decimal:
        """The overpayment rate of a day for an importer class. [percent a year]"""
        for quarter in reversed(self.quarters):
            if quarter.first_day <= day <= quarter.last_day:
                return quarter.corporate if importer_class == "corporate" else quarter.non_corporate
        raise NoLawInForce(f"no published interest rate for {day}")


def _day(value: Any) -> date:
    """A cell of a frame as a plain day."""
    return date(value.year, value.month, value.day)


def _heading(row: dict[Any, Any]) -> Heading:
    last_day = _day(row["last_day"])
    gap = row["gap_last_day"]
    return Heading(
        heading=row["heading"],
        kind=row["kind"],
        rate_pct=Decimal(str(row["rate_pct"])),
        first_day=_day(row["first_day"]),
        last_day=last_day,
        gap_last_day=last_day if gap is None or gap != gap else _day(gap),  # noqa: PLR0124  (NaT is unequal to itself)
        all_in=bool(row["all_in"]),
        programme=row["programme"],
    )


@cache
def load() -> Registry:
    """The registry out of the law book. Source keys: heading registry and interest table of the book."""
    law = book.load()
    headings: dict[str, tuple[Heading, ...]] = {}
    for row in law.headings.to_dict("records"):
        made = _heading(row)
        headings[made.heading] = (*headings.get(made.heading, ()), made)
    first = min(row.first_day for rows in headings.values() for row in rows)
    rates = law.rates[(law.rates["status"] != "pending") & (law.rates["last_day"] >= str(first))]
    quarters = tuple(_quarter(row) for row in rates.to_dict("records"))
    return Registry(headings, quarters, law.version)


def _quarter(row: dict[Any, Any]) -> Quarter:
    return Quarter(
        first_day=_day(row["first_day"]),
        last_day=_day(row["last_day"]),
        corporate=Decimal(str(row["corporate_pct"])),
        non_corporate=Decimal(str(row["noncorporate_pct"])),
    )
