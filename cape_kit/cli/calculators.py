"""The calculators for the phone call: `heading`, `windows`, `interest`, `entry-number`."""

from __future__ import annotations

import json
from datetime import date, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from cape_kit.cli.arguments import DAY, LAW, or_today

if TYPE_CHECKING:
    from cape_kit.assessment.interest import Accrual
    from cape_kit.law.book import Law
    from cape_kit.law.headings import HeadingAnswer

AS_JSON = click.option("--json", "as_json", is_flag=True, help="For programs: the shape in the README.")

#: Words people type where there is no number; the law book answers them under "postal".
_POSTAL = ("postal", "post", "mail", "de minimis", "de-minimis")

_STATUS = {
    "in_force": "IEEPA {kind}",
    "gap": "IEEPA {kind}, superseded, rows of that day may still show it",
    "not_yet": "IEEPA heading, not yet in force",
    "ended": "IEEPA heading, no longer in force",
    "unknown": "number in the IEEPA range that is not in the registry",
    "not_ieepa": "not IEEPA",
}
_STATES = {"not_open": "not open yet", "open": "open", "due_soon": "open, due soon", "closed": "closed"}


@click.command()
@click.argument("hts")
@click.option("--on", type=DAY, help="Entry date. Default: today, and the output says so.")
@LAW
@AS_JSON
def heading(hts: str, on: date | None, own_law: Path | None, as_json: bool) -> None:
    """Look up an HTS number: program, rate, duty or exception, with its source.

    HTS may be written with or without dots, and with a trailing 00. For duty on mail and low-value parcels use: postal.

    \b
    Examples:
      cape-kit heading 9903.01.24 --on 2025-11-10
      cape-kit heading postal
    """
    from cape_kit.law import book, headings, page

    law = book.load(folder=own_law)
    if hts.strip().lower() in _POSTAL:
        told = {"hts": "postal", "answers": page.answers(law, "postal")}
        click.echo(json.dumps(told, ensure_ascii=False) if as_json else page.answers_text(law, "postal"))
        return
    headings.normalise(hts)
    answer = headings.look_up(law, hts, or_today(on, "--on"))
    if as_json:
        keys = ("hts", "on", "is_ieepa", "kind", "programme", "rate_pct", "source")
        click.echo(json.dumps({key: _text(getattr(answer, key)) for key in keys}))
        if answer.warning:
            click.echo(answer.warning, err=True)
    else:
        click.echo(_heading_page(law, answer))


@click.command()
@click.option("--liquidated", type=DAY, required=True, help="Date of liquidation or reliquidation.")
@click.option(
    "--as-of", type=DAY, help="Date from which days left are counted. Default: today, and the output says so."
)
@LAW
@AS_JSON
def windows(liquidated: date, as_of: date | None, own_law: Path | None, as_json: bool) -> None:
    """Calculate the CAPE, reliquidation and protest windows from a liquidation date.

    \b
    Example:
      cape-kit windows --liquidated 2026-09-03 --as-of 2026-11-22
    """
    from cape_kit.assessment import timeline
    from cape_kit.law import book

    law, day = book.load(folder=own_law), or_today(as_of)
    clocks = timeline.clocks_on(law, liquidated, day)
    if as_json:
        plain = {clock: {key: _text(value) for key, value in told.items()} for clock, told in clocks.items()}
        click.echo(json.dumps(plain))
    else:
        click.echo(_windows_page(law, liquidated, day, clocks))
    _tell_stale(law, day)


@click.command()
@click.option("--principal", required=True, metavar="AMOUNT", help="Dollars, such as 12250 or 12,250.00.")
@click.option("--deposited", type=DAY, required=True, help="Date the duty was deposited.")
@click.option("--until", type=DAY, required=True, help="Date of liquidation or reliquidation.")
@click.option(
    "--importer-class", type=click.Choice(["corporate", "non_corporate"]), help="Default: the law book's."
)
@click.option(
    "--day-count",
    type=click.Choice(["start", "end"]),
    help="Which day bears interest: the deposit day (start) or the liquidation day (end). Default: the "
    "law book's.",
)
@LAW
@AS_JSON
def interest(
    principal: str,
    deposited: date,
    until: date,
    importer_class: str | None,
    day_count: str | None,
    own_law: Path | None,
    as_json: bool,
) -> None:
    """Calculate the interest on a refund, day by day at the published rates, to the cent.

    \b
    Example:
      cape-kit interest --principal 12250 --deposited 2025-04-15 --until 2026-06-30
    """
    from cape_kit import money
    from cape_kit.assessment import interest as room
    from cape_kit.errors import Usage
    from cape_kit.law import book

    amount = money.parse(principal)
    if amount < 0:
        raise Usage(f"The principal is '{principal}'; give dollars and cents, zero or more.")
    if until < deposited:
        raise Usage(f"--until {until} is before --deposited {deposited}; interest runs from the deposit.")
    law = book.load(folder=own_law)
    named, counted = room.choices(law, importer_class, day_count)
    cents = money.to_cents(amount)
    accrual = room.accrue(cents, deposited, until, law, importer_class=named, day_count=counted)
    if as_json:
        click.echo(json.dumps(accrual_as_dict(accrual)))
    else:
        click.echo(f"Class {named}, day count {counted} (interest {deposited} to {until})\n")
        click.echo(_interest_page(law, accrual))
    _tell_stale(law, until)


