"""A finished table: a frame with headings, a caption and its source, ready for a page, a chart or a sheet.

It holds values as they are (cents, days, counts); they are spelt only when shown.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any, Literal

import pandas as pd

from cape_kit.money import known_sum, plain
from cape_kit.views import markup, words

Kind = Literal["text", "dollars", "day", "count", "days_left", "disposition", "number_of_entry"]

#: Kinds whose cells are set flush right, in figures of one width.
FIGURES = ("dollars", "count")
#: What a cell without a value holds.
_BLANK = (words.NOTHING, f'<span class="whole">{words.NOTHING}</span>')
#: A table this short is kept on one page when printed. [lines]
_SHORT = 9

_SPELT: dict[Kind, Callable[[Any], str]] = {
    "text": markup.safe,
    "dollars": lambda value: markup.safe(words.dollars(value)),
    "day": lambda value: f'<span class="whole">{markup.safe(words.day(value))}</span>',
    "count": lambda value: markup.safe(words.count(value)),
    "days_left": lambda value: markup.safe(words.days_left(value)),
    "number_of_entry": lambda value: f'<span class="whole code">{markup.safe(value)}</span>',
}


@dataclass(frozen=True)
class Field:
    """One column as shown: its name in the frame, its heading, and the kind of its values.

    `under` is another column, of words, shown small beneath the value in the same cell; `instead` one whose words,
    where it has any, take the value's place.
    """

    name: str
    heading: str
    kind: Kind = "text"
    under: str = ""
    instead: str = ""


@dataclass(frozen=True, repr=False)
class Table:
    """A frame with what a reader needs around it.

    `note` is the source note under it; `total` a last row; `left_out` how many rows are not shown, and `whole`
    where all of them are.
    """

    frame: pd.DataFrame
    fields: tuple[Field, ...]
    caption: str
    as_of: date
    note: str = ""
    empty: str = "None."
    total: Mapping[str, Any] = field(default_factory=dict)
    left_out: int = 0
    whole: str = ""
    labels: Mapping[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Raises LookupError for a field that is no column of the frame: an empty column would look like a fact."""
        asked = [name for one in self.fields for name in (one.name, one.under, one.instead)]
        absent = [name for name in asked if name and name not in self.frame]
        if absent and len(self.frame.columns):
            raise LookupError(
                f"The table “{self.caption}” asks for {', '.join(absent)}, of which its frame has none."
            )

    def __repr__(self) -> str:
        return f"{self.caption}: {words.count(len(self.frame), 'row')}"

    def _repr_html_(self) -> str:
        if self.frame.empty:
            title = markup.safe(self.caption)
            return f'<p class="none"><strong>{title}.</strong> {markup.safe(self.empty)}</p>'
        # Small tables stay tables at phone width; wider ones are stacked, row by row, by the page's style.
        prose = sum(one.kind == "text" for one in self.fields)
        stacked = len(self.fields) > 4 or prose > 1 or (len(self.fields) > 3 and bool(self.fields[0].under))
        css = "wide" if stacked else "narrow"
        tall = 4 if prose > 2 else 2 if prose > 1 or any(one.under for one in self.fields) else 1
        kept = " short" if tall * len(self.frame) <= _SHORT else ""
        heads = "".join(
            f'<th scope="col"{_align(one)}>{markup.safe(one.heading)}</th>' for one in self.fields
        )
        names, columns = list(self.frame), [values.tolist() for _, values in self.frame.items()]
        records = [dict(zip(names, row, strict=True)) for row in zip(*columns, strict=True)]
        rows = "".join(self._row(record) for record in records)
        return (
            f'<div class="table{kept}"><table class="{css}"><caption>{markup.safe(self.caption)}</caption>'
            f"<thead><tr>{heads}</tr></thead><tbody>{rows}</tbody>{self._foot()}</table>{self._notes()}</div>"
        )

    def _repr_mimebundle_(self, include: Any = None, exclude: Any = None) -> dict[str, str]:
        """In a notebook: the table with the rules of the report's tables, which a page has of its own."""
        return {"text/plain": repr(self), "text/html": self._repr_html_() + markup.notebook_style()}

    def _row(self, record: Mapping[Any, Any]) -> str:
        first, *others = self.fields
        head = f'<th scope="row"{_align(first)}>{self._spell(first, record)}</th>'
        cells = "".join(_cell(one, self._spell(one, record)) for one in others)
        return f"<tr>{head}{cells}</tr>"

    def _foot(self) -> str:
        if not self.total:
            return ""
        first, *others = self.fields
        told = {one: self._spell(one, self.total) for one in others if one.name in self.total}
        cells = "".join(_cell(one, told.get(one, "")) for one in others)
        head = f'<th scope="row">{markup.safe(self.total.get(first.name, "Total"))}</th>'
        return f"<tfoot><tr>{head}{cells}</tr></tfoot>"

    def _notes(self) -> str:
        where = f" in {self.whole}." if self.whole else " not shown."
        told = [f"{words.count(self.left_out, 'more row')}{where}" if self.left_out else "", self.note]
        text = " ".join(part for part in told if part)
        return f'<p class="note">{markup.safe(text)}</p>' if text else ""

    def _spell(self, one: Field, record: Mapping[Any, Any]) -> str:
        value = record[one.name]
        said = record.get(one.instead) if one.instead else ""
        if said:
            text = markup.safe(said)
        elif one.kind == "disposition":
            text = f"<span>{markup.chip(str(value), self.labels.get(str(value), str(value)))}</span>"
        else:
            text = _SPELT[one.kind](value)
        under = markup.safe(record.get(one.under)) if one.under else ""
        return f'{text}<br><span class="under">{under}</span>' if under else text


