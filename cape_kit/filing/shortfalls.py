"""Why a refund is not what was expected: each reading CBP may have taken is reckoned and held to the cent.

A reading is named only when its figure is the figure paid; where several are, all are named.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from itertools import combinations

import pandas as pd

from cape_kit.assessment import interest
from cape_kit.entries import identifiers
from cape_kit.entries.client import no_later_deposits
from cape_kit.law import workdays
from cape_kit.law.book import Law

#: Most headings of one entry of which every choice is tried.
_MOST_HEADINGS = 10
OTHER_CLASS = "importer class"
OTHER_COUNT = "day count"
OTHER_DEPOSIT = "deposit day"
OTHER_END = "last day"
OTHER_PRINCIPAL = "on the full principal"
_SEPARATOR = "|"


@dataclass(frozen=True)
class Terms:
    """What the expected interest was reckoned with; `importer_class` of entries that name none."""

    law: Law
    importer_class: str
    day_count: str | None = None
    later: pd.DataFrame = field(default_factory=no_later_deposits)

    @property
    def chosen(self) -> tuple[str, str]:
        """Class and day count, the law book's own where none is said."""
        return interest.choices(self.law, self.importer_class, self.day_count)

    def classes(self, entries: pd.DataFrame) -> pd.Series:
        """The importer class each entry's interest was reckoned with."""
        return entries["importer_class"].fillna(self.chosen[0])


def interest_causes(rows: pd.DataFrame, terms: Terms) -> pd.Series:
    """Which readings give the interest paid: one text per row, null where none does.

    `rows`: entry days (entry_date, entry_summary_date, payment_date, deposit_day, liquidated_on,
    first_liquidated_on, refund_date), principal_cents (expected), paid_principal_cents, paid_interest_cents.
    Sources: keys ``interest.day_count``, ``deposit.single_working_days``, ``deposit.statement_working_day``.
    """
    tried = _tried(rows, terms)
    hits = tried[tried["interest_cents"] == tried["paid"]]
    hits = hits[hits["departures"] == hits.groupby("row")["departures"].transform("min")]
    named = hits.drop_duplicates(["row", "reading"]).groupby("row")["reading"].agg("; or ".join)
    none_paid = rows["paid_interest_cents"].eq(0) & (rows["paid_principal_cents"] > 0)
    found = named.reindex(rows.index).astype("object")
    return found.mask(none_paid & found.isna(), "no interest was paid at all")


def programme_causes(rows: pd.DataFrame, headings: pd.DataFrame) -> pd.Series:
    """Which headings make up the difference of principal, exactly: one text per row, null where none do.

    `rows`: entry_number, principal_difference_cents (paid less expected). `headings`: entry_number, heading,
    programme, principal_cents, paid_cents (of the row, normal duty included).
    """
    mine = headings[identifiers.among(headings["entry_number"], rows["entry_number"])]
    by_entry = dict(list(mine.groupby("entry_number")))
    differences = zip(rows["entry_number"], rows["principal_difference_cents"], strict=True)
    told = [
        _headings(by_entry[number], int(difference)) if number in by_entry and pd.notna(difference) else None
        for number, difference in differences
    ]
    return pd.Series(told, index=rows.index, dtype="object")


def _headings(lines: pd.DataFrame, difference: int) -> str | None:
    """The headings left out (short), or refunded with the normal duty they hold (over)."""
    amounts = lines["principal_cents"] if difference < 0 else lines["paid_cents"] - lines["principal_cents"]
    named = [
        (f"{heading} ({programme})", int(amount))
        for heading, programme, amount in zip(lines["heading"], lines["programme"], amounts, strict=True)
        if amount > 0
    ][:_MOST_HEADINGS]
    sets = [
        " and ".join(name for name, _ in some)
        for size in range(1, len(named) + 1)
        for some in combinations(named, size)
        if sum(amount for _, amount in some) == abs(difference)
    ]
    if not sets:
        return None
    what = "not refunded: " if difference < 0 else "refunded with the normal duty in the row: "
    return what + "; or ".join(sets)


