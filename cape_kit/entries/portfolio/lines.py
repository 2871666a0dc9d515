"""Which file an entry's tariff lines are taken from, whole; what the other files say instead.

The stated order is in `joining`. Its one exception: CBP deletes the IEEPA rows of an entry it has accepted on
CAPE, so a later extract that has lost every one of them is no better reading of what was paid. Later means:
of a later day, both days known. Where the days do not say which is later, the file with IEEPA rows is taken
too, but nothing is said to be gone.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import duckdb
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from cape_kit.entries import schema
from cape_kit.entries.portfolio.joining import lines_rank
from cape_kit.entries.readers import findings
from cape_kit.entries.readers.reading import Reading, line_schema

ORDER = (
    "exports before paper, then tariff ordinals before wide, then latest extract, "
    "then the importer's own export, then file name"
)
VANISHED = (
    "the later extract has lost its IEEPA rows, as CBP deletes them on acceptance: the earlier rows are kept"
)
UNDATED = "one file has IEEPA rows, one has none, and no days say which is later: the rows are kept"


def ieepa_numbers() -> tuple[str, ...]:
    """HTS numbers of dutiable IEEPA headings, as 8 digits, from the law book's registry."""
    from cape_kit.law import book

    headings = book.load().headings
    return tuple(headings.loc[headings["kind"] == "duty", "hts8"].unique())


def choose(
    con: duckdb.DuckDBPyConnection,
    readings: Sequence[Reading],
    appearances: pd.DataFrame,
    entries: pd.DataFrame,
) -> tuple[pd.DataFrame, pd.DataFrame, pd.DataFrame]:
    """Settle `lines_taken`: appearances with it, conflicts between the files, and problems to look into."""
    with_lines = appearances[appearances["has_lines"]]
    several = with_lines.loc[
        with_lines["entry_number"].duplicated(keep=False), ["entry_number"]
    ].drop_duplicates()
    if several.empty:
        return appearances, schema.empty("conflicts"), schema.empty("problems")
    ranked = sorted((r for r in readings if r.lines is not None), key=lines_rank)
    said = _signatures(con, ranked, several).merge(
        with_lines[["entry_number", "rank", "file", "sheet", "first_row"]], on=["entry_number", "rank"]
    )
    said = said.sort_values(["entry_number", "rank"], ignore_index=True)
    said["day"] = said["rank"].map(dict(enumerate(map(_day, ranked)))).astype("datetime64[s]")
    first = said.drop_duplicates("entry_number").set_index("entry_number")
    corrected = set(entries.loc[entries["psc_flag"].fillna(False).astype(bool), "entry_number"])
    lost = first.index[(first["possible"] == 0) & ~first.index.isin(list(corrected))]
    fuller = said[said["entry_number"].isin(lost) & (said["ieepa"] > 0)]
    # a comparison with an unknown day is false: rows are gone only from what is surely later
    keep = fuller[~(fuller["day"] > fuller["entry_number"].map(first["day"]))].drop_duplicates("entry_number")
    earlier = keep["day"] < keep["entry_number"].map(first["day"])
    gone, undated = keep[earlier], keep[~earlier]
    rank = first["rank"].copy()
    rank.loc[keep["entry_number"]] = keep["rank"].to_numpy()
    taken_rank = appearances["entry_number"].map(rank)
    settled = appearances["lines_taken"].where(taken_rank.isna(), appearances["rank"] == taken_rank)
    why = dict.fromkeys(gone["entry_number"], VANISHED) | dict.fromkeys(undated["entry_number"], UNDATED)
    conflicts = _conflicts(said.assign(taken=said["rank"] == said["entry_number"].map(rank)), why)
    problems = schema.problem_rows([*_rows_of("C06", gone, entries), *_rows_of("C09", undated, entries)])
    return appearances.assign(lines_taken=settled.astype(bool)), conflicts, problems


def _day(reading: Reading) -> pd.Timestamp | None:
    return pd.Timestamp(reading.extracted_on) if reading.extracted_on else None


