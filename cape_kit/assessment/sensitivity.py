"""How far the figures move: what waiting costs day by day, and interest under what nobody has settled."""

from __future__ import annotations

import pandas as pd

from cape_kit.assessment import interest, money, terms
from cape_kit.assessment.assess import Assessment
from cape_kit.entries import schema
from cape_kit.money import known_sum


def interest_by_reading(
    assessment: Assessment, *, dispositions: tuple[str, ...] | None = None
) -> pd.DataFrame:
    """Interest of all entries, or those of some dispositions, under each reading. [cents]

    One row per importer_class × day_count × deposit_basis: entries, principal_cents, interest_cents,
    difference_cents (against the assessment's own figure), is_taken (the reading the assessment took). What is
    known stays: a payment date in the files, a statement or a class client.toml states. A reading moves only the
    entries it is open for (`assumed_class`, `estimated_entries`).
    Sources: keys ``interest.*`` and ``deposit.*`` of the law book.
    """
    here = assessment.figures
    bears = ~here["disposition"].isin(money.NONE) & (here["principal_cents"] > 0).fillna(False)
    if dispositions is not None:
        bears &= here["disposition"].isin(dispositions)
    here = here[bears].reset_index(drop=True)
    law = assessment.law
    open_class, open_day = (here[name].eq(terms.ASSUMED) for name in ("class_from", "deposit_from"))
    # A class nobody has and none is assumed for has no interest; where every day is known, bases are all one.
    wanted = [name for name in interest.CLASSES if open_class.any() or here["importer_class"].eq(name).any()]
    rows: list[tuple[str, str, str, int]] = []
    for place, basis in enumerate(terms.BASES):
        if place and not open_day.any():
            rows += [
                (name, day_count, basis, cents)
                for name, day_count, first, cents in rows
                if first == terms.BASES[0]
            ]
            continue
        day, _ = money.deposit(here, law, assessment.filing_date, basis=basis)
        day = here["deposit_day"].mask(open_day, day)
        for day_count in interest.DAY_COUNTS:
            by_class = {
                name: money.grown(
                    here["entry_number"],
                    here["principal_cents"],
                    (day, here["interest_until"]),
                    law,
                    later=assessment.client.later_deposits,
                    reading=(name, day_count),
                )
                for name in wanted
            }
            stated = sum(
                int(by_class[name][~open_class & here["importer_class"].eq(name)].sum()) for name in by_class
            )
            for name in interest.CLASSES:
                assumed = int(by_class[name][open_class].sum()) if name in by_class else 0
                rows.append((name, day_count, basis, stated + assumed))
    return _held(pd.DataFrame(rows, columns=[*READINGS, "interest_cents"]), here, assessment)


#: What a reading is of.
READINGS = ("importer_class", "day_count", "deposit_basis")


def _held(frame: pd.DataFrame, here: pd.DataFrame, assessment: Assessment) -> pd.DataFrame:
    """The readings held against the one the assessment took."""
    chosen = pd.Series(True, index=frame.index)
    for column, reading in zip(READINGS, taken(assessment), strict=True):
        chosen &= frame[column] == reading
    own = int(frame.loc[chosen, "interest_cents"].iloc[0])
    return frame.assign(
        entries=len(here),
        assumed_class=int(here["class_from"].eq(terms.ASSUMED).sum()),
        estimated_entries=int(here["deposit_from"].eq(terms.ASSUMED).sum()),
        principal_cents=int(known_sum(here["principal_cents"])),
        difference_cents=frame["interest_cents"] - own,
        is_taken=chosen,
    )


def taken(assessment: Assessment) -> tuple[str, str, str]:
    """The reading the assessment itself took of each where nobody says."""
    importer_class, day_count = interest.choices(assessment.law, None, None)
    return importer_class, day_count, terms.NOBODY_SAYS


#: Window -> the dispositions whose money can still be lost to it, and the column of its last day.
WINDOWS = {
    "cape": ("file", "file_deferred", "cure", "undetermined", "held"),
    "protest": ("file", "file_deferred", "cure", "protest", "undetermined", "held"),
}
RECORDED = "recorded"
#: How sure the closing day is: from a recorded liquidation, or from one that is only expected.
SURENESS = (RECORDED, "forecast")


def cost_of_waiting(assessment: Assessment) -> pd.DataFrame:
    """One row per day from the as-of day to the last closing day: what is lost if nothing is filed by then.

    Columns: day; for each window (cape, protest) and sureness (recorded, forecast)
    ``<window>_<sureness>_cents`` and ``…_entries``: principal whose last day it is; ``cape_lost_cents`` and
    ``protest_lost_cents``: all that is lost by the end of that day, recorded and forecast together. An entry
    leaves CAPE first and the protest window later, so it stands in both. Entries whose principal is not known are in
    no sum of cents but among the entries, and counted in ``<window>_<sureness>_unknown`` and ``<window>_lost_unknown``;
    where nothing is known of any, the sum is null. [cents]
    Sources: keys ``window.cape`` and ``window.protest``.
    """
    table, first = assessment.figures, pd.Timestamp(assessment.as_of)
    closing = {name: _closing(table, name, first) for name in WINDOWS}
    last = max([first, *(found["day"].max() for found in closing.values() if len(found))])
    days = pd.date_range(first, last, unit="s", name="day")
    frame = pd.DataFrame(index=days)
    for name, found in closing.items():
        for sureness in SURENESS:
            by_day = found[found["sureness"] == sureness].groupby("day")
            sums = schema.gathered(
                by_day,
                cents=("cents", "known"),
                entries=("cents", "size"),
                unknown=("cents", "unknown"),
            )
            whole = sums.reindex(days, fill_value=0).astype("Int64")
            for what in whole:
                frame[f"{name}_{sureness}_{what}"] = whole[what]
    nothing = pd.Series(0, index=days, dtype="Int64")
    for name in WINDOWS:
        cents, entries, unknown = (
            sum(
                (frame[f"{name}_{sureness}_{what}"].fillna(0) for sureness in SURENESS), start=nothing
            ).cumsum()
            for what in ("cents", "entries", "unknown")
        )
        frame[f"{name}_lost_cents"] = cents.mask(entries.gt(0) & entries.eq(unknown))
        frame[f"{name}_lost_unknown"] = unknown
    return frame.reset_index()


def undated(assessment: Assessment, window: str = "cape") -> int:
    """How many entries whose money can be lost to a window have no last day that is known, and so none in the above."""
    table = assessment.figures
    bears = (table["principal_cents"] > 0).fillna(True)
    here = table["disposition"].isin(WINDOWS[window]) & bears & table[f"{window}_last_day"].isna()
    return int(here.sum())


def _closing(table: pd.DataFrame, window: str, first: pd.Timestamp) -> pd.DataFrame:
    """Each entry's closing day in a window, from the first day on, with its money and how sure the day is."""
    day = table[f"{window}_last_day"]
    running = table["disposition"].isin(WINDOWS[window]) & (day >= first).fillna(False)
    running &= (table["principal_cents"] > 0).fillna(True)
    here = table[running]
    recorded = here["liquidation_basis"] == RECORDED
    return pd.DataFrame(
        {
            "day": here[f"{window}_last_day"].astype("datetime64[s]"),
            "cents": here["principal_cents"].astype("Int64"),
            "sureness": recorded.map({True: RECORDED, False: SURENESS[1]}),
        }
    )
