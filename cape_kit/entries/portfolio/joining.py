"""All readings of a client joined: each entry once, each column by a stated order, disagreements kept.

The order for entry columns: exports before paper, then the latest extract first, then a report of ACE before a
broker's sheet, then what the files hold (the latest payment or entry day, the more entries); an empty cell never
goes before a value. What the files say of liquidations is one history: see `liquidations`.

The order for tariff lines: exports before paper, then layouts with tariff ordinals before wide ones, then the
latest extract, then an export that holds several filers (the importer's own) before one broker's, then what the
files hold. Names of files decide nothing. `lines` joins what stands in several files.
"""

from __future__ import annotations

import functools
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np
import pandas as pd

from cape_kit.entries import kept, schema
from cape_kit.entries.portfolio import liquidations
from cape_kit.entries.readers.reading import Reading
from cape_kit.law.book import Law

ORDER = (
    "exports before paper, then latest extract, then ACE before a broker's sheet, then what the files hold"
)
_LONG_AGO = date.min
#: Facts of an entry that its disposition may hang on.
DECIDING = (
    "entry_type", "entry_date", "summary_status", "control_status", "liquidation_status", "liquidation_date",
    "original_liquidation_date", "recon_flag", "recon_entry_number", "protest_status", "drawback_flag",
    "suspension_flag", "injunction_flag", "surety_paid_flag", "statement_status", "claim_status",
)  # fmt: skip


def _when(reading: Reading) -> int:
    return -(reading.extracted_on or _LONG_AGO).toordinal()


@functools.total_ordering
class Content:
    """What stands in a file, word for word, as the very last rank; it is looked at only where all else ties."""

    def __init__(self, entries: pd.DataFrame) -> None:
        self._entries = entries

    @functools.cached_property
    def digest(self) -> str:
        """One text for all that is in it, whatever the order of its rows."""
        places = ["source_file", "source_sheet", "first_row", "source_row"]
        plain = self._entries.drop(columns=places, errors="ignore")
        return f"{pd.util.hash_pandas_object(plain.astype('str'), index=False).sum():020d}"

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Content) and self.digest == other.digest

    def __lt__(self, other: Content) -> bool:
        return self.digest < other.digest

    __hash__ = None  # type: ignore[assignment]


#: What a file holds, as a rank: the latest day it knows, entries, rows, and at the very last its content.
Held = tuple[int, int, int, Content]


@kept
def held(reading: Reading) -> Held:
    """The rank of a file by what it holds, the most and latest first; two that tie hold the same."""
    found = reading.entries
    days = [found[name].max() for name in ("payment_date", "entry_summary_date", "entry_date")]
    latest = max((day for day in days if pd.notna(day)), default=None)
    return (-(latest.toordinal() if latest else 0), -len(found), -reading.rows, Content(found))


def _paper(reading: Reading) -> bool:
    """Whether the reading is of paper, which says what was filed, not what CBP has recorded since."""
    return reading.profile.issuer == "paper"


def entry_rank(reading: Reading) -> tuple[bool, int, bool, Held]:
    """The stated order for entry columns; the smallest goes first."""
    return (_paper(reading), _when(reading), reading.profile.issuer != "ace", held(reading))


def lines_rank(reading: Reading) -> tuple[bool, bool, int, bool, Held]:
    """The stated order for tariff lines; the smallest goes first."""
    one_filer = reading.entries["filer_code"].nunique() < 2
    ordinals = "ordinal" in reading.found.positions
    return (_paper(reading), not ordinals, _when(reading), one_filer, held(reading))


@dataclass(frozen=True)
class Joined:
    """One row per entry over all readings, a conflict for each value not taken, and the readings not taken.

    `alternatives`: for each entry and file whose own values differ, the entry as that file would have it.
    """

    entries: pd.DataFrame
    conflicts: pd.DataFrame
    alternatives: pd.DataFrame


def entries(readings: Sequence[Reading], law: Law) -> Joined:
    """One row per entry over all readings, by the stated order."""
    ranked = sorted(readings, key=entry_rank)
    stacked = [
        reading.entries.assign(rank=rank, extracted_on=_day(reading.extracted_on))
        for rank, reading in enumerate(ranked)
        if len(reading.entries)
    ]
    if not stacked:
        return Joined(*(schema.empty(name) for name in ("entries", "conflicts", "entries")))
    said = pd.concat(stacked, ignore_index=True).sort_values(["entry_number", "rank"], kind="stable")
    said = said.reset_index(drop=True).drop(columns="lines_complete", errors="ignore")
    told = liquidations.statements(ranked)
    settled = liquidations.settle(told, law)
    joined, differing = said, schema.empty("conflicts")
    if said["entry_number"].duplicated().any():
        # groupby.first passes over nulls column by column: a null never goes before a value
        joined = said.groupby("entry_number", sort=True).first().reset_index()
        # an entry stands in one place: file, sheet and row of its first reading, even where that has no sheet
        lead = said.drop_duplicates("entry_number").reset_index(drop=True)
        place = ["source_file", "source_sheet", "source_row"]
        joined[place] = lead[place]
        joined["unread"] = schema.still_unread(said, joined)
        differing = _conflicts(said, joined)
    joined = _with_liquidations(schema.conform(joined, "entries"), settled)
    of_liquidations = liquidations.conflicts(told, settled, ORDER)
    differing = pd.concat([differing, of_liquidations], ignore_index=True)
    among = [
        reading.variants.assign(source_file=reading.file, source_sheet=reading.sheet) for reading in ranked
    ]
    within = pd.concat([reading.conflicts for reading in ranked])
    doubted = pd.concat([differing, within], ignore_index=True)
    return Joined(joined, differing, alternatives(pd.concat([said, *among]), joined, doubted))


