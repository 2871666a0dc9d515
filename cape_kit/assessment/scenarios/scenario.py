"""A scenario: a named, small, frozen change of facts, law or timing, and in words what it assumes.

Written as TOML by a consultant: read, checked setting by setting, and written back.
"""

from __future__ import annotations

import json
import tomllib
from collections.abc import Callable
from dataclasses import dataclass, fields
from datetime import date, datetime
from functools import cache
from importlib import resources
from pathlib import Path
from typing import Any, Literal, NamedTuple

import pandas as pd

from cape_kit.assessment import asserted_and_seen, interest, timeline, wording
from cape_kit.entries import client as clients
from cape_kit.errors import Usage, in_short, in_words
from cape_kit.law import workdays
from cape_kit.law.book import Law, Pending

#: The row of the law book's pending part that says what Phase 3 would be.
PHASE_3 = "phase.3"


@dataclass(frozen=True)
class Scenario:
    """What differs from the facts, the law and CBP's usual pace; whatever is not named stays as it is.

    Times are calendar days. `rejected_share` is a fraction of the entries put on CAPE, drawn with `seed`.
    """

    name: str
    reason: str = ""
    filing_on: date | None = None
    filing_after_days: int = 0
    liquidation_after_acceptance_days: int | None = None
    payment_later_days: int = 0
    cycle_shift_days: int = 0
    phase_3: Literal["off", "all", "litigants"] = "off"
    phase_3_from: date | None = None
    litigants: tuple[str, ...] = ()
    readmitted_types: tuple[str, ...] = ()
    readmitted_from: date | None = None
    importer_class: str | None = None
    day_count: str | None = None
    rejected_share: float = 0.0
    seed: int = 1
    cures_succeed: bool = False
    assertions: tuple[str, ...] = ()
    broker_data_arrives: tuple[str, ...] = ()
    ach_fixed_on: date | None = None

    @property
    def changes(self) -> dict[str, Any]:
        """The settings that differ from their defaults, by name."""
        names = [one for one in fields(self) if one.name not in ("name", "reason")]
        return {one.name: getattr(self, one.name) for one in names if getattr(self, one.name) != one.default}

    def gone_by(self, day: date) -> bool:
        """Whether the filing day it names lies before a day, so that nothing can be filed on it."""
        return self.filing_on is not None and self.filing_on < day


#: Nothing changed.
BASELINE = Scenario("baseline", "The facts and the law as they are.")


def phase_3_day(scenario: Scenario, law: Law) -> date | None:
    """The day Phase 3 is taken to open: the scenario's own, else the one the law book notes as assumed."""
    if scenario.phase_3 == "off":
        return None
    row = pending(law)
    return scenario.phase_3_from or (row.assumed_first_day if row else None)


def usual_pace(law: Law, on: date) -> int:
    """Days from acceptance to liquidation as CBP has it. [days]

    Source: key ``processing.liquidation_after_acceptance``.
    """
    return int(law.value("processing.liquidation_after_acceptance", on).value)


def pending(law: Law) -> Pending | None:
    """What the law book holds of Phase 3; None where none of it was public yet."""
    return next((row for row in law.pending if row.key == PHASE_3), None)


def assumptions(scenario: Scenario, law: Law, filed: date | None = None) -> tuple[str, ...]:
    """Everything the scenario takes for granted, one sentence each; printed with every result of it.

    `filed`: the filing day it comes to; where the scenario moves it to a weekend or holiday, that is said.
    """
    told = [*_timing(scenario), *_day_off(scenario, filed), *_law(scenario, law), *_facts(scenario)]
    return tuple(told) or ("Nothing is assumed: the facts, the law and CBP's pace as they are.",)


def _timing(one: Scenario) -> list[str]:
    told = []
    if one.filing_on:
        told.append(f"The declaration is filed on {wording.on(one.filing_on)}.")
    if one.filing_after_days:
        told.append(f"The declaration is filed {_days(one.filing_after_days)} later.")
    if one.liquidation_after_acceptance_days is not None:
        span = _days(one.liquidation_after_acceptance_days)
        told.append(f"CBP sets an accepted entry to liquidate {span} after acceptance.")
    if one.payment_later_days:
        span, way = _days(abs(one.payment_later_days)), "later" if one.payment_later_days > 0 else "sooner"
        told.append(f"After liquidation the refund is paid {span} {way} than CBP says is usual.")
    if one.cycle_shift_days:
        span, way = _days(abs(one.cycle_shift_days)), "later" if one.cycle_shift_days > 0 else "earlier"
        told.append(f"Entries not yet liquidated liquidate {span} {way} than on the usual cycle.")
    return told


