"""Facts stated by hand in facts.csv, put over the exports: each checked, each shown."""

from __future__ import annotations

from typing import Any

import duckdb
import pandas as pd

from cape_kit.entries import identifiers, schema
from cape_kit.entries.client import FACTS, Client
from cape_kit.entries.portfolio.joining import places
from cape_kit.entries.readers import cells, findings
from cape_kit.entries.readers.layouts import vocabulary

_FIXED = {"entry_number", "filer_code", "source_file", "source_sheet", "source_row", "extracted_on"}
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
    for stated in client.facts.to_dict("records"):
        number, fact = _number(stated["entry_number"]), stated["fact"]
        value, trouble = _checked(con, stated, number, number in at)
        where = {"file": FACTS, "row": stated["row"], "column": fact, "value": stated["value"]}
        if trouble or number is None:
            problems.append(findings.row("K01", detail=trouble, **where))
            continue
        before = schema.shown(entries.loc[[at[number]], fact].dropna()).to_list()
        entries.loc[at[number], fact] = value
        after = schema.shown(entries.loc[[at[number]], fact]).to_list()[0]
        problems.append(findings.row("K02", detail=_sentence(stated, after), **where))
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
    return schema.conform(entries, "entries"), listed, schema.problem_rows(problems)


def _number(text: object) -> str | None:
    return identifiers.normalise_entry_number(text).normalised if isinstance(text, str) else None


def _checked(
    con: duckdb.DuckDBPyConnection, stated: dict[Any, Any], number: str | None, held: bool
) -> tuple[Any, str | None]:
    """The value of one fact as its column holds it, or what is wrong with it."""
    fact, value = stated["fact"], stated["value"]
    usable = set(schema.names("entries")) - _FIXED
    trouble = None
    if number is None:
        trouble = f"'{stated['entry_number']}' is not an entry number"
    elif not held:
        trouble = f"entry {number} is in none of the files"
    elif fact not in usable:
        trouble = f"'{fact}' is not a fact; known are {', '.join(sorted(usable))}"
    elif not isinstance(value, str):
        trouble = "the value is empty"
    if trouble:
        return None, trouble
    column = vocabulary()[fact]
    query = f"SELECT {cells.typed(column, 0)} FROM (SELECT CAST(? AS VARCHAR) AS c0)"
    typed = con.execute(query, [value]).fetchall()[0][0]
    if typed is None:
        return None, f"'{value}' is not a value {fact} can have"
    return (pd.Timestamp(typed).as_unit("s") if column.kind == "day" else typed), None


def _sentence(stated: dict[Any, Any], after: str) -> str:
    note = f" ({stated['note']})" if isinstance(stated["note"], str) else ""
    return f"{stated['entry_number']}: {stated['fact']} is {after}{note}"


def _assertions(client: Client) -> list[dict[str, Any]]:
    """The assertions of client.toml, as notes."""
    day = client.asserted_on.isoformat() if client.asserted_on else None
    by = " ".join(filter(None, (client.asserted_by, day)))
    return [
        findings.row(
            "K03",
            file="client.toml",
            column=name,
            value=str(value).lower(),
            detail=f"{name}" + (f", by {by}" if by else ""),
        )
        for name, value in sorted(client.assertions.items())
    ]
