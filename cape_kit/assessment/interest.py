"""Interest on a refund: exact daily compounding at the published rates, rounded once, half up.

It never extrapolates: a day without a published rate raises NoLawInForce; nothing accrues after liquidation.
Sources: keys "usc-19-1505", "cfr-19-24-36", "usc-26-6621", "usc-26-6622" and the rates of the law book.
"""

from __future__ import annotations

from calendar import isleap
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import ROUND_HALF_UP, Context, Decimal, localcontext
from functools import lru_cache
from typing import TYPE_CHECKING

from cape_kit.errors import NoLawInForce, Usage

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd

    from cape_kit.law.book import Law
    from cape_kit.law.book.rows import Rate

#: Digits carried: over four decades of daily factors the error stays far below any cent ever asked for.
PRECISION = Context(prec=50, rounding=ROUND_HALF_UP)
CLASSES = ("corporate", "non_corporate")
DAY_COUNTS = ("start", "end")
#: How wrong the float pass may be at most, in parts of the grown principal, with room to spare: two rounded
#: factors, a quotient, a difference, a product. Rows nearer to half a cent are settled in Decimal.
_DOUBT = 2.0**-49
_ONE_DAY = timedelta(days=1)
_SECONDS_PER_DAY = 86_400


@dataclass(frozen=True)
class Segment:
    """Days of one quarter that bear interest, both ends inclusive. ``rate`` is a fraction per year."""

    first_day: date
    last_day: date
    days: int
    rate: Decimal


@dataclass(frozen=True)
class Accrual:
    """Interest on one principal, and the days and rates it was made of. [cents]"""

    principal_cents: int
    interest_cents: int
    days: int
    segments: tuple[Segment, ...]


def covered_from(law: Law) -> date:
    """The first day with a published rate."""
    return _published(law)[0].first_day


def covered_until(law: Law) -> date:
    """The last day with a published rate: interest asked for beyond it raises, so clip to it and say so."""
    return _published(law)[-1].last_day


def accrue(
    principal_cents: int,
    first_day: date,
    last_day: date,
    law: Law,
    *,
    importer_class: str | None = None,
    day_count: str | None = None,
) -> Accrual:
    """Interest from the deposit day to the day of (re)liquidation. [cents]

    ``day_count`` "start" counts the deposit day and not the liquidation day, "end" the other way round;
    None takes the law book's default, as for the class. A negative principal gives the mirrored figure.
    Sources: keys ``interest.day_count``, ``interest.importer_class`` and "usc-19-1505".
    """
    importer_class, day_count = choices(law, importer_class, day_count)
    if last_day <= first_day:
        return Accrual(int(principal_cents), 0, 0, ())
    shift = timedelta(days=1 if day_count == "end" else 0)
    segments = _segments(law, first_day + shift, last_day + shift - _ONE_DAY, importer_class)
    factor = Decimal(1)
    with localcontext(PRECISION):
        for segment in segments:
            factor *= _daily(segment.rate, segment.first_day.year) ** segment.days
        interest = _whole(Decimal(int(principal_cents)) * (factor - 1))
    return Accrual(int(principal_cents), interest, (last_day - first_day).days, segments)


def accrue_many(
    principal_cents: pd.Series,
    first_day: pd.Series,
    last_day: pd.Series,
    law: Law,
    *,
    importer_class: str | None = None,
    day_count: str | None = None,
) -> pd.Series:
    """`accrue` over whole columns, to the same cent; a null anywhere gives null. [cents, Int64]"""
    import numpy as np
    import pandas as pd

    importer_class, day_count = choices(law, importer_class, day_count)
    principal = principal_cents.astype("Int64")
    known = (principal.notna() & first_day.notna() & last_day.notna()).to_numpy()
    table = _factors(law.contents.rates, importer_class)
    start, until = _index(first_day, table), _index(last_day, table)
    bears = known & (until > start)
    shift = 1 if day_count == "end" else 0
    start, until = np.where(bears, start + shift, 0), np.where(bears, until + shift, 0)
    _covered(law, table, start, until)
    interest = _reckon(table, principal.to_numpy(dtype="int64", na_value=0), start, until)
    return pd.Series(
        pd.arrays.IntegerArray(interest, ~known), index=principal_cents.index, name="interest_cents"
    )


@dataclass(frozen=True)
class _Factors:
    """What one cent becomes by the start of each day since the first published rate, exact and as floats."""

    first_day: date
    exact: tuple[Decimal, ...]
    floats: np.ndarray


