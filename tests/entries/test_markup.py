"""Tables behind ".xls" that are web pages or SpreadsheetML, and JSON records: the same rows as the CSV gives."""

import json

import pytest

from cape_kit.entries import readers
from cape_kit.errors import UnreadableReport
from tests.numbers import numbered

FIRST, SECOND = numbered("K12", 3300001), numbered("K12", 3300002)
ROWS = [
    ["Entry Number", "HTS Number", "Duty"],
    [FIRST, "9903.01.25", "1000.00"],
    [SECOND, "0302.11.00.10", "245.50"],
]


def page():
    cells = "".join("<tr>" + "".join(f"<td>{cell}</td>" for cell in row) + "</tr>" for row in ROWS)
    return (
        f"<html><body><h1>Entries</h1><table><tr><td>Run by &amp; for</td></tr>{cells}</table></body></html>"
    )


def spreadsheet(doctype=""):
    def row(cells):
        return "<Row>" + "".join(f'<Cell><Data ss:Type="String">{c}</Data></Cell>' for c in cells) + "</Row>"

    return (
        f'<?xml version="1.0"?>{doctype}<Workbook xmlns="urn:schemas-microsoft-com:office:spreadsheet" '
        f'xmlns:ss="urn:schemas-microsoft-com:office:spreadsheet"><Worksheet ss:Name="Entries"><Table>'
        f'{row(ROWS[0])}{row(ROWS[1])}<Row ss:Index="5">{row(ROWS[2])[5:]}</Table></Worksheet></Workbook>'
    )


def records():
    return json.dumps({"count": 2, "data": [dict(zip(ROWS[0], row, strict=True)) for row in ROWS[1:]]})


@pytest.mark.parametrize(
    ("name", "text", "rows"),
    [("a.xls", page(), [3, 4]), ("b.xls", spreadsheet(), [2, 5]), ("c.json", records(), [2, 3])],
)
def test_the_rows_are_those_of_the_table(tmp_path, name, text, rows):
    (tmp_path / name).write_text(text, encoding="utf-8")
    (reading,) = readers.read(tmp_path / name)
    lines = reading.lines.to_pandas()
    assert lines["entry_number"].tolist() == [FIRST, SECOND]
    assert lines["hts"].tolist() == ["99030125", "0302110010"]
    assert lines["duty_cents"].tolist() == [100_000, 24_550]
    assert lines["source_row"].tolist() == rows


def test_entities_are_refused_in_one_sentence(tmp_path):
    bomb = '<!DOCTYPE x [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;&a;">]>'
    (tmp_path / "x.xls").write_text(spreadsheet(bomb), encoding="utf-8")
    with pytest.raises(UnreadableReport, match="unsafe"):
        readers.read(tmp_path / "x.xls")


def test_json_that_is_no_list_of_records_is_for_another_purpose(tmp_path):
    (tmp_path / "settings.json").write_text('{"theme": "dark"}')
    found = readers.read_file(tmp_path / "settings.json", name="settings.json")
    assert found.problems["code"].tolist() == ["R43"]
    (tmp_path / "settings.json").write_text(json.dumps({"entry": FIRST}))
    found = readers.read_file(tmp_path / "settings.json", name="settings.json")
    assert found.problems["severity"].tolist() == ["error"]
