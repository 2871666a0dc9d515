"""Files that are no report, or no file at all: one sentence or a problem row each, and the rest goes on."""

import io
import zipfile

import pytest
from openpyxl import Workbook

import cape_kit
from cape_kit.entries import readers
from cape_kit.entries.readers import openers
from cape_kit.errors import AmbiguousReport, BadClient, UnreadableReport
from tests.entries.folders import HEADERS, as_csv, clean_rows, folder, workbook

GOOD = [HEADERS, *clean_rows()]


def archive(members, compression=zipfile.ZIP_DEFLATED):
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", compression) as target:
        for name, content in members.items():
            target.writestr(name, content)
    return out.getvalue()


def truncated_workbook():
    out = io.BytesIO()
    Workbook().save(out)
    return out.getvalue()[:-400]


def far_cell():
    """A workbook of two cells whose rectangle has seventeen billion."""
    book = Workbook()
    book.active["A1"] = "Entry Number"
    book.active.cell(1_048_576, 16_384, "x")
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


#: Name -> its content, or how it is made where that takes a while; what is said of it.
BAD = {
    "empty.csv": (b"", "empty"),
    "blank.csv": (b" \r\n\r\n", "empty"),
    "no_header.csv": (as_csv(clean_rows()).encode(), "no header row"),
    "letter.csv": (b"Dear Sir, please find attached\nnothing\n", "no header row"),
    "near.csv": (b"Entry Summary Number,Tariff Ordinal Number,HTS Number - Full\n", "which also needs"),
    "invoice.pdf": (b"%PDF-1.7 ...", "a PDF"),
    "page.xls": (b"<html><table></table></html>", "web page"),
    "binary.xlsx": (bytes(range(256)) * 40, "neither a workbook nor text"),
    "cut.xlsx": (truncated_workbook(), "damaged or cut off"),
    "protected.xlsx": (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(2048), "password"),
    "old.xls": (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(2048), "damaged"),
    "far.xlsx": (far_cell(), "nearly all empty"),
    "bomb.xlsx": (lambda: archive({"[Content_Types].xml": "", "xl/media/a": bytes(96 << 20)}), "unsafe"),
    "bomb.zip": (lambda: archive({"a.csv": bytes(96 << 20)}), "unsafe"),
    "many.zip": (lambda: archive({f"{i}.csv": "" for i in range(600)}), "600 files"),
}


def bad(name):
    """A bad file's content and what is said of it."""
    content, says = BAD[name]
    return content() if callable(content) else content, says


@pytest.mark.parametrize("name", BAD)
def test_one_clear_sentence(tmp_path, name):
    content, says = bad(name)
    (tmp_path / name).write_bytes(content)
    found = readers.read_file(tmp_path / name, name=name)
    assert found.readings == ()
    (message,) = found.problems["message"]
    assert message.startswith(f"{name}: ") or found.problems["code"].tolist() == ["R43"]
    assert says in message
    assert "\n" not in message


def test_empty_workbook(tmp_path):
    workbook(tmp_path / "x.xlsx", [])
    with pytest.raises(UnreadableReport, match="the workbook is empty"):
        readers.read(tmp_path / "x.xlsx")


def test_the_rest_of_the_folder_goes_on(tmp_path):
    found = cape_kit.open(
        folder(tmp_path / "c", {"good.csv": GOOD, **{k: bad(k)[0] for k in BAD if "bomb" not in k}})
    )
    assert len(found.entries) == 4
    refused = found.problems[found.problems["code"] == "R02"]
    assert set(refused["file"]) == {name for name in BAD if "bomb" not in name} - {"letter.csv"}
    assert set(found.problems.loc[found.problems["code"] == "R43", "file"]) == {"letter.csv"}


def test_nothing_readable_at_all(tmp_path):
    with pytest.raises(BadClient, match="no data files"):
        cape_kit.open(folder(tmp_path / "a", {}))
    with pytest.raises(BadClient, match="its one file is not"):
        cape_kit.open(folder(tmp_path / "b", {"letter.csv": "Dear Sir\n"}))


