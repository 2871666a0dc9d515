"""The files of a client as plain grids: read with csv and openpyxl, cut down, changed, written again.

Nothing of the kit is used here: this is the other pair of eyes.
"""

import csv
import io
import re
from dataclasses import dataclass, field, replace
from pathlib import Path

import openpyxl

SAMPLES = Path(__file__).parents[2] / "data" / "sample"
#: Headers that hold the number of the entry; every row of a file is tagged by it before anything is changed.
ENTRY = ("Entry Summary Number", "Entry Number", "Entry No.", "ENTRY_NUMBER")
BOM = "\ufeff"


@dataclass(frozen=True)
class Row:
    """A data row and the entry it was about before anything was changed ('' where it never was about one)."""

    entry: str
    cells: tuple

    def but(self, place, value):
        return replace(self, cells=(*self.cells[:place], value, *self.cells[place + 1 :]))


@dataclass(frozen=True)
class Table:
    """One file: what stands above its header, the header, its rows, and the sheets that hold no rows."""

    name: str
    header: tuple
    rows: tuple
    above: tuple = ()
    sheet: str | None = None
    bom: bool = False
    other_sheets: dict = field(default_factory=dict, hash=False, compare=False)

    @property
    def is_csv(self):
        return self.name.endswith(".csv")

    @property
    def entries(self):
        return sorted({row.entry for row in self.rows} - {""})

    def place(self, header):
        return self.header.index(header)

    def only(self, numbers):
        return replace(self, rows=tuple(row for row in self.rows if row.entry in numbers or not row.entry))

    def first_line(self):
        """Row of the file, as a person counts, on which the first data row stands."""
        return len(self.above) + 2

    def lines_of(self, entry):
        """Rows of the file, as a person counts, that are about an entry."""
        return [self.first_line() + place for place, row in enumerate(self.rows) if row.entry == entry]

    def without(self, header):
        place = self.place(header)
        rows = tuple(replace(r, cells=r.cells[:place] + r.cells[place + 1 :]) for r in self.rows)
        return replace(self, header=self.header[:place] + self.header[place + 1 :], rows=rows)

    def renamed(self, header, name):
        return replace(self, header=tuple(name if one == header else one for one in self.header))

    def mapped(self, header, change, entries=None):
        """The table with one column's cells changed, in all rows or in those of some entries."""
        place = self.place(header)
        rows = tuple(
            row.but(place, change(row.cells[place])) if entries is None or row.entry in entries else row
            for row in self.rows
        )
        return replace(self, rows=rows)


def plain_number(cell):
    """An entry number as 11 characters, whatever a spreadsheet or broker did to it; '' for anything else."""
    text = re.sub(r'[="\s-]', "", str(cell or "")).upper()
    text = text.zfill(11) if text.isdigit() and 9 <= len(text) <= 11 else text
    return text if re.fullmatch(r"[A-Z0-9]{3}\d{8}", text) else ""


def load(client):
    """The data files of a committed sample client."""
    folder = SAMPLES / client
    files = (p for p in sorted(folder.iterdir()) if p.suffix in {".csv", ".xlsx"} and p.name != "facts.csv")
    return [_read_csv(path) if path.suffix == ".csv" else _read_workbook(path) for path in files]


def grid(path):
    """Every cell of a file's data sheet, as csv or openpyxl give it."""
    if path.suffix == ".csv":
        text = path.read_bytes().decode("utf-8")
        return None, [tuple(row) for row in csv.reader(io.StringIO(text.removeprefix(BOM), newline=""))], {}
    book = openpyxl.load_workbook(path)
    sheets = {sheet.title: list(sheet.iter_rows(values_only=True)) for sheet in book.worksheets}
    book.close()
    name = max(sheets, key=lambda title: len(sheets[title]))
    return name, sheets.pop(name), sheets


def _read_csv(path):
    _, rows, _ = grid(path)
    bom = path.read_bytes().startswith(BOM.encode())
    return _table(path.name, rows, bom=bom)


def _read_workbook(path):
    sheet, rows, others = grid(path)
    return _table(path.name, rows, sheet=sheet, other_sheets=others)


def _table(name, rows, **rest):
    head = next(place for place, row in enumerate(rows) if any(cell in ENTRY for cell in row))
    header = rows[head]
    number = next(place for place, cell in enumerate(header) if cell in ENTRY)
    data = tuple(Row(plain_number(row[number]), tuple(row)) for row in rows[head + 1 :])
    return Table(name=name, header=tuple(header), rows=data, above=tuple(rows[:head]), **rest)


def write(tables, folder):
    """The tables as files in a folder, in the layout they were read in."""
    for table in tables:
        rows = [*table.above, table.header, *(row.cells for row in table.rows)]
        path = folder / table.name
        if table.is_csv:
            out = io.StringIO(newline="")
            csv.writer(out, lineterminator="\n").writerows(rows)
            path.write_bytes(((BOM if table.bom else "") + out.getvalue()).encode("utf-8"))
        else:
            _write_workbook(path, {table.sheet: rows, **table.other_sheets})


def _write_workbook(path, sheets):
    book = openpyxl.Workbook(write_only=True)
    for title, rows in sheets.items():
        sheet = book.create_sheet(title)
        for row in rows:
            sheet.append(row)
    book.save(path)
