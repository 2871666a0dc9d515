"""The first page's to-do list: what to do first, by when, for how much, and what is missing for it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import pandas as pd

from cape_kit.entries import kept, schema
from cape_kit.entries.portfolio import files
from cape_kit.money import known_sum, plain, unknown_count
from cape_kit.views import markup, words
from cape_kit.views.markup import Html
from cape_kit.views.tables.money import ON_CAPE
from cape_kit.views.tables.readiness import BROKER, OPEN, readiness

if TYPE_CHECKING:
    from cape_kit.assessment.assess import Assessment

#: What is done with the entries of which dispositions, told as an order.
ORDERS = {
    "File on CAPE": ON_CAPE,
    "Protest": ("protest",),
    "Cure, then file": ("cure",),
    "Find the missing data": ("undetermined",),
    "Check CBP's response to what was filed": ("filed",),
    "Have counsel decide on protective protests": ("claimed",),
    "Have counsel review final entries": ("final",),
}
#: The same orders as decisions of whoever signs.
_DECIDE = {
    "File on CAPE": "Approve the CAPE filing",
    "Protest": "Approve the protests",
    "Cure, then file": "Complete the cures, then file",
    "Find the missing data": "Send the missing data",
    "Have counsel decide on protective protests": "Refer the protective protests to counsel",
    "Have counsel review final entries": "Refer the final entries to counsel",
}
#: Decisions a reader can take in a minute.
_FEW = 3
_NUMBERS = {1: "one decision", 2: "two decisions", 3: "three decisions"}
#: Told only of entries with a day still to come: the others wait for nobody.
_COUNSEL = (("claimed",), ("final",))
#: Planned for the day by which an answer should be known, not for the last day the law leaves.
_WATCHED = ("filed",)
#: Without a day of its own such an entry may still be the most urgent.
_UNKNOWN = ("undetermined",)
#: Without a day of its own a protest is on file already and only kept.
_KEPT = ("protest",)
#: Importers and brokers whose open items are told on the first page.
_WHOSE = 2


class Step(NamedTuple):
    """One thing to do: until when, the order, what is said of it, its disposition, its worth (None: not known). [cents]

    `now`: no day can be given, so none may be taken for far off.
    """

    day: pd.Timestamp | None
    order: str
    told: str
    tone: str = ""
    cents: int | None = 0
    now: bool = False

    @property
    def head(self) -> str:
        """The order and its day."""
        if self.now:
            return f"{self.order} now"
        return self.order if self.day is None else f"{self.order} by {words.day(self.day)}"


def first_steps(assessment: Assessment) -> Html:
    """What to do first, the soonest day on top; then what holds up money and has no day. [cents]"""
    if assessment.table.empty:
        steps = [Step(None, "Get files that can be read", "see “Data problems” for what is wrong with each.")]
        return _shown(steps)
    steps = sorted(_steps(assessment), key=_soonest)
    steps += _unread(assessment) + [step._replace(day=None) for step in _open_items(assessment)]
    return _shown(steps)


def decisions(assessment: Assessment) -> Html:
    """What is needed from whoever decides: at most three things, those worth most, the soonest first. [cents]"""
    steps = [step._replace(order=_DECIDE.get(step.order, step.order)) for step in _steps(assessment)]
    worth = sorted([*steps, *_open_items(assessment)], key=_dearest)[:_FEW]
    chosen = sorted(worth, key=_soonest)
    if not chosen:
        return Html("", "")
    title = f"What we need from you: {_NUMBERS[len(chosen)]}"
    items = "".join(
        f"<li><strong>{markup.safe(step.head)}.</strong> {markup.safe(step.told)}</li>" for step in chosen
    )
    text = f'<div class="first decisions"><h2>{title}</h2><ol>{items}</ol></div>'
    return Html(text, f"{title}: " + " ".join(f"{step.head}. {step.told}" for step in chosen))


@kept
def _steps(assessment: Assessment) -> tuple[Step, ...]:
    table = assessment.table[_READ]
    told = [
        (_unanswered if keys == _UNKNOWN else _step)(assessment, table, order, keys)
        for order, keys in ORDERS.items()
    ]
    return tuple(step for step in told if step)


def _soonest(step: Step) -> tuple[bool, pd.Timestamp]:
    return step.day is None and not step.now, step.day or pd.Timestamp(0)


def _dearest(step: Step) -> tuple[bool, int]:
    """What is worth most first; of what is not known nobody can say that it is worth less."""
    return (False, 0) if step.cents is None else (True, -step.cents)


def _unread(assessment: Assessment) -> list[Step]:
    """Files that were not read, each to be had in a form that can be: what they hold is in no figure."""
    told = files.told_not_read(assessment.portfolio)
    return [
        Step(
            None, f"Get {name} in a readable form", f"{holds}; see “Data problems” for what is wrong with it."
        )
        for name, holds in told[:_WHOSE]
    ]


def _shown(steps: list[Step]) -> Html:
    if not steps:
        return Html("", "")
    items = "".join(
        f"<li><strong>{markup.chip(step.tone, step.head)}:</strong> {markup.safe(step.told)}</li>"
        for step in steps
    )
    text = f'<div class="first"><h2>Do first</h2><ul>{items}</ul></div>'
    return Html(text, "Do first: " + " ".join(f"{step.head}: {step.told}" for step in steps))


_READ = ["disposition", "next_deadline", "act_by", "principal_cents", "stated_cents", "filed_on"]


def _step(assessment: Assessment, table: pd.DataFrame, order: str, keys: tuple[str, ...]) -> Step | None:
    """The entries of some dispositions as one order, with the first of their days that is still to come."""
    today = pd.Timestamp(assessment.filing_date)
    mine = table[table["disposition"].isin(keys)]
    if keys == _WATCHED:
        return _watched(mine, order) if len(mine) else None
    ahead = mine[mine["next_deadline"].ge(today).fillna(False)]
    kept = ""
    if keys in _COUNSEL:
        mine = ahead
        if mine.empty:
            return None
    if keys == _KEPT:
        others = mine.drop(ahead.index)
        mine = ahead
        if len(others):
            kept = f" A further {_stake(others)} already protested: keep those protests."
    if mine.empty:
        return Step(None, "Keep the protests on file", f"{_stake(others)}.", keys[0]) if kept else None
    whole, worth = _stake(mine), _worth(mine)
    if ahead.empty:
        return Step(None, order, f"{whole}.", keys[0], worth)
    day = ahead["next_deadline"].min()
    soonest = ahead[ahead["next_deadline"].eq(day)]
    far = words.days_left(words.until(day, assessment.filing_date))
    plan = _plan(soonest, day, today) if keys == ON_CAPE else ""
    if len(soonest) == len(mine):
        return Step(day, order, f"{whole} ({far}).{plan}{kept}", keys[0], worth)
    few = f"{words.count(len(soonest))} of them{_amount(soonest)}"
    said = f"{whole}; for {few}, that is the last day ({far}).{plan}{kept}"
    return Step(day, order, said, keys[0], worth)


def _unanswered(
    assessment: Assessment, table: pd.DataFrame, order: str, keys: tuple[str, ...]
) -> Step | None:
    """Entries without an answer; where some have no known deadline, that one is near can't be ruled out."""
    mine = table[table["disposition"].isin(keys)]
    ahead = mine[mine["next_deadline"].ge(pd.Timestamp(assessment.filing_date)).fillna(False)]
    if len(ahead) == len(mine):
        return _step(assessment, table, order, keys)
    of = "their deadline" if ahead.empty else f"the deadline of {words.count(len(mine) - len(ahead))} of them"
    told = f"{_stake(mine)}; {of} can’t be known without it."
    if len(ahead):
        told += f" The first known one is {words.day(ahead['next_deadline'].min())}."
    return Step(None, order, told, keys[0], _worth(mine), now=True)


