"""The flags the policy asks for: what fails, what is open, which windows run, what CBP once refused."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pandas as pd

from cape_kit.assessment import cbp_answers, corrections, rules, wording
from cape_kit.assessment.decisions import past_refusals
from cape_kit.assessment.rules import FAIL, NOT_APPLICABLE, TESTS, UNKNOWN, Facts, checks
from cape_kit.assessment.timeline import OFF_CYCLE
from cape_kit.errors import NoLawInForce
from cape_kit.law import official
from cape_kit.law.book import Check, Validation


@dataclass(frozen=True)
class Flags:
    """The facts of a day with the outcome of every check; every answer is one flag per entry."""

    facts: Facts
    outcomes: pd.DataFrame

    @cached_property
    def everything(self) -> np.ndarray:
        """Every entry."""
        return np.ones(len(self.outcomes), dtype=bool)

    def failed(self, *codes: str) -> np.ndarray:
        """Entries that fail at least one of the rules."""
        return self._any(codes, FAIL)

    def unknown(self, *codes: str) -> np.ndarray:
        """Entries for which at least one of the rules can't be answered."""
        return self._any(codes, UNKNOWN)

    def _any(self, codes: tuple[str, ...], outcome: int) -> np.ndarray:
        found = np.zeros(len(self.outcomes), dtype=bool)
        for code in codes:
            found |= self.outcome(code) == outcome
        return found

    def outcome(self, code: str) -> np.ndarray:
        """The outcomes of one check: those of one that is not made on the day are "not applicable".

        What the policy settles first does not hang on whether CBP makes a check of it: a window is over, a
        claim stands. Raises UnsoundLawbook for a code that neither the kit nor the law knows.
        """
        if code in self.outcomes:
            return self.outcomes[code].to_numpy()
        if code in self.settled_unasked:
            return rules.outcome(code, self.facts)
        self.facts.law.check(code, self.facts.day)
        return np.full(len(self.outcomes), NOT_APPLICABLE, dtype="int8")

    @cached_property
    def settled_unasked(self) -> tuple[str, ...]:
        """Checks the first lines of the policy settle that CBP does not make on the day."""
        first = (code for code, check in official.by_code(self.facts.law).items() if check.settles_first)
        return tuple(code for code in first if code not in self.outcomes)

    def cite(self, code: str) -> str:
        """Authority a check stands, ended ones too; empty while none of it was public."""
        law = self.facts.law
        found = law.check(code, self.facts.day).check
        return law.cite(found.source) if found else ""

    @cached_property
    def rules(self) -> dict[str, Validation]:
        """The validations in force on the day by code."""
        return {rule.code: rule for rule in self.facts.law.validations(self.facts.day)}

    @cached_property
    def class_rules(self) -> tuple[str, ...]:
        """Rules whose failure puts the entry out while the day stands: the class itself is not taken."""
        return rules.of_class(self.facts.law, self.facts.day)

    @cached_property
    def curable_rules(self) -> tuple[str, ...]:
        """Rules whose failure the client can cure, and then file."""
        return rules.curable(self.facts.law, self.facts.day)

    @cached_property
    def liquidated(self) -> np.ndarray:
        """Liquidated on the day, for certain."""
        return self.facts.clocks["liquidated"].fillna(False).to_numpy(dtype=bool)

    @cached_property
    def perhaps_liquidated(self) -> np.ndarray:
        """Liquidated on a date that stands in the files without a status, if that is what the date is."""
        stated = self.facts.clocks["stated_on"] <= pd.Timestamp(self.facts.day)
        return stated.fillna(False).to_numpy(dtype=bool) & ~self.liquidated

    @cached_property
    def protest_over(self) -> np.ndarray:
        """Liquidated, and the protest window closed."""
        return (self.facts.clocks["protest_state"] == "closed").fillna(False).to_numpy(
            dtype=bool
        ) & self.liquidated

    @cached_property
    def admitted(self) -> np.ndarray:
        """Finally liquidated, and a phase takes it nevertheless. Source: key ``phase.admits_final``."""
        return rules.phase_takes(self.facts).fillna(False).to_numpy(dtype=bool)

    @cached_property
    def admission_open(self) -> np.ndarray:
        """Finally liquidated, and a phase takes it if its importer sued, of which nobody says anything."""
        return rules.phase_takes(self.facts).isna().to_numpy(dtype=bool)

    @cached_property
    def kept_out(self) -> np.ndarray:
        """Something stands against it that no phase for finally liquidated entries sets aside."""
        return self.class_failed | self.recon_first | self.beyond_correction

    @cached_property
    def finally_closed(self) -> np.ndarray:
        """The protest window is closed, and no phase takes the entry."""
        return self.protest_over & ~(self.admitted & ~self.kept_out)

    @cached_property
    def admitted_soon(self) -> np.ndarray:
        """Every window is closed, and a phase already announced takes the entry."""
        announced = checks.announced_admission(self.facts.law, self.facts.day)
        if announced is None:
            return ~self.everything
        taken = rules.phase_takes(self.facts, announced).fillna(False).to_numpy(dtype=bool)
        open_ = self.unknown(Check.ENTRY_TYPE) | self.unread_word
        return taken & self.finally_closed & ~self.kept_out & ~open_

    @cached_property
    def undated(self) -> np.ndarray:
        """Without a date of entry."""
        return self.facts.entries["entry_date"].isna().to_numpy()

    @cached_property
    def power_over(self) -> np.ndarray:
        """Inside the CAPE window of a reliquidation, but past CBP's own days after the *first* liquidation.

        Source: key ``usc-19-1501``.
        """
        closed = (self.facts.clocks["reliquidation_state"] == "closed").fillna(False).to_numpy(dtype=bool)
        return (
            closed
            & self.liquidated
            & ~self.admitted
            & ~self.failed(Check.FINAL_LIQUIDATION)
            & ~self.unknown(Check.FINAL_LIQUIDATION)
        )

    @cached_property
    def nothing_paid(self) -> np.ndarray:
        """Known to bear no IEEPA duty; an unreadable amount, or one without a number, does not count as none."""
        return (~self.facts.line("bears_ieepa").fillna(True)).to_numpy(dtype=bool)

    @cached_property
    def exception_paid(self) -> np.ndarray:
        """Duty stands on an exception heading, under which none was due."""
        return self.facts.line("duty_on_exception").fillna(False).to_numpy(dtype=bool)

    @cached_property
    def bearing_open(self) -> np.ndarray:
        """Whether it bears IEEPA duty is not known."""
        return self.facts.line("bears_ieepa").isna().to_numpy(dtype=bool)

    @cached_property
    def rows_gone(self) -> np.ndarray:
        """Perhaps claimed already: ACE no longer shows its IEEPA rows, and no claim in the files says why."""
        return self.facts.rows_gone & self.unknown(Check.CLAIMED)

    @cached_property
    def claim_open(self) -> np.ndarray:
        """Perhaps claimed already: a claim or a refund of it is in the files, its outcome is not known."""
        return self.unknown(Check.CLAIMED) & ~self.rows_gone

    @cached_property
    def listed(self) -> np.ndarray:
        """CBP's answers name it, and say neither its claim nor the outcome."""
        return self.facts.listed

    @cached_property
    def said_done(self) -> pd.Series:
        """What a column that was not read says was done of it; null where none does."""
        return self.facts.seen["said_done"].astype("str")

    @cached_property
    def done_unread(self) -> np.ndarray:
        """Perhaps claimed, refunded, protested or the like, by a column that was not read."""
        return self.said_done.notna().to_numpy(dtype=bool)

    @cached_property
    def unread_by_check(self) -> pd.DataFrame:
        """For each check: the entries it is open for because of a word nobody knows, not of an empty cell."""
        told: dict[str, np.ndarray] = {}
        for code in map(str, self.outcomes):
            for column in TESTS[code].reads:
                here = self.unknown(code) & self.facts.unread(column)
                told[code] = told[code] | here if code in told else here
        return pd.DataFrame(told, index=self.outcomes.index).astype(bool)

    @cached_property
    def unread_word(self) -> np.ndarray:
        """A word nobody knows stands where a known one could put the entry out of CAPE."""
        return np.asarray(self.unread_by_check.any(axis=1), dtype=bool)

    @cached_property
    def unread_checks(self) -> pd.Series:
        """The checks left open by such words, in one text; empty where there are none."""
        return wording.join_codes(self.unread_by_check)

    @cached_property
    def unread_said(self) -> pd.Series:
        """The columns such words stand in, and the words, in one text; empty where there are none."""
        told = pd.Series("", index=self.outcomes.index, dtype="str")
        for column, name in wording.COLUMNS.items():
            codes = [code for code in map(str, self.unread_by_check) if column in TESTS[code].reads]
            here = self.unread_by_check[codes].any(axis=1).to_numpy(dtype=bool) & self.facts.unread(column)
            if here.any():
                one = name + " in the files, “" + wording.short(self.facts.unread_text(column)[here]) + "”"
                told[here] = (told[here] + ", and the " + one).str.removeprefix(", and the ")
        return told

    @cached_property
    def opens_in_time(self) -> np.ndarray:
        """Flagged for reconciliation, and a phase already announced takes it before its window closes."""
        upcoming = checks.announced_for_flagged(self.facts.law, self.facts.day)
        if upcoming is None:
            return ~self.everything
        in_time = (self.facts.clocks["cape_last_day"] >= pd.Timestamp(upcoming.first_day)).fillna(False)
        taken = self.facts.entries["entry_type"].isin([str(code) for code in upcoming.value])
        others = (
            self.failed(*(code for code in self.class_rules if code != Check.FLAGGED_FOR_RECONCILIATION))
            | self.dead_protest
        )
        others |= self.beyond_correction
        return (
            in_time.to_numpy(dtype=bool)
            & taken.to_numpy()
            & self.failed(Check.FLAGGED_FOR_RECONCILIATION)
            & ~others
        )

    @cached_property
    def recon_first(self) -> np.ndarray:
        """Flagged, none on file yet, and its reconciliation is due so soon that it goes before CAPE."""
        flagged = self.facts.flag("recon_flag").fillna(False).to_numpy(dtype=bool)
        return flagged & self.facts.entries["recon_entry_number"].isna().to_numpy() & self.recon_due_first

    @cached_property
    def recon_due_first(self) -> np.ndarray:
        """With so little time left to its reconciliation (type 09) that it goes first; none before CBP said so.

        CAPE refuses the entry once one is on file. Source: key ``recon.file_first_days``.
        """
        try:
            days = self.facts.days("recon.file_first_days")
        except NoLawInForce:
            return ~self.everything
        left = self.facts.entries["recon_due_date"] - pd.Timestamp(self.facts.day)
        return ((left < days) & (left >= pd.Timedelta(0))).to_numpy(dtype=bool)

    @cached_property
    def other_protest(self) -> np.ndarray:
        """A live protest stated to concern more than IEEPA duty."""
        only = self.facts.flag("protest_ieepa_only")
        return self.failed(Check.PROTEST) & (~only).fillna(False).to_numpy(dtype=bool)

    @cached_property
    def refused(self) -> np.ndarray:
        """CBP refused the entry on an earlier claim, as its own status or the standing answer says."""
        told = self.facts.refused
        by_answer = self._at(told.index[told["state"] == cbp_answers.FAILED])
        return self.facts.words("claim_status").among("failed") | by_answer

    @cached_property
    def refusals(self) -> pd.DataFrame:
        """What the refusals name, check by check, and what shows it over; see `past_refusals.refusals`."""
        return past_refusals.refusals(self.facts, self.outcomes)

    @cached_property
    def _unshown(self) -> pd.DataFrame:
        """Checks CBP refused an entry by, that nothing shows to be over."""
        named = self.refusals
        return named[named["of_entry"] & named["evidence"].isna()]

    @cached_property
    def refused_uncured(self) -> np.ndarray:
        """CBP refused the entry for what the client must cure, and nothing shows it cured.

        One refused for something else besides, that the client can't cure, is not among them. Source:
        `client_can` in the law book.
        """
        named = self._unshown
        return self._at(named["place"]) & ~self._at(named.loc[~named["client_can"], "place"])

    @cached_property
    def refused_cured(self) -> np.ndarray:
        """CBP refused the entry, its whole answer is understood, and all it names is shown to be over."""
        told = self.facts.refused
        understood = told.index[(told["state"] == cbp_answers.FAILED) & told["understood"].eq(True)]
        return self._at(understood) & ~self._at(self._unshown["place"])

    @cached_property
    def refused_open(self) -> pd.Series:
        """The checks the client must cure that CBP refused the entry by and no rule fails on; else empty."""
        named = self._unshown[self.refused_uncured[self._unshown["place"].to_numpy()]]
        fails = np.zeros(len(named), dtype=bool)
        for code in named["code"].unique():
            fails |= (named["code"] == code).to_numpy() & self.failed(code)[named["place"].to_numpy()]
        named = named[~fails]
        codes = named.groupby("place")["code"].agg(", ".join)
        return codes.reindex(self.outcomes.index).fillna("").astype("str")

    @cached_property
    def refused_error(self) -> pd.Series:
        """CBP's words in the refusal that stands, in short; null where there is none, or it has none."""
        return wording.short(self._refused_text("error"))

    @cached_property
    def refused_claim(self) -> pd.Series:
        """The claim the refusal that stands is of; null where there is none, or it names none."""
        return self._refused_text("claim")

    def _refused_text(self, name: str) -> pd.Series:
        return self.facts.refused[name].reindex(self.outcomes.index).astype("str")

    def _at(self, places: pd.Series | pd.Index) -> np.ndarray:
        found = np.zeros(len(self.outcomes), dtype=bool)
        found[places.to_numpy(dtype="int64")] = True
        return found

    @cached_property
    def live_protest(self) -> np.ndarray:
        """A protest is open or suspended, whether or not CAPE refuses an entry for one."""
        live = self.facts.words("protest_status").among("open", "suspended")
        return live & self.failed(Check.PROTEST) if Check.PROTEST in self.outcomes else live

    @cached_property
    def safe_protest(self) -> np.ndarray:
        """A live protest known to be about IEEPA duty: nothing more can be lost by the protest window."""
        return self.live_protest & self.facts.flag("protest_ieepa_only").fillna(False).to_numpy(dtype=bool)

    @cached_property
    def dead_protest(self) -> np.ndarray:
        """CAPE refuses the entry for a protest that was denied: one that can't be withdrawn any more."""
        return self.failed(Check.PROTEST) & ~self.live_protest

    @cached_property
    def protested_before(self) -> np.ndarray:
        """There was a protest, and it is neither live nor withdrawn: the law allows one per entry.

        Source: key ``usc-19-1514``.
        """
        words, entries = self.facts.words("protest_status"), self.facts.entries
        traces = (entries["protest_number"].notna() | entries["protest_status"].notna()).to_numpy(dtype=bool)
        decided = words.among("denied", "approved", "closed", "unexpanded")
        return decided | (words.unknown & traces) | self.protest_unclear

    @cached_property
    def protest_unclear(self) -> np.ndarray:
        """A protest stands in the files, and no word the kit knows of what became of it."""
        words, entries = self.facts.words("protest_status"), self.facts.entries
        told = words.among("open", "suspended", "denied", "approved", "closed", "withdrawn")
        stands = entries["protest_number"].notna().to_numpy(dtype=bool) | words.among("unexpanded")
        return (stands | (words.unknown & entries["protest_status"].notna().to_numpy(dtype=bool))) & ~told

    @cached_property
    def protest_number_alone(self) -> np.ndarray:
        """A protest stands in the files and nothing says its state: if it is open, CAPE refuses the entry."""
        number = self.facts.entries["protest_number"].notna().to_numpy(dtype=bool)
        open_ = self.protest_unclear & self.unknown(Check.PROTEST) & ~self.facts.unread("protest_status")
        return number & open_

    @cached_property
    def never_liquidates(self) -> np.ndarray:
        """Of a type that is not liquidated at all. Source: key ``types.not_liquidated``."""
        types = self.facts.entries["entry_type"]
        return types.isin(self.facts.types("types.not_liquidated")).to_numpy(dtype=bool)

    @cached_property
    def deferred(self) -> np.ndarray:
        """Accepted by CAPE, but refunded only when the entry liquidates in its own time."""
        types = self.facts.entries["entry_type"]
        later = types.isin(
            self.facts.types("types.warehouse") + self.facts.types("types.warehouse_withdrawal")
        )
        return (later.to_numpy(dtype=bool) | self.off_cycle) & ~self.liquidated

    @cached_property
    def off_cycle(self) -> np.ndarray:
        """Extended, suspended or under review."""
        return self.facts.words("liquidation_status").among(*OFF_CYCLE)

    @cached_property
    def class_failed(self) -> np.ndarray:
        """Of a class CAPE does not take on the day, or out for a protest nothing can undo."""
        return self.failed(*self.class_rules) | self.dead_protest

    @cached_property
    def needs_correction(self) -> np.ndarray:
        """Fails on something that a post summary correction cures, or CBP refused it for such a thing."""
        named = self._unshown
        by_lines = self._at(named.loc[named["by_correction"], "place"])
        return self.failed(*rules.correctable(self.facts.law, self.facts.day)) | (
            by_lines & self.refused_uncured
        )

    @cached_property
    def locked_correction(self) -> np.ndarray:
        """Needs an IEEPA heading corrected, on a type of which ACE takes no such correction.

        Source: key ``psc.ieepa_locked_types``.
        """
        locked, named = corrections.changes_headings(self.facts.law), self._unshown
        refused = self._at(named.loc[named["code"].isin(locked), "place"]) & self.refused_uncured
        fails = self.failed(*(code for code in locked if code in self.rules))
        return (fails | refused) & corrections.headings_locked(self.facts)

    @cached_property
    def correction_last_day(self) -> pd.Series:
        """The last day for a post summary correction; see `corrections.last_day`."""
        return corrections.last_day(self.facts).mask(self.locked_correction)

    @cached_property
    def correction_over(self) -> np.ndarray:
        """No post summary correction is possible any more, or none of what the entry needs ever was."""
        return corrections.over(self.facts) | self.locked_correction

    @cached_property
    def beyond_correction(self) -> np.ndarray:
        """Fails, or was refused, for what a correction would have cured, and none is possible: it waits.

        Source: key ``psc.days_after_entry``.
        """
        return self.needs_correction & self.correction_over
