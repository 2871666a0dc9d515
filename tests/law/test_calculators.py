"""The calculators and the law page as a person or a program meets them."""

import json
from datetime import date, timedelta

import pytest
from click.testing import CliRunner

from cape_kit.cli import calculators, lawpage
from cape_kit.errors import NoLawInForce, Usage


def ask(command, *words):
    return CliRunner().invoke(command, list(words))


def told(command, *words):
    result = ask(command, *words, "--json")
    assert result.exit_code == 0, result.output
    return json.loads(result.stdout)


def test_heading_for_programs():
    assert told(calculators.heading, "9903.01.24", "--on", "2025-11-09") == {
        "hts": "99030124",
        "on": "2025-11-09",
        "is_ieepa": True,
        "kind": "duty",
        "programme": "China/HK fentanyl",
        "rate_pct": "20",
        "source": "EO 14228; CSMS 66749380; Fintella; Klearnow",
    }
    assert told(calculators.heading, "9903.88.15", "--on", "2025-11-09")["kind"] is None


def test_heading_warns_programs_on_stderr():
    result = ask(calculators.heading, "9903.01.35", "--on", "2025-06-01", "--json")
    assert json.loads(result.stdout)["is_ieepa"] is False
    assert "no such heading" in result.stderr


def test_heading_for_people():
    result = ask(calculators.heading, "9903.02.20", "--on", "2025-10-01")
    assert result.exit_code == 0
    assert result.output.startswith("9903.02.20: IEEPA duty heading, 15%")
    for text in ("European Union", "All-in heading", "CSMS 66319804", "2025-08-07 to 2026-02-23 at 15%"):
        assert text in result.output


@pytest.mark.parametrize("word", ["postal", "de minimis", "Mail"])
def test_heading_explains_postal_duty(word):
    result = ask(calculators.heading, word, "--on", "2025-10-01")
    assert "is on no entry" in " ".join(result.output.split())
    assert "EO 14324" in result.output


def test_heading_without_a_day_takes_today_and_says_so():
    result = ask(calculators.heading, "9903.01.24")
    assert "using today" in result.stderr
    assert "no longer in force" in result.stdout


def test_heading_malformed():
    result = ask(calculators.heading, "9903", "--on", "2025-10-01")
    assert isinstance(result.exception, Usage)
    assert result.exception.exit_code == 2


def test_windows_for_programs():
    found = told(calculators.windows, "--liquidated", "2026-09-03", "--as-of", "2026-11-22")
    assert found == {
        "cape": {"last_day": "2026-11-22", "days_left": 0, "state": "due_soon"},
        "reliquidation": {"last_day": "2026-12-02", "days_left": 10, "state": "due_soon"},
        "protest": {"last_day": "2027-03-02", "days_left": 100, "state": "open"},
    }


@pytest.mark.parametrize(
    ("clock", "days", "before", "after"),
    [
        ("cape", 80, "due_soon", "closed"),
        ("reliquidation", 90, "due_soon", "closed"),
        ("protest", 180, "due_soon", "closed"),
    ],
)
def test_windows_close_after_their_last_day(clock, days, before, after):
    liquidated = date(2026, 5, 1)
    last = liquidated + timedelta(days=days)
    for day, state in ((last, before), (last + timedelta(days=1), after), (liquidated, "open")):
        found = told(calculators.windows, "--liquidated", str(liquidated), "--as-of", str(day))
        assert found[clock]["state"] == state
        assert found[clock]["last_day"] == str(last)


def test_windows_published_cut_offs():
    # The day CAPE opened it reached back to liquidations of 30 January 2026.
    opened = told(calculators.windows, "--liquidated", "2026-01-30", "--as-of", "2026-04-20")
    assert opened["cape"]["days_left"] == 0
    too_old = told(calculators.windows, "--liquidated", "2026-01-29", "--as-of", "2026-04-20")
    assert too_old["cape"]["state"] == "closed"
    ahead = told(calculators.windows, "--liquidated", "2026-05-05", "--as-of", "2026-05-04")
    assert ahead["cape"]["state"] == "not_open"