@lru_cache(maxsize=8)
def _factors(rates: tuple[Rate, ...], importer_class: str) -> _Factors:
    import numpy as np

    published = [row for row in rates if _rate(row, importer_class) is not None]
    exact = [Decimal(1)]
    with localcontext(PRECISION):
        for row in published:
            daily = _daily((_rate(row, importer_class) or Decimal(0)) / 100, row.first_day.year)
            for _ in range((row.last_day - row.first_day).days + 1):
                exact.append(exact[-1] * daily)
    return _Factors(published[0].first_day, tuple(exact), np.array([float(factor) for factor in exact]))


def _index(days: pd.Series, table: _Factors) -> np.ndarray:
    """Days since the first published rate; a null gives some number that nobody reads."""
    import numpy as np

    first = np.datetime64(table.first_day, "s").astype("int64") // _SECONDS_PER_DAY
    return np.asarray(days.to_numpy().astype("datetime64[s]").view("int64") // _SECONDS_PER_DAY - first)


def _covered(law: Law, table: _Factors, start: np.ndarray, until: np.ndarray) -> None:
    """Raise NoLawInForce when some day that bears interest has no published rate."""
    if not len(start):
        return
    if start.min() < 0:
        raise _no_rate(law, table.first_day + timedelta(days=int(start.min())))
    if until.max() >= len(table.exact):
        raise _no_rate(law, table.first_day + timedelta(days=int(until.max()) - 1))


def _reckon(table: _Factors, cents: np.ndarray, start: np.ndarray, until: np.ndarray) -> np.ndarray:
    """Whole cents of interest: one float pass, and Decimal for the rows it can't settle."""
    import numpy as np

    size = np.abs(cents).astype("float64")
    grown = table.floats[until] / table.floats[start]
    amount = size * (grown - 1)
    below = np.floor(amount)
    beyond = amount - below - 0.5
    whole: np.ndarray = (below + (beyond >= 0)).astype("int64")
    for row in np.flatnonzero(np.abs(beyond) <= size * grown * _DOUBT):
        with localcontext(PRECISION):
            growth = table.exact[until[row]] / table.exact[start[row]] - 1
            whole[row] = _whole(Decimal(abs(int(cents[row]))) * growth)
    signed: np.ndarray = np.where(cents < 0, -whole, whole)
    return signed


def choices(law: Law, importer_class: str | None, day_count: str | None) -> tuple[str, str]:
    """Class and day count as asked for, or the law book's own; Usage for any other word.

    Sources: keys ``interest.importer_class`` and ``interest.day_count``.
    """
    on = covered_until(law)
    named = importer_class or str(law.value("interest.importer_class", on).value)
    counted = day_count or str(law.value("interest.day_count", on).value)
    if named not in CLASSES:
        raise Usage(f"'{named}' is not an importer class; choose {' or '.join(CLASSES)}.")
    if counted not in DAY_COUNTS:
        raise Usage(f"'{counted}' is not a day count; choose {' or '.join(DAY_COUNTS)}.")
    return named, counted


def _segments(law: Law, first_day: date, last_day: date, importer_class: str) -> tuple[Segment, ...]:
    """The days from first to last, both inclusive, cut at the quarters; raises where a rate is missing."""
    found, day = [], first_day
    for row in _published(law):
        if row.first_day <= day <= row.last_day and day <= last_day:
            end, pct = min(row.last_day, last_day), _rate(row, importer_class) or Decimal(0)
            found.append(Segment(day, end, (end - day).days + 1, pct / 100))
            day = end + _ONE_DAY
    if day <= last_day:
        raise _no_rate(law, day)
    return tuple(found)


def _published(law: Law) -> list[Rate]:
    found = [row for row in law.contents.rates if row.noncorporate_pct is not None]
    if not found:
        raise NoLawInForce(f"No interest rate was public on {law.known_on}.")
    return found


def _rate(row: Rate, importer_class: str) -> Decimal | None:
    """A quarter's rate for a class; before corporations had a column of their own, the one rate for all."""
    if importer_class == "corporate" and row.corporate_pct is not None:
        return row.corporate_pct
    return row.noncorporate_pct


def _daily(rate: Decimal, year: int) -> Decimal:
    """What one cent becomes in a day: actual days over the actual year. Source: key "usc-26-6622"."""
    return 1 + rate / (366 if isleap(year) else 365)


def _whole(cents: Decimal) -> int:
    return int(cents.quantize(Decimal(1), rounding=ROUND_HALF_UP))


def _no_rate(law: Law, day: date) -> NoLawInForce:
    return NoLawInForce(
        f"No interest rate is published for {day}; "
        f"the law book's rates cover {covered_from(law)} to {covered_until(law)}."
    )
