"""Client folders for tests: a clean export of a few entries, and ways to write it down."""

import csv
import io

from openpyxl import Workbook

from tests.numbers import numbered

HEADERS = [
    "Entry Summary Number", "Entry Type Code", "Importer Number", "Port of Entry Code", "Entry Date",
    "Entry Summary Line Number", "Country of Origin Code", "Tariff Ordinal Number", "HTS Number - Full",
    "Line Tariff Goods Value Amount", "Line Tariff Duty Amount", "Liquidation Status", "Liquidation Date",
]  # fmt: skip
CLIENT = 'name = "Test Importer"\n'
#: Broker 016's numbers lose their zero when a spreadsheet takes them for numbers.
NUMBERS = [numbered("B76", 32452), numbered("016", 50), numbered("9QX", 7654321), numbered("016", 1234567)]
STACK = [("99030124", "0.00", "2000.00"), ("99030125", "0.00", "1000.50"), ("3923900080", "10000.00", "0.00")]


def clean_rows():
    """Rows of a clean ES-003 with liquidation columns: four entries, two of them with two lines."""
    rows = []
    for index, number in enumerate(NUMBERS):
        for line in range(1, 2 + index % 2):
            for ordinal, amounts in enumerate(STACK, start=1):
                entry = [number, "01", "12-345678900", "2704", f"0{index + 3}/15/2025"]
                liquidated = ("Liquidated", "03/13/2026") if index % 2 else ("Pending", "")
                rows.append([*entry, str(line), "CN", str(ordinal), *amounts, *liquidated])
    return rows


def as_csv(rows, separator=","):
    out = io.StringIO(newline="")
    csv.writer(out, delimiter=separator).writerows(rows)
    return out.getvalue()


def workbook(path, rows, sheet="Main Report"):
    """A workbook of those rows; text that begins with an equals sign stays text."""
    book = Workbook()
    book.active.title = sheet
    for row in rows:
        book.active.append(row)
    cells = (cell for row in book.active.iter_rows() for cell in row)
    for cell in (cell for cell in cells if cell.data_type == "f"):
        cell.data_type = "s"
    book.save(path)


def folder(path, files, toml=CLIENT):
    """A client's folder: file name -> text, bytes or rows (a CSV or a workbook, by the name)."""
    path.mkdir(parents=True, exist_ok=True)
    (path / "client.toml").write_text(toml, encoding="utf-8")
    for name, content in files.items():
        (path / name).parent.mkdir(parents=True, exist_ok=True)
        if isinstance(content, list) and name.endswith(".xlsx"):
            workbook(path / name, content)
        elif isinstance(content, bytes):
            (path / name).write_bytes(content)
        else:
            text = as_csv(content) if isinstance(content, list) else content
            (path / name).write_bytes(text.encode("utf-8"))
    return path
