"""A chart that carries its own description, and shows itself alike in a notebook, a page and print.

A Picture is a matplotlib Figure without pyplot: safe in workers, and in threads because one draws at a time.
Its text stays text, laid out with the face that ships with the kit and set in it wherever a page brings it.

It is laid out once and drawn once. Matplotlib's own layout measures every text twice over and then draws all of
it for nothing before it draws; half of a report's time went into that.
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
from matplotlib import font_manager
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.backends.backend_mixed import MixedModeRenderer
from matplotlib.backends.backend_svg import RendererSVG
from matplotlib.figure import Figure

from cape_kit.views import markup, palette, typefaces
from cape_kit.views.tables import Table

Width = Literal["wide", "narrow"]

#: Widths in inches: a printed page's column, and a phone held upright. [inches]
INCHES: dict[Width, float] = {"wide": 7.2, "narrow": 3.6}
#: Dots of a bitmap. [dots per inch]
DENSITY = 130
#: Points to an inch, which are also the units of an SVG drawing; paper left around what is drawn. [points]
_POINTS, _PAD = 72, 3
#: From this height to width a drawing is tall, and print gives it more of the page.
_TALL = 0.6

#: Matplotlib's drawing boards, whose makers say nothing of types.
_Vector: Any = RendererSVG
_Mixed: Any = MixedModeRenderer
_Bitmap: Any = FigureCanvasAgg
_DRAWING = threading.RLock()
#: Whether who draws has the style on; read and written with the lock only.
_worn: list[bool] = []
#: The faces as the style file names them, as matplotlib writes them.
_MEASURED = "'Inter', 'DejaVu Sans'"
#: What stands before the drawing, and who made it, both in its first lines: of so many pieces nothing more is sought.
_HEAD, _HEADS = re.compile(r"^.*?(?=<svg)|<metadata>.*?</metadata>\s*", re.DOTALL), 2
#: In a page: the names of groups and faces, rules for the whole document, and a size of its own go.
_GROUP = re.compile(r'<g id="[^"]*"')
_LOOSE = re.compile(r'<style.*?</style>|font-family: [^;"]*;? ?', re.DOTALL)
_SIZE = re.compile(r'<svg [^>]*?(viewBox="[^"]*")[^>]*>')
#: What a name stands after.
_NAMED = (' id="', "url(#", 'href="#')
#: The sizes letters have in charts. [points]
LETTERS = (7, 7.5, 8, 8.5)
#: Hundredths of a point are finer than any printer; the rest would only be bytes.
_FINE = re.compile(r"(?<=\d\.\d\d)\d+")


#: What was measured once -> its measures. A face tells its properties by its hash alone, as matplotlib holds it.
Measures = tuple[float | None, ...]
_MEASURES: dict[tuple[Any, ...], Measures] = {}
#: So many measures are remembered.
_MOST = 20_000


class _Sheet(_Vector):  # type: ignore[misc]
    """An SVG drawing board that remembers how large words are.

    Matplotlib asks again for each drawing, and for a face's height again for each text it places; a picture has two
    widths, and its words are those of the next.
    """

    def get_text_width_height_descent(self, s: str, prop: Any, ismath: Any) -> Measures:
        """Width, height, descent of one line. [points]"""
        key = (s, hash(prop), ismath)
        if key not in _MEASURES:
            _make_room()
            _MEASURES[key] = super().get_text_width_height_descent(s, prop, ismath)
        return _MEASURES[key]

    def _get_font_height_metrics(self, prop: Any) -> Measures:
        """Ascent, descent and gap between lines of a face; matplotlib asks a board that has it. [points]"""
        key = (hash(prop),)
        if key not in _MEASURES:
            _make_room()
            _MEASURES[key] = _face_heights(prop)
        return _MEASURES[key]


def _make_room() -> None:
    if len(_MEASURES) >= _MOST:
        _MEASURES.clear()


def _face_heights(prop: Any) -> Measures:
    """As matplotlib reads them from a face's file; nothing where it is not there, and matplotlib measures it."""
    font = font_manager.get_font(font_manager.fontManager.findfont(prop))
    table, head = font.get_sfnt_table("OS/2"), font.get_sfnt_table("head")
    if table is None or head is None:
        return None, None, None
    scale = 1 / head["unitsPerEm"] * prop.get_size_in_points()
    return table["sTypoAscender"] * scale, -table["sTypoDescender"] * scale, table["sTypoLineGap"] * scale


