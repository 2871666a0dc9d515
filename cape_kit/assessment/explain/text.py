"""The story as a page of plain text, in the order a client asks: what now, by when, how much, says who."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from decimal import Decimal
from typing import Any

from cape_kit.entries import identifiers
from cape_kit.law.page import aligned as table
from cape_kit.law.page import labelled as row
from cape_kit.law.page import paragraph, section

# --- the days of an entry in sentences --------------------------------------------------------------------


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
        return f"No date is known by which CAPE would accept it; protest by {day(plan['protest_plan_day'])}."
    return (
        f"CBP's own range for a response extends to {day(plan['answer_by'])}, past the last working day to "
        f"protest, {day(plan['protest_plan_day'])}: do not wait beyond that day."
    )


def liquidation(dates: dict[str, Any]) -> str:
    """When the entry was liquidated, or every day on which one might expect it."""
    if dates["liquidated_on"]:
        first = f", first liquidated on {day(dates['original_on'])}" if dates["original_on"] else ""
        status = (dates["status"] or "liquidated").capitalize()
        return f"{status} on {day(dates['liquidated_on'])}{first}, as recorded."
    if dates["stated_on"]:
        date_stands = (
            f"A liquidation date, {day(dates['stated_on'])}, is in the files without a status that is"
        )
        return f"{date_stands} recognized: the windows below are those that date would give."
    if dates["liquidated"] is None:
        return _not_known(dates)
    if dates["never"]:
        return "Entries of this type are not liquidated, so no window runs."
    status = f" ({dates['status']})" if dates["status"] not in (None, "unliquidated") else ""
    exported = f" in the export of {day(dates['exported_on'])}" if dates["exported_on"] else " in the files"
    said = f"Not liquidated{exported if dates['maybe_on'] else ''}{status}."
    if dates["maybe_on"]:
        said += _perhaps_since(dates)
    elif dates["expected_liquidation"]:
        how = {
            "scheduled": "as scheduled in the files",
            "forecast": "on the usual cycle, which is practice, not law",
        }
        said += f" Expected on {day(dates['expected_liquidation'])}, {how[dates['liquidation_basis']]}."
    if dates["after_withdrawals"]:
        said += (
            " A warehouse entry is not liquidated before the last goods are withdrawn, so it may be later."
        )
    if dates["history_middle"]:
        late = f", nine in ten by {day(dates['history_late'])}" if dates["history_late"] else ""
        said += (
            f" By this client's own history ({dates['history_entries']} entries) half would be liquidated by "
            f"{day(dates['history_middle'])}{late}."
        )
    if dates["deemed_on"]:
        said += f" Unless extended or suspended, deemed liquidated on {day(dates['deemed_on'])}."
    if dates["extension_limit"]:
        said += f" No extension reaches beyond {day(dates['extension_limit'])}."
    return said


def _perhaps_since(dates: dict[str, Any]) -> str:
    if dates["due_on"] and dates["due_on"] < dates["maybe_on"]:
        return (
            f" Due on {day(dates['due_on'])}; it may have been liquidated on or after "
            f"{day(dates['maybe_on'])}."
        )
    return f" Due on {day(dates['maybe_on'])}, so it may have been liquidated since."


def open_protest(terms: dict[str, Any]) -> str:
    """What may still be done with a protest that is open."""
    return (
        f"CBP has {terms['decision_years']} years from its filing to decide it. If accelerated disposition "
        f"is asked for and CBP does nothing, it counts as denied {terms['accelerated_days']} days after the "
        f"request was mailed; after a denial there are {terms['suit_days']} days to sue. A question for "
        f"counsel."
    )


def _not_known(dates: dict[str, Any]) -> str:
    if dates["status"] is not None:
        return f"{dates['status'].capitalize()}, but the files do not say when."
    return "Not shown in the files."


def day(iso: str) -> str:
    """A day as people write it, with its weekday: ``Mon, May 25, 2026``."""
    found = date.fromisoformat(iso)
    return f"{found:%a, %b} {found.day}, {found.year}"


# --- the page ---------------------------------------------------------------------------------------------


_CLOCKS = {"cape": "CAPE window", "reliquidation": "CBP may reliquidate", "protest": "Protest window"}
#: Dispositions under which the duty comes back by itself once filed; elsewhere it is at stake.
_COMES_BACK = ("file", "file_deferred", "cure", "filed", "not_refundable")
_OUTCOMES = {
    "fail": "Blocks the entry",
    "unknown": "Not verified: the files do not show it",
    "pass": "Checked, and does not block the entry",
    "not_applicable": "Not applicable",
}
#: Columns by the names people use, where the column's own is none.
_NAMES = {
    "recon_flag": "Flagged for reconciliation",
    "recon_due_date": "Reconciliation due",
    "recon_entry_number": "Type 09 on file",
    "psc_flag": "Correction filed (PSC)",
    "protest_ieepa_only": "Protest on IEEPA only",
    "protest_afr": "Further review requested",
    "drawback_flag": "On a drawback claim",
    "adcvd_status": "AD/CVD case",
    "suspension_flag": "Suspension record",
    "injunction_flag": "Court injunction",
    "surety_paid_flag": "Paid by the surety",
    "notify_party": "Notify party (4811)",
    "claim_number": "CAPE claim",
    "claim_status": "CAPE claim status",
    "extracted_on": "Exported on",
}


def page(story: dict[str, Any]) -> str:
    """The whole page."""
    parts = [
        _head(story),
        section("What to do", _next(story)),
        section("Days", _days(story)),
        section("Money", _money(story)),
        section("CBP's checks", _checks(story)),
        section("What the files say", _facts(story)),
        section("Tariff lines", _lines(story)),
    ]
    doubts = list(_doubts(story))
    parts += [section("Unverified points, problems and disagreements", doubts)] if doubts else []
    parts.append(paragraph(_foot(story), indent=0))
    return "\n".join(parts)


def _spelt(number: str) -> str:
    """An entry's number as people write it; a masked one as it is."""
    if len(number) != identifiers.LENGTH or identifiers.entry_key(number) is None or " " in number:
        return number
    return f"Entry {number[:3]}-{number[3:10]}-{number[10:]}"


