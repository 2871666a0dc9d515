"""Who imports what, from where and through whom: the IEEPA duty of a portfolio split each way people ask."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from cape_kit.money import known_sum, plain
from cape_kit.views import words
from cape_kit.views.tables.money import labels, not_counted, refund_lines
from cape_kit.views.tables.table import Field, Table

if TYPE_CHECKING:
    from cape_kit.assessment.assess import Assessment

#: Bars a reader can take in at a glance; smaller parts stand together as one.
PARTS = 8
REST = "all others"
_LINES = "duty on IEEPA headings in the client’s entry summary lines, without interest"


def by_programme(assessment: Assessment, *, parts: int = PARTS) -> Table:
    """IEEPA duty by program and disposition, largest first. [cents]"""
    return _split(assessment, refund_lines(assessment)["programme"], ("Program", "programme"), parts)


def by_origin(assessment: Assessment, *, parts: int = PARTS) -> Table:
    """IEEPA duty by country of origin and disposition, largest first. [cents]"""
    shown = refund_lines(assessment)["country"].map(words.country, na_action="ignore").astype("str")
    known = shown.where(shown.fillna("").ne(""), "not stated")
    return _split(assessment, known, ("Country of origin", "origin"), parts)


def by_filer(assessment: Assessment) -> Table:
    """IEEPA duty by the filer of the entry and disposition, largest first. [cents]"""
    names = {one.filer_code: one.name for one in assessment.client.brokers if one.name}
    codes = _of_entry(assessment, "filer_code").fillna("not stated")
    return _split(assessment, codes.map(lambda code: _named(code, names)), ("Filer", "filer"))


def by_month(assessment: Assessment) -> Table:
    """IEEPA duty by the month of entry and disposition, every month between the first and last. [cents]"""
    lines = refund_lines(assessment)
    month = _of_entry(assessment, "entry_date").dt.to_period("M")
    cents = lines["principal_cents"].dropna()
    sums = cents.groupby([month, lines["disposition"]]).sum().unstack(fill_value=0)
    if len(sums):
        sums = sums.reindex(pd.period_range(sums.index.min(), sums.index.max(), freq="M"), fill_value=0)
    sums = sums.reindex(columns=list(labels(assessment)), fill_value=0).astype("int64")
    starts = pd.PeriodIndex(sums.index, freq="M").to_timestamp() if len(sums) else []
    shown = labels(assessment)
    return Table(
        sums.reset_index(drop=True).assign(month=pd.Series(starts, dtype="datetime64[s]")),
        (
            Field("month", "Month of entry", "day"),
            *(Field(key, shown[key], "dollars") for key in sums.columns if sums[key].any()),
        ),
        caption="IEEPA duty by month of entry",
        as_of=assessment.filing_date,
        note=f"{_source(assessment)} {_no_month(lines, month)}".strip(),
        empty="The files show no IEEPA duty that could be counted.",
        labels=shown,
    )


def _no_month(lines: pd.DataFrame, month: pd.Series) -> str:
    """What stands in no month: duty of entries whose date of entry is not known."""
    cents = plain(known_sum(lines.loc[month.isna(), "principal_cents"]))
    left = lines.loc[month.isna(), "entry_number"].nunique()
    if not left:
        return ""
    worth = "" if cents is None else f", {words.dollars(cents)}"
    return f"In no month: {words.entries(left)} whose date of entry is not known{worth}."


def coverage(assessment: Assessment) -> Table:
    """Entries by filer and month of entry, every month between the first and last; gaps are zeros.

    A broker of client.toml without any entry is a row of zeros: its data are missing, or it filed nothing.
    """
    table = assessment.table
    month, undated = table["entry_date"].dt.to_period("M"), int(table["entry_date"].isna().sum())
    counts = table.groupby([table["filer_code"].fillna("?"), month]).size().unstack(fill_value=0)
    if counts.shape[1]:
        months = pd.period_range(counts.columns.min(), counts.columns.max(), freq="M")
        counts = counts.reindex(columns=months, fill_value=0)
    brokers = assessment.client.brokers
    names = {one.filer_code: one.name for one in brokers if one.name}
    order = [*counts.index, *sorted({one.filer_code for one in brokers} - set(counts.index))]
    counts = counts.reindex(order, fill_value=0).astype("int64")
    starts = list(pd.PeriodIndex(counts.columns, freq="M").to_timestamp())
    frame = counts.set_axis([f"{start:%Y-%m}" for start in starts], axis=1)
    frame.insert(0, "filer", [_named(code, names) for code in order])
    return Table(
        frame.reset_index(drop=True),
        (
            Field("filer", "Filer"),
            *(
                Field(name, f"{words.month(start.month)} {start.year}", "count")
                for name, start in zip(frame.columns[1:], starts, strict=True)
            ),
        ),
        caption="Entries in the files, by filer and month of entry",
        as_of=assessment.filing_date,
        note="A month without entries may mean no imports or a missing file."
        + (f" In no month: {words.entries(undated)} without a date of entry." if undated else ""),
        empty="The files hold no entry that could be read.",
    )


def _split(assessment: Assessment, part: pd.Series, named: tuple[str, str], parts: int = PARTS) -> Table:
    """Dollars by part and disposition, the largest parts first and the smallest together; `named`: heading, column."""
    heading, name = named
    lines = refund_lines(assessment)
    totals = lines["principal_cents"].groupby(part).sum(min_count=1)
    totals = totals.sort_values(ascending=False, kind="stable")
    kept = totals.index[: parts + 1 if len(totals) == parts + 1 else parts]
    shown = part.where(part.isin(kept), REST)
    sums = lines["principal_cents"].groupby([shown, lines["disposition"]]).sum(min_count=1)
    frame = sums.rename_axis([name, "disposition"]).reset_index()
    place = {key: rank for rank, key in enumerate([*kept, REST])}
    rank = {key: at for at, key in enumerate(labels(assessment))}
    order = np.lexsort((frame["disposition"].map(rank), frame[name].map(place)))
    return Table(
        frame.iloc[order].reset_index(drop=True),
        (
            Field(name, heading),
            Field("disposition", "Disposition", "disposition"),
            Field("principal_cents", "IEEPA duty", "dollars"),
        ),
        caption=f"IEEPA duty by {heading.lower()} and disposition",
        as_of=assessment.filing_date,
        note=_source(assessment),
        empty="The files show no IEEPA duty that could be counted.",
        labels=labels(assessment),
    )


def _of_entry(assessment: Assessment, column: str) -> pd.Series:
    """A fact of the entry beside each of its refund lines."""
    known = assessment.table.set_index("entry_number")[column]
    lines = refund_lines(assessment)
    return known.reindex(lines["entry_number"]).set_axis(lines.index)


def _named(code: str, names: dict[str, str]) -> str:
    return f"{names[code]} ({code})" if code in names else str(code)


def _source(assessment: Assessment) -> str:
    return f"Source: {_LINES}. As of {words.day(assessment.filing_date)}. {not_counted(assessment)}".strip()
