"""Any workbook, delimited text or PDF form -> recognised report -> typed rows with provenance, none lost."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import duckdb
import pandas as pd

from cape_kit import leftovers
from cape_kit.entries import schema
from cape_kit.entries.readers import (
    file_problems,
    letters,
    mapping,
    matching,
    openers,
    paper,
    reading,
    rows,
    sheets,
    unread_files,
)
from cape_kit.entries.readers.column_evidence import StatusWords
from cape_kit.entries.readers.layouts import Profile
from cape_kit.entries.readers.letters import Letter
from cape_kit.entries.readers.mapping import Open, Waiting
from cape_kit.entries.readers.reading import Days, Reading
from cape_kit.entries.readers.recognise import Match, Recognised
from cape_kit.entries.readers.sheets import Sheet, TableSheet
from cape_kit.entries.readers.unread_files import Unread
from cape_kit.errors import AmbiguousReport, AnotherPurpose, CapeError, UnreadableReport, in_short, in_words

__all__ = [
    "FileRead",
    "Manner",
    "Open",
    "Reading",
    "Unread",
    "Waiting",
    "propose",
    "read",
    "read_file",
    "waiting",
]

#: The sentence of a file on which the kit itself failed: a fault to report, and no reason to lose the others.
FAILED = "the kit failed on it"
#: How a sheet is called that only repeats what a report was asked for, as a rule.
_PROMPTS = re.compile(r"param(eter)?s?(?![a-z])", re.IGNORECASE)


@dataclass(frozen=True)
class Manner:
    """How a client's files are read.

    `date_order`: how slashed dates run ('MDY', 'DMY'), as the client says; `layouts`: a person's own, before
    the kit's; `status`: the status words the law book knows, by column, None where it is not at hand.
    """

    date_order: str | None = None
    layouts: tuple[Profile, ...] = ()
    status: StatusWords | None = None


How = tuple[Path, Manner]


@dataclass(frozen=True)
class FileRead:
    """What one file of a folder gave: readings of its sheets, and problems of the file as a whole.

    `unread` are the sheets, or the file, that were not read though they may hold data; `own` the names of
    what the kit itself wrote.
    """

    file: str
    readings: tuple[Reading, ...]
    problems: pd.DataFrame
    unread: tuple[Unread, ...] = ()
    own: tuple[str, ...] = ()


def read(path: Path, *, name: str | None = None, manner: Manner | None = None) -> tuple[Reading, ...]:
    """Every report in a file.

    Raises UnreadableReport or AmbiguousReport, in one sentence, when there is none; an archive is not opened.
    """
    if paper.is_pdf(path):
        return tuple(paper.read(path, name=name or path.name))
    with rows.connect() as con, leftovers.temporary() as scratch:
        found = _sheets(con, path, (scratch, manner or Manner()), name=name or path.name)
        if not found.taken:
            raise _worst(found.passed)
        return tuple(_with_notes(con, found, name=name or path.name).readings)


def read_file(path: Path, *, name: str, manner: Manner | None = None) -> FileRead:
    """Every report in a file (of an archive: in each file inside); trouble with it becomes a problem row."""
    parts: list[FileRead] = []
    with leftovers.temporary() as scratch:
        try:
            for member, inner in openers.members(path, scratch, name):
                parts.append(_one(member, (scratch, manner or Manner()), name=inner))
            if not parts:
                row = file_problems.problem("R43", file=name, detail="an archive without a file to be read")
                parts.append(FileRead(name, (), schema.problem_rows([row])))
        except CapeError as error:
            parts.append(_closed(error, name))
        except OSError as error:
            row = file_problems.problem("R01", file=name, detail=_out_of_reach(path, error))
            closed = unread_files.closed(name, str(row["message"]))
            parts.append(FileRead(name, (), schema.problem_rows([row]), (closed,)))
    listed = [part.problems for part in parts if len(part.problems)]
    return FileRead(
        name,
        tuple(reading for part in parts for reading in part.readings),
        pd.concat(listed, ignore_index=True) if listed else schema.empty("problems"),
        tuple(one for part in parts for one in part.unread),
        tuple(one for part in parts for one in part.own),
    )


def _out_of_reach(path: Path, error: OSError) -> str:
    """Why what lies in the folder can't be opened, in the words of whoever put it there."""
    if path.is_dir():
        which = "a link to another folder" if path.is_symlink() else "a folder that can't be looked into"
        return f"{which}: put the files themselves here"
    if path.is_symlink() and not path.exists():
        return "a link that leads nowhere: put the file itself here"
    return error.strerror or str(error)


