"""The steps of work an entry may need, in the order to take them, each with its day and its authority."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import pandas as pd

from cape_kit.assessment import timeline
from cape_kit.assessment.decisions import deadlines, reconciling
from cape_kit.assessment.scene import Scene
from cape_kit.assessment.strategy.asking import cite, days, decided_as
from cape_kit.errors import NoLawInForce
from cape_kit.law.book import Check, Value


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
    protest = scene.view.cite(Check.PROTEST)
    return (
        *_recon_first(scene),
        Errand(
            "Post summary correction",
            lambda s: s.acting & s.view.needs_correction,
            lambda s: deadlines.correction_plan(s.view),
            "CAPE refuses the entry as it stands, and none is possible once CAPE has taken it",
            cite(scene, "psc.days_after_entry"),
        ),
        Errand(
            "Withdraw the protest, and wait until ACE shows it closed",
            lambda s: _withdraws(s) & ~_unread(s),
            lambda s: deadlines.cape_plan(s.view),
            "an open protest keeps the entry out of CAPE",
            protest,
        ),
        Errand(
            "Read the protest; if about IEEPA duty alone, withdraw it and wait until ACE shows it closed",
            lambda s: _withdraws(s) & _unread(s),
            lambda s: deadlines.cape_plan(s.view),
            "an open protest keeps the entry out of CAPE, and one with other grounds is worth keeping",
            protest,
        ),
    )


def _at_cape_and_after(scene: Scene) -> tuple[Errand, ...]:
    return (
        Errand(
            "Put the entry on a CAPE declaration",
            lambda s: s.acting,
            _file_by,
            "a failed file must be mended and sent again inside the window",
            cite(scene, "window.cape"),
        ),
        Errand(
            "File the reconciliation (type 09) in its time",
            lambda s: _reconciles(s) & decided_as(s, "held") & ~reconciling.due_first(s.facts),
            _recon_due,
            "CAPE does not take the entry, and the reconciliation's own deadline runs on",
            cite(scene, "types.recon_allowed"),
        ),
        Errand(
            "File the reconciliation (type 09) once CAPE has taken the entry",
            lambda s: _reconciles(s) & s.acting & ~reconciling.due_first(s.facts),
            _recon_due,
            "with a type 09 on file, CAPE refuses the entry",
            cite(scene, "types.recon_allowed"),
        ),
        Errand(
            "Drawback, if any is planned, after CAPE and liquidation",
            lambda s: s.acting & s.view.unknown(Check.DRAWBACK),
            _no_day,
            "an entry named on a drawback claim is refused; whether this one is, the files do not say",
            scene.view.cite(Check.DRAWBACK),
        ),
        Errand(
            "Protest if CAPE has not taken the entry",
            lambda s: s.acting & s.view.liquidated & ~s.view.failed(Check.PROTEST) & ~s.view.protest_over,
            _fall_back,
            "filing on CAPE does not stop the protest window",
            cite(scene, "window.protest"),
        ),
        Errand(
            "Protest",
            lambda s: decided_as(s, "protest") & ~_protested(s),
            lambda s: deadlines.protest_plan(s.view),
            "CAPE will not take the entry, and the window ends",
            cite(scene, "window.protest"),
        ),
    )


def _fall_back(scene: Scene) -> pd.Series:
    """The day by which to protest when CAPE has not taken the entry. Source: key ``alert.protest_day``."""
    start = timeline.opens(scene.facts.clocks, "protest")
    planned = deadlines.working(start + days(scene, "alert.protest_day"))
    late = planned < pd.Timestamp(scene.facts.day)
    return planned.where(~late, deadlines.protest_plan(scene.view))


def _file_by(scene: Scene) -> pd.Series:
    """The day to file by; after a protest is withdrawn, ACE needs what days are left to show it closed."""
    withdrawn = _withdraws(scene)
    last = scene.facts.clocks["cape_last_day"]
    inside = deadlines.working(last)
    inside = inside.where(inside >= pd.Timestamp(scene.facts.day), last).where(scene.view.liquidated)
    return deadlines.cape_plan(scene.view).where(~withdrawn, inside)


def _reconciles(scene: Scene) -> np.ndarray:
    flagged = scene.facts.flag("recon_flag").fillna(False).to_numpy(dtype=bool)
    none_filed = scene.facts.entries["recon_entry_number"].isna().to_numpy()
    open_yet = ~(_recon_due(scene) < pd.Timestamp(scene.facts.day)).to_numpy(dtype=bool)
    return flagged & none_filed & open_yet & (scene.acting | decided_as(scene, "held"))


def _recon_first(scene: Scene) -> tuple[Errand, ...]:
    """The step that goes before CAPE; none while nobody had said so."""
    told = _first_days(scene)
    if told is None:
        return ()
    return (
        Errand(
            "File the reconciliation (type 09) first, without the IEEPA duty it would add",
            lambda s: _reconciles(s) & reconciling.due_first(s.facts),
            _recon_due,
            f"less than {told.value} days are left to its deadline",
            scene.facts.law.cite(told.source),
        ),
    )


def _first_days(scene: Scene) -> Value | None:
    """With less than this left to its deadline a reconciliation goes first; None before that was public."""
    try:
        return scene.facts.law.value("recon.file_first_days", scene.facts.day)
    except NoLawInForce:
        return None


def _recon_due(scene: Scene) -> pd.Series:
    return scene.facts.entries["recon_due_date"]


def _no_day(scene: Scene) -> pd.Series:
    return pd.Series(pd.NaT, index=scene.decided.index, dtype="datetime64[s]")


def _withdraws(scene: Scene) -> np.ndarray:
    """Entries whose open protest is in the way of CAPE and may be withdrawn for it."""
    return decided_as(scene, "cure") & scene.view.failed(Check.PROTEST)


def _protested(scene: Scene) -> np.ndarray:
    """There is a protest, or there was one."""
    return scene.view.failed(Check.PROTEST) | scene.view.live_protest | scene.view.protested_before


def _unread(scene: Scene) -> np.ndarray:
    """Nobody says whether the protest is about IEEPA duty alone; before liquidation it is void anyway."""
    return scene.facts.flag("protest_ieepa_only").isna().to_numpy() & scene.view.liquidated
