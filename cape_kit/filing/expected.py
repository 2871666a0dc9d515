"""What ought to come back for each claimed entry: principal, interest to liquidation, payee, and by when."""

from __future__ import annotations

import numpy as np
import pandas as pd

from cape_kit.assessment import interest, money, timeline
from cape_kit.assessment.assess import Assessment
from cape_kit.assessment.cbp_answers import ACCEPTED
from cape_kit.assessment.decisions import deadlines
from cape_kit.entries import identifiers
from cape_kit.filing import claims
from cape_kit.law.book import Law

#: Layouts that name an entry only because a refund is reported for it.
OF_REFUNDS = ("es022", "rev615")
COLUMNS = [
    *(
        "entry_number",
        "importer_number",
        "payee_number",
        "payee",
        "claim_number",
        "accepted",
        "known",
        "ours",
    ),
    *(
        "seen_on",
        "filed_on",
        "entry_date",
        "entry_summary_date",
        "payment_date",
        "liquidated_on",
        "first_liquidated_on",
    ),
    *("protect_by", "protest_last_day"),
    *("deferred", "deposit_day", "deposit_basis", "principal_cents", "least_cents", "interest_cents"),
    "importer_class",
    "confidence",
]


def build(assessment: Assessment) -> pd.DataFrame:
    """One row per entry of the client. [cents]

    `accepted`: a claim of it stands; `known`: a file holds its tariff lines with their duty; `ours`: a file
    names it that is no mere report of refunds.
    `protect_by` and `protest_last_day`: of a claim that is not reliquidated, the day to have decided on a
    protective protest, and its last day; null elsewhere.
    `least_cents` is what principal may come down to where an amount is only an upper bound. Interest runs to
    the (re)liquidation that followed the claim; null while its day or a rate is not known.
    """
    table = assessment.table
    answers = claims.results(assessment).set_index("entry_number").reindex(table["entry_number"])
    reported = _reported(assessment.portfolio.claims).reindex(table["entry_number"])
    payee = reported["notify_party"].reset_index(drop=True)
    payee = payee.fillna(table["notify_party"]).fillna(table["importer_number"])
    liquidated = reported["liquidation_date"].reset_index(drop=True)
    protective = table["next_deadline_what"].eq(deadlines.PROTECTIVE).fillna(False)
    frame = pd.DataFrame(
        {
            "entry_number": table["entry_number"],
            "importer_number": table["importer_number"],
            "payee_number": payee,
            "payee": payee.map({n: identifiers.importer_key(str(n)) for n in payee.dropna().unique()}),
            "claim_number": answers["claim_number"].to_numpy(),
            "accepted": answers["state"].eq(ACCEPTED).to_numpy(dtype=bool),
            "known": table["duty_paid_cents"].notna().to_numpy(dtype=bool),
            "ours": table["entry_number"].isin(_named(assessment)).to_numpy(dtype=bool),
            "seen_on": answers["seen_on"].to_numpy(),
            "filed_on": answers["filed_on"].to_numpy(),
            "entry_date": table["entry_date"],
            "entry_summary_date": table["entry_summary_date"],
            "payment_date": table["payment_date"],
            "liquidated_on": liquidated.fillna(_after_claim(table, answers)),
            "first_liquidated_on": table["original_liquidation_date"].fillna(table["liquidated_on"]),
            "protect_by": table["act_by"].where(protective),
            "protest_last_day": table["next_deadline"].where(protective),
            "deferred": table["status"].isin(timeline.OFF_CYCLE).to_numpy(),
            "deposit_day": table["deposit_day"],
            "deposit_basis": table["deposit_basis"],
            "importer_class": table["importer_class"],
            "principal_cents": table["principal_cents"].fillna(0),
            "least_cents": _least(assessment),
            "confidence": table["confidence"],
        }
    )
    frame["payee"] = frame["payee"].astype("str")
    frame["interest_cents"] = interest_on(
        frame,
        frame["principal_cents"],
        law=assessment.law,
        importer_class=frame["importer_class"],
        later=assessment.client.later_deposits,
    )
    return frame[COLUMNS]


