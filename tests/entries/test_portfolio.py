"""Several files of one client joined: each entry once, by the stated order; disagreements and gaps listed."""

import pytest

import cape_kit
from cape_kit.entries import portfolio, schema
from tests import samples
from tests.entries.folders import CLIENT, HEADERS, NUMBERS, as_csv, clean_rows, folder
from tests.numbers import numbered

AT = {header: place for place, header in enumerate(HEADERS)}
LATER = [["Run Date", "06/20/2026"], HEADERS]
EARLIER = [["Run Date", "05/05/2026"], HEADERS]


def with_value(rows, entry, header, value):
    return [[value if r[0] == entry and at == AT[header] else c for at, c in enumerate(r)] for r in rows]


def opened(tmp_path, files, toml=CLIENT):
    return cape_kit.open(folder(tmp_path / "client", files, toml))


def codes(found, *wanted):
    return found.problems[found.problems["code"].isin(wanted)]


def test_frames_are_as_declared(tmp_path):
    found = opened(tmp_path, {"a.csv": [HEADERS, *clean_rows()]})
    for table in ("entries", "problems", "conflicts", "files", "appearances", "claims", "refunds"):
        frame = getattr(found, table)
        assert list(frame.columns) == schema.names(table)
        assert frame.dtypes.astype(str).to_dict() == schema.empty(table).dtypes.astype(str).to_dict()
    assert found.tariff_lines.column_names == schema.names("tariff_lines")
    assert found.entries["entry_number"].tolist() == sorted(NUMBERS)
    assert found.entries.index.tolist() == [0, 1, 2, 3]


def test_an_entry_in_two_files_counts_once(tmp_path):
    found = opened(tmp_path, {"a.csv": [HEADERS, *clean_rows()], "b.csv": [HEADERS, *clean_rows()]})
    assert len(found.entries) == 4
    assert found.tariff_lines.num_rows == len(clean_rows())
    assert found.conflicts.empty
    assert found.appearances.groupby("file")["lines_taken"].sum().to_dict() == {"a.csv": 4, "b.csv": 0}


def test_a_row_that_stands_twice_counts_once(tmp_path):
    found = opened(tmp_path, {"a.csv": [HEADERS, *clean_rows(), clean_rows()[0]]})
    assert found.tariff_lines.num_rows == len(clean_rows())
    assert len(codes(found, "R31")) == 1


def test_the_latest_extract_goes_first_and_says_so(tmp_path):
    entry = NUMBERS[0]
    newer = with_value(clean_rows(), entry, "Liquidation Status", "Liquidated")
    newer = with_value(newer, entry, "Liquidation Date", "06/05/2026")
    newer = with_value(newer, entry, "Port of Entry Code", "")
    found = opened(tmp_path, {"a_new.csv": [*LATER, *newer], "b_old.csv": [*EARLIER, *clean_rows()]})
    row = found.entries.set_index("entry_number").loc[entry]
    assert row["liquidation_status"] == "Liquidated"
    assert row["port_of_entry"] == "2704"  # an empty cell never goes before a value
    assert f"{row['extracted_on']:%Y-%m-%d}" == "2026-06-20"
    (conflict,) = found.conflicts.to_dict("records")
    assert (conflict["column"], conflict["taken"], conflict["other"]) == (
        "liquidation_status",
        "Liquidated",
        "Pending",
    )
    assert conflict["taken_from"] == "a_new.csv row 3"
    assert conflict["other_from"] == "b_old.csv row 3"


def test_ace_goes_before_a_brokers_sheet(tmp_path):
    sheet = [
        ["Entry No", "Entry Type", "Entry Date", "Importer Name"],
        [NUMBERS[0], "11", "03/15/2025", "ACME"],
    ]
    found = opened(tmp_path, {"a_broker.csv": sheet, "z_ace.csv": [HEADERS, *clean_rows()]})
    row = found.entries.set_index("entry_number").loc[NUMBERS[0]]
    assert (row["entry_type"], row["importer_name"]) == ("01", "ACME")
    assert found.conflicts["column"].tolist() == ["entry_type"]


def test_liquidation_facts_from_a_second_file(tmp_path):
    bare = [row[:11] for row in [HEADERS, *clean_rows()]]
    report = [["Entry Number", "Liquidation Status", "Liquidation Date"], [NUMBERS[0], "Extended", ""]]
    found = opened(tmp_path, {"es003.csv": bare, "liq.csv": report})
    assert found.files["profile"].tolist() == ["es003", "liquidation"]
    status = found.entries.set_index("entry_number")["liquidation_status"]
    assert status[NUMBERS[0]] == "Extended"
    assert status.drop(NUMBERS[0]).isna().all()


