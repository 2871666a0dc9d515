"""What CBP answered to each claimed entry: taken or refused, why, what cures it, by when, what to file again.

An entry CBP once took stays taken. Reading the same answers again changes nothing.
"""

from __future__ import annotations

from datetime import date
from typing import Any

import numpy as np
import pandas as pd

from cape_kit.assessment import cbp_answers, corrections
from cape_kit.assessment.assess import Assessment
from cape_kit.assessment.cbp_answers import ACCEPTED, FAILED, UNKNOWN, WAITING
from cape_kit.assessment.decisions import TO_FILE
from cape_kit.entries import identifiers, kept, uploads
from cape_kit.law import official, status_words
from cape_kit.law.book import Law, Validation

_IN_PART = (
    "CBP accepted only part of its claim: export the claim details, which show whether this entry is in it."
)


@kept
def history(assessment: Assessment) -> pd.DataFrame:
    """Every different answer to every entry, oldest claim first; the same answer in two files stands once."""
    return cbp_answers.history(assessment.portfolio, assessment.law)


def results(assessment: Assessment) -> pd.DataFrame:
    """One row per entry with an answer or an upload: state, error, what cures it, who can, by when.

    Amounts are the assessment's principal and interest. [cents]
    """
    return _results(assessment, uploads.mark(assessment.client))


@kept
def _results(assessment: Assessment, mark: str) -> pd.DataFrame:
    """The same, made anew when the ledger is another: `mark` is its state."""
    told = history(assessment)
    latest = _latest(told)
    held = cbp_answers.awaiting(uploads.of(assessment.client), told)
    latest = _with_uploads(latest, held)
    frame = latest.merge(_facts(assessment), on="entry_number", how="left")
    frame = frame.join(_remedies(frame, assessment))
    frame["next_step"] = _next_step(frame, assessment.law)
    return frame.sort_values("entry_number", ignore_index=True)[
        [
            *("entry_number", "state", "claim_number", "attempts", "filed_on", "error", "codes"),
            *("what_cures", "client_can", "cure_by", "corrected", "evidence", "may_pass_now", "next_step"),
            *("disposition", "principal_cents", "interest_cents", "seen_on", "source_file", "source_row"),
        ]
    ]


def resubmit(found: pd.DataFrame) -> pd.DataFrame:
    """The refused entries that are cured and may go on a new declaration: only these."""
    again = found["state"].isin(cbp_answers.REFUSED) & found["corrected"] & found["disposition"].isin(TO_FILE)
    return found[again].reset_index(drop=True)


def uncured(found: pd.DataFrame) -> pd.DataFrame:
    """The refused entries not shown as cured: filing them again would fail again."""
    return found[found["state"].eq(FAILED) & ~found["corrected"]].reset_index(drop=True)


def _latest(told: pd.DataFrame) -> pd.DataFrame:
    """The answer that stands for each entry, and how many claims it was on."""
    latest = cbp_answers.standing(told)
    attempts = told.assign(one=told["claim_number"].fillna("?")).groupby("entry_number")["one"].nunique()
    return latest.assign(attempts=latest["entry_number"].map(attempts).astype("Int64"))


def _with_uploads(latest: pd.DataFrame, held: pd.DataFrame) -> pd.DataFrame:
    """Uploads CBP has not answered, put over an older failure; an acceptance needs none."""
    by_entry = held.set_index("entry_number")
    filed_on = by_entry["filed_on"].reindex(latest["entry_number"]).to_numpy(dtype="datetime64[s]")
    frame = latest.assign(filed_on=filed_on)
    pending = frame["filed_on"].notna() & (frame["state"] != ACCEPTED)
    frame.loc[pending, "state"] = WAITING
    new = held[~identifiers.among(held["entry_number"], frame["entry_number"])]
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
    columns = ["entry_number", "disposition", "principal_cents", "interest_cents", "cape_last_day"]
    return assessment.table[columns]


