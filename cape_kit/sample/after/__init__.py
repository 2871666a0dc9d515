"""A synthetic client that was claimed, answered, paid or not: its folder, and the truth of each refund.

Its folder holds the reports CBP hands out after filing: claim details, ES-022, REV-603, REV-613, REV-615.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date, timedelta
from importlib import resources
from pathlib import Path
from typing import Any

from cape_kit.sample import columns, days, exports, make, recipe, registry, truth
from cape_kit.sample.after import story
from cape_kit.sample.after.story import Due, Story
from cape_kit.sample.columns import Cell, dollars
from cape_kit.sample.exports import ES_022, client_toml
from cape_kit.sample.facts import Entry, entry_number

# --- the reports CBP hands out after filing ---------------------------------------------------------------


REV_603 = (
    *("Refund ID", "Payee ID", "Company Name", "C/O", "Address", "Refund Date", "Refund Status"),
    *("Refund Secondary Status", "Refund Type", "Document Number", "Total Refund Amount"),
    *("Check/ACH Trace Number", "Check or ACH", "Center ID", "Team Number", "Port Code"),
)
REV_613 = (
    *("Refund ID", "Payee ID", "Company Name", "Refund Date", "Refund Status", "Document Number"),
    *("Rejected Refund Amount", "Reject Reason"),
)
REV_615 = (
    *("Entry Number", "Importer Number", "Payee ID", "Company Name", "Liquidation Date", "Refund Amount"),
    *("Interest Amount", "Refund Number", "Refund Date", "Refund Secondary Status", "ACH Trace Number"),
)


@dataclass(frozen=True)
class Answer:
    """One row of claim details."""

    entry_number: str
    claim_number: str
    status: str
    error: str = ""


def claim_details(path: Path, answers: Iterable[Answer]) -> int:
    """What CAPE's claim-status page hands out: a mark at the front, every number wrapped against Excel."""
    rows = ["ENTRY_NUMBER,CLAIM_NUMBER,STATUS,ERROR_DESCRIPTION"]
    rows += [f'="{one.entry_number}",="{one.claim_number}",{one.status},{one.error}' for one in answers]
    columns.write_text(path, "\ufeff" + "\r\n".join(rows) + "\r\n")
    return len(rows) - 1


def es_022(path: Path, dues: Iterable[Due], claims: dict[str, str], story: Story, *, run: date) -> int:
    """Claims and refunds by entry; entries nothing was reported for stand there without a refund."""
    shares: dict[str, list[dict[str, Cell]]] = {}
    for one in story.shares:
        shares.setdefault(one.entry_number, []).append(
            {
                "Refund Amount": dollars(one.principal),
                "Interest Amount": dollars(one.interest),
                "Refund Number": one.refund_number,
                "Refund Date": one.refund_date,
                "Refund Status": one.status,
            }
        )
    table: list[list[Cell]] = []
    for due in dues:
        if not due.accepted:
            continue
        head: dict[str, Cell] = {
            "Claim Number": claims[due.entry_number],
            "Claim Status": "Accepted",
            "Filer Code": due.entry_number[:3],
            "Importer Number": due.payee,
            "Entry Summary Number": due.entry_number,
            "Entry Date": due.entry_date,
            "Liquidation Date": due.liquidated,
        }
        for refund in shares.get(due.entry_number, [{}]):
            table.append([(head | refund).get(name) for name in ES_022])
    return _book(path, "Main Report", ES_022, table, run=run, title="ES-022 CAPE Entry Summary")


def rev_603(path: Path, story: Story, names: dict[str, str], *, run: date) -> int:
    """Payments as Treasury sees them; the header stands on row 6."""
    table = [
        [
            *(one.refund_number, one.payee, names.get(one.payee), None, "1 Example Way", one.refund_date),
            *("Complete", one.status, "CAPE", f"D{one.refund_number[-5:]}", dollars(one.total)),
            *(f"0910000{one.refund_number[-6:]}", "ACH", "CEE003", "A01", "2704"),
        ]
        for one in story.payments
    ]
    titles = ["REV-603 Trade Refund Report", None, f"Report Date: {run:%m/%d/%Y}", None, None]
    body: list[list[Cell]] = [[title] if title else [] for title in titles]
    columns.write_workbook(path, {"Report": [*body, list(REV_603), *table]}, made_on=run)
    return len(table)


def rev_613(path: Path, story: Story, names: dict[str, str]) -> int:
    """Refunds that could not be paid because nobody enrolled for ACH."""
    rows = [
        [
            *(one.refund_number, one.payee, names.get(one.payee), f"{one.refund_date:%m/%d/%Y}"),
            *("Rejected", f"D{one.refund_number[-5:]}", dollars(one.total), one.reject_reason),
        ]
        for one in story.payments
        if one.reject_reason
    ]
    columns.write_csv(path, [list(REV_613), *rows])
    return len(rows)


def rev_615(path: Path, story: Story, names: dict[str, str], *, run: date) -> int:
    """Refunds by entry, behind the payments; a pooled payment nobody split is not in it."""
    table: list[list[Cell]] = [
        [
            *(one.entry_number, one.payee, one.payee, names.get(one.payee), one.liquidated),
            *(dollars(one.principal), dollars(one.interest), one.refund_number, one.refund_date, one.status),
            f"0910000{one.refund_number[-6:]}",
        ]
        for one in story.shares
    ]
    return _book(path, "Main Report", REV_615, table, run=run, title="REV-615 CAPE Details Refunds")


