"""What CBP answered to each claimed entry, as its own reports tell it, and which of its answers stands.

An entry CBP once took stays taken. Reading the same answers again changes nothing.
"""

from __future__ import annotations

from datetime import date

import numpy as np
import pandas as pd

from cape_kit.assessment import timeline
from cape_kit.entries import uploads
from cape_kit.entries.portfolio import Portfolio
from cape_kit.law import official, status_words
from cape_kit.law.book import Law

#: States of an entry, as told.
ACCEPTED, FAILED, FILE_FAILED = "accepted", "failed", "file failed"
WAITING, UNKNOWN = "no answer yet", "not understood"
#: States in which an answer takes nothing: of the entry itself, or of the whole file.
REFUSED = (FAILED, FILE_FAILED)
COLUMNS = [
    *("entry_number", "claim_number", "state", "status", "error", "codes", "understood", "seen_on"),
    *("source_file", "source_row"),
]


def history(portfolio: Portfolio, law: Law) -> pd.DataFrame:
    """Every different answer to every entry, oldest claim first; the same answer in two files stands once.

    `codes` are the checks its text names; `understood` is false where the text says something more.
    """
    claims = portfolio.claims
    said = claims[claims["claim_status"].notna() | claims["error_description"].notna()].copy()
    said = said[~_not_filed(said, law)]
    said["status"] = said["claim_status"]
    said["error"] = said["error_description"].str.strip().replace("", None)
    said["error"] = said["error"].fillna(status_words.reasons_behind(said["status"], law))
    said["state"] = _states(said, law)
    told = {text: official.understand(text, law) for text in said["error"].dropna().unique()}
    said["codes"] = said["error"].map({text: one.codes for text, one in told.items()}).astype("str")
    said["understood"] = said["error"].isin([text for text, one in told.items() if one.known])
    said["seen_on"] = _seen_on(said, portfolio.files)
    said = said.sort_values(
        ["entry_number", "claim_number", "seen_on", "source_file", "source_row"], kind="stable"
    )
    same = ["entry_number", "claim_number", "state", "error"]
    return said.drop_duplicates(same)[COLUMNS].reset_index(drop=True)


def with_sheets(told: pd.DataFrame, entries: pd.DataFrame, law: Law) -> pd.DataFrame:
    """The history, and the refusals that stand in no report of claims: CBP's reason behind a sheet's own status."""
    reasons = status_words.reasons_behind(entries["claim_status"], law)
    here = entries[reasons.notna() & ~entries["entry_number"].isin(told["entry_number"])]
    if here.empty:
        return told
    error = reasons[here.index]
    codes = error.map({text: official.understand(text, law).codes for text in error.unique()})
    said = here[["entry_number", "claim_number"]].assign(
        state=FAILED,
        status=here["claim_status"],
        error=error,
        codes=codes,
        understood=True,
        seen_on=here["extracted_on"],
    )
    both = pd.concat([told.astype("object"), said.astype("object")], ignore_index=True)
    return both.infer_objects().astype({"seen_on": "datetime64[s]", "claim_number": "str", "codes": "str"})


def standing(answers: pd.DataFrame) -> pd.DataFrame:
    """The answer that stands for each entry: an acceptance, else the newest by day and claim number.

    A refusal stands with every reason CBP gave for it, on however many rows: one that is cured cures no other.
    """
    answers = _answered(answers)
    weight = answers["state"].map({ACCEPTED: 2, UNKNOWN: 0}).fillna(1)
    ranked = answers.assign(weight=weight, claim=answers["claim_number"].fillna(""))
    ranked = ranked.sort_values(
        ["entry_number", "weight", "seen_on", "claim"], na_position="first", kind="stable"
    )
    last = ranked.drop_duplicates("entry_number", keep="last").drop(columns=["weight", "claim"])
    return _with_every_reason(last, answers)


def _answered(answers: pd.DataFrame) -> pd.DataFrame:
    """The answers without the word that a claim waits for one where CBP has answered it: the files may bear no day."""
    waits = answers["state"].eq(WAITING)
    if not waits.any():
        return answers
    keys = pd.MultiIndex.from_frame(answers[["entry_number", "claim_number"]].astype("str"))
    return answers[~(waits & answers["claim_number"].notna() & keys.isin(keys[~waits.to_numpy()]))]