def _with_liquidations(joined: pd.DataFrame, settled: pd.DataFrame) -> pd.DataFrame:
    """The entries with what is settled of their liquidation, and the day of the file that says it."""
    by_entry = settled.set_index("entry_number").reindex(joined["entry_number"])
    by_entry.index = joined.index
    columns = ["liquidation_status", "liquidation_date", "original_liquidation_date"]
    known = by_entry["extracted_on"].astype("datetime64[s]")
    day = known.where(known.notna(), joined["extracted_on"])
    return schema.conform(joined.assign(**by_entry[columns], extracted_on=day), "entries")


def alternatives(said: pd.DataFrame, joined: pd.DataFrame, differing: pd.DataFrame) -> pd.DataFrame:
    """Each entry on whose facts files or rows differ, once more for every other reading, with its values."""
    numbers = differing.loc[differing["column"].isin(DECIDING), "entry_number"].unique()
    here = said[said["entry_number"].isin(numbers)].reset_index(drop=True)
    if here.empty:
        return schema.empty("entries")
    mine = joined.set_index("entry_number").loc[here["entry_number"]].reset_index()
    mine.index = here.index
    own = here.reindex(columns=mine.columns)
    columns = [c for c in schema.names("entries") if c in DECIDING]
    other = mine.assign(**{c: own[c].where(own[c].notna(), mine[c]) for c in columns})
    says = own["liquidation_status"].notna() | own["liquidation_date"].notna()
    for column in ("liquidation_status", "liquidation_date", "original_liquidation_date"):
        other[column] = own[column].where(says, mine[column])
    places = ["source_file", "source_sheet", "source_row"]
    differs = (other[columns].astype("str") != mine[columns].astype("str")).any(axis=1)
    found = schema.conform(other.assign(**own[places])[differs], "entries")
    return found.drop_duplicates(["entry_number", *columns], ignore_index=True)


def _day(day: date | None) -> pd.Timestamp | None:
    return None if day is None else pd.Timestamp(day).as_unit("s")


def _conflicts(said: pd.DataFrame, joined: pd.DataFrame) -> pd.DataFrame:
    """Every value that was not taken, with both places."""
    skip = {"entry_number", "filer_code", "extracted_on", "source_file", "source_sheet", "source_row"}
    skip |= {"lines_complete", "twin_of", "unread", *liquidations.COLUMNS}
    columns = [c for c in schema.names("entries") if c not in skip and said[c].notna().any()]
    several = said[said["entry_number"].duplicated(keep=False)]
    entry = pd.factorize(several["entry_number"])[0]
    parts = [_other_values(several, entry, column) for column in columns]
    parts = [part for part in parts if len(part)]
    if not parts:
        return schema.empty("conflicts")
    found = pd.concat(parts, ignore_index=True)
    place = liquidations.places(several).array
    stated = {
        "entry_number": several["entry_number"].array.take(found["other_row"]),
        "taken_from": place.take(found["taken_row"]),
        "other_from": place.take(found["other_row"]),
        "why": ORDER,
    }
    return schema.conform(found.assign(**stated), "conflicts")


def _other_values(several: pd.DataFrame, entry: np.ndarray, column: str) -> pd.DataFrame:
    """The values of one column that were not taken, beside the one that was, and the rows of both.

    `several`: the rows of entries that stand on several, an entry's own together; `entry` numbers these.
    """
    cells = several[column]
    rows = np.flatnonzero(cells.notna().to_numpy())
    first = np.append(True, np.diff(entry[rows]) != 0)[: len(rows)]
    taken_row = rows[first][np.cumsum(first) - 1]
    other, taken = cells.array.take(rows), cells.array.take(taken_row)
    unlike = np.flatnonzero(np.asarray(other != taken, dtype=bool))
    shown = schema.shown(pd.Series(other.take(unlike), name=column))
    shown_taken = schema.shown(pd.Series(taken.take(unlike), name=column))
    differ = _differs(shown, shown_taken, column)
    at = unlike[differ.to_numpy(dtype=bool)]
    return pd.DataFrame(
        {
            "column": pd.Series(column, index=range(len(at)), dtype="str"),
            "taken": shown_taken[differ].array,
            "other": shown[differ].array,
            "taken_row": taken_row[at],
            "other_row": rows[at],
        }
    )


def _differs(left: pd.Series, right: pd.Series, column: str) -> pd.Series:
    """Whether two values say different things: case, and dashes of importer numbers, say nothing."""
    left, right = left.str.strip().str.lower(), right.str.strip().str.lower()
    if column in ("importer_number", "notify_party"):
        left, right = left.str.replace(r"[\s-]", "", regex=True), right.str.replace(r"[\s-]", "", regex=True)
    return left != right


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
