"""Sums of amounts: every choice counted, against plain enumeration."""

from itertools import combinations
from random import Random

import pytest

from cape_kit.filing import matching


def by_enumeration(amounts, total):
    places = range(len(amounts))
    return [
        some
        for size in range(1, len(amounts) + 1)
        for some in combinations(places, size)
        if sum(amounts[place] for place in some) == total
    ]


@pytest.mark.parametrize("seed", range(60))
def test_every_choice_is_counted(seed):
    rng = Random(seed)
    amounts = [rng.randrange(1, rng.choice((9, 60, 4_000_000))) for _ in range(rng.randrange(1, 12))]
    some = rng.sample(amounts, rng.randrange(1, len(amounts) + 1))
    total = sum(some) + (seed % 5 == 0)
    ways = by_enumeration(amounts, total)
    found = matching.fit(amounts, total)
    assert found.choices == len(ways) and found.complete
    assert (found.picked in ways) == bool(ways)
    assert matching.possible(amounts, total) == tuple(sorted({place for way in ways for place in way}))


def test_the_whole_is_one_choice_however_many_there_are():
    amounts = list(range(1, 5_000))
    assert matching.fit(amounts, sum(amounts)) == matching.Fit(1, tuple(range(4_999)))


def test_thirty_two_amounts_are_searched_and_of_more_only_the_likeliest():
    amounts = [3 ** (n % 16) + n for n in range(32)]
    assert matching.fit(amounts, sum(amounts[:16])).complete
    many = [1_000_003 + 7_919 * n * n for n in range(60)]
    found = matching.fit(many, sum(many) - many[5])
    assert not found.complete and found.choices == 1 and 5 not in found.picked
    assert matching.fit(many, many[3] + many[9]).picked == (3, 9)


@pytest.mark.parametrize(
    ("amounts", "total"), [([], 5), ([4, 5], 0), ([4, 5], 10), ([4, 6], 5), ([4, 5], -9)]
)
def test_no_choice(amounts, total):
    assert matching.fit(amounts, total).choices == 0
