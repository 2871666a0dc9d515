"""How the files of the law book become rows, and the book's rules about itself.

A file that breaks its own form is refused, never patched. Sources exist, days are in order, series neither overlap
nor gap.
"""

from __future__ import annotations

import csv
import hashlib
import io
import tomllib
from collections.abc import Callable, Iterable, Mapping
from dataclasses import MISSING, fields, replace
from datetime import date, datetime, timedelta
from decimal import Decimal, InvalidOperation
from importlib import resources
from itertools import pairwise
from typing import Any, Protocol, TypeVar

from cape_kit.errors import UnsoundLawbook, in_short, in_words
from cape_kit.law.book import rows

# --- the book's rules about itself ------------------------------------------------------------------------


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
    for where, confidence in _confidences(contents):
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


def _cited(contents: rows.Contents) -> Iterable[tuple[str, str]]:
    for key, series in contents.series.items():
        yield from ((f"cape.toml, {key}", value.source) for value in series.values)
    yield from ((f"validations.toml, {check.code}", check.source) for check in contents.validations)
    yield from ((f"headings.csv, {row.heading}", row.source) for row in contents.headings)
    yield from ((f"gaps.csv, {row.old}", row.source) for row in contents.gaps)
    yield from ((f"not_ieepa.csv, {row.family}", row.source) for row in contents.others)
    yield from ((f"countries.csv, {name}", row.source) for name, row in contents.countries.items())
    yield from ((f"interest.csv, {row.first_day}", row.source) for row in contents.rates)
    yield from ((f"entry_types.csv, {code}", row.source) for code, row in contents.entry_types.items())
    yield from ((f"phases.toml, {one.key}", one.source) for one in contents.phases)
    yield from ((f"pending.toml, {one.key}", one.source) for one in contents.pending)
    yield from ((f"answers.toml, {one.key}", one.source) for one in contents.answers)
    for conflict in contents.conflicts:
        yield from ((f"conflicts.toml, {conflict.key}", source) for _, source in conflict.readings)
    for kind, words in contents.words.items():
        yield from ((f"words.toml, {kind}", word.source) for word in words.values())


def _confidences(contents: rows.Contents) -> Iterable[tuple[str, str]]:
    for key, series in contents.series.items():
        yield from ((f"cape.toml, {key}", value.confidence) for value in series.values)
    yield from ((check.code, check.confidence) for check in contents.validations)
    yield from ((row.heading, row.confidence) for row in contents.headings)
    yield from ((f"gaps.csv, {row.old}", row.confidence) for row in contents.gaps)
    yield from ((f"not_ieepa.csv, {row.family}", row.confidence) for row in contents.others)
    yield from ((f"countries.csv, {name}", row.confidence) for name, row in contents.countries.items())
    yield from ((f"interest.csv, {row.first_day}", row.confidence) for row in contents.rates)
    yield from ((f"entry type {code}", row.confidence) for code, row in contents.entry_types.items())
    yield from ((f"phases.toml, {one.key}", one.confidence) for one in contents.phases)
    yield from ((f"pending.toml, {one.key}", one.confidence) for one in contents.pending)
    yield from ((f"answers.toml, {one.key}", one.confidence) for one in contents.answers)
    for kind, words in contents.words.items():
        yield from ((f"words.toml, {kind}, {word.word}", word.confidence) for word in words.values())


# --- from files to rows -----------------------------------------------------------------------------------


Files = Mapping[str, bytes]
Row = TypeVar("Row")


def texts() -> dict[str, bytes]:
    """The law book's files as shipped with the kit, by name."""
    folder = resources.files("cape_kit.law") / "lawbook"
    found = {entry.name: entry.read_bytes() for entry in folder.iterdir()}
    return {name: found[name] for name in sorted(found) if name.endswith((".toml", ".csv"))}


def version(texts: Files) -> str:
    """A short fingerprint of every byte of the law book."""
    digest = hashlib.sha256()
    for name in sorted(texts):
        digest.update(name.encode() + b"\0" + texts[name] + b"\0")
    return digest.hexdigest()[:12]


def read(texts: Files) -> rows.Contents:
    """All rows of the law book, in file order."""
    return rows.Contents(
        sources=sources(texts),
        series=_series(texts),
        validations=_validations(texts),
        phases=tables(texts, "phases.toml", "phase", rows.Phase),
        headings=table(texts, "headings.csv", rows.Heading, heading),
        gaps=table(texts, "gaps.csv", rows.Gap),
        others=table(texts, "not_ieepa.csv", rows.OtherFamily),
        countries={row.name: row for row in table(texts, "countries.csv", rows.Country, country)},
        rates=rates(texts),
        entry_types={row.code: row for row in table(texts, "entry_types.csv", rows.EntryType)},
        words=_words(texts),
        conflicts=conflicts(texts),
        pending=tables(texts, "pending.toml", "pending", rows.Pending),
        answers=tables(texts, "answers.toml", "answer", rows.Answer),
    )


