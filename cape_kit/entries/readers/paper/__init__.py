"""Entry summaries on paper: CBP Form 7501 as PDF with a text layer, read exactly or not at all.

The way of a PDF: `words` (pages as words with places, under limits) -> `captions` (boxes and columns by what
is printed above them) -> `form` (entries, lines, every amount) -> `tie_out` (does it add up?) -> `tables`
(readings like those of any export).

The words come from pypdfium2 rather than pdfplumber: both place them alike (to 0.03 points), and it is
several times faster (`tests/benchmarks/bench_paper.py`); being native code it runs in a process apart.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from cape_kit import money
from cape_kit.entries.readers import file_problems, letters
from cape_kit.entries.readers.paper import captions, form, tables, tie_out, words
from cape_kit.entries.readers.paper.form import EntrySummary, Sheet
from cape_kit.entries.readers.paper.tie_out import Verdict
from cape_kit.entries.readers.paper.words import Page, is_pdf
from cape_kit.entries.readers.reading import Reading
from cape_kit.errors import AnotherPurpose, UnreadableReport

__all__ = ["Paper", "entry_summaries", "is_pdf", "look_into", "read"]


@dataclass(frozen=True)
class Paper:
    """What a PDF gave: readings of its entry summaries, or why there is none; and what its other pages name.

    `named` are the entry numbers on pages that are no entry summary, and nothing else is read from those; `pages`
    are the pages on which they stand.
    """

    readings: tuple[Reading, ...]
    trouble: UnreadableReport | None
    named: frozenset[str]
    pages: tuple[int, ...]


@dataclass
class _Sorted:
    """The pages of a file by what they are."""

    sheets: list[Sheet] = field(default_factory=list)
    nameless: list[Sheet] = field(default_factory=list)  # of an entry summary, its number can't be read
    pictures: list[int] = field(default_factory=list)
    recognised: list[int] = field(default_factory=list)  # letters laid over a picture
    unread: list[tuple[int, str]] = field(default_factory=list)
    papers: list[tuple[int, dict[str, Any]]] = field(default_factory=list)
    others: list[int] = field(default_factory=list)
    named: dict[str, int] = field(
        default_factory=dict
    )  # entry numbers on other pages, and the first such page
    count: int = 0


def read(path: Path, *, name: str) -> list[Reading]:
    """Every entry summary of a PDF as readings. UnreadableReport, in one sentence, when there is none."""
    found = look_into(path, name=name)
    if found.trouble is not None:
        raise found.trouble
    return list(found.readings)


def look_into(path: Path, *, name: str) -> Paper:
    """A PDF with its other pages. Raises UnreadableReport, in one sentence, when it can't be opened."""
    found = _sorted(words.pages(path, where=name))
    named, pages = frozenset(found.named), tuple(sorted(set(found.named.values())))
    if not found.sheets and not found.nameless:
        held = found.pictures or found.recognised or found.unread or found.named
        trouble = (UnreadableReport if held else AnotherPurpose)(f"{name}: {_no_summary(found)}")
        return Paper((), trouble, named, pages)
    verdicts = _verdicts(found)
    problems = _problems(found, name)
    if not verdicts:
        trouble = UnreadableReport(f"{name}: {problems[0]['message']}; {problems[0]['what_to_do']}")
        return Paper((), trouble, named, pages)
    return Paper(tuple(tables.readings(verdicts, problems, file=name)), None, named, pages)


def entry_summaries(path: Path) -> list[Verdict]:
    """What stands on each entry summary of a PDF, with descriptions and fees, and whether it ties out."""
    return _verdicts(_sorted(words.pages(path, where=path.name)))


def _sorted(pages: Iterator[Page]) -> _Sorted:
    """Each page in its place, one at a time: only what entry summaries say is kept."""
    found = _Sorted()
    for page in pages:
        found.count += 1
        if page.trouble:
            found.unread.append((page.number, page.trouble))
        elif not page.rows:
            (found.pictures if page.pictures else found.others).append(page.number)
        elif page.unseen:
            found.recognised.append(page.number)
            _name(found, page)
        elif sheet := form.sheet(page):
            (found.sheets if sheet.number else found.nameless).append(sheet)
        else:
            _name(found, page)
            if paper := _paper(page):
                found.papers.append((page.number, paper))
            else:
                found.others.append(page.number)
    return found


def _name(found: _Sorted, page: Page) -> None:
    """Keep the entry numbers on a page nothing else is read from."""
    for number in letters.entry_numbers(page.text.upper()):
        found.named.setdefault(number, page.number)


