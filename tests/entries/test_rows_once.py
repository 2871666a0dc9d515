"""Rows have a key: equal rows count once, versions give way, disagreeing rows are never summed; parts join."""

import pytest

import cape_kit
from tests.entries.folders import CLIENT, HEADERS, NUMBERS, clean_rows, folder
from tests.numbers import numbered

ROWS = clean_rows()
LINE, ORDINAL, DUTY = (HEADERS.index(name) for name in (
    "Entry Summary Line Number", "Tariff Ordinal Number", "Line Tariff Duty Amount",
))  # fmt: skip
#: 9903.01.24 and 9903.01.25 of each line: $2,000.00 and $1,000.50; two of the four entries have two lines.
ONE_LINE, TWO_LINES = 300050, 600100


def opened(tmp_path, files):
    return cape_kit.open(folder(tmp_path / "client", files, CLIENT))


def duty(found, entry):
    """Duty on IEEPA rows of an entry. [cents]"""
    lines = found.tariff_lines.to_pandas()
    mine = lines[(lines["entry_number"] == entry) & lines["hts"].str.startswith("9903", na=False)]
    return int(mine["duty_cents"].sum())


def codes(found):
    return set(found.problems["code"])


def changed(row, **cells):
    at = {"line": LINE, "ordinal": ORDINAL, "duty": DUTY}
    new = list(row)
    for name, value in cells.items():
        new[at[name]] = value
    return new


def test_an_export_pasted_under_itself_counts_once_and_says_so(tmp_path):
    found = opened(tmp_path, {"a.csv": [HEADERS, *ROWS, HEADERS, *ROWS]})
    assert [duty(found, number) for number in NUMBERS] == [ONE_LINE, TWO_LINES, ONE_LINE, TWO_LINES]
    (row,) = found.problems[found.problems["code"] == "R31"].to_dict("records")
    assert "18 rows" in row["message"] and "4 entries" in row["message"]
    (file,) = found.files.to_dict("records")
    assert file["rows"] == file["rows_used"] + file["rows_repeated"] + file["rows_blank"]
    assert (file["rows_used"], file["rows_repeated"]) == (18, 18)


def test_two_rows_of_one_ordinal_that_disagree_are_never_summed(tmp_path):
    found = opened(tmp_path, {"a.csv": [HEADERS, *ROWS, changed(ROWS[0], duty="2500.00")]})
    assert duty(found, NUMBERS[0]) == ONE_LINE
    (conflict,) = found.conflicts[found.conflicts["column"] == "tariff_lines"].to_dict("records")
    assert (conflict["taken"], conflict["other"]) == ("duty 2000.00", "duty 2500.00")
    assert "R33" in codes(found)


def test_of_versions_of_an_entry_the_last_counts(tmp_path):
    headers = [*HEADERS, "Entry Summary Version Number"]
    first = [[*row, "1"] for row in ROWS]
    second = [[*changed(row, duty="0.00" if row[ORDINAL] == "1" else row[DUTY]), "2"] for row in ROWS[:3]]
    found = opened(tmp_path, {"a.csv": [headers, *first, *second]})
    assert duty(found, NUMBERS[0]) == 100050
    assert duty(found, NUMBERS[1]) == TWO_LINES
    assert "R34" in codes(found)


def test_rows_without_lines_that_are_alike_count_once_and_are_doubted(tmp_path):
    drop = (LINE, ORDINAL)
    bare = [[cell for at, cell in enumerate(row) if at not in drop] for row in (HEADERS, *ROWS[:3], ROWS[0])]
    found = opened(tmp_path, {"a.csv": bare})
    assert duty(found, NUMBERS[0]) == ONE_LINE
    assert "R32" in codes(found)


def only_conflict(found):
    (conflict,) = found.conflicts.to_dict("records")
    return conflict["taken"], conflict["other"]


@pytest.mark.parametrize(
    ("first", "second", "told"),
    [
        ("see invoice", "2500.00", ("duty not known", "duty 2500.00")),
        ("2000.00", "see invoice", ("duty 2000.00", "duty not known")),
        ("", "2500.00", ("duty not known", "duty 2500.00")),
    ],
)
def test_a_duty_nobody_could_read_is_no_zero_in_a_conflict(tmp_path, first, second, told):
    rows = [changed(ROWS[0], duty=first), *ROWS[1:], changed(ROWS[0], duty=second)]
    found = opened(tmp_path, {"a.csv": [HEADERS, *rows]})
    assert only_conflict(found) == told
    (problem,) = found.problems[found.problems["code"] == "R33"].to_dict("records")
    assert ("duty not known" in problem["message"]) == (second == "see invoice")
    assert "1 row (" in problem["message"] and "of 1 entry (" in problem["message"]


