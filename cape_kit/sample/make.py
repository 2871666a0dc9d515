"""Seeded making of one client's entries: kinds by shares, days, lines, numbers. Same seed, same facts.

How each kind of entry comes about: its entry day, its liquidation and whatever else is peculiar to it.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from decimal import Decimal
from random import Random
from typing import Any

from cape_kit.sample import days
from cape_kit.sample.facts import HIGH_MFN, Entry, Line, Maker, Wish, entry_number
from cape_kit.sample.recipe import ClientSpec, Goods, Kind, Origin, Recipe
from cape_kit.sample.registry import Registry

# --- how each kind of entry comes about -------------------------------------------------------------------


@dataclass
class Plan:
    """What a kind asks of the entry to be made."""

    day: date
    status: str | None = None  # None: as the cycle has it
    liquidated: date | None = None
    facts: dict[str, Any] = field(default_factory=dict)
    wish: Wish = field(default_factory=Wish)
    origins: tuple[str, ...] = ()
    on_cycle: bool = True


@dataclass(frozen=True)
class Dice:
    """The recipe and a seeded source of chance."""

    recipe: Recipe
    rng: Random

    def pick(self, options: Any) -> Any:
        """One of the options."""
        return options[self.rng.randrange(len(options))]

    def day(self, window: str) -> date:
        """A day out of one of the recipe's windows, longer ones the more often."""
        spans = self.recipe.windows[window]
        place = self.rng.randrange(sum((last - first).days + 1 for first, last in spans))
        for first, last in spans:
            length = (last - first).days + 1
            if place < length:
                return date.fromordinal(first.toordinal() + place)
            place -= length
        raise AssertionError("a window of the recipe is empty")

    def any_day(self) -> date:
        """A day of the collection period."""
        first, last = self.recipe.first_entry, self.recipe.last_entry
        return first + timedelta(days=self.rng.randrange((last - first).days + 1))

    def digits(self, count: int) -> str:
        """So many digits, the first one not zero."""
        return str(self.rng.randrange(10 ** (count - 1), 10**count))


def forecast(recipe: Recipe, entry_date: date) -> date:
    """When the ordinary cycle would liquidate an entry."""
    due = entry_date + timedelta(days=recipe.windows["cycle_days"])
    return days.on_or_after(due, recipe.windows["posting_weekday"])


def on_the_cycle(recipe: Recipe, entry_date: date, extract: date) -> tuple[str, date | None]:
    """Status and day an export of that day shows for an entry nothing happened to."""
    due = forecast(recipe, entry_date)
    if due <= extract:
        return "Liquidated", due
    if due <= extract + timedelta(days=recipe.windows["due_days"]):
        return "Pending", due
    return "Unliquidated", None


def _cycle(dice: Dice) -> Plan:
    return Plan(
        dice.any_day(),
        facts={"psc": dice.rng.randrange(16) == 0},
        wish=Wish(in_transit=dice.rng.randrange(6) == 0, twin=dice.rng.randrange(18) == 0),
    )


def _early(dice: Dice) -> Plan:
    day = dice.day("early_days")
    return Plan(day, "Liquidated", day + timedelta(days=dice.rng.randrange(35, 140)))


def _informal(dice: Dice) -> Plan:
    day = dice.any_day()
    paid = days.add_working(day, dice.recipe.windows["single_statement_working_days"])
    return Plan(day, "Liquidated", paid, wish=Wish(small=True))


def _deemed(dice: Dice) -> Plan:
    day = dice.day("deemed_days")
    return Plan(day, "Deemed Liquidated", date(day.year + 1, day.month, day.day))


def _off_cycle(status: str, **facts: Any) -> Callable[[Dice], Plan]:
    return lambda dice: Plan(dice.day("extended_days"), status, facts=dict(facts), on_cycle=False)


def _adcvd_suspended(dice: Dice) -> Plan:
    case = f"A-{dice.pick(('570', '552', '533'))}-{dice.digits(3)}"
    return Plan(dice.day("extended_days"), "Suspended", facts={"adcvd_case": case}, on_cycle=False)


def _adcvd_pending(dice: Dice) -> Plan:
    facts = {"adcvd_case": f"A-570-{dice.digits(3)}", "suspension_record": True}
    return Plan(dice.day("overdue_days"), "Pending", facts=facts, on_cycle=False)


def _in_window(window: str, **facts: Any) -> Callable[[Dice], Plan]:
    return lambda dice: Plan(dice.day(window), facts=dict(facts))


def _unliquidated(*windows: str, **facts: Any) -> Callable[[Dice], Plan]:
    return lambda dice: Plan(dice.day(dice.pick(windows)), "Unliquidated", facts=dict(facts), on_cycle=False)


