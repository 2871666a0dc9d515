"""Seeded making of one client's entries: kinds by shares, days, lines, numbers. Same seed, same facts."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import timedelta
from decimal import Decimal
from random import Random
from typing import Any

from cape_kit.sample import days, kinds
from cape_kit.sample.facts import Entry, Line, entry_number
from cape_kit.sample.kinds import Dice, Plan
from cape_kit.sample.lines import HIGH_MFN, Maker, Wish
from cape_kit.sample.recipe import ClientSpec, Goods, Kind, Origin, Recipe
from cape_kit.sample.registry import Registry

PORTS = ("2704", "4601", "1401", "3001", "0901", "5301", "2809", "1703")
NORTH_AMERICA = ("MX", "CA")


@dataclass(frozen=True)
class Bench:
    """What entries of one client are made with."""

    spec: ClientSpec
    recipe: Recipe
    registry: Registry
    dice: Dice
    lines: Maker


def bench(spec: ClientSpec, recipe: Recipe, registry: Registry, seed: int) -> Bench:
    """A bench for one client; its dice depend on the seed and the client's key alone."""
    rng = Random(f"{seed}/{spec.key}")
    return Bench(spec, recipe, registry, Dice(recipe, rng), Maker(recipe, registry, rng))


def entries(at: Bench) -> list[Entry]:
    """All entries of the client, sorted by number."""
    serials = list(range(at.spec.entries))
    at.dice.rng.shuffle(serials)  # so that an entry's number says nothing of its kind
    made = [_entry(at, kind, turn, serials[turn]) for turn, kind in enumerate(_kinds(at))]
    return sorted(made, key=lambda entry: entry.number)


