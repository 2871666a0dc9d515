"""Prints of four programs read back: every number, amount and fact as it was printed."""

import pytest

from cape_kit.entries import readers
from cape_kit.entries.readers import paper as reader
from cape_kit.sample import paper
from tests.entries.paper import prints

COUNT = 60


@pytest.fixture(scope="module")
def made():
    return prints.entries(COUNT)


@pytest.fixture(scope="module", params=prints.LAYOUTS)
def printed(request, made, tmp_path_factory):
    """All entries in one file of a layout."""
    path = tmp_path_factory.mktemp(request.param) / "7501s.pdf"
    paper.write(path, made, request.param)
    return path


@pytest.fixture(scope="module")
def reading(printed):
    """The file as the kit reads it."""
    (one,) = readers.read(printed)
    return one


@pytest.fixture(scope="module")
def verdicts(printed):
    """What the reader of paper alone says of each entry."""
    return list(reader.entry_summaries(printed))


def test_every_entry_is_right(verdicts, made):
    found = prints.judged_of(verdicts, {entry.number: paper.truth(entry) for entry in made})
    assert +found == {"right": COUNT}


def test_the_reading_is_like_an_exports(reading, made):
    assert reading.profile.key == "form_7501"
    assert reading.profile.grain == "tariff_line"
    assert reading.rows == reading.rows_used == reading.lines.num_rows
    assert list(reading.entries["entry_number"]) == sorted(entry.number for entry in made)
    duty = {row["entry_number"]: 0 for row in reading.lines.to_pylist()}
    for row in reading.lines.to_pylist():
        duty[row["entry_number"]] += row["duty_cents"]
    assert duty == {entry.number: paper.truth(entry)["totals"]["duty"] for entry in made}
    assert set(reading.problems["code"]) == {"P04"}
    (mark,) = reading.problems["message"]
    assert f"{COUNT} entries" in mark


def test_each_line_says_where_it_stands(printed, reading):
    rows = reading.lines.select(["entry_number", "source_file", "source_sheet", "source_row"]).to_pylist()
    assert {row["source_file"] for row in rows} == {printed.name}
    assert all(row["source_sheet"].startswith("page ") and row["source_row"] > 0 for row in rows)
    places = [tuple(row.values()) for row in rows]
    assert len(set(places)) == len(places)


def test_descriptions_fees_and_consignee_are_there_for_who_asks(verdicts, made):
    fees = 0
    for verdict in verdicts:
        assert all(line.description for line in verdict.entry.lines)
        assert verdict.entry.said["consignee_name"]
        fees += sum(cents for line in verdict.entry.lines for _, cents in line.fees)
    by_line = [paper.summary(entry).line_fees for entry in made]
    assert fees == sum(cents for lines in by_line for fee in lines.values() for cents in fee.values())


def test_continuation_sheets_and_several_entries_in_one_file(made, tmp_path):
    told = paper.files(tmp_path, made[:12], "tidewater")
    assert [len(file["entries"]) for file in told] == [6, 6]
    assert sum(file["pages"] for file in told) > 12  # some entries need a second sheet
    for file in told:
        (reading,) = readers.read(tmp_path / file["file"])
        assert len(reading.entries) == 6


def test_same_entries_same_bytes(made, tmp_path):
    for name in ("a", "b"):
        paper.write(tmp_path / name, made[:2], "official")
    assert (tmp_path / "a").read_bytes() == (tmp_path / "b").read_bytes()


def test_a_form_filled_in_its_fields(made, tmp_path):
    """CBP's own form has fields: what is typed into them is no text of the page until it is flattened."""
    from reportlab.pdfgen.canvas import Canvas

    layout, entry = paper.layouts()["official"], made[0]
    (page, *_) = paper.pages([entry], "official")
    canvas = Canvas(str(tmp_path / "filled.pdf"), pagesize=(paper.WIDTH, paper.HEIGHT))
    for place, word in enumerate(page.words):
        canvas.setFont(word.font, word.size)
        typed = word.font == layout.value_font and word.size == layout.value_size and word.text != "$"
        if not typed:
            (canvas.drawRightString if word.ends else canvas.drawString)(
                word.x, paper.HEIGHT - word.y, word.text
            )
            continue
        width = canvas.stringWidth(word.text, word.font, word.size) + 4
        canvas.acroForm.textfield(
            name=f"field{place}", value=word.text, x=word.x - (width - 2 if word.ends else 2),
            y=paper.HEIGHT - word.y - 2.5, width=width, height=word.size + 3, fontSize=word.size,
            fontName="Helvetica", borderWidth=0, fillColor=None, borderColor=None,
        )  # fmt: skip
    canvas.save()
    (verdict,) = reader.entry_summaries(tmp_path / "filled.pdf")
    assert verdict.ties, verdict.off
    assert prints.said(verdict) == paper.truth(entry)


@pytest.mark.parametrize("turn", [90, 180, 270])
def test_a_turned_page_reads_like_an_upright_one(made, tmp_path, turn):
    from reportlab.pdfgen.canvas import Canvas

    layout, entry = paper.layouts()["lakehead"], made[0]
    canvas = Canvas(str(tmp_path / "turned.pdf"), pagesize=(792, 792))
    for page in paper.pages([entry], "lakehead"):
        canvas.setPageRotation(turn)
        canvas.translate(396, 396)
        canvas.rotate(turn)
        canvas.translate(-396, -396)
        for word in page.words:
            canvas.setFont(word.font, word.size)
            (canvas.drawRightString if word.ends else canvas.drawString)(word.x, 792 - word.y, word.text)
        canvas.showPage()
    canvas.save()
    (verdict,) = reader.entry_summaries(tmp_path / "turned.pdf")
    assert layout.list
    assert prints.said(verdict) == paper.truth(entry)
