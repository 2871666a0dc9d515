"""Writes the workbooks and the letter among the files of any shape: python -m tests.golden.any_file.build."""

import zipfile
from datetime import date
from pathlib import Path

from openpyxl import Workbook

from tests.numbers import numbered

HERE = Path(__file__).parent
WORD = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
LETTER = f"""<?xml version="1.0" encoding="UTF-8"?><w:document xmlns:w="{WORD}"><w:body><w:p><w:r>
<w:t>Dear Ann, please find our engagement letter for the refunds.</w:t></w:r></w:p></w:body></w:document>"""
DAY, LIQUIDATED = date(2025, 6, 14), date(2026, 4, 24)


def two_rows():
    """A header over two rows, its groups in merged cells."""
    book = Workbook()
    sheet = book.active
    sheet.title = "Lines"
    sheet["A1"] = "IEEPA duty by line, prepared for Acme Inc"
    groups = (("A", "B", "Entry"), ("C", "E", "Goods"), ("F", "G", "IEEPA Fentanyl"), ("H", "I", "IEEPA Reciprocal"),
              ("J", "K", "Liquidation"))  # fmt: skip
    for first, last, name in groups:
        sheet[f"{first}3"] = name
        sheet.merge_cells(f"{first}3:{last}3")
    rows = [
        ["Number", "Date", "HTS", "C/O", "Value", "HTS", "Duty", "HTS", "Duty", "Status", "Date"],
        [numbered("316", 5100001), DAY, "3923.90.0080", "CN", 10000, "9903.01.24", 2000, "9903.01.25", 1000,
         "Liquidated", LIQUIDATED],
    ]  # fmt: skip
    for number, row in enumerate(rows, start=4):
        for column, value in enumerate(row, start=1):
            sheet.cell(number, column, value)
    book.save(HERE / "header_over_two_rows_merged/book.xlsx")


def working_file():
    """Data, a summary by month, notes, and a hidden sheet with data."""
    book = Workbook()
    data = book.active
    data.title = "Data"
    number = numbered("K12", 5100001)
    data.append(["Entry No", "Entry Dt", "HTS No", "Duty Paid"])
    data.append([number, DAY, "9903.01.25", 100])
    data.append([number, DAY, "3923.90.0080", 30])
    month = book.create_sheet("By month")
    for row in (["Row Labels", "Sum of Duty Paid"], ["Jun", 130], ["Grand Total", 130]):
        month.append(row)
    notes = book.create_sheet("Notes")
    notes.append(["Ask the broker about July."])
    old = book.create_sheet("2024")
    old.append(["Entry No", "Entry Dt", "HTS No", "Duty Paid"])
    old.append([numbered("K12", 4100001), date(2024, 6, 14), "3923.90.0080", 77])
    old.sheet_state = "hidden"
    book.save(HERE / "hidden_sheet_and_summary/working file.xlsx")


def merged():
    """The entry number merged over the rows of its lines."""
    book = Workbook()
    sheet = book.active
    sheet.title = "Sheet1"
    sheet.append(["Entry No.", "Entry Date", "HTS", "Duty"])
    sheet.append([numbered("K12", 5100001), DAY, "9903.01.25", 100])
    sheet.append([None, None, "3923.90.0080", 30])
    sheet.merge_cells("A2:A3")
    sheet.merge_cells("B2:B3")
    book.save(HERE / "merged_entry_cells/merged.xlsx")


def letter():
    """The smallest Word file there is."""
    with zipfile.ZipFile(HERE / "a_letter_in_word/engagement letter.docx", "w") as archive:
        archive.writestr("[Content_Types].xml", "<Types/>")
        archive.writestr("word/document.xml", LETTER)


if __name__ == "__main__":
    two_rows()
    working_file()
    merged()
    letter()
