"""What each entry is worth: principal from its lines, interest for both importer classes, and until when."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from functools import partial

import numpy as np
import pandas as pd

from cape_kit import few_values
from cape_kit.assessment import interest, terms
from cape_kit.assessment.rules import Facts
from cape_kit.assessment.terms import BASES
from cape_kit.entries import identifiers
from cape_kit.few_values import held_once, spelt
from cape_kit.law import workdays
from cape_kit.law.book import Law

#: Dispositions whose interest runs to the (re)liquidation expected after filing.
FILED = ("file", "file_deferred")
#: The disposition of what was uploaded before, whose interest runs from the day of that upload.
UPLOADED = "filed"
#: What comes back through CAPE by what was filed, or can be filed.
ON_CAPE = (*FILED, UPLOADED)
#: Dispositions on which no interest is reckoned: paid elsewhere, or nothing to pay.
NONE = ("claimed", "not_refundable")
#: How sure an amount is that files or rows give differently, and why.
IN_DOUBT = "in doubt"
OFF_RATE = "the amount can't be duty at the heading's rate on the value in the files"
NUMBERS = (
    "a column of chapter 99 numbers was not read, and names an IEEPA heading the entry's lines do not bear"
)
DISPUTED = "files or rows give different IEEPA duty for it, and nothing shows which is correct"
#: Said where interest had to stop short because the next quarter's rate is not published.
LAST_RATE = "last day with a published rate"


def price(facts: Facts, disposition: pd.Series, waits: np.ndarray) -> pd.DataFrame:
    """One row per entry: duty paid, IEEPA principal, interest by class, days and their basis. [cents]

    `waits`: uploaded entries that are refunded only when they liquidate in their own time.
    Sources: keys ``deposit.*``, ``processing.*`` and the interest table of the law book.
    """
    lines, client = facts.lines, facts.client
    known = terms.of(facts.entries, client, facts.law)
    deposit_day, deposit_basis = deposit(facts.entries, facts.law, facts.day, basis=known["deposit_by"])
    until, until_basis = _until(facts, disposition, waits)
    principal = lines["principal_cents"].astype("Int64")
    bears = ~disposition.isin(NONE)
    corporate, others = (
        grown(
            facts.entries["entry_number"],
            principal.where(bears),
            (deposit_day, until),
            facts.law,
            later=client.later_deposits,
            reading=(name, None),
        )
        for name in interest.CLASSES
    )
    disputed = facts.entries["duty_disputed"].fillna(False).astype(bool) & principal.notna()
    disputed |= facts.line("stated_otherwise").fillna(False).to_numpy(dtype=bool) & principal.notna()
    numbers = facts.line("numbers_unread").fillna(False).to_numpy(dtype=bool) & principal.notna()
    off_rate = facts.line("off_rate").fillna(False).to_numpy(dtype=bool) & principal.notna()
    if len(client.later_deposits):
        count = client.later_deposits["entry_number"].value_counts()
        parts = facts.entries["entry_number"].map(count).astype("Int64").astype("str")
        deposit_basis = deposit_basis + ("; later deposits: " + parts).fillna("")
    sure, why = lines["confidence"].astype("str"), lines["why"].astype("str")
    for doubted, reason in ((numbers, NUMBERS), (off_rate, OFF_RATE), (disputed, DISPUTED)):
        if doubted.any():
            sure, why = sure.mask(doubted, IN_DOUBT), why.mask(doubted, reason)
    told = pd.DataFrame(
        {
            "entry_number": facts.entries["entry_number"],
            "country": lines["country"].astype("str"),
            "programme": lines["programme"].astype("str"),
            "duty_paid_cents": lines["duty_paid_cents"],
            "goods_value_cents": lines["goods_value_cents"],
            "ieepa_paid_cents": lines["ieepa_paid_cents"],
            "principal_cents": principal,
            "interest_cents": corporate.where(known["importer_class"].eq(interest.CLASSES[0]), others),
            "interest_corporate_cents": corporate,
            "interest_noncorporate_cents": others,
            "importer_class": known["importer_class"],
            "class_from": known["class_from"],
            "statement_from": known["statement_from"],
            "deposit_day": deposit_day,
            "deposit_basis": deposit_basis,
            "deposit_from": known["deposit_from"],
            "interest_until": until,
            "interest_until_basis": until_basis,
            "confidence": sure,
            "confidence_why": why,
            "ended_since_cents": lines["ended_since_cents"],
            "exception_duty_cents": lines["exception_duty_cents"],
            "unknown_duty_cents": lines["unknown_duty_cents"],
            "stated_cents": lines["stated_cents"],
        }
    )
    return held_once(told)


def grown(
    numbers: pd.Series,
    principal: pd.Series,
    days: tuple[pd.Series, pd.Series],
    law: Law,
    *,
    later: pd.DataFrame,
    reading: tuple[str, str | None],
) -> pd.Series:
    """Interest on each entry's principal from its deposit to the end, what was deposited later from its own day.

    `days`: the day of the deposit, and the day interest runs to; `later`: see `Client.later_deposits`;
    `reading`: importer class and day count (None: the law book's). Later deposits that add up to more than the
    principal can't all be IEEPA duty of it: none of them is used. [cents]
    Source: key "usc-19-1505".
    """
    first, until = days
    terms_of = {"importer_class": reading[0], "day_count": reading[1]}
    later = later[identifiers.among(later["entry_number"], numbers)] if len(later) else later
    if later.empty:
        return interest.accrue_many(principal, first, until, law, **terms_of)
    place = pd.Series(principal.index, index=numbers.to_numpy())
    later = later.assign(place=place.reindex(later["entry_number"]).to_numpy())
    sums = later.groupby("place")["cents"].sum().reindex(principal.index).fillna(0)
    fits = (sums <= principal).fillna(False)
    later = later[fits.reindex(later["place"]).to_numpy(dtype=bool)]
    rest = principal - sums.where(fits, 0)
    ends = until.reindex(later["place"]).set_axis(later.index)
    more = interest.accrue_many(later["cents"], later["day"], ends, law, **terms_of)
    extra = more.groupby(later["place"]).sum().reindex(principal.index).fillna(0)
    return interest.accrue_many(rest, first, until, law, **terms_of) + extra


def deposit(
    entries: pd.DataFrame, law: Law, on: date, *, basis: str | pd.Series = "working days"
) -> tuple[pd.Series, pd.Series]:
    """The day the duty was deposited, and its basis: as recorded, else reckoned on one of BASES.

    `basis`: one for all entries, or one for each. Duty paid later (a bill, a correction) accrues from its own
    day. Sources: keys ``deposit.statement_working_day``, ``deposit.single_working_days`` and "usc-19-1505".
    """
    paid = entries["payment_date"]
    each = pd.Series(basis, index=entries.index, dtype="str")
    guess = pd.Series(pd.NaT, index=entries.index, dtype="datetime64[s]")
    told = pd.Series("unknown", index=entries.index, dtype="str")
    for name in each.unique():
        here = each.eq(name) & entries["entry_date"].notna()
        days, words = _guessed(entries["entry_date"], law, on, name)
        guess, told = guess.mask(here, days), told.mask(here, words)
    return paid.fillna(guess).astype("datetime64[s]"), told.mask(paid.notna(), "payment date in the files")


def _guessed(entered: pd.Series, law: Law, on: date, basis: str) -> tuple[pd.Series, str]:
    """The deposit days of entries without a payment date, on one basis, and that basis in words."""
    if basis == BASES[0]:
        nth = int(law.value("deposit.statement_working_day", on).value)
        told = f"monthly statement, working day {nth} of the following month"
        return workdays.statement_day_of_next_month(entered, nth), told
    if basis == BASES[1]:
        nth = int(law.value("deposit.single_working_days", on).value)
        return workdays.add_working_days(entered, nth), f"entry date + {nth} working days"
    return entered, "entry date"


@dataclass(frozen=True)
class Span:
    """Interest as reckoned, and the least and the most under every reading that nobody has settled. [cents]"""

    low_cents: int
    taken_cents: int
    high_cents: int


def spans(
    amounts: pd.DataFrame, entries: pd.DataFrame, law: Law, on: date, *, later: pd.DataFrame
) -> pd.DataFrame:
    """One row per entry: the least and the most its interest can be, by day count. [cents]

    Columns: entry_number, and for each day count ``low_<count>`` and ``high_<count>``. A payment date in the
    files, a stated statement and a stated class are settled; the day count is a reading for every entry.
    Sources: keys ``interest.day_count``, ``interest.importer_class``, ``deposit.*``.
    """
    open_class = amounts["class_from"].eq(terms.ASSUMED).to_numpy()
    open_day = amounts["deposit_from"].eq(terms.ASSUMED)
    days = [deposit(entries, law, on, basis=name)[0] for name in BASES] if open_day.any() else []
    own = amounts["deposit_day"]
    late, early = (
        own.mask(open_day, pick.reduce([day.to_numpy() for day in (own, *days)]))
        for pick in (np.fmax, np.fmin)
    )
    bears = amounts["interest_cents"].notna()
    told: dict[str, pd.Series] = {"entry_number": amounts["entry_number"]}
    for count in interest.DAY_COUNTS:
        for name, day in (("low", late), ("high", early)):
            by_class = [
                grown(
                    amounts["entry_number"],
                    amounts["principal_cents"].where(bears),
                    (day, amounts["interest_until"]),
                    law,
                    later=later,
                    reading=(one, count),
                )
                for one in interest.CLASSES
            ]
            mine = by_class[0].where(amounts["importer_class"].eq(interest.CLASSES[0]), by_class[1])
            other = by_class[1].where(amounts["importer_class"].eq(interest.CLASSES[0]), by_class[0])
            beyond = (other < mine) if name == "low" else (other > mine)
            told[f"{name}_{count}"] = mine.mask(beyond.fillna(False) & open_class, other)
    return pd.DataFrame(told)


def span(spans_: pd.DataFrame, amounts: pd.DataFrame, where: np.ndarray) -> Span:
    """The span of some entries together: the day count is one reading for all of them. [cents]"""
    here, counts = spans_[where], interest.DAY_COUNTS
    return Span(
        low_cents=min(int(here[f"low_{count}"].sum()) for count in counts),
        taken_cents=int(amounts.loc[where, "interest_cents"].sum()),
        high_cents=max(int(here[f"high_{count}"].sum()) for count in counts),
    )


def accepted_on(seen_filed: pd.Series, disposition: pd.Series, day: date) -> pd.Series:
    """The day acceptance is reckoned from: the filing day, or the day of an upload; null for what is not filed."""
    uploaded = seen_filed.where(disposition == UPLOADED).astype("datetime64[s]")
    return uploaded.mask(disposition.isin(FILED), pd.Timestamp(day))


def _until(facts: Facts, disposition: pd.Series, waits: np.ndarray) -> tuple[pd.Series, pd.Series]:
    """The day interest is reckoned to, never past the last published rate.

    What was uploaded is reckoned from that day; what should have been liquidated by now, and is not as far as
    the files go, to the day of the assessment.
    """
    law, day = facts.law, facts.day
    after = int(law.value("processing.liquidation_after_acceptance", day).value)
    business = int(law.value("processing.reliquidation_business_days", day).value)
    accepted = accepted_on(facts.seen["filed_on"], disposition, day)
    was = facts.clocks["liquidated"].fillna(False).astype(bool)
    soon = few_values.once(accepted, partial(business_days_later, count=business))
    # From a day of the calendar: so many days that it ends are an error, and no day beyond it is reckoned with.
    span = pd.Timestamp(day + timedelta(days=after)) - pd.Timestamp(day)
    expected = (accepted + span).mask(was, soon)
    today = pd.Series(pd.Timestamp(day), index=disposition.index)
    until = expected.where(expected > today, today)
    ahead = (expected > today).fillna(False)
    deferred = (disposition == "file_deferred") | waits
    limit = pd.Timestamp(interest.covered_until(law))
    told = (
        LAST_RATE,
        "reliquidation expected the next business day",
        f"at least to {after} days after acceptance; it waits for the liquidation",
        f"liquidation expected {after} days after acceptance",
        "the day of this assessment",
    )
    basis = np.select([until > limit, ahead & was, ahead & deferred, ahead], range(4), default=4)
    days = until.mask(until > limit, limit).astype("datetime64[s]")
    return days, spelt(basis, told, disposition.index)


def business_days_later(days: pd.Series, count: int) -> pd.Series:
    """Each day so many business days later; null stays null."""
    return days.map(lambda one: workdays.add_business_days(one.date(), count), na_action="ignore").astype(
        "datetime64[s]"
    )
