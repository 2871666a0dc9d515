"""Headers no layout knows, taken for known ones by their words and by what the column holds.

"Liq Dt" is "Liquidation Date" in other words, and it holds days: taken, and said. Where words and cells do not
agree, or another column is as near, nothing is taken: the best guess is a proposal for a person. A column of
duty is taken only where its words are those of a known header, no more and no fewer.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace

from cape_kit.entries.readers import column_evidence, recognise
from cape_kit.entries.readers.column_evidence import (
    MISSPELT,
    NEARLY,
    SAME,
    Known,
    Says,
    StatusWords,
    candidates_for,
    columns_of,
    in_words,
    is_known,
    letters,
)
from cape_kit.entries.readers.layouts import ColumnKind, Profile, collapse, vocabulary, words
from cape_kit.entries.readers.recognise import Cells, Match, Nearest, Recognised
from cape_kit.errors import AmbiguousReport, UnreadableReport

#: Rows above the first data looked at for a header.
_ROWS = 15


# --- a column ------------------------------------------------------------------------------------------------


def _says(known: Known, cells: Sequence[str], status: StatusWords | None) -> tuple[Says, ColumnKind]:
    """What the cells say to the columns a header may be: the best of them."""
    judged = [(column_evidence.judge(column, cells, status), column) for column in known.columns]
    return max(judged, key=lambda pair: pair[0])


def columns(
    rows: Sequence[Cells], at: int, status: StatusWords | None, own: Sequence[Profile] = ()
) -> list[Match]:
    """Every column of a header row that no layout knows and that has a near one; the sure ones taken."""
    mapped = {collapse(one) for profile in own for _, headers in profile.mapped for one in headers}
    row = rows[at]
    exact = {collapse(cell): place for place, cell in enumerate(row) if collapse(cell) in letters()}
    there = {column.name for key in exact for column in columns_of(key)}
    found: list[Match] = []
    for place, cell in enumerate(row):
        header = (cell or "").strip()
        if header and collapse(header) not in letters() | mapped:
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
    named = _heading_with_rate(header, place, cells)
    if named is not None:
        return named
    score, candidates = candidates_for(header)
    judged = [(known, *_says(known, cells, status)) for known in candidates]
    standing = [one for one in judged if one[1] is not Says.AGAINST]
    if not standing:
        return _by_status(header, place, cells, status)
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
        f"{how} '{known.header}', {column_evidence.why(column, says)}",
        says >= needed and not rivals,
    )


#: A column called by a heading and its rate: "9903.01.24 (20%)" holds the duty, not the rate.
_WITH_RATE = re.compile(r"\s*(99\d\d\.?\d\d\.?\d\d)\s*[(@]\s*\d+(\.\d+)?\s*%\s*\)?\s*")


def _heading_with_rate(header: str, place: int, cells: Sequence[str]) -> Match | None:
    """A column of duty called by its heading and that heading's rate, where its cells are amounts."""
    found = _WITH_RATE.fullmatch(header)
    kind = ColumnKind("duty_cents", "cents", ())
    if found is None or column_evidence.judge(kind, cells, None) is not Says.FITS:
        return None
    why = f"its name is the heading {found[1]} with its rate, and it holds amounts"
    return Match(place, header, found[1], (f"heading_{collapse(found[1])}_duty",), SAME, why, True)


def _by_status(header: str, place: int, cells: Sequence[str], status: StatusWords | None) -> Match | None:
    """A header that says little ("Event"), taken for a status where all words of the column are of that one alone."""
    kinds = vocabulary()
    weak = [name for name, kind in kinds.items() if collapse(header) in map(collapse, kind.weak)]
    if not weak or status is None:
        return None
    proven = [
        n for n in status if n in kinds and column_evidence.judge(kinds[n], cells, status) is Says.PROVES
    ]
    if proven != weak:
        return None
    known = kinds[weak[0]]
    why = f"every word in it is of '{known.names[0]}', and of no other status"
    return Match(place, header, known.names[0], (known.name,), NEARLY, why, True)


def _once(matches: Sequence[Match], row: Cells) -> list[Match]:
    """The matches with those undone that are not alone: two columns for one, or duty beside other duty."""
    taken = [match for match in matches if match.taken]
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
        for m in matches
    ]


