"""One synthetic client's folder: facts made, files written, client.toml and the truth beside them.

Files in good order are one complete workbook, or a stock one and a liquidation report; files in disorder are two
brokers' and the importer's own exports, overlapping, disagreeing.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path
from random import Random
from typing import Any

from cape_kit.sample import columns, make, registry, truth
from cape_kit.sample.columns import Cell, Row
from cape_kit.sample.facts import Entry
from cape_kit.sample.recipe import ClientSpec, Recipe
from cape_kit.sample.truth import Book, Injected

# --- files in good order ----------------------------------------------------------------------------------


SHEET = "Main Report"
CLAIMED_BY_HAND = "accepted"


@dataclass
class Folder:
    """A client's folder in the making."""

    path: Path
    spec: ClientSpec
    recipe: Recipe
    rng: Random
    entries: list[Entry]
    injected: Injected
    payment_seen: set[str]
    facts: list[tuple[str, str, str, str]]  # entry_number, fact, value, note

    def note(self, file: str, sheet: str | None, rows: int, *, refused: int = 0, blank: int = 0) -> None:
        """Write down what a file holds, so that a reader can be asked for all of it."""
        told = {"file": file, "sheet": sheet, "rows": rows, "refused": refused, "blank": blank}
        self.injected.files.append(told)

    def some(self, entries: list[Entry], count: int) -> list[Entry]:
        """A few of the entries, by chance."""
        chosen = list(entries)
        self.rng.shuffle(chosen)
        return sorted(chosen[:count], key=lambda entry: entry.number)


def seen_as_they_are(entries: Iterable[Entry], extract: date) -> None:
    """The files say of these entries what is so, on the day of the export."""
    for entry in entries:
        entry.seen_status, entry.seen_liquidated = entry.status, entry.liquidated
        entry.extracted_on = extract


def lines_table(entries: Iterable[Entry], headers: list[str], *, later: bool = False) -> list[list[Cell]]:
    """A line-level export: the header and one row per tariff ordinal."""
    return [list(headers), *(columns.cells(row, headers) for row in columns.rows(entries, later=later))]


def clean(folder: Folder) -> None:
    """One ES-003 workbook with every useful object added, and the claim results."""
    extract = folder.recipe.extracted_on
    seen_as_they_are(folder.entries, extract)
    table = lines_table(folder.entries, [*columns.STOCK, *columns.ADDED])
    name = "ES-003 Entry Summary Line Tariff Details.xlsx"
    columns.write_workbook(folder.path / name, {SHEET: table}, made_on=extract)
    folder.note(name, SHEET, len(table) - 1)
    _claim_details(folder)
    by_hand(folder)


def _claim_details(folder: Folder) -> None:
    """What CAPE's claim-status page hands out: every number wrapped against Excel."""
    told = [entry for entry in folder.entries if entry.claim_result]
    rows = ["ENTRY_NUMBER,CLAIM_NUMBER,STATUS,ERROR_DESCRIPTION"]
    rows += [f'="{e.number}",="{e.claim_number}",{e.claim_result},{e.claim_error or ""}' for e in told]
    name = "CAPE claim details.csv"
    columns.write_text(folder.path / name, "\ufeff" + "\r\n".join(rows) + "\r\n")
    folder.note(name, None, len(told))


def by_hand(folder: Folder) -> None:
    """Facts no export carries, which the consultant writes into facts.csv."""
    for entry in folder.entries:
        if entry.injunction:
            folder.facts.append(
                (entry.number, "injunction_flag", "Y", "injunction notice in the broker's file")
            )
        if entry.protest_ieepa_only is not None:
            answer = columns.yes_no(entry.protest_ieepa_only)
            folder.facts.append((entry.number, "protest_ieepa_only", answer, "read from the protest itself"))


def split(folder: Folder) -> None:
    """A stock ES-003, and a liquidation report that covers most of it."""
    extract = folder.recipe.extracted_on
    seen_as_they_are(folder.entries, extract)
    usual = [
        e
        for e in folder.entries
        if e.kind == "cycle" and e.entry_date <= folder.recipe.windows["surely_open"]
    ]
    dropped = folder.some(usual, 14)
    missing, stray = set(dropped[:11]), dropped[11:]
    blank = folder.some([e for e in usual if e not in set(dropped) and e.status == "Liquidated"], 2)
    _forget(missing, blank, stray)
    for entry in folder.entries:
        entry.mfn_seen = False
        if entry.claim_result:
            note = f"declaration {entry.claim_number}, told by the broker"
            folder.facts.append((entry.number, "claim_status", CLAIMED_BY_HAND, note))
    table = lines_table([e for e in folder.entries if e.lines_seen], list(columns.STOCK))
    name = "ES-003 Entry Summary Line Tariff Details (10).xlsx"
    columns.write_workbook(folder.path / name, {SHEET: table}, made_on=extract)
    folder.note(name, SHEET, len(table) - 1)
    _liquidation_report(folder, [e for e in folder.entries if e not in missing], blank)
    by_hand(folder)


