"""A column of chapter 99 numbers nobody could read: what it names and no line bears puts the amount in doubt."""

import pytest

import cape_kit
from tests.entries.folders import folder
from tests.entries.test_unsaid import DAY, HEADERS, ROW, changed, entry

#: The entry's one line bears 9903.01.24 with $1,000.00; a cell of the unread column, and how sure the amount is.
CELLS = {
    "9903.01.25": "in doubt", "99030125": "in doubt", "9903.01.24; 9903.01.25": "in doubt", "9903-01-25 CN": "in doubt",
    # Of the IEEPA series, and in no registry: it may be one.
    "9903.01.99": "in doubt",
    "9903.01.24": "exact", "99030124": "exact", "9903.88.03": "exact", "": "exact", "8708.99.8180": "exact",
}  # fmt: skip


def assessed(tmp_path, rows):
    return cape_kit.assess(cape_kit.open(folder(tmp_path / "c", {"a.csv": rows}, 'name = "X"\n')), as_of=DAY)


@pytest.mark.parametrize("header", ["Extra number", "Sec. code", "Notes"])
@pytest.mark.parametrize("cell", CELLS)
def test_a_heading_no_line_bears_is_a_doubt_of_the_amount(tmp_path, header, cell):
    found = assessed(tmp_path, [[*HEADERS, header], [*ROW, cell]])
    assert (entry(found)["principal_cents"], entry(found)["confidence"]) == (100_000, CELLS[cell])
    assert ("numbers-unread" in set(found.caveats["code"])) == (CELLS[cell] == "in doubt")


def test_a_heading_on_another_line_of_the_entry_is_none(tmp_path):
    rows = [[*HEADERS, "Extra number"], [*ROW, ""], [*changed(hts="9903.01.25", duty="500.00"), "9903.01.24"]]
    assert entry(assessed(tmp_path, rows))["confidence"] == "exact"


def test_the_caveat_has_its_dollars_and_what_settles_it(tmp_path):
    found = assessed(tmp_path, [[*HEADERS, "Extra number"], [*ROW, "9903.01.25"]])
    told = found.caveats.set_index("code").loc["numbers-unread"]
    assert (told["entries"], told["principal_cents"]) == (1, 100_000)
    assert "ES-003" in told["settles"]
    assert "not read" in entry(found)["confidence_why"]
