"""What became of each expected refund: one outcome per entry, one per line of money, and what to do then."""

from __future__ import annotations

import numpy as np
import pandas as pd

from cape_kit import money
from cape_kit.entries import identifiers
from cape_kit.filing import expected, matching
from cape_kit.filing import expected as expectations
from cape_kit.filing.expected import OPEN, SPENT, Terms
from cape_kit.filing.receipts import (
    DIVERTED,
    HELD,
    NOT_ISSUED,
    NOT_KNOWN,
    NOT_RECEIVED,
    REISSUED,
    REJECTED,
    RETURNED,
    SENT,
)
from cape_kit.law.book import Law

PAID, SHORT, OVER, UNEXPECTED, UNMATCHED = "paid", "short", "over", "unexpected", "unmatched"
WITHIN, OVERDUE, AMBIGUOUS = "within", "overdue", "ambiguous"
#: Not paid, and nothing in the files says from when its refund could be expected.
UNDATED = "undated"
#: Outcome -> how it is shown, in display order; see `labels`.
LABELS = {
    PAID: "Paid in full",
    REISSUED: "Paid in full, after a return",
    SENT: "In full, on its way",
    SHORT: "Short",
    OVER: "Over",
    DIVERTED: "Diverted to a debt",
    RETURNED: "Returned by the bank",
    REJECTED: "Rejected: no ACH enrollment",
    HELD: "Pending or on hold: not paid",
    NOT_ISSUED: "Not issued, or cancelled",
    NOT_KNOWN: "Reported, status not known",
    AMBIGUOUS: "In a combined payment that matches in more than one way",
    WITHIN: "Not paid, within its normal time",
    OVERDUE: "Not paid, overdue",
    UNDATED: "Not paid, due date not known",
    UNEXPECTED: "Unexpected",
    UNMATCHED: "Payment matched to no entry",
}
#: Source of the law book under which CBP sets a refund off against a debt.
_SET_OFF = "cfr-19-24-72"
#: Outcomes a person takes up with CBP or the client.
TO_RAISE = (SHORT, OVER, *NOT_RECEIVED, AMBIGUOUS, OVERDUE, UNDATED, UNEXPECTED)
_TO_DO = {
    PAID: "Nothing.",
    REISSUED: "Nothing.",
    SENT: "Watch for Treasury's payment.",
    SHORT: "Ask CBP about the difference; if it stands, have counsel decide on a protest of the liquidation.",
    OVER: "Review before using it: CBP may bill it back.",
    DIVERTED: "Ask CBP which debt it was applied to.",
    RETURNED: "Check the bank account in ACE and ask CBP to reissue the refund.",
    REJECTED: "Enroll for ACH refunds in ACE; then ask CBP to reissue the refund.",
    HELD: "Ask CBP what is holding the refund, and whether the client can resolve it.",
    NOT_ISSUED: "Ask CBP why no refund was issued, and what is needed.",
    NOT_KNOWN: "Ask CBP or Treasury whether it was paid: the reported status is not recognized.",
    AMBIGUOUS: "Export REV-615: it shows the entries behind the payment.",
    WITHIN: "Wait.",
    OVERDUE: "Ask CBP where the refund is.",
    UNDATED: "Export ES-022, or the entry again with its liquidation date: nothing shows when its refund is due.",
    UNEXPECTED: "Find out which claim it belongs to; it was not among the accepted claims.",
}
#: Outcomes after which the money is there: nothing is left to ask for.
SETTLED = (PAID, REISSUED)
_NOT_PAID = (WITHIN, OVERDUE, UNDATED)
#: Outcomes in which CBP's own reckoning of the entry may be wrong: what its liquidation says can be protested.
_CONTESTED = (SHORT, NOT_ISSUED, OVERDUE)
_LESS = "Ask CBP what was taken off the payment: part of it may have been set off against a debt."
_UNSEEN = "Look the refund up in REV-603 or REV-615: the files do not show whether it was paid."
_NO_DATE = "The duty is paid. To check its interest, export the entry again with its liquidation date."
_NO_RATE = "The duty is paid. Its interest can be checked once the law book has the rate."
_NO_INTEREST = "The duty is paid. To check its interest, export ES-022 or REV-615 with the interest amount."
_NOT_STAYED = {state: f"{state}_cents" for state in NOT_RECEIVED}
#: What is told of an entry some of whose money was paid, and some not: the first that holds.
_IN_TURN = (REJECTED, RETURNED, NOT_ISSUED, HELD)
COLUMNS = [
    *("entry_number", "importer_number", "payee", "claim_number", "liquidated_on", "outcome"),
    *("expected_principal_cents", "expected_interest_cents", "paid_principal_cents", "paid_interest_cents"),
    *("principal_difference_cents", "interest_difference_cents", "diverted_cents", "returned_cents"),
    *("rejected_cents", "held_cents", "cancelled_cents", "unknown_cents", "at_stake_cents", "cause"),
    *("refund_numbers", "refund_date", "due_from", "due_by"),
    *(
        "protect_by",
        "protest_last_day",
        "protest",
        "due_basis",
        "deposit_day",
        "deposit_basis",
        "confidence",
        "what_to_do",
    ),
]


