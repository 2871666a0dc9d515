"""Scenarios as TOML a consultant can write: read, checked setting by setting, and written back."""

from __future__ import annotations

import json
import tomllib
from collections.abc import Callable
from datetime import date, datetime
from functools import cache
from importlib import resources
from pathlib import Path
from typing import Any, NamedTuple

from cape_kit.assessment import asserted_and_seen, interest
from cape_kit.assessment.scenarios.scenario import BASELINE, Scenario
from cape_kit.entries import client as clients
from cape_kit.errors import Usage, in_short, in_words

#: The file in a client's folder that holds the consultant's own scenarios.
FILE = clients.SCENARIOS
SHIPPED = "shipped.toml"


class Setting(NamedTuple):
    """Whether a value will do, and how to say what would."""

    fits: Callable[[Any], bool]
    wanted: str


def _whole(least: int | None = None) -> Setting:
    told = "a whole number of days" + ("" if least is None else f", {least} or more")
    return Setting(
        lambda v: isinstance(v, int) and not isinstance(v, bool) and (least is None or v >= least), told
    )


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
    "seed": _whole(0)._replace(wanted="a whole number, 0 or more"),
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
        raise Usage(f"There is no scenario '{name}'; there are {', '.join(found)}.")
    return found[name]


def read(path: Path) -> dict[str, Scenario]:
    """The scenarios of one file. Raises Usage, in one sentence, for anything that is none."""
    try:
        return parse(Path(path).read_text("utf-8-sig"), str(path))
    except (OSError, UnicodeDecodeError) as error:
        raise Usage(f"{path}: not readable as text ({error}); save it as UTF-8.") from error


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
            f"{place}: '{in_short((strangers or ['scenario'])[0])}' is out of place; write [scenario.NAME] tables."
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
