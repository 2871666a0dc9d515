"""What CBP refused an entry for on an earlier claim: which of it the files show to be over, and which not."""

from __future__ import annotations

import numpy as np
import pandas as pd

from cape_kit.assessment import cbp_answers, corrections, wording
from cape_kit.assessment.rules import PASS, Facts
from cape_kit.law import official
from cape_kit.law.book import Validation

#: The facts of a check that only tariff lines answer: the files show a correction, not what it changed.
LINES_ONLY = ("tariff_lines",)
COLUMNS = {
    "place": "int64",
    "code": "str",
    "evidence": "str",
    "of_entry": "bool",
    "client_can": "bool",
    "by_correction": "bool",
}


def refusals(facts: Facts, outcomes: pd.DataFrame) -> pd.DataFrame:
    """One row per entry CBP's standing answer refuses, by its place, and check that the answer names.

    Columns: place, code, evidence (why the check no longer stands against the entry; null while nothing shows
    it), of_entry (the entry was refused, not its whole file), client_can (whether the client can cure it),
    by_correction (by a post summary correction).
    """
    told = facts.refused
    named = told[told["codes"].fillna("") != ""]
    if named.empty:
        return pd.DataFrame({name: pd.Series(dtype=kind) for name, kind in COLUMNS.items()})
    long = named.assign(place=named.index, code=named["codes"].str.split(", ")).explode("code")
    long = long.reset_index(drop=True)
    checks = official.by_code(facts.law)
    long["evidence"] = _evidence(long, facts, outcomes, checks)
    long["of_entry"] = long["state"] == cbp_answers.FAILED
    long["client_can"] = long["code"].isin([code for code, check in checks.items() if check.client_can])
    long["by_correction"] = long["code"].isin(corrections.curable(facts.law))
    return long[list(COLUMNS)].astype(COLUMNS)


def _evidence(
    long: pd.DataFrame, facts: Facts, outcomes: pd.DataFrame, checks: dict[str, Validation]
) -> pd.Series:
    """Why an error is over, per entry and code; null while nothing shows it."""
    entries = facts.entries.iloc[long["place"].to_numpy(dtype="int64")].reset_index(drop=True)
    # An export of before the refusal shows nothing cured, and one of which nobody knows the day may be that.
    as_new = (entries["extracted_on"] >= long["seen_on"]).fillna(False)
    newer = (entries["extracted_on"] > long["seen_on"]).fillna(False)
    corrected = entries["psc_flag"].eq(True).fillna(False)
    told = pd.Series(None, index=long.index, dtype="object")
    for code in long["code"].unique():
        here, check = long["code"] == code, checks[code]
        if check.last_day is not None and check.last_day < facts.day:
            told[here] = f"this check ended on {wording.on(check.last_day)}"
        elif not check.needs:
            told[here] = "the error was ACE's"
        elif check.needs == LINES_ONLY:
            told[here & corrected & as_new] = "a post summary correction is on file"
        elif code in outcomes:
            passes = np.asarray(outcomes[code] == PASS)[long["place"].to_numpy(dtype="int64")]
            # What the client can't cure, only a later export can show to be over.
            told[here & (as_new if check.client_can else newer) & passes] = (
                "the latest export shows it corrected"
            )
    return told
