"""All readings of a client joined: each entry once, each column by a stated order, disagreements kept.

The order for entry columns: exports before paper, the latest extract first, then a report of ACE before a
broker's sheet, then the file's name; an empty cell never goes before a value.

The order for tariff lines, taken whole from one file: exports before paper, layouts with tariff ordinals
before wide ones, then the latest extract, then an export that holds several filers (the importer's own)
before one broker's, then the file's name. `lines` holds its one exception.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

import pandas as pd

from cape_kit.entries import schema
from cape_kit.entries.readers.reading import Reading

ORDER = "exports before paper, then latest extract, then ACE before a broker's sheet, then file name"
_LONG_AGO = date.min


def _when(reading: Reading) -> int:
    return -(reading.extracted_on or _LONG_AGO).toordinal()


def _paper(reading: Reading) -> bool:
    """Whether the reading is of paper, which says what was filed, not what CBP has recorded since."""
    return reading.profile.issuer == "paper"


def entry_rank(reading: Reading) -> tuple[bool, int, bool, str, str]:
    """The stated order for entry columns; the smallest goes first."""
    return (
        _paper(reading),
        _when(reading),
        reading.profile.issuer != "ace",
        reading.file,
        reading.sheet or "",
    )


def lines_rank(reading: Reading) -> tuple[bool, bool, int, bool, str, str]:
    """The stated order for tariff lines; the smallest goes first."""
    one_filer = reading.entries["filer_code"].nunique() < 2
    ordinals = "ordinal" in reading.found.positions
    return (_paper(reading), not ordinals, _when(reading), one_filer, reading.file, reading.sheet or "")


def entries(readings: Sequence[Reading]) -> tuple[pd.DataFrame, pd.DataFrame]:
    """One row per entry over all readings, and a conflict for each value not taken."""
    ranked = sorted(readings, key=entry_rank)
    stacked = [
        reading.entries.assign(rank=rank, extracted_on=_day(reading.extracted_on))
        for rank, reading in enumerate(ranked)
        if len(reading.entries)
    ]
    if not stacked:
        return schema.empty("entries"), schema.empty("conflicts")
    said = pd.concat(stacked, ignore_index=True).sort_values(["entry_number", "rank"], kind="stable")
    said = said.reset_index(drop=True)
    if not said["entry_number"].duplicated().any():
        return schema.conform(said, "entries"), schema.empty("conflicts")
    # groupby.first passes over nulls column by column: a null never goes before a value
    joined = said.groupby("entry_number", sort=True).first().reset_index()
    # an entry stands in one place: file, sheet and row of its first reading, even where that has no sheet
    lead = said.drop_duplicates("entry_number").reset_index(drop=True)
    place = ["source_file", "source_sheet", "source_row"]
    joined[place] = lead[place]
    liquidation = said[said["liquidation_status"].notna() | said["liquidation_date"].notna()]
    when = liquidation.groupby("entry_number")["extracted_on"].first()
    known = joined["entry_number"].map(when).astype("datetime64[s]")
    joined["extracted_on"] = known.where(known.notna(), joined["extracted_on"])
    return schema.conform(joined, "entries"), _conflicts(said, joined)


def _day(day: date | None) -> pd.Timestamp | None:
    return None if day is None else pd.Timestamp(day).as_unit("s")


def _conflicts(said: pd.DataFrame, joined: pd.DataFrame) -> pd.DataFrame:
    """Every value that was not taken, with both places."""
    skip = {"entry_number", "filer_code", "extracted_on", "source_file", "source_sheet", "source_row"}
    columns = [c for c in schema.names("entries") if c not in skip and said[c].notna().any()]
    place = places(said)
    several = said["entry_number"].duplicated(keep=False)
    frames = []
    for column in columns:
        values = said.loc[several & said[column].notna(), ["entry_number", "rank", column]]
        values = values.assign(shown=schema.shown(values[column]), place=place.loc[values.index])
        taken = values.drop_duplicates("entry_number")
        others = values.drop(taken.index).merge(taken, on="entry_number", suffixes=("", "_taken"))
        differ = others[_differs(others["shown"], others["shown_taken"], column)]
        frames.append(
            pd.DataFrame(
                {
                    "entry_number": differ["entry_number"],
                    "column": column,
                    "taken": differ["shown_taken"],
                    "taken_from": differ["place_taken"],
                    "other": differ["shown"],
                    "other_from": differ["place"],
                    "why": ORDER,
                }
            )
        )
    return (
        schema.conform(pd.concat(frames, ignore_index=True), "conflicts")
        if frames
        else schema.empty("conflicts")
    )


def _differs(left: pd.Series, right: pd.Series, column: str) -> pd.Series:
    """Whether two values say different things: case, and dashes of importer numbers, say nothing."""
    left, right = left.str.strip().str.lower(), right.str.strip().str.lower()
    if column in ("importer_number", "notify_party"):
        left, right = left.str.replace(r"[\s-]", "", regex=True), right.str.replace(r"[\s-]", "", regex=True)
    return left != right


def places(said: pd.DataFrame) -> pd.Series:
    """File, sheet and row of each row, as people call it."""
    sheet = " [" + said["source_sheet"].astype("str") + "]"
    return said["source_file"] + sheet.fillna("") + " row " + said["source_row"].astype("str")


def appearances(readings: Sequence[Reading]) -> pd.DataFrame:
    """Every file every entry is in, the tariff-line files in their stated order."""
    frames = []
    for rank, reading in enumerate(sorted(readings, key=lines_rank)):
        seen = reading.entries
        frames.append(
            pd.DataFrame(
                {
                    "entry_number": seen["entry_number"],
                    "file": reading.file,
                    "sheet": pd.Series(reading.sheet, index=seen.index, dtype="str"),
                    "first_row": seen["first_row"],
                    "rows": seen["rows"],
                    "rank": rank if reading.lines is not None else None,
                    "has_lines": reading.lines is not None,
                }
            )
        )
    if not frames:
        return schema.empty("appearances")
    table = pd.concat(frames, ignore_index=True)
    with_lines = table[table["has_lines"]]
    taken = with_lines.index[~with_lines["entry_number"].duplicated()]
    table["lines_taken"] = table.index.isin(taken)
    return table.sort_values(["entry_number", "file", "sheet"], ignore_index=True)
