"""The fields and conditions of all sentences, in one place: what each reads, and how it is written.

The parameters of a function here are the columns it reads, and nothing else reaches it; `fails` says which
checks fail, `law` and `day` are the same for all. A column is one of the facts, or a question about them.
"""

from __future__ import annotations

from datetime import date

import pandas as pd

from cape_kit.assessment import refund, rules, timeline, wording
from cape_kit.assessment.rules import checks
from cape_kit.assessment.wording.templates import (
    among,
    column_fields,
    condition,
    field,
    flags,
    phrase,
    sentence,
)
from cape_kit.law import official
from cape_kit.law.book import Check, Law, Validation, Value

__all__ = ["phrase", "sentence"]

Texts = pd.Series
Flags = pd.Series

# ---- columns that stand in sentences as they are -----------------------------------------------------------------

column_fields(
    (
        "cape_last_day", "protest_last_day", "reliquidation_last_day", "liquidated_on", "original_on",
        "expected_liquidation", "due_on", "maybe_on", "stated_on", "extracted_on", "liquidation_date",
        "recon_due_date", "correction_last_day", "entry_date",
    ),
    wording.day,
)  # fmt: skip
column_fields(("stated_cents", "duty_paid_cents", "exception_duty_cents"), wording.dollars)
column_fields(
    (
        "claim_number", "claim_status", "protest_number", "protest_status", "liquidation_status", "entry_type",
        "twin_of", "stated_as", "exceptions_paid", "unpaid_headings", "status", "unread_said", "refused_error",
        "refused_claim", "said_done", "liquidation_reason",
    ),
    lambda texts: texts.astype("str"),
)  # fmt: skip
flags(
    "admitted", "exception_paid", "has_ieepa_heading", "listed", "live_protest", "liquidated", "never_liquidates",
    "off_cycle", "power_over", "protest_over", "protested_before", "refused", "refused_cured", "safe_protest",
)  # fmt: skip
among("mistyped_number", "bears_open", refund.TWIN)
among("unregistered_number", "bears_open", refund.UNREGISTERED)
among("amount_without_number", "bears_open", refund.NAMELESS)
among("column_not_understood", "bears_open", refund.UNEXPLAINED)
among("headings_not_listed", "bears_open", refund.NOT_LISTED)


# ---- the checks that fail ----------------------------------------------------------------------------------------


def _in_force(law: Law, day: date) -> dict[str, Validation]:
    return {check.code: check for check in law.validations(day)}


def _joined(fails: pd.DataFrame, texts: dict[str, str], between: str) -> Texts:
    """The texts of the failing checks, in CBP's order, each once."""
    return wording.join_codes(fails[[code for code in fails if code in texts]], texts, between=between)


def _any(fails: pd.DataFrame, *codes: str) -> Flags:
    return fails[[code for code in codes if code in fails]].any(axis=1)


@field
def official_texts(fails: pd.DataFrame, law: Law, day: date) -> Texts:
    """CBP's own messages of the checks that fail."""
    checks = _in_force(law, day)
    return _joined(
        fails, {c: f"“{one.official_text}”" for c, one in checks.items() if one.official_text}, ", "
    )


@field
def titles(fails: pd.DataFrame, law: Law, day: date) -> Texts:
    """The checks that fail for which no table of CBP has words."""
    checks = _in_force(law, day)
    untold = {code: one.title for code, one in checks.items() if not one.official_text}
    return _joined(fails, {code: title[:1].lower() + title[1:] for code, title in untold.items()}, ", ")


@field
def cures(fails: pd.DataFrame, law: Law, day: date) -> Texts:
    """What cures each failing check, as the law book says."""
    return _joined(fails, {code: one.cure for code, one in _in_force(law, day).items()}, " ")


@field
def cures_but_protest(fails: pd.DataFrame, law: Law, day: date) -> Texts:
    """The same of all but the check of protests, with a blank before it."""
    checks = {code: one.cure for code, one in _in_force(law, day).items() if code != Check.PROTEST}
    return (" " + _joined(fails, checks, " ")).str.rstrip()


@field
def cures_before_phase(fails: pd.DataFrame, law: Law, day: date) -> Texts:
    """The same of the checks whose failure the client can cure."""
    wanted = rules.curable(law, day)
    return _joined(
        fails, {code: one.cure for code, one in _in_force(law, day).items() if code in wanted}, " "
    )


