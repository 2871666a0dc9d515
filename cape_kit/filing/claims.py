"""What CBP answered to each claimed entry: taken or refused, why, what mends it, by when, what to file again.

An entry CBP once took stays taken. Reading the same answers again changes nothing.
"""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import numpy as np
import pandas as pd

from cape_kit.assessment import timeline
from cape_kit.assessment.assess import Assessment
from cape_kit.assessment.rules import PASS
from cape_kit.filing import ledger, official
from cape_kit.law.book import Law, Validation

#: States of an entry, as told.
ACCEPTED, FAILED, FILE_FAILED = "accepted", "failed", "file failed"
WAITING, UNKNOWN = "no answer yet", "not understood"
#: Dispositions that may go on a declaration.
TO_FILE = ("file", "file_deferred")
_LINES_ONLY = ("tariff_lines",)
_HISTORY = [
    *("entry_number", "claim_number", "state", "status", "error", "codes", "seen_on"),
    *("source_file", "source_row"),
]


def history(assessment: Assessment) -> pd.DataFrame:
    """Every different answer to every entry, oldest claim first; the same answer in two files stands once."""
    claims = assessment.portfolio.claims
    said = claims[claims["claim_status"].notna() | claims["error_description"].notna()].copy()
    said["status"] = said["claim_status"]
    said["error"] = said["error_description"].str.strip().replace("", None)
    said["state"] = _states(said, assessment.law)
    said["codes"] = (
        said["error"]
        .map(
            {
                text: official.understand(text, assessment.law).codes
                for text in said["error"].dropna().unique()
            }
        )
        .astype("str")
    )
    said["seen_on"] = _seen_on(said, assessment.portfolio.files)
    said = said.sort_values(
        ["entry_number", "claim_number", "seen_on", "source_file", "source_row"], kind="stable"
    )
    same = ["entry_number", "claim_number", "state", "error"]
    return said.drop_duplicates(same)[_HISTORY].reset_index(drop=True)


def refusals(assessment: Assessment) -> pd.Series:
    """How many different claims failed on each entry, by entry number."""
    told = history(assessment)
    failed = told[told["state"].isin((FAILED, FILE_FAILED))]
    key = (
        failed["claim_number"].fillna("")
        + "|"
        + failed["error"].fillna("").where(failed["claim_number"].isna(), "")
    )
    return key.groupby(failed["entry_number"]).nunique()


def results(assessment: Assessment) -> pd.DataFrame:
    """One row per entry with an answer or an upload: state, error, what mends it, who can, by when.

    Amounts are the assessment's principal and interest. [cents]
    """
    told = history(assessment)
    latest = _latest(told)
    held = ledger.awaiting(ledger.read(assessment.client.folder), refusals(assessment))
    latest = _with_uploads(latest, held)
    frame = latest.merge(_facts(assessment), on="entry_number", how="left")
    frame = frame.join(_remedies(frame, assessment))
    frame["next_step"] = _next_step(frame)
    return frame.sort_values("entry_number", ignore_index=True)[
        [
            *("entry_number", "state", "claim_number", "attempts", "filed_on", "error", "codes"),
            *("what_mends", "client_can", "mend_by", "corrected", "evidence", "may_pass_now", "next_step"),
            *("disposition", "principal_cents", "interest_cents", "seen_on", "source_file", "source_row"),
        ]
    ]


def resubmit(found: pd.DataFrame) -> pd.DataFrame:
    """The refused entries that are mended and may go on a new declaration: only these."""
    again = (
        found["state"].isin((FAILED, FILE_FAILED)) & found["corrected"] & found["disposition"].isin(TO_FILE)
    )
    return found[again].reset_index(drop=True)


def unmended(found: pd.DataFrame) -> pd.DataFrame:
    """The refused entries not shown as mended: filing them again would fail again."""
    return found[found["state"].eq(FAILED) & ~found["corrected"]].reset_index(drop=True)


def _states(said: pd.DataFrame, law: Law) -> pd.Series:
    words = timeline.canonical(said["claim_status"], law, "claim_status")
    has_error = said["error"].notna()
    mixed = words == "accepted with errors"
    return pd.Series(
        np.select(
            [
                (words.isin(("accepted", "refunded")) | (mixed & ~has_error)).to_numpy(dtype=bool),
                (words.eq("failed") | (mixed & has_error)).fillna(False).to_numpy(dtype=bool),
                words.eq("file failed").fillna(False).to_numpy(dtype=bool),
                words.eq("not started").fillna(False).to_numpy(dtype=bool),
            ],
            [ACCEPTED, FAILED, FILE_FAILED, WAITING],
            default=UNKNOWN,
        ),
        index=said.index,
        dtype="str",
    )


