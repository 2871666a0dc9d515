"""Paper and exports of one entry meet: exports go before, what differs is shown, nothing counts twice."""

import pytest

import cape_kit
from cape_kit.sample import columns, paper
from tests.entries.folders import as_csv
from tests.entries.paper import prints

HEADERS = [
    "Entry Summary Number", "Entry Type Code", "Importer Number", "Port of Entry Code", "Entry Date",
    "Entry Summary Date", "Entry Summary Line Number", "Country of Origin Code", "Tariff Ordinal Number",
    "HTS Number - Full", "Line Tariff Goods Value Amount", "Line Tariff Duty Amount",
    "Liquidation Status", "Liquidation Date",
]  # fmt: skip


@pytest.fixture(scope="module")
def made():
    return [entry for entry in prints.entries(60) if paper.summary(entry).duty][:4]


def exported(entries, **changed):
    """An ES-003 of the entries, with cells changed by header."""
    rows = [columns.cells(row, HEADERS) for row in columns.rows(entries)]
    written = []
    for row in rows:
        cells = dict(zip(HEADERS, row, strict=True)) | changed
        written.append([f"{c:%m/%d/%Y}" if hasattr(c, "strftime") else c for c in cells.values()])
    return as_csv([HEADERS, *written])


def client(tmp_path, entries, export, extracted_on="2026-05-05"):
    (tmp_path / "client.toml").write_text(
        f'name = "Test"\nextracted_on = {extracted_on}\n' if extracted_on else 'name = "Test"\n', "utf-8"
    )
    if export:
        (tmp_path / "export.csv").write_text(export, "utf-8")
    paper.write(tmp_path / "a paper.pdf", entries, "official")
    return cape_kit.open(tmp_path)


def duties(found):
    return sorted(
        (row["entry_number"], row["line_number"], row["ordinal"], row["hts"], row["duty_cents"])
        for row in found.tariff_lines.to_pylist()
    )


def test_paper_alone_gives_what_the_export_gives(tmp_path, made):
    (tmp_path / "x").mkdir()
    (tmp_path / "y").mkdir()
    alone = client(tmp_path / "x", made, None)
    both = client(tmp_path / "y", made, exported(made))
    assert duties(alone) == duties(both)
    assert set(both.tariff_lines["source_file"].to_pylist()) == {"export.csv"}
    assert not (both.conflicts["column"] == "tariff_lines").any()


@pytest.mark.parametrize("day", ["2026-05-05", None])
def test_exports_go_before_paper_and_the_conflict_is_shown(tmp_path, made, day):
    found = client(tmp_path, made, exported(made, **{"Port of Entry Code": "9999"}), day)
    assert set(found.entries["port_of_entry"]) == {"9999"}
    conflicts = found.conflicts[found.conflicts["column"] == "port_of_entry"]
    assert list(conflicts["other"]) == [entry.port for entry in made]
    assert all("exports prevail over paper" in why for why in conflicts["why"])
    assert all("a paper.pdf [page" in place for place in conflicts["other_from"])


def test_other_duty_on_paper_is_a_conflict_of_the_lines(tmp_path, made):
    found = client(tmp_path, made[:1], exported(made[:1], **{"Line Tariff Duty Amount": "1.00"}))
    (conflict,) = found.conflicts[found.conflicts["column"] == "tariff_lines"].to_dict("records")
    assert conflict["taken_from"].startswith("export.csv")
    assert conflict["other_from"].startswith("a paper.pdf")
    assert {row["duty_cents"] for row in found.tariff_lines.to_pylist()} == {100}


def test_rows_gone_from_a_later_export_are_kept_from_paper(tmp_path, made):
    """CBP deletes IEEPA rows on acceptance; the paper, filed before, still shows what was paid."""
    entry = next(
        e for e in made if any(o.role in ("ieepa", "all_in") and o.duty_cents for o in e.lines[0].ordinals)
    )
    kept = exported([entry]).splitlines()
    kept = [line for line in kept if ",9903" not in line]
    found = client(tmp_path, [entry], "\n".join(kept) + "\n")
    assert set(found.tariff_lines["source_file"].to_pylist()) == {"a paper.pdf"}
    assert "C06" in set(found.problems["code"])


def test_assessed_like_an_export_without_liquidation(tmp_path, made):
    from datetime import date

    found = client(tmp_path, made, None)
    decided = cape_kit.assess(found, as_of=date(2026, 5, 5)).decisions
    assert set(decided["disposition"]) == {"undetermined"}
    assert all("liquidation" in reason for reason in decided["reason"])
