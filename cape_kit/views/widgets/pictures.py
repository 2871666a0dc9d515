"""Two pictures of what-if: dollars by filing day, and the cash of many runs; nothing is reckoned here."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from matplotlib.ticker import FuncFormatter, MaxNLocator

from cape_kit.views import palette, whatif, words
from cape_kit.views.charts import calendar
from cape_kit.views.charts.picture import Picture, Width, nothing, two_widths
from cape_kit.views.tables import Table

if TYPE_CHECKING:
    from typing import Any

    from cape_kit.assessment.scenarios import Chances, Sweep

#: Bands of the filing-day picture: column, name, colour.
BANDS = (
    ("cape_cents", "On CAPE", palette.DISPOSITIONS["file"]),
    ("cure_cents", "After a cure", palette.DISPOSITIONS["cure"]),
    ("protest_cents", "By protest", palette.DISPOSITIONS["protest"]),
    ("lost_cents", "Out of both windows", palette.DISPOSITIONS["final"]),
)


def filing_day_curve(found: Sweep) -> Picture:
    """Dollars on CAPE, in protest and lost, by the day of filing. [cents]"""
    days = found.days
    cliff = whatif.filing_days(found)
    told = Table(days, (), caption="Dollars by filing day", as_of=cliff.as_of, note=cliff.note)
    picture: Picture = _bands(told)
    return picture


def chances_fan(found: Chances) -> Picture:
    """Money in hand by week: every second run, and the span of eight runs in ten. [cents]"""
    day = whatif.cash_chances(found).as_of
    note = " ".join(found.assumptions[1:])
    picture: Picture = _fan(Table(found.weeks, (), caption="Refunds in hand", as_of=day, note=note))
    return picture


@two_widths
def _bands(table: Table, *, width: Width = "wide") -> Picture:
    frame = table.frame
    shown = [one for one in BANDS if frame[one[0]].any()]
    if not shown:
        return nothing(width, "No dollars can be declared or protested in these days.")
    first, last = frame.iloc[0], frame.iloc[-1]
    told = "; ".join(
        f"{name} {words.dollars(first[column])} at first, {words.dollars(last[column])} at the end"
        for column, name, _ in shown
    )
    picture = Picture(width=width, height=2.7, alt=f"Dollars by filing day. {told}.", note=table.note)
    axes = picture.subplots()
    days = calendar.places(frame["filing_date"])
    base = np.zeros(len(frame))
    for column, name, colour in shown:
        top = base + frame[column].to_numpy(dtype=float) / 100
        axes.fill_between(days, base, top, step="post", facecolor=colour, linewidth=0, label=name)
        base = top
    _dollars(axes, base.max())
    calendar.months(axes, first["filing_date"], last["filing_date"], width)
    _legend(picture, len(shown), width)
    return picture


@two_widths
def _fan(table: Table, *, width: Width = "wide") -> Picture:
    frame = table.frame
    if frame.empty or not frame["p90"].any():
        return nothing(width, "No payment can be expected yet.")
    half = frame.loc[frame["p50"] > 0, "day"].iloc[0]
    alt = (
        f"Money in hand by week over many runs: in every second run something by {words.day(half)}, "
        f"{words.dollars(frame['p50'].iloc[-1])} at the end."
    )
    picture = Picture(width=width, height=2.5, alt=alt, note=table.note)
    axes = picture.subplots()
    days = calendar.places(frame["day"])
    low, middle, high = (frame[name].to_numpy(dtype=float) / 100 for name in ("p10", "p50", "p90"))
    span = palette.tint(palette.CAPE, 0.18)
    axes.fill_between(days, low, high, step="post", facecolor=span, linewidth=0, label="eight runs in ten")
    axes.step(
        days, middle, where="post", color=palette.CAPE, linewidth=1.6, label="every second run at least"
    )
    _dollars(axes, high.max())
    calendar.months(axes, frame["day"].iloc[0], frame["day"].iloc[-1], width)
    _legend(picture, 2, width)
    return picture


def _dollars(axes: Any, most: float) -> None:
    axes.set_ylim(0, most * 1.08)
    axes.yaxis.set_major_locator(MaxNLocator(nbins=4, min_n_ticks=2))
    axes.yaxis.set_major_formatter(FuncFormatter(lambda amount, _: words.short_dollars(amount * 100)))
    axes.tick_params(axis="y", labelsize=8)


def _legend(picture: Picture, count: int, width: Width) -> None:
    picture.legend(
        loc="outside lower left", ncols=count if width == "wide" else 2, frameon=False, fontsize=7.5
    )
