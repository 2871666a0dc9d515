"""Declaration files made, checked, written whole or not at all, read back; and what is in each, for its uploader."""

from __future__ import annotations

import hashlib
import os
import re
import shutil
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from uuid import uuid4

import pandas as pd

from cape_kit import leftovers, owners
from cape_kit.assessment import cbp_answers
from cape_kit.assessment.assess import Assessment
from cape_kit.entries import identifiers, kept
from cape_kit.errors import InvalidDeclaration, Usage
from cape_kit.filing import claims, csv_out, ledger
from cape_kit.filing.declaration import choice
from cape_kit.filing.declaration import choice as choices
from cape_kit.filing.declaration.checks import NEWLINE, Fault, Part, check, read_back
from cape_kit.filing.declaration.choice import Choice
from cape_kit.law import workdays
from cape_kit.law.book import Law
from cape_kit.money import known_sum

# --- what is in a file: entries, money, open checks, last safe day ----------------------------------------


_COLUMNS = (
    *("row", "entry_number", "importer_number", "filer_code", "entry_type", "entry_date", "disposition"),
    *("principal_cents", "interest_cents", "confidence", "liquidated_on", "last_safe_day", "cape_last_day"),
    *("days_basis", "unverified"),
)


def safe_days(assessment: Assessment, entries: pd.DataFrame) -> pd.Series:
    """The last day to file that leaves time to cure a failed file: the plan day, on a working day.

    Once that is past, the last working day of the window itself; null where only an estimate says that the
    window is over. Sources: keys ``alert.plan_day``, ``window.cape``.
    """
    cape_last_day = entries["cape_last_day"]
    law, day = assessment.law, assessment.filing_date
    window, plan = (int(law.value(key, day).value) for key in ("window.cape", "alert.plan_day"))
    planned = workdays.business_days_on_or_before(cape_last_day - timedelta(days=window - plan))
    last = workdays.business_days_on_or_before(cape_last_day)
    safe = planned.mask(planned < pd.Timestamp(day), last)
    return safe.where(entries["liquidated_on"].notna() | (safe >= pd.Timestamp(day)), pd.NaT)


@kept
def sheet(assessment: Assessment, part: Part) -> pd.DataFrame:
    """One row per entry of a file, in its order, and a last row that adds them up. [cents]

    `row` is the row in the file as a person counts it, the header being 1.
    """
    whole = assessment.table
    table = whole[[name for name in _COLUMNS if name in whole]].assign(
        unverified=choice.unverified(assessment)
    )
    place = pd.Index(table["entry_number"]).get_indexer(list(part.entry_numbers))
    mine = pd.DataFrame(table.take(place)).reset_index(drop=True)
    mine = mine.assign(
        row=[str(row) for row in range(2, len(mine) + 2)],
        last_safe_day=safe_days(assessment, mine),
        days_basis=mine["liquidated_on"].notna().map({True: "recorded", False: "estimated"}),
    )
    told = mine[list(_COLUMNS)]
    return pd.concat([told, _total(told)], ignore_index=True)


def overview(assessment: Assessment, parts: Sequence[Part]) -> pd.DataFrame:
    """One row per declaration file: account, entries, money, open checks, last safe day, hash. [cents]"""
    rows = []
    for part in parts:
        last = sheet(assessment, part).iloc[-1]
        rows.append(
            {
                "file": part.name,
                "submitter": part.submitter,
                "submitter_id": part.submitter_id,
                "part": part.number,
                "of": part.of,
                "entries": len(part.entry_numbers),
                "principal_cents": last["principal_cents"],
                "interest_cents": last["interest_cents"],
                "last_safe_day": last["last_safe_day"],
                "unverified": last["unverified"],
                "account": _account(assessment, part),
                "bytes": len(part.content),
                "sha256": hashlib.sha256(part.content).hexdigest(),
            }
        )
    return pd.DataFrame(rows, columns=list(_OVERVIEW)).astype(_OVERVIEW)


_OVERVIEW = {
    **dict.fromkeys(("file", "submitter", "submitter_id"), "str"),
    **dict.fromkeys(("part", "of", "entries", "principal_cents", "interest_cents"), "Int64"),
    "last_safe_day": "datetime64[s]",
    **dict.fromkeys(("unverified", "account"), "str"),
    "bytes": "Int64",
    "sha256": "str",
}


def _total(rows: pd.DataFrame) -> pd.DataFrame:
    """The sums of a file; checks open on any of its entries, each with how many."""
    checks = rows["unverified"].str.split("; ").explode()
    counts = checks[checks.ne("")].value_counts().sort_index()
    row = {
        "row": "all",
        "entry_number": _entries(len(rows)),
        "principal_cents": known_sum(rows["principal_cents"]),
        "interest_cents": known_sum(rows["interest_cents"]),
        "last_safe_day": rows["last_safe_day"].min(),
        "cape_last_day": rows["cape_last_day"].min(),
        "unverified": "; ".join(f"{check}: {_entries(count)}" for check, count in counts.items()),
    }
    return pd.DataFrame([row]).reindex(columns=rows.columns).astype(rows.dtypes.to_dict())