def _forget(missing: set[Entry], blank: list[Entry], stray: list[Entry]) -> None:
    """Take from the files what they are to lack."""
    for entry in missing:
        entry.kind, entry.verdict, entry.seen_status, entry.seen_liquidated = (
            "liquidation not in files",
            "unknown",
            None,
            None,
        )
    for entry in blank:
        entry.kind, entry.verdict, entry.seen_liquidated = "liquidation date blank", "unknown", None
    for entry in stray:
        entry.kind, entry.verdict, entry.lines_seen, entry.type_seen = (
            "no tariff lines in files",
            "unknown",
            False,
            False,
        )


def _liquidation_report(folder: Folder, entries: list[Entry], blank: list[Entry]) -> None:
    rows: list[list[Cell]] = [list(columns.LIQUIDATION_REPORT)]
    for entry in entries:
        row = columns.cells(next(columns.rows([entry])), columns.LIQUIDATION_REPORT)
        if entry in blank:
            row[columns.LIQUIDATION_REPORT.index("Liquidation Date")] = None
        rows.append([cell.strftime("%m/%d/%Y") if isinstance(cell, date) else cell for cell in row])
    name = "liquidation_report.csv"
    columns.write_csv(folder.path / name, rows, bom=True)
    folder.note(name, None, len(entries))


# --- files in disorder ------------------------------------------------------------------------------------


GATEWAY_FILE = "gateway_entries.csv"
FLINT_FILE = "Flint Valley entry detail.xlsx"
FLINT_SHEET = "Entry detail"
MAY_FILE = "ACE ES-003 may.xlsx"
JUNE_FILE = "ACE ES-003 june.xlsx"
CLAIMS_FILE = "ES-022 CAPE Entry Summary.xlsx"
#: Entry number -> the ACE header a broker fills otherwise, and with what.
Changes = dict[str, tuple[str, Callable[[Row], Cell]]]
CODES = {"Open": "OP", "Suspended": "SP", "Denied": "DN"}
ES_022 = (
    *("Claim Number", "Claim Status", "Filer Code", "Importer Number", "CF4811 Number", "CF4811 Name"),
    *(
        "Entry Summary Number",
        "Entry Date",
        "Liquidation Date",
        "Control Team Number",
        "Center ID Code",
        "Center ID Name",
    ),
    *("Refund Amount", "Interest Amount", "Refund Number", "Refund Date", "Refund Status"),
)


def messy(folder: Folder) -> None:
    """All five files of the disorderly client."""
    recipe = folder.recipe
    seen_as_they_are(folder.entries, recipe.extracted_on)
    for entry in folder.entries:
        entry.protest_status = CODES.get(entry.protest_status or "")
    gateway, flint = (broker["filer_code"] for broker in folder.spec.brokers[:2])
    alone = set(_only_at_brokers(folder, (gateway, flint)))
    ace = [entry for entry in folder.entries if entry not in alone]
    _later(folder, ace)
    told = _disagree(folder, ace, (gateway, flint))
    _forget_types(folder, [e for e in folder.entries if e in alone and e.filer == gateway])
    headers = [*columns.STOCK, *columns.ADDED, *columns.COLLECTION]
    table = lines_table(ace, headers)
    columns.write_workbook(folder.path / MAY_FILE, {SHEET: table}, made_on=recipe.extracted_on)
    folder.note(MAY_FILE, SHEET, len(table) - 1)
    _june(folder, [e for e in ace if e.in_later], headers)
    _gateway(folder, [e for e in folder.entries if e.filer == gateway], told)
    _flint(folder, [e for e in folder.entries if e.filer == flint], told)
    _claims(folder)
    by_hand(folder)
    folder.payment_seen |= {e.number for e in folder.entries if e not in alone or e.filer == flint}


