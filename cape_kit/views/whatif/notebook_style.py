"""How what-if stands on a notebook's page, which has no style of its own: tables, boxes and drawings."""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import Any

from cape_kit.views import markup
from cape_kit.views.charts.picture import Picture
from cape_kit.views.markup import Html
from cape_kit.views.tables import Table

#: Each piece carries it: a notebook takes what is out of sight off the page, with any style in it.
STYLE = (
    "<style>.whatif-more table{border-collapse:collapse;line-height:1.35;margin:10px 0;font-size:12.5px}"
    ".whatif-more .table tbody tr{background:none}"
    ".whatif-more{container-type:inline-size}.widget-html-content:has(.whatif-more){min-width:0}"
    ".whatif-more .table{overflow-x:auto}.whatif-more .note{position:sticky;left:0}"
    ".whatif-more caption{text-align:left;font-weight:bold;padding:4px 0}"
    ".whatif-more .table th,.whatif-more .table td{text-align:left;vertical-align:top;padding:4px 9px 4px 0;"
    "border-bottom:1px solid var(--jp-border-color2,#d8dce0)}.whatif-more .table tbody th{font-weight:400}"
    ".whatif-more .table tbody th:has(.under){min-width:17em}"
    ".whatif-more .table thead th{border-bottom:1.5px solid;font-weight:600;vertical-align:bottom}"
    ".whatif-more .table .figure{text-align:right}.whatif-more td.figure{white-space:nowrap}"
    ".whatif-more .whole{white-space:nowrap}"
    ".whatif-more .under{font-weight:normal;opacity:.75;font-size:.9em}"
    ".whatif-more img{width:100%;max-width:880px;height:auto}.whatif-more figure{margin:14px 0}"
    ".whatif-more figcaption,.whatif-more .note{opacity:.75;font-size:.9em;line-height:1.4}"
    ".whatif-more .notice{border-left:4px solid #b36b00;padding:2px 12px;margin:10px 0;line-height:1.4}"
    ".whatif-more .notice p,.whatif-more .notice ul{margin:0}.whatif-more .title{font-weight:bold}"
    ".whatif-more h4{margin:16px 0 0}"
    "@container (max-width:860px){.whatif-more .table tbody th:has(.under){position:sticky;left:0;z-index:1;"
    "min-width:10em;background:var(--jp-layout-color1,#fff)}}"
    ".whatif-stale{opacity:.45;transition:opacity .2s .4s}"
    "</style>"
)
#: CSS pixels of an inch.
_PIXELS = 96


@dataclass(frozen=True, repr=False)
class OnPage(Table):
    """A table that brings its style along."""

    def _repr_html_(self) -> str:
        return page(super()._repr_html_())

    def _repr_mimebundle_(self, include: Any = None, exclude: Any = None) -> dict[str, str]:
        return {"text/plain": repr(self), "text/html": self._repr_html_()}


def table(given: Table) -> Table:
    """The table with its style."""
    return OnPage(**{one.name: getattr(given, one.name) for one in fields(Table)})


def words(given: Html) -> Html:
    """Words or a box with their style."""
    return Html(page(given.text), given.words) if given.text else given


def page(text: str) -> str:
    """HTML with the style it needs."""
    return f'<div class="whatif-more">{STYLE}{text}</div>'


def drawing(picture: Picture, heading: str) -> str:
    """A drawing under a heading; its place is kept free, so that nothing jumps while it is made anew."""
    head = f"<h4>{markup.safe(heading)}</h4>"
    if picture.bare:
        return head + picture.on_page.text
    wide, high = (round(inches * _PIXELS) for inches in picture.get_size_inches())
    # No second drawing for phones: a notebook's pane has another width than the screen.
    note = f"<figcaption>{markup.safe(picture.note)}</figcaption>" if picture.note else ""
    return f"{head}<figure>{picture.image(wide, high)}{note}</figure>"
