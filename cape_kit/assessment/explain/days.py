"""The days of an entry in sentences: when it liquidates, and how each window runs."""

from __future__ import annotations

from datetime import date
from typing import Any

_STATES = {
    "open": "open",
    "due_soon": "open, ends soon",
    "closed": "closed",
    "not_open": "not begun",
    None: "not known",
}


def window(clock: dict[str, Any]) -> str:
    """A clock: its last day, what it is counted from, what is left of it, and if it ends on a day off."""
    start = "recorded" if clock["basis"] == "actual" else "expected"
    told = (
        f"last day {day(clock['last_day'])} ({_STATES[clock['state']]}), counted from the {start} liquidation"
    )
    told += f" on {day(clock['opens_on'])}"
    if clock["state"] in ("open", "due_soon"):
        left = clock["days_left"]
        told += f"; {left} {'day' if left == 1 else 'days'} left" if left else "; today is the last day"
    if clock["ends_on"] and clock["state"] != "closed":
        told += (
            f". It ends on a {clock['ends_on']}"
            if clock["ends_on"] in ("Saturday", "Sunday")
            else (f". It ends on a federal holiday ({clock['ends_on']})")
        )
        told += f"; the last working day before is {day(clock['business_day'])}"
    return told + "."


def endangered(plan: dict[str, Any]) -> str:
    """Why waiting for CAPE would cost the protest."""
    if plan["answer_by"] is None:
        return f"No day is known by which CAPE would take it; protest by {day(plan['protest_plan_day'])}."
    return (
        f"CBP's own range for an answer reaches to {day(plan['answer_by'])}, past the last working day to "
        f"protest, {day(plan['protest_plan_day'])}: do not wait beyond that day."
    )


def liquidation(told: dict[str, Any]) -> str:
    """When the entry was liquidated, or every day on which one might expect it."""
    if told["liquidated_on"]:
        first = f", first liquidated on {day(told['original_on'])}" if told["original_on"] else ""
        status = (told["status"] or "liquidated").capitalize()
        return f"{status} on {day(told['liquidated_on'])}{first}, as recorded."
    if told["stated_on"]:
        date_stands = (
            f"A liquidation date, {day(told['stated_on'])}, stands in the files without a status the kit"
        )
        return f"{date_stands} knows: the windows below are those it would give."
    if told["liquidated"] is None:
        return _not_known(told)
    if told["never"]:
        return "Entries of this type are not liquidated, so no window runs."
    status = f" ({told['status']})" if told["status"] not in (None, "unliquidated") else ""
    exported = f" in the export of {day(told['exported_on'])}" if told["exported_on"] else " in the files"
    said = f"Not liquidated{exported if told['maybe_on'] else ''}{status}."
    if told["maybe_on"]:
        said += _perhaps_since(told)
    elif told["expected_liquidation"]:
        how = {
            "scheduled": "as the files schedule it",
            "forecast": "by the usual cycle, which is practice and no law",
        }
        said += f" Expected on {day(told['expected_liquidation'])}, {how[told['liquidation_basis']]}."
    if told["after_withdrawals"]:
        said += " A warehouse entry is not liquidated before the last goods are withdrawn: it may be later."
    if told["history_middle"]:
        late = f", nine in ten by {day(told['history_late'])}" if told["history_late"] else ""
        said += (
            f" By this client's own history ({told['history_entries']} entries) half would be liquidated by "
            f"{day(told['history_middle'])}{late}."
        )
    if told["deemed_on"]:
        said += f" Unless extended or suspended, deemed liquidated on {day(told['deemed_on'])}."
    if told["extension_limit"]:
        said += f" No extension reaches beyond {day(told['extension_limit'])}."
    return said


def _perhaps_since(told: dict[str, Any]) -> str:
    if told["due_on"] and told["due_on"] < told["maybe_on"]:
        return f" Due on {day(told['due_on'])}; it may have been liquidated from {day(told['maybe_on'])} on."
    return f" Due on {day(told['maybe_on'])}, so it may have been liquidated since."


def open_protest(terms: dict[str, Any]) -> str:
    """What may still be done with a protest that is open."""
    return (
        f"CBP has {terms['decision_years']} years from its filing to decide it. If accelerated disposition "
        f"is asked for and CBP does nothing, it counts as denied {terms['accelerated_days']} days after the "
        f"request was mailed; after a denial there are {terms['suit_days']} days to sue. For counsel."
    )


def _not_known(told: dict[str, Any]) -> str:
    if told["status"] is not None:
        return f"{told['status'].capitalize()}, but the files do not say when."
    return "Not known from the files."


def day(iso: str) -> str:
    """A day as people write it, with its weekday: ``Mon, May 25, 2026``."""
    found = date.fromisoformat(iso)
    return f"{found:%a, %b} {found.day}, {found.year}"
