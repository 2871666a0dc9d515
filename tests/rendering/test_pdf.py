"""The printed report: from the same run, on whole pages with numbers, with nothing cut off at the side."""

import re
import shutil
import subprocess
from datetime import date

import pytest

from cape_kit.rendering import pages

TOOLS = shutil.which("pdftotext") and shutil.which("pdfinfo")
pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(pages.browser() is None or not TOOLS, reason="no browser or no PDF tools here"),
]


DAY = date(2026, 5, 5)


@pytest.fixture(scope="module")
def printed(made, tmp_path_factory):
    path = tmp_path_factory.mktemp("pdf") / "report.pdf"
    assert pages.print_pdf(made.page, path, on=DAY) == ""
    return path


def test_the_same_page_gives_the_same_bytes_at_another_time_and_place(made, printed, tmp_path):
    copy = tmp_path / "elsewhere" / "copy.html"
    copy.parent.mkdir()
    shutil.copy(made.page, copy)
    assert pages.print_pdf(copy, tmp_path / "again.pdf", on=DAY) == ""
    assert (tmp_path / "again.pdf").read_bytes() == printed.read_bytes()
    info = told("pdfinfo", "-isodates", printed)
    assert re.findall(r"^(?:Creation|Mod)Date: +(.*)$", info, re.MULTILINE) == ["2026-05-05T00:00:00Z"] * 2


def test_however_the_browser_numbered_the_parts_of_the_page_the_file_is_the_same():
    # Two printings of one page on a busy machine: other numbers for the two heads, the list sorted by number.
    busy = (
        b"98 0 obj\n<</S /TH\n/ID (node00000029)>>\nendobj\n100 0 obj\n<</S /TH\n/ID (node00000005)>>\nendobj\n"
        b"102 0 obj\n<</S /TD\n/A [<</O /Table\n/Headers [(node00000005) (node00000029)]>>]>>\nendobj\n"
        b"103 0 obj\n<</Limits [(node00000005) (node00000029)]\n"
        b"/Names [(node00000005) 100 0 R (node00000029) 98 0 R]>>\nendobj\n"
    )
    idle = (
        b"98 0 obj\n<</S /TH\n/ID (node00000003)>>\nendobj\n100 0 obj\n<</S /TH\n/ID (node00000004)>>\nendobj\n"
        b"102 0 obj\n<</S /TD\n/A [<</O /Table\n/Headers [(node00000004) (node00000003)]>>]>>\nendobj\n"
        b"103 0 obj\n<</Limits [(node00000003) (node00000004)]\n"
        b"/Names [(node00000003) 98 0 R (node00000004) 100 0 R]>>\nendobj\n"
    )
    numbered = idle.replace(b"00000003", b"00000001").replace(b"00000004", b"00000002")
    assert pages._numbered(busy) == pages._numbered(idle) == numbered


def test_the_parts_of_a_printed_page_are_numbered_as_they_come(printed):
    content = printed.read_bytes()
    own = re.findall(rb"/ID \(node([0-9]{8})\)", content)
    assert len(own) > 20
    assert own == [b"%08d" % (number + 1) for number in range(len(own))]
    # The list of them, by which a reader finds a cell's heads, names each once, in order.
    assert re.findall(rb"\(node([0-9]{8})\) [0-9]+ [0-9]+ R", content) == own


def test_the_printed_memo_does_not_say_in_which_folder_it_was_printed(made, tmp_path):
    printed = []
    for name in ("acme", "elsewhere"):
        page = tmp_path / name / "memo.html"
        page.parent.mkdir()
        shutil.copy(made.page.with_name("memo.html"), page)
        assert pages.print_pdf(page, page.with_suffix(".pdf"), on=DAY) == ""
        printed.append(page.with_suffix(".pdf").read_bytes())
    assert printed[0] == printed[1]
    assert b"file:" not in printed[0]


def told(*command):
    return subprocess.run([str(part) for part in command], capture_output=True, text=True, check=True).stdout


def pages_of(path):
    return told("pdftotext", "-layout", path, "-").split("\f")[:-1]


def test_every_page_has_its_number(printed):
    pages = pages_of(printed)
    assert 5 <= len(pages) <= 8
    for number, text in enumerate(pages, start=1):
        assert f"{number}/{len(pages)}" in text.replace(" ", "")


def test_the_answer_is_on_the_first_page_and_the_sections_follow(printed):
    pages = pages_of(printed)
    assert "can be filed on a CAPE declaration today" in " ".join(pages[0].split())
    assert "Where the money stands" in pages[1]


def test_no_word_stands_outside_the_margins(printed):
    boxes = told("pdftotext", "-bbox", printed, "-")
    width = float(boxes.split('<page width="')[1].split('"')[0])
    edges = [float(part.split('"')[0]) for part in boxes.split('xMax="')[1:]]
    assert max(edges) <= width - 40


def test_letters_are_embedded(printed):
    fonts = told("pdffonts", printed).splitlines()[2:]
    assert fonts
    assert all(line.split()[-5] == "yes" for line in fonts)