def labels(law: Law) -> dict[str, str]:
    """The same words, beside a diversion the authority for it. Source: key "cfr-19-24-72"."""
    return LABELS | {DIVERTED: f"{LABELS[DIVERTED]} ({law.cite(_SET_OFF)})"}


def by_entry(
    expected: pd.DataFrame,
    lines: pd.DataFrame,
    *,
    terms: Terms,
    headings: pd.DataFrame,
    as_of: pd.Timestamp,
) -> pd.DataFrame:
    """One row per accepted entry and per entry money came for, with its outcome and why. [cents]

    Differences are what was paid less what was expected; interest is expected on the principal expected.
    """
    frame = _received(expected, lines)
    frame = frame.join(expectations.due(frame, terms.law, as_of))
    _compare(frame, terms)
    frame["outcome"] = _outcome(frame, as_of)
    frame["cause"] = _causes(frame, terms, headings)
    frame["at_stake_cents"] = _at_stake(frame)
    frame["what_to_do"] = _next_step(frame) + _protecting(frame)
    _contest(frame, terms.law, as_of)
    return frame.sort_values("entry_number", ignore_index=True)[COLUMNS]


def _unchecked(frame: pd.DataFrame) -> pd.Series:
    """Paid entries whose interest nobody could hold against an expected one."""
    not_known = frame["expected_interest_cents"].isna() | frame["interest_unsaid"]
    return frame["paid"] & frame["accepted"] & not_known


def _next_step(frame: pd.DataFrame) -> pd.Series:
    """What to do then; interest that is not checked is not known to be paid in full."""
    open_ = frame["outcome"].isin(SETTLED) & _unchecked(frame)
    undated = frame["liquidated_on"].isna()
    told = frame["outcome"].map(_TO_DO)
    told = told.mask(frame["outcome"].eq(NOT_KNOWN) & frame["quoted"].isna(), _UNSEEN)
    told = told.mask(open_ & undated, _NO_DATE).mask(open_ & ~undated, _NO_RATE)
    return told.mask(open_ & frame["interest_unsaid"], _NO_INTEREST)


def _protecting(frame: pd.DataFrame) -> pd.Series:
    """What is said beside a claim without its money: the days of a protective protest; empty for all others.

    The law allows one protest: beside one that is open it is to be kept, after one that was decided counsel is asked.
    Source: keys ``window.protest``, ``usc-19-1514``.
    """
    waits = frame["outcome"].isin((*_NOT_PAID, AMBIGUOUS, *NOT_RECEIVED)) & frame["protest_last_day"].notna()
    days = {name: frame[name].dt.strftime("%Y-%m-%d") for name in ("protect_by", "protest_last_day")}
    told = " Not reliquidated: counsel decides on a protective protest by " + days["protect_by"]
    told = told + ", last day " + days["protest_last_day"] + "."
    kept = " Not reliquidated: keep the open protest; by " + days["protect_by"]
    kept = (
        kept
        + " have counsel confirm that it covers the IEEPA duty (last day "
        + days["protest_last_day"]
        + ")."
    )
    spent = (
        " Not reliquidated, and its one protest is used: ask counsel by "
        + days["protect_by"]
        + " what is left."
    )
    told = told.mask(frame["protest"].eq(OPEN), kept).mask(frame["protest"].eq(SPENT), spent)
    return told.where(waits, "").fillna("").astype("str")


