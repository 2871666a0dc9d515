"""The kinds of trouble a file can have: permanent codes, how bad, what to say, what to do about it."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import Any

import pandas as pd

from cape_kit.entries import schema
from cape_kit.entries.readers.layouts import toml

#: Notes and warnings beyond this number, of one kind in one column of one sheet, are summed up in one row.
LISTED = 1000


@dataclass(frozen=True)
class Trouble:
    """One kind of trouble."""

    code: str
    severity: str
    message: str
    what_to_do: str


@cache
def kinds() -> dict[str, Trouble]:
    """Every kind of trouble by its code."""
    return {code: Trouble(code, **kind) for code, kind in toml("_problems.toml").items()}


def row(code: str, *, file: str | None = None, detail: str | None = None, **more: Any) -> dict[str, Any]:
    """One problem as a dictionary; `detail` makes the general message particular."""
    kind = kinds()[code]
    message = f"{kind.message}: {detail}" if detail else kind.message
    what = more.pop("what_to_do", kind.what_to_do)
    return {
        "severity": kind.severity,
        "code": code,
        "file": file,
        "message": message,
        "what_to_do": what,
        **more,
    }


def cells(frame: pd.DataFrame, *, file: str, sheet: str | None) -> pd.DataFrame:
    """Problems of single cells (code, row, column, value, optionally detail) as the declared table.

    Errors are all listed; of the others at most LISTED for each code and column, then one row that sums up.
    """
    if frame.empty:
        return schema.empty("problems")
    kind = frame["code"].map(lambda code: kinds()[code])
    full = frame.assign(
        severity=kind.map(lambda k: k.severity),
        message=kind.map(lambda k: k.message),
        what_to_do=kind.map(lambda k: k.what_to_do),
        file=file,
        sheet=sheet,
    )
    if "detail" in full:
        particular = full["detail"].notna()
        full.loc[particular, "message"] = full["message"] + ": " + full["detail"].astype("str")
    rank = full.groupby(["code", "column"], dropna=False).cumcount()
    beyond = (full["severity"] != "error") & (rank >= LISTED)
    return pd.concat([schema.conform(full[~beyond], "problems"), _summed_up(full[beyond])], ignore_index=True)


def _summed_up(beyond: pd.DataFrame) -> pd.DataFrame:
    """One row for each code and column whose further cells are not listed one by one."""
    if beyond.empty:
        return schema.empty("problems")
    groups = beyond.groupby(["code", "column"], dropna=False)
    first = groups.head(1).copy()
    counts = groups["row"].transform("size").loc[first.index]
    first["message"] = first["message"] + "; and so on in " + counts.astype("str") + " rows from this one"
    return schema.conform(first, "problems")
