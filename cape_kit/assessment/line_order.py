"""How the tariff numbers of a line stand to one another: partners, order, where the value is, unpaid rows.

Amounts are not its business; it makes marks per entry for the rules that foresee CBP's own computation.
"""

from __future__ import annotations

import re
from datetime import date

import pandas as pd
import pyarrow as pa

from cape_kit.entries.readers.rows import connect
from cape_kit.law.book import Law

_FLAGS = ("partner_needed", "partner_missing", "value_off_goods", "order_wrong")
_TEXTS = ("lone_headings", "unpaid_headings")


def per_entry(tariff_lines: pa.Table, entries: pd.DataFrame, law: Law, *, on: date) -> pd.DataFrame:
    """Marks of each entry, in the portfolio's order; an entry without lines has nulls.

    partner_needed, partner_missing (with the headings in lone_headings), value_off_goods (null where no goods
    row shows a value), order_wrong (null without ordinals), unpaid_headings (dutiable ones at $0.00).
    Source: key ``headings.partners`` and the registry of the law book.
    """
    with connect() as engine:
        engine.register("lines", tariff_lines)
        engine.register("registry", law.headings[["heading", "hts8", "kind"]].drop_duplicates("hts8"))
        engine.register("partners", partners(law, on))
        found = engine.execute(_MARKS).df()
        with_lines = engine.execute("select distinct entry_number from lines").df()["entry_number"]
    index = pd.Index(entries["entry_number"], name="entry_number")
    marks = found.set_index("entry_number").reindex(index)
    known = index.isin(with_lines) & ~index.isin(found["entry_number"])
    for column in _FLAGS:
        marks[column] = marks[column].astype("boolean").mask(known, False)
    for column in _TEXTS:
        marks[column] = marks[column].astype("str")
    return marks.reset_index()


def partners(law: Law, on: date) -> pd.DataFrame:
    """Each heading that comes on top of another, with each one that may stand beside it. (hts8, partner8)

    Source: key ``headings.partners``.
    """
    rows = []
    for told in law.value("headings.partners", on).value:
        first, *others = (re.sub(r"\D", "", heading) for heading in re.split(r" with | or ", str(told)))
        rows += [(first, other) for other in others]
    return pd.DataFrame(rows, columns=["hts8", "partner8"], dtype="str")


# Only lines with an IEEPA number. Where a file has chapter 99 rows alone, the goods are not known.
_MARKS = """
with keyed as (
    select entry_number, coalesce(line_number, -1) as line, ordinal, goods_value_cents, duty_cents,
           case when length(hts) = 10 and hts like '99%00' then left(hts, 8) else hts end as hts8,
           coalesce(hts not like '99%', false) as is_goods
    from lines
), chosen as (
    select distinct entry_number, line from keyed where hts8 in (select hts8 from registry)
), mine as (
    select keyed.*, kind, heading from keyed
    semi join chosen using (entry_number, line) left join registry using (hts8)
), lone as (
    select distinct entry_number, line, heading, not exists (
        select 1 from mine beside join partners on beside.hts8 = partner8
        where beside.entry_number = mine.entry_number and beside.line = mine.line
          and partners.hts8 = mine.hts8
    ) as alone
    from mine where hts8 in (select hts8 from partners)
), by_partner as (
    select entry_number, true as partner_needed, bool_or(alone) as partner_missing,
           string_agg(distinct heading, ', ' order by heading) filter (alone) as lone_headings
    from lone group by entry_number
), by_line as (
    select entry_number, line,
           case when count(goods_value_cents) filter (is_goods) < count(*) filter (is_goods) then null
                else max(goods_value_cents) filter (is_goods) <= 0 end as off_goods,
           max(ordinal) filter (kind is not null) > max(ordinal) filter (is_goods) as wrong
    from mine group by entry_number, line
), by_entry as (
    select entry_number,
           case when bool_or(off_goods) then true when bool_or(off_goods is null) then null else false end
               as value_off_goods,
           case when bool_or(wrong) then true when bool_or(wrong is null) then null else false end
               as order_wrong
    from by_line group by entry_number
), unpaid as (
    select entry_number, string_agg(distinct heading, ', ' order by heading) as unpaid_headings
    from mine where kind = 'duty' and duty_cents = 0 group by entry_number
)
select entry_number, coalesce(partner_needed, false) as partner_needed,
       coalesce(partner_missing, false) as partner_missing, value_off_goods, order_wrong,
       lone_headings, unpaid_headings
from by_entry left join by_partner using (entry_number) left join unpaid using (entry_number)
order by entry_number
"""