def _contest(frame: pd.DataFrame, law: Law, as_of: pd.Timestamp) -> None:
    """The last day to protest the (re)liquidation an outcome rests on, said with it. Adds to columns in place.

    Source: key ``window.protest``.
    """
    length = int(law.value("window.protest", as_of.date()).value)
    last = frame["liquidated_on"] + pd.Timedelta(days=length)
    here = frame["outcome"].isin(_CONTESTED) & last.notna() & frame["protest_last_day"].isna()
    days = [column.dt.strftime("%Y-%m-%d") for column in (frame["liquidated_on"], last)]
    told = (" Last day to protest its liquidation of " + days[0] + ": " + days[1] + ".").mask(
        last < as_of, " The window to protest its liquidation of " + days[0] + " closed on " + days[1] + "."
    )
    frame["what_to_do"] = frame["what_to_do"] + told.where(here, "").fillna("").astype("str")
    frame["protest_last_day"] = frame["protest_last_day"].mask(here & (last >= as_of), last)


def with_ambiguous(entries: pd.DataFrame, matches: list[matching.Match]) -> pd.DataFrame:
    """Entries still without money that may stand in an ambiguous payment: so said, and not called overdue."""
    maybe: dict[str, list[str]] = {}
    for one in matches:
        for number in one.maybe if one.how == matching.AMBIGUOUS else ():
            maybe.setdefault(number, []).append(one.refund_number)
    here = entries["entry_number"].isin(list(maybe)) & entries["outcome"].isin(_NOT_PAID)
    numbers = entries["entry_number"].map({number: ", ".join(told) for number, told in maybe.items()})
    told = entries.assign(
        outcome=entries["outcome"].mask(here, AMBIGUOUS),
        cause=entries["cause"].mask(here, "may be in payment " + numbers.astype("str")),
    )
    return told.assign(
        what_to_do=entries["what_to_do"].mask(here, _TO_DO[AMBIGUOUS] + _protecting(told)),
    )


def with_less(entries: pd.DataFrame, payments: pd.DataFrame) -> pd.DataFrame:
    """Paid entries whose payment came to less than its shares: so said, for nobody knows whose money is missing."""
    off = payments.set_index("refund_number")["unexplained_cents"]
    less = off[(off < 0).fillna(False) & payments["matched"].eq("by report").to_numpy()]
    if less.empty:
        return entries
    named = entries["refund_numbers"].fillna("").str.split(", ")
    short = named.map(lambda told: [number for number in told if number in less.index])
    here = entries["outcome"].isin(SETTLED) & short.map(bool)
    cause = "its payment " + short.map(", ".join) + " is less than the refunds by entry in it"
    told = entries["cause"].mask(here, (entries["cause"] + "; ").where(entries["cause"].ne(""), "") + cause)
    return entries.assign(
        cause=told.astype("str"), what_to_do=entries["what_to_do"].mask(here, _LESS).astype("str")
    )


def of_lines(lines: pd.DataFrame, entries: pd.DataFrame) -> pd.Series:
    """The outcome each line of money stands under: its payment's own fate, else its entry's."""
    by_entry = entries.set_index("entry_number")["outcome"].reindex(lines["entry_number"]).to_numpy()
    own = pd.Series(by_entry, index=lines.index, dtype="str")
    # Money that stayed counts as paid in full or short of it, even where another part was returned.
    own = own.mask(own.isin((*NOT_RECEIVED, *_NOT_PAID)) & ~lines["state"].isin(NOT_RECEIVED), SHORT)
    fate = lines["state"].where(lines["state"].isin(NOT_RECEIVED) & own.ne(UNEXPECTED))
    return fate.fillna(own).mask(lines["entry_number"].isna(), UNMATCHED).astype("str")


