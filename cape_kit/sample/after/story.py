"""What CBP and Treasury do with claimed entries, by chance and by a list of fates; the truth of it is kept.

Interest is recounted day by day with the samples' own arithmetic, never with the kit's.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from random import Random

from cape_kit.sample import days
from cape_kit.sample.truth import Interest

ONE_DAY = timedelta(days=1)
ISSUED, SENT = "Treasury Issued", "Sent to Treasury"
DIVERTED, RETURNED, REISSUED = "Funds Diverted", "Check/ACH Returned", "Check/ACH Reissued"
#: A payment of something else. [cents]
FOREIGN = 1234
NO_ACH = "No ACH enrollment on file"
#: Fate -> the outcome a correct kit must arrive at.
OUTCOMES = {
    "paid": "paid",
    "short: a heading": "short",
    "short: class": "short",
    "short: day count": "short",
    "over: deposit": "over",
    "short: no interest": "short",
    "diverted": "diverted",
    "returned": "returned",
    "reissued": "reissued",
    "rejected": "rejected",
    "sent": "sent",
    "within": "within",
    "overdue": "overdue",
    "unexpected": "unexpected",
    "stranger": "unexpected",
}


@dataclass(frozen=True)
class Due:
    """An entry that was claimed: what ought to come back for it."""

    entry_number: str
    payee: str
    entry_date: date
    deposited: date
    liquidated: date
    headings: tuple[tuple[str, int], ...]  # heading, principal in cents
    accepted: bool = True

    @property
    def principal(self) -> int:
        """All headings together. [cents]"""
        return sum(amount for _, amount in self.headings)


@dataclass(frozen=True)
class Share:
    """What the report by entry shows of one payment. [cents]"""

    entry_number: str
    payee: str
    liquidated: date | None
    principal: int
    interest: int
    refund_number: str
    refund_date: date
    status: str


@dataclass(frozen=True)
class Payment:
    """What the report of payments shows. [cents]"""

    refund_number: str
    payee: str
    refund_date: date
    status: str
    total: int
    reject_reason: str = ""


@dataclass
class Story:
    """Everything that came back, and what is true of it: outcome by entry and by unexplained payment."""

    prefix: str = "R26"
    shares: list[Share] = field(default_factory=list)
    payments: list[Payment] = field(default_factory=list)
    outcomes: dict[str, str] = field(default_factory=dict)
    fates: dict[str, str] = field(default_factory=dict)
    pooled: dict[str, list[str]] = field(default_factory=dict)
    ambiguous: dict[str, list[str]] = field(default_factory=dict)
    unmatched: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class Teller:
    """The means of telling a story: interest by class, chance, and the days of the scene."""

    interest: Interest
    other_interest: Interest
    rng: Random
    paid_after: tuple[int, int]
    as_of: date

    def pay_day(self, liquidated: date) -> date:
        """A working day some weeks after liquidation."""
        return days.next_working(liquidated + timedelta(days=self.rng.randint(*self.paid_after)))

    def grown(self, due: Due) -> int:
        """Interest as it ought to be. [cents]"""
        return self.interest.until(due.principal, due.deposited, due.liquidated)


def tell(
    teller: Teller, dues: Sequence[Due], fates: Mapping[str, str], *, pools: int = 0, prefix: str = "R26"
) -> Story:
    """The story of the entries: one fate each (paid in full where none is given), some paid in pools."""
    story = Story(prefix)
    pooled = _pools(teller, story, [d for d in dues if d.entry_number not in fates and d.accepted], pools)
    by_payment: dict[tuple[str, date, str], list[tuple[Due, int, int]]] = {}
    for due in dues:
        if due.entry_number in pooled:
            continue
        fate = fates.get(due.entry_number, "paid")
        if not due.accepted and fate not in ("unexpected", "stranger"):
            continue
        fate, principal, interest = _amounts(teller, due, fate)
        story.fates[due.entry_number], story.outcomes[due.entry_number] = fate, OUTCOMES[fate]
        if fate in ("within", "overdue"):
            continue
        group = "plain" if OUTCOMES[fate] in ("paid", "short", "over", "unexpected") else fate
        by_payment.setdefault((due.payee, due.liquidated, group), []).append((due, principal, interest))
    for (payee, liquidated, group), members in sorted(by_payment.items(), key=lambda item: str(item[0])):
        _pay(teller, story, group, (payee, liquidated), members)
    if dues:
        _foreign(teller, story, dues[0])
    return story


def _foreign(teller: Teller, story: Story, like: Due) -> None:
    """A payment that has nothing to do with the claims: a sum too small for any of their entries."""
    number = _number(story)
    story.payments.append(Payment(number, like.payee, teller.pay_day(like.liquidated), ISSUED, FOREIGN))
    story.unmatched.append(number)


def _amounts(teller: Teller, due: Due, fate: str) -> tuple[str, int, int]:
    """Fate, principal and interest as paid; a twist that makes no difference of a cent is none."""
    full = teller.grown(due)
    paid, interest = due.principal, full
    if fate == "short: a heading" and len(due.headings) > 1:
        paid = due.principal - due.headings[-1][1]
        interest = teller.interest.until(paid, due.deposited, due.liquidated)
    elif fate == "short: class":
        interest = teller.other_interest.until(due.principal, due.deposited, due.liquidated)
    elif fate == "short: day count":
        interest = teller.interest.until(due.principal, due.deposited + ONE_DAY, due.liquidated + ONE_DAY)
    elif fate == "over: deposit":
        interest = teller.interest.until(due.principal, due.entry_date, due.liquidated)
    elif fate == "short: no interest":
        interest = 0
    if OUTCOMES[fate] in ("short", "over"):
        less = paid < due.principal or interest < full
        wanted = "short" if less else "over" if interest > full else "paid"
        fate = fate if wanted == OUTCOMES[fate] else _renamed(fate, wanted)
    return fate, paid, interest


def _renamed(fate: str, wanted: str) -> str:
    """The fate under which a twist that turned out otherwise is kept."""
    return "paid" if wanted == "paid" else _OTHER_SIDE.get((fate, wanted), fate)


_OTHER_SIDE = {
    ("short: class", "over"): "over: class",
    ("short: day count", "over"): "over: day count",
}
OUTCOMES |= {"over: class": "over", "over: day count": "over"}


_STATUS = {
    "diverted": DIVERTED,
    "returned": RETURNED,
    "reissued": RETURNED,
    "sent": SENT,
    "rejected": SENT,
}


def _pay(
    teller: Teller,
    story: Story,
    group: str,
    whom: tuple[str, date],
    members: list[tuple[Due, int, int]],
) -> None:
    """One payment to a payee for a liquidation day, reported by entry as well; it may come back."""
    payee, liquidated = whom
    on = teller.pay_day(liquidated)
    number = _number(story)
    _report(story, number, payee, members, on=on, status=_STATUS.get(group, ISSUED))
    if group == "rejected":
        story.payments[-1] = replace(story.payments[-1], reject_reason=NO_ACH)
    if group == "reissued":
        again = days.next_working(on + timedelta(days=14))
        _report(story, _number(story), payee, members, on=again, status=REISSUED)


def _report(
    story: Story,
    number: str,
    payee: str,
    members: list[tuple[Due, int, int]],
    *,
    on: date,
    status: str,
) -> None:
    for due, principal, interest in members:
        known = due.liquidated if due.accepted else None
        story.shares.append(Share(due.entry_number, payee, known, principal, interest, number, on, status))
    total = sum(principal + interest for _, principal, interest in members)
    story.payments.append(Payment(number, payee, on, status, total))


def _pools(teller: Teller, story: Story, dues: list[Due], pools: int) -> set[str]:
    """Some payee-and-day groups are paid in one sum that no report splits: whole, or all but one entry."""
    groups: dict[tuple[str, date], list[Due]] = {}
    for due in dues:
        groups.setdefault((due.payee, due.liquidated), []).append(due)
    pooled: set[str] = set()
    usable = [key for key, members in sorted(groups.items()) if 2 <= len(members) <= 14]
    teller.rng.shuffle(usable)
    for turn, key in enumerate(usable[:pools]):
        members = groups[key]
        pooled |= {due.entry_number for due in members}
        if turn % 3 == 1:
            _part(teller, story, members)
        else:
            _whole(teller, story, members)
    return pooled


def _whole(teller: Teller, story: Story, members: list[Due]) -> None:
    number = _number(story)
    total = sum(due.principal + teller.grown(due) for due in members)
    on = teller.pay_day(members[0].liquidated)
    story.payments.append(Payment(number, members[0].payee, on, ISSUED, total))
    story.pooled[number] = [due.entry_number for due in members]
    for due in members:
        story.fates[due.entry_number], story.outcomes[due.entry_number] = "pooled", "paid"


def _part(teller: Teller, story: Story, members: list[Due]) -> None:
    """All but one entry in the sum: that one is overdue. Where another set gives the sum, it is ambiguous."""
    amounts = {due.entry_number: due.principal + teller.grown(due) for due in members}
    left_out = members[-1].entry_number
    total = sum(amounts.values()) - amounts[left_out]
    ways = _ways(list(amounts.values()), total)
    number = _number(story)
    on = teller.pay_day(members[0].liquidated)
    story.payments.append(Payment(number, members[0].payee, on, ISSUED, total))
    inside = [one for one in amounts if one != left_out]
    (story.pooled if ways == 1 else story.ambiguous)[number] = inside
    for one in amounts:
        fate = "pooled" if one != left_out else "overdue"
        story.fates[one] = fate
        story.outcomes[one] = "paid" if one != left_out else "overdue"
        if ways > 1:
            story.outcomes[one] = "ambiguous?"


def _ways(amounts: list[int], total: int) -> int:
    """How many sets of the amounts add up to the total, counted sum by sum."""
    counts = {0: 1}
    for amount in amounts:
        for reached, ways in list(counts.items()):
            counts[reached + amount] = counts.get(reached + amount, 0) + ways
    return counts.get(total, 0)


def _number(story: Story) -> str:
    used = {payment.refund_number for payment in story.payments}
    return f"{story.prefix}{len(used) + 1:06d}"
