"""Declaration files: exactly what CBP takes, checked on the bytes, whole or not at all."""

import csv
import hashlib
import os
import subprocess
import sys
from datetime import date
from functools import cache
from pathlib import Path

import pandas as pd
import pytest

from cape_kit.errors import InvalidDeclaration, Usage
from cape_kit.filing import csv_out, declaration
from cape_kit.filing.declaration import Choice
from tests import samples
from tests.filing.world import DAY, LAW, assessed
from tests.numbers import numbered

ROOT = Path(__file__).parents[2]


@cache
def ordinary():
    """One entry that can be filed, for tests that only look."""
    return assessed({})


@cache
def unverified():
    """One entry of which nobody knows whether drawback was claimed, and one that can be filed."""
    return assessed({"drawback_flag": None}, {})


def declarations(folder):
    return sorted(folder.glob("CAPE_*.csv"))


def table(path):
    with path.open(encoding="utf-8-sig", newline="") as handle:
        return list(csv.DictReader(handle))


def test_the_catair_example_number():
    assert numbered("B76", 324527) == "B7603245278"


def test_bytes_of_a_small_declaration(tmp_path):
    numbers = [numbered("316", 2509314), numbered("060", 17), numbered("B76", 324527)]
    found = assessed(*({"entry_number": n} for n in numbers))

    (path,) = declaration.write_all(found, tmp_path)

    assert path.read_bytes() == b"Entry Number\r\n06000000171\r\n31625093146\r\nB7603245278\r\n"
    assert path.name == "CAPE_acme_importer-12-345678900_2026-05-05_part-1-of-1.csv"


def test_only_what_can_be_filed_goes_in(tmp_path):
    found = assessed(
        {},
        {"liquidation_status": "Extended"},
        {"control_status": "Trade"},
        {"liquidation_status": "Liquidated", "liquidation_date": date(2026, 1, 5)},
        {"drawback_flag": True},
        {"entry_type": None},
        {"claim_status": "accepted"},
    )
    assert found.table["disposition"].tolist() == [
        *("file", "file_deferred", "cure", "protest", "held", "undetermined", "claimed")
    ]

    (path,) = declaration.write_all(found, tmp_path)

    assert declaration.read_back(path) == [numbered("B76", 0), numbered("B76", 1)]
    left = table(tmp_path / "exceptions.csv")
    assert [row["entry_number"] for row in left] == [numbered("B76", i) for i in range(2, 7)]
    assert all(row["why"] and row["what_to_do"] for row in left)


@pytest.mark.parametrize(
    ("entries", "parts"), [(9_999, [9_999]), (10_000, [9_999, 1]), (19_999, [9_999, 9_999, 1])]
)
def test_split_at_9999(tmp_path, entries, parts):
    found = assessed(*({} for _ in range(entries)))

    written = declaration.write_all(found, tmp_path)

    assert [len(declaration.read_back(path)) for path in written] == parts
    every = [number for path in written for number in declaration.read_back(path)]
    assert len(set(every)) == entries
    assert [path.name[-15:] for path in written] == [
        f"part-{i}-of-{len(parts)}.csv" for i in range(1, len(parts) + 1)
    ]


def test_one_file_per_importer_number_over_all_filers_and_per_filer_over_all_importers():
    found = assessed(
        {"entry_number": numbered("B76", 1)},
        {"entry_number": numbered("316", 2)},
        {"entry_number": numbered("B76", 3), "importer_number": "12-345678901"},
    )
    by_importer = declaration.build(found)
    by_filer = declaration.build(found, submitter="filer")

    assert {part.submitter_id: len(part.entry_numbers) for part in by_importer} == {
        "12-345678900": 2,
        "12-345678901": 1,
    }
    assert {part.submitter_id: len(part.entry_numbers) for part in by_filer} == {"B76": 2, "316": 1}


def test_one_importer_number_written_two_ways_is_one_account():
    (part,) = declaration.build(
        assessed({"importer_number": "12-345678900"}, {"importer_number": "12345678900"})
    )
    assert len(part.entry_numbers) == 2


def test_a_social_security_number_reaches_no_file_name_and_no_sheet(tmp_path):
    (path,) = declaration.write_all(assessed({"importer_number": "123-45-6789"}), tmp_path)
    assert path.name == "CAPE_acme_importer-individual-1_2026-05-05_part-1-of-1.csv"
    for other in tmp_path.iterdir():
        assert b"123-45-6789" not in other.read_bytes() and b"123456789" not in other.read_bytes()


GOOD = b"Entry Number\r\nB7603245278\r\n"


