"""What each entry is worth: principal from its lines, interest for both importer classes, and until when."""

from __future__ import annotations

from datetime import date, timedelta

import numpy as np
import pandas as pd

from cape_kit.assessment import interest
from cape_kit.assessment.rules import Facts
from cape_kit.entries.client import Client
from cape_kit.law import workdays
from cape_kit.law.book import Law

#: Dispositions whose interest runs to the (re)liquidation expected after filing.
FILED = ("file", "file_deferred")
#: Dispositions on which no interest is reckoned: paid elsewhere, or nothing to pay.
NONE = ("claimed", "not_refundable")
#: Ways to guess the deposit day of an entry without a payment date, from the latest day to the earliest.
BASES = ("monthly statement", "working days", "entry date")
#: Said where interest had to stop short because the next quarter's rate is not published.
LAST_RATE = "last day with a published rate"


def price(facts: Facts, disposition: pd.Series) -> pd.DataFrame:
    """One row per entry: duty paid, IEEPA principal, interest by class, days and their basis. [cents]

    Sources: keys ``deposit.*``, ``processing.*`` and the interest table of the law book.
    """
    lines, client = facts.lines, facts.client
    deposit_day, deposit_basis = deposit(facts.entries, facts.law, facts.day, basis=basis_of(client))
    until, until_basis = _until(facts, disposition)
    principal = lines["principal_cents"].astype("Int64")
    bears = ~disposition.isin(NONE)
    by_class = {
        name: interest.accrue_many(
            principal.where(bears), deposit_day, until, facts.law, importer_class=name, day_count=None
        )
        for name in ("corporate", "non_corporate")
    }
    return pd.DataFrame(
        {
            "entry_number": facts.entries["entry_number"],
            "country": lines["country"].astype("str"),
            "programme": lines["programme"].astype("str"),
            "duty_paid_cents": lines["duty_paid_cents"],
            "goods_value_cents": lines["goods_value_cents"],
            "ieepa_paid_cents": lines["ieepa_paid_cents"],
            "principal_cents": principal,
            "interest_cents": by_class[client.importer_class],
            "interest_corporate_cents": by_class["corporate"],
            "interest_noncorporate_cents": by_class["non_corporate"],
            "deposit_day": deposit_day,
            "deposit_basis": deposit_basis,
            "interest_until": until,
            "interest_until_basis": until_basis,
            "confidence": lines["confidence"].astype("str"),
            "confidence_why": lines["why"].astype("str"),
            "exception_duty_cents": lines["exception_duty_cents"],
            "unknown_duty_cents": lines["unknown_duty_cents"],
            "stated_cents": lines["stated_cents"],
        }
    )


def basis_of(client: Client) -> str:
    """How the deposit day is guessed for the client's entries without a payment date, by its statement."""
    return "monthly statement" if client.statement == "monthly" else "working days"


def deposit(
    entries: pd.DataFrame, law: Law, on: date, *, basis: str = "working days"
) -> tuple[pd.Series, pd.Series]:
    """The day the duty was deposited, and its basis: as recorded, else guessed on one of BASES.

    Duty paid later (a bill, a correction) accrues from its own day: state it as payment_date in facts.csv.
    Sources: keys ``deposit.statement_working_day``, ``deposit.single_working_days`` and "usc-19-1505".
    """
    paid, entered = entries["payment_date"], entries["entry_date"]
    if basis == "monthly statement":
        nth = int(law.value("deposit.statement_working_day", on).value)
        guess = workdays.statement_day_of_next_month(entered, nth)
        told = f"monthly statement, working day {nth} of the following month"
    elif basis == "working days":
        nth = int(law.value("deposit.single_working_days", on).value)
        guess = workdays.add_working_days(entered, nth)
        told = f"entry date + {nth} working days"
    else:
        guess, told = entered, "entry date"
    label = np.select(
        [paid.notna().to_numpy(), guess.notna().to_numpy()], ["payment date in the files", told], "unknown"
    )
    day = paid.fillna(guess).astype("datetime64[s]")
    return day, pd.Series(label, index=entries.index, dtype="str")


def _until(facts: Facts, disposition: pd.Series) -> tuple[pd.Series, pd.Series]:
    """The day interest is reckoned to, never past the last published rate."""
    law, day = facts.law, facts.day
    after = int(law.value("processing.liquidation_after_acceptance", day).value)
    business = int(law.value("processing.reliquidation_business_days", day).value)
    filed, deferred = disposition.isin(FILED), disposition == "file_deferred"
    was = facts.clocks["liquidated"].fillna(False).astype(bool)
    until = pd.Series(pd.Timestamp(day), index=disposition.index)
    until = until.mask(filed & ~was, pd.Timestamp(day + timedelta(days=after)))
    until = until.mask(filed & was, pd.Timestamp(workdays.add_business_days(day, business)))
    limit = pd.Timestamp(interest.covered_until(law))
    basis = np.select(
        [until > limit, filed & was, deferred, filed],
        [
            LAST_RATE,
            "reliquidation expected the next business day",
            f"at least to {after} days after acceptance; it waits for the liquidation",
            f"liquidation expected {after} days after acceptance",
        ],
        default="the day of this assessment",
    )
    days = until.mask(until > limit, limit).astype("datetime64[s]")
    return days, pd.Series(basis, index=disposition.index, dtype="str")
