"""The whole report of files as people hold them: whatever is missing, every section is written."""

import shutil

import pytest

from tests.rendering.test_bad_clients import pieces
from tests.trials.test_trials import HERE

#: One of each kind: no importer number, no country, no heading, no amount, nothing but a broker's base numbers.
SHOWN = (
    "01-ieepa-amount-without-heading",
    "03-chapter-99-column-beside-hts",
    "05-broker-lines-base-hts-only",
    "13b-thousands-point",
    "21-wrong-check-digit-advice",
    "more-2-one-file-not-read",
    "more-3-refund-offset",
)


@pytest.mark.parametrize("name", SHOWN)
def test_every_section_is_written(name, tmp_path):
    shutil.copytree(HERE / name, tmp_path / "client", ignore=shutil.ignore_patterns("expected.toml"))
    (tmp_path / "out").mkdir()
    page = pieces(tmp_path / "client", tmp_path / "out")
    assert page.count("<table") > 5
    assert "No IEEPA duty was found" not in page
