"""What CBP answered when it refused an entry: claim, words, what mends them; it judges nothing by itself."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pandas as pd

from cape_kit.assessment import timeline

if TYPE_CHECKING:
    from cape_kit.assessment.assess import Assessment
    from cape_kit.law.book import Law, Validation


def of(assessment: Assessment, number: str, place: int) -> list[dict[str, Any]]:
    """Every different refusal of the entry, as CBP worded it; one told by hand may have no words."""
    claims = assessment.portfolio.claims
    mine = claims[(claims["entry_number"] == number).to_numpy(dtype=bool)]
    failed = timeline.canonical(mine["claim_status"], assessment.law, "claim_status").eq("failed")
    rows = mine[failed.fillna(False).to_numpy(dtype=bool)].drop_duplicates(
        ["claim_number", "error_description"]
    )
    told = [
        _refusal(row, assessment, f"{row['source_file']} row {row['source_row']}")
        for row in rows.to_dict("records")
    ]
    if not told and bool(assessment.scene.view.refused[place]):
        told = [_refusal(assessment.portfolio.entries.iloc[place].to_dict(), assessment, None)]
    return told


def _refusal(row: dict[Any, Any], assessment: Assessment, where: str | None) -> dict[str, Any]:
    error = _text(row.get("error_description"))
    check = _check(error, assessment.law) if error else None
    ended = check.last_day if check else None
    return {
        "claim_number": _text(row.get("claim_number")),
        "error": error,
        "code": check.code if check else None,
        "meaning": check.meaning if check else None,
        "mend": check.mend if check else None,
        "ended_on": ended.isoformat() if ended and ended < assessment.filing_date else None,
        "from": where,
    }


def _check(error: str, law: Law) -> Validation | None:
    """The check whose printed text begins with CBP's words, blanks and case apart; else None."""
    said = " ".join(error.casefold().split())
    for check in law.contents.validations:
        if check.code.startswith("E") and check.official_text.casefold().startswith(said):
            return check
    return None


def _text(value: Any) -> str | None:
    return None if value is None or pd.isna(value) or not str(value).strip() else str(value).strip()
