"""The truth beside a synthetic client: each entry's facts, and what a correct kit must say of it by day.

What may be done with an entry is reasoned kind by kind from its own story; nothing here looks at the kit's rules. What
comes back is recounted the slow way: row by row, and interest day by day in Decimal.
"""

from __future__ import annotations

from calendar import isleap
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal, localcontext
from typing import Any

from cape_kit.sample import days
from cape_kit.sample.days import on_or_after
from cape_kit.sample.facts import Entry, Line, Ordinal, cents
from cape_kit.sample.make import forecast
from cape_kit.sample.recipe import ClientSpec, Recipe
from cape_kit.sample.registry import Registry

# --- what may be done with an entry on a day --------------------------------------------------------------


OFF_CYCLE = ("Extended", "Suspended", "Under Review")


def age(entry: Entry, day: date) -> int | None:
    """Days since liquidation; None while the entry is not liquidated on that day. [days]"""
    if not entry.is_liquidated or entry.seen_liquidated is None or entry.seen_liquidated > day:
        return None
    return (day - entry.seen_liquidated).days


def gone_stale(entry: Entry, day: date, recipe: Recipe) -> bool:
    """Whether the entry has, for all the export can tell, been liquidated since and left the CAPE window."""
    if entry.is_liquidated or entry.seen_status in OFF_CYCLE:
        return False
    if entry.extracted_on is None:
        return False
    due = entry.seen_liquidated or forecast(recipe, entry.entry_date)
    if due <= entry.extracted_on and entry.seen_liquidated is None:
        # Overdue already: the first day it can liquidate is the next posting after the export.
        due = on_or_after(entry.extracted_on + timedelta(days=1), recipe.windows["posting_weekday"])
    return entry.extracted_on < due <= day and (day - due).days > recipe.windows["cape_days"]


def _by_the_clock(
    entry: Entry, day: date, recipe: Recipe, *, within: str, before: str, past: str = "final"
) -> str:
    """The verdict by the clock: `before` liquidation, `within` the CAPE days, then protest, then `past`."""
    days = age(entry, day)
    if days is None:
        return "undetermined" if gone_stale(entry, day, recipe) else before
    if days > recipe.windows["protest_days"]:
        return past
    return "protest" if days > recipe.windows["cape_days"] else within


def plain(entry: Entry, day: date, recipe: Recipe) -> str:
    """Nothing stands in the way."""
    return _by_the_clock(entry, day, recipe, within="file", before="file")


def deferred(entry: Entry, day: date, recipe: Recipe) -> str:
    """CAPE takes it; the money waits for liquidation."""
    return _by_the_clock(entry, day, recipe, within="file_deferred", before="file_deferred")


def curable(entry: Entry, day: date, recipe: Recipe) -> str:
    """CAPE refuses it until the client cures something."""
    return _by_the_clock(entry, day, recipe, within="cure", before="cure")


def correctable(entry: Entry, day: date, recipe: Recipe) -> str:
    """CAPE refuses it until a correction, possible for a time and before liquidation; then it must wait."""
    windows = recipe.windows
    last = entry.entry_date + timedelta(days=windows["psc_days"])
    if entry.seen_status not in OFF_CYCLE:
        due = entry.seen_liquidated or forecast(recipe, entry.entry_date)
        last = min(last, due - timedelta(days=windows["psc_before_days"]))
    return _by_the_clock(entry, day, recipe, within="protest", before="cure" if day <= last else "held")


def refused(entry: Entry, day: date, recipe: Recipe) -> str:
    """Refused by the one error for order and partners of numbers, nothing corrected since; CBP dropped it."""
    dropped = day > recipe.windows["sequence_error_last"]
    return (plain if dropped else correctable)(entry, day, recipe)


def blocked(entry: Entry, day: date, recipe: Recipe) -> str:
    """CAPE refuses its class and nobody can cure that."""
    return _by_the_clock(entry, day, recipe, within="protest", before="held")


def warehouse(entry: Entry, day: date, recipe: Recipe) -> str:
    """Taken at first, no longer from the day CBP shut the door on types 21 and 22."""
    return (blocked if day >= recipe.windows["warehouse_closed"] else deferred)(entry, day, recipe)


def recon(entry: Entry, day: date, recipe: Recipe) -> str:
    """Flagged, nothing filed: refused until the second phase; worth waiting for once it is announced."""
    windows = recipe.windows
    if day >= windows["recon_open"]:
        return plain(entry, day, recipe)
    days = age(entry, day)
    if days is not None and day >= windows["recon_announced"] and entry.seen_liquidated is not None:
        last_day = entry.seen_liquidated + timedelta(days=windows["cape_days"])
        if last_day >= windows["recon_open"]:
            return "held"
    return blocked(entry, day, recipe)


def protested(entry: Entry, day: date, recipe: Recipe) -> str:
    """An open protest that can be withdrawn: cure it in time, else keep it."""
    return _by_the_clock(entry, day, recipe, within="cure", before="cure", past="protest")


