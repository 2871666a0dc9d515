"""Wide layouts: one row per entry line with a duty column per programme, unfolded into tariff lines."""

from __future__ import annotations

import duckdb
import pyarrow as pa

from cape_kit.entries.readers.recognise import Recognised

_CARRIED = ("entry_number", "line_number", "country_of_origin", "mfn_rate", "spi", "source_row")


def unfold(con: duckdb.DuckDBPyConnection, used: pa.Table, found: Recognised) -> pa.Table:
    """One tariff line for each duty column that holds an amount, in the order the layout declares its parts.

    The goods themselves always become a line, with the row's HTS number and value; a duty column without an
    HTS column beside it becomes a line whose HTS number is unknown. Ordinals are counted within the row.
    """
    carried = ", ".join(name for name in _CARRIED if name in used.column_names)
    value = "goods_value_cents" if "goods_value_cents" in used.column_names else "NULL"
    selects = []
    for rank, (part, hts, _) in enumerate(found.parts):
        if part.commodity:
            continue
        number = f"{part.name}_hts" if hts is not None else "NULL"
        selects.append(
            f"SELECT {carried}, {rank} AS rank, CAST({number} AS VARCHAR) AS hts, 0 AS goods_value_cents, "
            f"{part.name}_duty AS duty_cents FROM used_rows "
            f"WHERE {part.name}_duty <> 0 OR {number} IS NOT NULL"
        )
    goods = next((part for part, _, _ in found.parts if part.commodity), None)
    duty = f"{goods.name}_duty" if goods else "CAST(NULL AS BIGINT)"
    selects.append(
        f"SELECT {carried}, {len(found.parts)} AS rank, hts, {value} AS goods_value_cents, "
        f"{duty} AS duty_cents FROM used_rows"
    )
    con.register("used_rows", used)
    return con.sql(
        f"""SELECT * EXCLUDE (rank), row_number() OVER (PARTITION BY source_row ORDER BY rank) AS ordinal
            FROM ({" UNION ALL ".join(selects)}) ORDER BY source_row, ordinal"""
    ).to_arrow_table()
