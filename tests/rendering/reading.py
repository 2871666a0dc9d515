"""A page as a reader's tools see it: headings, tables, pictures and links, without a browser."""

from __future__ import annotations

from collections import Counter
from html.parser import HTMLParser
from itertools import pairwise

VOID = {"meta", "img", "br", "source", "link", "input", "hr"}


class Page(HTMLParser):
    """What a page holds, gathered in one pass; `faults` is where its tags do not nest."""

    def __init__(self, text: str) -> None:
        super().__init__(convert_charrefs=True)
        self.headings, self.images, self.links, self.ids, self.cells = [], [], [], Counter(), []
        self.tags, self.attributes, self.words, self.faults, self.title, self.language = (
            Counter(),
            [],
            [],
            [],
            "",
            "",
        )
        self._open: list[str] = []
        self.feed(text)
        self.close()

    def handle_starttag(self, tag, attrs):
        found = dict(attrs)
        self.tags[tag] += 1
        self.attributes += [(tag, name, value) for name, value in attrs]
        if found.get("id"):
            self.ids[found["id"]] += 1
        if tag == "html":
            self.language = found.get("lang", "")
        if tag == "img":
            self.images.append(found)
        if tag == "svg" and found.get("role") == "img" and "display:none" not in found.get("style", ""):
            self.images.append(found | {"alt": found.get("aria-label")})
        if tag == "a":
            self.links.append(found.get("href", ""))
        if tag == "th":
            self.cells.append(found.get("scope"))
        if tag in {"h1", "h2", "h3", "h4"}:
            self.headings.append((int(tag[1]), ""))
        if tag not in VOID:
            self._open.append(tag)

    def handle_endtag(self, tag):
        if not self._open or self._open.pop() != tag:
            self.faults.append(tag)

    def handle_data(self, data):
        inside = self._open[-1] if self._open else ""
        if inside == "title":
            self.title += data
        if {"h1", "h2", "h3", "h4"} & set(self._open):
            level, text = self.headings[-1]
            self.headings[-1] = (level, text + data)
        if "style" not in self._open:
            self.words.append(data)


def accessibility_faults(page: Page) -> list[str]:
    """What someone with a screen reader would stumble over."""
    faults = [f"<{tag}> does not nest" for tag in page.faults]
    if not page.language:
        faults.append("no language")
    if not page.title.strip():
        faults.append("no title")
    levels = [level for level, _ in page.headings]
    if levels[:1] != [1] or levels.count(1) != 1:
        faults.append(f"headings start with {levels[:2]}")
    faults += [f"h{a} is followed by h{b}" for a, b in pairwise(levels) if b - a > 1]
    faults += ["a picture without a text" for image in page.images if not (image.get("alt") or "").strip()]
    faults += ["a table head without scope" for scope in page.cells if scope not in {"row", "col"}]
    faults += [f"id {name} stands twice" for name, times in page.ids.items() if times > 1]
    faults += [
        f"link to nowhere: {link}" for link in page.links if link.startswith("#") and link[1:] not in page.ids
    ]
    return faults


def outside_references(page: Page) -> list[str]:
    """Anything a browser would fetch or run."""
    found = [f"<{tag}>" for tag in ("script", "iframe", "link", "object", "embed", "base") if page.tags[tag]]
    for tag, name, value in page.attributes:
        if name.startswith("on") or (value or "").strip().lower().startswith("javascript:"):
            found.append(f"{tag} {name}")
        if name in {"src", "srcset"} and not (value or "").startswith("data:"):
            found.append(f"{tag} {name}={value}")
        if name == "href" and "//" in (value or ""):
            found.append(f"link to {value}")
    return found
