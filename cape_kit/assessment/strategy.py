"""Which route first, what the other protects, and in which order to work where an entry is in several hands.

A calendar of choices, not advice: whether to sue or to protest is for counsel.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import pandas as pd

from cape_kit.assessment import timeline, wording
from cape_kit.assessment.decisions import Questions, deadlines
from cape_kit.assessment.rules import checks
from cape_kit.errors import NoLawInForce
from cape_kit.law.book import Check, Value

# --- routes, with every clock of both ---------------------------------------------------------------------


SAFE, ENDANGERED, NO_PROTEST_YET = "safe", "endangered", "no protest yet"


def plan(asked: Questions) -> pd.DataFrame:
    """One row per entry: the route to take first, what the other one protects, and every clock of both.

    waiting says whether waiting for CAPE's answer (filing day + the late end of CBP's range) would reach past
    the last working day to protest: safe, endangered, or no protest yet. denied_by and sue_by are for a
    first protest, filed on the filing day with a request for accelerated disposition; suit_last_day counts
    from the date of entry, the earliest of the starts argued for.
    Sources: keys ``payment.days_high``, ``protest.accelerated_days``, ``court.days_after_denial``,
    ``suit.years``.
    """
    facts, clocks = asked.facts, asked.facts.clocks
    day, index = pd.Timestamp(facts.day), asked.facts.entries.index
    protest_by = deadlines.protest_plan(asked).where(_can_protest(asked))
    answered = _answered(asked)
    denied = day + asked.facts.days("protest.accelerated_days")
    waiting = wording.choose(
        [protest_by.isna(), (answered > protest_by) | answered.isna()],
        [NO_PROTEST_YET, ENDANGERED],
        SAFE,
        index,
    )
    first, protects = _routes(asked)
    unprotested = protest_by.notna() & ~asked.live_protest & ~asked.protested_before
    return pd.DataFrame(
        {
            "entry_number": facts.entries["entry_number"],
            "disposition": asked.disposition,
            "first": first,
            "protects": protects,
            "waiting": waiting,
            "cape_plan_day": deadlines.cape_plan(asked).where(asked.acting),
            "cape_last_day": clocks["cape_last_day"].where(asked.acting),
            "protest_plan_day": protest_by,
            "protest_last_day": clocks["protest_last_day"].where(protest_by.notna()),
            "protest_ends_on": timeline.day_off(clocks["protest_last_day"].where(protest_by.notna())),
            "answer_by": answered,
            "denied_by": _for(unprotested, denied),
            "sue_by": _for(unprotested, denied + asked.facts.days("court.days_after_denial")),
            "suit_last_day": asked.suit_last_day.where(asked.counted | asked.unpaid_claim),
            "suit_reading": asked.suit_reading.where(asked.counted | asked.unpaid_claim),
        }
    )


def _routes(asked: Questions) -> tuple[pd.Series, pd.Series]:
    """The route to take first, and what is kept safe by the other."""
    index = asked.facts.entries.index
    protested, acts = asked.failed(Check.PROTEST), asked.acting
    live, before = asked.live_protest, asked.protested_before
    conditions = [
        acts & asked.liquidated & protested,
        acts & asked.liquidated,
        acts,
        asked.decided_as("protest") & live,
        asked.decided_as("protest") & before,
        asked.decided_as("protest"),
        asked.decided_as("held") & asked.never_liquidates,
        asked.decided_as("held") & asked.liquidated,
        asked.decided_as("held"),
        asked.decided_as("final"),
        asked.protective,
        asked.grant_covers,
        asked.decided_as("claimed"),
    ]
    first = ["CAPE, after withdrawing the protest", "CAPE", "CAPE", "the open protest"]
    first += ["a suit over the protest CBP has decided, if counsel advises one", "a protest"]
    first += [
        "nothing for now",
        "CAPE, once the phase opens",
        "nothing for now",
        "a later phase, or the court",
        "the accepted claim",
        "the refund of the approved protest",
        "the accepted claim",
    ]
    protects = [
        "a new protest, while its window is open, if CAPE refuses the entry",
        "a protest after CAPE's refusal, or by the fall-back day; one filed now would keep the entry out",
        "a protest, once the entry is liquidated",
        "nothing is needed: an open protest preserves the claim until CBP decides it",
        "a later phase of CAPE",
        "a suit, after a denial",
        "a suit, if counsel advises one: such an entry is not liquidated, so there is nothing to protest",
        "a protest, if the phase has not accepted the entry by the last working day",
        "a protest, once the entry is liquidated",
        "nothing: the protest window is closed",
        "a protective protest, while the window of its liquidation is open",
        "nothing is needed, where the decision covers the IEEPA duty",
        "a protest against the liquidation that follows",
    ]
    return wording.choose(conditions, first, "", index), wording.choose(conditions, protects, "", index)


def _answered(asked: Questions) -> pd.Series:
    """By when CAPE has answered: the late end of CBP's range; unknown where it will not take the entry."""
    index, late = asked.facts.entries.index, asked.facts.days("payment.days_high")
    files = pd.Series(pd.Timestamp(asked.facts.day), index=index).where(asked.acting)
    phase = checks.announced_for_flagged(asked.facts.law, asked.facts.day)
    if phase is not None:
        files = files.mask(asked.decided_as("held") & asked.opens_in_time, pd.Timestamp(phase.first_day))
    return (files + late).astype("datetime64[s]")


