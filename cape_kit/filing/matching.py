"""Payments without entries brought to their entries by sum: one payee, one day of liquidation, to the cent.

CBP pools the refunds of one payee and one day of liquidation. Which amounts add up to a payment exactly, and whether
another choice of them would as well: a sum that fits in more than one way is said to be ambiguous; a sum that fits in
none stays unmatched. Nothing is shared out by guesswork.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property
from itertools import combinations
from typing import Any

import numpy as np
import pandas as pd

from cape_kit import money
from cape_kit.filing.receipts import NOT_RECEIVED

# --- which amounts add up to a payment --------------------------------------------------------------------


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


# --- payments brought to their entries --------------------------------------------------------------------


WHOLE, SOME, AMBIGUOUS, NONE = "all entries of the day", "some entries of the day", "ambiguous", "unmatched"
#: The readings of interest under which a sum is tried, the expected one first.
EXPECTED = "expected"


@dataclass
class Pool:
    """The entries that may stand in a pooled payment: their amounts under each reading, and who is taken."""

    entries: pd.DataFrame  # entry_number, payee, importer, liquidated_on
    amounts: dict[str, pd.Series]  # reading -> amount of each entry, by entry number [cents]
    taken: set[str] = field(default_factory=set)
    undated: frozenset[str] = (
        frozenset()
    )  # payees of entries that wait, and whose day of liquidation no file shows

    @cached_property
    def by_payee(self) -> dict[str, dict[pd.Timestamp, list[str]]]:
        """Entries by whoever may be paid for them, and by day of liquidation; under "" all of them."""
        frame = self.entries[self.entries["liquidated_on"].notna()].sort_values("entry_number")
        asked = pd.concat([frame.assign(who=who) for who in (frame["payee"], frame["importer"], "")])
        once = asked.dropna(subset=["who"]).drop_duplicates(["who", "entry_number"])
        told: dict[str, dict[pd.Timestamp, list[str]]] = {}
        for (who, day), members in once.groupby(["who", "liquidated_on"])["entry_number"]:
            told.setdefault(str(who), {})[pd.Timestamp(str(day))] = members.tolist()
        return told

    def groups(self, payee: Any, paid_on: Any, *, again: bool) -> list[list[str]]:
        """Entries by day of liquidation that this payee may have been paid for by then."""
        days = self.by_payee.get("" if pd.isna(payee) else str(payee), {})
        timely = [members for day, members in days.items() if pd.isna(paid_on) or day <= paid_on]
        left = [[one for one in members if again or one not in self.taken] for members in timely]
        return [members for members in left if members]


@dataclass(frozen=True)
class Match:
    """What became of one payment: how it fits, its entries, under which reading, who else may be in it."""

    refund_number: str
    how: str
    reading: str = EXPECTED
    entry_numbers: tuple[str, ...] = ()
    maybe: tuple[str, ...] = ()
    note: str = ""


def match(payments: pd.DataFrame, pool: Pool) -> list[Match]:
    """Each payment matched or said to be unmatched; a payment that fits one way only goes first.

    `payments`: refund_number, payee, refund_date, state, total_cents.
    """
    waiting = payments.sort_values(["refund_date", "refund_number"]).to_dict("records")
    found: dict[str, Match] = {}
    moved = True
    while waiting and moved:
        moved, later = False, []
        for payment in waiting:
            one = _one(payment, pool)
            found[one.refund_number] = one
            if one.how in (WHOLE, SOME):
                moved = True
                if payment["state"] not in NOT_RECEIVED:
                    pool.taken.update(one.entry_numbers)
            else:
                later.append(payment)
        waiting = later
    return list(found.values())


def _one(payment: dict[Any, Any], pool: Pool) -> Match:
    number, total = str(payment["refund_number"]), int(payment["total_cents"])
    groups = pool.groups(
        payment["payee"],
        payment["refund_date"],
        again=payment["state"] in NOT_RECEIVED,
    )
    for reading, amounts in pool.amounts.items():
        fits = [(group, fit(amounts.loc[group].tolist(), total)) for group in groups]
        fits = [(group, one) for group, one in fits if one.choices]
        if reading != EXPECTED:  # under another reading only a whole day counts: more would fit by chance
            fits = [(group, one) for group, one in fits if len(one.picked) == len(group)]
        if fits:
            return _matched(number, reading, fits, amounts, total)
    return Match(number, NONE, note=_nearest(groups, pool, payment))


def _matched(
    number: str, reading: str, fits: list[tuple[list[str], Fit]], amounts: pd.Series, total: int
) -> Match:
    group, only = fits[0]
    if len(fits) == 1 and only.choices == 1 and (only.complete or len(only.picked) == len(group)):
        picked = tuple(group[place] for place in only.picked)
        return Match(number, WHOLE if len(picked) == len(group) else SOME, reading, picked)
    maybe: list[str] = []
    for members, one in fits:
        places = possible(amounts.loc[members].tolist(), total) if one.complete else one.picked
        maybe += [members[place] for place in places]
    if all(one.complete for _, one in fits):
        ways = sum(one.choices for _, one in fits)
        note = f"{ways:,} different sets of entries add up to it"
    else:
        note = f"more than {SEARCHED} entries of the day: not every set was tried"
    return Match(number, AMBIGUOUS, reading, (), tuple(maybe), note)


def _nearest(groups: list[list[str]], pool: Pool, payment: dict[Any, Any]) -> str:
    """How far the payment is from the nearest whole day, for the person who looks into it."""
    total = int(payment["total_cents"])
    sums = [(int(pool.amounts[EXPECTED].loc[group].sum()), group) for group in groups if group]
    if not sums and payment["payee"] in pool.undated:
        return "no file shows the liquidation day of this payee's entries: export ES-022 or REV-615"
    if not sums:
        return "no entry of this payee is awaiting a refund"
    near, group = min(sums, key=lambda pair: abs(pair[0] - total))
    side = "less" if total < near else "more"
    whose = "entry" if len(group) == 1 else f"{len(group):,} entries"
    return (
        f"nearest: the {whose} of one liquidation day; the payment is {money.show(abs(near - total))} {side}"
    )