def _tried(rows: pd.DataFrame, terms: Terms) -> pd.DataFrame:
    """Every reading of every row: row, reading, departures, interest_cents, paid."""
    _, own_count = terms.chosen
    asked = _covered(_asked(rows, terms.law), terms.law)
    asked["paid"] = rows["paid_interest_cents"].reindex(asked["row"]).to_numpy()
    own_class = terms.classes(rows).reindex(asked["row"]).to_numpy()
    told = []
    for name in interest.CLASSES:
        for count in interest.DAY_COUNTS:
            cents = interest.accrue_many(
                asked["principal"],
                asked["first"],
                asked["last"],
                terms.law,
                importer_class=name,
                day_count=count,
            )
            other = f"{OTHER_CLASS} {name.replace('_', '-')}{_SEPARATOR}"
            of_class = pd.Series(other, index=asked.index).mask(own_class == name, _SEPARATOR)
            of_count = f"{OTHER_COUNT} '{count}'" if count != own_count else ""
            named = of_class + of_count + _SEPARATOR + asked["named"]
            told.append(asked.assign(interest_cents=cents, named=named))
    every = pd.concat(told, ignore_index=True)
    words = {one: [word for word in one.split(_SEPARATOR) if word] for one in every["named"].unique()}
    every["departures"] = every["named"].map({one: len(parts) for one, parts in words.items()})
    readings = {one: ", ".join(parts) or "as expected on what was paid" for one, parts in words.items()}
    return every.assign(reading=every["named"].map(readings))


def _asked(rows: pd.DataFrame, law: Law) -> pd.DataFrame:
    """Principal, first and last day of every reading of every row, and what is other than expected in it."""
    full, paid = rows["principal_cents"], rows["paid_principal_cents"]
    deposits, ends = _deposits(rows, law), _ends(rows)
    frames = [
        pd.DataFrame({"row": rows.index, "principal": principal, "first": first, "last": last}).assign(
            named=_SEPARATOR.join((on_what, deposited, ended))
        )
        for on_what, principal in {"": paid, OTHER_PRINCIPAL: full.where(full != paid)}.items()
        for deposited, first in deposits.items()
        for ended, last in ends.items()
    ]
    return pd.concat(frames, ignore_index=True)


def _covered(asked: pd.DataFrame, law: Law) -> pd.DataFrame:
    first, last = pd.Timestamp(interest.covered_from(law)), pd.Timestamp(interest.covered_until(law))
    known = asked.dropna(subset=["principal", "first", "last"])
    return known[(known["first"] >= first) & (known["last"] <= last)].reset_index(drop=True)


def _deposits(rows: pd.DataFrame, law: Law) -> dict[str, pd.Series]:
    """The days the deposit may be reckoned from; the expected one has no name. Same days count once."""
    on = interest.covered_until(law)
    single, cap, monthly = (
        int(law.value(f"deposit.{key}", on).value)
        for key in ("single_working_days", "single_statutory_days", "statement_working_day")
    )
    entered = rows["entry_date"]
    return _different(
        {
            "": rows["deposit_day"],
            f"{OTHER_DEPOSIT}: payment date": rows["payment_date"],
            f"{OTHER_DEPOSIT}: entry date": entered,
            f"{OTHER_DEPOSIT}: entry summary date": rows["entry_summary_date"],
            f"{OTHER_DEPOSIT}: {single} working days after entry": workdays.add_working_days(entered, single),
            f"{OTHER_DEPOSIT}: {cap} working days after entry": workdays.add_working_days(entered, cap),
            f"{OTHER_DEPOSIT}: monthly statement": workdays.statement_day_of_next_month(entered, monthly),
        }
    )


def _ends(rows: pd.DataFrame) -> dict[str, pd.Series]:
    return _different(
        {
            "": rows["liquidated_on"],
            f"{OTHER_END}: first liquidation": rows["first_liquidated_on"],
            f"{OTHER_END}: day of the refund": rows["refund_date"],
        }
    )


def _different(days: dict[str, pd.Series]) -> dict[str, pd.Series]:
    """A day that an earlier name stands for already is left out, row by row."""
    told: dict[str, pd.Series] = {}
    for name, day in days.items():
        seen = pd.Series(False, index=day.index)
        for earlier in told.values():
            seen |= (day == earlier).fillna(False)
        told[name] = day.mask(seen, pd.NaT)
    return told
