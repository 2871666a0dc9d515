"""The law book as one frozen `Law`: a value on a day, what was known by then, its source, how fresh it is.

It never extrapolates: a day without a value raises NoLawInForce, naming the days that are covered.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from functools import cached_property, lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from cape_kit.errors import NoLawInForce, UnsoundLawbook
from cape_kit.law.book import files, own, replay, rows, soundness
from cape_kit.law.book.own import Folder, OwnRow
from cape_kit.law.book.rows import (
    Answer,
    Check,
    Conflict,
    EntryType,
    Heading,
    Pending,
    Phase,
    Series,
    Source,
    Standing,
    Validation,
    Value,
    Word,
)

if TYPE_CHECKING:
    import pandas as pd

__all__ = [
    "Answer", "Check", "Conflict", "EntryType", "Heading", "Law", "OwnRow", "Pending", "Phase", "Series",
    "Source", "Standing", "Validation", "Value", "Word", "load",
]  # fmt: skip

Row = TypeVar("Row", Validation, Phase, Value)


def load(known_on: date | None = None, folder: Path | str | None = None) -> Law:
    """The law book as known on a day; with None, all that is in it. The same day gives the same object.

    `folder`: rows of the user's own to add to it, see `own`. Raises Usage where there is no such folder,
    UnsoundLawbook for a row that is unsound or contradicts the book.
    """
    return _made(known_on, own.folder(Path(folder)) if folder is not None else None)


@lru_cache(maxsize=16)
def _made(known_on: date | None, folder: Folder | None) -> Law:
    texts = files.texts()
    contents, version = soundness.sound(files.read(texts)), files.version(texts)
    mine: tuple[OwnRow, ...] = ()
    if folder is not None:
        contents, mine = own.added(contents, folder)
        version += f"+own.{folder.version}" if mine else ""
    public = (one for one in mine if known_on is None or one.known_from is None or one.known_from <= known_on)
    return Law(known_on, version, replay.as_known(contents, known_on), tuple(public), folder)


@dataclass(frozen=True)
class Law:
    """What the law says on a day, as known on ``known_on`` (None: all that the book knows).

    ``own``: what a user's folder added or closed, as far as it was public by then.
    """

    known_on: date | None
    version: str
    contents: rows.Contents
    own: tuple[OwnRow, ...] = ()
    folder: Folder | None = field(default=None, repr=False)

    def known(self, known_on: date | None) -> Law:
        """The same law, rows of the user's own included, as it was known on a day; None: all of it."""
        return self if known_on == self.known_on else _made(known_on, self.folder)

    def masked(self, told: Callable[[str], str]) -> Law:
        """The same law with the words of the user's own rows put through `told`: names, titles, remarks.

        Raises UnsoundLawbook where the rows can't be read any more after that.
        """
        return _made(self.known_on, own.masked(self.folder, told)) if self.folder else self

    @property
    def own_rows(self) -> list[dict[str, Any]]:
        """The user's own rows as outputs show them: file, key, what it does, in words, since when, source."""
        return [
            {
                "file": one.file,
                "key": one.key,
                "what": one.what,
                "told": one.told,
                "known_from": one.known_from.isoformat() if one.known_from else None,
                "source": self.cite(one.source),
            }
            for one in self.own
        ]

    def is_own(self, row: Any) -> bool:
        """Whether a row was added by the user's folder."""
        return own.name_of(row) in self._own_rows

    @cached_property
    def _own_rows(self) -> frozenset[tuple[Any, ...]]:
        return frozenset(one.row for one in self.own if one.what == "adds")

    def value(self, key: str, on: date) -> Value:
        """The value of a series on a day. Raises NoLawInForce on a day that is not covered."""
        values = self.series(key).values
        for value in values:
            if _holds(value, on):
                return value
        raise NoLawInForce(f"The law book has no value for '{key}' on {on}; {self._covered(values)}.")

    def series(self, key: str) -> Series:
        """All values of a key, oldest first, with what they mean."""
        if key not in self.contents.series:
            raise UnsoundLawbook(f"The law book has no series '{key}'.")
        return self.contents.series[key]

    def next_first_day(self, key: str, on: date) -> date | None:
        """The next day after ``on`` from which another value of the key holds, if one is known."""
        later = [value.first_day for value in self.series(key).values if value.first_day > on]
        return min(later, default=None)

    def validations(self, on: date) -> tuple[Validation, ...]:
        """The checks of an entry in force on a day, in CBP's order. Raises NoLawInForce before the first."""
        return self._checks("E", on)

    def check(self, code: Check | str, on: date) -> Standing:
        """How one check stands on a day: not in force before its first day, after its last, or unknown then.

        Raises UnsoundLawbook for a code that neither the kit nor this law knows.
        """
        found = next((check for check in self.contents.validations if check.code == code), None)
        if found is None and code not in set(Check):
            raise UnsoundLawbook(f"No check has the code '{code}'.")
        return Standing(str(code), found is not None and _holds(found, on), found)

    def file_checks(self, on: date) -> tuple[Validation, ...]:
        """The checks of a declaration file in force on a day, in CBP's order."""
        return self._checks("F", on)

    def phases(self, on: date) -> tuple[Phase, ...]:
        """The steps of the programme taken by a day; none before it began."""
        return tuple(phase for phase in self.contents.phases if _holds(phase, on))

    @property
    def cape_opened(self) -> date | None:
        """The first day of the first phase: nothing of before is CAPE's. None in a law book without phases."""
        return min((phase.first_day for phase in self.contents.phases), default=None)

    def words(self, kind: str) -> dict[str, Word]:
        """The known status words of a kind, in lower case; any other word has no meaning to the kit."""
        if kind not in self.contents.words:
            raise UnsoundLawbook(f"The law book has no words of kind '{kind}'.")
        return dict(self.contents.words[kind])

    def source(self, key: str) -> Source:
        """One source by its key."""
        if key not in self.contents.sources:
            raise UnsoundLawbook(f"The law book has no source '{key}'.")
        return self.contents.sources[key]

    def cite(self, source: str) -> str:
        """A short citation of a row's source or sources, for people."""
        return "; ".join(self.source(key).citation for key in soundness.sources_of(source))

    @property
    def entry_types(self) -> dict[str, EntryType]:
        """Entry types by their two digits."""
        return dict(self.contents.entry_types)

    @property
    def conflicts(self) -> tuple[Conflict, ...]:
        """Questions on which the sources disagree, and the reading taken."""
        return self.contents.conflicts

    @property
    def pending(self) -> tuple[Pending, ...]:
        """What is announced, expected, contested or unread; none of it is applied."""
        return self.contents.pending

    @property
    def answers(self) -> tuple[Answer, ...]:
        """Questions people ask about the programme, answered with their sources."""
        return self.contents.answers

    @cached_property
    def headings(self) -> pd.DataFrame:
        """The registry of IEEPA headings as a table; treat it as read-only."""
        return rows.heading_frame(self.contents.headings)

    @cached_property
    def rates(self) -> pd.DataFrame:
        """Interest rates by quarter as a table, pending ones null; treat it as read-only. [percent a year]"""
        return rows.rate_frame(self.contents.rates)

    @cached_property
    def headings_by_number(self) -> dict[str, tuple[Heading, ...]]:
        """The rows of the registry by eight digits, oldest first."""
        found: dict[str, tuple[Heading, ...]] = {}
        for row in self.contents.headings:
            found[row.hts8] = (*found.get(row.hts8, ()), row)
        return found

    @cached_property
    def checked_on(self) -> date:
        """The newest day on which somebody looked at the book's sources; rows of the user's don't count."""
        values = [value for series in self.contents.series.values() for value in series.values]
        if not values:
            raise NoLawInForce(f"Nothing of the law book was public on {self.known_on}.")
        return max(value.checked_on for value in values if not self.is_own(value))

    def stale(self, as_of: date) -> str | None:
        """A sentence when the sources were looked at too long before a day, else None: key staleness.days."""
        age = (as_of - self.checked_on).days
        if age <= int(self.value("staleness.days", as_of).value):
            return None
        return (
            f"The law book was last checked on {self.checked_on}, {age} days before {as_of}: before relying "
            "on this, re-check CBP's IEEPA Duty Refunds page and its CSMS list, the interest rate of the "
            "quarter, the state of Phase 3 and of the appeal on final liquidations."
        )

    def assume(self, key: str, value: Any, first_day: date, source: str = "cape-kit") -> Law:
        """The same law with another value of a series from a day on, marked as assumed: for scenarios."""
        kept = [
            replace(old, last_day=first_day - timedelta(days=1)) if _holds(old, first_day) else old
            for old in self.series(key).values
            if old.first_day < first_day
        ]
        assumed = Value(
            key, value, first_day, None, self.checked_on, source, "low", self.checked_on, "assumed"
        )
        series = replace(self.series(key), values=(*kept, assumed))
        changed = replace(self.contents, series={**self.contents.series, key: series})
        return replace(self, version=f"{self.version}+assumed", contents=changed)

    def _checks(self, table: str, on: date) -> tuple[Validation, ...]:
        known = [check for check in self.contents.validations if check.code.startswith(table)]
        found = tuple(check for check in known if _holds(check, on))
        if not found:
            raise NoLawInForce(
                f"CAPE makes no checks on {on} as far as the law book knows; {self._covered(known)}."
            )
        return found

    def _covered(self, dated: Any) -> str:
        if not dated:
            return f"none of it was public on {self.known_on}"
        first, ends = min(row.first_day for row in dated), [row.last_day for row in dated]
        return f"it covers {first} to {max(ends)}" if all(ends) else f"it covers {first} and after"


def _holds(row: Row, on: date) -> bool:
    return row.first_day <= on and (row.last_day is None or on <= row.last_day)
