"""Inputs that once broke the kit, each as small as it goes: one bad file is one problem, the others are read."""

import contextlib
import io
import lzma
import struct
import zipfile
from types import SimpleNamespace

import pyarrow as pa
import pytest

import cape_kit
from cape_kit.assessment.scenarios import scenario
from cape_kit.entries import client as clients
from cape_kit.entries import file_report, readers
from cape_kit.entries.readers import amounts, openers, text_files
from cape_kit.errors import BadClient, Usage, in_short, in_words
from cape_kit.filing import monitoring
from cape_kit.views import markup
from tests.entries.folders import CLIENT, HEADERS, NUMBERS, as_csv, clean_rows, folder, workbook
from tests.fuzz.checking import sentence
from tests.golden.build import REV603

GOOD = [HEADERS, *clean_rows()]
#: A short row and a last letter cut in half: the engine's scan ended itself over it, and all that came after.
KILLER = b"Entry Number,Claim Number,Claim Status\nB7603245278\n\xc3"
HUGE = "9" * 5000


def packed(members):
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as target:
        for name, content in members.items():
            member = zipfile.ZipInfo("x")
            member.filename, member.compress_type = name, zipfile.ZIP_DEFLATED
            target.writestr(member, content)
    return bytearray(out.getvalue())


def opened(tmp_path, files, toml=CLIENT):
    return cape_kit.open(folder(tmp_path / "c", files, toml))


def test_bytes_that_end_the_engine_end_no_other_file(tmp_path):
    both = packed({"a.csv": KILLER, "b.csv": as_csv(GOOD)})
    found = opened(tmp_path, {"0.csv": KILLER, "1.csv": as_csv(GOOD), "2.zip": bytes(both)})
    assert set(found.files["file"]) == {"0.csv", "1.csv", "2.zip/a.csv", "2.zip/b.csv"}
    assert "B7603245278" in set(found.entries["entry_number"])


def test_a_line_the_engine_cannot_quote_is_no_fault_of_the_kit(tmp_path, monkeypatch):
    """Of a long line it tells the first part, cut within a letter: that is no text, and another kind of error."""

    @contextlib.contextmanager
    def engine():
        yield SimpleNamespace(sql=lambda _: b"\xc3".decode())

    def ragged(*_):
        raise pa.ArrowInvalid("Expected 4 columns, got 1")

    monkeypatch.setattr(text_files, "_columnar", ragged)
    monkeypatch.setattr(text_files, "engine", engine)
    found = opened(tmp_path, {"a.csv": as_csv(GOOD)})
    assert len(found.entries) == 4
    assert not found.problems["message"].str.contains(readers.FAILED).any()


def test_a_fault_of_the_kit_on_one_file_is_a_problem_of_that_file(tmp_path, monkeypatch):
    looked = readers._sheets

    def fails(con, path, how, *, name):
        if name == "bad.csv":
            raise KeyError("columns")
        return looked(con, path, how, name=name)

    monkeypatch.setattr(readers, "_sheets", fails)
    found = opened(tmp_path, {"bad.csv": as_csv(GOOD), "good.csv": as_csv(GOOD)})
    assert len(found.entries) == 4
    (problem,) = found.problems[found.problems["code"] == "R02"].to_dict("records")
    assert problem["file"] == "bad.csv"
    assert readers.FAILED in problem["message"]
    assert "report it" in problem["what_to_do"]
    assert found.files["title"].tolist().count("Not read") == 1


def spoilt_middle():
    data = packed({"bad.csv": as_csv(GOOD), "good.csv": as_csv(GOOD)})
    at = data.index(b"bad.csv") + len("bad.csv")
    data[at : at + 20] = b"\xff" * 20
    return bytes(data)


def spoilt_method():
    data = packed({"bad.csv": as_csv(GOOD), "good.csv": as_csv(GOOD)})
    for mark, at in ((b"PK\x03\x04", 8), (b"PK\x01\x02", 10)):
        struct.pack_into("<H", data, data.index(mark) + at, 14)  # LZMA, which the bytes are not
    return bytes(data)


