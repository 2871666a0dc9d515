"""Synthetic clients with their truth beside them: seeded, fictional, independent of the kit's judgement."""

from __future__ import annotations

from importlib import resources
from pathlib import Path

#: The seed of the committed clients.
SAMPLE_SEED = 20260505
#: How a client that comes with the kit is named wherever a client's folder is asked for.
SCHEME = "sample:"


def folder_of(given: Path | str) -> Path:
    """The folder meant: a path as it is, or that of a shipped client, such as ``sample:harbor-lane``.

    Raises Usage for a sample nobody knows, with the names of those there are.
    """
    from cape_kit.errors import Usage

    text = str(given)
    if not text.startswith(SCHEME):
        return Path(given)
    known = shipped()
    name = text.removeprefix(SCHEME)
    if name not in known:
        raise Usage(
            f"'{text}' is no client that comes with the kit; there are {', '.join(map(SCHEME.__add__, known))}"
        )
    return known[name]


def unchanged(folder: Path) -> None:
    """Raises Usage for the folder of a shipped client: what comes with the kit is shown, never written to."""
    from cape_kit.errors import Usage

    if Path(folder).resolve() in {path.resolve() for path in shipped().values()}:
        raise Usage(
            f"{folder} comes with the kit and stays as it is; copy it, and record uploads in the copy"
        )


def shipped() -> dict[str, Path]:
    """The clients that come with the kit by name: inside the installed kit, or beside it in a checkout."""
    root = Path(str(resources.files("cape_kit")))
    data = root.parent / "data"
    places = (root / "samples", data / "sample", data / "sample-after")
    clients = (path for place in places if place.is_dir() for path in sorted(place.iterdir()))
    return {path.name: path for path in clients if (path / "client.toml").is_file()}


def write_samples(out: Path) -> list[Path]:
    """The three committed clients, made afresh in `out`."""
    from cape_kit.sample import exports, recipe

    made = recipe.load()
    return [exports.build(Path(out), spec, made, seed=SAMPLE_SEED) for spec in made.clients]


def generate(out: Path, *, clients: int, entries: int, seed: int) -> list[Path]:
    """So many random clients of so many entries each in `out`; same seed, same bytes."""
    from cape_kit.sample import exports, recipe

    made = recipe.load()
    specs = recipe.invent(made, clients=clients, entries=entries, seed=seed)
    return [exports.build(Path(out), spec, made, seed=seed) for spec in specs]


def print_paper(out: Path, *, clients: int, entries: int, seed: int, layout: str) -> list[Path]:
    """The same clients' entries as CBP Form 7501 in PDF, in folders of their own, the truth beside the pages.

    `layout`: one of `paper.layouts`. Needs reportlab. Raises Usage for a layout nobody knows.
    """
    import json

    from cape_kit.errors import Usage
    from cape_kit.sample import make, paper, recipe, registry

    known = paper.layouts()
    if layout not in known:
        raise Usage(f"'{layout}' is no layout of the form; there are {', '.join(known)}")
    made, folders = recipe.load(), []
    book = registry.load()
    for spec in recipe.invent(made, clients=clients, entries=entries, seed=seed):
        folder = Path(out) / f"{spec.key}-paper"
        (folder / "truth").mkdir(parents=True, exist_ok=True)
        told = paper.files(folder, make.entries(make.bench(spec, made, book, seed)), layout)
        (folder / "client.toml").write_text(f'name = "{spec.name}, on paper"\n', "utf-8")
        (folder / "truth" / "truth.json").write_text(json.dumps(told, indent=1, default=str) + "\n", "utf-8")
        folders.append(folder)
    return folders


def write_after(out: Path) -> Path:
    """The committed client that has been through it all, made afresh in `out`."""
    from cape_kit.sample import after

    return after.build(Path(out), seed=SAMPLE_SEED)