def _seen_on(said: pd.DataFrame, files: pd.DataFrame) -> pd.Series:
    """The day the file an answer stands in was exported."""
    days = files.drop_duplicates("file").set_index("file")["extracted_on"]
    return said["source_file"].map(days).astype("datetime64[s]")


def _latest(told: pd.DataFrame) -> pd.DataFrame:
    """The answer that stands for each entry: an acceptance, else the newest by claim number and day."""
    weight = told["state"].map({ACCEPTED: 2, UNKNOWN: 0}).fillna(1)
    ranked = told.assign(weight=weight, claim=told["claim_number"].fillna(""))
    ranked = ranked.sort_values(
        ["entry_number", "weight", "seen_on", "claim"], na_position="first", kind="stable"
    )
    latest = ranked.drop_duplicates("entry_number", keep="last").drop(columns=["weight", "claim", "status"])
    attempts = told.assign(one=told["claim_number"].fillna("?")).groupby("entry_number")["one"].nunique()
    return latest.assign(attempts=latest["entry_number"].map(attempts).astype("Int64"))


def _with_uploads(latest: pd.DataFrame, held: pd.DataFrame) -> pd.DataFrame:
    """Uploads CBP has not answered, put over an older failure; an acceptance needs none."""
    uploads = held.set_index("entry_number")
    filed_on = uploads["filed_on"].reindex(latest["entry_number"]).to_numpy(dtype="datetime64[s]")
    frame = latest.assign(filed_on=filed_on)
    pending = frame["filed_on"].notna() & (frame["state"] != ACCEPTED)
    frame.loc[pending, "state"] = WAITING
    new = held[~held["entry_number"].isin(frame["entry_number"])]
    if new.empty:
        return frame
    added = new[["entry_number", "claim_number", "filed_on"]].assign(state=WAITING, attempts=1)
    if frame.empty:
        return added.reindex(columns=frame.columns).astype(frame.dtypes.to_dict())
    return pd.concat(
        [frame, added.reindex(columns=frame.columns).astype(frame.dtypes.to_dict())], ignore_index=True
    )


def _facts(assessment: Assessment) -> pd.DataFrame:
    """What the assessment knows of the entries, under names of its own."""
    columns = ["entry_number", "entry_date", "disposition", "principal_cents", "interest_cents"]
    columns += ["cape_last_day", "liquidated", "expected_liquidation", "psc_flag", "extracted_on"]
    return assessment.table[columns]


def _remedies(frame: pd.DataFrame, assessment: Assessment) -> pd.DataFrame:
    """Per entry: what mends its errors, whether the client can, by when, and whether it is mended."""
    long = frame.assign(code=frame["codes"].replace("", None).str.split(", ")).explode("code")
    long = long[frame["state"].reindex(long.index).isin((FAILED, FILE_FAILED))]
    checks, day = official.by_code(assessment.law), assessment.filing_date
    long["mend"] = long["code"].map({code: check.mend for code, check in checks.items()})
    long["can"] = long["code"].map({c: check.client_can for c, check in checks.items()}).astype("boolean")
    long["proof"] = _proof(long, assessment, checks)
    long["ended"] = long["code"].isin([c for c, check in checks.items() if _ended(check, day)])
    groups = long.groupby(level=0)
    told = pd.DataFrame(
        {
            "what_mends": groups["mend"].agg(lambda texts: " ".join(dict.fromkeys(texts.dropna()))),
            "client_can": groups["can"].all().where(groups["can"].count() == groups.size()),
            "evidence": groups["proof"].agg(lambda texts: "; ".join(dict.fromkeys(texts.dropna()))),
            "mended": groups["proof"].agg(lambda texts: bool(texts.notna().all())),
            "ended": groups["ended"].any(),
        }
    ).reindex(frame.index)
    unread = frame["error"].isin([text for text in frame["error"].dropna() if _unread(text, assessment.law)])
    told["corrected"] = told["mended"].eq(True) & ~unread
    told["client_can"] = told["client_can"].astype("boolean")
    told["may_pass_now"] = told["ended"].eq(True) | (unread & _before_a_change(frame, checks, day))
    return told.drop(columns=["mended", "ended"]).assign(mend_by=_mend_by(frame, long, assessment))


