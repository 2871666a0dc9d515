"""The colours stay apart for every reader: measured on simulated sight, not by eye."""

import itertools
import math

import pytest

from cape_kit.views import palette
from cape_kit.views.charts.timeline import FORECAST

# Machado, Oliveira and Fernandes (2009), severity 1.0, on linear RGB.
SIGHT = {
    "usual": ((1, 0, 0), (0, 1, 0), (0, 0, 1)),
    "protanopia": (
        (0.152286, 1.052583, -0.204868),
        (0.114503, 0.786281, 0.099216),
        (-0.003882, -0.048116, 1.051998),
    ),
    "deuteranopia": (
        (0.367322, 0.860646, -0.227968),
        (0.280085, 0.672501, 0.047413),
        (-0.011820, 0.042940, 0.968881),
    ),
    "tritanopia": (
        (1.255528, -0.076749, -0.178779),
        (-0.078411, 0.930809, 0.147602),
        (0.004733, 0.691367, 0.303900),
    ),
}


def linear(colour):
    channels = (int(colour[start : start + 2], 16) / 255 for start in (1, 3, 5))
    return [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]


def seen(colour, sight):
    """CIELAB of a colour as seen."""
    rgb = linear(colour)
    r, g, b = (min(1.0, max(0.0, sum(a * c for a, c in zip(row, rgb, strict=True)))) for row in SIGHT[sight])
    white = {"x": 0.9505, "y": 1.0, "z": 1.089}
    xyz = {
        "x": 0.4124 * r + 0.3576 * g + 0.1805 * b,
        "y": 0.2126 * r + 0.7152 * g + 0.0722 * b,
        "z": 0.0193 * r + 0.1192 * g + 0.9505 * b,
    }
    f = {
        key: (t ** (1 / 3) if t > 0.008856 else 7.787 * t + 16 / 116)
        for key, t in ((k, xyz[k] / white[k]) for k in xyz)
    }
    return 116 * f["y"] - 16, 500 * (f["x"] - f["y"]), 200 * (f["y"] - f["z"])


def contrast(one, other):
    first, second = sorted(
        (0.2126 * r + 0.7152 * g + 0.0722 * b for r, g, b in (linear(one), linear(other))), reverse=True
    )
    return (first + 0.05) / (second + 0.05)


@pytest.mark.parametrize("sight", SIGHT)
def test_any_two_dispositions_stay_apart(sight):
    places = {key: seen(colour, sight) for key, colour in palette.DISPOSITIONS.items()}
    gap = min(math.dist(places[a], places[b]) for a, b in itertools.combinations(places, 2))
    assert gap > 12


#: Steps of CIELAB lightness that fills side by side need to be told apart without colour.
APART = 12


def test_any_two_dispositions_stay_apart_in_grey_print():
    """A grey printer keeps lightness alone; where that is too near, the hatching differs."""
    grey = {key: seen(colour, "usual")[0] for key, colour in palette.DISPOSITIONS.items()}
    for a, b in itertools.combinations(grey, 2):
        hatched = palette.HATCHES.get(a, "") != palette.HATCHES.get(b, "")
        assert hatched or abs(grey[a] - grey[b]) >= APART, (a, b)


@pytest.mark.parametrize("sight", SIGHT)
def test_what_lies_side_by_side_on_the_clocks_stays_apart(sight):
    """Waiting, the CAPE window, the protest window; as a forecast the two windows, paler. Hatched is the forecast."""
    windows = (palette.CAPE, palette.PROTEST)
    pale = [palette.tint(colour, FORECAST) for colour in windows]
    for strips in ([palette.WAITING, *windows], pale):
        places = [seen(colour, sight) for colour in strips]
        assert min(math.dist(a, b) for a, b in itertools.combinations(places, 2)) > 20
        if sight == "usual":
            grey = sorted(place[0] for place in places)
            assert min(b - a for a, b in itertools.pairwise(grey)) >= APART


@pytest.mark.parametrize("ink", [palette.INK, palette.MUTED, palette.ACCENT])
def test_text_is_readable_on_paper(ink):
    assert contrast(ink, palette.PAPER) >= 4.5


def test_tint():
    assert palette.tint("#000000", 0) == "#FFFFFF"
    assert palette.tint("#0B617D", 1) == "#0B617D"


@pytest.mark.parametrize("colour", ["#FFFF00", "#FFFFFF", "#1F4E5F", "#FF8800", "#77CCFF"])
def test_a_brands_colour_is_darkened_until_it_can_be_read(colour):
    shown = palette.readable(colour)
    assert contrast(shown, palette.PAPER) >= 4.5
    assert (shown == colour) == (contrast(colour, palette.PAPER) >= 4.5)


def test_contrast_is_that_of_the_guidelines():
    assert palette.contrast("#000000", "#FFFFFF") == pytest.approx(21)
    assert palette.contrast("#777777", "#FFFFFF") == pytest.approx(4.48, abs=0.01)
