"""All clients of a firm, by what their reports say: the reports' manifests are read, nothing is computed again.

A report is taken for what it says on its day. Where a client has several, the newest that is not after the day
asked about counts.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cached_property
from pathlib import Path
from typing import Any

import pandas as pd

from cape_kit.assessment.assess import Assessment
from cape_kit.assessment.decisions import DISPOSITIONS
from cape_kit.errors import Usage
from cape_kit.filing import monitoring
from cape_kit.money import known_sum, plain, unknown_count
from cape_kit.rendering import jobs, manifest
from cape_kit.views import words
from cape_kit.views.tables.money import ON_CAPE
from cape_kit.views.tables.table import Field, Table, duty, told_apart

#: How far ahead the deadlines across clients are told, and when an export is old. [days]
AHEAD, OLD = 30, 30
SAMPLE = "sample:book"
#: What a report keeps for this: days a firm can still act on. [days]
_KEPT = 120
_NOTE = "From each client’s newest report, as of its day. Amounts are estimates; CBP decides."
_MONEY = (
    Field("entries", "Entries", "count"),
    Field("principal_cents", "IEEPA duty", "dollars"),
    Field("interest_cents", "Interest", "dollars"),
)
_ANSWERED = ("filed", "claimed")
_AMOUNTS = ("principal_cents", "interest_cents")
_LOOK = "See “To look into”."
_NOT_SHOWN = (
    f"{words.NOTHING}: not known; of what was paid, since no report of refunds is in the client’s folder."
)


def figures(assessment: Assessment) -> dict[str, Any]:
    """What a book over many clients needs of one, beyond its summary, as plain values. [cents]

    `deadlines` to come, up to the day `told_until`, `filers` with what is missing of each, the oldest export counted,
    how many files bear no day of export, and what was `paid` (None: no report in the folder could show it).
    """
    table, first = assessment.table, pd.Timestamp(assessment.filing_date)
    days = table["next_deadline"]
    last = first + pd.Timedelta(days=_KEPT)
    ahead = table[(days.ge(first) & days.le(last)).fillna(False)]
    money = ["principal_cents", "interest_cents"]
    groups = ahead.groupby(["next_deadline", "next_deadline_what"], observed=True)
    unknown = groups["principal_cents"].agg(unknown_count)
    closing = groups[money].sum(min_count=1).assign(entries=groups.size(), unknown=unknown).reset_index()
    files = assessment.portfolio.files
    exported = files["extracted_on"].dropna()
    undated = files[files["extracted_on"].isna() & files["rows_used"].ne(0).fillna(True)]
    return {
        "deadlines": [
            {
                "day": row["next_deadline"].date().isoformat(),
                "what": str(row["next_deadline_what"]),
                "entries": int(row["entries"]),
                "principal_unknown": int(row["unknown"]),
                **{name: plain(row[name]) for name in money},
            }
            for row in closing.to_dict("records")
        ],
        "told_until": last.date().isoformat(),
        "filers": _filers(assessment),
        "files_undated": undated["file"].nunique(),
        "exported_on": exported.min().date().isoformat() if len(exported) else None,
        "paid": _paid(assessment),
    }


def _filers(assessment: Assessment) -> list[dict[str, Any]]:
    """Each filer with its entries, those on which a fact is missing, and whether its data came."""
    brokers = {one.filer_code: one for one in assessment.client.brokers}
    table = assessment.table
    codes = sorted({*table["filer_code"].dropna().astype(str), *brokers})
    told = []
    for code in codes:
        mine = table[table["filer_code"].eq(code).fillna(False)]
        open_ = mine[mine["disposition"].eq("undetermined")]
        broker = brokers.get(code)
        told.append(
            {
                "filer_code": code,
                "name": broker.name if broker else None,
                "data_received": broker.data_received if broker else None,
                "entries": len(mine),
                "principal_cents": plain(known_sum(mine["principal_cents"])),
                "open_entries": len(open_),
                "waiting_cents": _waiting(open_),
            }
        )
    return told


def few(names: Iterable[str], *, most: int = 3) -> str:
    """The first names, each once, and how many more; parted by a sign that stands in no name of a company."""
    known = list(dict.fromkeys(names))
    return "; ".join(known[:most]) + (f"; and {len(known) - most:,} more" if len(known) > most else "")


def _waiting(entries: pd.DataFrame) -> int | None:
    """The IEEPA duty that waits for a fact, where no heading is readable as the files state it; null for none known."""
    cents = entries["principal_cents"].fillna(entries["stated_cents"])
    return plain(known_sum(cents)) if len(cents) else None


def _paid(assessment: Assessment) -> dict[str, int | None] | None:
    """What CBP's reports show as paid; where nothing was filed, nothing is looked for. [cents]

    None where something was filed and no file could show a payment: nobody knows then that none came.
    """
    totals, found = assessment.totals, assessment.portfolio
    if not totals.loc[totals["disposition"].isin(_ANSWERED), "entries"].sum():
        return {"entries": 0, "principal_cents": 0, "interest_cents": 0}
    if found.refunds.empty and found.claims["refund_cents"].isna().all():
        return None
    paid = monitoring.received(assessment)
    names = ["principal_cents", "interest_cents"]
    got = paid[paid[names].gt(0).fillna(False).any(axis=1)]
    return {"entries": len(got), **{name: plain(known_sum(got[name])) for name in names}}


@dataclass(frozen=True)
class Book:
    """A firm's clients by their reports. `reports` has a pair for each: its folder's name, its manifest's summary."""

    reports: tuple[tuple[str, dict[str, Any]], ...]
    as_of: date
    failed: tuple[str, ...] = ()
    #: Folders with reports of which none, or not every one, could be counted, and why.
    passed: tuple[tuple[str, str], ...] = ()
    #: How many rows a table shows; the sums are over all. None: every row.
    most: int | None = 200

    def __repr__(self) -> str:
        return f"Book: {words.count(len(self.reports), 'client')} as of {words.day(self.as_of)}"

    @cached_property
    def dispositions(self) -> Table:
        """The dollars over all clients by what may be done with the entries. [cents]"""
        frame = self._parts()
        frame = told_apart(told_apart(frame), "interest")
        fields = (Field("disposition", "Disposition", "disposition"), _MONEY[0])
        return self._table(frame, (*fields, duty(frame), duty(frame, "Interest", "interest")), "All clients")

    @cached_property
    def clients(self) -> Table:
        """A row for each client: its money, what can be filed, what was filed and paid, its next day. [cents]"""
        frame = self._clients()
        name, as_of, entries, _, *others = _CLIENT
        return self._table(
            frame, (name, as_of, entries, duty(frame), *others), "Clients, the most duty first"
        )

    def closing(self, days: int = AHEAD) -> Table:
        """What closes within so many days, the first day first: client, day, what ends, entries, dollars. [cents]"""
        last = (self.as_of + timedelta(days=days)).isoformat()
        rows = [
            {"client": told["name"], **one}
            for _, told in self.reports
            for one in told.get("book", {}).get("deadlines", ())
            if self.as_of.isoformat() <= one["day"] <= last
        ]
        columns = [*(one.name for one in _CLOSING), "principal_unknown"]
        frame = pd.DataFrame(rows, columns=columns)
        frame = frame.astype(dict.fromkeys((*_AMOUNTS, "entries", "principal_unknown"), "Int64"))
        frame["principal_unknown"] = frame["principal_unknown"].fillna(0)
        frame["day"], frame["what"] = pd.to_datetime(frame["day"]), frame["what"].map(words.sentence)
        frame = frame.sort_values(
            ["day", "principal_cents"], ascending=[True, False], kind="stable", ignore_index=True
        )
        frame, (client, day, what, entries, _, interest) = told_apart(frame), _CLOSING
        fields = (client, day, what, entries, duty(frame), interest)
        return self._table(frame, fields, f"What closes within {days} days", self.not_told(days))

    def not_told(self, days: int = AHEAD) -> str:
        """What the reports can't say of the days ahead: deadlines gone by since, and days beyond what they tell."""
        last, late, short = self.as_of + timedelta(days=days), 0, 0
        for _, told in self.reports:
            late += bool(_gone_by(told, self.as_of))
            short += date.fromisoformat(_told_until(told)) < last
        said = (
            f"Deadlines of {words.count(late, 'client')} have gone by since the reports were made."
            if late
            else "",
            f"Reports of {words.count(short, 'client')} do not reach to the last of these days."
            if short
            else "",
        )
        return " ".join(filter(None, (*said, _LOOK if late or short else "")))

    @cached_property
    def owed(self) -> Table:
        """Who owes data, by broker over all clients: exports not received, entries on which a fact is missing."""
        rows = [
            {**one, "client": told["name"], "broker": one["name"] or words.NOTHING}
            for _, told in self.reports
            for one in told.get("book", {}).get("filers", ())
            if one["data_received"] is False or one["open_entries"]
        ]
        columns = ["filer_code", "broker", "client", "data_received", "open_entries", "waiting_cents"]
        frame = pd.DataFrame(rows, columns=columns).astype({"waiting_cents": "Int64"})
        grouped = frame.groupby(["filer_code", "broker"], sort=True)
        found = grouped.agg(
            clients=("client", "nunique"),
            missing=("data_received", lambda told: int(told.eq(False).sum())),
            open_entries=("open_entries", "sum"),
            waiting_cents=("waiting_cents", known_sum),
            named=("client", lambda names: few(sorted(names), most=5)),
        ).reset_index()
        return self._table(found, _OWED, "Who owes data, by broker")

    @cached_property
    def filed_and_paid(self) -> Table:
        """What was filed, accepted and paid, for each client with any of it. [cents]"""
        frame = self._clients()
        some = frame[["filed_cents", "claimed_cents", "paid_cents"]].ne(0).fillna(True).any(axis=1)
        return self._table(frame[some].reset_index(drop=True), _FILED, "Filed and paid", _NOT_SHOWN)

    @cached_property
    def trouble(self) -> Table:
        """Clients without a report, or with one that is out of date; files not read, exports old or of no known day."""
        stands = {name: told["as_of"] for name, told in self.reports}
        rows = [{"client": name, "what": _failed(stands.get(name))} for name in self.failed]
        rows += [{"client": name, "what": what} for name, what in self.passed]
        for _, told in self.reports:
            whole = [
                out_of_date(told, self.as_of),
                *(f"Not read: {one}" for one in told.get("unread", ())),
                _exports(told),
            ]
            rows += [{"client": told["name"], "what": what} for what in whole if what]
        frame = pd.DataFrame(rows, columns=["client", "what"])
        return self._table(frame, (Field("client", "Client"), Field("what", "What")), "To look into")

    def _parts(self) -> pd.DataFrame:
        """The dispositions over all reports: sums of what is known, and of how many entries it is not. [cents]"""
        rows = []
        for key in DISPOSITIONS:
            parts = [told["dispositions"][key] for _, told in self.reports if key in told["dispositions"]]
            rows.append({"disposition": key, **added(parts)})
        counts = ("entries", "principal_unknown", "interest_unknown")
        return pd.DataFrame(rows).astype(dict.fromkeys((*counts, *_AMOUNTS), "Int64"))

    def _clients(self) -> pd.DataFrame:
        frame = pd.DataFrame([row(told) for _, told in self.reports], columns=_ROW)
        frame[["as_of", "next_day", "exported_on"]] = frame[["as_of", "next_day", "exported_on"]].apply(
            pd.to_datetime
        )
        cents = [name for name in _ROW if name.endswith("_cents")]
        frame = told_apart(frame.astype(dict.fromkeys(cents, "Int64")))
        return frame.sort_values("principal_cents", ascending=False, kind="stable", ignore_index=True)

    def _table(self, frame: pd.DataFrame, fields: tuple[Field, ...], caption: str, more: str = "") -> Table:
        # A client of two brokers stands in two rows: clients are never added up.
        sums = [one.name for one in fields if one.kind in ("dollars", "count") and one.name != "clients"]
        total: dict[str, Any] = {}
        if len(frame) > 1:
            total = {name: plain(known_sum(frame[name])) for name in sums}
            total |= {one.under: "" for one in fields if one.under}
        note = f"{_NOTE} {more}".strip()
        shown = frame if self.most is None else frame.head(self.most)
        left = len(frame) - len(shown)
        return Table(
            shown, fields, caption, self.as_of, note=note, total=total, left_out=left, labels=DISPOSITIONS
        )


