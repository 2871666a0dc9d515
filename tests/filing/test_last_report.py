"""What changed since the last report: every entry of one kind, and the dollars then and now add up."""

import json
from datetime import date, timedelta

import pandas as pd
import pytest

import cape_kit
from cape_kit.errors import Usage
from cape_kit.filing import REPORT_ENTRIES, last_report, ledger
from cape_kit.filing.ledger import Upload
from cape_kit.rendering import manifest
from cape_kit.views import tables
from tests.filing.world import DAY, assessed
from tests.numbers import numbered

N = [numbered("B76", place) for place in range(5)]
LATER = date(2026, 6, 4)
#: Liquidated 180 days before May 5: the last day to protest; a month later both windows are closed.
LAST_DAY = {"liquidation_status": "Liquidated", "liquidation_date": DAY - timedelta(days=180)}


def kinds(found):
    return found.table.set_index("entry_number")["kind"].to_dict()


@pytest.fixture
def report(tmp_path):
    """A report of May 5: two entries to file, one on its last day to protest, and one the next files lack."""
    folder = tmp_path / "reports" / DAY.isoformat()
    last_report.write(assessed({}, {}, LAST_DAY, {}, folder=tmp_path), folder)
    return folder


def test_new_moved_lost_restated_gone_and_the_same(report, tmp_path):
    ledger.record(tmp_path, Upload("a.csv", "ab12", (N[0],)), filed_on=DAY)
    rows = [{}, {}, LAST_DAY, {"entry_number": N[4]}]
    now = assessed(
        *rows,
        folder=tmp_path,
        on=LATER,
        duty=dict(zip([*N[:3], N[4]], (20_000, 25_000, 20_000, 7), strict=True)),
    )
    found = last_report.changes(now, report)
    assert kinds(found) == {N[0]: "moved", N[1]: "restated", N[2]: "lost", N[3]: "gone", N[4]: "new"}
    moved = found.table.set_index("entry_number").loc[N[0]]
    assert (moved["before"], moved["after"]) == ("file", "filed")
    # $200 each then: 4 × 20,000 cents. Now 20,000 + 25,000 + 20,000 + 7.
    assert found.table["before_cents"].sum() == 80_000 and found.table["after_cents"].sum() == 65_007
    assert found.summary["entries"].sum() == 5


def test_an_amount_that_was_not_known_was_no_zero(report, tmp_path):
    path = report / REPORT_ENTRIES
    kept = json.loads(path.read_text("utf-8"))
    for number in (N[1], N[3]):
        kept["entries"][number][1] = None
    path.write_text(json.dumps(kept), "utf-8")
    now = assessed({}, {}, LAST_DAY, {}, folder=tmp_path, on=DAY + timedelta(days=1))
    found = last_report.changes(now, report)
    row = found.table.set_index("entry_number").loc[N[1]]
    assert row["kind"] == "restated" and pd.isna(row["before_cents"]) and row["after_cents"] == 20_000
    assert pd.isna(found.summary.set_index("kind").loc["restated", "before_cents"])


def test_what_is_not_known_is_kept_as_such(tmp_path):
    """Three entries of the sample have no tariff lines."""
    found = cape_kit.assess(cape_kit.open("sample:northgate-tools"), as_of=DAY)
    last_report.write(found, tmp_path)
    kept = json.loads((tmp_path / REPORT_ENTRIES).read_text("utf-8"))["entries"]
    assert sum(row[1] is None for row in kept.values()) == 3
    assert last_report.read(tmp_path).entries["principal_cents"].isna().sum() == 3
    later = cape_kit.assess(cape_kit.open("sample:northgate-tools"), as_of=DAY + timedelta(days=1))
    assert not set(last_report.changes(later, tmp_path).table["kind"]) & {"restated", "new", "gone"}


def test_it_is_said_in_words_and_a_table_that_adds_up(report, tmp_path):
    ledger.record(tmp_path, Upload("a.csv", "ab12", (N[0],)), filed_on=DAY)
    now = assessed({}, {}, LAST_DAY, {}, folder=tmp_path, on=LATER)
    said = tables.since_last(now, report)
    assert "Since the report of May 5, 2026, 30 days ago: 1 entry filed ($200); 1 entry lost" in said.words
    assert "from “File on CAPE” to “Filed, awaiting CBP”" in said.text and "Unchanged" in said.text
    assert tables.since_last(now, "").text == ""


def test_nothing_changed_is_said(tmp_path):
    last_report.write(assessed({}, folder=tmp_path), tmp_path / "r")
    said = tables.since_last(assessed({}, folder=tmp_path, on=date(2026, 5, 6)), tmp_path / "r")
    assert "1 day ago: no entry changed disposition. IEEPA duty found is the same, $200." in said.words


def test_the_last_report_is_the_latest_earlier_one_that_keeps_its_figures(tmp_path):
    found = assessed({}, folder=tmp_path)
    for name in ("2026-05-05", "2026-05-20", "2026-06-04", "2026-05-25 redacted", "notes"):
        last_report.write(found, tmp_path / name)
    (tmp_path / "2026-05-28").mkdir()  # as a version of the kit made it that kept none
    assert manifest.before(tmp_path, LATER) == tmp_path / "2026-05-20"
    assert manifest.before(tmp_path, date(2026, 5, 5)) is None
    assert manifest.before(tmp_path / "nowhere", LATER) is None


@pytest.mark.parametrize(
    "content", ["", "[]", "{}", '{"cape_kit_entries": 2}', '{"cape_kit_entries": 1, "columns": 3}']
)
def test_a_folder_without_figures_is_one_sentence(tmp_path, content):
    (tmp_path / REPORT_ENTRIES).write_text(content, "utf-8")
    with pytest.raises(Usage, match="no report with its entry figures"):
        last_report.changes(assessed({}, folder=tmp_path), tmp_path)


def test_a_report_of_the_same_day_or_later_is_no_last_one(report, tmp_path):
    with pytest.raises(Usage, match="not before"):
        last_report.changes(assessed({}, folder=tmp_path), report)


def test_what_is_kept_names_nobody_and_is_the_same_each_time(report, tmp_path):
    told = (report / REPORT_ENTRIES).read_bytes()
    assert set(json.loads(told)["entries"]) == set(N[:4])
    assert b"Acme" not in told and b"12-345678900" not in told
    last_report.write(assessed({}, {}, LAST_DAY, {}, folder=tmp_path), tmp_path / "again")
    assert (tmp_path / "again" / REPORT_ENTRIES).read_bytes() == told


def test_the_door_takes_a_folder_in_place_of_a_day(report, tmp_path):
    now = assessed({}, {}, LAST_DAY, {}, folder=tmp_path, on=LATER)
    assert cape_kit.since(now, report).table.equals(cape_kit.since(now, str(report)).table)


def test_refunds_that_came_since_are_counted_once():
    """The sample after filing: what was paid is what its refund reports show, and nothing of it twice."""
    after = cape_kit.assess(cape_kit.open("data/sample-after/quarry-and-pine"), as_of="2026-10-01")
    paid = last_report.figures(after)["paid_cents"]
    found = cape_kit.reconcile(after).entries
    assert (
        paid.sum()
        == (found["paid_principal_cents"].fillna(0) + found["paid_interest_cents"].fillna(0)).sum()
        > 0
    )
