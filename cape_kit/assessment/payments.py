"""When refunds are expected and to whom: day ranges by entry, groups as CBP pays, cash by week, what is blocked.

What would be filed on the filing day is looked at, its acceptance taken to be the same day, and what was uploaded
before, its acceptance taken to be the day of the upload. Nobody publishes how long a review takes, so each day is a
range: low is the earliest, high the latest.

Whom CBP pays, and what stands against it: no ACH enrollment, no sub-account, a 4811 party named once.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from functools import partial

import numpy as np
import pandas as pd

from cape_kit import few_values
from cape_kit.assessment import interest, money, terms
from cape_kit.assessment.assess import Assessment
from cape_kit.entries import kept, schema
from cape_kit.entries.client import Client
from cape_kit.entries.identifiers import importer_key
from cape_kit.law.book import Law
from cape_kit.money import plain

# --- to whom, and what stands against it ------------------------------------------------------------------


IMPORTER, PARTY = "importer of record", "4811 party"


@dataclass(frozen=True)
class Obstacle:
    """A way in which a refund gets stuck: what it is, whether it is known, what cures it, who says so."""

    code: str
    title: str
    known: bool
    what_to_do: str
    answer: str


OBSTACLES = (
    Obstacle(
        "no-ach",
        "the importer number is not enrolled for ACH refunds",
        True,
        "Enroll in the ACE Portal, tab ACH Refund Authorization; enrollment to pay by ACH is separate.",
        "ach",
    ),
    Obstacle(
        "no-sub-account",
        "the importer number has no ACE importer sub-account",
        True,
        "Have a sub-account added for this importer number and suffix, then enroll it for ACH refunds.",
        "suffixes",
    ),
    Obstacle(
        "party-not-on-entry",
        "a 4811 party is on the importer's profile but not on the entry, so it is not paid",
        True,
        "Enroll the importer itself for ACH refunds, or remove the party from the profile.",
        "payee",
    ),
    Obstacle(
        "party-not-verified",
        "a 4811 party is on the importer's profile; no file shows whether it is on the entry",
        False,
        "Export the notify party (CF4811 Number) of the entries, and check the party's ACH enrollment.",
        "payee",
    ),
    Obstacle(
        "ach-not-stated",
        "whether the number is enrolled for ACH refunds is not stated",
        False,
        "Check the importer's ACH Refund Authorization tab and state ach_refund_enrolled in client.toml.",
        "ach",
    ),
)
_TITLES = {one.code: one.title for one in OBSTACLES if one.known}


#: Whom the payee of an entry follows from.
_PARTIES = ["importer_number", "notify_party"]


def payees(here: pd.DataFrame, client: Client) -> pd.DataFrame:
    """Whom CBP pays for each entry, and why it can't; one row per entry, in its order.

    Columns: payee, payee_kind, blocked (what is known to stand against it, empty when nothing), obstacles
    (codes of OBSTACLES, the unverified too). The party of Form 4811 is paid only when it stands on the
    importer's profile and on the entry. Source: key "csms-67648307".
    """
    parties = here[_PARTIES]
    own, other = (pd.factorize(parties[name])[0].astype("int64") + 1 for name in _PARTIES)
    _, first, way = np.unique(
        own * (other.max(initial=0) + 1) + other, return_index=True, return_inverse=True
    )
    return _paid_to(parties.iloc[first].reset_index(drop=True), client).take(way).set_axis(here.index)


def _paid_to(here: pd.DataFrame, client: Client) -> pd.DataFrame:
    """The same of pairs of importer and party, each once."""
    marks = _marks(here, client)
    to_party = marks.pop("to_party")
    packed = np.zeros(len(here), dtype="int64")
    for place, flags in enumerate(marks.values()):
        packed |= flags.to_numpy(dtype="int64") << place
    # Entries with the same marks are told the same, and there are few ways to have them.
    met, way = np.unique(packed, return_inverse=True)
    of_way = [[code for place, code in enumerate(marks) if marked >> place & 1] for marked in met.tolist()]
    codes = pd.array([", ".join(of) for of in of_way], dtype="str").take(way)
    told = pd.array(
        ["; ".join(_TITLES[code] for code in of if code in _TITLES) for of in of_way], dtype="str"
    )
    return pd.DataFrame(
        {
            "payee": here["importer_number"].mask(to_party, here["notify_party"]),
            "payee_kind": pd.Series(np.where(to_party, PARTY, IMPORTER), index=here.index, dtype="str"),
            "blocked": told.take(way),
            "obstacles": codes,
        },
        index=here.index,
    )


def by_importer(assessment: Assessment, rows: pd.DataFrame) -> pd.DataFrame:
    """What keeps money from being paid, by kind and importer number, known and not verified. [cents]

    Columns: code, title, certainty ("known" or "not verified"), importer_number, entries, principal_cents,
    interest_cents, amount_cents, interest_stops (the first base liquidation day: nothing accrues after it,
    however long the money lies), lost_per_30_days_cents (what it would earn in 30 days at the last published
    rate), what_to_do, source. One entry may stand in several rows: don't add them up.
    `rows` is what `payments.expected` gave. Sources: keys "usc-19-1505", "csms-67648307".
    """
    table = assessment.figures[["entry_number", "importer_number", "notify_party"]]
    table = table.set_index("entry_number").loc[rows["entry_number"]].reset_index()
    marks = _marks(table, assessment.client)
    del marks["to_party"]
    parts = [_rows(one, rows[marks[one.code].to_numpy()], assessment) for one in OBSTACLES]
    return pd.concat(parts, ignore_index=True)


def _rows(obstacle: Obstacle, touched: pd.DataFrame, assessment: Assessment) -> pd.DataFrame:
    number = touched["importer_number"].fillna("")
    found = schema.gathered(
        touched.groupby(number),
        entries=("entry_number", "size"),
        principal_cents=("principal_cents", "known"),
        interest_cents=("interest_cents", "known"),
        amount_cents=("amount_cents", "known"),
        interest_stops=("liquidation_base", "min"),
    )
    found = found.reset_index()
    found.insert(0, "code", obstacle.code)
    found.insert(1, "title", obstacle.title)
    found.insert(2, "certainty", "known" if obstacle.known else "not verified")
    authority = next((one.source for one in assessment.law.answers if one.key == obstacle.answer), "")
    lost = [_thirty_days(plain(cents), assessment) for cents in found["amount_cents"]]
    return found.assign(
        lost_per_30_days_cents=pd.Series(lost, dtype="Int64"),
        what_to_do=obstacle.what_to_do,
        source=assessment.law.cite(authority) if authority else "",
    )


def _thirty_days(cents: int | None, assessment: Assessment) -> int | None:
    """Interest on an amount for the last 30 days with a published rate; None where it is not known. [cents]"""
    if cents is None:
        return None
    last = interest.covered_until(assessment.law)
    first = (pd.Timestamp(last) - pd.Timedelta(days=30)).date()
    of_all = terms.of_all(assessment.client, assessment.law)
    return interest.accrue(cents, first, last, assessment.law, importer_class=of_all).interest_cents


def _marks(here: pd.DataFrame, client: Client) -> dict[str, pd.Series]:
    """Which obstacle stands against which entry; `to_party`: the 4811 party is the payee."""
    key = _keys(here["importer_number"].fillna(""))
    stated = {importer_key(one.number): one for one in client.importers}
    party = key.map(
        {number: importer_key(one.notify_party) for number, one in stated.items() if one.notify_party}
    )
    named = _keys(here["notify_party"])
    carried = bool(here["notify_party"].notna().any())  # else no file has the column at all
    to_party = party.notna() & (named == party)
    ach = key.map({number: one.ach_refund_enrolled for number, one in stated.items()})
    account = key.map({number: one.ace_subaccount for number, one in stated.items()})
    # The importer's own enrollment matters where it is the payee.
    return {
        "to_party": to_party,
        "no-ach": ~to_party & ach.eq(False),
        "no-sub-account": ~to_party & account.eq(False),
        "party-not-on-entry": party.notna() & ~to_party & (named.notna() | carried),
        "party-not-verified": party.notna() & ~to_party & named.isna() & (not carried),
        "ach-not-stated": ~to_party & ach.isna(),
    }


def _keys(numbers: pd.Series) -> pd.Series:
    """Importer numbers for comparing, each spelling looked at once."""
    return numbers.map({number: importer_key(number) for number in numbers.dropna().unique()}).astype("str")


# --- when -------------------------------------------------------------------------------------------------


RANGE = ("low", "base", "high")
_WEEK = 7
#: Said of the days of an entry.
UNKNOWN = "unknown: extended, suspended, under review or warehouse entries; paid after liquidation"
RELIQUIDATED = "reliquidated on the next business day after review, then paid"
LIQUIDATED = "set to liquidate after acceptance, then paid"
OVERDUE = "unknown: filed long enough ago that it should have been paid; ask CBP"


#: What the payments are made from.
_READ = ["entry_number", *_PARTIES, "disposition", "principal_cents", "interest_cents", "liquidated", "filed_on",
         "filed_deferred"]  # fmt: skip


@kept
def expected(assessment: Assessment) -> pd.DataFrame:
    """One row per entry filed on the filing day or before it: when it liquidates, when it is paid, to whom.

    Columns: entry_number, importer_number, payee, payee_kind ("importer of record" or "4811 party"),
    disposition, principal_cents, interest_cents, amount_cents, liquidation_low/_base/_high,
    payment_low/_base/_high (days, null where unknown), basis, blocked (why the payee can't be paid; empty
    when nothing is known to stand against it). [cents]
    Low pays as early as CBP's words allow; base is the later of the early end of its range after acceptance
    and the middle of its weeks after liquidation; high the late end. Amounts carry interest to the base day; an amount
    is null where its duty is not known, and without interest where that alone is not.
    Sources: keys ``processing.*`` and ``payment.*`` of the law book.
    """
    table = assessment.figures[_READ]
    here = table[table["disposition"].isin(money.ON_CAPE)].reset_index(drop=True)
    days = _days(here, assessment.law, assessment.filing_date)
    payee = payees(here, assessment.client)
    interest = here["interest_cents"].astype("Int64")
    amounts = pd.DataFrame(
        {
            "disposition": here["disposition"],
            "principal_cents": here["principal_cents"],
            "interest_cents": interest,
            "amount_cents": here["principal_cents"].astype("Int64") + interest.fillna(0),
        }
    )
    return pd.concat([here[["entry_number", "importer_number"]], payee, amounts, days], axis=1)[
        [
            "entry_number", "importer_number", "payee", "payee_kind", *amounts.columns,
            *days.columns, "blocked",
        ]
    ]  # fmt: skip


@kept
def groups(assessment: Assessment) -> pd.DataFrame:
    """The payments as CBP makes them: one per payee and liquidation day, on the base days. [cents]

    Columns: payee, payee_kind, liquidation_day (null: unknown), blocked, entries, principal_cents,
    interest_cents, amount_cents, payment_low/_base/_high. Interest is not paid apart.
    Source: key "cbp-page-2026-09-02".
    """
    rows = expected(assessment).rename(columns={"liquidation_base": "liquidation_day"})
    keys = ["payee", "payee_kind", "liquidation_day", "blocked"]
    found = schema.gathered(
        rows.groupby(keys, dropna=False, sort=True),
        entries=("entry_number", "size"),
        principal_cents=("principal_cents", "known"),
        interest_cents=("interest_cents", "known"),
        amount_cents=("amount_cents", "known"),
        payment_low=("payment_low", "first"),
        payment_base=("payment_base", "first"),
        payment_high=("payment_high", "first"),
    )
    return found.reset_index()


@kept
def weekly(assessment: Assessment) -> pd.DataFrame:
    """Cash by week, from the filing day to the last week anything can come. [cents]

    Columns: week (its first day; weeks count from the filing day), ends, low_cents, base_cents, high_cents
    (what comes that week if all is paid on its low, base or high day), and ``low_total_cents`` … so far.
    Blocked money and entries without a day are left out: `undated` counts them. So is an amount that is not known.
    """
    rows = expected(assessment)
    rows = rows[rows["blocked"].eq("") & rows["payment_high"].notna()]
    first = pd.Timestamp(assessment.filing_date)
    place = {name: (rows[f"payment_{name}"] - first).dt.days // _WEEK for name in RANGE}
    count = int(max((column.max() for column in place.values()), default=-1)) + 1 if len(rows) else 0
    starts = first + pd.to_timedelta(pd.Series(range(count), dtype="int64") * _WEEK, unit="D")
    frame = pd.DataFrame({"week": starts, "ends": starts + pd.Timedelta(days=_WEEK - 1)})
    for name, column in place.items():
        sums = rows["amount_cents"].dropna().groupby(column).sum()
        frame[f"{name}_cents"] = sums.reindex(range(count), fill_value=0).to_numpy(dtype="int64")
    for name in RANGE:
        frame[f"{name}_total_cents"] = frame[f"{name}_cents"].cumsum()
    return frame


@kept
def undated(assessment: Assessment) -> pd.DataFrame:
    """The money `weekly` leaves out: what is blocked, and what has no day yet. [cents]

    Columns: why ("blocked" or "no date yet"), entries, principal_cents, interest_cents, amount_cents.
    """
    rows = expected(assessment)
    why = np.select(
        [rows["blocked"].ne(""), rows["payment_high"].isna()], ["blocked", "no date yet"], default=""
    )
    rows = rows.assign(why=why)[why != ""]
    cents = ["principal_cents", "interest_cents", "amount_cents"]
    sums = rows.groupby("why")[cents].sum(min_count=1).astype("Int64")
    sums.insert(0, "entries", rows.groupby("why").size())
    return sums.reset_index()


@kept
def blocked(assessment: Assessment) -> pd.DataFrame:
    """What keeps money from being paid, by kind and importer number: see `by_importer`. [cents]"""
    return by_importer(assessment, expected(assessment))


def _days(here: pd.DataFrame, law: Law, filed: date) -> pd.DataFrame:
    """Liquidation and payment days, low, base and high; null where nobody can tell.

    Of what was uploaded before the filing day, no day lies before that day; where the last one does, none is known.
    """
    after = _value(law, "processing.liquidation_after_acceptance", filed)
    business = _value(law, "processing.reliquidation_business_days", filed)
    was = here["liquidated"].fillna(False).to_numpy(dtype=bool)
    on = money.accepted_on(here["filed_on"], here["disposition"], filed)
    soon = few_values.once(on, partial(money.business_days_later, count=business)).to_numpy()
    accepted, today = on.to_numpy(), np.datetime64(filed, "s")
    liquidation = np.where(was, soon, accepted + np.timedelta64(after, "D").astype("timedelta64[s]"))
    early, late = (_span(law, key, filed) for key in ("payment.days_low", "payment.days_high"))
    weeks = [_span(law, f"payment.weeks_after_liquidation_{end}", filed) * _WEEK for end in ("low", "high")]
    payment = {
        "low": np.minimum(liquidation + weeks[0], accepted + early),
        "base": np.maximum(liquidation + (weeks[0] + weeks[1]) // 2, accepted + early),
        "high": np.maximum(liquidation + weeks[1], accepted + late),
    }
    overdue = payment["high"] < today
    waits = here["disposition"].eq("file_deferred") | here["filed_deferred"]
    known = ~waits.to_numpy(dtype=bool) & ~overdue
    nowhere = np.datetime64("NaT", "s")
    days = {
        "liquidation_low": liquidation,
        "liquidation_base": liquidation,
        "liquidation_high": np.maximum(liquidation, payment["high"] - weeks[0]),
        **{f"payment_{name}": day for name, day in payment.items()},
    }
    frame = pd.DataFrame(
        {name: np.where(known, np.maximum(day, today), nowhere) for name, day in days.items()},
        index=here.index,
    )
    basis = np.select([waits, overdue, was], range(3), default=3)
    return frame.assign(
        basis=few_values.spelt(basis, (UNKNOWN, OVERDUE, RELIQUIDATED, LIQUIDATED), here.index)
    )


def _value(law: Law, key: str, on: date) -> int:
    return int(law.value(key, on).value)


def _span(law: Law, key: str, on: date) -> np.timedelta64:
    return np.timedelta64(_value(law, key, on), "D").astype("timedelta64[s]")
