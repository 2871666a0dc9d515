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
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from cape_kit.entries import identifiers
from cape_kit.entries.readers import contents, header_words, matching
from cape_kit.entries.readers.contents import Says, StatusWords
from cape_kit.entries.readers.layouts import Part, Profile, collapse, profiles
from cape_kit.entries.readers.sheets import Sheet
from cape_kit.errors import BadClient, Usage

FOLDER = "layouts"
#: The setting that names a firm's folder of layouts, for all of its clients.
SETTING = "CAPE_KIT_LAYOUTS"
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
    except (tomllib.TOMLDecodeError, UnicodeDecodeError, OSError) as error:
        raise BadClient(f"{path}: not readable as TOML ({error}); headers need quotes") from error
    unknown = sorted(set(raw) - _KEYS)
    if unknown:
        raise BadClient(f"{path}: '{unknown[0]}' is no setting of a layout; known are {_listed(_KEYS)}")
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
            raise BadClient(f"{path}: names.{name} is no column of {base.key}; known are {every}")
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
        raise BadClient(f'{path}: {key} is no list of headers; write {key.rpartition(".")[2]} = ["Header"]')
    return tuple(value)


def _listed(names: Any) -> str:
    return ", ".join(sorted(names))


# --- a proposal ---------------------------------------------------------------------------------------------


def propose(sheet: Sheet, *, name: str, status: StatusWords | None) -> str | None:
    """A layout for a sheet nobody recognised, with the best guess for each column; None where none is near.

    A guess at a column of duty is written as a comment: a person must say it.
    """
    nearest = matching.nearest(sheet.head, status)
    if nearest is None:
        return None
    at = nearest.header_row - 1
    columns = dict(nearest.profile.columns)
    for part in nearest.profile.parts:
        columns |= {column.name: column for column in header_words.of_part(part)}
    sure = {m.position for m in matching.columns(sheet.head, at, status) if m.taken}
    lines: list[str] = []
    given: set[str] = set()
    for place, cell in enumerate(sheet.head[at]):
        header = (cell or "").strip()
        if not header or place in sure or header_words.is_known(header):
            continue
        cells = matching.cells_of(sheet.head, at, place)
        guesses = [
            (column, known.header, score)
            for known, score in header_words.alike(header)
            for column in known.columns
            if column.name in columns and contents.judge(column, cells, status) is not Says.AGAINST
        ]
        lines += _lines(header, cells, guesses, given)
    shown = f"{name} [{sheet.name}]" if sheet.name else name
    return "\n".join(
        [
            f"# Proposed for {_comment(shown)}, header on row {at + 1}. Check every line, then run again: what stands",
            "# here goes before the kit's own. Duty is never guessed: take the # away where the line is right.",
            f'extends = "{nearest.profile.key}"   # {nearest.profile.title}; lacking: {", ".join(nearest.lacking)}',
            "",
            "[names]",
            *lines,
            "",
        ]
    )


def _lines(
    header: str, cells: Sequence[str], guesses: Sequence[tuple[Any, str, int]], given: set[str]
) -> list[str]:
    """The lines of one column: what it holds, what else it may be, and the best guess."""
    samples = ", ".join(_comment(identifiers.mask_text(cell)[:40]) for cell in cells[:_SAMPLES]) or "nothing"
    others = ", ".join(f"{column.name} ({score})" for column, _, score in guesses[1:])
    told = [f"# {_comment(header)}: holds {samples}" + (f"; or {others}" if others else "")]
    free = [one for one in guesses if one[0].name not in given]
    if not free:
        return [*told, f"# ? = [{json.dumps(header, ensure_ascii=False)}]"]
    column = free[0][0]
    money = column.kind == "cents"
    if not money:
        given.add(column.name)
    return [*told, ("# " if money else "") + f"{column.name} = [{json.dumps(header, ensure_ascii=False)}]"]


def _comment(text: str) -> str:
    """A text that stays in its line of comment."""
    return re.sub(r"[\x00-\x1f\x7f\u2028\u2029]+", " ", text)
