"""The ledger of what was uploaded: lines are added, none is lost, and an answer frees an entry."""

import os
import subprocess
import sys
from datetime import date
from pathlib import Path

import pandas as pd
import pytest

from cape_kit.assessment import cbp_answers
from cape_kit.entries import portfolio
from cape_kit.errors import BadClient, Usage
from cape_kit.filing import claims, declaration, ledger
from cape_kit.filing.ledger import Upload
from tests.filing.world import assessed
from tests.numbers import numbered

DAY = date(2026, 5, 5)
ROOT = Path(__file__).parents[2]
#: CBP has answered nothing yet.
NONE = cbp_answers.none()


def sent(name, numbers):
    return Upload(name, f"hash of {name}", tuple(numbers))


def test_lines_are_added_and_read_back(tmp_path):
    assert ledger.record(tmp_path, sent("a.csv", ["B7603245278"]), filed_on=DAY, claim_number="100") == 1
    first = (tmp_path / ledger.NAME).read_bytes()
    ledger.record(tmp_path, sent("b.csv", [numbered("B76", 1)]), filed_on=DAY)
    assert (tmp_path / ledger.NAME).read_bytes().startswith(first)
    held = ledger.read(tmp_path)
    assert held["entry_number"].tolist() == ["B7603245278", numbered("B76", 1)]
    assert held["claim_number"].fillna("").tolist() == ["100", ""]
    assert held["filed_on"].tolist() == [pd.Timestamp(DAY)] * 2


def test_the_same_file_on_the_same_day_is_written_down_once(tmp_path):
    one = sent("a.csv", ["B7603245278"])
    assert [ledger.record(tmp_path, one, filed_on=DAY) for _ in range(3)] == [1, 0, 0]
    assert len(ledger.read(tmp_path)) == 1


def test_no_ledger_holds_nothing(tmp_path):
    assert cbp_answers.awaiting(ledger.read(tmp_path), NONE).empty


def test_a_ledger_somebody_opened_in_an_editor_is_gone_on_with(tmp_path):
    ledger.record(tmp_path, sent("a.csv", ["B7603245278"]), filed_on=DAY)
    path = tmp_path / ledger.NAME
    path.write_bytes(path.read_bytes().removesuffix(b"\r\n"))
    ledger.record(tmp_path, sent("b.csv", [numbered("B76", 1)]), filed_on=DAY)
    assert len(ledger.read(tmp_path)) == 2


def test_a_refused_file_counts_as_never_filed_until_it_is_sent_again(tmp_path):
    one = sent("a.csv", ["B7603245278"])
    ledger.record(tmp_path, one, filed_on=DAY)
    assert ledger.refuse(tmp_path, one, refused_on=DAY) == 1
    assert cbp_answers.awaiting(ledger.read(tmp_path), NONE).empty
    with pytest.raises(Usage, match="no upload of this file"):
        ledger.refuse(tmp_path, one, refused_on=DAY)
    assert ledger.record(tmp_path, one, filed_on=DAY) == 1
    assert len(cbp_answers.awaiting(ledger.read(tmp_path), NONE)) == 1
    assert ledger.read(tmp_path)["event"].tolist() == ["filed", "refused", "filed"]


def test_the_ledger_is_none_of_the_clients_exports(tmp_path):
    ledger.record(tmp_path, sent("a.csv", ["B7603245278"]), filed_on=DAY)
    assert portfolio.data_files(tmp_path) == []


def test_what_was_uploaded_stays_out_of_the_next_declaration(tmp_path):
    numbers = [numbered("B76", i) for i in range(3)]
    ledger.record(tmp_path, sent("a.csv", numbers[:2]), filed_on=DAY)
    found = assessed({}, {}, {}, folder=tmp_path)
    (part,) = declaration.build(found)
    assert part.entry_numbers == (numbers[2],)
    left = declaration.left_out(found)
    assert left["kind"].tolist() == ["filed", "filed"] and "2026-05-05" in left["why"].iloc[0]
    states = claims.results(found).set_index("entry_number")["state"]
    assert states.to_dict() == dict.fromkeys(numbers[:2], claims.WAITING)


