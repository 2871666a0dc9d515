"""The loud part of an assessment: checks the files could not answer, and figures that are less than exact."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from cape_kit.assessment import interest, money
from cape_kit.assessment.rules import UNKNOWN, Facts

COLUMNS = ("code", "title", "entries", "principal_cents", "settles", "source")
#: Dispositions that send an entry to CBP: only there does an unverified check matter now.
ACTIONABLE = ("file", "file_deferred", "cure")


def collect(
    facts: Facts, outcomes: pd.DataFrame, decided: pd.DataFrame, priced: pd.DataFrame
) -> pd.DataFrame:
    """One row per caveat that touches any entry: how many entries, how much money, what settles it."""
    acting = decided["disposition"].isin(ACTIONABLE).to_numpy()
    found = [
        *_unverified(facts, outcomes, priced, acting=acting),
        *_figures(facts, decided, priced, acting=acting),
    ]
    rows = [row for row in found if row["entries"]]
    return pd.DataFrame(rows, columns=list(COLUMNS)).astype({"entries": "int64", "principal_cents": "int64"})


def _unverified(
    facts: Facts, outcomes: pd.DataFrame, priced: pd.DataFrame, *, acting: np.ndarray
) -> list[dict[str, Any]]:
    return [
        _row(
            rule.code,
            f"Not verified: {rule.title}",
            priced,
            touched=acting & (outcomes[rule.code] == UNKNOWN).to_numpy(),
            settles=rule.settles,
            source=facts.law.cite(rule.source),
        )
        for rule in facts.law.validations(facts.day)
        if rule.code in outcomes and rule.missing == "caveat"
    ]


def _figures(
    facts: Facts, decided: pd.DataFrame, priced: pd.DataFrame, *, acting: np.ndarray
) -> list[dict[str, Any]]:
    confidence = priced["confidence"].fillna("")
    counted = (~decided["disposition"].isin(("claimed", "not_refundable"))).to_numpy()
    overdue = (
        (facts.clocks["expected_liquidation"] < pd.Timestamp(facts.day)).fillna(False)
        & ~facts.clocks["liquidated"].fillna(True)
    ).to_numpy(dtype=bool)
    known = facts.entries["liquidation_status"].isna() | facts.clocks["status"].notna()
    return [
        _row(
            "upper-bound",
            "Refund is an upper bound: the row of an all-in heading also holds the normal duty",
            priced,
            touched=counted & (confidence == "upper bound").to_numpy(),
            settles="ES-003 with the object Column 1 Current Primary Duty Rate",
            source="",
        ),
        _row(
            "incomplete",
            "An IEEPA duty amount could not be read, so the refund is incomplete",
            priced,
            touched=counted & (confidence == "incomplete").to_numpy(),
            settles="the rows named in the problem list",
            source="",
        ),
        _row(
            "exception-duty",
            "Duty stands on an IEEPA exception heading: flagged, not counted",
            priced,
            touched=facts.lines["duty_on_exception"].fillna(False).to_numpy(dtype=bool),
            settles="the entry summary itself",
            source="",
        ),
        _row(
            "overdue",
            "Past its expected liquidation day but not liquidated in the files",
            priced,
            touched=acting & overdue,
            settles="a fresh ES-003 with Liquidation Status and Liquidation Date",
            source="",
        ),
        _row(
            "unknown-status",
            "Liquidation status word not known to the law book",
            priced,
            touched=~known.to_numpy(dtype=bool),
            settles="ask CBP or the broker what the word means",
            source="",
        ),
        _row(
            "rate-pending",
            "Interest stops at the last published rate; the next quarter's is not out",
            priced,
            touched=counted & (priced["interest_until_basis"] == money.LAST_RATE).to_numpy(),
            settles=f"the rate for the quarter after {interest.covered_until(facts.law):%b %Y}",
            source="",
        ),
    ]


def _row(
    code: str, title: str, priced: pd.DataFrame, *, touched: np.ndarray, settles: str, source: str
) -> dict[str, Any]:
    return {
        "code": code,
        "title": title,
        "entries": int(touched.sum()),
        "principal_cents": int(priced.loc[touched, "principal_cents"].sum()),
        "settles": settles,
        "source": source,
    }