def _of_duty(header: str | None) -> bool:
    """Whether a header names an amount of duty that is no sum of others."""
    said = set(in_words(header or ""))
    known = words().headers
    return "duty" in said and "total" not in said and not said & {*known["not_money"], "%"}


# --- a sheet ------------------------------------------------------------------------------------------------


def recognised(
    rows: Sequence[Cells],
    *,
    where: str,
    own: Sequence[Profile] = (),
    status: StatusWords | None = None,
    above: int = 0,
) -> Recognised:
    """The layout of a sheet: by its headers as they stand, else as they are understood.

    `above`: the rows of the file above its own. Raises what `recognise.recognise` raises, where neither way leads
    to one layout.
    """
    both = _try(_renamed(_two_rows(rows, status), status, own), where, own)
    plain = _once_each(rows)
    try:
        found = _recognised(plain, (where, above), own, status)
    except (UnreadableReport, AmbiguousReport):
        if both is not None:
            return both
        raise
    if both is not None and len(both.taken) > len(found.taken):
        return both
    if not isinstance(plain[found.header_row - 1], _Once):
        return found
    headers = tuple((cell or "").strip() for cell in rows[found.header_row - 1])
    left = [one for was, one in zip(found.headers, headers, strict=True) if one and not was]
    return replace(found, headers=headers, unknown=(*found.unknown, *left))


class _Once(list[str | None]):
    """Headers without those that stand twice over columns that differ."""


def _once_each(rows: Sequence[Cells]) -> Sequence[Cells]:
    """The rows, in those above the data no header twice: one that stands over columns that differ names none.

    Of columns alike, and of one that is empty beside one that is not, the first that says something counts. Nor
    does a number or an amount under the name of a programme: "Duty" under "Section 301" is not the line's.
    """
    changed = list(rows)
    for at in range(min(_ROWS, len(rows))):
        if recognise.names_an_entry(rows[at]):
            break
        places: dict[str, list[int]] = {}
        for place, cell in enumerate(rows[at]):
            if collapse(cell) and is_known(cell or ""):
                places.setdefault(collapse(cell), []).append(place)
        out: list[int] = []
        for same in (one for one in places.values() if len(one) > 1):
            held = {place: cells_of(rows, at, place) for place in same}
            filled = [place for place in same if held[place]]
            alike = len({tuple(held[place]) for place in filled}) < 2
            out += [place for place in same if place != (filled or same)[0]] if alike else same
        out += _under_a_programme(rows, at)
        if out:
            changed[at] = _Once(None if place in out else cell for place, cell in enumerate(rows[at]))
    return changed


def _under_a_programme(rows: Sequence[Cells], at: int) -> list[int]:
    """The places of HTS numbers and amounts that stand under the name of a programme in the row above."""
    said = words().headers["programme"]
    found = []
    for place, group in enumerate(_groups(rows, at)):
        kinds = {column.kind for column in columns_of(rows[at][place] or "")}
        if kinds & {"cents", "hts"} and set(in_words(group)) & set(said):
            found.append(place)
    return found


def _groups(rows: Sequence[Cells], at: int) -> list[str]:
    """The name of the group each column of a row stands in, by the row above it; a lone name is no group's."""
    above = rows[at - 1] if at else []
    if len([cell for cell in above if collapse(cell)]) < 2:
        return [""] * len(rows[at])
    found, group = [], ""
    for place, cell in enumerate(rows[at]):
        own = ((above[place] if place < len(above) else None) or "").strip()
        group = own or (group if (cell or "").strip() else "")
        found.append(group)
    return found


def _recognised(
    rows: Sequence[Cells], place: tuple[str, int], own: Sequence[Profile], status: StatusWords | None
) -> Recognised:
    """`place`: how the sheet is called, and the rows of the file above its own."""
    where, above = place
    try:
        found = recognise.recognise(rows, where=where, own=own, above=above)
    except UnreadableReport:
        better = _try(_renamed(rows, status, own), where, own)
        if better is not None:
            return better
        renamed = _renamed(rows, status, own)[0]
        return recognise.recognise(renamed, where=where, own=own, stood=rows, above=above)
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
    return found if headers is None else _as_the_file_has_it(found, headers, matches)


