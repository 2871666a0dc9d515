"""Which amounts add up to a payment, exactly, in cents; and whether another choice of them would as well.

The search is bounded: with too many amounts only the likeliest choices are tried, and that is said.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np

#: Most amounts all choices of which are tried: two halves of 2**16 sums each.
SEARCHED = 32
#: With more amounts: how many may be missing from the whole, or stand alone.
_FEW = 2


@dataclass(frozen=True)
class Fit:
    """How many choices of the amounts give the total (when `complete`, no other exists), and one of them."""

    choices: int
    picked: tuple[int, ...] = ()
    complete: bool = True


def fit(amounts: Sequence[int], total: int) -> Fit:
    """The choices of positive amounts that add up to a total. [cents]

    All amounts together are one choice; since each is positive, no part of them gives the same sum.
    """
    whole = sum(amounts)
    if total <= 0 or whole < total:
        return Fit(0)
    if whole == total:
        return Fit(1, tuple(range(len(amounts))))
    small = [place for place, amount in enumerate(amounts) if amount <= total]
    if len(small) > SEARCHED:
        return _likeliest(amounts, small, total)
    values = np.array([amounts[place] for place in small], dtype="int64")
    count, mask = _halves(values, total)
    return Fit(count, tuple(place for bit, place in enumerate(small) if mask >> bit & 1))


def possible(amounts: Sequence[int], total: int) -> tuple[int, ...]:
    """The places of the amounts that stand in at least one choice. [cents]"""
    places = []
    for place, amount in enumerate(amounts):
        others = [other for at, other in enumerate(amounts) if at != place]
        if amount == total or fit(others, total - amount).choices:
            places.append(place)
    return tuple(places)


def _halves(values: np.ndarray, total: int) -> tuple[int, int]:
    """Number of choices, and one as a mask: every sum of one half against every sum of the other."""
    middle = len(values) // 2
    left, right = _sums(values[:middle]), _sums(values[middle:])
    order = np.argsort(left, kind="stable")
    ordered = left[order]
    first = np.searchsorted(ordered, total - right, side="left")
    last = np.searchsorted(ordered, total - right, side="right")
    count = int((last - first).sum())
    if not count:
        return 0, 0
    place = int(np.flatnonzero(last > first)[0])
    return count, int(order[first[place]]) | place << middle


def _sums(values: np.ndarray) -> np.ndarray:
    """The sum of every choice; bit n of a place says whether value n is in it."""
    sums = np.zeros(1, dtype="int64")
    for value in values:
        sums = np.concatenate([sums, sums + value])
    return sums


def _likeliest(amounts: Sequence[int], small: list[int], total: int) -> Fit:
    """Of very many amounts: a few alone, or all but a few."""
    found: list[tuple[int, ...]] = []
    whole = sum(amounts)
    everything = range(len(amounts))
    for size in range(1, _FEW + 1):
        for few in combinations(small, size):
            if sum(amounts[place] for place in few) == total:
                found.append(few)
        for missing in combinations(everything, size):
            if whole - sum(amounts[place] for place in missing) == total:
                found.append(tuple(place for place in everything if place not in missing))
    return Fit(len(found), found[0] if found else (), complete=False)