def _can_protest(asked: Questions) -> np.ndarray:
    return asked.liquidated & ~asked.protest_over & asked.counted


def _for(entries: pd.Series, day: pd.Timestamp) -> pd.Series:
    """One day for some entries; null for the others."""
    return pd.Series(day, index=entries.index).where(entries).astype("datetime64[s]")


# --- the steps of work, in the order to take them ---------------------------------------------------------


@dataclass(frozen=True)
class Work:
    """One step of work: which entries need it, by when, why there and on whose word."""

    action: str
    when: Callable[[Questions], np.ndarray]
    by: Callable[[Questions], pd.Series]
    why: str
    source: str


def order(asked: Questions) -> pd.DataFrame:
    """The steps of each entry in the order to take them: entry_number, step, action, by, why, source."""
    numbers, parts = asked.facts.entries["entry_number"], []
    for place, work in enumerate(every_step(asked)):
        here = np.flatnonzero(work.when(asked))
        due = work.by(asked).iloc[here].reset_index(drop=True)
        told = {"place": place, "action": work.action, "by": due, "why": work.why, "source": work.source}
        parts.append(pd.DataFrame({"entry_number": numbers.iloc[here].array, **told}))
    frame = pd.concat(parts, ignore_index=True).sort_values(["entry_number", "place"], ignore_index=True)
    frame.insert(1, "step", frame.groupby("entry_number").cumcount() + 1)
    return frame.drop(columns="place")


def every_step(asked: Questions) -> tuple[Work, ...]:
    """Every step there may be, in the order of work."""
    return (*_before_cape(asked), *_at_cape_and_after(asked))


def _before_cape(asked: Questions) -> tuple[Work, ...]:
    protest = asked.cite(Check.PROTEST)
    return (
        *_recon_first(asked),
        Work(
            "Post summary correction",
            lambda s: s.acting & s.needs_correction,
            deadlines.correction_plan,
            "CAPE refuses the entry as it stands, and none is possible once CAPE has accepted it",
            asked.facts.cite("psc.days_after_entry"),
        ),
        Work(
            "Withdraw the protest, and wait until ACE shows it closed",
            lambda s: _withdraws(s) & ~_unread(s),
            deadlines.cape_plan,
            "an open protest keeps the entry out of CAPE",
            protest,
        ),
        Work(
            "Check the protest; if it covers IEEPA duty only, withdraw it and wait until ACE shows it closed",
            lambda s: _withdraws(s) & _unread(s),
            deadlines.cape_plan,
            "an open protest keeps the entry out of CAPE, and one with other grounds is worth keeping",
            protest,
        ),
    )