_ROW = [
    *(
        "name",
        "as_of",
        "entries",
        "principal_cents",
        "principal_unknown",
        "interest_cents",
        "interest_unknown",
        "now_cents",
        "cure_cents",
        "protest_cents",
    ),
    *("filed_cents", "claimed_cents", "paid_cents", "next_day", "next_what", "exported_on"),
]
_CLIENT = (
    Field("name", "Client"),
    Field("as_of", "As of", "day"),
    *_MONEY,
    Field("now_cents", "To file now", "dollars"),
    Field("cure_cents", "Cure first", "dollars"),
    Field("protest_cents", "Protest", "dollars"),
    Field("next_day", "Next deadline", "day"),
)
_FILED = (
    Field("name", "Client"),
    Field("filed_cents", "Filed, no answer yet", "dollars"),
    Field("claimed_cents", "Accepted or refunded", "dollars"),
    Field("paid_cents", "Paid, with interest", "dollars"),
)
_CLOSING = (Field("client", "Client"), Field("day", "Last day", "day"), Field("what", "Deadline"), *_MONEY)
_OWED = (
    Field("filer_code", "Filer"),
    Field("broker", "Broker"),
    Field("clients", "Clients", "count"),
    Field("missing", "Exports not received", "count"),
    Field("open_entries", "Entries with a fact missing", "count"),
    Field("waiting_cents", "IEEPA duty waiting", "dollars"),
    Field("named", "Clients concerned"),
)


