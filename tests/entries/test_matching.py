"""Headers nobody knows: taken where words and cells agree, a proposal else, never a guess at duty."""

import pytest

import cape_kit
from cape_kit.entries import readers
from cape_kit.entries.readers import Manner, mapping, matching
from cape_kit.errors import BadClient, UnreadableReport
from tests.entries.folders import as_csv, folder
from tests.numbers import numbered

FIRST, SECOND = numbered("K12", 3300001), numbered("K12", 3300002)
STATUS = {"liquidation_status": {"liquidated", "pending"}}
CELLS = {
    "entry_number": [FIRST, SECOND],
    "hts": ["9903.01.25", "3923.90.0080"],
    "duty": ["1,000.00", "245.50"],
    "day": ["06/14/2025", "06/15/2025"],
    "country": ["CN", "VN"],
    "status": ["Liquidated", "Pending"],
    "chapter 99": ["9903.01.25", "9903.01.24"],
    "count": ["1", "2"],
}


def sheet(**columns):
    """A sheet of two rows: header -> what its cells are."""
    headers = [name.replace("__", " ") for name in columns]
    return [headers, *([CELLS[kind][i] for kind in columns.values()] for i in (0, 1))]


def found(headers, status=STATUS):
    rows = [list(headers), *([CELLS[kind][i] for kind in headers.values()] for i in (0, 1))]
    return {m.header: m for m in matching.columns(rows, 0, status)}


@pytest.mark.parametrize(
    ("header", "cells", "known"),
    [
        ("Liq Dt", "day", "liquidation_date"),
        ("Date Liquidated", "day", "liquidation_date"),
        ("C/O", "country", "country_of_origin"),
        ("Ctry of Orig", "country", "country_of_origin"),
        ("Pd Dt", "day", "payment_date"),
        ("Duty (USD)", "duty", "duty_cents"),
        ("Fentanyl Dty Amt", "duty", "ieepa_fentanyl_duty"),
        ("IEEPA CH99 NO", "chapter 99", "beside_hts"),
        ("Liqidation Date", "day", "liquidation_date"),
        ("File/Entry", "entry_number", "entry_number"),
        ("Ent Smry Nbr", "entry_number", "entry_number"),
        ("Liq Sts", "status", "liquidation_status"),
        ("ES Ln No", "count", "line_number"),
    ],
)
def test_the_same_words_and_fitting_cells_are_taken(header, cells, known):
    match = found({header: cells})[header]
    assert match.taken, match
    assert known in match.columns
    assert match.known_as in match.why


@pytest.mark.parametrize(
    ("header", "cells"),
    [
        ("Liq Dt", "duty"),  # the cells say something else
        ("C/O", "status"),
        ("Est. Duty", "duty"),  # an estimate is no duty paid
        ("Duty Rate Amt", "duty"),
        ("Duty & Fees", "duty"),
        ("Duty (EUR)", "duty"),
        ("Total Duties and Fees", "duty"),
        ("Proj Liq Dt", "day"),  # not yet a liquidation
        ("Replaced Entry No", "entry_number"),
        ("Import Dt", "day"),
        ("IEEPA CH99 NO", "hts"),  # base numbers among them
        ("Column 7", "entry_number"),
    ],
)
def test_nothing_is_taken_where_they_do_not_agree(header, cells):
    assert not any(match.taken for match in found({header: cells}).values())


def test_two_columns_for_one_wait_and_duty_beside_other_duty_waits():
    both = found({"Liq Dt": "day", "Date Liquidated": "day"})
    assert not any(match.taken for match in both.values())
    assert not found({"Duty (USD)": "duty", "Adj. Duty": "duty"})["Duty (USD)"].taken
    assert not found({"Liquidation Date": "day", "Liq Dt": "day"})["Liq Dt"].taken


def test_a_matched_file_is_read_and_says_so(tmp_path):
    rows = sheet(Ent__No="entry_number", HTSUS="hts", Liq__Dt="day")
    rows[0].append("Duty (USD)")
    for row, amount in zip(rows[1:], CELLS["duty"], strict=True):
        row.append(amount)
    (tmp_path / "x.csv").write_text(as_csv(rows))
    (reading,) = readers.read(tmp_path / "x.csv", manner=Manner(status=STATUS))
    assert reading.lines["duty_cents"].to_pylist() == [100_000, 24_550]
    assert reading.report.headers[0] == "Ent No"
    notes = reading.problems[reading.problems["code"].eq("R50")]
    assert notes["column"].tolist() == ["Ent No", "Liq Dt", "Duty (USD)"]
    assert set(notes["severity"]) == {"note"}


OWN = 'extends = "generic_lines"\n[names]\nduty_cents = ["What we paid"]\n'


