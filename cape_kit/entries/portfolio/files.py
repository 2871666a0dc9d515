"""The account of the files read: what each is, where every one of its rows went, and what they leave open.

Left open are brokers, importer numbers and months without entries, and exports cut short.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pandas as pd

from cape_kit.entries import identifiers, kept, schema
from cape_kit.entries.client import FACTS, SCENARIOS, Client
from cape_kit.entries.readers import FileRead, Reading, Unread, file_problems, unread_files
from cape_kit.errors import NoLawInForce, in_short
from cape_kit.law import status_words
from cape_kit.law.book import Law

if TYPE_CHECKING:
    from cape_kit.entries.portfolio import Portfolio

#: Files named in the note on what the kit wrote.
_NAMED = 12
#: What stands for the name of a report in the row of a file that was not read.
NOT_READ = "Not read"


def table(readings: Sequence[Reading], apart: Sequence[Unread] = ()) -> pd.DataFrame:
    """One row per sheet, those not read last. Rows = used + refused + repeated + blank, or the kit stops."""
    rows = [_row(reading) for reading in readings]
    for row, reading in zip(rows, readings, strict=True):
        if row["rows"] != sum(row[f"rows_{kind}"] for kind in ("used", "refused", "repeated", "blank")):
            raise AssertionError(f"{reading.name}: {row['rows']} rows read, but the account does not add up")
    rows += [_unread(one) for one in apart]
    return schema.conform(pd.DataFrame(rows), "files") if rows else schema.empty("files")


def not_read(files: pd.DataFrame) -> pd.DataFrame:
    """The rows of the files that were not read."""
    return files[files["title"].eq(NOT_READ)]


@kept
def told_not_read(portfolio: Portfolio) -> tuple[tuple[str, str], ...]:
    """Each file or sheet that was not read: its name, and what it holds in words."""
    told, money = [], portfolio.money
    for one in not_read(portfolio.files).to_dict("records"):
        sheet = one["sheet"] if isinstance(one["sheet"], str) else None
        mine = money[money["file"].eq(one["file"])]
        mine = mine[mine["sheet"].isna() if sheet is None else mine["sheet"].eq(sheet)]
        rows, entries = (None if pd.isna(one[name]) else int(one[name]) for name in ("rows", "entries"))
        filers = one["filers"].split() if isinstance(one["filers"], str) else []
        name = f"{one['file']} [{sheet}]" if sheet else one["file"]
        told.append((name, unread_files.holds(rows, entries, filers, mine)))
    return tuple(told)


def dollars(readings: Sequence[Reading], apart: Sequence[Unread]) -> pd.DataFrame:
    """The account of the money of every file, column by column."""
    return _stacked([*(r.money for r in readings), *(one.money for one in apart)], "money")


def unexplained(readings: Sequence[Reading], apart: Sequence[Unread] = ()) -> pd.DataFrame:
    """What columns nobody took say of IEEPA, by entry; and the files nobody could read in which an entry stands."""
    told = [_not_read(one) for one in apart if one.numbers]
    return _stacked([*(r.unexplained for r in readings), *told], "unexplained")


def _not_read(one: Unread) -> pd.DataFrame:
    """A row for each entry that stands in a file or sheet that was not read."""
    place = f"{one.file} [{one.sheet}]" if one.sheet else one.file
    frame = pd.DataFrame({"entry_number": sorted(one.numbers)})
    told = {"column": place, "about": schema.FILE, "value": "not read", "file": one.file, "sheet": one.sheet}
    return schema.conform(frame.assign(**told), "unexplained")


def own(files_read: Sequence[FileRead]) -> pd.DataFrame:
    """One note that names everything the kit itself wrote among the client's files."""
    names = [name for file in files_read for name in file.own]
    if not names:
        return schema.empty("problems")
    shown = ", ".join(names[:_NAMED]) + (f" and {len(names) - _NAMED} more" if len(names) > _NAMED else "")
    return schema.problem_rows([file_problems.problem("R44", file=names[0], detail=shown)])


def claims(readings: Sequence[Reading]) -> pd.DataFrame:
    """Rows of claim details, ES-022 and REV-615: what became of an entry."""
    return _answers(readings, "claim", "claims")


