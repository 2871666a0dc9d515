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
    if clock["ends_on"]:
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
    if told["liquidated"] is None:
        return "Not known from the files."
    status = f" ({told['status']})" if told["status"] not in (None, "unliquidated") else ""
    said = f"Not liquidated{status}."
    if told["expected_liquidation"]:
        how = {
            "scheduled": "as the files schedule it",
            "forecast": "by the usual cycle, which is practice and no law",
        }
        said += f" Expected on {day(told['expected_liquidation'])}, {how[told['liquidation_basis']]}."
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


def day(iso: str) -> str:
    """A day as people write it, with its weekday: ``Mon, May 25, 2026``."""
    found = date.fromisoformat(iso)
    return f"{found:%a, %b} {found.day}, {found.year}"
