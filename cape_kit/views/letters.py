"""What is missing or not proved, as letters to those who can settle it: the client, and each broker.

A letter asks; it decides nothing. A broker is asked about the entries it filed and about no others, and no
broker reads what stands in another's letter or what the client has to put in place.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from cape_kit.assessment.wording.steps import ASKED
from cape_kit.entries import schema
from cape_kit.entries.portfolio import files
from cape_kit.views import words
from cape_kit.views.tables.readiness import BROKER, DONE, readiness
from cape_kit.views.tables.table import Field, Table

if TYPE_CHECKING:
    from cape_kit.assessment.assess import Assessment
    from cape_kit.assessment.caveats import Caveat

#: Points a letter of one page holds beside two rows of what must be in place; the rest stand in its list alone.
_MOST = 7
#: How points about checks begin; said once where several stand together.
_ALIKE = "Not verified: "
#: A day as sentences have it. Reasons that differ in nothing else ask for the same thing and are one point.
_DAY, _DAY_FORM = re.compile(r"\b[A-Z][a-z]{2} \d{1,2}, \d{4}\b"), "%b %d, %Y"
#: Days named one by one in a point; of more, the first and the last.
_FEW_DAYS = 3
#: What is asked of nobody: CBP's own computation, a rate not yet published, a note on what is assumed by the kit.
_NOBODYS = ("unforeseen", "rate-pending", "assertion-unknown", "assertion-contradicted")


@dataclass(frozen=True)
class Letter:
    """One letter: to whom, the points it asks about, what must be in place, and the entries behind each point.

    `entries` has one row per point and entry: point, entry_number, what, settles, by, principal_cents.
    """

    to: str
    filer_code: str | None
    points: Table
    entries: pd.DataFrame
    in_place: Table | None = None
    unread: tuple[str, ...] = ()

    @property
    def name(self) -> str:
        """What its files are called."""
        return "client" if self.filer_code is None else f"filer {self.filer_code}"

    @property
    def says_nothing(self) -> bool:
        """Whether there is nothing to ask."""
        return self.points.frame.empty and not self.unread and (self.in_place is None or not _rows(self))


def letters(assessment: Assessment) -> list[Letter]:
    """The client's letter first, then one for each filer with a question open, by filer code."""
    asked = _asked(assessment)
    told = [_client(assessment, asked)]
    codes = assessment.table["filer_code"]
    told += [_broker(assessment, asked, str(code)) for code in sorted(codes.dropna().unique())]
    return [letter for letter in told if not letter.says_nothing]


def _rows(letter: Letter) -> int:
    return 0 if letter.in_place is None else len(letter.in_place.frame)


def _client(assessment: Assessment, asked: pd.DataFrame) -> Letter:
    table = readiness(assessment)
    open_ = table.frame[table.frame["state"].ne(DONE) & table.frame["item"].ne(BROKER)]
    in_place = Table(
        open_.reset_index(drop=True), table.fields, caption="Requirements before CBP can pay",
        as_of=table.as_of, empty="Nothing is open.",
    )  # fmt: skip
    told = tuple(f"{name}: {holds}." for name, holds in files.told_not_read(assessment.portfolio))
    return _letter(assessment, assessment.client.name, None, asked, in_place, told)


def _broker(assessment: Assessment, asked: pd.DataFrame, code: str) -> Letter:
    named = next((one.name for one in assessment.client.brokers if one.filer_code == code), None)
    mine = asked[asked["filer_code"].eq(code)]
    return _letter(assessment, f"{named} ({code})" if named else f"Filer {code}", code, mine)