def _cell(one: Field, text: str) -> str:
    # On a phone a row is a list, in which what says nothing is left out.
    blank = ' data-blank=""' if text in _BLANK else ""
    return f'<td{_align(one)} data-label="{markup.safe(one.heading)}"{blank}>{text}</td>'


def _align(one: Field) -> str:
    if one.kind in FIGURES:
        return ' class="figure"'
    # Notebooks set every cell flush right unless the cell itself says otherwise.
    return ' class="words" style="text-align:left"' if one.kind == "text" else ""


def told_apart(frame: pd.DataFrame, name: str = "principal") -> pd.DataFrame:
    """The frame with `<name>_told`: of how many of a row's `entries` the amount is not known and not in its sum.

    Reads `<name>_unknown`. Where it is known of none of them the amount itself is a dash, which says it.
    """
    count = frame[f"{name}_unknown"]
    told = [
        words.not_known(left) if left < entries else ""
        for left, entries in zip(count, frame["entries"], strict=True)
    ]
    return frame.assign(**{f"{name}_told": pd.Series(told, index=frame.index, dtype="str")})


def duty(frame: pd.DataFrame, heading: str = "IEEPA duty", name: str = "principal") -> Field:
    """The column of an amount that `told_apart` looked at; what is said beneath it only where there is something."""
    told = f"{name}_told" if frame[f"{name}_told"].ne("").any() else ""
    return Field(f"{name}_cents", heading, "dollars", under=told)


def total(frame: pd.DataFrame, name: str = "principal") -> dict[str, Any]:
    """The last row of such a column: the sum of what is known, and of how many entries it is not."""
    cents, left = known_sum(frame[f"{name}_cents"]), int(frame[f"{name}_unknown"].sum())
    return {f"{name}_cents": plain(cents), f"{name}_told": words.not_known(left)}


def sheet(name: str) -> str:
    """How a table says that all its rows are on a sheet of the workbook."""
    return f"the workbook, sheet “{name}”"


def first(table: Table, rows: int | None, whole: str) -> Table:
    """The table's first rows, and where all of them are; `rows` None leaves it whole."""
    if rows is None or len(table.frame) <= rows:
        return table
    more = table.left_out + len(table.frame) - rows
    return replace(table, frame=table.frame.head(rows), left_out=more, whole=whole)
