"""What a file is, told to a person: rows, period, columns, what to add in ACE, what is wrong with it."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from decimal import Decimal
from pathlib import Path
from typing import Any

import pandas as pd

from cape_kit import money
from cape_kit.entries import client, portfolio, readers
from cape_kit.entries.readers import FileRead, Reading, Unread, file_problems, mapping
from cape_kit.errors import UnreadableReport, in_short
from cape_kit.law.book import Law

#: Examples shown of each kind of problem.
EXAMPLES = 3


def files(path: Path, law: Law) -> Iterator[FileRead]:
    """The files of a path, read one by one: a file itself, or all data files of a folder."""
    if path.is_file():
        yield readers.read_file(path, name=path.name, manner=_manner(law, *path.resolve().parents))
        return
    if not path.is_dir():
        raise UnreadableReport(f"{path}: no such file or folder")
    found = portfolio.data_files(path)
    if not found:
        raise UnreadableReport(f"{path}: no data files in it")
    manner = _manner(law, path)
    for file in found:
        yield readers.read_file(file, name=portfolio.file_name(file, path), manner=manner)


def proposals(folder: Path, law: Law) -> list[tuple[Path, str]]:
    """For each sheet of a client's folder that is not read, where its layout is to be written, and the layout."""
    if not folder.is_dir():
        raise UnreadableReport(f"{folder}: a proposal is written for a client's folder, not for one file")
    manner = _manner(law, folder)
    found: list[tuple[Path, str]] = []
    away = client.out_of_reach(folder)
    for path in (one for one in portfolio.data_files(folder) if one not in away):
        name = portfolio.file_name(path, folder)
        for sheet, text in readers.propose(path, name=name, manner=manner):
            found.append((_target(folder, name, sheet), text))
    return found


def waiting(folder: Path, law: Law) -> list[tuple[Path, readers.Waiting]]:
    """Each sheet of a folder that waits for a person, with where its layout is kept once they have said it.

    Sheets that hold no data are for another purpose and wait for nobody.
    """
    manner = _manner(law, folder)
    found: list[tuple[Path, readers.Waiting]] = []
    for path in portfolio.data_files(folder):
        name = portfolio.file_name(path, folder)
        data = {one.sheet for one in readers.read_file(path, name=name, manner=manner).unread if one.has_data}
        for sheet, one in readers.waiting(path, name=name, manner=manner) if data else []:
            if sheet in data:
                found.append((_target(folder, name, sheet), one))
    return found


def _target(folder: Path, name: str, sheet: str | None) -> Path:
    """Where the layout of a sheet is kept."""
    stem = re.sub(r"\W+", "_", f"{Path(name).with_suffix('')} {sheet or ''}").strip("_").lower()
    return folder / mapping.FOLDER / f"{stem or 'sheet'}.toml"


def _manner(law: Law, *folders: Path) -> readers.Manner:
    """How files are read: as the first of the folders says that has a client.toml."""
    folder = next((one for one in folders if (one / "client.toml").is_file()), None)
    return portfolio.manner_of(client.load(folder) if folder else None, law)


def of_reading(reading: Reading) -> dict[str, Any]:
    """Everything worth knowing of one sheet, in plain values."""
    dates = reading.entries["entry_date"].dropna()
    headers = reading.report.headers
    columns = {name: headers[at] for name, at in reading.report.positions.items()}
    columns |= {f"{part.name} duty": headers[at] for part, _, at in reading.report.parts}
    return {
        "file": reading.file,
        "sheet": reading.sheet,
        "report": reading.profile.title,
        "profile": reading.profile.key,
        "header_row": reading.report.header_row,
        "first_day": f"{dates.min():%Y-%m-%d}" if len(dates) else None,
        "last_day": f"{dates.max():%Y-%m-%d}" if len(dates) else None,
        "extracted_on": reading.extracted_on.isoformat() if reading.extracted_on else None,
        "rows": reading.rows,
        "rows_used": reading.rows_used,
        "rows_refused": reading.rows_refused,
        "rows_repeated": reading.rows_repeated,
        "rows_blank": reading.rows_blank,
        "entries": len(reading.entries),
        "filers": sorted(reading.entries["filer_code"].dropna().unique()),
        "columns_found": columns,
        "money": money_of(reading.money),
        "columns_matched": {m.header: m.known_as for m in reading.report.matched},
        "columns_mapped": {h: name for name, headers in reading.profile.mapped for h in headers},
        "columns_unknown": list(reading.report.unknown),
        "add_in_ace": list(reading.report.missing),
        "problems": problems(reading.problems),
    }


def of_unread(one: Unread) -> dict[str, Any]:
    """A sheet or file that was not read, in plain values."""
    return {
        "file": one.file,
        "sheet": one.sheet,
        "report": None,
        "error": one.why,
        "rows": one.rows,
        "entries": one.entries,
        "filers": list(one.filers),
        "money": money_of(one.money),
    }


def money_of(listed: pd.DataFrame) -> list[dict[str, Any]]:
    """The account of a sheet's dollars, column by column, amounts in dollars."""
    amounts = [name for name in listed.columns if name.endswith("_cents")]
    return [
        {
            "column": one["column"],
            "taken_as": one["taken_as"] if isinstance(one["taken_as"], str) else None,
            "cells": int(one["cells"]),
            "cells_unread": int(one["cells_unread"]),
            **{name.removesuffix("_cents"): str(money.to_dollars(one[name])) for name in amounts},
        }
        for one in listed.to_dict("records")
    ]


