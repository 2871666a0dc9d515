"""The colours of the kit: one per disposition, the same in every chart, table and page.

Chosen so that any two stay apart for readers with deuteranopia, protanopia or tritanopia, which a test
measures; no text depends on colour alone.
"""

from __future__ import annotations

#: Disposition -> fill. What goes on a declaration is blue or green; what does not is warm or grey.
DISPOSITIONS = {
    "file": "#0B617D",
    "file_deferred": "#58BD95",
    "cure": "#F2BB45",
    "protest": "#C25A10",
    "held": "#8B63BE",
    "undetermined": "#701445",
    "final": "#56594A",
    "claimed": "#A0B4E4",
    "not_refundable": "#E6E3E6",
}

INK = "#1B2228"
MUTED = "#5A636B"
HAIRLINE = "#C9CED2"
PAPER = "#FFFFFF"

#: The clocks keep the colour of what they are for: CAPE as "file", protest as "protest".
CAPE = DISPOSITIONS["file"]
PROTEST = DISPOSITIONS["protest"]
WAITING = "#EDEFF0"
ACCENT = "#0B617D"


def tint(colour: str, strength: float) -> str:
    """The colour mixed with white paper: strength 1 is the colour itself, 0 the paper."""
    channels = (int(colour[start : start + 2], 16) for start in (1, 3, 5))
    return "#" + "".join(f"{round(255 - (255 - channel) * strength):02X}" for channel in channels)