def _only_at_brokers(folder: Folder, filers: tuple[str, str]) -> list[Entry]:
    """Entries the importer's own export lacks; brokers' sheets carry no normal rate."""
    usual = [e for e in folder.entries if e.kind == "cycle" and e.filer in filers]
    alone = folder.some(usual, max(6, len(folder.entries) // 8))
    for entry in alone:
        entry.mfn_seen = False
    return alone


def _later(folder: Folder, ace: list[Entry]) -> None:
    """The second extract covers younger entries; its facts are the newer ones."""
    for entry in ace:
        if entry.entry_date < folder.recipe.windows["later_first_entry"] or entry.claim_result:
            continue
        entry.in_later = True
        entry.seen_status, entry.seen_liquidated = entry.later_status, entry.later_liquidated
        entry.extracted_on = folder.recipe.extracted_later


def _disagree(folder: Folder, ace: list[Entry], filers: tuple[str, str]) -> Changes:
    """Some entries on which the broker's sheet says something else than ACE."""
    week = timedelta(days=7)
    changes: list[tuple[str, str, Callable[[Row], Cell]]] = [
        ("liquidation_date", "Liquidation Date", lambda r: (r.entry.liquidated or r.entry.entry_date) + week),
        ("liquidation_date", "Liquidation Date", lambda r: (r.entry.liquidated or r.entry.entry_date) - week),
        ("entry_date", "Entry Date", lambda r: r.entry.entry_date - timedelta(days=1)),
        ("entry_type", "Entry Type Code", lambda r: "11"),
        ("importer_number", "Importer Number", lambda r: r.entry.importer[:-2] + "77"),
        ("tariff_lines", "Line Tariff Duty Amount", _before_correction),
    ]
    usual = [
        e
        for e in ace
        if e.kind == "cycle" and e.filer in filers and not e.in_later and e.status == "Liquidated"
    ]
    told: Changes = {}
    for entry, (column, header, change) in zip(folder.some(usual, len(changes)), changes, strict=False):
        told[entry.number] = (header, change)
        row = next(
            r
            for r in columns.rows([entry])
            if r.ordinal.role == "ieepa" or header != "Line Tariff Duty Amount"
        )
        conflict: dict[str, Any] = {"entry_number": entry.number, "column": column, "taken_from": MAY_FILE}
        conflict |= {"taken": str(columns.EVERY[header](row)), "other": str(change(row))}
        conflict["other_from"] = GATEWAY_FILE if entry.filer == filers[0] else FLINT_FILE
        folder.injected.conflicts.append(conflict)
    return told


def _before_correction(row: Row) -> Cell:
    """A broker's figure from before a post summary correction: a tenth more on IEEPA rows."""
    if row.ordinal.role != "ieepa":
        return columns.dollars(row.ordinal.duty_cents)
    return columns.dollars(row.ordinal.duty_cents + row.ordinal.duty_cents // 10)


def _forget_types(folder: Folder, alone: list[Entry]) -> None:
    """Two entries known from the CSV only come without their type: one liquidated, one not."""
    for status in ("Liquidated", "Unliquidated"):
        for entry in [e for e in alone if e.status == status][:1]:
            entry.kind, entry.verdict, entry.type_seen = "type not in files", "type_unknown", False


def _june(folder: Folder, entries: list[Entry], headers: list[str]) -> None:
    later = folder.recipe.extracted_later
    title: list[list[Cell]] = [
        ["ES-003 Entry Summary Line Tariff Details"],
        [f"Run Date: {later:%m/%d/%Y}"],
        [],
    ]
    table = lines_table(entries, headers, later=True)
    columns.write_workbook(folder.path / JUNE_FILE, {SHEET: [*title, *table]}, made_on=later)
    folder.note(JUNE_FILE, SHEET, len(table) - 1)


def _brokers_cell(row: Row, header: str, changes: Changes) -> Cell:
    """The broker's version of a cell."""
    changed = changes.get(row.entry.number)
    if changed and changed[0] == header:
        return changed[1](row)
    if header == "Entry Type Code" and not row.entry.type_seen:
        return None
    return columns.EVERY[header](row)


def _amount(value: Cell) -> Cell:
    return f"${value:,.2f}" if isinstance(value, Decimal) else value


def _gateway(folder: Folder, entries: list[Entry], changes: Changes) -> None:
    """A CSV that went through Excel: leading zeros gone, some kept by a formula, one number in powers."""
    table: list[list[Cell]] = [list(columns.GATEWAY)]
    shown = [e for e in entries if e.kind == "cycle" and e.mfn_seen and e.number not in changes]
    broken = shown[0] if shown else None
    refused = 0
    for place, row in enumerate(columns.rows(entries)):
        cells = [
            _excelled(header, _brokers_cell(row, header, changes), place)
            for header in columns.GATEWAY.values()
        ]
        if row.entry is broken:
            cells[0] = f"{float(row.entry.number):.2E}"
            refused += 1
            problem = {
                "file": GATEWAY_FILE,
                "sheet": None,
                "row": place + 2,
                "column": "Entry No.",
                "value": cells[0],
            }
            folder.injected.problems.append({**problem, "kind": "digits lost"})
        table.append(cells)
    total = sum((row.ordinal.duty_cents for row in columns.rows(entries)), 0)
    last: list[Cell] = ["Total", *[None] * 10, _amount(columns.dollars(total)), None, None]
    table += [[None] * len(columns.GATEWAY), last]
    columns.write_csv(folder.path / GATEWAY_FILE, table)
    folder.note(GATEWAY_FILE, None, len(table) - 1, refused=refused, blank=2)


def _excelled(header: str, value: Cell, place: int) -> Cell:
    """What Excel leaves of a cell in a CSV."""
    if isinstance(value, date):
        return f"{value.month}/{value.day}/{value.year}"
    if header == "Entry Summary Number" and place % 5 == 0:
        return f'="{value}"'
    numeric = header in ("Entry Summary Number", "Entry Type Code", "Port of Entry Code", "HTS Number - Full")
    if numeric and isinstance(value, str) and value.isdigit():
        return int(value)
    return _amount(value)


def _flint(folder: Folder, entries: list[Entry], changes: Changes) -> None:
    """A workbook for people: title rows, dashes, dots, months in words, the header once more, a total."""
    title: list[list[Cell]] = [
        ["Flint Valley Customs Brokers"],
        [f"Entry detail for {folder.spec.name}"],
        [f"Prepared {folder.recipe.extracted_on:%m/%d/%Y}"],
        [],
    ]
    body: list[list[Cell]] = []
    rows = list(columns.rows(entries))
    unread = next(
        (r for r in rows if not r.entry.mfn_seen and r.place > 1 and r.ordinal.role == "ieepa"), None
    )
    for place, row in enumerate(rows):
        if place == len(rows) // 2:
            body.append(list(columns.FLINT_VALLEY))
        cells = [
            _for_people(header, _brokers_cell(row, header, changes))
            for header in columns.FLINT_VALLEY.values()
        ]
        if unread is not None and row == unread:
            cells[list(columns.FLINT_VALLEY.values()).index("Line Tariff Duty Amount")] = "see 7501"
            row.entry.unread.add((row.line.number, row.place))
            problem = {
                "file": FLINT_FILE,
                "sheet": FLINT_SHEET,
                "row": len(title) + len(body) + 2,
                "column": "Duty Amount",
            }
            folder.injected.problems.append({**problem, "value": "see 7501", "kind": "no amount"})
        body.append(cells)
    total = columns.dollars(sum(row.ordinal.duty_cents for row in rows))
    body.append(["Total", *[None] * 11, _amount(total), None, None])
    notes: list[list[Cell]] = [["Amounts as filed. Corrections after filing are not shown."]]
    sheets: dict[str, columns.Table] = {
        FLINT_SHEET: [*title, list(columns.FLINT_VALLEY), *body],
        "Notes": notes,
    }
    columns.write_workbook(folder.path / FLINT_FILE, sheets, made_on=folder.recipe.extracted_on)
    folder.note(FLINT_FILE, FLINT_SHEET, len(body), blank=2)


def _for_people(header: str, value: Cell) -> Cell:
    if isinstance(value, date):
        return f"{value:%d-%b-%Y}"
    if header == "Entry Summary Number" and isinstance(value, str):
        return f"{value[:3]}-{value[3:10]}-{value[10:]}"
    if header == "HTS Number - Full" and isinstance(value, str):
        return ".".join(part for part in (value[:4], value[4:6], value[6:]) if part)
    return _amount(value)


def _claims(folder: Folder) -> None:
    """ES-022: the declarations CBP accepted; no refund has been paid yet."""
    told = [entry for entry in folder.entries if entry.claim_result]
    table: list[list[Cell]] = [list(ES_022)]
    for entry in told:
        cells: dict[str, Cell] = {
            "Claim Number": entry.claim_number,
            "Claim Status": "Accepted",
            "Filer Code": entry.filer,
            "Importer Number": entry.importer,
            "Entry Summary Number": entry.number,
            "Entry Date": entry.entry_date,
            "Liquidation Date": entry.liquidated,
        }
        table.append([cells.get(header) for header in ES_022])
    columns.write_workbook(folder.path / CLAIMS_FILE, {SHEET: table}, made_on=folder.recipe.extracted_on)
    folder.note(CLAIMS_FILE, SHEET, len(told))


# --- the whole folder -------------------------------------------------------------------------------------


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
    columns.write_text(path / "client.toml", client_toml(spec, recipe))
    if folder.facts:
        columns.write_csv(path / "facts.csv", [("entry_number", "fact", "value", "note"), *folder.facts])
    interest = truth.Interest(spec.importer_class, at.registry)
    book = Book(spec, recipe, at.registry, frozenset(folder.payment_seen), interest)
    columns.write_json(
        path / "truth" / "truth.json", truth.the_truth(book, folder.entries, folder.injected, seed)
    )
    columns.write_text(path / "truth" / "README.md", TRUTH_NOTE)
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
