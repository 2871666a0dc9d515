"""The files of a client in disorder: two brokers and the importer's own exports, overlapping, disagreeing."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from cape_kit.sample import columns, write
from cape_kit.sample.columns import Cell, Row
from cape_kit.sample.exports import SHEET, Folder, by_hand, lines_table, seen_as_they_are
from cape_kit.sample.facts import Entry

GATEWAY_FILE = "gateway_entries.csv"
FLINT_FILE = "Flint Valley entry detail.xlsx"
FLINT_SHEET = "Entry detail"
MAY_FILE = "ACE ES-003 may.xlsx"
JUNE_FILE = "ACE ES-003 june.xlsx"
CLAIMS_FILE = "ES-022 CAPE Entry Summary.xlsx"
#: Entry number -> the ACE header a broker fills otherwise, and with what.
Told = dict[str, tuple[str, Callable[[Row], Cell]]]
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
    write.workbook(folder.path / MAY_FILE, {SHEET: table}, made_on=recipe.extracted_on)
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


def _disagree(folder: Folder, ace: list[Entry], filers: tuple[str, str]) -> Told:
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
    told: Told = {}
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
    write.workbook(folder.path / JUNE_FILE, {SHEET: [*title, *table]}, made_on=later)
    folder.note(JUNE_FILE, SHEET, len(table) - 1)


def _told(row: Row, header: str, told: Told) -> Cell:
    """The broker's version of a cell."""
    changed = told.get(row.entry.number)
    if changed and changed[0] == header:
        return changed[1](row)
    if header == "Entry Type Code" and not row.entry.type_seen:
        return None
    return columns.EVERY[header](row)


def _amount(value: Cell) -> Cell:
    return f"${value:,.2f}" if isinstance(value, Decimal) else value


def _gateway(folder: Folder, entries: list[Entry], told: Told) -> None:
    """A CSV that went through Excel: leading zeros gone, some kept by a formula, one number in powers."""
    table: list[list[Cell]] = [list(columns.GATEWAY)]
    shown = [e for e in entries if e.kind == "cycle" and e.mfn_seen and e.number not in told]
    broken = shown[0] if shown else None
    refused = 0
    for place, row in enumerate(columns.rows(entries)):
        cells = [_excelled(header, _told(row, header, told), place) for header in columns.GATEWAY.values()]
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
    write.text_csv(folder.path / GATEWAY_FILE, table)
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


def _flint(folder: Folder, entries: list[Entry], told: Told) -> None:
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
        cells = [_for_people(header, _told(row, header, told)) for header in columns.FLINT_VALLEY.values()]
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
    sheets: dict[str, write.Table] = {
        FLINT_SHEET: [*title, list(columns.FLINT_VALLEY), *body],
        "Notes": notes,
    }
    write.workbook(folder.path / FLINT_FILE, sheets, made_on=folder.recipe.extracted_on)
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
    write.workbook(folder.path / CLAIMS_FILE, {SHEET: table}, made_on=folder.recipe.extracted_on)
    folder.note(CLAIMS_FILE, SHEET, len(told))
