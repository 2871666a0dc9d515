"""How words, figures and tables become HTML: accessible, escaped, and with importer numbers masked.

Everything that comes from a client's files passes through `safe`; nothing else writes it into a page.
"""

from __future__ import annotations

import base64
import functools
import html
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from importlib import resources
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pandas as pd

from cape_kit.entries import identifiers
from cape_kit.errors import in_short
from cape_kit.views import palette

if TYPE_CHECKING:
    from cape_kit.entries.client import Client

#: Characters that end or hide text: control characters and those that turn the reading direction.
_UNSEEN = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u200e\u200f\u202a-\u202e\u2066-\u2069]")


@dataclass(frozen=True, repr=False)
class Html:
    """A piece of a page. A notebook shows it as HTML; `words` is what it says without markup."""

    text: str
    words: str = ""

    def _repr_html_(self) -> str:
        return self.text

    def __repr__(self) -> str:
        return self.words or "(a piece of the report)"


@dataclass(frozen=True)
class Card:
    """One headline figure: what it is, the figure, a line beneath it, and the disposition it belongs to."""

    label: str
    figure: str
    detail: str
    tone: str = ""


@dataclass(frozen=True)
class Answer:
    """A question people ask, what is answered, and who says so."""

    question: str
    answer: str
    source: str


def told(value: Any) -> str:
    """Any value as plain text: unseen characters gone, personal numbers masked, unknown is nothing."""
    if value is None or (pd.api.types.is_scalar(value) and pd.isna(value)):
        return ""
    return identifiers.mask_text(_UNSEEN.sub("", str(value)), bare=False)


def safe(value: Any) -> str:
    """Any value as text that can do nothing in a page, with personal numbers masked."""
    return html.escape(told(value), quote=True)


def paragraph(words: str, *, css: str = "") -> Html:
    """One paragraph of plain words."""
    kind = f' class="{safe(css)}"' if css else ""
    return Html(f"<p{kind}>{safe(words)}</p>", words)


def cards(items: Sequence[Card], *, title: str = "") -> Html:
    """The headline figures under a title, as a list a screen reader can walk through."""
    head = f'<h2 class="small">{safe(title)}</h2>' if title else ""
    cells = "".join(
        f'<div class="card" style="--tone:{palette.DISPOSITIONS.get(card.tone, palette.HAIRLINE)}">'
        f"<dt>{safe(card.label)}</dt><dd><strong>{safe(card.figure)}</strong>"
        f"<span>{safe(card.detail)}</span></dd></div>"
        for card in items
    )
    return Html(
        f'{head}<dl class="cards">{cells}</dl>', "; ".join(f"{card.label}: {card.figure}" for card in items)
    )


def notice(title: str, lines: Iterable[str], *, kind: str = "caution") -> Html:
    """A box that can't be overlooked: what is unverified, stale or missing. Empty lines give nothing."""
    kept = [line for line in lines if line]
    if not kept:
        return Html("", "")
    body = f"<p>{safe(kept[0])}</p>" if len(kept) == 1 else listing(kept).text
    text = f'<aside class="notice {safe(kind)}"><p class="title">{safe(title)}</p>{body}</aside>'
    return Html(text, f"{title}: " + " ".join(kept))


def listing(lines: Iterable[str], *, css: str = "") -> Html:
    """A plain list."""
    kept = list(lines)
    kind = f' class="{safe(css)}"' if css else ""
    items = "".join(f"<li>{safe(line)}</li>" for line in kept)
    return Html(f"<ul{kind}>{items}</ul>", "; ".join(kept))


def answers(items: Sequence[Answer]) -> Html:
    """Questions with their answers and sources, as a list a screen reader can walk through."""
    # No description list: notebooks lay those out in two columns, however narrow.
    cells = "".join(
        f"<li><strong>{safe(one.question)}</strong><br>{safe(one.answer)}<br>"
        f'<span class="under">{safe(one.source)}</span></li>'
        for one in items
    )
    spelt = "; ".join(f"{one.question} {one.answer} ({one.source})" for one in items)
    return Html(f'<ul class="answers">{cells}</ul>' if items else "", spelt)


