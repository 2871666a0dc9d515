"""Facts stated by hand in facts.csv, put over the exports: each checked, each shown."""

from __future__ import annotations

import re
from functools import cache
from typing import Any

import duckdb
import numpy as np
import pandas as pd
import pyarrow as pa

from cape_kit.entries import identifiers, schema
from cape_kit.entries.client import FACTS, LATER_DEPOSIT, Client, later_deposit
from cape_kit.entries.portfolio.joining import places
from cape_kit.entries.readers import cells, file_problems
from cape_kit.entries.readers.layouts import vocabulary
from cape_kit.errors import in_short

_FIXED = {
    *("entry_number", "filer_code", "source_file", "source_sheet", "source_row", "extracted_on"),
    *("twin_of", "unread"),
}
#: A row of facts.csv, its entry number, the value as the column holds it, what is wrong with it.
Stated = tuple[dict[Any, Any], str | None, Any, str | None]
_DAY = re.compile(r"\d{4}-\d{2}-\d{2}")
#: Characters of a note that are shown with its fact.
_NOTE = 1000
WHY = "a fact stated in facts.csv prevails over the exports"


def apply(
    con: duckdb.DuckDBPyConnection, client: Client, entries: pd.DataFrame
) -> tuple[pd.DataFrame, pd.DataFrame, pd.DataFrame]:
    """The entries with the facts put in; a conflict for each value that gave way; a note for each fact."""
    if client.facts.empty:
        told = schema.problem_rows([*_not_read(client), *_assertions(client)])
        return entries, schema.empty("conflicts"), told
    problems: list[dict[str, Any]] = []
    conflicts: list[dict[str, Any]] = []
    at = dict(zip(entries["entry_number"], range(len(entries)), strict=True))
    place = places(entries)
    rows = _against_each_other(_each(con, client, set(at)))
    entries, shown = _put(entries, at, rows)
    for row, (stated, number, _, trouble) in enumerate(rows):
        fact = stated["fact"]
        where = {"file": FACTS, "row": stated["row"], "column": fact, "value": stated["value"]}
        if trouble or number is None:
            problems.append(file_problems.problem("K01", detail=trouble, **where))
            continue
        before, after = shown.get(row, (None, str(stated["value"])))
        problems.append(file_problems.problem("K02", detail=_sentence(stated, after), **where))
        if before is not None and before != after:
            conflict = {
                "entry_number": number,
                "column": fact,
                "taken": after,
                "other": before,
                "why": WHY,
            }
            places_of = {"taken_from": f"{FACTS} row {stated['row']}", "other_from": place.iloc[at[number]]}
            conflicts.append(conflict | places_of)
    problems += [*_not_read(client), *_assertions(client)]
    listed = schema.conform(pd.DataFrame(conflicts), "conflicts") if conflicts else schema.empty("conflicts")
    entries = entries.assign(unread=schema.still_unread(entries, entries))
    return schema.conform(entries, "entries"), listed, schema.problem_rows(problems)


def _put(
    entries: pd.DataFrame, at: dict[str, int], rows: list[Stated]
) -> tuple[pd.DataFrame, dict[int, tuple[str | None, str]]]:
    """The entries with the values in their columns; by row of facts.csv, what is shown of it before and after.

    A row that repeats an earlier one finds its value there, and nothing before it.
    """
    by_fact: dict[str, list[int]] = {}
    for row, (stated, number, _, trouble) in enumerate(rows):
        if number is not None and trouble is None and stated["fact"] != LATER_DEPOSIT:
            by_fact.setdefault(stated["fact"], []).append(row)
    shown: dict[int, tuple[str | None, str]] = {}
    changed = {}
    for fact, mine in by_fact.items():
        places_of = np.array([at[str(rows[row][1])] for row in mine])
        column = entries[fact].copy()
        was = schema.shown(column.iloc[places_of])
        column.iloc[places_of] = pd.Series([rows[row][2] for row in mine], dtype=column.dtype).array
        now = schema.shown(column.iloc[places_of])
        again = pd.Series(places_of).duplicated()
        told = zip(mine, was.where(~again.to_numpy()), now, strict=True)
        shown |= {row: (None if pd.isna(old) else old, new) for row, old, new in told}
        changed[fact] = column
    return entries.assign(**changed), shown


def _each(con: duckdb.DuckDBPyConnection, client: Client, held: set[str]) -> list[Stated]:
    """Every row of facts.csv, checked by itself."""
    told = client.facts.to_dict("records")
    numbers = [_number(stated["entry_number"]) for stated in told]
    troubles = [_trouble(one, number, number in held) for one, number in zip(told, numbers, strict=True)]
    texts: dict[str, list[str]] = {}
    for stated, trouble in zip(told, troubles, strict=True):
        if trouble is None and stated["fact"] != LATER_DEPOSIT:
            texts.setdefault(stated["fact"], []).append(stated["value"])
    meant = {fact: _meant(con, fact, list(dict.fromkeys(several))) for fact, several in texts.items()}
    found: list[Stated] = []
    for stated, number, trouble in zip(told, numbers, troubles, strict=True):
        fact, value = stated["fact"], stated["value"]
        if trouble is None and fact == LATER_DEPOSIT:
            found.append((stated, number, later_deposit(value), None))
        elif trouble is None and meant[fact][value] is None:
            wrong = f"'{file_problems.shown(value, fact)}' is not a value {fact} can have"
            found.append((stated, number, None, wrong))
        else:
            found.append((stated, number, None if trouble else meant[fact][value], trouble))
    return found


