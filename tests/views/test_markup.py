import pandas as pd
import pytest

from cape_kit.views import markup
from cape_kit.views.tables import Field, Table
from tests.views import made_up


@pytest.mark.parametrize(
    ("raw", "shown"),
    [
        ("<script>alert(1)</script>", "&lt;script&gt;alert(1)&lt;/script&gt;"),
        ('" onload="x', "&quot; onload=&quot;x"),
        ("Müller & Söhne 公司", "Müller &amp; Söhne 公司"),
        ("importer 123-45-6789 says", "importer ***-**-6789 says"),
        ("123-45-678901 is a number with more digits", "123-45-678901 is a number with more digits"),
        ("12-345678900", "12-345678900"),
        ("gnp\u202e.exe\x00", "gnp.exe"),
        (None, ""),
        (pd.NA, ""),
        (pd.NaT, ""),
        (float("nan"), ""),
        (12, "12"),
    ],
)
def test_nothing_a_file_says_can_act_in_a_page(raw, shown):
    assert markup.safe(raw) == shown


def test_a_notice_with_nothing_to_say_is_no_notice():
    assert markup.notice("Mind", ["", ""]).text == ""
    assert "<ul>" in markup.notice("Mind", ["one", "two"]).text


def table(frame, **more):
    fields = (
        Field("name", "Name"),
        Field("cents", "Duty", "dollars"),
        Field("day", "Day", "day", under="far"),
    )
    return Table(frame, fields, "A caption", made_up.AS_OF, **more)


def test_a_table_has_headers_a_caption_and_figures_to_the_right():
    frame = pd.DataFrame(
        {"name": ["<b>x</b>"], "cents": [1234_00], "day": [pd.Timestamp("2026-05-05")], "far": ["today"]}
    )
    html = table(frame, note="Source: here", total={"cents": 1234_00}, left_out=3)._repr_html_()
    assert "<caption>A caption</caption>" in html
    assert html.count('scope="col"') == 3
    assert '<th scope="row" class="words" style="text-align:left">&lt;b&gt;x&lt;/b&gt;</th>' in html
    assert '<td class="figure" data-label="Duty">$1,234</td>' in html
    assert '<span class="under">today</span>' in html
    assert '<tfoot><tr><th scope="row">Total</th>' in html
    assert "3 more rows not shown. Source: here" in html


def test_an_empty_table_says_so():
    frame = pd.DataFrame({"name": [], "cents": [], "day": [], "far": []})
    assert table(frame, empty="Nothing here.")._repr_html_() == (
        '<p class="none"><strong>A caption.</strong> Nothing here.</p>'
    )
