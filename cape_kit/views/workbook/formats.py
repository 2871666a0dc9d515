"""How cells look: one format per kind of value, and the few of headings and notes."""

from __future__ import annotations

from typing import Any

from cape_kit.views import palette
from cape_kit.views.tables.table import FIGURES, Kind

#: A narrow gap after figures keeps them off the words of the next column.
MONEY = "$#,##0.00_);[Red]-$#,##0.00_)"
COUNT = "#,##0_)"
DAY = "mmm d, yyyy"
FONT = "Calibri"


class Formats:
    """The formats of one workbook, made once each."""

    def __init__(self, book: Any) -> None:
        plain = {"font_name": FONT, "font_size": 10, "valign": "top"}
        self._book, self._plain = book, plain
        self.first = self._made(text_wrap=True)
        self.text = self._made(align="left", indent=1)
        self.wrapped = self._made(text_wrap=True, align="left", indent=1)
        self.code = self._made(num_format="@")
        self.money = self._made(num_format=MONEY)
        self.day = self._made(num_format=DAY, align="left", indent=1)
        self.count = self._made(num_format=COUNT)
        head = {"bold": True, "text_wrap": True, "valign": "bottom", "bottom": 1, "font_color": palette.MUTED}
        self.head = self._made(**head)
        self.head_words = self._made(**head, align="left", indent=1)
        self.head_right = self._made(**head, align="right")
        self.total = self._made(bold=True, top=1)
        self.total_money = self._made(bold=True, top=1, num_format=MONEY)
        self.total_count = self._made(bold=True, top=1, num_format=COUNT)
        self.total_rest = self._made(top=1)
        self.sum_words = self._made(italic=True, font_color=palette.MUTED)
        self.sum_money = self._made(bold=True, num_format=MONEY)
        self.sum_count = self._made(bold=True, num_format=COUNT)
        self.link = self._made(align="left", indent=1, font_color=palette.ACCENT, underline=1)
        self.title = self._made(bold=True, font_size=16)
        self.lead = self._made(font_size=12, text_wrap=True)
        self.section = self._made(bold=True, font_size=12)
        self.note = self._made(font_color=palette.MUTED, text_wrap=True)
        # A faint line under each row leads the eye across a wide sheet.
        line = {"bottom": 1, "bottom_color": "#DDE1E4"}
        self.rule = book.add_format(line)
        self.soon = book.add_format({**line, "bg_color": "#FBE3C0", "font_color": palette.INK})
        self.gone = book.add_format({**line, "font_color": "#7A838B"})
        self._tints = {
            key: book.add_format({**line, "bg_color": palette.tint(colour, 0.22)})
            for key, colour in palette.DISPOSITIONS.items()
        }

    def of(self, kind: Kind, *, wrap: bool = False, first: bool = False) -> Any:
        """The format of a cell of this kind; words of the first column stand flush left."""
        if kind in ("dollars", "day", "count"):
            return {"dollars": self.money, "day": self.day, "count": self.count}[kind]
        if kind == "days_left":
            return self.count
        if kind == "number_of_entry":
            return self.code
        if first:
            return self.first if wrap else self.code
        return self.wrapped if wrap else self.text

    def head_of(self, kind: Kind, *, first: bool = False) -> Any:
        """The format of the heading of a column of this kind."""
        if kind in FIGURES:
            return self.head_right
        return self.head if first and kind in ("text", "number_of_entry") else self.head_words

    def swatch(self, colour: str) -> Any:
        """A cell whose left edge carries a disposition's colour."""
        return self._made(left=5, left_color=colour, align="left", indent=1)

    def tinted(self, disposition: str) -> Any:
        """What a cell of this disposition turns into: a pale ground of its colour."""
        return self._tints[disposition]

    def _made(self, **look: Any) -> Any:
        return self._book.add_format({**self._plain, **look})
