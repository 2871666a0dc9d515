"""What the refund reports say was paid: each payment and each entry's share once, however often reported.

The latest export stands; of two reports of one day the one by entry stands. Nothing is added up here.
"""

from __future__ import annotations

import pandas as pd

from cape_kit.assessment import timeline
from cape_kit.entries import identifiers
from cape_kit.law.book import Law

#: States of a payment. Words the law book does not know leave the state "reported".
SENT, ISSUED, DIVERTED = "sent", "issued", "diverted"
RETURNED, REISSUED, REJECTED, REPORTED = "returned", "reissued", "rejected", "reported"
#: States in which the money did not stay with the payee.
NOT_RECEIVED = (RETURNED, REJECTED, DIVERTED)
_DETAIL_RANK = {"rev615": 0, "es022": 1}
_SHARES = [
    *("entry_number", "refund_number", "principal_cents", "interest_cents", "payee", "refund_date"),
    *("state", "trace_number", "source_file", "source_row"),
]
_PAYMENTS = [
    *("refund_number", "payee", "refund_date", "state", "total_cents", "trace_number", "payment_method"),
    *("reject_reason", "status_words", "source_file", "source_row"),
]


def shares(claims: pd.DataFrame, exported: pd.Series, law: Law) -> pd.DataFrame:
    """One row per entry and payment out of ES-022 and REV-615. [cents]

    A refund number missing in one report is taken from the other where entry and amounts agree.
    """
    money = claims[(claims["refund_cents"].fillna(0) != 0) | (claims["interest_cents"].fillna(0) != 0)].copy()
    money["principal_cents"] = money["refund_cents"].fillna(0)
    money["interest_cents"] = money["interest_cents"].fillna(0)
    money["payee"] = _keys(money["payee_number"])
    money["state"] = _state(money, law)
    money["exported"] = exported.reindex(money["source_file"]).to_numpy()
    money["rank"] = money["report"].map(_DETAIL_RANK).fillna(len(_DETAIL_RANK))
    order = ["exported", "rank", "source_file", "source_row"]
    money = money.sort_values(order, ascending=[False, True, True, False], na_position="last", kind="stable")
    same = ["entry_number", "principal_cents", "interest_cents"]
    known = money.dropna(subset=["refund_number"]).drop_duplicates(same).set_index(same)["refund_number"]
    lacking = money["refund_number"].isna()
    if lacking.any() and len(known):
        guess = known.reindex(pd.MultiIndex.from_frame(money.loc[lacking, same])).to_numpy()
        money.loc[lacking, "refund_number"] = guess
    money["key"] = money["refund_number"].fillna(
        "~"
        + money["refund_date"].dt.strftime("%Y%m%d").fillna("")
        + "~"
        + money["principal_cents"].astype("str")
    )
    return _first_of_each(money, ["entry_number", "key"])[_SHARES]


def payments(refunds: pd.DataFrame, parts: pd.DataFrame, exported: pd.Series, law: Law) -> pd.DataFrame:
    """One row per payment: of REV-603 and REV-613, and those only the reports by entry know. [cents]"""
    rows = refunds.assign(
        payee=_keys(refunds["payee_number"]),
        state=_state(refunds, law),
        exported=exported.reindex(refunds["source_file"]).to_numpy(),
        total_cents=refunds["total_refund_cents"],
        status_words=refunds["refund_secondary_status"].fillna(refunds["refund_status"]),
    )
    order = ["exported", "refund_date", "source_row"]
    rows = rows.sort_values(order, ascending=False, na_position="last", kind="stable")
    paid, turned_away = rows[rows["report"] != "rev613"], rows[rows["report"] == "rev613"]
    last = _first_of_each(paid, ["refund_number"])
    away = _first_of_each(turned_away, ["refund_number"])
    both = pd.concat([last, away[~away["refund_number"].isin(last["refund_number"])]], ignore_index=True)
    both["state"] = _rejected(both, away)
    reasons = away.set_index("refund_number")["reject_reason"].reindex(both["refund_number"]).to_numpy()
    both["reject_reason"] = both["reject_reason"].where(both["reject_reason"].notna(), reasons)
    only = parts[~parts["refund_number"].isin(both["refund_number"])]
    found = pd.concat(
        [both[_PAYMENTS], _from_shares(only)[_PAYMENTS].astype(both[_PAYMENTS].dtypes.to_dict())]
    )
    return found.sort_values(["refund_date", "refund_number"], na_position="last", ignore_index=True)


def unnumbered(parts: pd.DataFrame) -> pd.Series:
    """A number for a share that no report numbers: its entry stands for it."""
    return parts["refund_number"].fillna("no number, entry " + parts["entry_number"])


def _first_of_each(rows: pd.DataFrame, by: list[str]) -> pd.DataFrame:
    """The first row of each, with what it lacks taken from the next; "reported" counts as lacking."""
    if rows.empty:
        return rows
    state = rows["state"].mask(rows["state"] == REPORTED)
    joined = rows.assign(state=state).groupby(by, sort=False, dropna=False).first().reset_index()
    return joined.assign(state=joined["state"].fillna(REPORTED))


def _rejected(both: pd.DataFrame, away: pd.DataFrame) -> pd.Series:
    """The state of each payment: rejected where the list of rejected ones has it and nothing came since."""
    listed = away.set_index("refund_number")["refund_date"].reindex(both["refund_number"])
    on_list = both["refund_number"].isin(away["refund_number"])
    since = both["state"].isin((ISSUED, REISSUED)) & (both["refund_date"] > listed.to_numpy())
    return both["state"].mask(on_list & ~since, REJECTED)


def _from_shares(parts: pd.DataFrame) -> pd.DataFrame:
    """Payments no report of payments lists, put together from their shares."""
    known = parts.assign(
        refund_number=unnumbered(parts), total_cents=parts["principal_cents"] + parts["interest_cents"]
    )
    if known.empty:
        return known.reindex(columns=_PAYMENTS)
    grouped = known.groupby("refund_number", sort=True)
    firsts = grouped[["payee", "refund_date", "state", "trace_number", "source_file", "source_row"]].first()
    return firsts.assign(total_cents=grouped["total_cents"].sum()).reset_index().reindex(columns=_PAYMENTS)


def _state(rows: pd.DataFrame, law: Law) -> pd.Series:
    """What Treasury did with it, in the law book's words; its second column goes before its first."""
    second = timeline.canonical(rows["refund_secondary_status"], law, "refund_status")
    first = timeline.canonical(rows["refund_status"], law, "refund_status")
    return second.where(second.notna(), first).fillna(REPORTED).astype("str")


def _keys(numbers: pd.Series) -> pd.Series:
    known = {number: identifiers.importer_key(str(number)) for number in numbers.dropna().unique()}
    return numbers.map(known).astype("str")