def row(told: dict[str, Any]) -> dict[str, Any]:
    """One report's summary as one row of plain values; what it does not say is None. [cents]"""
    parts, more, coming = told["dispositions"], told.get("book", {}), told.get("next_deadline") or {}

    def cents(*keys: str) -> int | None:
        return added([parts[key] for key in keys if key in parts])["principal_cents"]

    return {
        "name": told["name"],
        "as_of": told["as_of"],
        **added(list(parts.values())),
        "now_cents": cents(*ON_CAPE),
        "cure_cents": cents("cure"),
        "protest_cents": cents("protest"),
        "filed_cents": cents("filed"),
        "claimed_cents": cents("claimed"),
        "paid_cents": _whole(more.get("paid")),
        "next_day": coming.get("day"),
        "next_what": coming.get("what"),
        "exported_on": more.get("exported_on"),
    }


def added(parts: list[dict[str, Any]]) -> dict[str, Any]:
    """Dispositions of one report, or one of several, together: what is known; None where nothing is. [cents]

    `principal_unknown` and `interest_unknown`: of how many entries it is not; a report of an earlier version says 0.
    """
    there = [part for part in parts if part["entries"]]
    whole: dict[str, Any] = {"entries": sum(part["entries"] for part in there)}
    for name in ("principal", "interest"):
        known = [part[f"{name}_cents"] for part in there if part[f"{name}_cents"] is not None]
        whole[f"{name}_cents"] = sum(known) if known or not there else None
        whole[f"{name}_unknown"] = sum(part.get(f"{name}_unknown", 0) for part in there)
    return whole


