"""The tests behind CBP's checks: for each, whether an entry *fails*; null where a fact is missing.

On what the law says on the day, on what the reports say of an entry, and on its tariff lines, to foresee what CBP's
computation would trip over.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

import numpy as np
import pandas as pd

from cape_kit.assessment.rules.facts import Facts
from cape_kit.entries import identifiers
from cape_kit.law.book import Check, Law, Value

# --- what the law says on a day: whom it lets cure what, whose entries a phase takes, what is announced ---


#: What `cured_by` of the law book says of a check that a post summary correction cures.
CORRECTION = "correction"
#: The status of a value of the law that a scenario takes for granted.
ASSUMED = "assumed"


def curable(law: Law, day: date) -> tuple[str, ...]:
    """Checks whose failure the client can cure, and then file. Source: `client_can` in the law book."""
    return tuple(one.code for one in law.validations(day) if one.client_can and not one.settles_first)


def correctable(law: Law, day: date) -> tuple[str, ...]:
    """Checks whose failure a post summary correction cures. Source: `cured_by` in the law book."""
    return tuple(one.code for one in law.validations(day) if one.cured_by == CORRECTION)


def of_class(law: Law, day: date) -> tuple[str, ...]:
    """Checks whose failure puts the entry out while the day stands: the class itself is not taken."""
    return tuple(one.code for one in law.validations(day) if not one.client_can and not one.settles_first)


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


# --- on what the reports say of an entry ------------------------------------------------------------------


Test = Callable[[Facts], pd.Series]

#: Classes of the list of entry types that are no entry summary, so that no duty stands on one.
NO_SUMMARY = ("in-bond", "release-only", "ftz-admission")


def flag(column: str) -> Test:
    """The entry fails when a flag is set."""

    def test(facts: Facts) -> pd.Series:
        return facts.flag(column)

    return test


def word(column: str, *bad: str) -> Test:
    """The entry fails when a status word is one of the bad ones; a word nobody knows says nothing."""

    def test(facts: Facts) -> pd.Series:
        words = facts.words(column)
        return _three_valued(facts, words.among(*bad), words.unknown)

    return test


def recon_filed(facts: Facts) -> pd.Series:
    """A type 09 entry is on file; an empty cell proves nothing by itself."""
    filed = facts.entries["recon_entry_number"].notna().astype("boolean")
    # An entry that is not flagged has no reconciliation to file.
    return filed.mask(~filed & ~not_flagged(facts), pd.NA)


def not_flagged(facts: Facts) -> pd.Series:
    """Known not to be flagged for reconciliation, and none is on file."""
    flagged = facts.flag("recon_flag").fillna(True)
    return ~flagged & facts.entries["recon_entry_number"].isna()


def final_liquidation(facts: Facts) -> pd.Series:
    """Liquidated longer ago than the CAPE window is long, and no phase takes it nevertheless.

    Source: keys ``window.cape``, ``phase.admits_final``.
    """
    late = past_window(facts)
    takes = phase_takes(facts)
    return late.mask(takes.fillna(False), False).mask(takes.isna())


def phase_takes(facts: Facts, value: Value | None = None) -> pd.Series:
    """Finally liquidated, and a phase takes it; null where that hangs on a suit of which nobody says.

    One CAPE refuses for its protest keeps it. `value`: of another day than the one asked about.
    Source: key ``phase.admits_final``.
    """
    admits = (value or facts.law.value("phase.admits_final", facts.day)).value
    none = pd.Series(False, index=facts.entries.index, dtype="boolean")
    if admits == "none":
        return none
    late = past_window(facts).fillna(False)
    if facts.law.check(Check.PROTEST, facts.day).in_force:
        late &= ~protest(facts).fillna(False)
    return (late & plaintiffs(facts)).mask(~late, False) if admits == "plaintiffs" else late


def past_window(facts: Facts) -> pd.Series:
    """Liquidated longer ago than the CAPE window is long. Source: key ``window.cape``."""
    day, clocks = pd.Timestamp(facts.day), facts.clocks
    length = pd.Timedelta(days=int(facts.law.value("window.cape", facts.day).value))
    late = ((day - clocks["liquidated_on"]) > length).astype("boolean").mask(clocks["liquidated"].isna())
    # Perhaps liquidated since the export: that changes the answer only where the window would be over too.
    could_be_late = (day - clocks["maybe_on"]) > length
    within_anyway = clocks["maybe_on"].notna() & ~could_be_late & clocks["liquidated"].isna()
    return late.mask(could_be_late & ~late.fillna(False)).mask(within_anyway, False)


def suspension_record(facts: Facts) -> pd.Series:
    """Pending or not liquidated, while a suspension record is on file."""
    words = facts.words("liquidation_status")
    waiting = _three_valued(facts, words.among("pending", "unliquidated"), words.unknown)
    return waiting & facts.flag("suspension_flag")


def no_instructions(facts: Facts) -> pd.Series:
    """A status word that the suspension check does not speak of."""
    words = facts.words("liquidation_status")
    settled = ~words.unknown & ~words.among("pending", "unliquidated")
    return pd.Series(settled, index=facts.entries.index)


def type_not_allowed(facts: Facts) -> pd.Series:
    """A type CAPE refuses on the day; unknown for one nobody knows, or under which no duty is deposited.

    Source: key ``types.excluded``, and the list of entry types.
    """
    types, known = facts.entries["entry_type"], facts.law.entry_types
    summaries = [code for code, one in known.items() if one.klass not in NO_SUMMARY]
    refused = types.isin(facts.types("types.excluded"))
    return refused.astype("boolean").mask(~refused & ~types.isin(summaries))


def flagged_outside_phase(facts: Facts) -> pd.Series:
    """Flagged, of a type the phase does not name. Source: key ``types.recon_allowed``."""
    types = facts.entries["entry_type"]
    allowed = types.isin(facts.types("types.recon_allowed")).astype("boolean").mask(types.isna())
    return facts.flag("recon_flag") & ~allowed


def flag_not_set(facts: Facts) -> pd.Series:
    """Known not to be flagged for reconciliation."""
    return ~facts.flag("recon_flag").fillna(True)


def protest(facts: Facts) -> pd.Series:
    """A protest is open or suspended; or denied after further review had been asked for."""
    words = facts.words("protest_status")
    # A code nobody has explained, or a number with no status: there is a protest, its state is not known.
    unsaid = words.unknown | words.among("unexpanded")
    # The reader takes an empty status for "no protest"; beside a protest number it is no such thing.
    unsaid |= words.among("none") & facts.entries["protest_number"].notna().to_numpy()
    live = _three_valued(facts, words.among("open", "suspended"), unsaid)
    denied = words.among("denied")
    return live.mask(denied, facts.flag("protest_afr")) if denied.any() else live


def nothing_to_protest(facts: Facts) -> pd.Series:
    """Not liquidated for certain, and no protest in the files: before liquidation there can be none.

    Source: key ``usc-19-1514``.
    """
    unliquidated = ~facts.clocks["liquidated"].fillna(True) & facts.clocks["maybe_on"].isna()
    traces = facts.entries["protest_number"].notna() | facts.entries["protest_status"].notna()
    return unliquidated & ~traces


def claimed(facts: Facts) -> pd.Series:
    """On a declaration CBP accepted."""
    words = facts.words("claim_status")
    # Claims are known from CBP's answers; an entry in none of them has not been claimed as far as is known.
    # One whose IEEPA rows have gone from ACE may be on a declaration nobody gave us the answer to.
    # A claim number, a refund, CAPE's reason code, or a row among CBP's answers is a claim, whose outcome somebody
    # knows.
    entries = facts.entries
    traces = (entries["claim_status"].notna() | entries["claim_number"].notna()).to_numpy()
    unread = words.unknown & (traces | facts.rows_gone | facts.refund_seen | facts.listed)
    unread |= ~words.among("accepted", "refunded") & facts.liquidated_by_cape
    # A claim taken in part, or not looked at yet, says nothing of this one entry.
    unread |= words.among("accepted with errors", "not started")
    unread |= ~words.among("accepted", "refunded") & facts.claimed_elsewhere
    # "Not filed" beside a claim number contradicts itself.
    unread |= words.among("not filed") & entries["claim_number"].notna().to_numpy()
    return _three_valued(facts, words.among("accepted", "refunded"), unread)


def authority(facts: Facts) -> pd.Series:
    """Whether the client may file the entry: never known to fail, and passed only where the files show it.

    The importer number is one of the client's, and its own account or a broker of the client can upload it.
    """
    never = pd.Series(None, index=facts.entries.index, dtype="boolean")
    client = facts.client
    if not client.importers:
        return never
    accounts = {identifiers.importer_key(one.number): one.ace_subaccount for one in client.importers}
    codes, distinct = pd.factorize(facts.entries["importer_number"])
    keys = [identifiers.importer_key(str(number)) for number in distinct]
    ours = _by_code(codes, [key in accounts for key in keys])
    uploads = _by_code(codes, [accounts.get(key) is True for key in keys])
    through_broker = facts.entries["filer_code"].isin([one.filer_code for one in client.brokers]).to_numpy()
    return never.mask(ours & (uploads | through_broker), False)


def not_in_ace(facts: Facts) -> pd.Series:
    """CBP can't find a summary under a number whose check digit does not fit; one that ACE shows is there."""
    unsound = pd.Series(
        ~identifiers.sound(facts.entries["entry_number"]), index=facts.entries.index, dtype="boolean"
    )
    return unsound.mask(~unsound & ~facts.seen["in_ace"])


