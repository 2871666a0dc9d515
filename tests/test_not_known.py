"""Money nobody knows, from the assessment to every place where it is shown: a dash and a count, never $0.

Three entries, liquidated on April 10, 2026: one bears $1,000.00 of IEEPA duty, on one the duty's cell could not be
read, and of the third there are no tariff lines at all.
"""

import json
from datetime import date
from pathlib import Path

import openpyxl
import pandas as pd
import pytest

import cape_kit
from cape_kit import money
from cape_kit.assessment import payments, scenarios, since, suits
from cape_kit.assessment.scenarios import sweeping
from cape_kit.cli import assessing, json_shape
from cape_kit.filing import last_report, monitoring, receipts
from cape_kit.rendering import book
from cape_kit.views import charts, deadlines, tables, whatif, words, workbook
from cape_kit.views.tables import last_report as since_last
from cape_kit.views.tables.table import Field, Table
from cape_kit.views.whatif import tables as what_if
from cape_kit.views.workbook import sheet
from tests.assessment.portfolios import LAW, assessed, portfolio

LIQUIDATED = {"liquidation_status": "Liquidated", "liquidation_date": date(2026, 4, 10)}
KNOWN = [[1, "99030125", 0, 1000.00], [1, "8481809015", 10000, 0]]
UNREAD = [[1, "99030125", 0, ""], [1, "8481809015", 10000, 0]]
NO_LINES: list[list[object]] = []


@pytest.fixture(scope="module")
def three():
    return assessed([LIQUIDATED] * 3, [KNOWN, UNREAD, NO_LINES], origin="VN")


@pytest.fixture(scope="module")
def unread():
    """One entry to file, of which nobody knows for how much."""
    return assessed([LIQUIDATED], [UNREAD], origin="VN")


def by(frame, **where):
    for name, value in where.items():
        frame = frame[frame[name] == value]
    assert len(frame) == 1
    return frame.iloc[0]


# --- the sum ------------------------------------------------------------------------------------------------


def test_a_sum_of_what_is_known():
    assert money.known_sum(pd.Series([5, None, 7], dtype="Int64")) == 12
    assert pd.isna(money.known_sum(pd.Series([None, None], dtype="Int64")))
    assert money.known_sum(pd.Series([], dtype="Int64")) == 0
    assert money.unknown_count(pd.Series([5, None, 7], dtype="Int64")) == 1
    assert money.plain(pd.NA) is None and money.plain(pd.Series([3], dtype="Int64").iloc[0]) == 3
    assert money.told(pd.NA) == "not known" and money.told(100_00) == "$100.00"


def test_totals_are_of_what_is_known_and_count_the_rest(three, unread):
    totals = three.totals
    filed = by(totals, disposition="file")
    assert (filed["entries"], filed["principal_cents"], filed["principal_unknown"]) == (2, 1000_00, 1)
    assert filed["interest_cents"] > 0 and filed["interest_unknown"] == 1
    needed = by(totals, disposition="undetermined")
    assert pd.isna(needed["principal_cents"]) and pd.isna(needed["interest_cents"])
    assert (needed["entries"], needed["principal_unknown"], needed["interest_unknown"]) == (1, 1, 1)
    nothing = by(totals, disposition="protest")
    assert (nothing["principal_cents"], nothing["interest_cents"], nothing["principal_unknown"]) == (0, 0, 0)
    assert pd.isna(by(unread.totals, disposition="file")["principal_cents"])
    assert unread.unproved_cents is None


# --- the terminal, and other programs -------------------------------------------------------------------------


def test_the_terminal_says_that_an_amount_is_not_known(three, unread):
    lines = {line[:28].strip(): line[28:] for line in assessing._page(three).splitlines()}
    assert lines["Data needed"].split()[:5] == ["1", "not", "known", "not", "known"]
    assert "principal and interest not known for 1 entry" in lines["File on CAPE"]
    assert "$1,000.00" in lines["File on CAPE"] and "$0.00" not in lines["Data needed"]
    assert "!" not in lines["Protest"] and "$0.00" in lines["Protest"]


def test_no_interest_is_reckoned_on_what_is_claimed_and_that_is_no_zero():
    row = {"interest_cents": pd.NA, "interest_unknown": 0}
    assert assessing._unreckoned(row) and not assessing._unreckoned(row | {"interest_unknown": 1})