def _with_every_reason(last: pd.DataFrame, answers: pd.DataFrame) -> pd.DataFrame:
    """The refusals that stand, with the reasons of all rows of their claim; without its number, of their file."""
    given = answers[answers["state"].isin(REFUSED) & answers["error"].notna()]
    several = given.assign(of=_of(given)).duplicated(["entry_number", "of"], keep=False)
    lacking = last["state"].isin(REFUSED) & last["error"].isna()
    wanted = given[several | given["entry_number"].isin(last.loc[lacking, "entry_number"])]
    if wanted.empty:
        return last
    gathered = wanted.groupby(["entry_number", _of(wanted)], sort=False)
    whole = pd.DataFrame(
        {
            "error": gathered["error"].agg(lambda told: "; ".join(dict.fromkeys(told))),
            "codes": gathered["codes"].agg(
                lambda told: ", ".join(sorted({c for t in told for c in t.split(", ") if c}))
            ),
            "understood": gathered["understood"].all(),
        }
    )
    found = whole.reindex(pd.MultiIndex.from_arrays([last["entry_number"], _of(last)])).set_axis(last.index)
    here = found["error"].notna() & last["state"].isin(REFUSED)
    return last.assign(**{str(name): last[name].mask(here, found[name]) for name in whole})


def _of(answers: pd.DataFrame) -> pd.Series:
    """What an answer belongs to: its claim, or the file it stands in where that names none."""
    return answers["claim_number"].fillna("in " + answers["source_file"].astype("str"))


def _not_filed(said: pd.DataFrame, law: Law) -> pd.Series:
    """A sheet's own word that an entry is on no declaration: that is no answer of CBP's."""
    words = timeline.canonical(said["claim_status"], law, "claim_status")
    return (
        words.eq("not filed").fillna(False) & said["claim_number"].isna() & said["error_description"].isna()
    )


def none() -> pd.DataFrame:
    """The history of a client CBP has answered nothing yet."""
    return pd.DataFrame(columns=COLUMNS).astype({"seen_on": "datetime64[s]", "claim_number": "str"})


def refusals(told: pd.DataFrame, *, until: date | None = None) -> pd.Series:
    """How many different claims failed on each entry, by entry number; `told` is what `history` gave.

    `until`: only those seen by a day. One whose day nobody knows counts as seen before.
    """
    failed = told[told["state"].isin(REFUSED)]
    if until is not None:
        failed = failed[~(failed["seen_on"] > pd.Timestamp(until)).fillna(False)]
    key = (
        failed["claim_number"].fillna("")
        + "|"
        + failed["error"].fillna("").where(failed["claim_number"].isna(), "")
    )
    return key.groupby(failed["entry_number"]).nunique()


def awaiting(held: pd.DataFrame, told: pd.DataFrame, on: date | None = None) -> pd.DataFrame:
    """The last upload of each entry that CBP has not refused since: one line per entry, as in the ledger.

    `held` are the ledger's lines, `told` CBP's answers. An upload is refused when its own claim is, or when more
    claims have failed on the entry than were known at the upload and its own claim is not among the answers.
    """
    last = uploads.live(held, on).drop_duplicates("entry_number", keep="last")
    if last.empty:
        return last.reset_index(drop=True)
    failed = told["state"].isin(REFUSED)
    mine = pd.MultiIndex.from_frame(last[["entry_number", "claim_number"]])

    def own(answers: pd.DataFrame) -> np.ndarray:
        known = answers[answers["claim_number"].notna()]
        return np.asarray(mine.isin(pd.MultiIndex.from_frame(known[["entry_number", "claim_number"]])))

    since = last["entry_number"].map(refusals(told)).fillna(0).astype("int64")
    more = (since > last["refusals_before"]).fillna(False).to_numpy(dtype=bool)
    over = own(told[failed]) | (more & ~own(told[~failed]))
    return last[~over].reset_index(drop=True)


def _states(said: pd.DataFrame, law: Law) -> pd.Series:
    words = timeline.canonical(said["claim_status"], law, "claim_status")
    has_error = said["error"].notna()
    mixed = words == "accepted with errors"
    # Of a claim taken in part only the entry's own error or refund says which part it is of.
    paid = said["refund_number"].notna() | (said["refund_cents"] > 0).fillna(False)
    return pd.Series(
        np.select(
            [
                (words.isin(("accepted", "refunded")) | (mixed & ~has_error & paid)).to_numpy(dtype=bool),
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
    days = files.drop_duplicates("file").set_index("file")["extracted_on"].astype("datetime64[s]")
    return days.reindex(said["source_file"]).set_axis(said.index)