def _signatures(
    con: duckdb.DuckDBPyConnection, ranked: Sequence[Reading], several: pd.DataFrame
) -> pd.DataFrame:
    """What each file says of each entry that several hold: rows, duty, IEEPA rows, a mark of the whole.

    `ieepa` counts IEEPA rows with duty; `possible` those as well whose duty can't be read.
    """
    con.register("several", pa.Table.from_pandas(several, preserve_index=False))
    numbers = ", ".join(f"'{number}'" for number in ieepa_numbers())
    frames = []
    for rank, reading in enumerate(ranked):
        con.register("some_lines", reading.lines)
        frame = con.sql(
            f"""SELECT entry_number, count(*) AS rows, CAST(sum(duty_cents) AS BIGINT) AS duty,
                count(*) FILTER (hts IN ({numbers}) AND duty_cents > 0) AS ieepa,
                count(*) FILTER (hts IN ({numbers}) AND coalesce(duty_cents > 0, true)) AS possible,
                CAST(sum(hash(line_number, hts, duty_cents) % 1000000007) AS VARCHAR) AS mark
                FROM some_lines SEMI JOIN several USING (entry_number) GROUP BY entry_number"""
        ).df()
        frames.append(frame.assign(rank=rank))
    return pd.concat(frames, ignore_index=True)


def _conflicts(said: pd.DataFrame, why: dict[str, str]) -> pd.DataFrame:
    """One conflict for each file whose lines of an entry differ from those taken. `why`: by entry."""
    sheet = (" [" + said["sheet"].astype("str") + "]").fillna("")
    duty = schema.shown(said["duty"].rename("duty_cents")).fillna("unknown")
    said = said.assign(
        place=said["file"] + sheet + " row " + said["first_row"].astype("str"),
        shown=said["rows"].astype("str") + " rows, duty " + duty,
    )
    taken = said[said["taken"]]
    others = said[~said["taken"]].merge(taken, on="entry_number", suffixes=("", "_taken"))
    differ = others[others["mark"] != others["mark_taken"]]
    frame = pd.DataFrame(
        {
            "entry_number": differ["entry_number"],
            "column": "tariff_lines",
            "taken": differ["shown_taken"],
            "taken_from": differ["place_taken"],
            "other": differ["shown"],
            "other_from": differ["place"],
            "why": [why.get(number, ORDER) for number in differ["entry_number"]],
        }
    )
    return schema.conform(frame, "conflicts")


def _rows_of(code: str, keep: pd.DataFrame, entries: pd.DataFrame) -> list[dict[str, Any]]:
    """Entries with IEEPA rows in one file alone that no claim explains: filed again, they may be refused."""
    failed = entries["claim_status"].str.lower().isin(["failed", "rejected"])
    on_claim = (entries["claim_number"].notna() | entries["claim_status"].notna()) & ~failed
    claimed = entries.loc[on_claim, "entry_number"]
    open_ones = keep[~keep["entry_number"].isin(claimed)]
    return [
        findings.row(
            code,
            file=file,
            sheet=sheet if isinstance(sheet, str) else None,
            row=row,
            column="entry_number",
            value=number,
        )
        for number, file, sheet, row in zip(
            open_ones["entry_number"],
            open_ones["file"],
            open_ones["sheet"],
            open_ones["first_row"],
            strict=True,
        )
    ]


def gather(readings: Sequence[Reading], appearances: pd.DataFrame) -> pa.Table:
    """The tariff lines of all entries, each entry's from the one file it is taken from."""
    tables = []
    for reading in sorted(
        (r for r in readings if r.lines is not None), key=lambda r: (r.file, r.sheet or "")
    ):
        here = (appearances["file"] == reading.file) & appearances["has_lines"]
        here &= (
            appearances["sheet"].isna() if reading.sheet is None else appearances["sheet"] == reading.sheet
        )
        mine = appearances[here]
        lines = reading.lines
        if lines is not None and not mine["lines_taken"].all():
            numbers = pa.array(mine.loc[mine["lines_taken"], "entry_number"], type=pa.string())
            lines = lines.filter(pc.is_in(lines["entry_number"], value_set=numbers))
        tables.append(lines)
    return pa.concat_tables(tables).unify_dictionaries() if tables else line_schema().empty_table()
