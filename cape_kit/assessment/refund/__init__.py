"""The IEEPA principal of each entry, heading by heading, from its tariff ordinals.

Never value times rate, never another 9903 family, never the entry totals a report repeats on each row.
"""

from __future__ import annotations

from dataclasses import dataclass

import duckdb
import numpy as np
import pandas as pd
import pyarrow as pa

from cape_kit.law.book import Law

#: How sure an amount is, from best to worst.
CONFIDENCE = ("exact", "upper bound", "incomplete")


@dataclass(frozen=True)
class Lines:
    """The tariff lines reduced to what the entry level needs.

    `per_entry` has one row per entry that has lines; `per_heading` one per entry and IEEPA heading.
    """

    per_entry: pd.DataFrame
    per_heading: pd.DataFrame


def reduce_lines(tariff_lines: pa.Table, entries: pd.DataFrame, law: Law) -> Lines:
    """All tariff lines of a portfolio, reduced in one engine to entries and headings. [cents]

    Numbers match the heading registry exactly, with or without the padding ``00`` some exports add.
    Source: ``headings.csv`` of the law book, each row with its own.
    """
    with duckdb.connect() as engine:
        engine.register("lines", tariff_lines)
        engine.register("registry", _registry(law))
        engine.register("dates", entries[["entry_number", "entry_date"]])
        engine.execute(_IEEPA_ROWS)
        per_heading = engine.execute(_PER_HEADING).df()
        all_in = engine.execute(_ALL_IN).df()
        per_entry = engine.execute(_PER_ENTRY).df()
    return Lines(_entry_facts(per_entry), _principal(per_heading, all_in))


def refund_lines(lines: Lines) -> pd.DataFrame:
    """One row per entry and dutiable heading: what was paid, what comes back, how sure that is. [cents]"""
    found = lines.per_heading
    dutiable = found[(found["kind"] == "duty") & (found["paid_cents"].fillna(0) != 0) | found["unread"].gt(0)]
    dutiable = dutiable[dutiable["kind"] == "duty"]
    columns = [
        "entry_number",
        "heading",
        "programme",
        "country",
        "paid_cents",
        "principal_cents",
        "confidence",
    ]
    return dutiable[columns].sort_values(["entry_number", "heading"], ignore_index=True)


def per_entry(lines: Lines, entries: pd.DataFrame) -> pd.DataFrame:
    """Line facts and principal, one row per entry of the portfolio, in its order; no lines gives nulls."""
    found = lines.per_heading
    duty = found[found["kind"] == "duty"]
    grouped = duty.groupby("entry_number", sort=False)
    sums = pd.DataFrame(
        {
            "ieepa_paid_cents": grouped["paid_cents"].sum(min_count=0).astype("Int64"),
            "principal_cents": grouped["principal_cents"].sum(min_count=0).astype("Int64"),
            "unread_duty": grouped["unread"].sum(),
            "confidence": grouped["confidence_rank"].max().map(dict(enumerate(CONFIDENCE))),
        }
    )
    largest = duty.sort_values("paid_cents", ascending=False, kind="stable").drop_duplicates("entry_number")
    sums = sums.join(largest.set_index("entry_number")[["programme"]])
    every = found.groupby("entry_number", sort=False)
    marks = pd.DataFrame(
        {
            "has_ieepa_heading": True,
            "outside_dates": every["outside_dates"].any(),
            "in_gap": every["in_gap"].any(),
            "duty_on_exception": every["duty_on_exception"].any(),
            "ended_headings": found[found["outside_dates"]].groupby("entry_number")["heading"].agg(", ".join),
        }
    )
    index = pd.Index(entries["entry_number"], name="entry_number")
    facts = lines.per_entry.set_index("entry_number").join([marks, sums]).reindex(index)
    has_lines = facts["line_rows"].notna()
    for column in ("ieepa_paid_cents", "principal_cents", "unread_duty"):
        facts[column] = facts[column].astype("Int64").fillna(0).mask(~has_lines)
    for column in ("has_ieepa_heading", "outside_dates", "in_gap", "duty_on_exception"):
        facts[column] = facts[column].astype("boolean").fillna(False).mask(~has_lines)
    return facts.reset_index()


def _registry(law: Law) -> pd.DataFrame:
    columns = ["heading", "hts8", "programme", "kind", "first_day", "last_day", "gap_last_day", "all_in"]
    registry = law.headings[columns].copy()
    for column in ("first_day", "last_day", "gap_last_day"):
        registry[column] = pd.to_datetime(registry[column])
    return registry