def _kinds(at: Bench) -> list[Kind]:
    """One kind per entry: each at least once, the rest by weight."""
    without = at.recipe.without.get(at.spec.shape, [])
    usable = [kind for kind in at.recipe.kinds if kind.name not in without]
    total = sum(kind.weight for kind in usable)
    chosen: list[Kind] = []
    for kind in usable:
        chosen += [kind] * max(1, kind.weight * at.spec.entries // total)
    return (chosen + [usable[0]] * at.spec.entries)[: at.spec.entries]


def _plan(at: Bench, kind: Kind, turn: int) -> Plan:
    marked = at.recipe.marked
    if kind.make == "cycle" and turn < len(marked) and marked[turn][0] in at.spec.origins:
        origin, day = marked[turn]
        return Plan(day, origins=(origin,))  # an entry day with something to say
    plan = kinds.PLANS[kind.make](at.dice)
    if kind.make == "early":
        _to_a_boundary(at, plan, turn)
    return plan


def _to_a_boundary(at: Bench, plan: Plan, turn: int) -> None:
    """Move some early liquidations to the last day inside a window, or the first one outside."""
    windows = at.recipe.windows
    edges = [
        as_of - timedelta(days=windows[window] + beyond)
        for as_of in at.recipe.as_of
        for window in ("cape_days", "protest_days")
        for beyond in (0, 1)
    ]
    usable = [edge for edge in edges if edge <= at.recipe.extracted_on]
    edge = usable[turn % len(usable)]
    if turn % 4:
        plan.liquidated = edge
        plan.day = max(at.recipe.first_entry, edge - timedelta(days=at.dice.rng.randrange(60, 200)))


def _entry(at: Bench, kind: Kind, turn: int, place: int) -> Entry:
    plan = _plan(at, kind, turn)
    lines = _lines(at, kind, plan)
    broker = at.dice.pick([b for b in at.spec.brokers for _ in range(3 if b["data_received"] else 1)])
    importer = at.spec.importers[-1 if at.dice.rng.randrange(4) == 0 else 0]
    filer = broker["filer_code"]
    entry = Entry(
        number=entry_number(filer, 1_000_000 + place * 7919 % 8_999_999),
        kind=kind.name,
        verdict=kind.verdict,
        filer=filer,
        importer=importer["number"],
        importer_name=importer["name"],
        entry_type=at.dice.pick(kind.types),
        port=at.dice.pick(PORTS),
        entry_date=plan.day,
        summary_date=days.add_working(plan.day, 8),
        create_date=plan.day - timedelta(days=at.dice.rng.randrange(4)),
        lines=lines,
    )
    _liquidate(at, entry, plan)
    _settle(at, entry, plan.facts, place)
    return entry


def _liquidate(at: Bench, entry: Entry, plan: Plan) -> None:
    """Status and day in the export, and in the later one."""
    recipe = at.recipe
    if plan.status is None:
        entry.status, entry.liquidated = kinds.on_the_cycle(recipe, plan.day, recipe.extracted_on)
        later = kinds.on_the_cycle(recipe, plan.day, recipe.extracted_later)
        entry.later_status, entry.later_liquidated = later
        return
    entry.status, entry.liquidated = plan.status, plan.liquidated
    if plan.liquidated and plan.liquidated > recipe.extracted_on:  # too young to have got there
        entry.status, entry.liquidated = "Unliquidated", None
    entry.later_status, entry.later_liquidated = entry.status, entry.liquidated


def _settle(at: Bench, entry: Entry, facts: dict[str, Any], place: int) -> None:
    """The kind's own facts; numbers of protests, claims and reconciliations are made here."""
    for name, value in facts.items():
        if value == "new":
            continue
        setattr(entry, name, value)
    if facts.get("protest_number") == "new":
        entry.protest_number = f"{entry.port}26{1_000_000 + place * 37 % 8_999_999:07d}"
    if facts.get("recon_entry") == "new":
        entry.recon_entry = entry_number(entry.filer, 9_000_000 + place)
    if entry.claim_result:
        entry.claim_number = f"1000002{41_000 + place % 3:05d}"
    late = at.dice.rng.randrange(5)
    paid_after = at.recipe.windows["single_statement_working_days"] - 2 + late
    entry.payment_date = days.add_working(entry.entry_date, paid_after)
    entry.suspension_record = entry.suspension_record or entry.status == "Suspended"


def _lines(at: Bench, kind: Kind, plan: Plan) -> list[Line]:
    count = 1 + plan.wish.twin + (at.dice.rng.randrange(10) > 5) + (at.dice.rng.randrange(10) > 7)
    origin = _origin(at, plan)
    made: list[Line] = []
    for number in range(1, count + 1):
        if number > 1 and not plan.origins and at.dice.rng.randrange(3) == 0:
            origin = _origin(at, plan)
        goods = _goods(at, plan, origin, first=number == 1)
        wish = plan.wish
        if wish.twin and number == 2:
            made.append(replace(made[0], number=2))
            continue
        if wish.value_on_99 and number > 1:
            wish = Wish()
        made.append(at.lines.line(number, origin, goods, plan.day, wish))
    return made


def _origin(at: Bench, plan: Plan) -> Origin:
    """An origin of the client that bears a duty that day (or the one the plan asks for)."""
    if plan.origins:
        return at.recipe.origins[at.dice.pick(plan.origins)]
    able = [code for code in at.spec.origins if any(s.covers(plan.day) for s in at.recipe.origins[code].duty)]
    return at.recipe.origins[at.dice.pick(able or ["CN"])]


def _goods(at: Bench, plan: Plan, origin: Origin, *, first: bool) -> Goods:
    """An article for a line; the first line of an ordinary entry is one that bears the duty."""
    return at.dice.pick([goods for goods in at.recipe.goods if _suits(at, goods, plan, origin, first=first)])


def _suits(at: Bench, goods: Goods, plan: Plan, origin: Origin, *, first: bool) -> bool:
    wish = plan.wish
    if wish.metal_only:
        return at.lines.metal_rate(goods, plan.day) is not None
    if wish.keep_mfn_apart:
        return goods.metal is None and Decimal(0) < goods.mfn_pct < HIGH_MFN
    if wish.annex or wish.section_122 or wish.nothing_paid or origin.code in NORTH_AMERICA:
        return goods.metal is None and goods.mfn_pct < HIGH_MFN
    if first:
        return goods.metal is None and goods.mfn_pct < HIGH_MFN
    return True