def test_a_refusal_after_the_upload_frees_the_entry_one_from_before_does_not(tmp_path):
    number = numbered("B76", 0)
    before = [(number, "100000000001", "Failed", "Unexpected Error-try Again")]
    found = assessed({}, folder=tmp_path, claims=before)
    ledger.record(tmp_path, sent("a.csv", [number]), filed_on=DAY, answers=claims.history(found))
    assert declaration.build(assessed({}, folder=tmp_path, claims=before)) == []

    after = [*before, (number, "100000000002", "Failed", "Unexpected Error-try Again")]
    (part,) = declaration.build(assessed({}, folder=tmp_path, claims=after))
    assert part.entry_numbers == (number,)


def test_an_accepted_upload_is_claimed_not_waiting(tmp_path):
    number = numbered("B76", 0)
    ledger.record(tmp_path, sent("a.csv", [number]), filed_on=DAY)
    taken = [(number, "100000000001", "Entry Summary Updated", None)]
    (row,) = claims.results(assessed({}, folder=tmp_path, claims=taken)).to_dict("records")
    assert row["state"] == claims.ACCEPTED and row["filed_on"] == pd.Timestamp(DAY)


#: What each of four processes does at once; loaded once, and forked.
WRITERS = """
import os, sys
from datetime import date
from pathlib import Path
from cape_kit.filing import ledger

def write(name):
    for turn in range(8):
        numbers = tuple(f"{name}00{10 * turn + n:08d}" for n in range(5))
        sent = ledger.Upload(f"{name}-{turn}.csv", f"hash of {name}-{turn}.csv", numbers)
        ledger.record(Path(sys.argv[1]), sent, filed_on=date(2026, 5, 5))

def begin(name):
    number = os.fork()
    if not number:
        try:
            write(name)
            os._exit(0)
        finally:
            os._exit(1)
    return number

assert [os.waitpid(number, 0)[1] for number in [begin(name) for name in "ABCD"]] == [0] * 4
"""


@pytest.mark.skipif(not hasattr(os, "fork"), reason="needs forks that write at once")
def test_runs_at_once_lose_no_line(tmp_path):
    subprocess.run(
        [sys.executable, "-c", WRITERS, str(tmp_path)],
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        check=True,
        timeout=120,
    )
    held = ledger.read(tmp_path)
    assert len(held) == 4 * 8 * 5 and held["entry_number"].is_unique
    assert held.groupby("file").size().eq(5).all()


#: One process makes ready; each turn a fork of it, which records without end, is killed, and is looked at then.
KILLED = """
import os, signal, sys, time
from datetime import date
from pathlib import Path
from cape_kit.filing import ledger

def record(told):
    turn = 0
    while True:
        turn += 1
        numbers = tuple(f"N00{50 * turn + n:08d}" for n in range(50))
        sent = ledger.Upload(f"{turn}.csv", f"hash {turn}", numbers)
        ledger.record(Path(sys.argv[1]), sent, filed_on=date(2026, 5, 5))
        os.write(told, b"w")

for turn in range(4):
    heard, told = os.pipe()
    number = os.fork()
    if not number:
        record(told)
    assert os.read(heard, 1) == b"w"
    time.sleep(0.05 + 0.07 * turn)
    os.kill(number, signal.SIGKILL)
    os.waitpid(number, 0)
    print("killed", flush=True)
    sys.stdin.readline()
"""


@pytest.mark.skipif(not hasattr(os, "fork"), reason="needs a fork to kill")
def test_a_kill_at_any_moment_leaves_whole_uploads_and_no_lock(tmp_path):
    with subprocess.Popen(
        [sys.executable, "-c", KILLED, str(tmp_path)],
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
    ) as run:
        for _ in range(4):
            assert run.stdout.readline().strip() == b"killed"
            held = ledger.read(tmp_path)
            assert len(held)
            assert held.groupby("file").size().eq(50).all()
            run.stdin.write(b"\n")
            run.stdin.flush()
    assert run.returncode == 0
    assert ledger.record(tmp_path, sent("after.csv", ["B7603245278"]), filed_on=DAY) == 1


