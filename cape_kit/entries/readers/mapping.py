"""A person's own layouts: small files that say which columns of a sheet are which, in a client's or firm's folder.

    # CLIENT/layouts/acme.toml
    extends = "generic_lines"            # the layout of the kit it is one of
    known = ["Container"]                # columns looked at and not needed
    [names]
    duty_cents = ["Our duty"]            # the declared column, and the header it goes by in the file

It claims a sheet that has every column it names. `propose` writes one for a sheet nobody recognised.
"""

from __future__ import annotations

import json
import os
import re
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import tomlkit

from cape_kit import leftovers
from cape_kit.entries import LAYOUTS_SETTING, identifiers
from cape_kit.entries.readers import column_evidence, matching, recognise
from cape_kit.entries.readers.column_evidence import Says, StatusWords
from cape_kit.entries.readers.layouts import ColumnKind, Part, Profile, collapse, profiles
from cape_kit.entries.readers.sheets import Sheet
from cape_kit.errors import BadClient, Usage, in_short, in_words

FOLDER = "layouts"
#: The setting that names a firm's folder of layouts, for all of its clients.
SETTING = LAYOUTS_SETTING
_KEYS = {"extends", "title", "known", "names"}
_SAMPLES = 2


def files(client: Path | None) -> list[Path]:
    """The layout files that count for a client: its own, then those of the firm's folder."""
    found = sorted((client / FOLDER).glob("*.toml")) if client else []
    firm = os.environ.get(SETTING, "").strip()
    if firm and not Path(firm).is_dir():
        raise Usage(f"{firm}: no such folder of layouts (--layouts, or the setting {SETTING})")
    return [*found, *(sorted(Path(firm).glob("*.toml")) if firm else [])]


def load(client: Path | None) -> tuple[Profile, ...]:
    """A person's own layouts. Raises BadClient, in one sentence, for a file that can't be used."""
    return tuple(_profile(path) for path in files(client))


def _profile(path: Path) -> Profile:
    try:
        raw = tomllib.loads(path.read_text(encoding="utf-8-sig"))
    except (ValueError, RecursionError, OSError) as error:
        raise BadClient(f"{path}: not readable as TOML ({in_words(error)}); headers need quotes") from error
    unknown = sorted(set(raw) - _KEYS)
    if unknown:
        raise BadClient(
            f"{path}: '{in_short(unknown[0])}' is no setting of a layout; known are {_listed(_KEYS)}"
        )
    shipped = {profile.key: profile for profile in profiles()}
    base = shipped.get(raw.get("extends", "")) if isinstance(raw.get("extends"), str) else None
    if base is None:
        raise BadClient(f"{path}: extends names no layout of the kit; known are {_listed(shipped)}")
    names = raw.get("names")
    if not isinstance(names, dict) or not names:
        raise BadClient(f"{path}: [names] is missing or empty; say which column each header is")
    title = raw.get("title", base.title)
    if not isinstance(title, str) or not title.strip():
        raise BadClient(f"{path}: title is no text")
    said = {name: _texts(path, f"names.{name}", headers) for name, headers in names.items()}
    known = _texts(path, "known", raw.get("known", []), empty=True)
    return _extended(path, base, said, frozenset(map(collapse, known)), title.strip())


def _extended(
    path: Path, base: Profile, said: dict[str, tuple[str, ...]], known: frozenset[str], title: str
) -> Profile:
    """The kit's layout with a person's headers before its own."""
    roles = {f"{part.name}_{role}" for part in base.parts for role in ("hts", "duty")}
    for name in said:
        if name not in base.columns and name not in roles:
            every = _listed({*base.columns, *roles})
            raise BadClient(f"{path}: names.{in_short(name)} is no column of {base.key}; known are {every}")
    twice = [one for headers in said.values() for one in map(collapse, headers)]
    if len(set(twice)) < len(twice):
        raise BadClient(f"{path}: [names] gives one header to two columns; each header is one column")
    taken = set(twice)
    columns = {
        name: replace(column, names=(*said.get(name, ()), *_without(column.names, taken)))
        for name, column in base.columns.items()
    }
    return replace(
        base,
        title=title,
        columns=columns,
        parts=tuple(_part(part, said, taken) for part in base.parts),
        known=base.known | known,
        mapped=tuple(said.items()),
        mapped_in=f"{path.parent.name}/{path.name}",
    )


def _without(names: Sequence[str], taken: set[str]) -> tuple[str, ...]:
    """The kit's own headers of a column, without those a person says are another column."""
    return tuple(name for name in names if collapse(name) not in taken)


def _part(part: Part, said: dict[str, tuple[str, ...]], taken: set[str]) -> Part:
    hts = (*said.get(f"{part.name}_hts", ()), *_without(part.hts, taken))
    return replace(part, hts=hts, duty=(*said.get(f"{part.name}_duty", ()), *_without(part.duty, taken)))


def _texts(path: Path, key: str, value: Any, *, empty: bool = False) -> tuple[str, ...]:
    good = isinstance(value, list) and all(isinstance(one, str) and collapse(one) for one in value)
    if not good or not (value or empty):
        name = in_short(key.rpartition(".")[2])
        raise BadClient(f'{path}: {in_short(key)} is no list of headers; write {name} = ["Header"]')
    return tuple(value)


def _listed(names: Any) -> str:
    return ", ".join(sorted(names))


# --- a sheet that waits for a person ------------------------------------------------------------------------


