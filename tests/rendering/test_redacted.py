"""A report made to be shared, searched byte by byte for everything in the client's files that identifies."""

import csv
import functools
import html
import json
import re
import stat
import zipfile

import openpyxl
import pandas as pd
import pypdfium2
import pytest

import cape_kit
from cape_kit.errors import Usage
from cape_kit.rendering import batch, index, manifest, pages, redacted, report, watching
from cape_kit.views import redaction, tables
from tests import samples

CLIENT = "cedar-and-flint"
CEDAR = samples.SAMPLES / CLIENT
#: Columns of the files, in the words of the reports, that name a party, an entry or a paper of it.
NAMES = re.compile(
    r"entry (summary )?(number|no\.?)|importer (number|name|no\.?)|importer of record|consignee|protest (number|no\.?)"
    r"|(claim|declaration) (number|no\.?)|refund number|trace|payee|4811|port",
    re.IGNORECASE,
)


@pytest.fixture(scope="module")
def out(tmp_path_factory):
    return tmp_path_factory.mktemp("shared")


@pytest.fixture(scope="module")
def shared(out):
    options = report.Options(pdf=pages.browser() is not None, redact=True, redact_ports=True)
    return report.render(CEDAR, samples.DAY, out, options=options)


@pytest.fixture(scope="module")
def assessment():
    return samples.assessed(CLIENT)


def cells():
    """Header and value of every cell in the client's files, as another program reads them."""
    for path in CEDAR.iterdir():
        if path.suffix == ".xlsx":
            for sheet in openpyxl.load_workbook(path):
                rows = [[str(one) for one in row] for row in sheet.iter_rows(values_only=True)]
                yield from _under(rows)
        elif path.suffix == ".csv":
            text = path.read_text("utf-8-sig").splitlines()
            yield from _under(list(csv.reader(text, delimiter=max(",;|\t", key="".join(text).count))))


def _under(rows):
    head = next((place for place, row in enumerate(rows) if any(map(NAMES.search, row))), None)
    for row in rows[head + 1 :] if head is not None else ():
        yield from zip(rows[head], row, strict=False)


@pytest.fixture(scope="module")
def secrets():
    """Every identifying value of the input, as it is written there and without its dashes."""
    said = {value.strip() for header, value in cells() if NAMES.search(header)}
    said |= {path.name for path in CEDAR.iterdir() if path.name not in ("client.toml", "facts.csv")}
    client = (CEDAR / "client.toml").read_text("utf-8")
    said |= set(re.findall(r'^(?:name|number|notify_party) = "(.*)"', client, re.MULTILINE))
    said |= {
        "Cedar",
        "Contract Division",
        "Flint Valley",
        "Gateway",
        "Prairie",
        "33051880",
        CLIENT,
        str(CEDAR),
    }
    spelt = {form for one in said for form in (one, re.sub(r"[\s\-]", "", one), html.escape(one))}
    # Shorter ones stand in any file by chance; codes of three and four characters are looked for below. Of a
    # number in scientific notation three digits are left.
    return {one for one in spelt if len(one) > 5 and one.lower() != "unknown" and "E+" not in one}


def content(folder):
    """Every text in a folder, with what is packed in workbooks and what a reader of the PDF sees and is told."""
    for path in sorted(folder.rglob("*")):
        yield f"name of {path.name}", str(path.relative_to(folder.parents[1]))
        if path.suffix == ".xlsx":
            with zipfile.ZipFile(path) as parts:
                yield from (
                    (f"{path.name}/{one}", parts.read(one).decode("latin-1")) for one in parts.namelist()
                )
        elif path.suffix == ".pdf":
            book = pypdfium2.PdfDocument(path)
            yield f"{path.name} metadata", json.dumps(book.get_metadata_dict())
            yield f"{path.name} text", "\n".join(page.get_textpage().get_text_bounded() for page in book)
        if path.is_file():
            text = path.read_bytes().decode("latin-1").replace("\r\n ", "")
            yield path.name, text
            yield f"{path.name} unescaped", html.unescape(text)


def test_no_byte_of_a_shared_report_gives_the_client_away(shared, secrets):
    assert len(secrets) > 350  # 172 entries, most of them spelt in two ways, and the names
    found = [(name, one) for name, text in content(shared.folder) for one in secrets if one in text]
    assert found == []


def test_what_is_searched_does_stand_in_a_report_that_is_not_for_sharing(secrets, assessment):
    table = assessment.table.to_csv() + assessment.problems.to_csv() + assessment.conflicts.to_csv()
    assert sum(one in table for one in secrets) > 170


def test_no_cell_holds_a_filer_or_a_port(shared, assessment):
    entries = assessment.portfolio.entries
    codes = {*entries["filer_code"], *entries["port_of_entry"].dropna(), "9QX", "FV3"}
    book = openpyxl.load_workbook(shared.folder / "workbook.xlsx")
    values = {str(value) for sheet in book for row in sheet.iter_rows(values_only=True) for value in row}
    shown = {*re.findall(r">([^<>]+)<", shared.page.read_text("utf-8"))}
    assert codes & (values | shown) == set()
    assert {"Filer A", "Port 01", "Entry 001"} <= values


