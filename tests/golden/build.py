"""Writes the workbooks among the goldens: python -m tests.golden.build."""

from datetime import date
from pathlib import Path

from openpyxl import Workbook

HERE = Path(__file__).parent
ES003 = [
    "Entry Summary Number", "Entry Type Code", "Importer Number", "Port of Entry Code", "Entry Date",
    "Entry Summary Line Number", "Country of Origin Code", "Tariff Ordinal Number", "HTS Number - Full",
    "Line Tariff Goods Value Amount", "Line Tariff Duty Amount", "Liquidation Status", "Liquidation Date",
]  # fmt: skip
WIDE = [
    "Entry Number", "Entry Date", "Line No.", "HTS", "Country of Origin", "Entered Value (USD)", "Base Duty",
    "Section 301 HTS", "Section 301 Duty", "IEEPA Fentanyl HTS", "IEEPA Fentanyl Duty",
    "IEEPA Reciprocal Duty",
]  # fmt: skip
REV603 = [
    "Refund ID", "Payee ID", "Company Name", "C/O", "Address", "Refund Date", "Refund Status",
    "Refund Secondary Status", "Refund Type", "Document Number", "Total Refund Amount",
    "Check/ACH Trace Number", "Check or ACH", "Center ID", "Team Number", "Port Code",
]  # fmt: skip


def es003_extended():
    book = Workbook()
    main = book.active
    main.title = "Main Report"
    main["B2"] = "ES-003 Entry Summary Line Tariff Details"
    main.merge_cells("B2:F2")
    day, liquidated = date(2025, 4, 15), date(2026, 3, 13)
    rows = [
        ES003,
        [
            "B7603245278",
            1,
            "12-345678900",
            2704,
            day,
            1,
            "CN",
            1,
            99030124,
            0,
            2000,
            "Liquidated",
            liquidated,
        ],
        [
            "B7603245278",
            1,
            "12-345678900",
            2704,
            day,
            1,
            "CN",
            2,
            3923900080,
            10000,
            300.1,
            "Liquidated",
            liquidated,
        ],
        ES003,
        [1600005043, 6, "12-345678900", 401, day, 1, "CN", 1, "9903.01.24", 0, "$10.50", "Pending", None],
        [None] * 13,
        ["Grand Total", *[None] * 8, 10000, 2310.6, None, None],
    ]
    for number, row in enumerate(rows, start=4):
        for column, value in enumerate(row, start=1):
            main.cell(number, column, value)
    prompts = book.create_sheet("Parameters")
    prompts["A4"] = "Report Parameters:"
    prompts["A5"], prompts["B5"] = "Entry Date From", "02/04/2025"
    prompts["A6"], prompts["B6"] = "Entry Date To", "02/23/2026"
    prompts["A7"], prompts["B7"] = "Run Date", date(2026, 5, 5)
    hidden = book.create_sheet("Old")
    hidden.append(ES003)
    hidden.append(rows[1])
    hidden.sheet_state = "hidden"
    book.save(HERE / "es003_extended/input.xlsx")


def wide():
    book = Workbook()
    sheet = book.active
    sheet.append(WIDE)
    sheet.append(
        [
            "316-2509314-6",
            "04/15/2025",
            1,
            "3923.90.0080",
            "CN",
            10000,
            300,
            "9903.88.03",
            2500,
            "9903.01.24",
            2000,
            1000,
        ]
    )
    sheet.append(["316-2509314-6", "04/15/2025", 2, "3923.90.0080", "VN", 500, 15, None, 0, None, 0, 0])
    book.save(HERE / "wide/input.xlsx")


def rev603():
    book = Workbook()
    sheet = book.active
    sheet.title = "Report"
    sheet["A1"] = "REV-603 Trade Refund Report"
    sheet["A3"] = "Report Date: 08/01/2026"
    for column, header in enumerate(REV603, start=1):
        sheet.cell(6, column, header)
    row = [
        "R0001234", "12-345678900", "ACME INC", None, "1 MAIN ST", "07/24/2026", "Complete",
        "Funds Diverted", "CAPE", "D1", 3210.55, "091000010000001", "ACH", "CEE003", "A01", "2704",
    ]  # fmt: skip
    for column, value in enumerate(row, start=1):
        sheet.cell(7, column, value)
    sheet["A8"] = "Total"
    sheet["K8"] = 3210.55
    book.save(HERE / "rev603/input.xlsx")


if __name__ == "__main__":
    es003_extended()
    wide()
    rev603()
