"""The clients' entries on paper: CBP Form 7501 as PDF in four layouts, with the truth of what stands on it.

Layouts are data (paper.toml). Written with reportlab, which the analyst does not need: it is asked for when
somebody prints. Same entries, same bytes.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal
from functools import cache
from importlib import resources
from itertools import pairwise
from pathlib import Path
from typing import Any

from cape_kit.errors import CapeError
from cape_kit.sample.facts import Entry, Line, Ordinal, percent_of

HEIGHT, WIDTH = 792.0, 612.0
CAPTION_SIZE, LEADING = 5.6, 6.6
#: Fees by their class code: what CBP's form calls them, and what brokers call them for short.
FEES = {"499": ("MERCHANDISE PROCESSING FEE", "MPF"), "501": ("HARBOR MAINTENANCE FEE", "HMF")}
ADCVD = {"A": ("012", "ANTIDUMPING DUTY"), "C": ("013", "COUNTERVAILING DUTY")}

Row = dict[str, str]
Box = Sequence[Any]  # left, top, width, height, caption, field


@dataclass(frozen=True)
class Layout:
    """How one program prints the form, as paper.toml declares it."""

    key: str
    form: str
    value_font: str
    value_size: float
    entry_number: str
    rate: str
    fees: str
    cents_apart: bool
    repeat_value: bool
    country: str
    entries_a_file: int
    boxes: Sequence[Box]
    continued: Sequence[Box]
    heads: Sequence[Box]
    first: Sequence[float]
    further: Sequence[float]
    step: float
    columns: dict[str, Sequence[float]]
    list: bool = False
    bills: bool = False
    ending: Sequence[Box] = ()


@dataclass(frozen=True)
class Summary:
    """One entry as its summary shows it: the money of each line's numbers, the fees, the totals. [cents]"""

    entry: Entry
    fees: dict[str, int]
    adcvd: int
    line_fees: dict[int, dict[str, int]] = field(default_factory=dict)

    @property
    def duty(self) -> int:
        """Duty of all HTS numbers. [cents]"""
        return sum(ordinal.duty_cents for line in self.entry.lines for ordinal in line.ordinals)

    @property
    def value(self) -> int:
        """Entered value of all lines. [cents]"""
        return sum(line.value_cents for line in self.entry.lines)

    @property
    def other(self) -> int:
        """Fees and the deposits of antidumping and countervailing duty. [cents]"""
        return sum(self.fees.values()) + self.adcvd


@cache
def layouts() -> dict[str, Layout]:
    """Every layout by its key."""
    return {key: Layout(key, **raw) for key, raw in _toml()["layout"].items()}


@cache
def _toml() -> dict[str, Any]:
    return tomllib.loads(resources.files("cape_kit.sample").joinpath("paper.toml").read_text("utf-8"))


def summary(entry: Entry) -> Summary:
    """The entry with its fees: by line as they are reckoned, in the total within the least and the most."""
    show = _toml()["show"]
    by_line: dict[int, dict[str, int]] = {}
    for line in entry.lines:
        by_line[line.number] = {"499": percent_of(line.value_cents, Decimal(show["mpf_pct"]))}
        if entry.port not in ("2704", "3001"):
            by_line[line.number]["501"] = percent_of(line.value_cents, Decimal(show["hmf_pct"]))
    fees = {code: sum(fee.get(code, 0) for fee in by_line.values()) for code in FEES}
    fees["499"] = min(max(fees["499"], show["mpf_least"]), show["mpf_most"])
    deposit = percent_of(entry.lines[0].value_cents, Decimal(show["adcvd_pct"])) if entry.adcvd_case else 0
    return Summary(entry, {code: cents for code, cents in fees.items() if cents}, deposit, by_line)


def files(out: Path, entries: Sequence[Entry], key: str) -> list[dict[str, Any]]:
    """Print entries in one layout, as many a file as it has; the truth of each file, in order."""
    layout = layouts()[key]
    told = []
    for start in range(0, len(entries), layout.entries_a_file):
        part = entries[start : start + layout.entries_a_file]
        name = f"7501 {part[0].number}.pdf" if len(part) == 1 else f"7501s {part[0].number} and more.pdf"
        pages = write(out / name, part, key)
        told.append({"file": name, "layout": key, "pages": pages, "entries": [truth(e) for e in part]})
    return told


