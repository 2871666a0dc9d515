"""A chart that carries its own description, and shows itself alike in a notebook, a page and print.

A Picture is a matplotlib Figure without pyplot: safe in workers, and in threads because one draws at a time.
Its text stays text, laid out with the face that ships with the kit and set in it wherever a page brings it.
"""

from __future__ import annotations

import base64
import functools
import hashlib
import io
import re
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from importlib import resources
from typing import Any, Literal

import matplotlib as mpl
from matplotlib.figure import Figure

from cape_kit.views import markup, palette, typefaces
from cape_kit.views.tables import Table

Width = Literal["wide", "narrow"]

#: Widths in inches: a printed page's column, and a phone held upright. [inches]
INCHES: dict[Width, float] = {"wide": 7.2, "narrow": 3.6}
#: Dots of a bitmap. [dots per inch]
DENSITY = 130
_DRAWING = threading.RLock()
#: The faces as the style file names them, as matplotlib writes them.
_MEASURED = "'Inter', 'DejaVu Sans'"
_HEAD = re.compile(r"^.*?(?=<svg)|<metadata>.*?</metadata>\s*", re.DOTALL)
#: In a page: the names of groups and faces, rules for the whole document, and a size of its own go.
_LOOSE = re.compile(r'<style.*?</style>|(?<=<g) id="[^"]*"|font-family: [^;"]*;? ?', re.DOTALL)
_SIZE = re.compile(r'<svg [^>]*?(viewBox="[^"]*")[^>]*>')
_NAME = re.compile(r'(?<= id=")|(?<=url\(#)|(?<=href="#)')
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
        return text.replace(_MEASURED, typefaces.FALLBACK)

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
        """For a page: the drawing in the page's own face, a narrow one for phones, its words and its source."""
        if self.bare:
            return markup.paragraph(self.alt, css="none")
        drawings = [_inline(self, "" if self.narrow is None else 'class="broad"')]
        if self.narrow is not None:
            # Hidden wherever no style sheet of ours says otherwise: a report's notebook opened as one.
            drawings.append(_inline(self.narrow(), 'class="slim" style="display:none"'))
        note = f"<figcaption>{markup.safe(self.note)}</figcaption>" if self.note else ""
        return markup.Html(f"<figure>{''.join(drawings)}{note}</figure>", self.alt)

    def image(self, width: int, height: int) -> str:
        """The drawing as one image of a fixed size, for a place whose letters it can't use. [CSS pixels]"""
        data = base64.b64encode(self.svg().encode("utf-8")).decode("ascii")
        alt = markup.safe(self.alt)
        return f'<img width="{width}" height="{height}" alt="{alt}" src="data:image/svg+xml;base64,{data}">'


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


def _inline(picture: Picture, look: str) -> str:
    """The drawing as part of a page. Names inside it are made its own: two drawings share one document."""
    svg = picture.svg()
    own = "d" + hashlib.sha256(svg.encode("utf-8")).hexdigest()[:8]
    text = _NAME.sub(own, _LOOSE.sub("", svg))
    size = _SIZE.search(text)
    if size is None:
        raise AssertionError("matplotlib wrote a drawing without a viewBox")
    head = f'<svg {look} {size[1]} role="img" aria-label="{markup.safe(picture.alt)}">'
    return text.replace(size[0], head, 1)


@contextmanager
def _styled() -> Iterator[None]:
    """Matplotlib's style is global: a second thread would put back the first one's as if it were its own."""
    typefaces.register()
    with _DRAWING, mpl.rc_context(fname=_style_file()):
        yield


@functools.cache
def _style_file() -> str:
    return str(resources.files("cape_kit.views") / "cape.mplstyle")
