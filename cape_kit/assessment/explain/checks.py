"""CBP's checks of one entry: what each asks, how the entry answers, on whose word, what settles it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from cape_kit.assessment.rules import OUTCOMES, unforeseeable
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
