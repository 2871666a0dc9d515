"""What CBP may find and set off, as shown: five made-up entries reckoned by hand, and the samples' truth."""

import re
from datetime import date
from types import SimpleNamespace

import openpyxl
import pandas as pd
import pytest

from cape_kit.assessment import audit
from cape_kit.assessment.timeline import History
from cape_kit.views import tables
from cape_kit.views.workbook import sheet
from tests.assessment.portfolios import LAW, assessed
from tests.numbers import numbered
from tests.test_samples import CLIENTS, assessment, truth

#: Goods of Vietnam, entered on a day on which the 10% baseline is due; the valve bears 2% normal duty.
SOUND = [[1, "99030125", 0, 100.00], [1, "8481809015", 1000, 20.00, "2%"]]
#: 9% where 10% of $10,000 is due: $100 of IEEPA duty too little.
UNDER = [[1, "99030125", 0, 900.00], [1, "8481809015", 10000, 200.00, "2%"]]
#: 11% on two lines of $10,000: $100 too much on each; the second claims a preference, so it is less sure.
OVER = [
    [1, "99030125", 0, 1100.00],
    [1, "8481809015", 10000, 0],
    [2, "99030125", 0, 1100.00],
    [2, "8481809015", 10000, 0, None, "JO"],
]
#: Normal duty of 30% is $300, of which $20 was paid: $280 against $100 of IEEPA duty is a bill of $180.
BILL = [[1, "99030125", 0, 100.00], [1, "8481809015", 1000, 20.00, "30%"]]
#: The same goods without any normal duty, which may well be right: $300 with low confidence.
DOUBT = [[1, "99030125", 0, 100.00], [1, "8481809015", 1000, 0, "30%"]]
#: What the truth calls an entry that the files know without its lines.
NO_LINES = "no tariff lines in files"
FIRST, SECOND, THIRD, FOURTH, FIFTH = (numbered("B76", serial) for serial in range(5))


@pytest.fixture(scope="module")
def five():
    return assessed([{}] * 5, [SOUND, UNDER, OVER, BILL, DOUBT], origin="VN")


@pytest.fixture(scope="module")
def sound():
    return assessed([{}], [SOUND], origin="VN")


def test_one_row_per_check_and_direction(five):
    frame = tables.line_findings(five).frame
    names = ["code", "direction", "entries", "lines", "amount_cents", "set_off_cents", "confidence"]
    assert frame[names].to_numpy().tolist() == [
        [
            "normal-duty",
            "underpaid",
            2,
            2,
            580_00,
            580_00,
            "1\N{NO-BREAK SPACE}medium, 1\N{NO-BREAK SPACE}low",
        ],
        ["rate", "overpaid", 1, 2, 200_00, 0, "1\N{NO-BREAK SPACE}high, 1\N{NO-BREAK SPACE}low"],
        ["rate", "underpaid", 1, 1, 100_00, 0, "high"],
    ]
    assert frame["example"].tolist() == [
        f"{FOURTH}, line 1",
        f"{THIRD}, line 1, 9903.01.25",
        f"{SECOND}, line 1, 9903.01.25",
    ]
    assert frame["why"].iloc[0] == "The duty on the goods row does not equal its printed rate times its value"


def test_a_line_with_two_headings_at_odds_is_one_line():
    """Both levies of China are due and neither was paid: two findings of one check, one entry, one line."""
    rows = [[1, "99030124", 0, 0], [1, "99030125", 0, 0], [1, "3923900080", 10000, 300.00, "3%"]]
    frame = tables.line_findings(assessed([{"entry_date": date(2025, 6, 10)}], [rows], origin="CN")).frame
    found = frame[["entries", "lines", "amount_cents"]].to_numpy().tolist()
    assert found == [[1, 1, 2000_00 + 1000_00]]


def test_an_amount_no_one_can_reckon_stays_unknown():
    """The exception for section 232 goods without a 232 heading: its rate is not in the law book."""
    rows = [[1, "99030133", 0, 0], [1, "8481809015", 10000, 0]]
    table = tables.line_findings(assessed([{}], [rows], origin="VN"))
    (row,) = table.frame.to_dict("records")
    assert (row["code"], row["direction"]) == ("no-232", "to check")
    assert pd.isna(row["amount_cents"])
    assert 'data-label="Difference" data-blank=""' in table._repr_html_()


def test_a_line_without_a_number_has_none():
    rows = [["", "99030125", 0, 900.00], ["", "8481809015", 10000, 0], ["", "99030205", 0, 100.00]]
    found = assessed([{}], [rows], origin="VN")
    assert set(tables.line_findings(found).frame["example"]) == {f"{FIRST}, 9903.02.05"}
    assert tables.audit_rows(found).frame["line_number"].isna().all()


def test_how_entries_end_once_it_is_set_off(five):
    """IEEPA duty of 100, 900, 2,200, 100 and 100; of the fourth 280 is set off, of the fifth nothing."""
    table = tables.set_off(five)
    names = ["outcome", "entries", "net_cents", "set_off_cents", "net_if_set_off_cents"]
    assert table.frame[names].to_numpy().tolist() == [
        ["refund", 4, 3300_00, 0, 3300_00],
        ["bill", 1, 100_00, 280_00, -180_00],
        ["nothing", 0, 0, 0, 0],
    ]
    assert table.total["net_if_set_off_cents"] == 3120_00
    assert f"Bills: {FOURTH}." in table.note
    assert "A further $300 was found with low confidence and is not included." in table.note


