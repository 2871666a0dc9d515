"""What the refund reports say was paid: each payment and each entry's share once, however often reported.

The latest export stands; of two reports of one day the one by entry stands. Nothing is added up here.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

import pandas as pd

from cape_kit.assessment import timeline
from cape_kit.entries import identifiers
from cape_kit.law.book import Law

#: States of a payment, in the law book's words.
SENT, ISSUED, DIVERTED = "sent", "issued", "diverted"
RETURNED, REISSUED, REJECTED = "returned", "reissued", "rejected"
HELD, NOT_ISSUED = "held", "cancelled"
#: Something stands there that the law book does not know, or that contradicts itself; or nothing says enough.
NOT_KNOWN = "unknown"
#: What a report says where it has no word at all, and where its word tells of a step but not of the money.
REPORTED, PROCESSED = "reported", "processed"
_UNSAID = (REPORTED, PROCESSED)
#: States in which the money is not known to have come to the payee and stayed there.
NOT_RECEIVED = (RETURNED, REJECTED, DIVERTED, HELD, NOT_ISSUED, NOT_KNOWN)
#: What Treasury's column may say after what the first column says, without a contradiction.
_AFTER = {
    SENT: (ISSUED, DIVERTED, RETURNED, REISSUED, REJECTED, HELD, NOT_ISSUED),
    ISSUED: (DIVERTED, RETURNED, REISSUED),
    RETURNED: (REISSUED,),
}
#: Words that turn another into its opposite, and words that may stand beside one of payment.
_NEGATIONS = {"not", "no", "never", "non", "without", "cannot", "unable", "nor", "neither"}
_BESIDE = {"on", "by", "to", "via", "the", "of", "ach", "check", "eft", "us", "treasury", "date", "dated"}
_BESIDE |= {"trace", "number", "payee", "refund", "payment", "cbp"}
_ENDING = re.compile(r"(?<=[0-9])\.0+$")
_NO_AMOUNT = "a refund is reported, and the files do not show its amount"
#: A claim's own word that it is paid, as the law book spells it.
REFUNDED = "refunded"
_AMOUNTS = ("principal_cents", "interest_cents")
_OF_PAYMENT = ["entry_number", "key"]
_OF_ALL_PARTS = ("refund_number", "payee", "refund_date", "trace_number", "exported")
_DETAIL_RANK = {"rev615": 0, "es022": 1}
_SHARES = [
    *("entry_number", "refund_number", "principal_cents", "interest_cents", "payee", "refund_date"),
    *("state", "said", "doubt", "status_words", "trace_number", "exported", "source_file", "source_row"),
    "interest_unsaid",
    "principal_unsaid",
]
_PAYMENTS = [
    *("refund_number", "payee", "refund_date", "state", "total_cents", "trace_number", "payment_method"),
    "refund_type",
    *("reject_reason", "status_words", "said", "doubt", "exported", "source_file", "source_row"),
]


def shares(claims: pd.DataFrame, exported: pd.Series, law: Law) -> pd.DataFrame:
    """One row per entry and payment, or part of a payment, out of ES-022 and REV-615. [cents]

    Rows of one file that give an entry different amounts of one payment are parts of it, such as principal and interest
    on rows of their own; rows that give the same amounts repeat each other. A row that tells of a refund without its
    amount counts with nothing, and its state is not known; one without its interest counts with none, and
    `principal_unsaid` and `interest_unsaid` say that nobody has said so.
    A refund number missing in one report is taken from the other where entry and amounts agree.
    """
    money = _by_kind(_of_money(claims, law), law)
    money["principal_cents"] = money["refund_cents"]
    money["payee"] = keys(money["payee_number"])
    money = money.join(_said(money, law))
    money["exported"] = exported.reindex(money["source_file"]).to_numpy()
    money["rank"] = money["report"].map(_DETAIL_RANK).fillna(len(_DETAIL_RANK))
    order = ["exported", "rank", "source_file", "source_row"]
    money = money.sort_values(order, ascending=[False, True, True, False], na_position="last", kind="stable")
    same = ["entry_number", "principal_cents", "interest_cents"]
    known = money.dropna(subset=["refund_number"]).drop_duplicates(same).set_index(same)["refund_number"]
    lacking = money["refund_number"].isna()
    if lacking.any() and len(known):
        guess = known.reindex(pd.MultiIndex.from_frame(money.loc[lacking, same])).to_numpy()
        money.loc[lacking, "refund_number"] = guess
    money = _in_parts(_with_keys(_with_interest_alone(money)).reset_index(drop=True))
    found = _settled(_parts_alike(_first_of_each(money, [*_OF_PAYMENT, "part"])))
    if found.empty:
        return found.reindex(columns=_SHARES)
    lost = found["state"].isin(NOT_RECEIVED) & found["state"].ne(NOT_KNOWN)
    unknown = found["principal_cents"].isna() & ~lost
    for name, value in (("state", NOT_KNOWN), ("said", NOT_KNOWN), ("doubt", _NO_AMOUNT)):
        found[name] = found[name].mask(unknown, value)
    for name in _AMOUNTS:
        found[name.replace("_cents", "_unsaid")] = found[name].isna()
    return found.assign(**found[list(_AMOUNTS)].fillna(0))[_SHARES]


def _of_money(claims: pd.DataFrame, law: Law) -> pd.DataFrame:
    """The rows that tell of a refund: its amounts, its number, day or status, or a claim's word that it is refunded.

    A row without an amount and without a number says nothing more once a report as new gives the entry's amounts.
    """
    some = (claims[["refund_cents", "interest_cents"]].fillna(0) != 0).any(axis=1)
    words = ["refund_number", "refund_status", "refund_secondary_status"]
    told = claims[words].notna().any(axis=1)
    told |= claims["refund_cents"].isna() & claims[["refund_date", "trace_number"]].notna().any(axis=1)
    refunded = timeline.canonical(claims["claim_status"], law, "claim_status").eq(REFUNDED).fillna(False)
    found = claims[some | told | refunded].copy()
    bare = ~some[found.index] & found["refund_number"].isna()
    numbers = found["entry_number"]
    # A row of before the refund is no second one; nor is a claim's own word for it.
    paid = found.loc[~bare, "entry_number"]
    return found[~(bare & identifiers.among(numbers, paid))]


def _by_kind(money: pd.DataFrame, law: Law) -> pd.DataFrame:
    """The rows with each amount under what its row's kind says it is; a total beside its parts counts with neither.

    Source: the words of ``refund_type`` of the law book.
    """
    kinds = timeline.canonical(money["refund_type"], law, "refund_type")
    if kinds.isna().all():
        return money
    moved = kinds.eq("interest").fillna(False) & ~money["interest_cents"].ne(0).fillna(False)
    found = money.assign(
        refund_cents=money["refund_cents"].mask(moved),
        interest_cents=money["interest_cents"].mask(moved, money["refund_cents"]),
    )
    of_one = [money[name] for name in ("entry_number", "refund_number", "source_file")]
    in_parts = kinds.isin(["principal", "interest"]).groupby(of_one, dropna=False).transform("any")
    return found[~(kinds.eq("total").fillna(False) & in_parts)].copy()


def _with_interest_alone(money: pd.DataFrame) -> pd.DataFrame:
    """Interest on a row of its own, beside the entry's principal: neither row lacks what the other has."""
    numbers, principal, interest = (money[name] for name in ("entry_number", *_AMOUNTS))
    alone = (principal.fillna(0) == 0) & (interest.fillna(0) != 0)
    of_duty = principal.fillna(0) != 0
    by_itself = alone & identifiers.among(numbers, numbers[of_duty])
    told = of_duty & identifiers.among(numbers, numbers[by_itself])
    # What another row of the same refund gives is taken from there.
    of_one = [numbers, money["refund_number"]]
    given = {name: money[name].notna().groupby(of_one, dropna=False).transform("any") for name in _AMOUNTS}
    return money.assign(
        principal_cents=principal.mask(by_itself & ~given["principal_cents"], 0),
        interest_cents=interest.mask(told & ~given["interest_cents"], 0),
    )