def vanished(rows):
    return [row for row in rows if not row[AT["HTS Number - Full"]].startswith("99030")]


def test_ieepa_rows_gone_from_the_later_extract(tmp_path):
    found = opened(
        tmp_path, {"new.csv": [*LATER, *vanished(clean_rows())], "old.csv": [*EARLIER, *clean_rows()]}
    )
    assert found.tariff_lines.num_rows == len(clean_rows())
    assert set(found.tariff_lines["source_file"].to_pylist()) == {"old.csv"}
    assert (found.conflicts["column"] == "tariff_lines").sum() == 4
    assert len(codes(found, "C06")) == 4


@pytest.mark.parametrize(
    ("status", "explained"),
    [
        ("Claim Rejected", False),
        ("Failed", False),
        ("Rejected by batch validation", False),
        ("Refunded", True),
    ],
)
def test_a_claim_that_was_not_taken_explains_no_loss(tmp_path, status, explained):
    """However its status is written: the law book's words decide."""
    claims = f"ENTRY_NUMBER,CLAIM_NUMBER,STATUS,ERROR_DESCRIPTION\n{NUMBERS[0]},100000241223,{status},\n"
    files = {
        "claims.csv": claims,
        "new.csv": [*LATER, *vanished(clean_rows())],
        "old.csv": [*EARLIER, *clean_rows()],
    }
    lost = codes(opened(tmp_path, files), "C06")["value"]
    assert (NUMBERS[0] not in set(lost)) == explained


def test_a_claim_explains_the_loss_and_a_correction_undoes_the_exception(tmp_path):
    claims = (
        "ENTRY_NUMBER,CLAIM_NUMBER,STATUS,ERROR_DESCRIPTION\n"
        + f"{NUMBERS[0]},100000241223,Entry Summary Updated,\n"
    )
    corrected = [[*row, "Y" if row[0] == NUMBERS[2] else "N"] for row in vanished(clean_rows())]
    header = [*HEADERS, "Post Summary Correction Indicator"]
    files = {
        "claims.csv": claims,
        "new.csv": [LATER[0], header, *corrected],
        "old.csv": [*EARLIER, *clean_rows()],
    }
    found = opened(tmp_path, files)
    taken = found.tariff_lines.to_pandas().groupby("entry_number")["source_file"].first().astype(str)
    assert taken[NUMBERS[0]] == "old.csv"
    assert taken[NUMBERS[2]] == "new.csv"
    assert sorted(codes(found, "C06")["value"]) == sorted([NUMBERS[1], NUMBERS[3]])
    assert found.claims["claim_status"].tolist() == ["Entry Summary Updated"]


def test_tariff_ordinals_go_before_wide(tmp_path):
    wide = [
        ["Entry Number", "HTS", "IEEPA Duty", "Entry Date"],
        [NUMBERS[0], "3923.90.0080", "9.00", "2025-03-15"],
    ]
    found = opened(tmp_path, {"a_wide.csv": [*LATER[:1], *wide], "z.csv": [*EARLIER, *clean_rows()]})
    assert set(found.tariff_lines["source_file"].to_pylist()) == {"z.csv"}
    assert found.conflicts["column"].tolist() == ["tariff_lines"]


def test_entry_amounts_are_not_summed(tmp_path):
    rows = [[*row, "3000.50"] for row in clean_rows()]
    found = opened(tmp_path, {"a.csv": [[*HEADERS, "Total Liquidated Duty Amount"], *rows]})
    assert found.entries["total_duty_cents"].tolist() == [300050] * 4


def test_facts_by_hand(tmp_path):
    facts = f"entry_number,fact,value,note\n{NUMBERS[0]},liquidation_date,2026-04-17,bulletin\n"
    facts += f"{NUMBERS[0]},colour,red,\n{numbered('ZZZ', 1)},recon_flag,Y,\n"
    facts += f"{NUMBERS[1]},recon_flag,perhaps,\nnonsense,recon_flag,Y,\n"
    facts += f"{NUMBERS[1]},liquidation_status,Deemed Liquidated,\n"
    found = opened(tmp_path, {"a.csv": [HEADERS, *clean_rows()], "facts.csv": facts})
    row = found.entries.set_index("entry_number")
    assert f"{row.loc[NUMBERS[0], 'liquidation_date']:%Y-%m-%d}" == "2026-04-17"
    assert row.loc[NUMBERS[1], "liquidation_status"] == "Deemed Liquidated"
    assert codes(found, "K01")["row"].tolist() == [3, 4, 5, 6]
    assert codes(found, "K02")["row"].tolist() == [2, 7]
    (conflict,) = found.conflicts.to_dict("records")
    assert (conflict["taken_from"], conflict["other"]) == ("facts.csv row 7", "Liquidated")


