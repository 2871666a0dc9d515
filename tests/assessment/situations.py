"""Situations written by a person -> the facts the rules look at."""

from datetime import date
from decimal import Decimal

import pandas as pd
import pyarrow as pa

from cape_kit.assessment import decisions, refund, rules, timeline
from cape_kit.entries import schema
from cape_kit.law import book
from tests.numbers import numbered

LAW = book.load()

ORDINARY = {
    "entry_number": "B7603245278",
    "filer_code": "B76",
    "importer_number": "12-345678900",
    "entry_type": "01",
    "entry_date": date(2025, 6, 10),
    "liquidation_status": "Unliquidated",
    "summary_status": "Accepted",
    "control_status": "CBP",
    "recon_flag": False,
    "protest_status": "None",
    "drawback_flag": False,
    "suspension_flag": False,
    "injunction_flag": False,
    "surety_paid_flag": False,
    "statement_status": "PD",
}
LINES = [["99030124", 0.00, 200.00], ["99030125", 0.00, 100.00], ["3923900080", 1000.00, 30.00]]


def entries(*facts):
    """One entry per dictionary of departures from the ordinary; an empty string is an unknown fact."""
    rows = []
    for number, changed in enumerate(facts):
        row = {**ORDINARY, "entry_number": numbered("B76", number), **changed}
        rows.append({name: None if value == "" else value for name, value in row.items()})
    return schema.conform(pd.DataFrame(rows), "entries")


def tariff_lines(per_entry):
    """{entry number: [[hts, value in dollars, duty in dollars], …]} as an Arrow table."""
    rows = [
        {
            "entry_number": entry,
            "line_number": 1,
            "ordinal": ordinal,
            "hts": line[0],
            "country_of_origin": "CN",
            "goods_value_cents": int(Decimal(str(line[1])) * 100),
            "duty_cents": None if line[2] is None else int(Decimal(str(line[2])) * 100),
            "mfn_rate": line[3] if len(line) > 3 else None,
        }
        for entry, lines in per_entry.items()
        for ordinal, line in enumerate(lines, start=1)
    ]
    frame = schema.conform(pd.DataFrame(rows), "tariff_lines") if rows else schema.empty("tariff_lines")
    return pa.Table.from_pandas(frame, preserve_index=False)


def facts(frame, per_entry, on, law=LAW):
    """The bundle the rules take."""
    lines = refund.reduce_lines(tariff_lines(per_entry), frame, law)
    return rules.Facts(
        entries=frame,
        clocks=timeline.build(frame, law, as_of=on),
        lines=refund.per_entry(lines, frame),
        law=law,
        day=on,
    )


def decide(changed, on, lines=None, law=LAW):
    """One situation decided: its decision row and its outcomes by rule code."""
    frame = entries(changed)
    number = frame["entry_number"].iloc[0]
    bundle = facts(frame, {number: LINES if lines is None else lines}, on, law)
    outcomes = rules.run(bundle)
    return decisions.decide(bundle, outcomes).iloc[0], outcomes.iloc[0]