def test_windows_for_people():
    result = ask(calculators.windows, "--liquidated", "2026-09-03", "--as-of", "2026-11-22")
    assert "2026-11-22 Sun" in result.output
    assert "2026-11-20" in result.output  # the business day before
    assert "19 U.S.C. 1514" in result.output
    assert "already past" in result.output


def test_windows_before_the_programme():
    result = ask(calculators.windows, "--liquidated", "2026-01-30", "--as-of", "2026-04-01")
    assert isinstance(result.exception, NoLawInForce)


I1 = ("--principal", "12250", "--deposited", "2015-04-15", "--until", "2017-10-26")


def test_interest_for_programs():
    found = told(calculators.interest, *I1, "--importer-class", "non_corporate", "--day-count", "end")
    segments = found.pop("segments")
    assert found == {"principal": "12250.00", "interest": "1175.72", "total": "13425.72", "days": 925}
    assert segments[0] == {"first_day": "2015-04-16", "last_day": "2015-06-30", "days": 76, "rate": "0.03"}
    assert sum(one["days"] for one in segments) == 925
    assert segments[-1]["rate"] == "0.04"


def test_interest_for_people():
    result = ask(calculators.interest, "--principal", "$100,000.00", "--deposited", "2026-03-30",
                 "--until", "2026-07-02")  # fmt: skip
    assert result.exit_code == 0
    assert "Class corporate, day count start" in result.output
    assert "Rev. Rul. 2026-10 (IRB 2026-22) (confidence medium)" in result.output
    assert "$100,000.00" in result.output


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (("--principal", "ten", "--deposited", "2025-01-01", "--until", "2025-02-01"), "no amount of money"),
        (("--principal", "-5", "--deposited", "2025-01-01", "--until", "2025-02-01"), "zero or more"),
        (("--principal", "1.005", "--deposited", "2025-01-01", "--until", "2025-02-01"), "whole cents"),
        (("--principal", "5", "--deposited", "2025-03-01", "--until", "2025-02-01"), "is before"),
    ],
)
def test_interest_asked_wrongly(words, sentence):
    result = ask(calculators.interest, *words)
    assert isinstance(result.exception, Usage)
    assert sentence in str(result.exception)


def test_interest_beyond_the_published_rates():
    result = ask(
        calculators.interest, "--principal", "5", "--deposited", "2026-12-01", "--until", "2027-01-03"
    )
    assert isinstance(result.exception, NoLawInForce)
    assert "cover 1983-01-01 to 2026-12-31" in str(result.exception)


@pytest.mark.parametrize(
    ("command", "words"),
    [
        (calculators.heading, ("9903.01.25", "--on", "2025-13-01")),
        (calculators.windows, ("--liquidated", "yesterday")),
        (calculators.interest, ("--principal", "5", "--deposited", "1/2/2025", "--until", "2025-02-01")),
        (lawpage.law, ("--on", "soon")),
    ],
)
def test_malformed_days(command, words):
    result = ask(command, *words)
    assert result.exit_code == 2
    assert "is not a date; write it as YYYY-MM-DD" in result.stderr


def test_unknown_class():
    result = ask(calculators.interest, *I1, "--importer-class", "royal")
    assert result.exit_code == 2
    assert "'corporate', 'non_corporate'" in result.stderr


def test_entry_numbers_for_programs():
    found = told(calculators.entry_number, "B76-0324527-8", "316-2509314-6", "316-0000504-0")
    assert [one["normalised"] for one in found] == ["B7603245278", "31625093146", "31600005040"]
    assert all(one["valid"] and one["problem"] is None for one in found)


def test_entry_numbers_for_people():
    result = ask(calculators.entry_number, "ABC-1234567-8", "B76-0324527-8")
    assert result.exit_code == 1
    assert "should be 6" in result.output
    assert "CATAIR Appendix E" in result.output


