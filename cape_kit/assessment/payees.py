"""Whom CBP pays, and what stands against it: no ACH enrolment, no sub-account, a 4811 party named once."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from cape_kit.assessment import interest, terms
from cape_kit.assessment.assess import Assessment
from cape_kit.entries.client import Client
from cape_kit.entries.identifiers import importer_key

IMPORTER, PARTY = "importer of record", "4811 party"


@dataclass(frozen=True)
class Obstacle:
    """A way in which a refund gets stuck: what it is, whether it is known, what mends it, who says so."""

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
        "Enrol in the ACE Portal, tab ACH Refund Authorization; paying by ACH is another thing.",
        "ach",
    ),
    Obstacle(
        "no-sub-account",
        "the importer number has no ACE importer sub-account",
        True,
        "Have a sub-account added for this very number with its suffix, then enrol it for ACH refunds.",
        "suffixes",
    ),
    Obstacle(
        "party-not-on-entry",
        "a 4811 party stands on the importer's profile but not on the entry, so it is not paid",
        True,
        "Enrol the importer itself for ACH refunds, or take the party off the profile.",
        "payee",
    ),
    Obstacle(
        "party-not-verified",
        "a 4811 party stands on the importer's profile; whether it stands on the entry, no file says",
        False,
        "Export the notify party (CF4811 Number) of the entries, and check the party's ACH enrolment.",
        "payee",
    ),
    Obstacle(
        "ach-not-stated",
        "client.toml does not say whether the number is enrolled for ACH refunds",
        False,
        "Look at the importer's ACH Refund Authorization tab and state ach_refund_enrolled.",
        "ach",
    ),
)
_TITLES = {one.code: one.title for one in OBSTACLES if one.known}


def payees(here: pd.DataFrame, client: Client) -> pd.DataFrame:
    """Whom CBP pays for each entry, and why it can't; one row per entry, in its order.

    Columns: payee, payee_kind, blocked (what is known to stand against it, empty when nothing), obstacles
    (codes of OBSTACLES, the unverified too). The party of Form 4811 is paid only when it stands on the
    importer's profile and on the entry. Source: key "csms-67648307".
    """
    marks = _marks(here, client)
    to_party = marks.pop("to_party")
    codes = pd.Series("", index=here.index, dtype="str")
    told = pd.Series("", index=here.index, dtype="str")
    for code, flags in marks.items():
        codes = codes.mask(flags, codes + np.where(codes == "", "", ", ") + code)
        if code in _TITLES:
            told = told.mask(flags, told + np.where(told == "", "", "; ") + _TITLES[code])
    return pd.DataFrame(
        {
            "payee": here["importer_number"].mask(to_party, here["notify_party"]),
            "payee_kind": pd.Series(np.where(to_party, PARTY, IMPORTER), index=here.index, dtype="str"),
            "blocked": told,
            "obstacles": codes,
        }
    )


def by_importer(assessment: Assessment, rows: pd.DataFrame) -> pd.DataFrame:
    """What keeps money from being paid, by kind and importer number, known and not verified. [cents]

    Columns: code, title, certainty ("known" or "not verified"), importer_number, entries, principal_cents,
    interest_cents, amount_cents, interest_stops (the first base liquidation day: nothing accrues after it,
    however long the money lies), lost_per_30_days_cents (what it would earn in 30 days at the last published
    rate), what_to_do, source. One entry may stand in several rows: don't add them up.
    `rows` is what `payments.expected` gave. Sources: keys "usc-19-1505", "csms-67648307".
    """
    table = assessment.figures.set_index("entry_number").loc[rows["entry_number"]].reset_index()
    marks = _marks(table, assessment.client)
    del marks["to_party"]
    parts = [_rows(one, rows[marks[one.code].to_numpy()], assessment) for one in OBSTACLES]
    return pd.concat(parts, ignore_index=True)


def _rows(obstacle: Obstacle, touched: pd.DataFrame, assessment: Assessment) -> pd.DataFrame:
    number = touched["importer_number"].fillna("")
    found = touched.groupby(number).agg(
        entries=("entry_number", "size"),
        principal_cents=("principal_cents", "sum"),
        interest_cents=("interest_cents", "sum"),
        amount_cents=("amount_cents", "sum"),
        interest_stops=("liquidation_base", "min"),
    )
    found = found.reset_index()
    found.insert(0, "code", obstacle.code)
    found.insert(1, "title", obstacle.title)
    found.insert(2, "certainty", "known" if obstacle.known else "not verified")
    authority = next((one.source for one in assessment.law.answers if one.key == obstacle.answer), "")
    lost = [_thirty_days(int(cents), assessment) for cents in found["amount_cents"]]
    return found.assign(
        lost_per_30_days_cents=pd.Series(lost, dtype="int64"),
        what_to_do=obstacle.what_to_do,
        source=assessment.law.cite(authority) if authority else "",
    )


def _thirty_days(cents: int, assessment: Assessment) -> int:
    """Interest on an amount for the last 30 days with a published rate. [cents]"""
    last = interest.covered_until(assessment.law)
    first = (pd.Timestamp(last) - pd.Timedelta(days=30)).date()
    of_all = terms.of_all(assessment.client, assessment.law)
    return interest.accrue(cents, first, last, assessment.law, importer_class=of_all).interest_cents


def _marks(here: pd.DataFrame, client: Client) -> dict[str, pd.Series]:
    """Which obstacle stands against which entry; `to_party`: the 4811 party is the payee."""
    key = here["importer_number"].fillna("").map(importer_key)
    stated = {importer_key(one.number): one for one in client.importers}
    party = key.map(
        {number: importer_key(one.notify_party) for number, one in stated.items() if one.notify_party}
    )
    named = here["notify_party"].map(importer_key, na_action="ignore")
    carried = bool(here["notify_party"].notna().any())  # else no file has the column at all
    to_party = party.notna() & (named == party)
    ach = key.map({number: one.ach_refund_enrolled for number, one in stated.items()})
    account = key.map({number: one.ace_subaccount for number, one in stated.items()})
    # The importer's own enrolment matters where it is the payee.
    return {
        "to_party": to_party,
        "no-ach": ~to_party & ach.eq(False),
        "no-sub-account": ~to_party & account.eq(False),
        "party-not-on-entry": party.notna() & ~to_party & (named.notna() | carried),
        "party-not-verified": party.notna() & ~to_party & named.isna() & (not carried),
        "ach-not-stated": ~to_party & ach.isna(),
    }
