"""Headers no layout knows, taken for known ones by their words and by what the column holds.

"Liq Dt" is "Liquidation Date" in other words, and it holds days: taken, and said. Where words and cells do not
agree, or another column is as near, nothing is taken: the best guess is a proposal for a person. A column of
duty is taken only where its words are those of a known header, no more and no fewer.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache

from cape_kit.entries.readers import contents, recognise
from cape_kit.entries.readers.contents import Says, StatusWords
from cape_kit.entries.readers.layouts import ColumnKind, Part, Profile, collapse, profiles, vocabulary, words
from cape_kit.entries.readers.recognise import Cells, Match, Nearest, Recognised
from cape_kit.errors import AmbiguousReport, UnreadableReport

#: How sure a match is: the same words; one of them misspelt; the same but for words that say little.
SAME, MISSPELT, NEARLY = 100, 96, 92
#: What is taken has at least this, and no other column within `_NEAR` of it.
_SURE, _NEAR = NEARLY, 10
#: Likeness by letters alone never gets higher: it is a proposal.
_ALIKE, _LEAST = 0.85, 60
#: Rows above the first data looked at for a header.
_ROWS = 15
_PART = {"hts": "hts", "duty": "cents"}


@dataclass(frozen=True)
class _Known:
    """One known header, its words, and every declared column that goes by it in one layout or another."""

    header: str
    words: tuple[str, ...]
    columns: tuple[ColumnKind, ...]

    @property
    def names(self) -> frozenset[str]:
        return frozenset(column.name for column in self.columns)

    @property
    def money(self) -> bool:
        return any(column.kind == "cents" for column in self.columns)


# --- the words of a header ----------------------------------------------------------------------------------


def in_words(header: str) -> tuple[str, ...]:
    """The words of a header written out, without those that only join, in the order of the alphabet."""
    known = words()
    spaced = re.sub(r"(?<=[a-z])(?=[A-Z])", " ", header).lower()
    said = [known.short.get(word, word) for word in re.findall(r"[a-z]+|[0-9]+|[#%]", spaced)]
    text = f" {' '.join(said)} "
    for phrase, meant in known.phrases.items():
        text = text.replace(f" {phrase} ", f" {meant} ")
    return tuple(sorted(set(text.split()) - known.idle["joining"]))


def _bare(said: Iterable[str], *, money: bool) -> tuple[str, ...]:
    """Words without those that say little; of money only "amount" says nothing."""
    idle = {"amount"} if money else words().idle["formal"]
    return tuple(word for word in said if word not in idle)


def of_part(part: Part) -> tuple[ColumnKind, ...]:
    """The columns of one programme of a wide layout."""
    return tuple(
        ColumnKind(f"{part.name}_{role}", _PART[role], names)
        for role, names in (("hts", part.hts), ("duty", part.duty))
    )


def columns_of(header: str) -> tuple[ColumnKind, ...]:
    """The declared columns that go by a header as it stands; none where no layout knows it."""
    found = _known().get(collapse(header))
    return found.columns if found else ()


def is_known(header: str) -> bool:
    """Whether a layout knows a header as it stands."""
    return collapse(header) in _letters()


@cache
def _known() -> dict[str, _Known]:
    """Every header of the layouts by its letters."""
    columns: dict[str, dict[str, ColumnKind]] = {}
    headers: dict[str, str] = {}

    def add(names: Iterable[str], column: ColumnKind) -> None:
        for name in names:
            headers.setdefault(collapse(name), name)
            columns.setdefault(collapse(name), {}).setdefault(column.name, column)

    for column in vocabulary().values():
        add(column.names, column)
    for profile in profiles():
        for column in profile.columns.values():
            add(column.names, column)
        for column in (one for part in profile.parts for one in of_part(part)):
            add(column.names, column)
    return {
        key: _Known(headers[key], in_words(headers[key]), tuple(found.values()))
        for key, found in columns.items()
    }


@cache
def _letters() -> frozenset[str]:
    """Every header the layouts know, those they have no use for too, unless another layout may need them."""
    unused = [header for profile in profiles() for header in profile.unused]
    return frozenset(_known()) | {collapse(one) for one in unused if in_words(one) not in _by_words()}


@cache
def _by_words() -> dict[tuple[str, ...], list[_Known]]:
    found: dict[tuple[str, ...], list[_Known]] = {}
    for known in _known().values():
        found.setdefault(known.words, []).append(known)
    return found


@cache
def _by_bare_words() -> dict[tuple[str, ...], list[_Known]]:
    found: dict[tuple[str, ...], list[_Known]] = {}
    for known in _known().values():
        bare = _bare(known.words, money=known.money)
        if bare:
            found.setdefault(bare, []).append(known)
    return found


@cache
def _all_words() -> tuple[str, ...]:
    single = {word for known in _known().values() for word in known.words}
    return tuple(sorted(word for word in single if len(word) >= 5 and word.isalpha()))


def _spelt(said: tuple[str, ...]) -> tuple[str, ...]:
    """The words with those nobody knows put right, where one known word alone is a letter or two away."""
    from rapidfuzz import process
    from rapidfuzz.distance import OSA

    right: set[str] = set()
    for word in said:
        most = 1 if len(word) < 8 else 2
        if word in _all_words() or len(word) < 5 or not word.isalpha():
            right.add(word)
            continue
        near = process.extract(word, _all_words(), scorer=OSA.distance, score_cutoff=most, limit=2)
        alone = near and (len(near) == 1 or near[0][1] < near[1][1])
        right.add(near[0][0] if alone else word)
    return tuple(sorted(right))


# --- what a header may be -----------------------------------------------------------------------------------


def _candidates(header: str) -> tuple[int, list[_Known]]:
    """The known headers that say the same, in the surest of the ways that finds any."""
    said = in_words(header)
    if not said:
        return 0, []
    if said in _by_words():
        return SAME, _by_words()[said]
    spelt = _spelt(said)
    if spelt != said and spelt in _by_words():
        return MISSPELT, _by_words()[spelt]
    found = [k for k in _by_bare_words().get(_bare(spelt, money=False), []) if not k.money]
    found += [k for k in _by_bare_words().get(_bare(spelt, money=True), []) if k.money]
    return NEARLY, found


def alike(header: str, limit: int = 4) -> list[tuple[_Known, int]]:
    """The known headers most like one by their letters, each declared column once: guesses, never taken."""
    from rapidfuzz import fuzz, process

    said = " ".join(_spelt(in_words(header)))
    listed = list(_known().values())
    texts = [" ".join(known.words) for known in listed]
    found: list[tuple[_Known, int]] = []
    if not said:
        return found
    for _, score, at in process.extract(said, texts, scorer=fuzz.token_sort_ratio, limit=40):
        known = listed[at]
        seen = any(known.names & other.names for other, _ in found)
        if not seen and score * _ALIKE >= _LEAST * _ALIKE:
            found.append((known, int(score * _ALIKE)))
    return found[:limit]


def likeness(header: str, name: str) -> float:
    """How alike two headers are: by their letters, and by the words they share."""
    from rapidfuzz import fuzz

    left, right = in_words(header), in_words(name)
    if not left:
        return 0.0
    shared = set(left) & set(right)
    letters = fuzz.token_sort_ratio(" ".join(left), " ".join(right)) / 100
    return max(letters, len(shared) / max(min(len(left), len(right)), 1))


def _says(known: _Known, cells: Sequence[str], status: StatusWords | None) -> tuple[Says, ColumnKind]:
    """What the cells say to the columns a header may be: the best of them."""
    judged = [(contents.judge(column, cells, status), column) for column in known.columns]
    return max(judged, key=lambda pair: pair[0])


def columns(
    rows: Sequence[Cells], at: int, status: StatusWords | None, own: Sequence[Profile] = ()
) -> list[Match]:
    """Every column of a header row that no layout knows and that has a near one; the sure ones taken."""
    mapped = {collapse(one) for profile in own for _, headers in profile.mapped for one in headers}
    row = rows[at]
    exact = {collapse(cell): place for place, cell in enumerate(row) if collapse(cell) in _letters()}
    there = {name for key in exact if key in _known() for name in _known()[key].names}
    found: list[Match] = []
    for place, cell in enumerate(row):
        header = (cell or "").strip()
        if header and collapse(header) not in _letters() | mapped:
            match = _match(header, place, cells_of(rows, at, place), status)
            if match is not None:
                found.append(match if not there & set(match.columns) else replace(match, taken=False))
    return _once(found, row)


def cells_of(rows: Sequence[Cells], at: int, place: int) -> list[str]:
    """What stands below a header in the first rows, but for the header again and rows of totals."""
    header = collapse(rows[at][place])
    below = [row[place] or "" for row in rows[at + 1 :] if place < len(row) and not _is_total(row)]
    return [cell for cell in below if cell.strip() and collapse(cell) != header]


def _is_total(row: Cells) -> bool:
    """Whether a row only adds up others, by its first word."""
    first = next((cell for cell in row if cell and cell.strip()), "").strip().lower()
    return first.startswith(words().totals)


def _match(header: str, place: int, cells: Sequence[str], status: StatusWords | None) -> Match | None:
    """The best a header may be; taken where its words and its cells agree and nothing else is near."""
    score, candidates = _candidates(header)
    judged = [(known, *_says(known, cells, status)) for known in candidates]
    standing = [one for one in judged if one[1] is not Says.AGAINST]
    if not standing:
        return None
    known, says, column = max(standing, key=lambda one: one[1])
    rivals = [other for other, _, _ in standing if not other.names & known.names]
    alone = len({frozenset(other.names) for other, _, _ in judged}) == 1
    needed = Says.PROVES if score == NEARLY and not alone else Says.FITS
    if score == SAME and not known.money:
        needed = Says.NOTHING
    how = {SAME: "the same words as", MISSPELT: "but for a letter", NEARLY: "nearly the words of"}[score]
    return Match(
        place,
        header,
        known.header,
        tuple(sorted(known.names)),
        score,
        f"{how} '{known.header}', {contents.why(column, says)}",
        says >= needed and not rivals,
    )


def _once(found: Sequence[Match], row: Cells) -> list[Match]:
    """The matches with those undone that are not alone: two columns for one, or duty beside other duty."""
    taken = [match for match in found if match.taken]
    twice = {
        match.position
        for match in taken
        for other in taken
        if other is not match and set(other.columns) & set(match.columns)
    }
    named = {match.position for match in taken}
    unclear = any(
        _of_duty(cell)
        for place, cell in enumerate(row)
        if place not in named and not is_known(cell or "") and recognise.heading_of(cell) is None
    )
    return [
        replace(m, taken=m.taken and m.position not in twice and not (unclear and _of_duty(m.header)))
        for m in found
    ]


def _of_duty(header: str | None) -> bool:
    """Whether a header names an amount of duty that is no sum of others."""
    said = set(in_words(header or ""))
    known = words().headers
    return "duty" in said and "total" not in said and not said & {*known["not_money"], "%"}


# --- a sheet ------------------------------------------------------------------------------------------------


def recognised(
    rows: Sequence[Cells], *, where: str, own: Sequence[Profile] = (), status: StatusWords | None = None
) -> Recognised:
    """The layout of a sheet: by its headers as they stand, else as they are understood.

    Raises what `recognise.recognise` raises, where neither way leads to one layout.
    """
    try:
        found = recognise.recognise(rows, where=where, own=own)
    except UnreadableReport:
        for read in (_renamed(rows, status, own), _renamed(_two_rows(rows), status, own)):
            better = _try(read, where, own)
            if better is not None:
                return better
        return recognise.recognise(_renamed(rows, status, own)[0], where=where, own=own, stood=rows)
    return _more(rows, found, where, own, status)


def nearest(rows: Sequence[Cells], status: StatusWords | None = None) -> Nearest | None:
    """What a sheet nobody recognises comes nearest to, as its headers are understood."""
    return recognise.nearest(_renamed(rows, status)[0], rows)


#: Rows with headers replaced, and by the row (from 0) its headers as they stood and what was matched.
_Read = tuple[Sequence[Cells], Mapping[int, tuple[Cells, Sequence[Match]]]]


def _try(read: _Read, where: str, own: Sequence[Profile]) -> Recognised | None:
    rows, stood = read
    if not stood:
        return None
    try:
        found = recognise.recognise(rows, where=where, own=own)
    except (UnreadableReport, AmbiguousReport):
        return None
    headers, matches = stood.get(found.header_row - 1, (None, ()))
    return found if headers is None else _told(found, headers, matches)


def _told(found: Recognised, headers: Cells, matches: Sequence[Match]) -> Recognised:
    """The layout with the headers as the file has them, and which were matched."""
    return replace(
        found,
        headers=tuple((cell or "").strip() for cell in headers),
        unknown=tuple(_as_stood(found, header, headers) for header in found.unknown),
        matched=tuple(m for m in matches if m.taken and m.position in found.taken),
    )


def _as_stood(found: Recognised, header: str, headers: Cells) -> str:
    place = found.headers.index(header)
    return (headers[place] or "").strip()


def _renamed(rows: Sequence[Cells], status: StatusWords | None, own: Sequence[Profile] = ()) -> _Read:
    """The rows above the data with every sure header replaced by the known one it stands for."""
    changed, stood = list(rows), {}
    for at in range(min(_ROWS, len(rows))):
        if any(len(cell or "") < 24 and contents.are_entry_numbers([cell or ""]) for cell in rows[at]):
            break
        matches = columns(rows, at, status, own) if sum(1 for cell in rows[at] if cell) > 1 else []
        if any(match.taken for match in matches) or isinstance(rows[at], _Combined):
            changed[at] = _put(rows[at], matches)
            stood[at] = (rows[at], matches)
    return changed, stood


def _put(row: Cells, matches: Sequence[Match]) -> list[str | None]:
    new = list(row)
    for match in matches:
        if match.taken:
            new[match.position] = match.known_as
    return new


def _more(
    rows: Sequence[Cells],
    found: Recognised,
    where: str,
    own: Sequence[Profile],
    status: StatusWords | None,
) -> Recognised:
    """A layout found by known headers, with the columns besides that are understood; no other is given up."""
    at = found.header_row - 1
    if not any(collapse(header) not in _letters() for header in found.unknown):
        return found
    matches = [match for match in columns(rows, at, status, own) if match.taken]
    if not matches:
        return found
    changed = list(rows)
    changed[at] = _put(rows[at], matches)
    better = _try((changed, {at: (rows[at], matches)}), where, own)
    if better is None or better.header_row != found.header_row or not found.taken < better.taken:
        return found
    return better


# --- a header over two rows ---------------------------------------------------------------------------------


class _Combined(list[str | None]):
    """The headers of two rows as one."""


def _two_rows(rows: Sequence[Cells]) -> Sequence[Cells]:
    """The rows with each that has a row of group names above it put together with it.

    A group's name stands over its first column, and over the others by the merged cell; one that says nothing
    of its columns ("Entry information") is left out.
    """
    changed = list(rows)
    for at in range(1, min(_ROWS, len(rows))):
        above, row = rows[at - 1], rows[at]
        named = [cell for cell in above if collapse(cell)]
        if len(named) > 1 and not any(any(c.isdigit() for c in cell[:4]) for cell in row if cell):
            changed[at] = _Combined(_together(above, row))
    return changed


def _together(above: Cells, row: Cells) -> list[str | None]:
    groups = words().idle["groups"]
    found: list[str | None] = []
    group = ""
    for place in range(max(len(above), len(row))):
        own = ((above[place] if place < len(above) else None) or "").strip()
        below = ((row[place] if place < len(row) else None) or "").strip()
        group = own or (group if below else "")
        idle = set(in_words(group)) <= groups
        found.append(below if below and idle and group != "Entry" else f"{group} {below}".strip() or None)
    return found