def _head(story: dict[str, Any]) -> str:
    number = story["entry_number"]
    title = f"{_spelt(number)}: {story['label']}"
    filed = "" if story["filing_date"] == story["as_of"] else f", filed on {day(story['filing_date'])}"
    told = f"{story['client']}, as of {day(story['as_of'])}{filed}."
    return "\n".join(
        [title, "=" * len(title), paragraph(told, indent=0), paragraph(story["reason"], indent=0), ""]
    )


def _next(story: dict[str, Any]) -> Iterable[str]:
    yield row("Next step", story["what_to_do"])
    if story["disposition"] != "claimed":
        for one in story["refusals"]:
            yield row("Refused before", _refusal(one, story["what_to_do"]))
    if story["facts_missing"]:
        yield row("Where to get it", story["facts_missing"])
    if story["act_by"]:
        yield row("Plan for", f"{day(story['act_by'])}: {story['act_by_what']}")
    if story["next_deadline"]:
        yield row("No later than", f"{day(story['next_deadline'])}: {story['next_deadline_what']}")
    steps = story["order_of_work"]
    if len(steps) > 1 or (steps and story["disposition"] == "held"):
        for one in steps:
            by = f", by {day(one['by'])}" if one["by"] else ""
            yield row(f"Step {one['step']}", f"{one['action']}{by}: {one['why']}. [{one['source']}]")
    plan = story["strategy"]
    if plan["first"]:
        yield row("Route", f"{_upper(plan['first'])}. In reserve: {plan['protects']}.")
    yield row("Authority", story["source"])


def _days(story: dict[str, Any]) -> Iterable[str]:
    filed = story["filing"]
    if filed["filed_on"]:
        claim = f", claim {filed['filed_claim']}" if filed["filed_claim"] else ", claim number not recorded"
        yield row(
            "Filed on CAPE",
            f"{day(filed['filed_on'])}{claim}; answer to be looked up by {day(filed['answer_by'])}.",
        )
    yield row("Liquidation", liquidation(story["liquidation"]))
    by_name = {clock["clock"]: clock for clock in story["clocks"] if clock["last_day"] is not None}
    nothing_runs = story["disposition"] == "not_refundable" or story["liquidation"]["never"]
    if not nothing_runs and (story["disposition"] != "claimed" or story["next_deadline"]):
        for name, title in _CLOCKS.items():
            if name in by_name and (story["disposition"] != "claimed" or name != "cape"):
                yield row(title, window(by_name[name]))
    plan = story["strategy"]
    if plan["waiting"] == "endangered" and story["disposition"] in ("file", "file_deferred", "cure", "held"):
        yield row("Waiting for CAPE", endangered(plan))
    if plan["denied_by"] and story["disposition"] == "protest":
        yield row(
            "After a protest",
            "Filed today with a request for accelerated disposition, it counts as denied on "
            f"{day(plan['denied_by'])} if CBP does nothing; a suit is possible until {day(plan['sue_by'])}.",
        )
    if plan["first"] == "the open protest":
        yield row("The open protest", open_protest(story["protest_terms"]))
    if plan["suit_last_day"]:
        yield row(
            "Suit without a protest",
            f"{story['suit_years']} years {plan['suit_reading']} end on {day(plan['suit_last_day'])}. "
            f"When they start to run is argued; this is the earliest reading. A question for counsel.",
        )


