"""Bars in dollars: where the whole amount stands, and how it splits by programme."""

from __future__ import annotations

from typing import Any

import numpy as np
from matplotlib.patches import Patch

from cape_kit.views import markup, palette, words
from cape_kit.views.charts import blocks
from cape_kit.views.charts.picture import Picture, Width, bare, nothing, two_widths
from cape_kit.views.tables import Table


@two_widths
def disposition_bars(table: Table, *, width: Width = "wide") -> Picture:
    """IEEPA duty by what may be done with it, one bar per disposition that holds any. [cents]

    Takes `tables.dispositions`.
    """
    frame = table.frame[table.frame["principal_cents"].ne(0)]
    if frame.empty:
        return nothing(width, "The files show no IEEPA duty that could be counted.")
    alt = "IEEPA duty by what may be done: " + "; ".join(
        f"{row['label']} {words.dollars(row['principal_cents'])}, {words.entries(row['entries'])}"
        for row in frame.to_dict("records")
    )
    picture = Picture(width=width, height=0.25 + pitch_of(width) * len(frame), alt=alt, note=_source(table))
    axes = picture.subplots()
    places = range(len(frame))
    for place, row in zip(places, frame.to_dict("records"), strict=True):
        thick = 0.62 if width == "wide" else 0.38
        axes.barh(place, row["principal_cents"] / 100, height=thick, **look(row["disposition"]))
    name_bars(axes, frame["label"].tolist(), width)
    for place, row in zip(places, frame.to_dict("records"), strict=True):
        label = f"{words.short_dollars(row['principal_cents'])}  ·  {words.entries(row['entries'])}"
        figure_at(axes, row["principal_cents"] / 100, place, label)
    axes.set_xlim(0, float(frame["principal_cents"].max()) / 100 * (1.32 if width == "wide" else 1.6))
    axes.set_ylim(len(frame) - 0.45, -0.75)
    return picture


@two_widths
def split_bars(table: Table, *, width: Width = "wide") -> Picture:
    """IEEPA duty by program, origin or filer, each bar split by what may be done with it. [cents]

    Takes `tables.by_programme`, `by_origin`, `by_filer`: the first column names the bars, in their order.
    """
    frame, part = table.frame, table.fields[0]
    if frame.empty:
        return nothing(width, "The files show no IEEPA duty that could be counted.")
    wide = frame.pivot_table(
        index=part.name, columns="disposition", values="principal_cents", aggfunc="sum", sort=False
    )
    wide = wide.reindex(columns=[key for key in table.labels if key in wide.columns]).fillna(0)
    totals = wide.sum(axis=1)
    told = "; ".join(f"{name} {words.dollars(total)}" for name, total in totals.items())
    alt = f"IEEPA duty by {part.heading.lower()}: {told}" + ("." if len(wide) == 1 else "")
    picture = Picture(width=width, height=0.55 + pitch_of(width) * len(wide), alt=alt, note=_source(table))
    # One bar compares nothing: a page says it in words.
    picture.bare = len(wide) == 1
    axes = picture.subplots()
    _stack(axes, wide, height=0.62 if width == "wide" else 0.38)
    name_bars(axes, [short(str(name)) for name in wide.index], width)
    for place, total in enumerate(totals):
        figure_at(axes, total / 100, place, words.short_dollars(total))
    axes.set_xlim(0, float(totals.max()) / 100 * 1.15)
    axes.set_ylim(len(wide) - 0.45, -0.75)
    key(picture, [(str(key), table.labels[str(key)]) for key in wide.columns], width)
    return picture


def short(name: str, *, most: int = 34) -> str:
    """A name no longer than a chart has room for; the table beneath has it whole."""
    shown = markup.told(name)
    return shown if len(shown) <= most else shown[: most - 1].rstrip() + "…"


def _stack(axes: Any, wide: Any, *, height: float) -> None:
    places = np.arange(len(wide), dtype=float)
    left = np.zeros(len(wide))
    for key in wide.columns:
        right = left + wide[key].to_numpy(dtype=float) / 100
        filled = look(str(key)) | {"linewidth": 0.5}
        blocks.draw(axes, (left, right, places - height / 2, places + height / 2), **filled)
        left = right


def name_bars(axes: Any, names: list[str], width: Width) -> None:
    """Names beside the bars where there is room, above them where there is not."""
    bare(axes)
    if width == "wide":
        axes.set_yticks(range(len(names)), names)
    else:
        axes.set_yticks([])
        for place, name in enumerate(names):
            spot = {"xycoords": ("axes fraction", "data"), "va": "bottom", "ha": "left"}
            paper = {"facecolor": palette.PAPER, "linewidth": 0, "pad": 1}
            axes.annotate(name, (0, place - 0.27), fontsize=8, bbox=paper, **spot)


def figure_at(axes: Any, amount: float, place: int, label: str) -> None:
    """A figure just past the end of a bar."""
    axes.annotate(
        label,
        (amount, place),
        xytext=(5, 0),
        textcoords="offset points",
        va="center",
        fontsize=8,
        color=palette.INK,
    )


def key(picture: Picture, entries: list[tuple[str, str]], width: Width) -> None:
    """A line of names under the bars, for splits too fine to be labelled in place: of dispositions, or of colours."""
    marks = [Patch(**look(name)) for name, _ in entries]
    picture.legend(
        marks,
        [label for _, label in entries],
        loc="outside lower left",
        ncols=4 if width == "wide" else 2,
        frameon=False,
        fontsize=7.5,
        handlelength=0.9,
        handleheight=0.9,
        handletextpad=0.5,
        columnspacing=1.4,
        borderaxespad=0.2,
    )


def look(name: str) -> dict[str, Any]:
    """How a disposition is filled, told apart in grey too; a colour is filled with itself."""
    filled = palette.DISPOSITIONS.get(name, name)
    return {
        "facecolor": filled, "edgecolor": palette.PAPER, "hatch": palette.HATCHES.get(name, ""), "linewidth": 0,
    }  # fmt: skip


def pitch_of(width: Width) -> float:
    """Height of one bar with its paper, and with its name where that stands above it. [inches]"""
    return 0.29 if width == "wide" else 0.48


def _source(table: Table) -> str:
    lines = "duty on IEEPA headings in the client’s entry summary lines, without interest"
    return f"Source: {lines}. As of {words.day(table.as_of)}."
