"""PDFs that are no entry summaries, pictures, locked, damaged, endless: one sentence each, and an end."""

import zlib

import pytest
from reportlab.lib import pdfencrypt
from reportlab.pdfgen.canvas import Canvas

import cape_kit
from cape_kit.entries import readers, schema
from cape_kit.entries.portfolio import files
from cape_kit.entries.readers.paper import words
from cape_kit.sample import paper
from tests.entries.folders import as_csv, folder
from tests.entries.paper import prints
from tests.numbers import numbered


def said(path, *, calm=False):
    """The one problem of a file without a reading: an error, or a calm line where it can hold no entry."""
    found = readers.read_file(path, name=path.name)
    assert found.readings == ()
    (problem,) = found.problems.to_dict("records")
    assert (problem["severity"], problem["code"]) == (("note", "R43") if calm else ("error", "R02"))
    assert calm or problem["message"].startswith(f"{path.name}: ")
    assert bool(found.unread) is not calm
    assert "\n" not in problem["message"]
    return problem["message"]


def text_pdf(path, *lines, pages=1):
    canvas = Canvas(str(path))
    for _ in range(pages):
        for place, line in enumerate(lines):
            canvas.drawString(50, 740 - 14 * place, line)
        canvas.showPage()
    canvas.save()
    return path


def raw_pdf(path, content):
    """A PDF of one page with such a content."""
    packed = zlib.compress(content, 9)
    objects = [
        b"<</Type/Catalog/Pages 2 0 R>>",
        b"<</Type/Pages/Kids[3 0 R]/Count 1>>",
        b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 612 792]/Contents 4 0 R/Resources<</Font<</F1 5 0 R>>>>>>",
        b"<</Length %d/Filter/FlateDecode>>stream\n" % len(packed) + packed + b"\nendstream",
        b"<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>",
    ]
    out, places = b"%PDF-1.5\n", []
    for number, body in enumerate(objects, start=1):
        places.append(len(out))
        out += b"%d 0 obj\n" % number + body + b"\nendobj\n"
    table = b"".join(b"%010d 00000 n \n" % place for place in places)
    size = len(objects) + 1
    out += b"xref\n0 %d\n0000000000 65535 f \n" % size + table
    out += b"trailer<</Size %d/Root 1 0 R>>\nstartxref\n%d\n%%%%EOF" % (size, out.index(b"xref\n"))
    path.write_bytes(out)
    return path


def picture(canvas):
    from PIL import Image
    from reportlab.lib.utils import ImageReader

    canvas.drawImage(ImageReader(Image.new("L", (60, 80), 200)), 0, 0, 612, 792)


def test_locked(tmp_path):
    lock = pdfencrypt.StandardEncryption("secret", ownerPassword="other")
    canvas = Canvas(str(tmp_path / "x.pdf"), encrypt=lock)
    canvas.drawString(50, 700, "Entry Summary")
    canvas.save()
    assert "password" in said(tmp_path / "x.pdf")


