"""Report layouts as the profile files declare them: their columns, headers, and what makes a file one."""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass, replace
from functools import cache, lru_cache
from importlib import resources
from typing import Any, Literal

Grain = Literal["tariff_line", "wide_line", "entry", "claim", "refund", "list"]
#: What it proves that a layout shows no IEEPA number for an entry: the report lists every number of a line;
#: it does where the file shows chapter 99 numbers at all; its own IEEPA columns say so; nothing.
Silence = Literal["proof", "proof_if_shown", "proof_by_columns", "nothing"]


@dataclass(frozen=True)
class ColumnKind:
    """One readable column: the kind of its cells, its headers (preferred first), its ACE object."""

    name: str
    kind: str
    names: tuple[str, ...]
    object: str | None = None
    blank: str | None = None
    status: bool = False  # a word of state: a dash or "N/A" in it is a blank cell, "none" is an answer
    order: str = "MDY"  # of its slashed days: 'MDY', 'DMY'; 'ISO' reads none of them, 'ANY' the unmistakable
    stated: bool = False  # whether client.toml says that order
    decimals: str = "point"  # of its amounts: 'point', 'comma'; 'unclear' reads the unmistakable
    weak: tuple[str, ...] = ()  # headers that count only where its cells prove them


@dataclass(frozen=True)
class Part:
    """One duty column of a wide layout, with the column of its HTS number."""

    name: str
    hts: tuple[str, ...]
    duty: tuple[str, ...]
    ieepa: bool = False
    commodity: bool = False
    nameless: bool = False  # whether its name says nothing of whose duty it is
    number: str | None = None  # the heading its column is called by, where that is its name


@dataclass(frozen=True)
class Profile:
    """One report layout."""

    key: str
    title: str
    issuer: str
    grain: Grain
    columns: dict[str, ColumnKind]
    must_have: tuple[str, ...]
    must_have_any: tuple[str, ...] = ()
    must_not_have: tuple[str, ...] = ()
    must_have_part: bool = False
    part_numbered: bool = False  # whether only parts count whose number is said
    goes_before: tuple[str, ...] = ()  # layouts that claim the same file and say less
    headings: bool = False  # whether a column called by a heading of chapter 99 holds the duty on it
    told: bool = (
        False  # whether a header that says what was done to the entries is as good as one of must_have_any
    )
    only: bool = False
    generic: bool = False
    row_key: str = "entry_number"
    sheets: tuple[str, ...] = ()
    add: tuple[str, ...] = ()
    known: frozenset[str] = frozenset()  # by their letters, headers it has no use for
    unused: tuple[str, ...] = ()  # the same as they are written
    parts: tuple[Part, ...] = ()
    silence: Silence = "nothing"
    mapped: tuple[tuple[str, tuple[str, ...]], ...] = ()  # columns a person named, with the headers
    mapped_in: str | None = None  # the file that says so

    def dated(self, order: str | None) -> Profile:
        """The layout with its dates in a client's order: people save ACE's own reports again, too."""
        if order is None:
            return self
        dated = {n: replace(c, order=order, stated=True) for n, c in self.columns.items()}
        return replace(self, columns=dated)


@dataclass(frozen=True)
class Words:
    """Words people write in cells: yes, no, nothing, names of countries, marks of a total row.

    And in headers: what they speak of, what they shorten or translate (`short`, `chinese`, `phrases`), what says
    nothing (`idle`), and that something was done (`done`). And what an amount's unit is called (`units`).
    """

    yes: tuple[str, ...]
    no: tuple[str, ...]
    blank: tuple[str, ...]
    dashes: tuple[str, ...]
    totals: tuple[str, ...]
    countries: dict[str, str]
    headers: dict[str, tuple[str, ...]]
    short: dict[str, str]
    chinese: dict[str, str]
    phrases: dict[str, str]
    idle: dict[str, frozenset[str]]
    done: dict[str, tuple[str, ...]]
    units: dict[str, tuple[str, ...]]