def _against_each_other(rows: list[Stated]) -> list[Stated]:
    """Rows that state different values of one fact for one entry: none of them counts, nothing is guessed."""
    said: dict[tuple[str | None, str], list[Stated]] = {}
    for row in rows:
        if row[3] is None:
            said.setdefault((row[1], row[0]["fact"]), []).append(row)
    # An entry may have several later deposits.
    said = {key: group for key, group in said.items() if key[1] != LATER_DEPOSIT}
    trouble = {
        key: f"{_listed([row[0]['row'] for row in group])} state different values of {key[1]} for entry "
        f"{key[0]}, so neither counts; keep the right one"
        for key, group in said.items()
        if any(row[2] != group[0][2] for row in group)
    }
    return [(row[0], row[1], row[2], row[3] or trouble.get((row[1], row[0]["fact"]))) for row in rows]


def _listed(numbers: list[int]) -> str:
    return "rows " + ", ".join(map(str, numbers[:-1])) + f" and {numbers[-1]}"


def _number(text: object) -> str | None:
    return identifiers.normalise_entry_number(text).normalised if isinstance(text, str) else None


def _trouble(stated: dict[Any, Any], number: str | None, held: bool) -> str | None:
    """What is wrong with one row, whatever its column makes of its value."""
    fact, value = stated["fact"], stated["value"]
    trouble = None
    if not isinstance(stated["entry_number"], str):
        trouble = f"row {stated['row']} has no entry number"
    elif number is None:
        trouble = f"'{in_short(stated['entry_number'])}' is not an entry number"
    elif not held:
        trouble = f"entry {number} is in none of the files"
    elif not isinstance(fact, str):
        trouble = f"row {stated['row']} names no fact"
    elif not isinstance(value, str):
        trouble = "the value is empty"
    elif fact == LATER_DEPOSIT:
        wrong = f"'{in_short(value)}' is not a day and an amount, written as YYYY-MM-DD 1250.00"
        trouble = None if later_deposit(value) else wrong
    elif fact not in _usable():
        trouble = f"'{in_short(fact)}' is not a fact; known are {', '.join(sorted(_usable()))}"
    elif vocabulary()[fact].kind == "day" and not _DAY.fullmatch(value):
        trouble = f"'{in_short(value)}' is not a day written as YYYY-MM-DD; nothing is guessed"
    return trouble


@cache
def _usable() -> frozenset[str]:
    return frozenset(schema.names("entries")) - _FIXED


def _meant(con: duckdb.DuckDBPyConnection, fact: str, texts: list[str]) -> dict[str, Any]:
    """What each text means in a column; null where it can't stand there."""
    column = vocabulary()[fact]
    typed = cells.understood(con, column, pa.array(texts, pa.string())).to_pylist()
    if column.kind == "day":
        typed = [None if day is None else pd.Timestamp(day).as_unit("s") for day in typed]
    return dict(zip(texts, typed, strict=True))


def note_shown(note: str) -> str:
    """A note of facts.csv as the message on its fact has it."""
    return in_short(note, most=_NOTE)


def _sentence(stated: dict[Any, Any], after: str) -> str:
    note = f" ({note_shown(stated['note'])})" if isinstance(stated["note"], str) else ""
    return f"{in_short(stated['entry_number'])}: {stated['fact']} is {file_problems.shown(after, stated['fact'])}{note}"


def _not_read(client: Client) -> list[dict[str, Any]]:
    """What stands in facts.csv and is read by nobody: rows whose cells are moved, columns of other names."""
    told = []
    for one in client.facts_unread:
        where: dict[str, Any] = {"file": FACTS, "row": one.row, "column": one.column, "value": one.value}
        shown = file_problems.shown(one.value)
        if one.column is None:
            beyond = f"row {one.row} has more cells than the header, beyond it '{shown}'"
            detail = f"{beyond}; a comma within a cell needs quotes around the cell"
            told.append(file_problems.problem("K01", detail=detail, **where))
        else:
            many = f"{one.rows:,} row{'' if one.rows == 1 else 's'}"
            detail = f"column '{in_short(one.column)}' on {many}, on row {one.row} '{shown}'"
            told.append(file_problems.problem("K05", detail=detail, **where))
    return told


def _assertions(client: Client) -> list[dict[str, Any]]:
    """The assertions of client.toml, as notes."""
    day = client.asserted_on.isoformat() if client.asserted_on else None
    by = " ".join(filter(None, (client.asserted_by, day)))
    return [
        file_problems.problem(
            "K03",
            file="client.toml",
            column=name,
            value=str(value).lower(),
            detail=f"{name}" + (f", by {by}" if by else ""),
        )
        for name, value in sorted(client.assertions.items())
    ]
