"""The rows of the law book: small frozen records, dated, sourced and checked; no rule is applied here.

Two of its tables, headings and rates, also as frames, with which whole columns are joined.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict, dataclass, fields
from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import pandas as pd


class Check(StrEnum):
    """The checks of CBP that the kit knows by name: each stands in validations.toml, ended ones too.

    A check a user's folder adds has a code and no name: the kit can tell of it, not act on it.
    """

    FILE_EMPTY = "F01"
    FILE_NO_CSV = "F02"
    FILE_TOO_LARGE = "F03"
    FILE_UNSAFE = "F04"
    FILE_TOO_MANY_ENTRIES = "F05"
    FILE_OTHER_FILER = "F06"
    FILE_DUPLICATE = "F07"
    FILE_NUMBER_LENGTH = "F08"
    FILE_OTHER_IMPORTER = "F09"
    FILE_NOT_IN_ACE = "F10"
    DRAWBACK = "E01"
    RECONCILIATION_FILED = "E02"
    CANCELLED_OR_REJECTED = "E03"
    FINAL_LIQUIDATION = "E04"
    TRADE_CONTROL = "E05"
    COURT_INJUNCTION = "E06"
    NOT_IN_ACE = "E07"
    SUSPENSION_RECORD = "E08"
    UNDER_REVIEW = "E09"
    ENTRY_TYPE = "E10"
    VALUE_ON_CHAPTER_99 = "E11"
    NO_IEEPA_HEADING = "E12"
    PROTEST = "E13"
    STATEMENT_UNPAID = "E14"
    HEADING_OUT_OF_DATES = "E15"
    PARTNER_MISSING = "E16"
    DUTY_NOT_COMPUTABLE = "E17"
    ACE_FAILED = "E18"
    PREFERENCE_MISSING = "E19"
    FLAGGED_FOR_RECONCILIATION = "E20"
    CLAIMED = "E21"
    SURETY_PAID = "E22"
    NO_AUTHORITY = "E23"
    OUTSIDE_COLLECTION = "E24"
    VALUE_OFF_GOODS = "E25"
    RELATIONSHIP_OR_SEQUENCE = "E26"
    FLAGGED_TYPE_LEFT_OUT = "E27"


@dataclass(frozen=True)
class Source:
    """Where a row comes from, and how it was seen (copy, secondary, listing, memory, own)."""

    key: str
    title: str
    issuer: str
    citation: str
    date: date | None
    seen: str
    url: str | None


@dataclass(frozen=True)
class Value:
    """One value of a series, with the days it holds. ``last_day`` None = open."""

    key: str
    value: Any
    first_day: date
    last_day: date | None
    known_from: date
    source: str
    confidence: str
    checked_on: date
    status: str
    end_known_from: date | None = None


@dataclass(frozen=True)
class Series:
    """All values of one key, oldest first, and what they measure; ``choices``: the only values there are."""

    key: str
    meaning: str
    unit: str
    values: tuple[Value, ...]
    choices: tuple[str, ...] = ()


@dataclass(frozen=True)
class Validation:
    """One check of CBP: its words, what they mean, what it needs, and what cures it.

    `cured_by`: "correction" (post summary), or nothing the kit has to know of. `settles_first`: a line of the
    policy decides it before all others. `names_headings`: the mark of the lines it is about.
    """

    code: str
    title: str
    official_text: str
    meaning: str
    source: str
    first_day: date
    last_day: date | None
    known_from: date
    needs: tuple[str, ...]
    missing: str
    settles: str
    cure: str
    client_can: bool
    confidence: str
    checked_on: date
    end_known_from: date | None = None
    cured_by: str = ""
    settles_first: bool = False
    names_headings: str = ""


@dataclass(frozen=True)
class Standing:
    """How a check stands on a day: in force or not; its row, or None where it was not public yet."""

    code: str
    in_force: bool
    check: Validation | None


@dataclass(frozen=True)
class Phase:
    """One step of the programme."""

    key: str
    title: str
    what: str
    first_day: date
    last_day: date | None
    known_from: date
    source: str
    confidence: str
    checked_on: date
    end_known_from: date | None = None


@dataclass(frozen=True)
class Heading:
    """One dated row of the registry of IEEPA headings. ``rate_pct`` is a decimal in text."""

    heading: str
    hts8: str
    programme: str
    measure: str
    authority: str
    country: str
    rate_pct: str
    kind: str
    first_day: date
    last_day: date | None
    gap_last_day: date | None
    all_in: bool
    known_from: date
    end_known_from: date | None
    source: str
    confidence: str
    checked_on: date
    note: str


@dataclass(frozen=True)
class Gap:
    """Entry days on which rows may show an old heading or old duty, because a change reached back."""

    old: str
    new: str
    first_day: date
    last_day: date
    goods: str
    source: str
    confidence: str
    checked_on: date


@dataclass(frozen=True)
class Country:
    """A name the registry calls origins by, and the two-letter codes it covers; ``*`` is any."""

    name: str
    codes: tuple[str, ...]
    source: str
    confidence: str
    checked_on: date
    note: str


@dataclass(frozen=True)
class OtherFamily:
    """A family of chapter 99 numbers that are not IEEPA; bounds are eight digits, both inclusive."""

    family: str
    first_hts8: str
    last_hts8: str
    programme: str
    rate_pct: str
    first_day: date | None
    last_day: date | None
    source: str
    confidence: str
    checked_on: date
    note: str


@dataclass(frozen=True)
class Rate:
    """Interest rates of one quarter. [percent a year]"""

    first_day: date
    last_day: date
    underpayment_pct: Decimal | None
    noncorporate_pct: Decimal | None
    corporate_pct: Decimal | None
    status: str
    known_from: date | None
    source: str
    confidence: str
    checked_on: date
    note: str
    end_known_from: date | None = None


@dataclass(frozen=True)
class EntryType:
    """One entry type: its class, and what is known of it under CAPE."""

    code: str
    name: str
    category: str
    klass: str
    source: str
    confidence: str
    checked_on: date
    note: str


@dataclass(frozen=True)
class Word:
    """One status word or code of a report, in canonical form."""

    word: str
    canon: str
    meaning: str
    source: str
    confidence: str
    checked_on: date


@dataclass(frozen=True)
class Conflict:
    """A question on which sources disagree: the readings as (text, source), the one taken, and why."""

    key: str
    question: str
    readings: tuple[tuple[str, str], ...]
    taken: str
    why: str
    values: tuple[str, ...]
    checked_on: date
    touches: str = "declared"  # which entries' dollars or days hang on it, by a word of TOUCHES


#: Entries that can hang on a reading of the sources; what each means is `assessment.readings`'.
TOUCHES = (
    "none", "declared", "beyond-one-file", "notify-party", "cape-edge", "reliquidated", "refused-types",
    "interest", "class-assumed", "deposit-assumed", "near-day", "protest", "protest-closed-day",
    "protested-or-claimed", "forecast", "suit", "final", "ended-heading",
)  # fmt: skip


@dataclass(frozen=True)
class Pending:
    """Something announced, expected, contested or unread: off unless a scenario turns it on.

    From ``settled_on`` it is pending no more.
    """

    key: str
    title: str
    state: str
    what: str
    assume: str
    assumed_first_day: date | None
    watch: str
    source: str
    confidence: str
    known_from: date
    checked_on: date
    settled_on: date | None = None


@dataclass(frozen=True)
class Answer:
    """A question people ask about the programme, answered in plain words with its source."""

    key: str
    topic: str
    question: str
    answer: str
    first_day: date | None
    last_day: date | None
    known_from: date | None
    source: str
    confidence: str
    checked_on: date
    end_known_from: date | None = None


@dataclass(frozen=True)
class Contents:
    """Everything in the law book, as read and checked."""

    sources: dict[str, Source]
    series: dict[str, Series]
    validations: tuple[Validation, ...]
    phases: tuple[Phase, ...]
    headings: tuple[Heading, ...]
    gaps: tuple[Gap, ...]
    others: tuple[OtherFamily, ...]
    countries: dict[str, Country]
    rates: tuple[Rate, ...]
    entry_types: dict[str, EntryType]
    words: dict[str, dict[str, Word]]
    conflicts: tuple[Conflict, ...]
    pending: tuple[Pending, ...]
    answers: tuple[Answer, ...]


def heading_frame(headings: Iterable[Heading]) -> pd.DataFrame:
    """One row per heading and period; days as datetime64[s], ``all_in`` boolean, the rest text."""
    return _frame(Heading, [asdict(row) for row in headings], ("all_in",))


def rate_frame(rates: Iterable[Rate]) -> pd.DataFrame:
    """One row per quarter; rates are decimals in text, null while pending. [percent a year]"""
    told = [
        {
            name: None if value is None else str(value) if name.endswith("_pct") else value
            for name, value in row.items()
        }
        for row in map(asdict, rates)
    ]
    return _frame(Rate, told, ())


def _frame(kind: type, rows: list[dict[str, Any]], flags: tuple[str, ...]) -> pd.DataFrame:
    import pandas as pd

    names = [field.name for field in fields(kind)]
    made = pd.DataFrame(rows, columns=names)
    for name in names:
        if name.endswith(("_day", "_from", "_on")):
            made[name] = pd.to_datetime(made[name]).astype("datetime64[s]")
        else:
            made[name] = made[name].astype("bool" if name in flags else "str")
    return made