def _one(member: Path | CapeError, how: How, *, name: str) -> FileRead:
    """One file that is no archive. Whatever is wrong with it is a problem of it alone, the kit's faults too.

    Each has an engine of its own: what ends it ends no other file's.
    """
    if isinstance(member, CapeError):
        return _closed(member, name)
    try:
        with rows.connect() as con:
            return _member(con, member, how, name=name)
    except OSError:
        raise
    except Exception as error:
        said = f"{name}: {FAILED} ({type(error).__name__}: {in_words(error)})"
        failed = UnreadableReport(f"{said}; save it anew as .xlsx or .csv, and report it")
        return _closed(failed, name, letters.named_in(member))


def propose(path: Path, *, name: str, manner: Manner) -> list[tuple[str | None, str]]:
    """A layout for each sheet of a file that holds something and is not read: the sheet's name, and the text."""
    found = [
        (sheet.name, mapping.propose(sheet, name=name, status=manner.status))
        for sheet in _not_recognised(path, name, manner)
    ]
    return [(sheet, text) for sheet, text in found if text]


def waiting(path: Path, *, name: str, manner: Manner) -> list[tuple[str | None, Waiting]]:
    """Each sheet of a file that is not read and has headers: its name, and what a person has to say of it."""
    found = [
        (sheet.name, mapping.waiting(sheet, name=name, status=manner.status))
        for sheet in _not_recognised(path, name, manner)
    ]
    return [(sheet, one) for sheet, one in found if one]


def _not_recognised(path: Path, name: str, manner: Manner) -> list[Sheet]:
    """The sheets a person sees and the kit does not know, but for those of its own and of another purpose."""
    if (
        unread_files.made_by_kit(path)
        or paper.is_pdf(path)
        or letters.for_another_purpose(path, name) is not None
    ):
        return []
    with leftovers.temporary() as scratch:
        try:
            opened = openers.open_file(path, scratch, name=name)
        except (CapeError, OSError):
            return []  # said where it is read
        return [
            sheet
            for sheet in opened.sheets
            if sheet.visible and isinstance(_recognised(sheet, name, manner), UnreadableReport)
        ]


def _member(con: duckdb.DuckDBPyConnection, path: Path, how: How, *, name: str) -> FileRead:
    """One file that is no archive: what the kit wrote, or what is for another purpose, is left alone."""
    if unread_files.made_by_kit(path):
        return FileRead(name, (), schema.empty("problems"), (), (name,))
    if paper.is_pdf(path):
        return _paper(path, name)
    letter = letters.look(path, name)
    if letter is not None and not letter.numbers and not letter.attached:
        return _left_alone(name, letter.what, letter.tells)
    try:
        found = _sheets(con, path, how, name=name)
    except CapeError as error:
        return _closed(error, name, letters.named_in(path)) if letter is None else _letter(letter, name)
    if found.taken:
        return _with_comments(_with_notes(con, found, name=name), letters.beside_cells(path))
    near = any("nearest" in error.message for _, error in found.passed)
    letter = letter or (None if near else letters.running_text(path))
    return _none_read(con, found.passed, name=name) if letter is None else _letter(letter, name)


def _with_comments(read: FileRead, tells: str | None) -> FileRead:
    """A file that was read, with a warning where a comment or a text box tells of something done."""
    if tells is None:
        return read
    told = schema.problem_rows([file_problems.problem("R49", file=read.file, detail=tells)])
    return replace(
        read, problems=pd.concat([read.problems, told], ignore_index=True) if len(read.problems) else told
    )


def _left_alone(name: str, what: str, tells: str | None = None) -> FileRead:
    """A file for another purpose; one whose text tells of something done is to be read by a person."""
    code, detail = ("R43", what) if tells is None else ("R48", f"{what}; {tells}")
    return FileRead(name, (), schema.problem_rows([file_problems.problem(code, file=name, detail=detail)]))


def _letter(letter: Letter, name: str) -> FileRead:
    """A mail, or another document for reading, that names entries or brings tables: not read."""
    if not letter.numbers and not letter.attached:
        return _left_alone(name, letter.what, letter.tells)
    filers = sorted({number[:3] for number in letter.numbers})
    many = unread_files.holds(None, len(letter.numbers), filers, schema.empty("money"))
    endings = ", ".join(sorted({Path(one).suffix.lower() for one in letter.attached}))
    brought = f"attached to it, and not read: {len(letter.attached)} ({endings})" if endings else ""
    held = [many if letter.numbers else "", brought, letter.tells or ""]
    row = file_problems.problem("R47", file=name, detail=f"{letter.what}; {'; '.join(filter(None, held))}")
    closed = unread_files.closed(name, str(row["message"]), letter.numbers)
    return FileRead(name, (), schema.problem_rows([row]), (closed,))


