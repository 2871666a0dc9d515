"""The law in the user's hands: a folder of the book's form, whose rows add to the book's or close them.

Nothing in the book is overwritten: a row that contradicts one is refused in one sentence, and so is a row
without a source. What the folder changed is kept apart, so that every output can show it as the user's own.
"""

from __future__ import annotations

import difflib
import re
from calendar import monthrange
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, fields, replace
from datetime import date, timedelta
from decimal import Decimal
from importlib import resources
from pathlib import Path
from typing import Any, NoReturn, TypeVar

from cape_kit.errors import UnsoundLawbook, Usage, in_short, with_short_quotes
from cape_kit.law.book import files, rows, soundness

#: Files of the book that only the book itself has: the holidays are rules of a statute, and are not replayed.
_BOOK_ONLY = ("holidays.toml",)
_SEEN = ("copy", "secondary", "listing", "memory", "own")
_CODE = re.compile(r"[EF]\d\d")
_DIGITS, _QUARTER = 8, 3
_KINDS = ("duty", "exception")
#: What a row is known by, whatever it is a row of.
_NAMES = ("key", "code", "heading", "family", "old", "name", "word", "first_day")

Row = TypeVar("Row")
Closable = TypeVar("Closable", rows.Validation, rows.Phase)


@dataclass(frozen=True)
class Folder:
    """The folder as it was read: its name for messages, and its bytes by file."""

    name: str
    texts: tuple[tuple[str, bytes], ...]

    @property
    def version(self) -> str:
        """A short fingerprint of every byte of it."""
        return files.version(dict(self.texts))


@dataclass(frozen=True)
class OwnRow:
    """One row of the user's: what it adds or closes, in words, since when it was public, and its source."""

    file: str
    key: str
    what: str
    told: str
    known_from: date | None
    source: str
    row: tuple[Any, ...]


def folder(path: Path) -> Folder:
    """The user's folder, read. Raises Usage when there is none, UnsoundLawbook for an unknown file."""
    if not path.is_dir():
        raise Usage(f"{path}: no such law folder; create one with: cape-kit law --new {path}")
    book = files.texts()
    texts = {}
    for one in sorted(path.iterdir()):
        if one.name.startswith((".", "~$")) or one.name.lower().startswith("readme"):
            continue
        if one.name in _BOOK_ONLY:
            raise UnsoundLawbook(f"{one}: {one.name} can't be added to; take the file out.")
        if one.name not in book or not one.is_file():
            raise UnsoundLawbook(
                f"{one} is no file of a law folder; it may hold "
                f"{', '.join(name for name in book if name not in _BOOK_ONLY)} and a README."
            )
        texts[one.name] = one.read_bytes()
    return Folder(str(path), tuple(texts.items()))


def masked(given: Folder, told: Callable[[str], str]) -> Folder:
    """The folder without its name, its texts put through `told`; what it puts in may stand in a key too."""
    texts = ((name, told(text.decode("utf-8-sig")).encode()) for name, text in given.texts)
    return Folder("the author's rows of law", tuple(texts))


def new(path: Path) -> list[Path]:
    """Write a skeleton, every example in it a remark. Raises Usage where there is something already."""
    if path.exists() and (not path.is_dir() or any(path.iterdir())):
        raise Usage(f"{path} already exists and is not empty; give a new or empty folder")
    path.mkdir(parents=True, exist_ok=True)
    written = []
    for entry in sorted((resources.files("cape_kit.law") / "skeleton").iterdir(), key=lambda one: one.name):
        target = path / entry.name
        target.write_bytes(entry.read_bytes())
        written.append(target)
    return written


def added(contents: rows.Contents, given: Folder) -> tuple[rows.Contents, tuple[OwnRow, ...]]:
    """The book's contents with the user's rows in them, checked as a whole, and the list of those rows."""
    texts = dict(given.texts)
    told: list[OwnRow] = []
    try:
        contents = replace(contents, sources=_sources(contents, texts))
        for part in _PARTS:
            contents = part(contents, texts, told)
        for one in told:
            _cited(contents, one)
        return soundness.sound(contents), tuple(told)
    except UnsoundLawbook as fault:
        raise UnsoundLawbook(f"{given.name}: {with_short_quotes(str(fault))}") from None