def _with_keys(money: pd.DataFrame) -> pd.DataFrame:
    """`key`: what tells one payment of an entry from another; without a number its day and its principal."""
    amount = money["principal_cents"]
    of_day = ["entry_number", "source_file", "source_sheet", "refund_date"]
    alone = money["refund_number"].isna() & (amount.fillna(0) == 0)
    if alone.any():
        # Interest on a row of its own belongs to the only principal of its day.
        others = money[money["refund_number"].isna() & ~alone].drop_duplicates([*of_day, "principal_cents"])
        single = others[~others.duplicated(of_day, keep=False)][[*of_day, "principal_cents"]]
        at = money.loc[alone, of_day].merge(single, on=of_day, how="left")["principal_cents"]
        amount = amount.mask(alone, at.set_axis(money.index[alone]).reindex(money.index))
    day = money["refund_date"].dt.strftime("%Y%m%d").fillna("")
    return money.assign(key=money["refund_number"].fillna("~" + day + "~" + amount.astype("str").fillna("")))


def _in_parts(money: pd.DataFrame) -> pd.DataFrame:
    """`part`: the rows of the newest file that give one payment of an entry in several amounts, numbered.

    What other files say of it stands with the first part: their amounts are the same money.
    """
    money = money.assign(part=0)
    place = money["source_file"].astype("str") + "|" + money["source_sheet"].astype("str").fillna("")
    has = money[list(_AMOUNTS)].notna().any(axis=1)
    keyed = [money[name] for name in _OF_PAYMENT]
    newest = place.where(has).groupby(keyed, dropna=False).transform("first")
    mine = money[has & place.eq(newest)].drop_duplicates([*_OF_PAYMENT, *_AMOUNTS])
    mine = mine[mine.duplicated(_OF_PAYMENT, keep=False)]
    for amount, other in (_AMOUNTS, _AMOUNTS[::-1]):
        # Without the other amount a row repeats the one that has both.
        whole = mine[other].notna().groupby([mine[name] for name in (*_OF_PAYMENT, amount)], dropna=False)
        mine = mine[mine[other].notna() | ~whole.transform("any") | mine[amount].isna()]
    if mine.empty:
        return money
    grouped = mine.groupby(_OF_PAYMENT, sort=False, dropna=False)
    money.loc[mine.index, "part"] = grouped.cumcount()
    several = mine.index[grouped["part"].transform("size") > 1]
    for amount in _AMOUNTS:
        given = money.loc[several, amount].groupby(
            [money.loc[several, name] for name in _OF_PAYMENT], dropna=False
        )
        money.loc[several, amount] = money.loc[several, amount].mask(
            money.loc[several, amount].isna() & given.transform("count").gt(0), 0
        )
    return money


