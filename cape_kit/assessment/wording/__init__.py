"""The sentences the kit gives as reasons: plain words, the day, and the official text where there is one."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from cape_kit.assessment import timeline

if TYPE_CHECKING:
    from cape_kit.assessment.decisions import View


def day(days: pd.Series) -> pd.Series:
    """Days as people write them, such as ``Mar 6, 2026``; null stays null."""
    texts = {stamp: f"{stamp:%b} {stamp.day}, {stamp.year}" for stamp in days.dropna().unique()}
    return days.map(texts).astype("str")


def join_codes(
    mask: pd.DataFrame, names: Mapping[str, str] | None = None, *, between: str = ", "
) -> pd.Series:
    """The names of the true columns of each row in one text; each combination is spelt out once."""
    if mask.shape[1] == 0:
        return pd.Series("", index=mask.index, dtype="str")
    spelt = [(names or {}).get(column, column) for column in mask.columns]
    weights = 1 << np.arange(mask.shape[1], dtype="int64")
    keys = mask.to_numpy(dtype="int64") @ weights
    texts = {
        key: between.join(dict.fromkeys(name for bit, name in enumerate(spelt) if int(key) >> bit & 1))
        for key in np.unique(keys)
    }
    return pd.Series(keys, index=mask.index).map(texts).astype("str")


def claimed(view: View) -> pd.Series:
    """Already on a declaration CBP accepted."""
    number = view.facts.entries["claim_number"].fillna("number not in the files")
    return "On an accepted CAPE declaration (claim " + number + "); an entry can be claimed only once."


def no_lines(view: View) -> pd.Series:
    """No file holds the tariff lines."""
    return _all(view, "No tariff lines for this entry in any file, so its IEEPA headings are not known.")


def nothing_paid(view: View) -> pd.Series:
    """Nothing on the entry to be refunded."""
    has_heading = view.facts.lines["has_ieepa_heading"].fillna(False).to_numpy(dtype=bool)
    texts = np.where(
        has_heading,
        "Only IEEPA exception headings, or headings on which no duty was paid.",
        "No IEEPA heading on the entry.",
    )
    return pd.Series(texts, index=view.outcomes.index, dtype="str")


def liquidation_unknown(view: View) -> pd.Series:
    """Liquidation is not known, or may have happened since the export."""
    clocks, entries = view.facts.clocks, view.facts.entries
    since = (
        "Not liquidated when exported"
        + (" on " + day(entries["extracted_on"])).fillna("")
        + ", but due to liquidate on "
        + day(clocks["maybe_on"])
        + ": by now it may be outside the CAPE window."
    )
    text = since.fillna("Whether and when the entry was liquidated is not in the files.")
    no_entry_date = entries["entry_date"].isna()
    return text.mask(
        no_entry_date,
        "The entry date is not in the files, so neither collection period nor clocks can be told.",
    )


def keep_protest(view: View) -> pd.Series:
    """Too late for CAPE, and a protest is pending."""
    return _since(view) + ", outside the CAPE window, and a protest is open: keep it, do not withdraw."


def final(view: View) -> pd.Series:
    """Every ordinary way is closed."""
    return _since(view) + "; the protest window closed on " + day(view.facts.clocks["protest_last_day"]) + "."


def too_late_for_cape(view: View) -> pd.Series:
    """Outside CAPE, inside the protest window."""
    return (
        _since(view)
        + ": outside the CAPE window, which ended "
        + day(view.facts.clocks["cape_last_day"])
        + "; protest by "
        + day(view.facts.clocks["protest_last_day"])
        + "."
    )


def type_unknown(view: View) -> pd.Series:
    """No entry type in the files."""
    return _all(view, "The entry type is not in the files, and some types can't go through CAPE.")


def phase_opens(view: View) -> pd.Series:
    """A phase already announced will take the entry in time."""
    opening = view.announced_phase.first_day  # type: ignore[union-attr]  # only asked where there is one
    day_told = f"{opening:%b} {opening.day}, {opening.year}"
    return _all(view, f"Flagged for reconciliation; CAPE takes this class from {day_told}.")


def class_protest(view: View) -> pd.Series:
    """Liquidated, of a class CAPE does not take."""
    return (
        _official(view)
        + " "
        + _since(view)
        + ", so protest by "
        + day(view.facts.clocks["protest_last_day"])
        + "."
    )


def class_held(view: View) -> pd.Series:
    """Unliquidated, of a class CAPE does not take."""
    return _official(view) + " Not liquidated yet, so nothing is lost by waiting."


def other_protest(view: View) -> pd.Series:
    """The open protest has other grounds too."""
    return _all(
        view,
        "A protest that is not only about IEEPA duty is open; withdrawing it gives up its other grounds.",
    )


def cure(view: View) -> pd.Series:
    """Fails only on what the client can mend."""
    return _official(view) + " Can be mended, then filed."


def file_deferred(view: View) -> pd.Series:
    """Can be filed; paid when it liquidates."""
    status, kind = view.facts.clocks["status"], view.facts.entries["entry_type"]
    why = ("liquidation is " + status).where(status.isin(timeline.OFF_CYCLE))
    return (
        "Passes every check the files can answer; "
        + why.fillna("warehouse entry type " + kind)
        + ", so the refund comes at liquidation."
    )


def file(view: View) -> pd.Series:
    """Can be filed now."""
    clocks = view.facts.clocks
    liquidated = _since(view) + ", inside the CAPE window until " + day(clocks["cape_last_day"])
    waiting = ("Not liquidated; expected " + day(clocks["expected_liquidation"])).fillna("Not liquidated")
    return liquidated.where(view.liquidated, waiting) + ". Passes every check the files can answer."


def what_to_do(view: View, disposition: pd.Series) -> pd.Series:
    """The next step, in one sentence a client can read."""
    rules = {rule.code: rule for rule in view.facts.law.validations(view.facts.day)}
    fails = view.outcomes == 1
    mend = join_codes(fails, {code: rule.mend for code, rule in rules.items()}, between=" ")
    fixed = {
        "file": "Put it on the next CAPE declaration.",
        "file_deferred": "Put it on the next CAPE declaration; expect the money only at liquidation.",
        "protest": "File a protest with CBP before the last day, unless one is already open.",
        "final": "Watch for a later phase; ask counsel about a suit.",
        "claimed": "Follow the claim and its refund.",
        "not_refundable": "Nothing.",
        "undetermined": "Get the missing column and run again.",
    }
    return disposition.map(fixed).astype("str").fillna(mend)


def _official(view: View) -> pd.Series:
    rules = {rule.code: rule for rule in view.facts.law.validations(view.facts.day)}
    texts = {code: f"“{rule.official_text or rule.title}”" for code, rule in rules.items()}
    return "CAPE would answer " + join_codes(view.outcomes == 1, texts) + "."


def _since(view: View) -> pd.Series:
    on = view.facts.clocks["liquidated_on"]
    elapsed = (pd.Timestamp(view.facts.day) - on).dt.days.astype("Int64").astype("str")
    return "Liquidated " + day(on) + ", " + elapsed + " days ago"


def _all(view: View, text: str) -> pd.Series:
    return pd.Series(text, index=view.outcomes.index, dtype="str")
