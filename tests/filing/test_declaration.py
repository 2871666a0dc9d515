"""Declaration files: exactly what CBP takes, checked on the bytes, whole or not at all."""

import csv
from datetime import date
from types import SimpleNamespace

import pandas as pd
import pytest

from cape_kit.errors import InvalidDeclaration, Usage
from cape_kit.filing import declaration
from cape_kit.law import book
from tests.numbers import numbered

LAW = book.load()
DAY = date(2026, 5, 5)


def assessed(rows, key="acme"):
    """The little of an Assessment that a declaration looks at."""
    table = pd.DataFrame(rows, columns=["entry_number", "importer_number", "disposition"])
    table["reason"] = ""
    table["filer_code"] = table["entry_number"].str[:3]
    table["next_deadline"] = pd.Series(pd.NaT, index=table.index, dtype="datetime64[s]")
    return SimpleNamespace(table=table, law=LAW, filing_date=DAY, client=SimpleNamespace(key=key))


def test_the_catair_example_number():
    assert numbered("B76", 324527) == "B7603245278"


def test_bytes_of_a_small_declaration(tmp_path):
    numbers = [numbered("316", 2509314), numbered("060", 17), numbered("B76", 324527)]
    found = assessed([(n, "12-345678900", "file") for n in numbers])

    (path,) = declaration.write_all(found, tmp_path)

    assert path.read_bytes() == b"Entry Number\r\n" + b"".join(n.encode() + b"\r\n" for n in sorted(numbers))
    assert path.name == "CAPE_acme_importer-12-345678900_2026-05-05_part-1-of-1.csv"


def test_only_what_can_be_filed_goes_in(tmp_path):
    kinds = [
        "file",
        "file_deferred",
        "cure",
        "protest",
        "held",
        "undetermined",
        "final",
        "claimed",
        "not_refundable",
    ]
    found = assessed([(numbered("B76", i), "12-345678900", kind) for i, kind in enumerate(kinds)])

    (path,) = declaration.write_all(found, tmp_path)

    assert declaration.read_back(path) == [numbered("B76", 0), numbered("B76", 1)]


@pytest.mark.parametrize(
    ("entries", "parts"), [(9_999, [9_999]), (10_000, [9_999, 1]), (19_999, [9_999, 9_999, 1])]
)
def test_split_at_9999(tmp_path, entries, parts):
    found = assessed([(numbered("B76", i), "12-345678900", "file") for i in range(entries)])

    written = declaration.write_all(found, tmp_path)

    assert [len(declaration.read_back(path)) for path in written] == parts
    every = [number for path in written for number in declaration.read_back(path)]
    assert len(set(every)) == entries


def test_one_file_per_importer_number_over_all_filers_and_per_filer_over_all_importers():
    rows = [
        (numbered("B76", 1), "12-345678900", "file"),
        (numbered("316", 2), "12-345678900", "file"),
        (numbered("B76", 3), "12-345678901", "file"),
    ]
    by_importer = declaration.build(assessed(rows))
    by_filer = declaration.build(assessed(rows), submitter="filer")

    assert {part.submitter_id: len(part.entry_numbers) for part in by_importer} == {
        "12-345678900": 2,
        "12-345678901": 1,
    }
    assert {part.submitter_id: len(part.entry_numbers) for part in by_filer} == {"B76": 2, "316": 1}


def test_a_social_security_number_never_reaches_a_file_name():
    parts = declaration.build(assessed([(numbered("B76", 1), "123-45-6789", "file")]))
    assert parts[0].name == "CAPE_acme_importer-individual-1_2026-05-05_part-1-of-1.csv"


GOOD = b"Entry Number\r\nB7603245278\r\n"


@pytest.mark.parametrize(
    ("content", "complaint"),
    [
        (b"\xef\xbb\xbf" + GOOD, "byte order mark"),
        (GOOD.replace(b"Entry Number", b"entry number"), "header"),
        (b"Entry Number\r\n", "empty"),
        (GOOD + b"\r\n", "blank row"),
        (GOOD.replace(b"\r\nB", b"\r\n\r\nB"), "blank row"),
        (GOOD.replace(b"B76", b"B76-"), "Not 11 characters"),
        (b"Entry Number\r\nB7603245279\r\n", "check digit"),
        (b"Entry Number\r\nB7603245278\r\nB7603245278\r\n", "Duplicate Entry"),
        (b"Entry Number,Note\r\nB7603245278,x\r\n", "header"),
        (b"Entry Number\r\nB7603245278,\r\n", "more than its one column"),
        (b"Entry Number\r\n" + b"B7603245278\r\n" * 80_000, "exceeds 1mb"),
    ],
)
def test_cbp_file_checks_on_the_bytes(content, complaint):
    assert any(complaint in fault for fault in declaration.check(content, LAW, assessed([])))


def test_a_good_file_passes_every_check():
    assert declaration.check(GOOD, LAW, assessed([])) == []


def test_refuses_and_writes_nothing_when_a_number_is_unsound(tmp_path):
    found = assessed([("B7603245279", "12-345678900", "file")])

    with pytest.raises(InvalidDeclaration, match="B7603245279"):
        declaration.write_all(found, tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_entries_of_an_unknown_importer_are_left_out_by_name_and_the_rest_is_filed(tmp_path):
    found = assessed([("B7603245278", None, "file"), (numbered("316", 2), "12-345678900", "file")])

    (path,) = declaration.write_all(found, tmp_path)

    assert declaration.read_back(path) == [numbered("316", 2)]
    (row,) = declaration.left_out(found).to_dict("records")
    assert row["entry_number"] == "B7603245278" and "importer number is not in the files" in row["why"]


def test_a_second_run_leaves_just_its_own_files(tmp_path):
    declaration.write_all(
        assessed([(numbered("B76", i), "12-345678900", "file") for i in range(10_000)]), tmp_path
    )
    (path,) = declaration.write_all(assessed([(numbered("B76", 1), "12-345678900", "file")]), tmp_path)
    assert [p.name for p in tmp_path.iterdir()] == [path.name]


def test_a_plain_csv_reader_sees_one_column(tmp_path):
    (path,) = declaration.write_all(assessed([("B7603245278", "12-345678900", "file")]), tmp_path)
    with path.open(newline="", encoding="ascii") as handle:
        assert list(csv.reader(handle)) == [["Entry Number"], ["B7603245278"]]


def test_unknown_submitter():
    with pytest.raises(Usage, match="importer, filer"):
        declaration.build(assessed([]), submitter="consultant")
