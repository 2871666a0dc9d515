"""What must hold after any change, read off the answer beside the truth: no money and no day goes unseen."""

from dataclasses import dataclass
from datetime import date
from functools import cached_property

import pandas as pd

from cape_kit.entries.readers import file_problems
from tests.perturbation import words

#: Answers that close an entry: nothing comes back any more, or all is done.
CLOSED = ("not_refundable", "claimed")
FILES_IT = ("file", "file_deferred")
LAST_DAYS = ("cape_last_day", "protest_last_day")


@dataclass(frozen=True)
class Failure:
    """One thing that went wrong: of which entry, on which day, what was right and what came out."""

    check: str
    entry: str
    day: str
    right: str
    came: str

    def __str__(self):
        where = f"{self.check:18} {self.entry or '(file)':12} {self.day or '(any day)':10}"
        return f"{where}  right: {self.right}  came out: {self.came}"


@dataclass(frozen=True)
class Seen:
    """What the kit said of the changed folder, beside what it says of the same folder unchanged."""

    tables: list
    portfolio: object
    #: What is said of the unchanged folder too: (code, entries) of caveats by day, (code, rows) of problems.
    usual_caveats: dict
    usual_problems: frozenset


def of_files(seen):
    """Every row of every file is accounted for, or the file is named in an error."""
    files, errors = seen.portfolio.files, _errors(seen.portfolio)
    listed = files.groupby("file")[["rows", "rows_used", "rows_refused", "rows_repeated", "rows_blank"]].sum()
    not_read = set(files.loc[files["profile"].isna(), "file"])
    for table in seen.tables:
        held = len(table.rows)
        if table.name not in listed.index:
            if table.name not in set(errors["file"]):
                yield Failure("file lost", "", "", f"{table.name}: {held} rows read, or an error", "nothing")
            continue
        rows, *parts = (int(one) for one in listed.loc[table.name])
        # of a file nobody read, where its header is and so how many rows it has is a guess
        guessed = 3 if table.name in not_read else 0
        if abs(rows - held) > guessed or rows != sum(parts):
            used, refused, repeated, blank = parts
            came = f"{rows} rows: {used} used, {refused} refused, {repeated} repeated, {blank} blank"
            yield Failure("rows lost", "", "", f"{table.name}: {held} rows divided without rest", came)


def of_entries(seen, assessment, day, truth):
    """Every entry of the truth against the entry in the answer."""
    answers = assessment.figures.set_index("entry_number")
    said = _Said(seen, assessment, day)
    for number, right in truth.items():
        if number not in answers.index:
            yield from _vanished(seen, number, day, right)
            continue
        row = answers.loc[number]
        yield from (
            Failure(check, number, day, want, came)
            for check, want, came in (
                *_closed(row, right, said),
                *_filed(row, right, said),
                *_days(row, right, said),
                *_money(row, right, said, seen),
            )
        )
    for number in answers.index.difference(pd.Index(list(truth))):
        came = f"an entry {number}, {answers.loc[number, 'disposition']}"
        yield Failure("entry invented", number, day, "no such entry", came)


def _vanished(seen, number, day, right):
    """An entry that is no longer there: all its rows stand in the problem list, or its file is not read."""
    errors = _errors(seen.portfolio)
    whole = set(errors.loc[errors["row"].isna(), "file"])
    by_row = set(zip(errors["file"], errors["row"], strict=True))
    several = errors[errors["rows"].notna()]
    spans = list(zip(several["file"], several["rows"], strict=True))
    for table in seen.tables:
        unsaid = [
            line
            for line in table.lines_of(number)
            if (table.name, line) not in by_row
            and not any(name == table.name and file_problems.on_row(rows, line) for name, rows in spans)
        ]
        if unsaid and table.name not in whole:
            yield Failure(
                "entry vanished", number, day,
                f"{right.disposition}, {dollars(right.principal_cents)}, or an error for each row",
                f"no entry, and no error for row {unsaid[0]} of {table.name}",
            )  # fmt: skip
            return


def _closed(row, right, said):
    """No entry is called without IEEPA duty or claimed unless it is, nor too late without a word."""
    if row["disposition"] == right.disposition:
        return
    if row["disposition"] in CLOSED or (row["disposition"] == "final" and not said.anything_new()):
        want = f"{right.disposition} (or undetermined), {dollars(right.principal_cents)}"
        yield f"became {row['disposition']}", want, said.reason(row)


def _filed(row, right, said):
    """What may not be filed is filed only with a loud word that something was not seen."""
    if row["disposition"] in FILES_IT and right.disposition not in FILES_IT and not said.anything_new():
        yield (
            "filed unseen",
            f"{right.disposition}, undetermined or a caveat",
            f"{row['disposition']} without a word",
        )


def _days(row, right, said):
    """A last day stays, or the entry is undetermined, or the files' disagreement is shown."""
    if row["disposition"] == "undetermined" or right.disposition in CLOSED:
        return
    for name in LAST_DAYS:
        was, now = getattr(right, name), _day(row[name])
        if was is None or (now is not None and now <= was) or said.about(row.name, "liquidation"):
            continue
        came = f"{now or 'none'}, {said.reason(row)}"
        if now is None:
            yield f"{name} lost", str(was), came
        else:
            yield f"{name} later", str(was), came


