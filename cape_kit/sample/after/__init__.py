"""A synthetic client that was claimed, answered, paid or not: its folder, and the truth of each refund."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass, replace
from datetime import date, timedelta
from importlib import resources
from pathlib import Path
from typing import Any

from cape_kit.sample import columns, days, exports, make, money, recipe, registry, write
from cape_kit.sample.after import reports, story
from cape_kit.sample.after.reports import Answer
from cape_kit.sample.after.story import Due, Story
from cape_kit.sample.client import client_toml
from cape_kit.sample.facts import Entry, entry_number

TAKEN, FAILED = "Entry Summary Updated", "Failed"
NOTE = """# Truth

For tests only. `truth.json` holds what became of every claimed entry: its fate, the outcome a correct kit
must arrive at, and the payments no report splits. Nothing in the kit reads it.
"""


@dataclass
class Scene:
    """The client in the making: who was claimed, refused, mended, and what came of it."""

    bench: make.Bench
    raw: dict[str, Any]
    entries: list[Entry]
    refused: dict[str, str]
    again: set[str]
    fates: dict[str, str]
    dues: list[Due]


def build(out: Path, *, seed: int) -> Path:
    """The whole client in `out`; same seed, same bytes."""
    raw = tomllib.loads(resources.files("cape_kit.sample.after").joinpath("recipe.toml").read_text("utf-8"))
    made = replace(recipe.load(), extracted_on=raw["exported_before"])
    bench = make.bench(recipe.client_spec(raw["client"]), made, registry.load(), seed)
    scene = _scene(bench, raw)
    path = out / bench.spec.key
    (path / "truth").mkdir(parents=True, exist_ok=True)
    happened = story.tell(_teller(scene), scene.dues, scene.fates, pools=raw["pools"])
    _write(path, scene, happened)
    toml = client_toml(bench.spec, replace(made, extracted_on=raw["exported_after"]))
    write.text(path / "client.toml", toml)
    write.compact_json(path / "truth" / "truth.json", _truth(scene, happened, seed))
    write.text(path / "truth" / "README.md", NOTE)
    return path


def _scene(bench: make.Bench, raw: dict[str, Any]) -> Scene:
    entries = make.entries(bench)
    exports.seen_as_they_are(entries, raw["exported_before"])
    for entry in entries:
        entry.claim_result = entry.claim_number = entry.claim_error = None
    usable = [e for e in entries if e.kind == "cycle" and not e.psc and money.principal(e).from_files]
    young = [e for e in usable if e.status == "Unliquidated" and e.entry_date >= raw["young_from"]]
    refused, again = _refusals(young, raw)
    old = [e for e in usable if e.number not in refused and _inside(e, raw["filed"], bench)]
    bench.dice.rng.shuffle(old)
    fates: dict[str, str] = {}
    claimed = [e for e in old if len(money.principal(e).by_heading) > 1] + [
        e for e in old if len(money.principal(e).by_heading) == 1
    ]
    place = 0
    for fate, count in raw["fates"].items():
        for _ in range(count if fate != "stranger" else 0):
            fates[claimed[place].number] = fate
            place += 1
    scene = Scene(bench, raw, entries, refused, again, fates, [])
    mended = [e for e in young if e.number in again]
    scene.dues = [_due(scene, entry, at) for at, entry in enumerate([*claimed, *mended])]
    scene.dues += _strangers(scene, raw["fates"]["stranger"])
    scene.dues.sort(key=lambda due: due.entry_number)
    return scene


def _inside(entry: Entry, filed: date, bench: make.Bench) -> bool:
    """Not liquidated on the day of filing, or inside the window."""
    if not entry.is_liquidated or entry.liquidated is None:
        return True
    return (filed - entry.liquidated).days <= bench.recipe.windows["cape_days"]


def _refusals(young: list[Entry], raw: dict[str, Any]) -> tuple[dict[str, str], set[str]]:
    """Entries CBP refuses at first, by their error text, and those taken once mended."""
    waiting = iter(young)
    refused: dict[str, str] = {}
    again: set[str] = set()
    for refusal in raw["refusal"]:
        mine = [next(waiting).number for _ in range(refusal["entries"])]
        refused |= dict.fromkeys(mine, refusal["text"])
        again |= set(mine[: refusal["again"]])
    return refused, again


def _due(scene: Scene, entry: Entry, place: int) -> Due:
    """What ought to come back for an entry, and when CBP (re)liquidates it."""
    bench, raw = scene.bench, scene.raw
    filed = raw["filed_again"] if entry.number in scene.again else raw["filed"]
    fate = scene.fates.get(entry.number)
    if fate == "within":
        liquidated = raw["late_liquidation"]
    elif entry.is_liquidated:
        liquidated = days.add_working(filed, 3 + place % 4)
    else:
        liquidated = filed + timedelta(days=raw["liquidated_after_days"] + place % 5)
    return Due(
        entry.number,
        entry.importer,
        entry.entry_date,
        money.deposit_day(entry, bench.spec, bench.recipe, payment_seen=False),
        liquidated,
        tuple(sorted((h, c) for h, c in money.principal(entry).by_heading.items() if c)),
        accepted=fate != "unexpected",
    )


def _strangers(scene: Scene, count: int) -> list[Due]:
    """Entries of somebody else's that the refund reports name."""
    like = scene.dues[0]
    strangers = []
    for place in range(count):
        number = entry_number("ZZ9", 4_400_000 + place)
        strangers.append(replace(like, entry_number=number, accepted=False))
        scene.fates[number] = "stranger"
    return strangers


