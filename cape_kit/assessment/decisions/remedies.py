"""What counsel watches beside CAPE: protests and their history, protective days, suits, and what may be deemed.

Claimed is not paid: until an accepted entry is reliquidated, its liquidation's protest clock runs on.
"""

from __future__ import annotations

from functools import cached_property

import numpy as np
import pandas as pd

from cape_kit import few_values
from cape_kit.assessment import corrections, suits, timeline
from cape_kit.assessment.decisions.flags import Flags
from cape_kit.law import workdays
from cape_kit.law.book import Check


class Remedies(Flags):
    """The flags, and the days and flags of what protects an entry beside its declaration."""

    # ---- uploaded, and not answered ----------------------------------------------------------------------------

    @cached_property
    def uploaded(self) -> np.ndarray:
        """Recorded as uploaded, and neither accepted nor refused since, nor refunded by an approved protest."""
        waits = self.facts.seen["filed_on"].notna().to_numpy(dtype=bool)
        return waits & ~self.failed(Check.CLAIMED) & ~self.grant_covers

    @cached_property
    def filed_on(self) -> pd.Series:
        """The day of that upload; null for an entry that waits for no answer."""
        return self.facts.seen["filed_on"].where(self.uploaded)

    @cached_property
    def filed_claim(self) -> pd.Series:
        """The claim number recorded for it; null where there is none."""
        return self.facts.seen["filed_claim"].where(self.uploaded)

    @cached_property
    def filed_days(self) -> pd.Series:
        """How many days it has waited."""
        return (pd.Timestamp(self.facts.day) - self.filed_on).dt.days.astype("Int64")

    @cached_property
    def answer_by(self) -> pd.Series:
        """The working day by which its claim should have been looked up. Source: key ``alert.answer_day``."""
        planned = self.filed_on + self.facts.days("alert.answer_day")
        return few_values.once(planned, workdays.business_days_on_or_before)

    @cached_property
    def answer_late(self) -> np.ndarray:
        """Uploaded, and the day to have looked its claim up is past."""
        return (self.answer_by < pd.Timestamp(self.facts.day)).fillna(False).to_numpy(dtype=bool)

    @cached_property
    def filed_deferred(self) -> np.ndarray:
        """Uploaded, and refunded only when it liquidates in its own time."""
        return self.uploaded & self.deferred

    @cached_property
    def filed_refile_day(self) -> pd.Series:
        """The last day on which CAPE would take it again, were it refused; null where that is past, or not known."""
        last = self.facts.clocks["cape_last_day"]
        return last.where(
            self.uploaded & self.liquidated & (last >= pd.Timestamp(self.facts.day)).fillna(False)
        )

    @cached_property
    def filed_protest(self) -> np.ndarray:
        """Uploaded, its protest window runs, and no protest about IEEPA duty is open."""
        return self.uploaded & self.liquidated & ~self.protest_over & ~self.safe_protest

    @cached_property
    def filed_protest_over(self) -> np.ndarray:
        """Uploaded, and the protest window closed, with no protest that is open."""
        return self.uploaded & self.protest_over & ~self.live_protest

    @cached_property
    def filed_perhaps_liquidated(self) -> np.ndarray:
        """Uploaded, not liquidated in the files, and due to liquidate since: a protest window may run."""
        due = self.facts.clocks["maybe_on"].notna() | self.facts.clocks["liquidated"].isna()
        return self.uploaded & due.to_numpy(dtype=bool) & ~self.never_liquidates

    @cached_property
    def filed_rows_gone(self) -> np.ndarray:
        """Uploaded, and ACE no longer shows its IEEPA rows, or reports a refund: it looks accepted."""
        return self.uploaded & (self.facts.rows_gone | self.facts.refund_seen)

    # ---- accepted by CAPE, and not reliquidated ----------------------------------------------------------------

    @cached_property
    def reliquidated_by_cape(self) -> np.ndarray:
        """Accepted, and reliquidated since as far as the files show: a refund, CAPE's reason code, or its day.

        A liquidation counts as CAPE's where it is not before the first file that shows the acceptance, and where
        a report of claims shows one later than the exports do.
        """
        seen, clocks = self.facts.seen, self.facts.clocks
        known = seen["claim_liquidated_on"].where(seen["claim_liquidated_on"] <= pd.Timestamp(self.facts.day))
        later = known > clocks["liquidated_on"]
        since = (clocks["liquidated_on"] >= seen["accepted_by"]).fillna(False) | later.fillna(False)
        paid = seen["refund_made"].to_numpy(dtype=bool) | self.facts.words("claim_status").among("refunded")
        by_reason = self.facts.words("liquidation_reason").among("cape") & self.liquidated
        return self.failed(Check.CLAIMED) & (
            paid | by_reason | (since.to_numpy(dtype=bool) & self.liquidated)
        )

    @cached_property
    def unpaid_claim(self) -> np.ndarray:
        """Accepted, liquidated before, not reliquidated: nothing but its liquidation's own clock protects it."""
        accepted = self.failed(Check.CLAIMED) & self.liquidated & ~self.reliquidated_by_cape
        return accepted & ~self.grant_covers

    @cached_property
    def protective(self) -> np.ndarray:
        """Such a claim while a protest is still possible, and none about IEEPA duty is open.

        Source: keys "usc-19-1514", ``window.protest``.
        """
        return self.unpaid_claim & ~self.protest_over & ~self.safe_protest

    @cached_property
    def protective_over(self) -> np.ndarray:
        """Such a claim of which the protest window closed, with no protest that is open."""
        return self.unpaid_claim & self.protest_over & ~self.live_protest

    @cached_property
    def beyond_power(self) -> np.ndarray:
        """Such a claim past the days in which CBP may reliquidate of its own accord.

        Source: keys "usc-19-1501", ``window.reliquidation``.
        """
        closed = (self.facts.clocks["reliquidation_state"] == "closed").fillna(False).to_numpy(dtype=bool)
        return self.unpaid_claim & closed

    @cached_property
    def fall_back_day(self) -> pd.Series:
        """The working day by which a protective protest is decided on; null once it is past.

        Source: key ``alert.protest_day``, a choice of the kit.
        """
        opened = timeline.opens(self.facts.clocks, "protest")
        planned = opened + self.facts.days("alert.protest_day")
        day = few_values.once(planned, workdays.business_days_on_or_before)
        return day.where(day >= pd.Timestamp(self.facts.day))

    @cached_property
    def fall_back_gone(self) -> np.ndarray:
        """The day to have decided on a protective protest is past, and the window still open."""
        return self.protective & self.fall_back_day.isna().to_numpy()

    @cached_property
    def claim_perhaps_liquidated(self) -> np.ndarray:
        """Accepted, and whether and when it was liquidated is not known: a protest clock may be running."""
        clocks, seen = self.facts.clocks, self.facts.seen
        # What may have liquidated since the acceptance was liquidated by CAPE, without its IEEPA duty.
        before = clocks["maybe_on"].notna() & ~(clocks["maybe_on"] >= seen["accepted_by"]).fillna(False)
        known = seen["claim_liquidated_on"].notna()
        open_ = (clocks["liquidated"].isna() | before) & ~known
        return self.failed(Check.CLAIMED) & open_.to_numpy(dtype=bool) & ~self.reliquidated_by_cape

    # ---- the history of a protest ------------------------------------------------------------------------------

    @cached_property
    def protest_granted(self) -> np.ndarray:
        """A protest was approved: what it covers is refunded by it, and no second one is possible."""
        return self.facts.words("protest_status").among("approved")

    @cached_property
    def protest_denied(self) -> np.ndarray:
        """A protest was denied: of one decision there is no second; a summons can contest it."""
        return self.facts.words("protest_status").among("denied")

    @cached_property
    def protest_withdrawn(self) -> np.ndarray:
        """A protest was taken back."""
        return self.facts.words("protest_status").among("withdrawn")

    @cached_property
    def grant_covers(self) -> np.ndarray:
        """The approved protest is stated to be about IEEPA duty: the refund comes by it."""
        return self.protest_granted & self.facts.flag("protest_ieepa_only").fillna(False).to_numpy(dtype=bool)

    @cached_property
    def grant_open(self) -> np.ndarray:
        """A protest was approved, and whether for the IEEPA duty is not known, where CAPE is closed: not settled.

        While CAPE takes the entry, it is filed all the same: that loses nothing.
        """
        unsaid = self.facts.flag("protest_ieepa_only").isna().to_numpy(dtype=bool)
        return self.protest_granted & unsaid & self.failed(Check.FINAL_LIQUIDATION)

    @cached_property
    def summons_last_day(self) -> pd.Series:
        """The last day of a summons over a denied protest; null where the mailing's day is not in the files.

        Source: keys ``court.days_after_denial`` and "usc-28-2636".
        """
        days = self.facts.entries["protest_denied_on"] + self.facts.days("court.days_after_denial")
        return days.where(self.protest_denied).astype("datetime64[s]")

    @cached_property
    def summons_open(self) -> np.ndarray:
        """A denied protest can still be contested by a summons."""
        return (self.summons_last_day >= pd.Timestamp(self.facts.day)).fillna(False).to_numpy(dtype=bool)

    @cached_property
    def summons_over(self) -> np.ndarray:
        """The time for a summons over the denied protest is past."""
        return self.protest_denied & self.summons_last_day.notna().to_numpy() & ~self.summons_open

    # ---- day 180 on a closed day ---------------------------------------------------------------------------------

    @cached_property
    def closed_day(self) -> np.ndarray:
        """The window closed on a weekend or holiday, and the open day CBP has taken instead is not past.

        Source: key ``protest.closed_day``.
        """
        still = (self.facts.clocks["protest_next_open"] >= pd.Timestamp(self.facts.day)).fillna(False)
        used = self.live_protest | self.protest_granted | self.protested_before
        return self.protest_over & still.to_numpy(dtype=bool) & ~used

    # ---- a year after entry, and still open in the files -------------------------------------------------------

    @cached_property
    def perhaps_deemed(self) -> np.ndarray:
        """Not liquidated in the files a year after entry, nor extended or suspended: it may be deemed liquidated.

        Source: keys "usc-19-1504", ``deemed.years``.
        """
        waiting = (~self.facts.clocks["liquidated"].fillna(True)).to_numpy(dtype=bool)
        gone = (self.facts.clocks["deemed_on"] < pd.Timestamp(self.facts.day)).fillna(False)
        return waiting & gone.to_numpy(dtype=bool)

    @cached_property
    def deemed_past_cape(self) -> np.ndarray:
        """Such an entry, whose CAPE window would be over if it was deemed liquidated."""
        over = (self.facts.clocks["deemed_cape_last_day"] < pd.Timestamp(self.facts.day)).fillna(False)
        return self.perhaps_deemed & over.to_numpy(dtype=bool)

    @cached_property
    def deemed_past_protest(self) -> np.ndarray:
        """Such an entry, whose protest window would be over too."""
        over = (self.facts.clocks["deemed_protest_last_day"] < pd.Timestamp(self.facts.day)).fillna(False)
        return self.perhaps_deemed & over.to_numpy(dtype=bool)

    # ---- what CBP called final ---------------------------------------------------------------------------------

    @cached_property
    def called_final(self) -> np.ndarray:
        """CBP refused it as finally liquidated, and no later export shows otherwise: older ones don't count."""
        named = self._unshown
        final = self._at(named.loc[named["code"] == Check.FINAL_LIQUIDATION, "place"])
        return final & ~self.failed(Check.FINAL_LIQUIDATION)

    @cached_property
    def refused_seen_on(self) -> pd.Series:
        """The day of the file CBP's standing refusal was first seen in; null where there is none."""
        return self.facts.refused["seen_on"].reindex(self.outcomes.index).astype("datetime64[s]")

    @cached_property
    def final_before(self) -> pd.Series:
        """The day before which such an entry was liquidated, by the day CBP's answer was first seen."""
        return self.refused_seen_on - self.facts.days("window.cape")

    # ---- corrections ---------------------------------------------------------------------------------------------

    @cached_property
    def headings_gave_way(self) -> np.ndarray:
        """Bears a heading that was right on its day and gave way since, back over it. Source: gaps.csv."""
        return (self.facts.lines["ended_since_cents"].fillna(0) > 0).to_numpy(dtype=bool)

    @cached_property
    def headings_locked(self) -> np.ndarray:
        """Of a type on which ACE takes no correction of an IEEPA heading."""
        return corrections.headings_locked(self.facts)

    @cached_property
    def type_uncorrectable(self) -> np.ndarray:
        """Needs a correction, and ACE takes none of its type. Source: key ``psc.refused_types``."""
        return self.needs_correction & corrections.type_refused(self.facts) & ~self.liquidated

    @cached_property
    def heading_uncorrectable(self) -> np.ndarray:
        """Needs an IEEPA heading corrected, and ACE locks them on its type. Source: key ``psc.ieepa_locked_types``."""
        return self.locked_correction & ~self.liquidated

    # ---- suits -------------------------------------------------------------------------------------------------

    @cached_property
    def suits(self) -> pd.DataFrame:
        """The two years to sue, by every reading; see `suits.of`."""
        return suits.of(self.facts)

    @cached_property
    def suit_last_day(self) -> pd.Series:
        """The last day to sue by the earliest reading of when the two years began."""
        return self.suits["suit_last_day"]

    @cached_property
    def suit_reading(self) -> pd.Series:
        """Which reading that is."""
        return self.suits["suit_reading"]
