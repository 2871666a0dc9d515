"""What a cell says: text to number, day, code or flag, once, by whole columns, in SQL the engine runs.

Every kind has a quick way for the common form and a slow way for what people make of it. What neither
understands is null in the typed column and becomes a problem row; nothing is guessed.
"""

from __future__ import annotations

import re
from importlib import resources
from typing import Any

from cape_kit.entries import identifiers
from cape_kit.entries.readers.layouts import ColumnKind, words

#: Kind of cell -> the macro that types it.
_TYPED = {
    "entry_number": "as_entry",
    "other_entry_number": "as_entry",
    "count": "as_count",
    "hts": "as_hts",
    "country": "as_country",
    "entry_type": "as_entry_type",
    "port": "as_port",
    "flag": "as_flag",
    "importer": "as_importer",
    "reference": "as_reference",
    "text": "wash",
}
#: How a column writes its decimals -> the macro that types its amounts.
_AMOUNTS = {"point": "as_cents", "comma": "as_cents_comma", "unclear": "as_cents_unclear"}

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


#: What a formula leaves in a cell when it fails: in a column of money it is no blank.
_FAILED = re.compile(r"#(N/A|REF!|VALUE!|DIV/0!|NAME\?|NUM!|NULL!)", re.IGNORECASE)
_DECIMAL_COMMA = re.compile(r"[^\d.,]*\d+(\.\d{3})*,\d{1,2}[^\d.,]*")
_EITHER_FORM = re.compile(r"\d[.,]\d")
_SLASHED = re.compile(r"(?<!\d)\d{1,2}[/.-]\d{1,2}[/.-]\d{2}")
_EITHER_WAY = re.compile(r"[^\d.,]*[1-9]\d{0,2}[.,]\d{3}[^\d.,]*")


def hint(kind: str, text: str) -> str | None:
    """Why a cell of this kind may not have been understood, where its form tells."""
    if kind != "cents":
        return None
    if _FAILED.fullmatch(text):
        return "a formula failed here"
    if _DECIMAL_COMMA.fullmatch(text):
        return "it looks like a decimal comma; write 3400.00, not 3400,00"
    if _EITHER_WAY.fullmatch(text):
        sign = "point" if "." in text else "comma"
        return f"its {sign} may separate thousands or cents; write 1234.00 or 1.23"
    return None


def code(column: ColumnKind, text: str) -> str:
    """The kind of trouble a cell that was not understood is: its own, or its column's."""
    if column.kind == "cents" and column.decimals == "unclear" and _EITHER_FORM.search(text):
        return "R21"
    if column.kind == "day" and column.order in ("ISO", "ANY") and _SLASHED.search(text):
        return "R22" if column.stated else "R16"
    return CODES[column.kind]


def says_nothing(kind: str, text: str) -> bool:
    """Whether a cell of this kind that was not understood is a blank: nothing but spaces, a dash, "N/A"."""
    bare = identifiers.unwrap(text).lower()
    if kind == "cents" and _FAILED.fullmatch(bare):
        return False
    return not bare or bare in words().blank


def define(con: Any) -> None:
    """Teach a connection the kinds of cells."""
    known = words()
    macros = (resources.files("cape_kit.entries.readers") / "cells.sql").read_text(encoding="utf-8")
    pairs = ", ".join(f"'{_quote(name)}': '{code}'" for name, code in known.countries.items())
    script = macros.replace("COUNTRIES", f"MAP {{{pairs}}}")
    script = (
        script.replace("(YES)", _in(known.yes))
        .replace("(NO)", _in(known.no))
        .replace("(BLANK)", _in(known.blank))
        .replace("(DASHES)", _in(known.dashes))
    )
    con.execute(script)


def typed(column: ColumnKind, position: int) -> str:
    """The SQL that types one column."""
    if column.kind == "day":
        return f"day_{column.order.lower()}(c{position})"
    macro = _AMOUNTS[column.decimals] if column.kind == "cents" else _TYPED[column.kind]
    macro = "as_status" if column.status else macro
    value = f"{macro}(c{position})"
    if column.blank is not None:
        return f"CASE WHEN {value} IS NULL THEN '{_quote(column.blank)}' ELSE {value} END"
    return value


def row_kind(key: str, positions: list[int], header: str) -> str:
    """The SQL that says what a doubtful row is: 'blank', 'header', 'total', 'note', 'nokey'; null for a data row.

    `key` is the raw key column; a row that repeats the header, or starts like a total, is no data; nor is a
    sentence that stands alone, without any number as long as an entry's, nor a row of words without any digit.
    """
    content = "coalesce(" + ", ".join(f"unwrap(c{i})" for i in positions) + ")"
    totals = "|".join(_quote(word).replace(" ", r"\s*") for word in words().totals)
    is_total = rf"regexp_matches(lower({content}), '^({totals})s?\b|\btotals?:?$')"
    blank = ", ".join(f"'{_quote(word)}'" for word in words().blank)
    filled = " + ".join(f"CAST(unwrap(c{i}) IS NOT NULL AS INTEGER)" for i in positions)
    everything = "concat_ws(' ', " + ", ".join(f"unwrap(c{i})" for i in positions) + ")"
    no_digit = f"unwrap({key}) IS NULL AND NOT regexp_matches({everything}, '[0-9]')"
    is_note = (
        f"{no_digit} OR ({filled}) = 1 AND regexp_matches({content}, '^\\S+(\\s+\\S+){{3,}}') "
        f"AND NOT regexp_matches({content}, '[0-9]{{6,}}')"
    )
    is_header = f"regexp_replace(lower(unwrap({key})), '[^a-z0-9#]', '', 'g') = '{_quote(header)}'"
    return (
        f"CASE WHEN {content} IS NULL THEN 'blank' WHEN {is_header} THEN 'header' "
        f"WHEN {is_total} THEN 'total' WHEN {is_note} THEN 'note' "
        f"WHEN coalesce(lower(unwrap({key})), '') IN ('', {blank}) THEN 'nokey' END"
    )


def _quote(text: str) -> str:
    return text.replace("'", "''")


def _in(values: tuple[str, ...]) -> str:
    return "(" + ", ".join(f"'{_quote(value)}'" for value in values) + ")"
