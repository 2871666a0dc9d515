"""What ought to come back for each claimed entry, to whom and by when; and why what came is not that.

Each reading CBP may have taken is reckoned and compared to the cent. A reading is named only when its figure is
the figure paid; where several are, all are named.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from itertools import combinations

import numpy as np
import pandas as pd

from cape_kit.assessment import interest, money, timeline
from cape_kit.assessment.assess import Assessment
from cape_kit.assessment.cbp_answers import ACCEPTED
from cape_kit.assessment.decisions import deadlines
from cape_kit.entries import identifiers
from cape_kit.entries.client import no_later_deposits
from cape_kit.filing import claims
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


#: Basis of a refund of which nothing says from when it could be expected.
NO_DAY = "no day known"
#: What became of a protest beside the claim: it is open, or the one the law allows is used.
OPEN, SPENT = "open", "spent"
#: Layouts that name an entry only because a refund is reported for it.
OF_REFUNDS = ("es022", "rev615")
COLUMNS = [
    *(
        "entry_number",
        "importer_number",
        "payee_number",
        "payee",
        "claim_number",
        "accepted",
        "known",
        "ours",
    ),
    *(
        "seen_on",
        "filed_on",
        "entry_date",
        "entry_summary_date",
        "payment_date",
        "liquidated_on",
        "first_liquidated_on",
    ),
    *("protect_by", "protest_last_day", "protest"),
    *("deferred", "deposit_day", "deposit_basis", "principal_cents", "least_cents", "interest_cents"),
    "importer_class",
    "confidence",
]


def build(assessment: Assessment) -> pd.DataFrame:
    """One row per entry of the client. [cents]

    `accepted`: a claim of it stands; `known`: a file holds its tariff lines with their duty, and the principal follows
    from them (else it is null); `ours`: a file
    names it that is no mere report of refunds.
    `protect_by` and `protest_last_day`: of a claim that is not reliquidated, the day to have decided on a
    protective protest, and its last day; null elsewhere. `protest`: OPEN or SPENT where there was one.
    `least_cents` is what principal may come down to where an amount is only an upper bound. Interest runs to
    the (re)liquidation that followed the claim; null while its day or a rate is not known.
    """
    table = assessment.table
    answers = claims.results(assessment).set_index("entry_number").reindex(table["entry_number"])
    reported = _reported(assessment.portfolio.claims).reindex(table["entry_number"])
    payee = reported["notify_party"].reset_index(drop=True)
    payee = payee.fillna(table["notify_party"]).fillna(table["importer_number"])
    liquidated = reported["liquidation_date"].reset_index(drop=True)
    protective = table["next_deadline_what"].eq(deadlines.PROTECTIVE).fillna(False)
    frame = pd.DataFrame(
        {
            "entry_number": table["entry_number"],
            "importer_number": table["importer_number"],
            "payee_number": payee,
            "payee": payee.map({n: identifiers.importer_key(str(n)) for n in payee.dropna().unique()}),
            "claim_number": answers["claim_number"].to_numpy(),
            "accepted": answers["state"].eq(ACCEPTED).to_numpy(dtype=bool),
            "known": table[["duty_paid_cents", "principal_cents"]].notna().all(axis=1).to_numpy(dtype=bool),
            "ours": table["entry_number"].isin(_named(assessment)).to_numpy(dtype=bool),
            "seen_on": answers["seen_on"].to_numpy(),
            "filed_on": answers["filed_on"].to_numpy(),
            "entry_date": table["entry_date"],
            "entry_summary_date": table["entry_summary_date"],
            "payment_date": table["payment_date"],
            "liquidated_on": liquidated.fillna(_after_claim(table, answers, assessment.law)),
            "first_liquidated_on": table["original_liquidation_date"].fillna(table["liquidated_on"]),
            "protect_by": table["act_by"].where(protective),
            "protest_last_day": table["next_deadline"].where(protective),
            "protest": _protest(assessment),
            "deferred": table["status"].isin(timeline.OFF_CYCLE).to_numpy(),
            "deposit_day": table["deposit_day"],
            "deposit_basis": table["deposit_basis"],
            "importer_class": table["importer_class"],
            "principal_cents": table["principal_cents"].astype("Int64"),
            "least_cents": _least(assessment),
            "confidence": table["confidence"],
        }
    )
    frame["payee"] = frame["payee"].astype("str")
    frame["interest_cents"] = interest_on(
        frame,
        frame["principal_cents"],
        law=assessment.law,
        importer_class=frame["importer_class"],
        later=assessment.client.later_deposits,
    )
    return frame[COLUMNS]


def interest_on(
    entries: pd.DataFrame,
    principal: pd.Series,
    *,
    law: Law,
    importer_class: pd.Series,
    later: pd.DataFrame,
    day_count: str | None = None,
) -> pd.Series:
    """Interest from each entry's deposit to its liquidation; null where that can't be told. [cents]

    `importer_class` is that of each entry; `later`: see `Client.later_deposits`.
    Source: keys ``interest.day_count`` and "usc-19-1505".
    """
    first, last = pd.Timestamp(interest.covered_from(law)), pd.Timestamp(interest.covered_until(law))
    told = (entries["deposit_day"] >= first) & (entries["liquidated_on"] <= last)
    found = pd.Series(pd.NA, index=entries.index, dtype="Int64")
    for name in interest.CLASSES:
        here = told & importer_class.eq(name)
        if here.any():
            grown = money.grown(
                entries["entry_number"],
                principal,
                (entries["deposit_day"].where(here), entries["liquidated_on"].where(here)),
                law,
                later=later,
                reading=(name, day_count),
            )
            found = found.mask(here, grown)
    return found


def due(entries: pd.DataFrame, law: Law, on: pd.Timestamp) -> pd.DataFrame:
    """due_from, due_by and their basis: weeks after liquidation, else days after the claim was filed or seen.

    Sources: keys ``payment.weeks_after_liquidation_low``, ``payment.weeks_after_liquidation_high``,
    ``payment.days_low`` and ``payment.days_high``.
    """
    keys = ("payment.weeks_after_liquidation_low", "payment.weeks_after_liquidation_high")
    weeks = [pd.Timedelta(weeks=_number(law, key, on)) for key in keys]
    days = [pd.Timedelta(days=_number(law, f"payment.days_{end}", on)) for end in ("low", "high")]
    liquidated = entries["liquidated_on"].where(entries["liquidated_on"] <= on)
    claimed = entries["filed_on"].fillna(entries["seen_on"]).mask(entries["deferred"], pd.NaT)
    first = (liquidated + weeks[0]).fillna(claimed + days[0])
    last = (liquidated + weeks[1]).fillna(claimed + days[1])
    basis = np.select(
        [liquidated.notna(), entries["deferred"], entries["filed_on"].notna(), claimed.notna()],
        ["liquidation", "waits for its own liquidation", "upload", "claim seen accepted by then"],
        default=NO_DAY,
    )
    return pd.DataFrame({"due_from": first, "due_by": last, "due_basis": basis}, index=entries.index)


def _after_claim(table: pd.DataFrame, answers: pd.DataFrame, law: Law) -> pd.Series:
    """The liquidation the client's exports record, if it came after the claim: an earlier one is reopened.

    CAPE's own reason code says so whenever the answer was exported. Source: words of ``liquidation_reason``.
    """
    claimed = answers["filed_on"].fillna(answers["seen_on"]).set_axis(table.index)
    by_cape = (
        timeline.canonical(table["liquidation_reason"], law, "liquidation_reason").eq("cape").fillna(False)
    )
    return table["liquidated_on"].where((table["liquidated_on"] >= claimed).fillna(False) | by_cape, pd.NaT)


def _protest(assessment: Assessment) -> np.ndarray:
    """Whether a protest of each entry is open, or the one the law allows is used. Source: key ``usc-19-1514``."""
    asked = assessment.questions
    return np.select([asked.live_protest, asked.protested_before], [OPEN, SPENT], "")


def _named(assessment: Assessment) -> pd.Series:
    """Entries named by a file that is no report of refunds: an export of entries, or claim details."""
    folder = assessment.portfolio
    reports = folder.files.loc[folder.files["profile"].isin(OF_REFUNDS), ["file", "sheet"]].fillna("")
    seen = pd.MultiIndex.from_frame(folder.appearances[["file", "sheet"]].fillna(""))
    return folder.appearances.loc[~seen.isin(pd.MultiIndex.from_frame(reports)), "entry_number"]


def _number(law: Law, key: str, on: pd.Timestamp) -> int:
    return int(law.value(key, on.date()).value)


def _reported(said: pd.DataFrame) -> pd.DataFrame:
    """The newest liquidation day and 4811 party the claim reports give for each entry."""
    told = said.sort_values(["entry_number", "liquidation_date"], na_position="first", kind="stable")
    return told.groupby("entry_number")[["liquidation_date", "notify_party"]].last()


def _least(assessment: Assessment) -> pd.Series:
    """Principal without the headings whose amount is only an upper bound. [cents]"""
    lines = assessment.refund_lines
    unsure = lines[lines["confidence"] != "exact"].groupby("entry_number")["principal_cents"].sum()
    table = assessment.table
    off = unsure.reindex(table["entry_number"]).fillna(0).astype("Int64").set_axis(table.index)
    return (table["principal_cents"] - off).astype("Int64")
