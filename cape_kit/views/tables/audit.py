"""What CBP may find on the lines when it liquidates, and what it could set off: shown beside the refund.

The amounts are the audit's own; none of them is added to a refund or taken from one here.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

from cape_kit.assessment import audit, recalculated_summary
from cape_kit.money import known_sum, unknown_count
from cape_kit.views import markup, words
from cape_kit.views.tables.money import ON_CAPE
from cape_kit.views.tables.table import Field, Table, sheet
from cape_kit.views.tables.table import first as part_of

if TYPE_CHECKING:
    from cape_kit.assessment.assess import Assessment

#: Entries that a note names; a longer list is counted.
_NAMED = 3
_SURE = ("high", "medium", "low")
_ENDS = {
    recalculated_summary.REFUND: "Refund",
    recalculated_summary.BILL: "Bill",
    recalculated_summary.NOTHING: "Neither",
}
_KEYS = ["code", "title", "direction"]
_BESIDE = (
    "For information: these findings do not change any refund shown in this report. CBP no longer "
    "collects unpaid IEEPA duty, so only other underpaid duty can be set off."
)
_NOTHING_FOUND = (
    "None: on every line the duty matches its origin and entry date, as far as the law book covers them."
)
_NO_LINES = "The files hold no tariff line that could be checked against the rates for its date."


def line_findings(
    assessment: Assessment, *, found: pd.DataFrame | None = None, rows: int | None = None
) -> Table:
    """One row per check and direction: entries, lines, how far apart, what could be set off. [cents]

    What could be set off comes first, then what is furthest apart; a line is counted once in each row.
    `found`: what `audit.findings` gave, when at hand.
    """
    found = audit.findings(assessment) if found is None else found
    of_lines = found.drop_duplicates([*_KEYS, "entry_number", "line_number"])
    groups = found.groupby(_KEYS, sort=False)
    # A group in which no amount can be reckoned has no sum: it stays unknown.
    frame = groups[["amount_cents", "set_off_cents"]].sum(min_count=1)
    frame["entries"] = groups["entry_number"].nunique()
    frame["lines"] = of_lines.groupby(_KEYS, sort=False).size()
    frame["confidence"] = groups["confidence"].agg(_how_sure)
    first = found.assign(line_number=_numbered(found)).drop_duplicates(_KEYS).set_index(_KEYS)
    frame["example"] = [_place(one) for one in first.to_dict("records")]
    frame["why"] = first["why"].map(words.sentence)
    order = ["set_off_cents", "amount_cents", "lines"]
    told = Table(
        frame.reset_index().sort_values(order, ascending=False, kind="stable", ignore_index=True),
        (
            Field("title", "Finding", under="direction"),
            Field("entries", "Entries", "count"),
            Field("lines", "Lines", "count"),
            Field("amount_cents", "Difference", "dollars"),
            Field("set_off_cents", "Could be set off", "dollars"),
            Field("confidence", "Confidence"),
            Field("example", "Example", under="why"),
        ),
        caption="What CBP may find on the lines",
        as_of=assessment.filing_date,
        note=_BESIDE,
        empty=_why_none(assessment),
    )
    return part_of(told, rows, sheet("Line audit"))


def set_off(assessment: Assessment, *, found: pd.DataFrame | None = None) -> Table:
    """How entries end, refund, bill or neither, once what is fairly sure has been set off. [cents]

    All entries with readable lines, whatever may be done with them; the last column is those on CAPE now.
    `found`: what `audit.findings` gave, when at hand.
    """
    found = audit.findings(assessment) if found is None else found
    frame = audit.netting(assessment, line_findings=found)
    on_cape = frame["net_if_set_off_cents"].where(frame["disposition"].isin(ON_CAPE), 0)
    names = ["entries", "net_cents", "set_off_cents", "net_if_set_off_cents", "on_cape_cents"]
    sums = frame.assign(entries=1, on_cape_cents=on_cape).groupby("outcome")[names].sum()
    ends = sums.reindex(list(_ENDS), fill_value=0) if len(frame) else sums
    shown = ends.astype("int64").reset_index()
    shown.insert(1, "label", shown["outcome"].map(_ENDS))
    return Table(
        shown,
        (
            Field("label", "Result"),
            Field("entries", "Entries", "count"),
            Field("net_cents", "Net before set-off", "dollars"),
            Field("set_off_cents", "Set off", "dollars"),
            Field("net_if_set_off_cents", "Net after", "dollars"),
            Field("on_cape_cents", "Of which to file now", "dollars"),
        ),
        caption="Result by entry if CBP set off these findings",
        as_of=assessment.filing_date,
        note=f"{_netted(frame, assessment)} {_without_amount(found)}".strip(),
        total={"label": "All entries", **{name: int(shown[name].sum()) for name in names}},
        empty="No entry has tariff lines that could be read, so there is nothing to set off against.",
    )


def set_off_explained(assessment: Assessment) -> markup.Html:
    """Why less than the IEEPA duty may come back: short questions and answers, each with its source."""
    told = audit.explained(assessment.law)
    return markup.answers(
        [
            markup.Answer(one["question"], one["answer"], f"Source: {one['source']}")
            for one in told.to_dict("records")
        ]
    )


def audit_rows(assessment: Assessment, *, found: pd.DataFrame | None = None) -> Table:
    """Every finding of the line audit, by entry and line, for a sheet of its own. [cents]

    `found`: what `audit.findings` gave, when at hand.
    """
    found = audit.findings(assessment) if found is None else found
    return Table(
        found.assign(why=found["why"].map(words.sentence), line_number=_numbered(found)),
        (
            Field("entry_number", "Entry", "number_of_entry"),
            Field("line_number", "Line", "count"),
            Field("title", "Finding"),
            Field("direction", "Direction"),
            Field("heading", "Heading"),
            Field("programme", "Program"),
            Field("country", "Origin"),
            Field("value_cents", "Value", "dollars"),
            Field("paid_cents", "Paid", "dollars"),
            Field("expected_cents", "Expected", "dollars"),
            Field("amount_cents", "Difference", "dollars"),
            Field("set_off_cents", "Could be set off", "dollars"),
            Field("confidence", "Confidence"),
            Field("why", "Why"),
            Field("source", "Source"),
        ),
        caption="Line audit",
        as_of=assessment.filing_date,
        note=_BESIDE,
        empty=_why_none(assessment),
    )


def _why_none(assessment: Assessment) -> str:
    """No finding on lines that were looked at is not the same as no line to look at."""
    return _NOTHING_FOUND if assessment.portfolio.tariff_lines.num_rows else _NO_LINES


def _how_sure(told: pd.Series) -> str:
    """One word where all findings agree, else how many there are of each."""
    counts = told.value_counts()
    there = [word for word in _SURE if word in counts]
    return (
        there[0]
        if len(there) == 1
        else ", ".join(f"{counts[word]:,}\N{NO-BREAK SPACE}{word}" for word in there)
    )


def _numbered(found: pd.DataFrame) -> pd.Series:
    """Line numbers; unknown where the files have none, for which the audit's stand-in is below zero."""
    return found["line_number"].where(found["line_number"] >= 0)


