"""CBP's reports and answers as people keep them beside an ES-003: what becomes of the entry each is about.

The first of two clean entries is named in the file beside; the second is in none. Claimed or asked: not filed. Told: a
caveat on it. Loud: nobody can say which entry is meant, and an error or a warning names the file.
"""

import pytest

import cape_kit
from tests.entries.folders import HEADERS, folder
from tests.entries.test_unsaid import DAY
from tests.numbers import numbered

FIRST, OTHER = numbered("016", 1234567), numbered("B76", 32452)
DASHED = f"{FIRST[:3]}-{FIRST[3:10]}-{FIRST[10]}"
CLAIM = "100000241223"
ASKED = "undetermined"


def es003(*more):
    """Two entries with one IEEPA line each. `more`: a column's header, and its cells by entry."""
    header, cells = more or ("", ("", ""))
    rows = []
    for number, cell in zip((FIRST, OTHER), cells, strict=True):
        line = [number, "01", "12-345678900", "2704", "06/14/2025", "1", "CN"]
        for place, amounts in enumerate(
            (("99030124", "0.00", "1000.00"), ("3923900080", "10000.00", "300.00")), 1
        ):
            rows.append(
                [*line, str(place), *amounts, "Liquidated", "04/24/2026", *([cell] if header else [])]
            )
    return [["Run Date: 05/20/2026"], [*HEADERS, *([header] if header else [])], *rows]


BESIDE = {
    # what REV-615, REV-603 and ES-022 look like
    "rev615": ([["Entry Summary Number", "Refund Number", "Refund Date", "Refund Status", "Refund Amount"],
                [DASHED, "R1", "05/12/2026", "Treasury Issued", "1000.00"], ["Total", "", "", "", "1000.00"]], ASKED),
    "rev615 in short": ([["Entry", "Rfnd No", "Rfnd Dt", "Rfnd Amt"], [FIRST, "R1", "05/12/2026", "1000.00"]], ASKED),
    "rev615 not yet": ([["Entry Summary Number", "Refund Number", "Refund Status", "Refund Amount"],
                        [FIRST, "R1", "Pending", "0.00"]], ASKED),
    "es022": ([["Entry Summary Number", "CAPE Claim Number", "Refund Principal", "Refund Interest"],
               [FIRST, CLAIM, "1000.00", "55.00"]], ASKED),
    # what CAPE handed out
    "claim without a state": ([["Entry Number", "Claim Number"], [FIRST, CLAIM]], ASKED),
    "a claim otherwise": ([["Entry Number", "Claim Number", "Processing State"], [FIRST, CLAIM, "Accepted"]], ASKED),
    "two columns to tick": ([["Entry Number", "Accepted", "Rejected"], [FIRST, "X", ""]], "told"),
    "a remark": ([["Entry Number", "Remark"], [FIRST, f"Entry accepted on claim {CLAIM}"]], ASKED),
    "a result": ([["ENTRY NUMBER", "RESULT", "MESSAGE"], [FIRST, "OK", ""]], "told"),
    "an error": ([["Entry Number", "Error"], [FIRST, "E04 Entry Summary is in Final Liquidation Status"]], "told"),
    # trackers
    "a tracker": ([["Entry #", "Client", "CAPE batch", "Uploaded"], [FIRST, "ACME", "2", "5/12/2026"]], "told"),
    "several in one cell": ([["Entries", "Claim Number", "Status"], [f"{FIRST} etc.", CLAIM, "Accepted"]], "told"),
    "without a check digit": ([["Entry #", "CAPE filed"], [FIRST[:-1], "Y"]], "loud"),
    "by the broker's number": ([["Broker Reference", "CAPE filed"], ["REF1", "Y"]], "loud"),
}  # fmt: skip


def found(tmp_path, files):
    assessment = cape_kit.assess(cape_kit.open(folder(tmp_path / "c", files, 'name = "X"\n')), as_of=DAY)
    seen = assessment.questions.facts.seen.set_axis(assessment.questions.facts.entries["entry_number"])
    told = assessment.table.set_index("entry_number")["disposition"]
    doubted = seen[["state_unread", "in_unread"]].notna().any(axis=1)
    return assessment, {
        one: "told" if told[one] == "file" and doubted[one] else told[one] for one in told.index
    }


@pytest.mark.parametrize("case", BESIDE)
def test_what_is_kept_beside_a_report(tmp_path, case):
    rows, wanted = BESIDE[case]
    assessment, told = found(tmp_path, {"es003.csv": es003(), "beside.csv": rows})
    problems = assessment.problems[assessment.problems["file"].eq("beside.csv")]
    if wanted == "loud":
        assert set(problems["severity"]) & {"error", "warning"}
    else:
        assert told == {FIRST: wanted, OTHER: "file"}


WITHIN = [
    ("PSC Reason", ("CAPE", ""), ("told", "file")), ("Refund Amount", ("1000.00", "0.00"), ("told", "file")),
    ("Collection Status", ("Refunded", "Paid"), (ASKED, "file")),
    ("Team Number", ("1", "2"), ("file", "file")),
    ("Document Status", ("Accepted", "Accepted"), ("file", "file")),
]  # fmt: skip


@pytest.mark.parametrize(("header", "cells", "wanted"), WITHIN)
def test_what_a_report_says_in_one_more_column(tmp_path, header, cells, wanted):
    _, told = found(tmp_path, {"es003.csv": es003(header, cells)})
    assert (told[FIRST], told[OTHER]) == wanted