def interest_on(
    entries: pd.DataFrame,
    principal: pd.Series,
    *,
    law: Law,
    importer_class: pd.Series,
    later: pd.DataFrame,
    day_count: str | None = None,
) -> pd.Series:
    """Interest from each entry's deposit to its liquidation; null where that can't be told. [cents]

    `importer_class` is that of each entry; `later`: see `Client.later_deposits`.
    Source: keys ``interest.day_count`` and "usc-19-1505".
    """
    first, last = pd.Timestamp(interest.covered_from(law)), pd.Timestamp(interest.covered_until(law))
    told = (entries["deposit_day"] >= first) & (entries["liquidated_on"] <= last)
    found = pd.Series(pd.NA, index=entries.index, dtype="Int64")
    for name in interest.CLASSES:
        here = told & importer_class.eq(name)
        if here.any():
            grown = money.grown(
                entries["entry_number"],
                principal,
                (entries["deposit_day"].where(here), entries["liquidated_on"].where(here)),
                law,
                later=later,
                reading=(name, day_count),
            )
            found = found.mask(here, grown)
    return found


def due(entries: pd.DataFrame, law: Law, on: pd.Timestamp) -> pd.DataFrame:
    """due_from, due_by and their basis: weeks after liquidation, else days after the claim was filed or seen.

    Sources: keys ``payment.weeks_after_liquidation_low``, ``payment.weeks_after_liquidation_high``,
    ``payment.days_low`` and ``payment.days_high``.
    """
    keys = ("payment.weeks_after_liquidation_low", "payment.weeks_after_liquidation_high")
    weeks = [pd.Timedelta(weeks=_number(law, key, on)) for key in keys]
    days = [pd.Timedelta(days=_number(law, f"payment.days_{end}", on)) for end in ("low", "high")]
    liquidated = entries["liquidated_on"].where(entries["liquidated_on"] <= on)
    claimed = entries["filed_on"].fillna(entries["seen_on"]).mask(entries["deferred"], pd.NaT)
    first = (liquidated + weeks[0]).fillna(claimed + days[0])
    last = (liquidated + weeks[1]).fillna(claimed + days[1])
    basis = np.select(
        [liquidated.notna(), entries["deferred"], entries["filed_on"].notna(), claimed.notna()],
        ["liquidation", "waits for its own liquidation", "upload", "claim seen accepted by then"],
        default="no day known",
    )
    return pd.DataFrame({"due_from": first, "due_by": last, "due_basis": basis}, index=entries.index)


def _after_claim(table: pd.DataFrame, answers: pd.DataFrame) -> pd.Series:
    """The liquidation the client's exports record, if it came after the claim: an earlier one is reopened."""
    claimed = answers["filed_on"].fillna(answers["seen_on"]).set_axis(table.index)
    return table["liquidated_on"].where(table["liquidated_on"] >= claimed, pd.NaT)


def _named(assessment: Assessment) -> pd.Series:
    """Entries named by a file that is no report of refunds: an export of entries, or claim details."""
    folder = assessment.portfolio
    reports = folder.files.loc[folder.files["profile"].isin(OF_REFUNDS), ["file", "sheet"]].fillna("")
    seen = pd.MultiIndex.from_frame(folder.appearances[["file", "sheet"]].fillna(""))
    return folder.appearances.loc[~seen.isin(pd.MultiIndex.from_frame(reports)), "entry_number"]


def _number(law: Law, key: str, on: pd.Timestamp) -> int:
    return int(law.value(key, on.date()).value)


def _reported(said: pd.DataFrame) -> pd.DataFrame:
    """The newest liquidation day and 4811 party the claim reports give for each entry."""
    told = said.sort_values(["entry_number", "liquidation_date"], na_position="first", kind="stable")
    return told.groupby("entry_number")[["liquidation_date", "notify_party"]].last()


def _least(assessment: Assessment) -> pd.Series:
    """Principal without the headings whose amount is only an upper bound. [cents]"""
    lines = assessment.refund_lines
    unsure = lines[lines["confidence"] != "exact"].groupby("entry_number")["principal_cents"].sum()
    table = assessment.table
    off = unsure.reindex(table["entry_number"]).fillna(0).astype("Int64").set_axis(table.index)
    return (table["principal_cents"].fillna(0) - off).astype("Int64")