def toml(texts: Files, name: str) -> dict[str, Any]:
    """One structured file of the book; fractions are exact decimals."""
    try:
        return tomllib.loads(texts[name].decode("utf-8"), parse_float=Decimal)
    except KeyError:
        raise UnsoundLawbook(f"The law book lacks its file {name}; install the kit again.") from None
    except (ValueError, RecursionError) as error:
        raise UnsoundLawbook(f"{name} of the law book can't be read: {in_words(error)}.") from None


def make(kind: type[Row], given: Mapping[str, Any], where: str) -> Row:
    """A row from its fields; absent optional ones are None or empty, unknown or ill-typed ones an error."""
    names = {field.name: str(field.type) for field in fields(kind)}  # type: ignore[arg-type]
    unknown = sorted(set(map(str, given)) - set(names))
    if unknown:
        raise UnsoundLawbook(
            f"{where} has the unknown field {in_short(unknown[0])}; expected: {', '.join(names)}."
        )
    defaults = {field.name: field.default for field in fields(kind)}  # type: ignore[arg-type]
    row: dict[str, Any] = {}
    for name, type_name in names.items():
        if name in given:
            row[name] = _typed(given[name], type_name, f"{where}: {name}")
        elif "None" in type_name:
            row[name] = None
        elif defaults[name] is not MISSING:
            row[name] = defaults[name]
        elif name in ("assume", "note"):
            row[name] = ""
        else:
            raise UnsoundLawbook(f"{where} lacks {name}.")
    return kind(**row)


#: How a field's type is told to a person. `Any` takes what the series holds; `checks` looks at that.
_TYPES = {
    "str": (str, "text in quotes"),
    "bool": (bool, "true or false"),
    "date": (date, "a day such as YYYY-MM-DD, without quotes"),
    "tuple[str, ...]": (tuple, "a list of texts"),
}


def _typed(value: Any, type_name: str, where: str) -> Any:
    """The value, lists as tuples; an error where it is not what the field holds."""
    value = tuple(value) if isinstance(value, list) else value
    known = _TYPES.get(type_name.removesuffix(" | None"))
    if known is None or (value is None and "None" in type_name):
        return value
    kind, told = known
    good = isinstance(value, kind) and not isinstance(value, datetime)
    if good and kind is tuple:
        good = all(isinstance(one, str) for one in value)
    if not good:
        raise UnsoundLawbook(f"{where} is {in_short(value, repr)}; it must be {told}.")
    return value


def tables(texts: Files, name: str, table: str, kind: type[Row]) -> tuple[Row, ...]:
    """The rows of a file of one table."""
    found = listed(toml(texts, name).get(table, []), f"{name}, {table}")
    return tuple(make(kind, one, f"{name}, {one.get('key', '?')}") for one in found)


def listed(value: Any, where: str) -> list[dict[str, Any]]:
    """A list of tables, or UnsoundLawbook."""
    if not isinstance(value, list) or not all(isinstance(one, dict) for one in value):
        raise UnsoundLawbook(f"{where} is no list of tables; write [[…]] above each row.")
    return value


def table_of(value: Any, where: str) -> dict[str, Any]:
    """A table, or UnsoundLawbook."""
    if not isinstance(value, dict):
        raise UnsoundLawbook(f"{where} is {in_short(value, repr)}; it must be a table.")
    return value


def sources(texts: Files) -> dict[str, rows.Source]:
    """The sources by their key."""
    return {
        key: make(rows.Source, {"key": key, **table_of(one, f"sources.toml, {key}")}, f"sources.toml, {key}")
        for key, one in toml(texts, "sources.toml").items()
    }


def _series(texts: Files) -> dict[str, rows.Series]:
    made: dict[str, rows.Series] = {}
    for key, one in toml(texts, "cape.toml").items():
        values = [
            make(rows.Value, {"key": key, "status": "in_force", **value}, f"cape.toml, {key}")
            for value in one["values"]
        ]
        choices = tuple(one.get("choices", ()))
        made[key] = rows.Series(key, one["meaning"], one["unit"], _told_ends(values), choices)
    return made


def _told_ends(values: list[rows.Value]) -> tuple[rows.Value, ...]:
    """Values whose end became known when their successor did."""
    told = [
        value if value.end_known_from else replace(value, end_known_from=after.known_from)
        for value, after in pairwise(values)
    ]
    return (*told, *values[-1:])


