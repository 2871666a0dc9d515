"""Random clients: names, numbers and brokers that belong to nobody."""

from __future__ import annotations

from random import Random

from cape_kit.sample.recipe import ClientSpec, Recipe, client_spec

#: Prefixes no employer identification number was ever given.
NEVER_ISSUED = ("69", "79", "89")


def invent(recipe: Recipe, *, clients: int, entries: int, seed: int) -> list[ClientSpec]:
    """Specifications of so many clients, the shapes of their files taking turns."""
    rng = Random(f"{seed}/clients")
    return [_one(recipe, rng, place, entries) for place in range(clients)]


def _one(recipe: Recipe, rng: Random, place: int, entries: int) -> ClientSpec:
    words = recipe.random
    name = " ".join(words[part][rng.randrange(len(words[part]))] for part in ("first", "second", "trade"))
    shape = words["shapes"][place % len(words["shapes"])]
    base = f"{NEVER_ISSUED[rng.randrange(3)]}-{rng.randrange(10**6, 10**7)}"
    suffixes = ("00", "01") if shape == "messy" else ("00",)
    codes = _filers(words["letters"], rng, 2 if shape == "messy" else 1)
    if shape == "messy":
        codes[0] = f"0{rng.randrange(10, 100)}"
    origins = list(words["origins"])
    return client_spec(
        {
            "key": f"{name.lower().replace(' ', '-')}-{place + 1:04d}",
            "name": f"{name} {'LLC' if place % 2 else 'Inc.'}",
            "shape": shape,
            "importer_class": "non_corporate" if place % 5 == 4 else "corporate",
            "statement": "daily" if place % 4 == 3 else "monthly",
            "entries": entries,
            "origins": origins,
            "importers": [
                {
                    "number": base + suffix,
                    "name": name,
                    "ace_subaccount": True,
                    "ach_refund_enrolled": place % 7 != 6,
                }
                for suffix in suffixes
            ],
            "brokers": [
                {"filer_code": code, "name": f"Broker {code}", "data_received": True} for code in codes
            ],
            "brand": {
                "firm": "Example Trade Advisory",
                "colour": words["colours"][place % len(words["colours"])],
            },
        }
    )


def _filers(letters: str, rng: Random, count: int) -> list[str]:
    def letter() -> str:
        return letters[rng.randrange(len(letters))]

    return [f"{letter()}{letter()}{rng.randrange(10)}" for _ in range(count)]
