"""What to do and by when: steps, files to upload, days that end something, entries to look at first."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

from cape_kit.assessment.wording.reasons import PASSES
from cape_kit.assessment.wording.steps import NOTHING
from cape_kit.entries import kept, schema
from cape_kit.errors import InvalidDeclaration
from cape_kit.filing import declaration
from cape_kit.money import known_sum, plain, unknown_count
from cape_kit.views import words
from cape_kit.views.tables.money import IN_REACH, ON_CAPE, labels
from cape_kit.views.tables.table import Field, Table, duty, sheet, told_apart

if TYPE_CHECKING:
    from cape_kit.assessment.assess import Assessment

#: Kinds of deadline, as the weekly chart keeps them apart.
LANES = {
    "last day for CAPE": "cape",
    "last day for CAPE if the missing facts allow it": "cape",
    "last day for CAPE if liquidated as expected": "cape_expected",
    "last day to protest": "protest",
    "last day for CAPE if the date in the files is its liquidation": "cape",
    "last day to protest if the date in the files is its liquidation": "protest",
    "last day for CAPE if deemed liquidated a year after entry": "cape",
    "last day to protest if deemed liquidated a year after entry": "protest",
    "last day for a protective protest": "protest",
    "business day after the last day to protest, if CBP accepts it": "protest",
    "last day for a summons over the denied protest": "protest",
    "last day to protest if CAPE has not accepted it": "protest",
}

#: What the answer of a held entry says already.
_SAID = "Nothing to file today. "

#: Dispositions for which it helps to know what stands in the way.
BLOCKED = ("cure", "protest", "held", "undetermined")


#: What the steps are made from.
_READ = [
    "disposition",
    "what_to_do",
    "next_deadline",
    "entry_number",
    "principal_cents",
    "blocking_rules",
    "facts_missing",
]


#: What is looked at for what stands in the way of a step.
_STANDS = ["disposition", "what_to_do", "blocking_rules", "facts_missing"]


def actions(assessment: Assessment, *, rows: int | None = None) -> Table:
    """The steps: what to do, for how many entries and dollars, by when, and what is in the way. [cents]

    Of a longer list the `rows` that are worth most, in the same order. `now` stands where a missing fact leaves a
    deadline unknown: it may be near.
    """
    frame = _steps(assessment)
    steps = len(frame)
    if rows is not None and steps > rows:
        # What is not known may be the most.
        worth = frame["principal_cents"].sort_values(ascending=False, kind="stable", na_position="first")
        frame = frame.loc[sorted(worth.index[:rows])].reset_index(drop=True)
    frame = told_apart(frame)
    return Table(
        frame,
        (
            Field("disposition", "Disposition", "disposition"),
            Field("what_to_do", "Next step", under="in_the_way"),
            Field("entries", "Entries", "count"),
            duty(frame),
            Field("by", "First deadline", "day", instead="now"),
        ),
        caption="Next steps",
        as_of=assessment.filing_date,
        note="Text in quotation marks is the CAPE error message an upload today would return.",
        labels=labels(assessment),
        left_out=steps - len(frame),
        whole=sheet("Next steps"),
    )


@kept
def _steps(assessment: Assessment) -> pd.DataFrame:
    """All steps; see `actions`."""
    table = assessment.table[_READ]
    table = table[table["disposition"].ne("not_refundable") | table["what_to_do"].ne(NOTHING)]
    ahead = table["next_deadline"].ge(pd.Timestamp(assessment.filing_date)).fillna(False)
    table = table.assign(next_deadline=table["next_deadline"].where(ahead))
    keys = ["disposition", "what_to_do"]
    parts = table.assign(
        what_to_do=table["what_to_do"].fillna(""),
        now=table["disposition"].eq("undetermined") & table["next_deadline"].isna(),
    )
    frame = schema.gathered(
        parts.groupby(keys, sort=False),
        entries=("entry_number", "size"),
        principal_cents=("principal_cents", "known"),
        principal_unknown=("principal_cents", "unknown"),
        by=("next_deadline", "min"),
        now=("now", "any"),
    ).reset_index()
    frame = frame.assign(now=frame["now"].map({True: "now", False: ""}))
    rank = {key: place for place, key in enumerate(assessment.totals["disposition"])}
    frame = frame.assign(_rank=frame["disposition"].map(rank))
    frame = frame.sort_values(["_rank", "principal_cents"], ascending=[True, False], kind="stable")
    frame = frame.drop(columns="_rank").reset_index(drop=True)
    ways = _in_the_way(assessment, parts)
    told = [ways.get(key) for key in zip(frame["disposition"], frame["what_to_do"], strict=True)]
    frame["in_the_way"] = pd.Series(told, dtype="str")
    frame["what_to_do"] = frame["what_to_do"].str.removeprefix(_SAID)
    return frame


def deadlines(assessment: Assessment, *, days: int = 7) -> Table:
    """The next days on which something ends: entries and dollars grouped by day and by what ends. [cents]"""
    table = _ahead(assessment.figures, assessment)
    grouped = schema.gathered(
        table.groupby(["next_deadline", "next_deadline_what"]),
        entries=("entry_number", "size"),
        principal_cents=("principal_cents", "known"),
        principal_unknown=("principal_cents", "unknown"),
    ).reset_index()
    ahead = (grouped["next_deadline"] - pd.Timestamp(assessment.filing_date)).dt.days
    grouped["from_now"] = ahead.map(words.days_left)
    grouped["what"] = grouped["next_deadline_what"].map(words.sentence)
    chosen = grouped["next_deadline"].drop_duplicates().head(days)
    frame = told_apart(grouped[grouped["next_deadline"].isin(chosen)].reset_index(drop=True))
    return Table(
        frame,
        (
            Field("next_deadline", "Day", "day", under="from_now"),
            Field("what", "Deadline"),
            Field("entries", "Entries", "count"),
            duty(frame),
        ),
        caption="Upcoming deadlines",
        as_of=assessment.filing_date,
        note=f"Counted from {words.day(assessment.filing_date)}.",
        empty="No entry has a deadline ahead.",
        left_out=len(grouped) - len(frame),
        whole="the calendar, deadlines.ics",
    )


def weeks(assessment: Assessment, *, weeks: int = 40) -> Table:
    """Dollars whose window closes in each of the coming weeks, by the window they lose. [cents]

    Week 0 starts on the day of the assessment. What closes after the last week is in the note.
    """
    table = _ahead(assessment.figures, assessment)
    week = (table["next_deadline"] - pd.Timestamp(assessment.filing_date)).dt.days // 7
    lane = table["next_deadline_what"].map(LANES)
    # A bar is of the dollars known; the note says of how many entries they are not.
    sums = table["principal_cents"].dropna().groupby([week, lane]).sum().unstack(fill_value=0)
    last = int(min(weeks, week.max() + 1)) if len(table) else 0
    frame = sums.reindex(index=range(last), columns=list(dict.fromkeys(LANES.values())), fill_value=0)
    starts = pd.Timestamp(assessment.filing_date) + pd.to_timedelta(
        pd.Series(range(last), dtype="int64") * 7, unit="D"
    )
    frame = (
        frame.astype("int64").reset_index(drop=True).assign(starts=starts, ends=starts + pd.Timedelta(days=6))
    )
    later = plain(known_sum(table.loc[week >= last, "principal_cents"]))
    told = [
        f"A further {words.dollars(later)} has later deadlines." if later else "",
        _without_amount(table),
    ]
    return Table(
        frame,
        (
            Field("starts", "Week from", "day"),
            Field("cape", "CAPE window closes", "dollars"),
            Field("cape_expected", "CAPE window closes, if liquidated as expected", "dollars"),
            Field("protest", "Protest window closes", "dollars"),
        ),
        caption="Dollars whose window closes, week by week",
        as_of=assessment.filing_date,
        note=" ".join(filter(None, told)),
    )


def _without_amount(table: pd.DataFrame) -> str:
    """What no bar of dollars can show: deadlines of entries whose duty is not known."""
    left = unknown_count(table["principal_cents"])
    return f"Not shown: deadlines of {words.entries(left)} whose duty is not known." if left else ""


def priorities(assessment: Assessment, *, rows: int = 10) -> Table:
    """The entries to look at first: soonest window, then most dollars, among those still in reach."""
    table = _ahead(assessment.table, assessment)
    ordered = table[table["disposition"].isin(IN_REACH)].sort_values(
        ["next_deadline", "principal_cents", "entry_number"], ascending=[True, False, True], kind="stable"
    )
    frame = ordered.head(rows)[["entry_number", "disposition", "reason", "principal_cents", "next_deadline"]]
    frame = frame.assign(reason=frame["reason"].str.removesuffix(PASSES))
    return Table(
        frame.reset_index(drop=True),
        (
            Field("entry_number", "Entry", "number_of_entry"),
            Field("disposition", "Disposition", "disposition"),
            Field("reason", "Why"),
            Field("principal_cents", "IEEPA duty", "dollars"),
            Field("next_deadline", "By", "day"),
        ),
        caption="Nearest deadlines",
        as_of=assessment.filing_date,
        note="Soonest first, then by dollars. Entries to file pass every check the files can answer.",
        empty="No entry has an open window.",
        left_out=max(0, len(ordered) - rows),
        whole=sheet("Entries"),
        labels=labels(assessment),
    )


def _ahead(table: pd.DataFrame, assessment: Assessment) -> pd.DataFrame:
    """The rows whose last day is still to come; with no need of sentences, of `figures`."""
    return table[table["next_deadline"].ge(pd.Timestamp(assessment.filing_date)).fillna(False)]


def _in_the_way(assessment: Assessment, parts: pd.DataFrame) -> dict[tuple[str, str], str]:
    """For each step what stands in the way: CAPE's own messages, or the column that is missing; each thing once."""
    messages = _messages(assessment)
    blocked = parts.loc[parts["disposition"].isin(BLOCKED), _STANDS].drop_duplicates().fillna("")
    found: dict[tuple[str, str], dict[str, None]] = {}
    for disposition, step, codes, missing in blocked.itertuples(index=False, name=None):
        if disposition == "undetermined":
            texts = [missing] if missing else []
        else:
            texts = [messages[code] for code in codes.split(", ") if code in messages]
        for text in texts:
            found.setdefault((disposition, step), {}).update(dict.fromkeys(text.split("; ")))
    return {
        key: ("Source: " if key[0] == "undetermined" else "") + "; ".join(said) for key, said in found.items()
    }


