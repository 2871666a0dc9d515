"""How the kit says things: days as people write them, and the names of what is true in one text."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date
from typing import Any

import numpy as np
import pandas as pd

from cape_kit import few_values, money

#: Columns a word may stand in that the kit does not know, as a sentence names them.
COLUMNS = {
    "summary_status": "entry summary status",
    "control_status": "control status",
    "liquidation_status": "liquidation status",
    "protest_status": "protest status",
    "protest_afr": "further review indicator",
    "statement_status": "statement status",
    "drawback_flag": "drawback indicator",
    "recon_flag": "reconciliation indicator",
    "recon_entry_number": "reconciliation entry number",
    "suspension_flag": "suspension indicator",
    "injunction_flag": "injunction indicator",
    "surety_paid_flag": "surety payment indicator",
    "claim_status": "claim status",
}


def day(days: pd.Series[Any]) -> pd.Series[Any]:
    """Days as people write them, such as ``Mar 6, 2026``; null stays null."""
    return _each(days, on)


def on(day: date) -> str:
    """One day as people write it: ``Mar 6, 2026``."""
    return f"{day:%b} {day.day}, {day.year}"


def dollars(cents: pd.Series[Any]) -> pd.Series[Any]:
    """Amounts as people write them, such as ``$1,250.00``; null stays null. [cents]"""
    return _each(cents, lambda value: money.show(int(value)))


def short(texts: pd.Series[Any], most: int = 100) -> pd.Series[Any]:
    """Texts of others quoted in short: cut between words beyond so many characters; null stays null."""
    return _each(texts, lambda text: text if len(text) <= most else text[:most].rsplit(" ", 1)[0] + " …")


def _each(values: pd.Series[Any], spelt: Callable[[Any], str]) -> pd.Series[Any]:
    """Each different value spelt once; null stays null."""
    codes, different = pd.factorize(values)
    texts = pd.array([*map(spelt, different), None], dtype="str")
    return pd.Series(texts.take(codes), index=values.index, name=values.name)


def all_of(text: str, index: pd.Index[Any]) -> pd.Series[Any]:
    """The same sentence for every entry."""
    return few_values.alike(text, index)


def choose(conditions: list[Any], texts: list[Any], default: Any, index: pd.Index[Any]) -> pd.Series[Any]:
    """For each entry the text of the first condition that holds."""
    chosen = default if isinstance(default, pd.Series) else all_of(default, index)
    for condition, text in zip(reversed(conditions), reversed(texts), strict=True):
        chosen = chosen.mask(np.asarray(condition, dtype=bool), text)
    return chosen


def join_codes(
    mask: pd.DataFrame, names: Mapping[str, str] | None = None, *, between: str = ", "
) -> pd.Series[Any]:
    """The names of the true columns of each row in one text; each combination is spelt out once."""
    if mask.shape[1] == 0:
        return pd.Series("", index=mask.index, dtype="str")
    spelt = [(names or {}).get(column, column) for column in mask.columns]
    weights = 1 << np.arange(mask.shape[1], dtype="int64")
    keys = mask.to_numpy(dtype="int64") @ weights
    different, place = np.unique(keys, return_inverse=True)
    texts = [
        between.join(dict.fromkeys(name for bit, name in enumerate(spelt) if key >> bit & 1))
        for key in different.tolist()
    ]
    return pd.Series(pd.array(texts, dtype="str").take(place), index=mask.index)