def test_a_shared_report_has_the_same_figures_and_names_its_importers_alike(shared, assessment):
    names = {path.name for path in shared.folder.iterdir()} - {"report.pdf", "memo.pdf"}
    shown = {"report.html", "memo.html", "workbook.xlsx", "deadlines.ics", "protests.csv", "manifest.json"}
    assert names == shown
    assert shared.summary["dispositions"] == tables.figures(assessment)["dispositions"]
    text = shared.page.read_text("utf-8")
    assert "Importer 1" in text
    assert "Importer 2" in text


def test_the_key_stays_with_the_sender(shared, out, assessment):
    assert shared.key == out / "redaction-keys" / CLIENT / "2026-05-05.csv"
    assert shared.folder == out / "redacted" / "client-1" / "2026-05-05"
    assert stat.S_IMODE(shared.key.stat().st_mode) == 0o600
    assert stat.S_IMODE((out / "redaction-keys").stat().st_mode) == 0o700
    key = pd.read_csv(shared.key, dtype=str).set_index("stands_for")["pseudonym"]
    numbers = assessment.portfolio.entries["entry_number"]
    assert key.reindex(numbers).str.fullmatch("Entry [0-9]{3}").all()
    assert key["Gateway Brokerage Co."] == key["060"] == "Filer A"


def test_a_report_its_key_and_all_beside_them_are_the_owners_alone(shared, out):
    made = {
        path: stat.S_IMODE(path.stat().st_mode) for one in out.iterdir() for path in (one, *one.rglob("*"))
    }
    assert {path.is_dir(): mode for path, mode in made.items()} == {True: 0o700, False: 0o600}
    assert len(set(made.values())) == 2


def test_a_redacted_report_that_is_unchanged_is_not_made_again(shared, out):
    options = report.Options(
        pdf=(shared.folder / "report.pdf").is_file(), redact=True, redact_ports=True, force=False
    )
    again = report.render(CEDAR, samples.DAY, out, options=options)
    assert (again.state, again.key) == ("unchanged", shared.key)


def test_the_manifest_of_a_shared_report_names_no_file_and_tells_no_hash_of_one(shared):
    told = manifest.read(shared.folder)
    assert told["inputs"] == dict.fromkeys(f"File {place}" for place in range(1, len(told["inputs"]) + 1))
    assert told["parameters"]["client"] is None


def test_every_client_has_a_number_of_its_own_and_keeps_it(tmp_path):
    clients = [tmp_path / name for name in ("Zeta", "Alpha")]
    redacted.allot(tmp_path, clients)
    assert [redacted.target(tmp_path, one, "d").parent.name for one in clients] == ["client-2", "client-1"]
    assert redacted.target(tmp_path, tmp_path / "New", "d").parent.name == "client-3"
    assert redacted.number(redacted.target(tmp_path, clients[0], "d")) == 2
    assert redacted.number(tmp_path / "Zeta" / "2026-05-05") is None


def test_the_journal_of_a_shared_batch_calls_a_client_by_the_number_of_its_folder(tmp_path):
    zeta, alpha = clients = [tmp_path / name for name in ("Zeta", "Alpha")]
    redacted.allot(tmp_path, clients)
    with watching.Journal(tmp_path / "log", name=functools.partial(redacted.spoken, tmp_path)) as journal:
        for one in (zeta, alpha):
            journal.ended(report.Outcome(one, "failed", kind="timeout"))
    told = [json.loads(line).get("client") for line in (tmp_path / "log").read_text("utf-8").splitlines()]
    assert told == ["Client 2", "Client 1", None]


def test_the_index_over_shared_reports_names_a_client_by_its_folder(shared, out):
    failed = report.Outcome(CEDAR.parent / "Zebra GmbH", "failed", "Zebra GmbH: no client.toml in it")
    text = index.write([failed, shared], redacted.sent(out), redact=True).read_text("utf-8")
    assert "Client 1 (name withheld)" in text
    assert "Client 2 (name withheld)" in text
    assert 'href="client-1/2026-05-05/report.html"' in text
    assert not re.search("zebra|cedar", text, re.IGNORECASE)
    (out / "redacted" / "index.html").unlink()
    (out / "redacted" / "summary.xlsx").unlink()


def test_redaction_masks_before_anything_is_made(assessment):
    masked = redaction.masked(assessment)
    assert set(masked.table["importer_number"].dropna()) == {"Importer 1", "Importer 2"}
    assert masked.table["importer_name"].dropna().isin([redaction.CLIENT]).all()
    assert masked.table["principal_cents"].equals(assessment.table["principal_cents"])
    assert redaction.masked(assessment, redact=False) is assessment


def test_a_batch_that_is_refused_allots_no_number(tmp_path):
    (tmp_path / "clients" / "acme").mkdir(parents=True)
    (tmp_path / "clients" / "acme" / "client.toml").write_text('name = "Acme"\n', "utf-8")
    out = tmp_path / "out"
    with batch.held(out), pytest.raises(Usage, match="another batch"):
        cape_kit.batch(tmp_path / "clients", as_of="2026-05-05", out=out, redact=True)
    assert list(out.iterdir()) == []
