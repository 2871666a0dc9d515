"""A chapter 99 number in a column beside the base number, and one duty for both.

Some sheets have a chapter 99 number in a column beside the base number, and one duty. The amount is the chapter 99
number's where it is that heading's rate of the row's value; the two numbers' sum where it is both rates'. Where
neither fits, or no rate is known, the amount is kept as stated on a row without a number, named for IEEPA duty:
nothing is guessed, and nothing is dropped.
"""

from __future__ import annotations

import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from cape_kit.law import headings
from cape_kit.law.book import Law

#: What rates and rounding leave between a duty and value times rate. [cents]
_TOLERANCE = 100
_PERCENT = 100
_HEADING = 8
#: How an amount is named whose heading is not known, though a number of the series stands beside it.
NAMED = "ieepa"


def numbers_beside(lines: pa.Table, entries: pd.DataFrame, law: Law) -> pa.Table:
    """The tariff lines with every number that stood beside another on a row of its own."""
    with_number = pc.is_valid(lines["beside_hts"])
    if not pc.any(with_number).as_py():
        return lines
    rows = lines.filter(with_number).to_pandas()
    split = _split(rows, entries, law)
    table = pa.Table.from_pandas(split, preserve_index=False).select(lines.column_names)
    rest = lines.filter(pc.invert(with_number))
    return pa.concat_tables([rest, table.cast(lines.schema)]).unify_dictionaries()


def _split(rows: pd.DataFrame, entries: pd.DataFrame, law: Law) -> pd.DataFrame:
    """Two rows for each: the number beside with its duty, and the goods, which repeat only once."""
    entered = rows["entry_number"].map(entries.set_index("entry_number")["entry_date"])
    told = _looked_up(rows["beside_hts"], entered, law)
    duty, value = rows["duty_cents"].astype("Int64"), rows["goods_value_cents"].astype("Int64")
    expected = (value.astype("Float64") * told["rate"] / _PERCENT).round()
    fits = ((duty - expected).abs() <= _TOLERANCE).fillna(False).to_numpy(dtype=bool)
    dutiable, nothing = told["dutiable"].to_numpy(dtype=bool), ~duty.ne(0).fillna(False).to_numpy(dtype=bool)
    open_ = dutiable & ~fits & ~nothing
    special = rows.assign(
        hts=rows["beside_hts"].mask(open_),
        hts_stood=rows["beside_hts"].where(open_),
        named_for=pd.Series(NAMED, index=rows.index, dtype="str").where(open_),
        goods_value_cents=0,
        # of a number that bears no IEEPA duty the row does not say how much of the amount is its own
        duty_cents=duty.where(dutiable),
    )
    goods = rows.assign(duty_cents=duty.where(~dutiable | nothing))
    repeated = goods.duplicated(["entry_number", "line_number", "hts", "goods_value_cents"]) & dutiable
    both = pd.concat([special.assign(part=0), goods[~repeated].assign(part=1)])
    both = both.sort_values(["source_file", "source_row", "part"], kind="stable")
    # The file has no ordinals: in which order the numbers stand on the entry summary is not known.
    return both.assign(ordinal=pd.array([pd.NA] * len(both), dtype="Int64"), beside_hts=None).drop(
        columns="part"
    )


def _looked_up(numbers: pd.Series, entered: pd.Series, law: Law) -> pd.DataFrame:
    """By row: the rate of the number on the entry date, in percent (null where none is known), and whether it
    may bear IEEPA duty. A number of the series that the registry lacks may: what is unknown is not free.
    """
    asked = pd.DataFrame({"hts": numbers, "day": entered})
    distinct = asked.drop_duplicates()
    answers = [_answer(hts, day, law) for hts, day in distinct.itertuples(index=False)]
    rates = pd.array([rate for rate, _ in answers], dtype="Float64")
    distinct = distinct.assign(rate=rates, dutiable=[dutiable for _, dutiable in answers])
    return asked.merge(distinct, on=["hts", "day"], how="left").set_index(numbers.index)


def _answer(hts: str, day: pd.Timestamp, law: Law) -> tuple[float | None, bool]:
    if pd.isna(day):
        registered = law.headings_by_number.get(hts[:_HEADING], ())
        return None, not registered or any(row.kind == "duty" for row in registered)
    told = headings.look_up(law, hts, day.date())
    if told.status == "unknown":
        return None, True
    return (float(told.rate_pct) if told.rate_pct else None), told.kind == "duty"
