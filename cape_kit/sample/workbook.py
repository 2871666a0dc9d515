"""Plain .xlsx workbooks with XlsxWriter: the same rows give the same bytes, on any day."""

from __future__ import annotations

import io
from collections.abc import Iterable
from datetime import date, datetime
from decimal import Decimal

import xlsxwriter

from cape_kit.sample.columns import Cell


def workbook(sheets: dict[str, Iterable[Iterable[Cell]]], *, made_on: date) -> bytes:
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