@field
def cures_refusal(refused_open: Texts, law: Law) -> Texts:
    """What cures each check CBP refused the entry by and no rule fails on, with a blank before it."""
    checks = official.by_code(law)
    told = {
        codes: " ".join(dict.fromkeys(checks[code].cure for code in codes.split(", ") if code))
        for codes in refused_open.unique()
    }
    return (" " + refused_open.map(told).astype("str")).str.rstrip()


@condition
def both_kinds_fail(fails: pd.DataFrame, law: Law, day: date) -> Flags:
    """Checks with a message of CBP's fail, and others beside them."""
    return (official_texts(fails, law, day) != "") & (titles(fails, law, day) != "")


@condition
def official_fails(fails: pd.DataFrame, law: Law, day: date) -> Flags:
    """A check with a message of CBP's fails."""
    return official_texts(fails, law, day) != ""


@condition
def other_fails(fails: pd.DataFrame, law: Law, day: date) -> Flags:
    """A check without one fails."""
    return titles(fails, law, day) != ""


@condition
def something_fails(fails: pd.DataFrame, law: Law, day: date) -> Flags:
    """Some check in force fails."""
    return official_fails(fails, law, day) | other_fails(fails, law, day)


@condition
def curable_fails(fails: pd.DataFrame, law: Law, day: date) -> Flags:
    """A check fails whose failure the client can cure."""
    return cures_before_phase(fails, law, day) != ""


@condition
def correctable_fails(fails: pd.DataFrame, law: Law, day: date) -> Flags:
    """A check fails whose failure a post summary correction cures."""
    return _any(fails, *rules.correctable(law, day))


@condition
def number_fails(fails: pd.DataFrame) -> Flags:
    """CBP would not find the entry under its number."""
    return _any(fails, Check.NOT_IN_ACE)


@condition
def protest_fails(fails: pd.DataFrame) -> Flags:
    """CAPE refuses the entry for its protest."""
    return _any(fails, Check.PROTEST)


@condition
def protest_too_early(fails: pd.DataFrame, liquidated: Flags) -> Flags:
    """It is refused for a protest that was made before liquidation."""
    return protest_fails(fails) & ~liquidated


@condition
def protest_perhaps_wider(fails: pd.DataFrame, protest_ieepa_only: Flags) -> Flags:
    """It is refused for a protest that is not stated to be about IEEPA duty alone."""
    return protest_fails(fails) & ~protest_ieepa_only.fillna(False)


@condition
def protest_unread(fails: pd.DataFrame, protest_ieepa_only: Flags, liquidated: Flags) -> Flags:
    """It is refused for a protest of which nobody says whether it is about IEEPA duty alone."""
    return protest_fails(fails) & protest_ieepa_only.isna() & liquidated


@condition
def stored_type_fails(fails: pd.DataFrame, entry_type: Texts, law: Law, day: date) -> Flags:
    """A warehouse entry, of a type CAPE does not take. Source: key ``types.warehouse``."""
    return _any(fails, Check.ENTRY_TYPE) & _is_type(entry_type, law, day, "types.warehouse")


# ---- what CBP refused it for -------------------------------------------------------------------------------------


@condition
def refused_by_more(refused_open: Texts) -> Flags:
    """CBP refused it by a check on which no rule fails."""
    return refused_open != ""


@condition
def refused_yet(refused: Flags, refused_cured: Flags) -> Flags:
    """CBP refused it, and not all it named is shown to be over."""
    return refused & ~refused_cured


@condition
def refused_yet_in_doubt(refused: Flags, refused_cured: Flags, power_over: Flags) -> Flags:
    """The same, with CBP's own power to reliquidate perhaps over."""
    return refused_yet(refused, refused_cured) & power_over


@condition
def one_word_unread(unread_said: Texts) -> Flags:
    """One word only that nobody knows."""
    return ~unread_said.str.contains(", and the ")


# ---- days --------------------------------------------------------------------------------------------------------


@field
def Status(status: Texts) -> Texts:
    """The liquidation status at the head of a sentence."""
    return status.str.capitalize()


@field
def ago(liquidated_on: pd.Series, day: date) -> Texts:
    """How long ago it was liquidated."""
    elapsed = (pd.Timestamp(day) - liquidated_on).dt.days.astype("Int64")
    some = (elapsed.astype("str") + " days ago").mask(elapsed.eq(1).fillna(False), "1 day ago")
    return some.mask(elapsed.eq(0).fillna(False), "today")