def _validations(texts: Files) -> tuple[rows.Validation, ...]:
    told = toml(texts, "validations.toml")
    return tuple(
        make(
            rows.Validation,
            {**told["defaults"][table], **one, "code": code},
            f"validations.toml, {code}",
        )
        for table in ("file", "entry", "other")
        for code, one in told[table].items()
    )


def _words(texts: Files) -> dict[str, dict[str, rows.Word]]:
    made: dict[str, dict[str, rows.Word]] = {}
    for kind, group in toml(texts, "words.toml").items():
        made[kind] = {}
        for line in group["words"]:
            for word in line["words"]:
                if word in made[kind]:
                    raise UnsoundLawbook(f"words.toml, {kind}: '{word}' stands there twice.")
                made[kind][word] = rows.Word(
                    word,
                    line["canon"],
                    line["meaning"],
                    line.get("source", group["source"]),
                    line.get("confidence", group["confidence"]),
                    group["checked_on"],
                )
    return made


def conflicts(texts: Files) -> tuple[rows.Conflict, ...]:
    """The questions on which sources disagree."""
    told = toml(texts, "conflicts.toml")
    common = {name: told[name] for name in ("checked_on",) if name in told}
    made = []
    for one in listed(told.get("conflict", []), "conflicts.toml, conflict"):
        where = f"conflicts.toml, {one.get('key', '?')}"
        said = listed(one.get("readings", []), f"{where}: readings")
        if any(not isinstance(reading.get(name), str) for reading in said for name in ("text", "source")):
            raise UnsoundLawbook(f"{where}: each reading needs a text and a source.")
        readings = tuple((reading["text"], reading["source"]) for reading in said)
        made.append(make(rows.Conflict, {**common, **one, "readings": readings}, where))
    return tuple(made)


def table(
    texts: Files,
    name: str,
    kind: type[Row],
    cure: Callable[[dict[str, Any]], dict[str, Any]] | None = None,
) -> tuple[Row, ...]:
    """The rows of a table: columns named ``*_day``, ``*_from``, ``*_on`` are days, empty ones null.

    A row whose first cell begins with # is a remark.
    """
    try:
        lines = csv.DictReader(io.StringIO(texts[name].decode("utf-8-sig"), newline=""))
    except (KeyError, UnicodeDecodeError):
        raise UnsoundLawbook(f"The law book's table {name} is missing or can't be read.") from None
    made = []
    for line in lines:
        where = f"{name}, row {lines.line_num}"
        first = next(iter(line.values()), None) or ""
        if isinstance(first, list):  # cells of no column at all
            raise UnsoundLawbook(f"{name} names no columns; its first line is the header.")
        if first.startswith("#") or not any(line.values()):
            continue
        if None in line:
            raise UnsoundLawbook(f"{where} has too many cells; text with a comma needs quotes.")
        told = {column: _cell(column, text, where) for column, text in line.items()}
        made.append(make(kind, cure(told) if cure else told, where))
    return tuple(made)


def _cell(column: str, text: str | None, where: str) -> str | date | None:
    if text is None:
        raise UnsoundLawbook(f"{where} has too few cells; {column} is missing.")
    if not column.endswith(("_day", "_from", "_on")):
        return text
    try:
        return date.fromisoformat(text) if text else None
    except ValueError:
        raise UnsoundLawbook(f"{where}: '{text}' in {column} is not a date; write YYYY-MM-DD.") from None


def heading(cells: dict[str, Any]) -> dict[str, Any]:
    """A row of headings.csv with its number as eight digits."""
    digits = str(cells.get("heading", "")).replace(".", "")
    if cells.get("all_in") not in ("yes", "no", "", None):
        raise UnsoundLawbook(
            f"headings.csv, {cells.get('heading')}: all_in is '{cells['all_in']}'; it must be yes or no."
        )
    return {**cells, "hts8": digits, "all_in": cells.get("all_in") == "yes"}


def country(cells: dict[str, Any]) -> dict[str, Any]:
    """A row of countries.csv with its codes apart."""
    return {**cells, "codes": tuple(str(cells.get("codes", "")).split(";"))}


def rates(texts: Files) -> tuple[rows.Rate, ...]:
    """The rows of interest.csv, rates as exact decimals."""

    def percents(cells: dict[str, Any]) -> dict[str, Any]:
        return {**cells, **{name: _percent(name, cells) for name in cells if name.endswith("_pct")}}

    return table(texts, "interest.csv", rows.Rate, percents)


def _percent(name: str, cells: Mapping[str, Any]) -> Decimal | None:
    try:
        return Decimal(cells[name]) if cells[name] else None
    except InvalidOperation:
        raise UnsoundLawbook(
            f"interest.csv, {cells.get('first_day')}: '{cells[name]}' in {name} is no number; "
            "write per cent, such as 7."
        ) from None
