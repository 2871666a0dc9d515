"""Synthetic clients with their truth beside them: seeded, fictional, independent of the kit's judgement."""

from __future__ import annotations

from pathlib import Path

#: The seed of the committed clients.
SAMPLE_SEED = 20260505


def write_samples(out: Path) -> list[Path]:
    """The three committed clients, made afresh in `out`."""
    from cape_kit.sample import client, recipe

    made = recipe.load()
    return [client.build(Path(out), spec, made, seed=SAMPLE_SEED) for spec in made.clients]


def generate(out: Path, *, clients: int, entries: int, seed: int) -> list[Path]:
    """So many random clients of so many entries each in `out`; same seed, same bytes."""
    from cape_kit.sample import client, names, recipe

    made = recipe.load()
    specs = names.invent(made, clients=clients, entries=entries, seed=seed)
    return [client.build(Path(out), spec, made, seed=seed) for spec in specs]


def write_after(out: Path) -> Path:
    """The committed client that has been through it all, made afresh in `out`."""
    from cape_kit.sample import after

    return after.build(Path(out), seed=SAMPLE_SEED)