@pytest.mark.parametrize(
    "content",
    [
        b"event;filed_on;sha256;entry_number\r\nfiled;2026-05-05;ab;B7603245278\r\n",
        b"event,filed_on,sha256\r\nfiled,2026-05-05,ab\r\n",
        b"event,filed_on,sha256,entry_number\r\nfiled,2026-05-05,ab,\r\n",
        b"event,filed_on,sha256,entry_number\r\nfiled,2026-05-05,,B7603245278\r\n",
        b"event,filed_on,sha256,entry_number\r\nfiled,2026-05-05,ab,1.60E+10\r\n",
        b"event,filed_on,sha256,entry_number,claim_number\r\nfiled,2026-05-05,ab,B7603245278,1.00E+11\r\n",
        "event,filed_on,file\r\nfiled,2026-05-05,Jos\u00e9.csv\r\n".encode("latin-1"),
        b"event,filed_on,file,sha256,entry_number,refusals_before\r\nfiled,5/5/2026,a.csv,ab,B7603245278,0\r\n",
        b"event,filed_on,file,sha256,entry_number,refusals_before\r\nfiled,2026-05-05,a.csv,ab,B7603245278,none\r\n",
        b"event,filed_on,file,sha256,entry_number,refusals_before\r\nfiled,,a.csv,ab,B7603245278,0\r\n",
    ],
)
def test_a_ledger_saved_in_another_form_is_one_sentence_that_names_it(tmp_path, content):
    (tmp_path / ledger.NAME).write_bytes(content)
    with pytest.raises(BadClient, match=r"cape-filed\.csv: not readable .* put back an earlier copy"):
        ledger.read(tmp_path)


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (
            "event;filed_on;sha256;entry_number\r\n",
            "semicolons separate its columns, as a spreadsheet saves them",
        ),
        ("event\tfiled_on\tsha256\tentry_number\r\n", "tabs separate its columns"),
        (
            "event,filed_on,sha256,entry_number\r\nfiled,5/5/2026,ab,B7603245278\r\n",
            "line 2 has the day “5/5/2026”",
        ),
        (
            "event,filed_on,sha256,entry_number\r\nfiled,5-May-26,ab,B7603245278\r\n",
            "line 2 has the day “5-May-26”",
        ),
    ],
)
def test_what_a_spreadsheet_made_of_a_ledger_is_named_with_what_to_do(tmp_path, content, told):
    (tmp_path / ledger.NAME).write_bytes(content.encode())
    with pytest.raises(BadClient) as caught:
        ledger.read(tmp_path)
    said = str(caught.value)
    assert told in said
    for advice in (
        "in a text editor",
        "YYYY-MM-DD",
        "commas",
        "put back an earlier copy",
        "Nothing is filed",
    ):
        assert advice in said


@pytest.mark.parametrize("written", ["B76-0324527-8", "b7603245278 ", '="B7603245278"', "'B7603245278"])
def test_an_entry_number_written_otherwise_is_the_same_entry(tmp_path, written):
    """Another spelling in the ledger is no reason to file an entry twice; nor is a zero a spreadsheet took."""
    zero = numbered("016", 50)
    ledger.record(tmp_path, sent("a.csv", ["B7603245278", zero]), filed_on=DAY)
    path = tmp_path / ledger.NAME
    spelt = '"' + written.replace('"', '""') + '"'
    path.write_text(path.read_text("utf-8").replace("B7603245278", spelt).replace(zero, zero[1:]), "utf-8")
    assert ledger.read(tmp_path)["entry_number"].tolist() == ["B7603245278", zero]


def test_a_ledger_whose_columns_somebody_moved_is_gone_on_with_in_their_order(tmp_path):
    ledger.record(tmp_path, sent("a.csv", ["B7603245278"]), filed_on=DAY, claim_number="100")
    path = tmp_path / ledger.NAME
    rows = [line.split(",")[::-1] for line in path.read_text("utf-8").splitlines()]
    moved = "\r\n".join(
        ",".join([*row, ""]) for row in [[*map(str.upper, rows[0])], rows[1], [""] * len(rows[0])]
    )
    path.write_text(moved, "utf-8")
    ledger.record(tmp_path, sent("b.csv", [numbered("B76", 1)]), filed_on=DAY, claim_number="200")
    held = ledger.read(tmp_path)
    assert held["entry_number"].tolist() == ["B7603245278", numbered("B76", 1)]
    assert held["claim_number"].tolist() == ["100", "200"] and held["event"].tolist() == ["filed", "filed"]


def test_a_ledger_excel_put_its_mark_on_is_read(tmp_path):
    ledger.record(tmp_path, sent("a.csv", ["B7603245278"]), filed_on=DAY)
    path = tmp_path / ledger.NAME
    path.write_bytes(b"\xef\xbb\xbf" + path.read_bytes())
    assert ledger.read(tmp_path)["event"].tolist() == ["filed"]
