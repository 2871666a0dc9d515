"""The truth beside a synthetic client: each entry's facts, and what a correct kit must say of it by day."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from cape_kit.sample import money
from cape_kit.sample.facts import Entry
from cape_kit.sample.recipe import ClientSpec, Recipe
from cape_kit.sample.registry import Registry
from cape_kit.sample.verdicts import verdict


@dataclass
class Injected:
    """What was done to the files on purpose, so that a reader can be held to finding it."""

    conflicts: list[dict[str, Any]] = field(default_factory=list)
    problems: list[dict[str, Any]] = field(default_factory=list)
    files: list[dict[str, Any]] = field(default_factory=list)


@dataclass(frozen=True)
class Book:
    """What truth is reckoned with."""

    spec: ClientSpec
    recipe: Recipe
    registry: Registry
    payment_seen: frozenset[str]  # entries whose day of payment is in the files
    interest: money.Interest


def tell(book: Book, made: Iterable[Entry], injected: Injected, seed: int) -> dict[str, Any]:
    """The whole truth of a client, ready to be written as JSON. Amounts in cents."""
    entries = [_entry(book, entry) for entry in made]
    return {
        "for": "tests only: what a correct reading of this folder must arrive at; amounts in cents",
        "client": book.spec.key,
        "seed": seed,
        "importer_class": book.spec.importer_class,
        "as_of": [day.isoformat() for day in book.recipe.as_of],
        "totals": {day.isoformat(): _totals(entries, place) for place, day in enumerate(book.recipe.as_of)},
        "true_refund": sum(entry["true_refund"] for entry in entries),
        "conflicts": injected.conflicts,
        "problems": injected.problems,
        "files": injected.files,
        "entries": entries,
    }


def _entry(book: Book, entry: Entry) -> dict[str, Any]:
    recipe = book.recipe
    principal = money.principal(entry)
    said = [verdict(entry, day, recipe) for day in recipe.as_of]
    recorded = entry.seen_liquidated if entry.is_liquidated else None
    deposited = money.deposit_day(entry, book.spec, recipe, payment_seen=entry.number in book.payment_seen)
    told = {
        "entry_number": entry.number,
        "kind": entry.kind,
        "entry_type": entry.entry_type if entry.type_seen else None,
        "entry_date": entry.entry_date.isoformat(),
        "importer_number": entry.importer,
        "status": entry.seen_status,
        "liquidation_date": entry.seen_liquidated.isoformat() if entry.seen_liquidated else None,
        "extracted_on": entry.extracted_on.isoformat() if entry.extracted_on else None,
        "cape_last_day": (recorded + timedelta(days=recipe.windows["cape_days"])).isoformat()
        if recorded
        else None,
        "protest_last_day": (recorded + timedelta(days=recipe.windows["protest_days"])).isoformat()
        if recorded
        else None,
        "disposition": said,
        "principal_from_files": principal.from_files,
        "by_heading": principal.by_heading,
        "confidence": principal.confidence,
        "true_refund": principal.true_refund,
        "deposit_day": deposited.isoformat(),
        "interest": _interest(book, entry, said, principal.from_files),
    }
    return {key: value for key, value in told.items() if value is not None}


def _interest(book: Book, entry: Entry, said: list[str], amount: int) -> list[int]:
    """Interest on each as-of day; none where nothing is to be had. [cents]"""
    recipe, last_rated = book.recipe, book.registry.last_rated_day
    first = money.deposit_day(entry, book.spec, recipe, payment_seen=entry.number in book.payment_seen)
    told = []
    for what, day in zip(said, recipe.as_of, strict=True):
        end = money.interest_until(entry, what, day, recipe, last_rated=last_rated)
        told.append(0 if what in money.NO_INTEREST else book.interest.until(amount, first, end))
    return told


def _totals(entries: list[dict[str, Any]], place: int) -> dict[str, dict[str, int]]:
    """Entries, principal and interest by disposition on one of the as-of days. [cents]"""
    totals: dict[str, dict[str, int]] = {}
    for entry in entries:
        what = entry["disposition"][place]
        into = totals.setdefault(what, {"entries": 0, "principal": 0, "interest": 0})
        into["entries"] += 1
        into["principal"] += entry["principal_from_files"]
        into["interest"] += entry["interest"][place]
    return dict(sorted(totals.items()))
