"""The files of a client in good order: one complete workbook, or a stock one and a liquidation report."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from random import Random

from cape_kit.sample import columns, write
from cape_kit.sample.columns import Cell
from cape_kit.sample.facts import Entry
from cape_kit.sample.recipe import ClientSpec, Recipe
from cape_kit.sample.truth import Injected

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
    write.workbook(folder.path / name, {SHEET: table}, made_on=extract)
    folder.note(name, SHEET, len(table) - 1)
    _claim_details(folder)
    by_hand(folder)


def _claim_details(folder: Folder) -> None:
    """What CAPE's claim-status page hands out: every number wrapped against Excel."""
    told = [entry for entry in folder.entries if entry.claim_result]
    rows = ["ENTRY_NUMBER,CLAIM_NUMBER,STATUS,ERROR_DESCRIPTION"]
    rows += [f'="{e.number}",="{e.claim_number}",{e.claim_result},{e.claim_error or ""}' for e in told]
    name = "CAPE claim details.csv"
    write.text(folder.path / name, "\ufeff" + "\r\n".join(rows) + "\r\n")
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
    write.workbook(folder.path / name, {SHEET: table}, made_on=extract)
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


def _liquidation_report(folder: Folder, told: list[Entry], blank: list[Entry]) -> None:
    rows: list[list[Cell]] = [list(columns.LIQUIDATION_REPORT)]
    for entry in told:
        row = columns.cells(next(columns.rows([entry])), columns.LIQUIDATION_REPORT)
        if entry in blank:
            row[columns.LIQUIDATION_REPORT.index("Liquidation Date")] = None
        rows.append([cell.strftime("%m/%d/%Y") if isinstance(cell, date) else cell for cell in row])
    name = "liquidation_report.csv"
    write.text_csv(folder.path / name, rows, bom=True)
    folder.note(name, None, len(told))