def _money(row, right, said, seen):
    """Principal never grows, is never 0.00 for an unread amount, never shrinks without a word."""
    now = row["principal_cents"]
    if pd.isna(now) or now == right.principal_cents:
        return
    want, came = dollars(right.principal_cents), f"{dollars(int(now))}, {said.reason(row)}"
    if now > right.principal_cents:
        # Without the ordinary rate an all-in row is an upper bound, so long as the answer says so.
        if row["confidence"] != "upper bound" or now > _ieepa_rows(seen, row.name):
            yield "principal grew", want, came
    elif now == 0:
        yield "principal zeroed", f"{want} or unknown", came
    elif row["disposition"] != "undetermined" and not said.about(row.name, ""):
        yield "principal shrank", f"{want}, or a word why", came


def _ieepa_rows(seen, number):
    """What stands on the IEEPA rows of an entry, at most: the highest sum of any file. [cents]"""
    sums = [0]
    for table in seen.tables:
        duty = [p for p, name in enumerate(table.header) if "duty" in str(name).lower()]
        of_entry = [row for row in table.rows if row.entry == number]
        rows = [row for row in of_entry if any(words.emergency(cell) for cell in row.cells)]
        sums += [sum(int((words.amount(row.cells[place]) or 0) * 100) for row in rows) for place in duty]
    return max(sums)


class _Said:
    """Whether the answer says of an entry that something is missing, unread or disputed."""

    def __init__(self, seen, assessment, day):
        self.assessment, self.seen, self.day = assessment, seen, day
        problems = seen.portfolio.problems
        self.loud = problems[problems["severity"].isin(["error", "warning"])]
        self.conflicts = assessment.conflicts

    @cached_property
    def sentences(self):
        """Written only where something is wrong: they take longer than all the rest."""
        return self.assessment.decisions.set_index("entry_number")

    def reason(self, row):
        """What the kit answers of an entry, with its words."""
        return f"{row['disposition']}: {self.sentences.loc[row.name, 'reason']}"

    def anything_new(self):
        """A caveat the unchanged files do not have, or trouble in the files."""
        caveats = self.assessment.caveats
        now = set(zip(caveats["code"], caveats["entries"], strict=True))
        return bool(now - self.seen.usual_caveats[self.day]) or bool(
            problem_counts(self.loud) - self.seen.usual_problems
        )

    def about(self, number, word):
        """A conflict, a loud problem on its rows or files, or a missing fact, whose words hold `word`."""
        conflicts = self.conflicts[self.conflicts["entry_number"] == number]
        told = [*conflicts["column"], *conflicts["why"], self.sentences.loc[number, "facts_missing"]]
        rows = {(table.name, line) for table in self.seen.tables for line in table.lines_of(number)}
        files = {file for file, _ in rows}
        for one in self.loud.itertuples():
            if (pd.isna(one.row) and one.file in files) or (one.file, one.row) in rows:
                told += [one.column, one.message]
        return any(word in str(text).lower() for text in told if not pd.isna(text))


def of_money(seen):
    """The sums of every column that holds money, against an independent count; once the kit keeps them."""
    money = getattr(seen.portfolio, "money", None)
    if money is None:
        return
    for table in seen.tables:
        for one in money[money["file"] == table.name].to_dict("records"):
            if one["column"] not in table.header:
                yield Failure("money column", "", "", f"a column of {table.name}", str(one["column"]))
                continue
            yield from _recount(table, one)


def _recount(table, one):
    place = table.place(one["column"])
    cells = [row.cells[place] for row in table.rows]
    readable = [words.amount(cell) for cell in cells]
    if any(cell not in {None, ""} and value is None for cell, value in zip(cells, readable, strict=True)):
        return  # what the kit makes of other forms is told by the entries
    want = sum(int(value * 100) for value in readable if value is not None)
    parts = (
        *("used_cents", "refused_cents", "repeated_cents", "not_understood_cents", "not_needed_cents"),
        "passed_over_cents",
    )
    where = f"{table.name}, {one['column']}"
    divided = sum(int(one[part]) for part in parts if not pd.isna(one[part]))
    if int(one["sum_cents"]) != want:
        yield Failure("money sum", "", "", f"{where}: {dollars(want)}", dollars(int(one["sum_cents"])))
    if divided != want:
        yield Failure("money divided", "", "", f"{where}: parts of {dollars(want)}", dollars(divided))


def problem_counts(problems):
    """(code, rows) of the errors and warnings."""
    loud = problems[problems["severity"].isin(["error", "warning"])]
    return frozenset(loud.groupby("code").size().items())


def _errors(portfolio):
    return portfolio.problems[portfolio.problems["severity"] == "error"]


def _day(value) -> date | None:
    return None if pd.isna(value) else pd.Timestamp(value).date()


def dollars(cents):
    return f"{cents / 100:,.2f}"