def name_of(row: Any) -> tuple[Any, ...]:
    """What a row is known by: its kind, its key and its first day."""
    return (type(row).__name__, *(getattr(row, name, None) for name in _NAMES))


def _adds(file: str, row: Any, key: str, in_words: str) -> OwnRow:
    return OwnRow(file, key, "adds", in_words, getattr(row, "known_from", None), row.source, name_of(row))


def _refuse(sentence: str) -> NoReturn:
    raise UnsoundLawbook(sentence)


def _cited(contents: rows.Contents, one: OwnRow) -> None:
    """A row of the user's needs a source that speaks of it: not none, and not a choice of this kit."""
    where = f"{one.file}, {one.key}"
    keys = soundness.sources_of(one.source)
    if not any(keys):
        _refuse(f"{where} has no source; name one of sources.toml.")
    for key in keys:
        if key not in contents.sources:
            near = difflib.get_close_matches(key, contents.sources, n=1)
            meant = f"; did you mean {near[0]}?" if near else "; enter it in your sources.toml first."
            _refuse(f"{where} names the source '{key}', which neither you nor the book have{meant}")
        if contents.sources[key].issuer == "CAPE Kit":
            _refuse(f"{where} cites '{key}', which stands for a choice of this kit; name where you read it.")


def _sources(contents: rows.Contents, texts: Mapping[str, bytes]) -> dict[str, rows.Source]:
    if "sources.toml" not in texts:
        return contents.sources
    mine = files.sources(texts)
    for key, one in mine.items():
        if key in contents.sources:
            _refuse(
                f"sources.toml, {key}: the book has a source of that key; cite it, or choose another key."
            )
        if one.seen not in _SEEN:
            _refuse(f"sources.toml, {key}: seen is '{one.seen}'; it must be one of {', '.join(_SEEN)}.")
        if not (one.title.strip() and one.citation.strip()):
            _refuse(f"sources.toml, {key}: it needs a title and a citation.")
    return {**contents.sources, **mine}


def _series(contents: rows.Contents, texts: Mapping[str, bytes], own_rows: list[OwnRow]) -> rows.Contents:
    """A value is added from its first day on; the one before it ends on the day before."""
    series = dict(contents.series)
    for key, one in _toml(texts, "cape.toml").items():
        where = f"cape.toml, {key}"
        if key not in series:
            near = difflib.get_close_matches(key, series, n=1)
            _refuse(f"{where} is no number of the book" + (f"; did you mean {near[0]}?" if near else "."))
        given = files.table_of(one, where)
        if set(given) != {"values"}:
            _refuse(f"{where}: only values can be added; its meaning and its unit are the book's.")
        values = [
            files.make(rows.Value, {"key": key, "status": "in_force", **value}, where)
            for value in files.listed(given["values"], where)
        ]
        for value in sorted(values, key=lambda value: value.first_day):
            series[key] = _followed(series[key], value, where)
            until = f" to {value.last_day}" if value.last_day else ""
            own_rows.append(
                _adds("cape.toml", value, key, f"{_shown(value.value)} from {value.first_day}{until}")
            )
    return replace(contents, series=series)


def _followed(series: rows.Series, value: rows.Value, where: str) -> rows.Series:
    *earlier, last = series.values
    if type(value.value) is not type(last.value) or not _texts_or_one(value.value):
        _refuse(f"{where}: {_shown(value.value)} is not of the kind of {_shown(last.value)}.")
    if value.first_day <= last.first_day or (last.last_day and last.last_day >= value.first_day):
        _refuse(f"{where}: a value from {last.first_day} is there already; one of your own begins after it.")
    if last.last_day is None:
        ends = value.first_day - timedelta(days=1)
        last = replace(last, last_day=ends, end_known_from=value.known_from)
    return replace(series, values=(*earlier, last, value))


def _texts_or_one(value: Any) -> bool:
    """Whether a value is a single one, or a list of texts: the book has no other lists."""
    return not isinstance(value, tuple) or all(isinstance(one, str) for one in value)