@click.command("entry-number")
@click.argument("numbers", nargs=-1, required=True, metavar="NUMBER...")
@AS_JSON
def entry_number(numbers: tuple[str, ...], as_json: bool) -> None:
    """Check entry numbers and their check digits; exit 1 when one is not valid.

    \b
    Example:
      cape-kit entry-number B76-0324527-8 31625093146
    """
    from cape_kit.entries import identifiers
    from cape_kit.law import book, page

    found = [identifiers.normalise_entry_number(number) for number in numbers]
    if as_json:
        keys = ("input", "normalised", "valid", "problem")
        click.echo(json.dumps([{key: getattr(one, key) for key in keys} for one in found], indent=1))
    else:
        rows = [("input", "entry number", "valid", "remark")]
        rows += [(o.input, o.normalised or "-", "yes" if o.valid else "NO", o.problem or "") for o in found]
        click.echo(page.aligned(rows, indent=0))
        click.echo(f"\nSource: {book.load().cite('catair-app-e')}")
    if not all(one.valid for one in found):
        raise click.exceptions.Exit(1)


def accrual_as_dict(accrual: Accrual) -> dict[str, Any]:
    """An accrual for programs: amounts in dollars and rates as decimal text."""
    from cape_kit import money

    dollars = {
        "principal": accrual.principal_cents,
        "interest": accrual.interest_cents,
        "total": accrual.principal_cents + accrual.interest_cents,
    }
    return {
        **{name: str(money.to_dollars(cents)) for name, cents in dollars.items()},
        "days": accrual.days,
        "segments": [
            {
                "first_day": segment.first_day.isoformat(),
                "last_day": segment.last_day.isoformat(),
                "days": segment.days,
                "rate": str(segment.rate),
            }
            for segment in accrual.segments
        ],
    }


def _heading_page(law: Law, answer: HeadingAnswer) -> str:
    from cape_kit.law import page

    what = _STATUS[answer.status].format(kind=f"{answer.kind} heading" if answer.kind else "heading")
    rate = f", {answer.rate_pct}%" if answer.rate_pct is not None else ""
    rows = [
        ("entry date", answer.on.isoformat()),
        ("programme", answer.programme),
        ("measure", answer.measure),
        ("authority", answer.authority),
        ("country", answer.country),
        ("in force", "; ".join(_periods(law, answer)) or None),
        ("note", answer.note),
        ("WARNING", answer.warning),
        ("source", f"{answer.source}" + (f" (confidence {answer.confidence})" if answer.confidence else "")),
    ]
    told = [page.labelled(label, text, column=12) for label, text in rows if text]
    return "\n".join([f"{answer.heading}: {what}{rate}", *told])


def _periods(law: Law, answer: HeadingAnswer) -> list[str]:
    found = law.headings_by_number.get(answer.hts, ())
    return [f"{row.first_day} to {row.last_day or 'open'} at {row.rate_pct}%" for row in found]


def _windows_page(law: Law, liquidated: date, day: date, clocks: dict[str, Any]) -> str:
    from cape_kit.law import page, workdays

    rows = [("window", "last day", "", "business day", "days left", "state", "source")]
    for clock, told in clocks.items():
        last = told["last_day"]
        source = law.cite(law.value(f"window.{clock}", day).source).split("; ")[0]
        rows.append(
            (
                clock,
                f"{last} {last:%a}",
                f"day {(last - liquidated).days}",
                str(workdays.on_or_before(last)),
                str(told["days_left"]),
                _STATES[told["state"]],
                source,
            )
        )
    plan = workdays.on_or_before(liquidated + timedelta(days=int(law.value("alert.plan_day", day).value)))
    cured = "a rejected file must be corrected and resubmitted"
    notes = [
        f"Plan to file on CAPE by {plan}{' (already past)' if plan < day else ''}: {cured}.",
        "The whole of the last day counts. “business day” is the working day on or before it: a reminder, "
        "not a rule.",
        "CBP's own authority runs from the first liquidation, even if the entry has since been reliquidated.",
    ]
    opening = f"Liquidated {liquidated}, {(day - liquidated).days} days before {day}"
    return "\n".join([opening, "", page.aligned(rows, right=(4,)), "", *map(page.paragraph, notes)])


def _interest_page(law: Law, accrual: Accrual) -> str:
    from cape_kit import money
    from cape_kit.law import page

    total = accrual.principal_cents + accrual.interest_cents
    amounts = [("principal", accrual.principal_cents), ("interest", accrual.interest_cents), ("total", total)]
    lines = [page.aligned([(name, money.show(cents)) for name, cents in amounts], right=(1,)), ""]
    if accrual.segments:
        rows = [("from", "to", "days", "rate", "source")]
        for segment in accrual.segments:
            quarter = next(r for r in law.contents.rates if r.first_day <= segment.first_day <= r.last_day)
            rate = f"{(segment.rate * 100).normalize():f}%"
            days = (str(segment.first_day), str(segment.last_day), str(segment.days))
            doubt = "" if quarter.confidence == "high" else f" (confidence {quarter.confidence})"
            rows.append((*days, rate, law.cite(quarter.source) + doubt))
        lines.append(page.aligned(rows, right=(2, 3)))
    lines.append(
        f"  {accrual.days} days, compounded daily, rounded once. [{law.cite('usc-19-1505; usc-26-6622')}]"
    )
    return "\n".join(lines)


def _text(value: Any) -> Any:
    return value.isoformat() if isinstance(value, date) else value


def _tell_stale(law: Law, as_of: date) -> None:
    for one in law.own_rows:
        click.echo(f"Your own law, {one['what']}: {one['told']} [{one['source']}]", err=True)
    stale = law.stale(as_of)
    if stale:
        click.echo(stale, err=True)
