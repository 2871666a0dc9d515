"""Letters and brokers' sheets: everything open is asked, the deciding first, and no broker reads of another."""

import csv
import datetime
import io
import re
import shutil

import openpyxl
import pandas as pd
import pytest

import cape_kit
from cape_kit.assessment.wording import steps
from cape_kit.assessment.wording.templates import Sentence
from cape_kit.rendering import attachments, pages
from cape_kit.views import letters
from tests import samples
from tests.rendering.reading import Page, accessibility_faults

DAY = datetime.date(2026, 5, 5)


@pytest.fixture(scope="module")
def cedar():
    return samples.assessed("cedar-and-flint", DAY)


@pytest.fixture(scope="module")
def northgate():
    return samples.assessed("northgate-tools", DAY)


@pytest.fixture(scope="module")
def sent(cedar, tmp_path_factory):
    folder = tmp_path_factory.mktemp("sent")
    attachments.write_letters(cedar, folder)
    return folder


def rows(path):
    return list(csv.DictReader(io.StringIO(path.read_text("utf-8-sig"))))


def test_the_client_and_each_filer_get_one_letter(cedar, sent):
    codes = sorted(cedar.table["filer_code"].dropna().unique())
    assert len(codes) == 3
    told = sorted(path.name for path in (sent / "questions").glob("*.html"))
    assert told == sorted(["client.html", *(f"filer {code}.html" for code in codes)])
    assert sorted(path.name for path in (sent / "brokers").iterdir()) == [f"filer {c}.xlsx" for c in codes]


def test_every_entry_without_an_answer_is_asked_about(northgate):
    client, broker = letters.letters(northgate)
    open_ = set(northgate.table.loc[northgate.table["disposition"].eq("undetermined"), "entry_number"])
    assert len(open_) == 16
    assert open_ <= set(client.entries["entry_number"]) and open_ <= set(broker.entries["entry_number"])


def test_what_is_not_known_is_neither_zero_nor_later(northgate):
    """Three entries of the sample have no tariff lines; thirteen show no liquidation date."""
    points = letters.letters(northgate)[0].points.frame
    without = points[points["what"].str.contains("No file holds this entry's tariff lines")]
    assert without["cents"].isna().all() and without["entries"].tolist() == [3]
    undated = points[points["what"].str.contains("neither liquidation status nor|without a date")]
    assert len(undated) == 2 and undated["by"].eq("now").all()


def test_what_differs_only_in_its_days_is_one_point():
    """In November the sample's exports of May are old: each entry was due to liquidate on a day of its own."""
    found = cape_kit.assess(cape_kit.open("data/sample/northgate-tools"), as_of=datetime.date(2026, 11, 22))
    due = found.table[found.table["reason"].str.contains("due to liquidate on")]
    assert due["reason"].nunique() > 3
    client = letters.letters(found)[0]
    points = client.points.frame[client.points.frame["what"].str.contains("due to liquidate on")]
    first, last = due["maybe_on"].min(), due["maybe_on"].max()
    assert points["entries"].tolist() == [len(due)]
    assert (
        f"from {first:%b} {first.day}, {first.year} to {last:%b} {last.day}, {last.year}:"
        in points["what"].item()
    )
    listed = client.entries[client.entries["point"].eq(points["number"].item())]
    assert set(listed["what"]) == set(due["reason"])


def test_a_deadline_that_is_not_known_is_now_though_others_of_the_point_are_known():
    found = cape_kit.assess(cape_kit.open("data/sample/cedar-and-flint"), as_of=datetime.date(2026, 11, 22))
    overdue = found.table[found.table["reason"].str.startswith("Overdue when exported")]
    ahead = overdue["next_deadline"].ge(pd.Timestamp("2026-11-22"))
    assert ahead.any() and not ahead.all()
    first = letters.letters(found)[0].points.frame.iloc[0]
    assert first["what"].startswith("1. Overdue when exported") and first["by"] == "now"