def _recon(window: str) -> Callable[[Dice], Plan]:
    def plan(dice: Dice) -> Plan:
        day = dice.day(window)
        return Plan(
            day,
            facts={
                "recon_flag": True,
                "recon_due": day + timedelta(days=dice.recipe.windows["recon_due_days"]),
            },
        )

    return plan


def _recon_filed(dice: Dice) -> Plan:
    made = _recon("clear_days")(dice)
    made.facts["recon_entry"] = "new"
    return made


def _protest(status: str, ieepa_only: bool | None = None) -> Callable[[Dice], Plan]:
    def plan(dice: Dice) -> Plan:
        day = dice.day("protested_days")
        facts = {"protest_status": status, "protest_ieepa_only": ieepa_only, "protest_number": "new"}
        if dice.rng.randrange(3) == 0:  # liquidated before its time: the protest outlives the window
            return Plan(day, "Liquidated", day + timedelta(days=dice.rng.randrange(150, 230)), facts)
        return Plan(day, facts=facts)

    return plan


def _cancelled(dice: Dice) -> Plan:
    made = _unliquidated("overdue_days", "late_days")(dice)
    made.facts["summary_status"] = dice.pick(("Cancelled", "Rejected"))
    return made


def _wishing(window: str, wish: Wish, *origins: str) -> Callable[[Dice], Plan]:
    return lambda dice: Plan(dice.day(window), wish=wish, origins=origins)


def _claimed(dice: Dice) -> Plan:
    return Plan(dice.day("clear_days"), facts={"claim_result": "Entry Summary Updated"})


def _claim_failed(dice: Dice) -> Plan:
    facts = {"claim_result": "Failed", "claim_error": "HTS RELATIONSHIP/SEQUENCE MISMATCH"}
    return Plan(dice.day("open_days"), facts=facts)


def _exempt(dice: Dice) -> Plan:
    if dice.rng.randrange(2):
        return Plan(dice.day("exempt_days"), wish=Wish(usmca=True), origins=("MX", "CA"))
    return Plan(dice.day("exempt_days"), wish=Wish(annex=True), origins=("VN", "TW", "TH", "DE", "JP", "GB"))


#: make (in recipe.toml) -> how
PLANS: dict[str, Callable[[Dice], Plan]] = {
    "cycle": _cycle,
    "early": _early,
    "informal": _informal,
    "deemed": _deemed,
    "extended": _off_cycle("Extended"),
    "suspended": _off_cycle("Suspended"),
    "under_review": _off_cycle("Under Review"),
    "injunction": _off_cycle("Suspended", injunction=True),
    "adcvd_suspended": _adcvd_suspended,
    "adcvd_pending": _adcvd_pending,
    "liquidated": _in_window("liquidated_days"),
    "unliquidated_late": _unliquidated("late_days"),
    "unliquidated_overdue_or_late": _unliquidated("overdue_days", "late_days"),
    "recon_open": _recon("open_days"),
    "recon_liquidated": _recon("liquidated_days"),
    "recon_late": _recon("late_days"),
    "recon_filed": _recon_filed,
    "drawback": _in_window("clear_days", drawback=True),
    "protest_open": _protest("Open"),
    "protest_suspended": _protest("Suspended"),
    "protest_ieepa": _protest("Open", ieepa_only=True),
    "protest_other": _protest("Open", ieepa_only=False),
    "protest_denied": _protest("Denied"),
    "trade_control": _in_window("open_days", control="Trade"),
    "cancelled": _cancelled,
    "statement_not_paid": _in_window("late_days", statement_status="AU"),
    "value_on_99": _wishing("open_days", Wish(value_on_99=True)),
    "claimed": _claimed,
    "claim_failed": _claim_failed,
    "exempt": _exempt,
    "only_232": _wishing("exempt_days", Wish(metal_only=True), "DE", "TW", "VN", "JP", "GB"),
    "section_122": _wishing("after_collection_days", Wish(section_122=True), "CN", "VN", "DE", "TW"),
    "nothing_paid": _wishing("exempt_days", Wish(nothing_paid=True)),
    "gap": _wishing("gap_days", Wish(), "CH"),
    "early_kept": _wishing("early_kept_days", Wish(keep_mfn_apart=True), "DE", "IT"),
}


# --- one client's entries ---------------------------------------------------------------------------------


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
    plan = PLANS[kind.make](at.dice)
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
    lines = _lines(at, plan)
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
        entry.status, entry.liquidated = on_the_cycle(recipe, plan.day, recipe.extracted_on)
        later = on_the_cycle(recipe, plan.day, recipe.extracted_later)
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


def _lines(at: Bench, plan: Plan) -> list[Line]:
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