def _messages(assessment: Assessment) -> dict[str, str]:
    checks = assessment.law.validations(assessment.filing_date)
    return {one.code: f"“{one.official_text}”" if one.official_text else one.meaning for one in checks}


def declarations(assessment: Assessment) -> Table:
    """The files to upload, one row each; or why CBP would refuse them. [cents]"""
    refused = ""
    try:
        parts = declaration.build(assessment)
    except InvalidDeclaration as fault:
        parts, refused = [], str(fault)
    principal = assessment.table.set_index("entry_number")["principal_cents"]
    frame = pd.DataFrame(
        {
            "file": [part.name for part in parts],
            "entries": [len(part.entry_numbers) for part in parts],
            "principal_cents": [known_sum(principal.reindex(list(part.entry_numbers))) for part in parts],
        }
    )
    return Table(
        frame,
        (
            Field("file", "File in the folder “declarations”"),
            Field("entries", "Entries", "count"),
            Field("principal_cents", "IEEPA duty", "dollars"),
        ),
        caption="Declaration files to upload",
        as_of=assessment.filing_date,
        note="Upload each file in the ACE Portal under the account of the importer it names. The most "
        "urgent entries come first. An accepted declaration can't be amended or withdrawn."
        + _kept_out(assessment),
        empty=refused or "No entry can be filed today, so there is no file.",
    )


def _kept_out(assessment: Assessment) -> str:
    """Entries that could go up but stand in no file, and why, in one sentence for each reason."""
    out = declaration.left_out(assessment)
    out = out[out["disposition"].isin(ON_CAPE)]
    told = ""
    for kind, here in out.groupby("kind", sort=True):
        stake = f"{words.entries(len(here))}, {words.dollars(known_sum(here['principal_cents']))}"
        told += f" In no file: {stake} ({declaration.REASONS[str(kind)]}; see exceptions.csv)."
    return told
