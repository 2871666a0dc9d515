"""One synthetic client's folder: facts made, files written, client.toml and the truth beside them."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from cape_kit.sample import make, money, registry, truth, write
from cape_kit.sample.exports import Folder, clean, split
from cape_kit.sample.messy import messy
from cape_kit.sample.recipe import ClientSpec, Recipe
from cape_kit.sample.truth import Book, Injected

SHAPES: dict[str, Callable[[Folder], None]] = {"clean": clean, "messy": messy, "split": split}
TRUTH_NOTE = """# Truth

For tests only. `truth.json` holds what a correct reading of the files beside it must arrive at: the
disposition of every entry on five days, its clocks, principal and interest (in cents), and what was put wrong
on purpose. It was reckoned while the client was being made, by code that shares nothing with the kit's rules.
Nothing in the kit reads it.
"""


def build(out: Path, spec: ClientSpec, recipe: Recipe, *, seed: int) -> Path:
    """Make one client in `out`, a folder of its own under its key."""
    at = make.bench(spec, recipe, registry.load(), seed)
    path = out / spec.key
    (path / "truth").mkdir(parents=True, exist_ok=True)
    folder = Folder(path, spec, recipe, at.dice.rng, make.entries(at), Injected(), set(), [])
    SHAPES[spec.shape](folder)
    write.text(path / "client.toml", client_toml(spec, recipe))
    if folder.facts:
        write.text_csv(path / "facts.csv", [("entry_number", "fact", "value", "note"), *folder.facts])
    interest = money.Interest(spec.importer_class, at.registry)
    book = Book(spec, recipe, at.registry, frozenset(folder.payment_seen), interest)
    write.compact_json(path / "truth" / "truth.json", truth.tell(book, folder.entries, folder.injected, seed))
    write.text(path / "truth" / "README.md", TRUTH_NOTE)
    return path


def client_toml(spec: ClientSpec, recipe: Recipe) -> str:
    """The client's own file, as a consultant would write it."""
    lines = [
        "# A synthetic client: every name and number is made up.",
        f"name = {_toml(spec.name)}",
        f"importer_class = {_toml(spec.importer_class)}",
        f"statement = {_toml(spec.statement)}",
        f"extracted_on = {recipe.extracted_on.isoformat()}",
    ]
    for table, items in (("importer", spec.importers), ("broker", spec.brokers)):
        for item in items:
            lines += ["", f"[[{table}]]", *(f"{key} = {_toml(value)}" for key, value in item.items())]
    if spec.shape == "split":
        said = {"no_drawback_claims": True, "asserted_by": "the client's compliance manager"}
        lines += ["", "[assertions]", *(f"{key} = {_toml(value)}" for key, value in said.items())]
        lines.append(f"asserted_on = {recipe.extracted_on.isoformat()}")
    lines += ["", "[brand]", *(f"{key} = {_toml(value)}" for key, value in spec.brand.items())]
    return "\n".join(lines) + "\n"


def _toml(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    return '"' + str(value).replace("\\", "\\\\").replace('"', '\\"') + '"'
