"""The firm's book: what the reports say, added up; held against a recount of the manifests by hand."""

import json
from collections import Counter
from datetime import date

import pytest

import cape_kit
from cape_kit.errors import Usage
from cape_kit.rendering import book
from tests import refresh

DAY = date(2026, 5, 5)


def told(name, day="2026-05-05", exported="2026-05-05", **parts):
    """A report's summary: `parts` are the cents by disposition."""
    return {
        "name": name,
        "as_of": day,
        "dispositions": {
            key: {"entries": 2, "principal_cents": cents, "interest_cents": cents // 10} for key, cents in parts.items()
        },
        "unread": ["b.pdf (3 rows)"] if name == "B" else [],
        "next_deadline": None,
        "book": {
            "deadlines": [
                {"day": one, "what": "last day for CAPE", "entries": 1, "principal_cents": 7, "interest_cents": 1}
                for one in ("2026-05-04", "2026-05-06", "2026-06-04", "2026-06-05")
            ],
            "filers": [
                {"filer_code": "060", "name": "Gateway", "data_received": name != "B", "entries": 4,
                 "principal_cents": 9, "open_entries": 0, "waiting_cents": 0},
                {"filer_code": "HK7", "name": None, "data_received": None, "entries": 4,
                 "principal_cents": 9, "open_entries": 3, "waiting_cents": 500},
            ],
            "exported_on": exported,
            "paid": {"entries": 1, "principal_cents": 40 if name == "A" else 0, "interest_cents": 2},
        },
    }  # fmt: skip


@pytest.fixture
def folder(tmp_path):
    for key, day, summary in (
        ("a", "2026-05-05", told("A", file=100, cure=30)),
        ("a", "2026-06-01", told("A", day="2026-06-01", file=999)),
        ("b", "2026-05-01", told("B", day="2026-05-01", exported="2026-03-31", file=50, claimed=20)),
    ):
        path = tmp_path / key / day / "manifest.json"
        path.parent.mkdir(parents=True)
        path.write_text(json.dumps({"summary": summary}), "utf-8")
    (tmp_path / "c").mkdir()
    (tmp_path / "c" / "failed.log").write_text("It could not be read.")
    return tmp_path


def test_the_newest_report_until_the_day_counts_and_adds_up(folder):
    found = cape_kit.book(folder, as_of=DAY)
    sums = found.dispositions.frame.set_index("disposition")
    assert sums.loc[["file", "cure", "claimed"], "principal_cents"].tolist() == [150, 30, 20]
    assert sums.loc[["file", "cure", "claimed"], "entries"].tolist() == [4, 2, 2]
    assert found.clients.frame[["name", "principal_cents", "now_cents"]].values.tolist() == [
        ["A", 130, 100], ["B", 70, 50],
    ]  # fmt: skip
    assert cape_kit.book(folder).clients.frame["principal_cents"].tolist() == [999, 70]


def test_what_closes_is_told_to_the_last_day_and_not_beyond(folder):
    closing = book.read(folder, DAY).closing(days=30).frame
    days = Counter(day.date().isoformat() for day in closing["day"])
    assert days == {"2026-05-06": 2, "2026-06-04": 2}


def test_duty_that_is_not_known_is_no_zero_among_what_closes(folder):
    path = folder / "b" / "2026-05-01" / "manifest.json"
    kept = json.loads(path.read_text("utf-8"))
    kept["summary"]["book"]["deadlines"][1] |= {"principal_cents": None, "interest_cents": None}
    path.write_text(json.dumps(kept), "utf-8")
    closing = book.read(folder, DAY).closing(days=30)
    assert closing.frame["principal_cents"].isna().sum() == 1
    assert closing.total["principal_cents"] == 3 * 7


def test_who_owes_data_is_told_by_broker(folder):
    owed = book.read(folder, DAY).owed.frame
    columns = ["filer_code", "clients", "missing", "open_entries", "waiting_cents", "named"]
    assert owed[columns].values.tolist() == [["060", 1, 1, 0, 0, "B"], ["HK7", 2, 0, 6, 1000, "A; B"]]


def test_names_of_companies_have_commas_and_those_not_told_are_counted():
    names = ["Lane, Inc.", "Tools, a partnership", "Lane, Inc.", "C", "D"]
    assert book.few(names) == "Lane, Inc.; Tools, a partnership; C; and 1 more"
    assert book.few(names, most=4) == "Lane, Inc.; Tools, a partnership; C; D"


def test_filed_paid_and_what_to_look_into(folder):
    found = book.read(folder, DAY)
    assert found.filed_and_paid.frame[["name", "claimed_cents", "paid_cents"]].values.tolist() == [
        ["A", 0, 42], ["B", 20, 2],
    ]  # fmt: skip
    assert found.trouble.frame.values.tolist() == [
        ["c", "No report; its log is failed.log in its folder"],
        ["B", "Its report is 4 days older than May 5, 2026: 1 deadline of 1 entry, $0, gone by since, the first on "
              "May 4, 2026; make a new one"],
        ["B", "Not read: b.pdf (3 rows)"],
        ["B", "An export is of Mar 31, 2026"],
    ]  # fmt: skip


def changed(folder, name, day, **more):
    """A report's manifest with something of its summary changed, `book` key by key."""
    path = folder / name / day / "manifest.json"
    kept = json.loads(path.read_text("utf-8"))
    kept["summary"]["book"] |= more.pop("book", {})
    kept["summary"] |= more
    path.write_text(json.dumps(kept), "utf-8")


def test_an_old_report_says_that_its_deadlines_have_gone_by(folder):
    """Asked on September 10, 2026 of reports of June 1 and May 1: every deadline they tell is past."""
    found = book.read(folder, date(2026, 9, 10))
    told = found.trouble.frame.values.tolist()
    gone = "2 deadlines of 2 entries, $0, gone by since, the first on Jun 4, 2026; make a new one"
    assert ["A", f"Its report is 101 days older than Sep 10, 2026: {gone}"] in told
    assert any(
        name == "B" and "132 days older" in what and "4 deadlines of 4 entries" in what for name, what in told
    )
    closing = found.closing()
    assert closing.frame.empty
    # June 1 + 120 days is September 29, before October 10: of the last days no report of either tells anything.
    assert "Deadlines of 2 clients have gone by" in closing.note
    assert "Reports of 2 clients do not reach" in closing.note
    assert "gone by" not in book.read(folder, date(2026, 5, 1)).closing().note


def test_a_file_of_no_known_export_day_may_be_old_and_is_told(folder):
    changed(folder, "a", "2026-05-05", book={"files_undated": 2})
    changed(folder, "b", "2026-05-01", book={"exported_on": None})
    told = {(name, what) for name, what in book.read(folder, DAY).trouble.frame.values.tolist()}
    assert ("A", "2 files without a day of export: how old they are, nobody knows") in told
    assert ("B", "The files without a day of export: how old they are, nobody knows") in told


def test_a_run_that_failed_does_not_hide_the_report_that_is_counted(folder):
    (folder / "b" / "failed.log").write_text("It could not be read.")
    told = {(name, what) for name, what in book.read(folder, DAY).trouble.frame.values.tolist()}
    assert (
        "b",
        "The last run failed; the report as of May 1, 2026 is counted. Its log is failed.log in its folder",
    ) in told
    assert ("c", "No report; its log is failed.log in its folder") in told


def test_money_that_is_not_known_is_no_zero_in_the_book(folder):
    """Client B has two entries to file and two claimed; of the duty of the former nothing is known."""
    parts = {
        "file": {"entries": 2, "principal_cents": None, "principal_unknown": 2, "interest_cents": None,
                 "interest_unknown": 2},
        "claimed": {"entries": 2, "principal_cents": 20, "principal_unknown": 0, "interest_cents": None,
                    "interest_unknown": 0},
    }  # fmt: skip
    changed(folder, "b", "2026-05-01", dispositions=parts, book={"paid": None})
    found = book.read(folder, DAY)
    mine = found.clients.frame.set_index("name").loc["B"]
    assert (mine["principal_cents"], mine["principal_unknown"]) == (20, 2)
    assert mine[["now_cents", "paid_cents", "interest_cents"]].isna().all()
    sums = found.dispositions.frame.set_index("disposition").loc["file"]
    assert (sums["entries"], sums["principal_cents"], sums["principal_unknown"]) == (4, 100, 2)
    page = found.clients._repr_html_()
    assert "not known for 2 entries" in page and 'data-label="To file now" data-blank="">–' in page
    assert "not known for 2 entries" in found.dispositions._repr_html_()
    # Of what was filed and never heard of, nobody knows that nothing was paid.
    paid = found.filed_and_paid.frame.set_index("name")["paid_cents"]
    assert paid["A"] == 42 and paid.isna()["B"]


def test_no_client_is_passed_over_unseen(folder):
    late = folder / "late" / "2026-06-01" / "manifest.json"
    late.parent.mkdir(parents=True)
    late.write_text(json.dumps({"summary": told("Late", day="2026-06-01", file=1)}), "utf-8")
    torn = folder / "torn" / "2026-05-05" / "manifest.json"
    torn.parent.mkdir(parents=True)
    torn.write_text('{"summ', "utf-8")
    making = folder / "b" / ".2026-05-04.here.1.part" / "manifest.json"
    making.parent.mkdir(parents=True)
    making.write_text("", "utf-8")
    frame = cape_kit.book(folder, as_of=DAY).trouble.frame
    said = frame.groupby("client")["what"].agg(" ".join)
    assert said["late"].startswith("Its first report is as of Jun 1, 2026, later than May 5, 2026")
    assert said["torn"] == "The manifest of its report 2026-05-05 can't be read: make it again"
    assert "manifest" not in said["B"] and "b" not in said


def test_reports_of_later_days_only_are_not_said_to_be_none(folder):
    with pytest.raises(Usage, match=r"its first report is as of May 1, 2026, later than Apr 1, 2026"):
        cape_kit.book(folder, as_of="2026-04-01")


def test_a_folder_without_reports_is_one_sentence(tmp_path):
    with pytest.raises(Usage, match="no report in it"):
        cape_kit.book(tmp_path)


@pytest.mark.parametrize("client", ["harbor-lane", "quarry-and-pine"])
def test_the_book_that_comes_with_the_kit_says_what_the_kit_says(client):
    path = refresh.BOOK / client / refresh.BOOK_DAY.isoformat() / "manifest.json"
    assert json.loads(path.read_text("utf-8"))["summary"] == refresh.figures(client)
