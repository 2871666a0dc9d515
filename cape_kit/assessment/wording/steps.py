"""What to do next, in one sentence a client can read; the same for every entry in the same situation."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import pandas as pd

from cape_kit.assessment.rules import FAIL
from cape_kit.assessment.wording import all_of, choose, join_codes

if TYPE_CHECKING:
    from cape_kit.assessment.decisions.view import View

    Texts = pd.Series[Any]


def always(sentence: str) -> Callable[[View], Texts]:
    """The same step for every entry."""

    def told(view: View) -> Texts:
        return all_of(sentence, view.outcomes.index)

    return told


FOLLOW = always("Follow the claim and its refund.")
GET_DATA = always("Get the missing column and run again.")
NOTHING = always("Nothing.")
KEEP = always("Keep the protest; do not withdraw it for CAPE.")
WATCH = always("Watch for a later phase; ask counsel about a suit.")
PROTEST = always("File a protest with CBP before the last day.")
WIDEN = always("Keep the protest, and see before the last day that it covers the IEEPA duty too.")
WAIT_FOR_PHASE = always(
    "File on the day the phase opens; protest before the last day if it has not taken the entry."
)
FILE_LATER_PAID = always("Put it on the next CAPE declaration; expect the money only at liquidation.")


def file(view: View) -> Texts:
    """On the next declaration; with a second line of defence where CBP's own power may be over."""
    return choose(
        [view.power_over],
        ["Put it on the next CAPE declaration, and protest before the last day if it has not been refunded."],
        "Put it on the next CAPE declaration.",
        view.outcomes.index,
    )


def mend(view: View) -> Texts:
    """What mends each failing rule; where its time is over, what is left."""
    return choose(
        [view.needs_correction & view.liquidated, view.needs_correction & view.correction_over],
        [
            "Ask CBP through the broker to correct it; if it stays as it is, protest before the last day.",
            "Ask CBP through the broker to correct it; protest once it is liquidated.",
        ],
        mends(view),
        view.outcomes.index,
    )


def wait(view: View) -> Texts:
    """Nothing to file today; what would change that."""
    return "Nothing to file today. " + mends(view)


def mends(view: View) -> Texts:
    """The law book's answer to each failing rule, in one text."""
    answers = {code: rule.mend for code, rule in view.rules.items()}
    return join_codes(view.outcomes == FAIL, answers, between=" ")
