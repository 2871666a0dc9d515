"""Phases of CAPE: whose entries one takes on the day, which was announced by then, and who sued."""

from __future__ import annotations

from datetime import date

import pandas as pd

from cape_kit.assessment.rules.facts import Facts
from cape_kit.entries import identifiers
from cape_kit.law.book import Law, Value

#: The status of a value of the law that a scenario takes for granted.
ASSUMED = "assumed"


def admission(law: Law, day: date) -> Value:
    """Whose finally liquidated entries CAPE takes on a day. Source: key ``phase.admits_final``."""
    return law.value("phase.admits_final", day)


def announced_admission(law: Law, day: date) -> Value | None:
    """The next phase for finally liquidated entries, if CBP had announced it by the day, or if assumed."""
    opening = law.next_first_day("phase.admits_final", day)
    upcoming = law.value("phase.admits_final", opening) if opening else None
    return upcoming if upcoming and (upcoming.known_from <= day or upcoming.status == ASSUMED) else None


def announced_for_flagged(law: Law, day: date) -> Value | None:
    """The next opening for flagged types, if CBP had announced it by the day. Source: key ``types.recon_allowed``."""
    opening = law.next_first_day("types.recon_allowed", day)
    upcoming = law.value("types.recon_allowed", opening) if opening else None
    return upcoming if upcoming and upcoming.known_from <= day else None


def plaintiffs(facts: Facts) -> pd.Series:
    """Whether its importer sued over the duties, as client.toml says; null where it does not."""
    numbers, client = facts.entries["importer_number"], facts.client
    said = {identifiers.importer_key(one.number): one.plaintiff for one in client.importers}
    of_all = client.plaintiff
    told: dict[str, bool | None] = {}
    for number in map(str, numbers.dropna().unique()):
        one = said.get(identifiers.importer_key(number))
        told[number] = of_all if one is None else one
    return numbers.map(told).astype("boolean").mask(numbers.isna(), pd.NA if of_all is None else of_all)