def problems(listed: pd.DataFrame) -> list[dict[str, Any]]:
    """Problems by kind, with how many and a few examples."""
    kinds = []
    for (code, severity), group in listed.groupby(["code", "severity"], sort=True):
        examples = group.head(EXAMPLES)
        kinds.append(
            {
                "code": code,
                "severity": severity,
                "count": int(file_problems.times(group).sum()),
                "what_to_do": group["what_to_do"].iloc[0],
                "examples": [_example(row) for row in examples.to_dict("records")],
            }
        )
    return kinds


def _example(row: dict[Any, Any]) -> str:
    place = f"row {row['row']}" if pd.notna(row["row"]) else ""
    column = f"column {row['column']}" if isinstance(row["column"], str) else ""
    value = f"'{row['value']}'" if isinstance(row["value"], str) else ""
    where = ", ".join(filter(None, (place, column, value)))
    return f"{where}: {row['message']}" if where else str(row["message"])


def as_text(report: dict[str, Any]) -> str:
    """The account of one sheet as lines for a terminal."""
    sheet = f" [{report['sheet']}]" if report["sheet"] else ""
    period = f"{report['first_day']} to {report['last_day']}" if report["first_day"] else "no entry dates"
    lines = [
        f"{report['file']}{sheet}",
        f"  report    {report['report']} ({report['profile']}), "
        + (f"header on row {report['header_row']}" if report["header_row"] else "read by its captions"),
        f"  period    {period}" + (f", extracted {report['extracted_on']}" if report["extracted_on"] else ""),
        f"  rows      {report['rows']:,} = {report['rows_used']:,} used + {report['rows_refused']:,} refused"
        + (f" + {report['rows_repeated']:,} repeated" if report["rows_repeated"] else "")
        + f" + {report['rows_blank']:,} without data",
        f"  entries   {report['entries']:,}"
        + (f", filers {', '.join(report['filers'])}" if report["filers"] else ""),
        f"  columns   {len(report['columns_found'])} read: "
        + ", ".join(map(in_short, report["columns_found"].values())),
    ]
    if report["columns_matched"]:
        each = [f"{in_short(header)} as {known}" for header, known in report["columns_matched"].items()]
        lines.append("  taken as  " + ", ".join(each))
    if report["columns_mapped"]:
        each = [f"{in_short(header)} as {name}" for header, name in report["columns_mapped"].items()]
        lines.append("  mapped    " + ", ".join(each) + ", by a person")
    lines += _dollars(report["money"])
    if report["columns_unknown"]:
        lines.append("  unknown   " + ", ".join(map(in_short, report["columns_unknown"])))
    if report["add_in_ace"]:
        lines.append("  add (ACE) " + ", ".join(report["add_in_ace"]))
    return "\n".join([*lines, *problems_as_text(report["problems"])])


#: The parts of a sum as a person calls them; those of `_ALWAYS` are told even where they are nothing.
_PARTS = {
    "used": "used",
    "refused": "refused",
    "repeated": "repeated",
    "not_understood": "not understood",
    "not_needed": "not needed",
    "passed_over": "on rows without data",
}
_ALWAYS = ("used", "refused", "not_understood")


def _dollars(columns: list[dict[str, Any]]) -> list[str]:
    """One line for all dollars of a sheet, and one for each column: in = used + refused + the rest."""
    if not columns:
        return []
    every = {name: sum(Decimal(one[name]) for one in columns) for name in ("sum", *_PARTS)}
    lines = [f"  dollars   in {_sum(every)}"]
    lines += [f"              {one['column']} ({_taken(one)}): {_sum(one)}{_unread(one)}" for one in columns]
    return lines


def _sum(amounts: Mapping[str, Any]) -> str:
    told = [f"{_amount(amounts[n])} {label}" for n, label in _PARTS.items() if _tells(n, amounts)]
    return f"{_amount(amounts['sum'])} = " + " + ".join(told)


def _tells(name: str, amounts: Mapping[str, Any]) -> bool:
    return name in _ALWAYS or Decimal(amounts[name]) != 0


def _amount(dollars: Any) -> str:
    return money.show(money.to_cents(Decimal(dollars)))


def _taken(column: Mapping[str, Any]) -> str:
    return (column["taken_as"] or "not understood").removesuffix("_cents").replace("_", " ")


def _unread(column: Mapping[str, Any]) -> str:
    many = column["cells_unread"]
    return f"; {many:,} cell{'' if many == 1 else 's'} not understood" if many else ""


def unread_as_text(report: dict[str, Any]) -> str:
    """A file or sheet that was not read as lines for a terminal."""
    sheet = f" [{report['sheet']}]" if report["sheet"] else ""
    lines = [f"{report['file']}{sheet}", "  report    NOT READ"]
    if report["rows"] is not None:
        lines.append(f"  rows      {report['rows']:,}, none used")
    if report["entries"] is not None:
        filers = f", filers {', '.join(report['filers'])}" if report["filers"] else ""
        lines.append(f"  entries   {report['entries']:,} not read{filers}")
    return "\n".join([*lines, *_dollars(report["money"])])


def problems_as_text(kinds: list[dict[str, Any]]) -> list[str]:
    """Problems by kind as indented lines."""
    lines = []
    for kind in kinds:
        lines.append(f"  {kind['severity']:<9} {kind['code']} ×{kind['count']:,}; {kind['what_to_do']}")
        lines += [f"              {example}" for example in kind["examples"]]
    return lines
