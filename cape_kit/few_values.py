"""Columns of many rows and few different values: reckoned once for each value, and held as small as they can be.

A portfolio has a million entries, but a few hundred different days and words. As a rule pandas holds a text anew on
every row; where a long column says the same on every row, or nothing, it is held for one stretch of rows, which is
named again and again.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import pandas as pd

#: Rows for which a text that is the same on every row is held: of millions of rows it takes no more.
STRETCH = 1 << 16


def spelt(places: np.ndarray, names: Sequence[str | None], index: pd.Index[Any]) -> pd.Series[Any]:
    """A text column from places in a list of names; a negative place is null."""
    if len(places) > STRETCH and (places == places[0]).all():
        return alike(names[places[0]] if places[0] >= 0 else None, index)
    named = pd.array([*names, None], dtype="str")
    return pd.Series(named.take(np.where(places < 0, len(names), places)), index=index)


def alike(text: str | None, index: pd.Index[Any], dtype: Any = "str") -> pd.Series[Any]:
    """A text column that says the same on every row, held for one stretch of them; null for no text."""
    stretch = pd.Series(pd.array([text], dtype=dtype)).repeat(min(len(index), STRETCH))
    whole, rest = divmod(len(index), STRETCH)
    if not whole:
        return stretch.set_axis(index)
    return pd.concat([*[stretch] * whole, stretch.iloc[:rest]], ignore_index=True).set_axis(index)


def held_once(frame: pd.DataFrame) -> pd.DataFrame:
    """A long frame whose text columns that say the same on every row are held for one stretch of them.

    As a rule a text is held anew on each of its rows, and takes the more memory the longer it is.
    """
    if len(frame) <= STRETCH:
        return frame
    texts = {name: frame[name] for name in frame.columns if isinstance(frame[name].dtype, pd.StringDtype)}
    same = {str(name): text for name, text in texts.items() if _same(text)}
    return frame.assign(**{name: alike(text.iloc[0], frame.index, text.dtype) for name, text in same.items()})


def _same(text: pd.Series[Any]) -> bool:
    first, last = text.iloc[0], text.iloc[-1]
    return bool(text.isna().all() if pd.isna(first) else first == last and text.eq(first).all())


def small(places: np.ndarray, count: int) -> np.ndarray:
    """Places in a list of so many names, or -1, in as few bytes as they take."""
    return places.astype(np.min_scalar_type(-count - 1))


def once(days: pd.Series[Any], work: Callable[[pd.Series[Any]], pd.Series[Any]]) -> pd.Series[Any]:
    """What `work` makes of each day, reckoned on the different days only; null stays null."""
    codes, distinct = pd.factorize(days)
    made = work(pd.Series(distinct.astype("datetime64[s]"))).to_numpy()
    filled = np.append(made, np.array([np.datetime64("NaT")], dtype=made.dtype))
    return pd.Series(filled[codes], index=days.index)