def _rates(contents: rows.Contents, texts: Mapping[str, bytes], own_rows: list[OwnRow]) -> rows.Contents:
    if "interest.csv" not in texts:
        return contents
    rates = list(contents.rates)
    for row in sorted(files.rates(texts), key=lambda row: row.first_day):
        where, after = f"interest.csv, {row.first_day}", rates[-1].last_day
        if row.first_day <= after:
            _refuse(f"{where}: rates up to {after} are there already; one of your own begins after them.")
        if row.last_day != _quarter_end(row.first_day):
            _refuse(f"{where} to {row.last_day} is no quarter.")
        if row.known_from is None or row.status != "published":
            _refuse(f"{where}: enter a rate once it is published, with the day that was as known_from.")
        for pct in (row.underpayment_pct, row.noncorporate_pct, row.corporate_pct):
            if pct is None or not Decimal(1) <= pct < Decimal(100):
                _refuse(f"{where}: '{pct}' is no rate in per cent; write it as 7, all three of them.")
        rates.append(row)
        said = f"overpayment {row.noncorporate_pct}%, corporations {row.corporate_pct}%, underpayment"
        what = f"interest of {row.first_day} to {row.last_day}: {said} {row.underpayment_pct}%"
        own_rows.append(_adds("interest.csv", row, str(row.first_day), what))
    return replace(contents, rates=tuple(rates))


def _quarter_end(first_day: date) -> date | None:
    """The last day of the quarter that begins on a day; None when none does."""
    if first_day.day != 1 or first_day.month % _QUARTER != 1:
        return None
    last = first_day.replace(month=first_day.month + _QUARTER - 1)
    return last.replace(day=monthrange(last.year, last.month)[1])


def _validations(
    contents: rows.Contents, texts: Mapping[str, bytes], own_rows: list[OwnRow]
) -> rows.Contents:
    found = {check.code: check for check in contents.validations}
    for table, group in _toml(texts, "validations.toml").items():
        if table not in ("file", "entry", "other"):
            _refuse(f"validations.toml has the table {table}; known are file, entry and other.")
        for code, one in files.table_of(group, f"validations.toml, {table}").items():
            where = f"validations.toml, {code}"
            given = files.table_of(one, where)
            if code in found:
                found[code] = _closed(found[code], given, "validations.toml", code, own_rows)
                continue
            if not _CODE.fullmatch(code) or (code[0] == "F") != (table == "file"):
                _refuse(f"{where}: a check of an entry is E and two digits, of a file F and two digits.")
            check = files.make(rows.Validation, {"code": code, **given}, where)
            same = [
                o.code for o in found.values() if o.official_text.casefold() == check.official_text.casefold()
            ]
            if check.official_text and same:
                _refuse(f"{where}: {same[0]} of the book has the same text.")
            found[code] = check
            what = f"check {code} “{check.official_text or check.title}” from {check.first_day}"
            own_rows.append(_adds("validations.toml", check, code, what))
    return replace(contents, validations=tuple(found.values()))


def _phases(contents: rows.Contents, texts: Mapping[str, bytes], own_rows: list[OwnRow]) -> rows.Contents:
    found = {phase.key: phase for phase in contents.phases}
    for one in _listed(texts, "phases.toml", "phase"):
        key = str(one.get("key", "?"))
        if key in found:
            given = {name: value for name, value in one.items() if name != "key"}
            found[key] = _closed(found[key], given, "phases.toml", key, own_rows)
            continue
        found[key] = files.make(rows.Phase, one, f"phases.toml, {key}")
        own_rows.append(
            _adds("phases.toml", found[key], key, f"{found[key].title}, from {found[key].first_day}")
        )
    return replace(contents, phases=tuple(found.values()))


def _closed(row: Closable, given: Mapping[str, Any], file: str, key: str, own_rows: list[OwnRow]) -> Closable:
    """A row of the book with a last day: nothing else of it can be changed."""
    where = f"{file}, {key}"
    if "last_day" not in given:
        _refuse(
            f"{where} is in the book already; it can only be closed, with last_day, known_from and source."
        )
    end = files.make(_End, given, where)
    if row.last_day is not None:
        _refuse(f"{where} ends on {row.last_day} already.")
    if end.last_day < row.first_day:
        _refuse(f"{where} can't end on {end.last_day}: it begins on {row.first_day}.")
    what = f"{key} “{row.title}” ends on {end.last_day}"
    own_rows.append(OwnRow(file, key, "closes", what, end.known_from, end.source, name_of(row)))
    source = f"{row.source}; {end.source}"
    return replace(row, last_day=end.last_day, end_known_from=end.known_from, source=source)


