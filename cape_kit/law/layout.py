"""Plain text for terminals: titled sections, wrapped rows, aligned labels. It knows nothing of the law."""

from __future__ import annotations

import textwrap
from collections.abc import Iterable, Sequence

WIDTH = 100


def section(title: str, blocks: Iterable[str]) -> str:
    """A title, a rule under it, and its blocks."""
    return "\n".join([title, "-" * len(title), *blocks, ""])


def row(label: str, text: str, *, indent: int = 2, column: int = 24) -> str:
    """A label and its text, wrapped beside it; a label too long for its column gets a line of its own."""
    margin = " " * (indent + column)
    if len(label) >= column:
        return _wrap(label, " " * indent, " " * indent) + "\n" + _wrap(text, margin, margin)
    return _wrap(text, " " * indent + label.ljust(column), margin)


def paragraph(text: str, *, indent: int = 2) -> str:
    """A wrapped paragraph."""
    margin = " " * indent
    return _wrap(text, margin, margin)


def table(rows: Sequence[Sequence[str]], *, right: Sequence[int] = (), indent: int = 2) -> str:
    """Rows in aligned columns; ``right`` names the columns set flush right."""
    widths = [max(len(cell) for cell in column) for column in zip(*rows, strict=True)]
    lines = []
    for cells in rows:
        placed = [
            cell.rjust(width) if number in right else cell.ljust(width)
            for number, (cell, width) in enumerate(zip(cells, widths, strict=True))
        ]
        lines.append((" " * indent + "  ".join(placed)).rstrip())
    return "\n".join(lines)


def _wrap(text: str, first: str, rest: str) -> str:
    return textwrap.fill(
        text or "-",
        WIDTH,
        initial_indent=first,
        subsequent_indent=rest,
        break_long_words=False,
        break_on_hyphens=False,
    )
