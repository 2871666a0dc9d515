"""Entries by the day of their liquidation: every entry on its clocks, and the dollars each week puts at risk."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.patches import Patch
from matplotlib.ticker import FuncFormatter, MaxNLocator

from cape_kit.views import palette, words
from cape_kit.views.charts import blocks
from cape_kit.views.charts.picture import Picture, Width, nothing, two_widths
from cape_kit.views.tables import Table

#: Height of all rows together, and the least and most one row may take: a printed page scales down what is taller,
#: letters and all. [points]
ROWS_HEIGHT: dict[Width, float] = {"wide": 250.0, "narrow": 400.0}
ROW_LEAST, ROW_MOST = 0.8, 9.0
HEADING, GAP = 15.0, 7.0

PAST, FORECAST = 0.28, 0.6


@dataclass(frozen=True)
class _Bars:
    """Where the rows lie on the page: days as numbers across, points down."""

    frame: pd.DataFrame
    top: np.ndarray
    bottom: np.ndarray
    today: float

    def days(self, column: str) -> np.ndarray:
        return blocks.places(self.frame[column])


@two_widths
def liquidation_timeline(clocks: Table, groups: Table, *, width: Width = "wide") -> Picture:
    """Each entry as a strip: waiting, then its CAPE window, then what is left of its protest window.

    Takes `tables.clocks` and `tables.clock_groups`. Strong colour is time still to come on a recorded
    liquidation; pale is time gone by; hatched hangs on an expected liquidation.
    """
    frame = clocks.frame
    if frame.empty:
        return nothing(width, "No entry has a window to draw.")
    pitch = float(np.clip(ROWS_HEIGHT[width] / len(frame), ROW_LEAST, ROW_MOST))
    tops, headings, depth = _lay_out(frame, pitch)
    thickness = pitch * 0.78 if pitch >= 2.5 else pitch + 0.1
    today = blocks.place(clocks.as_of)
    margins = 0.8 if width == "wide" else 1.1
    picture = Picture(width=width, height=depth / 72 + margins, alt=_alt(clocks, groups), note=_note(clocks))
    axes = picture.subplots()
    _draw_windows(axes, _Bars(frame, tops, tops + thickness, today))
    _write_headings(axes, groups, headings)
    _draw_calendar(axes, clocks, width)
    axes.set_ylim(depth, 0)
    _key(picture, frame, width)
    return picture


def _lay_out(frame: pd.DataFrame, pitch: float) -> tuple[np.ndarray, dict[str, float], float]:
    """The top of each row, the baseline of each group's heading, and the depth of it all. [points]"""
    depth, tops, headings = 0.0, [], {}
    for group, rows in frame.groupby("group", observed=True, sort=False):
        headings[str(group)] = depth + HEADING - 4
        depth += HEADING
        tops.append(depth + pitch * np.arange(len(rows)))
        depth += pitch * len(rows) + GAP
    return np.concatenate(tops), headings, depth


def _draw_windows(axes: Any, bars: _Bars) -> None:
    opens, cape_ends = bars.days("opens"), bars.days("cape_last_day")
    entered, protest_ends = bars.days("entered"), bars.days("protest_last_day")
    forecast = bars.frame["forecast"].to_numpy(dtype=bool)
    wait_ends = np.where(np.isnan(opens), bars.today, opens)
    _fill(axes, bars, entered, wait_ends, color=palette.WAITING)
    for colour, start, end in ((palette.CAPE, opens, cape_ends), (palette.PROTEST, cape_ends, protest_ends)):
        known_start = np.where(forecast, np.nan, start)
        _fill(axes, bars, known_start, np.minimum(end, bars.today), color=palette.tint(colour, PAST))
        _fill(axes, bars, np.maximum(known_start, bars.today), end, color=colour)
        expected = np.where(forecast, start, np.nan)
        pale = palette.tint(colour, FORECAST)
        _fill(axes, bars, expected, end, facecolor=pale, hatch="/////", edgecolor=palette.PAPER)


def _fill(axes: Any, bars: _Bars, start: np.ndarray, end: np.ndarray, **look: Any) -> None:
    drawn = end > start
    if drawn.any():
        sides = _merge(start[drawn], end[drawn], bars.top[drawn], bars.bottom[drawn])
        blocks.draw(axes, sides, **look)


def _merge(
    left: np.ndarray, right: np.ndarray, top: np.ndarray, bottom: np.ndarray
) -> tuple[np.ndarray, ...]:
    """Rows that touch and span the same days, as one: many entries liquidate on one Friday."""
    same = (left[1:] == left[:-1]) & (right[1:] == right[:-1]) & (top[1:] <= bottom[:-1])
    first = np.flatnonzero(np.r_[True, ~same])
    last = np.r_[first[1:] - 1, len(left) - 1]
    return left[first], right[first], top[first], bottom[last]


def _write_headings(axes: Any, groups: Table, headings: dict[str, float]) -> None:
    for row in groups.frame.to_dict("records"):
        if row["group"] not in headings:
            continue
        baseline = headings[row["group"]]
        paper = {"facecolor": palette.PAPER, "linewidth": 0, "pad": 1.5}
        look = {"xycoords": ("axes fraction", "data"), "va": "baseline", "bbox": paper}
        axes.annotate(row["label"], (0, baseline), fontsize=8.5, fontweight="bold", **look)
        figures = f"{words.entries(row['entries'])}  ·  {words.short_dollars(row['principal_cents'])}"
        axes.annotate(figures, (1, baseline), fontsize=8, ha="right", color=palette.MUTED, **look)


