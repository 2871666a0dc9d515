"""Deposit days by published calendars, sensitivity of the interest, and a slow recount of the samples."""

import csv
import shutil
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from pathlib import Path

import pandas as pd
import pytest

import cape_kit
from cape_kit.assessment import interest, money, sensitivity
from cape_kit.entries.client import Importer
from tests.assessment.portfolios import LAW, ON, assessed, with_client
from tests.test_samples import CLIENTS, assessment, portfolio

LINES = [[1, "99030125", 0, 1000.00], [1, "8481809015", 10000, 0]]

#: A client that says nothing of class or statement.
SILENT = with_client(statement=None)

# The 15th working day of each month of 2025 as CBP published it: month of entry before -> day of collection.
STATEMENTS = {
    (2024, 12): date(2025, 1, 23), (2025, 1): date(2025, 2, 24), (2025, 2): date(2025, 3, 21),
    (2025, 3): date(2025, 4, 21), (2025, 4): date(2025, 5, 21), (2025, 5): date(2025, 6, 23),
    (2025, 6): date(2025, 7, 22), (2025, 7): date(2025, 8, 21), (2025, 8): date(2025, 9, 22),
    (2025, 9): date(2025, 10, 22), (2025, 10): date(2025, 11, 24), (2025, 11): date(2025, 12, 19),
}  # fmt: skip


@pytest.mark.parametrize("month", STATEMENTS)
def test_monthly_statement(month):
    entries = pd.DataFrame(
        {
            "entry_date": pd.to_datetime([date(*month, 1), date(*month, 28)]).as_unit("s"),
            "payment_date": pd.to_datetime([None, None]).as_unit("s"),
        }
    )
    day, basis = money.deposit(entries, LAW, ON, basis="monthly statement")
    assert day.dt.date.tolist() == [STATEMENTS[month]] * 2
    assert basis.str.contains("monthly statement").all()


def test_the_order_of_deposit_days():
    facts = [
        {"entry_date": date(2025, 6, 10), "payment_date": date(2025, 7, 3)},
        {"entry_date": date(2025, 6, 10)},
    ]
    monthly = assessed(facts, [LINES] * 2, origin="VN").table
    assert monthly["deposit_day"].dt.date.tolist() == [date(2025, 7, 3), date(2025, 7, 22)]
    daily = assessed(facts, [LINES] * 2, origin="VN", client=with_client(statement="daily")).table
    # ten working days from Tuesday 10 June, with Juneteenth between
    assert daily["deposit_day"].dt.date.tolist() == [date(2025, 7, 3), date(2025, 6, 25)]
    assert daily["deposit_basis"].tolist() == ["payment date in the files", "entry date + 10 working days"]
    unknown = assessed([{"entry_date": None}], [LINES], origin="VN").table
    assert unknown["deposit_basis"].tolist() == ["unknown"]
    assert unknown["interest_cents"].isna().all()


def test_both_classes_are_reckoned_and_the_clients_stands_in_front():
    facts = [{"entry_date": date(2025, 6, 10)}]
    corporate = assessed(facts, [LINES], origin="VN").table.iloc[0]
    partnership = assessed(
        facts, [LINES], origin="VN", client=with_client(importer_class="non_corporate")
    ).table.iloc[0]
    assert corporate["interest_cents"] == corporate["interest_corporate_cents"]
    assert partnership["interest_cents"] == partnership["interest_noncorporate_cents"]
    assert corporate["interest_noncorporate_cents"] == partnership["interest_noncorporate_cents"]
    assert corporate["interest_noncorporate_cents"] > corporate["interest_corporate_cents"]


def test_a_later_payment_accrues_from_its_own_day():
    early = assessed([{"entry_date": date(2025, 6, 10)}], [LINES], origin="VN").table.iloc[0]
    late = assessed(
        [{"entry_date": date(2025, 6, 10), "payment_date": date(2026, 1, 5)}], [LINES], origin="VN"
    )
    row = late.table.iloc[0]
    expected = interest.accrue(100000, date(2026, 1, 5), row["interest_until"].date(), LAW).interest_cents
    assert row["interest_cents"] == expected < early["interest_cents"]


@pytest.mark.parametrize("client", CLIENTS)
def test_sensitivity_holds_the_assessments_own_figure(client):
    a = assessment(client, "2026-05-05")
    frame = sensitivity.interest_by_reading(a)
    assert len(frame) == 12
    taken = frame[frame["is_taken"]]
    assert len(taken) == 1
    assert taken["interest_cents"].iloc[0] == a.totals["interest_cents"].sum()
    by_class = frame.pivot_table(
        index=["day_count", "deposit_basis"], columns="importer_class", values="interest_cents"
    )
    # the class and the statement of every sample are stated: nobody has to choose between readings of them
    assert (by_class["non_corporate"] == by_class["corporate"]).all()
    by_basis = frame.pivot_table(
        index=["importer_class", "day_count"], columns="deposit_basis", values="interest_cents"
    )
    assert (by_basis["entry date"] == by_basis["monthly statement"]).all()
    assert (frame["estimated_entries"] == 0).all() and (frame["assumed_class"] == 0).all()