def test_a_long_list_of_bills_is_counted(five):
    many = assessed([{}] * 5, [BILL] * 5, origin="VN")
    assert f"Bills: {FIRST}, {SECOND}, {THIRD} and 2 more." in tables.set_off(many).note


def test_what_is_on_cape_now_stands_apart():
    """A liquidated entry long past its windows still nets, but not on CAPE."""
    gone = {"liquidation_status": "Liquidated", "liquidation_date": date(2025, 3, 7)}
    table = tables.set_off(assessed([{}, gone], [SOUND, UNDER], origin="VN"))
    assert table.total["net_if_set_off_cents"] == 1000_00
    assert table.total["on_cape_cents"] == 100_00


def test_entries_without_readable_lines_are_counted():
    note = tables.set_off(assessed([{}, {}], [SOUND, []], origin="VN")).note
    assert note.endswith("Left out: 1 entry without lines that could be read.")


def test_the_findings_can_be_handed_on(five):
    found = audit.findings(five)
    for made in (tables.line_findings, tables.set_off, tables.audit_rows):
        assert made(five, found=found)._repr_html_() == made(five)._repr_html_()
        assert "nan" not in made(five)._repr_html_().lower()


def test_nothing_found_is_said_kindly(sound):
    assert "None: on every line the duty matches" in tables.line_findings(sound)._repr_html_()


def test_without_lines_nothing_is_said_of_them():
    none = assessed([{}], [[]])
    assert "no tariff line that could be checked" in tables.line_findings(none)._repr_html_()
    assert "nothing to set off against" in tables.set_off(none)._repr_html_()


def test_it_is_said_that_no_refund_is_touched(five):
    for table in (tables.line_findings(five), tables.audit_rows(five)):
        assert table.note.startswith("For information: these findings do not change any refund")


def test_the_answers_name_their_source(five):
    told = tables.set_off_explained(five)
    assert re.findall(r"<strong>(.*?)</strong>", told.text)[1] == "Can CBP keep part of it?"
    assert told.text.count("Source: ") == told.text.count("<li>") == 3
    assert "19 CFR 159.1" in told.words and "19 CFR 24.72" in told.words


def test_every_finding_is_a_row_of_the_sheet(five, tmp_path):
    with sheet.opened(tmp_path / "audit.xlsx", constant_memory=True) as made:
        table = tables.audit_rows(five)
        sheet.fill(made.add_worksheet(table.caption), table, sheet.Formats(made))
    page = openpyxl.load_workbook(tmp_path / "audit.xlsx")["Line audit"]
    heads, *rows = list(page.iter_rows(min_row=3, values_only=True))
    told = [dict(zip(heads, row, strict=True)) for row in rows]
    names = [
        "Entry",
        "Line",
        "Heading",
        "Origin",
        "Value",
        "Paid",
        "Expected",
        "Difference",
        "Could be set off",
    ]
    assert [[row[name] for name in names] for row in told] == [
        [SECOND, 1, "9903.01.25", "VN", 10000, 900, 1000, 100, 0],
        [THIRD, 1, "9903.01.25", "VN", 10000, 1100, 1000, 100, 0],
        [THIRD, 2, "9903.01.25", "VN", 10000, 1100, 1000, 100, 0],
        [FOURTH, 1, None, "VN", 1000, 20, 300, 280, 280],
        [FIFTH, 1, None, "VN", 1000, 0, 300, 300, 300],
    ]
    assert [row["Confidence"] for row in told] == ["high", "high", "low", "medium", "low"]
    assert all(row["Why"] and row["Source"] and row["Finding"] for row in told)


@pytest.mark.parametrize("client", CLIENTS)
def test_the_samples_net_is_the_principal_of_their_truth(client):
    """Only an entry whose IEEPA headings bear no duty can end as a bill; the rest comes back whole."""
    frame = tables.set_off(assessment(client, "2026-05-05")).frame.set_index("outcome")
    entries = [one for one in truth(client)["entries"] if one["kind"] != NO_LINES]
    paid = [sum(entry["by_heading"].values()) for entry in entries]
    assert frame.at["refund", "net_cents"] == sum(paid)
    assert frame.at["refund", "entries"] == sum(cents > 0 for cents in paid)
    assert frame["entries"].sum() == len(entries)
    now = truth(client)["totals"]["2026-05-05"]
    on_cape = sum(now.get(key, {"principal": 0})["principal"] for key in ("file", "file_deferred"))
    assert frame["on_cape_cents"].sum() == on_cape


def with_history(own):
    return SimpleNamespace(history=own, law=LAW, filing_date=date(2026, 5, 5))


def test_the_clients_own_history_stands_beside_the_usual_cycle():
    table = tables.liquidation_history(with_history(History(40, 301, 317, 333)))
    assert table.frame.to_numpy().tolist() == [
        ["One in ten", 301, 314],
        ["Half", 317, 314],
        ["Nine in ten", 333, 314],
    ]
    assert table.note.startswith("From 40 entries of this client")
    assert table.note.endswith("314 days, then the next Friday: practice, not statute.")


def test_a_day_that_too_few_have_reached_is_left_open():
    table = tables.liquidation_history(with_history(History(40, 301, 340, None)))
    assert pd.isna(table.frame["own_days"].iloc[-1])
    assert "Too many are still open" in table.note


def test_too_few_entries_for_a_history_is_said_kindly():
    html = tables.liquidation_history(with_history(None))._repr_html_()
    assert "Fewer than 30 of this client’s entries are old enough to show their own cycle." in html
    assert "The usual cycle is 314 days" in html