def _entries(count: int) -> str:
    return f"{count:,} {'entry' if count == 1 else 'entries'}"


def _account(assessment: Assessment, part: Part) -> str:
    """Whose ACE account uploads the file, and what client.toml says against it."""
    if part.submitter == "filer":
        names = {broker.filer_code: broker.name for broker in assessment.client.brokers}
        return f"filer account {part.submitter_id} ({names.get(part.submitter_id) or 'not in client.toml'})"
    known = {identifiers.importer_key(one.number): one for one in assessment.client.importers}
    importer = known.get(identifiers.importer_key(part.submitter_id))
    if importer is None:
        return "importer account; this number is not in client.toml"
    warnings = {
        "it has no ACE sub-account: open one first": importer.ace_subaccount is False,
        "not enrolled for ACH refunds: the money would be held": importer.ach_refund_enrolled is False,
    }
    return "; ".join(["importer account", *(text for text, holds in warnings.items() if holds)])


# --- the files, and what lies beside them -----------------------------------------------------------------


#: What lies beside the files to upload: never begins with their prefix, so that nobody uploads it.
PREFIX, SHEET_PREFIX = "CAPE_", "sheet_"
EXCEPTIONS, OVERVIEW = "exceptions.csv", "overview.csv"
REPLACED = "replaced"


def build(assessment: Assessment, *, submitter: str = "importer", choice: Choice | None = None) -> list[Part]:
    """The files to upload, one series per importer number or filer code, in the order asked for.

    Raises Usage for an unknown submitter and InvalidDeclaration when a file would not pass CBP's checks.
    Source: keys ``file.*`` of the law book.
    """
    mark = ledger.mark(assessment.client)
    return list(_built(assessment, submitter, choice or Choice(), mark))


@kept
def _built(assessment: Assessment, submitter: str, choice: Choice, mark: str) -> tuple[Part, ...]:
    """The same, built anew when the ledger is another: `mark` is its state."""
    entries = choices.chosen(assessment, submitter=submitter, choice=choice)
    parts: list[Part] = []
    for place, (_, mine) in enumerate(entries.groupby("owner", sort=True), start=1):
        number = str(mine[choices.column(submitter)].sort_values().iloc[0])
        label = _label(number, submitter, place)
        chunks = _chunks(mine["entry_number"].tolist(), assessment, choice)
        parts += [
            _part(assessment, (submitter, number, label), chunk, place=at, of=len(chunks))
            for at, chunk in enumerate(chunks, start=1)
        ]
    _once_only(parts)
    return tuple(parts)


@owners.alone()
def write_all(
    assessment: Assessment, out: Path, *, submitter: str = "importer", choice: Choice | None = None
) -> list[Path]:
    """Build, check, write and read back every declaration file, with the sheets and lists beside them.

    Returns the declaration files. A stop at any moment leaves each file as it was, or new and whole; files of
    an earlier run that are not part of this one are taken away before the first new one is put in place, and
    its declaration files kept under ``replaced``: one may have been uploaded and not yet written down.
    """
    parts = build(assessment, submitter=submitter, choice=choice)
    out.mkdir(parents=True, exist_ok=True)
    leftovers.sweep(out)
    work = leftovers.beside(out / f"declarations.{uuid4().hex[:8]}")
    work.mkdir(mode=0o700)
    try:
        made = [write(part, work, assessment.law, assessment) for part in parts]
        for part in parts:
            csv_out.write(sheet(assessment, part), work / f"{SHEET_PREFIX}{part.name}")
        csv_out.write(choices.left_out(assessment, submitter=submitter, choice=choice), work / EXCEPTIONS)
        csv_out.write(overview(assessment, parts), work / OVERVIEW)
        _keep_replaced(out, work)
        _clear(out, keep={path.name for path in work.iterdir()})
        for path in sorted(work.iterdir()):
            path.replace(out / path.name)
    finally:
        shutil.rmtree(work, ignore_errors=True)
    return [out / path.name for path in made]


def write(part: Part, out: Path, law: Law, assessment: Assessment) -> Path:
    """One file, atomically: a temporary name first, read back and compared, then put in place."""
    _refuse(check(part.content, law, assessment, part=part), part.name)
    path, temporary = out / part.name, leftovers.beside(out / part.name)
    try:
        with temporary.open("wb") as file:
            file.write(part.content)
            file.flush()
            os.fsync(file.fileno())
        same = temporary.read_bytes() == part.content
        if not same or read_back(temporary) != list(part.entry_numbers):
            raise InvalidDeclaration(
                f"{part.name}: the file written does not read back the same; nothing was kept."
            )
        temporary.replace(path)
    finally:
        temporary.unlink(missing_ok=True)
    return path


@dataclass(frozen=True)
class Recorded:
    """What writing an upload down did: lines added to the ledger, and numbers in none of the exports.

    `numbered`: it was recorded before, and the lines give it its claim number. `twice`: entries that another upload
    holds already, which CBP has not refused.
    """

    lines: int
    strange: tuple[str, ...] = ()
    numbered: bool = False
    twice: tuple[str, ...] = ()