def test_sensitivity_of_one_entry_worked_by_hand():
    found = assessed(
        [{"entry_date": date(2026, 1, 2)}], [LINES], origin="VN", on=date(2026, 5, 5), client=SILENT
    )
    until = found.table["interest_until"].dt.date.iloc[0]
    frame = sensitivity.interest_by_reading(found).set_index(
        ["importer_class", "day_count", "deposit_basis"]
    )["interest_cents"]
    expected = interest.accrue(
        100000, date(2026, 1, 2), until, LAW, importer_class="corporate", day_count="start"
    )
    assert frame["corporate", "start", "entry date"] == expected.interest_cents


def interest_of(cents, first, until, importer_class, day_count="start"):
    return interest.accrue(
        cents, first, until, LAW, importer_class=importer_class, day_count=day_count
    ).interest_cents


def test_what_nobody_says_is_assumed_and_moves_the_range():
    """One entry of 2 January 2026, $1,000.00: nobody says how it was paid, nor whose it is."""
    found = assessed([{"entry_date": date(2026, 1, 2)}], [LINES], origin="VN", client=SILENT)
    row, until = found.table.iloc[0], found.table["interest_until"].dt.date.iloc[0]
    assert (row["class_from"], row["statement_from"], row["deposit_from"]) == ("assumed",) * 3
    # least: a corporation, by the monthly statement of February; most: another importer, on the entry date
    least = min(interest_of(100000, date(2026, 2, 23), until, "corporate", c) for c in ("start", "end"))
    most = max(interest_of(100000, date(2026, 1, 2), until, "non_corporate", c) for c in ("start", "end"))
    span = found.interest_span()
    assert (span.low_cents, span.taken_cents, span.high_cents) == (least, row["interest_cents"], most)
    assert least < row["interest_cents"] < most


def test_what_is_stated_or_in_the_files_is_settled():
    """Of two importer numbers each has its class and its statement; a payment date in the files goes before both."""
    importers = (
        Importer("12-345678900", importer_class="corporate", statement="monthly"),
        Importer("12-345678901", importer_class="non_corporate", statement="daily"),
    )
    facts = [
        {"entry_date": date(2026, 1, 2)},
        {"entry_date": date(2026, 1, 2), "importer_number": "12-345678901"},
        {"entry_date": date(2026, 1, 2), "importer_number": "12-345678901", "payment_date": date(2026, 1, 9)},
        {"entry_date": date(2026, 1, 2), "importer_number": "12-345678902"},
    ]
    found = assessed(facts, [LINES] * 4, origin="VN", client=with_client(statement=None, importers=importers))
    table, until = found.table, found.table["interest_until"].dt.date.iloc[0]
    assert table["class_from"].tolist() == ["stated", "stated", "stated", "assumed"]
    assert table["deposit_from"].tolist() == ["stated", "stated", "from the files", "assumed"]
    assert table["interest_cents"].tolist()[:3] == [
        interest_of(100000, date(2026, 2, 23), until, "corporate"),
        interest_of(100000, date(2026, 1, 16), until, "non_corporate"),
        interest_of(100000, date(2026, 1, 9), until, "non_corporate"),
    ]
    spans = found.interest_spans
    width = spans[["high_start", "high_end"]].max(axis=1) - spans[["low_start", "low_end"]].min(axis=1)
    # a settled entry moves only with the day count: a cent or two at most; the last with all three
    assert (width.iloc[:3] <= 3).all() and width.iloc[3] > 300


def test_a_payment_date_of_facts_csv_is_stated():
    number = assessed([{}], [LINES], origin="VN").table["entry_number"].iloc[0]
    row = {"entry_number": f"{number[:3]}-{number[3:10]}-{number[10]}", "fact": "payment_date"}
    told = pd.DataFrame([row | {"value": "2025-07-03", "note": None, "row": 2}])
    found = assessed(
        [{"payment_date": date(2025, 7, 3)}], [LINES], origin="VN", client=with_client(facts=told)
    )
    assert found.table["deposit_from"].tolist() == ["stated"]


def later(number, *rows):
    """facts.csv with later deposits of an entry."""
    told = [
        {"entry_number": number, "fact": "deposited_later", "value": value, "note": None, "row": place}
        for place, value in enumerate(rows, start=2)
    ]
    return with_client(facts=pd.DataFrame(told))


