"""What is said of the remedies beside CAPE: protective protests, a protest's history, suits, what may be deemed.

Also the sentences of what was not understood; the other sentences are in `reasons` and `steps`.
"""

from __future__ import annotations

from datetime import date

import pandas as pd

from cape_kit.assessment import timeline, wording
from cape_kit.assessment.wording.fields import phrase, sentence
from cape_kit.assessment.wording.templates import column_fields, condition, field, flags
from cape_kit.law.book import Law

__all__ = ["phrase", "sentence"]

column_fields(
    (
        "protest_next_open", "deemed_on", "deemed_cape_last_day", "deemed_protest_last_day", "fall_back_day",
        "summons_last_day", "protest_denied_on", "final_before", "filed_on", "answer_by", "filed_refile_day",
    ),
    wording.day,
)  # fmt: skip
flags(
    "protective", "protective_over", "beyond_power", "fall_back_gone", "claim_perhaps_liquidated",
    "reliquidated_by_cape", "protest_granted", "protest_denied", "protest_withdrawn", "grant_covers", "summons_open",
    "summons_over", "closed_day", "perhaps_deemed", "deemed_past_cape", "deemed_past_protest", "type_uncorrectable",
    "answer_late", "filed_deferred", "filed_protest", "filed_protest_over", "filed_perhaps_liquidated",
    "filed_rows_gone",
)  # fmt: skip


column_fields(("filed_claim",), lambda texts: texts.astype("str"))


@field
def filed_ago(filed_days: pd.Series) -> pd.Series:
    """How long ago it was uploaded."""
    some = (filed_days.astype("str") + " days ago").mask(filed_days.eq(1).fillna(False), "yesterday")
    return some.mask(filed_days.le(0).fillna(False), "today")


@field
def paid_from(filed_on: pd.Series, law: Law, day: date) -> pd.Series:
    """The early end of CBP's range, had it been accepted on the day of the upload. Source: key ``payment.days_low``."""
    return wording.day(_later(filed_on, "payment.days_low", law, day))


@field
def paid_until(filed_on: pd.Series, law: Law, day: date) -> pd.Series:
    """The late end of it. Source: key ``payment.days_high``."""
    return wording.day(_later(filed_on, "payment.days_high", law, day))


@condition
def payment_late(filed_on: pd.Series, law: Law, day: date) -> pd.Series:
    """Uploaded so long ago that even the late end of CBP's range is past."""
    return _later(filed_on, "payment.days_high", law, day) < pd.Timestamp(day)


def _later(days: pd.Series, key: str, law: Law, on: date) -> pd.Series:
    return days + pd.Timedelta(days=int(law.value(key, on).value))


@condition
def filed_refilable(filed_refile_day: pd.Series) -> pd.Series:
    """Uploaded, and CAPE would still take it again, were it refused."""
    return filed_refile_day.notna()


@condition
def filed_refilable_protest(filed_refile_day: pd.Series, filed_protest: pd.Series) -> pd.Series:
    """The same, with its protest window open too."""
    return filed_refile_day.notna() & filed_protest


@condition
def answer_late_protest(answer_late: pd.Series, filed_protest: pd.Series) -> pd.Series:
    """Its answer should have been looked up by now, and its protest window runs."""
    return answer_late & filed_protest


@field
def weekday(protest_last_day: pd.Series) -> pd.Series:
    """What day the last day to protest is, where it is no working day: Saturday, Sunday, or the holiday."""
    return timeline.day_off(protest_last_day).replace("Saturday", "a Saturday").replace("Sunday", "a Sunday")


@field
def answer_seen(refused_seen_on: pd.Series) -> pd.Series:
    """By when CBP had given its answer; empty where nobody knows."""
    return (", in a file of " + wording.day(refused_seen_on)).fillna("")


@condition
def late_unprotected(beyond_power: pd.Series, protective: pd.Series) -> pd.Series:
    """Accepted and past CBP's own power, with the protest window open."""
    return beyond_power & protective


@condition
def protective_protested(protective: pd.Series, live_protest: pd.Series) -> pd.Series:
    """Accepted and not reliquidated, with a protest open that may not cover the IEEPA duty."""
    return protective & live_protest


@condition
def protective_spent(protective: pd.Series, protested_before: pd.Series) -> pd.Series:
    """Accepted and not reliquidated, with a protest on the decision that is over."""
    return protective & protested_before


@condition
def denied_undated(protest_denied: pd.Series, protest_denied_on: pd.Series) -> pd.Series:
    """A denied protest, and the day its denial was mailed is not in the files."""
    return protest_denied & protest_denied_on.isna()


@field
def power_days(law: Law, day: date) -> str:
    """How long CBP may reliquidate of its own accord. Source: key ``window.reliquidation``."""
    return str(law.value("window.reliquidation", day).value)


@field
def uncorrectable_error(law: Law, day: date) -> str:
    """With which error ACE refuses every correction of an entry's type. Source: key ``psc.refused_error``."""
    return str(law.value("psc.refused_error", day).value)


@field
def uncorrectable_heading_error(law: Law, day: date) -> str:
    """With which error it refuses one that changes an IEEPA heading. Source: key ``psc.ieepa_locked_error``."""
    return str(law.value("psc.ieepa_locked_error", day).value)


# ---- what became of a protest --------------------------------------------------------------------------------------

phrase(
    "denied_said",
    sentence(
        "The protest was denied, and the denial mailed on {protest_denied_on}: a summons can be filed "
        "until {summons_last_day}",
        {
            "denied_undated": "The protest was denied, and the files do not show when the denial was "
            "mailed: a summons can be filed within {suit_days} days of it",
            "summons_over": "The protest was denied, and the denial mailed on {protest_denied_on}: the "
            "time for a "
            "summons ended on {summons_last_day}",
        },
    ),
)
phrase("protest_named", sentence("a protest", {"given protest_number": "protest {protest_number}"}))
_UNCLEAR = "{since}; the protest window closed on {protest_last_day}, but the files show {protest_named} "
unclear_protest = sentence(
    _UNCLEAR + "with no outcome.",
    {"given protest_status": _UNCLEAR + "with a status that does not show its outcome, “{protest_status}”."},
)

# ---- what a column or a number that was not understood says ---------------------------------------------------------

done_unread = sentence(
    "A column that was not read says of it {said_done}: the entry may already be claimed, refunded, protested or "
    "canceled, be under an injunction, or its duty may not be paid."
)
protest_number_alone = sentence(
    "The files show protest {protest_number} without a status: while it is open, CAPE refuses the entry."
)
_GRANTED = (
    "{since}: the CAPE window closed on {cape_last_day}. A protest was approved, and the files do not show whether the "
    "decision covers the IEEPA duty: if it does, the refund comes under it; if not, the duty is not refunded, "
)
grant_open = sentence(
    _GRANTED + "and whether another protest is possible until {protest_last_day}, or a suit, is for counsel.",
    {
        "protest_over": _GRANTED
        + "the protest window closed on {protest_last_day}, and a later phase of CAPE or the "
        "court is left."
    },
)
