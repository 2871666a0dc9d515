"""What it proves that a file shows no IEEPA number for an entry: whether its lines are all there are.

Each layout declares it (`silence` of its profile). ES-003 lists every number of a line, so an entry without an
IEEPA number there bears none, if no row of it is missing. A broker's sheet may list one base number a line: it
proves something only where it shows chapter 99 numbers at all. A column named for IEEPA duty says "none" with
a zero, and nothing with an empty cell.
"""

from __future__ import annotations

import duckdb
import pandas as pd
import pyarrow as pa

from cape_kit.entries.readers.recognise import Recognised

#: Parts of a wide layout that together cover every IEEPA programme; the first that a file has counts.
_COVERING = (("ieepa",), ("ieepa_fentanyl", "ieepa_reciprocal"))


def complete(
    con: duckdb.DuckDBPyConnection, used: pa.Table, lines: pa.Table | None, found: Recognised
) -> pd.Series | bool:
    """Whether an entry's lines are all there are: the same for all, or one flag by entry number.

    `used`: the typed rows of the file; `lines`: the tariff lines made of them.
    """
    silence = found.profile.silence
    if lines is None or silence == "nothing":
        return False
    if silence == "proof_by_columns":
        return _by_columns(con, used, found)
    con.register("some_lines", lines)
    if silence == "proof_if_shown" and not _shows_chapter_99(con):
        return False
    return ~_with_gaps(con) if "ordinal" in found.positions else True


def _shows_chapter_99(con: duckdb.DuckDBPyConnection) -> bool:
    rows = con.sql("SELECT 1 FROM some_lines WHERE starts_with(hts, '9903') LIMIT 1").fetchall()
    return bool(rows)


def _with_gaps(con: duckdb.DuckDBPyConnection) -> pd.Series:
    """By entry number, those without a chapter 99 number whose ordinals leave gaps: a row of them is missing."""
    found = con.sql(
        """WITH bare AS (SELECT entry_number FROM some_lines GROUP BY entry_number
                         HAVING count(*) FILTER (starts_with(hts, '9903')) = 0)
           SELECT entry_number, bool_or(gap) AS gap FROM (
               SELECT entry_number, max(ordinal) > count(DISTINCT ordinal) AS gap
               FROM some_lines SEMI JOIN bare USING (entry_number) GROUP BY entry_number, line_number)
           GROUP BY entry_number"""
    ).df()
    return found.set_index("entry_number")["gap"].astype("boolean").fillna(False).astype(bool)


def _by_columns(con: duckdb.DuckDBPyConnection, used: pa.Table, found: Recognised) -> pd.Series | bool:
    """Whether the IEEPA columns of all rows of an entry hold an amount, be it zero, for every programme."""
    present = {part.name for part, _, _ in found.parts}
    covering = next((names for names in _COVERING if present.issuperset(names)), None)
    if covering is None:
        return False
    con.register("used_rows", used)
    said = " AND ".join(f"{name}_duty IS NOT NULL" for name in covering)
    told = con.sql(f"SELECT entry_number, bool_and({said}) AS said FROM used_rows GROUP BY entry_number").df()
    return told.set_index("entry_number")["said"].astype(bool)