def test_two_layouts_claim_one_file(tmp_path, monkeypatch):
    """Layouts that overlap are the kit's fault, and it says so instead of choosing."""
    from dataclasses import replace

    from cape_kit.entries.readers import recognise

    twice = tuple(
        replace(p, must_have_any=(), must_not_have=()) for p in recognise.profiles() if "es003" in p.key
    )
    monkeypatch.setattr(recognise, "profiles", lambda: twice)
    with pytest.raises(AmbiguousReport, match=r"es003 because .* es003_extended because"):
        (tmp_path / "x.csv").write_text(as_csv(GOOD), "utf-8")
        readers.read(tmp_path / "x.csv")


def test_files_inside_an_archive(tmp_path):
    inner = io.BytesIO()
    book = Workbook()
    for row in GOOD[:4]:
        book.active.append(row)
    book.save(inner)
    content = archive(
        {"a/b.csv": as_csv(GOOD), "c.xlsx": inner.getvalue(), "__MACOSX/._b.csv": "x", "note.txt": "hello"}
    )
    found = cape_kit.open(folder(tmp_path / "c", {"all.zip": content}))
    assert set(found.files["file"]) == {"all.zip/a/b.csv", "all.zip/c.xlsx"}
    assert found.problems.loc[found.problems["code"] == "R43", "file"].tolist() == ["all.zip/note.txt"]


def rows_of(tmp_path, text):
    (tmp_path / "x.csv").write_bytes(text.encode() if isinstance(text, str) else text)
    (reading,) = readers.read(tmp_path / "x.csv")
    assert (
        reading.rows == reading.rows_used + reading.rows_repeated + reading.rows_refused + reading.rows_blank
    )
    return reading


def test_empty_lines_count_as_rows(tmp_path):
    lines = as_csv(GOOD).splitlines()
    reading = rows_of(tmp_path, "\r\n".join([lines[0], "", lines[1], "", "", lines[2]]) + "\r\n\r\n")
    assert reading.lines["source_row"].to_pylist() == [3, 6]
    assert (reading.rows, reading.rows_blank) == (6, 4)


def test_a_line_end_inside_quotes_is_one_row(tmp_path):
    header, first, second = as_csv(GOOD).splitlines()[:3]
    reading = rows_of(tmp_path, "\n".join([header + ",Note", first + ',"a\nb"', second + ",x"]))
    assert reading.lines["source_row"].to_pylist() == [2, 3]


def test_a_separator_inside_a_cell_is_refused_not_shifted(tmp_path):
    header, first, second = as_csv(GOOD).splitlines()[:3]
    reading = rows_of(tmp_path, "\n".join([header, first.replace("Pending", "Pending, maybe") + "x", second]))
    assert reading.rows_refused == 1
    assert reading.problems["code"].tolist() == ["R15"]
    assert reading.problems["row"].tolist() == [2]


def test_short_rows_are_kept(tmp_path):
    header, first = as_csv(GOOD).splitlines()[:2]
    reading = rows_of(tmp_path, "\n".join([header, first.removesuffix(",Pending,")]))
    assert reading.rows_used == 1


def test_an_odd_byte_deep_in_the_file(tmp_path):
    text = as_csv([HEADERS, *clean_rows() * 2000])
    data = text.encode() + as_csv([["B7603245278", *clean_rows()[0][1:11], "Pending é", ""]]).encode("cp1252")
    reading = rows_of(tmp_path, data)
    assert reading.entries.set_index("entry_number").loc["B7603245278", "liquidation_status"] == "Pending é"


def test_old_line_ends(tmp_path):
    reading = rows_of(tmp_path, as_csv(GOOD).replace("\r\n", "\r"))
    assert reading.rows_used == len(clean_rows())


def test_header_only(tmp_path):
    for name in ("x.csv", "x.xlsx"):
        found = cape_kit.open(folder(tmp_path / name, {name: [HEADERS]}))
        assert len(found.entries) == 0
        assert found.files["rows"].tolist() == [0]


def test_cells_that_show_an_error_are_said(tmp_path):
    book = Workbook()
    for row in GOOD:
        book.active.append(row)
    book.active["K3"] = "#REF!"
    book.active["K3"].data_type = "e"
    book.save(tmp_path / "x.xlsx")
    (reading,) = readers.read(tmp_path / "x.xlsx")
    assert {"R18", "R11"} <= set(reading.problems["code"])
    assert reading.lines["duty_cents"].to_pylist()[1] is None


def test_safety_limits_leave_room_for_a_full_sheet():
    assert openers.MAX_CELLS > 1_048_576 * 60
