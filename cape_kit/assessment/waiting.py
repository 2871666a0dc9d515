"""What waiting costs: the dollars whose window closes on each day to come if nothing is filed by then."""

from __future__ import annotations

import pandas as pd

from cape_kit.assessment.assess import Assessment

#: Window -> the dispositions whose money can still be lost to it, and the column of its last day.
WINDOWS = {
    "cape": ("file", "file_deferred", "cure", "undetermined", "held"),
    "protest": ("file", "file_deferred", "cure", "protest", "undetermined", "held"),
}
RECORDED = "recorded"
#: How sure the closing day is: from a recorded liquidation, or from one that is only expected.
SURENESS = (RECORDED, "forecast")


def by_day(assessment: Assessment) -> pd.DataFrame:
    """One row per day from the as-of day to the last closing day: what is lost if nothing is filed by then.

    Columns: day; for each window (cape, protest) and sureness (recorded, forecast)
    ``<window>_<sureness>_cents`` and ``…_entries``: principal whose last day it is; ``cape_lost_cents`` and
    ``protest_lost_cents``: all that is lost by the end of that day, recorded and forecast together. An entry
    leaves CAPE first and the protest window later, so it stands in both. [cents]
    Sources: keys ``window.cape`` and ``window.protest``.
    """
    table, first = assessment.figures, pd.Timestamp(assessment.as_of)
    closing = {name: _closing(table, name, first) for name in WINDOWS}
    last = max([first, *(found["day"].max() for found in closing.values() if len(found))])
    days = pd.date_range(first, last, unit="s", name="day")
    frame = pd.DataFrame(index=days)
    for name, found in closing.items():
        for sureness in SURENESS:
            sums = found[found["sureness"] == sureness].groupby("day")["cents"].agg(["sum", "count"])
            whole = sums.reindex(days, fill_value=0).astype("int64")
            frame[f"{name}_{sureness}_cents"] = whole["sum"]
            frame[f"{name}_{sureness}_entries"] = whole["count"]
    for name in WINDOWS:
        both = sum(frame[f"{name}_{sureness}_cents"] for sureness in SURENESS)
        frame[f"{name}_lost_cents"] = pd.Series(both, index=days).cumsum()
    return frame.reset_index()


def _closing(table: pd.DataFrame, window: str, first: pd.Timestamp) -> pd.DataFrame:
    """Each entry's closing day in a window, from the first day on, with its money and how sure the day is."""
    day = table[f"{window}_last_day"]
    running = table["disposition"].isin(WINDOWS[window]) & (day >= first).fillna(False)
    running &= table["principal_cents"].fillna(0) > 0
    here = table[running]
    recorded = here["liquidation_basis"] == RECORDED
    return pd.DataFrame(
        {
            "day": here[f"{window}_last_day"].astype("datetime64[s]"),
            "cents": here["principal_cents"].astype("int64"),
            "sureness": recorded.map({True: RECORDED, False: SURENESS[1]}),
        }
    )
