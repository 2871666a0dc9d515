"""How the files of the law book become rows: a file that breaks its own form is refused, never patched."""

from __future__ import annotations

import csv
import hashlib
import io
import re
import tomllib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import MISSING, fields, replace
from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from importlib import resources
from itertools import pairwise
from typing import Any, TypeVar

from cape_kit.errors import UnsoundLawbook, in_short, in_words
from cape_kit.law.book import rows

#: No number of the law is as large.
_BEYOND = Decimal(10**18)
_COUNTRY = re.compile(r"[A-Z]{2}|\*")

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
        countries={row.name: row for row in countries(texts)},
        rates=rates(texts),
        entry_types={row.code: row for row in table(texts, "entry_types.csv", rows.EntryType, once="code")},
        words=_words(texts),
        conflicts=conflicts(texts),
        pending=tables(texts, "pending.toml", "pending", rows.Pending),
        answers=tables(texts, "answers.toml", "answer", rows.Answer),
    )


def toml(texts: Files, name: str) -> dict[str, Any]:
    """One structured file of the book; fractions are exact decimals."""
    try:
        found = tomllib.loads(texts[name].decode("utf-8"), parse_float=Decimal)
        _within_reason(found, name)
    except KeyError:
        raise UnsoundLawbook(f"The law book lacks its file {name}; install the kit again.") from None
    except (ValueError, ArithmeticError, RecursionError) as error:
        raise UnsoundLawbook(f"{name} of the law book can't be read: {in_words(error)}.") from None
    return found


def _within_reason(value: Any, where: str) -> None:
    """Raise for a number no law has, wherever it stands: without end, or of more digits than a sentence holds."""
    if isinstance(value, dict):
        for key, one in value.items():
            _within_reason(one, f"{where}, {key}")
    elif isinstance(value, list):
        for one in value:
            _within_reason(one, where)
    elif isinstance(value, int | Decimal):
        number = Decimal(value)
        if not number.is_finite() or number.copy_abs() > _BEYOND:
            raise UnsoundLawbook(f"{where}: {in_short(value)} is no number the law can have.")


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
    *,
    once: str | None = None,
) -> tuple[Row, ...]:
    """The rows of a table: columns named ``*_day``, ``*_from``, ``*_on`` are days, empty ones null.

    A row whose first cell begins with # is a remark. `once`: the column by which a row is known.
    """
    made = []
    known: dict[str, int] = {}
    for row, line in _lines(texts, name):
        where = f"{name}, row {row}"
        first = next(iter(line.values()), None) or ""
        if isinstance(first, list):  # cells of no column at all
            raise UnsoundLawbook(f"{name} names no columns; its first line is the header.")
        if first.startswith("#") or not any(line.values()):
            continue
        if None in line:
            raise UnsoundLawbook(f"{where} has too many cells; text with a comma needs quotes.")
        told = {column: _cell(column, text, where) for column, text in line.items()}
        if once is not None:
            _known_once(str(told.get(once) or ""), known, f"{where}: {once}", row)
        made.append(make(kind, cure(told) if cure else told, where))
    return tuple(made)


def _lines(texts: Files, name: str) -> Iterator[tuple[int, dict[Any, Any]]]:
    """The rows of a table by its columns, each with the line it ends on."""
    try:
        lines = csv.DictReader(io.StringIO(texts[name].decode("utf-8-sig"), newline=""))
        yield from ((lines.line_num, line) for line in lines)
    except (KeyError, UnicodeDecodeError):
        raise UnsoundLawbook(f"The law book's table {name} is missing or can't be read.") from None
    except csv.Error as error:
        raise UnsoundLawbook(f"The law book's table {name} can't be read: {in_words(error)}.") from None


def _known_once(key: str, known: dict[str, int], where: str, row: int) -> None:
    """Raise for a row known by nothing, or by what another is known by: the later would overwrite it."""
    same = key.strip().casefold()
    if not same:
        raise UnsoundLawbook(f"{where} is empty.")
    if same in known:
        raise UnsoundLawbook(f"{where} '{key}' stands on row {known[same]} too; keep the row that is right.")
    known[same] = row


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


def countries(texts: Files) -> tuple[rows.Country, ...]:
    """The rows of countries.csv."""
    return table(texts, "countries.csv", rows.Country, _country, once="name")


def _country(cells: dict[str, Any]) -> dict[str, Any]:
    """A row of countries.csv with its codes apart."""
    codes = tuple(code.strip() for code in str(cells.get("codes", "")).split(";"))
    if not all(_COUNTRY.fullmatch(code) for code in codes):
        raise UnsoundLawbook(
            f"countries.csv, {cells.get('name')}: codes is '{cells.get('codes')}'; it must be codes of two capital "
            "letters as entry summaries have them, such as CN; semicolons divide several."
        )
    return {**cells, "codes": codes}


def rates(texts: Files) -> tuple[rows.Rate, ...]:
    """The rows of interest.csv, rates as exact decimals."""

    def percents(cells: dict[str, Any]) -> dict[str, Any]:
        return {**cells, **{name: _percent(name, cells) for name in cells if name.endswith("_pct")}}

    return table(texts, "interest.csv", rows.Rate, percents)


def _percent(name: str, cells: Mapping[str, Any]) -> Decimal | None:
    try:
        pct = Decimal(cells[name]) if cells[name] else None
        if pct is None or pct.is_finite():
            return pct
        raise InvalidOperation
    except InvalidOperation:
        raise UnsoundLawbook(
            f"interest.csv, {cells.get('first_day')}: '{cells[name]}' in {name} is no number; "
            "write per cent, such as 7."
        ) from None
