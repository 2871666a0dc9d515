"""A made-up assessment of the declared shape: enough to draw and tabulate, with no rule behind it."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pyarrow as pa

from cape_kit.assessment.money import Span
from cape_kit.entries import schema
from cape_kit.entries.client import Brand, Broker, Client, Importer
from cape_kit.law import book
from cape_kit.law.book import Conflict
from tests.assessment import portfolios

AS_OF = date(2026, 5, 5)
LABELS = {
    "file": "File on CAPE",
    "file_deferred": "File now, paid later",
    "cure": "Cure, then file",
    "protest": "Protest",
    "held": "Held: not in CAPE today",
    "undetermined": "Data needed",
    "final": "Final: later phase or court",
    "filed": "Filed, awaiting CBP",
    "claimed": "Already claimed",
    "not_refundable": "No IEEPA duty",
}
PROGRAMMES = ("China/HK fentanyl", "Reciprocal baseline", "Reciprocal country rate", "India (Russian oil)")


#: Every column of an assessment's table, with its type, taken from a real one of one entry.
COLUMNS = portfolios.assessed([{}], [[]]).table.dtypes.to_dict()


def like(table, kind):
    """A column of nulls of a type."""
    return pd.Series([None] * len(table), index=table.index).astype(kind)


def _file(table):
    return {
        "file": "es003.xlsx",
        "profile": "es003",
        "title": "ES-003 Entry Summary Line Tariff Details",
        "rows": 900,
        "rows_used": 897,
        "rows_refused": 3,
        "rows_blank": 0,
        "entries": len(table),
        "first_day": table["entry_date"].min(),
        "last_day": table["entry_date"].max(),
        "extracted_on": pd.Timestamp(AS_OF),
    }


def assessment(entries: int = 300, seed: int = 7, name: str = "Harbor Lane Trading Co.") -> SimpleNamespace:
    """Entries spread over the collection period, sorted into dispositions by nothing but their dates."""
    chance = np.random.default_rng(seed)
    entered = pd.Timestamp("2025-02-10") + pd.to_timedelta(
        np.sort(chance.integers(0, 375, entries)), unit="D"
    )
    table = pd.DataFrame(
        {"entry_number": [f"ABC{number:08d}" for number in range(entries)], "entry_date": entered}
    )
    table["entry_date"] = table["entry_date"].astype("datetime64[s]")
    table["filer_code"] = np.where(chance.random(entries) < 0.6, "ABC", "XYZ")
    table["importer_number"] = np.where(chance.random(entries) < 0.7, "12-345678900", "123-45-6789")
    _clocks(table, chance)
    _decisions(table, chance)
    table["principal_cents"] = pd.array(
        (chance.lognormal(8.4, 1.1, entries) * 100).astype("int64"), dtype="Int64"
    )
    table.loc[table["disposition"] == "not_refundable", "principal_cents"] = 0
    table["interest_cents"] = (table["principal_cents"] * 3) // 100
    table["interest_until"] = pd.Timestamp("2026-06-19")
    table["stated_cents"] = pd.array([pd.NA] * len(table), dtype="Int64")
    table["duty_paid_cents"] = table["principal_cents"] + 10_000
    lines = table[["entry_number", "principal_cents"]].assign(
        heading="9903.01.24",
        programme=chance.choice(PROGRAMMES, entries, p=(0.5, 0.3, 0.15, 0.05)),
        country="CN",
    )
    return of(table, lines, name)


def _clocks(table: pd.DataFrame, chance: np.random.Generator) -> None:
    today = pd.Timestamp(AS_OF)
    cycle = table["entry_date"] + pd.Timedelta(days=314)
    opens = cycle + pd.to_timedelta((4 - cycle.dt.day_of_week) % 7, unit="D").astype("timedelta64[s]")
    undated = pd.Series(chance.random(len(table)) < 0.06)
    opens = opens.mask(undated)
    table["liquidated_on"] = opens.where(opens <= today)
    table["expected_liquidation"] = opens.where(opens > today)
    for clock, length in (("cape", 80), ("protest", 180)):
        table[f"{clock}_last_day"] = opens + pd.Timedelta(days=length)
        left = (table[f"{clock}_last_day"] - today).dt.days
        state = np.select(
            [opens.isna(), opens > today, left < 0, left <= 10],
            ["unknown", "not_open", "closed", "due_soon"],
            "open",
        )
        table[f"{clock}_days_left"], table[f"{clock}_state"] = left.astype("Int64"), state


def _decisions(table: pd.DataFrame, chance: np.random.Generator) -> None:
    draw = chance.random(len(table))
    liquidated = table["liquidated_on"].notna()
    late = liquidated & (table["cape_state"] == "closed")
    table["disposition"] = np.select(
        [
            draw < 0.05,
            draw > 0.98,
            late & (table["protest_state"] == "closed"),
            late,
            draw < 0.1,
            draw < 0.16,
            draw < 0.2,
            draw < 0.26,
        ],
        ["not_refundable", "claimed", "final", "protest", "cure", "held", "undetermined", "file_deferred"],
        "file",
    )
    cape = table["disposition"].isin(["file", "file_deferred", "cure"])
    table["next_deadline"] = table["cape_last_day"].where(
        cape, table["protest_last_day"].where(table["disposition"] == "protest")
    )
    table["next_deadline_what"] = np.select(
        [table["next_deadline"].isna(), cape & liquidated, cape],
        ["", "last day for CAPE", "last day for CAPE if liquidated as expected"],
        "last day to protest",
    )
    table["blocking_rules"] = np.select([table["disposition"] == "cure", late], ["E13", "E04"], "")
    table["facts_missing"] = np.where(
        table["disposition"] == "undetermined", "ES-003 with Liquidation Date", ""
    )
    table["reason"] = "Because the dates of the entry say so."
    table["source"] = "CBP, IEEPA Duty Refunds, FAQ of 2026-07-07"
    table["what_to_do"] = table["disposition"].map(LABELS).radd("Next: ")


def of(table: pd.DataFrame, lines: pd.DataFrame, name: str) -> SimpleNamespace:
    """An assessment around these entries and refund lines; its table has every column a real one has."""
    table = table.assign(
        **{column: like(table, kind) for column, kind in COLUMNS.items() if column not in table}
    )
    grouped = table.groupby("disposition")[["principal_cents", "interest_cents"]]
    counts = table["disposition"].value_counts().reindex(list(LABELS)).fillna(0)
    # Nothing of no entries is 0; of entries of which no amount is known it is null.
    sums = grouped.sum(min_count=1).reindex(list(LABELS))
    sums = sums.apply(lambda one: one.mask(counts.eq(0), 0)).astype("Int64")
    unknown = (counts - grouped.count().reindex(list(LABELS)).fillna(0).T).T.astype("int64")
    totals = pd.DataFrame(
        {
            "disposition": list(LABELS),
            "label": list(LABELS.values()),
            "entries": counts.astype("int64").to_numpy(),
            "principal_cents": sums["principal_cents"].array,
            "interest_cents": sums["interest_cents"].array,
            "principal_unknown": unknown["principal_cents"].to_numpy(),
            "interest_unknown": unknown["interest_cents"].to_numpy(),
        }
    )
    checks = (
        SimpleNamespace(code="E04", official_text="Entry Summary is in Final Liquidation Status", meaning=""),
        SimpleNamespace(code="E13", official_text="Protest on Entry", meaning=""),
    )
    caveats = pd.DataFrame(
        {
            "code": ["E01"],
            "title": ["Not verified: entry on a drawback claim"],
            "entries": [123],
            "principal_cents": [98765400],
            "principal_unknown": [0],
            "settles": ["ES-003 with Drawback Indicator"],
            "source": [""],
        }
    )
    files = schema.conform(pd.DataFrame([_file(table)]), "files")
    problems = schema.problem_rows(
        [
            {
                "severity": "error",
                "code": "P01",
                "file": "es003.xlsx",
                "row": number,
                "column": "Duty",
                "value": "n/a",
                "message": "‘n/a’ is no amount of money.",
                "what_to_do": "Ask the broker for the amount.",
            }
            for number in (14, 27, 310)
        ]
    )
    client = Client(
        name=name,
        key="harbor-lane",
        importer_class="corporate",
        brand=Brand(firm="Example Trade Advisers LLC"),
        folder=Path(),
        brokers=(Broker("ABC", "Alpha Brokers", data_received=True),),
        importers=(Importer("12-345678900", "Harbor Lane Trading", ach_refund_enrolled=True),),
        assertions={"no_drawback_claims": True},
        asserted_by="J. Doe, compliance",
        asserted_on=AS_OF,
        facts=pd.DataFrame(
            {"entry_number": ["A"], "fact": ["injunction_flag"], "value": ["no"], "note": [""]}
        ),
    )
    law = SimpleNamespace(
        version="0123abcd",
        checked_on=date(2026, 9, 2),
        stale=lambda day: None,
        cite=lambda key: key,
        value=book.load().value,
        own_rows=[],
        validations=lambda day: checks,
        conflicts=(
            Conflict(
                "file-limit",
                "9,999 or 10,000 entries?",
                (),
                "9,999",
                "the lower is always safe",
                (),
                AS_OF,
                touches="declared",
            ),
        ),
    )
    for column in ("importer_class", "class_from", "statement_from", "deposit_from"):
        table[column] = "corporate" if column == "importer_class" else "stated"
    for column in ("suit_last_day", "summons_last_day", "protest_denied_on"):
        if column not in table:
            table[column] = pd.Series(pd.NaT, index=table.index, dtype="datetime64[s]")
    table["suit_reading"] = pd.Series(None, index=table.index, dtype="str")
    interest = int(table["interest_cents"].fillna(0).sum())
    return SimpleNamespace(
        interest_span=lambda dispositions=None: Span(interest - 1, interest, interest + 1),
        money=table,
        suits=pd.DataFrame(
            {
                "month": pd.to_datetime(["2027-02-01"]).as_unit("s"),
                "first_day": pd.to_datetime(["2027-02-10"]).as_unit("s"),
                "entries": [3],
                "principal_cents": [120_000],
                "principal_unknown": [0],
            }
        ),
        client=client,
        law=law,
        as_of=AS_OF,
        filing_date=AS_OF,
        table=table,
        figures=table,
        unproved_cents=98765400,
        totals=totals,
        refund_lines=lines,
        caveats=caveats,
        problems=problems,
        conflicts=schema.empty("conflicts"),
        decisions=table[["entry_number", "disposition"]],
        portfolio=SimpleNamespace(files=files, tariff_lines=pa.table({}), money=schema.empty("money")),
    )
