"""The doubts about the remedies beside CAPE: what a claim does not protect, a protest's history, late headings."""

from __future__ import annotations

import numpy as np

from cape_kit.assessment.caveats.kinds import Caveat
from cape_kit.assessment.decisions import Questions


def doubts_of_remedies(asked: Questions) -> tuple[Caveat, ...]:
    """Claims that are not paid, protests that are over or doubtful, and headings that gave way since."""
    return (
        *_about_claims(asked),
        *_about_protests(asked),
        *_about_late_headings(asked),
        Caveat(
            "deposits-exceed",
            "facts.csv states later deposits of IEEPA duty above the entry's principal: none of them is used",
            "the entry summary, its corrections and bills; then facts.csv",
            _deposits_exceed,
        ),
    )


def _deposits_exceed(asked: Questions) -> np.ndarray:
    sums = asked.facts.client.later_deposits.groupby("entry_number")["cents"].sum()
    stated = asked.facts.entries["entry_number"].map(sums).astype("Int64")
    return (stated > asked.facts.lines["principal_cents"]).fillna(False).to_numpy(dtype=bool)


def _about_claims(asked: Questions) -> tuple[Caveat, ...]:
    cite = asked.facts.law.cite
    watch = "a new ES-003 with Liquidation Status and Liquidation Date; ES-022; then counsel"
    return (
        Caveat(
            "claimed-unprotected",
            "Accepted by CAPE, not reliquidated in the files, and the protest window closed: if CBP does "
            "not pay, only "
            "a suit is left",
            "counsel, today; a new ES-003; ES-022",
            lambda s: s.protective_over,
            cite("usc-19-1514"),
        ),
        Caveat(
            "claimed-in-doubt",
            "Accepted by CAPE, not reliquidated, and CBP's own authority to reliquidate has ended: have "
            "counsel decide now on a protective protest",
            watch,
            lambda s: s.protective & s.beyond_power,
            cite("usc-19-1501"),
        ),
        Caveat(
            "claimed-unpaid",
            "Accepted by CAPE and not reliquidated in the files: claimed is not paid, and the "
            "liquidation's protest window is running",
            watch,
            lambda s: s.protective & ~s.beyond_power,
            cite("usc-19-1514"),
        ),
        Caveat(
            "claimed-undated",
            "Accepted by CAPE, and the files do not show whether it had been liquidated: a protest window "
            "may be running",
            watch,
            lambda s: s.claim_perhaps_liquidated,
            cite("usc-19-1514"),
        ),
    )


def _about_protests(asked: Questions) -> tuple[Caveat, ...]:
    cite = asked.facts.law.cite
    return (
        Caveat(
            "grant-grounds",
            "A protest was approved, and the files do not show whether the decision covers the IEEPA duty",
            "the decision itself",
            lambda s: s.protest_granted & ~s.grant_covers & ~s.nothing_paid,
            cite("usc-19-1514"),
            entered="protest_ieepa_only",
        ),
        Caveat(
            "denial-undated",
            "A protest was denied, and the files do not show when the denial was mailed: the time for a "
            "summons runs from that day",
            "the notice of denial",
            lambda s: s.counted & s.protest_denied & s.facts.entries["protest_denied_on"].isna().to_numpy(),
            cite("usc-28-2636"),
            entered="protest_denied_on",
        ),
        Caveat(
            "closed-day",
            "The last day to protest fell on a weekend or holiday, and the business day CBP has accepted "
            "instead has not passed: counsel must review today",
            "counsel; CBP's stated practice",
            lambda s: s.decided_as("final") & s.closed_day,
            asked.facts.cite("protest.closed_day"),
        ),
    )


def _about_late_headings(asked: Questions) -> tuple[Caveat, ...]:
    cite = asked.facts.law.cite("csms-69056483")
    title = (
        "A heading that was correct when filed has since been replaced, retroactively to the entry date, "
        "and may fail “Invalid HTS”: "
    )
    return (
        Caveat(
            "ended-since",
            title + "a post summary correction to the new heading cures it",
            "the current entry summary; CAPE claim details",
            lambda s: s.acting & s.headings_gave_way & ~s.correction_over & ~s.headings_locked,
            cite,
            amount="ended_since_cents",
        ),
        Caveat(
            "ended-since-fixed",
            title + "no correction is possible any more, so keep to the protest deadline",
            "CAPE claim details; then a protest, or a written request to CBP if it advised one",
            lambda s: s.acting & s.headings_gave_way & (s.correction_over | s.headings_locked),
            cite,
            amount="ended_since_cents",
        ),
    )
