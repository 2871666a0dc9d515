"""What synthetic clients are made of, read from recipe.toml and clients.toml, and random ones; no judgement."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import cache
from importlib import resources
from random import Random
from typing import Any


@dataclass(frozen=True)
class Span:
    """A heading and the entry days on which the samples use it."""

    heading: str
    first: date
    last: date
    with_metal: bool = False  # stands beside a Section 232 duty

    def covers(self, day: date) -> bool:
        """Whether the samples use the heading for an entry of that day."""
        return self.first <= day <= self.last


@dataclass(frozen=True)
class Origin:
    """A country of origin: what its lines carry, and when."""

    code: str
    export: tuple[str, ...]
    duty: tuple[Span, ...]
    usmca: tuple[Span, ...]
    other_exempt: tuple[Span, ...]
    exempt_232: tuple[Span, ...]
    high_mfn: Span | None
    in_transit: Span | None
    section_301: bool


@dataclass(frozen=True)
class Goods:
    """An article: its HTS number, normal rate as printed, unit and lists."""

    hts: str
    mfn: str
    unit: str
    metal: str | None
    s301: tuple[str, Decimal] | None

    @property
    def mfn_pct(self) -> Decimal:
        """The normal rate. [percent]"""
        return Decimal(0) if self.mfn == "Free" else Decimal(self.mfn.rstrip("%"))


@dataclass(frozen=True)
class Kind:
    """A kind of entry: its share, who makes it, who judges it."""

    name: str
    weight: int
    make: str
    verdict: str
    types: tuple[str, ...]


@dataclass(frozen=True)
class ClientSpec:
    """A client to make: who they are and which shape their files have."""

    key: str
    name: str
    shape: str
    importer_class: str
    statement: str
    entries: int
    origins: tuple[str, ...]
    importers: tuple[dict[str, Any], ...]
    brokers: tuple[dict[str, Any], ...]
    brand: dict[str, str]


@dataclass(frozen=True)
class Recipe:
    """Everything the generator may put together."""

    as_of: tuple[date, ...]
    extracted_on: date
    extracted_later: date
    first_entry: date
    last_entry: date
    windows: dict[str, Any]
    holidays: dict[str, list[list[int]]]
    origins: dict[str, Origin]
    goods: tuple[Goods, ...]
    kinds: tuple[Kind, ...]
    not_ieepa: dict[str, Any]
    section_232: dict[str, tuple[str, tuple[tuple[date, Decimal], ...]]]
    marked: tuple[tuple[str, date], ...]
    clients: tuple[ClientSpec, ...]
    random: dict[str, Any]
    without: dict[str, list[str]]


def span(raw: dict[str, Any]) -> Span:
    """A dated heading from its table in the recipe."""
    return Span(raw["heading"], raw["first"], raw["last"], raw.get("with_metal", False))


def _spans(raw: list[dict[str, Any]] | None) -> tuple[Span, ...]:
    return tuple(span(item) for item in raw or ())


def _origin(raw: dict[str, Any]) -> Origin:
    return Origin(
        code=raw["code"],
        export=tuple(raw["export"]),
        duty=_spans(raw["duty"]),
        usmca=_spans(raw.get("usmca")),
        other_exempt=_spans(raw.get("other_exempt")),
        exempt_232=_spans(raw.get("exempt_232")),
        high_mfn=span(raw["high_mfn"]) if "high_mfn" in raw else None,
        in_transit=span(raw["in_transit"]) if "in_transit" in raw else None,
        section_301=raw.get("section_301", False),
    )


def _goods(raw: dict[str, Any]) -> Goods:
    s301 = raw.get("s301")
    listed = (s301["heading"], Decimal(s301["rate_pct"])) if s301 else None
    return Goods(raw["hts"], raw["mfn"], raw["unit"], raw.get("metal"), listed)


def _metal(raw: dict[str, Any]) -> tuple[str, tuple[tuple[date, Decimal], ...]]:
    return raw["heading"], tuple((step["first"], Decimal(step["rate_pct"])) for step in raw["rates"])


def client_spec(raw: dict[str, Any]) -> ClientSpec:
    """A client from its table in clients.toml (or made up at random)."""
    return ClientSpec(
        key=raw["key"],
        name=raw["name"],
        shape=raw["shape"],
        importer_class=raw["importer_class"],
        statement=raw["statement"],
        entries=raw["entries"],
        origins=tuple(raw["origins"]),
        importers=tuple(raw["importers"]),
        brokers=tuple(raw["brokers"]),
        brand=raw["brand"],
    )


def _toml(name: str) -> dict[str, Any]:
    return tomllib.loads(resources.files("cape_kit.sample").joinpath(name).read_text(encoding="utf-8"))


@cache
def load() -> Recipe:
    """The recipe, read once."""
    raw, clients = _toml("recipe.toml"), _toml("clients.toml")
    kinds = tuple(
        Kind(k["name"], k["weight"], k["make"], k["verdict"], tuple(k.get("type", ("01",))))
        for k in raw["kind"]
    )
    return Recipe(
        as_of=tuple(raw["as_of"]),
        extracted_on=raw["extracted_on"],
        extracted_later=raw["extracted_later"],
        first_entry=raw["first_entry"],
        last_entry=raw["last_entry"],
        windows=raw["windows"],
        holidays=raw["holidays"],
        origins={item["code"]: _origin(item) for item in raw["origin"]},
        goods=tuple(_goods(item) for item in raw["goods"]),
        kinds=kinds,
        not_ieepa=raw["not_ieepa"],
        section_232={item["metal"]: _metal(item) for item in raw["section_232"]},
        marked=tuple((item["origin"], item["day"]) for item in raw["marked"]["days"]),
        clients=tuple(client_spec(item) for item in clients["client"]),
        random=clients["random"],
        without=clients["without"],
    )


# --- random clients: names, numbers and brokers that belong to nobody -------------------------------------


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
