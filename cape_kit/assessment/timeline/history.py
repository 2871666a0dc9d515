"""How long the client's own entries took to liquidate: another forecast, and it says how wide it is.

Entries still open count as longer than any recorded one, so that a young portfolio does not look quick.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import numpy as np
import pandas as pd

from cape_kit.assessment.timeline.clocks import days
from cape_kit.assessment.timeline.cycle import forecast
from cape_kit.assessment.timeline.words import OFF_CYCLE
from cape_kit.law.book import Law

#: Shares of the entries that are liquidated by the early, middle and late day.
QUANTILES = {"early": 0.10, "middle": 0.50, "late": 0.90}


@dataclass(frozen=True)
class History:
    """Days from entry to liquidation among a client's own entries; None where too few have got there."""

    entries: int
    early: int | None
    middle: int | None
    late: int | None


def history(entries: pd.DataFrame, clocks: pd.DataFrame, law: Law, as_of: date) -> History | None:
    """The client's own times to liquidation; None with fewer than enough entries old enough. [days]

    Counted are ordinary entries that were older than the usual cycle when exported; informal ones liquidate
    on payment and stay out.
    Source: keys ``history.min_entries``, ``cycle.auto_liquidation``, ``types.informal``.
    """
    informal = [str(code) for code in law.value("types.informal", as_of).value]
    ordinary = ~entries["entry_type"].isin(informal) & ~clocks["status"].isin(OFF_CYCLE)
    seen = entries["extracted_on"].fillna(pd.Timestamp(as_of))
    due = forecast(entries["entry_date"], law, as_of)
    first = clocks["original_on"].fillna(clocks["liquidated_on"])
    took = (first - entries["entry_date"]).dt.days
    old_enough = (due <= seen) & clocks["liquidated"].notna() & ~(took < 0)
    counted = took[(ordinary & old_enough).fillna(False).to_numpy(dtype=bool)].to_numpy(dtype="float64")
    if len(counted) < days(law, "history.min_entries", as_of):
        return None
    reached = np.sort(np.where(np.isnan(counted), np.inf, counted))
    found = {name: reached[int(np.ceil(share * len(reached))) - 1] for name, share in QUANTILES.items()}
    told = {name: int(value) if np.isfinite(value) else None for name, value in found.items()}
    return History(len(counted), **told)


def forecasts(entries: pd.DataFrame, clocks: pd.DataFrame, law: Law, *, as_of: date) -> pd.DataFrame:
    """Entries not yet liquidated with every day one might expect: by cycle, by own history, by statute.

    Columns: entry_number, expected_liquidation (the one the clocks use), basis, cycle_on, history_early,
    history_middle, history_late, deemed_on, extension_limit.
    """
    found = history(entries, clocks, law, as_of)
    waiting = (~clocks["liquidated"].fillna(True)).to_numpy(dtype=bool)
    entered, mine = entries.loc[waiting, "entry_date"], clocks[waiting]
    on_cycle = ~mine["status"].isin(OFF_CYCLE) & mine["status"].notna()
    columns = {
        "entry_number": mine["entry_number"],
        "expected_liquidation": mine["expected_liquidation"],
        "basis": mine["liquidation_basis"],
        "cycle_on": forecast(entered, law, as_of).where(on_cycle),
    }
    for name in QUANTILES:
        took = getattr(found, name) if found else None
        none = pd.Series(pd.NaT, index=mine.index, dtype="datetime64[s]")
        columns[f"history_{name}"] = (
            none if took is None else (entered + pd.Timedelta(days=took)).where(on_cycle)
        )
    columns |= {"deemed_on": mine["deemed_on"], "extension_limit": mine["extension_limit"]}
    return pd.DataFrame(columns).reset_index(drop=True)