def with_acceptance(entries: pd.DataFrame, answers: pd.DataFrame, law: Law) -> pd.DataFrame:
    """The entries with CBP's acceptance where one of its answers is one: no later refusal takes it back.

    An entry is accepted once; a declaration that names it again is refused for that very reason.
    Source: key "cbp-faq-2026-04-10".
    """
    taken = status_words.read(answers["claim_status"], law, "claim_status").among(*status_words.TAKEN)
    first = answers[taken].drop_duplicates("entry_number").set_index("entry_number")
    here = entries["entry_number"].isin(first.index)
    here &= ~status_words.read(entries["claim_status"], law, "claim_status").among(*status_words.TAKEN)
    if here.any():
        said = first.reindex(entries["entry_number"]).set_axis(entries.index)
        columns = {name: entries[name].mask(here, said[name]) for name in ("claim_status", "claim_number")}
        entries = entries.assign(**columns)
    return _with_refusal(entries, answers, law)


def _with_refusal(entries: pd.DataFrame, answers: pd.DataFrame, law: Law) -> pd.DataFrame:
    """The entries whose claim is said to wait for an answer, with CBP's refusal where a file has it for that claim."""
    waits = status_words.read(entries["claim_status"], law, "claim_status").among(status_words.WAITING)
    refused = status_words.read(answers["claim_status"], law, "claim_status").among(*status_words.REFUSED)
    keys = ["entry_number", "claim_number"]
    told = (
        answers[refused & answers["claim_number"].notna()].drop_duplicates(keys, keep="last").set_index(keys)
    )
    if not waits.any() or told.empty:
        return entries
    found = told["claim_status"].reindex(pd.MultiIndex.from_frame(entries[keys])).set_axis(entries.index)
    return entries.assign(claim_status=entries["claim_status"].mask(waits & found.notna(), found))


def refunds(readings: Sequence[Reading]) -> pd.DataFrame:
    """Rows of REV-603 and REV-613: what became of a payment."""
    return _answers(readings, "refund", "refunds")


def _answers(readings: Sequence[Reading], grain: str, table: str) -> pd.DataFrame:
    frames = [
        schema.conform(_days(reading.answers, table).assign(report=reading.profile.key), table)
        for reading in readings
        if reading.profile.grain == grain and len(reading.answers)
    ]
    return _stacked(frames, table)


def _days(frame: pd.DataFrame, table: str) -> pd.DataFrame:
    kinds = schema.kinds(table)
    days = [column for column in frame.columns if kinds.get(column) == "day"]
    return frame.assign(**{column: pd.to_datetime(frame[column]).astype("datetime64[s]") for column in days})


def _stacked(frames: Sequence[pd.DataFrame], table: str) -> pd.DataFrame:
    filled = [frame for frame in frames if len(frame)]
    return pd.concat(filled, ignore_index=True) if filled else schema.empty(table)


def _unread(one: Unread) -> dict[str, Any]:
    return {
        "file": one.file,
        "sheet": one.sheet,
        "title": NOT_READ,
        "rows": one.rows,
        "rows_used": 0 if one.rows is not None else None,
        "rows_refused": one.rows,
        "rows_repeated": 0 if one.rows is not None else None,
        "rows_blank": 0 if one.rows is not None else None,
        "entries": one.entries,
        "filers": " ".join(one.filers) or None,
    }


#: What a browser or a file manager adds to the name of a copy.
_COPY = re.compile(r"( ?\(\d+\)| - copy( \(\d+\))?|_copy)$")


def misnamed(folder: Path) -> pd.DataFrame:
    """Files meant as one of the client's own that are not read: other letters, a sub-folder, a copy as "(1)"."""
    rows = []
    for path in sorted(folder.rglob("*")):
        plain = _COPY.sub("", path.stem.lower()) + path.suffix.lower()
        name = next((own for own in ("client.toml", FACTS, SCENARIOS) if plain == own), None)
        hidden = any(part.startswith(".") for part in path.relative_to(folder).parts)
        if name is None or hidden or not path.is_file() or _same(path, folder / name):
            continue
        shown = path.relative_to(folder).as_posix()
        beside = (
            " beside client.toml" if name != "client.toml" else " in the client's folder, and no copy of it"
        )
        detail = f"{shown}; the kit reads {name}{beside}"
        rows.append(file_problems.problem("K04", file=shown, detail=detail))
    return schema.problem_rows(rows)


