"""Interest to the cent: a published example, the rule's day counts, and a recount day by day in Decimal."""

import random
from calendar import isleap
from datetime import date, timedelta
from decimal import ROUND_HALF_UP, Decimal, localcontext

import numpy as np
import pandas as pd
import pytest

from cape_kit.assessment import interest
from cape_kit.errors import NoLawInForce, Usage
from cape_kit.law import book

LAW = book.load()
QUARTERS = [row for row in LAW.contents.rates if row.status == "published"]


def rate_on(day, importer_class):
    """The published per cent of a day, straight from the rows."""
    row = next(one for one in QUARTERS if one.first_day <= day <= one.last_day)
    if importer_class == "corporate" and row.corporate_pct is not None:
        return row.corporate_pct
    return row.noncorporate_pct


def recount(cents, first_day, last_day, *, importer_class="corporate", day_count="start"):
    """One multiplication per day in 60 digits, rounded once. Nothing of the kit but its rate rows."""
    with localcontext() as context:
        context.prec = 60
        balance = Decimal(cents)
        day = first_day if day_count == "start" else first_day + timedelta(days=1)
        for _ in range(max((last_day - first_day).days, 0)):
            balance *= 1 + rate_on(day, importer_class) / Decimal(36600 if isleap(day.year) else 36500)
            day += timedelta(days=1)
        return int((balance - cents).quantize(Decimal(1), rounding=ROUND_HALF_UP))


def column(days):
    return pd.Series(pd.to_datetime(days)).astype("datetime64[s]")


def test_the_published_example():
    # $12,250, 15 April 2015 to 26 October 2017, at 3% and from April 2016 at 4% (Rev. Proc. 95-17).
    days = (date(2015, 4, 15), date(2017, 10, 26))
    end = interest.accrue(1_225_000, *days, LAW, importer_class="non_corporate", day_count="end")
    assert end.interest_cents == 117_572
    # The other convention moves one day at each change of rate: computed by hand in the same write-up.
    start = interest.accrue(1_225_000, *days, LAW, importer_class="non_corporate", day_count="start")
    assert start.interest_cents == 117_535
    assert start.days == end.days == 925


@pytest.mark.parametrize(
    ("first_day", "last_day", "days"),
    [
        (date(2025, 4, 15), date(2025, 6, 30), 76),
        (date(2025, 6, 30), date(2025, 9, 30), 92),
        (date(2025, 9, 30), date(2025, 12, 31), 92),
        (date(2024, 12, 31), date(2025, 4, 15), 105),
        (date(2003, 3, 15), date(2003, 3, 31), 16),
    ],
)
def test_published_day_counts(first_day, last_day, days):
    accrual = interest.accrue(100, first_day, last_day, LAW, day_count="end")
    assert accrual.days == days == sum(segment.days for segment in accrual.segments)


def test_the_regulations_example_runs_to_liquidation():
    # $1,000 deposited on 1 January, liquidated at $400 on 1 December: $600 with interest in between.
    found = interest.accrue(60_000, date(2025, 1, 1), date(2025, 12, 1), LAW)
    assert found.days == 334
    assert found.interest_cents == recount(60_000, date(2025, 1, 1), date(2025, 12, 1))


def test_the_rate_changes_with_the_quarter():
    found = interest.accrue(10_000_000, date(2026, 3, 30), date(2026, 7, 3), LAW)
    assert [(s.first_day, s.last_day, s.days, s.rate) for s in found.segments] == [
        (date(2026, 3, 30), date(2026, 3, 31), 2, Decimal("0.06")),
        (date(2026, 4, 1), date(2026, 6, 30), 91, Decimal("0.05")),
        (date(2026, 7, 1), date(2026, 7, 2), 2, Decimal("0.06")),
    ]


def test_classes_and_defaults():
    days = (date(2025, 3, 1), date(2026, 3, 1))
    plain = interest.accrue(1_000_000, *days, LAW)
    assert plain == interest.accrue(1_000_000, *days, LAW, importer_class="corporate", day_count="start")
    other = interest.accrue(1_000_000, *days, LAW, importer_class="non_corporate")
    assert other.segments[0].rate - plain.segments[0].rate == Decimal("0.01")
    assert other.interest_cents > plain.interest_cents


