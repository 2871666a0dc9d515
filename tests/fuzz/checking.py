"""A case run on the kit, and what is a fault: anything but an answer that adds up, or one sentence.

Faults: an exception that is no CapeError, a traceback, a word on the terminal nobody asked for, a sentence of many
lines, and rows, entries or dollars that are in no account.
"""

import contextlib
import csv
import io
import os
import re
import tempfile
import traceback
from pathlib import Path

import cape_kit
from cape_kit import cli
from cape_kit.assessment import scenarios
from cape_kit.entries import client as clients
from cape_kit.entries import file_report, readers
from cape_kit.errors import CapeError
from cape_kit.filing import ledger, monitoring
from cape_kit.law import book
from tests.fuzz import direct
from tests.fuzz.cases import LAW, Case

DAY = "2026-05-05"
_PARTS = ("used", "refused", "repeated", "not_understood", "not_needed", "passed_over")
_ODD = re.compile(
    r"Traceback|at 0x[0-9a-f]{8}|PanicException|object at|INTERNAL|\bnan\b.*\bnan\b", re.IGNORECASE
)
#: Problems of a part of a file that was not read.
_TOLD_UNREAD = ("R14", "R45")
#: Longer than any sentence: something was quoted whole.
_LONGEST = 3000


def run(case: Case):
    """The faults of a case, one line each."""
    return run_files(case, case.files())


def run_files(case: Case, files):
    """The faults of these files."""
    with tempfile.TemporaryDirectory(prefix="fuzzed-") as made:
        folder = Path(made) / "client"
        for name, data in files.items():
            path = Path(made) / name if name.startswith(LAW) else folder / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(data)
        try:
            return [fault[:1500] for fault in _RUNS[case.target](case, folder)]
        except CapeError as refused:
            return list(sentence(str(refused)))
        except Exception as crash:
            where = traceback.extract_tb(crash.__traceback__)
            mine = next((one for one in reversed(where) if "cape_kit" in one.filename), where[-1])
            place = f"{Path(mine.filename).name}:{mine.lineno} {mine.name}"
            return [f"crash: {type(crash).__name__} at {place}: {' '.join(str(crash).split())[:300]}"]


def sentence(said):
    """What is wrong with what a person is told."""
    if not said.strip():
        yield "words: nothing is said"
    if "\n" in said.strip() or "\r" in said.strip():
        yield f"words: more than a line: {said[:200]!r}"
    if readers.FAILED in said:
        yield f"crash: {said}"
    if len(said) > _LONGEST:
        yield f"words: {len(said):,} characters: {said[:200]!r}"
    if _ODD.search(said):
        yield f"words: not for people: {said[:300]!r}"


def _reader(case, folder):
    (path,) = (one for one in folder.rglob("*") if one.is_file())
    found = readers.read_file(path, name=path.name)
    yield from of_file(found)
    yield from _rows_of_text(path, found)
    for reading in found.readings:
        file_report.as_text(file_report.of_reading(reading))
    for one in found.unread:
        file_report.unread_as_text(file_report.of_unread(one))


def of_file(found):
    """One file: it stands somewhere, and its rows and dollars add up."""
    if not (found.readings or found.own or len(found.problems) or found.unread):
        yield f"lost: {found.file} gave nothing, and nothing is said of it"
    for reading in found.readings:
        parts = reading.rows_used + reading.rows_refused + reading.rows_repeated + reading.rows_blank
        if reading.rows != parts:
            yield f"rows: {reading.name}: {reading.rows} read, {parts} accounted for"
        yield from of_money(reading.money)
        yield from of_problems(reading.problems)
        if reading.lines is not None and reading.lines.num_rows < (
            reading.rows_used if reading.profile.grain == "tariff_line" else 0
        ):
            yield f"rows: {reading.name}: {reading.lines.num_rows} lines of {reading.rows_used} rows"
    yield from of_problems(found.problems)
    for one in found.unread:
        yield from of_money(one.money)


def of_money(money):
    """Every column's sum is the sum of its parts."""
    for line in money.to_dict("records"):
        parts = sum(int(line[f"{part}_cents"]) for part in _PARTS)
        if int(line["sum_cents"]) != parts:
            yield f"dollars: column {line['column'][:60]!r} holds {line['sum_cents']}, accounted for {parts}"


def of_problems(problems):
    """Every problem is one sentence; that an account does not add up is the kit's own fault."""
    for row in problems.to_dict("records"):
        yield from sentence(str(row["message"]))
        if row["code"] == "R46":
            yield f"dollars: {row['message']}"


def _rows_of_text(path, found):
    """Rows counted by another reader: none of a text's filled rows is missing, where no part of it is told unread."""
    if len(found.readings) != 1 or len(found.unread) or path.suffix != ".csv" or found.readings[0].sheet:
        return
    reading = found.readings[0]
    try:
        text = path.read_bytes().decode("utf-8-sig")
        if "\0" in text:  # of another encoding
            return
        separator = getattr(reading, "separator", None) or _separator(text, reading.report)
        records = list(csv.reader(io.StringIO(text, newline=""), delimiter=separator, strict=True))
    except (UnicodeDecodeError, csv.Error):
        return
    below = records[reading.report.header_row : _next_table(reading)]
    filled = sum(any(cell.strip() for cell in row) for row in below)
    if filled > reading.rows:
        yield f"rows: {filled} filled rows in the text, {reading.rows} read"
    if reading.rows > len(below):
        yield f"rows: {len(below)} rows in the text, {reading.rows} read"


