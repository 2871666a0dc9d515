"""What stands in the files: under which header a report shows which fact; the same rows always give the same bytes."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import xlsxwriter

from cape_kit.sample.facts import Entry, Line, Ordinal

# --- under which header a report shows which fact ---------------------------------------------------------


Cell = str | int | Decimal | date | None


@dataclass(frozen=True)
class Row:
    """One row of a line-level export; `later` when the second extract is meant."""

    entry: Entry
    line: Line
    place: int
    ordinal: Ordinal
    later: bool = False


Getter = Callable[[Row], Cell]


def dollars(cents: int) -> Decimal:
    """Cents as an amount with two decimals. [dollars]"""
    return Decimal(cents).scaleb(-2)


def yes_no(flag: bool) -> str:
    """A flag as ACE prints it."""
    return "Y" if flag else "N"


def status(row: Row) -> str | None:
    """Liquidation status at the time of the extract."""
    return row.entry.later_status if row.later else row.entry.status


def liquidation(row: Row) -> date | None:
    """Liquidation day at the time of the extract."""
    return row.entry.later_liquidated if row.later else row.entry.liquidated


#: The stock report: 27 columns in their fixed order.
STOCK: dict[str, Getter] = {
    "Entry Summary Number": lambda r: r.entry.number,
    "Entry Type Code": lambda r: r.entry.entry_type,
    "Importer Number": lambda r: r.entry.importer,
    "Port of Entry Code": lambda r: r.entry.port,
    "Entry Date": lambda r: r.entry.entry_date,
    "Entry Summary Date": lambda r: r.entry.summary_date,
    "Initial Entry Summary Create Date": lambda r: r.entry.create_date,
    "Entry Summary Line Number": lambda r: r.line.number,
    "Review Team Number": lambda r: "7" + r.entry.port[-2:],
    "Country of Origin Code": lambda r: r.line.origin,
    "Country of Export Code": lambda r: r.line.export,
    "Manufacturer ID": lambda r: r.line.maker,
    "Foreign Exporter ID": lambda r: None,
    "Line SPI Code": lambda r: r.line.spi or None,
    "Standard Visa Number": lambda r: None,
    "Textile Category Code": lambda r: None,
    "Textile Category": lambda r: None,
    "Tariff Ordinal Number": lambda r: r.place,
    "HTS Number - Full": lambda r: r.ordinal.hts,
    "Line Tariff Quantity (1)": lambda r: r.line.quantity if r.ordinal.role == "goods" else None,
    "Line Tariff UOM (1) Code": lambda r: r.line.unit if r.ordinal.role == "goods" else None,
    "Line Tariff Quantity (2)": lambda r: None,
    "Line Tariff UOM (2) Code": lambda r: None,
    "Line Tariff Quantity (3)": lambda r: None,
    "Line Tariff UOM (3) Code": lambda r: None,
    "Line Tariff Goods Value Amount": lambda r: dollars(r.ordinal.value_cents),
    "Line Tariff Duty Amount": lambda r: dollars(r.ordinal.duty_cents),
}

#: Objects a consultant adds to it.
ADDED: dict[str, Getter] = {
    "Liquidation Status": status,
    "Liquidation Date": liquidation,
    "Importer Name": lambda r: r.entry.importer_name,
    "Entry Summary Status": lambda r: r.entry.summary_status,
    "Control Status": lambda r: r.entry.control,
    "Reconciliation Indicator": lambda r: yes_no(r.entry.recon_flag),
    "Reconciliation (Other) Due Date": lambda r: r.entry.recon_due,
    "Reconciliation (Other) Entry Summary Number": lambda r: r.entry.recon_entry,
    "Protest Number": lambda r: r.entry.protest_number,
    "Protest Status": lambda r: r.entry.protest_status,
    "Post Summary Correction Indicator": lambda r: yes_no(r.entry.psc),
    "Drawback Indicator": lambda r: yes_no(r.entry.drawback),
    "AD/CVD Case Number": lambda r: r.entry.adcvd_case,
    "Suspension Indicator": lambda r: yes_no(r.entry.suspension_record),
    "Monthly Payment Status": lambda r: r.entry.statement_status or "PD",
    "Column 1 Current Primary Duty Rate": lambda r: r.line.mfn if r.ordinal.role == "goods" else None,
}

COLLECTION: dict[str, Getter] = {"Collection Date": lambda r: r.entry.payment_date}

#: One broker's own sheet, and another's.
GATEWAY: dict[str, str] = {
    "Entry No.": "Entry Summary Number",
    "Type Code": "Entry Type Code",
    "IOR Number": "Importer Number",
    "Port": "Port of Entry Code",
    "Entry Date": "Entry Date",
    "Summary Date": "Entry Summary Date",
    "Line No.": "Entry Summary Line Number",
    "Tariff Ordinal": "Tariff Ordinal Number",
    "HTS Code": "HTS Number - Full",
    "COO": "Country of Origin Code",
    "Entered Value": "Line Tariff Goods Value Amount",
    "Duty Amount": "Line Tariff Duty Amount",
    "Liq. Status": "Liquidation Status",
    "Liq. Date": "Liquidation Date",
}
FLINT_VALLEY: dict[str, str] = {
    "Entry Number": "Entry Summary Number",
    "Entry Type": "Entry Type Code",
    "Importer of Record Number": "Importer Number",
    "Port of Entry": "Port of Entry Code",
    "Entry Date": "Entry Date",
    "Summary Date": "Entry Summary Date",
    "Date Paid": "Collection Date",
    "Line": "Entry Summary Line Number",
    "Tariff Ordinal": "Tariff Ordinal Number",
    "HTS Number": "HTS Number - Full",
    "Country of Origin": "Country of Origin Code",
    "Goods Value": "Line Tariff Goods Value Amount",
    "Duty Amount": "Line Tariff Duty Amount",
    "Liquidation Status": "Liquidation Status",
    "Liquidation Date": "Liquidation Date",
}

#: A report by entry that adds what the stock report lacks.
LIQUIDATION_REPORT = (
    "Entry Summary Number",
    "Importer Number",
    "Entry Date",
    "Liquidation Status",
    "Liquidation Date",
    "Entry Summary Status",
    "Control Status",
    "Reconciliation Indicator",
    "Reconciliation (Other) Entry Summary Number",
    "Protest Number",
    "Protest Status",
    "Suspension Indicator",
)

EVERY: dict[str, Getter] = {**STOCK, **ADDED, **COLLECTION}


def rows(entries: Iterable[Entry], *, later: bool = False) -> Iterator[Row]:
    """Entry by entry, line by line, ordinal by ordinal, as ACE lists them."""
    for entry in entries:
        for line in entry.lines:
            for place, ordinal in enumerate(line.ordinals, start=1):
                yield Row(entry, line, place, ordinal, later)


def cells(row: Row, headers: Iterable[str]) -> list[Cell]:
    """The row's cells under the given ACE headers."""
    return [EVERY[header](row) for header in headers]


