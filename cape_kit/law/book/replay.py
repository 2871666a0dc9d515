"""The law book as known on a day: later news is taken out, ends not yet known are reopened.

The interest quarter after the last published one is always there as pending, with no rate.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from typing import Any, TypeVar

from cape_kit.law.book import rows

Row = TypeVar("Row")

#: The item of pending.toml that waits for the next quarter's rates.
NEXT_QUARTER = "interest.next-quarter"
_FIRST, _MONTHS, _QUARTER = 1, 12, 3


def as_known(contents: rows.Contents, known_on: date | None) -> rows.Contents:
    """The contents without what became public after the day; with None, everything."""
    if known_on is None:
        return _with_next_quarter(replace(contents, pending=_open(contents.pending, None)))
    series = {key: replace(one, values=_known(one.values, known_on)) for key, one in contents.series.items()}
    known = replace(
        contents,
        series=series,
        validations=_known(contents.validations, known_on),
        phases=_known(contents.phases, known_on),
        headings=_known(contents.headings, known_on),
        rates=_known(contents.rates, known_on),
        pending=_open(_known(contents.pending, known_on), known_on),
        answers=_known(contents.answers, known_on),
    )
    return _with_next_quarter(known)


def _with_next_quarter(contents: rows.Contents) -> rows.Contents:
    """The contents with a pending row for the quarter after the last published one."""
    if not contents.rates:
        return contents
    last = contents.rates[-1]
    first_day = last.last_day + timedelta(days=1)
    years, month = divmod(first_day.month - 1 + _QUARTER, _MONTHS)
    after = date(first_day.year + years, month + 1, _FIRST)
    waiting = [one for one in contents.pending if one.key == NEXT_QUARTER]
    pending = tuple(
        replace(one, assumed_first_day=first_day) if one.key == NEXT_QUARTER else one
        for one in contents.pending
    )
    row = rows.Rate(
        first_day=first_day,
        last_day=after - timedelta(days=1),
        underpayment_pct=None,
        noncorporate_pct=None,
        corporate_pct=None,
        status="pending",
        known_from=None,
        source=waiting[0].source if waiting else last.source,
        confidence="low",
        checked_on=last.checked_on,
        note=waiting[0].what if waiting else "",
    )
    return replace(contents, rates=(*contents.rates, row), pending=pending)


def _open(pending: tuple[rows.Pending, ...], known_on: date | None) -> tuple[rows.Pending, ...]:
    """What is still pending, as known on the day."""
    return tuple(
        one
        for one in pending
        if one.settled_on is None or (known_on is not None and known_on < one.settled_on)
    )


def _known(dated: tuple[Row, ...], known_on: date) -> tuple[Row, ...]:
    return tuple(_reopened(row, known_on) for row in dated if _public(row, known_on))


def _public(row: Any, known_on: date) -> bool:
    return row.known_from is None or bool(row.known_from <= known_on)


def _reopened(row: Any, known_on: date) -> Any:
    told = getattr(row, "end_known_from", None)
    return replace(row, last_day=None) if told is not None and told > known_on else row
