"""Each doubt the kit may have: a permanent code, a title, what settles it, and which entries it touches."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

import numpy as np
import pandas as pd

from cape_kit.assessment import interest, money
from cape_kit.assessment.decisions import Questions
from cape_kit.assessment.refund import bearing
from cape_kit.assessment.rules import checks
from cape_kit.assessment.wording import COLUMNS, short
from cape_kit.law.book import Check

#: How many of the words nobody knows a title quotes.
_LISTED = 5


@dataclass(frozen=True)
class Caveat:
    """One doubt: what it says, what would settle it, and which entries it touches."""

    code: str
    title: str
    settles: str
    touches: Callable[[Questions], np.ndarray]
    source: str = ""
    amount: str = "principal_cents"  # the column of the money that hangs on it


def doubts(asked: Questions) -> tuple[Caveat, ...]:
    """The doubts beside unverified checks, in the order they are told."""
    return (
        *_about_amounts(asked),
        *_about_headings(asked),
        *_about_time(asked),
        *_about_filing(asked),
        *_about_words(asked),
    )


def _about_amounts(asked: Questions) -> tuple[Caveat, ...]:
    return (
        Caveat(
            "upper-bound",
            "Refund is an upper bound: the row of an all-in heading also holds the normal duty",
            "ES-003 with the object Column 1 Current Primary Duty Rate",
            lambda s: s.counted & s.sure("upper bound"),
        ),
        Caveat(
            "incomplete",
            "An IEEPA duty amount could not be read, so the refund is incomplete",
            "the rows named in the problem list",
            lambda s: s.counted & s.sure("incomplete"),
        ),
        Caveat(
            "stated-duty",
            "The files state duty that may be IEEPA duty, on no heading the kit could read: counted nowhere",
            "the chapter 99 numbers of that duty: ES-003, or the entry summary itself",
            lambda s: s.counted & s.amounts["stated_cents"].notna().to_numpy(),
            amount="stated_cents",
        ),
        Caveat(
            "paper",
            "Read from paper (CBP Form 7501): the sums tie out, but nothing on it proves the digits of an HTS number",
            "ES-003, which goes before paper and adds liquidation, protests and claims",
            lambda s: s.counted & _on_paper(s),
            asked.facts.law.cite("form-7501"),
        ),
        Caveat(
            "not-proved",
            "No IEEPA heading in files that do not list every tariff number of a line: that proves nothing",
            "ES-003 with HTS Number - Full",
            lambda s: (s.facts.lines["bears_open"] == bearing.NOT_LISTED).to_numpy(),
        ),
    )


def _about_headings(asked: Questions) -> tuple[Caveat, ...]:
    return (
        Caveat(
            "exception-duty",
            "Duty stands on an IEEPA exception heading: flagged, not counted",
            "the entry summary itself",
            lambda s: s.marked("duty_on_exception"),
            amount="exception_duty_cents",
        ),
        Caveat(
            "unknown-number",
            "Duty stands on a number of the IEEPA series that is not in the registry: not counted",
            "the entry summary itself, and the HTS of its day",
            lambda s: s.counted & checks.unregistered(s.facts).to_numpy(dtype=bool),
            amount="unknown_duty_cents",
        ),
        Caveat(
            "gap",
            "A later heading reaches back over the day of entry: the duty may have been corrected since",
            "the entry summary as it stands now",
            lambda s: s.counted & s.marked("in_gap"),
            asked.facts.law.cite("hts-2026-rev6"),
        ),
        Caveat(
            "zero-duty",
            "An IEEPA duty heading at $0.00 stands beside others that were paid: nothing comes back on it",
            "the entry summary itself; such rows can make CBP's computation fail",
            lambda s: s.acting & _unpaid(s),
        ),
        Caveat(
            "rate-pending",
            "Interest stops at the last published rate; the next quarter's is not out",
            f"the rate for the quarter after {interest.covered_until(asked.facts.law):%b %Y}",
            lambda s: s.counted & (s.amounts["interest_until_basis"] == money.LAST_RATE).to_numpy(),
        ),
    )


def _about_time(asked: Questions) -> tuple[Caveat, ...]:
    cite = asked.facts.law.cite
    fresh = "a fresh ES-003 with Liquidation Status and Liquidation Date"
    return (
        Caveat(
            "overdue",
            "Past its expected liquidation day but not liquidated in the files",
            fresh,
            lambda s: s.acting & s.waiting & s.past("due_on"),
        ),
        Caveat(
            "deemed",
            "Not liquidated a year after entry, and neither extended nor suspended in the files: it may be "
            "deemed liquidated, and its windows running",
            fresh + "; ES-702",
            lambda s: s.acting & s.waiting & s.past("deemed_on"),
            cite("usc-19-1504"),
        ),
        Caveat(
            "old-hold",
            "Extended, suspended or under review in an export older than the CAPE window is long: that may "
            "have ended since, and the entry liquidated",
            fresh + "; ES-702",
            lambda s: s.acting & s.off_cycle & ~s.liquidated & _old_export(s),
        ),
        Caveat(
            "original-liquidation",
            "Inside the CAPE window of a reliquidation, but CBP's own power, counted from the first "
            "liquidation, is over",
            "ask CBP before relying on CAPE; protest in time",
            lambda s: s.acting & s.power_over,
            cite("usc-19-1501"),
        ),
        Caveat(
            "unknown-status",
            "Liquidation status word not known to the law book" + _quoted(asked, "liquidation_status"),
            "ask CBP or the broker what the word means",
            lambda s: (
                s.facts.entries["liquidation_status"].notna() & s.facts.clocks["status"].isna()
            ).to_numpy(),
        ),
    )


def _about_filing(asked: Questions) -> tuple[Caveat, ...]:
    return (
        Caveat(
            "protest-grounds",
            "A protest is open, and whether it is about IEEPA duty alone is not in the files",
            "the protest itself, entered as protest_ieepa_only in facts.csv",
            lambda s: (
                s.acting & s.failed(Check.PROTEST) & s.facts.flag("protest_ieepa_only").isna().to_numpy()
            ),
        ),
        Caveat(
            "refused",
            "CBP refused it on an earlier claim: filed again unmended, it may fail again",
            "CAPE claim details of that claim, and an ES-003 exported after the mending",
            lambda s: s.acting & s.refused & ~s.refused_unmended & ~s.refused_mended,
            asked.cite(Check.CLAIMED),
        ),
        Caveat(
            "on-list",
            "On an earlier declaration list in the folder, with no answer from CBP yet",
            "CAPE claim details of that declaration",
            lambda s: s.acting & _on_list(s),
            asked.cite(Check.CLAIMED),
        ),
    )


def _about_words(asked: Questions) -> tuple[Caveat, ...]:
    """One caveat for each column in which something stands that nobody understands."""
    return tuple(
        Caveat(
            f"unknown-{column}",
            f"A word that the kit does not know as {name}{_quoted(asked, column)}",
            "ask CBP or the broker what the word means, and state it in facts.csv",
            partial(_unread, column=column),
        )
        for column, name in COLUMNS.items()
        if column != "liquidation_status" and asked.facts.unread(column).any()
    )


def _unread(asked: Questions, *, column: str) -> np.ndarray:
    return asked.facts.unread(column)


def _quoted(asked: Questions, column: str) -> str:
    """The words themselves, the most frequent first, and on how many entries each stands."""
    if not asked.facts.unread(column).any():
        return ""
    words = short(asked.facts.unread_text(column), 40).value_counts()
    listed = ", ".join(f"“{word}” ({count:,})" for word, count in words.head(_LISTED).items())
    more = len(words) - _LISTED
    return f": {listed}" + (f" and {more:,} more" if more > 0 else "")


def _on_paper(asked: Questions) -> np.ndarray:
    """Entries whose first reading is a print of the entry summary."""
    files = asked.facts.entries["source_file"].astype("str").str.lower()
    return files.str.endswith(".pdf").fillna(False).to_numpy(dtype=bool)


def _unpaid(asked: Questions) -> np.ndarray:
    return asked.facts.lines["unpaid_headings"].notna().to_numpy()


def _old_export(asked: Questions) -> np.ndarray:
    """Exported longer ago than the CAPE window is long. Source: key ``window.cape``."""
    facts = asked.facts
    length = int(facts.law.value("window.cape", facts.day).value)
    age = pd.Timestamp(facts.day) - facts.entries["extracted_on"]
    return (age > pd.Timedelta(days=length)).to_numpy(dtype=bool)


def _on_list(asked: Questions) -> np.ndarray:
    seen = asked.facts.seen
    answered = asked.facts.entries["claim_status"].notna()
    return (seen["on_list"] & ~answered).to_numpy(dtype=bool)