def _three_valued(facts: Facts, fails: np.ndarray, unknown: np.ndarray) -> pd.Series:
    return pd.Series(pd.arrays.BooleanArray(fails, unknown), index=facts.entries.index)


def _by_code(codes: np.ndarray, flags: list[bool]) -> np.ndarray:
    return np.array([*flags, False], dtype=bool)[codes]


# --- on its tariff lines; null without lines --------------------------------------------------------------


def value_on_chapter_99(facts: Facts) -> pd.Series:
    """A chapter 99 row carries a goods value."""
    return facts.line("value_on_chapter_99")


def no_heading(facts: Facts) -> pd.Series:
    """No row bears an IEEPA number; unknown where the files leave open whether the entry bears such duty."""
    none = ~facts.line("has_ieepa_heading")
    return none.mask(none & facts.line("bears_ieepa").isna())


def unregistered(facts: Facts) -> pd.Series:
    """Duty stands on a number of the IEEPA series that the registry does not have."""
    return (facts.lines["unknown_duty_cents"] != 0).astype("boolean").fillna(False)


def without_ieepa(facts: Facts) -> pd.Series:
    """Known to bear no IEEPA number, so that nothing about one can be wrong."""
    return ~facts.line("has_ieepa_heading").fillna(True)


def outside_dates(facts: Facts) -> pd.Series:
    """An IEEPA number stands on an entry date outside its days; rows filed in a gap are let pass."""
    dated = facts.entries["entry_date"].notna() | without_ieepa(facts)
    return facts.line("outside_dates").mask(~dated)


def partner_missing(facts: Facts) -> pd.Series:
    """A number that comes on top of another stands alone. Source: key ``headings.partners``."""
    return facts.line("partner_missing")


def no_partner_needed(facts: Facts) -> pd.Series:
    """No number on the entry that needs another beside it."""
    return ~facts.line("partner_needed").fillna(True)


def value_off_goods(facts: Facts) -> pd.Series:
    """A line with an IEEPA number has no value on its chapter 1 to 97 row."""
    return facts.line("value_off_goods")


def relationship_or_sequence(facts: Facts) -> pd.Series:
    """What one error covered until it was split: dates, partners, and the order of numbers on a line."""
    return outside_dates(facts) | partner_missing(facts) | facts.line("order_wrong")


def outside_collection(facts: Facts) -> pd.Series:
    """An IEEPA number on an entry date on which none was collected. Source: keys ``collection.*``."""
    law, entered = facts.law, facts.entries["entry_date"]
    first = pd.Timestamp(law.value("collection.first_day", facts.day).value)
    last = pd.Timestamp(law.value("collection.last_day", facts.day).value)
    outside = ((entered < first) | (entered > last)).astype("boolean").mask(entered.isna())
    return outside & facts.line("has_ieepa_heading")