def protested_for_more(entry: Entry, day: date, recipe: Recipe) -> str:
    """An open protest that concerns other matters too: keep it."""
    return _by_the_clock(entry, day, recipe, within="protest", before="cure", past="protest")


def claimed(entry: Entry, day: date, recipe: Recipe) -> str:
    """On an accepted declaration."""
    return "claimed"


def not_refundable(entry: Entry, day: date, recipe: Recipe) -> str:
    """No duty was paid under a dutiable heading."""
    return "not_refundable"


def unknown(entry: Entry, day: date, recipe: Recipe) -> str:
    """The files do not carry a fact without which there is no answer."""
    return "undetermined"


def type_unknown(entry: Entry, day: date, recipe: Recipe) -> str:
    """Without the type nobody knows whether CAPE takes it; past the CAPE days it no longer matters."""
    return _by_the_clock(entry, day, recipe, within="undetermined", before="undetermined")


#: verdict (in recipe.toml, or set where a file lost a fact) -> how it is reasoned
VERDICTS: dict[str, Callable[[Entry, date, Recipe], str]] = {
    "plain": plain,
    "deferred": deferred,
    "curable": curable,
    "correctable": correctable,
    "refused": refused,
    "blocked": blocked,
    "warehouse": warehouse,
    "recon": recon,
    "protested": protested,
    "protested_for_more": protested_for_more,
    "claimed": claimed,
    "not_refundable": not_refundable,
    "unknown": unknown,
    "type_unknown": type_unknown,
}


def verdict(entry: Entry, day: date, recipe: Recipe) -> str:
    """The disposition a correct kit gives the entry on a day."""
    return VERDICTS[entry.verdict](entry, day, recipe)


# --- what comes back for an entry -------------------------------------------------------------------------


PRECISION = 40
NO_INTEREST = ("claimed", "not_refundable")
FILEABLE = ("file", "file_deferred")


@dataclass(frozen=True)
class Principal:
    """Duty that comes back: by heading as the files let a reader total it, and as it truly is. [cents]"""

    by_heading: dict[str, int]
    true_refund: int
    confidence: str | None  # exact | upper bound; None where nothing was paid or an amount can't be read

    @property
    def from_files(self) -> int:
        """The total a correct reader of the files arrives at. [cents]"""
        return sum(self.by_heading.values())


def principal_of(entry: Entry) -> Principal:
    """Duty on dutiable IEEPA headings, row by row; all-in rows less the normal duty."""
    by_heading: dict[str, int] = {}
    true_refund, confidence = 0, "exact"
    for line in entry.lines:
        for place, row in enumerate(line.ordinals, start=1):
            if row.role not in ("ieepa", "all_in") or row.heading is None:
                continue
            true_refund += _true(line, row)
            if not entry.lines_seen or (line.number, place) in entry.unread or row.duty_cents == 0:
                continue
            seen, sure = _from_files(entry, line, row)
            by_heading[row.heading] = by_heading.get(row.heading, 0) + seen
            confidence = confidence if sure else "upper bound"
    return Principal(by_heading, true_refund, None if entry.unread or not by_heading else confidence)


def _true(line: Line, row: Ordinal) -> int:
    if row.role == "all_in" and not line.mfn_kept_apart and row.duty_cents:
        return row.duty_cents - line.mfn_cents
    return row.duty_cents


def _from_files(entry: Entry, line: Line, row: Ordinal) -> tuple[int, bool]:
    """The amount a reader gets for a row, and whether it is more than an upper bound. [cents]"""
    if row.role != "all_in" or line.mfn_kept_apart:
        return row.duty_cents, True
    return (row.duty_cents - line.mfn_cents, True) if entry.mfn_seen else (row.duty_cents, False)


def deposit_day(entry: Entry, spec: ClientSpec, recipe: Recipe, *, payment_seen: bool) -> date:
    """When the duty was deposited, as far as the files and the client's statement tell."""
    if payment_seen and entry.payment_date is not None:
        return entry.payment_date
    if spec.statement == "monthly":
        return days.working_day_of_next_month(
            entry.entry_date, recipe.windows["monthly_statement_working_day"]
        )
    return days.add_working(entry.entry_date, recipe.windows["single_statement_working_days"])


def interest_until(entry: Entry, disposition: str, as_of: date, recipe: Recipe, *, last_rated: date) -> date:
    """The day interest stops: (re)liquidation if filed that day, else the day itself."""
    if disposition not in FILEABLE:
        return as_of
    recorded = entry.seen_liquidated if entry.is_liquidated else None
    if recorded is not None and recorded <= as_of:
        return days.next_working(as_of)
    return min(as_of + timedelta(days=recipe.windows["acceptance_to_liquidation_days"]), last_rated)


