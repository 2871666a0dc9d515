"""What the cases start from: the goldens' files, the trials', the kit's own settings files; read once."""
# ruff: noqa: E501 - the tables of odd things are long lines

import io
import re
import tempfile
import zipfile
from functools import cache
from pathlib import Path

from openpyxl import Workbook

from cape_kit.assessment.scenarios.scenario import SETTINGS
from cape_kit.law.book import own
from tests.entries import binary_workbook
from tests.entries.folders import HEADERS, as_csv, clean_rows

TESTS = Path(__file__).parents[1]
#: The moment as a workbook's own properties have it.
_MOMENT = re.compile(rb"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ")
CLIENT = """name = "Acme"
importer_class = "corporate"
statement = "monthly"
extracted_on = 2026-05-05
date_order = "MDY"

[[importer]]
number = "12-345678900"
name = "Acme, Inc."
ace_subaccount = true
ach_refund_enrolled = true
notify_party = "12-345678901"

[[broker]]
filer_code = "B76"
name = "Broker"
data_received = true

[assertions]
not_on_open_protest = true
asserted_by = "A. Person"
asserted_on = 2026-05-01

[brand]
firm = "Firm"
logo = "logo.png"
colour = "#1f4e5f"
"""
SCENARIOS = """[scenario.mine]
reason = "why"
filing_after_days = 14
liquidation_after_acceptance_days = 75
payment_later_days = 14
cycle_shift_days = -28

[scenario.other]
filing_on = 2026-06-01
phase_3 = "litigants"
phase_3_from = 2026-07-01
litigants = ["12-345678900"]
readmitted_types = ["21"]
readmitted_from = 2026-07-01
importer_class = "non_corporate"
day_count = "end"
rejected_share = 0.05
seed = 7
cures_succeed = true
broker_data_arrives = ["B76"]
ach_fixed_on = 2026-06-01
"""
FACTS = "entry_number,fact,value,note\nB7603245278,protest_ieepa_only,Y,seen\n01600005043,liquidation_date,2026-03-13,\n"
LEDGER = (
    "event,filed_on,file,sha256,submitter,entry_number,claim_number,refusals_before\r\n"
    "filed,2026-05-01,declaration_12345678900_1.csv," + "ab" * 32 + ",12345678900,B7603245278,C1,0\r\n"
)
#: A line of the skeleton that stands there as an example.
_REMARK = rb'\n# (?=[\[\]{} ]|["a-z_.]+ = )'
_HEADING = b"99039999,X,x,IEEPA,CN,10,duty,2026-01-01,,,,2026-01-01,,csms-x,high,2026-01-02,\n"
CLIENT_KEYS = (
    *(
        "name",
        "importer_class",
        "statement",
        "extracted_on",
        "date_order",
        "importer",
        "broker",
        "assertions",
    ),
    *("brand", "number", "filer_code", "data_received", "colour", "logo", "asserted_on", "notify_party", "x"),
)
SCENARIO_KEYS = (*SETTINGS, "scenario", "x")


@cache
def texts():
    """Delimited texts of every layout, and the trials' files."""
    found = [as_csv([HEADERS, *clean_rows()]).encode()]
    paths = [*sorted(TESTS.glob("golden/*/input.csv")), *sorted(TESTS.glob("trials/*/*.csv"))]
    return (*found, *(path.read_bytes() for path in paths))


@cache
def workbooks():
    """Workbooks of every form the kit reads."""
    paths = [*sorted(TESTS.glob("golden/*/input.xlsx")), *sorted(TESTS.glob("entries/files/es003.*"))]
    found = [path.read_bytes() for path in paths]
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "x.xlsb"
        binary_workbook.write(path, [HEADERS, *clean_rows()])
        found.append(undated(path.read_bytes()))
    return tuple(found)


def as_workbook(rows):
    """Rows as a workbook; what a workbook can't hold is left out."""
    book = Workbook()
    for row in rows[:200]:
        book.active.append([_held(cell) for cell in row[:300]])
    out = io.BytesIO()
    book.save(out)
    return undated(out.getvalue())


def undated(data):
    """A workbook without the moment it was made: an id makes the same bytes tomorrow."""
    out = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(data)) as source,
        zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as target,
    ):
        for name in source.namelist():
            content = _MOMENT.sub(b"2026-05-05T00:00:00Z", source.read(name))
            target.writestr(zipfile.ZipInfo(name), content, zipfile.ZIP_DEFLATED)
    return out.getvalue()


def _held(cell):
    if not isinstance(cell, str):
        return cell
    return "".join(sign for sign in cell if sign.isprintable() or sign == "\n")[:32000].lstrip("=")


@cache
def law():
    """The files of a folder of one's own law, as the kit writes them to be filled in, rows put in."""
    with tempfile.TemporaryDirectory() as folder:
        own.new(Path(folder) / "law")
        files = {one.name: one.read_bytes() for one in (Path(folder) / "law").iterdir()}
    files["headings.csv"] += _HEADING
    files["interest.csv"] += b"\n"
    return {name: re.sub(_REMARK, b"\n", content) for name, content in files.items() if name != "README.md"}