@dataclass(frozen=True)
class _End:
    """What closes a row of the book."""

    last_day: date
    known_from: date
    source: str
    checked_on: date


@dataclass(frozen=True)
class _Settled:
    """What ends that something is pending."""

    key: str
    settled_on: date
    source: str
    checked_on: date


def _pending(contents: rows.Contents, texts: Mapping[str, bytes], own_rows: list[OwnRow]) -> rows.Contents:
    found = {one.key: one for one in contents.pending}
    for one in _listed(texts, "pending.toml", "pending"):
        key = str(one.get("key", "?"))
        where = f"pending.toml, {key}"
        if key not in found:
            found[key] = files.make(rows.Pending, one, where)
            own_rows.append(_adds("pending.toml", found[key], key, f"pending: {found[key].title}"))
            continue
        if "settled_on" not in one:
            _refuse(f"{where} is in the book already; it can only be ended, with settled_on and source.")
        end, row = files.make(_Settled, one, where), found[key]
        what = f"“{row.title}” is pending no more from {end.settled_on}"
        own_rows.append(OwnRow("pending.toml", key, "closes", what, end.settled_on, end.source, name_of(row)))
        found[key] = replace(row, settled_on=end.settled_on, source=f"{row.source}; {end.source}")
    return replace(contents, pending=tuple(found.values()))


def _headings(contents: rows.Contents, texts: Mapping[str, bytes], own_rows: list[OwnRow]) -> rows.Contents:
    if "headings.csv" not in texts:
        return contents
    mine = files.table(texts, "headings.csv", rows.Heading, files.heading)
    countries = {row.name for row in _countries_of(texts)} | set(contents.countries)
    for row in mine:
        where = f"headings.csv, {row.heading}"
        if not (row.hts8.isascii() and row.hts8.isdigit() and len(row.hts8) == _DIGITS):
            _refuse(f"{where} is not a tariff number; write eight digits with dots.")
        if row.kind not in _KINDS:
            _refuse(f"{where}: kind is '{row.kind}'; it must be one of {', '.join(_KINDS)}.")
        if row.first_day is None or row.known_from is None:
            _refuse(f"{where}: it needs first_day and known_from.")
        if not re.fullmatch(r"\d+(\.\d+)?", row.rate_pct):
            _refuse(f"{where}: rate_pct is '{row.rate_pct}'; write per cent, such as 25.")
        for name in [row.country] if row.country in countries else row.country.split(";"):
            if name.strip() not in countries:
                _refuse(f"{where}: the country '{name.strip()}' is in no countries.csv.")
        until = f" to {row.last_day}" if row.last_day else ""
        what = f"heading {row.heading}, {row.country}, {row.rate_pct}%, from {row.first_day}{until}"
        own_rows.append(_adds("headings.csv", row, row.heading, what))
    return replace(contents, headings=(*contents.headings, *mine))


def _lists(contents: rows.Contents, texts: Mapping[str, bytes], own_rows: list[OwnRow]) -> rows.Contents:
    """Gaps, other families, countries and entry types: what the book does not have yet."""
    gaps = _fresh(texts, "gaps.csv", rows.Gap, ("old", "new", "first_day"), contents.gaps, own_rows)
    others = _fresh(texts, "not_ieepa.csv", rows.OtherFamily, ("family",), contents.others, own_rows)
    types = _fresh(
        texts, "entry_types.csv", rows.EntryType, ("code",), contents.entry_types.values(), own_rows
    )
    countries = {row.name: row for row in _countries_of(texts)}
    for name, row in countries.items():
        if name in contents.countries:
            _refuse(f"countries.csv, {name}: the book has it already.")
        own_rows.append(_adds("countries.csv", row, name, f"{name}: {', '.join(row.codes)}"))
    return replace(
        contents,
        gaps=(*contents.gaps, *gaps),
        others=(*contents.others, *others),
        countries={**contents.countries, **countries},
        entry_types={**contents.entry_types, **{row.code: row for row in types}},
    )


def _countries_of(texts: Mapping[str, bytes]) -> Sequence[rows.Country]:
    return files.countries(texts) if "countries.csv" in texts else ()