@pytest.mark.parametrize(
    "day", ["2026-02-01", "2026-04-20", "2026-05-05", "2026-06-29", "2026-11-22", "1990-01-01"]
)
def test_the_page_on_any_day(day):
    result = ask(lawpage.law, "--on", day)
    assert result.exit_code == 0
    assert result.output.startswith(f"The law of CAPE refunds on {day}")
    assert max(map(len, result.output.splitlines())) <= 110


def test_the_page_follows_the_day():
    may, november = (ask(lawpage.law, "--on", day).output for day in ("2026-05-05", "2026-11-22"))
    assert "Entry Summary Flagged for Recon" in may
    assert "Entry Summary Flagged for Recon" not in november
    assert "HTS Relationship Mismatch” " in november
    assert "HTS Relationship Mismatch” " not in may
    duties = ask(lawpage.law, "--on", "2025-04-09").output
    assert "9903.01.72 Vietnam 46%" in duties


def test_the_page_replayed():
    result = ask(lawpage.law, "--on", "2026-07-10", "--known-on", "2026-05-05")
    assert "as known on 2026-05-05" in result.output
    assert "Phase 2" not in result.output.split("Numbers and lists")[0]


def test_check_lists_and_exits_1():
    result = ask(lawpage.law, "--check", "--on", "2026-11-22")
    assert result.exit_code == 1
    for text in ("Current", "How many entries may one declaration hold?", "Phase 3", "next quarter"):
        assert text in result.output
    stale = ask(lawpage.law, "--check", "--on", "2027-01-10", "--json")
    found = json.loads(stale.stdout)
    assert stale.exit_code == 1
    assert "46 days before" in found["stale"]
    assert {"conflicts", "pending", "version", "checked_on"} <= set(found)


def test_the_page_for_programs():
    found = told(lawpage.law, "--on", "2026-06-29")
    assert found["values"]["window.cape"]["value"] == 80
    assert found["values"]["types.recon_allowed"]["value"] == ["01", "02", "06"]
    assert [one["code"] for one in found["validations"][:3]] == ["F01", "F02", "F03"]
    assert found["interest"][0]["corporate_pct"] == "5"
    assert found["headings"] == []


@pytest.mark.parametrize(
    ("word", "answer"),
    [
        ("notify party", "entry summary"),
        ("drawback", "Entry on Drawback"),
        ("deemed", "One year after the date of entry"),
        ("leading zero", "apostrophe"),
        ("set off", "Funds Diverted"),
        ("surety", "Leave the entry out"),
        ("LLC", "Corporate unless"),
        ("9903.01.24", "9903.01.24"),
        ("99030124", "9903.01.24"),
        ("9903.02.30", "Japan"),
        ("9903.03.01", "Section 122"),
        ("potash", "9903.01.05"),
        ("under review", "liquidation_status, canon “under review”"),
    ],
)
def test_find(word, answer):
    result = ask(lawpage.law, "--find", word, "--on", "2026-11-22")
    assert answer in " ".join(result.output.split())


def test_find_nothing():
    result = ask(lawpage.law, "--find", "zebra", "--on", "2026-11-22")
    assert result.exit_code == 1
    assert "nothing on 'zebra'" in result.stderr


def test_postal_for_programs():
    found = told(calculators.heading, "postal")
    assert found["hts"] == "postal"
    assert found["answers"] and set(found["answers"][0]) == {"question", "answer", "source"}
    assert any("EO 14324" in one["source"] for one in found["answers"])


@pytest.mark.parametrize(
    ("command", "words"),
    [
        (calculators.windows, ("--liquidated", "9999-12-31", "--as-of", "2026-05-05")),
        (calculators.windows, ("--liquidated", "2026-05-05", "--as-of", "9999-12-31")),
        (lawpage.law, ("--on", "9999-12-31")),
    ],
)
def test_days_beyond_all_reach(command, words):
    result = ask(command, *words)
    assert result.exit_code == 2
    assert "9999-12-31 is too far ahead; the law book does not go beyond 21" in result.stderr


def test_the_page_replayed_before_anything_was_known():
    result = ask(lawpage.law, "--on", "2026-05-05", "--known-on", "2020-01-01")
    assert result.exit_code == 0
    assert "no IEEPA heading was public on 2020-01-01" in result.output