def _paper(page: Page) -> dict[str, Any] | None:
    """What other paper about duties a page is of, by its words."""
    text = page.text
    for paper in captions.form()["papers"]:
        if all(any(word in text for word in group) for group in paper["says"]):
            return dict(paper)
    return None


def _verdicts(kinds: _Sorted) -> list[Verdict]:
    """Each entry held against itself; one that is printed twice in the file must say the same both times."""
    prints: dict[str, list[EntrySummary]] = {}
    for entry in form.summaries(kinds.sheets):
        prints.setdefault(entry.number, []).append(entry)
    return [_settled(entries) for entries in prints.values()]


def _settled(entries: Sequence[EntrySummary]) -> Verdict:
    verdict = tie_out.verdict(entries[0])
    if all(entry.content() == entries[0].content() for entry in entries):
        return verdict
    pages = ", ".join(str(entry.page) for entry in entries)
    off = f"the file holds {len(entries)} prints of it that differ (pages {pages})"
    return replace(verdict, off=(off, *verdict.off))


def _problems(kinds: _Sorted, name: str) -> list[dict[str, Any]]:
    """What is wrong with the file beside its entries: pages nobody can read, papers of other kinds."""
    listed = [_nameless(sheet, name) for sheet in kinds.nameless]
    for page, trouble in kinds.unread:
        listed.append(file_problems.problem("P05", file=name, sheet=f"page {page}", detail=trouble))
    if kinds.pictures:
        listed.append(file_problems.problem("P03", file=name, detail=_pages(kinds.pictures, kinds.count)))
    if kinds.recognised:
        detail = (
            f"{_pages(kinds.recognised, kinds.count)}, with letters laid over them by character recognition"
        )
        listed.append(file_problems.problem("P03", file=name, detail=detail))
    for title, count in Counter(paper["name"] for _, paper in kinds.papers).items():
        first, paper = next((page, paper) for page, paper in kinds.papers if paper["name"] == title)
        detail = (
            f"{count} of {title}, first page {first}: proves {paper['proves']}; not {paper['proves_not']}"
        )
        ask = f"nothing, if the entry is read from elsewhere; otherwise ask for {paper['ask']}"
        listed.append(
            file_problems.problem("P06", file=name, sheet=f"page {first}", detail=detail, what_to_do=ask)
        )
    if kinds.others:
        listed.append(file_problems.problem("P07", file=name, detail=_pages(kinds.others, kinds.count)))
    return listed


def _nameless(sheet: Sheet, name: str) -> dict[str, Any]:
    """A page of an entry summary whose entry number can't be read, with the dollars on it."""
    (entry,) = form.summaries([replace(sheet, number="?" * 11)])
    typed = " ".join(word.text for word in sheet.boxes.typed("entry_number"))
    duty = "a duty nobody could read" if entry.duty is None else f"duty {money.show(entry.duty)}"
    detail = f"{duty} on it not counted"
    return file_problems.problem(
        "P02",
        file=name,
        sheet=f"page {sheet.page.number}",
        row=1,
        column="entry_number",
        value=typed,
        detail=detail,
    )


def _no_summary(kinds: _Sorted) -> str:
    """Why a PDF without an entry summary gives nothing, and what to ask for."""
    whole = f"a PDF of {kinds.count} page{'s' if kinds.count != 1 else ''}"
    if kinds.recognised or (kinds.pictures and not kinds.papers):
        over = " with letters laid over them by character recognition, whose digits can't be relied on"
        pictures = len(kinds.pictures) + len(kinds.recognised)
        return (
            f"{whole}, {pictures} of them pictures of paper{over if kinds.recognised else ''}: nothing is "
            "read from a picture; ask the broker for the PDF its software prints, or for the ES-003 rows"
        )
    if kinds.papers:
        _, paper = kinds.papers[0]
        return (
            f"{whole}, {paper['name']} and no entry summary: it proves {paper['proves']}, but not "
            f"{paper['proves_not']}; ask for {paper['ask']}"
        )
    if kinds.unread:
        page, trouble = kinds.unread[0]
        return f"{whole} that can't be read: page {page}: {trouble}; print it to a new PDF"
    return f"{whole} without an entry summary (CBP Form 7501), not a report; ask for .xlsx, .csv or the form"


def _pages(numbers: Sequence[int], count: int) -> str:
    """So many pages of how many, and which."""
    listed = ", ".join(map(str, numbers[:8])) + (" …" if len(numbers) > 8 else "")
    return f"{len(numbers)} of {count} pages ({listed})"
