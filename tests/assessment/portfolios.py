"""Portfolios made of a few rows written by a person, assessed like any other."""

import tomllib
from dataclasses import replace
from datetime import date
from decimal import Decimal
from pathlib import Path

import pandas as pd
import pyarrow as pa

from cape_kit.assessment import assess
from cape_kit.entries import schema
from cape_kit.entries.client import Client
from cape_kit.entries.portfolio import Portfolio
from cape_kit.law import book
from tests.assessment.situations import ORDINARY
from tests.numbers import numbered

LAW = book.load()
ON = date(2026, 5, 5)
WORKED = Path(__file__).parents[1] / "worked"
CLIENT = Client(name="Made up", folder=Path("made-up"), key="made-up", statement="monthly")


def cases(name):
    """The cases of a file of worked figures."""
    return tomllib.loads((WORKED / name).read_text("utf-8"), parse_float=Decimal)["case"]


def cents(dollars):
    """Dollars as written, in cents; an empty text is a cell that could not be read."""
    return None if dollars == "" else int(Decimal(str(dollars)) * 100)


def tariff_lines(per_entry, origin="DE"):
    """{entry: [[line, hts, value, duty, rate, preference], …]} as an Arrow table; origin one or by entry."""
    rows = []
    for entry, written in per_entry.items():
        for ordinal, cells in enumerate(written, start=1):
            line, hts, value, duty, rate, spi = [*cells, None, None][:6]
            told = origin[entry] if isinstance(origin, dict) else origin
            rows.append(
                {
                    "entry_number": entry, "line_number": None if line == "" else line, "ordinal": ordinal,
                    "hts": hts, "country_of_origin": told, "goods_value_cents": cents(value),
                    "duty_cents": cents(duty), "mfn_rate": rate, "spi": spi,
                }
            )  # fmt: skip
    frame = schema.conform(pd.DataFrame(rows), "tariff_lines") if rows else schema.empty("tariff_lines")
    return pa.Table.from_pandas(frame, preserve_index=False)


def portfolio(facts, per_entry, *, origin="DE", client=CLIENT):
    """A portfolio of entries that depart from the ordinary one as told, with the lines told for each."""
    rows = [{**ORDINARY, "entry_number": numbered("B76", number), **one} for number, one in enumerate(facts)]
    entries = schema.conform(pd.DataFrame(rows), "entries")
    lines = dict(zip(entries["entry_number"], per_entry, strict=True))
    origins = dict(zip(entries["entry_number"], origin, strict=True)) if isinstance(origin, list) else origin
    empty = {name: schema.empty(name) for name in ("problems", "conflicts", "files", "appearances")}
    return Portfolio(
        client=client,
        entries=entries,
        tariff_lines=tariff_lines(lines, origins),
        fingerprint="",
        claims=schema.empty("claims"),
        refunds=schema.empty("refunds"),
        law=LAW,
        **empty,
    )


def assessed(facts, per_entry, *, on=ON, origin="DE", client=CLIENT, law=LAW):
    """The portfolio assessed on a day."""
    return assess.assess(portfolio(facts, per_entry, origin=origin, client=client), law, on)


def with_client(**changes):
    """The made-up client with something changed."""
    return replace(CLIENT, **changes)
