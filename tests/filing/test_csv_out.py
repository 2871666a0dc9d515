"""CSV for people: no cell runs as a formula, amounts are exact, a stop leaves the old file or the new."""

import csv
import io
import os

import pandas as pd
import pytest

from cape_kit.filing import csv_out


@pytest.mark.parametrize(
    "cell", ["=1+1", "+1 (555) 0100", "-2+3", "@SUM(A1)", "\tx", "\r=1", "%0A", " =cmd|' /C calc'!A0"]
)
def test_a_cell_a_spreadsheet_would_run_is_defused(cell):
    assert csv_out.defused(cell) == "'" + cell


@pytest.mark.parametrize("cell", ["-12.50", "0", "12", "Acme, Inc.", "B7603245278", "", "a=b"])
def test_any_other_cell_stays(cell):
    assert csv_out.defused(cell) == cell


def test_every_column_of_text_is_defused_headers_are_ours():
    frame = pd.DataFrame(
        {"importer_name": ["=HYPERLINK(1)", None], "x_cents": pd.array([-5, None], dtype="Int64")}
    )
    assert list(csv.reader(io.StringIO(csv_out.text(frame)))) == [
        ["importer_name", "x"],
        ["'=HYPERLINK(1)", "-0.05"],
        ["", ""],
    ]


def test_importer_numbers_shaped_like_social_security_numbers_are_masked():
    frame = pd.DataFrame({"importer_number": ["123-45-6789", "12-345678900"], "payee": ["123456789", "x"]})
    assert "6789" in csv_out.text(frame) and "123-45" not in csv_out.text(frame)
    told = csv_out.records(frame)
    assert told[0]["importer_number"] == "***-**-6789" and told[1]["importer_number"] == "12-345678900"
    assert told[0]["payee"] == "***-**-6789"


def test_a_failure_leaves_the_old_file(tmp_path, monkeypatch):
    path = csv_out.put(tmp_path / "a.csv", b"old")

    def stop(handle):
        raise OSError("disk full")

    monkeypatch.setattr(os, "fsync", stop)
    with pytest.raises(OSError, match="disk full"):
        csv_out.put(path, b"new")
    assert path.read_bytes() == b"old" and list(tmp_path.iterdir()) == [path]


def test_records_are_plain(tmp_path):
    frame = pd.DataFrame(
        {
            "day": pd.to_datetime(["2026-05-05", None]).astype("datetime64[s]"),
            "amount_cents": pd.array([150, None], dtype="Int64"),
            "flag": pd.array([True, None], dtype="boolean"),
        }
    )
    assert csv_out.records(frame) == [
        {"day": "2026-05-05", "amount": "1.50", "flag": True},
        {"day": None, "amount": None, "flag": None},
    ]
