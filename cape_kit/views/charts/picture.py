"""A chart that carries its own description, and shows itself alike in a notebook, a page and print.

A Picture is a matplotlib Figure without pyplot: safe in workers, and in threads because one draws at a time.
Its text stays text, set in the reader's own sans serif; widths are laid out with a wider face than any of
those, so nothing collides.
"""

from __future__ import annotations

import base64
import functools
import io
import re
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from importlib import resources
from typing import Any, Literal

import matplotlib as mpl
from matplotlib.figure import Figure

from cape_kit.views import markup, palette
from cape_kit.views.tables import Table

Width = Literal["wide", "narrow"]

#: Widths in inches: a printed page's column, and a phone held upright. [inches]
INCHES: dict[Width, float] = {"wide": 7.2, "narrow": 3.6}
#: Dots of a bitmap. [dots per inch]
DENSITY = 130
#: Below this width the page shows the narrow drawing. [CSS pixels]
PHONE = 560
#: What stands in for the measuring face on the reader's machine.
FACES = "'Segoe UI', 'Helvetica Neue', Arial, 'Liberation Sans', 'DejaVu Sans', sans-serif"

_DRAWING = threading.RLock()
_HEAD = re.compile(r"^.*?(?=<svg)|<metadata>.*?</metadata>\s*", re.DOTALL)
#: Hundredths of a point are finer than any printer; the rest would only be bytes.
_FINE = re.compile(r"(\d\.\d\d)\d+")


class Picture(Figure):
    """A figure with a text alternative and, where drawn by `two_widths`, a narrow version of itself."""

    def __init__(self, *, width: Width, height: float, alt: str, note: str = "") -> None:
        super().__init__(figsize=(INCHES[width], height), layout="constrained")
        self.alt = alt
        self.note = note
        #: Whether there was nothing to draw: a page then says so in its own letters.
        self.bare = False
        self.narrow: Callable[[], Picture] | None = None

    def svg(self) -> str:
        """The drawing as SVG text: the same bytes for the same data and the same matplotlib."""
        buffer = io.StringIO()
        with _styled():
            self.savefig(buffer, format="svg", metadata={"Date": None})
        text = _FINE.sub(r"\1", _HEAD.sub("", buffer.getvalue()))
        return text.replace("'DejaVu Sans'", FACES)

    def __repr__(self) -> str:
        return f"Picture: {self.alt}"

    def png(self) -> bytes:
        """The drawing as a bitmap, fine enough for a good screen."""
        buffer = io.BytesIO()
        with _styled():
            self.savefig(buffer, format="png", dpi=DENSITY, metadata={"Software": None})
        return buffer.getvalue()

    def _repr_mimebundle_(self, **_: Any) -> dict[str, str]:
        """In a notebook: a bitmap, which every viewer of notebooks shows, and the same in words."""
        return {"text/plain": repr(self), "image/png": base64.b64encode(self.png()).decode("ascii")}

    @property
    def on_page(self) -> markup.Html:
        """For a page: the drawing sharp at any size, a narrow one for phones, its words and its source."""
        if self.bare:
            return markup.paragraph(self.alt, css="none")
        small = ""
        if self.narrow is not None:
            small = f'<source media="(max-width: {PHONE}px)" srcset="{_data_uri(self.narrow().svg())}">'
        note = f"<figcaption>{markup.safe(self.note)}</figcaption>" if self.note else ""
        image = f'<img alt="{markup.safe(self.alt)}" src="{_data_uri(self.svg())}">'
        return markup.Html(f"<figure><picture>{small}{image}</picture>{note}</figure>", self.alt)


def two_widths(draw: Callable[..., Picture]) -> Callable[..., Picture]:
    """A drawing function whose pictures also know how to draw themselves for a phone, when asked to."""

    @functools.wraps(draw)
    def drawn(table: Table, *more: Table, width: Width = "wide") -> Picture:
        with _styled():
            picture = draw(table, *more, width=width)
        if width == "wide":
            picture.narrow = functools.partial(drawn, table, *more, width="narrow")
        return picture

    return drawn


def nothing(width: Width, words: str) -> Picture:
    """The picture where there is nothing to draw: it says so."""
    picture = Picture(width=width, height=0.5, alt=words)
    picture.bare = True
    picture.text(0, 0.5, words, va="center", color=palette.MUTED)
    return picture


def bare(axes: Any) -> None:
    """Axes without a frame: for charts whose marks carry their own labels."""
    axes.spines[:].set_visible(False)
    axes.set_xticks([])


def _data_uri(svg: str) -> str:
    return "data:image/svg+xml;base64," + base64.b64encode(svg.encode("utf-8")).decode("ascii")


@contextmanager
def _styled() -> Iterator[None]:
    """Matplotlib's style is global: a second thread would put back the first one's as if it were its own."""
    with _DRAWING, mpl.rc_context(fname=_style_file()):
        yield


@functools.cache
def _style_file() -> str:
    return str(resources.files("cape_kit.views") / "cape.mplstyle")
