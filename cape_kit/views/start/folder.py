"""A client's folder as it lies, as words and tables: what each file is, what waits for a person, what is left to do."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

import pandas as pd

import cape_kit
from cape_kit import money
from cape_kit.assessment import asserted_and_seen
from cape_kit.assessment.assess import Assessment
from cape_kit.entries import client_form, file_report, schema
from cape_kit.entries.client_form import Said
from cape_kit.entries.portfolio import data_files
from cape_kit.entries.portfolio import files as of_files
from cape_kit.entries.readers import Waiting
from cape_kit.errors import BadClient, CapeError, Usage
from cape_kit.views import markup, tables, words
from cape_kit.views.markup import Html
from cape_kit.views.tables import Field, Table

#: The day of the client's own exports, as client.toml says it.
EXTRACT = "extract"
#: Files left alone: for another purpose, or made by the kit.
_LEFT_ALONE = ("R43", "R44")
_ORDER = ("used", "refused", "repeated", "not_understood", "not_needed", "passed_over")


@dataclass(frozen=True)
class Look:
    """A client's folder as it lies: frames as `schema` declares them, the sheets that wait for a person.

    `assessment` is None where nothing can be assessed yet; `why` says what is in the way.
    """

    folder: Path
    said: Said
    day: date | None
    files: pd.DataFrame
    money: pd.DataFrame
    problems: pd.DataFrame
    waiting: tuple[tuple[Path, Waiting], ...] = ()
    assessment: Assessment | None = None
    why: tuple[str, ...] = field(default=())


def look(folder: Path | str, as_of: date | str = EXTRACT, own_law: str | Path | None = None) -> Look:
    """Read everything in a folder. What is wrong is part of the answer: a missing client.toml, no file, no day.

    Raises BadClient where there is no such folder, or a client.toml that can't be read, Usage for what is no day.
    """
    folder = Path(folder)
    if not folder.is_dir():
        raise BadClient(f"{folder}: no such folder; make it, and put the client's exports in it")
    said = client_form.said(folder)
    day = _day(said, as_of)
    law = cape_kit.law.book.load(folder=own_law or None)
    why: list[str] = []
    try:
        portfolio = cape_kit.open(folder, law=law)
    except CapeError as error:
        why.append(_short(error))
        read = list(file_report.files(folder, law)) if any(data_files(folder)) else []
        readings = [reading for one in read for reading in one.readings]
        apart = [sheet for one in read for sheet in one.unread]
        listed = [one.problems for one in read if len(one.problems)]
        problems = pd.concat(listed, ignore_index=True) if listed else schema.empty("problems")
        found = (of_files.table(readings, apart), of_files.dollars(readings, apart), problems)
        return Look(folder, said, day, *found, tuple(file_report.waiting(folder, law)), None, tuple(why))
    waiting = tuple(file_report.waiting(folder, law)) if len(of_files.not_read(portfolio.files)) else ()
    assessment = None
    if day is None:
        why.append("Say the day: client.toml has no extracted_on, the day the files were exported.")
    else:
        assessment = cape_kit.assess(portfolio, as_of=day)
    found = (portfolio.files, portfolio.money, portfolio.problems)
    return Look(folder, said, day, *found, waiting, assessment, tuple(why))


def _day(said: Said, as_of: date | str) -> date | None:
    if isinstance(as_of, date):
        return as_of
    if as_of and as_of != EXTRACT:
        try:
            return date.fromisoformat(as_of)
        except ValueError:
            raise Usage(f"'{as_of}' is not a date; write it as YYYY-MM-DD") from None
    known = said.get("extracted_on")
    return known if isinstance(known, date) else None


def _short(error: CapeError) -> str:
    """What stands in the way, without what the list of files says anyway."""
    where, colon, what = error.message.partition(": ")  # a folder may be called "Acme (2025)"
    return where + colon + what.split(" (", 1)[0].rstrip(".") + "."


def taken(found: Look) -> Table:
    """What each file was taken for, and its dollars: in = used + refused + the rest, to the cent. [cents]"""
    keys = ["file", "sheet"]
    sums = {f"{part}_cents": (f"{part}_cents", "sum") for part in ("sum", *_ORDER)}
    dollars = found.money.groupby(keys, dropna=False).agg(**sums).reset_index()
    frame = found.files.merge(dollars, on=keys, how="left")
    name = frame["file"] + (" [" + frame["sheet"] + "]").fillna("")
    frame = frame.assign(name=name, what=frame["title"] + ("; " + frame["columns_matched"]).fillna(""))
    other = (
        frame["refused_cents"]
        + frame["repeated_cents"]
        + frame["not_needed_cents"]
        + frame["passed_over_cents"]
    )
    frame = frame.assign(other_cents=other)
    alone = found.problems[found.problems["code"].isin(_LEFT_ALONE)]
    left = pd.DataFrame({"name": alone["file"], "what": "Left alone: " + alone["message"].map(_after_colon)})
    frame = pd.concat([frame, left], ignore_index=True) if len(left) else frame
    return Table(
        frame,
        (
            Field("name", "File", under="what"),
            Field("rows_used", "Rows used", "count"),
            Field("rows_refused", "Rows not used", "count"),
            Field("sum_cents", "Dollars in", "dollars"),
            Field("used_cents", "Used", "dollars"),
            Field("not_understood_cents", "Not understood", "dollars"),
            Field("other_cents", "Refused, repeated, not needed, totals", "dollars"),
        ),
        caption="What each file was taken for",
        as_of=found.day or date.min,
        note="Dollars in = used + not understood + the rest, over every column that holds money; rounded here.",
        empty="No file lies in the folder yet.",
    )


def _after_colon(message: str) -> str:
    return message.split(": ", 1)[-1]


def columns(found: Look) -> Table:
    """The columns that wait for a person: what each holds, and what it may be."""
    rows = [
        {
            "file": waits.name,
            "header": one.header,
            "holds": ", ".join(one.samples) or "nothing",
            "may": ", ".join(plain(name) for name, _, _ in one.guesses) or words.NOTHING,
        }
        for _, waits in found.waiting
        for one in waits.columns
    ]
    return Table(
        pd.DataFrame(rows, columns=["file", "header", "holds", "may"]),
        (
            Field("header", "Column", under="file"),
            Field("holds", "Holds"),
            Field("may", "May be"),
        ),
        caption="Columns that wait for you",
        as_of=found.day or date.min,
        note="What you say is kept in the folder layouts, which prevail over the kit’s own; duty is never guessed.",
        empty="Every file with data was recognized; no column waits.",
    )


def plain(column: str) -> str:
    """A declared column as people say it: "duty (dollars)", "liquidation date"."""
    said = column.removesuffix("_cents").replace("_", " ").replace("hts", "HTS").replace("ieepa", "IEEPA")
    return f"{said} (dollars)" if column.endswith(("_cents", "_duty")) else said


def to_do(found: Look) -> Html:
    """What is left to do, the soonest day on top; what stands in the way before all else."""
    in_the_way = markup.notice("First of all", [*found.why, *_to_say(found)])
    if found.assessment is None:
        return in_the_way
    return markup.together(in_the_way, tables.first_steps(found.assessment))


def _to_say(found: Look) -> list[str]:
    """A sentence for each sheet that waits, with the dollars in it."""
    told = []
    for _, one in found.waiting:
        mine = found.money[
            (found.money["file"] + (" [" + found.money["sheet"] + "]").fillna("")).eq(one.name)
        ]
        cents = int(mine["not_understood_cents"].sum())
        dollars = f", with {money.show(cents)} in it," if cents else ""
        told.append(f"{one.name}{dollars} is not read: say which column is {', '.join(one.lacking)}.")
    return told


def answer(found: Look) -> Html:
    """In one line: files, dollars, and what waits."""
    read = int(found.files["profile"].notna().sum())
    parts = found.money[[f"{part}_cents" for part in ("sum", *_ORDER)]].sum()
    told = [
        f"{_many(read, 'sheet')} read",
        f"{_many(len(found.files) - read, 'sheet')} not read",
        f"dollars in {money.show(int(parts['sum_cents']))}, used {money.show(int(parts['used_cents']))}, "
        f"not understood {money.show(int(parts['not_understood_cents']))}",
    ]
    return markup.paragraph("; ".join(told) + ".")


def _many(count: int, what: str) -> str:
    return f"{count:,} {what}{'' if count == 1 else 's'}"


def seen(found: Look) -> tuple[Sequence[str], Sequence[str]]:
    """Importer numbers and filer codes that stand in the files and not in client.toml."""
    if found.assessment is None:
        return (), ()
    entries = found.assessment.portfolio.entries
    named = {str(one.get("number")) for one in found.said.get("importer", [])}
    filers = {str(one.get("filer_code")) for one in found.said.get("broker", [])}
    numbers = sorted(set(entries["importer_number"].dropna()) - named)
    return numbers, sorted(set(entries["filer_code"].dropna()) - filers)


def assertions() -> dict[str, str]:
    """What a person can state for all entries of the client: its name in client.toml, and what it says."""
    return {name: one.says for name, one in asserted_and_seen.ASSERTIONS.items()}