def own(tmp_path, text=OWN):
    rows = [["Entry Number", "HTS Number", "What we paid"], [FIRST, "9903.01.25", "1,000.00"]]
    client = folder(
        tmp_path / "c", {"x.csv": rows, "good.csv": sheet(Entry="entry_number", HTS="hts", Duty="duty")}
    )
    (client / "layouts").mkdir()
    (client / "layouts" / "acme.toml").write_text(text, encoding="utf-8")
    return client


def test_a_persons_layout_is_used_told_and_part_of_the_fingerprint(tmp_path):
    client = own(tmp_path)
    opened = cape_kit.open(client)
    row = opened.files.set_index("file").loc["x.csv"]
    assert (row["rows_used"], "What we paid" in row["columns_matched"]) == (1, True)
    assert "layouts/acme.toml" in row["columns_matched"]
    assert opened.problems["code"].eq("R51").sum() == 1
    assert opened.files.set_index("file").loc["good.csv", "profile"] == "generic_lines"
    (client / "layouts" / "acme.toml").write_text(OWN + "# changed\n", encoding="utf-8")
    assert cape_kit.open(client).fingerprint != opened.fingerprint


def test_a_firms_folder_counts_for_every_client(tmp_path, monkeypatch):
    client = own(tmp_path)
    firm = tmp_path / "firm"
    (client / "layouts").rename(firm)
    before = cape_kit.open(client)
    assert before.files.loc[before.files["file"].eq("x.csv"), "title"].tolist() == ["Not read"]
    monkeypatch.setenv(mapping.SETTING, str(firm))
    opened = cape_kit.open(client)
    assert opened.files.set_index("file").loc["x.csv", "rows_used"] == 1
    assert opened.fingerprint != before.fingerprint


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("extends = 'es999'\n[names]\nhts = ['x']", "extends"),
        ("extends = 'wide'\nnmes = 1\n[names]\nhts = ['x']", "nmes"),
        ("extends = 'wide'", "[names]"),
        ("extends = 'wide'\n[names]\nhts = 'x'", "names.hts"),
        ("extends = 'wide'\n[names]\nduti = ['x']", "names.duti"),
        ("extends = 'wide'\n[names]\nhts = ['X']\nspi = ['x']", "one header"),
        ("extends = ", "TOML"),
    ],
)
def test_a_mistake_in_a_layout_is_one_sentence_with_file_and_key(tmp_path, text, named):
    with pytest.raises(BadClient) as caught:
        cape_kit.open(own(tmp_path, text))
    assert "acme.toml" in caught.value.message
    assert named in caught.value.message
    assert "\n" not in caught.value.message.strip()


def test_a_guess_at_duty_is_never_taken_from_a_file(tmp_path):
    (tmp_path / "x.csv").write_text(
        as_csv([["Entry Number", "HTS Number", "Est. Duty"], [FIRST, "99030125", "1.00"]])
    )
    with pytest.raises(UnreadableReport):
        readers.read(tmp_path / "x.csv")


def test_inspect_proposes_a_layout_once_and_the_next_run_uses_it(tmp_path):
    from click.testing import CliRunner

    from cape_kit.cli.inspecting import inspect

    rows = [
        ["Entry No.", "HTSUS No", "Amount we paid as duty", "When liquidated", "Contact"],
        [FIRST, "9903.01.25", "1,000.00", "04/24/2026", "078-05-1120"],
    ]
    client = folder(
        tmp_path / "c", {"x.csv": rows, "good.csv": sheet(Entry="entry_number", HTS="hts", Duty="duty")}
    )
    result = CliRunner().invoke(inspect, [str(client), "--propose"])
    assert "x.toml: written" in result.stderr
    target = client / "layouts" / "x.toml"
    text = target.read_text("utf-8")
    assert "1,000.00" in text
    assert "078-05-1120" not in text
    assert '# duty_cents = ["Amount we paid as duty"]' in text
    mapped = text.replace("# duty_cents", "duty_cents")
    target.write_text(mapped, encoding="utf-8")
    assert cape_kit.open(client).files.set_index("file").loc["x.csv", "rows_used"] == 1
    target.write_text(text, encoding="utf-8")
    again = CliRunner().invoke(inspect, [str(client), "--propose"])
    assert "left as it is" in again.stderr
    assert target.read_text("utf-8") == text


def test_rewritten_headers_of_the_goldens_are_matched_and_none_is_taken_for_another_column():
    """A part of what `tests/benchmarks/bench_matching.py` measures with 200 variants of every sheet."""
    from tests.benchmarks import bench_matching

    right, waits, wrong = bench_matching.shares(3, seed=3)
    assert wrong == []
    assert right / (right + waits) >= 0.95