def _draw_calendar(axes: Any, clocks: Table, width: Width) -> None:
    frame, today = clocks.frame, pd.Timestamp(clocks.as_of)
    first = min(frame["entered"].min(), today) if frame["entered"].notna().any() else today
    last = max(frame["protest_last_day"].max(), today) if frame["protest_last_day"].notna().any() else today
    blocks.months(axes, first, last, width)
    axes.grid(visible=True, axis="x")
    axes.axvline(blocks.place(today), color=palette.INK, linewidth=1)
    axes.annotate(
        words.day(today), (blocks.place(today), 1), xycoords=("data", "axes fraction"), xytext=(0, 3),
        textcoords="offset points", ha="center", va="bottom", fontsize=8.5, fontweight="bold",
    )  # fmt: skip
    axes.set_yticks([])


def _key(picture: Picture, frame: pd.DataFrame, width: Width) -> None:
    cape = _longest(frame, "opens", "cape_last_day")
    protest = _longest(frame, "opens", "protest_last_day")
    names = [
        (Patch(facecolor=palette.WAITING), "entered, not liquidated"),
        (Patch(facecolor=palette.CAPE), f"CAPE window{cape}"),
        (Patch(facecolor=palette.PROTEST), f"protest only{protest}"),
        (Patch(facecolor=palette.tint(palette.CAPE, PAST)), "already past"),
    ]
    if bool(frame["forecast"].any()):
        hatched = Patch(
            facecolor=palette.tint(palette.CAPE, FORECAST), hatch="/////", edgecolor=palette.PAPER, lw=0
        )
        names.append((hatched, "if liquidated as expected"))
    picture.legend(
        [mark for mark, _ in names],
        [label for _, label in names],
        loc="outside upper left",
        ncols=5 if width == "wide" else 2,
        frameon=False,
        fontsize=7.5,
        handlelength=1.1,
        handleheight=0.9,
        handletextpad=0.5,
        columnspacing=1.3,
        borderaxespad=0.1,
    )


def _longest(frame: pd.DataFrame, start: str, end: str) -> str:
    days = (frame[end] - frame[start]).dt.days.max()
    return (
        ""
        if pd.isna(days)
        else f", {'to day ' if end.startswith('protest') else ''}{int(days)}"
        + ("" if end.startswith("protest") else " days")
    )


def _alt(clocks: Table, groups: Table) -> str:
    told = "; ".join(
        f"{row['label']}: {words.entries(row['entries'])}, {words.dollars(row['principal_cents'])}"
        for row in groups.frame.to_dict("records")
    )
    return f"Timeline of every entry, sorted by liquidation, on {words.day(clocks.as_of)}. {told}."


def _note(clocks: Table) -> str:
    return f"{clocks.note} Source: liquidation status and dates in the client’s ACE exports."


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
        said = "No dollars are known to leave a window" if table.note else "No window closes"
        return nothing(width, f"{said} in the coming weeks. {table.note}".strip())
    picture = Picture(
        width=width, height=0.3 + 1.35 * len(lanes), alt=_risk_alt(table, lanes), note=_risk_note(table)
    )
    for axes, (title, columns, colour) in zip(
        picture.subplots(len(lanes), squeeze=False)[:, 0], lanes, strict=True
    ):
        _risk_bars(axes, frame, columns, colour)
        _risk_axes(axes, title, frame, columns)
        blocks.months(axes, frame["starts"].iloc[0], frame["ends"].iloc[-1], width)
    return picture


def _risk_bars(axes: Any, frame: pd.DataFrame, columns: tuple[str, ...], colour: str) -> None:
    left = blocks.places(frame["starts"]) + _AIR
    right = blocks.places(frame["ends"]) + 1 - _AIR
    known = frame[columns[0]].to_numpy(dtype=float) / 100
    blocks.draw(axes, (left, right, 0 * known, known), color=colour)
    for expected in columns[1:]:
        top = known + frame[expected].to_numpy(dtype=float) / 100
        pale = palette.tint(colour, FORECAST)
        blocks.draw(axes, (left, right, known, top), facecolor=pale, hatch="/////", edgecolor=palette.PAPER)


def _risk_axes(axes: Any, title: str, frame: pd.DataFrame, columns: tuple[str, ...]) -> None:
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


def _risk_alt(table: Table, lanes: list[Any]) -> str:
    parts = []
    for title, columns, _ in lanes:
        sums = table.frame[list(columns)].sum(axis=1)
        week = table.frame["starts"].iloc[int(sums.to_numpy().argmax())]
        parts.append(
            f"{title}: {words.dollars(sums.sum())} in {words.count(len(sums), 'week')}, "
            f"most in the week from {words.day(week)}, {words.dollars(sums.max())}"
        )
    return "Dollars whose window closes, week by week. " + ". ".join(parts) + "."


def _risk_note(table: Table) -> str:
    told = "Weeks run from the day of this report. Hatched: if liquidated as expected."
    return f"{told} {table.note}".strip()