COVERED = """
name = "Test Importer"
[[importer]]
number = "12-345678900"
[[importer]]
number = "12-345678901"
[[broker]]
filer_code = "B76"
[[broker]]
filer_code = "XYZ"
name = "Slow Brokers"
[assertions]
no_drawback_claims = true
asserted_by = "A. Person"
"""


@pytest.mark.parametrize("received", [True, False, None])
def test_a_broker_without_data_whatever_client_toml_says_of_it(tmp_path, received):
    """That the data came, as client.toml may say, is no data: what to do is what works."""
    said = "" if received is None else f"data_received = {str(received).lower()}\n"
    found = opened(
        tmp_path, {"a.csv": [*EARLIER, *clean_rows()]}, COVERED.replace('name = "Slow', said + 'name = "Slow')
    )
    (told,) = codes(found, "C01").to_dict("records")
    assert ("says data_received = true, and no file" in told["message"]) == (received is True)
    assert "take its [[broker]] out" in told["what_to_do"] and "data_received" not in told["what_to_do"]
    without = COVERED.replace('[[broker]]\nfiler_code = "XYZ"\nname = "Slow Brokers"\n', "")
    (tmp_path / "d").mkdir()
    assert codes(opened(tmp_path / "d", {"a.csv": [*EARLIER, *clean_rows()]}, without), "C01").empty


def test_gaps(tmp_path):
    rows = with_value(clean_rows(), NUMBERS[0], "Importer Number", "123-45-6789")
    rows = with_value(rows, NUMBERS[3], "Entry Date", "08/15/2025")
    found = opened(tmp_path, {"a.csv": [*EARLIER, *rows]}, COVERED)
    assert codes(found, "C01")["value"].tolist() == ["XYZ"]
    assert codes(found, "C02")["value"].tolist() == ["***-**-6789"]
    assert codes(found, "C03")["value"].tolist() == ["2025-06", "2025-07"]
    assert "2025-08-15" in codes(found, "C04")["message"].iloc[0]
    assert codes(found, "C07")["value"].tolist() == ["12-345678901"]
    assert sorted(codes(found, "C08")["value"]) == ["016", "9QX"]
    assert codes(found, "K03")["column"].tolist() == ["no_drawback_claims"]
    assert found.coverage["entries"].sum() == 4


def test_a_count_that_smells_of_a_limit(tmp_path):
    found = opened(tmp_path, {"a.csv": [HEADERS, *(clean_rows() * 600)[:5000]]})
    assert len(codes(found, "C05")) == 1


def test_fingerprint_follows_content_only(tmp_path):
    a = folder(tmp_path / "a", {"x.csv": [HEADERS, *clean_rows()]})
    b = folder(
        tmp_path / "b",
        {"x.csv": [HEADERS, *clean_rows()], "truth/x.csv": "secret", ".hidden.csv": "x", "README.md": "x"},
    )
    assert portfolio.fingerprint(a) == portfolio.fingerprint(b)
    (b / "x.csv").write_text(as_csv([HEADERS]), "utf-8")
    assert portfolio.fingerprint(a) != portfolio.fingerprint(b)


@pytest.mark.parametrize("client", ["harbor-lane", "cedar-and-flint", "northgate-tools"])
def test_no_row_of_the_samples_is_lost(client):

    found = samples.opened(client)
    files = found.files
    assert (files["rows"] == files["rows_used"] + files["rows_refused"] + files["rows_blank"]).all()
    errors = found.problems[(found.problems["severity"] == "error") & found.problems["row"].notna()]
    refused = files.set_index("file")["rows_refused"]
    assert errors.groupby("file").size().to_dict() == refused[refused > 0].to_dict()


def test_social_security_numbers_are_masked_in_conflicts(tmp_path):
    rows = with_value(clean_rows(), NUMBERS[0], "Importer Number", "123-45-6789")
    found = opened(tmp_path, {"a.csv": [*EARLIER, *rows], "b.csv": [*LATER, *clean_rows()]})
    assert found.conflicts[["taken", "other"]].to_numpy().tolist() == [["12-345678900", "***-**-6789"]]