def _place(one: dict[object, object]) -> str:
    """Where a finding stands: entry, line and heading, as far as there are any."""
    line = markup.told(one["line_number"])
    where = [markup.told(one["entry_number"]), f"line {line}" if line else "", markup.told(one["heading"])]
    return ", ".join(filter(None, where))


def _without_amount(found: pd.DataFrame) -> str:
    """Findings that could be set off and of which nobody can say how much: nothing is set off for them."""
    left = unknown_count(found["set_off_cents"])
    return f"Nothing is set off for {words.count(left, 'finding')} whose amount is not known." if left else ""


def _netted(frame: pd.DataFrame, assessment: Assessment) -> str:
    """What the net is, what is not in it, and how it stands to the IEEPA duty found."""
    doubtful, unread = int(frame["doubtful_cents"].sum()), len(assessment.figures) - len(frame)
    paid = int(known_sum(assessment.totals["principal_cents"].dropna()))
    apart = int(frame["net_cents"].sum()) - paid
    bills = frame.loc[frame["outcome"].eq(recalculated_summary.BILL), "entry_number"].tolist()
    more = f" and {words.count(len(bills) - _NAMED, 'more', 'more')}" if len(bills) > _NAMED else ""
    told = [
        "Net is the duty paid less the duty on the entry summary recalculated without its IEEPA lines: "
        "above zero it is refunded, below zero it is billed. Before interest, for every entry whatever "
        "its disposition. “Set off” is other duty found underpaid with high or medium confidence.",
        f"The net is {words.dollars(abs(apart))} {'less' if apart < 0 else 'more'} than the IEEPA duty "
        f"found, "
        f"{words.dollars(paid)}: normal duty that becomes due, or entries without lines."
        if apart
        else "",
        f"Bills: {', '.join(bills[:_NAMED])}{more}." if bills else "",
        f"A further {words.dollars(doubtful)} was found with low confidence and is not included."
        if doubtful
        else "",
        f"Left out: {words.entries(unread)} without lines that could be read." if unread else "",
    ]
    return " ".join(filter(None, told))