def _next_table(reading):
    """How many rows stand above the first table below this one that is told as not read; None where there is none."""
    told = reading.problems.loc[reading.problems["code"].isin(_TOLD_UNREAD), "sheet"].dropna()
    starts = [int(found[1]) for sheet in told if (found := re.search(r"from row (\d+)$", sheet))]
    return min((row - 1 for row in starts if row > reading.report.header_row), default=None)


def _separator(text, found):
    counts = {sign: text.split("\n")[0].count(sign) for sign in ",;\t|"}
    for sign in counts:
        records = list(csv.reader(io.StringIO(text, newline=""), delimiter=sign))
        if found.header_row <= len(records) and len(records[found.header_row - 1]) == len(found.headers):
            return sign
    return ","


def _folder(case, folder):
    portfolio = cape_kit.open(folder)
    yield from of_portfolio(portfolio, folder)
    assessment = cape_kit.assess(portfolio, as_of=DAY)
    if sorted(assessment.table["entry_number"]) != sorted(portfolio.entries["entry_number"]):
        yield "lost: entries of the portfolio are not in the assessment"
    if assessment.table["disposition"].isna().any():
        yield "lost: an entry without a disposition"
    told = monitoring.reconcile(assessment)
    reported = int(told.totals["reported_total_cents"].sum())
    lines = int(told.lines[["principal_cents", "interest_cents", "unsplit_cents"]].sum().sum())
    if reported != lines:
        yield f"dollars: refunds of {lines} in lines, {reported} in totals"


def of_portfolio(portfolio, folder):
    """Every file stands somewhere, every row and dollar is in the account, every entry once."""
    files = portfolio.files
    read = files.dropna(subset=["rows"])
    parts = read[[f"rows_{kind}" for kind in ("used", "refused", "repeated", "blank")]].fillna(0).sum(axis=1)
    if not (read["rows"] == parts).all():
        yield "rows: the account of the files does not add up"
    yield from of_money(portfolio.money)
    yield from of_problems(portfolio.problems)
    told = {str(one) for one in [*files["file"], *portfolio.problems["file"].dropna()]}
    own = " ".join(portfolio.problems.loc[portfolio.problems["code"] == "R44", "message"])
    for path in folder.iterdir():
        known = path.name in clients.OWN or path.name in own
        if not known and not any(one == path.name or one.startswith(path.name + "/") for one in told):
            yield f"lost: {path.name} is in no account"
    if portfolio.entries["entry_number"].duplicated().any():
        yield "rows: an entry stands twice"
    strangers = set(portfolio.tariff_lines["entry_number"].to_pylist()) - set(
        portfolio.entries["entry_number"]
    )
    if strangers:
        yield f"lost: lines of {len(strangers)} entries that are none"


def _settings(case, folder):
    client = clients.load(folder)
    clients.logo(folder)
    yield from ()
    if (folder / clients.LEDGER).is_file():
        ledger.read(folder)
    if (folder / clients.SCENARIOS).is_file():
        found = scenarios.known(folder)
        if case.number % 8 == 0:
            yield from _scenarios(found)
    if (folder.parent / LAW).is_dir():
        book.load(None, folder.parent / LAW)
    if not client.facts.empty:
        assert client.facts["row"].notna().all()


def _scenarios(found):
    from tests.filing import world

    assessment = world.assessed(
        {}, {"liquidation_status": "Liquidated", "liquidation_date": world.date(2026, 4, 1)}
    )
    for name in [name for name in found if name in ("mine", "other")]:
        with contextlib.suppress(OverflowError):  # said in a sentence by the command
            scenarios.run(assessment, found[name])
    yield from ()


def _command(case, folder):
    places = {"CLIENT": str(folder), "OUT": str(folder.parent / "out"), "LAW": str(folder.parent / LAW)}
    words = [places.get(word, word) for word in case.command()]
    out, err = io.StringIO(), io.StringIO()
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
        try:
            cli.run(words)
        except SystemExit as stop:
            code = stop.code
    said = err.getvalue()
    if code not in (0, 1, 2):
        yield f"command: exit {code}"
    for line in said.splitlines():
        if "Unexpected" in line or _ODD.search(line):
            yield f"command: {' '.join(case.command())}: {line[:400]}"
    if code and not (said + out.getvalue()).strip():
        yield f"command: exit {code} without a word"
    if "Traceback" in out.getvalue():
        yield "command: a traceback in the output"


_RUNS = {
    "reader": _reader,
    "folder": _folder,
    "settings": _settings,
    "command": _command,
    "cells": direct.cells_of,
    "archive": direct.archives_of,
}


@contextlib.contextmanager
def listening():
    """What is written to the process's own stdout and stderr meanwhile, by C or Rust code too."""
    heard = []
    with tempfile.TemporaryFile() as file:
        kept = [os.dup(1), os.dup(2)]
        try:
            os.dup2(file.fileno(), 1)
            os.dup2(file.fileno(), 2)
            yield heard
        finally:
            os.dup2(kept[0], 1)
            os.dup2(kept[1], 2)
            os.close(kept[0])
            os.close(kept[1])
            file.seek(0)
            said = file.read(4000).decode("utf-8", "replace").strip()
            if said:
                heard.append(f"terminal: {' '.join(said.split())[:400]}")
