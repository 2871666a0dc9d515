"""Wide layouts: one row per entry line with a duty column per programme, unfolded into tariff lines."""

from __future__ import annotations

import duckdb
import pyarrow as pa

from cape_kit.entries.readers.layouts import Part
from cape_kit.entries.readers.recognise import Recognised

_CARRIED = ("entry_number", "line_number", "country_of_origin", "mfn_rate", "spi", "source_row", "hts_stood")


def unfold(con: duckdb.DuckDBPyConnection, used: pa.Table, found: Recognised) -> pa.Table:
    """One tariff line for each duty column that holds an amount, in the order the layout declares its parts.

    The goods themselves become a line with the row's HTS number and value. An amount in a column that is called
    by a heading has that number. One without an HTS number beside it belongs to a chapter 99 number in the row's
    own HTS cell, where that is the only one there and no other amount claims it: one row, one fact. Else it
    becomes a line whose number is unknown, named for what its column speaks of. Ordinals are counted within the
    row.
    """
    named = [(rank, *part) for rank, part in enumerate(found.parts)]
    programmes = [(rank, part, hts) for rank, part, hts, _ in named if not part.commodity]
    goods = next((part for _, part, _, _ in named if part.commodity), None)
    bare = [part for _, part, hts in programmes if hts is None and part.number is None]
    con.register("used_rows", used)
    con.execute(f"CREATE OR REPLACE TEMP VIEW wide_rows AS {_rows(used, bare, goods)}")
    selects = [_of_part(used, rank, part, hts) for rank, part, hts in programmes]
    duty = f"{goods.name}_duty" if goods else "CAST(NULL AS BIGINT)"
    selects += (
        []
        if "hts" not in used.column_names
        else [
            f"SELECT {_carried(used)}, {len(found.parts)} AS rank, CASE WHEN own IS NULL THEN hts ELSE goods_hts END "
            f"AS hts, value AS goods_value_cents, {duty} AS duty_cents, NULL AS named_for FROM wide_rows "
            f"WHERE own IS NULL OR goods_hts IS NOT NULL"
        ]
    )
    return con.sql(
        f"""SELECT * EXCLUDE (rank), row_number() OVER (PARTITION BY source_row ORDER BY rank) AS ordinal
            FROM ({" UNION ALL ".join(selects)}) ORDER BY source_row, ordinal"""
    ).to_arrow_table()


def _rows(used: pa.Table, bare: list[Part], goods: Part | None) -> str:
    """The rows with the number of chapter 99 their own cell holds and a lone amount belongs to (`own`).

    `bare`: the parts without an HTS column of their own. `goods_hts` is the goods' number in the same cell.
    """
    value = "goods_value_cents" if "goods_value_cents" in used.column_names else "CAST(NULL AS BIGINT)"
    stood = "hts_stood" if "hts_stood" in used.column_names else "CAST(NULL AS VARCHAR)"
    hts = "hts" if "hts" in used.column_names else "CAST(NULL AS VARCHAR) AS hts"
    star = "*" if "hts" in used.column_names else f"*, {hts}"
    amounts = [f"coalesce({part.name}_duty, 0)" for part in bare]
    lone = " + ".join(f"CAST({amount} <> 0 AS INTEGER)" for amount in amounts) or "0"
    total = " + ".join(amounts) or "0"
    # A plain duty beside it is the same amount told twice, or a second fact that must not be lost.
    alone = f"coalesce({goods.name}_duty, 0) IN (0, {total})" if goods else "true"
    return f"""WITH listed AS (SELECT {star} FROM used_rows) SELECT *, {value} AS value,
        CASE WHEN ({lone}) <> 1 THEN NULL
             WHEN starts_with(hts, '99') AND {alone} THEN hts
             WHEN len(chapter_99_of({stood})) = 1 THEN chapter_99_of({stood})[1] END AS own,
        CASE WHEN len(goods_numbers_of({stood})) = 1 THEN goods_numbers_of({stood})[1] END AS goods_hts
        FROM listed"""


def _of_part(used: pa.Table, rank: int, part: Part, hts: int | None) -> str:
    number = f"{part.name}_hts" if hts is not None else f"'{part.number}'" if part.number else "own"
    worth = (
        "0" if hts is not None or part.number else "CASE WHEN own = hts THEN coalesce(value, 0) ELSE 0 END"
    )
    named = "CAST(NULL AS VARCHAR)" if part.nameless or part.number else f"'{part.name}'"
    return (
        f"SELECT {_carried(used)}, {rank} AS rank, CAST({number} AS VARCHAR) AS hts, "
        f"coalesce({worth}, 0) AS goods_value_cents, {part.name}_duty AS duty_cents, {named} AS named_for "
        f"FROM wide_rows WHERE {part.name}_duty <> 0"
        + (f" OR {number} IS NOT NULL" if hts is not None else "")
    )


def _carried(used: pa.Table) -> str:
    return ", ".join(name for name in _CARRIED if name in used.column_names)
