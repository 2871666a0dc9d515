"""Portfolio splits and the flow of money; expected figures by hand from the six entries of the fixture."""

from dataclasses import replace

import pandas as pd
import pytest

from cape_kit.entries.client import Broker
from cape_kit.views import charts, tables
from cape_kit.views.tables import Field, Table
from tests.views import made_up


def test_origin_by_name_largest_first_and_unknown_codes_as_they_are(six):
    sums = tables.by_origin(six).frame.groupby("origin", sort=False)["principal_cents"].sum()
    assert sums.to_dict() == {"China": 2800_00, "Brazil": 900_00, "ZZ": 50_00}


def test_filers_by_name(six):
    sums = tables.by_filer(six).frame.groupby("filer")["principal_cents"].sum()
    assert sums.to_dict() == {"Alpha Brokers (ABC)": 3400_00, "XYZ": 350_00}


def test_small_parts_stand_together():
    many = made_up.assessment(400)
    many.refund_lines["country"] = [f"Q{place % 20:02d}" for place in range(len(many.refund_lines))]
    table = tables.by_origin(many)
    assert table.frame["origin"].nunique() == 9
    assert table.frame["origin"].iloc[-1] == "all others"
    assert table.frame["principal_cents"].sum() == tables.by_programme(many).frame["principal_cents"].sum()


def test_months_have_no_gaps(six):
    frame = tables.by_month(six).frame
    keys = [one.name for one in tables.by_month(six).fields[1:]]
    assert frame["month"].dt.strftime("%Y-%m").tolist()[0] == "2024-12"
    assert frame["month"].diff().dropna().dt.days.between(28, 31).all()
    assert frame[keys].to_numpy().sum() == 3750_00


def test_coverage_names_a_broker_without_entries(six):
    six.client = replace(six.client, brokers=(*six.client.brokers, Broker("QQQ")))
    frame = tables.coverage(six).frame.set_index("filer")
    assert frame.sum(axis=1).to_dict() == {"Alpha Brokers (ABC)": 3, "XYZ": 3, "QQQ": 0}


def test_waterfall_steps_add_up(six):
    """Paid 4,350 of which 600 is other duty; 50 final, 300 protest and 400 cure come off; 300 interest on."""
    frame = tables.waterfall(six).frame.set_index("step")
    assert frame["cents"].to_dict() == {
        "paid": 4350_00, "other": 600_00, "ieepa": 3750_00, "final": 50_00, "protest": 300_00,
        "cure": 400_00, "file": 3000_00, "interest": 300_00, "refund": 3300_00,
    }  # fmt: skip
    assert frame["level"].to_dict() == {
        "paid": 4350_00, "other": 3750_00, "ieepa": 3750_00, "final": 3700_00, "protest": 3400_00,
        "cure": 3000_00, "file": 3000_00, "interest": 3300_00, "refund": 3300_00,
    }  # fmt: skip


def test_waterfall_bars_hang_where_the_steps_say(six):
    bars = charts.waterfall(tables.waterfall(six)).axes[0].patches
    spans = [(round(bar.get_x()), round(bar.get_x() + bar.get_width())) for bar in bars]
    assert spans[:5] == [(0, 4350), (3750, 4350), (0, 3750), (3700, 3750), (3400, 3700)]
    assert spans[-2:] == [(3000, 3300), (0, 3300)]


def table(frame, *names):
    fields = tuple(Field(name, name) for name in names)
    return Table(pd.DataFrame(frame), fields, "T", made_up.AS_OF, note="Source: made up.")


CASH = {
    "day": pd.to_datetime(["2026-06-01", "2026-06-08", "2026-06-15"]),
    "early_cents": [50_00, 100_00, 100_00],
    "base_cents": [0, 60_00, 100_00],
    "late_cents": [0, 0, 100_00],
}
DUTIES = {"family": ["IEEPA", "Normal"], "before_cents": [900_00, 100_00], "after_cents": [0, 120_00]}
OPEN = {
    "assumption": ["Class", "Day"],
    "low_cents": [90_00, 99_00],
    "base_cents": [100_00, 100_00],
    "high_cents": [130_00, 100_00],
}
PAID = {"label": ["Short"], "entries": [3], "expected_cents": [100_00], "reported_cents": [80_00]}
DRAWN = {
    "cash_curve": (CASH, "$100 expected: Jun 8, 2026 $60; Jun 15, 2026 $40"),
    "before_after": (DUTIES, "IEEPA $900, then $0; Normal $100, then $120"),
    "interest_sensitivity": (OPEN, "Interest of $100 as calculated. Class: $90 to $130"),
    "reconciliation": (PAID, "Short, 3 entries, expected $100, reported $80"),
}


@pytest.mark.parametrize("name", DRAWN)
def test_the_words_of_a_picture_hold_its_figures(name):
    frame, told = DRAWN[name]
    picture = getattr(charts, name)(table(frame, *frame))
    assert told in picture.alt
    assert f'aria-label="{picture.alt}"' in picture.on_page.text
    assert picture.narrow().get_figwidth() == picture.get_figwidth() / 2
    assert picture.png().startswith(b"\x89PNG")


@pytest.mark.parametrize("name", DRAWN)
def test_nothing_to_draw_is_said(name):
    frame, _ = DRAWN[name]
    empty = table(pd.DataFrame(frame).head(0), *frame)
    assert getattr(charts, name)(empty).alt.startswith(("No", "There is no"))


def test_dollar_signs_are_no_formula(six):
    """Two dollar signs in one text would turn what is between them into mathematics."""
    frame, _ = DRAWN["interest_sensitivity"]
    assert "$90 to $130" in charts.interest_sensitivity(table(frame, *frame)).svg()


def test_a_notebook_gets_a_bitmap_and_words():
    frame, _ = DRAWN["cash_curve"]
    bundle = charts.cash_curve(table(frame, *frame))._repr_mimebundle_()
    assert set(bundle) == {"text/plain", "image/png"}
