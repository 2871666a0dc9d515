"""The list of protests: the right entries and days, the liquidation attacked, and no claim to be a filing."""

from datetime import date

from cape_kit.filing import csv_out, protests
from tests.filing.world import assessed
from tests.numbers import numbered

LATE = {"liquidation_status": "Liquidated", "entry_date": date(2025, 3, 20)}


def entry(day, **more):
    return {**LATE, "liquidation_date": day, **more}


def test_days_amounts_and_what_is_attacked():
    # 180 days after 30 January 2026 is 29 July, a Wednesday; after 9 February, 8 August, a Saturday.
    found = assessed(entry(date(2026, 1, 30)), entry(date(2026, 2, 9)), {}, on=date(2026, 5, 5))
    listed = protests.listing(found)
    assert listed["entry_number"].tolist() == [numbered("B76", 0), numbered("B76", 1)]
    assert [d.date() for d in listed["protest_last_day"]] == [date(2026, 7, 29), date(2026, 8, 8)]
    assert [d.date() for d in listed["plan_day"]] == [date(2026, 7, 28), date(2026, 8, 7)]
    assert listed["liquidation"].tolist() == ["liquidated 2026-01-30", "liquidated 2026-02-09"]
    assert listed["principal_cents"].tolist() == [20_000, 20_000]
    assert listed["action"].unique().tolist() == ["file a protest"]
    assert "9903.01.24" in listed["grounds"].iloc[0] and "Learning Resources" in listed["grounds"].iloc[0]


def test_a_plan_day_stays_off_holidays():
    # Day 180 of 7 January 2026 is Monday 6 July; Friday 3 July is a holiday, the Fourth being a Saturday.
    listed = protests.listing(assessed(entry(date(2026, 1, 7)), on=date(2026, 5, 5)))
    assert listed["plan_day"].iloc[0].date() == date(2026, 7, 2)


def test_an_open_protest_is_kept_and_not_filed_again():
    found = assessed(
        entry(date(2026, 1, 30), protest_status="OP", protest_number="270426100001"), on=date(2026, 5, 5)
    )
    (row,) = protests.listing(found).to_dict("records")
    assert row["action"] == "keep the open protest"
    assert protests.groups(protests.listing(found)).empty


def test_groups_are_by_importer_filer_and_port():
    found = assessed(
        entry(date(2026, 1, 30)),
        entry(date(2026, 2, 5)),
        entry(date(2026, 2, 5), port_of_entry="4601"),
        entry(date(2026, 2, 5), entry_number=numbered("316", 9)),
        on=date(2026, 5, 5),
    )
    told = protests.groups(protests.listing(found))
    assert told["entries"].sum() == 4 and told["principal_cents"].sum() == 80_000
    assert sorted(zip(told["filer_code"], told["port_of_entry"], told["entries"], strict=True)) == [
        *(("316", "2704", 1), ("B76", "2704", 2), ("B76", "4601", 1))
    ]
    assert told["plan_day"].is_monotonic_increasing


def test_every_row_says_that_it_is_no_filing():
    text = csv_out.text(protests.listing(assessed(entry(date(2026, 1, 30)), on=date(2026, 5, 5))))
    assert "Not a protest, and not filed with CBP" in text


def test_grounds_by_programme():
    told = protests.grounds(assessed(entry(date(2026, 1, 30)), entry(date(2026, 1, 30)), on=date(2026, 5, 5)))
    assert told[["entries", "principal_cents"]].to_dict("records") == [
        {"entries": 2, "principal_cents": 40_000}
    ]


def test_what_is_late_is_told():
    listed = protests.listing(assessed(entry(date(2026, 1, 30)), on=date(2026, 7, 28)))
    assert len(protests.overdue(listed, date(2026, 7, 28))) == 1
    assert protests.overdue(listed, date(2026, 7, 27)).empty


def test_nothing_to_protest():
    listed = protests.listing(assessed({}))
    assert listed.empty and protests.groups(listed).empty and protests.grounds(assessed({})).empty
