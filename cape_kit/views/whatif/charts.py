"""Two pictures of what-if: dollars by filing day, and the cash of many runs; nothing is reckoned here."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from matplotlib.ticker import FuncFormatter, MaxNLocator

from cape_kit.views import palette, words
from cape_kit.views.charts import blocks
from cape_kit.views.charts.picture import Picture, Width, nothing, two_widths
from cape_kit.views.tables import Table
from cape_kit.views.whatif import tables

if TYPE_CHECKING:
    from typing import Any

    from cape_kit.assessment.scenarios import Chances, Sweep

#: Bands of the filing-day picture: column, name, colour.
BANDS = (
    ("cape_cents", "On CAPE", palette.DISPOSITIONS["file"]),
    ("filed_cents", "Filed, awaiting CBP", palette.DISPOSITIONS["filed"]),
    ("cure_cents", "After a cure", palette.DISPOSITIONS["cure"]),
    ("protest_cents", "By protest", palette.DISPOSITIONS["protest"]),
    ("held_cents", "Held, waiting", palette.DISPOSITIONS["held"]),
    ("undetermined_cents", "Data needed", palette.DISPOSITIONS["undetermined"]),
    ("lost_cents", "Out of both windows", palette.DISPOSITIONS["final"]),
)
#: How many of the steepest days are named in the picture, and how near two names may stand.
_NAMED: dict[Width, int] = {"wide": 4, "narrow": 2}
#: As a share of the picture's width.
_APART: dict[Width, float] = {"wide": 0.11, "narrow": 0.24}


def filing_day_curve(found: Sweep) -> Picture:
    """Dollars on CAPE, in protest and lost, by the day of filing. [cents]"""
    days = found.days
    cliff = tables.filing_days(found)
    told = Table(days, (), caption="Dollars by filing day", as_of=cliff.as_of, note=cliff.note)
    picture: Picture = _bands(told, Table(_steep(found), (), caption="", as_of=cliff.as_of))
    return picture


def _steep(found: Sweep) -> pd.DataFrame:
    """The days to name, the last sensible one first, then those with the most dollars: last_day, name."""
    cliffs, sensible = found.cliffs, pd.Timestamp(found.last_sensible_day)
    names = [
        f"{words.short_day(day)}\n" + ("not known" if pd.isna(cents) else f"−{words.short_dollars(cents)}")
        for day, cents in zip(cliffs["last_day"], cliffs["principal_cents"], strict=True)
    ]
    told = f"{words.short_day(sensible)}\nlast sensible"
    last = pd.DataFrame({"last_day": [sensible], "name": [told]})
    others = cliffs.assign(name=names).loc[cliffs["last_day"].ne(sensible), ["last_day", "name"]]
    return pd.concat([last, others], ignore_index=True)


def chances_fan(found: Chances) -> Picture:
    """Money in hand by week: every second run, and the span of eight runs in ten. [cents]"""
    day = tables.cash_chances(found).as_of
    note = " ".join(found.assumptions[1:])
    picture: Picture = _fan(Table(found.weeks, (), caption="Refunds in hand", as_of=day, note=note))
    return picture


@two_widths
def _bands(table: Table, steep: Table, *, width: Width = "wide") -> Picture:
    frame = table.frame
    shown = [one for one in BANDS if frame[one[0]].any()]
    if not shown:
        return nothing(width, "No dollars can be declared or protested in these days.")
    first, last = frame.iloc[0], frame.iloc[-1]
    told = "; ".join(
        f"{name} {words.dollars(first[column])} at first, {words.dollars(last[column])} at the end"
        for column, name, _ in shown
    )
    picture = Picture(width=width, height=3.1, alt=f"Dollars by filing day. {told}.", note=table.note)
    axes = picture.subplots()
    days = blocks.places(frame["filing_date"])
    base = np.zeros(len(frame))
    for column, name, colour in shown:
        top = base + frame[column].to_numpy(dtype=float, na_value=0) / 100
        axes.fill_between(days, base, top, step="post", facecolor=colour, linewidth=0, label=name)
        base = top
    _dollars(axes, base.max())
    blocks.months(axes, first["filing_date"], last["filing_date"], width)
    _name_days(axes, steep.frame, base.max(), width)
    _legend(picture, len(shown), width)
    return picture


def _name_days(axes: Any, frame: pd.DataFrame, top: float, width: Width) -> None:
    """A thread down from the name of each day after which much leaves CAPE; names keep apart."""
    left, right = axes.get_xlim()
    taken: list[float] = []
    for day, name in zip(frame["last_day"] + pd.Timedelta(days=1), frame["name"], strict=True):
        place = blocks.place(day)
        near = any(abs(place - one) < _APART[width] * (right - left) for one in taken)
        if near or len(taken) == _NAMED[width] or not left < place < right:
            continue
        taken.append(place)
        axes.plot([place, place], [0, top * 1.05], color=palette.INK, linewidth=0.8, linestyle=(0, (2, 2)))
        axes.text(place, top * 1.07, name, ha="center", va="bottom", fontsize=7.5, color=palette.INK)
    axes.set_ylim(0, top * 1.3)


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
    days = blocks.places(frame["day"])
    low, middle, high = (frame[name].to_numpy(dtype=float) / 100 for name in ("p10", "p50", "p90"))
    span, thin = palette.tint(palette.CAPE, 0.18), palette.tint(palette.CAPE, 0.6)
    axes.fill_between(
        days, low, high, step="post", facecolor=span, linewidth=0, label="eight runs in ten (P10–P90)"
    )
    for edge in (low, high):
        axes.step(days, edge, where="post", color=thin, linewidth=0.7)
    axes.step(days, middle, where="post", color=palette.CAPE, linewidth=1.8, label="half of the runs (P50)")
    ends = f"{words.short_dollars(frame['p50'].iloc[-1])} in the end"
    axes.text(days[-1], middle[-1] * 1.03, ends, ha="right", va="bottom", fontsize=8, color=palette.CAPE)
    _dollars(axes, high.max() * 1.08)
    blocks.months(axes, frame["day"].iloc[0], frame["day"].iloc[-1], width)
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