def _same(path: Path, right: Path) -> bool:
    """Whether both are one file: some systems don't tell capital letters from small ones."""
    return right.is_file() and path.samefile(right)


def _matched(reading: Reading) -> str:
    """The columns of a sheet that are read by another name than their own, and on whose word."""
    by_words = [f"“{in_short(m.header)}” read as {m.known_as}" for m in reading.report.matched]
    by_person = [
        f"“{', '.join(map(in_short, h))}” read as {c} by {reading.profile.mapped_in}"
        for c, h in reading.profile.mapped
    ]
    return "; ".join([*by_words, *by_person])


def _row(reading: Reading) -> dict[str, Any]:
    dates = reading.entries["entry_date"]
    return {
        "file": reading.file,
        "sheet": reading.sheet,
        "profile": reading.profile.key,
        "title": reading.profile.title,
        "rows": reading.rows,
        "rows_used": reading.rows_used,
        "rows_refused": reading.rows_refused,
        "rows_repeated": reading.rows_repeated,
        "rows_blank": reading.rows_blank,
        "entries": len(reading.entries),
        "first_day": dates.min(),
        "last_day": dates.max(),
        "extracted_on": pd.Timestamp(reading.extracted_on) if reading.extracted_on else pd.NaT,
        "columns_matched": _matched(reading) or None,
        "columns_unknown": ", ".join(map(in_short, reading.report.unknown)) or None,
        "columns_missing": ", ".join(reading.report.missing) or None,
    }


# --- what the files leave open ----------------------------------------------------------------------------


#: Row counts that programs cut at (header not counted), and the step above which a round count is suspicious.
LIMITS = (65_535, 65_534, 1_048_575, 1_048_574)
ROUND = 5_000
#: Days the last entry may lie before the end of the data before it is worth a note.
SLACK = 31


def coverage(entries: pd.DataFrame) -> pd.DataFrame:
    """Entries by filer, importer number and month of entry (first day of the month)."""
    month = entries["entry_date"].dt.to_period("M").dt.start_time.astype("datetime64[s]")
    frame = entries.assign(month=month).groupby(
        ["filer_code", "importer_number", "month"], dropna=False, sort=True
    )
    return frame.size().rename("entries").reset_index()


def left_open(client: Client, entries: pd.DataFrame, readings: Sequence[Reading], law: Law) -> pd.DataFrame:
    """The gaps as problem rows, none of them an error."""
    rows = [
        *_brokers(client, entries),
        *_importers(client, entries),
        *_months(entries, law),
        *(row for reading in readings for row in _limit(reading)),
        *(row for reading in readings if reading.lines is not None for row in _short(reading, client, law)),
    ]
    return schema.problem_rows(rows)


#: Where client.toml says that a broker's data came, and they are not there.
_RECEIVED = "; client.toml says data_received = true, and no file holds an entry of this filer"


def _brokers(client: Client, entries: pd.DataFrame) -> list[dict[str, Any]]:
    seen = set(entries["filer_code"].dropna().unique())
    named = {broker.filer_code for broker in client.brokers}
    missing = [
        file_problems.problem(
            "C01",
            value=b.filer_code,
            detail=" ".join(filter(None, (b.filer_code, b.name))) + (_RECEIVED if b.data_received else ""),
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
    counts = schema.gathered(
        seen.to_frame("number").groupby(keys), first=("number", "first"), size=("", "size")
    )
    strangers = counts[~counts.index.isin(list(named))]
    rows = [
        file_problems.problem("C02", value=shown, detail=f"{shown}, {size} entries", column="importer_number")
        for shown, size in (
            (in_short(identifiers.mask_importer(r[0])), r[1]) for r in strangers.to_numpy().tolist()
        )
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
