"""The law book's rules about itself: sources exist, days are in order, series neither overlap nor gap."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date, timedelta
from typing import Any, Protocol

from cape_kit.errors import UnsoundLawbook
from cape_kit.law.book import rows

CONFIDENCE = ("high", "medium", "low", "conflict")
#: What cures a failed check, as far as the kit acts on it: a correction is possible only for a time.
CURED_BY = ("", "correction")
#: What a missing fact may do to an entry.
IF_MISSING = ("undetermined", "caveat")


class Dated(Protocol):
    """Anything with days in force."""

    @property
    def first_day(self) -> date | None:
        """First day in force."""

    @property
    def last_day(self) -> date | None:
        """Last day in force; None is open."""


def sound(contents: rows.Contents) -> rows.Contents:
    """The contents, or UnsoundLawbook naming the first row that breaks a rule."""
    for where, source in _cited(contents):
        for key in sources_of(source):
            if key not in contents.sources:
                raise UnsoundLawbook(f"{where} names the source '{key}', which sources.toml does not have.")
    for where, confidence in ((where, row.confidence) for where, row in _stated(contents)):
        if confidence not in CONFIDENCE:
            raise UnsoundLawbook(
                f"{where} has the confidence '{confidence}'; expected {', '.join(CONFIDENCE)}."
            )
    for key, series in contents.series.items():
        _follow(f"cape.toml, {key}", series.values, gapless=True)
        _possible(series, contents.entry_types)
    _follow("interest.csv", contents.rates, gapless=True)
    for number in {row.heading for row in contents.headings}:
        _follow(
            f"headings.csv, {number}",
            [row for row in contents.headings if row.heading == number],
            gapless=True,
        )
    for check in contents.validations:
        _follow(f"validations.toml, {check.code}", [check], gapless=False)
        _decidable(check)
    if lacking := set(rows.Check) - {check.code for check in contents.validations}:
        raise UnsoundLawbook(f"validations.toml lacks {min(lacking)}, by which the kit decides.")
    for phase in contents.phases:
        _follow(f"phases.toml, {phase.key}", [phase], gapless=False)
    for answer in contents.answers:
        _follow(f"answers.toml, {answer.key}", [answer], gapless=False)
    _once("validations.toml", (check.code for check in contents.validations))
    _once("conflicts.toml", (one.key for one in contents.conflicts))
    _touching(contents.conflicts)
    _once("pending.toml", (one.key for one in contents.pending))
    _once("answers.toml", (one.key for one in contents.answers))
    return contents


def _decidable(check: rows.Validation) -> None:
    """Raise for a check of which the policy would not know what becomes of an entry that fails it."""
    where = f"validations.toml, {check.code}"
    if check.missing not in IF_MISSING:
        raise UnsoundLawbook(f"{where}: missing is '{check.missing}'.")
    if check.cured_by not in CURED_BY:
        raise UnsoundLawbook(f"{where}: cured_by is '{check.cured_by}'; it must be correction, or left out.")
    if check.needs == ("tariff_lines",) and check.client_can and not check.cured_by:
        raise UnsoundLawbook(
            f"{where}: only tariff lines answer it and the client can cure it, so say by what: "
            'cured_by = "correction".'
        )
    if check.settles_first and check.code not in set(rows.Check):
        raise UnsoundLawbook(f"{where}: settles_first needs a line of the policy, which it does not have.")


def sources_of(source: str) -> list[str]:
    """The source keys of a row; several stand divided by semicolons."""
    return [key.strip() for key in source.split(";")]


def _possible(series: rows.Series, types: Mapping[str, rows.EntryType]) -> None:
    """Raise for a value the kit would not know what to do with."""
    known = series.choices or (tuple(types) if series.unit == "entry types" else ())
    for value in series.values:
        given = value.value if isinstance(value.value, tuple) else (value.value,)
        for one in given if known else ():
            if one not in known:
                raise UnsoundLawbook(
                    f"cape.toml, {series.key}: '{one}' is none of what it may be: {', '.join(known)}."
                )
        if type(value.value) is int and value.value < 1:
            raise UnsoundLawbook(f"cape.toml, {series.key}: {value.value} is not one or more.")


def _follow(where: str, dated: Iterable[Dated], *, gapless: bool) -> None:
    """Raise unless each row starts right after the one before it ended."""
    before: Dated | None = None
    for row in dated:
        if row.first_day and row.last_day and row.last_day < row.first_day:
            raise UnsoundLawbook(f"{where}: ends on {row.last_day}, before it begins on {row.first_day}.")
        if before is not None:
            _adjoin(where, before, row, gapless=gapless)
        before = row
    if before is None:
        raise UnsoundLawbook(f"{where}: has no value at all.")


def _adjoin(where: str, before: Dated, row: Dated, *, gapless: bool) -> None:
    if before.last_day is None or row.first_day is None or row.first_day <= before.last_day:
        raise UnsoundLawbook(f"{where}: the value from {row.first_day} overlaps the one before it.")
    if gapless and row.first_day != before.last_day + timedelta(days=1):
        raise UnsoundLawbook(f"{where}: no value between {before.last_day} and {row.first_day}.")


def _once(where: str, codes: Iterable[str]) -> None:
    seen: set[str] = set()
    for code in codes:
        if code in seen:
            raise UnsoundLawbook(f"{where}: '{code}' stands there twice.")
        seen.add(code)


def _touching(conflicts: Iterable[rows.Conflict]) -> None:
    for one in conflicts:
        if one.touches not in rows.TOUCHES:
            known = ", ".join(rows.TOUCHES)
            raise UnsoundLawbook(
                f"conflicts.toml, {one.key}: touches is '{one.touches}'; it must be one of {known}."
            )


def _stated(contents: rows.Contents) -> Iterable[tuple[str, Any]]:
    """Every row with a source and a confidence of its own, by where it stands."""
    for key, series in contents.series.items():
        yield from ((f"cape.toml, {key}", value) for value in series.values)
    yield from ((f"validations.toml, {check.code}", check) for check in contents.validations)
    yield from ((f"headings.csv, {row.heading}", row) for row in contents.headings)
    yield from ((f"gaps.csv, {row.old}", row) for row in contents.gaps)
    yield from ((f"not_ieepa.csv, {row.family}", row) for row in contents.others)
    yield from ((f"countries.csv, {name}", row) for name, row in contents.countries.items())
    yield from ((f"interest.csv, {row.first_day}", row) for row in contents.rates)
    yield from ((f"entry_types.csv, {code}", row) for code, row in contents.entry_types.items())
    yield from ((f"phases.toml, {one.key}", one) for one in contents.phases)
    yield from ((f"pending.toml, {one.key}", one) for one in contents.pending)
    yield from ((f"answers.toml, {one.key}", one) for one in contents.answers)
    for kind, words in contents.words.items():
        yield from ((f"words.toml, {kind}, {word.word}", word) for word in words.values())


def _cited(contents: rows.Contents) -> Iterable[tuple[str, str]]:
    yield from ((where, row.source) for where, row in _stated(contents))
    for conflict in contents.conflicts:
        yield from ((f"conflicts.toml, {conflict.key}", source) for _, source in conflict.readings)
