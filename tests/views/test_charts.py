"""Charts: what is drawn is what the table says; pictures themselves are looked at, not compared."""

import re
import subprocess
import sys
from xml.etree import ElementTree

import numpy as np
import pytest
from matplotlib.colors import to_hex
from matplotlib.patches import PathPatch

from cape_kit.views import charts, palette, tables
from tests.views import made_up

DRAWN = {
    "disposition_bars": lambda a: charts.disposition_bars(tables.dispositions(a)),
    "programme_bars": lambda a: charts.split_bars(tables.by_programme(a)),
    "origin_bars": lambda a: charts.split_bars(tables.by_origin(a)),
    "filer_bars": lambda a: charts.split_bars(tables.by_filer(a)),
    "month_columns": lambda a: charts.month_columns(tables.by_month(a)),
    "coverage_map": lambda a: charts.coverage_map(tables.coverage(a)),
    "waterfall": lambda a: charts.waterfall(tables.waterfall(a)),
    "liquidation_timeline": lambda a: charts.liquidation_timeline(tables.clocks(a), tables.clock_groups(a)),
    "dollars_at_risk": lambda a: charts.dollars_at_risk(tables.weeks(a)),
}


@pytest.mark.parametrize("name", DRAWN)
@pytest.mark.parametrize("entries", [0, 1, 2, 300, 5000])
def test_every_chart_draws_for_few_and_many(name, entries):
    picture = DRAWN[name](made_up.assessment(entries))
    html = picture.on_page.text
    assert picture.alt
    if picture.bare:
        assert html == f'<p class="none">{picture.alt}</p>'
        return
    assert re.match(r'<figure><svg [^>]*role="img" aria-label="[^"]{10,}">', html)
    drawings = re.findall(r"<svg.*?</svg>", html, re.DOTALL)
    assert drawings
    for drawing in drawings:
        ElementTree.fromstring(drawing.replace("xlink:href", "href"))
    names = re.findall(r' id="([^"]+)"', html)
    assert len(names) == len(set(names))
    assert len(html) < 500_000


@pytest.mark.parametrize("name", DRAWN)
def test_the_same_data_give_the_same_bytes(name, usual):
    assert DRAWN[name](usual).svg() == DRAWN[name](usual).svg()


@pytest.mark.parametrize("name", DRAWN)
def test_pictures_fetch_nothing_and_hold_no_date(name, usual):
    svg = DRAWN[name](usual).svg()
    assert "<script" not in svg
    assert "<!DOCTYPE" not in svg
    assert "<metadata>" not in svg
    assert re.sub(r'xmlns(:xlink)?="[^"]+"', "", svg).count("http") == 0


def test_disposition_bars_have_a_bar_for_each_that_holds_dollars(six):
    picture = charts.disposition_bars(tables.dispositions(six))
    bars = picture.axes[0].patches
    assert [bar.get_width() for bar in bars] == [3000, 400, 300, 50]
    texts = [text.get_text() for text in picture.axes[0].texts]
    assert texts == ["$3,000  ·  2 entries", "$400  ·  1 entry", "$300  ·  1 entry", "$50  ·  1 entry"]
    assert "File on CAPE $3,000, 2 entries" in picture.alt


def test_a_narrow_drawing_names_its_bars_above_them(six):
    wide = charts.disposition_bars(tables.dispositions(six))
    narrow = wide.narrow()
    assert narrow.get_figwidth() == wide.get_figwidth() / 2
    assert "File on CAPE" in [text.get_text() for text in narrow.axes[0].texts]


def test_programme_bars_stack_to_the_programme_total(six):
    picture = charts.split_bars(tables.by_programme(six))
    ends = {}
    for colour in [*picture.axes[0].patches, *picture.axes[0].artists]:
        for bar in colour.get_path().to_polygons():
            row = round(bar[:, 1].mean())
            ends[row] = max(ends.get(row, 0), bar[:, 0].max())
    assert ends == {0: 2800, 1: 950}


def test_timeline_groups_are_named_with_their_figures(six):
    picture = charts.liquidation_timeline(tables.clocks(six), tables.clock_groups(six))
    texts = [text.get_text() for text in picture.axes[0].texts]
    assert "Inside the CAPE window" in texts
    assert "2 entries  ·  $1,400" in texts
    assert "May 5, 2026" in texts


def test_timeline_strips_lie_between_the_days_of_the_windows(six):
    picture = charts.liquidation_timeline(tables.clocks(six), tables.clock_groups(six))
    strong = [
        patch
        for patch in picture.axes[0].get_children()
        if isinstance(patch, PathPatch) and palette.CAPE.lower() == _colour(patch)
    ]
    spans = np.concatenate([patch.get_path().vertices[:, 0] for patch in strong])
    as_of, closes = np.datetime64("2026-05-05"), np.datetime64("2026-05-25")
    drawn = spans[spans > 0]
    assert drawn.min() == as_of.astype("int64")
    assert drawn.max() == closes.astype("int64")


def _colour(patch):
    return to_hex(patch.get_facecolor())


def test_risk_lanes_show_only_what_is_there(six):
    picture = charts.dollars_at_risk(tables.weeks(six))
    assert [axes.get_title(loc="left") for axes in picture.axes] == [
        "CAPE window closes",
        "Protest window closes",
    ]
    assert "$3,400 in 16 weeks" in picture.alt


def test_drawing_needs_no_pyplot_and_leaves_the_settings_alone():
    code = (
        "import sys, matplotlib; before = matplotlib.rcParams.copy()\n"
        "from tests.views import made_up\n"
        "from cape_kit.views import charts, tables\n"
        "charts.disposition_bars(tables.dispositions(made_up.assessment(20))).on_page\n"
        "assert 'matplotlib.pyplot' not in sys.modules, 'pyplot'\n"
        "assert matplotlib.rcParams.copy() == before, 'settings'\n"
    )
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", code], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