def test_what_was_not_read_beside_what_was_is_told_in_a_conflict(tmp_path):
    headers = ["Entry Number", "Line Number", "HTS", "Entered Value", "Duty", "IEEPA Duty"]
    row = [NUMBERS[0], "1", "3923900080", "10000.00", "300.00"]
    more = [NUMBERS[0], "2", "3923900080", "5000.00", "150.00", "500.00"]
    found = opened(tmp_path, {"a.csv": [headers, [*row, "1000.00"], more, [*row, "1000.00 (see note)"]]})
    assert only_conflict(found) == ("duty 1300.00", "duty 300.00 and 1 not read")


def test_what_is_not_known_is_told_where_files_differ(tmp_path):
    mine = [row for row in ROWS if row[0] == NUMBERS[0]]
    other = [changed(mine[0], duty="2500.00"), changed(mine[1], duty="see invoice"), *mine[2:]]
    found = opened(tmp_path, {"a.csv": [HEADERS, *mine], "b.csv": [HEADERS, *other]})
    assert sorted(only_conflict(found)) == [
        "3 rows, duty 2500.00 and 1 not known, of it IEEPA unknown",
        "3 rows, duty 3000.50, of it IEEPA 3000.50",
    ]


@pytest.mark.parametrize("names", [("a.csv", "b.csv"), ("z.csv", "b.csv")])
def test_lines_of_one_entry_in_two_files_are_joined(tmp_path, names):
    """NUMBERS[1] has two lines: one in each file."""
    mine = [row for row in ROWS if row[0] == NUMBERS[1]]
    parts = [[HEADERS, *(row for row in mine if row[LINE] == line)] for line in ("1", "2")]
    found = opened(tmp_path, dict(zip(names, parts, strict=True)))
    assert duty(found, NUMBERS[1]) == TWO_LINES
    assert "C10" in codes(found)


def test_ordinals_of_one_line_in_two_files_are_joined(tmp_path):
    parts = [[HEADERS, *(row for row in ROWS if (row[ORDINAL] == "1") is first)] for first in (True, False)]
    found = opened(tmp_path, {"a.csv": parts[0], "b.csv": parts[1]})
    assert [duty(found, number) for number in NUMBERS] == [ONE_LINE, TWO_LINES, ONE_LINE, TWO_LINES]


def test_overlapping_parts_count_each_row_once(tmp_path):
    mine = [row for row in ROWS if row[0] == NUMBERS[1]]
    third = [changed(row, line="3") for row in mine[:3]]
    found = opened(tmp_path, {"a.csv": [HEADERS, *mine], "b.csv": [HEADERS, *mine[3:], *third]})
    assert duty(found, NUMBERS[1]) == TWO_LINES + ONE_LINE


def test_the_fuller_of_two_undated_files_is_taken_whole(tmp_path):
    mine = [row for row in ROWS if row[0] == NUMBERS[1]]
    for names in (("a.csv", "b.csv"), ("b.csv", "a.csv")):
        files = dict(zip(names, ([HEADERS, *mine[:3]], [HEADERS, *mine]), strict=True))
        assert duty(opened(tmp_path / names[0][0], files), NUMBERS[1]) == TWO_LINES


def test_a_mistyped_twin_is_pointed_out_and_not_counted(tmp_path):
    right = numbered("B76", 32452)
    wrong = right[:-1] + str((int(right[-1]) + 4) % 10)
    mine = [row for row in ROWS if row[0] == right]
    found = opened(
        tmp_path, {"a.csv": [HEADERS, *mine], "b.csv": [HEADERS, *([wrong, *row[1:]] for row in mine)]}
    )
    entries = found.entries.set_index("entry_number")
    assert entries.loc[wrong, "twin_of"] == right
    assert "C11" in codes(found)


def test_a_gap_elsewhere_in_one_file_does_not_double_an_entry(tmp_path):
    """Alike rows stay alike although another entry of one of the files lacks an ordinal."""
    rows = clean_rows()
    other = [[*row] for row in rows]
    other[0][DUTY] = "2500.00"
    other[-1][ORDINAL] = ""
    found = opened(tmp_path, {"a.csv": [HEADERS, *rows], "b.csv": [HEADERS, *other]})
    numbers = found.tariff_lines["entry_number"].to_pylist()
    assert numbers.count(rows[0][0]) == sum(row[0] == rows[0][0] for row in rows)
