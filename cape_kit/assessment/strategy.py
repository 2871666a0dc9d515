"""Which route first, what the other protects, and in which order to work where an entry is in several hands.

A calendar of choices, not advice: whether to sue or to protest is for counsel.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from cape_kit.assessment import timeline, wording
from cape_kit.assessment.decisions import deadlines
from cape_kit.assessment.scene import Scene

if TYPE_CHECKING:
    from cape_kit.assessment.assess import Assessment

SAFE, ENDANGERED, NO_PROTEST_YET = "safe", "endangered", "no protest yet"


def plan(assessment: Assessment) -> pd.DataFrame:
    """One row per entry: the route to take first, what the other one protects, and every clock of both.

    waiting says whether waiting for CAPE's answer (filing day + the late end of CBP's range) would reach past
    the last working day to protest: safe, endangered, or no protest yet. denied_by and sue_by are for a
    protest filed on the filing day with a request for accelerated disposition; suit_last_day counts from the
    date of entry, the earliest of the starts argued for.
    Sources: keys ``payment.days_high``, ``protest.accelerated_days``, ``court.days_after_denial``,
    ``suit.years``.
    """
    return of_scene(assessment.scene)


def of_scene(scene: Scene) -> pd.DataFrame:
    """The plan of some entries."""
    facts, clocks = scene.facts, scene.facts.clocks
    day, index = pd.Timestamp(facts.day), scene.decided.index
    protest_by = deadlines.protest_plan(scene.view).where(_can_protest(scene))
    answered = _answered(scene)
    denied = day + _days(scene, "protest.accelerated_days")
    years = int(facts.law.value("suit.years", facts.day).value)
    waiting = wording.choose(
        [protest_by.isna(), (answered > protest_by) | answered.isna()],
        [NO_PROTEST_YET, ENDANGERED],
        SAFE,
        index,
    )
    first, protects = _routes(scene)
    return pd.DataFrame(
        {
            "entry_number": facts.entries["entry_number"],
            "disposition": scene.decided["disposition"],
            "first": first,
            "protects": protects,
            "waiting": waiting,
            "cape_plan_day": deadlines.cape_plan(scene.view).where(scene.acting),
            "cape_last_day": clocks["cape_last_day"].where(scene.acting),
            "protest_plan_day": protest_by,
            "protest_last_day": clocks["protest_last_day"].where(protest_by.notna()),
            "protest_ends_on": timeline.day_off(clocks["protest_last_day"].where(protest_by.notna())),
            "answer_by": answered,
            "denied_by": pd.Series(denied, index=index).where(protest_by.notna()).astype("datetime64[s]"),
            "sue_by": pd.Series(denied + _days(scene, "court.days_after_denial"), index=index)
            .where(protest_by.notna())
            .astype("datetime64[s]"),
            "suit_last_day": timeline.anniversary(facts.entries["entry_date"], years).where(scene.counted),
        }
    )


def order(assessment: Assessment) -> pd.DataFrame:
    """The steps of each entry in the order to take them: entry_number, step, action, by, why, source."""
    return order_of_scene(assessment.scene)


def order_of_scene(scene: Scene) -> pd.DataFrame:
    """The steps of some entries."""
    numbers, parts = scene.facts.entries["entry_number"], []
    for place, errand in enumerate(errands(scene)):
        here = np.flatnonzero(errand.when(scene))
        due = errand.by(scene).iloc[here].reset_index(drop=True)
        told = {
            "place": place,
            "action": errand.action,
            "by": due,
            "why": errand.why,
            "source": errand.source,
        }
        parts.append(pd.DataFrame({"entry_number": numbers.iloc[here].array, **told}))
    frame = pd.concat(parts, ignore_index=True).sort_values(["entry_number", "place"], ignore_index=True)
    frame.insert(1, "step", frame.groupby("entry_number").cumcount() + 1)
    return frame.drop(columns="place")


@dataclass(frozen=True)
class Errand:
    """One step of work: which entries need it, by when, why there and on whose word."""

    action: str
    when: Callable[[Scene], np.ndarray]
    by: Callable[[Scene], pd.Series]
    why: str
    source: str


def errands(scene: Scene) -> tuple[Errand, ...]:
    """Every step there may be, in the order of work."""
    return (*_before_cape(scene), *_at_cape_and_after(scene))


def _before_cape(scene: Scene) -> tuple[Errand, ...]:
    law = scene.facts.law
    first_days = law.value("recon.file_first_days", scene.facts.day)
    return (
        Errand(
            "File the reconciliation (type 09) first, without the IEEPA duty it would add",
            lambda s: _reconciles(s) & _recon_is_due(s),
            _recon_due,
            f"less than {first_days.value} days are left to its deadline",
            law.cite(first_days.source),
        ),
        Errand(
            "Post summary correction",
            lambda s: s.acting & s.view.needs_correction & ~s.view.correction_over,
            lambda s: deadlines.correction_plan(s.view),
            "CAPE refuses the entry as it stands, and none is possible once CAPE has taken it",
            _cite(scene, "psc.days_after_entry"),
        ),
        Errand(
            "Withdraw the protest, and wait until ACE shows it closed",
            lambda s: _cures(s) & s.view.failed("E13"),
            lambda s: deadlines.cape_plan(s.view),
            "an open protest keeps the entry out of CAPE",
            law.cite(scene.view.rules["E13"].source),
        ),
    )


def _at_cape_and_after(scene: Scene) -> tuple[Errand, ...]:
    law = scene.facts.law
    return (
        Errand(
            "Put the entry on a CAPE declaration",
            lambda s: s.acting,
            lambda s: deadlines.cape_plan(s.view),
            "a failed file must be mended and sent again inside the window",
            _cite(scene, "window.cape"),
        ),
        Errand(
            "File the reconciliation (type 09) once CAPE has taken the entry",
            lambda s: _reconciles(s) & s.acting & ~_recon_is_due(s),
            _recon_due,
            "with a type 09 on file, CAPE refuses the entry",
            _cite(scene, "types.recon_allowed"),
        ),
        Errand(
            "Drawback, if any is planned, after CAPE and liquidation",
            lambda s: s.acting & s.view.unknown("E01"),
            _no_day,
            "an entry named on a drawback claim is refused; whether this one is, the files do not say",
            law.cite(scene.view.rules["E01"].source),
        ),
        Errand(
            "Protest if CAPE has not taken the entry",
            lambda s: s.acting & s.view.liquidated & ~s.view.failed("E13") & ~s.view.protest_over,
            _fall_back,
            "filing on CAPE does not stop the protest window",
            _cite(scene, "window.protest"),
        ),
        Errand(
            "Protest",
            lambda s: _is(s, "protest") & ~s.view.failed("E13"),
            lambda s: deadlines.protest_plan(s.view),
            "CAPE will not take the entry, and the window ends",
            _cite(scene, "window.protest"),
        ),
    )


def _routes(scene: Scene) -> tuple[pd.Series, pd.Series]:
    """The route to take first, and what is kept safe by the other."""
    index, view = scene.decided.index, scene.view
    protested, acts = view.failed("E13"), scene.acting
    conditions = [
        acts & view.liquidated & protested,
        acts & view.liquidated,
        acts,
        _is(scene, "protest") & protested,
        _is(scene, "protest"),
        _is(scene, "held") & view.liquidated,
        _is(scene, "held"),
        _is(scene, "final"),
        _is(scene, "claimed"),
    ]
    first = ["CAPE, after withdrawing the protest", "CAPE", "CAPE", "the protest that is open", "a protest"]
    first += [
        "CAPE, once the phase opens",
        "nothing for now",
        "a later phase, or the court",
        "the claim that stands",
    ]
    protects = [
        "a new protest, while its window is open, if CAPE refuses the entry",
        "a protest after CAPE's refusal, or by the fall-back day; one filed now would shut CAPE",
        "a protest, once the entry is liquidated",
        "nothing more: an open protest keeps the claim alive until CBP decides it",
        "a suit, after a denial",
        "a protest, if the phase has not taken the entry by the last working day",
        "a protest, once the entry is liquidated",
        "nothing: the protest window is over",
        "a protest against the liquidation that follows",
    ]
    return wording.choose(conditions, first, "", index), wording.choose(conditions, protects, "", index)


def _answered(scene: Scene) -> pd.Series:
    """By when CAPE has answered: the late end of CBP's range; unknown where it will not take the entry."""
    index, late = scene.decided.index, _days(scene, "payment.days_high")
    files = pd.Series(pd.Timestamp(scene.facts.day), index=index).where(scene.acting)
    phase = scene.view.announced_phase
    if phase is not None:
        files = files.mask(_is(scene, "held") & scene.view.opens_in_time, pd.Timestamp(phase.first_day))
    return (files + late).astype("datetime64[s]")