def _paper(path: Path, name: str) -> FileRead:
    """The entry summaries of a PDF; one that was looked into and holds none is for another purpose.

    Pages that are no entry summary and name an entry were not read, and may say more of it.
    """
    try:
        found = paper.look_into(path, name=name)
    except CapeError as error:
        return _closed(error, name)
    if isinstance(found.trouble, AnotherPurpose):
        detail = found.trouble.message.removeprefix(f"{name}: ")
        return FileRead(
            name, (), schema.problem_rows([file_problems.problem("R43", file=name, detail=detail)])
        )
    if found.trouble is not None:
        return _closed(found.trouble, name, found.named)
    why = "pages that are no entry summary"
    pages = f"page{'' if len(found.pages) == 1 else 's'} {', '.join(map(str, found.pages))}"
    apart = (unread_files.closed(name, why, found.named, in_short(pages)),) if found.named else ()
    return FileRead(name, found.readings, schema.empty("problems"), apart)


def _closed(error: CapeError, name: str, named: frozenset[str] = frozenset()) -> FileRead:
    """A file nobody could open or look into. `named`: the entry numbers that stand in it all the same."""
    row = {**file_problems.problem("R02", file=name), "message": error.message}
    if "; " in error.message:
        row["what_to_do"] = error.message.rsplit("; ", 1)[1]
    return FileRead(name, (), schema.problem_rows([row]), (unread_files.closed(name, error.message, named),))


def _none_read(
    con: duckdb.DuckDBPyConnection, passed: Sequence[tuple[Sheet, CapeError]], *, name: str
) -> FileRead:
    """A file without any report: an error for each sheet with data, else for the one nearest to a report.

    One that holds neither an entry number nor money nor a report's header is for another purpose.
    """
    looked = [
        (unread_files.look_into(con, sheet, file=name, why=error.message), error) for sheet, error in passed
    ]
    with_data = [(one, error) for one, error in looked if one.has_data]
    worst = _worst(passed)
    listed = with_data or [(one, error) for one, error in looked if error is worst]
    if not any(one.matters for one, _ in listed):
        detail = worst.message.removeprefix(f"{name}: ")
        return FileRead(
            name, (), schema.problem_rows([file_problems.problem("R43", file=name, detail=detail)])
        )
    problems = [_not_read(one, error) for one, error in listed]
    return FileRead(name, (), schema.problem_rows(problems), tuple(one for one, _ in listed))


def _not_read(one: Unread, error: CapeError) -> dict[str, Any]:
    """The error for a sheet that was not read: why, what it holds, what to do."""
    code = "R03" if isinstance(error, AmbiguousReport) else "R02"
    perhaps = unread_files.perhaps_called(one.nearest) if one.nearest else {}
    guess = "".join(f"; {column} is perhaps '{in_short(header)}'" for column, header in perhaps.items())
    row = file_problems.problem(code, file=one.file, sheet=one.sheet)
    what = unread_files.advice(one.nearest) if code == "R02" and "hidden" not in error.message else None
    return {
        **row,
        "message": f"{error.message}{guess}. It holds {one.holds}",
        "what_to_do": what or row["what_to_do"],
    }


def _worst(passed: Sequence[tuple[Sheet, CapeError]]) -> CapeError:
    """The trouble that says most: two layouts for one sheet, then a sheet near to a report."""
    trouble = [error for _, error in passed]
    return max(trouble, key=lambda e: (isinstance(e, AmbiguousReport), "nearest" in e.message))


@dataclass(frozen=True)
class _Sheets:
    """The sheets of one file: those read, those passed over with why, and how many cells show an error."""

    taken: list[Reading]
    passed: list[tuple[Sheet, CapeError]]
    error_cells: int


def _sheets(con: duckdb.DuckDBPyConnection, path: Path, how: How, *, name: str) -> _Sheets:
    """The recognised sheets of a file, typed. `how`: a scratch folder, and how the client's files are read."""
    scratch, manner = how
    opened = openers.open_file(path, scratch, name=name)
    days = _days(opened.sheets, manner.date_order)
    taken: list[Reading] = []
    passed: list[tuple[Sheet, CapeError]] = []
    for sheet in (table for whole in opened.sheets for table in reading.tables_apart(con, whole)):
        found = _recognised(sheet, name, manner)
        if isinstance(found, CapeError):
            passed.append((sheet, found))
            continue
        dated = replace(found, profile=found.profile.dated(manner.date_order))
        taken.append(_take(con, sheet, dated, name, days))
    return _Sheets(taken, passed, opened.error_cells)