def test_damaged(tmp_path):
    whole = text_pdf(tmp_path / "whole.pdf", "Entry Summary", pages=30).read_bytes()
    (tmp_path / "cut.pdf").write_bytes(whole[: len(whole) // 2])
    assert "damaged or cut off" in said(tmp_path / "cut.pdf")


def test_two_thousand_pages_of_something_else(tmp_path):
    text_pdf(tmp_path / "x.pdf", "Delivery note", pages=2_000)
    message = said(tmp_path / "x.pdf", calm=True)
    assert "2000 pages without an entry summary" in message


def test_too_many_pages(tmp_path, monkeypatch):
    monkeypatch.setattr(words, "MAX_PAGES", 20)
    text_pdf(tmp_path / "x.pdf", "Delivery note", pages=21)
    assert "21 pages, the limit is 20; split it" in said(tmp_path / "x.pdf")


def test_too_large(tmp_path, monkeypatch):
    monkeypatch.setattr(words, "MAX_BYTES", 100)
    text_pdf(tmp_path / "x.pdf", "Delivery note")
    assert "split it" in said(tmp_path / "x.pdf")


def test_letters_without_end(tmp_path):
    drawn = [b"1 0 0 1 %d %d Tm (abcdefghij) Tj" % (50 * (i % 10), 7 * (i // 10)) for i in range(7_000)]
    raw_pdf(tmp_path / "x.pdf", b"BT /F1 9 Tf " + b"\n".join(drawn) + b" ET")
    assert "more than 60,000 letters" in said(tmp_path / "x.pdf")


def test_more_memory_than_allowed(tmp_path, monkeypatch):
    monkeypatch.setattr(words, "MAX_MEMORY", 256 << 20)
    raw_pdf(tmp_path / "x.pdf", b" " * (200 << 20))
    assert "too heavy or too damaged" in said(tmp_path / "x.pdf")


def test_no_hang(tmp_path, monkeypatch):
    monkeypatch.setattr(words, "SECONDS_A_PAGE", 1)
    raw_pdf(tmp_path / "x.pdf", b"q 1 0 0 1 0 0 cm Q\n" * 8_000_000)
    assert "longer than 1 seconds" in said(tmp_path / "x.pdf")


def test_one_bad_page_does_not_cost_the_others(tmp_path, monkeypatch):
    """The reading process dies at page 2; another one goes on at page 3."""
    made = prints.entries(3)
    paper.write(tmp_path / "x.pdf", made, "lakehead")
    mean = tmp_path / "mean.py"
    source = words._PROCESS.read_text("utf-8")
    dies = source.replace("say(_page(", "index == 1 and sys.exit(9); say(_page(")
    mean.write_text(dies, encoding="utf-8")
    monkeypatch.setattr(words, "_PROCESS", mean)
    (reading,) = readers.read(tmp_path / "x.pdf")
    assert set(reading.entries["entry_number"]) == {made[0].number, made[2].number}
    (problem,) = reading.problems[reading.problems["code"] == "P05"].to_dict("records")
    assert problem["sheet"] == "page 2"
    assert problem["severity"] == "error"


def test_pictures_of_paper(tmp_path):
    canvas = Canvas(str(tmp_path / "scan.pdf"))
    for _ in range(3):
        picture(canvas)
        canvas.showPage()
    canvas.save()
    message = said(tmp_path / "scan.pdf")
    assert "3 pages, 3 of them pictures of paper" in message
    assert "ask the broker" in message


def test_letters_laid_over_a_picture_are_not_relied_on(tmp_path):
    """Character recognition leaves invisible text whose digits may be wrong: it is a picture all the same."""
    (page, *_) = paper.pages(prints.entries(1), "official")
    canvas = Canvas(str(tmp_path / "ocr.pdf"), pagesize=(paper.WIDTH, paper.HEIGHT))
    picture(canvas)
    for word in page.words:
        text = canvas.beginText(word.x, paper.HEIGHT - word.y)
        text.setTextRenderMode(3)
        text.setFont(word.font, word.size)
        text.textOut(word.text)
        canvas.drawText(text)
    canvas.save()
    assert "character recognition" in said(tmp_path / "ocr.pdf")


def drawn(canvas, made):
    """The official prints of some entries, page by page."""
    for page in paper.pages(made, "official"):
        for word in page.words:
            canvas.setFont(word.font, word.size)
            (canvas.drawRightString if word.ends else canvas.drawString)(
                word.x, paper.HEIGHT - word.y, word.text
            )
        canvas.showPage()


def test_pictures_beside_entries_are_an_error(tmp_path):
    made = prints.entries(1)
    canvas = Canvas(str(tmp_path / "x.pdf"), pagesize=(paper.WIDTH, paper.HEIGHT))
    drawn(canvas, made)
    picture(canvas)
    canvas.save()
    (reading,) = readers.read(tmp_path / "x.pdf")
    (problem,) = reading.problems[reading.problems["code"] == "P03"].to_dict("records")
    assert problem["severity"] == "error"
    assert "1 of 2 pages" in problem["message"]


PAPERS = {
    "carrier": (
        ["EXAMPLE COURIER DUTY AND TAX INVOICE", "Invoice number 1-234", "Disbursement fee 14.00"],
        "which HTS heading the duty was paid under",
    ),
    "liquidation": (
        ["COURTESY NOTICE OF LIQUIDATION", "Entry 123-4567890-1 liquidated 03/13/2026"],
        "the posting on CBP's website",
    ),
    "refund": (["NOTICE OF REFUND", "ACH refund of duties, number 12345"], "which entries and headings"),
    "release": (
        ["CBP Form 3461 ENTRY/IMMEDIATE DELIVERY", "Entry Number 123-4567890-1"],
        "any duty: none is on it",
    ),
}


@pytest.mark.parametrize("name", PAPERS)
def test_other_papers_are_named_with_what_they_prove_and_what_not(tmp_path, name):
    lines, proves_not = PAPERS[name]
    message = said(text_pdf(tmp_path / f"{name}.pdf", *lines), calm=True)
    assert "it proves" in message
    assert proves_not in message
    assert "ask for" in message


def test_a_pdf_by_another_name_is_one_all_the_same(tmp_path):
    made = prints.entries(1)
    paper.write(tmp_path / "x.csv", made, "official")
    (reading,) = readers.read(tmp_path / "x.csv")
    assert list(reading.entries["entry_number"]) == [made[0].number]


def test_another_paper_that_names_an_entry_is_an_error(tmp_path):
    number = paper.number(prints.entries(1)[0].number, "dashes")
    lines, _ = PAPERS["carrier"]
    assert "it proves" in said(text_pdf(tmp_path / "x.pdf", *lines, f"Entry {number}"))


def with_letter(path, made, *lines):
    """A print of entries with a page of text before it and one behind."""
    canvas = Canvas(str(path), pagesize=(paper.WIDTH, paper.HEIGHT))
    canvas.drawString(50, 740, "Dear client, here are the entry summaries.")
    canvas.showPage()
    drawn(canvas, made)
    for place, line in enumerate(lines):
        canvas.drawString(50, 740 - 14 * place, line)
    canvas.save()


def test_an_entry_named_on_a_paper_nobody_reads_has_a_caveat(tmp_path):
    one, other = prints.entries(2)
    number = paper.number(one.number, "dashes")
    folder(
        tmp_path / "c",
        {"a.csv": as_csv([["Entry Number", "Entry Type"], [one.number, "01"], [other.number, "01"]])},
    )
    text_pdf(tmp_path / "c" / "x.pdf", *PAPERS["liquidation"][0], f"Entry {number} liquidated 03/13/2026")
    found = cape_kit.assess(cape_kit.open(tmp_path / "c"), as_of="2026-05-05")
    assert files.told_not_read(found.portfolio) == (
        ("x.pdf", f"1 entry of filer {one.number[:3]}, what is said of it is not known"),
    )
    seen = found.facts.seen["in_unread"].set_axis(found.facts.entries["entry_number"])
    assert seen[one.number] == "x.pdf: not read"
    assert seen[other.number] != seen[other.number]  # nothing is said


@pytest.mark.parametrize("named", [True, False])
def test_a_page_beside_entry_summaries_that_names_an_entry_was_not_read(tmp_path, named):
    one, other = prints.entries(2)
    (tmp_path / "c").mkdir()
    (tmp_path / "c" / "client.toml").write_text('name = "Test"\n', "utf-8")
    line = f"Entry {paper.number(other.number, 'dashes')} was liquidated" if named else "Yours sincerely"
    with_letter(tmp_path / "c" / "x.pdf", [one, other], line)
    found = cape_kit.open(tmp_path / "c")
    count = len(list(paper.pages([one, other], "official"))) + 2
    unread = found.unexplained[found.unexplained["about"] == schema.FILE]
    assert set(found.entries["entry_number"]) == {one.number, other.number}
    assert unread["entry_number"].tolist() == ([other.number] if named else [])
    assert unread["column"].tolist() == ([f"x.pdf [page {count}]"] if named else [])


@pytest.mark.parametrize(
    "name, content",
    [
        ("letter.rtf", b"{\\rtf1 Entry K12-3300001-3 was liquidated}"),
        ("broken.csv", b"\x01\x02" * 300 + b" K12-3300001-3 "),
        ("note.txt", b"we hear that K12-3300001-3\nis on hold\n"),
    ],
)
def test_a_document_that_names_an_entry_was_not_read_either(tmp_path, name, content):
    number = numbered("K12", 3300001)
    assert number == "K1233000013"
    rows = [["Entry Number", "Entry Type"], [number, "01"]]
    found = cape_kit.open(folder(tmp_path / "c", {"a.csv": as_csv(rows), name: content}))
    unread = found.unexplained[found.unexplained["about"] == schema.FILE]
    assert unread[["entry_number", "column"]].to_numpy().tolist() == [[number, name]]


def test_what_was_not_read_has_all_its_rows_accounted_for(tmp_path):
    rows = [["Entry Number", "Entry Type"], ["K1233000013", "01"]]
    strange = as_csv([["Entry Number", "Est. Duty (USD)"], ["K1233000013", "$5.00"]])
    found = cape_kit.open(folder(tmp_path / "c", {"a.csv": as_csv(rows), "b.csv": strange})).files
    kinds = [f"rows_{kind}" for kind in ("used", "refused", "repeated", "blank")]
    assert found[kinds].sum(axis=1, skipna=False).tolist() == found["rows"].tolist() == [1, 1]
