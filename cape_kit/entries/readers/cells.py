"""What a cell says: text to number, day, code or flag, once, by whole columns, in SQL the engine runs.

Every kind has a quick way for the common form and a slow way for what people make of it. What neither
understands is null in the typed column and becomes a problem row; nothing is guessed.
"""

from __future__ import annotations

import re
from importlib import resources
from typing import Any

from cape_kit.entries.readers.layouts import ColumnKind, words

#: Days that can only be month first, or only day first.
MONTH_FIRST = r"(0?[1-9]|1[0-2])[/.-](1[3-9]|2\d|3[01])[/.-]\d{4}.*"
DAY_FIRST = r"(1[3-9]|2\d|3[01])[/.-](0?[1-9]|1[0-2])[/.-]\d{4}.*"

#: Kind of cell -> the macro that types it.
_TYPED = {
    "entry_number": "as_entry",
    "other_entry_number": "as_entry",
    "cents": "as_cents",
    "count": "as_count",
    "hts": "as_hts",
    "country": "as_country",
    "entry_type": "as_entry_type",
    "port": "as_port",
    "flag": "as_flag",
    "importer": "as_importer",
    "text": "wash",
}

#: Kind of cell -> code of the problem when it can't be understood.
CODES = {
    "day": "R08",
    "cents": "R09",
    "hts": "R10",
    "count": "R12",
    "country": "R12",
    "entry_type": "R12",
    "port": "R12",
    "flag": "R12",
    "other_entry_number": "R12",
}


_DECIMAL_COMMA = re.compile(r"[^\d.,]*\d+(\.\d{3})*,\d{1,2}[^\d.,]*")
_THOUSANDS = re.compile(r"[^\d.,]*[1-9]\d{0,2}\.\d{3}[^\d.,]*")


def hint(kind: str, text: str) -> str | None:
    """Why a cell of this kind may not have been understood, where its form tells."""
    if kind != "cents":
        return None
    if _DECIMAL_COMMA.fullmatch(text):
        return "it looks like a decimal comma; write 3400.00, not 3400,00"
    if _THOUSANDS.fullmatch(text):
        return "its point may separate thousands or cents; write 1234.00 or 1.23"
    return None


def define(con: Any) -> None:
    """Teach a connection the kinds of cells."""
    known = words()
    macros = (resources.files("cape_kit.entries.readers") / "cells.sql").read_text(encoding="utf-8")
    pairs = ", ".join(f"'{_quote(name)}': '{code}'" for name, code in known.countries.items())
    script = macros.replace("COUNTRIES", f"MAP {{{pairs}}}")
    script = script.replace("(YES)", _in(known.yes)).replace("(NO)", _in(known.no))
    con.execute(script)


def typed(column: ColumnKind, position: int) -> str:
    """The SQL that types one column."""
    if column.kind == "day":
        return f"day_{column.order.lower()}(c{position})"
    value = f"{_TYPED[column.kind]}(c{position})"
    if column.blank is not None:
        return f"CASE WHEN {value} IS NULL THEN '{_quote(column.blank)}' ELSE {value} END"
    return value


def row_kind(key: str, positions: list[int], header: str) -> str:
    """The SQL that says what a doubtful row is: 'blank', 'header', 'total', 'nokey'; null for a data row.

    `key` is the raw key column; a row that repeats the header, or starts like a total, is no data.
    """
    content = "coalesce(" + ", ".join(f"unwrap(c{i})" for i in positions) + ")"
    totals = "|".join(_quote(word).replace(" ", r"\s*") for word in words().totals)
    is_total = rf"regexp_matches(lower({content}), '^({totals})s?\b|\btotals?:?$')"
    is_header = f"regexp_replace(lower(unwrap({key})), '[^a-z0-9#]', '', 'g') = '{_quote(header)}'"
    return (
        f"CASE WHEN {content} IS NULL THEN 'blank' WHEN {is_header} THEN 'header' "
        f"WHEN {is_total} THEN 'total' WHEN {key} IS NULL OR unwrap({key}) IS NULL THEN 'nokey' END"
    )


def _quote(text: str) -> str:
    return text.replace("'", "''")


def _in(values: tuple[str, ...]) -> str:
    return "(" + ", ".join(f"'{_quote(value)}'" for value in values) + ")"
