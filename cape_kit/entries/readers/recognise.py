"""Which report a rectangle of text is: the header row searched by content, exactly one layout claiming it."""

from __future__ import annotations

import functools
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from cape_kit.entries import identifiers
from cape_kit.entries.readers import done_words
from cape_kit.entries.readers.layouts import Part, Profile, collapse, profiles, vocabulary
from cape_kit.errors import AmbiguousReport, UnreadableReport, in_short

#: How far down a header row is looked for; reports put titles, prompts and notes above it.
DEPTH = 60
#: No entry number is longer, however it is wrapped.
_LONG = 24

Cells = Sequence[str | None]


@dataclass(frozen=True)
class Match:
    """A header the layouts do not know, and the known one it stands for, with how sure that is and why.

    `columns` are the declared columns that go by the known header, in one layout or another. One that is not
    `taken` is a proposal, and waits for a person.
    """

    position: int
    header: str
    known_as: str
    columns: tuple[str, ...]
    score: int
    why: str
    taken: bool


@dataclass(frozen=True)
class Recognised:
    """A layout found in a sheet: where its header is and which position holds which column."""

    profile: Profile
    header_row: int  # counted from 1, as a person does
    headers: tuple[str, ...]
    positions: dict[str, int]  # declared column -> position from 0
    parts: tuple[
        tuple[Part, int | None, int], ...
    ]  # of a wide layout: part, position of HTS, position of duty
    unknown: tuple[str, ...]
    missing: tuple[str, ...]
    filer_code: int | None = (
        None  # where the other parts of an entry number stand, if it is split over columns
    )
    check_digit: int | None = None
    matched: tuple[Match, ...] = ()  # columns taken by what they are called and hold, not by a known header

    @property
    def taken(self) -> frozenset[int]:
        """The positions of every column the layout takes."""
        of_parts = {at for _, hts, duty in self.parts for at in (hts, duty) if at is not None}
        of_number = {at for at in (self.filer_code, self.check_digit) if at is not None}
        return frozenset({*self.positions.values(), *of_parts, *of_number})


@dataclass(frozen=True)
class _Match:
    profile: Profile
    positions: dict[str, int]
    parts: tuple[tuple[Part, int | None, int], ...]
    lacking: tuple[str, ...]
    claims: bool


def recognise(
    rows: Sequence[Cells],
    *,
    where: str,
    own: Sequence[Profile] = (),
    stood: Sequence[Cells] | None = None,
    above: int = 0,
) -> Recognised:
    """The one layout that claims the first rows of a sheet.

    The first row from the top that a layout of a person's `own` claims is the header; failing that, the first
    one a specific layout claims, then a general one. Raises AmbiguousReport when two claim one row,
    UnreadableReport when none does. `stood`: the rows as the file has them, to be named in it; `above`: the rows
    of the file above them.
    """
    shipped = profiles()
    specific = [profile for profile in shipped if not profile.generic]
    for candidates in (own, specific, [profile for profile in shipped if profile.generic]):
        for index, row in enumerate(rows[:DEPTH]):
            index_of = _positions(row)
            if len(index_of) < 1:
                continue
            near = (
                _match(p, index_of, rows[index:DEPTH]) for p in candidates if _has_what_it_must(p, index_of)
            )
            claims = _first_of([match for match in near if match.claims])
            if len(claims) > 1:
                raise AmbiguousReport(_ambiguous(where, above + index, claims))
            if claims and any(map(names_an_entry, rows[:index])):
                break  # rows of data stand above: a header repeated further down says nothing of them
            if claims:
                return _recognised(claims[0], row, index)
    raise UnreadableReport(_unreadable(rows[:DEPTH], where, stood or rows, above))


def _first_of(claims: list[_Match]) -> list[_Match]:
    """The claims without those of layouts that another of them goes before."""
    behind = {key for match in claims for key in match.profile.goes_before}
    return [match for match in claims if match.profile.key not in behind]


def names_an_entry(row: Cells) -> bool:
    """Whether a row holds an entry number: then it is no title, note or prompt."""
    return any(identifiers.normalise_entry_number(cell).valid for cell in row if cell and len(cell) < _LONG)


@dataclass(frozen=True)
class Nearest:
    """The layout a sheet comes nearest to: where its header is, what it has, lacks and has besides.

    `lacking` are columns as the layout calls them, `names` every header each may go by, `free` the headers
    of the sheet that the layout does not take.
    """

    profile: Profile
    header_row: int  # counted from 1, as a person does
    has: tuple[str, ...]
    lacking: tuple[str, ...]
    names: tuple[tuple[str, ...], ...]
    free: tuple[str, ...]


