"""The two years to sue under the trade court's residual jurisdiction: per entry, every reading of when they began.

From when they run is argued. Each reading has its own last day; the earliest is the one to be safe by. Whether
to sue, and by which reading, is for counsel.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from cape_kit import few_values
from cape_kit.assessment import timeline
from cape_kit.assessment.rules import Facts
from cape_kit.entries import schema
from cape_kit.errors import NoLawInForce

#: Readings of the law book, in the order they are told, and how each is said.
READINGS = {
    "deposit": "from the deposit",
    "liquidation": "from the liquidation",
    "decision": "from the decision",
}
COLUMNS = ("suit_by_deposit", "suit_by_liquidation", "suit_by_decision", "suit_last_day", "suit_reading")


def of(facts: Facts) -> pd.DataFrame:
    """One row per entry: the last day to sue by each reading (null where it does not run), the earliest, and which.

    By the deposit: the payment date in the files; without one the date of entry, which no deposit comes before.
    By the liquidation: the first one on record; null while there is none.
    Sources: keys ``suit.years``, ``suit.readings``, ``suit.decision_day`` and "usc-28-2636".
    """
    law, day, entries, clocks = facts.law, facts.day, facts.entries, facts.clocks
    years = int(law.value("suit.years", day).value)
    argued = [str(one) for one in law.value("suit.readings", day).value]
    liquidated = clocks["original_on"].fillna(clocks["liquidated_on"])
    starts = {
        "deposit": entries["payment_date"].fillna(entries["entry_date"]),
        "liquidation": liquidated,
        "decision": pd.Series(_decided_on(facts), index=entries.index, dtype="datetime64[s]"),
    }
    none = pd.Series(pd.NaT, index=entries.index, dtype="datetime64[s]")
    told = {
        f"suit_by_{name}": timeline.anniversary(start, years) if name in argued else none
        for name, start in starts.items()
    }
    frame = pd.DataFrame(told, index=entries.index)
    earliest = frame.min(axis=1).astype("datetime64[s]")
    place = np.select([frame[name].eq(earliest).to_numpy() for name in told], range(len(told)), default=-1)
    frame["suit_last_day"] = earliest
    frame["suit_reading"] = few_values.spelt(place, tuple(READINGS.values()), entries.index)
    return frame


def by_month(suits: pd.DataFrame, cents: pd.Series, where: np.ndarray) -> pd.DataFrame:
    """Entries and dollars whose earliest reading runs out in each month, for counsel. [cents]

    Columns: month (its first day; null where no reading gives a day), first_day (the earliest of the month), entries,
    principal_cents (of those whose duty is known), principal_unknown (of how many it is not).
    """
    days = suits.loc[where, "suit_last_day"]
    frame = pd.DataFrame({"day": days, "cents": cents.reindex(days.index).astype("Int64")})
    month = days.to_numpy().astype("datetime64[M]").astype("datetime64[s]")
    found = frame.groupby(pd.Series(month, index=days.index, name="month"), dropna=False)
    return schema.gathered(
        found,
        first_day=("day", "min"),
        entries=("day", "size"),
        principal_cents=("cents", "known"),
        principal_unknown=("cents", "unknown"),
    ).reset_index()


def _decided_on(facts: Facts) -> pd.Timestamp | None:
    """The day of the decision one reading counts from; none before it was given."""
    try:
        value = facts.law.value("suit.decision_day", facts.day).value
    except NoLawInForce:
        return None
    return pd.Timestamp(value)