@pytest.mark.parametrize("made", [spoilt_middle, spoilt_method])
def test_a_damaged_member_is_one_problem(tmp_path, made):
    found = opened(tmp_path, {"all.zip": made()})
    assert len(found.entries) == 4
    (message,) = found.problems.loc[found.problems["code"] == "R02", "message"]
    assert message.startswith("all.zip/bad.csv: this file of the archive can't be unpacked (")
    assert "\n" not in message


def test_a_member_without_a_name_is_read(tmp_path):
    found = opened(tmp_path, {"all.zip": bytes(packed({"": as_csv(GOOD)}))})
    assert found.files["file"].tolist() == ["all.zip/(a file without a name)"]


def test_a_name_that_is_no_text(tmp_path):
    data = packed({"é.csv": as_csv(GOOD)})
    found = opened(
        tmp_path, {"all.zip": bytes(data.replace("é".encode(), b"\xff\xfe")), "good.csv": as_csv(GOOD)}
    )
    (message,) = found.problems.loc[found.problems["code"] == "R02", "message"]
    assert message.startswith("all.zip: the archive can't be opened (")


def test_what_a_workbook_holds_can_be_damaged_too(tmp_path):
    data = packed({"[Content_Types].xml": "x", "xl/worksheets/sheet1.xml": "<row/>" * 400})
    at = data.index(b"sheet1.xml") + len("sheet1.xml")
    data[at : at + 8] = b"\xff" * 8
    found = opened(tmp_path, {"x.xlsx": bytes(data), "good.csv": as_csv(GOOD)})
    (message,) = found.problems.loc[found.problems["code"] == "R02", "message"]
    assert message.startswith("x.xlsx: the workbook is damaged")
    assert issubclass(lzma.LZMAError, openers.ARCHIVE_TROUBLE)


@pytest.mark.parametrize("members", [{}, {".DS_Store": b"x"}])
def test_files_that_hold_nothing(tmp_path, members):
    with pytest.raises(BadClient, match="its one file is not a report"):
        opened(tmp_path, {"all.zip": bytes(packed(members))})


@pytest.mark.parametrize("value", [HUGE, "0x" + "f" * 5000, "[" * 3000])
def test_settings_beyond_measure(tmp_path, value):
    with pytest.raises(BadClient) as refused:
        clients.load(folder(tmp_path / "c", {}, f'name = "A"\nstatement = {value}\n'))
    with pytest.raises(Usage) as also:
        scenario.parse(f"[scenario.x]\nfiling_after_days = {value}\nphase_3 = {value}\n")
    for told in (refused, also):
        assert len(str(told.value)) < 400
        assert "\n" not in str(told.value)
        assert "set_int_max" not in str(told.value)


HEX = "0x" + "f" * 5000


@pytest.mark.parametrize(
    "name", [n for n, s in scenario.SETTINGS.items() if s.wanted.startswith("a whole number")]
)
@pytest.mark.parametrize("value", [HEX, "-" + "9" * 4000, "9" * 4000])
def test_a_number_of_thousands_of_digits_in_a_scenario(name, value):
    """It was taken, and no sentence on the scenario could hold it."""
    with pytest.raises(Usage, match=f"{name} is '|not readable") as refused:
        scenario.parse(f"[scenario.x]\n{name} = {value}\n")
    assert len(str(refused.value)) < 400


def test_a_seed_may_be_a_day():
    assert scenario.parse("[scenario.x]\nseed = 20260505\n")["x"].seed == 20260505


LAYOUT = 'extends = "generic_lines"\n[names]\nduty_cents = ["Our duty"]\n'


@pytest.mark.parametrize(
    "text",
    [
        f"title = {HUGE}\n{LAYOUT}",
        f"title = {HEX}\n{LAYOUT}",
        f"{'x' * 5000} = 1\n{LAYOUT}",
        f"known = {'[' * 5000}\n{LAYOUT}",
        f"{LAYOUT}{'x' * 5000} = ['A']\n",
        f"{LAYOUT}hts = {HEX}\n",
    ],
)
def test_a_layout_beyond_measure_is_refused_in_one_sentence(tmp_path, text):
    with pytest.raises(BadClient) as refused:
        opened(tmp_path, {"a.csv": as_csv(GOOD), "layouts/x.toml": text})
    assert not list(sentence(str(refused.value)))
    assert len(str(refused.value)) < 1200