def _at_cape_and_after(asked: Questions) -> tuple[Work, ...]:
    return (
        Work(
            "Put the entry on a CAPE declaration",
            lambda s: s.acting,
            _file_by,
            "a rejected file must be corrected and resubmitted within the window",
            asked.facts.cite("window.cape"),
        ),
        Work(
            "File the reconciliation (type 09) on time",
            lambda s: _reconciles(s) & s.decided_as("held") & ~s.recon_due_first,
            _recon_due,
            "CAPE does not accept the entry, and the reconciliation deadline keeps running",
            asked.facts.cite("types.recon_allowed"),
        ),
        Work(
            "File the reconciliation (type 09) once CAPE has accepted the entry",
            lambda s: _reconciles(s) & s.acting & ~s.recon_due_first,
            _recon_due,
            "with a type 09 on file, CAPE refuses the entry",
            asked.facts.cite("types.recon_allowed"),
        ),
        Work(
            "Drawback, if any is planned, after CAPE and liquidation",
            lambda s: s.acting & s.unknown(Check.DRAWBACK),
            _no_day,
            "an entry named on a drawback claim is refused; the files do not show whether this one is",
            asked.cite(Check.DRAWBACK),
        ),
        Work(
            "Protest if CAPE has not taken the entry",
            lambda s: s.acting & s.liquidated & ~s.failed(Check.PROTEST) & ~s.protest_over,
            _fall_back,
            "filing on CAPE does not stop the protest window",
            asked.facts.cite("window.protest"),
        ),
        Work(
            "Have counsel decide on a protective protest",
            lambda s: s.protective & ~s.live_protest,
            _protect_by,
            "CAPE accepted it and it is not reliquidated: a claim does not stop the protest window",
            asked.facts.cite("window.protest"),
        ),
        Work(
            "Have counsel decide on a summons over the denied protest",
            lambda s: s.summons_open & s.decided_as("protest", "final"),
            lambda s: s.summons_last_day,
            "the same decision can't be protested twice, and the time from the mailing of the denial is "
            "running",
            asked.facts.cite("court.days_after_denial"),
        ),
        Work(
            "Protest",
            lambda s: s.decided_as("protest") & ~_protested(s),
            deadlines.protest_plan,
            "CAPE will not accept the entry, and the protest window is closing",
            asked.facts.cite("window.protest"),
        ),
    )


def _fall_back(asked: Questions) -> pd.Series:
    """The day by which to protest when CAPE has not taken the entry. Source: key ``alert.protest_day``."""
    start = timeline.opens(asked.facts.clocks, "protest")
    planned = deadlines.working(start + asked.facts.days("alert.protest_day"))
    late = planned < pd.Timestamp(asked.facts.day)
    return planned.where(~late, deadlines.protest_plan(asked))


def _protect_by(asked: Questions) -> pd.Series:
    """The day to have decided on a protective protest; once past, the last working day before the window ends."""
    return asked.fall_back_day.fillna(deadlines.protest_plan(asked))


def _file_by(asked: Questions) -> pd.Series:
    """The day to file by; after a protest is withdrawn, ACE needs what days are left to show it closed."""
    withdrawn = _withdraws(asked)
    last = asked.facts.clocks["cape_last_day"]
    inside = deadlines.working(last)
    inside = inside.where(inside >= pd.Timestamp(asked.facts.day), last).where(asked.liquidated)
    return deadlines.cape_plan(asked).where(~withdrawn, inside)


def _reconciles(asked: Questions) -> np.ndarray:
    flagged = asked.facts.flag("recon_flag").fillna(False).to_numpy(dtype=bool)
    none_filed = asked.facts.entries["recon_entry_number"].isna().to_numpy()
    open_yet = ~(_recon_due(asked) < pd.Timestamp(asked.facts.day)).to_numpy(dtype=bool)
    return flagged & none_filed & open_yet & (asked.acting | asked.decided_as("held"))


def _recon_first(asked: Questions) -> tuple[Work, ...]:
    """The step that goes before CAPE; none while nobody had said so."""
    told = _first_days(asked)
    if told is None:
        return ()
    return (
        Work(
            "File the reconciliation (type 09) first, without the IEEPA duty it would add",
            lambda s: _reconciles(s) & s.recon_due_first,
            _recon_due,
            f"less than {told.value} days are left to its deadline",
            asked.facts.law.cite(told.source),
        ),
    )


def _first_days(asked: Questions) -> Value | None:
    """With less than this left to its deadline a reconciliation goes first; None before that was public."""
    try:
        return asked.facts.law.value("recon.file_first_days", asked.facts.day)
    except NoLawInForce:
        return None


def _recon_due(asked: Questions) -> pd.Series:
    return asked.facts.entries["recon_due_date"]


def _no_day(asked: Questions) -> pd.Series:
    return pd.Series(pd.NaT, index=asked.facts.entries.index, dtype="datetime64[s]")


def _withdraws(asked: Questions) -> np.ndarray:
    """Entries whose open protest is in the way of CAPE and may be withdrawn for it."""
    return asked.decided_as("cure") & asked.failed(Check.PROTEST)


def _protested(asked: Questions) -> np.ndarray:
    """There is a protest, or there was one."""
    return asked.failed(Check.PROTEST) | asked.live_protest | asked.protested_before


def _unread(asked: Questions) -> np.ndarray:
    """Nobody says whether the protest is about IEEPA duty alone; before liquidation it is void anyway."""
    return asked.facts.flag("protest_ieepa_only").isna().to_numpy() & asked.liquidated