def test_other_programs_are_given_null_and_the_count(three, unread):
    told = json.loads(json.dumps(json_shape.as_dict(three)))["totals"]
    assert told["undetermined"] == {
        "entries": 1, "principal": None, "principal_unknown": 1, "interest": None, "interest_unknown": 1,
    }  # fmt: skip
    assert (told["file"]["principal"], told["file"]["principal_unknown"]) == ("1000.00", 1)
    interest = json.loads(json.dumps(json_shape.as_dict(unread)))["interest"]
    assert (interest["reckoned"], interest["low"], interest["high"], interest["unknown"]) == (None,) * 3 + (
        1,
    )


def test_what_changed_since_a_day_keeps_what_is_not_known():
    """Both windows close on October 7, 2026, 180 days after April 10: the next day both entries stand elsewhere."""
    both = portfolio([LIQUIDATED] * 2, [KNOWN, UNREAD], origin="VN")
    found = since.between(both, LAW, date(2026, 6, 29), date(2026, 6, 30))
    assert found.table["principal_cents"].isna().tolist() == [False, True]
    assert found.summary[["entries", "principal_cents", "principal_unknown"]].values.tolist() == [
        [2, 1000_00, 1]
    ]
    alone = since.between(
        portfolio([LIQUIDATED], [UNREAD], origin="VN"), LAW, date(2026, 6, 29), date(2026, 6, 30)
    )
    said = assessing._changes(alone.after, date(2026, 6, 29), as_json=False)
    assert "1 entry, not known" in said and "$0" not in said
    told = json.loads(assessing._changes(alone.after, date(2026, 6, 29), as_json=True))
    assert [one["principal"] for one in told["changes"]] == [None]
    assert "$1,000.00; not known for 1 entry" in assessing._changes(
        found.after, date(2026, 6, 29), as_json=False
    )


# --- the report -----------------------------------------------------------------------------------------------


def test_the_first_page_tells_of_how_many_the_amount_is_not_known(three, unread):
    assert tables.headline(three).words.startswith("To file now: $1,000; Data needed: –;")
    assert tables.headline(three).text.count("amount not known for 1") == 2
    assert "To file now: –" in tables.headline(unread).words
    steps = tables.first_steps(three).text
    assert "2 entries, $1,000 (amount not known for 1)" in steps
    assert "1 entry, amount not known" in tables.first_steps(unread).text
    assert "amount not known" in tables.decisions(unread).text
    assert "The amount is not known for 2 entries." in tables.answer(three)


def test_every_table_of_sums_says_what_it_leaves_out(three, unread):
    shown = tables.dispositions(three)
    page = shown._repr_html_()
    assert shown.total["principal_cents"] == 1000_00 and page.count("not known for 1 entry") == 2
    assert shown.total["principal_told"] == "not known for 2 entries" and "not known for 2 entries" in page
    for made in (tables.actions, tables.deadlines, tables.clock_groups, tables.suits, tables.importers):
        assert "not known for " in made(three)._repr_html_(), made.__name__
        column = made(unread).frame["principal_cents"]
        assert len(column) and column.isna().all(), made.__name__
    by_program = tables.programmes(three)
    assert (
        by_program.frame["all"].tolist() == [1000_00] and "not known for 1 entry" in by_program._repr_html_()
    )
    assert tables.programmes(unread).frame["all"].isna().all()
    for made in (tables.waterfall, tables.bridge, tables.by_programme, tables.by_month, tables.before_after):
        assert "Not known and in no amount: the IEEPA duty of 2 entries." in made(three).note, made.__name__
    assert "1 entry whose duty is not known" in tables.weeks(unread).note


def test_the_bridge_to_a_refund_nobody_knows_has_no_zeros(three, unread):
    steps = tables.waterfall(unread).frame.set_index("step")
    assert steps.loc[["ieepa", "file", "interest", "refund"], ["cents", "level"]].isna().all(axis=None)
    assert tables.bridge(unread).total["cents"] is None
    told = tables.waterfall(three).frame.set_index("step")
    assert told.loc[["ieepa", "file"], "cents"].tolist() == [1000_00, 1000_00]
    assert told.at["refund", "cents"] == 1000_00 + told.at["interest", "cents"]
    assert "could be counted" in charts.waterfall(tables.waterfall(unread)).alt


def test_what_can_be_filed_for_an_unknown_amount_is_expected_as_unknown(three, unread):
    rows = payments.expected(three)
    assert rows["amount_cents"].isna().tolist() == [False, True]
    shown = tables.expected(three)
    assert shown.total["principal_cents"] == 1000_00
    assert "the IEEPA duty of 1 entry" in shown.note
    alone = tables.expected(unread)
    assert alone.total["amount_cents"] is None and "The total is not known." in alone.note
    figures = tables.expected_figures(unread)
    assert (figures["amount_cents"], figures["low_cents"], figures["unknown"]) == (None, None, 1)
    assert payments.undated(unread)["amount_cents"].isna().all()
    assert payments.weekly(three)["base_total_cents"].iloc[-1] == rows["amount_cents"].sum()