def test_a_letter_names_no_file_of_the_kit():
    """Whoever reads it has no client.toml and no facts.csv; each step that names one has words of its own there."""
    said = [one for one in vars(steps).values() if isinstance(one, Sentence)]
    texts = {text for one in said for text in (one.otherwise, *(text for _, text in one.variants))}
    inside = {text for text in texts if re.search(r"client\.toml|facts\.csv|run again", text)}
    assert inside and inside <= set(steps.ASKED)
    assert not [text for text in steps.ASKED.values() if re.search(r"\.toml|\.csv|run again", text)]


def test_points_about_the_same_entries_read_as_one_line():
    texts = pd.Series(["Not verified: A", "The rate.", "Not verified: B", "The type."])
    assert letters._joined(texts) == "Not verified: A; B. The rate; The type."


def test_what_decides_an_entry_stands_before_what_is_only_unproved(northgate):
    client = letters.letters(northgate)[0]
    reasons = set(northgate.table.loc[northgate.table["disposition"].eq("undetermined"), "reason"])
    told = [text.split(". ", 1)[1] for text in client.points.frame["what"]]
    assert set(told[: len(reasons)]) == reasons


def test_no_broker_reads_of_another(cedar, sent):
    by_filer = cedar.table.groupby("filer_code")["entry_number"].agg(set).to_dict()
    for code, mine in by_filer.items():
        others = set().union(*(entries for other, entries in by_filer.items() if other != code))
        listed = {row["entry_number"] for row in rows(sent / "questions" / f"filer {code} entries.csv")}
        assert listed and listed <= mine
        page = (sent / "questions" / f"filer {code}.html").read_text("utf-8")
        sheet = openpyxl.load_workbook(sent / "brokers" / f"filer {code}.xlsx")["Entries"]
        cells = {str(cell.value) for row in sheet.iter_rows() for cell in row if cell.value is not None}
        assert mine <= cells
        assert not any(entry in page or entry in cells for entry in others)
        assert "Interest" not in cells
        for other in cedar.client.brokers:
            assert other.filer_code == code or not other.name or other.name not in page


def test_a_letter_adds_up_to_its_list(cedar):
    for letter in letters.letters(cedar):
        listed = letter.entries.drop_duplicates(["point", "entry_number"]).groupby("point")
        shown = letter.points.frame.set_index("number")
        for number, row in shown.iterrows():
            mine = listed.get_group(number)
            assert (len(mine), int(mine["principal_cents"].max()) <= row["cents"]) == (row["entries"], True)


@pytest.mark.browser
@pytest.mark.skipif(
    pages.browser() is None or not shutil.which("pdfinfo"), reason="no browser or no PDF tools"
)
def test_a_letter_to_a_client_is_one_page(cedar, northgate, pages_of, tmp_path):
    for name, found in (("cedar", cedar), ("northgate", northgate)):
        page = tmp_path / f"{name}.html"
        page.write_text(attachments.letter_page(found, letters.letters(found)[0]), "utf-8")
        assert pages.print_pdf(page, page.with_suffix(".pdf")) == ""
        assert pages_of(page.with_suffix(".pdf")) == 1


def test_a_letter_asks_for_the_fact_and_not_where_it_is_entered(cedar, northgate):
    for found in (cedar, northgate):
        assert found.caveats["settles"].str.contains("entered as .* in facts.csv").any()
        for letter in letters.letters(found):
            assert not letter.points.frame["settles"].str.contains("facts.csv").any()


def test_pages_can_be_read_by_everyone(sent):
    for path in (sent / "questions").glob("*.html"):
        page = Page(path.read_text("utf-8"))
        assert accessibility_faults(page) == []


def test_a_client_with_nothing_open_gets_no_letter(cedar):
    nothing = letters.Letter("Acme", "ABC", letters.letters(cedar)[0].points, cedar.table.head(0))
    assert not nothing.says_nothing