def _whole(paid: dict[str, Any] | None) -> int | None:
    """What was paid, with interest as far as the reports show it; None where no report could show any. [cents]"""
    if paid is None:
        return None
    known = [paid[name] for name in _AMOUNTS if paid[name] is not None]
    return sum(known) if known else None


def is_old(told: dict[str, Any]) -> bool:
    """Whether an export of a client was old already on the day of its report."""
    exported = told.get("book", {}).get("exported_on")
    return exported is not None and date.fromisoformat(told["as_of"]) - date.fromisoformat(
        exported
    ) > timedelta(OLD)


def undated(told: dict[str, Any]) -> bool:
    """Whether a client has files of which nobody knows the day of export: they may be old."""
    more = told.get("book", {})
    return more.get("exported_on") is None or bool(more.get("files_undated"))


def _exports(told: dict[str, Any]) -> str:
    """How old the exports of a client are, where they are old or nobody knows."""
    more, said = told.get("book", {}), []
    if is_old(told):
        said.append(f"An export is of {words.day(date.fromisoformat(more['exported_on']))}")
    if undated(told):
        count = more.get("files_undated")
        which = words.count(count, "file") if count else "The files"
        said.append(f"{which} without a day of export: how old it is, nobody knows" if count == 1 else
                    f"{which} without a day of export: how old they are, nobody knows")  # fmt: skip
    return ". ".join(said)


def _failed(stands: str | None) -> str:
    """A run that failed, and what is counted of the client all the same."""
    if stands is None:
        return "No report; its log is failed.log in its folder"
    day = words.day(date.fromisoformat(stands))
    return f"The last run failed; the report as of {day} is counted. Its log is failed.log in its folder"