def _money(story: dict[str, Any]) -> Iterable[str]:
    told = story["money"]
    label = "IEEPA duty refundable" if story["disposition"] in _COMES_BACK else "IEEPA duty at stake"
    label = "IEEPA duty claimed" if story["disposition"] == "claimed" else label
    if told["principal"] is None:
        yield row(label, "not known; the reason above says what is missing")
        return
    yield row(label, f"{dollar(told['principal'])} ({told['confidence'] or 'nothing to refund'})")
    for one in story["by_heading"]:
        paid = "" if one["paid"] == one["principal"] else f" of {dollar(one['paid'])} on the row"
        yield row(f"  {one['heading']}", f"{dollar(one['principal'])}{paid}, {one['programme']}")
    if told["interest"] is not None and told["deposit_day"]:
        yield row(
            "Interest",
            f"{dollar(told['interest'])}, from {day(told['deposit_day'])} ({told['deposit_basis']}) to "
            f"{day(told['interest_until'])} ({told['interest_until_basis']}). {_whose_rate(told)}",
        )
    yield row("All duty on the entry", dollar(told["duty_paid"]))


def _checks(story: dict[str, Any]) -> Iterable[str]:
    for outcome, title in _OUTCOMES.items():
        mine = [one for one in story["rules"] if one["outcome"] == outcome]
        if not mine:
            continue
        claimed = outcome == "fail" and story["disposition"] in ("claimed", "filed")
        yield paragraph(f"{'Would block a second filing' if claimed else title}:")
        if outcome in ("pass", "not_applicable"):
            yield from _by_source(mine)
            continue
        for one in mine:
            yield row(one["code"], _check(one, outcome), indent=4, column=6)
    if story["unforeseen"]:
        yield paragraph("Only CBP's own computation can show:")
        for one in story["unforeseen"]:
            yield row(one["code"], f"“{one['official_text']}”. {one['meaning']}", indent=4, column=6)


def _by_source(rules: list[dict[str, Any]]) -> Iterable[str]:
    """What stands in no one's way, in short: the checks of one source together."""
    for source in dict.fromkeys(one["source"] for one in rules):
        titles = [f"{one['code']} {one['title']}" for one in rules if one["source"] == source]
        yield paragraph(f"{'; '.join(titles)}. [{source}]", indent=4)


def _whose_rate(amounts: dict[str, Any]) -> str:
    """At whose rate the interest is reckoned, and what the other would be."""
    nobody = ", which is not stated," if amounts["class_from"] == "assumed" else ""
    if amounts["importer_class"] == "corporate":
        other = dollar(amounts["interest_noncorporate"])
        return f"At the rate for corporations{nobody or ';'} at the rate for others {other}."
    other = dollar(amounts["interest_corporate"])
    return f"At the rate for others than corporations{nobody or ';'} at theirs {other}."


def _refusal(one: dict[str, Any], next_step: str) -> str:
    """What CBP answered, what cures it where the next step does not say so, and what becomes of the entry."""
    claim = f"on claim {one['claim_number']}" if one["claim_number"] else "on an earlier claim"
    said = (
        f"CBP answered “{one['error']}” {claim}"
        if one["error"]
        else f"{claim}, for a reason not in the files"
    )
    told = _upper(said) + (f" ({one['from']})." if one["from"] else ".")
    if one["ended_on"]:
        return (
            f"{told} CBP dropped that check after {day(one['ended_on'])}: it may pass on a new declaration."
        )
    if one["meaning"]:
        told += f" {one['meaning']}"
    if one["over"]:
        return f"{told} It no longer applies: {one['over']}."
    if one["cure"] and one["cure"] not in next_step:
        told += f" Cure: {one['cure']}"
    kept_out = " `cape-kit declare` leaves the entry out until the files show that corrected."
    return told + (kept_out if one["stands"] else "")


