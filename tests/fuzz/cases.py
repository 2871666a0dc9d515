"""A case: an id, and the files it stands for. The id alone makes the same files again, on every machine."""

import random
from dataclasses import dataclass

from tests.fuzz import direct, mutations, starts

#: What is attacked, and how often of a hundred cases. Settings cost next to nothing, a folder or a command most.
TARGETS = {"reader": 36, "settings": 34, "folder": 8, "command": 6, "cells": 10, "archive": 6}
#: Inputs in one case, where it is not one.
INPUTS = {"cells": direct.CELLS_A_CASE, "archive": direct.ARCHIVES_A_CASE}
COMMANDS = (
    ["inspect", "CLIENT"],
    ["assess", "CLIENT", "--as-of", "2026-05-05"],
    ["assess", "CLIENT", "--as-of", "2026-05-05", "--json"],
    ["assess", "CLIENT", "--as-of", "2026-05-05", "--scenario", "mine"],
    ["declare", "CLIENT", "--as-of", "2026-05-05", "--out", "OUT"],
    ["reconcile", "CLIENT", "--as-of", "2026-09-05"],
    ["assess", "CLIENT", "--as-of", "2026-05-05", "--law", "LAW"],
)
#: Where the mutated files of a folder of one's own law lie.
LAW = "law/"


@dataclass(frozen=True)
class Case:
    """`seed` is the run's, `number` counts within it."""

    target: str
    seed: int
    number: int

    @property
    def id(self):
        """What runs it again: --case ID."""
        return f"{self.target}.{self.seed}.{self.number}"

    @classmethod
    def from_id(cls, text):
        """The case of an id."""
        target, seed, number = text.split(".")
        return cls(target, int(seed), int(number))

    def chance(self):
        """The case's own chance: the same for the same id."""
        return random.Random(self.id)

    def files(self):
        """The files by name."""
        return _MAKERS[self.target](self.chance())

    def command(self):
        """The command line, with CLIENT, OUT and LAW for the folders."""
        return random.Random(f"{self.id} command").choice(COMMANDS)


def cases(count, seed):
    """So many cases of a run, targets mixed as often as they are worth."""
    chance = random.Random(seed)
    for number in range(count):
        yield Case(chance.choices(list(TARGETS), list(TARGETS.values()))[0], seed, number)


def _reader(chance):
    name, data = data_file(chance)
    return {name: data}


def _folder(chance):
    files = {}
    for place in range(chance.choice([1, 2, 2, 3])):
        name, data = data_file(chance)
        files[f"{place}{name}"] = data
    if chance.random() < 0.5:  # the same export again, a little different: files are joined by entry
        name = chance.choice(sorted(files))
        files[f"again {name}"] = mutations.of_bytes(chance, files[name])
    files["client.toml"] = _seldom(chance, starts.CLIENT, starts.CLIENT_KEYS)
    if chance.random() < 0.3:
        files["facts.csv"] = _table(chance, starts.FACTS.encode())
    return files


def _settings(chance):
    which = chance.choice(
        ["client.toml"] * 3 + ["scenarios.toml"] * 3 + ["facts.csv", ".cape-filed.csv", LAW, LAW]
    )
    files = {"client.toml": starts.CLIENT.encode()}
    if which == "client.toml":
        files[which] = mutations.of_toml(chance, starts.CLIENT.encode(), starts.CLIENT_KEYS)
    elif which == "scenarios.toml":
        files[which] = mutations.of_toml(chance, starts.SCENARIOS.encode(), starts.SCENARIO_KEYS)
    elif which == LAW:
        files |= _law(chance)
    else:
        files[which] = _table(
            chance, {"facts.csv": starts.FACTS, ".cape-filed.csv": starts.LEDGER}[which].encode()
        )
    return files


def _command(chance):
    files = (
        _folder(chance)
        if chance.random() < 0.7
        else {"a.csv": starts.texts()[0], "client.toml": starts.CLIENT.encode()}
    )
    files["scenarios.toml"] = _seldom(chance, starts.SCENARIOS, starts.SCENARIO_KEYS, often=0.6)
    if chance.random() < 0.3:
        files[".cape-filed.csv"] = _table(chance, starts.LEDGER.encode())
    return files | _law(chance)


_MAKERS = {
    "reader": _reader,
    "folder": _folder,
    "settings": _settings,
    "command": _command,
    "cells": direct.many_cells,
    "archive": direct.many_archives,
}


def _seldom(chance, text, keys, often=0.1):
    return mutations.of_toml(chance, text.encode(), keys) if chance.random() < often else text.encode()


def _law(chance):
    """A folder of one's own law: two or three of its files, one of them spoilt."""
    law = starts.law()
    names = chance.sample(sorted(law), 2)
    files = {f"{LAW}{name}": law[name] for name in {*names, "sources.toml"}}
    spoilt = LAW + names[0]
    change = _table if spoilt.endswith(".csv") else mutations.of_toml
    files[spoilt] = change(chance, files[spoilt])
    return files


def _table(chance, data):
    """A table spoilt in its cells, or in its bytes."""
    if chance.random() < 0.3:
        return mutations.of_bytes(chance, data, starts.texts())
    rows = mutations.of_rows(chance, mutations.parsed(data))
    return mutations.as_text(chance, rows)


def data_file(chance):
    """One file as a client might hand it in, spoilt in some way."""
    form = chance.choices(["bytes", "rows", "workbook", "cells", "archive", "tiny"], [20, 38, 18, 10, 10, 4])[
        0
    ]
    texts, books = starts.texts(), starts.workbooks()
    if form == "bytes":
        return "a.csv", mutations.of_bytes(chance, chance.choice(texts), texts)
    if form == "tiny":
        return "a.csv", b"".join(
            chance.choice([*mutations.TOKENS, b"Entry Number", b"B7603245278"]) for _ in range(9)
        )
    if form == "workbook":
        return chance.choice(["a.xlsx", "a.xls", "a.ods", "a.xlsb"]), mutations.workbook(
            chance, chance.choice(books), texts
        )
    rows = [mutations.parsed(one) for one in chance.sample(texts, 3)]
    changed = mutations.of_rows(chance, rows[0], rows[1:])
    if form == "rows":
        data = mutations.as_text(chance, changed)
        return "a.csv", mutations.of_bytes(chance, data, texts) if chance.random() < 0.15 else data
    if form == "cells":
        return "a.xlsx", starts.as_workbook(changed)
    contents = [chance.choice([*texts, *books[:2]]) for _ in range(chance.choice([0, 1, 1, 2, 3]))]
    return "a.zip", mutations.archive(chance, contents)
