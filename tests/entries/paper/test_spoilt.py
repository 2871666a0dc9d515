"""Prints with one thing wrong: read right, or refused and named; never wrong dollars in silence."""

import re

import pytest

from cape_kit.entries import readers
from cape_kit.entries.readers import paper as reader
from cape_kit.sample import paper
from tests import effort
from tests.entries.paper import prints

#: The seeds of a run of the tests, each kind at least once; the benchmark takes 200 and more.
SEEDS = range(effort.examples(12))


@pytest.fixture(scope="module")
def made():
    return prints.entries(60)


@pytest.mark.parametrize("layout", prints.LAYOUTS)
def test_no_wrong_dollars_in_silence(made, tmp_path, layout):
    for seed in SEEDS:
        some, pages, how = prints.spoiled(made, layout, seed, prints.PROMISED)
        path = tmp_path / f"{seed}.pdf"
        if not pages:
            continue
        paper.draw(path, pages, paper.layouts()[layout])
        found = prints.judged(path, {entry.number: paper.truth(entry) for entry in some})
        assert not found["wrong dollars"] + found["wrong fact"] + found["strange"], (layout, seed, how)


def one(made, tmp_path, spoil, layout="gateway"):
    """The reading of one entry of several lines after `spoil(words of the table)`."""
    entry = next(e for e in made if len(e.lines) > 1 and paper.summary(e).duty)
    pages = paper.pages([entry], layout)
    for page in pages:
        page.words = [word for word in page.words if spoil(word) is not False]
    paper.draw(tmp_path / "one.pdf", pages, paper.layouts()[layout])
    return entry, readers.read(tmp_path / "one.pdf")


def test_an_entry_that_does_not_tie_out_has_facts_and_no_line(made, tmp_path):
    """The contract: in the entries, none of its lines, one error with page, what is off, its dollars."""
    gone = []

    def drop_a_duty(word):
        if word.column == "duty" and word.text != "0.00" and not gone:
            gone.append(word.text)
            return False
        return None

    entry, (reading,) = one(made, tmp_path, drop_a_duty)
    assert reading.lines is None
    assert reading.sheet == "does not tie out"
    assert list(reading.entries["entry_number"]) == [entry.number]
    assert reading.rows == reading.rows_refused > 0
    (problem,) = reading.problems.to_dict("records")
    assert problem["severity"] == "error"
    assert problem["code"] == "P01"
    assert problem["sheet"] == "page 1"
    duty = paper.truth(entry)["totals"]["duty"]
    assert f"duty ${duty / 100:,.2f} not counted" in problem["message"]
    assert f"${float(gone[0].replace(',', '')):,.2f} apart" in problem["message"]


def test_duty_nobody_could_read_is_not_told_as_nothing(made, tmp_path):
    _, (reading,) = one(made, tmp_path, lambda word: not re.fullmatch(r"\$?[0-9,]+\.[0-9]{2}", word.text))
    (problem,) = reading.problems.to_dict("records")
    assert "its duty is not known" in problem["message"]


def test_an_amount_beside_nothing_is_named(made, tmp_path):
    def lower(word):
        if word.column == "duty":
            word.y += 5

    _, (reading,) = one(made, tmp_path, lower)
    (problem,) = reading.problems.to_dict("records")
    assert "stands beside no HTS number" in problem["message"]
    assert problem["column"] == "Duty and IR Tax"
    assert problem["row"] > 0


def test_a_wrong_check_digit_is_not_used(made, tmp_path):
    entry = made[0]
    wrong = entry.number[:-1] + str((int(entry.number[-1]) + 1) % 10)

    def mistype(word):
        word.text = word.text.replace(paper.number(entry.number, "dashes"), paper.number(wrong, "dashes"))

    pages = paper.pages([entry], "official")
    for page in pages:
        for word in page.words:
            mistype(word)
    paper.draw(tmp_path / "x.pdf", pages, paper.layouts()["official"])
    (reading,) = readers.read(tmp_path / "x.pdf")
    assert reading.lines is None
    assert "check digit" in reading.problems["message"][0]


def test_a_page_without_entry_number_is_an_error_with_its_dollars(made, tmp_path):
    entry = next(e for e in made if paper.summary(e).duty)
    pages = paper.pages([entry, made[1]], "official")
    for page in pages:
        if page.number == entry.number:
            page.words = [w for w in page.words if w.text != paper.number(entry.number, "dashes")]
    paper.draw(tmp_path / "x.pdf", pages, paper.layouts()["official"])
    (reading,) = readers.read(tmp_path / "x.pdf")
    assert list(reading.entries["entry_number"]) == [made[1].number]
    (problem,) = reading.problems[reading.problems["code"] == "P02"].to_dict("records")
    assert f"${paper.summary(entry).duty / 100:,.2f}" in problem["message"]


