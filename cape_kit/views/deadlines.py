"""The days on which a window closes, as a calendar to import: by day and importer, with reminders.

Each event keeps its name from one export to the next, so a later file updates a calendar and doubles nothing.
"""

from __future__ import annotations

import hashlib
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

import icalendar
import pandas as pd

from cape_kit.entries import identifiers, kept, schema
from cape_kit.views import markup, words
from cape_kit.views.tables.actions import LANES
from cape_kit.views.tables.money import IN_REACH

if TYPE_CHECKING:
    from cape_kit.assessment.assess import Assessment

#: What the event of each kind of deadline is called.
TITLES = {
    "cape": "Last day for CAPE",
    "protest": "Last day to protest",
    "fall_back": "Day to have decided on a protective protest",
    "protective": "Last day for a protective protest: accepted by CAPE, not reliquidated",
    "open_day": "Business day after the last day to protest: counsel must review",
    "summons": "Last day for a summons over a denied protest",
    "answer": "Check CBP's response to what was filed",
    "filed_protest": "Last day to protest if CAPE has not accepted what was filed",
    "suit": "Two years to sue end, by the earliest reading: counsel",
}
#: What is said beside the day of what counsel watches.
BESIDE = {
    "fall_back": "CAPE accepted them and they are not reliquidated in the files. Counsel decides.",
    "protective": "A claim does not stop the protest clock of the liquidation it seeks to change. Counsel "
    "decides.",
    "open_day": "The last day was not a working day. CBP has accepted the next business day: do not rely on "
    "it. Counsel "
    "must review.",
    "summons": "From the mailing of the denial. There is no second protest of one decision.",
    "answer": "Filed, and no answer of CBP is in the files: look the claim up in ACE, and put the answer "
    "among them.",
    "filed_protest": "Filed on CAPE, which does not stop the protest clock. No protest is needed once CBP "
    "has paid.",
    "suit": "From when the two years run is argued: the deposit, the liquidation or the decision. Entries "
    "of the same "
    "month whose days come later are among these. Counsel decides.",
}
#: Windows of their own, by what ends: those of entries CAPE does not take any more, or has taken.
OWN = {
    "last day for a protective protest": "protective",
    "business day after the last day to protest, if CBP accepts it": "open_day",
    "last day for a summons over the denied protest": "summons",
    "last day to protest if CAPE has not accepted it": "filed_protest",
}
EXPECTED = "_expected"
#: Dispositions of which nothing is left to sue over, as far as the files show.
SETTLED = ("claimed", "not_refundable")
CATEGORIES = {"cape": "CAPE", "protest": "Protest", "answer": "CAPE", "filed_protest": "Protest"}
#: How long before the day a reminder comes, at nine in the morning. [days]
REMINDERS = (14, 5, 1)
_MORNING = timedelta(hours=9)
#: Entries named in one event.
_NAMED = 25
_DOMAIN = "cape-kit"
_NOT_KNOWN = "IEEPA duty not known"


#: What the days are made from.
_READ = ["entry_number", "importer_number", "disposition", "next_deadline", "next_deadline_what", "act_by", "answer_by",
         "suit_last_day", "principal_cents"]  # fmt: skip


@kept
def days(assessment: Assessment) -> pd.DataFrame:
    """One row per day, window and importer (masked): entries, of them forecast, principal, numbers. [cents]

    Only days still to come, of entries for which something can still be done; what counsel watches beside CAPE
    has windows of its own, and the two years to sue one day a month: the first on which they end for an entry.
    """
    table = assessment.table[_READ]
    ahead = table["next_deadline"].ge(pd.Timestamp(assessment.filing_date)).fillna(False)
    own = table["next_deadline_what"].map(OWN).astype("str")
    here = table[ahead & (table["disposition"].isin(IN_REACH) | own.notna())]
    lanes = own.reindex(here.index).fillna(here["next_deadline_what"].map(LANES).astype("str"))
    ends = _parts(here, here["next_deadline"], lanes.str.removesuffix(EXPECTED)).assign(
        expected=lanes.str.endswith(EXPECTED).fillna(False)
    )
    early = here[own.reindex(here.index).eq("protective") & here["act_by"].lt(here["next_deadline"])]
    decided = _parts(early, early["act_by"], "fall_back").assign(expected=False)
    asked = table[table["answer_by"].ge(pd.Timestamp(assessment.filing_date)).fillna(False)]
    answers = _parts(asked, asked["answer_by"], "answer").assign(expected=False)
    every = [ends, decided, answers, _suits(table, assessment.filing_date)]
    parts = pd.concat(every, ignore_index=True).sort_values(
        ["day", "principal_cents", "entry_number"], ascending=[True, False, True]
    )
    grouped = parts.groupby(["day", "window", "importer"], sort=True)
    return schema.gathered(
        grouped,
        entries=("entry_number", "size"),
        expected=("expected", "sum"),
        principal_cents=("principal_cents", "known"),
        principal_unknown=("principal_cents", "unknown"),
        numbers=("entry_number", list),
    ).reset_index()


