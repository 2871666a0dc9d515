"""What the files say and do not say: files, problems, disagreements, unverified checks, facts by hand."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pandas as pd

from cape_kit.entries import identifiers, schema
from cape_kit.entries.readers import file_problems
from cape_kit.views import words
from cape_kit.views.tables.table import Field, Table, duty, first, sheet, told_apart

if TYPE_CHECKING:
    from cape_kit.assessment.assess import Assessment

#: The workbook's sheet of what the figures rest on.
BASIS = "Sources & assumptions"
SEVERITIES = ("error", "warning", "note")
_ISO_DAY = re.compile(r"\d{4}-\d{2}-\d{2}")
#: Where in a file a value stood.
_ROW = re.compile(r",? row \d+$")
_YES_NO = {"Y": "yes", "N": "no", "True": "yes", "False": "no", "true": "yes", "false": "no"}
_SHOWN = {
    "error": "Error: row not used",
    "warning": "Warning: used with reservation",
    "note": "Note: corrected or for information",
}


def files(assessment: Assessment, *, rows: int | None = None) -> Table:
    """The files the portfolio was read from, what each was recognised as, and how many rows were used."""
    frame = _with_dollars(assessment.portfolio.files, assessment.portfolio.money)
    last = "to " + frame["last_day"].map(words.day)
    title = frame["title"].where(frame["sheet"].isna(), frame["title"] + ", sheet “" + frame["sheet"] + "”")
    title = title.where(frame["profile"].isna(), frame["title"])
    title = title + ("; " + frame["columns_matched"]).fillna("")
    frame = frame.assign(until=last.where(frame["last_day"].notna(), ""), title=title)
    told = Table(
        frame.reset_index(drop=True),
        (
            Field("file", "File", under="title"),
            Field("rows_used", "Rows used", "count"),
            Field("rows_refused", "Not used", "count"),
            Field("entries", "Entries", "count"),
            Field("dollars_used", "Dollars used", "dollars"),
            Field("dollars_unused", "Not used or not understood", "dollars"),
            Field("first_day", "Entered", "day", under="until"),
            Field("extracted_on", "Extracted", "day"),
        ),
        caption="Files read",
        as_of=assessment.filing_date,
        note="Files are recognized by content, not by name. Dollars are the sums of every money column, "
        "including goods values; total rows are left out.",
        empty="No file of the client was recognized as a report.",
    )
    return first(told, rows, sheet(BASIS))


def money_columns(assessment: Assessment) -> Table:
    """Every column of the files that holds money: its sum, and how it divides."""
    frame = assessment.portfolio.money
    place = frame["file"] + (" [" + frame["sheet"] + "]").fillna("")
    taken = frame["taken_as"].str.removesuffix("_cents").str.replace("_", " ")
    frame = frame.assign(place=place, taken=taken.fillna("not understood").map(words.sentence))
    return Table(
        frame.reset_index(drop=True),
        (
            Field("column", "Column", under="place"),
            Field("taken", "Read as"),
            Field("sum_cents", "Sum", "dollars"),
            Field("used_cents", "Used", "dollars"),
            Field("refused_cents", "On refused rows", "dollars"),
            Field("repeated_cents", "On repeated rows", "dollars"),
            Field("not_understood_cents", "Not understood", "dollars"),
            Field("not_needed_cents", "Not needed", "dollars"),
            Field("passed_over_cents", "On total rows", "dollars"),
            Field("cells_unread", "Cells not understood", "count"),
        ),
        caption="Where the dollars of the files went",
        as_of=assessment.filing_date,
        note="The sum of each column is taken from the file’s own text; the other figures add up to it.",
        empty="No column of the files holds money.",
    )


def _with_dollars(files: pd.DataFrame, money: pd.DataFrame) -> pd.DataFrame:
    """The files with the dollars used and not used of each, all columns of money together."""
    apart = money["refused_cents"] + money["not_understood_cents"] + money["repeated_cents"]
    sums = money.assign(dollars_used=money["used_cents"], dollars_unused=apart)
    keys = ["file", "sheet"]
    sums = sums.groupby(keys, dropna=False)[["dollars_used", "dollars_unused"]].sum().reset_index()
    return files.merge(sums, on=keys, how="left")


def problems(assessment: Assessment, *, rows: int = 30) -> Table:
    """Trouble in the files, one row per kind with how often and a first example."""
    frame = assessment.problems
    keys = ["severity", "code", "what_to_do"]
    frame = frame.assign(**{key: frame[key].fillna("") for key in keys})
    earliest = frame.drop_duplicates(keys).set_index(keys)
    frame = frame.assign(times=file_problems.times(frame))
    grouped = schema.gathered(frame.groupby(keys, sort=False), times=("times", "sum"))
    grouped["example"] = earliest["message"].fillna("").str.cat(_place(earliest), sep=" ").str.strip()
    grouped["files"] = frame.groupby(keys, sort=False)["file"].nunique()
    order = pd.Categorical(
        grouped.index.get_level_values("severity"), categories=list(SEVERITIES), ordered=True
    )
    grouped = grouped.assign(_order=order.codes).sort_values(
        ["_order", "times"], ascending=[True, False], kind="stable"
    )
    shown = grouped.reset_index().head(rows)
    shown["severity"] = shown["severity"].map(_SHOWN).fillna(shown["severity"])
    for name in ("example", "what_to_do"):
        shown[name] = shown[name].map(words.sentence)
    return Table(
        shown,
        (
            Field("severity", "Kind"),
            Field("times", "Count", "count"),
            Field("example", "Example"),
            Field("what_to_do", "What to do"),
        ),
        caption="Problems in the files",
        as_of=assessment.filing_date,
        empty="No problem was found in any row of any file.",
        left_out=max(0, len(grouped) - rows),
        whole=sheet("Problems"),
    )


def conflicts(assessment: Assessment, *, rows: int = 12) -> Table:
    """Where two files disagree about entries, one row per kind: which is taken, and by which stated order."""
    frame = masked_sides(assessment.conflicts)
    kinds = frame.assign(
        about=frame["column"].str.replace("_", " ").map(words.sentence),
        example=frame["entry_number"]
        + ": "
        + frame["taken"].map(spelt_day)
        + ", not "
        + frame["other"].map(spelt_day),
        used=frame["taken_from"].str.replace(_ROW, "", regex=True),
        unused="not " + frame["other_from"].str.replace(_ROW, "", regex=True),
        why=frame["why"].map(words.sentence),
    )
    keys = ["about", "used", "unused", "why"]
    by = kinds.groupby(keys, sort=False, dropna=False)
    grouped = schema.gathered(by, times=("example", "size"), example=("example", "first")).reset_index()
    grouped = grouped.sort_values("times", ascending=False, kind="stable", ignore_index=True)
    return Table(
        grouped.head(rows),
        (
            Field("about", "About"),
            Field("times", "Count", "count"),
            Field("example", "Example"),
            Field("used", "Taken from", under="unused"),
            Field("why", "Why"),
        ),
        caption="Where the files disagree" + (f": {words.count(len(frame), 'value')}" if len(frame) else ""),
        as_of=assessment.filing_date,
        empty="No two files disagree about an entry.",
        left_out=max(0, len(grouped) - rows),
        whole=sheet("Conflicts"),
    )


def masked_sides(conflicts: pd.DataFrame) -> pd.DataFrame:
    """Conflicts with importer numbers that are a person's masked on both sides."""
    personal = conflicts["column"].eq("importer_number")
    return conflicts.assign(
        **{
            side: conflicts[side].where(~personal, conflicts[side].map(_masked, na_action="ignore"))
            for side in ("taken", "other")
        }
    )


