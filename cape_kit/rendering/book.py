"""All clients of a firm, by what their reports say: the reports' manifests are read, nothing is computed again.

A report is taken for what it says on its day. Where a client has several, the newest that is not after the day
asked about counts.
"""

from __future__ import annotations

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
from cape_kit.rendering import jobs, manifest
from cape_kit.views import words
from cape_kit.views.tables.money import ON_CAPE
from cape_kit.views.tables.table import Field, Table, known

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


def figures(assessment: Assessment) -> dict[str, Any]:
    """What a book over many clients needs of one, beyond its summary, as plain values. [cents]

    `deadlines` to come, `filers` with what is missing of each, the oldest export counted and what was `paid`.
    """
    table, first = assessment.table, pd.Timestamp(assessment.filing_date)
    days = table["next_deadline"]
    ahead = table[(days.ge(first) & days.le(first + pd.Timedelta(days=_KEPT))).fillna(False)]
    money = ["principal_cents", "interest_cents"]
    groups = ahead.groupby(["next_deadline", "next_deadline_what"], observed=True)
    closing = groups[money].sum(min_count=1).assign(entries=groups.size()).reset_index()
    exported = assessment.portfolio.files["extracted_on"].dropna()
    return {
        "deadlines": [
            {
                "day": row["next_deadline"].date().isoformat(),
                "what": str(row["next_deadline_what"]),
                "entries": int(row["entries"]),
                **{name: None if pd.isna(row[name]) else int(row[name]) for name in money},
            }
            for row in closing.to_dict("records")
        ],
        "filers": _filers(assessment),
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
                "principal_cents": int(mine["principal_cents"].fillna(0).sum()),
                "open_entries": len(open_),
                "waiting_cents": _waiting(open_),
            }
        )
    return told


def _waiting(entries: pd.DataFrame) -> int | None:
    """The IEEPA duty that waits for a fact, where no heading is readable as the files state it; null for none known."""
    cents = known(entries["principal_cents"].fillna(entries["stated_cents"]))
    return None if pd.isna(cents) else int(cents)


def _paid(assessment: Assessment) -> dict[str, int]:
    """What CBP's reports show as paid; where nothing was filed, nothing is looked for. [cents]"""
    totals = assessment.totals.set_index("disposition")["entries"]
    if not totals.reindex(_ANSWERED).fillna(0).sum():
        return {"entries": 0, "principal_cents": 0, "interest_cents": 0}
    paid = monitoring.received(assessment)
    return {
        "entries": int((paid["principal_cents"] + paid["interest_cents"]).gt(0).sum()),
        "principal_cents": int(paid["principal_cents"].sum()),
        "interest_cents": int(paid["interest_cents"].sum()),
    }