def record(
    assessment: Assessment, path: Path, *, submitter: str = "importer", claim_number: str | None = None
) -> Recorded:
    """Write an uploaded file into the client's ledger, as filed on the assessment's filing date.

    Raises InvalidDeclaration for a file CBP would not take, Usage for one that is another client's.
    """
    if faults := check(path.read_bytes(), assessment.law, assessment):
        told = "; ".join(str(fault) for fault in faults)
        raise InvalidDeclaration(
            f"{path} is not a declaration CBP would accept, so it is not recorded: {told}"
        )
    numbers, folder = read_back(path), assessment.client.folder
    known = set(assessment.table["entry_number"])
    strange = tuple(number for number in numbers if number not in known)
    if len(strange) == len(numbers):
        raise Usage(
            f"{path}: {_entries(len(numbers))} in it, none in the exports of {folder}, so it is not "
            f"recorded; give that client's folder"
        )
    sent = ledger.upload(path, numbers)
    held, answers = ledger.read(folder), claims.history(assessment)
    before, waiting = len(held), cbp_answers.awaiting(held, answers)
    other = set(waiting.loc[waiting["sha256"].ne(sent.sha256), "entry_number"])
    lines = ledger.record(
        folder,
        sent,
        filed_on=assessment.filing_date,
        submitter=submitter,
        claim_number=claim_number,
        answers=answers,
    )
    added = ledger.read(folder).iloc[before:]
    numbered = bool(added["event"].eq(ledger.NUMBERED).any())
    twice = () if numbered or not lines else tuple(number for number in numbers if number in other)
    return Recorded(lines, strange, numbered, twice)


def replaced(out: Path) -> list[Path]:
    """Declaration files of earlier runs whose place was taken; kept, since one may have been uploaded."""
    return sorted((out / REPLACED).glob(f"{PREFIX}*.csv"))


def _keep_replaced(out: Path, fresh: Path) -> None:
    """Copies of the files about to go that no file of this run is byte for byte, each under its name."""
    for old in out.glob(f"{PREFIX}*.csv"):
        content, new = old.read_bytes(), fresh / old.name
        if new.is_file() and new.read_bytes() == content:
            continue
        digest = hashlib.sha256(content).hexdigest()[:8]
        for place in (out / REPLACED / old.name, out / REPLACED / f"{old.stem}_{digest}.csv"):
            if not place.is_file():
                csv_out.put(place, content)
            if place.read_bytes() == content:
                break


def _clear(out: Path, *, keep: set[str]) -> None:
    for pattern in (f"{PREFIX}*.csv", f"{SHEET_PREFIX}{PREFIX}*.csv"):
        for stale in out.glob(pattern):
            if stale.name not in keep:
                stale.unlink()


def _chunks(numbers: list[str], assessment: Assessment, choice: Choice) -> list[list[str]]:
    """The numbers cut into parts: a small first one if asked for, the rest as full as CBP allows."""
    most = int(assessment.law.value("file.max_entries", assessment.filing_date).value)
    first = min(choice.first_batch or most, most, len(numbers))
    rest = numbers[first:]
    return [numbers[:first], *(rest[start : start + most] for start in range(0, len(rest), most))]


def _part(
    assessment: Assessment, whose: tuple[str, str, str], numbers: list[str], *, place: int, of: int
) -> Part:
    law, on = assessment.law, assessment.filing_date
    submitter, owner, label = whose
    header = str(law.value("file.header", on).value)
    content = (NEWLINE.join([header, *numbers]) + NEWLINE).encode("utf-8")
    name = f"{PREFIX}{assessment.client.key}_{label}_{on.isoformat()}_part-{place}-of-{of}.csv"
    part = Part(submitter, owner, place, of, tuple(numbers), content, name)
    _refuse(check(content, law, assessment, part=part), name)
    return part


def _label(owner: str, submitter: str, place: int) -> str:
    """The submitter as a file name says it. Of a masked number not even a digest shows."""
    if submitter == "importer" and identifiers.mask_importer(owner) != owner:
        return f"{submitter}-individual-{place}"
    return f"{submitter}-" + re.sub(r"[^A-Za-z0-9]+", "-", owner).strip("-").upper()


def _once_only(parts: list[Part]) -> None:
    numbers = pd.Series([number for part in parts for number in part.entry_numbers], dtype="str")
    if twice := numbers[numbers.duplicated()].unique().tolist():
        raise InvalidDeclaration(
            f"{', '.join(twice[:5])}: in more than one declaration file; nothing was written."
        )
    names = [part.name.lower() for part in parts]
    if len(names) != len(set(names)):
        raise InvalidDeclaration("Two declaration files would have the same name; nothing was written.")


def _refuse(faults: list[Fault], name: str) -> None:
    if faults:
        told = "; ".join(str(fault) for fault in faults)
        raise InvalidDeclaration(f"{name} would not pass CBP's file checks, so nothing was written: {told}")