def _entry_facts(per_entry: pd.DataFrame) -> pd.DataFrame:
    for column in ("line_rows", "duty_paid_cents", "goods_value_cents"):
        per_entry[column] = per_entry[column].astype("Int64")
    per_entry["value_on_chapter_99"] = per_entry["value_on_chapter_99"].astype("boolean")
    return per_entry


def _principal(per_heading: pd.DataFrame, all_in: pd.DataFrame) -> pd.DataFrame:
    found = per_heading.merge(all_in, on=["entry_number", "heading"], how="left")
    paid = found["paid_cents"].astype("Int64")
    is_all_in = found["all_in"].astype(bool)
    normal_known = found["normal_known"].astype("boolean").fillna(False).to_numpy(dtype=bool)
    normal = found["normal_cents"].astype("Int64").fillna(0)
    # Never a negative refund by estimate: where the normal duty exceeds the row, nothing comes back.
    net = (paid - normal).clip(lower=0)
    found["principal_cents"] = paid.where(~(is_all_in & normal_known), net).fillna(0)
    rank = np.select(
        [found["unread"].gt(0).to_numpy(), (is_all_in & ~normal_known).to_numpy()], [2, 1], default=0
    )
    found["paid_cents"] = paid.fillna(0)
    found["confidence_rank"] = rank
    found["confidence"] = pd.Series(rank, index=found.index).map(dict(enumerate(CONFIDENCE)))
    return found


# Chapter 99 numbers come with eight digits, or ten when an export pads them with "00".
_IEEPA_ROWS = """
create temp table ieepa as
with keyed as (
    select *, case when length(hts) = 10 and hts like '99%00' then left(hts, 8) else hts end as hts8
    from lines where hts like '9903%'
)
select keyed.* from keyed where hts8 in (select distinct hts8 from registry)
"""

_PER_HEADING = """
with summed as (
    select entry_number, hts8, sum(duty_cents) as paid_cents,
           count(*) filter (duty_cents is null) as unread,
           coalesce(bool_or(duty_cents > 0), false) as any_duty,
           first(country_of_origin order by line_number, ordinal) as country
    from ieepa group by entry_number, hts8
), dated as (
    select summed.*, entry_date from summed left join dates using (entry_number)
), named as (
    select hts8, any_value(heading) as heading, any_value(programme) as programme, any_value(kind) as kind,
           bool_or(all_in) as all_in, min(first_day) as first_day, max(last_day) as last_day,
           max(coalesce(gap_last_day, last_day)) as tolerated_day
    from registry group by hts8
)
select entry_number, heading, programme, kind, all_in, paid_cents, unread, country,
       coalesce(entry_date < first_day or entry_date > tolerated_day, false) as outside_dates,
       coalesce(entry_date > last_day and entry_date <= tolerated_day, false) as in_gap,
       kind = 'exception' and any_duty as duty_on_exception
from dated join named using (hts8)
order by entry_number, heading
"""

# On an all-in heading the row holds the normal duty too. It is known when each commodity row of the line
# prints an ad valorem column 1 rate, or already bears the normal duty itself (filings before late Sept 2025).
_ALL_IN = r"""
with marked as (
    select entry_number, line_number, hts8, sum(duty_cents) as row_duty from ieepa
    where hts8 in (select hts8 from registry where all_in) group by entry_number, line_number, hts8
), goods as (
    select entry_number, line_number, goods_value_cents, duty_cents, lower(trim(mfn_rate)) as rate
    from lines where hts not like '99%' and entry_number in (select entry_number from marked)
), priced as (
    select entry_number, line_number,
           bool_and(coalesce(duty_cents > 0 or rate = 'free' or regexp_matches(rate, '^[0-9.]+ *%$'), false))
               as known,
           sum(case when coalesce(duty_cents, 0) > 0 or rate = 'free' then 0
                    else round(goods_value_cents * try_cast(regexp_extract(rate, '^([0-9.]+) *%$', 1)
                               as decimal(12, 6)) / 100) end) as normal_cents
    from goods group by entry_number, line_number
)
select entry_number, registry_names.heading, bool_and(coalesce(known, false)) as normal_known,
       cast(sum(normal_cents) as bigint) as normal_cents
from marked left join priced using (entry_number, line_number)
join (select distinct hts8, heading from registry) registry_names using (hts8)
group by entry_number, registry_names.heading
"""

_PER_ENTRY = """
select entry_number, count(*) as line_rows, sum(duty_cents) as duty_paid_cents,
       sum(goods_value_cents) filter (hts not like '99%') as goods_value_cents,
       coalesce(bool_or(hts like '99%' and goods_value_cents > 0), false) as value_on_chapter_99,
       arg_max(country_of_origin, coalesce(goods_value_cents, 0)) as country
from lines group by entry_number
"""
