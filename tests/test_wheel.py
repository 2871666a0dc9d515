"""The wheel carries all it needs: a machine of a cluster has the wheel, not a checkout."""

import json
import os
import subprocess
import sys
import zipfile
from pathlib import Path
from typing import ClassVar

import duckdb
import pytest

from cape_kit.entries.readers import sheets

ROOT = Path(__file__).parents[1]


@pytest.fixture(scope="module")
def unpacked(tmp_path_factory):
    """The wheel built from this tree, unpacked where nothing else of the project lies."""
    place = tmp_path_factory.mktemp("wheel")
    command = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(place)]
    subprocess.run(command, cwd=ROOT, check=True, capture_output=True)
    (wheel,) = place.glob("*.whl")
    zipfile.ZipFile(wheel).extractall(place / "site")
    return place / "site"


def test_law_profiles_templates_style_and_notebooks_are_inside(unpacked):
    package = unpacked / "cape_kit"
    inside = {str(path.relative_to(package)) for path in package.rglob("*") if path.is_file()}
    for needed in ("law/lawbook/cape.toml", "law/lawbook/headings.csv", "entries/profiles/es003.toml"):
        assert needed in inside
    assert {"views/cape.mplstyle", "notebooks/client_report.ipynb"} <= inside
    assert [name for name in inside if name.startswith("rendering/templates/")]


@pytest.fixture(scope="module")
def bare(tmp_path_factory):
    """What only an extra brings can't be imported: a folder for PYTHONPATH that says so."""
    folder = tmp_path_factory.mktemp("bare")
    hide = "import sys\nsys.modules['ipywidgets'] = sys.modules['jupyterlab'] = None\n"
    (folder / "sitecustomize.py").write_text(hide, "utf-8")
    return folder


def test_a_report_renders_from_the_wheel_alone_without_the_extras(unpacked, bare, tmp_path):
    command = [sys.executable, "-m", "cape_kit", "report", str(ROOT / "data" / "sample" / "harbor-lane")]
    command += ["--as-of", "extract", "--out", str(tmp_path / "out")]
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join([str(unpacked), str(bare)])}
    where = [sys.executable, "-c", "import cape_kit; print(cape_kit.__file__)"]
    used = subprocess.run(where, cwd=tmp_path, env=environment, capture_output=True, text=True, check=True)
    assert Path(used.stdout.strip()).is_relative_to(unpacked)
    done = subprocess.run(command, cwd=tmp_path, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    (manifest,) = (tmp_path / "out").rglob("manifest.json")
    assert "report.html" in json.dumps(json.loads(manifest.read_text("utf-8")))


def test_an_engine_that_will_not_hear_of_progress_bars_still_reads(monkeypatch):
    """As DuckDB is in a kernel without ipywidgets: it refuses the setting, and draws nothing."""

    class Engine:
        asked: ClassVar[list[str]] = []

        def execute(self, statement):
            self.asked.append(statement)
            if "progress" in statement:
                raise duckdb.InvalidInputException("required package 'ipywidgets' is missing")

    monkeypatch.setattr(duckdb, "connect", lambda where, config: Engine())
    assert isinstance(sheets.engine(), Engine)
    assert len(Engine.asked) == 2
