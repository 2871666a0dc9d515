"""What is in a declaration file, for whoever uploads it: entries, money, open checks, last safe day."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from datetime import timedelta

import pandas as pd

from cape_kit.assessment.assess import Assessment
from cape_kit.entries import identifiers
from cape_kit.filing.declaration import choice
from cape_kit.filing.declaration.checks import Part
from cape_kit.law import workdays

_COLUMNS = (
    *("row", "entry_number", "importer_number", "filer_code", "entry_type", "entry_date", "disposition"),
    *("principal_cents", "interest_cents", "confidence", "liquidated_on", "last_safe_day", "cape_last_day"),
    *("days_basis", "unverified"),
)


def safe_days(assessment: Assessment, entries: pd.DataFrame) -> pd.Series:
    """The last day to file that leaves time to mend a failed file: the plan day, on a working day.

    Once that is past, the last working day of the window itself; null where only an estimate says that the
    window is over. Sources: keys ``alert.plan_day``, ``window.cape``.
    """
    cape_last_day = entries["cape_last_day"]
    law, day = assessment.law, assessment.filing_date
    window, plan = (int(law.value(key, day).value) for key in ("window.cape", "alert.plan_day"))
    planned = workdays.business_days_on_or_before(cape_last_day - timedelta(days=window - plan))
    last = workdays.business_days_on_or_before(cape_last_day)
    safe = planned.mask(planned < pd.Timestamp(day), last)
    return safe.where(entries["liquidated_on"].notna() | (safe >= pd.Timestamp(day)), pd.NaT)


def sheet(assessment: Assessment, part: Part) -> pd.DataFrame:
    """One row per entry of a file, in its order, and a last row that adds them up. [cents]

    `row` is the row in the file as a person counts it, the header being 1.
    """
    table = assessment.table.assign(unverified=choice.unverified(assessment))
    place = pd.Index(table["entry_number"]).get_indexer(list(part.entry_numbers))
    mine = pd.DataFrame(table.take(place)).reset_index(drop=True)
    mine = mine.assign(
        row=[str(row) for row in range(2, len(mine) + 2)],
        last_safe_day=safe_days(assessment, mine),
        days_basis=mine["liquidated_on"].notna().map({True: "recorded", False: "estimated"}),
    )
    told = mine[list(_COLUMNS)]
    return pd.concat([told, _total(told)], ignore_index=True)


def overview(assessment: Assessment, parts: Sequence[Part]) -> pd.DataFrame:
    """One row per declaration file: account, entries, money, open checks, last safe day, hash. [cents]"""
    rows = []
    for part in parts:
        last = sheet(assessment, part).iloc[-1]
        rows.append(
            {
                "file": part.name,
                "submitter": part.submitter,
                "submitter_id": part.submitter_id,
                "part": part.number,
                "of": part.of,
                "entries": len(part.entry_numbers),
                "principal_cents": last["principal_cents"],
                "interest_cents": last["interest_cents"],
                "last_safe_day": last["last_safe_day"],
                "unverified": last["unverified"],
                "account": _account(assessment, part),
                "bytes": len(part.content),
                "sha256": hashlib.sha256(part.content).hexdigest(),
            }
        )
    return pd.DataFrame(rows, columns=list(_OVERVIEW)).astype(_OVERVIEW)


_OVERVIEW = {
    **dict.fromkeys(("file", "submitter", "submitter_id"), "str"),
    **dict.fromkeys(("part", "of", "entries", "principal_cents", "interest_cents"), "Int64"),
    "last_safe_day": "datetime64[s]",
    **dict.fromkeys(("unverified", "account"), "str"),
    "bytes": "Int64",
    "sha256": "str",
}


def _total(told: pd.DataFrame) -> pd.DataFrame:
    """The sums of a file; checks open on any of its entries, each with how many."""
    checks = told["unverified"].str.split("; ").explode()
    counts = checks[checks.ne("")].value_counts().sort_index()
    row = {
        "row": "all",
        "entry_number": f"{len(told):,} entries",
        "principal_cents": told["principal_cents"].sum(),
        "interest_cents": told["interest_cents"].sum(),
        "last_safe_day": told["last_safe_day"].min(),
        "cape_last_day": told["cape_last_day"].min(),
        "unverified": "; ".join(f"{check}: {count:,} entries" for check, count in counts.items()),
    }
    return pd.DataFrame([row]).reindex(columns=told.columns).astype(told.dtypes.to_dict())


def _account(assessment: Assessment, part: Part) -> str:
    """Whose ACE account uploads the file, and what client.toml says against it."""
    if part.submitter == "filer":
        names = {broker.filer_code: broker.name for broker in assessment.client.brokers}
        return f"filer account {part.submitter_id} ({names.get(part.submitter_id) or 'not in client.toml'})"
    known = {identifiers.importer_key(one.number): one for one in assessment.client.importers}
    importer = known.get(identifiers.importer_key(part.submitter_id))
    if importer is None:
        return "importer account; this number is not in client.toml"
    warnings = {
        "it has no ACE sub-account: open one first": importer.ace_subaccount is False,
        "not enrolled for ACH refunds: the money would be held": importer.ach_refund_enrolled is False,
    }
    return "; ".join(["importer account", *(text for text, holds in warnings.items() if holds)])
