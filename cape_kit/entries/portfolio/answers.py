"""CBP's answers among the files: claims by entry, refunds by payment, row by row as the reports give them."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

from cape_kit.entries import schema
from cape_kit.entries.readers import Reading


def claims(readings: Sequence[Reading]) -> pd.DataFrame:
    """Rows of claim details, ES-022 and REV-615: what became of an entry."""
    return _stacked(readings, "claim", "claims")


def refunds(readings: Sequence[Reading]) -> pd.DataFrame:
    """Rows of REV-603 and REV-613: what became of a payment."""
    return _stacked(readings, "refund", "refunds")


def _stacked(readings: Sequence[Reading], grain: str, table: str) -> pd.DataFrame:
    frames = [
        schema.conform(_days(reading.answers, table).assign(report=reading.profile.key), table)
        for reading in readings
        if reading.profile.grain == grain and len(reading.answers)
    ]
    return pd.concat(frames, ignore_index=True) if frames else schema.empty(table)


def _days(frame: pd.DataFrame, table: str) -> pd.DataFrame:
    kinds = schema.kinds(table)
    days = [column for column in frame.columns if kinds.get(column) == "day"]
    return frame.assign(**{column: pd.to_datetime(frame[column]).astype("datetime64[s]") for column in days})
