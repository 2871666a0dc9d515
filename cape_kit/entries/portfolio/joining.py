"""All readings of a client joined: each entry once, each column by a stated order, disagreements kept.

What the files say of an entry's liquidation is one history: when it was liquidated, and when first. An entry that
any file shows liquidated on a day was liquidated then: a past liquidation goes before a pending one, whatever the
files are called. Where files of ACE show two, or any file speaks of a reliquidation, they are a liquidation and a
reliquidation; the windows run from the later, CBP's own power from the first. A broker's date beside another of ACE
is a disagreement; of two dates in brokers' sheets alone the later is taken for a reliquidation, and listed as a
disagreement all the same. Only where no file shows one does the order of the files decide.
Source: keys ``usc-19-1501``, ``usc-19-1504`` of the law book.

Two entry numbers that differ in one place, one with a wrong check digit, with the same lines, are one entry that
somebody mistyped: the entry under the wrong number is pointed out and not counted beside the right one.
"""

from __future__ import annotations

import functools
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from cape_kit.entries import identifiers, kept, schema
from cape_kit.entries.readers import Reading, file_problems
from cape_kit.law import status_words
from cape_kit.law.book import Law

# --- what the files say of a liquidation ------------------------------------------------------------------


#: The columns that speak of it.
OF_LIQUIDATION = ("liquidation_status", "liquidation_date", "original_liquidation_date", "reliquidation_date")
_LIQUIDATED_WORD = "Liquidated"
#: The canonical word that says again.
AGAIN = "reliquidated"
TOOK_PLACE = (
    "a liquidation that took place prevails over a pending one, and an ACE report over a broker's sheet"
)
#: What says nothing in an importer's number. Spaces by name: the two ways pandas holds text differ in what `\s` is.
_SPACES = r"[ \t\n\f\r-]"
TWO_DAYS = "two days of liquidation, and no word of a reliquidation: the later is taken for one"


def liquidation_statements(ranked: Sequence[Reading]) -> pd.DataFrame:
    """Everything the files say of liquidations: a row per entry, file and different statement, in their order.

    Columns: entry_number, rank, extracted_on, ace (whether CBP's own report says it), where it stands, and
    those of OF_LIQUIDATION.
    """
    told = ["entry_number", *OF_LIQUIDATION, "extracted_on", "source_file", "source_sheet", "source_row"]
    said_of = ["entry_number", "source_row", *OF_LIQUIDATION]
    frames = [schema.empty("entries")[told].assign(rank=0, ace=False)]
    for rank, reading in enumerate(ranked):
        several = reading.variants
        alone = ~identifiers.among(reading.entries["entry_number"], several["entry_number"])
        said = pd.concat([reading.entries.loc[alone, said_of], several[said_of]])
        said = said.drop_duplicates(["entry_number", *OF_LIQUIDATION])
        said = said[said[list(OF_LIQUIDATION)].notna().any(axis=1)]
        if len(said):
            day = pd.Series(reading.extracted_on, index=said.index, dtype="datetime64[s]")
            where = {"source_file": reading.file, "source_sheet": reading.sheet, "rank": rank}
            frames.append(said.assign(**where, extracted_on=day, ace=reading.profile.issuer == "ace"))
    stacked = pd.concat(frames, ignore_index=True)
    return stacked.sort_values(["entry_number", "rank", "source_row"], kind="stable", ignore_index=True)


def settled_liquidations(said: pd.DataFrame, law: Law) -> pd.DataFrame:
    """One row per entry that anything is said of: the three columns as they stand, and where they come from.

    Columns: entry_number, liquidation_status, liquidation_date, original_liquidation_date, extracted_on, place
    (the row of `said` the date comes from), took_place (whether any file shows a liquidation), supposed (whether
    a reliquidation is only taken from two dates).
    """
    events = _liquidations(said, law)
    took_place = events[events["liquidated"] & events["date"].notna()]
    by_ace = took_place["ace"].groupby(took_place["entry_number"]).transform("any")
    took_place = took_place[took_place["ace"] | ~by_ace | took_place["again"]]
    ordered = took_place.sort_values(["entry_number", "date", "again", "rank"], kind="stable")
    last = ordered.drop_duplicates("entry_number", keep="last").set_index("entry_number")
    first = ordered.groupby("entry_number")["date"].min()
    stated = said.groupby("entry_number")["original_liquidation_date"].min()
    proved = took_place.groupby("entry_number")[["ace", "again"]].any().any(axis=1)
    pending = said.groupby("entry_number", sort=True)[list(OF_LIQUIDATION)].first()
    lead = said.drop_duplicates("entry_number").set_index("entry_number")
    place = pd.Series(said.index, index=said["entry_number"])
    place = place[~place.index.duplicated()]
    done = identifiers.among(pending.index, last.index)
    settled = pd.DataFrame(
        {
            "liquidation_status": pending["liquidation_status"].mask(done, last["status"]),
            "liquidation_date": pending["liquidation_date"].mask(done, last["date"]),
            "original_liquidation_date": stated,
            "extracted_on": lead["extracted_on"].mask(done, last["extracted_on"]),
            "place": place.mask(done, last["place"]).astype("int64"),
            "took_place": done,
            "supposed": ~proved.reindex(pending.index).eq(True).fillna(False).astype(bool) & stated.isna(),
        }
    )
    original = pd.concat([stated, first], axis=1).min(axis=1).where(done, stated)
    earlier = (original < settled["liquidation_date"]).fillna(False)
    settled["original_liquidation_date"] = original.where(earlier | ~done)
    return settled.rename_axis("entry_number").reset_index()