def unfolding(title: str, text: str) -> Html:
    """A line that opens into more words: shut until asked for, and read out by a screen reader that opens it."""
    inner = f"<summary>{safe(title)}</summary><p>{safe(text)}</p>"
    return Html(f'<details style="font-size:.8125rem;margin:0">{inner}</details>', f"{title}: {text}")


def together(*pieces: Html) -> Html:
    """Several pieces as one."""
    return Html(
        "\n".join(piece.text for piece in pieces if piece.text),
        "\n".join(piece.words for piece in pieces if piece.words),
    )


def beside(*pieces: Any) -> Html:
    """Pieces that stand side by side where there is room: tables, pictures, anything that shows itself as HTML."""
    shown = [one._repr_html_() for one in pieces]
    return Html(f'<div class="pair">{"".join(shown)}</div>', "\n".join(map(repr, pieces)))


@functools.cache
def table_rules() -> str:
    """The rules for tables, for the style sheet of a page."""
    return str((resources.files("cape_kit.views") / "table.css").read_text("utf-8"))


@functools.cache
def notebook_style() -> str:
    """The same rules for a notebook, in its own colours. Each table carries them: another may be out of sight."""
    rules = " ".join(re.sub(r"/\*.*?\*/", "", table_rules(), flags=re.DOTALL).split())
    return (
        "<style>:is(.jp-RenderedHTMLCommon,.rendered_html,.cell-output) .table{--ink:currentColor;"
        "--muted:color-mix(in srgb,currentColor 70%,transparent);"
        "--line:color-mix(in srgb,currentColor 18%,transparent);"
        f"overflow-x:auto;{rules} table{{max-width:72rem;margin:0;table-layout:auto}} "
        "tbody tr,tbody tr:nth-child(odd){background:none} "
        "td.figure,th.figure{text-align:right}}</style>"
    )


def chip(disposition: str, label: str) -> str:
    """A disposition as people see it in a table: its colour and its name."""
    colour = palette.DISPOSITIONS.get(disposition, palette.HAIRLINE)
    return f'<span class="chip" style="--tone:{colour}" aria-hidden="true"></span>{safe(label)}'


#: Kinds of picture by the bytes they begin with; a name proves nothing.
_PICTURES = {b"\x89PNG\r\n\x1a\n": "image/png", b"\xff\xd8\xff": "image/jpeg", b"GIF8": "image/gif"}
_MOST_BYTES = 300_000
#: A logo that is at hand as what is made of it here.
_DATA = re.compile(r"data:image/(?:png|jpeg|gif);base64,[A-Za-z0-9+/=]+")


def logo(client: Client) -> tuple[str, str]:
    """The logo of the firm that signs the report, from the client's folder, as a data address. [bytes]

    An empty one, and a sentence why there is none, where it can't be had.
    """
    named = client.brand.logo
    if not named:
        return "", ""
    if _DATA.fullmatch(named):
        return named, ""
    path = Path(client.folder, named.replace("\0", "�"))  # no file has such a name
    try:
        there = path.is_file()
    except OSError:  # nor one that is so long
        there = False
    if not there or not path.resolve().is_relative_to(client.folder.resolve()):
        return "", f"The logo {in_short(path.name)} named in client.toml is not in the client’s folder."
    content = path.read_bytes()
    kind = next((kind for head, kind in _PICTURES.items() if content.startswith(head)), None)
    if kind is None:
        return "", f"The logo {named} is no PNG, JPEG or GIF picture."
    if len(content) > _MOST_BYTES:
        return (
            "",
            f"The logo {named} has {len(content):,} bytes; {_MOST_BYTES:,} are the most a report takes.",
        )
    return f"data:{kind};base64,{base64.b64encode(content).decode('ascii')}", ""