def _parts_alike(found: pd.DataFrame) -> pd.DataFrame:
    """Parts of one payment have its day, payee and numbers, and its words where a part has none of its own."""
    if found.empty or found["part"].eq(0).all():
        return found
    grouped = found.groupby(_OF_PAYMENT, sort=False, dropna=False)
    whole = {name: found[name].fillna(grouped[name].transform("first")) for name in _OF_ALL_PARTS}
    silent = found["said"].eq(REPORTED)
    said = found["said"].mask(silent).groupby([found[name] for name in _OF_PAYMENT], dropna=False)
    whole["said"] = found["said"].mask(silent, said.transform("first").fillna(REPORTED))
    for name in ("doubt", "status_words"):
        whole[name] = found[name].mask(silent, grouped[name].transform("first"))
    return found.assign(**whole)


def payments(refunds: pd.DataFrame, parts: pd.DataFrame, exported: pd.Series, law: Law) -> pd.DataFrame:
    """One row per payment: of REV-603 and REV-613, and those only the reports by entry know. [cents]"""
    rows = refunds.assign(
        payee=keys(refunds["payee_number"]),
        exported=exported.reindex(refunds["source_file"]).to_numpy(),
        total_cents=refunds["total_refund_cents"],
    ).join(_said(refunds, law))
    order = ["exported", "refund_date", "source_row"]
    rows = rows.sort_values(order, ascending=False, na_position="last", kind="stable")
    paid, turned_away = rows[rows["report"] != "rev613"], rows[rows["report"] == "rev613"]
    last = _first_of_each(paid, ["refund_number"])
    away = _first_of_each(turned_away, ["refund_number"])
    both = pd.concat([last, away[~away["refund_number"].isin(last["refund_number"])]], ignore_index=True)
    both["said"] = _rejected(both, away)
    both = _settled(both)
    reasons = away.set_index("refund_number")["reject_reason"].reindex(both["refund_number"]).to_numpy()
    both["reject_reason"] = both["reject_reason"].where(both["reject_reason"].notna(), reasons)
    only = parts[~parts["refund_number"].isin(both["refund_number"])]
    found = pd.concat(
        [both[_PAYMENTS], _from_shares(only)[_PAYMENTS].astype(both[_PAYMENTS].dtypes.to_dict())]
    )
    return found.sort_values(["refund_date", "refund_number"], na_position="last", ignore_index=True)