def _received(expected: pd.DataFrame, lines: pd.DataFrame) -> pd.DataFrame:
    """Expected entries and strangers beside the money that came, and the money that did not stay."""
    mine = lines[lines["entry_number"].notna()]
    stayed = ~mine["state"].isin(NOT_RECEIVED)
    grouped = mine[stayed].groupby("entry_number")
    told = pd.DataFrame(
        {
            "paid_principal_cents": grouped["principal_cents"].sum(),
            "paid_interest_cents": grouped["interest_cents"].sum(),
            "refund_date": grouped["refund_date"].max(),
            "reissued": mine["state"].eq(REISSUED).groupby(mine["entry_number"]).any(),
            "on_its_way": mine["state"].eq(SENT).groupby(mine["entry_number"]).any(),
            "interest_unsaid": mine["interest_unsaid"]
            .eq(True)
            .where(stayed)
            .groupby(mine["entry_number"])
            .any(),
        }
    )
    total = mine["principal_cents"] + mine["interest_cents"]
    for state, column in _NOT_STAYED.items():
        of_it = mine["state"] == state
        sums = total[of_it].groupby(mine.loc[of_it, "entry_number"]).sum().rename(column)
        # An amount nobody stated counts as nothing, and is a refund all the same.
        told = told.join(pd.DataFrame({column: sums, state: True}), how="outer")
    numbers = mine.groupby("entry_number")["refund_number"].agg(lambda n: ", ".join(dict.fromkeys(n)))
    doubts = mine.dropna(subset=["doubt"]).groupby("entry_number")["doubt"]
    told = told.join(doubts.agg(lambda texts: "; ".join(dict.fromkeys(texts))), how="left")
    words = mine[mine["state"].isin(NOT_RECEIVED)].dropna(subset=["status_words"])
    quoted = words.groupby("entry_number")["status_words"].agg(lambda w: "; ".join(dict.fromkeys(w)))
    told = told.join(quoted.rename("quoted"), how="left")
    wanted = expected[
        expected["accepted"] | identifiers.among(expected["entry_number"], mine["entry_number"])
    ]
    frame = wanted.set_index("entry_number").join(told, how="outer").join(numbers.rename("refund_numbers"))
    frame = frame.rename_axis("entry_number").reset_index()
    frame["paid"] = frame["paid_principal_cents"].notna()
    # What was received is what the reports show, and no report is nothing; what was expected may be not known.
    ours = ("principal_cents", "least_cents", "interest_cents")
    cents = [name for name in frame.columns if name.endswith("_cents") and name not in ours]
    frame[cents] = frame[cents].fillna(0).astype("Int64")
    frame[list(ours)] = frame[list(ours)].astype("Int64")
    flags = [
        "accepted",
        "known",
        "ours",
        "reissued",
        "on_its_way",
        "deferred",
        "interest_unsaid",
        *NOT_RECEIVED,
    ]
    frame[flags] = frame[flags].astype("boolean").fillna(False).astype(bool)
    return frame


def _compare(frame: pd.DataFrame, terms: Terms) -> None:
    """Expected amounts, settled where ours is an upper bound, and the differences. Adds columns in place."""
    principal, paid = frame["principal_cents"], frame["paid_principal_cents"]
    within_bound = frame["paid"] & ((paid < principal) & (paid >= frame["least_cents"]) & (paid > 0)).fillna(
        False
    )
    frame["upper_bound"] = within_bound
    owed = principal.mask(within_bound, paid).where(frame["known"])
    frame["expected_principal_cents"] = owed.where(frame["accepted"], 0)

    def grown(amount: pd.Series) -> pd.Series:
        return expectations.interest_on(
            frame,
            amount,
            law=terms.law,
            later=terms.later,
            importer_class=terms.classes(frame),
            day_count=terms.day_count,
        )

    full = grown(frame["expected_principal_cents"])
    frame["expected_interest_cents"] = full.where(frame["accepted"], 0)
    on_paid = grown(paid)
    frame["principal_difference_cents"] = (paid - frame["expected_principal_cents"]).where(frame["paid"])
    frame["interest_difference_cents"] = (
        frame["paid_interest_cents"] - frame["expected_interest_cents"]
    ).where(frame["paid"])
    frame["own_interest_difference"] = (frame["paid_interest_cents"] - on_paid).where(frame["paid"])
    for name in ("paid_interest_cents", "interest_difference_cents", "own_interest_difference"):
        frame[name] = frame[name].mask(frame["interest_unsaid"])


def _outcome(frame: pd.DataFrame, as_of: pd.Timestamp) -> pd.Series:
    differs = [frame["principal_difference_cents"], frame["own_interest_difference"]]
    less = _any([(one < 0).fillna(False) for one in differs])
    more = _any([(one > 0).fillna(False) for one in differs])
    # Less of one and more of the other: what came in all says which it is. Nothing is netted but the word for it.
    whole = (differs[0] + differs[1].fillna(0)).fillna(0).to_numpy(dtype="int64")
    short, over = less & ~(more & (whole > 0)), more & ~(less & (whole <= 0))
    paid = frame["paid"].to_numpy(dtype=bool)
    lacking = ~paid | short
    late = (frame["due_by"] < as_of).fillna(False).to_numpy(dtype=bool)
    conditions = [
        ~frame["accepted"].to_numpy(dtype=bool) | (paid & ~frame["known"].to_numpy(dtype=bool)),
        frame[DIVERTED].to_numpy(dtype=bool),
        frame[NOT_KNOWN].to_numpy(dtype=bool),
        *(lacking & frame[state].to_numpy(dtype=bool) for state in _IN_TURN),
        paid & short,
        paid & over,
        paid & frame["on_its_way"].to_numpy(dtype=bool),
        paid & frame["reissued"].to_numpy(dtype=bool),
        paid,
        late,
        frame["due_basis"].eq(expectations.NO_DAY).to_numpy(dtype=bool),
    ]
    names = [UNEXPECTED, DIVERTED, NOT_KNOWN, *_IN_TURN, SHORT, OVER, SENT, REISSUED, PAID, OVERDUE, UNDATED]
    return pd.Series(np.select(conditions, names, default=WITHIN), index=frame.index, dtype="str")