# --- files, byte by byte the same -------------------------------------------------------------------------


Table = Iterable[Iterable[Cell]]


def write_workbook(path: Path, sheets: dict[str, Table], *, made_on: date) -> None:
    """An .xlsx with the given sheets; its own dates are the day of the export."""
    path.write_bytes(workbook_bytes(sheets, made_on=made_on))


def write_csv(path: Path, table: Table, *, bom: bool = False) -> None:
    """A comma-separated file with CRLF line ends, as portals hand them out."""
    out = io.StringIO(newline="")
    writer = csv.writer(out)
    for row in table:
        writer.writerow(["" if value is None else value for value in row])
    path.write_bytes(out.getvalue().encode("utf-8-sig" if bom else "utf-8"))


def write_text(path: Path, content: str) -> None:
    """A text file with plain line ends."""
    path.write_bytes(content.encode("utf-8"))


def write_json(path: Path, content: dict[str, Any]) -> None:
    """JSON, one entry of the main list a line, so that a change shows as a change of lines."""
    lines = []
    for key, value in content.items():
        if key == "entries":
            body = ",\n".join(json.dumps(item, separators=(",", ":")) for item in value)
            lines.append(f'"entries":[\n{body}\n]')
        else:
            lines.append(f"{json.dumps(key)}:{json.dumps(value, separators=(',', ':'))}")
    write_text(path, "{\n" + ",\n".join(lines) + "\n}\n")


def workbook_bytes(sheets: dict[str, Iterable[Iterable[Cell]]], *, made_on: date) -> bytes:
    """The bytes of an .xlsx with these sheets; its own date is the day of the export.

    Texts stay texts, whatever they look like: an export's ``="…"`` must reach the file as it stands.
    """
    out = io.BytesIO()
    with xlsxwriter.Workbook(out, {"in_memory": True}) as book:
        book.set_properties({"author": "synthetic sample", "created": datetime(*made_on.timetuple()[:3])})  # noqa: DTZ001
        formats = {
            date: book.add_format({"num_format": "mm/dd/yyyy"}),
            Decimal: book.add_format({"num_format": "#,##0.00"}),
        }
        for title, table in sheets.items():
            sheet = book.add_worksheet(title)
            for row, cells in enumerate(table):
                for column, value in enumerate(cells):
                    if isinstance(value, str):
                        sheet.write_string(row, column, value)
                    elif isinstance(value, date):
                        sheet.write_datetime(row, column, value, formats[date])
                    elif value is not None:
                        sheet.write_number(
                            row, column, value, formats[Decimal] if isinstance(value, Decimal) else None
                        )
    return out.getvalue()
