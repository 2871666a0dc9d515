"""What the files leave open: brokers, importer numbers and months without entries, exports cut short."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

import pandas as pd

from cape_kit.entries import identifiers, schema
from cape_kit.entries.client import Client
from cape_kit.entries.readers import file_problems
from cape_kit.entries.readers.reading import Reading
from cape_kit.errors import NoLawInForce
from cape_kit.law.book import Law

#: Row counts that programs cut at (header not counted), and the step above which a round count is suspicious.
LIMITS = (65_535, 65_534, 1_048_575, 1_048_574)
ROUND = 5_000
#: Days the last entry may lie before the end of the data before it is worth a note.
SLACK = 31


def table(entries: pd.DataFrame) -> pd.DataFrame:
    """Entries by filer, importer number and month of entry (first day of the month)."""
    month = entries["entry_date"].dt.to_period("M").dt.start_time.astype("datetime64[s]")
    frame = entries.assign(month=month).groupby(
        ["filer_code", "importer_number", "month"], dropna=False, sort=True
    )
    return frame.size().rename("entries").reset_index()


def problems(client: Client, entries: pd.DataFrame, readings: Sequence[Reading], law: Law) -> pd.DataFrame:
    """The gaps as problem rows, none of them an error."""
    rows = [
        *_brokers(client, entries),
        *_importers(client, entries),
        *_months(entries, law),
        *(row for reading in readings for row in _limit(reading)),
        *(row for reading in readings if reading.lines is not None for row in _short(reading, client, law)),
    ]
    return schema.problem_rows(rows)


def _brokers(client: Client, entries: pd.DataFrame) -> list[dict[str, Any]]:
    seen = set(entries["filer_code"].dropna().unique())
    named = {broker.filer_code for broker in client.brokers}
    missing = [
        file_problems.problem(
            "C01",
            value=b.filer_code,
            detail=" ".join(filter(None, (b.filer_code, b.name))),
            column="filer_code",
        )
        for b in client.brokers
        if b.filer_code not in seen
    ]
    if not named:
        return missing
    counts = entries["filer_code"].value_counts()
    return missing + [
        file_problems.problem(
            "C08", value=code, detail=f"{code}, {counts[code]} entries", column="filer_code"
        )
        for code in sorted(seen - named)
    ]


def _importers(client: Client, entries: pd.DataFrame) -> list[dict[str, Any]]:
    if not client.importers:
        return []
    seen = entries["importer_number"].dropna()
    keys = seen.map({number: identifiers.importer_key(number) for number in seen.unique()})
    named = {identifiers.importer_key(importer.number): importer.number for importer in client.importers}
    counts = seen.groupby(keys).agg(["first", "size"])
    strangers = counts[~counts.index.isin(list(named))]
    rows = [
        file_problems.problem("C02", value=shown, detail=f"{shown}, {size} entries", column="importer_number")
        for shown, size in ((identifiers.mask_importer(r[0]), r[1]) for r in strangers.to_numpy().tolist())
    ]
    absent = [number for key, number in named.items() if key not in counts.index]
    if len(seen):
        masked = [identifiers.mask_importer(number) for number in absent]
        rows += [
            file_problems.problem("C07", value=number, detail=number, column="importer_number")
            for number in masked
        ]
    return rows


def _months(entries: pd.DataFrame, law: Law) -> list[dict[str, Any]]:
    """Months without entries between months with entries, while the duties were collected.

    One mistyped date far outside that period says nothing about the months on the way to it.
    """
    months = entries["entry_date"].dropna().dt.to_period("M")
    if months.empty:
        return []
    first, last = (day and pd.Period(day, freq="M") for day in collection(law))
    expected = pd.period_range(
        max(filter(None, (months.min(), first))), min(filter(None, (months.max(), last))), freq="M"
    )
    missing = expected.difference(pd.PeriodIndex(months.unique()))
    return [
        file_problems.problem("C03", value=str(month), detail=str(month), column="entry_date")
        for month in missing
    ]


def _limit(reading: Reading) -> list[dict[str, Any]]:
    rows = reading.rows - reading.rows_blank
    if rows in LIMITS or (rows >= ROUND and rows % ROUND == 0):
        return [
            file_problems.problem(
                "C05", file=reading.file, sheet=reading.sheet, detail=f"{rows:,} rows", value=str(rows)
            )
        ]
    return []


def collection(law: Law) -> tuple[date | None, date | None]:
    """The first and the last day on which entries bore the duties; None where it was not known yet.

    Sources: keys ``collection.first_day`` and ``collection.last_day``.
    """

    def day(key: str) -> date | None:
        try:
            found: date = law.value(key, law.checked_on).value
        except NoLawInForce:
            return None
        return found

    return day("collection.first_day"), day("collection.last_day")


def _short(reading: Reading, client: Client, law: Law) -> list[dict[str, Any]]:
    """A file whose last entry lies long before what it should cover: collection, or the day it was run."""
    last = reading.entries["entry_date"].max()
    run = reading.extracted_on or client.extracted_on
    ends = [day for day in (collection(law)[1], reading.period_end, run) if day]
    if pd.isna(last) or not ends or (pd.Timestamp(min(ends)) - last).days <= SLACK:
        return []
    detail = f"last entry {last:%Y-%m-%d}, expected until {min(ends):%Y-%m-%d}"
    return [
        file_problems.problem(
            "C04", file=reading.file, sheet=reading.sheet, detail=detail, column="entry_date"
        )
    ]