def _book(
    path: Path, sheet: str, headers: Iterable[str], table: list[list[Cell]], *, run: date, title: str
) -> int:
    preamble: list[list[Cell]] = [[title], [f"Run Date: {run:%m/%d/%Y}"], []]
    columns.write_workbook(path, {sheet: [*preamble, list(headers), *table]}, made_on=run)
    return len(table)


# --- the folder -------------------------------------------------------------------------------------------


TAKEN, FAILED = "Entry Summary Updated", "Failed"
NOTE = """# Truth

For tests only. `truth.json` holds what became of every claimed entry: its fate, the outcome a correct kit
must arrive at, and the payments no report splits. Nothing in the kit reads it.
"""


@dataclass
class Scene:
    """The client in the making: who was claimed, refused, cured, and what came of it."""

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
    columns.write_text(path / "client.toml", toml)
    columns.write_json(path / "truth" / "truth.json", _truth(scene, happened, seed))
    columns.write_text(path / "truth" / "README.md", NOTE)
    return path


def _scene(bench: make.Bench, raw: dict[str, Any]) -> Scene:
    entries = make.entries(bench)
    exports.seen_as_they_are(entries, raw["exported_before"])
    for entry in entries:
        entry.claim_result = entry.claim_number = entry.claim_error = None
    usable = [e for e in entries if e.kind == "cycle" and not e.psc and truth.principal_of(e).from_files]
    young = [e for e in usable if e.status == "Unliquidated" and e.entry_date >= raw["young_from"]]
    refused, again = _refusals(young, raw)
    old = [e for e in usable if e.number not in refused and _inside(e, raw["filed"], bench)]
    bench.dice.rng.shuffle(old)
    fates: dict[str, str] = {}
    claimed = [e for e in old if len(truth.principal_of(e).by_heading) > 1] + [
        e for e in old if len(truth.principal_of(e).by_heading) == 1
    ]
    place = 0
    for fate, count in raw["fates"].items():
        for _ in range(count if fate != "stranger" else 0):
            fates[claimed[place].number] = fate
            place += 1
    scene = Scene(bench, raw, entries, refused, again, fates, [])
    cured = [e for e in young if e.number in again]
    scene.dues = [_due(scene, entry, at) for at, entry in enumerate([*claimed, *cured])]
    scene.dues += _strangers(scene, raw["fates"]["stranger"])
    scene.dues.sort(key=lambda due: due.entry_number)
    return scene


def _inside(entry: Entry, filed: date, bench: make.Bench) -> bool:
    """Not liquidated on the day of filing, or inside the window."""
    if not entry.is_liquidated or entry.liquidated is None:
        return True
    return (filed - entry.liquidated).days <= bench.recipe.windows["cape_days"]


def _refusals(young: list[Entry], raw: dict[str, Any]) -> tuple[dict[str, str], set[str]]:
    """Entries CBP refuses at first, by their error text, and those taken once cured."""
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
        truth.deposit_day(entry, bench.spec, bench.recipe, payment_seen=False),
        liquidated,
        tuple(sorted((h, c) for h, c in truth.principal_of(entry).by_heading.items() if c)),
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
    own, other = (truth.Interest(name, bench.registry) for name in ("corporate", "non_corporate"))
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
    columns.write_workbook(
        path / "ES-003 before filing.xlsx", {exports.SHEET: [*titles, *table]}, made_on=before
    )
    first, second = _answers(scene)
    claim_details(path / "CAPE claim details May.csv", first)
    claim_details(path / "CAPE claim details July.csv", second)
    claims = {one.entry_number: one.claim_number for one in (*first, *second) if one.status == TAKEN}
    es_022(path / "ES-022 CAPE Entry Summary.xlsx", scene.dues, claims, happened, run=run)
    rev_603(path / "REV-603 Trade Refund Report.xlsx", happened, names, run=run)
    rev_613(path / "REV-613 ACH Rejected Refunds.csv", happened, names)
    rev_615(path / "REV-615 CAPE Details Refunds.xlsx", happened, names, run=run)


def _answers(scene: Scene) -> tuple[list[Answer], list[Answer]]:
    """The claim details of the first declarations, and of the one with the cured entries."""
    raw = scene.raw
    claims = (raw["accepted_claim"], raw["second_claim"])
    taken = [d.entry_number for d in scene.dues if d.accepted and d.entry_number not in scene.again]
    first = [Answer(number, claims[place % 2], TAKEN) for place, number in enumerate(taken)]
    first += [Answer(number, claims[1], FAILED, text) for number, text in scene.refused.items()]
    second = [Answer(number, raw["later_claim"], TAKEN) for number in scene.again]
    return sorted(first, key=lambda one: one.entry_number), sorted(second, key=lambda one: one.entry_number)


def _truth(scene: Scene, happened: Story, seed: int) -> dict[str, Any]:
    cured = scene.again
    return {
        "for": "tests only: what a correct reconciliation of this folder must arrive at; amounts in cents",
        "client": scene.bench.spec.key,
        "seed": seed,
        "reported": sum(payment.total for payment in happened.payments),
        "payments": len(happened.payments),
        "pooled": happened.pooled,
        "ambiguous": happened.ambiguous,
        "unmatched": happened.unmatched,
        "refused": {number: text for number, text in scene.refused.items() if number not in cured},
        "cured": sorted(cured),
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
