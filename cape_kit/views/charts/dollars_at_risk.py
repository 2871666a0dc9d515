"""Dollars at risk by week: what leaves the CAPE window, and what leaves the protest window."""

from __future__ import annotations

from typing import Any

import pandas as pd
from matplotlib.ticker import FuncFormatter, MaxNLocator

from cape_kit.views import palette, words
from cape_kit.views.charts import blocks
from cape_kit.views.charts.picture import Picture, Width, nothing, two_widths
from cape_kit.views.charts.timeline import FORECAST
from cape_kit.views.tables import Table

#: Paper left on each side of a week's bar. [days]
_AIR = 0.7


@two_widths
def dollars_at_risk(table: Table, *, width: Width = "wide") -> Picture:
    """Dollars whose window closes in each coming week, CAPE above and protest below. [cents]

    Takes `tables.weeks`; weeks count from the day of the assessment.
    """
    frame = table.frame
    lanes = [
        (title, columns, colour)
        for title, columns, colour in (
            ("CAPE window closes", ("cape", "cape_expected"), palette.CAPE),
            ("Protest window closes", ("protest",), palette.PROTEST),
        )
        if len(frame) and frame[list(columns)].to_numpy().sum()
    ]
    if not lanes:
        return nothing(width, "No window closes in the coming weeks.")
    picture = Picture(width=width, height=0.3 + 1.35 * len(lanes), alt=_alt(table, lanes), note=_note(table))
    for axes, (title, columns, colour) in zip(
        picture.subplots(len(lanes), squeeze=False)[:, 0], lanes, strict=True
    ):
        _bars(axes, frame, columns, colour)
        _dress(axes, title, frame, columns)
        blocks.months(axes, frame["starts"].iloc[0], frame["ends"].iloc[-1], width)
    return picture


def _bars(axes: Any, frame: pd.DataFrame, columns: tuple[str, ...], colour: str) -> None:
    left = blocks.places(frame["starts"]) + _AIR
    right = blocks.places(frame["ends"]) + 1 - _AIR
    known = frame[columns[0]].to_numpy(dtype=float) / 100
    blocks.draw(axes, (left, right, 0 * known, known), color=colour)
    for expected in columns[1:]:
        top = known + frame[expected].to_numpy(dtype=float) / 100
        pale = palette.tint(colour, FORECAST)
        blocks.draw(axes, (left, right, known, top), facecolor=pale, hatch="/////", edgecolor=palette.PAPER)


def _dress(axes: Any, title: str, frame: pd.DataFrame, columns: tuple[str, ...]) -> None:
    axes.set_title(title, fontsize=8.5, fontweight="bold", pad=6)
    axes.yaxis.set_major_locator(MaxNLocator(nbins=3, min_n_ticks=2))
    axes.yaxis.set_major_formatter(FuncFormatter(lambda dollars, _: words.short_dollars(dollars * 100)))
    axes.tick_params(axis="y", labelsize=7.5, labelcolor=palette.MUTED)
    axes.grid(visible=True, axis="y")
    sums = frame[list(columns)].sum(axis=1)
    peak = int(sums.to_numpy().argmax())
    axes.set_ylim(0, sums.iloc[peak] / 100 * 1.25)
    middle = frame["starts"].iloc[peak] + (frame["ends"].iloc[peak] - frame["starts"].iloc[peak]) / 2
    axes.annotate(
        words.short_dollars(sums.iloc[peak]),
        (blocks.place(middle), sums.iloc[peak] / 100),
        xytext=(0, 3),
        textcoords="offset points",
        ha="center",
        fontsize=8,
    )


def _alt(table: Table, lanes: list[Any]) -> str:
    parts = []
    for title, columns, _ in lanes:
        sums = table.frame[list(columns)].sum(axis=1)
        week = table.frame["starts"].iloc[int(sums.to_numpy().argmax())]
        parts.append(
            f"{title}: {words.dollars(sums.sum())} in {words.count(len(sums), 'week')}, "
            f"most in the week from {words.day(week)}, {words.dollars(sums.max())}"
        )
    return "Dollars whose window closes, week by week. " + ". ".join(parts) + "."


def _note(table: Table) -> str:
    told = "Weeks run from the day of this report. Hatched: if liquidated as expected."
    return f"{told} {table.note}".strip()