def test_before_corporations_had_a_rate_of_their_own():
    days = (date(1995, 1, 1), date(1996, 1, 1))
    assert (
        interest.accrue(100_000, *days, LAW).interest_cents
        == interest.accrue(100_000, *days, LAW, importer_class="non_corporate").interest_cents
        > 0
    )


@pytest.mark.parametrize("last_day", [date(2025, 5, 5), date(2025, 5, 4), date(2020, 1, 1)])
def test_no_days_no_interest(last_day):
    found = interest.accrue(100_000, date(2025, 5, 5), last_day, LAW)
    assert (found.interest_cents, found.days, found.segments) == (0, 0, ())


def test_uncovered_days_raise():
    assert interest.covered_from(LAW) == date(1983, 1, 1)
    assert interest.covered_until(LAW) == date(2026, 12, 31)
    # The liquidation day bears no interest under "start", so the day after the last rate is still in reach.
    assert interest.accrue(100, date(2026, 12, 1), date(2027, 1, 1), LAW).days == 31
    for day_count, last_day in (("start", date(2027, 1, 2)), ("end", date(2027, 1, 1))):
        with pytest.raises(
            NoLawInForce, match="2027-01-01; the law book's rates cover 1983-01-01 to 2026-12-31"
        ):
            interest.accrue(100, date(2026, 12, 1), last_day, LAW, day_count=day_count)
        with pytest.raises(NoLawInForce, match="2027-01-01"):
            starts, ends = column(["2025-01-01", "2026-12-01"]), column(["2025-02-01", last_day])
            interest.accrue_many(pd.Series([5, 100]), starts, ends, LAW, day_count=day_count)
    with pytest.raises(NoLawInForce, match="1982-12-31"):
        interest.accrue_many(pd.Series([100]), column(["1982-12-31"]), column(["1983-02-01"]), LAW)


def test_a_replay_knows_fewer_rates():
    may = book.load(known_on=date(2026, 5, 5))
    assert interest.covered_until(may) == date(2026, 6, 30)
    with pytest.raises(NoLawInForce, match="2026-07-01"):
        interest.accrue(100, date(2026, 6, 1), date(2026, 8, 1), may)


@pytest.mark.parametrize("words", [{"importer_class": "royal"}, {"day_count": "middle"}])
def test_unknown_words(words):
    with pytest.raises(Usage, match="choose"):
        interest.accrue(100, date(2025, 1, 1), date(2025, 2, 1), LAW, **words)
    with pytest.raises(Usage, match="choose"):
        interest.accrue_many(pd.Series([1]), column(["2025-01-01"]), column(["2025-02-01"]), LAW, **words)


def draw(seed, count, *, largest, first=date(2015, 1, 1)):
    """Random principals and periods, leap years and rate changes among them."""
    dice = random.Random(seed)
    span = (date(2026, 12, 31) - first).days
    for _ in range(count):
        start = first + timedelta(days=dice.randrange(span))
        length = dice.choice([0, 1, 2, dice.randrange(40), dice.randrange(900)])
        yield dice.randrange(largest), start, min(start + timedelta(days=length), date(2026, 12, 31))


@pytest.mark.parametrize("importer_class", ["corporate", "non_corporate"])
@pytest.mark.parametrize("day_count", ["start", "end"])
def test_thousands_of_random_cases_against_the_recount(importer_class, day_count):
    words = {"importer_class": importer_class, "day_count": day_count}
    cases = list(draw(f"{importer_class} {day_count}", 1_000, largest=50_000_000))
    expected = [recount(*case, **words) for case in cases]
    assert [interest.accrue(*case[:3], LAW, **words).interest_cents for case in cases] == expected
    cents, starts, ends = zip(*cases, strict=True)
    many = interest.accrue_many(pd.Series(cents), column(starts), column(ends), LAW, **words)
    assert many.tolist() == expected


