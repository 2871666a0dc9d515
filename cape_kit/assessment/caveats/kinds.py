"""Each doubt the kit may have: a permanent code, a title, what settles it, and which entries it touches.

Those about the remedies beside CAPE stand in `remedies`.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

import numpy as np
import pandas as pd

from cape_kit.assessment import interest, money, refund, timeline
from cape_kit.assessment.decisions import Questions
from cape_kit.assessment.rules import checks
from cape_kit.assessment.wording import COLUMNS, short
from cape_kit.entries import kept
from cape_kit.law.book import Check

#: How many of the words nobody knows a title quotes.
_LISTED = 5


@dataclass(frozen=True)
class Caveat:
    """One doubt: what it says, what would settle it, and which entries it touches.

    `evidence` is what anyone may be asked for; `entered` the fact of facts.csv as which the consultant puts it in.
    """

    code: str
    title: str
    evidence: str
    touches: Callable[[Questions], np.ndarray]
    source: str = ""
    amount: str = "principal_cents"  # the column of the money that hangs on it
    entered: str = ""

    @property
    def settles(self) -> str:
        """What would settle it, and where the consultant enters that."""
        return self.evidence + (f", entered as {self.entered} in facts.csv" if self.entered else "")


@kept
def doubts(asked: Questions) -> tuple[Caveat, ...]:
    """The doubts beside unverified checks, in the order they are told."""
    return (
        *_about_amounts(asked),
        *_about_reading(asked),
        *_about_headings(asked),
        *_about_time(asked),
        *_about_filing(asked),
        *_about_another_claim(asked),
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
            "disputed-duty",
            "Files, rows or columns give different IEEPA duty for one entry, and nothing shows which is correct: "
            "one is counted",
            "ES-003 of the entry, with its line numbers; keep only the correct file or column",
            lambda s: s.counted & _disputed(s),
        ),
        Caveat(
            "off-rate",
            "The IEEPA duty can't be its heading's rate of the value in the files: a rate, a value or "
            "cents may stand in the column of duty",
            "ES-003 of the entry; the column the duty was read from",
            lambda s: s.counted & s.marked("off_rate"),
        ),
        Caveat(
            "liquidated-lower",
            "A liquidated entry's total duty in the files is less than the duty on its lines, or its liquidation gave "
            "a refund: it may have been liquidated without its IEEPA duty",
            "ES-701, ES-702 or ES-022 of the entry: what its liquidation refunded",
            lambda s: s.acting & s.liquidated & (_total_is_less(s) | _liquidated_with_refund(s)),
        ),
    )


def _about_reading(asked: Questions) -> tuple[Caveat, ...]:
    return (
        Caveat(
            "stated-duty",
            "The files state duty that may be IEEPA duty, without a readable heading: not counted",
            "the chapter 99 numbers of that duty: ES-003, or the entry summary itself",
            lambda s: s.counted & s.amounts["stated_cents"].notna().to_numpy(),
            amount="stated_cents",
        ),
        Caveat(
            "numbers-unread",
            "A column of chapter 99 numbers was not read, and names an IEEPA heading that no line of the entry bears: "
            "duty on it is not in the amount, or stands under another number",
            "ES-003 of the entry; what the column holds, said in a layout (cape-kit inspect CLIENT --propose)",
            lambda s: s.counted & s.marked("numbers_unread"),
        ),
        Caveat(
            "paper",
            "Read from paper (CBP Form 7501): the totals tie out, but nothing on the form proves each "
            "digit of an HTS number",
            "ES-003, which takes precedence over paper and adds liquidation, protests and claims",
            lambda s: s.counted & _on_paper(s),
            asked.facts.law.cite("form-7501"),
        ),
        Caveat(
            "not-proved",
            "No IEEPA heading in files that do not list every tariff number of a line: not conclusive",
            "ES-003 with HTS Number - Full",
            lambda s: (s.facts.lines["bears_open"] == refund.NOT_LISTED).to_numpy(),
        ),
    )


def _about_headings(asked: Questions) -> tuple[Caveat, ...]:
    return (
        Caveat(
            "exception-duty",
            "Duty was reported on an IEEPA exception heading: flagged, not counted",
            "the entry summary itself",
            lambda s: s.marked("duty_on_exception"),
            amount="exception_duty_cents",
        ),
        Caveat(
            "unknown-number",
            "Duty was reported on a number in the IEEPA series that is not in the registry: not counted",
            "the entry summary itself, and the HTS in force on its date",
            lambda s: s.counted & checks.unregistered(s.facts).to_numpy(dtype=bool),
            amount="unknown_duty_cents",
        ),
        Caveat(
            "outside-dates",
            "An IEEPA heading on an entry date on which it was not in force: the date or the number may be wrong",
            "the entry summary itself; ES-003, Entry Date and HTS Number - Full",
            lambda s: s.counted & s.marked("outside_dates"),
            asked.facts.law.cite("hts-2026-rev6"),
        ),
        Caveat(
            "gap",
            "A later heading applies retroactively to the entry date: the duty may have been corrected since",
            "the current entry summary",
            lambda s: s.counted & s.marked("in_gap"),
            asked.facts.law.cite("hts-2026-rev6"),
        ),
        Caveat(
            "zero-duty",
            "An IEEPA duty heading at $0.00 appears with others that were paid: nothing is refundable on it",
            "the entry summary itself; such rows can make CBP's computation fail",
            lambda s: s.acting & _unpaid(s),
        ),
        Caveat(
            "rate-pending",
            "Interest stops at the last published rate; the next quarter's is not yet published",
            f"the rate for the quarter after {interest.covered_until(asked.facts.law):%b %Y}",
            lambda s: s.counted & (s.amounts["interest_until_basis"] == money.LAST_RATE).to_numpy(),
        ),
    )


def _about_time(asked: Questions) -> tuple[Caveat, ...]:
    cite = asked.facts.law.cite
    fresh = "a new ES-003 with Liquidation Status and Liquidation Date"
    return (
        Caveat(
            "overdue",
            "Past its expected liquidation day but not liquidated in the files",
            fresh,
            lambda s: s.acting & s.waiting & s.past("due_on"),
        ),
        Caveat(
            "deemed",
            "Not liquidated a year after entry, and neither extended nor suspended in the files: it may "
            "be deemed liquidated, with its windows running",
            fresh + "; ES-702",
            lambda s: s.acting & s.waiting & s.past("deemed_on"),
            cite("usc-19-1504"),
        ),
        Caveat(
            "old-hold",
            "Extended, suspended or under review in an export older than the length of the CAPE window: "
            "that may have ended since, and the entry liquidated",
            fresh + "; ES-702",
            lambda s: s.acting & s.off_cycle & ~s.liquidated & _old_export(s),
        ),
        Caveat(
            "original-liquidation",
            "Inside the CAPE window of a reliquidation, but CBP's own authority to reliquidate, counted "
            "from the first liquidation, has ended",
            "ask CBP before relying on CAPE; protest in time",
            lambda s: s.acting & s.power_over,
            cite("usc-19-1501"),
        ),
        Caveat(
            "liquidated-later",
            "Shown as liquidated on a future date: the date may be wrong, and the windows already running",
            fresh,
            _later_than_today,
        ),
        Caveat(
            "unknown-status",
            "Liquidation status word not recognized" + _quoted(asked, "liquidation_status"),
            "ask CBP or the broker what the word means",
            lambda s: (
                s.facts.entries["liquidation_status"].notna() & s.facts.clocks["status"].isna()
            ).to_numpy(),
        ),
    )


def _later_than_today(asked: Questions) -> np.ndarray:
    """Liquidated by the word of a file no younger than the day, on a later day; of a younger file it is a replay."""
    entries, day = asked.facts.entries, pd.Timestamp(asked.facts.day)
    later = (entries["liquidation_date"] > day) & ~(entries["extracted_on"] > day)
    said = asked.facts.words("liquidation_status").among(*timeline.LIQUIDATED)
    return later.fillna(False).to_numpy(dtype=bool) & said


def _about_filing(asked: Questions) -> tuple[Caveat, ...]:
    return (
        Caveat(
            "protest-grounds",
            "A protest is open, and the files do not show whether it covers IEEPA duty only",
            "the protest itself",
            lambda s: (
                s.acting & s.failed(Check.PROTEST) & s.facts.flag("protest_ieepa_only").isna().to_numpy()
            ),
            entered="protest_ieepa_only",
        ),
        Caveat(
            "refused",
            "CBP refused it on an earlier claim: refiled without correction, it may fail again",
            "CAPE claim details of that claim, and an ES-003 exported after the correction",
            lambda s: s.acting & s.refused & ~s.refused_uncured & ~s.refused_cured,
            asked.cite(Check.CLAIMED),
        ),
        Caveat(
            "state-unread",
            "A column of the state of the entry was not read, and what it says may put it out of CAPE"
            + _in_brackets(asked.facts.seen["state_unread"]),
            "the broker: of what the column is the status; then name it as the report does",
            lambda s: s.acting & s.facts.seen["state_unread"].notna().to_numpy(),
        ),
        Caveat(
            "file-unread",
            "It stands in a file or sheet that was not read, and what that says of it is not known"
            + _in_brackets(asked.facts.seen["in_unread"]),
            "the problem list says what the file lacks; what it says of the entry, in facts.csv",
            lambda s: s.acting & s.facts.seen["in_unread"].notna().to_numpy(),
        ),
        Caveat(
            "rows-doubted",
            "One file of the entry has IEEPA rows, another has none, and their days do not say which is later: CBP "
            "removes them when it accepts a declaration",
            "ES-022; a new ES-003 of the entry, with its date",
            lambda s: s.acting & s.facts.seen["rows_doubted"].to_numpy(dtype=bool),
        ),
        Caveat(
            "on-list",
            "On an earlier declaration list in the folder, with no CBP response yet",
            "CAPE claim details of that declaration",
            lambda s: s.acting & _on_list(s),
            asked.cite(Check.CLAIMED),
        ),
    )


def _about_another_claim(asked: Questions) -> tuple[Caveat, ...]:
    """What only a claim would explain, of which the files show none."""
    return (
        Caveat(
            "reliquidated-since",
            "Reliquidated since CAPE opened, and no accepted claim in the files explains it: CAPE may have done it",
            "CAPE claim details; ES-022; the liquidation reason code",
            lambda s: s.acting & _reliquidated_since(s),
            asked.cite(Check.CLAIMED),
        ),
        Caveat(
            "paid-unclaimed",
            "A report of payments shows a refund to the entry's importer or 4811 party since CAPE opened, and no "
            "accepted claim in the files explains it: the entry may be the one refunded",
            "REV-615 or ES-022, which show the entries behind the payment; CAPE claim details",
            lambda s: s.acting & s.facts.seen["paid_unclaimed"].to_numpy(dtype=bool),
            asked.cite(Check.CLAIMED),
        ),
    )


def _reliquidated_since(asked: Questions) -> np.ndarray:
    """Reliquidated by its word, or by two days, on a day since CAPE is there. Source: the phases of the law book."""
    entries, opened = asked.facts.entries, asked.facts.law.cape_opened
    if opened is None:
        return np.zeros(len(entries), dtype=bool)
    said = asked.facts.words("liquidation_status").among("reliquidated")
    again = (
        (entries["original_liquidation_date"] < entries["liquidation_date"])
        .fillna(False)
        .to_numpy(dtype=bool)
    )
    since = (entries["liquidation_date"] >= pd.Timestamp(opened)).fillna(False).to_numpy(dtype=bool)
    return (said | again) & since


def _about_words(asked: Questions) -> tuple[Caveat, ...]:
    """One caveat for each column in which something stands that nobody understands."""
    return tuple(
        Caveat(
            f"unknown-{column}",
            f"Word not recognized as {name}{_quoted(asked, column)}",
            "ask CBP or the broker what the word means, and enter it in facts.csv",
            partial(_unread, column=column),
        )
        for column, name in COLUMNS.items()
        if column != "liquidation_status" and asked.facts.unread(column).any()
    )


def _unread(asked: Questions, *, column: str) -> np.ndarray:
    return asked.facts.unread(column)


def _quoted(asked: Questions, column: str) -> str:
    """The words themselves, the most frequent first, and on how many entries each stands."""
    return _in_brackets(asked.facts.unread_text(column)) if asked.facts.unread(column).any() else ""


def _in_brackets(texts: pd.Series) -> str:
    """Different texts behind a colon, the most frequent first, and on how many entries each stands."""
    words = short(texts, 40).value_counts()
    if words.empty:
        return ""
    listed = ", ".join(f"“{word}” ({count:,})" for word, count in words.head(_LISTED).items())
    more = len(words) - _LISTED
    return f": {listed}" + (f" and {more:,} more" if more > 0 else "")


def _disputed(asked: Questions) -> np.ndarray:
    """Rows or files give different duty, or a column beside the one read does."""
    of_rows = asked.facts.flag("duty_disputed").fillna(False).to_numpy(dtype=bool)
    return np.asarray(of_rows | asked.marked("stated_otherwise"), dtype=bool)


def _total_is_less(asked: Questions) -> np.ndarray:
    """The duty the entry was liquidated with, or its total, is below the duty of its lines by more than rounding."""
    lines, total = asked.facts.lines, asked.facts.entries["total_duty_cents"].astype("Int64")
    total = lines["liquidated_cents"].astype("Int64").fillna(total)
    rounded = 100 * lines["line_rows"].astype("Int64")
    return (total + rounded < lines["duty_paid_cents"]).fillna(False).to_numpy(dtype=bool)


def _liquidated_with_refund(asked: Questions) -> np.ndarray:
    """The status of the liquidation names a refund: "Change - Refund"."""
    status = asked.facts.entries["liquidation_status"].astype("str")
    return status.str.contains("refund", case=False).fillna(False).to_numpy(dtype=bool)


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