def _letter(
    assessment: Assessment,
    to: str,
    code: str | None,
    asked: pd.DataFrame,
    in_place: Table | None = None,
    unread: tuple[str, ...] = (),
) -> Letter:
    points = _points(asked)
    room = _MOST - max(0, len(in_place.frame) - 2) if in_place is not None else _MOST
    told = points["number"].astype("str") + ". " + points["what"]
    # Where the missing fact is the deadline itself, it may be near.
    by = points["by"].map(words.day).mask(points["now"], "now")
    shown = Table(
        points.assign(what=told, by=by).head(room),
        (
            Field("what", "What is missing or not verified"),
            Field("settles", "What would resolve it"),
            Field("entries", "Entries", "count"),
            Field("cents", "IEEPA duty", "dollars", under="left" if points["left"].ne("").any() else ""),
            Field("by", "Needed by"),
        ),
        caption="What we need from you",
        as_of=assessment.filing_date,
        note="An entry and its dollars can appear under several points. Needed by: the first deadline of "
        "the entries concerned; now: one of their deadlines is not known and may be near."
        + (f" {words.NOTHING}: not known." if points["cents"].isna().any() else ""),
        empty="Nothing is missing.",
        left_out=max(len(points) - room, 0),
        whole=f"“{'client' if code is None else f'filer {code}'} entries.csv”",
    )
    pairs = zip(points["number"], points["points"], strict=True)
    numbers = {point: number for number, together in pairs for point in together}
    numbered = asked.assign(point=asked["point"].map(numbers).astype("int64"))
    entries = numbered.rename(columns={"cents": "principal_cents"}).drop(columns="filer_code")
    entries = entries[["point", "entry_number", "what", "settles", "by", "principal_cents"]]
    entries = entries.sort_values(["point", "by", "entry_number"], kind="stable").reset_index(drop=True)
    return Letter(to, code, shown, entries, in_place, unread)


def _points(asked: pd.DataFrame) -> pd.DataFrame:
    """The points: what decides an entry first, then the soonest; those about the very same entries are one. [cents]

    Columns: number, what, settles, entries, cents, by, now (one of the days is not known, and may be near),
    points (the points that became one).
    """
    grouped = asked.assign(undated=asked["decides"] & asked["by"].isna()).groupby("point", sort=False)
    each = schema.gathered(grouped, what=("what", _with_days), settles=("settles", "first"),
                           entries=("entry_number", "size"), cents=("cents", "known"),
                           unknown=("cents", "unknown"), by=("by", "min"),
                           decides=("decides", "any"), now=("undated", "any"),
                           touched=("entry_number", frozenset))  # fmt: skip
    rows = [
        {
            "what": _joined(mine["what"]),
            "settles": _listed(part for text in mine["settles"] for part in text.split("; ")),
            "entries": int(mine["entries"].iloc[0]),
            "cents": mine["cents"].max(),
            # Several points of the same entries may be of amounts of different kinds: the one shown, and its count.
            "unknown": mine.loc[mine["cents"].eq(mine["cents"].max()).fillna(False), "unknown"].min(),
            "by": mine["by"].min(),
            "later": not mine["decides"].any(),
            "now": bool(mine["now"].any()),
            "points": tuple(mine.index),
        }
        for _, mine in each.groupby("touched", sort=False)
    ]
    frame = pd.DataFrame(
        rows, columns=["what", "settles", "entries", "cents", "unknown", "by", "later", "now", "points"]
    )
    frame = frame.astype({"by": "datetime64[s]", "cents": "Int64", "now": "bool"})
    frame["left"] = frame["unknown"].map(words.not_known).astype("str")
    # What keeps an entry from being decided comes first: without its facts nobody knows that there is time.
    order = {"later": True, "now": False, "by": True, "cents": False}
    frame = frame.sort_values(list(order), ascending=list(order.values()), kind="stable").reset_index(
        drop=True
    )
    return frame.assign(number=np.arange(1, len(frame) + 1))


def _with_days(reasons: pd.Series) -> str:
    """Reasons that differ only in their days, as one that names all of these or says how far they reach."""
    alike = list(dict.fromkeys(reasons))
    if len(alike) == 1:
        return str(alike[0])
    days = iter([_days(same_place) for same_place in zip(*map(_DAY.findall, alike), strict=True)])
    return _DAY.sub(lambda _: next(days), alike[0])


