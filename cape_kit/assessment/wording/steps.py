"""What to do next, in one sentence a client can read; the same for every entry in the same situation."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import pandas as pd

from cape_kit.assessment.refund import bearing
from cape_kit.assessment.rules import FAIL
from cape_kit.assessment.wording import all_of, choose, join_codes
from cape_kit.law import official
from cape_kit.law.book import Check

if TYPE_CHECKING:
    from cape_kit.assessment.decisions.view import View

    Texts = pd.Series[Any]

#: The step of an entry that needs none.
NOTHING = "Nothing."
_KEEP = "Keep the protest; do not withdraw it for CAPE."
_WIDEN = "Keep the protest, and see before the last day that it covers the IEEPA duty too."
_PROTEST = "File a protest with CBP before the last day."
_NEXT = "Put it on the next CAPE declaration"
_REFUSED = "See why CBP refused it and mend that, then put it on a new CAPE declaration"
_TODAY = "Nothing to file today. "
_AFRESH = "Export the entry afresh: if it is liquidated, protest before the last day. "
_LATER = "; expect the money only at liquidation."


def always(sentence: str) -> Callable[[View], Texts]:
    """The same step for every entry."""

    def told(view: View) -> Texts:
        return all_of(sentence, view.outcomes.index)

    return told


FOLLOW = always("Follow the claim and its refund; file nothing else on the entry meanwhile.")
GET_TYPE = always("Get the entry type and run again.")
GET_LIQUIDATION = always("Export the entry afresh from ACE and run again soon: a window may be running out.")
GET_ANSWER = always("Look in ACE for a claim on the entry, add CBP's answer to the files and run again.")
GET_PROTEST = always(
    "Look the protest up in ACE: open, keep it; approved, the money is coming; denied, ask counsel today about a suit."
)
ASK_WORD = always(
    "Look the entry up in ACE or ask the broker what the word means; state it in facts.csv and run again."
)
RECONCILE = always("File the reconciliation (type 09) by its due day; then watch for a later phase of CAPE.")
WATCH = always("Watch for a later phase; ask counsel about a suit.")


WAIT_FOR_FINAL_PHASE = always("Nothing today; declare it when the phase opens.")


def say_of_suit(view: View) -> Texts:
    """Whether the importer sued decides; while its protest window runs, that is the safe way."""
    say = "State in client.toml whether the importer sued over the duties (plaintiff = true or false) and run again"
    return choose([~view.protest_over], [say + "; protest before the last day if it did not."], say + ".",
                  view.outcomes.index)  # fmt: skip


def admitted(view: View) -> Texts:
    """On a declaration of the phase; protected by a protest while its window runs."""
    if view.admission.status == "assumed":
        return all_of("Declare it in Phase 3.", view.outcomes.index)
    return file(view)


def get_lines(view: View) -> Texts:
    """What would show whether the entry bears IEEPA duty."""
    open_ = view.facts.lines["bears_open"]
    return choose(
        [
            open_ == bearing.TWIN,
            open_ == bearing.UNREGISTERED,
            open_.isin((bearing.NAMELESS, bearing.UNEXPLAINED)),
        ],
        [
            "Compare both numbers with the entry summary (CBP Form 7501) and correct the wrong one in its file.",
            "Look the number up on the entry summary and in the HTS of its day; correct it or ask CBP.",
            "Get the chapter 99 number of that duty from the entry summary (CBP Form 7501) or an ES-003, and run "
            "again.",
        ],
        "Get the entry's tariff lines (ES-003, HTS Number - Full) and run again.",
        open_.index,
    )


def nothing_due(view: View) -> Texts:
    """Nothing, unless duty stands where none was due."""
    look = "Check the entry summary (CBP Form 7501): if IEEPA duty was paid under another heading, run again with it."
    return choose([view.exception_paid], [look], NOTHING, view.outcomes.index)


def keep(view: View) -> Texts:
    """A live protest stays; one not known to be about IEEPA duty must come to cover it in time."""
    return choose([~view.safe_protest & ~view.protest_over], [_WIDEN], _KEEP, view.outcomes.index)


def protest(view: View) -> Texts:
    """A protest, unless there is or was one: the law allows one for each entry. Source: ``usc-19-1514``."""
    days = view.facts.law.value("court.days_after_denial", view.facts.day).value
    asked = (
        "Look up the protest and its decision, and ask counsel: a suit over a denial must come within "
        f"{days} days of its mailing."
    )
    return choose(
        [view.live_protest, view.protested_before], [keep(view), asked], _PROTEST, view.outcomes.index
    )


def file(view: View) -> Texts:
    """On the next declaration; with a second line of defence where CBP's own power may be over."""
    in_doubt = ", and protest before the last day if it has not been refunded."
    refused = view.refused & ~view.refused_mended
    return choose(
        [refused & view.power_over, refused, view.power_over],
        [_REFUSED + in_doubt, _REFUSED + ".", _NEXT + in_doubt],
        _NEXT + ".",
        view.outcomes.index,
    )


