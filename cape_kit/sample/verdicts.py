"""What may be done with an entry on a day, reasoned kind by kind from its own story: the samples' truth.

Nothing here looks at the kit's rules; each kind has one peculiarity, and its verdict says what that one does.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta

from cape_kit.sample.days import on_or_after
from cape_kit.sample.facts import Entry
from cape_kit.sample.kinds import forecast
from cape_kit.sample.recipe import Recipe

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


def _told(entry: Entry, day: date, recipe: Recipe, *, within: str, before: str, past: str = "final") -> str:
    """The verdict by the clock: `before` liquidation, `within` the CAPE days, then protest, then `past`."""
    days = age(entry, day)
    if days is None:
        return "undetermined" if gone_stale(entry, day, recipe) else before
    if days > recipe.windows["protest_days"]:
        return past
    return "protest" if days > recipe.windows["cape_days"] else within


def plain(entry: Entry, day: date, recipe: Recipe) -> str:
    """Nothing stands in the way."""
    return _told(entry, day, recipe, within="file", before="file")


def deferred(entry: Entry, day: date, recipe: Recipe) -> str:
    """CAPE takes it; the money waits for liquidation."""
    return _told(entry, day, recipe, within="file_deferred", before="file_deferred")


def mendable(entry: Entry, day: date, recipe: Recipe) -> str:
    """CAPE refuses it until the client mends something."""
    return _told(entry, day, recipe, within="cure", before="cure")


def correctable(entry: Entry, day: date, recipe: Recipe) -> str:
    """CAPE refuses it until a correction, possible for a time and before liquidation; then it must wait."""
    windows = recipe.windows
    last = entry.entry_date + timedelta(days=windows["psc_days"])
    if entry.seen_status not in OFF_CYCLE:
        due = entry.seen_liquidated or forecast(recipe, entry.entry_date)
        last = min(last, due - timedelta(days=windows["psc_before_days"]))
    return _told(entry, day, recipe, within="protest", before="cure" if day <= last else "held")


def refused(entry: Entry, day: date, recipe: Recipe) -> str:
    """Refused by the one error for order and partners of numbers, nothing corrected since; CBP dropped it."""
    dropped = day > recipe.windows["sequence_error_last"]
    return (plain if dropped else correctable)(entry, day, recipe)


def blocked(entry: Entry, day: date, recipe: Recipe) -> str:
    """CAPE refuses its class and nobody can mend that."""
    return _told(entry, day, recipe, within="protest", before="held")


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
    """An open protest that can be withdrawn: mend it in time, else keep it."""
    return _told(entry, day, recipe, within="cure", before="cure", past="protest")


def protested_for_more(entry: Entry, day: date, recipe: Recipe) -> str:
    """An open protest that concerns other matters too: keep it."""
    return _told(entry, day, recipe, within="protest", before="cure", past="protest")


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
    return _told(entry, day, recipe, within="undetermined", before="undetermined")


#: verdict (in recipe.toml, or set where a file lost a fact) -> how it is reasoned
VERDICTS: dict[str, Callable[[Entry, date, Recipe], str]] = {
    "plain": plain,
    "deferred": deferred,
    "mendable": mendable,
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