def test_quoting_is_short():
    assert in_short("a\nb" * 100).startswith("a ba b")
    assert len(in_short("x" * 5000)) < 130
    assert in_words(RecursionError()) == "too many brackets within one another"


def refund(**told):
    return [told.get(name, "") for name in REV603]


def test_a_refund_without_an_amount_is_unmatched(tmp_path):
    row = refund(**{"Refund ID": "R1", "Payee ID": "12-345678900", "Refund Date": "06/01/2026"})
    found = opened(tmp_path, {"a.csv": as_csv(GOOD), "r.csv": as_csv([REV603, row])})
    told = monitoring.reconcile(cape_kit.assess(found, as_of="2026-07-01"))
    assert told.payments["matched"].tolist() == ["unmatched"]


def test_a_header_broken_over_lines_is_quoted_on_one_line(tmp_path):
    """A quote that is not closed takes the line's end, and a comma for each column, into the header."""
    header = '"Entry\r\n,,,,,,,,,,,,,,,,",,,,,,,,,,"Refund Status\u00b7\r\n"'
    text = header + 'K12-3300001-3","1","9007199254740993","","ACH Rejected"\r\n'
    with pytest.raises(BadClient) as refused:
        opened(tmp_path, {"0a.csv": text.encode("latin-1")})
    assert "0a.csv" in str(refused.value)
    assert not list(sentence(str(refused.value)))


def test_a_day_stated_by_hand_where_every_file_says_the_same(tmp_path):
    """There is no other reading to put it into, and the one of none had no type."""
    facts = "entry_number,fact,value,note\n" + f"{NUMBERS[0]},liquidation_date,2026-03-13,\n"
    found = opened(tmp_path, {"a.csv": as_csv(GOOD), "facts.csv": facts})
    days = found.entries.set_index("entry_number")["liquidation_date"]
    assert str(days[NUMBERS[0].replace("-", "")].date()) == "2026-03-13"


@pytest.mark.parametrize("cell", ["A99999999999", "ZZZZ9", "XFD1048576"])
def test_a_cell_beyond_every_sheet_is_a_problem_and_no_end_of_the_program(tmp_path, cell):
    """The reader makes room for all cells before it: 600 GB for one damaged name, and the process was ended."""
    made = tmp_path / "made.xlsx"
    workbook(made, GOOD)
    with zipfile.ZipFile(made) as source:
        parts = {name: source.read(name) for name in source.namelist()}
    (sheet,) = (name for name in parts if name.startswith("xl/worksheets/"))
    parts[sheet] = parts[sheet].replace(b'<c r="C3"', f'<c r="{cell}"'.encode(), 1)
    found = opened(tmp_path, {"a.csv": as_csv(GOOD), "bad.xlsx": bytes(packed(parts))})
    assert found.problems.loc[found.problems["file"] == "bad.xlsx", "severity"].tolist() == ["error"]
    assert len(found.entries) == len(NUMBERS)


def test_a_header_of_thousands_of_signs_is_quoted_short(tmp_path):
    headers = [f"Entry Numb{'9' * 5000}er", "Entry Type", "Entry Date", "HTS", "Duty", "Liquidation Status"]
    row = [NUMBERS[0], "01", "06/14/2025", "9903.01.24", "1000.00", "Liquidated"]
    with pytest.raises(BadClient) as refused:
        opened(tmp_path, {"a.csv": as_csv([headers, row])})
    assert not list(sentence(str(refused.value)))


@pytest.mark.parametrize("above", [b"Report\r", b"Report\r\r", b"\r", b"Report\r\n"])
@pytest.mark.parametrize("end", [b"\n", b"\r\n", b"\r"])
def test_rows_below_line_ends_of_several_kinds_are_all_there(tmp_path, above, end):
    """The engine told the end of a line by the first it saw, found no row at all, and nobody said so."""
    rows = [b"B7603245278,01", b"B7603245278,01,06/14/2025", b'B7603245278,01,"06/14\n2025"', b""]
    made = tmp_path / "a.csv"
    made.write_bytes(above + end.join([b"Entry Number,Entry Type,Entry Date", *rows]))
    (reading,) = readers.read_file(made, name="a.csv").readings
    assert reading.rows == 3