def _watched(mine: pd.DataFrame, order: str) -> Step:
    """Entries filed that wait for an answer: by when to look it up, and the protest day of those that have one."""
    protest = mine["next_deadline"].min()
    told = f"{_stake(mine)}, filed {words.day(mine['filed_on'].min())}"
    told += " and later" if mine["filed_on"].nunique() > 1 else ""
    told += f". The first protest deadline among them is {words.day(protest)}." if pd.notna(protest) else "."
    return Step(mine["act_by"].min(), order, told, _WATCHED[0])


def _plan(soonest: pd.DataFrame, day: pd.Timestamp, today: pd.Timestamp) -> str:
    """The day to plan the declaration for, where it is still ahead and comes before the last one."""
    plan = soonest["act_by"].min()
    return (
        f" Plan to file on {words.day(plan)}, so that a rejected file can be corrected and resubmitted."
        if today <= plan < day
        else ""
    )


def _stake(entries: pd.DataFrame) -> str:
    stated = plain(known_sum(entries["stated_cents"]))
    said = f", {words.dollars(stated)} stated in the files" if stated else ""
    return f"{words.entries(len(entries))}{_amount(entries)}{said}"


def _amount(entries: pd.DataFrame) -> str:
    """The duty that is known of some entries, and of how many it is not."""
    cents, left = plain(known_sum(entries["principal_cents"])), unknown_count(entries["principal_cents"])
    if cents is None:
        return ", amount not known"
    return f", {words.dollars(cents)}" + (f" (amount not known for {left:,})" if left else "")


def _worth(entries: pd.DataFrame) -> int | None:
    """What is at stake: the duty calculated, or stated where none could be; None for neither. [cents]"""
    return plain(known_sum(entries["principal_cents"].fillna(entries["stated_cents"])))


@kept
def _open_items(assessment: Assessment) -> tuple[Step, ...]:
    """Who is known not to be ready, the costliest first: what is open, the money that waits, and its first window.

    Then those of whom nobody knows what waits.
    """
    frame = readiness(assessment).frame
    frame = frame.astype({"cents": "Int64"})
    frame = frame[frame["state"].eq(OPEN) & frame["cents"].ne(0).fillna(True)]
    whose = schema.gathered(
        frame.groupby("who", sort=False),
        items=("item", "; ".join),
        cents=("cents", "max"),
        day=("day", "min"),
    ).reset_index()
    known = whose["cents"].notna()
    costly = whose[known].sort_values("cents", ascending=False, kind="stable").head(_WHOSE)
    chosen = [*costly.to_dict("records"), *whose[~known].head(_WHOSE).to_dict("records")]
    return tuple(_open_item(one) for one in chosen)


def _open_item(one: dict[Any, Any]) -> Step:
    cents = plain(one["cents"])
    waits = "What depends on it is not known." if cents is None else f"{words.dollars(cents)} depends on it."
    whole = one["items"] == BROKER
    order = f"Get the full export of {one['who']}" if whole else f"Complete for {one['who']}"
    day = None if pd.isna(one["day"]) else one["day"]
    return Step(
        day, order, waits if whole else f"{one['items']}. {waits}", cents=0 if cents is None else cents
    )
