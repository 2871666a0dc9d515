"""One entry's whole story: what the files say, what CBP would ask, which clocks run, its worth, what next."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cape_kit.assessment.explain import text
from cape_kit.assessment.explain.story import story

if TYPE_CHECKING:
    from cape_kit.assessment.assess import Assessment

__all__ = ["explain", "story"]


def explain(assessment: Assessment, entry_number: str) -> str:
    """The story as text for a person to read. Raises Usage for an entry that is in none of the files."""
    return text.page(story(assessment, entry_number))
