"""The pages of a PDF as words with their places, read under limits by a process that may be ended."""

from __future__ import annotations

import json
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NamedTuple

from cape_kit.errors import UnreadableReport

#: Everything a PDF may ask for, in one place: bytes, pages, letters on a page, memory of the reading process,
#: processor seconds to open it and for each page; by the clock, which a busy machine stretches, for each and
#: for all; pages that may fail before the rest is given up.
MAX_BYTES = 200 << 20
MAX_PAGES = 5_000
MAX_LETTERS = 60_000
MAX_MEMORY = 1 << 30
SECONDS_A_PAGE = 15
CLOCK_A_PAGE = 180.0
CLOCK_A_FILE = 1_800.0
MAX_BAD_PAGES = 4
#: A page of the protocol longer than this is not of a PDF that keeps the limits above.
MAX_LINE = 64 << 20
#: Words whose baselines lie this close stand on one row. [points]
ROW = 2.2

#: The signal that ends a process out of processor time.
_OUT_OF_TIME = 24
_PROCESS = Path(__file__).with_name("pdf_process.py")
#: What pdfium says when it can't open a file, in our words.
_WHY = {
    "password": "it is locked with a password; save a copy without one, or ask the broker for it",
    "security": "it is protected in a way the kit can't open; print it to a new PDF",
    "format": "it is damaged or cut off; ask for it again",
}


class Word(NamedTuple):
    """A word and its place, from the top left corner of the page. [points]"""

    left: float
    right: float
    base: float
    height: float
    text: str


@dataclass(frozen=True)
class Page:
    """One page: its words as they stand, row by row from the top, left to right."""

    number: int
    rows: tuple[tuple[Word, ...], ...]
    pictures: int = 0
    unseen: bool = False  # its text was laid invisibly over a picture, as character recognition does
    trouble: str | None = None

    @property
    def words(self) -> Iterator[Word]:
        """All words, row by row."""
        return (word for row in self.rows for word in row)

    @property
    def text(self) -> str:
        """What the page says, small letters, single spaces."""
        return " ".join(word.text for word in self.words).lower()


def is_pdf(path: Path) -> bool:
    """Whether the bytes are a PDF's, whatever the name says; a few bytes may stand before its mark."""
    with path.open("rb") as file:
        return b"%PDF-" in file.read(1024)


def pages(path: Path, *, where: str) -> Iterator[Page]:
    """The pages one by one. Raises UnreadableReport, in one sentence, when the PDF can't be opened.

    A page that takes too long, or takes the reading process down, is a page in trouble; those after it are
    read by a new process, so that one bad page does not cost the others.
    """
    size = path.stat().st_size
    if size > MAX_BYTES:
        raise UnreadableReport(f"{where}: a PDF of {size >> 20} MB, the limit is {MAX_BYTES >> 20}; split it")
    began, number, count = time.monotonic(), 0, 1
    for attempt in range(MAX_BAD_PAGES):
        with _Process(path, number) as process:
            count = _opened(process.answer(), where)
            while number < count:
                number += 1
                if time.monotonic() - began > CLOCK_A_FILE:
                    yield Page(
                        number, (), trouble=f"it and those after it: {CLOCK_A_FILE:,.0f} seconds are over"
                    )
                    return
                told = process.answer()
                if isinstance(told, str):
                    last = attempt + 1 == MAX_BAD_PAGES and number < count
                    yield Page(number, (), trouble=told + ("; those after it were not tried" if last else ""))
                    break
                yield _page(told)
        if number == count:
            return


def _opened(answer: dict[str, Any] | str, where: str) -> int:
    """The number of pages, when there are any to read."""
    if isinstance(answer, str):
        raise UnreadableReport(f"{where}: a PDF that can't be opened: {answer}; print it to a new PDF")
    if "error" in answer:
        raise UnreadableReport(f"{where}: a PDF that can't be opened: {_why(answer['error'])}")
    count: int = answer["pages"]
    if count > MAX_PAGES:
        raise UnreadableReport(f"{where}: a PDF of {count:,} pages, the limit is {MAX_PAGES:,}; split it")
    return count


@dataclass
class _Process:
    """The process that reads one PDF from a page on; ended when it is not needed, or takes too long."""

    path: Path
    skip: int
    late: bool = False
    running: subprocess.Popen[bytes] = field(init=False)

    def __enter__(self) -> _Process:
        limits = [str(limit) for limit in (self.skip, MAX_PAGES, MAX_LETTERS, MAX_MEMORY, SECONDS_A_PAGE)]
        self.running = subprocess.Popen(
            [sys.executable, "-P", "-X", "utf8", str(_PROCESS), str(self.path), *limits],
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
        )  # fmt: skip
        return self

    def __exit__(self, *_: object) -> None:
        self.running.kill()
        if self.running.stdout is not None:
            self.running.stdout.close()
        self.running.wait()

    def answer(self) -> dict[str, Any] | str:
        """Its next line; or in words why none came."""
        assert self.running.stdout is not None
        clock = threading.Timer(CLOCK_A_PAGE, self._end)
        clock.start()
        try:
            line = self.running.stdout.readline(MAX_LINE)
        finally:
            clock.cancel()
        if line.endswith(b"\n"):
            told: dict[str, Any] = json.loads(line)
            return told
        ended = self.running.wait()
        if self.late or ended == -_OUT_OF_TIME:
            return f"it takes longer than {SECONDS_A_PAGE} seconds"
        return "it is too heavy or too damaged"

    def _end(self) -> None:
        self.late = True
        self.running.kill()


def _why(said: str) -> str:
    return next((ours for mark, ours in _WHY.items() if mark in said.lower()), _WHY["format"])


def _page(answer: dict[str, Any]) -> Page:
    """A page as the process told it."""
    if "error" in answer:
        return Page(answer["page"], (), trouble="it is damaged")
    if answer["letters"] > MAX_LETTERS:
        return Page(answer["page"], (), trouble=f"it holds more than {MAX_LETTERS:,} letters")
    words = [Word(*word) for word in answer["words"]]
    unseen = 2 * answer["invisible"] > len(words) > 0
    return Page(answer["page"], rows(words), pictures=answer["pictures"], unseen=unseen)


def rows(words: Sequence[Word]) -> tuple[tuple[Word, ...], ...]:
    """Words by their baseline, top to bottom, each row left to right; what is struck twice counts once."""
    grouped: list[list[Word]] = []
    for word in sorted(words, key=lambda word: word.base):
        if grouped and word.base - grouped[-1][0].base <= ROW:
            grouped[-1].append(word)
        else:
            grouped.append([word])
    return tuple(tuple(_once(sorted(row))) for row in grouped)


def _once(row: list[Word]) -> Iterator[Word]:
    """The words of a row without those struck over the same word, as some programs print bold."""
    before: Word | None = None
    for word in row:
        if before is None or word.text != before.text or abs(word.left - before.left) > 1.0:
            yield word
        before = word