def _with_notes(con: duckdb.DuckDBPyConnection, sheets: _Sheets, *, name: str) -> FileRead:
    """The readings of a file, and what was passed over beside them: an error where it holds data.

    Both stand with the first reading.
    """
    notes: list[dict[str, Any]] = []
    apart: list[Unread] = []
    for sheet, error in sheets.passed:
        one = unread_files.look_into(con, sheet, file=name, why=error.message)
        if _PROMPTS.search(sheet.name or "") and not _more_than_prompts(one, sheets.taken):
            continue  # no loss
        why = error.message.split(": ", 1)[-1].split(";")[0][:160]
        if one.has_data:
            apart.append(one)
            detail = f"{why}. It holds {one.holds}"
            notes.append(file_problems.problem("R45", file=name, sheet=sheet.name, detail=detail))
        else:
            notes.append(file_problems.problem("R14", file=name, sheet=sheet.name, detail=why))
    if sheets.error_cells:
        notes.append(file_problems.problem("R18", file=name, detail=f"{sheets.error_cells} cells"))
    first = sheets.taken[0]
    listed = pd.concat([first.problems, schema.problem_rows(notes)], ignore_index=True)
    readings = (replace(first, problems=listed if notes else first.problems), *sheets.taken[1:])
    return FileRead(name, readings, schema.empty("problems"), tuple(apart))


def _more_than_prompts(one: Unread, taken: Sequence[Reading]) -> bool:
    """Whether a sheet that is called one of prompts holds what is read from no other sheet: dollars, or an entry."""
    asked = one.numbers - {number for reading in taken for number in reading.entries["entry_number"]}
    return bool(asked) or one.has_dollars


def _days(opened: Sequence[Sheet], order: str | None) -> Days:
    """The run date and the end of the range, from whichever sheet says them."""
    said = [sheets.days_said(sheet.head, order) for sheet in opened]
    return next((run for run, _ in said if run), None), next((end for _, end in said if end), None)


def _recognised(sheet: Sheet, name: str, manner: Manner) -> Recognised | CapeError:
    """What a visible sheet is; or why it is to be passed over."""
    where = f"{name} [{sheet.name}]" if sheet.name else name
    try:
        above = sheet.skip if isinstance(sheet, TableSheet) else 0
        found = matching.recognised(
            sheet.head, where=where, own=manner.layouts, status=manner.status, above=above
        )
    except (UnreadableReport, AmbiguousReport) as error:
        return error
    if not sheet.visible:
        return UnreadableReport(f"{where}: hidden; unhide the sheet if its entries are to count")
    return found


def _take(con: duckdb.DuckDBPyConnection, sheet: Sheet, report: Recognised, name: str, days: Days) -> Reading:
    try:
        taken = reading.take(con, sheet, report, file=name, days=days)
        above = sheet.skip if isinstance(sheet, TableSheet) else 0
        taken = replace(taken, report=replace(report, header_row=above + report.header_row))
        notes = [_matched(match, file=name, sheet=sheet.name) for match in report.matched]
        notes += [_mapped(report.profile, file=name, sheet=sheet.name)] if report.profile.mapped else []
        listed = pd.concat([taken.problems, schema.problem_rows(notes)], ignore_index=True)
        return replace(taken, problems=listed) if notes else taken
    except UnreadableReport as error:
        raise UnreadableReport(f"{name}: {error.message.removeprefix(name + ': ')}") from error


def _matched(match: Match, *, file: str, sheet: str | None) -> dict[str, Any]:
    """The note on a column taken by what it is called and holds."""
    detail = f"'{in_short(match.header)}' is read as '{match.known_as}' ({match.why})"
    return file_problems.problem("R50", file=file, sheet=sheet, column=match.header, detail=detail)


def _mapped(profile: Profile, *, file: str, sheet: str | None) -> dict[str, Any]:
    """The note on columns a person named."""
    each = "; ".join(
        f"'{', '.join(map(in_short, headers))}' is {column}" for column, headers in profile.mapped
    )
    return file_problems.problem("R51", file=file, sheet=sheet, detail=f"{profile.mapped_in}: {each}")
