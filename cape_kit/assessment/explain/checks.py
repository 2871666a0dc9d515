"""CBP's checks of one entry, and what it refused the entry for: the words, the answer, what settles or cures it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pandas as pd

from cape_kit.assessment import cbp_answers, timeline
from cape_kit.assessment.rules import OUTCOMES, unforeseeable
from cape_kit.law import official
from cape_kit.law.book import Validation

if TYPE_CHECKING:
    from cape_kit.assessment.assess import Assessment
    from cape_kit.assessment.decisions import Questions


def of(assessment: Assessment, asked: Questions) -> dict[str, Any]:
    """Every rule in force with its outcome, and those nobody can foresee."""
    law = assessment.law
    told = [
        {
            "code": rule.code,
            "title": rule.title,
            "outcome": OUTCOMES[int(asked.outcomes[rule.code].iloc[0])],
            "official_text": rule.official_text,
            "meaning": rule.meaning,
            "headings": _headings(asked, rule),
            "settles": rule.settles,
            "mend": rule.mend,
            "source": law.cite(rule.source),
        }
        for rule in asked.rules.values()
        if rule.code in asked.outcomes
    ]
    names = ("code", "title", "official_text", "meaning", "mend")
    unforeseen = [
        {name: getattr(rule, name) for name in names} for rule in unforeseeable(tuple(asked.rules.values()))
    ]
    return {"rules": told, "unforeseen": unforeseen}


def _headings(asked: Questions, rule: Validation) -> str | None:
    column = rule.names_headings
    if not column or column not in asked.facts.lines:
        return None
    value = asked.facts.lines[column].iloc[0]
    return value if isinstance(value, str) else None


def refusals(assessment: Assessment, number: str, place: int) -> list[dict[str, Any]]:
    """Every different refusal of the entry, as CBP worded it; one told by hand may have no words."""
    claims = assessment.portfolio.claims
    mine = claims[(claims["entry_number"] == number).to_numpy(dtype=bool)]
    failed = timeline.canonical(mine["claim_status"], assessment.law, "claim_status").eq("failed")
    rows = mine[failed.fillna(False).to_numpy(dtype=bool)].drop_duplicates(
        ["claim_number", "error_description"]
    )
    told = [
        _refusal(row, assessment, place, f"{row['source_file']} row {row['source_row']}")
        for row in rows.to_dict("records")
    ]
    if not told and bool(assessment.questions.refused[place]):
        told = [_refusal(assessment.portfolio.entries.iloc[place].to_dict(), assessment, place, None)]
    return told


def _refusal(row: dict[Any, Any], assessment: Assessment, place: int, where: str | None) -> dict[str, Any]:
    error, claim = _text(row.get("error_description")), _text(row.get("claim_number"))
    checks = official.understand(error, assessment.law).checks if error else ()
    ended = [check.last_day for check in checks if check.last_day and check.last_day < assessment.filing_date]
    told = assessment.facts.refused
    told = told[(told.index == place) & (told["state"] == cbp_answers.FAILED)]
    words = told[["claim", "error"]].to_numpy().tolist()
    stands = where is not None and [[_text(cell) for cell in row] for row in words] == [[claim, error]]
    return {
        "claim_number": claim,
        "error": error,
        "code": ", ".join(check.code for check in checks) or None,
        "meaning": " ".join(dict.fromkeys(check.meaning for check in checks)) or None,
        "mend": " ".join(dict.fromkeys(check.mend for check in checks)) or None,
        "ended_on": max(ended).isoformat() if ended and len(ended) == len(checks) else None,
        "stands": stands,
        "over": _over(assessment, place) if stands else None,
        "from": where,
    }


def _over(assessment: Assessment, place: int) -> str | None:
    """Why all that the standing refusal names is over; None while anything of it is open."""
    asked = assessment.questions
    if not asked.refused_mended[place]:
        return None
    return "; ".join(dict.fromkeys(asked.refusals.loc[asked.refusals["place"] == place, "evidence"]))


def _text(value: Any) -> str | None:
    return None if value is None or pd.isna(value) or not str(value).strip() else str(value).strip()