def _days(texts: Sequence[str]) -> str:
    found = pd.to_datetime(pd.Series(texts).drop_duplicates(), format=_DAY_FORM).sort_values()
    if len(found) <= _FEW_DAYS:
        return " or ".join(map(words.day, found))
    return f"various days from {words.day(found.iloc[0])} to {words.day(found.iloc[-1])}"


def _joined(texts: pd.Series) -> str:
    """Several points as one: each once, and what some begin with alike said once, before them."""
    alike = [text.removeprefix(_ALIKE) for text in texts if text.startswith(_ALIKE)]
    others = [text for text in texts if not text.startswith(_ALIKE)]
    head = _ALIKE + _listed(alike) if alike else ""
    return ". ".join(part for part in (head, _listed(others)) if part)


def _listed(texts: Iterable[str]) -> str:
    """Texts in one line, each once; only the last keeps its full stop."""
    *before, last = dict.fromkeys(texts) or [""]
    return "; ".join([*(text.removesuffix(".") for text in before), last])


#: What the points are made from.
_READ = ["entry_number", "filer_code", "disposition", "reason", "what_to_do", "next_deadline", "principal_cents",
         "stated_cents"]  # fmt: skip
#: The places of no entry.
_NOWHERE = np.zeros(0, dtype=np.intp)


def _asked(assessment: Assessment) -> pd.DataFrame:
    """One row per point and entry: what is missing or not proved, what settles it, dollars, the next day. [cents]"""
    asked = pd.concat([_missing(assessment.table[_READ]), _not_proved(assessment)], ignore_index=True)
    ahead = asked["by"].ge(pd.Timestamp(assessment.filing_date)).fillna(False)
    return asked.assign(by=asked["by"].where(ahead))


def _missing(table: pd.DataFrame) -> pd.DataFrame:
    """Entries without an answer: why there is none, and the export or fact that gives one."""
    mine = table[table["disposition"].eq("undetermined")]
    money = mine["principal_cents"].fillna(mine["stated_cents"])
    point = mine["reason"].str.replace(_DAY, "", regex=True) + mine["what_to_do"]
    return _piece(mine, point, mine["reason"], mine["what_to_do"].replace(ASKED), money, decides=True)


def _not_proved(assessment: Assessment) -> pd.DataFrame:
    """Entries that rest on what nobody has proved, point by point, and what would settle each."""
    table = assessment.table
    every = [(one, np.flatnonzero(here)) for one, here in assessment.doubted if one.code not in _NOBODYS]
    at = np.concatenate([_NOWHERE, *(places for _, places in every)])
    cents = [
        table[one.amount if one.amount in table else "principal_cents"].iloc[places] for one, places in every
    ]

    def told(of: Callable[[Caveat], str]) -> pd.Series:
        texts = np.array([of(one) for one, _ in every], dtype=object)
        return pd.Series(np.repeat(texts, [len(places) for _, places in every]), dtype="str")

    return _piece(
        table[_READ].take(at).reset_index(drop=True),
        told(lambda one: one.code),
        told(lambda one: one.title),
        told(lambda one: words.sentence(one.evidence)),
        pd.concat([table["principal_cents"].iloc[_NOWHERE], *cents], ignore_index=True),
    )


def _piece(
    mine: pd.DataFrame,
    point: pd.Series,
    what: pd.Series,
    settles: pd.Series,
    cents: pd.Series,
    *,
    decides: bool = False,
) -> pd.DataFrame:
    """One row per entry of a point. `decides`: without it nobody knows what may be done with the entry."""
    rows = mine[["entry_number", "filer_code", "next_deadline"]].rename(columns={"next_deadline": "by"})
    return rows.assign(point=point, what=what, settles=settles, decides=decides, cents=cents.astype("Int64"))