@pytest.mark.parametrize(
    ("content", "code", "complaint"),
    [
        (b"\xef\xbb\xbf" + GOOD, "F01", "byte order mark"),
        (GOOD.replace(b"Entry Number", b"entry number"), "F01", "header"),
        (b"", "F01", "header"),
        (b"Entry Number\r\n", "F01", "empty"),
        (b"PK\x03\x04" + GOOD, "F02", "workbook"),
        (GOOD + b"\r\n", "F02", "blank row"),
        (GOOD.replace(b"\r\nB", b"\r\n\r\nB"), "F02", "blank row"),
        (GOOD.removesuffix(b"\r\n"), "F02", "newline"),
        (GOOD.replace(b"\r\n", b"\n"), "F01", "header"),
        (b"Entry Number,Note\r\nB7603245278,x\r\n", "F02", "more than its one column"),
        (b"Entry Number\r\nB7603245278,\r\n", "F02", "more than its one column"),
        (b"Entry Number\r\n" + b"B7603245278\r\n" * 80_000, "F03", "1,040,014 bytes"),
        (b"Entry Number\r\n=B760324527\r\n", "F04", "=B760324527"),
        (b"Entry Number\r\n" + b"B7603245278\r\n" * 10_000, "F05", "at most 9,999"),
        (b"Entry Number\r\nB7603245278\r\nB7603245278\r\n", "F07", "B7603245278"),
        (GOOD.replace(b"B76", b"B76-"), "F08", "B76-03245278"),
        (GOOD.replace(b"B76", b"b76"), "F08", "lower case"),
        (b"Entry Number\r\nB7603245279\r\n", "F10", "check digit"),
    ],
)
def test_cbp_file_checks_on_the_bytes(content, code, complaint):
    faults = declaration.check(content, LAW, ordinary())
    assert any(fault.code == code and complaint in str(fault) for fault in faults), list(map(str, faults))


def test_a_fault_is_told_in_cbps_words():
    told = [str(fault) for fault in declaration.check(GOOD + b"B7603245278\r\n", LAW, ordinary())]
    assert told == ["Duplicate Entry: B7603245278"]


def test_a_good_file_passes_every_check():
    assert declaration.check(GOOD, LAW, ordinary()) == []


@pytest.mark.parametrize(
    ("submitter", "account", "official"),
    [("importer", "99-000000000", "Account Mismatch"), ("filer", "316", "Filer Code not matching")],
)
def test_a_number_of_another_account_is_found(submitter, account, official):
    found = assessed({"entry_number": "B7603245278"})
    part = declaration.Part(submitter, account, 1, 1, ("B7603245278",), GOOD, "x.csv")
    (fault,) = declaration.check(GOOD, LAW, found, part=part)
    assert str(fault) == f"{official}: B7603245278"


def test_a_number_in_none_of_the_exports_is_found():
    part = declaration.Part("filer", "B76", 1, 1, ("B7603245278",), GOOD, "x.csv")
    (fault,) = declaration.check(GOOD, LAW, ordinary(), part=part)
    assert fault.code == "F10" and "B7603245278" in fault.found


def test_refuses_and_writes_nothing_when_a_check_fails(tmp_path, monkeypatch):
    found = assessed({}, {})
    (part,) = declaration.build(found)
    broken = declaration.Part(**{**vars(part), "content": part.content + part.content[14:]})
    with pytest.raises(InvalidDeclaration, match=f"Duplicate Entry: {part.entry_numbers[0]}"):
        declaration.write(broken, tmp_path, LAW, found)
    assert list(tmp_path.iterdir()) == []


def test_an_unsound_number_is_never_chosen():
    found = assessed({}, {"entry_number": "B7603245279"})
    (part,) = declaration.build(found)
    assert "B7603245279" not in part.entry_numbers
    assert "B7603245279" in declaration.left_out(found)["entry_number"].tolist()


def test_entries_of_an_unknown_importer_are_left_out_by_name_and_the_rest_is_filed(tmp_path):
    found = assessed({"importer_number": None}, {})

    (path,) = declaration.write_all(found, tmp_path)

    assert declaration.read_back(path) == [numbered("B76", 1)]
    (row,) = declaration.left_out(found).to_dict("records")
    assert row["entry_number"] == numbered("B76", 0) and "importer number is not in the files" in row["why"]


def test_every_entry_is_on_one_declaration_or_named_as_an_exception():
    found = assessed({}, {"drawback_flag": True}, {"importer_number": None}, {"entry_type": "23"})
    inside = [n for part in declaration.build(found) for n in part.entry_numbers]
    outside_ = declaration.left_out(found)["entry_number"].tolist()
    assert sorted(inside + outside_) == sorted(found.table["entry_number"])