def _fresh(
    texts: Mapping[str, bytes],
    file: str,
    kind: type[Row],
    names: tuple[str, ...],
    there: Iterable[Any],
    own_rows: list[OwnRow],
) -> tuple[Row, ...]:
    """The user's rows of a table, none of which the book may have."""
    if file not in texts:
        return ()
    mine = files.table(texts, file, kind, once=names[0] if len(names) == 1 else None)
    known = {tuple(getattr(row, name) for name in names) for row in there}
    for row in mine:
        key = tuple(getattr(row, name) for name in names)
        if key in known:
            _refuse(f"{file}, {key[0]}: it is there already.")
        known.add(key)
        said = [str(getattr(row, field.name)) for field in fields(row)[:3]]  # type: ignore[arg-type]
        own_rows.append(_adds(file, row, str(key[0]), ", ".join(filter(None, said))))
    return mine


def _words(contents: rows.Contents, texts: Mapping[str, bytes], own_rows: list[OwnRow]) -> rows.Contents:
    """A word nobody knew, or one the book has without its meaning: with a meaning the kit acts on."""
    words = {kind: dict(group) for kind, group in contents.words.items()}
    for kind, group in _toml(texts, "words.toml").items():
        where = f"words.toml, {kind}"
        if kind not in words:
            _refuse(f"{where} is no kind of word; known are {', '.join(words)}.")
        given = files.table_of(group, where)
        common = {name: given.get(name) for name in ("source", "confidence", "checked_on")}
        canons = {word.canon for word in contents.words[kind].values()}
        for line in files.listed(given.get("words"), f"{where}: words"):
            if str(line.get("canon")) not in canons:
                _refuse(
                    f"{where}: canon is '{line.get('canon')}'; it must be one of {', '.join(sorted(canons))}."
                )
            for text in _words_of(line, where):
                one = {
                    "word": text.strip().lower(),
                    "canon": line["canon"],
                    "meaning": line.get("meaning"),
                }
                word = files.make(rows.Word, {**one, **common}, where)
                before = words[kind].get(word.word)
                if before is not None and before.canon != "unexpanded":
                    _refuse(f"{where}: '{word.word}' means {before.canon} already.")
                words[kind][word.word] = word
                own_rows.append(
                    _adds("words.toml", word, word.word, f"{kind} “{word.word}” means {word.canon}")
                )
    return replace(contents, words=words)


def _words_of(line: Mapping[str, Any], where: str) -> list[str]:
    """The words of a line of words.toml."""
    given = line.get("words")
    if not given:
        _refuse(f"{where}: a line has no words.")
    if not isinstance(given, list) or not all(isinstance(text, str) and text.strip() for text in given):
        _refuse(
            f'{where}: words is {in_short(given, repr)}; it must be a list of texts, such as ["on hold"].'
        )
    return given


def _texts(contents: rows.Contents, texts: Mapping[str, bytes], own_rows: list[OwnRow]) -> rows.Contents:
    """Questions answered, and questions on which sources disagree."""
    answers = [
        files.make(rows.Answer, one, f"answers.toml, {one.get('key', '?')}")
        for one in _listed(texts, "answers.toml", "answer")
    ]
    own_rows += [_adds("answers.toml", one, one.key, one.question) for one in answers]
    conflicts = files.conflicts(texts) if "conflicts.toml" in texts else ()
    for one in conflicts:
        source = "; ".join(source for _, source in one.readings)
        own_rows.append(OwnRow("conflicts.toml", one.key, "adds", one.question, None, source, name_of(one)))
    return replace(
        contents, answers=(*contents.answers, *answers), conflicts=(*contents.conflicts, *conflicts)
    )


def _toml(texts: Mapping[str, bytes], name: str) -> dict[str, Any]:
    return files.toml(texts, name) if name in texts else {}


def _listed(texts: Mapping[str, bytes], name: str, table: str) -> list[dict[str, Any]]:
    told = _toml(texts, name)
    if stray := sorted(set(told) - {table}):
        _refuse(f"{name} has '{stray[0]}'; its rows stand under [[{table}]].")
    return files.listed(told.get(table, []), f"{name}, {table}")


def _shown(value: Any) -> str:
    return (", ".join(map(str, value)) or "none") if isinstance(value, tuple) else str(value)


_PARTS: tuple[Callable[[rows.Contents, Mapping[str, bytes], list[OwnRow]], rows.Contents], ...] = (
    _series, _rates, _validations, _phases, _pending, _headings, _lists, _words, _texts,
)  # fmt: skip