@dataclass(frozen=True)
class Book:
    """A firm's clients by their reports. `reports` has a pair for each: its folder's name, its manifest's summary."""

    reports: tuple[tuple[str, dict[str, Any]], ...]
    as_of: date
    failed: tuple[str, ...] = ()
    #: How many rows a table shows; the sums are over all. None: every row.
    most: int | None = 200

    def __repr__(self) -> str:
        return f"Book: {words.count(len(self.reports), 'client')} as of {words.day(self.as_of)}"

    @cached_property
    def dispositions(self) -> Table:
        """The dollars over all clients by what may be done with the entries. [cents]"""
        parts = self._parts().groupby("disposition")[["entries", "principal_cents", "interest_cents"]].sum()
        frame = parts.reindex(list(DISPOSITIONS)).fillna(0).astype("int64").reset_index()
        return self._table(
            frame, (Field("disposition", "Disposition", "disposition"), *_MONEY), "All clients"
        )

    @cached_property
    def clients(self) -> Table:
        """A row for each client: its money, what can be filed, what was filed and paid, its next day. [cents]"""
        return self._table(self._clients(), _CLIENT, "Clients, the most duty first")

    def closing(self, days: int = AHEAD) -> Table:
        """What closes within so many days, the first day first: client, day, what ends, entries, dollars. [cents]"""
        last = (self.as_of + timedelta(days=days)).isoformat()
        rows = [
            {"client": told["name"], **one}
            for _, told in self.reports
            for one in told.get("book", {}).get("deadlines", ())
            if self.as_of.isoformat() <= one["day"] <= last
        ]
        frame = pd.DataFrame(rows, columns=[one.name for one in _CLOSING])
        frame = frame.astype(dict.fromkeys(("entries", "principal_cents", "interest_cents"), "Int64"))
        frame["day"], frame["what"] = pd.to_datetime(frame["day"]), frame["what"].map(words.sentence)
        frame = frame.sort_values(
            ["day", "principal_cents"], ascending=[True, False], kind="stable", ignore_index=True
        )
        return self._table(frame, _CLOSING, f"What closes within {days} days")

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
            waiting_cents=("waiting_cents", known),
            named=("client", lambda names: ", ".join(sorted(set(names))[:5])),
        ).reset_index()
        return self._table(found, _OWED, "Who owes data, by broker")

    @cached_property
    def filed_and_paid(self) -> Table:
        """What was filed, accepted and paid, for each client with any of it. [cents]"""
        frame = self._clients()
        some = frame[["filed_cents", "claimed_cents", "paid_cents"]].sum(axis=1).gt(0)
        return self._table(frame[some].reset_index(drop=True), _FILED, "Filed and paid")

    @cached_property
    def trouble(self) -> Table:
        """Clients without a report, with files that were not read, or with exports that are old."""
        rows = [
            {"client": name, "what": "No report; its log is failed.log in its folder"} for name in self.failed
        ]
        for _, told in self.reports:
            rows += [{"client": told["name"], "what": f"Not read: {one}"} for one in told.get("unread", ())]
            if is_old(told):
                day = words.day(date.fromisoformat(told["book"]["exported_on"]))
                rows.append({"client": told["name"], "what": f"An export is of {day}"})
        frame = pd.DataFrame(rows, columns=["client", "what"])
        return self._table(frame, (Field("client", "Client"), Field("what", "What")), "To look into")

    def _parts(self) -> pd.DataFrame:
        rows = [
            {"disposition": key, **part}
            for _, told in self.reports
            for key, part in told["dispositions"].items()
        ]
        return pd.DataFrame(rows, columns=["disposition", "entries", "principal_cents", "interest_cents"])

    def _clients(self) -> pd.DataFrame:
        frame = pd.DataFrame([row(told) for _, told in self.reports], columns=_ROW)
        frame[["as_of", "next_day", "exported_on"]] = frame[["as_of", "next_day", "exported_on"]].apply(
            pd.to_datetime
        )
        return frame.sort_values("principal_cents", ascending=False, kind="stable", ignore_index=True)

    def _table(self, frame: pd.DataFrame, fields: tuple[Field, ...], caption: str) -> Table:
        # A client of two brokers stands in two rows: clients are never added up.
        sums = [one.name for one in fields if one.kind in ("dollars", "count") and one.name != "clients"]
        total = {name: int(frame[name].fillna(0).sum()) for name in sums} if len(frame) > 1 else {}
        shown = frame if self.most is None else frame.head(self.most)
        left = len(frame) - len(shown)
        return Table(
            shown, fields, caption, self.as_of, note=_NOTE, total=total, left_out=left, labels=DISPOSITIONS
        )


_ROW = [
    *(
        "name",
        "as_of",
        "entries",
        "principal_cents",
        "interest_cents",
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

    def cents(*keys: str) -> int:
        return sum(parts[key]["principal_cents"] for key in keys if key in parts)

    paid = more.get("paid", {})
    return {
        "name": told["name"],
        "as_of": told["as_of"],
        "entries": sum(part["entries"] for part in parts.values()),
        "principal_cents": cents(*parts),
        "interest_cents": sum(part["interest_cents"] for part in parts.values()),
        "now_cents": cents(*ON_CAPE),
        "cure_cents": cents("cure"),
        "protest_cents": cents("protest"),
        "filed_cents": cents("filed"),
        "claimed_cents": cents("claimed"),
        "paid_cents": paid.get("principal_cents", 0) + paid.get("interest_cents", 0),
        "next_day": coming.get("day"),
        "next_what": coming.get("what"),
        "exported_on": more.get("exported_on"),
    }


def is_old(told: dict[str, Any]) -> bool:
    """Whether an export of a client was old already on the day of its report."""
    exported = told.get("book", {}).get("exported_on")
    return exported is not None and date.fromisoformat(told["as_of"]) - date.fromisoformat(
        exported
    ) > timedelta(OLD)


def read(folder: Path, as_of: date | None = None) -> Book:
    """The book of a folder of reports: of each client the newest report, or the newest until a day.

    ``sample:book`` is the one that comes with the kit. Raises Usage where there is no report.
    """
    if str(folder) == SAMPLE:
        folder = jobs.template().parent / "sample-book"
    newest: dict[str, dict[str, Any]] = {}
    for path in sorted(folder.glob(f"*/*/{manifest.NAME}")):
        found = manifest.read(path.parent)
        told = found.get("summary") if found else None
        if not isinstance(told, dict) or "dispositions" not in told:
            continue
        if as_of is None or date.fromisoformat(told["as_of"]) <= as_of:
            newest[path.parts[-3]] = told  # days sort as text
    if not newest:
        raise Usage(f"{folder}: no report in it; cape-kit batch CLIENTS --out {folder} makes them")
    day = as_of or max(date.fromisoformat(told["as_of"]) for told in newest.values())
    failed = sorted(path.parent.name for path in folder.glob("*/failed.log"))
    return Book(tuple(sorted(newest.items())), day, tuple(failed))


def of(summaries: Iterable[tuple[str, dict[str, Any]]]) -> Book | None:
    """The book of reports at hand, its tables whole; None where there is none."""
    told = tuple((name, summary) for name, summary in summaries if summary)
    return Book(told, max(date.fromisoformat(one["as_of"]) for _, one in told), most=None) if told else None
