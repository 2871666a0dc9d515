"""How the files of the law book become rows; a file that breaks its own form is refused, never patched."""

from __future__ import annotations

import csv
import hashlib
import io
import tomllib
from collections.abc import Callable, Mapping
from dataclasses import fields, replace
from datetime import date
from decimal import Decimal
from importlib import resources
from itertools import pairwise
from typing import Any, TypeVar

from cape_kit.errors import UnsoundLawbook
from cape_kit.law.book import rows

Files = Mapping[str, bytes]
Row = TypeVar("Row")


def files() -> dict[str, bytes]:
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
        sources=_sources(texts),
        series=_series(texts),
        validations=_validations(texts),
        phases=_tables(texts, "phases.toml", "phase", rows.Phase),
        headings=_csv(texts, "headings.csv", rows.Heading, _heading),
        gaps=_csv(texts, "gaps.csv", rows.Gap),
        others=_csv(texts, "not_ieepa.csv", rows.OtherFamily),
        countries={row.name: row for row in _csv(texts, "countries.csv", rows.Country, _country)},
        rates=_rates(texts),
        entry_types={row.code: row for row in _csv(texts, "entry_types.csv", rows.EntryType)},
        words=_words(texts),
        conflicts=_conflicts(texts),
        pending=_tables(texts, "pending.toml", "pending", rows.Pending),
        answers=_tables(texts, "answers.toml", "answer", rows.Answer),
    )


def toml(texts: Files, name: str) -> dict[str, Any]:
    """One structured file of the book; fractions are exact decimals."""
    try:
        return tomllib.loads(texts[name].decode("utf-8"), parse_float=Decimal)
    except KeyError:
        raise UnsoundLawbook(f"The law book lacks its file {name}; install the kit again.") from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise UnsoundLawbook(f"{name} of the law book can't be read: {error}.") from None


def _make(kind: type[Row], given: Mapping[str, Any], where: str) -> Row:
    """A row from its fields; absent optional ones are None or empty, unknown ones are an error."""
    names = {field.name: str(field.type) for field in fields(kind)}  # type: ignore[arg-type]
    unknown = sorted(set(given) - set(names))
    if unknown:
        raise UnsoundLawbook(f"{where} has the unknown field {unknown[0]}; expected: {', '.join(names)}.")
    row: dict[str, Any] = {}
    for name, type_name in names.items():
        if name in given:
            row[name] = tuple(given[name]) if isinstance(given[name], list) else given[name]
        elif "None" in type_name:
            row[name] = None
        elif name in ("assume", "note"):
            row[name] = ""
        else:
            raise UnsoundLawbook(f"{where} lacks {name}.")
    return kind(**row)


def _tables(texts: Files, name: str, table: str, kind: type[Row]) -> tuple[Row, ...]:
    found = toml(texts, name).get(table, [])
    return tuple(_make(kind, one, f"{name}, {one.get('key', '?')}") for one in found)


def _sources(texts: Files) -> dict[str, rows.Source]:
    return {
        key: _make(rows.Source, {"key": key, **one}, f"sources.toml, {key}")
        for key, one in toml(texts, "sources.toml").items()
    }


def _series(texts: Files) -> dict[str, rows.Series]:
    made: dict[str, rows.Series] = {}
    for key, one in toml(texts, "cape.toml").items():
        values = [
            _make(rows.Value, {"key": key, "status": "in_force", **value}, f"cape.toml, {key}")
            for value in one["values"]
        ]
        made[key] = rows.Series(key, one["meaning"], one["unit"], _told_ends(values))
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
        _make(
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


def _conflicts(texts: Files) -> tuple[rows.Conflict, ...]:
    told = toml(texts, "conflicts.toml")
    made = []
    for one in told["conflict"]:
        readings = tuple((reading["text"], reading["source"]) for reading in one["readings"])
        fields_of = {"checked_on": told["checked_on"], **one, "readings": readings}
        made.append(_make(rows.Conflict, fields_of, f"conflicts.toml, {one['key']}"))
    return tuple(made)


def _csv(
    texts: Files,
    name: str,
    kind: type[Row],
    mend: Callable[[dict[str, Any]], dict[str, Any]] | None = None,
) -> tuple[Row, ...]:
    """The rows of a table: columns named ``*_day``, ``*_from``, ``*_on`` are days, empty ones null."""
    try:
        lines = csv.DictReader(io.StringIO(texts[name].decode("utf-8"), newline=""))
    except (KeyError, UnicodeDecodeError):
        raise UnsoundLawbook(f"The law book's table {name} is missing or can't be read.") from None
    made = []
    for number, line in enumerate(lines, start=2):
        where = f"{name}, row {number}"
        told = {column: _cell(column, text, where) for column, text in line.items()}
        made.append(_make(kind, mend(told) if mend else told, where))
    return tuple(made)


def _cell(column: str, text: str | None, where: str) -> str | date | None:
    if text is None:
        raise UnsoundLawbook(f"{where} has too few cells; {column} is missing.")
    if not column.endswith(("_day", "_from", "_on")):
        return text
    try:
        return date.fromisoformat(text) if text else None
    except ValueError:
        raise UnsoundLawbook(f"{where}: '{text}' in {column} is no date; write YYYY-MM-DD.") from None


def _heading(told: dict[str, Any]) -> dict[str, Any]:
    return {**told, "hts8": told["heading"].replace(".", ""), "all_in": told["all_in"] == "yes"}


def _country(told: dict[str, Any]) -> dict[str, Any]:
    return {**told, "codes": tuple(told["codes"].split(";"))}


def _rates(texts: Files) -> tuple[rows.Rate, ...]:
    def percents(told: dict[str, Any]) -> dict[str, Any]:
        pcts = {name: Decimal(told[name]) if told[name] else None for name in told if name.endswith("_pct")}
        return {**told, **pcts}

    return _csv(texts, "interest.csv", rows.Rate, percents)
