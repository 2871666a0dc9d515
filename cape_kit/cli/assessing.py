"""`assess`: a client's entries decided on a day."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from cape_kit.cli.arguments import (
    AS_OF,
    CLIENT,
    DAY,
    FILING,
    KNOWN,
    LAW,
    LAYOUTS,
    OUT,
    SCENARIO,
    DayOrExtract,
    assessed,
    nothing_beside,
)
from cape_kit.cli.json_shape import as_dict, dollars, records, save

if TYPE_CHECKING:
    from cape_kit.assessment.assess import Assessment

#: Options that say how entries are decided, whatever of it is shown.
_DECIDE = ("as_of", "filing_date", "known_on", "own_law", "layouts", "scenario")


@click.command()
@CLIENT
@AS_OF
@FILING
@KNOWN
@LAW
@LAYOUTS
@SCENARIO
@click.option("--entry", "entry_number", help="Full explanation of this entry, for a client to read.")
@click.option("--since", type=DAY, help="What changed between that date and the as-of date, and why.")
@click.option(
    "--since-report",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    help="What changed since the report in that folder, such as reports/acme/2026-05-05.",
)
@OUT
@click.option("--json", "as_json", is_flag=True, help="For programs: the shape documented in the README.")
def assess(
    client: Path,
    as_of: DayOrExtract | None,
    filing_date: date | None,
    known_on: date | None,
    own_law: Path | None,
    scenario: str | None,
    entry_number: str | None,
    since: date | None,
    since_report: Path | None,
    out: Path | None,
    as_json: bool,
) -> None:
    """Decide every entry of CLIENT as of a date: its disposition, why, and the deadline.

    \b
    Example:
      cape-kit assess data/sample/harbor-lane --as-of 2026-05-05
      cape-kit assess data/sample/harbor-lane --as-of 2026-05-05 --entry HK7-1015838-5
      cape-kit assess data/sample/harbor-lane --as-of 2026-06-29 --since 2026-05-05
      cape-kit assess data/clients/acme --as-of 2026-06-29 --since-report reports/acme/2026-05-05
      cape-kit assess data/sample/harbor-lane --as-of 2026-05-05 --scenario file_in_30_days
    """
    if since is not None and since_report is not None:
        raise click.UsageError(
            "--since uses the same files on an earlier date, --since-report an earlier report; give one "
            "of them."
        )
    if entry_number is not None:
        nothing_beside("entry_number", *_DECIDE, "as_json")
    assessment = assessed(
        client, as_of, filing_date=filing_date, known_on=known_on, scenario=scenario, own_law=own_law
    )
    if entry_number is not None:
        # A story under a scenario must say so, whoever reads it.
        click.echo("\n".join([*_assumed(assessment), *_own_law(assessment), ""]), nl=False, err=as_json)
        click.echo(_entry(assessment, entry_number, as_json=as_json))
        return
    if out is not None:
        _save(assessment, out)
    if since is not None:
        click.echo(_changes(assessment, since, as_json=as_json))
    elif since_report is not None:
        click.echo(_since_report(assessment, since_report, as_json=as_json))
    elif as_json:
        click.echo(json.dumps(as_dict(assessment), indent=1))
    elif out is None:
        click.echo(_page(assessment))
    if (assessment.problems["severity"] == "error").any():
        raise click.exceptions.Exit(1)


def _save(assessment: Assessment, out: Path) -> None:
    from cape_kit.filing import csv_out

    for path in save(assessment, csv_out.place(out, assessment.client.folder)):
        click.echo(str(path), err=True)


def _page(assessment: Assessment) -> str:
    from cape_kit import money

    lines = [
        f"{assessment.client.name}: {_entries(len(assessment.table))} as of {assessment.as_of}",
        *_assumed(assessment),
        *_own_law(assessment),
        "",
        f"{'':28}{'entries':>9}{'principal':>20}{'interest':>18}",
    ]
    for row in assessment.totals.to_dict("records"):
        interest = _DASH if _unreckoned(row) else money.told(row["interest_cents"])
        amounts = f"{money.told(row['principal_cents']):>20}{interest:>18}"
        lines.append(f"{row['label']:28}{row['entries']:>9,}{amounts}{_left_out(row)}")
    for caveat in assessment.caveats.to_dict("records"):
        lines.append(f"! {caveat['title']}: {_entries(caveat['entries'])}; resolved by {caveat['settles']}")
    for said in assessment.asserted[assessment.asserted["settled"] > 0].to_dict("records"):
        by = f" by {said['by']}" if said["by"] else ""
        lines.append(f"* Asserted{by}: {said['says']}; applies to {_entries(said['settled'])}")
    stale = assessment.law.stale(assessment.as_of)
    lines += [f"! {stale}"] if stale else []
    counts = assessment.problems["severity"].value_counts()
    told = ", ".join(f"{count:,} {severity}s" for severity, count in counts.items()) or "none"
    lines += [
        "",
        f"Problems in the files: {told}. Disagreements between files: {len(assessment.conflicts):,}.",
    ]
    return "\n".join(lines)


#: Where no interest is reckoned, because it is paid elsewhere or there is no duty.
_DASH = "-"


def _unreckoned(row: dict[Any, Any]) -> bool:
    from cape_kit import money

    return money.plain(row["interest_cents"]) is None and not row["interest_unknown"]


def _left_out(row: dict[Any, Any]) -> str:
    """Of how many entries an amount is in no sum of the row; nothing where every one is."""
    principal, interest = row["principal_unknown"], row["interest_unknown"]
    if not principal and not interest:
        return ""
    parts = {"principal": principal, "interest": interest}
    if principal == interest:
        parts = {"principal and interest": principal}
    said = "; ".join(f"{name} not known for {_entries(count)}" for name, count in parts.items() if count)
    return f"  ! {said}"


def _assumed(assessment: Assessment) -> list[str]:
    """What the scenario takes for granted, a line each; nothing without one."""
    from cape_kit.assessment import scenarios

    if assessment.scenario is None:
        return []
    head = f"What if {assessment.scenario.name}, filed on {assessment.filing_date}. It assumes:"
    return [
        head,
        *(
            f"~ {told}"
            for told in scenarios.assumptions(assessment.scenario, assessment.law, assessment.filing_date)
        ),
    ]


def _own_law(assessment: Assessment) -> list[str]:
    """What the user's own folder of law adds to the book or closes in it, a line each."""
    own = assessment.law.own_rows
    return [f"§ Your own law, {one['what']}: {one['told']} [{one['source']}]" for one in own]