def _check(one: dict[str, Any], outcome: str) -> str:
    official = f" (CBP: “{one['official_text']}”)" if one["official_text"] else ""
    told = f"{one['title']}{official}."
    if outcome in ("fail", "unknown"):
        told += f" {one['meaning']}"
    if outcome == "fail":
        about = f" On this entry: {one['headings']}." if one["headings"] else ""
        told += f"{about} Cure: {one['cure']}"
    if outcome == "unknown":
        told += f" Resolved by: {one['settles']}."
    return f"{told} [{one['source']}]"


def _facts(story: dict[str, Any]) -> Iterable[str]:
    for one in story["found_in"]:
        sheet = f" [{one['sheet']}]" if one["sheet"] else ""
        rows = "1 row" if one["rows"] == 1 else f"{one['rows']} rows"
        lines = "; its tariff lines are taken from here" if one["lines_taken"] else ""
        yield row(
            "Found in", f"{one['file']}{sheet} from row {one['first_row']}, {rows} ({one['title']}){lines}"
        )
    common = _common(story["facts"])
    for one in story["facts"]:
        if one["value"] is not None:
            where = f" [{one['from']}]" if one["from"] and one["from"] != common else ""
            said = f" ({one['explained'].rstrip('.')})" if one["explained"] else ""
            yield row(_fact_name(one["fact"]), f"{_value(one['value'])}{said}{where}", column=28)
    empty = [_fact_name(one["fact"]) for one in story["facts"] if one["value"] is None]
    if empty:
        yield row("Not in the files", "; ".join(empty), column=28)


def _common(facts: list[dict[str, Any]]) -> str | None:
    """The place most facts come from: said once, by "Found in"."""
    places = [one["from"] for one in facts if one["from"]]
    return max(set(places), key=places.count) if places else None


def _lines(story: dict[str, Any]) -> Iterable[str]:
    if not story["lines"]:
        yield paragraph("No file has them.")
        return
    cells = [("line", "HTS number", "value", "duty", "IEEPA", "file and row")]
    for one in story["lines"]:
        kind = "" if one["heading"] is None else f"{one['programme']}, {one['kind']}"
        order = f"{one['line'] or '?'}.{one['ordinal'] or '?'}"
        cells.append((order, one["hts"] or "", dollar(one["value"]), dollar(one["duty"]), kind, one["from"]))
    yield table(cells, right=(2, 3))


def _doubts(story: dict[str, Any]) -> Iterable[str]:
    for one in story["caveats"]:
        # Open checks stand among CBP's checks, an earlier refusal beside the next step.
        if not one["title"].startswith("Not verified") and one["code"] != "refused":
            source = f" [{one['source']}]" if one["source"] else ""
            yield row("Doubt", f"{one['title']}. Resolved by: {one['settles']}.{source}")
    for one in story["problems"]:
        yield row("Note" if one["severity"] == "note" else "Problem", _problem(one))
    for one in story["conflicts"]:
        yield row(
            "Disagreement",
            f"{_fact_name(one['column'])}: {_value(one['taken'])} ({one['taken_from']}) was taken, "
            f"{_value(one['other'])} ({one['other_from']}) was not: {one['why']}.",
        )


def _problem(one: dict[str, Any]) -> str:
    place = f"{one['file']} row {one['row']}" if one["row"] else one["file"]
    where = f"{place}, {one['column']}" if one["column"] else place
    to_do = (one["what_to_do"] or "").strip()
    asks = bool(to_do) and not to_do.startswith("nothing")
    return f"{where}: {one['message']}." + (f" To do: {to_do.rstrip('.')}." if asks else "")


def _foot(story: dict[str, Any]) -> str:
    stale = f" {story['law_stale']}" if story["law_stale"] else ""
    return (
        f"Law book {story['law_version']}. An analysis from the client's own files, not legal advice.{stale}"
    )


def _fact_name(column: str) -> str:
    return _NAMES.get(column, _upper(column.replace("_", " ")))


def _upper(words: str) -> str:
    return words[:1].upper() + words[1:]


def _value(value: Any) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    text_ = str(value)
    try:
        return day(text_) if len(text_) == len("YYYY-MM-DD") else text_
    except ValueError:
        return text_


def dollar(amount: str | None) -> str:
    """An amount as people write it; unknown is said."""
    return "unknown" if amount is None else f"${Decimal(amount):,}"