@dataclass(frozen=True)
class Interest:
    """Interest compounded daily, one multiplication a day; deposit days met before are not recounted."""

    importer_class: str
    registry: Registry
    grown: dict[date, list[Decimal]] = field(default_factory=dict)

    def until(self, amount_cents: int, first: date, end: date) -> int:
        """Interest from the first day, which counts, to the last, which does not; rounded once. [cents]"""
        factors = self.grown.setdefault(first, [Decimal(1)])
        with localcontext() as context:
            context.prec = PRECISION
            while len(factors) <= (end - first).days:
                day = first + timedelta(days=len(factors) - 1)
                year = 366 if isleap(day.year) else 365
                factors.append(
                    factors[-1] * (1 + self.registry.rate_pct(day, self.importer_class) / 100 / year)
                )
            return cents(Decimal(amount_cents) / 100 * (factors[max(0, (end - first).days)] - 1))


# --- the whole truth of a client --------------------------------------------------------------------------


@dataclass
class Injected:
    """What was done to the files on purpose, so that a reader can be held to finding it."""

    conflicts: list[dict[str, Any]] = field(default_factory=list)
    problems: list[dict[str, Any]] = field(default_factory=list)
    files: list[dict[str, Any]] = field(default_factory=list)


@dataclass(frozen=True)
class Book:
    """What truth is reckoned with."""

    spec: ClientSpec
    recipe: Recipe
    registry: Registry
    payment_seen: frozenset[str]  # entries whose day of payment is in the files
    interest: Interest


def the_truth(book: Book, made: Iterable[Entry], injected: Injected, seed: int) -> dict[str, Any]:
    """The whole truth of a client, ready to be written as JSON. Amounts in cents."""
    entries = [_of_entry(book, entry) for entry in made]
    return {
        "for": "tests only: what a correct reading of this folder must arrive at; amounts in cents",
        "client": book.spec.key,
        "seed": seed,
        "importer_class": book.spec.importer_class,
        "as_of": [day.isoformat() for day in book.recipe.as_of],
        "totals": {day.isoformat(): _totals(entries, place) for place, day in enumerate(book.recipe.as_of)},
        "true_refund": sum(entry["true_refund"] for entry in entries),
        "conflicts": injected.conflicts,
        "problems": injected.problems,
        "files": injected.files,
        "entries": entries,
    }


def _of_entry(book: Book, entry: Entry) -> dict[str, Any]:
    recipe = book.recipe
    principal = principal_of(entry)
    said = [verdict(entry, day, recipe) for day in recipe.as_of]
    recorded = entry.seen_liquidated if entry.is_liquidated else None
    deposited = deposit_day(entry, book.spec, recipe, payment_seen=entry.number in book.payment_seen)
    told = {
        "entry_number": entry.number,
        "kind": entry.kind,
        "entry_type": entry.entry_type if entry.type_seen else None,
        "entry_date": entry.entry_date.isoformat(),
        "importer_number": entry.importer,
        "status": entry.seen_status,
        "liquidation_date": entry.seen_liquidated.isoformat() if entry.seen_liquidated else None,
        "extracted_on": entry.extracted_on.isoformat() if entry.extracted_on else None,
        "cape_last_day": (recorded + timedelta(days=recipe.windows["cape_days"])).isoformat()
        if recorded
        else None,
        "protest_last_day": (recorded + timedelta(days=recipe.windows["protest_days"])).isoformat()
        if recorded
        else None,
        "disposition": said,
        "principal_from_files": principal.from_files,
        "by_heading": principal.by_heading,
        "confidence": principal.confidence,
        "true_refund": principal.true_refund,
        "deposit_day": deposited.isoformat(),
        "interest": _interest(book, entry, said, principal.from_files),
    }
    return {key: value for key, value in told.items() if value is not None}


def _interest(book: Book, entry: Entry, said: list[str], amount: int) -> list[int]:
    """Interest on each as-of day; none where nothing is to be had. [cents]"""
    recipe, last_rated = book.recipe, book.registry.last_rated_day
    first = deposit_day(entry, book.spec, recipe, payment_seen=entry.number in book.payment_seen)
    told = []
    for what, day in zip(said, recipe.as_of, strict=True):
        end = interest_until(entry, what, day, recipe, last_rated=last_rated)
        told.append(0 if what in NO_INTEREST else book.interest.until(amount, first, end))
    return told


def _totals(entries: list[dict[str, Any]], place: int) -> dict[str, dict[str, int]]:
    """Entries, principal and interest by disposition on one of the as-of days. [cents]"""
    totals: dict[str, dict[str, int]] = {}
    for entry in entries:
        what = entry["disposition"][place]
        into = totals.setdefault(what, {"entries": 0, "principal": 0, "interest": 0})
        into["entries"] += 1
        into["principal"] += entry["principal_from_files"]
        into["interest"] += entry["interest"][place]
    return dict(sorted(totals.items()))