phrase("since", "{Status} {liquidated_on}, {ago}")


@condition
def status_foreign(status: Texts, liquidation_status: Texts) -> Flags:
    """A liquidation status stands there that the kit does not know."""
    return status.isna() & liquidation_status.notna()


@condition
def date_without_status(status: Texts, liquidation_date: pd.Series) -> Flags:
    """A liquidation date stands there, and no status."""
    return status.isna() & liquidation_date.notna()


@condition
def windows_if_dated(
    liquidation_date: pd.Series, cape_last_day: pd.Series, protest_last_day: pd.Series
) -> Flags:
    """There are windows that the date in the files would give."""
    return liquidation_date.notna() & cape_last_day.notna() & protest_last_day.notna()


@condition
def windows_if_dated_over(protest_last_day: pd.Series, liquidation_date: pd.Series, day: date) -> Flags:
    """By the date in the files, the protest window has closed, and the CAPE window before it."""
    return liquidation_date.notna() & (protest_last_day < pd.Timestamp(day)).fillna(False)


@condition
def windows_if_dated_cape_over(cape_last_day: pd.Series, liquidation_date: pd.Series, day: date) -> Flags:
    """By the date in the files, the CAPE window has closed."""
    return liquidation_date.notna() & (cape_last_day < pd.Timestamp(day)).fillna(False)


@condition
def dated_protest_over(
    status: Texts, liquidation_date: pd.Series, protest_last_day: pd.Series, day: date
) -> Flags:
    """A liquidation date without a status, by which the protest window has closed."""
    return date_without_status(status, liquidation_date) & (protest_last_day < pd.Timestamp(day)).fillna(
        False
    )


@condition
def due_export_undated(maybe_on: pd.Series, extracted_on: pd.Series) -> Flags:
    """Due to liquidate since an export of which nobody knows the day."""
    return maybe_on.notna() & extracted_on.isna()


@condition
def open_past_due(maybe_on: pd.Series, extracted_on: pd.Series) -> Flags:
    """Shown as not liquidated by an export made after it was due."""
    return extracted_on >= maybe_on


@condition
def overdue_when_exported(maybe_on: pd.Series, extracted_on: pd.Series, due_on: pd.Series) -> Flags:
    """Overdue by the time of the export, and perhaps liquidated since."""
    return maybe_on.notna() & (extracted_on >= due_on)


@condition
def late_and_expected(due_on: pd.Series, expected_liquidation: pd.Series) -> Flags:
    """Expected to liquidate later than it was due."""
    return due_on < expected_liquidation


@condition
def expected_since(maybe_on: pd.Series, expected_liquidation: pd.Series) -> Flags:
    """Due to liquidate since the files were made."""
    return maybe_on.notna() & expected_liquidation.notna()


@condition
def perhaps_liquidated_since(maybe_on: pd.Series, never_liquidates: Flags) -> Flags:
    """The same, of a type that is liquidated at all."""
    return maybe_on.notna() & ~never_liquidates


# ---- money, types and claims -------------------------------------------------------------------------------------


@field
def share_of_value(duty_paid_cents: pd.Series, goods_value_cents: pd.Series) -> Texts:
    """Duty paid in per cent of the value."""
    return _share(duty_paid_cents, goods_value_cents).astype("str")


@condition
def some_share_paid(duty_paid_cents: pd.Series, goods_value_cents: pd.Series) -> Flags:
    """Duty was paid, and the value is known."""
    return _share(duty_paid_cents, goods_value_cents) > 0


def _share(paid: pd.Series, value: pd.Series) -> pd.Series:
    known = value.astype("Float64").mask(value.eq(0).fillna(False))
    return (paid.astype("Float64") / known * 100).round(1)


@field
def type_name(entry_type: Texts, law: Law) -> Texts:
    """What an entry type is called."""
    return entry_type.map({code: one.name for code, one in law.entry_types.items()}).astype("str")


@condition
def type_foreign(entry_type: Texts, law: Law) -> Flags:
    """A type nobody knows."""
    return ~entry_type.isin(list(law.entry_types))


@condition
def withdrawn_type(entry_type: Texts, law: Law, day: date) -> Flags:
    """A withdrawal from a warehouse. Source: key ``types.warehouse_withdrawal``."""
    return _is_type(entry_type, law, day, "types.warehouse_withdrawal")


def _is_type(kind: Texts, law: Law, day: date, key: str) -> Flags:
    return kind.isin([str(code) for code in law.value(key, day).value])


