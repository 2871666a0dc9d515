"""A page as PDF, by a browser the machine already has; nothing is downloaded or asked of a network."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from pathlib import Path

#: Browsers that print a page from the command line, by the names they are installed under.
BROWSERS = (
    "chromium",
    "chromium-browser",
    "google-chrome",
    "google-chrome-stable",
    "microsoft-edge",
    "msedge",
    "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
    "/Applications/Microsoft Edge.app/Contents/MacOS/Microsoft Edge",
)
_QUIET = (
    "--headless",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-pdf-header-footer",
)
_SECONDS = 120


def browser() -> str | None:
    """The first browser found, or None."""
    return next((found for name in BROWSERS if (found := shutil.which(name))), None)


def write(page: Path, pdf: Path) -> str:
    """Print the page; an empty answer is success, otherwise a sentence saying why there is no PDF."""
    page, pdf = page.resolve(), pdf.resolve()
    found = browser()
    if found is None:
        return "No PDF: no Chrome, Chromium or Edge on this machine; open report.html and print it instead."
    with tempfile.TemporaryDirectory(prefix="cape-", ignore_cleanup_errors=True) as profile:
        # Chromium refuses its own sandbox for root, as in a container.
        root = ["--no-sandbox"] if hasattr(os, "geteuid") and os.geteuid() == 0 else []
        command = [
            found,
            *_QUIET,
            *root,
            f"--user-data-dir={profile}",
            f"--print-to-pdf={pdf}",
            page.as_uri(),
        ]
        try:
            subprocess.run(command, capture_output=True, check=True, timeout=_SECONDS)
        except (subprocess.SubprocessError, OSError) as trouble:
            return f"No PDF: {Path(found).name} did not print the page ({type(trouble).__name__})."
    return "" if pdf.is_file() else f"No PDF: {Path(found).name} wrote none."
