"""The IEEPA principal of each entry, heading by heading, from its tariff ordinals; and whether it bears such duty.

Never value times rate, never another 9903 family, never the entry totals a report repeats on each row. An entry
bears IEEPA duty: yes, where duty was paid, or stands unread, on a dutiable heading; no, only where the lines are all
there are and none of them can be IEEPA duty. Everything else is open: nothing a file can't show is taken for "no".
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from cape_kit.assessment.refund import frames, reducing
from cape_kit.assessment.refund.coded_lines import IEEPA, UNKNOWN, CodedLines, coded, headings_of
from cape_kit.assessment.refund.frames import CONFIDENCE
from cape_kit.entries import schema
from cape_kit.entries.readers import column_evidence
from cape_kit.entries.readers.other_columns import HEADING_NAMED
from cape_kit.few_values import small, spelt
from cape_kit.law.book import Law

# --- whether an entry bears IEEPA duty, and what leaves it open -------------------------------------------


#: What leaves it open, the first that holds; null where nothing does.
TWIN, NO_LINES, UNREGISTERED, NAMELESS, UNEXPLAINED, NOT_LISTED = (
    "mistyped number", "no lines", "unregistered number", "amount without a number", "column not understood",
    "not listed",
)  # fmt: skip
#: The same in the order in which they are asked; null is paid duty, which leaves nothing open.
_LEFT_OPEN = (TWIN, UNEXPLAINED, NO_LINES, None, UNREGISTERED, NAMELESS, UNEXPLAINED, NO_LINES, NOT_LISTED)


def with_bearing(
    facts: pd.DataFrame, entries: pd.DataFrame, unexplained: pd.DataFrame, beside: pd.Series
) -> pd.DataFrame:
    """The line facts of each entry with whether it bears IEEPA duty, row by row alike with the entries. [cents]

    Adds `bears_ieepa` (true, false, null), `bears_open` (why it is null), `stated_cents` (money the files
    state that may be IEEPA duty and is on no heading), `stated_as` (what stood there), `stated_otherwise` (a
    column beside the one read states other duty) and `liquidated_cents` (the duty it was liquidated with). The
    principal of an entry of which that is not known is not known. `unexplained`: cells about IEEPA duty in
    columns nobody understood, as the portfolio lists them; `beside`: the entries for which such a column names an
    IEEPA heading that none of their lines bears (`numbers_unread`).
    """
    stated = _stated(facts, unexplained)
    otherwise = _otherwise(facts, unexplained)
    complete = entries["lines_complete"].eq(True).fillna(False).to_numpy(dtype=bool)
    # Headings of which one takes back what another bears sum to nothing, and the entry bears duty all the same.
    paid = facts["ieepa_paid_cents"].ne(0).fillna(False) | facts["unread_duty"].gt(0).fillna(False)
    paid |= facts["principal_cents"].gt(0).fillna(False)
    place = np.select(
        [
            entries["twin_of"].notna().to_numpy(),
            facts["line_rows"].isna() & (stated["cells"] > 0),
            facts["line_rows"].isna(),
            paid,
            facts["unknown_duty_cents"].ne(0).fillna(False),
            facts["nameless_cents"].ne(0).fillna(False),
            (stated["cells"] > 0) | (otherwise & facts["has_ieepa_heading"].eq(True).fillna(False)),
            facts["no_numbers"].eq(True).fillna(False),
            ~facts["has_ieepa_heading"].eq(True).fillna(False).to_numpy(dtype=bool)
            & (~complete | facts["silent_lines"].eq(True).fillna(False).to_numpy(dtype=bool)),
        ],
        range(len(_LEFT_OPEN)),
        default=-1,
    )
    open_ = spelt(small(place, len(_LEFT_OPEN)), _LEFT_OPEN, facts.index)
    unknown = open_.notna().to_numpy()
    return facts.assign(
        bears_ieepa=pd.Series(
            pd.arrays.BooleanArray(paid.to_numpy(dtype=bool) & ~unknown, unknown), index=facts.index
        ),
        bears_open=open_,
        stated_cents=stated["cents"].astype("Int64").mask(stated["cents"].eq(0)),
        stated_as=stated["as"].astype("str"),
        stated_otherwise=otherwise,
        numbers_unread=facts["entry_number"].isin(set(beside)),
        liquidated_cents=_as_liquidated(facts, unexplained),
        principal_cents=facts["principal_cents"].mask(unknown),
        ieepa_paid_cents=facts["ieepa_paid_cents"].mask(unknown),
    )


def _otherwise(facts: pd.DataFrame, unexplained: pd.DataFrame) -> pd.Series:
    """Per entry, whether a column beside the one read states other duty: neither its IEEPA duty nor its whole."""
    if unexplained.empty:
        return pd.Series(False, index=facts.index)
    beside = unexplained[
        unexplained["about"].eq(schema.AGAIN)
        | (
            unexplained["about"].eq(schema.DUTY)
            & unexplained["column"].map(column_evidence.states_duty).astype(bool)
        )
    ]
    keys = ["entry_number", "file", "sheet", "column"]
    sums = beside.groupby(keys, dropna=False)["cents"].sum(min_count=1).reset_index().dropna(subset=["cents"])
    read = facts.set_index("entry_number")[["ieepa_paid_cents", "duty_paid_cents"]].reindex(
        sums["entry_number"]
    )
    same = [sums["cents"].eq(read[name].set_axis(sums.index)).fillna(False) for name in read.columns]
    return facts["entry_number"].isin(set(sums.loc[~same[0] & ~same[1], "entry_number"]))


def _as_liquidated(facts: pd.DataFrame, unexplained: pd.DataFrame) -> pd.Series:
    """Per entry, the duty it was liquidated with, as a column beside states it; null where none does. [cents]

    Amounts by line are added up; one that is the same on all rows may be the entry's, and counts once.
    """
    if unexplained.empty:
        return pd.Series(pd.NA, index=facts.index, dtype="Int64")
    told = unexplained[unexplained["about"].eq(schema.LIQUIDATED)].dropna(subset=["cents"])
    groups = told.groupby("entry_number")
    total = (
        groups["cents"]
        .sum(min_count=1)
        .where(groups.size() > 1, groups["cents"].first() // groups["rows"].first())
    )
    return total.reindex(facts["entry_number"]).set_axis(facts.index).astype("Int64")


def _stated(facts: pd.DataFrame, unexplained: pd.DataFrame) -> pd.DataFrame:
    """Per entry, money on rows without a number and in columns nobody understood; how many cells of these."""
    nameless = facts["nameless_cents"].astype("Int64").fillna(0)
    if unexplained.empty:
        told = {"cents": nameless, "cells": 0, "as": pd.Series(None, index=facts.index, dtype="str")}
        return pd.DataFrame(told)
    groups = unexplained[unexplained["about"] == schema.DUTY].groupby("entry_number")
    again = unexplained[unexplained["about"] == schema.AGAIN].groupby("entry_number")
    shown = [one["column"].first() + ": " + one["value"].first() for one in (groups, again)]
    by_entry = pd.DataFrame(
        {
            "cents": groups["cents"].sum(),
            "cells": groups.size(),
            "as": shown[0].reindex(shown[0].index.union(shown[1].index)).fillna(shown[1]),
        }
    ).reindex(facts["entry_number"])
    by_entry.index = facts.index
    cents = by_entry["cents"].astype("Int64").fillna(0) + nameless
    return by_entry.assign(cents=cents, cells=by_entry["cells"].fillna(0).astype("int64"))


# --- the principal ----------------------------------------------------------------------------------------


__all__ = ["CONFIDENCE", "Lines", "coded", "per_entry", "reduce_lines", "refund_lines"]


@dataclass(frozen=True)
class Lines:
    """The tariff lines reduced to what the entry level needs.

    `per_entry` has one row per entry that has lines; `per_heading` one per entry and dutiable IEEPA heading
    on which duty was paid or could not be read.
    """

    per_entry: pd.DataFrame
    per_heading: pd.DataFrame


def reduce_lines(lines: CodedLines, entries: pd.DataFrame, law: Law) -> Lines:
    """All tariff lines of a portfolio, reduced to entries and headings in passes over sorted arrays. [cents]

    `lines`: the portfolio's, as `coded` makes them. Numbers match the heading registry exactly, with or without the
    padding ``00`` some exports add.
    Source: ``headings.csv`` of the law book, each row with its own.
    """
    known = reducing.registered(law)
    found = reducing.by_heading(lines, reducing.normal_duty(lines), known, entries["entry_date"])
    return Lines(frames.entries(lines, found, known), frames.headings(lines, found, known))


def refund_lines(lines: Lines) -> pd.DataFrame:
    """One row per entry and dutiable heading: what was paid, what comes back, how sure that is. [cents]

    Columns: entry_number, heading, programme, country, paid_cents, normal_cents (normal duty that an all-in
    row holds and that stays owed), principal_cents, confidence, why (it is not exact), settles (what would).
    """
    return lines.per_heading


def per_entry(
    lines: Lines, entries: pd.DataFrame, unexplained: pd.DataFrame | None = None, law: Law | None = None
) -> pd.DataFrame:
    """Line facts and principal, one row per entry of the portfolio, in its order; no lines gives nulls.

    With them whether the entry bears IEEPA duty, and what leaves that open; see `bearing`. [cents]
    """
    cells = schema.empty("unexplained") if unexplained is None else unexplained
    beside = pd.Series(dtype="str") if law is None else _numbered_beside(lines, cells, law)
    return with_bearing(_in_order(lines, entries), entries, cells, beside)


def _numbered_beside(lines: Lines, unexplained: pd.DataFrame, law: Law) -> pd.Series:
    """The entries for which a column nobody understood names an IEEPA heading on which their lines bear no duty."""
    cells = unexplained[unexplained["about"].eq(schema.DUTY) & unexplained["cents"].isna()]
    texts = {cell: HEADING_NAMED.findall(cell) for cell in cells["value"].dropna().unique()}
    texts = {cell: found for cell, found in texts.items() if found}
    if not texts:
        return pd.Series(dtype="str")
    named = cells[["entry_number"]].assign(number=cells["value"].map(texts)).explode("number").dropna()
    named["number"] = named["number"].str.replace(r"\D", "", regex=True)
    known = headings_of(named["number"].unique(), law).set_index("hts")
    known = known[known["family"].isin([IEEPA, UNKNOWN])]
    named = named[named["number"].isin(known.index)]
    borne = pd.MultiIndex.from_frame(lines.per_heading[["entry_number", "heading"]])
    asked = pd.MultiIndex.from_arrays([named["entry_number"], named["number"].map(known["heading"])])
    return named.loc[~asked.isin(borne), "entry_number"]


def _in_order(lines: Lines, entries: pd.DataFrame) -> pd.DataFrame:
    """The reduced lines in the order of the entries."""
    facts, numbers = lines.per_entry, entries["entry_number"]
    if len(facts) == len(numbers) and (facts["entry_number"].array == numbers.array).all():
        return facts.assign(entry_number=numbers.array)
    index = pd.Index(numbers, name="entry_number")
    return facts.set_index("entry_number").reindex(index).reset_index()
