"""What several rows and files say of a liquidation is one history, whatever the files are called."""

from datetime import date
from itertools import permutations

import pytest

import cape_kit
from tests.entries.folders import CLIENT, HEADERS, NUMBERS, clean_rows, folder

ENTRY = NUMBERS[0]
STATUS, DATE = HEADERS.index("Liquidation Status"), HEADERS.index("Liquidation Date")
MINE = [row for row in clean_rows() if row[0] == ENTRY]
NAMES = [("a.csv", "b.csv"), ("b.csv", "a.csv")]


def said(status, day):
    """The entry's rows with that status and date."""
    return [[*row[:STATUS], status, day] for row in MINE]


def entry(tmp_path, files):
    found = cape_kit.open(folder(tmp_path / "client", files, CLIENT))
    row = found.entries.set_index("entry_number").loc[ENTRY]
    days = [None if row[name] != row[name] or row[name] is None else row[name].date()
            for name in ("liquidation_date", "original_liquidation_date")]  # fmt: skip
    return row["liquidation_status"], *days, found


@pytest.mark.parametrize("names", NAMES)
def test_a_past_liquidation_goes_before_a_pending_one(tmp_path, names):
    files = [[HEADERS, *said("Pending", "07/24/2026")], [HEADERS, *said("Liquidated", "12/05/2025")]]
    status, on, first, found = entry(tmp_path, dict(zip(names, files, strict=True)))
    assert (status, on, first) == ("Liquidated", date(2025, 12, 5), None)
    told = found.conflicts.set_index("column")
    assert told.loc["liquidation_date", "other"] == "2026-07-24"


@pytest.mark.parametrize("names", NAMES)
def test_a_past_liquidation_is_one_however_its_word_is_written(tmp_path, names):
    """The same words that decide the entry decide its history: "Liquidated (No Change)" is liquidated."""
    files = [
        [HEADERS, *said("Pending", "07/24/2026")],
        [HEADERS, *said("Liquidated (No Change)", "12/05/2025")],
    ]
    _, on, _, _ = entry(tmp_path, dict(zip(names, files, strict=True)))
    assert on == date(2025, 12, 5)


@pytest.mark.parametrize("names", NAMES)
def test_liquidated_and_reliquidated_in_two_files_is_a_history(tmp_path, names):
    files = [[HEADERS, *said("Liquidated", "01/09/2026")], [HEADERS, *said("Reliquidated", "04/24/2026")]]
    status, on, first, found = entry(tmp_path, dict(zip(names, files, strict=True)))
    assert (status, on, first) == ("Reliquidated", date(2026, 4, 24), date(2026, 1, 9))
    assert "liquidation_date" not in set(found.conflicts["column"])


@pytest.mark.parametrize("order", list(permutations([0, 1])))
def test_liquidated_and_reliquidated_in_two_rows_is_a_history(tmp_path, order):
    rows = [said("Liquidated", "01/09/2026")[0], said("Reliquidated", "04/24/2026")[1]]
    files = {"a.csv": [HEADERS, *(rows[at] for at in order), *said("Reliquidated", "04/24/2026")[2:]]}
    status, on, first, _ = entry(tmp_path, files)
    assert (status, on, first) == ("Reliquidated", date(2026, 4, 24), date(2026, 1, 9))


def test_a_column_of_its_own_for_the_reliquidation(tmp_path):
    rows = [[*row, "04/24/2026"] for row in said("Liquidated", "01/09/2026")]
    status, on, first, _ = entry(tmp_path, {"a.csv": [[*HEADERS, "Reliquidation Date"], *rows]})
    assert (status, on, first) == ("Reliquidated", date(2026, 4, 24), date(2026, 1, 9))


def test_a_status_in_one_file_and_its_date_in_another(tmp_path):
    notice = [["Entry Summary Number", "Liquidation Date"], [ENTRY, "03/06/2026"]]
    files = {"a.csv": [HEADERS, *said("Liquidated", "")], "b.csv": notice}
    assert entry(tmp_path, files)[:2] == ("Liquidated", date(2026, 3, 6))