def nearest(rows: Sequence[Cells], stood: Sequence[Cells] | None = None) -> Nearest | None:
    """What a sheet nobody recognises comes nearest to; None where no row has a header the kit knows.

    `stood`: the rows as the file has them, where some of `rows` were replaced.
    """
    _, match, at = _nearest(rows[:DEPTH])
    if match is None:
        return None
    headers = [(cell or "").strip() for cell in (stood or rows)[at]]
    taken = set(match.positions.values())
    return Nearest(
        match.profile,
        at + 1,
        tuple(headers[place] for place in sorted(taken)),
        tuple(_object(match.profile, name) for name in match.lacking),
        tuple(_names(match.profile, name) for name in match.lacking),
        tuple(header for place, header in enumerate(headers) if header and place not in taken),
    )


def likely_header(head: Sequence[Cells]) -> int | None:
    """The first row of several cells that are all words, none of them a number; None where there is none."""
    for at, row in enumerate(head):
        said = [cell.strip() for cell in row if cell and cell.strip()]
        if len(said) > 1:
            return at if not any(c.isdigit() for cell in said for c in cell[:4]) else None
    return None


def _positions(row: Cells) -> dict[str, int]:
    """Collapsed header -> its first position. "Duty Paid?" asks, and is no amount."""
    found: dict[str, int] = {}
    for position, cell in enumerate(row):
        key = collapse(cell)
        if key and not (key in _of_money() and (cell or "").rstrip().endswith("?")):
            found.setdefault(key, position)
    return found


@functools.cache
def _of_money() -> frozenset[str]:
    """Every name of a column of amounts, collapsed."""
    columns = [one for profile in profiles() for one in profile.columns.values() if one.kind == "cents"]
    parts = [part for profile in profiles() for part in profile.parts]
    names = [one.names for one in columns] + [part.duty for part in parts]
    return frozenset(key for several in names for key in _collapsed(several))


def _find(names: tuple[str, ...], index_of: dict[str, int]) -> int | None:
    """Position of the first name a row holds, in the order of preference."""
    return next((index_of[key] for key in _collapsed(names) if key in index_of), None)