def _liquidations(said: pd.DataFrame, law: Law) -> pd.DataFrame:
    """Each statement as an event: a day, whether the entry was liquidated on it, whether for a further time.

    A status without a day and a day without a status, of two rows, make one event. A column of its own for
    reliquidations speaks of one that took place.
    """
    canon = status_words.canonical(said["liquidation_status"], law, "liquidation_status")
    says = canon.isin(status_words.LIQUIDATED).to_numpy()
    undated = set(said.loc[says & said["liquidation_date"].isna().to_numpy(), "entry_number"])
    lone = said["liquidation_status"].isna() & identifiers.among(said["entry_number"], undated)
    base = {name: said[name] for name in ("entry_number", "rank", "extracted_on", "ace")}
    plain = pd.DataFrame(
        base
        | {
            "status": said["liquidation_status"].mask(lone, _LIQUIDATED_WORD),
            "date": said["liquidation_date"],
            "liquidated": says | lone.to_numpy(),
            "again": (canon == AGAIN).to_numpy(),
            "place": said.index,
        }
    )
    once_more = said["reliquidation_date"].notna().to_numpy()
    if not once_more.any():
        return plain
    again = pd.DataFrame(
        base
        | {
            "status": AGAIN.capitalize(),
            "date": said["reliquidation_date"],
            "liquidated": once_more,
            "again": np.ones(len(said), dtype=bool),
            "place": said.index,
        }
    )
    return pd.concat([plain, again[once_more]], ignore_index=True)


def liquidation_conflicts(said: pd.DataFrame, settled: pd.DataFrame, order: str) -> pd.DataFrame:
    """Every statement that is neither the one taken nor the first liquidation of a history, column by column."""
    taken = settled.set_index("entry_number").reindex(said["entry_number"])
    taken.index = said.index
    dates = said["reliquidation_date"].fillna(said["liquidation_date"])
    first = dates.eq(taken["original_liquidation_date"]).fillna(False)
    supposed = taken["supposed"].astype(bool)
    lead = said.loc[taken["place"]].set_index(said.index)
    frames = [schema.empty("conflicts")]
    for column, stated in (("liquidation_status", said["liquidation_status"]), ("liquidation_date", dates)):
        differs = stated.notna() & taken[column].notna() & (~first | supposed)
        differs &= _plain(stated) != _plain(taken[column])
        if not differs.any():
            continue
        rows = said[differs].drop_duplicates(["entry_number", "rank", *OF_LIQUIDATION])
        at = rows.index
        frame = pd.DataFrame(
            {
                "entry_number": rows["entry_number"],
                "column": column,
                "taken": _shown(taken.loc[at, column], column),
                "taken_from": places(lead.loc[at]),
                "other": _shown(stated.loc[at], column),
                "other_from": places(rows),
                "why": np.select(
                    [first[at] & supposed[at], taken.loc[at, "took_place"].astype(bool)],
                    [TWO_DAYS, TOOK_PLACE],
                    order,
                ),
            }
        )
        frames.append(schema.conform(frame, "conflicts"))
    return pd.concat(frames, ignore_index=True)


def places(said: pd.DataFrame) -> pd.Series:
    """File, sheet and row of each row, as people call it."""
    sheet = " [" + said["source_sheet"].astype("str") + "]"
    return said["source_file"] + sheet.fillna("") + " row " + said["source_row"].astype("str")


def _shown(values: pd.Series, column: str) -> pd.Series:
    return schema.shown(values.rename(column))