def file_paid_later(view: View) -> Texts:
    """On the next declaration, without counting on the money soon."""
    refused = view.refused & ~view.refused_mended
    return choose([refused], [_REFUSED + _LATER], _NEXT + _LATER, view.outcomes.index)


#: A wrong check digit is mostly a slip of the sheet, and all else is seen afresh under the right number.
_COMPARE = (
    "Compare the number with the entry summary (7501) first; if the sheet is wrong, correct it there and run "
    "again. If the number stands so on the summary: "
)


def mend(view: View) -> Texts:
    """What mends each failing rule; a protest whose grounds nobody knows is read first."""
    unread = (
        view.failed(Check.PROTEST) & view.facts.flag("protest_ieepa_only").isna().to_numpy() & view.liquidated
    )
    read_it = (
        "Read the protest: if it is about IEEPA duty alone, withdraw it in time and file when ACE shows "
    )
    read_it += "it closed; if not, keep it. "
    told = choose([unread], [read_it + mends(view, but=Check.PROTEST)], mends(view), view.outcomes.index)
    told = choose([view.failed(Check.NOT_IN_ACE)], [_COMPARE + told], told, told.index)
    return (told.str.strip() + " " + mend_refusal(view)).str.strip()


def mend_refusal(view: View) -> Texts:
    """The law book's answer to each check CBP refused the entry by, that no rule fails on."""
    checks = official.by_code(view.facts.law)
    told = {
        codes: " ".join(dict.fromkeys(checks[code].mend for code in codes.split(", ") if code))
        for codes in view.refused_open.unique()
    }
    return view.refused_open.map(told).astype("str")


def wait(view: View) -> Texts:
    """Nothing to file today; what would change that."""
    stored = view.facts.entries["entry_type"].isin(view.facts.types("types.warehouse"))
    claimed = " A later phase is announced for warehouse entries; their withdrawals can be claimed meanwhile."
    told = mends(view) + choose([view.failed(Check.ENTRY_TYPE) & stored], [claimed], "", stored.index)
    return _TODAY + choose([_perhaps(view)], [_AFRESH], "", stored.index) + told


def wait_to_protest(view: View) -> Texts:
    """Nothing can be mended any more, and nothing protested yet."""
    asks = "Ask CBP through the broker whether it can still be corrected; protest once it is liquidated."
    return _TODAY + choose([_perhaps(view)], [_AFRESH], "", view.outcomes.index) + asks


def wait_for_phase(view: View) -> Texts:
    """File when the phase opens; what else stands in the way is mended first."""
    told = "File on the day the phase opens; protest before the last day if it has not taken the entry."
    first = mends(view, only=view.mendable_rules)
    return (told + " Before that: " + first).where(first != "", told)


def _perhaps(view: View) -> Any:
    """Due to liquidate since the files were made; a type that never liquidates is not."""
    return view.facts.clocks["maybe_on"].notna().to_numpy() & ~view.never_liquidates


def mends(view: View, *, but: str = "", only: tuple[str, ...] | None = None) -> Texts:
    """The law book's answer to each failing rule, in one text."""
    codes = [c for c in map(str, view.outcomes) if c != but and (only is None or c in only)]
    return join_codes(
        view.outcomes[codes] == FAIL, {code: view.rules[code].mend for code in codes}, between=" "
    )