def _remedies(frame: pd.DataFrame, assessment: Assessment) -> pd.DataFrame:
    """Per entry: what cures its errors, whether the client can, by when, and whether it is cured."""
    long = frame.assign(code=frame["codes"].replace("", None).str.split(", ")).explode("code")
    long = long[frame["state"].reindex(long.index).isin(cbp_answers.REFUSED)]
    checks, day = official.by_code(assessment.law), assessment.filing_date
    long["cure"] = long["code"].map({code: check.cure for code, check in checks.items()})
    long["can"] = long["code"].map({c: check.client_can for c, check in checks.items()}).astype("boolean")
    long["proof"] = _evidence(long, assessment)
    long["ended"] = long["code"].isin([c for c, check in checks.items() if _ended(check, day)])
    groups = long.groupby(level=0)
    told = pd.DataFrame(
        {
            "what_cures": groups["cure"].agg(lambda texts: " ".join(dict.fromkeys(texts.dropna()))),
            "client_can": groups["can"].all().where(groups["can"].count() == groups.size()),
            "evidence": groups["proof"].agg(lambda texts: "; ".join(dict.fromkeys(texts.dropna()))),
            "cured": groups["proof"].agg(lambda texts: bool(texts.notna().all())),
            "ended": groups["ended"].any(),
        }
    ).reindex(frame.index)
    unread = frame["error"].notna() & ~frame["understood"].eq(True)
    told["corrected"] = told["cured"].eq(True) & ~unread
    told["client_can"] = told["client_can"].astype("boolean")
    told["may_pass_now"] = told["ended"].eq(True) | (unread & _before_a_change(frame, checks, day))
    return told.drop(columns=["cured", "ended"]).assign(cure_by=_cure_by(frame, long, assessment))


def _ended(check: Validation, day: date) -> bool:
    return check.last_day is not None and check.last_day < day


def _before_a_change(frame: pd.DataFrame, checks: dict[str, Validation], day: date) -> pd.Series:
    """Answers read before the last day on which a check since dropped still ran."""
    ends = [check.last_day for check in checks.values() if check.last_day and check.last_day < day]
    if not ends:
        return pd.Series(False, index=frame.index)
    return frame["state"].eq(FAILED) & (frame["seen_on"] <= pd.Timestamp(max(ends))).fillna(False)


def _evidence(long: pd.DataFrame, assessment: Assessment) -> pd.Series:
    """Why an error is over, per entry and code, as the assessment judges it; null while nothing shows it."""
    told = assessment.questions.refusals
    numbers = assessment.table["entry_number"].to_numpy()[told["place"].to_numpy()]
    by_entry = pd.Series(told["evidence"].to_numpy(), pd.MultiIndex.from_arrays([numbers, told["code"]]))
    wanted = pd.MultiIndex.from_frame(long[["entry_number", "code"]])
    return pd.Series(by_entry.reindex(wanted).to_numpy(), index=long.index, dtype="str")


def _cure_by(frame: pd.DataFrame, long: pd.DataFrame, assessment: Assessment) -> pd.Series:
    """The day CAPE closes; where a correction of the lines is needed, the day corrections close if sooner."""
    by_lines = long["code"].isin(corrections.curable(assessment.law)).groupby(level=0).any()
    last = assessment.questions.correction_last_day.set_axis(assessment.table["entry_number"])
    by_correction = last.reindex(frame["entry_number"]).set_axis(frame.index)
    by_correction = by_correction.where(by_lines.reindex(frame.index).eq(True))
    days = pd.concat([by_correction, frame["cape_last_day"]], axis=1).min(axis=1)
    return days.where(frame["state"].isin(cbp_answers.REFUSED), pd.NaT).astype("datetime64[s]")


def _next_step(frame: pd.DataFrame, law: Law) -> pd.Series:
    """What to do now, in one sentence."""
    in_part = status_words.canonical(frame["status"], law, "claim_status").notna()
    refused = frame["state"].isin(cbp_answers.REFUSED)
    may_file = frame["disposition"].isin(TO_FILE)
    late = refused & ~may_file & ~frame["disposition"].eq("cure")
    texts: list[tuple[Any, str]] = [
        (frame["state"].eq(ACCEPTED), "Follow its refund."),
        (frame["state"].eq(WAITING), "Wait for CBP's response, then export the claim details again."),
        (frame["state"].eq(UNKNOWN) & in_part, _IN_PART),
        (frame["state"].eq(UNKNOWN), "CBP's status word is not recognized: check the claim in ACE."),
        (late, "CAPE does not accept it as it is: see the entry's own decision."),
        (frame["corrected"] & may_file, "Put it on a new declaration."),
        (frame["error"].isna(), "Ask CBP for the reason: the answer gives none."),
        (frame["codes"].fillna("").eq(""), "The error text is not in CBP's tables: ask CBP what it means."),
        (frame["client_can"].eq(True), "Correct it first, then put it on a new declaration."),
    ]
    return pd.Series(
        np.select(
            [np.asarray(mask.fillna(False), dtype=bool) for mask, _ in texts],
            [text for _, text in texts],
            default="The client can't correct it: see what would cure it.",
        ),
        index=frame.index,
        dtype="str",
    )
