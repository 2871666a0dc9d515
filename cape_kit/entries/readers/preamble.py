"""What stands above the header or on a prompt sheet: the day the report was run, the end of its range."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from datetime import date, datetime

from cape_kit.entries.readers.layouts import collapse

_RUN = (
    "rundate",
    "reportdate",
    "reportrundate",
    "extracted",
    "extractedon",
    "extractdate",
    "asof",
    "asofdate",
    "generated",
    "generatedon",
    "dategenerated",
    "printed",
    "printdate",
    "refreshdate",
    "lastrefreshdate",
    "executiondate",
)
_END = ("entrydateto", "todate", "enddate", "dateto", "entrydateend", "entrydatethrough", "through")
_FORMATS = ("%Y-%m-%d", "%d-%b-%Y", "%b %d, %Y", "%B %d, %Y", "%d %b %Y", "%d %B %Y")
_SLASHED = {"MDY": "%m/%d/%Y", "DMY": "%d/%m/%Y"}
_DAY = re.compile(
    r"\d{4}-\d{2}-\d{2}|\d{1,2}/\d{1,2}/\d{4}|\d{1,2}[- ][A-Za-z]{3,9}[- ]\d{4}|[A-Za-z]{3,9} \d{1,2}, \d{4}"
)


def days(rows: Iterable[Sequence[str | None]], order: str | None = None) -> tuple[date | None, date | None]:
    """The run date and the end of the range asked for, where labelled cells say them.

    A label is a cell of its own with the day in the next filled one ("Run Date" | 05/05/2026), or the
    start of the cell ("Run Date: 05/05/2026"). Days are read as ISO, with the month's name, or
    slashed in the client's order, which without a word of theirs is ACE's: month first.
    """
    run: date | None = None
    end: date | None = None
    for row in rows:
        filled = [cell.strip() for cell in row if cell and cell.strip()]
        for index, cell in enumerate(filled):
            label = collapse(_DAY.split(cell)[0])
            if label not in _RUN + _END:
                continue
            following = filled[index + 1] if index + 1 < len(filled) else ""
            found = _day(cell, order) or _day(following, order)
            if found and label in _RUN:
                run = run or found
            if found and label in _END:
                end = end or found
    return run, end


def _day(text: str, order: str | None) -> date | None:
    match = _DAY.search(text)
    if not match:
        return None
    for form in (*_FORMATS, _SLASHED[order or "MDY"]):
        try:
            return datetime.strptime(match.group(), form).date()  # noqa: DTZ007 - calendar days have no zone
        except ValueError:
            continue
    return None
