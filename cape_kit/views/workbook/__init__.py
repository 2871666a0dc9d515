"""The workbook that goes with a report: every entry, what goes out, and what the figures rest on.

Written with XlsxWriter, because the sheet of entries can hold a hundred thousand rows; the same assessment
gives the same bytes.
"""

from __future__ import annotations

from cape_kit.views.workbook.book import write, write_filer

__all__ = ["write", "write_filer"]
