"""What a correct reading must arrive at: the committed truth, and a small even-handed choice of entries."""

import json
from dataclasses import dataclass
from datetime import date
from functools import cache

from tests.perturbation.tables import SAMPLES

CLIENTS = ("harbor-lane", "cedar-and-flint", "northgate-tools")
#: The day of the exports and one on which many clocks have run on.
DAYS = ("2026-05-05", "2026-07-10")


@dataclass(frozen=True)
class Truth:
    """One entry on one day."""

    entry: str
    kind: str
    disposition: str
    principal_cents: int
    cape_last_day: date | None
    protest_last_day: date | None


@cache
def _told(client):
    return json.loads((SAMPLES / client / "truth" / "truth.json").read_text("utf-8"))


@cache
def on(client, day):
    """Entry number -> its truth on a day."""
    told = _told(client)
    place = told["as_of"].index(day)
    return {one["entry_number"]: _entry(one, place, day) for one in told["entries"]}


def _entry(one, place, day):
    # A last day counts once the liquidation it runs from has happened.
    began = one.get("status") == "Liquidated" and one.get("liquidation_date", "9") <= day
    last = {name: one.get(name) if began else None for name in ("cape_last_day", "protest_last_day")}
    return Truth(
        entry=one["entry_number"],
        kind=one["kind"],
        disposition=one["disposition"][place],
        principal_cents=one["principal_from_files"],
        **{name: date.fromisoformat(day) if day else None for name, day in last.items()},
    )


def subset(client, rng, size=40):
    """A seeded choice of entries in which every kind of the sample is tried in turn."""
    by_kind = {}
    for one in _told(client)["entries"]:
        by_kind.setdefault(one["kind"], []).append(one["entry_number"])
    for numbers in by_kind.values():
        rng.shuffle(numbers)
    kinds = sorted(by_kind)
    rng.shuffle(kinds)
    chosen = []
    while len(chosen) < size and any(by_kind.values()):
        chosen += [by_kind[kind].pop() for kind in kinds if by_kind[kind]]
    return frozenset(chosen[:size])