def _parts(table: pd.DataFrame, day: pd.Series, window: pd.Series | str) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "day": day,
            "window": window,
            "importer": table["importer_number"].fillna("").map(identifiers.mask_importer),
            "principal_cents": table["principal_cents"].astype("Int64"),
            "entry_number": table["entry_number"],
        }
    )


def _suits(table: pd.DataFrame, on: date) -> pd.DataFrame:
    """The end of the two years to sue by the earliest reading, of what is still owed: a month's first day."""
    owed = ~table["disposition"].isin(SETTLED) & table["suit_last_day"].ge(pd.Timestamp(on)).fillna(False)
    here = table[owed]
    month = here["suit_last_day"].to_numpy().astype("datetime64[M]")
    first = here["suit_last_day"].groupby(pd.Series(month.astype("datetime64[s]"), index=here.index))
    return _parts(here, first.transform("min"), "suit").assign(expected=False)


def calendar(assessment: Assessment) -> icalendar.Calendar:
    """The calendar of an assessment's deadlines; an empty one where no window closes any more."""
    known = assessment.client.importers
    names = {identifiers.mask_importer(importer.number): importer.name for importer in known}
    shown = icalendar.Calendar()
    shown.add("prodid", "-//CAPE Kit//Deadlines//EN")
    shown.add("version", "2.0")
    shown.add("method", "PUBLISH")
    shown.add("x-wr-calname", f"CAPE and protest days: {markup.told(assessment.client.name)}")
    for row in days(assessment).to_dict("records"):
        shown.add_component(_event(row, names.get(row["importer"]), assessment))
    return shown


def write(assessment: Assessment, path: Path) -> Path:
    """The calendar as a file. The same assessment gives the same bytes."""
    path.write_bytes(calendar(assessment).to_ical())
    return path


def _event(row: dict[Any, Any], name: str | None, assessment: Assessment) -> icalendar.Event:
    day = row["day"].date()
    number = row["importer"] or "importer not in the files"
    who = markup.told(f"{name} ({number})" if name else number)
    stake = f"{words.entries(row['entries'])}, {_duty(row)}"
    made = datetime.combine(assessment.as_of, datetime.min.time(), tzinfo=UTC)
    event = icalendar.Event()
    event.add("uid", _name(assessment.client.key, row["window"], number, day))
    event.add("dtstamp", made)
    event.add("last-modified", made)
    event.add("sequence", assessment.as_of.toordinal())
    event.add("dtstart", day)
    event.add("dtend", day + timedelta(days=1))
    summary = f"{_title(row)}: {who}, {stake}"
    event.add("summary", summary)
    event.add("description", _told(row, who, stake, assessment=assessment))
    event.add("transp", "TRANSPARENT")
    event.add("categories", [CATEGORIES.get(row["window"], "Counsel")])
    for before in REMINDERS:
        event.add_component(_reminder(before, summary))
    return event


def _told(row: dict[Any, Any], who: str, stake: str, *, assessment: Assessment) -> str:
    day = row["day"].date()
    unknown = f"{words.entries(row['entries'])} of {who}; {_NOT_KNOWN}"
    whole = unknown if pd.isna(row["principal_cents"]) else f"{stake} of IEEPA duty of {who}"
    lines = [f"{_title(row)} for {whole}."]
    if row["window"] in BESIDE:
        lines.append(BESIDE[row["window"]])
    if day.weekday() >= 5:
        lines.append(f"This is a {day:%A}: be done on the working day before.")
    if row["expected"]:
        lines.append(
            f"For {words.entries(row['expected'])} the liquidation is a forecast; the day moves with it."
        )
    named = [markup.told(number) for number in row["numbers"][:_NAMED]]
    more = row["entries"] - len(named)
    lines.append("Entries: " + ", ".join(named) + (f" and {more:,} more" if more else "") + ".")
    lines.append(f"From the files of {words.day(assessment.as_of, long=True)}. An estimate; CBP decides.")
    return "\n".join(lines)


def _duty(row: dict[Any, Any]) -> str:
    """The duty known of the entries, and of how many of them it is not."""
    if pd.isna(row["principal_cents"]):
        return _NOT_KNOWN
    left = words.not_known(row["principal_unknown"])
    return words.dollars(row["principal_cents"]) + (f" ({left})" if left else "")


def _title(row: dict[Any, Any]) -> str:
    forecast = ", if liquidated as expected" if row["expected"] == row["entries"] else ""
    return TITLES[row["window"]] + forecast


def _reminder(before: int, summary: str) -> icalendar.Alarm:
    alarm = icalendar.Alarm()
    alarm.add("action", "DISPLAY")
    alarm.add("description", f"In {words.count(before, 'day')}: {summary}")
    alarm.add("trigger", _MORNING - timedelta(days=before))
    return alarm


def _name(client: str, window: str, number: str, day: date) -> str:
    """One client, importer, window and day is one event; a forecast that proves true keeps its name.

    Made from the masked number: a hash of a personal number can be turned back.
    """
    text = "\n".join((client, window, number, day.isoformat()))
    return f"{hashlib.sha256(text.encode('utf-8')).hexdigest()[:32]}@{_DOMAIN}"
