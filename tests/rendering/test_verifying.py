"""A delivered folder held against its manifest: what is missing, changed or not of it."""

import json

import pytest

from cape_kit.rendering import manifest
from tests.test_cli import cape


@pytest.fixture
def delivered(tmp_path):
    """Two reports of a few files each, with the manifests the kit writes."""
    for client in ("alpha", "beta"):
        folder = tmp_path / client / "2026-05-05"
        (folder / "declarations").mkdir(parents=True)
        (folder / "report.html").write_bytes(b"<p>1</p>")
        (folder / "declarations" / "a.csv").write_bytes(b"1")
        parts = {"inputs": {}, "parameters": {}, "law": "1", "own_law": {"rows": []}}
        manifest.write(folder, parts, {"as_of": "2026-05-05"})
    return tmp_path


def test_what_is_whole_is_said_to_be(delivered):
    done = cape("verify", delivered)
    assert done.returncode == 0
    assert done.stdout.count("as it was made, 2 files.") == 2
    (delivered / "alpha" / "2026-05-05" / ".DS_Store").touch()  # a file manager's own
    assert cape("verify", delivered / "alpha" / "2026-05-05").returncode == 0


def test_each_file_that_is_not_as_it_was_has_its_sentence(delivered):
    folder = delivered / "alpha" / "2026-05-05"
    (folder / "report.html").write_bytes(b"<p>2</p>")
    (folder / "declarations" / "a.csv").unlink()
    (folder / "declarations" / "b.csv").touch()
    done = cape("verify", delivered)
    assert done.returncode == 1
    assert done.stdout.splitlines() == [
        f"{folder}: declarations/a.csv is missing.",
        f"{folder}: report.html has changed since the report was made.",
        f"{folder}: declarations/b.csv is not part of the report: its manifest does not list it.",
        f"{delivered}/beta/2026-05-05: as it was made, 2 files.",
    ]
    told = json.loads(cape("verify", folder, "--json").stdout)
    assert [(one["whole"], one["missing"], one["changed"], one["extra"]) for one in told] == [
        (False, ["declarations/a.csv"], ["report.html"], ["declarations/b.csv"])
    ]


@pytest.mark.parametrize("text", ["", "[]", '{"outputs": [1]}', '{"outputs": {"a": 1}}', "{}"])
def test_a_manifest_that_is_none_proves_nothing(delivered, text):
    folder = delivered / "alpha" / "2026-05-05"
    (folder / manifest.NAME).write_text(text, "utf-8")
    done = cape("verify", folder)
    assert done.returncode == 1
    assert done.stdout == f"{folder}: manifest.json can't be read as the manifest of a report.\n"


@pytest.mark.parametrize(("place", "said"), [("none", "no such folder"), (".", "no manifest.json")])
def test_where_there_is_nothing_to_check_it_is_a_wrong_usage(tmp_path, place, said):
    done = cape("verify", tmp_path / place)
    assert (done.returncode, said in done.stderr) == (2, True)