def _plain(values: pd.Series) -> pd.Series:
    """For comparing: days as they are, words without regard to case."""
    if pd.api.types.is_datetime64_any_dtype(values):
        return values
    return values.astype("str").str.strip().str.lower()


# --- entries, each once -----------------------------------------------------------------------------------


ORDER = "exports prevail over paper, then the latest extract, then ACE over a broker's sheet, then the fuller file"
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
    ordinals = "ordinal" in reading.report.positions
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
    told = liquidation_statements(ranked)
    settled = settled_liquidations(told, law)
    joined, differing = said, schema.empty("conflicts")
    if said["entry_number"].duplicated().any():
        # groupby.first passes over nulls column by column: a null never goes before a value
        joined = said.groupby("entry_number", sort=True).first().reset_index()
        # an entry stands in one place: file, sheet and row of its first reading, even where that has no sheet
        lead = said.drop_duplicates("entry_number").reset_index(drop=True)
        place = ["source_file", "source_sheet", "source_row"]
        joined[place] = lead[place]
        joined["unread"] = schema.still_unread(said, joined)
        differing = _conflicts(said)
    joined = _with_liquidations(schema.conform(joined, "entries"), settled)
    of_liquidations = liquidation_conflicts(told, settled, ORDER)
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
    here = said[identifiers.among(said["entry_number"], numbers)].reset_index(drop=True)
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


def _conflicts(said: pd.DataFrame) -> pd.DataFrame:
    """Every value that was not taken, with both places."""
    skip = {"entry_number", "filer_code", "extracted_on", "source_file", "source_sheet", "source_row"}
    skip |= {"lines_complete", "duty_disputed", "twin_of", "unread", *OF_LIQUIDATION}
    columns = [c for c in schema.names("entries") if c not in skip and said[c].notna().any()]
    several = said[said["entry_number"].duplicated(keep=False)]
    entry = pd.factorize(several["entry_number"])[0]
    parts = [_other_values(several, entry, column) for column in columns]
    parts = [part for part in parts if len(part)]
    if not parts:
        return schema.empty("conflicts")
    found = pd.concat(parts, ignore_index=True)
    place = places(several).array
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
    if not len(unlike):
        return pd.DataFrame()
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
        left, right = (one.str.replace(_SPACES, "", regex=True) for one in (left, right))
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


# --- entry numbers somebody mistyped ----------------------------------------------------------------------


_DIGITS = "0123456789"
_ANY = _DIGITS + "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
_FILER = 3
_COMPARED = ("line_number", "hts", "goods_value_cents", "duty_cents")


def find_twins(entries: pd.DataFrame, tariff_lines: pa.Table) -> pd.Series:
    """By entry number with a wrong check digit, the sound one it is the twin of."""
    numbers = entries["entry_number"]
    sound = identifiers.check_digits_agree(numbers)
    wrong = numbers[~sound]
    found: dict[str, str] = {}
    if wrong.empty:
        return pd.Series(found, dtype="str")
    known = set(numbers[sound])
    for number in wrong:
        near = _near(number) & known
        mine = _lines_of(tariff_lines, number) if near else None
        twin = next(
            (other for other in sorted(near) if mine and _lines_of(tariff_lines, other) == mine), None
        )
        if twin is not None:
            found[number] = twin
    return pd.Series(found, dtype="str")


def twin_problems(entries: pd.DataFrame, twins: pd.Series) -> pd.DataFrame:
    """An error for each entry under a wrong number, with the right one."""
    here = entries[identifiers.among(entries["entry_number"], twins.index)]
    rows = [
        file_problems.problem(
            "C11",
            file=file,
            row=int(row) if pd.notna(row) else None,
            column="entry_number",
            value=number,
            detail=f"{number} ({place}) and {twins[number]}",
        )
        for number, file, row, place in zip(
            here["entry_number"], here["source_file"], here["source_row"], places(here), strict=True
        )
    ]
    return schema.problem_rows(rows)


def _near(number: str) -> set[str]:
    """Numbers that differ from this one in one character, or in two neighbours that changed places."""
    near = {
        number[:at] + other + number[at + 1 :]
        for at in range(len(number))
        for other in (_ANY if at < _FILER else _DIGITS)
    }
    near |= {number[:at] + number[at + 1] + number[at] + number[at + 2 :] for at in range(len(number) - 1)}
    return near - {number}


def _lines_of(tariff_lines: pa.Table, number: str) -> list[tuple[object, ...]]:
    mine = tariff_lines.filter(pc.equal(tariff_lines["entry_number"], number)).select(list(_COMPARED))
    return sorted((tuple(row.values()) for row in mine.to_pylist()), key=repr)