def test_duty_paid_in_parts_bears_interest_from_each_ones_own_day():
    """$1,000.00 of IEEPA duty: $600.00 on the statement, $300.00 by a correction, $100.00 by a bill."""
    facts = [{"entry_date": date(2025, 6, 10), "payment_date": date(2025, 7, 22)}]
    number = assessed(facts, [LINES], origin="VN").table["entry_number"].iloc[0]
    client = later(number, "2025-09-12 300.00", "2026-01-05 $100")
    found = assessed(facts, [LINES], origin="VN", client=client)
    row = found.table.iloc[0]
    until = row["interest_until"].date()
    parts = [(60000, date(2025, 7, 22)), (30000, date(2025, 9, 12)), (10000, date(2026, 1, 5))]
    assert row["interest_cents"] == sum(interest_of(cents, day, until, "corporate") for cents, day in parts)
    assert row["deposit_basis"] == "payment date in the files; later deposits: 2"
    taken = sensitivity.interest_by_reading(found)
    assert taken.loc[taken["is_taken"], "interest_cents"].tolist() == [row["interest_cents"]]
    assert found.interest_span().low_cents <= row["interest_cents"] <= found.interest_span().high_cents


def test_later_deposits_beyond_the_principal_are_not_used_and_it_is_said():
    facts = [{"entry_date": date(2025, 6, 10), "payment_date": date(2025, 7, 22)}]
    plain = assessed(facts, [LINES], origin="VN").table.iloc[0]
    found = assessed(facts, [LINES], origin="VN", client=later(plain["entry_number"], "2025-09-12 1000.01"))
    assert found.table["interest_cents"].tolist() == [plain["interest_cents"]]
    assert "deposits-exceed" in found.caveats["code"].tolist()


def test_one_file_and_nothing_said_of_its_client_spans_a_quarter_of_its_interest(tmp_path):
    """An ES-003 without payment days, of a client that says neither class nor statement: the range is the answer."""
    folder = Path(__file__).parents[2] / "data" / "sample" / "northgate-tools"
    (one,) = folder.glob("ES-003*.xlsx")
    shutil.copy(one, tmp_path / one.name)
    (tmp_path / "client.toml").write_text('name = "Nobody says"\n', encoding="utf-8")
    found = cape_kit.assess(cape_kit.open(tmp_path), as_of="2026-05-05")
    span, readings = found.interest_span(), sensitivity.interest_by_reading(found)["interest_cents"]
    assert (span.low_cents, span.high_cents) == (readings.min(), readings.max())
    assert span.low_cents < span.taken_cents < span.high_cents
    assert (span.high_cents - span.low_cents) / span.taken_cents > 0.25


def registry():
    """The IEEPA headings straight from the table a lawyer would read: number -> (kind, all-in)."""
    path = Path(cape_kit.__file__).parent / "law" / "lawbook" / "headings.csv"
    with path.open(encoding="utf-8", newline="") as file:
        return {
            row["heading"].replace(".", ""): (row["kind"], row["all_in"] == "yes")
            for row in csv.DictReader(file)
        }


def recount(rows):
    """The principal of one entry, row by row, as a person with a ruler would do it."""
    known, total = registry(), 0
    for row in rows:
        hts = row["hts"] or ""
        kind, all_in = known.get(hts[:8] if len(hts) == 10 and hts.endswith("00") else hts, (None, False))
        if kind != "duty" or not row["duty_cents"]:
            continue
        total += row["duty_cents"]
        if all_in:
            goods = [
                r
                for r in rows
                if r["line_number"] == row["line_number"] and not (r["hts"] or "").startswith("99")
            ]
            (one,) = goods
            rate = one["mfn_rate"]
            if not one["duty_cents"] and rate and rate.endswith("%"):
                held = Decimal(one["goods_value_cents"]) * Decimal(rate[:-1]) / 100
                total -= int(held.quantize(Decimal(1), rounding=ROUND_HALF_UP))
    return total


@pytest.mark.parametrize("client", CLIENTS)
def test_an_independent_recount_of_the_samples(client):
    table = assessment(client, "2026-05-05").table
    by_entry = {}
    for row in portfolio(client).tariff_lines.to_pylist():
        by_entry.setdefault(row["entry_number"], []).append(row)
    told = table.dropna(subset=["principal_cents"]).set_index("entry_number")["principal_cents"].to_dict()
    assert told == {number: recount(rows) for number, rows in by_entry.items()}


@pytest.mark.parametrize("client", CLIENTS)
def test_entries_sum_to_importers_sum_to_the_total(client):
    a = assessment(client, "2026-05-05")
    importers = a.table.groupby(a.table["importer_number"].fillna(""))["principal_cents"].sum()
    lines = a.refund_lines.merge(a.table[["entry_number", "importer_number"]], on="entry_number")
    by_importer = lines.groupby(lines["importer_number"].fillna(""))["principal_cents"].sum()
    assert importers[importers != 0].to_dict() == by_importer[by_importer != 0].to_dict()
    assert importers.sum() == a.totals["principal_cents"].sum() == a.refund_lines["principal_cents"].sum()
