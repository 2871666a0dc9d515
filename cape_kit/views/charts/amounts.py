"""Dollars as bars and steps: where the whole is, how it splits, flows from duty paid to refund, and when it comes."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
from matplotlib.patches import Patch

from cape_kit.money import known_sum
from cape_kit.views import markup, palette, words
from cape_kit.views.charts import blocks
from cape_kit.views.charts.picture import Picture, Width, bare, nothing, two_widths
from cape_kit.views.charts.portfolio import dollar_axis
from cape_kit.views.tables import Table


@two_widths
def disposition_bars(table: Table, *, width: Width = "wide") -> Picture:
    """IEEPA duty by what may be done with it, one bar per disposition that holds any. [cents]

    Takes `tables.dispositions`.
    """
    frame = table.frame[table.frame["principal_cents"].ne(0).fillna(False)]
    if frame.empty:
        return nothing(width, " ".join(filter(None, (_NO_DUTY, _no_bar(table)))))
    alt = "IEEPA duty by disposition: " + "; ".join(
        f"{row['label']} {words.dollars(row['principal_cents'])}, {words.entries(row['entries'])}"
        for row in frame.to_dict("records")
    )
    note = " ".join(filter(None, (_no_bar(table), _source(table))))
    picture = Picture(width=width, height=0.25 + pitch_of(width) * len(frame), alt=alt, note=note)
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


_NO_DUTY = "The files show no IEEPA duty that could be counted."


def _no_bar(table: Table) -> str:
    """The entries whose duty is not known: they are in no bar, or beside what is known of their disposition."""
    left = table.frame[table.frame["principal_unknown"].gt(0)]
    told = [f"{row['label']}, {words.entries(row['principal_unknown'])}" for row in left.to_dict("records")]
    return f"In no bar, since their duty is not known: {'; '.join(told)}." if told else ""


@two_widths
def split_bars(table: Table, *, width: Width = "wide") -> Picture:
    """IEEPA duty by program, origin or filer, each bar split by what may be done with it. [cents]

    Takes `tables.by_programme`, `by_origin`, `by_filer`: the first column names the bars, in their order.
    """
    frame, part = table.frame, table.fields[0]
    if frame.empty:
        return nothing(width, _NO_DUTY)
    sums = frame.groupby([part.name, "disposition"], sort=False)["principal_cents"].sum()
    wide = sums.unstack(sort=False)
    # A bar has the dollars that are known; of a part of which none is, its figure is a dash.
    wide = wide.reindex(columns=[key for key in table.labels if key in wide.columns]).fillna(0)
    totals = frame.groupby(part.name, sort=False)["principal_cents"].sum(min_count=1).reindex(wide.index)
    if totals.isna().all():
        return nothing(width, f"{_NO_DUTY} {table.note}".strip())
    told = "; ".join(f"{name} {words.dollars(total)}" for name, total in totals.items())
    alt = f"IEEPA duty by {part.heading.lower()}: {told}" + ("." if len(wide) == 1 else "")
    picture = Picture(width=width, height=0.55 + pitch_of(width) * len(wide), alt=alt, note=table.note)
    # One bar compares nothing: a page says it in words.
    picture.bare = len(wide) == 1
    axes = picture.subplots()
    _stack(axes, wide, height=0.62 if width == "wide" else 0.38)
    name_bars(axes, [short(str(name)) for name in wide.index], width)
    for place, total in enumerate(totals):
        figure_at(axes, 0 if pd.isna(total) else total / 100, place, words.short_dollars(total))
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


_WIDE, _THIN = 0.62, 0.38
#: Steps of the cash curve that are labelled: the largest.
_LABELLED = 4
_STEPS = {
    "paid": palette.MUTED,
    "other": palette.HAIRLINE,
    "ieepa": palette.INK,
    "interest": palette.INTEREST,
}


@two_widths
def waterfall(table: Table, *, width: Width = "wide") -> Picture:
    """All duty paid, step by step down to what CAPE can refund now, and up again by the interest. [cents]

    Takes `tables.waterfall`.
    """
    # A step of which no amount is known cannot be drawn; the note says of how many entries it is not.
    frame = table.frame[table.frame["level"].notna()].reset_index(drop=True)
    if not frame["cents"].any():
        return nothing(width, f"{_NO_DUTY} {table.note}")
    alt = "From duty paid to refund: " + "; ".join(
        f"{row['label']} {words.dollars(row['cents'])}" for row in frame.to_dict("records")
    )
    height = 0.3 + pitch_of(width) * len(frame)
    picture = Picture(width=width, height=height, alt=alt + ".", note=table.note)
    axes = picture.subplots()
    level, cents = frame["level"].to_numpy(dtype=float), frame["cents"].to_numpy(dtype=float)
    start = np.select(
        [frame["kind"].eq("total"), frame["kind"].eq("less")], [0 * level, level], level - cents
    )
    colours = [_STEPS.get(step) or palette.DISPOSITIONS.get(step, palette.CAPE) for step in frame["step"]]
    places = np.arange(len(frame))
    thick = _WIDE if width == "wide" else _THIN
    axes.barh(places, cents / 100, left=start / 100, height=thick, color=colours)
    _threads(axes, level / 100, thick)
    name_bars(axes, frame["label"].tolist(), width)
    sign = frame["kind"].map({"less": "−", "plus": "+", "total": ""})
    for place, row in enumerate(frame.to_dict("records")):
        end = (start[place] + cents[place]) / 100
        figure_at(axes, end, place, sign[place] + words.short_dollars(row["cents"]))
    axes.set_xlim(0, (start + cents).max() / 100 * 1.18)
    axes.set_ylim(len(frame) - 0.45, -0.75)
    return picture


@two_widths
def cash_curve(table: Table, steps: Table | None = None, *, width: Width = "wide") -> Picture:
    """Money in hand by day: the expected steps with day and amount, and the span between early and late. [cents]

    Takes `tables.cash_curve` and, for the very days and the interest, `tables.cash_steps`; without them the steps
    stand at the ends of their weeks.
    """
    frame = table.frame
    if frame.empty or not frame["base_cents"].any():
        return nothing(width, "No payment can be expected yet.")
    # A day of which no amount is known is no step; the note says that there are such.
    stepped = _weekly_steps(frame) if steps is None else steps.frame.dropna(subset=["amount_cents"])
    total = int(known_sum(stepped["amount_cents"]))
    more = "" if steps is None else f", of it {words.dollars(known_sum(stepped['interest_cents']))} interest"
    alt = f"Money in hand by day, {words.dollars(total)} expected{more}: " + "; ".join(
        f"{words.day(row['day'])} {words.dollars(row['amount_cents'])}" for row in stepped.to_dict("records")
    )
    picture = Picture(width=width, height=2.6, alt=alt + ".", note=table.note)
    axes = picture.subplots()
    days = blocks.places(frame["day"])
    early, late = (frame[f"{name}_cents"].to_numpy(dtype=float) / 100 for name in ("early", "late"))
    span = palette.tint(palette.CAPE, 0.18)
    axes.fill_between(days, late, early, step="post", facecolor=span, linewidth=0)
    _staircase(axes, stepped, days)
    dollar_axis(axes)
    axes.set_ylim(0, max(early.max(), total / 100) * 1.3)
    blocks.months(axes, frame["day"].iloc[0], frame["day"].iloc[-1], width)
    named = f"expected, {words.short_dollars(total)}{more and ' with interest'}"
    key(picture, [(palette.CAPE, named), (span, "range from early to late payment")], width)
    return picture


def _staircase(axes: Any, steps: pd.DataFrame, days: np.ndarray) -> None:
    """The expected line, a mark where it steps up, and at the largest steps the day and the amount."""
    marks, levels = (
        blocks.places(steps["day"]),
        steps["total_cents"].to_numpy(dtype=float) / 100,
    )
    line = ([days[0], *marks, max(days[-1], marks[-1])], [0, *levels, levels[-1]])
    axes.step(*line, where="post", color=palette.CAPE, linewidth=1.6)
    axes.plot(marks, levels, "o", color=palette.CAPE, markersize=4)
    largest = steps["amount_cents"].nlargest(_LABELLED).index
    for at, row in zip(steps.index, steps.to_dict("records"), strict=True):
        if at in largest:
            place = (blocks.place(row["day"]), row["total_cents"] / 100)
            _say(axes, place, f"{words.day(row['day'])}\n+{words.short_dollars(row['amount_cents'])}")


def _weekly_steps(frame: pd.DataFrame) -> pd.DataFrame:
    """The weeks in which the expected line steps up: their last day, the step, and the level it leaves. [cents]"""
    step = frame["base_cents"].diff().fillna(frame["base_cents"])
    up = frame.assign(amount_cents=step.astype("int64"), total_cents=frame["base_cents"])
    return up[step.gt(0)].reset_index(drop=True)


@two_widths
def before_after(table: Table, *, width: Width = "wide") -> Picture:
    """Duty by kind as paid and without the IEEPA duty: a pale bar and a strong one for each. [cents]

    Takes `tables.before_after`.
    """
    frame = table.frame
    if frame.empty:
        return nothing(width, "No duty was found in the files.")
    alt = "Duties as paid and without IEEPA duty: " + "; ".join(
        f"{row['family']} {words.dollars(row['before_cents'])}, then {words.dollars(row['after_cents'])}"
        for row in frame.to_dict("records")
    )
    names = ("family", "before_cents", "after_cents")
    return _pairs(frame, names, ("as paid", "without IEEPA duty"), (alt, table.note, width))


@two_widths
def reconciliation(table: Table, *, width: Width = "wide") -> Picture:
    """Refunds expected and refunds reported, by outcome. [cents]

    Takes `tables.reconciliation`.
    """
    frame = table.frame
    if frame.empty:
        return nothing(width, "Nothing has been claimed yet.")
    alt = "Refunds by outcome: " + "; ".join(
        f"{row['label']}, {words.entries(row['entries'])}, expected {words.dollars(row['expected_cents'])}, "
        f"reported {words.dollars(row['reported_cents'])}"
        for row in frame.to_dict("records")
    )
    names = ("label", "expected_cents", "reported_cents")
    return _pairs(frame, names, ("expected", "reported by CBP"), (alt, table.note, width))


@two_widths
def interest_sensitivity(table: Table, *, width: Width = "wide") -> Picture:
    """What each assumption does to the interest: a bar from least to most around the line reckoned. [cents]

    Takes `tables.interest_sensitivity`.
    """
    frame = table.frame
    if not frame[["low_cents", "base_cents", "high_cents"]].to_numpy().any():
        return nothing(width, "There is no interest to calculate.")
    base = float(frame["base_cents"].iloc[0]) / 100
    alt = f"Interest of {words.dollars(base * 100)} as calculated. " + "; ".join(
        f"{row['assumption']}: {words.dollars(row['low_cents'])} to {words.dollars(row['high_cents'])}"
        for row in frame.to_dict("records")
    )
    height = 0.45 + pitch_of(width) * len(frame)
    picture = Picture(width=width, height=height, alt=alt + ".", note=table.note)
    # One bar compares nothing: a page says it in words.
    picture.bare = len(frame) == 1
    axes = picture.subplots()
    low, high = (frame[f"{end}_cents"].to_numpy(dtype=float) / 100 for end in ("low", "high"))
    thick = _WIDE if width == "wide" else _THIN
    axes.barh(range(len(frame)), high - low, left=low, height=thick, color=palette.tint(palette.CAPE, 0.55))
    name_bars(axes, frame["assumption"].tolist(), width)
    reach = max(high.max() - low.min(), base * 0.02, 1)
    for place, row in enumerate(frame.to_dict("records")):
        told = f"{words.short_dollars(row['low_cents'])} to {words.short_dollars(row['high_cents'])}"
        figure_at(axes, high[place], place, told)
    axes.axvline(base, color=palette.INK, linewidth=1)
    axes.annotate(
        f"as calculated {words.short_dollars(base * 100)}", (base, 1), xycoords=("data", "axes fraction"),
        xytext=(0, 2), textcoords="offset points", ha="center", fontsize=8, fontweight="bold",
    )  # fmt: skip
    axes.set_xlim(low.min() - reach * 0.15, high.max() + reach * 0.45)
    axes.set_ylim(len(frame) - 0.45, -0.75)
    return picture


def _pairs(
    frame: pd.DataFrame, names: tuple[str, str, str], told: tuple[str, str], paper: tuple[str, str, Width]
) -> Picture:
    """Two bars for each row, the first pale, the second strong, each with its figure."""
    alt, note, width = paper
    label, first, second = names
    pitch = pitch_of(width) * 1.35
    picture = Picture(width=width, height=0.6 + pitch * len(frame), alt=alt + ".", note=note)
    axes = picture.subplots()
    places = np.arange(len(frame), dtype=float)
    thick = 0.34 if width == "wide" else 0.24
    pale = palette.tint(palette.CAPE, 0.35)
    for column, colour, shift in ((first, pale, -0.5), (second, palette.CAPE, 0.5)):
        known = frame[column].to_numpy(dtype=float, na_value=np.nan) / 100
        values = np.nan_to_num(known)
        middle = places + shift * thick
        sides = (0 * values, values, middle - thick / 2, middle + thick / 2)
        blocks.draw(axes, sides, color=colour)
        for place, value, amount in zip(middle, values, known, strict=True):
            _beside(axes, (value, place), words.short_dollars(amount * 100))
    name_bars(axes, [short(str(name)) for name in frame[label]], width)
    most = np.nan_to_num(frame[[first, second]].to_numpy(dtype=float, na_value=np.nan)).max() / 100
    axes.set_xlim(0, most * 1.2 if most else 1)
    axes.set_ylim(len(frame) - 0.45, -0.75)
    key(picture, [(pale, told[0]), (palette.CAPE, told[1])], width)
    return picture


def _threads(axes: Any, level: np.ndarray, thick: float) -> None:
    """Fine lines from the end of one step to the start of the next."""
    for place in range(len(level) - 1):
        span = [place + thick / 2, place + 1 - thick / 2]
        axes.plot([level[place]] * 2, span, color=palette.HAIRLINE, linewidth=0.8)


def _beside(axes: Any, place: tuple[float, float], text: str) -> None:
    axes.annotate(text, place, xytext=(4, 0), textcoords="offset points", va="center", fontsize=7.5)


def _say(axes: Any, place: tuple[float, float], text: str) -> None:
    axes.annotate(
        text, place, xytext=(-5, 3), textcoords="offset points", ha="right", va="bottom", fontsize=8,
        fontweight="bold", color=palette.CAPE, linespacing=1.2,
    )  # fmt: skip
