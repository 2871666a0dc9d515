"""A page as PDF, by a browser the machine already has; nothing is downloaded or asked of a network."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from datetime import date
from functools import partial
from pathlib import Path

from cape_kit import leftovers

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
    "--host-resolver-rules=MAP * ~NOTFOUND",  # no page and no service of the browser finds a host
    "--no-pdf-header-footer",
)
_SECONDS = 120
_STAMP = re.compile(rb"(/(?:CreationDate|ModDate) \()(D:[0-9]{14}[+-][0-9]{2}'[0-9]{2}')\)")


def browser() -> str | None:
    """The first browser found, or None."""
    return next((found for name in BROWSERS if (found := shutil.which(name))), None)


def write(page: Path, pdf: Path, *, on: date | None = None) -> str:
    """Print the page; an empty answer is success, otherwise a sentence saying why there is no PDF.

    With `on` the file says it was made at the beginning of that day: the same page gives the same bytes from the
    same browser, which stamps its own time into nothing else.
    """
    page, pdf = page.resolve(), pdf.resolve()
    found = browser()
    if found is None:
        return "No PDF: no Chrome, Chromium or Edge on this machine; open report.html and print it instead."
    with leftovers.temporary() as profile:
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
            subprocess.run(
                command,
                capture_output=True,
                check=True,
                timeout=_SECONDS,
                preexec_fn=partial(leftovers.die_with_parent, os.getpid()) if os.name == "posix" else None,
            )
        except (subprocess.SubprocessError, OSError) as trouble:
            return f"No PDF: {Path(found).name} did not print the page ({type(trouble).__name__})."
    if not pdf.is_file():
        return f"No PDF: {Path(found).name} wrote none."
    if on:
        pdf.write_bytes(_dated(pdf.read_bytes(), on))
    return ""


def _dated(content: bytes, on: date) -> bytes:
    """A printed file with another day of making, in as many bytes: places in it are counted in bytes."""
    stamp = f"D:{on:%Y%m%d}000000+00'00'".encode()
    return _STAMP.sub(
        lambda found: found[0] if len(found[2]) != len(stamp) else found[1] + stamp + b")", content
    )
