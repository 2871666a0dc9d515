"""CAPE declaration files: chosen, split, checked as CBP would, written whole or not at all, read back.

A file holds one column and nothing else; newlines are CRLF, as a spreadsheet's CSV export writes them.
"""

from __future__ import annotations

from cape_kit.assessment.decisions import TO_FILE
from cape_kit.filing.declaration.checks import NEWLINE, Fault, Part, check, read_back
from cape_kit.filing.declaration.choice import REASONS, SUBMITTERS, Choice, chosen, left_out
from cape_kit.filing.declaration.files import (
    Recorded,
    build,
    overview,
    record,
    replaced,
    sheet,
    write,
    write_all,
)

__all__ = [
    "NEWLINE", "REASONS", "SUBMITTERS", "TO_FILE", "Choice", "Fault", "Part", "Recorded", "build", "check", "chosen",
    "left_out", "overview", "read_back", "record", "replaced", "sheet", "write", "write_all",
]  # fmt: skip
