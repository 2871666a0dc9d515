"""Cases by seed: which client, file and column is changed how; every case can be made again from its id."""

import random
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache

from tests.perturbation import kinds, tables, truths


@dataclass(frozen=True)
class Case:
    """One change of one client's files; `seed` chooses the entries kept, the entries touched, the words."""

    client: str
    seed: int
    kind: str
    file: str = ""
    column: str = ""

    @property
    def id(self):
        return "|".join((self.client, str(self.seed), self.kind, self.file, self.column))

    @classmethod
    def from_id(cls, told):
        client, seed, kind, file, column = told.split("|")
        return cls(client, int(seed), kind, file, column)

    def entries(self):
        """The entries of the sample the case is cut down to: the same for all cases of a client and seed."""
        return truths.subset(self.client, random.Random(f"{self.client}|{self.seed}"))

    def changed(self):
        """The client's files, cut down and changed; None where the kind has nothing to change."""
        files = kept(self.client, self.seed)
        rng = random.Random(self.id)
        if self.kind == "none":
            return files
        if self.kind in kinds.BY_FOLDER:
            return kinds.BY_FOLDER[self.kind](files, rng)
        table = next(one for one in files if one.name == self.file)
        if self.kind in kinds.BY_FILE:
            parts = kinds.BY_FILE[self.kind](table, rng)
        else:
            parts = kinds.BY_COLUMN[self.kind](table, self.column, rng)
        return parts and [*(one for one in files if one.name != self.file), *parts]


@cache
def _loaded(client):
    return tables.load(client)


@cache
def kept(client, seed):
    """The client's files with the seeded choice of entries alone."""
    numbers = Case(client, seed, "none").entries()
    return [table.only(numbers) for table in _loaded(client)]


def round_of(seed) -> list[Case]:
    """Every kind on every file and column once, in a seeded order that takes the kinds and files in turn."""
    by_kind: dict[tuple, list[Case]] = {}
    for client in truths.CLIENTS:
        for case in _of_client(client, seed):
            by_kind.setdefault((case.kind, case.client), []).append(case)
    rng = random.Random(seed)
    piles = [rng.sample(pile, len(pile)) for _, pile in sorted(by_kind.items())]
    return [pile[turn] for turn in range(max(map(len, piles))) for pile in piles if turn < len(pile)]


def cases(count, seed) -> Iterator[Case]:
    """`count` cases that change something, round after round, each with other entries and other words."""
    while count > 0:
        for case in round_of(seed):
            if count and case.changed():
                count -= 1
                yield case
        seed += 1


def _of_client(client, seed):
    yield Case(client, seed, "none")
    yield from (Case(client, seed, kind) for kind in kinds.BY_FOLDER)
    for table in kept(client, seed):
        yield from (Case(client, seed, kind, table.name) for kind in kinds.BY_FILE)
        for place, column in enumerate(table.header):
            # A column in which nothing stands cannot teach the kit anything wrong.
            if any(row.cells[place] not in {None, ""} for row in table.rows if row.entry):
                yield from (Case(client, seed, kind, table.name, column) for kind in kinds.BY_COLUMN)