@lru_cache(maxsize=1 << 14)
def collapse(header: str | None) -> str:
    """A header for comparing: lower case, letters and digits only ('#' counts as 'number')."""
    return re.sub(r"[^a-z0-9#]+", "", (header or "").lower())


def toml(name: str) -> dict[str, Any]:
    """One file of the profiles folder."""
    return tomllib.loads(
        (resources.files("cape_kit.entries") / "profiles" / name).read_text(encoding="utf-8")
    )


@cache
def vocabulary() -> dict[str, ColumnKind]:
    """Every readable column by its declared name."""
    return {
        name: ColumnKind(
            name=name,
            kind=column["kind"],
            names=tuple(column["names"]),
            object=column.get("object"),
            blank=column.get("blank"),
            status=column.get("status", False),
            order=column.get("order", "MDY"),
            weak=tuple(column.get("weak", ())),
        )
        for name, column in toml("_columns.toml").items()
    }


@cache
def words() -> Words:
    """The words the cells are read by."""
    raw = toml("_words.toml")
    yes, no, blank, dashes, totals = (tuple(raw[name]) for name in ("yes", "no", "blank", "dashes", "totals"))
    headers = {subject: tuple(said) for subject, said in raw["headers"].items()}
    idle = {kind: frozenset(said) for kind, said in raw["idle"].items()}
    meant = (raw["short"], raw["chinese"], raw["phrases"])
    lists = [{name: tuple(said) for name, said in raw[kind].items()} for kind in ("done", "units")]
    return Words(yes, no, blank, dashes, totals, dict(raw["countries"]), headers, *meant, idle, *lists)


@cache
def profiles() -> tuple[Profile, ...]:
    """Every layout in the profiles folder, in the order of their file names."""
    folder = resources.files("cape_kit.entries") / "profiles"
    names = sorted(f.name for f in folder.iterdir() if f.name.endswith(".toml") and f.name[0] != "_")
    return tuple(_profile(name) for name in names)


def _profile(name: str) -> Profile:
    raw = toml(name)
    if "extends" in raw:
        raw = {**toml(raw["extends"] + ".toml"), **raw}
    columns = {column: _column(column, raw) for column in raw["columns"]}
    return Profile(
        key=raw["key"],
        title=raw["title"],
        issuer=raw["issuer"],
        grain=raw["grain"],
        columns=columns,
        must_have=tuple(raw["must_have"]),
        must_have_any=tuple(raw.get("must_have_any", ())),
        must_not_have=tuple(raw.get("must_not_have", ())),
        must_have_part=raw.get("must_have_part", False),
        part_numbered=raw.get("part_numbered", False),
        goes_before=tuple(raw.get("goes_before", ())),
        headings=raw.get("headings", False),
        told=raw.get("told", False),
        only=raw.get("only", False),
        generic=raw.get("generic", False),
        row_key=raw.get("row_key", "entry_number"),
        sheets=tuple(raw.get("sheets", ())),
        add=tuple(raw.get("add", ())),
        known=frozenset(collapse(header) for header in raw.get("known", ())),
        unused=tuple(raw.get("known", ())),
        parts=tuple(_part(part) for part in raw.get("parts", ())),
        silence=raw.get("silence", "nothing"),
    )


def _column(name: str, raw: dict[str, Any]) -> ColumnKind:
    """The shared column, with the profile's own headers and date order where it states them."""
    shared = vocabulary()[name]
    return ColumnKind(
        name=name,
        kind=shared.kind,
        names=tuple(raw.get("names", {}).get(name, shared.names)),
        object=shared.object,
        blank=shared.blank,
        status=shared.status,
        order=raw.get("date_order", {}).get(name, shared.order),
    )


def _part(raw: dict[str, Any]) -> Part:
    return Part(
        name=raw["name"],
        hts=tuple(raw.get("hts", ())),
        duty=tuple(raw["duty"]),
        ieepa=raw.get("ieepa", False),
        commodity=raw.get("commodity", False),
        nameless=raw.get("nameless", False),
    )