@dataclass(frozen=True)
class Open:
    """A column of such a sheet: its header, two cells of it (numbers of persons masked), and what it may be.

    `guesses` are declared columns, the known header each goes by and how near it is, the nearest first. A guess
    at duty is never more than that.
    """

    header: str
    samples: tuple[str, ...]
    guesses: tuple[tuple[str, str, int], ...]
    money: bool = False  # whether the best guess is an amount: a person must say it


@dataclass(frozen=True)
class Waiting:
    """A sheet nobody recognised: the layout it comes nearest to, what that lacks, and the open columns.

    `known` are its columns that are understood already; `may` every column the layout has.
    """

    name: str
    layout: str
    title: str
    header_row: int  # counted from 1
    lacking: tuple[str, ...]
    known: tuple[str, ...]
    columns: tuple[Open, ...]
    may: tuple[str, ...]


#: The layout of a sheet of which no header is known.
_PLAIN = "generic_lines"


def waiting(sheet: Sheet, *, name: str, status: StatusWords | None) -> Waiting | None:
    """What a person has to say of a sheet nobody recognised; None where it has no row of headers."""
    nearest = matching.nearest(sheet.head, status)
    at = nearest.header_row - 1 if nearest else recognise.likely_header(sheet.head)
    if at is None:
        return None
    profile = nearest.profile if nearest else next(one for one in profiles() if one.key == _PLAIN)
    columns = {
        **profile.columns,
        **{c.name: c for part in profile.parts for c in column_evidence.of_part(part)},
    }
    sure = {m.position for m in matching.columns(sheet.head, at, status) if m.taken}
    found, known = [], []
    for place, cell in enumerate(sheet.head[at]):
        header = (cell or "").strip()
        if header and (place in sure or column_evidence.is_known(header)):
            known.append(header)
        elif header:
            found.append(_open(sheet, (at, place), columns, status))
    return Waiting(
        name=f"{name} [{sheet.name}]" if sheet.name else name,
        layout=profile.key,
        title=profile.title,
        header_row=at + 1,
        lacking=nearest.lacking if nearest else profile.must_have,
        known=tuple(known),
        columns=tuple(found),
        may=tuple(columns),
    )


def _open(
    sheet: Sheet, place: tuple[int, int], columns: dict[str, ColumnKind], status: StatusWords | None
) -> Open:
    header = (sheet.head[place[0]][place[1]] or "").strip()
    cells = matching.cells_of(sheet.head, *place)
    guesses = [
        (column, known.header, score)
        for known, score in column_evidence.alike(header)
        for column in known.columns
        if column.name in columns and column_evidence.judge(column, cells, status) is not Says.AGAINST
    ]
    return Open(
        header,
        tuple(identifiers.mask_text(cell)[:40] for cell in cells[:_SAMPLES]),
        tuple((column.name, known, score) for column, known, score in guesses),
        bool(guesses) and guesses[0][0].kind == "cents",
    )


def written(one: Waiting, names: Mapping[str, Sequence[str]], not_needed: Sequence[str] = ()) -> str:
    """The layout file a person's choices make: declared column -> the headers it goes by."""
    document = tomlkit.document()
    document.add(tomlkit.comment(f"Columns of {_comment(one.name)} as a person said them."))
    document["extends"] = one.layout
    if not_needed:
        document["known"] = list(not_needed)
    table = tomlkit.table()
    for column, headers in names.items():
        table[column] = list(headers)
    document["names"] = table
    return tomlkit.dumps(document)


def keep(path: Path, text: str) -> Path:
    """Write a layout file; one that can't be used is not kept.

    Raises BadClient, in one sentence, and Usage where a file of that name is there already.
    """
    if path.exists():
        raise Usage(f"{path} is there already and left as it is; take it away for a new one")
    leftovers.put(path, text.encode("utf-8"))
    try:
        _profile(path)
    except BadClient:
        path.unlink()
        raise
    return path


def propose(sheet: Sheet, *, name: str, status: StatusWords | None) -> str | None:
    """A layout for a sheet nobody recognised, with the best guess for each column; None where none is near.

    A guess at a column of duty is written as a comment: a person must say it.
    """
    one = waiting(sheet, name=name, status=status) if matching.nearest(sheet.head, status) else None
    if one is None:
        return None
    lines: list[str] = []
    given: set[str] = set()
    for column in one.columns:
        lines += _lines(column, given)
    return "\n".join(
        [
            f"# Proposed for {_comment(one.name)}, header on row {one.header_row}. Check every line, then run again: "
            "what stands",
            "# here goes before the kit's own. Duty is never guessed: take the # away where the line is right.",
            f'extends = "{one.layout}"   # {one.title}; lacking: {", ".join(one.lacking)}',
            "",
            "[names]",
            *lines,
            "",
        ]
    )


def _lines(column: Open, given: set[str]) -> list[str]:
    """The lines of one column: what it holds, what else it may be, and the best guess."""
    samples = ", ".join(map(_comment, column.samples)) or "nothing"
    others = ", ".join(f"{name} ({score})" for name, _, score in column.guesses[1:])
    told = [f"# {_comment(column.header)}: holds {samples}" + (f"; or {others}" if others else "")]
    header = json.dumps(column.header, ensure_ascii=False)
    free = [one for one in column.guesses if one[0] not in given]
    if not free:
        return [*told, f"# ? = [{header}]"]
    name = free[0][0]
    money = name.endswith(("_cents", "_duty"))
    if not money:
        given.add(name)
    return [*told, ("# " if money else "") + f"{name} = [{header}]"]


def _comment(text: str) -> str:
    """A text that stays in its line of comment."""
    return re.sub(r"[\x00-\x1f\x7f\u2028\u2029]+", " ", text)