def told(found):
    """Every text a person is shown of a client's files: problems, the account of dollars, what stands for an entry."""
    frames = [found.problems[["message", "value", "column", "what_to_do"]], found.money[["column"]]]
    frames += [found.unexplained[["column", "value"]], found.files[["columns_matched"]]]
    return [text for frame in frames for text in frame.stack().dropna().astype(str)]


LONG = "9" * 5000


@pytest.mark.parametrize(
    "header, cell",
    [
        (LONG + " 9903.01.25", "1000.00"),  # once quoted whole
        (f"IEEPA {LONG}", "1000.00"),
        (f"{LONG} duty", "1,000.00"),
        (f"Duty {LONG} (USD)", f"$5.00 {LONG}"),
        ("IEEPA Status", f"paid {LONG}"),
        (f"Refund {LONG} Status", "paid"),
        ("Remarks", f"9903.01.25 {LONG}"),
        ("Importer Number", LONG),
        ("Entry Date", LONG),
        (f"Liquidation\n{' ' * 900}Date", LONG),
    ],
)
@pytest.mark.parametrize("name", ["a.csv", "a.xlsx"])
def test_a_header_or_a_cell_of_thousands_of_signs_is_quoted_short(tmp_path, name, header, cell):
    rows = [[*row, header if at == 0 else cell] for at, row in enumerate(GOOD)]
    found = opened(tmp_path, {name: rows})
    assert max(map(len, told(found))) < 700
    for file in found.files["file"]:
        read = readers.read_file(tmp_path / "c" / file, name=file)
        for reading in read.readings:
            said = file_report.as_text(file_report.of_reading(reading))
            assert max(map(len, said.splitlines())) < 2000


def test_facts_of_thousands_of_signs_are_quoted_short(tmp_path):
    rows = [
        f"{LONG},liquidation_date,2026-03-13,",
        f"{NUMBERS[0]},{LONG},2026-03-13,",
        f"{NUMBERS[0]},liquidation_date,{LONG},",
        f"{NUMBERS[0]},deposited_later,{LONG},",
        f"{NUMBERS[1]},liquidation_date,2026-03-13,{LONG}",
    ]
    found = opened(
        tmp_path, {"a.csv": as_csv(GOOD), "facts.csv": "\n".join(["entry_number,fact,value,note", *rows])}
    )
    assert sorted(found.problems["code"]).count("K01") == 4
    assert max(map(len, told(found))) < 1500


@pytest.mark.parametrize("row", [f"filed,{LONG}", f"{LONG},2026-05-05", f"filed,2026-05-05,x,{LONG}"])
def test_an_account_of_what_was_filed_of_thousands_of_signs(tmp_path, row):
    names = "event,filed_on,file,refusals_before,entry_number,sha256,claim_number,submitter"
    made = folder(tmp_path / "c", {"a.csv": as_csv(GOOD), ".cape-filed.csv": f"{names}\n{row}\n"})
    with pytest.raises(BadClient) as refused:
        cape_kit.open(made)
    assert len(str(refused.value)) < 600


@pytest.mark.parametrize("name", ["a\\u0000.png", "x" * 5_000 + ".png", "x" * 5_000])
def test_a_logo_of_a_name_no_file_can_have(tmp_path, name):
    toml = CLIENT + f'[brand]\nlogo = "{name}"\n'
    found = opened(tmp_path, {"a.csv": as_csv(GOOD)}, toml)
    told = markup.logo(found.client)
    assert told[0] == "" and "is not in the client’s folder" in told[1] and len(told[1]) < 250


def test_a_huge_amount_is_no_word_on_the_terminal(tmp_path):
    found = amounts.amounts_in(pa.chunked_array([["1e308", "5.00"]]))
    assert found.said.tolist() == [amounts.UNREAD, amounts.READ]


def test_a_panic_of_the_reader_stays_off_the_terminal(capfd):
    import os

    with openers._quiet():
        os.write(2, b"thread '<unnamed>' panicked at xls.rs:1\n")
    with openers._quiet():
        os.write(2, b"another's word\n")
    assert capfd.readouterr().err == "another's word\n"