def truth(entry: Entry) -> dict[str, Any]:
    """What a correct reading of the entry's paper must arrive at. [cents]"""
    printed = summary(entry)
    return {
        "entry_number": entry.number,
        "entry_type": entry.entry_type,
        "entry_date": entry.entry_date.isoformat(),
        "summary_date": entry.summary_date.isoformat(),
        "port": entry.port,
        "importer": entry.importer,
        "totals": {"value": printed.value, "duty": printed.duty, "tax": 0, "other": printed.other},
        "lines": [
            [line.number, place, row.hts, line.origin, _carried(line, row), row.duty_cents]
            for line in entry.lines
            for place, row in enumerate(line.ordinals, start=1)
        ],
    }


def _carried(line: Line, row: Ordinal) -> int:
    """The entered value that counts for a number: the total has the goods' alone. [cents]"""
    return line.value_cents if row.role == "goods" else 0


def write(path: Path, entries: Sequence[Entry], key: str) -> int:
    """One PDF of those entries in a layout; the number of its pages."""
    return draw(path, pages(entries, key), layouts()[key])


# --- what stands where ----------------------------------------------------------------------------
@dataclass
class Word:
    """A piece of text at its left edge (or right, when it ends there) and baseline. [points from the top]"""

    x: float
    y: float
    text: str
    font: str
    size: float
    ends: bool = False
    column: str = ""  # the column of the table it is typed in


@dataclass
class Page:
    """Everything on one page, before it is drawn: tests move, cut and join its words."""

    number: str
    words: list[Word] = field(default_factory=list)
    boxes: list[tuple[float, float, float, float]] = field(default_factory=list)


def pages(entries: Iterable[Entry], key: str) -> list[Page]:
    """The pages of those entries, one entry after the other."""
    layout = layouts()[key]
    return [page for entry in entries for page in _entry_pages(summary(entry), layout)]


def _entry_pages(printed: Summary, layout: Layout) -> Iterator[Page]:
    """First page and continuation sheets: rows go on where the page before ended."""
    values = _values(printed, layout)
    rows = list(_rows(printed, layout))
    room = [int((layout.first[1] - layout.first[0] - _head_height(layout)) / layout.step) - 1]
    more = int((layout.further[1] - layout.further[0] - _head_height(layout)) / layout.step) - 1
    tail = 7 if layout.ending else 0  # rows the totals need after the last line
    while sum(room) < len(rows) + tail:
        room.append(more)
    cuts = [sum(room[:i]) for i in range(len(room) + 1)]
    for index, (start, end) in enumerate(pairwise(cuts)):
        page = Page(printed.entry.number)
        top = (layout.first if index == 0 else layout.further)[0]
        _title(page, layout, index, len(room))
        for box in layout.boxes if index == 0 else layout.continued:
            _box(page, layout, box, values, listed=layout.list)
        for left, down, width, height, caption, _ in layout.heads:
            _box(page, layout, (left, top + down, width, height, caption, ""), values, listed=False)
        if not layout.list:
            page.boxes += _columns(layout, layout.first if index == 0 else layout.further)
        down = top + _head_height(layout) + layout.step
        for row in rows[start:end]:
            _row(page, layout, row, down)
            down += layout.step
        if index == len(room) - 1:
            for left, below, width, height, caption, name in layout.ending:
                box = (left, down + below, width, height, caption, name)
                _box(page, layout, box, values, listed=True)
        yield page


def _head_height(layout: Layout) -> float:
    return max(down + height for _, down, _, height, _, _ in layout.heads)


def _columns(layout: Layout, area: Sequence[float]) -> list[tuple[float, float, float, float]]:
    """The ruled columns of the table, from its head to the end of its lines."""
    top = area[0] + _head_height(layout)
    outer = [box for box in layout.heads if box[1] == 0]
    return [(left, top, width, area[1] - top) for left, _, width, _, _, _ in outer]


def _title(page: Page, layout: Layout, index: int, count: int) -> None:
    left = layout.boxes[0][0]
    kind = "ENTRY SUMMARY" + (" CONTINUATION SHEET" if index else "")
    page.words += [
        Word(left, 28, "DEPARTMENT OF HOMELAND SECURITY", "Helvetica", 6.5),
        Word(left, 36, "U.S. Customs and Border Protection", "Helvetica", 6.5),
        Word(left, 47, kind, "Helvetica-Bold", 11),
        Word(594, 28, "OMB CONTROL NUMBER 1651-0022", "Helvetica", 6, ends=True),
        Word(594, 46, "SYNTHETIC SAMPLE, NOT A REAL ENTRY", "Helvetica", 6, ends=True),
        Word(left, 772, layout.form, "Helvetica", 6.5),
        Word(594, 772, f"Page {index + 1} of {count}", "Helvetica", 6.5, ends=True),
    ]