def _any(masks: list[pd.Series]) -> np.ndarray:
    return np.any([mask.to_numpy(dtype=bool) for mask in masks], axis=0)


def _causes(frame: pd.DataFrame, terms: Terms, headings: pd.DataFrame) -> pd.Series:
    """Why an amount differs: principal by heading, interest by reading; said where no reading fits."""
    told = pd.Series("", index=frame.index, dtype="object")
    differs = frame["outcome"].isin((SHORT, OVER)) & frame["paid"]
    if differs.any():
        rows = frame[differs]
        principal = expected.programme_causes(rows, headings)
        by_interest = pd.Series(None, index=rows.index, dtype="object")
        if len(stated := rows[~rows["interest_unsaid"]]):
            by_interest = expected.interest_causes(stated, terms).reindex(rows.index)
        off = rows["principal_difference_cents"].ne(0)
        first = ("principal " + _amount(rows["principal_difference_cents"]) + ": ").where(off, "")
        first += principal.fillna("no set of headings makes up the difference").where(off, "")
        own = rows["own_interest_difference"].fillna(0)
        second = ("interest " + _amount(own) + " on the principal paid: ").where(own.ne(0), "")
        second += by_interest.fillna("matches none of the readings tried").where(own.ne(0), "")
        told[differs] = first + second.mask(off & own.ne(0), "; " + second)
    unchecked = _unchecked(frame)
    why = pd.Series("interest not checked: the liquidation day or a rate is not known", index=frame.index)
    why = why.mask(frame["interest_unsaid"], "interest not checked: the refund reports do not show it")
    told = told.mask(unchecked, told.mask(told.ne(""), told + "; ") + why)
    bound = frame["upper_bound"] & told.eq("")
    told = told.mask(bound, "less than our upper bound, which also included the normal duty of an all-in row")
    said = frame["doubt"].fillna("the refund reports say “" + frame["quoted"] + "”")
    told = told.mask(frame["outcome"].isin((NOT_KNOWN, NOT_ISSUED, HELD)), said.fillna(""))
    lacking = frame["outcome"].isin(_NOT_PAID) & ~frame["known"]
    told = told.mask(lacking, "no file holds its tariff lines and duty: what to expect is not known")
    doubt = ("; " + frame["doubt"]).fillna("")
    return told.mask(frame["outcome"].eq(UNEXPECTED), _unexpected(frame) + doubt).astype("str")


def _unexpected(frame: pd.DataFrame) -> pd.Series:
    """Why money for an entry was not expected."""
    texts = np.select(
        [frame["accepted"].to_numpy(), (frame["known"] | frame["ours"]).to_numpy()],
        [
            "claimed, but no file holds its tariff lines and duty: nothing to compare the refund with",
            "one of the client's entries, on no accepted claim in the files",
        ],
        default="not among the client's entries: only the refund reports name it",
    )
    return pd.Series(texts, index=frame.index, dtype="object")


def _amount(cents: pd.Series) -> pd.Series:
    return cents.map(lambda value: money.show(int(value)), na_action="ignore").astype("str")


def _at_stake(frame: pd.DataFrame) -> pd.Series:
    """The money an outcome is about: what is missing, over, or did not stay. [cents]"""
    # Known interest or not, so much at least is at stake; where the duty is not known, nobody knows how much.
    whole = frame["expected_principal_cents"] + frame["expected_interest_cents"].fillna(0)
    got = frame["paid_principal_cents"] + frame["paid_interest_cents"].fillna(0)
    gap = frame["principal_difference_cents"].abs() + frame["interest_difference_cents"].fillna(0).abs()
    away = frame[list(_NOT_STAYED.values())].sum(axis=1)
    stake = gap.where(frame["outcome"].isin((SHORT, OVER)), 0)
    stake = stake.mask(frame["outcome"].isin(NOT_RECEIVED), away.where(away > 0, whole))
    stake = stake.mask(frame["outcome"].isin(_NOT_PAID), whole)
    return stake.mask(frame["outcome"].eq(UNEXPECTED), got + away).astype("Int64")
