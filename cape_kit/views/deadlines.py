"""The days on which a window closes, as a calendar to import: by day and importer, with reminders.

Each event keeps its name from one export to the next, so a later file updates a calendar and doubles nothing.
"""

from __future__ import annotations

import hashlib
from datetime import date, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

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
#: How long before the day a reminder comes [days], and at what hour of the morning.
REMINDERS, _MORNING = (14, 5, 1), 9
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


def calendar(assessment: Assessment) -> bytes:
    """The calendar of an assessment's deadlines; an empty one where no window closes any more."""
    known = assessment.client.importers
    names = {identifiers.mask_importer(importer.number): importer.name for importer in known}
    lines = [
        "BEGIN:VCALENDAR",
        "VERSION:2.0",
        "PRODID:-//CAPE Kit//Deadlines//EN",
        "METHOD:PUBLISH",
        f"X-WR-CALNAME:{_text(f'CAPE and protest days: {markup.told(assessment.client.name)}')}",
    ]
    for row in days(assessment).to_dict("records"):
        lines += _event(row, names.get(row["importer"]), assessment)
    return b"".join(_folded(line) + b"\r\n" for line in (*lines, "END:VCALENDAR"))


def write(assessment: Assessment, path: Path) -> Path:
    """The calendar as a file. The same assessment gives the same bytes."""
    path.write_bytes(calendar(assessment))
    return path


def _event(row: dict[Any, Any], name: str | None, assessment: Assessment) -> list[str]:
    """One event as lines of the file, each unfolded. Times of day are those of the report's day, at its beginning."""
    day, made = row["day"].date(), f"{assessment.as_of:%Y%m%d}T000000Z"
    number = row["importer"] or "importer not in the files"
    who = markup.told(f"{name} ({number})" if name else number)
    stake = f"{words.entries(row['entries'])}, {_duty(row['principal_cents'])}"
    summary = f"{_title(row)}: {who}, {stake}"
    return [
        "BEGIN:VEVENT",
        f"SUMMARY:{_text(summary)}",
        f"DTSTART;VALUE=DATE:{day:%Y%m%d}",
        f"DTEND;VALUE=DATE:{day + timedelta(days=1):%Y%m%d}",
        f"DTSTAMP:{made}",
        f"UID:{_name(assessment.client.key, row['window'], number, day)}",
        f"SEQUENCE:{assessment.as_of.toordinal()}",
        f"CATEGORIES:{CATEGORIES.get(row['window'], 'Counsel')}",
        f"DESCRIPTION:{_text(_told(row, who, stake, assessment=assessment))}",
        f"LAST-MODIFIED:{made}",
        "TRANSP:TRANSPARENT",
        *(line for before in REMINDERS for line in _reminder(before, summary)),
        "END:VEVENT",
    ]


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


def _duty(cents: Any) -> str:
    return _NOT_KNOWN if pd.isna(cents) else words.dollars(cents)


def _title(row: dict[Any, Any]) -> str:
    forecast = ", if liquidated as expected" if row["expected"] == row["entries"] else ""
    return TITLES[row["window"]] + forecast


def _reminder(before: int, summary: str) -> list[str]:
    told, days_off = f"In {words.count(before, 'day')}: {summary}", f"{before - 1}D" if before > 1 else ""
    return [
        "BEGIN:VALARM",
        "ACTION:DISPLAY",
        f"DESCRIPTION:{_text(told)}",
        f"TRIGGER:-P{days_off}T{24 - _MORNING}H",
        "END:VALARM",
    ]


#: What a text may not hold as it is, and how it is written (RFC 5545, 3.3.11).
_ESCAPED = str.maketrans({"\\": "\\\\", ";": "\\;", ",": "\\,", "\n": "\\n", "\r": "\\n"})
#: Bytes of a line, less the break and the space after it (RFC 5545, 3.1).
_LINE = 74


def _text(value: str) -> str:
    return value.replace("\r\n", "\n").translate(_ESCAPED)


def _folded(line: str) -> bytes:
    """A line as lines of the length calendars insist on; no letter is torn, nor what is escaped from its mark."""
    rest, parts = line.encode("utf-8"), []
    while len(rest) > _LINE:
        end = _LINE
        while rest[end] & 0b1100_0000 == 0b1000_0000:  # within a letter of several bytes
            end -= 1
        end -= (end - len(rest[:end].rstrip(b"\\"))) % 2  # between a mark and what it escapes
        parts.append(rest[:end])
        rest = rest[end:]
    return b"\r\n ".join([*parts, rest])


def _name(client: str, window: str, number: str, day: date) -> str:
    """One client, importer, window and day is one event; a forecast that proves true keeps its name.

    Made from the masked number: a hash of a personal number can be turned back.
    """
    text = "\n".join((client, window, number, day.isoformat()))
    return f"{hashlib.sha256(text.encode('utf-8')).hexdigest()[:32]}@{_DOMAIN}"