def _box(page: Page, layout: Layout, box: Box, values: dict[str, list[str]], *, listed: bool) -> None:
    """A box with its caption at the top and what is typed into it; in a list, the value beside it."""
    left, top, width, height, caption, name = box
    typed = values.get(name, [])
    if listed:
        page.words.append(Word(left, top + 9, caption, "Helvetica-Bold", 7.5))
        page.words += [Word(left + width, top + 9, text, layout.value_font, 8.5) for text in typed[:1]]
        return
    page.boxes.append((left, top, width, height))
    for index, line in enumerate(caption.split("\n")):
        y = top + LEADING + index * LEADING
        page.words.append(Word(left + 2, y, line, "Helvetica", CAPTION_SIZE))
    if name in ("total_value", "total_fees"):
        page.words.append(Word(left + 4, top + height - 5, "$", "Helvetica", 8))
    money = name in ("duty", "tax", "other", "total", "total_value", "total_fees")
    size = min(layout.value_size, (height - 10) / max(1, len(typed)))
    for index, line in enumerate(reversed(typed)):
        x = left + width - 6 if money else left + 5
        y = top + height - 4 - index * (size + 1)
        page.words.append(Word(x, y, line, layout.value_font, size, ends=money))


def _row(page: Page, layout: Layout, row: Row, y: float) -> None:
    for name, text in row.items():
        if text and name in layout.columns:
            x, ends = layout.columns[name]
            word = Word(x, y, text, layout.value_font, layout.value_size, ends=bool(ends), column=name)
            page.words.append(word)


# --- what is typed --------------------------------------------------------------------------------
def _values(printed: Summary, layout: Layout) -> dict[str, list[str]]:
    """What is typed into each box."""
    entry, show = printed.entry, _toml()["show"]
    origins = sorted({line.origin for line in entry.lines})
    exports = sorted({line.export for line in entry.lines})
    place = [entry.importer_name.upper(), show["street"], show["city"]]
    fees = [f"{code} {FEES[code][1]} {_money(cents)}" for code, cents in printed.fees.items()]
    if printed.adcvd and entry.adcvd_case:
        fees.append(f"{ADCVD[entry.adcvd_case[0]][0]} {_money(printed.adcvd)}")
    said: dict[str, str | list[str]] = {
        "entry_number": number(entry.number, layout.entry_number),
        "entry_type": entry.entry_type,
        "entry_type_abi": f"{entry.entry_type} ABI/A",
        "entry_date": _day(entry.entry_date),
        "summary_date": _day(entry.summary_date),
        "import_date": _day(entry.entry_date - timedelta(days=2)),
        "export_date": _day(entry.entry_date - timedelta(days=23)),
        "port": entry.port,
        "surety": show["surety"],
        "bond_type": "8",
        "carrier": show["carriers"][int(entry.number[-3:]) % 3],
        "mode": "11",
        "origin": origins[0] if len(origins) == 1 else "MULTI",
        "export": exports[0] if len(exports) == 1 else "MULTI",
        "bill": f"EXMP{entry.number[3:10]}",
        "maker": entry.lines[0].maker,
        "lading": "57035",
        "location": "W123",
        "importer": entry.importer,
        "reference": "",
        "importer_name": place[0],
        "consignee_name": place[0],
        "importer_block": place,
        "consignee_block": place,
        "broker": f"FILER {entry.filer}, 555 0100",
        "file_number": f"F{entry.number[3:8]}",
        "fee_summary": fees,
        "total_fees": _money(printed.other),
        "total_value": f"{printed.value // 100:,}",
        "duty": _money(printed.duty),
        "tax": _money(0),
        "other": _money(printed.other),
        "total": _money(printed.duty + printed.other),
    }
    listed = {name: [text] if isinstance(text, str) else text for name, text in said.items()}
    return {name: [line for line in lines if line] for name, lines in listed.items()}


def _rows(printed: Summary, layout: Layout) -> Iterator[Row]:
    """The rows of the table: each line with its numbers in their order, its fees below."""
    entry, several = printed.entry, len({line.origin for line in printed.entry.lines}) > 1
    if layout.bills:
        yield {"hts": f"M: EXMP{entry.number[3:10]}", "quantity": "120 CTN"}
        yield {"hts": f"H: HSMP{entry.number[2:9]}"}
    for line in entry.lines:
        yield from _line(printed, line, layout, several=several)