@condition
def claim_partly_taken(claim_status: Texts, law: Law) -> Flags:
    """On a claim of which CBP took a part."""
    return pd.Series(timeline.read(claim_status, law, "claim_status").among("accepted with errors"))


@condition
def claimed_elsewhere(refused_error: Texts, law: Law) -> Flags:
    """CBP refused it as a duplicate."""
    return pd.Series(timeline.read(refused_error, law, "claimed_elsewhere").among("claimed"))


@condition
def liquidated_before_entry(liquidation_date: pd.Series, entry_date: pd.Series) -> Flags:
    """Its liquidation is dated before its entry."""
    return (liquidation_date < entry_date).fillna(False)


@condition
def liquidated_by_cape(liquidation_reason: Texts, law: Law) -> Flags:
    """Its liquidation bears CAPE's reason code."""
    return pd.Series(timeline.read(liquidation_reason, law, "liquidation_reason").among("cape"))


@condition
def claim_not_answered(claim_status: Texts, law: Law) -> Flags:
    """On a claim CBP has not answered."""
    return pd.Series(timeline.read(claim_status, law, "claim_status").among("not started"))


@condition
def protest_uncovered(safe_protest: Flags, protest_over: Flags) -> Flags:
    """Its protest is not known to be about IEEPA duty, and the window still runs."""
    return ~safe_protest & ~protest_over


@condition
def live_uncovered(live_protest: Flags, safe_protest: Flags, protest_over: Flags) -> Flags:
    """Such a protest is open."""
    return live_protest & protest_uncovered(safe_protest, protest_over)


@condition
def paid_on_exception(exceptions_paid: Texts, bears_ieepa: Flags) -> Flags:
    """Duty stands on an exception heading, beside IEEPA duty that is counted."""
    return exceptions_paid.notna() & bears_ieepa


@condition
def stated_beside(stated_cents: pd.Series, bears_ieepa: Flags) -> Flags:
    """Money that may be IEEPA duty stands on no heading, beside IEEPA duty that is counted."""
    return stated_cents.notna() & bears_ieepa


# ---- the law of the day ------------------------------------------------------------------------------------------


@field
def suit_days(law: Law, day: date) -> str:
    """How long after a denial one may sue. Source: key ``court.days_after_denial``."""
    return str(law.value("court.days_after_denial", day).value)


@field
def closed_day_cited(law: Law, day: date) -> str:
    """Who says what CBP did with a protest after a closed last day. Source: key ``protest.closed_day``."""
    return law.cite(law.value("protest.closed_day", day).source)


@field
def deemed_cited(law: Law) -> str:
    """By what an entry is deemed liquidated. Source: key "usc-19-1504"."""
    return law.cite("usc-19-1504")


@field
def admitted_from(law: Law, day: date) -> str:
    """The first day of the phase that takes finally liquidated entries."""
    return wording.on(checks.admission(law, day).first_day)


@field
def admitted_until(law: Law, day: date) -> str:
    """Its last day, if it has one."""
    last = checks.admission(law, day).last_day
    return f", until {wording.on(last)}" if last else ""


@field
def admitted_whose(law: Law, day: date) -> str:
    """Whose finally liquidated entries it takes."""
    return _whose(checks.admission(law, day))


@field
def announced_from(law: Law, day: date) -> str:
    """The first day of the next such phase."""
    return wording.on(_announced(law, day).first_day)


@field
def announced_whose(law: Law, day: date) -> str:
    """Whose entries the next one takes."""
    return _whose(_announced(law, day))


@condition
def admission_assumed(law: Law, day: date) -> bool:
    """The phase is what a scenario assumes, not law."""
    return checks.admission(law, day).status == checks.ASSUMED


@condition
def announced_assumed(law: Law, day: date) -> bool:
    """The next phase is what a scenario assumes, not law."""
    return _announced(law, day).status == checks.ASSUMED


@field
def flagged_from(law: Law, day: date) -> str:
    """The day from which CAPE takes flagged entries."""
    opening = checks.announced_for_flagged(law, day)
    return wording.on(opening.first_day) if opening else ""


def _announced(law: Law, day: date) -> Value:
    return checks.announced_admission(law, day) or checks.admission(law, day)


def _whose(value: Value) -> str:
    return "finally liquidated entries" + (" of importers that sued" if value.value == "plaintiffs" else "")
