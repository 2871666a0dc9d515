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
    assert owed[columns].values.tolist() == [["060", 1, 1, 0, 0, "B"], ["HK7", 2, 0, 6, 1000, "A, B"]]


def test_filed_paid_and_what_to_look_into(folder):
    found = book.read(folder, DAY)
    assert found.filed_and_paid.frame[["name", "claimed_cents", "paid_cents"]].values.tolist() == [
        ["A", 0, 42], ["B", 20, 2],
    ]  # fmt: skip
    assert found.trouble.frame.values.tolist() == [
        ["c", "No report; its log is failed.log in its folder"],
        ["B", "Not read: b.pdf (3 rows)"],
        ["B", "An export is of Mar 31, 2026"],
    ]


def test_a_folder_without_reports_is_one_sentence(tmp_path):
    with pytest.raises(Usage, match="no report in it"):
        cape_kit.book(tmp_path)


@pytest.mark.parametrize("client", ["harbor-lane", "quarry-and-pine"])
def test_the_book_that_comes_with_the_kit_says_what_the_kit_says(client):
    path = refresh.BOOK / client / refresh.BOOK_DAY.isoformat() / "manifest.json"
    assert json.loads(path.read_text("utf-8"))["summary"] == refresh.figures(client)