def test_four_decades():
    case = (123_456_789, date(1983, 1, 1), date(2026, 12, 31))
    expected = recount(*case, importer_class="non_corporate")
    assert interest.accrue(*case, LAW, importer_class="non_corporate").interest_cents == expected
    many = interest.accrue_many(
        pd.Series([case[0]]), column([case[1]]), column([case[2]]), LAW, importer_class="non_corporate"
    )
    assert many.tolist() == [expected]


def test_amounts_at_half_a_cent_and_beyond_floats():
    """Principals solved so that the interest falls next to half a cent; and sums no float holds."""
    start, end = date(2025, 3, 3), date(2026, 4, 17)
    with localcontext() as context:
        context.prec = 60
        factor = Decimal(1)
        for n in range((end - start).days):
            day = start + timedelta(days=n)
            factor *= 1 + rate_on(day, "corporate") / Decimal(36600 if isleap(day.year) else 36500)
        near = [int((Decimal(half) + Decimal("0.5")) / (factor - 1)) for half in range(10**9, 10**9 + 100)]
    cents = [value + step for value in near for step in (0, 1)] + [10**15 + 7, 9_007_199_254_740_993]
    found = interest.accrue_many(
        pd.Series(cents), column([start] * len(cents)), column([end] * len(cents)), LAW
    )
    assert found.tolist() == [recount(value, start, end) for value in cents]


def test_a_large_column_agrees_with_the_single_reckoning():
    rng = np.random.default_rng(7)
    first = np.datetime64("2025-02-04") + rng.integers(0, 385, 200_000)
    last = np.minimum(first + rng.integers(0, 700, 200_000), np.datetime64("2026-12-31"))
    cents = pd.Series(rng.integers(0, 10**8, 200_000))
    found = interest.accrue_many(cents, column(first), column(last), LAW)
    for row in rng.integers(0, 200_000, 1_000):
        expected = interest.accrue(int(cents[row]), first[row].item(), last[row].item(), LAW).interest_cents
        assert found[row] == expected


def test_nulls_stay_null_and_the_index_stays():
    cents = pd.Series([100_000, None, 100_000, 100_000], index=[9, 5, 3, 1], dtype="Int64")
    starts = column(["2025-03-01", "2025-03-01", None, "2025-03-01"]).set_axis(cents.index)
    ends = column(["2026-03-01", "2026-03-01", "2026-03-01", None]).set_axis(cents.index)
    found = interest.accrue_many(cents, starts, ends, LAW)
    assert found.dtype == "Int64"
    assert found.index.tolist() == [9, 5, 3, 1]
    assert found.isna().tolist() == [False, True, True, True]
    empty = interest.accrue_many(cents[:0], starts[:0], ends[:0], LAW)
    assert (len(empty), empty.dtype) == (0, "Int64")


def test_arguments_are_left_alone():
    cents, starts, ends = pd.Series([100]), column(["2025-03-01"]), column(["2026-03-01"])
    kept = [one.copy() for one in (cents, starts, ends)]
    interest.accrue_many(cents, starts, ends, LAW)
    for before, after in zip(kept, (cents, starts, ends), strict=True):
        pd.testing.assert_series_equal(before, after)


def test_a_period_may_be_cut_anywhere():
    """What is grown to a day and on from there is what is grown at once, but for one rounding."""
    a, b, c = date(2025, 3, 1), date(2025, 12, 24), date(2026, 11, 2)
    first = interest.accrue(10**12, a, b, LAW).interest_cents
    second = interest.accrue(10**12 + first, b, c, LAW).interest_cents
    assert abs(first + second - interest.accrue(10**12, a, c, LAW).interest_cents) <= 1
    assert interest.accrue(10**12, a, c, LAW, day_count="end").days == (c - a).days


def test_a_negative_principal_is_mirrored():
    days = (date(2025, 3, 1), date(2026, 3, 1))
    plus, minus = (interest.accrue(cents, *days, LAW).interest_cents for cents in (77_777, -77_777))
    assert plus == -minus
    many = interest.accrue_many(pd.Series([-77_777]), column([days[0]]), column([days[1]]), LAW)
    assert many.tolist() == [minus]