def test_summary_of_a_report_holds_null_and_the_count(unread):
    told = json.loads(json.dumps(tables.figures(unread)))
    assert told["dispositions"]["file"] == {
        "entries": 1, "principal_cents": None, "principal_unknown": 1, "interest_cents": None, "interest_unknown": 1,
    }  # fmt: skip
    mine = json.loads(json.dumps(book.figures(unread)))
    assert [one["principal_cents"] for one in mine["filers"]] == [None]
    assert {one["principal_unknown"] for one in mine["deadlines"]} == {1}


def test_charts_name_what_they_cannot_draw(three, unread):
    drawn = charts.disposition_bars(tables.dispositions(three))
    assert "Data needed, 1 entry" in drawn.note and "File on CAPE, 1 entry" in drawn.note
    assert "1 entry" in charts.disposition_bars(tables.dispositions(unread)).alt


def test_a_refund_expected_and_not_known_has_no_bar_and_a_dash():
    frame = pd.DataFrame(
        {
            "label": ["Overdue", "Paid"], "entries": [1, 1],
            "expected_cents": pd.array([None, 500_00], dtype="Int64"),
            "reported_cents": pd.array([0, 500_00], dtype="Int64"),
        }
    )  # fmt: skip
    drawn = charts.reconciliation(Table(frame, (), "Refunds", date(2026, 5, 5)))
    assert "Overdue, 1 entry, expected –, reported $0" in drawn.alt
    texts = [one.get_text() for one in drawn.axes[0].texts]
    assert texts.count("–") == 1 and texts.count("$500") == 2


def test_an_importer_of_unknown_duty_has_no_zero_to_file(unread):
    assert pd.isna(tables.importers(unread).frame["now"].iloc[0])
    assert tables.importers(unread).frame["protest"].iloc[0] == 0


def test_the_calendar_counts_what_is_not_known(three):
    said = [str(one["summary"]) for one in deadlines.calendar(three).walk("VEVENT")]
    assert any("3 entries, $1,000 (not known for 2 entries)" in one for one in said)


def test_suits_count_entries_of_unknown_duty_and_those_without_a_day():
    told = pd.DataFrame({"suit_last_day": pd.to_datetime(["2027-02-04", "2027-02-05", None])})
    found = suits.by_month(told, pd.Series([100, None, 5], dtype="Int64"), pd.Series([True] * 3).to_numpy())
    assert found["entries"].tolist() == [2, 1]
    assert found["principal_cents"].tolist() == [100, 5] and found["principal_unknown"].tolist() == [1, 0]
    assert pd.isna(found["month"].iloc[1])


def test_what_changed_since_the_last_report_sums_what_is_known_and_counts_the_rest(three):
    """Two entries are new, of one of which nothing is known; the duty of the third was known and no longer is."""
    cents = {"before_cents": [0, 0, 500_00], "after_cents": [1000_00, None, None], "paid_cents": [0, 0, 0]}
    table = pd.DataFrame(
        {
            "entry_number": ["A", "B", "C"], "kind": ["new", "new", "restated"], "before": ["", "", "file"],
            "after": ["file", "file", "file"], **{name: pd.array(told, dtype="Int64") for name, told in cents.items()},
        }
    )  # fmt: skip
    found = last_report.Changes(last_report.LastReport(date(2026, 4, 5), pd.DataFrame()), table)
    said = since_last._told(found, three)
    assert "2 entries new in the files ($1,000, not known for 1 entry)" in said
    assert "IEEPA duty found: $500 then, $1,000 (not known for 2 entries) now." in said
    shown = since_last.changes(found, three)
    assert shown.frame["after_cents"].tolist() == [1000_00, pd.NA] and shown.total["after_cents"] == 1000_00


# --- the workbook ---------------------------------------------------------------------------------------------


def test_a_cell_of_unknown_dollars_is_no_zero():
    assert sheet.dollars(pd.NA) == "–" and sheet.dollars(None) == "–"
    assert sheet.dollars(123_45) == 123.45


