"""The IEEPA principal of each entry, heading by heading, from its tariff ordinals.

Never value times rate, never another 9903 family, never the entry totals a report repeats on each row.
"""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd
import pyarrow as pa

from cape_kit.assessment.refund import bearing, frames, normal_duty, reducing
from cape_kit.assessment.refund.coded_lines import coded
from cape_kit.assessment.refund.frames import CONFIDENCE
from cape_kit.entries import schema
from cape_kit.law.book import Law

__all__ = ["CONFIDENCE", "Lines", "per_entry", "reduce_lines", "refund_lines"]


@dataclass(frozen=True)
class Lines:
    """The tariff lines reduced to what the entry level needs.

    `per_entry` has one row per entry that has lines; `per_heading` one per entry and dutiable IEEPA heading
    on which duty was paid or could not be read.
    """

    per_entry: pd.DataFrame
    per_heading: pd.DataFrame


def reduce_lines(tariff_lines: pa.Table, entries: pd.DataFrame, law: Law) -> Lines:
    """All tariff lines of a portfolio, reduced to entries and headings in passes over sorted arrays. [cents]

    Numbers match the heading registry exactly, with or without the padding ``00`` some exports add.
    Source: ``headings.csv`` of the law book, each row with its own.
    """
    lines = coded(tariff_lines, entries, law)
    known = reducing.registered(law)
    found = reducing.by_heading(lines, normal_duty.held(lines), known, entries["entry_date"])
    return Lines(frames.entries(lines, found, known), frames.headings(lines, found, known))


def refund_lines(lines: Lines) -> pd.DataFrame:
    """One row per entry and dutiable heading: what was paid, what comes back, how sure that is. [cents]

    Columns: entry_number, heading, programme, country, paid_cents, normal_cents (normal duty that an all-in
    row holds and that stays owed), principal_cents, confidence, why (it is not exact), settles (what would).
    """
    return lines.per_heading


def per_entry(lines: Lines, entries: pd.DataFrame, unexplained: pd.DataFrame | None = None) -> pd.DataFrame:
    """Line facts and principal, one row per entry of the portfolio, in its order; no lines gives nulls.

    With them whether the entry bears IEEPA duty, and what leaves that open; see `bearing`. [cents]
    """
    cells = schema.empty("unexplained") if unexplained is None else unexplained
    return bearing.told(_in_order(lines, entries), entries, cells)


def _in_order(lines: Lines, entries: pd.DataFrame) -> pd.DataFrame:
    """The reduced lines in the order of the entries."""
    facts, numbers = lines.per_entry, entries["entry_number"]
    if len(facts) == len(numbers) and (facts["entry_number"].array == numbers.array).all():
        return facts
    index = pd.Index(numbers, name="entry_number")
    return facts.set_index("entry_number").reindex(index).reset_index()
