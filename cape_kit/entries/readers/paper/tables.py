"""Entry summaries from paper as the tables every export becomes: lines, entries, problems, with page."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import pandas as pd
import pyarrow as pa

from cape_kit import money
from cape_kit.entries import schema
from cape_kit.entries.readers import file_problems
from cape_kit.entries.readers.layouts import vocabulary
from cape_kit.entries.readers.paper import captions
from cape_kit.entries.readers.paper.form import EntrySummary, PaperLine, TariffNumber
from cape_kit.entries.readers.paper.tie_out import Verdict
from cape_kit.entries.readers.reading import Reading, line_schema
from cape_kit.entries.readers.recognise import Recognised

#: What stands for the sheet of the entries whose lines are not used.
REFUSED = "does not tie out"
_FACTS = (
    "entry_type", "entry_date", "entry_summary_date", "port_of_entry", "importer_number", "importer_name",
    "notify_party",
)  # fmt: skip


def readings(verdicts: Sequence[Verdict], problems: list[dict[str, Any]], *, file: str) -> list[Reading]:
    """A reading of what ties out, with its lines; another, without lines, of what does not.

    An entry of the second has its facts and an error, and no tariff line: it is never half an entry, and
    another file that holds it whole goes before it.
    """
    whole = [verdict for verdict in verdicts if verdict.ties]
    broken = [verdict for verdict in verdicts if not verdict.ties]
    found = []
    if whole:
        notes = [*problems, _mark(whole, file)]
        found.append(_reading(whole, notes, file=file, lines=_lines(whole, file)))
    if broken:
        notes = [*([] if whole else problems), *(_refusal(v, file) for v in broken)]
        found.append(_reading(broken, notes, file=file, lines=None))
    return found


def _reading(
    verdicts: Sequence[Verdict], problems: list[dict[str, Any]], *, file: str, lines: pa.Table | None
) -> Reading:
    entries = [verdict.entry for verdict in verdicts]
    counted = sum(max(1, sum(1 for _ in entry.numbers)) for entry in entries)
    frame = _entries(entries, file, whole=lines is not None)
    last = frame["entry_summary_date"].max()
    return Reading(
        file=file,
        sheet=REFUSED if lines is None else None,
        profile=captions.profile(),
        report=_recognised(),
        lines=lines,
        entries=frame,
        answers=pd.DataFrame(),
        problems=schema.problem_rows(problems),
        conflicts=schema.empty("conflicts"),
        variants=schema.empty("entries"),
        rows=counted,
        rows_used=0 if lines is None else counted,
        rows_refused=counted if lines is None else 0,
        rows_blank=0,
        money=_money(verdicts, lines, file),
        unexplained=schema.empty("unexplained"),
        extracted_on=None if pd.isna(last) else last.date(),  # paper says what was so when it was filed
    )


def _money(verdicts: Sequence[Verdict], lines: pa.Table | None, file: str) -> pd.DataFrame:
    """The account of the dollars: what the boxes of all entries say against what was taken line by line.

    Deposits of antidumping duty, where box 37 holds them, and fees are not needed.
    """
    rows = []
    for name, column, taken in (
        ("duty", "duty_cents", "duty_cents"),
        ("total_value", "goods_value_cents", "goods_value_cents"),
        ("other", "not needed", None),
    ):
        printed = [entry.totals.get(name) for entry in (verdict.entry for verdict in verdicts)]
        known = sum(cents for cents in printed if cents is not None)
        used = 0 if lines is None or taken is None else sum(lines[taken].to_pylist())
        refused = known if lines is None else 0
        rows.append(
            {
                "file": file,
                "sheet": REFUSED if lines is None else None,
                "column": captions.form()["boxes"][name][0],
                "taken_as": column,
                "cells": sum(1 for cents in printed if cents is not None),
                "sum_cents": known,
                "used_cents": used,
                "refused_cents": refused,
                "repeated_cents": 0,
                "not_understood_cents": 0,
                "not_needed_cents": known - used - refused,
                "passed_over_cents": 0,
                "cells_unread": sum(1 for cents in printed if cents is None),
            }
        )
    return schema.conform(pd.DataFrame(rows), "money")


def _recognised() -> Recognised:
    """The boxes the kit reads, in place of a header row's cells."""
    profile = captions.profile()
    boxes: dict[str, list[str]] = captions.form()["boxes"] | captions.form()["table"]
    named = {
        "hts": "hts", "line_number": "line", "goods_value_cents": "value", "duty_cents": "duty",
        "mfn_rate": "rate", "country_of_origin": "origin", "total_duty_cents": "duty",
    }  # fmt: skip
    headers = [
        boxes[named.get(name, name)][0] if named.get(name, name) in boxes else name
        for name in profile.columns
    ]
    headers[list(profile.columns).index("total_duty_cents")] = captions.form()["boxes"]["duty"][0]
    missing = tuple(vocabulary()[name].object or name for name in profile.add)
    positions = {name: at for at, name in enumerate(profile.columns)}
    return Recognised(profile, 0, tuple(headers), positions, (), (), missing)


