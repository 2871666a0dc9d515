"""Facts stated by hand in facts.csv, put over the exports: each checked, each shown."""

from __future__ import annotations

import re
from typing import Any

import duckdb
import pandas as pd

from cape_kit.entries import identifiers, schema
from cape_kit.entries.client import FACTS, LATER_DEPOSIT, Client, later_deposit
from cape_kit.entries.portfolio.joining import places
from cape_kit.entries.readers import cells, file_problems
from cape_kit.entries.readers.layouts import vocabulary

_FIXED = {
    *("entry_number", "filer_code", "source_file", "source_sheet", "source_row", "extracted_on"),
    *("twin_of", "unread"),
}
#: A row of facts.csv, its entry number, the value as the column holds it, what is wrong with it.
Stated = tuple[dict[Any, Any], str | None, Any, str | None]
_DAY = re.compile(r"\d{4}-\d{2}-\d{2}")
WHY = "facts.csv goes before the exports"


def apply(
    con: duckdb.DuckDBPyConnection, client: Client, entries: pd.DataFrame
) -> tuple[pd.DataFrame, pd.DataFrame, pd.DataFrame]:
    """The entries with the facts put in; a conflict for each value that gave way; a note for each fact."""
    if client.facts.empty:
        return entries, schema.empty("conflicts"), schema.problem_rows(_assertions(client))
    problems: list[dict[str, Any]] = []
    conflicts: list[dict[str, Any]] = []
    entries = entries.copy()
    at = dict(zip(entries["entry_number"], entries.index, strict=True))
    place = places(entries)
    for stated, number, value, trouble in _against_each_other(_each(con, client, set(at))):
        fact = stated["fact"]
        where = {"file": FACTS, "row": stated["row"], "column": fact, "value": stated["value"]}
        if trouble or number is None:
            problems.append(file_problems.problem("K01", detail=trouble, **where))
            continue
        if fact == LATER_DEPOSIT:
            problems.append(
                file_problems.problem("K02", detail=_sentence(stated, str(stated["value"])), **where)
            )
            continue
        before = schema.shown(entries.loc[[at[number]], fact].dropna()).to_list()
        entries.loc[at[number], fact] = value
        after = schema.shown(entries.loc[[at[number]], fact]).to_list()[0]
        problems.append(file_problems.problem("K02", detail=_sentence(stated, after), **where))
        if before and before[0] != after:
            conflict = {
                "entry_number": number,
                "column": fact,
                "taken": after,
                "other": before[0],
                "why": WHY,
            }
            places_of = {"taken_from": f"{FACTS} row {stated['row']}", "other_from": place[at[number]]}
            conflicts.append(conflict | places_of)
    problems += _assertions(client)
    listed = schema.conform(pd.DataFrame(conflicts), "conflicts") if conflicts else schema.empty("conflicts")
    entries = entries.assign(unread=schema.still_unread(entries, entries))
    return schema.conform(entries, "entries"), listed, schema.problem_rows(problems)


def _each(con: duckdb.DuckDBPyConnection, client: Client, held: set[str]) -> list[Stated]:
    """Every row of facts.csv, checked by itself."""
    found = []
    for stated in client.facts.to_dict("records"):
        number = _number(stated["entry_number"])
        value, trouble = _checked(con, stated, number, number in held)
        found.append((stated, number, value, trouble))
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


def _checked(
    con: duckdb.DuckDBPyConnection, stated: dict[Any, Any], number: str | None, held: bool
) -> tuple[Any, str | None]:
    """The value of one fact as its column holds it, or what is wrong with it."""
    fact, value = stated["fact"], stated["value"]
    usable = set(schema.names("entries")) - _FIXED
    trouble = None
    if not isinstance(stated["entry_number"], str):
        trouble = f"row {stated['row']} has no entry number"
    elif number is None:
        trouble = f"'{stated['entry_number']}' is not an entry number"
    elif not held:
        trouble = f"entry {number} is in none of the files"
    elif fact == LATER_DEPOSIT:
        read = later_deposit(value)
        wrong = f"'{value}' is not a day and an amount, written as YYYY-MM-DD 1250.00"
        return (read, None) if read else (None, wrong)
    elif fact not in usable:
        trouble = f"'{fact}' is not a fact; known are {', '.join(sorted(usable))}"
    elif not isinstance(value, str):
        trouble = "the value is empty"
    if trouble:
        return None, trouble
    column = vocabulary()[fact]
    if column.kind == "day" and not _DAY.fullmatch(value):
        return None, f"'{value}' is not a day written as YYYY-MM-DD; nothing is guessed"
    query = f"SELECT {cells.typing_sql(column, 0)} FROM (SELECT CAST(? AS VARCHAR) AS c0)"
    typed = con.execute(query, [value]).fetchall()[0][0]
    if typed is None:
        return None, f"'{file_problems.shown(value, fact)}' is not a value {fact} can have"
    return (pd.Timestamp(typed).as_unit("s") if column.kind == "day" else typed), None


def _sentence(stated: dict[Any, Any], after: str) -> str:
    note = f" ({stated['note']})" if isinstance(stated["note"], str) else ""
    return f"{stated['entry_number']}: {stated['fact']} is {file_problems.shown(after, stated['fact'])}{note}"


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
