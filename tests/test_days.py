"""How a person may write a day, and what is said where it is none."""

import subprocess
import sys
from pathlib import Path

import click
import pytest

from cape_kit.cli.arguments import CLIENT_DAY, DAY

SAMPLES = Path("data/sample")


@pytest.mark.parametrize(
    ("written", "said"),
    [
        ("2026-11-31", "'2026-11-31' is not a date; November 2026 has 30 days"),
        ("2026-02-29", "'2026-02-29' is not a date; February 2026 has 28 days"),
        ("2026-13-01", "'2026-13-01' is not a date; write it as YYYY-MM-DD"),
        ("0000-01-01", "'0000-01-01' is not a date; write it as YYYY-MM-DD"),
        ("11/30/2026", "'11/30/2026' is not a date; write it as YYYY-MM-DD"),
    ],
)
def test_what_is_wrong_with_a_day_is_said(written, said):
    with pytest.raises(click.BadParameter, match=r"is not a date") as told:
        DAY.convert(written, None, None)
    assert told.value.message.startswith(said)


def test_extract_is_a_day_only_where_there_is_a_client():
    assert CLIENT_DAY.convert("Extract", None, None) == "extract"
    with pytest.raises(click.BadParameter, match="'extract' is not a date"):
        DAY.convert("extract", None, None)


def test_today_is_a_day_everywhere_and_is_said(capsys):
    day = DAY.convert("today", None, None)
    assert f"using today, {day.isoformat()}" in capsys.readouterr().err


def test_assess_takes_the_day_of_the_exports():
    command = [sys.executable, "-m", "cape_kit", "assess", SAMPLES / "harbor-lane", "--as-of", "extract"]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    assert "2026-05-05" in done.stdout


def test_without_a_day_of_the_exports_extract_is_refused(tmp_path):
    (tmp_path / "acme").mkdir()
    (tmp_path / "acme" / "client.toml").write_text('name = "Acme"\n', "utf-8")
    command = [sys.executable, "-m", "cape_kit", "assess", tmp_path / "acme", "--as-of", "extract"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode != 0
    assert done.stderr.strip().endswith("client.toml has no extracted_on, so 'extract' has no day; give one")