def _entries(entries: Sequence[EntrySummary], file: str, *, whole: bool) -> pd.DataFrame:
    """One row per entry number; its place is box 1 of its first page."""
    rows: list[dict[str, Any]] = [
        {
            **{name: entry.said.get(name) for name in _FACTS},
            "entry_number": entry.number,
            "filer_code": entry.number[:3],
            "total_duty_cents": entry.totals.get("duty"),
            "lines_complete": True if whole else None,
            "source_file": file,
            "source_sheet": _sheet(entry.page),
            "source_row": 1,
            "first_row": 1,
            "rows": sum(1 for _ in entry.numbers),
        }
        for entry in entries
    ]
    frame = pd.DataFrame(rows).drop_duplicates("entry_number")
    for day in ("entry_date", "entry_summary_date"):
        frame[day] = pd.to_datetime(frame[day]).astype("datetime64[s]")
    keep = ("first_row", "rows")
    return schema.conform(frame.sort_values("entry_number", ignore_index=True), "entries", keep=keep)


def _lines(verdicts: Iterable[Verdict], file: str) -> pa.Table:
    """The tariff lines of entries that tie out, as an export has them."""
    rows = [
        _line(verdict, line, number, place) | {"source_file": file}
        for verdict in verdicts
        for line in verdict.entry.lines
        for place, number in enumerate(line.numbers, start=1)
    ]
    columns = []
    for column in line_schema():
        values = [row.get(column.name) for row in rows]  # what paper never says is null
        plain = pa.array(
            values, type=column.type.value_type if pa.types.is_dictionary(column.type) else column.type
        )
        columns.append(
            plain.dictionary_encode().cast(column.type) if pa.types.is_dictionary(column.type) else plain
        )
    return pa.table(columns, schema=line_schema())


def _line(verdict: Verdict, line: PaperLine, number: TariffNumber, place: int) -> dict[str, Any]:
    """One HTS number. What is blank on an entry that ties out is nought: totals are reached without it."""
    goods = not number.hts.startswith("99")
    origin = verdict.entry.said.get("origin")
    spi = next((n.spi for n in line.numbers if n.spi), line.spi)
    carried = goods or not verdict.values_of_goods  # a value repeated beside chapter 99 counts once
    return {
        "entry_number": verdict.entry.number,
        "line_number": line.number,
        "ordinal": place,
        "hts": number.hts,
        "country_of_origin": line.country or (origin if origin != "MULTI" else None),
        "goods_value_cents": (number.value or 0) if carried else 0,
        "duty_cents": number.duty or 0,
        "mfn_rate": _printed_rate(number) if goods and not spi else None,
        "spi": spi,
        "source_sheet": _sheet(number.page),
        "source_row": number.row,
    }


def _printed_rate(number: TariffNumber) -> str | None:
    """The rate as ACE prints it: 'Free', '5.3%'."""
    return "Free" if (number.rate or "").upper() == "FREE" else number.rate


def _sheet(page: int) -> str:
    return f"page {page}"


def _mark(verdicts: Sequence[Verdict], file: str) -> dict[str, Any]:
    """How sure what was read from paper is: the mark that goes with it."""
    duty = sum(verdict.cents or 0 for verdict in verdicts)
    open_ones = sum(verdict.unconfirmed for verdict in verdicts)
    detail = f"{len(verdicts)} {'entries' if len(verdicts) > 1 else 'entry'}, duty {money.show(duty)}"
    if open_ones:
        detail += (
            f"; {open_ones} duties at rates that are no plain percentage are in the sum, not reckoned again"
        )
    return file_problems.problem("P04", file=file, detail=detail)


def _refusal(verdict: Verdict, file: str) -> dict[str, Any]:
    """One error for an entry that does not tie out: where, what was read, what is off, its dollars."""
    entry = verdict.entry
    first = next(iter(entry.trouble), None)
    pages = f"page {entry.pages[0]}" + (f" to {entry.pages[-1]}" if len(entry.pages) > 1 else "")
    lines = f"{len(entry.lines)} lines, {sum(1 for _ in entry.numbers)} HTS numbers read"
    dollars = (
        "its duty is not known" if verdict.cents is None else f"duty {money.show(verdict.cents)} not counted"
    )
    more = "" if len(verdict.off) <= 3 else f"; and {len(verdict.off) - 3} more"
    return file_problems.problem(
        "P01",
        file=file,
        sheet=_sheet(first.page if first else entry.page),
        row=first.row if first else None,
        column=first.column if first else "entry_number",
        value=first.value if first else entry.number,
        detail=f"{entry.number} ({pages}; {lines}; {dollars}): {'; '.join(verdict.off[:3])}{more}",
    )