LIQUIDATED = [
    {"liquidation_status": "Liquidated", "liquidation_date": day, "entry_date": date(2025, 4, 20)}
    for day in (date(2026, 4, 10), date(2026, 2, 20), date(2026, 3, 6))
]


def test_the_most_urgent_stands_first_and_by_amount_the_dearest():
    duty = {numbered("B76", 0): 100, numbered("B76", 1): 200, numbered("B76", 2): 300}
    found = assessed(*LIQUIDATED, duty=duty)
    (urgent,), (dear,) = (declaration.build(found, choice=Choice(order=o)) for o in ("urgency", "amount"))
    assert urgent.entry_numbers == tuple(numbered("B76", i) for i in (1, 2, 0))
    assert dear.entry_numbers == tuple(numbered("B76", i) for i in (2, 1, 0))


def test_a_small_first_batch_and_the_rest():
    parts = declaration.build(assessed(*({} for _ in range(12))), choice=Choice(first_batch=3))
    assert [(part.number, part.of, len(part.entry_numbers)) for part in parts] == [(1, 2, 3), (2, 2, 9)]


def test_entries_with_an_unverified_check_are_held_back():
    found = unverified()
    (part,) = declaration.build(found, choice=Choice(hold_back=("E01",)))
    assert part.entry_numbers == (numbered("B76", 1),)
    (row,) = declaration.left_out(found, choice=Choice(hold_back=("E01",))).to_dict("records")
    assert row["kind"] == "held back" and "E01" in row["why"]


@pytest.mark.parametrize("written", [("e01",), ("E02, e01",), ("E02", "E01"), ("Any",)])
def test_checks_to_hold_back_for_may_be_written_as_people_write(written):
    found = unverified()
    (row, *_) = declaration.left_out(found, choice=Choice(hold_back=written)).to_dict("records")
    assert row["kind"] == "held back" and "E01" in row["why"]


@pytest.mark.parametrize("wrong", [("E99",), ("bogus",), ("E01;E02",), ("E01", "")])
def test_a_check_nobody_knows_holds_nothing_back_and_is_refused(wrong):
    with pytest.raises(Usage, match=r"is not a check in force on 2026-05-05.*the checks are any, E01, E02"):
        declaration.build(ordinary(), choice=Choice(hold_back=wrong))


@pytest.mark.parametrize("wrong", [{"order": "size"}, {"first_batch": 0}])
def test_nonsense_is_refused(wrong):
    with pytest.raises(Usage):
        Choice(**wrong)


def test_unknown_submitter():
    with pytest.raises(Usage, match="importer, filer"):
        declaration.build(ordinary(), submitter="consultant")


def test_the_sheet_beside_a_file_adds_up_and_names_the_last_safe_day(tmp_path):
    found = assessed(*LIQUIDATED, {"drawback_flag": None}, duty=12_345)
    (path,) = declaration.write_all(found, tmp_path)
    *rows, last = table(tmp_path / f"sheet_{path.name}")
    assert [row["entry_number"] for row in rows] == declaration.read_back(path)
    assert [int(row["row"]) for row in rows] == [2, 3, 4, 5]
    assert last["entry_number"] == "4 entries" and last["principal"] == "493.80"
    # Day 75 of a liquidation on 20 February 2026 is 6 May 2026, a Wednesday; day 80 is 11 May.
    assert (rows[0]["last_safe_day"], rows[0]["cape_last_day"]) == ("2026-05-06", "2026-05-11")
    assert last["last_safe_day"] == "2026-05-06"
    assert "E01" in last["unverified"] and "1 entry" in last["unverified"]


def test_the_overview_holds_each_files_hash(tmp_path):
    (path,) = declaration.write_all(assessed({}, {}), tmp_path)
    (row,) = table(tmp_path / "overview.csv")
    assert row["sha256"] == hashlib.sha256(path.read_bytes()).hexdigest()
    assert (row["file"], row["entries"], row["principal"]) == (path.name, "2", "400.00")


def test_a_second_run_leaves_just_its_own_files_and_keeps_the_earlier_apart(tmp_path):
    """One of the earlier ones may have been uploaded and not yet written down."""
    earlier = declaration.write_all(assessed({}, {}), tmp_path, choice=Choice(first_batch=1))
    contents = [path.read_bytes() for path in earlier]
    (path,) = declaration.write_all(assessed({}), tmp_path)
    assert sorted(p.name for p in tmp_path.iterdir()) == [
        *(path.name, "exceptions.csv", "overview.csv", "replaced", f"sheet_{path.name}")
    ]
    kept = declaration.replaced(tmp_path)
    assert [(one.name, one.read_bytes()) for one in kept] == [
        (old.name, content) for old, content in zip(earlier, contents, strict=True)
    ]