def checks(assessment: Assessment, *, rows: int | None = None) -> Table:
    """What could not be verified: for how many entries and dollars, and which report settles it. [cents]"""
    frame = assessment.caveats.sort_values("principal_cents", ascending=False, kind="stable")
    frame = told_apart(frame.assign(settles=frame["settles"].map(words.sentence)))
    told = Table(
        frame.reset_index(drop=True),
        (
            Field("title", "Not verified"),
            Field("entries", "Entries", "count"),
            duty(frame, "IEEPA duty affected"),
            Field("settles", "What would resolve it"),
        ),
        caption="Points these figures depend on that are not verified",
        as_of=assessment.filing_date,
        note="The same dollars can appear in several rows.",
        empty="Every check that matters today could be made from the files."
        if len(assessment.table)
        else "There is no entry to check.",
    )
    return first(told, rows, sheet(BASIS))


def settled_by_hand(assessment: Assessment) -> Table:
    """Facts the exports do not hold, stated for the whole client or entered for single entries."""
    client = assessment.client
    who = client.asserted_by or "not named"
    stated = pd.DataFrame(
        {
            "what": [_fact(name) for name, value in sorted(client.assertions.items()) if value],
            "scope": "whole client",
            "by": who,
            "day": pd.Timestamp(client.asserted_on) if client.asserted_on else pd.NaT,
        }
    )
    named, value = client.facts["fact"], client.facts["value"]
    shown = value.map(file_problems.shown, na_action="ignore")
    shown = shown.mask(named.isin(file_problems.PARTIES), value.map(_masked, na_action="ignore"))
    facts = client.facts.assign(what=named.map(_fact) + ": " + shown.map(_YES_NO).fillna(shown))
    counts = facts.groupby("what").size().reset_index(name="entries")
    scope = counts["entries"].map(words.entries)
    entered = counts[["what"]].assign(scope=scope, by="facts.csv", day=pd.Series(pd.NaT, index=counts.index))
    parts = [part for part in (stated, entered) if len(part)]
    frame = pd.concat(parts, ignore_index=True) if parts else stated
    return Table(
        frame,
        (
            Field("what", "Taken as a fact"),
            Field("scope", "For"),
            Field("by", "Stated by"),
            Field("day", "On", "day"),
        ),
        caption="Facts stated by hand",
        as_of=assessment.filing_date,
        note="These are statements, not CBP records; they are taken as given.",
        empty="None: every fact used is from the files.",
    )


def _fact(name: str) -> str:
    """A fact's name as words."""
    return words.sentence(name.replace("_", " ").removesuffix(" flag").replace("ieepa", "IEEPA"))


def spelt_day(value: object) -> str:
    """A value of the files as people write it: a day spelt out, anything else as it stands."""
    text = "" if pd.isna(value) else str(value)  # type: ignore[call-overload]
    return words.day(pd.Timestamp(text)) if _ISO_DAY.fullmatch(text) else text


def _place(first: pd.DataFrame) -> pd.Series:
    row = first["row"].map("{:,}".format, na_action="ignore")
    where = first["file"].fillna("") + (", row " + row.astype("str")).fillna("")
    return ("(" + where + ")").where(where.ne(""), "")


def _masked(number: str) -> str:
    return identifiers.mask_importer(number)
