"""A client's files as frames, and the assessment of them: real ones, without a file."""

from datetime import date
from pathlib import Path

import pandas as pd
import pyarrow as pa

from cape_kit.assessment import assess
from cape_kit.entries import schema, uploads
from cape_kit.entries.client import Client
from cape_kit.entries.portfolio import Portfolio
from cape_kit.law import book
from tests.numbers import numbered

LAW = book.load()
DAY = date(2026, 5, 5)
IMPORTER = "12-345678900"
HEADING, GOODS = "99030124", "3923900080"

ORDINARY = {
    "importer_number": IMPORTER,
    "importer_name": "Acme",
    "entry_type": "01",
    "port_of_entry": "2704",
    "entry_date": date(2025, 9, 10),
    "payment_date": date(2025, 9, 24),
    "liquidation_status": "Unliquidated",
    "summary_status": "Accepted",
    "control_status": "CBP",
    "recon_flag": False,
    "protest_status": "none",
    "drawback_flag": False,
    "suspension_flag": False,
    "injunction_flag": False,
    "surety_paid_flag": False,
    "statement_status": "PD",
    "psc_flag": False,
    "extracted_on": date(2026, 5, 4),
    "source_file": "es003.xlsx",
    "source_row": 2,
}


def entries(*changes):
    """One ordinary entry per dictionary of departures; numbers B76… unless said."""
    rows = []
    for place, changed in enumerate(changes):
        row = {"entry_number": numbered("B76", place), **ORDINARY, **changed}
        rows.append({"filer_code": row["entry_number"][:3], **row})
    frame = pd.DataFrame(rows, columns=schema.names("entries"))
    for name, kind in schema.kinds("entries").items():
        if kind == "day":
            frame[name] = pd.to_datetime(frame[name]).astype("datetime64[s]")
    return schema.conform(frame, "entries").sort_values("entry_number", ignore_index=True)


def lines(numbers, duty=20_000):
    """Every entry with one China line: the IEEPA row and the goods row; duty may be one figure per entry."""
    duties = duty if isinstance(duty, dict) else dict.fromkeys(numbers, duty)
    count = len(numbers)
    frame = pd.DataFrame(
        {
            "entry_number": [number for number in numbers for _ in range(2)],
            "line_number": 1,
            "ordinal": [1, 2] * count,
            "hts": [HEADING, GOODS] * count,
            "country_of_origin": "CN",
            "goods_value_cents": [0, 200_000] * count,
            "duty_cents": [cents for number in numbers for cents in (duties[number], 6_000)],
        }
    )
    return pa.Table.from_pandas(schema.conform(frame, "tariff_lines"), preserve_index=False)


def assessed(*changes, on=DAY, folder=Path("nowhere"), duty=20_000, claims=None, filing_date=None):
    """The assessment of so many entries on a day."""
    frame = entries(*changes)
    files = schema.conform(
        pd.DataFrame(
            {
                "file": ["es003.xlsx", "claims.csv"],
                "extracted_on": pd.to_datetime(["2026-05-04", "2026-05-04"]),
            }
        ),
        "files",
    )
    portfolio = Portfolio(
        client=Client(name="Acme, Inc.", folder=folder, key="acme"),
        entries=frame,
        tariff_lines=lines(frame["entry_number"].tolist(), duty),
        problems=schema.empty("problems"),
        conflicts=schema.empty("conflicts"),
        files=files,
        appearances=schema.empty("appearances"),
        fingerprint="",
        claims=answers(claims or []),
        refunds=schema.empty("refunds"),
        law=LAW,
        uploads=uploads.read(folder),
    )
    return assess.assess(portfolio, LAW, on, filing_date=filing_date)


def answers(rows):
    """Claim details as the reader hands them over: (entry, claim, status, error)."""
    told = [
        {
            "report": "claim_details",
            "entry_number": number,
            "claim_number": claim,
            "claim_status": status,
            "error_description": error,
            "source_file": "claims.csv",
            "source_row": place,
        }
        for place, (number, claim, status, error) in enumerate(rows, start=2)
    ]
    return schema.conform(pd.DataFrame(told), "claims") if told else schema.empty("claims")
