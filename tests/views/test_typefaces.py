"""The typefaces travel with the kit: in the page, in the charts, with their licence."""

import base64
import io
import re
from importlib import resources

import pytest
from fontTools.ttLib import TTFont

from cape_kit.views import typefaces

FOLDER = resources.files("cape_kit.views") / "fonts"
#: What a report is written with: figures, money, dashes, quotation marks, a section sign, minus.
USUAL = "ABCXYZabcxyz0123456789$.,:;()%&/–—−“”’§…é"


def faces(css):
    """Family, weights and characters of every face in a style sheet, read with another library."""
    found = []
    for rule in re.findall(r"@font-face \{(.*?)\}", css):
        family = re.search(r"font-family: '([^']+)'", rule)[1]
        data = re.search(r"base64,([^)]+)\)", rule)[1]
        found.append((family, re.search(r"font-weight: ([^;]+)", rule)[1], base64.b64decode(data)))
    return found


def test_a_page_brings_two_families_in_two_weights():
    found = faces(typefaces.css("Harbor Lane"))
    assert [(family, weights) for family, weights, _ in found] == [
        ("Inter", "400"), ("Inter", "600 700"), ("Literata", "400"), ("Literata", "600 700"),
    ]  # fmt: skip
    assert all(data[:4] == b"wOF2" for _, _, data in found)


@pytest.mark.parametrize("text", ["Kraków sp. z o.o.", "Łódź Imports", "Şişecam", "Đồng Nai Export"])
def test_names_with_other_letters_bring_the_other_part(text):
    plain = len(faces(typefaces.css("Krakow")))
    assert len(faces(typefaces.css(text))) == (plain if text.startswith("Krak") else 2 * plain)


@pytest.mark.parametrize("stem", ["Inter-Regular", "Inter-SemiBold"])
def test_charts_are_measured_with_the_same_letters(stem):
    font = TTFont(io.BytesIO((FOLDER / f"{stem}.ttf").read_bytes()))
    assert {ord(one) for one in USUAL + "Łğơ"} <= set(font.getBestCmap())


def test_matplotlib_finds_both_weights_in_the_kit_itself():
    from matplotlib import font_manager

    typefaces.register()
    for weight in (400, "bold"):
        path = font_manager.findfont(font_manager.FontProperties(family="Inter", weight=weight))
        assert path == str(FOLDER / ("Inter-SemiBold.ttf" if weight == "bold" else "Inter-Regular.ttf"))


def test_the_licence_lies_beside_the_files():
    for family in ("Inter", "Literata"):
        assert "SIL Open Font License, Version 1.1" in (FOLDER / f"OFL-{family}.txt").read_text("utf-8")
