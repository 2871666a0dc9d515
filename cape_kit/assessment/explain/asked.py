"""CBP's checks of one entry: what each asks, how the entry answers, on whose word, what settles it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from cape_kit.assessment.rules import OUTCOMES, unforeseeable
from cape_kit.law.book import Validation

if TYPE_CHECKING:
    from cape_kit.assessment.assess import Assessment
    from cape_kit.assessment.scene import Scene


def of(assessment: Assessment, scene: Scene) -> dict[str, Any]:
    """Every rule in force with its outcome, and those nobody can foresee."""
    law = assessment.law
    told = [
        {
            "code": rule.code,
            "title": rule.title,
            "outcome": OUTCOMES[int(scene.outcomes[rule.code].iloc[0])],
            "official_text": rule.official_text,
            "meaning": rule.meaning,
            "headings": _headings(scene, rule),
            "settles": rule.settles,
            "mend": rule.mend,
            "source": law.cite(rule.source),
        }
        for rule in scene.rules
        if rule.code in scene.outcomes
    ]
    names = ("code", "title", "official_text", "meaning", "mend")
    unforeseen = [{name: getattr(rule, name) for name in names} for rule in unforeseeable(scene.rules)]
    return {"rules": told, "unforeseen": unforeseen}


def _headings(scene: Scene, rule: Validation) -> str | None:
    column = rule.names_headings
    if not column or column not in scene.facts.lines:
        return None
    value = scene.facts.lines[column].iloc[0]
    return value if isinstance(value, str) else None