def test_a_sum_of_empty_cells_is_a_dash_in_the_workbook(tmp_path):
    frame = pd.DataFrame({"a": ["x", "y"], "b": pd.array([None, None], dtype="Int64")})
    table = Table(frame, (Field("a", "A"), Field("b", "B", "dollars")), "T", date(2026, 5, 5))
    with sheet.opened(tmp_path / "t.xlsx") as made:
        sheet.fill(made.add_worksheet("T"), table, sheet.Formats(made))
    assert openpyxl.load_workbook(tmp_path / "t.xlsx", data_only=True)["T"]["B2"].value == "–"
    folder = Path(__file__).parent / "trials" / "more-7-amount-not-read"
    path = workbook.write(cape_kit.assess(cape_kit.open(folder), as_of="2026-05-05"), tmp_path / "w.xlsx")
    rows = openpyxl.load_workbook(path, data_only=True)["Summary"]
    told = {row[0]: row[1:5] for row in rows.iter_rows(min_row=6, max_row=16, values_only=True)}
    assert told["File on CAPE"] == told["All entries"] == (1, "–", "–", 1)
    assert told["Data needed"] == (0, 0, 0, 0)


# --- what if --------------------------------------------------------------------------------------------------


def test_a_change_that_is_not_known_is_not_no_change():
    assert what_if.signed(pd.NA) == "change not known"
    assert (what_if.signed(0), what_if.signed(5_00)) == ("no change", "+$5")


def test_scenarios_side_by_side_keep_what_is_not_known(unread):
    later = scenarios.Scenario(name="later", filing_on=date(2026, 6, 1))
    frame = scenarios.compare(unread, [later])
    assert frame["principal_cents"].isna().all() and frame["unknown"].tolist() == [1, 1]
    assert frame["protest_cents"].tolist() == [0, 0]
    shown = whatif.comparison(unread, [later])._repr_html_()
    assert "change not known" in shown and "The duty of 1 entry is not known" in shown
    answer = whatif.answer(unread, scenarios.run(unread, later))
    assert "On CAPE –" in answer.words


def test_dollars_nobody_knows_leave_cape_too(unread):
    """April 10 + 80 days is June 29, 2026, a Monday: the last day to file, whatever the entry is worth."""
    found = sweeping.sweep(unread, date(2026, 6, 1), date(2026, 7, 15))
    assert found.last_sensible_day == date(2026, 6, 29)
    assert found.cliffs[["last_day", "entries", "principal_unknown"]].values.tolist() == [
        [pd.Timestamp("2026-06-29"), 1, 1]
    ]
    assert found.cliffs["principal_cents"].isna().all()
    assert found.days["cape_cents"].isna().sum() == 29 and found.days["protest_cents"].iloc[0] == 0
    assert "$0" not in whatif.filing_days(found)._repr_html_()


def test_an_entry_that_moves_keeps_its_unknown_amount(unread):
    late = scenarios.run(unread, scenarios.Scenario(name="late", filing_on=date(2026, 7, 15)))
    assert scenarios.moves(unread, late)["principal_cents"].isna().tolist() == [True]


# --- refunds --------------------------------------------------------------------------------------------------


def test_expected_sums_of_refunds_are_null_where_nothing_is_known():
    entries = pd.DataFrame(
        {
            "outcome": ["within", "within", "overdue"],
            "expected_principal_cents": pd.array([100, None, None], dtype="Int64"),
            "expected_interest_cents": pd.array([None, None, None], dtype="Int64"),
        }
    )
    columns = ["principal_cents", "interest_cents", "unsplit_cents"]
    lines = pd.DataFrame(columns=["outcome", *columns]).astype(dict.fromkeys(columns, "Int64"))
    labels = {"within": "Within", "overdue": "Overdue", "paid": "Paid"}
    found = monitoring._totals(entries, lines, labels).set_index("outcome")
    assert found["expected_principal_cents"].tolist() == [100, pd.NA, 0]
    assert found["expected_interest_cents"].tolist() == [pd.NA, pd.NA, 0]
    assert found["expected_interest_unknown"].tolist() == [2, 1, 0]
    assert monitoring.expected_cents(found).tolist() == [100, pd.NA, 0]
    assert found["reported_total_cents"].tolist() == [0, 0, 0]


def test_a_payment_with_a_share_of_unknown_amount_is_of_unknown_amount():
    parts = pd.DataFrame(
        {
            "refund_number": ["1", "1", "2"], "entry_number": ["A", "B", "C"],
            "principal_cents": [0, 500, 700], "interest_cents": [0, 5, 7],
            "principal_unsaid": [True, False, False], "state": ["unknown", "paid", "paid"],
            **{name: [None] * 3 for name in ("payee", "refund_date", "said", "doubt", "status_words", "trace_number",
                                             "exported", "source_file", "source_row", "payment_method")},
        }
    )  # fmt: skip
    found = receipts._from_shares(parts).set_index("refund_number")["total_cents"]
    assert pd.isna(found["1"]) and found["2"] == 707


def test_words_say_of_how_many():
    assert words.not_known(3) == "not known for 3 entries" and words.not_known(0) == ""