@functools.cache
def _collapsed(names: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(map(collapse, names))


def _has_what_it_must(profile: Profile, index_of: dict[str, int]) -> bool:
    """Whether a row has every column a layout can't do without; most rows lack the first of most layouts."""
    columns = profile.columns
    return all(
        name in columns and _find(columns[name].names, index_of) is not None for name in profile.must_have
    )


def _match(profile: Profile, index_of: dict[str, int], rows: Sequence[Cells] = ()) -> _Match:
    """How one layout fits one row of headers. `rows`: that row and those below, where what they say counts too."""
    positions = {
        name: position
        for name, column in profile.columns.items()
        if (position := _find(column.names, index_of)) is not None
    }
    parts = tuple(
        (part, _find(part.hts, index_of), duty)
        for part in profile.parts
        if (duty := _find(part.duty, index_of)) is not None
    )
    if profile.headings:
        goods = [one for one in parts if one[0].commodity]
        parts = (*(one for one in parts if not one[0].commodity), *_headings(index_of), *goods)
    if profile.part_numbered:
        parts = tuple(one for one in parts if not one[0].commodity and (one[0].number or one[1] is not None))
    lacking = [name for name in profile.must_have if name not in positions]
    told = profile.told and any(done_words.tells_of_entries(cell) for cell in next(iter(rows), ()) if cell)
    told = told and any(map(names_an_entry, rows[1:]))  # a journal has entries, too
    if profile.must_have_any and not told and not any(name in positions for name in profile.must_have_any):
        lacking.append(" or ".join(profile.must_have_any[:3]))
    if profile.must_have_part and not any(part.ieepa for part, _, _ in parts):
        lacking.append("a duty column of an IEEPA program")
    lacking += [name for name, names in profile.mapped if _find(names, index_of) is None]
    barred = any(_bars(profile, name, index_of) for name in profile.must_not_have)
    alone = not profile.only or len(index_of) == len(positions)
    return _Match(profile, positions, parts, tuple(lacking), not lacking and not barred and alone)


#: A column called by a number of chapter 99, by its letters, and the words that leave it an amount of duty.
_HEADING = re.compile(r"(ieepa|hts|duty)*(99[0-9]{6})(ieepa|duty|amount|amt|paid|usd)*")
#: The chapter under which the temporary duties stand that make a file wide.
_WIDE = "9903"


def heading_of(header: str | None) -> str | None:
    """The number a column of duty is called by; None where its name is another, or says more."""
    found = _HEADING.fullmatch(collapse(header)) if "%" not in (header or "") else None
    return found.group(2) if found else None


def _headings(index_of: dict[str, int]) -> Iterator[tuple[Part, int | None, int]]:
    """A part for each number of chapter 99 that columns are called by; a second column for one is none."""
    seen: set[str] = set()
    for key, at in index_of.items():
        number = heading_of(key)
        if number and number not in seen:
            seen.add(number)
            name = f"heading_{number}"
            yield Part(name, (), (key,), ieepa=number.startswith(_WIDE), number=number), None, at


def _bars(profile: Profile, name: str, index_of: dict[str, int]) -> bool:
    column = profile.columns.get(name) or vocabulary()[name]
    return _find(column.names, index_of) is not None


def _recognised(match: _Match, row: Cells, index: int) -> Recognised:
    profile = match.profile
    headers = tuple((cell or "").strip() for cell in row)
    used = set(match.positions.values())
    for _, hts, duty in match.parts:
        used |= {duty} | ({hts} if hts is not None else set())
    index_of = _positions(row)
    pieces = {part: _find(vocabulary()[part].names, index_of) for part in ("filer_code", "check_digit")}
    used |= {at for at in pieces.values() if at is not None}
    unknown = tuple(
        header
        for position, header in enumerate(headers)
        if header and position not in used and collapse(header) not in profile.known
    )
    missing = tuple(
        profile.columns[name].object or profile.columns[name].names[0]
        for name in (*profile.must_have_any, *profile.add)
        if name in profile.columns and name not in match.positions
    )
    return Recognised(
        profile,
        index + 1,
        headers,
        match.positions,
        match.parts,
        unknown,
        tuple(dict.fromkeys(missing)),
        filer_code=pieces["filer_code"],
        check_digit=pieces["check_digit"],
    )


def _ambiguous(where: str, index: int, claims: Sequence[_Match]) -> str:
    reasons = "; ".join(
        f"{m.profile.key} because row {index + 1} has {', '.join(m.profile.must_have)}" for m in claims
    )
    return (
        f"{where}: {len(claims)} layouts claim it ({reasons}); it must be one report: rename or drop columns"
    )


def _unreadable(rows: Sequence[Cells], where: str, stood: Sequence[Cells], above: int) -> str:
    """What was seen, and which layout was nearest with what it lacks."""
    _, best, at = _nearest(rows)
    filled = [row for row in rows if any((cell or "").strip() for cell in row)]
    if not filled:
        return f"{where}: no report; there is nothing in it"
    if best is None:
        first = _sample(max(filled[:5], key=lambda row: sum(1 for cell in row if cell)))
        return f"{where}: no header row the kit knows; it begins with {first}; export it again with headers"
    lacking = ", ".join(_object(best.profile, name) for name in best.lacking)
    seen = ", ".join(in_short(stood[at][place] or "") for place in sorted(best.positions.values())[:8])
    return (
        f"{where}: not a report the kit knows, though its header is there (row {above + at + 1}) and has {seen}; "
        f"nearest is {best.profile.title}, which also needs {lacking}"
    )


def _nearest(rows: Sequence[Cells]) -> tuple[float, _Match | None, int]:
    """How near the nearest layout is, its match, and the row (from 0) it fits."""
    best: tuple[float, _Match | None, int] = (0.0, None, 0)
    for at, row in enumerate(rows):
        index_of = _positions(row)
        if _known_headers().isdisjoint(index_of):
            continue  # most rows are rows of data, and near to nothing
        for profile in (
            one for one in profiles() if not one.part_numbered
        ):  # it lacks too little to be told from others
            match = _match(profile, index_of)
            wanted = len(profile.must_have) + bool(profile.must_have_any) + profile.must_have_part
            score = (wanted - len(match.lacking)) / wanted + len(match.positions) / 1000
            if match.positions and match.lacking and score > best[0]:
                best = (score, match, at)
    return best


@functools.cache
def _known_headers() -> frozenset[str]:
    """Every name a column of any shipped layout goes by, collapsed."""
    columns = (column for profile in profiles() for column in profile.columns.values())
    return frozenset(key for column in columns for key in _collapsed(column.names))


def _names(profile: Profile, lacking: str) -> tuple[str, ...]:
    """Every header of a missing column; of one of several ("a or b"), those of each."""
    columns = (profile.columns.get(name) for name in lacking.split(" or "))
    return tuple(name for column in columns if column for name in column.names)


def _object(profile: Profile, name: str) -> str:
    column = profile.columns.get(name)
    return (column.object or column.names[0]) if column else name


def _sample(row: Cells) -> str:
    texts = [" ".join(cell.split())[:40] for cell in row if cell and cell.strip()]
    return ", ".join(texts[:12]) + (f" and {len(texts) - 12} more" if len(texts) > 12 else "")
