"""The colours of the kit: one per disposition, the same in every chart, table and page.

Chosen so that any two stay apart for readers with deuteranopia, protanopia or tritanopia, and in grey by
lightness or hatching, which tests measure; no text depends on colour alone.
"""

from __future__ import annotations

#: Disposition -> fill. What goes on a declaration is blue or green; what does not is warm or grey.
DISPOSITIONS = {
    "file": "#07506A",
    "file_deferred": "#58BD95",
    "cure": "#F2BB45",
    "protest": "#D2691E",
    "held": "#8B63BE",
    "undetermined": "#701445",
    "final": "#56594A",
    "filed": "#1F2166",
    "claimed": "#A0B4E4",
    "not_refundable": "#ECE9EC",
}

#: Disposition -> hatching, so that any two stay apart in grey print too: by lightness, or else by this.
HATCHES = {
    "file_deferred": "\\\\\\\\",
    "held": "////",
    "undetermined": "....",
    "final": "xxxx",
    "claimed": "||||",
}

INK = "#1B2228"
MUTED = "#5A636B"
HAIRLINE = "#C9CED2"
PAPER = "#FFFFFF"

#: The clocks keep the colour of what they are for: CAPE as "file", protest as "protest".
CAPE = DISPOSITIONS["file"]
PROTEST = DISPOSITIONS["protest"]
#: Interest, beside the refund it is paid with.
INTEREST = "#3E8FA8"
WAITING = "#EDEFF0"
ACCENT = "#0B617D"


def tint(colour: str, strength: float) -> str:
    """The colour mixed with white paper: strength 1 is the colour itself, 0 the paper."""
    channels = (int(colour[start : start + 2], 16) for start in (1, 3, 5))
    return "#" + "".join(f"{round(255 - (255 - channel) * strength):02X}" for channel in channels)


def contrast(one: str, other: str) -> float:
    """How far two colours stand apart, 1 to 21, as the Web Content Accessibility Guidelines reckon it."""
    first, second = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (first + 0.05) / (second + 0.05)


def readable(colour: str, *, least: float = 4.5) -> str:
    """The colour, darkened as far as text on white paper needs to be read."""
    strength = 1.0
    shown = colour
    while contrast(shown, PAPER) < least:
        strength -= 0.02
        channels = (int(colour[start : start + 2], 16) for start in (1, 3, 5))
        shown = "#" + "".join(f"{int(channel * strength):02X}" for channel in channels)
    return shown


def _luminance(colour: str) -> float:
    channels = [int(colour[start : start + 2], 16) / 255 for start in (1, 3, 5)]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]
