"""What all files say of an entry's liquidation, as one history: when it was liquidated, and when first.

An entry that any file shows liquidated on a day was liquidated then: a past liquidation goes before a pending
one, whatever the files are called. Where files of ACE show two, or any file speaks of a reliquidation, they are
a liquidation and a reliquidation; the windows run from the later, CBP's own power from the first. A broker's
date beside another of ACE is a disagreement; of two dates in brokers' sheets alone the later is taken for a
reliquidation, and listed as a disagreement all the same. Only where no file shows one does the order of the files decide.
Source: keys ``usc-19-1501``, ``usc-19-1504`` of the law book.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from cape_kit.entries import schema
from cape_kit.entries.readers import Reading
from cape_kit.law.book import Law

#: The columns that speak of it.
COLUMNS = ("liquidation_status", "liquidation_date", "original_liquidation_date", "reliquidation_date")
_LIQUIDATED_WORD = "Liquidated"
#: Canonical words that say that an entry has been liquidated; and the one that says again.
LIQUIDATED = ("liquidated", "reliquidated", "deemed liquidated")
AGAIN = "reliquidated"
WHY = "a liquidation that took place goes before a pending one, and a report of ACE before a broker's sheet"
TWO_DAYS = "two days of liquidation, and no word of a reliquidation: the later is taken for one"


def statements(ranked: Sequence[Reading]) -> pd.DataFrame:
    """Everything the files say of liquidations: a row per entry, file and different statement, in their order.

    Columns: entry_number, rank, extracted_on, ace (whether CBP's own report says it), where it stands, and
    those of COLUMNS.
    """
    told = ["entry_number", *COLUMNS, "extracted_on", "source_file", "source_sheet", "source_row"]
    frames = [schema.empty("entries")[told].assign(rank=0, ace=False)]
    for rank, reading in enumerate(ranked):
        several = reading.variants
        once = reading.entries[~reading.entries["entry_number"].isin(several["entry_number"])]
        said = pd.concat([once, several])[["entry_number", "source_row", *COLUMNS]]
        said = said.drop_duplicates(["entry_number", *COLUMNS])
        said = said[said[list(COLUMNS)].notna().any(axis=1)]
        if len(said):
            day = pd.Series(reading.extracted_on, index=said.index, dtype="datetime64[s]")
            where = {"source_file": reading.file, "source_sheet": reading.sheet, "rank": rank}
            frames.append(said.assign(**where, extracted_on=day, ace=reading.profile.issuer == "ace"))
    stacked = pd.concat(frames, ignore_index=True)
    return stacked.sort_values(["entry_number", "rank", "source_row"], kind="stable", ignore_index=True)


def settle(said: pd.DataFrame, law: Law) -> pd.DataFrame:
    """One row per entry that anything is said of: the three columns as they stand, and where they come from.

    Columns: entry_number, liquidation_status, liquidation_date, original_liquidation_date, extracted_on, place
    (the row of `said` the date comes from), took_place (whether any file shows a liquidation), supposed (whether
    a reliquidation is only taken from two dates).
    """
    events = _events(said, law)
    took_place = events[events["liquidated"] & events["date"].notna()]
    by_ace = took_place["ace"].groupby(took_place["entry_number"]).transform("any")
    took_place = took_place[took_place["ace"] | ~by_ace | took_place["again"]]
    ordered = took_place.sort_values(["entry_number", "date", "again", "rank"], kind="stable")
    last = ordered.drop_duplicates("entry_number", keep="last").set_index("entry_number")
    first = ordered.groupby("entry_number")["date"].min()
    stated = said.groupby("entry_number")["original_liquidation_date"].min()
    proved = took_place.groupby("entry_number")[["ace", "again"]].any().any(axis=1)
    pending = said.groupby("entry_number", sort=True)[list(COLUMNS)].first()
    lead = said.drop_duplicates("entry_number").set_index("entry_number")
    place = pd.Series(said.index, index=said["entry_number"])
    place = place[~place.index.duplicated()]
    done = pending.index.isin(last.index)
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


def _events(said: pd.DataFrame, law: Law) -> pd.DataFrame:
    """Each statement as an event: a day, whether the entry was liquidated on it, whether for a further time.

    A status without a day and a day without a status, of two rows, make one event. A column of its own for
    reliquidations speaks of one that took place.
    """
    known = {word: entry.canon for word, entry in law.words("liquidation_status").items()}
    canon = said["liquidation_status"].map(
        {
            word: known.get(" ".join(str(word).lower().split()))
            for word in said["liquidation_status"].dropna().unique()
        }
    )
    says = canon.isin(LIQUIDATED).to_numpy()
    undated = set(said.loc[says & said["liquidation_date"].isna().to_numpy(), "entry_number"])
    lone = said["liquidation_status"].isna() & said["entry_number"].isin(undated)
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
    again = pd.DataFrame(
        base
        | {
            "status": AGAIN.capitalize(),
            "date": said["reliquidation_date"],
            "liquidated": said["reliquidation_date"].notna().to_numpy(),
            "again": np.ones(len(said), dtype=bool),
            "place": said.index,
        }
    )
    return pd.concat([plain, again[again["date"].notna()]], ignore_index=True)


def conflicts(said: pd.DataFrame, settled: pd.DataFrame, order: str) -> pd.DataFrame:
    """Every statement that is neither the one taken nor the first liquidation of a history, column by column."""
    taken = settled.set_index("entry_number").reindex(said["entry_number"])
    taken.index = said.index
    dates = said["reliquidation_date"].fillna(said["liquidation_date"])
    first = dates.eq(taken["original_liquidation_date"]).fillna(False)
    lead = said.loc[taken["place"]].set_index(said.index)
    frames = [schema.empty("conflicts")]
    for column, stated in (("liquidation_status", said["liquidation_status"]), ("liquidation_date", dates)):
        differs = stated.notna() & taken[column].notna() & (~first | taken["supposed"].astype(bool))
        differs &= _plain(stated) != _plain(taken[column])
        rows = said[differs].drop_duplicates(["entry_number", "rank", *COLUMNS])
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
                    [
                        first[at] & taken.loc[at, "supposed"].astype(bool),
                        taken.loc[at, "took_place"].astype(bool),
                    ],
                    [TWO_DAYS, WHY],
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