def _teller(scene: Scene) -> story.Teller:
    raw, bench = scene.raw, scene.bench
    own, other = (money.Interest(name, bench.registry) for name in ("corporate", "non_corporate"))
    low, high = raw["paid_after_days"]
    return story.Teller(own, other, bench.dice.rng, (low, high), raw["exported_after"])


def _write(path: Path, scene: Scene, happened: Story) -> None:
    raw, spec = scene.raw, scene.bench.spec
    names = {one["number"]: one["name"] for one in spec.importers}
    run = raw["exported_after"]
    before = raw["exported_before"]
    table = exports.lines_table(scene.entries, [*columns.STOCK, *columns.ADDED])
    titles: list[list[columns.Cell]] = [
        ["ES-003 Entry Summary Line Tariff Details"],
        [f"Run Date: {before:%m/%d/%Y}"],
        [],
    ]
    write.workbook(path / "ES-003 before filing.xlsx", {exports.SHEET: [*titles, *table]}, made_on=before)
    first, second = _answers(scene)
    reports.claim_details(path / "CAPE claim details May.csv", first)
    reports.claim_details(path / "CAPE claim details July.csv", second)
    claims = {one.entry_number: one.claim_number for one in (*first, *second) if one.status == TAKEN}
    reports.es_022(path / "ES-022 CAPE Entry Summary.xlsx", scene.dues, claims, happened, run=run)
    reports.rev_603(path / "REV-603 Trade Refund Report.xlsx", happened, names, run=run)
    reports.rev_613(path / "REV-613 ACH Rejected Refunds.csv", happened, names)
    reports.rev_615(path / "REV-615 CAPE Details Refunds.xlsx", happened, names, run=run)


def _answers(scene: Scene) -> tuple[list[Answer], list[Answer]]:
    """The claim details of the first declarations, and of the one with the mended entries."""
    raw = scene.raw
    claims = (raw["accepted_claim"], raw["second_claim"])
    taken = [d.entry_number for d in scene.dues if d.accepted and d.entry_number not in scene.again]
    first = [Answer(number, claims[place % 2], TAKEN) for place, number in enumerate(taken)]
    first += [Answer(number, claims[1], FAILED, text) for number, text in scene.refused.items()]
    second = [Answer(number, raw["later_claim"], TAKEN) for number in scene.again]
    return sorted(first, key=lambda one: one.entry_number), sorted(second, key=lambda one: one.entry_number)


def _truth(scene: Scene, happened: Story, seed: int) -> dict[str, Any]:
    mended = scene.again
    return {
        "for": "tests only: what a correct reconciliation of this folder must arrive at; amounts in cents",
        "client": scene.bench.spec.key,
        "seed": seed,
        "reported": sum(payment.total for payment in happened.payments),
        "payments": len(happened.payments),
        "pooled": happened.pooled,
        "ambiguous": happened.ambiguous,
        "unmatched": happened.unmatched,
        "refused": {number: text for number, text in scene.refused.items() if number not in mended},
        "mended": sorted(mended),
        "entries": [
            {
                "entry_number": due.entry_number,
                "fate": happened.fates[due.entry_number],
                "outcome": happened.outcomes[due.entry_number],
                "liquidated": due.liquidated.isoformat(),
                "principal": due.principal,
            }
            for due in scene.dues
        ],
    }
