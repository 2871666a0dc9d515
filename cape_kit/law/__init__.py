"""What the law says on a day: the law book, the registry of headings, the federal working days."""

from __future__ import annotations

from cape_kit.law.book import Law, load

__all__ = ["Law", "load"]