def _day_off(one: Scenario, filed: date | None) -> list[str]:
    """That the filing day is a weekend or holiday, where the scenario chose it."""
    filed = one.filing_on or (filed if one.filing_after_days else None)
    why = timeline.day_off(pd.Series([pd.Timestamp(filed)])).iloc[0] if filed else ""
    if not filed or not why:
        return []
    before = wording.on(workdays.on_or_before(filed))
    kind = f"a {why}" if why in ("Saturday", "Sunday") else why
    return [f"{wording.on(filed)} is {kind}, not a working day: the last one before it is {before}."]


def _law(one: Scenario, law: Law) -> list[str]:
    told, opens = [], phase_3_day(one, law)
    if one.phase_3 != "off":
        told += _phase_3(one, law, opens)
    if one.readmitted_types:
        since = f"from {wording.on(one.readmitted_from)}" if one.readmitted_from else "at once"
        told.append(
            f"Not law: CAPE accepts types {', '.join(one.readmitted_types)} {since}, and continues to."
        )
    if one.importer_class:
        told.append(f"Interest runs at the rates for {one.importer_class.replace('_', '-')} importers.")
    if one.day_count:
        which = {"start": "the deposit day and not the liquidation day", "end": "the liquidation day only"}
        told.append(f"Interest counts {which[one.day_count]}.")
    return told


def _phase_3(one: Scenario, law: Law, opens: date | None) -> list[str]:
    row = pending(law)
    if opens is None:
        return ["Phase 3 was requested, but no date is known or given for it, so nothing changes."]
    named = [f"…{number[-4:]}" for number in one.litigants]
    who = {
        "all": "for every importer",
        "litigants": f"for importers that sued ({', '.join(named) or 'every importer number of the client'})",
    }[one.phase_3]
    source = f" What is known: {law.cite(row.source)}." if row else ""
    return [
        f"Not law: Phase 3 accepts finally liquidated entries {who} from {wording.on(opens)}.{source}",
        "Entries with a live protest keep it, and stay out of Phase 3.",
    ]


def _facts(one: Scenario) -> list[str]:
    told = []
    if one.rejected_share:
        told.append(
            f"CBP rejects {one.rejected_share:.0%} of the entries put on CAPE for unforeseen reasons, "
            f"drawn at random with seed {one.seed}; liquidated ones are then protested, others wait."
        )
    if one.cures_succeed:
        told.append("Everything the client can cure is cured by the day of filing.")
    told += [
        f"The client asserts {name} for every entry where the files say nothing." for name in one.assertions
    ]
    told += [
        f"The data of broker {code} arrives: entries without a status liquidate on the usual cycle, those "
        "without a type are of type 01; entries without tariff lines stay unknown."
        for code in one.broker_data_arrives
    ]
    if one.ach_fixed_on:
        told.append(
            f"Importers not enrolled for electronic refunds are enrolled on {wording.on(one.ach_fixed_on)}; "
            "nothing is paid to them before."
        )
    return told


def _days(count: int) -> str:
    return f"{count} day{'' if count == 1 else 's'}"


# --- as TOML ----------------------------------------------------------------------------------------------


#: The file in a client's folder that holds the consultant's own scenarios.
FILE = clients.SCENARIOS
SHIPPED = "shipped.toml"


class Setting(NamedTuple):
    """Whether a value will do, and how to say what would."""

    fits: Callable[[Any], bool]
    wanted: str


#: A number beyond it is a slip of the hand, and no sentence could hold it. Days beyond the calendar are told later.
_MOST = 999_999_999_999


def _whole(least: int = -_MOST, of: str = " of days") -> Setting:
    told = f"a whole number{of} from {least:,} to {_MOST:,}"
    return Setting(lambda v: isinstance(v, int) and not isinstance(v, bool) and least <= v <= _MOST, told)


def _one_of(*words: str) -> Setting:
    return Setting(lambda v: v in words, "one of " + ", ".join(words))


def _texts(of: str, allowed: tuple[str, ...] = ()) -> Setting:
    told = f"a list of {of} in quotes" + (f" ({', '.join(allowed)})" if allowed else "")
    return Setting(
        lambda v: (
            isinstance(v, list) and all(isinstance(one, str) and (not allowed or one in allowed) for one in v)
        ),
        told,
    )


_DAY = Setting(
    lambda v: isinstance(v, date) and not isinstance(v, datetime),
    "a day written year-month-day, without quotes",
)

