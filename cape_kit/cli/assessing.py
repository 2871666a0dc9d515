"""`assess`: a client's entries decided on a day."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from cape_kit.cli.clients import AS_OF, CLIENT, FILING, KNOWN, assessed

if TYPE_CHECKING:
    from cape_kit.assessment.assess import Assessment

#: What --json tells of each entry, beside its amounts.
TEXTS = (
    *("entry_number", "disposition", "reason", "source", "what_to_do", "blocking_rules", "facts_missing"),
    *("next_deadline_what", "entry_type", "liquidation_status", "liquidation_basis", "confidence"),
)
DAYS = (
    "cape_last_day",
    "protest_last_day",
    "next_deadline",
    "entry_date",
    "liquidation_date",
    "interest_until",
)


@click.command()
@CLIENT
@AS_OF
@FILING
@KNOWN
@click.option("--entry", "entry_number", help="Only this entry.")
@click.option("--json", "as_json", is_flag=True, help="For programs: the shape documented in the README.")
def assess(
    client: Path,
    as_of: date | None,
    filing_date: date | None,
    known_on: date | None,
    entry_number: str | None,
    as_json: bool,
) -> None:
    """Decide every entry of CLIENT on a day: what may be done with it, why, and by when.

    \b
    Example:
      cape-kit assess data/sample/harbor-lane --as-of 2026-05-05
    """
    assessment = assessed(client, as_of, filing_date=filing_date, known_on=known_on)
    if entry_number is not None:
        click.echo(_entry_page(assessment, entry_number))
    elif as_json:
        click.echo(json.dumps(as_dict(assessment), indent=1))
    else:
        click.echo(_page(assessment))
    if (assessment.problems["severity"] == "error").any():
        raise click.exceptions.Exit(1)


def as_dict(assessment: Assessment) -> dict[str, Any]:
    """The assessment as other programs read it; amounts are decimal strings in dollars."""
    totals = assessment.totals.to_dict("records")
    table = assessment.table
    frame = table[[*TEXTS, *DAYS]].copy()
    frame["importer_number"] = _masked(table["importer_number"])
    for column in DAYS:
        frame[column] = frame[column].dt.strftime("%Y-%m-%d")
    for name in ("principal", "interest"):
        frame[name] = _dollars(table[f"{name}_cents"])
    frame["days_left"] = table["cape_days_left"].astype("object")
    entries = frame.astype("object").where(frame.notna(), None).to_dict("records")
    problems = assessment.problems.astype("object").where(assessment.problems.notna(), None)
    return {
        "client": assessment.client.name,
        "as_of": assessment.as_of.isoformat(),
        "filing_date": assessment.filing_date.isoformat(),
        "law_known_on": (assessment.law.known_on or assessment.law.checked_on).isoformat(),
        "law_version": assessment.law.version,
        "law_stale": assessment.law.stale(assessment.as_of),
        "totals": {
            row["disposition"]: {
                "entries": row["entries"],
                "principal": _amount(row["principal_cents"]),
                "interest": _amount(row["interest_cents"]),
            }
            for row in totals
        },
        "entries": entries,
        "caveats": assessment.caveats.to_dict("records"),
        "problems": problems.to_dict("records"),
    }


def _page(assessment: Assessment) -> str:
    from cape_kit import money

    lines = [
        f"{assessment.client.name}: {len(assessment.table):,} entries as of {assessment.as_of}",
        "",
        f"{'':28}{'entries':>9}{'principal':>20}{'interest':>18}",
    ]
    for row in assessment.totals.to_dict("records"):
        amounts = f"{money.show(row['principal_cents']):>20}{money.show(row['interest_cents']):>18}"
        lines.append(f"{row['label']:28}{row['entries']:>9,}{amounts}")
    for caveat in assessment.caveats.to_dict("records"):
        lines.append(f"! {caveat['title']}: {caveat['entries']:,} entries; settled by {caveat['settles']}")
    stale = assessment.law.stale(assessment.as_of)
    lines += [f"! {stale}"] if stale else []
    counts = assessment.problems["severity"].value_counts()
    told = ", ".join(f"{count:,} {severity}s" for severity, count in counts.items()) or "none"
    lines += [
        "",
        f"Problems in the files: {told}. Disagreements between files: {len(assessment.conflicts):,}.",
    ]
    return "\n".join(lines)


def _entry_page(assessment: Assessment, entry_number: str) -> str:
    from cape_kit import money
    from cape_kit.assessment.decisions import DISPOSITIONS
    from cape_kit.entries import identifiers
    from cape_kit.errors import Usage

    number = identifiers.normalise_entry_number(entry_number).normalised or entry_number
    found = assessment.table[assessment.table["entry_number"] == number]
    if found.empty:
        raise Usage(f"{entry_number} is in none of {assessment.client.name}'s files")
    row = found.iloc[0]
    lines = [
        f"{number}: {DISPOSITIONS[row['disposition']]}",
        f"  {row['reason']}",
        f"  Next: {row['what_to_do']}",
        f"  Authority: {row['source']}",
        f"  Principal {money.show(int(row['principal_cents'] or 0))}",
        f"  From {row['source_file']}, row {row['source_row']}",
        "",
    ]
    findings = assessment.findings[assessment.findings["entry_number"] == number]
    lines += [
        f"  {one['rule']} {one['outcome']:15} {one['official_text']}" for one in findings.to_dict("records")
    ]
    return "\n".join(lines)


def _amount(cents: int) -> str:
    from cape_kit import money

    return str(money.to_dollars(cents))


def _dollars(cents: Any) -> Any:
    """A column of cents as decimal strings; unknown stays unknown."""
    known = cents.dropna()
    texts = {value: _amount(int(value)) for value in known.unique()}
    return cents.astype("object").map(texts)


def _masked(numbers: Any) -> Any:
    from cape_kit.entries import identifiers

    return numbers.map({number: identifiers.mask_importer(number) for number in numbers.dropna().unique()})