def numbered_alike(*reports: pd.DataFrame) -> list[pd.DataFrame]:
    """The reports with every refund number in one spelling, the longest: a spreadsheet takes zeros and adds ``.0``."""
    told = pd.concat([one["refund_number"] for one in reports]).dropna().unique()
    bare = {
        number: _ENDING.sub("", number.lstrip("0").upper()) if number.strip("0") else number
        for number in told
    }
    longest: dict[str, str] = {}
    for number in sorted(told, key=lambda one: (_ENDING.sub("", one) != one, -len(one), one)):
        longest.setdefault(bare[number], number)
    spelt = {number: longest[bare[number]] for number in told}
    return [one.assign(refund_number=one["refund_number"].map(spelt).astype("str")) for one in reports]


def unnumbered(parts: pd.DataFrame) -> pd.Series:
    """A number for a share that no report numbers: its entry stands for it."""
    return parts["refund_number"].fillna("no number, entry " + parts["entry_number"])


def fates(shares: pd.DataFrame, paid: pd.DataFrame) -> pd.DataFrame:
    """State, doubt and words of each share: its payment's, or its own where only that says something.

    A share said to be anything but received, by a report no older than the payment's, is not received.
    """
    theirs = paid.set_index("refund_number").reindex(shares["refund_number"]).set_axis(shares.index)
    mine_says, they_say = ~shares["said"].isin(_UNSAID), ~theirs["said"].fillna(REPORTED).isin(_UNSAID)
    lost = shares["state"].isin(NOT_RECEIVED) & ~theirs["state"].isin(NOT_RECEIVED)
    older = (shares["exported"] < theirs["exported"]).fillna(False)
    # Where its parts fared differently, the report by entry says which.
    apart = shares["said"].where(mine_says).groupby(shares["refund_number"]).transform("nunique") > 1
    silent = ~mine_says & ~they_say & theirs["state"].eq(NOT_KNOWN) & shares["said"].eq(theirs["said"])
    own = theirs["said"].isna() | (mine_says & ~they_say) | (mine_says & (lost | apart) & ~older) | silent
    names = ["state", "doubt", "status_words"]
    return pd.DataFrame({name: shares[name].where(own, theirs[name]).astype("str") for name in names})


def _first_of_each(rows: pd.DataFrame, by: list[str]) -> pd.DataFrame:
    """The first row of each, with what it lacks taken from the next; "reported" counts as lacking."""
    if rows.empty:
        return rows
    said = rows["said"].mask(rows["said"] == REPORTED)
    joined = rows.assign(said=said).groupby(by, sort=False, dropna=False).first().reset_index()
    return joined.assign(said=joined["said"].fillna(REPORTED))


def _rejected(both: pd.DataFrame, away: pd.DataFrame) -> pd.Series:
    """The state of each payment: rejected where the list of rejected ones has it and nothing came since."""
    listed = away.set_index("refund_number")["refund_date"].reindex(both["refund_number"])
    on_list = both["refund_number"].isin(away["refund_number"])
    since = both["said"].isin((ISSUED, REISSUED)) & (both["refund_date"] > listed.to_numpy())
    return both["said"].mask(on_list & ~since, REJECTED)


def _from_shares(parts: pd.DataFrame) -> pd.DataFrame:
    """Payments no report of payments lists, put together from their shares."""
    known = parts.assign(
        refund_number=unnumbered(parts), total_cents=parts["principal_cents"] + parts["interest_cents"]
    )
    if known.empty:
        return known.reindex(columns=_PAYMENTS)
    # Shares of one payment may have fared differently: what did not arrive is not covered up by what did.
    known = known.sort_values("state", key=lambda state: ~state.isin(NOT_RECEIVED), kind="stable")
    grouped = known.groupby("refund_number", sort=True)
    names = ["payee", "refund_date", "state", "said", "doubt", "status_words", "trace_number", "exported"]
    firsts = grouped[[*names, "source_file", "source_row"]].first()
    # With a share whose amount nobody states, the whole is not known.
    unsaid = known["principal_unsaid"].eq(True).groupby(known["refund_number"]).any()
    total = grouped["total_cents"].sum(min_count=1).mask(unsaid)
    return firsts.assign(total_cents=total).reset_index().reindex(columns=_PAYMENTS)