class Picture(Figure):
    """A figure with a text alternative and, where drawn by `two_widths`, a narrow version of itself."""

    def __init__(self, *, width: Width, height: float, alt: str, note: str = "") -> None:
        super().__init__(figsize=(INCHES[width], height))
        self.alt = alt
        self.note = note
        #: What is drawn, in a few words; where drawn by `two_widths`, the caption of its table.
        self.title = ""
        #: Whether there was nothing to draw: a page then says so in its own letters.
        self.bare = False
        self.narrow: Callable[[], Picture] | None = None

    def svg(self) -> str:
        """The drawing as SVG text: the same bytes for the same data and the same matplotlib."""
        buffer = io.StringIO()
        across, up = self.get_size_inches()
        with styled():
            self.dpi = _POINTS
            size = (across * _POINTS, up * _POINTS)
            sheet = _Sheet(*size, buffer, image_dpi=_POINTS, metadata={"Date": None})
            drawn = _Mixed(self, across, up, _POINTS, sheet)
            self._lay_out(drawn)
            self.draw(drawn)
            drawn.finalize()
        text = _FINE.sub("", _HEAD.sub("", buffer.getvalue(), count=_HEADS))
        return text.replace(_MEASURED, typefaces.FALLBACK)

    def __repr__(self) -> str:
        return f"Picture: {self.alt}"

    def png(self) -> bytes:
        """The drawing as a bitmap, fine enough for a good screen."""
        buffer = io.BytesIO()
        with styled():
            self.dpi = DENSITY
            canvas = _Bitmap(self)
            self._lay_out(canvas.get_renderer())
            canvas.print_png(buffer, metadata={"Software": None})
        return buffer.getvalue()

    def _lay_out(self, renderer: Any) -> None:
        """Axes one below the other, as large as their names, ticks and the key above or below them leave room for."""
        for axis in (axis for axes in self.axes for axis in (axes.xaxis, axes.yaxis)):
            if not axis.get_label_text():
                # Where a name goes is reckoned from all ticks anew, each time, for one without words as well.
                axis.set_label_coords(0.5, 0.5)
        pad = _PAD * self.dpi / _POINTS
        across, up = self.bbox.width, self.bbox.height
        top, bottom = up, 0.0
        for legend in self.legends:
            box = legend.get_window_extent(renderer)
            if box.y0 + box.y1 > up:
                top -= box.height + 2 * pad
            else:
                bottom += box.height + 2 * pad
        frames = [axes.bbox.frozen() for axes in self.axes]
        boxes = [axes.get_tightbbox(renderer, for_layout_only=True) for axes in self.axes]
        pairs = [(frame, box) for frame, box in zip(frames, boxes, strict=True) if box is not None]
        left = max((frame.x0 - box.x0 for frame, box in pairs), default=0) + pad
        right = across - max((box.x1 - frame.x1 for frame, box in pairs), default=0) - pad
        around = [(box.y1 - frame.y1 + pad, frame.y0 - box.y0 + pad) for frame, box in pairs]
        height = (top - bottom - sum(above + below for above, below in around)) / max(len(pairs), 1)
        for axes, (above, below) in zip(self.axes, around, strict=True):
            top -= above + height
            axes.set_position((left / across, top / up, (right - left) / across, height / up))
            top -= below

    def _repr_mimebundle_(self, **_: Any) -> dict[str, str]:
        """In a notebook: a bitmap, which every viewer of notebooks shows, and the same in words."""
        return {"text/plain": repr(self), "image/png": base64.b64encode(self.png()).decode("ascii")}

    def _ipython_display_(self) -> None:
        """The bitmap with its words as its alternative, and the same words below it for those who open them.

        Where there was nothing to draw, the words alone. Of notebook viewers some hand the metadata of a picture
        on as its alternative text, and JupyterLab doesn't.
        """
        from IPython.display import display

        if self.bare:
            display({"text/plain": repr(self), "text/html": self.on_page.text}, raw=True)
            return
        alt = {"image/png": {"alt": self.alt}}
        display(self._repr_mimebundle_(), metadata=alt, raw=True)
        words = markup.unfolding(f"{self.title or 'This chart'}, in words", self.alt)
        display({"text/plain": "The same in words.", "text/html": words.text}, raw=True)

    @property
    def on_page(self) -> markup.Html:
        """For a page: the drawing in the page's own face, a narrow one for phones, its words and its source."""
        if self.bare:
            return markup.paragraph(self.alt, css="none")
        tall = " tall" if self.get_figheight() > self.get_figwidth() * _TALL else ""
        with styled():
            drawings = [_inline(self, "" if self.narrow is None else f'class="broad{tall}"')]
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
        with styled():
            picture = draw(table, *more, width=width)
        picture.title = table.caption
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
    text = _LOOSE.sub("", _GROUP.sub("<g", svg))
    for before in _NAMED:
        text = text.replace(before, before + own)
    size = _SIZE.search(text)
    if size is None:
        raise AssertionError("matplotlib wrote a drawing without a viewBox")
    head = f'<svg {look} {size[1]} role="img" aria-label="{markup.safe(picture.alt)}">'
    return text.replace(size[0], head, 1)


@contextmanager
def styled() -> Iterator[None]:
    """Matplotlib's style is global: a second thread would put back the first one's as if it were its own.

    Who has put it on already draws on in it: putting it on takes longer than a short drawing.
    """
    typefaces.register()
    with _DRAWING:
        if _worn:
            yield
            return
        _worn.append(True)
        try:
            with mpl.rc_context(_style()):
                yield
        finally:
            _worn.clear()


@functools.cache
def _style() -> Any:
    """The look of every chart, read once."""
    file = str(resources.files("cape_kit.views") / "cape.mplstyle")
    return mpl.rc_params_from_file(file, use_default_template=False)