def _unread(text: str, law: Law) -> bool:
    return not official.understand(text, law).known


def _ended(check: Validation, day: date) -> bool:
    return check.last_day is not None and check.last_day < day


def _before_a_change(frame: pd.DataFrame, checks: dict[str, Validation], day: date) -> pd.Series:
    """Answers read before the last day on which a check since dropped still ran."""
    ends = [check.last_day for check in checks.values() if check.last_day and check.last_day < day]
    if not ends:
        return pd.Series(False, index=frame.index)
    return frame["state"].eq(FAILED) & (frame["seen_on"] <= pd.Timestamp(max(ends))).fillna(False)


def _proof(long: pd.DataFrame, assessment: Assessment, checks: dict[str, Validation]) -> pd.Series:
    """Why an error is over, per entry and code; null while nothing shows it."""
    outcomes = assessment.outcomes.set_index(assessment.table["entry_number"].to_numpy())
    corrected = long["psc_flag"].eq(True).fillna(False)
    as_new = ~(long["extracted_on"] < long["seen_on"]).fillna(False)
    newer = (long["extracted_on"] > long["seen_on"]).fillna(False)
    proof = pd.Series(None, index=long.index, dtype="object")
    for code in long["code"].dropna().unique():
        here, check = long["code"] == code, checks[code]
        if check.last_day is not None and check.last_day < assessment.filing_date:
            proof[here] = f"this check ended on {check.last_day}"
        elif not check.needs:
            proof[here] = "the fault was ACE's"
        elif check.needs == _LINES_ONLY:
            proof[here & corrected] = "a post summary correction is on file"
        elif code in outcomes:
            passes = long["entry_number"].map(outcomes[code]).eq(PASS)
            # What the client can't mend, only a later export can show to be over.
            proof[here & (as_new if check.client_can else newer) & passes] = (
                "the newest export shows it settled"
            )
    return proof


def _mend_by(frame: pd.DataFrame, long: pd.DataFrame, assessment: Assessment) -> pd.Series:
    """The day CAPE closes; where a correction of the lines is needed, the day corrections close if sooner.

    Sources: keys ``psc.days_after_entry`` and ``psc.days_before_liquidation``.
    """
    law, day = assessment.law, assessment.filing_date
    after = timedelta(days=int(law.value("psc.days_after_entry", day).value))
    before = timedelta(days=int(law.value("psc.days_before_liquidation", day).value))
    lines_only = [c for c, check in official.by_code(law).items() if check.needs == _LINES_ONLY]
    by_lines = long["code"].isin(lines_only).groupby(level=0).any().reindex(frame.index).eq(True)
    psc = pd.concat([frame["entry_date"] + after, frame["expected_liquidation"] - before], axis=1).min(axis=1)
    sooner = pd.concat([psc, frame["cape_last_day"]], axis=1).min(axis=1)
    needs_psc = by_lines & ~frame["liquidated"].eq(True)
    days = frame["cape_last_day"].mask(needs_psc, sooner)
    return days.where(frame["state"].isin((FAILED, FILE_FAILED)), pd.NaT).astype("datetime64[s]")


def _next_step(frame: pd.DataFrame) -> pd.Series:
    """What to do now, in one sentence."""
    refused = frame["state"].isin((FAILED, FILE_FAILED))
    may_file = frame["disposition"].isin(TO_FILE)
    late = refused & ~may_file & ~frame["disposition"].eq("cure")
    texts: list[tuple[Any, str]] = [
        (frame["state"].eq(ACCEPTED), "Follow its refund."),
        (frame["state"].eq(WAITING), "Wait for CBP's answer, then export the claim details again."),
        (frame["state"].eq(UNKNOWN), "CBP's status word is not known: look the claim up in ACE."),
        (late, "CAPE does not take it as things stand: see the entry's own decision."),
        (frame["corrected"] & may_file, "Put it on a new declaration."),
        (frame["error"].isna(), "Ask CBP for the reason: the answer gives none."),
        (frame["codes"].fillna("").eq(""), "The error text is not in CBP's tables: ask CBP what it means."),
        (frame["client_can"].eq(True), "Mend it first, then put it on a new declaration."),
    ]
    return pd.Series(
        np.select(
            [np.asarray(mask.fillna(False), dtype=bool) for mask, _ in texts],
            [text for _, text in texts],
            default="The client can't mend it: see what would.",
        ),
        index=frame.index,
        dtype="str",
    )
