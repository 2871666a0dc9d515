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

from cape_kit.entries import identifiers
from cape_kit.views import markup, words
from cape_kit.views.tables.actions import LANES
from cape_kit.views.tables.money import IN_REACH

if TYPE_CHECKING:
    from cape_kit.assessment.assess import Assessment

#: What the event of each kind of deadline is called.
TITLES = {"cape": "Last day for CAPE", "protest": "Last day to protest"}
EXPECTED = "_expected"
#: How long before the day a reminder comes, at nine in the morning. [days]
REMINDERS = (14, 5, 1)
_MORNING = timedelta(hours=9)
#: Entries named in one event.
_NAMED = 25
_DOMAIN = "cape-kit"


def days(assessment: Assessment) -> pd.DataFrame:
    """One row per day, window and importer (masked): entries, of them forecast, principal, numbers. [cents]

    Only days still to come, of entries for which something can still be done.
    """
    table = assessment.table
    ahead = table["next_deadline"].ge(pd.Timestamp(assessment.filing_date)).fillna(False)
    table = table[ahead & table["disposition"].isin(IN_REACH)]
    lanes = table["next_deadline_what"].map(LANES).astype("str")
    parts = pd.DataFrame(
        {
            "day": table["next_deadline"],
            "window": lanes.str.removesuffix(EXPECTED),
            "expected": lanes.str.endswith(EXPECTED).fillna(False),
            "importer": table["importer_number"].fillna("").map(identifiers.mask_importer),
            "principal_cents": table["principal_cents"].fillna(0).astype("int64"),
            "entry_number": table["entry_number"],
        }
    ).sort_values(["day", "principal_cents", "entry_number"], ascending=[True, False, True])
    grouped = parts.groupby(["day", "window", "importer"], as_index=False, sort=True)
    return grouped.agg(
        entries=("entry_number", "size"),
        expected=("expected", "sum"),
        principal_cents=("principal_cents", "sum"),
        numbers=("entry_number", list),
    )


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
    stake = f"{words.entries(row['entries'])}, {words.dollars(row['principal_cents'])}"
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
    event.add("categories", ["Protest" if row["window"] == "protest" else "CAPE"])
    for before in REMINDERS:
        event.add_component(_reminder(before, summary))
    return event


def _told(row: dict[Any, Any], who: str, stake: str, *, assessment: Assessment) -> str:
    day = row["day"].date()
    lines = [f"{_title(row)} for {stake} of IEEPA duty of {who}."]
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
