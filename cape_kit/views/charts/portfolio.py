"""A portfolio over time: dollars by month of entry, and where the files have entries and where gaps."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
from matplotlib.ticker import FuncFormatter, MaxNLocator

from cape_kit.views import palette, words
from cape_kit.views.charts import amounts, blocks
from cape_kit.views.charts.picture import Picture, Width, nothing, two_widths
from cape_kit.views.tables import Table

#: Paper on each side of a month's column. [days]
_AIR = 2.5
#: Height of one row of the heat map, and of its foot. [inches]
_ROW, _FOOT = 0.26, 0.5
#: The palest a cell with any entry may be.
_PALEST = 0.14


@two_widths
def month_columns(table: Table, *, width: Width = "wide") -> Picture:
    """IEEPA duty by month of entry, each column split by what may be done with it. [cents]

    Takes `tables.by_month`.
    """
    frame = table.frame
    keys = [one.name for one in table.fields[1:]]
    if frame.empty or not keys:
        return nothing(width, "The files show no IEEPA duty that could be counted.")
    totals = frame[keys].sum(axis=1)
    most = int(totals.to_numpy().argmax())
    alt = (
        f"IEEPA duty by month of entry, {words.dollars(totals.sum())} in {words.count(len(frame), 'month')}; "
        f"most in {_month(frame['month'].iloc[most])}, {words.dollars(totals.iloc[most])}."
    )
    picture = Picture(width=width, height=2.5 if width == "wide" else 2.7, alt=alt, note=table.note)
    picture.bare = len(frame) == 1
    axes = picture.subplots()
    left = blocks.places(frame["month"]) + _AIR
    right = blocks.places(frame["month"] + pd.offsets.MonthBegin(1)) - _AIR
    floor = np.zeros(len(frame))
    for key in keys:
        top = floor + frame[key].to_numpy(dtype=float) / 100
        blocks.draw(axes, (left, right, floor, top), **amounts.look(key))
        floor = top
    axes.set_ylim(0, totals.iloc[most] / 100 * 1.18)
    dollar_axis(axes)
    last = frame["month"].iloc[-1] + pd.offsets.MonthEnd(1)
    blocks.months(axes, frame["month"].iloc[0], last, width)
    middle = (left[most] + right[most]) / 2
    _write(axes, (middle, floor[most]), words.short_dollars(totals.iloc[most]))
    amounts.key(picture, [(key, table.labels[key]) for key in keys], width)
    return picture


@two_widths
def coverage_map(table: Table, *, width: Width = "wide") -> Picture:
    """How many entries the files hold by filer and month: the darker, the more; blank is none.

    Takes `tables.coverage`.
    """
    frame = table.frame
    names = [one.name for one in table.fields[1:]]
    if frame.empty or not names:
        return nothing(width, "The files hold no entry that could be read.")
    counts = frame[names].to_numpy(dtype=float)
    empty = int((counts.sum(axis=1) == 0).sum())
    alt = (
        f"Entries by filer and month: {words.entries(counts.sum())} of {words.count(len(frame), 'filer')} "
        f"over {words.count(len(names), 'month')}; {words.count(empty, 'filer')} without any."
    )
    rows = _ROW if width == "wide" else _ROW + 0.17
    picture = Picture(width=width, height=_FOOT + rows * len(frame), alt=alt, note=table.note)
    axes = picture.subplots()
    _cells(axes, counts, width)
    _ends(axes, frame, counts, width)
    starts = pd.Series([pd.Timestamp(f"{name}-01") for name in names])
    room = 12 if width == "wide" else 5
    step = next(step for step in (1, 2, 3, 6, 12) if len(names) / step <= room or step == 12)
    ticks = [place for place, start in enumerate(starts) if (start.month - 1) % step == 0]
    axes.set_xticks([place + 0.5 for place in ticks], blocks.labels([starts[place] for place in ticks]))
    axes.tick_params(axis="x", labelsize=8, length=0)
    axes.spines[:].set_visible(False)
    return picture


def dollar_axis(axes: Any) -> None:
    """A quiet scale of dollars on the left."""
    axes.yaxis.set_major_locator(MaxNLocator(nbins=4, min_n_ticks=2))
    axes.yaxis.set_major_formatter(FuncFormatter(lambda dollars, _: words.short_dollars(dollars * 100)))
    axes.tick_params(axis="y", labelsize=7.5, labelcolor=palette.MUTED)
    axes.grid(visible=True, axis="y")


def _cells(axes: Any, counts: np.ndarray, width: Width) -> None:
    """One square per filer and month; where there is room, with its number."""
    most = max(counts.max(), 1)
    rows, columns = counts.shape
    for shade in np.unique(counts[counts > 0]):
        at, month = np.nonzero(counts == shade)
        strength = _PALEST + (1 - _PALEST) * shade / most
        top = at + (0.06 if width == "wide" else 0.4)
        sides = (month + 0.04, month + 0.96, top, at + 0.94)
        blocks.draw(axes, sides, color=palette.tint(palette.CAPE, strength))
    at, month = np.nonzero(counts == 0)
    lower = at + (0.06 if width == "wide" else 0.4)
    blocks.draw(axes, (month + 0.04, month + 0.96, lower, at + 0.94), color=palette.WAITING)
    if width == "wide" and columns <= 18 and most < 1000:
        for row, column in zip(*np.nonzero(counts), strict=True):
            dark = counts[row, column] / most > 0.45
            colour = palette.PAPER if dark else palette.INK
            place = (column + 0.5, row + 0.52)
            axes.annotate(
                f"{int(counts[row, column])}", place, ha="center", va="center", fontsize=7, color=colour
            )
    axes.set_xlim(0, columns)
    axes.set_ylim(rows, 0)


def _ends(axes: Any, frame: pd.DataFrame, counts: np.ndarray, width: Width) -> None:
    """The filers' names and their sums, beside the rows or above them."""
    names = [amounts.short(str(name)) for name in frame["filer"]]
    sums = [words.entries(total) if total else "no entries" for total in counts.sum(axis=1)]
    if width == "narrow":
        axes.set_yticks([])
        for place, (name, total) in enumerate(zip(names, sums, strict=True)):
            axes.annotate(name, (0, place + 0.35), va="bottom", fontsize=8)
            axes.annotate(
                total,
                (counts.shape[1], place + 0.35),
                va="bottom",
                ha="right",
                fontsize=7.5,
                color=palette.MUTED,
            )
        return
    axes.set_yticks(np.arange(len(names)) + 0.5, names, fontsize=8)
    for place, total in enumerate(sums):
        axes.annotate(
            total, (counts.shape[1], place + 0.52), xytext=(5, 0), textcoords="offset points",
            va="center", fontsize=7.5, color=palette.MUTED, annotation_clip=False,
        )  # fmt: skip


def _write(axes: Any, place: tuple[float, float], text: str) -> None:
    axes.annotate(
        text, place, xytext=(0, 3), textcoords="offset points", ha="center", va="bottom", fontsize=8
    )


def _month(start: Any) -> str:
    return f"{words.month(start.month, long=True)} {start.year}"
