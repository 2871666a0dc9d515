"""The sample clients, read from their real files and decided, against the truth written beside them.

The truth comes from the generator's own facts and an independent recount; it shares no code with the kit.
"""

import json
from datetime import date
from functools import cache
from pathlib import Path

import pandas as pd
import pytest

from tests import samples

SAMPLES = Path(__file__).parents[1] / "data" / "sample"
CLIENTS = sorted(path.parent.name for path in SAMPLES.glob("*/client.toml"))
DAYS = ["2026-04-20", "2026-05-05", "2026-06-29", "2026-07-10", "2026-11-22"]


@cache
def truth(client):
    return json.loads((SAMPLES / client / "truth" / "truth.json").read_text("utf-8"))


def portfolio(client):
    return samples.opened(client)


def assessment(client, day):
    return samples.assessed(client, date.fromisoformat(day))


def test_there_are_three_clients():
    assert len(CLIENTS) == 3


@pytest.mark.parametrize("day", DAYS)
@pytest.mark.parametrize("client", CLIENTS)
def test_every_entry_gets_the_disposition_it_must(client, day):
    place = DAYS.index(day)
    expected = {entry["entry_number"]: entry["disposition"][place] for entry in truth(client)["entries"]}
    told = assessment(client, day).table.set_index("entry_number")["disposition"].to_dict()
    assert {n: (told.get(n), want) for n, want in expected.items() if told.get(n) != want} == {}
    assert set(told) == set(expected)


@pytest.mark.parametrize("client", CLIENTS)
def test_principal_by_entry_and_heading(client):
    expected = {
        (entry["entry_number"], heading): cents
        for entry in truth(client)["entries"]
        for heading, cents in entry["by_heading"].items()
        if cents
    }
    lines = assessment(client, DAYS[1]).refund_lines
    told = dict(
        zip(zip(lines["entry_number"], lines["heading"], strict=True), lines["principal_cents"], strict=True)
    )
    assert {key: value for key, value in told.items() if pd.notna(value) and value} == expected


@pytest.mark.parametrize("day", DAYS)
@pytest.mark.parametrize("client", CLIENTS)
def test_interest_of_every_entry_to_the_cent(client, day):
    place = DAYS.index(day)
    expected = {entry["entry_number"]: entry["interest"][place] for entry in truth(client)["entries"]}
    told = assessment(client, day).table.set_index("entry_number")["interest_cents"].fillna(0).to_dict()
    assert {n: (told[n], want) for n, want in expected.items() if told[n] != want} == {}


@pytest.mark.parametrize("day", DAYS)
@pytest.mark.parametrize("client", CLIENTS)
def test_totals_by_disposition(client, day):
    told = {
        row["disposition"]: {
            "entries": row["entries"],
            "principal": row["principal_cents"],
            "interest": row["interest_cents"],
        }
        for row in assessment(client, day).totals.to_dict("records")
        if row["entries"]
    }
    # On what is claimed already no interest is reckoned: the truth has none, and the totals no zero.
    if "claimed" in told:
        assert pd.isna(told["claimed"].pop("interest"))
        told["claimed"]["interest"] = 0
    assert told == {key: value for key, value in truth(client)["totals"][day].items() if value["entries"]}


@pytest.mark.parametrize("client", CLIENTS)
def test_the_windows_of_every_liquidated_entry(client):
    table = assessment(client, DAYS[1]).table.set_index("entry_number")
    for entry in truth(client)["entries"]:
        liquidated = entry.get("liquidation_date")
        if entry.get("status") == "Liquidated" and liquidated and liquidated <= DAYS[1]:
            row = table.loc[entry["entry_number"]]
            assert row["cape_last_day"].date() == date.fromisoformat(entry["cape_last_day"])
            assert row["protest_last_day"].date() == date.fromisoformat(entry["protest_last_day"])


@pytest.mark.parametrize("client", CLIENTS)
def test_no_row_is_lost(client):
    files = portfolio(client).files
    assert (
        files["rows"]
        == files["rows_used"] + files["rows_refused"] + files["rows_blank"] + files["rows_repeated"]
    ).all()
    expected = {(f["file"], f["rows"], f["refused"], f["blank"]) for f in truth(client)["files"]}
    told = {(f["file"], f["rows"], f["rows_refused"], f["rows_blank"]) for f in files.to_dict("records")}
    assert expected <= told


@pytest.mark.parametrize("client", CLIENTS)
def test_every_seeded_problem_is_named_with_its_place(client):
    problems = portfolio(client).problems
    told = set(zip(problems["file"], problems["row"], problems["value"], strict=True))
    for problem in truth(client)["problems"]:
        assert (problem["file"], problem["row"], problem["value"]) in told, problem


@pytest.mark.parametrize("client", CLIENTS)
def test_every_seeded_conflict_is_listed(client):
    conflicts = portfolio(client).conflicts
    told = set(zip(conflicts["entry_number"], conflicts["column"], strict=True))
    for conflict in truth(client)["conflicts"]:
        assert (conflict["entry_number"], conflict["column"]) in told, conflict


@pytest.mark.parametrize("client", CLIENTS)
def test_headings_sum_to_entries_sum_to_the_total(client):
    found = assessment(client, DAYS[1])
    by_entry = found.refund_lines.groupby("entry_number")["principal_cents"].sum()
    table = found.table.set_index("entry_number")["principal_cents"].dropna()
    assert by_entry.to_dict() == table[table != 0].to_dict() or set(by_entry[by_entry != 0].items()) == set(
        table[table != 0].items()
    )
    assert found.totals["principal_cents"].sum() == by_entry.sum()
    assert (found.table["principal_cents"].fillna(0) <= found.table["duty_paid_cents"].fillna(0)).all()
