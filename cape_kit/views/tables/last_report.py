"""What became different since the last report, on the page: new, moved, lost, restated, paid, in dollars."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pandas as pd

from cape_kit.assessment.decisions import DISPOSITIONS
from cape_kit.filing import last_report
from cape_kit.filing.last_report import GONE, LOST, MOVED, NEW, SAME
from cape_kit.money import known_sum, plain, unknown_count
from cape_kit.views import markup, words
from cape_kit.views.markup import Html
from cape_kit.views.tables.table import Field, Table

if TYPE_CHECKING:
    from cape_kit.assessment.assess import Assessment
    from cape_kit.filing.last_report import Changes

_TITLE = "Since the last report"


def since_last(assessment: Assessment, folder: str | Path | None) -> Html:
    """What changed since the report in a folder, told and as a table; nothing where no folder is named. [cents]"""
    if not folder:
        return Html("", "")
    if last_report.read(Path(folder)) is None:
        return markup.paragraph(
            "Changes since the last report are not shown: the figures it kept can't be read."
        )
    found = last_report.changes(assessment, Path(folder))
    table = changes(found, assessment)
    told = _told(found, assessment)
    text = (
        f'<section class="since"><h2>{markup.safe(_TITLE)}</h2><p>{markup.safe(told)}</p>'
        f"{table._repr_html_() if len(table.frame) else ''}</section>"
    )
    return Html(text, f"{_TITLE}: {told}")


def changes(found: Changes, assessment: Assessment) -> Table:
    """A row per kind of change, with the dollars then and now; its totals are all entries, then and now. [cents]"""
    rows = found.summary
    same = found.table[found.table["kind"].eq(SAME)]
    frame = rows.assign(what=[_what(one) for one in rows.to_dict("records")])
    if len(frame) and len(same):
        sums = {name: known_sum(same[name]) for name in ("before_cents", "after_cents", "paid_cents")}
        last = pd.DataFrame([{"what": last_report.KINDS[SAME], "entries": len(same), **sums}])
        frame = pd.concat([frame, last], ignore_index=True)
    cents = ["before_cents", "after_cents", "paid_cents"]
    paid = (Field("paid_cents", "Paid since", "dollars"),) if found.table["paid_cents"].any() else ()
    return Table(
        frame[["what", "entries", *cents]],
        (
            Field("what", "What changed"),
            Field("entries", "Entries", "count"),
            Field("before_cents", f"IEEPA duty on {words.short_day(found.last.as_of)}", "dollars"),
            Field("after_cents", "IEEPA duty now", "dollars"),
            *paid,
        ),
        caption=f"What changed since {words.day(found.last.as_of)}",
        as_of=assessment.as_of,
        note=f"Source: the report as of {words.day(found.last.as_of)} and the files as they are now. "
        f"Paid: as CBP’s "
        "refund reports show it, with interest.",
        empty="Nothing changed.",
        total={
            "what": "All entries",
            "entries": len(found.table),
            **{name: known_sum(found.table[name]) for name in cents},
        },
    )


def _what(row: Mapping[Any, Any]) -> str:
    """A kind of change in words: where the entries were, and where they are."""
    kind, was, now = (
        str(row["kind"]),
        DISPOSITIONS.get(str(row["before"]), ""),
        DISPOSITIONS.get(str(row["after"]), ""),
    )
    name = last_report.KINDS[kind]
    if kind in (MOVED, LOST):
        return f"{name}: from “{was}”" + (f" to “{now}”" if kind == MOVED else "")
    return f"{name}: “{now or was}”"


def _told(found: Changes, assessment: Assessment) -> str:
    """The same in a sentence or two."""
    table = found.table
    told = []
    filed = table[table["after"].eq("filed") & table["before"].ne("filed")]
    for what, mine, column in (
        ("filed", filed, "after_cents"),
        ("new in the files", table[table["kind"].eq(NEW)], "after_cents"),
        ("no longer in the files", table[table["kind"].eq(GONE)], "before_cents"),
        ("lost: both windows have closed", table[table["kind"].eq(LOST)], "after_cents"),
    ):
        if len(mine):
            told.append(f"{words.entries(len(mine))} {what} ({_worth(mine[column])})")
    if paid := int(table["paid_cents"].sum()):
        told.append(f"{words.dollars(paid)} paid")
    days = (assessment.as_of - found.last.as_of).days
    start = f"Since the report of {words.day(found.last.as_of)}, {words.count(days, 'day')} ago: "
    moved = int((table["kind"].eq(MOVED) & ~table.index.isin(filed.index)).sum())
    others = (
        f"{words.entries(moved)} changed otherwise" if told else f"{words.entries(moved)} changed disposition"
    )
    told += [others] if moved else [] if told else ["no entry changed disposition"]
    then, now = (_worth(table[f"{end}_cents"], " ({})") for end in ("before", "after"))
    found_now = (
        f"IEEPA duty found: {then} then, {now} now."
        if then != now
        else f"IEEPA duty found is the same, {now}."
    )
    return start + "; ".join(told) + f". {found_now}"


def _worth(cents: pd.Series, left_out: str = ", {}") -> str:
    """The sum of what is known in words, and of how many entries it is not."""
    whole, left = plain(known_sum(cents)), unknown_count(cents)
    if whole is None:
        return "amount not known"
    return words.dollars(whole) + (left_out.format(words.not_known(left)) if left else "")