def _line(printed: Summary, line: Line, layout: Layout, *, several: bool) -> Iterator[Row]:
    descriptions = _toml()["show"]["descriptions"]
    below = [line.spi, f"O {line.origin}" if several or layout.country == "line" else ""]
    head: Row = {"line": f"{line.number:03d}", "description": descriptions[line.value_cents // 100 % 8]}
    rows = [_number(line, row, layout) for row in line.ordinals]
    if layout.country == "column":
        head["country"] = line.origin
        head["description"] = head["description"][:24]  # its column is narrow
        rows[-1]["hts"] = f"{line.spi} {rows[-1]['hts']}".strip()
        below = []
    else:
        head["value"] = "NOT RELATED"
        rows[0]["line"] = " ".join(filter(None, below))
    yield head
    yield from rows
    case = printed.entry.adcvd_case
    if case and line.number == 1:
        rate = _rate(Decimal(_toml()["show"]["adcvd_pct"]), layout)
        yield {"hts": f"{case}-000", "rate": rate} | _amount(printed.adcvd, layout)
    for code, cents in printed.line_fees[line.number].items():
        yield {"hts": _fee_name(code, layout), "rate": _fee_rate(code)} | _amount(cents, layout)
    if layout.bills:
        yield {"description": f"INV {line.value_cents // 7:07d} USD {line.value_cents / 100:,.2f} = NET"}
    if not layout.list:
        yield {}


def _number(line: Line, row: Ordinal, layout: Layout) -> Row:
    """One HTS number of a line, its value, rate and duty beside it."""
    goods = row.role == "goods"
    free = row.role == "exception" or (goods and (line.mfn == "Free" or bool(line.spi)))
    pct = Decimal(line.mfn.rstrip("%")) if goods and not free else _pct(row, line)
    cells: Row = {"hts": dotted(row.hts), "rate": "FREE" if free else _rate(pct, layout)}
    if goods:
        cells |= {"quantity": f"{line.quantity:,} {line.unit}", "gross": f"{line.quantity * 3:,} KG"}
    if goods or row.value_cents or layout.repeat_value:
        cells["value"] = f"{line.value_cents // 100:,}"
    if row.duty_cents or layout.repeat_value or row.role in ("ieepa", "all_in"):
        cells |= _amount(row.duty_cents, layout)
    return cells


def _pct(row: Ordinal, line: Line) -> Decimal:
    """The rate a duty was reckoned with; duties are to the cent, so two places of it are sure. [percent]"""
    return (Decimal(row.duty_cents) * 100 / line.value_cents).quantize(Decimal("0.01"))


def _amount(cents: int, layout: Layout) -> Row:
    if layout.cents_apart:
        return {"duty": f"{cents // 100:,}", "cents": f"{cents % 100:02d}"}
    return {"duty": _money(cents)}


def _fee_name(code: str, layout: Layout) -> str:
    long, short = FEES[code]
    return {"name": long, "short": short, "code": f"{code} - {short}"}[layout.fees]


def _fee_rate(code: str) -> str:
    show = _toml()["show"]
    return {"499": show["mpf_pct"], "501": show["hmf_pct"]}[code].lstrip("0") + "%"


def _rate(pct: Decimal, layout: Layout) -> str:
    return f"{pct:.2f}%" if layout.rate == "long" else f"{pct.normalize():f}%"


def _money(cents: int) -> str:
    return f"{cents // 100:,}.{cents % 100:02d}"


def _day(day: date) -> str:
    return day.strftime("%m/%d/%Y")


def number(bare: str, style: str) -> str:
    """An entry number as prints part it."""
    parts = (bare[:3], bare[3:10], bare[10])
    return "-".join(parts) if style == "dashes" else f"{parts[0]} {parts[1]}-{parts[2]}"


def dotted(hts: str) -> str:
    """An HTS number with its dots."""
    parts = (hts[:4], hts[4:6], hts[6:])
    return ".".join(parts)


# --- drawing --------------------------------------------------------------------------------------
def draw(path: Path, made: Sequence[Page], layout: Layout) -> int:
    """The pages as a PDF: same pages, same bytes."""
    canvas = _canvas(path)
    for page in made:
        canvas.setLineWidth(0.4)
        for left, top, width, height in page.boxes:
            canvas.rect(left, HEIGHT - top - height, width, height)
        if layout.list and page.boxes:
            canvas.line(36, HEIGHT - 150, 576, HEIGHT - 150)
        for word in page.words:
            canvas.setFont(word.font, word.size)
            put = canvas.drawRightString if word.ends else canvas.drawString
            put(word.x, HEIGHT - word.y, word.text)
        canvas.showPage()
    canvas.save()
    return len(made)


def _canvas(path: Path) -> Any:
    try:
        from reportlab.pdfgen.canvas import Canvas
    except ImportError as error:
        raise CapeError("printing samples as PDF needs reportlab: pip install reportlab") from error
    path.parent.mkdir(parents=True, exist_ok=True)
    return Canvas(str(path), pagesize=(WIDTH, HEIGHT), invariant=1)
