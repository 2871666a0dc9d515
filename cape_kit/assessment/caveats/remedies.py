"""Doubts about the remedies beside CAPE: what a claim does not protect, a protest's history, late headings."""

from __future__ import annotations

import numpy as np

from cape_kit.assessment.caveats.kinds import Caveat
from cape_kit.assessment.decisions import Questions


def doubts(asked: Questions) -> tuple[Caveat, ...]:
    """Claims that are not paid, protests that are over or doubtful, and headings that gave way since."""
    return (
        *_about_claims(asked),
        *_about_protests(asked),
        *_about_headings(asked),
        Caveat(
            "deposits-exceed",
            "facts.csv states more later deposits of IEEPA duty than the entry's principal: none of them is used",
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
    watch = "a fresh ES-003 with Liquidation Status and Liquidation Date; ES-022; then counsel"
    return (
        Caveat(
            "claimed-unprotected",
            "Accepted by CAPE, not reliquidated in the files, and the protest window closed: if CBP does not pay, only "
            "a suit is left",
            "counsel, today; a fresh ES-003; ES-022",
            lambda s: s.protective_over,
            cite("usc-19-1514"),
        ),
        Caveat(
            "claimed-in-doubt",
            "Accepted by CAPE, not reliquidated, and CBP's own power to reliquidate is over: have counsel decide "
            "now on a protective protest",
            watch,
            lambda s: s.protective & s.beyond_power,
            cite("usc-19-1501"),
        ),
        Caveat(
            "claimed-unpaid",
            "Accepted by CAPE and not reliquidated in the files: claimed is not paid, and the liquidation's protest "
            "window runs",
            watch,
            lambda s: s.protective & ~s.beyond_power,
            cite("usc-19-1514"),
        ),
        Caveat(
            "claimed-undated",
            "Accepted by CAPE, and whether it was liquidated before is not in the files: a protest window may run",
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
            "A protest was approved, and whether the decision covers the IEEPA duty is not in the files",
            "the decision itself, entered as protest_ieepa_only in facts.csv",
            lambda s: s.protest_granted & ~s.grant_covers & ~s.nothing_paid,
            cite("usc-19-1514"),
        ),
        Caveat(
            "denial-undated",
            "A protest was denied, and the day the denial was mailed is not in the files: the time for a summons runs "
            "from it",
            "the notice of denial, entered as protest_denied_on in facts.csv",
            lambda s: s.counted & s.protest_denied & s.facts.entries["protest_denied_on"].isna().to_numpy(),
            cite("usc-28-2636"),
        ),
        Caveat(
            "closed-day",
            "The last day to protest fell on a weekend or holiday, and the open day CBP has taken instead is not "
            "past: counsel must look today",
            "counsel; CBP's practice as stated in 2008",
            lambda s: s.decided_as("final") & s.closed_day,
            asked.facts.cite("protest.closed_day"),
        ),
    )


def _about_headings(asked: Questions) -> tuple[Caveat, ...]:
    cite = asked.facts.law.cite("csms-69056483")
    title = (
        "A heading right when filed gave way since, back over the day of entry, and may fail “Invalid HTS”: "
    )
    return (
        Caveat(
            "ended-since",
            title + "a post summary correction to the new heading mends it",
            "the entry summary as it stands now; CAPE claim details",
            lambda s: s.acting & s.headings_gave_way & ~s.correction_over & ~s.headings_locked,
            cite,
            amount="ended_since_cents",
        ),
        Caveat(
            "ended-since-fixed",
            title + "no correction is possible any more, so keep the protest day",
            "CAPE claim details; then a protest, or a written request to CBP where it advised one",
            lambda s: s.acting & s.headings_gave_way & (s.correction_over | s.headings_locked),
            cite,
            amount="ended_since_cents",
        ),
    )
