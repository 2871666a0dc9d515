"""Where the printed page goes, with a stand-in for the browser: it knows nothing of our working folder."""

import subprocess
from pathlib import Path

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