def _can_protest(scene: Scene) -> np.ndarray:
    return scene.view.liquidated & ~scene.view.protest_over & scene.counted


def _fall_back(scene: Scene) -> pd.Series:
    """The day by which to protest when CAPE has not taken the entry. Source: key ``alert.protest_day``."""
    start = timeline.opens(scene.facts.clocks, "protest")
    planned = deadlines.working(start + _days(scene, "alert.protest_day"))
    late = planned < pd.Timestamp(scene.facts.day)
    return planned.where(~late, deadlines.protest_plan(scene.view))


def _reconciles(scene: Scene) -> np.ndarray:
    flagged = scene.facts.flag("recon_flag").fillna(False).to_numpy(dtype=bool)
    none_filed = scene.facts.entries["recon_entry_number"].isna().to_numpy()
    open_yet = ~(_recon_due(scene) < pd.Timestamp(scene.facts.day)).to_numpy(dtype=bool)
    return flagged & none_filed & open_yet & (scene.acting | _is(scene, "held"))


def _recon_is_due(scene: Scene) -> np.ndarray:
    left = _recon_due(scene) - pd.Timestamp(scene.facts.day)
    return (left < _days(scene, "recon.file_first_days")).to_numpy(dtype=bool)


def _recon_due(scene: Scene) -> pd.Series:
    return scene.facts.entries["recon_due_date"]


def _no_day(scene: Scene) -> pd.Series:
    return pd.Series(pd.NaT, index=scene.decided.index, dtype="datetime64[s]")


def _cures(scene: Scene) -> np.ndarray:
    return _is(scene, "cure")


def _is(scene: Scene, disposition: str) -> np.ndarray:
    return (scene.decided["disposition"] == disposition).to_numpy(dtype=bool)


def _days(scene: Scene, key: str) -> pd.Timedelta:
    return pd.Timedelta(days=int(scene.facts.law.value(key, scene.facts.day).value))


def _cite(scene: Scene, key: str) -> str:
    law = scene.facts.law
    return law.cite(law.value(key, scene.facts.day).source)