#: Every setting of a [scenario.NAME] table.
SETTINGS: dict[str, Setting] = {
    "reason": Setting(lambda v: isinstance(v, str), "a sentence in quotes"),
    "filing_on": _DAY,
    "filing_after_days": _whole(0),
    "liquidation_after_acceptance_days": _whole(1),
    "payment_later_days": _whole(),
    "cycle_shift_days": _whole(),
    "phase_3": _one_of("off", "all", "litigants"),
    "phase_3_from": _DAY,
    "litigants": _texts("importer numbers"),
    "readmitted_types": _texts("two-digit entry types"),
    "readmitted_from": _DAY,
    "importer_class": _one_of(*interest.CLASSES),
    "day_count": _one_of(*interest.DAY_COUNTS),
    "rejected_share": Setting(
        lambda v: isinstance(v, int | float) and not isinstance(v, bool) and 0 <= v <= 1,
        "a fraction from 0 to 1",
    ),
    "seed": _whole(0, of=""),
    "cures_succeed": Setting(lambda v: isinstance(v, bool), "true or false"),
    "assertions": _texts("assertions", tuple(asserted_and_seen.ASSERTIONS)),
    "broker_data_arrives": _texts("filer codes"),
    "ach_fixed_on": _DAY,
}


@cache
def shipped() -> dict[str, Scenario]:
    """The scenarios that come with the kit, by name, the baseline first."""
    text = resources.files(__package__).joinpath(SHIPPED).read_text("utf-8")
    return {BASELINE.name: BASELINE, **parse(text, SHIPPED)}


def known(folder: Path | None = None) -> dict[str, Scenario]:
    """The shipped scenarios and those of a client's folder, which go before a shipped one of their name."""
    path = Path(folder) / FILE if folder else None
    return {**shipped(), **(read(path) if path and path.is_file() else {})}


def named(name: str, folder: Path | None = None) -> Scenario:
    """One scenario by its name. Raises Usage, with the names there are, for any other."""
    found = known(folder)
    if name not in found:
        raise Usage(f"There is no scenario '{name}'; available: {', '.join(found)}.")
    return found[name]


def read(path: Path) -> dict[str, Scenario]:
    """The scenarios of one file. Raises Usage, in one sentence, for anything that is none."""
    try:
        return parse(Path(path).read_text("utf-8-sig"), str(path))
    except (OSError, UnicodeDecodeError) as error:
        raise Usage(f"{path}: not readable as text ({in_words(error)}); save it as UTF-8.") from error


def parse(text: str, place: str = "the text") -> dict[str, Scenario]:
    """The scenarios of a TOML text, by name."""
    try:
        raw = tomllib.loads(text)
    except (ValueError, RecursionError) as error:
        raise Usage(
            f"{place}: not readable as TOML ({in_words(error)}); text needs quotes, days do not."
        ) from error
    tables = raw.get("scenario", {})
    strangers = sorted(set(raw) - {"scenario"})
    if strangers or not isinstance(tables, dict):
        raise Usage(
            f"{place}: '{in_short((strangers or ['scenario'])[0])}' is out of place; write "
            f"[scenario.NAME] tables."
        )
    return {name: _scenario(name, table, place) for name, table in tables.items()}


def written(scenario: Scenario) -> str:
    """The scenario as the TOML that `parse` reads back."""
    rows = {"reason": scenario.reason} if scenario.reason else {}
    lines = [f"{key} = {_toml(value)}" for key, value in {**rows, **scenario.changes}.items()]
    return "\n".join([f"[scenario.{_key(scenario.name)}]", *lines]) + "\n"


def _scenario(name: str, table: Any, place: str) -> Scenario:
    here = f"{place}: [scenario.{in_short(name)}]"
    if not isinstance(table, dict):
        raise Usage(f"{here} is '{in_short(table)}'; write it as a table of settings.")
    if name == BASELINE.name:
        raise Usage(f"{here}: this name is kept for the facts and the law as they stand; choose another.")
    for key, value in table.items():
        if key not in SETTINGS:
            raise Usage(f"{here}: '{in_short(key)}' is no setting; allowed are {', '.join(SETTINGS)}.")
        if not SETTINGS[key].fits(value):
            raise Usage(f"{here}: {key} is '{in_short(value)}'; it must be {SETTINGS[key].wanted}.")
    if "filing_on" in table and table.get("filing_after_days"):
        raise Usage(f"{here}: filing_on and filing_after_days say the same thing twice; keep one.")
    settled: dict[str, Any] = {
        key: tuple(value) if isinstance(value, list) else value for key, value in table.items()
    }
    return Scenario(name, **settled)


def _toml(value: Any) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, tuple):
        return "[" + ", ".join(_toml(one) for one in value) + "]"
    return json.dumps(value, ensure_ascii=False) if isinstance(value, str) else repr(value)


def _key(name: str) -> str:
    bare = name.replace("_", "").replace("-", "")
    return name if bare.isascii() and bare.isalnum() else json.dumps(name, ensure_ascii=False)
