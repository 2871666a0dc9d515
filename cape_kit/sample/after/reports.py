"""The reports CBP hands out after filing, from a story: claim details, ES-022, REV-603, REV-613, REV-615."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from cape_kit.sample import write
from cape_kit.sample.after.story import Due, Story
from cape_kit.sample.columns import Cell, dollars
from cape_kit.sample.messy import ES_022

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
    write.text(path, "\ufeff" + "\r\n".join(rows) + "\r\n")
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
    write.workbook(path, {"Report": [*body, list(REV_603), *table]}, made_on=run)
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
    write.text_csv(path, [list(REV_613), *rows])
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
    write.workbook(path, {sheet: [*preamble, list(headers), *table]}, made_on=run)
    return len(table)