def _entry(assessment: Assessment, entry_number: str, *, as_json: bool) -> str:
    """One entry's whole story."""
    from cape_kit.assessment import explain

    if as_json:
        return json.dumps(explain.story(assessment, entry_number), indent=1, ensure_ascii=False)
    return explain.explain(assessment, entry_number)


def _changes(assessment: Assessment, first: date, *, as_json: bool) -> str:
    """What changed since an earlier day, grouped, with the entries; or as data."""
    from cape_kit import money
    from cape_kit.assessment import since
    from cape_kit.assessment.decisions import DISPOSITIONS

    found = since.changes(assessment, first)
    days = f"{first} to {assessment.filing_date}"
    if as_json:
        rows = found.table.drop(columns="principal_cents").assign(
            principal=dollars(found.table["principal_cents"])
        )
        told: dict[str, Any] = {
            "client": assessment.client.name,
            "since": first.isoformat(),
            "data": "the same files",
        }
        told |= {"until": assessment.filing_date.isoformat(), "changes": records(rows)}
        return json.dumps(told, indent=1)
    lines = [
        f"{assessment.client.name}: {_entries(len(found.table))} changed from {days}; the same files",
        "",
    ]
    for group in found.summary.to_dict("records"):
        lines.append(
            f"{DISPOSITIONS[group['before']]} -> {DISPOSITIONS[group['after']]}, because {group['why']}: "
            f"{_entries(group['entries'])}, {money.told(group['principal_cents'])}{_of_some(group)}"
        )
        same = (
            found.table[["before", "after", "why"]] == [group[n] for n in ("before", "after", "why")]
        ).all(axis=1)
        lines += [f"  {row['entry_number']}  {row['what']}" for row in found.table[same].to_dict("records")]
    return "\n".join(lines)


def _of_some(group: dict[Any, Any]) -> str:
    """That a sum leaves some entries out; nothing where it has all, or none."""
    count = group["principal_unknown"]
    return f"; not known for {_entries(count)}" if 0 < count < group["entries"] else ""


def _since_report(assessment: Assessment, folder: Path, *, as_json: bool) -> str:
    """What changed since an earlier report, with the entries; or as data."""
    from cape_kit import money
    from cape_kit.assessment.decisions import DISPOSITIONS
    from cape_kit.filing import last_report
    from cape_kit.views import tables

    found = last_report.changes(assessment, folder)
    moved = found.table[found.table["kind"].ne(last_report.SAME) | found.table["paid_cents"].ne(0)]
    if as_json:
        names = ("before", "after", "paid")
        rows = moved.drop(columns=[f"{name}_cents" for name in names])
        rows = rows.assign(**{f"{name}_dollars": dollars(moved[f"{name}_cents"]) for name in names})
        days = {"since": found.last.as_of.isoformat(), "until": assessment.as_of.isoformat()}
        told = {"client": assessment.client.name, **days, "changes": records(rows)}
        return json.dumps(told, indent=1)
    lines = [f"{assessment.client.name}. {tables.since_last(assessment, folder).words}", ""]
    for row in moved.astype("object").where(moved.notna(), None).to_dict("records"):
        paid = f", {money.show(row['paid_cents'])} paid" if row["paid_cents"] else ""
        cents = row["before_cents" if row["kind"] == last_report.GONE else "after_cents"]
        amount = "amount not known" if cents is None else money.show(cents)
        ends = dict.fromkeys(one for one in (row["before"], row["after"]) if one)
        places = " -> ".join(DISPOSITIONS[one] for one in ends)
        lines.append(f"  {row['entry_number']}  {last_report.KINDS[row['kind']]}: {places}, {amount}{paid}")
    return "\n".join(lines)


def _entries(count: int) -> str:
    return f"{count:,} {'entry' if count == 1 else 'entries'}"
