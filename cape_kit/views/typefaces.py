"""The two typefaces that ship with the kit, so that page, print and charts look alike on every machine.

Inter for words and figures, Literata for titles; both under the SIL Open Font License 1.1, whose text lies
beside the files in ``fonts/``. A page carries the faces it needs inside itself and fetches nothing.
"""

from __future__ import annotations

import base64
import functools
import re
from importlib import resources
from pathlib import Path
from typing import NamedTuple

#: What stands in where a page could not bring its faces along: a drawing inside a notebook.
FALLBACK = "'Inter', 'Segoe UI', 'Helvetica Neue', Arial, 'Liberation Sans', 'DejaVu Sans', sans-serif"
#: The family charts are laid out and measured with.
CHARTS = "Inter"


class Face(NamedTuple):
    """One cut of a typeface: its family, the weights it stands for, and its file without ending."""

    family: str
    weights: str
    stem: str


FACES = (
    Face("Inter", "400", "Inter-Regular"),
    Face("Inter", "600 700", "Inter-SemiBold"),
    Face("Literata", "400", "Literata-Regular"),
    Face("Literata", "600 700", "Literata-SemiBold"),
)

#: Part of a face -> the characters it holds, as CSS names them. Most pages need only the first.
PARTS = {
    "latin": "U+0000-00FF, U+0131, U+0152-0153, U+02BB-02BC, U+02C6, U+02DA, U+02DC, U+2000-206F, U+20AC, "
    "U+2122, U+2191, U+2193, U+2212, U+2215, U+FEFF, U+FFFD",
    "latin-ext": "U+0100-02BA, U+02BD-02C5, U+02C7-02CC, U+02CE-02D7, U+02DD-02FF, U+1E00-1E9F, U+1EF2-1EFF, "
    "U+20A0-20AB, U+20AD-20C0, U+2113, U+2C60-2C7F, U+A720-A7FF",
}
#: A letter of the second part: names with Polish, Turkish, Czech, Vietnamese letters.
_EXTENDED = re.compile("[\u0100-\u0130\u0132-\u0151\u0154-\u02ba\u1e00-\u1eff]")


def css(text: str) -> str:
    """The ``@font-face`` rules a page with this text needs, with the faces inside them."""
    parts = ["latin", "latin-ext"] if _EXTENDED.search(text) else ["latin"]
    return "\n".join(_rule(face, part) for part in parts for face in FACES)


@functools.cache
def register() -> None:
    """Make the faces known to matplotlib, once a process; it looks only at those of the system by itself."""
    from matplotlib import font_manager

    for face in FACES:
        path = _folder() / f"{face.stem}.ttf"
        if face.family == CHARTS:
            font_manager.fontManager.addfont(path)


@functools.cache
def _rule(face: Face, part: str) -> str:
    data = (_folder() / f"{face.stem}.{part}.woff2").read_bytes()
    source = f"url(data:font/woff2;base64,{base64.b64encode(data).decode('ascii')}) format('woff2')"
    return (
        f"@font-face {{ font-family: '{face.family}'; font-style: normal; font-weight: {face.weights}; "
        f"src: {source}; unicode-range: {PARTS[part]}; }}"
    )


def _folder() -> Path:
    return Path(str(resources.files("cape_kit.views") / "fonts"))