def test_two_prints_that_differ_are_not_used(made, tmp_path):
    entry = next(e for e in made if len(e.lines) > 1 and paper.summary(e).duty)
    before = paper.pages([entry], "official")
    entry_after = [w for page in paper.pages([entry], "official") for w in page.words]
    again = paper.pages([entry], "official")
    changed = False
    for page in again:
        for word in page.words:
            if word.column == "rate" and word.text == "FREE" and not changed:
                word.text, changed = "0%", True
    if not changed:
        pytest.skip("no free number on this entry")
    assert entry_after
    paper.draw(tmp_path / "x.pdf", [*before, *again], paper.layouts()["official"])
    (reading,) = readers.read(tmp_path / "x.pdf")
    assert reading.lines is None
    assert "2 prints of it that differ" in reading.problems["message"][0]


def test_the_same_print_twice_counts_once(made, tmp_path):
    pages = paper.pages(made[:2], "tidewater")
    paper.draw(tmp_path / "x.pdf", [*pages, *pages], paper.layouts()["tidewater"])
    found = prints.judged(tmp_path / "x.pdf", {e.number: paper.truth(e) for e in made[:2]})
    assert +found == {"right": 2}


def test_lines_of_two_entries_never_mix(made, tmp_path):
    """The first page of one, the continuation sheet of another: each is held against its own totals."""
    long = [e for e in made if len(paper.pages([e], "tidewater")) > 1][:2]
    first, second = (paper.pages([entry], "tidewater") for entry in long)
    mixed = [first[0], *second[1:], second[0], *first[1:]]
    paper.draw(tmp_path / "x.pdf", mixed, paper.layouts()["tidewater"])
    verdicts = {v.entry.number: v for v in reader.entry_summaries(tmp_path / "x.pdf")}
    assert prints.said(verdicts[long[0].number]) == paper.truth(long[0])
    assert not verdicts[long[1].number].ties or prints.said(verdicts[long[1].number]) == paper.truth(long[1])


def test_another_file_that_holds_the_entry_whole_goes_before_one_that_does_not(made, tmp_path):
    import cape_kit

    entry = next(e for e in made if paper.summary(e).duty)
    good, bad = paper.pages([entry], "official"), paper.pages([entry], "gateway")
    bad[0].words = [w for w in bad[0].words if w.column != "duty"]
    paper.draw(tmp_path / "a.pdf", bad, paper.layouts()["gateway"])
    paper.draw(tmp_path / "b.pdf", good, paper.layouts()["official"])
    (tmp_path / "client.toml").write_text('name = "Test"\n', encoding="utf-8")
    whole = cape_kit.open(tmp_path)
    assert sum(whole.tariff_lines["duty_cents"].to_pylist()) == paper.summary(entry).duty
    assert {"P01", "P04"} <= set(whole.problems["code"])


def drawn(tmp_path, pages, layout):
    paper.draw(tmp_path / "x.pdf", pages, paper.layouts()[layout])
    return {verdict.entry.number: verdict for verdict in reader.entry_summaries(tmp_path / "x.pdf")}


def test_boxes_repeated_on_every_page_are_no_second_print(made, tmp_path):
    """Some programs print the whole head of the form on continuation sheets, too."""
    entry = next(e for e in made if len(paper.pages([e], "tidewater")) > 1)
    first, *more = paper.pages([entry], "tidewater")
    for page in more:
        heads = [w for w in first.words if 50 < w.y < 78 and w.x > 134]
        page.words += heads  # type of entry, summary date and so on, beside the entry number
    verdict = drawn(tmp_path, [first, *more], "tidewater")[entry.number]
    assert prints.said(verdict) == paper.truth(entry)


def test_a_draft_is_not_used(made, tmp_path):
    (page, *more) = paper.pages([made[0]], "official")
    page.words.append(paper.Word(250, 47, "DRAFT", "Helvetica-Bold", 14))
    verdict = drawn(tmp_path, [page, *more], "official")[made[0].number]
    assert "'draft'" in verdict.off[0]


def test_numbers_within_words_are_no_hts_numbers(made, tmp_path):
    (page, *more) = paper.pages([made[0]], "tidewater")
    note = next(word for word in page.words if word.text.startswith("INV"))
    note.text = "PO 4500123456 20250810 SEE"
    verdict = drawn(tmp_path, [page, *more], "tidewater")[made[0].number]
    assert prints.said(verdict) == paper.truth(made[0])


def test_country_and_programme_are_not_mistaken_for_each_other(made, tmp_path):
    """CA by itself below the line number may be the country or the programme: it is neither."""
    (page, *more) = paper.pages([made[0]], "official")
    for word in page.words:
        if word.column == "line" and word.text.startswith("O "):
            word.text = "CA"
    verdict = drawn(tmp_path, [page, *more], "official")[made[0].number]
    assert verdict.ties
    assert {line.spi for line in verdict.entry.lines} == {None}
    assert {line.country for line in verdict.entry.lines} == {None}