def _settled(rows: pd.DataFrame) -> pd.DataFrame:
    """With the state of the money: where no word stands, a day and a trace number say that it was issued."""
    if rows.empty:
        return rows.assign(state=rows.get("said"))
    proof = rows["refund_date"].notna() & rows["trace_number"].notna()
    unsaid, bare = rows["said"].isin(_UNSAID), rows["said"].eq(REPORTED)
    state = rows["said"].mask(bare & proof, ISSUED).mask(unsaid & ~(bare & proof), NOT_KNOWN)
    steps = "its refund status in the files, “" + rows["status_words"] + "”, does not show the outcome"
    nothing = "no report shows the outcome: neither a status, nor a date with a trace number"
    doubt = rows["doubt"].mask(unsaid & ~(bare & proof), steps.fillna(nothing))
    return rows.assign(state=state.astype("str"), doubt=doubt.where(state.eq(NOT_KNOWN)).astype("str"))


def _said(rows: pd.DataFrame, law: Law) -> pd.DataFrame:
    """What the two columns say of the money, with the words, and where they leave it open, why."""
    known = timeline.spellings(law, "refund_status")
    both = rows[["refund_status", "refund_secondary_status"]]
    told = {pair: _together(pair[0], pair[1], known) for pair in set(both.itertuples(index=False, name=None))}
    made = [told[pair] for pair in both.itertuples(index=False, name=None)]
    columns = ["said", "doubt", "status_words"]
    return pd.DataFrame(made, columns=columns, index=rows.index).astype("str")


def _together(first: object, second: object, known: Mapping[str, str]) -> tuple[str, str | None, str | None]:
    """State, doubt and words of both status columns: Treasury's, the second, goes before the first."""
    texts = [text for text in (first, second) if isinstance(text, str) and timeline.plain(text)]
    words = "; ".join(dict.fromkeys(texts)) or None
    if not texts:
        return REPORTED, None, None
    states = [word_state(text, known) for text in texts]
    said = [state for state in states if state != PROCESSED] or [PROCESSED]
    lost = [state for state in said if state in NOT_RECEIVED and state != NOT_KNOWN]
    if len(set(said)) == 1:
        state = said[0]
    elif NOT_KNOWN in said:
        state = lost[0] if lost else NOT_KNOWN
    else:
        state = said[1] if said[1] in _AFTER.get(said[0], ()) else NOT_KNOWN
    if state != NOT_KNOWN:
        return state, None, words
    strange = [text for text, one in zip(texts, states, strict=True) if one == NOT_KNOWN]
    if strange:
        quoted = "; ".join(dict.fromkeys(strange))
        return state, f"its refund status in the files, “{quoted}”, is not recognized", words
    return state, f"its two refund statuses in the files, “{words}”, contradict each other", words


def word_state(text: str, known: Mapping[str, str]) -> str:
    """The state a refund word stands for: known itself, or the only known one within a longer text.

    Nothing may negate it; beside a word of payment only names, numbers and days may stand, since any other
    word may take it back.
    """
    whole = timeline.understood(text, known)
    if whole is not None:
        return whole
    tokens = timeline.plain(text).split()
    found = [
        (at, at + len(phrase.split()), canon)
        for phrase, canon in known.items()
        for at in range(len(tokens))
        if tokens[at : at + len(phrase.split())] == phrase.split()
    ]
    longest = [
        one for one in found
        if not any(o[0] <= one[0] and one[1] <= o[1] and o[:2] != one[:2] for o in found)
    ]  # fmt: skip
    meant = {canon for _, _, canon in longest if canon != PROCESSED} or {canon for *_, canon in longest}
    beside = [token for place, token in enumerate(tokens) if not any(a <= place < b for a, b, _ in longest)]
    if len(meant) != 1 or _NEGATIONS & set(beside):
        return NOT_KNOWN
    state = meant.pop()
    harmless = all(token in _BESIDE or token.isdigit() for token in beside)
    return NOT_KNOWN if state not in NOT_RECEIVED and not harmless else state


def keys(numbers: pd.Series) -> pd.Series:
    """Importer numbers for comparing."""
    known = {number: identifiers.importer_key(str(number)) for number in numbers.dropna().unique()}
    return numbers.map(known).astype("str")
