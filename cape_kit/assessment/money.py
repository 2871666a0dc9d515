"""What each entry is worth: principal from its lines, interest for both importer classes, and until when."""

from __future__ import annotations

from datetime import timedelta

import numpy as np
import pandas as pd

from cape_kit.assessment import interest
from cape_kit.assessment.rules import Facts
from cape_kit.entries.client import Client
from cape_kit.law import workdays

#: Dispositions whose interest runs to the (re)liquidation expected after filing.
FILED = ("file", "file_deferred")
#: Dispositions on which no interest is reckoned: paid elsewhere, or nothing to pay.
NONE = ("claimed", "not_refundable")
#: Said where interest had to stop short because the next quarter's rate is not published.
LAST_RATE = "last day with a published rate"


def price(facts: Facts, decided: pd.DataFrame, client: Client) -> pd.DataFrame:
    """One row per entry: duty paid, IEEPA principal, interest by class, days and their basis. [cents]

    Sources: keys ``deposit.*``, ``processing.*`` and the interest table of the law book.
    """
    lines = facts.lines
    deposit_day, deposit_basis = _deposit(facts, client)
    until, until_basis = _until(facts, decided["disposition"])
    principal = lines["principal_cents"].astype("Int64")
    bears = ~decided["disposition"].isin(NONE)
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
        }
    )


def _deposit(facts: Facts, client: Client) -> tuple[pd.Series, pd.Series]:
    """The day the duty was deposited: as recorded, else by the client's kind of statement."""
    entries, law = facts.entries, facts.law
    paid, entered = entries["payment_date"], entries["entry_date"]
    if client.statement == "monthly":
        nth = int(law.value("deposit.statement_working_day", facts.day).value)
        guess = workdays.statement_day_of_next_month(entered, nth)
        basis = f"monthly statement, working day {nth} of the following month"
    else:
        nth = int(law.value("deposit.single_working_days", facts.day).value)
        guess = workdays.add_working_days(entered, nth)
        basis = f"entry date + {nth} working days"
    day = paid.fillna(guess)
    label = np.select(
        [paid.notna().to_numpy(), guess.notna().to_numpy()], ["payment date in the files", basis], "unknown"
    )
    return day.astype("datetime64[s]"), pd.Series(label, index=entries.index, dtype="str")


def _until(facts: Facts, disposition: pd.Series) -> tuple[pd.Series, pd.Series]:
    """The day interest is reckoned to, never past the last published rate."""
    law, day = facts.law, facts.day
    after = int(law.value("processing.liquidation_after_acceptance", day).value)
    business = int(law.value("processing.reliquidation_business_days", day).value)
    filed = disposition.isin(FILED)
    was = facts.clocks["liquidated"].fillna(False).astype(bool)
    until = pd.Series(pd.Timestamp(day), index=disposition.index)
    until = until.mask(filed & ~was, pd.Timestamp(day + timedelta(days=after)))
    until = until.mask(filed & was, pd.Timestamp(workdays.add_business_days(day, business)))
    limit = pd.Timestamp(interest.covered_until(law))
    basis = np.select(
        [until > limit, filed & was, filed],
        [
            LAST_RATE,
            "reliquidation expected the next business day",
            f"liquidation expected {after} days after acceptance",
        ],
        default="the day of this assessment",
    )
    days = until.mask(until > limit, limit).astype("datetime64[s]")
    return days, pd.Series(basis, index=disposition.index, dtype="str")