def test_a_file_of_the_same_name_and_other_bytes_is_kept_too(tmp_path):
    of = {entries: assessed(*({} for _ in range(entries))) for entries in (1, 2, 3)}
    for entries in (1, 2, 3, 1, 2):
        (path,) = declaration.write_all(of[entries], tmp_path)
    assert len(declaration.read_back(path)) == 2
    assert sorted(len(declaration.read_back(one)) for one in declaration.replaced(tmp_path)) == [1, 2, 3]


def test_the_same_run_gives_the_same_bytes(tmp_path):
    for name in ("one", "two"):
        declaration.write_all(assessed({}, {}, {"drawback_flag": True}), tmp_path / name)
    one, two = ({p.name: p.read_bytes() for p in (tmp_path / n).iterdir()} for n in ("one", "two"))
    assert one == two


def test_a_plain_csv_reader_sees_one_column(tmp_path):
    (path,) = declaration.write_all(assessed({"entry_number": "B7603245278"}), tmp_path)
    with path.open(newline="", encoding="ascii") as handle:
        assert list(csv.reader(handle)) == [["Entry Number"], ["B7603245278"]]
    assert pd.read_csv(path, dtype=str).columns.tolist() == ["Entry Number"]


@pytest.mark.parametrize("out", ["client/out", "client", "."])
def test_not_into_the_clients_own_folder(tmp_path, out):
    """The folder above it is wrong too: out/client is then the client's folder itself."""
    with pytest.raises(Usage, match="inside the client's folder"):
        csv_out.place(tmp_path / out, tmp_path / "client")
    assert csv_out.place(tmp_path / "out", tmp_path / "client") == tmp_path / "out" / "client"


def test_refused_before_and_not_cured_stays_out_unless_asked_for():
    number = numbered("B76", 0)
    refused = [(number, "100000000001", "Failed", "UNABLE TO CALCULATE DUTY")]
    found = assessed({}, {}, claims=refused)
    assert [part.entry_numbers for part in declaration.build(found)] == [(numbered("B76", 1),)]
    (row,) = declaration.left_out(found).to_dict("records")
    assert row["kind"] == "not cured" and "UNABLE TO CALCULATE DUTY" in row["why"]
    (part,) = declaration.build(found, choice=Choice(refused_too=True))
    assert len(part.entry_numbers) == 2


def test_real_clients_come_back_as_they_were_chosen(tmp_path):

    found = samples.assessed("cedar-and-flint", DAY)
    for submitter in ("importer", "filer"):
        written = declaration.write_all(found, tmp_path / submitter, submitter=submitter)
        back = [number for path in written for number in declaration.read_back(path)]
        left = declaration.left_out(found, submitter=submitter)["entry_number"]
        assert len(back) == len(set(back)) and set(back) | set(left) == set(found.table["entry_number"])
        for path in written:
            assert declaration.check(path.read_bytes(), LAW, found) == []


#: One process makes ready; each turn a fork of it, which writes without end, is killed at another moment.
KILLED = """
import os, signal, sys, time
from pathlib import Path
from cape_kit.filing import declaration
from tests.filing.world import assessed
found = assessed(*({} for _ in range(400)))
choices = [declaration.Choice(order=order) for order in ("urgency", "amount")]
declaration.write_all(found, Path(sys.argv[1], "before"))
for turn in range(4):
    number = os.fork()
    if not number:
        while True:
            for choice in choices:
                declaration.write_all(found, Path(sys.argv[1], f"killed-{turn}"), choice=choice)
    time.sleep(0.03 + 0.11 * turn)
    os.kill(number, signal.SIGKILL)
    assert os.waitpid(number, 0) == (number, signal.SIGKILL)
"""


@pytest.mark.skipif(not hasattr(os, "fork"), reason="needs a fork to kill")
def test_a_kill_at_any_moment_leaves_whole_files(tmp_path):
    whole = {path.name: path.read_bytes() for path in declaration.write_all(_many(), tmp_path / "whole")}
    subprocess.run(
        [sys.executable, "-c", KILLED, str(tmp_path)],
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        check=True,
    )
    for out in (tmp_path / f"killed-{turn}" for turn in range(4)):
        for path in declarations(out):
            assert path.read_bytes() == whole[path.name]
        for path in out.glob("*.csv"):
            assert path.read_bytes().endswith(b"\r\n")


def _many():
    return assessed(*({} for _ in range(400)))
