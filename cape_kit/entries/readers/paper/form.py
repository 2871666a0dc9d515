"""From the words of pages to entry summaries: the boxes, the lines, every amount beside its HTS number.

Nothing is guessed here: a cell that is not what its column holds, an amount that stands beside nothing, a
line that can't be placed is trouble of the entry, and an entry in trouble is not used (`tie_out`).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from functools import cache

from cape_kit.entries import identifiers
from cape_kit.entries.readers.paper import captions
from cape_kit.entries.readers.paper.captions import Caption, Found, Head, Place
from cape_kit.entries.readers.paper.words import Page, Word

_HTS = re.compile(r"[0-9]{4}\.[0-9]{2}(?:\.[0-9]{2,4}(?:\.[0-9]{2})?)?|[0-9]{8}|[0-9]{10}")
#: What begins like an HTS number with its dots, whole or not.
_LIKE_HTS = re.compile(r"[0-9]{4}\.[0-9]{2}\.[0-9]*")
_ENTRY = re.compile(r"[0-9A-Z]{3}[ \-]{0,3}[0-9]{7}[ \-]{0,3}[0-9](?![0-9A-Z])")
_RATE = re.compile(r"[0-9]*\.?[0-9]+%", re.IGNORECASE)
_CHARGES = re.compile(r"C[0-9,]+(\.[0-9]{2})?")
_PAGES = re.compile(r"page ([0-9]+) of [0-9]+")
_COUNTRY = re.compile(r"[A-Z]{2}")
TOTALS = ("total_value", "duty", "tax", "other", "total")


@dataclass(frozen=True)
class Trouble:
    """What is wrong at one place: page, row of the table, column, what stood there, what is off."""

    page: int
    row: int | None
    column: str | None
    value: str | None
    off: str


@dataclass(frozen=True)
class TariffNumber:
    """One HTS number of a line with what is printed beside it. [cents]"""

    hts: str
    value: int | None
    rate: str | None
    duty: int | None
    spi: str | None
    page: int
    row: int


@dataclass
class PaperLine:
    """One line of an entry summary."""

    number: int
    page: int
    row: int
    description: str = ""
    country: str | None = None
    spi: str | None = None
    numbers: list[TariffNumber] = field(default_factory=list)
    fees: list[tuple[str, int]] = field(default_factory=list)  # what it is called, cents


@dataclass
class EntrySummary:
    """One entry summary as printed, over all of its pages."""

    number: str
    page: int
    said: dict[str, str | date | None] = field(default_factory=dict)
    totals: dict[str, int | None] = field(default_factory=dict)
    lines: list[PaperLine] = field(default_factory=list)
    deposits: list[tuple[str, int]] = field(default_factory=list)  # antidumping, countervailing cases
    taxes: int = 0
    pages: list[int] = field(default_factory=list)
    counted: list[int] = field(default_factory=list)  # the pages as "Page 1 of 3" counts them
    trouble: list[Trouble] = field(default_factory=list)

    @property
    def numbers(self) -> Iterator[TariffNumber]:
        """Every HTS number of every line."""
        return (number for line in self.lines for number in line.numbers)

    @property
    def duty(self) -> int | None:
        """Its duty: box 37, or what was read where there is none; None where nothing says it. [cents]"""
        printed = self.totals.get("duty")
        read = [number.duty for number in self.numbers if number.duty is not None]
        return sum(read) if printed is None and read else printed

    def content(self) -> tuple[object, ...]:
        """What the print says, wherever it stands: two prints of one entry can be held against each other."""
        lines = [
            (line.number, line.country, [(n.hts, n.value, n.rate, n.duty, n.spi) for n in line.numbers])
            for line in self.lines
        ]
        return (self.said, self.totals, lines, self.deposits, self.taxes)


@dataclass(frozen=True)
class Sheet:
    """A page of an entry summary: its boxes, its table, the entry it is of (None when that can't be read)."""

    page: Page
    boxes: Found
    head: Head | None
    number: str | None

    @property
    def first(self) -> bool:
        """Whether it is a first page: continuation sheets don't repeat the type of entry."""
        return bool(self.boxes.typed("entry_type"))


def sheet(page: Page) -> Sheet | None:
    """The page as one of an entry summary; None when it is of something else."""
    boxes = captions.find(page)
    named = {caption.name for caption in boxes.captions}
    totals = named & set(TOTALS)
    if "entry_number" not in named and len(totals) < 3:
        return None
    head = captions.head(page)
    if head is None and len(totals) < 2:
        return None
    return Sheet(page, boxes, head, _entry_number(boxes))


def _entry_number(boxes: Found) -> str | None:
    """The entry number in box 1, in one word or parted; what follows it there says nothing of it."""
    typed = " ".join(word.text for word in boxes.typed("entry_number"))
    shape = _ENTRY.match(typed.upper())
    return identifiers.normalise_entry_number(shape[0]).normalised if shape else None


def summaries(sheets: Iterable[Sheet]) -> list[EntrySummary]:
    """Entry summaries of a file's sheets: one after the other, pages of one entry in the order of the file.

    A page that is there twice, word for word, counts once.
    """
    open_ones: dict[str, EntrySummary] = {}
    found: list[EntrySummary] = []
    seen: set[tuple[str, str]] = set()
    for one in sheets:
        assert one.number is not None
        if (one.number, one.page.text) in seen:
            continue
        seen.add((one.number, one.page.text))
        entry = open_ones.get(one.number)
        if entry is None or (one.first and entry.said and _begins_anew(one)):
            entry = EntrySummary(one.number, one.page.number)
            open_ones[one.number] = entry
            found.append(entry)
        _add(entry, one)
    return found


def _begins_anew(one: Sheet) -> bool:
    """Whether a page with all the boxes of a first one is one: programs repeat them on every page."""
    alone = EntrySummary(one.number or "", one.page.number)
    _add(alone, one)
    return bool(alone.lines) and alone.lines[0].number == 1


def _add(entry: EntrySummary, one: Sheet) -> None:
    """What one more page says of an entry."""
    entry.pages.append(one.page.number)
    entry.counted += [int(number) for number in _PAGES.findall(one.page.text)[-1:]]
    if one.first and not entry.said:
        entry.said = _said(one)
        if draft := _draft(one):
            off = f"the print says that it is no summary that was filed: '{draft}'"
            entry.trouble.append(Trouble(one.page.number, None, None, draft, off))
    for name in TOTALS:
        words = one.boxes.typed(name)
        if name == "other" and not words:
            words = one.boxes.typed("total_fees")
        if words:
            _total(entry, one, name, words)
    if one.head is not None:
        _table(entry, one, one.head)


def _draft(one: Sheet) -> str | None:
    """The words above the boxes, beside the form's title, that make a print a draft."""
    box = one.boxes.named("entry_number")
    top = box.base if box else 0.0
    above = " ".join(word.text for row in one.page.rows if row[0].base < top for word in row).lower()
    return next(
        (said for said in captions.form()["drafts"]["says"] if re.search(rf"\b{said}\b", above)), None
    )


# --- the boxes ------------------------------------------------------------------------------------
def _total(entry: EntrySummary, one: Sheet, name: str, words: Sequence[Word]) -> None:
    row = [word for word in words if abs(word.base - words[0].base) <= 2.2]
    cents = captions.money(row)
    caption = one.boxes.named(name)
    label = caption.text if caption else name
    stood = " ".join(word.text for word in row)
    if cents is None:
        entry.trouble.append(Trouble(one.page.number, None, label, stood, f"{label}: '{stood}' is no amount"))
    elif entry.totals.get(name) not in (None, cents):
        off = f"{label} says {stood}, another page of the entry something else"
        entry.trouble.append(Trouble(one.page.number, None, label, stood, off))
    else:
        entry.totals[name] = cents


def _said(one: Sheet) -> dict[str, str | date | None]:
    """The facts of the entry as the boxes have them; what has another shape than it should is unknown."""
    boxes = one.boxes
    return {
        "entry_type": _shaped(boxes, "entry_type", r"[0-9]{2}"),
        "entry_date": _day(boxes, "entry_date"),
        "entry_summary_date": _day(boxes, "entry_summary_date"),
        "port_of_entry": _shaped(boxes, "port_of_entry", r"[0-9]{4}"),
        "origin": _shaped(boxes, "origin", r"[A-Z]{2}|MULTI"),
        "importer_number": _party(boxes, "importer_number"),
        "notify_party": _party(boxes, "notify_party"),
        "importer_name": _first_row(boxes, "importer_name"),
        "consignee_name": _first_row(boxes, "consignee_name"),
    }


def _shaped(boxes: Found, name: str, shape: str) -> str | None:
    words = boxes.typed(name)
    return words[0].text if words and re.fullmatch(shape, words[0].text) else None


def _day(boxes: Found, name: str) -> date | None:
    text = _shaped(boxes, name, r"[0-9]{1,2}/[0-9]{1,2}/[0-9]{4}")
    try:
        return datetime.strptime(text, "%m/%d/%Y").date() if text else None  # noqa: DTZ007
    except ValueError:
        return None


def _party(boxes: Found, name: str) -> str | None:
    words = boxes.typed(name)
    return words[0].text if words and identifiers.importer_shape(words[0].text) else None


def _first_row(boxes: Found, name: str) -> str | None:
    words = boxes.typed(name)
    first = [word.text for word in words if abs(word.base - words[0].base) <= 2.2]
    return " ".join(first) or None


# --- the table of lines ---------------------------------------------------------------------------
@dataclass(frozen=True)
class Cells:
    """One row of the table: the words of each column, and its number on the page."""

    columns: dict[str, list[Word]]
    row: int

    def words(self, name: str) -> list[Word]:
        """The words in a column."""
        return self.columns.get(name, [])

    def text(self, *names: str) -> str:
        """What stands in some columns, left to right."""
        return " ".join(word.text for word in sorted(word for name in names for word in self.words(name)))

    @property
    def named(self) -> str:
        """What the row says it is: everything left of its amounts."""
        return self.text(*(name for name in self.columns if name not in ("value", "rate", "duty")))


def _table(entry: EntrySummary, one: Sheet, head: Head) -> None:
    """The lines of one page, added to those of the pages before."""
    body = list(_body(one, head))
    place = _place(body, head)
    if place is None:
        off = "the columns of the table can't be told apart: rates do not stand below their caption"
        entry.trouble.append(Trouble(one.page.number, None, head.named("rate").text, None, off))
        return
    for number, words in enumerate(body, start=1):
        columns: dict[str, list[Word]] = {}
        for word in words:
            columns.setdefault(place(head, word).name, []).append(word)
        _row(entry, one.page.number, Cells(columns, number), head)


def _body(one: Sheet, head: Head) -> Iterator[tuple[Word, ...]]:
    """The rows below the head of the table, down to the totals or the foot of the page."""
    ends = _ends()
    bottom = min(
        (c.base for c in one.boxes.captions if c.base > head.base and _names(c, ends)), default=float("inf")
    )
    for row in one.page.rows:
        if head.base + 2.2 < row[0].base < bottom - 2.2:
            yield row


@cache
def _ends() -> frozenset[str]:
    return frozenset(captions.collapse(name) for name in captions.form()["edges"]["ends"])


def _names(caption: Caption, names: frozenset[str]) -> bool:
    said = captions.collapse(caption.text).lstrip("0123456789")
    return said in names or caption.name in ("duty", "total_value")


def _place(body: Sequence[tuple[Word, ...]], head: Head) -> Place | None:
    """How words stand to captions here: so that each rate beside an HTS number is in the column of rates."""
    rated = [row for row in body if _hts(row) and _rate(row)]
    rates = [word for row in rated for word in _rate(row)]
    numbers = [word for row in rated if (word := _hts(row)) is not None]
    for place in captions.PLACES:
        if all(place(head, word).name == "rate" for word in rates) and all(
            place(head, word).name in ("hts", "description") for word in numbers
        ):
            return place
    return None


def _rate(row: Sequence[Word]) -> list[Word]:
    """The rate of a row, the last word that looks like one: a description may hold another."""
    return [word for word in row if "%" in word.text or word.text.upper() == "FREE"][-1:]


def _hts(row: Sequence[Word]) -> Word | None:
    """The HTS number of a row: its first word of that shape."""
    for word in row:
        if _HTS.fullmatch(word.text) and identifiers.hts_digits(word.text):
            return word
    return None


def _numbered(cells: Cells) -> Word | None:
    """The HTS number a row is of: it begins the row, or follows a special programme or the letter of a set.

    Without its dots it is one only where a rate stands beside it: orders and invoices have such numbers too.
    """
    words = sorted([*cells.words("hts"), *cells.words("description")])
    number = _hts(words[:2])
    if number is None or ("." not in number.text and not cells.words("rate")):
        return None
    before = [word.text for word in words if word.left < number.left]
    return number if not before or before[0] in _before_hts() else None


@cache
def _before_hts() -> frozenset[str]:
    return frozenset([*captions.form()["spi"]["codes"], *captions.form()["spi"]["sets"]])


def _row(entry: EntrySummary, page: int, cells: Cells, head: Head) -> None:
    """One row of the table: the beginning of a line, an HTS number, a fee, a deposit, or words."""
    _line(entry, page, cells, head)
    number = _numbered(cells)
    like = [w.text for words in cells.columns.values() for w in words if _LIKE_HTS.match(w.text)]
    if like and (number is None or like != [number.text]):
        off = f"'{' '.join(like)}' is no HTS number, or more than one, or out of its column"
        entry.trouble.append(Trouble(page, cells.row, head.named("hts").text, " ".join(like), off))
    if number is not None:
        _number(entry, page, cells, number, head)
        return
    amount = cells.words("duty")
    line = entry.lines[-1] if entry.lines else None
    if line is not None and not line.description and not amount:
        line.description = cells.text("hts", "description", "gross", "quantity")
    _money_of_another_kind(entry, page, cells, head)


def _line(entry: EntrySummary, page: int, cells: Cells, head: Head) -> None:
    """A line number opens a line; country of origin and special programme stand below it."""
    words = [word.text for word in cells.words("line")]
    if words and re.fullmatch(r"[0-9]{1,4}", words[0]) and int(words[0]):
        entry.lines.append(PaperLine(int(words[0]), page, cells.row))
        words = words[1:]
    elif words and words[0][0].isdigit():
        off = f"'{words[0]}' in the column {head.named('line').text} is no line number"
        entry.trouble.append(Trouble(page, cells.row, head.named("line").text, words[0], off))
    if not entry.lines:
        return
    line = entry.lines[-1]
    codes = captions.form()["spi"]["codes"]
    while words:
        first, *rest = words
        country = rest[0] if rest and _COUNTRY.fullmatch(rest[0]) else None
        if first in ("O", "E") and country:  # of origin, of export
            line.country, words = (country if first == "O" else line.country), rest[1:]
            continue
        # two letters by themselves may be a country as well as a programme: they say nothing
        if first in codes and (rest[:1] == ["O"] or not _COUNTRY.fullmatch(first)):
            line.spi = first
        words = rest
    left = next((c.left for c in head.columns if c.name == "country"), 0.0) - 2
    beside = [
        word.text for word in cells.words("country") if word.left >= left
    ]  # not the end of a description
    if len(beside) == 1 and _COUNTRY.fullmatch(beside[0]):
        line.country = beside[0]


def _number(entry: EntrySummary, page: int, cells: Cells, number: Word, head: Head) -> None:
    """One HTS number with the value, the rate and the duty on its row."""
    if not entry.lines:
        off = f"HTS number {number.text} stands before the first line number"
        entry.trouble.append(
            Trouble(page, cells.row, head.named("line").text, cells.text("line") or None, off)
        )
        return
    before = [w.text for w in cells.words("hts") if w.right < number.left]
    spi = before[0] if before and before[0] in captions.form()["spi"]["codes"] else None
    value = [w for w in cells.words("value") if not _CHARGES.fullmatch(w.text)]
    rate = cells.text("rate")
    if rate and "%" in rate and not _RATE.fullmatch(rate.replace(" ", "")) and "/" not in rate:
        off = f"HTS number {number.text}: '{rate}' is no rate"
        entry.trouble.append(Trouble(page, cells.row, head.named("rate").text, rate, off))
    entry.lines[-1].numbers.append(
        TariffNumber(
            hts=identifiers.hts_digits(number.text),
            value=_amount(entry, page, cells, value, head.named("value")),
            rate=rate.replace(" ", "") or None,
            duty=_amount(entry, page, cells, cells.words("duty"), head.named("duty")),
            spi=spi,
            page=page,
            row=cells.row,
        )
    )


def _amount(
    entry: EntrySummary, page: int, cells: Cells, words: Sequence[Word], column: Caption
) -> int | None:
    """An amount beside an HTS number; None when nothing is printed. What is no amount is trouble."""
    stood = " ".join(word.text for word in words)
    if not stood:
        return None
    cents = captions.money(words)
    if cents is None and stood.upper() not in ("FREE", "NOT RELATED", "RELATED", "N", "Y"):
        off = f"'{stood}' in the column {column.text} is no amount"
        entry.trouble.append(Trouble(page, cells.row, column.text, stood, off))
    return cents


def _money_of_another_kind(entry: EntrySummary, page: int, cells: Cells, head: Head) -> None:
    """An amount in the duty column beside no HTS number: a fee, a tax, a deposit; all else is trouble."""
    words = cells.words("duty")
    cents = captions.money(words)
    apart = len(words) > 1
    if cents is None and not any(captions.is_money(word.text) for word in words):
        return
    named = cells.named
    if cents is not None and (apart or captions.is_money(words[0].text)):
        kind = _kind(named)
        if kind == "fee" and entry.lines:
            entry.lines[-1].fees.append((named, cents))
            return
        if kind == "tax":
            entry.taxes += cents
            return
        if kind == "case":
            entry.deposits.append((named, cents))
            return
    if cents is not None and not apart and not captions.is_money(words[0].text):
        return  # a whole number with no cents is no duty: a page number, a count
    stood = " ".join(word.text for word in words)
    off = f"{stood} in the column {head.named('duty').text} stands beside no HTS number"
    entry.trouble.append(Trouble(page, cells.row, head.named("duty").text, stood, off))


def _kind(named: str) -> str | None:
    """What a row is that has an amount and no HTS number."""
    amounts = captions.form()["amounts"]
    text = named.lower()
    if any(word in text for word in amounts["tax_words"]):
        return "tax"
    first = named.split(maxsplit=1)[0] if named else ""
    if first in amounts["fee_codes"] or any(
        re.search(rf"\b{re.escape(word)}\b", text) for word in amounts["fee_words"]
    ):
        return "fee"
    return "case" if re.fullmatch(amounts["case"], first) else None