def _as_the_file_has_it(report: Recognised, headers: Cells, matches: Sequence[Match]) -> Recognised:
    """The layout with the headers as the file has them, and which were matched."""
    return replace(
        report,
        headers=tuple((cell or "").strip() for cell in headers),
        unknown=tuple(_as_stood(report, header, headers) for header in report.unknown),
        matched=tuple(m for m in matches if m.taken and m.position in report.taken),
    )


def _as_stood(report: Recognised, header: str, headers: Cells) -> str:
    place = report.headers.index(header)
    return (headers[place] or "").strip()


def _renamed(rows: Sequence[Cells], status: StatusWords | None, own: Sequence[Profile] = ()) -> _Read:
    """The rows above the data with every sure header replaced by the known one it stands for."""
    changed, stood = list(rows), {}
    for at in range(min(_ROWS, len(rows))):
        if any(len(cell or "") < 24 and column_evidence.are_entry_numbers([cell or ""]) for cell in rows[at]):
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
    report: Recognised,
    where: str,
    own: Sequence[Profile],
    status: StatusWords | None,
) -> Recognised:
    """A layout found by known headers, with the columns besides that are understood; no other is given up."""
    at = report.header_row - 1
    if not any(collapse(header) not in letters() for header in report.unknown):
        return report
    matches = [match for match in columns(rows, at, status, own) if match.taken]
    if not matches:
        return report
    changed = list(rows)
    changed[at] = _put(rows[at], matches)
    better = _try((changed, {at: (rows[at], matches)}), where, own)
    if better is None or better.header_row != report.header_row or not report.taken < better.taken:
        return report
    return better


# --- a header over two rows ---------------------------------------------------------------------------------


class _Combined(list[str | None]):
    """The headers of two rows as one."""


def _two_rows(rows: Sequence[Cells], status: StatusWords | None) -> Sequence[Cells]:
    """The rows with each that has a row of group names above it put together with it.

    A group's name stands over its first column, and over the others by the merged cell.
    """
    changed = list(rows)
    for at in range(1, min(_ROWS, len(rows))):
        above, row = rows[at - 1], rows[at]
        named = [cell for cell in above if collapse(cell)]
        if len(named) > 1 and not any(any(c.isdigit() for c in cell[:4]) for cell in row if cell):
            changed[at] = _Combined(_together(rows, at, status))
    return changed


def _together(rows: Sequence[Cells], at: int, status: StatusWords | None) -> list[str | None]:
    """The headers of a row with the group each stands in, as far as the group is needed to understand it."""
    found: list[str | None] = []
    for place, group in enumerate(_groups(rows, at)):
        below = (rows[at][place] or "").strip()
        cells = cells_of(rows, at, place)
        understood = _understood(group, below, cells, status) if group and below else None
        found.append(understood or f"{group} {below}".strip() or None)
    return found


def _understood(group: str, below: str, cells: Sequence[str], status: StatusWords | None) -> str | None:
    """The one way to put a group and a header together that is a known header and fits the cells.

    A header counts by itself only in a group that says nothing of its columns ("Entry information"): under
    "Section 301", "Duty" is not the duty of the line. Of one word alone the group says first what it means.
    """
    said, whole = group.split(), f"{group} {below}"
    ways = [[whole]]
    if set(in_words(group)) <= words().idle["groups"]:
        parts = [f"{one} {below}" for one in said if len(said) > 1]
        ways = [[below], [whole], parts] if len(in_words(below)) > 1 else [[whole], [below], parts]
    for way in ways:
        fitting = {header: names for header in way if (names := _fits(header, cells, status))}
        if len(set(fitting.values())) == 1:
            return next(iter(fitting))
    return None


def _fits(header: str, cells: Sequence[str], status: StatusWords | None) -> frozenset[str]:
    """The declared columns a header is sure to be, by its words and its cells; none where it is not sure."""
    score, candidates = candidates_for(header)
    judged = [known for known in candidates if _says(known, cells, status)[0] is not Says.AGAINST]
    return judged[0].names if score >= MISSPELT and len({one.names for one in judged}) == 1 else frozenset()
