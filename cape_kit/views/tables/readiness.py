"""Is each importer number ready to file and be paid: what is open, what it holds up."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pandas as pd

from cape_kit.assessment import payments
from cape_kit.entries import kept
from cape_kit.entries.identifiers import importer_key, mask_importer
from cape_kit.entries.portfolio import files
from cape_kit.money import known_sum, plain
from cape_kit.views import words
from cape_kit.views.tables.money import ON_CAPE, named, shown_importer
from cape_kit.views.tables.table import Field, Table

if TYPE_CHECKING:
    from cape_kit.assessment.assess import Assessment
    from cape_kit.entries.client import Importer

DONE, OPEN, ASK = "done", "OPEN", "to confirm"
#: Item -> what is asked, how it is closed, and the answer of the law book that says so.
ITEMS = {
    "account": (
        "ACE Portal account, with a sub-account for this importer number and suffix",
        "Apply for portal access, or have the account owner add the number: each suffix files separately.",
        "suffixes",
    ),
    "ach": (
        "ACH refund authorization",
        "Enter a US bank account in the ACE Portal, tab ACH Refund Authorization. Enrollment to pay by "
        "ACH is not enough.",
        "ach",
    ),
    "party": (
        "Notify party (Form 4811)",
        "CBP pays a notify party only if it is on both the importer’s profile and the entry.",
        "payee",
    ),
    "contact": (
        "Address and e-mail on file with CBP (Form 5106)",
        "Check the importer’s record in ACE; update it with Form 5106 if needed.",
        "",
    ),
}
BROKER = "Broker’s data"
_RANK = {OPEN: 0, ASK: 1, DONE: 2}


def readiness(assessment: Assessment, *, open_only: bool = False) -> Table:
    """One row per importer number and item, and one per broker: its state, the dollars behind it. [cents]

    The dollars are principal and interest on CAPE today that wait for the item; the same dollars can stand in
    several rows. `day` is the first on which a window of these entries closes. With `open_only` what is in place
    already is told in the note.
    """
    frame = _everything(assessment)
    done = frame[frame["state"].eq(DONE)] if open_only else frame.head(0)
    frame = frame.drop(index=done.index)
    return Table(
        named(frame, "who").reset_index(drop=True),
        (
            Field("name", "Importer or broker", under="number"),
            Field("item", "Requirement"),
            Field("state", "State"),
            Field("cents", "Amount waiting", "dollars"),
            Field("how", "How to complete it", under="source"),
        ),
        caption="Requirements for filing and payment",
        as_of=assessment.filing_date,
        note="From what the client stated and the files. Amounts are IEEPA duty and interest to be filed today; the "
        "same dollars can wait on several items." + _told_in_place(done),
        empty="Everything is in place." + _told_in_place(done)
        if len(done)
        else "No importer number is known.",
    )


@kept
def _everything(assessment: Assessment) -> pd.DataFrame:
    """All rows, what is open first and the dearest of it first; see `readiness`."""
    expected = payments.expected(assessment)
    blocked = payments.blocked(assessment)
    known = {one.number: one for one in assessment.client.importers}
    numbers = list(dict.fromkeys([*known, *assessment.table["importer_number"].dropna().unique()]))
    rows: list[dict[str, Any]] = []
    for number in numbers:
        mine = expected[expected["importer_number"].eq(number)]
        stake = plain(known_sum(mine["amount_cents"]))
        here = blocked[blocked["importer_number"].eq(number)]
        rows += _items(assessment, known.get(number), here, number=number, stake=stake)
    frame = pd.DataFrame([*rows, *_brokers(assessment)], columns=list(_COLUMNS))
    first = _first_windows(assessment)
    frame["day"] = pd.to_datetime(frame["key"].map(first)).astype("datetime64[s]")
    order = frame["state"].map(_RANK)
    frame = frame.assign(_rank=order).sort_values(["_rank", "cents"], ascending=[True, False], kind="stable")
    return frame.drop(columns="_rank")


_COLUMNS = ("key", "who", "item", "state", "cents", "how", "source")


def _items(
    assessment: Assessment,
    importer: Importer | None,
    blocked: pd.DataFrame,
    *,
    number: str,
    stake: int | None,
) -> list[dict[str, Any]]:
    named = _named_otherwise(assessment, importer, number)
    stated = {
        "account": _stated(importer.ace_subaccount if importer else None),
        "ach": _stated(importer.ach_refund_enrolled if importer else None),
        "party": _party(importer, blocked, named),
        "contact": ASK,
    }
    who = shown_importer(number, importer)
    told = []
    for key, state in stated.items():
        item, how, answer = ITEMS[key]
        if state != DONE:
            how += _said_by_files(named) if key == "party" else ""
            waits = _waiting(key, blocked, stake, named)
            row = (number, who, item, state, waits, how, _cited(assessment, answer))
            told.append(dict(zip(_COLUMNS, row, strict=True)))
    done = [ITEMS[key][0] for key, state in stated.items() if state == DONE]
    return told + _in_place(number, who, done)


def _told_in_place(done: pd.DataFrame) -> str:
    told = [f"{who}: {item}" for who, item in zip(done["who"], done["item"], strict=True)]
    return f" Already in place: {'. '.join(told)}." if told else ""


def _first_windows(assessment: Assessment) -> dict[str, pd.Timestamp]:
    """Importer number or filer code -> the first day still to come on which a window of its entries on CAPE closes."""
    table = assessment.table[["disposition", "next_deadline", "importer_number", "filer_code"]]
    ahead = table["next_deadline"].ge(pd.Timestamp(assessment.filing_date)).fillna(False)
    here = table[table["disposition"].isin(ON_CAPE) & ahead]
    return {
        str(key): day
        for name in ("importer_number", "filer_code")
        for key, day in here.groupby(name)["next_deadline"].min().items()
    }


def _in_place(number: str, who: str, done: list[str]) -> list[dict[str, Any]]:
    """What is done, in one row: nothing depends on it."""
    row = (number, who, "; ".join(done), DONE, pd.NA, "", "")
    return [dict(zip(_COLUMNS, row, strict=True))] if done else []


def _stated(answer: bool | None) -> str:
    return ASK if answer is None else DONE if answer else OPEN


def _named_otherwise(assessment: Assessment, importer: Importer | None, number: str) -> pd.Series:
    """4811 parties that the files name on entries of this number and client.toml does not, with how many."""
    entries = assessment.portfolio.entries
    named = entries.loc[entries["importer_number"].eq(number), "notify_party"].dropna()
    known = importer_key(importer.notify_party) if importer is not None and importer.notify_party else None
    return named[named.map(importer_key) != known].value_counts()


def _said_by_files(named: pd.Series) -> str:
    parties = ", ".join(f"{mask_importer(str(one))} ({words.entries(int(n))})" for one, n in named.items())
    return f" The files name a 4811 party not stated for this number: {parties}." if parties else ""


def _party(importer: Importer | None, blocked: pd.DataFrame, named: pd.Series) -> str:
    if len(named):
        return OPEN
    if importer is None or not importer.notify_party:
        return DONE if importer is not None else ASK
    codes = set(blocked["code"])
    return OPEN if "party-not-on-entry" in codes else ASK if "party-not-verified" in codes else DONE


def _waiting(key: str, blocked: pd.DataFrame, everything: int | None, named: pd.Series) -> int | None:
    """What the item holds up: by the obstacles known to payments, else all that the number has on CAPE."""
    if key != "party" or len(named):
        return everything
    codes = ("party-not-on-entry", "party-not-verified")
    return plain(known_sum(blocked.loc[blocked["code"].isin(codes), "amount_cents"]))


def _brokers(assessment: Assessment) -> list[dict[str, Any]]:
    """Brokers of client.toml: whether their data came, and what of theirs is on CAPE today."""
    table = assessment.table[["disposition", "filer_code", "principal_cents"]]
    here = table[table["disposition"].isin(ON_CAPE)]
    on_cape = here.groupby("filer_code")["principal_cents"].sum(min_count=1)
    apart = files.not_read(assessment.portfolio.files)
    apart = apart[apart["filers"].notna()]
    rows = []
    for broker in assessment.client.brokers:
        found = int(table["filer_code"].eq(broker.filer_code).sum())
        of_them = apart.loc[[broker.filer_code in told.split() for told in apart["filers"]], "file"]
        state = OPEN if len(of_them) else _stated(broker.data_received)
        ask = f"Ask for the full export; the files hold {words.entries(found)} of this filer."
        if len(of_them):
            named = ", ".join(of_them.unique())
            ask = f"{named} holds entries of this filer and was not read. {ask}"
        how = "" if state == DONE else ask
        who = f"{broker.name} ({broker.filer_code})" if broker.name else broker.filer_code
        # What a broker holds of whom no entry is there, nobody knows.
        waits = pd.NA if state == DONE or not found else on_cape.get(broker.filer_code, 0)
        row = (broker.filer_code, who, BROKER, state, waits, how, "")
        rows.append(dict(zip(_COLUMNS, row, strict=True)))
    return rows


def _cited(assessment: Assessment, key: str) -> str:
    """The authority of a law book's answer, as it cites it; nothing where the day has none."""
    found = next((one for one in assessment.law.answers if one.key == key), None)
    return f"Source: {assessment.law.cite(found.source)}" if found else ""