def _later(first: date, as_of: date) -> str:
    return f"Its first report is as of {words.day(first)}, later than {words.day(as_of)}: nothing of it is counted"


def _told_until(told: dict[str, Any]) -> str:
    """The last day whose deadlines a report tells."""
    filed = date.fromisoformat(told.get("filing_date", told["as_of"]))
    return str(told.get("book", {}).get("told_until") or (filed + timedelta(days=_KEPT)).isoformat())


def _gone_by(told: dict[str, Any], day: date) -> list[dict[str, Any]]:
    """The deadlines a report tells as ahead that have gone by on a later day."""
    first = told.get("filing_date", told["as_of"])
    return [
        one
        for one in told.get("book", {}).get("deadlines", ())
        if first <= one["day"] < day.isoformat() and first < day.isoformat()
    ]


def out_of_date(told: dict[str, Any], day: date) -> str:
    """That a report is behind the day asked about: what has gone by since; empty where it is of the day."""
    made = date.fromisoformat(told["as_of"])
    gone = _gone_by(told, day)
    if not gone and day - made <= timedelta(OLD):
        return ""
    entries, left = sum(one["entries"] for one in gone), sum(one.get("principal_unknown", 0) for one in gone)
    known = [one["principal_cents"] for one in gone if one["principal_cents"] is not None]
    worth = words.dollars(sum(known)) if known else "an amount that is not known"
    worth += f" ({words.not_known(left)})" if known and left else ""
    passed = (
        f"{words.count(len(gone), 'deadline')} of {words.entries(entries)}, {worth}, gone by since, the first on "
        f"{words.day(date.fromisoformat(min(one['day'] for one in gone)))}; "
        if gone
        else ""
    )
    age = words.count((day - made).days, "day")
    return f"Its report is {age} older than {words.day(day)}: {passed}make a new one"


def read(folder: Path, as_of: date | None = None) -> Book:
    """The book of a folder of reports: of each client the newest report, or the newest until a day.

    ``sample:book`` is the one that comes with the kit. Raises Usage where there is no report.
    """
    if str(folder) == SAMPLE:
        folder = jobs.template().parent / "sample-book"
    newest: dict[str, dict[str, Any]] = {}
    later: dict[str, date] = {}
    passed = []
    for path in sorted(folder.glob(f"[!.]*/[!.]*/{manifest.NAME}")):  # what begins with a dot is being made
        found, key = manifest.read(path.parent), path.parts[-3]
        told = found.get("summary") if found else None
        if not isinstance(told, dict) or "dispositions" not in told:
            passed.append((key, f"The manifest of its report {path.parts[-2]} can't be read: make it again"))
        elif as_of is None or (day := date.fromisoformat(told["as_of"])) <= as_of:
            newest[key] = told  # days sort as text
        else:
            later.setdefault(key, day)
    if as_of is not None:
        passed += [(key, _later(day, as_of)) for key, day in later.items() if key not in newest]
    if not newest and later and as_of is not None:
        raise Usage(
            f"{folder}: its first report is as of {words.day(min(later.values()))}, later than "
            f"{words.day(as_of)}; ask about that day, or a later one"
        )
    if not newest:
        raise Usage(f"{folder}: no report in it; cape-kit batch CLIENTS --out {folder} makes them")
    day = as_of or max(date.fromisoformat(told["as_of"]) for told in newest.values())
    failed = sorted(path.parent.name for path in folder.glob("*/failed.log"))
    return Book(tuple(told_by_folder(sorted(newest.items()))), day, tuple(failed), tuple(sorted(passed)))


def told_by_folder(summaries: Iterable[tuple[str, dict[str, Any]]]) -> list[tuple[str, dict[str, Any]]]:
    """The same reports, each client of a name that several bear named with its folder: two would be counted as one."""
    every = list(summaries)
    bearing = Counter(told["name"] for _, told in every if told)
    return [
        (
            folder,
            told | {"name": f"{told['name']} ({folder})"} if told and bearing[told["name"]] > 1 else told,
        )
        for folder, told in every
    ]


def of(summaries: Iterable[tuple[str, dict[str, Any]]]) -> Book | None:
    """The book of reports at hand, its tables whole; None where there is none."""
    told = tuple(told_by_folder((name, summary) for name, summary in summaries if summary))
    return Book(told, max(date.fromisoformat(one["as_of"]) for _, one in told), most=None) if told else None
