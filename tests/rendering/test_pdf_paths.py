"""Where the printed page goes, with a stand-in for the browser: it knows nothing of our working folder."""

import subprocess
import tempfile
from pathlib import Path

import pytest

from cape_kit.rendering import pages


def test_a_relative_folder_is_made_whole(tmp_path, monkeypatch):
    asked = []

    def prints(command, **_):
        asked.extend(command)
        Path(command[-2].removeprefix("--print-to-pdf=")).write_bytes(b"%PDF")

    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(pages, "browser", lambda: "browser")
    monkeypatch.setattr(subprocess, "run", prints)
    Path("rep").mkdir()
    assert pages.print_pdf(Path("rep/report.html"), Path("rep/report.pdf")) == ""
    assert asked[-2:] == [
        f"--print-to-pdf={tmp_path.resolve() / 'rep' / 'report.pdf'}",
        (tmp_path.resolve() / "rep" / "report.html").as_uri(),
    ]
    assert (tmp_path / "rep" / "report.pdf").is_file()


def test_what_the_browser_keeps_for_itself_goes_with_its_profile(tmp_path, monkeypatch):
    kept = []

    def prints(command, *, env, **_):
        (profile,) = (
            one.removeprefix("--user-data-dir=") for one in command if one.startswith("--user-data-dir=")
        )
        assert env["TMPDIR"] == profile and env["PATH"]
        kept.append(Path(env["TMPDIR"], "org.chromium.Chromium.x1"))
        kept[0].mkdir()
        Path(command[-2].removeprefix("--print-to-pdf=")).write_bytes(b"%PDF")

    monkeypatch.setattr(pages, "browser", lambda: "browser")
    monkeypatch.setattr(subprocess, "run", prints)
    monkeypatch.setattr(tempfile, "tempdir", "/tmp")
    assert pages.print_pdf(tmp_path / "report.html", tmp_path / "report.pdf") == ""
    assert not kept[0].exists() and not kept[0].parent.exists()


@pytest.mark.browser
@pytest.mark.skipif(pages.browser() is None, reason="no browser here")
def test_a_page_is_printed_wherever_temporary_files_are(tmp_path, monkeypatch):
    """A socket's path has a length no system takes more of: there the browser keeps its own in the usual place."""
    page = tmp_path / "report.html"
    page.write_text("<p>Refund</p>", "utf-8")
    with tempfile.TemporaryDirectory(dir="/tmp", prefix="k") as short:
        # From where a socket just fits to where it does not, and far beyond.
        for length in (8, 10, 12, 14, 60):
            deep = Path(short, "x" * length)
            deep.mkdir()
            monkeypatch.setattr(tempfile, "tempdir", str(deep))
            assert pages.print_pdf(page, tmp_path / f"{length}.pdf") == "", length
            assert (tmp_path / f"{length}.pdf").read_bytes().startswith(b"%PDF"), length
            monkeypatch.undo()
